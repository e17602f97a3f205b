"""What a side is made of, when two sides of a claim agree, and where they differ if they do not."""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from types import FunctionType
from typing import Any

import numpy as np
from scipy import sparse

from cnnmat.verify import signs
from cnnmat.verify.exact import Strict
from cnnmat.verify.symbols import Entry, identical
from cnnmat.verify.witness import evaluate as at
from cnnmat.verify.witness import witness

__all__ = ["RTOL", "Frozen", "NotConforming", "Refuted", "agree", "evaluate", "first_difference",
           "freeze", "one_object", "same"]

#: Scaled tolerance for floats: |a - b| at most this times the largest |reference| of an array.
RTOL = 1e-12

#: What an entry may be; of another type, ``==`` might be anything.
ENTRIES = (int, bool, float, Fraction, Entry, str)
#: Of these and of no types derived from them: to take a side apart runs none of the claim's code.
SPARSE = {getattr(sparse, f"{form}_{kind}") for kind in ("array", "matrix")
          for form in ("bsr", "coo", "csc", "csr", "dia", "dok", "lil")}
SCALARS, ARRAYS = set(np.sctypeDict.values()), {np.ndarray, Strict}


class NotConforming:
    """A side whose sizes do not fit together."""

    def __init__(self, why):
        self.why = why

    def told(self):
        """What a counterexample says of it."""
        why = re.search(r"size \d+ is different from \d+", self.why)
        return {"text": f"sizes do not conform: {why[0] if why else self.why}"}


class Refuted(NotConforming):
    """A side of which more is known than that it has no value: `why`, and what else to tell."""

    def __init__(self, why, **more):
        super().__init__(why)
        self.more = more

    def told(self):
        """What a counterexample says of it."""
        return {"text": self.why, **self.more}


@dataclass(frozen=True)
class Frozen:
    """A side as plain entries that nobody else holds.

    Attributes
    ----------
    shape : tuple
        Of a ragged nested list with what its parts are.
    flat : list
        The entries.
    blocks : list of int
        Lengths of the runs of entries that are one array: rounding is scaled by each.
    rounded : bool
        Whether there is a float among them.
    finite : bool
        Whether none is NaN or infinite.
    """

    shape: tuple[Any, ...]
    flat: list[Any]
    blocks: list[int]
    rounded: bool
    finite: bool


_SIZES = re.compile(
    r"mismatch|not aligned|broadcast|must have shape|must end in an axis|inconsistent shapes|"
    r"must fit into|one shape|cannot reshape|one length|dimension")


def evaluate(side):
    """`side`, called if it was written as a function; `NotConforming` where sizes do not fit."""
    # only what was written as a function is called: other callables may be values
    if not isinstance(side, FunctionType):
        return side
    try:
        return side()
    except ValueError as error:
        if not _SIZES.search(str(error)):
            raise
        return NotConforming(str(error))


def freeze(side):
    """A side as `Frozen`; `NotConforming` stays what it is.

    Raises
    ------
    TypeError
        For what is neither a number, a symbol, a text, an array, a list or a tuple of these.
    """
    if isinstance(side, NotConforming):
        return side
    shape, flat, blocks = _taken_apart(side)
    floats = [one for one in flat if type(one) is float]
    return Frozen(shape, flat, blocks, bool(floats), all(map(math.isfinite, floats)))


def _taken_apart(value):
    """(shape, entries, lengths of blocks) of a side."""
    if type(value) in SPARSE:
        value = value.toarray()
    if type(value) in ARRAYS:
        flat = np.asarray(value).ravel().tolist()
        return value.shape, _known(flat) if value.dtype.kind == "O" else flat, [len(flat)]
    if type(value) in (list, tuple):
        return _joined(value, [_taken_apart(one) for one in value])
    return (), _known([value]), [1]


def _joined(value, parts):
    """The parts of a list or tuple as one side; a list of equal shapes is one array."""
    shapes = [shape for shape, _, _ in parts]
    alike = len(set(shapes)) <= 1
    inner = (shapes or [()])[0] if alike else ("ragged", *shapes)
    flat = [entry for _, entries, _ in parts for entry in entries]
    one_array = type(value) is list and alike and all(len(blocks) == 1 for _, _, blocks in parts)
    blocks = [len(flat)] if one_array else [size for _, _, sizes in parts for size in sizes]
    return (len(value), *inner), flat, blocks


def _known(entries):
    entries = [one.item() if type(one) in SCALARS else one for one in entries]
    for kind in {type(one) for one in entries}:
        if issubclass(kind, np.ndarray):
            raise TypeError(f"a side must be made of plain arrays, got {kind.__module__}."
                            f"{kind.__qualname__}")
        if kind not in ENTRIES:
            raise TypeError("a side must be made of numbers, symbols or texts, got "
                            f"{kind.__module__}.{kind.__qualname__}")
    return entries


def agree(side, truth):
    """Whether two sides agree.

    Their shapes are equal, and their entries: identical if they are exact, else to `RTOL` of the
    largest entry of the truth, array by array.  What is not finite agrees with nothing.

    Examples
    --------
    >>> agree([1, 2], np.array([1, 2])), agree([1], 1), agree(float("nan"), float("nan"))
    (True, False, False)
    """
    side, truth = (one if isinstance(one, Frozen) else freeze(one) for one in (side, truth))
    if isinstance(side, NotConforming) or side.shape != truth.shape:
        return False
    if not (side.rounded or truth.rounded):
        return all(map(identical, side.flat, truth.flat))
    ends = np.cumsum(truth.blocks).tolist()
    return all(_close(side.flat[end - size:end], truth.flat[end - size:end])
               for end, size in zip(ends, truth.blocks, strict=True))


def same(side, other):
    """Whether two frozen sides are the same to the last bit."""
    return side.shape == other.shape and all(
        type(a) is type(b) and identical(a, b) for a, b in zip(side.flat, other.flat, strict=True))


def one_object(side, other):
    """Whether two sides are one list, or the same entries of one array."""
    if isinstance(side, np.ndarray) and isinstance(other, np.ndarray):
        a, b = side.__array_interface__, other.__array_interface__
        return side.size > 0 and all(a[k] == b[k] for k in ("data", "shape", "strides"))
    return side is other and isinstance(side, (list, tuple)) and len(side) > 0


def _close(have, want):
    """Whether the entries of one array agree, some being floats."""
    if not any(type(one) is float for one in (*have, *want)):
        return all(map(identical, have, want))
    if any(isinstance(one, (Entry, str)) for one in (*have, *want)):
        return False
    have, want = np.array(have, dtype=float), np.array(want, dtype=float)
    if not (np.isfinite(have).all() and np.isfinite(want).all()):
        return False
    return bool((np.abs(have - want) <= RTOL * np.abs(want).max(initial=0.0)).all())


def first_difference(side, truth, symbols, case, called=("printed", "truth"), place=None):
    """Where and how the frozen `side` differs from `truth`, in numbers.

    `called` is what the text calls both, `place` what it calls an entry, by its indices.
    """
    found = {"shapes": {k: repr(v) for k, v in case.items()}}
    who, other = called
    if isinstance(side, NotConforming):
        return found | side.told()
    if side.shape != truth.shape:
        return found | {"text": f"{who} has shape {side.shape}, {other} has shape {truth.shape}"}
    k = _plainest(side, truth)
    cell, names = _path(side.shape, k), {}
    numbers = side.flat[k], truth.flat[k]
    if any(isinstance(one, Entry) for one in numbers) or symbols.order.seen:
        point, names = _numbers(symbols, *numbers)
        numbers = tuple(at(one, point) for one in numbers)
    where = place(cell) if place else f"entry {cell}: " if cell else ""
    setting = ", ".join(f"{name} = {value}" for name, value in names.items())
    others = " (all others 0)" if side.shape and names else ""
    text = f"{setting}{others}: " if setting else ""
    return found | {
        "entry": cell, "at": names, "printed": str(numbers[0]), "truth": str(numbers[1]),
        "text": f"{text}{where}{who} {numbers[0]}, {other} {numbers[1]}",
    }


def _plainest(side, truth):
    """The place of the entry that differs in the plainest way."""
    apart = {k: _difference(*pair) for k, pair in enumerate(zip(side.flat, truth.flat, strict=True))
             if not _close([pair[0]], [pair[1]])}
    # to write all of them out takes longer than to find them
    least = min(map(_terms, apart.values()))
    return min((k for k, one in apart.items() if _terms(one) == least),
               key=lambda k: len(str(apart[k])))


def _difference(have, want):
    return "" if isinstance(have, str) or isinstance(want, str) else have - want


def _terms(difference):
    return difference.terms if isinstance(difference, Entry) else 0


def _path(shape, k):
    """The indices, from the outermost in, of the k-th entry of a side of this shape."""
    if not shape:
        return []
    parts = shape[2:] if shape[1:2] == ("ragged",) else [shape[1:]] * shape[0]
    for n, part in enumerate(parts):
        size = _size(part)
        if k < size:
            return [n, *_path(part, k)]
        k -= size
    raise IndexError(f"k must be the place of an entry, got {k} too many")


def _size(shape):
    """How many entries a side of this shape has."""
    if shape[1:2] == ("ragged",):
        return sum(map(_size, shape[2:]))
    return shape[0] * _size(shape[1:]) if shape else 1


def _numbers(symbols, *sides):
    """The simplest numbers at which two sides differ, by place and, where not zero, by name."""
    exact = any(isinstance(one, Entry) for one in sides)
    point = witness(symbols, sides[0] - sides[1] if exact else 0)
    full = [point.get(k, 0) for k in range(len(symbols.order.point))]
    point |= {k: signs.value(standing, full) for k, standing in symbols.order.ties.items()}
    named = {symbols.names[k]: int(x) if x == int(x) else str(x)
             for k, x in point.items() if k < len(symbols.names) and x}
    return point, dict(sorted(named.items()))
