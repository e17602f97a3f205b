"""Flipped masks and convolution, (47.1136) to (47.1139)."""

import numpy as np

from cnnmat import correlate_image, flip, loops, reversed_identity, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import IMAGES, SQUARE, product
from cnnmat.derivations.tables import table
from cnnmat.textbook.vec import kron
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict

MASKS = [{"shape": (3, 3)}, {"shape": (3, 5)}]


@lecture.claim(
    "47.1136", "definition", "The flipped mask has both indices reversed",
    r"\mathcal{W}^{\#}(k,\ell)\triangleq\mathcal{W}(-k,-\ell)", cases=MASKS)
def flipped(e, shape):
    W, K = e.symbols("W", *shape), (shape[0] // 2, shape[1] // 2)
    printed = [[W[-k + K[0], -l + K[1]] for l in range(-K[1], K[1] + 1)]
               for k in range(-K[0], K[0] + 1)]
    truth = loops.flip(W.tolist())
    return Sides(truth=(truth, truth, W), printed=(printed, flip(W), flip(flip(W))),
                 wrong={"transposed": (W.T, flip(W), W), "rows only": (W[::-1], flip(W), W)})


@table(lecture.claim, kind="identity", cases=MASKS)
def reflections(e, shape):
    W = e.symbols("W", *shape)
    rows, columns = (reversed_identity(n) for n in shape)
    # around a vertical line columns change places, around a horizontal one rows do
    vertical = [row[::-1] for row in W.tolist()]
    truth = loops.flip(W.tolist())
    return Sides(truth=(truth, truth, vertical),
                 printed=(product(rows, product(W, columns)), product(product(rows, W), columns),
                          product(W, columns)),
                 wrong={"a quarter turn": lambda: (product(W, columns).T,) * 2 + (vertical,),
                        "vertical and horizontal exchanged": (flip(W), flip(W), product(rows, W))})


TWO_REFLECTIONS = r"\mathcal{W}(-k,-\ell)\text{ from two reflections, in either order}"
reflections("47.1136/order", "Two reflections make the flip; their order does not matter", TWO_REFLECTIONS,
            source_kind="words")
reflections("fig47.84", "The figure's two reflections, one around each line", TWO_REFLECTIONS,
            source_kind="words")


@lecture.claim(
    "47.1137", "definition", "The reversed identity has its ones on the other diagonal",
    r"\tilde I\triangleq\begin{bmatrix}&&1\\&1&\\1&&\end{bmatrix}",
    cases=[{"n": 3}, {"n": 1}, {"n": 5}])
def reversed_identity_matrix(e, n):
    J = reversed_identity(n)
    return Sides(truth=[[int(i + j == n + 1) for j in range(1, n + 1)] for i in range(1, n + 1)],
                 printed=[[0, 0, 1], [0, 1, 0], [1, 0, 0]] if n == 3 else J,
                 wrong={"a cyclic shift": np.roll(np.eye(n, dtype=int), 1, axis=1)}, show={"Ĩ": J})


@lecture.claim(
    "47.1137/orthogonal", "identity", "The reversed identity is orthogonal, and symmetric",
    r"\tilde I\tilde I^T=I", cases=[{"n": 3}, {"n": 4}],
    reason="the box (47.1138) uses the symmetry too: a cyclic shift is orthogonal and would not do",
    source_kind="words")
def reversed_identity_orthogonal(e, n):
    J, C = reversed_identity(n), np.roll(np.eye(n, dtype=int), 1, axis=1)
    eye = [[int(i == j) for j in range(n)] for i in range(n)]
    return Sides(truth=(eye, eye), printed=(J @ J.T, J @ J), wrong={"a cyclic shift": (C @ C.T, C @ C)})


#: One letter stands for reversed identities of two sizes, and of three if the mask is not square.
SIZES = {"Ĩ is the reversed identity": "of the size that fits"}


def there_and_back(e, shape, back):
    """Where a line starts and where it must lead: the mask and its flip, or `back`."""
    W = e.symbols("W", *shape)
    there = np.array(loops.flip(W.tolist()), dtype=object)
    return (there, W) if back else (W, there)


@table(lecture.claim, kind="identity", cases=MASKS, assumes=SIZES)
def flipped_by_products(e, back, shape):
    start, truth = there_and_back(e, shape, back)
    rows, columns = (reversed_identity(n) for n in shape)
    return Sides(truth=truth, printed=product(rows, start, columns),
                 wrong={"from the left only": product(rows, start),
                        "from the right only": product(start, columns)}, show={"Ĩ": rows})


@table(lecture.claim, kind="identity", cases=MASKS, assumes=SIZES)
def flipped_when_stacked(e, back, shape):
    start, truth = there_and_back(e, shape, back)
    half = kron(np.eye(shape[1], dtype=int), reversed_identity(shape[0]))
    return Sides(truth=loops.vec(truth.tolist()),
                 printed=product(reversed_identity(truth.size), vec(start)),
                 wrong={"one reflection": product(half, vec(start))})


flipped_by_products("47.1138a", "The flipped mask from the mask",
                    r"\mathcal{W}^{\#}=\tilde I\mathcal{W}\tilde I", back=False)
flipped_by_products("47.1138b", "The mask from the flipped mask",
                    r"\mathcal{W}=\tilde I\mathcal{W}^{\#}\tilde I", back=True)
flipped_when_stacked("47.1138c", "Stacked, the flipped mask is the mask in reverse",
                     r"w^{\#}=\tilde Iw", back=False)
flipped_when_stacked("47.1138d", "Stacked, the mask is the flipped one in reverse",
                     r"w=\tilde Iw^{\#}", back=True)


@lecture.claim(
    "47.1138", "identity", "Flipping a mask, and its vector, are products with reversed identities",
    r"\mathcal{W}^{\#}=\tilde I\mathcal{W}\tilde I,\;\mathcal{W}=\tilde I\mathcal{W}^{\#}\tilde I,\;"
    r"w^{\#}=\tilde Iw,\;w=\tilde Iw^{\#}", cases=[{"K": 1}, {"K": 2}], assumes=SIZES,
    rewritten=r"\mathcal{W}^{\#}=\tilde I_{2K+1}\mathcal{W}\tilde I_{2K+1},\;"
    r"\mathcal{W}=\tilde I_{2K+1}\mathcal{W}^{\#}\tilde I_{2K+1},\;"
    r"w^{\#}=\tilde I_{(2K+1)^2}w,\;w=\tilde I_{(2K+1)^2}w^{\#}")
def flipped_mask(e, K):
    A = 2 * K + 1
    W = e.symbols("W", A, A)
    J, JJ = reversed_identity(A), kron(reversed_identity(A), reversed_identity(A))
    there = np.array(loops.flip(W.tolist()), dtype=object)
    return Sides(truth=(there, W, loops.vec(there.tolist()), loops.vec(W.tolist()),
                        [[int(i + j == A * A - 1) for j in range(A * A)] for i in range(A * A)]),
                 printed=(product(J, W, J), product(J, there, J), product(JJ, vec(W)),
                          product(JJ, vec(there)), JJ),
                 wrong={"one reflection only": (product(J, W), product(J, there), vec(there), vec(W),
                                                JJ)})


@lecture.claim(
    "47.1138/vec-size", "dimension", "One letter for reversed identities of two sizes",
    r"\mathcal{W}^{\#}=\tilde I\mathcal{W}\tilde I,\quad w^{\#}=\tilde I w", assumes=SIZES,
    rewritten=r"\mathcal{W}^{\#}=\tilde I_{2K+1}\mathcal{W}\tilde I_{2K+1},\quad "
    r"w^{\#}=\tilde I_{(2K+1)^2}w=(\tilde I_{2K+1}\otimes\tilde I_{2K+1})\,w",
    reason="as one matrix, such as (47.1137) draws, it conforms in one half of the box for no K ≥ 1; the one "
           "that fits the vector is Ĩ ⊗ Ĩ of those that fit the mask", cases=[{"K": 1}, {"K": 2}])
def flipped_vector(e, K):
    A = 2 * K + 1
    W = e.symbols("W", A, A)
    small, large = reversed_identity(A), reversed_identity(A * A)
    flipped_W, both = product(small, W, small), kron(small, small)
    half = kron(np.eye(A, dtype=int), small)
    stacked = loops.vec(loops.flip(W.tolist()))
    return Sides(truth=(loops.flip(W.tolist()), stacked, stacked),
                 printed=(flipped_W, product(large, vec(W)), product(both, vec(W))),
                 wrong={"one reflection of the vector": (flipped_W, product(large, vec(W)),
                                                         product(half, vec(W)))},
                 show={"Ĩ ⊗ Ĩ": both})


def double_sum(image, mask, centred, term):
    """Σ Σ term(J, W, r, c, k, l) for all pixels; k from -K to K, or from r-K to r+K."""
    K = [n // 2 for n in mask.shape]

    def J(r, c):
        inside = 1 <= r <= image.shape[0] and 1 <= c <= image.shape[1]
        return image[r - 1, c - 1] if inside else 0

    def W(k, l):
        return mask[k + K[0], l + K[1]] if abs(k) <= K[0] and abs(l) <= K[1] else 0

    def steps(at, K):
        return range(-K, K + 1) if centred else range(at - K, at + K + 1)

    return [[sum(term(J, W, r, c, k, l) for k in steps(r, K[0]) for l in steps(c, K[1]))
             for c in range(1, image.shape[1] + 1)] for r in range(1, image.shape[0] + 1)]


@table(lecture.claim, kind="identity", cases=SQUARE + IMAGES)
def line_of_the_chain(e, term, flips, centred, image, mask):
    """A double sum over `term`, of the flipped mask, k `centred` or not."""
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    used, other = (flip(W), W) if flips else (W, flip(W))
    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()),
                 printed=double_sum(image, used, centred, term),
                 wrong={"the other range": double_sum(image, used, not centred, term),
                        "the other of mask and flipped mask": double_sum(image, other, centred, term)})


line_of_the_chain(
    "47.1139/1", "The sum over the pixels under the mask", r"\mathcal{F}(r,c)=\sum_{k'=r-K}^{r+K}"
    r"\sum_{\ell'=c-K}^{c+K}\mathcal{I}(k',\ell')\mathcal{W}(k'-r,\ell'-c)",
    lambda J, W, r, c, k, l: J(k, l) * W(k - r, l - c), flips=False, centred=False)
line_of_the_chain(
    "47.1139/2", "The same with the flipped mask", r"\sum_{k'=r-K}^{r+K}"
    r"\sum_{\ell'=c-K}^{c+K}\mathcal{I}(k',\ell')\mathcal{W}^{\#}(r-k',c-\ell')",
    lambda J, W, r, c, k, l: J(k, l) * W(r - k, c - l), flips=True, centred=False)
line_of_the_chain(
    "47.1139/3", "The dashes dropped, the ranges kept", r"\sum_{k=r-K}^{r+K}"
    r"\sum_{\ell=c-K}^{c+K}\mathcal{I}(k,\ell)\mathcal{W}^{\#}(r-k,c-\ell)",
    lambda J, W, r, c, k, l: W(r - k, c - l) * J(k, l), flips=True, centred=False)
line_of_the_chain(
    "47.1139/4", "The usual form of a convolution", r"\sum_{k=-K}^{K}"
    r"\sum_{\ell=-K}^{K}\mathcal{W}^{\#}(k,\ell)\mathcal{I}(r-k,c-\ell)",
    lambda J, W, r, c, k, l: W(k, l) * J(r - k, c - l), flips=True, centred=True)


@lecture.claim(
    "47.1139", "identity", "Correlating with a mask is convolving with the flipped one",
    r"\mathcal{F}(r,c)=\sum_{k=-K}^K\sum_{\ell=-K}^K\mathcal{W}^{\#}(k,\ell)\,\mathcal{I}(r-k,c-\ell)",
    cases=SQUARE + IMAGES)
def convolution(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    turned = loops.flip(W.tolist())
    return Sides(
        truth=[[loops.convolve_at(image.tolist(), turned, r, c) for c in range(image.shape[1])]
               for r in range(image.shape[0])],
        printed=correlate_image(image, W),
        wrong={"convolving with the mask itself": correlate_image(image, flip(W))})


@lecture.claim(
    "47.1139/5", "definition", "The chain ends in a convolution, written with a star",
    r"\mathcal{F}(r,c)\triangleq\mathcal{I}\star\mathcal{W}^{\#}",
    rewritten=r"\mathcal{F}(r,c)=[\mathcal{I}\star\mathcal{W}^{\#}]_{r,c}",
    assumes={"I ⋆ W# at the end of (47.1139) stands": "for its pixel (r, c)"},
    reason="the left end is one pixel and the right end, taken for itself, an image", cases=SQUARE + IMAGES)
def star(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    # convolving with W# is correlating with its flip
    return Sides(truth=[[loops.correlate_at(image.tolist(), W.tolist(), r, c)
                         for c in range(image.shape[1])] for r in range(image.shape[0])],
                 printed=correlate_image(image, flip(flip(W))),
                 wrong={"the star a correlation": correlate_image(image, flip(W))})


@lecture.claim(
    "47.1139/nexttolast", "identity", "The line before the last is the convolution with W#",
    r"\mathcal{F}=\mathcal{I}*\mathcal{W}^{\#}", cases=SQUARE + IMAGES, source_kind="words")
def next_to_last(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    K = (mask[0] // 2, mask[1] // 2)
    # every pixel spreads the flipped mask around itself: the other way to see a convolution
    spread = np.zeros((image.shape[0] + 2 * K[0], image.shape[1] + 2 * K[1]), dtype=object)
    right, near = spread, spread.copy()
    for r, c in np.ndindex(*image.shape):
        right[r:r + mask[0], c:c + mask[1]] += strict(flip(W) * image[r, c])
        near[r:r + mask[0], c:c + mask[1]] += W * image[r, c]
    inner = np.s_[K[0]:K[0] + image.shape[0], K[1]:K[1] + image.shape[1]]
    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()), printed=right[inner],
                 wrong={"the mask not flipped": near[inner]})


lecture.remark("47.1137/ref", "Definition (36.100), Table 47.11 and Problem 47.163 lie outside the section; "
               "the claims use what is shown of them here.")
