r"""Risks of one sample, and what they send back: δ_L = ∂risk/∂z_L.

A risk closes the network: it turns the last pre-activation z_L into the output
y_L, compares that with the target γ, and yields δ_L.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cnnmat import arguments
from cnnmat.textbook.activations import Activation
from cnnmat.textbook.vec import is_exact
from cnnmat.typing import Array, ArrayLike

__all__ = [
    "RISKS", "CrossEntropy", "SquaredError", "binary_cross_entropy", "categorical_cross_entropy",
    "entropy", "normalize", "one_hot", "risk", "softmax", "softmax_jacobian", "squared_error",
    "squared_error_gradient", "squared_norm",
]


def squared_norm(W):
    """‖W‖², the sum of the squares of all entries (Frobenius).

    Examples
    --------
    >>> squared_norm(np.array([[1, 2], [3, 4]]))
    30
    """
    total = (arguments.factor("W", W) ** 2).sum()
    return total.item() if isinstance(total, np.integer) else total


def softmax(z: ArrayLike) -> Array:
    """exp(z_i) / Σ_j exp(z_j) on the last axis; the maximum is taken off first.

    Taking a constant off all z changes nothing in exact arithmetic and keeps
    ``exp`` from overflowing.

    Examples
    --------
    >>> softmax(np.array([1000., 1000.]))
    array([0.5, 0.5])
    """
    z = arguments.array("z", z, (..., "Q"))
    return normalize(np.exp(z - z.max(axis=-1, keepdims=True)))


def normalize(y):
    """y_i / Σ_j y_j on the last axis; softmax is this of the exponentials.

    Examples
    --------
    >>> normalize([2, 6])
    array([0.25, 0.75])
    """
    y = arguments.factor("y", y, (..., "Q"))
    total = y.sum(axis=-1, keepdims=True)
    if (total == 0).any():
        raise ValueError("y must not sum to 0 on its last axis")
    return y / total


def softmax_jacobian(s):
    """∂s_i/∂z_j = s_i (δ_ij - s_j), the matrix diag(s) - s sᵀ, from the output s = softmax(z).

    Parameters
    ----------
    s : array_like, shape (..., Q)

    Returns
    -------
    ndarray, shape (..., Q, Q)

    Examples
    --------
    >>> softmax_jacobian([0.5, 0.5])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    s = arguments.factor("s", s, (..., "Q"))
    return s[..., None] * np.eye(s.shape[-1], dtype=np.int8) - s[..., :, None] * s[..., None, :]


def one_hot(labels, classes):
    """Row k of the identity for every label k, counted from 0.

    Parameters
    ----------
    labels : int or array_like of int
    classes : int

    Returns
    -------
    ndarray of int, shape (..., classes)

    Examples
    --------
    >>> one_hot([2, 0], classes=3)
    array([[0, 0, 1],
           [1, 0, 0]])
    """
    labels = arguments.array("labels", labels)
    classes = arguments.integer("classes", classes, 1)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"labels must hold integers, got dtype {labels.dtype}")
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be from 0 to {classes - 1}, "
                         f"got {labels.min()} to {labels.max()}")
    return np.eye(classes, dtype=int)[labels]


_LOGARITHMS = {2: np.log2, 10: np.log10, math.e: np.log}


def _weighted_log(t, p, base, log):
    """t ⊙ log p, 0 where t is 0 whatever p is."""
    if log is None:
        base = arguments.real("base", base, positive=True)
        if base == 1:
            raise ValueError("base must not be 1, got 1")
        log = _LOGARITHMS.get(base, lambda x: np.log(x) / math.log(base))
    if not is_exact(p) and (p.min() < 0 or p.max() > 1):
        raise ValueError(f"p must lie between 0 and 1, got {p.min()} to {p.max()}")
    t, p = np.broadcast_arrays(t, p)
    counted = t != 0
    with np.errstate(divide="ignore"):
        terms = t[counted] * log(p[counted])
    result = np.zeros(t.shape, dtype=terms.dtype)
    result[counted] = terms
    return result


def _probabilities(t, p, trailing):
    p = arguments.array("p", p, (..., *trailing))
    return arguments.array("t", t, p.shape), p


def categorical_cross_entropy(t, p, *, base=math.e, log=None):
    r"""-Σ_i t_i log p_i on the last axis, with 0 log 0 = 0.

    Parameters
    ----------
    t, p : array_like, shape (..., n)
        The wanted and the given probabilities of n classes.
    base : number, optional
        Of the logarithm: 2 counts bits, e (default) is what the gradient
        p - t of `CrossEntropy` belongs to.
    log : callable, optional
        In place of the logarithm; a proof puts one in of which only the values are known.

    Returns
    -------
    ndarray, shape (...)
        Infinite where a class that is wanted is given probability 0.

    Examples
    --------
    >>> categorical_cross_entropy([1, 0, 0], [0.25, 0.5, 0.25], base=2).item()
    2.0
    """
    t, p = _probabilities(t, p, ("n",))
    # 0 is added for the sign of -0.0
    return 0 - _weighted_log(t, p, base, log).sum(axis=-1)


def entropy(p, *, base=math.e, log=None):
    r"""-Σ_i p_i log p_i on the last axis, with 0 log 0 = 0.

    Parameters
    ----------
    p : array_like, shape (..., n)
    base, log
        As for `categorical_cross_entropy`.

    Examples
    --------
    A fair coin, a biased one, and one that always falls on the same side:

    >>> entropy([[0.5, 0.5], [0.25, 0.75], [1, 0]], base=2).round(4)
    array([1.    , 0.8113, 0.    ])
    """
    return categorical_cross_entropy(p, p, base=base, log=log)


def binary_cross_entropy(t, p, *, base=math.e, log=None):
    r"""-(1/N) Σ_j (t_j log p_j + (1 - t_j) log(1 - p_j)), p_j the probability of class 1.

    Parameters
    ----------
    t, p : array_like, shape (..., N)
    base, log
        As for `categorical_cross_entropy`.

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> binary_cross_entropy([1, 0], [0.25, 0.5], base=2).item()
    1.5
    """
    t, p = _probabilities(t, p, ("N",))
    both = _weighted_log(t, p, base, log) + _weighted_log(1 - t, 1 - p, base, log)
    return 0 - both.sum(axis=-1) / t.shape[-1]


def _scale(scale, count):
    """The denominator that `scale` names."""
    return arguments.choice("scale", scale, {"sum": 1, "half": 2, "mean": count})


def squared_error(t, y, *, scale="sum"):
    """Σ (t_p - y_p)² on the last axis; "half" of it, or the "mean" over the P entries.

    Examples
    --------
    >>> [squared_error([0, 0, 3], [1, 2, 2], scale=s).item() for s in ("sum", "half", "mean")]
    [6.0, 3.0, 2.0]
    """
    y = arguments.factor("y", y, (..., "P"))
    t = arguments.factor("t", t, y.shape)
    return ((t - y) ** 2).sum(axis=-1) / _scale(scale, y.shape[-1])


def squared_error_gradient(t, y, *, scale="sum"):
    """2 (y - t), or y - t for "half", or 2 (y - t) / P for "mean": `squared_error` by y.

    Examples
    --------
    >>> squared_error_gradient([0, 0, 3], [1, 2, 2], scale="half")
    array([ 1.,  2., -1.])
    """
    y = arguments.factor("y", y, (..., "P"))
    t = arguments.factor("t", t, y.shape)
    return 2 * (y - t) / _scale(scale, y.shape[-1])


@dataclass(frozen=True)
class SquaredError:
    """‖γ - y‖² with y = f(z), the risk of (47.1229); δ_L = 2 (y - γ) ⊙ f'(z) (47.1233).

    Examples
    --------
    >>> from cnnmat.textbook.activations import activation
    >>> z, gamma, f = np.array([1., -2.]), np.array([0., 1.]), activation("relu")
    >>> error = SquaredError()
    >>> float(error(gamma, z, f)), error.delta(gamma, z, f)
    (2.0, array([ 2., -0.]))
    """

    name = "squared_error"

    def output(self, z: Array, f: Activation) -> Array:
        return f(z)

    def __call__(self, gamma: Array, z: Array, f: Activation) -> Array:
        return ((gamma - self.output(z, f)) ** 2).sum(axis=-1)

    def delta(self, gamma: Array, z: Array, f: Activation) -> Array:
        return 2 * (self.output(z, f) - gamma) * f.derivative(z)


@dataclass(frozen=True)
class CrossEntropy:
    """-Σ γ_i ln y_i with y = softmax(z); δ_L = y Σγ_i - γ, which is y - γ for Σγ_i = 1.

    The last activation must be the identity: softmax stands in its place.

    Examples
    --------
    >>> from cnnmat.textbook.activations import activation
    >>> z, gamma, f = np.array([0., np.log(3)]), np.array([0., 1.]), activation("identity")
    >>> float(CrossEntropy()(gamma, z, f).round(4)), CrossEntropy().delta(gamma, z, f)
    (0.2877, array([ 0.25, -0.25]))
    """

    name = "cross_entropy"

    def output(self, z: Array, f: Activation) -> Array:
        if f.name != "identity":
            raise ValueError("activation of the last layer must be 'identity' with "
                             f"cross-entropy, which applies softmax itself, got {f.name!r}")
        return softmax(z)

    def __call__(self, gamma: Array, z: Array, f: Activation) -> Array:
        self.output(z, f)
        shifted = z - z.max(axis=-1, keepdims=True)
        log_y = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return -(gamma * log_y).sum(axis=-1)

    def delta(self, gamma: Array, z: Array, f: Activation) -> Array:
        return self.output(z, f) * gamma.sum(axis=-1, keepdims=True) - gamma


Risk: TypeAlias = SquaredError | CrossEntropy

#: The risks known by name.
RISKS: dict[str, Risk] = {one.name: one for one in (SquaredError(), CrossEntropy())}


def risk(which: str | Risk) -> Risk:
    """The risk that `which` names, or `which` itself if it is one."""
    if isinstance(which, (SquaredError, CrossEntropy)):
        return which
    return arguments.choice("risk", which, RISKS)
