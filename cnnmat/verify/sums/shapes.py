"""Shapes whose axes are digits."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from math import prod

from cnnmat.verify.sums.codings import Missing
from cnnmat.verify.sums.indices import Index, fresh
from cnnmat.verify.sums.sizes import Outside, current, digits_of, product_of

__all__ = ["Magnitudes", "Mismatch", "Shaped", "digits", "length"]


class Magnitudes:
    """Absolute values of entries, of which it is only asked whether a type of floats holds them."""

    def max(self):
        return self

    def __le__(self, other):
        current().assume("no entry is too large for a float")
        return True


class Mismatch(ValueError):
    """Axes that do not conform, and the letters that would have to be the same."""

    def __init__(self, what: str, left: Sequence[Index], right: Sequence[Index]) -> None:
        super().__init__(f"{what} of {length(left)} and {length(right)} entries do not conform: "
                         "dimension mismatch")
        pairs = zip([v.size for v in left], [v.size for v in right], strict=False)
        #: Only where the axes have as many digits.
        self.letters = [(a, b) for a, b in pairs if a != b] if len(left) == len(right) else []


class Shaped:
    """What has axes, each a tuple of indices, the slowest first."""

    def __init__(self, axes: Sequence[Sequence[Index]]) -> None:
        self.axes = tuple(map(tuple, axes))

    base = None

    def __array_function__(self, function, *_):
        raise Outside(f"{function.__module__}.{function.__name__} of what has letters for sizes")

    def __getattr__(self, name):
        raise Missing(f".{name} of an array whose sizes are letters")

    def astype(self, *_, **__):
        return self

    view = copy = astype

    def setflags(self, **_):
        """Nothing is written to twice."""

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(length(axis) for axis in self.axes)

    @property
    def ndim(self) -> int:
        return len(self.axes)

    @property
    def size(self) -> int:
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        return 8 * self.size

    @property
    def digits(self) -> tuple[Index, ...]:
        """All indices, from the slowest."""
        return tuple(itertools.chain(*self.axes))

    def regrouped(self, shape: Sequence[int]) -> list[list[Index]]:
        """The same digits as the axes of another shape, in C order."""
        wanted = list(shape)
        if -1 in wanted:
            k = wanted.index(-1)
            wanted[k] = self.size // prod(wanted[:k] + wanted[k + 1:])
        if prod(wanted) != self.size:
            raise ValueError(f"cannot reshape {self.shape} into {tuple(wanted)}")
        left = list(self.digits)
        return [self._taken(left, want) for want in wanted]

    def _taken(self, left, want):
        """The digits off the front of `left` whose sizes multiply to `want`."""
        letters, axis = sorted(digits_of(want)), []
        while sorted(v.size for v in axis) != letters:
            if not left or left[0].size not in letters:
                raise Outside(f"a reshape of {self.shape} that cuts through an axis, to {want}")
            axis.append(left.pop(0))
        return axis


def length(axis):
    """The size of an axis."""
    return product_of(tuple(v.size for v in axis))


def digits(n: int) -> list[Index]:
    """New indices for an axis of n entries."""
    return [fresh(letter) for letter in digits_of(n)]
