"""Shapes on which the claims of the first half are run, and what those claims share.

All sizes differ, so that slips of dimension show: images and masks are not square, regions
are unequal, and the grouping of entries by region is no exchange of pairs.
"""

from cnnmat import Partition, Windows, vec
from cnnmat.derivations.sayed.setting import FIGURE_87, FIGURE_95
from cnnmat.vec import carrier

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
#: Regions with two maps above them.
REGIONS = ((1, 4, 0), (3,), (5, 2))


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


def digits(*rows):
    """A matrix printed row by row, its digits run together."""
    return [[int(digit) for digit in row] for row in rows]
