"""What a lecture says of its symbols, and the symbol that a part of a formula is."""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnmat.verify.tex.lines import Range
from cnnmat.verify.tex.matching import Letters, unify
from cnnmat.verify.tex.tree import Node, Number, Script
from cnnmat.verify.tex.writing import latex

__all__ = ["Bindings", "Check", "Quantity", "base"]

_ONE = Number("1")


@dataclass(frozen=True)
class Quantity:
    """What a lecture says of one symbol.

    Attributes
    ----------
    name : str
        The pattern as it is written.
    pattern : Node
    kind : str
    sizes : tuple of Node
    ranges : dict
        From the letters of the pattern to their ranges.
    definition : Node or None
    at : tuple of str
        Letters outside the pattern on which it depends.
    of : tuple of Node
        For a function: quantities that tell, inside its argument, which one it is.
    first : Node
        The index of the first entry.
    outside : bool
        Whether entries outside are 0.
    cells : tuple of str
        Letters that count the entries, where the definition is that of an entry.
    arguments : tuple of str
        Of a function that is defined: the names of its arguments.
    along : str
        "rows", "columns", "whole": of what it is, if it is not of each entry.
    positive, symmetric : bool
        Whether all entries are more than 0; whether the matrix is its transpose.
    equation : str
        The number of the equation that defines it.
    """

    name: str
    pattern: Node
    kind: str
    sizes: tuple[Node, ...] = ()
    ranges: dict[str, Range] = field(default_factory=dict)
    definition: Node | None = None
    at: tuple[str, ...] = ()
    of: tuple[Node, ...] = ()
    first: Node = _ONE
    outside: bool = False
    cells: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    along: str = ""
    positive: bool = False
    symmetric: bool = False
    equation: str = ""

    def match(self, node: Node, families: dict[str, set[str]]) -> Letters | None:
        """From the letters of the pattern to the expressions in their place, each with what is to
        be taken from its value; None if `node` is another symbol."""
        found: Letters = {}
        return found if unify(self.pattern, node, self.ranges, families, found) else None


@dataclass(frozen=True)
class Check:
    """That a line is to be run, and how.

    Attributes
    ----------
    ids : tuple of str
    left : tuple of Node
        What stands on the left of its clauses, where the line goes on from others.
    into : Node or None
        A statement with \\square in it, in the place of a line that is a part of one.
    ranges : dict
        What is agreed on letters beyond what the line says of them.
    over : Node or None
        A symbol; the letters that the line counts run over all places where they can stand in it.
    sizes : tuple of Node
        What the sizes that the line lists belong to.
    where : dict
        Symbols that only this line has, with what they stand for.
    loose : bool
        Whether symbols that stand beside a statement, as behind "for all", may be passed over.
    """

    ids: tuple[str, ...]
    left: tuple[Node, ...] = ()
    into: Node | None = None
    ranges: dict[str, Range] = field(default_factory=dict)
    over: Node | None = None
    sizes: tuple[Node, ...] = ()
    where: dict[str, Node] = field(default_factory=dict)
    loose: bool = False


@dataclass
class Bindings:
    """All that a lecture, or a part of it, says of its symbols."""

    ranges: dict[str, Range] = field(default_factory=dict)
    families: dict[str, set[str]] = field(default_factory=dict)
    quantities: dict[str, list[Quantity]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    first: Node = _ONE
    #: From the patterns of sizes to the numbers that they are run with; () where any will do.
    sizes: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def find(self, node: Node) -> tuple[Quantity, Letters] | None:
        """The quantity that a symbol is, and what stands for its letters."""
        for families in (self.families, self._with_numbers()):
            for one in self.quantities.get(base(node), ()):
                found = one.match(node, families)
                if found is not None:
                    return one, found
        return None

    def matches(self, node: Node) -> list[Quantity]:
        """All quantities that a symbol may be."""
        for families in (self.families, self._with_numbers()):
            found = [one for one in self.quantities.get(base(node), ())
                     if one.match(node, families) is not None]
            if found:
                return found
        return []

    def _with_numbers(self):
        """The families, where a number may stand for each letter: for want of a better match."""
        return {name: {*members, "1"} for name, members in self.families.items()}


def base(node: Node) -> str:
    """The name under which the quantities of a symbol are found: w of w_j^{(d,c)}."""
    return base(node.base) if isinstance(node, Script) else latex(node)
