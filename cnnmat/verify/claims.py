"""What a claim is: one line of a lecture beside what the plain loops make of the same entries."""

from __future__ import annotations

import dataclasses
import linecache
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from cnnmat.arguments import instance

__all__ = ["KINDS", "SOURCES", "VERDICTS", "Claim", "Lecture", "NotRun", "Refusal", "Remark",
           "Sides"]

Kind: TypeAlias = Literal["definition", "identity", "gradient", "dimension", "example",
                          "algorithm"]
Verdict: TypeAlias = Literal["holds", "misprint", "ambiguous", "scan", "defines", "not run"]
Source: TypeAlias = Literal["quote", "consequence", "own", "words"]
Function = TypeVar("Function", bound=Callable[..., Any])

KINDS = ("definition", "identity", "gradient", "dimension", "example", "algorithm")
VERDICTS = ("holds", "misprint", "ambiguous", "scan", "defines", "not run")
#: Whose the formula is: the text's to the symbol, what follows from it, ours, the text's words.
SOURCES = ("quote", "consequence", "own", "words")


class Refusal(ValueError):
    """What cannot be run; the text tells a reader of the lecture where, and needs no more."""


class NotRun(Refusal):
    """The same of a line that nobody has asked for by name: no error."""


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
    called : tuple of str
        What a counterexample calls the printed form and the truth.
    place : callable, optional
        What it calls an entry, by its indices from the outermost in.
    """

    truth: object
    printed: object = None
    wrong: dict[str, object] = field(default_factory=dict)
    corrected: object = None
    readings: dict[str, object] = field(default_factory=dict)
    elsewhere: object = None
    show: dict[str, Any] = field(default_factory=dict)
    called: tuple[str, str] = ("printed", "truth")
    place: Callable[[list[int]], str] | None = None

    def __post_init__(self) -> None:
        for part in ("wrong", "readings", "show"):
            for name in instance(part, getattr(self, part), dict):
                instance(f"a name in {part}", name, str)


@dataclass(frozen=True)
class Claim:
    """One line of a lecture; see `Lecture.claim` for the fields."""

    lecture: str
    id: str
    kind: str
    title: str
    formula: str
    function: Callable[..., Sides]
    cases: tuple[dict[str, Any], ...] = ({},)
    expect: str = "holds"
    corrected_formula: str = ""
    reason: str = ""
    covers: str = ""
    rational: bool = False
    no_control: str = ""
    real: bool = False
    source_kind: str = "quote"
    rewritten: str = ""
    assumes: dict[str, str] = field(default_factory=dict)
    cites: dict[str, str] = field(default_factory=dict)
    notation: Any = None
    generated: bool = False
    place: tuple[str, str, int] | tuple[str, str, int, int] | tuple[()] = ()

    def __post_init__(self) -> None:
        plain = {"str": str, "bool": bool, "dict[str, str]": dict}
        for one in dataclasses.fields(self):
            if one.type in plain:
                instance(one.name, getattr(self, one.name), plain[one.type])
        for name in ("assumes", "cites"):
            for text in (word for pair in getattr(self, name).items() for word in pair):
                instance(f"what {name} holds", text, str)
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if self.expect not in VERDICTS:
            raise ValueError(f"expect must be one of {', '.join(VERDICTS)}, got {self.expect!r}")
        if self.source_kind not in SOURCES:
            raise ValueError(f"source_kind must be one of {', '.join(SOURCES)}, "
                             f"got {self.source_kind!r}")

    @property
    def statement(self) -> str:
        """The formula that is run: as it is shown, or as it is `rewritten`."""
        return self.rewritten or self.formula

    @property
    def source(self) -> str:
        """Where the claim is stated: "derivations/sayed/eq1124_1134_masks.py:25"."""
        if not self.place:
            return ""
        file, shown, line, *column = self.place
        if column:
            return f"{shown}:{line}:{column[0]}"
        quoted = [n for n, text in enumerate(linecache.getlines(file), start=1)
                  if f'"{self.id}"' in text or f"'{self.id}'" in text]
        # of a row in a table the statement that goes through the table says less
        return f"{shown}:{min(quoted, key=lambda n: abs(n - line), default=line)}"


@dataclass(frozen=True)
class Remark(Claim):
    """What can be read of a text, but not run; see `Lecture.remark`."""

    function: Callable[..., Sides] = Sides
    expect: str = "read"
    source_kind: str = "read"

    def __post_init__(self) -> None:
        """Take a kind, a verdict and a source that no claim has."""


class Lecture:
    """A text, and the claims about its lines.

    Parameters
    ----------
    slug : str
        A short name without spaces, as in the links of a report.
    title : str
    source_kind : str, optional
        Whose the formulas of its claims are, if the claims do not say: those of a text by default.
    edition : str, optional
        Which state of the text the claims are about, for the errata: "2nd edition, 3rd printing".

    Examples
    --------
    A lecture may say that (a + b)² = a² + b²; the run finds that it does not:

    >>> from cnnmat.verify import Lecture, Sides, run
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

    def __init__(self, slug: str, title: str, *, source_kind: Source = "quote",
                 edition: str = "") -> None:
        if not re.fullmatch(r"[a-z0-9_-]+", instance("slug", slug, str)):
            raise ValueError(f"slug must be of a-z, 0-9, - and _, got {slug!r}")
        self.slug, self.title = slug, instance("title", title, str)
        self.source_kind, self.edition = source_kind, instance("edition", edition, str)
        self.claims: dict[str, Claim] = {}
        self.remarks: list[dict[str, str]] = []
        self.notations: list[Any] = []
        self.with_kinks: tuple[str, ...] = ()

    def read(self, notation: Any) -> None:
        """Take in what symbols are: the formulas that it names are run as they stand.

        Parameters
        ----------
        notation : cnnmat.verify.Notation
            For claims that come after it.
        """
        self.notations.append(notation)

    def remark(self, place: str, text: str) -> None:
        """Note something about the text that can be read but not run, such as a name.

        It has a row with the verdict "read".
        """
        self._new(place)
        self.remarks.append({"place": instance("place", place, str),
                             "text": instance("text", text, str)})

    def kinks(self, *ids: str) -> None:
        """Name the claims that hold a maximum or ReLU, at fixed sizes.

        Rows for all sizes speak of every differentiable function, which these are not, and point
        there.

        Parameters
        ----------
        *ids : str
            Of claims that have such a case.
        """
        self.with_kinks = tuple(instance("id", one, str) for one in ids)

    def _new(self, id: str) -> None:
        if id in self.claims or any(one["place"] == id for one in self.remarks):
            raise ValueError(f"id must be new in the lecture, got {id!r} a second time")

    def claim(self, id: str, kind: Kind, title: str, formula: str, *,
              cases: Iterable[dict[str, Any]] = ({},), expect: Verdict = "holds",
              **fields: Any) -> Callable[[Function], Function]:
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
            The line as printed, in LaTeX: to the symbol, if `source_kind` is "quote".
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
        generated : bool, optional
            Its negative controls are slips in its formula, which its notation runs.
        source_kind : str, optional
            "quote" for a line of the text, "consequence" for what follows from one (its sizes,
            one entry, a sum), "words" for what the text says in words, "own" for what is ours.
        rewritten : str, optional
            The formula in a form that can be run, where that of the text cannot.
        assumes : dict from str, optional
            What the text leaves open and the claim settles: the name of a convention, and what it
            is taken to be.  The line then holds if so, and only as long as no other claim of the
            lecture takes it to be something else.
        cites : dict from str, optional
            For each reading of an ambiguous line the place, or habit, that suggests it.
        """
        cases = tuple(cases)
        if not cases:
            raise ValueError("cases must hold at least one dictionary, got none")
        place = _place(sys._getframe(1))

        def register(function: Function) -> Function:
            notation = next((one for one in self.notations if one.checks(id)), None)
            claim = Claim(self.slug, id, kind, title, formula, function, cases, expect,
                          place=place, notation=notation,
                          **{"source_kind": self.source_kind, **fields})
            self._new(id)
            self.claims[claim.id] = claim
            return function

        return register


def _place(frame):
    """(file, how to call it, line) of the statement of a file that is being loaded."""
    while frame.f_back is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    file, package = frame.f_code.co_filename, frame.f_globals.get("__name__", "").split(".")
    if package[:2] != ["cnnmat", "derivations"]:
        return file, file, frame.f_lineno
    inside = package[1:] if file.endswith("__init__.py") else package[1:-1]
    return file, "/".join([*inside, os.path.basename(file)]), frame.f_lineno
