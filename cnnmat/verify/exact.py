"""Functions of which only values are known, and arrays that refuse to broadcast."""

from fractions import Fraction

import numpy as np

from cnnmat.verify.duals import Dual
from cnnmat.verify.symbols import Entry

__all__ = ["Opaque", "Strict", "slope_of_root", "strict"]


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


def slope_of_root(p):
    """The derivative of the p-th root at q, of value t: 1/(p t^(p-1))."""
    return lambda q, t: 1 / (p * t ** (p - 1))


def _key(entry):
    """What equal entries have in common.

    The polynomial itself will not do: SymPy's `**` keeps a hash that it took before it changed the
    polynomial in place, so equal polynomials can be missed in a dictionary.
    """
    if not isinstance(entry, Entry):
        return entry
    above, *below = (_terms(part) for part in entry.symbols.polynomials(entry))
    return above if below in ([], [1]) else (above, *below)


def _terms(polynomial):
    if polynomial.is_ground:
        number = polynomial.LC
        return Fraction(int(number.numerator), int(number.denominator))
    return frozenset(polynomial.terms())


def _each(function, z):
    if not isinstance(z, np.ndarray):
        return function(z)
    result = np.empty(z.shape, dtype=object)
    for cell in np.ndindex(z.shape):
        result[cell] = function(z[cell])
    return result
