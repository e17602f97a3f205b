"""The verdict: what a check returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from cnnmat.testing.shrinking import Counterexample
from cnnmat.testing.trial import Failure

if TYPE_CHECKING:
    from cnnmat.testing.diagnosis import Diagnosis
    from cnnmat.testing.refusals import Refusal

__all__ = ["Result"]

Verdict: TypeAlias = Literal["right", "right within limits", "wrong", "not judged"]


class Result:
    """What came out of a check.

    Attributes
    ----------
    kind : str
        What was checked, "correlation" for instance.
    verdict : str
        "right"; "right within limits", which `refusals` says; "wrong"; "not judged", where no
        call came about.
    passed : bool
        Whether it is right, within limits or without.
    refusals : list of Refusal
        What each function does not take.
    failures : list of Failure
        Everything that is wrong, in the order in which it was found.
    diagnosis : list of Diagnosis
        The mistakes whose answers equal the function's on all inputs that were tried, the
        simplest first; empty where none fits.
    known : list of str
        In which configurations each output is right and wrong.
    counterexample : Counterexample or None
        The smallest input found that shows it.
    notes : list of str
        What was noticed and is not wrong.
    chain : dict of str
        Of a network, seen from its output: {gradient: "right", "wrong" or "cannot say"}.
    missing : tuple of str
        The gradients that are not given, and not judged, by a convention that was found.
    behaviours : list of str
        Those of all configurations, of which a call without end leaves some untried.
    scores, refused_calls : dict
        {behaviour: {output: (right, tried)}}, without what was refused; {behaviour: {output:
        how many were}}.
    """

    diagnosis: list[Diagnosis]
    known: list[str]
    refusals: list[Refusal]
    counterexample: Counterexample | None
    seconds: float

    def __init__(self, kind: str, session: Any) -> None:
        self.kind = kind
        self.failures: list[Failure] = [f for t in session.trials for f in t.failures]
        self.refusals = session.refusals
        tried = {t.case.name for t in session.trials}
        taken = {t.case.name for t in session.trials if t.status != "refused" or t.failures}
        self.configurations, self.refused = len(taken), len(tried - taken)
        self.verdict: Verdict = _verdict(self, session)
        self.passed = self.verdict in ("right", "right within limits")
        self.notes: list[str] = _notes(session)
        self.scores: dict[str, dict[str, tuple[int, int]]] = _scores(session)
        self.missing: tuple[str, ...] = ()
        self.chain: dict[str, str] = {}
        self.behaviours: list[str] = list(dict.fromkeys(c.behaviour for c in session.cases))
        self.refused_calls: dict[str, dict[str, int]] = _refused_calls(session)
        self.diagnosis, self.known, self.counterexample, self.seconds = [], [], None, 0.0

    def __repr__(self) -> str:
        return f"Result({self.kind}: {self.verdict})"

    def __bool__(self) -> bool:
        return self.passed

    @property
    def first_wrong(self) -> str | None:
        """The gradient nearest to the output of a network that is wrong."""
        return next((name for name, verdict in self.chain.items() if verdict == "wrong"), None)

    def summary(self) -> str:
        """Everything that is worth saying, as text."""
        lines = [self._headline(), *(f"  {line}" for line in self.refusals)]
        lines += [f"  {line}" for line in _chain_lines(self)]
        if self.failures:
            lines += [f"  {line}" for line in [*self.known, *_exceptions(self.failures)]]
            lines += _diagnosis_lines(self.diagnosis)
            if self.counterexample:
                lines += ["", "The smallest input that shows it:", "",
                          self.counterexample.source]
            else:
                one = next((f for f in self.failures if f.output == self.first_wrong),
                           self.failures[0])
                lines += ["", f"For example: {one.configuration}: {one.message}"]
        return "\n".join([*lines, *(f"note: {n}" for n in self.notes)])

    def _headline(self):
        if self.verdict == "not judged":
            why = "all is at a kink" if self.chain else "no call came about"
            return f"{self.kind}: nothing could be judged: {why}"
        if self.verdict == "wrong":
            wrong = len({f.configuration for f in self.failures})
            return f"{self.kind}: WRONG in {wrong} of {self.configurations} configurations"
        taken = " that it takes" if self.verdict == "right within limits" else ""
        return f"{self.kind}: right in all {self.configurations} configurations{taken}"

    def points(self) -> list[tuple[str, str, bool]]:
        """A score by behaviour and output that gives nothing of the solution away.

        Returns
        -------
        list of (str, str, bool)
            Behaviour, output, whether every configuration of that behaviour is right that was
            not refused; False where all were.
        """
        return [(behaviour, output, right == tried > 0)
                for behaviour, row in self.scores.items()
                for output, (right, tried) in row.items()]

    def to_dict(self) -> dict[str, Any]:
        """Plain lists, dictionaries, numbers and text."""
        return {
            "kind": self.kind, "verdict": self.verdict, "passed": self.passed,
            "configurations": self.configurations, "refused": self.refused,
            "refusals": [{**vars(r), "limits": list(r.limits)} for r in self.refusals],
            "diagnosis": [{"slug": d.slug, "outputs": list(d.outputs), "sentence": d.sentence}
                          for d in self.diagnosis],
            "known": self.known, "chain": self.chain, "first_wrong": self.first_wrong,
            "failures": [_failure(f) for f in self.failures],
            "counterexample": self.counterexample and self.counterexample.to_dict(),
            "scores": [{"behaviour": b, "output": o, "right": r} for b, o, r in self.points()],
            "notes": self.notes, "seconds": round(self.seconds, 3),
        }

    def to_json(self, indent: int | None = 2) -> str:
        """`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), indent=indent)


def _verdict(result, session):
    if all(t.manner == "call" for t in session.trials):
        return "not judged"
    if result.failures:
        return "wrong"
    return "right within limits" if result.refusals or any(
        t.status == "refused" for t in session.trials) else "right"


def _notes(session):
    return list(dict.fromkeys([*session.notes, *(n for t in session.trials for n in t.notes)]))


def _failure(f):
    numbers = {k: v if v is None or abs(v) < float("inf") else str(v)
               for k, v in (("got", f.got), ("expected", f.expected))}
    return {"configuration": f.configuration, "part": f.part, "output": f.output,
            "reason": f.reason, "message": f.message, "cell": f.cell and list(f.cell), **numbers}


def _chain_lines(result):
    """The gradients from the output back, and which is to be looked at first."""
    if result.chain:
        yield "from the output back: " + ", ".join(
            f"{name} {verdict}" for name, verdict in result.chain.items())
    if result.first_wrong:
        names = [*result.chain]
        behind = [name for name in names[names.index(result.first_wrong) + 1:]
                  if result.chain[name] == "wrong"]
        yield f"{result.first_wrong} is the first that is wrong" + (
            f"; {', '.join(behind)} lie behind it and may be wrong for that alone" if behind
            else "")


def _exceptions(failures):
    """The first exception of each part, and how many there are."""
    found = {}
    for f in failures:
        if f.reason == "raised":
            found.setdefault(f.part, []).append(f)
    return [f"{fs[0].message} (in {len(fs)} configuration{'s' * (len(fs) > 1)}; this is "
            f"{fs[0].configuration!r})" for fs in found.values()]


def _diagnosis_lines(diagnosis):
    if not diagnosis:
        return ["", "None of the known mistakes gives these answers."]
    return ["", *(f"It looks as if {d.sentence} [{d.slug}; {', '.join(d.outputs)}]"
                  for d in diagnosis)]


def _scores(session):
    scores = {}
    for trial in session.trials:
        row = scores.setdefault(trial.case.behaviour, {})
        for name in session.contract.parts[trial.part][1]:
            bad = any(f.output in (None, name) for f in trial.failures)
            counts = bad or trial.status != "refused"
            right, tried = row.get(name, (0, 0))
            row[name] = (right + (counts and not bad), tried + counts)
    return scores


def _refused_calls(session):
    counts = {}
    for trial in session.trials:
        row = counts.setdefault(trial.case.behaviour, {})
        for name in session.contract.parts[trial.part][1]:
            refused = trial.status == "refused" and not trial.failures
            row[name] = row.get(name, 0) + refused
    return counts
