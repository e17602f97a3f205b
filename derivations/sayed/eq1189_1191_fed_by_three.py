"""Maps fed by three input layers, and pooled, (47.1189) to (47.1191)."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Regions, Windows, loops, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import GENERIC, LISTS, tiled
from cnnmat.derivations.tables import table
from cnnmat.textbook import correlation
from cnnmat.textbook.pooling import Mean
from cnnmat.verify import Sides

COLOURS = [{**LISTS[0], "D": 4}, {"lists": GENERIC, "M": 7, "D": 2}]


def colour_maps(e, lists, M, D):
    """h, w [d, j, s], θ [d, j], f, the stacked H, W and Θ of a layer fed by three maps."""
    S = len(lists[0])
    h, w, theta = e.symbols("h", 3, M), e.symbols("w", D, 3, S), e.symbols("theta", D, 3)
    H = correlation.stack_maps(Partition(lists, M), h)
    return h, w, theta, e.activation(), H, w.reshape(D, -1).T, theta.T


def z_by_loops(h, lists, w, theta):
    return [loops.preactivation(h.tolist(), lists, w[d].tolist(), theta[d].tolist(), range(3))
            for d in range(len(w))]


@lecture.claim(
    "47.1189", "identity", "An entry of map d, fed by three input layers",
    r"y_n^{(d)}(p)=f\left(\sum_{j=1}^3\left([h_{n,p}^{(j)}]^Tw_j^{(d)}-\theta^{(d)}(j)\mathbb{1}"
    r"\right)\right),\quad d=1,2,\dots,D", expect="misprint",
    corrected_formula=r"y_n^{(d)}(p)=f\left(\sum_{j=1}^3\left([h_{n,p}^{(j)}]^Tw_j^{(d)}"
    r"-\theta^{(d)}(j)\right)\right),\quad d=1,2,\dots,D",
    reason="the left side is a number, the vector of ones belongs to the whole map (47.1191a); the "
           "parallel (47.1164) has none", cases=COLOURS)
def entry_of_a_map(e, lists, M, D):
    h, w, theta, f, H, W, Theta = colour_maps(e, lists, M, D)
    P = len(lists)
    z, part = correlation.preactivation(H, W, Theta), H.T @ W
    ones = np.ones(P, dtype=int).astype(object)
    printed = [[f(-ones * theta[d].sum() + part[p, d]) for p in range(P)] for d in range(D)]
    return Sides(truth=[[f(v) for v in one] for one in z_by_loops(h, lists, w, theta)],
                 printed=printed, corrected=[[f(z[d, p]) for p in range(P)] for d in range(D)],
                 wrong={"d and j exchanged": lambda: f(correlation.preactivation(
                     H, w.transpose(1, 0, 2).reshape(D, -1).T, Theta))})


@lecture.claim("47.1189/params", "dimension", "Three masks and three biases for each map",
               r"\{w_1^{(d)},w_2^{(d)},w_3^{(d)}\},\;\{\theta^{(d)}(1),\theta^{(d)}(2),\theta^{(d)}(3)\}",
               cases=COLOURS, reason="of the three biases only the sum can be told, see 47.1163/bias")
def parameters_of_colours(e, lists, M, D):
    S = len(lists[0])
    counted = sum(1 for _ in range(D) for _ in range(3) for _ in (*lists[0], "bias"))
    _, _, _, _, _, W, Theta = colour_maps(e, lists, M, D)
    return Sides(truth=(counted, counted), printed=(3 * D * (S + 1), W.size + Theta.size),
                 wrong={"one bias a map": (D * (3 * S + 1),) * 2})


@lecture.claim("fig47.93", "dimension", "D maps of P entries become D of P', as images or as vectors",
               r"\{y_n^{(d)},d=1,2,\dots,D\},\quad\{t_n^{(d)}\}", cases=[{"image": (4, 6), "D": 3}])
def images_or_vectors(e, image, D):
    maps = e.integers(D, *image)
    regions = Regions(Windows(image, 2, stride=2))
    t = Mean()(vec(maps, 2) * Fraction(1), regions)
    return Sides(truth=([loops.vec(tiled(lambda v: Fraction(sum(v), len(v)), one, (2, 2))) for one in maps],
                        (D, 6)), printed=(t, t.shape), wrong={"D reduced": (t[:1], (1, 24)),
                                                         "in reverse": (t[:, ::-1], t.shape)})


@table(lecture.claim, kind="definition", cases=[{"lists": GENERIC, "M": 7}])
def input_layer(e, j, lists, M):
    h, S = e.symbols("h", 3, M), len(lists[0])
    H = correlation.stack_maps(Partition(lists, M), h)
    own = loops.subvectors(h[j - 1].tolist(), lists)
    return Sides(truth=(loops.transpose(own),) * 2,
                 printed=(H[(j - 1) * S:j * S], Partition(lists, M).columns(h[j - 1])),
                 wrong={"another layer's": (H[j % 3 * S:][:S],) * 2})


input_layer("47.1190a", "The subvectors of input layer 1 as columns", r"H_n^{(1)}=\begin{bmatrix}"
            r"h_{n,1}^{(1)}&h_{n,2}^{(1)}&\dots&h_{n,P}^{(1)}\end{bmatrix}", 1)
input_layer("47.1190b", "The subvectors of input layer 2 as columns", r"H_n^{(2)}=\begin{bmatrix}"
            r"h_{n,1}^{(2)}&h_{n,2}^{(2)}&\dots&h_{n,P}^{(2)}\end{bmatrix}", 2)
input_layer("47.1190c", "The subvectors of input layer 3 as columns", r"H_n^{(3)}=\begin{bmatrix}"
            r"h_{n,1}^{(3)}&h_{n,2}^{(3)}&\dots&h_{n,P}^{(3)}\end{bmatrix}", 3)


@lecture.claim("47.1190/size", "dimension", "The matrix of each input layer is S x P", r"S\times P", cases=LISTS[1:])
def size_of_a_layer(e, lists, M):
    own = loops.transpose(loops.subvectors(list(range(M)), lists))
    P, S = len(lists), len(lists[0])
    return Sides(truth=(len(own), len(own[0])), printed=(S, P),
                 wrong={"the three together": (3 * S, P), "transposed": (P, S)})


@lecture.claim(
    "47.1191a", "identity", "Map d in matrices, fed by three input layers",
    r"y_n^{(d)}=f\left(\sum_{j=1}^3\left([H_n^{(j)}]^Tw_j^{(d)}-\theta^{(d)}(j)\mathbb{1}\right)"
    r"\right),\quad d=1,2,\dots,D", cases=COLOURS)
def maps_of_colours(e, lists, M, D):
    h, w, theta, f, H, W, Theta = colour_maps(e, lists, M, D)
    parts = [[correlation.feature_map(one, w[d, j], theta[d, j]) for j, one in enumerate(np.split(H, 3))]
             for d in range(D)]
    truth = [[f(v) for v in one] for one in z_by_loops(h, lists, w, theta)]
    return Sides(truth=(truth, truth),
                 printed=([f(sum(one)) for one in parts], f(correlation.preactivation(H, W, Theta))),
                 wrong={"f before the sum": ([sum(f(z) for z in one) for one in parts], truth),
                        "the sum of the biases three times": (truth, f(correlation.preactivation(
                            H, W, Theta * 3)))})


@lecture.claim("47.1191b", "definition", "Each of these maps is pooled",
               r"t_n^{(d)}=\mathrm{pool}\left(y_n^{(d)}\right)",
               cases=[{"lists": LISTS[1]["lists"], "M": 6, "omega": ((0, 2), (3,), (1,)), "D": 2}])
def then_pooled(e, lists, M, omega, D):
    h, w, theta, f, H, W, Theta = colour_maps(e, lists, M, D)
    z, regions = correlation.preactivation(H, W, Theta), Regions(omega, len(lists))
    truth = [loops.pool([f(v) for v in one], omega, loops.mean) for one in z_by_loops(h, lists, w, theta)]
    return Sides(truth=truth, printed=Mean()(f(z), regions), wrong={"pooled before f": f(Mean()(z, regions))})
