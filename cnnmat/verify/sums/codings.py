"""Numbers for letters, and what is known and assumed of them in one run."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from contextvars import ContextVar
from math import prod
from typing import Any

from cnnmat.verify.sums import polynomials
from cnnmat.verify.sums.polynomials import Polynomial

__all__ = ["Coding", "Missing", "Outside", "coding", "current"]


class Outside(Exception):
    """The text did what index sums have no rule for."""

    #: What to do instead, which stands behind every message.
    REMEDY = "; instead, give the claim its sizes as numbers in `cases`"

    def __str__(self) -> str:
        return super().__str__() + self.REMEDY


class Missing(Outside, AttributeError):
    """The text asked a symbolic thing for what it does not have."""


class Coding:
    """Numbers for the letters of one run, and what was assumed about them."""

    #: Small, so that products of many fit everywhere; primes, to be told from other numbers.
    NUMBERS = ((11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
                97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151),
               (157, 83, 151, 79, 149, 73, 139, 71, 137, 67, 131, 61, 127, 59, 113, 53, 109, 47,
                107, 43, 103, 41, 101, 37, 97, 31, 89, 29, 23, 19, 17, 11))

    def __init__(self, which: int = 0) -> None:
        self.which, self.numbers = which, self.NUMBERS[which]
        self.letters: dict[str, int] = {}
        self.assumptions: list[str] = []
        #: Letters that stand for a polynomial in others, which are none of these.
        self.defined: dict[str, Polynomial] = {}
        #: Letters that may be 0, and letters by the letter that is a remainder below them.
        self.may_be_zero: set[str] = set()
        self.remainders: dict[str, str] = {}
        #: The signs that were found of polynomials, as long as no more is known of the letters.
        self.signs: dict[Any, set[int]] = {}
        #: Whether arrays say that they hold exact entries, of which the text may take other paths.
        self.exact = False
        #: Products of letters, which are asked for again and again.
        self.lengths: dict[tuple[str, ...], int] = {}

    def number(self, letter: str) -> int:
        """The number for a letter, a new one for a new letter."""
        if letter in self.defined:
            return self.value(self.defined[letter])
        if letter not in self.letters:
            if len(self.letters) == len(self.numbers):
                raise Outside(f"more than {len(self.numbers)} sizes")
            self.letters[letter] = self.numbers[len(self.letters)]
        return self.letters[letter]

    def value(self, polynomial: Polynomial) -> int:
        """The number that a polynomial is."""
        return sum(c * prod(map(self.number, m)) for m, c in polynomial.items())

    def at_a_glance(self, polynomial: Polynomial) -> set[int] | None:
        """The sign of a polynomial whose terms all have one, and are not all 0."""
        found = {(c > 0) - (c < 0) for c in polynomial.values()} - {0}
        there = any(c and self.may_be_zero.isdisjoint(m) for m, c in polynomial.items())
        return found if len(found) == 1 and there else None

    def from_zero(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial in letters that start at 0: each is what it is at least, and the rest."""
        rests: dict[str, Polynomial] = {}
        for letter in {one for monomial in polynomial for one in monomial} - self.may_be_zero:
            below = self.remainders.get(letter)
            rests[letter] = {(letter,): 1, (): 1, **({(below,): 1} if below else {})}
        return polynomials.put(polynomial, rests)

    def kept(self) -> dict[str, Any]:
        """What is known by now, to be taken up by another run."""
        return {name: copy.copy(value) for name, value in vars(self).items()}

    def take_up(self, known: dict[str, Any]) -> None:
        """Go on from what another run knew."""
        vars(self).update({name: copy.copy(value) for name, value in known.items()})

    def assume(self, words: str) -> None:
        """Note what was answered by the numbers."""
        if words not in self.assumptions:
            self.assumptions.append(words)


#: Outside of a run letters stand for nothing else.
_NONE = Coding()
_current: ContextVar[Coding] = ContextVar("coding", default=_NONE)


def current() -> Coding:
    """The coding of this run."""
    return _current.get()


@contextmanager
def coding(one: Coding) -> Any:
    """Let sizes be coded by `one` inside."""
    token = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(token)
