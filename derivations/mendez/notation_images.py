"""What the slides say of their symbols: numbers, moving averages, products of images, pyramids."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.world import Given

__all__ = ["GAUSSIAN", "LETTERS", "LINE", "NUMBERS", "PLANE", "PROJECTION", "PYRAMID", "SKIPPED",
           "UNITS", "WORKED", "gaussian_symbols", "letter_symbols", "line_symbols", "plane_symbols",
           "projection_symbols", "pyramid_symbols", "skipped_symbols", "unit_symbols",
           "worked_symbols"]

#: Slides 20 and 45: numbers alone.
NUMBERS = "check s20a, s20b, s45d/size"

#: Slide 30: two units on three inputs; w_i is what the slide has, the weights of the first.
UNITS = r"""
index i = 1..2; j
n : number
y_i : number for i = 1..2
w_{ij} : number for i = 1..2, j = 1..3
x_i, w_i : number for i = 1..3
f : function
check s30a
"""

#: Slide 43: f counts from -n and g from -m, both 0 outside; their product, and the average.
LINE = r"""
index i = -n-m..n+m; j = -n..n
n, m, N : number
f : vector from -n, 0 outside
g : vector from -m, 0 outside
p : vector from -n-m
q : vector from -n
check s43a, s43b as p(i)
check s43c, s43a/average as q(i)
"""

#: Slides 45 and 49: two images that count from -n, 0 outside, and their product.
PLANE = r"""
entries from -2n
index i = -2n..2n; j = -2n..2n; x = -2n..2n; y = -2n..2n; k = -n..n; l = -n..n
n : number
f, g : matrix from -n, 0 outside
* : function
check s45a, s49a, s49d
"""

#: Slide 52: the image counts from -1 and the kernel from 1; then letters and numbers alone.
WORKED = r"""
entries from 0
f : matrix from -1
g : matrix from 1
* : function
check s52b/size
check s52a into (f*g)[2,2]=[f(-1,-1)\times g(3,3)]+[f(-1,0)\times g(3,2)]+\square+[f(0,-1)\times g(2,3)]
 +[f(0,0)\times g(2,2)]+[f(0,1)\times g(2,1)]+[f(1,-1)\times g(1,3)]+[f(1,0)\times g(1,2)]
 +[f(1,1)\times g(1,1)]
"""
LETTERS = r"""
a, b, c, d, e, f, g, h, i, p : number
check s52c as p
"""

#: Slide 80: the Gaussian, as multiples of its centre, and the factor of a density.
GAUSSIAN = r"""
index r; s
\sigma, \pi, p : number
q : matrix from -2
check s80c as q_{r,s}
check s80d, s80d/build as p
"""

#: Slide 86: two vectors of three numbers, the rows of P.
PROJECTION = r"""
M : number
a, I : vector
P : matrix
p_k : vector for k = 0..M-1
check s86a
"""

#: Slides 88 and 89: one level of a pyramid on a line and on an image, and skipping alone.
PYRAMID = r"""
P, S, T, S_H, S_W, T_H, T_W, Y, Y_{\mathrm{skipped}} : matrix
I, J : vector
A, B : matrix
check s88c where I_{k+1} := J; I_k := I
check s88d where I_{k+1} := B; I_k := A
check s89c
"""

#: Slide 89: sizes, half widths, and skipping factors.
SKIPPED = r"""
m_2^{(l)}, m_3^{(l)}, m_2^{(l-1)}, m_3^{(l-1)}, h_1^{(l)}, h_2^{(l)}, s_1^{(l)}, s_2^{(l)} : number
check s89a/size
"""


def unit_symbols(e):
    """Two units by the plain loops."""
    w, x, f = e.symbols("w", 2, 3), e.symbols("x", 3), e.activation()
    y = [f(loops.dot(one, x.tolist())) for one in w.tolist()]
    return Given({"n": 3, "f": f, "y_i": lambda i: y[i - 1], "x_i": lambda i: x[i - 1],
                  "w_i": lambda i: w[0, i - 1], "w_{ij}": lambda i, j: w[i - 1, j - 1]})


def line_symbols(e, n, m):
    """f, the box g of width 2m + 1, their full product, and its middle, the moving average."""
    f, N = e.symbols("f", 2 * n + 1), 2 * m + 1
    g = [Fraction(1, N)] * N
    full = loops.convolve([f.tolist()], [g])[0]
    return Given({"n": n, "m": m, "N": N, "f": f, "g": g, "p": full, "q": full[m:-m]})


def _full(a, b):
    """The full product of two images."""
    return np.array(loops.convolve(a.tolist(), b.tolist()), dtype=object)


def plane_symbols(e, n):
    """Two images of one size and their full product."""
    f, g = e.symbols("f", 2 * n + 1, 2 * n + 1), e.symbols("g", 2 * n + 1, 2 * n + 1)
    return Given({"n": n, "f": f, "g": g, "*": lambda: _full})


def worked_symbols(e):
    """The image of slide 51 in symbols, and its kernel."""
    f, g = e.symbols("f", 3, 3), np.arange(1, 10).reshape(3, 3)
    return Given({"f": f, "g": g, "*": lambda: _full})


def letter_symbols(e):
    """The letters of the image, and the middle of its product with the kernel."""
    f = e.symbols("f", 3, 3)
    middle = loops.convolve(f.tolist(), np.arange(1, 10).reshape(3, 3).tolist())[2][2]
    return Given({**dict(zip("abcdefghi", f.ravel(), strict=True)), "p": middle})


def gaussian_symbols(e, sigma):
    """Powers of one number; and 1/(2 pi sigma²), of an angle of 2 pi."""
    one = math.exp(-1 / (2 * sigma**2))
    q = [[one ** (r * r + s * s) for s in range(-2, 3)] for r in range(-2, 3)]
    return Given({r"\sigma": sigma, r"\pi": math.pi, "q": q, "p": 1 / (math.tau * sigma**2)})


def projection_symbols(e):
    """The products of an image with both vectors."""
    p, image = e.symbols("p", 2, 3), e.symbols("I", 3)
    return Given({"M": 2, "I": image, "P": p, "p_k": lambda k: p[k],
                  "a": [loops.dot(one, image.tolist()) for one in p.tolist()]})


def pyramid_symbols(e):
    """What the plain loops make of an image, and of its units, which are the columns."""
    h, image, line = e.symbols("h", 3), e.symbols("A", 3, 4), e.symbols("I", 7)

    def columns(n, step, taps):
        units = [[int(k == m) for k in range(n)] for m in range(n)]
        return np.array([loops.smooth_and_skip(one, taps, step) for one in units], dtype=object).T

    kernel = [[a * b for b in h.tolist()] for a in h.tolist()]
    full = [[loops.convolve_at(image.tolist(), kernel, r, c) for c in range(4)] for r in range(3)]
    smooth, skip = h.tolist(), [0, 1, 0]
    return Given({
        "I": line, "J": loops.smooth_and_skip(line.tolist(), smooth, 2), "A": image,
        "B": loops.subsample(full, (2, 2)), "P": columns(7, 2, smooth), "S": columns(7, 2, skip),
        "T": columns(7, 1, smooth), "S_H": columns(3, 2, skip), "S_W": columns(4, 2, skip),
        "T_H": columns(3, 1, smooth), "T_W": columns(4, 1, smooth), "Y": image,
        r"Y_{\mathrm{skipped}}": loops.subsample(image.tolist(), (2, 2))})


def skipped_symbols(e):
    """Sizes, those that are left by counting."""
    (m, n), (h, g), (s, u) = (13, 8), (2, 1), (1, 2)
    rows, columns = (sum(1 for r in range(b, a - b) if (r - b) % (step + 1) == 0)
                     for a, b, step in ((m, h, s), (n, g, u)))
    return Given({"m_2^{(l-1)}": m, "m_3^{(l-1)}": n, "h_1^{(l)}": h, "h_2^{(l)}": g,
                  "s_1^{(l)}": s, "s_2^{(l)}": u, "m_2^{(l)}": rows, "m_3^{(l)}": columns})
