"""`check_*` of functions of entries and of rows: activations, risks, a softmax alone."""

from __future__ import annotations

from cnnmat import arguments
from cnnmat.testing import notes, truth
from cnnmat.testing.auto import checked
from cnnmat.testing.conventions import (
    Average,
    Classes,
    Function,
    Precision,
    Risk,
    Softmax,
    Target,
    functions,
    one_of,
)
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.limits import Words
from cnnmat.testing.losses import LossContract
from cnnmat.testing.pointwise import ActivationContract
from cnnmat.testing.result import Result
from cnnmat.testing.risks import RiskContract
from cnnmat.testing.softmaxes import SoftmaxContract
from cnnmat.typing import Number

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
                 demands=notes.demands(only, supports, accept, strict))


def check_activation(forward: Function, backward: Function | None = None, name: str = "relu", *,
                     parameter: Number | None = None, dtype: Precision = "float64",
                     only: Words = (), supports: Words = (), accept: Words = (),
                     strict: bool = False, convention: str | None = None, seed: int = 0,
                     timeout: float = TIMEOUT) -> Result:
    """A verdict on an activation function.

    Parameters
    ----------
    forward : callable
        ``forward(x)`` -> y, on arrays of any shape, with entries up to 1000 on both sides of 0.
    backward : callable, optional
        ``backward(dy, x)`` -> dx; at a kink any slope between those on both sides is right.
    name : {"identity", "relu", "leaky_relu", "elu", "abs", "tanh", "scaled_tanh", "sigmoid", \
"softplus", "gelu", "gelu_tanh"}
        The GELU is x Φ(x), or by x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2; the scaled tanh
        1.7159 tanh(2x/3).
    parameter : float, optional
        The leak of the leaky ReLU (0.01 by default), or the α of the ELU (1).
    only, supports : str or sequence of str
        "matrices", if no other arrays are tried; "all-shapes", if they must be taken.
    dtype, accept, strict, convention, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> import numpy as np
    >>> result = check_activation(np.tanh, lambda dy, x: dy * (1 - x**2), "tanh")
    >>> result.diagnosis[0].slug
    'slope-formula-for-y-given-x'
    """
    arguments.choice("name", name, truth.ACTIVATIONS)
    one_of(dtype=(dtype, Precision))
    if parameter is not None:
        if name not in truth.WITH_PARAMETER:
            raise ValueError(f"parameter must not be given with name {name!r}, got {parameter!r}")
        parameter = arguments.floating("parameter", parameter)
    contract = ActivationContract(name=name, parameter=parameter, dtype=dtype)
    return checked(contract, forward, backward, convention, seed=seed, timeout=timeout,
                   demands=notes.demands(only, supports, accept, strict))


def check_risk(forward: Function, backward: Function | None = None,
               kind: Risk = "softmax_cross_entropy", *, average: Average = "samples",
               target: Target = "one_hot", half: bool = False,
               dtype: Precision = "float64", only: Words = (), supports: Words = (),
               accept: Words = (), strict: bool = False, convention: str | None = None,
               seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on a risk (a loss).

    Parameters
    ----------
    forward : callable
        ``forward(y, target)`` -> the risk, one number; y is N x K: logits for the cross-entropy
        of the softmax or the sigmoid, probabilities for the binary one, scores for a hinge.
    backward : callable, optional
        ``backward(y, target)`` -> dy.
    kind : {"softmax_cross_entropy", "squared_error", "binary_cross_entropy", \
"sigmoid_cross_entropy", "hinge", "binary_hinge"}
        The hinge is Σ_j max(0, y_j - y_label + 1) over the wrong classes j; the binary one
        max(0, 1 - t y) of each entry, with targets 1 and -1.  No score lies at the kink of a
        hinge, no probability is 0 or 1, and targets of the two binary cross-entropies are 0 or 1;
        logits of the other cross-entropies reach 1000.
    average : {"samples", "entries", "sum"}
        Divided by N, by N K, or not.
    target : {"one_hot", "labels"}
        N x K, or N integers (for the softmax and the hinge).  Of the one-hot
        targets of these two, one in a row is 1: no class is right by halves.
    half : bool
        With a factor ½.
    only, supports : str or sequence of str
        "one-sample" and "two-classes"; "batches" and "classes" are their opposites.
    dtype, accept, strict, convention, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_risk(lambda y, t: ((y - t) ** 2).mean(), kind="squared_error")
    >>> result.diagnosis[0].slug
    'divided-by-entries'
    """
    one_of(kind=(kind, Risk), average=(average, Average), target=(target, Target),
           dtype=(dtype, Precision))
    if target == "labels" and kind not in ("softmax_cross_entropy", "hinge"):
        raise ValueError(f"target must be 'one_hot' with kind {kind!r}, got 'labels'")
    of_kind = LossContract if kind in truth.LOSSES else RiskContract
    contract = of_kind(risk=kind, average=average, target=target, half=bool(half), dtype=dtype)
    return checked(contract, forward, backward, convention, seed=seed, timeout=timeout,
                   demands=notes.demands(only, supports, accept, strict))
