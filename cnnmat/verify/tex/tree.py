"""The tree of a formula: what its notation says, with the column of every part.

Two trees are equal if they say the same, wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

__all__ = ["Apply", "Big", "Brace", "Derivative", "Dots", "Empty", "Fraction", "Group",
           "Juxtaposition", "List", "Mark", "Matrix", "Name", "Node", "Number", "Prefix", "Product",
           "Relation", "Root", "Script", "Sum", "Text", "children", "moved", "rebuilt", "walk"]


@dataclass(frozen=True)
class Node:
    """A part of a formula."""

    column: int = field(default=0, compare=False, kw_only=True)


@dataclass(frozen=True)
class Empty(Node):
    """Nothing, where something could stand."""


@dataclass(frozen=True)
class Number(Node):
    """A number as it is written: "4096", "0.775"."""

    text: str


@dataclass(frozen=True)
class Name(Node):
    """A letter, a command that is one, or a word: x, \\delta, \\mathcal W, \\mathrm{vec}.

    `style` is "word" for upright words and functions, or the name of a font or accent.
    """

    text: str
    style: str = ""

    @property
    def is_word(self) -> bool:
        """Whether this is the name of an operator, such as vec or max, or may be one."""
        return self.style == "word" and len(self.text) > 1


@dataclass(frozen=True)
class Text(Node):
    """Words: \\text{rows of }."""

    text: str


@dataclass(frozen=True)
class Mark(Node):
    """An operator or sign that stands alone, as in W^{\\#} or [\\times]."""

    text: str


@dataclass(frozen=True)
class Dots(Node):
    """\\dots and its kin."""

    text: str


@dataclass(frozen=True)
class Script(Node):
    """A base with a subscript, a superscript and primes."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None
    primes: int = 0


@dataclass(frozen=True)
class List(Node):
    """Items with what separates them: a comma, a semicolon, a bar, a colon, a space or a row."""

    items: tuple[Node, ...]
    separators: tuple[str, ...]


@dataclass(frozen=True)
class Group(Node):
    """Something in brackets; in invisible ones if `open` is "{"."""

    open: str
    body: Node
    close: str


@dataclass(frozen=True)
class Matrix(Node):
    """Rows of an environment such as bmatrix or cases."""

    environment: str
    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Prefix(Node):
    """An operator in front of what it works on: -a, \\partial a, \\forall a."""

    operator: str
    body: Node


@dataclass(frozen=True)
class Sum(Node):
    """Terms, and the sign in front of each; the first may have none."""

    terms: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Product(Node):
    """Factors with an operator between each two, such as \\otimes; taken from left to right."""

    factors: tuple[Node, ...]
    operators: tuple[Node, ...]


@dataclass(frozen=True)
class Juxtaposition(Node):
    """Factors one beside the other; binds tighter than every written operator."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Fraction(Node):
    """\\frac{above}{below}."""

    above: Node
    below: Node


@dataclass(frozen=True)
class Root(Node):
    """\\sqrt[degree]{body}."""

    body: Node
    degree: Node | None = None


@dataclass(frozen=True)
class Derivative(Node):
    """A derivative, written as a fraction or with a slash; `of` may be empty, as an operator."""

    of: Node
    by: Node
    letter: str = "\\partial"
    slash: bool = False


@dataclass(frozen=True)
class Big(Node):
    """A sum, product, union, limit, maximum over what stands below and above."""

    operator: Node
    below: Node | None
    above: Node | None
    body: Node


@dataclass(frozen=True)
class Apply(Node):
    """A name with something in brackets behind it: a function's value, an entry, or a product.

    Which of these is not a matter of notation, but of what the name is.  `open` is empty where an
    operator has its argument without brackets, as in \\mathrm{vec}\\,Y.
    """

    function: Node
    argument: Node
    open: str = "("
    close: str = ")"


@dataclass(frozen=True)
class Relation(Node):
    """Members with what is said of each two neighbours: a = b \\le c."""

    members: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True)
class Brace(Node):
    """\\underbrace or \\overbrace with its label, or an arrow with what stands on it."""

    command: str
    body: Node
    label: Node | None


def children(node: Node) -> Iterator[Node]:
    """The parts of which a node is made, in order."""
    kind: Any = type(node)
    for name in _names(kind):
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for part in value:
                yield from [part] if isinstance(part, Node) else (
                    cell for cell in part if isinstance(cell, Node))


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The names of what a kind of node holds; to ask a dataclass takes long."""
    return tuple(one.name for one in fields(kind) if one.compare)


def walk(node: Node) -> Iterator[Node]:
    """A node and all parts of it, from the left and from outside in."""
    todo = [node]
    while todo:
        found = todo.pop()
        yield found
        todo.extend(reversed([*children(found)]))


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """A copy of `node` with `change(part)` in place of each part."""
    def changed(value: Any) -> Any:
        if isinstance(value, Node):
            return change(value)
        return tuple(map(changed, value)) if isinstance(value, tuple) else value

    return replace(node, **{one.name: changed(getattr(node, one.name)) for one in fields(node)})


def moved(node: Node, place: Callable[[int], int]) -> Node:
    """A copy of `node` with `place(column)` in the place of each column."""
    copy = rebuilt(node, lambda part: moved(part, place))
    return replace(copy, column=place(node.column))
