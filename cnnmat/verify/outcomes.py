"""What the runs of a claim have shown together, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnmat.verify.comparing import agree, first_difference

__all__ = ["Outcome", "Undecided"]


class Undecided(Exception):
    """Proof and numbers do not come to the same."""


@dataclass
class Outcome:
    """What the orders of one case, or all cases, have shown."""

    forms: dict[str, bool] = field(default_factory=dict)
    readings: dict[str, bool] = field(default_factory=dict)
    controls: dict[str, bool] = field(default_factory=dict)
    counterexample: dict[str, Any] | None = None

    def add(self, sides, symbols, case):
        """Take in one order: a form agrees if it does in all, a control is rejected in one."""
        for name, side in sides.forms.items():
            agrees = agree(side, sides.truth)
            self.forms[name] = self.forms.get(name, True) and agrees
            if name == "printed" and not agrees:
                self._counter(side, sides.truth, symbols, case, "printed")
        for name, side in sides.readings.items():
            agrees = agree(side, sides.truth)
            self.readings[name] = self.readings.get(name, True) and agrees
            if not agrees:
                self._counter(side, sides.truth, symbols, case, "this reading", name)
        for name, side in sides.wrong.items():
            self.controls[name] = self.controls.get(name, False) or not agree(side, sides.truth)

    def _counter(self, side, truth, symbols, case, who, reading=None):
        if self.counterexample is None:
            self.counterexample = first_difference(side, truth, symbols, case, who)
            self.counterexample["reading"] = reading

    def joined_with(self, proof, swap):
        """Take in a proof for all sizes: what it proves must be so in numbers, and the reverse."""
        names = {"printed": "corrected", "corrected": "printed"} if swap else {}
        for name, agrees in {**self.forms, **self.readings}.items():
            side = names.get(name, name)
            if agrees and not proof.equal[side]:
                raise Undecided(f"{name} holds at the small sizes tried, but is not proved for all "
                                f"sizes: {proof.why[side]}")
            self._not_contradicted(name, agrees, proof.equal[side])
        for name, rejected in self.controls.items():
            self._not_contradicted(name, not rejected, proof.equal[name])
        if self.counterexample and proof.where:
            self.counterexample["where"] = proof.where
            self.counterexample["text"] += f"; true only where {' or '.join(proof.where)}"

    @staticmethod
    def _not_contradicted(name, agrees, proved):
        if proved and not agrees:
            raise Undecided(f"{name} was proved for all sizes, and fails in numbers")

    def join(self, other):
        """Take in the outcome of another case."""
        for name, agrees in other.forms.items():
            self.forms[name] = self.forms.get(name, True) and agrees
        for name, agrees in other.readings.items():
            self.readings[name] = self.readings.get(name, True) and agrees
        for name, rejected in other.controls.items():
            self.controls[name] = self.controls.get(name, False) or rejected
        self.counterexample = self.counterexample or other.counterexample

    def verdict(self):
        """The verdict, from which forms and readings have agreed."""
        if self.readings:
            outcomes = set(self.readings.values())
            return "ambiguous" if len(outcomes) == 2 else "holds" if outcomes == {True} else "fails"
        if self.forms.get("printed"):
            return "holds"
        if not self.forms.get("corrected"):
            return "fails"
        return "scan" if self.forms.get("elsewhere") else "misprint"
