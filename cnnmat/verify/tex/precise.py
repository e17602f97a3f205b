"""Numbers of fifty digits, for functions of which symbols know no values: exp, log, roots.

In float64 a line that is true may come out a little wrong where much cancels, and one that is a
little wrong true.  Two values here are one if they agree to thirty of their fifty digits.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any, ClassVar

import numpy as np

from cnnmat.verify.duals import Dual
from cnnmat.verify.tex import vocabulary
from cnnmat.verify.tex.values import over

__all__ = ["Precise", "Reals", "alike", "decided"]

DIGITS, AGREEING = 50, 30


@cache
def _context():
    # a command that needs no such number shall not wait for it
    import mpmath

    context = mpmath.MPContext()
    context.dps = DIGITS
    return context


def _plain(x):
    """A number as mpmath has it."""
    if isinstance(x, Fraction):
        return _context().mpf(x.numerator) / x.denominator
    return x.value if isinstance(x, Precise) else _context().mpf(x)


def _arithmetic(operator):
    def operate(self, other):
        if not isinstance(other, (Precise, int, Fraction)):
            return NotImplemented
        return Precise(operator(self.value, _plain(other)))

    return operate


class Precise:
    """A number of fifty digits, complex where it has to be.

    Examples
    --------
    >>> x = Precise(2)
    >>> alike(Fraction(1, 3) - x, Fraction(-5, 3)), alike(x, 1)
    (True, False)
    """

    __slots__ = ("value",)
    __add__ = __radd__ = _arithmetic(lambda a, b: a + b)
    __mul__ = __rmul__ = _arithmetic(lambda a, b: a * b)
    __sub__, __rsub__ = _arithmetic(lambda a, b: a - b), _arithmetic(lambda a, b: b - a)
    __truediv__, __rtruediv__ = _arithmetic(lambda a, b: a / b), _arithmetic(lambda a, b: b / a)

    def __init__(self, value):
        self.value = value.value if isinstance(value, Precise) else _context().mpmathify(value)

    def __repr__(self):
        return str(_context().nstr(self.value, 8))

    def __neg__(self):
        return Precise(-self.value)

    def __abs__(self):
        return Precise(abs(self.value))

    def __lt__(self, other):
        return bool(self.value < _plain(other))

    def __gt__(self, other):
        return bool(self.value > _plain(other))

    def __eq__(self, other):
        return isinstance(other, (Precise, int, Fraction)) and alike(self, other)

    def __hash__(self):
        return hash(complex(self.value))

    def conjugate(self):
        return Precise(_context().conj(self.value))


def alike(a, b):
    """Whether two numbers are one, to thirty digits of the larger, or of 1."""
    a, b = _plain(a), _plain(b)
    return bool(abs(a - b) <= _context().mpf(10) ** -AGREEING * max(abs(a), abs(b), 1))


def decided(a, b):
    """Two sides with floats in the place of precise numbers: the same where these are alike.

    What differs by less than floats tell is NaN on one side, which agrees with nothing.

    Examples
    --------
    >>> decided(Precise(1) / 3, Fraction(1, 3)), decided(Precise(1), 2)
    ((0.3333333333, 0.3333333333), (1.0, 2.0))
    """
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        pairs = [decided(x, y) for x, y in zip(a, b, strict=True)]
        return tuple(x for x, _ in pairs), tuple(y for _, y in pairs)
    flat = [[one] if not isinstance(one, np.ndarray) else one.ravel().tolist() for one in (a, b)]
    if not any(isinstance(x, Precise) for side in flat for x in side):
        return a, b
    if isinstance(a, np.ndarray) != isinstance(b, np.ndarray) or np.shape(a) != np.shape(b):
        return _floats(a), _floats(b)
    pairs = [_pair(x, y) for x, y in zip(*flat, strict=True)]
    if not isinstance(a, np.ndarray):
        return pairs[0]
    return tuple(np.array([pair[k] for pair in pairs], dtype=object).reshape(
        a.shape + np.shape(pairs[0][k])) for k in (0, 1))


def _floats(a):
    parts = over(lambda x: _parts(x)[0], a) if not isinstance(a, tuple) else a
    return parts.astype(float) if isinstance(parts, np.ndarray) else parts


def _parts(x):
    """The real and the imaginary part of a number, as floats of ten digits."""
    found = complex(_plain(x))
    return tuple(float(f"{one:.10g}") if abs(one) > 10.0 ** -AGREEING else 0.0
                 for one in (found.real, found.imag))


def _pair(x, y):
    """Two numbers as floats, alike if they are."""
    (a, c), (b, d) = _parts(x), _parts(y)
    if alike(x, y):
        return a, a
    if abs(c) + abs(d) > 10.0 ** -AGREEING * (abs(a) + abs(b) + 1) and (c, d) != (0, 0):
        # of a complex number that is wrong, what differs
        a, b = (a, b) if abs(a - b) >= abs(c - d) else (c, d)
    return a, math.nan if abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1e-9) else b


def _function(name: str, slope: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """A function of mpmath's, with its derivative `slope(x, value)` for dual numbers."""
    def of_one(x):
        if isinstance(x, Dual):
            value = of_one(x.value)
            return x.chain(value, slope(x.value, value))
        return Precise(getattr(_context(), name)(_plain(x)))

    return of_one


_EXP: Callable[[Any], Any] = _function("exp", lambda x, value: value)
_LOG = _function("log", lambda x, value: 1 / Precise(_plain(x)))
_SIN = _function("sin", lambda x, value: _COS(x))
_COS: Callable[[Any], Any] = _function("cos", lambda x, value: -_SIN(x))
_SINH = _function("sinh", lambda x, value: _COSH(x))
_COSH: Callable[[Any], Any] = _function("cosh", lambda x, value: _SINH(x))
_TAN = _function("tan", lambda x, value: 1 + value * value)
_TANH = _function("tanh", lambda x, value: 1 - value * value)
_ARCTAN = _function("atan", lambda x, value: 1 / (1 + Precise(_plain(x)) * x))
_ROOT = _function("sqrt", lambda x, value: 1 / (2 * value))


def _each(function):
    def of_all(a):
        if isinstance(a, tuple) and len(a) == 1:
            # braces for brackets: exp{kx}
            a = a[0]
        return over(function, a)

    return of_all


class Reals(vocabulary.Vocabulary):
    """The functions of every lecture, to fifty digits."""

    operators: ClassVar[dict[str, Any]] = vocabulary.OPERATORS | {
        "exp": _each(_EXP), "log": _each(_LOG), "ln": _each(_LOG), "sin": _each(_SIN),
        "cos": _each(_COS), "tan": _each(_TAN), "sinh": _each(_SINH), "cosh": _each(_COSH),
        "tanh": _each(_TANH), "arctan": _each(_ARCTAN)}

    @property
    def constants(self):
        """π, to all digits."""
        return {"\\pi": Precise(+_context().pi)}

    def exp(self, a):
        """e^a of a number."""
        return _EXP(a)

    def root(self, a):
        """The square root, exact where it is rational."""
        exact = vocabulary.rational_root(a)
        return _ROOT(a) if exact is None else exact

    def power(self, a, exponent):
        """a^exponent of numbers."""
        if isinstance(exponent, int):
            return vocabulary.power(a, exponent)
        return self.root(a) if exponent == Fraction(1, 2) else _EXP(exponent * _LOG(a))

    def logarithm(self, a, base):
        """The logarithm of a number to a base."""
        return _LOG(a) / _LOG(base)
