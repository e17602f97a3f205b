"""Answers that are zero where they should not be, by the value of something."""

import numpy as np

from cnnmat.testing.comparing import errors

__all__ = []

#: Wrong answers that a fact must be seen in.
MANY = 4


def masked(wrong, axes, tolerance):
    """Zero where an input, or the right answer, lies on one side of a bound, and right elsewhere.
    """
    inputs = [name for name, a in wrong[0][2].arrays.items() if a.shape == wrong[0][1].shape]
    for name in (*inputs, None) if wrong[0][1].ndim else ():
        values = [np.asarray(r if name is None else case.arrays[name], float)
                  for _, r, case in wrong]
        for sign, word in ((1, "greater"), (-1, "less")):
            bounds = [_bound(a, r, sign * v, tolerance)
                      for (a, r, _), v in zip(wrong, values, strict=True)]
            if None in bounds:
                continue
            low, high = max(one[0] for one in bounds), min(one[1] for one in bounds)
            if low < high and sum(np.isfinite(one).all() for one in bounds) >= MANY:
                where = f"{name} is" if name else "it should be"
                return "masked", (
                    f"the answer is zero where {where} {word} than about "
                    f"{sign * _plain(low, high) + 0.0:g}, and right elsewhere: a mask that is not "
                    "part of this")
    return None


def _bound(a, r, by, tolerance):
    """(the largest value where it is right, the least where it is zero and should not be), or None
    where that does not describe the answer."""
    if by.shape != r.shape:
        return None
    off = errors(a, r) > tolerance
    kept = ~off & (np.abs(r) > 0)
    if a[off].any():
        return None
    return by[kept].max(initial=-np.inf), by[off].min(initial=np.inf)


def _plain(low, high):
    """A short number between two others."""
    for digits in range(-3, 12):
        at = np.ceil(low * 10.0**digits) / 10.0**digits
        if low <= at <= high:
            return float(at) + 0.0
    return float(low)
