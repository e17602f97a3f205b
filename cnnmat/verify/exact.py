"""Exact entries: symbols, functions of which only values are known, strict arrays."""

import random
from fractions import Fraction

import numpy as np

from cnnmat.verify.duals import Dual

__all__ = ["NeedMoreGenerators", "Opaque", "Strict", "Symbols", "entries", "paths", "strict",
           "witness"]


class Strict(np.ndarray):
    """An array that refuses to broadcast: a sum or Hadamard product needs equal shapes.

    NumPy stretches an axis of length one, and so hides slips of dimension; on paper a vector
    of the wrong size is a mistake.  Numbers still go with every shape.

    Examples
    --------
    >>> strict([[1, 2], [3, 4]]) + strict([[1, 2]])
    Traceback (most recent call last):
        ...
    ValueError: operands must have one shape, got (2, 2) and (1, 2)
    """

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        shapes = {np.shape(x) for x in inputs if np.ndim(x)}
        if ufunc.signature is None and method == "__call__" and len(shapes) > 1:
            raise ValueError("operands must have one shape, got "
                             + " and ".join(map(str, sorted(shapes, reverse=True))))
        inputs = [np.asarray(x) if isinstance(x, Strict) else x for x in inputs]
        result = getattr(ufunc, method)(*inputs, **kwargs)
        return result.view(Strict) if isinstance(result, np.ndarray) else result


def strict(array):
    """`array` as a `Strict` one."""
    return np.asarray(array).view(Strict)


class NeedMoreGenerators(Exception):
    """More symbols were asked for than the ring holds; the run is repeated in a larger one."""


class Symbols:
    """A polynomial ring over the rationals whose generators are handed out by name.

    Parameters
    ----------
    capacity : int
        Number of generators.
    rational : bool
        Work in the field of rational functions, where one can divide.

    Notes
    -----
    Generators are handed out in a shuffled order, so that which of two symbols
    counts as the larger (a max needs that) does not follow the order of indices.
    """

    def __init__(self, capacity=32, rational=False):
        # SymPy takes half a second to load: a command that needs no ring shall not wait for it
        from sympy import QQ
        from sympy.polys.fields import field
        from sympy.polys.rings import ring

        names = [f"x{k}" for k in range(capacity)]
        self.domain, *generators = (field if rational else ring)(names, QQ)
        random.Random(capacity).shuffle(generators)
        self._free = generators
        self.names = {}

    def symbol(self, name):
        """A new generator called `name`."""
        if not self._free:
            raise NeedMoreGenerators
        generator = self._free.pop()
        self.names[generator] = name
        return generator

    def array(self, name, shape):
        """An object array of new generators called name[i, j], with indices from 0."""
        if shape == ():
            return self.symbol(name)
        array = np.empty(shape, dtype=object)
        for cell in np.ndindex(array.shape):
            array[cell] = self.symbol(f"{name}[{', '.join(map(str, cell))}]")
        return array

    def generators_of(self, entry):
        """The generators that occur in `entry`."""
        parts = [entry] if hasattr(entry, "terms") else [entry.numer, entry.denom]
        used = {k for part in parts for monomial, _ in part.terms()
                for k, exponent in enumerate(monomial) if exponent}
        gens = self.domain.gens
        return sorted((gens[k] for k in used), key=lambda g: self.names[g])

    def text(self, entry):
        """`entry` with the names that were given to the generators."""
        if not hasattr(entry, "as_expr"):
            return str(entry)
        from sympy import Symbol

        gens = self.domain.gens
        renamed = {Symbol(f"x{k}"): Symbol(self.names[g])
                   for k, g in enumerate(gens) if g in self.names}
        return str(entry.as_expr().xreplace(renamed))


class Opaque:
    """A function of which only its values, and its derivative's, are known: one symbol each.

    Two calls agree exactly when their arguments are equal, so what is proved with it holds
    for every differentiable function.

    Parameters
    ----------
    symbols : Symbols
    name : str
    slope : callable, optional
        The derivative as an expression in (argument, value), where it is one, as for a root;
        by default a symbol of its own.
    """

    def __init__(self, symbols, name, slope=None):
        self.symbols, self.name, self.slope = symbols, name, slope
        self.values, self.slopes = {}, {}

    def _look_up(self, table, mark, z):
        key = _key(z)
        if key not in table:
            table[key] = self.symbols.symbol(f"{self.name}{mark}({len(table)})")
        return table[key]

    def _value(self, z):
        if isinstance(z, Dual):
            return z.chain(self._value(z.value), self._slope(z.value))
        return self._look_up(self.values, "", z)

    def _slope(self, z):
        if self.slope:
            return self.slope(z, self._value(z))
        return self._look_up(self.slopes, "'", z)

    def __call__(self, z):
        return _each(self._value, z)

    def derivative(self, z):
        return _each(self._slope, z)


def _key(entry):
    """What equal entries have in common.

    The entry itself will not do: SymPy's `**` keeps a hash that it took before it changed the
    polynomial in place, so equal polynomials can be missed in a dictionary.
    """
    if hasattr(entry, "denom") and hasattr(entry, "numer"):
        above, below = _key(entry.numer), _key(entry.denom)
        return above if below == 1 else (above, below)
    if not hasattr(entry, "terms"):
        return entry
    if entry.is_ground:
        return sum(Fraction(int(c.numerator), int(c.denominator)) for _, c in entry.terms())
    return frozenset(entry.terms())


def _each(function, z):
    if not isinstance(z, np.ndarray):
        return function(z)
    result = np.empty(z.shape, dtype=object)
    for cell in np.ndindex(z.shape):
        result[cell] = function(z[cell])
    return result


def entries(value):
    """`value`, whatever carries it, as (shape, flat list of entries)."""
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, np.ndarray):
        return value.shape, value.ravel().tolist()
    if isinstance(value, (list, tuple)):
        parts = [entries(one) for one in value]
        shapes = [shape for shape, _ in parts]
        one_shape = len(set(shapes)) <= 1
        inner = (shapes or [()])[0] if one_shape else ("ragged", *map(str, shapes))
        return (len(value), *inner), [e for _, flat in parts for e in flat]
    return (), [value.item() if isinstance(value, np.generic) else value]


def paths(value):
    """The indices, from the outermost in, of each entry of `value`, in the order of `entries`."""
    if hasattr(value, "toarray") or isinstance(value, np.ndarray):
        return [list(cell) for cell in np.ndindex(value.shape)]
    if isinstance(value, (list, tuple)):
        return [[k, *rest] for k, one in enumerate(value) for rest in paths(one)]
    return [[]]


def witness(symbols, difference):
    """The simplest whole numbers for the symbols at which `difference` is not zero.

    Returns
    -------
    dict
        From generators to integers; those left out may be zero.
    """
    generators = symbols.generators_of(difference)
    rng = random.Random(0)
    for largest in (1, 3, 9, 10**6):
        for count in range(len(generators) + 1):
            for _ in range(12):
                chosen = rng.sample(generators, count)
                point = {g: rng.randint(1, largest) for g in chosen}
                if evaluate(difference, point) not in (None, 0):
                    return point
    raise ValueError(f"difference must not be zero, got {symbols.text(difference)}")


def evaluate(entry, point):
    """`entry` at whole numbers for its symbols, as a Fraction; None on a pole."""
    if not hasattr(entry, "as_expr"):
        return entry
    if hasattr(entry, "terms"):
        gens = entry.ring.gens
        total = Fraction(0)
        for monomial, coefficient in entry.terms():
            term = Fraction(int(coefficient.numerator), int(coefficient.denominator))
            for k, exponent in enumerate(monomial):
                if exponent:
                    term *= point.get(gens[k], 0) ** exponent
            total += term
        return total
    values = {entry.field.ring.gens[k]: point.get(g, 0) for k, g in enumerate(entry.field.gens)}
    below = evaluate(entry.denom, values)
    return evaluate(entry.numer, values) / below if below else None
