"""What functions refuse, told apart from what they get wrong, in terms of the configuration."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

from cnnmat.testing.contract import known_cases
from cnnmat.testing.diagnosis.conditions import condition, worded
from cnnmat.testing.limits import LIMITS, only_kernel

__all__ = ["Refusal"]

#: As many limits at once are looked for, and names of configurations said.
MOST, FEW = 5, 4
#: What code that ends in an exception of somebody else's may still be limited by.
SOFT = ("ValueError", "IndexError", "TypeError")


@dataclass(frozen=True)
class Refusal:
    """What one function does not take.

    Attributes
    ----------
    part : str
        "forward" or "backward".
    beyond : str
        What it refuses: "kernels that are not square".
    limits : tuple of str
        The words by which `only` declares it; empty where no limit explains it.
    configurations : int
        How many calls were refused.
    error : str
        The exception of the first.
    how : str
        "refuses", or, where the exception came from elsewhere and nobody has written a refusal,
        "does not take"; or "gives no".
    """

    part: str
    beyond: str
    limits: tuple[str, ...]
    configurations: int
    error: str
    how: str = "refuses"

    def __str__(self) -> str:
        why = f"; {self.error}" if self.error else ""
        return (f"{self.part} {self.how} {self.beyond} ({self.configurations} "
                f"configuration{'s' * (self.configurations > 1)}{why})")


def limits_of(session, part, trials):
    """The fewest limits such that all of `trials` are beyond one of them, and no call that
    returned is; None if there are none."""
    plain = [t for t in session.trials if t.part == part and t.case.form == "plain"]
    taken = [t for t in plain if t.status not in ("refused", "raised")]
    kernels = {session.contract.window(t.case) for t in taken} - {()}
    known = LIMITS + ((only_kernel(*kernels),) if len(kernels) == 1 else ())

    def beyond(one, trial):
        return one.exceeded(session.contract, trial.case, session.features(trial.case))

    possible = {one: [beyond(one, t) and _fits(session, one, t) for t in trials] for one in known
                if not any(beyond(one, t) for t in taken)}
    possible = {one: found for one, found in possible.items() if any(found)}
    for count in range(min(MOST, len(possible)) + 1):
        for chosen in combinations(possible, count):
            if all(any(row) for row in zip(*(possible[one] for one in chosen), strict=True)) and (
                    chosen or not trials):
                return chosen
    return None


def _fits(session, one, trial):
    """Whether an exception that nobody meant may still come of a limit.

    Where it says nothing of what it is, all functions must have the limit: a backward pass that
    ends in an exception where the forward pass does not is wrong.
    """
    if trial.status == "refused":
        return True
    if one.accident is None or one.accident not in trial.error:
        return False
    return bool(one.accident) or not any(
        t.case is trial.case and t.status == "returned" for t in session.trials)


def _stopped(session, part, *status):
    return [t for t in session.trials
            if t.part == part and t.case.form == "plain" and t.status in status]


def inside(session):
    """Cases within what the functions take, where they refuse something."""
    words = dict.fromkeys(session.contract.only)
    for part in session.functions:
        meant = _stopped(session, part, "refused")
        every = limits_of(session, part, meant + _soft(session, part))
        for one in every or limits_of(session, part, meant) or ():
            words[one.word] = None
    if not session.contract.fits or set(words) == set(session.contract.only):
        return []
    cases = known_cases(replace(session.contract, only=tuple(words)), session.seed)
    tried = {_key(case) for case in session.cases}
    return [case for case in cases if _key(case) not in tried]


def _key(case):
    shapes = tuple((name, a.shape) for name, a in case.arrays.items())
    what = case.name if case.behaviour in ("values", "ties", "calling", "large") else ""
    return shapes, repr(case.settings), case.form, what


def _soft(session, part):
    return [t for t in _stopped(session, part, "raised")
            if t.manner == "accident" and t.error_type in SOFT]


def settle(session):
    """[`Refusal`] of each part; exceptions that come of a limit are no failures any more."""
    found = []
    for part in session.functions:
        meant, raised = _stopped(session, part, "refused"), _stopped(session, part, "raised")
        soft = _soft(session, part)
        both = limits_of(session, part, meant + soft) if len(soft) == len(raised) else None
        if raised and both is not None:
            for trial in raised:
                trial.status = "refused"
                trial.failures = [f for f in trial.failures if f.reason != "raised"]
            meant, limits = meant + raised, both
        else:
            limits, raised = limits_of(session, part, meant), []
        if meant:
            how = "does not take" if len(raised) == len(meant) else "refuses"
            found.append(_refusal(session, part, meant, limits, how))
        _forms(session, part, limits or ())
    return found


def _refusal(session, part, refused, limits, how):
    if limits:
        beyond = _listed([one.beyond for one in limits])
    else:
        beyond = _described(session, part, refused)
    return Refusal(part, beyond, tuple(one.word for one in limits or ()), len(refused),
                   refused[0].error, how)


def _described(session, part, refused):
    """Where no limit explains it: everything, a condition, or names."""
    plain = [t for t in session.trials if t.part == part and t.case.form == "plain"]
    if len(refused) == len(plain):
        return "everything"
    when = condition([(session.features(t.case), t in refused) for t in plain])
    names = [repr(t.case.name) for t in refused[:FEW]]
    more = " ..." if len(refused) > FEW else ""
    return f"configurations where {worded(when)}" if when else ", ".join(names) + more


def _listed(words):
    return ", ".join(words[:-1]) + " and " * (len(words) > 1) + words[-1]


def _forms(session, part, limits):
    """A note on arrays that are refused for the way in which they lie in memory."""
    for trial in session.trials:
        if trial.part != part or trial.case.form == "plain" or trial.status != "refused":
            continue
        features = session.features(trial.case)
        if not any(one.exceeded(session.contract, trial.case, features) for one in limits):
            trial.notes.append(f"{part} refuses {trial.case.name.lower()}: {trial.error}")


def demanded(session, supports):
    """Write a failure down for what is refused though it was to be taken.

    That is all, where nothing is taken; else a configuration that is refused for nothing but
    what `supports` names.
    """
    for part in session.functions:
        refused = _stopped(session, part, "refused")
        every = [t for t in session.trials if t.part == part]
        if refused and all(t.status == "refused" for t in every):
            refused[0].fail(None, "refused", f"{part} refuses everything: {refused[0].error}")
        elif supports:
            _must(session, supports, refused, limits_of(session, part, refused) or LIMITS)


def _must(session, supports, refused, limits):
    for trial in refused:
        features = session.features(trial.case)
        beyond = [one for one in limits if one.exceeded(session.contract, trial.case, features)]
        if "everything" in supports or {one.opposite for one in beyond} <= set(supports):
            what = _listed([one.beyond for one in beyond]) if beyond else trial.case.name
            trial.fail(None, "refused", f"{trial.part} must take {what}, and refuses: "
                       f"{trial.error}")
