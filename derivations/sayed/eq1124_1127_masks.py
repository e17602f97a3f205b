"""Patches and masks, and their correlation, (47.1124) to (47.1127)."""

import numpy as np

from cnnmat import Partition, correlate_image, flip, loops, reversed_identity, unvec, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import GENERIC, bmatrix, product
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides

PATCHES = [{"shape": (3, 3)}, {"shape": (3, 5)}]
CROSSES = [[r"\times"] * 3] * 3
BOXED = [CROSSES[0], [r"\times", r"\boxed{\times}", r"\times"], CROSSES[0]]


@lecture.claim(
    "47.1124", "definition", "Patch and mask are drawn 3 x 3 with the centre in the box",
    rf"\mathcal{{H}}={bmatrix(CROSSES)},\quad\mathcal{{W}}={bmatrix(BOXED)}")
def drawn_mask(e):
    k = list(range(-1, 1 + 1))
    box = [[int((a, b) == (0, 0)) for b in k] for a in k]
    return Sides(truth=(len(k), box), printed=(3, [[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
                 wrong={"the box at place K": (3, [[1, 0, 0], [0, 0, 0], [0, 0, 0]]),
                        "the box one column on": (3, [[0, 0, 0], [0, 0, 1], [0, 0, 0]])})


@lecture.claim(
    "47.1124/size", "dimension", "Patch and mask have 2K+1 rows and as many columns",
    r"(2K+1)\times(2K+1)", cases=[{"K": K} for K in range(4)])
def size_of_mask(e, K):
    count = sum(1 for _ in range(-K, K + 1))
    return Sides(truth=(count, count), printed=(2 * K + 1, 2 * K + 1),
                 wrong={"2K": (2 * K, 2 * K), "K": (K, K)})


@lecture.claim(
    "47.1124/range255", "dimension", "Grey levels from 0 to 255 are those of one byte",
    r"[0,255]")
def grey_levels(e):
    levels = [int("".join(bits), 2) for bits in (format(n, "08b") for n in range(2**8))]
    return Sides(truth=(min(levels), max(levels), len(set(levels))),
                 printed=(int(np.iinfo(np.uint8).min), int(np.iinfo(np.uint8).max), 255 - 0 + 1),
                 wrong={"255 levels": (0, 255, 255)})


@lecture.claim(
    "47.1124/connections", "dimension", "A layer has more connections than parameters to train",
    r"P(S+1)>S+1", cases=[{"lists": GENERIC, "M": 7}], source_kind="words")
def more_connections(e, lists, M):
    connections = sum(1 for one in lists for _ in (*one, "bias"))
    parameters = sum(1 for _ in (*lists[0], "bias"))
    v = Partition(lists, M)
    return Sides(truth=(connections, parameters), printed=(v.P * (v.S + 1), v.S + 1),
                 wrong={"one bias for all units": (v.P * v.S + 1, v.S + 1)})


@lecture.claim(
    "47.1125", "definition", "Rows and columns of a mask are numbered from its centre",
    r"k,\ell=-K,\dots,-2,-1,0,1,2,\dots,K")
def index_range(e):
    K = 2
    W = e.symbols("W", 2 * K + 1)
    turned = [W[k + K] for k in (2, 1, 0, -1, -2)]
    return Sides(truth=turned, printed=[W[-k + K] for k in (-2, -1, 0, 1, 2)],
                 wrong={"from -K to K-1": [W[-k + K] for k in range(-K, K)],
                        "from K down to -K": [W[k + K] for k in (-2, -1, 0, 1, 2)]})


@lecture.claim(
    "fig47.81", "dimension", "The mask's index (0, 0) is its middle, the image has L² pixels",
    r"r,c=1,2,\dots,L,\quad k,\ell=-K,\dots,0,\dots,K", cases=[{"image": (4, 5), "K": (1, 2)}])
def centre(e, image, K):
    image = e.symbols("I", *image)

    def filtered(*place):
        mask = np.zeros((2 * K[0] + 1, 2 * K[1] + 1), dtype=object)
        mask[place] = 1
        return correlate_image(image, mask)

    # a mask that is 1 at (0, 0) and 0 elsewhere leaves the image as it is
    rows, columns = image.shape
    return Sides(truth=(image, sum(1 for _ in loops.cells(image.shape))),
                 printed=(filtered(*K), rows * columns),
                 wrong={"the centre one row and column before": (
                     filtered(K[0] - 1, K[1] - 1), rows * columns)})


@table(lecture.claim, kind="identity", cases=PATCHES)
def correlation_of_a_patch(e, forms, wrong, shape):
    """The forms in which a line has the correlation of a patch H with a mask W."""
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    truth = loops.correlate_at(H.tolist(), W.tolist(), shape[0] // 2, shape[1] // 2)
    return Sides(truth=[truth] * len(forms), printed=[form(H, W) for form in forms],
                 wrong={name: [form(H, W)] * len(forms) for name, form in wrong.items()})


def at_the_centre(H, W):
    return correlate_image(H, W, padding=0)[0, 0]


correlation_of_a_patch(
    "47.1126", "A correlation is the inner product of the stacked patch and mask",
    r"\mathrm{corr}(\mathcal{H},\mathcal{W})\triangleq\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}"
    r"\mathcal{H}(k,\ell)\mathcal{W}(k,\ell)=(\mathrm{vec}(\mathcal{H}))^T\mathrm{vec}(\mathcal{W})"
    r"\triangleq h^Tw",
    [lambda H, W: vec(H) @ vec(W)],
    wrong={"the mask stacked by rows": lambda H, W: vec(H) @ vec(W.T),
           "the mask flipped": lambda H, W: vec(H) @ vec(flip(W))})
correlation_of_a_patch(
    "47.1126a", "Correlating a patch: products of equal places, summed",
    r"\mathrm{corr}(\mathcal{H},\mathcal{W})\triangleq\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}"
    r"\mathcal{H}(k,\ell)\mathcal{W}(k,\ell)",
    [at_the_centre, lambda H, W: at_the_centre(W, H)],
    wrong={"a convolution": lambda H, W: at_the_centre(H, flip(W))}, kind="definition")
correlation_of_a_patch(
    "47.1126b", "A correlation from stacked patch and mask",
    r"(\mathrm{vec}(\mathcal{H}))^T\mathrm{vec}(\mathcal{W})", [lambda H, W: vec(H) @ vec(W)],
    wrong={"one of the two stacked by rows": lambda H, W: vec(H) @ vec(W.T)})


@lecture.claim(
    "47.1126c", "definition", "In short the inner product of h and w, a number",
    r"h^Tw", cases=PATCHES)
def inner_product(e, shape):
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    h, w = vec(H)[:, None], vec(W)[:, None]
    return Sides(truth=[[loops.dot(loops.vec(H.tolist()), loops.vec(W.tolist()))]],
                 printed=h.T @ w, wrong={"the outer product": h @ w.T,
                                          "the mask stacked by rows": h.T @ vec(W.T)[:, None]})


@table(lecture.claim, kind="definition", cases=[{"shape": (1, 1)}, *PATCHES])
def stacked(e, letter, shape):
    X = e.symbols(letter, *shape)
    entries = {j * shape[0] + i: X[i, j] for i, j in np.ndindex(*shape)}
    return Sides(truth=[entries[k] for k in range(X.size)], printed=vec(X),
                 wrong={"by rows": X.ravel(), "2K+1 entries": vec(X)[:shape[0]]})


stacked("47.1127a", "The patch stacked column by column, (2K+1)² entries",
        r"h\triangleq\mathrm{vec}(\mathcal{H})\in\mathbb{R}^{(2K+1)^2}", "H")
stacked("47.1127b", "The mask stacked column by column, (2K+1)² entries",
        r"w\triangleq\mathrm{vec}(\mathcal{W})\in\mathbb{R}^{(2K+1)^2}", "W")


@lecture.claim(
    "47.1127/rectangular", "dimension", "Patches and masks that are not square do as well",
    r"\mathrm{vec}:\;A\times B\to AB\times 1", cases=[{"image": (3, 4), "mask": (3, 5)}],
    reason="a rectangular mask takes reversed identities of three sizes in (47.1138)",
    source_kind="words")
def rectangular(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    rows, columns = (reversed_identity(n) for n in mask)
    return Sides(truth=(loops.filter_image(image.tolist(), W.tolist()), loops.flip(W.tolist()),
                        loops.vec(loops.flip(W.tolist()))),
                 printed=(correlate_image(image, W), product(rows, W, columns),
                          product(reversed_identity(W.size), vec(W))),
                 wrong={"one reversed identity on both sides": lambda: (
                     correlate_image(image, W), product(rows, W, rows), vec(flip(W))),
                     "the mask not flipped": (correlate_image(image, W), W, vec(W))})


@lecture.claim(
    "fig47.82", "dimension", "vec puts column under column and makes A² rows of A x A",
    r"A\times A,\quad A^2\times 1", cases=[{"shape": (2, 2)}, {"shape": (3, 5)}])
def vec_by_columns(e, shape):
    X = e.symbols("X", *shape)
    return Sides(truth=(loops.vec(X.tolist()), X), printed=(vec(X), unvec(vec(X), shape)),
                 wrong={"row under row": (X.ravel(), X)}, show={"vec of 1 2; 3 4": vec([[1, 2], [3, 4]])})
