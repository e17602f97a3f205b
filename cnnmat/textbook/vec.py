"""vec, unvec, flips and Kronecker products: where the order of axes is decided.

A constant 0/1 matrix (V, T, a Kronecker factor) lives as a
``scipy.sparse.csr_array``.  SciPy's sparse arrays take no object entries, so
`carrier` hands the same matrix out as a dense object array when it is to meet
exact entries (symbols, fractions, residues).  A formula is thereby written
once, and the proof runs the line that ships.
"""

from __future__ import annotations

from math import prod

import numpy as np
from scipy import sparse

from cnnmat import arguments
from cnnmat.arguments import largest
from cnnmat.typing import Array, ArrayLike, Csr, Int, Ints

__all__ = ["apply", "flip", "hadamard", "kron", "reversed_identity", "unvec", "vec"]


def vec(a: ArrayLike, ndim: Int | None = None) -> Array:
    """Stack the columns of a matrix on top of each other, equation (47.1127).

    Parameters
    ----------
    a : array_like, shape (..., A_1, ..., A_ndim)
        The axis that varies fastest in the result is the first of the last
        `ndim` axes: for a matrix, the rows of a column.
    ndim : int, optional
        How many trailing axes are stacked; all by default.

    Returns
    -------
    ndarray, shape (..., A_1 * ... * A_ndim)

    Examples
    --------
    >>> vec([[1, 2, 3],
    ...      [4, 5, 6]])
    array([1, 4, 2, 5, 3, 6])
    """
    a = arguments.numeric("a", a)
    ndim = a.ndim if ndim is None else arguments.integer("ndim", ndim, 1)
    if ndim > a.ndim:
        raise ValueError(f"ndim must be at most the {a.ndim} axes of a, got {ndim}")
    lead = a.shape[: a.ndim - ndim]
    order = (*range(len(lead)), *reversed(range(len(lead), a.ndim)))
    return a.transpose(order).reshape(*lead, -1)


def unvec(a: ArrayLike, shape: Ints) -> Array:
    """Undo `vec`: the last axis becomes an array of shape `shape`.

    Examples
    --------
    >>> unvec([1, 4, 2, 5, 3, 6], (2, 3))
    array([[1, 2, 3],
           [4, 5, 6]])
    """
    a = arguments.numeric("a", a)
    axes = len(shape) if arguments.is_sequence(shape) else 1
    shape = arguments.integers("shape", shape, axes, 1)
    if a.ndim == 0 or a.shape[-1] != prod(shape):
        raise ValueError(f"a must end in an axis of length {prod(shape)} "
                         f"to take shape {shape}, got shape {a.shape}")
    return unstack(a, shape)


def unstack(a, shape):
    """`unvec`, where it is known to fit."""
    lead = a.ndim - 1
    order = (*range(lead), *reversed(range(lead, lead + len(shape))))
    return a.reshape(*a.shape[:-1], *reversed(shape)).transpose(order)


def reversed_identity(n: Int) -> Csr:
    """The matrix with ones on its anti-diagonal, equation (47.1137), as CSR.

    Examples
    --------
    >>> reversed_identity(3).toarray()
    array([[0, 0, 1],
           [0, 1, 0],
           [1, 0, 0]], dtype=int8)
    """
    n = arguments.integer("n", n, 1)
    with arguments.room("n", 17 * n):
        return one_per_row(np.arange(n)[::-1], n)


def flip(mask: ArrayLike) -> Array:
    r"""The flipped mask W# = Ĩ W Ĩ, equations (47.1136) and (47.1138).

    Works on the last two axes; the two reversed identities have the mask's own
    two sizes.

    Examples
    --------
    >>> flip([[1, 2, 3],
    ...       [4, 5, 6]])
    array([[6, 5, 4],
           [3, 2, 1]])
    """
    mask = arguments.array("mask", mask, (..., "A", "B"))
    left, right = (carrier(reversed_identity(n), mask) for n in mask.shape[-2:])
    return times(left, times(right, mask).swapaxes(-1, -2)).swapaxes(-1, -2)


def index_type(*sizes):
    """The smaller type that counts up to each of `sizes`: int32, or else int64."""
    return np.dtype(np.int32 if max(sizes) < 2**31 else np.int64)


def one_per_row(columns, width, data=None):
    """The matrix whose row i holds data[i] in column columns[i], and nothing for -1.

    Written down directly as CSR: one value, one column a row.  Without `data` the values
    are int8 ones, which keep float32 float32 and count every product exactly.  Exact
    `data` gives the dense carrier.
    """
    columns = np.asarray(columns).ravel()
    inside = columns >= 0
    if is_exact(data):
        dense = np.zeros((columns.size, width), dtype=object)
        dense[np.flatnonzero(inside), columns[inside]] = data[inside]
        return dense
    index = index_type(columns.size, width)
    if inside.all():
        indptr = np.arange(columns.size + 1, dtype=index)
        indices = columns.astype(index, copy=False)
    else:
        indptr = np.zeros(columns.size + 1, dtype=index)
        np.cumsum(inside, dtype=index, out=indptr[1:])
        indices = columns[inside].astype(index, copy=False)
        data = data if data is None else data[inside]
    data = np.ones(indices.size, dtype=np.int8) if data is None else data
    return sparse.csr_array((data, indices, indptr), shape=(columns.size, width))


def read_only(a):
    """A view of `a` and its memory, nobody else's, that cannot be written to nor made so."""
    memory = a
    while isinstance(memory, np.ndarray):
        memory.setflags(write=False)
        memory = memory.base
    return a.view()


def frozen(matrix):
    """The sparse `matrix`, its entries in order and read-only, to be handed out many times."""
    matrix.sum_duplicates()
    for part in ("data", "indices", "indptr"):
        setattr(matrix, part, read_only(getattr(matrix, part)))
    return matrix


def is_exact(*arrays):
    """Whether any of `arrays` holds exact entries (an object array)."""
    return any(getattr(getattr(a, "dtype", None), "kind", None) == "O" for a in arrays)


def carrier(matrix, *meets):
    """`matrix` in the carrier that goes with the arrays it `meets`."""
    if sparse.issparse(matrix) and is_exact(*meets):
        return matrix.toarray().astype(object)
    return matrix


def apply(matrix: Csr | Array, x: ArrayLike) -> Array:
    """`matrix` times every vector on the last axis of `x`.

    Parameters
    ----------
    matrix : csr_array or ndarray, shape (A, B)
    x : ndarray, shape (..., B)

    Returns
    -------
    ndarray, shape (..., A)

    Examples
    --------
    >>> apply(reversed_identity(3), np.array([[1, 2, 3], [4, 5, 6]]))
    array([[3, 2, 1],
           [6, 5, 4]])
    """
    matrix, x = _matrix("matrix", matrix), arguments.array("x", x)
    if x.ndim == 0 or x.shape[-1] != matrix.shape[1]:
        raise ValueError(f"x must end in an axis of length {matrix.shape[1]}, "
                         f"got shape {x.shape}")
    arguments.within_int64("matrix and x", _row_sum(matrix, largest(x)) * largest(x))
    arguments.within_memory("matrix and x", 8 * matrix.shape[0] * (x.size // x.shape[-1]))
    return times(matrix.astype(x.dtype) if x.dtype.kind == "i" and matrix.dtype.kind in "biu"
                 else matrix, x)


def _row_sum(matrix, factor):
    """A bound on Σ|entry| over a row: the quick one, if it will do with `factor`."""
    quick = matrix.shape[1] * largest(matrix)
    if quick * factor <= arguments.INT64:
        return quick
    rows = abs(matrix.astype(float)).sum(axis=1).max()
    # up to here floats hold whole numbers
    return int(rows) if rows < 2**53 else quick


def times(matrix, x):
    """`apply`, where there is known to be room for the result."""
    matrix = carrier(matrix, x)
    # (A, B) @ (B, everything else) -> (A, everything else)
    product = matrix @ x.reshape(-1, x.shape[-1]).T
    return product.T.reshape(*x.shape[:-1], matrix.shape[0])


def _matrix(name, value):
    """A matrix in either carrier, its entries checked; a sparse one keeps their type."""
    if not sparse.issparse(value):
        return arguments.array(name, value, ("rows", "columns"))
    value = sparse.csr_array(value)
    if value.nnz:
        arguments.array(name, value.data)
    return value


def _pair(a, b):
    """Two matrices in the type in which their products are computed."""
    a, b = _matrix("a", a), _matrix("b", b)
    if is_exact(a, b):
        return [x.toarray() if sparse.issparse(x) else x for x in (a, b)]
    arguments.within_int64("a and b", largest(a) * largest(b))
    dtype = arguments.computed_in(a.dtype, b.dtype)
    return a.astype(dtype), b.astype(dtype)


def kron(a: ArrayLike | sparse.sparray, b: ArrayLike | sparse.sparray) -> Csr:
    """Kronecker product, sparse (CSR) for numbers and dense for exact entries.

    Parameters
    ----------
    a, b : array_like or sparse array, 2-dimensional

    Examples
    --------
    >>> kron(np.eye(2, dtype=int), np.ones((1, 3), dtype=int)).toarray()
    array([[1, 1, 1, 0, 0, 0],
           [0, 0, 0, 1, 1, 1]])
    """
    a, b = _pair(a, b)
    entries = [x.nnz if sparse.issparse(x) else x.size for x in (a, b)]
    with arguments.room("a and b", 16 * prod(entries)):
        return tensor(a, b)


def tensor(a, b):
    """`kron`, where there is known to be room for the result: int8 ones stay int8.

    ``scipy.sparse.kron`` answers in a format that depends on its inputs; this
    is the one place that calls it.
    """
    if is_exact(a, b):
        a, b = (x.toarray() if sparse.issparse(x) else np.asarray(x) for x in (a, b))
        return np.kron(a, b)
    a, b = sparse.coo_array(a), sparse.coo_array(b)
    # of a factor without entries SciPy makes a product of floats
    product = sparse.kron(a, b, format="csr").astype(np.result_type(a, b), copy=False)
    return sparse.csr_array(product)


def hadamard(a: Csr, b: Csr) -> Csr:
    """The elementwise product of two matrices of one shape, in either carrier."""
    a, b = _pair(a, b)
    if a.shape != b.shape:
        raise ValueError(f"a and b must have one shape, got {a.shape} and {b.shape}")
    return a * b if is_exact(a, b) else sparse.csr_array(sparse.csr_array(a).multiply(b))
