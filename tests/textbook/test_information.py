"""Entropy, cross-entropy, softmax's Jacobian, encodings, squared errors."""

import math

import numpy as np
import pytest

from cnnmat import activation, loops, softmax
from cnnmat.textbook.risks import (
    CrossEntropy,
    binary_cross_entropy,
    categorical_cross_entropy,
    entropy,
    normalize,
    one_hot,
    softmax_jacobian,
    squared_error,
    squared_error_gradient,
)


def test_entropy_of_powers_of_two_is_exact_in_base_2():
    assert entropy([1 / 2, 1 / 4, 1 / 8, 1 / 8], base=2) == 7 / 4
    assert entropy(np.full(16, 1 / 16), base=2) == 4
    assert entropy([0, 1, 0], base=2) == 0
    assert math.copysign(1, entropy([1.0])) == 1


def test_bases_differ_by_a_factor():
    p = [26 / 30, 4 / 30]
    nats = entropy(p)
    for base in (2, 3, 10, 0.5):
        assert entropy(p, base=base) == pytest.approx(nats / math.log(base), rel=1e-14)


def test_cross_entropy_is_entropy_plus_divergence():
    t, p = np.array([[0.25, 0.75, 0], [0.5, 0.25, 0.25]]), np.array([[0.5, 0.25, 0.25]] * 2)
    divergence = np.where(t > 0, t * np.log2(np.where(t > 0, t, 1) / p), 0).sum(axis=-1)
    assert (categorical_cross_entropy(t, p, base=2) == entropy(t, base=2) + divergence).all()
    assert divergence[1] == 0 < divergence[0]


def test_a_wanted_class_of_probability_0_costs_infinitely_much():
    assert categorical_cross_entropy([1, 0], [0, 1]) == math.inf
    assert categorical_cross_entropy([0, 1], [0, 1]) == 0
    assert binary_cross_entropy([1, 0], [1, 0]) == 0


def test_binary_is_categorical_of_two_columns():
    rng = np.random.default_rng(3)
    t, p = rng.integers(0, 2, 7), rng.random(7)
    columns = categorical_cross_entropy(one_hot(1 - t, 2), np.stack([p, 1 - p], axis=-1))
    assert binary_cross_entropy(t, p) == pytest.approx(columns.mean(), rel=1e-14)
    assert binary_cross_entropy(t, p) == pytest.approx(
        loops.binary_cross_entropy(t.tolist(), p.tolist(), math.log), rel=1e-14)


def test_the_logarithm_may_be_handed_in():
    p = np.array([2, 3], dtype=object)
    assert categorical_cross_entropy([5, 7], p, log=lambda x: x + 1) == -(5 * 3 + 7 * 4)


def test_jacobian_chains_to_the_gradient_of_cross_entropy():
    z, t = np.array([0.3, -1.0, 2.0]), np.array([0.0, 1.0, 0.0])
    s = softmax(z)
    J = softmax_jacobian(s)
    assert np.allclose(J, J.T, rtol=1e-15)
    assert np.allclose(J.sum(axis=0), 0, atol=1e-15)
    assert np.allclose(J @ (-t / s), CrossEntropy().delta(t, z, activation("identity")), rtol=1e-13)
    assert softmax_jacobian(np.stack([s, s[::-1]])).shape == (2, 3, 3)


def test_one_hot_rows_are_those_of_the_identity():
    assert (one_hot([0, 1, 2], 3) == np.eye(3)).all()
    assert one_hot(1, 2).tolist() == loops.one_hot(1, 2) == [0, 1]
    assert one_hot([[0, 1]], 4).shape == (1, 2, 4)


def test_normalize_is_blind_to_scale_and_softmax_to_shift():
    y = np.array([2.0, 4.0, 10.0])
    assert (normalize(y) == [1 / 8, 1 / 4, 5 / 8]).all()
    assert (normalize(8 * y) == normalize(y)).all()
    assert (softmax(y + 8) == softmax(y)).all()


@pytest.mark.parametrize("scale", ["sum", "half", "mean"])
def test_the_gradient_of_a_squared_error_is_its_difference_quotient(scale):
    t, y, step = np.array([1, -2, 4]), np.array([2, 5, 3]), np.array([0, 1, 0])
    central = squared_error(t, y + step, scale=scale) - squared_error(t, y - step, scale=scale)
    assert central / 2 == pytest.approx(squared_error_gradient(t, y, scale=scale)[1], rel=1e-15)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: entropy([0.5, 1.5]), ValueError, "p must lie between 0 and 1, got 0.5 to 1.5"),
    (lambda: entropy([0.5, 0.5], base=1), ValueError, "base must not be 1"),
    (lambda: entropy([0.5, 0.5], base=-2), ValueError, "base must be positive, got -2"),
    (lambda: categorical_cross_entropy([1, 0], [1, 0, 0]), ValueError,
     r"t must have shape \(3,\), got \(2,\)"),
    (lambda: one_hot(3, 3), ValueError, "labels must be from 0 to 2, got 3 to 3"),
    (lambda: one_hot([0.5], 3), TypeError, "labels must hold integers, got dtype float64"),
    (lambda: normalize([-1, 1]), ValueError, "y must not sum to 0"),
    (lambda: squared_error([1], [1], scale="double"), ValueError,
     "scale must be one of 'sum', 'half', 'mean', got 'double'"),
    (lambda: binary_cross_entropy([1], [1, 0]), ValueError, r"t must have shape \(2,\)"),
])
def test_errors_name_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
