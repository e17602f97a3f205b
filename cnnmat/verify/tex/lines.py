"""The lines of a lecture's bindings, taken apart: ranges, lists, what stands behind "for"."""

import re
from dataclasses import dataclass

from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.parsing import parse
from cnnmat.verify.tex.tokens import TexError
from cnnmat.verify.tex.tree import Derivative, Node

__all__ = ["Range", "behind_for", "formula", "lines", "ranges", "split"]


@dataclass(frozen=True)
class Range:
    """The values of an index letter; without ends they are those with which it can stand."""

    letter: str
    first: Node | None = None
    last: Node | None = None


def lines(text):
    """The lines of bindings, those that go on from one before joined to it."""
    found = []
    for line in text.splitlines():
        if line.startswith((" ", "\t")) and found and line.strip():
            found[-1] += " " + line.strip()
        elif line.strip() and not line.startswith("%"):
            found.append(line.strip())
    return found


def behind_for(text):
    """A line without what stands behind its last "for", and the ranges that stand there."""
    before, found, behind = text.rpartition(" for ")
    return (before, ranges(behind)) if found else (text, {})


def formula(text):
    """The tree of a formula, of "d J / d w" too.

    Examples
    --------
    >>> formula("d J / d w_1").by.sub
    Number(column=3, text='1')
    """
    slope = re.fullmatch(r"d\s+(.+?)\s*/\s*d\s+(.+)", text.strip())
    if slope is None:
        return parse(text.strip())
    return Derivative(parse(slope[1]), parse(slope[2]))


def ranges(text):
    """Ranges such as "n = 0..N-1, c = C", by letter."""
    found = {}
    for one in split(text, ",;"):
        name, equals, values = one.partition("=")
        first, dots, last = values.partition("..")
        key = letter(parse(name.strip()))
        if key is None or bool(equals) != bool(values.strip()):
            raise TexError(1, f"expected a range such as n = 0..N-1, got {one}")
        ends = [parse(end.strip()) for end in ((first, last) if dots else (first, first))]
        found[key] = Range(key, *ends) if equals else Range(key)
    return found


def split(text, separators):
    """The parts of a text between separators that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "({[") - (character in ")}]")
        if character in separators and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]
