"""Values for what the bindings of a lecture leave open: sizes as they are given, all else drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from cnnmat.verify.duals import Dual
from cnnmat.verify.entries import Draw
from cnnmat.verify.strings import Notation
from cnnmat.verify.tex.evaluating import evaluate
from cnnmat.verify.tex.precise import Precise, Reals
from cnnmat.verify.tex.quantities import Bindings, Quantity
from cnnmat.verify.tex.tree import Node, Number, rebuilt
from cnnmat.verify.tex.vocabulary import Vocabulary
from cnnmat.verify.tex.world import World
from cnnmat.verify.tex.writing import plain

__all__ = ["SIGNS", "Bound", "Drawn", "sizes"]

#: Of which sign all numbers are, one draw after the other; 0 is any.
SIGNS = (0, 1, -1)
#: What sizes are where nothing is said of them: all different, in two ways, as far as they go.
CHOSEN = (3, 2, 4, 5, 6, 7), (2, 4, 3, 6, 5, 8)


class Drawn:
    """Given values of a lecture; the same ones whenever they are asked for.

    Parameters
    ----------
    bindings : Bindings
    entries : Draw
        What draws symbols, or random numbers.
    case : dict
        From the names of sizes to numbers, or to a list of them, one an index.
    precise : bool
        Draw numbers of fifty digits instead of symbols.
    sign : int
        1 or -1: of all these numbers.
    """

    def __init__(self, bindings: Bindings, entries: Draw | None, case: Mapping[str, Any],
                 precise: bool = False, sign: int = 0) -> None:
        self.bindings, self.entries, self.case, self.precise = bindings, entries, case, precise
        self.sign = sign
        self.vocabulary = Reals() if precise else Vocabulary()
        self.quantities = {one.name: one for held in bindings.quantities.values() for one in held}
        self.held: dict[tuple[str, tuple[Any, ...]], Any] = {}

    def value(self, name, indices):
        """The value of a quantity; LookupError where it can have none."""
        key = name, indices
        if key not in self.held:
            quantity = self.quantities[name]
            is_size = plain(quantity.pattern) in self.case
            self.held[key] = (self._size if is_size else self._drawn)(quantity, indices)
        return self.held[key]

    def varied(self, name, indices, duals):
        """The same with duals in place of one value."""
        other = Drawn(self.bindings, self.entries, self.case, self.precise, self.sign)
        # what is drawn later is for both
        other.held = Layered({(name, indices): duals}, self.held)
        return other

    def _size(self, quantity, indices):
        held = self.case[plain(quantity.pattern)]
        if not indices:
            return held
        letters = dict(zip(quantity.ranges, indices, strict=True))
        first = next(iter(quantity.ranges.values())).first
        place = indices[0] - (1 if first is None else self._evaluated(first, letters))
        if not 0 <= place < len(held):
            raise KeyError(quantity.name)
        return held[place]

    def _drawn(self, quantity, indices):
        if quantity.kind == "function":
            return self._function(_named(quantity, indices))
        letters = dict(zip((*quantity.ranges, *quantity.at), indices, strict=True))
        if quantity.kind not in ("number", "vector", "matrix"):
            raise KeyError(quantity.name)
        if quantity.kind != "number" and not quantity.sizes:
            raise KeyError(quantity.name)
        shape = [self._evaluated(one, letters) for one in quantity.sizes]
        return self._array(quantity, _named(quantity, indices), shape)

    def _array(self, quantity, name, shape):
        first = self._evaluated(quantity.first, {}) if shape else 0
        made = np.empty(shape, dtype=object)
        # of a symmetric matrix the upper triangle comes first
        for cell in sorted(np.ndindex(*shape), key=lambda at: at != tuple(sorted(at))):
            if quantity.symmetric and cell != tuple(sorted(cell)):
                made[cell] = made[cell[::-1]]
                continue
            inside = ",".join(str(first + k) for k in cell)
            made[cell] = self._entry(f"{name}[{inside}]" if shape else name, quantity.positive)
        return made if shape else made[()]

    def _entry(self, name, positive):
        if not self.precise:
            return self.entries.symbols(name)
        value = Precise(float(self.entries.floats()))
        if positive:
            return abs(value)
        return self.sign * abs(value) if self.sign else value

    def _function(self, name):
        if not self.precise:
            return self.entries.activation(name)
        return Smooth(*(float(one) for one in abs(self.entries.floats(3)) + 0.5))

    def _evaluated(self, node, letters):
        return evaluate(World(self.bindings, self, evaluate), node, letters)


class Bound(Notation):
    """The bindings of a lecture, and values for them.

    Parameters
    ----------
    bindings : Bindings
    precise : bool
        As for `Drawn`.
    cases : list of dict
    """

    def __init__(self, bindings: Bindings, precise: bool, cases: list[dict[str, Any]],
                 sign: int = 0) -> None:
        super().__init__(bindings, self.drawn, cases, next(iter(cases[0]), None))
        self.precise, self.sign = precise, sign

    def drawn(self, entries, **case):
        """The values of a case."""
        return Drawn(self.bindings, entries, case, self.precise, self.sign)

    def elsewhere(self, place):
        """The same in another order of the symbols, with numbers of another sign."""
        other = Bound(self.bindings, self.precise, self.cases, SIGNS[place % len(SIGNS)])
        other.capacity += place
        return other

    def variants(self):
        """The same with square matrices symmetric, or numbers positive, by what that is called."""
        given = [one for held in self.bindings.quantities.values() for one in held
                 if one.kind in ("number", "vector", "matrix") and one.definition is None
                 and one.name not in self.bindings.sizes]
        square = [one for one in given if len({*map(plain, one.sizes)}) == 1 and not one.symmetric
                  and one.kind == "matrix"]
        signed = [one for one in given if not one.positive] if self.precise else []
        for said, those in (("symmetric", square), ("positive", signed)):
            for group in [[one] for one in those] + ([those] if len(those) > 1 else []):
                yield self._with(said, group)

    def _with(self, said, group):
        held = {name: [replace(one, **{said: True}) if one in group else one for one in found]
                for name, found in self.bindings.quantities.items()}
        names = " and ".join(plain(one.pattern) for one in group)
        return f"{names} {said}", Bound(
            replace(self.bindings, quantities=held), self.precise, self.cases)


class Layered(dict[tuple[str, tuple[Any, ...]], Any]):
    """A dictionary over another one, which takes in what is new."""

    def __init__(self, own, below):
        super().__init__(own)
        self.below = below

    def __contains__(self, key):
        return super().__contains__(key) or key in self.below

    def __getitem__(self, key):
        return super().__getitem__(key) if super().__contains__(key) else self.below[key]

    def __setitem__(self, key, value):
        self.below[key] = value


class Smooth:
    """a sin(bz) + cz²: a function with nothing special about it, for one of which nothing is
    known."""

    def __init__(self, a, b, c):
        self.a, self.b, self.c = Precise(a), Precise(b), Precise(c)
        self.sin, self.cos = (Reals.operators[name] for name in ("sin", "cos"))

    def __call__(self, z):
        if isinstance(z, Dual):
            return z.chain(self(z.value), self.derivative(z.value))
        return self.a * self.sin(self.b * z) + self.c * z * z

    def derivative(self, z):
        """Its derivative."""
        return self.a * self.b * self.cos(self.b * z) + 2 * self.c * z


def _named(quantity: Quantity, indices: tuple[Any, ...]) -> str:
    """The name of a quantity with numbers for its letters: W_1 for W_ℓ at 1."""
    from cnnmat.verify.tex.matching import letter

    numbers = dict(zip((*quantity.ranges, *quantity.at), indices, strict=True))

    def put(node: Node) -> Node:
        name = letter(node)
        if name in numbers:
            return Number(str(numbers[name]))
        return rebuilt(node, put)

    return plain(put(quantity.pattern))


def sizes(bindings: Bindings) -> list[dict[str, Any]]:
    """The cases in which a lecture is run: numbers for all its sizes.

    Two cases where some of them are not given, else one.

    Examples
    --------
    >>> from cnnmat.verify.tex.bindings import read
    >>> sizes(read("index l = 1..2\\nsize N = 4; m; n_l"))
    [{'N': 4, 'm': 3, 'n_l': [2, 4]}, {'N': 4, 'm': 2, 'n_l': [4, 3]}]
    """
    open_ = [name for name, given in bindings.sizes.items() if not given]
    return [_case(bindings, chosen) for chosen in CHOSEN[:2 if open_ else 1]]


def _case(bindings, chosen):
    case, place = {}, 0
    for name, given in bindings.sizes.items():
        quantity, = (one for held in bindings.quantities.values() for one in held
                     if one.name == name)
        shown = plain(quantity.pattern)
        if not quantity.ranges:
            case[shown] = given[0] if given else chosen[place % len(chosen)]
            place += not given
            continue
        count = _count(bindings, case, quantity)
        case[shown] = [*given] if given else [
            chosen[(place + k) % len(chosen)] for k in range(count)]
        place += 0 if given else count
    return case


def _count(bindings, case, quantity):
    """How many values the letter of a size has."""
    one = next(iter(quantity.ranges.values()))
    if one.first is None:
        return len(CHOSEN[0])
    world = World(bindings, Drawn(bindings, None, case), evaluate)
    first, last = (evaluate(world, end, {}) for end in (one.first, one.last))
    return last - first + 1
