"""`check_*` of layers that pick or weigh entries: dropout, embedding, local response."""

from __future__ import annotations

from cnnmat.testing.conventions import (
    Alpha,
    BatchedLayout,
    Function,
    Precision,
    Probability,
    functions,
    one_of,
)
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.limits import Words
from cnnmat.testing.notes import demands
from cnnmat.testing.picking import DropoutContract, EmbeddingContract, LocalResponseContract
from cnnmat.testing.result import Result

__all__ = []


def check_dropout(forward: Function, backward: Function | None = None, *,
                  probability: Probability = "drop", inverted: bool = True,
                  dtype: Precision = "float64", only: Words = (),
                  supports: Words = (), accept: Words = (),
                  strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on dropout with a given mask: y = x mask / (1 - p).

    Parameters
    ----------
    forward : callable
        ``forward(x, mask, p)`` -> y; the mask has the shape of x and is of floats, 1 where an
        entry is kept and else 0.
    backward : callable, optional
        ``backward(dy, mask, p)`` -> dx.
    probability : {"drop", "keep"}
        What p is the probability of.
    inverted : bool
        Whether what is kept is divided by the probability of being kept.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_dropout(lambda x, mask, p: x * mask / (1 - p), lambda dy, mask, p: dy * mask)
    >>> result.diagnosis[0].slug, result.diagnosis[0].outputs
    ('not-scaled', ('dx',))
    """
    one_of(probability=(probability, Probability), dtype=(dtype, Precision))
    contract = DropoutContract(probability=probability, inverted=bool(inverted), dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))


def check_embedding(forward: Function, backward: Function | None = None, *,
                    dtype: Precision = "float64", only: Words = (),
                    supports: Words = (), accept: Words = (),
                    strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on an embedding: rows of a table are looked up.

    Parameters
    ----------
    forward : callable
        ``forward(indices, w)`` -> y, with integers of one or two axes, w V x D.
    backward : callable, optional
        ``backward(dy, indices, w)`` -> dw, what comes to one row added up.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> def backward(dy, indices, w):
    ...     dw = np.zeros(w.shape)
    ...     dw[indices] += dy
    ...     return dw
    >>> check_embedding(lambda indices, w: w[indices], backward).diagnosis[0].slug
    'repeated-assigned'
    """
    one_of(dtype=(dtype, Precision))
    return check(EmbeddingContract(dtype=dtype), functions(forward, backward), seed=seed,
                 timeout=timeout, demands=demands(only, supports, accept, strict))


def check_local_response(forward: Function, backward: Function | None = None, *,
                         alpha: Alpha = "divided", layout: BatchedLayout = "NCHW",
                         dtype: Precision = "float64", only: Words = (),
                         supports: Words = (), accept: Words = (),
                         strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on local response normalisation: y_c = x_c / (k + α Σ x²)^β.

    Parameters
    ----------
    forward : callable
        ``forward(x, size, alpha, beta, k)`` -> y, with x N x C x H x W; the sum runs over the
        `size` channels from c - size // 2 on, those that there are.
    backward : callable, optional
        ``backward(dy, x, size, alpha, beta, k)`` -> dx.
    alpha : {"divided", "whole"}
        Whether alpha is divided by the size, as in PyTorch and Caffe, or not, as in the paper.
    layout : {"NCHW", "NHWC"}
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> def forward(x, size, alpha, beta, k):
    ...     return x / (k + alpha * (x**2).sum(1, keepdims=True)) ** beta
    >>> check_local_response(forward, alpha="whole").diagnosis[0].slug
    'over-all-channels'
    """
    one_of(alpha=(alpha, Alpha), layout=(layout, BatchedLayout), dtype=(dtype, Precision))
    return check(LocalResponseContract(alpha=alpha, layout=layout, dtype=dtype),
                 functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))
