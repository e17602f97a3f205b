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

from numbers import Real

import numpy as np

from cnnmat import arguments
from cnnmat.arguments import largest, product, within_int64
from cnnmat.textbook.images import correlate_image
from cnnmat.textbook.vec import flip, is_exact

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
    g, y = arguments.array("g", g, (Y.shape[-3],)), arguments.function("f", f)(Y)
    return product("Y and g", g[:, None, None], y)


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
    arguments.function("f", f, "derivative")
    g, y, slope = arguments.array("g", g, (Y.shape[-3],)), f(Y), f.derivative(Y)
    within_int64("Y, delta and g", largest(g) * largest(slope) * largest(delta))
    within_int64("Y and delta", Y.shape[-2] * Y.shape[-1] * largest(y) * largest(delta))
    return g[:, None, None] * slope * delta, (y * delta).sum(axis=(-2, -1))


def _subtract(name, Y, K):
    """Y less the correlation with K of the sum of its maps."""
    D = Y.shape[-3]
    within_int64(f"{name} and K", largest(Y) * (1 + D * K.size * largest(K)))
    within_int64(name, D * largest(Y))
    total = Y.sum(axis=-3)
    surround = np.stack([correlate_image(one, K) for one in total.reshape(-1, *Y.shape[-2:])])
    return Y - surround.reshape(total.shape)[..., None, :, :]


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
    return _subtract("Y", _maps("Y", Y), flip(_odd(K)))


def subtractive_back(delta, K):
    """δ_j - K ⋆ Σ_i δ_i, what `subtractive` sends back.

    Examples
    --------
    >>> subtractive_back([[[1, 2, 4]]], [[1, 0, 0]])
    array([[[1, 1, 2]]])
    """
    return _subtract("delta", _maps("delta", delta), _odd(K))


def _numbers(kappa, lam, mu):
    return [arguments.real(*one) for one in (("kappa", kappa), ("lam", lam), ("mu", mu))]


def _is_exact(Y, numbers, power):
    return is_exact(Y) or power or not all(isinstance(one, Real) for one in numbers)


def _require_positive(D, kappa, lam):
    if D.dtype != object and not (D > 0).all():
        raise ValueError("kappa and lam must keep kappa + lam * sum of squares positive, "
                         f"got {kappa} and {lam}")
    return D[..., None, :, :]


def _bracket(Y, kappa, lam, mu, power):
    """D and D^μ in exact entries."""
    within_int64("Y", Y.shape[-3] * largest(Y) ** 2)
    D = _require_positive((Y * Y).sum(axis=-3) * lam + kappa, kappa, lam)
    return D, arguments.function("power", power)(D) if power else D**mu


def _exponent(a):
    """The k with 2^(k-1) <= |a| < 2^k; of 0 one below that of all else."""
    return np.where(a == 0, -(2**15), np.frexp(a)[1])


def _scaled_bracket(Y, kappa, lam):
    """k, √|λ| Y / 2^k and D / 4^k in floats, with k such that no square is out of range."""
    Y = Y.astype(np.promote_types(Y.dtype, float))
    one, two = arguments.floating("kappa", kappa), arguments.floating("lam", lam)
    k = np.maximum(_exponent(one), _exponent(two) + 2 * _exponent(abs(Y).max(axis=-3))) // 2
    U = np.ldexp(Y, -k[..., None, :, :]) * np.sqrt(abs(two))
    D = np.ldexp(one, -2 * k) + np.sign(two) * (U * U).sum(axis=-3)
    return k[..., None, :, :], U, _require_positive(D, kappa, lam)


def _over_power(a, D, k, mu):
    """a / (4^k D)^μ: mantissas and exponents apart, so that nothing between is out of range."""
    if abs(mu) > 500:
        raise ValueError(f"mu must lie between -500 and 500, got {mu}")
    d, j = np.frexp(D)
    # an even exponent: for μ = 1/2 the powers of two are exact
    d, j = np.where(j % 2, d / 2, d), j + j % 2 + 2 * k
    mantissa, exponent = np.frexp(a)
    exponent = exponent - j * mu
    whole = np.floor(exponent)
    return np.ldexp(mantissa / d**mu * np.exp2(exponent - whole),
                    np.clip(whole, -(2**20), 2**20).astype(int))


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
    Y, numbers = _maps("Y", Y), _numbers(kappa, lam, mu)
    if _is_exact(Y, numbers, power):
        return Y / _bracket(Y, *numbers, power)[1]
    Y, mu = arguments.inexact("Y", Y), arguments.floating("mu", mu)
    k, _, D = _scaled_bracket(Y, kappa, lam)
    return _over_power(Y, D, k, mu).astype(Y.dtype)


def brightness_back(Y, delta, kappa, lam, mu, *, power=None):
    """What `brightness` sends back, for the same arguments.

    Examples
    --------
    >>> brightness_back([[[1.]], [[2.]]], [[[1.]], [[0.]]], kappa=3, lam=1, mu=1).tolist()
    [[[0.09375]], [[-0.0625]]]
    """
    Y, numbers = _maps("Y", Y), _numbers(kappa, lam, mu)
    delta = _maps("delta", delta, Y.shape[-3:])
    if _is_exact(Y, numbers, power) or is_exact(delta):
        D, D_mu = _bracket(Y, *numbers, power)
        within_int64("Y and delta", Y.shape[-3] * largest(Y) ** 2 * largest(delta))
        together = (Y * delta).sum(axis=-3)[..., None, :, :]
        return delta / D_mu - Y * together * (2 * lam * mu) / (D_mu * D)
    Y, delta = arguments.inexact("Y", Y), arguments.inexact("delta", delta)
    mu = arguments.floating("mu", mu)
    k, U, D = _scaled_bracket(Y, kappa, lam)
    together = (U * delta).sum(axis=-3)[..., None, :, :]
    back = delta - U * together * (2 * mu * (1 if lam > 0 else -1)) / D
    return _over_power(back, D, k, mu).astype(np.result_type(Y, delta))
