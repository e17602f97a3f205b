r"""Correlation and convolution of an image with a mask, by V: equations (47.1133) and (47.1139)."""

from __future__ import annotations

from cnnmat import arguments
from cnnmat.arguments import largest
from cnnmat.textbook.correlation import feature_map, weight_matrix_short
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.vec import times, unvec, vec
from cnnmat.textbook.windows import Windows
from cnnmat.typing import Array, ArrayLike, Ints, Padding

__all__ = ["convolve_full", "convolve_image", "correlate_image"]


def correlate_image(image: ArrayLike, mask: ArrayLike, *, stride: Ints = 1,
                    padding: Padding = "same", dilation: Ints = 1) -> Array:
    r"""F with vec(F) = (I ⊗ wᵀ) V vec(image), equations (47.1133) and (47.1146).

    Parameters
    ----------
    image : array_like, 1-, 2- or 3-dimensional
    mask : array_like of as many axes
    stride, padding, dilation
        As for `Windows`; the defaults are the text's: the image is extended by
        zeros and F has its size.

    Examples
    --------
    >>> correlate_image([[1, 2, 3], [4, 5, 6]], [[0, 1, -1]])
    array([[-1, -1,  3],
           [-1, -1,  6]])
    """
    image = arguments.array("image", image, (..., "M"))
    mask = arguments.array("mask", mask, (None,) * image.ndim)
    arguments.within_int64("image and mask", mask.size * largest(image) * largest(mask))
    with arguments.renamed(kernel="mask", shape="image", h="image"):
        windows = Windows(image.shape, mask.shape, stride, padding, dilation)
        H = Partition(windows).columns(vec(image))
        return unvec(feature_map(H, vec(mask), 0), windows.output)


def _flipped(mask):
    return unvec(vec(mask)[::-1], mask.shape)


def convolve_image(image: ArrayLike, mask: ArrayLike, *, stride: Ints = 1,
                   padding: Padding = "same", dilation: Ints = 1) -> Array:
    """The convolution of `image` with `mask`: `correlate_image` with the mask reversed.

    Examples
    --------
    >>> convolve_image([1, 0, 0, 2], [5, 6, 7])
    array([ 6,  7, 10, 12])
    """
    image = arguments.array("image", image, (..., "M"))
    mask = arguments.array("mask", mask, (None,) * image.ndim)
    return correlate_image(image, _flipped(mask), stride=stride, padding=padding,
                           dilation=dilation)


def convolve_full(delta: ArrayLike, mask: ArrayLike) -> Array:
    r"""Vᵀ (I ⊗ w) vec(delta): the full convolution, which takes a correlation back.

    It is the transpose of the correlation with `mask` inside an image, so it is what
    a correlation layer sends back to its input; its sizes are those of `delta` and
    `mask` together, less one.

    Examples
    --------
    >>> convolve_full([1, 0, 0, 2], [5, 6, 7])
    array([ 5,  6,  7, 10, 12, 14])
    """
    delta = arguments.array("delta", delta)
    mask = arguments.array("mask", mask, (None,) * delta.ndim)
    arguments.within_int64("delta and mask", mask.size * largest(delta) * largest(mask))
    shape = tuple(a + b - 1 for a, b in zip(delta.shape, mask.shape, strict=True))
    with arguments.renamed(kernel="mask", shape="delta", lists="delta and mask", w="mask"):
        V = Partition(Windows(shape, mask.shape))
        return unvec(times(weight_matrix_short(V, vec(mask)), vec(delta)), shape)
