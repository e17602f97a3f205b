"""The smallest input that still shows the failure."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnmat.testing.limits import beyond
from cnnmat.testing.trial import Failure
from cnnmat.testing.writing import source_of
from cnnmat.typing import Array

__all__ = ["Counterexample"]

#: A search that goes on for longer gives the best it has.
SECONDS, TRIES = 4.0, 3000
#: Failures that have nothing to do with sizes and numbers are shown as they came.
AS_THEY_CAME = ("timeout", "state", "overwritten", "refused")


@dataclass(frozen=True)
class Counterexample:
    """An input on which the function is wrong.

    Attributes
    ----------
    arrays, settings : dict
        The input, in the callee's convention.
    failure : Failure
    expected : ndarray or None
        What the output must be.
    terms : str
        What the entry that is wrong is made of.
    source : str
        All of it as Python; the function under test stands there by its name.
    """

    arrays: dict[str, Array]
    settings: tuple[Any, ...]
    failure: Failure
    expected: Array | None
    terms: str
    source: str

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries, numbers and text."""
        return {"arrays": {k: v.tolist() for k, v in self.arrays.items()},
                "settings": list(self.settings), "terms": self.terms,
                "message": self.failure.message, "source": self.source}


def counterexample(session):
    """The first failing case made as small as it goes, as a `Counterexample`."""
    failing = [(t, f) for t in session.trials for f in t.failures]
    # with memory between calls, values are not to be trusted: that comes first
    trial, failure = min(failing, key=lambda one: (
        one[1].reason not in AS_THEY_CAME, one[0].case.form != "plain", _size(one[0].case)))
    if failure.reason not in AS_THEY_CAME:
        trial, failure = _shrunk(session, trial, failure)
    return _explained(session, trial, failure)


def _size(case):
    return sum(a.size for a in case.arrays.values())


def _shrunk(session, trial, failure):
    """Greedy: take any simpler case that still fails in the same way; until there is none."""
    search = _Search(session, trial, failure)
    search.repeat(lambda case: _renumbered(session.contract.smaller(case)))
    search.repeat(_plain_form)
    search.repeat(_simpler_numbers)
    return search.trial, search.failure


class _Search:
    def __init__(self, session, trial, failure):
        self.session, self.trial, self.failure = session, trial, failure
        self.tries, self.end = 0, time.monotonic() + SECONDS

    def repeat(self, candidates):
        """Go on with the first candidate that fails, as long as there is one."""
        while any(self._fails(case) for case in candidates(self.trial.case)):
            pass

    def _fails(self, case):
        self.tries += 1
        over, contract = self.tries > TRIES or time.monotonic() > self.end, self.session.contract
        if over or not contract.simple(case) or beyond(contract, case):
            return False
        trial = self.session.attempt(case, self.trial.part)
        for failure in trial.failures:
            if (failure.output, failure.reason) == (self.failure.output, self.failure.reason) and (
                    trial.error_type == self.trial.error_type):
                self.trial, self.failure = trial, failure
                return True
        return False


def _renumbered(cases):
    """Each case, and again with numbers that all differ: those cut out may be alike."""
    for case in cases:
        yield case
        yield case.with_arrays(**{k: _counting(a) for k, a in case.arrays.items()})


def _counting(array):
    """1, -2, 3, -4 ... in the shape and type of an array."""
    numbers = np.arange(1, array.size + 1)
    return (numbers * (-1) ** (numbers + 1)).reshape(array.shape).astype(array.dtype)


def _plain_form(case):
    if case.form != "plain":
        plain = {k: a.astype(float) for k, a in case.arrays.items()}
        yield type(case)(case.name, case.behaviour, plain, case.settings)


def _simpler_numbers(case):
    """First whole arrays of zeros or ones, then entry by entry."""
    for name, array in case.arrays.items():
        for value in (0, 1):
            if simpler(array, np.full_like(array, value)):
                yield case.with_arrays(**{name: np.full_like(array, value)})
    for name, array in case.arrays.items():
        for cell in np.ndindex(array.shape):
            for value in _simpler_than(array[cell]):
                changed = array.copy()
                changed[cell] = value
                yield case.with_arrays(**{name: changed})


def _cost(value):
    """0 before 1 before other whole numbers before the rest; positive before negative."""
    value = float(value)
    return (value != int(value), abs(value), value < 0)


def simpler(old, new):
    """Whether all entries of `new` are at most as complicated as those of `old`, one less."""
    pairs = [(_cost(n), _cost(o)) for n, o in zip(new.flat, old.flat, strict=True)]
    return all(n <= o for n, o in pairs) and any(n < o for n, o in pairs)


def _simpler_than(value):
    return [v for v in (0, 1, int(value)) if _cost(v) < _cost(value)]


def _explained(session, trial, failure):
    contract, case = session.contract, trial.case
    arrays = contract.handed_over(case, trial.part)
    truths = contract.truth(case, trial.part)
    expected = terms = None
    if failure.output:
        truth = truths[failure.output]
        answer = trial.outputs.get(failure.output)
        right = truth.value if answer is None else truth.for_answer(answer)
        expected = contract.outward(failure.output, right)
        if failure.cell is not None:
            inside = _inside(contract, failure.output, right.shape, failure.cell)
            terms = contract.terms(case, failure.output, inside)
    source = source_of(session, trial, failure, expected, terms)
    return Counterexample(arrays, contract.settings(case), failure, expected, terms or "", source)


def _inside(contract, name, shape, cell):
    """The canonical index of an entry given in the callee's convention."""
    return next(c for c in np.ndindex(shape) if not shape
                or contract.cell_outside(name, shape, c) == tuple(cell))
