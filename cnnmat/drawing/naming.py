"""How entries are written, and what rows and columns are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

__all__ = ["Names", "by_name", "named", "sizes", "written"]

#: What the rows, or the columns, are called: by their number, or one after the other.
Names: TypeAlias = Callable[[int], str] | Sequence[str]


def written(entry: Any) -> str:
    """An entry as text: floats to four digits, truth as 1 and 0.

    Examples
    --------
    >>> [written(one) for one in (3, True, -0.0, 1 / 3, 12345.0)]
    ['3', '1', '0', '0.3333', '12345']
    """
    if isinstance(entry, bool):
        return str(int(entry))
    if isinstance(entry, float):
        # a whole number keeps its digits, and a zero has no sign
        return f"{entry + 0:.0f}" if abs(entry) < 1e6 and entry == int(entry) else f"{entry:.4g}"
    return str(entry)


def named(kind: str, shape: Sequence[int] = ()) -> Callable[[int], str]:
    """Names for the places of an array of `shape`, stacked as `cnnmat.vec` stacks it.

    Parameters
    ----------
    kind : str
    shape : sequence of int, optional
        Left out, or of one axis, the places are numbered.

    Returns
    -------
    callable
        The name of place k, counted from 0; the first axis runs fastest.

    Examples
    --------
    >>> pixel = named("pixel", (3, 4))
    >>> pixel(0), pixel(1), pixel(3)
    ('pixel (0, 0)', 'pixel (1, 0)', 'pixel (0, 1)')
    >>> named("window")(5)
    'window 5'
    """
    if len(shape) < 2:
        return lambda k: f"{kind} {k}"

    def name(k):
        places = []
        for length in shape:
            places.append(k % length)
            k //= length
        return f"{kind} ({', '.join(map(str, places))})"

    return name


def by_name(word: str, names: Names | None, k: int) -> str:
    """Row or column `k`, and its name if it has one: "row 3 = window (1, 0)"."""
    if names is None:
        return f"{word} {k}"
    return f"{word} {k} = {names(k) if callable(names) else names[k]}"


def sizes(shape: Sequence[int]) -> str:
    """Lengths as they are written in the text.

    Examples
    --------
    >>> sizes((12, 6))
    '12 × 6'
    """
    return " × ".join(map(str, shape))
