"""The contract of a pooling layer."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cnnmat import loops
from cnnmat.testing import truth
from cnnmat.testing.case import exact, reshaped
from cnnmat.testing.comparing import Truth, shared
from cnnmat.testing.contract import Contract
from cnnmat.testing.conventions import (
    OF_ONE,
    UNSPOKEN,
    expressible,
    spoken,
    turned,
    turned_back,
)
from cnnmat.testing.explaining import number
from cnnmat.testing.limits import limit
from cnnmat.testing.pooling_cases import pooling_cases, row_as_case, spans, usable

__all__ = []


@dataclass(frozen=True, eq=False)
class PoolingContract(Contract):
    """The conventions that `check_pooling` takes as keywords."""

    pooling: str = "max"
    layout: str = "NCHW"
    size: str = "int"
    stride: str = "none"
    padding: str = "none"
    dilation: str = "none"
    incomplete: str = "drop"
    count_padding: bool = True
    dims: int = 2
    dtype: str = "float64"
    only: tuple = ()

    kind = "pooling"
    fits = True
    parts: ClassVar = {"forward": (("x",), ("t",)), "backward": (("dt", "x"), ("dx",))}

    # --- conventions ---

    def settings(self, case):
        given = [spoken(case.settings["size"], self.size)]
        for name, how in (("stride", self.stride), ("padding", self.padding),
                          ("dilation", self.dilation)):
            if how not in ("none", *UNSPOKEN):
                given.append(spoken(case.settings[name], how))
        return tuple(given)

    def expresses(self, settings):
        """Whether the functions can be told these settings, and are meant for them."""
        follows = self.stride == "none" and settings["stride"] == settings["size"]
        return (
            expressible(settings["size"], self.size, None)
            and (follows or expressible(settings["stride"], self.stride, None))
            and expressible(settings["padding"], self.padding, 0)
            and expressible(settings["dilation"], self.dilation, 1)
        )

    def outward(self, name, array):
        return turned(self.layout, array)

    def inward(self, name, array):
        if array.ndim != self.dims + 2 - (self.layout in OF_ONE):
            return array
        return turned_back(self.layout, array)

    # --- truth ---

    def cases(self, rng):
        return pooling_cases(rng, self)

    def of_geometry(self, rng, name, geometry, values):
        g = geometry
        special = {**g.settings(), "values": values}
        if self.follows:
            special["stride"] = g.kernel
        # a window that sees no pixel is none of a pooling
        if not self.expresses({"size": g.kernel, **special}) or any(
                2 * max(p) > span for p, span in zip(g.padding, g.spans(), strict=True)):
            return None
        return row_as_case(rng, self, (name, "mixed", (g.N, g.C), g.image, g.kernel, special))

    @property
    def follows(self):
        """Whether the stride is the size."""
        return self.stride == "none"

    def padded(self, image, size, settings):
        """The padding of a configuration: what is asked for, or what goes with the sizes."""
        if self.padding not in UNSPOKEN:
            return settings["padding"]
        return UNSPOKEN[self.padding](image, size, settings["stride"], settings["dilation"])

    def tries(self, case):
        """Whether a case can be told to the functions, is meant for them, and within limits."""
        features = self.features(case)
        return self.expresses(case.settings) and not (
            self.incomplete == "never" and self._rest(case)) and not any(
            limit(word).exceeded(self, case, features) for word in self.only)

    def window(self, case):
        return tuple(case.settings["size"])

    def windows(self, image, settings):
        """The windows of an image, by the plain loops."""
        return loops.pool_windows(list(image), settings["size"], settings["stride"],
                                  settings["padding"], settings["dilation"],
                                  self.incomplete == "partial")

    def truth(self, case, part):
        x, windows = exact(case.arrays["x"]), self.windows(case.arrays["x"].shape[2:],
                                                           case.settings)
        if part == "forward":
            value = truth.pool(self.pooling, x, windows, self.count_padding)
            return {"t": Truth(np.array(value, dtype=float))}
        dt = exact(case.arrays["dt"])
        value = truth.pool_backward(self.pooling, dt, x, windows, self.count_padding)
        value = np.array(value, dtype=float)
        return {"dx": Truth(value, self._any_subgradient(case, value, windows))}

    def _any_subgradient(self, case, value, windows):
        """Ties in a maximum may share the gradient in any way; ‖0‖ has the whole unit ball."""
        if self.pooling not in ("max", "l2"):
            return None
        x, dt, fixed, claims = case.arrays["x"], case.arrays["dt"], value.copy(), []
        for n, c in np.ndindex(x.shape[:2]):
            for window in loops.cells(dt.shape[2:]):
                inside = [(n, c, *cell) for cell in loops.entry(windows, window)[0]]
                values = [x[i] for i in inside]
                tied = [i for i, v in zip(inside, values, strict=True) if v == max(values)]
                if self.pooling == "max" and len(tied) > 1:
                    upstream = float(dt[(n, c, *window)])
                    fixed[tied[0]] -= upstream
                    claims.append((upstream, tied))
                elif self.pooling == "l2" and not sum(v * v for v in values):
                    claims.append((abs(float(dt[(n, c, *window)])), inside))
        if not claims:
            return None
        return shared(fixed, claims) if self.pooling == "max" else _balls(value, claims)

    # --- what a case is ---

    def _rest(self, case):
        s, image = case.settings, case.arrays["x"].shape[2:]
        return any((n + sum(p) - span) % step for n, p, span, step
                   in zip(image, s["padding"], spans(s), s["stride"], strict=True))

    def features(self, case):
        s, x = case.settings, case.arrays["x"]
        dt = case.arrays["dt"]
        pairs = list(zip(s["stride"], spans(s), strict=True))
        return {
            "the windows do not tile the image": self._rest(case),
            "windows overlap": any(a < b for a, b in pairs),
            "stride > size": any(a > b for a, b in pairs),
            "stride is not size": any(a != b for a, b in pairs),
            "the window is not square": len(set(s["size"])) > 1,
            "the window is 1 x 1": set(s["size"]) == {1},
            "a kernel side is even": any(k % 2 == 0 for k in s["size"]),
            "padding > 0": any(map(any, s["padding"])),
            "padding is uneven": any(a != b for a, b in s["padding"]),
            "dilation > 1": max(s["dilation"]) > 1,
            "N > 1": len(x) > 1,
            "C > 1": x.shape[1] > 1,
            "the image is not square": len(set(x.shape[2:])) > 1,
            "the output is not square": len(set(dt.shape[2:])) > 1,
            "entries tie": np.unique(x).size < x.size,
            "all entries are negative": bool((x < 0).all()),
            "a window is all zeros": "zeros" in case.name,
            "x is an array of integers": case.form == "integer",
            "the arrays are not C-contiguous": case.form in ("fortran", "strided"),
            "the numbers are not whole": bool(np.any(x != np.rint(x))),
        }

    def terms(self, case, output, cell):
        windows = self.windows(case.arrays["x"].shape[2:], case.settings)
        x, dt = case.arrays["x"], case.arrays["dt"]
        if output == "t":
            inside = loops.entry(windows, cell[2:])[0]
            values = ", ".join(f"{self.label('x', case, (*cell[:2], *i))} = "
                               f"{number(x[(*cell[:2], *i)])}" for i in inside)
            return f"{self.pooling} of {values}"
        feeds = [w for w in loops.cells(dt.shape[2:])
                 if tuple(cell[2:]) in loops.entry(windows, w)[0]]
        shares = ", ".join(f"{self.label('dt', case, (*cell[:2], *w))} = "
                           f"{number(dt[(*cell[:2], *w)])}" for w in feeds)
        return f"its share of {shares}" if feeds else "0: no window reaches it"

    # --- getting smaller ---

    def smaller(self, case):
        x, s = case.arrays["x"], case.settings
        for what, value in (("N", len(x)), ("C", x.shape[1])):
            yield from self._each(case, [(what, None)], value, 1)
        for axis in range(self.dims):
            yield from self._each(case, [("image", axis)], x.shape[2 + axis], 1)
            for side in (0, 1) if self.padding not in UNSPOKEN else ():
                yield from self._each(case, [("padding", (axis, side))],
                                      s["padding"][axis][side], 0)
        every = [range(self.dims), *[[a] for a in range(self.dims)]]
        for axes in every:
            for what in ("size", "stride", "dilation"):
                yield from self._each(case, [(what, a) for a in axes], max(
                    s[what][a] for a in axes), 1)
            both = [(what, a) for what in ("size", "stride") for a in axes]
            yield from self._each(case, both, max(s["size"][a] for a in axes), 1)
            sides = [("padding", (a, side)) for a in axes for side in (0, 1)]
            yield from self._each(case, sides, max(max(s["padding"][a]) for a in axes), 0)

    def _each(self, case, places, value, least):
        for new in sorted({least, value // 2, value - 1}):
            if least <= new < value:
                yield from self._resized(case, places, new)

    def _resized(self, case, places, new):
        x, s = case.arrays["x"], case.settings
        size = {"N": len(x), "C": x.shape[1], "image": list(x.shape[2:])}
        settings = {"size": list(s["size"]), "stride": list(s["stride"]),
                    "padding": [list(p) for p in s["padding"]], "dilation": list(s["dilation"])}
        for what, where in places:
            if where is None:
                size[what] = new
            elif what == "padding":
                settings["padding"][where[0]][where[1]] = new
            else:
                (size if what == "image" else settings)[what][where] = new
        settings["padding"] = self.padded(size["image"], settings["size"], settings)
        out = usable(self.windows(size["image"], settings), settings)
        if out is None or not self.expresses(settings):
            return
        yield replace(case, settings=settings, arrays={
            "x": reshaped(x, (size["N"], size["C"], *size["image"])),
            "dt": reshaped(case.arrays["dt"], (size["N"], size["C"], *out)),
        })


def _balls(value, claims):
    """The `nearest` where the gradient of ‖0‖ may be any vector no longer than |dt|."""
    def nearest(answer):
        right = value.copy()
        for radius, cells in claims:
            got = np.array([answer[c] for c in cells])
            length = float(np.linalg.norm(got))
            scaled = got * min(1.0, radius / length) if length else got
            for cell, one in zip(cells, scaled, strict=True):
                right[cell] = one
        return right

    return nearest
