"""Sensitivities of earlier correlation layers, second part: (47.1259) to (47.1262)."""

import numpy as np

from cnnmat import Network, Partition, upv, weight_matrix
from cnnmat.derivations.sayed.anysize import KINKS
from cnnmat.derivations.sayed.eq1240_1245_last_layer_vectors import (
    REGION_OF,
    braces,
    slopes_as_printed,
    stack,
    twelve_derivatives,
)
from cnnmat.derivations.sayed.setting import (
    ANY_2,
    BOTH,
    DEEP,
    FIGURE_95,
    LAYERED,
    MAX,
    MEAN,
    PLAIN,
    SMALL,
    TALL,
    WIDE,
    line,
)
from cnnmat.textbook import correlation
from cnnmat.verify import Sides

FLOATS = {**WIDE, "numbers": "floats", "pooling": "mean", "N": 1}
#: The regions of figure 47.95 in the first of two layers.
TWELVE = {"depth": 1, "M": 5,
          "lists": (((0, 1), (4, 2), (2, 3), (1, 0), (3, 4), (0, 2), (1, 3), (4, 0), (2, 1),
                     (3, 0), (1, 4), (4, 3)), ((0, 2), (2, 1), (1, 0), (0, 1))),
          "depths": (2, 2), "regions": (FIGURE_95, ((1, 2), (0, 3))), "widths": (2,), "N": 1,
          "pooling": "l2", "numbers": True}
#: One map a layer and the mean: few enough symbols for a small counterexample.
SYMBOLS = {**TWELVE, "depths": (1, 1), "widths": (1,), "pooling": "mean", "numbers": False}
#: p'' of j = 1, ..., 12, as (47.1259) prints it for b.
PRINTED_B = (1, 1, 2, 2, 1, 2, 3, 2, 1, 2, 3, 2)


def b_stacked(listed):
    """The column of b in (47.1259), with the p'' that are listed."""
    return stack(f"b_n^{{(d,d',c)}}({p})" for p in listed)


X, EACH_X = braces(b_stacked(PRINTED_B), slopes_as_printed("c"))


def b_of(s, d, k, n=0):
    """V^(d,d',2) δ^(d',2), d and d' from 0."""
    V = weight_matrix(s.partition(2), s.mask(k, d, 2))
    return V @ s.backward.delta_c[2][n][k]


def spread(s, d, v):
    """permute#(upv(v)) with the g of map d."""
    return s.spread(v, 1, s.gradient_vectors(1)[0, d])


def stacked(s, d, listed, maps=None):
    """Σ_d' f'(z) ⊙ col{b(listed)} ⊙ col{∂t/∂y} for the twelve entries."""
    t_by_y, f = s.t_by_y(1), s.f_prime(1)
    total = 0
    for k in range(s.D[2]) if maps is None else maps:
        b = b_of(s, d, k)
        total = total + np.array([f[d, j] * b[p - 1] * t_by_y[d, q - 1, d, j]
                                  for j, (p, q) in enumerate(zip(listed, REGION_OF, strict=True))])
    return total


@line("47.1259", "example", "The twelve entries: which b each of them takes",
      b_stacked(PRINTED_B), cases=(SYMBOLS, TWELVE), expect="scan",
      corrected_formula=b_stacked(REGION_OF),
      reason="the third entry is doubled and the last one lost, so that the nine from the fourth on are "
             "one place late; the column of derivatives beside it and (47.1240) have the right list; "
             "equal values of b would hide it")
def twelve_b(s):
    d = s.D[1] - 1
    return Sides(truth=s.sensitivity(0, 1)[d], printed=stacked(s, d, PRINTED_B),
                 corrected=s.backward.delta_c[1][0, d], elsewhere=stacked(s, d, REGION_OF),
                 wrong={"in the order of the regions": stacked(s, d, sorted(REGION_OF))})


twelve_derivatives(
    "47.1259/t-column", "The twelve entries: the column of derivatives",
    slopes_as_printed("c"),
    wrong={"the list printed for b": PRINTED_B}, cases=(TWELVE,))


@line("47.1259/sum", "gradient", "The twelve entries: the sum over the maps of the next layer",
      r"\delta_n^{(d,c)}=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)})\odot x", cases=(TWELVE,),
      source_kind="consequence")
def twelve_sum(s):
    return Sides(truth=s.sensitivity(0, 1),
                 printed=[stacked(s, d, REGION_OF) for d in range(s.D[1])],
                 wrong={"d' = d only": [stacked(s, d, REGION_OF, maps=[d])
                                        for d in range(s.D[1])]})


@line("47.1259/x-brace", "example", "What x stands for here", X,
      cases=(TWELVE,), expect="scan", rewritten=EACH_X,
      corrected_formula=rf"x={b_stacked(REGION_OF)}\odot{slopes_as_printed('c')}",
      reason="as in (47.1240), one wide brace came out as two; the sentence below says that x is the "
             "product; for the list of b see 47.1259")
def brace(s):
    d = 1
    truth = s.sensitivity(0, 1)[d] / s.f_prime(1)[d]
    b = sum(b_of(s, d, k) for k in range(s.D[2]))
    t_by_y = s.t_by_y(1)
    first = np.array([b[p - 1] for p in REGION_OF])
    second = np.array([t_by_y[d, p - 1, d, j] for j, p in enumerate(REGION_OF)])
    return Sides(truth=(truth, truth), printed=(first, second), corrected=(spread(s, d, b),) * 2,
                 elsewhere=(first * second,) * 2, wrong={"their sum": (first + second,) * 2})


@line("47.1260", "identity", "x is b spread and put back in order",
      r"x=\mathrm{permute}^{\#}\left(\mathrm{upv}\left(b_n^{(d,d',c)}\right)\right)",
      cases=(*BOTH, TWELVE, ANY_2))
def x_of_earlier_layers(s):
    d, k, regions = 1, 0, s.net.stages[1].regions
    t_by_y, a = s.t_by_y(1), s.z_by_t(1)
    delta = s.backward.delta_c[2][0][k]
    b = [sum(delta[i] * a[k, i, d, p] for i in range(s.P[2])) for p in range(s.Pp[1])]
    truth = [b[s.region_of(1, j)] * t_by_y[d, s.region_of(1, j), d, j] for j in range(s.P[1])]
    x = spread(s, d, b_of(s, d, k))
    after = s.net.stages[2].regions
    return Sides(truth=truth, printed=x,
                 wrong={"permute for permute#": regions.permute(regions.permute(x)),
                        "the T of layer c+1": lambda: after.permute_sharp(regions.permute(x))})


@line("47.1261", "definition", "Spreading in layer c takes the gradient vectors of layer c",
      r"\mathrm{upv}(v)=\mathrm{col}\{\alpha_jg_{n,j}^{(d,c)}\}", cases=(*BOTH, TWELVE, ANY_2))
def spreading(s):
    d, regions = 1, s.net.stages[1].regions
    v, g = b_of(s, d, 0), s.gradient_vectors(1)[0]
    t_by_y = s.t_by_y(1)
    truth = [v[p] * t_by_y[d, p, d, j] for p, one in enumerate(s.regions[0]) for j in one]
    return Sides(truth=truth, printed=upv(v, g[d], regions),
                 wrong={"the g of another map": upv(v, g[d - 1], regions),
                        "no g at all": regions.expand(v)})


def own_mask(s):
    """w_d^(d',c+1), d and d' from 0."""
    return lambda d, k: s.mask(k, d, 2)


def sensitivities(s, pairs, mask, inside=False):
    """(47.1262) for c = 1, `pairs` naming the d' to sum over for each d."""
    f = s.net.stages[1].activation.derivative(s.forward.z_c[1][0])
    partition, delta = s.partition(2), s.backward.delta_c[2][0]

    def back(d):
        b = [weight_matrix(partition, mask(d, k)) @ delta[k] for k in pairs(d)]
        if inside:
            return f[d] * spread(s, d, sum(b))
        return sum(f[d] * spread(s, d, one) for one in b)

    return [back(d) for d in range(s.D[1])]


@line("47.1262", "gradient", "The sensitivities of an earlier correlation layer",
      r"\delta_n^{(d,c)}=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)})\odot\mathrm{permute}^{\#}"
      r"\left(\mathrm{upv}\left(V^{(d,d',c+1)}\delta_n^{(d',c+1)}\right)\right),"
      r"\quad d=1,2,\dots,D_c",
      cases=(DEEP, MAX, KINKS, *BOTH, MEAN, ANY_2))
def earlier_layer(s):
    own, every = own_mask(s), lambda d: range(s.D[2])
    wrong = {"d' up to D_{c+1} - 1": (lambda d: range(s.D[2] - 1), own),
             "d' = d only": (lambda d: [d % s.D[2]], own),
             "another map's masks": (every, lambda d, k: s.mask(k, d - 1, 2))}
    shipped = [s.backward.delta_c[c] for c in range(1, s.C)]
    return Sides(truth=(s.sensitivity(0, 1), [s.sensitivities(c) for c in range(1, s.C)]),
                 printed=(sensitivities(s, every, own), shipped),
                 wrong={name: (sensitivities(s, *slip), shipped) for name, slip in wrong.items()})


@line("47.1262/range", "dimension", "One vector of P_c entries for each of the D_c maps",
      r"d=1,2,\dots,D_c", cases=(*BOTH, ANY_2))
def range_of_earlier(s):
    return Sides(truth=[len(z) for z in s.signals()["z"][0]], printed=[s.P[1]] * s.D[1],
                 wrong={"D_{c+1}": [s.P[1]] * s.D[2], "P'_c": [s.Pp[1]] * s.D[1]})


@line("47.1262/inside", "identity", "The sum may be taken before spreading",
      r"f'(z_n^{(d,c)})\odot\mathrm{permute}^{\#}\left(\mathrm{upv}\left(\sum_{d'}V^{(d,d',c+1)}"
      r"\delta_n^{(d',c+1)}\right)\right)", cases=(DEEP, MAX, *BOTH, ANY_2),
      covers="not in the text: one spreading for a map instead of D_{c+1}", source_kind="own")
def sum_inside(s):
    inside = np.array(sensitivities(s, lambda d: range(s.D[2]), own_mask(s), inside=True))
    short = s.net.backward(s.parameters, s.forward, s.gamma).delta_c[1][0]
    truth = s.sensitivity(0, 1)
    return Sides(truth=(truth, truth), printed=(inside, short),
                 wrong={"f' summed too": (inside * s.D[2], short)})


@line("47.1262/boundary", "identity", "The last layer is a special case",
      r"V_C=I_{P'_C},\;P_{C+1}=1,\;D_{C+1}=n_2:\quad b^{(d)}=\sum_{k=1}^{n_2}"
      r"[(W_1^{(d)})^{\mathsf{T}}]_{:,k}\,\delta_{2,n}(k)", cases=(SMALL, *LAYERED),
      covers="not in the text: the feedforward weights as masks that see a whole map",
      source_kind="own")
def boundary_as_a_mask(s):
    P = s.Pp[s.C]
    whole = Partition([range(P)], P)
    W = s.parameters.W_l[1].T  # rows (d, p'), columns k, as W_{C+1} would be
    b = correlation.pull_back_literal(whole, W, s.backward.delta_l[2][0][:, None])
    truth = s.e.gradient(lambda t: s.error(0, s.after(s.C, t)["output"]), s.signals()["t"][-1])
    return Sides(truth=truth, printed=b,
                 wrong={"the masks reversed": correlation.pull_back_literal(
                     whole, W[::-1], s.backward.delta_l[2][0][:, None])})


@line("47.1262/factors", "dimension", "The sizes of the factors of the backward pass",
      r"\mathrm{diag}f'\,(D_cP_c)^2,\;I\otimes T_c^{\mathsf{T}}\,(D_cP_c)^2,\;\mathrm{upv}_c\,"
      r"(D_cP_c\times D_cP'_c),\;[V^{(d,d',c+1)}]\,(D_cP'_c\times D_{c+1}P_{c+1})",
      cases=(FLOATS, {**FLOATS, "lists": TALL["lists"], "regions": TALL["regions"], "M": 4,
                      "depths": (3, 2, 3), "widths": (2, 3, 2)}), source_kind="own")
def sizes_of_factors(s):
    signals = s.signals()
    z = [sum(map(len, maps)) for maps in signals["z"]]
    t = [sum(map(len, maps)) for maps in signals["t"]]
    truth = []
    for c in range(s.C):
        truth += [(z[c], z[c]), (z[c], z[c]), (z[c], t[c])]
        truth += [(t[c], z[c + 1])] if c + 1 < s.C else []
    nodes = [t[-1], *map(len, signals["zl"])]
    for l in range(1, s.L):
        truth += [(nodes[l - 1],) * 2] if l > 1 else []
        truth.append((nodes[l - 1], nodes[l]))
    factors = s.net.jacobians(s.parameters, s.forward)
    return Sides(truth=truth, printed=[factor.shape for _, factor in factors],
                 wrong={"transposed": [factor.shape[::-1] for _, factor in factors]})


@line("47.1262/product", "gradient", "The backward pass is a product of sparse matrices",
      r"\mathrm{col}\{\delta_n^{(1,1)},\dots,\delta_n^{(D_1,1)}\}=\left(\prod_cF'_c\,(I\otimes "
      r"T_c^{\mathsf{T}})\,\mathrm{upv}_c\,[V^{(d,d',c+1)}]\right)W_1^{\mathsf{T}}F'_2\cdots "
      r"W_{L-1}^{\mathsf{T}}\delta_{L,n}",
      cases=(FLOATS, {**FLOATS, "pooling": "max"}), covers="not in the text: (47.1245), (47.1262) and "
      "(47.1234) chained", source_kind="own")
def product_of_factors(s):
    factors = s.net.jacobians(s.parameters, s.forward)
    delta = s.backward.delta_l[s.L][0]

    def product(factors):
        v = delta
        for factor in reversed(factors):
            v = factor @ v
        return v

    matrices = [factor for _, factor in factors]
    permuted = [f.T if name.startswith("I ⊗ T_1") else f for name, f in factors]
    truth = s.sensitivity(0, 1).astype(float).ravel()
    return Sides(truth=(truth, truth),
                 printed=(product(matrices), s.backward.delta_c[1][0].ravel()),
                 wrong={"T for its transpose": (product(permuted), truth)},
                 show={name: np.round(factor.toarray(), 1)
                       for name, factor in factors if factor.shape[0] < 9})


class OneSum(Network):
    """The recursion with b of the first map of the next layer only."""

    def back_through_masks(self, p, c, delta, literal=False):
        first = np.zeros_like(delta)
        first[:, 0] = delta[:, 0]
        return super().back_through_masks(p, c, first, literal)


@line("47.1262/one-map", "gradient", "With one map behind, the sum over d' has one term",
      r"\delta_n^{(d,c)}=f'(z_n^{(d,c)})\odot\mathrm{permute}^{\#}(\mathrm{upv}(V^{(d,1,c+1)}"
      r"\delta_n^{(1,c+1)})),\quad D_{c+1}=1", cases=(PLAIN, {**WIDE, "depths": (3, 1)}),
      source_kind="consequence")
def one_map_behind(s):
    delta = s.listed(OneSum).delta_c[1]
    return Sides(truth=s.sensitivities(1), printed=delta,
                 wrong={"f' left out": delta / s.f_c[0].derivative(s.forward.z_c[1])})
