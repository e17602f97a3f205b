"""Mistakes that change the right outputs of a correlation layer afterwards."""

from math import prod

import numpy as np

from cnnmat.testing.diagnosis.correlation_layer import z_of
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer, factor, transposed

__all__ = []

EVERY = ("z", "dx", "dw", "db")


def _windows(layer):
    return prod(layer.dz.shape[2:])


def _zeroed(a, axis, index):
    a = a.copy()
    where = [slice(None)] * a.ndim
    where[axis] = index
    a[tuple(where)] = 0
    return a


def _counted_once(a, layer, _):
    out = [(n + p - d * (k - 1) - 1) // s + 1 for n, (p, _), d, k, s in zip(
        layer.x.shape[2:], layer.padding, layer.dilation, layer.w.shape[2:], layer.stride,
        strict=True)]
    return a[(slice(None), slice(None), *[slice(0, max(n, 0)) for n in out])]


def _as_many_columns_as_rows(a, *_):
    if a.shape[-2] > a.shape[-1]:
        raise IndexError("more rows than columns")
    return a[..., :a.shape[-2]]


def _square_output(a, *_):
    if a.shape[2] > a.shape[3]:
        raise IndexError("more rows than columns")
    z = np.zeros((*a.shape[:3], a.shape[2]))
    z[...] = a[..., :a.shape[2]]
    return z


def _cut_too_far(a, layer, _):
    for axis, (_, q) in enumerate(layer.padding, start=2):
        a = _zeroed(a, axis, slice(-1, None) if q else slice(0, 0))
    return a


def _too_little(layer, same):
    """dx as a correlation of dz with the kernel turned round, with too little around dz."""
    if layer.groups > 1:
        raise ValueError("groups are not looked at")
    spread = np.zeros((*layer.dz.shape[:2], *[
        (n - 1) * s + 1 for n, s in zip(layer.dz.shape[2:], layer.stride, strict=True)]))
    spread[(..., *[slice(None, None, s) for s in layer.stride])] = layer.dz
    kernel = np.flip(layer.w, range(2, layer.w.ndim)).swapaxes(0, 1)
    spans = [k - 1 for k in kernel.shape[2:]]
    return z_of(layer.but(
        x=spread, w=kernel, b=np.zeros(len(kernel)), stride=(1,) * layer.axes,
        padding=tuple((k - k // 2, k // 2) if same else (0, 0) for k in spans)))


def _db(how):
    """db made of dz in another way."""
    return lambda _a, layer, _o: how(layer.dz)


def _image_axes(dz):
    return tuple(range(2, dz.ndim))


def _db_kept():
    """db summed over some of its axes only, the maps in their place or last."""
    for slug, kept, said in (
            ("db-keeps-batch", (0,), "is summed over the image only and keeps the axis of the "
             "samples"),
            ("db-keeps-image", (-2, -1), "is summed over the samples only and keeps the axes of "
             "the image"),
            ("db-keeps-image", (-2,), "is not summed over the rows"),
            ("db-keeps-image", (-1,), "is not summed over the columns"),
            ("db-keeps-image", (0, -2), "is summed over the columns only"),
            ("db-keeps-image", (0, -1), "is summed over the rows only"),
            ("db-not-summed", (0, -2, -1), "is not summed at all")):
        for last in (False, True):
            yield Mistake(slug, f"db {said}", ("db",),
                          result=_db(lambda dz, k=kept, m=last: _summed_but(dz, k, m)))


def _summed_but(dz, kept, maps_last):
    gone = {0, *_image_axes(dz)} - {k % dz.ndim for k in kept}
    found = dz.sum(tuple(gone))
    return np.moveaxis(found, int(0 in kept), -1) if maps_last else found


RESULTS = (
    *common(EVERY, lambda layer: len(layer.x)),
    factor("divided-by-windows", "it is divided by the number of windows: a mean where a sum "
           "belongs", EVERY, lambda layer: 1 / _windows(layer)),
    *(factor("divided-by-a-side", f"it is divided by the number of {said}, which the sum is not",
             ("dx", "dw", "db"), lambda layer, a=axis: 1 / layer.dz.shape[a])
      for said, axis in (("rows of windows", -2), ("columns of windows", -1))),
    Mistake("crop-one-too-many", "one row and one column too many are cut off dx with the padding, "
            "and zeros appended", ("dx",), result=_cut_too_far),
    factor("mean-for-sum", "it is a mean over samples and windows where a sum belongs", EVERY,
           lambda layer: 1 / _windows(layer) / len(layer.x)),
    Mistake("weights-normalised", "the window is averaged: the products are divided by the "
            "kernel's size", ("z",),
            edit=lambda layer, _: layer.but(w=layer.w / prod(layer.w.shape[2:]))),
    Mistake("mean-over-channels", "the channels are averaged where they belong summed", ("z",),
            edit=lambda layer, _: layer.but(w=layer.w / layer.w.shape[1])),
    Mistake("relu-included", "a ReLU is applied to the output already", ("z",),
            result=lambda a, *_: np.maximum(a, 0)),
    cut_to_integer(EVERY, lambda layer: layer.form == "integer"),
    Mistake("output-reshaped", "rows and columns of the output are exchanged by a reshape",
            ("z", "dx"), result=lambda a, *_: a.reshape(*a.shape[:-2], a.shape[-1], a.shape[-2])),
    transposed("output-transposed", "rows and columns of the output are exchanged", ("z", "dx"),
               -1, -2),
    transposed("dw-kernel-transposed", "rows and columns of the kernel are exchanged in dw",
               ("dw",), -1, -2),
    transposed("dw-channels-first", "dw comes out as channels x maps", ("dw",), 0, 1),
    Mistake("last-row-missing", "the last row of windows is left at zero: the loop over the rows "
            "stops one short", ("z",), result=lambda a, *_: _zeroed(a, 2, -1)),
    Mistake("last-column-missing", "the last column of windows is left at zero: the loop over the "
            "columns stops one short", ("z",), result=lambda a, *_: _zeroed(a, -1, -1)),
    Mistake("output-one-short", "the + 1 in the number of windows is missing", ("z",),
            result=lambda a, *_: a[(slice(None), slice(None),
                                    *[slice(None, -1)] * (a.ndim - 2))]),
    Mistake("padding-counted-once", "the number of windows counts the padding once, not on both "
            "sides", ("z",), result=_counted_once),
    Mistake("output-square", "the number of rows of the output is used for its columns as well",
            ("z",), result=_square_output),
    Mistake("output-square", "the number of rows of the output is used for its columns as well",
            ("z",), result=_as_many_columns_as_rows),
    *(Mistake(slug, sentence, ("dx",), result=lambda a, layer, _, s=same: _too_little(layer, s))
      for slug, sentence, same in (
          ("valid-for-full", "dx is a 'valid' correlation of dz, where a 'full' one belongs: "
           "pad dz by the kernel less one", False),
          ("same-for-full", "dx is a 'same' correlation of dz, where a 'full' one belongs: pad "
           "dz by the kernel less one", True))),
    Mistake("first-sample-only", "only sample 0 is computed, the others stay zero", ("z", "dx"),
            result=lambda a, *_: _zeroed(a, 0, slice(1, None))),
    *_db_kept(),
    Mistake("db-total", "db is summed over the maps as well", ("db",),
            result=_db(lambda dz: dz.sum())),
    Mistake("db-total", "db is summed over the maps as well, and each entry is the whole sum",
            ("db",), result=_db(lambda dz: np.full(dz.shape[1], dz.sum()))),
    Mistake("db-of-ones", "db counts the entries of dz and does not sum them", ("db",),
            result=_db(lambda dz: np.full(dz.shape[1], dz[:, 0].size))),
    Mistake("db-of-one-window", "db takes one window and is not summed over the image", ("db",),
            result=_db(lambda dz: dz.reshape(*dz.shape[:2], -1)[..., 0].sum(0))),
)
