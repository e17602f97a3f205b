"""Pooling over regions, gradient vectors g, up and upv: equations (47.1168) to (47.1200)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from cnnmat import arguments
from cnnmat.arguments import largest, within_int64
from cnnmat.textbook.regions import Regions
from cnnmat.textbook.vec import is_exact, one_per_row, read_only
from cnnmat.typing import Array, ArrayLike, Csr, Ints, Number

__all__ = ["Correlation", "Lp", "Max", "Mean", "Subsample", "Sum", "l2",
           "pooling", "up", "upv", "upv_matrix"]


def _grouped(y, regions):
    return arguments.instance("regions", regions, Regions).permute(y)


class Linear:
    """A pooling t(p') = Σ y(p) m(p) over Ω_p', whose gradient vector is m."""

    weights: Callable[..., Array]

    def __call__(self, y: ArrayLike, regions: Regions) -> Array:
        """t = pool(y): (..., P) -> (..., P')."""
        y_o, m = _grouped(y, regions), self.gradient_vectors(y, regions)
        within_int64("y", int(regions.sizes.max()) * largest(m) * largest(y_o))
        return regions.fold(np.add, m * y_o)

    def gradient_vectors(self, y: ArrayLike, regions: Regions) -> Array:
        """col{g_1, ..., g_P'}, in the order of T: (..., P) -> (..., sum of sizes)."""
        arguments.instance("regions", regions, Regions)
        y = arguments.array("y", y, (..., regions.P))
        weights = self.weights(regions, y.dtype)
        if y.dtype.kind == "f" and not is_exact(weights) and abs(weights).max() <= np.finfo(
                y.dtype).max:
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

    def weights(self, regions, dtype):
        if dtype.kind == "O":
            return regions.spread(np.array([Fraction(1, int(size)) for size in regions.sizes]))
        return regions.spread(1 / regions.sizes.astype(dtype if dtype.kind == "f" else float))


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

    def weights(self, regions, dtype):
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

    def __post_init__(self) -> None:
        if isinstance(self.mask, np.ndarray):
            # a copy: the way back goes with the way there whatever becomes of the argument
            object.__setattr__(self, "mask", read_only(self.mask.copy()))

    def weights(self, regions, dtype):
        mask = arguments.array("mask", self.mask, (..., "S"))
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

    def weights(self, regions, dtype):
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
        y_o = _grouped(y, regions)
        return regions.fold(np.maximum, y_o)

    def gradient_vectors(self, y: ArrayLike, regions: Regions) -> Array:
        y_o = _grouped(y, regions)
        place = np.arange(regions.order.size)
        maximal = y_o == regions.spread(regions.fold(np.maximum, y_o))
        p_o = regions.fold(np.minimum, np.where(maximal, place, regions.order.size))
        return np.where(place == regions.spread(p_o), 1, 0).astype(y_o.dtype)


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
        if self.root is not None:
            arguments.function("root", self.root)
        p = arguments.floating("p", self.p)
        if p < 1:
            raise ValueError(f"p must be at least 1, got {self.p}")
        # whole powers are products, also of exact entries
        object.__setattr__(self, "p", int(p) if p.is_integer() else p)

    @property
    def name(self):
        return f"l{self.p}"

    def _power(self, y, exponent):
        """|y|^exponent; without the bars where the power is even, as symbols need it."""
        return (y if exponent % 2 == 0 else abs(y)) ** exponent

    def _scaled(self, y, regions):
        """y_o, a scale for each region, and the norm over it.

        Exact entries are not scaled.  Of floats, and of whole numbers as floats, the powers
        stay in range.
        """
        y_o, scale = _grouped(y, regions), np.ones(regions.P_prime, dtype=int)
        over = y_o
        if not is_exact(y_o):
            y_o = arguments.inexact("y", y_o)
            scale = scale_for(regions.fold(np.maximum, abs(y_o)), self.p)
            over = y_o / regions.spread(scale)
        q = regions.fold(np.add, self._power(over, self.p))
        return y_o, scale, self.root(q) if self.root else q ** (1 / self.p)

    def __call__(self, y: ArrayLike, regions: Regions) -> Array:
        _, scale, t = self._scaled(y, regions)
        return t * scale

    def gradient_vectors(self, y: ArrayLike, regions: Regions) -> Array:
        y_o, scale, t = self._scaled(y, regions)
        t, e = regions.spread(np.where(t == 0, 1, t)), self.p - 1
        if is_exact(y_o):
            return (y_o**e if e % 2 == 1 else np.sign(y_o) * self._power(y_o, e)) / t**e
        return slopes(y_o, regions.spread(scale), t, self.p)


def slopes(y, scale, t, p):
    """sign(y) (|y| / (scale t))^(p-1) of floats, nothing on the way being out of range."""
    if p < 2:
        # where the ratio vanishes its root may not
        e = p - 1
        return np.sign(y) * (np.abs(y) ** e / scale**e / t**e)
    ratio = y / scale / t
    return ratio if p == 2 else np.sign(ratio) * np.abs(ratio) ** (p - 1)


def scale_for(largest, p):
    """What to divide numbers up to `largest` by, for sums of their p-th powers to stay in range.

    Of one array of floats at a time.  A power of two is divided by without rounding; for a large
    p the powers of what is left between 1 and 2 would overflow, but not those of at most 1.

    Examples
    --------
    >>> print(scale_for(np.array([3e200, 0, 5]), 2) / [2.0**665, 1, 4])
    [1. 1. 1.]
    """
    largest = np.where(np.isfinite(largest) & (largest > 0), largest, 1)
    if p > 32:
        return largest
    return np.ldexp(np.ones_like(largest), np.frexp(largest)[1] - 1)


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
    g = arguments.array("g", g)
    return arguments.product("g and alpha", g, arguments.scalar("alpha", alpha, g.dtype))


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
    arguments.instance("regions", regions, Regions)
    v = arguments.array("v", v, (..., regions.P_prime))
    g = arguments.array("g", g, (..., regions.order.size))
    return arguments.product("v and g", regions.spread(v), g)


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
    arguments.instance("regions", regions, Regions)
    g = arguments.array("g", g, (regions.order.size,))
    return one_per_row(regions.spread(np.arange(regions.P_prime)), regions.P_prime, data=g)
