"""Mistakes in which windows of a correlation there are, and what they use of the kernel.

Each geometry that may be wrong is met in an answer of its own size, or in one that was allocated
in the right size: what is too much is cut off then, what is missing stays zero.
"""

from dataclasses import replace
from itertools import permutations
from math import prod

import numpy as np

from cnnmat.testing.diagnosis.correlation_layer import compute
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import fitted, kept, recounts

__all__ = []

BACK = ("dx", "dw", "db")


def _image(layer):
    return layer.dz.shape[2:]


def _to_size(a, layer, _):
    return fitted(a, (*a.shape[:2], *_image(layer)))


def in_the_right_size(mistakes):
    """The wrong geometries among mistakes, their answers brought to the right size."""
    for one in mistakes:
        if one.slug.startswith(("stride", "padding", "dilation")) and "z" in one.outputs:
            yield replace(one, sentence=f"{one.words('z')}, and what comes of it is cut, or filled "
                          "up with zeros, to the right size", outputs=("z",), result=_to_size,
                          company="other")


def _padded(before, after):
    def edit(layer, _):
        pads = [(p + before, q + after) for p, q in layer.padding]
        if min(map(min, pads)) < 0:
            raise ValueError("nothing is left of the padding")
        return layer.but(padding=tuple(pads))
    return edit


def _uneven():
    """Padding by one too much, or too little, on either side."""
    for before, after in ((0, -1), (-1, 0), (-1, -1), (0, 1), (1, 0), (1, 1)):
        where = " and ".join(word for word, n in (("in front", before), ("behind", after)) if n)
        much = "too little" if min(before, after) < 0 else "too much"
        yield Mistake("padding-off-by-one", f"the image is padded one {much} {where}",
                      ("z", "dw", "dx"), edit=_padded(before, after))
    yield Mistake("dilation-off-by-one", "the taps lie one pixel further apart than the dilation",
                  ("z", "dw", "dx"), edit=lambda layer, _: layer.but(
                      dilation=tuple(d + 1 for d in layer.dilation)))
    yield Mistake("stride-off-by-one", "the windows are placed one pixel further apart than the "
                  "stride", ("z", "dw", "dx"), edit=lambda layer, _: layer.but(
                      stride=tuple(s + 1 for s in layer.stride)))


def _of_one_axis():
    """A setting of one axis taken for all, and padding that is shared out between two sides."""
    for name in ("stride", "padding", "dilation"):
        for said, axis in (("first", 0), ("last", -1)):
            yield Mistake(
                f"{name}-of-{said}-axis", f"the {name} of the {said} axis is used for every axis",
                ("z", "dw", "dx"), edit=lambda layer, _, n=name, a=axis: layer.but(
                    **{n: (getattr(layer, n)[a],) * layer.axes}))
    yield Mistake("padding-halved", "the padding is taken for the sum of both sides: half of it is "
                  "put in front", ("z", "dw", "dx"), edit=lambda layer, _: layer.but(
                      padding=tuple((p // 2, q - q // 2) for p, q in layer.padding)))


def _tiles_apart(layer, _):
    """A window made of pixels that lie as far apart as there are windows."""
    if layer.stride != layer.w.shape[2:] or any(d > 1 for d in layer.dilation) or any(
            m * s != n for m, s, n in zip(_image(layer), layer.stride, layer.x.shape[2:],
                                          strict=True)):
        raise ValueError("windows do not tile the image")
    return layer.but(stride=(1,) * layer.axes, dilation=tuple(_image(layer)))


# --- windows that are left out --------------------------------------------------------


def _inside(layer):
    """1 for windows that lie within the image, 0 for those that reach into the padding."""
    found = np.ones(_image(layer))
    for axis, count in enumerate(_image(layer)):
        first = np.arange(count) * layer.stride[axis] - layer.padding[axis][0]
        last = first + layer.dilation[axis] * (layer.w.shape[2 + axis] - 1)
        fits = (first >= 0) & (last < layer.x.shape[2 + axis])
        found *= fits.reshape([-1 if a == axis else 1 for a in range(layer.axes)])
    return found


def _diagonal(layer):
    return np.equal(*np.indices(_image(layer))[-2:]).astype(float)


LEFT_OUT = (
    ("border-windows-left-out", "windows that reach into the padding are left out", _inside),
    ("inner-windows-left-out", "only windows that reach into the padding count",
     lambda layer: 1 - _inside(layer)),
    ("windows-of-the-diagonal", "only windows (i, i) count: one index runs over rows and columns",
     _diagonal),
)


def _left_out():
    for slug, said, mask in LEFT_OUT:
        yield Mistake(slug, said, BACK,
                      edit=lambda layer, _, m=mask: layer.but(dz=layer.dz * m(layer)))
        yield Mistake(slug, f"{said}, the others stay zero", ("z",),
                      result=lambda a, layer, _, m=mask: a * m(layer))


# --- entries of the kernel ------------------------------------------------------------


def _square_assumed(layer, side):
    """w of which as many rows and columns are used as it has along one axis."""
    k = layer.w.shape[side]
    if min(layer.w.shape[2:]) < k:
        raise IndexError("the kernel is shorter along the other axis")
    return layer.but(w=layer.w[(slice(None), slice(None), *[slice(0, k)] * layer.axes)])


def _one_side():
    for side, one, other in ((2, "height", "width"), (-1, "width", "height")):
        yield Mistake("kernel-taken-as-square", f"the {one} of the kernel is taken for its {other} "
                      "too", ("z", "dx"), edit=lambda layer, _, s=side: _square_assumed(layer, s))
        yield Mistake("kernel-taken-as-square", f"the {one} of the kernel is taken for its {other} "
                      "too, and what lies beyond stays zero", ("dw",),
                      result=lambda a, layer, _, s=side: kept(
                          kept(a, 2, slice(0, a.shape[s])), -1, slice(0, a.shape[s])))
        yield Mistake("kernel-taken-as-square", f"the {one} of the kernel is taken for its {other} "
                      "too, in the loop over its entries", ("z",), result=_to_size,
                      edit=lambda layer, _, s=side: _square_assumed(layer, s))


def _length_of_another():
    """One axis of the kernel used as far as another is long."""
    names = ("depth", "height", "width")
    for one, other in permutations(range(-3, 0), 2):
        def cut(w, a=one, b=other):
            if w.ndim < 5 and min(a, b) < -2:
                raise IndexError("no such axis")
            return kept(w, a, slice(0, w.shape[b]))

        said = (f"the kernel is used along its {names[one]} as far as its {names[other]} reaches: "
                f"the {names[other]} is taken for the {names[one]}")
        yield Mistake("kernel-length-of-another-axis", said, ("z", "dx"), company="none",
                      edit=lambda layer, _, c=cut: layer.but(w=c(layer.w)))
        yield Mistake("kernel-length-of-another-axis", said, ("dw",), company="none",
                      result=lambda a, *_, c=cut: c(a))


def _other_extents():
    """The number of windows, by another length that a dilated kernel is taken to cover."""
    for said, extent in (("dilation times k", lambda k, d: k * d),
                         ("dilation times k less 1", lambda k, d: k * d - 1),
                         ("dilation times (k - 1)", lambda k, d: (k - 1) * d),
                         ("k + dilation - 1", lambda k, d: k + d - 1),
                         ("k + dilation", lambda k, d: k + d)):
        yield Mistake("other-extent", f"a kernel of length k is taken to cover {said} pixels in "
                      "the number of windows: it is dilation times (k - 1), plus 1", ("z",),
                      company="none", result=lambda a, layer, _, e=extent: fitted(
                          a, (*a.shape[:2], *[max(0, (n + sum(p) - e(k, d)) // s + 1)
                                              for n, p, k, d, s in zip(
                                                  layer.x.shape[2:], layer.padding,
                                                  layer.w.shape[2:], layer.dilation,
                                                  layer.stride, strict=True)])))


def _tap(to, come):
    """One entry of the kernel read in place of another; None reads nothing."""
    said = (f"entry {list(come)} of the kernel is used where entry {list(to)} belongs: an index is "
            "mistyped" if come else f"entry {list(to)} of the kernel is left out")

    def change(w):
        w = w.copy()
        w[(..., *to)] = w[(..., *come)] if come else 0
        return w

    return Mistake(
        "one-entry-of-the-kernel", said, ("z", "dx", "dw"), company="other", size=(to, come),
        edit=lambda layer, output: layer if output == "dw" else layer.but(w=change(layer.w)),
        result=lambda a, _, output: change(a) if output == "dw" else a)


def _fit_tap(layer, output, answer):
    places = list(np.ndindex(layer.w.shape[2:]))
    right = compute(layer, output)
    if answer.shape != right.shape or prod(layer.w.shape[2:]) > MOST:
        return None
    for to in places:
        for come in (None, *places):
            one = _tap(to, come)
            made = one.result(compute(one.edit(layer, output), output), layer, output)
            if come != to and np.allclose(made, answer, rtol=1e-9, atol=1e-12):
                return one
    return None


#: Entries of a kernel among which a mistyped index is looked for.
MOST = 9

# --- borders, and where the bias is added -------------------------------------------------


def _filled(value):
    """The border filled with a value of the image."""
    return lambda layer, _: layer.but(
        padding=((0, 0),) * layer.axes, x=np.pad(
            layer.x, ((0, 0), (0, 0), *layer.padding), constant_values=value(layer.x)))


def _borders():
    for mode, said in (("reflect", "mirrors the image, the border pixels not repeated"),
                       ("symmetric", "mirrors the image, the border pixels repeated"),
                       ("mean", "holds the mean of each row and column"),
                       ("maximum", "holds the largest of each row and column"),
                       ("linear_ramp", "falls off to zero")):
        yield Mistake(f"padding-{mode}", f"the border {said}, where zeros belong", ("z", "dw"),
                      edit=lambda layer, _, m=mode: layer.but(pad_mode=m), company="other")
    for said, value in (("ones", lambda x: 1), ("the mean of the images", np.mean),
                        ("the smallest entry", np.min), ("-1", lambda x: -1)):
        yield Mistake("padding-filled", f"the border holds {said}, where zeros belong",
                      ("z", "dw"), edit=_filled(value), company="other")


def _bias_in_places():
    """The bias added to a part of the answer, or once more for each window."""
    places = {"sample": 0, "map": 1, "row": -2, "column": -1}
    for name, axis in places.items():
        for said, where in ((f"the first {name}", slice(0, 1)), (f"the last {name}",
                                                                 slice(-1, None))):
            yield Mistake("bias-in-places", f"the bias is added to {said} only", ("z",),
                          company="none", result=lambda a, layer, _, k=axis, w=where: (
                              a - _bias(a, layer) + kept(_bias(a, layer), k, w)))
        yield Mistake("accumulator-not-reset", f"each {name} has the {name}s before it added in, "
                      "the bias once: an accumulator is not set back to zero", ("z",),
                      company="none", result=lambda a, layer, _, k=axis: (
                          np.cumsum(a - _bias(a, layer), k) + _bias(a, layer)))
    for said, once in (("", 0), (", the bias once", 1)):
        yield Mistake("accumulator-not-reset", "each window has the windows before it added in"
                      f"{said}: an accumulator is not set back to zero", ("z",), company="none",
                      result=lambda a, layer, _, k=once: np.cumsum(
                          (a - k * _bias(a, layer)).reshape(*a.shape[:2], -1), -1).reshape(
                              a.shape) + k * _bias(a, layer))


def _bias(z, layer):
    return np.broadcast_to(layer.b.reshape(-1, *[1] * layer.axes), z.shape)


WINDOWS = (
    *_borders(), *_bias_in_places(),
    *_uneven(),
    *_of_one_axis(),
    Mistake("dilation-not-read", "the dilation enlarges the window in the number of windows, and "
            "adjacent pixels are read", ("z",), result=_to_size,
            edit=lambda layer, _: layer.but(dilation=(1,) * layer.axes)),
    Mistake("tiles-taken-apart", "a reshape into tiles has its axes in the wrong order: each "
            "window is made of pixels that lie apart", ("z", "dw", "dx"), edit=_tiles_apart),
    *_left_out(), *_one_side(), *_length_of_another(),
    *recounts("z", lambda layer: (layer.x.shape[2:], layer.padding, tuple(
        d * (k - 1) + 1 for d, k in zip(layer.dilation, layer.w.shape[2:], strict=True)),
        layer.stride)),
    *_other_extents(),
    Mistake("one-entry-of-the-kernel", "", ("z", "dx", "dw"), fit=_fit_tap, company="other"),
)
