"""What a lecture says of its symbols and equations, from the lines in its comments.

Beside the language of `cnnmat.verify.tex.bindings`:

    misprint (3): \\hat y=Xw         the equation is known to be wrong; this is right
    ambiguous (3)                   it is known to have two readings
    skip (4), (5): a figure         not to be run, and why
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from cnnmat.verify.documents.equations import Equation
from cnnmat.verify.documents.scanning import Document
from cnnmat.verify.tex import TexError, parse
from cnnmat.verify.tex.bindings import read
from cnnmat.verify.tex.quantities import Bindings
from cnnmat.verify.tex.tree import Apply, Empty, List, Name, Node, Relation, Script, moved, walk
from cnnmat.verify.tex.writing import latex

__all__ = ["Expected", "Lines", "bound", "named", "trees"]


#: So many characters an equation may have.
LONGEST = 20000


@dataclass
class Expected:
    """What a lecture expects of one equation beside that it holds."""

    verdict: str
    text: str = ""
    position: int = 0


@dataclass
class Lines:
    """The lines of a lecture's bindings, read.

    Attributes
    ----------
    bindings : Bindings
    expected : dict of str to Expected
        By the name of the equation.
    """

    bindings: Bindings
    expected: dict[str, Expected] = field(default_factory=dict)


def named(document: Document) -> dict[str, Equation]:
    """The equations by name: their number, or the line at which they begin; and by their label."""
    found: dict[str, Equation] = {}
    for one in document.equations:
        place = document.sources.place(one.position)
        name = one.number or f"line {place.line}"
        if place.file != document.sources.shown and not one.number:
            name = f"{document.sources.inside(place.file)} {name}"
        while name in found:
            name += "'"
        found[name] = one
    return found


def trees(document: Document, equations: dict[str, Equation]
          ) -> tuple[dict[str, Node], dict[str, tuple[int, str]]]:
    """The trees of equations by name, their columns being positions; and (position, why) of those
    that have none."""
    found, refused = {}, {}
    for name, one in equations.items():
        if len(one.formula) > LONGEST:
            refused[name] = one.position, f"an equation of more than {LONGEST} characters"
            continue
        try:
            found[name] = moved(parse(one.formula), one.at)
        except TexError as error:
            refused[name] = one.at(error.column), re.sub(
                r" in column (\d+)", partial(_at, document, one), error.why)
    return found, refused


def _at(document, equation, found):
    """Where a column of a formula is in its file."""
    place = document.sources.place(equation.at(int(found[1])))
    return f" in line {place.line}, column {place.column}"


def bound(document: Document, equations: dict[str, Equation], found: dict[str, Node]) -> Lines:
    """Read the lines of bindings.

    Raises
    ------
    DocumentError
        At a line that cannot be read.
    """
    known = _references(equations, found)
    lines = Lines(Bindings())
    for text, position in sorted(_joined(document.notices), key=_turn):
        try:
            if not _own(text, position, lines, equations):
                read(text, known, lines.bindings)
                _once(lines.bindings)
        except TexError as error:
            why = error.why.partition(f'"{text}": ')[2] or error.why
            raise document.sources.error(position, why) from error
    _take_definitions(known, lines.bindings)
    lines.bindings.checks = {_name(id, equations): check
                             for id, check in lines.bindings.checks.items()}
    return lines


def _turn(notice):
    """The turn at which a line is read: what symbols are comes before what defines them."""
    verb = notice[0].partition(" ")[0]
    if verb in ("index", "family", "size", "entries"):
        return 0
    return 2 if ":=" in notice[0] or verb in ("check", "misprint", "ambiguous", "skip") else 1


def _once(bindings):
    """Refuse a symbol that is bound a second time."""
    for held in bindings.quantities.values():
        for place, one in enumerate(held):
            if any(one.pattern == other.pattern for other in held[:place]):
                raise TexError(1, f"{one.name} is bound a second time")


def _take_definitions(known, bindings):
    """Take in what the text itself says by := or its kin of symbols that are not bound."""
    for name, relation in known.items():
        left = relation.members[0]
        if relation.operators[0] in (":=", "\\triangleq") and isinstance(
                left, (Name, Script, Apply)) and not any(map(bindings.find, walk(left))):
            read(f"{latex(left).strip()} := ({name})", known, bindings)


def _joined(notices: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Lines of bindings; what is indented by two spaces and more goes on from the one before."""
    found: list[tuple[str, int]] = []
    for text, position in notices:
        # a comment may stand behind a line
        stripped = re.split(r"(?<!\\)%", text)[0].strip()
        if not stripped:
            continue
        indented = len(text) - len(text.lstrip())
        if indented > 1 and found:
            found[-1] = f"{found[-1][0]} {stripped}", found[-1][1]
        else:
            found.append((stripped, position + indented))
    return found


def _references(equations, found):
    """The equations to which a definition may refer, by number and label."""
    known = {}
    for name, tree in found.items():
        head = tree.items[0] if isinstance(tree, List) else tree
        if not isinstance(head, Relation) or isinstance(head.members[0], Empty):
            continue
        known[name] = head
        if equations[name].label:
            known.setdefault(equations[name].label, head)
    return known


def _name(reference: str, equations: dict[str, Equation]) -> str:
    """The name of the equation that a number or label in brackets stands for."""
    wanted = reference.strip().strip("()")
    if wanted in equations:
        return wanted
    for name, one in equations.items():
        if one.label == wanted:
            return name
    raise TexError(1, f"there is no equation ({wanted})")


def _own(text, position, lines, equations):
    """Take in a line about an equation; whether it is one."""
    verb, _, rest = text.partition(" ")
    if verb not in ("misprint", "ambiguous", "skip"):
        if verb == "check":
            for one in re.findall(r"\(([^()]*)\)", re.split(r" (?:as|into|over|sizes|where|for) ",
                                                            rest)[0]):
                _name(one, equations)
        return False
    which, _, said = rest.partition("):")
    for one in which.split("),"):
        expected = Expected(verb, said.strip(), position)
        if verb == "misprint" and not expected.text:
            raise TexError(1, "expected misprint (3): and the formula as it should be")
        lines.expected[_name(one, equations)] = expected
    return True
