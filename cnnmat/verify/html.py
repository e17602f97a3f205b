"""The report as one HTML file that works offline: formulas as MathML, no script from outside."""

import difflib
import unicodedata
from importlib import resources
from pathlib import Path
from xml.etree import ElementTree

from cnnmat.drawing import html_table
from cnnmat.verify import report

__all__ = ["formula", "mark_difference", "write_html"]

_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
_LEAVES = {"mi", "mn", "mo", "mtext"}


def formula(latex):
    """`latex` as a MathML element tree.

    Examples
    --------
    >>> ElementTree.tostring(formula("a^2"), encoding="unicode").count("msup")
    2
    """
    from latex2mathml.converter import convert

    text = convert(latex, display="block").replace(f' xmlns="{_NAMESPACE}"', "")
    tree = ElementTree.fromstring(text)
    for leaf in _leaves(tree):
        variant = leaf.get("mathvariant")
        if variant in _VARIANTS:
            leaf.text = "".join(_styled(char, _VARIANTS[variant]) for char in leaf.text)
            del leaf.attrib["mathvariant"]
    return tree


#: Browsers know no ``mathvariant`` but normal: letters of these are characters of their own.
_VARIANTS = {"bold": "BOLD", "bold-italic": "BOLD ITALIC", "sans-serif": "SANS-SERIF",
             "double-struck": "DOUBLE-STRUCK"}


def _styled(char, variant):
    """The mathematical alphanumeric symbol for `char`, or `char` where there is none."""
    name = unicodedata.name(char, "")
    for word in ("LATIN ", "GREEK ", "LETTER "):
        name = name.replace(word, "")
    try:
        return unicodedata.lookup(f"MATHEMATICAL {variant} {name}")
    except KeyError:
        return char


def _leaves(tree):
    return [node for node in tree.iter() if node.tag in _LEAVES]


def mark_difference(printed, corrected):
    """Give the leaves in which two formulas differ the class ``diff``, in both.

    Examples
    --------
    >>> a, b = formula("x+y"), formula("x-y")
    >>> mark_difference(a, b)
    >>> [leaf.text for leaf in _leaves(a) if leaf.get("class") == "diff"]
    ['+']
    """
    left, right = _leaves(printed), _leaves(corrected)
    matcher = difflib.SequenceMatcher(
        None, [leaf.text for leaf in left], [leaf.text for leaf in right], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            for leaf in (*left[a:b], *right[c:d]):
                leaf.set("class", "diff")


def _markup(tree):
    return ElementTree.tostring(tree, encoding="unicode", short_empty_elements=False)


def _entry(result):
    """What the template needs of one result."""
    claim = result.claim
    printed = formula(claim.formula)
    corrected = formula(claim.corrected_formula) if claim.corrected_formula else None
    if corrected is not None:
        mark_difference(printed, corrected)
    return {
        "anchor": f"{claim.lecture}-{claim.id}", "result": result, "claim": claim,
        "printed": _markup(printed),
        "corrected": None if corrected is None else _markup(corrected),
        "heading": report.heading(result), "unexpected": not result.as_expected,
        "command": f"cnnmat show {claim.id} {claim.lecture}",
    }


def write_html(path, lectures, results):
    """Write the report to `path`.

    Parameters
    ----------
    path : str or Path
    lectures : sequence of Lecture
    results : sequence of Result
    """
    import jinja2
    import markupsafe

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    environment.filters["setting"] = report.setting
    environment.filters["table"] = lambda drawn: markupsafe.Markup(html_table(drawn))
    template = environment.from_string(
        resources.files("cnnmat.verify").joinpath("report.html.j2").read_text(encoding="utf-8"))
    entries = [_entry(r) for r in results]
    chapters = [
        {"lecture": one, "entries": [e for e in entries if e["claim"].lecture == one.slug],
         "summary": report.summary([r for r in results if r.claim.lecture == one.slug])}
        for one in lectures
    ]
    text = template.render(chapters=chapters, entries=entries, summary=report.summary(results),
                           verdicts=report.VERDICT_WORDS,
                           kinds=sorted({r.claim.kind for r in results}))
    Path(path).write_text(text, encoding="utf-8")
