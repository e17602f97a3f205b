"""Dual numbers: a plain loop that runs on them is differentiated, without a second derivation."""

from fractions import Fraction
from numbers import Integral

import numpy as np

__all__ = ["Dual", "gradient", "jacobian"]


class Dual:
    """value + Σ_k partials[k] ε_k with ε_k ε_l = 0: a number with its derivatives.

    Running a plain loop on duals differentiates it: no derivation by hand.

    Examples
    --------
    >>> x, y = Dual(3, {"x": 1}), Dual(5, {"y": 1})
    >>> (x * x * y + 2 * y).partials
    {'x': 30, 'y': 11}
    """

    __slots__ = ("partials", "value")
    __array_priority__ = 1000

    def __init__(self, value, partials):
        self.value, self.partials = value, partials

    def __repr__(self):
        return f"Dual({self.value}, {self.partials})"

    def chain(self, value, slope):
        """The dual of a function whose value and derivative here are given."""
        return Dual(value, {k: slope * d for k, d in self.partials.items()})

    def __neg__(self):
        return self.chain(-self.value, -1)

    def __add__(self, other):
        if not isinstance(other, Dual):
            return Dual(self.value + other, self.partials)
        total = dict(self.partials)
        for k, d in other.partials.items():
            total[k] = total[k] + d if k in total else d
        return Dual(self.value + other.value, total)

    __radd__ = __add__

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        if not isinstance(other, Dual):
            return self.chain(self.value * other, other)
        a, b = self.value, other.value
        total = {k: d * b for k, d in self.partials.items()}
        for k, d in other.partials.items():
            total[k] = total[k] + d * a if k in total else d * a
        return Dual(a * b, total)

    __rmul__ = __mul__

    def __pow__(self, exponent):
        if not isinstance(exponent, Integral) or exponent < 0:
            raise TypeError("what is differentiated takes whole powers alone, e.root() for a root "
                            f"and 1 / z**n for a negative one, got {exponent!r}")
        if not exponent:
            return Dual(self.value**0, {})
        return self.chain(self.value**exponent, exponent * self.value ** (exponent - 1))

    def __truediv__(self, other):
        if isinstance(other, Dual):
            return self * other.chain(1 / other.value, -1 / (other.value * other.value))
        return self * (Fraction(1, other) if isinstance(other, int) else 1 / other)

    def __rtruediv__(self, other):
        return Dual(other, {}) / self

    def __gt__(self, other):
        return self.value > (other.value if isinstance(other, Dual) else other)

    def __lt__(self, other):
        return self.value < (other.value if isinstance(other, Dual) else other)


def jacobian(function, array):
    """∂function/∂array, by dual numbers: the indices of the result come first.

    `function` runs on a nested list of dual numbers and returns one, or a nested list.

    Examples
    --------
    >>> jacobian(lambda w: [w[0] * w[1], 3 * w[1]], np.array([5, 7], dtype=object))
    array([[7, 5],
           [0, 3]], dtype=object)
    """
    array = np.asarray(array, dtype=object)
    duals = np.empty(array.shape, dtype=object)
    for cell in np.ndindex(array.shape):
        duals[cell] = Dual(array[cell], {cell: 1})
    result = function(duals.tolist() if array.ndim else duals[()])
    # a single dual stays one: asked, it might look like a sequence to NumPy
    results = np.array(result, dtype=object) if isinstance(result, list) else {(): result}
    shape = getattr(results, "shape", ())
    slopes = np.zeros(shape + array.shape, dtype=object)
    for at in np.ndindex(shape):
        for cell, slope in getattr(results[at], "partials", {}).items():
            slopes[at + cell] = slope
    return slopes


def gradient(function, array):
    """The derivatives of function(nested list) by every entry of `array`, as an array.

    Examples
    --------
    >>> gradient(lambda w: w[0] * w[0] + 3 * w[1], np.array([5, 7], dtype=object))
    array([10, 3], dtype=object)
    """
    slopes = jacobian(function, array)
    if slopes.shape != np.shape(array):
        raise TypeError("function must return one number, got an array of shape "
                        f"{slopes.shape[:slopes.ndim - np.ndim(array)]}")
    return slopes
