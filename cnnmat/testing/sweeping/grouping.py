"""Failures of a sweep by what the mistake probably is, each with its smallest example.

A sample of the geometries is run again as the cases of one check, which has the diagnosis, the
conventions that are no mistakes, and the limits; what one diagnosis explains is one group.  What
is left of an output is one group where all of it has something in common that right geometries
seldom have; else it is parted by the simplest conditions under which everything is wrong, and each
part is diagnosed by itself.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations

from cnnmat.testing.diagnosis.conditions import holds, shared, worded
from cnnmat.testing.engine import Session, judge
from cnnmat.testing.result import Result
from cnnmat.testing.shrinking import Counterexample, counterexample
from cnnmat.testing.sweeping.geometries import applicable, case_of

__all__ = ["Group", "grouped"]

#: As many geometries, wrong and right ones, are looked at together.
SAMPLE = 16
#: How many right ones, which rule conditions out, and of how many features one is made.
WITNESSES, LONGEST = 400, 2
#: Groups that are looked for; what is left after them is one more.
MOST = 8
#: What wrong geometries have in common says something if fewer of the right ones have it.
SELDOM = 0.5
#: The wrong geometries that a condition must have: one alone would fit too many.
EVIDENCE = 2


@dataclass(frozen=True)
class Group:
    """Geometries that go wrong by what looks like one mistake.

    Attributes
    ----------
    slug : str
        Its name; "" where none of the known mistakes gives these answers.
    sentence : str
        What is wrong.
    outputs : tuple of str
    geometries : tuple of int
        Their numbers.
    convention : bool
        Whether it is a convention, and no mistake.
    example : Counterexample or None
        The smallest input found.
    """

    slug: str
    sentence: str
    outputs: tuple[str, ...]
    geometries: tuple[int, ...]
    convention: bool
    example: Counterexample | None


def grouped(session, outcomes):
    """([`Group`], the result of a check of a sample) of the outcomes of a sweep."""
    view = _View(session, outcomes)
    every = set(view.items)
    result, trials = view.checked(every)
    groups, left = view.explained(result, trials, every)
    parts = []
    while left and len(groups) + len(parts) < MOST:
        parts.append(_part(view, left))
        left = left - parts[-1][0]
    for part, when in parts:
        if part != every:
            # beside the others it had no chance
            found, part = view.explained(*view.checked(_alone(view, part, when, parts)), part)
            groups += found
        groups += [view.unexplained(part, when)] if part else []
    groups += [view.unexplained(left, "")] if left else []
    return sorted(groups, key=lambda g: (g.convention, -len(g.geometries), g.sentence)), result


class _View:
    """The geometries as cases, made when they are looked at; what failed, as (number, output)."""

    def __init__(self, session, outcomes):
        self.session, self.kinds = session, applicable(session.contract)
        self.parts = {name: part for part in session.functions
                      for name in session.contract.parts[part][1]}
        self._cases, self._features = {}, {}
        ordered = [outcomes[k] for k in sorted(outcomes) if outcomes[k]["sizes"]]
        self.items = defaultdict(list)
        for one in ordered:
            for part, output, reason, message in one["failures"]:
                names = [output] if output else session.contract.parts[part][1]
                for name in names:
                    self.items[one["geometry"], name].append((reason, message))
        bad = {k for k, _ in self.items}
        self.right = [one["geometry"] for one in ordered
                      if one["geometry"] not in bad and not one["refused"]][:WITNESSES]
        self.refused = [one["geometry"] for one in ordered if one["refused"]][:SAMPLE]

    def case(self, number):
        """Geometry `number`, always the same object."""
        if number not in self._cases:
            self._cases[number] = case_of(self.session.contract, self.session.seed, number,
                                          self.kinds)
        return self._cases[number]

    def features(self, number):
        """What is special about a geometry."""
        if number not in self._features:
            self._features[number] = self.session.contract.features(self.case(number))
        return self._features[number]

    def wrong(self, items):
        """The numbers of some of the geometries of some items."""
        numbers = sorted({k for k, _ in items})
        # evenly through all of them: the first ones may be alike
        step = max(1, len(numbers) // SAMPLE)
        return numbers[::step][:SAMPLE]

    def of(self, numbers):
        """A session that has some geometries as its cases."""
        one = self.session
        return Session(one.contract, one.functions, one.seed, one.timeout, one.demands,
                       [self.case(k) for k in dict.fromkeys(numbers)])

    def checked(self, items):
        """(result, session) of a check of some items, beside right ones and what is refused."""
        session, diagnosis, _ = judge(self.of(
            [*self.wrong(items), *self.right[:SAMPLE], *self.refused]))
        result = Result(session.contract.kind, session)
        result.diagnosis = diagnosis
        return result, session

    def explained(self, result, session, items):
        """([`Group`] of the diagnoses of a result, the items that none of them explains)."""
        groups, left = [], set(items)
        for one in result.diagnosis:
            mine = {(k, output) for k, output in left if output in one.outputs
                    and _where(one, self.features(k))}
            if mine:
                left -= mine
                groups.append(self._group(one.slug, one.sentence, mine, one.when, session))
        # what was wrong in the sweep and is right in the check is so by a convention
        still = {(f.configuration, f.output) for f in result.failures}
        noted = {o for _, o in left} - {o for _, o in still} - {
            name for f in result.failures if f.output is None
            for name in session.contract.parts[f.part][1]}
        mine = {item for item in left if item[1] in noted}
        if mine and (result.notes or result.refusals):
            left -= mine
            why = "; ".join(dict.fromkeys([*map(str, result.refusals), *result.notes]))
            groups.append(Group("convention", why, _outputs(mine), _numbers(mine), True, None))
        return groups, left

    def unexplained(self, items, where):
        """The `Group` of what no mistake gives."""
        session = self.of(self.wrong(items))
        session.run()
        said = f"wrong where {worded(where)}" if where else "wrong for no reason that is seen"
        return self._group("", f"{said}; none of the known mistakes gives these answers", items,
                           where, session)

    def _group(self, slug, sentence, items, when, session):
        return Group(slug, sentence, _outputs(items), _numbers(items), False,
                     self._example(items, when if " + " not in slug else "", session))

    def _example(self, items, when, session):
        names = {f"geometry {k}" for k, _ in items}
        outputs = _outputs(items)
        one = copy.copy(session)
        one.trials = [_only(t, outputs) for t in session.trials if t.case.name in names]
        if not any(t.failures for t in one.trials):
            return None
        contract, ask = session.contract, session.attempt

        def attempt(case, part, keep=False):
            # what is smaller and wrong for another reason is another group's
            trial = ask(case, part, keep)
            inside = not when or _all_hold(when, contract.features(case))
            return _only(trial, outputs if inside else ())

        one.attempt = attempt
        return counterexample(one)


def _only(trial, outputs):
    """A trial with what is wrong in some outputs."""
    return replace(trial, failures=[f for f in trial.failures if f.output in (None, *outputs)
                                    and outputs])


def _outputs(items):
    return tuple(sorted({output for _, output in items}))


def _numbers(items):
    return tuple(sorted({k for k, _ in items}))


def _where(diagnosis, features):
    """Whether a diagnosis speaks of a configuration; of several mistakes, one holds anywhere."""
    return " + " in diagnosis.slug or not diagnosis.when or _all_hold(diagnosis.when, features)


def _all_hold(when, features):
    return all(holds(one, features) for one in when.split(" and "))


def _part(view, items):
    """(the items of one output that belong together, the condition that says so or "")."""
    output = max(sorted(_outputs(items)), key=lambda name: sum(o == name for _, o in items))
    rows = {k: view.features(k) for k, o in items if o == output}
    right = [view.features(k) for k in view.right]
    when = _in_common(list(rows.values()), right)
    numbers = rows.keys()
    if not when:
        when, numbers = _condition(rows, right)
    return {(k, output) for k in (numbers or rows)}, when


def _alone(view, part, when, parts):
    """The items of a part that meet no other part's condition, if there are enough of them."""
    others = [other for _, other in parts if other not in ("", when)]
    alone = {item for item in part
             if not any(_all_hold(other, view.features(item[0])) for other in others)}
    return alone if len(alone) >= EVIDENCE else part


def _in_common(rows, right):
    """What holds in all rows and most seldom in the right ones; "" if that is not seldom."""
    counts = [(sum(holds(when, row) for row in right), k, when)
              for k, when in enumerate(shared(rows))]
    seldom = [one for one in counts if one[0] < SELDOM * len(right)]
    return min(seldom)[2] if seldom and len(rows) >= EVIDENCE else ""


def _condition(rows, right):
    """(the condition under which all is wrong and that explains most, the numbers where it holds).

    Of several that explain as much, the simplest, and of these one that something is so.
    """
    literals = [when for name in next(iter(rows.values())) for when in (name, f"not: {name}")]
    best = "", ()
    for count in range(1, LONGEST + 1):
        for chosen in combinations(literals, count):
            when = " and ".join(chosen)
            met = tuple(k for k, row in rows.items() if _all_hold(when, row))
            if len(met) > len(best[1]) and len(met) >= EVIDENCE and not any(
                    _all_hold(when, row) for row in right):
                best = when, met
        if best[0]:
            break
    return best
