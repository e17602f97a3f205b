"""What a correlation layer is tried on, and what each configuration is there for."""

import numpy as np

from cnnmat.testing.case import Case, depth, per_axis, tiny, whole
from cnnmat.testing.limits import Geometry, fitted, made_to_fit

__all__ = []

# Each row: what it is there for; the score's row; N, C, D; image; kernel; then what is not
# plain.  The image and the kernel are given in two dimensions; in three, a depth is put in
# front (image 4, kernel 2, everything else as along the first axis), in one, columns remain.
ROWS = [
    # As small as can be: what is wrong here is easy to see.
    ("one sample, channel and map", "plain", (1, 1, 1), (3, 4), (2, 2), {}),
    # The sizes that code is written for which takes one size of the kernel, and no colours.
    ("one of each, 3 x 3", "plain", (1, 1, 1), (5, 5), (3, 3), {}),
    ("one of each, 5 x 5", "plain", (1, 1, 1), (7, 7), (5, 5), {}),
    # One count above 1 at a time: sums over samples, channels, maps that are wrong or missing.
    ("two samples", "plain", (2, 1, 1), (3, 4), (2, 2), {}),
    ("two channels", "plain", (1, 2, 1), (3, 4), (2, 2), {}),
    ("three maps", "plain", (1, 1, 3), (3, 4), (2, 2), {}),
    # All sizes different and no side square: an axis taken for another does not fit.
    ("all sizes different", "plain", (2, 3, 4), (5, 7), (3, 2), {}),
    # All sizes alike: code that cannot run on unequal sizes runs here and shows its values.
    ("all sizes alike", "plain", (2, 2, 2), (4, 4), (2, 2), {}),
    ("three of everything", "plain", (3, 3, 3), (3, 3), (3, 3), {}),
    # C = D with unequal sides: channels and filters exchanged fit, and are wrong.
    ("as many maps as channels", "plain", (3, 2, 2), (4, 5), (2, 3), {}),
    # 1 x 1: fast paths, and slices such as [p:-p] or [:-(k-1)] with a 0 in them.
    ("kernel 1 x 1", "kernel", (2, 3, 2), (3, 4), (1, 1), {}),
    # One window in all: squeezed axes.
    ("kernel as large as the image", "kernel", (2, 2, 3), (3, 4), (3, 4), {}),
    # A kernel of one row or column is its own mirror image along one axis.
    ("kernel of one row", "kernel", (1, 2, 2), (4, 5), (1, 3), {}),
    ("kernel of one column", "kernel", (1, 2, 2), (4, 5), (3, 1), {}),
    # Even sides have no centre: k // 2 is one too many on one side.
    ("even kernel", "kernel", (2, 1, 2), (5, 6), (4, 2), {}),
    # Larger than the 3 x 3 that code is unrolled for.
    ("kernel larger than three", "kernel", (1, 2, 1), (7, 6), (5, 4), {}),
    # A stride that reaches the last pixel, and one that leaves pixels over.
    ("stride 2, windows that tile", "stride", (2, 2, 3), (5, 7), (3, 3), {"stride": 2}),
    ("stride 2, a rest left over", "uneven", (2, 2, 3), (6, 8), (3, 3), {"stride": 2}),
    ("stride 2, a rest in columns only", "uneven", (1, 1, 2), (5, 6), (3, 3), {"stride": 2}),
    # Larger than the kernel: pixels that no window sees get a gradient of zero.
    ("stride larger than the kernel", "stride", (1, 2, 2), (8, 9), (2, 2), {"stride": 3}),
    # Equal to the kernel: nothing overlaps, so = for += goes unnoticed; it has to differ
    # from the overlapping case for a diagnosis.
    ("stride equal to the kernel", "stride", (2, 2, 2), (4, 6), (2, 2), {"stride": 2}),
    ("stride that leaves one window", "uneven", (2, 1, 2), (4, 5), (2, 3), {"stride": 5}),
    # Per axis: rows and columns of the stride exchanged.
    ("stride per axis", "stride", (1, 2, 2), (5, 7), (2, 3), {"stride": (1, 2)}),
    ("stride per axis, a rest", "uneven", (2, 1, 2), (6, 7), (2, 2), {"stride": (3, 2)}),
    # Padding below, at and above half the kernel; "same" by habit shows.
    ("padding of half the kernel", "padding", (2, 2, 3), (4, 5), (3, 3), {"padding": 1}),
    ("padding smaller than half the kernel", "padding", (1, 2, 2), (4, 5), (5, 5),
     {"padding": 1}),
    ("padding larger than half the kernel", "padding", (2, 1, 2), (3, 4), (2, 3),
     {"padding": 2}),
    # Windows that see nothing but zeros: the bias remains.
    ("padding around a 1 x 1 kernel", "padding", (1, 2, 2), (2, 3), (1, 1), {"padding": 1}),
    ("padding larger than the kernel", "padding", (1, 1, 2), (2, 3), (2, 2), {"padding": 3}),
    ("padding per axis", "padding", (2, 1, 2), (4, 5), (3, 2), {"padding": (0, 2)}),
    ("uneven padding", "padding", (1, 2, 2), (4, 3), (3, 2),
     {"padding": ((1, 0), (0, 2))}),
    # Both at once: a crop that starts at the wrong place, a rest that lies on padding.
    ("stride 2, padding 1, windows that tile", "stride and padding", (2, 2, 2), (5, 7), (3, 3),
     {"stride": 2, "padding": 1}),
    ("stride 2, padding 1, a rest left over", "stride and padding", (2, 3, 2), (5, 8), (2, 3),
     {"stride": 2, "padding": 1}),
    ("stride 3, padding 2", "stride and padding", (1, 2, 3), (6, 7), (3, 2),
     {"stride": 3, "padding": 2}),
    ("stride and padding per axis", "stride and padding", (2, 1, 2), (5, 6), (3, 2),
     {"stride": (2, 3), "padding": (2, 1)}),
    # Taps apart: the window's span is not the kernel's size.
    ("dilation 2", "dilation", (2, 2, 2), (6, 7), (3, 2), {"dilation": 2}),
    ("dilation 2 with stride 2", "dilation", (1, 2, 2), (7, 8), (2, 3),
     {"dilation": 2, "stride": 2}),
    ("dilation 3 with padding 2", "dilation", (1, 1, 2), (6, 7), (2, 2),
     {"dilation": 3, "padding": 2}),
    ("dilation per axis", "dilation", (1, 2, 1), (6, 7), (2, 3), {"dilation": (1, 2)}),
    ("dilation, stride and padding", "dilation", (2, 1, 2), (7, 8), (3, 2),
     {"dilation": 2, "stride": 2, "padding": 1}),
    # Two groups with unlike numbers of channels and maps in each; one channel a group.
    ("two groups", "groups", (2, 4, 6), (4, 5), (2, 3), {"groups": 2}),
    ("one channel a group", "groups", (1, 3, 6), (4, 5), (3, 2), {"groups": 3}),
    ("groups with stride and padding", "groups", (2, 4, 2), (5, 6), (3, 3),
     {"groups": 2, "stride": 2, "padding": 1}),
    # Only the bias is left of z, and dw must be zero.
    ("an image of zeros", "values", (2, 2, 2), (3, 4), (2, 2), {"values": "zero image"}),
    # Nothing comes back, and 0 / 0 shows.
    ("an upstream gradient of zeros", "values", (2, 2, 2), (4, 5), (3, 2),
     {"values": "zero upstream", "padding": 1}),
    # Numbers that underflow when they are multiplied, beside others.
    ("denormals among others", "values", (2, 1, 2), (4, 5), (2, 3), {"values": "denormal"}),
    # Whole numbers are exact even in float32: real ones show a lack of digits.
    ("real numbers", "values", (2, 3, 2), (5, 6), (3, 2), {"values": "real"}),
    ("real numbers, stride and padding", "values", (2, 2, 3), (6, 7), (3, 3),
     {"values": "real", "stride": 2, "padding": 1}),
    # Two equal shapes with other values (see also Case.twin): what is cached by shape.
    ("all sizes different, other values", "calling", (2, 3, 4), (5, 7), (3, 2), {}),
    # Memory: see FORMS.
    ("integer image", "calling", (2, 2, 3), (4, 5), (2, 3), {"form": "integer"}),
    ("Fortran order", "calling", (2, 3, 2), (4, 5), (3, 2), {"form": "fortran"}),
    ("strided views", "calling", (2, 3, 2), (4, 5), (3, 2), {"form": "strided"}),
    ("read-only arrays", "calling", (2, 3, 2), (4, 5), (3, 2), {"form": "read-only"}),
    ("strided views, stride and padding", "calling", (1, 2, 2), (5, 6), (3, 3),
     {"form": "strided", "stride": 2, "padding": 1}),
]


#: What settings may be along the depth, the plainest first.
AMONG = {"stride": (1, 2, 3), "padding": (0, 1, 2), "dilation": (1, 2, 3)}
#: Random geometries behind the rows: what is wrong where three or four things meet, and
#: more evidence for a condition than a single row gives.
RANDOM = 30


def correlation_cases(rng, contract):
    """The rows above and random ones as cases, those whose settings can be told.

    Where `contract.only` sets limits, each is brought within them.
    """
    seen, cases = set(), []
    for row in ROWS:
        case = row_as_case(rng, contract, row)
        same = repr((case.arrays["x"].shape, case.arrays["w"].shape, case.settings, case.form,
                     row[5].get("values"), row[0] if row[1] == "calling" else ""))
        # in one dimension some rows fall together, and within limits
        if same not in seen and contract.tries(case):
            seen.add(same)
            cases.append(case)
    return [*cases, *_random_cases(rng, contract)]


def _random_cases(rng, contract):
    cases = []
    # what the functions can be told is met often enough
    for _ in range(20 * RANDOM):
        case = row_as_case(rng, contract, _random_row(rng, len(cases) + 1))
        if contract.tries(case) and min(case.arrays["dz"].shape) > 0:
            cases.append(case)
        if len(cases) == RANDOM:
            break
    return cases


def _random_row(rng, number):
    """Sizes up to 7; with even odds each, a setting is 1 (0), one int, or one an axis."""
    def setting(least, most):
        one, two = (int(v) for v in rng.integers(least, most, 2, endpoint=True))
        return (least, one, (one, two))[int(rng.integers(0, 3))]

    kernel = tuple(int(k) for k in rng.integers(1, 4, 2, endpoint=True))
    special = {"stride": setting(1, 3), "padding": setting(0, 2)}
    groups = 1
    if rng.random() < 0.2:
        special["dilation"] = setting(1, 2)
    if rng.random() < 0.2:
        special["groups"] = groups = 2
    spans = [(k - 1) * 2 + 1 if "dilation" in special else k for k in kernel]
    image = tuple(k + int(rng.integers(0, 4, endpoint=True)) for k in spans)
    n, c, d = (int(v) for v in rng.integers(1, 3, 3, endpoint=True))
    return f"random {number}", "mixed", (n, c * groups, d * groups), image, kernel, special


def row_as_case(rng, contract, row):
    """A row as a case, its depth added or its rows taken away, within the limits."""
    name, behaviour, (N, C, D), image, kernel, special = row
    dims, biased = contract.dims, contract.bias != "none"
    settings = {key: per_axis(special.get(key, among[0]), dims, among)
                for key, among in AMONG.items()}
    settings["padding"] = [[p, p] if isinstance(p, int) else list(p) for p in settings["padding"]]
    settings["groups"] = special.get("groups", 1)
    image, kernel = _lifted(image, kernel, dims, settings)
    settings["padding"] = contract.padded(image, kernel, settings)
    if contract.only:
        given = Geometry(N, C, D, list(image), list(kernel), **settings)
        one = fitted(contract.only, given)
        name, behaviour = made_to_fit(contract, name, behaviour, one != given)
        N, C, D, image, kernel = one.N, one.C, one.D, one.image, one.kernel
        settings = {key: getattr(one, key) for key in settings}
        settings["padding"] = contract.padded(image, kernel, settings)
    draw = rng.standard_normal if special.get("values") == "real" else None
    new = draw or (lambda shape: whole(rng, shape))
    out = output_shape(image, kernel, settings)
    arrays = {
        "x": new((N, C, *image)), "w": new((D, C // settings["groups"], *kernel)),
        "b": new((D,)) if biased else np.zeros(D), "dz": new((N, D, *out)),
    }
    kind, form = special.get("values"), special.get("form", "plain")
    for key in {"zero image": ("x",), "zero upstream": ("dz",)}.get(kind, ()):
        arrays[key] = np.zeros_like(arrays[key])
    if kind == "denormal":
        arrays["x"] = tiny(rng, arrays["x"].shape, contract.dtype)
    if form == "integer":
        arrays |= {k: arrays[k] + 0.5 for k in ("w", "dz")}
        arrays["b"] = arrays["b"] + 0.5 * biased
    arrays = {k: a.astype(contract.dtype) for k, a in arrays.items()}
    if form == "integer":
        arrays["x"] = arrays["x"].astype(np.int64)
    return Case(name, behaviour, arrays, settings, form)


def _lifted(image, kernel, dims, settings):
    """Image and kernel in `dims` dimensions.

    Kernels are as deep as high in none but the smallest case: some are deeper, some less deep.
    """
    if dims < 3:
        return image[-dims:], kernel[-dims:]
    one_window, kernel = kernel == image, (
        1 if max(kernel) == 1 else 3 if kernel[0] == 2 else 2, *kernel)
    deep = kernel[0] if one_window else depth(image[0], kernel, *(
        settings[key] for key in ("stride", "padding", "dilation")))
    return (deep, *image), kernel


def output_shape(image, kernel, settings):
    """How many windows fit along each axis, below 1 where none does."""
    return [
        (n + sum(p) - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in zip(
            image, kernel, settings["stride"], settings["padding"], settings["dilation"],
            strict=True)
    ]
