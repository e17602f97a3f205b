"""The lists of notation, (47.1221) to (47.1226)."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.setting import BOTH, DEEP, LAYERED, PLAIN, WIDE, lecture, line
from cnnmat.textbook import correlation, feedforward
from cnnmat.verify import Sides
from cnnmat.verify.duals import jacobian
from cnnmat.verify.exact import strict

SQUARE = {**WIDE, "widths": (8, 8)}


def next_by_y(s, l=1):
    """∂z_{l+1}(j)/∂y_l(i), indices [j, i], by the loops."""
    y = s.signals()["yl"][l - 2] if l > 1 else [x for t in s.signals()["t"][-1] for x in t]
    return jacobian(lambda y: loops.network([y], [], s.layers()[l - 1:])["zl"][0], y)


@line("47.1221a", "definition", "w_ij leads from node i to node j of the next layer",
      r"w_{ij}^{(\ell)}=\text{weight from node }i\text{ in layer }\ell\text{ to node }j\text{ in layer }\ell+1",
      cases=(DEEP, SQUARE, WIDE), reason="the matrix has the two indices the other way round: "
      "[W_l] at (j, i) is w_ij")
def weights_between_nodes(s):
    W = s.parameters.W_l[1]
    return Sides(truth=next_by_y(s).T, printed=[[W[j, i] for j in range(s.n[2])]
                                                for i in range(s.n[1])],
                 wrong={"from j to i": W})


@line("47.1221b", "definition", "The weights that leave node i, as a vector",
      r"w_i^{(\ell)}=\text{weight vector emanating from node }i\text{ in layer }\ell", cases=(SQUARE, WIDE))
def weights_leaving_a_node(s):
    return Sides(truth=next_by_y(s)[:, 1], printed=s.parameters.W_l[1][:, 1],
                 wrong={"into node i": s.parameters.W_l[1][1]})


@line("47.1221c", "gradient", "The weight from the bias source is minus theta",
      r"-\theta_\ell(j)=\text{weight from bias source in layer }\ell\text{ to node }j", cases=(DEEP, WIDE))
def weight_from_bias(s):
    theta = s.parameters.theta_l[1]
    slopes = jacobian(lambda theta: loops.network(
        s.signals()["t"][-1], [], s.layers(theta_l={1: theta}))["zl"][0], theta)
    eye = np.eye(len(theta), dtype=int)
    return Sides(truth=slopes, printed=-eye, wrong={"plus": eye})


@line("47.1221d", "definition", "y is what node j puts out", r"y_\ell(j)=\text{output of node }j\text{ at layer }\ell",
      cases=(DEEP, WIDE))
def output_of_a_node(s):
    z = s.forward.z_l[2][0]
    return Sides(truth=s.signals()["yl"][0], printed=s.f_l[0](z),
                 wrong={"before the activation": z})


@line("47.1221e", "definition", "The pre-activation of node j",
      r"z_\ell(n)=\text{output of node }j\text{ at layer }\ell\text{ prior to activation}", cases=(DEEP, WIDE),
      expect="misprint", corrected_formula=r"z_\ell(j)",
      reason="the argument should be the node, as in the line above it and in (47.1232); n is the "
             "sample everywhere")
def preactivation_of_a_node(s):
    n, z = s.N, s.forward.z_l[2][s.N - 1]
    return Sides(truth=s.signals(n - 1)["zl"][0], printed=[z[n - 1]] * len(z),
                 corrected=[z[j] for j in range(len(z))],
                 wrong={"after the activation": s.forward.y_l[2][n - 1]})


@line("47.1221f", "dimension", "n_l leaves the bias source out",
      r"n_\ell=\text{number of nodes in layer }\ell,\text{ bias source excluded}", cases=BOTH)
def nodes_of_a_layer(s):
    truth = [next_by_y(s, l).shape[1] for l in range(1, s.L)]
    return Sides(truth=truth, printed=[s.parameters.W_l[l].shape[1] for l in range(1, s.L)],
                 wrong={"with the bias source": [s.n[l] + 1 for l in range(1, s.L)]})


@line("47.1221g", "definition", "Which column of W_l is the last one",
      r"W_\ell=\left[w_1^{(\ell)}\mid w_2^{(\ell)}\mid\dots\mid w_{n_{\ell+1}}^{(\ell)}\right]",
      cases=(SQUARE, WIDE), expect="misprint",
      corrected_formula=r"W_\ell=\left[w_1^{(\ell)}\mid w_2^{(\ell)}\mid\dots\mid w_{n_\ell}^{(\ell)}"
      r"\right]",
      reason="a column leaves a node of layer l, so there are n_l of them, as the size beside it and "
             "(47.1218) say; invisible where two layers have as many nodes")
def last_column(s):
    def columns(count):
        return np.array([s.parameters.W_l[1][:, i] for i in range(count)]).T

    return Sides(truth=next_by_y(s), printed=columns(min(s.n[1], s.n[2])),
                 corrected=columns(s.n[1]), wrong={"one fewer": columns(s.n[1] - 1),
                        "the columns in reverse": columns(s.n[1])[:, ::-1]})


@line("47.1221g/size", "dimension", "The size of W_l", r"W_\ell:\;n_{\ell+1}\times n_\ell",
      cases=BOTH)
def size_of_W_l(s):
    return Sides(truth=[next_by_y(s, l).shape for l in range(1, s.L)],
                 printed=list(s.net.shapes().W_l.values()),
                 wrong={"transposed": [(s.n[l], s.n[l + 1]) for l in range(1, s.L)]})


@line("47.1221h", "dimension", "The bias vector of a feedforward layer",
      r"\theta_\ell=\mathrm{col}\{\theta_\ell(1),\dots,\theta_\ell(n_{\ell+1})\}\;(n_{\ell+1}\times1)",
      cases=BOTH)
def size_of_theta_l(s):
    return Sides(truth=[len(z) for z in s.signals()["zl"]],
                 printed=[len(theta) for theta in s.parameters.theta_l.values()],
                 wrong={"n_l": [s.n[l] for l in range(1, s.L)]})


@line("47.1221h/use", "identity", "W_l and theta_l make the signals of layer l+1",
      r"z_{\ell+1}=W_\ell y_\ell-\theta_\ell", cases=(DEEP, SQUARE))
def use_of_W_l(s):
    p, y = s.parameters, s.forward.y_l
    return Sides(truth=s.signals()["zl"],
                 printed=[feedforward.preactivation(y[l][0], p.W_l[l], p.theta_l[l])
                          for l in p.W_l],
                 wrong={"the output of layer l+1 put in": lambda: [
                     feedforward.preactivation(y[l + 1][0], p.W_l[l], p.theta_l[l])
                     for l in p.W_l]})


@line("47.1222a", "dimension", "Map d of layer c has a mask for each map before",
      r"w_j^{(d,c)}:\;j=1,\dots,D_{c-1},\;d=1,\dots,D_c", cases=BOTH)
def masks_of_a_layer(s):
    truth = [[[len(w) for w in masks] for masks in stage["w"]] for stage in s.stages()]
    return Sides(truth=truth,
                 printed=[[[s.S[c]] * s.D[c - 1]] * s.D[c] for c in s.S],
                 wrong={"the indices exchanged": [[[s.S[c]] * s.D[c]] * s.D[c - 1] for c in s.S],
                        "S_{c+1} entries": [[[s.S.get(c + 1, 0)] * s.D[c - 1]] * s.D[c]
                                            for c in s.S]})


@line("47.1222b", "gradient", "A bias belongs to a pair of maps",
      r"\theta^{(d,c)}(j)", cases=(DEEP, WIDE))
def biases_of_a_layer(s):
    slopes = jacobian(lambda Theta: loops.network(
        s.h[0].tolist(), s.stages(Theta_c={1: Theta}), s.layers())["z"][0], s.parameters.Theta_c[1])
    expected = np.zeros(slopes.shape, dtype=int)
    for d in range(s.D[1]):
        expected[d, :, :, d] = -1
    return Sides(truth=slopes, printed=expected,
                 wrong={"one bias for all maps": np.full(slopes.shape, -1)})


def map_signal(id, kind, title, formula, pick, wrong):
    @line(id, kind, title, formula, cases=LAYERED)
    def signal(s):
        truth, printed = pick(s)
        return Sides(truth=truth, printed=printed, wrong=wrong(s))

    return signal


map_signal("47.1222c", "definition", "z is a map before its activation", r"z_n^{(d,c)}",
           lambda s: (s.signals()["z"][0], s.forward.z_c[1][0]),
           lambda s: {"after it": s.forward.y_c[1][0]})
map_signal("47.1222d", "definition", "y is a map after its activation", r"y_n^{(d,c)}",
           lambda s: (s.signals()["y"][0], s.forward.y_c[1][0]),
           lambda s: {"before it": s.forward.z_c[1][0]})
map_signal("47.1222e", "definition", "t is a map after pooling", r"t_n^{(d,c)}",
           lambda s: (s.signals()["t"][0], s.forward.t_c[1][0]),
           lambda s: {"before pooling": s.forward.y_c[1][0],
                      "the maps in reverse": s.forward.t_c[1][0][::-1]})
map_signal("47.1222f", "definition", "H holds the subvectors that leave layer c, not those entering",
           r"H_n^{(d,c)}",
           lambda s: (loops.transpose(loops.subvectors(s.signals()["t"][0][0], s.lists[1])),
                      s.forward.H_c[1][0][:s.S[2]]),
           lambda s: {"those entering": s.forward.H_c[0][0][:s.S[1]],
                      "another map": s.forward.H_c[1][0][s.S[2]:2 * s.S[2]]})


@line("47.1223a", "definition", "The masks of one map stacked",
      r"W^{(d,c)}\triangleq\mathrm{col}\{w_1^{(d,c)},w_2^{(d,c)},\dots,w_{D_{c-1}}^{(d,c)}\}",
      cases=LAYERED)
def stacked_masks(s):
    d, H, Theta = 1, s.forward.H_c[1][0], s.parameters.Theta_c[2]

    def z(masks):
        return H.T @ np.concatenate(masks) - Theta[:, d].sum()

    masks = [s.mask(d, j, 2) for j in range(s.D[1])]
    return Sides(truth=(s.signals()["z"][1][d], s.parameters.W_c[2][:, d]),
                 printed=(z(masks), np.concatenate(masks)),
                 wrong={"in reverse": (z(masks[::-1]), np.concatenate(masks)),
                        "another map's": (z([s.mask(0, j, 2) for j in range(s.D[1])]), masks)})


@line("47.1223a/size", "dimension", "The size of the stacked masks",
      r"W^{(d,c)}:\;1\times S_cD_{c-1}", cases=BOTH, expect="misprint",
      corrected_formula=r"W^{(d,c)}:\;S_cD_{c-1}\times1",
      reason="col stacks columns; (47.1224a) sets these columns side by side, and (47.1269) is a "
             "column")
def size_of_stacked_masks(s):
    stage = s.stages()[0]
    return Sides(truth=(sum(len(w) for w in stage["w"][0]), 1), printed=(1, s.S[1] * s.D[0]),
                 corrected=(s.S[1] * s.D[0], 1), wrong={"over d": (s.S[1] * s.D[1], 1)})


@line("47.1223b", "dimension", "The biases of one map stacked",
      r"\theta^{(d,c)}\triangleq\mathrm{col}\{\theta^{(d,c)}(1),\dots,\theta^{(d,c)}(D_{c-1})\}"
      r"\;(D_{c-1}\times1)", cases=BOTH)
def size_of_stacked_biases(s):
    return Sides(truth=[len(stage["theta"][0]) for stage in s.stages()],
                 printed=[s.parameters.Theta_c[c][:, 0].size for c in s.S],
                 wrong={"D_c": [s.D[c] for c in s.S]})


@line("47.1224a", "definition", "The masks of all maps side by side",
      r"W_c\triangleq\begin{bmatrix}W^{(1,c)}&W^{(2,c)}&\cdots&W^{(D_c,c)}\end{bmatrix}",
      cases=LAYERED)
def masks_side_by_side(s):
    stage, H, Theta = s.stages()[1], s.forward.H_c[1][0], s.parameters.Theta_c[2]
    W = np.array([[x for w in masks for x in w] for masks in stage["w"]], dtype=object).T
    z = s.signals()["z"][1]
    return Sides(truth=z, printed=correlation.preactivation(H, W, Theta),
                 wrong={"the maps in reverse": correlation.preactivation(H, W[:, ::-1], Theta),
                        "stacked": lambda: correlation.preactivation(H, W.T.reshape(-1, 1), Theta)})


@line("47.1224a/size", "dimension", "The size of W_c", r"W_c:\;S_cD_{c-1}\times D_c", cases=BOTH)
def size_of_W_c(s):
    truth = [(sum(len(w) for w in stage["w"][0]), len(stage["w"])) for stage in s.stages()]
    return Sides(truth=truth, printed=list(s.net.shapes().W_c.values()),
                 wrong={"S_{c+1}": [(s.S.get(c + 1, 0) * s.D[c - 1], s.D[c]) for c in s.S]})


@line("47.1224a/block", "identity", "Where the mask that V needs stands in W_{c+1}",
      r"w_d^{(d',c+1)}=[W_{c+1}]_{(d-1)S_{c+1}+1:dS_{c+1},\,d'}", cases=LAYERED,
      covers="not said in the text; the backward listing needs it")
def place_of_a_mask(s):
    W, S = s.parameters.W_c[2], s.S[2]
    pairs = [(d, k) for d in range(s.D[1]) for k in range(s.D[2])]
    H, Theta = s.forward.H_c[1][0], s.parameters.Theta_c[2]

    def z(blocks):
        return [sum(H[d * S:(d + 1) * S].T @ blocks[d, k] for d in range(s.D[1]))
                - Theta[:, k].sum() for k in range(s.D[2])]

    blocks = {(d, k): W[d * S:(d + 1) * S, k] for d, k in pairs}
    return Sides(truth=s.signals()["z"][1], printed=z(blocks),
                 wrong={"each S-th row": z({(d, k): W[d::s.D[1], k] for d, k in pairs})})


@line("47.1224b", "dimension", "The biases of all maps side by side",
      r"\Theta_c\triangleq\begin{bmatrix}\theta^{(1,c)}&\cdots&\theta^{(D_c,c)}\end{bmatrix}"
      r"\;(D_{c-1}\times D_c)", cases=BOTH)
def size_of_Theta_c(s):
    truth = [(len(stage["theta"][0]), len(stage["theta"])) for stage in s.stages()]
    return Sides(truth=truth, printed=list(s.net.shapes().Theta_c.values()),
                 wrong={"transposed": [(s.D[c], s.D[c - 1]) for c in s.S]})


@line("47.1225", "definition", "The feature matrices of a layer stacked",
      r"H_{n,c}\triangleq\begin{bmatrix}H_n^{(1,c)}\\H_n^{(2,c)}\\\vdots\\H_n^{(D_c,c)}\end{bmatrix}",
      cases=LAYERED,
      reason="the prose says that it collects the maps; it collects the matrices of their "
             "subvectors")
def stacked_features(s):
    signals, c = s.signals(), 1
    blocks = [loops.transpose(loops.subvectors(t, s.lists[c])) for t in signals["t"][c - 1]]
    H = s.forward.H_c[c][0]
    return Sides(truth=[row for block in blocks for row in block], printed=H,
                 wrong={"side by side": np.concatenate(np.split(H, s.D[c]), axis=1),
                        "interleaved": H.reshape(s.D[c], s.S[c + 1], -1).swapaxes(0, 1).reshape(
                            H.shape)},
                 show={"H with its maps as tens": np.array(
                     [[10 * (d + 1) + i for i in one] for d in range(s.D[c])
                      for one in zip(*s.lists[c], strict=True)])})


@line("47.1225/size", "dimension", "The size of the stack",
      r"H_{n,c}:\;D_cS_{c+1}\times P_{c+1}", cases=BOTH,
      reason="a third place that contradicts the S_c before (47.1252)")
def size_of_stacked_features(s):
    maps = [s.h[0].tolist(), *s.signals()["t"][:-1]]
    truth = []
    for t, lists in zip(maps, s.lists, strict=True):
        subs = [loops.subvectors(one, lists) for one in t]
        truth.append((sum(len(one[0]) for one in subs), len(subs[0])))
    return Sides(truth=truth, printed=[s.forward.H_c[c].shape[1:] for c in range(s.C)],
                 wrong={"S_c and P_c": [(s.D[c] * s.S.get(c, s.M), s.P.get(c, 1))
                                        for c in range(s.C)]})


lecture.remark("47.1226/names", "The lead-in to (47.1226) has the map as a second lower index and "
               "the layer alone above, where the three displays have both above.")


lecture.remark("47.1226/spellings", "An entry of a map is written with a second lower index in (47.1226) "
               "and with an argument from (47.1235) on: one and the same entry.")
lecture.remark("47.1225/time", "The stack belongs to sample n; the words call n a time, as after (47.1239).")


def entries(id, letter, size, other):
    @line(id, "dimension", f"{letter} has entries 1 to {size}",
          rf"{letter}_n^{{(d,c)}}=\mathrm{{col}}\{{{letter}_{{n,p}}^{{(d,c)}}\}},\;1\le p\le {size}",
          cases=BOTH)
    def numbered(s):
        sizes = {"P_c": s.P, "P'_c": s.Pp}
        return Sides(truth=[[len(one) for one in maps] for maps in s.signals()[letter]],
                     printed=[[sizes[size][c]] * s.D[c] for c in s.P],
                     wrong={other: [[sizes[other][c]] * s.D[c] for c in s.P]})

    return numbered


entries("47.1226a", "z", "P_c", "P'_c")
entries("47.1226b", "y", "P_c", "P'_c")
entries("47.1226c", "t", "P'_c", "P_c")


@line("47.1224b/ones", "identity", "How the bias matrix enters all pre-activations",
      r"\mathbb{1}_{P_c}\mathbb{1}_{D_{c-1}}^{\mathsf T}\Theta_c", cases=(PLAIN, DEEP, WIDE),
      covers="implied by (47.1212)")
def biases_of_all_maps(s):
    Theta = strict(s.parameters.Theta_c[1])
    H, W = s.forward.H_c[0][0], strict(s.parameters.W_c[1])
    ones = np.ones((s.P[1], s.D[0]), dtype=object)
    z = loops.transpose(s.signals()["z"][0])
    return Sides(truth=z, printed=H.T @ W - ones @ Theta,
                 wrong={"Θ transposed": lambda: H.T @ W - ones @ Theta.T,
                        "Θ twice": H.T @ W - 2 * (ones @ Theta)})
