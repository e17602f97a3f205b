"""One-place changes of a formula that may be what was meant: slips, and slips undone.

A line that fails is run again with each; one that makes it true is worth telling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.quantities import Bindings, Quantity
from cnnmat.verify.tex.slips import changed_at, places, slips
from cnnmat.verify.tex.tree import (
    Apply,
    Big,
    Fraction,
    Group,
    Juxtaposition,
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
)
from cnnmat.verify.tex.writing import latex

__all__ = ["repairs"]

_T = Name("T", "mathsf")


def repairs(tree: Node, bindings: Bindings) -> Iterator[tuple[str, Node]]:
    """(what was changed, the changed tree), the smallest changes first.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse, plain
    >>> from cnnmat.verify.tex.bindings import read
    >>> for name, changed in repairs(parse("y=Hw"), read("H : matrix 2 x 3\\nw : vector 2")):
    ...     print(f"{name}: {plain(changed)}")
    a factor left out: y = w
    a transpose: y = Hᵀw
    a transpose: y = Hwᵀ
    an inverse: y = H⁻¹ w
    factors exchanged: y = wH
    ⊙ for a product: y = H ⊙ w
    a factor 2: y = 2Hw
    a factor 1/2: y = 1/2 Hw
    another sign: y = -Hw
    """
    yield from slips(tree)
    for change in (_transposed, _another_sign, _inverted, _exchanged, _moved_index, _other_operator,
                   _other_range, _with_prime):
        for place, name, changed in places(tree, partial(change, bindings=bindings)):
            yield name, changed_at(tree, place, changed)
    for name, factor in (("a factor 2", Number("2")),
                         ("a factor 1/2", Fraction(Number("1"), Number("2")))):
        yield from _of_the_last(tree, name, factor)
    for size in _sizes(bindings):
        yield from _of_the_last(tree, f"a factor 1/{latex(size).strip()}",
                                Fraction(Number("1"), size))
    for place, name, changed in places(tree, lambda node: _other_symbol(node, bindings)):
        yield name, changed_at(tree, place, changed)


def _is_matrix(node, bindings):
    found = bindings.find(node)
    return found is not None and (found[0].kind in ("matrix", "vector", "defined"))


def _transposed(node, bindings):
    if isinstance(node, Script) and is_transpose(node.sup):
        return
    if _is_matrix(node, bindings):
        if isinstance(node, Script) and node.sup is not None:
            yield "a transpose", Script(Group("[", node, "]"), None, _T, column=node.column)
        elif isinstance(node, Script):
            yield "a transpose", replace(node, sup=_T)
        else:
            yield "a transpose", Script(node, None, _T, column=node.column)
    elif isinstance(node, Group) and node.open in "([" and not isinstance(node.body, Relation):
        yield "a transpose", Script(node, None, _T, column=node.column)


def _inverted(node, bindings):
    """X^{-1} for X, and X for X^{-1}."""
    minus = Sum((Number("1"),), ("-",))
    if isinstance(node, Script) and node.sup == minus:
        yield "no inverse", replace(node, sup=None) if node.sub or node.primes else node.base
    elif bindings.find(node) is not None and bindings.find(node)[0].kind in ("matrix", "defined"):
        whole = isinstance(node, Script) and node.sup is not None
        yield "an inverse", Script(Group("(", node, ")") if whole else node, None, minus,
                                   column=node.column)


def _another_sign(node, bindings):
    if isinstance(node, Sum):
        for place, sign in enumerate(node.signs):
            if place == 0 and sign == "":
                yield "another sign", replace(node, signs=("-", *node.signs[1:]))


def _exchanged(node, bindings):
    if isinstance(node, Juxtaposition):
        for place in range(len(node.factors) - 1):
            factors = [*node.factors]
            factors[place:place + 2] = factors[place + 1], factors[place]
            yield "factors exchanged", replace(node, factors=tuple(factors))


def _moved_index(node, bindings):
    """c+1 and c-1 for c, in the scripts of a symbol."""
    if not isinstance(node, Script):
        return
    for part in ("sub", "sup"):
        for place, name, changed in places(getattr(node, part), lambda one: _beside(one, bindings)):
            yield name, replace(node, **{part: changed_at(getattr(node, part), place, changed)})


def _beside(node, bindings):
    name = letter(node)
    if name in bindings.ranges:
        for sign in "+-":
            yield f"{name}{sign}1 for {name}", Sum((node, Number("1")), ("", sign))


def _other_operator(node, bindings):
    if isinstance(node, Juxtaposition) and len(node.factors) == 2:
        yield "⊙ for a product", Product(node.factors, (Mark("\\odot"),))
    if isinstance(node, Product) and len(node.factors) == 2 and node.operators[0] in (
            Mark("\\odot"), Mark("\\otimes")):
        yield "a product for ⊙", Juxtaposition(node.factors)


def _other_range(node, bindings):
    if not isinstance(node, Big):
        return
    if isinstance(node.above, (Name, Script)):
        yield "a range to one later", replace(node, above=Sum((node.above, Number("1")), ("", "+")))
    if isinstance(node.above, Sum) and node.above.signs == ("", "-"):
        yield "a range to one later", replace(node, above=node.above.terms[0])
    below = node.below
    if isinstance(below, Relation) and below.operators == ("=",) and below.members[1] in (
            Number("1"), Number("2")):
        start = Number(str(int(below.members[1].text) - 1))
        yield "a range from one earlier", replace(
            node, below=replace(below, members=(below.members[0], start)))


def _with_prime(node, bindings):
    found = bindings.find(node)
    if isinstance(node, (Name, Script)) and found and found[0].kind == "function":
        if isinstance(node, Script):
            yield "a derivative", replace(node, primes=1)
        else:
            yield "a derivative", Script(node, primes=1)


def _of_the_last(tree, name, factor):
    """The line with a factor in front of its last member; and, of two members, a sign."""
    relation = tree.items[0] if hasattr(tree, "items") else tree
    if not isinstance(relation, Relation):
        return
    last = relation.members[-1]
    inside = last.factors if isinstance(last, Juxtaposition) else (
        Group("(", last, ")") if isinstance(last, (Sum, Prefix, Product)) else last,)
    made = [(name, Juxtaposition((factor, *inside)))]
    if name == "a factor 1/2":
        made.append(("another sign", Sum((Juxtaposition(inside) if len(inside) > 1 else inside[0],),
                                         ("-",))))
    for told, changed in made:
        yield told, changed_at(tree, last, changed)


def _sizes(bindings):
    """The sizes without scripts."""
    held = (one for found in bindings.quantities.values() for one in found)
    return [one.pattern for one in held
            if one.name in bindings.sizes and isinstance(one.pattern, Name)]


def _other_symbol(node, bindings):
    """Another symbol of the same kind and form in the place of one."""
    found = bindings.find(node)
    if found is None or isinstance(node, Apply):
        return
    for held in bindings.quantities.values():
        for other in held:
            if _alike(found[0], other):
                yield f"{latex(other.pattern).strip()} for {latex(node).strip()}", other.pattern


def _alike(one: Quantity, other: Quantity) -> bool:
    return (one.pattern != other.pattern and one.kind == other.kind != "function"
            and one.sizes == other.sizes and not [*children(other.pattern)] and not one.ranges)
