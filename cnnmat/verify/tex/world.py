"""The values that the symbols of a lecture have: given, defined, or with duals put in."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cnnmat.verify.duals import Dual
from cnnmat.verify.tex.commands import LETTERS
from cnnmat.verify.tex.quantities import base
from cnnmat.verify.tex.tokens import TexError
from cnnmat.verify.tex.values import (
    Sizes,
    column,
    concatenated,
    is_array,
    number,
    size,
    transpose,
)
from cnnmat.verify.tex.vocabulary import Vocabulary
from cnnmat.verify.tex.writing import plain

__all__ = ["Computed", "Given", "Misfit", "OutOfRange", "Unbound", "World"]


class Unbound(TexError):
    """A symbol of which nothing is said, or a notation that has no meaning here."""


class OutOfRange(TexError):
    """An index outside its range."""


class Misfit(TexError):
    """Sizes that do not fit, with what has them."""


class Given:
    """Given values, by the names of their quantities.

    Parameters
    ----------
    values : mapping
        From names to values, or to functions of the letters in the order of the pattern, and then
        of those behind "at".
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def value(self, name, indices):
        """The value of a quantity; LookupError where it has none."""
        held = self.values[name]
        return held(*indices) if callable(held) and not hasattr(held, "derivative") else held

    def varied(self, name, indices, duals):
        """The same with duals in place of one value."""
        old = self.values[name]
        if not callable(old):
            return Given({**self.values, name: duals})

        def value(*asked):
            return duals if asked == indices else old(*asked)

        return Given({**self.values, name: value})


class Computed(Given):
    """Given values, and others that plain loops compute from them: anew with duals put in.

    Parameters
    ----------
    values : mapping
        As for `Given`.
    compute : callable
        ``compute(values)`` -> a mapping with the names of what is computed.  What `values` already
        has of these stands: a computed value with duals put in, behind which all is run anew.
    """

    def __init__(self, values: Mapping[str, Any],
                 compute: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
        super().__init__({**compute(values), **values})
        self.inputs, self.compute = values, compute

    def varied(self, name, indices, duals):
        """The same with duals in place of one value."""
        changed = super().varied(name, indices, duals).values
        return Computed({**self.inputs, name: changed[name]}, self.compute)


class Defined:
    """A function that a formula defines: entry by entry, or of each row or column as a vector."""

    def __init__(self, world, quantity):
        self.world, self.quantity, self.along = world, quantity, quantity.along

    def __call__(self, *values):
        if self.along == "rows":
            rows = [transpose(self._whole(values[0][k:k + 1].T)) for k in range(len(values[0]))]
            return concatenated(rows, 0)
        if self.along == "columns":
            columns = values[0].shape[1]
            return concatenated([self._whole(values[0][:, k:k + 1]) for k in range(columns)], 1)
        return self._whole(*values)

    def _whole(self, *values):
        wanted = self.quantity.arguments
        if len(values) != len(wanted):
            raise Sizes(f"{self.quantity.name} has {len(wanted)} arguments, got {len(values)}")
        letters = dict(zip(wanted, values, strict=True))
        return self.world.evaluate(self.world, self.quantity.definition, letters)

    def derivative(self, value):
        """The derivative of a function of one number."""
        found = number(self(Dual(value, {(): 1})))
        return found.partials.get((), 0) if isinstance(found, Dual) else 0


class World:
    """The bindings of a lecture with values for what is given.

    Parameters
    ----------
    bindings : Bindings
    given : Given
        Or what has its two methods; of a `vocabulary` that it has too come the functions of every
        lecture.
    evaluate : callable
        ``evaluate(world, node, letters)``.
    """

    def __init__(self, bindings, given, evaluate, put=None, found=None):
        self.bindings, self.given, self.evaluate = bindings, given, evaluate
        self.vocabulary = getattr(given, "vocabulary", Vocabulary())
        self.is_varied = found is not None
        self.put, (self.found, self.depends, self.spots) = put or {}, found or ({}, {}, {})
        self.known, self.worlds, self.slopes = {}, {}, {}
        self.under_way = set()

    def find(self, node):
        """The quantity that a symbol is, and what stands for its letters; remembered by the node
        itself, which takes longer to compare than to look up."""
        if id(node) not in self.found:
            self.found[id(node)] = node, self.bindings.find(node)
        return self.found[id(node)][1]

    def value(self, quantity, indices, column_of):
        """The value of a quantity at `indices`: of its letters, then of those it depends on."""
        key = quantity.name, indices
        if key not in self.known:
            if key in self.under_way:
                raise TexError(column_of, f"{plain(quantity.pattern)} is defined by itself")
            self.under_way.add(key)
            try:
                self.known[key] = self._value(quantity, indices, column_of)
            finally:
                self.under_way.discard(key)
        value = self.known[key]
        if isinstance(value, OutOfRange):
            raise OutOfRange(column_of, value.why)
        return value

    def _value(self, quantity, indices, column_of):
        letters = dict(zip((*quantity.ranges, *quantity.at), indices, strict=True))
        special = self._special(quantity, indices)
        if special is not None:
            return self.value(special, (), column_of)
        try:
            self.in_range(quantity, letters, column_of)
        except OutOfRange as error:
            return error
        if (quantity.name, indices) in self.put:
            return self.put[quantity.name, indices]
        if quantity.definition is not None:
            found = self._of_its_entries(quantity, letters) if quantity.cells else self.evaluate(
                self, quantity.definition, letters)
            return self._of_its_size(quantity, found, letters, column_of)
        try:
            found = self.given.value(quantity.name, indices)
        except LookupError:
            raise Unbound(column_of, f"{quantity.name} has no value") from None
        return self._of_its_size(quantity, _as_value(found), letters, column_of)

    def _special(self, quantity, indices):
        """What is said of the symbol at these very indices: y_0, δ_L beside y_ℓ, δ_ℓ."""
        for other in self.bindings.quantities[base(quantity.pattern)] if indices else ():
            # where others stand at letters of the line, the letter in its name is none of an index
            one_place = not (other.ranges or other.at)
            found = quantity.match(other.pattern, {}) if one_place else None
            if found and tuple(self.evaluate(self, part, {}) - shift
                               for part, shift in found.values()) == indices:
                return other
        return None

    def _of_its_entries(self, quantity, letters):
        """A value of which the definition says each entry."""
        start = self.evaluate(self, quantity.first, letters)
        shape = [self.evaluate(self, one, letters) for one in quantity.sizes]
        made = np.empty(shape, dtype=object)
        for cell in np.ndindex(*shape):
            at = {name: start + k for name, k in zip(quantity.cells, cell, strict=True)}
            made[cell] = number(self.evaluate(self, quantity.definition, {**letters, **at}))
        return _as_value(made)

    def function(self, quantity, indices, column_of):
        """The function that a name is, of what tells which."""
        if quantity.definition is not None:
            return Defined(self, quantity)
        try:
            return self.given.value(quantity.name, indices)
        except LookupError:
            raise Unbound(column_of, f"{quantity.name} has no value") from None

    def in_range(self, quantity, letters, column_of):
        """Refuse indices that are outside what the bindings say."""
        for name, one in quantity.ranges.items():
            if not isinstance(letters[name], int):
                raise Unbound(column_of, f"{name} of {quantity.name} must be a whole number")
            if one.first is None:
                continue
            first, last = (self.evaluate(self, end, letters) for end in (one.first, one.last))
            if not first <= letters[name] <= last:
                raise OutOfRange(column_of, f"{LETTERS.get(name, name)} = {letters[name]} of "
                                            f"{plain(quantity.pattern)} is not in {first}..{last}")

    def _of_its_size(self, quantity, value, letters, column_of):
        want = tuple(self.evaluate(self, one, letters) for one in quantity.sizes)
        if quantity.kind == "vector" and want:
            want = (*want, 1)
        if want and (not is_array(value) or value.shape != want):
            raise Misfit(column_of, f"{plain(quantity.pattern)} is declared "
                                    f"{'×'.join(map(str, want))}, its value is {size(value)}")
        return value

    def varied(self, quantity, indices, column_of):
        """This world with a dual number in each entry of one value; its directions are cells."""
        if self.is_varied:
            # the directions of one derivative would be taken for those of the other
            raise Unbound(column_of, "a derivative of a derivative cannot be run")
        key = quantity.name, indices
        if key not in self.worlds:
            value = self.value(quantity, indices, column_of)
            duals = _with_duals(value)
            given, put = self.given, {**self.put, key: duals}
            if quantity.definition is None:
                given = self.given.varied(quantity.name, indices, duals)
                put = self.put
            self.worlds[key] = World(self.bindings, given, self.evaluate, put,
                                     (self.found, self.depends, self.spots))
        return self.worlds[key]


def _with_duals(value):
    if not is_array(value):
        return Dual(value, {(): 1})
    duals = np.empty(value.shape, dtype=object)
    for cell in np.ndindex(value.shape):
        duals[cell] = Dual(value[cell], {cell: 1})
    return duals


def _as_value(found):
    """Lists and arrays of one axis as columns, whole numbers as Python's."""
    if isinstance(found, list):
        found = np.array(found, dtype=object)
    if isinstance(found, np.ndarray):
        if found.ndim == 1:
            return column(found.tolist())
        return found.item() if found.ndim == 0 else np.array(found.tolist(), dtype=object).reshape(
            found.shape)
    return found.item() if isinstance(found, np.generic) else found
