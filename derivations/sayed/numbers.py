"""Numbers handed out where a network would have symbols: exact ones, and floats."""

from fractions import Fraction

import numpy as np

from cnnmat import Activation
from cnnmat.derivations.functions import on_floats
from cnnmat.textbook.activations import activation
from cnnmat.verify import exact

__all__ = ["Floats", "Numbers", "activations"]


class Numbers:
    """Hands out whole numbers where `Symbols` hands out generators."""

    def __init__(self, e):
        self.e = e

    def symbol(self, name):
        return Fraction(int(self.e.integers(low=-29, high=29)) or 30)

    def symbols(self, name, *shape):
        if not shape:
            return self.symbol(name)
        array = np.empty(shape, dtype=object)
        for cell in np.ndindex(shape):
            array[cell] = self.symbol(name)
        return array

    def activation(self, name):
        f = exact.Opaque(self, name)
        return Activation(name, f, f.derivative)

    def root(self):
        return exact.Opaque(self, "root2", lambda q, t: 1 / (2 * t))


class Floats(Numbers):
    """The same with random floats and the hyperbolic tangent, for sparse matrices."""

    def symbols(self, name, *shape):
        return self.e.floats(*shape) if shape else float(self.e.floats())

    def activation(self, name):
        def slope(z):
            return 1 - np.tanh(z) ** 2

        return Activation(name, on_floats(np.tanh, slope), slope)


class Rectifier:
    """ReLU of the plain loops, of one number."""

    derivative = staticmethod(activation("relu").derivative)

    def __call__(self, z):
        return z if z > 0 else 0 * z


def activations(draw, letter, count, relu):
    """So many activations for the loops, and the same for the package: any, or ReLU."""
    if relu:
        return [Rectifier()] * count, ["relu"] * count
    drawn = [draw.activation(f"{letter}{k + 1}") for k in range(count)]
    return drawn, drawn
