"""Mistakes of which the inputs or the geometry of a correlation layer are to blame."""

import numpy as np

from cnnmat.testing.diagnosis.correlation_layer import counts, in_memory, z_of
from cnnmat.testing.diagnosis.mistakes import PADDING_NOT_CROPPED, Mistake

__all__ = []

ALL, SEEN = ("z", "dx", "dw"), ("z", "dw")


def _turn(w, *axes):
    return np.flip(w, axes)


def _flip(layer, output):
    # dw is not computed from w: it comes out turned
    return layer if output == "dw" else layer.but(w=_turn(layer.w, *range(2, layer.w.ndim)))


def _flip_result(a, layer, output):
    return _turn(a, *range(2, a.ndim)) if output == "dw" else a


def _axis_word(axis):
    return ("along rows only", "along columns only")[axis]


def _at(values, axis, new):
    values = list(values)
    values[axis] = new
    return tuple(values)


def _changed(**how):
    """An edit that sets each field to how[field](layer)."""
    return lambda layer, _: layer.but(**{k: f(layer) for k, f in how.items()})


def _same_padding(layer):
    return tuple((k // 2, k // 2) for k in layer.w.shape[2:])


def _square(layer):
    if len(set(layer.w.shape[2:])) > 1:
        raise ValueError("rows and columns of the kernel are not alike")
    return layer.w.swapaxes(-1, -2)


def _moved(x, axis, step):
    moved = np.zeros_like(x)
    here, there = [slice(None)] * x.ndim, [slice(None)] * x.ndim
    here[axis], there[axis] = ((slice(None, -1), slice(1, None)) if step > 0
                               else (slice(1, None), slice(None, -1)))
    moved[tuple(here)] = x[tuple(there)]
    return moved


def _only(array, axis, index):
    """All but one slice along an axis set to zero."""
    kept = np.zeros_like(array)
    where = [slice(None)] * array.ndim
    where[axis] = index
    kept[tuple(where)] = array[tuple(where)]
    return kept


def _repeated(array, axis):
    return np.repeat(array.take([0], axis), array.shape[axis], axis)


def _reshaped_filters(layer):
    d, c, *k = layer.w.shape
    return layer.w.reshape(c, d, *k).swapaxes(0, 1)


def _corner(dz, first):
    """All but the first entry along the axes from `first` on set to zero."""
    for axis in range(first, dz.ndim):
        dz = _only(dz, axis, 0)
    return dz


def _unpadded(layer, _):
    bare = layer.but(padding=((0, 0),) * layer.axes)
    try:
        return bare.but(dz=layer.dz[(..., *map(slice, counts(bare)))])
    # no window fits, and nothing is summed
    except ValueError:
        return layer.but(dz=0 * layer.dz)


def _relu_upstream(layer):
    return layer.dz * (z_of(layer.but(b=np.zeros_like(layer.b))) > 0)


def _memory(layer, _):
    if layer.form not in ("fortran", "strided"):
        return layer
    return layer.but(**{k: in_memory(getattr(layer, k), layer.form) for k in ("x", "w", "dz")})


def _per_axis():
    """Stride and padding ignored along one axis, kernel flipped along one axis."""
    for axis in (0, 1):
        word = _axis_word(axis)
        yield Mistake(f"stride-ignored-axis-{axis}", f"the stride is ignored {word}", ALL,
                      edit=lambda layer, _, a=axis - 2: layer.but(
                          stride=_at(layer.stride, a, 1)))
        yield Mistake(f"stride-ignored-axis-{axis}", f"the stride is ignored {word}, by a loop "
                      "that steps by one and stops at the right number", ("z",),
                      edit=lambda layer, _, a=axis - 2: layer.but(
                          stride=_at(layer.stride, a, 1), as_many=True))
        yield Mistake(f"padding-ignored-axis-{axis}", f"the padding is ignored {word}", ALL,
                      edit=lambda layer, _, a=axis - 2: layer.but(
                          padding=_at(layer.padding, a, (0, 0))))
        yield Mistake(f"kernel-flipped-axis-{axis}", f"the kernel is turned round {word}",
                      ("z", "dx"),
                      edit=lambda layer, _, a=axis - 2: layer.but(w=_turn(layer.w, a)))
        for step in (1, -1):
            side = "after" if step > 0 else "before"
            yield Mistake(
                f"window-off-by-one-axis-{axis}", f"each window starts one pixel {side} its "
                f"place, {word}", SEEN,
                edit=lambda layer, _, a=axis - 2, s=step: layer.but(
                    x=_moved(layer.x, a, s)))


INPUTS = (
    Mistake("kernel-flipped", {
        "z": "the kernel is turned by 180 degrees, a true convolution, where a correlation is "
             "asked for",
        "dx": "the kernel was not flipped in the backward pass: dx scatters dz times w as it is, "
              "which as a correlation of dz is one with w turned by 180 degrees",
        "dw": "dw comes out turned by 180 degrees: the gradient of a true convolution"},
        ALL, edit=_flip, result=_flip_result),
    Mistake("kernel-transposed", "rows and columns of the kernel are exchanged", ("z", "dx"),
            edit=_changed(w=_square)),
    Mistake("kernel-transposed", "rows and columns of the kernel are exchanged", ("z", "dx"),
            edit=_changed(w=lambda layer: layer.w.swapaxes(-1, -2))),
    Mistake("kernel-reshaped", "rows and columns of the kernel are exchanged by a reshape",
            ("z", "dx"), edit=_changed(w=lambda layer: layer.w.reshape(
                *layer.w.shape[:-2], layer.w.shape[-1], layer.w.shape[-2]))),
    Mistake("stride-ignored", {
        "z": "the stride is ignored",
        "dx": "dz is not spread out by the stride before it goes back",
        "dw": "the patches for dw are read one step apart, whatever the stride"}, ALL,
        edit=_changed(stride=lambda layer: (1,) * layer.axes)),
    Mistake("stride-ignored", "the windows are read one step apart whatever the stride, as many "
            "as there should be", ("z",),
            edit=_changed(stride=lambda layer: (1,) * layer.axes, as_many=lambda _: True)),
    Mistake("padding-ignored", "the padding is ignored", ALL,
            edit=_changed(padding=lambda layer: ((0, 0),) * layer.axes)),
    Mistake("padding-ignored", "the padding is accepted and never applied, and of dz only what "
            "fits is read", ("dx", "dw"), edit=_unpadded),
    Mistake("padding-applied-twice", "the image is padded twice", SEEN,
            edit=_changed(padding=lambda layer: tuple(
                (2 * p, 2 * q) for p, q in layer.padding))),
    *(Mistake("padding-fixed", f"the image is padded by {p} whatever is asked for", ("z",),
              edit=_changed(padding=lambda layer, p=p: ((p, p),) * layer.axes)) for p in (1, 2)),
    Mistake("stride-fixed", "the stride is 2 whatever is asked for", ("z",),
            edit=_changed(stride=lambda layer: (2,) * layer.axes)),
    Mistake("stride-is-kernel", "windows are placed a kernel apart whatever the stride", ("z",),
            edit=_changed(stride=lambda layer: layer.w.shape[2:])),
    Mistake("dilation-ignored", "the dilation is ignored", ALL,
            edit=_changed(dilation=lambda layer: (1,) * layer.axes)),
    *_per_axis(),
    Mistake("stride-axes-swapped", "the strides are taken in reverse, columns first", ALL,
            edit=_changed(stride=lambda layer: layer.stride[::-1])),
    Mistake("padding-axes-swapped", "the paddings are taken in reverse, columns first", ALL,
            edit=_changed(padding=lambda layer: layer.padding[::-1])),
    Mistake("dilation-axes-swapped", "the dilations are taken in reverse, columns first", ALL,
            edit=_changed(dilation=lambda layer: layer.dilation[::-1])),
    Mistake("padding-only-before", {
        "z": "zeros are put above and left of the image, not below and right, or the number of "
             "windows counts the padding once, not on both sides",
        **dict.fromkeys(("dx", "dw"), "zeros are put above and left of the image, not below and "
                                      "right")}, ALL,
            edit=_changed(padding=lambda layer: tuple((p, 0) for p, _ in layer.padding))),
    Mistake("padding-only-after", "zeros are put below and right of the image, not above and "
            "left", ALL,
            edit=_changed(padding=lambda layer: tuple((0, q) for _, q in layer.padding))),
    Mistake("padding-in-front", "all the padding is put in front of the image, none behind", SEEN,
            edit=_changed(padding=lambda layer: tuple((sum(p), 0) for p in layer.padding))),
    Mistake("padding-at-the-end", "all the padding is put behind the image: x is not moved by the "
            "padding before its patches are read", ("dw", "z"),
            edit=_changed(padding=lambda layer: tuple((0, sum(p)) for p in layer.padding))),
    Mistake("padding-edge", "the border pixels are repeated outwards where zeros belong", SEEN,
            edit=_changed(pad_mode=lambda _: "edge")),
    Mistake("padding-cyclic", "the image is wrapped round at its border, as an FFT without zeros "
            "does", SEEN, edit=_changed(pad_mode=lambda _: "wrap")),
    Mistake("padding-always-same", "the image is padded by half the kernel whatever is asked for",
            ALL, edit=_changed(padding=_same_padding)),
    Mistake("incomplete-windows-kept", "windows that hang over the end are kept: the number of "
            "windows must be rounded down", ("z",), edit=_changed(ceil=lambda _: True)),
    Mistake("stride-as-dilation", "the stride moves the taps of the kernel apart and not the "
            "windows", ("z",),
            edit=_changed(stride=lambda layer: layer.dilation,
                          dilation=lambda layer: layer.stride)),
    Mistake("bias-missing", "the bias is not added", ("z",),
            edit=_changed(b=lambda layer: 0 * layer.b)),
    Mistake("bias-sign", "the bias enters with the wrong sign", ("z",),
            edit=_changed(b=lambda layer: -layer.b)),
    Mistake("bias-per-channel", "the bias is added once for each input channel: it belongs "
            "outside the sum over channels", ("z",),
            edit=_changed(b=lambda layer: layer.b * layer.w.shape[1])),
    Mistake("bias-per-tap", "the bias is added once for each entry of the kernel", ("z",),
            edit=_changed(b=lambda layer: layer.b * layer.w[0].size)),
    Mistake("bias-per-tap", "the bias is added once for each place of the kernel", ("z",),
            edit=_changed(b=lambda layer: layer.b * layer.w[0, 0].size)),
    Mistake("bias-summed", "all biases are added to every map", ("z",),
            edit=_changed(b=lambda layer: np.full_like(layer.b, layer.b.sum()))),
    Mistake("bias-twice", "the bias is added twice", ("z",),
            edit=_changed(b=lambda layer: 2 * layer.b)),
    Mistake("bias-of-first-map", "the bias of map 0 is used for every map", ("z",),
            edit=_changed(b=lambda layer: _repeated(layer.b, 0))),
    Mistake("first-channel-only", "only input channel 0 is read", SEEN,
            edit=_changed(x=lambda layer: _only(layer.x, 1, 0))),
    Mistake("last-channel-only", "only the last input channel counts: = where += belongs in the "
            "loop over channels", SEEN, edit=_changed(x=lambda layer: _only(layer.x, 1, -1))),
    Mistake("channel-zero-for-all", "input channel 0 is read in place of each channel", SEEN,
            edit=_changed(x=lambda layer: _repeated(layer.x, 1))),
    Mistake("kernel-of-channel-zero", "the kernel of channel 0 is used for all channels",
            ("z", "dx"), edit=_changed(w=lambda layer: _repeated(layer.w, 1))),
    Mistake("first-filter-only", "only filter 0 sends a gradient back", ("dx",),
            edit=_changed(w=lambda layer: _only(layer.w, 0, 0))),
    Mistake("last-filter-only", "only the last filter sends a gradient back: = where += belongs "
            "in the loop over the maps", ("dx",),
            edit=_changed(w=lambda layer: _only(layer.w, 0, -1))),
    Mistake("filters-and-channels-swapped", "w is read as channels x maps where it is maps x "
            "channels", ("z", "dx"),
            edit=_changed(w=lambda layer: layer.w.swapaxes(0, 1),
                          b=lambda layer: layer.b[:layer.w.shape[1]])),
    Mistake("weights-reshaped", "the weights are reshaped where their axes should be exchanged",
            ("z", "dx"), edit=_changed(w=_reshaped_filters)),
    Mistake("absolute-weights", "the weights lose their sign", ("z", "dx"),
            edit=_changed(w=lambda layer: abs(layer.w))),
    Mistake("integer-weights", "the weights are cut to whole numbers", ("z", "dx"),
            edit=_changed(w=lambda layer: np.trunc(layer.w))),
    Mistake("first-sample-for-all", "sample 0 is read in place of every sample", SEEN,
            edit=_changed(x=lambda layer: _repeated(layer.x, 0))),
    Mistake("overlap-assigned", "windows that overlap overwrite each other's gradient: = where += "
            "belongs (NumPy's dx[index] += counts a repeated index once; np.add.at counts all)",
            ("dx",), edit=_changed(overlap=lambda _: "last")),
    Mistake("overlap-assigned", "each window's gradient is put over what windows before it gave: "
            "= where += belongs", ("dx",), edit=_changed(overlap=lambda _: "windows")),
    Mistake("overlap-first-kept", "of windows that overlap only the first sends its gradient "
            "back", ("dx",), edit=_changed(overlap=lambda _: "first")),
    Mistake("crop-at-zero", "dx is cut out of the padded gradient from its corner: the image "
            "begins at `padding`", ("dx",), edit=_changed(crop=lambda _: "zero")),
    Mistake("crop-off-by-one", "dx is cut out of the padded gradient one pixel too late", ("dx",),
            edit=_changed(crop=lambda _: 1)),
    Mistake("crop-off-by-one", "dx is cut out of the padded gradient one pixel too early", ("dx",),
            edit=_changed(crop=lambda _: -1)),
    Mistake("crop-exchanged", "when the padding is cut off dx, its amounts for rows and columns "
            "are exchanged", ("dx",), edit=_changed(crop=lambda _: "exchanged")),
    Mistake("crop-at-end", "all the padding is cut off in front of dx: the last pixels are taken",
            ("dx",), edit=_changed(crop=lambda _: "end")),
    Mistake("padding-not-cropped", PADDING_NOT_CROPPED, ("dx",),
            edit=_changed(crop=lambda _: "none")),
    Mistake("crop-by-negative-index", "the border is cut off with [p:-p], which is empty for "
            "p = 0: write [p:p + H]", ("dx",), edit=_changed(crop=lambda _: "negative")),
    Mistake("dx-too-small", "dx ends where the last window ends: the pixels left over need their "
            "zeros", ("dx",), edit=_changed(crop=lambda _: "reached")),
    Mistake("rest-not-padded", "pixels behind the start of the last window, that it reaches "
            "through the padding, stay zero: dz must be padded by the rest, too", ("dx",),
            edit=_changed(crop=lambda _: "reached and filled")),
    Mistake("upstream-ignored", "dz is taken as all ones: the upstream gradient is not multiplied "
            "in", ("dx", "dw", "db"), edit=_changed(dz=lambda layer: np.ones_like(layer.dz))),
    Mistake("upstream-squared", "dz is multiplied in twice", ("dx", "dw", "db"),
            edit=_changed(dz=lambda layer: layer.dz**2)),
    Mistake("relu-derivative-included", "dz is set to zero where z is not positive: the "
            "derivative of a ReLU that is not part of this layer", ("dx", "dw", "db"),
            edit=_changed(dz=_relu_upstream)),
    Mistake("first-sample-only", "only sample 0 counts", ("dw", "db"),
            edit=_changed(dz=lambda layer: _only(layer.dz, 0, 0))),
    Mistake("last-sample-only", "only the last sample counts: = where += belongs in the loop over "
            "the samples", ("dw", "db"),
            edit=_changed(dz=lambda layer: _only(layer.dz, 0, -1))),
    Mistake("last-window-only", "only the last window counts: = where += belongs in the loop over "
            "the windows", ("dw",),
            edit=_changed(dz=lambda layer: _only_last_window(layer.dz))),
    Mistake("first-window-only", "only the first window counts: a return or a break stands "
            "inside the loop", ("dw", "dx", "db"),
            edit=_changed(dz=lambda layer: _corner(layer.dz, 2))),
    Mistake("first-window-only", "only the first window of the first sample counts: a return or a "
            "break stands inside the loop", ("dw", "dx", "db"),
            edit=_changed(dz=lambda layer: _only(_corner(layer.dz, 2), 0, 0))),
    Mistake("first-row-only", "only the first row of windows counts: a return or a break stands "
            "inside the loop", ("dw", "dx", "db"),
            edit=_changed(dz=lambda layer: _only(layer.dz, 2, 0))),
    Mistake("last-row-only", "only the last row of windows counts: = where += belongs in the loop "
            "over the rows", ("dw", "dx", "db"),
            edit=_changed(dz=lambda layer: _only(layer.dz, 2, -1))),
    Mistake("upstream-of-map-zero", "map 0 of dz is read for every map", ("dx", "dw", "db"),
            edit=_changed(dz=lambda layer: _repeated(layer.dz, 1))),
    Mistake("upstream-of-sample-zero", "sample 0 of dz is read for every sample", ("dx", "dw",
            "db"), edit=_changed(dz=lambda layer: _repeated(layer.dz, 0))),
    Mistake("upstream-flipped", "dz is turned by 180 degrees", ("dx", "dw"),
            edit=_changed(dz=lambda layer: _turn(layer.dz, *range(2, layer.dz.ndim)))),
    Mistake("last-row-not-read", "the last row of dz is never read: the loop over the rows stops "
            "one short", ("dx", "dw", "db"),
            edit=_changed(dz=lambda layer: layer.dz - _only(layer.dz, 2, -1))),
    Mistake("last-column-not-read", "the last column of dz is never read: the loop over the "
            "columns stops one short", ("dx", "dw", "db"),
            edit=_changed(dz=lambda layer: layer.dz - _only(layer.dz, -1, -1))),
    Mistake("assumes-contiguous", "memory is read as if every array were C-contiguous: take "
            "np.ascontiguousarray first", ALL, edit=_memory),
)


def _only_last_window(dz):
    for axis in range(2, dz.ndim):
        dz = _only(dz, axis, -1)
    return dz
