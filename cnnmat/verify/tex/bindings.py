"""The language in which a lecture says what its symbols are.

A line each; one that begins with a space continues the line before, one that begins with % is a
comment.  In a `.tex` file each line stands behind ``%@``.

    index n = 0..N-1; c = 1..C; d = 1..D_c; i   letters that count, with their ranges
    family c: c, C; \\ell: \\ell, L, 1          in W_c stands c or C, in W_\\ell a number too
    N, C, D_c : number                          given quantities, by the pattern of their scripts
    z_n^{(d,c)} : vector P_c
    H_n^{(d,c)} : matrix S_{c+1} x P_{c+1} for c = 0..C-1
    \\mathcal{I} : matrix L x L from 1, 0 outside
    entries from 0                              of all arrays below; from 1 without it
    f : function of z_n^{(d,c)}, z_{\\ell,n}    which f it is, the quantity inside it tells
    pool : function at c                        which it is, the letter c tells
    q_n^{(d,c)} := z_n^{(d,c)} \\odot z_n^{(d,c)}
    check 47.1212, 47.1216/z                    lines to be run as they stand
    check 47.1250/x as b_n^{(d,c)} for c = 1..C-1   a line whose left side stands elsewhere
    check 47.1257/size into V=A(\\square)      a line that is a part of a statement
    check 47.1212/range over y_n^{(d,c+1)}      d = 1, ..., D_{c+1}: all d that there are
    check 47.1269/size sizes H_{n,c-1}, \\delta_n^{(d,c)}
    check 47.1243 where v := t_n^{(d,c)}        what only this line calls so
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cnnmat.verify.tex.matching import Letters, letter, unify
from cnnmat.verify.tex.parsing import parse
from cnnmat.verify.tex.tokens import TexError
from cnnmat.verify.tex.tree import (
    Node,
    Number,
    Script,
    children,
)
from cnnmat.verify.tex.writing import latex

__all__ = ["Bindings", "Check", "Quantity", "Range", "read"]

_ONE = Number("1")
KINDS = {"number": 0, "vector": 1, "matrix": 2, "function": 0, "list": 0}


@dataclass(frozen=True)
class Range:
    """The values of an index letter; without ends they are those with which it can stand."""

    letter: str
    first: Node | None = None
    last: Node | None = None


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
    """

    ids: tuple[str, ...]
    left: tuple[Node, ...] = ()
    into: Node | None = None
    ranges: dict[str, Range] = field(default_factory=dict)
    over: Node | None = None
    sizes: tuple[Node, ...] = ()
    where: dict[str, Node] = field(default_factory=dict)


@dataclass
class Bindings:
    """All that a lecture, or a part of it, says of its symbols."""

    ranges: dict[str, Range] = field(default_factory=dict)
    families: dict[str, set[str]] = field(default_factory=dict)
    quantities: dict[str, list[Quantity]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    first: Node = _ONE

    def find(self, node: Node) -> tuple[Quantity, Letters] | None:
        """The quantity that a symbol is, and what stands for its letters."""
        for families in (self.families, self._with_numbers()):
            for one in self.quantities.get(_base(node), ()):
                found = one.match(node, families)
                if found is not None:
                    return one, found
        return None

    def _with_numbers(self):
        """The families, where a number may stand for each letter: for want of a better match."""
        return {name: {*members, "1"} for name, members in self.families.items()}


def read(text: str) -> Bindings:
    """The bindings that `text` states.

    Raises
    ------
    TexError
        The message begins with the line that cannot be read.

    Examples
    --------
    >>> found = read("index j = 1..m\\nw_j : vector S\\ncheck 3.1 for j = 1..2")
    >>> quantity, letters = found.find(parse("w_{k+1}"))
    >>> quantity.name, latex(letters["j"][0])
    ('w_j', 'k+1')
    >>> read("w : tensor")
    Traceback (most recent call last):
    cnnmat.verify.tex.tokens.TexError: column 1: "w : tensor": expected number, vector, matrix, \
function or list
    """
    found = Bindings()
    for line in _lines(text):
        try:
            _take(line, found)
        except TexError as error:
            raise TexError(error.column, f'"{line}": {error.why}') from error
    return found


def _lines(text):
    lines = []
    for line in text.splitlines():
        if line.startswith((" ", "\t")) and lines and line.strip():
            lines[-1] += " " + line.strip()
        elif line.strip() and not line.startswith("%"):
            lines.append(line.strip())
    return lines


def _take(line, found):
    verb, _, rest = line.partition(" ")
    if verb == "index":
        found.ranges |= _ranges(rest)
    elif verb == "family":
        for one in _split(rest, ";"):
            name, _, members = one.partition(":")
            found.families[name.strip()] = set(_split(members, ","))
    elif verb == "entries":
        found.first = parse(rest.removeprefix("from "))
    elif verb == "check":
        check = _check(rest)
        found.checks |= dict.fromkeys(check.ids, check)
    elif ":=" in line:
        _add(found, _defined(line, found))
    else:
        names, _, kind = line.partition(" : ")
        if not kind:
            raise TexError(1, "expected index, family, check, or a symbol with : or := behind it")
        for name in _split(names, ","):
            _add(found, _quantity(name, kind, found))


def _add(found, quantity):
    found.quantities.setdefault(_base(quantity.pattern), []).append(quantity)


def _base(node):
    return _base(node.base) if isinstance(node, Script) else latex(node)


def _defined(line, found):
    name, _, formula = line.partition(":=")
    formula, ranges = _for(formula)
    pattern = parse(name.strip())
    return Quantity(name.strip(), pattern, "defined", definition=parse(formula.strip()),
                    ranges=_used(pattern, found.ranges | ranges), first=found.first)


def _quantity(name, text, found):
    text, ranges = _for(text)
    text, outside = re.subn(r",\s*0 outside\s*$", "", text)
    text, _, of = text.partition(" of ")
    text, _, at = text.partition(" at ")
    text, _, first = text.partition(" from ")
    kind, _, sizes = text.strip().partition(" ")
    if kind not in KINDS:
        raise TexError(1, f"expected {', '.join([*KINDS][:-1])} or {[*KINDS][-1]}")
    pattern, known = parse(name), found.ranges | ranges
    if at:
        # a letter that counts nothing is a part of the name: the p of i'_p
        known = {own: one for own, one in known.items() if one.first is not None}
    sizes = [one for one in re.split(r"\s+x\s+", sizes.strip()) if one]
    if sizes and len(sizes) != KINDS[kind]:
        raise TexError(1, f"a {kind} has {KINDS[kind]} sizes, got {len(sizes)}")
    return Quantity(
        name, pattern, kind, tuple(map(parse, sizes)), _used(pattern, known),
        at=tuple(_split(at, ",")), of=tuple(map(parse, _split(of, ","))),
        first=parse(first.strip()) if first.strip() else found.first, outside=bool(outside))


def _used(pattern, ranges):
    """The ranges of the letters that stand in the scripts of a pattern."""
    inside = [name for part in (pattern.sub, pattern.sup) if part is not None
              for name in _letters(part)] if isinstance(pattern, Script) else []
    return {name: ranges[name] for name in inside if name in ranges}


def _letters(node):
    """The letters in a part of a formula: of p'' it is p'' alone."""
    name = letter(node)
    if name is not None:
        return [name]
    return [one for part in children(node) for one in _letters(part)]


def _check(text):
    ids, *rest = re.split(r" (as|into|over|sizes|where|for) ", text)
    said = dict(zip(rest[::2], rest[1::2], strict=True))
    where = [one.partition(":=") for one in _split(said.get("where", ""), ";")]
    into, over = (parse(said[one].strip()) if one in said else None for one in ("into", "over"))
    return Check(
        tuple(_split(ids, ",")), tuple(map(parse, _split(said.get("as", ""), ";"))), into,
        _ranges(said.get("for", "")), over,
        tuple(map(parse, _split(said.get("sizes", ""), ","))),
        {latex(parse(name.strip())).strip(): parse(value.strip()) for name, _, value in where})


def _for(text):
    """A line without what stands behind its last "for", and the ranges that stand there."""
    before, found, ranges = text.rpartition(" for ")
    return (before, _ranges(ranges)) if found else (text, {})


def _ranges(text):
    """Ranges such as "n = 0..N-1, c = C", by letter."""
    found = {}
    for one in _split(text, ",;"):
        name, equals, values = one.partition("=")
        first, dots, last = values.partition("..")
        key = letter(parse(name.strip()))
        if key is None or bool(equals) != bool(values.strip()):
            raise TexError(1, f"expected a range such as n = 0..N-1, got {one}")
        ends = [parse(end.strip()) for end in ((first, last) if dots else (first, first))]
        found[key] = Range(key, *ends) if equals else Range(key)
    return found


def _split(text, separators):
    """The parts of a text between separators that stand in no bracket."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "({[") - (character in ")}]")
        if character in separators and not depth:
            parts.append(text[start:place])
            start = place + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]
