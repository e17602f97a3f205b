"""The tokens of a formula in LaTeX, each with the column at which it stands."""

import re
from dataclasses import dataclass

__all__ = ["TexError", "Token", "tokens"]


class TexError(ValueError):
    """What cannot be read or run in a formula, and where.

    Attributes
    ----------
    column : int
        Counted from 1.
    why : str
    """

    def __init__(self, column, why):
        super().__init__(f"column {column}: {why}")
        self.column, self.why = column, why


@dataclass(frozen=True)
class Token:
    """One token: its kind ("number", "letter", "command", "symbol", "row", "quad", "end"),
    its text and its column."""

    kind: str
    text: str
    column: int


_TOKEN = re.compile(
    r"""
    (?P<space>\s+ | ~ | %[^\n]*\n? | \\[,;:!\ >]
        | \\(?:left|right|middle)(?![A-Za-z])(?:\s*\.)?
        | \\[bB]igg?[lrm]?(?![A-Za-z])
        | \\(?:display|text|script)style(?![A-Za-z])
        | \\(?:limits|nolimits|thinspace|nonumber|notag|hline)(?![A-Za-z]))
  | (?P<quad>\\q?quad(?![A-Za-z]))
  | (?P<number>[0-9]+(?:\{,\}[0-9]{3})*(?:\.[0-9]+)? | \.[0-9]+)
  | (?P<row>\\\\\*?(?:\[[^]\n]*\])?)
  | (?P<command>\\[A-Za-z]+\*? | \\[^A-Za-z])
  | (?P<letter>[^\W\d_])
  | (?P<symbol>\.{2,3} | := | .)
    """, re.VERBOSE | re.DOTALL)


def tokens(formula):
    """The tokens of `formula`, spaces and the sizes of brackets left out, with an "end" behind.

    Examples
    --------
    >>> [token.text for token in tokens(r"\\left(a_{12}\\right)\\,b")]
    ['(', 'a', '_', '{', '12', '}', ')', 'b', '']
    """
    found = [Token(one.lastgroup, one[0], one.start() + 1) for one in _TOKEN.finditer(formula)
             if one.lastgroup != "space"]
    return [*found, Token("end", "", len(formula) + 1)]
