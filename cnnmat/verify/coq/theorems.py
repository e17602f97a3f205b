"""What a claim for all sizes says, as theorems, and the files that they are written into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from cnnmat.verify.claims import Claim
from cnnmat.verify.coq.scripts import proof
from cnnmat.verify.coq.statements import Equality, Statement
from cnnmat.verify.entries import AllSizes, Draw
from cnnmat.verify.orders import Order
from cnnmat.verify.sums.arrays import SymbolicArray, as_array
from cnnmat.verify.sums.lists import SymbolicList
from cnnmat.verify.sums.proof import Proof, prove
from cnnmat.verify.sums.sizes import Outside
from cnnmat.verify.sums.terms import number, substitute

__all__ = ["Theorem", "equalities", "theorems", "write"]

HEADER = """\
(* {title}: what cnnmat claims for all sizes, written by `cnnmat export --coq`.

   In each theorem an axis is any finite type, a tensor any function into any commutative ring, a
   0/1 tensor any function into the truth values, an index map (which window reads which entry)
   any function between the types; a bijection has its inverse beside it. Functions f and poolings
   are any functions, a derivative f' another one: that f' is the derivative of f, and the chain
   rule, are cnnmat's word. 1/N is any element of the ring whose product with N is 1.

   On the left is what the plain loops come to, on the right what the formula comes to, each as a
   sum with all its deltas, before any of them is used. The kernel checks that the two are equal.
   It does not check that the operations of NumPy and SciPy, Python's loops and the derivatives are
   these sums; nor that products of sums were multiplied out rightly, which was done as they were
   formed. *)
From mathcomp Require Import all_ssreflect all_algebra.
Require Import Sums.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory.
Local Open Scope ring_scope.
"""


@dataclass
class Theorem:
    """A statement under a name.

    Attributes
    ----------
    name : str
        An identifier of Coq, of one lecture's theorems.
    says : str
        Of which claim it is, for a reader.
    statement : Statement
    """

    name: str
    says: str
    statement: Statement

    def text(self) -> str:
        """The module that proves it.

        Raises
        ------
        Outside
            If there is no proof by the lemmas at hand.
        """
        given, lemmas, says, script = proof(self.statement)
        return "\n".join(filter(None, [
            f"(* {self.says} *)", f"Module {self.name}.", "Section Statement.", given, lemmas, says,
            script, "End Statement.", f"End {self.name}.",
            f"Print Assumptions {self.name}.equal."])) + "\n"


def equalities(found: Proof) -> Iterator[tuple[str, Equality]]:
    """(name of a side, left = right) for all entries of all sides that are the truth."""
    for name, side in found.sides.items():
        for (free, left), (digits, right) in zip(_parts(found.truth), _parts(side), strict=True):
            places = dict(zip(digits, free, strict=True))
            yield name, Equality(free, left, substitute(right, places))


def _parts(x: Any) -> Iterator[Any]:
    """(digits, entries) of all that a side is made of."""
    if isinstance(x, (tuple, list)):
        for one in x:
            yield from _parts(one)
    elif isinstance(x, SymbolicList):
        yield from _parts(as_array(x))
    else:
        yield (x.digits, x.entries) if isinstance(x, SymbolicArray) else ((), number(x))


def asks_for_sizes(claim: Claim, case: dict[str, Any]) -> bool:
    """Whether a claim is for all sizes in this case."""
    try:
        claim.function(Draw(claim, Order.drawn(32)), **case)
    except AllSizes:
        return True
    except Exception:
        # it says nothing of this order, or is wrong in a way that `verify` tells
        return False
    return False


def theorems(claim: Claim) -> Iterator[Theorem]:
    """The theorems of a claim, in all the cases in which it is for all sizes.

    Raises
    ------
    Outside
        If something in it cannot be written as a theorem.
    """
    cases = [case for case in claim.cases if asks_for_sizes(claim, case)]
    for k, case in enumerate(cases):
        for j, (side, one) in enumerate(equalities(prove(claim, case))):
            numbers = [n for n, many in ((k, len(cases) > 1), (j, j)) if many]
            name = "_".join(["eq", re.sub(r"\W", "_", claim.id), *(str(n + 1) for n in numbers)])
            title = re.sub(r"[\"*]", "", f"{claim.id}, {side}: {claim.title}")
            yield Theorem(name, title, Statement(one))


def write(folder: Path, slug: str, title: str, found: Iterable[Theorem]) -> Path:
    """Write the theorems of a lecture, and the lemmas that all proofs use, into a folder."""
    lemmas = resources.files("cnnmat.verify.coq").joinpath("Sums.v").read_text(encoding="utf-8")
    folder.joinpath("Sums.v").write_text(lemmas, encoding="utf-8")
    path = folder / f"{re.sub(r'[^A-Za-z0-9_]', '_', slug)}.v"
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER.format(title=re.sub(r"[\"*]", "", title)))
        for one in found:
            file.write(f"\n{one.text()}")
    return path
