"""Formulas that are none, and formulas that would bring something else with them."""

from xml.etree import ElementTree

import markupsafe
import pytest

from cnnmat.derivations import LECTURES
from cnnmat.verify.loading import load
from cnnmat.verify.mathml import ATTRIBUTES, ELEMENTS, NoFormula, formula, leaves


def texts(latex):
    return [leaf.text for leaf in leaves(formula(latex))]


def markup(latex):
    return ElementTree.tostring(formula(latex), encoding="unicode")


@pytest.mark.parametrize(("latex", "why"), [
    ("a & b", "& is not known, or not here"),
    ("", "it is empty"), (" \n", "it is empty"),
    ("a_", "missing super script or subscript"),
    ("x_1_2", "double subscripts"), ("x^1^2", "double superscripts"),
    (r"\frac{", "its braces do not pair"), (r"\frac{a}", "something is missing in it"),
    ("a}", "its braces do not pair"), ("}{", "its braces do not pair"),
    (r"\sqrt", "no available tokens"), (r"\left( a", "extra left or missing right"),
    (r"\begin{matrix}a", "missing end"),
    (r"\foo x", r"\\foo is not known, or not here"), (r"\quadw", r"\\quadw is not known"),
    ("a\\", r"\\ is not known, or not here"),
    ("$x$", r"it holds \$"), ("x % the rest is lost", "it holds %"), ("x#1", "it holds #"),
    (r"x \\% y", "it holds %"),
    (r"\newcommand{\a}{\b\b}\a", r"it holds \\newcommand"), (r"\def\a{b}\a", r"it holds \\def"),
    ("{" * 400 + "x" + "}" * 400, "nested too deep"), ("{" * 900 + "}" * 900, "nested too deep"),
    (r"\sqrt" * 100 + "x", "nested too deep"),
    ("x" * 1_000_000, "it is longer than 3000 characters"),
    (r"\mathbf{}", "there is nothing to see"), ("{}", "there is nothing to see"),
    (r"\unicode{ffffff}", "it holds a character that there is not"),
    ("x\0y", "it holds characters that cannot be seen"), ("\ud800", "cannot be seen"),
    (7, "it is no text but int"), (None, "it is no text but NoneType"),
    (b"x", "it is no text but bytes"),
    (r"\href{javascript:alert(1)}{x}", "it sets the attribute href"),
    (r"\class{evil}{x}", "it sets the attribute class"),
    (r"\style{background:url(x)}{x}", "it sets the attribute style"),
    (r"\color{<script>}x", "it sets the attribute mathcolor"),
    (r"\fcolorbox{red}{blue}{x}", "it sets the attribute border-color"),
])
def test_what_is_no_formula_is_refused_and_says_why(latex, why):
    with pytest.raises(NoFormula, match=why):
        formula(latex)


@pytest.mark.parametrize("latex", [
    r"\text{<script>alert(1)</script>}", r"\verb|<script>|", r"\text{&lt;}<b>",
    r"\mathbf{\text{<script>}}", r"\operatorname{a}<script>", r"\unicode{x3c}script>",
    r"\textcolor{red}{\text{<script>}}", "a<script>b", markupsafe.Markup(r"\text{<script>}"),
    r"\mbox{<b onclick=alert(1)>}", r"\text{</math><script>}", r"\tag{<script>}x",
])
def test_markup_in_a_formula_is_text(latex):
    found = ElementTree.fromstring(markup(latex))
    assert {node.tag for node in found.iter()} <= set(ELEMENTS)
    assert {name for node in found.iter() for name in node.attrib} <= ATTRIBUTES
    assert "<" in "".join(leaf.text for leaf in leaves(found))


@pytest.mark.parametrize(("latex", "shown"), [
    (r"\& \% \# \$ \{ \}", ["&", "%", "#", "$", "{", "}"]),
    (r"\begin{matrix} a & b \\ c & d \end{matrix}", ["a", "b", "c", "d"]),
    (r"\mathbf{x}\mathbb{R}\alpha", ["𝐱", "ℝ", "α"]),
    ("a'", ["a", "′"]), (r"\text{a b}", ["a\u00a0b"]), ("^2", [None or "", "2"]),
    (r"x\\y", ["x", "y"]),
])
def test_what_is_a_formula_keeps_its_characters(latex, shown):
    assert texts(latex) == shown


def test_no_formula_that_ships_is_refused():
    formulas = [f for slug in LECTURES for lecture in load(slug) for c in lecture.claims.values()
                for f in (c.formula, c.corrected_formula) if f]
    assert len(formulas) > 1000
    assert [f for f in formulas if formula(f) is None] == []
