"""What a pooling is tried on, and what each configuration is there for."""

from dataclasses import replace

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import Case, depth, distinct, per_axis, whole
from cnnmat.testing.limits import Geometry, fitted, made_to_fit

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
    ("uneven padding", "padding", (2, 1), (4, 5), (2, 3),
     {"padding": ((1, 0), (0, 1)), "stride": (1, 2)}),
    # Entries of a window apart: its span is not its size.
    ("dilation 2", "dilation", (2, 2), (6, 7), (3, 2), {"dilation": (2, 2), "stride": (1, 1)}),
    ("dilation 2, stride 2, a rest", "dilation", (1, 2), (6, 7), (2, 2),
     {"dilation": (2, 2), "stride": (2, 2)}),
    ("dilation per axis, padding", "dilation", (1, 1), (5, 7), (3, 3),
     {"dilation": (1, 2), "stride": (2, 1), "padding": 1}),
    # A running maximum that starts at zero.
    ("all entries negative", "values", (2, 2), (4, 6), (2, 2), {"values": "negative"}),
    # Ties: any convex share of the gradient is right, more or less in all is wrong.
    ("ties", "ties", (2, 2), (4, 6), (2, 2), {"values": "ties"}),
    ("ties, windows of three", "ties", (1, 2), (6, 6), (3, 3), {"values": "ties"}),
    ("ties, windows that overlap", "ties", (1, 1), (4, 5), (2, 2),
     {"values": "ties", "stride": (1, 1)}),
    # 0/0 in the gradient of a norm; a norm whose squares underflow; and what is divided by
    # the upstream gradient itself.
    ("windows of zeros", "values", (1, 2), (4, 4), (2, 2), {"values": "zeros"}),
    ("windows of denormals", "values", (1, 2), (4, 6), (2, 2), {"values": "denormal"}),
    ("an upstream gradient of zeros", "values", (2, 1), (4, 6), (2, 2),
     {"values": "zero upstream"}),
    # All entries of a window alike, as in a black or white margin: ties everywhere, and a
    # variance or a range of zero.
    # Entries that nearly tie are no ties.
    ("entries almost alike", "values", (2, 1), (4, 6), (2, 2), {"values": "almost alike"}),
    ("windows of equal values", "ties", (1, 2), (4, 6), (2, 2), {"values": "constant windows"}),
    ("a constant image", "ties", (2, 1), (6, 6), (3, 3), {"values": "constant"}),
    ("real numbers", "values", (2, 2), (6, 6), (3, 3), {"values": "real"}),
    ("real numbers, a rest", "values", (1, 2), (5, 7), (2, 2), {"values": "real"}),
    # Memory and calls: see FORMS and Case.twin.
    ("all sizes different, other values", "calling", (2, 3), (6, 9), (3, 3), {}),
    ("integer image", "calling", (2, 2), (4, 6), (2, 2), {"form": "integer"}),
    ("Fortran order", "calling", (2, 2), (4, 6), (2, 2), {"form": "fortran"}),
    ("strided views", "calling", (2, 2), (4, 6), (2, 2), {"form": "strided"}),
    ("read-only arrays", "calling", (2, 2), (4, 6), (2, 2), {"form": "read-only"}),
]


#: What settings, and what sizes, may be along the depth, the plainest first.
AMONG, DEEP = (1, 2, 3), (2, 3, 4)
#: Random geometries behind the rows, as for correlations.
RANDOM = 20


def pooling_cases(rng, contract):
    """The rows above and random ones as cases, those whose settings can be told.

    Where `contract.only` sets limits, each is brought within them.
    """
    seen, cases, extra = set(), [], []
    for row in ROWS:
        case = row_as_case(rng, contract, row)
        same = case and repr((case.arrays["x"].shape, case.settings, case.form,
                              row[5].get("values"), row[0] if row[1] == "calling" else ""))
        if case and same not in seen:
            seen.add(same)
            cases.append(case)
    for _ in range(20 * RANDOM):
        case = row_as_case(rng, contract, _random_row(rng, len(extra) + 1, contract))
        extra += [case] if case else []
        if len(extra) == RANDOM:
            break
    return cases + extra


def spans(settings):
    """The length of a window along each axis."""
    return [d * (k - 1) + 1 for k, d in zip(
        settings["size"], settings["dilation"], strict=True)]


def usable(windows, settings):
    """The number of windows along each axis, or None where one sees no pixel at all."""
    out = loops.window_counts(windows)
    if 0 in out or any(2 * max(p) > span for p, span in
                       zip(settings["padding"], spans(settings), strict=True)):
        return None
    return out if all(loops.entry(windows, one)[0] for one in loops.cells(out)) else None


def row_as_case(rng, contract, row):
    """A row as a case, or None where it is not one for the functions."""
    name, behaviour, (N, C), image, size, special = row
    given, one = _geometry(contract, N, C, image, size, special)
    if contract.only:
        name, behaviour = made_to_fit(contract, name, behaviour, one != given)
    settings = {"size": one.kernel, "stride": one.stride, "dilation": one.dilation}
    if contract.follows and settings["stride"] != settings["size"]:
        return None
    settings["padding"] = contract.padded(one.image, one.kernel, {
        **settings, "padding": one.padding})
    out = usable(contract.windows(one.image, settings), settings)
    if out is None:
        return None
    kind = special.get("values")
    x, dt = _values(rng, (one.N, one.C, *one.image), kind), whole(rng, (one.N, one.C, *out))
    if kind == "denormal":
        x[..., :2, :] = np.finfo(contract.dtype).tiny / 1024 * x[..., :2, :]
    elif kind == "zero upstream":
        dt = np.zeros_like(dt)
    elif special.get("form") == "integer":
        dt = dt + 0.5
    arrays = {k: a.astype(contract.dtype) for k, a in {"x": x, "dt": dt}.items()}
    if special.get("form") == "integer":
        arrays["x"] = arrays["x"].astype(np.int64)
    case = Case(name, behaviour, arrays, settings, special.get("form", "plain"))
    return case if contract.tries(case) else None


def _geometry(contract, N, C, image, size, special):
    """The geometry of a row before and after it is made to fit."""
    dims = contract.dims
    kernel = per_axis(size, dims, DEEP)
    stride = per_axis(special["stride"], dims, AMONG) if "stride" in special else kernel
    dilation = per_axis(special.get("dilation", 1), dims, AMONG)
    # at most half a window
    padding = [[p, p] if isinstance(p, int) else list(p) for p in per_axis(
        special.get("padding", 0), dims, (kernel[0] // 2, 0))]
    if dims == 3:
        image = (kernel[0] if image == size else depth(
            image[0], kernel, stride, padding, dilation), *image)
    given = Geometry(N, C, 1, list(image)[-dims:], kernel, stride, padding, dilation)
    one = fitted(contract.only, given)
    if contract.follows and given.stride == given.kernel:
        # the stride goes with the size, whatever became of it
        one = fitted(contract.only, replace(one, stride=list(one.kernel)))
    return given, one


def _random_row(rng, number, contract):
    """Sizes up to 8; the window and the stride may differ per axis; at most half as padding."""
    one, two = (int(v) for v in rng.integers(1, 3, 2, endpoint=True))
    size = ((one, one), (one, two))[int(rng.integers(0, 2))]
    special = {}
    if not contract.follows:
        one, two = (int(v) for v in rng.integers(1, 3, 2, endpoint=True))
        special["stride"] = ((one, one), (one, two))[int(rng.integers(0, 2))]
    special["padding"] = int(rng.integers(0, min(size) // 2, endpoint=True))
    image = [k + int(rng.integers(0, 5, endpoint=True)) for k in size]
    if contract.dilation != "none" and rng.random() < 0.5:
        special["dilation"] = (2, 2)
        image = [n + k for n, k in zip(image, size, strict=True)]
    special["values"] = (None, None, "ties")[int(rng.integers(0, 3))]
    n, c = (int(v) for v in rng.integers(1, 3, 2, endpoint=True))
    return f"random {number}", "mixed", (n, c), image, size, special


def _values(rng, shape, how):
    if how == "real":
        return rng.standard_normal(shape)
    if how == "ties":
        return rng.integers(0, 2, shape) * 1.0
    if how == "negative":
        return distinct(rng, shape) - np.prod(shape)
    if how == "almost alike":
        return 5 + 1e-7 * distinct(rng, shape)
    if how == "constant":
        return np.full(shape, 3.0)
    x = distinct(rng, shape)
    if how == "zeros":
        x[..., :2, :2] = 0
    elif how == "constant windows":
        x[..., :2, :] = 5
        x[..., 2:, :2] = -5
    return x
