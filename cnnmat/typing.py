"""The types in the signatures, by short names: what goes in, and what comes out.

Exact entries (symbols, fractions, residues) are for proofs: the functions take them in object
arrays and answer in kind, where the types here speak of numbers.  A type checker sees more of a
sparse matrix where ``scipy-stubs`` is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

__all__ = [
    "Array", "ArrayLike", "BackwardOptions", "Csr", "IndexLists", "Indices", "Int", "Ints",
    "Method", "Number", "Options", "Padding", "PoolingKind",
]

#: What the functions return: whole numbers or floats.
Array: TypeAlias = NDArray[np.integer | np.floating]
#: Positions, counts, the entries of a 0/1 matrix.
Indices: TypeAlias = NDArray[np.integer]
if TYPE_CHECKING:
    #: A sparse matrix of numbers.
    Csr: TypeAlias = sparse.csr_array[np.integer | np.floating, tuple[int, int]]
else:
    # at run time it takes no parameters before SciPy 1.16
    Csr = sparse.csr_array

Int: TypeAlias = int | np.integer
#: One for all axes, or one an axis.
Ints: TypeAlias = Int | Sequence[int] | Indices
Number: TypeAlias = float | np.integer | np.floating | Fraction
Padding: TypeAlias = Ints | Sequence[tuple[int, int]] | Literal["same", "valid"]
IndexLists: TypeAlias = Sequence[Sequence[int]] | Sequence[Indices] | Indices
#: How a correlation is computed.
Method: TypeAlias = Literal[
    "auto", "fast", "measured", "literal", "lowering", "lowering-apart", "lowering-together",
    "blocked", "blocked-1x2", "blocked-2x2", "blocked-2x4", "direct", "winograd"]
PoolingKind: TypeAlias = Literal["mean", "max", "sum", "l2", "lp"]


class Geometry(TypedDict, total=False):
    """How the windows of a correlation layer stand, and how it is computed."""

    stride: Ints
    padding: Padding
    dilation: Ints
    groups: Int
    method: Method


class Options(Geometry, total=False):
    """The keywords of `cnnmat.correlate`."""

    out: Array | None


class BackwardOptions(Geometry, total=False):
    """The keywords of `cnnmat.correlate_backward`."""

    with_dx: bool
    out: tuple[Array | None, Array, Array]
