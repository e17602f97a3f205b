"""Activation functions f and their derivatives f'."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from cnnmat import arguments
from cnnmat.typing import Array, Number

__all__ = ["ACTIVATIONS", "Activation", "activation", "soft_abs", "softplus"]


@dataclass(frozen=True)
class Activation:
    """A function applied entry by entry, with its derivative.

    Parameters
    ----------
    name : str
    f, derivative : callable
        Both take the pre-activations z, an array, and return an array of its shape.

    Examples
    --------
    >>> relu = activation("relu")
    >>> relu(np.array([-2, 0, 3])), relu.derivative(np.array([-2, 0, 3]))
    (array([0, 0, 3]), array([0, 0, 1]))
    """

    name: str
    f: Callable[[Array], Array]
    derivative: Callable[[Array], Array]

    def __call__(self, z: Array) -> Array:
        return self.f(z)


def _sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def _tanh_derivative(z):
    return 1 - np.tanh(z) ** 2


def _sigmoid_derivative(z):
    return _sigmoid(z) * _sigmoid(-z)


def _step(z):
    # At the kink 0 is taken: of the subgradients in [0, 1] the one that TensorFlow and
    # PyTorch take, and the one for which an inactive unit stays without influence.
    return np.where(z > 0, 1, 0).astype(z.dtype)


def softplus(k: Number = 1) -> Activation:
    """ln(1 + e^(kz)) / k, which tends to max(0, z) as k grows.

    Examples
    --------
    >>> softplus(2)(np.array([0., 9.])).round(4)
    array([0.3466, 9.    ])
    """
    k = arguments.real("k", k, positive=True)
    return Activation("softplus", lambda z: np.logaddexp(0, k * z) / k, lambda z: _sigmoid(k * z))


def soft_abs(k: Number = 1) -> Activation:
    """(2/k) ln(1 + e^(kz)) - z - (2/k) ln 2, which is 0 at 0 and tends to |z| as k grows.

    Its derivative 2 / (1 + e^(-kz)) - 1 is a soft sign.

    Examples
    --------
    >>> soft = soft_abs(10)
    >>> soft(np.array([-2., 0., 1.])).round(3), soft.derivative(np.array([-2., 0.])).round(3)
    (array([1.861, 0.   , 0.861]), array([-1.,  0.]))
    """
    k = arguments.real("k", k, positive=True)
    return Activation(
        "softabs",
        lambda z: 2 / k * (np.logaddexp(0, k * z) - math.log(2)) - z,
        lambda z: 2 * _sigmoid(k * z) - 1)


#: The activations known by name.
ACTIVATIONS = {
    one.name: one
    for one in (
        Activation("identity", lambda z: z, np.ones_like),
        Activation("relu", lambda z: np.maximum(z, 0), _step),
        Activation("tanh", np.tanh, _tanh_derivative),
        Activation("sigmoid", _sigmoid, _sigmoid_derivative),
        softplus(),
        # at the kink of |z| sign takes 0, the subgradient of least norm
        Activation("abs", np.abs, np.sign),
        soft_abs(),
    )
}


#: An activation by name or in person, for all layers or for each.
Activations: TypeAlias = str | Activation | list[str | Activation] | tuple[str | Activation, ...]


def activation(which: str | Activation) -> Activation:
    """The `Activation` that `which` names, or `which` itself if it is one."""
    if isinstance(which, Activation):
        return which
    return arguments.choice("activation", which, ACTIVATIONS)
