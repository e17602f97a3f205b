"""What is swept, as plain data, and one geometry after the other held to its contract."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cnnmat import __version__, testing
from cnnmat.testing import engine
from cnnmat.testing.remote import functions
from cnnmat.testing.sweeping.geometries import applicable, case_of, kind_of, sizes_of
from cnnmat.testing.trial import attempt

__all__ = ["Sweep", "judged", "opened", "outcome_of", "patience",
           "some"]

#: Seconds after which a process hands over what it has, so that little is lost with it.
SLICE = 5.0


@dataclass(frozen=True)
class Sweep:
    """Which functions are held to what: all that a geometry's outcome hangs on.

    Attributes
    ----------
    kind : str
        As in ``check_<kind>``.
    functions : tuple of str
        "module:function" of each.
    options : dict
        The keywords of ``check_<kind>``.
    framework : str
        "torch", "jax" or "cupy", whose arrays the functions take; "" for NumPy's.
    seed : int
    timeout : float
        Seconds for one call.
    """

    kind: str
    functions: tuple
    options: dict = field(default_factory=dict)
    framework: str = ""
    seed: int = 0
    timeout: float = engine.TIMEOUT

    def identity(self):
        """What is written in front of its outcomes: another sweep's are not mixed with them."""
        said = {**asdict(self), "functions": list(self.functions),
                "code": [_digest(name) for name in self.functions]}
        return {"cnnmat sweep": __version__, **said}


def _digest(name):
    """The file of a function by its sha256, found without importing it; "" if it is not."""
    where, _, _ = name.rpartition(":")
    steps = [where] if where.endswith(".py") else [
        where.replace(".", "/") + ".py", where.replace(".", "/") + "/__init__.py"]
    for folder in (os.getcwd(), *sys.path):
        for step in steps:
            with contextlib.suppress(OSError):
                return hashlib.sha256(Path(folder, step).read_bytes()).hexdigest()
    return ""


def patience(timeout):
    """Seconds in which functions must have been imported, and their convention found."""
    return 12 * timeout + 60


@contextlib.contextmanager
def opened(sweep):
    """(session, notes): the functions in a process of their own, held to their contract.

    Raises
    ------
    CannotCall
        If they cannot be had.
    """
    taken = []
    with functions(list(sweep.functions), patience(sweep.timeout)) as given:
        if sweep.framework:
            given = given[0].wrapped(given[1:], sweep.framework, sweep.options.get("dtype"))
        with engine.handing_over(taken.append):
            blank = getattr(testing, f"check_{sweep.kind}")(
                *given, **sweep.options, seed=sweep.seed, timeout=sweep.timeout)
        # from here on each call has its own limit, and there may be days of them
        given[0].home.end = math.inf
        yield taken[0], blank.notes


def judged(session, numbers):
    """The outcomes of some geometries, one after the other: plain data, each with its number."""
    kinds = applicable(session.contract)
    for number in numbers:
        yield outcome_of(session, number, kinds)


def some(sweep, numbers):
    """The outcomes of as many of the first of some geometries as fit into a slice of time."""
    end, found = time.monotonic() + SLICE, []
    with opened(sweep) as (session, _):
        for outcome in judged(session, numbers):
            found.append(outcome)
            if time.monotonic() >= end:
                break
    return found


def outcome_of(session, number, kinds):
    """The outcome of one geometry: what it was, what is wrong, what was refused."""
    case = case_of(session.contract, session.seed, number, kinds)
    blank = {"geometry": number, "kind": kind_of(number, kinds)}
    if case is None:
        return {**blank, "sizes": None, "failures": [], "refused": []}
    failures, refused = [], []
    for part, function in session.functions.items():
        trial = attempt(session.contract, function, case, part,
                        session.contract.truth(case, part), session.timeout)
        failures += [[f.part, f.output, f.reason, f.message] for f in trial.failures]
        refused += [[part, trial.error]] if trial.status == "refused" else []
    return {**blank, "sizes": sizes_of(case), "failures": failures, "refused": refused}
