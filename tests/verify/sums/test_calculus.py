"""Derivatives of index sums against dual numbers through their values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnmat.verify.duals import Dual
from cnnmat.verify.sums.calculus import EXP, at_zero, derivative
from cnnmat.verify.sums.indices import Index
from cnnmat.verify.sums.normal import normal
from cnnmat.verify.sums.terms import Tensor, applied, delta, entry, number, reciprocal
from cnnmat.verify.sums.values import value
from tests.verify.sums.random_sums import TENSORS, Numbers, Sums, free_of

X = TENSORS[0]
I, J, K = (Index(name, "N") for name in "ijk")
W = Tensor("w", ("N",))


class Moving(Numbers):
    """The same, each entry of x a variable of its own."""

    def entry(self, name, cell):
        plain = super().entry(name, cell)
        return Dual(plain, {cell: 1}) if name == X.name else plain


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_the_derivative_is_what_dual_numbers_find(seed):
    e, k = Sums(seed).sum((Index("a", "A"),)), Index("k", "A")
    slope, numbers, at = derivative(e, X, (k,)), Numbers(seed), free_of(e)
    moving = Moving(seed)
    # drawn in one order, so that both see the same numbers
    moving.known = numbers.known
    found = value(e, moving, at)
    for cell in range(numbers.size("A")):
        assert value(slope, numbers, {**at, k: cell}) == getattr(found, "partials", {}).get(
            (cell,), 0)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_entries_at_zero(seed):
    class Without(Numbers):
        def entry(self, name, cell):
            return 0 if name == X.name else super().entry(name, cell)

    e, numbers = Sums(seed).sum((Index("a", "A"),)), Without(seed)
    assert value(at_zero(e, X), numbers, free_of(e)) == value(e, numbers, free_of(e))


@pytest.mark.parametrize(("e", "slope"), [
    (entry(W, I) * entry(W, I), 2 * entry(W, I) * delta(I, K)),
    ((entry(W, I) * entry(W, I)).sum(I), 2 * entry(W, K)),
    (reciprocal(entry(W, I)), -reciprocal(entry(W, I)) * reciprocal(entry(W, I)) * delta(I, K)),
    (applied(EXP, 3 * entry(W, J)), 3 * applied(EXP, 3 * entry(W, J)) * delta(J, K)),
    (entry(Tensor("v", ("N",)), I), number(0)),
])
def test_known_derivatives(e, slope):
    assert normal(derivative(e, W, (K,))) == normal(slope)
