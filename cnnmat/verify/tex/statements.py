"""What a line consists of: what it states, of which indices it speaks, which sizes it names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.bindings import Range
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.tree import (
    Apply,
    Dots,
    Empty,
    Group,
    Juxtaposition,
    List,
    Mark,
    Name,
    Node,
    Number,
    Product,
    Relation,
    Script,
    rebuilt,
)
from cnnmat.verify.tex.writing import latex

__all__ = ["Statements", "as_size", "statements", "substituted"]

_LESS = ("\\le", "<")


@dataclass
class Statements:
    """A line taken apart.

    Attributes
    ----------
    clauses : list of Node
        What can hold or fail: relations, or a part without one.
    ranges : dict
        From index letters to what the line says of them.
    sizes : list of (Node, Node)
        Parts with the size that stands behind a colon.
    """

    clauses: list[Node] = field(default_factory=list)
    ranges: dict[str, Range] = field(default_factory=dict)
    sizes: list[tuple[Node, Node]] = field(default_factory=list)


def statements(tree: Node, known: dict[str, Range]) -> Statements:
    """The statements of a line; `known` has the letters that count.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse, plain
    >>> found = statements(parse(r"y_d=Hw_d,\\quad d=1,\\dots,D"), {"d": Range("d")})
    >>> [plain(one) for one in found.clauses], plain(found.ranges["d"].last)
    (['y_d = H w_d'], 'D')
    """
    items = [*tree.items] if isinstance(tree, List) else [tree]
    separators = [*tree.separators, ""] if isinstance(tree, List) else [""]
    found, place = Statements(), 0
    while place < len(items):
        taken = _range(items, separators, place, known, found.ranges)
        if not taken and separators[place] == ":" and as_size(items[place + 1]):
            found.sizes.append((items[place], items[place + 1]))
            taken = 2
        if not taken:
            sized = _with_size(items[place]) or _size_behind(items[place], found.clauses)
            if sized:
                found.sizes.append(sized)
            elif not isinstance(items[place], Empty):
                found.clauses.append(items[place])
            taken = 1
        place += taken
    return found


def _range(items, separators, place, known, ranges):
    """How many items from `place` on say over what letters run; these go into `ranges`."""
    return (_counted(items, separators, place, known, ranges)
            or _bounded(items, separators, place, known, ranges))


def _names(items, separators, place, known):
    """The letters in front of the first item that is more: "k, l" of "k, l = 1, ..., K"."""
    names = []
    while letter(items[place]) in known and separators[place] == ",":
        names.append(letter(items[place]))
        place += 1
        if place == len(items):
            break
    return names, place


def _counted(items, separators, place, known, ranges):
    """k, l = 1, 2, ..., K."""
    start = place
    names, place = _names(items, separators, place, known)
    if place >= len(items):
        return 0
    head = items[place]
    if not isinstance(head, Relation) or letter(head.members[0]) not in known or (
            set(head.operators) != {"="}):
        return 0
    last = place + 1
    while last < len(items) and (isinstance(items[last], Number) or _negative(items[last])):
        last += 1
    if last + 1 >= len(items) or not isinstance(items[last], Dots) or any(
            one != "," for one in separators[place:last + 1]):
        return 0
    last += 1
    # what is written out between the ends, and dots again: -K, ..., -1, 0, 1, ..., K
    while last + 1 < len(items) and separators[last] == "," and (
            isinstance(items[last + 1], Number) or _negative(items[last + 1]) or (
                isinstance(items[last + 1], Dots) and last + 2 < len(items))):
        last += 1 + isinstance(items[last + 1], Dots)
    ends = head.members[1], items[last]
    if isinstance(ends[1], Number) and not isinstance(ends[0], Number):
        # it counts down
        ends = ends[::-1]
    for name in (*names, letter(head.members[0])):
        ranges[name] = Range(name, *ends)
    return last + 1 - start


def _negative(node):
    return getattr(node, "signs", None) == ("-",) and isinstance(node.terms[0], Number)


def _bounded(items, separators, place, known, ranges):
    """1 ≤ p ≤ P, or -B ≤ k, l ≤ B."""
    head = items[place]
    if not isinstance(head, Relation) or not set(head.operators) <= {*_LESS}:
        return 0
    if len(head.members) == 3 and letter(head.members[1]) in known:
        name = letter(head.members[1])
        ranges[name] = Range(name, head.members[0], head.members[2])
        return 1
    if len(head.members) == 2 and letter(head.members[1]) in known and separators[place] == ",":
        tail = items[place + 1]
        if isinstance(tail, Relation) and len(tail.members) == 2 and letter(
                tail.members[0]) in known:
            for name in (letter(head.members[1]), letter(tail.members[0])):
                ranges[name] = Range(name, head.members[0], tail.members[1])
            return 2
    return 0


def _with_size(node):
    """(x, its size) of x (P×1), which looks like a product or an entry; None of anything else."""
    if isinstance(node, Apply) and node.open == "(" and as_size(node.argument):
        return node.function, node.argument
    if isinstance(node, Juxtaposition) and as_size(node.factors[-1]):
        rest = node.factors[:-1]
        whole = rest[0] if len(rest) == 1 else Juxtaposition(rest, column=node.column)
        # a list of sizes belongs to a list of matrices
        return None if as_size(rest[0]) else (whole, node.factors[-1])
    return None


def _size_behind(node, clauses):
    """(x, its size) of a size that stands behind x = ...; None of anything else."""
    if clauses and isinstance(clauses[-1], Relation) and as_size(node):
        return clauses[-1].members[0], node
    return None


def as_size(node: Node) -> tuple[Node, ...] | None:
    """The factors of a size such as P×1 or (P×M); None of anything else."""
    if isinstance(node, Group) and node.open == "(":
        node = node.body
    if isinstance(node, Product) and all(
            isinstance(one, Mark) and one.text == "\\times" for one in node.operators):
        return node.factors
    return None


def substituted(node: Node, where: dict[str, Node]) -> Node:
    """A line with what its own symbols stand for in their place."""
    if not where:
        return node
    if isinstance(node, Script) and is_transpose(node.sup):
        bare = replace(node, sup=None) if node.sub or node.primes else node.base
        return replace(node, base=substituted(bare, where), sub=None, primes=0)
    if isinstance(node, (Apply, Name, Script)) and latex(node).strip() in where:
        found = where[latex(node).strip()]
        whole = isinstance(found, (Apply, Name, Script))
        return found if whole else Group("{", found, "}", column=1)
    return rebuilt(node, lambda part: substituted(part, where))
