"""Functions whose conduct is the mistake: memory between calls, changed inputs, no answer."""

import numpy as np

from cnnmat.testing.comparing import scaled_error

__all__ = []

#: reason of a failure: (slug, sentence), in the order in which they are told.
CONDUCT = {
    "timeout": ("runs-for-ever", "a loop never ends"),
    "mutation": ("changes-its-input", "an array of the caller's is changed where it stands: work "
                 "on a copy"),
    "overwritten": ("result-overwritten", "one buffer is handed out at every call, so that a later "
                    "call changes an earlier result: return a new array"),
    "none": ("returns-none", "a return is missing: what came back is None"),
    "count": ("wrong-number-of-results", "the number of arrays that come back is not the one that "
              "is asked for"),
    "type": ("not-an-array-of-numbers", "what comes back is not an array of real numbers"),
}
#: Reasons that are told only where no mistake of the bank explains them.
LAST = {
    "not finite": ("not-finite", "NaN or infinity comes out of finite input"),
    "raised": ("raises", "the call ends in an exception"),
}


def _reasons(session):
    """{reason: outputs concerned}."""
    found = {}
    for trial in session.trials:
        for f in trial.failures:
            outputs = (f.output,) if f.output else session.contract.parts[trial.part][1]
            found.setdefault(f.reason, {}).update(dict.fromkeys(outputs))
    return {reason: tuple(outputs) for reason, outputs in found.items()}


def recognise(session):
    """[(slug, sentence, outputs)] of the conduct that needs no bank."""
    reasons = _reasons(session)
    found = [(*_memory(session), reasons["state"])] if "state" in reasons else []
    found += [(*CONDUCT[r], reasons[r]) for r in CONDUCT if r in reasons]
    return found or _order(session) or _digits(session)


def fall_back(session):
    """[(slug, sentence, outputs)] of what is left to say."""
    reasons = _reasons(session)
    return _only_shape(session) or [(*LAST[r], reasons[r]) for r in LAST if r in reasons]


def _only_shape(session):
    """The right numbers in order, in an array of another shape."""
    outputs = {f.output for t in session.trials for f in t.failures}
    for trial in session.trials:
        if any(f.reason != "shape" for f in trial.failures):
            return []
        truths = session.contract.truth_of(trial.case, trial.part)
        for name in outputs & set(trial.outputs):
            right = session.contract.outward(name, truths[name].value).ravel()
            if scaled_error(trial.outputs[name].ravel(), right) > session.contract.tolerance:
                return []
    return [("right-numbers-wrong-shape", "the numbers are right and the shape is not", tuple(
        sorted(outputs)))]


# --- memory between calls ---------------------------------------------------------


def _memory(session):
    """What kind of memory: calls are repeated, and held against mixtures of old and new."""
    for trial in session.trials:
        if any(f.reason == "state" for f in trial.failures):
            for look in (_accumulates, _stale, _from_last_forward):
                if look(session, trial):
                    return _MEMORY[look.__name__]
    return ("not-repeatable", "the same call gives different answers: something is kept between "
            "calls, or is random")


_MEMORY = {
    "_accumulates": ("accumulates-between-calls", "each call adds to the result of the one before: "
                     "set the array to zero at the start of the call"),
    "_stale": ("cached-by-shape", "something kept from an earlier call with arrays of the same "
               "shapes is used again, whatever their values"),
    "_from_last_forward": ("uses-last-forward", "the backward pass uses what the last forward "
                           "pass kept, and not the arrays that it is given"),
}


def _answers(session, case, part, times):
    trials = [session.attempt(case, part) for _ in range(times)]
    return [t.outputs for t in trials]


def _accumulates(session, trial):
    first, second = _answers(session, trial.case, trial.part, 2)
    truths = session.contract.truth_of(trial.case, trial.part)
    tolerance = session.contract.tolerance
    return any(
        name in first and name in second and first[name].shape == truth.value.shape
        and scaled_error(second[name] - first[name], truth.value) < tolerance
        for name, truth in truths.items())


def _stale(session, trial):
    """Whether the answer for other values is the one with one array, or all, of those before."""
    twin = getattr(trial, "twin", None)
    if twin is None:
        return False
    before, tolerance = trial.case.arrays, session.contract.tolerance
    for kept in ({k: v} for k, v in before.items()):
        truths = session.contract.truth(twin.case.with_arrays(**kept), trial.part)
        same = [scaled_error(twin.outputs[n], truths[n].value) <= tolerance for n in twin.outputs]
        if same and all(same):
            return True
    return any(scaled_error(twin.outputs[n], trial.copies[n]) == 0 for n in twin.outputs)


def _from_last_forward(session, trial):
    """Whether backward(A) after forward(A with another x) is backward(A with that x)."""
    if trial.part != "backward" or "forward" not in session.functions:
        return False
    twin = trial.case.twin()
    session.attempt(twin, "forward")
    answer = session.attempt(trial.case, "backward").outputs
    mixed = trial.case.with_arrays(x=twin.arrays["x"])
    truths = session.contract.truth_of(mixed, "backward")
    return all(name in answer and scaled_error(answer[name], truths[name].for_answer(answer[name]))
               <= session.contract.tolerance for name in truths)


# --- all outputs together -----------------------------------------------------------


def _order(session):
    """The right arrays in another order."""
    trials = [t for t in session.trials if t.part == "backward" and t.status == "returned"]
    names = session.contract.parts.get("backward", ((), ()))[1]
    if len(names) < 2 or not any(t.failures for t in trials):
        return []
    for i in range(len(names)):
        for j in range(i):
            swapped = {names[i]: names[j], names[j]: names[i]}
            if all(_as_if(session, t, swapped) for t in trials):
                text = (f"the gradients are returned in another order: {names[j]} and {names[i]} "
                        "are exchanged")
                return [("gradients-in-another-order", text, (names[j], names[i]))]
    return []


def _as_if(session, trial, swapped):
    truths = session.contract.truth_of(trial.case, trial.part)
    for name, other in swapped.items():
        try:
            got = session.contract.inward(other, np.asarray(trial.raw[name], dtype=float))
        except (TypeError, ValueError, KeyError):
            return False
        if scaled_error(got, truths[other].value) > session.contract.tolerance:
            return False
    return True


def _digits(session):
    """Right to about seven digits everywhere."""
    failing = {f.output for t in session.trials for f in t.failures}
    if None in failing or any(f.reason != "value" for t in session.trials for f in t.failures):
        return []
    for trial in session.trials:
        truths = session.contract.truth_of(trial.case, trial.part)
        for name, got in trial.outputs.items():
            if scaled_error(got, truths[name].for_answer(got)) > 1e-5:
                return []
    return [("single-precision", "the answer is right to about seven digits only, as if it were "
             "computed in float32 (declare dtype=\"float32\" if that is meant)",
             tuple(sorted(failing)))]
