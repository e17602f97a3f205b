"""The normal form of index sums: equal forms are equal sums, for all sizes and all entries.

What is used, each an identity in every commutative ring that holds the rationals, for all sizes of
at least 1:

- sums and products commute, associate and distribute,
- Σ_x δ(x, y) F(x) = F(y); δ(x, x) = 1; δ(g(x), g(y)) = δ(x, y) for an injective g;
  δ(τ(x), y) = δ(x, τ⁻¹(y)) for a bijection; δ(x, y) F(x) = δ(x, y) F(y),
- Σ_v F(τ(v)) = Σ_u F(u) for a bijection τ; Σ_v 1 is the size of v,
- a factor that is 0 or 1 counts once,
- what `equations` says of sums and multiples of indices,
- f(a) = f(b) where a and b have the same normal form, f being any function.

The converse is not claimed: two sums may be equal and have different forms, so a difference is
no refutation; `values` finds numbers for that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from cnnmat.verify.sums.equations import Vanishing, one_equation, spelled
from cnnmat.verify.sums.indices import Image, Index, fresh, image, put
from cnnmat.verify.sums.naming import ordered, permuted
from cnnmat.verify.sums.occurrences import heads, in_order, maps_in
from cnnmat.verify.sums.sizes import Size, expanded
from cnnmat.verify.sums.terms import (
    Apply,
    Closure,
    Delta,
    Entry,
    Equation,
    IndexSum,
    Term,
    number,
    rebuilt,
    renamed,
    substitute,
    variables,
)

__all__ = ["canonical", "eliminate", "normal", "simplified"]

_closures: dict[Any, Closure] = {}


def normal(e: IndexSum, names: Mapping[Index, str] | None = None) -> dict[Any, Any]:
    """The normal form: a dictionary from keys of terms to coefficients.

    Parameters
    ----------
    e : IndexSum
    names : mapping, optional
        What its free indices are called, so that forms with other indices can be compared.

    Examples
    --------
    >>> from cnnmat.verify.sums.terms import Tensor, delta, entry
    >>> i, j, k = (Index(name, "N") for name in "ijk")
    >>> x = Tensor("x", ("N",))
    >>> normal((delta(i, j) * entry(x, j)).sum(j)) == normal(entry(x, i))
    True
    """
    naming = {v: (names or {}).get(v, v.name) for v in variables(e)}
    found: dict[Any, Any] = {}
    for term in _eliminated(e):
        term, key = ordered(term, naming)
        found[key] = found.get(key, 0) + term.coefficient
    return {key: c for key, c in found.items() if c}


def simplified(e: IndexSum) -> IndexSum:
    """`e` with its terms eliminated and gathered."""
    naming = {v: v.name for v in variables(e)}
    found: dict[Any, Term] = {}
    for term in _eliminated(e):
        term, key = ordered(term, naming)
        if key in found:
            term = term._replace(coefficient=term.coefficient + found[key].coefficient)
        found[key] = term
    return IndexSum(found[key] for key in sorted(found) if found[key].coefficient)


def _eliminated(e):
    """The terms of `e`, eliminated, letters that stand for other sizes being written out."""
    for term in map(_once_eliminated, e.terms):
        whole = tuple(k for k, n in term.sizes for _ in range(n))
        kept = IndexSum([term._replace(sizes=tuple((k, n) for k, n in term.sizes if n < 0))])
        standing = expanded({whole: 1}) == {whole: 1}
        yield from [term] if standing else (kept * number(Size({whole: 1}))).terms


# a body is looked at in each order of its parameters
@lru_cache(maxsize=4096)
def _once_eliminated(term):
    return eliminate(term)


# --- one term -------------------------------------------------------------------------------

def eliminate(term: Term, told: Callable[..., None] = lambda *step: None) -> Term:
    """The term without deltas that can go, unused sums as sizes, factors of 0 and 1 once.

    `told` is called with each step: its name, then what it is about, factors by their places;
    not with those about equations.
    """
    term = renamed(term)
    told("renamed", term)
    bound, factors = list(term.bound), list(term.factors)
    spelled(bound, factors)
    factors = [_resolved(f) for f in factors]
    turned: set[Index] = set()
    try:
        while (_one_delta(bound, factors, told) or one_equation(bound, factors)
               or _one_reindexed(bound, factors, turned, told)):
            pass
    except Vanishing:
        return Term(Fraction(0), (), (), ())
    sizes = dict(term.sizes)
    used = set().union(*map(variables, factors))
    for v in [v for v in bound if v not in used]:
        told("unused", v)
        bound.remove(v)
        sizes[v.size] = sizes.get(v.size, 0) + 1
    return Term(term.coefficient, tuple(sorted((k, n) for k, n in sizes.items() if n)),
                tuple(bound), tuple(_once(_equal_written_alike(bound, factors, told), told)))


def _one_delta(bound, factors, told):
    """Take one step that makes a delta go or simpler; whether there was one."""
    for k, f in enumerate(factors):
        if not isinstance(f, Delta):
            continue
        if f.left == f.right:
            told("same", k)
            del factors[k]
            return True
        if _same_injection(f):
            told("injective", k)
            factors[k:k + 1] = map(Delta, f.left.at, f.right.at)
            return True
        for x, y in (f, f[::-1]):
            if x in bound and x not in variables(y):
                told("put", k, x, y)
                del factors[k]
                bound.remove(x)
                factors[:] = [_replaced(g, {x: y}) for g in factors]
                return True
            if _movable(x, y, bound):
                told("move", k, x, y)
                factors[k] = Delta(x.at[0], image(x.map.inverse, y))
                return True
    return False


def _same_injection(f):
    return (isinstance(f.left, Image) and isinstance(f.right, Image)
            and f.left.map == f.right.map and f.left.map.one_to_one)


def _movable(x, y, bound):
    """Whether x = τ(v) and τ can move over to y: to set a bound v free, or to lose a τ⁻¹."""
    return (isinstance(x, Image) and x.map.bijective and x.at[0] not in variables(y)
            and (x.at[0] in bound or x.map.inverted))


def _one_reindexed(bound, factors, turned, told):
    """Sum over u = τ(v) in the place of v, where v is only met in τ(v), or in τ⁻¹ at all."""
    for k, v in enumerate(bound):
        seen = set().union(*(heads(f, v) for f in factors if not isinstance(f, Equation)))
        equated = any(v in variables(f) for f in factors if isinstance(f, Equation))
        # a reversal goes into equations, once, other bijections do not
        moved = [i for i in seen if isinstance(i, Image) and i.map.bijective
                 and (v not in turned if i.map.reversal else not equated)
                 and (i.map.inverted or len(seen) == 1)]
        if moved:
            over = min(moved).map
            u = fresh(over.codomain)
            told("along", v, over, u)
            bound[k] = u
            turned |= {u}
            factors[:] = [_replaced(f, {v: Image(over.inverse, (u,))}) for f in factors]
            return True
    return False


def _replaced(f, places):
    return _resolved(rebuilt(f, lambda x: put(x, places)))


def _equal_written_alike(bound, factors, told):
    """δ(x, y) F(x) as δ(x, y) F(y), y being the one that no bound index names."""
    done: set[Any] = set()
    while True:
        pairs = {tuple(sorted(f, key=lambda i: _rank(i, bound)))
                 for f in factors if isinstance(f, Delta)}
        left = sorted((pair for pair in pairs - done
                       if _rank(pair[0], bound) != _rank(pair[1], bound)),
                      key=lambda pair: [_rank(i, bound) for i in pair])
        if not left:
            return factors
        small, large = left[0]
        done.add(left[0])
        told("alike", small, large)
        factors = [f if isinstance(f, Delta) and set(f) == {small, large}
                   else _swapped(f, large, small) for f in factors]


def _rank(index, bound):
    """Variables before images, free before bound; what only bound names tell apart ranks alike."""
    if isinstance(index, Index):
        return 0, "~" if index in bound else index.name
    return 1, len(variables(index) & set(bound)), index.map.name, index.map.inverted, tuple(
        _rank(i, bound) for i in index.at)


def _swapped(f, old, new):
    """A factor with the index `new` wherever `old` is written, also inside of functions."""
    if not variables(old) <= variables(f) and not isinstance(f, Apply):
        return f
    inside = isinstance(f, Apply) and isinstance(old, Image) and old.map in maps_in(f.closure)
    return _swapped_inside(f, old, new) if inside else _resolved(_outside(f, old, new))


def _outside(f, old, new):
    """A factor with `new` wherever `old` is written in it, functions being left as they are."""
    def change(index):
        if index == old:
            return new
        return index if isinstance(index, Index) else image(index.map, *map(change, index.at))

    return rebuilt(f, change)


def _swapped_inside(f, old, new):
    """What `_swapped` does to a function; in a closure it is done once, whatever variables are
    called."""
    f = _outside(f._replace(arguments=()), old, new)._replace(arguments=f.arguments)
    free = list(dict.fromkeys(v for i in (*f.arguments, old, new) for v in in_order(i)))
    places = {v: Index(f"a{k}", v.size) for k, v in enumerate(free)}
    arguments, old, new = (tuple(put(i, places) for i in one)
                           for one in (f.arguments, (old,), (new,)))
    key = "swapped", arguments, old, new
    if key not in f.closure.notes:
        f.closure.notes[key] = _in_closure(f.closure, arguments, *old, *new)
    closure, needed = f.closure.notes[key]
    called = dict(zip(places.values(), places, strict=True))
    return Apply(f.function, f.at, closure, tuple(called[v] for v in needed))


def _in_closure(closure, arguments, old, new):
    """The canonical closure with `new` where `old` is written in the body at `arguments`; and the
    variables that are its arguments."""
    binders, body = closure.opened(arguments)
    body = IndexSum(t._replace(factors=tuple(_swapped(g, old, new) for g in t.factors))
                    for t in map(renamed, body.terms))
    free = sorted(variables(body) - set(binders))
    closure, order = canonical(Closure(free, binders, body))
    return closure, [free[k] for k in order]


def _once(factors, told):
    """The factors, those that are 0 or 1 once."""
    kept: list[Any] = []
    for k, f in enumerate(factors):
        binary = isinstance(f, (Delta, Equation)) or (isinstance(f, Entry) and f.tensor.binary)
        alike = (f, f[::-1]) if isinstance(f, Delta) else (f,)
        trivial = isinstance(f, Delta) and f.left == f.right
        if not trivial and not (binary and any(one in kept for one in alike)):
            kept.append(f)
        else:
            told("once", k)
    return kept


# --- what functions are applied to ------------------------------------------------------------

def _resolved(f):
    """A factor whose closure, if it has one, is canonical and has variables for arguments."""
    if not isinstance(f, Apply):
        return f
    closure, arguments = f.closure, f.arguments
    if len(set(arguments)) < len(arguments) or not all(isinstance(i, Index) for i in arguments):
        closure, arguments = _at_pattern(closure, arguments)
    closure, order = canonical(closure)
    return Apply(f.function, f.at, closure, tuple(arguments[k] for k in order))


def _at_pattern(closure, arguments):
    """The closure with images, or one variable twice, written into it; its new arguments."""
    free = list(dict.fromkeys(v for i in arguments for v in in_order(i)))
    places = {v: Index(f"a{k}", v.size) for k, v in enumerate(free)}
    pattern = tuple(put(i, places) for i in arguments)
    if pattern not in closure.notes:
        closure.notes[pattern] = Closure(places.values(), *closure.opened(pattern))
    return closure.notes[pattern], tuple(free)


def canonical(closure: Closure) -> tuple[Closure, tuple[int, ...]]:
    """The one closure for all with this normal form, and the places here of what it needs."""
    if "canonical" not in closure.notes:
        closure.notes["canonical"] = _canonical(closure)
    found: tuple[Closure, tuple[int, ...]] = closure.notes["canonical"]
    return found


def _canonical(closure):
    body = simplified(closure.body)
    needed = [v for v in closure.parameters if v in variables(body)]
    binders = {v: f"λ{k}" for k, v in enumerate(closure.binders)}
    best = min((_key_of(body, order, binders), order)
               for order in _orders(body, needed, binders))
    key, order = (*best[0], tuple(v.size for v in closure.binders)), best[1]
    if key not in _closures:
        parameters = [Index(f"p{k}", v.size) for k, v in enumerate(order)]
        bound = [Index(f"λ{k}", v.size) for k, v in enumerate(closure.binders)]
        named = dict(zip((*order, *closure.binders), (*parameters, *bound), strict=True))
        one = Closure(parameters, bound, substitute(body, named))
        one.notes["canonical"] = one, tuple(range(len(parameters)))
        one.notes["number"] = len(_closures)
        _closures[key] = one
    return _closures[key], tuple(closure.parameters.index(v) for v in order)


def _key_of(body, order, binders):
    names = {**binders, **{v: f"p{k}" for k, v in enumerate(order)}}
    return tuple(v.size for v in order), tuple(sorted(normal(body, names).items()))


def _orders(body, needed, binders):
    """The orders of parameters to choose from: by size, then by what tells them apart."""
    def seen_from(v):
        names = {**binders, **{u: f"?{u.size}" for u in needed}, v: "*"}
        return v.size, tuple(sorted(normal(body, names).items()))

    sizes = [v.size for v in needed]
    colour = {v: seen_from(v) if sizes.count(v.size) > 1 else (v.size,) for v in needed}
    return permuted(needed, colour)
