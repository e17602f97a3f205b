"""Pooling: regions Ω, the permutation T, gradient vectors g, up and upv.

Equations (47.1168) to (47.1204).  Everything works on the last axis, so a
vector y of P entries and a stack of them, shape (..., P), are treated alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from cnnmat import arguments
from cnnmat.drawing import Blocks
from cnnmat.textbook.partition import index_lists
from cnnmat.textbook.vec import apply, carrier, is_exact, one_per_row
from cnnmat.textbook.windows import Windows

__all__ = ["Correlation", "Lp", "Max", "Mean", "Regions", "Subsample", "Sum", "l2",
           "pooling", "up", "upv", "upv_matrix"]


class Regions:
    r"""Disjoint regions Ω_1, ..., Ω_P' of the entries of a vector of P entries.

    Parameters
    ----------
    lists : sequence of P' sequences of int, or Windows
        0-based indices; the regions may be scattered and of unequal sizes.  Of
        windows, the places that lie on padding are left out.
    size : int, optional
        P; needed unless `lists` is `Windows`.
    cover : bool, optional
        If true (default) each entry must lie in a region, so that T is a
        permutation.  If false, entries may be left out, as by windows that do
        not tile the image; they then influence nothing.

    Attributes
    ----------
    P, P_prime : int
    order : ndarray of int
        The indices, region after region; y[order] = T y.
    starts, sizes : ndarray of int, shape (P',)

    Examples
    --------
    The first two rows of T pick the entries of the first region:

    >>> omega = Regions([[0, 2], [1, 3, 4]], size=5)
    >>> omega.matrix.toarray()
    array([[1, 0, 0, 0, 0],
           [0, 0, 1, 0, 0],
           [0, 1, 0, 0, 0],
           [0, 0, 0, 1, 0],
           [0, 0, 0, 0, 1]], dtype=int8)
    """

    def __init__(self, lists, size=None, *, cover=True):
        if isinstance(lists, Windows):
            windows = lists
            if size not in (None, windows.M):
                raise ValueError(f"size must be the {windows.M} entries of the map, got {size}")
            size, lists = windows.M, [row[row >= 0] for row in windows.indices]
        elif size is None:
            raise TypeError("size must be given with index lists, got None")
        self.P = arguments.integer("size", size, 1)
        lists = index_lists("lists", lists, self.P, padding=False)
        self.order = np.concatenate(lists)
        counts = np.bincount(self.order, minlength=self.P)
        if counts.max() > 1:
            raise ValueError("lists must not overlap: index "
                             f"{counts.argmax()} lies in {counts.max()} places")
        if cover and not counts.all():
            raise ValueError(f"lists must cover all {self.P} indices: {counts.argmin()} is left "
                             "out (cover=False allows that)")
        self.sizes = np.array([len(one) for one in lists])
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.P_prime = len(lists)

    @classmethod
    def singletons(cls, size):
        """Each entry a region of its own: no pooling.

        Examples
        --------
        >>> Regions.singletons(3).P_prime
        3
        """
        return cls(np.arange(arguments.integer("size", size, 1))[:, None], size)

    def __repr__(self):
        return f"Regions(P_prime={self.P_prime}, P={self.P})"

    def blocks(self):
        """T to look at, with a line above each region: `print` it, or call ``.spy()``.

        Examples
        --------
        >>> print(Regions([[0, 2], [1]], size=3).blocks())
        1  .  .
        .  .  1
        -------
        .  1  .
        """
        return Blocks(self.matrix, rows=self.sizes)

    def _repr_html_(self):
        return self.blocks()._repr_html_()

    @cached_property
    def matrix(self):
        """T, CSR, shape (P, P), equation (47.1203)."""
        return one_per_row(self.order, self.P)

    def permute(self, y):
        """y_o = T y: region after region, equation (47.1202).

        Examples
        --------
        >>> Regions([[0, 2], [1, 3]], size=4).permute([10, 20, 30, 40])
        array([10, 30, 20, 40])
        """
        return apply(self.matrix, arguments.array("y", y, (..., self.P)))

    def permute_sharp(self, y_o):
        """y = Tᵀ y_o: back to the original order, equation (47.1204).

        Examples
        --------
        >>> Regions([[0, 2], [1, 3]], size=4).permute_sharp([10, 30, 20, 40])
        array([10, 20, 30, 40])
        """
        y_o = arguments.array("y_o", y_o, (..., self.order.size))
        return apply(carrier(self.matrix, y_o).T, y_o)

    def reduce(self, ufunc, y_o):
        """`ufunc` over each region of the grouped `y_o`: (..., sum of sizes) -> (..., P')."""
        return ufunc.reduceat(y_o, self.starts, axis=-1)

    def expand(self, t):
        """Each entry of `t` as often as its region is large: (..., P') -> (..., sum of sizes)."""
        return np.repeat(t, self.sizes, axis=-1)


class Linear:
    """A pooling t(p') = Σ y(p) m(p) over Ω_p', whose gradient vector is m."""

    def __call__(self, y, regions):
        """t = pool(y): (..., P) -> (..., P')."""
        y_o = regions.permute(y)
        return regions.reduce(np.add, self.gradient_vectors(y, regions) * y_o)

    def gradient_vectors(self, y, regions):
        """col{g_1, ..., g_P'}, in the order of T: (..., P) -> (..., sum of sizes)."""
        y = arguments.array("y", y, (..., regions.P))
        weights = np.asarray(self.weights(regions, is_exact(y)))
        if y.dtype.kind == "f" and not is_exact(weights):
            weights = weights.astype(y.dtype)
        return np.broadcast_to(weights, (*y.shape[:-1], regions.order.size))


@dataclass(frozen=True)
class Mean(Linear):
    r"""t(p') is the mean over Ω_p'; g = 1/|Ω_p'| 1, equation (47.1196a).

    Examples
    --------
    >>> omega = Regions([[0, 2], [1, 3, 4]], size=5)
    >>> Mean()(np.array([1., 2., 3., 4., 6.]), omega)
    array([2., 4.])
    """

    name = "mean"

    def weights(self, regions, exact):
        one = Fraction(1) if exact else 1.0
        return regions.expand(np.array([one / int(size) for size in regions.sizes]))


@dataclass(frozen=True)
class Sum(Linear):
    """t(p') is the sum over Ω_p'; g = 1.

    Examples
    --------
    >>> Sum()(np.array([1, 2, 3, 4, 6]), Regions([[0, 2], [1, 3, 4]], size=5))
    array([ 4, 12])
    """

    name = "sum"

    def weights(self, regions, exact):
        return np.ones(regions.order.size, dtype=int)


@dataclass(frozen=True)
class Correlation(Linear):
    """t(p') = Σ y(p) m(p) over Ω_p'; g = m, equation (47.1196e).

    Parameters
    ----------
    mask : array_like, shape (S,) or (..., sum of sizes)
        Weights of one region, used for all (they must be of one size), or of all
        regions one after the other; leading axes go with those of y, so that a
        mask may depend on the map d.

    Examples
    --------
    >>> Correlation([3, -1])(np.array([1, 2, 5, 4]), Regions([[0, 2], [1, 3]], size=4))
    array([-2,  2])
    """

    mask: tuple
    name = "correlation"

    def weights(self, regions, exact):
        mask = arguments.factor("mask", self.mask, (..., "S"))
        if mask.shape[-1] != regions.order.size and set(regions.sizes) == {mask.shape[-1]}:
            mask = np.tile(mask, regions.P_prime)
        return arguments.array("mask", mask, (..., regions.order.size))


@dataclass(frozen=True)
class Subsample(Linear):
    """t(p') is one chosen entry of Ω_p'; g = e_{p°}, equation (47.1196c).

    Parameters
    ----------
    keep : int or sequence of P' int, optional
        0-based place within each region of the entry that is kept.

    Examples
    --------
    >>> Subsample(1)(np.array([10, 20, 30, 40]), Regions([[0, 2], [1, 3]], size=4))
    array([30, 40])
    """

    keep: int = 0
    name = "subsample"

    def weights(self, regions, exact):
        keep = np.array(arguments.integers("keep", self.keep, regions.P_prime))
        if (keep >= regions.sizes).any():
            k = int((keep >= regions.sizes).argmax())
            raise ValueError(f"keep must be a place within each region: region {k} has "
                             f"{regions.sizes[k]} entries, got {keep[k]}")
        chosen = np.zeros(regions.order.size, dtype=int)
        chosen[regions.starts + keep] = 1
        return chosen


@dataclass(frozen=True)
class Max:
    """t(p') is the largest entry of Ω_p'; g = e_{p°}, equation (47.1196b).

    Of tied entries the one that the region lists first is p°.  That is a
    subgradient, and the one the text's "save the location of the maximum" amounts
    to; a share for every tied entry would be another.

    Examples
    --------
    >>> omega, y = Regions([[0, 2], [1, 3, 4]], size=5), np.array([1, 7, 3, 4, 7])
    >>> Max()(y, omega), Max().gradient_vectors(y, omega)
    (array([3, 7]), array([0, 1, 1, 0, 0]))
    """

    name = "max"

    def __call__(self, y, regions):
        return regions.reduce(np.maximum, regions.permute(y))

    def gradient_vectors(self, y, regions):
        y_o = regions.permute(y)
        place = np.arange(regions.order.size)
        largest = y_o == regions.expand(regions.reduce(np.maximum, y_o))
        p_o = regions.reduce(np.minimum, np.where(largest, place, regions.order.size))
        return np.where(place == regions.expand(p_o), 1, 0).astype(y_o.dtype)


@dataclass(frozen=True)
class Lp:
    r"""t(p') = (Σ |y(p)|^p)^(1/p) over Ω_p'; g = sign(y) |y|^(p-1) / t^(p-1).

    For p = 2 equation (47.1196d), g = y / t.  Where t is 0 the norm has a kink; the
    subgradient taken there is 0, the one of least norm.

    Parameters
    ----------
    p : int or float, at least 1
    root : callable, optional
        The function q -> q^(1/p); a proof puts one in of which only the values are known.

    Examples
    --------
    >>> omega, y = Regions([[0, 2], [1, 3]], size=4), np.array([3., 0., -4., 0.])
    >>> Lp(2)(y, omega), Lp(2).gradient_vectors(y, omega)
    (array([5., 0.]), array([ 0.6, -0.8,  0. ,  0. ]))
    """

    p: float = 2
    root: Callable = None

    def __post_init__(self):
        if arguments.real("p", self.p) < 1:
            raise ValueError(f"p must be at least 1, got {self.p}")

    @property
    def name(self):
        return f"l{self.p}"

    def _real(self, y, regions):
        """y_o, whole numbers as floats, for their powers may not fit into an integer."""
        y_o = regions.permute(y)
        return y_o if y_o.dtype.kind in "fO" else y_o.astype(float)

    def _power(self, y, exponent):
        """|y|^exponent; without the bars where the power is even, as symbols need it."""
        return (y if exponent % 2 == 0 else abs(y)) ** exponent

    def __call__(self, y, regions):
        q = regions.reduce(np.add, self._power(self._real(y, regions), self.p))
        return self.root(q) if self.root else q ** (1 / self.p)

    def gradient_vectors(self, y, regions):
        y_o, t = self._real(y, regions), regions.expand(self(y, regions))
        e = self.p - 1
        signed = y_o**e if e % 2 == 1 else np.sign(y_o) * self._power(y_o, e)
        return signed / np.where(t == 0, 1, t) ** e


def l2(root=None):
    """ℓ2-pooling, the Euclidean norm of each region, equation (47.1176)."""
    return Lp(2, root)


_BY_NAME = {"mean": Mean, "sum": Sum, "max": Max, "subsample": Subsample, "l2": l2}


def pooling(which):
    """The pooling that `which` names ("mean", "sum", "max", "subsample", "l2"), or itself."""
    if isinstance(which, (Linear, Max, Lp)):
        return which
    return arguments.choice("pooling", which, _BY_NAME)()


def up(alpha, g):
    """up(α) = α g: a scalar becomes a region, equation (47.1197).

    Examples
    --------
    >>> up(3, [1, 0, 2])
    array([3, 0, 6])
    """
    # the array first: a symbol on the left does not know how to multiply one
    return arguments.factor("g", g) * arguments.real("alpha", alpha)


def upv(v, g, regions):
    r"""upv(v) = col{α_p' g_p'}: each entry becomes its region, equation (47.1200).

    Parameters
    ----------
    v : array_like, shape (..., P')
        The scalars α.
    g : array_like, shape (..., sum of sizes)
        Gradient vectors one after the other, as `gradient_vectors` returns them.

    Examples
    --------
    >>> upv([10, 20], [1, 0, 5, 6, 7], Regions([[0, 2], [1, 3, 4]], size=5))
    array([ 10,   0, 100, 120, 140])
    """
    v = arguments.array("v", v, (..., regions.P_prime))
    return regions.expand(v) * arguments.factor("g", g, (..., regions.order.size))


def upv_matrix(g, regions):
    """upv as a matrix: blkdiag{g_1, ..., g_P'}, shape (sum of sizes, P').

    Examples
    --------
    >>> upv_matrix(np.array([1, 0, 5, 6, 7]), Regions([[0, 2], [1, 3, 4]], size=5)).toarray()
    array([[1, 0],
           [0, 0],
           [0, 5],
           [0, 6],
           [0, 7]])
    """
    g = arguments.array("g", g, (regions.order.size,))
    return one_per_row(regions.expand(np.arange(regions.P_prime)), regions.P_prime, data=g)
