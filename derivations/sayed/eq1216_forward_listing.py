"""The forward listing, (47.1216), line by line."""

import numpy as np

from cnnmat.derivations.sayed.setting import (
    ANY_2,
    BOTH,
    DEEP,
    LAYERED,
    PLAIN,
    SMALL,
    WIDE,
    lecture,
    line,
    network,
)
from cnnmat.textbook import correlation, feedforward
from cnnmat.verify import Sides

#: Square layers, where a transposed W_l still conforms.
SQUARE = {**WIDE, "widths": (8, 8)}


@line("sec5/layers", "dimension", "One input layer, L-2 hidden ones, one output layer",
      r"1+(L-2)+1=L", cases=(*BOTH, ANY_2), source_kind="words")
def hidden_layers(s):
    signals = s.signals()
    hidden = len(signals["zl"]) - 1
    return Sides(truth=hidden, printed=s.net.L - 2, wrong={"L-1": s.net.L - 1})


@line("sec5/weights", "dimension", "As many weight matrices as gaps between layers",
      r"\{W_\ell,\theta_\ell\},\quad\ell=1,2,\dots,L-1", cases=(*BOTH, ANY_2))
def number_of_matrices(s):
    return Sides(truth=list(range(1, len(s.layers()) + 1)), printed=list(range(1, s.L)),
                 wrong={"up to L": list(range(1, s.L + 1)), "from 0": list(range(s.L - 1))})


P_O_REASON = ("by (47.1209) and (47.1211) with c = 0 the input is cut into P_1 subvectors; as a name "
              "for their number P_o is P_1 and the line is right; taken for P_c at c = 0, like D_o "
              "for D_c, it is the length of the input's maps, another number; cnnmat has P_1. Invisible "
              "where the windows are as many as the entries, as with zero padding and stride one")
NAME, LENGTH = "the number of the input's subvectors", "P_c at c = 0, the length of the input's maps"
P_O_CITES = {NAME: "the words before the listing count the subvectors up to P_o",
             LENGTH: "D_o beside it is D_c at c = 0, and P_c of (47.1206) the size of a map"}
PADDED = {**PLAIN, "numbers": True}


def input_columns(s, count):
    """H^(d,0) with `count` of the subvectors of the input, as if the lists went on."""
    lists = [s.lists[0][p % s.P[1]] for p in range(count)]
    return [[[h[i] for i in one] for one in lists] for h in s.h[0].tolist()]


@line("sec5/P_o", "dimension", "The number of subvectors of the input",
      r"\{h_{n,p}^{(d)}\},\quad d=1,\dots,D_o,\quad p=1=2,\dots,P_o", cases=(PADDED, WIDE),
      expect="ambiguous",
      corrected_formula=r"h_{n,p}^{(d)},\quad p=1,2,\dots,P_1", reason=P_O_REASON, cites=P_O_CITES)
def subvectors_of_input(s):
    return Sides(truth=len(s.signals()["z"][0][0]), readings={NAME: s.P[1], LENGTH: s.M},
                 wrong={"S_1": s.S[1]})


lecture.remark("sec5/p-range", "The range of p has an equality sign where the first comma belongs.")


@line("sec5/activations", "gradient", "The two parts may have activations of their own",
      r"f\;\text{of the correlation layers}\neq f\;\text{of the feedforward layers}",
      cases=(DEEP, WIDE),
      reason="one letter f serves both; every formula holds with the f of the layer that z is in, "
             "and the networks here have another f in each layer", source_kind="words")
def two_activations(s):
    z_c, z_l = s.forward.z_c[s.C], s.forward.z_l[s.L]
    right = (s.f_c[-1](z_c), s.f_l[-1](z_l), s.f_c[-1].derivative(z_c), s.f_l[-1].derivative(z_l))
    signals = [s.signals(n) for n in range(s.N)]
    slopes_c = [[[s.f_c[-1].derivative(z) for z in one] for one in one_n["z"][-1]]
                for one_n in signals]
    slopes_l = [[s.f_l[-1].derivative(z) for z in one_n["zl"][-1]] for one_n in signals]
    truth = ([one_n["y"][-1] for one_n in signals], [one_n["yl"][-1] for one_n in signals],
             slopes_c, slopes_l)
    exchanged = (s.f_l[-1](z_c), s.f_c[-1](z_l), *right[2:])
    return Sides(truth=truth, printed=right, wrong={"the activations exchanged": exchanged})


def signals_of(s, forward):
    return [([forward.z_c[c][n] for c in s.P], [forward.t_c[c][n] for c in s.P],
             [forward.z_l[k][n] for k in forward.z_l], forward.y[n]) for n in range(s.N)]


@line("47.1216", "algorithm", "The forward listing computes every signal of the network",
      r"z_n^{(d,c)}=\sum_{j=1}^{D_{c-1}}\left(\left[H_n^{(j,c-1)}\right]^{\mathsf{T}}w_j^{(d,c)}-"
      r"\theta^{(d,c)}(j)\mathbb{1}\right),\;y_n^{(d,c)}=f(z_n^{(d,c)}),\;t_n^{(d,c)}"
      r"=\mathrm{pool}(y_n^{(d,c)}),\;z_{\ell+1,n}=W_\ell y_{\ell,n}-\theta_\ell,\;y_{\ell+1,n}"
      r"=f(z_{\ell+1,n})",
      cases=(SMALL, *LAYERED),
      reason="with the lines on how the input and the last layer are cut set right, see below")
def forward_listing(s):
    signals = [s.signals(n) for n in range(s.N)]
    flipped = s.net.forward(s.parameters.map(lambda a: a * (-1 if a.ndim == 1 else 1)), s.h)
    return Sides(truth=[(one["z"], one["t"], one["zl"], one["output"]) for one in signals],
                 printed=signals_of(s, s.forward),
                 wrong={"the bias added": signals_of(s, flipped)})


@line("47.1216/start", "algorithm", "The start: how many columns the input's matrices have",
      r"H_n^{(d,0)}=\begin{bmatrix}h_{n,1}^{(d)}&h_{n,2}^{(d)}&\cdots&h_{n,P_o}^{(d)}\end{bmatrix}",
      cases=(PADDED, WIDE), expect="ambiguous", reason=P_O_REASON,
      corrected_formula=r"H_n^{(d,0)}=\begin{bmatrix}h_{n,1}^{(d)}&h_{n,2}^{(d)}&\cdots"
      r"&h_{n,P_1}^{(d)}\end{bmatrix}", cites=P_O_CITES)
def start(s):
    p = s.parameters

    def z(count, order=1):
        H = np.array([list(zip(*one[::order], strict=True)) for one in input_columns(s, count)],
                     dtype=object)
        return correlation.preactivation(H.reshape(-1, count), p.W_c[1], p.Theta_c[1])

    return Sides(truth=s.signals()["z"][0], readings={NAME: z(s.P[1]), LENGTH: z(s.M)},
                 wrong={"one column fewer": z(s.P[1] - 1),
                        "the columns in reverse": z(s.P[1], -1)})


@line("47.1216/loop-c", "algorithm", "The outer loop visits every correlation layer",
      r"c=1,\dots,C", cases=(*BOTH, ANY_2))
def outer_loop(s):
    return Sides(truth=list(range(1, len(s.signals()["t"]) + 1)), printed=list(s.net.stages),
                 wrong={"to C-1": list(range(1, s.C)), "from 0": list(range(s.C))})


@line("47.1216/z", "algorithm", "The line for z",
      r"z_n^{(d,c)}=\sum_{j=1}^{D_{c-1}}\left([H_n^{(j,c-1)}]^{\mathsf{T}}w_j^{(d,c)}"
      r"-\theta^{(d,c)}(j)\mathbb{1}\right)", cases=(*LAYERED, ANY_2))
def line_z(s):
    truth = s.signals()["z"][1]
    S, before = s.S[2], s.D[1]

    def z(maps):
        H = [s.forward.H_c[1][0][j * S:(j + 1) * S] for j in range(before)]
        return [sum(H[j].T @ s.mask(d, j, 2) - s.parameters.Theta_c[2][j, d] for j in maps)
                for d in range(s.D[2])]

    return Sides(truth=truth, printed=z(range(before)),
                 wrong={"the last map before left out": z(range(before - 1)),
                        "the second map twice": z([*range(before), 1])})


@line("47.1216/y", "algorithm", "The line for y", r"y_n^{(d,c)}=f(z_n^{(d,c)})",
      cases=(DEEP, WIDE, ANY_2))
def line_y(s):
    f, z = s.net.stages[1].activation, s.forward.z_c[1][0]
    regions, pool = s.net.stages[1].regions, s.net.stages[1].pooling
    return Sides(truth=(s.signals()["y"][0], s.signals()["t"][0]), printed=(f(z), pool(f(z), regions)),
                 wrong={"f behind the pooling": (f(z), f(pool(z, regions)))})


@line("47.1216/t", "algorithm", "The line for t", r"t_n^{(d,c)}=\mathrm{pool}(y_n^{(d,c)})",
      cases=(*LAYERED, ANY_2))
def line_t(s):
    y, regions = s.forward.y_c[1][0], s.net.stages[1].regions
    pool = s.net.stages[1].pooling
    return Sides(truth=s.signals()["t"][0], printed=pool(y, regions),
                 wrong={"the entries in their own order": pool(regions.permute_sharp(y), regions)})


@line("47.1216/partition", "algorithm", "For which layers the line that cuts t has sizes to go by",
      r"\{h_{n,p}^{(d,c)}\}_{p=1}^{P_{c+1}}=\mathrm{partition}(t_n^{(d,c)},P_{c+1}),"
      r"\quad c=1,\dots,C",
      cases=(*BOTH, ANY_2), expect="misprint",
      corrected_formula=r"\{h_{n,p}^{(d,c)}\}_{p=1}^{P_{c+1}}=\mathrm{partition}"
      r"(t_n^{(d,c)},P_{c+1}),\quad c=1,\dots,C-1",
      reason="at c = C the line asks for P_{C+1}, S_{C+1} and V_C, which do not exist: no correlation "
             "layer follows; no number depends on it, as nothing reads H^(d,C)")
def line_partition(s):
    wanted = [c for c in range(1, s.C + 1) if c + 1 in dict(enumerate(s.lists, start=1))]
    return Sides(truth=[wanted], printed=[list(range(1, s.C + 1))],
                 corrected=[[c for c in s.forward.H_c if c > 0]],
                 wrong={"to C-2": [list(range(1, s.C - 1))], "from 0": [list(range(s.C - 1))]})


@line("47.1216/H", "algorithm", "The line that makes a matrix of the subvectors",
      r"H_n^{(d,c)}=\begin{bmatrix}h_{n,1}^{(d,c)}&h_{n,2}^{(d,c)}&\dots&h_{n,P_{c+1}}^{(d,c)}"
      r"\end{bmatrix},\quad d=1,2,\dots,D_c",
      cases=LAYERED)
def line_H(s):
    t = s.signals()["t"][0]
    truth = [[t[d][one[k]] for one in s.lists[1]] for d in range(s.D[1]) for k in range(s.S[2])]
    H = s.forward.H_c[1][0]
    return Sides(truth=truth, printed=H, wrong={"the last column left out": H[:, :-1],
                                                "the maps in reverse": H[::-1]})


lecture.remark("47.1216/H-range", "The line for H repeats the range of d although it stands inside "
               "the loop over d: carried over from (47.1211).")


@line("47.1216/y1", "algorithm", "The line that stacks the last maps",
      r"y_{1,n}=\mathrm{col}\{t_n^{(1,C)},t_n^{(2,C)},\dots,t_n^{(D_C,C)}\}", cases=(*LAYERED, ANY_2))
def line_y1(s):
    y = s.forward.y_l[1][0]
    return Sides(truth=[x for t in s.signals()["t"][-1] for x in t], printed=y,
                 wrong={"the maps in reverse": s.forward.t_c[s.C][0][::-1].ravel()})


@line("47.1216/loop-l", "algorithm", "The loop over the feedforward layers makes z_2 to z_L",
      r"\ell=1,\dots,L-1", cases=(*BOTH, ANY_2))
def inner_loop(s):
    made = list(range(2, len(s.signals()["zl"]) + 2))
    return Sides(truth=made, printed=[l + 1 for l in s.net.f_l],
                 wrong={"from 2": [l + 1 for l in s.net.f_l if l > 1],
                        "z_1 to z_{L-1}": list(s.net.f_l)})


@line("47.1216/z-ff", "algorithm", "The line for z of a feedforward layer",
      r"z_{\ell+1,n}=W_\ell y_{\ell,n}-\theta_\ell", cases=(DEEP, SQUARE, ANY_2))
def line_z_feedforward(s):
    p, y = s.parameters, s.forward.y_l[1][0]
    W, theta = p.W_l[1], p.theta_l[1]
    return Sides(truth=s.signals()["zl"][0], printed=feedforward.preactivation(y, W, theta),
                 wrong={"W transposed": lambda: feedforward.preactivation(y, W.T, theta),
                        "the bias added": feedforward.preactivation(y, W, -theta)})


@line("47.1216/y-ff", "algorithm", "The line for y of a feedforward layer",
      r"y_{\ell+1,n}=f(z_{\ell+1,n})", cases=(DEEP, WIDE, ANY_2))
def line_y_feedforward(s):
    y, z = s.forward.y_l, s.forward.z_l
    return Sides(truth=s.signals()["yl"], printed=[y[l][0] for l in z],
                 wrong={"no activation at the output": [
                     (z if l == s.L else y)[l][0] for l in z]})


@line("47.1216/output", "algorithm", "The output is what the last layer yields", r"y=y_L",
      cases=(DEEP, WIDE, ANY_2), reason="the sample index is dropped on both sides")
def line_output(s):
    return Sides(truth=[s.signals(n)["output"] for n in range(s.N)], printed=s.forward.y,
                 wrong={"the layer before": s.forward.y_l[s.L - 1],
                        "before the activation": s.forward.z_l[s.L]})


@lecture.claim("47.1216/order", "algorithm", "The activation comes behind the sum over the maps",
               r"f\left(\sum_j\dots\right)\neq\sum_jf(\dots)", cases=[SMALL], source_kind="own")
def activation_behind_the_sum(e, **case):
    s = network(e, **case)
    S, f, p = s.S[1], s.net.stages[1].activation, s.parameters
    H = [s.forward.H_c[0][0][j * S:(j + 1) * S] for j in range(s.D[0])]
    terms = [[H[j].T @ s.mask(d, j, 1) - p.Theta_c[1][j, d] for j in range(s.D[0])]
             for d in range(s.D[1])]
    return Sides(truth=s.signals()["y"][0], printed=[f(sum(one)) for one in terms],
                 wrong={"f of each term": [sum(f(term) for term in one) for one in terms]})
