"""Mistakes in dropout."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer

__all__ = []

BOTH = ("y", "dx")


@dataclass(frozen=True)
class Dropout:
    """x and dy, the mask, the probability of being dropped, and what is divided by."""

    x: np.ndarray
    dy: np.ndarray
    mask: np.ndarray
    p: float
    divisor: float
    form: str


def bank(contract):
    """The bank of mistakes in dropout."""
    def layer(case):
        a, p = {k: v.astype(float) for k, v in case.arrays.items()}, case.settings["p"]
        return Dropout(a["x"], a["dy"], a["mask"], p, 1 - p if contract.inverted else 1.0,
                       case.form)

    return Bank(layer, compute, (*(INVERTED if contract.inverted else PLAIN), *EITHER))


def compute(d, output):
    """y or dx."""
    return (d.x if output == "y" else d.dy) * d.mask / d.divisor


def _edit(slug, sentence, outputs=BOTH, *, not_finite=False, **how):
    return Mistake(slug, sentence, outputs, not_finite=not_finite, edit=lambda d, _: replace(
        d, **{k: f(d) for k, f in how.items()}))


INVERTED = (
    _edit("not-scaled", "what is kept is not divided by 1 - p: its mean is too small",
          divisor=lambda d: 1.0),
    _edit("divided-by-p", "it is divided by p, the probability of being dropped, where 1 - p "
          "belongs", divisor=lambda d: d.p),
    _edit("divided-by-p", "it is divided by p, the probability of being dropped, where 1 - p "
          "belongs", not_finite=True, divisor=lambda d: np.float64(d.p)),
    _edit("multiplied-by-keep", "it is multiplied by 1 - p where it is to be divided by it",
          divisor=lambda d: 1 / (1 - d.p)),
    _edit("multiplied-by-p", "it is multiplied by p where it is to be divided by 1 - p",
          divisor=lambda d: np.divide(1.0, d.p)),
    _edit("divided-twice", "it is divided by 1 - p twice", divisor=lambda d: (1 - d.p) ** 2),
    Mistake("divided-by-share-kept", "it is divided by the share of the mask that is 1, and not by "
            "1 - p", BOTH, edit=lambda d, _: replace(d, divisor=d.mask.mean()), not_finite=True),
)
PLAIN = (
    _edit("scaled", "what is kept is divided by 1 - p, which it is not to be",
          divisor=lambda d: 1 - d.p),
    _edit("multiplied-by-keep", "it is multiplied by 1 - p, which belongs to the use without a "
          "mask", divisor=lambda d: 1 / (1 - d.p)),
)
EITHER = (
    _edit("mask-turned-round", "what the mask keeps is dropped, and the other way round",
          mask=lambda d: 1 - d.mask),
    _edit("mask-ignored", "the mask is not applied", mask=lambda d: np.ones_like(d.mask)),
    _edit("only-scaled", "the gradient goes through as it is: neither mask nor scale are applied",
          ("dx",), mask=lambda d: np.ones_like(d.mask), divisor=lambda d: 1.0),
    _edit("mask-of-first-row", "the mask of sample 0 is used for every sample",
          mask=lambda d: np.broadcast_to(d.mask[:1], d.mask.shape)),
    _edit("upstream-ignored", "dy is taken as all ones", ("dx",),
          dy=lambda d: np.ones_like(d.dy)),
    *common(BOTH, lambda d: len(d.x)),
    cut_to_integer(("y",), lambda d: d.form == "integer"),
)
