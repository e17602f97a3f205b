"""Text from strangers, for terminals, pages and files that do not take every character."""

import json
import math
import re
from numbers import Integral

__all__ = ["one_line", "plain", "printable", "to_json", "word"]

#: Controls, halves of characters, what XML forbids, and what turns the order of reading.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def word(value):
    """Any object as a plain ``str`` that can be encoded.

    Examples
    --------
    >>> word(3), word("half a pair: \\ud83d")
    ('3', 'half a pair: \\\\ud83d')
    """
    try:
        # of a subclass, which may call itself safe markup, the characters alone
        text = str.__str__(value if isinstance(value, str) else str(value))
    except Exception:  # a stranger's __str__ may do anything
        text = f"({type(value).__name__} that cannot be printed)"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def printable(value, keep="\n\t"):
    """`word`, with what is no character to be seen written as an escape.

    Examples
    --------
    >>> printable("red: \\x1b[31m")
    'red: \\\\x1b[31m'
    """
    def escape(match):
        code = ord(match[0])
        if match[0] in keep:
            return match[0]
        return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

    return _ODD.sub(escape, word(value))


def one_line(value):
    """`printable` with a space for each line break, for the rows of a table."""
    return re.sub(r"\s*\n\s*", " ", printable(value))


def plain(value):
    """`value` made of dictionaries, lists, numbers, None and text alone, as JSON has them.

    Examples
    --------
    >>> plain({1: (True, float("nan"), {"a"})})
    {'1': [True, 'nan', "{'a'}"]}
    """
    if isinstance(value, dict):
        return {word(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else word(float(value))
    if isinstance(value, Integral) and not isinstance(value, bool):
        # a longer one is read as a rounded float, or not at all
        return int(value) if int(value).bit_length() < 64 else word(value)
    return value if value is None or isinstance(value, bool) else word(value)


def to_json(value, **options):
    """Any object as JSON text.

    Examples
    --------
    >>> to_json([float("inf"), "\\x00"])
    '["inf", "\\\\u0000"]'
    """
    return json.dumps(plain(value), allow_nan=False, **options)
