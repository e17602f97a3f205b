"""Slides 83 to 89: subsampling, pyramids, projections, skipping factors."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Regions, Windows, loops, vec
from cnnmat.derivations.mendez.conventions import BAND, NOISE, RANK, SKIP, TAPS
from cnnmat.derivations.mendez.setting import correlate_inside, lecture
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import convolve_image, correlate_image
from cnnmat.textbook.pooling import Max
from cnnmat.textbook.subsampling import (
    both_sides,
    pyramid,
    pyramid_level,
    subsample,
    subsampling,
    toeplitz,
)
from cnnmat.textbook.vec import apply, carrier
from cnnmat.verify import Sides


@lecture.claim("s83a", "identity", "Averages and maxima are robust to noise and small distortion",
               r"\operatorname{var}\Bigl(\sum_hw_hx_h\Bigr)=v\sum_hw_h^2",
               cases=[{"window": (3, 3)}, {"window": (2, 3)}],
               reason="plain skipping has Σw² = 1 and gains nothing", source_kind="words", assumes=NOISE)
def robust(e, window):
    n = window[0] * window[1]
    b = 7 * n
    slopes = e.gradient(lambda x: loops.mean([v for row in x for v in row]),
                        np.full(window, Fraction(1), dtype=object))
    moved = [loops.largest([b if k == at else 1 for k in range(n)]) for at in range(n)]
    omega = Regions([list(range(n))], n)
    same = [int(Max()(np.where(np.arange(n) == at, b, 1), omega)[0]) for at in range(n)]
    return Sides(truth=(sum(s * s for s in slopes.ravel()), moved), printed=(Fraction(1, n), same),
                 wrong={"as one row of the window": (Fraction(1, window[1]), same),
                        "skipping": (1, same)})


@lecture.claim("s83b", "identity", "Subsampling by skipping, or together with pooling",
               r"\text{strided convolution}=\text{convolution, then skipping}",
               cases=[{"image": (4, 5), "kernel": (3, 2), "steps": (1, 2)},
                      {"image": (6, 7), "kernel": (3, 5), "steps": (2, 3)}], source_kind="words")
def strided(e, image, kernel, steps):
    Y, K = e.integers(*image), e.integers(*kernel)
    truth = loops.correlate([[Y.tolist()]], [[K.tolist()]], [0], list(steps), [(0, 0), (0, 0)],
                            [1, 1], 1)[0][0]
    whole = correlate_image(Y, K, padding="valid")
    return Sides(truth=truth, printed=subsample(whole, steps),
                 wrong={"steps exchanged": subsample(whole, steps[::-1]),
                        "one column on": subsample(np.roll(whole, -1, 1), steps),
                        "skipping first": lambda: correlate_image(subsample(Y, steps), K)})


lecture.remark("slide 85", "SURF and SIFT are named only")


@lecture.claim("s84a", "identity", "The subsampling layer acts as a pyramid without a filter",
               r"S\,Y\,S^{\mathsf T}=P\,Y\,P^{\mathsf T},\;h=(1)", cases=[{"shape": (3, 4)}],
               source_kind="words")
def as_pyramid(e, shape):
    Y, one = e.symbols("Y", *shape), np.array([1], dtype=object)
    return Sides(truth=loops.subsample(Y.tolist(), (2, 2)), printed=pyramid(Y, one, 1)[1],
                 wrong={"with a filter": pyramid(Y, [0, 1, 1], 1)[1],
                        "steps of three": lambda: pyramid(Y, one, 1, step=3)[1]})


@lecture.claim("s85a", "identity", "A pyramid attenuates noise",
               r"\operatorname{var}(Px)=v\,\mathrm{diag}(PP^{\mathsf T})", cases=[{"N": 9}],
               reason="h = (1,2,1)/4 keeps 6/16 of the variance, inside", source_kind="words",
               assumes=NOISE)
def less_noise(e, N):
    h = [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4)]
    units = [[int(k == m) for k in range(N)] for m in range(N)]
    responses = [loops.smooth_and_skip(unit, h, 2) for unit in units]
    truth = [sum(one[r] * one[r] for one in responses) for r in range(1, len(responses[0]) - 1)]
    P = pyramid_level(N, np.array(h, dtype=object))
    variance = (P @ P.T).diagonal()[1:-1]
    return Sides(truth=truth, printed=variance, show={"4 P": (4 * P).astype(int)},
                 wrong={"skipping only": variance * 0 + 1, "weights not squared": P.sum(axis=1)[1:-1]})


@lecture.claim("s85b/size", "dimension", "The levels of a pyramid see the image at several scales",
               r"2^{k+1}-1\;\text{pixels at level}\;k", cases=[{"N": 33, "levels": 3}],
               covers="for three taps, away from the border", source_kind="own")
def scales(e, N, levels):
    units, counted = [[int(k == m) for k in range(N)] for m in range(N)], []
    for _ in range(levels + 1):
        middle = len(units[0]) // 2
        counted.append(sum(1 for one in units if one[middle] != 0))
        units = [loops.smooth_and_skip(one, [1, 1, 1], 2) for one in units]
    P, seen = np.eye(N, dtype=int), [1]
    for _ in range(levels):
        P = pyramid_level(len(P), [1, 1, 1]) @ P
        seen.append(int(np.count_nonzero(P[len(P) // 2])))
    rule = [2 ** (k + 1) - 1 for k in range(levels + 1)]
    return Sides(truth=(counted, counted), printed=(seen, rule), wrong={
        "2^k": (seen, [2**k for k in range(levels + 1)]),
        "2k + 1": (seen, [2 * k + 1 for k in range(levels + 1)])})


@lecture.claim(
    "s86a", "identity", "A projection has the p_k as rows, not as columns",
    r"a=PI,\;P=\begin{bmatrix}p_0&p_1&\cdots&p_{M-1}\end{bmatrix}", expect="misprint",
    corrected_formula=r"a=PI,\;P={\begin{bmatrix}p_0&p_1&\cdots&p_{M-1}\end{bmatrix}}^{\mathsf T}",
    reason="with the p_k as columns P is N x M and PI does not conform unless M = N; the P of slide "
           "88 has its vectors as rows. Both complete builds. Invisible for a symmetric P",
    cases=[{"M": 2, "N": 2}, {"M": 2, "N": 3}])
def projection(e, M, N):
    p, image = e.symbols("p", M, N), e.symbols("I", N)
    P = np.stack(list(p), axis=1)                         # columns p_0, ..., p_{M-1}
    return Sides(truth=[loops.dot(p.tolist()[k], image.tolist()) for k in range(M)],
                 printed=lambda: P @ image, corrected=P.T @ image,
                 wrong={"rows in reverse": p[::-1] @ image}, show={"P": p})


@lecture.claim("s86b/size", "dimension", "How many coefficients",
               r"a=\begin{bmatrix}a_0&a_1&\cdots&a_{M-1}\end{bmatrix}\in\mathbb{R}^M",
               cases=[{"M": 2, "N": 3}], reason="as a list; as a matrix PI is a column")
def coefficients(e, M, N):
    p, image = e.symbols("p", M, N), e.symbols("I", N)
    return Sides(truth=len(loops.times(p.tolist(), image.tolist())), printed=(p @ image).size,
                 wrong={"N": N})


@lecture.claim(
    "s86c", "definition", "Upright bars around the projection vectors",
    r"P=|\mathbf{p}_0\ \mathbf{p}_1\ \cdots\ \mathbf{p}_{M-1}|", expect="scan",
    corrected_formula=r"P=\begin{bmatrix}p_0&p_1&\cdots&p_{M-1}\end{bmatrix}",
    reason="the last build of the slide has brackets, other builds broken commands in their place; "
           "as a determinant P would be one number", cases=[{"N": 2}])
def bars(e, N):
    p, image = e.symbols("p", N, N), e.symbols("I", N)
    determinant = p[0, 0] * p[1, 1] - p[0, 1] * p[1, 0]
    bracket = np.stack(list(p), axis=1)
    return Sides(truth=[loops.dot(p.tolist()[k], image.tolist()) for k in range(N)],
                 printed=image * determinant, corrected=p @ image, elsewhere=bracket.T @ image,
                 wrong={"a sum": image * sum(p.ravel())})


def rank(matrix):
    """The number of independent rows, by elimination in fractions."""
    rows, found = [[Fraction(int(v)) for v in row] for row in matrix], 0
    for column in range(len(rows[0])):
        pivot = next((r for r in range(found, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[found], rows[pivot] = rows[pivot], rows[found]
        for r in range(found + 1, len(rows)):
            factor = rows[r][column] / rows[found][column]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[found], strict=True)]
        found += 1
    return found


def left_open(P):
    """How many dimensions of the image, and of the coefficients, P leaves open."""
    return len(P[0]) - rank(P), len(P) - rank(P)


@table(lecture.claim, kind="definition",
       reason="which of image and coefficients has dimensions left over; a square P of lower rank loses "
              "some too")
def sampled(e, P, printed, wrong):
    return Sides(truth=left_open(P), printed=printed, wrong=wrong, show={"P": np.array(P)})


sampled("s87a", "M = N: critically sampled", r"M=N", [[1, 1], [0, 1]], printed=(0, 0),
        wrong={"any square P recovers": left_open([[1, 1], [1, 1]])}, assumes=RANK)
sampled("s87b", "N < M: over-sampled", r"N<M", [[1, 2], [3, 4], [5, 7]], printed=(0, 1),
        wrong={"under-sampled": (1, 0)}, assumes=RANK)
sampled("s87c", "M < N: under-sampled", r"M<N", [[1, 2, 4], [3, 5, 8]], printed=(1, 0),
        wrong={"over-sampled": (0, 1)}, assumes=RANK)


@lecture.claim("s88a", "definition", "The down-sampling matrix", SKIP, cases=[{"N": 6}, {"N": 7}])
def down(e, N):
    x, S = e.symbols("x", N), subsampling(N)
    dense = S.toarray().astype(object)
    kept = [x.tolist()[k] for k in range(N) if k % 2 == 0]
    return Sides(truth=(kept, loops.product(np.eye(len(kept), dtype=int).tolist(),
                                            np.eye(len(kept), dtype=int).tolist())),
                 printed=(dense @ x, dense @ dense.T),
                 wrong={"rows e_2, e_4": (x[1::2], dense @ dense.T),
                        "twice as coarse": (subsampling(N, 4).toarray().astype(object) @ x, 1)},
                 show={"S": S})


@lecture.claim("s88b", "definition", "The filter as a Toeplitz matrix", BAND,
               cases=[{"N": 5, "taps": 3}, {"N": 7, "taps": 5},
                                                                        {"N": 6, "taps": 3, "numbers": True}],
               reason="T transposed correlates", assumes=TAPS)
def filter_matrix(e, N, taps, numbers=False):
    x, h = (e.integers(N), e.integers(taps)) if numbers else (e.symbols("x", N), e.symbols("h", taps))
    T = toeplitz(h, N)
    turned = h.tolist()[::-1]
    return Sides(truth=(loops.smooth_and_skip(x.tolist(), h.tolist(), 1),
                        loops.smooth_and_skip(x.tolist(), turned, 1)), printed=(T @ x, T.T @ x),
                 wrong={"h_{c-r}": (T.T @ x, T @ x)}, show={"T": T})


@lecture.claim("s88c", "identity", "One level of the pyramid: filter, then skip",
               r"I_{k+1}=PI_k=" + SKIP + BAND + "I_k",
               cases=[{"N": 7, "taps": 3}, {"N": 8, "taps": 5}],
               rewritten=r"I_{k+1}=PI_k=S\,T\,I_k", assumes=TAPS)
def level(e, N, taps):
    x, h = e.symbols("x", N), e.symbols("h", taps)
    S = subsampling(N)
    small = toeplitz(h, S.shape[0])
    P = carrier(S, h) @ toeplitz(h, N)
    return Sides(truth=loops.smooth_and_skip(x.tolist(), h.tolist(), 2),
                 printed=pyramid(x, h, 1)[1], wrong={"skip, then filter": small @ apply(S, x),
                                                     "T transposed": carrier(S, h)
                                                     @ toeplitz(h, N).T @ x}, show={"P": P})


@lecture.claim("s88d", "identity", "In two dimensions, with a separable kernel",
               r"I_{k+1}=S_HT_H\,I_k\,T_W^{\mathsf T}S_W^{\mathsf T}", cases=[{"shape": (3, 4)}],
               source_kind="words", assumes=TAPS)
def separable(e, shape):
    image, h = e.symbols("I", *shape), e.symbols("h", 3)
    kernel = [[a * b for b in h.tolist()] for a in h.tolist()]
    full = [[loops.convolve_at(image.tolist(), kernel, r, c) for c in range(shape[1])]
            for r in range(shape[0])]
    S, T = carrier(subsampling(shape[0]), h), toeplitz(h, shape[0])
    added = subsample(convolve_image(image, h[:, None] + h[None, :]))
    return Sides(truth=loops.subsample(full, (2, 2)), printed=pyramid(image, h, 1)[1],
                 wrong={"the kernel h + h": added,
                        "one S and T for both sides": lambda: S @ T @ image @ T.T @ S.T})


@lecture.claim("s88e/size", "dimension", "The series of images",
               r"I_k:\;\lceil N/2^k\rceil,\;k\le T", cases=[{"N": 13, "T": 4}],
               reason="T + 1 images of ⌈N/2⌉ each", source_kind="consequence")
def series(e, N, T):
    lengths = [N]
    for _ in range(T):
        lengths.append(len(range(0, lengths[-1], 2)))
    have = [one.size for one in pyramid(e.integers(N), [1, 2, 1], T)]
    floor = [N >> k for k in range(T + 1)]
    return Sides(truth=lengths, printed=have, wrong={"rounded down": floor, "T images": have[:-1]})


SKIPPED = r"m_2^{(l)}=\frac{m_2^{(l-1)}-2h_1^{(l)}}{s_1^{(l)}+1},\;" \
          r"m_3^{(l)}=\frac{m_3^{(l-1)}-2h_2^{(l)}}{s_2^{(l)}+1}"


@lecture.claim(
    "s89a/size", "dimension", "Size of a map with skipping factors", SKIPPED, expect="misprint",
    corrected_formula=r"m_2^{(l)}=\left\lceil\frac{m_2^{(l-1)}-2h_1^{(l)}}{s_1^{(l)}+1}\right\rceil",
    reason="the first place is kept, so that a remainder counts as one place more; right as printed "
           "where s+1 divides. Slide 88's own S keeps 3 of 5. Both builds",
    cases=[{"m": (4, 6), "h": (0, 1), "s": (1, 1)}, {"m": (3, 5), "h": (0, 1), "s": (1, 1)},
           {"m": (8, 7), "h": (1, 1), "s": (3, 2)}])
def size_skipped(e, m, h, s):
    inside = [a - 2 * b for a, b in zip(m, h, strict=True)]
    counted = [sum(1 for r in range(b, a - b) if (r - b) % (step + 1) == 0)
               for a, b, step in zip(m, h, s, strict=True)]
    windows = Windows(m, tuple(2 * b + 1 for b in h), tuple(step + 1 for step in s))
    return Sides(truth=counted, printed=[Fraction(a, b + 1) for a, b in zip(inside, s, strict=True)],
                 corrected=windows.output,
                 wrong={"rounded down": [a // (b + 1) for a, b in zip(inside, s, strict=True)],
                        "step s": [-(-a // b) for a, b in zip(inside, s, strict=True)]})


@lecture.claim("s89b", "definition", "A skipping factor s leaves out s pixels: a step of s + 1",
               r"x_0,\;x_{s+1},\;x_{2(s+1)},\;\dots", cases=[{"n": 6, "s": 1}, {"n": 11, "s": 3}],
               source_kind="words")
def skipping_factor(e, n, s):
    x = e.symbols("x", n)
    kept, left_out = [], s
    for value in x.tolist():
        if left_out == s:
            kept, left_out = [*kept, value], 0
        else:
            left_out += 1
    return Sides(truth=kept, printed=apply(subsampling(n, s + 1), x),
                 wrong={"step s": apply(subsampling(n, s), x),
                        "kept from the end": x[(n - 1) % (s + 1)::s + 1]},
                 show={"S": subsampling(n, s + 1)})


@lecture.claim("s89c", "identity", "Skipping while summing is taking rows out of V",
               r"Y_{\mathrm{skipped}}=S_H\,Y\,S_W^{\mathsf T}",
               cases=[{"image": (6, 7), "kernel": (3, 5), "steps": (2, 3)}], source_kind="own")
def rows_out(e, image, kernel, steps):
    Y, K = e.integers(*image), e.integers(*kernel)
    whole = correlate_inside(Y.tolist(), K.tolist())
    V = Partition(Windows(image, kernel, steps))
    left, right = (subsampling(n, step) for n, step in zip((4, 3), steps, strict=True))
    truth = loops.subsample(whole, steps)
    strided = (V.columns(vec(Y)).T @ vec(K)).reshape(len(truth[0]), -1).T
    return Sides(truth=(truth, truth), printed=(strided, both_sides(left, np.array(whole), right)),
                 wrong={"steps exchanged": (strided, subsample(np.array(whole), steps[::-1])),
                        "one column on": (strided, subsample(np.roll(whole, -1, 1), steps))},
                 show={"S_H": left, "S_W": right})
