"""The report as one HTML file that works offline: formulas as MathML, no script from outside.

Formulas and texts are a stranger's: of a formula only the elements and attributes that are
listed in `mathml` come through, and everything else reaches the page as plain text, escaped.
"""

import difflib
import shlex
import urllib.parse
from functools import partial
from importlib import resources
from xml.etree import ElementTree

from cnnmat import files
from cnnmat.drawing import html_table
from cnnmat.texts import one_line, plain, printable, to_json, word
from cnnmat.verify import graph, lookup, report, wording
from cnnmat.verify.mathml import NoFormula, formula, leaves
from cnnmat.verify.neighbours import neighbours
from cnnmat.verify.sums.proof import REMAINS

__all__ = ["chapters", "environment", "formula", "mark_difference", "template", "write_html"]


def mark_difference(printed, corrected):
    """Give the leaves in which two formulas differ the class ``diff``, in both.

    Where one of them lacks something, it is the leaf before the place.

    Examples
    --------
    >>> a, b = formula("x+y"), formula("x-y")
    >>> mark_difference(a, b)
    >>> [leaf.text for leaf in leaves(a) if leaf.get("class") == "diff"]
    ['+']
    """
    left, right = leaves(printed), leaves(corrected)
    matcher = difflib.SequenceMatcher(
        None, [leaf.text for leaf in left], [leaf.text for leaf in right], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            for leaf in (*_at(left, a, b), *_at(right, c, d)):
                leaf.set("class", "diff")


def _at(sequence, start, end):
    return sequence[start:end] or sequence[max(start - 1, 0):max(start, 1)]


def _shown(latex):
    """{"math": element} of a formula, or the "source" with the reason "why" it is none."""
    try:
        return {"math": formula(latex)}
    except NoFormula as error:
        return {"source": word(latex), "why": str(error)}


def _forms(claim):
    """The formulas of a claim, as the template needs them."""
    printed, corrected = _shown(claim.formula), None
    rewritten = _shown(claim.rewritten) if claim.rewritten else None
    if claim.corrected_formula:
        corrected = _shown(claim.corrected_formula)
        if "math" in printed and "math" in corrected:
            mark_difference(printed["math"], corrected["math"])
    for form in filter(None, (printed, rewritten, corrected)):
        if "math" in form:
            form["math"] = ElementTree.tostring(form["math"], encoding="unicode",
                                                short_empty_elements=False)
    return {"printed": printed, "rewritten": rewritten, "corrected": corrected}


def _entry(result, anchor, near):
    """What the template needs of one result: plain text, numbers, lists and dictionaries."""
    claim = result.claim
    return {
        **plain(result.to_json()), "lecture": claim.lecture, "unexpected": not result.as_expected,
        "anchor": anchor, **_forms(claim), "heading": report.heading(result),
        "first": wording.VERDICTS[result.verdict], "told": word(wording.told(result)),
        "what_was_run": "" if result.verdict == "read" else report.run_from(result),
        "cited": {plain(name): word(report.cited(claim, name)) for name in result.readings},
        "controls": plain(result.controls), "no_control": plain(claim.no_control),
        "show": plain(result.show), "uses": near["uses"], "used": near["used"],
        "command": shlex.join(["cnnmat", "show", word(claim.id), claim.lecture]),
        "bare": lookup.bare(word(claim.id).lower()),
        "texts": "\n".join(map(one_line, lookup.texts(claim))),
    }


def _anchor(wanted, taken):
    """An id for the page: without spaces, and not one that is `taken` already."""
    base = "-".join(printable(wanted).split())
    number, anchor = 1, base
    while anchor in taken:
        number += 1
        anchor = f"{base}~{number}"
    taken.add(anchor)
    return anchor


def chapters(lectures, results):
    """For each lecture what the templates need of it; links lead to places on the same page."""
    #: the page's own
    taken = {"search", "q", "found", "printed", "shown", "print", "errata", "hits", "more", "start",
             "lines", "covers", "what-covers", "by-lecture", "by-verdict", "by-kind",
             "maps", "maps-title",
             *(f"lecture-{one.slug}" for one in lectures)}
    return [_chapter(one, [r for r in results if r.claim.lecture == one.slug], taken)
            for one in lectures]


def _chapter(lecture, results, taken):
    anchors = {r.claim.id: _anchor(f"{lecture.slug}-{word(r.claim.id)}", taken) for r in results}
    near = neighbours(lecture)
    return {
        "slug": lecture.slug, "title": word(lecture.title), "base": "",
        "href": f"#lecture-{lecture.slug}",
        "links": {id: f"#{urllib.parse.quote(anchor, safe='')}" for id, anchor in anchors.items()},
        "graph": graph.graph(lecture, results, anchors, near),
        "summary": report.summary(results),
        "entries": [_entry(r, anchors[r.claim.id], {
            name: [id for id in near.get(r.claim.id, {}).get(name, []) if id in anchors]
            for name in ("uses", "used")}) for r in results],
    }


def environment():
    """What the templates are rendered in: they escape all that is not MathML or a matrix."""
    import jinja2
    import markupsafe

    made = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(template))
    made.filters["setting"] = report.setting
    made.filters["table"] = lambda drawn: markupsafe.Markup(html_table(drawn))
    made.filters["data"] = partial(to_json, separators=(",", ":"), ensure_ascii=False)
    made.globals.update(verdicts=report.VERDICT_WORDS, patterns=lookup.PATTERNS,
                        weights=lookup.WEIGHTS, remains=REMAINS, signs=graph.SIGNS,
                        node_height=graph.HEIGHT)
    return made


def page(lectures, results):
    """The text of the report."""
    return printable(environment().get_template("report.html.j2").render(
        chapters=chapters(lectures, results), summary=report.summary(results),
        kinds=sorted({r.claim.kind for r in results})))


def template(name):
    """The text of a template."""
    return resources.files("cnnmat.verify").joinpath(name).read_text(encoding="utf-8")


def write_html(path, lectures, results):
    """Write the report to `path`.

    Parameters
    ----------
    path : str or Path
    lectures : sequence of Lecture
    results : sequence of Result
    """
    with files.replacing(path) as file:
        file.write(page(lectures, results).encode("utf-8"))
