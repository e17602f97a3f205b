"""Which mistakes of the bank give exactly the answers that were seen, the simplest first."""

from itertools import combinations, takewhile

import numpy as np

from cnnmat.testing.diagnosis import conditions
from cnnmat.testing.diagnosis.banks import bank_of
from cnnmat.testing.diagnosis.evidence import Effort, Evidence, Fit, always

__all__ = []

#: Wrong answers that must be met before anything is said, where some calls gave none, or the
#: mistake is made under a condition only, or is one of two.
ENOUGH = 2
#: Those that a mistake must explain which explains only part of what is wrong.
MANY = 4
#: Mistakes that few calls can show, and those beyond doubt: one call has an image of integers.
RARE = ("integer-output",)
#: The share of them, beyond which the rest may well be something else.
MOST = 0.6
#: As many wrong answers say which mistakes are worth trying in a part of the configurations.
SCREENED = 24
#: Entries for all outputs together, after which single mistakes only are tried.
ENTRIES = 3_000_000
#: Entries for what explains a part of one.
LAST = 300_000


def explain(session):
    """What explains the most outputs first, and the parts whose exceptions are not explained.

    Returns
    -------
    list of (slug, sentence, outputs, when, size)
    list of str
    """
    raising = {t.part for t in session.trials if t.status == "raised"}
    bank = bank_of(session.contract)
    if bank is None:
        return [], list(raising)
    fits, loose = {}, dict.fromkeys(part for part in session.functions if part in raising)
    effort, outputs = Effort(ENTRIES), wrong_outputs(session)
    for k, output in enumerate(outputs):
        share = effort.share(len(outputs) - k)
        part = next(p for p in session.functions if output in session.contract.parts[p][1])
        fits[output] = _under_choices(session, bank, output, True, share)
        if fits[output]:
            loose.pop(part, None)
        elif part in raising:
            fits[output] = _under_choices(session, bank, output, False, share)
    order, explained = [], set()
    # greedily: what explains most of what is not explained yet, simple things first
    while open_ := [o for o in fits if o not in explained and fits[o]]:
        every = {fit: None for o in open_ for fit in fits[o]}
        best = max(every, key=lambda fit: (sum(fit in fits[o] for o in open_),
                                           -len(fit.mistakes), -_rank(bank, fit)))
        covered = tuple(o for o in open_ if best in fits[o])
        order.append((best.slug, _sentence(session, best, covered), covered,
                      " and ".join(filter(None, best.when)), best.mistakes[0].size))
        explained.update(covered)
    # what shows most is told first
    return sorted(order, key=lambda one: -sum(_failing(session, o) for o in one[2])), list(loose)


def _failing(session, output):
    return sum(f.output == output for t in session.trials for f in t.failures)


def _sentence(session, fit, outputs):
    """What is wrong; of a mistake in both passes, what the forward one does."""
    first = [o for o in outputs if o in session.contract.parts.get("forward", ((), ()))[1]]
    said = dict.fromkeys(fit.words(o) for o in first or outputs)
    both = " (the backward pass goes with it)" if first and len(first) < len(outputs) else ""
    return "; ".join(said) + both


def _rank(bank, fit):
    places = {m: k for k, m in enumerate(bank.mistakes)}
    # one whose size was found stands where its kind does
    kinds = {m.slug: k for m, k in places.items()}
    return sum(places.get(m, kinds[m.slug]) for m in fit.mistakes)


def wrong_outputs(session):
    """The outputs of which a value, a shape or everything is wrong."""
    names = [(part, name) for part in session.functions
             for name in session.contract.parts[part][1]]
    return [name for part, name in names
            if any(f.output == name for t in session.trials for f in t.failures)]


def _under_choices(session, bank, output, raised, effort):
    """What explains an output, whatever choice was made where there is one."""
    found = []
    for chosen in ((), *((one,) for one in bank.choices if output in one.outputs)):
        found = found or _explaining(Evidence(session, bank, output, raised, chosen, effort))
        # what holds everywhere under another choice is better than what holds in a part
        if found and not any(found[0].when):
            break
        if chosen:
            better = _explaining(Evidence(session, bank, output, raised, chosen, effort))
            found = better if better and not any(better[0].when) else found
    return found


def _explaining(evidence):
    """Single mistakes; under a condition; two at once; two in different configurations."""
    mistakes = evidence.mistakes()

    def matching(fits):
        return [f for f in takewhile(evidence.may_go_on, fits) if matches(f, evidence)]

    effort = evidence.effort
    half = (effort.spent + effort.limit) / 2
    found = ([f for f in map(always, mistakes) if matches(f, evidence)]
             or matching(conditional(evidence, mistakes))
             or (matching(always(*two) for two in takewhile(
                 lambda _: effort.spent < half,
                 _pairs(evidence, mistakes))) if evidence.wrong else []))
    # where a choice is made besides, more than that would be three things at once
    return found if found or evidence.chosen else matching(_apart(evidence, mistakes))[:1]


def _pairs(evidence, mistakes):
    """Two mistakes; where NaN came out, one of them must be about that.

    Both change the first wrong answer, or one alone gives it and the other does not show there.
    """
    finite = all(np.isfinite(s.answer).all() for s in evidence.wrong if s.answer is not None)
    first = evidence.wrong[0]
    shows = {m: evidence.changes(m, first) for m in mistakes}
    gives = {m for m in mistakes if shows[m] and evidence.agrees((m,), first)}
    for two in combinations(mistakes, 2):
        one, other = two
        if not ((shows[one] and shows[other]) or one in gives or other in gives):
            continue
        if one.goes_with(other) and (finite or any(m.not_finite for m in two)):
            # what is seen of few calls only is told last
            yield two[::-1] if one.slug in RARE else two


def conditional(evidence, mistakes):
    """Mistakes that give all wrong answers, each under a condition that all of these meet."""
    if not evidence.wrong:
        return
    common = conditions.shared([s.features for s in evidence.wrong])
    for mistake in mistakes:
        if all(evidence.agrees((mistake,), s) for s in evidence.wrong):
            yield from (Fit((mistake,), (when,)) for when in common)


def _screened(evidence, mistakes):
    """[(mistake, wrong answers that it gives, the others)] of those that give some."""
    screen = [s for s in evidence.wrong if s.answer is not None][:SCREENED]
    for mistake in takewhile(evidence.may_go_on, mistakes):
        given = [s for s in screen if evidence.agrees((mistake,), s)]
        if len(given) >= ENOUGH:
            yield mistake, given, [s for s in screen if s not in given]


def _apart(evidence, mistakes):
    """One mistake, and where a condition holds another, with it or in place of it."""
    others = [m for m in mistakes if m.company == "any"]
    for first, given, rest in _screened(evidence, mistakes):
        if len(rest) < ENOUGH:
            continue
        apart = [when for when in conditions.shared([s.features for s in rest])
                 if not any(conditions.holds(when, s.features) for s in given)]
        for when in apart:
            for second in others:
                for instead in ("", conditions.opposite(when)):
                    fit = Fit((first, second), (instead, when))
                    if all(evidence.agrees(fit.made(s.features), s) for s in rest[:ENOUGH]):
                        yield fit


def partly(session, outputs):
    """[(slug, sentence, outputs, when, size)] of what explains a part of what is wrong."""
    bank, found = bank_of(session.contract), []
    for output in outputs if bank else ():
        evidence = Evidence(session, bank, output, effort=Effort(LAST))
        found += [(fit.slug, fit.words(output), (output,), fit.when[0], fit.mistakes[0].size)
                  for fit in _partly(evidence, evidence.mistakes())[:1]]
    return found


def _partly(evidence, mistakes):
    """[`Fit`] of a mistake that explains everything where a condition holds, and nothing else."""
    found = []
    for mistake, given, others in _screened(evidence, mistakes):
        if len(given) < max(MANY, MOST * (len(given) + len(others))):
            continue
        for when in conditions.shared([s.features for s in given]):
            there = [s for s in (*evidence.seen, *evidence.fresh)
                     if conditions.holds(when, s.features)]
            if all(evidence.agrees((mistake,), s) for s in there):
                found.append((len(there), Partly((mistake,), (when,))))
                break
    return [fit for _, fit in sorted(found, key=lambda one: -one[0])]


class Partly(Fit):
    """A mistake that explains what is wrong under a condition only."""

    def words(self, output):
        """Its sentence, and that it is not all."""
        return (f"where {conditions.worded(self.when[0])}, {self.mistakes[0].words(output)}; what "
                "is wrong elsewhere is something else besides")


def matches(fit, evidence):
    """Whether a fit gives all that was seen, and what it was not chosen by, too."""
    met = 0
    for s in evidence.seen:
        made = fit.made(s.features)
        if not evidence.agrees(made, s):
            return False
        met += evidence.counts(made, s)
    careful = (any(fit.when) or len(fit.mistakes) > 1
               or any(s.answer is None for s in evidence.seen))
    return (met >= (ENOUGH if careful else 1) and _needed(fit, evidence)
            and all(evidence.agrees(fit.made(s.features), s) for s in evidence.fresh))


def _needed(fit, evidence):
    """Whether each of several mistakes explains what the others do not."""
    for one in fit.mistakes if len(fit.mistakes) > 1 else ():
        without = 0
        for s in evidence.wrong:
            others = tuple(m for m in fit.made(s.features) if m is not one)
            without += not evidence.agrees(others, s)
        if without < (1 if one.slug in RARE else ENOUGH):
            return False
    return True
