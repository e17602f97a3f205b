r"""Means and norms over windows: nothing overflows or vanishes on the way.

ℓp is (Σ |x|^p)^(1/p).  Where the powers as they are stay in range, which their sums tell, the
sums are taken axis by axis.  Elsewhere the powers are taken of a window's entries over its
largest, or over a power of two near that.
"""

import numpy as np

from cnnmat.layers.paths import is_finite
from cnnmat.textbook.pooling import scale_for, slopes

__all__ = ["mean", "norm", "norm_gradient"]


def mean(x, where, out=None):
    """The sum over each window of the `WindowPooling` `where`, over how many entries it counts."""
    with np.errstate(over="ignore"):
        t = where.sum(x, out)
    counts, finite = where.divisors(x.dtype), is_finite(t)
    infinite = None if finite else ~np.isfinite(t)
    t /= counts
    if not finite:
        # it may be the sum alone that was too large
        many = 2.0 ** where.windows.S.bit_length()
        np.divide(where.sum(x / many), counts / many, out=t, where=infinite)
    return t


def _power(x, p):
    """|x|^p."""
    return x * x if p == 2 else np.abs(x) ** p


def _in_range(q, x, where):
    """Whether no sum of powers is too large, and none so small that powers may have vanished."""
    limits = np.finfo(q.dtype)
    right = (q >= limits.tiny / limits.eps) & (q <= limits.max)
    return right.all() or (right | (_maxima(x, where) == 0)).all()


def _maxima(x, where):
    return where.stages(np.abs(x), np.maximum, 0)[-1]


def _factors(x, where, p, out=None):
    """The norm of each window as a scale, None where all goes without, and the norm over it."""
    with np.errstate(over="ignore"):
        q, scale = where.sum(_power(x, p), out), None
        if not _in_range(q, x, where):
            scale = scale_for(_maxima(x, where), p)
            q[...] = 0
            for image, window in where.all_places():
                q[window] += _power(x[image] / scale[window], p)
    q **= 1 / p
    return scale, q


def norm(x, where, p, out=None):
    """(Σ |x|^p)^(1/p) over each window."""
    scale, t = _factors(x, where, p, out)
    return t if scale is None else np.multiply(t, scale, out=t)


def norm_gradient(dt, x, where, p):
    """Σ dt sign(x) (|x| / norm)^(p-1) over the windows of each entry; a norm of 0 passes none."""
    scale, t = _factors(x, where, p)
    t[t == 0] = 1
    dx = np.zeros_like(x, dt.dtype)
    # infinity over infinity is NaN, which goes on
    with np.errstate(invalid="ignore"):
        for image, window in where.all_places():
            by = 1 if scale is None else scale[window]
            dx[image] += dt[window] * slopes(x[image], by, t[window], p)
    return dx
