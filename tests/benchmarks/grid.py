"""The choice of a path against every path by name: ``python -m tests.benchmarks.grid``.

Forty geometries in two types.  In each, "auto" and "measured" say which path they take; then
all paths that may be chosen take turns, forward and backward, one thread, and a path's
time is the median over the turns of its ratio to the fastest of the same turn, by processor
time, which others on the machine disturb less.  A choice counts as right where that of its
path is at most 1.1 times the least.
"""

import argparse
import os
from statistics import median

# before NumPy reads them
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
                                "1"))

from time import thread_time

import numpy as np

from cnnmat import Windows
from cnnmat.layers.paths import candidates, name_of
from cnnmat.layers.plans import Geometry
from tests.benchmarks.__main__ import machine

NEAR, TURN = 1.1, 0.004
#: N, C, D, image, kernel, stride, padding, dilation, groups.
GRID = [
    (64, 1, 6, (28, 28), 5, 1, 0, 1, 1), (64, 6, 16, (14, 14), 5, 1, 0, 1, 1),
    (1, 64, 64, (56, 56), 3, 1, 1, 1, 1), (1, 3, 64, (224, 224), 7, 2, 3, 1, 1),
    (1, 1, 6, (28, 28), 5, 1, 0, 1, 1), (1, 6, 16, (14, 14), 5, 1, 0, 1, 1),
    (32, 3, 16, (32, 32), 3, 1, 1, 1, 1), (32, 16, 16, (16, 16), 3, 1, 1, 1, 1),
    (8, 32, 32, (14, 14), 3, 1, 1, 1, 1), (8, 32, 64, (16, 16), 3, 2, 1, 1, 1),
    (1, 16, 16, (112, 112), 3, 1, 1, 1, 1), (1, 3, 32, (96, 96), 3, 1, 1, 1, 1),
    (2, 256, 256, (14, 14), 3, 1, 1, 1, 1), (4, 64, 128, (28, 28), 3, 2, 1, 1, 1),
    (1, 128, 128, (28, 28), 3, 1, 1, 1, 1), (16, 8, 8, (8, 8), 3, 1, 1, 1, 1),
    (1, 64, 256, (28, 28), 1, 1, 0, 1, 1), (16, 64, 64, (14, 14), 1, 1, 0, 1, 1),
    (1, 64, 128, (28, 28), 1, 2, 0, 1, 1), (8, 16, 32, (20, 20), 5, 2, 2, 1, 1),
    (1, 32, 32, (56, 56), 3, 1, 2, 2, 1), (8, 16, 16, (24, 24), 3, 1, 4, 4, 1),
    (1, 32, 32, (56, 56), 3, 1, 1, 1, 32), (16, 32, 32, (14, 14), 3, 1, 1, 1, 32),
    (4, 64, 64, (28, 28), 3, 1, 1, 1, 4), (16, 16, 32, (12, 12), 3, 1, 1, 1, 2),
    (64, 1, 8, (28, 28), 3, 1, 0, 1, 1), (128, 4, 4, (10, 10), 3, 1, 1, 1, 1),
    (2, 1, 4, (160, 120), 5, 1, 2, 1, 1), (3, 5, 7, (31, 17), (3, 5), (2, 1), 1, 1, 1),
    (16, 1, 16, (400,), 9, 1, 4, 1, 1), (16, 16, 32, (128,), 3, 1, 1, 1, 1),
    (1, 32, 32, (2000,), 5, 1, 2, 1, 1), (8, 16, 16, (256,), 3, 1, 8, 8, 1),
    (4, 64, 64, (300,), 3, 2, 1, 1, 8), (64, 2, 8, (60,), 7, 1, 0, 1, 1),
    (2, 1, 8, (24, 24, 24), 3, 1, 1, 1, 1), (1, 8, 16, (16, 16, 16), 3, 1, 1, 1, 1),
    (4, 4, 8, (12, 12, 12), 3, 2, 1, 1, 1), (2, 16, 16, (8, 10, 12), 3, 1, 1, 1, 4),
]


def geometry_of(N, C, D, image, kernel, stride, padding, dilation, groups, dtype):
    windows = Windows(image, kernel, stride, padding, dilation)
    return Geometry(windows, N, C, D, groups, np.dtype(dtype))


def step_of(path, geometry):
    rng = np.random.default_rng(0)
    x, w, b, dz = (rng.standard_normal(shape).astype(geometry.dtype) for shape in (
        geometry.x_shape, geometry.w_shape, geometry.w_shape[:1], geometry.z_shape))
    z, dx, dw = np.empty_like(dz), np.empty_like(x), np.empty_like(w)
    plan = path(geometry)

    def step():
        plan.forward(x, w, b, z)
        plan.backward(dz, x, w, dx, dw)
    return step


def turns_of(steps, turns):
    """{name: seconds of each turn}, after one turn that is not counted."""
    seconds, repeats = {name: [] for name in steps}, dict.fromkeys(steps, 1)
    for turn in range(turns + 1):
        for name, step in steps.items():
            start = thread_time()
            for _ in range(repeats[name]):
                step()
            taken = (thread_time() - start) / repeats[name]
            if turn:
                seconds[name].append(taken)
            else:
                repeats[name] = max(1, round(TURN / taken))
    return seconds


def relative(seconds):
    """{name: median of its ratios to the least of the same turn, over the least median}."""
    least = [min(turn) for turn in zip(*seconds.values(), strict=True)]
    ratios = {name: median(a / b for a, b in zip(one, least, strict=True))
              for name, one in seconds.items()}
    best = min(ratios.values())
    return {name: ratio / best for name, ratio in ratios.items()}


def row(geometry, turns):
    """{rule: (path, its time over the best path's)}, and which path that is."""
    chosen = {rule: name_of(rule, geometry) for rule in ("auto", "measured")}
    found = relative(turns_of({name: step_of(path, geometry) for name, path in
                               candidates(geometry).items()}, turns))
    return {rule: (name, found[name]) for rule, name in chosen.items()}, min(found, key=found.get)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.grid", description=__doc__)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--rows", type=int, default=len(GRID), help="the first so many only")
    parser.add_argument("--dtypes", nargs="+", choices=["float64", "float32"],
                        default=["float64", "float32"])
    options = parser.parse_args()
    print(f"{machine()}, one thread, medians of {options.turns} turns; "
          f"load {os.getloadavg()[0]:.1f}")
    near = {"auto": [], "measured": []}
    for case in GRID[:options.rows]:
        for dtype in options.dtypes:
            chosen, best = row(geometry_of(*case, dtype), options.turns)
            N, C, D, image, *rest = case
            title = f"{N}×{C}→{D} {'×'.join(map(str, image))} {' '.join(map(str, rest))}"
            cells = "".join(f"  {rule} {name:18}{ratio:6.2f}"
                            for rule, (name, ratio) in chosen.items())
            print(f"{title:36}{dtype:9}{cells}  best {best}", flush=True)
            for rule, (_, ratio) in chosen.items():
                near[rule].append(ratio)
    for rule, ratios in near.items():
        print(f"{rule}: within {NEAR} of the best path in {sum(r <= NEAR for r in ratios)} of "
              f"{len(ratios)}, worst {max(ratios):.2f}; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
