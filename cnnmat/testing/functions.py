"""`check_*` of what is no layer: a step of descent, an adjoint, a gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnmat import arguments
from cnnmat.testing.conventions import (
    Decay,
    Epsilon,
    Function,
    Precision,
    Rule,
    functions,
    one_of,
)
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.limits import Words
from cnnmat.testing.notes import demands
from cnnmat.testing.operators import (
    MOST_ENTRIES,
    AdjointContract,
    GradientContract,
    UpdateContract,
)
from cnnmat.testing.optimizers import OptimizerContract
from cnnmat.testing.result import Result
from cnnmat.typing import ArrayLike, Number

__all__ = []


def check_update(step: Function, *, rule: Rule = "sgd", decoupled: bool = False,
                 epsilon: Epsilon = "outside", decay: Decay = "weights",
                 decay_factor: Number = 1, in_place: bool = False,
                 dtype: Precision = "float64", only: Words = (), supports: Words = (),
                 seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """A verdict on a step of descent: with momentum, or by Nesterov's, RMSProp's, Adam's rule.

    Parameters
    ----------
    step : callable
        ``step(params, grads, lr, weight_decay, momentum, state)`` -> (params, state), with
        dictionaries of arrays, the weights "w" and the bias "b"; state is None at first.
        Right is v = momentum v + g + weight_decay p, p = p - lr v.  RMSProp is told ``lr,
        weight_decay, rho, eps``, Adam ``lr, weight_decay, beta1, beta2, eps``.
    rule : {"sgd", "nesterov", "rmsprop", "adam", "adamw"}
        Nesterov's is p - lr (g + momentum v), RMSProp's p - lr g / (√s + eps) with
        s = rho s + (1 - rho) g²; Adam's corrects the bias of both moments; AdamW is Adam with a
        decay that is decoupled.
    decoupled : bool
        Whether lr weight_decay p, with p as it was before the step, is taken off by itself and
        is no part of the gradient.
    epsilon : {"outside", "inside", "hat"}
        √s + eps, √(s + eps), or of Adam √s + eps before the bias is corrected.
    decay : {"weights", "all"}
        Whether the bias decays too.
    decay_factor : float
        2 where the penalty is weight_decay ‖p‖² (derivative 2 weight_decay p).
    in_place : bool
        The step may change the arrays in `params`, and may then return None: the next one is
        handed the same state.
    only, supports : str or sequence of str
        "no-decay", "no-momentum" and "one-step"; "decay", "momentum" and "steps" are their
        opposites.
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> def step(params, grads, lr, weight_decay, momentum, state):
    ...     return {k: p - lr * grads[k] for k, p in params.items()}, state
    >>> [(d.slug, d.outputs) for d in check_update(step).diagnosis]
    [('decay-ignored + momentum-ignored', ('w_after',)), ('momentum-ignored', ('b_after',))]
    """
    one_of(rule=(rule, Rule), epsilon=(epsilon, Epsilon), decay=(decay, Decay),
           dtype=(dtype, Precision))
    if epsilon == "hat" and not rule.startswith("adam"):
        raise ValueError(f"epsilon must be 'outside' or 'inside' with rule {rule!r}, got 'hat'")
    said: dict[str, Any] = {
        "decay": decay, "decay_factor": float(arguments.real("decay_factor", decay_factor)),
        "in_place": bool(in_place), "dtype": dtype}
    decoupled = bool(decoupled) or rule == "adamw"
    contract = UpdateContract(**said) if rule == "sgd" and not decoupled else OptimizerContract(
        **said, rule="adam" if rule == "adamw" else rule, decoupled=decoupled, epsilon=epsilon)
    return check(contract, {"forward": step}, seed=seed, timeout=timeout,
                 demands=demands(only, supports, (), False))


def check_adjoint(forward: Function, adjoint: Function,
                  shapes: tuple[Sequence[int], Sequence[int]], *, dtype: Precision = "float64",
                  seed: int = 0, timeout: float = TIMEOUT) -> Result:
    """Whether a function is linear, and another its adjoint: ⟨A x, y⟩ = ⟨x, Aᵀ y⟩.

    Parameters
    ----------
    forward, adjoint : callable
        x -> y and y -> x.
    shapes : (tuple of int, tuple of int)
        The shapes of x and of y.  `forward` is called once for each entry of x.
    dtype, seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_adjoint(np.cumsum, np.cumsum, ((4,), (4,)))
    >>> result.diagnosis[0].slug
    'forward-again'
    """
    sizes = tuple(arguments.integers(f"shapes[{k}]", tuple(s), len(s), 1)
                  for k, s in enumerate(shapes))
    if len(sizes) != 2:
        raise ValueError(f"shapes must be two, those of x and y, got {len(sizes)}")
    if np.prod(sizes[0]) > MOST_ENTRIES:
        raise ValueError(f"shapes[0] must have at most {MOST_ENTRIES} entries, got {sizes[0]}")
    contract = AdjointContract(forward, sizes, timeout, dtype)
    return check(contract, functions(forward, adjoint), seed=seed, timeout=timeout)


def check_gradient(f: Function, grad: Function, x: ArrayLike, *, seed: int = 0,
                   timeout: float = TIMEOUT) -> Result:
    """Whether `grad` is the gradient of `f` at x and near it, by extrapolated differences.

    Parameters
    ----------
    f : callable
        An array of the shape of x -> one number.
    grad : callable
        The same -> an array of that shape.
    x : array_like
        A point.  At a kink any slope between the two sides is right.
    seed, timeout
        As in `check_correlation`.

    Returns
    -------
    Result

    Examples
    --------
    >>> result = check_gradient(lambda x: (x**2).sum(), lambda x: x, [1.0, 2.0])
    >>> result.diagnosis[0].slug
    'factor-2-missing'
    """
    point = arguments.array("x", x).astype(float)
    contract = GradientContract(f, tuple(point.ravel().tolist()), point.shape, timeout)
    if not callable(f):
        raise TypeError(f"f must be callable, got {f!r}")
    return check(contract, {"backward": grad}, seed=seed, timeout=timeout)
