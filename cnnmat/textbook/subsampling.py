r"""Subsampling, filters and padding as matrices that stand left and right of an image.

With S for the rows and S for the columns of Y, each of its own size, S Y Sᵀ keeps every
second row and column; with a Toeplitz matrix T of a kernel h, T Y Tᵀ filters with h hᵀ.
One level of an image pyramid is S T Y Tᵀ Sᵀ.
"""

from fractions import Fraction

import numpy as np

from cnnmat import arguments
from cnnmat.textbook.correlation import weight_matrix_short
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.vec import apply, carrier, is_exact, kron, one_per_row, times
from cnnmat.textbook.windows import Windows

__all__ = [
    "average", "both_sides", "padding", "pyramid", "pyramid_level", "subsample",
    "subsample_back", "subsampling", "toeplitz",
]


def subsampling(n, step=2):
    r"""S: keeps entries 0, step, 2 step, ... of a vector of n, shape (⌈n/step⌉, n), CSR.

    Parameters
    ----------
    n, step : int
        A skipping factor s of the text means step s + 1.

    Examples
    --------
    >>> subsampling(5).toarray()
    array([[1, 0, 0, 0, 0],
           [0, 0, 1, 0, 0],
           [0, 0, 0, 0, 1]], dtype=int8)
    """
    n, step = arguments.integer("n", n, 1), arguments.integer("step", step, 1)
    with arguments.room("n", 33 * -(-n // step)):
        return one_per_row(np.arange(0, n, step), n)


def padding(n, before, after):
    """The matrix that puts `before` and `after` zeros around a vector of n, CSR.

    Examples
    --------
    >>> padding(2, 1, 0).toarray()
    array([[0, 0],
           [1, 0],
           [0, 1]], dtype=int8)
    """
    n = arguments.integer("n", n, 1)
    before, after = arguments.integer("before", before), arguments.integer("after", after)
    with arguments.room("n, before and after", 33 * (before + n + after)):
        columns = np.full(before + n + after, -1)
        columns[before:before + n] = np.arange(n)
        return one_per_row(columns, n)


def toeplitz(h, n):
    r"""T with T[r, c] = h(r - c): T x is the convolution of x with h, zeros outside.

    Parameters
    ----------
    h : array_like, shape (2k + 1,)
        The taps h(-k), ..., h(k).
    n : int

    Returns
    -------
    csr_array, or object ndarray for exact taps, shape (n, n)

    Examples
    --------
    The taps are read downwards; a row has them in reverse.

    >>> toeplitz([1, 2, 3], 4).toarray()
    array([[2, 1, 0, 0],
           [3, 2, 1, 0],
           [0, 3, 2, 1],
           [0, 0, 3, 2]])
    """
    h, n = arguments.array("h", h, ("2k+1",)), arguments.integer("n", n, 1)
    if len(h) % 2 == 0:
        raise ValueError(f"h must have an odd number of taps, got {len(h)}")
    # taps of which T[r, c] takes the one at r - c are the window of column c, read downwards
    with (arguments.room("n", 8 * n**2 if is_exact(h) else 64 * n * len(h)),
          arguments.renamed(w="h")):
        return weight_matrix_short(Partition(Windows(n, len(h), padding=len(h) // 2)), h)


def average(n, window, *, exact=False):
    r"""A = (1/window) I ⊗ 1ᵀ, the means of windows side by side: A Y Bᵀ is average pooling.

    Parameters
    ----------
    n, window : int
        `window` divides n.
    exact : bool, optional
        Fractions in place of floats.

    Examples
    --------
    >>> average(4, 2)
    array([[0.5, 0.5, 0. , 0. ],
           [0. , 0. , 0.5, 0.5]])
    """
    n, window = arguments.integer("n", n, 1), arguments.integer("window", window, 1)
    if n % window:
        raise ValueError(f"window must divide the {n} entries, got {window}")
    with arguments.room("n", 24 * n * (n // window)):
        eye, ones = np.eye(n // window, dtype=int), np.ones((1, window), dtype=int)
        both = kron(eye, ones).toarray()
        return both * Fraction(1, window) if exact else both / window


def both_sides(left, Y, right):
    """left Y rightᵀ for every image on the last two axes of Y."""
    Y = arguments.array("Y", Y, (..., "H", "W"))
    with arguments.renamed(matrix="right", x="Y"):
        half = apply(right, Y).swapaxes(-1, -2)
    with arguments.renamed(matrix="left", x="Y"):
        return apply(left, half).swapaxes(-1, -2)


def _kept(left, Y, right):
    """`both_sides` of matrices that move entries, for which there is room."""
    return times(left, times(right, Y).swapaxes(-1, -2)).swapaxes(-1, -2)


def _pair(shape, steps):
    steps = arguments.integers("steps", steps, 2, 1)
    return [subsampling(n, step) for n, step in zip(shape, steps, strict=True)]


def subsample(Y, steps=2):
    r"""S Y Sᵀ, each S of the size that its side needs.

    Parameters
    ----------
    Y : array_like, shape (..., H, W)
    steps : int or tuple of 2 int

    Examples
    --------
    >>> subsample([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]])
    array([[ 1,  3],
           [ 9, 11]])
    """
    Y = arguments.array("Y", Y, (..., "H", "W"))
    left, right = _pair(Y.shape[-2:], steps)
    return _kept(left, Y, right)


def subsample_back(delta, shape, steps=2):
    r"""Sᵀ δ S, what `subsample` sends back: δ at the places kept, 0 elsewhere.

    Examples
    --------
    >>> subsample_back([[1, 2]], shape=(2, 4))
    array([[1, 0, 2, 0],
           [0, 0, 0, 0]])
    """
    left, right = _pair(arguments.integers("shape", shape, 2, 1), steps)
    delta = arguments.array("delta", delta, (..., left.shape[0], right.shape[0]))
    return _kept(left.T, delta, right.T)


def pyramid_level(n, h, step=2):
    r"""P = S T, one level of a pyramid of vectors of n.

    Examples
    --------
    >>> pyramid_level(5, [1, 2, 1]).toarray()
    array([[2, 1, 0, 0, 0],
           [0, 1, 2, 1, 0],
           [0, 0, 0, 1, 2]])
    """
    T = toeplitz(h, n)
    return carrier(subsampling(n, step), T) @ T


def pyramid(image, h, levels, step=2):
    r"""I_0, ..., I_levels with I_{k+1} = P I_k Pᵀ (P I_k for a vector), P = S T.

    Parameters
    ----------
    image : array_like, 1- or 2-dimensional
    h : array_like, shape (2k + 1,)
        The separable kernel.
    levels : int

    Returns
    -------
    list of levels + 1 ndarray

    Examples
    --------
    >>> pyramid([4, 0, 0, 8, 0], [1, 2, 1], levels=2)
    [array([4, 0, 0, 8, 0]), array([8, 8, 8]), array([24, 24])]
    """
    image = arguments.array("image", image)
    if image.ndim not in (1, 2):
        raise ValueError(f"image must have one or two axes, got shape {image.shape}")
    series = [image]
    for _ in range(arguments.integer("levels", levels)):
        matrices = [pyramid_level(n, h, step) for n in series[-1].shape]
        with arguments.renamed(matrix="h", left="h", right="h", x="image", Y="image"):
            series.append(apply(matrices[0], series[-1]) if image.ndim == 1
                          else both_sides(matrices[0], series[-1], matrices[1]))
    return series
