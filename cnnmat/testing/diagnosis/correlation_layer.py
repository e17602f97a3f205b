"""A correlation layer that can be spoiled: every choice in it is a field to be edited."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from cnnmat.testing.case import dressed

__all__ = []


@dataclass(frozen=True)
class Layer:
    """Inputs, geometry, and the choices that people get wrong.

    Attributes
    ----------
    pad_mode : str
        What `numpy.pad` fills the border with.
    overlap : str
        Where windows overlap, "add" their gradients, or keep the "last" or the "first" one.
    crop : str or int
        Where dx is cut out of the gradient of the padded image: at the padding plus this,
        "zero" (at 0), "exchanged" (at the padding of the other axis), "end" (up to the last
        pixel), "none" (not at all), "reached" (only what windows reach, the padding
        taken off that end), "reached and filled" with zeros, "negative" (by [p:-p]).
    ceil : bool
        Whether windows may hang over the end.
    as_many : bool
        Whether there are as many windows as there should be, wherever they lie.
    """

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray
    dz: np.ndarray
    stride: tuple
    padding: tuple
    dilation: tuple
    groups: int
    form: str = "plain"
    pad_mode: str = "constant"
    overlap: str = "add"
    crop: object = 0
    ceil: bool = False
    as_many: bool = False

    def but(self, **changes):
        """The layer with some fields changed."""
        return replace(self, **changes)

    @property
    def axes(self):
        """The number of axes of an image."""
        return self.x.ndim - 2


def layer_of(case):
    """The layer of a case; its arrays as floats."""
    s, a = case.settings, {k: v.astype(float) for k, v in case.arrays.items()}
    return Layer(a["x"], a["w"], a["b"], a["dz"], tuple(s["stride"]),
                 tuple(map(tuple, s["padding"])), tuple(s["dilation"]), s["groups"], case.form)


def in_memory(array, form):
    """What code reads that takes an array lying in memory as `form` says for a C-ordered one."""
    laid = dressed(array, form)
    base = laid if laid.base is None else laid.base
    return np.frombuffer(base.tobytes("A"), laid.dtype)[:laid.size].reshape(laid.shape)


def padded(layer):
    """x with its border."""
    if layer.pad_mode != "constant" or min(map(min, layer.padding)) < 0:
        return np.pad(layer.x, ((0, 0), (0, 0), *layer.padding), mode=layer.pad_mode)
    if not any(map(any, layer.padding)):
        return layer.x
    # numpy.pad takes several times as long
    lengths = layer.x.shape[2:]
    wide = np.zeros((*layer.x.shape[:2], *[n + sum(p) for n, p in zip(
        lengths, layer.padding, strict=True)]))
    wide[(..., *[slice(p, p + n) for n, (p, _) in zip(lengths, layer.padding, strict=True)])] = (
        layer.x)
    return wide


def counts(layer):
    """How many windows there are along each axis."""
    found = []
    for axis in range(layer.axes):
        room = (layer.x.shape[2 + axis] + sum(layer.padding[axis])
                - layer.dilation[axis] * (layer.w.shape[2 + axis] - 1) - 1)
        step = layer.stride[axis]
        found.append((-(-room // step) if layer.ceil else room // step) + 1)
    if min(found) < 1:
        raise ValueError("no window fits")
    return [min(n, m) for n, m in zip(found, layer.dz.shape[2:], strict=True)
            ] if layer.as_many else found


def patches(layer, windows):
    """N x C x windows x kernel: what each window reads."""
    xp = padded(layer)
    if layer.ceil:
        more = [(0, s) for s in layer.stride]
        xp = np.pad(xp, ((0, 0), (0, 0), *more))
    axes = layer.axes
    index = []
    for a in range(axes):
        at = (layer.stride[a] * np.arange(windows[a])[:, None]
              + layer.dilation[a] * np.arange(layer.w.shape[2 + a]))
        if at.max() >= xp.shape[2 + a]:
            raise IndexError("a window reaches beyond the image")
        shape = [1] * (2 * axes)
        shape[a], shape[axes + a] = at.shape
        index.append(at.reshape(shape))
    return xp[(slice(None), slice(None), *index)]


def grouped(layer):
    """Channels and maps of each group, as slices."""
    maps, channels = len(layer.w) // layer.groups, layer.w.shape[1]
    if layer.x.shape[1] != channels * layer.groups:
        raise ValueError("channels do not fit")
    return [(slice(g * channels, (g + 1) * channels), slice(g * maps, (g + 1) * maps))
            for g in range(layer.groups)]


def z_of(layer):
    """The forward pass."""
    windows = counts(layer)
    read = patches(layer, windows)
    z = np.zeros((len(layer.x), len(layer.w), *windows))
    taps = tuple(range(1, 1 + 1 + layer.axes))
    for c, d in grouped(layer):
        own = np.moveaxis(read[:, c], 1, 1 + layer.axes)
        last = tuple(range(own.ndim - len(taps), own.ndim))
        z[:, d] = np.moveaxis(np.tensordot(own, layer.w[d], (last, taps)), -1, 1)
    if len(layer.b) != len(layer.w):
        raise ValueError("the bias does not fit")
    return z + layer.b.reshape(-1, *[1] * layer.axes)


def dw_of(layer):
    """The gradient of the weights; windows as many as dz has."""
    windows = layer.dz.shape[2:]
    read = patches(layer, windows)
    dw = np.zeros(layer.w.shape)
    own = (0, *range(2, 2 + layer.axes))
    for c, d in grouped(layer):
        dw[d] = np.tensordot(layer.dz[:, d], read[:, c], (own, own))
    return dw


def dx_of(layer):
    """The gradient of x: each tap scatters its share, then the border is cut off."""
    shape = [n + sum(p) for n, p in zip(layer.x.shape[2:], layer.padding, strict=True)]
    wide = np.zeros((*layer.x.shape[:2], *shape))
    taps = list(product(*map(range, layer.w.shape[2:])))
    if layer.overlap == "windows":
        return cropped(layer, _windows_assigned(layer, wide))
    # the last window that covers a pixel does so with its first tap
    for tap in taps[::-1] if layer.overlap == "last" else taps:
        where = tuple(slice(t * d, t * d + s * (n - 1) + 1, s) for t, d, s, n in zip(
            tap, layer.dilation, layer.stride, layer.dz.shape[2:], strict=True))
        for c, d in grouped(layer):
            share = np.moveaxis(np.tensordot(
                layer.dz[:, d], layer.w[(d, slice(None), *tap)], ((1,), (0,))), -1, 1)
            target = wide[(slice(None), c, *where)]
            target[...] = share if layer.overlap != "add" else target + share
    return cropped(layer, wide)


def _windows_assigned(layer, wide):
    """Each window's gradient put over what stands there, one after the other."""
    for window in np.ndindex(*layer.dz.shape[2:]):
        for c, d in grouped(layer):
            share = np.tensordot(layer.dz[(slice(None), d, *window)], layer.w[d], ((1,), (0,)))
            where = tuple(slice(i * s, i * s + g * (k - 1) + 1, g) for i, s, g, k in zip(
                window, layer.stride, layer.dilation, layer.w.shape[2:], strict=True))
            wide[(slice(None), c, *where)] = share
    return wide


def cropped(layer, wide):
    """dx out of the gradient of the padded image."""
    if layer.crop == "none":
        return wide
    if layer.crop == "reached":
        return wide[(..., *[slice(p, (m - 1) * s + d * (k - 1) + 1 - q) for (p, q), m, s, d, k in
                            zip(layer.padding, layer.dz.shape[2:], layer.stride, layer.dilation,
                                layer.w.shape[2:], strict=True)])]
    if layer.crop == "reached and filled":
        near = cropped(layer.but(crop="reached"), wide)
        found = np.zeros(layer.x.shape)
        part = tuple(slice(0, min(n, m)) for n, m in zip(near.shape, found.shape, strict=True))
        found[part] = near[part]
        return found
    if layer.crop == "negative":
        return wide[(..., *[slice(p, -q) for p, q in layer.padding])]
    before = [p for p, _ in layer.padding]
    first = ({"zero": [0] * layer.axes, "exchanged": before[::-1],
              "end": [sum(p) for p in layer.padding]}.get(layer.crop)
             or [p + layer.crop for p in before])
    if layer.crop not in ("exchanged", "end"):
        wide = np.pad(wide, ((0, 0), (0, 0), *[(0, 1 + sum(p)) for p in layer.padding]))
    return wide[(..., *[slice(f, f + n) for f, n in zip(first, layer.x.shape[2:], strict=True)])]


def compute(layer, output):
    """One output of the layer."""
    if output == "db":
        return layer.dz.sum((0, *range(2, layer.dz.ndim)))
    return {"z": z_of, "dx": dx_of, "dw": dw_of}[output](layer)
