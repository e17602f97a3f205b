"""What is true of some values of indices: guards, and where they are known to be 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from cnnmat.verify.sums.equations import bounds
from cnnmat.verify.sums.indices import Form, form, fresh
from cnnmat.verify.sums.polynomials import Frozen, Polynomial, frozen, plus, times
from cnnmat.verify.sums.sizes import Outside, digits_of, expanded, thawed
from cnnmat.verify.sums.terms import IndexSum, equation

__all__ = ["SymbolicBool", "below", "given", "known", "weights"]


#: Guards that are 1 where the text is at the moment: inside of what it does `if i >= 0`.
_known: ContextVar[tuple[IndexSum, ...]] = ContextVar("known", default=())


@contextmanager
def given(*guards: IndexSum | None) -> Iterator[None]:
    """Let guards be 1 inside."""
    token = _known.set((*_known.get(), *(one for one in guards if one is not None)))
    try:
        yield
    finally:
        _known.reset(token)


def known() -> tuple[IndexSum, ...]:
    """The guards that are 1 where the text is at the moment."""
    return _known.get()


class SymbolicBool:
    """What is true where `guard` is 1, and false where it is 0; always true without a guard.

    Parameters
    ----------
    guard : IndexSum, optional
    least : sequence of Form
        Whole numbers that have to be at least 0 as well.
    """

    def __init__(self, guard: IndexSum | None, least: Sequence[Form] = ()) -> None:
        self._guard, self._least = guard, tuple(least)

    @cached_property
    def guard(self) -> IndexSum | None:
        found, left = self._guard, list(self._least)
        while left:
            one, length = left.pop(0), None
            for other in left:
                total = form(frozen(plus(dict(one.constant), dict(other.constant))),
                             [*one.terms, *other.terms])
                if not total.terms:
                    left.remove(other)
                    length = plus(dict(total.constant), {(): 1})
                    break
            inside = below(one, length or _reach(one))
            found = inside if found is None else found * inside
        return found

    def __and__(self, other):
        if not isinstance(other, SymbolicBool):
            return self if other else other
        guards = [one for one in (self._guard, other._guard) if one is not None]
        guard = guards[0] * guards[1] if len(guards) == 2 else guards[0] if guards else None
        return SymbolicBool(guard, self._least + other._least)

    __rand__ = __and__

    def all(self):
        """Whether it is true whatever the indices."""
        return self.guard is None

    def __bool__(self):
        if self.guard is not None:
            raise Outside("a branch on where an index lies, other than in a comprehension or in "
                          "`x if inside else y`")
        return True


def _reach(one):
    """One more than a form can be at most."""
    high = bounds(one)[1]
    if high is None:
        raise Outside("a comparison of a whole number that depends on indices, with one end open")
    return plus(high, {(): 1})


def below(one: Form, length: Polynomial) -> IndexSum:
    """1 where 0 <= form < length, else 0: Σ_m [form = m]."""
    axis = [fresh(letter) for letter in digits_of(thawed(frozen(length)))]
    negative = [(m, frozen({k: -c for k, c in dict(w).items()}))
                for m, w in zip(axis, weights([m.size for m in axis]), strict=True)]
    return equation(form(one.constant, [*one.terms, *negative])).sum(*axis)


def weights(letters: Sequence[str]) -> list[Frozen]:
    """What the digits of an axis count: for each size the product of those behind it."""
    found: list[Frozen] = []
    product: Polynomial = {(): 1}
    for letter in reversed(letters):
        found.append(frozen(product))
        product = times(product, expanded({(letter,): 1}))
    return found[::-1]
