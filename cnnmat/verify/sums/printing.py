"""Index sums for a reader: plain text, and LaTeX."""

from __future__ import annotations

from collections.abc import Mapping

from cnnmat.verify.sums.indices import Image, Index
from cnnmat.verify.sums.normal import simplified
from cnnmat.verify.sums.terms import (
    Delta,
    Entry,
    Equation,
    IndexSum,
    substitute,
    variables,
)

__all__ = ["latex", "text"]

#: Letters for bound indices of a size: its own in lower case, then these.
SPARE = "ijklabcuvxy"


def text(e: IndexSum, names: Mapping[Index, str] | None = None) -> str:
    """`e`, simplified, in one line: ``Σ_{s<S} w[s] h[ι(p,s)] - θ``."""
    return _Plain(e, names or {}).sum()


def latex(e: IndexSum, names: Mapping[Index, str] | None = None) -> str:
    """`e`, simplified, in LaTeX."""
    return _Latex(e, names or {}).sum()


class _Plain:
    """How the parts are written, as plain text."""

    space, sigma, upper, lower = " ", "Σ_{{{0}}} ", "^{0}", "[{0}]"
    inverse, below, prime = "⁻¹", "{0}<{1}", "'"

    def __init__(self, e, names):
        self.names = dict(names)
        for v in sorted(variables(e)):
            self.names.setdefault(v, v.name)
        self.terms = simplified(e).terms
        self.bound_by_size = {}

    def sum(self):
        parts = [self.term(t) for t in sorted(self.terms, key=lambda t: t.coefficient < 0)]
        if not parts:
            return "0"
        return parts[0] + "".join(
            f" - {p[1:]}" if p.startswith("-") else f" + {p}" for p in parts[1:])

    def term(self, term):
        inner = self._with(term.bound)
        sums = self.sigma.format(",".join(
            self.below.format(inner.names[v], v.size) for v in term.bound)) if term.bound else ""
        factors = [inner.factor(f) for f in term.factors]
        sizes = [self.size(letter, power) for letter, power in term.sizes]
        number = self.coefficient(abs(term.coefficient), bool(factors or sizes))
        sign = "-" if term.coefficient < 0 else ""
        return sign + self.space.join(filter(None, [number, *sizes])) + (
            self.space if (number or sizes) and (sums or factors) else "") + sums + (
            self.space.join(factors))

    def _with(self, bound):
        """The same with names for more indices."""
        inner = object.__new__(type(self))
        inner.names, inner.terms = dict(self.names), self.terms
        for v in bound:
            taken = set(inner.names.values())
            wanted = (v.size[:1].lower() + v.size[1:], *SPARE, v.name)
            inner.names[v] = next(name for name in wanted if name not in taken)
        return inner

    def coefficient(self, number, more):
        return "" if number == 1 and more else str(number)

    def size(self, letter, power):
        return letter if power == 1 else letter + self.upper.format(power)

    def index(self, i):
        if isinstance(i, Index):
            return self.names[i]
        of = f"({self.indices(i.at)})" if i.at else ""
        return f"{i.map.name}{self.inverse * i.map.inverted}{of}"

    def indices(self, at):
        return ",".join(map(self.index, at))

    def factor(self, f):
        if isinstance(f, Delta):
            return f"δ({self.index(f.left)},{self.index(f.right)})"
        if isinstance(f, Equation):
            return self.equation(f.form)
        at = self.lower.format(self.indices(f.at)) if f.at else ""
        if isinstance(f, Entry):
            return f.tensor.name + at
        return f"{f.function.name}{self.prime * f.function.primes}{at}({self.argument(f)})"

    def equation(self, form):
        """[a = b], what is taken away on the one side being added on the other."""
        parts = [(m, c, "") for m, c in form.constant]
        parts += [(m, c, self.index(i)) for i, part in form.terms for m, c in part]
        sides = [" + ".join(
            self.space.join(filter(None, ["" if abs(c) == 1 and (m or i) else str(abs(c)), *m, i]))
            for m, c, i in parts if c * sign > 0) or "0" for sign in (1, -1)]
        return f"[{sides[0]} = {sides[1]}]"

    def argument(self, f):
        inner = self._with(f.closure.binders)
        places = dict(zip(f.closure.parameters, f.arguments, strict=True))
        inner.terms = simplified(substitute(f.closure.body, places)).terms
        binds = "".join(f"λ{inner.names[v]}. " for v in f.closure.binders)
        return binds + inner.sum()


class _Latex(_Plain):
    """The same in LaTeX."""

    space, sigma, upper, lower = r"\,", r"\sum_{{{0}}}", "^{{{0}}}", "_{{{0}}}"
    inverse, below = "^{-1}", r"{0}<{1}"

    def factor(self, f):
        if isinstance(f, Delta):
            return rf"\delta_{{{self.index(f.left)},{self.index(f.right)}}}"
        return super().factor(f)

    def coefficient(self, number, more):
        if number.denominator == 1:
            return super().coefficient(number, more)
        return rf"\tfrac{{{number.numerator}}}{{{number.denominator}}}"

    def index(self, i):
        if isinstance(i, Image):
            of = f"({self.indices(i.at)})" if i.at else ""
            return f"{self.letter(i.map.name)}{self.inverse * i.map.inverted}{of}"
        return self.letter(self.names[i])

    @staticmethod
    def letter(name):
        return {"ι": r"\iota", "τ": r"\tau"}.get(name, name)
