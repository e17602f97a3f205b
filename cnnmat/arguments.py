"""The door: checks of what a caller hands in, and the numbers that all computing is done in.

Every message names the argument, says what it must be and what it was, and is
raised before anything large is allocated.

One rule for numbers holds for all public functions:

* Integers of any width and sign, and booleans, are int64 from here on and are computed exactly.
  What int64 might not hold is refused (`within_int64`); nothing wraps.
* Real functions (exponentials, roots, norms, means) of integers are computed in float64 (`floats`).
* float16 becomes float32, which holds all its numbers and the sums of their products.
* float32, float64 and longdouble stay what they are, in the machine's order of bytes.
* Exact entries (an object array of ints, fractions, symbols) stay exact.
* All else is refused: complex numbers, text, dates, None, sparse arrays where a dense one is
  asked for, and masked arrays, for what a mask hides would count again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from numbers import Integral, Rational
from typing import Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

__all__ = []

Choice = TypeVar("Choice")
Value = TypeVar("Value")

INT64 = 2**63 - 1
_AS_THEY_ARE = frozenset(map(np.dtype, (np.float64, np.float32, np.int64)))


class Usage(Exception):
    """A call of the command that cannot be carried out; its text goes to the user."""


def integer(name: str, value: object, least: int = 0) -> int:
    """Return `value` as an ``int`` that is at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, got {value}")
    return int(value)


def is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether `value` is a list, a tuple or an array with axes."""
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def integers(name: str, value: object, count: int, least: int = 0) -> tuple[int, ...]:
    """Return `value`, an int or a tuple of `count` ints, as a tuple of ints."""
    if is_sequence(value):
        if len(value) != count:
            raise ValueError(
                f"{name} must be an integer or a tuple of {count}, got {tuple(value)!r}"
            )
        return tuple(integer(f"{name}[{k}]", v, least) for k, v in enumerate(value))
    return (integer(name, value, least),) * count


_NO_NUMBERS = (str, bytes, complex, np.complexfloating, np.timedelta64, list, tuple, np.ndarray)
_SIGNS = ("__mul__", "__sub__")


def instance(name: str, value: object, kind: type[Value]) -> Value:
    """Return `value`, which must be a `kind`."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be of type {kind.__name__}, got {value!r}")
    return value


def function(name: str, value: Any, *parts: str) -> Any:
    """Return `value`, which must be callable and have the attributes `parts`."""
    if not callable(value) or not all(hasattr(value, part) for part in parts):
        wanted = " with a ".join(["a function", *parts])
        raise TypeError(f"{name} must be {wanted}, got {value!r}")
    return value


def real(name: str, value: Value) -> Value:
    """Return `value` as a finite number: NumPy's as Python's, exact ones as they came.

    A Python number leaves the type of the array that it meets as it is.
    """
    value = _number(name, value)
    if isinstance(value, Rational):
        floating(name, value)
    return value


def _number(name, value):
    if (isinstance(value, (*_NO_NUMBERS, bool, np.bool_)) or sparse.issparse(value)
            or not all(hasattr(value, sign) for sign in _SIGNS)):
        raise TypeError(f"{name} must be a number, got {value!r}")
    if isinstance(value, (float, np.floating)) and not np.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return value.item() if isinstance(value, np.number) else value


def floating(name: str, value: Any, *, positive: bool = False) -> float:
    """Return `value` as a ``float``, which is to hold it."""
    value = _number(name, value)
    try:
        value = float(value)
    except OverflowError:
        value = float("inf")
    except TypeError:
        raise TypeError(f"{name} must be a number that a float can hold, got {value!r}") from None
    if value in (float("inf"), -float("inf")):
        raise ValueError(f"{name} must be a number that a float can hold, got a larger one")
    if positive and not value > 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return value


def scalar(name: str, value: Value, dtype: np.dtype) -> Value | float:
    """Return `real` in a form that goes with arrays of `dtype`: with floats a fraction is one."""
    value = real(name, value)
    return floating(name, value) if dtype.kind == "f" and isinstance(value, Rational) else value


def array(name: str, value: object, shape: tuple[Any, ...] | None = None) -> NDArray[Any]:
    """Return `value` as `numeric`, without NaN and infinity, of the shape asked for.

    Parameters
    ----------
    shape : tuple of (int or None or str), optional
        Required shape; ``None`` or a letter lets an axis have any length,
        ``...`` in front allows any number of leading axes.
    """
    a = numeric(name, value)
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


def floats(name: str, value: object, shape: tuple[Any, ...] | None = None) -> NDArray[Any]:
    """Return `array` of the arguments as floats, which a real function takes."""
    return inexact(name, array(name, value, shape))


def inexact(name: str, a: NDArray[Any]) -> NDArray[Any]:
    """The array `a` as floats."""
    if a.dtype.kind == "O":
        raise TypeError(f"{name} must hold integers or floats for a function that is not "
                        "rational, got exact entries")
    return a if a.dtype.kind == "f" else a.astype(float)


def numeric(name: str, value: object) -> NDArray[Any]:
    """Return `value` as an array of numbers of the types that all computing is done in."""
    a = numbers_of(name, value)
    return a if a.dtype in _AS_THEY_ARE else a.astype(computed_in(a.dtype), copy=False)


def numbers_of(name: str, value: object) -> NDArray[Any]:
    """Return `value` as an array of numbers, in their own type."""
    if type(value) is np.ndarray and value.dtype in _AS_THEY_ARE:
        return value
    a = rectangular(name, value)
    if a.dtype.kind not in "biufO":
        raise TypeError(f"{name} must hold real numbers, got dtype {a.dtype}")
    if a.dtype.kind == "O":
        return _exact(name, a)
    if a.dtype.kind == "u" and a.dtype.itemsize == 8 and a.size and a.max() > INT64:
        raise ValueError(f"{name} must hold integers below 2**63, got {a.max()}")
    return a


def computed_in(*dtypes: np.dtype) -> np.dtype:
    """The type in which what has `dtypes` is computed: int64, a float type or object.

    Examples
    --------
    >>> narrow, unsigned, half = map(np.dtype, ("int8", "uint64", "float16"))
    >>> print(computed_in(narrow, unsigned), computed_in(narrow, half))
    int64 float32
    """
    if len(dtypes) == 1 and dtypes[0] in _AS_THEY_ARE:
        return dtypes[0]
    native = [one.newbyteorder("=") for one in dtypes]
    if all(one.kind in "biu" for one in native):
        return np.dtype(np.int64)
    return np.result_type(*native, *[np.float32] * (np.float16 in native))


def _exact(name, a):
    """The object array `a`, its entries checked, NumPy's numbers in it as Python's."""
    kinds = {type(entry): entry for entry in a.flat}
    floats = tuple(kind for kind in kinds if issubclass(kind, (float, np.floating)))
    infinite = (e for e in a.flat if isinstance(e, floats) and not np.isfinite(e))
    for entry in (*kinds.values(), *infinite):
        _number(f"an entry of {name}", entry)
    if any(issubclass(kind, np.number) for kind in kinds):
        return np.frompyfunc(lambda entry: _number(f"an entry of {name}", entry), 1, 1)(a)
    return a


def rectangular(name: str, value: Any) -> NDArray[Any]:
    """Return `value` as an array, its rows being of one length, nothing in it being masked."""
    if _is_masked(value):
        raise TypeError(f"{name} must be an array without a mask, got a masked array; "
                        ".filled() says what its hidden entries count as")
    if sparse.issparse(value):
        raise TypeError(f"{name} must be a dense array, got a sparse one; .toarray() makes one")
    try:
        return np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array, got rows of unequal lengths") from None


def _is_masked(value):
    if isinstance(value, (list, tuple)):
        return any(map(_is_masked, value))
    return isinstance(value, np.ma.MaskedArray)


def largest(a: Any) -> int:
    """The largest absolute value among integers, as an ``int``; 0 of all else.

    With 0 what is no integer drops out of a bound on sums of products of integers.
    """
    if not hasattr(a, "dtype"):
        return abs(a) if isinstance(a, int) else 0
    if a.dtype.kind not in "biu" or not a.size:
        return 0
    entries: Any = a
    if sparse.issparse(a):
        entries = entries.data
    return max(int(entries.max()), -int(entries.min()))


def within_int64(names: str, bound: int) -> None:
    """Refuse integers `names` whose result could be as large as `bound`, if int64 ends before.

    Bounds are taken from the largest absolute values (`largest`), which costs a look at each
    entry and is certain; what they refuse might have fitted.
    """
    if bound > INT64:
        raise ValueError(f"{names} must be so small that the result stays below 2**63, got "
                         f"integers that may lead up to {bound}; floats or exact entries "
                         "(.astype(object)) have more room")


def product(names: str, a: Any, b: Any) -> Any:
    """a b, entry by entry, of numbers `names` whose product int64 holds."""
    within_int64(names, largest(a) * largest(b))
    return a * b


@contextmanager
def inside(statement: str) -> Iterator[None]:
    """Put `statement`, which names arguments, before messages raised inside."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(f"{statement}: {error}") from error


@contextmanager
def renamed(**names: str) -> Iterator[None]:
    """Let messages raised inside speak of an argument by the name that the caller knows."""
    try:
        yield
    except (TypeError, ValueError) as error:
        subject, must, rest = str(error).partition(" must ")
        words = re.split(r"(\w+)", subject)
        said = "".join(names.get(word, word) for word in words)
        raise type(error)(said + must + rest) from error.__cause__


def _memory():
    """The bytes of memory of this machine."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 2**40


MEMORY = _memory()


def within_memory(names: str, nbytes: int) -> None:
    """Refuse arguments `names` that ask for more than memory holds, before it is asked for."""
    if nbytes > MEMORY:
        raise _too_large(names, nbytes)


@contextmanager
def room(names: str, nbytes: int) -> Iterator[None]:
    """`within_memory`, and what is asked for inside and not to be had is refused likewise."""
    within_memory(names, nbytes)
    try:
        yield
    except MemoryError:
        raise _too_large(names, nbytes) from None


def _too_large(names, nbytes):
    return ValueError(f"{names} must ask for no more than the {MEMORY} bytes of memory, got sizes "
                      f"that take {nbytes} bytes")


def choice(name: str, value: object, options: Mapping[str, Choice]) -> Choice:
    """Return the entry of the dictionary `options` that `value` names."""
    if not isinstance(value, str) or value not in options:
        names = ", ".join(repr(o) for o in options)
        raise ValueError(f"{name} must be one of {names}, got {value!r}")
    return options[value]
