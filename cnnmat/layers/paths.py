"""Which path a layer takes, and the checks that stand before every path."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cnnmat import arguments
from cnnmat.layers.literal import Literal
from cnnmat.layers.lowering import Blocked, Direct, Lowering
from cnnmat.layers.plans import Geometry, Kept
from cnnmat.layers.winograd import Winograd
from cnnmat.textbook.windows import Windows

__all__ = ["METHODS", "PLANS", "numbers", "plan_for", "require_shape", "result_array"]

PLANS = Kept(limit=2**28)
# below these, moving data costs more than Winograd's transforms save
WINOGRAD_MAPS, WINOGRAD_WINDOWS = 32, 256


def fastest(geometry):
    """The fast path for `geometry`."""
    if Direct.serves(geometry):
        return Direct(geometry)
    wide = (min(geometry.C, geometry.D) >= WINOGRAD_MAPS
            and geometry.windows.P >= WINOGRAD_WINDOWS)
    if wide and geometry.dtype.kind == "f" and Winograd.serves(geometry):
        return Winograd(geometry)
    return (Blocked if Blocked.pays(geometry) else Lowering)(geometry)


def if_served(path, name, what):
    """`path`, refusing geometries that it does not serve."""
    def build(geometry):
        if not path.serves(geometry):
            raise ValueError(f"method {name!r} must be used with {what}, got {geometry.windows}")
        return path(geometry)
    return build


METHODS = {
    "auto": lambda geometry: (Literal if geometry.dtype.kind == "O" else fastest)(geometry),
    "fast": fastest,
    "literal": Literal,
    "lowering": Lowering,
    "blocked": if_served(
        Blocked, "blocked", "an even number of output rows and no dilation along them"),
    "direct": if_served(Direct, "direct", "1 x 1 kernels, stride 1 and no padding"),
    "winograd": if_served(
        Winograd, "winograd", "3 x 3 kernels, stride 1, dilation 1 and one group"),
}


def numbers(*named: tuple[str, ArrayLike]) -> list[NDArray[Any]]:
    """The arrays of `named` (name, array) pairs in their common type."""
    arrays = []
    for name, a in named:
        a = np.asarray(a)
        if a.dtype.kind not in "biufO" or a.dtype == np.float16:
            raise TypeError(f"{name} must hold integers, float32, float64 or exact entries, "
                            f"got dtype {a.dtype}")
        if a.size == 0:
            raise ValueError(f"{name} must not be empty, got shape {a.shape}")
        arrays.append(a)
    dtype = np.result_type(*arrays)
    if dtype.kind in "biu":
        dtype = np.dtype(np.int64)
    return [a.astype(dtype, copy=False) for a in arrays]


def key_of(argument):
    """`argument` as part of a dictionary key that tells True from 1."""
    if type(argument) is int or type(argument) is str:
        return argument
    if isinstance(argument, (tuple, list, np.ndarray)):
        return tuple(map(key_of, argument))
    return type(argument), repr(argument)


def plan_for(x_shape, w_shape, dtype, method, stride, padding, dilation, groups):
    """The path for a layer fed by x of `x_shape`, kept from an earlier call if there was one."""
    key = (x_shape, w_shape, dtype,
           *map(key_of, (method, stride, padding, dilation, groups)))

    def build():
        choice = arguments.choice("method", method, METHODS)
        return choice(geometry_of(x_shape, w_shape, dtype, stride, padding, dilation, groups))

    return PLANS.get(key, build)


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
    windows = Windows(x_shape[2:], w_shape[2:], stride, padding, dilation)
    return Geometry(windows, N, C, D, groups, dtype)


def require_shape(name, a, shape):
    """Refuse an array `a` of another shape."""
    if a.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {a.shape}")


def result_array(name, out, shape, dtype, *inputs):
    """`out` if it was given and fits, or else a fresh array."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray) or out.dtype != dtype:
        raise TypeError(f"{name} must be an array of dtype {dtype}, "
                        f"got {getattr(out, 'dtype', type(out).__name__)}")
    require_shape(name, out, shape)
    if not out.flags.writeable or any(np.may_share_memory(out, a) for a in inputs):
        raise ValueError(f"{name} must be writeable and share no memory with the inputs, "
                         "got one that is read-only or does")
    return out
