"""The full network, the signals of a layer, (47.1205) to (47.1211)."""



from cnnmat import loops, unvec
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, SMALL, WIDE, lecture, line
from cnnmat.textbook.vec import apply
from cnnmat.verify import Sides


def lengths(maps):
    """The lengths of the maps of one layer."""
    return [len(one) for one in maps]


@line("47.1205", "definition", "The first layer's maps are the one-layer maps with an index more",
      r"\{y_n^{(1,1)},y_n^{(2,1)},\dots,y_n^{(D_1,1)}\}", cases=(SMALL, WIDE))
def first_layer(s):
    lists, stage = s.lists[0], s.stages()[0]
    truth = []
    for d in range(s.D[1]):
        subs = [loops.subvectors(h, lists) for h in s.h[0].tolist()]
        z = [sum(loops.dot(subs[j][p], stage["w"][d][j]) - stage["theta"][d][j]
                 for j in range(s.D[0])) for p in range(s.P[1])]
        truth.append([s.f_c[0](value) for value in z])
    y = s.forward.y_c[1][0]
    return Sides(truth=truth, printed=y, wrong={"the maps in reverse order": y[::-1]})


@line("47.1205/depth", "dimension", "Correlation and pooling of a layer are equally deep",
      r"y_n^{(d,c)},\,t_n^{(d,c)}:\;d=1,\dots,D_c;\quad\text{input: }D_0", cases=(*BOTH, ANY_2),
      source_kind="words")
def depth(s):
    signals, layers = s.signals(), range(s.C)
    printed = [[s.D[c + 1], s.D[c + 1]] for c in layers]
    return Sides(truth=([[len(signals["y"][c]), len(signals["t"][c])] for c in layers],
                        len(s.h[0])),
                 printed=(printed, s.D[0]),
                 wrong={"pooled maps as many as before": (
                     [[s.D[c + 1], s.D[c]] for c in layers], s.D[0])})


@line("47.1206", "definition", "Layer c has the maps 1 to D_c",
      r"\{y_n^{(1,c)},y_n^{(2,c)},\dots,y_n^{(D_c,c)}\}", cases=(*BOTH, ANY_2))
def maps_of_layer(s):
    y = s.forward.y_c
    return Sides(truth=s.signals()["y"], printed=[y[c][0] for c in y],
                 wrong={"one map fewer": [y[c][0][:-1] for c in y],
                        "the maps in reverse": [y[c][0][::-1] for c in y]})


@line("47.1206/size", "dimension", "Each map of layer c has P_c entries",
      r"(\text{each of size }P_c\times1)", cases=(*BOTH, ANY_2), rewritten=r"y_n^{(d,c)}:\;P_c"
      r"\times1")
def size_of_maps(s):
    return Sides(truth=[lengths(maps) for maps in s.signals()["y"]],
                 printed=[[s.P[c]] * s.D[c] for c in s.P],
                 wrong={"P_{c-1}": [[s.P.get(c - 1, s.M)] * s.D[c] for c in s.P]})


@line("47.1207", "definition", "Each map is pooled to one reduced map",
      r"\{t_n^{(1,c)},t_n^{(2,c)},\dots,t_n^{(D_c,c)}\}", cases=(*BOTH, ANY_2))
def reduced_maps(s):
    t = s.forward.t_c
    return Sides(truth=s.signals()["t"], printed=[t[c][0] for c in s.P],
                 wrong={"the maps pooled together": [t[c][0].sum(axis=0)[None] for c in s.P],
                        "the maps in reverse": [t[c][0][::-1] for c in s.P]})


@line("47.1207/size", "dimension", "Each reduced map has P'_c entries",
      r"(\text{each of size }P'_c\times1)", cases=(*BOTH, ANY_2), rewritten=r"t_n^{(d,c)}:\;P'_c"
      r"\times1")
def size_of_reduced_maps(s):
    return Sides(truth=[lengths(maps) for maps in s.signals()["t"]],
                 printed=[[s.Pp[c]] * s.D[c] for c in s.P],
                 wrong={"the size of the first region": [
                     [len(s.regions[c - 1][0])] * s.D[c] for c in s.P]})


@line("47.1208", "definition", "Pooling acts on one map at a time",
      r"t_n^{(d,c)}=\mathrm{pool}(y_n^{(d,c)}),\quad d=1,2,\dots,D_c",
      cases=(*BOTH, {**WIDE, "pooling": "mean"}, {**WIDE, "pooling": "max"}, ANY_2))
def pooling_by_map(s):
    y = s.forward.y_c[1][0]
    stage = s.net.stages[1]
    alone = [stage.pooling(y[d], stage.regions) for d in range(s.D[1])]
    return Sides(truth=s.pooled(1, y.tolist()), printed=alone,
                 wrong={"each map pooled as its neighbour": alone[1:] + alone[:1]})


@line("47.1209", "definition", "A reduced map is cut into the next layer's subvectors",
      r"\{h_{n,p}^{(d,c)}\}_{p=1}^{P_{c+1}}=\mathrm{partition}(t_n^{(d,c)},P_{c+1}),"
      r"\quad d=1,2,\dots,D_c", cases=(*BOTH, ANY_2))
def next_subvectors(s):
    t = s.forward.t_c[1][0]
    V = s.partition(2).matrix
    truth = [[x for one in loops.subvectors(maps, s.lists[1]) for x in one]
             for maps in s.signals()["t"][0]]
    return Sides(truth=truth, printed=[apply(V, one) for one in t],
                 wrong={"y cut instead of t": lambda: [apply(V, y) for y in s.forward.y_c[1][0]],
                        "the rows of V reversed": [apply(V[::-1], one) for one in t]},
                 show={"V_1": V})


@line("47.1209/count", "dimension", "P_{c+1} subvectors come from each map",
      r"\{h_{n,p}^{(d,c)}\}_{p=1}^{P_{c+1}}", cases=(*BOTH, ANY_2), rewritten=r"p=1,\dots,P_{c+1}")
def number_of_subvectors(s):
    truth = [[len(loops.subvectors(t, s.lists[c])) for t in s.signals()["t"][c - 1]]
             for c in range(1, s.C)]
    return Sides(truth=truth, printed=[[s.P[c + 1]] * s.D[c] for c in range(1, s.C)],
                 wrong={"P_c": [[s.P[c]] * s.D[c] for c in range(1, s.C)]})


@line("47.1210", "dimension", "The subvectors leaving layer c have S_{c+1} entries",
      r"h_{n,p}^{(d,c)}\in\mathbb{R}^{S_{c+1}}", cases=(*BOTH, ANY_2),
      reason="the prose before (47.1252) calls the same size S_c")
def size_of_subvectors(s):
    truth = [lengths(loops.subvectors(s.signals()["t"][c - 1][0], s.lists[c]))
             for c in range(1, s.C)]
    return Sides(truth=truth, printed=[[s.S[c + 1]] * s.P[c + 1] for c in range(1, s.C)],
                 wrong={"S_c": [[s.S[c]] * s.P[c + 1] for c in range(1, s.C)]})


@line("fig47.96/outputs", "dimension", "A layer has D_c maps, pooled maps and sets of subvectors",
      r"D_c,\;D_c,\;D_c", cases=(*BOTH, ANY_2), source_kind="words")
def caption_counts(s):
    signals = s.signals()
    truth = [[len(signals["y"][c - 1]), len(signals["t"][c - 1]),
              len([loops.subvectors(t, s.lists[c]) for t in signals["t"][c - 1]])]
             for c in range(1, s.C)]
    return Sides(truth=truth, printed=[[s.D[c]] * 3 for c in range(1, s.C)],
                 wrong={"D_{c+1} sets": [[s.D[c], s.D[c], s.D[c + 1]] for c in range(1, s.C)]})


@line("fig47.96/partitions", "dimension", "Each set holds P_{c+1} subvectors", r"h_{n,p}^{(d,c)},"
      r"\quad p=1,\dots,P_{c+1}",
      cases=(*BOTH, ANY_2), source_kind="words")
def caption_partitions(s):
    columns = [s.forward.H_c[c].shape[-1] for c in range(1, s.C)]
    return Sides(truth=[len(loops.subvectors(s.signals()["t"][c - 1][0], s.lists[c]))
                        for c in range(1, s.C)], printed=columns,
                 wrong={"P_c": [s.P[c] for c in range(1, s.C)]})


@line("fig47.96/weights", "dimension", "Map d of layer c has D_{c-1} masks of S_c entries",
      r"\{w_j^{(d,c)}\in\mathbb{R}^{S_c}\},\quad\{\theta^{(d,c)}(j)\},\quad j=1,2,\dots,D_{c-1}",
      cases=(*BOTH, ANY_2),
      rewritten=r"w_j^{(d,c)}\in\mathbb{R}^{S_c},\;\theta^{(d,c)}(j),\quad j=1,\dots,D_{c-1}")
def caption_weights(s):
    truth, shapes = [], s.net.shapes()
    for c in s.P:
        before = s.h[0].tolist() if c == 1 else s.signals()["t"][c - 2]
        truth.append((len(before) * len(s.lists[c - 1][0]), len(before)))
    return Sides(truth=truth,
                 printed=[(shapes.W_c[c][0], shapes.Theta_c[c][0]) for c in s.P],
                 wrong={"j up to D_c": [(s.S[c] * s.D[c], s.D[c]) for c in s.P]})


@line("47.1211", "definition", "The subvectors of a map are the columns of H",
      r"H_n^{(d,c)}\triangleq\begin{bmatrix}h_{n,1}^{(d,c)}&h_{n,2}^{(d,c)}&"
      r"\dots&h_{n,P_{c+1}}^{(d,c)}\end{bmatrix},\quad(S_{c+1}\times P_{c+1}),"
      r"\quad d=1,2,\dots,D_c", cases=(*BOTH, ANY_2))
def feature_matrices(s):
    partition = s.partition(2)
    t = s.forward.t_c[1][0]
    H = [partition.columns(one) for one in t]
    truth = [loops.transpose(loops.subvectors(one, s.lists[1])) for one in s.signals()["t"][0]]
    return Sides(truth=(truth, truth),
                 printed=(H, [unvec(apply(partition.matrix, one), (partition.S, partition.P))
                              for one in t]),
                 wrong={"the subvectors as rows": ([one.T for one in H], H),
                        "the subvectors in reverse": ([one[:, ::-1] for one in H], H)})


@line("47.1211/size", "dimension", "H has a row for each place in a subvector and a column for each subvector",
      r"(S_{c+1}\times P_{c+1})", cases=(*BOTH, ANY_2),
      reason="a second place that contradicts the S_c before (47.1252)",
      rewritten=r"H_n^{(d,c)}:\;S_{c+1}\times P_{c+1}")
def size_of_feature_matrices(s):
    def shape(lists):
        return len(lists[0]), len(lists)

    return Sides(truth=[shape(lists) for lists in s.lists],
                 printed=[(s.forward.H_c[c].shape[1] // s.D[c], s.forward.H_c[c].shape[2])
                          for c in range(s.C)],
                 wrong={"S_c x P_c": [(s.M, 1), *(shape(lists) for lists in s.lists[:-1])]})


lecture.remark("47.1211/range", "The second line of the display begins with an equality sign that "
               "has no left side: an alignment mark; what is meant is the range of d.")
