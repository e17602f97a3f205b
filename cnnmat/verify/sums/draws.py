"""What a claim whose sizes are letters draws: arrays of symbolic shape.

`SmallDraw` answers the same calls with whole numbers at small sizes: one text of a claim runs on
both.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from cnnmat.verify.sums import arrays, sizes
from cnnmat.verify.sums.arrays import SymbolicArray, lift
from cnnmat.verify.sums.calculus import at_zero, derivative, root
from cnnmat.verify.sums.counters import SymbolicIndex
from cnnmat.verify.sums.functions import Loss, Pointwise, RegionFunctional
from cnnmat.verify.sums.indices import Map, fresh, image
from cnnmat.verify.sums.making import tensor
from cnnmat.verify.sums.places import Every, Fibres, Places
from cnnmat.verify.sums.shapes import digits
from cnnmat.verify.sums.small import pooling_of
from cnnmat.verify.sums.terms import Function, Tensor, entry

__all__ = ["SymbolicDraw"]


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
        #: The names of functions of which it is known that they are differentiable.
        self.smooth: list[str] = []
        self._names: dict[str, int] = {}

    def shared(self, key: Any, build: Callable[[Any], Any],
               warm: Callable[[Any], Any] = lambda _: None) -> Any:
        """What `build` makes of a draw, made and `warm` once for all claims that ask for it.

        With it come the letters, and all that was assumed on the way.
        """
        code, place = sizes.current(), (key, sizes.current().which, *sorted(self.merged.items()))
        known = self.twin.shared.get(place)
        if known is None or code.letters:
            value = build(self)
            warm(value)
            self.twin.shared[place] = value, code.kept(), self._kept()
            return value
        value, code_known, draw_known = known
        code.take_up(code_known)
        vars(self).update({name: copy.copy(one) for name, one in draw_known.items()})
        return value

    def _kept(self):
        return {name: copy.copy(one) for name, one in vars(self).items()
                if name not in ("twin", "merged")}

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

    def size(self, letter: str, n: int) -> Any:
        """Call the size n by a letter."""
        found = sizes.define(letter, n)
        self._say(f"{letter} = {n}")
        return found

    def paddings(self, *letters: str) -> Any:
        """Sizes that may be 0."""
        self._say(f"{', '.join(letters)} ≥ 0")
        found = tuple(map(sizes.at_least_zero, letters))
        return found if len(found) > 1 else found[0]

    def remainder(self, letter: str, n: int) -> Any:
        """Any size from 0 to n - 1, which a division by n may leave."""
        self._say(f"0 ≤ {letter} < {n}")
        return sizes.remainder(letter, n) if isinstance(n, sizes.Size) else 0

    @staticmethod
    def _size(letter):
        return letter if isinstance(letter, int) else sizes.size(letter)

    def symbols(self, name: str, *shape: int) -> Any:
        return tensor(name, *shape)

    def binary(self, name: str, *shape: int) -> Any:
        """An array of which each entry is 0 or 1, and nothing else is known."""
        return tensor(name, *shape, binary=True)

    def function(self, name: str) -> Any:
        self.smooth += [name] if name not in self.smooth else []
        return Pointwise(Function(name))

    def root(self, p: int = 2) -> Any:
        """The p-th root; with it arrays hold exact entries, which the text does not scale."""
        sizes.current().exact = True
        self._say("entries that are exact, which the text does not scale")
        return Pointwise(root(p))

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
        """Any P subvectors of S out of M entries; with `padding`, some of them none."""
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
        """Any division of P entries into P' regions; `cover` says that none is left out."""
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

    def region(self, P: int) -> Any:
        """One region of all P entries, in their order."""
        one = object.__new__(self.twin.module("cnnmat.textbook.regions").Regions)
        every = digits(P)
        one.P, one.P_prime, one.order = P, 1, Places([every], every)
        one.sizes = one.starts = Every(P)
        return one

    def lists(self, of: Any) -> Any:
        """The index lists of a partition or of regions, for the loops."""
        return of.sizes.lists(of.order) if hasattr(of, "order") else of.indices.tolist()

    def region_of(self, regions: Any, j: SymbolicIndex) -> SymbolicIndex:
        """The number of the region in which entry j lies."""
        [i] = j.indices
        tau = regions.order.indices[0].map
        return SymbolicIndex([image(regions.sizes.region, image(tau.inverse, i))])

    def functional(self, name: str) -> Any:
        """A differentiable function of all entries of a region, of which nothing else is known."""
        self.smooth += [name] if name not in self.smooth else []
        return RegionFunctional(name)

    def pooling(self, name: str) -> Any:
        """Any differentiable pooling: a `functional` of each region."""
        return pooling_of(self.twin.module("cnnmat.textbook.pooling").Linear,
                          self.functional(name))

    def loss(self, name: str = "J") -> Any:
        """What lies behind a layer: J(values, n) of sample n, and J.slopes(z) of all samples."""
        self.smooth += [name] if name not in self.smooth else []
        return Loss(name)
