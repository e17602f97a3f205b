"""Symbols held against the patterns of quantities: w_2^{(d,c+1)} against w_j^{(d,c)}."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from cnnmat.verify.tex.tree import (
    Empty,
    Group,
    Juxtaposition,
    List,
    Name,
    Node,
    Number,
    Relation,
    Script,
    Sum,
    walk,
)
from cnnmat.verify.tex.writing import latex

__all__ = ["Letters", "letter", "unify"]

#: What stands for the letters of a pattern, each with what is to be taken from its value.
Letters: TypeAlias = dict[str, tuple[Node, int]]


def letter(node: Node) -> str | None:
    """The name under which an index letter is known, p'' for example; None if `node` is none."""
    if isinstance(node, Name):
        return latex(node).strip()
    if isinstance(node, Script) and node.primes and node.sub is None and node.sup is None:
        inside = letter(node.base)
        return None if inside is None else inside + "'" * node.primes
    return None


def unify(pattern: Node, node: Node, letters: Iterable[str], families: dict[str, set[str]],
          found: Letters) -> bool:
    """Whether `node` has the form of `pattern`; what stands for its letters goes into `found`."""
    name, shift = _letter_and_shift(pattern)
    if name in letters:
        if isinstance(node, (List, Relation, Empty)) or not _in_family(node, families.get(name)):
            return False
        found[name] = node, shift
        return True
    if isinstance(pattern, Juxtaposition) and isinstance(node, Number):
        node = Juxtaposition(tuple(Number(digit, column=node.column) for digit in node.text))
    if type(pattern) is not type(node):
        return False
    parts = _parts(pattern), _parts(node)
    if parts[0] is None:
        return pattern == node
    return len(parts[0]) == len(parts[1]) and all(
        (one is None) == (other is None) and (one is None or unify(one, other, letters, families,
                                                                   found))
        for one, other in zip(*parts, strict=True)) and _alike(pattern, node)


def _letter_and_shift(pattern):
    """(d, 0) of d, (c, 1) of c+1."""
    if isinstance(pattern, Sum) and len(pattern.terms) == 2 and isinstance(
            pattern.terms[1], Number) and pattern.signs[0] == "":
        sign = 1 if pattern.signs[1] == "+" else -1
        return letter(pattern.terms[0]), sign * int(pattern.terms[1].text)
    return letter(pattern), 0


def _parts(node):
    if isinstance(node, Script):
        return [node.base, node.sub, node.sup]
    if isinstance(node, Group):
        return [node.body]
    if isinstance(node, List):
        return node.items
    return node.factors if isinstance(node, Juxtaposition) else None


def _alike(pattern, node):
    if isinstance(pattern, Script):
        return pattern.primes == node.primes
    if isinstance(pattern, Group):
        return pattern.open == node.open
    return True


def _in_family(node, family):
    if family is None:
        return True
    names = {letter(one) for one in walk(node) if isinstance(one, Name)}
    return bool(names & family) if names else "1" in family
