"""How much is tried where calls are dear, what first, and who is told how far it has come."""

import contextlib
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

__all__ = ["paced"]

#: Configurations that are tried of functions that are compiled for each shape.
FEW = 14
#: The share of a budget in which configurations are tried; the rest is for what follows.
FIRST = 0.8


@dataclass(frozen=True)
class Pace:
    """A budget in seconds, None for none, and what is told (how many, of how many)."""

    budget: float | None = None
    told: Callable = lambda done, of: None
    end: float = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "end", time.monotonic() + FIRST * (self.budget or 0))

    def over(self):
        """Whether no further configuration is to be begun."""
        return self.budget is not None and time.monotonic() >= self.end


_ALL = Pace()
_PACE = ContextVar("pace", default=_ALL)


@contextlib.contextmanager
def paced(budget=None, told=lambda done, of: None):
    """Within it, checks try what tells most first, and stop when the time is over.

    Parameters
    ----------
    budget : float, optional
        Seconds; without one, everything is tried, in the order of the cases.
    told : callable, optional
        ``told(done, of)`` is called before each configuration.

    Examples
    --------
    >>> import numpy as np
    >>> from cnnmat.testing import check_activation
    >>> with paced(budget=1e-9):
    ...     result = check_activation(np.tanh, name="tanh")
    >>> result.configurations, result.notes[0][:42]
    (1, 'tried in the order of what they tell: 1 of')
    """
    token = _PACE.set(Pace(budget, told))
    try:
        yield
    finally:
        _PACE.reset(token)


def current():
    """The `Pace` that holds here."""
    return _PACE.get()


def chosen(cases, contract, functions):
    """The cases that are to be tried, in order."""
    few = any(getattr(getattr(f, "function", f), "few_shapes", False) for f in functions)
    if not few and current().budget is None:
        return cases
    ordered = by_power(cases, contract)
    return ordered[:FEW] if few else ordered


def by_power(cases, contract):
    """Each next one the case that shows most that none before has shown; of alikes, the first."""
    left, seen, ordered = list(cases), set(), []
    shows = {case: {case.behaviour, *contract.features(case).items()} for case in cases}
    while left:
        best = max(left, key=lambda case: len(shows[case] - seen))
        if shows[best] <= seen and seen:
            seen = set()
            # everything was shown once: again from the start, by other cases
            best = max(left, key=lambda case: len(shows[case]))
        seen |= shows[best]
        left.remove(best)
        ordered.append(best)
    return tuple(ordered)


def note(tried, of):
    """What is to be said of configurations that were not tried, if there are any."""
    if tried == of:
        return []
    why = (f"in the budget of {current().budget:g} s" if current().budget is not None
           else "for each shape is compiled")
    return [f"tried in the order of what they tell: {tried} of {of} configurations, {why}"]
