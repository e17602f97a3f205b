"""Mean and max pooling of images, (47.1168) to (47.1175)."""

from fractions import Fraction

import numpy as np

from cnnmat import Regions, Windows, box, correlate_image, loops
from cnnmat.derivations.sayed.notation_pooling import EXAMPLE
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.derivations.sayed.shapes import basis, digits, gradient_matrix, pooled, tiled
from cnnmat.derivations.tables import table
from cnnmat.textbook.masks import unit
from cnnmat.textbook.pooling import Correlation, Max, Mean, Subsample
from cnnmat.verify import Sides
from cnnmat.verify.duals import Dual

IMAGE = [{"image": (3, 6), "B": 1}, {"image": (2, 3), "B": 0}]


def side(B):
    """The window of (2B+1) x (2B+1) entries."""
    return (2 * B + 1,) * 2


@lecture.claim(
    "47.1168", "dimension", "Pooling makes one entry of each region",
    r"y_n^{(d)}(P\times 1)\xrightarrow{\text{pooling}}t_n^{(d)}(P'\times 1)",
    cases=[{"omega": ((0,), (1, 2), (3, 4, 5, 6)), "P": 7}, {"omega": FIGURE_95, "P": 12}])
def sizes(e, omega, P):
    y = e.symbols("y", P)
    t = loops.pool(y.tolist(), omega, loops.mean)
    pooled_y = Mean()(y, Regions(omega, P))
    return Sides(truth=(len(y), len(t), t), printed=(P, len(omega), pooled_y),
                 wrong={"an entry for each of y": (P, P, [*pooled_y] * P),
                        "P over the size of the first": (P, P // len(omega[0]), pooled_y)})


@lecture.claim(
    "47.1168/window", "algorithm", "Windows of 3 x 3 side by side, each replaced by a number",
    r"3\times 3", cases=[{"image": (6, 9)}], covers="sides that 3 divides")
def side_by_side(e, image):
    y = e.integers(*image)
    once = [[1] * image[1] for _ in range(image[0])]
    met = dict.fromkeys(loops.cells(image), 0)
    for r in range(image[0] // 3):
        for c in range(image[1] // 3):
            for k, l in loops.cells((3, 3)):
                met[3 * r + k, 3 * c + l] += 1
    truth = [[met[r, c] for c in range(image[1])] for r in range(image[0])]
    sliding = np.bincount(Windows(image, 3).indices.ravel()).reshape(image[::-1]).T
    reduced = pooled(Max(), y, (3, 3))
    return Sides(truth=(truth, tiled(loops.largest, y, (3, 3))), printed=(once, reduced),
                 wrong={"moved by one": (sliding, reduced)})


@lecture.claim("fig47.90", "dimension", "The reduced map has a pixel for each window",
               r"6\times 9\to 2\times 3", cases=[{"image": (6, 9)}, {"image": (3, 12)}],
               source_kind="words")
def reduced_size(e, image):
    rows, columns = (loops.count_windows(n, 3, 3) for n in image)
    return Sides(truth=((rows, columns),) * 2, printed=(
        (image[0] // 3, image[1] // 3), pooled(Max(), np.zeros(image), (3, 3)).shape),
        wrong={"moved by one": ((image[0] - 2, image[1] - 2),) * 2})


@lecture.claim(
    "47.1169", "definition", "Mean pooling: the average over the window",
    r"t(r,c)=\frac{1}{(2B+1)^2}\sum_{k=-B}^{B}\sum_{\ell=-B}^{B}\mathcal{H}_{r,c}(k,\ell)", cases=IMAGE)
def mean_pooling(e, image, B):
    y = e.symbols("y", *image)
    t = pooled(Mean(), y, side(B))
    sums = pooled(Correlation(np.ones((2 * B + 1) ** 2, dtype=int)), y, side(B))
    return Sides(truth=(tiled(loops.mean, y, side(B)),) * 2,
                 printed=(t, sums * Fraction(1, (2 * B + 1) ** 2)),
                 wrong={"1/(2B+1)": (t, sums * Fraction(1, 2 * B + 1)),
                        "1/(2B)²": (t, sums * Fraction(1, max(2 * B, 1) ** 2))})


@lecture.claim(
    "47.1169/location", "dimension", "The windows stand side by side, the first on (1, 1)",
    r"\mathcal{H}_{r,c}\text{ around }((2B+1)(r-1)+B+1,\,(2B+1)(c-1)+B+1)",
    cases=[{"image": (6, 9), "B": 1}],
    reason="the text gives no formula; that windows do not overlap leaves only this one, although "
           "(47.1134) uses the same two indices for a patch centred on (r, c)",
    source_kind="consequence")
def location(e, image, B):
    size = 2 * B + 1
    places = [[loops.place((size * r + B + k, size * c + B + l), image)
               for k in range(-B, B + 1) for l in range(-B, B + 1)]
              for c in range(image[1] // size) for r in range(image[0] // size)]
    tiles = np.sort(Windows(image, size, stride=size).indices)
    return Sides(truth=[sorted(one) for one in places], printed=tiles,
                 wrong={"centred on (r, c)": np.sort(Windows(image, size).indices)[:len(tiles)]})


@lecture.claim(
    "47.1170", "definition", "The mean mask of nine entries",
    r"\mathcal{M}_{\mathrm{mean}}\triangleq\begin{bmatrix}1/9&1/9&1/9\\1/9&1/9&1/9\\1/9&1/9&1/9"
    r"\end{bmatrix}=\frac{1}{3^2}\mathbb{1}\mathbb{1}^T")
def mean_mask(e):
    H, ones = e.symbols("H", 3, 3), np.ones((3, 1), dtype=int)
    # the mask of a linear pooling is its slope by each pixel
    slopes = e.gradient(lambda patch: loops.mean(loops.vec(patch)), H)
    return Sides(truth=(slopes, slopes), printed=([[Fraction(1, 9)] * 3] * 3,
                                                  ones @ ones.T * Fraction(1, 3**2)),
                 wrong={"one over three": ([[Fraction(1, 3)] * 3] * 3, ones @ ones.T * Fraction(1, 3))})


@lecture.claim(
    "47.1170/corr", "identity", "Mean pooling is a correlation with that mask",
    r"t(r,c)=\mathrm{corr}(\mathcal{H}_{r,c},\mathcal{M}_{\mathrm{mean}})", cases=[{"image": (3, 6)}],
    source_kind="words")
def mean_as_correlation(e, image):
    y = e.symbols("y", *image)
    ninth = np.full(9, Fraction(1, 9), dtype=object)
    strided = correlate_image(y, ninth.reshape(3, 3), stride=3, padding=0)
    return Sides(truth=(tiled(loops.mean, y, (3, 3)),) * 2,
                 printed=(pooled(Correlation(ninth), y, (3, 3)), strided),
                 wrong={"windows moved by one": (pooled(Mean(), y, (3, 3)), correlate_image(
                     y, ninth.reshape(3, 3), padding=0)), "a third each": (strided * 3, strided)})


@lecture.claim(
    "47.1171", "definition", "The mean mask in general, equal weights that sum to one",
    r"\mathcal{M}_{\mathrm{mean}}\triangleq\frac{1}{(2B+1)^2}\mathbb{1}\mathbb{1}^T",
    cases=[{"B": 0}, {"B": 1}, {"B": 2}])
def mean_mask_in_general(e, B):
    H, ones = e.integers(*side(B)), np.ones((2 * B + 1, 1))
    slopes = e.gradient(lambda patch: loops.mean(loops.vec(patch)), H)
    printed = ones @ ones.T / (2 * B + 1) ** 2
    return Sides(truth=(slopes, slopes, 1), printed=(printed, box(side(B)), printed.sum()),
                 wrong={"1ᵀ1, a number": (ones.T @ ones / (2 * B + 1) ** 2, box(side(B)), 1),
                        "1/(2B+1)": (printed * (2 * B + 1), box(side(B)), 1)})


@lecture.claim(
    "47.1172", "definition", "Max pooling: the largest entry of the window",
    r"t(r,c)=\max_{-B\le k,\ell\le B}\mathcal{H}_{r,c}(k,\ell)",
    cases=[{"high": 9}, {"high": -1}], covers="windows with negative entries only among them")
def max_pooling(e, high):
    y = e.integers(6, 9, low=-9, high=high)
    t = pooled(Max(), y, (3, 3))
    return Sides(truth=tiled(loops.largest, y, (3, 3)), printed=t,
                 wrong={"largest magnitude": pooled(Max(), abs(y), (3, 3)), "at least 0": np.maximum(t, 0)})


@lecture.claim(
    "47.1173", "definition", "The place of the largest entry, counted from the centre",
    r"(k^o,\ell^o)\triangleq\mathrm{argmax}_{-B\le k,\ell\le B}\mathcal{H}_{r,c}(k,\ell)",
    cases=[{"patch": ((5, 9, 7), (1, -2, -4), (3, 8, 6))}, {"patch": ((1, 2, 3), (4, 5, 9), (7, 8, 6))}])
def place_of_the_largest(e, patch):
    B, H = len(patch) // 2, np.array(patch)
    best = (-B, -B)
    for k in range(-B, B + 1):
        for l in range(-B, B + 1):
            if patch[k + B][l + B] > patch[best[0] + B][best[1] + B]:
                best = (k, l)
    k, l = (np.argwhere(gradient_matrix(Max(), H))[0] - B).tolist()
    return Sides(truth=best, printed=(k, l), wrong={"ℓ before k": (l, k), "counted from 1": (k + 2, l + 2)})


@lecture.claim(
    "47.1173/ties", "gradient", "Of tied entries one is taken",
    r"\mathbb{1}^T\mathcal{G}\mathbb{1}=1\text{ with ties too}", source_kind="own",
    reason="the text is silent on ties, which are common behind a rectifier. Raising all entries by a "
           "raises the maximum by a, so that the slopes sum to 1: a one at every tied place would be "
           "wrong. Any of them will do; cnnmat takes the first",
    cases=[{"patch": ((3, 1), (2, 0))}, {"patch": ((3, 3), (2, 0))}, {"patch": ((0, 0), (0, 0))}])
def ties(e, patch):
    H = np.array(patch)
    raised = loops.largest([Dual(x, {"a": 1}) for row in patch for x in row])
    return Sides(truth=raised.partials["a"], printed=gradient_matrix(Max(), H).sum(),
                 wrong={"a one at each of them": int((H.max() == H).sum()), "none": 0})


@lecture.claim(
    "47.1174", "example", "The mask of a maximum in row 1, column 2",
    r"\mathcal{M}_{\max}\triangleq\begin{bmatrix}0&1&0\\0&0&0\\0&0&0\end{bmatrix}=\begin{bmatrix}1\\0"
    r"\\0\end{bmatrix}\begin{bmatrix}0&1&0\end{bmatrix}\triangleq e_1e_2^T")
def max_mask(e):
    printed, H = digits("010", "000", "000"), np.array(EXAMPLE)
    slopes = e.gradient(lambda patch: loops.largest(loops.vec(patch)), H)
    product = np.array([[1], [0], [0]]) @ np.array([[0, 1, 0]])
    return Sides(truth=(slopes,) * 4, printed=(printed, product, np.outer(basis(1, 3), basis(2, 3)),
                                               unit((3, 3), (0, 1))),
                 wrong={"e_2 e_1ᵀ": (printed, product, np.outer(basis(2, 3), basis(1, 3)),
                                     unit((3, 3), (1, 0)))}, show={"M_max": unit((3, 3), (0, 1))})


@lecture.claim("47.1174/location", "dimension", "The one stands at (1, 2), in the units 1 and 2",
               r"(1,2)")
def place_of_the_one(e):
    places = [(r, c) for r in range(1, 4) for c in range(1, 4) if digits("010", "000", "000")[r - 1][c - 1]]
    at = [[k for k in range(1, 4) if column[k - 1]] for column in ((1, 0, 0), (0, 1, 0))]
    return Sides(truth=(places, at), printed=([(1, 2)], [[1], [2]]),
                 wrong={"column before row": ([(2, 1)], [[2], [1]]),
                        "counted from the centre": ([(-1, 0)], [[-1], [0]])})


@lecture.claim(
    "47.1174/corr", "identity", "Max pooling is a correlation with a mask that the patch decides",
    r"t=\mathrm{corr}(\mathcal{H},\mathcal{M}_{\max})", cases=[{"B": 1}, {"B": 2}],
    source_kind="words")
def max_as_correlation(e, B):
    patches = e.integers(4, *side(B), low=-99, high=99)
    masks = [gradient_matrix(Max(), H) for H in patches]
    return Sides(truth=[loops.largest(loops.vec(H.tolist())) for H in patches],
                 printed=[(H * M).sum() for H, M in zip(patches, masks, strict=True)],
                 wrong={"the first patch's mask for all": [(H * masks[0]).sum() for H in patches]})


PLACES = [{"k": 1, "l": 1}, {"k": -1, "l": 0}, {"k": 0, "l": 1}]


def marked(e, k, l, reduce, shipped):
    """The slopes of `reduce` on a patch that is largest at (k, l), and the shipped matrix."""
    H = e.integers(3, 3, low=-9, high=8)
    H[k + 1, l + 1] = 9
    return (e.gradient(lambda patch: reduce(patch, k, l), H),
            gradient_matrix(shipped((l + 1) * 3 + k + 1), H))


LARGEST = (lambda patch, k, l: loops.largest(loops.vec(patch)), lambda place: Max())
RETAINED = (lambda patch, k, l: patch[k + 1][l + 1], Subsample)


#: What the text has both ways.
FROM_1 = {"k° and ℓ° are counted": "from 1"}


@table(lecture.claim, expect="ambiguous", cases=PLACES, assumes=FROM_1, cites={
           "coordinates from the centre": "(47.1173)",
           "places of the patch": "(47.1174) and (47.1178)"},
       reason="(47.1173) counts k and ℓ from the centre, the examples (47.1174) and (47.1178) from 1. "
              "With coordinates from the centre the literal e_k is another place, or none, for every "
              "patch; cnnmat counts places, from 0. In Python e[-1] would wrap around unnoticed")
def literal_index(e, pick, shipped, k, l):
    slopes, G = marked(e, k, l, pick, shipped)
    eye = np.eye(3, dtype=int)
    return Sides(truth=slopes, readings={
        "coordinates from the centre": np.outer(basis(k, 3), basis(l, 3)), "places of the patch": G},
        wrong={"a negative index that wraps": np.outer(eye[k], eye[l]), "ℓ before k": G.T})


literal_index("47.1175", "The mask of a maximum is a one at its place",
              r"\mathcal{M}_{\max}\triangleq e_{k^o}e_{\ell^o}^T", *LARGEST, kind="definition",
              corrected_formula=r"\mathcal{M}_{\max}\triangleq e_{k^o+B+1}e_{\ell^o+B+1}^T")


lecture.remark("fig47.90/colour", "The caption calls the windows green; before (47.1187) the first one is "
               "called blue. The figure is not part of the text at hand.")
