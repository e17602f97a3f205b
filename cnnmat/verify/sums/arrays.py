"""Arrays whose sizes are letters, with the operations that the shipped text asks of NumPy.

An axis is a tuple of digits, the slowest first, each an index below one letter: a C-order reshape
only regroups digits, and a Kronecker product puts them side by side.  The entries are one index
sum in all the digits.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cnnmat.verify.sums.calculus import is_root
from cnnmat.verify.sums.counters import SymbolicIndex, SymbolicInteger, located
from cnnmat.verify.sums.indices import AnyIndex, Index, fresh, put, reverse
from cnnmat.verify.sums.lists import SymbolicList, compressed
from cnnmat.verify.sums.shapes import Magnitudes, Mismatch, Shaped, digits, length
from cnnmat.verify.sums.sizes import Outside, Size, current, digits_of
from cnnmat.verify.sums.terms import IndexSum, number, reciprocal, substitute
from cnnmat.verify.sums.truths import SymbolicBool

__all__ = ["SymbolicArray", "as_array", "as_sum", "elementwise", "lift", "matmul", "or_sum"]


class SymbolicArray(Shaped):
    """An array of index sums.

    Parameters
    ----------
    axes : sequence of sequences of Index
    entries : IndexSum
        In the digits, and in whatever else is free.
    sparse : bool, optional
        Whether it stands for a SciPy sparse array.
    """

    __array_ufunc__ = None
    itemsize = 8

    def __init__(self, axes: Sequence[Sequence[Index]], entries: IndexSum, *,
                 sparse: bool = False) -> None:
        super().__init__(axes)
        self.entries, self.sparse = entries, sparse
        if sparse:
            # the text looks at them only to check values and to write-protect them
            self.data = self.indices = self.indptr = SymbolicArray(axes, entries)

    def __repr__(self) -> str:
        return f"SymbolicArray{self.shape}"

    @property
    def dtype(self):
        return np.dtype(object if current().exact else float)

    @property
    def flat(self):
        """One entry, for all are alike to the text, which looks at them to check their types."""
        return [self.entries]

    def with_new_digits(self) -> SymbolicArray:
        """The same array, its digits being other variables."""
        new = {v: fresh(v.size) for v in self.digits}
        return self.laid([[new[v] for v in axis] for axis in self.axes],
                         substitute(self.entries, dict(new)))

    def laid(self, axes, entries=None):
        """The same entries, or others, on other axes."""
        return type(self)(axes, self.entries if entries is None else entries, sparse=self.sparse)

    def at(self, *indices: AnyIndex) -> IndexSum:
        """The entry at given indices, one a digit."""
        return substitute(self.entries, dict(zip(self.digits, indices, strict=True)))

    # orders of axes

    @property
    def T(self):
        return self.laid(self.axes[::-1])

    @property
    def mT(self):
        return self.swapaxes(-1, -2)

    def transpose(self, order):
        return self.laid([self.axes[k] for k in order])

    def swapaxes(self, a, b):
        axes = list(self.axes)
        axes[a], axes[b] = axes[b], axes[a]
        return self.laid(axes)

    def reshape(self, *shape):
        return self.laid(self.regrouped(shape[0] if isinstance(shape[0], (tuple, list)) else shape))

    def repeat(self, n, axis=0):
        a = self.with_new_digits()
        axes = list(a.axes)
        axes[axis] = (*axes[axis], *digits(n))
        return a.laid(axes)

    def ravel(self):
        return self.reshape(-1)

    tocsr, sum_duplicates = Shaped.copy, Shaped.setflags

    @property
    def nnz(self):
        return self.size

    def toarray(self):
        return SymbolicArray(self.axes, self.entries)

    def rows(self):
        """The list of what stands at each index of the first axis."""
        a = self.with_new_digits()
        return SymbolicList(a.axes[0], or_sum(a.axes[1:], a.entries))

    def tolist(self):
        """The nested list, for the loops."""
        a = self.with_new_digits()
        out: Any = a.entries
        for axis in reversed(a.axes):
            out = SymbolicList(axis, out)
        return out

    def instantiated(self, places):
        """The array with other indices in the place of what is free in its entries."""
        a = self.with_new_digits()
        return a.laid(a.axes, substitute(a.entries, places))

    def summed_over(self, indices):
        """Σ over indices that are no digits of its own."""
        return self.laid(self.axes, self.entries.sum(*indices))

    # arithmetic

    def __add__(self, other):
        return elementwise(lambda a, b: a + b, self, other)

    def __sub__(self, other):
        return elementwise(lambda a, b: a - b, self, other)

    def __mul__(self, other):
        return elementwise(lambda a, b: a * b, self, other)

    multiply = __rmul__ = __mul__
    __radd__ = __add__

    def __rsub__(self, other):
        return -self + other

    def __neg__(self):
        return self.laid(self.axes, -self.entries)

    def __pow__(self, n):
        return self if n == 1 else self * self ** (n - 1)

    def __truediv__(self, other):
        return elementwise(lambda a, b: a * reciprocal(b), self, other)

    def __rtruediv__(self, other):
        return self.laid(self.axes, reciprocal(self.entries)) * other

    def __matmul__(self, other):
        return matmul(self, other)

    def __rmatmul__(self, other):
        return matmul(other, self)

    def sum(self, axis=None, keepdims=False):
        a = self.with_new_digits()
        axis = range(a.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        over = [k % a.ndim for k in axis]
        gone = [v for k in over for v in a.axes[k]]
        axes = [() if k in over else axis for k, axis in enumerate(a.axes)
                if keepdims or k not in over]
        return or_sum(axes, a.entries.sum(*gone))

    def __getitem__(self, key):
        if isinstance(key, tuple) and any(hasattr(one, "indices") and isinstance(
                one, Shaped) for one in key):
            return self._read_at(key)
        a, axes, places, left = self.with_new_digits(), [], {}, 0
        for one in self._keys(key if isinstance(key, tuple) else (key,)):
            if one is None:
                axes.append(())
                continue
            axis = a.axes[left]
            left += 1
            if isinstance(one, slice):
                axes.append(self._sliced(axis, one, places))
            else:
                places.update(zip(axis, located(one, [v.size for v in axis]), strict=True))
        return or_sum([*axes, *a.axes[left:]], substitute(a.entries, places), a.sparse)

    def _read_at(self, key):
        """The entries at arrays of indices, broadcast against each other."""
        axes: list[Any] = []
        at: list[AnyIndex] = []
        for axis, one in zip(self.axes, key, strict=True):
            if one.guard is not None:
                raise Outside("an array read at indices that may lie on padding")
            same: dict[Index, AnyIndex] = {}
            axes = aligned(axes, one.axes, same)
            at += [located(SymbolicIndex([put(i, same)]), [v.size])
                   [0] for i, v in zip(one.indices, axis, strict=True)]
        return or_sum(axes, self.at(*at))

    def _keys(self, key):
        """The parts of an index, ``...`` written out."""
        if not any(one is ... for one in key):
            return key
        k = next(k for k, one in enumerate(key) if one is ...)
        missing = self.ndim - sum(one is not None and one is not ... for one in key)
        return key[:k] + (slice(None),) * missing + key[k + 1:]

    def _sliced(self, axis, one, places):
        open_ended = one.start is None and one.stop is None
        if open_ended and one.step is None:
            return axis
        if open_ended and isinstance(one.step, int) and one.step == -1:
            new = tuple(fresh(v.size) for v in axis)
            places.update(zip(axis, map(reverse, new), strict=True))
            return new
        part = self._part(axis, one)
        places.update(zip(axis, located(part.element, [v.size for v in axis]), strict=True))
        return part.indices

    @staticmethod
    def _part(axis, one):
        """The indices start, start + step, ... of a slice; of a block its digits are the axis'."""
        start = 0 if one.start is None else one.start
        stop = length(axis) if one.stop is None else one.stop
        step = 1 if one.step is None else one.step
        if any(isinstance(n, int) and not isinstance(n, Size) and n < 0
               for n in (start, stop, step)):
            raise Outside(f"the slice {one} of an axis")
        span = stop - start
        if isinstance(span, SymbolicInteger):
            span = span.fixed
        letters = digits_of(-((-span) // step))
        tail = [v.size for v in axis[len(axis) - len(letters):]]
        new = [fresh(letter) for letter in (tail if sorted(tail) == sorted(letters) else letters)]
        return SymbolicList(new, start + step * SymbolicIndex(new))

    def __abs__(self):
        return Magnitudes()

    def __iter__(self):
        raise Outside("a loop over an axis whose size is a letter, other than in a comprehension")

    def __bool__(self):
        raise Outside("a branch on the entries of an array")

    def __len__(self):
        raise Outside("len of an array in a text that was not reread")

    def __eq__(self, other):
        """Whether roots are 0, which they are taken not to be; nothing else is compared."""
        if not (isinstance(other, int) and other == 0 and is_root(self.entries)):
            raise Outside("a comparison of entries")
        current().assume("no root is 0")
        return SymbolicBool(IndexSum())

    def _compared(self, other):
        raise Outside("a comparison of entries")

    __lt__ = __gt__ = __le__ = __ge__ = __ne__ = _compared
    __hash__ = object.__hash__


def or_sum(axes, entries, sparse=False):
    """An array, or of no axes its one entry."""
    return SymbolicArray(axes, entries, sparse=sparse) if axes else entries


def as_sum(x: Any) -> IndexSum:
    """A number or a size as an index sum."""
    e = number(x.item() if isinstance(x, np.generic) else x)
    if e is None:
        raise Outside(f"the operand {x!r}")
    return e


def lift(x: Any) -> SymbolicArray:
    """An operand as an array on digits of its own."""
    if isinstance(x, SymbolicArray):
        return x.with_new_digits()
    if isinstance(x, SymbolicList):
        return as_array(x)
    if isinstance(x, np.ndarray):
        if x.size > 1:
            raise Outside(f"an array of numbers of shape {x.shape} among sizes that are letters")
        return SymbolicArray([()] * x.ndim, as_sum(x.item()))
    return SymbolicArray([], as_sum(x))


def aligned(a: Sequence[Any], b: Sequence[Any], same: dict[Index, AnyIndex]) -> list[Any]:
    """Two lots of axes laid over each other from the right; b's digits are written as a's."""
    axes = []
    for x, y in itertools.zip_longest(a[::-1], b[::-1], fillvalue=()):
        if x and y:
            if [v.size for v in x] != [v.size for v in y]:
                raise Mismatch("axes", x, y)
            same.update(zip(y, x, strict=True))
        axes.append(x or y)
    return axes[::-1]


def as_array(x: SymbolicList) -> SymbolicArray:
    """A nested list of index sums, or of arrays, as one array."""
    axes: list[Any] = []
    while isinstance(x, SymbolicList):
        x = compressed(x)
        if x.guard is not None:
            raise Outside("an array made of a list from which entries are left out")
        new = [fresh(v.size) for v in x.indices]
        axes.append(new)
        x = x.at(new)
    if isinstance(x, SymbolicArray):
        x = x.with_new_digits()
        return SymbolicArray([*axes, *x.axes], x.entries)
    return SymbolicArray(axes, as_sum(x))


def elementwise(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """An operation on two arrays, entry by entry, with NumPy's broadcasting."""
    if b is NotImplemented or not hasattr(b, "__mul__"):
        return NotImplemented
    a, b = lift(a), lift(b)
    same: dict[Index, AnyIndex] = {}
    axes = aligned(a.axes, b.axes, same)
    return or_sum(axes, operation(a.entries, substitute(b.entries, same)), a.sparse and b.sparse)


def matmul(a: Any, b: Any) -> SymbolicArray:
    """The matrix product, with leading axes and vectors as NumPy takes them."""
    a, b = lift(a), lift(b)
    inner_a, inner_b = a.axes[-1], b.axes[-2] if b.ndim > 1 else b.axes[-1]
    if [v.size for v in inner_a] != [v.size for v in inner_b]:
        raise Mismatch(f"matmul of shapes {a.shape} and {b.shape}, axes", inner_a, inner_b)
    same: dict[Index, AnyIndex] = dict(zip(inner_b, inner_a, strict=True))
    axes = aligned(a.axes[:-2], b.axes[:-2], same)
    axes += [*a.axes[-2:-1], *(b.axes[-1:] if b.ndim > 1 else ())]
    entries = (a.entries * substitute(b.entries, same)).sum(*inner_a)
    return or_sum(axes, entries, a.sparse and b.sparse)
