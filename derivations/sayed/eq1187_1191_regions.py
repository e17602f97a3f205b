"""Pooling of vectors by regions, (47.1187) to (47.1191)."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from cnnmat import Partition, Regions, Windows, loops, upv_matrix, vec
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.derivations.sayed.shapes import (
    GENERIC,
    LISTS,
    OMEGA,
    by_region,
    flat,
    pooled,
    region_kind,
    tiled,
)
from cnnmat.textbook import correlation
from cnnmat.textbook.pooling import Correlation, Max, Mean, Subsample
from cnnmat.textbook.vec import carrier
from cnnmat.verify import Sides, vanishes

KINDS = ("mean", "max", "l2", "correlation", "subsampling")
COLOURS = [{**LISTS[0], "D": 4}, {"lists": GENERIC, "M": 7, "D": 2}]


def blocks(omega):
    """Consecutive regions of the same sizes."""
    ends = np.cumsum([len(region) for region in omega])
    return [list(range(end - len(region), end)) for end, region in zip(ends, omega, strict=True)]


@lecture.claim(
    "47.1187", "definition", "An entry of the reduced map comes from its region",
    r"t_n^{(d)}(p')=\mathrm{pool}_{p\in\Omega_{p'}}\left(\{y_n^{(d)}(p)\}\right)", cases=[
        {"omega": ((0, 2), (1,)), "P": 3}, {"omega": ((1, 4, 0), (3,), (5, 2)), "P": 6}], rational=True)
def pooled_regions(e, omega, P):
    y, regions, near = e.symbols("y", P), Regions(omega, P), Regions(blocks(omega), P)
    kinds = [region_kind(e, name, omega, P) for name in KINDS]
    return Sides(truth=[by_region(reduce, y, omega) for reduce, _ in kinds],
                 printed=[one(y, regions) for _, one in kinds],
                 wrong={"consecutive regions": [one(y, near) for _, one in kinds]})


@lecture.claim("47.1187/indices", "dimension", "p numbers the entries of y, p' the regions, in any place",
               r"p=1,\dots,P,\quad p'=1,\dots,P'", cases=OMEGA)
def two_indices(e, omega, P):
    regions = Regions(omega, P)
    scattered = any(b - a != 1 for one in omega for a, b in pairwise(one))
    return Sides(truth=(sum(1 for _ in flat(omega)), sum(1 for _ in omega), scattered),
                 printed=(regions.P, regions.P_prime, True),
                 wrong={"p' up to P": (P, P, True), "consecutive entries": (P, len(omega), False)})


@lecture.claim(
    "47.1187/image", "identity", "For an image Ω_1 is the window of pixel (1, 1)",
    r"\Omega_1\leftrightarrow\mathcal{H}_{1,1}", cases=[{"image": (6, 9)}],
    reason="in the order of vec Ω_2 is the window of (2, 1), not of (1, 2)")
def image_regions(e, image):
    y = e.integers(*image)
    regions = Regions(Windows(image, 3, stride=3))
    first = sorted((c - 1) * image[0] + r for r in range(1, 4) for c in range(1, 4))
    t = Max()(vec(y), regions)
    listed = (regions.order[:9] + 1).tolist()
    return Sides(truth=(first, loops.vec(tiled(loops.largest, y, (3, 3)))), printed=(listed, t),
                 wrong={"regions numbered by rows": (listed, pooled(Max(), y, (3, 3)).ravel())})


@lecture.claim(
    "47.1187/set", "definition", "The braces hold a family: equal values count as often as they occur",
    r"\{y_n^{(d)}(p)\}_{p\in\Omega_{p'}}", cases=[{"values": (1, 1, 0)}, {"values": (4, 4, 1, 4)}])
def family(e, values):
    regions = Regions([range(len(values))], len(values))
    exact = np.array([Fraction(v) for v in values])
    distinct = set(values)
    return Sides(truth=[Fraction(sum(values), len(values))], printed=Mean()(exact, regions),
                 wrong={"a set of values": [Fraction(sum(distinct), len(distinct))]})


@lecture.claim(
    "fig47.92", "dimension", "An entry of the reduced map depends on its region only",
    r"\partial t(p')/\partial y(p)=0\text{ for }p\notin\Omega_{p'}", cases=OMEGA)
def own_region(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    jacobian = [e.gradient(lambda values, region=region: loops.mean([values[p] for p in region]), y)
                for region in omega]
    g = Mean().gradient_vectors(y, regions)
    U, T = upv_matrix(g, regions), carrier(regions.matrix, y)
    return Sides(truth=jacobian, printed=U.T @ T,
                 wrong={"the neighbour's region": np.roll(U.T @ T, 1, axis=0), "T left out": U.T})


def _row(name, title, formula, near, **fields):
    @lecture.claim(f"table47.13/{name}", "definition", f"Row of Table 47.13: {title}", formula,
                   cases=OMEGA, rational=name == "l2", **fields)
    def row(e, omega, P):
        y, regions = e.symbols("y", P), Regions(omega, P)
        reduce, one = region_kind(e, name, omega, P)
        return Sides(truth=by_region(reduce, y, omega), printed=one(y, regions),
                     wrong={what: other(one, y, regions) for what, other in near.items()})


_row("mean", "the mean", r"\frac{1}{|\Omega_{p'}|}\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)",
     {"P'/P for all regions": lambda one, y, r: [
         value * int(n) * Fraction(r.P_prime, r.P) for value, n in zip(one(y, r), r.sizes, strict=True)],
      "the sum": lambda one, y, r: [value * int(n) for value, n in zip(one(y, r), r.sizes, strict=True)]})


@lecture.claim(
    "table47.13/max", "definition", "Row of Table 47.13: the maximum, and p° as an index of y",
    r"\max_{p\in\Omega_{p'}}\{y_n^{(d)}(p)\},\;p^o", cases=[{"omega": FIGURE_95, "P": 12}])
def maximum(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    largest = by_region(lambda k, values: loops.largest(values), y, omega)
    place = [next(p for p in region if y[p] == t) for region, t in zip(omega, largest, strict=True)]
    g = Max().gradient_vectors(y, regions)
    p_o = regions.order[g == 1]
    local = [list(region).index(p) for region, p in zip(omega, place, strict=True)]
    return Sides(truth=(largest, place, largest), printed=(Max()(y, regions), p_o, y[p_o]),
                 wrong={"the place in the region as an index of y": (Max()(y, regions), local, y[local])})


_row("l2", "the Euclidean norm", r"\left(\sum_{p\in\Omega_{p'}}(y_n^{(d)}(p))^2\right)^{1/2}",
     {"the mean under the root": lambda one, y, r: one.root(
         np.array([sum(y[p] ** 2 for p in part) * Fraction(1, len(part))
                   for part in np.split(r.order, r.starts[1:])])),
      "the sum": lambda one, y, r: [sum(y[p] for p in part) for part in np.split(r.order, r.starts[1:])]},
     covers="with the root as a function of which the values are known")
_row("correlation", "weights m for every entry of y",
     r"\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)\,m^{(d)}(p)",
     {"weights by the place in T": lambda one, y, r: Correlation(r.permute_sharp(one.mask))(y, r),
      "one weight a region": lambda one, y, r: r.reduce(np.add, r.permute(y)) * one.mask[:r.P_prime]},
     reason="p counts entries of y, so there are P weights and every region has its own; the one mask of "
            "(47.1180) is the case of equal regions with equal weights, which cnnmat takes as well")
_row("subsampling", "the retained entry, any of the region",
     r"\mathrm{subsample}\{y_n^{(d)}\}_{p\in\Omega_{p'}},\;p^o",
     {"always the first": lambda one, y, r: Subsample(0)(y, r)})


@lecture.claim(
    "table47.13/correlation-d", "dimension", "Each map may have weights of its own",
    r"m^{(d)}(p),\quad d=1,\dots,D", cases=[{"omega": ((0, 2), (1,)), "P": 3, "D": 2}])
def weights_of_a_map(e, omega, P, D):
    y, m, regions = e.symbols("y", D, P), e.symbols("m", D, P), Regions(omega, P)
    truth = [[loops.dot([y[d, p] for p in region], [m[d, p] for p in region]) for region in omega]
             for d in range(D)]
    return Sides(truth=truth, printed=Correlation(regions.permute(m))(y, regions),
                 wrong={"one filter for all maps": Correlation(regions.permute(m)[0])(y, regions)})


@lecture.claim(
    "table47.13/random", "definition", "The retained entry may be drawn, if the draw is kept",
    r"t(p')=y(p^o),\;g=e_{p^o}\text{ for one and the same }p^o", cases=[{"omega": FIGURE_95, "P": 12}])
def random_choice(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    keep = [int(e.integers(low=0, high=len(region) - 1)) for region in omega]
    again = [(k + 1) % len(region) for k, region in zip(keep, omega, strict=True)]
    slopes = flat(e.gradient(lambda values, k=k: values[k], y[list(region)]).tolist()
                  for k, region in zip(keep, omega, strict=True))
    t = Subsample(keep)(y, regions)
    return Sides(truth=([y[region[k]] for region, k in zip(omega, keep, strict=True)], slopes),
                 printed=(t, Subsample(keep).gradient_vectors(y, regions)),
                 wrong={"another draw on the way back": (t, Subsample(again).gradient_vectors(y, regions))})


@lecture.claim("table47.13/cardinality", "dimension", "|Ω| counts the entries of a region",
               r"|\Omega_{p'}|,\quad\sum_{p'}|\Omega_{p'}|=P", cases=OMEGA)
def cardinality(e, omega, P):
    regions = Regions(omega, P)
    return Sides(truth=([sum(1 for _ in region) for region in omega], P),
                 printed=(regions.sizes, int(regions.sizes.sum())),
                 wrong={"the largest index": ([max(region) + 1 for region in omega], P)})


@lecture.claim(
    "47.1188/orderR", "dimension", "Subsampling of order R retains one of R entries",
    r"|\Omega_{p'}|=R,\quad P=RP'", cases=[{"image": (6, 9), "factor": 3}, {"image": (4, 6), "factor": 2}],
    reason="the order is not the factor of (47.1177): a factor 3 each way has order 9")
def order_of_subsampling(e, image, factor):
    regions = Regions(Windows(image, factor, stride=factor))
    window = sum(1 for _ in loops.cells((factor, factor)))
    return Sides(truth=(window, image[0] * image[1]),
                 printed=(int(regions.sizes[0]), int(regions.sizes[0]) * regions.P_prime),
                 wrong={"the factor of one direction": (factor, factor * regions.P_prime)})


@lecture.claim(
    "47.1188", "definition", "Pooling as a map of vectors, for each of D maps",
    r"t_n^{(d)}=\mathrm{pool}\left(y_n^{(d)}\right),\quad d=1,\dots,D",
    cases=[{"omega": ((0, 2), (1,)), "P": 3, "D": 2}, {"omega": ((1, 4, 0), (3,), (5, 2)), "P": 6, "D": 2}])
def pooled_maps(e, omega, P, D):
    y, regions = e.symbols("y", D, P), Regions(omega, P)
    mixed = np.stack([Mean()(sum(y) * Fraction(1, D), regions)] * D)
    return Sides(truth=[[loops.pool(one.tolist(), omega, reduce) for one in y]
                        for reduce in (loops.mean, loops.largest)],
                 printed=[Mean()(y, regions), Max()(y, regions)],
                 wrong={"pooled across the maps": [mixed, Max()(y, regions)]})


@lecture.claim("47.1188/nonoverlap", "dimension", "No entry lies in two regions",
               r"\Omega_{p'}\cap\Omega_{q'}=\emptyset", cases=OMEGA)
def no_overlap(e, omega, P):
    twice = sum(1 for p in range(P) if sum(p in region for region in omega) > 1)
    order = Regions(omega, P).order
    sliding = Windows(P, 2).indices.ravel()
    return Sides(truth=twice, printed=order.size - np.unique(order).size,
                 wrong={"windows that overlap": sliding.size - np.unique(sliding).size})


@lecture.claim(
    "47.1188/influence", "gradient", "An entry of y influences one entry of t at most",
    r"\partial t(p')/\partial y(p)\ne 0\text{ for one }p'", cases=OMEGA,
    reason="at most one: an entry that is discarded, or not the largest, influences none")
def influence(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)

    def influenced(lists, reduce):
        slopes = [e.gradient(lambda v, one=one: reduce([v[p] for p in one]), y) for one in lists]
        return [sum(not vanishes(row[p]) for row in slopes) for p in range(P)]

    def shipped(one):
        U = upv_matrix(one.gradient_vectors(y, regions), regions)
        return (carrier(regions.matrix, y).T @ carrier(U, y) != 0).sum(axis=1)

    overlapping = [(p, p + 1) for p in range(P - 1)]
    return Sides(truth=(influenced(omega, loops.mean), influenced(omega, loops.largest)),
                 printed=(shipped(Mean()), shipped(Max())),
                 wrong={"regions that overlap": (influenced(overlapping, loops.mean), shipped(Max())),
                        "a maximum of all": (shipped(Mean()), shipped(Mean()))})


def colour_maps(e, lists, M, D):
    """h, w [d, j, s], θ [d, j], f, the stacked H, W and Θ of a layer fed by three maps."""
    S = len(lists[0])
    h, w, theta = e.symbols("h", 3, M), e.symbols("w", D, 3, S), e.symbols("theta", D, 3)
    H = correlation.stack_maps(Partition(lists, M), h)
    return h, w, theta, e.activation(), H, w.reshape(D, -1).T, theta.T


def z_by_loops(h, lists, w, theta):
    return [loops.preactivation(h.tolist(), lists, w[d].tolist(), theta[d].tolist(), range(3))
            for d in range(len(w))]


@lecture.claim("47.1188/Dmaps", "dimension", "D maps are reduced to D maps", r"d=1,\dots,D",
               cases=[{"omega": FIGURE_95, "P": 12, "D": 5}])
def number_of_maps(e, omega, P, D):
    y = e.integers(D, P)
    t = Max()(y, Regions(omega, P))
    return Sides(truth=(sum(1 for _ in y), [len(omega)] * D), printed=(len(t), [one.size for one in t]),
                 wrong={"one for all": (1, [len(omega)]), "not reduced": (D, [P] * D)})


@lecture.claim(
    "47.1189", "identity", "An entry of map d, fed by three input layers",
    r"y_n^{(d)}(p)=f\left(\sum_{j=1}^3\left([h_{n,p}^{(j)}]^{\mathsf T}w_j^{(d)}-\theta^{(d)}(j)\mathbb{1}"
    r"\right)\right)", expect="misprint",
    corrected_formula=r"y_n^{(d)}(p)=f\left(\sum_{j=1}^3\left([h_{n,p}^{(j)}]^{\mathsf T}w_j^{(d)}"
    r"-\theta^{(d)}(j)\right)\right)",
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
               r"\{y_n^{(d)}\}\to\{t_n^{(d)}\},\quad d=1,\dots,D", cases=[{"image": (4, 6), "D": 3}])
def images_or_vectors(e, image, D):
    maps = e.integers(D, *image)
    regions = Regions(Windows(image, 2, stride=2))
    t = Mean()(vec(maps, 2) * Fraction(1), regions)
    return Sides(truth=([loops.vec(tiled(lambda v: Fraction(sum(v), len(v)), one, (2, 2))) for one in maps],
                        (D, 6)), printed=(t, t.shape), wrong={"D reduced": (t[:1], (1, 24)),
                                                         "in reverse": (t[:, ::-1], t.shape)})


def _input_layer(letter, j):
    @lecture.claim(
        f"47.1190{letter}", "definition", f"The subvectors of input layer {j} as columns",
        rf"H_n^{{({j})}}=\begin{{bmatrix}}h_{{n,1}}^{{({j})}}&h_{{n,2}}^{{({j})}}&\dots&h_{{n,P}}^{{({j})}}\end{{bmatrix}}",
        cases=[{"lists": GENERIC, "M": 7}])
    def input_layer(e, lists, M):
        h, S = e.symbols("h", 3, M), len(lists[0])
        H = correlation.stack_maps(Partition(lists, M), h)
        own = loops.subvectors(h[j - 1].tolist(), lists)
        return Sides(truth=(loops.transpose(own),) * 2,
                     printed=(H[(j - 1) * S:j * S], Partition(lists, M).columns(h[j - 1])),
                     wrong={"another layer's": (H[j % 3 * S:][:S],) * 2})


for _letter, _j in zip("abc", (1, 2, 3), strict=True):
    _input_layer(_letter, _j)


@lecture.claim("47.1190/size", "dimension", "The matrix of each input layer is S x P", r"S\times P", cases=LISTS[1:])
def size_of_a_layer(e, lists, M):
    own = loops.transpose(loops.subvectors(list(range(M)), lists))
    P, S = len(lists), len(lists[0])
    return Sides(truth=(len(own), len(own[0])), printed=(S, P),
                 wrong={"the three together": (3 * S, P), "transposed": (P, S)})


@lecture.claim(
    "47.1191a", "identity", "Map d in matrices, fed by three input layers",
    r"y_n^{(d)}=f\left(\sum_{j=1}^3\left([H_n^{(j)}]^{\mathsf T}w_j^{(d)}-\theta^{(d)}(j)\mathbb{1}\right)"
    r"\right),\quad d=1,\dots,D", cases=COLOURS)
def maps_of_colours(e, lists, M, D):
    h, w, theta, f, H, W, Theta = colour_maps(e, lists, M, D)
    S = len(lists[0])
    parts = [[correlation.feature_map(H[j * S:(j + 1) * S], w[d, j], theta[d, j]) for j in range(3)]
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
