"""Whole numbers that depend on indices, and where they point to."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from cnnmat.verify.sums.equations import bounds, within
from cnnmat.verify.sums.indices import (
    AnyIndex,
    Form,
    Map,
    affine,
    constant,
    form,
    image,
    put,
    size_of,
)
from cnnmat.verify.sums.polynomials import Polynomial, divided, frozen, plus, times
from cnnmat.verify.sums.sizes import Outside, Size, expanded, signs_of, size, thawed
from cnnmat.verify.sums.terms import Equation, IndexSum, delta, equation, number, substitute
from cnnmat.verify.sums.truths import SymbolicBool, known, weights

__all__ = ["SymbolicIndex", "SymbolicInteger", "fixed", "located"]


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
            return SymbolicInteger(form(
                frozen(plus(dict(self.whole.constant), dict(other.whole.constant))),
                [*self.whole.terms, *other.whole.terms]))
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
        """Whether two are equal, wherever the indices are."""
        if not isinstance(other, (int, SymbolicInteger)):
            raise Outside(f"whether an index is {other!r}")
        digits = self.digits_beside(other)
        if digits is None:
            return SymbolicBool(equation((self - other).form))
        guard = number(1)
        for i, j in digits:
            guard = guard * delta(i, j)
        return SymbolicBool(guard)

    def digits_beside(self, other: Any) -> Any:
        """Pairs of digits of this one and another, if both are indices into one axis."""
        return None

    def __ne__(self, other):
        raise Outside("whether two indices differ")

    @property
    def fixed(self) -> int:
        """The number, which must not depend on an index."""
        if self.whole.terms:
            raise Outside("a length that depends on an index")
        return thawed(self.whole.constant)

    __hash__ = object.__hash__


class SymbolicIndex(SymbolicInteger):
    """An index into one axis with a digit for each of `indices`."""

    def __init__(self, indices: Sequence[AnyIndex], guard: IndexSum | None = None) -> None:
        self.indices, self.guard = tuple(indices), guard

    @property
    def form(self):
        return form((), zip(self.indices, weights(list(map(size_of, self.indices))), strict=True))

    def digits_beside(self, other):
        letters = tuple(map(size_of, self.indices))
        if self.guard is None and isinstance(other, SymbolicIndex) and other.guard is None and (
                tuple(map(size_of, other.indices)) == letters):
            return zip(self.indices, other.indices, strict=True)
        return None

    def __floordiv__(self, other):
        k = self._cut(other)
        return super().__floordiv__(other) if k is None else SymbolicIndex(self.indices[:k])

    def __mod__(self, other):
        k = self._cut(other)
        return super().__mod__(other) if k is None else SymbolicIndex(self.indices[k:])

    def _cut(self, n):
        """How many digits are slower than those that multiply to n, if some do."""
        cuts = range(len(self.indices), -1, -1)
        sizes = [size(size_of(i)) for i in self.indices]
        return None if self.guard is not None or not isinstance(n, int) else next(
            (k for k in cuts if not expanded(prod(sizes[k:]) - n)), None)

    def put(self, places):
        return SymbolicIndex([put(i, places) for i in self.indices], _guard(self, places))


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
        if i.guard is not None and not any(i.guard is one for one in known()):
            raise Outside("an index that may lie on padding, into a list")
        if isinstance(i, SymbolicIndex) and tuple(map(size_of, i.indices)) == tuple(letters):
            return i.indices
        return _digits(i.form, tuple(letters))
    if isinstance(i, int) and not isinstance(i, Size):
        return fixed(i, letters)
    raise Outside(f"the index {i!r} into an axis of {'·'.join(letters) or 1} entries")


def fixed(k: int, letters: Sequence[str]) -> tuple[AnyIndex, ...]:
    """The number k as an index into an axis with these digits; -1 is the last."""
    if k in (0, -1):
        return tuple(constant("last" if k else "0", letter) for letter in letters)
    if k < 0 or len(letters) != 1:
        raise Outside(f"index {k} into an axis of {'·'.join(letters)}")
    if not size(letters[0]) > k:
        raise IndexError(f"index {k} is out of bounds for an axis of {letters[0]}")
    return (constant(str(k), letters[0]),)


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
    if not within(one, letter) and not _is_known(one, letter):
        [(i, c), *others] = one.terms or [(None, None)]
        if not others and i is not None and size_of(i) == letter and (
                (one.constant, c) == ((((), -1),), (((), 1),))):
            # i - 1, which is -1, the last, for i = 0
            return (image(Map(f"before{letter}", (letter,), letter, bijective=True), i),)
        raise Outside(f"an index into an axis of {letter} entries, which may lie outside")
    return (affine(letter, one),)


def _is_known(one, letter):
    """Whether a known guard says Σ_m [form = m], m below the size, or the same of n - 1 - form."""
    last = expanded({(letter,): 1, (): -1})
    backwards = form(frozen(plus(last, dict(one.constant), -1)), [
        (i, frozen({m: -n for m, n in c})) for i, c in one.terms])
    for guard in known():
        for term in guard.terms if len(guard.terms) == 1 else ():
            for f in term.factors:
                for m, c in f.form.terms if isinstance(f, Equation) else ():
                    if m in term.bound and size_of(m) == letter and c == MINUS and any(
                            _says(f.form, m, way) for way in (one, backwards)):
                        return True
    return False


MINUS = (((), -1),)


def _says(equated, m, one):
    """Whether an equation is [form - m = 0]."""
    return (equated.constant, set(equated.terms)) == (one.constant, {*one.terms, (m, MINUS)})
