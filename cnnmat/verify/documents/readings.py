"""The ways in which an equation can be read, where there are several: all of them are run."""

from __future__ import annotations

from dataclasses import replace

from cnnmat.verify.tex import plain
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.quantities import Bindings
from cnnmat.verify.tex.ranges import limits
from cnnmat.verify.tex.slips import changed_at
from cnnmat.verify.tex.tree import (
    Big,
    Fraction,
    Group,
    Juxtaposition,
    Mark,
    Node,
    Product,
    Sum,
    walk,
)

__all__ = ["readings"]


def readings(tree: Node, bindings: Bindings) -> dict[str, tuple[Node, Bindings]]:
    """The readings of a formula, by what tells them apart; none where it has one.

    Two ways to take a/bc, two places at which a sum may end, two symbols that one form fits.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse
    >>> from cnnmat.verify.tex.bindings import read
    >>> [*readings(parse("y=a/bc"), read("a, b, c : number"))]
    ['a/(bc)', '(a/b)c']
    """
    for node in walk(tree):
        for find in (_slashed, _long_sum):
            found = find(node, bindings)
            if found:
                return {name: (changed_at(tree, node, other), bindings)
                        for name, other in found.items()}
        hits = bindings.matches(node)
        if len(hits) > 1:
            return {f"{plain(node)} as {one.name}": (tree, _preferring(bindings, one))
                    for one in hits}
    return {}


def _slashed(node, _bindings):
    """a/(bc) and (a/b)c of a/bc."""
    if not isinstance(node, Product) or len(node.factors) != 2 or node.operators[0] != Mark("/"):
        return {}
    above, below = node.factors
    if not isinstance(below, Juxtaposition) or isinstance(below.factors[-1], Group):
        return {}
    first, *rest = below.factors
    split = Juxtaposition((Fraction(above, first), *rest), column=node.column)
    whole = Fraction(above, below, column=node.column)
    return {f"{plain(above)}/({plain(below)})": whole,
            f"({plain(above)}/{plain(first)}){plain(Juxtaposition(tuple(rest)))}": split}


def _long_sum(node, bindings):
    """Where a term behind a sum has its letter in it, and nothing else tells what that is."""
    if not isinstance(node, Sum):
        return {}
    for place, term in enumerate(node.terms[:-1]):
        big = term if isinstance(term, Big) else None
        if isinstance(term, Juxtaposition) and isinstance(term.factors[-1], Big):
            big = term.factors[-1]
        if big is None or big.below is None:
            continue
        names = {name for name, *_ in limits(big, bindings.ranges)}
        behind = node.terms[place + 1:]
        if not any(letter(one) in names for part in behind for one in walk(part)):
            continue
        inside = Sum((big.body, *behind), ("", *node.signs[place + 1:]))
        long = changed_at(term, big, replace(big, body=Group("(", inside, ")")))
        before = node.terms[:place]
        whole = Sum((*before, long), node.signs[:place + 1]) if before or node.signs[0] else long
        return {f"the sum ends before {node.signs[place + 1]}": node,
                f"the sum goes on behind {node.signs[place + 1]}": whole}
    return {}


def _preferring(bindings, quantity):
    """Bindings in which one quantity comes before all others that fit."""
    held = {name: sorted(found, key=lambda one: one is not quantity)
            for name, found in bindings.quantities.items()}
    return replace(bindings, quantities=held)
