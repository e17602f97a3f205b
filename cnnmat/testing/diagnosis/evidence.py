"""What was seen of one output, and what mistakes would have given instead."""

from dataclasses import dataclass

import numpy as np

from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.diagnosis import conditions

__all__ = []

#: What code with a mistake may end in on some input.
CANNOT_RUN = (ValueError, IndexError, TypeError, ZeroDivisionError)
#: What a call costs besides its entries, as so many of them.
ONCE = 50


class Effort:
    """How many entries may be computed in the search for a mistake, in all or for a part.

    Entries are counted and not seconds: what is named on one machine is named on every other.
    """

    def __init__(self, limit=float("inf"), whole=None):
        self.limit, self.spent, self.whole = limit, 0, whole

    def __bool__(self):
        return self.spent < self.limit

    def spend(self, entries):
        """Count what was computed, here and in what this is a part of."""
        self.spent += entries
        if self.whole is not None:
            self.whole.spend(entries)

    def share(self, parts):
        """One of equal parts of what is left."""
        return Effort((self.limit - self.spent) / parts, self)


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of one call: what went in, what came out (or None), what is right."""

    layer: object
    answer: np.ndarray | None
    right: np.ndarray
    features: dict
    wrong: bool


@dataclass(frozen=True)
class Fit:
    """Mistakes, each made always ("") or only under a condition."""

    mistakes: tuple
    when: tuple

    @property
    def slug(self):
        """Its name."""
        return " + ".join(m.slug for m in self.mistakes)

    def words(self, output):
        """Its sentence for an output."""
        said = [m.words(output) for m in self.mistakes]
        if len(set(self.when)) == 1:
            only = f", only when {conditions.worded(self.when[0])}" if self.when[0] else ""
            return " and ".join(said) + only
        return "; and ".join(
            one + (f", when {conditions.worded(when)}" if when else "")
            for one, when in zip(said, self.when, strict=True))

    def made(self, features):
        """The mistakes that are made where these features hold."""
        return tuple(m for m, when in zip(self.mistakes, self.when, strict=True)
                     if not when or conditions.holds(when, features))


def always(*mistakes):
    """Mistakes that are made everywhere."""
    return Fit(mistakes, ("",) * len(mistakes))


class Evidence:
    """All that was seen of one output: wrong answers first, small ones first, which rule most
    out soonest."""

    def __init__(self, session, bank, output, raised=True, chosen=(), effort=None):
        self.chosen, self.bank, self.output, self.tolerance = (
            chosen, bank, output, session.contract.tolerance)
        self.effort = Effort() if effort is None else effort
        self.session, self.raised, self._fresh = session, raised, None
        self.seen = sorted(self._seen(session, session.trials, raised), key=lambda s: (
            s.answer is None, not s.wrong, s.right.size))
        self.wrong = [s for s in self.seen if s.wrong]
        self._computed = {}

    def may_go_on(self, _=None):
        """Whether more may be tried."""
        return bool(self.effort)

    def price(self, mistakes, seen):
        """About how many entries are computed to see what mistakes give."""
        return ONCE + seen.right.size

    def layer_of(self, session, trial):
        """What mistakes change, of one call."""
        return self.bank.layer(trial.case)

    @property
    def fresh(self):
        """What was seen of cases that no mistake was chosen by."""
        if self._fresh is None:
            self._fresh = list(self._seen(self.session, self.session.fresh(), self.raised))
        return self._fresh

    def _seen(self, session, trials, raised):
        for trial in trials:
            if self.output not in session.contract.parts[trial.part][1] or (
                    trial.status == "refused" or (trial.status == "raised" and not raised)):
                continue
            truth = session.contract.truth_of(trial.case, trial.part)[self.output]
            answer = trial.outputs.get(self.output)
            right = truth.value if answer is None else truth.for_answer(answer)
            wrong = any(f.output in (None, self.output) for f in trial.failures)
            yield Seen(self.layer_of(session, trial), answer, right,
                       session.contract.features(trial.case), wrong)

    def mistakes(self):
        """Those of the bank that can spoil this output; sizes are found from wrong answers."""
        found = []
        for one in self.bank.mistakes:
            if self.output in one.outputs:
                found += self._sized(one) if one.fit or one.fit_right else [one]
        return found

    def _sized(self, mistake):
        """A mistake in the sizes that give one of the largest answers.

        What keeps a logarithm finite shows most where the answer is largest.
        """
        sized, answers = {}, [s for s in self.wrong if s.answer is not None and s.answer.size
                              and np.isfinite(s.answer).all()]
        for s in sorted(answers, key=lambda s: -np.abs(s.answer).max())[:3]:
            with np.errstate(all="ignore"):
                one = (mistake.fit(s.layer, self.output, s.answer) if mistake.fit
                       else mistake.fit_right(s.answer, s.right))
            if one is not None:
                sized.setdefault(one.size, one)
        return list(sized.values())

    def agrees(self, mistakes, seen):
        """Whether these mistakes give what was seen: wrong in the same way, or right."""
        if mistakes:
            self.effort.spend(self.price(mistakes, seen))
        with np.errstate(all="ignore"):
            predicted = (self.predicted((*self.chosen, *mistakes), seen) if mistakes
                         else seen.right)
        if seen.answer is None:
            # no answer: then the mistakes must make this call go wrong, too
            return predicted is None or scaled_error(predicted, seen.right) > self.tolerance
        if predicted is None or not predicted.size:
            # no window fits: some raise, and some return nothing
            return seen.answer.size == 0
        answer = seen.answer
        if any(m.not_finite for m in mistakes):
            predicted, answer = (np.where(np.isfinite(a), a, np.nan) for a in (predicted, answer))
        return not self._far_off(answer, predicted) and (
            scaled_error(answer, predicted) <= self.tolerance)

    def _far_off(self, answer, predicted):
        """Whether the shape, or the first entry, says so already: most mistakes are far off."""
        if answer.shape != predicted.shape:
            return True
        # False where something is not a number
        difference = abs(answer.item(0) - predicted.item(0)) if answer.size else 0.0
        return difference > self.tolerance and bool(
            difference > self.tolerance * np.abs(predicted).max())

    def changes(self, mistake, seen):
        """Whether a mistake shows in a call at all."""
        self.effort.spend(self.price((mistake,), seen))
        with np.errstate(all="ignore"):
            predicted = self.predicted((*self.chosen, mistake), seen)
        return predicted is None or scaled_error(predicted, seen.right) > self.tolerance

    def predicted(self, mistakes, seen):
        """The output with all of the mistakes made at once, or None where that cannot run."""
        edits = tuple(m for m in mistakes if m.edit)
        try:
            answer = self._edited(edits, seen)
            for mistake in mistakes:
                if mistake.result:
                    answer = np.asarray(mistake.result(answer, seen.layer, self.output))
            return answer.astype(float)
        # code with this mistake would not run on this input, in whatever way
        except CANNOT_RUN:
            return None

    def _edited(self, edits, seen):
        key = (edits, seen)
        if key not in self._computed:
            try:
                layer = seen.layer
                for mistake in edits:
                    layer = mistake.edit(layer, self.output)
                self._computed[key] = np.asarray(
                    self.bank.compute(layer, self.output), dtype=float)
            except CANNOT_RUN as error:
                self._computed[key] = error
        found = self._computed[key]
        if isinstance(found, Exception):
            raise found
        return found

    def counts(self, mistakes, seen):
        """Whether a wrong answer that agrees says anything."""
        return seen.wrong and (seen.answer is None or any(m.not_finite for m in mistakes)
                               or bool(np.isfinite(seen.answer).all()))
