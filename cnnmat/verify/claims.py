"""What a claim is, how one is run, its negative control, its verdict.

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

import re
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cnnmat.drawing import Blocks
from cnnmat.textbook.activations import Activation
from cnnmat.verify import exact
from cnnmat.verify.comparing import RTOL, agree, evaluate, first_difference, is_float

__all__ = ["KINDS", "VERDICTS", "Blocks", "Claim", "Draw", "Lecture", "Result", "Sides", "run"]

KINDS = ("definition", "identity", "gradient", "dimension", "example", "algorithm")
VERDICTS = ("holds", "misprint", "ambiguous", "scan")


@dataclass
class Sides:
    """What a claim puts side by side.

    Each side is a number, an array, a nested list, or a tuple of them; a function without
    arguments that returns one may also fail to conform, which counts as disagreeing.

    Parameters
    ----------
    truth
        What the plain loops, or a count by hand, make of the entries.
    printed
        The line as the text prints it.
    wrong : dict from str
        Near misses, by what is wrong with each; every one must be rejected.
    corrected, readings, elsewhere
        The corrected form; a dictionary of possible readings of an ambiguous line; and what
        another place of the same text has, where only the scanner slipped.
    show : dict from str
        Matrices for a reader to look at; `Blocks` draws lines into one.
    """

    truth: object
    printed: object = None
    wrong: dict = field(default_factory=dict)
    corrected: object = None
    readings: dict = field(default_factory=dict)
    elsewhere: object = None
    show: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """One line of a lecture; see `Lecture.claim` for the fields."""

    lecture: str
    id: str
    kind: str
    title: str
    formula: str
    function: Callable
    cases: tuple = ({},)
    expect: str = "holds"
    corrected_formula: str = ""
    reason: str = ""
    covers: str = ""
    rational: bool = False
    no_control: str = ""
    real: bool = False


class Lecture:
    """A text, and the claims about its lines.

    Parameters
    ----------
    slug : str
        A short name without spaces, as in the links of a report.
    title : str

    Examples
    --------
    A lecture may say that (a + b)² = a² + b²; the run finds that it does not:

    >>> lecture = Lecture("algebra", "First steps")
    >>> @lecture.claim("1.1", "identity", "Square of a sum", "(a+b)^2 = a^2 + b^2",
    ...                expect="misprint", corrected_formula="(a+b)^2 = a^2 + 2ab + b^2")
    ... def square(e):
    ...     a, b = e.symbols("a"), e.symbols("b")
    ...     return Sides(truth=(a + b) * (a + b), printed=a**2 + b**2,
    ...                  corrected=a**2 + 2 * a * b + b**2,
    ...                  wrong={"sign": a**2 - 2 * a * b + b**2})
    >>> result = run(lecture.claims["1.1"])
    >>> result.verdict, result.as_expected
    ('misprint', True)
    >>> result.counterexample["text"]
    'a = 1, b = 1: printed 2, truth 4'
    """

    def __init__(self, slug, title):
        if not re.fullmatch(r"[a-z0-9_-]+", slug):
            raise ValueError(f"slug must be of a-z, 0-9, - and _, got {slug!r}")
        self.slug, self.title, self.claims, self.remarks = slug, title, {}, []

    def remark(self, place, text):
        """Note something about the text that nothing can be run for, such as a name."""
        self.remarks.append({"place": place, "text": text})

    def claim(self, id, kind, title, formula, *, cases=({},), expect="holds", **fields):
        """Register the decorated function as a claim.

        Parameters
        ----------
        id : str
            The text's own number, with a suffix for a second claim on it: "47.1257/size".
        kind : str
            One of definition, identity, gradient, dimension, example, algorithm.
        title : str
            What the line says, in your words.
        formula : str
            The line as printed, in LaTeX.
        cases : sequence of dict, optional
            Keyword arguments (shapes) for the function, the smallest first.
        expect : str, optional
            The verdict that the run should come to.
        corrected_formula : str, optional
        reason : str, optional
            Why it is a misprint, a slip of the scanner, or can be read in two ways.
        covers : str, optional
            What the proof covers beyond what the entries drawn tell.
        rational : bool, optional
            Symbols may be divided by each other.
        no_control : str, optional
            Why a definition has nothing in it that could be wrong.
        real : bool, optional
            The claim is run at the sizes of real layers: only on ``--real-sizes``.
        """
        if id in self.claims:
            raise ValueError(f"id must be new in the lecture, got {id!r} a second time")
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
        if expect not in VERDICTS:
            raise ValueError(f"expect must be one of {', '.join(VERDICTS)}, got {expect!r}")

        def register(function):
            self.claims[id] = Claim(self.slug, id, kind, title, formula, function,
                                    tuple(cases), expect, **fields)
            return function

        return register


class Draw:
    """The entries of one case of a claim, and a record of what they were."""

    def __init__(self, claim, capacity):
        self.ring = exact.Symbols(capacity, claim.rational)
        self._random = np.random.default_rng(list(f"{claim.lecture} {claim.id}".encode()))
        self.methods = []
        self.stated = []

    def method(self, method, covers):
        """State how this case decides, where that is not by the kind of the entries."""
        self.stated.append((method, covers))

    def _note(self, method):
        if method not in self.methods:
            self.methods.append(method)

    def symbols(self, name, *shape):
        """An array of new symbols name[i, j]; one symbol without a shape."""
        self._note("symbols")
        return self.ring.array(name, shape)

    def function(self, name):
        """A function of which only values and derivatives are known."""
        self._note("functions")
        return exact.Opaque(self.ring, name)

    def activation(self, name="f"):
        """An activation about which nothing is known but f and f' at each z."""
        f = self.function(name)
        return Activation(name, f, f.derivative)

    def root(self, p=2):
        """The p-th root, its derivative 1/(p t^(p-1)) known; needs ``rational=True``."""
        return exact.Opaque(self.ring, f"root{p}", lambda q, t: 1 / (p * t ** (p - 1)))

    def gradient(self, function, array):
        """The derivatives of a plain loop by the entries of `array`, by dual numbers."""
        return exact.gradient(function, array)

    def integers(self, *shape, low=-9, high=9):
        """Random whole numbers from `low` to `high`, exact (int64)."""
        self._note("integers")
        return self._random.integers(low, high, size=shape, endpoint=True)

    def floats(self, *shape):
        """Random normal numbers in float64."""
        self._note("floats")
        return self._random.normal(size=shape)


@dataclass
class Result:
    """What running a claim found out."""

    claim: Claim
    verdict: str
    evidence: list
    controls: dict
    readings: dict = field(default_factory=dict)
    counterexample: dict | None = None
    show: dict = field(default_factory=dict)
    message: str = ""
    seconds: float = 0.0

    @property
    def as_expected(self):
        """Whether the verdict is the one that the claim's file expects."""
        return self.verdict == self.claim.expect

    def to_json(self):
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


def run(claim, *, swap=False):
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
    result, forms = Result(claim, "error", [], {}), {}
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
