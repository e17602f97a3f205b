"""Geometries of a sweep: any that are small, and those at the edges of what there is.

Geometry number k is made from the seed and k alone: whoever makes it, and whatever was made
before, it is the same.
"""

import numpy as np

from cnnmat.testing.limits import Geometry, beyond, brought_within

__all__ = ["EDGES", "applicable", "case_of", "kind_of", "sizes_of"]

#: How often a geometry is drawn anew that is none for the functions, or that costs too much.
TRIES = 500
#: Products that the plain loops may add up in one pass: some milliseconds.
MOST = 800
#: The share of geometries with real numbers, which whole ones, exact in any precision, do not show.
REAL = 0.2


def anything(rng):
    """A geometry with small sizes; each setting is alike on both axes or not, where it is any."""
    kernel = _two(rng, 1, 5)
    dilation = _setting(rng, 1, 3) if rng.random() < 0.25 else [1, 1]
    groups = int(rng.integers(2, 4)) if rng.random() < 0.2 else 1
    n, c, d = (int(v) for v in rng.integers(1, 4, 3))
    one = Geometry(n, c * groups, d * groups, [1, 1], kernel, _setting(rng, 1, 4),
                   _padding(rng, 3), dilation, groups)
    one.image = [span + int(more) for span, more in zip(
        one.spans(), rng.integers(0, 7, 2), strict=True)]
    return one


def _two(rng, least, most):
    return [int(v) for v in rng.integers(least, most, 2, endpoint=True)]


def _setting(rng, least, most):
    one, two = _two(rng, least, most)
    return ([least, least], [one, one], [one, two])[int(rng.integers(0, 3))]


def _padding(rng, most):
    """The same on all sides, on both sides of an axis, or another on each."""
    pairs = [_two(rng, 0, most) for _ in range(2)]
    one, two = pairs[0]
    return ([[0, 0], [0, 0]], [[one, one], [one, one]], [[one, one], [two, two]],
            pairs)[int(rng.integers(0, 4))]


# --- at the edges ---------------------------------------------------------------------------


def _kernel_is_image(rng, one):
    one.padding = [[0, 0], [0, 0]]
    one.image = one.spans()


def _large_stride(rng, one):
    more = _setting(rng, 1, 3)
    # alike on both axes, which an int can say, as often as not
    spans = [max(one.spans())] * 2 if rng.random() < 0.5 else one.spans()
    one.stride = [span + m for span, m in zip(spans, more, strict=True)]
    one.image = [s * int(rng.integers(1, 4)) + span for s, span in zip(
        one.stride, one.spans(), strict=True)]


def _full_padding(rng, one):
    one.kernel = [max(k, 2) for k in one.kernel]
    if rng.random() < 0.5:
        one.kernel = [one.kernel[0]] * 2
    one.dilation = [1, 1]
    one.padding = [[k - 1, k - 1] for k in one.kernel]


def _uneven_padding(rng, one):
    one.padding = [_two(rng, 0, 3) for _ in range(2)]
    one.padding[0][1] = one.padding[0][0] + int(rng.integers(1, 3))


def _one_pixel_kernel(rng, one):
    one.kernel = [1, 1]


def _one_sample(rng, one):
    one.N = 1


def _one_channel(rng, one):
    one.C, one.groups = 1, 1


def _one_of_each(rng, one):
    one.N = one.C = one.D = one.groups = 1


def _long_and_thin(rng, one):
    thin, long = int(rng.integers(1, 3)), int(rng.integers(16, 41))
    one.image, one.N, one.dilation = [thin, long], 1, [1, 1]
    one.kernel[0] = min(one.kernel[0], thin)
    if rng.random() < 0.5:
        one.image, one.kernel = one.image[::-1], one.kernel[::-1]


def _large_dilation(rng, one):
    one.kernel = [max(k, 2) for k in one.kernel]
    one.dilation = [int(rng.integers(3, 7))] * 2 if rng.random() < 0.5 else _two(rng, 3, 6)
    one.image = [span + int(more) for span, more in zip(
        one.spans(), rng.integers(0, 5, 2), strict=True)]


def _one_window(rng, one):
    # a rest that is one short of a second window
    one.padding = [[0, 0], [0, 0]]
    one.image = [span + s - 1 for span, s in zip(one.spans(), one.stride, strict=True)]


#: kind: what it makes of any geometry.
EDGES = {
    "kernel = image": _kernel_is_image, "stride > kernel": _large_stride,
    "padding = kernel - 1": _full_padding, "uneven padding": _uneven_padding,
    "one sample": _one_sample, "one channel": _one_channel, "one of each": _one_of_each,
    "kernel 1 x 1": _one_pixel_kernel, "long thin image": _long_and_thin,
    "large dilation": _large_dilation, "one pixel short of a window": _one_window,
}


def kind_of(number, kinds):
    """The kind of geometry number `number`: every second is any, the others take turns.

    Examples
    --------
    >>> [kind_of(k, ("kernel = image", "one sample")) for k in range(4)]
    ['random', 'kernel = image', 'random', 'one sample']
    """
    return kinds[number // 2 % len(kinds)] if number % 2 and kinds else "random"


def case_of(contract, seed, number, kinds):
    """Geometry `number` of a sweep as a case; None if none was found that the functions can be
    told."""
    return _drawn(contract, np.random.default_rng([seed, number]), kind_of(number, kinds),
                  f"geometry {number}")


def applicable(contract):
    """The kinds at the edges of which the functions can be told any geometry."""
    rng = np.random.default_rng(0)
    return tuple(kind for kind in EDGES if _drawn(contract, rng, kind, kind) is not None)


def _drawn(contract, rng, kind, name):
    for _ in range(TRIES):
        one = anything(rng)
        if kind in EDGES:
            EDGES[kind](rng, one)
        # no window fits into less
        one.image = [max(n, span - sum(p), 1) for n, span, p in zip(
            one.image, one.spans(), one.padding, strict=True)]
        values = "real" if rng.random() < REAL else None
        case = contract.of_geometry(rng, name, one, values)
        if case is not None and beyond(contract, case):
            case = brought_within(contract, case)
        if case is not None and cost(case) <= MOST:
            return case
    return None


def cost(case):
    """About how many products the plain loops add up in a pass."""
    sizes = [a.size for a in case.arrays.values()]
    w = case.arrays.get("w")
    if w is None:
        return max(sizes) * int(np.prod(case.settings.get("size", 1)))
    # a product for each entry of the image, or of the output, and of the kernel
    x, dz = case.arrays["x"], case.arrays["dz"]
    return w.size * len(x) * min(int(np.prod(a.shape[2:])) for a in (x, dz))


def sizes_of(case):
    """{name: shape or setting} as plain data, to be kept and shown."""
    return {**{name: list(a.shape) for name, a in case.arrays.items()}, **case.settings}
