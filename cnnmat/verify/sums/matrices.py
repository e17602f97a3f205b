"""Matrices as NumPy and SciPy make them, on symbolic shapes: part of the axioms of `library`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from cnnmat.verify.sums.arrays import SymbolicArray, as_sum, lift
from cnnmat.verify.sums.making import identity, one_a_row
from cnnmat.verify.sums.places import Chosen, Places, RowStarts
from cnnmat.verify.sums.sizes import Outside, Size
from cnnmat.verify.sums.terms import IndexSum, number

__all__ = ["eye", "eye_array", "issparse", "kron", "sparse_array", "sparse_kron"]


def eye(n: Any, *args: Any, **options: Any) -> Any:
    """`numpy.eye`."""
    return identity(n) if isinstance(n, Size) else np.eye(n, *args, **options)


def kron(a: Any, b: Any) -> Any:
    """`numpy.kron` of two matrices, or of two vectors."""
    if not any(isinstance(x, SymbolicArray) for x in (a, b)):
        return np.kron(a, b)
    a, b = lift(a), lift(b)
    return SymbolicArray([x + y for x, y in zip(a.axes, b.axes, strict=True)],
                         a.entries * b.entries)


def sparse_array(real: Any) -> Any:
    """`scipy.sparse.csr_array`, `coo_array`: an array, or values, columns and row starts."""
    def call(x, shape=None, **options):
        if isinstance(x, SymbolicArray):
            return SymbolicArray(x.axes, x.entries, sparse=True)
        if isinstance(x, tuple) and any(
                isinstance(one, (RowStarts, Places, Chosen)) for one in x):
            return _of_rows(*x, shape)
        return real(x, shape=shape, **options)
    return call


def _of_rows(data, columns, starts, shape):
    inside = number(1)
    if isinstance(columns, Chosen):
        if starts.inside is not columns.inside or columns.of is not columns.inside.places:
            raise Outside("columns and row starts of different rows")
        inside, columns = columns.of.guard, columns.of
    elif starts.inside is not None:
        raise Outside("columns and row starts of different rows")
    if isinstance(data, Chosen):
        data = data.of
    entries = as_sum(1)
    if isinstance(data, SymbolicArray):
        entries = data.at(*columns.digits)
    elif isinstance(data, IndexSum):
        entries = data
    return one_a_row(columns.axes[0], columns.indices, shape[1], inside, entries, columns.chosen)


def eye_array(n: Any, *, dtype: Any = float, **options: Any) -> Any:
    """`scipy.sparse.eye_array`."""
    symbolic = isinstance(n, Size)
    return identity(n, sparse=True) if symbolic else sparse.eye_array(n, dtype=dtype, **options)


def sparse_kron(a: Any, b: Any, format: Any = None) -> Any:
    """`scipy.sparse.kron`."""
    if not any(isinstance(x, SymbolicArray) for x in (a, b)):
        return sparse.kron(a, b, format=format)
    product = kron(a, b)
    return SymbolicArray(product.axes, product.entries, sparse=True)


def issparse(x: Any) -> bool:
    """`scipy.sparse.issparse`."""
    return x.sparse if isinstance(x, SymbolicArray) else sparse.issparse(x)
