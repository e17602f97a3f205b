"""Names with something in brackets behind them, entries, derivatives."""

from dataclasses import replace

import numpy as np

from cnnmat.verify.tex import values
from cnnmat.verify.tex.dots import Lists
from cnnmat.verify.tex.tree import (
    Apply,
    Derivative,
    Empty,
    Group,
    Juxtaposition,
    List,
    Mark,
    Name,
    Number,
    Product,
    Relation,
    Script,
    Sum,
    walk,
)
from cnnmat.verify.tex.values import Sizes, column, is_array
from cnnmat.verify.tex.world import OutOfRange, Unbound
from cnnmat.verify.tex.writing import plain

__all__ = ["Calls", "is_size", "with_derivatives"]


class Calls(Lists):
    """What needs to know what a name is."""

    #: The first member of the line, which tells which function a name is where nothing else does.
    left = None

    # functions

    def function_of(self, node, argument, letters):
        """The function that a name is here, as a callable of values; None if it is none."""
        name, primes = node, 0
        if isinstance(node, Script) and node.primes and self.world.find(node) is None:
            name = node.base if node.sub is None and node.sup is None else replace(node, primes=0)
            primes = node.primes
        found = self.world.find(name)
        if found is not None and found[0].kind == "function":
            return self.bound(found[0], argument, letters, node, primes)
        if found is None and isinstance(name, Name) and name.is_word and not primes:
            return self.vocabulary.operators.get(name.text)
        if isinstance(node, Script) and node.base == Name("log", "word") and node.sub:
            base = self.value(node.sub, letters)
            return lambda value: values.over(
                lambda one: self.vocabulary.logarithm(one, base), value)
        return None

    def bound(self, quantity, argument, letters, node, primes):
        """The function that the bindings speak of, entry by entry if it has a derivative."""
        found = self.world.function(
            quantity, self.telling(quantity, argument, letters, node), node.column)
        if not hasattr(found, "derivative") or (quantity.along and not primes):
            return found
        if primes > 1 or (primes and len(quantity.arguments) > 1):
            raise Unbound(node.column, "second derivatives have no value")
        single = found.derivative if primes else found
        if len(quantity.arguments) > 1:
            return found
        return lambda value: values.over(lambda one: single(one), value)

    def telling(self, quantity, argument, letters, node):
        """What tells which function a name is: letters, or a quantity inside its argument."""
        if not quantity.of:
            missing = [name for name in quantity.at if name not in letters]
            if missing:
                raise Unbound(node.column, f"{plain(node)} depends on {missing[0]}, which the line "
                                           "does not say")
            return tuple(letters[name] for name in quantity.at)
        for place in (argument, self.left):
            for one in walk(place) if place is not None else ():
                found = self.world.find(one)
                if found is not None and found[0].pattern in quantity.of:
                    return found[0].name, *(
                        self.value(part, letters) - shift if self.is_known(part, letters) else None
                        for part, shift in found[1].values())
        raise Unbound(node.column, f"which {plain(node)} this is cannot be told")

    def apply(self, node, letters):
        whole = self.quantity(node, letters)
        if whole is not None:
            return self.world.value(*whole, node.column)
        squared = self.of_the_value(node)
        if squared is not None:
            return self.value(squared, letters)
        if _is_nabla(node.function):
            return self.slope(Derivative(node.argument, node.function.sub, column=node.column),
                              letters)
        function = self.function_of(node.function, node.argument, letters)
        if function is None and node.open == "(" and is_size(node.argument):
            return self.of_size(node.function, node.argument, letters)
        arguments = self.arguments(node)
        if function is not None:
            given = self.listed(arguments, letters)
            return self.called(function, node, given)
        if node.open:
            return self.indexed(node, arguments, letters)
        raise Unbound(node.column, f"nothing is said of {plain(node.function)}")

    def of_the_value(self, node):
        """f(x)^2 for f^2(x); None of anything else."""
        function = node.function
        if not isinstance(function, Script) or not isinstance(function.sup, Number) or (
                self.world.find(function) is not None):
            return None
        name = replace(function, sup=None)
        if name.sub is None and not name.primes:
            name = function.base
        return Script(replace(node, function=name), None, function.sup, column=node.column)

    def called(self, function, node, given):
        try:
            return function(*given)
        except ValueError as error:
            raise self.misfit(node, error) from error

    def arguments(self, node):
        """The arguments, a list in braces being one."""
        if node.open == "\\{":
            return (Group(node.open, node.argument, node.close, column=node.column),)
        return node.argument.items if isinstance(node.argument, List) else (node.argument,)

    # entries

    def product_in_brackets(self, node, letters):
        """(a, (b)) of a(b), where a is neither a function nor has entries; else None."""
        if not isinstance(node, Apply) or not node.open or isinstance(node.argument, List):
            return None
        if self.function_of(node.function, node.argument, letters) is not None:
            return None
        if is_array(self.value(node.function, letters)):
            argument = self.value(node.argument, letters)
            if isinstance(argument, (int, tuple)):
                return None
        return node.function, Group(node.open, node.argument, node.close, column=node.column)

    def indexed(self, node, arguments, letters):
        """An entry, some entries, or a product: a(b) with a that is no function."""
        value = self.value(node.function, letters)
        if not is_array(value):
            if len(arguments) > 1:
                raise Unbound(node.column, f"{plain(node.function)} is no function")
            return values.times(value, self.value(arguments[0], letters))
        indices = [self.value(one, letters) for one in arguments]
        if len(indices) == 1 and isinstance(indices[0], tuple):
            return column([self.entry(node, value, (one,), letters) for one in indices[0]])
        if all(isinstance(one, int) for one in indices):
            return self.entry(node, value, tuple(indices), letters)
        if len(indices) == 1:
            return self.joined(values.times, [node.function, arguments[0]], [value, indices[0]])
        raise Unbound(node.column, f"the indices of {plain(node)} are no whole numbers")

    def entry(self, node, value, indices, letters):
        cell, outside = self.cell(node.function, value, indices, letters, node.column)
        return 0 if outside else value[cell]

    def cell(self, function, value, indices, letters, at):
        """(the place of an entry in its array, whether it is outside, where all are 0)."""
        found = self.world.find(function)
        first = self.first_index(function)
        if len(indices) == 1 and 1 in value.shape:
            place = indices[0] - first
            cell = (place, 0) if value.shape[1] == 1 else (0, place)
        else:
            cell = tuple(one - first for one in indices)
        if len(cell) != 2:
            raise Unbound(at, f"{plain(function)} has two indices, got {len(indices)}")
        if all(0 <= one < n for one, n in zip(cell, value.shape, strict=True)):
            return cell, False
        if found and found[0].outside:
            return cell, True
        raise OutOfRange(at, f"{plain(function)} is {values.size(value)}, asked for entry "
                             f"{', '.join(map(str, indices))}")

    def entries(self, node, letters):
        """[a]_{p,m}, [a]_{:,1:3}, a_{ij} of an array."""
        if isinstance(node.base, Group) and node.base.open == "\\|":
            return self.value(node.base, letters)
        whole, parts = self.taken_apart(node) or (node.base, (node.sub,))
        value = self.value(whole, letters)
        if not is_array(value):
            raise Unbound(node.column, f"nothing is said of {plain(node)}")
        first = self.first_index(whole)
        if len(parts) == 1 and 1 in value.shape:
            one = Relation((Empty(), Empty()), (":",))
            parts = (*parts, one) if value.shape[1] == 1 else (one, *parts)
        if len(parts) != 2:
            raise Unbound(node.column, f"{plain(node)} has {len(parts)} indices")
        cut = tuple(self.along(part, n, first, letters, node) for part, n in zip(
            parts, value.shape, strict=True))
        found = value[np.ix_(*cut)]
        whole = isinstance(node.sub, List) and any(isinstance(part, Relation) for part in parts)
        return found if whole else values.number(found)

    def along(self, part, count, first, letters, node):
        """The places that an index, a part such as 1:3, or a colon names."""
        if isinstance(part, Relation) and part.operators == (":",):
            low, high = (None if isinstance(end, Empty) else self.value(end, letters) - first
                         for end in part.members)
            places = range(low or 0, count if high is None else high + 1)
        else:
            place = self.value(part, letters)
            if not isinstance(place, int):
                raise Unbound(part.column, f"{plain(part)} is no index")
            places = range(place - first, place - first + 1)
        if len(places) and not (0 <= places[0] and places[-1] < count):
            raise OutOfRange(node.column, f"{plain(part)} is outside {first}..{count + first - 1}")
        return list(places)

    # derivatives

    def slope(self, node, letters):
        """The derivative of what is above by what is below, by dual numbers."""
        by, indices = self.taken_apart(node.by) or (node.by, None)
        while isinstance(by, Group):
            by = by.body
        found = self.quantity(by, letters)
        if found is None or isinstance(node.of, Empty):
            raise Unbound(node.column, f"a derivative by {plain(node.by)} cannot be run")
        value = self.world.value(*found, node.column)
        cells = None
        if indices is not None:
            asked = [self.value(one, letters) for one in indices]
            if len(asked) == 1 and isinstance(asked[0], tuple):
                return column([self.partial(node, found, self.cell(
                    by, value, (one,), letters, node.column)[0], letters) for one in asked[0]])
            cells = self.cell(by, value, tuple(asked), letters, node.column)[0]
        return self.partial(node, found, cells, letters)

    def partial(self, node, found, cells, letters):
        world = self.world.varied(*found, node.column)
        key = id(node.of), tuple(letters.get(name) for name in self.depends_on(node.of))
        if key not in world.slopes:
            world.slopes[key] = node.of, self.inside(world, node.of, letters)
        of = world.slopes[key][1]
        value = self.world.value(*found, node.column)
        if cells is None and not is_array(value):
            cells = ()
        try:
            return self.slopes_of(of, cells, values.shape_of(value))
        except Sizes as error:
            raise self.misfit(node, error) from error

    def inside(self, world, node, letters):
        other = type(self)(world)
        other.left, other.stated = self.left, self.stated
        return other.value(node, letters)


def with_derivatives(factors):
    """Factors with a derivative in the place of an operator and what stands behind it: \\nabla_w J,
    or a fraction with nothing to be derived in it."""
    for place, factor in enumerate(factors[:-1]):
        rest = factors[place + 1:]
        of = rest[0] if len(rest) == 1 else Juxtaposition(tuple(rest))
        if isinstance(factor, Derivative) and isinstance(factor.of, Empty):
            return [*factors[:place], replace(factor, of=of)]
        if _is_nabla(factor):
            return [*factors[:place], Derivative(of, factor.sub, column=factor.column)]
    return factors


def is_size(node):
    """Whether this is a size such as P×1."""
    return isinstance(node, Product) and all(
        isinstance(one, Mark) and one.text == "\\times" for one in node.operators) and not any(
        isinstance(one, Sum) for one in node.factors)


def _is_nabla(node):
    """Whether this is \\nabla with what it is taken by below it."""
    return isinstance(node, Script) and node.base == Name("\\nabla") and (
        node.sub is not None and node.sup is None)
