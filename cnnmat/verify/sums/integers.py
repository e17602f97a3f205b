"""Whole numbers that depend on indices, what is asked of them, and where they point to."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property, reduce
from typing import Any

from cnnmat.verify.sums.equations import bounds, within
from cnnmat.verify.sums.indices import (
    AnyIndex,
    Form,
    Map,
    affine,
    form,
    fresh,
    image,
    put,
    size_of,
)
from cnnmat.verify.sums.polynomials import Polynomial, divided, frozen, plus, times
from cnnmat.verify.sums.sizes import Outside, Size, digits_of, expanded, signs_of, thawed
from cnnmat.verify.sums.terms import Equation, IndexSum, delta, equation, substitute

__all__ = ["SymbolicBool", "SymbolicIndex", "SymbolicInteger", "below", "given", "located",
           "weights"]


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


def weights(letters: Sequence[str]) -> list[tuple]:
    """What the digits of an axis count: for each size the product of those behind it."""
    found, product = [], {(): 1}
    for letter in reversed(letters):
        found.append(frozen(product))
        product = times(product, expanded({(letter,): 1}))
    return found[::-1]


class SymbolicInteger:
    """A whole number: a form in indices.

    With a `guard`, it is -1 where the guard is 0.
    """

    def __init__(self, one: Form, guard: IndexSum | None = None) -> None:
        self._form, self.guard = one, guard

    @property
    def form(self) -> Form:
        """The number, where it is not -1."""
        return self._form

    @property
    def whole(self) -> Form:
        """The number, which is always this one."""
        if self.guard is not None:
            raise Outside("arithmetic with an index that may lie on padding")
        return self.form

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.form})"

    def put(self, places: Any) -> SymbolicInteger:
        """The same with other indices."""
        return SymbolicInteger(form(self.form.constant, (
            (put(i, places), c) for i, c in self.form.terms)), _guard(self, places))

    def __add__(self, other):
        return self._plus(other, 1)

    __radd__ = __add__

    def __sub__(self, other):
        return self._plus(other, -1)

    def __rsub__(self, other):
        return (self * -1)._plus(other, 1)

    def __mul__(self, other):
        if not isinstance(other, int):
            raise Outside("a product of indices")
        factor = expanded(_polynomial(other))
        return SymbolicInteger(form(
            frozen(times(dict(self.whole.constant), factor)),
            [(i, frozen(times(dict(c), factor))) for i, c in self.whole.terms]))

    __rmul__ = __mul__

    def __floordiv__(self, other):
        return _division(self.whole, other)[0]

    def __mod__(self, other):
        return _division(self.whole, other)[1]

    def _plus(self, other, sign):
        if isinstance(other, SymbolicInteger):
            other = other * sign
            total = form(frozen(plus(dict(self.whole.constant), dict(other.whole.constant))),
                         [*self.whole.terms, *other.whole.terms])
            return SymbolicInteger(total) if total.terms else thawed(total.constant)
        if not isinstance(other, int):
            return NotImplemented
        constant = plus(dict(self.whole.constant), expanded(_polynomial(other)), sign)
        return SymbolicInteger(Form(frozen(constant), self.whole.terms))

    def __ge__(self, other):
        """Decided by how large and small it can be, or else for each of its values."""
        if self.guard is not None and isinstance(other, int) and other == 0:
            return SymbolicBool(self.guard)
        difference = (self - other).form
        low, high = bounds(difference)
        if low is not None and signs_of(low) <= {0, 1}:
            return SymbolicBool(None)
        if high is not None and signs_of(high) == {-1}:
            return False
        return SymbolicBool(None, [difference])

    def __gt__(self, other):
        return self >= other + 1

    def __le__(self, other):
        return -1 * self >= -1 * other

    def __lt__(self, other):
        return -1 * self >= -1 * other + 1

    def __eq__(self, other):
        """For each of its values: 1 where the difference is 0."""
        if not isinstance(other, (int, SymbolicInteger)):
            return NotImplemented
        if isinstance(other, SymbolicInteger) and other.guard is not None:
            raise Outside("whether an index is one that may lie on padding")
        letters = _letters(self)
        if letters and letters == _letters(other):
            return SymbolicBool(reduce(operator.mul, (
                delta(i, j) for i, j in zip(self.indices, other.indices, strict=True))))
        difference = self - other
        if isinstance(difference, int):
            return difference == 0
        return SymbolicBool(equation(difference.form))

    def __ne__(self, other):
        raise Outside("whether two indices are different")

    __hash__ = object.__hash__


class SymbolicIndex(SymbolicInteger):
    """An index into one axis with a digit for each of `indices`."""

    def __init__(self, indices: Sequence[AnyIndex], guard: IndexSum | None = None) -> None:
        self.indices, self.guard = tuple(indices), guard

    @property
    def form(self):
        return form((), zip(self.indices, weights(list(map(size_of, self.indices))), strict=True))

    def put(self, places):
        return SymbolicIndex([put(i, places) for i in self.indices], _guard(self, places))


def _letters(x):
    """The sizes of the digits of an index."""
    return tuple(map(size_of, x.indices)) if isinstance(x, SymbolicIndex) else None


def _guard(x, places):
    return None if x.guard is None else substitute(x.guard, places)


def _polynomial(n):
    return dict(n.polynomial) if isinstance(n, Size) else {(): int(n)} if n else {}


def _shared(one, by):
    """(q, r) with form = by · q + r, where q is of all that can be divided."""
    shares = [(i, *divided(dict(c), by)) for i, c in one.terms]
    whole, rest = divided(dict(one.constant), by)
    return (form(frozen(whole), [(i, frozen(c)) for i, c, _ in shares]),
            form(frozen(rest), [(i, frozen(c)) for i, _, c in shares]))


def _division(one, n):
    """(form // n, form % n), where the sizes tell."""
    by = expanded(_polynomial(n))
    quotient, rest = _shared(one, by)
    low, high = bounds(rest)
    if low is not None and high is not None and signs_of(low) <= {0, 1} and (
            signs_of(plus(by, high, -1)) == {1}):
        return SymbolicInteger(quotient), SymbolicInteger(rest)
    raise Outside("a division of an index, of which the sizes do not tell the remainder")


def located(i: Any, letters: Sequence[str]) -> tuple[AnyIndex, ...]:
    """The digits, below `letters`, of an axis into which `i` points."""
    if isinstance(i, SymbolicInteger):
        if i.guard is not None and not any(i.guard is one for one in _known.get()):
            raise Outside("an index that may lie on padding, into a list")
        if isinstance(i, SymbolicIndex) and tuple(map(size_of, i.indices)) == tuple(letters):
            return i.indices
        return _digits(i.form, tuple(letters))
    if isinstance(i, int) and not isinstance(i, Size):
        return _fixed(i, tuple(letters))
    raise Outside(f"the index {i!r} into an axis of {'·'.join(letters) or 1} entries")


def _fixed(k, letters):
    """The digits of a number: all but the fastest are 0, or of -1, the last, at their ends."""
    if not letters:
        return _digits(form(frozen(expanded(_polynomial(max(k, 0)))), ()), letters)
    if k < -1 or (k > 0 and not thawed(frozen(expanded({(letters[-1],): 1}))) > k):
        raise IndexError(f"index {k} is out of bounds for an axis of {'·'.join(letters)}")
    slow, fast = ("last", "last") if k < 0 else ("0", str(k))
    return tuple(image(Map(fast if n == len(letters) - 1 else slow, (), letter))
                 for n, letter in enumerate(letters))


def _length(letters):
    product: Polynomial = {(): 1}
    for letter in letters:
        product = times(product, expanded({(letter,): 1}))
    return product


def _digits(one, letters):
    """A form as the digits of an axis, the slowest first."""
    if not letters:
        if one.constant or one.terms:
            raise Outside("an index other than 0 into an axis of 1 entry")
        return ()
    [letter, *behind] = letters
    if behind:
        large, one_behind = _shared(one, _length(behind))
        return (*_digits(large, (letter,)), *_digits(one_behind, tuple(behind)))
    if _one_before(one, letter):
        # of 0 it is -1, the last
        return (image(Map(f"before{letter}", (letter,), letter, bijective=True), one.terms[0][0]),)
    if one.terms and not within(one, letter) and not _is_known(one, letter):
        raise Outside(f"an index into an axis of {letter} entries, which may lie outside")
    return (affine(letter, one),)


def _one_before(one, letter):
    """Whether a form is i - 1, i being an index below the size."""
    return (dict(one.constant) == {(): -1} and len(one.terms) == 1
            and size_of(one.terms[0][0]) == letter and dict(one.terms[0][1]) == {(): 1})


def _is_known(one, letter):
    """Whether a known guard says Σ_m [form = m], m below the size."""
    for guard in _known.get():
        if len(guard.terms) != 1:
            continue
        [term] = guard.terms
        for f in term.factors:
            if isinstance(f, Equation):
                for m, c in f.form.terms:
                    if m in term.bound and size_of(m) == letter and _says(f.form, m, c, one):
                        return True
    return False


def _says(equated, m, c, one):
    """Whether an equation is [form - m = 0]."""
    minus = frozen({(): -1})
    if c != minus:
        return False
    return (equated.constant, set(equated.terms)) == (one.constant, {*one.terms, (m, minus)})
