"""The misprints of a lecture as a list for its author: Markdown, LaTeX, or a plain mail."""

import datetime
import re
import textwrap
import unicodedata

from cnnmat.texts import one_line
from cnnmat.verify.lookup import readable
from cnnmat.verify.report import plural, setting
from cnnmat.verify.tex import TexError, parse
from cnnmat.verify.wording import changed

__all__ = ["FORMATS", "errata"]


def errata(lectures, results, form="markdown", date=None):
    """The misprints that a run has found, and what did not come out as the file expects.

    Parameters
    ----------
    lectures : sequence of Lecture
    results : sequence of Result
    form : str, optional
        One of `FORMATS`.
    date : datetime.date, optional
        Of the list; today's by default.

    Returns
    -------
    str
    """
    date = date or datetime.date.today()
    write = FORMATS[form]
    return write([_listed(one, results, f"{date.day} {date:%B %Y}") for one in lectures])


def _listed(lecture, results, date):
    """What there is to say of a lecture, in words; formulas are LaTeX."""
    mine = [r for r in results if r.claim.lecture == lecture.slug]
    slips = [r for r in mine if r.verdict == "misprint"]
    own = any(r.claim.generated for r in slips)
    against = "what the text itself defines" if own else "a plain loop version"
    odd = [r for r in mine if not r.as_expected]
    return {
        "title": one_line(lecture.title),
        "about": f"{one_line(lecture.edition)}. " * bool(lecture.edition) + f"List of {date}.",
        "intro": f"{plural(len(slips), 'misprint')}, found by running the line as printed against "
                 f"{against}.",
        "slips": [_slip(r) for r in slips],
        "warning": f"{plural(len(odd), 'line')} did not come out as the file expects:" if odd
                   else "",
        "odd": [{"id": one_line(r.claim.id), "title": one_line(r.claim.title),
                 "message": one_line(r.message)} for r in odd],
    }


def _slip(result):
    claim, found = result.claim, result.counterexample
    words = {
        "change": changed(claim.formula, claim.corrected_formula),
        "why": claim.reason,
        "counterexample": f"{setting(found['shapes'])}{found['text']}" if found else "",
    }
    return {"id": one_line(claim.id), "title": one_line(claim.title),
            "formulas": {"as printed": one_line(claim.formula),
                         "corrected": one_line(claim.corrected_formula)},
            "words": {name: one_line(text) for name, text in words.items() if text}}


# --- Markdown -------------------------------------------------------------------------------------


#: Where Markdown, which passes HTML on, would see a tag; with a space no formula changes.
_TAG = re.compile(r"<(?=[A-Za-z/!?])")


def _markdown(lists):
    lines = []
    for one in lists:
        lines += [f"# Errata: {_marked(one['title'])}", "", _marked(one["about"]), "",
                  one["intro"], ""]
        for slip in one["slips"]:
            lines.append(f"- **{_marked(slip['id'])}** {_marked(slip['title'])}")
            lines += [f"  - {name}: ${_TAG.sub('< ', formula)}$"
                      for name, formula in slip["formulas"].items()]
            lines += [f"  - {name}: {_marked(text)}" for name, text in slip["words"].items()]
        if one["odd"]:
            lines += ["", one["warning"], ""]
            lines += [f"- **{_marked(odd['id'])}** {_marked(odd['title'])}: "
                      f"{_marked(odd['message'])}" for odd in one["odd"]]
        lines.append("")
    return "\n".join(lines)


def _marked(text):
    return _TAG.sub("&lt;", text)


# --- LaTeX ----------------------------------------------------------------------------------------


_PREAMBLE = r"""% to be run with lualatex or xelatex
\documentclass{article}
\usepackage{amsmath}
\usepackage[mathbf=sym]{unicode-math}
\usepackage{graphicx}
% a formula that is wider than the page is made as wide
\newcommand{\fitted}[1]{\[\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%
  $\displaystyle #1$}\]}
\begin{document}"""
_SPECIAL = {"√": r"\ensuremath{\surd}", "\\": r"\textbackslash{}",
            "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
            **{one: rf"\{one}" for one in "{}$&#%_"}}


#: What TeX reads in another way than the grammar: comments, and characters by their numbers.
_BEYOND = re.compile(r"(?<!\\)%|\^\^")


def _latex(lists):
    lines = [_PREAMBLE]
    for one in lists:
        lines += [rf"\section*{{Errata: {_typeset(one['title'])}}}", "", _typeset(one["about"]), "",
                  one["intro"], ""]
        for slip in one["slips"]:
            lines.append(rf"\paragraph{{{_typeset(slip['id'])}}} {_typeset(slip['title'])}")
            for name, formula in slip["formulas"].items():
                lines += ["", f"{name}: {_display(formula)}"]
            for name, text in slip["words"].items():
                lines += ["", rf"{name}: {_typeset(text)}"]
            lines.append("")
        if one["odd"]:
            lines += [one["warning"], r"\begin{itemize}"]
            lines += [rf"\item \textbf{{{_typeset(odd['id'])}}} {_typeset(odd['title'])}: "
                      rf"{_typeset(odd['message'])}" for odd in one["odd"]]
            lines += [r"\end{itemize}", ""]
    return "\n".join([*lines, r"\end{document}"])


def _display(formula):
    """A formula; what is none is a text, for it is a stranger's."""
    if _is_formula(formula):
        return rf"\fitted{{{formula}}}"
    return rf"\texttt{{{_typeset(formula)}}}"


def _is_formula(text):
    if _BEYOND.search(text):
        return False
    try:
        parse(text)
    except TexError:
        return False
    return True


def _typeset(text):
    r"""Text for LaTeX; what fonts for text do not have is taken from those for mathematics.

    Examples
    --------
    >>> print(_typeset("Vᵀ ⊗ w_1 is δ"))
    V\textsuperscript{T} \ensuremath{⊗} w\_1 is \ensuremath{δ}
    """
    return "".join(map(_sign, text))


def _sign(one):
    if one in _SPECIAL:
        return _SPECIAL[one]
    if one < "\u0250" or one in "–—‘’“”„…":
        return one
    how, _, codes = unicodedata.decomposition(one).partition(" ")
    if how in ("<super>", "<sub>"):
        inside = _typeset("".join(chr(int(code, 16)) for code in codes.split()))
        return rf"\text{'superscript' if how == '<super>' else 'subscript'}{{{inside}}}"
    return rf"\ensuremath{{{one}}}"


# --- a mail ---------------------------------------------------------------------------------------


#: Where mails are cut into lines; a formula stays on one.
WIDTH = 72


def _mail(lists):
    lines = []
    for one in lists:
        lines += [f"Subject: Errata: {one['title']}", "",
                  *_wrapped(f"{one['about']} {one['intro']}"), ""]
        for slip in one["slips"]:
            lines += _wrapped(f"{slip['id']}  {slip['title']}", behind="  ")
            lines += [f"  {name + ':':<12} {readable(formula)}"
                      for name, formula in slip["formulas"].items()]
            for name, text in slip["words"].items():
                lines += _wrapped(f"{name}: {text}", "  ", "    ")
            lines.append("")
        if one["odd"]:
            lines += [one["warning"], ""]
            for odd in one["odd"]:
                lines += _wrapped(f"{odd['id']}  {odd['title']}: {odd['message']}", "  ", "    ")
            lines.append("")
    return "\n".join(lines)


def _wrapped(text, before="", behind=""):
    """Lines of a text, the first with `before` in front of it, the others with `behind`."""
    return textwrap.wrap(text, WIDTH, initial_indent=before, subsequent_indent=behind,
                         break_long_words=False, break_on_hyphens=False)


#: What writes the list, by the name of its form.
FORMATS = {"markdown": _markdown, "latex": _latex, "mail": _mail}
