"""The contracts of layers that change the size of maps: upsampled, or pooled to a size."""

import operator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnnmat import loops
from cnnmat.testing import truth
from cnnmat.testing.case import distinct, whole
from cnnmat.testing.conventions import expressible, spoken
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

    def swept(self, rng, name, shapes, settings, values):
        """A case of such shapes, of whole or real numbers."""
        arrays, settings = self.numbers(rng, shapes, settings, self.upstream)
        if values == "real":
            arrays = {k: rng.standard_normal(a.shape) for k, a in arrays.items()}
        return self.made(name, "mixed", arrays, settings)


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

    def of_geometry(self, rng, name, geometry, values):
        settings = {"scale": list(geometry.stride)}
        if not self.expresses(settings):
            return None
        shapes = {"x": (geometry.N, geometry.C, *geometry.image)}
        return self.swept(rng, name, shapes, settings, values)

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

    def of_geometry(self, rng, name, geometry, values):
        g = geometry
        # as many windows as the kernel has sides
        settings = {"size": [1, 1] if self.size == "none" else list(g.kernel)}
        shapes = {"x": (g.N, g.C, *g.image)}
        if self.output(shapes, settings) is None or not self.expresses(settings):
            return None
        return self.swept(rng, name, shapes, settings, values)

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
