r"""The fully connected layers: z_{l+1} = W_l y_l - θ_l and the way back.

W_l is n_{l+1} x n_l (47.1221g); vectors lie on the last axis, one sample an
entry of the axes in front.
"""

from cnnmat import arguments
from cnnmat.textbook.vec import apply

__all__ = ["dW", "dtheta", "preactivation", "pull_back"]


def preactivation(y, W, theta):
    """z = W y - θ, line 2 of the feedforward part of (47.1216).

    Examples
    --------
    >>> preactivation([1, 2], [[1, 0], [0, 1], [3, 4]], [0, 0, 1])
    array([ 1,  2, 10])
    """
    W = arguments.factor("W", W, ("n_next", "n"))
    theta = arguments.factor("theta", theta, (W.shape[0],))
    return apply(W, arguments.array("y", y, (..., W.shape[1]))) - theta


def pull_back(W, delta):
    """Wᵀ δ, the second factor of (47.1234).

    Examples
    --------
    >>> pull_back([[1, 0], [0, 1], [3, 4]], [1, 1, 10])
    array([31, 41])
    """
    W = arguments.factor("W", W, ("n_next", "n"))
    return apply(W.T, arguments.array("delta", delta, (..., W.shape[0])))


def dW(y, delta):
    """δ yᵀ, equation (47.1263): shape (..., n_{l+1}, n_l).

    Examples
    --------
    >>> dW([1, 2], [10, 20, 30])
    array([[10, 20],
           [20, 40],
           [30, 60]])
    """
    y = arguments.array("y", y, (..., "n"))
    delta = arguments.factor("delta", delta, (..., "n_next"))
    return delta[..., :, None] * y[..., None, :]


def dtheta(delta):
    """-δ, equation (47.1264).

    Examples
    --------
    >>> dtheta([1, -2])
    array([-1,  2])
    """
    return -arguments.factor("delta", delta, (..., "n_next"))
