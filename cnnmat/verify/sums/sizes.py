"""Sizes that are letters, handed to the shipped text as integers; what it asks of them is noted.

A `Size` is an ``int`` that also knows which polynomial in the letters it is.  Arithmetic gives
sizes; a comparison is decided by the polynomials where they decide it for all letters of at least
1.  Where they do not, the numbers answer and the answer is an `assumption`, which ends up in the
evidence.  Nothing is decided silently: a claim is run with two codings, other numbers for the
letters, and has to come to the same, in case an ``int`` has lost its polynomial on the way.
"""

from __future__ import annotations

import operator
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from typing import Any

from cnnmat.arguments import MEMORY

__all__ = ["Coding", "Outside", "Size", "coding", "digits_of", "size"]


class Outside(Exception):
    """The text did what index sums have no rule for."""


class Coding:
    """Numbers for the letters of one run, and what was assumed about them."""

    #: Small, so that products of many fit everywhere; primes, to be told from other numbers.
    NUMBERS = ((11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
                97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151),
               (157, 83, 151, 79, 149, 73, 139, 71, 137, 67, 131, 61, 127, 59, 113, 53, 109, 47,
                107, 43, 103, 41, 101, 37, 97, 31, 89, 29, 23, 19, 17, 11))

    def __init__(self, which: int = 0) -> None:
        self.numbers = self.NUMBERS[which]
        self.letters: dict[str, int] = {}
        self.assumptions: list[str] = []

    def number(self, letter: str) -> int:
        """The number for a letter, a new one for a new letter."""
        if letter not in self.letters:
            if len(self.letters) == len(self.numbers):
                raise Outside(f"more than {len(self.numbers)} sizes")
            self.letters[letter] = self.numbers[len(self.letters)]
        return self.letters[letter]

    def assume(self, words: str) -> None:
        """Note what was answered by the numbers."""
        if words not in self.assumptions:
            self.assumptions.append(words)


_current: ContextVar[Coding] = ContextVar("coding")


@contextmanager
def coding(one: Coding) -> Any:
    """Let sizes be coded by `one` inside."""
    token = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(token)


#: What a comparison with this number, so answered, says.
KNOWN = {(MEMORY, False): "all arrays fit in memory",
         (2**31, True): "arrays have fewer than 2³¹ rows"}


class Size(int):
    """An integer with the polynomial that it is: a dictionary from monomials to coefficients.

    A monomial is a tuple of letters in the order in which they were multiplied; sorted, it says
    which one it is.
    """

    polynomial: dict[tuple[str, ...], int]

    def __new__(cls, polynomial: dict[tuple[str, ...], int]) -> Size:
        number = _current.get().number
        self = super().__new__(cls, sum(c * prod(map(number, m)) for m, c in polynomial.items()))
        self.polynomial = polynomial
        return self

    def __repr__(self) -> str:
        return written(self.polynomial)

    __str__ = __repr__
    __hash__ = int.__hash__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __add__(self, other):
        return combined(self, other, lambda a, b: _sum(a, b, 1))

    def __sub__(self, other):
        return combined(self, other, lambda a, b: _sum(a, b, -1))

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        return combined(self, other, _product)

    def __rmul__(self, other):
        return combined(self, other, lambda a, b: _product(b, a))

    __radd__ = __add__

    def __neg__(self):
        return _sized({m: -c for m, c in self.polynomial.items()})

    def __pow__(self, n):
        return prod([self] * n)

    def __floordiv__(self, other):
        quotient = _quotient(self, other)
        if quotient is None:
            raise Outside(f"{self} // {other}, which does not divide it as letters")
        return quotient

    def __mod__(self, other):
        if _quotient(self, other) is None:
            raise Outside(f"{self} % {other}, which does not divide it as letters")
        return 0

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

    def __float__(self):
        raise Outside(f"{self} as a float")


def size(letter: str) -> Size:
    """The size that is a letter."""
    return Size({(letter,): 1})


def digits_of(n: int) -> tuple[str, ...]:
    """The letters whose product a size is, in the order in which they were multiplied."""
    if not isinstance(n, Size):
        if n == 1:
            return ()
        raise Outside(f"an axis of {n} entries among sizes that are letters")
    [(monomial, coefficient), *others] = n.polynomial.items()
    if others or coefficient != 1:
        raise Outside(f"an axis of {n} entries, which is no product of sizes")
    return monomial


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
    polynomial = {m: c for m, c in polynomial.items() if c}
    return Size(polynomial) if any(polynomial) else sum(polynomial.values())


def _sum(a, b, sign):
    names = {tuple(sorted(m)): m for m in a}
    total = dict(a)
    for m, c in b.items():
        m = names.get(tuple(sorted(m)), m)
        total[m] = total.get(m, 0) + sign * c
    return total


def _product(a, b):
    total: dict[tuple[str, ...], int] = {}
    for m, c in a.items():
        total = _sum(total, {m + n: c * d for n, d in b.items()}, 1)
    return total


def _quotient(a, b):
    """a / b where b is one monomial that divides every term of a; else None."""
    [(divisor, factor), *others] = _polynomial(b).items()
    if others:
        return 1 if not (a - b) else None
    quotient = {}
    for monomial, c in _polynomial(a).items():
        rest = list(monomial)
        for letter in divisor:
            if letter not in rest:
                return None
            rest.remove(letter)
        if c % factor:
            return None
        quotient[tuple(rest)] = c // factor
    return _sized(quotient)


def _compared(a, b, operation, said, contrary):
    """Compare by the polynomials if they decide, else by the numbers, and note the answer."""
    if not isinstance(b, (int, float)):
        return NotImplemented
    if isinstance(b, float):
        if b in (float("inf"), -float("inf")):
            return operation(0, b)
        b = int(b)
    difference = _polynomial(a - b)
    signs = _signs(difference)
    answers = {operation(sign, 0) for sign in signs}
    if len(answers) == 1:
        return answers.pop()
    answer = operation(int.__sub__(a, b), 0)
    words = f"{a} {said if answer else contrary} {b}"
    _current.get().assume(KNOWN.get((b, answer), words))
    return answer


def _signs(polynomial):
    """The signs that a polynomial may have, as far as is seen, with letters of at least 1."""
    if not polynomial:
        return {0}
    shifted: dict[tuple[str, ...], int] = {}
    for monomial, c in polynomial.items():
        # every letter is 1 + something of at least 0
        for chosen in _subsets(sorted(monomial)):
            shifted[chosen] = shifted.get(chosen, 0) + c
    constant = shifted.pop((), 0)
    signs = {(c > 0) - (c < 0) for c in shifted.values()} - {0}
    if len(signs) == 2:
        return {-1, 0, 1}
    towards = signs.pop() if signs else 0
    if towards == 0:
        return {(constant > 0) - (constant < 0)}
    if constant * towards > 0:
        return {towards}
    return {0, towards} if constant == 0 else {-1, 0, 1}


def _subsets(letters):
    found = [()]
    for letter in letters:
        found += [(*one, letter) for one in found]
    return found


def written(polynomial: dict[tuple[str, ...], int]) -> str:
    """A polynomial in letters as text: 16·M·P·S, D - 1."""
    parts = []
    for monomial, c in polynomial.items():
        letters = "·".join(monomial)
        number = "" if abs(c) == 1 and letters else str(abs(c))
        parts.append((c < 0, "·".join(filter(None, (number, letters)))))
    [(negative, first), *others] = parts or [(False, "0")]
    return ("-" if negative else "") + first + "".join(
        f" {'-' if minus else '+'} {one}" for minus, one in others)

