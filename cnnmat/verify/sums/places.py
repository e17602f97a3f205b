"""Integer arrays whose entries are indices, and what is made of them on the way to a matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnmat.verify.sums.arrays import (
    SymbolicArray,
    lift,
)
from cnnmat.verify.sums.counters import SymbolicIndex
from cnnmat.verify.sums.indices import Map, fresh, image, put
from cnnmat.verify.sums.lists import SymbolicList
from cnnmat.verify.sums.shapes import Shaped
from cnnmat.verify.sums.sizes import Outside, Size
from cnnmat.verify.sums.terms import delta, substitute

__all__ = ["Chosen", "Fibres", "Inside", "Places", "RowStarts"]


class Places(Shaped):
    """An integer array whose entries are indices: one for each digit of the axis they point into.

    Parameters
    ----------
    axes : sequence of sequences of Index
    indices : sequence of index
        In the digits of `axes`.
    guard : IndexSum, optional
        1 where the entry is an index, 0 where it is -1.
    """

    dtype = np.dtype(np.int64)
    itemsize = 8

    def __init__(self, axes, indices, guard=None):
        super().__init__(axes)
        self.indices, self.guard = tuple(indices), guard

    def ravel(self):
        return Places(self.regrouped([-1]), self.indices, self.guard)

    def astype(self, *_, **__):
        return self

    def with_new_digits(self):
        """The same on other digits."""
        places = {v: fresh(v.size) for v in self.digits}
        return Places([[places[v] for v in axis] for axis in self.axes],
                      [put(i, places) for i in self.indices],
                      None if self.guard is None else substitute(self.guard, places))

    def __ge__(self, other):
        if other != 0:
            raise Outside(f"a comparison of indices with {other}")
        return Inside(self)

    def __getitem__(self, key):
        if isinstance(key, Inside):
            return Chosen(self, key)
        raise Outside(f"index {key!r} into an array of indices")

    def tolist(self):
        """The nested list, for the loops."""
        out: Any = SymbolicIndex(self.indices, self.guard)
        for axis in reversed(self.axes):
            out = SymbolicList(axis, out)
        return out

    def __iter__(self):
        raise Outside("a loop over an array of indices")


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
