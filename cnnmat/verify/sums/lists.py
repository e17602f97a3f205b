"""Nested lists of symbolic length, and the indices into them: what the loops run on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from cnnmat.verify.sums.counters import SymbolicIndex, SymbolicInteger, located
from cnnmat.verify.sums.indices import AnyIndex, Image, Index, fresh, image
from cnnmat.verify.sums.sizes import Outside, Size, digits_of, size
from cnnmat.verify.sums.terms import Delta, IndexSum, number, substitute
from cnnmat.verify.sums.truths import SymbolicBool

__all__ = ["Pieces", "Stretch", "SymbolicList", "Together", "both", "compressed", "contains",
           "instantiated", "len_of", "ranged"]


def contains(i: SymbolicIndex, x: SymbolicList) -> SymbolicBool:
    """Whether an index stands in a list of the values of a bijection."""
    [v], element = x.indices, x.element
    if isinstance(element, SymbolicIndex) and element.guard is None and len(element.indices) == 1:
        [held] = element.indices
        if isinstance(held, Image) and held.map.bijective and held.at == (v,):
            place = image(held.map.inverse, *located(i, (held.map.codomain,)))
            guard = number(1) if x.guard is None else substitute(x.guard, {v: place})
            return SymbolicBool(guard)
    raise Outside("whether an index is in a list")


class SymbolicList:
    """[element for the indices], kept only where the guard is 1.

    The element is an index sum, an index, an array, a list or a tuple of such.
    """

    def __init__(self, indices: Sequence[Index], element: Any,
                 guard: IndexSum | None = None) -> None:
        self.indices, self.element, self.guard = tuple(indices), element, guard

    def __repr__(self) -> str:
        return f"SymbolicList({len_of(self)})"

    def __getitem__(self, i):
        letters = tuple(v.size for v in self.indices)
        if self.guard is not None:
            raise Outside("an index into a list from which some are left out")
        if isinstance(i, slice):
            return self._part(i, letters)
        return self.at(located(i, letters))

    def _part(self, part, letters):
        """Every `step`-th element."""
        n = prod(map(size, letters))
        if part.stop is not None or part.start is not None:
            raise Outside(f"the part {part} of a list")
        backwards = part.step == -1
        over = ranged(0, n, 1 if backwards else part.step)
        return SymbolicList(over.indices, self[n - 1 - over.element if backwards else over.element])

    def at(self, indices: Sequence[AnyIndex]) -> Any:
        """The element at given indices."""
        return instantiated(self.element, dict(zip(self.indices, indices, strict=True)))

    def __iter__(self):
        raise Outside("a loop over a list of symbolic length, other than one that adds up")

    def __len__(self):
        raise Outside("len of a list in a text that was not reread")

    def __bool__(self):
        if self.guard is not None:
            raise Outside("a branch on whether a list is empty")
        return True

    def tolist(self):
        return self


def compressed(x: SymbolicList) -> SymbolicList:
    """The same list without the index that its guard ties to another.

    Of [y for p, region in enumerate(regions) for y in region] the places are those of the grouped
    vector, one region after the other.
    """
    if x.guard is None or len(x.guard.terms) != 1 or len(x.guard.terms[0].factors) != 1:
        return x
    f = x.guard.terms[0].factors[0]
    for p, other in ((f, f[::-1]) if isinstance(f, Delta) else ()):
        if p in x.indices and isinstance(other, Image) and set(other.at) <= set(x.indices):
            rest = tuple(v for v in x.indices if v != p)
            return SymbolicList(rest, instantiated(x.element, {p: other}))
    return x


class Stretch:
    """A generator over indices, or a part of a list that is one."""

    def __init__(self, indices: Sequence[Index], element: Any,
                 guard: IndexSum | None = None) -> None:
        self.indices, self.element, self.guard = tuple(indices), element, guard

    def __iter__(self):
        raise Outside("a loop over a generator of symbolic length")

    def summed(self) -> Any:
        """Σ of its elements."""
        guard = number(1) if self.guard is None else self.guard
        if hasattr(self.element, "summed_over"):
            return (self.element * guard).summed_over(self.indices)
        element = number(self.element)
        if element is None:
            raise Outside(f"a sum of {type(self.element).__name__}")
        return (element * guard).sum(*self.indices)


class Pieces:
    """A list of single elements and of stretches, one after the other."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self.parts = parts

    def __iter__(self):
        raise Outside("a loop over a list that is in part of symbolic length")


class Together:
    """Lists of one symbolic length, side by side, as `zip` has them."""

    def __init__(self, parts: Sequence[SymbolicList]) -> None:
        letters = {tuple(v.size for v in one.indices) for one in parts}
        if len(letters) > 1 or any(one.guard is not None for one in parts):
            raise Outside("a zip of lists of several lengths")
        self.parts = parts


def len_of(a: SymbolicList | Stretch | Pieces) -> Any:
    """How many elements: a size, or a sum where some are left out."""
    if isinstance(a, Pieces):
        return sum((len_of(x) if isinstance(x, Stretch) else 1 for x in a.parts), 0)
    if a.guard is None:
        return prod(size(v.size) for v in a.indices)
    return a.guard.sum(*a.indices)


def both(a: IndexSum | None, b: IndexSum | None) -> IndexSum | None:
    """The guard that is 1 where two are."""
    return b if a is None else a if b is None else a * b


def instantiated(x: Any, places: dict[Index, AnyIndex]) -> Any:
    """An element with other indices in the place of its free variables."""
    if isinstance(x, IndexSum):
        return substitute(x, places)
    if isinstance(x, SymbolicInteger):
        return x.put(places)
    if hasattr(x, "instantiated"):
        return x.instantiated(places)
    if isinstance(x, (SymbolicList, Stretch)):
        # its own indices are new, so that none in `places` is taken for one of them
        new = {v: fresh(v.size) for v in x.indices}
        places = {**places, **new}
        return type(x)(tuple(new.values()), instantiated(x.element, places), _guard(x, places))
    if isinstance(x, (tuple, list)):
        return type(x)(instantiated(one, places) for one in x)
    return x


def _guard(x, places):
    return None if x.guard is None else substitute(x.guard, places)


def ranged(start: int, stop: int, step: int = 1) -> SymbolicList:
    """range(start, stop, step)."""
    if _is(start, 0) and _is(step, 1):
        indices = [fresh(letter) for letter in digits_of(stop)]
        return SymbolicList(indices, SymbolicIndex(indices))
    indices = [fresh(letter) for letter in digits_of(-((start - stop) // step))]
    return SymbolicList(indices, start + step * SymbolicIndex(indices))


def _is(x, n):
    """Whether x is the number n, not a size or an index that may be it."""
    return isinstance(x, int) and not isinstance(x, Size) and x == n
