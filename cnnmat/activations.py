"""Activation functions f and their derivatives f'."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cnnmat import arguments

__all__ = ["ACTIVATIONS", "Activation", "activation"]


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
    f: Callable
    derivative: Callable

    def __call__(self, z):
        return self.f(z)


def _sigmoid(z):
    return np.exp(-np.logaddexp(0, -z))


def _tanh_derivative(z):
    return 1 - np.tanh(z) ** 2


def _sigmoid_derivative(z):
    return _sigmoid(z) * _sigmoid(-z)


def _softplus(z):
    return np.logaddexp(0, z)


def _step(z):
    # At the kink 0 is taken: of the subgradients in [0, 1] the one that TensorFlow and
    # PyTorch take, and the one for which an inactive unit stays without influence.
    return np.where(z > 0, 1, 0).astype(z.dtype)


#: The activations known by name.
ACTIVATIONS = {
    one.name: one
    for one in (
        Activation("identity", lambda z: z, np.ones_like),
        Activation("relu", lambda z: np.maximum(z, 0), _step),
        Activation("tanh", np.tanh, _tanh_derivative),
        Activation("sigmoid", _sigmoid, _sigmoid_derivative),
        Activation("softplus", _softplus, _sigmoid),
    )
}


def activation(which):
    """The `Activation` that `which` names, or `which` itself if it is one."""
    if isinstance(which, Activation):
        return which
    return arguments.choice("activation", which, ACTIVATIONS)
