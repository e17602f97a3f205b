"""Pooling of vectors by regions, (47.1187) and (47.1188)."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from cnnmat import Regions, Windows, loops, upv_matrix, vec
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.derivations.sayed.shapes import OMEGA, by_region, flat, region_kind, tiled
from cnnmat.derivations.tables import table
from cnnmat.textbook.pooling import Correlation, Max, Mean, Subsample
from cnnmat.textbook.vec import carrier
from cnnmat.verify import Sides, vanishes

KINDS = ("mean", "max", "l2", "correlation", "subsampling")


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
               r"p=1,2,\dots,P,\quad p'=1,2,\dots,P'", cases=OMEGA)
def two_indices(e, omega, P):
    regions = Regions(omega, P)
    scattered = any(b - a != 1 for one in omega for a, b in pairwise(one))
    return Sides(truth=(sum(1 for _ in flat(omega)), sum(1 for _ in omega), scattered),
                 printed=(regions.P, regions.P_prime, True),
                 wrong={"p' up to P": (P, P, True), "consecutive entries": (P, len(omega), False)})


@lecture.claim(
    "47.1187/image", "identity", "For an image Ω_1 is the window of pixel (1, 1)",
    r"\Omega_1\leftrightarrow\mathcal{H}_{1,1}", cases=[{"image": (6, 9)}],
    source_kind="words")
def image_regions(e, image):
    y = e.symbols("y", *image)
    regions = Regions(Windows(image, 3, stride=3))
    t = Mean()(vec(y), regions)
    tiles = tiled(loops.mean, y, (3, 3))
    first = sorted((c - 1) * image[0] + r for r in range(1, 4) for c in range(1, 4))
    listed = (regions.order[:9] + 1).tolist()
    return Sides(truth=(first, tiles[0][0]), printed=(listed, t[0]),
                 wrong={"the first nine entries": ([*range(1, 10)], loops.mean(loops.vec(y.tolist())[:9])),
                        "the next window": ((regions.order[9:18] + 1).tolist(), t[1])})


@lecture.claim(
    "47.1187/set", "definition", "The braces hold a family: equal values count as often as they occur",
    r"\{y_n^{(d)}(p)\}", cases=[{"values": (1, 1, 0)}, {"values": (4, 4, 1, 4)}])
def family(e, values):
    regions = Regions([range(len(values))], len(values))
    exact = np.array([Fraction(v) for v in values])
    distinct = set(values)
    return Sides(truth=[Fraction(sum(values), len(values))], printed=Mean()(exact, regions),
                 wrong={"a set of values": [Fraction(sum(distinct), len(distinct))]})


@lecture.claim(
    "fig47.92", "dimension", "An entry of the reduced map depends on its region only",
    r"\partial t(p')/\partial y(p)=0\text{ for }p\notin\Omega_{p'}", cases=OMEGA,
    source_kind="words")
def own_region(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    jacobian = [e.gradient(lambda values, region=region: loops.mean([values[p] for p in region]), y)
                for region in omega]
    g = Mean().gradient_vectors(y, regions)
    U, T = upv_matrix(g, regions), carrier(regions.matrix, y)
    return Sides(truth=jacobian, printed=U.T @ T,
                 wrong={"the neighbour's region": np.roll(U.T @ T, 1, axis=0), "T left out": U.T})


@table(lecture.claim, kind="definition", cases=OMEGA)
def row_of_the_table(e, name, wrong, omega, P):
    """A kind of pooling; near misses are made of the pooling, y and the regions."""
    y, regions = e.symbols("y", P), Regions(omega, P)
    reduce, one = region_kind(e, name, omega, P)
    return Sides(truth=by_region(reduce, y, omega), printed=one(y, regions),
                 wrong={slip: near(one, y, regions) for slip, near in wrong.items()})


def over(values, regions, factor=1):
    """Values of regions times the regions' sizes."""
    return [value * int(n) * factor for value, n in zip(values, regions.sizes, strict=True)]


def parts(y, regions):
    return [[y[p] for p in part] for part in np.split(regions.order, regions.starts[1:])]


BARS = ("the bars around Ω were lost, in a table whose columns bars part; (47.1196a) and the text after Table "
        "47.13 have them. As scanned the indices divide, not their number")


def divided_by_indices(numbers, omega):
    """Each number over each of the indices of its region, from 1."""
    return [[number * Fraction(1, p + 1) for p in region] for region, number in zip(omega, numbers, strict=True)]


@lecture.claim(
    "table47.13/mean", "definition", "Row of Table 47.13: the mean",
    r"\frac{1}{\Omega_{p'}}\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)", expect="scan", reason=BARS, cases=OMEGA,
    corrected_formula=r"\frac{1}{|\Omega_{p'}|}\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)")
def mean_of_a_region(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    sums = [sum(y[p] for p in region) for region in omega]
    t = Mean()(y, regions)
    return Sides(truth=by_region(lambda k, values: loops.mean(values), y, omega),
                 printed=divided_by_indices(sums, omega), corrected=t,
                 elsewhere=[total * Fraction(1, len(one)) for one, total in zip(omega, sums, strict=True)],
                 wrong={"P'/P for all regions": over(t, regions, Fraction(regions.P_prime, P)),
                        "the sum": over(t, regions)})



@lecture.claim(
    "table47.13/max", "definition", "Row of Table 47.13: the maximum, and p° as an index of y",
    r"\max_{p\in\Omega_{p'}}\{y_n^{(d)}(p)\},\;p^o",
    rewritten=r"\max_{p\in\Omega_{p'}}\{y_n^{(d)}(p)\}", cases=[{"omega": FIGURE_95, "P": 12}])
def maximum(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    largest = by_region(lambda k, values: loops.largest(values), y, omega)
    place = [next(p for p in region if y[p] == t) for region, t in zip(omega, largest, strict=True)]
    g = Max().gradient_vectors(y, regions)
    p_o = regions.order[g == 1]
    local = [list(region).index(p) for region, p in zip(omega, place, strict=True)]
    return Sides(truth=(largest, place, largest), printed=(Max()(y, regions), p_o, y[p_o]),
                 wrong={"the place in the region as an index of y": (Max()(y, regions), local, y[local])})


row_of_the_table(
    "table47.13/l2", "Row of Table 47.13: the Euclidean norm",
    r"\left(\sum_{p\in\Omega_{p'}}(y_n^{(d)}(p))^2\right)^{1/2}", "l2",
    wrong={"the mean under the root": lambda one, y, r: one.root(np.array(
        [sum(x**2 for x in part) * Fraction(1, len(part)) for part in parts(y, r)])),
        "the sum": lambda one, y, r: [sum(part) for part in parts(y, r)]},
    rational=True, covers="with the root as a function of which the values are known")
row_of_the_table(
    "table47.13/correlation", "Row of Table 47.13: weights m for every entry of y",
    r"\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)m^{(d)}(p)", "correlation",
    wrong={"weights by the place in T": lambda one, y, r: Correlation(r.permute_sharp(one.mask))(y, r),
           "one weight a region": lambda one, y, r: (
               r.reduce(np.add, r.permute(y)) * one.mask[:r.P_prime])},
    reason="p counts entries of y, so there are P weights and every region has its own; the one mask of "
           "(47.1180) is the case of equal regions with equal weights, which cnnmat takes as well")
row_of_the_table(
    "table47.13/subsampling", "Row of Table 47.13: the retained entry, any of the region",
    r"\mathrm{subsample}\{y_n^{(d)}\}_{p\in\Omega_{p'}},\;p^o", "subsampling",
    wrong={"always the first": lambda one, y, r: Subsample(0)(y, r)})


@lecture.claim(
    "table47.13/correlation-d", "dimension", "Each map may have weights of its own",
    r"m^{(d)}(p),\quad d=1,2,\dots,D", source_kind="words", cases=[{"omega": ((0, 2), (1,)), "P": 3, "D": 2}])
def weights_of_a_map(e, omega, P, D):
    y, m, regions = e.symbols("y", D, P), e.symbols("m", D, P), Regions(omega, P)
    truth = [[loops.dot([y[d, p] for p in region], [m[d, p] for p in region]) for region in omega]
             for d in range(D)]
    return Sides(truth=truth, printed=Correlation(regions.permute(m))(y, regions),
                 wrong={"one filter for all maps": Correlation(regions.permute(m)[0])(y, regions)})


@lecture.claim(
    "table47.13/random", "definition", "The retained entry may be drawn, if the draw is kept",
    r"t(p')=y(p^o),\;g=e_{p^o}\text{ for one and the same }p^o", cases=[{"omega": FIGURE_95, "P": 12}],
    source_kind="words")
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
               r"|\Omega_{p'}|", cases=OMEGA)
def cardinality(e, omega, P):
    regions = Regions(omega, P)
    return Sides(truth=([sum(1 for _ in region) for region in omega], P),
                 printed=(regions.sizes, int(regions.sizes.sum())),
                 wrong={"the largest index": ([max(region) + 1 for region in omega], P)})


@lecture.claim(
    "47.1188/orderR", "dimension", "Subsampling of order R retains one of R entries",
    r"|\Omega_{p'}|=R,\quad P=RP'", cases=[{"image": (6, 9), "factor": 3}, {"image": (4, 6), "factor": 2}],
    reason="the order is not the factor of (47.1177): a factor 3 each way has order 9",
    source_kind="words")
def order_of_subsampling(e, image, factor):
    regions = Regions(Windows(image, factor, stride=factor))
    window = sum(1 for _ in loops.cells((factor, factor)))
    return Sides(truth=(window, image[0] * image[1]),
                 printed=(int(regions.sizes[0]), int(regions.sizes[0]) * regions.P_prime),
                 wrong={"the factor of one direction": (factor, factor * regions.P_prime)})


@lecture.claim(
    "47.1188", "definition", "Pooling as a map of vectors, for each of D maps",
    r"t_n^{(d)}=\mathrm{pool}\left(y_n^{(d)}\right),\quad d=1,2,\dots,D",
    cases=[{"omega": ((0, 2), (1,)), "P": 3, "D": 2}, {"omega": ((1, 4, 0), (3,), (5, 2)), "P": 6, "D": 2}])
def pooled_maps(e, omega, P, D):
    y, regions = e.symbols("y", D, P), Regions(omega, P)
    mixed = np.stack([Mean()(sum(y) * Fraction(1, D), regions)] * D)
    return Sides(truth=[[loops.pool(one.tolist(), omega, reduce) for one in y]
                        for reduce in (loops.mean, loops.largest)],
                 printed=[Mean()(y, regions), Max()(y, regions)],
                 wrong={"pooled across the maps": [mixed, Max()(y, regions)]})


@lecture.claim("47.1188/nonoverlap", "dimension", "No entry lies in two regions",
               r"\Omega_{p'}\cap\Omega_{q'}=\emptyset", cases=OMEGA, source_kind="words")
def no_overlap(e, omega, P):
    twice = sum(1 for p in range(P) if sum(p in region for region in omega) > 1)
    order = Regions(omega, P).order
    sliding = Windows(P, 2).indices.ravel()
    return Sides(truth=twice, printed=order.size - np.unique(order).size,
                 wrong={"windows that overlap": sliding.size - np.unique(sliding).size})


@lecture.claim(
    "47.1188/influence", "gradient", "An entry of y influences one entry of t at most",
    r"\partial t(p')/\partial y(p)\ne 0\text{ for one }p'", cases=OMEGA,
    reason="at most one: an entry that is discarded, or not the largest, influences none",
    source_kind="words")
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


@lecture.claim("47.1188/Dmaps", "dimension", "D maps are reduced to D maps", r"d=1,2,\dots,D",
               cases=[{"omega": FIGURE_95, "P": 12, "D": 5}], source_kind="words")
def number_of_maps(e, omega, P, D):
    y = e.integers(D, P)
    t = Max()(y, Regions(omega, P))
    return Sides(truth=(sum(1 for _ in y), [len(omega)] * D), printed=(len(t), [one.size for one in t]),
                 wrong={"one for all": (1, [len(omega)]), "not reduced": (D, [P] * D)})
