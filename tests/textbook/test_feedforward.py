"""The fully connected layers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnmat import loops
from cnnmat.textbook.feedforward import dtheta, dW, preactivation, pull_back
from tests.conftest import fractions


@st.composite
def layers(draw):
    """Exact W, theta, y and delta of three samples."""
    n, n_next = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    return [fractions(random, s) for s in ((n_next, n), (n_next,), (3, n), (3, n_next))]


def test_a_layer_in_numbers():
    assert preactivation([1, 2], [[1, 0], [0, 1], [3, 4]], [0, 0, 1]).tolist() == [1, 2, 10]
    assert pull_back([[1, 0], [0, 1], [3, 4]], [1, 1, 10]).tolist() == [31, 41]
    assert dW([1, 2], [10, 20, 30]).tolist() == [[10, 20], [20, 40], [30, 60]]
    assert dtheta([1, -2]).tolist() == [-1, 2]


@given(layers())
def test_preactivation_is_the_loop(layer):
    W, theta, Y, _ = layer
    for y, z in zip(Y.tolist(), preactivation(Y, W, theta).tolist(), strict=True):
        assert z == [a - b for a, b in zip(loops.times(W.tolist(), y), theta, strict=True)]


@given(layers())
def test_pull_back_and_derivatives_are_adjoints(layer):
    """⟨W y - θ, δ⟩ = ⟨y, Wᵀδ⟩ + ⟨θ, dθ⟩ = ⟨W, δ yᵀ⟩ + ⟨θ, dθ⟩."""
    W, theta, y, delta = layer
    z_delta = (preactivation(y, W, theta) * delta).sum()
    of_theta = (theta * dtheta(delta).sum(axis=0)).sum()
    assert z_delta == (y * pull_back(W, delta)).sum() + of_theta
    assert z_delta == (W * dW(y, delta).sum(axis=0)).sum() + of_theta


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_narrow_integers_do_not_wrap(dtype):
    a = np.full((1, 3), 100, dtype)
    assert preactivation(a, a, a[0, :1]).tolist() == [[29_900]]
    assert pull_back(a.T, a[0]).tolist() == [30_000]
    assert dW(a[0], a[0, :1]).tolist() == [[10_000] * 3]
    assert dtheta(a[0]).tolist() == [-100] * 3


def test_float32_stays():
    a = np.ones((3, 3), np.float32)
    assert {r.dtype for r in (preactivation(a, a, a[0]), pull_back(a, a), dW(a, a), dtheta(a))} == {
        np.dtype(np.float32)}
