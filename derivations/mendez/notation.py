"""What the slides say of their symbols, and which of their lines are run as they stand."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import loops
from cnnmat.derivations.functions import on_floats
from cnnmat.verify.duals import Dual
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["COSTS", "DENSE", "ENTRIES", "EXAMPLE", "LAYER", "PRODUCTS", "REAL", "WHERE_ZERO",
           "cost_symbols", "dense_symbols", "entry_symbols", "example_symbols", "layer_symbols",
           "product_symbols", "real_symbols"]

#: Slides 57 to 62: one layer; kernels count from -h.
LAYER = r"""
index i; j; r; s
m_1^{(l-1)}, m_2^{(l-1)}, m_3^{(l-1)}, m_2^{(l)}, m_3^{(l)}, h_1^{(l)}, h_2^{(l)}, m_1^{(l)} : number
Y_i^{(l)}, B_i^{(l)} : matrix m_2^{(l)} x m_3^{(l)} for i = 1..m_1^{(l)}
Y_j^{(l-1)} : matrix m_2^{(l-1)} x m_3^{(l-1)} for j = 1..m_1^{(l-1)}
K_{ij}^{(l)} : matrix 2h_1^{(l)}+1 x 2h_2^{(l)}+1 from -h_1^{(l)} for i = 1..m_1^{(l)},
 j = 1..m_1^{(l-1)}
y_j, v_j : matrix for j = 1..m_1^{(l)}
x_i : matrix for i = 1..m_1^{(l-1)}
k_{ij} : matrix for i = 1..m_1^{(l-1)}, j = 1..m_1^{(l)}
n : number
*, \star, \mathrm{rot}_{180} : function
check s58a, s59a/size, s60a/size, s62b, s55a/size, s55b/size, s58d/size, s59d/size, s54c
check s54a where W_{ij} := k_{ij}
check s38a where y_j := v_j; W_{ij} := k_{ij}
check s62a/size as n
check s57b, s57c as Y_i^{(l)}-B_i^{(l)}
check s58c/size sizes K_{ij}^{(l)}
"""

#: Slides 102 to 116: seven layers, of which the last is one unit.
EXAMPLE = r"""
index r; s; k; t
m_2^{(6)}, m_3^{(6)} : number
y_1^{(7)}, t_1^{(7)}, t_1, z_1^{(7)}, H, L(t) : number
Y_1^{(6)}, w^{(7)} : matrix m_2^{(6)} x m_3^{(6)}
K_{11}^{(4)} : matrix
f : function
check s105b, s106a, s108a, s109a, s109b, s110a where w_{1,r,s}^{(7)} := w^{(7)}(r,s);
 w_{r,s}^{(7)} := w^{(7)}(r,s); H(\boldsymbol{W}) := H
check s113a where z_i^{(7)} := z_1^{(7)}; w_{r,s}^{(7)} := w^{(7)}(r,s)
check s112a, s112b where H(\boldsymbol{W}) := H; y_1^{(i)} := y_1^{(7)}
check s112c where H(\boldsymbol{W}) := H; y_i^{(l)} := y_1^{(7)}; t_i := t_1; z_i^{(7)} := z_1^{(7)}
check s112d as \frac{\partial H}{\partial z_1^{(7)}} where y_i^{(l)} := y_1^{(7)}; t_i := t_1;
 z_i^{(7)} := z_1^{(7)}
check s110c where w_1^{(7)} := w^{(7)}; w_{1,r,s}^{(7)} := w^{(7)}(r,s)
check s110d where w_{r,s} := w^{(7)}(r,s); y := y_1^{(7)}; t := t_1; z := z_1^{(7)};
 Y^{(6)} := Y_1^{(6)}
"""


#: Slides 49 to 54: images, their product, which is full, and the same without turning the mask.
PRODUCTS = r"""
f, g, h : matrix
*, \star, \mathrm{rot}_{180} : function
check s49b, s50a
"""

#: Slide 100: what comes out for each sample and unit, and the two costs.
COSTS = r"""
index n = 1..N; k = 1..K
N, K : number
L, M, L_{\mathrm{entropy}} : number
E_n, M_n, C_n : number for n = 1..N
y_{nk}^{(l)}, t_{nk} : number for n = 1..N, k = 1..K
check s100a where L(\boldsymbol{W}) := L; E_n(\boldsymbol{W}) := E_n
check s100b where L(\boldsymbol{W}) := L_{\mathrm{entropy}}; E_n(\boldsymbol{W}) := C_n
check s100c where L(\boldsymbol{W}) := M; E_n(\boldsymbol{W}) := M_n
"""

#: Slides 71 to 81: what is done to each entry of the maps.
ENTRIES = r"""
index i = 1..2; j = 1..2; r; s
m_1^{(l)}, m_1^{(l-1)}, m_2^{(l)}, m_2^{(l-1)}, m_3^{(l)}, m_3^{(l-1)} : number
\kappa, \lambda, \mu, L : number
Y_i^{(l)}, N_i : matrix for i = 1..2
Y_i^{(l-1)} : matrix for i = 1..2
G_i, S_i : matrix for i = 1..2
g_i : number for i = 1..2
Y^{(l-1)}, \delta, K_{G(\sigma)} : matrix
f, * : function
check s71a/size, s71b/size, s74a/size, s72a, s72b
check s81a where Y_i^{(l)} := N_i
check s72c where Y_i^{(l)} := G_i
check s80a where Y_i^{(l)} := S_i
"""

#: Slides 97 and 98: a fully connected layer, on numbers and on maps.
DENSE = r"""
index i; j; k; r; s
m^{(l)}, m^{(l-1)}, m_1^{(l-1)}, m_2^{(l-1)}, m_3^{(l-1)} : number
z_i^{(l)}, v_i : number for i = 1..m^{(l)}
y_k^{(l-1)} : number for k = 1..m^{(l-1)}
y_k^{(l)} : number for k = 1..m^{(l)}
w_{i,k}^{(l)} : number for i = 1..m^{(l)}, k = 1..m^{(l-1)}
w_{i,j,r,s}^{(l)} : number for i = 1..m^{(l)}, j = 1..2
Y_j^{(l-1)} : matrix for j = 1..2
w_{ij} : matrix for i = 1..m^{(l)}, j = 1..2
\star : function
check s97b, s97c/size, s97e/size
check s98a where z_i^{(l)} := v_i
check s98c where z_i := v_i; Y_j := Y_j^{(l-1)}
"""

#: Slides 65 to 68: the sigmoid s, its derivative f, and the softened rectifier.
_REAL = r"""
x, e, k, p, \tau : number
s, f, a, a_+, f_{\mathrm{soft}}, f_{\mathrm{abs}} : function
"""
REAL = _REAL + r"""check s65a, s66b, s67a
check s66c
check s68b, s75a where f := f_{\mathrm{soft}}
check s76d, s76e where f := f_{\mathrm{abs}}
check s76a where f := a(x)
check s76b where \operatorname{sgn}(x) := \tau
check s68a where x^+ := p; f := a_+
"""
#: The same where x may be 0.
WHERE_ZERO = _REAL + "check s66d\n"


class Sigmoid:
    """s = (1 + tanh(x/2)) / 2 and its derivatives, by the hyperbolic tangent alone."""

    def __init__(self, order=0):
        self.order = order

    def __call__(self, x):
        if isinstance(x, Dual):
            return x.chain(self(x.value), Sigmoid(self.order + 1)(x.value))
        s = (1 + math.tanh(float(x) / 2)) / 2
        return (s, s * (1 - s), s * (1 - s) * (1 - 2 * s))[self.order]

    def derivative(self, x):
        return Sigmoid(self.order + 1)(x)


def entry_symbols(e):
    """Two maps of numbers, some below zero, and what the plain loops make of each entry."""
    Y, delta, f = e.integers(2, 2, 3), e.integers(2, 3), e.activation()
    rows = [[[Fraction(v) for v in row] for row in one] for one in Y.tolist()]
    g, K = e.integers(2), e.integers(3, 3)
    bright = loops.divide_brightness(rows, Fraction(2), Fraction(1, 3), lambda d: d * d)
    left = [[[f(v) for v in row] for row in one] for one in rows]
    sizes = {f"m_{k}^{{({l})}}": n for l, maps in (("l", left), ("l-1", rows))
             for k, n in enumerate((len(maps), len(maps[0]), len(maps[0][0])), start=1)}
    amplified, less = loops.amplify(rows, g.tolist(), f), loops.subtract_surround(rows, K.tolist())
    return Computed(
        {**sizes, "g_i": lambda i: g[i - 1], "G_i": lambda i: amplified[i - 1],
         "S_i": lambda i: less[i - 1], r"K_{G(\sigma)}": K, "*": lambda: _of_one_size,
         r"\kappa": 2, r"\lambda": Fraction(1, 3), r"\mu": 2, "f": f, r"\delta": delta,
         "N_i": lambda i: bright[i - 1],
         "Y_i^{(l)}": lambda i: left[i - 1], "Y_i^{(l-1)}": lambda i: rows[i - 1],
         "Y^{(l-1)}": rows[0]},
        lambda values: {"L": sum(d * f(v) for d, v in zip(
            delta.ravel().tolist(), np.ravel(values["Y^{(l-1)}"]).tolist(), strict=True))})


def _of_one_size(mask, image):
    """The convolution, zeros around the image, of the image's size."""
    up, left = (n // 2 for n in mask.shape)
    return _full(image, mask)[up:up + image.shape[0], left:left + image.shape[1]]


def dense_symbols(e):
    """Two units fed by three numbers, and by two maps of two by three."""
    w, y, out = e.symbols("w", 2, 3), e.symbols("y", 3), e.symbols("out", 2)
    W, Y = e.symbols("W", 2, 2, 2, 3), e.symbols("Y", 2, 2, 3)
    z = loops.times(w.tolist(), y.tolist())
    v = [sum(W[i][cell] * Y[cell] for cell in np.ndindex(Y.shape)) for i in range(2)]
    return Given({
        "m^{(l)}": 2, "m^{(l-1)}": 3, "m_1^{(l-1)}": 2, "m_2^{(l-1)}": 2, "m_3^{(l-1)}": 3,
        "z_i^{(l)}": lambda i: z[i - 1], "v_i": lambda i: v[i - 1],
        "y_k^{(l-1)}": lambda k: y[k - 1], "y_k^{(l)}": lambda k: out[k - 1],
        "w_{i,k}^{(l)}": lambda i, k: w[i - 1, k - 1], "Y_j^{(l-1)}": lambda j: Y[j - 1],
        "w_{i,j,r,s}^{(l)}": lambda i, j, r, s: W[i - 1, j - 1, r - 1, s - 1],
        "w_{ij}": lambda i, j: W[i - 1, j - 1], r"\star": lambda: lambda mask, image: sum(
            a * b for a, b in zip(mask.ravel(), image.ravel(), strict=True))})


def real_symbols(e, x):
    """One point x; s and f there by the hyperbolic tangent, ln(1 + e^(kx))/k by its own formula."""
    return Given({"x": x, "e": math.e, "k": 3, "s": Sigmoid(), "f": Sigmoid(1),
                  r"f_{\mathrm{soft}}": lambda: lambda x: math.log1p(math.exp(3 * x)) / 3,
                  "p": x if x > 0 else 0, r"\tau": math.tanh(1.5 * x), "a": lambda: on_floats(abs, np.sign),
                  "a_+": lambda: lambda x: x if x > 0 else 0,
                  # |x| softened: ln(cosh(kx/2)) 2/k
                  r"f_{\mathrm{abs}}": lambda: lambda x: math.log(math.cosh(1.5 * x)) * 2 / 3})


def product_symbols(e):
    """Three images of sizes that differ."""
    return Given({"f": e.symbols("f", 3, 4), "g": e.symbols("g", 3, 2), "h": e.symbols("h", 2, 2),
                  "*": lambda: _full, r"\star": lambda: lambda a, b: _full(a, b[::-1, ::-1]),
                  r"\mathrm{rot}_{180}": lambda: lambda a: a[::-1, ::-1]})


def _full(a, b):
    return np.array(loops.convolve(a.tolist(), b.tolist()), dtype=object)


def cost_symbols(e):
    """Three samples of two units, as decimals; both costs counted in plain Python."""
    y, t = [[0.25, 0.5], [0.75, 0.125], [0.375, 0.875]], [[1, 0], [0, 1], [1, 0]]
    pairs = [[*zip(*both, strict=True)] for both in zip(y, t, strict=True)]
    squares = [sum((a - b) * (a - b) for a, b in one) for one in pairs]
    logs = [sum(b * math.log(a) for a, b in one) for one in pairs]
    return Given({
        "N": 3, "K": 2, "L": sum(squares), "E_n": lambda n: squares[n - 1],
        "y_{nk}^{(l)}": lambda n, k: y[n - 1][k - 1], "t_{nk}": lambda n, k: t[n - 1][k - 1],
        r"L_{\mathrm{entropy}}": -sum(logs), "C_n": lambda n: -logs[n - 1],
        "M": sum(logs), "M_n": lambda n: logs[n - 1]})


def layer_symbols(e, layer, maps, image, kernel):
    """A layer by plain loops: `layer(e, maps, image, kernel)` builds it."""
    one = layer(e, maps, image, kernel)
    leaves = one.loops()

    def convolved(mask, picture):
        return np.array(layer.star(picture.tolist(), mask.tolist()), dtype=object)

    def correlated(mask, picture):
        return convolved(mask[::-1, ::-1], picture)

    def alone(j, product):
        return sum(product(one.K[j - 1, i], one.Y[i]) for i in range(one.C))

    return Given({
        "m_1^{(l-1)}": one.C, "m_1^{(l)}": one.D, "m_2^{(l-1)}": image[0], "m_3^{(l-1)}": image[1],
        "m_2^{(l)}": len(leaves[0]), "m_3^{(l)}": len(leaves[0][0]),
        "h_1^{(l)}": (kernel[0] - 1) // 2, "h_2^{(l)}": (kernel[1] - 1) // 2,
        "Y_i^{(l)}": lambda i: leaves[i - 1], "B_i^{(l)}": lambda i: one.B[i - 1],
        "Y_j^{(l-1)}": lambda j: one.Y[j - 1], "K_{ij}^{(l)}": lambda i, j: one.K[i - 1, j - 1],
        "*": lambda: convolved, r"\star": lambda: correlated,
        r"\mathrm{rot}_{180}": lambda: lambda a: a[::-1, ::-1],
        "n": sum(1 for row in leaves[0] for _ in row), "x_i": lambda i: one.Y[i - 1],
        "k_{ij}": lambda i, j: one.K[j - 1, i - 1], "y_j": lambda j: alone(j, convolved),
        "v_j": lambda j: alone(j, correlated)})


def example_symbols(e, seven, inner, **sizes):
    """The seven layers, `seven(e, **sizes)`, by plain loops."""
    s = seven(e, **sizes)
    return Computed({"w^{(7)}": s.w, "K_{11}^{(4)}": s.K4, "t_1": s.t, "t_1^{(7)}": s.t, "f": s.f7},
                    lambda values: _of_the_example(s, inner, values))


def _of_the_example(s, inner, values):
    w = np.asarray(values["w^{(7)}"], dtype=object).tolist()
    Y6 = values.get("Y_1^{(6)}")
    if Y6 is None:
        kernel = np.asarray(values["K_{11}^{(4)}"], dtype=object).tolist()
        Y6 = s.loops(w=w, K4=kernel)["Y"][6]
    Y6 = np.asarray(Y6, dtype=object)
    z = values["z_1^{(7)}"] if "z_1^{(7)}" in values else inner(w, Y6.tolist())
    y = values["y_1^{(7)}"] if "y_1^{(7)}" in values else s.f7(z)
    cost = (y - values["t_1"]) * (y - values["t_1"]) * Fraction(1, 2)
    return {"Y_1^{(6)}": Y6, "z_1^{(7)}": z, "y_1^{(7)}": y, "H": cost, "L(t)": cost,
            "m_2^{(6)}": Y6.shape[0], "m_3^{(6)}": Y6.shape[1]}
