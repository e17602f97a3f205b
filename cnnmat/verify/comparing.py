"""When two sides of a claim agree, and where they differ if they do not."""

import re
from fractions import Fraction
from types import FunctionType

import numpy as np

from cnnmat.verify import exact

__all__ = ["RTOL", "NotConforming", "agree", "evaluate", "first_difference"]

#: Scaled tolerance for floats: |a - b| at most this times the largest |reference|.
RTOL = 1e-12


class NotConforming:
    """A side whose sizes do not fit together."""

    def __init__(self, why):
        self.why = why


_SIZES = re.compile(
    r"mismatch|not aligned|broadcast|must have shape|must end in an axis|inconsistent shapes|"
    r"must fit into|one shape|cannot reshape|one length|dimension")


def evaluate(side):
    """`side`, called if it was written as a function; `NotConforming` where sizes do not fit."""
    # polynomials are callable too, so only what was written as a function is called
    if not isinstance(side, FunctionType):
        return side
    try:
        return side()
    except ValueError as error:
        if not _SIZES.search(str(error)):
            raise
        return NotConforming(str(error))


def is_float(entry):
    """Whether an entry is a float, so that there is rounding."""
    return isinstance(entry, float)


def is_number(entry):
    """Whether an entry is a number that a float can stand for."""
    return isinstance(entry, (int, float, Fraction))


def agree(side, truth):
    """Whether two sides agree: ``==`` for exact entries, to 1e-12 of the largest for floats."""
    if isinstance(side, NotConforming):
        return False
    if isinstance(side, np.ndarray) and isinstance(truth, np.ndarray) and {
            side.dtype.kind, truth.dtype.kind} <= set("biu"):
        return np.array_equal(side, truth)
    (shape, have), (wanted_shape, want) = exact.entries(side), exact.entries(truth)
    if shape != wanted_shape:
        return False
    both = [*have, *want]
    if any(map(is_float, both)) and all(map(is_number, both)):
        have, want = np.array(have, dtype=float), np.array(want, dtype=float)
        if not np.isfinite(have).all():
            return False
        return bool((np.abs(have - want) <= RTOL * np.abs(want).max(initial=0.0)).all())
    return all(bool(a == b) for a, b in zip(have, want, strict=True))


def first_difference(side, truth, symbols, case, who):
    """Where and how `side`, called `who`, differs from `truth`, in numbers."""
    found = {"shapes": {k: repr(v) for k, v in case.items()}}
    if isinstance(side, NotConforming):
        why = re.search(r"size \d+ is different from \d+", side.why)
        return found | {"text": f"sizes do not conform: {why[0] if why else side.why}"}
    (shape, have), (wanted_shape, want) = exact.entries(side), exact.entries(truth)
    if shape != wanted_shape:
        return found | {"text": f"{who} has shape {shape}, truth has shape {wanted_shape}"}
    apart = [k for k in range(len(have)) if not agree(have[k], want[k])]
    k = min(apart, key=lambda k: len(symbols.text(have[k] - want[k])))
    cell = exact.paths(side)[k]
    point, numbers = {}, (have[k], want[k])
    difference = have[k] - want[k]
    if hasattr(difference, "as_expr"):
        point = exact.witness(symbols, difference)
        numbers = tuple(exact.evaluate(side, point) for side in numbers)
    at = dict(sorted((symbols.names[g], value) for g, value in point.items() if value))
    where = f"entry {cell}: " if cell else ""
    setting = ", ".join(f"{name} = {value}" for name, value in at.items())
    others = " (all others 0)" if shape and at else ""
    text = f"{setting}{others}: " if setting else ""
    return found | {
        "entry": cell, "at": at, "printed": str(numbers[0]), "truth": str(numbers[1]),
        "text": f"{text}{where}{who} {numbers[0]}, truth {numbers[1]}",
    }
