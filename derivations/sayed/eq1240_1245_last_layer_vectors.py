"""Sensitivities of the last correlation layer as vectors, (47.1240) to (47.1245)."""

import numpy as np

from cnnmat import Regions, loops, upv
from cnnmat.derivations.sayed.eq1235_1239_last_layer_entries import TWELVE, pieces
from cnnmat.derivations.sayed.setting import (
    ANY_2,
    BOTH,
    DEEP,
    FIGURE_95,
    LAYERED,
    MAX,
    MEAN,
    SMALL,
    WIDE,
    lecture,
    line,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.verify import Sides

#: p'' of j = 1, ..., 12, as (47.1240) prints it, and the place of p'' in the stacked vector.
REGION_OF = (1, 1, 2, 1, 2, 3, 2, 1, 2, 3, 2, 3)
PLACES = ("i_1'", "i_1''", "i_2'", "i_1''", "i_2''", "i_3'", "i_2''", "i_1'", "i_2''", "i_3'",
          "i_2''", "i_3''")


def stack(entries):
    """A column as the text sets it."""
    return r"\begin{bmatrix}" + r"\\".join(entries) + r"\end{bmatrix}"


def slopes_as_printed(c):
    """The column of derivatives of (47.1240) and (47.1259)."""
    return stack(rf"\frac{{\partial t_n^{{(d,{c})}}({p})}}{{\partial y_n^{{(d,{c})}}({j})}}"
                 for j, p in enumerate(REGION_OF, start=1))


def braces(first, second):
    """A product with a brace under each of its factors, and what this says."""
    x = r"_{\triangleq x}"
    return rf"\underbrace{{{first}}}{x}\odot\underbrace{{{second}}}{x}", f"x={first}={second}"


WEIGHTS = stack(rf"(w_{{{place}}}^{{(1)}})^{{\mathsf{{T}}}}\delta_{{2,n}}" for place in PLACES)
X, EACH_X = braces(WEIGHTS, slopes_as_printed("C"))


@line("47.1240", "example", "The twelve entries: which column of W_1 each of them meets",
      WEIGHTS, cases=(TWELVE,))
def twelve_columns(s):
    delta, _, t_by_y, f, _ = pieces(s)
    W, P, d = s.parameters.W_l[1], 3, 1

    def printed(order):
        return [f[d, j] * (W[:, d * P + order[j] - 1] @ delta)
                * t_by_y[d, REGION_OF[j] - 1, d, j] for j in range(12)]

    return Sides(truth=s.sensitivity(0, 1)[d], printed=printed(REGION_OF),
                 wrong={"in the order of the regions": printed(sorted(REGION_OF))})


@lecture.claim("47.1240/j3", "example", "Entry 3 feeds pooled entry 2", r"3\in\Omega_2",
               source_kind="words")
def entry_three(e):
    y = e.symbols("y", 12)
    fed = [k for k in range(3) if e.gradient(
        lambda y, k=k: loops.pool(y, FIGURE_95, sum)[k], y)[2] != 0]
    row = Regions(FIGURE_95, 12).order[2] + 1
    return Sides(truth=[k + 1 for k in fed], printed=[2], wrong={"row 3 of T": [int(row)],
                                                                 "p'' = 1": [1]})


lecture.remark("47.1240/primes", "The weight column of (47.1240) has i' in five places and i'' in the "
               "others: the same quantity, the place of p'' in the stacked vector.")


@table(line, kind="example")
def twelve_derivatives(s, wrong):
    """∂t(p'')/∂y(j) of the second map, with p'' as printed and as `wrong` lists it."""
    def column(listed):
        return [s.t_by_y(1)[1, p - 1, 1, j] for j, p in enumerate(listed)]

    return Sides(truth=s.net.stages[1].regions.permute_sharp(s.gradient_vectors(1)[0, 1]),
                 printed=column(REGION_OF),
                 wrong={name: column(listed) for name, listed in wrong.items()})


twelve_derivatives(
    "47.1240/t-column", "The twelve entries: which pooled entry is differentiated",
    slopes_as_printed("C"),
    wrong={"in the order of the regions": sorted(REGION_OF)}, cases=(TWELVE,))


def boundary_v(s):
    """(W_1^(d))ᵀ δ_2 for every d."""
    W, P = s.parameters.W_l[1], s.Pp[s.C]
    return np.array([feedforward.pull_back(W[:, d * P:(d + 1) * P], s.backward.delta_l[2][0])
                     for d in range(s.D[s.C])])


def spread_back(s):
    """permute#(upv((W_1^(d))ᵀ δ_2)) for every d."""
    return s.spread(boundary_v(s), s.C)


@line("47.1240/x-brace", "example", "What x stands for", X,
      cases=(TWELVE,), expect="scan", rewritten=EACH_X,
      corrected_formula=rf"x={WEIGHTS}\odot{slopes_as_printed('C')}",
      reason="one wide brace came out as two: the sentence below says that x is the product of the "
             "last two vectors, and (47.1244) holds for the product only")
def brace(s):
    _, _, t_by_y, f, region = pieces(s)
    d, v = 1, boundary_v(s)[1]
    truth = [a / b for a, b in zip(s.sensitivity(0, 1)[d], f[d], strict=True)]
    first = np.array([v[p] for p in region])
    second = np.array([t_by_y[d, p, d, j] for j, p in enumerate(region)])
    return Sides(truth=(truth, truth), printed=(first, second),
                 corrected=(spread_back(s)[d],) * 2, elsewhere=(first * second,) * 2,
                 wrong={"their sum": (first + second,) * 2})


@line("47.1241", "definition", "The vector that is spread", r"v\triangleq(W_1^{(d)})^{\mathsf{T}}"
      r"\delta_{2,n}", cases=(*LAYERED, ANY_2))
def vector_to_spread(s):
    truth = s.e.gradient(lambda t: s.error(0, s.after(s.C, t)["output"]), s.signals()["t"][-1])
    whole = feedforward.pull_back(s.parameters.W_l[1], s.backward.delta_l[2][0])
    return Sides(truth=truth, printed=boundary_v(s),
                 wrong={"all of W_1": [whole] * s.D[s.C],
                        "the first block for all": [boundary_v(s)[0]] * s.D[s.C]})


@line("47.1242", "gradient", "Spread, it is the derivative by y, its entries in the order of the regions",
      r"\mathrm{upv}\left((W_1^{(d)})^{\mathsf{T}}\delta_{2,n}\right)", cases=(*BOTH, TWELVE, ANY_2))
def spread_boundary(s):
    regions, v, g = s.net.stages[s.C].regions, boundary_v(s), s.gradient_vectors(s.C)[0]
    by_y = s.e.gradient(lambda y: s.error(0, s.after(s.C, s.pooled(s.C, y))["output"]),
                        s.signals()["y"][-1])
    return Sides(truth=[[one[j] for region in s.regions[s.C - 1] for j in region] for one in by_y],
                 printed=upv(v, g, regions),
                 wrong={"in the order of the map": spread_back(s),
                        "v of the map before": upv(np.roll(v, 1, axis=0), g, regions)})


@line("47.1243", "definition", "Each entry is spread with the gradient vector of its pooled entry",
      r"\mathrm{upv}(v)=\mathrm{col}\{\alpha_jg_{n,j}^{(d,C)}\}", cases=(WIDE, TWELVE, ANY_2))
def spreading(s):
    regions, v = s.net.stages[s.C].regions, boundary_v(s)
    g, t_by_y = s.gradient_vectors(s.C), s.t_by_y(s.C)
    truth = [[v[d, k] * t_by_y[d, k, d, j] for k, one in enumerate(s.regions[s.C - 1])
              for j in one] for d in range(s.D[s.C])]
    wrong = {"the g of the first map for all": upv(v, g[0, :1].repeat(len(v), 0), regions)}
    if s.N > 1:
        wrong["the g of another sample"] = upv(v, g[1], regions)
    return Sides(truth=truth, printed=upv(v, g[0], regions), wrong=wrong)


lecture.remark("47.1243/j", "In (47.1243) and (47.1261) the letter j numbers the pooled entries; "
               "around them it numbers the entries of the map.")


@line("47.1244", "identity", "x is the vector spread and put back in order",
      r"x=\mathrm{permute}^{\#}\left(\mathrm{upv}\left((W_1^{(d)})^{\mathsf{T}}\delta_{2,n}\right)"
      r"\right)", cases=(*BOTH, TWELVE, ANY_2))
def x_put_back(s):
    _, _, t_by_y, _, region = pieces(s)
    v, regions = boundary_v(s), s.net.stages[s.C].regions
    x = spread_back(s)
    truth = [[v[d, p] * t_by_y[d, p, d, j] for j, p in enumerate(region)] for d in range(s.D[s.C])]
    return Sides(truth=truth, printed=x,
                 wrong={"permute for permute#": regions.permute(regions.permute(x)),
                        "not put back": regions.permute(x)},
                 show={"T": regions.matrix})


@line("47.1245", "gradient", "The sensitivities of the last correlation layer",
      r"\delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\mathrm{permute}^{\#}\left(\mathrm{upv}"
      r"\left((W_1^{(d)})^{\mathsf{T}}\delta_{2,n}\right)\right),\quad d=1,2,\dots,D_C",
      cases=(SMALL, DEEP, MAX, *BOTH, MEAN, ANY_2))
def boundary_layer(s):
    f = s.f_c[-1].derivative
    z, y = s.forward.z_c[s.C], s.forward.y_c[s.C]

    def interleaved():
        v = boundary_v(s).ravel().reshape(s.Pp[s.C], s.D[s.C]).T
        return [f(z[0]) * s.spread(v, s.C)]

    return Sides(truth=s.sensitivities(s.C), printed=s.backward.delta_c[s.C],
                 wrong={"f' at y": [f(y[0]) * spread_back(s)],
                        "W_1 cut into interleaved blocks": interleaved()})


@line("47.1245/range", "dimension", "One vector of P_C entries for each of the D_C maps",
      r"d=1,2,\dots,D_C", cases=(*BOTH, ANY_2))
def range_of_boundary(s):
    return Sides(truth=[len(z) for z in s.signals()["z"][-1]], printed=[s.P[s.C]] * s.D[s.C],
                 wrong={"D_{C-1}": [s.P[s.C]] * s.D[s.C - 1], "P'_C": [s.Pp[s.C]] * s.D[s.C]})
