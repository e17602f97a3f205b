"""The contracts of transposed correlations, and of those that see each channel by itself."""

import operator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import reshaped, whole
from cnnmat.testing.conventions import expressible, spoken
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.mapping import MapContract

__all__ = []


@dataclass(frozen=True, eq=False)
class TransposedContract(MapContract):
    """The conventions that `check_transposed_correlation` takes as keywords."""

    weights: str = "IOHW"
    bias: str = "add"
    stride: str = "int"
    padding: str = "int"
    output_padding: str = "int"

    kind = "transposed_correlation"
    orders: ClassVar = dict.fromkeys(("NCHW", "NHWC"), ("IOHW", "OIHW", "HWIO", "HWOI"))
    upstream = "dz"
    # what is cut off is called padding outside; there it is put around an image
    least: ClassVar = {"stride": 1, "cut": 0, "output_padding": 0}

    @property
    def parts(self):
        """Without the bias where there is none."""
        b = self.bias != "none"
        return {"forward": (("x", "w", "b")[:2 + b], ("z",)),
                "backward": (("dz", "x", "w"), ("dx", "dw", "db")[:2 + b])}

    def settings(self, case):
        return tuple(spoken(case.settings[name], how) for name, how in self._hows().items()
                     if how != "none")

    def _hows(self):
        """How each setting is told."""
        return {"stride": self.stride, "cut": self.padding, "output_padding": self.output_padding}

    def expresses(self, settings):
        # PyTorch's rule: what is added behind is less than a stride
        told = all(expressible(settings[name], how, self.least[name])
                   for name, how in self._hows().items())
        return told and all(map(operator.lt, settings["output_padding"], settings["stride"]))

    def outward(self, name, array):
        if name in ("w", "dw"):
            return array.transpose(self._axes())
        return super().outward(name, array)

    def inward(self, name, array):
        if name in ("w", "dw"):
            return array.transpose(np.argsort(self._axes())) if array.ndim == 4 else array
        return super().inward(name, array)

    def _axes(self):
        """The order of C, D, rows and columns in the callee's kernels."""
        return {"IOHW": (0, 1, 2, 3), "HWIO": (2, 3, 0, 1), "HWOI": (2, 3, 1, 0),
                "OIHW": (1, 0, 2, 3)}[self.weights]

    def window(self, case):
        return case.arrays["w"].shape[2:]

    def axes(self, case):
        return {"x": "NCHW", "w": "CDhw", "b": "D", "dz": "NDIJ"}

    def output(self, shapes, settings):
        return (shapes["x"][0], shapes["w"][1], *loops.transposed_shape(
            shapes["x"][2:], shapes["w"][2:], *(settings[name] for name in self.least)))

    def forward(self, arrays, settings):
        return (loops.correlate_transpose(arrays["x"], arrays["w"], arrays["b"], *(
            settings[name] for name in self.least)),)

    def backward(self, arrays, settings):
        found = loops.correlate_transpose_backward(
            arrays["dz"], arrays["x"], arrays["w"], settings["stride"], settings["cut"])
        return found[:len(self.parts["backward"][1])]

    def _make(self, rng, n=2, c=3, d=2, image=(3, 4), kernel=(3, 2), stride=1, padding=0,
              extra=0):
        settings = {name: list(v) if isinstance(v, tuple) else [v, v] for name, v in zip(
            self.least, (stride, padding, extra), strict=True)}
        shapes = {"x": (n, c, *image), "w": (c, d, *kernel), "b": (d,)}
        out = self.output(shapes, settings)
        arrays = {k: whole(rng, s) for k, s in shapes.items()}
        arrays["b"] = arrays["b"] * (self.bias != "none")
        return {**arrays, "dz": whole(rng, out) / 2}, settings

    def of_geometry(self, rng, name, geometry, values):
        g = geometry
        sides = [a for a, b in g.padding if a == b]
        shape = loops.transposed_shape(g.image, g.kernel, g.stride, sides or [0, 0], [0, 0]) if (
            len(sides) == 2) else [0]
        extra = tuple(int(rng.integers(0, s)) for s in g.stride) if (
            self.output_padding != "none" and rng.random() < 0.5) else 0
        if g.groups > 1 or max(g.dilation) > 1 or min(shape) < 1:
            return None
        arrays, settings = self._make(rng, g.N, g.C, g.D, tuple(g.image), tuple(g.kernel),
                                      tuple(g.stride), tuple(sides), extra)
        if values == "real":
            arrays |= {k: rng.standard_normal(a.shape) for k, a in arrays.items() if k != "b"}
        case = self.made(name, "mixed", arrays, settings)
        return case if self.expresses(settings) else None

    def cases(self, rng):
        def make(*sizes, **more):
            return self._make(rng, *sizes, **more)

        rows = [
            ("one of everything", "plain", make(1, 1, 1, (2, 3), (2, 2))),
            ("all sizes different", "plain", make()),
            ("all sizes alike", "plain", make(2, 2, 2, (2, 2), (2, 2))),
            ("as many maps as channels", "plain", make(1, 2, 2)),
            ("kernel 1 x 1", "plain", make(kernel=(1, 1))),
            # without and with overlap, and with gaps
            ("stride equal to the kernel", "stride", make(kernel=(2, 2), stride=2)),
            ("stride 2, kernel 3", "stride", make(kernel=(3, 3), stride=2)),
            ("stride larger than the kernel", "stride", make(kernel=(2, 2), stride=3)),
            ("stride per axis", "stride", make(stride=(1, 2))),
            ("padding 1", "padding", make(kernel=(3, 3), padding=1)),
            ("padding per axis", "padding", make(kernel=(3, 2), padding=(1, 0))),
            ("padding 2", "padding", make(image=(4, 5), kernel=(4, 3), padding=2)),
            ("stride 2, padding 1", "stride and padding", make(kernel=(3, 4), stride=2, padding=1)),
            ("output padding 1", "output padding", make(kernel=(3, 3), stride=2, extra=1)),
            # the added rows lie where a kernel still writes
            ("output padding 1 on padding 1", "output padding", make(
                kernel=(3, 3), stride=2, padding=1, extra=1)),
            ("output padding 2", "output padding", make(
                kernel=(2, 4), stride=3, padding=1, extra=2)),
            ("output padding per axis", "output padding", make(stride=(2, 3), extra=(1, 2))),
            ("all sizes different, other values", "calling", make()),
        ]
        told = [self.made(name, behaviour, *both) for name, behaviour, both in rows
                if self.expresses(both[1])]
        return [*told, *self.in_memory(make)]

    def features(self, case):
        s = case.settings
        return {**super().features(case), "stride > 1": max(s["stride"]) > 1,
                "padding > 0": max(s["cut"]) > 0,
                "output padding > 0": max(s["output_padding"]) > 0,
                "C is D": case.arrays["w"].shape[0] == case.arrays["w"].shape[1],
                "kernels overlap": any(map(operator.gt, case.arrays["w"].shape[2:], s["stride"]))}

    def terms(self, case, output, cell):
        return {"z": "the sum of x[n, c, i] w[c, d, tap] where i stride + tap - padding is here, "
                "and b[d]", "dx": "the sum of dz w over where this entry of x writes",
                "dw": "the sum of dz x over where this entry of w writes",
                "db": "the sum of dz in this map"}[output]


@dataclass(frozen=True, eq=False)
class DepthwiseContract(CorrelationContract):
    """A correlation whose maps see one channel each; w is C m x 1 x kernel."""

    kind = "depthwise"
    bank = "correlation"

    def expresses(self, settings):
        return super().expresses({**settings, "groups": 1})

    def cases(self, rng):
        return [self._apart(case) for case in super().cases(rng) if case.settings["groups"] == 1]

    def of_geometry(self, rng, name, geometry, values):
        case = super().of_geometry(rng, name, geometry, values)
        return self._apart(case) if case and case.settings["groups"] == 1 else None

    def _apart(self, case):
        """The case with one channel a group, and two maps for each where it had more maps."""
        x, w = case.arrays["x"], case.arrays["w"]
        channels = x.shape[1]
        maps = channels * (1 + (len(w) > channels))
        shapes = {"w": (maps, 1, *w.shape[2:]), "b": (maps,),
                  "dz": (len(x), maps, *case.arrays["dz"].shape[2:])}
        return replace(case, settings={**case.settings, "groups": channels}, arrays={
            **case.arrays, **{k: reshaped(case.arrays[k], s) for k, s in shapes.items()}})
