"""Activation functions f and their derivatives f'."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
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


def _door(function, take=arguments.numeric):
    """`function` of z with the checks before it; a number alone comes back as one."""
    @wraps(function)
    def checked(z):
        return function(take("z", z))[()]
    return checked


def _floats(name, z):
    return arguments.inexact(name, arguments.numeric(name, z))


def _real(function):
    """`function`, which is not rational, of z as floats."""
    return _door(function, _floats)


@_real
def _sigmoid(z):
    # the exponential is at most 1: whatever z is, no digits are lost
    small = np.exp(-np.abs(z))
    return np.where(z < 0, small, 1) / (1 + small)


@_real
def _sigmoid_derivative(z):
    small = np.exp(-np.abs(z))
    return small / (1 + small) ** 2


@_real
def _tanh_derivative(z):
    # 1 - tanh² is 0 from z = 19 on
    small = np.exp(-np.abs(z)) ** 2
    return 4 * small / (1 + small) ** 2


def _step(z):
    # At the kink 0 is taken: of the subgradients in [0, 1] the one that TensorFlow and
    # PyTorch take, and the one for which an inactive unit stays without influence.
    return np.where(z > 0, 1, 0).astype(z.dtype)


def _abs(z):
    arguments.within_int64("z", arguments.largest(z))
    return np.abs(z)


def _in_double(function):
    """`function`, with a factor that z's own type may not hold, of z in double precision."""
    @_real
    def computed(z):
        # k z may be infinite: what is made of it has its limit there
        with np.errstate(over="ignore"):
            return function(z.astype(np.promote_types(z.dtype, float))).astype(z.dtype)
    return computed


def softplus(k: Number = 1) -> Activation:
    """ln(1 + e^(kz)) / k, which tends to max(0, z) as k grows.

    Examples
    --------
    >>> softplus(2)(np.array([0., 9.])).round(4)
    array([0.3466, 9.    ])
    """
    k = arguments.floating("k", k, positive=True)
    return Activation(
        "softplus",
        _in_double(lambda z: np.maximum(z, 0) + np.log1p(np.exp(-k * np.abs(z))) / k),
        _in_double(lambda z: _sigmoid(k * z)))


def soft_abs(k: Number = 1) -> Activation:
    """(2/k) ln(1 + e^(kz)) - z - (2/k) ln 2, which is 0 at 0 and tends to |z| as k grows.

    Its derivative 2 / (1 + e^(-kz)) - 1 = tanh(kz/2) is a soft sign.

    Examples
    --------
    >>> soft = soft_abs(10)
    >>> soft(np.array([-2., 0., 1.])).round(3), soft.derivative(np.array([-2., 0.])).round(3)
    (array([1.861, 0.   , 0.861]), array([-1.,  0.]))
    """
    k = arguments.floating("k", k, positive=True)

    def value(z):
        u = k / 2 * np.abs(z)
        # |z| (ln cosh u) / u; near 0 as ln(1 + 2 sinh²(u/2)), for the terms would cancel, and
        # nearer as u²/2
        v = np.clip(u, 1e-8, 1)
        near = np.abs(z) * np.where(u < v, u / 2, np.log1p(2 * np.sinh(v / 2) ** 2) / v)
        far = np.abs(z) + (np.log1p(np.exp(-2 * u)) - math.log(2)) / k * 2
        return np.where(u < 1, near, far)

    return Activation("softabs", _in_double(value), _in_double(lambda z: np.tanh(k / 2 * z)))


#: The activations known by name.
ACTIVATIONS = {
    one.name: one
    for one in (
        Activation("identity", _door(lambda z: z), _door(np.ones_like)),
        Activation("relu", _door(lambda z: np.maximum(z, 0)), _door(_step)),
        Activation("tanh", _real(np.tanh), _tanh_derivative),
        Activation("sigmoid", _sigmoid, _sigmoid_derivative),
        softplus(),
        # at the kink of |z| sign takes 0, the subgradient of least norm
        Activation("abs", _door(_abs), _door(np.sign)),
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
