"""Bindings, and lines run as they stand: what holds, what fails and where, what cannot be run."""

import numpy as np
import pytest

from cnnmat.verify.entries import Draw
from cnnmat.verify.orders import Order
from cnnmat.verify.tex import TexError, parse
from cnnmat.verify.tex.bindings import read
from cnnmat.verify.tex.evaluating import Misfit, evaluate
from cnnmat.verify.tex.running import run_line
from cnnmat.verify.tex.world import Given, OutOfRange, Unbound, World

BINDINGS = r"""
index c = 1..2; d = 1..D_c; i; j; k = 1..3
family c: c, C; \ell: \ell, 1, 2
C, s : number
D_c : number
w, v : vector 3
A : matrix 3 x 3
B : matrix 2 x 3
V_c : matrix 3 x 2
V_\ell : number for \ell = 1..2
u^{(d,c)} : vector c+1
a_{ij} : number for i = 1..3, j = 1..3
K : matrix 3 x 3 from -1, 0 outside
f : function of v, w
g : function at c
\Omega : list
q := w^{\mathsf T}Aw
r^{(c)} := \sum_{d=1}^{D_c}u^{(d,c)}
check 1
"""


class Square:
    """x², and its derivative."""

    def __call__(self, x):
        return x * x

    def derivative(self, x):
        return 2 * x


@pytest.fixture(scope="module")
def world():
    rng = np.random.default_rng(3)
    A, B = rng.integers(1, 50, (3, 3)), rng.integers(1, 50, (2, 3))
    return World(read(BINDINGS), Given({
        "C": lambda: 2, "s": lambda: 7, "D_c": lambda c: 3 - c, "w": [2, 3, 5], "v": [7, 11, 13],
        "A": A, "B": B, "V_c": lambda c: c * B.T, r"V_\ell": lambda l: 100 * l,
        "u^{(d,c)}": lambda d, c: [10 * d + c + k for k in range(c + 1)],
        "a_{ij}": lambda i, j: int(A[i - 1, j - 1]), "K": A, "f": Square(),
        "g": lambda c: lambda x: c * x, r"\Omega": lambda: (1, 3)}), evaluate)


def outcome(world, line, check="check 1"):
    found = read(BINDINGS.replace("check 1", check))
    return run_line(world, parse(line), *found.checks.values())


HOLD = [
    r"w^{\mathsf T}v=2\cdot7+3\cdot11+5\cdot13", "w^Tw=38", r"\|w\|^2=38", "|-3|=3",
    r"\sum_kw(k)=10", r"\sum_{k=2}^3w(k)=8", r"\sum_{k\in\Omega}w(k)=7",
    r"w(\Omega)=\mathrm{col}\{2,5\}",
    r"\sum_{i,j\le2}a_{ij}=a_{11}+a_{12}+a_{21}+a_{22}", r"\sum_{k\mid k\in\Omega}1=2",
    r"\sum_{k|k\in\Omega}1=2",
    r"V_1=100", r"V_C=2B^{\mathsf T}", "[A]_{k,j}=a_{kj}", "A_{1:2,:}=[A]_{1:2,:}",
    r"A\mathbb{1}=\mathrm{col}\{\sum_ja_{1j},\sum_ja_{2j},\sum_ja_{3j}\}", "I_3A=A",
    r"w-2\mathbb{1}=\mathrm{col}\{0,1,3\}",
    r"\mathbb{1}\mathbb{1}^TA-A=\mathbb{1}_3(\mathbb{1}^TA)-A",
    r"\mathbb{1}_3\otimes w=\mathrm{vec}(w\mathbb{1}_3^T)", "B(w+v)=Bw+Bv",
    r"(w\odot v)^T\mathbb{1}_3=w^Tv", r"w^{\odot2}=w\odot w", "w(1)^2=4", "s(w)^T=7w^T",
    "K(-1,-1)=a_{11}",
    "K(-2,0)=0", "f(w)=w\\odot w", "f'(w)=2w", r"\partial q/\partial w=(A+A^T)w",
    r"\frac{\partial}{\partial w}q=(A+A^T)w", r"\frac{\partial q}{\partial w(k)}=[(A+A^T)w]_k",
    r"\frac{\partial f(w(k))}{\partial w(j)}=2w(k)[k=j]", r"q=\sum_k\sum_jw(k)a_{kj}w(j)",
    r"w(k)=5\iff k=3", r"k=1\Rightarrow w(k)=2", r"w(k)\le5", r"2<w(3)\ne4", "w\\in\\mathbb{R}^3",
    r"A\in\mathbb{R}^{3\times3}", r"V_c:\;3\times2", r"w\;(3\times1)",
    r"u^{(d,c)},\quad d=1,\dots,D_c",
    r"u^{(d,c)}\in\mathbb{R}^{c+1},\quad d=1,\dots,D_c", r"r^{(1)}=u^{(1,1)}+u^{(2,1)}",
    r"\mathrm{col}\{w(1),\dots,w(3)\}=w", r"\mathrm{col}\{w(3),w(2),\dots,w(1)\}\ne w",
    r"\begin{bmatrix}w(1)&\cdots&w(3)\end{bmatrix}=w^T",
    r"\begin{bmatrix}1&\\&2\end{bmatrix}=\mathrm{diag}\{1,2\}",
    r"\mathrm{col}\{w(k)\}=w", r"\lceil 7/2\rceil=4", r"\lfloor 7/2\rfloor=3", r"\sqrt{49}=s",
    r"\{w(k)\}_{k=2}^3=\{3,5\}", r"[a_{kj}]_{k,j=1}^3=A", "w^2(2)=9", "w-w=0",
    r"(A+A)(2,3)=2a_{23}", r"1=1<2=\frac42", "100\\gg10", r"w=w,\quad(3\times1)",
    r"\max_{k}w(k)=5", r"\max(0,-1)=0", r"\mathrm{trace}(A)=\sum_ka_{kk}", r"\exp(1)=2.718",
    r"\log_2 8=3", r"\tfrac{2}{3}=0.67", r"g(w)=cw,\quad c=1,2,\dots,2", "2w=w+w=3w-w",
]


@pytest.mark.parametrize("line", HOLD)
def test_a_line_that_is_true_holds(world, line):
    found = outcome(world, line)
    assert (found.holds, found.where) == (True, "")


@pytest.mark.parametrize(("line", "where"), [
    ("w^Tv=3", "is 112, 3 is 3"), (r"w(k)=2", "k = 2: w(k) is 3, 2 is 2"),
    (r"B^Tw=v", "column 1: Bᵀ is 3×2, w is 3×1"), (r"Aw\odot B=v", "is 3×1, B is 2×3"),
    (r"V_c:\;2\times3", "c = 1: V_c is 3×2, stated 2×3"),
    (r"w\in\mathbb{R}^4", "w is 3×1, stated 4×1"),
    (r"q=\sum_{k=1}^4w(k)", "w is 3×1, asked for entry 4"), ("w=v^T", "w is 3×1"),
    (r"u^{(d,c)},\quad d=1,\dots,2", "d can be [1] in u^(d,c), the line says [1, 2]"),
    (r"u^{(3,c)}=u^{(3,c)},\quad c=1,\dots,2", "d = 3 of u^(d,c) is not in 1..2"),
    (r"k=1\Rightarrow w(k)=3", "k = 1: one side holds and the other does not"),
    (r"\tfrac{2}{3}=0.66", "2/3"), ("w(k)<5", "k = 3"), (r"\exp(1)=2.719", "2.718"),
    ("w=2w=w", "w is 3×1"), ("1=1<2=3", "2 is 2, 3 is 3"), ("w-v=0", "0 is"),
    ("100\\gg11", "100 is 100, 11 is 11"), (r"w=w,\quad(1\times3)", "stated 1×3"),
    (r"u^{(d,c)}=u^{(d,c)},\quad c=1,\dots,3", "c = 3: the left side is out of range"),
    ("2+2=5", "is 4"), (r"w=w,\;w=v", "w is 3×1"),
    (r"\mathrm{trace}(B)=1", "column 1: trace(B): the trace of 2×3"),
])
def test_a_line_that_is_false_fails_and_says_where(world, line, where):
    found = outcome(world, line)
    assert not found.holds
    assert where in found.where


@pytest.mark.parametrize(("line", "why"), [
    ("x=w", "column 1: nothing is said of x"), (r"w=\text{some vector}", "words: some vector"),
    ("w", "column 1: w states nothing"), (r"\sum w=1", "over what Σ runs is not said"),
    (r"w=\mathrm{col}\{1,\dots\}", "what the dots stand for is not clear"),
    (r"\pm w=v", "\\pm is not one value"), (r"a\star b=w", "nothing is said"),
    ("f(s)=49", "which f this is"),
    (r"\frac{\partial w}{\partial x}=1", "cannot be run"), ("A(1)=2", "A has two indices"),
    (r"u^{(d,9)}=u^{(d,9)}", "is in range"), ("w\\to v", "cannot be run here"),
    ("a_{w}=1", "nothing is said"),
])
def test_a_line_that_cannot_be_run_says_why(world, line, why):
    with pytest.raises(TexError) as caught:
        outcome(world, line)
    assert why in str(caught.value)


def test_what_stands_on_the_left_elsewhere_is_put_there(world):
    assert outcome(world, r"\sum_jw(j)a_{jk}", "check 1 as [A^Tw]_k").count == 3
    assert outcome(world, "=2+2", "check 1 as 4").holds


def test_symbols_of_one_line_are_put_in(world):
    assert outcome(world, "x^Tx=38,\\;x(1)=2", "check 1 where x := w").holds
    assert outcome(world, "=x^Ty", "check 1 as y^Tx where x := w; y := Av").holds


def test_what_a_lecture_calls_I_is_no_identity():
    bindings = read("I : matrix 2 x 3\ncheck 1")
    world = World(bindings, Given({"I": np.array([[5, 7, 11], [13, 17, 19]])}), evaluate)
    assert run_line(world, parse("I_{1+1,2}=17"), bindings.checks["1"]).holds


def test_several_clauses_may_go_on_from_others(world):
    assert outcome(world, r"10;\;\mathrm{col}\{2,3,5\}", r"check 1 as \sum_kw(k); w").holds


def test_sizes_are_those_of_what_they_belong_to(world):
    assert outcome(world, r"(2\times3)(3\times1)", "check 1 sizes B, w").holds
    assert "B is 2×3, stated 3×2" in outcome(world, r"3\times2", "check 1 sizes B").where


def test_letters_run_over_all_places_where_they_can_stand(world):
    assert outcome(world, r"c=1,\dots,C", "check 1 over D_c").holds
    assert "c can be [1, 2] in D_c, the line says [1, 2, 3]" in outcome(
        world, r"c=1,\dots,3", "check 1 over D_c").where


def test_a_part_of_a_statement_is_put_into_it(world):
    assert outcome(world, "w+v", r"check 1 into B(\square)=Bw+Bv").holds
    assert "is 1×3" in outcome(world, r"\mathbb{1}_3", r"check 1 into B\square^T=1").where


def test_an_index_of_which_the_left_side_says_nothing_is_left_out_unless_it_is_stated(world):
    line = "u^{(2,c)}=u^{(2,c)}"
    assert outcome(world, line).count == 1
    assert not outcome(world, line, "check 1 for c = 1..2").holds


def test_a_value_of_another_size_than_declared_is_an_error_of_the_bindings():
    world = World(read("w : vector 3"), Given({"w": [1, 2]}), evaluate)
    with pytest.raises(TexError, match="w is declared 3×1, its value is 2×1"):
        evaluate(world, parse("w"), {})


def test_a_definition_by_itself_is_refused():
    world = World(read("a := b\nb := a"), Given({}), evaluate)
    with pytest.raises(TexError, match="a is defined by itself"):
        evaluate(world, parse("a"), {})


def test_a_line_about_symbols_holds_for_all_of_them():
    from types import SimpleNamespace

    entries = Draw(SimpleNamespace(lecture="a", id="b", rational=False), Order.drawn(32))
    world = World(read("check 1\na, b : number"), Given({
        "a": entries.symbols("a"), "b": entries.symbols("b")}), evaluate)
    check = world.bindings.checks["1"]
    assert run_line(world, parse("(a+b)^2=a^2+2ab+b^2"), check).holds
    assert "is a**2 + 2*a*b + b**2" in run_line(world, parse("(a+b)^2=a^2+b^2"), check).where


@pytest.mark.parametrize(("text", "why"), [
    ("w : tensor", "expected number, vector, matrix, function or list"),
    ("w : vector 2 x 3", "a vector has 1 sizes, got 2"),
    ("w : matrix 2", "a matrix has 2 sizes, got 1"),
    ("hello", "expected index, family, size, check, or a symbol"),
    ("index n = ", "expected a range"),
    ("index 3 = 1..2", "expected a range"), ("w_{ : vector 3", "expected"),
    ("check 1 as (", "expected"),
    ("a := (", "expected"),
])
def test_bindings_that_cannot_be_read_are_told_with_their_line(text, why):
    with pytest.raises(TexError) as caught:
        read(text)
    assert text.strip() in str(caught.value)
    assert why in str(caught.value)


def test_lines_are_continued_by_a_space_and_comments_left_out():
    found = read("% words\nw :\n  vector 3\n\ncheck 1,\n 2")
    assert set(found.checks) == {"1", "2"}
    assert found.quantities["w"][0].kind == "vector"


def test_errors_are_of_their_kind(world):
    with pytest.raises(Misfit):
        evaluate(world, parse("Bv+w"), {})
    with pytest.raises(OutOfRange, match=r"c = 3 of D_c is not in 1..2"):
        evaluate(world, parse("D_3"), {})
    with pytest.raises(Unbound):
        evaluate(world, parse("y"), {})
