"""Winograd's F(4, 3): the identity, and the path that uses it."""

from fractions import Fraction

import numpy as np

from cnnmat import Windows, kron, layers, loops, vec
from cnnmat.derivations.layers.setting import by_loops, drawn, lecture, there_and_back_by_loops
from cnnmat.layers.plans import Geometry
from cnnmat.layers.winograd import Winograd, transforms
from cnnmat.verify import Sides

#: Nothing here is for all sizes.
FIXED = "an identity of fixed size: a kernel of 3, tiles of 4 out of 6"


@lecture.claim(
    "winograd/1d", "identity", "F(4, 3): four correlations from six products",
    r"y=A^{\mathsf T}[(Gg)\odot(B^{\mathsf T}d)]", covers=FIXED)
def winograd_line(e):
    A, B, G = transforms(exact=True)
    d, g = e.symbols("d", 6), e.symbols("g", 3)
    return Sides(truth=[sum(g[k] * d[i + k] for k in range(3)) for i in range(4)],
                 printed=A.T @ ((G @ g) * (B.T @ d)),
                 wrong={"the kernel flipped": A.T @ ((G @ g[::-1]) * (B.T @ d))},
                 show={"Aᵀ": A.T, "Bᵀ": B.T, "G": G})


@lecture.claim(
    "winograd/2d", "identity", "In two dimensions each transform is its own Kronecker square",
    r"\mathrm{vec}(Y)=(A\otimes A)^{\mathsf T}\left[((G\otimes G)\,\mathrm{vec}(w))\odot"
    r"((B\otimes B)^{\mathsf T}\mathrm{vec}(d))\right]", covers=FIXED)
def winograd_square(e):
    A, B, G = (kron(m, m) for m in transforms(exact=True))
    d, w = e.integers(6, 6).astype(object), e.symbols("w", 3, 3)
    truth = [[sum(int(d[i + k, j + l]) * w[k, l] for k in range(3) for l in range(3))
              for j in range(4)] for i in range(4)]
    Y = A.T @ ((G @ vec(w)) * (B.T @ vec(d)))
    return Sides(truth=loops.vec(truth), printed=Y,
                 wrong={"the mask transposed": A.T @ ((G @ vec(w.T)) * (B.T @ vec(d)))})


@lecture.claim(
    "winograd/layer", "algorithm", "The Winograd path computes the layer, exactly over the rationals",
    r"z=(A\otimes A)^{\mathsf T}\sum_c[\cdots]", cases=[{"image": (6, 7)}], covers=FIXED)
def winograd_layer(e, image):
    x, w = e.integers(1, 2, *image), e.integers(3, 2, 3, 3)
    exact = [np.vectorize(Fraction, otypes=[object])(one) for one in (x, w)]
    z = layers.correlate(*exact, padding=1, method="winograd")
    return Sides(truth=by_loops(x, w, np.zeros(3, dtype=int), (1, 1), ((1, 1), (1, 1)), (1, 1), 1),
                 printed=z, wrong={"without padding on the left": layers.correlate(
                     *exact, padding=((1, 1), (0, 2)), method="literal")})


@lecture.claim(
    "winograd/served", "definition", "Which layers it is for: 3 x 3, nothing skipped, no groups, no integers",
    r"k=(3,3),\ s=d=(1,1),\ G=1", cases=[{"image": (9, 8)}])
def winograd_served(e, image):
    layers = {"plain": {}, "narrow": {"kernel": (3, 2)}, "strides": {"stride": (2, 1)},
              "dilation": {"dilation": (1, 2)}, "groups": {"groups": 2}, "integers": {"dtype": int}}

    def served(kernel=(3, 3), stride=(1, 1), dilation=(1, 1), groups=1, dtype=float):
        windows = Windows(image, kernel, stride, dilation=dilation)
        return Winograd.serves(Geometry(windows, 2, 4, 6, groups, np.dtype(dtype)))

    return Sides(truth=[name == "plain" for name in layers],
                 printed=[served(**layer) for layer in layers.values()],
                 wrong={"strides, too": [name in ("plain", "strides") for name in layers]})


TILED = [
    {"n": 2, "before": 2, "after": 3, "image": (6, 4), "padding": ((1, 0), (0, 1))},
    {"n": 1, "before": 3, "after": 2, "image": (3, 9), "padding": ((0, 1), (1, 1))},
]


def there(x, w, b, dz, padding):
    """dx, dw and db, z, then dx and dw by themselves, by the Winograd path."""
    layer = {"padding": padding, "method": "winograd"}
    # the way back first, so that it finds nothing that the way there has left
    return (*layers.correlate_backward(dz, x, w, **layer), layers.correlate(x, w, b, **layer),
            layers.correlate_transpose(dz, w, **layer),
            layers.correlate_backward(dz, x, w, with_dx=False, **layer)[1])


@lecture.claim(
    "winograd/back", "gradient", "The adjoints of the three steps, exactly over the rationals",
    r"dx=B[(G w)\odot(A\,dz)],\quad dw=G^{\mathsf T}[(B^{\mathsf T}x)\odot(A\,dz)]", cases=TILED,
    covers=FIXED)
def winograd_back(e, padding, **sizes):
    x, w, b = drawn(e, kernel=(3, 3), **sizes)
    layer = {"stride": (1, 1), "padding": padding, "dilation": (1, 1), "groups": 1}
    dz = e.integers(*np.shape(by_loops(x, w, b, **layer)))
    z, dx, dw, db, *_ = there_and_back_by_loops(x, w, b, dz, **layer)
    x, w, b, dz = (np.vectorize(Fraction, otypes=[object])(a) for a in (x, w, b, dz))
    printed = there(x, w, b, dz, padding)
    return Sides(truth=(dx, dw, db, z, dx, dw), printed=printed, wrong={
        "the gradient by w transposed": (printed[0], printed[1].swapaxes(-1, -2), *printed[2:])})


@lecture.claim(
    "winograd/bands", "algorithm", "Several bands of tiles, in floating point",
    r"z,\quad\partial\langle dz,z\rangle/\partial(x,w,b)",
    cases=[{"n": 2, "before": 2, "after": 3, "image": (10, 131), "padding": ((1, 2), (0, 1))},
           {"n": 1, "before": 1, "after": 2, "image": (6, 515), "padding": ((1, 1), (0, 1))}])
def winograd_bands(e, padding, **sizes):
    x, w, b = drawn(e, kernel=(3, 3), **sizes)
    z = [loops.correlate_rows(one, w.tolist(), (1, 1), padding) for one in x.tolist()]
    z = np.array(z) + b[:, None, None]
    dz = e.integers(*z.shape)
    backs = [loops.correlate_rows_backward(up, one, w.tolist(), (1, 1), padding)
             for up, one in zip(dz.tolist(), x.tolist(), strict=True)]
    dx, dw = [dx for dx, _ in backs], sum(np.array(dw) for _, dw in backs)
    x, w, b, dz = (a.astype(float) for a in (x, w, b, dz))
    printed = there(x, w, b, dz, padding)
    return Sides(truth=(dx, dw, dz.sum(axis=(0, 2, 3)), z, dx, dw), printed=printed,
                 wrong={"without the bias": (*printed[:3], printed[3] - b[:, None, None],
                                             *printed[4:])})
