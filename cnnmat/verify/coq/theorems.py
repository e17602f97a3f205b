"""What a claim for all sizes says, as theorems, and the files that they are written into."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cnnmat.verify.claims import Claim
from cnnmat.verify.coq.scripts import proof
from cnnmat.verify.coq.sides import equalities
from cnnmat.verify.coq.statements import Statement
from cnnmat.verify.entries import AllSizes, Draw
from cnnmat.verify.orders import Order
from cnnmat.verify.sums.proof import prove

__all__ = ["Theorem", "file_of", "theorems"]

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
            yield Theorem(name, _comment(f"{claim.id}, {side}: {claim.title}"), Statement(one))


def file_of(title: str, texts: Iterable[str]) -> str:
    """The text of the file of a lecture, from those of its theorems."""
    return "\n".join([HEADER.format(title=_comment(title)), *texts])


def _comment(words):
    """Words that end no comment of Coq, and begin no string in it."""
    return re.sub(r"[\"*]", "", words)
