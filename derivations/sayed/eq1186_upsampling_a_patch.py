"""Upsampling a number to a patch, (47.1186), and Table 47.12."""

from fractions import Fraction

import numpy as np

from cnnmat import loops, up, vec
from cnnmat.derivations.sayed.eq1168_1175_pooling_images import FROM_1
from cnnmat.derivations.sayed.eq1181_1185_gradient_matrices import (
    PATCHES,
    gradient_of,
    kinds,
    slopes,
)
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import SMOOTH, basis, gradient_matrix, whole
from cnnmat.derivations.tables import table
from cnnmat.textbook.pooling import Correlation, Max, Mean, Subsample, Sum
from cnnmat.verify import Sides
from cnnmat.verify.duals import Dual
from cnnmat.verify.exact import strict


@lecture.claim(
    "47.1186", "definition", "Upsampling a number: it scales the gradient matrix",
    r"\mathrm{up}(\alpha)=\alpha\,\mathcal{G},\quad\alpha\in\mathbb{R}", cases=PATCHES, rational=True,
    covers=SMOOTH)
def upsampling(e, shape):
    H, alpha = e.symbols("x", *shape), e.symbols("alpha")
    truth, printed = [], []
    for reduce, one in kinds(e, shape).values():
        truth.append(e.gradient(lambda rows, reduce=reduce: reduce(loops.vec(rows)) * alpha, H))
        printed.append(up(alpha, gradient_matrix(one, H)))
    return Sides(truth=truth, printed=printed,
                 wrong={"the number repeated": [np.full(shape, alpha)] * len(truth),
                        "not scaled": [G / alpha for G in printed]})


@lecture.claim(
    "47.1186/opposite", "dimension", "Pooling and upsampling go opposite ways, but are not inverse",
    r"\mathcal{H}_{r,c}\to t(r,c),\quad\alpha\to\alpha\,\mathcal{G}",
    reason="up recovers the dimension, not the patch: pooling up(2) of a mean of nine gives 2/9",
    cases=[{"shape": (3, 3)}, {"shape": (2, 3)}], source_kind="words")
def opposite(e, shape):
    H, n = e.integers(*shape), shape[0] * shape[1]
    poolings = (Mean(), Max(), Subsample(n - 1), Sum())
    back = [up(2, gradient_matrix(one, H)) for one in poolings]
    pooled = [one(vec(G), whole(G))[0] for G, one in zip(back, poolings, strict=True)]
    by_loops = [sum(Fraction(2, n) for _ in range(n)) / n, loops.largest([2] + [0] * (n - 1)), 2,
                sum([2] * n)]
    return Sides(truth=(by_loops, [shape] * 4), printed=(pooled, [G.shape for G in back]),
                 wrong={"pooling undone": ([2] * 4, [shape] * 4)})


@table(lecture.claim, kind="gradient", expect="scan", assumes=FROM_1,
       reason="the small o of the place was read as a product sign; (47.1185b), (47.1185c) and (47.1175) "
              "have it as a superscript. As scanned, a column meets a row entry by entry, which does not "
              "conform, and k and ℓ are running indices",
       cases=[{"place": (0, 0)}, {"place": (0, 1)}, {"place": (2, 1)}])
def place_of_a_one(e, pick, shipped, place):
    """A pooling that takes the entry at (k, ℓ), which is entry k + 3ℓ of the stacked patch."""
    H = e.integers(3, 3, low=-9, high=8)
    H[place] = 9
    k, l = (basis(n + 1, 3) for n in place)
    stacked = place[0] + 3 * place[1]
    return Sides(truth=slopes(e, pick(stacked), H), printed=lambda: strict(k[:, None]) * strict(l[None]),
                 corrected=gradient_matrix(shipped(stacked), H), elsewhere=np.outer(k, l),
                 wrong={"ℓ before k": np.outer(l, k)})


SUMS = r"\sum_{k=-B}^{B}\sum_{\ell=-B}^{B}"
gradient_of("table47.12/mean", "Row of Table 47.12: mean pooling",
            rf"\frac{{1}}{{(2B+1)^2}}{SUMS}\mathcal{{H}}_{{r,c}}(k,\ell);\;"
            r"\frac{1}{(2B+1)^2}\mathbb{1}\mathbb{1}^T", "mean")
place_of_a_one("table47.12/max", "Row of Table 47.12: the maximum",
               r"\max_{-B\le k,\ell\le B}\mathcal{H}_{r,c}(k,\ell);\;e_k\circ e_\ell^T",
               pick=lambda place: loops.largest, shipped=lambda place: Max(),
               corrected_formula=r"\max_{-B\le k,\ell\le B}\mathcal{H}_{r,c}(k,\ell);\;"
                                 r"e_{k^o}e_{\ell^o}^T")
gradient_of("table47.12/l2", "Row of Table 47.12: a norm",
            rf"\left({SUMS}\mathcal{{H}}_{{r,c}}^2(k,\ell)\right)^{{1/2}};\;"
            r"\frac{1}{t(r,c)}\mathcal{H}_{r,c}", "l2", rational=True, covers="t not zero")
place_of_a_one("table47.12/subsampling", "Row of Table 47.12: subsampling",
               r"\mathrm{subsample}\;\mathcal{H}_{r,c};\;e_k\circ e_\ell^T",
               pick=lambda place: lambda values: values[place], shipped=Subsample,
               corrected_formula=r"\mathrm{subsample}\;\mathcal{H}_{r,c};\;e_{k^o}e_{\ell^o}^T")
gradient_of("table47.12/correlation", "Row of Table 47.12: a correlation",
            rf"{SUMS}\mathcal{{H}}_{{r,c}}(k,\ell)\mathcal{{M}}(k,\ell);\;\mathcal{{M}}", "correlation")


@lecture.claim(
    "table47.12/complete", "identity", "The table has the five gradient matrices of (47.1185)",
    r"\{\text{rows of Table 47.12}\}=\{(47.1185a),\dots,(47.1185e)\}", cases=[{"shape": (2, 2)}],
    rational=True, reason="in another order: mean, max, ℓ2, subsampling, correlation", covers=SMOOTH,
    source_kind="consequence")
def table_is_complete(e, shape):
    H = e.symbols("x", *shape)
    all_kinds = kinds(e, shape)
    in_table = ("mean", "max", "l2", "subsampling", "correlation")
    in_text = ("mean", "max", "subsampling", "l2", "correlation")
    return Sides(truth=[slopes(e, all_kinds[name][0], H) for name in in_table],
                 printed=[gradient_matrix(all_kinds[name][1], H) for name in in_table],
                 wrong={"in the order of the equations": [
                     gradient_matrix(all_kinds[name][1], H) for name in in_text]})


@lecture.claim(
    "fig47.91", "dimension", "Upsampling makes a patch of a number",
    r"\alpha\to\alpha\,\mathcal{G}", cases=PATCHES, source_kind="words")
def number_to_patch(e, shape):
    H, alpha, M = e.symbols("x", *shape), e.symbols("alpha"), e.symbols("M", *shape)
    patch = up(alpha, gradient_matrix(Correlation(vec(M)), H))
    sent = Dual(alpha, {"t": alpha})
    return Sides(truth=([[sent.partials["t"] * m for m in row] for row in M.tolist()], shape),
                 printed=(patch, patch.shape),
                 wrong={"the number repeated": (np.full(shape, alpha), shape)})


lecture.remark("47.1185/sign", "In (47.1185e) the slopes are set equal by definition to a mask that (47.1180) "
               "has already given; it is a result, and stated as one in 47.1185e.")
