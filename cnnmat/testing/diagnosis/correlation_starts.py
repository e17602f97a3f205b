"""Mistakes in where the windows of a correlation start, and in where its groups are.

Each start that somebody may write is met in code that reads zeros beyond the end, in code that
goes back to the last window that fits, and in code that goes round.
"""

import numpy as np

from cnnmat.testing.diagnosis.correlation_layer import grouped, padded
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import pitched
from cnnmat.testing.diagnosis.results import moved

__all__ = []

#: Where window i starts, of a padded length n and a kernel that covers k: what should be i s.
STARTS = (
    ("rest-in-front", "the pixels that no window reaches are left in front, not behind: windows "
     "are counted from the end", lambda i, s, d, n, k, p: i * s + (n - k) % s),
    ("rest-in-front", "the pixels that no window reaches are shared out between front and end",
     lambda i, s, d, n, k, p: i * s + (n - k) % s // 2),
    ("stride-times-dilation", "windows start at i times stride times dilation: the dilation moves "
     "the taps and not the windows", lambda i, s, d, n, k, p: i * s * d),
    ("stride-less-one", "window i starts at i (stride - 1)", lambda i, s, d, n, k, p: i * (s - 1)),
    ("stride-is-kernel", "window i starts at i times the kernel's length, not times the stride",
     lambda i, s, d, n, k, p: i * k),
    ("stride-divides", "window i starts at i // stride: it is to be i times the stride",
     lambda i, s, d, n, k, p: i // s),
    ("stride-added", "window i starts at i + stride: it is to be i times the stride",
     lambda i, s, d, n, k, p: i + s),
    ("window-centred", "window i lies around i times the stride: it starts there",
     lambda i, s, d, n, k, p: i * s - k // 2),
    ("window-ends-there", "window i ends at i times the stride: it starts there",
     lambda i, s, d, n, k, p: i * s - k + 1),
    ("starts-at-one", "windows are counted from 1: window i starts at (i + 1) times the stride",
     lambda i, s, d, n, k, p: (i + 1) * s),
    ("padding-added-again", "window i of the padded image starts at i times the stride plus the "
     "padding: the padding is counted twice", lambda i, s, d, n, k, p: i * s + p),
    ("windows-reversed", "the windows are taken from the end to the front",
     lambda i, s, d, n, k, p: i[::-1] * s),
    ("windows-spread", "the windows are spread evenly over the image, the last at its very end",
     lambda i, s, d, n, k, p: np.rint(i * (n - k) / max(len(i) - 1, 1)).astype(int)),
)
#: What code does where such a window does not fit.
BEYOND = (
    ("", lambda start, most: start),
    (" (where that does not fit, at the last place that does)",
     lambda start, most: np.clip(start, 0, most)),
    (" (where that does not fit, round again)", lambda start, most: start % (most + 1)),
)


def _places(layer, start, beyond):
    """For each axis windows x taps of places in the padded image, zeros all round it."""
    found = []
    for axis, count in enumerate(layer.dz.shape[2:]):
        s, d, k = layer.stride[axis], layer.dilation[axis], layer.w.shape[2 + axis]
        n, reach = layer.x.shape[2 + axis] + sum(layer.padding[axis]), d * (k - 1) + 1
        first = beyond(start(np.arange(count), s, d, n, reach, layer.padding[axis][0]), n - reach)
        found.append(np.clip(first, -reach, n)[:, None] + d * np.arange(k) + reach)
    return found


def _wide(layer, array):
    """A padded image with as many zeros round it as a kernel is long."""
    reach = [d * (k - 1) + 1 for d, k in zip(layer.dilation, layer.w.shape[2:], strict=True)]
    return np.pad(array, ((0, 0), (0, 0), *[(r, r) for r in reach])), reach


def _at(layer, output, start, beyond):
    """An output whose windows start there."""
    if layer.axes != 2:
        raise ValueError("images of two axes are looked at")
    rows, columns = _places(layer, start, beyond)
    at = rows[:, None, :, None], columns[None, :, None, :]
    wide, reach = _wide(layer, padded(layer))
    if output == "dx":
        found = np.zeros_like(wide)
        for c, d in grouped(layer):
            shares = np.einsum("ndij,dckl->ncijkl", layer.dz[:, d], layer.w[d])
            np.add.at(found, (slice(None), c, *at), shares)
        return found[(..., *[slice(r + p[0], r + p[0] + n) for r, p, n in zip(
            reach, layer.padding, layer.x.shape[2:], strict=True)])]
    read = wide[(slice(None), slice(None), *at)]
    found = [np.einsum("ncijkl,dckl->ndij", read[:, c], layer.w[d]) if output == "z"
             else np.einsum("ncijkl,ndij->dckl", read[:, c], layer.dz[:, d])
             for c, d in grouped(layer)]
    if output == "dw":
        return np.concatenate(found, 0)
    return np.concatenate(found, 1) + layer.b.reshape(-1, 1, 1)


#: Strides that somebody may write for those of the two axes.
STRIDES = (
    ("stride-of-first-axis", "the stride of the rows is used for the columns, too",
     lambda s: (s[0], s[0])),
    ("stride-of-last-axis", "the stride of the columns is used for the rows, too",
     lambda s: (s[1], s[1])),
    ("stride-axes-swapped", "the strides of rows and columns are exchanged", lambda s: s[::-1]),
    ("stride-ignored", "windows start one pixel apart", lambda s: (1, 1)),
)


def _by_stride(layer, output, strides, beyond):
    if layer.axes != 2:
        raise ValueError("images of two axes are looked at")
    return _at(layer.but(stride=strides(layer.stride)), output,
               lambda i, s, *_: i * s, beyond)


def _starts():
    for slug, said, strides in STRIDES:
        for more, beyond in BEYOND:
            for output in ("z", "dx", "dw"):
                yield Mistake(slug, f"{said}{more}", (output,), company="none",
                              result=lambda a, layer, o, s=strides, b=beyond: _by_stride(
                                  layer, o, s, b))
    for slug, said, start in STARTS:
        for more, beyond in BEYOND:
            for output in ("z", "dx", "dw"):
                end = "" if output == "z" else f", when {output} is made"
                yield Mistake(slug, f"{said}{more}{end}", (output,), company="none",
                              result=lambda a, layer, o, s=start, b=beyond: _at(layer, o, s, b))


# --- what is padded, and how its rows follow each other in memory -----------------------


def _all_axes_padded(axis):
    """np.pad(x, p) pads samples and channels, too: what is read lies further back by p."""
    def edit(layer, _):
        shifted = layer.x
        for _ in range(layer.padding[0][0]):
            shifted = moved(shifted, axis, 1)
        return layer.but(x=shifted)
    return edit


def _step_of_padded(layer, _):
    """The rows of the padded image follow each other by the length of one that is not padded."""
    wide = padded(layer)
    return layer.but(x=pitched(wide, layer.x.shape[-1]), padding=((0, 0),) * layer.axes)


def _half_kernel_more(behind):
    def edit(layer, _):
        return layer.but(as_many=True, padding=tuple(
            (p + (k - 1 + behind) // 2, q + k // 2) for (p, q), k in zip(
                layer.padding, layer.w.shape[2:], strict=True)))
    return edit


def _geometry():
    for axis, name in ((1, "channel"), (0, "sample")):
        yield Mistake("all-axes-padded", f"the {name}s are padded, too (np.pad(x, p) pads every "
                      f"axis): {name} k is read as {name} k - padding, zeros before the first",
                      ("z", "dw"), edit=_all_axes_padded(axis), company="none")
    yield Mistake("pitch", "in the flat index of the padded image the step from one row to the "
                  "next is the length of a row that is not padded", ("z", "dw"), company="none",
                  edit=_step_of_padded)
    for behind in (0, 1):
        yield Mistake("half-kernel-padded-besides", "the image is padded by half the kernel "
                      "besides what is asked for (a 'same' mode on an image that is padded "
                      "already), and as many windows as there should be are taken from the front",
                      ("z", "dw"), edit=_half_kernel_more(behind), company="none")
    for said, pads in (
            ("(k - 1) // 2 in front and k // 2 behind", lambda k: ((k - 1) // 2, k // 2)),
            ("k // 2 in front and (k - 1) // 2 behind", lambda k: (k // 2, (k - 1) // 2))):
        for many in (False, True):
            yield Mistake("padding-always-same", f"the image is padded by {said} of a kernel of "
                          "length k, whatever the stride and whatever is asked for",
                          ("z", "dw", "dx"), company="none",
                          edit=lambda layer, _, f=pads, m=many: layer.but(
                              as_many=m, padding=tuple(map(f, layer.w.shape[2:]))))
    yield Mistake("padding-before-and-after-exchanged", "the amounts of padding in front and "
                  "behind are exchanged", ("z", "dw", "dx"), company="any",
                  edit=lambda layer, _: layer.but(padding=tuple(
                      (q, p) for p, q in layer.padding)))
    for slug, said, how in (
            ("padding-bounded", "the padding is at most half the kernel, whatever is asked for",
             lambda layer: {"padding": tuple((min(p, k // 2), min(q, k // 2)) for (p, q), k in zip(
                 layer.padding, layer.w.shape[2:], strict=True))}),
            ("padding-bounded", "the padding is at most half the longer side of the kernel, "
             "whatever is asked for", lambda layer: {"padding": tuple(
                 tuple(min(p, max(layer.w.shape[2:]) // 2) for p in one)
                 for one in layer.padding)}),
            ("padding-bounded", "the padding is at most the kernel less 1, whatever is asked for",
             lambda layer: {"padding": tuple((min(p, k - 1), min(q, k - 1)) for (p, q), k in zip(
                 layer.padding, layer.w.shape[2:], strict=True))}),
            ("padding-bounded", "the padding is at most 1, whatever is asked for",
             lambda layer: {"padding": tuple((min(p, 1), min(q, 1)) for p, q in layer.padding)}),
            ("stride-bounded", "the stride is at most the kernel's length, whatever is asked for",
             lambda layer: {"stride": tuple(map(min, layer.stride, layer.w.shape[2:]))}),
            ("stride-bounded", "the stride is at most 2, whatever is asked for",
             lambda layer: {"stride": tuple(min(s, 2) for s in layer.stride)})):
        yield Mistake(slug, said, ("z", "dw", "dx"), company="none",
                      edit=lambda layer, _, f=how: layer.but(**f(layer)))
    yield Mistake("stride-and-padding-exchanged", "stride and padding are exchanged",
                  ("z", "dw", "dx"), company="none", edit=_stride_for_padding)


def _stride_for_padding(layer, _):
    if min(p for p, _ in layer.padding) < 1:
        raise ValueError("a stride of 0")
    return layer.but(stride=tuple(p for p, _ in layer.padding),
                     padding=tuple((s, s) for s in layer.stride))


PLACES = (*_geometry(), *_starts())
