"""`check_*` of layers that change the size of maps, or see each channel by itself."""

from __future__ import annotations

from cnnmat.testing.conventions import (
    KERNELS,
    AddedBias,
    BatchedLayout,
    Bias,
    Function,
    KernelLayout,
    MeanOrMax,
    Precision,
    Spoken,
    SpokenIfAtAll,
    SpokenInPairs,
    TransposedLayout,
    Upsampling,
    functions,
    one_of,
)
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.limits import Words
from cnnmat.testing.mapping import AdaptiveContract, UpsamplingContract
from cnnmat.testing.notes import demands
from cnnmat.testing.result import Result
from cnnmat.testing.transposing import DepthwiseContract, TransposedContract

__all__ = []


def check_depthwise(forward: Function, backward: Function | None = None, *,
                    layout: BatchedLayout = "NCHW", weights: KernelLayout | None = None,
                    bias: Bias = "add", stride: SpokenIfAtAll = "int",
                    padding: SpokenInPairs = "int", dilation: SpokenIfAtAll = "none",
                    dtype: Precision = "float64", only: Words = (),
                    supports: Words = (), accept: Words = (),
                    strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on a depthwise correlation, whose maps see one channel each.

    Groups of any size are `check_correlation`'s, with ``groups=True``.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b, stride, padding)`` -> z, with x N x C x H x W, w D x 1 x kh x kw (as
        HWIO kh x kw x 1 x D) and D a multiple of C: maps 0, ..., D/C - 1 see channel 0.
    backward : callable, optional
        ``backward(dz, x, w, stride, padding)`` -> (dx, dw, db).
    layout, weights, bias, stride, padding, dilation, dtype, only, supports, accept, strict, seed, \
timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def forward(x, w, b, stride, padding):
    ...     p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    ...     v = np.lib.stride_tricks.sliding_window_view(p, w.shape[2:], (2, 3))
    ...     v = np.tile(v, (1, len(w) // x.shape[1], 1, 1, 1, 1))
    ...     return np.einsum("ndijkl,dkl->ndij", v[:, :, ::stride, ::stride], w[:, 0]) + (
    ...         b[:, None, None])
    >>> check_depthwise(forward).diagnosis[0].slug
    'maps-interleaved'
    """
    one_of(layout=(layout, BatchedLayout))
    weights = weights or KERNELS[layout]
    one_of(weights=(weights, KernelLayout), bias=(bias, Bias), stride=(stride, SpokenIfAtAll),
           padding=(padding, SpokenInPairs), dilation=(dilation, SpokenIfAtAll),
           dtype=(dtype, Precision))
    contract = DepthwiseContract(layout=layout, weights=weights, bias=bias, stride=stride,
                                 padding=padding, dilation=dilation, dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_transposed_correlation(forward: Function, backward: Function | None = None, *,
                                 layout: BatchedLayout = "NCHW", weights: TransposedLayout = "IOHW",
                                 bias: AddedBias = "add", stride: SpokenIfAtAll = "int",
                                 padding: SpokenIfAtAll = "int",
                                 output_padding: SpokenIfAtAll = "int",
                                 dtype: Precision = "float64", only: Words = (),
                                 supports: Words = (), accept: Words = (),
                                 strict: bool = False, seed: int = 0,
                                 timeout: float = TIMEOUT) -> Result:
    """A verdict on a transposed correlation ("transposed convolution"), with output padding.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b, stride, padding, output_padding)`` -> z, with x N x C x H x W, w
        C x D x kh x kw; z is (H - 1) stride - 2 padding + kh + output_padding high.
    backward : callable, optional
        ``backward(dz, x, w, stride, padding, output_padding)`` -> (dx, dw, db).
    layout : {"NCHW", "NHWC"}
    weights : {"IOHW", "OIHW", "HWIO", "HWOI"}
        Where C (I) and D (O) stand.
    bias : {"add", "none"}
    stride, padding, output_padding : {"int", "tuple", "none"}
        How the functions take them, if at all.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> from cnnmat import correlate_transpose
    >>> def forward(x, w, b, stride, padding, output_padding):
    ...     return correlate_transpose(x, w, b, stride=stride, padding=padding,
    ...                                output_padding=output_padding)
    >>> check_transposed_correlation(forward).passed
    True
    >>> def turned(x, w, b, *settings):
    ...     return forward(x, w[:, :, ::-1, ::-1], b, *settings)
    >>> check_transposed_correlation(turned).diagnosis[0].slug
    'kernel-flipped'
    """
    one_of(layout=(layout, BatchedLayout), weights=(weights, TransposedLayout),
           bias=(bias, AddedBias),
           stride=(stride, SpokenIfAtAll), padding=(padding, SpokenIfAtAll),
           output_padding=(output_padding, SpokenIfAtAll), dtype=(dtype, Precision))
    contract = TransposedContract(layout=layout, weights=weights, bias=bias, stride=stride,
                                  padding=padding, output_padding=output_padding, dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_upsampling(forward: Function, backward: Function | None = None,
                     kind: Upsampling = "nearest", *, layout: BatchedLayout = "NCHW",
                     scale: Spoken = "int", align_corners: bool = False,
                     dtype: Precision = "float64", only: Words = (),
                     supports: Words = (), accept: Words = (),
                     strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on upsampling by whole numbers.

    Parameters
    ----------
    forward : callable
        ``forward(x, scale)`` -> y, with x N x C x H x W.
    backward : callable, optional
        ``backward(dy, x, scale)`` -> dx.
    kind : {"nearest", "bilinear"}
    layout : {"NCHW", "NHWC"}
    scale : {"int", "tuple"}
        How the functions take it.
    align_corners : bool
        Of bilinear: whether the corners of both images lie on each other.  Without it, place
        i of the output lies at (i + ½) / scale - ½.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> check_upsampling(lambda x, scale: np.tile(x, (1, 1, scale, scale))).diagnosis[0].slug
    'tiled-not-repeated'
    """
    one_of(kind=(kind, Upsampling), layout=(layout, BatchedLayout), scale=(scale, Spoken),
           dtype=(dtype, Precision))
    contract = UpsamplingContract(method=kind, layout=layout, scale=scale,
                                  align_corners=bool(align_corners), dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_adaptive_pooling(forward: Function, backward: Function | None = None,
                           kind: MeanOrMax = "mean", *, layout: BatchedLayout = "NCHW",
                           size: Spoken = "int", dtype: Precision = "float64", only: Words = (),
                           supports: Words = (), accept: Words = (),
                           strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on pooling to a given size.

    Parameters
    ----------
    forward : callable
        ``forward(x, size)`` -> t, with x N x C x H x W and t N x C x size; of m windows on n
        pixels number i reaches from ⌊i n / m⌋ to before ⌈(i + 1) n / m⌉, as in PyTorch; never
        are there more windows than pixels.
    backward : callable, optional
        ``backward(dt, x, size)`` -> dx.
    kind : {"mean", "max"}
    layout : {"NCHW", "NHWC"}
    size : {"int", "tuple"}
        How the functions take it.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> def forward(x, size):
    ...     h, w = x.shape[2] // size, x.shape[3] // size
    ...     tiles = x[:, :, :h * size, :w * size].reshape(*x.shape[:2], size, h, size, w)
    ...     return tiles.mean((3, 5))
    >>> check_adaptive_pooling(forward).diagnosis[0].slug
    'rest-left-out'
    """
    one_of(kind=(kind, MeanOrMax), layout=(layout, BatchedLayout), size=(size, Spoken),
           dtype=(dtype, Precision))
    return check(AdaptiveContract(pooling=kind, layout=layout, size=size, dtype=dtype),
                 functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_global_pooling(forward: Function, backward: Function | None = None,
                         kind: MeanOrMax = "mean", *, layout: BatchedLayout = "NCHW",
                         keep: bool = False, dtype: Precision = "float64", only: Words = (),
                         supports: Words = (), accept: Words = (),
                         strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on pooling over the whole image.

    Parameters
    ----------
    forward : callable
        ``forward(x)`` -> t, with x N x C x H x W and t N x C.
    backward : callable, optional
        ``backward(dt, x)`` -> dx.
    kind : {"mean", "max"}
    layout : {"NCHW", "NHWC"}
    keep : bool
        Whether t keeps the axes of the image: N x C x 1 x 1.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> check_global_pooling(lambda x: x.sum((2, 3))).diagnosis[0].slug
    'sum-for-mean'
    """
    one_of(kind=(kind, MeanOrMax), layout=(layout, BatchedLayout), dtype=(dtype, Precision))
    return check(AdaptiveContract(pooling=kind, layout=layout, size="none", keep=bool(keep),
                                  dtype=dtype),
                 functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))
