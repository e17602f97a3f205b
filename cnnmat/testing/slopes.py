"""Derivatives of a stranger's function, from its values alone, and how far they can be trusted.

Central differences at h and h/2, extrapolated to 0 (Richardson), with an estimate of their error.
A kink that lies between the points shows in the two one-sided slopes, extrapolated likewise: the
step is made smaller until there is none, and where there always is one the point itself is it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = []

#: Steps that are tried, relative to max(1, |x|); as much of a slope may be in doubt.
STEPS, DOUBT = (1e-3, 1e-4, 1e-5, 1e-6), 1e-7
#: How the numbers of f round, seen from its values: that many units in the last place.
ROUNDING = 16
#: The step into the complex plane: its square is lost in 1.
IMAGINARY = 1e-30


@dataclass(frozen=True)
class Slope:
    """The derivative along one axis.

    Parameters
    ----------
    value, error : float
        What it is, and what it may be off by; infinite where nothing can be said.
    left, right : float
        The one-sided derivatives.
    kink : bool
        Whether these differ: then there is no derivative.
    """

    value: float
    error: float
    left: float
    right: float
    kink: bool = False


@np.errstate(all="ignore")
def slope(f, x, cell, here):
    """The `Slope` of f by one entry of x, where f is `here`.

    Examples
    --------
    >>> x = np.array([0.0, 2.0])
    >>> def f(x): return abs(x[0]) + x[1] ** 3
    >>> round(slope(f, x, (1,), f(x)).value, 9)
    12.0
    >>> one = slope(f, x, (0,), f(x))
    >>> one.kink, round(one.left), round(one.right)
    (True, -1, 1)
    """
    tried = []
    for step in STEPS:
        one, doubt = _differences(f, x, cell, here, step * max(1.0, abs(float(x[cell]))))
        if one.error + abs(one.right - one.left) <= doubt < np.inf:
            return one
        tried.append((one, doubt))
    last, doubt = tried[-1]
    before = tried[-2][0]
    # one-sided slopes that stand still, whatever the step
    still = max(abs(last.left - before.left), abs(last.right - before.right))
    if still <= 1e3 * doubt < np.inf:
        return Slope(last.value, last.error, last.left, last.right, True)
    return Slope(last.value, np.inf, -np.inf, np.inf)


def _differences(f, x, cell, here, h):
    """The `Slope` as differences at h and h/2 give it, and how much of it may be in doubt."""
    one, half = (_one_sided(f, x, cell, here, step) for step in (h, h / 2))
    left, right = 2 * half - one
    numbers = np.result_type(np.asarray(here).dtype, np.float16)
    rounding = ROUNDING * np.finfo(numbers).eps * abs(here) / h
    central = float(4 * half.mean() - one.mean()) / 3
    error = abs(central - float(half.mean())) + rounding
    doubt = DOUBT * max(abs(left), abs(right)) + 4 * rounding
    return Slope(central, float(error), float(left), float(right)), float(doubt)


def _one_sided(f, x, cell, here, step):
    """The differences to the left and to the right."""
    return np.array([(here - _moved(f, x, cell, -step)) / step,
                     (_moved(f, x, cell, step) - here) / step], dtype=float)


def _moved(f, x, cell, step):
    moved = x.astype(np.result_type(x, type(step)))
    moved[cell] += step
    return f(moved)


@np.errstate(all="ignore")
def complex_slope(f, x, cell):
    """Im f(x + ih) / h: exact where f computes with complex numbers as with real ones, else NaN.

    Examples
    --------
    >>> complex_slope(lambda x: np.exp(x[0]), np.array([0.0]), (0,))
    1.0
    """
    value = np.asarray(_moved(f, x, cell, complex(0, IMAGINARY)))
    return float(value.imag) / IMAGINARY if np.iscomplexobj(value) else np.nan
