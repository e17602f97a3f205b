"""Pooling over regions, gradient vectors g, up and upv: equations (47.1168) to (47.1200)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from cnnmat import arguments
from cnnmat.textbook.regions import Regions
from cnnmat.textbook.vec import is_exact, one_per_row
from cnnmat.typing import Array, ArrayLike, Csr, Ints, Number

__all__ = ["Correlation", "Lp", "Max", "Mean", "Subsample", "Sum", "l2",
           "pooling", "up", "upv", "upv_matrix"]


class Linear:
    """A pooling t(p') = Σ y(p) m(p) over Ω_p', whose gradient vector is m."""

    weights: Callable[..., ArrayLike]

    def __call__(self, y: ArrayLike, regions: Regions) -> Array:
        """t = pool(y): (..., P) -> (..., P')."""
        y_o = regions.permute(y)
        return regions.reduce(np.add, self.gradient_vectors(y, regions) * y_o)

    def gradient_vectors(self, y: ArrayLike, regions: Regions) -> Array:
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
    >>> from cnnmat import Regions
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
    >>> from cnnmat import Regions
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
    >>> from cnnmat import Regions
    >>> Correlation([3, -1])(np.array([1, 2, 5, 4]), Regions([[0, 2], [1, 3]], size=4))
    array([-2,  2])
    """

    mask: ArrayLike
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
    >>> from cnnmat import Regions
    >>> Subsample(1)(np.array([10, 20, 30, 40]), Regions([[0, 2], [1, 3]], size=4))
    array([30, 40])
    """

    keep: Ints = 0
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
    >>> from cnnmat import Regions
    >>> omega, y = Regions([[0, 2], [1, 3, 4]], size=5), np.array([1, 7, 3, 4, 7])
    >>> Max()(y, omega), Max().gradient_vectors(y, omega)
    (array([3, 7]), array([0, 1, 1, 0, 0]))
    """

    name = "max"

    def __call__(self, y: ArrayLike, regions: Regions) -> Array:
        return regions.reduce(np.maximum, regions.permute(y))

    def gradient_vectors(self, y: ArrayLike, regions: Regions) -> Array:
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
    >>> from cnnmat import Regions
    >>> omega, y = Regions([[0, 2], [1, 3]], size=4), np.array([3., 0., -4., 0.])
    >>> Lp(2)(y, omega), Lp(2).gradient_vectors(y, omega)
    (array([5., 0.]), array([ 0.6, -0.8,  0. ,  0. ]))
    """

    p: float = 2
    root: Callable[[Array], Array] | None = None

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

    def __call__(self, y: ArrayLike, regions: Regions) -> Array:
        q = regions.reduce(np.add, self._power(self._real(y, regions), self.p))
        return self.root(q) if self.root else q ** (1 / self.p)

    def gradient_vectors(self, y: ArrayLike, regions: Regions) -> Array:
        y_o, t = self._real(y, regions), regions.expand(self(y, regions))
        e = self.p - 1
        signed = y_o**e if e % 2 == 1 else np.sign(y_o) * self._power(y_o, e)
        return signed / np.where(t == 0, 1, t) ** e


def l2(root=None):
    """ℓ2-pooling, the Euclidean norm of each region, equation (47.1176)."""
    return Lp(2, root)


Pooling: TypeAlias = Linear | Max | Lp

_BY_NAME = {"mean": Mean, "sum": Sum, "max": Max, "subsample": Subsample, "l2": l2}


def pooling(which: str | Pooling) -> Pooling:
    """The pooling that `which` names ("mean", "sum", "max", "subsample", "l2"), or itself."""
    if isinstance(which, (Linear, Max, Lp)):
        return which
    return arguments.choice("pooling", which, _BY_NAME)()


def up(alpha: Number, g: ArrayLike) -> Array:
    """up(α) = α g: a scalar becomes a region, equation (47.1197).

    Examples
    --------
    >>> up(3, [1, 0, 2])
    array([3, 0, 6])
    """
    # the array first: a symbol on the left does not know how to multiply one
    return arguments.factor("g", g) * arguments.real("alpha", alpha)


def upv(v: ArrayLike, g: ArrayLike, regions: Regions) -> Array:
    r"""upv(v) = col{α_p' g_p'}: each entry becomes its region, equation (47.1200).

    Parameters
    ----------
    v : array_like, shape (..., P')
        The scalars α.
    g : array_like, shape (..., sum of sizes)
        Gradient vectors one after the other, as `gradient_vectors` returns them.

    Examples
    --------
    >>> from cnnmat import Regions
    >>> upv([10, 20], [1, 0, 5, 6, 7], Regions([[0, 2], [1, 3, 4]], size=5))
    array([ 10,   0, 100, 120, 140])
    """
    v = arguments.array("v", v, (..., regions.P_prime))
    return regions.expand(v) * arguments.factor("g", g, (..., regions.order.size))


def upv_matrix(g: ArrayLike, regions: Regions) -> Csr:
    """upv as a matrix: blkdiag{g_1, ..., g_P'}, shape (sum of sizes, P').

    Examples
    --------
    >>> from cnnmat import Regions
    >>> upv_matrix(np.array([1, 0, 5, 6, 7]), Regions([[0, 2], [1, 3, 4]], size=5)).toarray()
    array([[1, 0],
           [0, 0],
           [0, 5],
           [0, 6],
           [0, 7]])
    """
    g = arguments.array("g", g, (regions.order.size,))
    return one_per_row(regions.expand(np.arange(regions.P_prime)), regions.P_prime, data=g)
