"""How a claim is run, its negative control, its verdict.

A claim is a function that states one line of a lecture: it draws entries, and
returns the line as printed, what the plain loops make of the same entries, and a
wrong form that must be told apart.  The verdict is what the run finds out:

=========== =====================================================================
holds       as printed the line agrees with the truth on all cases
defines     the line says what a symbol is; there is nothing that it could be held against
misprint    as printed it fails, the corrected form agrees
scan        the same, and another place of the text itself has the corrected form
ambiguous   of the possible readings some agree and some fail
read        a remark: there is nothing to run
fails       neither the printed form nor a corrected one agrees
error       the claim could not be run, or its control was not rejected
not run     its file says that it is not to be run, or does not say what its symbols are
=========== =====================================================================

A claim also says which verdict it expects; another one is an error of the file.
"""

from __future__ import annotations

import inspect
import time
import traceback
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cnnmat.drawing import Blocks, Drawn
from cnnmat.verify.advice import advice, place
from cnnmat.verify.claims import Claim, Lecture, NotRun, Refusal, Remark, Sides
from cnnmat.verify.comparing import (
    Frozen,
    NotConforming,
    evaluate,
    freeze,
    one_object,
    same,
)
from cnnmat.verify.coq.kernel import checked
from cnnmat.verify.entries import AllSizes, Draw, Outside
from cnnmat.verify.evidence import told
from cnnmat.verify.guard import Guard, Tampered
from cnnmat.verify.orders import Atlas
from cnnmat.verify.outcomes import Outcome
from cnnmat.verify.slips import tell_apart
from cnnmat.verify.strings import disagreement, nearest
from cnnmat.verify.strings import tell_apart as strings_apart
from cnnmat.verify.sums.proof import prove
from cnnmat.verify.sums.small import SmallDraw
from cnnmat.verify.symbols import NeedMoreGenerators

__all__ = ["Result", "remarked", "run"]


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
    slips: dict[str, list[str]] | None = None
    strings: dict[str, dict[str, Any]] = field(default_factory=dict)
    nearest: list[str] = field(default_factory=list)

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the claim's file expects."""
        return self.verdict == self.claim.expect or (
            self.verdict == "not run" and self.claim.generated)

    def outcome(self) -> dict[str, Any]:
        """What was found out, without the claim, as plain types."""
        return {
            "verdict": self.verdict, "evidence": self.evidence, "controls": self.controls,
            "readings": self.readings, "counterexample": self.counterexample, "show": self.show,
            "message": self.message, "seconds": self.seconds, "slips": self.slips,
            "strings": self.strings, "nearest": self.nearest,
        }

    def to_json(self) -> dict[str, Any]:
        """The claim and its result as a dictionary of plain types."""
        claim = self.claim
        return {
            "id": claim.id, "title": claim.title, "kind": claim.kind, "source": claim.source,
            "verdict": self.verdict, "expected": claim.expect,
            "evidence": self.evidence,
            "control": {
                "wrong": "; ".join(self.controls) or claim.no_control,
                "rejected": bool(self.controls) and all(self.controls.values()),
            },
            "source_kind": claim.source_kind, "as_printed": claim.formula,
            "rewritten": claim.rewritten or None,
            "corrected": claim.corrected_formula or None,
            "assumes": claim.assumes or None, "cites": claim.cites or None,
            "run_from": "string" if claim.notation else "code", "strings": self.strings or None,
            "reason": claim.reason or None,
            "readings": self.readings or None,
            "counterexample": self.counterexample, "slips": self.slips,
            "nearest": self.nearest or None,
            "message": self.message or None,
            "seconds": round(self.seconds, 4),
        }


def remarked(lecture: Lecture) -> list[Result]:
    """A result for each remark: nothing is run."""
    return [Result(Remark(lecture.slug, one["place"], "remark", one["text"], ""), "read", [], {})
            for one in lecture.remarks]


@dataclass
class _Sides:
    """The sides of a claim in one order, frozen."""

    truth: Frozen
    forms: dict[str, Any]
    readings: dict[str, Any]
    wrong: dict[str, Any]
    called: tuple[str, str]
    place: Any


def _drawn(claim, case, draw, swap, guard):
    """Let a claim draw the entries of one case, and evaluate all sides."""
    sides = claim.function(draw, **case)
    guard.check()
    if not isinstance(sides, Sides):
        raise TypeError(f"a claim must return Sides, got {type(sides).__name__}")
    held = evaluate(sides.truth)
    # where nothing of the claim's runs, nothing can have changed
    quiet = type(sides) is Sides and held is sides.truth
    if not quiet:
        guard.check()
    truth = _frozen_truth(held)
    forms = {name: getattr(sides, name) for name in ("printed", "corrected", "elsewhere")}
    if swap:
        forms["printed"], forms["corrected"] = forms["corrected"], forms["printed"]
    given = [{name: side for name, side in part.items() if side is not None}
             for part in (forms, sides.readings, sides.wrong)]
    parts = [{name: evaluate(side) for name, side in part.items()} for part in given]
    quiet = quiet and {type(sides.readings), type(sides.wrong)} == {dict} and all(
        part[name] is side for part, before in zip(parts, given, strict=True)
        for name, side in before.items())
    if not quiet:
        guard.check()
    frozen = [{name: freeze(side) for name, side in part.items()} for part in parts]
    if not same(freeze(held), truth):
        raise Tampered("its truth was another before the other sides were evaluated")
    if any(one_object(held, side) for part in parts for side in part.values()):
        raise Tampered("its truth is the very array or list that it is compared with")
    return sides, _Sides(truth, *frozen, sides.called, sides.place)


def _frozen_truth(held):
    truth = freeze(held)
    if isinstance(truth, NotConforming):
        raise ValueError(f"truth must conform, got {truth.why}")
    if not truth.finite:
        raise ValueError("truth must be finite, got NaN or an infinity")
    return truth


def _examine(claim, case, swap, guard, total):
    """Run one case in all its orders, or for all sizes: its outcome, evidence, what it shows."""
    capacity = 32
    while True:
        try:
            return _in_orders(claim, case, swap, guard, Atlas(capacity))
        except NeedMoreGenerators:
            capacity *= 4
        except AllSizes:
            return _for_all_sizes(claim, case, swap, guard, total)


def _in_orders(claim, case, swap, guard, atlas):
    outcome, first = Outcome(), None
    for order in atlas:
        try:
            draw = Draw(claim, order)
            sides, frozen = _drawn(claim, case, draw, swap, guard)
        except Outside:
            atlas.withdraw(order)
            continue
        except (ZeroDivisionError, ValueError):
            # where symbols are made equal a denominator may vanish, or a sum that has to divide
            if not order.ties:
                raise
            atlas.withdraw(order)
            continue
        outcome.add(frozen, draw.ring, case)
        first = first or (draw, sides, frozen.truth)
    if first is None:
        raise ValueError("a claim must speak of some entries, found none with its conditions")
    draw, sides, truth = first
    show = {name: (one if isinstance(one, Blocks) else Blocks(one)).plain(draw.ring.text)
            for name, one in sides.show.items()}
    return outcome, [told(draw, claim, case, truth, atlas)], show


def _for_all_sizes(claim, case, swap, guard, total):
    """Run one case on symbolic shapes; and in numbers, if those before it in `total` had none."""
    outcome, evidence = Outcome(), []
    alone = not (total.forms or total.readings)
    for draw, sides in _small(claim, case, swap, guard) if alone else ():
        sizes = {**case, **draw.numbers}
        outcome.add(sides, draw.ring, sizes)
        evidence.append({"method": "whole numbers, exact", "covers": "the numbers tried",
                         "shapes": {k: repr(v) for k, v in sizes.items()}})
    proof = prove(claim, case)
    guard.check()
    outcome.prove(proof, swap)
    if any(proof.equal.get(name) for name in ("printed", "corrected", *proof.readings)):
        kernel = "coq" if checked(proof) else None
        covers = [proof.covers, claim.covers, "kernel-checked" if kernel else ""]
        evidence.append({"method": "index sums, equal normal forms", "shapes": {},
                         "covers": "; ".join(filter(None, covers)), "kernel": kernel,
                         "form": proof.form})
    return outcome, evidence, {}


#: At so many small sizes numbers are tried, of so many drawn.
SMALL, DRAWN = 3, 60


def _small(claim, case, swap, guard):
    """(draw, sides) at some small sizes at which the claim speaks of anything."""
    found = []
    for attempt in range(DRAWN):
        draw = SmallDraw(claim, attempt)
        try:
            _, sides = _drawn(claim, case, draw, swap, guard)
        except (Outside, IndexError):
            # an entry that is asked for by its number may not be there
            continue
        found.append((draw, sides))
        if len(found) == SMALL:
            return found
    raise ValueError(f"sizes must be possible together, found {len(found)} of {SMALL} in "
                     f"{DRAWN} draws")


def _told(error, function):
    """An exception as text, with advice and the line of the claim's file; the judge's own speaks
    for itself."""
    if isinstance(error, Refusal):
        return str(error)
    text = str(error) if isinstance(error, Tampered) else "".join(
        traceback.format_exception_only(error)).strip()
    path, first = function.__code__.co_filename, function.__code__.co_firstlineno
    instead = advice(error, path)
    if instead:
        return f"{instead} ({place(error, path, first)}; {text})"
    where = place(error, path)
    return f"{text} ({where})" if where else text


def run(claim: Claim, *, swap: bool = False, guard: Guard | None = None,
        slips: bool = False) -> Result:
    """Run `claim` on all its cases.

    What the claim raises, `SystemExit` included, is an error of the claim.

    Parameters
    ----------
    claim : Claim
    swap : bool, optional
        Exchange the printed and the corrected form first: a verdict that is found, and not
        listed, then comes out differently.
    guard : Guard, optional
        What nothing may have changed; by default as it is now.
    slips : bool, optional
        Also generate slips from the claim's code, and see which it tells apart.

    Returns
    -------
    Result
    """
    if claim.expect == "not run":
        return Result(claim, "not run", [], {})
    start = time.perf_counter()
    result, total, guard = Result(claim, "error", [], {}), Outcome(), guard or Guard()
    try:
        for case in claim.cases:
            outcome, evidence, show = _examine(claim, case, swap, guard, total)
            total.join(outcome)
            result.evidence += evidence
            result.show = result.show or show
        total.check_proofs()
        result.counterexample = total.counterexample
        strings = claim.notation.run(claim) if claim.notation else {}
        if claim.generated:
            # the same formula, here in all orders
            strings = {name: replace(one, holds=total.forms.get(name, one.holds))
                       for name, one in strings.items()}
        result.strings = {name: asdict(one) for name, one in strings.items()}
        if claim.generated and total.verdict() in ("holds", "misprint"):
            result.slips = strings_apart(claim)
            total.controls = dict.fromkeys(result.slips["apart"], True)
        result.controls, result.readings = total.controls, total.readings
        result.verdict, result.message = _judged(claim, total, strings)
        if result.verdict == "fails" and claim.notation:
            result.nearest = nearest(claim)
        if slips and not claim.generated:
            generated = tell_apart(claim)
            guard.check()
            in_formula = strings_apart(claim) if claim.notation else {"apart": [], "missed": []}
            result.slips = {"apart": [*generated.apart, *in_formula["apart"]],
                            "missed": [*generated.missed, *in_formula["missed"]]}
    except KeyboardInterrupt:
        raise
    except NotRun as error:
        result.verdict, result.message = "not run" if claim.generated else "error", str(error)
    except BaseException as error:
        result.message = _told(error, inspect.unwrap(claim.function))
    result.seconds = time.perf_counter() - start
    return result


def _judged(claim, total, strings):
    """The verdict on a claim, and what there is to say of it."""
    missed = [name for name, rejected in total.controls.items() if not rejected]
    if missed:
        return "error", f"control not rejected: {'; '.join(missed)}"
    if not (total.controls or claim.no_control or claim.generated):
        return "error", "the claim has no negative control"
    weak = "" if claim.generated else total.weakness(claim.cites)
    if weak:
        return "error", weak
    apart = disagreement(claim, strings, total.forms)
    if apart:
        return "error", apart
    verdict = total.verdict()
    if verdict == "holds" and claim.expect == "defines":
        verdict = "defines"
    if verdict == claim.expect:
        return verdict, ""
    message = f"expected {claim.expect}, found {verdict}"
    if verdict == "fails" and claim.expect in ("misprint", "scan"):
        message += ("; the corrected form fails too" if "corrected" in total.forms
                    else "; no corrected form is given")
    return verdict, message
