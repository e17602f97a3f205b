"""Subsampling, filters and pyramids, for any sizes and steps."""

from cnnmat import loops
from cnnmat.derivations.mendez.conventions import TAPS
from cnnmat.derivations.mendez.setting import lecture
from cnnmat.textbook.subsampling import (
    padding,
    pyramid,
    subsample,
    subsample_back,
    subsampling,
    toeplitz,
)
from cnnmat.textbook.vec import apply
from cnnmat.verify import Sides


def kept(e, mark=""):
    """(length, step): any length, P of whose entries are kept."""
    P, s = e.sizes(f"P{mark}", f"s{mark}")
    return e.size(f"N{mark}", (P - 1) * s + 1 + e.remainder(f"r{mark}", s)), s


def taps(e, n="k", length="L"):
    """An odd number of taps."""
    return e.size(length, 2 * e.paddings(n) + 1)


@lecture.claim("s88a/all", "definition", "The down-sampling matrix, for any length and step",
               r"(Sx)_p=x_{ps},\quad SS^{\mathsf T}=I", source_kind="consequence")
def down(e):
    n, s = kept(e)
    x, S = e.symbols("x", n), subsampling(n, s)
    return Sides(truth=x.tolist()[::s], printed=apply(S, x),
                 wrong={"from the other end": apply(S, x[::-1])})


@lecture.claim("s89c/all", "identity",
               "S Y Sᵀ keeps every s-th row and column, for any sizes and steps",
               r"Y_{\mathrm{skipped}}=S_H\,Y\,S_W^{\mathsf T}", source_kind="own")
def skipped(e):
    (H, s), (W, t) = kept(e, "1"), kept(e, "2")
    Y = e.symbols("Y", H, W)
    return Sides(truth=loops.subsample(Y.tolist(), (s, t)), printed=subsample(Y, (s, t)),
                 wrong={"columns from the other end": subsample(Y[:, ::-1], (s, t))})


@lecture.claim("s89c/back/all", "gradient", "Sᵀ δ S is its way back, for any sizes and steps",
               r"\frac{\partial E}{\partial Y}=S_H^{\mathsf T}\,\delta\,S_W", source_kind="own")
def skipped_back(e):
    (H, s), (W, t) = kept(e, "1"), kept(e, "2")
    Y, delta = e.symbols("Y", H, W), e.symbols("delta", *e.sizes("P1", "P2"))

    def error(Y):
        there = loops.subsample(Y, (s, t))
        return sum(loops.dot(there[p], delta.tolist()[p]) for p in range(len(there)))

    return Sides(truth=e.gradient(error, Y), printed=subsample_back(delta, (H, W), (s, t)),
                 wrong={"rows reversed": subsample_back(delta[::-1], (H, W), (s, t))})


@lecture.claim("s88b/all", "definition", "The filter as a Toeplitz matrix, for any length and taps",
               r"(Tx)_r=\sum_jh_jx_{r-j}", source_kind="consequence", assumes=TAPS)
def filter_matrix(e):
    n = e.sizes("N")
    x, h = e.symbols("x", n), e.symbols("h", taps(e))
    T = toeplitz(h, n)
    return Sides(truth=(loops.smooth_and_skip(x.tolist(), h.tolist(), 1),
                        loops.smooth_and_skip(x.tolist(), h[::-1].tolist(), 1)),
                 printed=(T @ x, T.T @ x), wrong={"h_{c-r}": (T.T @ x, T @ x)})


@lecture.claim("s88c/all", "identity", "One level of the pyramid, for any length, taps and step",
               r"I_{k+1}=PI_k=S\,T\,I_k", source_kind="consequence", assumes=TAPS)
def level(e):
    n, s = kept(e)
    x, h = e.symbols("x", n), e.symbols("h", taps(e))
    return Sides(truth=loops.smooth_and_skip(x.tolist(), h.tolist(), s),
                 printed=pyramid(x, h, 1, step=s)[1],
                 wrong={"T transposed": pyramid(x, h[::-1], 1, step=s)[1]})


@lecture.claim("s88d/all", "identity", "In two dimensions with a separable kernel, for any sizes",
               r"T_H\,I\,T_W^{\mathsf T}=I*(hh^{\mathsf T})", source_kind="own")
def separable(e):
    image, h = e.symbols("I", *e.sizes("H", "W")), e.symbols("h", taps(e))
    kernel = h[:, None] * h

    def convolved(kernel):
        return [[loops.convolve_at(image.tolist(), kernel.tolist(), r, c)
                 for c in range(image.shape[1])] for r in range(image.shape[0])]

    return Sides(truth=convolved(kernel), printed=pyramid(image, h, 1, step=1)[1],
                 wrong={"one side flipped": pyramid(image[::-1], h, 1, step=1)[1][::-1]})


@lecture.claim("padding/all", "definition", "Zeros around a vector as a matrix, for any sizes",
               r"(Px)_i=x_{i-a}", source_kind="own")
def around(e):
    n, (before, after) = e.sizes("N"), e.paddings("a", "b")
    length, x = e.size("L", before + n + after), e.symbols("x", n)
    truth = [x.tolist()[i - before] if 0 <= i - before < n else 0 for i in range(length)]
    return Sides(truth=truth, printed=apply(padding(n, before, after), x),
                 wrong={"reversed": apply(padding(n, before, after), x[::-1])})
