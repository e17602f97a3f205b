"""Which path a layer takes, and the checks that stand before every path."""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cnnmat import arguments
from cnnmat.layers.direct import Direct
from cnnmat.layers.literal import Literal
from cnnmat.layers.lowering import Blocked, Lowering
from cnnmat.layers.plans import Geometry, Kept
from cnnmat.layers.trials import fastest_of
from cnnmat.layers.winograd import Winograd
from cnnmat.textbook.windows import Windows

__all__ = ["METHODS", "PLANS", "geometry_of", "name_of", "numbers", "plan_for", "require_shape",
           "result_array"]

PLANS = Kept(limit=2**28)


class Guarded:
    """A path that forms products with zeros of its own, for data with which they are zero.

    Zero times infinity is NaN where the direct sum has no term.  Zeros on padding meet the
    weights, and going back the sensitivities; those that frame a block's kernels meet the
    image, and the sensitivities.  What is not finite there takes the direct sum.

    Parameters
    ----------
    path : path
    """

    def __init__(self, path):
        self.path, self.geometry, self.nbytes = path, path.geometry, path.nbytes
        self.direct = Direct(self.geometry)
        self.padded, self.framed = self.zeros(path)

    @staticmethod
    def zeros(path):
        """Whether `path` puts zeros on padding, and whether around kernels."""
        return bool(np.any(path.geometry.windows.padding)), isinstance(path, Blocked)

    def forward(self, x, w, b, out):
        finite = (not self.padded or is_finite(w)) and (not self.framed or is_finite(x))
        (self.path if finite else self.direct).forward(x, w, b, out)

    def backward(self, dz, x, w, dx, dw):
        meet = (self.padded and dw is not None) or (self.framed and dx is not None)
        finite = not meet or is_finite(dz)
        (self.path if finite else self.direct).backward(dz, x, w, dx, dw)


def is_finite(a):
    """Whether all entries are, told from their sum: False if that overflows, too."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(a.sum()))


def guarded(path):
    """The constructor `path`, its zeros watched where there are any and data may be infinite."""
    def build(geometry):
        one = path(geometry)
        watched = geometry.dtype.kind == "f" and any(Guarded.zeros(one))
        return Guarded(one) if watched else one
    return build


def fast(geometry):
    """The name of the path for `geometry` by rule, of those that keep the direct sum's bound."""
    if Direct.pays(geometry):
        return "direct"
    if Blocked.squares_pay(geometry):
        return "blocked-2x2"
    if Blocked.pays(geometry):
        return "blocked"
    return "lowering-together" if Lowering.together_pays(geometry) else "lowering-apart"


def auto(geometry):
    """As `fast` for numbers; exact entries take the text's own formula."""
    return "literal" if geometry.dtype.kind == "O" else fast(geometry)


def block(rows, columns):
    """The constructor of paths by blocks of this many outputs."""
    def build(geometry):
        return Blocked(geometry, rows, columns)
    build.serves = partial(Blocked.serves, rows=rows, columns=columns)
    return build


def if_served(path, name, what):
    """`path`, refusing geometries that it does not serve."""
    def build(geometry):
        if not path.serves(geometry):
            raise ValueError(f"method {name!r} must be used with {what}, got {geometry.windows}"
                             f", {geometry.groups} groups and dtype {geometry.dtype}")
        return guarded(path)(geometry)
    build.serves = path.serves
    return build


BLOCKS = {"blocked": (2, 1), "blocked-1x2": (1, 2), "blocked-2x2": (2, 2), "blocked-2x4": (2, 4)}
#: Paths by name.
PATHS = {
    "literal": guarded(Literal),
    "lowering": guarded(Lowering),
    "lowering-apart": guarded(partial(Lowering, together=False)),
    "lowering-together": guarded(partial(Lowering, together=True)),
    **{name: if_served(block(*sides), name, f"blocks of {sides[0]} x {sides[1]} that divide the "
                       "output, and no dilation along their longer sides")
       for name, sides in BLOCKS.items()},
    "direct": Direct,
    "winograd": if_served(
        Winograd, "winograd", "3 x 3 kernels, stride 1, dilation 1, one group and no integers"),
}


def measured(geometry):
    """The name of the path that was fastest here in a trial, kept as long as the process runs."""
    if geometry.dtype.kind == "O":
        return "literal"
    # one at a time, for trials side by side would time each other
    with TRYING:
        if geometry not in FOUND:
            FOUND[geometry] = fastest_of(candidates(geometry), geometry)
        return FOUND[geometry]


def candidates(geometry):
    """The paths in question for `geometry`, by name: each keeps the bound of the direct sum."""
    # "lowering" is one of its two forms
    left_out = {"winograd", "lowering"} | ({"lowering-together"} if geometry.N == 1 else set())
    return {name: path for name, path in PATHS.items() if name not in left_out
            and getattr(path, "serves", lambda _: True)(geometry)}


FOUND: dict[Geometry, str] = {}
TRYING = Lock()
#: What chooses a path, by name.
CHOICES = {"auto": auto, "fast": fast, "measured": measured}
METHODS = {**CHOICES, **PATHS}


def numbers(*named: tuple[str, ArrayLike]) -> list[NDArray[Any]]:
    """The arrays of `named` (name, array) pairs in the type in which they are computed."""
    arrays = [arguments.numbers_of(name, a) for name, a in named]
    for (name, _), a in zip(named, arrays, strict=True):
        if a.size == 0:
            raise ValueError(f"{name} must not be empty, got shape {a.shape}")
    dtype = arguments.computed_in(*{a.dtype for a in arrays})
    return [a.astype(dtype, copy=False) for a in arrays]


def key_of(argument):
    """`argument` as part of a dictionary key that tells True from 1."""
    if type(argument) is int or type(argument) is str:
        return argument
    if arguments.is_sequence(argument):
        return tuple(map(key_of, argument))
    return type(argument), repr(argument)


def plan_for(x_shape, w_shape, dtype, method, stride, padding, dilation, groups):
    """The path for a layer fed by x of `x_shape`, kept from an earlier call if there was one."""
    key = (x_shape, w_shape, dtype,
           *map(key_of, (method, stride, padding, dilation, groups)))

    def build():
        arguments.choice("method", method, METHODS)
        geometry = geometry_of(x_shape, w_shape, dtype, stride, padding, dilation, groups)
        with arguments.room("x, w, stride and padding", geometry.nbytes):
            return PATHS[name_of(method, geometry)](geometry)

    return PLANS.get(key, build)


def name_of(method, geometry):
    """The name of the path that `method` takes for `geometry`: itself, if it is one."""
    return CHOICES[method](geometry) if method in CHOICES else method


def geometry_of(x_shape, w_shape, dtype, stride, padding, dilation, groups):
    """Check the sizes of a layer against each other."""
    if not 3 <= len(x_shape) <= 5:
        raise ValueError("x must have shape (N, C, ...) with one to three image axes, "
                         f"got {x_shape}")
    if len(w_shape) != len(x_shape):
        raise ValueError(f"w must have {len(x_shape)} axes as x has, got shape {w_shape}")
    groups = arguments.integer("groups", groups, 1)
    (N, C), (D, before) = x_shape[:2], w_shape[:2]
    if C % groups or D % groups:
        raise ValueError(f"groups must divide the {C} channels and {D} maps, got {groups}")
    if before * groups != C:
        raise ValueError(f"w must have shape (D, {C // groups}, ...) for {C} channels in "
                         f"{groups} groups, got {w_shape}")
    with arguments.renamed(kernel="w", shape="x"):
        windows = Windows(x_shape[2:], w_shape[2:], stride, padding, dilation)
    return Geometry(windows, N, C, D, groups, dtype)


def require_shape(name, a, shape):
    """Refuse an array `a` of another shape."""
    if a.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {a.shape}")


def result_array(name, out, shape, dtype, *others):
    """`out` if it was given and fits, or else a fresh array.

    Parameters
    ----------
    *others : array_like or None
        The inputs, as they came and as they are computed with, and the results before this one.
    """
    if out is None:
        return np.empty(shape, dtype)
    masked = isinstance(out, np.ma.MaskedArray)
    if not isinstance(out, np.ndarray) or masked or out.dtype != dtype:
        raise TypeError(f"{name} must be an array of dtype {dtype}, got " + (
            "a masked array" if masked else str(getattr(out, "dtype", type(out).__name__))))
    require_shape(name, out, shape)
    if (not out.flags.writeable or overlaps_itself(out)
            or any(isinstance(a, np.ndarray) and share_memory(out, a) for a in others)):
        raise ValueError(f"{name} must be writeable and share no memory with the inputs, the "
                         "other results or itself, got one that is read-only or does")
    return out


def share_memory(a, b):
    """Whether two arrays have a byte in common; True where that is too hard to tell."""
    if not np.may_share_memory(a, b):
        return False
    try:
        return np.shares_memory(a, b, max_work=10**4)
    except np.exceptions.TooHardError:
        return True


def overlaps_itself(a):
    """Whether two entries of an array lie on the same bytes."""
    reach = a.itemsize
    for step, length in sorted((abs(s), n) for s, n in zip(a.strides, a.shape, strict=True)
                               if n > 1):
        if step < reach:
            # not one axis within the next, so each entry's place is looked at
            at = sum(np.ix_(*(s * np.arange(n) for s, n in zip(a.strides, a.shape, strict=True))))
            return bool((np.diff(np.sort(at, axis=None)) < a.itemsize).any())
        reach += step * (length - 1)
    return False
