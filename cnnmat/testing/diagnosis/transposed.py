"""Mistakes in transposed correlations."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer, transposed

__all__ = []

SEEN, ALL = ("z", "dx", "dw"), ("z", "dx", "dw", "db")


@dataclass(frozen=True)
class Transposed:
    """Inputs, geometry, and the choices that people get wrong.

    `overlap` says what becomes of places that are written twice; `zeros` that the added rows
    are left at zero and not computed; `crop` where the output is cut out of all that is written.
    """

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray
    dz: np.ndarray
    stride: tuple
    padding: tuple
    extra: tuple
    form: str
    overlap: str = "add"
    zeros: bool = False
    crop: tuple | None = None

    def but(self, **changes):
        """The same with some fields changed."""
        return replace(self, **changes)

    def full(self):
        """The lengths of all that is written, before anything is cut off or added."""
        return [(n - 1) * s + k for n, s, k in zip(
            self.x.shape[2:], self.stride, self.w.shape[2:], strict=True)]

    def frame(self):
        """For each axis how much is cut off in front, and how long the output is."""
        lengths = [n - 2 * p + e for n, p, e in zip(
            self.full(), self.padding, self.extra, strict=True)]
        return list(zip(self.crop or self.padding, lengths, strict=True))

    def taps(self):
        """(place in the kernel, where it writes in the frame before the cut)."""
        for tap in product(*map(range, self.w.shape[2:])):
            yield tap, tuple(slice(t, t + s * (n - 1) + 1, s) for t, s, n in zip(
                tap, self.stride, self.x.shape[2:], strict=True))


def bank(contract):
    """The bank of mistakes in transposed correlations."""
    def layer(case):
        s, a = case.settings, {k: v.astype(float) for k, v in case.arrays.items()}
        return Transposed(a["x"], a["w"], a["b"], a["dz"], tuple(s["stride"]),
                          tuple(s["cut"]), tuple(s["output_padding"]), case.form)

    return Bank(layer, compute, MISTAKES)


def compute(layer, output):
    """One output of the layer."""
    if output == "db":
        return layer.dz.sum((0, 2, 3))
    if output == "z":
        return _z(layer)
    wide = _framed(layer)
    dx, dw = np.zeros_like(layer.x), np.zeros_like(layer.w)
    for tap, where in layer.taps():
        upstream = wide[(..., *where)]
        dx += np.einsum("ndij,cd->ncij", upstream, layer.w[(..., *tap)])
        dw[(..., *tap)] = np.einsum("ndij,ncij->cd", upstream, layer.x)
    return dx if output == "dx" else dw


def _z(layer):
    wide = np.zeros((len(layer.x), layer.w.shape[1], *layer.full()))
    # the last pixel that writes to a place does so with its first tap
    for tap, where in list(layer.taps())[::-1]:
        share = np.einsum("ncij,cd->ndij", layer.x, layer.w[(..., *tap)])
        wide[(..., *where)] = share + (wide[(..., *where)] if layer.overlap == "add" else 0)
    (top, rows), (left, columns) = layer.frame()
    front = [(max(0, -top), 0), (max(0, -left), 0)]
    wide, top, left = np.pad(wide, [(0, 0), (0, 0), *front]), max(top, 0), max(left, 0)
    z = np.zeros((*wide.shape[:2], max(rows, 0), max(columns, 0)))
    kept = [n - e if layer.zeros else n for n, e in zip((rows, columns), layer.extra, strict=True)]
    part = wide[:, :, top:top + kept[0], left:left + kept[1]]
    z[:, :, :part.shape[2], :part.shape[3]] = part
    return z + layer.b.reshape(-1, 1, 1)


def _writes(layer):
    """How many kernels write to each place of the output."""
    one = layer.but(x=np.ones((1, 1, *layer.x.shape[2:])), w=np.ones((1, 1, *layer.w.shape[2:])),
                    b=np.zeros(1))
    return _z(one)


def _framed(layer):
    """dz where it lies in all that is written."""
    wide = np.zeros((*layer.dz.shape[:2], *layer.full()))
    (top, _), (left, _) = layer.frame()
    rows, columns = wide.shape[2] - top, wide.shape[3] - left
    part = layer.dz[:, :, :rows, :columns]
    wide[:, :, top:top + part.shape[2], left:left + part.shape[3]] = part
    return wide


def _edit(slug, sentence, outputs=SEEN, **how):
    return Mistake(slug, sentence, outputs, edit=lambda layer, _: layer.but(
        **{k: f(layer) for k, f in how.items()}))


def _flip(layer, output):
    return layer if output == "dw" else layer.but(w=layer.w[..., ::-1, ::-1])


def _dilated(layer):
    """The kernel with its taps apart by the stride."""
    n = layer.w.shape
    wide = np.zeros((*n[:2], *[(k - 1) * s + 1 for k, s in zip(n[2:], layer.stride, strict=True)]))
    wide[:, :, ::layer.stride[0], ::layer.stride[1]] = layer.w
    return wide


def _reshaped(layer):
    c, d, *k = layer.w.shape
    return layer.w.reshape(d, c, *k).swapaxes(0, 1)


def _square(layer):
    if layer.w.shape[0] != layer.w.shape[1]:
        raise ValueError("channels and maps are not as many")
    return layer.w.swapaxes(0, 1)


def _appended(a, layer, _):
    kept = [n - e for n, e in zip(a.shape[2:], layer.extra, strict=True)]
    found = np.zeros_like(a)
    part = (..., *[slice(0, n) for n in kept])
    found[part] = a[part]
    return found


MISTAKES = (
    Mistake("kernel-flipped", "the kernel is turned by 180 degrees: every pixel writes it as it is",
            SEEN, edit=_flip, result=lambda a, layer, output: (
                a[..., ::-1, ::-1] if output == "dw" else a)),
    _edit("stride-ignored", "the stride is ignored", stride=lambda _: (1, 1)),
    _edit("stride-as-dilation", "the stride moves the taps of the kernel apart and not the pixels",
          ("z",), stride=lambda _: (1, 1), w=_dilated),
    _edit("stride-axes-swapped", "the strides are taken in reverse, columns first",
          stride=lambda layer: layer.stride[::-1]),
    _edit("padding-ignored", {
        "z": "the padding is not cut off", **dict.fromkeys(("dx", "dw"), (
            "the padding is left out: dz is read from its corner, which the padding has cut off "
            "in front"))}, padding=lambda _: (0, 0)),
    _edit("padding-added", "the padding is put around the output: it is to be cut off", ("z",),
          padding=lambda layer: tuple(-p for p in layer.padding)),
    _edit("padding-cut-at-the-end", "all the padding is cut off at the end: half of it belongs to "
          "the start", crop=lambda _: (0, 0)),
    _edit("padding-cut-at-the-start", "all the padding is cut off at the start: half of it belongs "
          "to the end", crop=lambda layer: tuple(2 * p for p in layer.padding)),
    _edit("padding-cut-once", "the padding is cut off in front only", ("z",),
          crop=lambda layer: layer.padding, extra=lambda layer: tuple(
              e + p for e, p in zip(layer.extra, layer.padding, strict=True))),
    _edit("output-padding-ignored", "the output padding is ignored", ("z",),
          extra=lambda _: (0, 0)),
    _edit("output-padding-zeros", "the rows that the output padding adds are left at zero: what "
          "the kernels write there belongs to the output", ("z",), zeros=lambda _: True),
    Mistake("output-padding-appended", "the output padding is appended as zeros, without the bias "
            "and what the kernels write there", ("z",), result=_appended),
    _edit("padding-before-the-layer", "x is padded by zeros, as for an ordinary correlation, and "
          "the output cut to its size from the front: the padding is to be cut off the output",
          crop=lambda layer: tuple(-p * s for p, s in zip(
              layer.padding, layer.stride, strict=True))),
    _edit("padding-times-stride", "stride times padding is cut off the output in front", ("z",),
          crop=lambda layer: tuple(p * s for p, s in zip(
              layer.padding, layer.stride, strict=True))),
    *(Mistake("db-of-a-part", f"db sums dz over {said} only, and leaves out the others", ("db",),
              result=lambda a, layer, _, f=reach: layer.dz[(..., *[
                  slice(0, max(0, f(n, s, k, p))) for n, s, k, p in zip(
                      layer.x.shape[2:], layer.stride, layer.w.shape[2:], layer.padding,
                      strict=True)])].sum((0, 2, 3))) for said, reach in (
                          ("its first (H - 1) stride + 1 rows and columns",
                           lambda n, s, k, p: (n - 1) * s + 1),
                          ("its first H stride rows and columns", lambda n, s, k, p: n * s),
                          ("its first H rows and columns", lambda n, s, k, p: n),
                          ("what is there without the output padding",
                           lambda n, s, k, p: (n - 1) * s + k - 2 * p))),
    _edit("output-padding-in-front", "the output padding is put in front: it belongs behind",
          ("z",), crop=lambda layer: tuple(p - e for p, e in zip(
              layer.padding, layer.extra, strict=True))),
    _edit("output-padding-on-both-sides", "the output padding is put on both sides", ("z",),
          extra=lambda layer: tuple(2 * e for e in layer.extra), crop=lambda layer: tuple(
              p - e for p, e in zip(layer.padding, layer.extra, strict=True))),
    _edit("overlap-assigned", "kernels that overlap overwrite each other: = where += belongs",
          ("z",), overlap=lambda _: "assign"),
    _edit("channels-and-maps-swapped", "the axes of channels and maps of w are exchanged",
          ("z", "dx"), w=_square),
    _edit("weights-reshaped", "w is reshaped where its axes of channels and maps should be "
          "exchanged", ("z", "dx"), w=_reshaped),
    _edit("kernel-transposed", "rows and columns of the kernel are exchanged", ("z", "dx"),
          w=lambda layer: layer.w.swapaxes(2, 3)),
    _edit("bias-missing", "the bias is not added", ("z",), b=lambda layer: 0 * layer.b),
    _edit("bias-sign", "the bias enters with the wrong sign", ("z",), b=lambda layer: -layer.b),
    _edit("bias-per-channel", "the bias is added once for each input channel", ("z",),
          b=lambda layer: layer.b * layer.w.shape[0]),
    Mistake("bias-per-write", "the bias is added with each kernel that is written: where kernels "
            "overlap it is there several times, and in gaps not at all", ("z",),
            result=lambda a, layer, _: a + (_writes(layer) - 1) * layer.b.reshape(-1, 1, 1)),
    Mistake("dw-flipped", "dw comes out turned by 180 degrees", ("dw",),
            result=lambda a, *_: a[..., ::-1, ::-1]),
    Mistake("dw-transposed", "the axes of channels and maps of dw are exchanged", ("dw",),
            result=lambda a, *_: a.swapaxes(0, 1)),
    Mistake("db-total", "db is summed over everything: each map has its own", ("db",),
            result=lambda a, layer, _: np.full(a.shape, a.sum())),
    Mistake("db-keeps-batch", "db is not summed over the batch", ("db",),
            result=lambda a, layer, _: layer.dz.sum((2, 3))),
    Mistake("mean-for-sum", "db is the mean of dz: it is the sum", ("db",),
            result=lambda a, layer, _: layer.dz.mean((0, 2, 3))),
    _edit("upstream-ignored", "dz is taken as all ones", ("dx", "dw", "db"),
          dz=lambda layer: np.ones_like(layer.dz)),
    *common(ALL, lambda layer: len(layer.x)),
    transposed("output-transposed", "rows and columns of the output are exchanged", ("z", "dx"),
               -1, -2),
    cut_to_integer(ALL, lambda layer: layer.form == "integer"),
)
