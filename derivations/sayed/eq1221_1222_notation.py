"""The lists of notation: nodes, masks and maps, (47.1221) and (47.1222)."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, LAYERED, WIDE, line
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.verify import Sides

SQUARE = {**WIDE, "widths": (8, 8)}


def next_by_y(s, l=1):
    """∂z_{l+1}(j)/∂y_l(i), indices [j, i], by the loops."""
    y = s.signals()["yl"][l - 2] if l > 1 else [x for t in s.signals()["t"][-1] for x in t]
    return s.e.jacobian(lambda y: loops.network([y], [], s.layers()[l - 1:])["zl"][0], y)


@line("47.1221a", "definition", "w_ij leads from node i to node j of the next layer",
      r"w_{ij}^{(\ell)}=\text{weight from node }i\text{ in layer }\ell\text{ to node }j\text{ in layer }\ell+1",
      cases=(DEEP, SQUARE, WIDE, ANY_2), reason="the matrix has the two indices the other way round: "
      "[W_l] at (j, i) is w_ij",
      rewritten=r"w_{ij}^{(\ell)}=\frac{\partial z_{\ell+1,n}(j)}{\partial y_{\ell,n}(i)}")
def weights_between_nodes(s):
    W = s.parameters.W_l[1]
    return Sides(truth=next_by_y(s).T, printed=[[W[j, i] for j in range(s.n[2])]
                                                for i in range(s.n[1])],
                 wrong={"from j to i": W})


@line("47.1221b", "definition", "The weights that leave node i, as a vector",
      r"w_i^{(\ell)}=\text{weight vector emanating from node }i\text{ in layer }\ell",
      cases=(SQUARE, WIDE),
      rewritten=r"w_i^{(\ell)}=\frac{\partial z_{\ell+1,n}}{\partial y_{\ell,n}(i)}")
def weights_leaving_a_node(s):
    return Sides(truth=next_by_y(s)[:, 1], printed=s.parameters.W_l[1][:, 1],
                 wrong={"into node i": s.parameters.W_l[1][1]})


@line("47.1221c", "gradient", "The weight from the bias source is minus theta",
      r"-\theta_\ell(j)=\text{weight from bias source in layer }\ell\text{ to node }j"
      r"\text{ in layer }\ell+1", cases=(DEEP, WIDE, ANY_2),
      rewritten=r"-\theta_\ell(j)=z_{\ell+1,n}(j)-\sum_{i=1}^{n_\ell}w_{ij}^{(\ell)}y_{\ell,n}(i)")
def weight_from_bias(s):
    theta = s.parameters.theta_l[1]
    slopes = s.e.jacobian(lambda theta: loops.network(
        s.signals()["t"][-1], [], s.layers(theta_l={1: theta}))["zl"][0], theta)
    eye = np.eye(len(theta), dtype=int)
    return Sides(truth=slopes, printed=-eye, wrong={"plus": eye})


@line("47.1221d", "definition", "y is what node j puts out", r"y_\ell(j)=\text{output of node }j\text{ at layer }\ell",
      cases=(DEEP, WIDE, ANY_2), rewritten=r"y_{\ell,n}(j)=f(z_{\ell,n}(j))")
def output_of_a_node(s):
    z = s.forward.z_l[2][0]
    return Sides(truth=s.signals()["yl"][0], printed=s.f_l[0](z),
                 wrong={"before the activation": z})


@line("47.1221e", "definition", "The pre-activation of node j",
      r"z_\ell(n)=\text{output of node }j\text{ at layer }\ell"
      r"\text{ prior to the activation function}", cases=(DEEP, WIDE),
      expect="misprint", corrected_formula=r"z_\ell(j)",
      reason="the argument should be the node, as in the line above it and in (47.1232); n is the "
             "sample everywhere", rewritten=r"z_\ell(n)")
def preactivation_of_a_node(s):
    n, z = s.N, s.forward.z_l[2][s.N - 1]
    return Sides(truth=s.signals(n - 1)["zl"][0], printed=[z[n - 1]] * len(z),
                 corrected=[z[j] for j in range(len(z))],
                 wrong={"after the activation": s.forward.y_l[2][n - 1]})


@line("47.1221f", "dimension", "n_l leaves the bias source out",
      r"n_\ell=\text{number of nodes in layer }\ell,\text{ excluding the bias source}",
      cases=(*BOTH, ANY_2),
      rewritten=r"y_{\ell,n}\in\mathbb{R}^{n_\ell}")
def nodes_of_a_layer(s):
    truth = [next_by_y(s, l).shape[1] for l in range(1, s.L)]
    return Sides(truth=truth, printed=[s.parameters.W_l[l].shape[1] for l in range(1, s.L)],
                 wrong={"with the bias source": [s.n[l] + 1 for l in range(1, s.L)]})


@line("47.1221g", "definition", "Which column of W_l is the last one",
      r"W_\ell=\left[w_1^{(\ell)}\mid w_2^{(\ell)}\mid\dots\mid w_{n_{\ell+1}}^{(\ell)}\right]",
      cases=(SQUARE, WIDE, ANY_2), expect="misprint",
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


@line("47.1221g/size", "dimension", "The size of W_l", r"(n_{\ell+1}\times n_\ell)",
      cases=(*BOTH, ANY_2), rewritten=r"W_\ell:\;n_{\ell+1}\times n_\ell")
def size_of_W_l(s):
    return Sides(truth=[next_by_y(s, l).shape for l in range(1, s.L)],
                 printed=list(s.net.shapes().W_l.values()),
                 wrong={"transposed": [(s.n[l], s.n[l + 1]) for l in range(1, s.L)]})


@line("47.1221h", "dimension", "The bias vector of a feedforward layer",
      r"\theta_\ell=\mathrm{col}\{\theta_\ell(1),\theta_\ell(2),\dots,\theta_\ell(n_{\ell+1})\},"
      r"\quad(n_{\ell+1}\times1)",
      cases=(*BOTH, ANY_2))
def size_of_theta_l(s):
    return Sides(truth=[len(z) for z in s.signals()["zl"]],
                 printed=[len(theta) for theta in s.parameters.theta_l.values()],
                 wrong={"n_l": [s.n[l] for l in range(1, s.L)]})


@line("47.1221h/use", "identity", "W_l and theta_l make the signals of layer l+1",
      r"z_{\ell+1}=W_\ell y_\ell-\theta_\ell", cases=(DEEP, SQUARE, ANY_2), source_kind="words")
def use_of_W_l(s):
    p, y = s.parameters, s.forward.y_l
    return Sides(truth=s.signals()["zl"],
                 printed=[feedforward.preactivation(y[l][0], p.W_l[l], p.theta_l[l])
                          for l in p.W_l],
                 wrong={"the output of layer l+1 put in": lambda: [
                     feedforward.preactivation(y[l + 1][0], p.W_l[l], p.theta_l[l])
                     for l in p.W_l]})


@line("47.1222a", "dimension", "Map d of layer c has a mask for each map before",
      r"w_j^{(d,c)}=j\text{-th weight vector to generate map }d\text{ in layer }c",
      cases=(*BOTH, ANY_2),
      rewritten=r"w_j^{(d,c)}:\;j=1,\dots,D_{c-1},\;d=1,\dots,D_c")
def masks_of_a_layer(s):
    truth = [[[len(w) for w in masks] for masks in stage["w"]] for stage in s.stages()]
    return Sides(truth=truth,
                 printed=[[[s.S[c]] * s.D[c - 1]] * s.D[c] for c in s.S],
                 wrong={"the indices exchanged": [[[s.S[c]] * s.D[c]] * s.D[c - 1] for c in s.S],
                        "S_{c+1} entries": [[[s.S.get(c + 1, 0)] * s.D[c - 1]] * s.D[c]
                                            for c in s.S]})


@line("47.1222b", "gradient", "A bias belongs to a pair of maps",
      r"\theta^{(d,c)}(j)=j\text{-th bias coefficient to generate map }d\text{ in layer }c",
      cases=(DEEP, WIDE),
      rewritten=r"\frac{\partial z_n^{(d,c)}(p)}{\partial\theta^{(d,c)}(j)}=-1")
def biases_of_a_layer(s):
    slopes = s.e.jacobian(lambda Theta: loops.network(
        s.h[0].tolist(), s.stages(Theta_c={1: Theta}), s.layers())["z"][0], s.parameters.Theta_c[1])
    expected = np.zeros(slopes.shape, dtype=int)
    for d in range(s.D[1]):
        expected[d, :, :, d] = -1
    return Sides(truth=slopes, printed=expected,
                 wrong={"one bias for all maps": np.full(slopes.shape, -1)})


@table(line, kind="definition", cases=LAYERED)
def signal_of_a_map(s, letter, wrong):
    """A signal of the first layer, `letter` telling which; `wrong` makes others of the forward pass."""
    return Sides(truth=s.signals()[letter][0], printed=getattr(s.forward, f"{letter}_c")[1][0],
                 wrong={name: near(s.forward) for name, near in wrong.items()})


signal_of_a_map("47.1222c", "z is a map before its activation", r"z_n^{(d,c)}"
                r"=\text{feature map }d\text{ prior to activation in layer }c", "z",
                wrong={"after it": lambda f: f.y_c[1][0]}, cases=(*LAYERED, ANY_2),
                rewritten="y_n^{(d,c)}=f(z_n^{(d,c)})")
signal_of_a_map("47.1222d", "y is a map after its activation", r"y_n^{(d,c)}"
                r"=\text{feature map }d\text{ after activation in layer }c", "y",
                wrong={"before it": lambda f: f.z_c[1][0]}, cases=(*LAYERED, ANY_2),
                rewritten="y_n^{(d,c)}=f(z_n^{(d,c)})")
signal_of_a_map("47.1222e", "t is a map after pooling", r"t_n^{(d,c)}=\text{reduced feature map }d"
                r"\text{ in layer }c", "t",
                wrong={"before pooling": lambda f: f.y_c[1][0],
                       "the maps in reverse": lambda f: f.t_c[1][0][::-1]}, cases=(*LAYERED, ANY_2),
                rewritten=r"t_n^{(d,c)}=\mathrm{pool}(y_n^{(d,c)})")


@line("47.1222f", "definition", "H holds the subvectors that leave layer c, not those entering",
      r"H_n^{(d,c)}=\text{feature matrix for map }d\text{ in layer }c", cases=(*LAYERED, ANY_2),
      rewritten=r"H_n^{(d,c)}=\begin{bmatrix}h_{n,1}^{(d,c)}&\dots&h_{n,P_{c+1}}^{(d,c)}"
      r"\end{bmatrix}")
def leaving_subvectors(s):
    leaving, S = s.forward.H_c[1][0], s.S[2]
    return Sides(truth=loops.transpose(loops.subvectors(s.signals()["t"][0][0], s.lists[1])),
                 printed=leaving[:S], wrong={"those entering": s.forward.H_c[0][0][:s.S[1]],
                                             "another map": leaving[S:2 * S]})
