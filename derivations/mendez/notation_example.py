"""What the slides say of their symbols: the maps of the example, and its softplus."""

import math

import numpy as np

from cnnmat import loops
from cnnmat.derivations.functions import on_floats
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["MAPS", "SOFT", "map_symbols", "soft_symbols"]

#: Slides 104 and 111 to 114: the maps, those of layer 4 counted from 0.
MAPS = r"""
index r = 1..M; s = 1..N; k; t
M, N : number
Y_1^{(1)}, Y_1^{(3)}, Y_1^{(6)} : matrix
Y_1^{(4)} : matrix from 0
K_{11}^{(4)} : matrix
S_H, S_W, R_H, R_W : matrix
f, f_1 : function
check s111a, s114a, s114b
check s104a where f := f_1; S_H := R_H; S_W := R_W
"""

#: Slides 109 and 110: the unit's softplus of steepness 2, and a second unit beside it.
SOFT = r"""
y_1^{(7)}, k, e : number
z^{(7)} : vector
f : function
check s109c where z_1^{(7)} := z^{(7)}(1); z_k^{(7)} := z^{(7)}(k)
check s110b where z_1^{(7)} := z^{(7)}(1)
"""


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
