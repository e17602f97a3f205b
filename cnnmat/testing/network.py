"""The contract of a whole network: the gradient of its loss by each of its parameters."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from inspect import signature

import numpy as np

from cnnmat.testing import sandbox
from cnnmat.testing.case import Case
from cnnmat.testing.comparing import Truth, interval
from cnnmat.testing.contract import Contract
from cnnmat.testing.slopes import complex_slope, slope

__all__ = []

#: How near to the parameters the other points lie, and how many there are.
NEAR, POINTS = 0.1, 2
#: How well the complex step is to agree with differences that are not in doubt.
AGREE = 1e-7


class Network:
    """A loss and its gradients, of parameters that are handed over or that the network holds.

    Parameters
    ----------
    forward, backward : callable
        Of a dictionary of the parameters, or of nothing.
    parameters : dict of array
        Written into and put back, where `forward` takes nothing.
    """

    def __init__(self, forward, backward, parameters):
        self.forward, self.backward, self.parameters = forward, backward, parameters
        self.takes = {name: _takes(name, one) for name, one in (
            ("forward", forward), ("backward", backward))}
        self.held = not self.takes["forward"]

    def loss(self, values):
        """The loss at a dictionary of parameters, whatever is done to them."""
        values = {name: one.copy() for name, one in values.items()}
        with self._at(values):
            return loss_in(self._call("forward", values))

    def gradients(self, values):
        """What backward returns, after a forward pass: a tuple in the order of the parameters."""
        with self._at(values):
            self._call("forward", values)
            return self._in_order(self._call("backward", values))

    def _call(self, name, values):
        function = getattr(self, name)
        return function(dict(values)) if self.takes[name] else function()

    @contextmanager
    def _at(self, values):
        """The parameters that the network holds, set to values and put back."""
        if not self.held:
            yield
            return
        before = {name: own.copy() for name, own in self.parameters.items()}
        try:
            self._set(values)
            yield
            # so that what backward changes is seen
            for name, own in self.parameters.items():
                if not np.array_equal(own, values[name]):
                    values[name][...] = own
        finally:
            self._set(before)

    def _set(self, values):
        for name, own in self.parameters.items():
            own[...] = values[name]

    def _in_order(self, answer):
        """Gradients by name, or in a list, or in a dictionary behind a loss."""
        if isinstance(answer, tuple) and sum(isinstance(one, dict) for one in answer) == 1:
            answer = next(one for one in answer if isinstance(one, dict))
        if isinstance(answer, dict):
            answer = [answer.get(name, answer.get("d" + name)) for name in self.parameters]
        if isinstance(answer, (list, tuple)):
            return answer[0] if len(self.parameters) == len(answer) == 1 else tuple(answer)
        return answer


def _takes(name, function):
    """Whether a function takes the parameters."""
    try:
        takes = signature(function)
    # of compiled code nothing is known
    except ValueError:
        return True
    for arguments in ((None,), ()):
        try:
            takes.bind(*arguments)
        except TypeError:
            continue
        return bool(arguments)
    raise TypeError(f"{name} must take the parameters, or nothing, got {function!r} which takes "
                    f"{takes}")


def loss_in(answer):
    """The one number in what forward returns.

    Examples
    --------
    >>> float(loss_in((np.zeros((2, 3)), 0.5)))
    0.5
    """
    parts = answer if isinstance(answer, (tuple, list)) else (answer,)
    found = [one for one in parts if not isinstance(one, (dict, str, type(None)))
             and np.size(one) == 1]
    if len(found) != 1:
        raise TypeError(f"forward must return the loss, or a tuple with the loss as its only "
                        f"number, got {len(found)} numbers")
    return np.asarray(found[0]).reshape(())[()]


@dataclass(frozen=True, eq=False)
class NetworkContract(Contract):
    """The gradient of a loss, at the parameters given and near them.

    Where an array has more than `entries` entries, some rows and columns of it are looked at.
    """

    network: Network
    point: dict
    entries: int
    samples: int | None
    timeout: float
    seed: int
    dtype: str = "float64"

    kind = "network"
    # its data are its own, and its parameters many
    shrinks = False

    @property
    def key(self):
        """Networks have nothing to be compared by."""
        return (type(self).__name__, id(self))

    @property
    def tolerance(self):
        """Ten times what may be in doubt of a slope."""
        return {"float64": 1e-6, "float32": 1e-3}[self.dtype]

    @cached_property
    def parts(self):
        """One array for each parameter."""
        return {"backward": (tuple(self.point), tuple("d" + name for name in self.point))}

    @cached_property
    def places(self):
        """{gradient: the indices along each axis that are looked at}."""
        rng = np.random.default_rng(self.seed)
        return {"d" + name: looked_at(p.shape, self.entries, rng)
                for name, p in self.point.items()}

    def cases(self, rng):
        cases = [Case("the parameters given", "plain", dict(self.point))]
        for k in range(1, POINTS + 1):
            near = {name: p + NEAR * _size(p) * rng.standard_normal(p.shape)
                    for name, p in self.point.items()}
            cases.append(Case(f"parameters near by ({k})", "plain", near))
        return cases

    def invoke(self, function, part, arrays, case):
        return function(dict(zip(self.point, arrays, strict=True)))

    def inward(self, name, array):
        places = self.places.get(name)
        if places is None:
            return array
        shape = self.point[name[1:]].shape
        if array.shape == shape:
            return np.asarray(array[np.ix_(*places)])
        # so that a transposed one is seen at the same entries
        return array[np.ix_(*places[::-1])] if array.shape == shape[::-1] else array

    def outward(self, name, array):
        places = self.places.get(name)
        if places is None or array.shape != tuple(map(len, places)):
            return array
        whole = np.full(self.point[name[1:]].shape, np.nan)
        whole[np.ix_(*places)] = array
        return whole

    def truth(self, case, part):
        return {name: bounds(*self._slopes(case, name)) for name in self.parts["backward"][1]}

    def _slopes(self, case, gradient):
        """The `Slope` of each entry looked at, and what the complex step gives."""
        name, places = gradient[1:], self.places[gradient]

        def loss(p):
            answer = sandbox.call(self.network.loss, ({**case.arrays, name: p},), self.timeout)
            return answer.value if answer.status == "returned" else np.float64("nan")

        point = case.arrays[name]
        here, shape = loss(point), tuple(map(len, places))
        cells = [tuple(at[i] for at, i in zip(places, index, strict=True))
                 for index in np.ndindex(*shape)]
        found = np.array([slope(loss, point, cell, here) for cell in cells], dtype=object)
        steps = [np.nan] if self.network.held else [
            complex_slope(loss, point, cell) for cell in cells]
        return found.reshape(shape), np.resize(steps, shape)

    def features(self, case):
        return {"the parameters are those given": case.name == "the parameters given"}

    def smaller(self, case):
        return iter(())


def _size(array):
    """The magnitude of the entries, 1 if all are zero."""
    return float(np.sqrt(np.mean(array**2))) or 1.0


def looked_at(shape, entries, rng):
    """Indices along each axis, the first and the last among them, `entries` in all at most.

    Axes of one length have the same, so that a transposition is seen as one.

    Examples
    --------
    >>> looked_at((2, 3), 12, np.random.default_rng(0))
    [[0, 1], [0, 1, 2]]
    >>> [len(one) for one in looked_at((50, 40), 12, np.random.default_rng(0))]
    [3, 4]
    """
    counts = list(shape)
    while np.prod(counts) > max(entries, 2 ** len(shape)):
        counts[int(np.argmax(counts))] -= 1
    alike = {n: min(c for c, m in zip(counts, shape, strict=True) if m == n) for n in shape}
    chosen = {n: sorted({0, n - 1, *(1 + rng.permutation(max(n - 2, 0))[:max(c - 2, 0)]).tolist()})
              for n, c in alike.items()}
    return [chosen[n] for n in shape]


def bounds(found, steps):
    """The `Truth` of slopes, the complex step taken where the differences bear it out.

    What is at a kink, or too near to one for both, may be anything.
    """
    value, error, kink = (
        np.array([getattr(s, name) for s in found.ravel()]).reshape(found.shape)
        for name in ("value", "error", "kink"))
    known = np.isfinite(error) & ~kink
    close = np.abs(steps - value) <= 10 * error + AGREE * np.abs(value[known]).max(initial=0)
    if known.any() and np.isfinite(steps).all() and close[known].all():
        # no kink is too near for it, only one at the point itself
        value, error, known = steps, np.zeros(value.shape), ~kink
    error = np.where(known, error, np.inf)
    return Truth(value, interval(value - error, value + error))


def known(truth):
    """Of which entries something can be said."""
    return np.isfinite(truth.nearest(np.full(truth.value.shape, -np.inf)))
