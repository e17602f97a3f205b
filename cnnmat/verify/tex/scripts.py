"""Scripts that are no part of a name: transposes, powers, entries, norms."""

from dataclasses import replace
from fractions import Fraction as Rational

import numpy as np

from cnnmat.verify.tex import values
from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.calls import Calls
from cnnmat.verify.tex.ranges import is_indexed, limits
from cnnmat.verify.tex.tree import (
    Big,
    Group,
    Juxtaposition,
    Mark,
    Name,
    Script,
)
from cnnmat.verify.tex.values import Constant, Sizes
from cnnmat.verify.tex.world import Unbound
from cnnmat.verify.tex.writing import plain

__all__ = ["Scripts"]


class Scripts(Calls):
    """The values of a base with scripts of which nothing is said as a whole."""

    def script(self, node, letters):
        return self.symbol(node, letters)

    def scripted(self, node, letters):
        """A transpose, a power, an entry of what stands before."""
        sup = node.sup
        if node.base == Name("e") and sup is not None and node.sub is None and not node.primes:
            return self.vocabulary.exp(values.number(self.value(sup, letters)))
        factors = self.product_in_brackets(node.base, letters)
        if factors is not None:
            # a(b)^2, where a is no function, is a b^2, and a(b)_i is a b_i
            return self.value(Juxtaposition((factors[0], replace(node, base=factors[1])),
                                            column=node.column), letters)
        if is_indexed(node):
            return self.counted_out(node, letters)
        if sup is not None and self.taken_apart(node) is not None:
            return self.entries(node, letters)
        if sup is None:
            if node.primes or node.sub is None:
                raise Unbound(node.column, f"nothing is said of {plain(node)}")
            return self.entries(node, letters)
        rest = Script(node.base, node.sub, None, node.primes, column=node.column)
        if node.sub is None and not node.primes:
            rest = node.base
        if isinstance(sup, Juxtaposition) and is_transpose(sup.factors[-1]):
            inner = sup.factors[0] if len(sup.factors) == 2 else Juxtaposition(sup.factors[:-1])
            rest = Script(node.base, node.sub, inner, node.primes, column=node.column)
            return values.transpose(self.value(rest, letters))
        if is_transpose(sup):
            return values.transpose(self.value(rest, letters))
        if _is_adjoint(sup) and not self.world.find(sup):
            return values.over(values.conjugate, values.transpose(self.value(rest, letters)))
        inside = rest.base if isinstance(rest, Script) else rest
        if isinstance(inside, Group) and inside.open == "\\|":
            return self.power_of_norm(rest, sup, letters)
        return self.raised(rest, sup, letters)

    def counted_out(self, node, letters):
        """{x_p}, p from 1 to P, as a list; [x_{kl}], k and l counted, as a matrix."""
        big = Big(Mark("\\sum"), node.sub, node.sup, node.base.body)
        run = self.limited(big, letters)
        found = [self.value(node.base.body, one) for one in run]
        if node.base.open != "[":
            return tuple(found)
        first, *_ = limits(big, self.world.bindings.ranges)
        rows = len({one[first[0]] for one in run})
        return np.array(found, dtype=object).reshape(rows, -1)

    def raised(self, base, sup, letters):
        entrywise = getattr(sup, "operator", "") == "\\odot"
        exponent = self.value(sup.body if entrywise else sup, letters)
        value = self.value(base, letters)
        if entrywise:
            return values.over(lambda one: self.vocabulary.power(one, exponent), value)
        return self.joined(lambda a: self.power(a, exponent), [base], [value])

    def power(self, value, exponent):
        value = values.number(value)
        if not values.is_array(value) and not isinstance(value, (Constant, tuple)):
            return self.square_root(value) if exponent == Rational(1, 2) else (
                self.vocabulary.power(value, exponent))
        if exponent == -1 and values.is_array(value):
            return values.inverse(value)
        if isinstance(exponent, int) and exponent > 0 and values.is_array(value):
            result = value
            for _ in range(exponent - 1):
                result = values.times(result, value)
            return result
        raise Sizes(f"a power of {values.size(value)}")

    def square_root(self, value):
        """The root of a number: the lecture's own function for it, if it has one."""
        found = self.world.find(Name("sqrt", "word"))
        if found is None or isinstance(value, (int, float, Rational)):
            return self.vocabulary.root(value)
        return self.world.function(found[0], (), 1)(value)

    def power_of_norm(self, norm, sup, letters):
        group = norm.base if isinstance(norm, Script) else norm
        squared = self.squared(self.value(group.body, letters))
        exponent = self.value(sup, letters)
        return squared if exponent == 2 else self.vocabulary.power(
            self.square_root(squared), exponent)

    def squared(self, value):
        entries = value.ravel().tolist() if values.is_array(value) else [value]
        return sum(one * one for one in entries)


def _is_adjoint(node):
    """Whether a superscript is the sign of a conjugate transpose, *, H or \\dagger."""
    return node in (Mark("*"), Name("H"), Name("H", "mathsf"), Name("H", "word"), Mark("\\dagger"))
