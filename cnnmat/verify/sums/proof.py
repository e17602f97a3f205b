"""A claim for all sizes: run on symbolic shapes, and on numbers at small sizes beside that."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from cnnmat.verify.claims import Claim, Lecture
from cnnmat.verify.comparing import NotConforming, evaluate
from cnnmat.verify.sums.arrays import SymbolicArray, as_array
from cnnmat.verify.sums.draws import SymbolicDraw
from cnnmat.verify.sums.lists import SymbolicList
from cnnmat.verify.sums.normal import normal
from cnnmat.verify.sums.printing import text
from cnnmat.verify.sums.sizes import Coding, Outside, coding
from cnnmat.verify.sums.terms import number
from cnnmat.verify.sums.twin import Twin

__all__ = ["REMAINS", "Proof", "form", "outside", "prove"]

#: What no proof for all sizes covers, for a reader.
REMAINS = (
    "NumPy and SciPy: that they do at any size what a test sees them do at small ones is taken for "
    "granted, operation by operation (`library.AXIOMS` is the list)",
    "rounding, and int64's bounds: entries are elements of a field",
    "which path is taken by counts of bytes, and how a batch is cut into bands by them",
    "a maximum, ReLU and all else that has kinks: the row names the rows that hold them at fixed "
    "sizes",
    "the induction over layers: the first step and the step from any layer to the one before it "
    "are proved, that they come to a network of any depth is the reader's to conclude",
)

#: The sum that a whole network is fills pages.
LONG = 300

_TWIN: list[Twin] = []


def twin() -> Twin:
    """The twin of the package, read once for a process."""
    if not _TWIN:
        _TWIN.append(Twin())
    return _TWIN[0]


@dataclass
class Proof:
    """What a run on symbolic shapes has shown.

    Attributes
    ----------
    equal : dict
        By side ("printed", "corrected", or a reading or a control by its name): whether its normal
        form is that of the truth; None if it does not conform, or could not be run.
    why : dict
        By side, why not.
    covers : str
        Of which sizes and things this is said.
    form : str
        The truth, for a reader.
    where : list of str
        Equalities of sizes under which the printed form is true after all.
    truth : object
        The truth as it was handed over: numbers, arrays, lists of them.
    sides : dict
        By side, if it is the truth: the side as it was handed over.
    """

    equal: dict[str, bool | None]
    why: dict[str, str]
    covers: str
    form: str
    where: list[str] = field(default_factory=list)
    readings: tuple[str, ...] = ()
    truth: Any = None
    sides: dict[str, Any] = field(default_factory=dict)


def prove(claim: Claim, case: dict[str, Any]) -> Proof:
    """Run a claim on symbolic shapes, with two codings of the sizes, which have to agree."""
    first, second = (_run(claim, case, which) for which in (0, 1))
    if (first.forms, first.proof.covers) != (second.forms, second.proof.covers):
        raise Outside("something that comes out differently when the sizes are other numbers")
    if not first.proof.equal.get("printed", True):
        first.proof.where = _where(claim, case, first)
    return first.proof


@dataclass
class _Run:
    proof: Proof
    forms: Any
    suspects: list[Any] = field(default_factory=list)


def _run(claim, case, which, merged=None):
    with coding(Coding(which)) as code:
        draw = SymbolicDraw(twin(), merged)
        with outside():
            lecture = _lecture_of(claim)
            sides = lecture.claims[claim.id].function(draw, **case)
            held = _evaluated(sides.truth)
            truth = form(held)
        proof = Proof({}, {}, "", "" if which else _shown(held), truth=held)
        forms = {"truth": truth}
        run = _Run(proof, forms)
        for name, side in _named(sides):
            proof.equal[name], proof.why[name], forms[name], letters = _compared(side, truth)
            run.suspects += letters if name == "printed" else []
            if proof.equal[name]:
                proof.sides[name] = evaluate(side)
        proof.covers, proof.readings = _covers(draw, code, lecture), tuple(sides.readings)
        # near misses come last: what they assume is nothing that the proof does; and once, for it
        # is numbers that refute them
        for name, side in () if which else sides.wrong.items():
            proof.equal[name], proof.why[name], *_ = _compared(side, truth)
    return run


@contextmanager
def outside():
    """What went well on numbers, and fails here, is what symbolic shapes cannot do."""
    try:
        yield
    except Outside:
        raise
    except Exception as error:
        raise Outside(f"{type(error).__name__} on symbolic shapes: {error}") from error


def _named(sides):
    forms = {name: getattr(sides, name) for name in ("printed", "corrected", "elsewhere")}
    return [(name, side) for part in (forms, sides.readings)
            for name, side in part.items() if side is not None]


def _evaluated(side):
    value = evaluate(side)
    if isinstance(value, NotConforming):
        raise ValueError(f"truth must conform, got {value.why}")
    return value


def _compared(side, truth):
    """(whether it is the truth, why not, its form, letters on which that may hang)."""
    try:
        value = side() if isinstance(side, FunctionType) else side
        have = form(value)
    except Exception as error:
        # whatever it is: this side has no form, and no other is the worse for it
        letters = getattr(error, "letters", [])
        return None, f"{type(error).__name__}: {error}", None, letters
    if have == truth:
        return True, "", have, []
    return False, "another normal form", have, _powers(have) ^ _powers(truth)


def _powers(x):
    """The letters of which there are powers in a form: the numbers in it, not the sums."""
    found = set()
    if isinstance(x, tuple) and len(x) == 3 and x[0] == "array":
        for (powers, _, _), _ in x[2]:
            found |= {letter for letter, _ in powers}
    elif isinstance(x, tuple):
        found = set().union(*map(_powers, x))
    return found


def form(x: Any) -> Any:
    """What is compared of a side: its shape in letters, and the normal form of its entries."""
    if isinstance(x, SymbolicArray):
        axes = tuple(tuple(v.size for v in axis) for axis in x.axes)
        named = {v: f"x{k}" for k, v in enumerate(x.digits)}
        return "array", axes, tuple(sorted(normal(x.entries, named).items()))
    if isinstance(x, SymbolicList):
        return form(as_array(x))
    if isinstance(x, (tuple, list)):
        return "parts", *map(form, x)
    e = number(x)
    if e is not None:
        return "array", (), tuple(sorted(normal(e).items()))
    raise Outside(f"a side made of {type(x).__name__}")


def _shown(side):
    """The truth in one line; of several parts the first."""
    x = evaluate(side)
    while isinstance(x, (tuple, list)) and x:
        x = x[0]
    x = as_array(x) if isinstance(x, SymbolicList) else x
    if isinstance(x, SymbolicArray):
        letters = iter("pqrstuvxyzabcde")
        names = {v: next(letters) for v in x.digits}
        return _cut(f"[{','.join(names.values())}]: {text(x.entries, names)}")
    return _cut(text(number(x)) if number(x) is not None else str(x))


def _cut(line):
    """A line, or as much of it as a reader wants to see."""
    return line if len(line) <= LONG else line[:LONG].rpartition(" ")[0] + " ..."


def _covers(draw, code, lecture):
    letters = [one for one in draw.letters if one not in draw.merged]
    sizes = f"all sizes {', '.join(letters)} ≥ 1"
    assumed = [f"where {' and '.join(code.assumptions)}"] if code.assumptions else []
    smooth = [_smooth(draw.smooth, lecture.with_kinks)] if draw.smooth else []
    return "; ".join([sizes, "all values", *smooth, *draw.covers, *assumed,
                      "the shipped text, run on symbolic shapes"])


def _smooth(names, ids):
    """Which functions may be any, and which claims have those that are not differentiable."""
    rows = f": {', '.join(ids)}" if ids else ""
    return (f"every differentiable {', '.join(names)} (a maximum or ReLU, which have kinks, at "
            f"fixed sizes only{rows})")


def _where(claim, case, run):
    """Equalities of sizes under which the printed form is the truth: of those that it hangs on."""
    found = []
    for letters in run.suspects:
        pair = (letters, 1) if isinstance(letters, str) else letters
        try:
            merged = _run(claim, case, 0, {pair[0]: pair[1]})
        except Outside:
            # with these sizes equal the claim says nothing
            continue
        if merged.proof.equal.get("printed"):
            found.append(f"{pair[0]} = {pair[1]}")
    return sorted(found)


def _lecture_of(claim):
    """The lecture that has the same claim, where its file is read again."""
    if not claim.place:
        raise Outside("a claim that was not stated in a file")
    twin().file(claim.place[0])
    for module in twin().modules.values():
        for value in vars(module).values():
            if (isinstance(value, Lecture) and value.slug == claim.lecture
                    and claim.id in value.claims):
                return value
    raise Outside(f"claim {claim.id}, which is not found when {claim.place[1]} is read again: its "
                  "lecture has to have a name in a file")
