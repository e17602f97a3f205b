"""What may go wrong in anything that has a contract: found from the right computation itself.

The settings and the conventions of a contract take other values; its inputs are read in another
way; what comes out is changed; one line of the loops, or of the formula beside them, is changed.
Nothing here knows which kind of function it is about.
"""

from dataclasses import dataclass, make_dataclass, replace
from functools import lru_cache
from itertools import chain, combinations, takewhile

import numpy as np

from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.diagnosis import programs, recipes
from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.evidence import CANNOT_RUN, Effort, Evidence, always
from cnnmat.testing.diagnosis.matching import conditional, matches
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import leading, reads
from cnnmat.testing.diagnosis.results import generic
from cnnmat.testing.diagnosis.settings import choices, settings
from cnnmat.testing.diagnosis.subjects import Subject, by_layer, by_loops, compute, own_bank
from cnnmat.testing.diagnosis.wiring import kept_from_before, wirings

__all__ = []

#: Entries for all outputs together.
ENTRIES = 1_000_000
#: As many entries by NumPy take as long as one by loops.
BY_LOOPS = 6
#: What it takes to compile a changed text, as so many entries.
COMPILED = 200
#: Of two slips neither may be more far fetched.
LIKELY = 4
#: What an axis runs over, by the letter that a contract calls it by.
AXES = {"N": "sample", "C": "channel", "D": "map", "H": "row", "W": "column", "I": "row",
        "J": "column", "K": "class", "F": "feature", "T": "step", "h": "kernel row",
        "w": "kernel column", "V": "row", "G": "group"}
#: So far off no answer is.
FAR = 1e6
#: Which input lies as an output does.
LIKE = {"y": "dy", "z": "dz", "t": "dt"}


@dataclass(frozen=True, eq=False)
class Rewritten(Mistake):
    """A slip in one of the computations, which it keeps."""

    way: object = None
    slip: object = None

    def and_also(self, other):
        """Both in the same function."""
        both = self.slip.and_also(other.slip)
        return replace(self, slug=both.slug, sentence=both.said, slip=both,
                       edit=lambda s, _: replace(s, way=self.way, slip=both))


def explain(session, outputs):
    """[(slug, sentence, outputs, when, size)] of what explains some outputs."""
    # there is no formula of a network: what is right is found from values of its loss
    outputs = () if session.contract.kind == "network" else outputs
    found, effort = {}, Effort(ENTRIES)
    for k, output in enumerate(outputs):
        fit = _first(session, output, effort.share(len(outputs) - k))
        if fit is not None:
            found.setdefault((fit.slug, fit.words(output), fit.when, fit.mistakes[0].size),
                             []).append(output)
    return [(slug, words, tuple(names), " and ".join(filter(None, when)), size)
            for (slug, words, when, size), names in found.items()]


def _first(session, output, effort):
    """The simplest change that gives all answers of an output, within an effort."""
    evidence = GeneralEvidence(session, bank(session, output), output, effort=effort)
    # of answers that hold no number there is nothing to compute
    if not any(s.answer is not None and np.isfinite(s.answer).any() for s in evidence.wrong):
        return None
    near, mistakes = [], evidence.mistakes()
    for mistake in takewhile(evidence.may_go_on, chain(mistakes, _twos(mistakes))):
        if evidence.agrees((mistake,), evidence.wrong[0]):
            if matches(always(mistake), evidence):
                return always(mistake)
            near.append(mistake)
    return next((fit for fit in conditional(evidence, near) if matches(fit, evidence)), None)


def _twos(mistakes):
    """Two slips in one function of those that courses write."""
    likely = [m for m in mistakes if isinstance(m, Rewritten) and m.slip.weight <= LIKELY
              and m.way not in (by_loops, by_layer)]
    for one, two in combinations(likely, 2):
        if one.slip.text is two.slip.text:
            yield one.and_also(two)


class GeneralEvidence(Evidence):
    """What was seen of an output, held against its contract with a change in it."""

    _by = None

    def layer_of(self, session, trial):
        return Subject(session.contract, trial.case, trial.part, self._way(session))

    def _way(self, session):
        """By the formula of the bank, which is faster, where it gives what the loops give."""
        if self._by is None:
            part = next(p for p in session.functions if self.output in session.contract.parts[p][1])
            cases = [t.case for t in session.trials if t.part == part]
            right = all(agrees(session.contract, case, part, by_layer, self.output)
                        for case in cases)
            self._by = by_layer if right else by_loops
        return self._by

    def price(self, mistakes, seen):
        """As the base does, for the computation that is changed."""
        rewritten = [m.way for m in mistakes if isinstance(m, Rewritten)]
        way = rewritten[0] if rewritten else seen.layer.way
        entries = super().price(mistakes, seen) + sum(
            a.size for a in seen.layer.case.arrays.values())
        return entries * (BY_LOOPS if way is by_loops else 1) + COMPILED * bool(rewritten)

    def predicted(self, mistakes, seen):
        """As the base does, with whatever else may be right of the changed computation."""
        try:
            subject = seen.layer
            for mistake in mistakes:
                subject = mistake.edit(subject, self.output) if mistake.edit else subject
            answer = seen.right
            if subject is not seen.layer:
                truth = compute(subject, self.output)
                answer = truth.value if seen.answer is None or self._loosened(truth, seen) else (
                    truth.for_answer(seen.answer))
            for mistake in mistakes:
                if mistake.result:
                    answer = np.asarray(mistake.result(answer, seen.layer, self.output))
            return None if np.iscomplexobj(answer) else answer.astype(float)
        # a changed text may fail in any way
        except Exception:
            return None


    def _loosened(self, truth, seen):
        """Whether a change leaves open what was not: that would fit whatever came out."""
        if truth.nearest is None:
            return False
        right = self.session.contract.truth_of(seen.layer.case, seen.layer.part)[self.output]
        return _open(truth) > _open(right)


def _open(truth):
    """How many entries may be one thing or another."""
    if truth.nearest is None:
        return 0
    return np.count_nonzero(truth.nearest(truth.value + FAR) != truth.nearest(truth.value - FAR))


def bank(session, output):
    """The `Bank` of what may go wrong in any output."""
    contract = session.contract
    part = next(p for p in session.functions if output in contract.parts[p][1])
    case = min((c for c in session.cases), key=lambda c: -min(
        sum(a.size for a in c.arrays.values()), 60))
    slips = _slips(contract, case, part, output)
    mistakes = (*settings(case, output), *choices(contract, output),
                *wirings(contract, case, part, output, _axes_of(contract, case)),
                *kept_from_before(session, contract.parts[part][0], output),
                *(one for one in slips if one.slip.weight <= LIKELY),
                *_reads(contract, case, part, output),
                *generic(_axes(contract, case, output)),
                *(one for one in slips if one.slip.weight > LIKELY))
    own = own_bank(contract)
    tried = {m.slug for m in own.mistakes if output in m.outputs} if own else set()
    # what the bank of the kind has tried in all its forms need not be tried again
    families = [name for name in (*contract.parts[part][0],) if f"{name}-sign-only" in tried]
    return Bank(None, None, tuple(m for m in mistakes if not (
        m.slug.startswith(tuple(f"{name}-" for name in families)) and m.slug in tried)))


# --- what is read, what comes out ----------------------------------------------------------


def _axes_of(contract, case):
    """{array: what its axes run over}."""
    named = contract.axes(case) if hasattr(contract, "axes") else {}
    bank = own_bank(contract)
    known = {} if bank is None else {
        one: axes for name, axes in bank.axes.items()
        for one in (name.removeprefix("d"), "d" + name)}
    return {name: tuple(AXES.get(a, f"entry along axis {k}") for k, a in enumerate(
        named.get(name, "?" * array.ndim))) if name in named else known.get(name, tuple(
            f"entry along axis {k}" for k in range(array.ndim)))
        for name, array in case.arrays.items()}


def _reads(contract, case, part, output):
    """What may go wrong while an input is read."""
    axes = _axes_of(contract, case)
    for name in contract.parts[part][0]:
        if axes.get(name):
            numbers = case.arrays[name].dtype.kind == "f"
            for one in (*reads({name: (axes[name], (output,))}, entries=numbers),
                        *leading(name, axes[name][0], (output,))):
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
    own = own_bank(contract)
    # these only bring a case into another form
    but = programs.functions_of(lambda: own.layer(case)) if own else ()
    for way in _ways(contract, case, part, output):
        subject = Subject(contract, case, part, way)
        for slip in programs.slips(lambda s=subject: compute(s, output), but):
            yield Rewritten(slip.slug, slip.said, (output,), way=way, slip=slip,
                            edit=lambda s, _, w=way, p=slip: replace(s, way=w, slip=p),
                            company="none")


def _ways(contract, case, part, output):
    """The computations that give the right output: as courses write it, by loops, by the bank."""
    return [way for way in (*recipes.recipes_of(contract, part), by_loops, by_layer)
            if agrees(contract, case, part, way, output)]


def agrees(contract, case, part, way, output):
    """Whether a way gives the right output of a case."""
    try:
        found = compute(Subject(contract, case, part, way), output).value
    # the bank of another kind knows nothing of this output
    except (*CANNOT_RUN, AttributeError, KeyError):
        return False
    right = contract.truth_of(case, part)[output]
    return scaled_error(found, right.for_answer(found)) <= contract.tolerance
