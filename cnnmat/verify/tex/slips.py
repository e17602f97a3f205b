"""Slips put into a formula, as one makes them on paper: one place changed at a time.

The line is run again with each.  A slip that changes nothing is one that the line's symbols, at the
sizes used, cannot tell from the right form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.tree import (
    Big,
    Fraction,
    Juxtaposition,
    List,
    Mark,
    Name,
    Node,
    Number,
    Prefix,
    Product,
    Relation,
    Script,
    Sum,
    children,
    rebuilt,
    walk,
)

__all__ = ["changed_at", "places", "slips"]


#: From a node to what is changed in it, and the changed nodes.
Changes: TypeAlias = Callable[[Node], Iterable[tuple[str, Node]]]


def slips(tree: Node) -> Iterator[tuple[str, Node]]:
    """(what was changed, the changed tree) for each slip that a line allows.

    The first member of a chain stays as it is: it says what the line is about.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse, plain
    >>> for name, changed in slips(parse(r"y=H^Tw-\\theta")):
    ...     print(f"{name}: {plain(changed)}")
    a sign: y = Hᵀw + θ
    a factor left out: y = w - θ
    a transpose dropped: y = Hw - θ
    """
    for place, name, changed in places(tree, _changes):
        yield name, changed_at(tree, place, changed)


def places(tree: Node | None, changes: Changes) -> Iterator[tuple[Node, str, Node]]:
    """(the node, what is changed, the changed node) of all parts, from outside in.

    The first member of a chain is left out: it says what the line is about; unless all others are
    numbers.
    """
    first = tree.items[0] if isinstance(tree, List) else tree
    kept = first.members[0] if isinstance(first, Relation) and any(
        isinstance(one, Name) for member in first.members[1:] for one in walk(member)) else None
    todo = [] if tree is None else [tree]
    while todo:
        node = todo.pop()
        if node is kept:
            continue
        for name, changed in changes(node):
            yield node, name, changed
        todo.extend(reversed([*children(node)]))


def changed_at(tree: Node, place: Node, changed: Node) -> Node:
    """The tree with `changed` in the place of the very node `place`."""
    if tree is place:
        return changed
    return rebuilt(tree, lambda part: changed_at(part, place, changed))


def _changes(node):
    """The slips of one node."""
    kind = type(node)
    return _CHANGES[kind](node) if kind in _CHANGES else ()


def _of_a_sum(node):
    if node.signs[0] == "-":
        bare = replace(node, signs=("", *node.signs[1:]))
        yield "a sign dropped", bare.terms[0] if len(bare.terms) == 1 else bare
    for place in range(1, len(node.terms)):
        other = {"+": "-", "-": "+"}.get(node.signs[place])
        if other and not _counts(node):
            signs = (*node.signs[:place], other, *node.signs[place + 1:])
            yield "a sign", replace(node, signs=signs)
    if _counts(node):
        yield "an index", node.terms[0]


def _counts(node):
    """Whether this is an index such as c+1."""
    return len(node.terms) == 2 and isinstance(node.terms[0], (Name, Script)) and (
        isinstance(node.terms[1], Number) and node.terms[1].text == "1")


def _of_scripts(node):
    if isinstance(node.sup, Number) and node.sup.text != "1" and node.sub is None:
        yield "a power left out", node.base
    if is_transpose(node.sup):
        bare = replace(node, sup=None)
        yield "a transpose dropped", bare if bare.sub or bare.primes else bare.base
    if isinstance(node.base, Name) and node.base.text in ("f", "\\varphi") and node.primes == 1:
        yield "f for f'", replace(node, primes=0) if node.sub or node.sup else node.base


def _of_factors(node):
    matrices = [place for place, one in enumerate(node.factors) if not isinstance(
        one, (Number, List))]
    if len(node.factors) > 1 and matrices:
        rest = node.factors[:matrices[0]] + node.factors[matrices[0] + 1:]
        yield "a factor left out", rest[0] if len(rest) == 1 else replace(node, factors=rest)
    if isinstance(node.factors[0], Number):
        rest = node.factors[1:]
        yield "a number left out", rest[0] if len(rest) == 1 else replace(node, factors=rest)


def _of_a_fraction(node):
    yield "a divisor left out", node.above


def _of_a_product(node):
    for place, operator in enumerate(node.operators):
        if isinstance(operator, Mark) and operator.text == "/":
            yield "a divisor left out", _left_out(node, place + 1)
        if isinstance(operator, Mark) and operator.text in ("\\odot", "\\otimes"):
            factors = [*node.factors]
            factors[place:place + 2] = factors[place + 1:place - 1 if place else None:-1]
            if operator.text == "\\otimes":
                yield "factors exchanged", replace(node, factors=tuple(factors))
            else:
                yield "a factor left out", _left_out(node, place)


def _left_out(node, place):
    factors = node.factors[:place] + node.factors[place + 1:]
    gone = max(place - 1, 0)
    operators = node.operators[:gone] + node.operators[gone + 1:]
    return factors[0] if not operators else replace(node, factors=factors, operators=operators)


def _of_a_range(node):
    if isinstance(node.below, Relation) and node.below.operators == ("=",) and isinstance(
            node.below.members[1], Number):
        second = Number(str(int(node.below.members[1].text) + 1))
        yield "a range from one later", replace(
            node, below=replace(node.below, members=(node.below.members[0], second)))
    if node.above is not None and not isinstance(node.above, Mark):
        shorter = Sum((node.above, Number("1")), ("", "-"))
        yield "a range to one earlier", replace(node, above=shorter)


def _of_a_minus(node):
    if node.operator == "-":
        yield "a sign dropped", node.body


_CHANGES = {Sum: _of_a_sum, Fraction: _of_a_fraction, Script: _of_scripts,
            Juxtaposition: _of_factors, Product: _of_a_product, Big: _of_a_range,
            Prefix: _of_a_minus}
