"""Functions whose conduct is the mistake: memory between calls, changed inputs, no answer."""

from itertools import pairwise

import numpy as np

from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.diagnosis.mistakes import PADDING_NOT_CROPPED

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
    "refused": ("refuses", "what was to be taken is refused"),
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
    return found or _order(session)


def fall_back(session):
    """[(slug, sentence, outputs)] of what is left to say."""
    reasons = _reasons(session)
    return (_only_shape(session) or _first_kept(session) or _halved(session) or _digits(session)
            or [(*LAST[r], reasons[r]) for r in LAST if r in reasons])


def _only_shape(session):
    """The right numbers in order, in an array of another shape."""
    outputs = {f.output for t in session.trials for f in t.failures}
    for trial in session.trials:
        if any(f.reason != "shape" for f in trial.failures):
            return []
        # one that was too large to be sent has no numbers
        if any(f.output not in trial.outputs for f in trial.failures):
            return []
        truths = session.contract.truth_of(trial.case, trial.part)
        for name in outputs & set(trial.outputs):
            right = session.contract.outward(name, truths[name].value).ravel()
            if scaled_error(trial.outputs[name].ravel(), right) > session.contract.tolerance:
                return []
    return [("right-numbers-wrong-shape", "the numbers are right and the shape is not", tuple(
        sorted(outputs)))]


def _first_kept(session):
    """What every call returns is what the first returned."""
    for part in session.functions:
        trials = [t for t in session.trials if t.part == part and t.outputs]
        if len({t.case.name for t in trials if t.failures}) < len(trials) / 2 or len(trials) < 3:
            continue
        first = trials[0].outputs
        if all(name in t.outputs and scaled_error(t.outputs[name], first[name]) == 0
               for t in trials for name in first):
            return [("first-call-kept", "every call returns what the first one did: something is "
                     "computed once and kept", tuple(first))]
    return []


def _halved(session):
    """Numbers of float16 that are right to about three digits."""
    found = []
    for part, names in ((p, session.contract.parts[p][1]) for p in session.functions):
        for name in names:
            trials = [t for t in session.trials if t.part == part and name in t.outputs]
            wrong = [t for t in trials if any(f.output == name for f in t.failures)]
            if wrong and all(_half(session, t, name) for t in trials):
                found.append(name)
    return [("half-precision", "it is computed in half precision (float16), which holds about "
             "three digits", tuple(found))] if found else []


def _half(session, trial, name):
    got = trial.outputs[name]
    right = session.contract.truth_of(trial.case, trial.part)[name].for_answer(got)
    with np.errstate(over="ignore"):
        return (scaled_error(got.astype(np.float16).astype(float), got) == 0
                and scaled_error(got, right) < 5e-3)


def not_cropped(session, explained):
    """[(slug, sentence, outputs)] of arrays too large by the padding that are right inside it."""
    outputs = {f.output for t in session.trials for f in t.failures} - {None, *explained}
    found = tuple(sorted(name for name in outputs if _bordered(session, name)))
    return [("padding-not-cropped", PADDING_NOT_CROPPED, found)] if found else []


def _bordered(session, name):
    """Whether an output is right wherever there is no padding, and right inside a border else."""
    met = 0
    for trial in session.trials:
        padding = trial.case.settings.get("padding")
        if name not in session.contract.parts[trial.part][1] or trial.status == "refused":
            continue
        if not padding or name not in trial.outputs:
            return False
        got = trial.outputs[name]
        truth = session.contract.truth_of(trial.case, trial.part)[name]
        wide = (*truth.value.shape[:2], *[n + sum(p) for n, p in zip(
            truth.value.shape[2:], padding, strict=False)])
        if got.shape != wide:
            return False
        inside = got[(..., *[slice(p, n - q) for (p, q), n in zip(
            padding, wide[2:], strict=False)])]
        if scaled_error(inside, truth.for_answer(inside)) > session.contract.tolerance:
            return False
        met += any(map(any, padding))
    return met > 0


# --- memory between calls ---------------------------------------------------------


#: Calls with the same arrays, one right after the other, before anything is said of memory.
IN_A_ROW = 3
#: Cases on which a kind of memory must show.
CASES = 4
#: Arrays of the same shape that may have been kept.
ALIKE = 12


def _memory(session):
    """What kind of memory, where calls that are repeated prove it; else that there is one."""
    trials = [t for t in session.trials if any(f.reason == "state" for f in t.failures)]
    for look in (_accumulates, _stale, _from_last_forward):
        if _shown(look(session, trial) for trial in trials[:CASES]):
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


def _shown(looks):
    """Whether something is seen at least once, and nothing speaks against it (None: no word)."""
    return set(looks) - {None} == {True}


def _answers(session, case, part):
    """The outputs of calls in a row, or [] if one of them gave not all."""
    names = session.contract.parts[part][1]
    found = []
    for _ in range(IN_A_ROW):
        found.append(session.attempt(case, part).outputs)
        if set(found[-1]) != set(names):
            return []
    return found


def _steady(session, case, part):
    """The outputs of a call, if they are the same each time that it is repeated, else None."""
    answers = _answers(session, case, part)
    same = all(scaled_error(one[name], answers[0][name]) <= session.contract.tolerance
               for one in answers for name in one)
    return answers[0] if answers and same else None


def _right(session, answer, truths):
    """{output: whether it is what `truths` says}."""
    return {name: scaled_error(got, truths[name].for_answer(got)) <= session.contract.tolerance
            for name, got in answer.items()}


def _accumulates(session, trial):
    """Whether each call gives the right result more than the one before."""
    answers = _answers(session, trial.case, trial.part)
    truths = session.contract.truth_of(trial.case, trial.part)
    tolerance = session.contract.tolerance
    grows = set()
    for name in {f.output for f in trial.failures if f.reason == "state"} & set(truths):
        right = truths[name].value
        if not right.any():
            continue
        grows.add(bool(answers) and all(
            one[name].shape == right.shape
            and scaled_error(two[name] - one[name], right) <= tolerance
            for one, two in pairwise(answers)))
    return None if not grows else grows == {True}


def _stale(session, trial):
    """Whether other values get the right answer for one array, or all, of those before."""
    if getattr(trial, "twin", None) is None:
        return None
    contract, part, twin = session.contract, trial.part, trial.twin.case
    before, after = (_steady(session, case, part) for case in (trial.case, twin))
    if before is None or after is None:
        return False
    fine = _right(session, after, contract.truth(twin, part))
    if all(fine.values()):
        return None
    kept = [twin.with_arrays(**{k: v}) for k, v in _of_the_same_shapes(session, twin)]
    kept.append(trial.case)
    return any(all(fine[name] or same for name, same in _right(
        session, after, contract.truth(case, part)).items()) for case in kept)


def _of_the_same_shapes(session, twin):
    """(name, array) of what earlier calls were given, by the last ones first."""
    for name, array in twin.arrays.items():
        alike = [c.arrays[name] for c in session.cases if c.arrays[name].shape == array.shape]
        yield from ((name, one) for one in alike[:ALIKE])


def _from_last_forward(session, trial):
    """Whether backward(A) after forward(A with another x) is backward(A with that x)."""
    inputs = session.contract.parts[trial.part][0]
    if trial.part != "backward" or "x" not in inputs or "forward" not in session.functions:
        return None
    twin = trial.case.twin()
    mixed = trial.case.with_arrays(x=twin.arrays["x"])
    right = session.contract.truth_of(trial.case, "backward")
    other = session.contract.truth(mixed, "backward")
    if all(scaled_error(right[n].value, other[n].value) == 0 for n in right):
        return None
    seen = []
    for case, truths in ((twin, other), (trial.case, right)):
        session.attempt(case, "forward")
        answer = _steady(session, trial.case, "backward")
        seen.append(answer is not None and all(_right(session, answer, truths).values()))
    return all(seen)


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
             "computed in float32 (if that is meant, say so: dtype=\"float32\", --float32)",
             tuple(sorted(failing)))]
