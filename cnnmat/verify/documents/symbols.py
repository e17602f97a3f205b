"""The symbols of a formula: which are bound, on which definitions they rest, what they need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.precise import Reals
from cnnmat.verify.tex.quantities import Bindings, Quantity
from cnnmat.verify.tex.tree import (
    Apply,
    Derivative,
    Empty,
    Fraction,
    Group,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Root,
    Script,
    Sum,
    Text,
    children,
    walk,
)
from cnnmat.verify.tex.writing import latex

__all__ = ["Symbols"]

#: Signs that are no symbols, and names that have a meaning without being bound.
_OWN = {"1", "I", "e", "\\pi", "\\nabla"}
_ADJOINT = {"*", "\\dagger", "\\top"}
#: Functions that are exact on symbols.
_EXACT = {"vec", "col", "diag", "blkdiag", "trace", "Tr", "tr", "max", "min", "sgn", "sign"}


#: Braces that nobody writes: x_{1}.
_SHORT = re.compile(r"([_^])\{(\w)\}")


class Symbols:
    """What the symbols of a lecture's formulas are.

    Parameters
    ----------
    bindings : Bindings

    Examples
    --------
    >>> from cnnmat.verify.tex import parse
    >>> from cnnmat.verify.tex.bindings import read
    >>> symbols = Symbols(read("index i = 1..n\\nsize n\\nA : matrix n x n\\nx := Ab"))
    >>> symbols.unbound(parse("Ax_i+c_i=0")), symbols.unbound(parse("A^Tx=\\\\exp(x)"))
    (['c_i', 'b'], ['b'])
    """

    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings

    def quantities(self, tree: Node) -> list[Quantity]:
        """All quantities in a formula, and in the definitions of these, sizes apart."""
        found: dict[str, Quantity] = {}
        todo = [tree]
        while todo:
            for node in self._whole(todo.pop()):
                hit = self.bindings.find(node)
                if hit is None or hit[0].name in found:
                    continue
                found[hit[0].name] = hit[0]
                if hit[0].definition is not None:
                    todo.append(hit[0].definition)
        return [*found.values()]

    def _whole(self, tree):
        """The parts of a formula that are no parts of a symbol."""
        todo = [tree]
        while todo:
            node = todo.pop()
            yield node
            if self.bindings.find(node) is None:
                todo += reversed([*children(node)])

    def rests_on(self, tree: Node) -> list[str]:
        """The equations that define a symbol on which a formula rests."""
        return list(dict.fromkeys(
            one.equation for one in self.quantities(tree) if one.equation))

    # what is not bound

    def unbound(self, tree: Node) -> list[str]:
        """The symbols of which nothing is said, those in definitions and sizes too."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        todo: list[tuple[Node, frozenset[str]]] = [(tree, frozenset())]
        while todo:
            node, own = todo.pop()
            for quantity in self._look(node, own, found):
                if quantity.name in seen:
                    continue
                seen.add(quantity.name)
                inside = own | {*quantity.ranges, *quantity.at, *quantity.cells,
                                *quantity.arguments}
                ends = [end for one in quantity.ranges.values() for end in (one.first, one.last)]
                parts = [quantity.definition, *quantity.sizes, *ends]
                todo += [(part, inside) for part in parts if part is not None]
        return [*found]

    def _look(self, tree, own, found):
        """Take in the unbound symbols of a formula; the quantities in it."""
        todo = [tree]
        while todo:
            node = todo.pop()
            name = letter(node)
            if name in own or name in self.bindings.ranges:
                ends = self.bindings.ranges.get(name)
                todo += [end for end in (ends and (ends.first, ends.last)) or ()
                         if end is not None and name not in own]
                own = own | {name}
                continue
            hit = self.bindings.find(node) or self._without_operation(node)
            if hit is not None:
                yield hit[0]
                todo += [part for part, _ in hit[1].values()]
            elif self._is_symbol(node):
                if not self._has_meaning(node):
                    bare = _bare(node) if isinstance(node, Script) and _is_operation(
                        node.sup) else node
                    found.setdefault(_SHORT.sub(r"\1\2", latex(bare).strip()))
            else:
                todo += reversed([*self._inside(node)])

    def _without_operation(self, node):
        """What W_\\ell is in W_\\ell^T; None of anything else."""
        if not isinstance(node, Script) or not _is_operation(node.sup):
            return None
        return self.bindings.find(_bare(node))

    def _is_symbol(self, node):
        """Whether this is a name, or one with scripts that belong to it."""
        if isinstance(node, Name):
            return True
        if not isinstance(node, Script) or not isinstance(node.base, Name) or (
                node.base.style == "mathbb"):
            return False
        return self.bindings.find(node.base) is None and node.base.text not in _OWN and (
            not _is_operation(node.sup) or node.sub is not None) and not node.base.is_word

    def _has_meaning(self, node):
        return isinstance(node, Name) and (
            node.text in _OWN or node.style == "mathbb"
            or (node.is_word and node.text in Reals.operators))

    def _inside(self, node):
        if isinstance(node, Script) and _is_operation(node.sup):
            return [part for part in (node.base, node.sub) if part is not None]
        if isinstance(node, Derivative):
            return [node.of, node.by]
        return children(node)

    # how it is to be run

    def is_real(self, tree: Node) -> bool:
        """Whether a formula needs functions of which symbols know no values: exp, roots, π."""
        return any(_has_norm(one) or any(
            _is_real(node, self.bindings) or self._is_inverse(node) for node in walk(one))
            for one in self._trees(tree))

    def _is_inverse(self, node):
        """Whether this is the inverse of a matrix: in symbols it takes too long."""
        if not isinstance(node, Script) or getattr(node.sup, "signs", ()) != ("-",):
            return False
        found = self.bindings.find(_bare(node))
        if found is not None:
            return found[0].kind != "number" or bool(found[0].sizes)
        return any(one.sizes for one in self.quantities(_bare(node)))

    def divides(self, tree: Node) -> bool:
        """Whether a formula divides by more than numbers."""
        return any(self._is_open(part) for one in self._trees(tree) for node in walk(one)
                   for part in _denominators(node))

    def _trees(self, tree: Node) -> Iterator[Node]:
        yield tree
        for one in self.quantities(tree):
            if one.definition is not None:
                yield one.definition

    def _is_open(self, tree):
        """Whether a part has symbols other than sizes and letters in it."""
        return any(one.name not in self.bindings.sizes for one in self.quantities(tree))


def _bare(node):
    """A symbol without its superscript."""
    return replace(node, sup=None) if node.sub is not None or node.primes else node.base


def _is_operation(sup):
    """Whether a superscript is a transpose or a power."""
    if isinstance(sup, Sum):
        return sup.signs == ("-",) and isinstance(sup.terms[0], Number)
    if isinstance(sup, (Number, Mark)):
        return not isinstance(sup, Mark) or sup.text in _ADJOINT
    return is_transpose(sup) or sup in (Name("H"), Name("H", "mathsf"))


def _denominators(node):
    if isinstance(node, Fraction):
        yield node.below
    if isinstance(node, Product):
        yield from (factor for operator, factor in zip(
            node.operators, node.factors[1:], strict=True) if operator == Mark("/"))
    if isinstance(node, Script) and getattr(node.sup, "signs", ("",))[0] == "-":
        yield node.base


def _has_norm(tree):
    """Whether there is a norm that is not squared."""
    squared = {id(node.base) for node in walk(tree)
               if isinstance(node, Script) and node.sup == Number("2")}
    return any(isinstance(node, Group) and node.open == "\\|" and id(node) not in squared
               for node in walk(tree))


def _is_real(node, bindings):
    if isinstance(node, Root):
        return True
    if isinstance(node, Name):
        if bindings.find(node) is not None:
            return False
        return node == Name("\\pi") or (
            node.is_word and node.text in Reals.operators and node.text not in _EXACT)
    if isinstance(node, Script):
        return (node.base == Name("e") and bindings.find(node.base) is None) or isinstance(
            node.sup, Fraction)
    return False


def relations(tree: Node) -> list[Relation]:
    """The relations among the statements of a line."""
    items = getattr(tree, "items", (tree,))
    return [one for one in items if isinstance(one, Relation) and not isinstance(
        one.members[0], (Empty, Text))]


def is_gradient(tree: Node) -> bool:
    """Whether a formula speaks of a derivative."""
    return any(isinstance(one, Derivative) or one == Name("\\nabla") for one in walk(tree)) or any(
        isinstance(one, Apply) and isinstance(one.function, Script) and one.function.primes
        for one in walk(tree))
