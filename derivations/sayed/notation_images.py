"""What sections 1 and 2 say of their symbols, and which of their lines are run as they stand."""

from fractions import Fraction
from math import exp, hypot, pi, sqrt

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["IMAGES", "MAPS", "image_symbols", "map_symbols"]

IMAGES = r"""
index r = 1..L; c = 1..L; k = -K..K; \ell = -K..K; j = 1..3; k'; \ell'; m
K, L, a : number
\mathcal{H}, \mathcal{W}, \mathcal{W}^{\#} : matrix 2K+1 x 2K+1 from -K
\mathcal{I} : matrix L x L from 1, 0 outside
\mathcal{F} : matrix L x L
\mathcal{W}_x, \mathcal{W}_y : matrix 3 x 3 from -1
\mathcal{F}_f, \mathcal{F}_3, \mathcal{F}_e, \mathcal{F}_x, \mathcal{F}_y, X, Y : matrix L x L
e, \pi : number
\mathcal{W}_g : matrix 2K+1 x 2K+1 from -K
\sigma, \theta_j : number
h_{r,c}^{(j)} : vector (2K+1)^2 for j = 1..3
w_j : vector (2K+1)^2 for j = 1..3
V : matrix (2K+1)^2L^2 x L^2
n_{\mathrm{outside}}, n_{\mathrm{shared}}, n_{\mathrm{inside}} : number
\mathrm{square dimension of the mask} : number
i, y : vector L^2
\theta, S, P, M : number
f : function
h, w, w^{\#} : vector (2K+1)^2
h_{r,c} : vector (2K+1)^2
\tilde{I}, I : matrix 2K+1 x 2K+1
\tilde{I}_m : matrix m x m
\mathrm{corr}, *, \star : function
check 47.1126, 47.1126a, 47.1127a, 47.1127b, 47.1129, 47.1131a, 47.1133, 47.1135/learned,
 47.1136, 47.1137/orthogonal, 47.1138a, 47.1138b, 47.1139/1, 47.1139,
 47.1139/nexttolast, 47.1140a, 47.1141/differences, 47.1141/noise, 47.1141/uniform
check 47.1130, 47.1132, 47.1134, 47.1138, 47.1138/vec-size, 47.1139/5, 47.1144, 47.1147a, 47.1147b, 47.1147c
check 47.1124/size sizes \mathcal{W}
check 47.1134/size-stride1 sizes \mathcal{F}
check 47.1125 over \mathcal{W}(k,\ell)
check fig47.81 over \mathcal{F}(r,c)\mathcal{W}(k,\ell)
check fig47.83
check 47.1143, 47.1146 where h := i
check 47.1128/outside as n_{\mathrm{outside}}
check 47.1132/shared as n_{\mathrm{shared}}; n_{\mathrm{inside}}
check 47.1147/M-example where h_n := i
check 47.1162 where \mathcal{F} := \mathcal{F}_f
check 47.1163 where \mathcal{F} := \mathcal{F}_3; \theta := \mathrm{col}\{\theta_1,\theta_2,\theta_3\}
check 47.1135, 47.1135/symmetry where \mathcal{W} := \mathcal{W}_g
check 47.1142 where \mathcal{F}(r,c) := \mathcal{F}_e(r,c)
check 47.1141a, 47.1141b where \mathcal{F}_x := X; \mathcal{F}_y := Y
check 47.1128, 47.1145, 47.1147d
check 47.1126b, 47.1126c as \mathrm{corr}(\mathcal{H},\mathcal{W})
check 47.1139/2, 47.1139/3, 47.1139/4 as \mathcal{F}(r,c)
check 47.1140b where \mathcal{W}_x := \begin{bmatrix}1\\1\\1\end{bmatrix}\begin{bmatrix}-1&0&1\end{bmatrix};
 \mathcal{W}_y := \begin{bmatrix}-1\\0\\1\end{bmatrix}\begin{bmatrix}1&1&1\end{bmatrix}
check 47.1137 where \tilde{I} := \tilde{I}_3
check 47.1138c, 47.1138d where \tilde{I} := \tilde{I}_{(2K+1)^2}
"""

MAPS = r"""
index n = 0..0; p = 1..P; j = 1..3; d = 1..D; m = 1..M; s
family n: n; p: p
P, S, M, D, L, K, n_{\mathrm{parameters}}, n_{\mathrm{connections}} : number
h_p, h_{n,p} : vector S
h, h_n : vector M
h_{n,p}^{(j)} : vector S
H_n, H_n^{(j)} : matrix S x P
w, w^{(d)}, w_j, w_j^{(d)} : vector S
\theta : number
\theta^{(d)} : number
V : matrix PS x M
y_n, u_n : vector P
u_n^{(d)} : vector P
\theta_j, a_j : number
\theta_j^{(d)} : number
y_n^{(d)} : vector P
e_m : vector M
f : function
\mathrm{partition}, \mathrm{relu}, \mathrm{th} : function
x_m : number
\mathbb{1} : vector P
check 47.1152, 47.1152/unique, 47.1152/rows, fig47.87, fig47.88/maps, 47.1254/1151, 47.1124/connections,
  47.1155, 47.1156, 47.1157, 47.1158, 47.1160, 47.1161,
 47.1158/ones
check 47.1150/size sizes I_P\otimes\mathbb{1}_S^{\mathsf T}
check 47.1157/size sizes H_n
check 47.1152/size, 47.1153/size sizes V
check 47.1151, 47.1153/gram, 47.1149, 47.1149/size, 47.1153, 47.1148
check 47.1164 where \theta := \mathrm{col}\{\theta_1,\theta_2,\theta_3\}; y_n := u_n
check 47.1189 where \theta^{(d)} := \mathrm{col}\{\theta_1^{(d)},\theta_2^{(d)},\theta_3^{(d)}\};
 y_n^{(d)} := u_n^{(d)}
check 47.1191a where \theta^{(d)} := \mathrm{col}\{\theta_1^{(d)},\theta_2^{(d)},\theta_3^{(d)}\};
 y_n^{(d)} := u_n^{(d)}
check 47.1163/bias where \theta := \mathrm{col}\{\theta_1,\theta_2,\theta_3\}
check 47.1150, 47.1159
check 47.1154a where f := \mathrm{relu}; x := x_m
check 47.1154b where f := \mathrm{th}; x := x_m
check 47.1155/params as n_{\mathrm{parameters}}
check 47.1155/connections as n_{\mathrm{connections}}
check 47.1149/dims over e_m
check 47.1190a, 47.1190b, 47.1190c
check 47.1190/size sizes H_n^{(1)}
"""


def image_symbols(e):
    """An image of 4 by 4, a mask and a patch of 5 by 5, and what the loops make of them."""
    names = {r"\mathcal{I}": e.symbols("I", 4, 4), r"\mathcal{W}": e.symbols("W", 5, 5),
             r"\mathcal{H}": e.symbols("H", 5, 5)}
    reversed_identity = np.eye(5, dtype=int)[::-1]
    fixed = {"K": 2, "L": 4, r"\theta": e.symbols("theta"), "f": e.activation(),
             "S": sum(len(row) for row in names[r"\mathcal{W}"]), "M": sum(
                 len(row) for row in names[r"\mathcal{I}"]), "P": 16, "a": e.symbols("a"),
             r"\tilde{I}": reversed_identity, "I": np.eye(5, dtype=int),
             r"\tilde{I}_m": lambda m: np.eye(m, dtype=int)[::-1],
             r"\mathrm{square dimension of the mask}": len(names[r"\mathcal{W}"]),
             r"\sigma": 2, "e": exp(1), r"\pi": pi, r"\mathcal{W}_g": [[a * b for b in NORMAL] for a in NORMAL],
             r"\mathcal{W}_x": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
             r"\mathcal{W}_y": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]], **_slopes(e), **_windows(),
             r"\mathrm{corr}": lambda: lambda a, b: loops.dot(
                 loops.vec(a.tolist()), loops.vec(b.tolist())),
             "*": lambda: _convolved, r"\star": lambda: _convolved}
    return Computed({**names, **fixed, **_colours(e, fixed["f"])}, _filtered)


#: The normal density of variance 4 at -2, ..., 2.
NORMAL = [exp(-k * k / 8) / sqrt(8 * pi) for k in range(-2, 3)]


def _slopes(e):
    """Two slopes a pixel, as numbers, and their lengths."""
    # the first is the larger one, so that their squares' difference has a root too
    x, y = e.integers(4, 4, low=5, high=9).tolist(), e.integers(4, 4, low=-4, high=-1).tolist()
    lengths = [[hypot(a, b) for a, b in zip(*rows, strict=True)] for rows in zip(x, y, strict=True)]
    return {r"\mathcal{F}_x": x, r"\mathcal{F}_y": y, r"\mathcal{F}_e": lengths}


def _windows():
    """Which entries of the image are read at each place of the mask, and how many the first two have."""
    lists = loops.window_lists([4, 4], [5, 5], [1, 1], [(2, 2)] * 2, [1, 1])
    under = [{(k, c + l) for k in range(-2, 3) for l in range(-2, 3)} for c in (0, 1)]
    both = under[0] & under[1]
    return {"V": [[int(i == m) for m in range(16)] for one in lists for i in one],
            r"n_{\mathrm{outside}}": sum(1 for at in under[0] if min(at) < 0),
            r"n_{\mathrm{shared}}": len(both), r"n_{\mathrm{inside}}": sum(1 for at in both if min(at) >= 0)}


def _colours(e, f):
    """Three images with masks and biases of their own, added up at each pixel."""
    images, masks = e.symbols("J", 3, 4, 4).tolist(), e.symbols("U", 3, 5, 5).tolist()
    theta = e.symbols("b", 3)
    return {"h_{r,c}^{(j)}": lambda r, c, j: loops.vec(loops.patch(images[j - 1], r - 1, c - 1, 5, 5)),
            "w_j": lambda j: loops.vec(masks[j - 1]), r"\theta_j": lambda j: theta[j - 1],
            r"\mathcal{F}_3": [[f(sum(loops.correlate_at(images[j], masks[j], r, c) - theta[j]
                                      for j in range(3))) for c in range(4)] for r in range(4)]}


def _convolved(image, mask):
    image, mask = image.tolist(), mask.tolist()
    return np.array([[loops.convolve_at(image, mask, r, c) for c in range(len(image[0]))]
                     for r in range(len(image))], dtype=object)


def _filtered(values):
    image, mask, patch = (np.asarray(values[rf"\mathcal{{{x}}}"], dtype=object).tolist() for x in "IWH")
    filtered = loops.filter_image(image, mask)
    x, y = (values[rf"\mathcal{{W}}_{one}"] for one in "xy")
    return {r"\mathcal{F}": filtered, "X": loops.filter_image(image, x),
            "Y": loops.filter_image(image, y), "y": loops.vec(filtered), "i": loops.vec(image),
            r"\mathcal{F}_f": [[values["f"](one - values[r"\theta"]) for one in row]
                               for row in filtered],
            r"\mathcal{W}^{\#}": loops.flip(mask), "h": loops.vec(patch), "w": loops.vec(mask),
            r"w^{\#}": loops.vec(loops.flip(mask)),
            "h_{r,c}": lambda r, c: loops.vec(loops.patch(image, r - 1, c - 1, 5, 5))}


#: M = 6 entries in P = 4 subvectors of S = 3, Figure 47.87.
LISTS = ((0, 3, 5), (1, 4, 3), (2, 5, 0), (1, 3, 0))


def map_symbols(e):
    """Three inputs of six entries, masks for three maps, and the maps by the loops."""
    h, w, f = e.symbols("h", 3, 6), e.symbols("w", 3, 3), e.activation()
    theta = e.symbols("theta", 3)
    subs = [loops.subvectors(one, LISTS) for one in h.tolist()]

    w3, bias = e.symbols("v", 3, 3, 3), e.symbols("b", 3, 3)

    def fed(d):
        """A map fed by three, the masks v[d, j] and the biases b[d, j]."""
        z = loops.preactivation(h.tolist(), LISTS, w3[d].tolist(), bias[d].tolist(), range(3))
        return [f(one) for one in z]

    def unit(d):
        return loops.feature_map(subs[0], w[d].tolist(), theta[d], f)

    return Given({
        r"n_{\mathrm{parameters}}": len([*w[0], theta[0]]),
        r"n_{\mathrm{connections}}": sum(len([*one, theta[0]]) for one in subs[0]),
        "P": 4, "S": 3, "M": 6, "D": 3, "L": 4, "K": 1, "h": h[0], "h_n": lambda n: h[0],
        "h_p": lambda p: subs[0][p - 1], "h_{n,p}": lambda n, p: subs[0][p - 1],
        "h_{n,p}^{(j)}": lambda n, p, j: subs[j - 1][p - 1],
        "H_n": lambda n: np.array(subs[0]).T, "H_n^{(j)}": lambda n, j: np.array(subs[j - 1]).T,
        "w": w[0], "w^{(d)}": lambda d: w[d - 1], "w_j": lambda j: w3[0, j - 1],
        "w_j^{(d)}": lambda j, d: w3[d - 1, j - 1], "a_j": lambda j: h[0, j],
        r"\theta_j": lambda j: bias[0, j - 1],
        r"\theta_j^{(d)}": lambda j, d: bias[d - 1, j - 1], "u_n": lambda n: fed(0),
        "u_n^{(d)}": lambda n, d: fed(d - 1),
        r"\theta": theta[0], r"\theta^{(d)}": lambda d: theta[d - 1],
        "V": [[int(i == m) for m in range(6)] for one in LISTS for i in one],
        "y_n": lambda n: unit(0), "y_n^{(d)}": lambda n, d: unit(d - 1),
        "e_m": lambda m: np.eye(6, dtype=int)[m - 1], "f": f, r"\mathbb{1}": [1] * 4,
        "x_m": lambda m: (-7, -1, 0, 2, 5, Fraction(1, 2))[m - 1], r"\mathrm{relu}": lambda: _rectified,
        r"\mathrm{th}": lambda: lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
        r"\mathrm{partition}": lambda: _partitioned})


def _rectified(x):
    return (x + abs(x)) / Fraction(2)


def _partitioned(h, count=None):
    """The subvectors of a vector one below the other, or `count` of them as a list."""
    subs = loops.subvectors(h[:, 0].tolist(), LISTS)
    columns = [np.array(one, dtype=object)[:, None] for one in subs]
    return tuple(columns[:count]) if count else np.concatenate(columns)
