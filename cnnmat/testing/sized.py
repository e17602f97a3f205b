"""Contracts of arrays whose axes have names: what the plain loops say, and how cases shrink."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cnnmat.testing.case import Case, exact, reshaped
from cnnmat.testing.comparing import Truth
from cnnmat.testing.contract import Contract
from cnnmat.testing.pointwise import FORM_ROWS, common_features

__all__ = []


@dataclass(frozen=True, eq=False)
class SizedContract(Contract):
    """A contract that says of each array what its axes are called.

    A subclass gives besides `kind` and `parts` the methods `axes`, `cases`, and `forward` and
    `backward` on nested lists.

    Attributes
    ----------
    main : str
        The array that may hold integers.
    """

    dtype: str = "float64"
    only: tuple = ()

    main = "x"
    fits = True

    def axes(self, case):
        """{array: the names of its axes}; equal names are equal lengths."""
        raise NotImplementedError

    def forward(self, arrays, settings):
        """The outputs of the forward pass, by the plain loops."""
        raise NotImplementedError

    def backward(self, arrays, settings):
        """The outputs of the backward pass, by the plain loops."""
        raise NotImplementedError

    def truth(self, case, part):
        values = getattr(self, part)({k: exact(v) for k, v in case.arrays.items()}, case.settings)
        return {name: Truth(np.array(value, dtype=float))
                for name, value in zip(self.parts[part][1], values, strict=True)}

    def features(self, case):
        lengths = self.lengths(case)
        upstream = [a for name, a in case.arrays.items() if name.startswith("d")]
        return {**{f"{name} > 1": length > 1 for name, length in lengths.items()},
                **_sides(lengths),
                **common_features(case, self.main),
                "the upstream gradient is zero": not any(a.any() for a in upstream)}

    def lengths(self, case):
        """{axis: its length}."""
        return {axis: length for name, axes in self.axes(case).items()
                for axis, length in zip(axes, case.arrays[name].shape, strict=True)}

    def smaller(self, case):
        axes = self.axes(case)
        for axis, length in self.lengths(case).items():
            for new in sorted({1, length // 2, length - 1}):
                if 1 <= new < length:
                    yield case.with_arrays(**{
                        name: reshaped(case.arrays[name], [
                            new if own == axis else n
                            for own, n in zip(names, case.arrays[name].shape, strict=True)])
                        for name, names in axes.items() if axis in names})

    def made(self, name, behaviour, arrays, settings=None, form="plain"):
        """A case in the contract's precision; of integers, where its form says so."""
        arrays = {k: a if a.dtype.kind == "i" else a.astype(self.dtype) for k, a in arrays.items()}
        if form == "integer":
            arrays[self.main] = np.rint(arrays[self.main]).astype(np.int64)
        return Case(name, behaviour, arrays, settings or {}, form)

    def in_memory(self, make):
        """A case for each form of memory; `make` gives (arrays, settings)."""
        return [self.made(name, "calling", *make(), form) for name, form in FORM_ROWS]


def _sides(lengths):
    """What is special about the sides of an image and of a kernel, where there are any."""
    found = {}
    if {"H", "W"} <= lengths.keys():
        found["the image is not square"] = lengths["H"] != lengths["W"]
    if {"h", "w"} <= lengths.keys():
        found["the kernel is not square"] = lengths["h"] != lengths["w"]
        found["a kernel side is even"] = lengths["h"] % 2 == 0 or lengths["w"] % 2 == 0
    return found


@dataclass(frozen=True, eq=False)
class ShapedContract(SizedContract):
    """A contract whose upstream gradient has a shape that the inputs and settings decide.

    A subclass gives besides `output`, and in `least` the settings that get smaller: name ->
    the least value of each of their entries.
    """

    main = "x"
    upstream = "dy"
    least: ClassVar[dict[str, int]] = {}

    def output(self, shapes, settings):
        """The shape of the output for {array: shape}, or None where there is none."""
        raise NotImplementedError

    def smaller(self, case):
        axes = {k: a for k, a in self.axes(case).items() if k != self.upstream}
        shapes = {name: case.arrays[name].shape for name in axes}
        lengths = {axis: n for k in axes for axis, n in zip(axes[k], shapes[k], strict=True)}
        for axis, length in lengths.items():
            for new in sorted({1, length // 2, length - 1}):
                if 1 <= new < length:
                    yield from self.resized(case, {
                        name: tuple(new if own == axis else n for own, n in zip(
                            axes[name], shape, strict=True)) for name, shape in shapes.items()},
                        case.settings)
        for name, least in self.least.items():
            for settings in self._lowered(case.settings, name, least):
                yield from self.resized(case, shapes, settings)

    def _lowered(self, settings, name, least):
        """The settings with entries of one of them lower: all of them, or one."""
        values = settings[name]
        for new in sorted({least, max(values) - 1} if max(values) > least else ()):
            yield {**settings, name: [min(v, new) for v in values]}
            for k, v in enumerate(values):
                yield {**settings, name: [*values[:k], min(v, new), *values[k + 1:]]}

    def resized(self, case, shapes, settings):
        """The case with other shapes and settings, if there is an output and they can be told."""
        shape = self.output(shapes, settings)
        same = settings == case.settings and all(
            case.arrays[k].shape == tuple(s) for k, s in shapes.items())
        if same or shape is None or min(shape) < 1 or not self.expresses(settings):
            return
        wanted = {**shapes, self.upstream: tuple(shape)}
        yield replace(case, settings=settings, arrays={
            k: reshaped(a, wanted[k]) for k, a in case.arrays.items()})

    def expresses(self, settings):
        """Whether the functions can be told these settings."""
        return True
