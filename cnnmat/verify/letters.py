"""Lines about sizes that are letters, of which the verdict is known."""

from math import prod

from cnnmat import loops
from cnnmat.verify.known import Known, sides

__all__ = ["lines"]

known = Known()
lines = known.lines
#: By this name the lines are found when this file is read again.
lecture = known.lecture


@known.line("holds", covers="all sizes S, P ≥ 1; all values")
def _product(e):
    "a product of matrices of any sizes"
    S, P = e.sizes("S", "P")
    H, w = e.symbols("H", S, P), e.symbols("w", S)
    return sides(loops.times(loops.transpose(H.tolist()), w.tolist()), H.T @ w)


@known.line("fails")
def _transposed(e):
    "a square matrix of any size that is its transpose"
    n = e.sizes("n")
    A, x = e.symbols("A", n, n), e.symbols("x", n)
    return sides(loops.times(A.tolist(), x.tolist()), A.T @ x)


@known.line("fails")
def _one_size(e):
    "two sizes that are one"
    S, P = e.sizes("S", "P")
    return sides(S, P)


@known.line("error", message="is not proved for all sizes")
def _small_only(e):
    "what is so for the first few sizes"
    n = e.sizes("n")
    return sides(0, prod(n - k for k in range(1, 7)))


@known.line("error", message="was proved for all sizes, and fails in numbers")
def _letters_only(e):
    "what is so in letters, and not in numbers"
    n = e.sizes("n")
    x = e.symbols("x", n)
    return sides(x, x if hasattr(x, "entries") else x + 1)


@known.line("holds", covers="n ≠ 9")
def _branch(e):
    "a branch on a size, which the evidence names"
    n = e.sizes("n")
    return sides(n, 0 if n == 9 else n)


@known.line("fails")
def _shifted(e):
    "a sum over a mask that is read in reverse"
    n = e.sizes("n")
    w, h = e.symbols("w", n), e.symbols("h", n)
    return sides(loops.dot(w.tolist(), h.tolist()), w[::-1] @ h)


@known.line("fails")
def _slope(e):
    "a derivative that takes a square for a product"
    n = e.sizes("n")
    w = e.symbols("w", n)
    return sides(e.gradient(lambda w: loops.dot(w, w), w), w)
