"""The filtered image, pixel by pixel, (47.1128) to (47.1134)."""

import numpy as np

from cnnmat import Partition, Windows, correlate_image, flip, loops, unvec, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import IMAGES, SQUARE, correlating, patch_vectors
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides


@lecture.claim(
    "47.1128", "definition", "The correlations at all places are the pixels of a new image",
    r"\text{input image, }\mathcal{I}\xrightarrow{\mathcal{W}}\text{output image, }\mathcal{F}",
    cases=SQUARE + IMAGES, rewritten=correlating())
def filtering(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    F = correlate_image(image, W)
    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()), printed=F,
                 wrong={"a convolution": correlate_image(image, flip(W)),
                        "a pixel for the one before": np.roll(F, 1)})


@lecture.claim(
    "47.1128/outside", "dimension", "With its centre on a corner part of the mask lies outside",
    r"(2K+1)^2-(K+1)^2", cases=[{"K": K} for K in range(4)],
    source_kind="consequence")
def outside(e, K):
    A, L = 2 * K + 1, K + 2
    counted = sum(1 for k in range(-K, K + 1) for l in range(-K, K + 1) if 1 + k < 1 or 1 + l < 1)
    first = Windows((L, L), (A, A), padding="same").indices[0]
    return Sides(truth=(counted, counted), printed=(int((first < 0).sum()), A**2 - (K + 1) ** 2),
                 wrong={"one side only": (2 * K * A // 2,) * 2})


@lecture.claim(
    "47.1129", "definition", "The first pixel of the filtered image, zeros outside",
    r"\mathcal{F}(1,1)=\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}\mathcal{I}(1+k,1+\ell)\mathcal{W}(k,\ell)"
    r"=h_{1,1}^Tw", cases=IMAGES)
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
    r"\mathcal{I}(r,c)=0\text{ outside }1\le r,c\le L", cases=IMAGES, source_kind="words")
def extended_by_zeros(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    K = (mask[0] // 2, mask[1] // 2)

    def extended(up, left, mode="constant"):
        return correlate_image(np.pad(image, ((up, up), (left, left)), mode), W, padding=0)

    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()), printed=extended(*K),
                 wrong={"zeros on one side only": correlate_image(
                     image, W, padding=((2 * K[0], 0), (2 * K[1], 0))),
                     "the nearest pixel in place of zero": extended(*K, mode="edge")})


@table(lecture.claim, kind="definition", cases=SQUARE + IMAGES)
def patch_vector(e, r, c, image, mask):
    image = e.symbols("I", *image)
    patch = loops.patch(image.tolist(), r - 1, c - 1, *mask)
    moved = loops.patch(image.tolist(), c, r - 1, *mask)
    H = patch_vectors(image, np.zeros(mask))
    return Sides(truth=loops.vec(patch), printed=H[:, (c - 1) * image.shape[0] + r - 1],
                 wrong={"stacked by rows": np.ravel(patch), "another pixel": loops.vec(moved)})


patch_vector(
    "47.1130", "The patch around pixel (1, 1), stacked by columns",
    r"h_{1,1}\triangleq\mathrm{vec}\left([\mathcal{I}(1+k,1+\ell)]_{k,\ell=-K}^K\right)"
    r"\in\mathbb{R}^{(2K+1)^2}", 1, 1)
patch_vector(
    "47.1132", "The patch around pixel (1, 2), stacked by columns",
    r"h_{1,2}\triangleq\mathrm{vec}\left([\mathcal{I}(1+k,2+\ell)]_{k,\ell=-K}^K\right)"
    r"\in\mathbb{R}^{(2K+1)^2}", 1, 2)


@lecture.claim(
    "47.1131a", "definition", "The second pixel: the mask one column to the right",
    r"\mathcal{F}(1,2)=\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}\mathcal{I}(1+k,2+\ell)\mathcal{W}(k,\ell)"
    r"=h_{1,2}^Tw", cases=SQUARE + IMAGES)
def second_pixel(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    H = patch_vectors(image, W)
    return Sides(truth=loops.correlate_at(image.tolist(), W.tolist(), 0, 1),
                 printed=H[:, image.shape[0]] @ vec(W),
                 wrong={"one row down": H[:, 1] @ vec(W)})


@lecture.claim(
    "fig47.83", "algorithm", "Sliding the mask yields a new image, whatever the order",
    r"\mathcal{F}(r,c),\;r,c=1,2,\dots,L", cases=[{"image": (4, 6), "mask": (3, 5)}],
    source_kind="words")
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
    "47.1132/shared", "dimension", "Neighbouring patches share 2K(2K+1) places, at the corner (K+1)² entries",
    r"2K(2K+1),\quad (K+1)^2",
    cases=[{"K": 1}, {"K": 2}], source_kind="consequence")
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
    r"=h_{r,c}^Tw", cases=SQUARE + IMAGES)
def filtered_image(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    by_patches = unvec(patch_vectors(image, W).T @ vec(W), image.shape)
    truth = loops.filter_image(image.tolist(), W.tolist())
    return Sides(truth=(truth, truth), printed=(correlate_image(image, W), by_patches),
                 wrong={"a convolution": (correlate_image(image, flip(W)), by_patches),
                        "the mask transposed": (correlate_image(image, W.T), by_patches)})


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
    r"\lceil L_1/s_1\rceil\times\lceil L_2/s_2\rceil", cases=[{"K": 1}, {"K": 2}],
    source_kind="consequence")
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
