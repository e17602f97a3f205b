"""Identifiers of Coq for what index sums are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from cnnmat.verify.sums.codings import Outside

__all__ = ["Names", "Unwritten", "local"]

#: Words of Coq and of its tactics, the ring, and what the proofs call by name.
RESERVED = frozenset(re.findall(r"\w+", """
    R as at by cofix else end exists exists2 fix for forall fun if in is let match mod of return
    then using where with Prop Set Type SProp nat int bool seq true false cancel injective esym
    etrans eq_sym eqxx eq_bigr eqVneq inj_eq can_inj congr1 ffunE ffunP mul1r mulr1 mulrA mulNr
    mul0r mulr0 trueE falseE oneE negE sum_only sum_equal sum_along scaled_sum exchange move_left
    move_right comb comb_one comb_more combs_alike nth addends rest_ G_ body e ne Posz Negz
    """))


class Unwritten(Outside):
    """What holds for all sizes, and has no theorem for it here."""

    REMEDY = ""


class Names:
    """Names that are handed out once."""

    def __init__(self, taken: Iterable[str] = RESERVED) -> None:
        self.taken = set(taken)

    def new(self, wanted: str) -> str:
        """`wanted` as an identifier, with a number if it is taken."""
        name = local(wanted, self.taken.__contains__)
        self.taken.add(name)
        return name


def local(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted` as an identifier that is not taken."""
    stem = re.sub(r"[^\w']", "_", wanted)
    if not re.match(r"[^\W\d]", stem):
        stem = f"x{stem}"
    name, count = stem, 1
    while taken(name):
        count += 1
        name = f"{stem}_{count}"
    return name
