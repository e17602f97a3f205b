"""What the text sums up before its training listing."""

from cnnmat import Network, loops, upv
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, LAYERED, PLAIN, WIDE, line
from cnnmat.verify import Sides

ONE_MAP = {**WIDE, "depths": (1, 1)}


@line("summary/S_c", "dimension", "Layer c receives subvectors of S_c entries", r"S_c\times1",
      cases=(*BOTH, ANY_2), reason="which contradicts the words before (47.1252)")
def received_subvectors(s):
    maps = [s.h[0].tolist(), *s.signals()["t"][:-1]]
    truth = [len(loops.subvectors(t[0], lists)[0]) for t, lists in zip(maps, s.lists, strict=True)]
    return Sides(truth=truth, printed=[s.net.stages[c].partition.S for c in s.P],
                 wrong={"S_{c+1}": [s.S.get(c + 1, 0) for c in s.P]})


@line("summary/P_c", "dimension", "How many neural units layer c has",
      r"\text{a total of }P_c", cases=(ONE_MAP, WIDE), expect="ambiguous",
      corrected_formula=r"P_c\text{ for each of its }D_c\text{ maps}",
      reason="P_c counts the units of one map; in the layer there are D_c P_c; cnnmat's P is the number "
             "for one map", source_kind="words",
      cites={"P_c a map": "(47.1206) has P_c for a map, and figure 47.96 calls a map a layer",
             "P_c in all": "the sentence speaks of the layer that has D_c, its depth"})
def units_of_a_layer(s):
    z = s.signals()["z"]
    return Sides(truth=[(len(maps[0]), sum(map(len, maps))) for maps in z],
                 readings={"P_c a map": [(s.P[c], s.D[c] * s.P[c]) for c in s.P],
                           "P_c in all": [(s.P[c], s.P[c]) for c in s.P]},
                 wrong={"P'_c": [(s.Pp[c], s.D[c] * s.Pp[c]) for c in s.P]})


@line("summary/weights", "dimension", "D_{c-1} masks for each map", r"w_j^{(d,c)},"
      r"\quad j=1,\dots,D_{c-1}", cases=(*BOTH, ANY_2),
      source_kind="words")
def masks_of_a_map(s):
    truth = [[len(masks) for masks in stage["w"]] for stage in s.stages()]
    return Sides(truth=truth, printed=[[s.D[c - 1]] * s.D[c] for c in s.P],
                 wrong={"D_c": [[s.D[c]] * s.D[c] for c in s.P]})


@line("summary/V_c", "dimension", "Which layers have a partition matrix",
      r"V_c,\quad c=1,\dots,C", cases=BOTH, expect="misprint",
      corrected_formula=r"V_c,\quad c=1,\dots,C-1",
      reason="V_c cuts the pooled maps of layer c for layer c+1, with P_{c+1} S_{c+1} rows by "
      "(47.1252); as in 47.1216/partition the last layer has none; the input is cut as well, by "
      "what would be V_0",
      source_kind="words")
def partition_matrices(s):
    cut = [c for c in range(1, len(s.regions) + 1) if c < len(s.lists)]
    return Sides(truth=[cut], printed=[list(s.P)],
                 corrected=[[c for c in s.net.stages if c + 1 in s.net.stages]],
                 wrong={"c = 0, ..., C-2": [list(range(s.C - 1))]})


class Forwards(Network):
    """permute, a product with T, where the listing has permute#."""

    def delta_correlation(self, forward, c, b):
        stage = self.stages[c]
        g = stage.pooling.gradient_vectors(forward.y_c[c], stage.regions)
        x = stage.regions.permute(upv(b, g, stage.regions))
        return stage.activation.derivative(forward.z_c[c]) * x


@line("summary/permute", "gradient", "Which permutation the training listing uses",
      r"\mathrm{permute}^{\#}(y_n^{(d,c)})=T_cy_n^{(d,c)}", cases=(*LAYERED, ANY_2), expect="misprint",
      corrected_formula=r"\mathrm{permute}^{\#}(y_n^{(d,c)})=T_c^{\mathsf{T}}y_n^{(d,c)}",
      reason="both training listings have permute#, of (47.1204), and need it; the sentence explains "
             "them by permute, of (47.1202); invisible where T is its own inverse",
      source_kind="words")
def permutation_of_the_listing(s):
    return Sides(truth=[s.sensitivities(c) for c in s.P],
                 printed=[s.listed(Forwards).delta_c[c] for c in s.P],
                 corrected=[s.backward.delta_c[c] for c in s.P],
                 wrong={"the maps in reverse": [s.backward.delta_c[c][:, ::-1] for c in s.P]},
                 show={f"T_{c}": s.net.stages[c].regions.matrix for c in s.P})


@line("summary/own-T", "dimension", "Each pooling layer has a permutation of its own",
      r"T_c\;(P_c\times P_c)", cases=(*BOTH, ANY_2), source_kind="words")
def own_permutation(s):
    return Sides(truth=[(sum(map(len, one)),) * 2 for one in s.regions],
                 printed=[s.net.stages[c].regions.matrix.shape for c in s.P],
                 wrong={"one for all": [(s.P[1],) * 2 for _ in s.P]})


@line("summary/upv", "identity", "Spreading scales the gradient vector of each pooled entry",
      r"\mathrm{upv}(v)=\mathrm{col}\{\alpha_jg_{n,j}^{(d,c)}\}", cases=BOTH, source_kind="words")
def spreading(s):
    regions, n = s.net.stages[1].regions, s.N - 1
    g = s.net.stages[1].pooling.gradient_vectors(s.forward.y_c[1], regions)
    v, slopes = s.forward.t_c[1][n], s.t_by_y(1, n)
    truth = [[v[d, p] * slopes[d, p, d, j] for p, one in enumerate(s.regions[0]) for j in one]
             for d in range(s.D[1])]
    return Sides(truth=truth, printed=upv(v, g[n], regions),
                 wrong={"repeated without the gradient vector": regions.expand(v),
                        "the g of the map behind": upv(v, g[n][::-1], regions)})


@line("summary/plain", "gradient", "Where most slips cannot be seen",
      r"N=1,\;D_c=1,\;P'_c=P_c,\;S_c=S_{c+1}", cases=(PLAIN, ANY_2),
      covers="a network on which all sizes that could be mixed up are equal", source_kind="own")
def plain_network(s):
    return Sides(truth=[s.sensitivities(c) for c in s.P],
                 printed=[s.backward.delta_c[c] for c in s.P],
                 wrong={"permute for permute#": [s.listed(Forwards).delta_c[c] for c in s.P]})
