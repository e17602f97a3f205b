"""What the slides say of their symbols, and which of their lines are run as they stand."""

from fractions import Fraction

import numpy as np

from cnnmat.verify.tex.world import Computed, Given

__all__ = ["EXAMPLE", "LAYER", "example_symbols", "layer_symbols"]

#: Slides 57 to 62: one layer; kernels count from -h.
LAYER = r"""
index i; j; r; s
m_1^{(l-1)}, m_2^{(l-1)}, m_3^{(l-1)}, m_2^{(l)}, m_3^{(l)}, h_1^{(l)}, h_2^{(l)}, m_1^{(l)} : number
Y_i^{(l)}, B_i^{(l)} : matrix m_2^{(l)} x m_3^{(l)} for i = 1..m_1^{(l)}
Y_j^{(l-1)} : matrix m_2^{(l-1)} x m_3^{(l-1)} for j = 1..m_1^{(l-1)}
K_{ij}^{(l)} : matrix 2h_1^{(l)}+1 x 2h_2^{(l)}+1 from -h_1^{(l)} for i = 1..m_1^{(l)},
 j = 1..m_1^{(l-1)}
* : function
check s58a, s59a/size, s62b
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
 w_{r,s}^{(7)} := w^{(7)}(r,s)
check s113a where z_i^{(7)} := z_1^{(7)}; w_{r,s}^{(7)} := w^{(7)}(r,s)
check s112b
"""


def layer_symbols(e, layer, maps, image, kernel):
    """A layer by plain loops: `layer(e, maps, image, kernel)` builds it."""
    one = layer(e, maps, image, kernel)
    leaves = one.loops()

    def convolved(mask, picture):
        return np.array(layer.star(picture.tolist(), mask.tolist()), dtype=object)

    return Given({
        "m_1^{(l-1)}": one.C, "m_1^{(l)}": one.D, "m_2^{(l-1)}": image[0], "m_3^{(l-1)}": image[1],
        "m_2^{(l)}": len(leaves[0]), "m_3^{(l)}": len(leaves[0][0]),
        "h_1^{(l)}": (kernel[0] - 1) // 2, "h_2^{(l)}": (kernel[1] - 1) // 2,
        "Y_i^{(l)}": lambda i: leaves[i - 1], "B_i^{(l)}": lambda i: one.B[i - 1],
        "Y_j^{(l-1)}": lambda j: one.Y[j - 1], "K_{ij}^{(l)}": lambda i, j: one.K[i - 1, j - 1],
        "*": lambda: convolved})


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
