"""Running a contract: every configuration, the calls again, then shrinking and diagnosis."""

import contextlib
import time
from contextvars import ContextVar
from dataclasses import replace

import numpy as np

from cnnmat import arguments
from cnnmat.testing import limits, notes, pacing, refusals, sandbox
from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.contract import known_cases
from cnnmat.testing.conventions import NOTHING_MORE
from cnnmat.testing.result import Result
from cnnmat.testing.shrinking import counterexample
from cnnmat.testing.trial import attempt

__all__ = []

#: Seconds that a single call may take, if nothing is said; and that it may be given.
TIMEOUT, LONGEST = 5.0, 86400.0
#: Cases that are called again in the second round, and those whose twin is called in between.
AGAIN, TWINS = 12, 4
#: Cases beside them on which what explains the answers is tried.
FRESH = 8
#: How often cases are made within what was found to be taken.
ROUNDS = 4
#: Who takes what a check would judge, if anybody does.
_TAKER = ContextVar("taker", default=None)


class Session:
    """The functions under test, everything they were asked, and what they answered."""

    def __init__(self, contract, functions, seed, timeout, demands=NOTHING_MORE, cases=None):
        self.contract, self.timeout = contract, timeout
        self.functions = {part: sandbox.subject(f) for part, f in functions.items()}
        self.seed, self.demands = arguments.integer("seed", seed), demands
        self.given = cases
        self.all_cases = known_cases(contract, self.seed) if cases is None else tuple(cases)
        self.cases = pacing.chosen(self.all_cases, contract, self.functions.values())
        self.trials, self.refusals, self.notes, self._fresh = [], [], [], None
        self._features = {case: contract.features(case) for case in self.cases}

    def attempt(self, case, part, keep=False):
        """One call, judged; with `keep`, what it returned can be looked at again."""
        once = case in self._features
        truths = (self.contract.truth_of if once else self.contract.truth)(case, part)
        return attempt(self.contract, self.functions[part], case, part, truths, self.timeout,
                       keep)

    def features(self, case):
        """Text -> bool, of one of the `cases`."""
        return self._features[case]

    def fresh(self):
        """Trials of other cases than the `cases`: what is said must hold of them, too."""
        if self._fresh is None:
            self._fresh = []
            known = known_cases(self.contract, self.seed + 1)
            taken = {t.case.name for t in self.trials if t.status == "returned"}
            others = [c for c in known if c.name in taken]
            for case in () if pacing.current().over() else others[::len(others) // FRESH + 1]:
                self._fresh += [self.attempt(case, part) for part in self.functions]
        return self._fresh

    def under(self, contract):
        """A session of the same functions, held to another contract."""
        return Session(contract, self.functions, self.seed, self.timeout, self.demands, self.given)

    def run(self):
        """All cases, those within what is taken, and some again to look for memory."""
        more, rounds = self.cases, 0
        while more and self._round(more) and rounds < ROUNDS:
            rounds, more = rounds + 1, refusals.inside(self) if self.given is None else ()
            self.cases += tuple(more)
            self._features |= {case: self.contract.features(case) for case in more}
        self.refusals = refusals.settle(self)
        refusals.demanded(self, self.demands.supports)
        if any(t.status == "returned" for t in self.trials) and not any(
                t.status == "timeout" for t in self.trials):
            self._second_round()
        notes.withdraw_at_once(self)

    def _round(self, cases):
        """Call every function on every case; False where one did not come back, or time is over."""
        for done, case in enumerate(cases):
            if self.trials and pacing.current().over():
                return False
            pacing.current().told(done, len(cases))
            for part in self.functions:
                trial = self.attempt(case, part, keep=True)
                trial.copies = {k: v.copy() for k, v in trial.outputs.items()}
                self.trials.append(trial)
                if trial.status == "timeout":
                    return False
        return True

    def _second_round(self):
        """In another order, with calls on other values in between."""
        taken = {t.case for t in self.trials if t.status == "returned"}
        chosen = [case for case in self.cases if case in taken][:AGAIN][::-1]
        for index, case in enumerate(chosen):
            for part in self.functions:
                if index >= len(chosen) - TWINS and "forward" in self.functions:
                    self._twin(case, "forward")
                self._again(case, part)
        self._overwritten()

    def _twin(self, case, part):
        twin = case.twin()
        trial = self.attempt(twin, part)
        first = self._first(case, part)
        if first is not None and not first.failures:
            for failure in trial.failures:
                first.fail(failure.output, "state", f"the same shapes again with other values: "
                           f"{failure.message}")
            first.twin = trial

    def _again(self, case, part):
        first = self._first(case, part)
        if first is None or not first.outputs:
            return
        # twice in a row: what is wrong at every second call may be right both times else
        again = [self.attempt(case, part).outputs for _ in range(2)]
        for name, before in first.copies.items():
            if any(name not in now or scaled_error(now[name], before) > self.contract.tolerance
                   for now in again):
                first.fail(name, "state", f"{name} of the same call is another one the second "
                           "time")

    def _first(self, case, part):
        return next((t for t in self.trials if t.case is case and t.part == part), None)

    def _overwritten(self):
        """Arrays that were handed out earlier must still hold what they held."""
        for trial in self.trials:
            for name, copy in trial.copies.items():
                now = self.functions[trial.part].now(trial.raw[name])
                if isinstance(now, np.ndarray) and not np.array_equal(
                        self.contract.inward(name, now.astype(float)), copy, equal_nan=True):
                    trial.fail(name, "overwritten",
                               f"a later call overwrites the {name} that was returned earlier")


@contextlib.contextmanager
def handing_over(taker):
    """Within it checks call nothing: ``taker(session)`` gets a `Session` without cases."""
    token = _TAKER.set(taker)
    try:
        yield
    finally:
        _TAKER.reset(token)


def judge(session):
    """Run a session: (it, or the one in single precision, its diagnoses, what is known of it)."""
    from cnnmat.testing.diagnosis import diagnose

    session.run()
    if notes.in_single_precision(session):
        session = notes.single(session)
        session.run()
    if not any(t.failures for t in session.trials):
        return session, [], []
    found, known = diagnose(session)
    return session, notes.withdraw(session, found), known


def check(contract, functions, *, seed=0, timeout=TIMEOUT, demands=NOTHING_MORE):
    """Hold `functions`, {"forward": ..., "backward": ...}, to `contract`: a `Result`."""
    started = time.perf_counter()
    for part, function in functions.items():
        if not callable(function):
            raise TypeError(f"{part} must be callable, got {function!r}")
    if arguments.floating("timeout", timeout, positive=True) > LONGEST:
        raise ValueError(f"timeout must be at most {LONGEST:g}, got {timeout!r}")
    if demands.only:
        contract = replace(contract, only=limits.of(contract, demands.only))
    if _TAKER.get() is not None:
        session = Session(contract, functions, seed, timeout, demands, cases=())
        _TAKER.get()(session)
        return Result(contract.kind, session)
    session = Session(contract, functions, seed, timeout, demands)
    session, diagnosis, known = judge(session)
    result = Result(contract.kind, session)
    if result.failures:
        result.diagnosis, result.known = diagnosis, known
        result.counterexample = counterexample(session) if contract.shrinks else None
    # those that were made within what is taken are besides
    tried = {t.case for t in session.trials} & {*session.all_cases}
    result.notes += pacing.note(len(tried), len(session.all_cases))
    result.seconds = time.perf_counter() - started
    return result
