"""`check_*` of a layer: a verdict on functions under test."""

from __future__ import annotations

from cnnmat import arguments
from cnnmat.testing import limits, notes
from cnnmat.testing.auto import checked
from cnnmat.testing.conventions import (
    KERNELS,
    OF_ONE,
    Bias,
    Function,
    Incomplete,
    KernelLayout,
    Layout,
    MatrixLayout,
    Pooling,
    Precision,
    Spoken,
    SpokenIfAtAll,
    SpokenInPairs,
    one_of,
)
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.engine import TIMEOUT
from cnnmat.testing.limits import Words
from cnnmat.testing.pointwise import FeedforwardContract
from cnnmat.testing.pooling import PoolingContract
from cnnmat.testing.result import Result

__all__ = []


def check_correlation(forward: Function, backward: Function | None = None, *,
                      layout: Layout = "NCHW", weights: KernelLayout | None = None,
                      convolve: bool = False, bias: Bias = "add",
                      stride: SpokenIfAtAll = "int", padding: SpokenInPairs = "int",
                      dilation: SpokenIfAtAll = "none", groups: bool = False, dims: int = 2,
                      dtype: Precision = "float64", only: Words = (), supports: Words = (),
                      accept: Words = (), strict: bool = False,
                      convention: str | None = None, seed: int = 0,
                      timeout: float = TIMEOUT) -> Result:
    """A verdict on a correlation layer, the "convolution" of neural networks.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b, stride, padding)`` -> z, with x N x C x H x W, w D x C x kh x kw,
        b D entries.  A dilation and groups, where supported, come behind the padding.
    backward : callable, optional
        ``backward(dz, x, w, stride, padding)`` -> (dx, dw, db), or a list; one result comes by
        itself, in no tuple.  All is handed over by position, a setting of two axes as (rows,
        columns).  Arrays must be left as they are, and no call may hang on those before it.
    layout : {"NCHW", "NHWC", "CHW", "HWC"}
        The last two are of one sample, without an axis for it.
    weights : {"OIHW", "HWIO", "OHWI"}, optional
        By default "OIHW" with (N)CHW and "HWIO" with (N)HWC.
    convolve : bool
        The functions turn the kernel by 180 degrees: a true convolution.
    bias : {"add", "subtract", "none"}
        With "none", b is not handed over and db not asked for.
    stride, padding, dilation : {"int", "tuple", "none"}
        How the functions take them: one int, one int an axis, or not at all.  Padding may
        be "pairs": (before, after) for each axis; "same": it is not handed over, there are
        ⌈n / stride⌉ windows along each axis, and of an odd number of zeros the one more comes
        after; "half": it is not handed over and is k // 2 on every side; or "valid", which is
        "none".  A dilated kernel is, for both, as wide as what it covers: k = dilation (k - 1) + 1.
    groups : bool
        Whether a number of groups is taken, behind everything else.
    dims : {1, 2, 3}
        Axes of an image: W, H x W or D x H x W, of a kernel likewise; `layout` and `weights` are
        named as for two.  An int is for all axes, a tuple has an entry for each.
    dtype : {"float64", "float32"}
        What the functions compute in; sets the tolerance to 1e-9 or 1e-4.
    only : str or sequence of str
        What the functions are written for, and all that is tried: "square-kernels",
        "square-images", "odd-kernels", "tiles", "one-channel", "one-map", "one-sample",
        "no-stride", "no-padding", "no-dilation", "no-groups", "no-gaps" (the stride is no larger
        than the kernel), "small-padding" (smaller than the kernel), or a size as "kernel-3x3".
        What is not declared is found from the calls that are refused.
    supports : str or sequence of str
        What must be taken, a refusal of which is wrong: "rectangular-kernels",
        "rectangular-images", "even-kernels", "rests", "channels", "maps", "batches", "stride",
        "padding", "dilation", "groups", "gaps", "large-padding", "dx", or "everything".
    accept : str or sequence of str
        Conventions that are taken without a note: "mean-gradients" (dw and db both divided
        by N; one of them alone is wrong),
        "epsilon" (in a cross-entropy's logarithm), "overwrites-upstream" (dz changes), "float32".
    strict : bool
        Whether the other ones are wrong, which are only noted else.
    convention : str, optional
        "auto" finds out how the functions (or, as `forward`, a class with forward and backward)
        are called, by names and shapes, and says so in the notes; a line such as
        "x, w, b, conv_param -> out, cache; dout, cache -> dx, dw, db" says what parameters and
        results are, where they do not tell.  It goes over layout, weights, stride and padding.
    seed : int
    timeout : float
        Seconds that one call may take.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def forward(x, w, b, stride, padding):
    ...     p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    ...     v = np.lib.stride_tricks.sliding_window_view(p, w.shape[2:], (2, 3))
    ...     return np.einsum("ncijkl,dckl->ndij", v[:, :, ::stride, ::stride], w[..., ::-1])
    >>> result = check_correlation(forward)
    >>> result.passed, [d.slug for d in result.diagnosis]
    (False, ['kernel-flipped-axis-1 + bias-missing'])

    What is refused is no mistake, unless it is asked for:

    >>> from cnnmat import correlate
    >>> def square(x, w, b, stride, padding):
    ...     if w.shape[2] != w.shape[3]:
    ...         raise ValueError("square kernels only")
    ...     return correlate(x, w, b, stride=stride, padding=padding)
    >>> result = check_correlation(square)
    >>> result.verdict, result.refusals[0].beyond
    ('right within limits', 'kernels that are not square')
    >>> check_correlation(square, supports="rectangular-kernels").verdict
    'wrong'
    """
    one_of(layout=(layout, Layout))
    weights = weights or KERNELS[layout]
    one_of(weights=(weights, KernelLayout), bias=(bias, Bias), stride=(stride, SpokenIfAtAll),
           padding=(padding, SpokenInPairs), dilation=(dilation, SpokenIfAtAll),
           dtype=(dtype, Precision))
    contract = CorrelationContract(
        layout=layout, weights=weights, convolve=bool(convolve), bias=bias, stride=stride,
        padding=_padding(padding), dilation=dilation, groups=bool(groups), dims=_dims(dims),
        dtype=dtype, only=_only(only, dims, layout))
    return checked(contract, forward, backward, convention,
                   seed=seed, timeout=timeout, demands=_demands(supports, accept, strict))


def _only(words, dims, layout):
    """What is declared, and one sample where there is no axis for more."""
    alone = ("one-sample",) if layout in OF_ONE else ()
    return tuple(dict.fromkeys((*alone, *limits.only(words, dims))))


def _demands(supports, accept, strict):
    return notes.demands((), supports, accept, strict)


def _padding(said):
    return "none" if said == "valid" else said


def _dims(dims):
    if arguments.integer("dims", dims, 1) > 3:
        raise ValueError(f"dims must be 1, 2 or 3, got {dims}")
    return int(dims)


def check_pooling(forward: Function, backward: Function | None = None,
                  kind: Pooling = "max", *, layout: Layout = "NCHW", size: Spoken = "int",
                  stride: SpokenIfAtAll = "none", padding: SpokenInPairs = "none",
                  dilation: SpokenIfAtAll = "none", incomplete: Incomplete = "drop",
                  count_padding: bool = True, dims: int = 2, dtype: Precision = "float64",
                  only: Words = (), supports: Words = (), accept: Words = (),
                  strict: bool = False,
                  convention: str | None = None, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on a pooling layer.

    Parameters
    ----------
    forward : callable
        ``forward(x, size)`` -> t, with x N x C x H x W.
    backward : callable, optional
        ``backward(dt, x, size)`` -> dx.
    kind : {"max", "mean", "sum", "l2"}
        Padding never is the maximum; the rest takes it for zeros.  No window lies wholly on it:
        padding is at most half a window.  Maxima that tie may share their gradient in any way
        that adds up to it; so may a norm of zero have any gradient up to its length.
    size : {"int", "tuple"}
    stride, padding, dilation : {"none", "int", "tuple"}
        How the functions take them, behind the size; without a stride it is the size.  Padding
        may be "pairs", "same" or "valid", as in `check_correlation`.
    incomplete : {"drop", "partial", "never"}
        What becomes of a window that hangs over the end: it is dropped, it counts with what
        is left of it if it starts inside the image and none before it reaches the end (as
        PyTorch's ceil_mode has it), or they are not tried.
    count_padding : bool
        Whether a mean counts the zeros of the padding, but never what hangs over behind them.
    only, supports, accept, strict
        As in `check_correlation`; besides, "no-overlap" and "overlap" of windows.
    layout, dims, dtype, convention, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> def forward(x, size):
    ...     n, c, h, w = x.shape
    ...     tiles = x.reshape(n, c, h // size, size, w // size, size)
    ...     return tiles.max(axis=(3, 5))
    >>> check_pooling(forward, incomplete="never").passed
    True
    >>> check_pooling(forward).refusals[0].beyond
    'images that windows do not tile'
    """
    one_of(kind=(kind, Pooling), layout=(layout, Layout), size=(size, Spoken),
           stride=(stride, SpokenIfAtAll), padding=(padding, SpokenInPairs),
           dilation=(dilation, SpokenIfAtAll), incomplete=(incomplete, Incomplete),
           dtype=(dtype, Precision))
    contract = PoolingContract(
        pooling=kind, layout=layout, size=size, stride=stride, padding=_padding(padding),
        dilation=dilation, incomplete=incomplete, count_padding=bool(count_padding),
        dims=_dims(dims), dtype=dtype, only=_only(only, dims, layout))
    return checked(contract, forward, backward, convention,
                   seed=seed, timeout=timeout, demands=_demands(supports, accept, strict))


def check_feedforward(forward: Function, backward: Function | None = None, *,
                      weights: MatrixLayout = "out_in", bias: Bias = "add",
                      dtype: Precision = "float64", only: Words = (), supports: Words = (),
                      accept: Words = (), strict: bool = False, convention: str | None = None,
                      seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on a fully connected layer.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b)`` -> z = x wᵀ + b, with x N x n_in, w n_out x n_in.
    backward : callable, optional
        ``backward(dz, x, w)`` -> (dx, dw, db), db with n_out entries as b.
    weights : {"out_in", "in_out"}
    bias : {"add", "subtract", "none"}
    only, supports : str or sequence of str
        "one-sample" and "one-output"; "batches" and "outputs" are their opposites.
    dtype, accept, strict, convention, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_feedforward(lambda x, w, b: x @ w.T)
    >>> result.diagnosis[0].slug
    'bias-missing'
    """
    one_of(weights=(weights, MatrixLayout), bias=(bias, Bias), dtype=(dtype, Precision))
    contract = FeedforwardContract(weights=weights, bias=bias, dtype=dtype)
    return checked(contract, forward, backward, convention, seed=seed, timeout=timeout,
                   demands=notes.demands(only, supports, accept, strict))
