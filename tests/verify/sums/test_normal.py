"""No step of the normal form changes a value: a slip here would be a false proof."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnmat.verify.sums import naming as rules
from cnnmat.verify.sums.indices import Index, Map, image
from cnnmat.verify.sums.normal import normal, simplified
from cnnmat.verify.sums.terms import IndexSum, Tensor, delta, entry, renamed, substitute, variables
from cnnmat.verify.sums.values import place, value
from tests.verify.sums.random_sums import Numbers, Sums, free_of

FREE = (Index("a", "A"), Index("a2", "A"), Index("b", "B"))
seeds = st.integers(0, 10**9)


@settings(max_examples=300, deadline=None)
@given(seeds)
def test_the_normal_form_has_the_value_of_the_sum(seed):
    e = Sums(seed).sum(FREE)
    for a, b in ((2, 3), (1, 2), (2, 2)):
        numbers, at = Numbers(seed, a, b), {v: 0 if a == 1 else k for v, k in free_of(e).items()}
        assert value(simplified(e), numbers, at) == value(e, numbers, at)


def test_sums_with_other_names_and_orders_have_the_same_normal_form():
    # which is no theorem: deltas that chain index functions may be written in several ways
    for seed in range(300):
        e = Sums(seed).sum(FREE)
        shuffled = IndexSum(t._replace(factors=t.factors[::-1], bound=t.bound[::-1])
                            for t in map(renamed, e.terms[::-1]))
        assert normal(shuffled) == normal(e)


@settings(max_examples=200, deadline=None)
@given(seeds)
def test_substitution_captures_nothing(seed):
    draw = Sums(seed)
    e = draw.sum(FREE)
    places = {FREE[0]: draw.index("A", FREE), FREE[2]: draw.index("B", FREE)}
    after = substitute(e, places)
    at = {v: k % 2 for k, v in enumerate(sorted({*FREE, *variables(e), *variables(after)}))}
    numbers = Numbers(seed)
    before = {**at, **{v: place(i, numbers, at) for v, i in places.items()}}
    assert value(after, numbers, at) == value(e, numbers, before)


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_equal_normal_forms_are_equal_values(seed):
    one, two = Sums(seed).sum(FREE[:1], 1), Sums(seed + 1).sum(FREE[:1], 1)
    if normal(one) == normal(two):
        numbers = Numbers(seed)
        at = free_of(one) | free_of(two)
        assert value(one, numbers, at) == value(two, numbers, at)


X, Y = Tensor("x", ("N",)), Tensor("Y", ("N", "N"))
I, J, K = (Index(name, "N") for name in "ijk")
TAU = Map("τ", ("N",), "N", bijective=True)


@pytest.mark.parametrize(("left", "right"), [
    ((delta(I, J) * entry(X, J)).sum(J), entry(X, I)),
    (entry(X, image(TAU, I)).sum(I), entry(X, I).sum(I)),
    (delta(image(TAU, I), image(TAU, J)), delta(I, J)),
    ((delta(image(TAU, I), J) * entry(Y, I, J)).sum(I), entry(Y, image(TAU.inverse, J), J)),
    (delta(I, J) * entry(Y, I, J), delta(J, I) * entry(Y, I, I)),
    ((entry(Y, I, J) * entry(Y, J, K)).sum(J), (entry(Y, J, K) * entry(Y, I, J)).sum(J)),
    (entry(Y, I, J).sum(I, J), entry(Y, J, I).sum(I, J)),
])
def test_equal_sums_have_one_form(left, right):
    assert normal(left) == normal(right)


@pytest.mark.parametrize(("left", "right"), [
    ((delta(I, J) * entry(X, J)).sum(J), entry(X, J)),
    (entry(Y, I, J).sum(J), entry(Y, J, I).sum(J)),
    (entry(X, image(TAU, I)), entry(X, I)),
    ((entry(X, I) * entry(X, I)).sum(I), entry(X, I).sum(I) * entry(X, I).sum(I)),
    (delta(image(Map("g", ("N",), "N"), I), image(Map("g", ("N",), "N"), J)), delta(I, J)),
])
def test_other_sums_have_another(left, right):
    assert normal(left) != normal(right)


def test_too_many_indices_alike_are_refused(monkeypatch):
    monkeypatch.setattr(rules, "MOST", 5)
    with pytest.raises(ValueError, match=r"indices must be told apart .* got 6 orders"):
        normal((entry(X, I) * entry(X, J) * entry(X, K)).sum(I, J, K))
