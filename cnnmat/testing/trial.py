"""One call of a function under test, and everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnmat.testing import sandbox
from cnnmat.testing.case import Case, dressed
from cnnmat.testing.comparing import scaled_error, worst
from cnnmat.testing.worker import Other, describe, plain

__all__ = ["Failure"]


@dataclass(frozen=True)
class Failure:
    """One thing that is wrong in one configuration.

    Attributes
    ----------
    configuration, part : str
        Which case, and "forward" or "backward".
    output : str or None
        The array that is wrong; None where there is none to speak of.
    reason : str
        "value", "shape", "not finite", "raised", "refused" (what was to be taken), "timeout",
        "none", "count", "type", "mutation", "state" or "overwritten".
    message : str
    cell : tuple of int, optional
        The entry (in the callee's layout) that is furthest off, with what was `got` and
        what was `expected` there.
    """

    configuration: str
    part: str
    output: str | None
    reason: str
    message: str
    cell: tuple[int, ...] | None = None
    got: float | None = None
    expected: float | None = None


@dataclass
class Trial:
    """What one call brought: canonical outputs, failures, remarks.

    Its status is that of a `sandbox.Call`, or "refused".
    """

    case: Case
    part: str
    status: str
    outputs: dict[str, Any] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict, repr=False)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    error: str = ""
    error_type: str = ""
    manner: str = ""

    def fail(self, output, reason, message, **more):
        """Write a failure down."""
        self.failures.append(
            Failure(self.case.name, self.part, output, reason, message, **more))


def attempt(contract, function, case, part, truths, timeout, keep=False):
    """Call `function` on a case and hold what comes back against the truths."""
    subject = sandbox.subject(function)
    given = contract.handed_over(case, part)
    form = "plain" if case.form == "integer" else case.form
    arrays = [dressed(a, form) for a in given.values()]
    result = subject.within(lambda: contract.invoke(subject, part, arrays, case), timeout, keep)
    trial = Trial(case, part, result.status, error=result.error, error_type=result.error_type,
                  manner=result.manner)
    if result.printed:
        trial.notes.append(f"{part} prints")
    if result.status == "timeout":
        trial.fail(None, "timeout", f"{part} did not return within {timeout:g} s")
    elif result.status == "died":
        trial.fail(None, "raised", f"{part} ends its process: {result.error}")
    elif result.status == "raised":
        _raised(trial)
    else:
        _mutated(trial, given, arrays)
        _receive(contract, trial, plain(result.value), truths,
                 lambda value: subject.is_view(value, arrays))
    return trial


def _raised(trial):
    writes = "read-only" in trial.error and (
        "destination" in trial.error or "output array" in trial.error)
    if trial.case.form == "read-only" and writes:
        trial.fail(None, "mutation", f"{trial.part} writes into its input: {trial.error}")
    elif trial.manner == "refusal" or trial.case.form != "plain":
        # of an unusual array no exception is more than a limit
        trial.status = "refused"
    else:
        trial.fail(None, "raised", f"{trial.part} raised {trial.error}")


def _mutated(trial, given, arrays):
    for (name, before), after in zip(given.items(), arrays, strict=True):
        if not np.array_equal(before, after, equal_nan=True):
            trial.fail(None, "mutation", f"{trial.part} changes the caller's {name}")


def _receive(contract, trial, value, truths, is_view):
    names = contract.parts[trial.part][1]
    try:
        values = _split(value, names)
        for name, one in zip(names, values, strict=True):
            trial.raw[name] = one
            _judge(contract, trial, name, one, truths[name], is_view)
    except _Unusable as problem:
        trial.fail(problem.output, problem.reason, problem.message)
    # lists of lists are made into an array here, in whatever way they cannot be
    except Exception as error:
        _no_array(trial, describe(error))


def _no_array(trial, why):
    trial.fail(None, "type", f"{trial.part} returns what cannot be made into an array: {why}")


class _Unusable(Exception):
    def __init__(self, output, reason, message):
        super().__init__(message)
        self.output, self.reason, self.message = output, reason, message


def _split(value, names):
    """The values of the outputs, one each."""
    wanted = "one array" if len(names) == 1 else f"{len(names)} arrays ({', '.join(names)})"
    if value is None:
        raise _Unusable(None, "none", f"it must return {wanted}, got None (is there a return?)")
    if len(names) == 1:
        if isinstance(value, tuple):
            raise _Unusable(None, "count", f"it must return {wanted}, got a tuple of {len(value)}")
        return [value]
    if not isinstance(value, (tuple, list)):
        kind = value.type_name if isinstance(value, Other) else type(value).__name__
        raise _Unusable(None, "count", f"it must return {wanted}, got one {kind}")
    if len(value) != len(names):
        raise _Unusable(None, "count", f"it must return {wanted}, got {len(value)}")
    return value


def as_numbers(name, value):
    """An array of float64 made of what a function returned."""
    if value is None:
        raise _Unusable(name, "none", f"{name} must be an array, got None")
    if isinstance(value, dict) or (isinstance(value, Other) and value.kind == "type"):
        kind = value.type_name if isinstance(value, Other) else "dict"
        raise _Unusable(name, "type", f"{name} must be an array, got {kind}")
    dtype = value.text if isinstance(value, Other) else np.asarray(value).dtype
    if isinstance(value, Other) or dtype.kind not in "biuf":
        raise _Unusable(name, "type", f"{name} must hold real numbers, got dtype {dtype}")
    return np.asarray(value).astype(np.float64)


def _judge(contract, trial, name, value, truth, is_view):
    if isinstance(value, Other) and value.kind == "failed":
        _no_array(trial, value.text)
        return
    if isinstance(value, Other) and value.kind == "large":
        _wrong_shape(contract, trial, name, truth.value, value.text)
        return
    try:
        numbers = as_numbers(name, value)
    except _Unusable as problem:
        trial.fail(problem.output, problem.reason, problem.message)
        return
    if isinstance(value, np.ndarray) and is_view(value):
        trial.notes.append(f"{name} is a view of an input")
    got = contract.inward(name, numbers)
    trial.outputs[name] = got
    right = truth.for_answer(got)
    if got.shape != right.shape:
        _wrong_shape(contract, trial, name, right, numbers.shape)
    elif scaled_error(got, right) > contract.tolerance:
        _wrong_value(contract, trial, name, got, right)


def _wrong_shape(contract, trial, name, right, shape):
    # in the callee's own layout where the number of axes allows it
    expected = contract.outward(name, right).shape
    trial.fail(name, "shape", f"{name} must have shape {expected}, got {shape}")


def _wrong_value(contract, trial, name, got, right):
    cell = worst(got, right)
    found, must = float(got[cell]), float(right[cell])
    where = contract.label(name, got.shape, cell)
    finite = bool(np.isfinite(got).all())
    outside = contract.cell_outside(name, got.shape, cell) if cell else ()
    trial.fail(name, "value" if finite else "not finite",
               f"{where} is {found:.10g} and must be {must:.10g}",
               cell=outside, got=found, expected=must)
