"""A formula run: the value of a tree in a world, with numbers for its free letters."""

from fractions import Fraction as Rational

import numpy as np

from cnnmat.verify.duals import Dual
from cnnmat.verify.tex import values
from cnnmat.verify.tex.calls import is_size, with_derivatives
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.ranges import is_collection
from cnnmat.verify.tex.scripts import Scripts
from cnnmat.verify.tex.tree import (
    Apply,
    Dots,
    Empty,
    Group,
    Juxtaposition,
    List,
    Mark,
    Name,
    Relation,
    Script,
    Text,
)
from cnnmat.verify.tex.values import Constant, Multiple, Sizes
from cnnmat.verify.tex.world import Misfit, OutOfRange, Unbound
from cnnmat.verify.tex.writing import plain

__all__ = ["Evaluator", "Misfit", "evaluate"]


def evaluate(world, node, letters):
    """The value of `node`.

    Parameters
    ----------
    world : World
    node : Node
    letters : dict
        Numbers for the index letters that are free in it.

    Raises
    ------
    Unbound, OutOfRange, Misfit

    Examples
    --------
    >>> from cnnmat.verify.tex import parse
    >>> from cnnmat.verify.tex.bindings import read
    >>> from cnnmat.verify.tex.world import Given, World
    >>> bindings = read("index k = 1..3\\nw : vector 3\\nV : matrix 2 x 3")
    >>> world = World(bindings, Given({"w": [1, 2, 3], "V": np.array([[1, 0, 0], [0, 0, 1]])}),
    ...               evaluate)
    >>> evaluate(world, parse(r"\\sum_k w(k)^2"), {})
    14
    >>> evaluate(world, parse("Vw"), {}).tolist()
    [[1], [3]]
    >>> evaluate(world, parse("V^Tw"), {})
    Traceback (most recent call last):
    cnnmat.verify.tex.world.Misfit: column 1: Vᵀ is 3×2, w is 3×1
    """
    return Evaluator(world).value(node, letters)


class Evaluator(Scripts):
    """The value of each kind of node; what is no matter of one kind is in the classes below."""

    def __init__(self, world):
        self.world, self.vocabulary = world, world.vocabulary

    def value(self, node, letters):
        return getattr(self, type(node).__name__.lower())(node, letters)

    def misfit(self, node, error):
        return Misfit(node.column, f"{plain(node)}: {error}")

    def joined(self, operation, parts, results):
        """operation(*results); sizes that do not fit are told with the parts that have them."""
        try:
            return operation(*results)
        except Sizes as error:
            told = ", ".join(f"{plain(part)} is {values.size(one)}"
                             for part, one in zip(parts, results, strict=True))
            if len(parts) < 2:
                told = f"{told}: {error}" if told else str(error)
            raise Misfit(parts[0].column, told) from error

    # what has a value of its own

    def number(self, node, _letters):
        return Rational(node.text) if "." in node.text else int(node.text)

    def name(self, node, letters):
        return self.symbol(node, letters)

    def mark(self, node, letters):
        return self.symbol(node, letters)

    def text(self, node, _letters):
        raise Unbound(node.column, f"words: {node.text.strip()}")

    def empty(self, node, _letters):
        raise Unbound(node.column, "nothing stands here")

    def dots(self, node, _letters):
        raise Unbound(node.column, "what the dots stand for is not clear")

    def symbol(self, node, letters):
        """A letter, or a quantity; the value of what the bindings know."""
        key = letter(node)
        if key is not None and key in letters:
            return letters[key]
        found = self.quantity(node, letters)
        if found is not None:
            return self.world.value(*found, node.column)
        own = self.of_every_lecture(node, letters)
        if own is not None:
            return own
        if isinstance(node, Script):
            return self.scripted(node, letters)
        raise Unbound(node.column, f"nothing is said of {plain(node)}")

    def of_every_lecture(self, node, letters):
        """𝟙 and I, which need no binding, with a size in the subscript or without one; π."""
        if node == Name("I"):
            return Multiple(1)
        if isinstance(node, Name) and node.text == "1":
            return Constant(np.ones((1, 1), dtype=object) * 1, (True, False))
        if isinstance(node, Name):
            return self.vocabulary.constants.get(node.text)
        if not isinstance(node, Script) or node.sub is None or node.sup is not None or node.primes:
            return None
        if isinstance(node.sub, List) and self.world.find(node.base) is not None:
            # an entry of what the lecture itself calls I: an identity has one size
            return None
        if node.base == Name("I") or (isinstance(node.base, Name) and node.base.text == "1"):
            count = self.value(node.sub, letters)
            ones = node.base.text == "1"
            return np.array([[1 if ones else int(i == j) for j in range(1 if ones else count)]
                             for i in range(count)], dtype=object)
        return None

    def quantity(self, node, letters):
        """(quantity, the values of its letters) of a symbol; None if it is none."""
        found = self.world.find(node)
        if found is None or found[0].kind == "function":
            return None
        quantity, inside = found
        if any(name not in letters for name in quantity.at):
            return None
        at = tuple(letters[name] for name in quantity.at)
        return quantity, tuple(self.value(part, letters) - shift
                               for part, shift in inside.values()) + at

    # operations

    def sum(self, node, letters):
        total = None
        for sign, term in zip(node.signs, node.terms, strict=True):
            value = self.value(term, letters)
            if sign == "-":
                value = values.negative(value)
            elif sign not in ("", "+"):
                raise Unbound(term.column, f"{sign} is not one value")
            total = value if total is None else self.joined(
                values.add, [node, term], [total, value])
        return total

    def prefix(self, node, letters):
        if node.operator == "-":
            return values.negative(self.value(node.body, letters))
        raise Unbound(node.column, f"{node.operator} alone has no value")

    def juxtaposition(self, node, letters):
        factors = [*node.factors]
        if _is_size(factors[-1]) and len(factors) > 1:
            rest = factors[0] if len(factors) == 2 else Juxtaposition(
                tuple(factors[:-1]), column=node.column)
            return self.of_size(rest, factors[-1].body, letters)
        factors = with_derivatives(factors)
        if len(factors) == 1:
            return self.value(factors[0], letters)
        if len(factors) > 1 and any(isinstance(one, Dots) for one in factors):
            raise Unbound(node.column, "what the dots stand for is not clear")
        total, before = self.value(factors[0], letters), factors[0]
        for factor in factors[1:]:
            if isinstance(before, Group) and _is_pair(factor):
                # (A ⋆ B)(r, c): an entry of what stands in brackets
                total = self.indexed(Apply(before, factor.body), factor.body.items, letters)
                continue
            total = self.joined(values.times, [before, factor],
                                [total, self.value(factor, letters)])
            before = factor if not values.is_array(total) else node
        return total

    def of_size(self, node, stated, letters):
        """A value behind which its size stands."""
        value = self.value(node, letters)
        want = tuple(self.value(one, letters) for one in stated.factors)
        if values.shape_of(value) != want:
            raise Misfit(node.column, f"{plain(node)} is {values.size(value)}, stated "
                                      f"{'×'.join(map(str, want))}")
        return value

    def product(self, node, letters):
        total = self.value(node.factors[0], letters)
        for operator, factor in zip(node.operators, node.factors[1:], strict=True):
            operation = self.operation(operator, letters)
            total = self.joined(operation, [node.factors[0], factor],
                                [total, self.value(factor, letters)])
        return total

    def operation(self, operator, letters):
        """What an operator does: what the bindings say, else what it does in every lecture."""
        own = self.function_of(operator, None, letters)
        if own is not None:
            return own
        known = {"\\cdot": values.times, "\\times": values.times, "\\odot": values.hadamard,
                 "\\otimes": values.kron, "/": values.divide, "*": values.times}
        text = operator.text if isinstance(operator, Mark) else ""
        if text not in known:
            raise Unbound(operator.column, f"nothing is said of {plain(operator)}")
        return known[text]

    def fraction(self, node, letters):
        return self.joined(values.divide, [node.above, node.below],
                           [self.value(node.above, letters), self.value(node.below, letters)])

    def root(self, node, letters):
        value = values.number(self.value(node.body, letters))
        if node.degree is None:
            return self.square_root(value)
        return self.vocabulary.power(value, Rational(1, self.value(node.degree, letters)))

    # brackets

    def brace(self, node, letters):
        return self.value(node.body, letters)

    def group(self, node, letters):
        if node.open in ("|", "\\|", "\\lceil", "\\lfloor"):
            return self.measured(node.open, self.value(node.body, letters))
        body = node.body
        if node.open == "[" and isinstance(body, (Juxtaposition, List)) and (
                isinstance(body, List) or any(isinstance(one, Dots) for one in body.factors)):
            items = body.items if isinstance(body, List) else body.factors
            return values.concatenated(self.listed(items, letters), 1)
        if node.open == "\\langle" and isinstance(body, List) and len(body.items) == 2:
            return self.joined(values.inner, body.items, self.listed(body.items, letters))
        if isinstance(body, Relation):
            return int(self.holds(body, letters))
        if is_collection(node):
            return self.collected(node, letters)
        if isinstance(body, (List, Dots)) or node.open == "\\{":
            items = body.items if isinstance(body, List) else (body,)
            return tuple(self.listed(items, letters))
        return self.value(body, letters)

    def measured(self, bracket, value):
        if bracket == "\\|":
            return self.square_root(self.squared(value))
        if bracket == "|":
            return len(value) if isinstance(value, (tuple, set, frozenset)) else values.over(
                abs, value)
        value = values.number(value)
        return -(-value // 1) if bracket == "\\lceil" else value // 1

    def matrix(self, node, letters):
        if node.environment == "cases":
            return self.cases(node, letters)
        cells = [cell for row in node.rows for cell in row]
        if any(isinstance(cell, Dots) for cell in cells):
            return self.dotted(node, letters)
        rows = [[0 if isinstance(cell, Empty) else self.value(cell, letters) for cell in row]
                for row in node.rows]
        width = max(map(len, rows))
        rows = [row + [0] * (width - len(row)) for row in rows]
        sides = [self.joined(lambda *parts: values.concatenated(parts, 1), [node] * width, row)
                 for row in rows]
        return self.joined(lambda *parts: values.concatenated(parts, 0), [node] * len(sides), sides)

    def cases(self, node, letters):
        """The value in the first row of which the condition holds; words are "otherwise"."""
        for value, *condition in node.rows:
            said = _without_comma(condition[0]) if condition else Text("otherwise")
            if not isinstance(said, (Relation, Text)):
                raise Unbound(said.column, f"{plain(said)} is no condition")
            if isinstance(said, Text) or self.holds(said, letters):
                return self.value(_without_comma(value), letters)
        raise OutOfRange(node.column, "none of the cases")

    def dotted(self, node, letters):
        """A matrix with dots: a row, a column, or a diagonal."""
        if len(node.rows) == 1:
            return values.concatenated(self.listed(node.rows[0], letters), 1)
        if all(len(row) == 1 for row in node.rows):
            return values.concatenated(self.listed([row[0] for row in node.rows], letters), 0)
        cells = [cell for row in node.rows for cell in row if not isinstance(cell, Empty)]
        if len(cells) != 3:
            raise Unbound(node.column, "what the dots of a matrix stand for is not clear")
        return values.block_diagonal(self.listed(cells, letters))

    def derivative(self, node, letters):
        return self.slope(node, letters)

    def slopes_of(self, value, cells, shape):
        """The derivatives of a number by an array, or of anything by one entry."""
        if cells is not None:
            return values.over(lambda one: _partial(one, cells), value)
        if values.is_array(value) and value.shape != (1, 1):
            raise Sizes(f"the derivative of {values.size(value)} by {shape[0]}×{shape[1]}")
        made, value = np.empty(shape, dtype=object), values.number(value)
        for cell in np.ndindex(shape):
            made[cell] = _partial(value, cell)
        return made


def _partial(value, cell):
    return value.partials.get(cell, 0) if isinstance(value, Dual) else 0


def _without_comma(node):
    """What stands in front of a comma with nothing behind it."""
    is_list = isinstance(node, List) and len(node.items) == 2 and isinstance(node.items[1], Empty)
    return node.items[0] if is_list else node


def _is_pair(node):
    return isinstance(node, Group) and node.open in "([" and isinstance(node.body, List)


def _is_size(node):
    """Whether this is a size in brackets, behind what has it."""
    return isinstance(node, Group) and node.open == "(" and is_size(node.body)
