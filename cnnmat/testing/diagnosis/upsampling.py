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


def _taken(places):
    """The entry at places(i, length, scale), the nearest one where there is none."""
    def matrix(length, scale):
        at = places(np.arange(length * scale), length, scale)
        return np.eye(length)[np.clip(at, 0, length - 1).astype(int)]
    return matrix


def _between(positions, weights=lambda near, far: (near, far), clipped=True):
    """Linear between the entries, at positions(length, scale)."""
    def matrix(length, scale):
        at = positions(length, scale)
        at = np.clip(at, 0, length - 1) if clipped else at
        first = np.clip(np.floor(at).astype(int), 0, length - (1 if clipped else min(length, 2)))
        second = np.minimum(first + 1, length - 1)
        near, far = weights(1 - at + first, at - first)
        eye = np.eye(length)
        return near[:, None] * eye[first] + far[:, None] * eye[second]
    return matrix


def _centres(length, scale):
    return (np.arange(length * scale) + 0.5) / scale - 0.5


METHODS = {
    "nearest": _nearest, "tiled": _tiled, "first": _first_only,
    "bilinear": _between(_centres),
    "corners": _between(lambda n, s: np.arange(n * s) * (n - 1) / max(n * s - 1, 1)),
    "no centres": _between(lambda n, s: np.arange(n * s) / s),
    "half a pixel": _between(lambda n, s: (np.arange(n * s) + 0.5) / s),
    "other side": _between(lambda n, s: np.arange(n * s) / s - 0.5),
    "beyond": _between(_centres, clipped=False),
    "exchanged": _between(_centres, lambda near, far: (far, near)),
    "halves": _between(_centres, lambda near, far: (0 * near + 0.5, 0 * far + 0.5)),
    "rounded up": _taken(lambda i, n, s: -(-i // s)),
    "to nearest": _taken(lambda i, n, s: np.rint(i / s)),
    "half up": _taken(lambda i, n, s: (2 * i + s) // (2 * s)),
    "one before": _taken(lambda i, n, s: (i - 1) // s),
    "one after": _taken(lambda i, n, s: i // s + 1),
    "spread": _taken(lambda i, n, s: np.rint(i * (n - 1) / max(n * s - 1, 1))),
    "spread down": _taken(lambda i, n, s: np.floor(i * (n - 1) / max(n * s - 1, 1))),
    "reversed": _taken(lambda i, n, s: n - 1 - i // s),
}
#: Methods for one that is asked for, and what they do.
PLACES = {
    "half a pixel": "place i is taken to lie at (i + ½) / scale: ½ is not taken off",
    "other side": "place i is taken to lie at i / scale - ½: ½ is not added to i first",
    "beyond": "places beyond the middle of the first and the last pixel are extrapolated: they "
              "are to be held at the border",
    "exchanged": "the weights of the two neighbours are exchanged: the nearer one has the smaller "
                 "weight",
    "halves": "the mean of the two neighbours is taken, wherever between them the place lies",
    "rounded up": "i / scale is rounded up to the index of the pixel: it is to be rounded down",
    "to nearest": "i / scale is rounded to the nearest index: it is to be rounded down",
    "half up": "i / scale is rounded to the nearest index, halves up: it is to be rounded down",
    "one before": "the copies are one place late: (i - 1) // scale is taken",
    "one after": "the pixel after is taken: i // scale + 1",
    "spread": "the pixels are spread so that the corners meet, i (n - 1) / (n scale - 1) rounded",
    "spread down": "the pixels are spread so that the corners meet, i (n - 1) / (n scale - 1) "
                   "rounded down",
    "reversed": "the pixels are taken from the end to the front",
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


def _corners_exchanged(a, u, _):
    """The weights of the upper right and the lower left neighbour exchanged."""
    if u.method != "bilinear":
        raise ValueError("no corners")
    near, far, below = [], [], []
    for n, s in zip(u.x.shape[2:], u.scale, strict=True):
        at = np.clip(_centres(n, s), 0, n - 1)
        first = np.floor(at).astype(int)
        near.append(first)
        far.append(np.minimum(first + 1, n - 1))
        below.append(at - first)
    down, across = below[0][:, None], below[1]

    def pixel(rows, columns):
        return u.x[:, :, rows[:, None], columns]

    return ((1 - down) * (1 - across) * pixel(near[0], near[1])
            + down * (1 - across) * pixel(near[0], far[1])
            + (1 - down) * across * pixel(far[0], near[1]) + down * across * pixel(far[0], far[1]))


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
    _method("centres-forgotten", "place i is taken to lie at i / scale: that is neither (i + ½) / "
            "scale - ½ nor, with aligned corners, i (n - 1) / (n scale - 1)", "no centres"),
    _method("tiled-not-repeated", "the image is tiled where each of its entries should be "
            "repeated", "tiled"),
    _method("zeros-between", {
        "y": "zeros are put between the entries",
        "dx": "the gradient of the first copy is taken: those of all copies are to be added"},
        "first"),
    *(_method("-".join(name.split()) + "-for-it", said, name) for name, said in PLACES.items()),
    Mistake("corners-exchanged", "the weights of the upper right and the lower left neighbour are "
            "exchanged", ("y",), result=_corners_exchanged),
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
