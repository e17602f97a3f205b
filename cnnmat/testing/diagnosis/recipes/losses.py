"""Softmax and losses as courses write them."""

import numpy as np

__all__ = []


def softmax(x):
    """Each row of e^x over its sum, the largest entry taken off first."""
    shifted = x - x.max(1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(1, keepdims=True)


def log_softmax(x):
    """x less the logarithm of the sum of e^x."""
    top = x.max(1, keepdims=True)
    total = np.exp(x - top).sum(1, keepdims=True)
    return x - top - np.log(total)


def softmax_backward(dy, x):
    """y (dy - Σ dy y)."""
    y = softmax(x)
    return y * (dy - (dy * y).sum(1, keepdims=True))


def log_softmax_backward(dy, x):
    """dy - y Σ dy."""
    y = softmax(x)
    return dy - y * dy.sum(1, keepdims=True)


def softmax_cross_entropy(z, target, divisor):
    """-Σ t ln p, and its derivative."""
    shifted = z - z.max(1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    p = np.exp(log_p)
    risk = -(target * log_p).sum() / divisor
    return risk, (p * target.sum(1, keepdims=True) - target) / divisor


def cross_entropy_of_labels(z, target, divisor):
    """-ln p of the right class."""
    n = len(z)
    rows, label = np.arange(n), target.argmax(1)
    p = softmax(z)
    risk = np.sum(-np.log(p[rows, label])) / divisor
    dz = p * 1.0
    dz[rows, label] -= 1
    return risk, dz / divisor


def binary_cross_entropy(p, target, divisor):
    """-Σ (t ln p + (1 - t) ln (1 - p)), and its derivative."""
    risk = -(target * np.log(p) + (1 - target) * np.log(1 - p)).sum() / divisor
    return risk, (-target / p + (1 - target) / (1 - p)) / divisor


def sigmoid_cross_entropy(z, target, divisor):
    """The same of p = 1 / (1 + e^-z), written so that nothing overflows."""
    risk = (np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))).sum() / divisor
    p = 1 / (1 + np.exp(-z))
    return risk, (p - target) / divisor


def sigmoid_cross_entropy_by_logarithms(z, target, divisor):
    """The same by a logarithm of a sum of exponentials, and the sigmoid by its tanh."""
    distance = -np.abs(z)
    risk = (np.maximum(z, 0) - z * target + np.logaddexp(0, distance)).sum() / divisor
    p = 0.5 * (1 + np.tanh(z / 2))
    return risk, (p - target) / divisor


def hinge(z, target, divisor):
    """Σ max(0, z_j - z_right + 1) over the other classes, and its derivative."""
    rows, label = np.arange(len(z)), target.argmax(1)
    right = z[rows, label][:, None]
    margins = np.maximum(0, z - right + 1)
    margins[rows, label] = 0
    within = (margins > 0) * 1.0
    within[rows, label] = -within.sum(1)
    return margins.sum() / divisor, within / divisor


def binary_hinge(y, target, divisor):
    """Σ max(0, 1 - t y), and its derivative."""
    margins = np.maximum(0, 1 - target * y)
    return margins.sum() / divisor, -target * (margins > 0) / divisor


def squared_error(y, target, divisor):
    """Σ (y - t)², and its derivative."""
    error = y - target
    return (error**2).sum() / divisor, 2 * error / divisor
