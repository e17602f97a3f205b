"""Integers that are indices below symbolic sizes, and what may be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod

from cnnmat.verify.sums.indices import AnyIndex, Index, Map, image, size_of
from cnnmat.verify.sums.sizes import Outside, Size, size
from cnnmat.verify.sums.terms import IndexSum, delta, number

__all__ = ["Next", "Scaled", "SymbolicBool", "SymbolicIndex", "Wrapped", "block", "fixed", "given",
           "is_given", "reverse"]


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


def fixed(k: int, letters: Sequence[str]) -> tuple[AnyIndex, ...]:
    """The number k as an index into an axis with these digits; -1 is the last."""
    if k in (0, -1):
        return tuple(image(Map("last" if k else "0", (), letter)) for letter in letters)
    if k < 0 or len(letters) != 1:
        raise Outside(f"index {k} into an axis of {'·'.join(letters)}")
    if not size(letters[0]) > k:
        raise IndexError(f"index {k} is out of bounds for an axis of {letters[0]}")
    return (image(Map(str(k), (), letters[0])),)


def is_given(guard: IndexSum | None) -> bool:
    """Whether a guard is 1 where the text is at the moment."""
    return guard is None or any(guard is one for one in _known.get())


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

    def __sub__(self, other):
        """i - 1, as an index: of 0 it is -1, the last."""
        if other != 1 or len(self.indices) != 1 or self.guard is not None:
            raise Outside(f"an index minus {other!r}")
        letter = size_of(self.indices[0])
        before = Map(f"before{letter}", (letter,), letter, bijective=True)
        return Wrapped([image(before, self.indices[0])])

    def _split(self, n):
        """(the slower digits, the faster ones, which multiply to n)."""
        k = len(self.indices)
        while k and prod(size(size_of(i)) for i in self.indices[k:]) != n:
            k -= 1
        if self.guard is not None or prod(size(size_of(i)) for i in self.indices[k:]) != n:
            raise Outside(f"an index divided by {n}")
        return self.indices[:k], self.indices[k:]

    def __floordiv__(self, other):
        return SymbolicIndex(self._split(other)[0])

    def __mod__(self, other):
        return SymbolicIndex(self._split(other)[1])

    def __rsub__(self, other):
        """n - 1 - i, which is all that is known about differences."""
        if len(self.indices) == 1 and isinstance(other, Size) and (
                other.polynomial == {(size_of(self.indices[0]),): 1, (): -1}):
            return SymbolicIndex([reverse(self.indices[0])], self.guard)
        raise Outside(f"{other} minus an index")

    def __mul__(self, other):
        return Scaled(self, other)

    __rmul__ = __mul__

    def __add__(self, other):
        if isinstance(other, int) and other == 0:
            return self
        if isinstance(other, int) and other == 1:
            return Next(self)
        raise Outside(f"an index plus {other!r}")

    __radd__ = __add__

    def __eq__(self, other):
        """Whether two indices are equal, or an index is a number."""
        letters = tuple(map(size_of, self.indices))
        if isinstance(other, SymbolicIndex):
            indices = other.below(letters)
        else:
            indices = fixed(other, letters)
        if self.guard is not None or getattr(other, "guard", None) is not None:
            raise Outside("a comparison of indices that may lie on padding")
        guard = number(1)
        for i, j in zip(self.indices, indices, strict=True):
            guard = guard * delta(i, j)
        return SymbolicBool(guard)

    def __lt__(self, other):
        raise Outside("a comparison of indices")

    __gt__ = __le__ = __ne__ = __lt__
    __hash__ = object.__hash__

    def below(self, letters: tuple[str, ...]) -> tuple[AnyIndex, ...]:
        """The indices, which have to run below these sizes."""
        have = tuple(map(size_of, self.indices))
        if have != letters:
            raise Outside(f"an index below {'·'.join(have)} into an axis of {'·'.join(letters)}")
        return self.indices


class Wrapped(SymbolicIndex):
    """An index that may be -1 for the last: good for looking up, not for reckoning."""

    def __mul__(self, other):
        raise Outside("an index minus 1, times a number")

    __rmul__ = __add__ = __radd__ = __sub__ = __rsub__ = __mul__


class Next:
    """An index plus 1, as the end of a slice has it."""

    def __init__(self, index: SymbolicIndex) -> None:
        self.index = index

    def __mul__(self, other):
        return Scaled(self, other)

    __rmul__ = __mul__


class Scaled:
    """An index times a size: with an index below that size added, an index of more digits."""

    def __init__(self, index: SymbolicIndex | Next, by: int) -> None:
        self.index, self.by = index, by

    def __add__(self, other):
        both = isinstance(other, SymbolicIndex) and isinstance(self.index, SymbolicIndex)
        if not both or self.index.guard is not other.guard or (
                prod(size(size_of(i)) for i in other.indices) != self.by):
            raise Outside(f"an index times {self.by} plus {other!r}")
        return SymbolicIndex(self.index.indices + other.indices, other.guard)

    __radd__ = __add__


def block(one: slice) -> tuple[SymbolicIndex, int] | None:
    """(j, n) of the slice j*n:(j + 1)*n."""
    start, stop = one.start, one.stop
    blocks = isinstance(start, Scaled) and isinstance(stop, Scaled) and isinstance(stop.index, Next)
    if blocks and stop.index.index.indices == start.index.indices and start.by == stop.by:
        return start.index, start.by
    return None
