"""Scaled comparison; any subgradient at a tie or a kink, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnmat import testing
from cnnmat.testing import comparing
from tests.testing.bank import plain


def test_errors_are_measured_by_the_largest_entry():
    assert comparing.scaled_error(np.array([1e-3, 1e6]), np.array([0.0, 1e6])) == 1e-9


def test_a_reference_of_zeros_is_measured_by_one():
    assert comparing.scaled_error(np.array([1e-3]), np.zeros(1)) == 1e-3


def test_nan_is_infinitely_wrong_unless_asked_for():
    nan, one = np.array([np.nan]), np.ones(1)
    assert comparing.scaled_error(nan, one) == np.inf
    assert comparing.scaled_error(nan, nan) == 0


def test_another_shape_is_infinitely_wrong():
    assert comparing.scaled_error(np.ones((2, 1)), np.ones(2)) == np.inf


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(1, 3))
def test_every_convex_share_of_a_tie_passes_and_more_does_not(seed, size, stride):
    """With windows that overlap or not; shares drawn for each window by itself."""
    rng = np.random.default_rng(seed)

    def forward(x, size, stride):
        return plain.regions(x, size, stride).max((4, 5))

    def backward(dt, x, size, stride, total=1.0):
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dt.shape):
            part = np.s_[n, c, i * stride:i * stride + size, j * stride:j * stride + size]
            shares = rng.random((size, size)) * (x[part] == x[part].max())
            dx[part] += total * dt[n, c, i, j] * shares / shares.sum()
        return dx

    # shares drawn anew at each call are not repeatable: one call at a time is judged
    from cnnmat.testing.pooling import PoolingContract
    from cnnmat.testing.trial import attempt

    contract = PoolingContract(pooling="max", size="int", stride="int")
    cases = [c for c in contract.cases(np.random.default_rng(seed)) if "ties" in c.name]
    for case in cases:
        truths = contract.truth(case, "backward")
        assert not attempt(contract, backward, case, "backward", truths, 5).failures
        worse = attempt(contract, lambda *a: backward(*a, 1.5), case, "backward", truths, 5)
        assert worse.failures


@pytest.mark.parametrize("slope", [0, 0.3, 1])
def test_relu_may_have_any_slope_between_0_and_1_at_0(slope):
    backward = lambda dy, x: dy * np.where(x == 0, slope, x > 0)  # noqa: E731
    assert testing.check_activation(lambda x: np.maximum(x, 0), backward, "relu").passed


@pytest.mark.parametrize("slope", [-0.1, 1.1])
def test_relu_may_have_no_other_slope_at_0(slope):
    backward = lambda dy, x: dy * np.where(x == 0, slope, x > 0)  # noqa: E731
    assert not testing.check_activation(lambda x: np.maximum(x, 0), backward, "relu").passed


def test_l2_at_zero_may_have_any_gradient_no_longer_than_one():
    def forward(x, size):
        return np.sqrt((plain.regions(x, size) ** 2).sum((4, 5)))

    def backward_with(length):
        def backward(dt, x, size):
            dx = np.zeros(x.shape)
            for n, c, i, j in np.ndindex(dt.shape):
                part = np.s_[n, c, i * size:(i + 1) * size, j * size:(j + 1) * size]
                norm = np.sqrt((x[part] ** 2).sum())
                g = x[part] / norm if norm else np.full((size, size), length / size)
                dx[part] = dt[n, c, i, j] * g
            return dx
        return backward

    assert testing.check_pooling(forward, backward_with(1.0), "l2").passed
    assert not testing.check_pooling(forward, backward_with(1.1), "l2").passed
