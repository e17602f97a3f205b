"""ELU, leaky ReLU, both forms of the GELU and the scaled tanh that are wrong."""

from functools import partial

import numpy as np
from scipy.special import erf

from tests.testing.bank.plain import sigmoid
from tests.testing.bank.register import wrong_pair

A, S, RATE = 1.7159, 2 / 3, np.sqrt(2 / np.pi)


def elu(x, alpha=0.5):
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_back(dy, x, alpha=0.5):
    return dy * np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


def leaky(x, leak=0.2):
    return np.where(x > 0, x, leak * x)


def leaky_back(dy, x, leak=0.2):
    return dy * np.where(x > 0, 1, leak)


def phi(x):
    return 0.5 * (1 + erf(x / np.sqrt(2)))


def gelu(x):
    return x * phi(x)


def gelu_back(dy, x):
    return dy * (phi(x) + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))


def gelu_tanh(x, rate=RATE, cube=0.044715):
    return 0.5 * x * (1 + np.tanh(rate * (x + cube * x**3)))


def gelu_tanh_back(dy, x):
    t = np.tanh(RATE * (x + 0.044715 * x**3))
    return dy * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * RATE * (1 + 3 * 0.044715 * x * x))


def lecun(x):
    return A * np.tanh(S * x)


def lecun_back(dy, x):
    return dy * A * S * (1 - np.tanh(S * x) ** 2)


def pair(name, forward, backward, **options):
    both = {"name": name, **options}
    return (partial(wrong_pair, "activation", backward=backward, **both),
            partial(wrong_pair, "activation", forward=forward, **both))


elu_value, elu_slope = pair("elu", elu, elu_back, parameter=0.5)
leaky_value, leaky_slope = pair("leaky_relu", leaky, leaky_back, parameter=0.2)
gelu_value, gelu_slope = pair("gelu", gelu, gelu_back)
rough_value, rough_slope = pair("gelu_tanh", gelu_tanh, gelu_tanh_back)
lecun_value, lecun_slope = pair("scaled_tanh", lecun, lecun_back)


@elu_value()
def elu_without_one(x):
    """alpha exp(x)."""
    return np.where(x > 0, x, 0.5 * np.exp(np.minimum(x, 0)))


@elu_value()
def elu_without_alpha(x):
    """exp(x) - 1."""
    return elu(x, 1.0)


@elu_value()
def elu_everywhere(x):
    """No question asked."""
    with np.errstate(all="ignore"):
        return 0.5 * np.expm1(x)


@elu_slope()
def elu_slope_is_value(dy, x):
    """alpha (exp(x) - 1)."""
    return dy * np.where(x > 0, 1, elu(x))


@elu_slope()
def elu_slope_without_alpha(dy, x):
    """exp(x)."""
    return elu_back(dy, x, 1.0)


@elu_slope()
def elu_slope_of_relu(dy, x):
    """0 below."""
    return dy * (x > 0)


@leaky_value()
def leaky_fixed(x):
    """0.01."""
    return leaky(x, 0.01)


@leaky_slope()
def leaky_slope_fixed(dy, x):
    """0.01."""
    return leaky_back(dy, x, 0.01)


@leaky_slope()
def leaky_slope_times_x(dy, x):
    """leak x."""
    return dy * np.where(x > 0, 1, 0.2 * x)


@leaky_slope()
def leaky_asks_upstream(dy, x):
    """dy > 0 is asked."""
    return dy * np.where(dy > 0, 1, 0.2)


@gelu_value()
def gelu_rough(x):
    """The form by tanh where the exact one is meant."""
    return gelu_tanh(x)


@gelu_value()
def gelu_quick(x):
    """x sigmoid(1.702 x)."""
    return x * sigmoid(1.702 * x)


@gelu_value()
def gelu_silu(x):
    """x sigmoid(x)."""
    return x * sigmoid(x)


@gelu_value()
def gelu_no_root(x):
    """erf(x)."""
    return 0.5 * x * (1 + erf(x))


@gelu_value()
def gelu_only_phi(x):
    """x is forgotten."""
    return phi(x)


@gelu_slope()
def gelu_no_product_rule(dy, x):
    """Phi(x)."""
    return dy * phi(x)


@gelu_slope()
def gelu_slope_of_rough(dy, x):
    """The derivative of the form by tanh."""
    return gelu_tanh_back(dy, x)


@rough_value()
def rough_exact(x):
    """The exact form where the one by tanh is meant."""
    return gelu(x)


@rough_value()
def rough_no_cube(x):
    """No cube."""
    return gelu_tanh(x, cube=0.0)


@rough_value()
def rough_no_constant(x):
    """No root of 2/pi."""
    return gelu_tanh(x, rate=1.0)


@rough_value()
def rough_constant_without_root(x):
    """2/pi."""
    return gelu_tanh(x, rate=2 / np.pi)


@rough_value()
def rough_no_half(x):
    """x (1 + tanh)."""
    return 2 * gelu_tanh(x)


@rough_slope()
def rough_no_product_rule(dy, x):
    """(1 + tanh) / 2."""
    return dy * np.where(x, gelu_tanh(x) / np.where(x, x, 1), 0.5)


@lecun_value()
def lecun_plain(x):
    """tanh."""
    return np.tanh(x)


@lecun_value()
def lecun_no_amplitude(x):
    """tanh(2x/3)."""
    return np.tanh(S * x)


@lecun_value()
def lecun_no_rate(x):
    """1.7159 tanh(x)."""
    return A * np.tanh(x)


@lecun_slope()
def lecun_no_inner(dy, x):
    """The inner derivative is forgotten."""
    return dy * A * (1 - np.tanh(S * x) ** 2)


@lecun_slope()
def lecun_of_y(dy, x):
    """1 - y² with the scaled y."""
    return dy * (1 - lecun(x) ** 2)


@lecun_slope()
def lecun_slope_plain(dy, x):
    """1 - tanh²."""
    return dy * (1 - np.tanh(S * x) ** 2)
