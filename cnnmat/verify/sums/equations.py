"""Equations between indices in a term: windows, strides, padding and rows of digits.

What is used, each true for all sizes that the letters may be:

- a form that cannot be 0 makes the term 0, one that is 0 goes,
- w a + b = 0 with -w < b < w says a = 0 and b = 0: a division with remainder,
- c i - c j = 0 is δ(i, j), and i + j = n - 1 is δ(i, n - 1 - j) below n,
- Σ_v [v = a] F(a) = F(a) where 0 <= a < n for the size n of v,
- of two equations one may be replaced by their difference or sum.
"""

from __future__ import annotations

from typing import Any

from cnnmat.verify.sums.indices import (
    Form,
    Image,
    Index,
    affine,
    constant,
    form,
    fresh,
    image,
    put,
    reverse,
    size_of,
)
from cnnmat.verify.sums.polynomials import Polynomial, divided, frozen, plus, times
from cnnmat.verify.sums.sizes import expanded, signs_of
from cnnmat.verify.sums.terms import Delta, Equation, difference, rebuilt, variables

__all__ = ["Vanishing", "one_equation", "spelled", "within"]

ONE = (((), 1),)


class Vanishing(Exception):
    """A term in which an equation has no solution."""


def spelled(bound: list[Index], factors: list[Any]) -> None:
    """Put a new index wherever an affine one stands, with the equation between the two."""
    equations: list[Any] = []

    def named(i):
        if isinstance(i, Index):
            return i
        if isinstance(i, Image):
            return image(i.map, *map(named, i.at))
        v = fresh(i.size)
        bound.append(v)
        equations.append(Equation(difference(i, v)))
        return v

    factors[:] = [f if isinstance(f, Equation) else rebuilt(f, named) for f in factors]
    factors += equations


def one_equation(bound: list[Index], factors: list[Any]) -> bool:
    """Take one step that makes an equation go or simpler; whether there was one."""
    for k, f in enumerate(factors):
        if isinstance(f, Equation):
            simpler = _simpler(f.form)
            if simpler is not None:
                factors[k:k + 1] = simpler
                return True
            if _solved(k, bound, factors) or _combined(k, factors):
                return True
    return False


def _simpler(one):
    """Factors that say the same as a form being 0; None if it is as simple as can be."""
    low, high = bounds(one)
    if (low is not None and signs_of(low) == {1}) or (
            high is not None and signs_of(high) == {-1}):
        raise Vanishing
    if not one.terms:
        return [] if not one.constant else None
    return _as_delta(one) or _split(one)


def bounds(one: Form) -> tuple[Polynomial | None, Polynomial | None]:
    """(least, largest) that a form may be, polynomials; None where the signs are not known."""
    ends = [dict(one.constant), dict(one.constant)]
    for i, c in one.terms:
        signs = signs_of(dict(c))
        if signs == {-1, 0, 1}:
            return None, None
        k = 1 if signs <= {0, 1} else 0
        ends[k] = plus(ends[k], times(dict(c), _last(i)))
    return ends[0], ends[1]


def _last(i):
    """n - 1 of an index below n."""
    return expanded({(size_of(i),): 1, (): -1})


def within(one: Form, size: str) -> bool:
    """Whether a form certainly is an index below a size."""
    low, high = bounds(one)
    return (low is not None and high is not None and signs_of(low) <= {0, 1}
            and signs_of(plus(expanded({(size,): 1}), high, -1)) == {1})


def _as_delta(one):
    """The delta that a form of one or two indices is, if it is one."""
    (i, c), *others = one.terms
    if 0 in signs_of(dict(c)):
        return None
    if not others:
        return _as_fixed(one.constant, i, c)
    [(j, d), *more] = others
    if more or size_of(i) != size_of(j):
        return None
    if not one.constant and frozen(plus(dict(c), dict(d))) == ():
        return [Delta(i, j)]
    if c == d and frozen(plus(dict(one.constant), times(dict(c), _last(i)))) == ():
        return [Delta(i, reverse(j))]
    return None


def _as_fixed(number, i, c):
    """The delta that number + c i = 0 is, where it says that i is the first, last or k-th."""
    if frozen(plus(dict(number), times(dict(c), _last(i)))) == ():
        return [Delta(i, constant("last", size_of(i)))]
    quotient, rest = divided({m: -n for m, n in number}, dict(c))
    k = quotient.get((), 0)
    if rest or set(quotient) - {()} or k < 0 or not signs_of(plus(_last(i), {(): -k})) <= {0, 1}:
        return None
    return [Delta(i, constant(str(k), size_of(i)))]


def _split(one):
    """[w a + b = 0] as [a = 0] [b = 0], where b is less than w in size."""
    for _, w in one.terms:
        if w in (ONE, (((), -1),)):
            continue
        sign = 1 if signs_of(dict(w)) == {1} else -1
        step = {m: sign * n for m, n in w}
        shares = [(i, *divided(dict(c), step)) for i, c in one.terms]
        whole, rest = divided(dict(one.constant), step)
        small = form(frozen(rest), [(i, frozen(c)) for i, _, c in shares])
        low, high = bounds(small)
        if low is not None and high is not None and signs_of(plus(low, step)) == {1} and (
                signs_of(plus(step, high, -1)) == {1}):
            large = form(frozen(whole), [(i, frozen(c)) for i, c, _ in shares])
            return [Equation(large), Equation(small)]
    return None


def _solved(k, bound, factors):
    """Put what an equation says for a bound index that only equations name, if it lies in range."""
    one = factors[k].form
    others = factors[:k] + factors[k + 1:]
    for v, c in one.terms:
        if v not in bound or c not in (ONE, (((), -1),)):
            continue
        meet = [f for f in others if v in variables(f)]
        if not all(isinstance(f, Equation) and v in dict(f.form.terms) for f in meet):
            continue
        sign = -c[0][1]
        value = form(*_scaled(Form(one.constant, tuple(t for t in one.terms if t[0] != v)), sign))
        if v not in {u for i, _ in value.terms for u in variables(i)} and within(value, v.size):
            bound.remove(v)
            places = {v: affine(v.size, value)}
            factors[:] = [_with(f, places) if f in meet else f for f in others]
            return True
    return False


def _with(f, places):
    return rebuilt(f, lambda i: put(i, places))


def _scaled(one, sign):
    """The constant and the terms of a form times 1 or -1."""
    def signed(c):
        return tuple((m, sign * n) for m, n in c)
    return signed(one.constant), [(i, signed(c)) for i, c in one.terms]


def _combined(k, factors):
    """Put the difference or sum of two equations for the longer one, if it is shorter than that."""
    one = factors[k].form
    for j in range(k + 1, len(factors)):
        if not isinstance(factors[j], Equation):
            continue
        longer = max(j, k, key=lambda at: len(factors[at].form.terms))
        for sign in (-1, 1):
            constant, terms = _scaled(factors[j].form, sign)
            both = form(frozen(plus(dict(one.constant), dict(constant))), [*one.terms, *terms])
            if len(both.terms) < len(factors[longer].form.terms):
                factors[longer] = Equation(both)
                return True
    return False
