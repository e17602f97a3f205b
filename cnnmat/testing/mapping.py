"""The contracts of layers that change the size of maps: transposed, upsampled, pooled to a size."""

import operator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cnnmat import loops
from cnnmat.testing import truth
from cnnmat.testing.case import distinct, reshaped, whole
from cnnmat.testing.conventions import expressible, spoken
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.sized import ShapedContract

__all__ = []


@dataclass(frozen=True, eq=False)
class MapContract(ShapedContract):
    """Images in one of two layouts.

    `orders` says what the weights may be in each, the usual order first.
    """

    layout: str = "NCHW"

    orders: ClassVar[dict[str, tuple[str, ...]]] = {"NCHW": (), "NHWC": ()}

    def outward(self, name, array):
        return np.moveaxis(array, 1, -1) if self.layout == "NHWC" and array.ndim == 4 else array

    def inward(self, name, array):
        return np.moveaxis(array, -1, 1) if self.layout == "NHWC" and array.ndim == 4 else array

    def numbers(self, rng, shapes, settings, upstream):
        """Whole numbers for x, and upstream gradients with fractions."""
        shape = self.output(shapes, settings)
        return {**{k: distinct(rng, s) for k, s in shapes.items()}, upstream: whole(
            rng, shape) / 2}, settings


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

    def cases(self, rng):
        def make(n=2, c=3, d=2, image=(3, 4), kernel=(3, 2), stride=1, padding=0, extra=0):
            settings = {name: list(v) if isinstance(v, tuple) else [v, v] for name, v in zip(
                self.least, (stride, padding, extra), strict=True)}
            shapes = {"x": (n, c, *image), "w": (c, d, *kernel), "b": (d,)}
            out = self.output(shapes, settings)
            arrays = {k: whole(rng, s) for k, s in shapes.items()}
            arrays["b"] = arrays["b"] * (self.bias != "none")
            return {**arrays, "dz": whole(rng, out) / 2}, settings

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
class UpsamplingContract(MapContract):
    """The conventions that `check_upsampling` takes as keywords."""

    method: str = "nearest"
    scale: str = "int"
    align_corners: bool = False

    kind = "upsampling"
    parts: ClassVar = {"forward": (("x",), ("y",)), "backward": (("dy", "x"), ("dx",))}
    least: ClassVar = {"scale": 1}

    def settings(self, case):
        return (spoken(case.settings["scale"], self.scale),)

    def expresses(self, settings):
        return expressible(settings["scale"], self.scale, None)

    def axes(self, case):
        return {"x": "NCHW", "dy": "NCIJ"}

    def output(self, shapes, settings):
        n, c, *image = shapes["x"]
        return (n, c, *map(operator.mul, image, settings["scale"]))

    def made_of(self, image, settings):
        """What the rows and the columns of the output are made of."""
        if self.method == "nearest":
            return [loops.nearest(*both) for both in zip(image, settings["scale"], strict=True)]
        return [loops.linear(n, s, self.align_corners, operator.truediv)
                for n, s in zip(image, settings["scale"], strict=True)]

    def forward(self, arrays, settings):
        image = loops.shape_of(arrays["x"])[2:]
        return (loops.resize(arrays["x"], *self.made_of(image, settings)),)

    def backward(self, arrays, settings):
        image = loops.shape_of(arrays["x"])[2:]
        return (loops.resize_backward(arrays["dy"], arrays["x"], *self.made_of(image, settings)),)

    def cases(self, rng):
        def make(shape=(2, 3, 3, 4), scale=2):
            scale = list(scale) if isinstance(scale, tuple) else [scale, scale]
            return self.numbers(rng, {"x": shape}, {"scale": scale}, "dy")

        rows = [
            ("one map", "plain", make((1, 1, 2, 3))), ("all sizes different", "plain", make()),
            ("all sizes alike", "plain", make((2, 2, 2, 2))),
            ("one pixel", "plain", make((1, 2, 1, 1))), ("one row", "plain", make((2, 1, 1, 4))),
            ("scale 3", "scale", make(scale=3)), ("scale 1", "scale", make(scale=1)),
            ("scale 4", "scale", make((1, 2, 2, 3), 4)),
            ("scale per axis", "scale", make(scale=(2, 3))),
            ("all sizes different, other values", "calling", make()),
        ]
        told = [self.made(name, behaviour, *both) for name, behaviour, both in rows
                if self.expresses(both[1])]
        return [*told, *self.in_memory(make)]

    def features(self, case):
        return {**super().features(case), "the scale is not 1": max(case.settings["scale"]) > 1,
                "the scale is odd": any(s % 2 for s in case.settings["scale"])}

    def terms(self, case, output, cell):
        rows, columns = self.made_of(case.arrays["x"].shape[2:], case.settings)
        if output == "dx":
            return "the sum of dy, each weighted as x was"
        return " + ".join(f"{u * v:g} {self.label('x', case, (*cell[:2], r, s))}"
                          for r, u in rows[cell[2]] for s, v in columns[cell[3]] if u * v)


@dataclass(frozen=True, eq=False)
class AdaptiveContract(MapContract):
    """The conventions of `check_adaptive_pooling` and `check_global_pooling`."""

    pooling: str = "mean"
    size: str = "int"
    keep: bool = True

    upstream = "dt"
    parts: ClassVar = {"forward": (("x",), ("t",)), "backward": (("dt", "x"), ("dx",))}
    least: ClassVar = {"size": 1}
    bank = "adaptive"

    @property
    def kind(self):
        """Global where no size is told."""
        return "global_pooling" if self.size == "none" else "adaptive_pooling"

    def settings(self, case):
        return () if self.size == "none" else (spoken(case.settings["size"], self.size),)

    def expresses(self, settings):
        return expressible(settings["size"], self.size, 1)

    def outward(self, name, array):
        flat = name in ("t", "dt") and not self.keep
        return array.reshape(array.shape[:2]) if flat else super().outward(name, array)

    def inward(self, name, array):
        if name in ("t", "dt") and not self.keep:
            return array[..., None, None] if array.ndim == 2 else array
        return super().inward(name, array)

    def axes(self, case):
        return {"x": "NCHW", "dt": "NCIJ"}

    def output(self, shapes, settings):
        n, c, *image = shapes["x"]
        fits = all(map(operator.le, settings["size"], image))
        return (n, c, *settings["size"]) if fits else None

    def windows(self, shape, settings):
        """The windows, by the plain loops."""
        return loops.adaptive_windows(list(shape), settings["size"])

    def forward(self, arrays, settings):
        windows = self.windows(loops.shape_of(arrays["x"])[2:], settings)
        return (truth.pool(self.pooling, arrays["x"], windows, True),)

    def backward(self, arrays, settings):
        windows = self.windows(loops.shape_of(arrays["x"])[2:], settings)
        return (truth.pool_backward(self.pooling, arrays["dt"], arrays["x"], windows, True),)

    def cases(self, rng):
        def make(shape=(2, 3, 5, 7), size=3):
            size = list(size) if isinstance(size, tuple) else [size, size]
            size = [1, 1] if self.size == "none" else size
            return self.numbers(rng, {"x": shape}, {"size": size}, "dt")

        rows = [
            ("one map", "plain", make((1, 1, 4, 6), 2)), ("all sizes different", "plain", make()),
            ("all sizes alike", "plain", make((3, 3, 3, 3))),
            # windows of unequal length that overlap
            ("windows that overlap", "uneven", make((1, 2, 7, 5), 4)),
            ("windows that tile", "plain", make((2, 2, 6, 9))),
            ("one window", "plain", make(size=1)), ("one row", "plain", make((2, 2, 1, 5), 1)),
            ("one pixel", "plain", make((3, 2, 1, 1), 1)),
            ("as many windows as pixels", "plain", make((1, 2, 4, 4), 4)),
            ("a size for each axis", "uneven", make(size=(2, 4))),
            ("negative numbers", "values", make((2, 2, 4, 5), 2)),
            ("all sizes different, other values", "calling", make()),
        ]
        negative = rows[10][2][0]["x"]
        negative -= negative.max() + 1
        told = [self.made(name, behaviour, *both) for name, behaviour, both in rows
                if self.expresses(both[1])]
        return [*told, *self.in_memory(make)]

    def simple(self, case):
        """Whether no two pixels of a map are alike: a tie may go to any of them."""
        maps = case.arrays["x"].reshape(-1, int(np.prod(case.arrays["x"].shape[2:])))
        return self.pooling == "mean" or all(len(set(one)) == len(one) for one in maps.tolist())

    def features(self, case):
        image, size = case.arrays["x"].shape[2:], case.settings["size"]
        return {**super().features(case),
                "the windows do not tile the image": any(map(operator.mod, image, size)),
                "all numbers are negative": bool((case.arrays["x"] < 0).all())}

    def terms(self, case, output, cell):
        windows = self.windows(case.arrays["x"].shape[2:], case.settings)
        if output == "t":
            inside = [(*cell[:2], *at) for at in loops.entry(windows, tuple(cell[2:]))[0]]
            return f"the {self.pooling} of " + ", ".join(
                self.label("x", case, at) for at in inside[:12])
        return "its share of the windows that it lies in"


@dataclass(frozen=True, eq=False)
class DepthwiseContract(CorrelationContract):
    """A correlation whose maps see one channel each; w is C m x 1 x kernel."""

    kind = "depthwise"
    bank = "correlation"

    def expresses(self, settings):
        return super().expresses({**settings, "groups": 1})

    def cases(self, rng):
        return [self._apart(case) for case in super().cases(rng) if case.settings["groups"] == 1]

    def _apart(self, case):
        """The case with one channel a group, and two maps for each where it had more maps."""
        x, w = case.arrays["x"], case.arrays["w"]
        channels = x.shape[1]
        maps = channels * (1 + (len(w) > channels))
        shapes = {"w": (maps, 1, *w.shape[2:]), "b": (maps,),
                  "dz": (len(x), maps, *case.arrays["dz"].shape[2:])}
        return replace(case, settings={**case.settings, "groups": channels}, arrays={
            **case.arrays, **{k: reshaped(case.arrays[k], s) for k, s in shapes.items()}})
