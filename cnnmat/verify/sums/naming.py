"""Names for bound indices that depend on nothing but what they index."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from cnnmat.verify.sums.indices import Image, Index, put
from cnnmat.verify.sums.terms import Delta, Entry, Equation, Term, rebuilt, variables

__all__ = ["MOST", "arranged", "key", "ordered", "permuted"]

#: More orders of indices that nothing tells apart are not tried.
MOST = 5040


def permuted(indices, colour):
    """All orders of `indices` that keep those of one colour together, by colour."""
    groups = [list(g) for _, g in itertools.groupby(sorted(indices, key=colour.get), colour.get)]
    count = 1
    for group in groups:
        for k in range(2, len(group) + 1):
            count *= k
    if count > MOST:
        raise ValueError(f"indices must be told apart by what they index, got {count} orders")
    return [tuple(itertools.chain(*one))
            for one in itertools.product(*map(itertools.permutations, groups))]


def arranged(term, names):
    """(bound indices, places of the factors, key): the canonical order of a term."""
    if not term.bound:
        factors, order = _named(term, (), names)
    else:
        orders = permuted(term.bound, _colours(term, names))
        factors, order = min((_named(term, order, names) for order in orders),
                             key=lambda found: found[0])
    key = term.sizes, tuple(v.size for v in order), tuple(one for one, _ in factors)
    return order, [k for _, k in factors], key


def ordered(term, names):
    """The term with its bound indices and factors in canonical order, and its key."""
    order, places, key = arranged(term, names)
    factors = [term.factors[k] for k in places]
    if order:
        renaming = {v: Index(f"·{k}", v.size) for k, v in enumerate(order)}
        factors = [rebuilt(f, lambda i: put(i, renaming)) for f in factors]
        order = tuple(renaming.values())
    return Term(term.coefficient, term.sizes, order, tuple(factors)), key


def _named(term, order, names):
    naming = {**names, **{v: f"·{k}" for k, v in enumerate(order)}}
    return sorted((key(f, naming), k) for k, f in enumerate(term.factors)), order


def _colours(term, names):
    """What tells bound indices apart: sizes, then the factors around them, again and again."""
    colour = {v: (v.size, 0) for v in term.bound}
    while True:
        around = {v: (v.size, sorted(
            key(f, {**names, **{u: f"?{c}" for u, c in colour.items()}, v: "*"})
            for f in term.factors if v in variables(f))) for v in term.bound}
        ranks = sorted(map(repr, around.values()))
        new = {v: (v.size, ranks.index(repr(one))) for v, one in around.items()}
        if len(set(new.values())) == len(set(colour.values())):
            return new
        colour = new


def _signed(form, sign, names):
    """A form, or the form with the other sign, as nested tuples."""
    def times(polynomial):
        return tuple((m, sign * c) for m, c in polynomial)

    return times(form.constant), tuple(sorted((key(i, names), times(c)) for i, c in form.terms))


def key(x: Any, names: Mapping[Index, str]) -> Any:
    """A nested tuple of texts and numbers that says what a factor is, by the names of indices."""
    if isinstance(x, Index):
        return 0, names[x]
    if isinstance(x, Image):
        return 1, x.map.name, x.map.inverted, tuple(key(i, names) for i in x.at)
    if isinstance(x, Delta):
        return "D", *sorted(key(i, names) for i in x)
    if isinstance(x, Equation):
        return "E", min(_signed(x.form, sign, names) for sign in (1, -1))
    at = tuple(key(i, names) for i in x.at)
    if isinstance(x, Entry):
        return "T", x.tensor.name, at
    arguments = tuple(key(i, names) for i in x.arguments)
    return "A", x.function.name, x.function.primes, at, x.closure.notes["number"], arguments
