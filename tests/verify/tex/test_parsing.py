"""The grammar of lecture mathematics: what is read, what is refused, and where."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnmat.derivations import LECTURES
from cnnmat.verify.loading import load
from cnnmat.verify.tex import TexError, latex, parse, plain
from cnnmat.verify.tex.tree import (
    Apply,
    Derivative,
    Empty,
    Juxtaposition,
    List,
    Name,
    Product,
    Relation,
    Sum,
    children,
    walk,
)


@pytest.mark.parametrize("slug", LECTURES)
def test_every_formula_of_every_claim_is_read_and_written_back(slug):
    lecture, = load(slug)
    formulas = [formula for claim in lecture.claims.values()
                for formula in (claim.formula, claim.corrected_formula) if formula]
    for formula in formulas:
        tree = parse(formula)
        assert parse(latex(tree)) == tree
        assert plain(tree)


def shape(formula):
    """The tree of a formula as nested tuples of short names."""
    def short(node):
        if isinstance(node, Name):
            return node.text
        return (type(node).__name__, *map(short, children(node)))

    return short(parse(formula))


def test_factors_side_by_side_bind_tighter_than_written_products():
    tree = parse(r"2(y-\gamma)\odot f'(z)")
    assert isinstance(tree, Product)
    assert [type(one) for one in tree.factors] == [Juxtaposition, Apply]


def test_a_sum_reaches_over_the_product_behind_it_and_not_over_the_next_term():
    tree = parse(r"\sum_j a_j\otimes b_j-c")
    assert isinstance(tree, Sum)
    assert isinstance(tree.terms[0].body, Product)


def test_a_name_takes_what_stands_in_brackets_behind_it_and_a_transpose_does_not():
    assert isinstance(parse("h(m)"), Apply)
    assert isinstance(parse("h_n^{(d)}(m)"), Apply)
    assert isinstance(parse(r"V^{\mathsf T}(a)"), Juxtaposition)
    assert isinstance(parse("2(a)"), Juxtaposition)


def test_an_operator_in_words_takes_one_factor():
    assert shape(r"W\,\mathrm{vec}\,Y_1^2 b") == (
        "Juxtaposition", "W", ("Apply", "vec", ("Script", "Y", ("Number",), ("Number",))), "b")


@pytest.mark.parametrize("formula", [
    r"\frac{\partial J}{\partial W}", r"\partial J/\partial W", r"\frac{dJ}{dW}"])
def test_a_derivative_is_one_however_it_is_written(formula):
    tree = parse(formula)
    assert isinstance(tree, Derivative)
    assert (tree.of, tree.by) == (Name("J"), Name("W"))


def test_a_derivative_as_an_operator_has_nothing_above():
    assert isinstance(parse(r"\frac{\partial}{\partial w}").of, Empty)


def test_factors_around_a_derivative_with_a_slash_stay_outside():
    tree = parse(r"A\,\partial H/\partial Y\,B")
    assert [type(one) for one in tree.factors] == [Name, Derivative, Name]


def test_a_bar_opens_where_one_closes_it_before_the_next_comma():
    assert plain(parse("(|a|, 2|b|)")) == "(|a|, 2|b|)"
    tree = parse(r"\{e_1,e_8|e_3,e_8|e_{10}\}").body
    assert tree.separators == (",", "|", ",", "|")


def test_arrows_bind_less_than_relations_and_commas_less_than_arrows():
    tree = parse(r"a=b\Rightarrow c=d,\quad e=f")
    assert isinstance(tree, List)
    assert tree.items[0].operators == (r"\Rightarrow",)
    assert all(isinstance(one, Relation) for one in tree.items[0].members)


def test_the_two_orders_of_scripts_and_primes_are_one():
    assert parse("P_c'") == parse("P'_c") == parse("P_{c}^{'}") == parse(r"P'_{c}")
    assert parse("p''").primes == 2


def test_a_command_takes_one_digit_of_a_number():
    assert parse(r"\frac12") == parse(r"\frac{1}{2}")
    assert parse(r"\frac1{16}") == parse(r"\frac{1}{16}")
    assert parse("x^10") == parse("x^{1}0")


def test_every_part_knows_its_column():
    tree = parse(r"a+\delta_{n}b")
    assert [(node.text, node.column) for node in walk(tree) if isinstance(node, Name)] == [
        ("a", 1), (r"\delta", 3), ("n", 11), ("b", 13)]


@pytest.mark.parametrize(("formula", "why"), [
    ("(a+b", r"column 5: expected \) for the \( in column 1, got the end"),
    ("a+b)", r"column 4: \) cannot stand here"),
    ("a_1_2", "column 4: a second subscript"), ("a^1^2", "column 4: a second superscript"),
    ("a_", "column 3: expected an argument, got the end"),
    (r"\frac{a}", "column 9: expected an argument, got the end"),
    (r"\quadw", r"column 1: \\quadw is not known"), (r"a\foo", r"column 2: \\foo is not known"),
    ("a\\otimes)", r"column 9: \) cannot stand here"),
    ("{a", r"column 3: expected } for the { in column 1, got the end"),
    ("a & b", "column 3: & cannot stand here"), ("^2", r"column 1: \^ cannot stand here"),
    (r"\mathrm{}", r"column 1: \\mathrm has nothing in it"),
    (r"\text{a", "column 6: the { here is not closed"),
    (r"\begin{tikz}a\end{tikz}", "column 1: the environment tikz is not known"),
    (r"\begin{matrix}a", r"column 16: expected & or"),
    (r"\begin{matrix}a\end{pmatrix}", r"column 16: \\end\{pmatrix\} for the \\begin\{matrix\}"),
    (r"\partial^2 a", "column 1: higher derivatives are not in the grammar"),
    (r"\write18{ls}", r"column 1: \\write is not known"),
    (r"\input{/etc/passwd}", r"column 1: \\input is not known"),
    (r"\newcommand{\a}{\a\a}\a", r"column 1: \\newcommand is not known"),
    (r"\stackrel{a}{=}", "not known; a definition is"),
])
def test_an_error_points_at_the_column(formula, why):
    with pytest.raises(TexError, match=why):
        parse(formula)


def test_a_line_may_break_off_behind_a_sign_or_relation():
    assert isinstance(parse("a+").terms[1], Empty)
    assert isinstance(parse("a=").members[1], Empty)


def test_what_is_no_text_is_refused():
    with pytest.raises(TypeError, match="formula must be a str, got int"):
        parse(3)


HOSTILE = [("{", "}"), ("(", ")"), (r"\frac{", "}{b}"), ("x_{", "}"), (r"\sqrt{", "}"),
           ("-", ""), (r"\partial ", ""), (r"\sum ", ""), (r"\mathrm{vec}", ""), ("\\|(", ")\\|"),
           (r"\begin{matrix}", r"\end{matrix}"), (r"\hat{", "}"), ("x(", ")"),
           (r"\forall ", ""), (r"\underbrace{", "}"), (r"\mathrm{a}_", "")]


@pytest.mark.parametrize(("left", "right"), HOSTILE)
@pytest.mark.parametrize("times", [45, 5_000])
def test_what_is_nested_too_deep_is_an_error_of_the_formula(left, right, times):
    with pytest.raises(TexError):
        parse(left * times + "a" + right * times)


@pytest.mark.parametrize("part", ["{", "a", "a+", r"\alpha a_1 ", "(a)", r"\text{a}", "a,", "|",
                                  "a=", r"\mathrm{", "a'", "}"])
def test_time_is_linear(part):
    def seconds(count):
        start = time.perf_counter()
        try:
            tree = parse("x" + part * count)
            latex(tree)
        except TexError:
            pass
        return time.perf_counter() - start

    seconds(100)
    # twenty times as long; a square would be four hundred times
    assert min(seconds(10_000) for _ in range(2)) < 100 * seconds(500) + 0.5


PARTS = [*r"ab12\{}()[]|_^',;=+-*& ", r"\frac", r"\sum", r"\partial ", r"\left(", r"\otimes ",
         r"\begin{matrix}", r"\end{matrix}", r"\mathrm{ab}", r"\max", r"\\"]


@given(st.lists(st.sampled_from(PARTS), max_size=30).map("".join))
def test_any_text_is_read_or_refused_and_what_is_read_comes_back(formula):
    try:
        tree = parse(formula)
    except TexError as error:
        columns = range(1, len(formula) + 2)
        if error.column not in columns:
            raise
        return
    assert parse(latex(tree)) == tree
    plain(tree)
