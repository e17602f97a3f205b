"""A check of functions whose convention is found, or said in one line: ``convention="auto"``.

What a convention is, is found by names and shapes in `cnnmat.calling`.  Two things shapes do not
say: whether a risk, or the gradients of parameters, are sums or means over the batch.  These are
read off the values, where all of them agree on one; and single precision, off the type.
"""

from dataclasses import replace

import numpy as np

from cnnmat.calling.convention import Convention, signatures
from cnnmat.calling.names import INPUTS
from cnnmat.testing import sandbox
from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.contract import known_cases
from cnnmat.testing.conventions import functions
from cnnmat.testing.engine import check
from cnnmat.testing.trial import attempt

__all__ = []

#: The time in which a convention is to be found: that of so many calls, for they are tiny.
CALLS = 2
#: Cases whose values are looked at.
LOOKED_AT = 6


def checked(contract, forward, backward, convention, *, seed, timeout, **options):
    """`engine.check`, of functions that are called as usual, or as `convention` says."""
    if convention is None:
        return check(contract, functions(forward, backward), seed=seed, timeout=timeout, **options)
    if not isinstance(convention, (str, Convention)):
        raise TypeError(f"convention must be text, got {convention!r}")
    for name, one in functions(forward, backward).items():
        if not callable(one):
            raise TypeError(f"{name} must be callable, got {one!r}")
    found = adapted(contract, forward, backward, convention, seed, timeout)
    result = check(found.contract, found.functions, seed=seed, timeout=timeout, **options)
    result.notes = [*found.notes, *result.notes]
    if backward is not None or found.convention.make:
        result.missing = found.missing(contract)
    return result


class Found:
    """Functions called as usual, the contract that they are held to, and what was found out."""

    def __init__(self, contract, subjects, convention):
        self.convention = convention
        said = dict(convention.keywords)
        if said.get("bias", "add") == "add":
            # which shapes do not tell from one that is subtracted
            said.pop("bias", None)
        missing = [m for m in convention.missing if m != "db" or said.get("bias") != "none"]
        if missing and convention.returns:
            said["without"] = tuple(missing)
        self.contract = replace(contract, **said)
        made = subjects[0].adapted(subjects[1:], convention)
        self.functions = dict(zip(("forward", "backward"), map(sandbox.subject, made),
                                  strict=False))
        self.notes = []

    def missing(self, contract):
        """The gradients that a contract asks for, and backward, or a class, does not give."""
        asked, given = (c.parts["backward"][1] for c in (contract, self.contract))
        return tuple(n for n in asked if n not in given or "backward" not in self.functions)


def adapted(contract, forward, backward, convention, seed, timeout):
    """The functions as `Found`, with a mean over the batch and single precision accounted for."""
    subjects = [sandbox.subject(f) for f in (forward, backward) if f is not None]
    if isinstance(convention, Convention):
        chosen = [convention]
    else:
        said = {} if convention == "auto" else signatures(convention)
        chosen = next(filter(None, (
            subjects[0].conventions(subjects[1:], contract.kind, said, CALLS * timeout, careful)
            for careful in (False, True))), None)
    chosen = chosen or [Convention(contract.kind, forward=tuple(
        (role, role) for role in INPUTS[contract.kind]["forward"]), tells=False)]
    found = Found(contract, subjects, chosen[0])
    outputs = _looked_at(found, seed, timeout)
    if _single(outputs):
        found.contract = replace(found.contract, dtype="float32")
    if contract.kind == "risk":
        found.contract = _averaged(found, outputs)
    elif _is_mean(found, outputs):
        dtype = found.contract.dtype
        found = Found(contract, subjects, replace(chosen[0], mean=True))
        found.contract = replace(found.contract, dtype=dtype)
    found.notes = list(_notes(found, contract, chosen))
    return found


def _notes(found, contract, chosen):
    kept = [f"{name} {getattr(found.contract, name)}" for name in ("average", "half", "dtype")
            if getattr(found.contract, name, None) != getattr(contract, name, None)]
    words = "; ".join([*found.convention.words(), *kept]) or "the usual one"
    yield (f"convention: {words}" if found.convention.tells else
           f"no convention was found by which it runs; it is called by its names: {words}")
    for other in chosen[1:]:
        yield "the shapes fit this convention as well: " + "; ".join(other.words())


def _looked_at(found, seed, timeout):
    """[(case, trial)] of a few plain calls that came back, with several samples if possible."""
    cases = [c for c in known_cases(found.contract, seed) if c.form == "plain"]
    cases.sort(key=lambda c: len(next(iter(c.arrays.values()))) < 2)
    trials = []
    for case in cases[:LOOKED_AT]:
        for part, function in found.functions.items():
            truths = found.contract.truth_of(case, part)
            trial = attempt(found.contract, function, case, part, truths, timeout)
            if trial.status == "timeout":
                return []
            trials.append((case, trial))
    return [(case, trial) for case, trial in trials if trial.outputs]


def _single(outputs):
    types = {np.asarray(a).dtype for _, trial in outputs for a in trial.raw.values()}
    return types == {np.dtype("float32")}


def _is_mean(found, outputs):
    """Whether a gradient of a parameter is the truth divided by N, and none is the truth."""
    divided = []
    for case, trial in outputs:
        count = len(case.arrays["x"])
        if trial.part != "backward" or count < 2:
            continue
        truths = found.contract.truth_of(case, "backward")
        for name in {"dw", "db"} & trial.outputs.keys():
            right = truths[name].value
            same, mean = (scaled_error(trial.outputs[name], one) <= found.contract.tolerance
                          for one in (right, right / count))
            if same != mean:
                divided.append(mean)
    return bool(divided) and all(divided)


def _averaged(found, outputs):
    """The contract whose average is forward's, or if that is none, backward's."""
    kinds = [replace(found.contract, average=a, half=h) for h in (False, True)
             for a in ("samples", "entries", "sum")]
    kinds.sort(key=lambda c: c != found.contract)
    for part in ("forward", "backward"):
        own = [(case, t) for case, t in outputs if t.part == part]
        for contract in kinds:
            if own and all(_right(contract, case, trial) for case, trial in own):
                return contract
    return found.contract


def _right(contract, case, trial):
    truths = contract.truth_of(case, trial.part)
    return all(scaled_error(trial.outputs[name], truth.value) <= contract.tolerance
               for name, truth in truths.items() if name in trial.outputs)
