"""Upsampling of vectors, (47.1197) to (47.1200)."""

from fractions import Fraction

import numpy as np

from cnnmat import Regions, up, upv, upv_matrix
from cnnmat.derivations.sayed.eq1192_1196_gradient_vectors import FEW, KINDS
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.derivations.sayed.shapes import (
    OMEGA,
    SMOOTH,
    flat,
    region_kind,
    slopes_by_region,
    upright,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.pooling import Mean
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict


@table(lecture.claim, cases=FEW, rational=True, covers=SMOOTH)
def upsampled_number(e, omega, P):
    y, regions, alpha = e.symbols("y", P), Regions(omega, P), e.symbols("alpha")
    truth, printed = [], []
    for name in KINDS:
        reduce, one = region_kind(e, name, omega, P)
        g = np.split(one.gradient_vectors(y, regions), regions.starts[1:])
        truth.append(slopes_by_region(e, lambda k, x, f=reduce: f(k, x) * alpha, y, omega))
        printed.append([up(alpha, part) for part in g])
    return Sides(truth=truth, printed=printed,
                 wrong={"the number repeated": [[[alpha] * len(region) for region in omega]] * len(KINDS)})


upsampled_number("47.1197", "Upsampling a number: it scales the gradient vector",
                 r"\mathrm{up}(\alpha)=\alpha g,\quad\alpha\in\mathbb{R}", kind="definition")


@lecture.claim(
    "47.1197/opposite", "dimension", "Pooling reduces a region to a number, upsampling recovers its size",
    r"\Omega_{p'}\to t(p'),\quad\alpha\to\alpha g", cases=OMEGA,
    reason="the size, not the entries: the mean of up(1) over four entries is 1/4",
    source_kind="words")
def opposite(e, omega, P):
    alpha, regions = e.symbols("alpha"), Regions(omega, P)
    g = Mean().gradient_vectors(e.symbols("y", P), regions)
    parts = [up(alpha, part) for part in np.split(g, regions.starts[1:])]
    back = Mean()(np.concatenate(parts), Regions(np.split(np.arange(P), regions.starts[1:]), P))
    return Sides(truth=([len(region) for region in omega], [alpha * Fraction(1, len(region)) for region in omega]),
                 printed=([part.size for part in parts], back),
                 wrong={"an inverse": ([part.size for part in parts], [alpha] * len(omega))})


upsampled_number("fig47.94", "A number becomes a region by scaling its gradient vector",
                 r"\alpha\to\alpha g", kind="dimension", source_kind="words")


@table(lecture.claim, kind="definition")
def upsampled_vector(e, omega, P):
    regions, v, y = Regions(omega, P), e.symbols("alpha", len(omega)), e.symbols("y", P)
    truth, printed, wrong = [], [], []
    for name in ("mean", "max", "correlation", "subsampling", "sum"):
        reduce, one = region_kind(e, name, omega, P)
        g = one.gradient_vectors(y, regions)
        truth.append(flat(slopes_by_region(e, lambda k, x, f=reduce: f(k, x) * v[k], y, omega)))
        printed.append(upv(v, g, regions))
        wrong.append(g * v[0])
    return Sides(truth=truth, printed=printed,
                 wrong={"all scaled by the first": wrong, "in reverse": [one[::-1] for one in printed]},
                 show={"blkdiag{g_1, g_2, g_3}": upv_matrix(np.arange(1, P + 1), regions)})


OF_A_MAP = [rf"\alpha_{k}g_{{n,{k}}}^{{(d)}}" for k in (1, 2, 3)]


def spread(*parts):
    """Three numbers upsampled, in LaTeX."""
    return (upright([rf"\alpha_{k}" for k in (1, 2, 3)]) + r"\xrightarrow{\text{upsampling}}" + upright(parts))


upsampled_vector(
    "47.1198", "Three numbers, each scaling a vector of its own",
    spread(r"\alpha_1g_1", r"\alpha_2g_2", r"\alpha_3g_3"),
    cases=[{"omega": ((0, 1, 2), (3,), (4, 5)), "P": 6}])
upsampled_vector(
    "47.1199", "Upsampling a vector scales each entry's own gradient vector",
    spread(*OF_A_MAP), rewritten=rf"\mathrm{{upv}}(v)={upright(OF_A_MAP)}", cases=[{"omega": FIGURE_95, "P": 12}])


ONE_EACH = {"omega": ((0,), (1,)), "P": 2}


@lecture.claim(
    "47.1200", "definition", "upv scales the gradient vector of each region by one number",
    r"\mathrm{upv}(v)\triangleq\mathrm{col}\left\{\alpha'_pg_{n,p'}^{(d)}\right\}", expect="scan",
    corrected_formula=r"\mathrm{upv}(v)\triangleq\mathrm{col}\left\{\alpha_{p'}\,g_{n,p'}^{(d)}\right\}",
    reason="as scanned each entry p of y has a number of its own, and v too few of them, see 47.1200/prime; "
           "(47.1199) scales whole vectors. Invisible for regions of one entry", cases=[ONE_EACH, *OMEGA])
def scaled_regions(e, omega, P):
    regions, v, y = Regions(omega, P), e.symbols("alpha", len(omega)), e.symbols("y", P)
    reduce, one = region_kind(e, "correlation", omega, P)
    g = one.gradient_vectors(y, regions)
    stacked = upv(v, g, regions)
    # (47.1199): the first number times the first vector, and so on
    below = np.concatenate([part * v[k] for k, part in enumerate(np.split(g, regions.starts[1:]))])
    return Sides(truth=flat(slopes_by_region(e, lambda k, x: reduce(k, x) * v[k], y, omega)),
                 printed=lambda: strict(v) * strict(g), corrected=stacked, elsewhere=below,
                 wrong={"all scaled by the first": g * v[0], "in reverse": stacked[::-1]})


@lecture.claim(
    "47.1200/matrix", "identity", "upv is a block diagonal matrix; permute# then restores the order",
    r"\mathrm{upv}(v)=\mathrm{blkdiag}\{g_{n,1}^{(d)},\dots,g_{n,P'}^{(d)}\}\,v", cases=OMEGA,
    source_kind="own")
def upv_claim(e, omega, P):
    regions, v, y = Regions(omega, P), e.symbols("alpha", len(omega)), e.symbols("y", P)
    reduce, one = region_kind(e, "correlation", omega, P)
    g = one.gradient_vectors(y, regions)
    grouped = flat(slopes_by_region(e, lambda k, x: reduce(k, x) * v[k], y, omega))
    whole = e.gradient(lambda y: sum(reduce(k, [y[p] for p in region]) * v[k]
                                     for k, region in enumerate(omega)), y)
    stacked = upv(v, g, regions)
    return Sides(truth=(grouped, grouped, whole),
                 printed=(stacked, upv_matrix(g, regions) @ v, regions.permute_sharp(stacked)),
                 wrong={"order not restored": (stacked, stacked, stacked),
                        "permuted once more": (stacked, stacked, regions.permute(stacked))},
                 show={"upv": upv_matrix(np.arange(1, P + 1), regions)})


@lecture.claim(
    "47.1200/prime", "dimension", "The numbers are as many as the gradient vectors",
    r"\{\alpha'_p\},\quad\mathrm{col}\{\alpha'_pg_{n,p'}^{(d)}\}", expect="scan",
    corrected_formula=r"\{\alpha_{p'}\},\quad\mathrm{col}\{\alpha_{p'}\,g_{n,p'}^{(d)}\}",
    reason="an index p would run over P numbers for P' vectors; (47.1199) has one number a vector, and "
           "(47.1243) one index for both. The scanner moves primes elsewhere too",
    cases=[ONE_EACH, *OMEGA])
def prime(e, omega, P):
    scaled = sum(1 for _ in omega)
    y = np.arange(P)
    g = np.split(Mean().gradient_vectors(y, Regions(omega, P)), Regions(omega, P).starts[1:])
    # (47.1199): three numbers for the three gradient vectors of a map with three reduced entries
    return Sides(truth=scaled, printed=P, corrected=Mean()(y, Regions(omega, P)).size, elsewhere=len(g),
                 wrong={"one for all": 1})


lecture.remark("47.1197/ref", "The reference to (47.1240) for upsampling leads to the gradient entries; upv "
               "itself is first used in (47.1242).")
