"""What Coq's kernel has accepted: a record of theorems by what they say."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from cnnmat.verify.coq.sides import equalities
from cnnmat.verify.coq.statements import Statement
from cnnmat.verify.sums.proof import Proof
from cnnmat.verify.sums.sizes import Outside

__all__ = ["RECORD", "checked", "recorded"]

#: Written by ``cnnmat export --check --record`` alone, and held by the project's own checks.
RECORD = "kernel.json"


@cache
def recorded() -> dict[str, Any]:
    """The record that ships: the version of coqc, the day, and the theorems by their keys."""
    file = resources.files("cnnmat.verify.coq").joinpath(RECORD)
    return json.loads(file.read_text(encoding="utf-8"))


def checked(found: Proof) -> bool:
    """Whether a kernel has accepted all that a proof says, as it says it now."""
    try:
        keys = {Statement(one).key for _, one in equalities(found)}
    except Outside:
        return False
    return bool(keys) and keys <= recorded()["theorems"].keys()
