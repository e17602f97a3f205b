"""What stands where in the factors of a term, also inside of functions."""

from __future__ import annotations

from cnnmat.verify.sums.indices import Image, Index, put
from cnnmat.verify.sums.terms import Apply, Delta, Equation

__all__ = ["heads", "in_order", "maps_in"]


def heads(x, v):
    """The indices in which v occurs in a factor: v itself, or the image of v alone."""
    if x == v:
        return {v}
    if isinstance(x, Index):
        return set()
    if isinstance(x, Equation):
        return set().union(*(heads(i, v) for i, _ in x.form.terms))
    if isinstance(x, Image):
        return {x} if x.at == (v,) else set().union(*(heads(i, v) for i in x.at))
    if isinstance(x, Delta):
        return heads(x.left, v) | heads(x.right, v)
    found = set().union(*(heads(i, v) for i in x.at))
    if isinstance(x, Apply):
        # resolved: its arguments are variables, each once
        for parameter, argument in zip(x.closure.parameters, x.arguments, strict=True):
            if argument == v:
                found |= {put(i, {parameter: v}) for i in _heads_in(x.closure, parameter)}
    return found


def _heads_in(closure, parameter):
    notes = closure.notes
    if ("heads", parameter) not in notes:
        notes["heads", parameter] = set().union(
            *(heads(f, parameter) for t in closure.body.terms for f in t.factors))
    return notes["heads", parameter]


def maps_in(closure):
    """The maps that are written anywhere inside."""
    if "maps" not in closure.notes:
        closure.notes["maps"] = set().union(
            *(_maps(f) for t in closure.body.terms for f in t.factors))
    return closure.notes["maps"]


def _maps(x):
    if isinstance(x, Index):
        return set()
    if isinstance(x, Delta):
        return _maps(x.left) | _maps(x.right)
    if isinstance(x, Equation):
        return set().union(*(_maps(i) for i, _ in x.form.terms))
    inner = set().union(*map(_maps, x.at))
    if isinstance(x, Image):
        return inner | {x.map}
    if isinstance(x, Apply):
        return inner.union(maps_in(x.closure), *map(_maps, x.arguments))
    return inner


def in_order(index):
    """The variables of an index, from left to right."""
    if isinstance(index, Index):
        return [index]
    return [v for i in index.at for v in in_order(i)]
