"""The image and its patches as vectors, (47.1143) to (47.1147)."""

from itertools import combinations

import numpy as np
from scipy import sparse

from cnnmat import Partition, Windows, correlate_image, flip, kron, loops, unvec, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import (
    IMAGES,
    SQUARE,
    correlating,
    patch_vectors,
    patches,
    product,
)
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides


@table(lecture.claim, kind="definition")
def image_vector(e, letter, shape):
    image = e.symbols(letter, *shape)
    entries = {(c - 1) * shape[0] + r: image[r - 1, c - 1]
               for r in range(1, shape[0] + 1) for c in range(1, shape[1] + 1)}
    return Sides(truth=[entries[k] for k in range(1, image.size + 1)], printed=vec(image),
                 wrong={"stacked by rows": image.ravel(), "L entries": vec(image)[:shape[0]]})


image_vector("47.1143", "The image stacked by columns, a number for each pixel",
             r"h\triangleq\mathrm{vec}(\mathcal{I})\in\mathbb{R}^{L^2}", "I",
             cases=[{"shape": (3, 3)}, {"shape": (4, 6)}])
image_vector("47.1144", "The filtered image stacked by columns, a number for each pixel",
             r"y\triangleq\mathrm{vec}(\mathcal{F})\in\mathbb{R}^{L^2}", "F",
             cases=[{"shape": (2, 2)}, {"shape": (4, 6)}])


@lecture.claim(
    "47.1143/subvectors", "dimension", "Each patch is read out of the image vector",
    r"h\mapsto\{h_{r,c}\}\text{ of size }(2K+1)^2", expect="ambiguous", source_kind="words", cites={
        "entries of h only": "what is said behind (47.1143) of a partitioning of h",
        "h extended by zeros": "the zeros that (47.1129) has outside the image"},
    corrected_formula=r"\{h_{r,c}\}\text{ from }h\text{ extended by zeros}",
    reason="patches at the border hold zeros that are no entries of h; taken strictly only the "
           "(L-2K)² inner patches are read out of h. cnnmat extends h by zeros, with zero rows in V. "
           "Invisible for K = 0",
    cases=[{"image": (2, 3), "mask": (1, 1)}, *SQUARE, {"image": (5, 6), "mask": (3, 1)}])
def subvectors_of_an_image(e, image, mask):
    image = e.symbols("I", *image)
    truth = [loops.vec(loops.patch(image.tolist(), r, c, *mask)) for r, c in loops.cells(image.shape)]
    inner = Partition(Windows(image.shape, mask)).columns(vec(image)).T
    padded = patch_vectors(image, np.zeros(mask)).T
    return Sides(truth=truth, readings={"entries of h only": inner, "h extended by zeros": padded},
                 wrong={"another pixel's": np.roll(padded, 1, axis=0),
                        "in reverse": padded[::-1, ::-1]})


@lecture.claim(
    "47.1143/overlap", "dimension", "Many of the patches overlap",
    r"|r-r'|\le 2K,\;|c-c'|\le 2K", cases=[{"L": 4, "K": 1}, {"L": 6, "K": 1}, {"L": 6, "K": 2}],
    source_kind="consequence")
def overlapping_patches(e, L, K):
    def covered(r, c):
        return {(r + k, c + l) for k in range(-K, K + 1) for l in range(-K, K + 1)
                if 0 <= r + k < L and 0 <= c + l < L}

    pairs = list(combinations(loops.cells((L, L)), 2))
    counted = sum(1 for a, b in pairs if covered(*a) & covered(*b))
    marks = patches(np.zeros((L, L)), np.zeros((2 * K + 1,) * 2)).skeleton
    shared = (marks @ marks.T).toarray() > 0

    def near(distance):
        return sum(1 for a, b in pairs if abs(a[0] - b[0]) <= distance >= abs(a[1] - b[1]))

    return Sides(truth=(counted, counted), printed=(int(np.triu(shared, 1).sum()), near(2 * K)),
                 wrong={"up to K apart": (near(K),) * 2, "all pairs": (len(pairs),) * 2})


@lecture.claim(
    "47.1144/order", "dimension", "The order of the patches that makes y the stacked image",
    r"y=\mathrm{vec}(\mathcal{F}),\quad y(p)=h_p^Tw", expect="ambiguous", source_kind="consequence", cites={
        "along the rows, as it slides": "the steps from (47.1129) to (47.1131a)",
        "down the columns, as vec": "(47.1144)"},
    corrected_formula=r"y(p)=h_{r,c}^Tw,\quad p=(c-1)L+r",
    reason="the mask is slid along the first row, from (1,1) to (1,2), while vec runs down the first "
           "column; subvectors must be numbered in the order of vec, as cnnmat does",
    cases=[{"image": (2, 2), "mask": (1, 1)}, *IMAGES])
def order_of_patches(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    H = patch_vectors(image, W)
    along = H.reshape(-1, *image.shape[::-1]).transpose(0, 2, 1).reshape(W.size, -1)
    F = loops.filter_image(image.tolist(), W.tolist())
    return Sides(truth=loops.vec(F), readings={"along the rows, as it slides": along.T @ vec(W),
                                               "down the columns, as vec": H.T @ vec(W)},
                 wrong={"the mask flipped": H.T @ vec(flip(W)) if W.size > 1 else -(H.T @ vec(W))})


@lecture.claim(
    "47.1145", "definition", "The mask takes an image to an image of its size",
    r"\mathcal{I}\xrightarrow{\mathcal{W}}\mathcal{F}", cases=SQUARE + IMAGES, rewritten=correlating())
def image_to_image(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    F = correlate_image(image, W)
    return Sides(truth=[[loops.correlate_at(image.tolist(), W.tolist(), r, c)
                         for c in range(image.shape[1])] for r in range(image.shape[0])],
                 printed=F, wrong={"the mask transposed": correlate_image(image, W.T),
                                   "a convolution": correlate_image(image, flip(W))})


@lecture.claim(
    "47.1146", "identity", "Filtering as a map of vectors: y = (I ⊗ wᵀ) V h",
    r"h\xrightarrow{w}y", cases=SQUARE + IMAGES, rewritten=r"y=(I_{L^2}\otimes w^T)Vh")
def vector_to_vector(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    V = patches(image, W)
    spread = kron(sparse.eye_array(V.P, dtype=int), vec(W)[None, :])
    truth = loops.vec(loops.filter_image(image.tolist(), W.tolist()))
    one = product(spread, product(V.matrix, vec(image)))
    two = V.columns(vec(image)).T @ vec(W)
    return Sides(truth=(truth, truth), printed=(one, two),
                 wrong={"F stacked by rows": (one, unvec(two, image.shape).ravel())},
                 show={"V for a 3 x 2 image, 3 x 1 mask": patches(
                     np.zeros((3, 2)), np.zeros((3, 1))).matrix})


@lecture.claim(
    "47.1147/M-example", "dimension", "An image of L x L pixels makes a vector of L² entries",
    r"h_n\in\mathbb{R}^M,\;M=L^2", cases=[{"L": 3}, {"L": 5}])
def size_of_input(e, L):
    image = e.symbols("I", L, L)
    return Sides(truth=sum(1 for row in image.tolist() for _ in row), printed=(L**2),
                 wrong={"2L": 2 * L, "L": L})


SIZES = [{"L": 4, "K": 1}, {"L": 6, "K": 2}]


def sliding(L, K):
    """The partition of a square image by a square mask, with zeros around."""
    return Partition(Windows((L, L), (2 * K + 1,) * 2, padding="same"))


@lecture.claim("47.1147a", "dimension", "A subvector has an entry for each weight of the mask",
               r"S=(2K+1)^2", cases=SIZES)
def size_of_subvector(e, L, K):
    counted = sum(1 for _ in range(-K, K + 1) for _ in range(-K, K + 1))
    return Sides(truth=(counted, counted), printed=(sliding(L, K).S, (2 * K + 1) ** 2),
                 wrong={"2K+1": (2 * K + 1,) * 2})


@lecture.claim("47.1147b", "dimension", "There is a subvector for each pixel",
               r"P=L^2", cases=SIZES, covers="unit stride, zeros around the image")
def number_of_subvectors(e, L, K):
    counted = len(loops.window_lists([L, L], [2 * K + 1] * 2, [1, 1], [(K, K)] * 2, [1, 1]))
    return Sides(truth=(counted, counted), printed=(sliding(L, K).P, L**2),
                 wrong={"without the zeros around": ((L - 2 * K) ** 2,) * 2})


@lecture.claim("47.1147c", "dimension", "The image vector has an entry for each pixel",
               r"M=L^2", cases=SIZES, reason="M equals P here, which hides an exchange of the two")
def size_of_image_vector(e, L, K):
    counted = len(loops.vec([[0] * L for _ in range(L)]))
    return Sides(truth=(counted, counted), printed=(sliding(L, K).matrix.shape[1], L**2),
                 wrong={"PS": (sliding(L, K).matrix.shape[0],) * 2})


@lecture.claim(
    "47.1147d", "dimension", "The side of the mask", r"K=\mathrm{square dimension of the mask}",
    expect="misprint", corrected_formula=r"2K+1=\mathrm{square dimension of the mask}",
    reason="the mask has 2K+1 rows by (47.1124), (47.1125) and (47.1147a); K is its half-width. The "
           "label is true for no K", cases=[{"K": 1}, {"K": 2}])
def side_of_the_mask(e, K):
    return Sides(truth=sum(1 for _ in range(-K, K + 1)), printed=K, corrected=2 * K + 1,
                 wrong={"2K": 2 * K})
