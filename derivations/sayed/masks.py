"""Correlation masks, (47.1124) to (47.1142)."""

import numpy as np

from cnnmat import correlate_image, flip, loops, reversed_identity, sobel, vec
from cnnmat.claims import Sides
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.vec import carrier

#: An image that is not square and a mask that is not either.
IMAGE = [{"image": (3, 4), "mask": (3, 1)}, {"image": (4, 5), "mask": (3, 5)}]


def product(*factors):
    """The matrix product of constant matrices and one exact one."""
    exact = next(f for f in factors if not hasattr(f, "tocsr"))
    factors = [carrier(f, exact) for f in factors]
    total = factors[0]
    for factor in factors[1:]:
        total = total @ factor
    return total


@lecture.claim(
    "47.1126", "identity", "A correlation is the inner product of the stacked patch and mask",
    r"\mathrm{corr}(\mathcal{H},\mathcal{W})=\sum_k\sum_\ell\mathcal{H}(k,\ell)\mathcal{W}(k,\ell)"
    r"=(\mathrm{vec}(\mathcal{H}))^{\mathsf T}\mathrm{vec}(\mathcal{W})",
    cases=[{"shape": (3, 3)}, {"shape": (3, 5)}])
def correlation_is_an_inner_product(e, shape):
    H, W = e.symbols("H", *shape), e.symbols("W", *shape)
    return Sides(
        truth=loops.correlate_at(H.tolist(), W.tolist(), shape[0] // 2, shape[1] // 2),
        printed=vec(H) @ vec(W),
        wrong={"the mask stacked by rows": vec(H) @ vec(W.T),
               "the mask flipped": vec(H) @ vec(flip(W))})


@lecture.claim(
    "47.1133", "identity", "Each pixel of the filtered image is a correlation with its patch",
    r"\mathcal{F}(r,c)=\sum_{k,\ell}\mathcal{I}(r+k,c+\ell)\mathcal{W}(k,\ell)=h_{r,c}^{\mathsf T}w",
    cases=IMAGE)
def filtered_image(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()),
                 printed=correlate_image(image, W),
                 wrong={"a convolution": correlate_image(image, flip(W)),
                        "image and mask transposed": correlate_image(image.T, W.T)})


@lecture.claim(
    "47.1138/matrix", "identity", "Flipping a mask is a product with reversed identities",
    r"\mathcal{W}^{\#}=\tilde I\,\mathcal{W}\,\tilde I,\quad"
    r"\mathcal{W}=\tilde I\,\mathcal{W}^{\#}\tilde I",
    cases=[{"shape": (3, 3)}, {"shape": (3, 5)}],
    covers="with reversed identities of the mask's two sizes")
def flipped_mask(e, shape):
    W = e.symbols("W", *shape)
    left, right = reversed_identity(shape[0]), reversed_identity(shape[1])
    return Sides(truth=(loops.flip(W.tolist()), W),
                 printed=(product(left, W, right), product(left, flip(W), right)),
                 wrong={"one reflection only": (product(left, W), product(left, flip(W)))},
                 show={"Ĩ": left})


@lecture.claim(
    "47.1138/vector", "identity", "Stacked, the flipped mask is the mask in reverse",
    r"w^{\#}=\tilde I w,\quad w=\tilde I w^{\#}",
    expect="ambiguous",
    corrected_formula=r"w^{\#}=(\tilde I\otimes\tilde I)\,w,\quad w=(\tilde I\otimes\tilde I)\,w^{\#}",
    reason="one letter stands for two matrices: the reversed identity of the line above has the "
           "size of the mask, this one that of the stacked mask, Ĩ ⊗ Ĩ; cnnmat takes the second",
    cases=[{"K": 1}, {"K": 2}])
def flipped_vector(e, K):
    A = 2 * K + 1
    W = e.symbols("W", A, A)
    small, large = reversed_identity(A), reversed_identity(A * A)
    return Sides(truth=loops.vec(loops.flip(W.tolist())),
                 readings={"Ĩ of the mask's size": lambda: product(small, vec(W)),
                           "Ĩ of the stacked mask's size": product(large, vec(W))},
                 wrong={"the mask not reversed": vec(W)})


@lecture.claim(
    "47.1139", "identity", "Correlating with a mask is convolving with the flipped one",
    r"\mathcal{F}(r,c)=\sum_{k=-K}^K\sum_{\ell=-K}^K\mathcal{W}^{\#}(k,\ell)\,\mathcal{I}(r-k,c-\ell)",
    cases=IMAGE)
def convolution(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    rows, columns = image.shape
    return Sides(
        truth=[[loops.convolve_at(image.tolist(), flip(W).tolist(), r, c) for c in range(columns)]
               for r in range(rows)],
        printed=correlate_image(image, W),
        wrong={"convolving with the mask itself": correlate_image(image, flip(W))})


@lecture.claim(
    "47.1140a", "example", "The Sobel masks difference one way and smooth the other",
    r"\mathcal{W}_x=\begin{bmatrix}-1&0&1\\-2&0&2\\-1&0&1\end{bmatrix},\quad"
    r"\mathcal{W}_y=\begin{bmatrix}-1&-2&-1\\0&0&0\\1&2&1\end{bmatrix}")
def sobel_masks(e):
    smooth, difference = [[1], [2], [1]], [[-1, 0, 1]]
    Wx = loops.product(smooth, difference)
    return Sides(truth=(Wx, loops.transpose(Wx)), printed=sobel(),
                 wrong={"x and y exchanged": sobel()[::-1]},
                 show=dict(zip(("W_x", "W_y"), sobel(), strict=True)))


@lecture.claim(
    "47.1140/uniform", "example", "Where the image is uniform the gradient masks answer zero",
    r"\sum_{k,\ell}\mathcal{W}_x(k,\ell)=\sum_{k,\ell}\mathcal{W}_y(k,\ell)=0")
def uniform_region(e):
    a = e.symbols("a")
    uniform = np.full((3, 4), a)
    inner = [correlate_image(uniform, W, padding=0) for W in sobel()]
    return Sides(truth=[[[0, 0]], [[0, 0]]], printed=inner,
                 wrong={"the zeros around the image counted in": [
                     correlate_image(uniform, W, padding=(1, 0)) for W in sobel()]})
