"""Index sums: polynomials in the entries of tensors whose sizes are letters.

    Σ_{s<S} Σ_{m<M} 2 N⁻¹ w[s] h[m] δ(ι(p,s), m) f(λ. Σ_k ...)

A term is a coefficient, powers of sizes, bound indices and factors; an `IndexSum` is a sum of
terms.  An index is a variable or the image of indices under a map.  What an unknown function is
applied to is closed (`Closure`): its free indices are parameters, so that putting an index in the
place of another only ever touches arguments, and an array that is used many times is one object.

Bound indices are fresh when they are bound and never leave their term, and `substitute` renames
them where it would capture one all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from cnnmat.verify.sums.indices import Affine, AnyIndex, Form, Index, Map, form, fresh, put, size_of
from cnnmat.verify.sums.polynomials import frozen
from cnnmat.verify.sums.sizes import Outside, Size, expanded

__all__ = ["RECIPROCAL", "Apply", "Closure", "Delta", "Entry", "Equation", "Function", "IndexSum",
           "Tensor", "Term", "applied", "apply", "delta", "difference", "entry", "equation",
           "number", "rebuilt", "reciprocal", "renamed", "substitute", "variables"]


class Tensor(NamedTuple):
    """An array of unknown entries, with an axis for each of `shape`; `binary` ones are 0 or 1."""

    name: str
    shape: tuple[str, ...]
    binary: bool = False


class Entry(NamedTuple):
    """tensor[at]."""

    tensor: Tensor
    at: tuple[AnyIndex, ...]


class Delta(NamedTuple):
    """1 where two indices are equal, else 0."""

    left: AnyIndex
    right: AnyIndex


class Equation(NamedTuple):
    """1 where a form in indices is 0, else 0."""

    form: Form


class Function(NamedTuple):
    """A function of which only values and derivatives are known.

    `primes` counts derivatives.  A functional, such as the pooling of a region, takes an array: its
    argument binds indices, which run over the `fibre` of its first place, {o : fibre(o) = place}.
    """

    name: str
    primes: int = 0
    fibre: Map | None = None


class Closure:
    """λ binders. body, with every other free index of the body a parameter."""

    def __init__(self, parameters: Iterable[Index], binders: Iterable[Index],
                 body: IndexSum) -> None:
        self.parameters, self.binders = tuple(parameters), tuple(binders)
        self.body = body
        stray = variables(body) - {*self.parameters, *self.binders}
        if stray:
            raise ValueError(f"parameters must name all free indices, got {stray} beside them")
        #: What was found out about it, by who asked: `normal` and `calculus` keep their results.
        self.notes: dict[Any, Any] = {}

    def opened(self, arguments: Iterable[AnyIndex]) -> tuple[tuple[Index, ...], IndexSum]:
        """New binders, and the body with `arguments` in the place of the parameters."""
        new = tuple(fresh(v.size) for v in self.binders)
        given = (*arguments, *new)
        places = dict(zip((*self.parameters, *self.binders), given, strict=True))
        return new, substitute(self.body, places)


class Apply(NamedTuple):
    """function[at](λ binders. body of the closure at its arguments)."""

    function: Function
    at: tuple[AnyIndex, ...]
    closure: Closure
    arguments: tuple[AnyIndex, ...]


Factor: TypeAlias = Entry | Delta | Equation | Apply


class Term(NamedTuple):
    """coefficient · Π size^power · Σ_bound Π factors."""

    coefficient: Fraction
    sizes: tuple[tuple[str, int], ...]
    bound: tuple[Index, ...]
    factors: tuple[Factor, ...]


def variables(x: AnyIndex | Factor | Term | IndexSum) -> set[Index]:
    """The free indices of an index, a factor, a term or a sum."""
    found: set[Index] = set()
    _collect(x, found)
    return found


def _collect(x, found):
    # into one set: this is the innermost loop of a proof
    if isinstance(x, Index):
        found.add(x)
    elif isinstance(x, IndexSum):
        for term in x.terms:
            _collect(term, found)
    elif isinstance(x, Term):
        inner = set() if x.bound else found
        for factor in x.factors:
            _collect(factor, inner)
        if x.bound:
            found |= inner.difference(x.bound)
    else:
        for i in _indices(x):
            _collect(i, found)


def _indices(x):
    """The indices that stand in an index or a factor."""
    if isinstance(x, Delta):
        return x
    if isinstance(x, (Affine, Equation)):
        return [i for i, _ in x.form.terms]
    return (*x.at, *x.arguments) if isinstance(x, Apply) else x.at


def rebuilt(x: Factor, change: Callable[[AnyIndex], AnyIndex]) -> Factor:
    """The factor with every index in it changed."""
    if isinstance(x, Delta):
        return _equal(change(x.left), change(x.right))
    if isinstance(x, Equation):
        return Equation(form(x.form.constant, ((change(i), c) for i, c in x.form.terms)))
    if isinstance(x, Entry):
        return Entry(x.tensor, tuple(map(change, x.at)))
    return Apply(x.function, tuple(map(change, x.at)), x.closure, tuple(map(change, x.arguments)))


def substitute(e: IndexSum, places: Mapping[Index, AnyIndex]) -> IndexSum:
    """`e` with other indices in the place of its free variables."""
    return IndexSum(substitute_term(term, places) for term in e.terms) if places else e


def substitute_term(term: Term, places: Mapping[Index, AnyIndex]) -> Term:
    """A term with other indices in the place of its free variables; nothing is captured."""
    places = {k: x for k, x in places.items() if k not in term.bound}
    caught = set().union(*map(variables, places.values())) & set(term.bound)
    if caught:
        new = {v: fresh(v.size) for v in caught}
        places, bound = {**places, **new}, tuple(new.get(v, v) for v in term.bound)
        term = term._replace(bound=bound)
    return term._replace(factors=tuple(
        rebuilt(f, lambda x: put(x, places)) for f in term.factors))


def renamed(term: Term) -> Term:
    """The term with new bound indices."""
    new = {v: fresh(v.size) for v in term.bound}
    factors = tuple(rebuilt(f, lambda x: put(x, new)) for f in term.factors) if new else (
        term.factors)
    return term._replace(bound=tuple(new.values()), factors=factors)


def times(a: Term, b: Term) -> Term:
    """The product of two terms that share no bound index."""
    powers = dict(a.sizes)
    for letter, power in b.sizes:
        powers[letter] = powers.get(letter, 0) + power
    return Term(a.coefficient * b.coefficient, tuple(sorted(powers.items())),
                a.bound + b.bound, a.factors + b.factors)


class IndexSum:
    """A sum of terms, with the arithmetic of a commutative ring.

    Examples
    --------
    >>> from cnnmat.verify.sums.printing import text
    >>> p, s = Index("p", "P"), Index("s", "S")
    >>> h, w = Tensor("h", ("P", "S")), Tensor("w", ("S",))
    >>> print(text((entry(h, p, s) * entry(w, s)).sum(s) - 2))
    Σ_{s<S} h[p,s] w[s] - 2
    """

    __slots__ = ("terms",)
    __array_ufunc__ = None

    def __init__(self, terms: Iterable[Term] = ()) -> None:
        self.terms = tuple(terms)

    def __repr__(self) -> str:
        return f"IndexSum({list(self.terms)})"

    def __add__(self, other):
        other = number(other)
        return NotImplemented if other is None else IndexSum(self.terms + other.terms)

    __radd__ = __add__

    def __neg__(self):
        return self.scaled(-1)

    def __sub__(self, other):
        other = number(other)
        return NotImplemented if other is None else self + -other

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        other = number(other)
        if other is None:
            return NotImplemented
        return IndexSum(times(renamed(a), renamed(b)) for a in self.terms for b in other.terms)

    __rmul__ = __mul__

    def __pow__(self, n):
        return self if n == 1 else self * self ** (n - 1)

    def __truediv__(self, other):
        other = number(other)
        return NotImplemented if other is None else self * reciprocal(other)

    def __rtruediv__(self, other):
        return reciprocal(self) * other

    def __eq__(self, other):
        raise Outside("a comparison of entries")

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self):
        raise Outside("a branch on an entry")

    def __abs__(self):
        raise Outside("the absolute value of an entry")

    def scaled(self, factor: int | Fraction) -> IndexSum:
        """The sum times a number."""
        return IndexSum(t._replace(coefficient=t.coefficient * factor) for t in self.terms)

    def sum(self, *over: Index) -> IndexSum:
        """Σ over indices, which are free in it or not."""
        new = {v: fresh(v.size) for v in over}
        return IndexSum(t._replace(bound=t.bound + tuple(new.values()))
                        for t in substitute(self, new).terms)


def number(x: object) -> IndexSum | None:
    """A number or a size as a sum; a sum as it is; None for anything else."""
    if isinstance(x, IndexSum):
        return x
    if isinstance(x, Size):
        return IndexSum(Term(Fraction(c), _powers(monomial), (), ())
                        for monomial, c in expanded(x).items())
    if isinstance(x, (int, Fraction)):
        return IndexSum([Term(Fraction(x), (), (), ())] if x else [])
    if isinstance(x, float) and x.is_integer():
        return number(int(x))
    return None


def _powers(letters):
    return tuple((letter, letters.count(letter)) for letter in sorted(set(letters)))


def _factor(f):
    return IndexSum([Term(Fraction(1), (), (), (f,))])


def entry(tensor: Tensor, *at: AnyIndex) -> IndexSum:
    """tensor[at]."""
    if tuple(map(size_of, at)) != tensor.shape:
        raise ValueError(f"at must hold indices below {tensor.shape}, got {at}")
    return _factor(Entry(tensor, at))


def delta(left: AnyIndex, right: AnyIndex) -> IndexSum:
    """1 where two indices below one size are equal, else 0."""
    if size_of(left) != size_of(right):
        raise ValueError("left and right must be indices below one size, "
                         f"got {size_of(left)} and {size_of(right)}")
    return _factor(_equal(left, right))


def _equal(left, right):
    """The factor that two indices are equal."""
    if isinstance(left, Affine) or isinstance(right, Affine):
        return Equation(difference(left, right))
    return Delta(left, right)


def difference(left: AnyIndex, right: AnyIndex) -> Form:
    """left - right."""
    return form((), [(left, frozen({(): 1})), (right, frozen({(): -1}))])


def equation(one: Form) -> IndexSum:
    """1 where a form is 0, else 0."""
    return _factor(Equation(one))


def apply(function: Function, closure: Closure, at: Iterable[AnyIndex] = (),
          arguments: Iterable[AnyIndex] | None = None) -> IndexSum:
    """function[at] of the closure, at its own parameters if no arguments are given."""
    given = closure.parameters if arguments is None else tuple(arguments)
    return _factor(Apply(function, tuple(at), closure, given))


RECIPROCAL = Function("1/")


def applied(function: Function, e: IndexSum) -> IndexSum:
    """function(e), the free indices of e being its parameters."""
    return apply(function, Closure(sorted(variables(e)), (), e))


def reciprocal(e: IndexSum) -> IndexSum:
    """1/e: of a number and powers of sizes what it is, of values of functions one by one."""
    if len(e.terms) != 1 or e.terms[0].bound or not all(
            isinstance(f, Apply) for f in e.terms[0].factors):
        return applied(RECIPROCAL, e)
    [term] = e.terms
    found = IndexSum([Term(1 / term.coefficient, tuple((k, -n) for k, n in term.sizes), (), ())])
    for f in term.factors:
        found = found * applied(RECIPROCAL, _factor(f))
    return found
