"""Two values of a line as sides that can be compared."""

from fractions import Fraction

import numpy as np

from cnnmat.verify.tex import values
from cnnmat.verify.tex.commands import LETTERS
from cnnmat.verify.tex.precise import decided
from cnnmat.verify.tex.tree import Name, Number, walk
from cnnmat.verify.tex.values import Sizes

__all__ = ["fitted", "shown", "told"]


def fitted(first, other, member):
    """Two values as sides that can be compared; 𝟙 gets its size, 0 too, and a decimal stands for
    all that round to it."""
    if member == Number("0") and values.is_array(first):
        other = values.Constant(np.zeros((1, 1), dtype=object) * 0, (True, True))
    first, other = _listed(first, other), _listed(other, first)
    if not isinstance(first, tuple):
        try:
            first, other = values.fitted(first, other, "=")
        except Sizes:
            return decided(side(first), side(other))
    digits = [len(one.text.partition(".")[2]) for one in walk(member) if isinstance(one, Number)]
    if any(digits) and not any(isinstance(one, Name) for one in walk(member)):
        other = _rounded(first, other, Fraction(1, 2 * 10 ** max(digits)))
    return decided(side(first), side(other))


def _listed(value, other):
    """A vector as a list, where it is compared with one: (AB)_{1,:} = (3, 5)."""
    vector = isinstance(other, tuple) and values.is_array(value) and 1 in value.shape
    return tuple(value.ravel().tolist()) if vector else value


def _rounded(first, other, half):
    """`other`, with the entry of `first` where it differs by no more than half a digit."""
    if isinstance(first, tuple) and isinstance(other, tuple):
        if len(first) != len(other):
            return other
        return tuple(_rounded(a, b, half) for a, b in zip(first, other, strict=True))
    if values.is_array(first):
        entries = [_rounded(a, b, half) for a, b in zip(
            first.ravel().tolist(), other.ravel().tolist(), strict=True)]
        return np.array(entries, dtype=object).reshape(first.shape)
    return first if abs(first - other) <= half else other


def side(value):
    if isinstance(value, values.Constant):
        return value.block
    if isinstance(value, (tuple, set, frozenset, range)):
        return tuple(side(one) for one in (
            value if isinstance(value, (tuple, range)) else sorted(value)))
    return value


def told(letters):
    """The values of letters in front of what is said for them."""
    parts = ", ".join(f"{LETTERS.get(name, name)} = {value}" for name, value in letters.items())
    return f"{parts}: " if parts else ""


def shown(value):
    """A value in a few words."""
    if values.is_array(value):
        return f"{values.size(value)} {value.tolist()}"[:80]
    return str(value)[:80]
