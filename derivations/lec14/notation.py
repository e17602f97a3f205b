"""What the notes say of their symbols, and which of their lines are run as they stand."""

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["EXAMPLE", "LAYER", "OWN_SIZES", "example_symbols", "layer_symbols"]

#: The worked example: an image of 5 by 5 and the filter for vertical edges.
EXAMPLE = r"""
index n = 3..9; f = 1..3; s = 1..4; p = 0..3; i; j
n_1, n_2, k, t : number
m : number
Z, R : matrix
F : matrix 3 x 3
y, T : matrix
a, b : vector
check s1c, s1d, s1e, s1f, s3c, s3e, s4b, s5q/size
check s4a where t_{ij} := T_{ij}
check s2a sizes R where n := m
check s2d where n' := n+2p
check s3a sizes Z where f := k; s := t
"""

_LAYER = r"""
index i; j; m; n
X, K, z : matrix
B, L, n_1, n_2, n_3 : number
H : matrix
W : matrix
y, b, g, V^{(K)} : matrix
\kappa : matrix, 0 outside
\otimes, \mathrm{pad}, \mathrm{rot}_{180} : function
"""
#: The layer of section 5 in generic sizes; and in its own, a map of 3 by 3 and a kernel of 2 by 2.
LAYER = _LAYER + r"""check s5i, s5k2, s5m, s5n, eq1, eq1/matrix, s5a, s5q, s5s
check s5o where K_{m-i+1,n-j+1} := \kappa(m-i+1, n-j+1)
check s5r as \frac{\partial L}{\partial X}
"""
OWN_SIZES = _LAYER + """check s5e, s5f, s5g, s5h, s5j, s5k, s5p, s5/size
check s1/size sizes z where n := n_1; f := n_2
"""


def example_symbols(e, image, mask):
    """The image filtered by the plain loops; and one of 7 by 10 at every second place."""
    picture = [[0] * 10 for _ in range(7)]
    seen = loops.correlate([[picture]], [[[[0] * 3] * 3]], [0], [2, 2], [(0, 0), (0, 0)], [1, 1],
                           1)[0][0]
    y = e.integers(6, 8)
    blocks = [[c * 6 + r for c in (b, b + 1) for r in (a, a + 1)]
              for b in range(0, 8, 2) for a in range(0, 6, 2)]
    flat = loops.pool(loops.vec(y.tolist()), blocks, loops.largest)
    return Given({"F": _correlated(image, mask), "n_1": 7, "n_2": 10, "k": 3, "t": 2, "Z": seen, "m": 5,
                  "R": np.pad(np.array(image), 1), "a": [1, 0, 0, 0], "b": [0, 1, 0, 0],
                  "y": y, "T": [flat[r::3] for r in range(3)]})


def layer_symbols(e, image, kernel):
    """A map, a kernel, a bias, and what the loops make of them."""
    out = tuple(n - f + 1 for n, f in zip(image, kernel, strict=True))
    X, K, g = e.symbols("X", *image), e.symbols("K", *kernel), e.symbols("g", *out)
    places = [(k, l) for l in range(kernel[1]) for k in range(kernel[0])]
    H = [[X[i + k, j + l] for j in range(out[1]) for i in range(out[0])] for k, l in places]
    return Computed(
        {"X": X, "K": K, "B": e.symbols("B"), "H": np.array(H, dtype=object),
         "n_1": image[0], "n_2": kernel[0], "n_3": out[0], "W": e.symbols("W", g.size, 2),
         "b": e.symbols("b", 2, 1), "g": g, r"\kappa": K, "V^{(K)}": _meetings(K, image),
         r"\mathrm{rot}_{180}": lambda: lambda a: a[::-1, ::-1],
         r"\mathrm{pad}": lambda: lambda a: np.pad(a, [(f - 1, f - 1) for f in kernel]),
         r"\otimes": lambda: lambda a, b: np.array(
             _correlated(a.tolist(), b.tolist()), dtype=object)},
        lambda values: _layer(values, g))


def _meetings(K, image):
    """With which weight a pixel, down the rows, enters an output, along the columns."""
    def weight(m, n, i, j):
        inside = 0 <= m - i < K.shape[0] and 0 <= n - j < K.shape[1]
        return K[m - i, n - j] if inside else 0

    rows, columns = (n - f + 1 for n, f in zip(image, K.shape, strict=True))
    return np.array([[weight(m, n, i, j) for j in range(columns) for i in range(rows)]
                     for n in range(image[1]) for m in range(image[0])], dtype=object)


def _correlated(image, mask, bias=0):
    return loops.correlate([[[list(row) for row in image]]], [[[list(row) for row in mask]]],
                           [bias], [1, 1], [(0, 0), (0, 0)], [1, 1], 1)[0][0]


def _layer(values, g):
    """z of the layer, or the one put in; the loss whose derivative by it is g; and y."""
    X, K = (np.asarray(values[name], dtype=object).tolist() for name in "XK")
    z = np.asarray(values["z"] if "z" in values else _correlated(X, K, values["B"]), dtype=object)
    loss = sum(a * b for a, b in zip(g.ravel().tolist(), z.ravel().tolist(), strict=True))
    stacked = loops.vec(z.tolist())
    W, b = values["W"], np.ravel(values["b"])
    return {"z": z, "L": loss, "y": np.array([[loops.dot(W[:, k].tolist(), stacked) + b[k]]
                                              for k in range(2)], dtype=object)}
