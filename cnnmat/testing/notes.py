"""What is a convention and no mistake: said in a note, with the word that accepts it.

``accept=`` takes a convention without a word; with ``strict=True`` all others are wrong.
"""

from dataclasses import replace

import numpy as np

from cnnmat.testing import limits
from cnnmat.testing.conventions import Demands
from cnnmat.testing.limits import Words, split
from cnnmat.testing.refusals import Refusal

__all__ = []

#: The words of `accept`, with what each takes.
CONVENTIONS = {
    "mean-gradients": "dw and db are divided by N, as the mean over the samples has them",
    "epsilon": "a small number keeps the logarithm from infinity",
    "overwrites-upstream": "the upstream gradient is changed where it stands",
    "float32": "the functions compute in single precision",
}
#: Diagnoses that are a convention: slug, word.
SLUGS = {"divided-by-batch": "mean-gradients", "epsilon-in-log": "epsilon",
         "probabilities-clipped": "epsilon", "single-precision": "float32"}
#: The largest number that only keeps a logarithm finite.
LARGEST_EPSILON = 1e-5


def accept(words: Words) -> tuple[str, ...]:
    """The conventions that a caller accepts, checked."""
    found = split("accept", words)
    for word in found:
        if word not in CONVENTIONS:
            raise ValueError(f"accept must be made of {', '.join(map(repr, CONVENTIONS))}, "
                             f"got {word!r}")
    return found


def demands(only: Words, supports: Words, accepted: Words, strict: bool) -> Demands:
    """What a caller says in the keywords that checks have in common."""
    return Demands(limits.only(only), limits.supports(supports), accept(accepted), bool(strict))


def _taken(session, word, what):
    """Whether a convention is no failure; if so it is noted, unless it was declared."""
    if word in session.demands.accept:
        return True
    if not session.demands.strict:
        session.notes.append(f'a convention (accept="{word}" declares it, strict=True makes it '
                             f"wrong): {what}")
    return not session.demands.strict


def in_single_precision(session):
    """Whether functions that are to compute in float64 return float32, and may."""
    trials = [t for t in session.trials if t.failures]
    if getattr(session.contract, "dtype", "") != "float64" or not any(
            getattr(value, "dtype", None) == np.float32
            for t in trials for value in t.raw.values()):
        return False
    return _taken(session, "float32", CONVENTIONS["float32"])


def withdraw_at_once(session):
    """Take back what needs no diagnosis: upstream gradients that are overwritten, no dx."""
    upstream = session.contract.parts.get("backward", (("",),))[0][0]
    changed = [(t, f) for t in session.trials for f in t.failures
               if f.message == f"backward changes the caller's {upstream}"]
    if changed and upstream[:1] == "d" and _taken(
            session, "overwrites-upstream", f"the caller's {upstream} is changed where it stands"):
        for trial, failure in changed:
            trial.failures.remove(failure)
        _withdraw_read_only(session)
    _no_dx(session)


def _withdraw_read_only(session):
    """A function that writes into the upstream gradient raises where that is read-only."""
    for trial in session.trials:
        if trial.part == "backward" and trial.case.form == "read-only":
            trial.failures = [f for f in trial.failures if f.reason != "mutation"]


def _no_dx(session):
    """No dx at all is what a first layer may do; no dx now and then is a mistake."""
    trials = [t for t in session.trials if t.part == "backward" and t.status == "returned"]
    without = [f for t in trials for f in t.failures if (f.output, f.reason) == ("dx", "none")]
    others = session.contract.parts.get("backward", ((), ()))[1]
    if not trials or len(without) < len(trials) or len(others) < 2 or (
            {"dx", "everything"} & set(session.demands.supports)):
        return
    for trial in trials:
        trial.failures = [f for f in trial.failures if f not in without]
    session.refusals.append(Refusal("backward", "dx", ("no-dx",), len(trials), "", "gives no"))


def withdraw(session, diagnoses):
    """The diagnoses that are no conventions; what the others explain is no failure any more."""
    left = []
    for one in diagnoses:
        word = SLUGS.get(one.slug)
        if word and _is_convention(session, word, one) and _taken(
                session, word, f"{one.sentence} ({', '.join(one.outputs)})"):
            for trial in session.trials:
                trial.failures = [f for f in trial.failures if f.output not in one.outputs]
        else:
            left.append(one)
    return left


def _is_convention(session, word, diagnosis):
    if diagnosis.when:
        return False
    if word == "epsilon":
        return diagnosis.size is not None and diagnosis.size <= LARGEST_EPSILON
    if word != "mean-gradients":
        return True
    # all of the parameters' gradients, and nothing that is computed forward
    back = session.contract.parts.get("backward", ((), ()))[1]
    parameters = {name for name in back if name not in ("dx", "dy")}
    return bool(parameters) and parameters <= set(diagnosis.outputs) <= set(back)


def single(session):
    """The session in which the same functions are held to float32."""
    again = session.under(replace(session.contract, dtype="float32"))
    again.notes = session.notes
    return again
