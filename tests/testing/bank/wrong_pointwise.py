"""Activations and risks that are wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import (
    cross_entropy,
    cross_entropy_back,
    sigmoid,
    softmax,
    squared_error,
    squared_error_back,
)
from tests.testing.bank.register import wrong_pair


def relu(x):
    return np.maximum(x, 0)


def relu_back(dy, x):
    return dy * (x > 0)


def tanh_back(dy, x):
    return dy * (1 - np.tanh(x) ** 2)


def sigmoid_back(dy, x):
    return dy * sigmoid(x) * sigmoid(-x)


def softplus(x):
    return np.logaddexp(0, x)


def backward_of(name, forward):
    return partial(wrong_pair, "activation", forward=forward, name=name)


def forward_of(name, backward):
    return partial(wrong_pair, "activation", backward=backward, name=name)


@backward_of("relu", relu)()
def relu_slope_left_out(dy, x):
    """dy goes through unchanged."""
    return dy.copy()


@backward_of("relu", relu)()
def relu_mask_only(dy, x):
    """The slope alone; dy is not multiplied in."""
    return (x > 0).astype(float)


@backward_of("relu", relu)()
def relu_asks_upstream(dy, x):
    """dy > 0 is asked where x > 0 is meant."""
    return dy * (dy > 0)


@backward_of("relu", relu)()
def relu_wrong_side(dy, x):
    """The gradient goes through where x is negative."""
    return dy * (x < 0)


@backward_of("relu", relu)()
def relu_times_x(dy, x):
    """relu(x) is used as its own slope."""
    return dy * relu(x)


@backward_of("relu", relu)()
def relu_in_place(dy, x):
    """dy is changed where it stands."""
    dy[x <= 0] = 0
    return dy


@forward_of("relu", relu_back)()
def relu_as_abs(x):
    """|x|."""
    return abs(x)


@forward_of("relu", relu_back)()
def relu_clipped(x):
    """Clipped at one as well."""
    return np.clip(x, 0, 1)


@forward_of("relu", relu_back)()
def relu_changes_x(x):
    """x[x < 0] = 0 on the caller's array."""
    x[x < 0] = 0
    return x


@forward_of("relu", relu_back)()
def relu_leaks(x):
    """A leaky one."""
    return np.where(x > 0, x, 0.01 * x)


@backward_of("tanh", np.tanh)()
def tanh_slope_at_x(dy, x):
    """1 - x²: the formula for y, given x."""
    return dy * (1 - x**2)


@backward_of("tanh", np.tanh)()
def tanh_slope_twice(dy, x):
    """The slope taken at y in place of z: 1 - tanh(tanh(x))²."""
    return dy * (1 - np.tanh(np.tanh(x)) ** 2)


@backward_of("tanh", np.tanh)()
def tanh_not_squared(dy, x):
    """1 - tanh(x)."""
    return dy * (1 - np.tanh(x))


@backward_of("tanh", np.tanh)()
def tanh_slope_sign(dy, x):
    """tanh² - 1."""
    return -tanh_back(dy, x)


@backward_of("tanh", np.tanh)()
def tanh_without_upstream(dy, x):
    """The slope alone."""
    return tanh_back(np.ones_like(x), x)


@forward_of("tanh", tanh_back)()
def tanh_by_exponentials(x):
    """(e^x - e^-x) / (e^x + e^-x), which is inf / inf for large x."""
    with np.errstate(all="ignore"):
        return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


@forward_of("tanh", tanh_back)()
def tanh_half(x):
    """tanh(x / 2)."""
    return np.tanh(x / 2)


@backward_of("sigmoid", sigmoid)()
def sigmoid_slope_is_value(dy, x):
    """s for s (1 - s)."""
    return dy * sigmoid(x)


@backward_of("sigmoid", sigmoid)()
def sigmoid_slope_at_x(dy, x):
    """x (1 - x): the formula for y, given x."""
    return dy * x * (1 - x)


@backward_of("sigmoid", sigmoid)()
def sigmoid_slope_at_y(dy, x):
    """s' is taken at y = s(x), not at x."""
    return sigmoid_back(dy, sigmoid(x))


@backward_of("sigmoid", sigmoid)()
def sigmoid_slope_of_tanh(dy, x):
    """1 - s²."""
    return dy * (1 - sigmoid(x) ** 2)


@forward_of("sigmoid", sigmoid_back)()
def sigmoid_overflows(x):
    """e^x / (1 + e^x), which is inf / inf for large x."""
    with np.errstate(all="ignore"):
        return np.exp(x) / (1 + np.exp(x))


@forward_of("sigmoid", sigmoid_back)()
def sigmoid_sign(x):
    """1 / (1 + e^x)."""
    return sigmoid(-x)


@forward_of("softplus", lambda dy, x: dy * sigmoid(x))()
def softplus_overflows(x):
    """ln(1 + e^x), inf for large x."""
    with np.errstate(all="ignore"):
        return np.log(1 + np.exp(x))


@backward_of("softplus", softplus)()
def softplus_slope_turned(dy, x):
    """sigmoid(-x)."""
    return dy * sigmoid(-x)


@backward_of("leaky_relu", lambda x: np.where(x > 0, x, 0.01 * x))()
def leak_forgotten(dy, x):
    """The slope 0.01 on the negative side is forgotten on the way back."""
    return relu_back(dy, x)


@forward_of("leaky_relu", lambda dy, x: dy * np.where(x > 0, 1, 0.01))()
def leak_too_large(x):
    """0.1 in place of 0.01."""
    return np.where(x > 0, x, 0.1 * x)


# --- risks --------------------------------------------------------------------

CE = {"risk": "softmax_cross_entropy"}
SE = {"risk": "squared_error"}
ce_forward = partial(wrong_pair, "risk", backward=cross_entropy_back, **CE)
ce_backward = partial(wrong_pair, "risk", forward=cross_entropy, **CE)
se_forward = partial(wrong_pair, "risk", backward=squared_error_back, **SE)
se_backward = partial(wrong_pair, "risk", forward=squared_error, **SE)


@ce_forward()
def no_max_subtraction(z, target):
    """exp(z) overflows."""
    with np.errstate(all="ignore"):
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        return -(target * np.log(p)).sum() / len(z)


@ce_forward()
def log_two(z, target):
    """log2 in place of ln."""
    return cross_entropy(z, target) / np.log(2)


@ce_forward()
def log_ten(z, target):
    """log10 in place of ln."""
    return cross_entropy(z, target) / np.log(10)


@ce_forward()
def not_averaged(z, target):
    """The sum over the samples."""
    return cross_entropy(z, target) * len(z)


@ce_forward()
def averaged_over_classes(z, target):
    """Divided by N K."""
    return cross_entropy(z, target) / z.shape[1]


@ce_forward()
def softmax_over_batch(z, target):
    """softmax along axis 0."""
    e = np.exp(z - z.max(0))
    p = e / e.sum(0)
    with np.errstate(all="ignore"):
        return -np.where(target > 0, target * np.log(p), 0).sum() / len(z)


@ce_forward()
def minus_forgotten(z, target):
    """The minus sign."""
    return -cross_entropy(z, target)


@ce_forward()
def epsilon_in_log(z, target):
    """log(p + 1e-7)."""
    return -(target * np.log(softmax(z) + 1e-7)).sum() / len(z)


@ce_forward()
def clipped_probabilities(z, target):
    """p is clipped at 1e-12, so a sure and wrong answer costs 27.6 at most."""
    return -(target * np.log(np.clip(softmax(z), 1e-12, 1))).sum() / len(z)


@ce_forward()
def binary_terms_added(z, target):
    """The terms (1 - t) ln(1 - p) of the binary cross-entropy are added."""
    p = np.clip(softmax(z), 1e-300, 1)
    rest = np.log(np.clip(1 - p, 1e-300, 1))
    return -(target * np.log(p) + (1 - target) * rest).sum() / len(z)


@ce_forward()
def no_softmax(z, target):
    """The logits are taken for probabilities."""
    with np.errstate(all="ignore"):
        return -(target * np.log(z)).sum() / len(z)


@ce_backward()
def ce_not_averaged(z, target):
    """1/N is missing."""
    return softmax(z) - target


@ce_backward()
def ce_averaged_over_all(z, target):
    """Divided by N K."""
    return (softmax(z) - target) / z.size


@ce_backward()
def ce_sign(z, target):
    """target - p."""
    return (target - softmax(z)) / len(z)


@ce_backward()
def ce_by_probabilities(z, target):
    """-t / p: the derivative by p, not by z."""
    with np.errstate(all="ignore"):
        return -target / softmax(z) / len(z)


@ce_backward()
def ce_target_forgotten(z, target):
    """p alone."""
    return softmax(z) / len(z)


@ce_backward()
def ce_diagonal_jacobian(z, target):
    """-t / p times the diagonal of the softmax's Jacobian only: -t (1 - p)."""
    return -target * (1 - softmax(z)) / len(z)


@ce_backward()
def ce_naive_exponentials(z, target):
    """exp without taking the maximum off."""
    with np.errstate(all="ignore"):
        e = np.exp(z)
        return (e / e.sum(1, keepdims=True) - target) / len(z)


@ce_backward()
def ce_logits_minus_target(z, target):
    """z - t: the softmax is forgotten."""
    return (z - target) / len(z)


@ce_backward()
def ce_changes_logits(z, target):
    """z -= max on the caller's array."""
    z -= z.max(1, keepdims=True)
    e = np.exp(z)
    return (e / e.sum(1, keepdims=True) - target) / len(z)


@se_forward()
def half_of_it(y, target):
    """½ Σ where Σ is asked for."""
    return squared_error(y, target) / 2


@se_forward()
def mean_over_all_entries(y, target):
    """((y - t)²).mean()."""
    return ((y - target) ** 2).mean()


@se_forward()
def absolute_error(y, target):
    """|y - t|."""
    return abs(y - target).sum() / len(y)


@se_forward()
def norm_not_squared(y, target):
    """The root is taken."""
    return np.sqrt(((y - target) ** 2).sum(1)).sum() / len(y)


@se_forward()
def squared_error_summed(y, target):
    """The sum over the samples."""
    return squared_error(y, target) * len(y)


@se_backward()
def two_forgotten(y, target):
    """The factor 2."""
    return (y - target) / len(y)


@se_backward()
def se_sign(y, target):
    """t - y."""
    return 2 * (target - y) / len(y)


@se_backward()
def se_not_averaged(y, target):
    """1/N is missing."""
    return 2 * (y - target)


@se_backward()
def se_mean_over_all(y, target):
    """Divided by N K."""
    return 2 * (y - target) / y.size


@se_backward()
def se_summed_over_classes(y, target):
    """Summed over the entries of a sample."""
    return (2 * (y - target) / len(y)).sum(1)
