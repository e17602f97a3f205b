"""What the symbols of a line stand for, and the operations between them.

A value is a number (whole, fraction, symbol, dual number, float), an array of two axes with numbers
in it (a vector is a column), a `Constant` whose size its neighbours tell, a tuple (a list or set of
values), or a function.  The operations ask of arrays `+ - * @ .T .shape` and no more.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = [
    "Constant",
    "Multiple",
    "Sizes",
    "add",
    "block_diagonal",
    "column",
    "concatenated",
    "conjugate",
    "divide",
    "equal",
    "fitted",
    "hadamard", "inner",
    "inverse",
    "is_array",
    "kron",
    "negative",
    "number",
    "over",
    "shape_of",
    "size",
    "times",
    "transpose",
]


class Sizes(ValueError):
    """Sizes that do not fit; the text says which."""


@dataclass(frozen=True)
class Constant:
    """𝟙 of a size that is not written: every entry along a free axis is the same.

    Attributes
    ----------
    block : ndarray
        The entries, of length 1 along what is free.
    free : tuple of bool
        Whether the number of rows, and of columns, is open.
    """

    block: np.ndarray
    free: tuple[bool, bool]

    def sized(self, rows, columns):
        """The array of this size."""
        shape = tuple(want if free else have for want, have, free in zip(
            (rows, columns), self.block.shape, self.free, strict=True))
        if shape != (rows, columns):
            raise Sizes(f"{size(self)} and {rows}×{columns}")
        return np.broadcast_to(self.block, shape).copy()


@dataclass(frozen=True)
class Multiple:
    """A multiple of I of a size that is not written.

    Attributes
    ----------
    factor : number
    """

    factor: Any

    def sized(self, rows, columns):
        """The array of this size."""
        if rows != columns:
            raise Sizes(f"I and {rows}×{columns}")
        made = np.zeros((rows, rows), dtype=object)
        for k in range(rows):
            made[k, k] = self.factor
        return made


def is_array(value):
    """Whether `value` has rows and columns, and their numbers are known."""
    return hasattr(value, "shape") and hasattr(value, "T") and len(value.shape) == 2


def shape_of(value):
    """(rows, columns); a number is 1×1."""
    return value.shape if is_array(value) else (1, 1)


def size(value):
    """The size of a value in words: "6×8", "a number".

    Examples
    --------
    >>> size(column([1, 2])), size(3), size(Constant(column([1]), (True, False)))
    ('2×1', 'a number', '?×1')
    """
    if is_array(value):
        return "×".join(map(str, value.shape))
    if isinstance(value, Constant):
        return "×".join("?" if free else str(n) for free, n in zip(
            value.free, value.block.shape, strict=True))
    if isinstance(value, Multiple):
        return "I"
    if isinstance(value, tuple):
        return f"a list of {len(value)}"
    return "a function" if callable(value) else "a number"


def column(entries):
    """A vector as a column."""
    made = np.empty((len(entries), 1), dtype=object)
    for place, entry in enumerate(entries):
        made[place, 0] = entry
    return made


def number(value):
    """`value`, out of its array if it is one of a single entry."""
    if is_array(value) and value.shape == (1, 1):
        return value[0, 0]
    return value


def fitted(a, b, what):
    """Both values with the size of the other where they have none of their own."""
    if isinstance(a, (Constant, Multiple)) and is_array(b):
        a = a.sized(*b.shape)
    if isinstance(b, (Constant, Multiple)) and is_array(a):
        b = b.sized(*a.shape)
    if isinstance(a, Multiple) or isinstance(b, Multiple):
        raise Sizes(f"{size(a)} {what} {size(b)}: how large I is is not known")
    if shape_of(a) != shape_of(b) or isinstance(a, Constant) != isinstance(b, Constant):
        raise Sizes(f"{size(a)} {what} {size(b)}")
    if is_array(a) != is_array(b):
        a, b = number(a), number(b)
    return a, b


def add(a, b):
    """a + b, of one size."""
    if isinstance(a, Constant) and isinstance(b, Constant) and a.free == b.free:
        return Constant(a.block + b.block, a.free)
    if isinstance(a, Multiple) and isinstance(b, Multiple):
        return Multiple(a.factor + b.factor)
    a, b = fitted(a, b, "+")
    return a + b


def negative(a):
    """-a."""
    if isinstance(a, Multiple):
        return Multiple(-a.factor)
    return Constant(-a.block, a.free) if isinstance(a, Constant) else -a


def conjugate(a):
    """The complex conjugate of a number."""
    return a.conjugate() if hasattr(a, "conjugate") else a


def inverse(a):
    """The inverse of a square matrix, by elimination in exact numbers.

    Examples
    --------
    >>> inverse(np.array([[0, 2], [1, 3]], dtype=object)).tolist()
    [[Fraction(-3, 2), Fraction(1, 1)], [Fraction(1, 2), Fraction(0, 1)]]
    """
    count = a.shape[0]
    if a.shape != (count, count):
        raise Sizes(f"the inverse of {size(a)}")
    rows = [[*map(_exact, a[i].tolist()), *(Fraction(int(i == j)) for j in range(count))]
            for i in range(count)]
    for k in range(count):
        pivot = next((i for i in range(k, count) if rows[i][k] != 0), None)
        if pivot is None:
            raise Sizes("the inverse of a matrix that has none")
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [one / rows[k][k] for one in rows[k]]
        for i in range(count):
            if i != k:
                rows[i] = [one - rows[i][k] * other for one, other in zip(
                    rows[i], rows[k], strict=True)]
    return np.array([row[count:] for row in rows], dtype=object)


def _exact(number):
    """A whole number as one that can be divided without rounding."""
    return Fraction(number) if isinstance(number, int) else number


def hadamard(a, b):
    """a ⊙ b, of one size."""
    a, b = fitted(a, b, "⊙")
    return a * b


def inner(a, b):
    """⟨a, b⟩: the sum of the products of all entries, those of a conjugated."""
    product = hadamard(over(conjugate, a), b)
    return sum(product.ravel().tolist()) if is_array(product) else product


def transpose(a):
    """aᵀ."""
    if isinstance(a, Constant):
        return Constant(a.block.T, a.free[::-1])
    return a.T if is_array(a) else a


def times(a, b):
    """The product of two matrices, or of a number and anything.

    Examples
    --------
    >>> times(column([1, 2]).T, column([3, 4])), times(2, column([1])).tolist()
    (11, [[2]])
    >>> times(column([1, 2]), column([1, 2]))
    Traceback (most recent call last):
    cnnmat.verify.tex.values.Sizes: 2×1 times 2×1
    """
    if isinstance(a, tuple) or isinstance(b, tuple):
        raise Sizes(f"{size(a)} times {size(b)}")
    if isinstance(a, Multiple) or isinstance(b, Multiple):
        return _times_multiple(a, b)
    if isinstance(a, Constant) or isinstance(b, Constant):
        return _times_constant(a, b)
    if is_array(a) and is_array(b):
        if a.shape[1] == b.shape[0]:
            return number(a @ b)
        a, b = number(a), number(b)
        if is_array(a) and is_array(b):
            raise Sizes(f"{size(a)} times {size(b)}")
    return _scaled(a, b)


def _scaled(a, b):
    """The product of two numbers, or of a number and an array."""
    if is_array(b):
        # a dual number would take the array for a number
        return over(lambda one: a * one, b)
    return over(lambda one: one * b, a) if is_array(a) else a * b


def _times_multiple(a, b):
    if isinstance(a, Multiple) and isinstance(b, Multiple):
        return Multiple(a.factor * b.factor)
    one, other = (a.factor, b) if isinstance(a, Multiple) else (b.factor, a)
    if is_array(other) or isinstance(other, Constant):
        return times(one, other)
    return Multiple(one * other)


def _times_constant(a, b):
    if not (is_array(a) or isinstance(a, Constant)):
        return Constant(_scaled(a, b.block), b.free)
    if not (is_array(b) or isinstance(b, Constant)):
        return Constant(_scaled(a.block, b), a.free)
    (free_rows, free_inner), left = (a.free, a.block) if isinstance(a, Constant) else (
        (False, False), a)
    (inner_free, free_columns), right = (b.free, b.block) if isinstance(b, Constant) else (
        (False, False), b)
    if free_inner and inner_free:
        raise Sizes(f"{size(a)} times {size(b)}: how many is not known")
    if free_inner:
        left = np.broadcast_to(left, (left.shape[0], right.shape[0]))
    if inner_free:
        right = np.broadcast_to(right, (left.shape[1], right.shape[1]))
    if left.shape[1] != right.shape[0]:
        raise Sizes(f"{size(a)} times {size(b)}")
    product = left @ right
    if free_rows or free_columns:
        return Constant(product, (free_rows, free_columns))
    return number(product)


def kron(a, b):
    """a ⊗ b."""
    if isinstance(a, Constant) or isinstance(b, Constant):
        raise Sizes(f"{size(a)} ⊗ {size(b)}: how many is not known")
    return np.kron(*(one if is_array(one) else np.array([[one]], dtype=object) for one in (a, b)))


def divide(a, b):
    """a / b, where b is a number."""
    b = number(b)
    if is_array(b) or isinstance(b, (Constant, tuple)):
        raise Sizes(f"{size(a)} over {size(b)}")
    return times(Fraction(1, b) if isinstance(b, (int, Fraction)) else 1 / b, a)


def over(function, a):
    """`function` of every entry of `a`."""
    if isinstance(a, Constant):
        return Constant(over(function, a.block), a.free)
    if not is_array(a):
        return function(a)
    made = np.empty(a.shape, dtype=object)
    for cell in np.ndindex(a.shape):
        made[cell] = function(a[cell])
    return made


def concatenated(values, axis):
    """Values one below the other (axis 0) or side by side (axis 1)."""
    arrays = [one if is_array(one) else np.array([[one]], dtype=object) for one in values]
    if len({one.shape[1 - axis] for one in arrays}) > 1:
        raise Sizes(" and ".join(dict.fromkeys(map(size, arrays)))
                    + (" side by side" if axis else " one below the other"))
    return np.concatenate(arrays, axis=axis)


def block_diagonal(values):
    """Values along the diagonal, 0 elsewhere."""
    arrays = [one if is_array(one) else np.array([[one]], dtype=object) for one in values]
    made = np.zeros(tuple(sum(one.shape[k] for one in arrays) for k in (0, 1)), dtype=object)
    row = place = 0
    for one in arrays:
        made[row:row + one.shape[0], place:place + one.shape[1]] = one
        row, place = row + one.shape[0], place + one.shape[1]
    return made


def equal(a, b, same):
    """Whether two values have one size and, by `same`, equal entries."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(equal(x, y, same) for x, y in zip(a, b, strict=True))
    if isinstance(a, tuple) or isinstance(b, tuple):
        return False
    try:
        a, b = fitted(a, b, "=")
    except Sizes:
        return False
    if isinstance(a, Constant):
        return a.free == b.free and equal(a.block, b.block, same)
    if is_array(a):
        return all(map(same, a.ravel().tolist(), b.ravel().tolist()))
    return bool(same(a, b))
