r"""Pooling by windows, overlapping or not, in one to three dimensions.

Sizes, padding and counts follow PyTorch.  A window that ceil_mode lets run over the
edge is the same as more padding after the image, which no mean counts.

Sums and maxima over a box are taken axis by axis, the last axis first, and along an axis
each place of the window is one strided slice: k_1 + k_2 slices in place of k_1 k_2.
Where small windows tile the image, k_1 k_2 slices need no intermediate array.  Of
equal maxima this order keeps the first of a row, then the first row: the first of the
window, row by row.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from math import prod
from operator import mul

import numpy as np

from cnnmat import arguments
from cnnmat.arguments import largest
from cnnmat.layers.norms import mean, norm, norm_gradient
from cnnmat.layers.paths import key_of, require_shape, result_array
from cnnmat.layers.plans import Kept, places_along
from cnnmat.textbook.windows import Windows
from cnnmat.typing import Array, ArrayLike, Ints, Number, Padding, PoolingKind

__all__ = ["pool", "pool_backward"]

SMALL = 16
KINDS = {"mean": None, "max": None, "sum": 1, "l2": 2, "lp": None}


def _ceil_padding(shape, windows):
    """`windows.padding`, the padding after the image just enough for ceil_mode's windows."""
    pairs = []
    for length, span, step, (before, after) in zip(
        shape, windows.span, windows.stride, windows.padding, strict=True
    ):
        count = -(-(length + before + after - span) // step) + 1
        # the last window must start inside the image or the padding before it
        count -= (count - 1) * step >= length + before
        pairs.append((before, max((count - 1) * step + span - length - before, 0)))
    return tuple(pairs)


class WindowPooling:
    """The windows of a pooling, place by place, and how many entries each mean counts.

    Parameters
    ----------
    shape : tuple of int
        The image, without samples and channels.
    size, stride, padding, dilation, ceil_mode, count_include_pad
        As for `pool`.
    """

    def __init__(self, shape, size, stride, padding, dilation, ceil_mode, count_include_pad):
        stride = size if stride is None else stride
        if isinstance(padding, str) and padding == "same":
            padding = Windows(shape, size, stride, "same", dilation).padding
        # one place large, to have the arguments read before sizes are compared
        spans = Windows((1,) * len(shape), 1, 1, 0, dilation).dilation
        sizes = arguments.integers("size", size, len(shape), 1)
        room = tuple(d * (k - 1) + 1 for d, k in zip(spans, sizes, strict=True))
        plain = Windows(room, sizes, stride, padding, dilation)
        self.padded = plain.padding
        extended = _ceil_padding(shape, plain) if ceil_mode else plain.padding
        self.windows = Windows(shape, sizes, stride, extended, dilation)
        self.count_include_pad = count_include_pad
        # slices and, once asked for, counts
        self.nbytes = 2**12 + 8 * self.windows.P
        self.places = [self._axis_places(axis) for axis in range(len(shape))]
        w = self.windows
        # whether the first place of each window lies on the image
        self.full = [bool(places) and places[0][1][-1] == slice(0, output)
                     for places, output in zip(self.places, w.output, strict=True)]
        # whether windows tile the image and are summed with little rounding in any order
        self.small_tiles = (
            w.kernel == w.stride and not np.any(w.padding) and set(w.dilation) == {1}
            and w.shape == tuple(map(mul, w.kernel, w.output)) and w.S <= SMALL)

    def _axis_places(self, axis):
        """For each place along `axis`: the slices (of an image, of windows) that meet there."""
        before = (slice(None),) * (2 + axis)
        return [((*before, image), (*before, window))
                for _, image, window in places_along(self.windows, axis)]

    def all_places(self):
        """For each place of a window, all axes together, the slices that meet there."""
        for one in product(*(places_along(self.windows, axis) for axis in range(len(self.places)))):
            _, image, window = zip(*one, strict=True)
            yield (..., *image), (..., *window)

    def stages(self, x, ufunc, start, out=None):
        """x, then x folded by `ufunc` along its last axis, along its last two, ..., its all.

        The last stage is written to `out` if there is one.
        """
        stages = [x]
        for axis in reversed(range(len(self.places))):
            x, places = stages[-1], self.places[axis]
            shape = (*x.shape[:2 + axis], self.windows.output[axis], *x.shape[3 + axis:])
            # in the memory order of x, whichever axis that has innermost
            t = out if axis == 0 and out is not None else np.empty_like(x, shape=shape)
            if self.full[axis]:
                np.copyto(t, x[places[0][0]])
                places = places[1:]
            else:
                t[...] = start
            for image, window in places:
                ufunc(t[window], x[image], out=t[window])
            stages.append(t)
        return stages

    def spread(self, dt, out=None, divisors=None):
        """Each dt added to all entries of its window: the adjoint of `sum`.

        Written to `out` if given, divided by `divisors` before if there are any.
        """
        if self.small_tiles:
            return self._spread_tiles(dt, out, divisors)
        dt = dt if divisors is None else dt / divisors
        for axis, places in enumerate(self.places):
            shape = (*dt.shape[:2 + axis], self.windows.shape[axis], *dt.shape[3 + axis:])
            last = axis == len(self.places) - 1
            dx = out if last and out is not None else np.empty_like(dt, shape=shape)
            dx[...] = 0
            for image, window in places:
                dx[image] += dt[window]
            dt = dx
        return dt

    def _spread_tiles(self, dt, out, divisors):
        dx = (np.empty_like(dt, shape=(*dt.shape[:2], *self.windows.shape))
              if out is None else out)
        first, *others = self._tiles(dx)
        np.copyto(first, dt) if divisors is None else np.divide(dt, divisors, out=first)
        for tile in others:
            np.copyto(tile, first)
        return dx

    def spread_to_maxima(self, dt, x):
        """Each dt added to the first of the largest entries of its window."""
        *stages, t = self.max_stages(x)
        for places, x in zip(self.places, reversed(stages), strict=True):
            dx, free = np.zeros_like(x, dt.dtype), np.ones_like(t, bool)
            for image, window in places:
                first = (x[image] == t[window]) & free[window]
                free[window] &= ~first
                dx[image] += np.where(first, dt[window], 0)
            dt, t = dx, x
        return dt

    def _counts(self, padding):
        """Entries of each window within the image and `padding` around it, as an array."""
        w, total = self.windows, np.ones(1, dtype=int)
        for axis, (before, after) in enumerate(padding):
            at = (np.arange(w.output[axis])[:, None] * w.stride[axis]
                  + np.arange(w.kernel[axis]) * w.dilation[axis] - w.padding[axis][0])
            inside = ((at >= -before) & (at < w.shape[axis] + after)).sum(axis=1)
            total = np.multiply.outer(total, inside)
        return total[0]

    @cached_property
    def _divisors(self):
        none = ((0, 0),) * len(self.padded)
        counts = self._counts(self.padded if self.count_include_pad else none)
        # a window on nothing but padding has a sum of zero to divide
        return np.maximum(counts, 1)

    def divisors(self, dtype):
        """What each mean divides by."""
        return self._divisors.astype(dtype)

    def require_entries(self):
        """Refuse windows that lie on nothing but padding."""
        counts = self._counts(((0, 0),) * len(self.padded))
        if not counts.all():
            raise ValueError("padding must leave an entry of the image in each window for "
                             f"kind 'max', got {np.count_nonzero(counts == 0)} windows without")

    def _tiles(self, a):
        """For each place of a window, the view of `a` with that place of all windows."""
        axes = range(len(self.places))
        pairs = (e for pair in zip(self.windows.output, self.windows.kernel, strict=True)
                 for e in pair)
        split = a.reshape(*a.shape[:2], *pairs)
        for place in np.ndindex(*self.windows.kernel):
            yield split[(slice(None),) * 2 + tuple(
                e for axis in axes for e in (slice(None), place[axis]))]

    def sum(self, x, out=None):
        """The sum over each window."""
        if self.small_tiles:
            first, *others = self._tiles(x)
            t = np.empty_like(first) if out is None else out
            np.copyto(t, first)
            for tile in others:
                t += tile
            return t
        return self.stages(x, np.add, 0, out)[-1]

    def max_stages(self, x, out=None):
        """The stages of the maximum over each window."""
        self.require_entries()
        return self.stages(x, np.maximum, -np.inf if x.dtype.kind == "f" else
                           np.iinfo(x.dtype).min, out)


POOLINGS = Kept(limit=2**22)


def pooling_for(*geometry):
    """The `WindowPooling` of these arguments, kept from an earlier call if there was one."""
    def build():
        with arguments.renamed(kernel="size", shape="x"):
            return WindowPooling(*geometry)

    return POOLINGS.get(tuple(map(key_of, geometry)), build)


def _order(kind, p):
    """The p of ℓp, or None for a kind without one."""
    arguments.choice("kind", kind, KINDS)
    if (kind == "lp") != (p is not None):
        raise TypeError(f"p must be given with kind 'lp' and with no other, got {p!r} "
                        f"with kind {kind!r}")
    if kind == "lp" and not arguments.floating("p", p) >= 1:
        raise ValueError(f"p must be at least 1, got {p}")
    return float(p) if kind == "lp" else KINDS[kind]


def _image(name: str, x: ArrayLike, kind: str) -> Array:
    """`x` as an array in which `kind` can be computed."""
    x = arguments.numeric(name, x)
    if x.dtype.kind == "O":
        raise TypeError(f"{name} must hold integers or floats, got dtype {x.dtype}")
    if not 3 <= x.ndim <= 5 or x.size == 0:
        raise ValueError(f"{name} must have shape (N, C, ...) with one to three image axes and "
                         f"not be empty, got {x.shape}")
    return x if kind in ("max", "sum") else arguments.inexact(name, x)


def pool(x: ArrayLike, kind: PoolingKind, size: Ints, *, stride: Ints | None = None,
         padding: Padding = 0, dilation: Ints = 1, ceil_mode: bool = False,
         count_include_pad: bool = True, p: Number | None = None,
         out: Array | None = None) -> Array:
    r"""Pooling over windows: PyTorch's ``max_pool``, ``avg_pool`` and ``lp_pool``, 1 to 3 axes.

    Parameters
    ----------
    x : array_like, shape (N, C, M_1, ...)
    kind : {"mean", "max", "sum", "l2", "lp"}
        "l2" and "lp" are the norms of a window's entries, absolute values taken.
        (PyTorch's ``lp_pool`` takes none for odd p, and scales up the windows that
        ceil_mode lets run over the edge; this does neither.)
    size : int or tuple of int
        The window.
    stride : int or tuple of int, optional
        `size` by default.
    padding : int, tuple of int, tuple of (before, after) pairs, "same" or "valid"
        Zeros, except that a maximum never looks at them.
    dilation : int or tuple of int
    ceil_mode : bool
        Whether windows may run over the edge, so that every entry is reached.
    count_include_pad : bool
        Whether a mean counts the padding.
    p : float, optional
        For "lp", at least 1.
    out : ndarray, shape (N, C, P_1, ...), optional
        Where to write the result, in the type of the result.

    Returns
    -------
    ndarray, shape (N, C, P_1, ...)

    Examples
    --------
    >>> x = [[[1, 5, 2, 4, 3]]]
    >>> pool(x, "max", 2)
    array([[[5, 4]]])
    >>> pool(x, "mean", 2, ceil_mode=True)
    array([[[3., 3., 3.]]])
    >>> pool(x, "mean", 3, stride=2, padding=1, count_include_pad=False)
    array([[[3.        , 3.66666667, 3.5       ]]])
    """
    given, p, x = x, _order(kind, p), _image("x", x, kind)
    where = pooling_for(x.shape[2:], size, stride, padding, dilation, ceil_mode,
                        count_include_pad)
    shape = (*x.shape[:2], *where.windows.output)
    arguments.within_memory("x, size, stride and padding", prod(shape) * x.itemsize)
    if out is not None:
        out = result_array("out", out, shape, x.dtype, x, given)
    if kind == "max":
        return where.max_stages(x, out)[-1]
    if kind in ("l2", "lp"):
        return norm(x, where, p, out)
    if kind == "sum":
        arguments.within_int64("x", where.windows.S * largest(x))
        return where.sum(x, out)
    return mean(x, where, out)


def pool_backward(dt: ArrayLike, x: ArrayLike, kind: PoolingKind, size: Ints, *,
                  stride: Ints | None = None, padding: Padding = 0, dilation: Ints = 1,
                  ceil_mode: bool = False, count_include_pad: bool = True,
                  p: Number | None = None, out: Array | None = None) -> Array:
    r"""The gradient dx that belongs to `pool`, from the gradient dt by its result.

    Of several equal maxima the first of the window, row by row, receives the gradient, as
    in PyTorch; a norm of 0 passes none.  Both are subgradients.  A window with a NaN
    passes none to its maximum.

    Parameters
    ----------
    dt : array_like, shape (N, C, P_1, ...)
    x : array_like, shape (N, C, M_1, ...)
    kind, size, stride, padding, dilation, ceil_mode, count_include_pad, p
        As for `pool`.
    out : ndarray, shape (N, C, M_1, ...), optional
        Where to write dx, in the type of the result.

    Returns
    -------
    ndarray, shape (N, C, M_1, ...)

    Examples
    --------
    >>> pool_backward([[[10, 20]]], [[[1, 5, 4, 4, 3]]], "max", 2)
    array([[[ 0, 10, 20,  0,  0]]])
    """
    given, p, x = (dt, x), _order(kind, p), _image("x", x, kind)
    where = pooling_for(x.shape[2:], size, stride, padding, dilation, ceil_mode,
                        count_include_pad)
    dt = _image("dt", dt, kind)
    require_shape("dt", dt, (*x.shape[:2], *where.windows.output))
    dt = dt.astype(np.result_type(dt, x), copy=False)
    arguments.within_int64("dt", where.windows.S * largest(dt))
    if out is not None:
        out = result_array("out", out, x.shape, dt.dtype, dt, x, *given)
    if kind in ("mean", "sum"):
        return where.spread(dt, out, where.divisors(dt.dtype) if kind == "mean" else None)
    dx = where.spread_to_maxima(dt, x) if kind == "max" else norm_gradient(dt, x, where, p)
    if out is not None:
        np.copyto(out, dx)
    return dx if out is None else out
