"""Mistakes in fully connected layers."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import common, cut_to_integer, factor, generic, transposed

__all__ = []

EVERY = ("z", "dx", "dw", "db")


@dataclass(frozen=True)
class Dense:
    """z = x wᵀ + b and what comes back."""

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray
    dz: np.ndarray
    form: str


def bank(contract):
    """The bank of mistakes in fully connected layers."""
    def layer(case):
        a = {k: v.astype(float) for k, v in case.arrays.items()}
        return Dense(a["x"], a["w"], a["b"], a["dz"], case.form)

    axes = {"z": ("sample", "output"), "dx": ("sample", "input"), "dw": ("output", "input"),
            "db": ("output",)}
    read = reads({"x": (("sample", "input"), ("z", "dw")), "b": (("output",), ("z",)),
                  "w": (("output", "input"), ("z", "dx")),
                  "dz": (("sample", "output"), ("dx", "dw", "db"))})
    return Bank(layer, compute, (*MISTAKES, *generic(axes), *read), axes=axes)


def compute(layer, output):
    """One output of the layer."""
    if output == "z":
        return layer.x @ layer.w.T + layer.b
    if output == "dx":
        return layer.dz @ layer.w
    return layer.dz.T @ layer.x if output == "dw" else layer.dz.sum(0)


def _edit(**how):
    return lambda layer, _: replace(layer, **{k: f(layer) for k, f in how.items()})


def _first(a):
    return np.concatenate([a[:1], 0 * a[1:]])


def _last(a):
    return np.concatenate([0 * a[:-1], a[-1:]])


def _turned(w):
    if w.shape[0] != w.shape[1]:
        raise ValueError("w is not square")
    return w.T


MISTAKES = (
    Mistake("weights-not-transposed", {
        "z": "x W is computed where x Wᵀ is meant, which fits for square W only",
        "dx": "Wᵀ and W are exchanged on the way back, which fits for square W only"},
        ("z", "dx"), edit=_edit(w=lambda layer: _turned(layer.w))),
    Mistake("weights-reshaped", "the weights are reshaped where they should be transposed",
            ("z", "dx"),
            edit=_edit(w=lambda layer: layer.w.reshape(layer.w.shape[::-1]).T)),
    Mistake("bias-missing", "the bias is not added", ("z",), edit=_edit(b=lambda s: 0 * s.b)),
    Mistake("bias-sign", "the bias enters with the wrong sign", ("z",),
            edit=_edit(b=lambda s: -s.b)),
    Mistake("bias-per-input", "the bias is added once for each input", ("z",),
            edit=_edit(b=lambda s: s.b * s.x.shape[1])),
    Mistake("bias-twice", "the bias is added twice", ("z",), edit=_edit(b=lambda s: 2 * s.b)),
    Mistake("bias-summed", "all biases are added to every output", ("z",),
            edit=_edit(b=lambda s: np.full_like(s.b, s.b.sum()))),
    Mistake("relu-included", "a ReLU is applied to the output already", ("z",),
            result=lambda a, *_: np.maximum(a, 0)),
    Mistake("relu-derivative-included", "dz is set to zero where z is not positive: the "
            "derivative of a ReLU that is not part of this layer", ("dx", "dw", "db"),
            edit=_edit(dz=lambda s: s.dz * (s.x @ s.w.T + s.b > 0))),
    *(factor(slug, f"it is divided by the number of {said}", EVERY, by) for slug, said, by in (
        ("divided-by-inputs", "inputs", lambda s: 1 / s.x.shape[1]),
        ("divided-by-outputs", "outputs", lambda s: 1 / len(s.w)))),
    Mistake("first-sample-for-all", "sample 0 is read in place of every sample", ("z", "dw"),
            edit=_edit(x=lambda s: np.repeat(s.x[:1], len(s.x), 0))),
    Mistake("first-sample-only", "only sample 0 counts", ("dw", "db"),
            edit=_edit(dz=lambda s: _first(s.dz))),
    Mistake("last-sample-only", "only the last sample counts: = where += belongs in the loop over "
            "the samples", ("dw", "db"), edit=_edit(dz=lambda s: _last(s.dz))),
    Mistake("upstream-ignored", "dz is taken as all ones", ("dx", "dw", "db"),
            edit=_edit(dz=lambda s: np.ones_like(s.dz))),
    transposed("dw-transposed", "dw comes out as n_in x n_out", ("dw",), 0, 1),
    Mistake("times-weights", "the weights are left in as a factor of their gradient", ("dw",),
            result=lambda a, layer, _: a * layer.w),
    Mistake("db-not-summed", "db is not summed over the samples", ("db",),
            result=lambda a, layer, _: layer.dz),
    Mistake("db-keeps-axes", "db keeps the summed axis as one of length 1 (keepdims)", ("db",),
            result=lambda a, *_: a[None]),
    Mistake("db-total", "db is summed over the outputs as well", ("db",),
            result=lambda a, *_: a.sum()),
    *common(EVERY, lambda layer: len(layer.x)),
    cut_to_integer(EVERY, lambda layer: layer.form == "integer"),
)
