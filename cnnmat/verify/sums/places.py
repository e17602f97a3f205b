"""Integer arrays whose entries are indices, and what is made of them on the way to a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnmat.verify.sums.arrays import SymbolicArray, lift
from cnnmat.verify.sums.counters import SymbolicIndex, located
from cnnmat.verify.sums.equations import within
from cnnmat.verify.sums.indices import Map, affine, fresh, image, put, reverse
from cnnmat.verify.sums.lists import SymbolicList
from cnnmat.verify.sums.shapes import Shaped, digits, length
from cnnmat.verify.sums.sizes import Outside, Size, expanded, signs_of, size
from cnnmat.verify.sums.terms import IndexSum, delta, equation, number, substitute
from cnnmat.verify.sums.truths import below

__all__ = ["Chosen", "Counted", "Every", "Fibres", "Inside", "Places", "RowStarts", "nowhere",
           "strided"]


class Places(Shaped):
    """An integer array whose entries are indices: one for each digit of the axis they point into.

    Parameters
    ----------
    axes : sequence of sequences of Index
    indices : sequence of index
        In the digits of `axes`.
    guard : IndexSum, optional
        1 where the entry is an index, 0 where it is -1.
    chosen : sequence of Index, optional
        Indices that stand in the others and the guard, which is 1 for at most one value of them
        and for none where the entry is -1.
    """

    dtype = np.dtype(np.int64)
    itemsize = 8

    def __init__(self, axes, indices, guard=None, chosen=()):
        super().__init__(axes)
        self.indices, self.guard, self.chosen = tuple(indices), guard, tuple(chosen)

    def reshape(self, *shape):
        return Places(self.regrouped(shape[0] if isinstance(shape[0], (tuple, list)) else shape),
                      self.indices, self.guard, self.chosen)

    def ravel(self):
        return self.reshape(-1)

    @property
    def strides(self):
        """How far the entries along each axis lie apart, as something that `strided` reads."""
        return tuple(Step(k, 1) for k in range(self.ndim))

    def with_new_digits(self):
        """The same on other digits."""
        places = {v: fresh(v.size) for v in self.digits}
        return self.moved([[places[v] for v in axis] for axis in self.axes], places)

    def moved(self, axes, places):
        """On other axes, with other indices in the place of the digits."""
        guard = None if self.guard is None else substitute(self.guard, places)
        return Places(axes, [put(i, places) for i in self.indices], guard, self.chosen)

    def __ge__(self, other):
        if other != 0:
            raise Outside(f"a comparison of indices with {other}")
        return Inside(self)

    def __getitem__(self, key):
        if isinstance(key, Inside):
            return Chosen(self, key)
        left, axes, places = list(self.axes), [], {}
        for one in key if isinstance(key, tuple) else (key,):
            if one is None:
                axes.append(())
            elif one == slice(None):
                axes.append(left.pop(0))
            elif one == slice(None, None, -1):
                axis = left.pop(0)
                axes.append([fresh(v.size) for v in axis])
                places.update(zip(axis, map(reverse, axes[-1]), strict=True))
            else:
                raise Outside(f"the index {one!r} into an array of indices")
        return self.moved([*axes, *left], places)

    def __setitem__(self, key, value):
        """Put indices into slices of an array that points nowhere."""
        if self.guard is None or self.guard.terms:
            raise Outside("indices put into an array that holds some")
        value, guard, moved, chosen = value.with_new_digits(), number(1), {}, []
        for axis, part, have in zip(self.axes, key if isinstance(key, tuple) else (key,),
                                    value.axes, strict=True):
            ([j], [t]), n = (axis, have), size(have[0].size)
            first = 0 if part.start is None else part.start
            step = 1 if part.step is None else part.step
            stop = length(axis) if part.stop is None else part.stop
            if -((first - stop) // step) != n:
                raise ValueError(f"{n} entries do not go into {part}")
            _require(first, length(axis) - 1 - first - (n - 1) * step)
            if isinstance(step, Size):
                chosen.append(t)
                guard = guard * equation((SymbolicIndex([j]) - first - step * SymbolicIndex(
                    [t])).form)
                continue
            place = (SymbolicIndex([j]) - first).form
            moved[t] = affine(t.size, place)
            if not within(place, t.size):
                guard = guard * below(place, expanded(n))
        filled = value.moved(self.axes, moved)
        whole = guard if filled.guard is None else guard * filled.guard
        simple = len(whole.terms) == 1 and not whole.terms[0].factors
        self.indices, self.guard, self.chosen = filled.indices, None if simple else whole, (
            *filled.chosen, *chosen)

    def tolist(self):
        """The nested list, for the loops."""
        if self.chosen:
            raise Outside("a list of indices with gaps")
        out: Any = SymbolicIndex(self.indices, self.guard)
        for axis in reversed(self.axes):
            out = SymbolicList(axis, out)
        return out

    def __iter__(self):
        raise Outside("a loop over an array of indices")


class Counted(Places):
    """0, 1, 2, ...: whose digits follow the shape that it is given."""

    def __init__(self, n):
        axis = digits(n)
        super().__init__([axis], axis)

    def reshape(self, *shape):
        shape = shape[0] if isinstance(shape[0], (tuple, list)) else shape
        if -1 in shape or _product(shape) != self.size:
            raise ValueError(f"cannot reshape {self.shape} into {tuple(shape)}")
        axes = [digits(n) for n in shape]
        return Places(axes, [v for axis in axes for v in axis])


def _product(shape):
    total = 1
    for n in shape:
        total = total * n
    return total


class Step:
    """So many entries along an axis of an array."""

    def __init__(self, axis, factor):
        self.axis, self.factor = axis, factor

    def __mul__(self, n):
        return Step(self.axis, self.factor * n)

    __rmul__ = __mul__


def _require(*least):
    """Refuse what may reach beyond an array."""
    for n in least:
        if not signs_of(expanded(n)) <= {0, 1}:
            raise Outside(f"a part of an array that lies inside where {n} ≥ 0 only")


def nowhere(shape):
    """An array that is -1 throughout."""
    axes = [digits(n) for n in shape]
    return Places(axes, (), IndexSum())


def strided(a, shape, steps):
    """`as_strided`: entry k is that which lies Σ k · step behind the first; none lies beyond."""
    a, axes = a.with_new_digits(), [digits(n) for n in shape]
    at = [0] * a.ndim
    for axis, step in zip(axes, steps, strict=True):
        at[step.axis] = at[step.axis] + SymbolicIndex(axis) * step.factor
    places = {}
    for axis, index in zip(a.axes, at, strict=True):
        # it says itself where an index may lie outside
        places.update(zip(axis, located(index, [v.size for v in axis]), strict=True))
    return a.moved(axes, places)


class Inside:
    """Which entries of an array of indices are indices, not -1."""

    def __init__(self, places):
        self.places = places

    def all(self):
        return self.places.guard is None


class Chosen:
    """The entries of an array that are `inside`, one after the other: of symbolic number."""

    def __init__(self, of, inside):
        self.of, self.inside = of, inside
        #: a letter would have to stand for how many there are; only `np.ones` asks
        self.size = self

    def astype(self, *_, **__):
        return self


class RowStarts:
    """0, 1, 2, ... or, with `inside`, the running count of entries that are inside."""

    def __init__(self):
        self.inside = None

    def __getitem__(self, key):
        if key != slice(1, None):
            raise Outside(f"the part {key} of row starts")
        return self


class Fibres(SymbolicArray):
    """The sizes of regions, or where they start: region p holds the places o with map(o) = p."""

    def __init__(self, region: Map) -> None:
        o, p = fresh(region.domain[0]), fresh(region.codomain)
        super().__init__([(p,)], delta(image(region, o), p).sum(o))
        self.region = region

    def laid(self, axes, entries=None):
        """The same sizes, or others, as an array like any other."""
        return SymbolicArray(axes, self.entries if entries is None else entries)

    def max(self):
        """The size of the largest region, of which nothing is known."""
        return Size({(f"|{self.region.name}|",): 1})

    def astype(self, *_, **__):
        return self

    def spread(self, t):
        """t at the region of each place."""
        t = lift(t) if not isinstance(t, Places) else t.with_new_digits()
        o = fresh(self.region.domain[0])
        places = {t.axes[-1][0]: image(self.region, o)}
        axes = [*t.axes[:-1], (o,)]
        if isinstance(t, Places):
            return Places(axes, [put(i, places) for i in t.indices])
        return SymbolicArray(axes, substitute(t.entries, places))

    def gathered(self, a):
        """Σ over each region."""
        a = lift(a)
        [o], p = a.axes[-1], fresh(self.region.codomain)
        return SymbolicArray([*a.axes[:-1], (p,)],
                             (a.entries * delta(image(self.region, o), p)).sum(o))

    def lists(self, order):
        """The regions as lists of the places in a vector that `order` has in theirs."""
        p, (o,) = fresh(self.region.codomain), order.digits
        guard = delta(image(self.region, o), p)
        return SymbolicList([p], SymbolicList([o], SymbolicIndex(order.indices), guard))


class Every(Fibres):
    """The size of one region of all n entries, or where it starts."""

    def __init__(self, n: int) -> None:
        SymbolicArray.__init__(self, [()], number(n))  # type: ignore[arg-type]
        self.n = n

    def max(self):
        return self.n

    def spread(self, t):
        t = lift(t)
        return SymbolicArray([*t.axes[:-1], digits(self.n)], t.entries)

    def gathered(self, a):
        a = lift(a)
        return SymbolicArray([*a.axes[:-1], ()], a.entries.sum(*a.axes[-1]))

    def lists(self, order):
        return SymbolicList([], SymbolicList(order.digits, SymbolicIndex(order.indices)))
