"""The operations of NumPy and SciPy that the shipped text uses, on arrays of symbolic shape.

Each is an axiom of what is proved: that NumPy's own operation, at any sizes, does what is written
here.  `AXIOMS` lists them; a test holds every one against the real library at small sizes.  On
arguments that are not symbolic the real operation is called.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import scipy
from scipy import sparse

from cnnmat.verify.sums.arrays import SymbolicArray, as_array, as_sum, lift, or_sum
from cnnmat.verify.sums.counters import located
from cnnmat.verify.sums.lists import SymbolicList, ranged
from cnnmat.verify.sums.making import constant
from cnnmat.verify.sums.matrices import eye, eye_array, issparse, kron, sparse_array, sparse_kron
from cnnmat.verify.sums.places import (
    Chosen,
    Counted,
    Fibres,
    Inside,
    Places,
    RowStarts,
    nowhere,
    strided,
)
from cnnmat.verify.sums.shapes import Shaped, digits
from cnnmat.verify.sums.sizes import Outside, Size, digits_of
from cnnmat.verify.sums.terms import IndexSum, number, substitute
from cnnmat.verify.sums.truths import SymbolicBool

__all__ = ["AXIOMS", "Library", "modules"]


def _sizes(shape):
    return shape if isinstance(shape, (tuple, list)) else (shape,)


def _symbolic_shape(shape):
    return any(isinstance(n, (Size, Chosen)) for n in _sizes(shape))


def filled(real: Callable[..., Any], c: int) -> Callable[..., Any]:
    """`numpy.ones`, `numpy.zeros`."""
    def call(shape, dtype=float, **options):
        if not _symbolic_shape(shape):
            return real(shape, dtype=dtype, **options)
        if isinstance(shape, Chosen):
            return number(c)
        if isinstance(shape, Size) and () in shape.polynomial:
            return RowStarts()
        return constant(_sizes(shape), c)
    return call


def full(shape: Any, value: Any, **options: Any) -> Any:
    """`numpy.full` of -1 among indices, and of a number."""
    if not _symbolic_shape(shape):
        return np.full(shape, value, **options)
    return nowhere(_sizes(shape)) if value == -1 else constant(_sizes(shape), value)


def as_strided(a: Any, shape: Any = None, strides: Any = None, **options: Any) -> Any:
    """`numpy.lib.stride_tricks.as_strided`."""
    if isinstance(a, Places):
        return strided(a, shape, strides)
    return np.lib.stride_tricks.as_strided(a, shape, strides, **options)


def asarray(x: Any, *args: Any, **options: Any) -> Any:
    """`numpy.asarray`, `numpy.array`."""
    if isinstance(x, IndexSum):
        return SymbolicArray([], x)
    if isinstance(x, SymbolicList):
        return as_array(x)
    return x if isinstance(x, (SymbolicArray, Places)) else np.asarray(x, *args, **options)


def array(x: Any, *args: Any, **options: Any) -> Any:
    """`numpy.array`."""
    symbolic = isinstance(x, (IndexSum, SymbolicList, SymbolicArray, Places))
    return asarray(x) if symbolic else np.array(x, *args, **options)


def arange(*bounds: Any, dtype: Any = None) -> Any:
    """`numpy.arange` of one size."""
    if not any(isinstance(b, Size) for b in bounds):
        return np.arange(*bounds, dtype=dtype)
    if len(bounds) == 1 and len(bounds[0].polynomial) == 2 and bounds[0].polynomial.get(()) == 1:
        return RowStarts()
    if len(bounds) == 1:
        return Counted(bounds[0])
    one = ranged(*bounds)
    return Places([one.indices], located(one.element, digits_of(bounds[1])))


def repeat(a: Any, n: Any, axis: int | None = None) -> Any:
    """`numpy.repeat`: each entry n times, or as often as its region is large."""
    if isinstance(n, Fibres):
        return n.spread(a)
    if isinstance(a, Places):
        a = a.with_new_digits()
        return Places([[*a.axes[0], *digits(n)]], a.indices, a.guard)
    if not isinstance(a, SymbolicArray):
        return np.repeat(a, n, axis=axis)
    return a.repeat(n, axis or 0)


def _no_symbols(parts, name):
    """Refuse a list of so many symbolic arrays, of which NumPy would make objects."""
    if any(isinstance(one, SymbolicArray) for one in parts):
        raise Outside(f"numpy.{name} of {len(parts)} arrays, where lists over a size can be put "
                      "together")


def stack(parts: Any, axis: int = 0) -> Any:
    """`numpy.stack` of a list of arrays."""
    if isinstance(parts, list) and len(parts) == 1 and isinstance(parts[0], SymbolicArray):
        parts = SymbolicList((), parts[0])
    if not isinstance(parts, SymbolicList):
        _no_symbols(parts, "stack")
        return np.stack(parts, axis=axis)
    a = parts.element.with_new_digits()
    axes = list(a.axes)
    axes.insert(axis % (a.ndim + 1), parts.indices)
    return SymbolicArray(axes, a.entries)


def concatenate(parts: Any, axis: int = 0, **options: Any) -> Any:
    """`numpy.concatenate` of a list of arrays, along their first axis."""
    if not isinstance(parts, SymbolicList):
        _no_symbols(parts, "concatenate")
        return np.concatenate(parts, axis=axis, **options)
    if axis != 0:
        raise Outside(f"concatenate along axis {axis}")
    stacked = as_array(parts)
    first, second, *others = stacked.axes
    return SymbolicArray([first + second, *others], stacked.entries)


def tensordot(a: Any, b: Any, axes: int = 2) -> Any:
    """`numpy.tensordot` over the last axes of a and the first of b."""
    if not any(isinstance(x, (SymbolicArray, SymbolicList)) for x in (a, b)):
        return np.tensordot(a, b, axes)
    a, b = lift(a), lift(b)
    ends = a.ndim - axes
    left, right = a.axes[ends:], b.axes[:axes]
    if [len_of_axis(x) for x in left] != [len_of_axis(x) for x in right]:
        raise ValueError(f"tensordot of shapes {a.shape} and {b.shape}: dimension mismatch")
    over = [v for axis in left for v in axis]
    same = dict(zip([v for axis in right for v in axis], over, strict=True))
    entries = (a.entries * substitute(b.entries, same)).sum(*over)
    return or_sum([*a.axes[:ends], *b.axes[axes:]], entries)


def len_of_axis(axis):
    """The letters of an axis."""
    return [v.size for v in axis]


def broadcast_to(a: Any, shape: Any) -> Any:
    """`numpy.broadcast_to`."""
    if not isinstance(a, SymbolicArray):
        return np.broadcast_to(a, shape)
    missing = len(shape) - a.ndim
    axes = [digits(n) for n in shape[:missing]] + [
        axis or digits(n) for axis, n in zip(a.axes, shape[missing:], strict=True)]
    if SymbolicArray(axes, a.entries).shape != tuple(shape):
        raise ValueError(f"cannot broadcast {a.shape} to {shape}, dimension mismatch")
    return a.laid(axes)


def cumsum(a: Any, *args: Any, out: Any = None, **options: Any) -> Any:
    """`numpy.cumsum` of what is inside, into row starts."""
    if isinstance(a, Inside):
        out.inside = a
        return out
    return np.cumsum(a, *args, out=out, **options)


def isfinite(a: Any) -> Any:
    """`numpy.isfinite`: entries are elements of a ring, which are finite."""
    symbolic = isinstance(a, (SymbolicArray, IndexSum))
    return SymbolicBool(None) if symbolic else np.isfinite(a)


def isin(a: Any, values: Any) -> Any:
    """`numpy.isin` of a 0/1 tensor and (0, 1)."""
    if isinstance(a, SymbolicArray):
        if tuple(values) != (0, 1) or not _binary(a):
            raise Outside("a question about the values of entries")
        return SymbolicBool(None)
    return np.isin(a, values)


def _binary(a):
    [term] = a.entries.terms
    return all(f.tensor.binary for f in term.factors)


def result_type(*x: Any) -> Any:
    """`numpy.result_type`."""
    return np.result_type(*(one.dtype if isinstance(one, SymbolicArray) else one for one in x))


def where(test: Any, *sides: Any) -> Any:
    """`numpy.where` of a test that is known, or that comes out the same everywhere."""
    if not isinstance(test, SymbolicBool):
        return np.where(test, *sides)
    if test.guard is not None and test.guard.terms:
        raise Outside("numpy.where, by the values of entries")
    yes, no = map(lift, sides)
    return yes if test.guard is None else no


class Ufunc:
    """A ufunc of NumPy on what is not symbolic; `numpy.add` has ``reduceat`` over regions."""

    def __init__(self, real: np.ufunc) -> None:
        self.real = real

    def __getattr__(self, name):
        return getattr(self.real, name)

    def __call__(self, *args, **options):
        self._plain(args)
        return self.real(*args, **options)

    def reduceat(self, a, starts, axis=-1):
        if isinstance(starts, Fibres) and self.real is np.add:
            return starts.gathered(a)
        self._plain((a, starts))
        return self.real.reduceat(a, starts, axis=axis)

    def _plain(self, args):
        if any(isinstance(x, (Shaped, SymbolicList, IndexSum)) for x in args):
            raise Outside(f"numpy.{self.real.__name__} of entries")


ufunc = cache(Ufunc)


def ndim(a: Any) -> int:
    """`numpy.ndim`."""
    return a.ndim if isinstance(a, SymbolicArray) else np.ndim(a)


def shape(a: Any) -> tuple[int, ...]:
    """`numpy.shape`."""
    return a.shape if isinstance(a, SymbolicArray) else np.shape(a)


#: What stands in for the real operations, by its name there.
AXIOMS: dict[str, Any] = {
    "numpy.ones": filled(np.ones, 1), "numpy.zeros": filled(np.zeros, 0),
    "numpy.full": full, "numpy.lib.stride_tricks.as_strided": as_strided,
    "numpy.asarray": asarray, "numpy.array": array, "numpy.arange": arange, "numpy.repeat": repeat,
    "numpy.concatenate": concatenate, "numpy.tensordot": tensordot, "numpy.stack": stack,
    "numpy.broadcast_to": broadcast_to, "numpy.cumsum": cumsum,
    "numpy.isfinite": isfinite, "numpy.isin": isin, "numpy.result_type": result_type,
    "numpy.where": where, "numpy.add": ufunc(np.add), "numpy.eye": eye, "numpy.kron": kron,
    "numpy.ndim": ndim, "numpy.shape": shape,
    "numpy.ones_like": lambda x: x.laid(x.axes, as_sum(1)) if isinstance(
        x, SymbolicArray) else np.ones_like(x),
    "scipy.sparse.csr_array": sparse_array(sparse.csr_array),
    "scipy.sparse.coo_array": sparse_array(sparse.coo_array),
    "scipy.sparse.eye_array": eye_array, "scipy.sparse.kron": sparse_kron,
    "scipy.sparse.issparse": issparse,
}


class Library(types.ModuleType):
    """A library with some operations put in the place of its own."""

    def __init__(self, name, real, **own):
        super().__init__(name)
        self.__dict__.update(own)
        self.__dict__["_real"] = real

    def __getattr__(self, name):
        found = getattr(self._real, name)
        return ufunc(found) if isinstance(found, np.ufunc) else found


def modules() -> dict[str, Any]:
    """NumPy and SciPy as the text is to see them, by name."""
    def own(prefix):
        return {name.rpartition(".")[2]: operation for name, operation in AXIOMS.items()
                if name.rpartition(".")[0] == prefix}

    arrays = Library("scipy.sparse", sparse, **own("scipy.sparse"))
    tricks = Library("numpy.lib.stride_tricks", np.lib.stride_tricks,
                      **own("numpy.lib.stride_tricks"))
    lib = Library("numpy.lib", np.lib, stride_tricks=tricks)
    numpy = Library("numpy", np, lib=lib, ufunc=(np.ufunc, Ufunc), **own("numpy"))
    return {"numpy": numpy, "numpy.lib": lib,
            "numpy.lib.stride_tricks": tricks, "scipy.sparse": arrays,
            "scipy": Library("scipy", scipy, sparse=arrays)}


