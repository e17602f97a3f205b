"""Nested lists of symbolic length, and the indices into them: what the loops run on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from typing import Any

from cnnmat.verify.sums.indices import AnyIndex, Index, Map, fresh, image, put, size_of
from cnnmat.verify.sums.sizes import Outside, Size, digits_of, size
from cnnmat.verify.sums.terms import IndexSum, number, substitute

__all__ = ["Stretch", "SymbolicBool", "SymbolicIndex", "SymbolicList", "Together", "both",
           "given", "instantiated", "len_of", "ranged", "reverse"]


def reverse(i: AnyIndex) -> AnyIndex:
    """n - 1 - i, a bijection that is its own inverse, for an index below n."""
    letter = size_of(i)
    one = Map(f"reverse{letter}", (letter,), letter, bijective=True)
    return i.at[0] if not isinstance(i, Index) and i.map == one else image(one, i)


#: Guards that are 1 where the text is at the moment: inside of what it does `if i >= 0`.
_known: ContextVar[tuple[IndexSum, ...]] = ContextVar("known", default=())


@contextmanager
def given(guard: IndexSum | None) -> Iterator[None]:
    """Let a guard be 1 inside."""
    token = _known.set((*_known.get(), guard) if guard is not None else _known.get())
    try:
        yield
    finally:
        _known.reset(token)


class SymbolicBool:
    """What is true where `guard` is 1, and false where it is 0; always true without a guard."""

    def __init__(self, guard: IndexSum | None) -> None:
        self.guard = guard

    def all(self):
        """Whether it is true whatever the indices."""
        return self.guard is None

    def __bool__(self):
        if self.guard is not None:
            raise Outside("a branch on whether an index lies on padding")
        return True


class SymbolicIndex:
    """An integer that is an index: into one axis with a digit for each of `indices`.

    With a `guard`, it is -1 where the guard is 0.
    """

    def __init__(self, indices: Sequence[AnyIndex], guard: IndexSum | None = None) -> None:
        self.indices, self.guard = tuple(indices), guard

    def __repr__(self) -> str:
        return f"SymbolicIndex{self.indices}"

    def __ge__(self, other):
        if other != 0:
            raise Outside(f"a comparison of an index with {other}")
        return SymbolicBool(self.guard)

    def __rsub__(self, other):
        """n - 1 - i, which is all that is known about differences."""
        if len(self.indices) == 1 and isinstance(other, Size) and (
                other.polynomial == {(size_of(self.indices[0]),): 1, (): -1}):
            return SymbolicIndex([reverse(self.indices[0])], self.guard)
        raise Outside(f"{other} minus an index")

    def __eq__(self, other):
        raise Outside("a comparison of indices")

    __lt__ = __gt__ = __le__ = __ne__ = __eq__
    __hash__ = object.__hash__

    def below(self, letters: tuple[str, ...]) -> tuple[AnyIndex, ...]:
        """The indices, which have to run below these sizes."""
        have = tuple(map(size_of, self.indices))
        if have != letters:
            raise Outside(f"an index below {'·'.join(have)} into an axis of {'·'.join(letters)}")
        return self.indices


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
        if isinstance(i, int) and not isinstance(i, Size) and i == 0:
            return self.at(tuple(image(Map("0", (), letter)) for letter in letters))
        if not isinstance(i, SymbolicIndex):
            raise Outside(f"index {i!r} into a list of {len_of(self)}")
        if i.guard is not None and not any(i.guard is one for one in _known.get()):
            raise Outside("an index that may lie on padding, into a list")
        return self.at(i.below(letters))

    def at(self, indices: Sequence[AnyIndex]) -> Any:
        """The element at given indices."""
        return instantiated(self.element, dict(zip(self.indices, indices, strict=True)))

    def __iter__(self):
        raise Outside("a loop over a list of symbolic length, other than one that adds up")

    def __len__(self):
        raise Outside("len of a list in a text that was not reread")

    def tolist(self):
        return self


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


class Together:
    """Lists of one symbolic length, side by side, as `zip` has them."""

    def __init__(self, parts: Sequence[SymbolicList]) -> None:
        letters = {tuple(v.size for v in one.indices) for one in parts}
        if len(letters) > 1 or any(one.guard is not None for one in parts):
            raise Outside("a zip of lists of several lengths")
        self.parts = parts


def len_of(a: SymbolicList | Stretch) -> Any:
    """How many elements: a size, or a sum where some are left out."""
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
    if isinstance(x, SymbolicIndex):
        return SymbolicIndex([put(i, places) for i in x.indices], _guard(x, places))
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


def ranged(n: int) -> SymbolicList:
    """range(n) for a size n."""
    indices = [fresh(letter) for letter in digits_of(n)]
    return SymbolicList(indices, SymbolicIndex(indices))
