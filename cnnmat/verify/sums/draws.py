"""What a claim draws when its sizes are letters: the same calls as with numbers, on symbols.

`SmallDraw` answers them with whole numbers at small sizes, `SymbolicDraw` with arrays of symbolic
shape.  One text of a claim runs on both.
"""

from __future__ import annotations

from collections.abc import Callable
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
from cnnmat.verify.sums import arrays, sizes
from cnnmat.verify.sums.arrays import SymbolicArray, lift
from cnnmat.verify.sums.calculus import at_zero, derivative
from cnnmat.verify.sums.counters import SymbolicIndex
from cnnmat.verify.sums.indices import Map, fresh, image
from cnnmat.verify.sums.lists import Stretch, SymbolicList
from cnnmat.verify.sums.making import tensor
from cnnmat.verify.sums.places import Fibres, Places
from cnnmat.verify.sums.shapes import digits
from cnnmat.verify.sums.terms import (
    Closure,
    Function,
    Tensor,
    applied,
    apply,
    delta,
    entry,
    number,
    variables,
)

__all__ = ["SmallDraw", "SymbolicDraw"]


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


# --- small sizes ----------------------------------------------------------------------------------

class SmallDraw(Draw):
    """Whole numbers at small sizes, drawn anew for each of `attempt`."""

    #: Numbers for the letters in turn: two letters have one number in all of the first three
    #: only if they are thirty apart.
    TURNS = ((3, 2), (2, 1, 3), (2, 3, 4, 1, 2))

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

    def lists(self, of: Any) -> Any:
        if isinstance(of, Regions):
            return [one.tolist() for one in np.split(of.order, of.starts[1:])]
        return of.indices.tolist()

    def functional(self, name: str) -> Any:
        return _SmallFunctional(self, name)

    def pooling(self, name: str) -> Any:
        return pooling_of(Linear, self.functional(name))


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


# --- symbols --------------------------------------------------------------------------------------

class SymbolicDraw:
    """Arrays of symbolic shape for the twin of a claim.

    Parameters
    ----------
    twin : Twin
    merged : dict, optional
        Letters that are to be another one, or 1.
    """

    def __init__(self, twin: Any, merged: dict[str, str | int] | None = None) -> None:
        self.twin, self.merged = twin, merged or {}
        self.letters: list[str] = []
        self.covers: list[str] = []
        self._names: dict[str, int] = {}

    def _name(self, letter):
        """A letter, with a number if it is taken."""
        self._names[letter] = self._names.get(letter, 0) + 1
        return letter if self._names[letter] == 1 else f"{letter}{self._names[letter]}"

    def _say(self, words):
        if words not in self.covers:
            self.covers.append(words)

    def sizes(self, *letters: str) -> Any:
        self.letters += [one for one in letters if one not in self.letters]
        found = tuple(self._size(self.merged.get(letter, letter)) for letter in letters)
        return found if len(found) > 1 else found[0]

    @staticmethod
    def _size(letter):
        return letter if isinstance(letter, int) else sizes.size(letter)

    def symbols(self, name: str, *shape: int) -> Any:
        return tensor(name, *shape)

    def binary(self, name: str, *shape: int) -> Any:
        return tensor(name, *shape, binary=True)

    def function(self, name: str) -> Any:
        self._say(f"every differentiable {name}")
        return _Pointwise(Function(name))

    def activation(self, name: str = "f") -> Any:
        f = self.function(name)
        return self.twin.module("cnnmat.textbook.activations").Activation(name, f, f.derivative)

    def gradient(self, function: Callable[..., Any], array: Any) -> Any:
        """The derivatives of function(nested list) by a shift of every entry, at shift 0."""
        slopes = self.jacobian(function, array)
        if getattr(slopes, "ndim", 0) != lift(array).ndim:
            raise TypeError("function must return one number")
        return slopes

    def jacobian(self, function: Callable[..., Any], array: Any) -> Any:
        """The same of a function that may return a nested list, whose axes come first."""
        a = lift(array)
        shift = Tensor(self._name("shift"), tuple(v.size for v in a.digits))
        moved = SymbolicArray(a.axes, a.entries + entry(shift, *a.digits))
        result = lift(function(moved.tolist() if a.ndim else moved.entries))
        at = a.with_new_digits()
        slopes = at_zero(derivative(result.entries, shift, at.digits), shift)
        return arrays.or_sum([*result.axes, *at.axes], slopes)

    def partition(self, P: int, S: int, M: int, *, padding: bool = True) -> Any:
        self._say("any partition (repeats, overlap" + (", padding)" if padding else ")"))
        kind = self.twin.module("cnnmat.textbook.partition").Partition
        one, name = object.__new__(kind), self._name("ι")
        rows, columns, width = (digits(n) for n in (P, S, M))
        every = (*rows, *columns)
        domain = tuple(v.size for v in every)
        read = [image(Map(f"{name}{k}" if k else name, domain, v.size), *every)
                for k, v in enumerate(width)]
        guard = entry(Tensor(f"in{name}", domain, binary=True), *every) if padding else None
        one.P, one.S, one.M = P, S, M
        one.indices = Places([rows, columns], read, guard)
        return one

    def regions(self, P: int, P_prime: int, *, cover: bool = True) -> Any:
        self._say("any regions" + ("" if cover else " that leave entries out"))
        one = object.__new__(self.twin.module("cnnmat.textbook.regions").Regions)
        [p], [r] = sizes.digits_of(P), sizes.digits_of(P_prime)
        grouped = p if cover else f"{p}°"
        tau = Map(self._name("τ"), (grouped,), p, injective=True, bijective=cover)
        o = fresh(grouped)
        one.P, one.P_prime = P, P_prime
        one.order = Places([(o,)], [image(tau, o)])
        one.sizes = one.starts = Fibres(Map(self._name("region"), (grouped,), r))
        return one

    def lists(self, of: Any) -> Any:
        if not hasattr(of, "order"):
            return of.indices.tolist()
        region = of.sizes.region
        p, (o,) = fresh(region.codomain), of.order.digits
        guard = delta(image(region, o), p)
        return SymbolicList([p], SymbolicList([o], SymbolicIndex(of.order.indices), guard))

    def region_of(self, regions: Any, j: SymbolicIndex) -> SymbolicIndex:
        """The number of the region in which entry j lies."""
        [i] = j.indices
        tau = regions.order.indices[0].map
        return SymbolicIndex([image(regions.sizes.region, image(tau.inverse, i))])

    def functional(self, name: str) -> Any:
        self._say(f"every differentiable {name}")
        return _Functional_(name)

    def pooling(self, name: str) -> Any:
        return pooling_of(self.twin.module("cnnmat.textbook.pooling").Linear,
                          self.functional(name))


class _Pointwise:
    """An unknown function of one number."""

    def __init__(self, function):
        self.function = function

    def __call__(self, z):
        if isinstance(z, SymbolicArray):
            return z.laid(z.axes, applied(self.function, z.entries))
        return applied(self.function, number(z))

    @property
    def derivative(self):
        return _Pointwise(self.function._replace(primes=self.function.primes + 1))


class _Functional_:
    """An unknown function of the entries of a region, which may be another for each region."""

    def __init__(self, name):
        self.name = name

    def _of(self, regions, primes=0):
        return Function(self.name, primes, regions.sizes.region)

    def __call__(self, values):
        """Of the list of the entries of one region."""
        if not isinstance(values, (SymbolicList, Stretch)):
            raise sizes.Outside("a pooling of a list that is no region")
        [term] = values.guard.terms
        [(there, here)] = term.factors
        function = Function(self.name, 0, there.map)
        free = sorted(variables(values.element) - set(values.indices))
        return apply(function, Closure(free, values.indices, values.element), (here,))

    def values(self, y_o, regions):
        a = lift(y_o)
        p = fresh(regions.sizes.region.codomain)
        return a.laid([*a.axes[:-1], (p,)], self._applied(a, self._of(regions), (p,)))

    def slopes(self, y_o, regions):
        a = lift(y_o)
        o = fresh(regions.sizes.region.domain[0])
        place = image(regions.sizes.region, o)
        return a.laid([*a.axes[:-1], (o,)], self._applied(a, self._of(regions, 1), (place, o)))

    @staticmethod
    def _applied(a, function, at):
        binders = a.axes[-1]
        free = sorted(variables(a.entries) - set(binders))
        return apply(function, Closure(free, binders, a.entries), at)


