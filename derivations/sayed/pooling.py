"""Pooling, gradient vectors, upsampling and permutations, (47.1168) to (47.1204)."""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from cnnmat import Regions, loops, upv, upv_matrix
from cnnmat.claims import Sides
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.pooling import Correlation, Max, Mean, Subsample, l2
from cnnmat.vec import apply

OMEGA = [{"omega": ((0, 2), (1,)), "P": 3}, {"omega": FIGURE_95, "P": 12}]

#: The permutation printed in (47.1201): the column, from 1, of the one in each row.
PRINTED_T = (1, 2, 4, 8, 3, 5, 7, 8, 10, 11, 12)


def gradients(e, y, omega, reduce):
    """∂t(p')/∂y(Ω_p') by the loops, region after region."""
    flat = []
    for region in omega:
        slopes = e.gradient(lambda values: reduce(values), y[list(region)])
        flat += slopes.tolist()
    return flat


@lecture.claim(
    "47.1196a", "gradient", "The gradient vector of a mean has equal entries",
    r"\partial t/\partial y(\Omega_{p'})=\tfrac{1}{|\Omega_{p'}|}\mathbb{1}", cases=OMEGA)
def mean_gradient(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    return Sides(truth=(loops.pool(y.tolist(), omega, loops.mean),
                        gradients(e, y, omega, loops.mean)),
                 printed=(Mean()(y, regions), Mean().gradient_vectors(y, regions)),
                 wrong={"one over the number of all entries": (
                     Mean()(y, regions), [Fraction(1, P)] * P)})


@lecture.claim(
    "47.1196b", "gradient", "The gradient vector of a max is the basis vector of its place",
    r"\partial t/\partial y(\Omega_{p'})=e_{p^o}", cases=OMEGA,
    covers="the largest entries where they were drawn, no ties")
def max_gradient(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    g = Max().gradient_vectors(y, regions)
    return Sides(truth=(loops.pool(y.tolist(), omega, loops.largest),
                        gradients(e, y, omega, loops.largest)),
                 printed=(Max()(y, regions), g),
                 wrong={"a one for the last entry": (Max()(y, regions), np.roll(g, 1))})


@lecture.claim(
    "47.1196d", "gradient", "The gradient vector of an ℓ2 norm points along the region",
    r"\partial t/\partial y(\Omega_{p'})=\tfrac{1}{t(p')}\,y(\Omega_{p'})", cases=OMEGA,
    rational=True, covers="t not zero")
def l2_gradient(e, omega, P):
    y, regions, root = e.symbols("y", P), Regions(omega, P), e.root()
    norm = l2(root)
    g = norm.gradient_vectors(y, regions)

    def reduce(values):
        return loops.norm(values, 2, root)

    return Sides(truth=(loops.pool(y.tolist(), omega, reduce), gradients(e, y, omega, reduce)),
                 printed=(norm(y, regions), g),
                 wrong={"a factor 2": (norm(y, regions), 2 * g)})


@lecture.claim(
    "47.1199", "definition", "Upsampling a vector scales each entry's own gradient vector",
    r"\alpha\mapsto\mathrm{col}\{\alpha_{p'}\,g_{n,p'}^{(d)}\}", cases=OMEGA)
def upsampling(e, omega, P):
    regions = Regions(omega, P)
    v, g = e.symbols("alpha", len(omega)), e.symbols("g", P)
    own = [k for k, region in enumerate(omega) for _ in region]
    truth = [v[k] * g[i] for i, k in enumerate(own)]
    return Sides(truth=[truth, truth],
                 printed=[upv(v, g, regions), upv_matrix(g, regions) @ v],
                 wrong={"every region scaled by the first entry": [g * v[0], truth]},
                 show={"upv": upv_matrix(np.arange(1, P + 1), regions)})


@lecture.claim(
    "47.1201", "example", "The permutation matrix groups the twelve entries by region",
    r"\mathrm{col}\{1,2,4,8,3,5,7,9,11,6,10,12\}=T\,\mathrm{col}\{1,\dots,12\}",
    expect="scan", corrected_formula=r"T=\mathrm{col}\{e_1^{\mathsf T},e_2^{\mathsf T},"
    r"e_4^{\mathsf T},e_8^{\mathsf T},e_3^{\mathsf T},e_5^{\mathsf T},e_7^{\mathsf T},"
    r"e_9^{\mathsf T},e_{11}^{\mathsf T},e_6^{\mathsf T},e_{10}^{\mathsf T},e_{12}^{\mathsf T}\}",
    reason="the matrix as scanned has eleven rows for twelve entries and the eighth twice; "
           "(47.1203) lists all twelve rows")
def permutation_of_the_figure(e):
    def rows(columns):
        return np.eye(12, dtype=int)[[c - 1 for c in columns]]

    own_list = (1, 2, 4, 8, 3, 5, 7, 9, 11, 6, 10, 12)
    T = Regions(FIGURE_95, 12).matrix
    truth = [1, 2, 4, 8, 3, 5, 7, 9, 11, 6, 10, 12]
    numbers = np.arange(1, 13)
    return Sides(truth=truth, printed=rows(PRINTED_T) @ numbers, corrected=T @ numbers,
                 elsewhere=rows(own_list) @ numbers, wrong={"T transposed": T.T @ numbers},
                 show={"T": T})


@lecture.claim(
    "47.1204", "identity", "T is orthogonal, so its transpose undoes it",
    r"TT^{\mathsf T}=I,\quad y=T^{\mathsf T}y_o", cases=OMEGA)
def permute_back(e, omega, P):
    regions, y = Regions(omega, P), e.symbols("y", P)
    T = regions.matrix
    grouped = [y[p] for region in omega for p in region]
    return Sides(truth=(np.eye(P, dtype=int), y), printed=(
        T @ T.T, regions.permute_sharp(np.array(grouped))),
        wrong={"T in place of its transpose": (T @ T.T, apply(T, np.array(grouped)))})


@lecture.claim(
    "47.1196c", "gradient", "The gradient vector of subsampling marks the entry that is kept",
    r"\partial t/\partial y(\Omega_{p'})=e_{p^o}",
    cases=[{"omega": ((0, 2), (3, 1)), "P": 4, "keep": (1, 0)}])
def subsampling_gradient(e, omega, P, keep):
    y, regions = e.symbols("y", P), Regions(omega, P)
    sub = Subsample(keep)
    slopes = []
    for region, k in zip(omega, keep, strict=True):
        slopes += e.gradient(lambda values, k=k: values[k], y[list(region)]).tolist()
    g = sub.gradient_vectors(y, regions)
    return Sides(truth=([y[region[k]] for region, k in zip(omega, keep, strict=True)], slopes),
                 printed=(sub(y, regions), g),
                 wrong={"the other entry": (sub(y, regions), 1 - g)})


@lecture.claim(
    "47.1196e", "gradient", "The gradient vector of a correlation is its mask",
    r"\partial t/\partial y(\Omega_{p'})=m_d=\mathrm{col}\{m_d(p)\}", cases=OMEGA)
def correlation_gradient(e, omega, P):
    y, m, regions = e.symbols("y", P), e.symbols("m", P), Regions(omega, P)
    starts = np.cumsum([0] + [len(one) for one in omega])
    masks = [m[a:b].tolist() for a, b in pairwise(starts)]
    slopes, values = [], []
    for region, mask in zip(omega, masks, strict=True):
        part = y[list(region)]
        values.append(loops.dot(part.tolist(), mask))
        slopes += e.gradient(lambda x, mask=mask: loops.dot(x, mask), part).tolist()
    pool = Correlation(m)
    return Sides(truth=(values, slopes),
                 printed=(pool(y, regions), pool.gradient_vectors(y, regions)),
                 wrong={"the entries for the mask": (pool(y, regions), regions.permute(y))})
