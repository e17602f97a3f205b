"""Random index sums, and numbers for whatever stands in them."""

import random
from fractions import Fraction

from cnnmat.verify.duals import Dual
from cnnmat.verify.sums.indices import Affine, Index, Map, form, fresh, image, reverse
from cnnmat.verify.sums.polynomials import frozen
from cnnmat.verify.sums.terms import (
    Closure,
    Function,
    IndexSum,
    Tensor,
    apply,
    delta,
    entry,
    equation,
    number,
    variables,
)
from cnnmat.verify.sums.truths import below

LETTERS = ("A", "B")
MAPS = (
    Map("g", ("A", "B"), "A"), Map("k", ("A",), "B"), Map("j", ("A",), "B", injective=True),
    Map("s", ("A",), "A", bijective=True), Map("t", ("B",), "B", bijective=True),
)
TENSORS = (Tensor("x", ("A",)), Tensor("y", ("A", "B")), Tensor("m", ("B", "A"), binary=True))
FUNCTION, FUNCTIONAL = Function("f"), Function("pool", fibre=Map("region", ("B",), "A"))
#: Of all entries of a matrix, another for each index below A.
LOSS = Function("J")


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
        if map.reversal:
            return self.sizes[map.codomain] - 1 - cell[0]
        if not map.domain:
            return self.sizes[map.codomain] - 1 if map.name == "last" else int(map.name)
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
                                  if region is None or self.index(region, cell) == place[0]))
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
        if self.random.random() < 0.2:
            return reverse(self.index(letter, free, depth - 1))
        return image(one, *(self.index(size, free, depth - 1) for size in one.domain))

    def form(self, free):
        """A whole number: sizes and multiples of indices, some of them such as digits have."""
        polynomials = [{(): 1}, {(): -1}, {(): 1}, {(): 2}, {("A",): 1}, {("B",): -1},
                       {("A", "B"): 1}, {("B",): 1, (): -1}]
        terms = [(self.index(self.random.choice(LETTERS), free, 1), frozen(one))
                 for one in self.random.choices(polynomials, k=self.random.randint(1, 3))]
        return form(frozen(self.random.choice([{}, {}, *polynomials])), terms)

    def factor(self, free, depth):
        kind = self.random.choice("TTTDDAFJEER" if depth else "TTDER")
        if kind == "E":
            return equation(self.form(free))
        if kind == "R":
            one, letter = self.form(free), self.random.choice(LETTERS)
            tensor = {"A": TENSORS[0], "B": Tensor("z", ("B",))}[letter]
            return below(one, {(letter,): 1}) * entry(tensor, Affine(letter, one))
        if kind == "T":
            one = self.random.choice(TENSORS)
            return entry(one, *(self.index(size, free) for size in one.shape))
        if kind == "D":
            letter = self.random.choice(LETTERS)
            return delta(self.index(letter, free), self.index(letter, free))
        if kind == "A":
            body = self.sum(free, depth - 1)
            return apply(FUNCTION, Closure(sorted(variables(body)), (), body))
        # of a matrix there are many entries, each to be found by looping
        function, letters, inner = (FUNCTIONAL, "B", depth - 1) if kind == "F" else (LOSS, "AB", 0)
        binders = tuple(map(fresh, letters))
        body = self.sum((*free, *binders), inner)
        parameters = sorted(variables(body) - {*binders})
        return apply(function, Closure(parameters, binders, body), (self.index("A", free),))

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


