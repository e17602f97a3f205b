"""The formula of a claim, run as it is shown, on values that its lecture gives its symbols."""

from collections.abc import Callable, Iterable
from itertools import islice
from types import SimpleNamespace
from typing import Any

from cnnmat.verify.entries import AllSizes, Draw, Outside
from cnnmat.verify.orders import Atlas, Order
from cnnmat.verify.symbols import NeedMoreGenerators
from cnnmat.verify.tex import TexError, parse, plain
from cnnmat.verify.tex.bindings import read
from cnnmat.verify.tex.evaluating import evaluate
from cnnmat.verify.tex.quantities import Bindings
from cnnmat.verify.tex.repairs import repairs
from cnnmat.verify.tex.running import Outcome, run_line
from cnnmat.verify.tex.slips import slips
from cnnmat.verify.tex.tree import Node, Relation
from cnnmat.verify.tex.world import World

__all__ = ["Notation", "disagreement", "nearest", "tell_apart"]


#: So many changes of a line that fails are tried.
TRIED = 150
#: What comes of a line that a change has left without a value.
BROKEN = TexError, TypeError, ValueError, ArithmeticError, LookupError


class Notation:
    """What the symbols of a lecture, or of a part of one, are, and values for what is given.

    Parameters
    ----------
    text : str or Bindings
        Bindings, see `cnnmat.verify.tex.bindings`.
    symbols : callable
        ``symbols(entries, **case)`` makes the given values of a case.
    cases : sequence of dict, optional
        Those for which a formula is run.
    key : str, optional
        Claims whose cases have this parameter are run on their own ones instead.

    Examples
    --------
    >>> from cnnmat.verify import Lecture, Sides, run
    >>> from cnnmat.verify.tex.world import Given
    >>> lecture = Lecture("sums", "First steps")
    >>> lecture.read(Notation("a, b : number\\ncheck 1",
    ...                       lambda e: Given({"a": e.symbols("a"), "b": e.symbols("b")})))
    >>> @lecture.claim("1", "identity", "Addition commutes", "a+b=b+a")
    ... def commutes(e):
    ...     a, b = e.symbols("a"), e.symbols("b")
    ...     return Sides(truth=a + b, printed=b + a, wrong={"minus": b - a})
    >>> result = run(lecture.claims["1"])
    >>> result.verdict, result.strings
    ('holds', {'printed': {'holds': True, 'count': 1, 'where': ''}})
    """

    def __init__(self, text: str | Bindings, symbols: Callable[..., Any],
                 cases: Iterable[dict[str, Any]] = ({},), key: str | None = None) -> None:
        self.text = text
        self.bindings = text if isinstance(text, Bindings) else read(text)
        self.symbols, self.cases, self.key = symbols, tuple(cases), key
        self.capacity = 32
        self.worlds: dict[tuple[str, bool], tuple[Order, World]] = {}

    def elsewhere(self, place: int) -> "Notation":
        """The same in another order of the symbols, for lines that compare them."""
        other = Notation(self.bindings, self.symbols, self.cases, self.key)
        other.capacity += place
        return other

    def variants(self) -> Iterable[tuple[str, "Notation"]]:
        """The same with more said of its symbols, and that in words."""
        return ()

    def checks(self, id: str) -> bool:
        """Whether the formula of this claim is to be run."""
        return id in self.bindings.checks

    def run(self, claim: Any) -> dict[str, Outcome]:
        """Whether the printed formula, and the corrected one, hold in all cases.

        Raises
        ------
        cnnmat.verify.tex.TexError
            If one of them cannot be run.
        """
        formulas = {"printed": claim.statement, "corrected": claim.corrected_formula}
        return {name: self.outcome(claim, parse(formula))
                for name, formula in formulas.items() if formula}

    def outcome(self, claim: Any, tree: Node) -> Outcome:
        """Whether a line in the place of a claim's formula holds in all cases."""
        while True:
            try:
                return self._in_all_cases(claim, tree)
            except NeedMoreGenerators:
                self.capacity *= 4
                self.worlds.clear()

    def _in_all_cases(self, claim, tree):
        count = 0
        own = self.key is not None and self.key in claim.cases[0]
        for case in claim.cases if own else self.cases:
            try:
                outcome = self._in_orders(case, claim, tree)
            except AllSizes:
                # where sizes are letters it is the code that is proved
                continue
            count += outcome.count
            if not outcome.holds:
                return Outcome(False, count, outcome.where)
        return Outcome(True, count)

    def _in_orders(self, case, claim, tree):
        """Whether a line holds in a case, whichever order symbols that were compared come in."""
        key = repr(case), claim.rational
        if key not in self.worlds:
            order = Order.drawn(self.capacity)
            self.worlds[key] = order, self._world(case, claim, order)
        order, world = self.worlds[key]
        check = self.bindings.checks[claim.id]
        outcome = run_line(world, tree, check)
        if not order.seen:
            return outcome
        # claims share a world, and none is to rest on what another has compared in it
        del self.worlds[key]
        atlas = Atlas(self.capacity, order)
        for order in atlas:
            try:
                again = outcome if order is atlas.first else run_line(
                    self._world(case, claim, order), tree, check)
            except Outside:
                atlas.withdraw(order)
                continue
            except (ZeroDivisionError, ValueError):
                # where symbols are made equal a denominator may vanish
                if not order.ties:
                    raise
                atlas.withdraw(order)
                continue
            if not again.holds:
                return again
        return outcome

    def _world(self, case, claim, order):
        """The world of a case in one order, with the same numbers whichever claim comes first."""
        seed = SimpleNamespace(lecture=claim.lecture, id="symbols", rational=claim.rational)
        return World(self.bindings, self.symbols(Draw(seed, order), **case), evaluate)


def tell_apart(claim: Any, most: int = 6) -> dict[str, list[str]]:
    """Which slips in the formula that is right are told apart by its outcome, and which are not.

    At most so many are run, spread over those that the formula allows.
    """
    formula = claim.corrected_formula or claim.statement
    found = list(slips(parse(formula)))
    told: dict[str, list[str]] = {"apart": [], "missed": []}
    for name, changed in found[::max(1, -(-len(found) // most))]:
        # what cannot be run is noticed
        holds = _holds([claim.notation], claim, changed)
        told["missed" if holds else "apart"].append(f"{name}: {plain(changed)}")
    return told


def nearest(claim: Any, most: int = 2) -> list[str]:
    """One-place changes of a printed formula with which it holds, the smallest first."""
    tree = parse(claim.formula)
    found = []
    for name, one in claim.notation.variants():
        if _holds([one, *map(one.elsewhere, (1, 2))], claim, tree):
            found = [f"true with {name}"]
            break
    others = [claim.notation.elsewhere(place) for place in range(1, 4)]
    same: list[str] = []
    for name, changed in islice(repairs(tree, claim.notation.bindings), TRIED):
        if _holds([claim.notation, *others], claim, changed):
            (same if _says_nothing(changed) else found).append(
                f"true with {name}: {plain(changed)}")
        if len(found) == most:
            break
    return found or same[:1]


def _says_nothing(tree):
    """Whether both sides of a line are one formula."""
    return isinstance(tree, Relation) and len(set(map(plain, tree.members))) == 1


def _holds(notations, claim, tree):
    """Whether a line holds by all of some notations; one that cannot be run does not."""
    try:
        return all(one.outcome(claim, tree).holds for one in notations)
    except BROKEN:
        return False


def disagreement(claim, strings, forms):
    """What there is to say where a formula and the code beside it do not come to the same; "" else.

    Of a line that can be read in several ways the code has readings and no printed form.
    """
    for name, outcome in strings.items():
        code = forms.get(name, True if name == "corrected" else None)
        if code is not None and code != outcome.holds:
            told = "holds, the code beside it does not" if outcome.holds else (
                f"does not hold, the code beside it does ({outcome.where})")
            return f"the {name} formula, run as it is shown, {told}"
    return ""

