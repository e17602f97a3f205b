"""Risks of one sample and what they send back, against PyTorch and the loops."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnmat import RISKS, activation, loops, risk, softmax
from cnnmat.textbook.risks import softmax_jacobian, squared_norm
from cnnmat.verify import duals
from tests.conftest import close, fractions

IDENTITY = activation("identity")


def drawn(seed, scale=3.0):
    random = np.random.default_rng(seed)
    return random.normal(size=(4, 5)), scale * random.normal(size=(4, 5))


def test_squared_error_in_numbers():
    one = risk("squared_error")
    gamma, z = np.array([[1, 0, -2]]), np.array([[3, 1, -2]])
    assert one(gamma, z, IDENTITY).tolist() == [5]
    assert one.delta(gamma, z, IDENTITY).tolist() == [[4, 2, 0]]


def test_cross_entropy_in_numbers():
    """z = (0, ln 3): y = (1/4, 3/4); -ln(3/4), and δ = y - γ."""
    one, gamma, z = risk("cross_entropy"), np.array([0.0, 1.0]), np.array([0.0, np.log(3)])
    assert close(one.output(z, IDENTITY), [0.25, 0.75], 1e-15)
    assert close(one(gamma, z, IDENTITY), np.log(4 / 3), 1e-15)
    assert close(one.delta(gamma, z, IDENTITY), [0.25, -0.25], 1e-15)


@given(st.integers(0, 10**6))
def test_squared_error_is_the_loop_and_delta_its_dual_part(seed):
    gamma, z = fractions(np.random.default_rng(seed), (2, 4))
    one = risk("squared_error")
    assert one(gamma, z, IDENTITY) == loops.squared_error(gamma.tolist(), z.tolist())
    slopes = duals.gradient(lambda y: loops.squared_error(gamma.tolist(), y), z)
    assert one.delta(gamma, z, IDENTITY).tolist() == slopes.tolist()


@given(st.integers(0, 10**6), st.sampled_from(["tanh", "sigmoid", "softplus"]))
def test_delta_of_the_squared_error_is_pytorchs(seed, name):
    gamma, z = drawn(seed, 1.0)
    leaf = torch.tensor(z, requires_grad=True)
    y = {"tanh": torch.tanh, "sigmoid": torch.sigmoid,
         "softplus": lambda x: torch.logaddexp(x, torch.zeros((), dtype=x.dtype))}[name](leaf)
    losses = ((torch.tensor(gamma) - y) ** 2).sum(dim=-1)
    losses.sum().backward()
    one, f = risk("squared_error"), activation(name)
    assert close(one(gamma, z, f), losses.detach().numpy())
    assert close(one.delta(gamma, z, f), leaf.grad.numpy())


@given(st.integers(0, 10**6), st.booleans())
def test_cross_entropy_is_pytorchs(seed, probabilities):
    """For targets that sum to one, where δ = y - γ, and for any others."""
    gamma, z = drawn(seed)
    if probabilities:
        gamma = np.abs(gamma) / np.abs(gamma).sum(axis=-1, keepdims=True)
    leaf = torch.tensor(z, requires_grad=True)
    if probabilities:
        losses = torch.nn.functional.cross_entropy(leaf, torch.tensor(gamma), reduction="none")
    else:
        losses = -(torch.tensor(gamma) * torch.log_softmax(leaf, dim=-1)).sum(dim=-1)
    losses.sum().backward()
    one = risk("cross_entropy")
    assert close(one(gamma, z, IDENTITY), losses.detach().numpy())
    assert close(one.delta(gamma, z, IDENTITY), leaf.grad.numpy())
    if probabilities:
        assert close(one.delta(gamma, z, IDENTITY), softmax(z) - gamma)


@given(st.integers(0, 10**6))
def test_cross_entropy_is_the_loop(seed):
    gamma, z = drawn(seed, 1.0)
    want = [loops.cross_entropy(a.tolist(), b.tolist(), np.exp, np.log)
            for a, b in zip(gamma, z, strict=True)]
    assert close(risk("cross_entropy")(gamma, z, IDENTITY), want)


def test_very_large_logits_neither_overflow_nor_vanish():
    gamma, z = np.array([0.0, 1.0]), np.array([1e4, -1e4])
    one = risk("cross_entropy")
    assert one(gamma, z, IDENTITY) == 2e4
    assert one.delta(gamma, z, IDENTITY).tolist() == [1, -1]
    assert softmax(z).tolist() == [1, 0]


@given(st.integers(0, 10**6), st.floats(-1e3, 1e3))
def test_softmax_sums_to_one_and_does_not_see_a_shift(seed, shift):
    _, z = drawn(seed)
    assert close(softmax(z).sum(axis=-1), np.ones(4), 1e-14)
    assert close(softmax(z + shift), softmax(z), 1e-11)


@given(st.integers(0, 10**6))
def test_softmax_jacobian_is_pytorchs(seed):
    _, z = drawn(seed)
    want = torch.autograd.functional.jacobian(lambda x: torch.softmax(x, dim=-1),
                                              torch.tensor(z[0]))
    assert close(softmax_jacobian(softmax(z))[0], want.numpy())


def test_squared_norm_is_the_sum_of_the_squares_of_all_entries():
    assert squared_norm([[1, -2], [3, 4]]) == loops.squared_norm([[1, -2], [3, 4]]) == 30
    assert squared_norm([Fraction(1, 2), Fraction(1, 3)]) == Fraction(13, 36)
    assert squared_norm(np.full(3, 100, np.int8)) == 30_000


def test_risk_by_name_or_itself():
    assert {name: risk(name).name for name in RISKS} == {name: name for name in RISKS}
    assert risk(RISKS["cross_entropy"]) is RISKS["cross_entropy"]


@pytest.mark.parametrize("name", sorted(RISKS))
def test_float32_stays(name):
    gamma, z = np.float32([[0, 1]]), np.float32([[2, 3]])
    assert risk(name)(gamma, z, IDENTITY).dtype == np.float32
    assert risk(name).delta(gamma, z, IDENTITY).dtype == np.float32


def test_softmax_jacobian_of_float32_is_float32():
    assert softmax_jacobian(np.float32([0.5, 0.5])).dtype == np.float32
