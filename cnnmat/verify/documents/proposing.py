"""Proposals for what a lecture does not say of its symbols: lines to be pasted into it.

What the text itself tells is taken from there: x \\in \\mathbb{R}^n, the limits of sums, k = 1,
\\dots, K, sizes (m\\times n) behind a symbol, an equation of which a symbol is the left side.
Where it tells nothing a question mark is left, which no run accepts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cnnmat.verify.documents.lecturing import Read
from cnnmat.verify.documents.symbols import Symbols, relations
from cnnmat.verify.tex import TexError, parse
from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.bindings import Range
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.quantities import base
from cnnmat.verify.tex.ranges import limits
from cnnmat.verify.tex.statements import as_size, statements
from cnnmat.verify.tex.tree import (
    Apply,
    Big,
    Group,
    Juxtaposition,
    List,
    Name,
    Node,
    Number,
    Relation,
    Script,
    children,
    walk,
)
from cnnmat.verify.tex.writing import latex

__all__ = ["Proposal", "listing", "proposals"]


@dataclass
class Proposal:
    """A line that would bind a symbol, and the equations that wait for it."""

    symbol: str
    line: str
    equations: list[str] = field(default_factory=list)


@dataclass
class _Facts:
    """What the text tells, by the symbols as they are written."""

    spaces: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    lefts: dict[str, tuple[str, str]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    turned: set[str] = field(default_factory=set)
    normed: set[str] = field(default_factory=set)
    counts: set[str] = field(default_factory=set)
    bare: set[str] = field(default_factory=set)


def proposals(taken: Read) -> list[Proposal]:
    """A line for each symbol of which nothing is said, the sizes and letters that it needs first.

    Parameters
    ----------
    taken : Read
    """
    symbols = Symbols(taken.lines.bindings)
    waiting: dict[str, list[str]] = {}
    for name, tree in taken.trees.items():
        expected = taken.lines.expected.get(name)
        if expected is not None and expected.verdict == "skip":
            continue
        for one in symbols.unbound(tree):
            waiting.setdefault(one, []).append(name)
    facts = _facts(taken)
    found = [Proposal(one, _line(one, facts), where) for one, where in waiting.items()
             if not _is_entry(one, facts, waiting)]
    # of what is both defined and of a size, that is held
    found += [Proposal(one, f"{one} : {_kind(facts.spaces[one])}", where)
              for one, where in waiting.items() if one in facts.lefts and one in facts.spaces]
    known = {*waiting, *taken.lines.bindings.ranges, *taken.lines.bindings.quantities}
    sizes = [name for one in found for name in _needed(one, facts) if name not in known]
    more = [Proposal(name, _line(name, facts)) for name in dict.fromkeys(sizes)]
    order = {"index": 0, "size": 1}
    return sorted([*more, *found], key=lambda one: (
        order.get(one.line.split(" ")[0], 2 + (":=" in one.line))))


def listing(taken: Read) -> list[str]:
    """The proposals as lines for a terminal: what to paste, and behind it what waits for it."""
    found = proposals(taken)
    width = max((len(one.line) for one in found), default=0) + 2
    return [f"%@ {one.line:<{width}}" + (
        f"% {one.symbol} in {', '.join(f'({name})' for name in one.equations)}"
        if one.equations else "% a size") for one in found]


def _line(symbol, facts):
    """The line that binds a symbol."""
    if symbol in facts.ranges:
        return f"index {symbol} = {facts.ranges[symbol]}" if facts.ranges[symbol] else (
            f"index {symbol} = 1..?")
    if symbol in facts.counts:
        return f"size {symbol}"
    if symbol in facts.lefts:
        left, name = facts.lefts[symbol]
        return f"{left} := ({name})"
    if symbol in facts.spaces:
        return f"{symbol} : {_kind(facts.spaces[symbol])}"
    if symbol in facts.functions:
        return f"{symbol} : function, unknown"
    return f"{symbol} : {_guess(symbol, facts)}"


def _kind(sizes):
    if not sizes:
        return "number"
    return f"vector {sizes[0]}" if len(sizes) == 1 or sizes[1] == "1" else (
        f"matrix {sizes[0]} x {sizes[1]}")


def _guess(symbol, facts):
    """The kind of a symbol of which the text tells only how it is used."""
    name = base(parse(symbol)).strip()
    plain = name.split("{")[-1].strip("}")
    is_large = plain[:1].isupper() and plain.isalpha()
    if (is_large and "_" not in symbol) or (symbol in facts.turned and is_large):
        return "matrix ? x ?"
    if symbol in facts.turned or symbol in facts.normed or name.startswith(
            ("\\mathbf", "\\boldsymbol", "\\vec")):
        return "vector ?"
    return "number"


def _is_entry(symbol, facts, waiting):
    """Whether this is an entry of an array that is proposed as a whole."""
    tree = parse(symbol)
    return isinstance(tree, Script) and latex(tree.base).strip() in {
        *facts.spaces} & {*waiting, *facts.spaces} and symbol not in facts.spaces and (
            tree.sup is None)


def _needed(proposal, facts):
    """The sizes that a line speaks of."""
    texts = [*facts.spaces.get(proposal.symbol, ())]
    if proposal.line.startswith("index") and "..?" not in proposal.line:
        texts.append(facts.ranges[proposal.symbol].partition("..")[2])
        facts.counts |= _names(texts[-1])
    for text in texts:
        yield from sorted(_names(text))


def _names(text):
    """The letters in the text of a size."""
    return {letter(node) for node in walk(parse(text)) if isinstance(node, Name)}


def _facts(taken):
    facts = _Facts()
    inside = []
    for one in taken.document.inline:
        try:
            inside.append(parse(one.formula))
        except TexError:
            # what is no formula tells nothing
            continue
    for tree in [*taken.trees.values(), *inside]:
        _collect(tree, facts)
    for name, tree in taken.trees.items():
        for one in relations(tree)[:1]:
            left = latex(one.members[0]).strip()
            if one.operators[0] not in ("=", ":=", "\\triangleq", "\\equiv") or isinstance(
                    one.members[1], Number):
                continue
            symbol = left
            if isinstance(one.members[0], Apply):
                symbol = latex(one.members[0].function).strip()
            if isinstance(one.members[0], (Name, Script, Apply)) and not _mentions(
                    one.members[1:], symbol):
                facts.lefts.setdefault(symbol, (left, name))
    for text in (text for sizes in facts.spaces.values() for text in sizes):
        facts.counts |= _names(text)
    facts.functions -= {*facts.lefts, *facts.bare}
    return facts


def _mentions(members, symbol):
    """Whether a symbol stands in one of the members, not as a part of another one."""
    todo = [*members]
    while todo:
        node = todo.pop()
        if latex(node).strip() == symbol:
            return True
        todo += children(node.sub) if isinstance(node, Script) and node.sub else children(node)
    return False


def _collect(tree, facts):
    letters = {letter(node): Range("") for node in walk(tree) if isinstance(node, Name)}
    said = statements(tree, letters)
    for name, one in said.ranges.items():
        _range(name, one.first, one.last, facts)
    for part, size in said.sizes:
        facts.spaces.setdefault(latex(part).strip(), _sizes(size))
    before: list[Node] = []
    for item in tree.items if isinstance(tree, List) else (tree,):
        _space([*before, item], facts)
        before = [*before, item] if isinstance(item, (Name, Script)) else []
    called = {id(node.function) for node in walk(tree) if isinstance(node, Apply)}
    for one in relations(tree):
        _size_behind(one, facts)
    for node in walk(tree):
        _look(node, letters, facts)
        if isinstance(node, Name) and id(node) not in called:
            facts.bare.add(latex(node).strip())


def _size_behind(relation, facts):
    """x = y (m×1)."""
    last = relation.members[-1]
    size = last.argument if isinstance(last, Apply) and last.open == "(" else (
        last.factors[-1] if isinstance(last, Juxtaposition) else None)
    if size is not None and as_size(size):
        facts.spaces.setdefault(latex(relation.members[0]).strip(), _sizes(size))


def _look(node, letters, facts):
    if isinstance(node, Big) and node.below is not None:
        for name, first, last, _ in limits(node, letters):
            if name is not None:
                _range(name, first, last, facts)
    if isinstance(node, Apply) and node.open == "(" and isinstance(
            node.function, (Name, Script)) and not as_size(node.argument):
        name = node.function
        if isinstance(name, Script) and name.primes and name.sub is None and name.sup is None:
            name = name.base
        if not (isinstance(name, Name) and name.is_word):
            facts.functions.add(latex(name).strip())
    if isinstance(node, Script) and is_transpose(node.sup):
        bare = node.base if node.sub is None else Script(node.base, node.sub)
        facts.turned.add(latex(bare).strip())
    if isinstance(node, Group) and node.open == "\\|":
        facts.normed |= {latex(one).strip() for one in walk(node.body)
                         if isinstance(one, (Name, Script))}


def _range(name, first, last, facts):
    ends = [None if end is None else latex(end).strip() for end in (first, last)]
    facts.ranges[name] = f"{ends[0]}..{ends[1]}" if None not in ends else facts.ranges.get(name, "")
    for end in (first, last):
        for one in walk(end) if end is not None else ():
            if isinstance(one, Name):
                facts.counts.add(letter(one))


def _space(items, facts):
    """x, y ∈ ℝ^{m×n}."""
    last = items[-1]
    if not isinstance(last, Relation) or last.operators[-1] != "\\in":
        return
    space = last.members[-1]
    name = space.base if isinstance(space, Script) else space
    if not isinstance(name, Name) or name.style != "mathbb" or name.text not in "RC":
        return
    sizes = _sizes(space.sup) if isinstance(space, Script) and space.sup is not None else ()
    for one in (*items[:-1], *last.members[:-1]):
        facts.spaces[latex(one).strip()] = sizes


def _sizes(node):
    return tuple(latex(one).strip() for one in as_size(node) or (node,))
