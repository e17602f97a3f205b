"""Slide 62: equation (10) at one position, and the double sum behind its star."""

import numpy as np

from cnnmat import loops, vec
from cnnmat.derivations.mendez.s055_060_layer import matrices, sizes
from cnnmat.derivations.mendez.setting import (
    KIT,
    LAYER,
    SMALL,
    convolve_inside,
    correlate_inside,
    layer_as_one_matrix,
    layer_entries,
    layer_loops,
    layer_matrices,
    lecture,
    matrix_of,
)
from cnnmat.textbook.images import correlate_image
from cnnmat.verify import Sides


@lecture.claim(
    "s62a/size", "dimension", "How many units a map has", r"m_1^{(l)}\cdot m_2^{(l)}",
    expect="misprint", corrected_formula=r"m_2^{(l)}\cdot m_3^{(l)}",
    reason="a map is m_2 x m_3, m_1 is the number of maps; both builds. Invisible where there are "
           "as many maps as columns", cases=[KIT, {**KIT, "maps": (2, 2)}])
def units(e, **kit):
    D, H, W = matrices(kit)[1]
    one = layer_matrices(*layer_entries(e, **kit))[0]
    counted = sum(1 for _ in range(sizes(kit)[1][1]) for _ in range(sizes(kit)[1][2]))
    return Sides(truth=counted, printed=D * H, corrected=one.size, wrong={"all maps": D * H * W})


@lecture.claim(
    "s62b", "identity", "(10) at one position",
    r"(Y_i^{(l)})_{r,s}=(B_i^{(l)})_{r,s}+\sum_{j=1}^{m_1^{(l-1)}}(K_{ij}^{(l)}*Y_j^{(l-1)})_{r,s}",
    cases=LAYER)
def at_one_position(e, **kit):
    Y, K, B = layer_entries(e, **kit)
    r, s, i = 0, 1, 2
    truth = B[i, r, s] + sum(convolve_inside(Y[j].tolist(), K[i, j].tolist())[r][s]
                             for j in range(len(Y)))
    have = layer_matrices(Y, K, B)
    return Sides(truth=truth, printed=have[i, r, s],
                 wrong={"one term short": (have - layer_matrices(Y, K, B * 0))[i, r, s],
                        "r and s exchanged": have[i, s, r]})


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


def sums(Y, K, B, start, signs=(1, 1)):
    return [[[B[i, r, s] + sum(double_sum(Y[j], K[i, j], r + start[0], s + start[1], signs)
                               for j in range(len(Y))) for s in range(B.shape[2])]
             for r in range(B.shape[1])] for i in range(len(K))]


SUMS = r"\sum_{j=1}^{m_1^{(l-1)}}\sum_{k=-h_1^{(l)}}^{h_1^{(l)}}\sum_{t=-h_2^{(l)}}^{h_2^{(l)}}" \
       r"(K_{ij}^{(l)})_{k,t}(Y_j^{(l-1)})"
DOUBLE = SUMS + r"_{r+k,s+t}"
ONE = {"maps": (1, 1), "image": (4, 5), "kernel": (3, 3)}
MANY = {"maps": (2, 3), "image": (4, 6), "kernel": (3, 5)}


@lecture.claim(
    "s62c", "identity", "The double sum behind the star: signs of k and t", DOUBLE,
    expect="misprint",
    corrected_formula=SUMS + r"_{r-k,s-t}",
    reason="by (8) the star takes r-k, s-t; with r+k it is a correlation. Slides 103, 111 and 115 "
           "repeat r+k, so the network from here on is a correlation network, consistent in itself. "
           "Invisible for kernels that a half turn leaves as they are",
    cases=[{"maps": (1, 1), "image": (4, 5), "kernel": (1, 1)}, ONE, MANY])
def signs_of_the_sum(e, **kit):
    Y, K, B = layer_entries(e, **kit)
    start = [n // 2 + 1 for n in kit["kernel"]]
    return Sides(truth=layer_loops(convolve_inside, Y.tolist(), K.tolist(), B.tolist()),
                 printed=sums(Y, K, B, start), corrected=layer_matrices(Y, K, B),
                 wrong={"one sign only": sums(Y, K, B, start, (-1, 1))})


@lecture.claim(
    "s62d", "dimension", "Where r and s start", r"(Y_j)_{r+k,s+t},\;k=-h_1..h_1",
    expect="ambiguous", corrected_formula=r"(Y_j)_{r+h_1+k,\,s+h_2+t},\;r=1..m_2^{(l)}",
    reason="with r a coordinate of the input, from h+1 on, the sum stays inside the map; with r a "
           "coordinate of the output, from 1 on as slides 98 and 105 count, it reads outside. "
           "cnnmat counts the output from its first place and adds h. Invisible for h = 0",
    cases=[{"maps": (1, 1), "image": (1, 3), "kernel": (1, 3)}, ONE])
def where_it_starts(e, **kit):
    Y, K, B = layer_entries(e, **kit)
    h = [n // 2 for n in kit["kernel"]]
    return Sides(truth=layer_loops(correlate_inside, Y.tolist(), K.tolist(), B.tolist()),
                 readings={"from h+1, in the input": sums(Y, K, B, [h[0] + 1, h[1] + 1]),
                           "from 1, in the output": sums(Y, K, B, [1, 1])},
                 wrong={"from h+2": sums(Y, K, B, [h[0] + 2, h[1] + 2])})


@lecture.claim("s62e", "identity", "The layer is linear in its maps and in its kernels", DOUBLE,
               cases=[SMALL, MANY], reason="with the matrices of both, and their adjoints")
def linear(e, **kit):
    Y, K, B = layer_entries(e, **kit)
    zero = B * 0
    truth = [v for one in layer_loops(correlate_inside, Y.tolist(), K.tolist(), zero.tolist())
             for v in loops.vec(one)]
    W = layer_as_one_matrix(kit["image"], K)
    x = np.concatenate([vec(y) for y in Y])
    H = np.concatenate([matrix_of(lambda k, y=y: correlate_image(y.astype(object), k,
                                                                  padding="valid"), kit["kernel"])
                        for y in Y], axis=1)
    by_kernel = np.concatenate([H @ np.concatenate([vec(k) for k in row]) for row in K])
    u = np.concatenate([vec(b) for b in B])
    return Sides(truth=(truth, truth, sum(a * b for a, b in zip(truth, u, strict=True))),
                 printed=(W @ x, by_kernel, x @ (W.T @ u)),
                 wrong={"W of the turned kernels": (
                     layer_as_one_matrix(kit["image"], K[:, :, ::-1, ::-1]) @ x, by_kernel,
                     x @ (W.T @ u)),
                     "adjoint without transpose": lambda: (W @ x, by_kernel, x @ (W @ u))},
                 show={"H": H})
