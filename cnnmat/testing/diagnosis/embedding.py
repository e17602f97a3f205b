"""Mistakes in looking up rows of a table."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer, kept

__all__ = []

BOTH = ("y", "dw")


@dataclass(frozen=True)
class Lookup:
    """Indices, the table, dy, and what happens where an index comes twice."""

    indices: np.ndarray
    w: np.ndarray
    dy: np.ndarray
    form: str
    repeated: str = "add"


def bank(contract):
    """The bank of mistakes in embeddings."""
    def layer(case):
        a = case.arrays
        return Lookup(a["indices"], a["w"].astype(float), a["dy"].astype(float), case.form)

    return Bank(layer, compute, MISTAKES)


def compute(lookup, output):
    """y or dw."""
    if output == "y":
        return lookup.w[lookup.indices]
    dw, flat = np.zeros_like(lookup.w), lookup.dy.reshape(-1, lookup.dy.shape[-1])
    indices = lookup.indices.ravel()
    if lookup.repeated == "add":
        np.add.at(dw, indices, flat)
    else:
        order = slice(None) if lookup.repeated == "last" else slice(None, None, -1)
        dw[indices[order]] = flat[order]
    return dw


def _edit(slug, sentence, outputs=BOTH, **how):
    return Mistake(slug, sentence, outputs, edit=lambda one, _: replace(
        one, **{k: f(one) for k, f in how.items()}))


def _counted(a, lookup, _):
    counts = np.bincount(lookup.indices.ravel(), minlength=len(lookup.w))
    return a / np.maximum(counts, 1)[:, None]


def _cut_each_time(a, lookup, _):
    if lookup.form != "integer":
        return a
    dw = np.zeros_like(lookup.w)
    for at in np.ndindex(lookup.indices.shape):
        dw[lookup.indices[at]] = np.trunc(dw[lookup.indices[at]] + lookup.dy[at])
    # a row that another mistake leaves at zero stays there
    return dw * a.any(1, keepdims=True)


MISTAKES = (
    _edit("repeated-assigned", "of an index that comes twice only the last gradient is kept: = or "
          "dw[index] += dy where np.add.at belongs", ("dw",), repeated=lambda _: "last"),
    _edit("repeated-assigned", "of an index that comes twice only the first gradient is kept",
          ("dw",), repeated=lambda _: "first"),
    Mistake("averaged-over-places", "the gradient is divided by the number of places that the "
            "index comes at: it is their sum", ("dw",), result=_counted),
    Mistake("padding-index", {
        "y": "index 0 is taken for padding: it looks up zeros",
        "dw": "index 0 is taken for padding: its row gets no gradient"}, BOTH,
            edit=lambda one, _: replace(one, w=kept(one.w, 0, slice(1, None))),
            result=lambda a, one, output: kept(a, 0, slice(1, None)) if output == "dw" else a),
    Mistake("padding-index", {
        "y": "the last row is taken for padding: it looks up zeros",
        "dw": "the last row is taken for padding: it gets no gradient"}, BOTH,
            edit=lambda one, _: replace(one, w=kept(one.w, 0, slice(0, -1))),
            result=lambda a, one, output: kept(a, 0, slice(0, -1)) if output == "dw" else a),
    _edit("indices-from-1", "indices are taken to count from 1: row index - 1 is used",
          indices=lambda one: one.indices - 1),
    _edit("row-after", "row index + 1 is used", indices=lambda one: (one.indices + 1) % len(one.w)),
    Mistake("table-transposed", "columns of the table are looked up where rows belong", ("y",),
            result=lambda a, one, _: one.w.T[one.indices]),
    Mistake("gradient-of-places", "the gradient comes back in the shape of dy, a row for each "
            "place: it is to be added up in the shape of the table", ("dw",),
            result=lambda a, one, _: one.dy),
    Mistake("weights-included", "the table is added to its gradient", ("dw",),
            result=lambda a, one, _: a + one.w),
    Mistake("weights-multiplied-in", "the gradient is multiplied by the table", ("dw",),
            result=lambda a, one, _: a * one.w),
    _edit("upstream-ignored", "dy is taken as all ones", ("dw",),
          dy=lambda one: np.ones_like(one.dy)),
    *common(BOTH, lambda one: len(one.indices)),
    Mistake("integer-output", "dw takes the integer type of the table, so that the fractions are "
            "cut off at each addition: allocate it as float", ("dw",), result=_cut_each_time),
    cut_to_integer(BOTH, lambda one: one.form == "integer"),
)
