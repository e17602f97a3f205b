"""Equations of a lecture run: their verdicts, what these rest on, what would make a line true."""

import re
from pathlib import Path

import pytest

from cnnmat.verify import run
from cnnmat.verify.documents.binding import named
from cnnmat.verify.documents.lecturing import lecture
from cnnmat.verify.documents.scanning import scan
from cnnmat.verify.documents.sources import DocumentError
from cnnmat.verify.report import detail, note
from tests.verify.documents.lectures import results, results_of, verdicts

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
BINDINGS = r"""
%@ size m, n
%@ index i = 1..m; j = 1..n; k = 1..n
%@ A : matrix m x n
%@ B : matrix n x n
%@ R : matrix n x n, symmetric
%@ x, w : vector n
%@ y : vector m
%@ a, b, c : number
%@ p : vector n, positive
%@ f : function, unknown
%@ \sigma(t) := \frac{1}{1+e^{-t}}
%@ g(s,t) := s^2t
%@ \mathrm{softmax}(t) := \frac{\exp(t)}{\mathbb{1}^{\mathsf T}\exp(t)} by rows
%@ J := \|Ax-y\|^2
%@ \delta := d J / d x
%@ C_{ij} := A_{ij}^2
%@ \mathrm{i} := \sqrt{-1}
"""


def verdict_of(tmp_path, formula, more=""):
    found = results_of(tmp_path, f"{BINDINGS}{more}\n\\begin{{equation}}{formula}\\end{{equation}}")
    return found["1"]


@pytest.mark.parametrize("formula", [
    r"(Ax)^{\mathsf T}y=x^TA^\top y", r"\delta=2A^T(Ax-y)", r"\nabla_x J=\delta",
    r"\frac{\partial J}{\partial x_j}=2\sum_{i=1}^{m}A_{ij}\left(\sum_{k=1}^nA_{ik}x_k-y_i\right)",
    r"\sum_{i=1}^m\sum_{j=1}^nA_{ij}^2=\operatorname{tr}(A^TA)", r"x^TRw=w^TRx",
    r"\nabla_x(x^TBx)=(B+B^T)x", r"f(x)=f(x)\odot\mathbb{1}", r"\nabla_a f(ab)=bf'(ab)",
    r"\sigma'(a)=\sigma(a)(1-\sigma(a))", r"\sigma(x)+\sigma(-x)=\mathbb{1}", r"g(a,b)=a^2b",
    r"\ln(p_j^2)=2\ln p_j",
    r"\tanh(2a)=\frac{2\tanh a}{1+\tanh^2a}", r"\sqrt{x^Tx}=\|x\|", r"e^{a}e^{b}=e^{a+b}",
    r"\mathrm{softmax}(x^T)\mathbb{1}=1", r"B^{-1}B=I_n", r"(B+R)B^{-1}=I+RB^{-1}",
    r"e^{2\pi\mathrm{i}/n}-\cos(2\pi/n)=\mathrm{i}\sin(2\pi/n)", r"\sin^2a+\cos^2a=1",
    r"A\in\mathbb{R}^{m\times n}", r"\langle x,w\rangle=w^Tx", r"n+m=m+n", r"2+2=4",
    r"|a|=\begin{cases}a & a\ge0\\ -a & \text{otherwise}\end{cases}",
    r"(a+b)^2=a^2+2ab+b^2,\qquad\text{for all } a, b", r"a/(bc)=\frac{1}{b}\cdot\frac{a}{c}",
    r"\operatorname{vec}(A)^T\operatorname{vec}(A)=\|A\|^2", r"\max(a,b)=b+\max(a-b,0)",
])
def test_what_is_true_holds(tmp_path, formula):
    found = verdict_of(tmp_path, formula)
    assert (found.verdict, found.message) == ("holds", "")


@pytest.mark.parametrize(("formula", "said"), [
    (r"\delta=A^T(Ax-y)", "true with a factor 2: δ = 2Aᵀ(Ax - y)"),
    (r"\delta=2A(Ax-y)", "true with a transpose: δ = 2Aᵀ(Ax - y)"),
    (r"\delta=2A^T(y-Ax)", "true with another sign: δ = -2Aᵀ(y - Ax)"),
    (r"x^TBw=w^TBx", "true with B symmetric"),
    (r"\nabla_af(ab)=bf(ab)", "true with a derivative: ∇_a f(ab) = b f'(ab)"),
    (r"\sum_{k=1}^{n}x_k=\sum_{k=2}^nx_k", "true with a range from one earlier"),
    (r"\sum_{k=1}^{n}x_k=\sum_{k=1}^{n-1}x_k", "true with an index: Σ_{k = 1}^{n} x_k = "),
    (r"Bx=Rx", "true with B for R: Bx = Bx"), (r"AB=BA", "m = 3, n = 2; lecture.tex:20:20: "),
    (r"\frac1nx^Tx=\frac1mx^Tx", "true with n for m: 1/n xᵀx = 1/n xᵀx"),
    (r"\sqrt{a^2}=a", "true with a positive"), (r"\ln(ac)=\ln c+\ln a", "true with a positive"),
    (r"\|x\|^2=\|x\|", "left side"),
    (r"BR^{-1}R=B^{-1}", "true with no inverse: B R⁻¹ R = B"),
    (r"\sigma'(a)=\sigma(a)", "right side"),
    (r"|a|=a", "a = -1 (all others 0): right side -1, left side 1"),
    (r"a+b=a", "right side 0, left side 1"),
    (r"A\in\mathbb{R}^{n\times m}", "A is 3×2, stated 2×3"), ("2+2=5", "right side 5, left side 4"),
    (r"Ax=x", "Ax is 3×1, x is 2×1"),
])
def test_what_is_false_fails_with_numbers_and_what_would_make_it_true(tmp_path, formula, said):
    found = verdict_of(tmp_path, formula)
    assert (found.verdict, found.as_expected) == ("fails", False)
    assert said in "\n".join(detail(found)).replace(f"{tmp_path}/", "")


def test_a_misfit_points_at_the_part_that_does_not_fit(tmp_path):
    found = verdict_of(tmp_path, r"x=Bx+AB")
    line = len(BINDINGS.splitlines()) + 2
    told, excerpt, caret = detail(found)[1:4]
    assert told == (f"m = 3, n = 2; {tmp_path}/lecture.tex:{line}:19: Bx + AB is 2×1, AB is 3×2")
    assert excerpt[caret.index("^"):].startswith("Bx+AB")


# --- definitions ---------------------------------------------------------------

def test_a_definition_defines_and_what_rests_on_it_is_consistent_with_it(tmp_path):
    found = results_of(tmp_path, BINDINGS + r"""%@ z := (eq:z)
%@ q := (2)
\begin{align} z &= Ax \label{eq:z}\\ q &= z^Tz \\ q &= x^TA^TAx \end{align}""")
    assert verdicts(found) == {"1": "defines", "2": "defines", "3": "holds"}
    assert found["3"].claim.covers == "consistent with (1), (2)"
    assert note(found["3"]).startswith("  [consistent with (1), (2); ")
    assert "consistent with (1), (2)" in found["3"].evidence[0]["covers"]


def test_a_definition_that_does_not_fit_fails(tmp_path):
    found = results_of(tmp_path, BINDINGS + r"""%@ z : vector n
%@ z := (1)
\begin{equation} z = Ax \end{equation}""")
    assert verdicts(found) == {"1": "fails"}
    assert "z is declared 2×1, its value is 3×1" in "\n".join(detail(found["1"]))


@pytest.mark.parametrize("sign", [":=", r"\triangleq", r"\coloneqq"])
def test_what_the_text_itself_calls_a_definition_is_one(tmp_path, sign):
    found = results_of(tmp_path, BINDINGS + rf"""\begin{{align}} v &{sign} Ax \\ v^Tv &= \|Ax\|^2 \\
        x &{sign} w \end{{align}}""")
    # of a symbol that is given the text says more than it may
    assert verdicts(found) == {"1": "defines", "2": "holds", "3": "fails"}
    assert found["2"].claim.covers == "consistent with (1)"


def test_bindings_may_stand_in_any_order(tmp_path):
    found = results_of(tmp_path, r"""%@ J(u) := (1)
\begin{align} J(u) &= \|Xu\|^2 \\ \nabla_u J(u) &= 2X^TXu \end{align}
%@ X : matrix m x n
%@ u : vector n
%@ size m; n""")
    assert verdicts(found) == {"1": "defines", "2": "holds"}


def test_an_equation_never_proves_itself(tmp_path):
    """An equation by which a symbol is defined is no proof that it holds."""
    found = results_of(tmp_path, BINDINGS + "%@ z := (1)\n\\[z=Ax+y\\tag{1}\\]")
    assert verdicts(found) == {"1": "defines"}


def test_a_definition_goes_by_index(tmp_path):
    found = results_of(tmp_path, r"""%@ index \ell = 1..3
%@ size n
%@ W_\ell : matrix n x n
%@ x : vector n
%@ y_0 := x
%@ y_\ell := (1)
\begin{align} y_\ell &= W_\ell y_{\ell-1} \\ y_3 &= W_3W_2W_1x \\ y_3 &= W_1W_2W_3x\end{align}""")
    assert verdicts(found) == {"1": "defines", "2": "holds", "3": "fails"}


# --- what is not run -------------------------------------------------------------

@pytest.mark.parametrize(("formula", "why"), [
    ("x=q+Q_1", "nothing is said of q, Q_1"), (r"x=\text{what we want}", "nothing stands here"),
    (r"a=|a|\text{ if }a>0", "words: if"), (r"a=|a|\quad\text{only when } a>0", "words: only when"),
    ("x=(a", "expected ) for the ( in line"), ("x", "it states nothing that can be run"),
    (r"x=\int_0^1f(t)dt", "nothing is said of t, d"), (r"a\sim b", "\\sim cannot be run here"),
])
def test_what_cannot_be_run_is_not_run_and_never_holds(tmp_path, formula, why):
    found = verdict_of(tmp_path, formula)
    assert (found.verdict, found.as_expected) == ("not run", True)
    assert why in note(found)


@pytest.mark.parametrize("formula", ["x=q+Q_1", "x=(a", "x"])
def test_what_was_asked_for_and_cannot_be_run_is_an_error(tmp_path, formula):
    found = verdict_of(tmp_path, formula, "%@ check (1)")
    assert (found.verdict, found.as_expected) == ("error", False)
    assert re.search(r"lecture.tex:\d+:\d+: ", found.message)


def test_what_is_skipped_says_why(tmp_path):
    found = verdict_of(tmp_path, "2+2=5", "%@ skip (1): a joke")
    assert (found.verdict, note(found)) == ("not run", "  [a joke]")


@pytest.mark.every(2)
@pytest.mark.parametrize("name", ["least_squares", "fourier"])
def test_with_another_formula_every_verdict_changes(name, tmp_path):
    path = ROOT / "examples" / "lectures" / f"{name}.tex"
    text, document = path.read_text(encoding="utf-8"), scan(str(path))
    start = document.sources.starts[0]
    before = verdicts(results(path))
    for number, equation in named(document).items():
        if before[number] == "holds":
            wrong = (text[:equation.position - start] + "2+2=5"
                     + text[equation.end - start + 1:])
            assert verdicts(results_of(tmp_path, wrong))[number] == "fails"


# --- what a lecture expects ------------------------------------------------------

def test_a_misprint_is_expected_with_its_correction(tmp_path):
    found = verdict_of(tmp_path, r"\delta=A^T(Ax-y)", r"%@ misprint (1): \delta=2A^T(Ax-y)")
    assert (found.verdict, found.as_expected) == ("misprint", True)
    assert found.claim.corrected_formula == r"\delta=2A^T(Ax-y)"
    found = verdict_of(tmp_path, r"\delta=A^T(Ax-y)", r"%@ misprint (1): \delta=3A^T(Ax-y)")
    assert (found.verdict, found.as_expected) == ("fails", False)
    found = verdict_of(tmp_path, r"\delta=2A^T(Ax-y)", r"%@ misprint (1): \delta=2A^TAx-2A^Ty")
    assert (found.verdict, found.as_expected) == ("holds", False)


def test_two_readings_are_both_run(tmp_path):
    found = verdict_of(tmp_path, "a/bc=a/(bc)")
    assert found.verdict == "ambiguous"
    assert found.readings == {"a/(bc)": True, "(a/b)c": False}
    assert detail(found)[2:] == ["reading a/(bc): holds", "reading (a/b)c: fails"]
    assert verdict_of(tmp_path, "a/bc=a/(bc)", "%@ ambiguous (1)").as_expected
    assert verdict_of(tmp_path, "0/bc=0").verdict == "holds"


def test_two_symbols_that_fit_are_both_run(tmp_path):
    more = "%@ index u = 1..2; v = 1..2\n%@ N_u : number\n%@ N_v : number\n"
    found = verdict_of(tmp_path, "N_1+N_u=N_u+N_1", more)
    assert found.verdict == "holds"
    assert [*found.readings] == ["N₁ as N_u", "N₁ as N_v"]


@pytest.mark.parametrize(("line", "message"), [
    ("q : tensor", "expected number, vector, matrix, function or list"),
    ("q : vector ?", "say how many there are, in the place of ?"), ("hello", "expected index"),
    ("check (4)", "there is no equation (4)"), ("misprint (1)", "expected misprint (3): and the"),
    ("misprint (1): (", "expected"), (r"z := (1)", "(1) says what x is, not z"),
    ("x : vector n", "x is bound a second time"),
    ("h(t) := t by heart", "expected by rows, by columns or as a whole, got heart"),
])
def test_bindings_that_cannot_be_read_are_told_with_their_place(tmp_path, line, message):
    with pytest.raises(DocumentError, match=re.escape(message)) as caught:
        verdict_of(tmp_path, "x=Bx", f"%@ {line}")
    assert f"lecture.tex:{len(BINDINGS.splitlines()) + 1}:4: " in str(caught.value)


# --- whole files -----------------------------------------------------------------

#: The misprint that is seeded in each.
SEEDED = {"attention": "9", "batch_norm": "9", "fourier": "7", "least_squares": "7", "mlp": "6"}


@pytest.mark.parametrize("name", sorted(SEEDED))
def test_the_lectures_among_the_examples_hold_but_for_a_seeded_misprint(name):
    found = results(ROOT / "examples" / "lectures" / f"{name}.tex")
    assert all(result.as_expected for result in found.values())
    assert [one for one, result in found.items() if result.verdict == "misprint"] == [SEEDED[name]]
    assert set(verdicts(found).values()) == {"defines", "holds", "misprint"}
    assert all(result.slips["apart"] and not result.slips["missed"]
               for result in found.values() if result.verdict != "defines")


@pytest.mark.every(3)
@pytest.mark.parametrize("name", sorted(SEEDED))
def test_the_seeded_misprint_is_found_without_being_declared(name, tmp_path):
    text = (ROOT / "examples" / "lectures" / f"{name}.tex").read_text(encoding="utf-8")
    found = results_of(tmp_path, re.sub("%@ misprint.*", "", text))
    assert [one for one, result in found.items() if not result.as_expected] == [SEEDED[name]]
    assert found[SEEDED[name]].verdict == "fails"


def test_there_is_a_seeded_misprint_in_each_file():
    assert {path.stem for path in (ROOT / "examples" / "lectures").iterdir()} == SEEDED.keys()


def test_a_hand_written_lecture():
    assert verdicts(results(HERE / "handwritten" / "lecture.tex")) == {
        "1.1": "defines", "1.2": "holds", "line 36": "holds", "2.1": "defines",
        "parts/solution.tex line 8": "holds", "3.1": "not run", "*": "holds", "3.2": "holds",
        "3.3a": "holds", "3.3b": "fails"}


def test_a_lecture_as_pandoc_makes_it():
    assert verdicts(results(HERE / "pandoc.tex")) == {
        "1": "defines", "2": "defines", "3": "holds", "4": "holds", "5": "fails"}


def test_a_lecture_is_the_same_whenever_it_is_run():
    first, second = (run(lecture(str(HERE / "pandoc.tex")).claims["5"]) for _ in range(2))
    assert first.outcome() | {"seconds": 0} == second.outcome() | {"seconds": 0}


def test_no_change_is_proposed_that_is_true_in_one_order_only(tmp_path):
    found, = results_of(tmp_path, "%@ a, b : number\n\\[a^2\\ge 2ab\\]").values()
    assert found.verdict == "fails"
    assert not [one for one in found.nearest if "2b" in one or "ab" in one.replace("2ab", "")]
