"""`check_*` of normalisation over a batch, a layer, a group of channels."""

from __future__ import annotations

from cnnmat import arguments
from cnnmat.testing.conventions import (
    BatchedLayout,
    BatchLayout,
    Function,
    LayerLayout,
    Mode,
    Parameters,
    Precision,
    Running,
    Variance,
    functions,
    one_of,
)
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.limits import Words
from cnnmat.testing.norms import NormContract
from cnnmat.testing.notes import demands
from cnnmat.testing.result import Result
from cnnmat.typing import Number

__all__ = []


def _eps(eps):
    return None if eps is None else arguments.floating("eps", eps, positive=True)


def check_batch_norm(forward: Function, backward: Function | None = None, *,
                     mode: Mode = "train", layout: BatchLayout = "NCHW",
                     parameters: Parameters = "flat", running: Running = "none",
                     running_var: Variance = "unbiased", eps: Number | None = None,
                     dtype: Precision = "float64", only: Words = (),
                     supports: Words = (), accept: Words = (),
                     strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on batch normalisation: y = γ (x - μ) / √(σ² + ε) + β for each channel.

    Parameters
    ----------
    forward : callable
        ``forward(x, gamma, beta, eps)`` -> y, with x N x C x H x W, gamma and beta C entries.
        When the layer is used: ``forward(x, gamma, beta, running_mean, running_var, eps)`` -> y.
        With running values: ``forward(x, gamma, beta, running_mean, running_var, momentum,
        eps)`` -> (y, running_mean, running_var).
    backward : callable, optional
        ``backward(dy, x, gamma, eps)`` -> (dx, dgamma, dbeta); when the layer is used
        ``backward(dy, x, gamma, running_mean, running_var, eps)``.  With `running` it is the
        first: it gets no running values and no momentum.
    mode : {"train", "eval"}
        Whether μ and σ² are those of the batch (σ² divided by N H W) or handed in.
    layout : {"NCHW", "NHWC", "NC"}
    parameters : {"flat", "broadcast"}
        The shape of gamma, beta and the running values, and of dgamma and dbeta: (C,), or
        1 x C x 1 x 1, 1 x 1 x 1 x C with NHWC, 1 x C with NC.
    running : {"none", "new", "old"}
        Whether running values go in and come out, and which of the two momentum weighs: "new"
        is (1 - momentum) old + momentum new, as in PyTorch; "old" the other way round.
    running_var : {"unbiased", "biased"}
        Whether the running variance is divided by N H W - 1, as in PyTorch, or by N H W.
    eps : float, optional
        The ε of functions that are not told one.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def forward(x, gamma, beta, eps):
    ...     return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta
    >>> check_batch_norm(forward, layout="NC").diagnosis[0].slug
    'epsilon-outside-root'
    """
    one_of(mode=(mode, Mode), layout=(layout, BatchLayout), parameters=(parameters, Parameters),
           running=(running, Running), running_var=(running_var, Variance),
           dtype=(dtype, Precision))
    if mode == "eval" and running != "none":
        raise ValueError(f"running must be 'none' with mode 'eval', got {running!r}")
    contract = NormContract(
        over="batch", layout=layout, parameters=parameters, eps=_eps(eps), given=mode == "eval",
        running=running, running_var=running_var, dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_layer_norm(forward: Function, backward: Function | None = None, *,
                     layout: LayerLayout = "NF", eps: Number | None = None,
                     dtype: Precision = "float64", only: Words = (),
                     supports: Words = (), accept: Words = (),
                     strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on layer normalisation: each sample, or place, has its own mean and variance.

    The variance is the biased one, divided by how many numbers it is of.

    Parameters
    ----------
    forward : callable
        ``forward(x, gamma, beta, eps)`` -> y; gamma and beta have the shape of what a mean is
        taken over.
    backward : callable, optional
        ``backward(dy, x, gamma, eps)`` -> (dx, dgamma, dbeta).
    layout : {"NF", "NTF", "NCHW"}
        x is N x F or N x T x F, normalised over F, or N x C x H x W, normalised over C H W.
    eps : float, optional
        The ε of functions that are not told one.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def forward(x, gamma, beta, eps):
    ...     return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta
    >>> check_layer_norm(forward).diagnosis[0].slug
    'normalised-over-batch'
    """
    one_of(layout=(layout, LayerLayout), dtype=(dtype, Precision))
    contract = NormContract(over="layer", layout=layout, eps=_eps(eps), dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_group_norm(forward: Function, backward: Function | None = None, *,
                     layout: BatchedLayout = "NCHW", parameters: Parameters = "flat",
                     eps: Number | None = None, dtype: Precision = "float64", only: Words = (),
                     supports: Words = (), accept: Words = (),
                     strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on group normalisation: blocks of channels of a sample have their own mean.

    The variance is the biased one, divided by how many numbers it is of.

    Parameters
    ----------
    forward : callable
        ``forward(x, gamma, beta, groups, eps)`` -> y, with x N x C x H x W, gamma and beta C
        entries; one channel a group is instance normalisation.
    backward : callable, optional
        ``backward(dy, x, gamma, groups, eps)`` -> (dx, dgamma, dbeta).
    layout : {"NCHW", "NHWC"}
    parameters : {"flat", "broadcast"}
        The shape of gamma and beta: (C,), or 1 x C x 1 x 1.
    eps : float, optional
        The ε of functions that are not told one.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def forward(x, gamma, beta, groups, eps):
    ...     g = x.reshape(len(x), groups, -1)
    ...     s = (g - g.mean(2, keepdims=True)) / np.sqrt(g.var(2, keepdims=True) + eps)
    ...     return s.reshape(x.shape) * gamma[:, None, None]
    >>> check_group_norm(forward).diagnosis[0].slug
    'beta-ignored'
    """
    one_of(layout=(layout, BatchedLayout), parameters=(parameters, Parameters),
           dtype=(dtype, Precision))
    contract = NormContract(over="group", layout=layout, parameters=parameters, eps=_eps(eps),
                            dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))
