"""A pooling layer that can be spoiled: every choice in it is a field to be edited."""

from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from cnnmat import loops
from cnnmat.testing import truth

__all__ = []


@dataclass(frozen=True)
class Pool:
    """Inputs, geometry, and the choices that people get wrong.

    Attributes
    ----------
    fill : float or None
        What the border holds, where it takes part.
    overlap : str
        Where windows overlap, "add" their gradients, "assign" what is not zero, or put each
        of the "windows" over what stands there.
    share : callable or None
        (kind, values, places) -> what each entry of a window gets of its gradient.
    as_many : bool
        Whether there are as many windows as there should be, wherever they lie.
    crop : callable or None
        (gradient of the padded image, pooling) -> dx, where it is cut out wrongly.
    """

    x: np.ndarray
    dt: np.ndarray
    size: tuple
    stride: tuple
    padding: tuple
    dilation: tuple
    kind: str
    partial: bool
    count_padding: bool
    form: str
    fill: object = None
    overlap: str = "add"
    share: object = None
    as_many: bool = False
    crop: object = None

    def but(self, **changes):
        """The pooling with some fields changed."""
        return replace(self, **changes)


def layer_of(contract, case):
    """The pooling of a case; its arrays as floats."""
    s = case.settings
    return Pool(case.arrays["x"].astype(float), case.arrays["dt"].astype(float),
                tuple(s["size"]), tuple(s["stride"]), tuple(map(tuple, s["padding"])),
                tuple(s["dilation"]), contract.pooling, contract.incomplete == "partial",
                contract.count_padding, case.form)


def _windows(pool):
    """{window: (cells inside, places counted)}, and how many there are along each axis."""
    return _placed(pool.x.shape[2:], pool.size, pool.stride, pool.padding, pool.dilation,
                   pool.partial, pool.dt.shape[2:] if pool.as_many else None)


@lru_cache(maxsize=512)
def _placed(image, size, stride, padding, dilation, partial, most):
    nested = loops.pool_windows(list(image), size, stride, padding, dilation, partial)
    counts = loops.window_counts(nested)
    if most is not None:
        counts = [min(n, m) for n, m in zip(counts, most, strict=True)]
    found = {}
    for window in np.ndindex(*counts):
        inside = nested
        for i in window:
            inside = inside[i]
        found[window] = inside
    return found, counts


def compute(pool, output):
    """t or dx, window by window."""
    if output == "t":
        return reduced(pool, partial(truth.pool_values, pool.kind))
    return _dx(pool, *_windows(pool)) if pool.crop is None else pool.crop(_wide(pool), pool)


def _wide(pool):
    """The gradient of the padded image."""
    fill = -np.inf if pool.kind == "max" else 0.0
    x = np.pad(pool.x, ((0, 0), (0, 0), *pool.padding), constant_values=fill)
    return compute(pool.but(x=x, padding=((0, 0),) * len(pool.size), crop=None), "dx")


def _read(pool, n, c, inside, places):
    values = [float(pool.x[(n, c, *i)]) for i in inside]
    # a border that takes part in the maximum
    return values + [pool.fill] * (places - len(values)) if pool.fill is not None else values


def reduced(pool, reduce):
    """reduce(values, places) of every window."""
    windows, counts = _windows(pool)
    t = np.zeros((*pool.x.shape[:2], *counts))
    for n, c in np.ndindex(pool.x.shape[:2]):
        for window, (inside, places) in windows.items():
            t[(n, c, *window)] = reduce(_read(pool, n, c, inside, places),
                                        places if pool.count_padding else len(inside))
    return t


def _dx(pool, windows, counts):
    if tuple(counts) != pool.dt.shape[2:]:
        windows = {w: v for w, v in windows.items()
                   if all(a < b for a, b in zip(w, pool.dt.shape[2:], strict=True))}
    dx = np.zeros(pool.x.shape)
    for n, c in np.ndindex(pool.x.shape[:2]):
        for window, (inside, places) in windows.items():
            values = _read(pool, n, c, inside, 0)
            places = places if pool.count_padding else len(inside)
            slopes = (pool.share or truth.pool_slopes)(pool.kind, values, places)
            for cell, slope in zip(inside, slopes, strict=True):
                add = pool.dt[(n, c, *window)] * float(slope)
                at = (n, c, *cell)
                put = pool.overlap == "windows" or (pool.overlap == "assign" and slope)
                dx[at] = add if put else dx[at] + add
    return dx
