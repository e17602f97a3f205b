"""A claim for all sizes: run on symbolic shapes, and on numbers at small sizes beside that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cnnmat.verify.claims import Claim, Lecture, Sides
from cnnmat.verify.comparing import NotConforming, evaluate
from cnnmat.verify.sums.arrays import SymbolicArray
from cnnmat.verify.sums.draws import SymbolicDraw
from cnnmat.verify.sums.indices import Index
from cnnmat.verify.sums.lists import SymbolicList, instantiated
from cnnmat.verify.sums.normal import normal
from cnnmat.verify.sums.polynomials import frozen
from cnnmat.verify.sums.printing import text
from cnnmat.verify.sums.sizes import Coding, Outside, Size, coding, expanded
from cnnmat.verify.sums.terms import IndexSum, number
from cnnmat.verify.sums.twin import Twin

__all__ = ["Proof", "prove"]

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
    """

    equal: dict[str, bool | None]
    why: dict[str, str]
    covers: str
    form: str
    where: list[str] = field(default_factory=list)


def prove(claim: Claim, case: dict[str, Any]) -> Proof:
    """Run a claim on symbolic shapes, with two codings of the sizes, which have to agree."""
    first, second = (_run(claim, case, which) for which in (0, 1))
    if (first.forms, first.proof.covers) != (second.forms, second.proof.covers):
        raise Outside("something that comes out differently when the sizes are other numbers")
    proof = first.proof
    if proof.equal.get("printed") is not True and "printed" in proof.equal:
        proof.where = _where(claim, case, first.letters)
    return proof


@dataclass
class _Run:
    proof: Proof
    forms: Any
    letters: list[str]


def _run(claim, case, which, merged=None):
    with coding(Coding(which)) as code:
        draw = SymbolicDraw(twin(), merged)
        sides = _twin_of(claim)(draw, **case)
        if not isinstance(sides, Sides):
            raise TypeError(f"a claim must return Sides, got {type(sides).__name__}")
        truth = form(_evaluated(sides.truth))
        proof, forms = Proof({}, {}, "", _shown(sides.truth)), {"truth": truth}
        for name, side in _named(sides):
            proof.equal[name], proof.why[name], forms[name] = _compared(side, truth)
        proof.covers = _covers(draw, code)
    return _Run(proof, forms, draw.letters)


def _named(sides):
    forms = {name: getattr(sides, name) for name in ("printed", "corrected", "elsewhere")}
    return [(name, side) for part in (forms, sides.readings, sides.wrong)
            for name, side in part.items() if side is not None]


def _evaluated(side):
    value = evaluate(side)
    if isinstance(value, NotConforming):
        raise ValueError(f"truth must conform, got {value.why}")
    return value


def _compared(side, truth):
    """(whether it is the truth, why not, its form)."""
    try:
        value = evaluate(side)
        if isinstance(value, NotConforming):
            return None, f"does not conform: {value.why}", None
        have = form(value)
    except (Outside, ValueError, TypeError) as error:
        return None, str(error), None
    return have == truth, "" if have == truth else "another normal form", have


def form(x: Any) -> Any:
    """What is compared of a side: its shape in letters, and the normal form of its entries."""
    if isinstance(x, SymbolicArray):
        axes = tuple(tuple(v.size for v in axis) for axis in x.axes)
        named = {v: f"x{k}" for k, v in enumerate(x.digits)}
        return "array", axes, tuple(sorted(normal(x.entries, named).items()))
    if isinstance(x, SymbolicList):
        return form(_as_array(x))
    if isinstance(x, (tuple, list)):
        return (type(x).__name__ if isinstance(x, tuple) else "array", *map(form, x))
    if isinstance(x, Size):
        return "size", frozen(expanded(x))
    if isinstance(x, IndexSum) or number(x) is not None:
        return "array", (), tuple(sorted(normal(number(x)).items()))
    raise Outside(f"a side made of {type(x).__name__}")


def _as_array(x):
    """A nested list of index sums as an array."""
    axes, names = [], 0
    while isinstance(x, SymbolicList):
        if x.guard is not None:
            raise Outside("a side from which entries are left out")
        new = [Index(f"z{names + k}", v.size) for k, v in enumerate(x.indices)]
        names += len(new)
        axes.append(tuple(new))
        x = instantiated(x.element, dict(zip(x.indices, new, strict=True)))
    if isinstance(x, SymbolicArray):
        x = x.with_new_digits()
        return SymbolicArray([*axes, *x.axes], x.entries)
    entries = number(x)
    if entries is None:
        raise Outside(f"a list of {type(x).__name__}")
    return SymbolicArray(axes, entries)


def _shown(side):
    """The truth in one line; of several parts the first."""
    x = evaluate(side)
    while isinstance(x, (tuple, list)) and x:
        x = x[0]
    x = _as_array(x) if isinstance(x, SymbolicList) else x
    if isinstance(x, SymbolicArray):
        letters = iter("pqrstuvxyzabcde")
        names = {v: next(letters) for v in x.digits}
        return f"[{','.join(names.values())}]: {text(x.entries, names)}"
    return text(number(x)) if number(x) is not None else str(x)


def _covers(draw, code):
    letters = [one for one in draw.letters if one not in draw.merged]
    sizes = f"all sizes {', '.join(letters)} ≥ 1"
    assumed = [f"where {' and '.join(code.assumptions)}"] if code.assumptions else []
    return "; ".join([sizes, "all values", *draw.covers, *assumed,
                      "the shipped text, run on symbolic shapes"])


def _where(claim, case, letters):
    """Equalities of sizes under which the printed form is the truth."""
    tries = [({b: a}, f"{a} = {b}") for k, a in enumerate(letters) for b in letters[k + 1:]]
    tries += [({a: 1}, f"{a} = 1") for a in letters]
    found = []
    for merged, words in tries:
        try:
            if _run(claim, case, 0, merged).proof.equal.get("printed"):
                found.append(words)
        except (Outside, ValueError, TypeError):
            # with these sizes equal the claim says nothing
            continue
    return found


def _twin_of(claim):
    """The function of the same claim, where its file is read again."""
    if not claim.place:
        raise Outside("a claim that was not stated in a file")
    module = twin().file(claim.place[0])
    for value in vars(module).values():
        if isinstance(value, Lecture) and claim.id in value.claims:
            return value.claims[claim.id].function
    raise Outside(f"claim {claim.id}, which is not found when {claim.place[1]} is read again: the "
                  "file has to hold its lecture by a name")
