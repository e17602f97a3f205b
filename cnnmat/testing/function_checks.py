"""`check_*` of functions of rows: a softmax alone."""

from __future__ import annotations

from cnnmat.testing.conventions import Classes, Function, Precision, Softmax, functions, one_of
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.limits import Words
from cnnmat.testing.notes import demands
from cnnmat.testing.result import Result
from cnnmat.testing.softmaxes import SoftmaxContract

__all__ = []


def check_softmax(forward: Function, backward: Function | None = None,
                  kind: Softmax = "softmax", *, classes: Classes = "last",
                  dtype: Precision = "float64", only: Words = (),
                  supports: Words = (), accept: Words = (),
                  strict: bool = False, seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on a softmax e^(x_i) / Σ_j e^(x_j), or on its logarithm.

    Parameters
    ----------
    forward : callable
        ``forward(x)`` -> y, with x N x K: a softmax of each row.
    backward : callable, optional
        ``backward(dy, x)`` -> dx.
    kind : {"softmax", "log_softmax"}
    classes : {"last", "first"}
        With "first" arrays are K x N: a softmax of each column.
    dtype, only, supports, accept, strict, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    One maximum for the whole batch is right until two rows lie far apart:

    >>> import numpy as np
    >>> def softmax(x):
    ...     powers = np.exp(x - x.max())
    ...     return powers / powers.sum(1, keepdims=True)
    >>> with np.errstate(all="ignore"):
    ...     check_softmax(softmax).diagnosis[0].slug
    'maximum-of-batch'
    """
    one_of(kind=(kind, Softmax), classes=(classes, Classes), dtype=(dtype, Precision))
    contract = SoftmaxContract(name=kind, classes=classes, dtype=dtype)
    return check(contract, functions(forward, backward), seed=seed, timeout=timeout,
                 demands=demands(only, supports, accept, strict))
