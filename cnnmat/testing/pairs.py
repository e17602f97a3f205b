"""Layers that are classes, and functions with a cache, as the functions that the checks call.

For what ``convention="auto"`` does not find.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnmat import arguments
from cnnmat.calling.applying import reached
from cnnmat.testing.conventions import Function

__all__ = ["cached_pair", "layer_pair"]


def layer_pair(make: Callable[..., Any], *, forward: str = "forward", backward: str = "backward",
               dw: str | None = "dW", db: str | None = "db",
               maps: int = 0) -> tuple[Function, Function]:
    """(forward, backward) of a layer that is an object.

    Parameters
    ----------
    make : callable
        ``make(w, b, *settings)`` -> a layer with these parameters; of a layer without any,
        ``make(*settings)``.
    forward, backward : str
        Its methods: of x -> z, and of dz -> dx.
    dw, db : str, optional
        Where the gradients are after backward; "grads.W" is ``layer.grads["W"]`` or
        ``layer.grads.W``.  None for one that there is not.
    maps : int
        The axis of w that counts the maps, -1 for HWIO.

    Returns
    -------
    tuple of callable
        Each call makes a new layer.

    Raises
    ------
    TypeError
        If `make` is not callable.

    Examples
    --------
    >>> from cnnmat.testing import check_feedforward
    >>> class Dense:
    ...     def __init__(self, w, b):
    ...         self.w, self.b = w, b
    ...     def run(self, x):
    ...         self.x = x
    ...         return x @ self.w.T + self.b
    ...     def back(self, dz):
    ...         self.slopes = {"w": dz.T @ self.x, "b": dz.mean(0)}
    ...         return dz @ self.w
    >>> pair = layer_pair(Dense, forward="run", backward="back", dw="slopes.w", db="slopes.b")
    >>> [d.slug for d in check_feedforward(*pair).diagnosis]
    ['divided-by-batch']
    """
    _callable("make", make)
    arguments.integer("maps", maps, -5)

    def made(x: Any, args: tuple[Any, ...]) -> tuple[Any, Any]:
        layer = make(*args)
        return layer, getattr(layer, forward)(x)

    def run(x: Any, *args: Any) -> Any:
        return made(x, args)[1]

    def run_back(dz: Any, x: Any, *args: Any) -> Any:
        layer, _ = made(x, _with_bias(args, maps))
        dx = getattr(layer, backward)(dz)
        if not _is_array(args):
            return dx
        return (dx, *(reached(layer, path.split(".")) for path in (dw, db) if path))

    return run, run_back


def cached_pair(forward: Function, backward: Function, *,
                settings: Callable[..., Any] | None = None,
                maps: int = 0) -> tuple[Function, Function]:
    """(forward, backward) of functions that hand a cache from one to the other.

    Parameters
    ----------
    forward : callable
        ``forward(x, w, b, *settings)`` -> (z, cache); of a pooling ``forward(x, *settings)``.
    backward : callable
        ``backward(dz, cache)`` -> (dx, dw, db).
    settings : callable, optional
        Of the settings (stride, padding, ...) -> the one argument that they are handed over as.
    maps : int
        The axis of w that counts the maps, -1 for HWIO.

    Returns
    -------
    tuple of callable

    Raises
    ------
    TypeError
        If a function is not callable.

    Examples
    --------
    >>> from cnnmat.testing import check_pooling
    >>> def forward(x, param):
    ...     n, c, h, w = x.shape
    ...     k = param["size"]
    ...     return x.reshape(n, c, h // k, k, w // k, k).mean((3, 5)), k
    >>> def backward(dz, k):
    ...     return np.kron(dz, np.ones((k, k)))
    >>> pair = cached_pair(forward, backward, settings=lambda size: {"size": size})
    >>> [d.slug for d in check_pooling(*pair, kind="mean", incomplete="never").diagnosis]
    ['whole-gradient-to-each']
    """
    for name, one in (("forward", forward), ("backward", backward)):
        _callable(name, one)
    arguments.integer("maps", maps, -5)

    def handed(args: tuple[Any, ...]) -> tuple[Any, ...]:
        arrays = [a for a in args if isinstance(a, np.ndarray)]
        return args if settings is None else (*arrays, settings(*args[len(arrays):]))

    def run(*args: Any) -> Any:
        return forward(*handed(args))[0]

    def run_back(dz: Any, x: Any, *args: Any) -> Any:
        return backward(dz, forward(*handed((x, *_with_bias(args, maps))))[1])

    return run, run_back


def _callable(name, value):
    if not callable(value):
        raise TypeError(f"{name} must be callable, got {value!r}")


def _is_array(args):
    return bool(args) and isinstance(args[0], np.ndarray)


def _with_bias(args, maps):
    """w and the settings with a bias of zeros behind w, which backward is not told."""
    if not _is_array(args):
        return args
    return (args[0], np.zeros(args[0].shape[maps]), *args[1:])
