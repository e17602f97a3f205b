"""What somebody who writes a claim should write instead, where Python speaks of the machinery."""

import linecache
import re
import traceback
from pathlib import Path

__all__ = ["advice", "place"]

_OPERAND = r"'(?:Entry|Dual)'"
#: What messages of Python's, NumPy's and SymPy's say, and what to write instead; {0} is what the
#: message names.
_RULES = [(re.compile(message), words) for message, words in (
    (r"no callable (sqrt) method",
     "NumPy's {0} takes no symbols: root = e.root(), then root(z); the claim says rational=True"),
    (r"no callable (exp|log|tanh|sin|cos|log1p|expm1|sinh|cosh|exp2|log2|log10|arctan|cbrt|f) "
     r"method",
     "NumPy's {0} takes no symbols: {0} = e.function(\"{0}\"), then {0}(z), stands for any "
     "function of which values and derivatives are known"),
    (r"no callable (\w+) method",
     "NumPy's {0} takes no symbols: write it as sums and products, or draw numbers (e.floats)"),
    (rf"{_OPERAND} object has no attribute '(\w+)'",
     "a symbol has no {0}: write it as sums and products, or draw numbers (e.floats)"),
    (r"ufunc '(is\w+)' not supported for the input types",
     "{0} asks for floats; symbols are exact and finite"),
    (r"ufunc '(\w+)' not supported for the input types",
     "{0} takes no symbols: {0} = e.function(\"{0}\"), then {0}(z), stands for any function of "
     "which values and derivatives are known"),
    (r"Cannot cast ufunc '(\w+)' input from dtype\('O'\)",
     "NumPy's {0} takes floats alone: write it as sums and products, or draw numbers (e.floats)"),
    (r"no supported conversion for types: .*'O'",
     "SciPy's sparse arrays take no symbols: .toarray() makes a dense one"),
    (rf"unsupported operand type\(s\) for \S+(?: or pow\(\))?: (?:'float' and {_OPERAND}"
     rf"|{_OPERAND} and 'float')|exponent must be an integer, got [\d.]*\.",
     "symbols are exact and take no floats: Fraction(1, 2) for 0.5, e.root() for a root of a "
     "symbol, and for a number such as √3 a symbol of its own, e.symbols(\"root3\")"),
    (r"exponent must be a non-negative integer, got -(\d+)",
     "a negative power is a division: 1 / z**{0}; the claim says rational=True"),
    (r"unsupported operand type\(s\) for (//|%)\S*: ",
     "symbols know no {0}: sizes and remainders are whole numbers, from the cases or e.integers"),
    (r"(?:float|int)\(\) argument must be .*'(?:Entry|Dual)'|doesn't define __round__",
     "a symbol is not one number: where the line needs numbers, draw them (e.floats, e.integers)"),
    (r"bad operand type for abs\(\): 'Dual'|'[<>]=' not supported between instances of .*'Dual'",
     "what is differentiated is compared by < and > alone; write |z| as z if z > 0 else -z"),
    (r"a claim must return Sides, got (?!NoneType)(\w+)",
     "a claim ends with return Sides(truth=..., printed=..., wrong={{\"a near miss\": ...}}), "
     "not with a {0}"),
    (r"a claim must return Sides, got NoneType",
     "a claim ends with return Sides(truth=..., printed=..., wrong={{\"a near miss\": ...}})"),
)]
_REAL = re.compile(r"must be real number, not (?:Entry|Dual)")


def advice(error, path=""):
    """What to write instead in the file that has raised `error`; "" if nothing is known of it.

    Examples
    --------
    >>> advice(TypeError("a claim must return Sides, got NoneType"))
    'a claim ends with return Sides(truth=..., printed=..., wrong={"a near miss": ...})'
    >>> advice(KeyError("lost"))
    ''
    """
    said = str(error)
    if _REAL.search(said):
        return _of_math(error, path)
    for message, words in _RULES:
        found = message.search(said)
        if found:
            return words.format(*found.groups())
    return ""


def _of_math(error, path):
    """Advice on a function of `math`, which the line calls by its name."""
    lines = _lines(error, path)
    line = linecache.getline(path, lines[-1]) if lines else ""
    names = re.findall(r"\b(sqrt|exp|log|tanh|sin|cos|sinh|cosh|expm1|log1p)\(", line)
    name = names[0] if names else "f"
    return advice(TypeError(f"no callable {name} method")).replace("NumPy's", "math's")


def place(error, path, first=None):
    """The line of a file that `error` came through last, else its `first`: "own.py, line 8"."""
    line = next(reversed(_lines(error, path)), first)
    return f"{Path(path).name}, line {line}" if line else ""


def _lines(error, path):
    return [frame.lineno for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == path]
