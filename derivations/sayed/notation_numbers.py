"""The worked numbers of sayed, and its example of six entries, as symbols."""

from cnnmat import loops
from cnnmat.verify import duals
from cnnmat.verify.tex.world import Given

__all__ = ["COUNTS", "EXAMPLE", "count_symbols", "example_symbols"]

#: An image of 64 by 64, thirty masks of nine by nine.
COUNTS = r"""
L, M, P, D, S, K : number
check 47.1165, 47.1165/unit, 47.1166/saving, 47.1167
check 47.1166 as D(S+1)
check 47.1166/masksize as S+1
"""

#: Figure 47.99.
EXAMPLE = r"""
index k; m; p
P_{c+1}, S_{c+1} : number
w_1, w_2 : number
w_d^{(d',c+1)} : vector 2
V_c : matrix 8 x 6
b_n^{(d,d',c)} : vector 6
\delta_n^{(d',c+1)} : vector 4
V^{(d,d',c+1)} : matrix 6 x 4
check 47.1248/several, 47.1251, 47.1252, 47.1253, 47.1254, 47.1254/row1, 47.1255, 47.1255/skeleton, 47.1256
check 47.1251/size sizes V^{(d,d',c+1)}
check 47.1252/label sizes V_c
"""


def count_symbols(e):
    """The numbers, counted."""
    pixels = [(r, c) for r in range(64) for c in range(64)]
    mask = [(k, l) for k in range(-4, 5) for l in range(-4, 5)]
    return Given({"L": 64, "M": len(pixels), "P": len(pixels), "D": 30, "S": len(mask), "K": 4})


def example_symbols(e, lists):
    """The example's symbols by the loops; what comes back by the derivatives of its z."""
    w, delta, t = e.symbols("w", 2), e.symbols("delta", 4), e.symbols("t", 6)
    slopes = duals.jacobian(
        lambda t: loops.preactivation([t], lists, [w.tolist()], [0], [0]), t)
    back = [loops.dot(column, delta.tolist()) for column in slopes.T.tolist()]
    return Given({
        "P_{c+1}": 4, "S_{c+1}": 2, "w_1": w[0], "w_2": w[1], "w_d^{(d',c+1)}": w,
        "V_c": [[int(i == m) for m in range(6)] for one in lists for i in one],
        "b_n^{(d,d',c)}": back, r"\delta_n^{(d',c+1)}": delta, "V^{(d,d',c+1)}": slopes.T})
