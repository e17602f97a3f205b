"""What a claim whose sizes are letters draws at small sizes: whole numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from cnnmat.textbook.activations import Activation
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.pooling import Linear
from cnnmat.textbook.regions import Regions
from cnnmat.verify import duals, exact
from cnnmat.verify.entries import Draw, Outside
from cnnmat.verify.orders import Order

__all__ = ["SmallDraw", "pooling_of"]


class _Functional:
    """An unknown differentiable function of the entries of a region, as the pooling of a stage."""

    name = "any"

    def __init__(self, functional: Any) -> None:
        self.functional = functional

    def __call__(self, y, regions):
        return self.functional.values(regions.permute(y), regions)

    def gradient_vectors(self, y, regions):
        return self.functional.slopes(regions.permute(y), regions)


def pooling_of(linear, functional):
    """The same as a pooling, which a stage asks for by its class."""
    return type("AnyPooling", (_Functional, linear), {})(functional)


class SmallDraw(Draw):
    """Whole numbers at small sizes, drawn anew for each of `attempt`."""

    #: Numbers for the letters in turn: two letters have one number in all of the first three
    #: only if they are thirty apart.
    TURNS = ((3, 2), (2, 1, 3), (2, 3, 4, 1, 2))
    #: What follows from sizes may be large.
    LONGEST = 13

    def __init__(self, claim: Any, attempt: int) -> None:
        super().__init__(claim, Order.drawn(32))
        self._random = np.random.default_rng([attempt, *f"{claim.lecture} {claim.id}".encode()])
        self.numbers: dict[str, int] = {}
        self._turn = self.TURNS[attempt % 3]
        self._first = attempt // 3
        self.methods.append("integers")

    def sizes(self, *letters: str) -> Any:
        for letter in letters:
            k = self._first + len(self.numbers)
            self.numbers.setdefault(letter, self._turn[k % len(self._turn)])
        found = tuple(self.numbers[letter] for letter in letters)
        return found if len(found) > 1 else found[0]

    def size(self, letter: str, n: int) -> int:
        if not 1 <= n <= self.LONGEST:
            raise Outside(f"an axis of {n} entries")
        return n

    def paddings(self, *letters: str) -> Any:
        return self._counts(letters, 3)

    def remainder(self, letter: str, n: int) -> int:
        return self._counts((letter,), n)

    def _counts(self, letters, end):
        """Numbers from 0 on, below an end; not 0 where the sizes are largest."""
        least = min(min(self._turn) - 1, end - 1)
        for letter in letters:
            self.numbers.setdefault(letter, int(self._random.integers(least, end)))
        found = tuple(self.numbers[letter] for letter in letters)
        return found if len(found) > 1 else found[0]

    def symbol(self, name: str) -> Fraction:
        """A whole number that is not 0."""
        return Fraction(int(self._random.integers(-9, 10)) or 10)

    def symbols(self, name: str, *shape: int) -> Any:
        array = np.empty(shape, dtype=object)
        for cell in np.ndindex(shape):
            array[cell] = self.symbol(name)
        return array if shape else array[()]

    def binary(self, name: str, *shape: int) -> Any:
        return self._random.integers(0, 2, size=shape)

    def function(self, name: str) -> exact.Opaque:
        return exact.Opaque(self, name)

    def root(self, p: int = 2) -> exact.Opaque:
        return exact.Opaque(self, f"root{p}", exact.slope_of_root(p))

    def activation(self, name: str = "f") -> Activation:
        f = self.function(name)
        return Activation(name, f, f.derivative)

    def partition(self, P: int, S: int, M: int, *, padding: bool = True) -> Partition:
        return Partition(self._random.integers(-1 if padding else 0, M, size=(P, S)), M)

    def regions(self, P: int, P_prime: int, *, cover: bool = True) -> Regions:
        if P < P_prime:
            raise Outside(f"no {P_prime} regions of {P} entries")
        order, extra = self._random.permutation(P), 0 if cover or P == P_prime else 1
        while P > 2 and (order[order] == np.arange(P)).all():
            # one that undoes itself would hide T in the place of its transpose
            order = self._random.permutation(P)
        cuts = np.sort(self._random.choice(np.arange(1, P - extra), P_prime - 1, replace=False))
        return Regions(np.split(order[:P - extra], cuts), P, cover=cover)

    def region(self, P: int) -> Regions:
        return Regions([range(P)], P)

    def lists(self, of: Any) -> Any:
        if isinstance(of, Regions):
            return [one.tolist() for one in np.split(of.order, of.starts[1:])]
        return of.indices.tolist()

    def functional(self, name: str) -> Any:
        return _SmallFunctional(self, name)

    def pooling(self, name: str) -> Any:
        return pooling_of(Linear, self.functional(name))

    def loss(self, name: str = "J") -> Any:
        return _SmallLoss(self, name)


class _SmallFunctional:
    """A function of a list, with a number for its value and for each slope wherever it is asked."""

    def __init__(self, draw, name):
        self.draw, self.name, self.known = draw, name, {}

    def _at(self, values):
        key = tuple(values)
        if key not in self.known:
            self.known[key] = [self.draw.symbol(self.name) for _ in range(len(values) + 1)]
        return self.known[key]

    def __call__(self, values):
        plain = [v.value if isinstance(v, duals.Dual) else v for v in values]
        value, *slopes = self._at(plain)
        total = duals.Dual(value, {})
        for v, slope in zip(values, slopes, strict=True):
            if isinstance(v, duals.Dual):
                total = total + v.chain(0, slope)
        return total if total.partials else value

    def _by_region(self, y_o, regions, pick):
        rows = [[x for part in np.split(row, regions.starts[1:]) for x in pick(self._at(part))]
                for row in y_o.reshape(-1, y_o.shape[-1])]
        out = np.array(rows, dtype=object)
        return out.reshape(*y_o.shape[:-1], out.shape[-1])

    def values(self, y_o, regions):
        return self._by_region(y_o, regions, lambda known: known[:1])

    def slopes(self, y_o, regions):
        return self._by_region(y_o, regions, lambda known: known[1:])


class _SmallLoss:
    """For each sample such a function of all entries of an array."""

    def __init__(self, draw, name):
        self.draw, self.name, self.known = draw, name, {}

    def _of(self, n):
        return self.known.setdefault(n, _SmallFunctional(self.draw, self.name))

    def __call__(self, values, n):
        return self._of(n)(np.array(values, dtype=object).ravel().tolist())

    def slopes(self, z):
        rows = [self._of(n)._at(one.ravel())[1:] for n, one in enumerate(z)]
        return np.array(rows, dtype=object).reshape(z.shape)
