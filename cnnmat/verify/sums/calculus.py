"""The derivative of an index sum by the entries of a tensor, each a variable of its own."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from cnnmat.verify.sums.indices import AnyIndex, fresh, image
from cnnmat.verify.sums.terms import (
    RECIPROCAL,
    Apply,
    Closure,
    Entry,
    Function,
    IndexSum,
    Tensor,
    Term,
    apply,
    delta,
    number,
    reciprocal,
    renamed,
    substitute,
)

__all__ = ["EXP", "LOG", "at_zero", "derivative", "is_root", "root"]

EXP, LOG = Function("exp"), Function("log")

#: The derivatives that are known, from the factor itself.
SLOPES: dict[str, Callable[[IndexSum], IndexSum]] = {
    RECIPROCAL.name: lambda value: -(value * value),
    EXP.name: lambda value: value,
}

ROOT = "root"


def root(p: int) -> Function:
    """The p-th root, of which no more is known than its derivative 1/(p t^(p-1))."""
    one = Function(f"{ROOT}{p}")
    SLOPES[one.name] = lambda t: reciprocal(t ** (p - 1)).scaled(Fraction(1, p))
    return one


def is_root(e: IndexSum) -> bool:
    """Whether a sum is the value of a root and nothing else."""
    factors = [f for term in e.terms for f in term.factors]
    return len(e.terms) == len(factors) == 1 and isinstance(
        factors[0], Apply) and factors[0].function.name.startswith(ROOT)


def derivative(e: IndexSum, tensor: Tensor, at: tuple[AnyIndex, ...]) -> IndexSum:
    """∂e/∂tensor[at].

    Examples
    --------
    >>> from cnnmat.verify.sums.printing import text
    >>> from cnnmat.verify.sums.indices import Index
    >>> from cnnmat.verify.sums.terms import entry
    >>> i, k, w = Index("i", "N"), Index("k", "N"), Tensor("w", ("N",))
    >>> print(text(derivative((entry(w, i) * entry(w, i)).sum(i), w, (k,))))
    2 w[k]
    """
    slopes = [_of_factor(term, k, tensor, at)
              for term in map(renamed, e.terms) for k in range(len(term.factors))]
    return IndexSum(t for slope in slopes for t in slope.terms)


def _of_factor(term, k, tensor, at):
    """The term with the derivative of its k-th factor in that factor's place."""
    f = term.factors[k]
    if isinstance(f, Entry) and f.tensor == tensor:
        slope = number(1)
        for i, j in zip(f.at, at, strict=True):
            slope = slope * delta(i, j)
    elif isinstance(f, Apply):
        slope = _of_function(f, tensor, at)
    else:
        return IndexSum()
    rest = term._replace(bound=(), factors=term.factors[:k] + term.factors[k + 1:])
    return _under(term.bound, IndexSum([rest]) * slope)


def _under(bound, e):
    """Σ over bound indices, which keep their names."""
    return IndexSum(t._replace(bound=bound + t.bound) for t in e.terms)


def _of_function(f, tensor, at):
    """The chain rule: Σ over its binders of the slope of the function and that of its argument."""
    binders, inner = _slope_inside(f, tensor, at)
    if not inner.terms:
        return inner
    known = SLOPES.get(f.function.name)
    if known:
        return known(IndexSum([Term(Fraction(1), (), (), (f,))])) * inner
    raised = f.function._replace(primes=f.function.primes + 1)
    outer = apply(raised, f.closure, (*f.at, *binders), f.arguments)
    if f.function.fibre is not None:
        for v in binders:
            outer = outer * delta(image(f.function.fibre, v), f.at[0])
    return (outer * inner).sum(*binders)


def _slope_inside(f, tensor, at):
    """∂ of what f is applied to, for new binders; found once for a closure and tensor."""
    notes = f.closure.notes
    if tensor not in notes:
        places = tuple(fresh(size) for size in tensor.shape)
        notes[tensor] = places, derivative(f.closure.body, tensor, places)
    places, slope = notes[tensor]
    binders = tuple(fresh(v.size) for v in f.closure.binders)
    old, new = (*f.closure.parameters, *f.closure.binders, *places), (*f.arguments, *binders, *at)
    return binders, substitute(slope, dict(zip(old, new, strict=True)))


def at_zero(e: IndexSum, tensor: Tensor) -> IndexSum:
    """`e` with zeros for all entries of a tensor, also inside of functions."""
    return IndexSum(
        term._replace(factors=tuple(_at_zero(f, tensor) for f in term.factors))
        for term in e.terms
        if not any(isinstance(f, Entry) and f.tensor == tensor for f in term.factors))


def _at_zero(f, tensor):
    if not isinstance(f, Apply):
        return f
    notes = f.closure.notes
    if ("without", tensor) not in notes:
        body = at_zero(f.closure.body, tensor)
        notes["without", tensor] = Closure(f.closure.parameters, f.closure.binders, body)
    return f._replace(closure=notes["without", tensor])
