"""Which of several paths is the fastest for a layer, found by running them.

Each path is built and runs, forward and backward, once unmeasured and `FIRST` times measured,
for a single time may be an interruption's.  Those near the best then take turns, so that a
machine that slows down slows all of them, and the best of each one's times counts: whatever
else runs only adds to it.  How near is `NEAR` at first, and narrows turn by turn, for the time
is better spent on those that are in question.
"""

from time import perf_counter

import numpy as np

__all__ = ["fastest_of", "race"]

NEAR, NARROWER, NEAREST = 1.6, 0.1, 1.1
FIRST, TURNS, SECONDS = 3, 50, 1.0


def race(entrants, clock=perf_counter):
    """The name of the entrant whose best time is the least, the first of equals.

    Parameters
    ----------
    entrants : dict of callable
        By name; calling one makes a step, to be called in its turn without arguments.
    clock : callable
        Returns seconds.

    Examples
    --------
    >>> from itertools import count
    >>> ticks = count()
    >>> sleep = {"one tick": lambda: None, "three": lambda: [next(ticks) for _ in range(2)]}
    >>> race({name: lambda step=step: step for name, step in sleep.items()},
    ...      clock=lambda: next(ticks))
    'one tick'
    """
    steps, best = {}, {}

    def those_within(near):
        # what is far behind is let go with its memory
        return {one: step for one, step in steps.items()
                if best[one] <= near * min(best.values())}

    def take_turn(name):
        start = clock()
        steps[name]()
        best[name] = min(best.get(name, np.inf), clock() - start)

    for name, build in entrants.items():
        steps[name] = build()
        steps[name]()
        for _ in range(FIRST):
            take_turn(name)
        steps = those_within(NEAR)
    end = clock() + SECONDS
    for turn in range(TURNS):
        if len(steps) == 1 or clock() > end:
            break
        for name in steps:
            take_turn(name)
        steps = those_within(max(NEAR - NARROWER * turn, NEAREST))
    return min(steps, key=best.get)


def fastest_of(paths, geometry):
    """The name of the one of `paths`, constructors by name, that is the fastest there and back."""
    rng = np.random.default_rng(0)
    x, w, b, dz = (rng.integers(-9, 10, shape).astype(geometry.dtype) for shape in (
        geometry.x_shape, geometry.w_shape, geometry.w_shape[:1], geometry.z_shape))
    z, dx, dw = np.empty_like(dz), np.empty_like(x), np.empty_like(w)

    def entrant(path):
        def build():
            plan = path(geometry)

            def step():
                plan.forward(x, w, b, z)
                plan.backward(dz, x, w, dx, dw)
            return step
        return build

    return race({name: entrant(path) for name, path in paths.items()})
