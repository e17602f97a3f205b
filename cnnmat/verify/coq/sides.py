"""What a proof for all sizes has found equal, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnnmat.verify.coq.statements import Equality
from cnnmat.verify.sums.arrays import SymbolicArray, as_array
from cnnmat.verify.sums.lists import SymbolicList
from cnnmat.verify.sums.proof import Proof
from cnnmat.verify.sums.terms import number, substitute

__all__ = ["equalities"]


def equalities(found: Proof) -> Iterator[tuple[str, Equality]]:
    """(name of a side, left = right) for all entries of all sides that are the truth."""
    for name, side in found.sides.items():
        for (free, left), (digits, right) in zip(_parts(found.truth), _parts(side), strict=True):
            places = dict(zip(digits, free, strict=True))
            yield name, Equality(free, left, substitute(right, places))


def _parts(x: Any) -> Iterator[Any]:
    """(digits, entries) of all that a side is made of."""
    if isinstance(x, (tuple, list)):
        for one in x:
            yield from _parts(one)
    elif isinstance(x, SymbolicList):
        yield from _parts(as_array(x))
    else:
        yield (x.digits, x.entries) if isinstance(x, SymbolicArray) else ((), number(x))
