"""Arrays of symbolic shape from nothing: tensors of unknown entries, constants, identities."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction

from cnnmat.verify.sums.arrays import SymbolicArray, as_sum, or_sum
from cnnmat.verify.sums.indices import AnyIndex, Index, fresh, size_of
from cnnmat.verify.sums.shapes import digits
from cnnmat.verify.sums.terms import IndexSum, Tensor, delta, entry

__all__ = ["constant", "identity", "one_a_row", "tensor"]


def tensor(name: str, *shape: int, binary: bool = False) -> SymbolicArray:
    """An array of unknown entries name[...]."""
    axes = [digits(n) for n in shape]
    every = tuple(itertools.chain(*axes))
    one = Tensor(name, tuple(v.size for v in every), binary)
    return or_sum(axes, entry(one, *every))


def constant(shape: Sequence[int], c: int | Fraction, *, sparse: bool = False) -> SymbolicArray:
    """An array of equal numbers."""
    return SymbolicArray([digits(n) for n in shape], as_sum(c), sparse=sparse)


def identity(n: int, *, sparse: bool = False) -> SymbolicArray:
    """The identity matrix."""
    rows, columns = digits(n), digits(n)
    entries = as_sum(1)
    for a, b in zip(rows, columns, strict=True):
        entries = entries * delta(a, b)
    return SymbolicArray([rows, columns], entries, sparse=sparse)


def one_a_row(rows: Sequence[Index], columns: Sequence[AnyIndex], width: int, inside: IndexSum,
              data: IndexSum, chosen: Sequence[Index] = ()) -> SymbolicArray:
    """The matrix whose row holds data in its column, where it is inside: Σ over `chosen`."""
    axis, letters = digits(width), [size_of(i) for i in columns]
    if sorted(letters) == sorted(v.size for v in axis):
        # in the order of the digits that the columns have
        axis = [fresh(letter) for letter in letters]
    entries = inside * data
    for have, want in zip(columns, axis, strict=True):
        entries = entries * delta(have, want)
    return SymbolicArray([rows, axis], entries.sum(*chosen), sparse=True)


