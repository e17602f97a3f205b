"""The lecture, and what its claims draw, run and hold as true."""

import math

from cnnmat import layers, loops
from cnnmat.verify import Lecture, duals

lecture = Lecture("layers", "cnnmat's own layers and fast paths, as matrices",
                  source_kind="own")

#: N, C, D, image, kernel: all sizes differ.
LAYER = {"n": 2, "before": 4, "after": 6, "image": (7, 9), "kernel": (2, 3)}
LAYERS = [
    {**LAYER, "stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1},
    {**LAYER, "stride": (2, 1), "padding": ((1, 0), (2, 1)), "dilation": (1, 2), "groups": 2},
]


def drawn(e, n, before, after, image, kernel, groups=1, **_):
    """Whole numbers for x, w and b."""
    return (e.integers(n, before, *image), e.integers(after, before // groups, *kernel),
            e.integers(after))


def options(case):
    """The keywords of a layer."""
    return {k: case[k] for k in ("stride", "padding", "dilation", "groups")}


def by_loops(x, w, b, stride, padding, dilation, groups):
    """z by the plain loops."""
    return loops.correlate(x.tolist(), w.tolist(), b.tolist(), list(stride), list(padding),
                           list(dilation), groups)


def back_by_loops(dz, x, w, stride, padding, dilation, groups):
    """(dx, dw, db) by the plain loops."""
    return loops.correlate_backward(dz.tolist(), x.tolist(), w.tolist(), list(stride),
                                    list(padding), list(dilation), groups)


def there_and_back(x, w, b, dz, **layer):
    """z, then dx, dw and db, then dw and db without dx, by the package."""
    return (layers.correlate(x, w, b, **layer), *layers.correlate_backward(dz, x, w, **layer),
            *layers.correlate_backward(dz, x, w, with_dx=False, **layer)[1:])


def there_and_back_by_loops(x, w, b, dz, **layer):
    """The same by the plain loops."""
    back = back_by_loops(dz, x, w, **layer)
    return by_loops(x, w, b, **layer), *back, *back[1:]


def inner(a, b):
    """The sum of the products of the entries of two nested lists."""
    if isinstance(a, list):
        return sum(inner(*both) for both in zip(a, b, strict=True))
    return a * b


def chained(f, slope):
    """The function f of one number, with its derivative where the number is a dual one."""
    return lambda v: (v.chain(f(v.value), slope(v.value)) if isinstance(v, duals.Dual) else f(v))


exp = chained(math.exp, math.exp)
log = chained(math.log, lambda v: 1 / v)


def sign(v):
    """1, 0 or -1."""
    return int(v > 0) - int(v < 0)
