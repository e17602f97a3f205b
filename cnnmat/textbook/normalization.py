r"""Layers across maps: gain, subtractive and brightness normalisation, and the way back.

Maps lie on the third axis from the end, shape (..., D, H, W); leading axes are samples.

============ ========================================== =====================================
layer        forward                                    backward
============ ========================================== =====================================
gain         g_i f(Y_i)                                 g_i f'(Y_i) ⊙ δ_i, dg_i = <f(Y_i), δ_i>
subtractive  Y_i - K * Σ_j Y_j                          δ_j - K ⋆ Σ_i δ_i
brightness   Y_i / D^μ, D = κ + λ Σ_j Y_j ⊙ Y_j         δ_j / D^μ - 2λμ Y_j (Σ_i Y_i δ_i) / D^(μ+1)
============ ========================================== =====================================

K * is the convolution and K ⋆ the correlation, both with zeros around the map.
"""

import numpy as np

from cnnmat import arguments
from cnnmat.textbook.images import correlate_image
from cnnmat.textbook.vec import flip

__all__ = ["brightness", "brightness_back", "gain", "gain_back", "subtractive",
           "subtractive_back"]


def _maps(name, Y, shape=("D", "H", "W")):
    return arguments.array(name, Y, (..., *shape))


def gain(Y, g, f):
    """g_i f(Y_i).

    Parameters
    ----------
    Y : array_like, shape (..., D, H, W)
    g : array_like, shape (D,)
    f : Activation

    Examples
    --------
    >>> from cnnmat import activation
    >>> gain([[[1, -2]], [[3, 4]]], [10, -1], activation("relu"))
    array([[[10,  0]],
    <BLANKLINE>
           [[-3, -4]]])
    """
    Y = _maps("Y", Y)
    return arguments.array("g", g, (Y.shape[-3],))[:, None, None] * f(Y)


def gain_back(Y, delta, g, f):
    """(dY, dg): what `gain` sends back to its maps and to its gains.

    Examples
    --------
    >>> from cnnmat import activation
    >>> dY, dg = gain_back([[[1, -2]]], [[[5, 7]]], [10], activation("relu"))
    >>> dY.tolist(), dg.tolist()
    ([[[50, 0]]], [5])
    """
    Y = _maps("Y", Y)
    delta = _maps("delta", delta, Y.shape[-3:])
    g = arguments.array("g", g, (Y.shape[-3],))
    return g[:, None, None] * f.derivative(Y) * delta, (f(Y) * delta).sum(axis=(-2, -1))


def _subtract(Y, K, sum_of_maps):
    total = sum_of_maps.reshape(-1, *sum_of_maps.shape[-2:])
    surround = np.stack([correlate_image(one, K) for one in total])
    return Y - surround.reshape(sum_of_maps.shape)[..., None, :, :]


def _odd(K):
    K = arguments.array("K", K, ("2h_1+1", "2h_2+1"))
    if K.shape[0] % 2 == 0 or K.shape[1] % 2 == 0:
        raise ValueError(f"K must have odd sides, got shape {K.shape}")
    return K


def subtractive(Y, K):
    """Y_i - K * Σ_j Y_j.

    Parameters
    ----------
    Y : array_like, shape (..., D, H, W)
    K : array_like, shape (2 h_1 + 1, 2 h_2 + 1)
        ``gaussian(h, sigma) / D`` takes away the mean of the surround.

    Examples
    --------
    >>> subtractive([[[1, 2, 4]]], [[1, 0, 0]])
    array([[[-1, -2,  4]]])
    """
    Y = _maps("Y", Y)
    return _subtract(Y, flip(_odd(K)), Y.sum(axis=-3))


def subtractive_back(delta, K):
    """δ_j - K ⋆ Σ_i δ_i, what `subtractive` sends back.

    Examples
    --------
    >>> subtractive_back([[[1, 2, 4]]], [[1, 0, 0]])
    array([[[1, 1, 2]]])
    """
    delta = _maps("delta", delta)
    return _subtract(delta, _odd(K), delta.sum(axis=-3))


def _bracket(Y, kappa, lam, mu, power):
    D = (Y * Y).sum(axis=-3) * arguments.real("lam", lam) + arguments.real("kappa", kappa)
    if D.dtype != object and not (D > 0).all():
        raise ValueError("kappa and lam must keep kappa + lam * sum of squares positive, "
                         f"got {kappa} and {lam}")
    return D[..., None, :, :], (power(D) if power else D**mu)[..., None, :, :]


def brightness(Y, kappa, lam, mu, *, power=None):
    """Y_i / (κ + λ Σ_j Y_j²)^μ, entry by entry.

    Parameters
    ----------
    Y : array_like, shape (..., D, H, W)
    kappa, lam, mu : number
    power : callable, optional
        The function D -> D^μ; a proof puts one in of which only the values are known.

    Examples
    --------
    >>> brightness([[[3., 0.]], [[4., 2.]]], kappa=0, lam=1, mu=0.5)
    array([[[0.6, 0. ]],
    <BLANKLINE>
           [[0.8, 1. ]]])
    """
    Y = _maps("Y", Y)
    return Y / _bracket(Y, kappa, lam, mu, power)[1]


def brightness_back(Y, delta, kappa, lam, mu, *, power=None):
    """What `brightness` sends back, for the same arguments.

    Examples
    --------
    >>> brightness_back([[[1.]], [[2.]]], [[[1.]], [[0.]]], kappa=3, lam=1, mu=1).tolist()
    [[[0.09375]], [[-0.0625]]]
    """
    Y = _maps("Y", Y)
    delta = _maps("delta", delta, Y.shape[-3:])
    D, D_mu = _bracket(Y, kappa, lam, mu, power)
    together = (Y * delta).sum(axis=-3)[..., None, :, :]
    return delta / D_mu - Y * together * (2 * lam * mu) / (D_mu * D)
