"""f and f'."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnmat import ACTIVATIONS, Activation, activation
from cnnmat.textbook.activations import soft_abs, softplus
from tests.conftest import close

REFERENCE = {
    "identity": lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "softplus": lambda z: torch.logaddexp(z, torch.zeros((), dtype=z.dtype)),
    "abs": torch.abs,
    "softabs": lambda z: 2 * torch.logaddexp(z, torch.zeros((), dtype=z.dtype)) - z - 2 * np.log(2),
}
POINTS = np.array([-700.0, -30.0, -2.5, -0.1, 0.3, 1.0, 19.0, 21.0, 700.0])


def test_every_activation_has_a_reference():
    assert set(REFERENCE) == set(ACTIVATIONS)


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_values_and_derivatives_are_pytorchs(name):
    z = torch.tensor(POINTS, requires_grad=True)
    y = REFERENCE[name](z)
    y.sum().backward()
    f = activation(name)
    assert close(f(POINTS), y.detach().numpy(), 1e-14)
    assert close(f.derivative(POINTS), z.grad.numpy(), 1e-14)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
@given(z=st.floats(-20, 20).filter(lambda z: abs(z) > 1e-3))
def test_derivative_is_the_slope(name, z):
    f, h = activation(name), 1e-5
    slope = (f(np.array(z + h)) - f(np.array(z - h))) / (2 * h)
    assert abs(f.derivative(np.array(z)) - slope) < 1e-7


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_float32_stays_and_the_shape_too(name):
    z, f = np.linspace(-3, 3, 6, dtype=np.float32).reshape(2, 3), activation(name)
    for array in (f(z), f.derivative(z)):
        assert (array.dtype, array.shape) == (np.float32, (2, 3))


def test_at_the_kink_relu_has_slope_zero_and_so_has_the_absolute_value():
    assert activation("relu").derivative(np.array([0.0, -0.0])).tolist() == [0, 0]
    assert activation("abs").derivative(np.array([0.0])).tolist() == [0]


def test_relu_of_whole_numbers_is_whole():
    relu = activation("relu")
    assert relu(np.array([-2, 0, 3])).tolist() == [0, 0, 3]
    assert relu.derivative(np.array([-2, 0, 3])).dtype == int


@given(st.floats(0.5, 8))
def test_parameter_k_scales_both_axes(k):
    """f_k(z) = f_1(kz) / k and f_k'(z) = f_1'(kz)."""
    z = np.linspace(-2, 2, 9)
    for family in (softplus, soft_abs):
        assert close(family(k)(z), family()(k * z) / k)
        assert close(family(k).derivative(z), family().derivative(k * z))


def test_own_activation_passes_through():
    square = Activation("square", lambda z: z**2, lambda z: 2 * z)
    assert activation(square) is square
    assert square(np.array([3])).tolist() == [9]


@pytest.mark.parametrize("family", [softplus, soft_abs])
def test_k_must_be_positive(family):
    with pytest.raises(ValueError, match="k must be positive, got 0"):
        family(0)
