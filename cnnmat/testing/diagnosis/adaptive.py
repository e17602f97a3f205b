"""Mistakes in pooling to a given size, or over the whole image."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer, transposed

__all__ = []

BOTH = ("t", "dx")


@dataclass(frozen=True)
class Adaptive:
    """Inputs, where the windows of an axis begin and end, and what becomes of a window.

    A maximum, or a mean, is taken over the axes `over` besides those of the window.
    """

    x: np.ndarray
    dt: np.ndarray
    size: tuple
    kind: str
    form: str
    spans: object = staticmethod(lambda n, m: [(i * n // m, -(-(i + 1) * n // m))
                                               for i in range(m)])
    overlap: str = "add"
    share: object = staticmethod(lambda adaptive, count: 1 / count)
    over: tuple = ()

    def windows(self):
        """(window, rows, columns)."""
        rows, columns = (self.spans(n, m) for n, m in zip(self.x.shape[2:], self.size, strict=True))
        return [((i, j), slice(*r), slice(*c)) for i, r in enumerate(rows)
                for j, c in enumerate(columns)]


def bank(contract):
    """The bank of mistakes in adaptive pooling."""
    def layer(case):
        return Adaptive(case.arrays["x"].astype(float), case.arrays["dt"].astype(float),
                        tuple(case.settings["size"]), contract.pooling, case.form)

    return Bank(layer, compute, MISTAKES)


def compute(p, output):
    """t or dx."""
    n, c = p.x.shape[:2]
    t, dx = np.zeros((n, c, *p.size)), np.zeros_like(p.x)
    for (i, j), rows, columns in p.windows():
        part = p.x[:, :, rows, columns]
        if p.kind == "max":
            top = part.max((*p.over, 2, 3), keepdims=True)
            slopes, value = (part == top) * 1.0, np.broadcast_to(top[..., 0, 0], (n, c))
        else:
            slopes = np.full(part.shape, p.share(p, part[0, 0].size))
            value = (part * slopes).sum((2, 3))
        t[:, :, i, j] = value
        share = p.dt[:, :, i, j][..., None, None] * slopes
        dx[:, :, rows, columns] = share + (dx[:, :, rows, columns] if p.overlap == "add" else 0)
    return t if output == "t" else dx


def _edit(slug, sentence, outputs=BOTH, **how):
    return Mistake(slug, sentence, outputs, edit=lambda p, _: replace(
        p, **{k: f(p) for k, f in how.items()}))


def _floored(n, m):
    """Windows of one length, what is left over being left out."""
    return [(i * (n // m), (i + 1) * (n // m)) for i in range(m)]


def _last_longer(n, m):
    return [*_floored(n, m)[:-1], ((m - 1) * (n // m), n)]


def _stride_and_size(n, m):
    """The stride and the size that are usually made of n and m."""
    step = n // m
    return [(i * step, i * step + n - (m - 1) * step) for i in range(m)]


def _ends_floored(n, m):
    return [(i * n // m, (i + 1) * n // m) for i in range(m)]


def _maximum(p):
    if p.kind != "max":
        raise ValueError("a maximum is looked at")
    return p.kind


def _spans(slug, sentence, spans):
    return _edit(slug, sentence, spans=lambda _: spans)


ROUNDED = {
    "down": lambda a, b: a // b, "up": lambda a, b: -(-a // b),
    "to the nearest": lambda a, b: int(np.rint(a / b)),
    "to the nearest, halves up": lambda a, b: (2 * a + b) // (2 * b),
}


def _otherwise_rounded():
    """Windows whose beginnings, or ends, are rounded in another way than down, and up."""
    for one, first in ROUNDED.items():
        for two, last in ROUNDED.items():
            if (one, two) not in (("down", "up"), ("down", "down")):
                yield _spans("ends-rounded-otherwise", f"window i reaches from i n / m rounded "
                             f"{one} to (i + 1) n / m rounded {two}: that is to be from ⌊i n / m⌋ "
                             "to ⌈(i + 1) n / m⌉", lambda n, m, f=first, e=last: [
                                 (f(i * n, m), min(n, max(f(i * n, m) + 1, e((i + 1) * n, m))))
                                 for i in range(m)])
    yield _spans("window-one-longer", "each window has a row and a column too much at its end",
                 lambda n, m: [(i * n // m, min(n, 1 - (-(i + 1) * n // m))) for i in range(m)])
    yield _spans("windows-of-longest", "all windows are as long as the longest, ⌈n / m⌉",
                 lambda n, m: [(i * n // m, min(n, i * n // m - (-n // m))) for i in range(m)])


def _other_areas():
    """Another number of entries than a window has."""
    for slug, said, area in (
            ("average-area", "the average window's H W / (number of windows)",
             lambda p: np.prod(p.x.shape[2:]) / np.prod(p.size)),
            ("smallest-area", "⌊H / m⌋ ⌊W / m⌋",
             lambda p: np.prod([n // m for n, m in zip(p.x.shape[2:], p.size, strict=True)])),
            ("largest-area", "⌈H / m⌉ ⌈W / m⌉",
             lambda p: np.prod([-(-n // m) for n, m in zip(p.x.shape[2:], p.size, strict=True)])),
            ("number-of-windows", "the number of windows", lambda p: np.prod(p.size)),
            ("whole-image", "the number of pixels of the image",
             lambda p: np.prod(p.x.shape[2:]))):
        yield _edit(f"divided-by-{slug}", f"it is divided by {said}, and not by the number of "
                    "entries of each window", share=lambda _, f=area: lambda p, count: 1 / f(p))


def _one_entry(a, p, which, divided):
    """The gradient of each window at one of its entries."""
    found = np.zeros_like(p.x)
    for (i, j), rows, columns in p.windows():
        at = [which(s.start, s.stop) for s in (rows, columns)]
        area = (rows.stop - rows.start) * (columns.stop - columns.start) if divided else 1
        found[(slice(None), slice(None), *at)] += p.dt[:, :, i, j] / area
    return found


def _to_one_entry():
    for said, which in (("first", lambda a, b: a), ("last", lambda a, b: b - 1),
                        ("middle", lambda a, b: (a + b) // 2)):
        for more, divided in (("", False), (", divided by their number", True)):
            yield Mistake("gradient-to-one-entry", f"the gradient of a window stands at its {said} "
                          f"entry alone{more}: each of its entries has a share", ("dx",),
                          result=lambda a, p, _, w=which, d=divided: _one_entry(a, p, w, d))


MISTAKES = (
    _edit("whole-gradient-to-each", "every entry of the window gets the whole gradient: the mean "
          "divides it by their number", ("dx",), share=lambda _: lambda p, count: 1.0),
    _edit("sum-for-mean", "the sum is not divided by the number of entries",
          share=lambda _: lambda p, count: 1.0),
    _edit("divided-by-side", "it is divided by the side of the image and not by the number of "
          "entries", share=lambda _: lambda p, count: count**-0.5),
    _edit("mean-for-kind", "the mean is taken", kind=lambda _: "mean"),
    _edit("max-for-kind", "the maximum is taken", kind=lambda _: "max"),
    Mistake("minimum", "the smallest entry is taken", ("t",),
            edit=lambda p, _: replace(p, x=-p.x), result=lambda a, *_: -a),
    Mistake("maximum-starts-at-zero", "the running maximum starts at 0: where all entries are "
            "negative it must not", ("t",), result=lambda a, *_: np.maximum(a, 0)),
    _spans("rest-left-out", "all windows have the length ⌊n / m⌋, so that the last pixels are left "
           "out: window i ends at ⌈(i + 1) n / m⌉", _floored),
    _spans("rest-in-last-window", "the last window has all that is left over: window i reaches "
           "from ⌊i n / m⌋ to ⌈(i + 1) n / m⌉", _last_longer),
    _spans("one-stride-one-size", "all windows have one size and one stride: window i reaches from "
           "⌊i n / m⌋ to ⌈(i + 1) n / m⌉", _stride_and_size),
    _spans("ends-rounded-down", "window i ends at ⌊(i + 1) n / m⌋: it is to be rounded up, so that "
           "windows overlap", _ends_floored),
    _edit("overlap-assigned", "windows that overlap overwrite each other's gradient: = where += "
          "belongs", ("dx",), overlap=lambda _: "assign"),
    _edit("size-axes-exchanged", "rows and columns of the size are exchanged", ("t",),
          size=lambda p: p.size[::-1]),
    Mistake("over-channels", "the channels are pooled together", ("t",),
            result=lambda a, p, _: np.broadcast_to(
                a.max(1, keepdims=True) if p.kind == "max" else a.mean(1, keepdims=True), a.shape)),
    *(_edit("maximum-searched-too-far", f"the maximum is searched over {said}, too", BOTH,
            over=lambda _, o=over: o, kind=_maximum) for said, over in (
                ("the batch", (0,)), ("the channels", (1,)), ("batch and channels", (0, 1)))),
    Mistake("rows-only", "only the rows are pooled", ("t",),
            result=lambda a, p, _: p.x.mean(2) if p.kind == "mean" else p.x.max(2)),
    _edit("upstream-ignored", "dt is taken as all ones", ("dx",),
          dt=lambda p: np.ones_like(p.dt)),
    *_otherwise_rounded(), *_other_areas(), *_to_one_entry(),
    *common(BOTH, lambda p: len(p.x)),
    transposed("output-transposed", "rows and columns of the output are exchanged", BOTH, -1, -2),
    cut_to_integer(BOTH, lambda p: p.form == "integer"),
)
