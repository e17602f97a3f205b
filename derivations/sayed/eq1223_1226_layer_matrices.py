"""The lists of notation: masks, biases and features of a layer in matrices, (47.1223) to (47.1226)."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, LAYERED, PLAIN, WIDE, lecture, line
from cnnmat.derivations.tables import table
from cnnmat.textbook import correlation
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict


@line("47.1223a", "definition", "The masks of one map stacked",
      r"W^{(d,c)}\triangleq\mathrm{col}\{w_1^{(d,c)},w_2^{(d,c)},\dots,w_{D_{c-1}}^{(d,c)}\}",
      cases=(*LAYERED, ANY_2))
def stacked_masks(s):
    d, H, Theta = 1, s.forward.H_c[1][0], s.parameters.Theta_c[2]

    def z(masks):
        return H.T @ np.concatenate(masks) - Theta[:, d].sum()

    masks = [s.mask(d, j, 2) for j in range(s.D[1])]
    return Sides(truth=(s.signals()["z"][1][d], s.parameters.W_c[2][:, d]),
                 printed=(z(masks), np.concatenate(masks)),
                 wrong={"in reverse": (z(masks[::-1]), np.concatenate(masks)),
                        "another map's": (z([s.mask(0, j, 2) for j in range(s.D[1])]),
                                         np.concatenate(masks))})


@line("47.1223a/size", "dimension", "The size of the stacked masks",
      r"(1\times S_cD_{c-1})", cases=(*BOTH, ANY_2), expect="misprint",
      corrected_formula=r"W^{(d,c)}:\;S_cD_{c-1}\times1",
      reason="col stacks columns; (47.1224a) sets these columns side by side, and (47.1269) is a "
             "column", rewritten=r"W^{(d,c)}:\;1\times S_cD_{c-1}")
def size_of_stacked_masks(s):
    stage = s.stages()[0]
    return Sides(truth=(sum(len(w) for w in stage["w"][0]), 1), printed=(1, s.S[1] * s.D[0]),
                 corrected=(s.S[1] * s.D[0], 1), wrong={"over d": (s.S[1] * s.D[1], 1)})


@line("47.1223b", "dimension", "The biases of one map stacked",
      r"\theta^{(d,c)}\triangleq\mathrm{col}\{\theta^{(d,c)}(1),\theta^{(d,c)}(2),\dots,"
      r"\theta^{(d,c)}(D_{c-1})\},\quad(D_{c-1}\times1)", cases=(*BOTH, ANY_2))
def size_of_stacked_biases(s):
    return Sides(truth=[len(stage["theta"][0]) for stage in s.stages()],
                 printed=[s.parameters.Theta_c[c][:, 0].size for c in s.S],
                 wrong={"D_c": [s.D[c] for c in s.S]})


@line("47.1224a", "definition", "The masks of all maps side by side",
      r"W_c\triangleq\begin{bmatrix}W^{(1,c)}&W^{(2,c)}&\cdots&W^{(D_c,c)}\end{bmatrix}",
      cases=(*LAYERED, ANY_2))
def masks_side_by_side(s):
    stage, H, Theta = s.stages()[1], s.forward.H_c[1][0], s.parameters.Theta_c[2]
    W = np.array([[x for w in masks for x in w] for masks in stage["w"]], dtype=object).T
    z = s.signals()["z"][1]
    return Sides(truth=z, printed=correlation.preactivation(H, W, Theta),
                 wrong={"the maps in reverse": correlation.preactivation(H, W[:, ::-1], Theta),
                        "stacked": lambda: correlation.preactivation(H, W.T.reshape(-1, 1), Theta)})


@line("47.1224a/size", "dimension", "The size of W_c", r"(S_cD_{c-1}\times D_c)", cases=(*BOTH, ANY_2),
      rewritten=r"W_c:\;S_cD_{c-1}\times D_c")
def size_of_W_c(s):
    truth = [(sum(len(w) for w in stage["w"][0]), len(stage["w"])) for stage in s.stages()]
    return Sides(truth=truth, printed=list(s.net.shapes().W_c.values()),
                 wrong={"S_{c+1}": [(s.S.get(c + 1, 0) * s.D[c - 1], s.D[c]) for c in s.S]})


@line("47.1224a/block", "identity", "Where the mask that V needs stands in W_{c+1}",
      r"w_d^{(d',c+1)}=[W_{c+1}]_{(d-1)S_{c+1}+1:dS_{c+1},\,d'}", cases=LAYERED,
      covers="not said in the text; the backward listing needs it", source_kind="consequence")
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
      r"\Theta_c\triangleq\begin{bmatrix}\theta^{(1,c)}&\theta^{(2,c)}&\cdots&\theta^{(D_c,c)}"
      r"\end{bmatrix},\quad(D_{c-1}\times D_c)", cases=(*BOTH, ANY_2))
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
      r"(D_cS_{c+1}\times P_{c+1})", cases=(*BOTH, ANY_2),
      reason="a third place that contradicts the S_c before (47.1252)",
      rewritten=r"H_{n,c}:\;D_cS_{c+1}\times P_{c+1}")
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


@table(line, kind="dimension", cases=BOTH)
def entries_of_a_map(s, letter, size, other):
    sizes = {"P_c": s.P, "P'_c": s.Pp}
    return Sides(truth=[[len(one) for one in maps] for maps in s.signals()[letter]],
                 printed=[[sizes[size][c]] * s.D[c] for c in s.P],
                 wrong={other: [[sizes[other][c]] * s.D[c] for c in s.P]})


entries_of_a_map("47.1226a", "z has entries 1 to P_c",
                 r"z_n^{(d,c)}=\mathrm{col}\{z_{n,p}^{(d,c)}\},\;1\le p\le P_c", "z", "P_c", "P'_c",
                 cases=(*BOTH, ANY_2))
entries_of_a_map("47.1226b", "y has entries 1 to P_c",
                 r"y_n^{(d,c)}=\mathrm{col}\{y_{n,p}^{(d,c)}\},\;1\le p\le P_c", "y", "P_c", "P'_c",
                 cases=(*BOTH, ANY_2))
entries_of_a_map("47.1226c", "t has entries 1 to P'_c",
                 r"t_n^{(d,c)}=\mathrm{col}\{t_{n,p}^{(d,c)}\},\;1\le p\le P'_c", "t", "P'_c", "P_c",
                 cases=(*BOTH, ANY_2))


@line("47.1224b/ones", "identity", "How the bias matrix enters all pre-activations",
      r"\mathbb{1}_{P_c}\mathbb{1}_{D_{c-1}}^{\mathsf{T}}\Theta_c", cases=(PLAIN, DEEP, WIDE),
      covers="implied by (47.1212)", source_kind="consequence")
def biases_of_all_maps(s):
    Theta = strict(s.parameters.Theta_c[1])
    H, W = s.forward.H_c[0][0], strict(s.parameters.W_c[1])
    ones = np.ones((s.P[1], s.D[0]), dtype=object)
    z = loops.transpose(s.signals()["z"][0])
    return Sides(truth=z, printed=H.T @ W - ones @ Theta,
                 wrong={"Θ transposed": lambda: H.T @ W - ones @ Theta.T,
                        "Θ twice": H.T @ W - 2 * (ones @ Theta)})
