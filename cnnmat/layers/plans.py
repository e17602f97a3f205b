"""Plans: what a layer of one geometry needs and what is worth keeping between calls.

A plan holds V, index arrays and scratch buffers.  Fresh large arrays cost more than
the arithmetic done in them, so plans are kept, least recently used first out, within
a bound in bytes.  Two threads never meet in one buffer: a workspace belongs to the
call that took it until it is put back.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass
from functools import cached_property
from math import prod
from threading import Lock

import numpy as np

from cnnmat.textbook.windows import Windows

__all__ = ["Geometry", "Kept", "Workspaces", "places_along"]


FLOAT64 = np.dtype(np.float64)


@dataclass(frozen=True)
class Geometry:
    """The sizes of a correlation layer: N samples, C maps in, D maps out.

    Examples
    --------
    >>> g = Geometry(Windows((5, 7), kernel=3, stride=2), N=2, C=4, D=6, groups=2)
    >>> g.x_shape, g.w_shape, g.z_shape
    ((2, 4, 5, 7), (6, 2, 3, 3), (2, 6, 2, 3))
    """

    windows: Windows
    N: int
    C: int
    D: int
    groups: int = 1
    dtype: np.dtype = FLOAT64

    @cached_property
    def x_shape(self):
        return (self.N, self.C, *self.windows.shape)

    @cached_property
    def w_shape(self):
        return (self.D, self.C // self.groups, *self.windows.kernel)

    @cached_property
    def z_shape(self):
        return (self.N, self.D, *self.windows.output)

    @property
    def nbytes(self):
        """Bytes of the result and of one padded image, which no path does without."""
        w = self.windows
        padded = prod(m + before + after for m, (before, after) in
                      zip(w.shape, w.padding, strict=True))
        return self.dtype.itemsize * (prod(self.z_shape) + self.C * padded)


def places_along(windows, axis):
    """For each place k of a window along `axis` (k, slice of the image, slice of the windows).

    Where the windows of the one slice have place k, the image has the entries of the other;
    windows with that place on padding are left out, and places that lie there always.

    Examples
    --------
    >>> for one in places_along(Windows(5, kernel=2, stride=2, padding=1), axis=0):
    ...     print(one)
    (0, slice(1, 4, 2), slice(1, 3, None))
    (1, slice(0, 5, 2), slice(0, 3, None))
    """
    length, output, step = windows.shape[axis], windows.output[axis], windows.stride[axis]
    found = []
    for k in range(windows.kernel[axis]):
        shift = k * windows.dilation[axis] - windows.padding[axis][0]
        first, last = max(-(shift // step), 0), min((length - 1 - shift) // step, output - 1)
        if first <= last:
            found.append((k, slice(first * step + shift, last * step + shift + 1, step),
                          slice(first, last + 1)))
    return found


class Kept:
    """Plans by key, the least recently used leaving when their bytes exceed `limit`.

    Parameters
    ----------
    limit : int
        Bytes, by each plan's own ``nbytes``.

    Attributes
    ----------
    nbytes : int
        Of all plans together.

    Examples
    --------
    >>> kept = Kept(limit=100)
    >>> for name in "abc":
    ...     _ = kept.get(name, lambda: np.zeros(5))
    >>> len(kept), kept.nbytes
    (2, 80)
    """

    def __init__(self, limit):
        self.limit = limit
        self.nbytes = 0
        self._plans = OrderedDict()
        self._lock = Lock()

    def __len__(self):
        return len(self._plans)

    def get(self, key, build):
        """The plan kept under `key`, or else what `build` returns, kept from now on."""
        with self._lock:
            plan = self._plans.get(key)
            if plan is not None:
                self._plans.move_to_end(key)
                return plan
        # not under the lock: other threads need not wait for a large plan
        plan = build()
        with self._lock:
            # two threads may have built it; the first one stays
            if key not in self._plans:
                self._plans[key] = plan
                self.nbytes += plan.nbytes
            while len(self._plans) > 1 and self.nbytes > self.limit:
                self.nbytes -= self._plans.popitem(last=False)[1].nbytes
        return plan


class Workspaces:
    """Scratch buffers of one plan, lent to one call at a time.

    Parameters
    ----------
    build : callable
        Makes a workspace when all are lent out.
    keep : int
        How many idle ones are kept.
    """

    def __init__(self, build, keep=2):
        self._build = build
        # append and pop of a deque are atomic, which is all the locking needed
        self._idle = deque(maxlen=keep)

    def take(self):
        try:
            return self._idle.pop()
        except IndexError:
            return self._build()

    def put_back(self, workspace):
        self._idle.append(workspace)
