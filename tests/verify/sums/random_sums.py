"""Random index sums, and numbers for whatever stands in them."""

import random
from fractions import Fraction

from cnnmat.verify.duals import Dual
from cnnmat.verify.sums.indices import Index, Map, fresh, image
from cnnmat.verify.sums.terms import (
    Closure,
    Function,
    IndexSum,
    Tensor,
    apply,
    delta,
    entry,
    number,
    variables,
)

LETTERS = ("A", "B")
MAPS = (
    Map("g", ("A", "B"), "A"), Map("k", ("A",), "B"), Map("j", ("A",), "B", injective=True),
    Map("s", ("A",), "A", bijective=True), Map("t", ("B",), "B", bijective=True),
)
TENSORS = (Tensor("x", ("A",)), Tensor("y", ("A", "B")), Tensor("m", ("B", "A"), binary=True))
FUNCTION, FUNCTIONAL = Function("f"), Function("pool", fibre=Map("region", ("B",), "A"))


class Numbers:
    """Sizes, entries, maps and functions, drawn as they are asked for; A is at most B."""

    def __init__(self, seed, a=2, b=3):
        self.random, self.known, self.sizes = random.Random(seed), {}, {"A": a, "B": b}

    def size(self, letter):
        return self.sizes[letter]

    def entry(self, name, cell):
        low = 0 if name == "m" else -5
        return self._drawn((name, cell), lambda: self.random.randint(low, 1 if low == 0 else 5))

    def index(self, map, cell):
        if map.bijective or map.injective:
            table = self._drawn(map.name, lambda: self.random.sample(
                range(self.sizes["B"] if map.name in "jt" else self.sizes["A"]),
                self.sizes["B"] if map.name == "t" else self.sizes["A"]))
            return table.index(cell[0]) if map.inverted else table[cell[0]]
        return self._drawn((map.name, cell),
                           lambda: self.random.randrange(self.sizes[map.codomain]))

    def function(self, function, place, values):
        """Its value; of duals with the slope that the function one prime up has there."""
        inside = values if isinstance(values, dict) else {(): values}
        plain = {cell: getattr(x, "value", x) for cell, x in inside.items()}
        total = self._value(function, place, plain if isinstance(values, dict) else plain[()])
        up = function._replace(primes=function.primes + 1)
        for cell, x in inside.items():
            if not isinstance(x, Dual):
                continue
            if function.fibre and self.index(function.fibre, cell) != place[0]:
                continue
            slope = self._value(up, (*place, *cell),
                                plain if isinstance(values, dict) else plain[()])
            total = total + x.chain(0, slope)
        return total

    def _value(self, function, place, values):
        if isinstance(values, dict):
            # of a functional only what lies in the region may count
            region = function.fibre
            values = tuple(sorted((cell, x) for cell, x in values.items()
                                  if self.index(region, cell) == place[0]))
        return self._drawn((function.name, function.primes, place, values),
                           lambda: Fraction(self.random.randint(-5, 5)))

    def _drawn(self, key, draw):
        if key not in self.known:
            self.known[key] = draw()
        return self.known[key]


class Sums:
    """Draws index sums whose free indices are among those given."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def index(self, letter, free, depth=2):
        at_hand = [v for v in free if v.size == letter]
        maps = [m for m in (*MAPS, *(m.inverse for m in MAPS if m.bijective))
                if m.codomain == letter]
        if at_hand and (depth == 0 or self.random.random() < 0.6):
            return self.random.choice(at_hand)
        one = self.random.choice(maps)
        if depth == 0:
            return Index(f"spare{letter}", letter)
        return image(one, *(self.index(size, free, depth - 1) for size in one.domain))

    def factor(self, free, depth):
        kind = self.random.choice("TTTDDAF" if depth else "TTD")
        if kind == "T":
            one = self.random.choice(TENSORS)
            return entry(one, *(self.index(size, free) for size in one.shape))
        if kind == "D":
            letter = self.random.choice(LETTERS)
            return delta(self.index(letter, free), self.index(letter, free))
        if kind == "A":
            body = self.sum(free, depth - 1)
            return apply(FUNCTION, Closure(sorted(variables(body)), (), body))
        binder = fresh("B")
        body = self.sum((*free, binder), depth - 1)
        parameters = sorted(variables(body) - {binder})
        return apply(FUNCTIONAL, Closure(parameters, (binder,), body), (self.index("A", free),))

    def sum(self, free, depth=2):
        total = IndexSum()
        for _ in range(self.random.randint(1, 2)):
            bound = [fresh(self.random.choice(LETTERS)) for _ in range(self.random.randint(0, 2))]
            term = number(self.random.choice((-2, 1, 3)))
            for _ in range(self.random.randint(1, 3)):
                term = term * self.factor((*free, *bound), depth)
            total = total + term.sum(*bound)
        return total


def free_of(e):
    """The free indices of a sum, with a number for each."""
    return {v: k % 2 for k, v in enumerate(sorted(variables(e)))}


