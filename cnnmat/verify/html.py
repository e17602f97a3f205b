"""The report as one HTML file that works offline: formulas as MathML, no script from outside.

Formulas and texts are a stranger's: of a formula only the elements and attributes that are
listed in `mathml` come through, and everything else reaches the page as plain text, escaped.
"""

import difflib
import shlex
import urllib.parse
from importlib import resources
from xml.etree import ElementTree

from cnnmat import files
from cnnmat.drawing import html_table
from cnnmat.texts import plain, printable, word
from cnnmat.verify import report
from cnnmat.verify.mathml import NoFormula, formula, leaves

__all__ = ["formula", "mark_difference", "write_html"]


def mark_difference(printed, corrected):
    """Give the leaves in which two formulas differ the class ``diff``, in both.

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
            for leaf in (*left[a:b], *right[c:d]):
                leaf.set("class", "diff")


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


def _entry(result, taken):
    """What the template needs of one result: plain text, numbers, lists and dictionaries."""
    claim = result.claim
    return {
        **plain(result.to_json()), "lecture": claim.lecture, "unexpected": not result.as_expected,
        "anchor": _anchor(f"{claim.lecture}-{word(claim.id)}", taken),
        **_forms(claim), "heading": report.heading(result),
        "what_was_run": "" if result.verdict == "read" else report.run_from(result),
        "conditions": word(report.conditions(claim)), "cited": {
            plain(name): word(report.cited(claim, name)) for name in result.readings},
        "controls": plain(result.controls), "no_control": plain(claim.no_control),
        "show": plain(result.show),
        "command": shlex.join(["cnnmat", "show", word(claim.id), claim.lecture]),
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


def _chapters(lectures, results):
    #: the page's own
    taken = {"claims", "by-lecture", "by-verdict", "by-kind", "by-text", "shown",
             *(f"lecture-{one.slug}" for one in lectures)}
    entries = [_entry(r, taken) for r in results]
    return [
        {"slug": one.slug, "title": word(one.title),
         "entries": [e for e in entries if e["lecture"] == one.slug],
         "summary": report.summary([r for r in results if r.claim.lecture == one.slug])}
        for one in lectures
    ]


def page(lectures, results):
    """The text of the report."""
    import jinja2
    import markupsafe

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters["setting"] = report.setting
    environment.filters["fragment"] = lambda anchor: urllib.parse.quote(anchor, safe="")
    environment.filters["table"] = lambda drawn: markupsafe.Markup(html_table(drawn))
    template = environment.from_string(
        resources.files("cnnmat.verify").joinpath("report.html.j2").read_text(encoding="utf-8"))
    return printable(template.render(
        chapters=_chapters(lectures, results), summary=report.summary(results),
        verdicts=report.VERDICT_WORDS, kinds=sorted({r.claim.kind for r in results})))


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
