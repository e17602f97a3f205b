"""How a claim is run, its negative control, its verdict.

A claim is a function that states one line of a lecture: it draws entries, and
returns the line as printed, what the plain loops make of the same entries, and a
wrong form that must be told apart.  The verdict is what the run finds out:

=========== =====================================================================
holds       as printed the line agrees with the truth on all cases
misprint    as printed it fails, the corrected form agrees
scan        the same, and another place of the text itself has the corrected form
ambiguous   of the possible readings some agree and some fail
fails       neither the printed form nor a corrected one agrees
error       the claim could not be run, or its control was not rejected
=========== =====================================================================

A claim also says which verdict it expects; another one is an error of the file.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnmat.drawing import Blocks, Drawn
from cnnmat.verify import exact
from cnnmat.verify.claims import Claim
from cnnmat.verify.comparing import RTOL, agree, evaluate, first_difference, is_float
from cnnmat.verify.entries import Draw

__all__ = ["Result", "run"]


@dataclass
class Result:
    """What running a claim found out."""

    claim: Claim
    verdict: str
    evidence: list[dict[str, Any]]
    controls: dict[str, bool]
    readings: dict[str, bool] = field(default_factory=dict)
    counterexample: dict[str, Any] | None = None
    show: dict[str, Drawn] = field(default_factory=dict)
    message: str = ""
    seconds: float = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the claim's file expects."""
        return self.verdict == self.claim.expect

    def to_json(self) -> dict[str, Any]:
        """The claim and its result as a dictionary of plain types."""
        claim = self.claim
        return {
            "id": claim.id, "title": claim.title, "kind": claim.kind,
            "verdict": self.verdict, "expected": claim.expect,
            "evidence": self.evidence,
            "control": {
                "wrong": "; ".join(self.controls) or claim.no_control,
                "rejected": bool(self.controls) and all(self.controls.values()),
            },
            "as_printed": claim.formula,
            "corrected": claim.corrected_formula or None,
            "reason": claim.reason or None,
            "readings": self.readings or None,
            "counterexample": self.counterexample,
            "message": self.message or None,
            "seconds": round(self.seconds, 4),
        }


_METHODS = {
    "symbols": "polynomial identity",
    "functions": "symbols for the values of f and f'",
    "integers": "random whole numbers",
    "floats": "random numbers",
}


def _evidence(draw, claim, case, truth):
    """How one case was decided, at which sizes, and what that covers."""
    shapes = {k: repr(v) for k, v in case.items()}
    if draw.stated:
        methods, covers = zip(*draw.stated, strict=True)
        return {"method": ", ".join(methods), "shapes": shapes, "covers": "; ".join(covers)}
    kinds = draw.methods
    if "floats" in kinds or "integers" in kinds:
        covers = "the values tried, at these shapes"
    elif "symbols" in kinds:
        covers = "all values, at these shapes"
        if "functions" in kinds:
            covers += ", every differentiable f"
    else:
        covers = "these sizes" if case else "the numbers printed"
    rounded = any(map(is_float, exact.entries(truth)[1]))
    how = f"in float64, scaled error at most {RTOL:g}" if rounded else "exact"
    return {
        "method": f"{', '.join(_METHODS[k] for k in kinds) or 'recomputed'}, {how}",
        "shapes": shapes,
        "covers": covers + (f"; {claim.covers}" if claim.covers else ""),
    }


def _sides(claim, case, swap):
    """Draw entries for one case and evaluate all sides; in a larger ring where one is needed."""
    capacity = 32
    while True:
        try:
            draw = Draw(claim, capacity)
            sides = claim.function(draw, **case)
            for name in ("truth", "printed", "corrected", "elsewhere"):
                setattr(sides, name, evaluate(getattr(sides, name)))
            sides.wrong = {k: evaluate(v) for k, v in sides.wrong.items()}
            sides.readings = {k: evaluate(v) for k, v in sides.readings.items()}
            if swap:
                sides.printed, sides.corrected = sides.corrected, sides.printed
            return draw, sides
        except exact.NeedMoreGenerators:
            capacity *= 4


def _verdict(forms, readings):
    """The verdict, from which forms and readings have agreed on all cases."""
    if readings:
        outcomes = set(readings.values())
        return "ambiguous" if len(outcomes) == 2 else "holds" if outcomes == {True} else "fails"
    if forms.get("printed"):
        return "holds"
    if not forms.get("corrected"):
        return "fails"
    return "scan" if forms.get("elsewhere") else "misprint"


def _examine(claim, result, forms, case, swap):
    """Run one case, adding what it shows to `result` and `forms`."""
    draw, sides = _sides(claim, case, swap)
    result.evidence.append(_evidence(draw, claim, case, sides.truth))
    result.show = result.show or {
        name: (one if isinstance(one, Blocks) else Blocks(one)).plain(draw.ring.text)
        for name, one in sides.show.items()}

    def compare(outcomes, name, side, reading=None):
        agrees = agree(side, sides.truth)
        outcomes[name] = outcomes.get(name, True) and agrees
        if not agrees and result.counterexample is None and (reading or name == "printed"):
            result.counterexample = first_difference(
                side, sides.truth, draw.ring, case, "this reading" if reading else "printed")
            result.counterexample["reading"] = reading

    for name in ("printed", "corrected", "elsewhere"):
        if getattr(sides, name) is not None:
            compare(forms, name, getattr(sides, name))
    for name, side in sides.readings.items():
        compare(result.readings, name, side, reading=name)
    for name, side in sides.wrong.items():
        result.controls[name] = result.controls.get(name, False) or not agree(side, sides.truth)


def _where(error, path):
    """The line of the claim's own file at which `error` came up, as text."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    return f" ({Path(path).name}, line {lines[-1]})" if lines else ""


def run(claim: Claim, *, swap: bool = False) -> Result:
    """Run `claim` on all its cases.

    Parameters
    ----------
    claim : Claim
    swap : bool, optional
        Exchange the printed and the corrected form first: a verdict that is found, and not
        listed, then comes out differently.

    Returns
    -------
    Result
    """
    start = time.perf_counter()
    result = Result(claim, "error", [], {})
    forms: dict[str, bool] = {}
    try:
        for case in claim.cases:
            _examine(claim, result, forms, case, swap)
        result.verdict = _verdict(forms, result.readings)
        missed = [name for name, rejected in result.controls.items() if not rejected]
        if missed:
            result.verdict = "error"
            result.message = f"control not rejected: {'; '.join(missed)}"
        elif not result.controls and not claim.no_control:
            result.verdict, result.message = "error", "the claim has no negative control"
        elif not result.as_expected:
            result.message = f"expected {claim.expect}, found {result.verdict}"
            if result.verdict == "fails" and claim.expect in ("misprint", "scan"):
                result.message += ("; the corrected form fails too" if "corrected" in forms
                                   else "; no corrected form is given")
    except Exception as error:
        result.message = "".join(traceback.format_exception_only(error)).strip()
        result.message += _where(error, claim.function.__code__.co_filename)
    result.seconds = time.perf_counter() - start
    return result
