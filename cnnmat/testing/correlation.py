"""The contract of a correlation layer: its conventions, its truth, how it gets smaller."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import exact, reshaped
from cnnmat.testing.contract import Contract
from cnnmat.testing.conventions import (
    OF_ONE,
    UNSPOKEN,
    expressible,
    spoken,
    turned,
    turned_back,
)
from cnnmat.testing.correlation_cases import correlation_cases, output_shape, row_as_case
from cnnmat.testing.limits import limit

__all__ = []


@dataclass(frozen=True, eq=False)
class CorrelationContract(Contract):
    """The conventions that `check_correlation` takes as keywords."""

    layout: str = "NCHW"
    weights: str = "OIHW"
    convolve: bool = False
    bias: str = "add"
    stride: str = "int"
    padding: str = "int"
    dilation: str = "none"
    groups: bool = False
    dims: int = 2
    dtype: str = "float64"
    without: tuple = ()
    only: tuple = ()

    kind = "correlation"
    fits = True

    @property
    def parts(self):
        b = self.bias != "none"
        return {"forward": (("x", "w", "b")[:2 + b], ("z",)),
                "backward": (("dz", "x", "w"), self.gradients(b))}

    # --- conventions ---

    def settings(self, case):
        s = case.settings
        given = []
        for name, how in (("stride", self.stride), ("padding", self.padding),
                          ("dilation", self.dilation)):
            if how not in ("none", *UNSPOKEN):
                given.append(spoken(s[name], how))
        return (*given, s["groups"]) if self.groups else tuple(given)

    def expresses(self, settings):
        """Whether the functions can be told these settings."""
        return (
            expressible(settings["stride"], self.stride, 1)
            and expressible(settings["padding"], self.padding, 0)
            and expressible(settings["dilation"], self.dilation, 1)
            and (self.groups or settings["groups"] == 1)
        )

    def _axes(self):
        """The order of the canonical axes of the weights in the callee's convention."""
        space = range(2, self.dims + 2)
        return {"OIHW": (0, 1, *space), "HWIO": (*space, 1, 0),
                "OHWI": (0, *space, 1)}[self.weights]

    def _turned(self, name, array):
        if self.convolve and name in ("w", "dw"):
            return array[(..., *[slice(None, None, -1)] * (array.ndim - 2))]
        if self.bias == "subtract" and name in ("b", "db"):
            return -array
        return array

    def outward(self, name, array):
        if name in ("w", "dw"):
            return self._turned(name, array).transpose(self._axes())
        return self._turned(name, array) if array.ndim < 3 else turned(self.layout, array)

    def inward(self, name, array):
        if name == "db":
            return self._turned(name, array) if array.ndim == 1 else array
        if array.ndim != self.dims + 2 - (name != "dw" and self.layout in OF_ONE):
            return array
        if name == "dw":
            return self._turned(name, array.transpose(np.argsort(self._axes())))
        return turned_back(self.layout, array)

    # --- truth ---

    def cases(self, rng):
        return correlation_cases(rng, self)

    def of_geometry(self, rng, name, geometry, values):
        g, settings = geometry, geometry.settings()
        if not self.expresses(settings):
            return None
        case = row_as_case(rng, self, (name, "mixed", (g.N, g.C, g.D), g.image, g.kernel, {
            **settings, "values": values}))
        return case if self.tries(case) and min(case.arrays["dz"].shape) > 0 else None

    def padded(self, image, kernel, settings):
        """The padding of a configuration: what is asked for, or what goes with the sizes."""
        if self.padding not in UNSPOKEN:
            return settings["padding"]
        return UNSPOKEN[self.padding](image, kernel, settings["stride"], settings["dilation"])

    def tries(self, case):
        """Whether a case can be told to the functions, and lies within the limits."""
        features = self.features(case)
        return self.expresses(case.settings) and not any(
            limit(word).exceeded(self, case, features) for word in self.only)

    def window(self, case):
        return case.arrays["w"].shape[2:]

    def truth(self, case, part):
        a, s = {k: exact(v) for k, v in case.arrays.items()}, case.settings
        geometry = (s["stride"], s["padding"], s["dilation"], s["groups"])
        if part == "forward":
            values = (loops.correlate(a["x"], a["w"], a["b"], *geometry),)
        else:
            values = loops.correlate_backward(a["dz"], a["x"], a["w"], *geometry)
        return self.truths(part, values)

    # --- what a case is ---

    def features(self, case):
        s, x, w = case.settings, case.arrays["x"], case.arrays["w"]
        image, kernel = x.shape[2:], w.shape[2:]
        spans = [d * (k - 1) + 1 for k, d in zip(kernel, s["dilation"], strict=True)]
        rests = [(n + sum(p) - span) % step for n, p, span, step
                 in zip(image, s["padding"], spans, s["stride"], strict=True)]
        stride = zip(s["stride"], spans, strict=True)
        return {
            "stride > 1": max(s["stride"]) > 1,
            "stride > kernel": any(step > span for step, span in stride),
            "stride differs per axis": len(set(s["stride"])) > 1,
            "the windows do not tile the image": any(rests),
            "padding > 0": any(map(any, s["padding"])),
            "padding is uneven": any(a != b for a, b in s["padding"]),
            "dilation > 1": max(s["dilation"]) > 1,
            "groups > 1": s["groups"] > 1,
            "N > 1": len(x) > 1,
            "C > 1": x.shape[1] > 1,
            "D > 1": len(w) > 1,
            "C is not D": x.shape[1] != len(w),
            "the image is not square": len(set(image)) > 1,
            "the kernel is not square": len(set(kernel)) > 1,
            "the kernel is 1 x 1": set(kernel) == {1},
            "the kernel has one row": kernel[0] == 1,
            "the kernel has one column": kernel[-1] == 1,
            "padding >= kernel": any(
                max(p) >= span for p, span in zip(s["padding"], spans, strict=True)),
            "padding > half the kernel": any(
                max(p) > k // 2 for p, k in zip(s["padding"], kernel, strict=True)),
            "the kernel is larger than 3": max(kernel) > 3,
            "the kernel is as large as the image": tuple(kernel) == tuple(image),
            "a kernel side is even": any(k % 2 == 0 for k in kernel),
            "x is an array of integers": case.form == "integer",
            "the arrays are not C-contiguous": case.form in ("fortran", "strided"),
            "the numbers are not whole": any(
                np.any(a != np.rint(a)) for a in case.arrays.values()),
        }

    def terms(self, case, output, cell):
        from cnnmat.testing.explaining import correlation_terms

        return correlation_terms(self, case, output, cell)

    # --- getting smaller ---

    def smaller(self, case):
        x, w, s = case.arrays["x"], case.arrays["w"], case.settings
        sizes = {"N": len(x), "C": w.shape[1], "D": len(w) // s["groups"], "groups": s["groups"]}
        for name, value in sizes.items():
            yield from self._each(case, name, None, value, 1)
        for axis in range(self.dims):
            yield from self._each(case, "image", axis, x.shape[2 + axis], 1)
            yield from self._each(case, "kernel", axis, w.shape[2 + axis], 1)
            yield from self._each(case, "stride", axis, s["stride"][axis], 1)
            yield from self._each(case, "dilation", axis, s["dilation"][axis], 1)
            if self.padding not in UNSPOKEN:
                for side in (0, 1):
                    yield from self._each(case, "padding", (axis, side),
                                          s["padding"][axis][side], 0)
        for name in ("stride", "padding", "dilation"):
            yield from self._all_axes(case, name)

    def _each(self, case, what, where, value, least):
        for new in sorted({least, value // 2, value - 1}):
            if least <= new < value:
                yield from self._resized(case, {(what, where): new})

    def _all_axes(self, case, what):
        """One less on every axis at once, which an int can express."""
        least = 0 if what == "padding" else 1
        values = case.settings[what]
        largest = max(map(max, values)) if what == "padding" else max(values)
        for new in sorted({least, largest - 1}):
            if least <= new < largest:
                places = ([(a, k) for a in range(self.dims) for k in (0, 1)]
                          if what == "padding" else range(self.dims))
                yield from self._resized(case, {(what, where): new for where in places})

    def _resized(self, case, changes):
        """The case with some sizes changed, if it can be told and a window still fits."""
        x, w, s = case.arrays["x"], case.arrays["w"], case.settings
        size = {"N": len(x), "C": w.shape[1], "D": len(w) // s["groups"], "groups": s["groups"]}
        lists = {"image": list(x.shape[2:]), "kernel": list(w.shape[2:]),
                 "stride": list(s["stride"]), "dilation": list(s["dilation"])}
        padding = [list(p) for p in s["padding"]]
        for (what, where), new in changes.items():
            if what == "padding":
                padding[where[0]][where[1]] = new
            elif where is None:
                size[what] = new
            else:
                lists[what][where] = new
        settings = {"stride": lists["stride"], "padding": padding,
                    "dilation": lists["dilation"], "groups": size["groups"]}
        settings["padding"] = self.padded(lists["image"], lists["kernel"], settings)
        out = output_shape(lists["image"], lists["kernel"], settings)
        if min(out) < 1 or not self.expresses(settings):
            return
        maps = size["D"] * size["groups"]
        yield replace(case, settings=settings, arrays={
            "x": reshaped(x, (size["N"], size["C"] * size["groups"], *lists["image"])),
            "w": reshaped(w, (maps, size["C"], *lists["kernel"])),
            "b": reshaped(case.arrays["b"], (maps,)),
            "dz": reshaped(case.arrays["dz"], (size["N"], maps, *out)),
        })
