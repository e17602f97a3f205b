"""Patches, masks and the filtered image, (47.1124) to (47.1134)."""

import numpy as np

from cnnmat import Partition, Windows, correlate_image, flip, loops, reversed_identity, unvec, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import GENERIC, IMAGES, SQUARE, patch_vectors, product
from cnnmat.verify import Sides

PATCHES = [{"shape": (3, 3)}, {"shape": (3, 5)}]


@lecture.claim(
    "47.1124", "definition", "Patch and mask are drawn 3 x 3 with the centre in the box",
    r"\mathcal{H}=[\times]_{3\times 3},\quad\mathcal{W}=[\times]_{3\times 3},\;\text{centre boxed}")
def drawn_mask(e):
    k = list(range(-1, 1 + 1))
    return Sides(truth=(len(k), len(k), k.index(0) + 1, k.index(0) + 1), printed=(3, 3, 2, 2),
                 wrong={"the centre at place K": (3, 3, 1, 1)})


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
    r"P(S+1)>S+1", cases=[{"lists": GENERIC, "M": 7}])
def more_connections(e, lists, M):
    connections = sum(1 for one in lists for _ in (*one, "bias"))
    parameters = sum(1 for _ in (*lists[0], "bias"))
    v = Partition(lists, M)
    return Sides(truth=(connections, parameters), printed=(v.P * (v.S + 1), v.S + 1),
                 wrong={"as many parameters as connections": (v.P * (v.S + 1),) * 2})


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
    r"r,c=1,\dots,L,\quad k,\ell=-K,\dots,0,\dots,K", cases=[{"image": (4, 5), "K": (1, 2)}])
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


@lecture.claim(
    "47.1126", "identity", "A correlation is the inner product of the stacked patch and mask",
    r"\mathrm{corr}(\mathcal{H},\mathcal{W})=\sum_k\sum_\ell\mathcal{H}(k,\ell)\mathcal{W}(k,\ell)"
    r"=(\mathrm{vec}(\mathcal{H}))^{\mathsf T}\mathrm{vec}(\mathcal{W})", cases=PATCHES)
def correlation_is_an_inner_product(e, shape):
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    return Sides(
        truth=loops.correlate_at(H.tolist(), W.tolist(), shape[0] // 2, shape[1] // 2),
        printed=vec(H) @ vec(W),
        wrong={"the mask stacked by rows": vec(H) @ vec(W.T),
               "the mask flipped": vec(H) @ vec(flip(W))})


@lecture.claim(
    "47.1126a", "definition", "Correlating a patch: products of equal places, summed",
    r"\mathrm{corr}(\mathcal{H},\mathcal{W})\triangleq\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}"
    r"\mathcal{H}(k,\ell)\mathcal{W}(k,\ell)", cases=PATCHES)
def correlation_of_a_patch(e, shape):
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    truth = loops.correlate_at(H.tolist(), W.tolist(), shape[0] // 2, shape[1] // 2)
    return Sides(truth=(truth, truth), printed=(correlate_image(H, W, padding=0)[0, 0],
                                                correlate_image(W, H, padding=0)[0, 0]),
                 wrong={"a convolution": (correlate_image(H, flip(W), padding=0)[0, 0],) * 2})


@lecture.claim(
    "47.1126b", "identity", "A correlation from stacked patch and mask, and as a trace",
    r"(\mathrm{vec}(\mathcal{H}))^{\mathsf T}\mathrm{vec}(\mathcal{W})", cases=PATCHES)
def inner_product_of_vecs(e, shape):
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    truth = loops.correlate_at(H.tolist(), W.tolist(), shape[0] // 2, shape[1] // 2)
    return Sides(truth=(truth, truth), printed=(vec(H) @ vec(W), np.trace(H.T @ W)),
                 wrong={"one of the two stacked by rows": (vec(H) @ vec(W.T),) * 2})


@lecture.claim(
    "47.1126c", "definition", "In short the inner product of h and w, a number",
    r"h^{\mathsf T}w", cases=PATCHES)
def inner_product(e, shape):
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    h, w = vec(H)[:, None], vec(W)[:, None]
    return Sides(truth=[[loops.dot(loops.vec(H.tolist()), loops.vec(W.tolist()))]],
                 printed=h.T @ w, wrong={"the outer product": h @ w.T,
                                          "the mask stacked by rows": h.T @ vec(W.T)[:, None]})


def _stacked(letter, id, name):
    @lecture.claim(
        id, "definition", f"The {name} stacked column by column, (2K+1)² entries",
        rf"{letter.lower()}\triangleq\mathrm{{vec}}(\mathcal{{{letter}}})\in\mathbb{{R}}^{{(2K+1)^2}}",
        cases=[{"shape": (1, 1)}, *PATCHES])
    def stacked(e, shape):
        X = e.symbols(letter, *shape)
        entries = [None] * (shape[0] * shape[1])
        for i, j in np.ndindex(*shape):
            entries[j * shape[0] + i] = X[i, j]
        return Sides(truth=entries, printed=vec(X), wrong={"by rows": X.ravel(),
                                                           "2K+1 entries": vec(X)[:shape[0]]})


_stacked("H", "47.1127a", "patch")
_stacked("W", "47.1127b", "mask")


@lecture.claim(
    "47.1127/rectangular", "dimension", "Patches and masks that are not square do as well",
    r"\mathrm{vec}:\;A\times B\to AB\times 1", cases=[{"image": (3, 4), "mask": (3, 5)}],
    reason="a rectangular mask takes reversed identities of three sizes in (47.1138)")
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
    r"A\times A\to A^2\times 1", cases=[{"shape": (2, 2)}, {"shape": (3, 5)}])
def vec_by_columns(e, shape):
    X = e.symbols("X", *shape)
    return Sides(truth=(loops.vec(X.tolist()), X), printed=(vec(X), unvec(vec(X), shape)),
                 wrong={"row under row": (X.ravel(), X)}, show={"vec of 1 2; 3 4": vec([[1, 2], [3, 4]])})


@lecture.claim(
    "47.1128", "definition", "Filtering takes an image to an image, linearly",
    r"\mathcal{I}\xrightarrow{\mathcal{W}}\mathcal{F}", cases=[{"image": (2, 3), "mask": (3, 1)}])
def filtering_is_linear(e, image, mask):
    first, second, W, a = (e.symbols("I", *image), e.symbols("K", *image), e.symbols("W", *mask),
                           e.symbols("a"))
    both = correlate_image(first, W) * a + correlate_image(second, W)
    return Sides(truth=loops.filter_image((first * a + second).tolist(), W.tolist()), printed=both,
                 wrong={"a bias added": both + a})


@lecture.claim(
    "47.1128/outside", "dimension", "With its centre on a corner part of the mask lies outside",
    r"(2K+1)^2-(K+1)^2\text{ places}", cases=[{"K": K} for K in range(4)])
def outside(e, K):
    A, L = 2 * K + 1, K + 2
    counted = sum(1 for k in range(-K, K + 1) for l in range(-K, K + 1) if 1 + k < 1 or 1 + l < 1)
    first = Windows((L, L), (A, A), padding="same").indices[0]
    return Sides(truth=(counted, counted), printed=(int((first < 0).sum()), A**2 - (K + 1) ** 2),
                 wrong={"one side only": (2 * K * A // 2,) * 2})


@lecture.claim(
    "47.1129", "definition", "The first pixel of the filtered image, zeros outside",
    r"\mathcal{F}(1,1)=\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}\mathcal{I}(1+k,1+\ell)\mathcal{W}(k,\ell)"
    r"=h_{1,1}^{\mathsf T}w", cases=IMAGES)
def first_pixel(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    up, left = mask[0] // 2, mask[1] // 2
    around = np.array([[image[k % image.shape[0], l % image.shape[1]]
                        for l in range(-left, left + 1)] for k in range(-up, up + 1)])
    return Sides(truth=loops.correlate_at(image.tolist(), W.tolist(), 0, 0),
                 printed=patch_vectors(image, W)[:, 0] @ vec(W),
                 wrong={"the image taken as periodic": vec(around) @ vec(W)})


@lecture.claim(
    "47.1129/zeros", "identity", "Zeros outside are K rows and columns of zeros around the image",
    r"\mathcal{I}(r,c)=0\text{ outside }1\le r,c\le L", cases=IMAGES)
def extended_by_zeros(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    K = (mask[0] // 2, mask[1] // 2)

    def extended(up, left):
        return correlate_image(np.pad(image, ((up, up), (left, left))), W, padding=0)

    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()), printed=extended(*K),
                 wrong={"zeros on one side only": correlate_image(
                     image, W, padding=((2 * K[0], 0), (2 * K[1], 0))),
                     "rows and columns exchanged": extended(K[1] + 1, K[0])})


def _patch(id, r, c):
    @lecture.claim(
        id, "definition", f"The patch around pixel ({r}, {c}), stacked by columns",
        rf"h_{{{r},{c}}}\triangleq\mathrm{{vec}}\left([\mathcal{{I}}({r}+k,{c}+\ell)]_{{k,\ell=-K}}^K\right)"
        r"\in\mathbb{R}^{(2K+1)^2}", cases=SQUARE + IMAGES)
    def patch_vector(e, image, mask):
        image = e.symbols("I", *image)
        W = np.zeros(mask)
        patch = np.array(loops.patch(image.tolist(), r - 1, c - 1, *mask), dtype=object)
        moved = loops.patch(image.tolist(), c, r - 1, *mask)
        H = patch_vectors(image, W)
        return Sides(truth=loops.vec(patch.tolist()), printed=H[:, (c - 1) * image.shape[0] + r - 1],
                     wrong={"stacked by rows": patch.ravel(), "another pixel": loops.vec(moved)})


_patch("47.1130", 1, 1)
_patch("47.1132", 1, 2)


@lecture.claim(
    "47.1131a", "definition", "The second pixel: the mask one column to the right",
    r"\mathcal{F}(1,2)=\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}\mathcal{I}(1+k,2+\ell)\mathcal{W}(k,\ell)"
    r"=h_{1,2}^{\mathsf T}w", cases=SQUARE + IMAGES)
def second_pixel(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    H = patch_vectors(image, W)
    return Sides(truth=loops.correlate_at(image.tolist(), W.tolist(), 0, 1),
                 printed=H[:, image.shape[0]] @ vec(W),
                 wrong={"one row down": H[:, 1] @ vec(W)})


@lecture.claim(
    "fig47.83", "algorithm", "Sliding the mask yields a new image, whatever the order",
    r"\mathcal{F}(r,c),\;r,c=1,\dots,L", cases=[{"image": (4, 6), "mask": (3, 5)}])
def sliding(e, image, mask):
    image, W = e.integers(*image), e.integers(*mask)
    columns_first = [[None] * image.shape[1] for _ in range(image.shape[0])]
    in_place = image.tolist()
    for r, c in loops.cells(image.shape):
        columns_first[r][c] = loops.correlate_at(image.tolist(), W.tolist(), r, c)
        in_place[r][c] = loops.correlate_at(in_place, W.tolist(), r, c)
    F = correlate_image(image, W)
    return Sides(truth=(columns_first, columns_first), printed=(
        F, unvec(patch_vectors(image, W).T @ vec(W), image.shape)),
        wrong={"written over the image while it is read": (F, in_place)})


@lecture.claim(
    "47.1132/shared", "dimension", "Neighbouring patches share entries",
    r"\{h_{1,1},h_{1,2}\}:\;2K(2K+1)\text{ places},\;(K+1)^2\text{ of them in the image}",
    cases=[{"K": 1}, {"K": 2}])
def shared_entries(e, K):
    A, L = 2 * K + 1, K + 3
    own = [{(k, c + l) for k in range(-K, K + 1) for l in range(-K, K + 1)} for c in (0, 1)]
    both = own[0] & own[1]
    inside = sum(1 for r, c in both if r >= 0 and c >= 0)
    indices = Windows((L, L), (A, A), padding="same").indices
    first, second = (set(indices[p][indices[p] >= 0].tolist()) for p in (0, L))
    equal_places = int(((indices[0] == indices[L]) & (indices[0] >= 0)).sum())
    return Sides(truth=(len(both), inside), printed=(2 * K * A, len(first & second)),
                 wrong={"shared entries at equal places": (2 * K * A, equal_places)})


@lecture.claim(
    "47.1133", "identity", "Each pixel of the filtered image is a correlation with its patch",
    r"\mathcal{F}(r,c)=\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}\mathcal{I}(r+k,c+\ell)\mathcal{W}(k,\ell)"
    r"=h_{r,c}^{\mathsf T}w", cases=SQUARE + IMAGES)
def filtered_image(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    by_patches = unvec(patch_vectors(image, W).T @ vec(W), image.shape)
    truth = loops.filter_image(image.tolist(), W.tolist())
    return Sides(truth=(truth, truth), printed=(correlate_image(image, W), by_patches),
                 wrong={"a convolution": (correlate_image(image, flip(W)), by_patches),
                        "image and mask transposed": (correlate_image(image.T, W.T), by_patches)})


@lecture.claim(
    "47.1134", "definition", "The patch around pixel (r, c), as a column of the window matrix",
    r"h_{r,c}\triangleq\mathrm{vec}\left([\mathcal{I}(r+k,c+\ell)]_{k,\ell=-K}^K\right)"
    r"\in\mathbb{R}^{(2K+1)^2}", cases=SQUARE + IMAGES)
def patch_of_a_pixel(e, image, mask):
    image, W = e.symbols("I", *image), np.zeros(mask)
    stacked = [loops.vec(loops.patch(image.tolist(), r, c, *mask))
               for r, c in loops.cells(image.shape)]
    corner = Partition(Windows(image.shape, mask, padding=[(0, n - 1) for n in mask]))
    return Sides(truth=stacked, printed=patch_vectors(image, W).T,
                 wrong={"(r, c) at the upper left corner": corner.columns(vec(image)).T},
                 show={"V for a 2 x 2 image, 3 x 1 mask": Partition(
                     Windows((2, 2), (3, 1), padding="same")).matrix})


@lecture.claim(
    "47.1134/size-stride1", "dimension", "With stride one the size is kept",
    r"L\times L", cases=[{"K": K} for K in range(4)],
    reason="the zeros around the image are needed too: without them 2K rows and columns are lost")
def size_kept(e, K):
    sizes = range(2 * K + 1, 2 * K + 6)
    return Sides(truth=[sum(1 for _ in range(1, L + 1)) for L in sizes],
                 printed=[Windows(L, 2 * K + 1, 1, "same").output[0] for L in sizes],
                 wrong={"without the zeros": [Windows(L, 2 * K + 1).output[0] for L in sizes]})


@lecture.claim(
    "47.1134/size-stride", "dimension", "Larger strides, each direction its own, give a smaller image",
    r"\lceil L_1/s_1\rceil\times\lceil L_2/s_2\rceil", cases=[{"K": 1}, {"K": 2}])
def size_with_stride(e, K):
    def centres(L, stride):
        return sum(1 for r in range(1, L + 1) if (r - 1) % stride == 0)

    grid = [(L, s) for L in range(2, 9) for s in range(1, 5)]
    counted = [(centres(L, s), centres(7, 2)) for L, s in grid]
    return Sides(
        truth=(counted, [n < L for (n, _), (L, s) in zip(counted, grid, strict=True)]),
        printed=([Windows((L, 7), 2 * K + 1, (s, 2), K).output for L, s in grid],
                 [s > 1 for _, s in grid]),
        wrong={"rounded down": ([(L // s, 3) for L, s in grid], [s > 1 for _, s in grid])})


lecture.remark("47.1128/letter", "The image is a script I in the prose and in (47.1131a) to (47.1134) "
               "and a J in (47.1128) to (47.1130), (47.1139) to (47.1145) and Figure 47.88: the scanner read one "
               "letter in two ways. No value depends on it; the claims write I throughout.")
lecture.remark("47.1131a/number", "The number carries the letter a, but no (47.1131b) follows; "
               "(47.1131) is meant.")
