"""Errata in each form: complete, dated, and inert whatever a lecture holds."""

import datetime
import re

import pytest

from cnnmat.cli import main
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.errata import FORMATS, WIDTH, errata
from cnnmat.verify.judge import run

DATE = datetime.date(2024, 2, 3)


def listed(form, **fields):
    lecture = Lecture("own", "Größen & Δ", edition="2nd edition")

    @lecture.claim("1.1_a", "example", **{
        "title": "Two is 100 % ⊗ of Vᵀ", "formula": "2a=x^{T}", "expect": "misprint",
        "corrected_formula": "3a=x^{T}", "reason": "a long story " * 12, **fields})
    def slip(e):
        return Sides(truth=3, printed=2, corrected=3, wrong={"four": 4})

    @lecture.claim("1.2", "example", "Lost", "1")
    def lost(e):
        raise KeyError("lost")

    return errata([lecture], [run(one) for one in lecture.claims.values()], form, DATE)


@pytest.mark.parametrize("form", FORMATS)
def test_each_form_has_the_edition_the_date_and_all_that_there_is_to_say(form):
    text = listed(form)
    for told in ("Errata: Größen ", "2nd edition. List of 3 February 2024.", "1 misprint, found by",
                 "Two is 100 ", "as printed", "corrected", "2a must be 3a.", "a long story a long",
                 "printed 2, truth 3", "1 line did not come out as the file expects", "KeyError"):
        assert told in text


def test_a_mail_is_cut_into_lines_but_its_formulas_are_not():
    text = listed("mail", formula="2a=x+" + "+".join("abcdefghijklmnopqrstuvwxyz" * 3))
    assert text.startswith("Subject: Errata: Größen & Δ\n\n")
    long = [line for line in text.splitlines() if len(line) > WIDTH]
    assert [line.split(":")[0].strip() for line in long] == ["as printed"]
    assert "$" not in text
    assert "xᵀ" in text


def test_latex_escapes_text_and_takes_signs_from_mathematics():
    text = listed("latex")
    for shown in (r"Größen \& \ensuremath{Δ}", r"1.1\_a", r"100 \% \ensuremath{⊗}",
                  r"V\textsuperscript{T}", r"\fitted{2a=x^{T}}", r"\end{document}"):
        assert shown in text


@pytest.mark.parametrize("formula", [
    r"\input{/etc/passwd}", r"\immediate\write18{ls}", r"a}\input{x}", r"\def\x{y}", "a % b",
    r"\catcode`\%=1", r"\csname input\endcsname x", "{", r"\end{document}", "^^5cinput x"])
def test_latex_of_a_stranger_is_a_text_unless_it_is_a_formula(formula):
    text = listed("latex", formula=formula, title=formula, reason=formula)
    body = text.split(r"\begin{document}")[1].rsplit(r"\end{document}", 1)[0]
    commands = set(re.findall(r"\\([A-Za-z]+)", body))
    assert commands <= {
        "section", "paragraph", "fitted", "texttt", "textbackslash", "textasciicircum",
        "ensuremath", "textsuperscript", "begin", "item", "textbf", "end"}
    assert body.count("{") - body.count(r"\{") == body.count("}") - body.count(r"\}")
    assert not re.search(r"(?<!\\)%", body)


def test_the_command_takes_the_form(capsys):
    assert main(["errata", "--format", "mail", "lec14"]) == 0
    assert capsys.readouterr().out.startswith("Subject: Errata: Lecture 14")


def test_the_edition_comes_from_the_lecture_of_ones_own_too(tmp_path, capsys):
    path = tmp_path / "own.py"
    path.write_text("""
from cnnmat.verify import Lecture, Sides
lecture = Lecture("own", "Mine", edition="3rd printing")
@lecture.claim("1", "example", "Two", "2")
def two(e):
    return Sides(truth=2, printed=2, wrong={"three": 3})
""")
    assert main(["errata", str(path)]) == 0
    assert "3rd printing. List of " in capsys.readouterr().out
