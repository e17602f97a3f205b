"""Correlation masks: Sobel, Prewitt, Gaussian and others, and the edge map.

Equations (47.1135) and (47.1140) to (47.1142).  Masks of whole numbers are
integer arrays, so what is computed with them can be compared exactly.
"""

from __future__ import annotations

from math import prod

import numpy as np

from cnnmat import arguments
from cnnmat.typing import Array, ArrayLike, Int, Ints, Number

__all__ = ["box", "edge_map", "gaussian", "laplacian", "prewitt", "sharpen", "sobel", "unit"]


def _gradient_pair(centre):
    x = np.outer([1, centre, 1], [-1, 0, 1])
    return x, x.T.copy()


def sobel() -> tuple[Array, Array]:
    """The Sobel masks (W_x, W_y), equation (47.1140a).

    Examples
    --------
    >>> sobel()[0]
    array([[-1,  0,  1],
           [-2,  0,  2],
           [-1,  0,  1]])
    """
    return _gradient_pair(2)


def prewitt() -> tuple[Array, Array]:
    """The Prewitt masks (W_x, W_y), equation (47.1140b).

    Examples
    --------
    >>> prewitt()[1]
    array([[-1, -1, -1],
           [ 0,  0,  0],
           [ 1,  1,  1]])
    """
    return _gradient_pair(1)


def gaussian(K: Int, sigma: Number, *, normalize: bool = True) -> Array:
    r"""The Gaussian mask of size (2K+1) x (2K+1), equation (47.1135).

    Parameters
    ----------
    K : int
    sigma : float
        Standard deviation, in pixels.
    normalize : bool, optional
        If true the weights sum to one, so that a flat region keeps its value.
        If false they are the samples of the bivariate density,
        exp(-(k² + l²) / 2σ²) / (2πσ²); the text prints 1/(√(2π) σ²) there.

    Examples
    --------
    >>> gaussian(1, 0.5).round(3)
    array([[0.011, 0.084, 0.011],
           [0.084, 0.619, 0.084],
           [0.011, 0.084, 0.011]])
    """
    K = arguments.integer("K", K)
    sigma = arguments.floating("sigma", sigma, positive=True)
    # σ by itself, for its square may be out of range where the weights are not
    with arguments.room("K", 32 * (2 * K + 1) ** 2), np.errstate(over="ignore"):
        k = np.arange(-K, K + 1) / sigma
        mask = np.exp(-(k[:, None] ** 2 + k**2) / 2)
        return mask / mask.sum() if normalize else mask / (2 * np.pi) / sigma / sigma


def box(shape: Ints) -> Array:
    """The mean mask: every weight is one over their number, equation (47.1171).

    Examples
    --------
    >>> box((2, 2))
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    shape = arguments.integers("shape", shape, 2, 1)
    with arguments.room("shape", 8 * prod(shape)):
        return np.full(shape, 1 / prod(shape))


def laplacian() -> Array:
    """The five-point Laplacian.

    Examples
    --------
    >>> laplacian()
    array([[ 0,  1,  0],
           [ 1, -4,  1],
           [ 0,  1,  0]])
    """
    return np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]])


def sharpen() -> Array:
    """The image minus its Laplacian.

    Examples
    --------
    >>> sharpen()
    array([[ 0, -1,  0],
           [-1,  5, -1],
           [ 0, -1,  0]])
    """
    return np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]) - laplacian()


def unit(shape: Ints, place: Ints) -> Array:
    """The mask e_k e_lᵀ with a single one, 0-based `place` (k, l).

    Correlating with it keeps one entry of a patch: subsampling (47.1178), and max
    pooling (47.1174) if that entry is the largest.

    Examples
    --------
    >>> unit((2, 3), place=(0, 1))
    array([[0, 1, 0],
           [0, 0, 0]])
    """
    shape = arguments.integers("shape", shape, 2, 1)
    place = arguments.integers("place", place, 2)
    if any(k >= n for k, n in zip(place, shape, strict=True)):
        raise ValueError(f"place must lie within shape {shape}, got {place}")
    with arguments.room("shape", 8 * prod(shape)):
        mask = np.zeros(shape, dtype=int)
    mask[place] = 1
    return mask


def edge_map(fx: ArrayLike, fy: ArrayLike) -> Array:
    r"""The gradient magnitude sqrt(F_x² + F_y²), equation (47.1142).

    Examples
    --------
    >>> edge_map([[3, 0]], [[4, -2]])
    array([[5., 2.]])
    """
    fx = arguments.floats("fx", fx)
    fy = arguments.floats("fy", fy, fx.shape)
    # over a power of two, which changes no digit, for the squares to stay in range
    k = np.frexp(np.maximum(abs(fx), abs(fy)))[1]
    return np.ldexp(np.sqrt(np.ldexp(fx, -k) ** 2 + np.ldexp(fy, -k) ** 2), k)
