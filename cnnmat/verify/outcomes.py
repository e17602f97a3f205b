"""What the runs of a claim have shown together, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnmat.verify.comparing import NotConforming, agree, first_difference

__all__ = ["Outcome", "Undecided"]


class Undecided(Exception):
    """Proof and numbers do not come to the same."""


@dataclass
class Outcome:
    """What the orders of one case, or all cases, have shown."""

    forms: dict[str, bool] = field(default_factory=dict)
    readings: dict[str, bool] = field(default_factory=dict)
    controls: dict[str, bool] = field(default_factory=dict)
    #: Readings and controls that had the shape of the truth in some order of some case.
    conforming: set[str] = field(default_factory=set)
    counterexample: dict[str, Any] | None = None
    #: For each proof for all sizes: whether each side was proved, and why not.
    proofs: list[dict[str, Any]] = field(default_factory=list)
    #: Equalities of sizes under which the printed form is true.
    where: list[str] = field(default_factory=list)

    def add(self, sides, symbols, case):
        """Take in one order: a form agrees if it does in all, a control is rejected in one."""
        for name, side in sides.forms.items():
            agrees = agree(side, sides.truth)
            self.forms[name] = self.forms.get(name, True) and agrees
            if name == "printed" and not agrees:
                self._counter(side, sides, symbols, case)
        for name, side in sides.readings.items():
            agrees = agree(side, sides.truth)
            self.readings[name] = self.readings.get(name, True) and agrees
            if not agrees:
                self._counter(side, sides, symbols, case, name)
        for name, side in sides.wrong.items():
            self.controls[name] = self.controls.get(name, False) or not agree(side, sides.truth)
        self.conforming |= {name for name, side in (*sides.readings.items(), *sides.wrong.items())
                            if not isinstance(side, NotConforming)
                            and side.shape == sides.truth.shape}

    def _counter(self, side, sides, symbols, case, reading=None):
        if self.counterexample is None:
            called = sides.called if reading is None else ("this reading", sides.called[1])
            self.counterexample = first_difference(
                side, sides.truth, symbols, case, called, sides.place)
            self.counterexample["reading"] = reading

    def prove(self, proof, swap):
        """Take in a proof for all sizes, which numbers of this or another case must bear out."""
        names = {"printed": "corrected", "corrected": "printed"} if swap else {}
        self.proofs.append({names.get(name, name): (equal, proof.why[name])
                            for name, equal in proof.equal.items()})
        if proof.where:
            self.where = proof.where

    def check_proofs(self):
        """Refuse a proof that numbers contradict, and numbers that agree without a proof."""
        agreed = {**self.forms, **self.readings,
                  **{name: not rejected for name, rejected in self.controls.items()}}
        for proof in self.proofs:
            for name, (proved, why) in proof.items():
                self._check(name, proved, agreed.get(name), why)
        if self.counterexample and self.where:
            self.counterexample["where"] = self.where
            self.counterexample["text"] += f"; true for all sizes where {' or '.join(self.where)}"

    def _check(self, name, proved, agrees, why):
        if agrees is None:
            raise Undecided(f"{name} was proved or not for all sizes, but not tried in numbers")
        if proved and not agrees:
            raise Undecided(f"{name} was proved for all sizes, and fails in numbers")
        if agrees and not proved and name not in self.controls:
            raise Undecided(f"{name} holds in the numbers tried, but is not proved for all sizes: "
                            f"{why}")

    def join(self, other):
        """Take in the outcome of another case."""
        for name, agrees in other.forms.items():
            self.forms[name] = self.forms.get(name, True) and agrees
        for name, agrees in other.readings.items():
            self.readings[name] = self.readings.get(name, True) and agrees
        for name, rejected in other.controls.items():
            self.controls[name] = self.controls.get(name, False) or rejected
        self.conforming |= other.conforming
        self.counterexample = self.counterexample or other.counterexample
        self.proofs += other.proofs
        self.where = self.where or other.where

    def weakness(self, cites):
        """What makes the outcome a weak one, as text; "" if nothing does.

        A reading that conforms nowhere, or that nothing in the text suggests, is nobody's; a
        control that is rejected by its shape alone says nothing about values.
        """
        straw = [name for name in self.readings if name not in self.conforming]
        if straw:
            return f"reading has the shape of the truth in no case: {'; '.join(straw)}"
        alone = [name for name in self.readings if name not in cites]
        if alone and self.verdict() == "ambiguous":
            return f"cites must say what suggests each reading, got nothing for: {'; '.join(alone)}"
        if self.controls and not self.conforming & self.controls.keys():
            return "every control is rejected by its shape alone"
        return ""

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
