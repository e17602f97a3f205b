"""What a lecture should say of its symbols, proposed from what it says in its text."""

from pathlib import Path

import pytest

from cnnmat.verify.documents.lecturing import read
from cnnmat.verify.documents.proposing import listing, proposals
from tests.verify.documents.lectures import results_of, verdicts

HERE = Path(__file__).parent


def proposed(tmp_path, text, name="lecture.tex"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return [one.line for one in proposals(read(str(path)))]


@pytest.mark.parametrize(("text", "lines"), [
    (r"$W\in\mathbb{R}^{m\times n}$ \[Wx=y\]",
     ["size m", "size n", "W : matrix m x n", "x : number", "y : number"]),
    (r"\[z=x^Tx\] $x,y\in\mathbb R^n$", ["size n", "x : vector n", "z := (line 1)"]),
    (r"\[a=\sum_{k=1}^{K}b_k\]", ["index k = 1..K", "size K", "b_k : number", "a := (line 1)"]),
    (r"\[q=p_i,\quad i=0,\dots,N-1\]",
     ["index i = 0..N-1", "size N", "p_i : number", "q := (line 1)"]),
    (r"\[f(x)=2f(x)\]", ["f : function, unknown", "x : number"]),
    (r"\[\sigma(t)=\frac{1}{1+e^{-t}}\]", ["t : number", "\\sigma (t) := (line 1)"]),
    (r"\[0=\|v\|+u^TU\]", ["v : vector ?", "u : vector ?", "U : matrix ? x ?"]),
    (r"\[x=y\;(m\times 1)\]", ["size m", "y : number", "x : vector m", "x := (line 1)"]),
    (r"\[2+2=4\]", []), (r"%@ skip (1)" + "\n" + r"\begin{equation}a=b\end{equation}", []),
])
def test_what_the_text_tells_is_taken_from_there(tmp_path, text, lines):
    assert sorted(proposed(tmp_path, text)) == sorted(lines)


def test_what_is_proposed_binds_all_of_a_lecture(tmp_path):
    """A lecture of ten equations that says nothing: what is proposed is enough to run it."""
    path = HERE / "kalman.tex"
    lines = listing(read(str(path)))
    assert len(lines) == 11
    text = path.read_text(encoding="utf-8")
    found = results_of(tmp_path, "\n".join([*lines, text]))
    assert verdicts(found) == {
        "1": "defines", "2": "defines", "3": "defines", "4": "defines", "5": "holds", "6": "fails",
        "7": "holds", "8": "fails", "9": "fails", "10": "holds"}
    # two of the three say what has to be added to the lines, the third is a misprint
    assert found["6"].nearest[0] == found["9"].nearest[0] == "true with P and R symmetric"
    assert found["8"].nearest[0].endswith("K = P^+ Hᵀ R⁻¹")
    symmetric = [line.replace("n x n", "n x n, symmetric").replace("m x m", "m x m, symmetric")
                 for line in lines]
    found = results_of(tmp_path, "\n".join([*symmetric, text]))
    assert {name for name, result in found.items() if result.verdict == "fails"} == {"8"}


def test_a_listing_says_which_equations_wait(tmp_path):
    path = tmp_path / "lecture.tex"
    path.write_text(r"\begin{align}a&=b\\b&=c+b_1\end{align}")
    assert listing(read(str(path))) == [
        "%@ c : number    % c in (2)", "%@ b_1 : number  % b_1 in (2)",
        "%@ a := (1)      % a in (1)", "%@ b := (2)      % b in (1), (2)"]
