"""Symbols that a claim draws: polynomials and quotients of them, with an order that is asked."""

from fractions import Fraction
from functools import cache
from numbers import Integral
from typing import Any

import numpy as np

from cnnmat.verify.orders import Order

__all__ = ["Entry", "NeedMoreGenerators", "Symbols", "identical", "vanishes"]


class NeedMoreGenerators(Exception):
    """More symbols were asked for than the ring holds; the run is repeated in a larger one."""


@cache
def _domain(capacity, rational):
    """A ring or field in so many symbols, and its generators."""
    # SymPy takes half a second to load: a command that needs no ring shall not wait for it
    from sympy import QQ
    from sympy.polys.fields import field
    from sympy.polys.rings import ring

    return (field if rational else ring)([f"x{k}" for k in range(capacity)], QQ)


class Symbols:
    """A polynomial ring over the rationals whose generators are handed out by name.

    Parameters
    ----------
    capacity : int
        Number of generators.
    rational : bool
        Work in the field of rational functions, where one can divide.
    order : Order, optional
        Answers ``a > b`` and records that it was asked; says which symbols equal others.
    """

    def __init__(self, capacity=32, rational=False, order=None):
        self.domain, *self._generators = _domain(capacity, rational)
        self.rational, self.number = rational, self.domain.domain
        self.zero = Entry(self, self.domain.zero)
        self.order = Order.drawn(capacity) if order is None else order
        self.names = []

    def symbol(self, name):
        """A new generator called `name`, or what the order puts in its place."""
        place = len(self.names)
        if place == len(self._generators):
            raise NeedMoreGenerators
        self.names.append(name)
        tie = self.order.ties.get(place)
        return Entry(self, self._generators[place] if tie is None else self.domain(tie))

    def array(self, name, shape):
        """An object array of new generators called name[i, j], with indices from 0."""
        if shape == ():
            return self.symbol(name)
        array = np.empty(shape, dtype=object)
        for cell in np.ndindex(array.shape):
            array[cell] = self.symbol(f"{name}[{', '.join(map(str, cell))}]")
        return array

    def sign(self, difference, *, ordered=True):
        """-1, 0 or 1 as the order has it, for an element of the ring or field."""
        if not self.rational:
            return self.order.sign(difference, ordered=ordered)
        above = self.order.sign(difference.numer, ordered=ordered)
        return above * self.order.sign(difference.denom) if above and ordered else above

    def polynomials(self, entry):
        """The numerator and, in a field, the denominator of `entry`."""
        value = entry.value
        return (value.numer, value.denom) if self.rational else (value,)

    def text(self, entry):
        """`entry` with the names that were given to the generators."""
        if not isinstance(entry, Entry):
            return str(entry)
        from sympy import Symbol

        renamed = {Symbol(f"x{k}"): Symbol(name) for k, name in enumerate(self.names)}
        return str(entry.value.as_expr().xreplace(renamed))


def _arithmetic(operator):
    """An operator between entries and exact numbers; floats and arrays are not taken."""
    def operate(self, other):
        kind = type(other)
        if kind is Entry:
            other = other.value
        elif kind is Fraction:
            other = self.symbols.number(other.numerator, other.denominator)
        elif kind is not int:
            if not isinstance(other, Integral):
                return NotImplemented
            other = int(other)
        value = operator(self.value, other)
        if type(value) is not type(self.value):
            # SymPy has a quotient that is zero, plus a number, come out as that number
            value = self.symbols.domain(value)
        return Entry(self.symbols, value)

    return operate


def _comparison(holds):
    """The comparison that `holds` of the sign of a difference."""
    def compare(self, other):
        difference = self - other
        return holds(self.symbols.sign(difference.value))

    return compare


class Entry:
    """A polynomial, or a quotient of two, in the symbols of a claim.

    Arithmetic is exact.  What has no answer for symbols is asked of the claim's `Order`, which
    records it: ``<`` and its kin, ``==`` of two that are not identical, ``abs``, truth.

    Examples
    --------
    >>> symbols = Symbols(2)
    >>> a, b = symbols.symbol("a"), symbols.symbol("b")
    >>> (a + b) * (a - b)
    a**2 - b**2
    >>> (a + b) ** 2 == a**2 + 2 * a * b + b**2
    True
    """

    __slots__ = ("symbols", "value")
    # a set or dictionary would tell two entries apart without asking
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, symbols, value):
        self.symbols, self.value = symbols, value

    _plus, _times = _arithmetic(lambda a, b: a + b), _arithmetic(lambda a, b: a * b)
    __sub__, __rsub__ = _arithmetic(lambda a, b: a - b), _arithmetic(lambda a, b: b - a)
    _over, _under = _arithmetic(lambda a, b: a / b), _arithmetic(lambda a, b: b / a)
    __lt__, __gt__ = _comparison(lambda sign: sign < 0), _comparison(lambda sign: sign > 0)
    __le__, __ge__ = _comparison(lambda sign: sign <= 0), _comparison(lambda sign: sign >= 0)

    def __repr__(self):
        return self.symbols.text(self)

    # Most products with V, T and their like are by 0 and 1, and most sums with 0.

    def __add__(self, other):
        if type(other) is int:
            return self._plus(other) if other else self
        if type(other) is Entry and not (self.value and other.value):
            return self if self.value else other
        return self._plus(other)

    def __mul__(self, other):
        if type(other) is int and 0 <= other <= 1:
            return self if other else self.symbols.zero
        if type(other) is Entry and not (self.value and other.value):
            return self.symbols.zero
        return self._times(other)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self):
        return Entry(self.symbols, -self.value)

    def __abs__(self):
        return -self if self < 0 else self

    def __pow__(self, exponent):
        return Entry(self.symbols, self.value**exponent)

    def __truediv__(self, other):
        if isinstance(other, Entry) and not self.symbols.rational:
            raise TypeError("symbols must not be divided by each other, unless the claim says "
                            f"rational=True: got {self!r} over {other!r}")
        return self._over(other)

    def __rtruediv__(self, other):
        if not self.symbols.rational:
            raise TypeError("a number must not be divided by a symbol, unless the claim says "
                            f"rational=True: got {other!r} over {self!r}")
        return self._under(other)

    def __eq__(self, other):
        difference = self.__sub__(other)
        if difference is NotImplemented:
            return NotImplemented
        return self.symbols.sign(difference.value, ordered=False) == 0

    def __bool__(self):
        return self != 0

    @property
    def terms(self):
        """How many terms it has, above and below."""
        return len(self.value.numer) + len(self.value.denom) if self.symbols.rational else len(
            self.value)

    def diff(self, symbol):
        """The derivative by a symbol."""
        return Entry(self.symbols, self.value.diff(symbol.value))


def identical(a, b):
    """Whether two exact entries are one polynomial, or one number; no order is asked.

    Examples
    --------
    >>> a = Symbols(1).symbol("a")
    >>> identical(a * 2, a + a), identical(a, 0)
    (True, False)
    """
    if not isinstance(a, Entry):
        a, b = b, a
    if not isinstance(a, Entry):
        return bool(a == b)
    difference = a.__sub__(b)
    return difference is not NotImplemented and not difference.value


def vanishes(a: Any) -> Any:
    """Whether entries are zero for all values of the symbols; ``a == 0`` asks for those at hand.

    Parameters
    ----------
    a : Entry, number or array of them

    Returns
    -------
    bool or ndarray of bool

    Examples
    --------
    >>> a = Symbols(1).symbol("a")
    >>> vanishes(np.array([a - a, a, 0]))
    array([ True, False,  True])
    """
    if isinstance(a, np.ndarray):
        flat = [identical(one, 0) for one in a.ravel().tolist()]
        return np.array(flat, dtype=bool).reshape(a.shape)
    return identical(a, 0)
