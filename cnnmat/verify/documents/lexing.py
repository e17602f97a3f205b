"""The tokens of a LaTeX file, each with its position."""

import re
from typing import NamedTuple

__all__ = ["Token", "lexed", "text_of"]

#: Environments in which nothing is LaTeX.
_VERBATIM = ("verbatim", "verbatim*", "Verbatim", "lstlisting", "minted", "comment",
             "filecontents", "filecontents*")


class Token(NamedTuple):
    """One token: its kind ("bind", "command", "space", "open", "close", "text", "argument",
    "dollar"), its text and its position."""

    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"""
    %@(?P<bind>[^\n]*)\n?
  | (?P<comment>%[^\n]*(?:\n[ \t]*)?)
  | (?P<skip>\\verb\*?([^A-Za-z*\s])[^\n]*?\4)
  | (?P<command>\\[A-Za-z@]+\*? | \\.)
  | (?P<space>\s+)
  | (?P<open>\{) | (?P<close>\})
  | (?P<argument>\#[1-9])
  | (?P<dollar>\$\$?)
  | (?P<text>& | ~ | [^\\{}%$\#&~\s]+ | .)
    """, re.VERBOSE | re.DOTALL)


def lexed(text, start, error, begin=0, end=None):
    r"""The tokens of `text` from `begin` to `end`, comments and verbatim parts left out.

    Parameters
    ----------
    text : str
    start : int
        The position of its beginning.
    error : callable
        ``error(position, why)`` makes the exception for what is not closed.

    Examples
    --------
    >>> [token.text for token in lexed("a%@ x : number\n\\b{c}", 0, None)]
    ['a', ' x : number', '\\b', '{', 'c', '}']
    """
    place, end = begin, len(text) if end is None else end
    while place < end:
        found = _TOKEN.match(text, place, end)
        kind, place = found.lastgroup, found.end()
        if kind == "command" and found[0] in ("\\begin", "\\iffalse"):
            closing = _closing(text, found[0], place)
            if closing is not None:
                past = text.find(closing, place, end)
                if past < 0:
                    raise error(start + found.start(), f"{closing} is missing")
                place = past + len(closing)
                continue
        if kind not in ("comment", "skip"):
            yield Token(kind, found[kind], start + found.start(kind))


def _closing(text, command, place):
    """What ends the part that is no LaTeX; None where it is some."""
    if command == "\\iffalse":
        return "\\fi"
    name = re.compile(r"\{([A-Za-z]+\*?)\}").match(text, place)
    return f"\\end{{{name[1]}}}" if name and name[1] in _VERBATIM else None


def text_of(tokens):
    """The text of tokens, side by side."""
    return "".join(token.text for token in tokens)
