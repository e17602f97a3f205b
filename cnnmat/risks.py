r"""Risks of one sample, and what they send back: δ_L = ∂risk/∂z_L.

A risk closes the network: it turns the last pre-activation z_L into the output
y_L, compares that with the target γ, and yields δ_L.
"""

from dataclasses import dataclass

import numpy as np

from cnnmat import arguments

__all__ = ["RISKS", "CrossEntropy", "SquaredError", "risk", "softmax", "squared_norm"]


def squared_norm(W):
    """‖W‖², the sum of the squares of all entries (Frobenius).

    Examples
    --------
    >>> squared_norm(np.array([[1, 2], [3, 4]]))
    30
    """
    total = (np.asarray(W) ** 2).sum()
    return total.item() if isinstance(total, np.integer) else total


def softmax(z):
    """exp(z_i) / Σ_j exp(z_j) on the last axis; the maximum is taken off first.

    Taking a constant off all z changes nothing in exact arithmetic and keeps
    ``exp`` from overflowing.

    Examples
    --------
    >>> softmax(np.array([1000., 1000.]))
    array([0.5, 0.5])
    """
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class SquaredError:
    """‖γ - y‖² with y = f(z), the risk of (47.1229); δ_L = 2 (y - γ) ⊙ f'(z) (47.1233).

    Examples
    --------
    >>> from cnnmat.activations import activation
    >>> z, gamma, f = np.array([1., -2.]), np.array([0., 1.]), activation("relu")
    >>> error = SquaredError()
    >>> float(error(gamma, z, f)), error.delta(gamma, z, f)
    (2.0, array([ 2., -0.]))
    """

    name = "squared_error"

    def output(self, z, f):
        return f(z)

    def __call__(self, gamma, z, f):
        return ((gamma - self.output(z, f)) ** 2).sum(axis=-1)

    def delta(self, gamma, z, f):
        return 2 * (self.output(z, f) - gamma) * f.derivative(z)


@dataclass(frozen=True)
class CrossEntropy:
    """-Σ γ_i ln y_i with y = softmax(z); δ_L = y Σγ_i - γ, which is y - γ for Σγ_i = 1.

    The last activation must be the identity: softmax stands in its place.

    Examples
    --------
    >>> from cnnmat.activations import activation
    >>> z, gamma, f = np.array([0., np.log(3)]), np.array([0., 1.]), activation("identity")
    >>> float(CrossEntropy()(gamma, z, f).round(4)), CrossEntropy().delta(gamma, z, f)
    (0.2877, array([ 0.25, -0.25]))
    """

    name = "cross_entropy"

    def output(self, z, f):
        if f.name != "identity":
            raise ValueError("activation of the last layer must be 'identity' with "
                             f"cross-entropy, which applies softmax itself, got {f.name!r}")
        return softmax(z)

    def __call__(self, gamma, z, f):
        self.output(z, f)
        shifted = z - z.max(axis=-1, keepdims=True)
        log_y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return -(gamma * log_y).sum(axis=-1)

    def delta(self, gamma, z, f):
        return self.output(z, f) * gamma.sum(axis=-1, keepdims=True) - gamma


#: The risks known by name.
RISKS = {one.name: one for one in (SquaredError(), CrossEntropy())}


def risk(which):
    """The risk that `which` names, or `which` itself if it is one."""
    if isinstance(which, (SquaredError, CrossEntropy)):
        return which
    return arguments.choice("risk", which, RISKS)
