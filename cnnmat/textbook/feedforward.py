r"""The fully connected layers: z_{l+1} = W_l y_l - θ_l and the way back.

W_l is n_{l+1} x n_l (47.1221g); vectors lie on the last axis, one sample an
entry of the axes in front.
"""

from cnnmat import arguments
from cnnmat.arguments import largest, product, within_int64, within_memory
from cnnmat.textbook.vec import times

__all__ = ["dW", "dtheta", "preactivation", "pull_back"]


def preactivation(y, W, theta):
    """z = W y - θ, line 2 of the feedforward part of (47.1216).

    Examples
    --------
    >>> preactivation([1, 2], [[1, 0], [0, 1], [3, 4]], [0, 0, 1])
    array([ 1,  2, 10])
    """
    W = arguments.array("W", W, ("n_next", "n"))
    theta = arguments.array("theta", theta, (W.shape[0],))
    y = arguments.array("y", y, (..., W.shape[1]))
    within_memory("y and W", 8 * y.size // W.shape[1] * W.shape[0])
    within_int64("y, W and theta", W.shape[1] * largest(y) * largest(W) + largest(theta))
    return times(W, y) - theta


def pull_back(W, delta):
    """Wᵀ δ, the second factor of (47.1234).

    Examples
    --------
    >>> pull_back([[1, 0], [0, 1], [3, 4]], [1, 1, 10])
    array([31, 41])
    """
    W = arguments.array("W", W, ("n_next", "n"))
    delta = arguments.array("delta", delta, (..., W.shape[0]))
    within_memory("W and delta", 8 * delta.size // W.shape[0] * W.shape[1])
    within_int64("W and delta", W.shape[0] * largest(W) * largest(delta))
    return times(W.T, delta)


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
    delta = arguments.array("delta", delta, (..., "n_next"))
    with arguments.room("y and delta", y.size * delta.shape[-1] * 8):
        return product("y and delta", delta[..., :, None], y[..., None, :])


def dtheta(delta):
    """-δ, equation (47.1264).

    Examples
    --------
    >>> dtheta([1, -2])
    array([-1,  2])
    """
    delta = arguments.array("delta", delta, (..., "n_next"))
    within_int64("delta", largest(delta))
    return -delta
