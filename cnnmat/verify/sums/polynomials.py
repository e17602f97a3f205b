"""Polynomials in letters: dictionaries from monomials to whole coefficients.

A monomial is a tuple of letters in the order in which they were multiplied; sorted, it says which
one it is.  `Frozen` polynomials are sorted, so that equal ones are equal as tuples.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

__all__ = ["Frozen", "Polynomial", "divided", "frozen", "plus", "put", "signs", "times",
           "without_zeros", "written"]

Monomial: TypeAlias = tuple[str, ...]
Polynomial: TypeAlias = Mapping[Monomial, int]
Frozen: TypeAlias = tuple[tuple[Monomial, int], ...]


def plus(a: Polynomial, b: Polynomial, factor: int = 1) -> dict[Monomial, int]:
    """a + factor b, zeros included."""
    return _gathered([*a.items(), *((m, factor * c) for m, c in b.items())])


def times(a: Polynomial, b: Polynomial) -> dict[Monomial, int]:
    """a b."""
    return _gathered((m + n, c * d) for m, c in a.items() for n, d in b.items())


def _gathered(terms):
    """Terms added up, each monomial in the order in which it came first."""
    names: dict[Monomial, Monomial] = {}
    total: dict[Monomial, int] = {}
    for m, c in terms:
        m = names.setdefault(tuple(sorted(m)), m)
        total[m] = total.get(m, 0) + c
    return total


def without_zeros(a: Polynomial) -> dict[Monomial, int]:
    """The terms that are there."""
    return {m: c for m, c in a.items() if c}


def frozen(a: Polynomial) -> Frozen:
    """The polynomial as a tuple that is the same for equal ones."""
    return tuple(sorted((tuple(sorted(m)), c) for m, c in a.items() if c))


def put(a: Polynomial, values: Mapping[str, Polynomial]) -> dict[Monomial, int]:
    """`a` with polynomials in the place of letters."""
    terms: list[tuple[Monomial, int]] = []
    for monomial, c in a.items():
        product: Polynomial = {tuple(letter for letter in monomial if letter not in values): c}
        for letter in monomial:
            if letter in values:
                product = times(product, values[letter])
        terms += product.items()
    return without_zeros(_gathered(terms))


def divided(a: Polynomial, by: Polynomial) -> tuple[dict[Monomial, int], dict[Monomial, int]]:
    """(q, r) with a = q · by + r, by long division; of a number, r is at least 0 and below it."""
    [(first, factor), *others] = sorted(by.items(), key=_order, reverse=True)
    left, quotient, rest = dict(a), {}, {}
    while left:
        monomial, c = max(left.items(), key=_order)
        del left[monomial]
        share = _without(monomial, first)
        whole, over = divmod(c, factor) if share is not None and not (
            others and c % factor) else (0, c)
        if over:
            rest[monomial] = over
        if whole:
            quotient[share] = whole
            left = without_zeros(plus(left, times(dict(others), {share: whole}), -1))
    return quotient, rest


def _order(term):
    monomial = sorted(term[0])
    return len(monomial), monomial


def _without(monomial, letters):
    """The letters of a monomial less some, or None if these are not in it."""
    left = list(monomial)
    for letter in letters:
        if letter not in left:
            return None
        left.remove(letter)
    return tuple(left)


def signs(a: Polynomial) -> set[int]:
    """The signs that `a` may have, as far as is seen, with letters of at least 0."""
    constant = a.get((), 0)
    found = {(c > 0) - (c < 0) for m, c in a.items() if m and c}
    if len(found) == 2:
        return {-1, 0, 1}
    towards = found.pop() if found else 0
    if towards == 0:
        return {(constant > 0) - (constant < 0)}
    if constant * towards > 0:
        return {towards}
    return {0, towards} if constant == 0 else {-1, 0, 1}


def written(a: Polynomial) -> str:
    """A polynomial as text: 16·M·P·S, D - 1."""
    parts = []
    for monomial, c in a.items():
        letters = "·".join(monomial)
        number = "" if abs(c) == 1 and letters else str(abs(c))
        parts.append((c < 0, "·".join(filter(None, (number, letters)))))
    [(negative, first), *others] = parts or [(False, "0")]
    return ("-" if negative else "") + first + "".join(
        f" {'-' if minus else '+'} {one}" for minus, one in others)
