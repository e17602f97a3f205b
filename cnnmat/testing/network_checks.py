"""`check_network`: the first gradient of a whole network that is wrong."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnnmat import arguments
from cnnmat.testing import sandbox
from cnnmat.testing.contract import known_cases
from cnnmat.testing.conventions import Function
from cnnmat.testing.engine import TIMEOUT, check
from cnnmat.testing.network import Network, NetworkContract, known
from cnnmat.testing.result import Result
from cnnmat.typing import ArrayLike

__all__ = []


def check_network(forward: Function, backward: Function, parameters: Mapping[str, ArrayLike], *,
                  samples: int | None = None, entries: int = 24, seed: int = 0,
                  timeout: float = TIMEOUT) -> Result:
    """Which gradient of a whole network is the first, seen from its output, that is wrong.

    What is right are derivatives dJ/dp of the loss itself: extrapolated differences with an
    estimate of their error, and the complex step Im J(p + ih) / h where it agrees with them.

    Parameters
    ----------
    forward : callable
        ``forward(parameters)`` -> the loss J, or a tuple with J as its only number; the data are
        its own, the same at each call.
    backward : callable
        ``backward(parameters)`` -> the gradients: a dictionary by the names of the parameters
        (W1 or dW1), or a list in their order; or a tuple with one such dictionary.  It is called
        after `forward`, and may use what that has kept.
    parameters : dict of array_like
        By name, layer after layer from the input on.  The functions are given copies.  Where
        `forward` takes nothing, these must be the arrays of floats that the network holds: they
        are written into, and put back.
    samples : int, optional
        How many samples the loss is over, so that a division by it can be named.
    entries : int
        So many entries of each gradient are looked at, some of all rows and columns.
    seed : int
        Of which entries, and of two points near the parameters, where everything is tried again.
    timeout : float
        Seconds that one call may take.

    Returns
    -------
    Result
        `Result.chain` has each gradient, from the last to the first, as "right", "wrong" or
        "cannot say" (at a kink, or too close to one); `Result.first_wrong` is the one to look at:
        those behind it are computed from what it is computed from.

    Raises
    ------
    TypeError
        If the functions or the parameters are not what they must be.
    ValueError
        If no loss comes back, or another one at each call, or one that does not change with the
        parameters; if there are none.

    Examples
    --------
    >>> x, t = np.array([[1.0, 2.0], [0.5, -1.0]]), np.array([[1.0], [0.0]])
    >>> def forward(p):
    ...     return ((np.tanh(x @ p["W1"]) @ p["W2"] - t) ** 2).sum()
    >>> def backward(p):
    ...     h = np.tanh(x @ p["W1"])
    ...     dy = 2 * (h @ p["W2"] - t)
    ...     return {"W2": h.T @ dy, "W1": x.T @ (dy @ p["W2"].T)}
    >>> result = check_network(
    ...     forward, backward, {"W1": [[0.5, -0.2], [0.1, 0.3]], "W2": [[1.0], [-0.5]]})
    >>> result.chain, result.first_wrong
    ({'dW2': 'right', 'dW1': 'wrong'}, 'dW1')
    """
    for name, function in (("forward", forward), ("backward", backward)):
        arguments.function(name, function)
    held = _arrays(parameters)
    network = Network(forward, backward, dict(parameters))
    if network.held:
        _writable(parameters)
    if samples is not None:
        arguments.integer("samples", samples, 1)
    contract = NetworkContract(
        network=network, point={name: a.astype(float) for name, a in held.items()},
        entries=arguments.integer("entries", entries, 1), samples=samples, timeout=timeout,
        seed=arguments.integer("seed", seed))
    cases = known_cases(contract, contract.seed)
    _try(contract, cases)
    result = check(contract, {"backward": network.gradients}, seed=seed, timeout=timeout)
    return _chained(result, contract, cases)


def _arrays(parameters):
    if not isinstance(parameters, Mapping):
        raise TypeError(f"parameters must be a dictionary of arrays, got {parameters!r}")
    if not parameters:
        raise ValueError("parameters must not be empty, got {}")
    for name in parameters:
        arguments.instance("a name in parameters", name, str)
    return {name: arguments.array(f"parameters[{name!r}]", one)
            for name, one in parameters.items()}


def _writable(parameters):
    for name, one in parameters.items():
        if not isinstance(one, np.ndarray) or one.dtype.kind != "f" or not one.flags.writeable:
            raise TypeError(f"parameters[{name!r}] must be the array of floats that the network "
                            f"holds where forward takes nothing, got {one!r}")


def _try(contract, cases):
    """The loss is a finite number, always the same, and hangs on the parameters."""
    here, near = cases[:2]
    first, moved, again = (_loss(contract, case.arrays) for case in (here, near, here))
    if first != again:
        raise ValueError(f"forward must give the same loss at each call, got {first} and {again} "
                         "at the same parameters")
    if first == moved:
        raise ValueError("parameters must be those that forward computes with, got some that do "
                         "not change its loss")


def _loss(contract, point):
    answer = sandbox.call(contract.network.loss, (point,), contract.timeout)
    if answer.status == "timeout":
        raise ValueError(f"forward must return within {contract.timeout:g} s, and did not")
    if answer.status == "raised":
        raise ValueError(f"forward must give a loss at the parameters given, got {answer.error}")
    return arguments.floating("the loss that forward returns", answer.value.item())


def _chained(result, contract, cases):
    """The verdict on each gradient, the last first."""
    truths = [contract.truth_of(case, "backward") for case in cases]
    wrong = {f.output for f in result.failures}
    for name in reversed(contract.parts["backward"][1]):
        sure = sum(int(known(truth[name]).sum()) for truth in truths)
        every = sum(truth[name].value.size for truth in truths)
        result.chain[name] = ("wrong" if wrong & {name, None} else
                              "right" if sure else "cannot say")
        if sure < every:
            result.notes.append(f"{name}: nothing can be said of {every - sure} of {every} "
                                "derivatives, at a kink or too close to one")
    if set(result.chain.values()) == {"cannot say"}:
        result.verdict, result.passed = "not judged", False
    return result
