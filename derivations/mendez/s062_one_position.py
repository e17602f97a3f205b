"""Slide 62: equation (10) at one position, and the double sum behind its star."""

import numpy as np

from cnnmat import loops, vec
from cnnmat.derivations.mendez.conventions import START
from cnnmat.derivations.mendez.s055_060_layer import matrices, sizes
from cnnmat.derivations.mendez.setting import (
    KIT,
    SMALL,
    convolve_inside,
    correlate_inside,
    layer,
    layer_as_one_matrix,
    matrix_of,
)
from cnnmat.textbook.images import correlate_image
from cnnmat.verify import Sides


@layer(
    "s62a/size", "dimension", "How many units a map has", r"m_1^{(l)}\cdot m_2^{(l)}",
    expect="misprint", corrected_formula=r"m_2^{(l)}\cdot m_3^{(l)}",
    reason="a map is m_2 x m_3, m_1 is the number of maps; both builds. Invisible where there are "
           "as many maps as columns", cases=[KIT, {**KIT, "maps": (2, 2)}])
def units(s):
    D, H, W = matrices(s.kit)[1]
    _, rows, columns = sizes(s.kit)[1]
    counted = sum(1 for _ in range(rows) for _ in range(columns))
    return Sides(truth=counted, printed=D * H, corrected=s.matrices()[0].size,
                 wrong={"all maps": D * H * W})


@layer("s62b", "identity", "(10) at one position", r"(Y_i^{(l)})_{r,s}=(B_i^{(l)})_{r,s}"
       r"+\sum_{j=1}^{m_1^{(l-1)}}(K_{ij}^{(l)}*Y_j^{(l-1)})_{r,s}")
def at_one_position(s):
    i, r, c = 2, 0, 1
    terms = [convolve_inside(s.Y[j].tolist(), s.K[i, j].tolist())[r][c] for j in range(s.C)]
    have = s.matrices()
    return Sides(truth=s.B[i, r, c] + sum(terms), printed=have[i, r, c],
                 wrong={"one term short": have[i, r, c] - s.matrices(B=0 * s.B)[i, r, c],
                        "r and s exchanged": have[i, c, r]})


def double_sum(Y, K, r, s, signs=(1, 1)):
    """Σ_k Σ_t K_{k,t} Y_{r±k, s±t}, 1-based r, s, with zero outside the map."""
    h = [n // 2 for n in K.shape]
    total = 0
    for k in range(-h[0], h[0] + 1):
        for t in range(-h[1], h[1] + 1):
            a, b = r + signs[0] * k, s + signs[1] * t
            if 1 <= a <= Y.shape[0] and 1 <= b <= Y.shape[1]:
                total = total + K[k + h[0], t + h[1]] * Y[a - 1, b - 1]
    return total


def double_sums(B, K, Y, start):
    """B + the double sums of one map, r and s counted from `start`."""
    return [[B[r, s] + double_sum(Y, K, r + start[0], s + start[1]) for s in range(B.shape[1])]
            for r in range(B.shape[0])]


def sums(layer, start, signs=(1, 1)):
    """The maps of a layer by double sums, r and s counted from `start`."""
    Y, K, B = layer.Y, layer.K, layer.B
    return [[[B[i, r, s] + sum(double_sum(Y[j], K[i, j], r + start[0], s + start[1], signs)
                               for j in range(len(Y))) for s in range(B.shape[2])]
             for r in range(B.shape[1])] for i in range(len(K))]


SUMS = r"\sum_{j=1}^{m_1^{(l-1)}}\sum_{k=-h_1^{(l)}}^{h_1^{(l)}}\sum_{t=-h_2^{(l)}}^{h_2^{(l)}}" \
       r"(K_{ij}^{(l)})_{k,t}(Y_j^{(l-1)})"
DOUBLE = SUMS + r"_{r+k,s+t}"
ONE = {"maps": (1, 1), "image": (4, 5), "kernel": (3, 3)}
MANY = {"maps": (2, 3), "image": (4, 6), "kernel": (3, 5)}


@layer(
    "s62c", "identity", "The double sum behind the star: signs of k and t", DOUBLE,
    expect="misprint", corrected_formula=SUMS + r"_{r-k,s-t}",
    reason="by (8) the star takes r-k, s-t; with r+k it is a correlation. Slides 103, 111 and 115 "
           "repeat r+k, so the network from here on is a correlation network, consistent in itself. "
           "Invisible for kernels that a half turn leaves as they are",
    cases=[{"maps": (1, 1), "image": (4, 5), "kernel": (1, 1)}, ONE, MANY], assumes=START)
def signs_of_the_sum(s):
    start = [n // 2 + 1 for n in s.kernel]
    return Sides(truth=s.loops(), printed=sums(s, start), corrected=s.matrices(),
                 wrong={"one sign only": sums(s, start, (-1, 1))})


#: The two readings of where the places start, by what suggests them.
AT_H, AT_ONE = "from h+1, in the input", "from 1, in the output"
WHERE = {AT_H: "slide 59: what is left is m - 2h, the places where the sum stays inside",
         AT_ONE: "slides 98 and 105: r and s run from 1 to the size of the map"}


@layer(
    "s62d", "dimension", "Where r and s start", DOUBLE, expect="ambiguous",
    corrected_formula=SUMS + r"_{r+h_1^{(l)}+k,\,s+h_2^{(l)}+t}", assumes=START, cites=WHERE,
    reason="with r a coordinate of the input, from h+1 on, the sum stays inside the map; with r a "
           "coordinate of the output, from 1 on, it reads outside. cnnmat counts the output from its "
           "first place and adds h. Invisible for h = 0",
    cases=[{"maps": (1, 1), "image": (1, 3), "kernel": (1, 3)}, ONE])
def where_it_starts(s):
    h = [n // 2 for n in s.kernel]
    return Sides(truth=s.loops(correlate_inside),
                 readings={AT_H: sums(s, [h[0] + 1, h[1] + 1]),
                           AT_ONE: sums(s, [1, 1])},
                 wrong={"from h+2": sums(s, [h[0] + 2, h[1] + 2])})


def stacked(arrays):
    return np.concatenate([vec(one) for one in arrays])


def matrix_of_the_maps(s):
    """H with vec(Y_i) = H vec(K_i), for the kernels K_i of one output stacked."""
    return np.concatenate([matrix_of(lambda k, y=y: correlate_image(y.astype(object), k, padding="valid"),
                                     s.kernel) for y in s.Y], axis=1)


@layer("s62e", "identity", "The layer is linear in its maps and in its kernels",
       r"\mathrm{vec}\,Y_i=\sum_jV_{ij}\,\mathrm{vec}\,Y_j=H\,\mathrm{vec}\,K_i",
       cases=[SMALL, MANY], reason="with the matrices of both, and their adjoints",
       source_kind="consequence")
def linear(s):
    truth = [v for one in s.loops(correlate_inside, B=0 * s.B) for v in loops.vec(one)]
    x, u, H = stacked(s.Y), stacked(s.B), matrix_of_the_maps(s)
    W, turned = (layer_as_one_matrix(s.image, K) for K in (s.K, s.K[:, :, ::-1, ::-1]))
    by_kernel = np.concatenate([H @ stacked(row) for row in s.K])
    return Sides(truth=(truth, truth, loops.dot(truth, u.tolist())),
                 printed=(W @ x, by_kernel, x @ (W.T @ u)),
                 wrong={"W of the turned kernels": (turned @ x, by_kernel, x @ (W.T @ u)),
                        "adjoint without transpose": lambda: (W @ x, by_kernel, x @ (W @ u))},
                 show={"H": H})
