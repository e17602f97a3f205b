"""A lecture in LaTeX or Markdown as claims: one an equation."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cnnmat.verify.claims import Claim, Lecture, NotRun
from cnnmat.verify.documents.binding import Expected, bound, named, trees
from cnnmat.verify.documents.drawing import Bound, sizes
from cnnmat.verify.documents.readings import readings
from cnnmat.verify.documents.running import Line
from cnnmat.verify.documents.scanning import scan
from cnnmat.verify.documents.sources import DocumentError
from cnnmat.verify.documents.symbols import Symbols, is_gradient, relations
from cnnmat.verify.tex import TexError, parse, plain
from cnnmat.verify.tex.quantities import Check
from cnnmat.verify.tex.statements import statements
from cnnmat.verify.tex.tree import Empty, List, Node, Relation, moved

__all__ = ["Read", "lecture", "read"]


@dataclass
class Read:
    """A lecture taken apart: its document, equations and trees by name, what is said of them."""

    document: Any
    equations: dict[str, Any]
    trees: dict[str, Node]
    refused: dict[str, tuple[int, str]]
    lines: Any


def read(path: str) -> Read:
    """Read the equations and bindings of a file.

    Raises
    ------
    DocumentError
        If it, or a line of its bindings, cannot be read.
    """
    document = scan(path)
    equations = named(document)
    found, refused = trees(document, equations)
    return Read(document, equations, found, refused, bound(document, equations, found))


def lecture(path: str) -> Lecture:
    """The lecture that a file in LaTeX or Markdown is.

    An equation of which all symbols are bound is run; one that defines a symbol says so; every
    other one is not run, and says which symbols it waits for.
    """
    taken = read(path)
    slug = re.sub(r"[^a-z0-9_-]", "-", Path(path).stem.lower()) or "lecture"
    made = Lecture(slug, taken.document.title or Path(path).name)
    _Maker(taken, made).make()
    return made


class _Maker:
    """Makes the claims of one lecture."""

    def __init__(self, taken, made):
        self.taken, self.lecture = taken, made
        self.sources, self.bindings = taken.document.sources, taken.lines.bindings
        self.symbols = Symbols(self.bindings)
        # what is named is to be run, and an error if it cannot be
        self.named = {*self.bindings.checks, *(
            name for name, one in taken.lines.expected.items() if one.verdict != "skip")}
        self.defined = {one.equation: one for held in self.bindings.quantities.values()
                        for one in held if one.equation}
        self.names = {one.label: name for name, one in taken.equations.items() if one.label}

    def make(self):
        """Register a claim for each equation."""
        for name in self.taken.equations:
            self.bindings.checks[name] = self.check(name)
        cases = self.cases()
        self.notations = {precise: Bound(self.bindings, precise, cases)
                          for precise in (False, True)}
        for name, equation in self.taken.equations.items():
            self.lecture.claims[name] = self.claim(name, equation, cases)

    def cases(self):
        try:
            return sizes(self.bindings)
        except TexError as error:
            raise DocumentError(f"{self.sources.shown}: the sizes cannot be told: {error.why}"
                                ) from error

    def check(self, name):
        """How an equation is to be run: as its line says, and from what is left of others."""
        check = replace(self.bindings.checks.get(name, Check((name,))), loose=True)
        after, left = self.taken.equations[name].after, None
        if after is not None:
            left = _left_side(parse(after.formula))
        return replace(check, left=(left,)) if left is not None and not check.left else check

    def claim(self, name, equation, cases):
        """The claim that an equation is."""
        place = self.sources.place(equation.position)
        common = {
            "lecture": self.lecture.slug, "id": name, "formula": equation.formula,
            "place": (place.file, place.file, place.line, place.column), "generated": True}
        try:
            return self.run(name, equation, cases, common)
        except NotRun as why:
            tree = self.taken.trees.get(name, Empty())
            return Claim(**common, kind="identity", title=_short(equation.formula, tree),
                         function=_nothing, expect="not run", reason=str(why))

    def run(self, name, equation, cases, common):
        expected = self.taken.lines.expected.get(name, Expected("holds"))
        if expected.verdict == "skip":
            raise NotRun(expected.text or "its lecture says so")
        function = None
        tree = self.taken.trees.get(name)
        left = self.bindings.checks[name].left
        if tree is None:
            function = self.refusal(name, *self.taken.refused[name])
            tree = Empty()
        missing = self.symbols.unbound(List((tree, *left), (",",) * len(left)))
        if missing and function is None:
            function = self.refusal(name, equation.position,
                                    f"nothing is said of {', '.join(missing)}")
        if function is None and not self.states(name, tree):
            function = self.refusal(name, equation.position, "it states nothing that can be run")
        corrected = self.corrected(expected)
        parts = [one for one in (tree, corrected, *left) if one is not None]
        whole = List(tuple(parts), (",",) * (len(parts) - 1))
        precise, divides = self.symbols.is_real(whole), self.symbols.divides(whole)
        rests = [self.names.get(one, one) for one in self.symbols.rests_on(whole)]
        rests = sorted({one for one in rests if one != name}, key=[*self.taken.equations].index)
        covers = f"consistent with {', '.join(f'({one})' for one in rests)}" if rests else ""
        if function is None:
            line = Line(self.sources, equation.position, tree, self.bindings.checks[name],
                        self.bindings, precise, corrected, covers=covers,
                        is_named=name in self.named)
            line.readings = {} if corrected else readings(tree, self.bindings)
            function = line.function()
        defines = self.defines(name, tree)
        return Claim(
            **common, kind=_kind(tree, defines), title=_short(equation.formula, *left, tree),
            function=function, cases=tuple(cases),
            expect="defines" if defines and expected.verdict == "holds" else expected.verdict,
            no_control="it says what a symbol is" if defines else "",
            corrected_formula=expected.text if corrected else "", covers=covers,
            rational=divides, notation=self.notations[precise])

    def refusal(self, name, position, why):
        """What an equation that cannot be run does: nothing, or, if it was named, an error."""
        if name not in self.named:
            raise NotRun(why)

        def line(_e, **_case):
            raise self.sources.error(position, why)

        return line

    def states(self, name, tree):
        return bool(relations(tree)) or self.taken.equations[name].after is not None or (
            name in self.bindings.checks and bool(self.bindings.checks[name].left)) or isinstance(
                tree, Relation)

    def corrected(self, expected):
        if expected.verdict != "misprint":
            return None
        try:
            return moved(parse(expected.text), lambda _: expected.position)
        except TexError as error:
            raise self.sources.error(expected.position, error.why) from error

    def defines(self, name, tree):
        """Whether an equation does no more than say what a symbol is."""
        quantity = self.defined.get(name) or self.defined.get(self.taken.equations[name].label)
        found = statements(tree, self.bindings.ranges).clauses
        return quantity is not None and len(found) == 1 and isinstance(
            found[0], Relation) and len(found[0].members) == 2


def _nothing(_e):
    raise NotRun


def _left_side(tree):
    found = relations(tree)
    return found[0].members[0] if found else None


def _kind(tree, defines):
    if defines:
        return "definition"
    return "gradient" if is_gradient(tree) else "identity"


def _short(formula, *trees):
    """A formula in a line of a terminal."""
    text = " ".join(map(plain, trees)) or formula
    text = " ".join(text.split())
    return text if len(text) <= 90 else f"{text[:87]}..."
