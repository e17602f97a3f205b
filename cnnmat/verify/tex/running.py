"""A line run: whether what it states holds for all values of its free letters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from cnnmat.verify.comparing import agree
from cnnmat.verify.tex import values
from cnnmat.verify.tex.bindings import Check
from cnnmat.verify.tex.commands import LETTERS
from cnnmat.verify.tex.evaluating import Evaluator, Misfit
from cnnmat.verify.tex.sides import fitted, shown, told
from cnnmat.verify.tex.statements import as_size, statements, substituted
from cnnmat.verify.tex.tree import (
    Dots,
    Empty,
    Juxtaposition,
    Name,
    Node,
    Number,
    Relation,
    Script,
)
from cnnmat.verify.tex.world import OutOfRange, Unbound, World
from cnnmat.verify.tex.writing import plain

__all__ = ["Fails", "Outcome", "pairs", "run_line"]

_EQUAL = {"=", "\\triangleq", ":=", "\\equiv"}
_IMPLIED = {"\\Rightarrow", "\\Leftarrow", "\\iff"}


@dataclass(frozen=True)
class Outcome:
    """Whether a line holds, for how many values of its letters it was run, and where it fails."""

    holds: bool
    count: int
    where: str = ""


class Fails(Exception):
    """What a line states is not so; the text says where.

    Attributes
    ----------
    why : str
        The text without a column.
    column : int or None
    """

    def __init__(self, start, error=None):
        super().__init__(f"{start}{error or ''}")
        self.why = f"{start}{error.why if error else ''}"
        self.column = error.column if error else None


def run_line(world: World, tree: Node, check: Check) -> Outcome:
    """Run a line.

    Parameters
    ----------
    world : World
    tree : Node
    check : Check
        What stands on its left if the line goes on from another one, and what is agreed on the
        letters beyond what it says itself.

    Raises
    ------
    TexError
        If the line cannot be run: a symbol of which nothing is said, words, no index in range.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse
    >>> from cnnmat.verify.tex.bindings import read
    >>> from cnnmat.verify.tex.evaluating import evaluate
    >>> from cnnmat.verify.tex.world import Given
    >>> bindings = read("index k = 1..3; j = 1..3\\nw : vector 3")
    >>> world = World(bindings, Given({"w": [1, 2, 3]}), evaluate)
    >>> run_line(world, parse("w(k)=k"), Check(()))
    Outcome(holds=True, count=3, where='')
    >>> run_line(world, parse("w(k)=4-k"), Check(())).where
    'k = 1: w(k) is 1, 4 - k is 3'
    """
    count = [0]
    try:
        _run(world, tree, check, _agree, count)
    except Fails as error:
        return Outcome(False, count[0], str(error))
    return Outcome(True, count[0])


def pairs(world: World, tree: Node, check: Check) -> list[tuple[dict[str, int], Node, Node, Any,
                                                                Any]]:
    """What a line says to be equal, each with the values of its letters, and not compared.

    Parameters
    ----------
    world, tree, check
        As for `run_line`.

    Returns
    -------
    list of (letters, first member, other member, value of the first, value of the other)
        Empty where the line states sizes or inequalities only, which hold.

    Raises
    ------
    Fails
        Where what it states else is not so: a size, an inequality, an index in range.
    TexError
        If the line cannot be run.
    """
    met: list[Any] = []
    _run(world, tree, check, lambda member, found: met.extend(
        (letters, first, member, a, b) for letters, first, a, b in found), [0])
    return met


def _run(world, tree, check, take, count):
    """Run a line; what shall be equal goes to `take(member, pairs)`, how much into `count`."""
    tree = substituted(tree, check.where)
    check = replace(check, left=tuple(substituted(one, check.where) for one in check.left))
    if check.into is not None:
        tree = substituted(check.into, {"\\square": tree})
    found = statements(tree, world.bindings.ranges)
    line = _Line(Evaluator(world), check, found.ranges, take)
    try:
        line.run_all(tree, found)
    finally:
        count[0] = line.count
    if not line.count:
        raise Unbound(tree.column, "the line states nothing that could be run")


class _Line:
    """One line under way: `count` values of its letters have been tried."""

    def __init__(self, evaluator, check, own, take):
        self.evaluator, self.check, self.own, self.count = evaluator, check, own, 0
        self.take = take
        self.stated = check.ranges | own
        evaluator.stated = self.stated

    def run_all(self, tree, found):
        """Run all that the line states."""
        if self.check.sizes:
            self.run_sizes(tree)
            return
        over = [self.check.over] if self.check.over else []
        for place, clause in enumerate(found.clauses):
            if isinstance(clause, Dots):
                # and so on
                continue
            left = self.check.left[place] if place < len(self.check.left) else None
            if isinstance(clause, Relation) or left:
                self.run(clause, left)
            elif found.ranges and not over:
                over = [clause]
            elif clause not in over and not (
                    self.check.loose and place and isinstance(clause, (Name, Script))):
                raise Unbound(clause.column, f"{plain(clause)} states nothing")
        for part, size in found.sizes:
            self.run_size(part, size)
        for one in over:
            self.run_over(one)

    def run_over(self, node):
        """Whether the letters that the line counts run over all places where they can stand."""
        names = self.evaluator.free_letters([node], self.check.ranges)
        if not set(self.own) <= set(names):
            raise Unbound(node.column, f"{plain(node)} does not have all letters of the line")
        for letter in self.own:
            # others are asked for only where the range depends on them
            told = self.evaluator.run_of(letter, [node], {}, {}, usual=False) is not None
            others = [] if told else [one for one in (*names, *self.check.ranges) if one != letter]
            for letters in self.evaluator.settings(
                    [*dict.fromkeys(others)], [node], {}, self.stated):
                self.run_letter(letter, node, letters)

    def run_letter(self, letter, node, letters):
        try:
            places = self.evaluator.run_in(letter, node, letters)
            stated = [*self.evaluator.between(self.own[letter], letters)]
        except OutOfRange as error:
            raise Fails(told(letters), error) from None
        if places is None:
            raise Unbound(node.column, f"where {letter} can stand in {plain(node)} is not said")
        if places != stated:
            raise Fails(f"{told(letters)}{LETTERS.get(letter, letter)} can be {shown(places)} "
                         f"in {plain(node)}, the line says {shown(stated)}")
        self.count += 1

    def run_sizes(self, tree):
        """Whether listed sizes are those of the matrices to which they belong."""
        parts = tree.factors if isinstance(tree, Juxtaposition) else (tree,)
        wanted = [as_size(one) for one in parts]
        if None in wanted or len(wanted) != len(self.check.sizes):
            raise Unbound(tree.column, f"{plain(tree)} lists no sizes of {len(self.check.sizes)}")
        for letters, _ in self.settings([*self.check.sizes]):
            for node, factors in zip(self.check.sizes, wanted, strict=True):
                self.has_size(node, self.evaluator.value(node, letters), factors, letters)

    def run(self, clause, left):
        """Run one clause for all values of its letters."""
        members, operators = _chain(clause, left)
        if set(operators) <= _IMPLIED:
            self.run_implied(members, operators)
            return
        pairs = [[] for _ in operators]
        for letters, first in self.settings(members):
            self.compared(members, operators, letters, first, pairs)
        for member, found in zip(members[1:], pairs, strict=True):
            self.take(member, found)

    def settings(self, members):
        """All values of the letters of a clause with which its first member is in range, and what
        it is there."""
        agreed, before = self.check.ranges, self.count
        names = self.evaluator.free_letters(members, agreed)
        names += [one for one in agreed if one not in names]
        self.evaluator.left, met = members[0], []
        for letters in self.evaluator.settings(names, members, {}, self.stated):
            first = self.first(members[0], letters, names)
            if first is not None:
                self.count += 1
                met.append(letters)
                yield letters, first
        self.all_met(names, met)
        if self.count == before:
            raise Unbound(members[0].column, f"no value of {', '.join(names)} is in range")

    def all_met(self, names, met):
        """Refuse values that the line states for a letter and with which its left side is nowhere
        in range."""
        for name in names:
            try:
                stated = self.evaluator.between(self.own[name], {}) if name in self.own else ()
            except Unbound:
                # it depends on other letters
                continue
            for value in stated:
                if not any(letters[name] == value for letters in met):
                    raise Fails(f"{LETTERS.get(name, name)} = {value}: the left side is out of "
                                 "range")

    def first(self, member, letters, names):
        """The value of the first member; None where the line does not speak of these letters: an
        index that it does not state may be one of which its left side says nothing."""
        if isinstance(member, Relation):
            return True
        try:
            return self.evaluator.value(member, letters)
        except OutOfRange as error:
            if all(name in self.stated for name in names):
                raise Fails(told(letters), error) from None
            return None
        except Misfit as error:
            raise Fails(told(letters), error) from None

    def compared(self, members, operators, letters, first, pairs):
        """Take in what one setting says: what shall be equal is compared with all others of it."""
        start, before = (members[0], first), first
        try:
            for place, operator in enumerate(operators):
                member = members[place + 1]
                if operator in _EQUAL:
                    before = self.evaluator.value(member, letters)
                    pairs[place].append((letters, start[0], *fitted(start[1], before, member)))
                elif operator == "\\in" and _is_space(member):
                    self.in_space(members[place], before, member, letters)
                else:
                    after = self.evaluator.value(member, letters)
                    if not self.evaluator.related(operator, before, after, member):
                        raise Fails(f"{told(letters)}{plain(members[place])} is {shown(before)}"
                                     f", {plain(member)} is {shown(after)}")
                    start, before = (member, after), after
        except (OutOfRange, Misfit) as error:
            raise Fails(told(letters), error) from None

    def in_space(self, node, value, space, letters):
        """x ∈ ℝ^n says of which size x is."""
        power = space.sup if isinstance(space, Script) else Number("1")
        factors = as_size(power) or (power, Number("1"))
        self.has_size(node, value, factors, letters)

    def has_size(self, node, value, factors, letters):
        want = tuple(self.evaluator.value(one, letters) for one in factors)
        if values.shape_of(value) != want:
            raise Fails(f"{told(letters)}{plain(node)} is {values.size(value)}, stated "
                         f"{'×'.join(map(str, want))}")

    def run_size(self, part, size):
        """W: m×n."""
        for letters, value in self.settings([part]):
            self.has_size(part, value, as_size(size), letters)

    def run_implied(self, members, operators):
        """What follows from what, or is the same as what, for each value of the letters."""
        for letters, _ in self.settings(members):
            held = [self.evaluator.holds(one, letters) for one in members]
            for operator, a, b in zip(operators, held, held[1:], strict=False):
                follows = {"\\Rightarrow": b or not a, "\\Leftarrow": a or not b}
                if not follows.get(operator, a == b):
                    raise Fails(f"{told(letters)}one side holds and the other does not")


def _chain(clause, left):
    """(members, what is between them) of a clause, with what stands on its left in front."""
    if isinstance(clause, Relation):
        members, operators = [*clause.members], [*clause.operators]
    else:
        members, operators = [clause], []
    if left is not None:
        if isinstance(members[0], Empty):
            members[0] = left
        else:
            members, operators = [left, *members], ["=", *operators]
    if not operators or isinstance(members[0], Empty):
        raise Unbound(clause.column, f"{plain(clause)} states nothing; what is on its left?")
    return members, operators


def _agree(member, pairs):
    """Refuse pairs that differ; rounding is measured by the largest entry of all of them."""
    if agree([b for *_, b in pairs], [a for *_, a, _ in pairs]):
        return
    for letters, first, a, b in pairs:
        if not agree(b, a):
            raise Fails(f"{told(letters)}{plain(first)} is {shown(a)}, {plain(member)} is "
                         f"{shown(b)}")
    raise Fails(f"{plain(pairs[0][1])} and {plain(member)} differ")


def _is_space(node):
    """Whether this is ℝ, or a power of it."""
    base = node.base if isinstance(node, Script) else node
    return isinstance(base, Name) and base.style == "mathbb"
