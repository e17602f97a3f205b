"""What the slides say of their symbols, and which of their lines are run as they stand."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.world import Computed, Given

__all__ = [
    "BITS",
    "COUNTS",
    "ENTROPY",
    "IMAGES",
    "LAYER",
    "NUMBERS",
    "PRODUCTS",
    "SOFTMAX",
    "STRIDES",
    "TWO",
    "count_symbols",
    "entropy_symbols",
    "image_symbols",
    "layer_symbols",
    "number_symbols",
    "product_symbols",
    "softmax_symbols",
    "stride_symbols",
    "two_symbols",
]

#: Parts 1 and 2: distributions and losses, whose logarithms are floats.
ENTROPY = r"""
index x = 1..3; i = 1..3; j = 1..N
N, n : number
X : number
p, t : vector 3
H(X), L_{CE}, L : number
check ce5a, ce8a, ce9a, ce10a, ce12a, ce14a, ce16a, ce16c, ce18a, ce18b, in3a, in3c, in15a
"""

#: Two classes.
TWO = r"""
index x = 1..2; p = 1..2
x_1, x_2 : number
p : vector 2
E : number
y, u : vector 2
check ce8a/terms, ce9a/terms, ce10a/terms where \log(p(x)) := \log_2(p(x))
check eq0.13/slope where t_p := u_p
"""

#: The same entropy as a whole, in bits.
BITS = r"""
index x = 1..2
X, H(X) : number
p : vector 2
check ce10b where \log(p(x)) := \log_2(p(x))
"""

#: A mean of squares; and windows counted one by one.
COUNTS = r"""
index p
N, P, E, n, m, k, s : number
t, y : vector
check eq0.13
check in35b as N where p := m
"""

SOFTMAX = r"""
index i = 1..4; j = 1..4
n, c : number
y : vector 4
S, \mathrm{softmax}, \mathrm{std_norm} : function
check sm1a, sm1a/shipped, sm3a, sm3b, sm3c, sm3d, sm3e, sm3e/written, sm7a, sm7b, sm7c,
 sm8/std, sm7d, ce4a, sm1b, sm8b, sm6a, sm3f
"""

#: Part 3: sequences and images, and their products.
PRODUCTS = r"""
index i; k
a : number
f, g, h : vector
\delta : vector 1
I, J, K : matrix
S : matrix 3 x 3
W : matrix
U : matrix 3 x 2
\Pi : matrix 3 x 3
x, z : vector
*, \otimes, \mathrm{rot}_{180^\circ} : function
check in21a, in21b/finite, in21c, in21d/equation, in21e, in24a, in44b
check in46a
check in4a where W := U
check in30a, in32h where K := S
"""

#: Part 3: an image, 0 outside, and a kernel.
IMAGES = r"""
entries from 0
index i; j; m; n
k_1, k_2, b : number
I : matrix 4 x 5 from 0, 0 outside
K : matrix 2 x 3
*, \otimes : function
check eq1, eq0.7 for i = 0..2, j = 0..2
check eq0.4, eq0.5 for i = 0..4, j = 0..6
"""

#: Part 3: sizes, and an example; * lays a filter inside the image, without turning it.
NUMBERS = r"""
index m; n; c
k_1, k_2, C : number
* : function
check in28a, in28/size, eq0.6/terms
"""

#: Part 3: strides and pooling, indices from 0; windows of two by three.
STRIDES = r"""
entries from 0
index i; j; m = 0..1; n = 0..2
q, s_1, s_2 : number
y, t_{\max}, t_{\mathrm{mean}} : matrix
I, K : matrix
\otimes, \otimes_s : function
check in40a where t := t_{\max}
check in40c where t := t_{\mathrm{mean}}
check in35a
"""

#: Part 3: one layer; indices count from 0.
LAYER = r"""
entries from 0
index i; j; m; n; m'; n'
H, W, k_1, k_2, b^l, E : number
o^{l-1} : matrix H x W
w^l : matrix k_1 x k_2
x^l, o^l : matrix
\delta^l := \frac{\partial E}{\partial x^l}
f : function
check eq0.8, eq0.9, eq0.12, eq0.14, eq0.15, eq0.16, eq0.17, eq0.19, eq0.20, eq13, in51b/bias
check in53/size sizes x^l
check in57a as \frac{\partial E}{\partial w^l_{m',n'}}
check eq0.11/sum as x^l_{i,j}-b^l
"""


def entropy_symbols(e):
    """Three numbers that sum to 1, a target, and their loss counted in plain Python."""
    p, t = [0.2, 0.5, 0.3], [0.6, 0.1, 0.3]
    losses = [-b * math.log(a) for a, b in zip(p, t, strict=True)]
    both = [b * math.log(a) + (1 - b) * math.log(1 - a) for a, b in zip(p, t, strict=True)]
    return Given({"N": 3, "n": 3, "X": 0, "p": p, "t": t, "L_{CE}": sum(losses), "L": -sum(both) / 3,
                  "H(X)": -sum(a * math.log(a) for a in p)})


def two_symbols(e):
    """Two probabilities, their entropy in bits; and the halved squares of two errors."""
    y, u = e.integers(2), e.integers(2)
    return Computed({
        "x_1": 1, "x_2": 2, "X": 0, "p": [0.125, 0.875], "y": y, "u": u,
        "H(X)": -sum(one * math.log2(one) for one in (0.125, 0.875))},
        lambda values: {"E": Fraction(1, 2) * sum(
            (a - b) * (a - b) for a, b in zip(np.ravel(values["y"]).tolist(), u.tolist(),
                                              strict=True))})


def count_symbols(e, n, m, k, s):
    """Three errors and the mean of their squares; the windows of n places and m a side."""
    t, y = e.integers(3), e.integers(3)
    squares = [(a - b) * (a - b) for a, b in zip(t.tolist(), y.tolist(), strict=True)]
    return Given({"t": t, "y": y, "P": 3, "E": Fraction(sum(squares), 3), "n": n, "m": m, "k": k,
                  "s": s, "N": loops.count_windows(n + 2 * m, k, s)})


def _exponentials(*values):
    flat = [float(one) for value in values for one in (
        value.ravel() if hasattr(value, "ravel") else [value])]
    total = sum(math.exp(one) for one in flat)
    return [math.exp(one) / total for one in flat]


def _like(values, found):
    shape = values[0].shape if hasattr(values[0], "shape") else (1, len(values))
    return np.array(found, dtype=object).reshape(shape)


def softmax_symbols(e, logits):
    """The logits of the slides; S of one of them is its share."""
    def softmax(*values):
        if len(values) == 1 and not hasattr(values[0], "shape"):
            return _exponentials(*logits)[[float(one) for one in logits].index(float(values[0]))]
        return _like(values, _exponentials(*values))

    def standard(value):
        flat = [Fraction(one) for one in value.ravel().tolist()]
        return _like((value,), [one / sum(flat) for one in flat])

    return Given({"n": 4, "c": Fraction(7, 3), "y": [Fraction(one) for one in logits],
                  "S": lambda: softmax, r"\mathrm{softmax}": lambda: softmax,
                  r"\mathrm{std_norm}": lambda: standard})


def product_symbols(e):
    """Sequences, two images, a kernel and one that no turn changes; all products full."""
    rows = e.symbols("s", 3)
    symmetric = [[rows[0], rows[1], rows[0]], [rows[1], rows[2], rows[1]],
                 [rows[0], rows[1], rows[0]]]
    W, x = e.symbols("W", 2, 3), e.symbols("x", 3)
    return Computed({
        "a": e.symbols("a"), "f": e.symbols("f", 3), "g": e.symbols("g", 2),
        "h": e.symbols("h", 2), r"\delta": [1], "I": e.symbols("I", 3, 4),
        "J": e.symbols("J", 3, 4), "K": e.symbols("K", 2, 3), "S": symmetric, "W": W, "x": x,
        "U": e.symbols("U", 3, 2), r"\Pi": [[0, 1, 0], [0, 0, 1], [1, 0, 0]],
        "*": lambda: _convolved, r"\otimes": lambda: lambda a, b: _convolved(a, b[::-1, ::-1]),
        r"\mathrm{rot}_{180^\circ}": lambda: lambda a: a[::-1, ::-1]},
        lambda values: {"z": [loops.dot(row, np.ravel(values["x"]).tolist()) for row in W.tolist()]})


def _convolved(a, b):
    """The full convolution; 0 stands for a sequence of one zero."""
    a, b = (one if hasattr(one, "shape") else np.array([[one]], dtype=object) for one in (a, b))
    return np.array(loops.convolve(a.tolist(), b.tolist()), dtype=object)


def _correlated(stride=(1, 1)):
    """The correlation of an image with a kernel inside it, by the plain loops."""
    return lambda a, b: np.array(loops.correlate(
        [[a.tolist()]], [[b.tolist()]], [0], list(stride), [(0, 0), (0, 0)], [1, 1], 1)[0][0],
        dtype=object)


def image_symbols(e):
    """An image and a kernel; the convolution of (0.4) reaches beyond the image."""
    return Given({"k_1": 2, "k_2": 3, "b": e.symbols("b"), "I": e.symbols("I", 4, 5),
                  "K": e.symbols("K", 2, 3), "*": lambda: _convolved,
                  r"\otimes": lambda: _correlated()})


def number_symbols(e):
    """Sizes, and the product of slide XXVIII, whose filter looks the same turned."""
    return Given({"k_1": 2, "k_2": 3, "C": 4, "*": lambda: _correlated()})


def stride_symbols(e):
    """A map pooled over windows that do not overlap, and an image at every other place."""
    y, I, K = e.symbols("y", 4, 6), e.symbols("I", 6, 7), e.symbols("K", 2, 2)
    windows = [[loops.vec(loops.tile(y.tolist(), r, c, 2, 3)) for c in range(2)] for r in range(2)]

    return Given({
        "q": 6, "s_1": 2, "s_2": 3, "y": y, "I": I, "K": K,
        r"t_{\max}": [[loops.largest(one) for one in row] for row in windows],
        r"t_{\mathrm{mean}}": [[loops.mean(one) for one in row] for row in windows],
        r"\otimes": lambda: _correlated(), r"\otimes_s": lambda: _correlated((2, 3))})


def layer_symbols(e, image, kernel):
    """A layer of one map, and a loss of its entries with all of them in it."""
    out = tuple(n - k + 1 for n, k in zip(image, kernel, strict=True))
    g, f = e.symbols("g", *out), e.activation()
    return Computed(
        {"H": image[0], "W": image[1], "k_1": kernel[0], "k_2": kernel[1], "b^l": e.symbols("b"),
         "o^{l-1}": e.symbols("o", *image), "w^l": e.symbols("w", *kernel), "f": f},
        lambda values: _of_a_layer(values, g))


def _of_a_layer(values, g):
    o, w = (np.asarray(values[name], dtype=object).tolist() for name in ("o^{l-1}", "w^l"))
    x = values.get("x^l")
    if x is None:
        x = loops.correlate([[o]], [[w]], [values["b^l"]], [1, 1], [(0, 0), (0, 0)], [1, 1], 1)[0][0]
    x = np.asarray(x, dtype=object)
    loss = sum(a * b * b for a, b in zip(g.ravel().tolist(), x.ravel().tolist(), strict=True))
    return {"x^l": x, "E": loss, "o^l": [[values["f"](one) for one in row] for row in x.tolist()]}
