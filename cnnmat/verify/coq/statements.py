"""Equalities of index sums as theorems of Coq: both sides as they come, with all their deltas.

An axis is any finite type, a tensor a function into a commutative ring, a 0/1 tensor one into the
truth values.  An index map is a function between the types, with its inverse beside it if it is a
bijection.  An unknown function is any function; its derivatives are others, of which nothing is
known.  1/N is an element of the ring whose product with N is 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cnnmat.verify.coq.names import Names, Unwritten, local
from cnnmat.verify.sums.indices import Affine, AnyIndex, Image, Index, Map, size_of
from cnnmat.verify.sums.terms import (
    Apply,
    Closure,
    Delta,
    Entry,
    Equation,
    Function,
    IndexSum,
    Tensor,
    Term,
)

__all__ = ["Equality", "Statement", "sums"]


class Equality(NamedTuple):
    """left = right, for all values of the free indices."""

    free: tuple[Index, ...]
    left: IndexSum
    right: IndexSum


@dataclass(frozen=True)
class Size:
    """A letter, as the type that has so many elements."""

    letter: str


@dataclass(frozen=True)
class Inverse:
    """1/n, of a letter or a number."""

    of: str | int


Symbol = Size | Inverse | Tensor | Map | Function


def parts(x: Any) -> Iterator[Any]:
    """What is written in a sum, a term, a factor or an index, from left to right, and it itself.

    Of what a function is applied to, only the arguments.
    """
    if isinstance(x, (Affine, Equation)):
        raise Unwritten("sums and multiples of indices, in a theorem of Coq")
    yield x
    if isinstance(x, IndexSum):
        inner: Iterable[Any] = x.terms
    elif isinstance(x, Term):
        inner = (*x.bound, *x.factors)
    elif isinstance(x, Delta):
        inner = x
    elif isinstance(x, Index):
        inner = ()
    else:
        inner = (*x.at, *x.arguments) if isinstance(x, Apply) else x.at
    for one in inner:
        yield from parts(one)


def symbols(e: IndexSum, seen: set[int]) -> Iterator[Any]:
    """All that a sum is about, in the order in which it is met; `seen` closures once."""
    for x in parts(e):
        if isinstance(x, Index):
            yield Size(x.size)
        elif isinstance(x, Term):
            yield from _scalars(x)
        elif isinstance(x, Image):
            yield from (*map(Size, (*x.map.domain, x.map.codomain)), x.map)
        elif isinstance(x, Entry):
            yield from (*map(Size, x.tensor.shape), x.tensor)
        elif isinstance(x, Apply):
            yield x.function
            if id(x.closure) not in seen:
                seen.add(id(x.closure))
                yield from map(_size, (*x.closure.parameters, *x.closure.binders))
                yield from symbols(x.closure.body, seen)


def _size(v):
    return Size(v.size)


def _scalars(term):
    for letter, power in term.sizes:
        if power:
            yield Size(letter)
        if power < 0:
            yield Inverse(letter)
    if term.coefficient.denominator > 1:
        yield Inverse(term.coefficient.denominator)


def sums(bound: Iterable[str], body: str) -> str:
    """The text of nested sums."""
    return "".join(f"\\sum_({one}) " for one in bound) + body


class Statement:
    """The text of a theorem, and how its parts are written.

    Attributes
    ----------
    given : str
        Variables, hypotheses, definitions.
    theorem : str
        The equation.
    key : str
        The sha256 of both, under which a kernel's word is kept.
    """

    def __init__(self, equality: Equality) -> None:
        self.equality = equality
        self.globals = Names()
        self.names: dict[Symbol, str] = {}
        self.types: dict[Function, list[str]] = {}
        self.definitions: dict[str, str] = {}
        self._closures: dict[int, tuple[Closure, str, list[int]]] = {}
        self._name_all(symbols(equality.left, set()))
        self._name_all(symbols(equality.right, set()))
        self._name_all(map(_size, equality.free))
        self.free = self.scope(equality.free, {})
        sides = [self.sum(side, self.free) for side in equality[1:]]
        self.given = "\n".join(self._given())
        self.theorem = self._theorem(*sides)
        self.key = hashlib.sha256(f"{self.given}\n{self.theorem}".encode()).hexdigest()

    # names

    def _name_all(self, found):
        for one in found:
            if isinstance(one, Map):
                one = one.inverse if one.inverted else one
            if one not in self.names:
                self.names[one] = self.globals.new(self._wanted(one))
                if isinstance(one, Map) and one.bijective and one.inverse not in self.names:
                    self.names[one.inverse] = self.globals.new(f"{self.names[one]}_inv")

    def _wanted(self, one):
        if isinstance(one, Inverse):
            return f"{self.names.get(Size(one.of), one.of)}_inv" if isinstance(
                one.of, str) else f"inv_{one.of}"
        if isinstance(one, Function):
            return one.name.replace("1/", "reciprocal") + "'" * one.primes
        return one.letter if isinstance(one, Size) else one.name

    def scope(self, indices: Iterable[Index], outer: Mapping[Index, str]) -> dict[Index, str]:
        """Names for more indices, inside of those that there are."""
        names = dict(outer)
        for v in indices:
            taken = {*names.values(), *self.globals.taken}
            names[v] = local(v.size[:1].lower() + v.size[1:], taken.__contains__)
        return names

    # parts of a sum

    def sum(self, e: IndexSum, names: Mapping[Index, str]) -> str:
        """The text of a sum whose free indices have `names`."""
        written = ""
        for term in e.terms:
            if written:
                sign = "-" if term.coefficient < 0 else "+"
                written += f" {sign} {self.term(term, names)}"
            else:
                written = self.addend(term, names)
        return written or "0"

    def addend(self, term: Term, names: Mapping[Index, str]) -> str:
        """The text of a term with its sign."""
        text = self.term(term, names)
        # a minus sign binds more tightly than a product
        return f"- ({text})" if term.coefficient < 0 else text

    def term(self, term: Term, names: Mapping[Index, str]) -> str:
        """The text of a term without its sign."""
        scalars = self.scalars(term)
        inner = self.scope(term.bound, names)
        body = self.nested(term.bound, self.product(term.factors, inner), inner)
        if not scalars:
            return f"({body})" if term.bound else body
        if not term.bound and not term.factors:
            return " * ".join(scalars)
        return " * ".join([*scalars, f"({body})"])

    def scalars(self, term: Term) -> list[str]:
        """The numbers and sizes in front of a term, as factors."""
        n, d = abs(term.coefficient.numerator), term.coefficient.denominator
        found = [f"{n}%:R"] if n != 1 else []
        found += [self.names[Inverse(d)]] if d != 1 else []
        for letter, power in term.sizes:
            if power:
                one = self.card(letter) if power > 0 else self.names[Inverse(letter)]
                found += [one] * abs(power)
        return found

    def card(self, letter: str) -> str:
        """The size that is a letter, as an element of the ring."""
        return f"#|{self.names[Size(letter)]}|%:R"

    def nested(self, bound: Iterable[Index], body: str, names: Mapping[Index, str]) -> str:
        """Sums over indices of a body."""
        return sums((self.typed(v, names) for v in bound), body)

    def typed(self, v: Index, names: Mapping[Index, str]) -> str:
        """An index with its type."""
        return f"{names[v]} : {self.names[Size(v.size)]}"

    def product(self, factors: Iterable[Any], names: Mapping[Index, str]) -> str:
        """The text of a product."""
        return " * ".join(self.factor(f, names) for f in factors) or "1"

    def factor(self, f: Any, names: Mapping[Index, str]) -> str:
        """The text of a factor."""
        if isinstance(f, Delta):
            return f"({self.index(f.left, names)} == {self.index(f.right, names)})%:R"
        if isinstance(f, Entry):
            text = self._called(self.names[f.tensor], f.at, names)
            return f"({text})%:R" if f.tensor.binary else text
        head, argument = self._called(self.names[f.function], f.at, names), self.argument(f, names)
        self.types.setdefault(f.function, [*map(self.type_of, f.at), self._taken(f.closure)])
        return f"{head} {argument if ' ' not in argument else f'({argument})'}"

    def index(self, i: Any, names: Mapping[Index, str]) -> str:
        """The text of an index."""
        return names[i] if isinstance(i, Index) else self._called(self.names[i.map], i.at, names)

    def _called(self, head, at, names):
        inner = (self.index(i, names) for i in at)
        return " ".join([head, *(f"({one})" if " " in one else one for one in inner)])

    def argument(self, f: Apply, names: Mapping[Index, str]) -> str:
        """The text of what a function is applied to: a definition at its arguments."""
        name, kept = self.defined(f.closure)
        return self._called(name, [f.arguments[k] for k in kept], names)

    # definitions

    def defined(self, closure: Closure) -> tuple[str, list[int]]:
        """The name of the definition of a closure, and which of its parameters it has."""
        if id(closure) not in self._closures:
            met = dict.fromkeys(x for x in parts(closure.body) if isinstance(x, Index))
            kept = [closure.parameters.index(v) for v in met if v in closure.parameters]
            names = self.scope((closure.parameters[k] for k in kept), {})
            names = self.scope(closure.binders, names)
            self._closures[id(closure)] = closure, self._definition(closure, kept, names), kept
        return self._closures[id(closure)][1:]

    def _definition(self, closure, kept, names):
        """The name of what is defined with this text, which may be old."""
        typed = "".join(f" ({self.typed(closure.parameters[k], names)})" for k in kept)
        body = self.sum(closure.body, names)
        for v in closure.binders:
            body = f"[ffun {self.typed(v, names)} => {body}]"
        text = f"{typed} : {self._taken(closure)} :=\n  {body}."
        if text not in self.definitions:
            self.definitions[text] = self.globals.new(f"arg{len(self.definitions) + 1}")
        return self.definitions[text]

    def _taken(self, closure):
        """The type of what a function of this closure takes."""
        if len(closure.binders) > 1:
            raise Unwritten("a functional of arrays with several axes, in a theorem of Coq")
        inner = [self.names[Size(v.size)] for v in closure.binders]
        return f"{{ffun {inner[0]} -> R}}" if inner else "R"

    def type_of(self, index: AnyIndex) -> str:
        """The type of an index."""
        return self.names[Size(size_of(index))]

    # the whole

    def _theorem(self, left, right):
        given = "".join(f" ({self.typed(v, self.free)})" for v in self.equality.free)
        return f"Theorem equal{given} :\n  {left} =\n  {right} :> R."

    def _given(self):
        types = [self.names[one] for one in self.names if isinstance(one, Size)]
        yield "Variables (R : comRingType)" + (
            f" ({' '.join(types)} : finType)." if types else ".")
        typed = [f"({name} : {self._declared(one)})" for one, name in self.names.items()
                 if not isinstance(one, Size)]
        yield from (f"Variable {one}." for one in typed)
        yield from self._hypotheses()
        for text, name in self.definitions.items():
            yield f"Definition {name}{text}"

    def _declared(self, one):
        """The type of a symbol."""
        if isinstance(one, Inverse):
            return "R"
        if isinstance(one, Function):
            return " -> ".join([*self.types[one], "R"])
        places = one.shape if isinstance(one, Tensor) else one.domain
        value = one.codomain if isinstance(one, Map) else None
        last = self.names[Size(value)] if value else "bool" if one.binary else "R"
        return " -> ".join([*(self.names[Size(letter)] for letter in places), last])

    def _hypotheses(self):
        for one, name in self.names.items():
            if isinstance(one, Inverse):
                yield f"Hypothesis {name}K : {self._number(one)} * {name} = 1."
            elif isinstance(one, Map) and one.bijective:
                yield f"Hypothesis {name}K : cancel {name} {self.names[one.inverse]}."
            elif isinstance(one, Map) and one.injective:
                yield f"Hypothesis {name}I : {self._injective(one)}."

    def _injective(self, one):
        if len(one.domain) != 1:
            raise Unwritten("an injective map of several indices, in a theorem of Coq")
        return f"injective {self.names[one]}"

    # what the proofs use

    def cancels(self) -> list[str]:
        """The names of the hypotheses that a map and its inverse cancel."""
        return [f"{name}K" for one, name in self.names.items()
                if isinstance(one, Map) and one.bijective]

    def inverses(self) -> dict[str, tuple[str, str]]:
        """By what an inverse is called: of which number, and by which hypothesis."""
        return {name: (self._number(one), f"{name}K") for one, name in self.names.items()
                if isinstance(one, Inverse)}

    def _number(self, one):
        return self.card(one.of) if isinstance(one.of, str) else f"{one.of}%:R"
