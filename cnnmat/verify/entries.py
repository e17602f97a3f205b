"""The entries that a claim draws: symbols, functions of which only values are known, numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnmat.textbook.activations import Activation
from cnnmat.typing import Array, Indices
from cnnmat.verify import duals, exact
from cnnmat.verify.claims import Claim
from cnnmat.verify.orders import Order
from cnnmat.verify.symbols import Symbols

__all__ = ["AllSizes", "Draw", "Outside"]


class Outside(Exception):
    """The entries drawn are not such as the line speaks of."""


class AllSizes(Exception):
    """A claim has asked for sizes that are letters."""


class Draw:
    """The entries of one case of a claim, and a record of what they were."""

    def __init__(self, claim: Claim, order: Order) -> None:
        self.ring = Symbols(len(order.point), claim.rational, order)
        self._random = np.random.default_rng(list(f"{claim.lecture} {claim.id}".encode()))
        self.methods: list[str] = []
        self.stated: list[tuple[str, str]] = []
        self.domain: list[str] = []

    def method(self, method: str, covers: str) -> None:
        """State how this case decides, where that is not by the kind of the entries."""
        self.stated.append((method, covers))

    def where(self, condition: bool, words: str) -> None:
        """Speak of entries with `condition` only, which `words` ("t is not zero") tell the reader.

        Elsewhere the line says nothing.
        """
        if words not in self.domain:
            self.domain.append(words)
        if not condition:
            raise Outside(words)

    def sizes(self, *letters: str) -> Any:
        """Sizes that are letters: the claim is to hold for all of them.

        The claim is then run on arrays of symbolic shape, and on whole numbers at small sizes.
        """
        raise AllSizes

    def _note(self, method):
        if method not in self.methods:
            self.methods.append(method)

    def symbols(self, name: str, *shape: int) -> Any:
        """An array of new symbols name[i, j]; one symbol without a shape."""
        self._note("symbols")
        return self.ring.array(name, shape)

    def function(self, name: str) -> exact.Opaque:
        """A function of which only values and derivatives are known."""
        self._note("functions")
        return exact.Opaque(self.ring, name)

    def activation(self, name: str = "f") -> Activation:
        """An activation about which nothing is known but f and f' at each z."""
        f = self.function(name)
        return Activation(name, f, f.derivative)

    def root(self, p: int = 2) -> exact.Opaque:
        """The p-th root, its derivative 1/(p t^(p-1)) known; needs ``rational=True``."""
        return exact.Opaque(self.ring, f"root{p}", exact.slope_of_root(p))

    def gradient(self, function: Callable[..., Any], array: Any) -> Any:
        """The derivatives of a plain loop by the entries of `array`, by dual numbers."""
        return duals.gradient(function, array)

    def shared(self, key: Any, build: Callable[[Any], Any],
               warm: Callable[[Any], Any] | None = None) -> Any:
        """What `build` makes of this draw; of symbolic shapes many claims share it."""
        return build(self)

    def jacobian(self, function: Callable[..., Any], array: Any) -> Any:
        """The derivatives of all that a plain loop returns, the indices of the result first."""
        return duals.jacobian(function, array)

    def region_of(self, regions: Any, j: int) -> int:
        """The number of the region in which entry j lies."""
        return next(p for p, part in enumerate(np.split(regions.order, regions.starts[1:]))
                    if j in part.tolist())

    def integers(self, *shape: int, low: int = -9, high: int = 9) -> Indices:
        """Random whole numbers from `low` to `high`, exact (int64)."""
        self._note("integers")
        return self._random.integers(low, high, size=shape, endpoint=True)

    def floats(self, *shape: int) -> Array:
        """Random normal numbers in float64."""
        self._note("floats")
        return self._random.normal(size=shape)
