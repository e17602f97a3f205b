"""Derivatives of index sums against dual numbers through their values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnmat.verify.duals import Dual
from cnnmat.verify.sums.calculus import EXP, at_zero, derivative, is_root, root
from cnnmat.verify.sums.indices import Index
from cnnmat.verify.sums.normal import normal
from cnnmat.verify.sums.terms import (
    RECIPROCAL,
    Tensor,
    applied,
    delta,
    entry,
    number,
    reciprocal,
)
from cnnmat.verify.sums.values import value
from tests.verify.sums.random_sums import FUNCTION, TENSORS, Numbers, Sums, free_of

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
    (applied(root(2), (entry(W, I) * entry(W, I)).sum(I)),
     entry(W, K) * reciprocal(applied(root(2), (entry(W, J) * entry(W, J)).sum(J)))),
    (applied(root(4), entry(W, J)), delta(J, K) * reciprocal(4 * applied(root(4), entry(W, J))**3)),
    (entry(Tensor("v", ("N",)), I), number(0)),
])
def test_known_derivatives(e, slope):
    assert normal(derivative(e, W, (K,))) == normal(slope)


class Inverses(Numbers):
    """The same, "1/" being what it says, and functions not 0."""

    def _value(self, function, place, values):
        found = super()._value(function, place, values)
        return 1 / values if function == RECIPROCAL else found or 7


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 3), st.integers(-3, 3))
def test_one_over_values_is_the_inverse_of_their_product(seed, power, factor):
    e = applied(FUNCTION, entry(X, Index("a", "A")))**power * (factor or 1)
    numbers, at = Inverses(seed), {Index("a", "A"): 0}
    assert value(reciprocal(e), numbers, at) == 1 / value(e, numbers, at)


def test_only_a_root_alone_is_one():
    one = applied(root(2), entry(W, I))
    assert is_root(one)
    assert not any(map(is_root, (2 * one + 1, one * one, one + one, entry(W, I), number(0))))
