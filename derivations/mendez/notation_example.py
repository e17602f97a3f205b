"""What the slides say of their symbols: the maps of the example, and its softplus."""

import math

import numpy as np

from cnnmat import loops
from cnnmat.derivations.functions import on_floats
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["FROM_ONE", "MAPS", "SOFT", "SUMS", "map_symbols", "soft_symbols", "sum_symbols"]

#: Slides 62, 103 and 111: sums over kernels that count from -1; maps that count from 1, and N_i,
#: a convolution, whose places are those of the map that comes in.
SUMS = r"""
index i = 1..2; j = 1..2; r; s; k; t
m_1^{(l-1)}, h_1^{(l)}, h_2^{(l)}, h_1^{(1)}, h_2^{(1)}, h_1^{(4)}, h_2^{(4)} : number
K_{ij}^{(l)} : matrix from -1 for i = 1..2, j = 1..2
Y_j^{(l-1)} : matrix for j = 1..2
N_i : matrix from 2 for i = 1..2
M_i : matrix for i = 1..2
W : matrix from -1
Y, B, X : matrix
f : function
check s62c as N_i(r,s)
check s62d as M_i(r,s)
check s103a where Y_1^{(1)} := Y; B_1^{(l)} := B; K_{ij}^{(1)} := W; Y_1^{(0)} := X
check s111b where Y_1^{(4)} := Y; B_1^{(4)} := B; K_{11}^{(4)} := W; Y^{(3)} := X
"""

#: Slides 104 and 111 to 114: the maps, those of layer 4 counted from 0; and from 1.
_MAPS = r"""
index r = 1..M; s = 1..N; k; t
M, N : number
Y_1^{(1)}, Y_1^{(3)}, Y_1^{(6)} : matrix
K_{11}^{(4)} : matrix
S_H, S_W, R_H, R_W : matrix
f, f_1 : function
"""
MAPS = _MAPS + r"""Y_1^{(4)} : matrix from 0
check s111a, s114a, s114b
check s104a where f := f_1; S_H := R_H; S_W := R_W
"""
FROM_ONE = _MAPS + r"""Y_1^{(4)} : matrix
check s113d
"""

#: Slides 109 and 110: the unit's softplus of steepness 2, and a second unit beside it.
SOFT = r"""
y_1^{(7)}, k, e : number
z^{(7)} : vector
f : function
check s109c where z_1^{(7)} := z^{(7)}(1); z_k^{(7)} := z^{(7)}(k)
check s110b where z_1^{(7)} := z^{(7)}(1)
"""


def sum_symbols(e, star, slide):
    """Two maps in and two out, and one in and one out, by two plain products."""
    K, Y = e.symbols("K", 2, 2, 3, 3), e.symbols("Y", 2, 4, 5)
    B, half = e.symbols("B", 2, 3), {f"h_{axis}^{{({l})}}": 1 for axis in "12" for l in "l14"}

    def layer(product, i):
        return sum(np.array(product(Y[j].tolist(), K[i - 1, j].tolist())) for j in range(2))

    one = np.array(slide(Y[0].tolist(), K[0, 0].tolist())) + B
    return Given({"m_1^{(l-1)}": 2, **half, "K_{ij}^{(l)}": lambda i, j: K[i - 1, j - 1],
                  "Y_j^{(l-1)}": lambda j: Y[j - 1], "N_i": lambda i: layer(star, i),
                  "M_i": lambda i: layer(slide, i), "W": K[0, 0], "X": Y[0], "B": B, "Y": one,
                  "f": e.activation()})


def map_symbols(e, seven, **sizes):
    """The seven layers, `seven(e, **sizes)`, by plain loops."""
    s = seven(e, **sizes)
    looped = s.loops()["Y"]

    def skipping(n):
        return [[int(c == 2 * r) for c in range(n)] for r in range(-(-n // 2))]

    sides = {name: skipping(n) for maps, names in ((looped[4], "S_H S_W"), (looped[1], "R_H R_W"))
             for name, n in zip(names.split(), (len(maps), len(maps[0])), strict=True)}
    return Computed(
        {"Y_1^{(1)}": looped[1], "Y_1^{(3)}": looped[3], "K_{11}^{(4)}": s.K4, "f": s.f4,
         "f_1": s.f1, "M": len(looped[6]),
         "N": len(looped[6][0]), **sides}, lambda values: _from_four(s, values))


def _from_four(s, values):
    Y4 = values.get("Y_1^{(4)}")
    if Y4 is None:
        kernel = np.asarray(values["K_{11}^{(4)}"], dtype=object).tolist()
        Y4 = s.loops(K4=kernel)["Y"][4]
    activated = [[s.f4(v) for v in row] for row in np.asarray(Y4, dtype=object).tolist()]
    return {"Y_1^{(4)}": Y4, "Y_1^{(6)}": loops.subsample(activated, (2, 2))}


def soft_symbols(e):
    """Softplus by its logarithm, its slope by the hyperbolic tangent."""
    z = [0.75, -1.25]
    return Given({"k": 2, "e": math.e, "z^{(7)}": z, "y_1^{(7)}": _softplus(z[0]),
                  "f": lambda: on_floats(_softplus, lambda z: (1 + math.tanh(z)) / 2)})


def _softplus(z):
    return math.log1p(math.exp(2 * z)) / 2
