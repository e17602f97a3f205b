"""Section 1: the operation and its worked example."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Windows, correlate_image, flip, loops, vec, weight_matrix_short
from cnnmat.derivations.lec14.setting import (
    IMAGE,
    SHAPES,
    VERTICAL,
    by_kernel,
    draw,
    lecture,
    loss,
    plain,
)
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides


@lecture.claim(
    "s1a", "definition", "The convolution of two functions, on step functions",
    r"f\circledast g(x)=\int_{-\infty}^{+\infty}f(t)g(x-t)dt", cases=[{"n": 3, "m": 5}],
    covers="step functions of width one, at whole x, where the integral is a sum")
def convolution_integral(e, n, m):
    f, g = e.symbols("f", n), e.symbols("g", m)
    # on unit steps the integral at x is the sum over t of f(t) g(x-t)
    integral = [sum(f[t] * g[x - t] for t in range(n) if 0 <= x - t < m) for x in range(n + m - 1)]
    full = correlate_image(g, f[::-1], padding=((n - 1, n - 1),))
    return Sides(truth=integral, printed=full,
                 wrong={"g(x+t)": correlate_image(g, f, padding=((n - 1, n - 1),))})


#: What the sign ⊛ means, by the places that suggest it.
CORRELATION, FLIPPED = "a correlation", "as the defining integral has it, the filter flipped"
MEANINGS = {CORRELATION: "the second row of the filtered image, and z_11 of section 5 with ⊗",
            FLIPPED: "the integral at the head of section 1, with the same sign"}
SIGN = {"the sign ⊛ means": CORRELATION}


@lecture.claim(
    "s1b", "identity", "One sign for the flipped and the unflipped operation",
    r"f\circledast g(x)=\int_{-\infty}^{+\infty}f(t)g(x-t)dt", expect="ambiguous",
    corrected_formula=r"(X\otimes K)_{ij}=\sum_{m,n}X_{i+m-1,j+n-1}K_{mn}",
    reason="the definition at the head of the lecture flips one factor; the worked example and "
           "every gradient do not. cnnmat reads the sign as a correlation", assumes=SIGN, cites=MEANINGS)
def one_sign(e):
    X, K = e.symbols("X", 3, 4), e.symbols("K", 2, 2)
    return Sides(truth=plain(X.tolist(), K.tolist()),
                 readings={CORRELATION: correlate_image(X, K, padding=0),
                           FLIPPED: correlate_image(X, flip(K), padding=0)},
                 wrong={"the filter transposed": correlate_image(X, K.T, padding=0)})


@lecture.claim(
    "s1c", "example", "The example's image mirrors itself, so its filtered image changes sign",
    r"F_{i,4-j}=-F_{ij}", cases=[{}], source_kind="own")
def mirror(e):
    image, F = np.array(IMAGE), correlate_image(IMAGE, VERTICAL, padding=0)
    return Sides(truth=(image[:, ::-1], -np.array(plain(IMAGE, VERTICAL))[:, ::-1]),
                 printed=(image, F), wrong={"no change of sign": (image, F[:, ::-1])})


@table(lecture.claim, kind="example")
def filtered_row(e, row, printed):
    F = correlate_image(IMAGE, VERTICAL, padding=0)
    return Sides(truth=plain(IMAGE, VERTICAL)[row - 1], printed=printed, corrected=F[row - 1],
                 wrong={"the row below": F[row % 3]}, show={"F": F})


filtered_row("s1d", "The first row of the filtered image", r"21,\;0,\;-21", 1, [21, 0, -21],
             expect="misprint", corrected_formula=r"F_{1,:}=(19, 0, -19)", assumes=SIGN,
             reason="41 - 22 is 19; both ends carry the same slip with opposite sign, which no single "
                    "misread digit of the result explains", rewritten=r"F_{1,:}=(21, 0, -21)")
filtered_row("s1f", "The third row of the filtered image", r"0,\;0,\;0", 3, [0, 0, 0],
             rewritten=r"F_{3,:}=(0, 0, 0)")


@lecture.claim("s1e", "example", "The second row of the filtered image", r"38,\;0,\;-38",
               rewritten=r"F_{2,:}=(38, 0, -38)", expect="ambiguous", assumes=SIGN, cites=MEANINGS,
               reason="so for a correlation; by the integral, which flips the filter, it is (-38, 0, 38)")
def second_row(e):
    return Sides(truth=[38, 0, -38], readings={
        CORRELATION: correlate_image(IMAGE, VERTICAL, padding=0)[1],
        FLIPPED: correlate_image(IMAGE, flip(VERTICAL), padding=0)[1]},
        wrong={"the row below": plain(IMAGE, VERTICAL)[2]})


@lecture.claim(
    "s1/size", "dimension", "Size of the filtered image", r"(n-f+1)\times(n-f+1)",
    cases=[{"image": (5, 5), "kernel": (3, 3)}, {"image": (4, 6), "kernel": (2, 3)}])
def size(e, image, kernel):
    counted = [sum(1 for start in range(n) if start + f <= n)
               for n, f in zip(image, kernel, strict=True)]
    return Sides(truth=counted, printed=[n - f + 1 for n, f in zip(image, kernel, strict=True)],
                 wrong={"n - f": [n - f for n, f in zip(image, kernel, strict=True)],
                        "axes exchanged": [n - f + 1 for n, f in zip(
                            image, kernel[::-1], strict=True)] if kernel[0] != kernel[1]
                        else [0, 0]})


def stripes(e, vertical):
    """A 4 x 6 image that changes along one axis only, and its profile."""
    profile = e.symbols("a", 6 if vertical else 4)
    image = np.array([[profile[c if vertical else r] for c in range(6)] for r in range(4)])
    return image, profile


@lecture.claim(
    "s1g", "identity", "The filter answers to vertical edges and not to horizontal ones",
    r"\begin{bmatrix}1&0&-1\\1&0&-1\\1&0&-1\end{bmatrix}")
def vertical_edges(e):
    across, a = stripes(e, vertical=True)
    along, _ = stripes(e, vertical=False)
    truth = [[3 * (a[c] - a[c + 2]) for c in range(4)] for _ in range(2)]
    return Sides(truth=(truth, [[0] * 4] * 2),
                 printed=(correlate_image(across, VERTICAL, padding=0),
                          correlate_image(along, VERTICAL, padding=0)),
                 wrong={"the filter transposed": (
                     correlate_image(across, np.transpose(VERTICAL), padding=0),
                     correlate_image(along, np.transpose(VERTICAL), padding=0))})


@lecture.claim(
    "s1h", "identity", "The transposed filter answers to horizontal edges",
    r"\begin{bmatrix}1&1&1\\0&0&0\\-1&-1&-1\end{bmatrix}")
def horizontal_edges(e):
    X, horizontal = e.symbols("X", 4, 6), [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]
    return Sides(truth=plain(X.tolist(), horizontal),
                 printed=correlate_image(X.T, VERTICAL, padding=0).T,
                 wrong={"the map not transposed": correlate_image(X, VERTICAL, padding=0)})


def bank(x, w):
    """A bank of filters on several channels, by the plain loops: maps as lists."""
    return loops.correlate([x], w, [0] * len(w), [1, 1], [(0, 0)] * 2, [1, 1], 1)[0]


@lecture.claim(
    "s1i", "dimension", "One channel and c filters make c maps",
    r"n\times n\times1\otimes f\times f\times c=(n-f+1)\times(n-f+1)\times c")
def one_channel(e):
    x, w = e.symbols("x", 1, 4, 5), e.symbols("w", 3, 1, 2, 3)
    maps = [correlate_image(x[0], one[0], padding=0) for one in w]
    return Sides(truth=bank(x.tolist(), w.tolist()), printed=maps,
                 wrong={"the filters summed to one map": [sum(maps)], "in reverse": maps[::-1]})


@lecture.claim(
    "s1j", "dimension", "Three channels and one filter of depth three make one map",
    r"n\times n\times3\otimes f\times f\times3=(n-f+1)\times(n-f+1)")
def three_channels(e):
    x, w = e.symbols("x", 3, 4, 5), e.symbols("w", 3, 2, 3)
    maps = [correlate_image(x[j], w[j], padding=0) for j in range(3)]
    return Sides(truth=bank(x.tolist(), [w.tolist()])[0], printed=sum(maps),
                 wrong={"three maps": maps, "the mean over the channels": sum(maps) * Fraction(1, 3)})


@lecture.claim(
    "s1k", "dimension", "A bank of filters over several channels has both numbers",
    r"n\times n\times C\otimes f\times f\times C\times c=(n-f+1)\times(n-f+1)\times c",
    source_kind="own", cases=[{"C": 1, "c": 3}, {"C": 3, "c": 1}, {"C": 2, "c": 3}],
    reason="the third number of a filter counts filters where there is one channel, and channels "
           "where there are three; both lines are cases of this one")
def both_numbers(e, C, c):
    x, w = e.symbols("x", C, 3, 4), e.symbols("w", c, C, 2, 3)
    parts = [[correlate_image(x[j], one[j], padding=0) for j in range(C)] for one in w]
    maps = [sum(one) for one in parts]
    return Sides(truth=bank(x.tolist(), w.tolist()), printed=maps,
                 wrong={"the last channel left out": [sum(one[:-1], 0 * one[0]) for one in parts],
                        "in reverse": maps[::-1]})


@lecture.claim(
    "s1l", "identity", "How much of an image a filter keeps: one direction for each output",
    r"\mathrm{rank}\,V=(n-f+1)^2<n^2", source_kind="own",
    reason="the aim at the head of section 1, a smaller image and nothing lost, is not met by one "
           "filter: fewer numbers come out than go in, so two images share an output")
def no_loss(e):
    K = e.integers(2, 3)
    forward = weight_matrix_short(Partition(Windows((4, 6), (2, 3))), vec(K)).T.toarray()
    rank = int(np.linalg.matrix_rank(forward))
    outputs, pixels = sum(1 for _ in range(3) for _ in range(4)), sum(1 for _ in range(4 * 6))
    return Sides(truth=(outputs, pixels - outputs), printed=(rank, forward.shape[1] - rank),
                 wrong={"nothing is lost": (forward.shape[1], 0),
                        "one direction for each weight": (K.size, forward.shape[1] - K.size)})


@lecture.claim(
    "s1m", "gradient", "A step against the gradient of the filter lowers the loss",
    r"L(K-\eta\,\partial L/\partial K)<L(K)", cases=SHAPES, source_kind="words")
def training_finds_filters(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    slope = by_kernel(e, X, K, g)
    along = e.gradient(lambda step: loss(
        X.tolist(), [[k + step * d for k, d in zip(*rows, strict=True)]
                     for rows in zip(K.tolist(), (-slope).tolist(), strict=True)], g.tolist()),
        np.array(0, dtype=object))
    gradient = correlate_image(X, g, padding=0)
    return Sides(truth=along[()], printed=-(gradient**2).sum(),
                 wrong={"a step along the gradient": (gradient**2).sum(),
                        "along the turned gradient": -(gradient * flip(gradient)).sum()})
