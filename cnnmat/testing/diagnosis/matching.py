"""Which mistakes of the bank give exactly the answers that were seen."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.diagnosis import conditions
from cnnmat.testing.diagnosis.banks import bank_of
from cnnmat.testing.diagnosis.mistakes import predict

__all__ = []

#: Wrong answers that must be met before anything is said, where some calls gave none or the
#: mistake is made under a condition only.
ENOUGH = 2


@dataclass(frozen=True)
class Fit:
    """One or two mistakes, made always or only under a condition."""

    mistakes: tuple
    when: str = ""

    @property
    def slug(self):
        """Its name."""
        return " + ".join(m.slug for m in self.mistakes)

    def words(self, output):
        """Its sentence for an output."""
        said = " and ".join(m.words(output) for m in self.mistakes)
        return f"{said}, only when {conditions.worded(self.when)}" if self.when else said


@dataclass(frozen=True)
class Seen:
    """What is known of one call: what went in, what came out (or None), what is right."""

    layer: object
    answer: np.ndarray | None
    right: np.ndarray
    features: dict
    wrong: bool


def explain(session):
    """[(slug, sentence, outputs)], those that explain the most outputs first."""
    bank = bank_of(session.contract)
    if bank is None:
        return []
    fits = {output: _fits(session, bank, output) for output in wrong_outputs(session)}
    order, explained = [], set()
    # greedily: what explains most of what is not explained yet, simple things first
    while open_ := [o for o in fits if o not in explained and fits[o]]:
        every = {fit: None for o in open_ for fit in fits[o]}
        best = max(every, key=lambda fit: (sum(fit in fits[o] for o in open_),
                                           -len(fit.mistakes), -_rank(bank, fit)))
        covered = tuple(o for o in open_ if best in fits[o])
        order.append((best.slug, _sentence(session, best, covered), covered))
        explained.update(covered)
    return order


def _sentence(session, fit, outputs):
    """What is wrong; of a mistake in both passes, what the forward one does."""
    first = [o for o in outputs if o in session.contract.parts.get("forward", ((), ()))[1]]
    said = dict.fromkeys(fit.words(o) for o in first or outputs)
    both = " (the backward pass goes with it)" if first and len(first) < len(outputs) else ""
    return "; ".join(said) + both


def _rank(bank, fit):
    return sum(bank.mistakes.index(m) for m in fit.mistakes)


def wrong_outputs(session):
    """The outputs of which a value, a shape or everything is wrong."""
    names = [(part, name) for part in session.functions
             for name in session.contract.parts[part][1]]
    return [name for part, name in names
            if any(f.output == name for t in session.trials for f in t.failures)]


def evidence(session, bank, output):
    """A list of `Seen`: wrong answers first, small ones first, which rule most out soonest."""
    found = []
    for trial in session.trials:
        if output not in session.contract.parts[trial.part][1] or trial.status == "refused":
            continue
        truth = session.contract.truth_of(trial.case, trial.part)[output]
        answer = trial.outputs.get(output)
        right = truth.value if answer is None else truth.for_answer(answer)
        wrong = any(f.output in (None, output) for f in trial.failures)
        found.append(Seen(bank.layer(trial.case), answer, right, session.features(trial.case),
                          wrong))
    return sorted(found, key=lambda s: (s.answer is None, not s.wrong, s.right.size))


def _fits(session, bank, output):
    """Single mistakes that give every answer of an output; else under a condition; else pairs."""
    seen = evidence(session, bank, output)
    mistakes = [m for m in bank.mistakes if output in m.outputs]

    def matching(fits):
        return [f for f in fits if _matches(f, bank, seen, output, session.contract.tolerance)]

    return (matching(Fit((m,)) for m in mistakes)
            or matching(_conditional(bank, seen, output, mistakes, session.contract.tolerance))
            or matching(map(Fit, combinations(mistakes, 2))))


def _conditional(bank, seen, output, mistakes, tolerance):
    """Mistakes that give all wrong answers, each under a condition that all of these meet."""
    wrong = [s for s in seen if s.wrong]
    common = conditions.shared([s.features for s in wrong])
    for mistake in mistakes:
        if _matches(Fit((mistake,)), bank, wrong, output, tolerance):
            yield from (Fit((mistake,), when) for when in common)


def _matches(fit, bank, seen, output, tolerance):
    met = 0
    with np.errstate(all="ignore"):
        for s in seen:
            applies = not fit.when or conditions.holds(fit.when, s.features)
            predicted = _predicted(fit, bank, s.layer, output) if applies else s.right
            if s.answer is None:
                # no answer: then the mistake must make this call go wrong, too
                if predicted is not None and scaled_error(predicted, s.right) <= tolerance:
                    return False
            elif predicted is None or scaled_error(s.answer, predicted) > tolerance:
                return False
            elif any(m.not_finite for m in fit.mistakes) or np.isfinite(s.answer).all():
                met += s.wrong
    careful = fit.when or len(fit.mistakes) > 1 or any(s.answer is None for s in seen)
    return met >= (ENOUGH if careful else 1)


def _predicted(fit, bank, layer, output):
    try:
        return np.asarray(predict(fit.mistakes, bank.compute, layer, output), dtype=float)
    # code with this mistake would not run on this input, in whatever way
    except (ValueError, IndexError, TypeError, ZeroDivisionError):
        return None
