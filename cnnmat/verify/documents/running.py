"""One equation of a lecture as a claim: both sides of it, on the values that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnmat.verify.claims import NotRun, Sides
from cnnmat.verify.comparing import Refuted, agree
from cnnmat.verify.documents.drawing import SIGNS, Drawn
from cnnmat.verify.documents.sources import DocumentError, Sources
from cnnmat.verify.tex import TexError, plain
from cnnmat.verify.tex.evaluating import evaluate
from cnnmat.verify.tex.quantities import Bindings, Check
from cnnmat.verify.tex.running import Fails, pairs
from cnnmat.verify.tex.sides import shown, told
from cnnmat.verify.tex.tree import Node
from cnnmat.verify.tex.world import World

__all__ = ["Line"]


@dataclass
class Line:
    """An equation that can be run.

    Attributes
    ----------
    sources : Sources
    position : int
        Where it begins.
    tree : Node
        Its columns are positions.
    check : Check
    bindings : Bindings
    precise : bool
        Whether it needs numbers of fifty digits.
    corrected : Node or None
        Of a misprint.
    readings : dict from str
        Trees and bindings, if it can be read in several ways.
    covers : str
        What the outcome rests on.
    is_named : bool
        Whether the lecture asks for it: it is an error then if it cannot be run.
    """

    sources: Sources
    position: int
    tree: Node
    check: Check
    bindings: Bindings
    precise: bool = False
    corrected: Node | None = None
    readings: dict[str, tuple[Node, Bindings]] = field(default_factory=dict)
    covers: str = ""
    is_named: bool = False

    def function(self) -> Callable[..., Sides]:
        """The function of the claim."""
        def line(e: Any, **case: Any) -> Sides:
            try:
                return self.sides(e, case)
            except TexError as error:
                raise self.located(error) from error

        return line

    def located(self, error):
        """An error with the place at which it is."""
        place = error.column if self.sources.place(error.column) else self.position
        return self.sources.error(place, error.why, DocumentError if self.is_named else NotRun)

    def sides(self, e, case):
        """What is left and what is right of the equation, for all values of its letters."""
        if self.precise:
            e.method("random numbers, to fifty digits",
                     "; ".join(filter(None, ["the values tried, at these sizes", self.covers])))
        drawn = [Drawn(self.bindings, e, case, self.precise, sign)
                 for sign in (SIGNS if self.precise else SIGNS[:1])]
        if self.readings:
            return Sides(truth=1, readings={
                name: self.holds(drawn, *reading) for name, reading in self.readings.items()})
        right = self.tree if self.corrected is None else self.corrected
        met, truth = self.met(drawn, right, self.bindings), ()
        if not isinstance(met, Refuted):
            truth = tuple(a for *_, a, _ in met)
        sides = Sides(truth=truth, called=("right side", "left side"), place=self.place(met))
        if self.corrected is None:
            sides.printed = met if isinstance(met, Refuted) else tuple(b for *_, b in met)
            return sides
        sides.corrected = met if isinstance(met, Refuted) else tuple(b for *_, b in met)
        sides.printed = self.beside(truth, self.met(drawn, self.tree, self.bindings))
        return sides

    def met(self, drawn, tree, bindings):
        """The pairs that a line puts side by side; `Refuted` where it fails before."""
        try:
            met = [pair for one in drawn for pair in pairs(
                World(bindings, one, evaluate), tree, self.check)]
        except Fails as error:
            return self.refuted(error)
        for letters, first, member, a, b in met:
            if np.shape(a) != np.shape(b):
                return Refuted(f"{told(letters)}{plain(first)} is {_size(a)}, {plain(member)} is "
                               f"{_size(b)}")
        return met

    def refuted(self, error):
        place = self.sources.place(error.column or 0)
        if place is None:
            return Refuted(error.why)
        return Refuted(f"{place}: {error.why}", excerpt=place.excerpt())

    def holds(self, drawn, tree, bindings):
        """1 if a reading holds here; else what speaks against it."""
        met = self.met(drawn, tree, bindings)
        return met if isinstance(met, Refuted) else _apart(met) or 1

    def beside(self, truth, met):
        """The right sides of a line of which the left ones should be `truth`."""
        if isinstance(met, Refuted):
            return met
        if agree(tuple(a for *_, a, _ in met), truth):
            return tuple(b for *_, b in met)
        # it speaks of other places: what counts is whether it holds there
        return _apart(met) or (*truth,)

    def place(self, met):
        """What to call an entry of the sides."""
        def called(cell):
            letters, first, *_ = met[cell[0]]
            inside = [k + 1 for k in cell[1:]]
            if len(inside) == 2 and inside[1] == 1:
                inside = inside[:1]
            entry = f"entry {', '.join(map(str, inside))} of {plain(first)}: " if inside else ""
            return f"{told(letters)}{entry}"

        return None if isinstance(met, Refuted) else called


def _size(side):
    """The size of a side in words."""
    return "×".join(map(str, np.shape(side))) or "a number"


def _apart(met):
    """What speaks against the first pair that differs; None if all agree."""
    for letters, first, member, a, b in met:
        if not agree(b, a):
            return Refuted(f"{told(letters)}{plain(first)} is {shown(a)}, {plain(member)} is "
                           f"{shown(b)}")
    return None
