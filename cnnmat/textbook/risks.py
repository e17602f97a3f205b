r"""Risks of one sample, and what they send back: δ_L = ∂risk/∂z_L.

A risk closes the network: it turns the last pre-activation z_L into the output
y_L, compares that with the target γ, and yields δ_L.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from cnnmat import arguments
from cnnmat.arguments import largest, within_int64
from cnnmat.textbook.activations import Activation
from cnnmat.textbook.pooling import scale_for
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
    W = arguments.array("W", W)
    within_int64("W", W.size * largest(W) ** 2)
    total = (W**2).sum()
    return total.item() if isinstance(total, np.integer) else total


def softmax(z: ArrayLike) -> Array:
    """exp(z_i) / Σ_j exp(z_j) on the last axis; the maximum is taken off first.

    Examples
    --------
    >>> softmax(np.array([1000., 1000.]))
    array([0.5, 0.5])
    """
    return normalize(_powers(arguments.floats("z", z, (..., "Q")))[1])


def _powers(z):
    """z less its maximum, and e to that, the largest being 1."""
    with np.errstate(over="ignore"):
        shifted = z - z.max(axis=-1, keepdims=True)
    return shifted, np.exp(shifted)


def normalize(y):
    """y_i / Σ_j y_j on the last axis; softmax is this of the exponentials.

    Examples
    --------
    >>> normalize([2, 6])
    array([0.25, 0.75])
    """
    y = arguments.array("y", y, (..., "Q"))
    within_int64("y", y.shape[-1] * largest(y))
    if y.dtype.kind == "f":
        # the sum stays in range, and a power of two is divided by without rounding
        y = y / scale_for(abs(y).max(axis=-1, keepdims=True), 1)
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
    s = arguments.array("s", s, (..., "Q"))
    within_int64("s", largest(s) + largest(s) ** 2)
    with arguments.room("s", 3 * s.nbytes * s.shape[-1]):
        return s[..., None] * np.eye(s.shape[-1], dtype=np.int8) - s[..., None] * s[..., None, :]


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
    with arguments.room("labels and classes", 8 * labels.size * classes):
        return (labels[..., None] == np.arange(classes)).astype(int)


_LOGARITHMS = {2: np.log2, 10: np.log10, math.e: np.log}


def _logarithms(base, log):
    """log and p -> log(1 - p), which keeps a small p."""
    if log is not None:
        return arguments.function("log", log), lambda p: log(1 - p)
    base = arguments.floating("base", base, positive=True)
    if base == 1:
        raise ValueError("base must not be 1, got 1")
    return (_LOGARITHMS.get(base, lambda p: np.log(p) / math.log(base)),
            lambda p: np.log1p(-p) / math.log(base))


def _weighted_log(t, p, log):
    """t ⊙ log p, 0 where t is 0 whatever p is."""
    counted = t != 0
    with np.errstate(divide="ignore"):
        terms = t[counted] * log(p[counted])
    result = np.zeros(t.shape, terms.dtype)
    result[counted] = terms
    return result


def _probabilities(t, p, trailing, log):
    """t and p; floats, unless a `log` of exact entries goes with them."""
    check = arguments.floats if log is None else arguments.array
    p = check("p", p, (..., *trailing))
    if not is_exact(p) and (p.min() < 0 or p.max() > 1):
        raise ValueError(f"p must lie between 0 and 1, got {p.min()} to {p.max()}")
    return check("t", t, p.shape), p


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
    t, p = _probabilities(t, p, ("n",), log)
    # 0 is added for the sign of -0.0
    return 0 - _weighted_log(t, p, _logarithms(base, log)[0]).sum(axis=-1)


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
    t, p = _probabilities(t, p, ("N",), log)
    log_p, log_rest = _logarithms(base, log)
    both = _weighted_log(t, p, log_p) + _weighted_log(1 - t, p, log_rest)
    return 0 - both.sum(axis=-1) / t.shape[-1]


def _over(a, scale, count):
    """`a` over the denominator that `scale` names."""
    below = arguments.choice("scale", scale, {"sum": 1, "half": 2, "mean": count})
    # dividing exact whole numbers would make floats of them
    return a * Fraction(1, below) if is_exact(np.asarray(a)) else a / below


def squared_error(t, y, *, scale="sum"):
    """Σ (t_p - y_p)² on the last axis; "half" of it, or the "mean" over the P entries.

    Examples
    --------
    >>> [squared_error([0, 0, 3], [1, 2, 2], scale=s).item() for s in ("sum", "half", "mean")]
    [6.0, 3.0, 2.0]
    """
    y = arguments.array("y", y, (..., "P"))
    t = arguments.array("t", t, y.shape)
    within_int64("t and y", y.shape[-1] * (largest(t) + largest(y)) ** 2)
    return _over(((t - y) ** 2).sum(axis=-1), scale, y.shape[-1])


def squared_error_gradient(t, y, *, scale="sum"):
    """2 (y - t), or y - t for "half", or 2 (y - t) / P for "mean": `squared_error` by y.

    Examples
    --------
    >>> squared_error_gradient([0, 0, 3], [1, 2, 2], scale="half")
    array([ 1.,  2., -1.])
    """
    y = arguments.array("y", y, (..., "P"))
    t = arguments.array("t", t, y.shape)
    within_int64("t and y", largest(t) + largest(y))
    return _over(y - t, scale, y.shape[-1]) * 2


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

    def output(self, z: ArrayLike, f: Activation) -> Array:
        return arguments.function("f", f)(arguments.array("z", z, (..., "Q")))

    def __call__(self, gamma: ArrayLike, z: ArrayLike, f: Activation) -> Array:
        y = self.output(z, f)
        gamma = arguments.array("gamma", gamma, y.shape)
        within_int64("gamma and z", y.shape[-1] * (largest(gamma) + largest(y)) ** 2)
        return ((gamma - y) ** 2).sum(axis=-1)

    def delta(self, gamma: ArrayLike, z: ArrayLike, f: Activation) -> Array:
        slope = arguments.function("f", f, "derivative").derivative(arguments.array("z", z))
        y = self.output(z, f)
        gamma = arguments.array("gamma", gamma, y.shape)
        within_int64("gamma and z", 2 * (largest(gamma) + largest(y)) * max(largest(slope), 1))
        return 2 * (y - gamma) * slope


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

    def output(self, z: ArrayLike, f: Activation) -> Array:
        if arguments.function("f", f, "name").name != "identity":
            raise ValueError("activation of the last layer must be 'identity' with "
                             f"cross-entropy, which applies softmax itself, got {f.name!r}")
        return softmax(z)

    def __call__(self, gamma: ArrayLike, z: ArrayLike, f: Activation) -> Array:
        gamma = arguments.floats("gamma", gamma, self.output(z, f).shape)
        shifted, powers = _powers(arguments.floats("z", z))
        # of ln Σ e^z the largest term, which is ln 1, by itself: the others may be small
        np.put_along_axis(powers, shifted.argmax(axis=-1, keepdims=True), 0, axis=-1)
        log_y = shifted - np.log1p(powers.sum(axis=-1, keepdims=True))
        return -(gamma * np.where(gamma == 0, 0, log_y)).sum(axis=-1)

    def delta(self, gamma: ArrayLike, z: ArrayLike, f: Activation) -> Array:
        y = self.output(z, f)
        gamma = arguments.floats("gamma", gamma, y.shape)
        return y * gamma.sum(axis=-1, keepdims=True) - gamma


Risk: TypeAlias = SquaredError | CrossEntropy

#: The risks known by name.
RISKS: dict[str, Risk] = {one.name: one for one in (SquaredError(), CrossEntropy())}


def risk(which: str | Risk) -> Risk:
    """The risk that `which` names, or `which` itself if it is one."""
    if isinstance(which, (SquaredError, CrossEntropy)):
        return which
    return arguments.choice("risk", which, RISKS)
