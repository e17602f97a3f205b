"""Slides 90 to 95: average pooling and max pooling."""

from fractions import Fraction

import numpy as np

from cnnmat import Regions, Windows, box, loops, vec
from cnnmat.derivations.mendez.setting import inner, lecture, matrix_of
from cnnmat.textbook.images import correlate_image
from cnnmat.textbook.pooling import Max, Mean, upv
from cnnmat.textbook.subsampling import average, both_sides, subsample
from cnnmat.textbook.vec import unvec
from cnnmat.verify import Sides

#: Four maps of 4 x 9 under windows of 2 x 3.
KIT = {"D": 4, "shape": (4, 9), "window": (2, 3)}
ONE = {"D": 1, "shape": (4, 6), "window": (2, 3)}


def regions(shape, window):
    return Regions(Windows(shape, window, window), cover=False)


def lists(shape, window):
    """The places of each window in the stacked map, by counting."""
    (H, W), (a, b) = shape, window
    return [[r * a + k + H * (c * b + l) for l in range(b) for k in range(a)]
            for c in range(W // b) for r in range(H // a)]


def pooled(one, shape, window, reduce):
    """Each window of a map by the plain loops, as rows."""
    flat = loops.pool(loops.vec(one), lists(shape, window), reduce)
    rows = shape[0] // window[0]
    return [flat[r::rows] for r in range(rows)]


def matrices(Y, window, pooling):
    omega = regions(Y.shape[-2:], window)
    size = [n // p for n, p in zip(Y.shape[-2:], window, strict=True)]
    return unvec(pooling(vec(Y, 2), omega), size)


@lecture.claim("s91a/size", "dimension", "Pooling keeps the number of maps and reduces their size",
               r"m_1^{(l)}=m_1^{(l-1)}", cases=[KIT])
def reduced(e, D, shape, window):
    Y = e.integers(D, *shape)
    looped = [pooled(one, shape, window, loops.largest) for one in Y.tolist()]
    return Sides(truth=(len(looped), len(looped[0]), len(looped[0][0])),
                 printed=matrices(Y, window, Max()).shape,
                 wrong={"maps pooled as well": (D // 2, *(n // p for n, p in
                                                          zip(shape, window, strict=True)))})


@lecture.claim("s91b", "definition", "Windows do not overlap, and each gives one value",
               r"\text{windows}\;a\times b,\;\text{steps}\;a,b", cases=[KIT],
               reason="sizes that the window divides; the slide is silent on a rest",
               source_kind="words")
def no_overlap(e, D, shape, window):
    omega = regions(shape, window)
    covered = sorted(p for one in lists(shape, window) for p in one)
    steps_of_one = Windows(shape, window)
    return Sides(truth=(covered, len(lists(shape, window))),
                 printed=(sorted(omega.order.tolist()), omega.P_prime),
                 wrong={"steps of one": (sorted(steps_of_one.indices.ravel().tolist()),
                                         steps_of_one.P),
                        "a value for every entry": (sorted(omega.order.tolist()), omega.P)}, show={"T": regions((2, 6), (2, 3)).matrix})


@lecture.claim("s93a", "identity", "Maps are pooled one by one", r"I\otimes A",
               cases=[{"D": 2, "shape": (2, 6), "window": (2, 3)}], source_kind="words")
def one_by_one(e, D, shape, window):
    Y = e.symbols("Y", D, *shape)
    truth = [[[v * 6 for v in row] for row in pooled(one, shape, window, loops.mean)]
             for one in Y.tolist()]
    A = matrix_of(lambda one: 6 * matrices(one, window, Mean()), shape).round().astype(int)
    out = np.kron(np.eye(D, dtype=int), A) @ np.concatenate([vec(one) for one in Y])
    size = [n // p for n, p in zip(shape, window, strict=True)]
    maps = np.stack([unvec(one, size) for one in out.reshape(D, -1)])
    return Sides(truth=truth, printed=maps, wrong={"summed over maps": np.stack([maps.sum(0)] * D),
                                                   "maps exchanged": maps[::-1]}, show={"6 A": A})


@lecture.claim("s93b/size", "example", "Four output maps, each unit from its own window",
               r"m_1^{(l)}=4", cases=[KIT])
def four(e, D, shape, window):
    Y = e.integers(D, *shape)
    return Sides(truth=([pooled(one, shape, window, loops.largest) for one in Y.tolist()], 4),
                 printed=(matrices(Y, window, Max()), len(matrices(Y, window, Max()))),
                 wrong={"four units in all": (matrices(Y, (4, 9), Max()), 4),
                        "the smallest": (-matrices(-Y, window, Max()), 4)})


@lecture.claim("s94a", "identity", "Average pooling is a box filter, then skipped",
               r"P_A=S(\mathrm{box}*Y)S^{\mathsf T}", cases=[ONE, {**ONE, "shape": (4, 9)}],
               source_kind="words")
def boxcar(e, D, shape, window):
    Y = e.symbols("Y", *shape)
    truth = pooled(Y.tolist(), shape, window, loops.mean)
    sums = correlate_image(Y, np.ones(window, dtype=object), padding="valid")
    n = round(1 / box(window)[0, 0])
    return Sides(truth=truth, printed=subsample(sums, window) / n,
                 wrong={"sums": subsample(sums, window),
                        "steps exchanged": subsample(sums, window[::-1]) / n})


@lecture.claim("s94b", "identity", "Average pooling as matrices on both sides",
               r"A\,Y\,B^{\mathsf T}", cases=[ONE, {**ONE, "shape": (4, 9)}], source_kind="own")
def both(e, D, shape, window):
    Y = e.integers(*shape).astype(object)
    A, B = (average(n, p, exact=True) for n, p in zip(shape, window, strict=True))
    truth = pooled((Y * Fraction(1)).tolist(), shape, window, loops.mean)
    mixed = A[:, np.arange(shape[0]).reshape(window[0], -1).T.ravel()]
    return Sides(truth=truth, printed=both_sides(A, Y, B),
                 wrong={"rows interleaved": both_sides(mixed, Y, B)},
                 show={"2 A": (2 * A).astype(int), "3 B": (3 * B).astype(int)})


@lecture.claim("s94c", "gradient", "Average pooling backwards", r"A^{\mathsf T}\delta B",
               cases=[ONE], source_kind="own")
def average_back(e, D, shape, window):
    size = [n // p for n, p in zip(shape, window, strict=True)]
    Y, delta = e.integers(*shape), e.symbols("delta", *size)

    def loss(one):                                       # six times it, to stay with whole numbers
        return inner(pooled(one, shape, window, sum), delta.tolist())

    A, B = (np.kron(np.eye(n // p, dtype=int), np.ones((1, p), dtype=int))
            for n, p in zip(shape, window, strict=True))
    omega = regions(shape, window)
    shares = upv(vec(delta), Mean().gradient_vectors(vec(Y.astype(object)), omega) * 6, omega)
    shares = unvec(omega.permute_sharp(shares), shape)
    return Sides(truth=(e.gradient(loss, Y), e.gradient(loss, Y)),
                 printed=(both_sides(A.T, delta, B.T), shares),
                 wrong={"1/6 left out": (6 * both_sides(A.T, delta, B.T), shares)})


@lecture.claim("s95a", "definition", "Max pooling", r"P_M:\;\max_{q\in L_p}y_q", cases=[KIT],
               source_kind="words")
def largest(e, D, shape, window):
    Y = e.integers(D, *shape)
    have = matrices(Y, window, Max())
    return Sides(truth=[pooled(one, shape, window, lambda v: sorted(v)[-1]) for one in Y.tolist()],
                 printed=have, wrong={"of the sizes": matrices(np.abs(Y), window, Max()),
                                      "smallest": -matrices(-Y, window, Max())})


@lecture.claim("s95b", "gradient", "Max pooling backwards: to the place of the maximum",
               r"\delta\;\text{at the largest entry}", cases=[ONE], reason="ties are left open",
               source_kind="own")
def largest_back(e, D, shape, window):
    # the ranks of random numbers: whole, and no two are equal
    Y = np.argsort(e.floats(int(np.prod(shape)))).reshape(shape)
    size = [n // p for n, p in zip(shape, window, strict=True)]
    delta = e.symbols("delta", *size)

    def loss(one):
        return inner(pooled(one, shape, window, loops.largest), delta.tolist())

    omega = regions(shape, window)

    def back(g):
        return unvec(omega.permute_sharp(upv(vec(delta), g, omega)), shape)

    return Sides(truth=e.gradient(loss, Y), printed=back(Max().gradient_vectors(vec(Y), omega)),
                 wrong={"spread evenly": back(np.ones(Y.size, dtype=int)),
                        "first of the window": back(np.tile([1, 0, 0, 0, 0, 0], omega.P_prime))})
