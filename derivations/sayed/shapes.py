"""Shapes on which the claims of the first half are run, and what those claims share.

All sizes differ, so that slips of dimension show: images and masks are not square, regions
are unequal, and the grouping of entries by region is no exchange of pairs.
"""

import numpy as np

from cnnmat import Partition, Regions, Windows, loops, unvec, vec
from cnnmat.derivations.sayed.setting import FIGURE_87, FIGURE_95
from cnnmat.textbook.pooling import Correlation, Lp, Max, Mean, Subsample, Sum
from cnnmat.textbook.vec import carrier

#: An image that is not square and a mask that is not either.
IMAGES = [{"image": (4, 5), "mask": (3, 1)}, {"image": (3, 4), "mask": (3, 5)}]
#: A square mask, whose transpose conforms and must be rejected by its values.
SQUARE = [{"image": (4, 5), "mask": (3, 3)}]
#: M = 7 entries in P = 5 subvectors of S = 3.
GENERIC = ((0, 3, 5), (1, 4, 3), (2, 5, 0), (6, 1, 3), (4, 0, 6))
#: Subvectors that differ in number, size and overlap; the second is Figure 47.87.
LISTS = [{"lists": ((0, 2), (2, 1)), "M": 3}, {"lists": FIGURE_87, "M": 6},
         {"lists": GENERIC, "M": 7}]
#: Regions of unequal sizes; the second is Figure 47.95.
OMEGA = [{"omega": ((0, 2), (1,)), "P": 3}, {"omega": FIGURE_95, "P": 12}]
#: What a claim about every kind of pooling covers.
SMOOTH = "of a norm: t not zero"


def product(*factors):
    """The matrix product of constant matrices and one exact one."""
    exact = next(f for f in factors if not hasattr(f, "tocsr"))
    factors = [carrier(f, exact) for f in factors]
    total = factors[0]
    for factor in factors[1:]:
        total = total @ factor
    return total


def patches(image, mask):
    """The subvectors of an image extended by zeros, one for each place of the mask's centre."""
    return Partition(Windows(image.shape, mask.shape, padding="same"))


def patch_vectors(image, mask):
    """H, whose column (c-1) L + r is the patch vector of pixel (r, c)."""
    return patches(image, mask).columns(vec(image))


def basis_rows(places, width):
    """The rows e_k by their definition: one at place k, from 0, and zero elsewhere."""
    return [[int(m == k) for m in range(width)] for k in places]


def basis(k, n):
    """e_k in n dimensions, k from 1; a number that no entry has gives zeros."""
    return np.array([int(i == k) for i in range(1, n + 1)])


def pooled(pooling, image, window):
    """The reduced map: one number for each of the windows, which do not overlap."""
    windows = Windows(image.shape, window, stride=window)
    return unvec(pooling(vec(image), Regions(windows)), windows.output)


def tiled(reduce, image, window):
    """The same by the loops, `reduce` taking the entries of a patch column by column."""
    rows, columns = (n // size for n, size in zip(image.shape, window, strict=True))
    return [[reduce(loops.vec(loops.tile(image.tolist(), r, c, *window))) for c in range(columns)]
            for r in range(rows)]


def whole(patch):
    """One region that holds all entries of a patch."""
    return Regions([range(patch.size)], patch.size)


def gradient_matrix(pooling, patch, region=None):
    """G: the gradient vector of the patch taken as one region, laid out like the patch."""
    region = region or whole(patch)
    return unvec(pooling.gradient_vectors(vec(patch), region), patch.shape)


def by_region(reduce, y, omega):
    """t(p') by the loops; `reduce` takes the number of the region and its entries."""
    return [reduce(k, [y[p] for p in region]) for k, region in enumerate(omega)]


def slopes_by_region(e, reduce, y, omega):
    """∂t(p')/∂y(Ω_p') by dual numbers through the loops: one list a region."""
    return [e.gradient(lambda values, k=k: reduce(k, values), y[list(region)]).tolist()
            for k, region in enumerate(omega)]


def region_kind(e, name, omega, P):
    """A pooling by name: its loop on region k, and the shipped one."""
    if name == "correlation":
        m = e.symbols("m", P)
        return (lambda k, values: loops.dot(values, [m[p] for p in omega[k]]),
                Correlation(Regions(omega, P).permute(m)))
    if name == "subsampling":
        keep = [len(region) - 1 - k % 2 * (len(region) > 1) for k, region in enumerate(omega)]
        return lambda k, values: values[keep[k]], Subsample(keep)
    if name in ("l2", "lp"):
        p = {"l2": 2, "lp": 4}[name]
        root = e.root(p)
        return lambda k, values: loops.norm(values, p, root), Lp(p, root)
    reduce, pooling = {"mean": (loops.mean, Mean()), "max": (loops.largest, Max()),
                       "sum": (sum, Sum())}[name]
    return lambda k, values: reduce(values), pooling


def flat(lists):
    """One list of all entries."""
    return [x for one in lists for x in one]


def bmatrix(rows, lines=()):
    """A matrix in LaTeX, with dividing lines in front of some of its rows."""
    rows = ["&".join(map(str, row)) for row in rows]
    rows = [r"\hline " * (k in lines) + row for k, row in enumerate(rows)]
    return r"\begin{bmatrix}" + r"\\".join(rows) + r"\end{bmatrix}"


def correlating(mask="", K="K"):
    """What the arrow from an image through a mask stands for, by (47.1133), in LaTeX."""
    return (rf"\mathcal{{F}}{mask}(r,c)=\sum_{{k=-{K}}}^{K}\sum_{{\ell=-{K}}}^{K}"
            rf"\mathcal{{I}}(r+k,c+\ell)\mathcal{{W}}{mask}(k,\ell)")


def upright(entries, lines=()):
    """A column in LaTeX."""
    return bmatrix([[one] for one in entries], lines)


def basis_vectors(places, lines=()):
    """Rows e_k^T below one another, in LaTeX."""
    return upright([f"e_{k}^T" if k < 10 else f"e_{{{k}}}^T" for k in places], lines)


def digits(*rows):
    """A matrix printed row by row, its digits run together."""
    return [[int(digit) for digit in row] for row in rows]
