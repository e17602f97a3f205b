"""The value of an index sum at given sizes, with numbers for its entries."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from cnnmat.verify.sums.indices import Affine, AnyIndex, Form, Index
from cnnmat.verify.sums.terms import Delta, Entry, Equation, IndexSum

__all__ = ["Numbers", "value"]


class Numbers(Protocol):
    """Where the numbers come from."""

    def size(self, letter: str) -> int:
        """The number for a size."""

    def entry(self, name: str, cell: tuple[int, ...]) -> Any:
        """The entry of a tensor."""

    def index(self, map: Any, cell: tuple[int, ...]) -> int:
        """The value of a map."""

    def function(self, function: Any, place: tuple[int, ...], values: Any) -> Any:
        """A function of a number, or of the array of the values of a functional's argument."""


def value(e: IndexSum, numbers: Numbers, at: Mapping[Index, int] | None = None) -> Any:
    """`e`, its free indices being `at`: by looping over all that is bound."""
    at, total = at or {}, Fraction(0)
    for term in e.terms:
        factor: Any = term.coefficient
        for letter, power in term.sizes:
            factor = factor * Fraction(numbers.size(letter)) ** power
        ranges = [range(numbers.size(v.size)) for v in term.bound]
        for cell in itertools.product(*ranges):
            here = {**at, **dict(zip(term.bound, cell, strict=True))}
            total = total + factor * _product(term.factors, numbers, here)
    return total


def _product(factors, numbers, at):
    total = 1
    # where these are 0 an index may lie outside
    for f in sorted(factors, key=lambda f: not isinstance(f, (Delta, Equation))):
        # a sum with many deltas is mostly zeros
        if isinstance(total, (int, Fraction)) and total == 0:
            return 0
        total = total * _factor(f, numbers, at)
    return total


def _factor(f, numbers, at):
    if isinstance(f, Delta):
        return int(place(f.left, numbers, at) == place(f.right, numbers, at))
    if isinstance(f, Equation):
        return int(whole(f.form, numbers, at) == 0)
    cell = tuple(place(i, numbers, at) for i in f.at)
    if isinstance(f, Entry):
        return numbers.entry(f.tensor.name, cell)
    return numbers.function(f.function, cell, _argument(f, numbers, at))


#: For each source of numbers what functions are applied to, which is asked for again and again.
_arguments: WeakKeyDictionary[Any, dict[Any, Any]] = WeakKeyDictionary()


def _argument(f, numbers, at):
    """What a function is applied to: a number, or a dictionary from cells to numbers."""
    places = tuple(place(i, numbers, at) for i in f.arguments)
    known = _arguments.setdefault(numbers, {})
    if (f.closure, places) not in known:
        inside = dict(zip(f.closure.parameters, places, strict=True))
        known[f.closure, places] = _inside(f.closure, numbers, inside)
    return known[f.closure, places]


def _inside(closure, numbers, inside):
    """The value of the body, or its values by cells of the binders."""
    if not closure.binders:
        return value(closure.body, numbers, inside)
    ranges = [range(numbers.size(v.size)) for v in closure.binders]
    return {cell: value(closure.body, numbers,
                        {**inside, **dict(zip(closure.binders, cell, strict=True))})
            for cell in itertools.product(*ranges)}


def place(index: AnyIndex, numbers: Numbers, at: Mapping[Index, int]) -> int:
    """The number for an index."""
    if isinstance(index, Index):
        return at[index]
    if isinstance(index, Affine):
        return whole(index.form, numbers, at)
    return numbers.index(index.map, tuple(place(i, numbers, at) for i in index.at))


def whole(form: Form, numbers: Numbers, at: Mapping[Index, int]) -> int:
    """The number that a form is."""
    parts = [(form.constant, 1), *((c, place(i, numbers, at)) for i, c in form.terms)]
    return sum(c * prod(map(numbers.size, monomial)) * n for part, n in parts
               for monomial, c in part)
