"""What is kept between calls: sizes, plans, buffers."""

from functools import partial

import numpy as np

from cnnmat import Windows, layers, loops
from cnnmat.derivations.layers.setting import LAYERS, by_loops, drawn, lecture, options
from cnnmat.layers.plans import Geometry, Kept, Workspaces
from cnnmat.verify import Sides


@lecture.claim(
    "plans/shapes", "dimension", "The shapes of x, w and z follow from the geometry",
    r"N\times C\times M,\quad D\times\tfrac{C}{G}\times k,\quad N\times D\times P", cases=LAYERS)
def shapes(e, **case):
    x, w, b = drawn(e, **case)
    z = by_loops(x, w, b, **options(case))
    layer = options(case)
    windows = Windows(case["image"], case["kernel"], *(
        layer[k] for k in ("stride", "padding", "dilation")))
    g = Geometry(windows, case["n"], case["before"], case["after"], case["groups"])
    return Sides(truth=[loops.shape_of(a) for a in (x.tolist(), w.tolist(), z)],
                 printed=(g.x_shape, g.w_shape, g.z_shape),
                 wrong={"x and z exchanged": (g.z_shape, g.w_shape, g.x_shape)})


class Plan:
    """A plan of which only the size matters."""

    def __init__(self, name, nbytes):
        self.name, self.nbytes = name, nbytes


def least_recently_used(calls, limit, sizes):
    """Which calls build a plan, and the bytes kept after each, by going through a list."""
    kept, built, bytes_kept = [], [], []
    for name in calls:
        built.append(int(name not in kept))
        kept = [*(one for one in kept if one != name), name]
        while len(kept) > 1 and sum(sizes[one] for one in kept) > limit:
            kept = kept[1:]
        bytes_kept.append(sum(sizes[one] for one in kept))
    return built, bytes_kept


@lecture.claim(
    "plans/kept", "algorithm", "Plans leave least recently used first, within a bound",
    r"\sum_{\mathrm{kept}}\mathrm{bytes}\le\mathrm{limit}",
    cases=[{"calls": "abacbddaeab", "sizes": (5, 3, 4, 2, 11)}])
def kept(e, calls, sizes):
    sizes = dict(zip("abcde", sizes, strict=True))

    def run(limit):
        plans, built, bytes_kept = Kept(limit), [], []

        def build(name):
            built[-1] = 1
            return Plan(name, sizes[name])

        for name in calls:
            built.append(0)
            plans.get(name, partial(build, name))
            bytes_kept.append(plans.nbytes)
        return built, bytes_kept, len(plans)

    last = least_recently_used(calls, 10, sizes)
    return Sides(truth=(*last, 2), printed=run(10), wrong={"a larger bound": run(12)})


@lecture.claim(
    "plans/workspaces", "algorithm", "No two calls hold one buffer; one put back is lent again",
    r"\mathrm{take}\ne\mathrm{take},\quad\mathrm{take}\circ\mathrm{put\ back}=\mathrm{id}")
def workspaces(e):
    numbers = iter(range(9))
    spaces = Workspaces(lambda: next(numbers), keep=2)
    first, second, third = spaces.take(), spaces.take(), spaces.take()
    for one in (first, second, third):
        spaces.put_back(one)
    again = [spaces.take(), spaces.take(), spaces.take()]
    # of three put back two are kept, the last ones; what is missing is built
    return Sides(truth=[0, 1, 2, 2, 1, 3], printed=[first, second, third, *again],
                 wrong={"the first put back lent first": [first, second, third, *again[::-1]]})


#: Layers that differ from the first in one setting, on the same x and w.
APART = [{}, {"stride": 2}, {"dilation": 2}, {"padding": ((1, 0), (0, 1))}, {"stride": (1, 2)},
         {"method": "literal"}, {"method": "literal", "dilation": (2, 1)},
         {"padding": ((0, 1), (1, 0))}]


@lecture.claim(
    "plans/apart", "algorithm", "A layer does not take the plan of one that differs in one setting",
    r"\mathrm{plan}(\mathrm{geometry})", cases=[{"image": (5, 6), "kernel": (2, 3), "groups": 2}])
def apart(e, image, kernel, groups):
    wide, w = e.integers(2, 4, *image), e.integers(6, 2, *kernel)
    x, none = wide[:, :2].copy(), np.zeros(len(w), dtype=int)
    plain = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1)}

    def truth(x, groups, method=None, **other):
        pairs = {k: (v, v) if isinstance(v, int) else v for k, v in other.items()}
        return by_loops(x, w, none, **{**plain, **pairs}, groups=groups)

    # twice, so that each finds the plans of all others
    shipped = [layers.correlate(x, w, **one) for _ in range(2) for one in APART]
    grouped = [layers.correlate(wide, w, groups=groups, **one) for one in APART]
    # the results of both paddings have one shape
    other = [0, 1, 2, 7, 4, 5, 6, 3]
    return Sides(truth=([truth(x, 1, **one) for _ in range(2) for one in APART],
                        [truth(wide, groups, **one) for one in APART]),
                 printed=(shipped, grouped),
                 wrong={"each padding with the plan of the other": (
                     [shipped[k] for k in (*other, *other)], [grouped[k] for k in other])})
