"""What a pooling is tried on, and what each configuration is there for."""

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import Case, distinct, whole

__all__ = []

# Each row: what it is there for; the score's row; N, C; image; size; then what is not plain.
# Where the functions take no stride, it is the size.
ROWS = [
    # As small as can be, and each count above 1 by itself.
    ("one sample and channel", "plain", (1, 1), (4, 6), (2, 2), {}),
    ("two samples", "plain", (2, 1), (4, 6), (2, 2), {}),
    ("two channels", "plain", (1, 2), (4, 6), (2, 2), {}),
    # All sizes different; windows of three show a size for a size squared.
    ("all sizes different", "plain", (2, 3), (6, 9), (3, 3), {}),
    # Square throughout: code that cannot run on unequal sides shows its values here.
    ("all sizes alike", "plain", (2, 2), (4, 4), (2, 2), {}),
    ("square, with windows of three", "plain", (3, 3), (6, 6), (3, 3), {}),
    # One window in all, and windows of one pixel.
    ("window as large as the image", "plain", (2, 2), (3, 3), (3, 3), {}),
    ("window 1 x 1", "plain", (1, 2), (3, 4), (1, 1), {}),
    # Sides of a window exchanged.
    ("window not square", "plain", (2, 2), (6, 6), (2, 3), {}),
    # Pixels left over at the end: in rows, in columns, in both.
    ("a rest in rows", "uneven", (1, 2), (5, 6), (2, 2), {}),
    ("a rest in columns", "uneven", (2, 1), (4, 7), (2, 2), {}),
    ("a rest in both", "uneven", (2, 2), (7, 8), (3, 3), {}),
    # Windows that overlap: one pixel may be the maximum of several.
    ("windows that overlap", "stride", (2, 2), (5, 6), (3, 3), {"stride": (1, 1)}),
    ("windows that overlap, a rest left over", "stride", (1, 2), (6, 8), (3, 3),
     {"stride": (2, 2)}),
    ("stride larger than the window", "stride", (1, 2), (7, 8), (2, 2), {"stride": (3, 3)}),
    ("stride per axis", "stride", (2, 1), (5, 7), (2, 2), {"stride": (1, 2)}),
    # Padding: zeros must not win a maximum, and count or do not count in a mean.
    ("padding", "padding", (2, 2), (4, 6), (2, 2), {"padding": 1}),
    ("padding, windows that overlap", "padding", (1, 2), (5, 6), (3, 3),
     {"padding": 1, "stride": (2, 2)}),
    ("padding, all entries negative", "padding", (1, 2), (4, 4), (2, 2),
     {"padding": 1, "values": "negative"}),
    ("padding, a rest left over", "padding", (1, 1), (6, 5), (3, 3),
     {"padding": 1, "stride": (2, 2)}),
    ("padding per axis", "padding", (1, 1), (4, 5), (3, 2),
     {"padding": (0, 1), "stride": (2, 1)}),
    # A running maximum that starts at zero.
    ("all entries negative", "values", (2, 2), (4, 6), (2, 2), {"values": "negative"}),
    # Ties: any convex share of the gradient is right, more or less in all is wrong.
    ("ties", "ties", (2, 2), (4, 6), (2, 2), {"values": "ties"}),
    ("ties, windows of three", "ties", (1, 2), (6, 6), (3, 3), {"values": "ties"}),
    ("ties, windows that overlap", "ties", (1, 1), (4, 5), (2, 2),
     {"values": "ties", "stride": (1, 1)}),
    # 0/0 in the gradient of a norm.
    ("windows of zeros", "values", (1, 2), (4, 4), (2, 2), {"values": "zeros"}),
    ("real numbers", "values", (2, 2), (6, 6), (3, 3), {"values": "real"}),
    ("real numbers, a rest", "values", (1, 2), (5, 7), (2, 2), {"values": "real"}),
    # Memory and calls: see FORMS and Case.twin.
    ("all sizes different, other values", "calling", (2, 3), (6, 9), (3, 3), {}),
    ("integer image", "calling", (2, 2), (4, 6), (2, 2), {"form": "integer"}),
    ("Fortran order", "calling", (2, 2), (4, 6), (2, 2), {"form": "fortran"}),
    ("strided views", "calling", (2, 2), (4, 6), (2, 2), {"form": "strided"}),
    ("read-only arrays", "calling", (2, 2), (4, 6), (2, 2), {"form": "read-only"}),
]


#: Random geometries behind the rows, as for correlations.
RANDOM = 20


def pooling_cases(rng, dims, dtype, follows, windows, expresses):
    """The rows above and random ones as cases, those whose settings can be told.

    `follows` says that the stride is the size; `windows` gives the windows of (image, settings).
    """
    made = [_case(rng, dims, dtype, follows, windows, row) for row in ROWS]
    made = [c for c in made if c and expresses(c.settings)]
    extra = []
    for _ in range(20 * RANDOM):
        case = _case(rng, dims, dtype, follows, windows, _random_row(rng, len(extra) + 1, follows))
        if case and expresses(case.settings):
            extra.append(case)
        if len(extra) == RANDOM:
            break
    return made + extra


def _case(rng, dims, dtype, follows, windows, row):
    """A row as a case, or None where the stride is the size and the row's is not."""
    name, behaviour, (N, C), image, size, special = row
    settings = {"size": _lifted(size, dims), "stride": _lifted(special.get("stride", size), dims)}
    padding = special.get("padding", 0)
    padding = _lifted((padding, padding) if isinstance(padding, int) else padding, dims)
    settings["padding"] = [[p, p] for p in padding]
    if follows and settings["stride"] != settings["size"]:
        return None
    image = (*[size[0]] * (dims - 2), *image[-dims:])
    out = loops.window_counts(windows(image, settings))
    arrays = {"x": _values(rng, (N, C, *image), special.get("values")),
              "dt": whole(rng, (N, C, *out))}
    arrays = {k: a.astype(dtype) for k, a in arrays.items()}
    if special.get("form") == "integer":
        arrays["x"] = arrays["x"].astype(np.int64)
    return Case(name, behaviour, arrays, settings, special.get("form", "plain"))


def _random_row(rng, number, follows):
    """Sizes up to 8; the window and the stride may differ per axis; at most half as padding."""
    one, two = (int(v) for v in rng.integers(1, 3, 2, endpoint=True))
    size = ((one, one), (one, two))[int(rng.integers(0, 2))]
    special = {}
    if not follows:
        one, two = (int(v) for v in rng.integers(1, 3, 2, endpoint=True))
        special["stride"] = ((one, one), (one, two))[int(rng.integers(0, 2))]
    special["padding"] = int(rng.integers(0, min(size) // 2, endpoint=True))
    image = tuple(k + int(rng.integers(0, 5, endpoint=True)) for k in size)
    special["values"] = (None, None, "ties")[int(rng.integers(0, 3))]
    n, c = (int(v) for v in rng.integers(1, 3, 2, endpoint=True))
    return f"random {number}", "mixed", (n, c), image, size, special


def _lifted(values, dims):
    return list((values[0], *values) if dims == 3 else values[-dims:])


def _values(rng, shape, how):
    if how == "real":
        return rng.standard_normal(shape)
    if how == "ties":
        return rng.integers(0, 2, shape) * 1.0
    if how == "negative":
        return distinct(rng, shape) - np.prod(shape)
    x = distinct(rng, shape)
    if how == "zeros":
        x[..., :2, :2] = 0
    return x
