"""Operators that have one meaning in every lecture, unless its bindings say otherwise."""

import math
from fractions import Fraction
from numbers import Rational
from typing import Any, ClassVar

import numpy as np

from cnnmat.verify.symbols import Entry
from cnnmat.verify.tex.values import (
    Sizes,
    block_diagonal,
    column,
    concatenated,
    is_array,
    number,
    over,
    size,
)

__all__ = ["OPERATORS", "Vocabulary", "logarithm", "power", "rational_root", "root"]


def _vec(a):
    return column([a[i, j] for j in range(a.shape[1]) for i in range(a.shape[0])])


def _stack(values):
    return concatenated(values if isinstance(values, tuple) else (values,), 0)


def _diagonal(values):
    """A list along the diagonal, of numbers or blocks; of a vector, its entries; of a square
    matrix, its diagonal."""
    if isinstance(values, tuple):
        return block_diagonal(values)
    if is_array(values) and values.shape[1] == 1:
        return block_diagonal(values[:, 0].tolist())
    return column(np.diagonal(values).tolist())


def _trace(a):
    if a.shape[0] != a.shape[1]:
        raise Sizes(f"the trace of {size(a)}")
    return sum(a[i, i] for i in range(a.shape[0]))


def _all(values):
    """The numbers in arguments, be they a list, an array, or both."""
    for one in values:
        if isinstance(one, tuple):
            yield from _all(one)
        elif is_array(one):
            yield from one.ravel().tolist()
        else:
            yield one


def _extreme(better):
    def extreme(*values):
        best, *rest = _all(values)
        for one in rest:
            if better(one, best):
                best = one
        return best

    return extreme


def _real(function, at=()):
    """A function of floats, entry by entry; exact where `at` has the argument."""
    exact = dict(at)

    def real(a):
        if isinstance(a, tuple) and len(a) == 1:
            # braces for brackets: exp{kx}
            a = a[0]
        return over(lambda x: exact[x] if not isinstance(x, (float, Entry)) and x in exact
                    else function(float(x)), a)

    return real


def _sign(a):
    return over(lambda x: (x > 0) - (x < 0), a)


def rational_root(a):
    """The square root of a number where it is rational; None elsewhere."""
    if isinstance(a, Rational) and a >= 0:
        parts = [math.isqrt(a.numerator), math.isqrt(a.denominator)]
        if parts[0] ** 2 == a.numerator and parts[1] ** 2 == a.denominator:
            return Fraction(*parts) if parts[1] > 1 else parts[0]
    return None


def root(a):
    """The square root of a number: exact where it is rational, else a float."""
    a = number(a)
    exact = rational_root(a)
    return math.sqrt(a) if exact is None else exact


def power(a, exponent):
    """a^exponent of numbers; whole exponents of anything that can be multiplied."""
    if isinstance(exponent, int) and exponent >= 0:
        result = 1
        for _ in range(exponent):
            result = a * result
        return result
    if isinstance(exponent, int):
        whole = power(a, -exponent)
        return Fraction(1, whole) if isinstance(whole, int) else 1 / whole
    if exponent == Fraction(1, 2):
        return root(a)
    return float(a) ** float(exponent)


def logarithm(a, base):
    """The logarithm of a number to a base, exact for whole powers."""
    found = round(math.log(a, base))
    return found if Fraction(base) ** found == a else math.log(a, base)


OPERATORS = {
    "vec": _vec, "col": _stack, "diag": _diagonal, "blkdiag": _diagonal, "trace": _trace,
    "Tr": _trace, "tr": _trace, "max": _extreme(lambda a, b: a > b),
    "min": _extreme(lambda a, b: a < b), "exp": _real(math.exp, {0: 1}),
    "log": _real(math.log, {1: 0}), "ln": _real(math.log, {1: 0}), "tanh": _real(math.tanh, {0: 0}),
    "sin": _real(math.sin), "cos": _real(math.cos), "sgn": _sign, "sign": _sign,
}


class Vocabulary:
    """The functions that have one meaning in every lecture: exact, or floats where they are not."""

    operators: ClassVar[dict[str, Any]] = OPERATORS
    #: Names that are numbers in every lecture.
    constants: ClassVar[dict[str, Any]] = {}

    def exp(self, a):
        """e^a of a number."""
        return OPERATORS["exp"](a)

    def root(self, a):
        """The square root of a number."""
        return root(a)

    def power(self, a, exponent):
        """a^exponent of numbers."""
        return power(a, exponent)

    def logarithm(self, a, base):
        """The logarithm of a number to a base."""
        return logarithm(a, base)
