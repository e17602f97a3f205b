"""Gradient vectors of pooling by regions, (47.1192) to (47.1196)."""

from fractions import Fraction

import numpy as np

from cnnmat import Regions, Windows, loops, upv_matrix, vec
from cnnmat.derivations.sayed.eq1187_1188_regions import BARS, divided_by_indices
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.derivations.sayed.shapes import (
    OMEGA,
    SMOOTH,
    basis,
    by_region,
    flat,
    gradient_matrix,
    region_kind,
    slopes_by_region,
    upright,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.pooling import Correlation, Lp, Max, Mean, Subsample, l2
from cnnmat.verify import Sides

KINDS = ("mean", "max", "l2", "correlation", "subsampling")
SLOPE = r"\frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}="
#: Small regions, unequal and scattered, for fields of rational functions.
FEW = [{"omega": ((0, 2), (1,)), "P": 3}, {"omega": ((1, 4, 0), (3,), (5, 2)), "P": 6}]


@lecture.claim(
    "47.1192", "definition", "The entries of a region, in its order, as x_1, x_2, ...",
    r"y_n^{(d)}(\Omega_{p'})\triangleq\{x_1,x_2,x_3,\dots\}", cases=FEW,
    assumes={"the entries of a region are numbered": "as T groups them"},
    reason="in braces, though (47.1196d) takes it for a column")
def entries_of_a_region(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    columns = np.split(regions.permute(y), regions.starts[1:])
    return Sides(truth=[[y[p] for p in region] for region in omega], printed=columns,
                 wrong={"in ascending order": [y[sorted(region)] for region in omega],
                        "in reverse": [one[::-1] for one in columns]})


@lecture.claim("47.1193", "definition", "An entry of t is a function of as many numbers as its region has",
               r"t_n^{(d)}(p')=\mathrm{pool}(x_1,x_2,x_3,\dots)", cases=FEW, rational=True)
def arguments_of_pool(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    one = [[pool(y[list(region)], Regions([range(len(region))], len(region)))[0] for region in omega]
           for pool in (Mean(), Max())]
    return Sides(truth=[loops.pool(y.tolist(), omega, reduce) for reduce in (loops.mean, loops.largest)],
                 printed=one, wrong={"of all entries": [[pool(y, regions)[0]] * len(omega)
                                                        for pool in (Mean(), Max())]})


@lecture.claim("47.1194", "gradient", "There is a slope by each entry of the region",
               r"\frac{\partial t_n^{(d)}(p')}{\partial x_k},\quad k=1,2,3,\dots", cases=OMEGA)
def slopes_of_a_region(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    reduce, one = region_kind(e, "mean", omega, P)
    counted = [sum(1 for s in one if s) for one in slopes_by_region(e, reduce, y, omega)]
    g = np.split(one.gradient_vectors(y, regions), regions.starts[1:])
    return Sides(truth=counted, printed=[part.size for part in g], wrong={"P": [P] * len(omega)})


@lecture.claim(
    "47.1195", "definition", "The slopes of a region as a column",
    SLOPE + upright([rf"\partial t_n^{{(d)}}(p')/\partial x_{k}" if k else r"\vdots"
                     for k in (1, 2, 3, "", r"{|\Omega_{p'}|}")]), cases=OMEGA)
def column_of_slopes(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    reduce, one = region_kind(e, "correlation", omega, P)
    g = one.gradient_vectors(y, regions)
    jacobian_rows = [e.gradient(lambda v, k=k, region=region: reduce(k, [v[p] for p in region]), y)
                     for k, region in enumerate(omega)]
    return Sides(truth=slopes_by_region(e, reduce, y, omega), printed=np.split(g, regions.starts[1:]),
                 wrong={"with zeros for all other entries": jacobian_rows,
                        "in reverse": [part[::-1] for part in np.split(g, regions.starts[1:])]})


#: What is near the gradient vectors of a kind, made of y, the pooled t, the vectors g, the regions.
NEAR = {
    "mean": {"one over P'": lambda y, t, g, r: [Fraction(1, r.P_prime)] * r.P,
             "one over P": lambda y, t, g, r: [Fraction(1, r.P)] * r.P},
    "sum": {"of the mean": lambda y, t, g, r: Mean().gradient_vectors(y, r)},
    "l2": {"of the square": lambda y, t, g, r: r.permute(y) * 2,
           "over the square": lambda y, t, g, r: g / r.expand(t),
           "y not grouped": lambda y, t, g, r: y / r.expand(t)},
    "lp": {"of the power": lambda y, t, g, r: r.permute(y) ** 3 * 4,
           "over t": lambda y, t, g, r: r.permute(y) ** 3 / r.expand(t)},
    "correlation": {"the weights not grouped": lambda y, t, g, r: r.permute_sharp(g),
                    "the entries": lambda y, t, g, r: r.permute(y)},
}


@table(lecture.claim, kind="gradient", cases=OMEGA)
def gradient_of(e, name, omega, P):
    """The gradient vectors of a kind of pooling against dual numbers."""
    y, regions = e.symbols("y", P), Regions(omega, P)
    reduce, one = region_kind(e, name, omega, P)
    t, g = one(y, regions), one.gradient_vectors(y, regions)
    shown = {"T": regions.matrix, "blkdiag of the g": upv_matrix(
        Mean().gradient_vectors(np.zeros(P), regions), regions)}
    return Sides(truth=(by_region(reduce, y, omega), flat(slopes_by_region(e, reduce, y, omega))),
                 printed=(t, g), show=shown if name == "mean" else {},
                 wrong={slip: (t, near(y, t, g, regions)) for slip, near in NEAR[name].items()})


#: What the text has both ways.
P_O = {"p° is counted": "within its region"}


@table(lecture.claim, kind="gradient", expect="ambiguous", assumes=P_O, cites={
           "p° as an index of y": "Table 47.13, where p numbers the entries of y",
           "p° as a place in the region": "(47.1195), which has |Ω| entries"},
       reason="an index of y runs from 1 to P, the gradient vector has |Ω| entries: e_{p°} is then another "
              "one, or none. cnnmat counts within the region. Invisible where a region is 1, 2, 3, ...",
       cases=[{"omega": ((0, 1, 2),), "P": 3}, {"omega": ((2, 0), (1, 4, 3)), "P": 5}, {"omega": FIGURE_95, "P": 12}])
def place_of_a_one(e, name, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    reduce, one = region_kind(e, name, omega, P)
    own = np.split(one.gradient_vectors(y, regions), regions.starts[1:])
    literal = [basis(region[int(np.argmax(part))] + 1, len(region))
               for region, part in zip(omega, own, strict=True)]
    return Sides(truth=slopes_by_region(e, reduce, y, omega),
                 readings={"p° as an index of y": literal, "p° as a place in the region": own},
                 wrong={"the entry after": [np.roll(part, 1) for part in own]})


Q_TH = r"e_q,\;p^o\text{ the }q\text{-th entry of }\Omega_{p'}"
OWN_WEIGHTS = {"p in a region's column of weights runs over": "the region"}
NORM = {"cases": FEW, "rational": True, "covers": "t not zero"}
gradient_of("47.1196a", "Gradient vector of a mean: equal entries",
            SLOPE + r"\frac{1}{|\Omega_{p'}|}\mathbb{1}", "mean")
place_of_a_one("47.1196b", "Gradient vector of a maximum: the basis vector of its place",
               SLOPE + r"e_{p^o}", "max", corrected_formula=SLOPE + Q_TH)
place_of_a_one("47.1196c", "Gradient vector of subsampling: the basis vector of the retained place",
               SLOPE + r"e_{p^o}", "subsampling", corrected_formula=SLOPE + Q_TH)
gradient_of("47.1196d", "Gradient vector of a norm: the region over the norm",
            SLOPE + r"\frac{1}{t_n^{(d)}(p')}y_n^{(d)}(\Omega_{p'})", "l2", **NORM)
gradient_of("47.1196e", "Gradient vector of a correlation: its weights",
            SLOPE + r"m_d=\mathrm{col}\{m_d(p)\}", "correlation", assumes=OWN_WEIGHTS,
            rewritten=SLOPE + r"m^{(d)}(\Omega_{p'})")
gradient_of("47.1196/lp", "Gradient vector of an ℓp norm, asked for in Problem 47.163",
            SLOPE + r"\frac{1}{t^{p-1}}\,y_n^{(d)}(\Omega_{p'})^{\odot(p-1)}\quad(p\text{ even})", "lp",
            cases=FEW, rational=True, covers="even p, t not zero", source_kind="own")
gradient_of("47.1196/sum", "Gradient vector of a sum: ones", SLOPE + r"\mathbb{1}", "sum",
            source_kind="own")


@lecture.claim(
    "47.1196/l3", "gradient", "An ℓp norm with odd p takes signs",
    r"p=3:\quad\frac{\partial t}{\partial y}=\frac{\mathrm{sign}(y)\,|y|^2}{t^2}",
    cases=[{"y": (3, -4, 5)}], covers="3³ + 4³ + 5³ = 6³", source_kind="own")
def odd_power(e, y):
    regions, values = Regions([range(len(y))], len(y)), np.array(y, dtype=float)
    one = Lp(3)
    cubes = sum(abs(v) ** 3 for v in y)
    t = next(n for n in range(cubes) if n**3 == cubes)
    # 3t² dt = 3|y| y dy
    slopes = [Fraction(abs(v) * v, t * t) for v in y]
    return Sides(truth=([t], slopes), printed=(one(values, regions), one.gradient_vectors(values, regions)),
                 wrong={"signs lost": (one(values, regions), abs(one.gradient_vectors(values, regions)))})


@lecture.claim(
    "47.1196/vs2D", "identity", "The gradient vector of a window is its stacked gradient matrix",
    r"g=\mathrm{vec}(\mathcal{G})", cases=[{"image": (3, 6), "window": (3, 2)}], rational=True, covers=SMOOTH,
    source_kind="own")
def stacked_matrix(e, image, window):
    Y, m, root = e.symbols("y", *image), e.symbols("m", 6), e.root()
    regions = Regions(Windows(image, window, stride=window))
    kinds = {"mean": Mean(), "max": Max(), "l2": l2(root), "subsampling": Subsample(4), "correlation": Correlation(m)}
    loop = {"mean": loops.mean, "max": loops.largest, "l2": lambda x: loops.norm(x, 2, root),
            "subsampling": lambda x: x[4], "correlation": lambda x: loops.dot(x, m.tolist())}
    patches = [Y[:, c:c + 2] for c in range(0, 6, 2)]
    truth = [flat(loops.vec(e.gradient(lambda rows, f=f: f(loops.vec(rows)), one).tolist()) for one in patches)
             for f in loop.values()]
    vectors = [one.gradient_vectors(vec(Y), regions) for one in kinds.values()]
    matrices = [flat(vec(gradient_matrix(one, patch)) for patch in patches) for one in kinds.values()]
    by_rows = [flat(gradient_matrix(one, patch).ravel() for patch in patches) for one in kinds.values()]
    return Sides(truth=(truth, truth), printed=(vectors, matrices), wrong={"stacked by rows": (vectors, by_rows)})


@lecture.claim(
    "47.1196e/size", "dimension", "How many weights the gradient vector of a correlation has",
    r"\mathrm{col}\{m_d(p)\}", assumes=OWN_WEIGHTS,
    reason="no range of p is given: over all entries of y the column would have P of them, and (47.1195) has |Ω|",
    cases=[{"omega": ((0, 1),), "P": 2}, {"omega": ((0,), (1,)), "P": 2}, {"omega": FIGURE_95, "P": 12}])
def weights_of_a_region(e, omega, P):
    y, m, regions = e.symbols("y", P), e.symbols("m", P), Regions(omega, P)
    truth = slopes_by_region(e, lambda k, x: loops.dot(x, [m[p] for p in omega[k]]), y, omega)
    g = Correlation(regions.permute(m)).gradient_vectors(y, regions)
    own = np.split(g, regions.starts[1:])
    return Sides(truth=truth, printed=own,
                 wrong={"p over all of y": [m] * len(omega), "in reverse": [part[::-1] for part in own]})


@lecture.claim(
    "47.1196/g-depends", "identity", "The gradient vector depends on p', and on n and d by the entries",
    r"g_{n,p'}^{(d)}", cases=[{"omega": ((0, 2), (1, 3)), "P": 4}], rational=True, covers=SMOOTH)
def depends(e, omega, P):
    regions, x = Regions(omega, P), e.symbols("y", P)
    y = np.stack([x, x[[2, 3, 0, 1]]])
    kinds = {name: region_kind(e, name, omega, P) for name in ("mean", "max", "l2")}
    by_loops = [slopes_by_region(e, reduce, y[0], omega) != slopes_by_region(e, reduce, y[1], omega)
                for reduce, _ in kinds.values()]
    shipped = []
    for _, one in kinds.values():
        g = one.gradient_vectors(y, regions)
        shipped.append(bool((g[0] != g[1]).any()))
    return Sides(truth=by_loops, printed=shipped, wrong={"on p' only": [False] * 3, "always": [True] * 3})


@lecture.claim(
    "table47.14/mean", "gradient", "Table 47.14, gradient vector of a mean: equal entries",
    r"\frac{1}{\Omega_{p'}}\sum_{p\in\Omega_{p'}}y_n^{(d)}(p);\;\frac{1}{\Omega_{p'}}\mathbb{1}", expect="scan",
    corrected_formula=r"\frac{1}{|\Omega_{p'}|}\sum_{p\in\Omega_{p'}}y_n^{(d)}(p);\;"
    r"\frac{1}{|\Omega_{p'}|}\mathbb{1}", reason=BARS, cases=OMEGA)
def mean_of_the_table(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    reduce, one = region_kind(e, "mean", omega, P)
    t, sums = one(y, regions), [sum(y[p] for p in region) for region in omega]
    return Sides(truth=(by_region(reduce, y, omega), flat(slopes_by_region(e, reduce, y, omega))),
                 printed=(divided_by_indices(sums, omega), flat(divided_by_indices([1] * len(omega), omega))),
                 corrected=(t, one.gradient_vectors(y, regions)),
                 elsewhere=(t, [Fraction(1, len(region)) for region in omega for _ in region]),
                 wrong={"one over P'": (t, [Fraction(1, len(omega))] * P)})


place_of_a_one(
    "table47.14/max", "Table 47.14, gradient vector of a maximum: the basis vector of its place",
    r"\max_{p\in\Omega_{p'}}\{y_n^{(d)}(p)\};\;e_{p^o}", "max",
    corrected_formula=r"\max_{p\in\Omega_{p'}}\{y_n^{(d)}(p)\};\;" + Q_TH)
gradient_of("table47.14/l2", "Table 47.14, gradient vector of a norm: the region over the norm",
            r"\left(\sum_{p\in\Omega_{p'}}(y_n^{(d)}(p))^2\right)^{1/2};\;"
            r"\frac{1}{t_n^{(d)}(p')}y_n^{(d)}(\Omega_{p'})", "l2", **NORM)
gradient_of(
    "table47.14/correlation", "Table 47.14, gradient vector of a correlation: its weights",
    r"\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)m^{(d)}(p);\;m^{(d)}", "correlation", assumes=OWN_WEIGHTS,
    rewritten=r"\sum_{p\in\Omega_{p'}}y_n^{(d)}(p)m^{(d)}(p);\;m^{(d)}(\Omega_{p'})")
place_of_a_one(
    "table47.14/subsampling",
    "Table 47.14, gradient vector of subsampling: the basis vector of the retained place",
    r"\mathrm{subsample}\{y_n^{(d)}\}_{p\in\Omega_{p'}};\;e_{p^o}", "subsampling",
    corrected_formula=r"\mathrm{subsample}\{y_n^{(d)}\}_{p\in\Omega_{p'}};\;" + Q_TH)


@lecture.claim(
    "table47.14/consistent", "identity", "Table 47.14 sets the gradient vectors beside the poolings of Table 47.13",
    r"\{\text{rows of Table 47.14}\}=\{\text{Table 47.13}\}\times\{(47.1196a),\dots,(47.1196e)\}",
    cases=FEW[1:], rational=True, covers=SMOOTH, source_kind="consequence")
def table_is_consistent(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    kinds = [region_kind(e, name, omega, P) for name in KINDS]
    gs = [one.gradient_vectors(y, regions) for _, one in kinds]
    ts = [one(y, regions) for _, one in kinds]
    in_text = ("mean", "max", "subsampling", "l2", "correlation")
    return Sides(truth=([by_region(reduce, y, omega) for reduce, _ in kinds],
                        [flat(slopes_by_region(e, reduce, y, omega)) for reduce, _ in kinds]),
                 printed=(ts, gs), wrong={"rows in the order of the equations": (
                     ts, [gs[KINDS.index(name)] for name in in_text])})


lecture.remark("47.1196e/name", "The weights are called m with a subscript d here and m with the superscript "
               "(d) in Tables 47.13 and 47.14; one filter is meant.")
