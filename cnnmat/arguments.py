"""Checks of what a caller hands in.

Every message names the argument, says what it must be and what it was, and is
raised before anything large is allocated.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = []

Choice = TypeVar("Choice")
Value = TypeVar("Value")


class Usage(Exception):
    """A call of the command that cannot be carried out; its text goes to the user."""


def integer(name: str, value: object, least: int = 0) -> int:
    """Return `value` as an ``int`` that is at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def integers(name: str, value: object, count: int, least: int = 0) -> tuple[int, ...]:
    """Return `value`, an int or a tuple of `count` ints, as a tuple of ints."""
    if isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim):
        if len(value) != count:
            raise ValueError(
                f"{name} must be an integer or a tuple of {count}, got {tuple(value)!r}"
            )
        return tuple(integer(f"{name}[{k}]", v, least) for k, v in enumerate(value))
    return (integer(name, value, least),) * count


_NO_NUMBERS = (str, bytes, complex, np.complexfloating, list, tuple, np.ndarray)


def real(name: str, value: Value, *, positive: bool = False) -> Value:
    """Return `value` as a finite number, as it came."""
    if isinstance(value, (*_NO_NUMBERS, bool, np.bool_)) or not hasattr(value, "__mul__"):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if isinstance(value, (float, np.floating)) and not np.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    if positive and not value > 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return value


def array(name: str, value: object, shape: tuple[Any, ...] | None = None) -> NDArray[Any]:
    """Return `value` as an array of numbers (or exact entries) without NaN.

    Parameters
    ----------
    shape : tuple of (int or None or str), optional
        Required shape; ``None`` or a letter lets an axis have any length,
        ``...`` in front allows any number of leading axes.
    """
    a = rectangular(name, value)
    if a.dtype.kind not in "biufO":
        raise TypeError(f"{name} must hold real numbers, got dtype {a.dtype}")
    if a.dtype.kind == "O":
        kinds = {type(entry): entry for entry in a.flat}
        floats = any(issubclass(kind, (float, np.floating)) for kind in kinds)
        for entry in a.flat if floats else kinds.values():
            real(f"an entry of {name}", entry)
    if a.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {a.shape}")
    if shape is not None:
        trailing = tuple(s for s in shape if s is not ...)
        fits = a.ndim == len(shape) if ... not in shape else a.ndim >= len(trailing)
        fits = fits and all(
            not isinstance(want, int) or want == have
            for want, have in zip(trailing, a.shape[a.ndim - len(trailing):], strict=True)
        )
        if not fits:
            wanted = ", ".join({...: "...", None: "any"}.get(s, str(s)) for s in shape)
            comma = "," if len(shape) == 1 else ""
            raise ValueError(f"{name} must have shape ({wanted}{comma}), got {a.shape}")
    if a.dtype.kind == "f" and not np.isfinite(a).all():
        raise ValueError(f"{name} must be finite, got {np.count_nonzero(~np.isfinite(a))}"
                         " entries that are NaN or infinite")
    return a


def rectangular(name: str, value: Any) -> NDArray[Any]:
    """Return `value` as an array, its rows being of one length."""
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array, got rows of unequal lengths") from None


def wide(a: NDArray[Any]) -> NDArray[Any]:
    """The array `a`, narrow integers and booleans as int64: sums of products cannot wrap."""
    return a.astype(np.int64, copy=False) if a.dtype.kind in "biu" else a


def factor(name: str, value: object, shape: tuple[Any, ...] | None = None) -> NDArray[Any]:
    """Return `array` of the arguments, wide enough for sums of products with it."""
    return wide(array(name, value, shape))


def choice(name: str, value: object, options: Mapping[str, Choice]) -> Choice:
    """Return the entry of the dictionary `options` that `value` names."""
    if not isinstance(value, str) or value not in options:
        names = ", ".join(repr(o) for o in options)
        raise ValueError(f"{name} must be one of {names}, got {value!r}")
    return options[value]
