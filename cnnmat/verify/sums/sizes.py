"""Sizes that are letters, handed to the shipped text as integers; what it asks of them is noted.

A `Size` is an ``int`` that also knows which polynomial in the letters it is.  Arithmetic gives
sizes; a comparison is decided by the polynomials where they decide it for all letters of at least
1.  Where they do not, the numbers answer and the answer is an `assumption`, which ends up in the
evidence.  Nothing is decided silently: a claim is run with two codings, other numbers for the
letters, and has to come to the same, in case an ``int`` has lost its polynomial on the way.
"""

from __future__ import annotations

import operator
from math import prod
from typing import Any

from cnnmat.arguments import MEMORY
from cnnmat.verify.sums import polynomials
from cnnmat.verify.sums.codings import Coding, Outside, coding, current
from cnnmat.verify.sums.polynomials import Frozen, Polynomial, plus, times, without_zeros, written

__all__ = [
    "Coding",
    "Outside",
    "Size",
    "at_least_zero",
    "coding",
    "current",
    "define",
    "digits_of",
    "expanded",
    "product_of",
    "remainder",
    "signs_of",
    "size",
    "thawed",
]


#: Bounds that no size is taken to reach, whatever the numbers, and what this says; if nothing,
#: then that which is below.
BOUNDS = {2**30: "", MEMORY: "all arrays fit in memory",
          2**31: "arrays have fewer than 2³¹ rows",
          2**40: "kernels, strides and dilations are below 2⁴⁰"}


class Size(int):
    """An integer with the polynomial that it is."""

    polynomial: Polynomial

    def __new__(cls, polynomial: Polynomial) -> Size:
        self = super().__new__(cls, current().value(polynomial))
        self.polynomial = polynomial
        return self

    def __repr__(self) -> str:
        return written(self.polynomial)

    __str__ = __repr__
    __hash__ = int.__hash__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __add__(self, other):
        return combined(self, other, plus)

    def __sub__(self, other):
        return combined(self, other, lambda a, b: plus(a, b, -1))

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        return combined(named(self), named(other), times)

    def __rmul__(self, other):
        return combined(named(self), named(other), lambda a, b: times(b, a))

    __radd__ = __add__

    def __neg__(self):
        return _sized({m: -c for m, c in self.polynomial.items()})

    def __pow__(self, n):
        return prod([self] * n)

    def __floordiv__(self, other):
        return _division(self, other)[0]

    def __rfloordiv__(self, other):
        return _division(other, self)[0]

    def __mod__(self, other):
        return _division(self, other)[1]

    def __divmod__(self, other):
        return _division(self, other)

    def __eq__(self, other):
        return _compared(self, other, operator.eq, "=", "≠")

    def __ne__(self, other):
        return not self == other

    def __lt__(self, other):
        return _compared(self, other, operator.lt, "<", "≥")

    def __ge__(self, other):
        return not self < other

    def __gt__(self, other):
        return _compared(self, other, operator.gt, ">", "≤")

    def __le__(self, other):
        return not self > other

    def __bool__(self):
        return self != 0

    def __abs__(self):
        return self

    def __truediv__(self, other):
        raise Outside(f"{self} / {other} as a number")

    def __rtruediv__(self, other):
        raise Outside(f"{other} / {self} as a number")

    @property
    def numerator(self):
        # what a fraction asks for, which would go on with the number
        raise Outside(f"{self} in a fraction")

    denominator = numerator

    def __float__(self):
        raise Outside(f"{self} as a float")


def size(letter: str) -> Size:
    """The size that is a letter."""
    return Size({(letter,): 1})


def thawed(polynomial: Frozen) -> int:
    """A frozen polynomial as a size."""
    return _sized(dict(polynomial))


def define(letter: str, n: int) -> int:
    """Call a size by a letter; one that is a product of letters, or a number, stays what it is."""
    code, polynomial = current(), expanded(n)
    if not isinstance(n, Size) or (len(n.polynomial) == 1 and 1 in n.polynomial.values()):
        return n
    code.signs.clear()
    if code.defined.setdefault(letter, polynomial) != polynomial:
        raise ValueError(f"letter must stand for one size, got {letter} for "
                         f"{written(code.defined[letter])} and {n}")
    if signs_of(polynomial) != {1}:
        code.assume(f"{written(polynomial)} ≥ 1")
        if code.value(polynomial) < 1:
            raise Outside(f"the size {written(polynomial)}, which is not positive at the sizes "
                          "that the letters are run at")
    return size(letter)


def at_least_zero(letter: str) -> Size:
    """The size that is a letter, which may be 0."""
    code = current()
    code.may_be_zero.add(letter)
    code.signs.clear()
    return size(letter)


def remainder(letter: str, n: int) -> Size:
    """The size that is a letter, at least 0 and less than the size n, a letter as well."""
    [below] = digits_of(n)
    code = current()
    code.remainders[below] = letter
    code.letters[letter] = code.number(below) // 2
    return at_least_zero(letter)


def named(n: Any) -> Any:
    """A size of several terms that is positive by the letter that it has, or by a new one."""
    if not isinstance(n, Size) or len(n.polynomial) == 1:
        return n
    polynomial = expanded(n)
    if signs_of(polynomial) != {1}:
        return n
    return _sized(polynomial) if len(polynomial) == 1 else size(_letter_of(polynomial))


def _letter_of(polynomial):
    for letter, one in current().defined.items():
        if polynomials.frozen(one) == polynomials.frozen(polynomial):
            return letter
    letter = f"({written(polynomial)})"
    define(letter, Size(polynomial))
    return letter


def expanded(n: int | Polynomial) -> Polynomial:
    """The polynomial that a size is in letters that stand for nothing else."""
    return polynomials.put(n if isinstance(n, dict) else _polynomial(n), current().defined)


def product_of(letters: tuple[str, ...]) -> int:
    """The size that is a product of letters."""
    known = current().lengths
    if letters not in known:
        known[letters] = prod(map(size, letters))
    return known[letters]


def digits_of(n: int) -> tuple[str, ...]:
    """The letters whose product a size is, in the order in which they were multiplied."""
    if not isinstance(n, Size):
        if n == 1:
            return ()
        raise Outside(f"an axis of {n} entries among sizes that are letters")
    [(monomial, coefficient), *others] = n.polynomial.items()
    if not others and coefficient == 1:
        return monomial
    polynomial = expanded(n)
    [(monomial, coefficient), *others] = polynomial.items()
    if not others and coefficient == 1:
        return monomial
    return (_letter_of(polynomial),)


def _polynomial(n):
    if isinstance(n, Size):
        return n.polynomial
    return {(): int(n)} if n else {}


def combined(a, b, operation):
    """The size operation(a, b), or NotImplemented if b is no integer."""
    if isinstance(b, (list, tuple, str)):
        raise Outside(f"a list repeated {a} times: a comprehension says the same")
    if not isinstance(b, int):
        return NotImplemented
    return _sized(operation(_polynomial(a), _polynomial(b)))


def _sized(polynomial):
    """A size, or a plain integer where no letter is left."""
    polynomial = without_zeros(polynomial)
    return Size(polynomial) if any(polynomial) else sum(polynomial.values())


def _division(a, b):
    """(a // b, a % b), where the letters tell."""
    for x, y in ((_polynomial(a), _polynomial(b)), (expanded(a), expanded(b))):
        if not without_zeros(plus(x, y, -1)):
            return 1, 0
        quotient, rest = polynomials.divided(x, y)
        for less in (0, 1):
            # a rest below 0 takes one from the quotient
            over = plus(rest, y, less)
            if signs_of(over) <= {0, 1} and signs_of(plus(y, over, -1)) == {1}:
                return _sized(quotient) - less, _sized(over)
    raise Outside(f"{a} // {b}, of which the letters do not tell the remainder")


def _compared(a, b, operation, said, contrary):
    """Compare by the polynomials if they decide, else by the numbers, and note the answer."""
    if not isinstance(b, (int, float)):
        return NotImplemented
    if isinstance(b, float):
        if b in (float("inf"), -float("inf")):
            return operation(0, b)
        b = int(b)
    signs = signs_of(_polynomial(a - b))
    answers = {operation(sign, 0) for sign in signs}
    if len(answers) == 1:
        return answers.pop()
    bounded = b in BOUNDS and not isinstance(b, Size)
    answer = operation(-1 if bounded else int.__sub__(a, b), 0)
    words = f"{a} {said if answer else contrary} {b}"
    current().assume(BOUNDS[b] or words if bounded else words)
    return answer


def signs_of(polynomial: Polynomial) -> set[int]:
    """The signs that a polynomial may have, as far as is seen, by what is known of its letters."""
    code, key = current(), tuple(polynomial.items())
    if key not in code.signs:
        found = code.at_a_glance(polynomial) or polynomials.signs(code.from_zero(polynomial))
        if len(found) > 1:
            # a letter that stands for others is at least 1, which these may not tell
            found &= polynomials.signs(code.from_zero(expanded(dict(polynomial))))
        code.signs[key] = found
    return code.signs[key]
