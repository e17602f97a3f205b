"""Two names for one entry: the mapping of indices, (47.1217) to (47.1220)."""

import numpy as np

from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, LAYERED, WIDE, lecture, line
from cnnmat.verify import Sides


def pairs(s):
    """(d, p'), from 1, in the order of the text."""
    return [(d, p) for d in range(1, s.D[s.C] + 1) for p in range(1, s.Pp[s.C] + 1)]


def z_2_by_y_1(s):
    """∂z_2(k)/∂y_1(i): the weights from node i to node k, found by the loops."""
    slopes = s.z_by_t(s.C)
    return slopes.reshape(len(slopes), -1)


@line("47.1217", "identity", "Where entry p' of map d stands in the stacked vector",
      r"i'_p=(d-1)P'_C+p'", cases=LAYERED)
def place_of_entry(s):
    t, y_1 = s.signals()["t"][-1], s.forward.y_l[1][0]
    P = s.Pp[s.C]
    return Sides(truth=[t[d - 1][p - 1] for d, p in pairs(s)],
                 printed=[y_1[(d - 1) * P + p - 1] for d, p in pairs(s)],
                 wrong={"(p'-1) D_C + d": [y_1[(p - 1) * s.D[s.C] + d - 1] for d, p in pairs(s)]})


@line("47.1217/once", "identity", "Each place of the stacked vector has one pair (d, p')",
      r"\{(d-1)P'_C+p'\}=\{1,\dots,D_CP'_C\}", cases=BOTH, source_kind="consequence")
def places_are_all_different(s):
    P, D = s.Pp[s.C], s.D[s.C]
    return Sides(truth=list(range(1, len(s.forward.y_l[1][0]) + 1)),
                 printed=sorted((d - 1) * P + p for d, p in pairs(s)),
                 wrong={"(d-1) D_C + p'": sorted((d - 1) * D + p for d, p in pairs(s))})


@line("47.1217/size", "dimension", "The stacked vector has D_C P'_C entries",
      r"D_CP'_C\times1", cases=(*BOTH, ANY_2), rewritten=r"y_{1,n}:\;D_CP'_C\times1")
def size_of_stacked(s):
    return Sides(truth=sum(len(t) for t in s.signals()["t"][-1]), printed=s.net.n[1],
                 wrong={"D_C P_C": s.D[s.C] * s.P[s.C]})


@line("47.1218", "definition", "The first feedforward matrix by its columns",
      r"W_1=\begin{bmatrix}w_1^{(1)}&w_2^{(1)}&w_3^{(1)}&\cdots&w_{D_CP'_C}^{(1)}\end{bmatrix}",
      cases=(*LAYERED, ANY_2))
def columns_of_W_1(s):
    W, theta, y = s.parameters.W_l[1], s.parameters.theta_l[1], s.forward.y_l[1][0]
    columns = [W[:, i] for i in range(s.D[s.C] * s.Pp[s.C])]
    return Sides(truth=s.signals()["zl"][0],
                 printed=sum(w * y[i] for i, w in enumerate(columns)) - theta,
                 wrong={"the last column left out": sum(
                     w * y[i] for i, w in enumerate(columns[:-1])) - theta})


@line("47.1219", "definition", "Column i holds the weights that leave node i",
      r"w_i^{(1)}=\text{weight vector emanating from node }i\text{ in }y_{1,n}",
      cases=(*LAYERED, ANY_2),
      rewritten=r"w_i^{(1)}=\frac{\partial z_{2,n}}{\partial y_{1,n}(i)}")
def weights_from_a_node(s):
    W = s.parameters.W_l[1]
    return Sides(truth=z_2_by_y_1(s).T, printed=[W[:, i] for i in range(s.n[1])],
                 wrong={"the rows": list(W), "the columns in reverse": W.T[::-1]})


lecture.remark("47.1219/layer", "The words before (47.1219) write the column with the layer l, the "
               "display with 1: it is about the first matrix.")


@line("47.1219/blocks", "identity", "Each reduced map meets P'_C neighbouring columns",
      r"z_{2,n}=\sum_{d=1}^{D_C}W_1^{(d)}t_n^{(d,C)}-\theta_1", cases=(*LAYERED, ANY_2),
      source_kind="consequence")
def blocks_of_columns(s):
    W, theta, P, D = s.parameters.W_l[1], s.parameters.theta_l[1], s.Pp[s.C], s.D[s.C]
    t = s.forward.t_c[s.C][0]
    return Sides(truth=s.signals()["zl"][0],
                 printed=sum(W[:, d * P:(d + 1) * P] @ t[d] for d in range(D)) - theta,
                 wrong={"every D_C-th column": sum(W[:, d::D] @ t[d] for d in range(D)) - theta})


@line("47.1220", "definition", "The columns that belong to map d",
      r"W_1^{(d)}\triangleq[W_1]_{:,(d-1)P'_C+1:dP'_C}", cases=LAYERED)
def block_of_a_map(s):
    W, P, d = s.parameters.W_l[1], s.Pp[s.C], s.D[s.C]
    return Sides(truth=s.z_by_t(s.C)[:, d - 1], printed=W[:, (d - 1) * P:d * P],
                 wrong={"counted from 0 and from 1": W[:, (d - 1) * P + 1:d * P],
                        "the map before": W[:, (d - 2) * P:(d - 1) * P]},
                 show={"W_1": np.array([[10 * k + i for i in range(1, s.n[1] + 1)]
                                        for k in range(1, s.n[2] + 1)])})


@line("47.1220/size", "dimension", "A block has n_2 rows and P'_C columns",
      r"W_1^{(d)}:\;n_2\times P'_C", cases=(*BOTH, ANY_2), source_kind="consequence")
def size_of_block(s):
    slopes = s.z_by_t(s.C)
    return Sides(truth=(slopes.shape[0], slopes.shape[2]), printed=(s.n[2], s.Pp[s.C]),
                 wrong={"n_2 x D_C": (s.n[2], s.D[s.C])})


@line("47.1220/second", "definition", "The block of the second map, by name",
      r"W_2^{(2)}", cases=BOTH, expect="misprint", corrected_formula=r"W_1^{(2)}",
      reason="the blocks are all cut from W_1; W_2 belongs to the next layer, and the rule in the "
             "display that follows gives W_1^(2)")
def second_block(s):
    W, P = s.parameters.W_l, s.Pp[s.C]
    return Sides(truth=s.z_by_t(s.C)[:, 1], printed=W[2][:, P:2 * P], corrected=W[1][:, P:2 * P],
                 wrong={"the first block": W[1][:, :P]})


lecture.remark("47.1220/superscript", "The place of the upper index is the layer in w_i^(1) and the "
               "map in W_1^(d); the two agree for (1) only.")


lecture.remark("sec6/clash", "W_1 names a matrix of the feedforward part for l = 1 and one of the "
               "correlation part for c = 1, and theta_1 likewise; wherever the text writes W_1 it is the "
               "first. cnnmat keeps the two apart as W_l and W_c.")


lecture.remark("sec6/typical", "Six pairs and three feedforward layers as typical sizes: elsewhere "
               "the example has three pairs; both are examples.")


@line("47.1217/gradient", "gradient", "Both indices name one variable",
      r"\partial z_{2,n}(k)/\partial t_n^{(d,C)}(p')=\partial z_{2,n}(k)/\partial y_{1,n}(i'_p)",
      cases=(DEEP, WIDE), source_kind="words")
def one_variable(s):
    layer = s.layers()[0]
    y_1 = s.forward.y_l[1][0]

    def z_2(y):
        return [sum(w * x for w, x in zip(row, y, strict=True)) - theta
                for row, theta in zip(layer["W"], layer["theta"], strict=True)]

    by_y = s.e.jacobian(z_2, y_1)
    P = s.Pp[s.C]
    return Sides(truth=[s.z_by_t(s.C)[:, d - 1, p - 1] for d, p in pairs(s)],
                 printed=[by_y[:, (d - 1) * P + p - 1] for d, p in pairs(s)],
                 wrong={"p' itself": [by_y[:, p - 1] for d, p in pairs(s)]})
