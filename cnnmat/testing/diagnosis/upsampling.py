"""Mistakes in upsampling."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer, transposed

__all__ = []

BOTH = ("y", "dx")


@dataclass(frozen=True)
class Upsampling:
    """Inputs, and how each axis of the output is made: y = R x Cᵀ with R and C by `method`."""

    x: np.ndarray
    dy: np.ndarray
    scale: tuple
    method: str
    form: str

    def matrices(self):
        """R and C."""
        return [METHODS[self.method](n, s) for n, s in zip(
            self.x.shape[2:], self.scale, strict=True)]


def _nearest(length, scale):
    return np.eye(length)[np.arange(length * scale) // scale]


def _tiled(length, scale):
    return np.eye(length)[np.arange(length * scale) % length]


def _first_only(length, scale):
    """Zeros between the entries."""
    return np.eye(length * scale)[:, ::scale]


def _between(positions):
    """Linear between the entries, at positions(length, scale)."""
    def matrix(length, scale):
        at = np.clip(positions(length, scale), 0, length - 1)
        first = np.floor(at).astype(int)
        second = np.minimum(first + 1, length - 1)
        eye = np.eye(length)
        return (1 - at + first)[:, None] * eye[first] + (at - first)[:, None] * eye[second]
    return matrix


METHODS = {
    "nearest": _nearest, "tiled": _tiled, "first": _first_only,
    "bilinear": _between(lambda n, s: (np.arange(n * s) + 0.5) / s - 0.5),
    "corners": _between(lambda n, s: np.arange(n * s) * (n - 1) / max(n * s - 1, 1)),
    "no centres": _between(lambda n, s: np.arange(n * s) / s),
}


def bank(contract):
    """The bank of mistakes in upsampling."""
    method = "corners" if contract.align_corners and contract.method == "bilinear" else (
        contract.method)

    def layer(case):
        a = {k: v.astype(float) for k, v in case.arrays.items()}
        return Upsampling(a["x"], a["dy"], tuple(case.settings["scale"]), method, case.form)

    return Bank(layer, compute, tuple(m for m in MISTAKES if m.slug != SAME[method]))


def compute(u, output):
    """y or dx."""
    rows, columns = u.matrices()
    return rows @ u.x @ columns.T if output == "y" else rows.T @ u.dy @ columns


def _method(slug, sentence, method):
    return Mistake(slug, sentence, BOTH, edit=lambda u, _: replace(u, method=method))


def _picked(part):
    """part(dy in tiles, axes of a tile)."""
    def result(a, u, _):
        n, c, h, w = u.x.shape
        tiles = u.dy.reshape(n, c, h, u.scale[0], w, u.scale[1])
        return part(tiles)
    return result


#: The slug of each method where it stands for another.
SAME = {"nearest": "nearest-for-it", "bilinear": "bilinear-for-it", "corners": "corners-aligned"}
MISTAKES = (
    _method("nearest-for-it", "every entry is repeated, as nearest does", "nearest"),
    _method("bilinear-for-it", "the pixels are taken for squares whose centres lie at ½, as "
            "without aligned corners", "bilinear"),
    _method("corners-aligned", "the corners of both images are laid on each other "
            "(align_corners)", "corners"),
    _method("centres-forgotten", "place i is taken to lie at i / scale: it lies at (i + ½) / scale "
            "- ½", "no centres"),
    _method("tiled-not-repeated", "the image is tiled where each of its entries should be "
            "repeated", "tiled"),
    _method("zeros-between", {
        "y": "zeros are put between the entries",
        "dx": "the gradient of the first copy is taken: those of all copies are to be added"},
        "first"),
    Mistake("rows-only", "only the rows are made more", ("y",), edit=lambda u, _: replace(
        u, scale=(u.scale[0], 1))),
    Mistake("columns-only", "only the columns are made more", ("y",), edit=lambda u, _: replace(
        u, scale=(1, u.scale[1]))),
    Mistake("scale-axes-exchanged", "the scales of rows and columns are exchanged", ("y",),
            edit=lambda u, _: replace(u, scale=u.scale[::-1])),
    Mistake("averaged-back", "the gradients of the copies are averaged: they are to be added", (
        "dx",), result=lambda a, u, _: a / np.prod(u.scale)),
    Mistake("last-copy-only", "the gradient of the last copy is taken: those of all copies are "
            "to be added", ("dx",), result=_picked(lambda t: t[:, :, :, -1, :, -1])),
    Mistake("largest-copy-only", "the largest gradient of the copies is taken: those of all are to "
            "be added", ("dx",), result=_picked(lambda t: t.max((3, 5)))),
    Mistake("upstream-ignored", "dy is taken as all ones", ("dx",),
            edit=lambda u, _: replace(u, dy=np.ones_like(u.dy))),
    *common(BOTH, lambda u: len(u.x)),
    transposed("output-transposed", "rows and columns of the output are exchanged", BOTH, -1, -2),
    cut_to_integer(BOTH, lambda u: u.form == "integer"),
)
