"""Softmax alone, binary cross-entropies and hinges that are wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import sigmoid, softmax
from tests.testing.bank.register import wrong_pair


def rows(function):
    return function.sum(1, keepdims=True)


def softmax_back(dy, x):
    y = softmax(x)
    return y * (dy - rows(dy * y))


def log_softmax(x):
    z = x - x.max(1, keepdims=True)
    return z - np.log(rows(np.exp(z)))


def log_softmax_back(dy, x):
    return dy - softmax(x) * rows(dy)


soft_forward = partial(wrong_pair, "softmax", backward=softmax_back)
soft_back = partial(wrong_pair, "softmax", forward=softmax)
log_forward = partial(wrong_pair, "softmax", backward=log_softmax_back, softmax="log_softmax")
log_back = partial(wrong_pair, "softmax", forward=log_softmax, softmax="log_softmax")


@soft_forward()
def sm_one_maximum(x):
    """x.max() of the whole batch."""
    with np.errstate(all="ignore"):
        p = np.exp(x - x.max())
        return p / rows(p)


@soft_forward()
def sm_naive(x):
    """No maximum."""
    with np.errstate(all="ignore"):
        p = np.exp(x)
        return p / rows(p)


@soft_forward()
def sm_axis_0(x):
    """Along the batch."""
    p = np.exp(x - x.max(0))
    return p / p.sum(0)


@soft_forward()
def sm_whole_sum(x):
    """np.sum without an axis."""
    p = np.exp(x - x.max())
    return p / p.sum()


@soft_forward()
def sm_epsilon(x):
    """1e-8 in the denominator."""
    p = np.exp(x - x.max(1, keepdims=True))
    return p / (rows(p) + 1e-8)


@soft_forward()
def sm_twice(x):
    """Of its own output."""
    return softmax(softmax(x))


@soft_forward()
def sm_minimum(x):
    """min in place of max."""
    with np.errstate(all="ignore"):
        p = np.exp(x - x.min(1, keepdims=True))
        return p / rows(p)


@soft_forward()
def sm_divided_by_largest(x):
    """The largest becomes 1."""
    p = np.exp(x - x.max(1, keepdims=True))
    return p / p.max(1, keepdims=True)


@soft_back()
def sm_diagonal(dy, x):
    """As if it were a sigmoid."""
    y = softmax(x)
    return dy * y * (1 - y)


@soft_back()
def sm_no_sum(dy, x):
    """y dy."""
    return softmax(x) * dy


@soft_back()
def sm_unweighted_sum(dy, x):
    """Σ dy in place of Σ dy y."""
    return softmax(x) * (dy - rows(dy))


@soft_back()
def sm_forgot_y(dy, x):
    """The y in front is missing."""
    return dy - rows(dy * softmax(x))


@soft_back()
def sm_cross_entropy(dy, x):
    """p - t."""
    return softmax(x) - dy


@soft_back()
def sm_sign(dy, x):
    """The other way round."""
    return -softmax_back(dy, x)


@soft_back()
def sm_ones(dy, x):
    """dy is not used."""
    return softmax_back(np.ones_like(dy), x)


@soft_back()
def sm_given_y(dy, x):
    """x is taken to be the output already."""
    return x * (dy - rows(dy * x))


@soft_back()
def sm_divided_by_batch(dy, x):
    """A 1/N that belongs to the loss."""
    return softmax_back(dy, x) / len(x)


@log_forward()
def ls_log_of_softmax(x):
    """np.log(softmax(x))."""
    with np.errstate(all="ignore"):
        return np.log(softmax(x))


@log_forward()
def ls_log_of_softmax_epsilon(x):
    """np.log(softmax(x) + 1e-12)."""
    return np.log(softmax(x) + 1e-12)


@log_forward()
def ls_naive(x):
    """x - log sum exp, naively."""
    with np.errstate(all="ignore"):
        return x - np.log(rows(np.exp(x)))


@log_forward()
def ls_maximum_lost(x):
    """The maximum is not added back."""
    return x - np.log(rows(np.exp(x - x.max(1, keepdims=True))))


@log_forward()
def ls_softmax(x):
    """No logarithm."""
    return softmax(x)


@log_forward()
def ls_axis_0(x):
    """Along the batch."""
    return log_softmax(x.T).T


@log_back()
def ls_sum_forgotten(dy, x):
    """dy - p."""
    return dy - softmax(x)


@log_back()
def ls_logarithm(dy, x):
    """The output in place of its exponential."""
    return dy - log_softmax(x) * rows(dy)


@log_back()
def ls_diagonal(dy, x):
    """dy (1 - p)."""
    return dy * (1 - softmax(x))


@log_back()
def ls_of_softmax(dy, x):
    """The gradient of the softmax."""
    return softmax_back(dy, x)


# --- binary cross-entropy ---------------------------------------------------------------


def bce(p, t):
    return -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum() / len(p)


def bce_back(p, t):
    return (p - t) / (p * (1 - p)) / len(p)


bce_forward = partial(wrong_pair, "risk", backward=bce_back, risk="binary_cross_entropy")
bce_backward = partial(wrong_pair, "risk", forward=bce, risk="binary_cross_entropy")


@bce_forward()
def bce_one_term(p, t):
    """-t log p only."""
    return -(t * np.log(p)).sum() / len(p)


@bce_forward()
def bce_epsilon(p, t):
    """1e-7 in both."""
    return -(t * np.log(p + 1e-7) + (1 - t) * np.log(1 - p + 1e-7)).sum() / len(p)


@bce_forward()
def bce_sign(p, t):
    """No minus."""
    return -bce(p, t)


@bce_forward()
def bce_summed(p, t):
    """Not averaged."""
    return bce(p, t) * len(p)


@bce_forward()
def bce_mean_of_all(p, t):
    """np.mean."""
    return bce(p, t) / p.shape[1]


@bce_forward()
def bce_exchanged(p, t):
    """The terms are the wrong way round."""
    return bce(1 - p, t)


@bce_forward()
def bce_log2(p, t):
    """Bits."""
    return bce(p, t) / np.log(2)


@bce_backward()
def bce_by_logit(p, t):
    """p - t."""
    return (p - t) / len(p)


@bce_backward()
def bce_positive_only(p, t):
    """-t / p."""
    return -t / p / len(p)


@bce_backward()
def bce_half_divisor(p, t):
    """(p - t) / p."""
    return (p - t) / p / len(p)


@bce_backward()
def bce_back_sign(p, t):
    """t - p."""
    return -bce_back(p, t)


@bce_backward()
def bce_back_epsilon(p, t):
    """1e-8 in the divisor."""
    return (p - t) / (p * (1 - p) + 1e-8) / len(p)


def logistic(z, t):
    return (np.logaddexp(0, z) - t * z).sum() / len(z)


def logistic_back(z, t):
    return (sigmoid(z) - t) / len(z)


@wrong_pair("risk", backward=logistic_back, risk="sigmoid_cross_entropy")
def bcl_naive(z, t):
    """log of the sigmoid."""
    with np.errstate(all="ignore"):
        p = sigmoid(z)
        return -np.where(t > 0, np.log(p), np.log(1 - p)).sum() / len(z)


@wrong_pair("risk", backward=logistic_back, risk="sigmoid_cross_entropy")
def bcl_epsilon(z, t):
    """1e-8 in the logarithms."""
    p = sigmoid(z)
    return -(t * np.log(p + 1e-8) + (1 - t) * np.log(1 - p + 1e-8)).sum() / len(z)


@wrong_pair("risk", forward=logistic, risk="sigmoid_cross_entropy")
def bcl_no_sigmoid(z, t):
    """z - t."""
    return (z - t) / len(z)


@wrong_pair("risk", forward=logistic, risk="sigmoid_cross_entropy")
def bcl_by_probability(z, t):
    """The chain stops before the sigmoid."""
    with np.errstate(all="ignore"):
        p = sigmoid(z)
        return (p - t) / (p * (1 - p)) / len(z)


@wrong_pair("risk", forward=logistic, risk="sigmoid_cross_entropy")
def bcl_of_squared_error(z, t):
    """(p - t) p (1 - p)."""
    p = sigmoid(z)
    return (p - t) * p * (1 - p) / len(z)


# --- hinges --------------------------------------------------------------------------------


def margins(y, t, margin=1.0):
    m = np.maximum(0, y - rows(y * t) + margin)
    return np.where(t > 0, 0, m)


def hinge(y, t):
    return margins(y, t).sum() / len(y)


def hinge_back(y, t):
    inside = (margins(y, t) > 0) * 1.0
    return (inside - t * rows(inside)) / len(y)


hinge_forward = partial(wrong_pair, "risk", backward=hinge_back, risk="hinge")
hinge_backward = partial(wrong_pair, "risk", forward=hinge, risk="hinge")


@hinge_forward()
def hinge_own_class(y, t):
    """The right class is not left out."""
    return np.maximum(0, y - rows(y * t) + 1).sum() / len(y)


@hinge_forward()
def hinge_no_margin(y, t):
    """Without the 1."""
    return margins(y, t, 0).sum() / len(y)


@hinge_forward()
def hinge_squared(y, t):
    """L2."""
    return (margins(y, t) ** 2).sum() / len(y)


@hinge_forward()
def hinge_worst(y, t):
    """The largest only."""
    return margins(y, t).max(1).sum() / len(y)


@hinge_forward()
def hinge_summed(y, t):
    """Not averaged."""
    return hinge(y, t) * len(y)


@hinge_forward()
def hinge_no_cut(y, t):
    """No max."""
    return np.where(t > 0, 0, y - rows(y * t) + 1).sum() / len(y)


@hinge_backward()
def hinge_right_class_nothing(y, t):
    """The right class gets nothing."""
    return (margins(y, t) > 0) / len(y)


@hinge_backward()
def hinge_right_class_once(y, t):
    """The right class gets -1."""
    return ((margins(y, t) > 0) - t) / len(y)


@hinge_backward()
def hinge_back_no_margin(y, t):
    """y_j > y_label is asked."""
    inside = (margins(y, t, 0) > 0) * 1.0
    return (inside - t * rows(inside)) / len(y)


@hinge_backward()
def hinge_all_classes(y, t):
    """No question asked."""
    return ((1 - t) - t * (y.shape[1] - 1)) / len(y)


@hinge_backward()
def hinge_back_squared(y, t):
    """The gradient of the L2 hinge."""
    m = 2 * margins(y, t)
    return (m - t * rows(m)) / len(y)


@hinge_backward()
def hinge_back_summed(y, t):
    """No 1/N."""
    return hinge_back(y, t) * len(y)


def pegasos(y, t):
    return np.maximum(0, 1 - t * y).sum() / len(y)


def pegasos_back(y, t):
    return np.where(t * y < 1, -t, 0) / len(y)


@wrong_pair("risk", backward=pegasos_back, risk="binary_hinge")
def bh_no_margin(y, t):
    """The perceptron's loss."""
    return np.maximum(0, -t * y).sum() / len(y)


@wrong_pair("risk", forward=pegasos, risk="binary_hinge")
def bh_everywhere(y, t):
    """-t throughout."""
    return -t / len(y)


@wrong_pair("risk", forward=pegasos, risk="binary_hinge")
def bh_without_margin(y, t):
    """t y < 0 is asked."""
    return np.where(t * y < 0, -t, 0) / len(y)


@wrong_pair("risk", forward=pegasos, risk="binary_hinge")
def bh_target_forgotten(y, t):
    """-1."""
    return np.where(t * y < 1, -1.0, 0) / len(y)
