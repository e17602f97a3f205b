"""Sections 2 to 4: padding, stride, pooling."""

from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import numpy as np

from cnnmat import Partition, Regions, Windows, correlate_image, loops
from cnnmat.derivations.lec14.setting import lecture, plain
from cnnmat.textbook.pooling import Max, Mean
from cnnmat.verify import Sides


def starts(n, f, s=1):
    """Where windows of f may start in n places, s apart, counted one by one."""
    return [k for k in range(0, n, s) if k + f <= n]


def ring(X, top, left):
    """X with zeros around it, row by row."""
    width = len(X[0]) + 2 * left
    return ([[0] * width] * top + [[0] * left + row + [0] * left for row in X]
            + [[0] * width] * top)


@lecture.claim("s2a", "dimension", "A ring of zeros makes 8 x 8 of 6 x 6", r"(n+2)\times(n+2)",
               cases=[{"n": 6, "m": 6}, {"n": 4, "m": 6}])
def padded_size(e, n, m):
    X = [[1] * m for _ in range(n)]
    padded = ring(X, 1, 1)
    return Sides(truth=(len(padded), len(padded[0])), printed=(n + 2, m + 2),
                 wrong={"one zero an axis": (n + 1, m + 1)})


@lecture.claim("s2b", "dimension", "On the padded image the filter keeps the size",
               r"8\times8\otimes3\times3=6\times6", source_kind="words")
def keeps_size(e):
    X, K = e.symbols("X", 6, 5), e.symbols("K", 3, 3)
    return Sides(truth=plain(ring(X.tolist(), 1, 1), K.tolist()),
                 printed=correlate_image(X, K, padding=1),
                 wrong={"no padding": correlate_image(X, K, padding=0),
                        "both rows of zeros on one side": correlate_image(X, K, padding=((2, 0), (1, 1)))})


@lecture.claim("s2c", "dimension", "Size of the padded image", r"n'=n+2p",
               cases=[{"n": 4, "p": 1}, {"n": 6, "p": 2}])
def padded(e, n, p):
    return Sides(truth=len(ring([[1]] * n, p, 0)), printed=n + 2 * p,
                 wrong={"padding counted once": n + p})


@lecture.claim("s2d", "identity", "The padding that keeps the size",
               r"(n'-f+1)=n\Rightarrow p=\frac{f-1}{2}", cases=[{"f": f} for f in (1, 3, 5)])
def same_padding(e, f):
    found = [p for p in range(f + 2)
             if all(len(starts(n + 2 * p, f)) == n for n in range(1, 9) if n + 2 * p >= f)]
    return Sides(truth=found, printed=[(f - 1) // 2],
                 wrong={"full padding": [f - 1 if f > 1 else 1]})


@lecture.claim("s2e", "identity", "Equal padding keeps the size for odd filters only",
               r"f\text{ is odd}", cases=[{"sizes": (1, 2, 3, 4, 5, 6)}])
def odd_filters(e, sizes):
    keeps = [f for f in sizes if any(len(starts(9 + 2 * p, f)) == 9 for p in range(9))]
    return Sides(truth=keeps, printed=[f for f in sizes if f % 2 == 1],
                 wrong={"even filters": [f for f in sizes if f % 2 == 0]})


@lecture.claim("s2f", "definition", "A valid convolution is the inside of a padded one",
               r"\text{VALID}:\ p=0", source_kind="words")
def valid(e):
    X, K = e.symbols("X", 4, 7), e.symbols("K", 3, 5)
    inside = correlate_image(X, K, padding=(1, 2))
    return Sides(truth=plain(X.tolist(), K.tolist()), printed=inside[1:-1, 2:-2],
                 wrong={"the border counted in": inside, "one row higher": inside[:-2, 2:-2]})


@lecture.claim("s2g", "definition", "A same convolution has the image's size",
               r"\text{SAME}:\ (n+2p-f+1)=n", source_kind="words")
def same(e):
    X, K = e.symbols("X", 4, 7), e.symbols("K", 3, 5)
    return Sides(truth=plain(ring(X.tolist(), 1, 2), K.tolist()),
                 printed=correlate_image(X, K, padding="same"),
                 wrong={"one ring for every filter": correlate_image(X, K, padding=1),
                        "all zeros on one side": correlate_image(X, K, padding=((2, 0), (4, 0)))})


RANGE = [(n, f, s) for n in range(1, 12) for f in range(1, min(n, 5) + 1) for s in range(1, 5)]


@lecture.claim("s3a", "dimension", "Number of windows with a stride",
               r"\left\lfloor\frac{n_1-f}{s}+1\right\rfloor\times\left\lfloor\frac{n_2-f}{s}+1\right\rfloor",
               covers="all n up to 11, f up to 5, s up to 4")
def strided(e):
    return Sides(truth=[len(starts(n, f, s)) for n, f, s in RANGE],
                 printed=[floor(Fraction(n - f, s) + 1) for n, f, s in RANGE],
                 wrong={"rounded up": [ceil(Fraction(n - f, s) + 1) for n, f, s in RANGE]})


@lecture.claim("s3b", "dimension", "The drawn example: stride 2 on n_1 x n_2",
               r"n_1\times n_2\;\otimes\;f\times f\;\text{stride}=2", cases=[{"image": (7, 10)}])
def stride_two(e, image):
    windows = Windows(image, 3, 2)
    return Sides(truth=[len(starts(n, 3, 2)) for n in image], printed=windows.output,
                 wrong={"axes exchanged": windows.output[::-1]})


@lecture.claim("s3c", "identity", "With stride 1 the count is the plain one",
               r"\left\lfloor\frac{n-f}{1}+1\right\rfloor=n-f+1", source_kind="consequence")
def stride_one(e):
    plain_ones = [(n, f) for n, f, s in RANGE if s == 1]
    return Sides(truth=[len(starts(n, f)) for n, f in plain_ones],
                 printed=[Windows(n, f, 1).P for n, f in plain_ones],
                 wrong={"stride 2": [Windows(n, f, 2).P for n, f in plain_ones]})


@lecture.claim("s3d", "identity", "What windows that do not fit leave out",
               r"(V^{\mathsf T}\mathbb{1})_m=0\iff\text{pixel }m\text{ lies in no window}",
               cases=[{"image": (8, 7), "kernel": (3, 3), "stride": (2, 2)},
                      {"image": (7, 10), "kernel": (2, 3), "stride": (3, 2)}],
               covers="a stride above the kernel also leaves pixels out between the windows",
               source_kind="words")
def left_out(e, image, kernel, stride):
    V = Partition(Windows(image, kernel, stride)).matrix
    used = [[int(any(r in range(a, a + kernel[0]) for a in starts(image[0], kernel[0], stride[0]))
                 and any(c in range(b, b + kernel[1])
                         for b in starts(image[1], kernel[1], stride[1])))
             for r in range(image[0])] for c in range(image[1])]
    counts = V.T.astype(int) @ np.ones(V.shape[0], dtype=int)
    return Sides(truth=np.ravel(used), printed=(counts > 0).astype(int),
                 wrong={"every pixel is used": np.ones_like(counts)})


@lecture.claim("s3e", "identity", "The one may stand inside the floor or outside",
               r"\left\lfloor\frac{n-f}{s}+1\right\rfloor=\left\lfloor\frac{n-f}{s}\right\rfloor+1",
               source_kind="consequence")
def one_outside(e):
    return Sides(truth=[len(starts(n, f, s)) for n, f, s in RANGE],
                 printed=[(n - f) // s + 1 for n, f, s in RANGE],
                 wrong={"the one in the numerator": [(n - f + 1) // s for n, f, s in RANGE]})


def blocks(image, size):
    """The blocks of a tiling, by their positions in vec(image), whole ones only."""
    rows, columns = image
    return [[c * rows + r for c in range(b, b + size[1]) for r in range(a, a + size[0])]
            for b in starts(columns, size[1], size[1]) for a in starts(rows, size[0], size[0])]


@lecture.claim("s4a", "definition", "Max pooling of 2 x 2 blocks with stride 2",
               r"t_{ij}=\max(y_{2i-1,2j-1},y_{2i-1,2j},y_{2i,2j-1},y_{2i,2j})",
               cases=[{"image": (5, 8)}], source_kind="words")
def max_pooling(e, image):
    y = e.symbols("y", image[0] * image[1])
    regions = Regions(Windows(image, 2, 2), cover=False)
    return Sides(truth=loops.pool(y.tolist(), blocks(image, (2, 2)), loops.largest),
                 printed=Max()(y, regions),
                 wrong={"the first entry of each block": y[regions.order[regions.starts]]})


@lecture.claim("s4b", "identity", "Pooling has the sign of convolution, and is not linear",
               r"\max(a+b)\ne\max a+\max b", source_kind="own",
               reason="the sign says that a window slides; cnnmat keeps pool and correlate apart",
               cases=[{"a": (1, 0, 0, 0), "b": (0, 1, 0, 0)}])
def pooling_sign(e, a, b):
    regions, a, b = Regions([[0, 1, 2, 3]], 4), np.array(a), np.array(b)
    truth = [loops.pool(one.tolist(), [[0, 1, 2, 3]], loops.largest) for one in (a + b, a, b)]
    parts = [Max()(one, regions) for one in (a, b)]
    return Sides(truth=truth, printed=[Max()(a + b, regions), *parts],
                 wrong={"the maximum of a sum is the sum of the maxima": [sum(parts), *parts]})


def largest_step(values):
    """The largest difference between neighbours."""
    return max(abs(b - a) for a, b in pairwise(values))


@lecture.claim("s4c", "identity", "Whether max pooling raises the contrast",
               r"\text{contrast of }t>\text{contrast of }y", source_kind="words", expect="ambiguous",
               corrected_formula=r"\max t-\min t\leq\max y-\min y",
               reason="neighbours may differ by more than before, for a ramp gets steeper; the range of "
                      "all values never grows", covers="a ramp", cases=[{"y": (0, 1, 2, 3, 4, 5)}],
               cites={"the steps between neighbours": "the word sharpening beside it",
                      "the range of all values": "the word contrast itself"})
def contrast(e, y):
    pairs = [[0, 1], [2, 3], [4, 5]]
    t = Max()(np.array(y), Regions(pairs, 6))
    steps = largest_step(loops.pool(list(y), pairs, loops.largest)) > largest_step(y)
    return Sides(truth=steps, readings={
        "the steps between neighbours": bool(np.abs(np.diff(t)).max() > np.abs(np.diff(y)).max()),
        "the range of all values": bool(np.ptp(t) > np.ptp(y))},
        wrong={"the largest value": bool(t.max() > max(y))})


@lecture.claim("s4d", "definition", "Average pooling is a correlation with equal weights",
               r"t=\frac{1}{f^2}\sum y", cases=[{"image": (5, 9), "size": (2, 3)}],
               source_kind="words")
def average_pooling(e, image, size):
    y = e.symbols("y", *image)
    equal = np.full(size, Fraction(1, size[0] * size[1]), dtype=object)
    stacked = loops.vec(y.tolist())
    means = loops.pool(stacked, blocks(image, size), loops.mean)
    regions = Regions(Windows(image, size, size), cover=False)
    by_mask = correlate_image(y, equal, stride=size, padding=0)
    return Sides(truth=(means, means),
                 printed=(Mean()(np.array(stacked), regions), loops.vec(by_mask.tolist())),
                 wrong={"divided by the side": (Mean()(np.array(stacked), regions) * 3,
                                                loops.vec(by_mask.tolist()))})


@lecture.claim("s4e", "identity", "With the stride equal to the side no pixel is pooled twice",
               r"s=f\Rightarrow VV^{\mathsf T}=I", cases=[{"n": 6, "f": 2, "s": 2},
                                                          {"n": 7, "f": 3, "s": 3}],
               source_kind="words")
def disjoint(e, n, f, s):
    V = Partition(Windows(n, f, s)).matrix.astype(int)
    rows = [[int(a * s + k == b * s + l) for b in range(len(starts(n, f, s))) for l in range(f)]
            for a in range(len(starts(n, f, s))) for k in range(f)]
    W = Partition(Windows(n, f, 1)).matrix.astype(int)[:V.shape[0]]
    return Sides(truth=(rows, np.eye(V.shape[0], dtype=int)), printed=(V @ V.T, V @ V.T),
                 wrong={"a stride of one": (V @ V.T, W @ W.T)}, show={"V": V})
