"""The full network, from a layer to the next and to the feedforward part, (47.1212) to (47.1215)."""

from math import prod

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.eq1205_1211_full_network import lengths
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, SMALL, TALL, WIDE, lecture, line, network
from cnnmat.textbook import correlation
from cnnmat.textbook.vec import carrier
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict

#: Two maps before, two behind, so that subsets of the maps before can differ.
CONNECTED = {"depth": 1, "M": 3, "lists": (((0, 1), (2, 0), (1, 2)), ((1, 0), (0, 1))),
             "depths": (2, 2), "regions": (((2, 0), (1,)), ((0,), (1,))), "widths": (2,), "N": 1,
             "numbers": True}
EQUAL_DEPTHS = {**WIDE, "depths": (3, 3)}


@line("47.1212", "identity", "The maps of layer c+1 from the subvectors of layer c",
      r"y_n^{(d,c+1)}=f\left(\sum_{j=1}^{D_c}\left([H_n^{(j,c)}]^{\mathsf{T}}w_j^{(d,c+1)}-"
      r"\theta^{(d,c+1)}(j)\mathbb{1}\right)\right),\quad d=1,2,\dots,D_{c+1}", cases=(SMALL, *BOTH))
def next_maps(s):
    p = s.parameters
    f = s.net.stages[s.C].activation
    H, W, Theta = s.forward.H_c[s.C - 1][0], p.W_c[s.C], p.Theta_c[s.C]
    once = Theta * (np.arange(len(Theta)) == 0)[:, None]
    return Sides(truth=s.signals()["y"][-1], printed=f(correlation.preactivation(H, W, Theta)),
                 wrong={"one bias only, outside the sum": f(correlation.preactivation(H, W, once)),
                        "H not transposed": lambda: f(H @ W)})


@line("47.1212/range", "dimension", "d runs over the maps of the new layer",
      r"d=1,2,\dots,D_{c+1}", cases=(*BOTH, ANY_2))
def range_of_new_maps(s):
    return Sides(truth=[len(stage["w"]) for stage in s.stages()],
                 printed=[s.D[c + 1] for c in range(s.C)],
                 wrong={"D_c": [s.D[c] for c in range(s.C)]})


@line("47.1212/bias", "identity", "Only the sum of a map's biases matters",
      r"z_n^{(d,c+1)}=\sum_{j=1}^{D_c}[H_n^{(j,c)}]^{\mathsf{T}}w_j^{(d,c+1)}-\left("
      r"\sum_{j=1}^{D_c}\theta^{(d,c+1)}(j)\right)\mathbb{1}", cases=(SMALL, WIDE),
      source_kind="consequence")
def sum_of_biases(s):
    p, a = s.parameters, s.gamma[0, 0]
    shift = np.zeros(p.Theta_c[1].shape, dtype=object)
    shift[0], shift[1] = a, -a
    one = shift.copy()
    one[1] = 0

    def z(Theta):
        return correlation.preactivation(s.forward.H_c[0][0], p.W_c[1], Theta)

    return Sides(truth=s.signals()["z"][0], printed=z(p.Theta_c[1] + shift),
                 wrong={"one bias shifted": z(p.Theta_c[1] + one)})


@line("47.1213", "definition", "Leaving maps out is setting their masks and biases to zero",
      r"y_n^{(d,c+1)}=f\left(\sum_{j\in\mathcal{D}_c}\left([H_n^{(j,c)}]^{\mathsf{T}}"
      r"w_j^{(d,c+1)}-\theta^{(d,c+1)}(j)\mathbb{1}\right)\right)",
      cases=({**CONNECTED, "connections": (None, ((1, 1), (0, 0)))},
             {**CONNECTED, "connections": (None, ((1, 0), (0, 1)))}))
def subset_of_maps(s):
    p, S = s.parameters, s.S[2]
    W = p.W_c[2].copy()
    for j in range(2):
        W[j * S:(j + 1) * S] *= s.net.connections[2][j]
    H = s.forward.H_c[1][0]
    f = s.net.stages[2].activation
    return Sides(truth=s.signals()["y"][1], printed=s.forward.y_c[2][0],
                 wrong={"the biases of the maps left out kept": f(
                     correlation.preactivation(H, W, p.Theta_c[2])),
                        "all maps in": f(correlation.preactivation(
                            H, p.W_c[2], p.Theta_c[2]))})


lecture.remark("47.1213/words", "The words speak of a sum of layers over a subset of layers; the sum is "
               "over maps of one layer. The caption of figure 47.96 and the words behind (47.1247) call a "
               "map a layer too.")


@line("47.1213/range", "dimension", "How many maps the limited form makes",
      r"y_n^{(d,c+1)}=f\left(\sum_{j\in\mathcal{D}_c}\left([H_n^{(j,c)}]^{\mathsf{T}}w_j^{(d,c+1)}"
      r"-\theta^{(d,c+1)}(j)\mathbb{1}\right)\right),\quad d=1,2,\dots,D_c",
      cases=(EQUAL_DEPTHS, WIDE), expect="misprint",
      corrected_formula=r"y_n^{(d,c+1)},\quad d=1,2,\dots,D_{c+1}",
      reason="the left side is a map of layer c+1, and (47.1212) has that range for it; invisible "
             "where two layers are equally deep", rewritten=r"y_n^{(d,c+1)},\quad d=1,2,\dots,D_c")
def range_of_limited_maps(s):
    y = s.signals()["y"][1]
    return Sides(truth=[list(range(1, len(y) + 1))], printed=[list(range(1, s.D[1] + 1))],
                 corrected=[list(range(1, s.D[2] + 1))],
                 wrong={"D_0": [list(range(1, s.D[0] + 1))], "from 0": [list(range(s.D[2]))]})


@lecture.claim(
    "47.1213/subset", "gradient", "A map outside a common subset has no influence at all",
    r"j\notin\mathcal{D}_c\Rightarrow\partial\|\gamma_n-y_n\|^2/\partial t_n^{(j,c)}=0",
    reason="the letter says one subset for all new maps, and then a map outside it might as well "
           "not be computed; cnnmat's connections take a subset for each new map, which has the "
           "common one as a special case", source_kind="consequence")
def common_subset(e):
    def slopes(connections):
        s = network(e, **CONNECTED, connections=(None, connections))
        return s.e.gradient(lambda t: s.error(0, s.after(1, t)["output"]),
                            s.signals()["t"][0])[1] != 0

    return Sides(truth=[False, False], printed=slopes(((1, 1), (0, 0))),
                 wrong={"a subset for each new map": slopes(((1, 0), (0, 1)))})


@line("47.1214", "definition", "What the last pooling leaves",
      r"\{t_n^{(1,C)},t_n^{(2,C)},\dots,t_n^{(D_C,C)}\}", cases=(*BOTH, ANY_2))
def last_reduced_maps(s):
    return Sides(truth=s.signals()["t"][-1], printed=s.forward.t_c[s.C][0],
                 wrong={"before pooling": s.forward.y_c[s.C][0],
                        "the maps in reverse": s.forward.t_c[s.C][0][::-1]})


@line("47.1214/size", "dimension", "The last reduced maps have P'_C entries",
      r"(\text{each of size }P'_C\times1)", cases=(*BOTH, ANY_2), rewritten=r"t_n^{(d,C)}:\;P'_C"
      r"\times1")
def size_of_last_maps(s):
    return Sides(truth=lengths(s.signals()["t"][-1]), printed=[s.Pp[s.C]] * s.D[s.C],
                 wrong={"P_C": [s.P[s.C]] * s.D[s.C]})


@line("47.1215", "definition", "The last reduced maps stacked, map after map",
      r"h'_n=\mathrm{col}\{t_n^{(1,C)},t_n^{(2,C)},\dots,t_n^{(D_C,C)}\}", cases=(SMALL, *BOTH, ANY_2))
def stacked_maps(s):
    t = s.signals()["t"][-1]
    return Sides(truth=[t[d][p] for d in range(len(t)) for p in range(len(t[0]))],
                 printed=s.forward.y_l[1][0],
                 wrong={"interleaved": s.forward.t_c[s.C][0].T.ravel()})


lecture.remark("47.1215/y1", "The input of the feedforward part is written without its sample "
               "index; in the listing it has one.")


@line("fig47.97", "dimension", "Three pairs of layers and two output nodes",
      r"C=3,\quad Q=2", cases=(TALL, ANY_2), source_kind="words")
def figure_97(s):
    signals = s.signals()
    shapes = s.net.shapes()
    return Sides(truth=(len(signals["z"]), len(signals["output"])),
                 printed=(s.net.C, s.net.n[s.net.L]),
                 wrong={"the input nodes counted": (s.net.C, s.net.n[1]),
                        "numbers of weights": (s.net.C, prod(shapes.W_l[1]))})


@line("sec4/after-f", "identity", "What the matrices of a layer do together",
      r"[z_n^{(1,c)}\cdots z_n^{(D_c,c)}]=H_{n,c-1}^{\mathsf{T}}W_c"
      r"-\mathbb{1}\mathbb{1}^{\mathsf{T}}\Theta_c", cases=(SMALL, WIDE),
      covers="the form in which cnnmat evaluates (47.1212)", source_kind="consequence")
def all_maps_at_once(s):
    p, H = s.parameters, s.forward.H_c[0][0]
    ones = np.ones((s.P[1], s.D[0]), dtype=int)
    W, Theta = strict(p.W_c[1]), strict(p.Theta_c[1])
    return Sides(truth=loops.transpose(s.signals()["z"][0]),
                 printed=H.T @ W - carrier(ones, Theta) @ Theta,
                 wrong={"the biases added": H.T @ W + ones @ Theta})
