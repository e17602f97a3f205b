"""vec, unvec, flips and Kronecker products: where the order of axes is decided.

A constant 0/1 matrix (V, T, a Kronecker factor) lives as a
``scipy.sparse.csr_array``.  SciPy's sparse arrays take no object entries, so
`carrier` hands the same matrix out as a dense object array when it is to meet
exact entries (symbols, fractions, residues).  A formula is thereby written
once, and the proof runs the line that ships.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from cnnmat import arguments
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
    a = arguments.rectangular("a", a)
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
    a = arguments.rectangular("a", a)
    shape = arguments.integers("shape", shape, np.size(shape), 1)
    if a.ndim == 0 or a.shape[-1] != np.prod(shape, dtype=int):
        raise ValueError(f"a must end in an axis of length {np.prod(shape, dtype=int)} "
                         f"to take shape {shape}, got shape {a.shape}")
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
    return apply(left, apply(right, mask).swapaxes(-1, -2)).swapaxes(-1, -2)


def one_per_row(columns, width, data=None):
    """The matrix whose row i holds data[i] in column columns[i], and nothing for -1.

    Written down directly as CSR: one value, one int32 column a row.  Without `data`
    the values are int8 ones, which keep float32 float32 and count every product
    exactly.  Exact `data` gives the dense carrier.
    """
    columns = np.asarray(columns).ravel()
    if is_exact(data):
        dense = np.zeros((columns.size, width), dtype=object)
        dense[np.arange(columns.size), columns] = data
        return dense
    inside = columns >= 0
    if inside.all():
        indptr = np.arange(columns.size + 1, dtype=np.int32)
        indices = columns.astype(np.int32, copy=False)
    else:
        indptr = np.zeros(columns.size + 1, dtype=np.int32)
        np.cumsum(inside, dtype=np.int32, out=indptr[1:])
        indices = columns[inside].astype(np.int32, copy=False)
    data = np.ones(indices.size, dtype=np.int8) if data is None else data
    return sparse.csr_array((data, indices, indptr), shape=(columns.size, width))


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
    x = np.asarray(x)
    if x.ndim == 0 or x.shape[-1] != matrix.shape[1]:
        raise ValueError(f"x must end in an axis of length {matrix.shape[1]}, "
                         f"got shape {x.shape}")
    matrix = carrier(matrix, x)
    # (A, B) @ (B, everything else) -> (A, everything else)
    product = matrix @ x.reshape(-1, x.shape[-1]).T
    return product.T.reshape(*x.shape[:-1], matrix.shape[0])


def kron(a: ArrayLike | sparse.sparray, b: ArrayLike | sparse.sparray) -> Csr:
    """Kronecker product, sparse (CSR) for numbers and dense for exact entries.

    ``scipy.sparse.kron`` answers in a format that depends on its inputs; this
    is the one place that calls it.

    Examples
    --------
    >>> kron(np.eye(2, dtype=int), np.ones((1, 3), dtype=int)).toarray()
    array([[1, 1, 1, 0, 0, 0],
           [0, 0, 0, 1, 1, 1]])
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
    if a.shape != b.shape:
        raise ValueError(f"a and b must have one shape, got {a.shape} and {b.shape}")
    if is_exact(a, b):
        return carrier(a, b) * carrier(b, a)
    return sparse.csr_array(sparse.csr_array(a).multiply(b))
