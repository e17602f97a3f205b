"""What may go wrong in anything that has a contract: found from the right computation itself.

The settings and the conventions of a contract take other values; its inputs are read in another
way; what comes out is changed; one line of the loops, or of the formula beside them, is changed.
Nothing here knows which kind of function it is about.
"""

import time
from copy import deepcopy
from dataclasses import dataclass, fields, make_dataclass, replace
from functools import lru_cache
from typing import get_args

import numpy as np

from cnnmat.testing import conventions
from cnnmat.testing.comparing import Truth, scaled_error
from cnnmat.testing.diagnosis import programs, recipes
from cnnmat.testing.diagnosis.banks import Bank, bank_of
from cnnmat.testing.diagnosis.evidence import CANNOT_RUN, Evidence, always
from cnnmat.testing.diagnosis.matching import conditional, matches
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import generic

__all__ = []

#: Seconds of the processor for all outputs together.
SECONDS = 2.5
#: What an axis runs over, by the letter that a contract calls it by.
AXES = {"N": "sample", "C": "channel", "D": "map", "H": "row", "W": "column", "I": "row",
        "J": "column", "K": "class", "F": "feature", "T": "step", "h": "kernel row",
        "w": "kernel column", "V": "row", "G": "group"}
#: Which input lies as an output does.
LIKE = {"y": "dy", "z": "dz", "t": "dt"}
#: The values of the conventions, by the field of a contract.
CHOICES = {
    "pooling": conventions.Pooling, "incomplete": conventions.Incomplete,
    "risk": conventions.Risk, "average": conventions.Average, "bias": conventions.Bias,
    "epsilon": conventions.Epsilon, "decay": conventions.Decay, "alpha": conventions.Alpha,
    "probability": conventions.Probability, "method": conventions.Upsampling,
    "running": conventions.Running, "running_var": conventions.Variance,
}
#: Fields that say how something is handed over and not what is computed.
MANNERS = ("in_place", "keep", "groups")


@dataclass(frozen=True, eq=False)
class Subject:
    """A call as it is computed: the contract that holds, the case, and what is changed in it.

    Attributes
    ----------
    way : callable
        (contract, case, part, output) -> `Truth` or array.
    slip : Slip or None
        A change to one of the functions that it goes through.
    """

    contract: object
    case: object
    part: str
    way: object
    slip: object = None


def by_loops(contract, case, part, output):
    """An output by the plain loops."""
    return contract.truth(case, part)[output]


def by_layer(contract, case, part, output):
    """An output by the formula of the bank."""
    bank = _own_bank(contract)
    return bank.compute(bank.layer(case), output)


@lru_cache(maxsize=32)
def _own_bank(contract):
    return bank_of(contract)


def compute(subject, output):
    """The `Truth` of an output, as a subject computes it."""
    # a slip may write into what it is to read
    case = replace(subject.case, settings=deepcopy(subject.case.settings))
    with programs.made(subject.slip):
        found = subject.way(subject.contract, case, subject.part, output)
    return found if isinstance(found, Truth) else Truth(np.asarray(found, dtype=float))


def explain(session, outputs):
    """[(slug, sentence, outputs, when, size)] of what explains some outputs."""
    found, end = {}, time.thread_time() + SECONDS
    for k, output in enumerate(outputs):
        now = time.thread_time()
        fit = _first(session, output, now + (end - now) / (len(outputs) - k))
        if fit is not None:
            found.setdefault((fit.slug, fit.words(output), fit.when, fit.mistakes[0].size),
                             []).append(output)
    return [(slug, words, tuple(names), " and ".join(filter(None, when)), size)
            for (slug, words, when, size), names in found.items()]


def _first(session, output, end):
    """The simplest change that gives all answers of an output, before the time is over."""
    evidence = GeneralEvidence(session, bank(session, output), output)
    if not any(s.answer is not None for s in evidence.wrong):
        return None
    near = []
    for mistake in evidence.mistakes():
        if time.thread_time() > end:
            return None
        if evidence.agrees((mistake,), evidence.wrong[0]):
            if matches(always(mistake), evidence):
                return always(mistake)
            near.append(mistake)
    return next((fit for fit in conditional(evidence, near) if matches(fit, evidence)), None)


class GeneralEvidence(Evidence):
    """What was seen of an output, held against its contract with a change in it."""

    def layer_of(self, session, trial):
        return Subject(session.contract, trial.case, trial.part, by_loops)

    def predicted(self, mistakes, seen):
        """As the base does, with whatever else may be right of the changed computation."""
        try:
            subject = seen.layer
            for mistake in mistakes:
                subject = mistake.edit(subject, self.output) if mistake.edit else subject
            truth = compute(subject, self.output)
            answer = truth.value if seen.answer is None else truth.for_answer(seen.answer)
            for mistake in mistakes:
                if mistake.result:
                    answer = np.asarray(mistake.result(answer, seen.layer, self.output))
            return answer.astype(float)
        # a changed text may fail in any way
        except Exception:
            return None


def bank(session, output):
    """The `Bank` of what may go wrong in any output."""
    contract = session.contract
    part = next(p for p in session.functions if output in contract.parts[p][1])
    case = min((c for c in session.cases), key=lambda c: -min(
        sum(a.size for a in c.arrays.values()), 60))
    mistakes = (*_settings(case, output), *_choices(contract, output), *_slips(
        contract, case, part, output), *_reads(contract, case, part, output),
        *generic(_axes(contract, case, output)))
    return Bank(None, None, mistakes)


def _mistake(slug, sentence, output, edit, company="none"):
    return Mistake(slug, sentence, (output,), edit=lambda subject, _: edit(subject),
                   company=company)


# --- settings, conventions -----------------------------------------------------------


def _settings(case, output):
    """Each setting in another value, and in the place of another."""
    numbers = {k: v for k, v in case.settings.items() if not isinstance(v, str | bool)}
    for name, value in numbers.items():
        several = isinstance(value, list | tuple)
        for said, change in (*_OF_ANY, *(_OF_SEVERAL if several else _OF_ONE)):
            yield _mistake(f"{name}-other", f"{name} is taken as {said.format(name)}", output,
                           lambda s, n=name, c=change: _set(s, **{n: c(s.case.settings[n])}))
        for other, one in numbers.items():
            if other > name and type(one) is type(value):
                yield _mistake(f"{name}-and-{other}-exchanged", f"{name} and {other} are exchanged",
                               output, lambda s, a=name, b=other: _set(s, **{
                                   a: s.case.settings[b], b: s.case.settings[a]}))
            if other != name and type(one) is type(value):
                yield _mistake(f"{other}-for-{name}", f"{other} stands where {name} belongs",
                               output, lambda s, a=name, b=other: _set(
                                   s, **{a: s.case.settings[b]}))


def _set(subject, **settings):
    case = subject.case
    return replace(subject, case=replace(case, settings={**case.settings, **settings}))


def _each(change):
    """A change to a number, made to each one of a nested list."""
    def made(value):
        return [made(v) for v in value] if isinstance(value, list | tuple) else change(value)
    return made


_OF_ANY = tuple((said, _each(change)) for said, change in (
    ("0, whatever it is", lambda v: 0), ("1, whatever it is", lambda v: 1),
    ("2, whatever it is", lambda v: 2), ("{} + 1", lambda v: v + 1), ("{} - 1", lambda v: v - 1),
    ("twice {}", lambda v: 2 * v),
    ("half of {}", lambda v: v // 2 if isinstance(v, int) else v / 2)))
_OF_ONE = tuple((said, _each(change)) for said, change in (
    ("1 - {}", lambda v: 1 - v), ("-{}", lambda v: -v), ("the square of {}", lambda v: v * v),
    ("the root of {}", lambda v: v**0.5), ("1 / {}", lambda v: 1 / v),
    ("the square of 1 - {}", lambda v: (1 - v) ** 2),
    *((f"{e:g}, whatever it is", lambda v, e=e: e)
      for e in (0.9, 0.99, 0.999, 0.1, 0.01, 1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 1e-12))))
_OF_SEVERAL = (
    ("that of the first axis, for all", lambda v: [v[0]] * len(v)),
    ("that of the last axis, for all", lambda v: [v[-1]] * len(v)),
    ("that of the other axis", lambda v: [*v[::-1]]),
    ("1 along the first axis", lambda v: [1, *v[1:]]),
    ("1 along the last axis", lambda v: [*v[:-1], 1]),
    ("0 along the first axis", lambda v: [_each(lambda _: 0)(v[0]), *v[1:]]),
    ("0 along the last axis", lambda v: [*v[:-1], _each(lambda _: 0)(v[-1])]),
    ("0 in front", lambda v: [[0, p[1]] for p in v]),
    ("0 behind", lambda v: [[p[0], 0] for p in v]),
    ("all of it in front", lambda v: [[sum(p), 0] for p in v]),
    ("all of it behind", lambda v: [[0, sum(p)] for p in v]),
)


def _choices(contract, output):
    """Each convention of the contract in its other values."""
    for one in fields(contract):
        value = getattr(contract, one.name)
        if one.name in MANNERS:
            continue
        others = get_args(CHOICES[one.name]) if one.name in CHOICES else (
            (not value,) if isinstance(value, bool) else ())
        for other in others:
            if other != value:
                said = f"{one.name}={other!r}"
                yield _mistake(f"{one.name.replace('_', '-')}-other",
                               f"it is computed as {said} asks for; what is checked is "
                               f"{one.name}={value!r}", output,
                               lambda s, n=one.name, v=other: replace(
                                   s, contract=replace(s.contract, **{n: v})))


# --- what is read, what comes out ----------------------------------------------------------


def _axes_of(contract, case):
    """{array: what its axes run over}."""
    named = contract.axes(case) if hasattr(contract, "axes") else {}
    return {name: tuple(AXES.get(a, f"entry along axis {k}") for k, a in enumerate(
        named.get(name, "?" * array.ndim))) for name, array in case.arrays.items()}


def _reads(contract, case, part, output):
    """What may go wrong while an input is read."""
    axes = _axes_of(contract, case)
    for name in contract.parts[part][0]:
        if name in axes and axes[name]:
            numbers = case.arrays[name].dtype.kind == "f"
            for one in reads({name: (axes[name], (output,))}, entries=numbers):
                yield replace(one, company="none", edit=_read(one.edit, name))


def _read(edit, name):
    """An edit of a field of any layer as one of an array of a case."""
    held = make_dataclass("Held", [name])

    def made(subject, output):
        case = subject.case
        array = case.arrays[name]
        changed = getattr(edit(held(array.astype(float)), output), name)
        if array.dtype.kind == "i" and not (changed % 1).any():
            changed = changed.astype(array.dtype)
        return replace(subject, case=case.with_arrays(**{name: changed}))
    return made


def _axes(contract, case, output):
    """{output: what its axes run over}."""
    axes = _axes_of(contract, case)
    source = LIKE.get(output, output.removeprefix("d"))
    shape = contract.truth_of(case, next(p for p in contract.parts if output in
                                         contract.parts[p][1]))[output].value.shape
    found = axes.get(source, ())
    if len(found) != len(shape):
        found = tuple(f"entry along axis {k}" for k in range(len(shape)))
    return {output: found}


# --- the text of the computation ---------------------------------------------------------


@lru_cache(maxsize=64)
def _slips(contract, case, part, output):
    """Each slip in each of the texts that compute the output."""
    return tuple(_made_slips(contract, case, part, output))


def _made_slips(contract, case, part, output):
    own = _own_bank(contract)
    # these only bring a case into another form
    but = programs.functions_of(lambda: own.layer(case)) if own else ()
    for way in _ways(contract, case, part, output):
        subject = Subject(contract, case, part, way)
        for slip in programs.slips(lambda s=subject: compute(s, output), but):
            yield _mistake(slip.slug, slip.said, output,
                           lambda s, w=way, p=slip: replace(s, way=w, slip=p))


def _ways(contract, case, part, output):
    """The computations that give the right output: as courses write it, by loops, by the bank."""
    right = contract.truth_of(case, part)[output]
    for way in (*recipes.recipes_of(contract, part), by_loops, by_layer):
        try:
            found = compute(Subject(contract, case, part, way), output).value
        except CANNOT_RUN:
            continue
        if scaled_error(found, right.for_answer(found)) <= contract.tolerance:
            yield way
