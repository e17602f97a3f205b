"""Functions that the lectures' claims share: exp and ln on symbols, real ones on floats."""

from cnnmat.verify import exact
from cnnmat.verify.duals import Dual

__all__ = ["exponential", "logarithm", "on_floats"]


def exponential(e):
    """exp, of which only exp' = exp is known; needs ``rational=True``."""
    return exact.Opaque(e.ring, "exp", lambda z, value: value)


def logarithm(e):
    """The natural logarithm, of which only its derivative 1/z is known; ``rational=True``."""
    return exact.Opaque(e.ring, "ln", lambda z, value: 1 / z)


def on_floats(function, slope):
    """A function of floats that takes dual numbers as well, `slope` being its derivative."""
    def either(z):
        return z.chain(function(z.value), slope(z.value)) if isinstance(z, Dual) else function(z)

    return either
