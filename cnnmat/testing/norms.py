"""The contracts of normalisation: over a batch, a layer, a group of channels."""

import math
from dataclasses import dataclass, replace

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import whole
from cnnmat.testing.sized import SizedContract

__all__ = []

#: Tried where the functions are told; the large ones show where ε stands.
EPSILONS = (1e-5, 0.5, 1e-3, 0.1)
PARAMETERS, BACK = ("gamma", "beta"), ("dgamma", "dbeta")
RUNNING = ("running_mean", "running_var")


@dataclass(frozen=True, eq=False)
class NormContract(SizedContract):
    """The conventions that the checks of normalisation take as keywords.

    `over` is what the mean is taken over: "batch", "layer" or "group"; with `given` mean and
    variance are handed in, and with `running` running ones go in and come out.
    """

    over: str = "batch"
    layout: str = "NCHW"
    parameters: str = "flat"
    eps: float | None = None
    given: bool = False
    running: str = "none"
    running_var: str = "unbiased"

    bank = "norm"

    @property
    def orders(self):
        """The layouts that may be taken for each other; there are no weights in an order."""
        return dict.fromkeys(("NCHW", "NHWC"), ()) if self.layout in ("NCHW", "NHWC") and (
            self.over != "layer") else {self.layout: ()}

    @property
    def kind(self):
        """What `check_` is called."""
        return f"{self.over}_norm"

    @property
    def parts(self):
        """With running values where they go in and come out."""
        tracked = RUNNING if self.running != "none" else ()
        held = RUNNING if self.given else ()
        return {"forward": (("x", *PARAMETERS, *held, *tracked), ("y", *tracked)),
                "backward": (("dy", "x", "gamma", *held), ("dx", *BACK))}

    # --- conventions ---

    def settings(self, case):
        s = case.settings
        said = [s["groups"]] if self.over == "group" else []
        said += [s["momentum"]] if self.running != "none" else []
        return (*said, *([s["eps"]] if self.eps is None else []))

    def invoke(self, function, part, arrays, case):
        told = self.settings(case)
        # the backward pass has no running values to update
        skip = part == "backward" and self.running != "none"
        return function(*arrays, *(told[1:] if skip else told))

    def call_text(self, part, function_name, case):
        text = super().call_text(part, function_name, case)
        if part == "backward" and self.running != "none":
            return text.replace(f", {case.settings['momentum']!r}", "", 1)
        return text

    @property
    def ndim(self):
        """The number of axes of x, where all cases have one."""
        return {"NC": 2, "NF": 2, "NTF": 3}.get(self.layout, 4)

    def _broadcast(self):
        return (1, *[1] * (self.ndim - 2), -1) if self.layout[-1] == "C" else (
            1, -1, *[1] * (self.ndim - 2))

    def outward(self, name, array):
        if name in ("x", "y", "dx", "dy"):
            return np.moveaxis(array, 1, -1) if self.layout == "NHWC" else array
        return array.reshape(self._broadcast()) if self.parameters == "broadcast" else array

    def inward(self, name, array):
        if name in ("x", "y", "dx", "dy"):
            return np.moveaxis(array, -1, 1) if (
                self.layout == "NHWC" and array.ndim == 4) else array
        fits = self.parameters == "broadcast" and array.shape == array.reshape(
            self._broadcast()).shape
        return array.reshape(-1) if fits else array

    # --- the axes ---

    def axes(self, case):
        x = {"NC": "NC", "NF": "NF", "NTF": "NTF"}.get(self.layout, "NCHW")
        own = x[1:] if self.over == "layer" and x == "NCHW" else x[-1] if (
            self.over == "layer") else "C"
        return {name: tuple(x) if name in ("x", "dy") else tuple(own) for name in case.arrays}

    def smaller(self, case):
        groups = case.settings.get("groups", 1)
        for one in super().smaller(case):
            channels = one.arrays["x"].shape[1]
            least = groups if channels % groups == 0 else 1
            for settings in ({**one.settings, "groups": g} for g in {least, 1}):
                yield replace(one, settings=settings)

    def simple(self, case):
        """Whether there are entries enough to take a mean of, and no variance is below 0.

        Two entries are -1 and 1 when standardized, whatever they were: all of dx is rounding.
        """
        x, groups = case.arrays["x"], case.settings.get("groups", 1)
        if x.shape[1] % groups or any(
                (case.arrays[name] < 0).any() for name in RUNNING[1:] if name in case.arrays):
            return False
        return self.given or self.members(case) > 2

    def members(self, case):
        """How many entries one mean is taken over."""
        shape = case.arrays["x"].shape
        return int(np.prod(shape)) // len(self.sets(list(shape), case.settings))

    # --- truth ---

    def sets(self, shape, settings):
        """The cells that share a mean."""
        per_group = shape[1] // settings.get("groups", 1)
        names = {"batch": lambda cell: cell[1],
                 "group": lambda cell: (cell[0], cell[1] // per_group),
                 "layer": lambda cell: cell[:-1] if len(shape) < 4 else cell[0]}
        return loops.sets_of(shape, names[self.over])

    def parameter(self, cell):
        """Where the gamma of a cell stands."""
        if self.over == "layer":
            return cell[-1:] if len(cell) < 4 else cell[1:]
        return cell[1:2]

    def forward(self, arrays, settings):
        x, gamma, beta = arrays["x"], arrays["gamma"], arrays["beta"]
        eps = settings["eps"]
        if self.given:
            return (loops.normalize_by(x, gamma, beta, *(arrays[name] for name in RUNNING),
                                       self.parameter, eps, math.sqrt),)
        sets = self.sets(loops.shape_of(x), settings)
        y = loops.normalize(x, gamma, beta, sets, self.parameter, eps, math.sqrt)
        return (y,) if self.running == "none" else (y, *self._run(arrays, sets, settings))

    def _run(self, arrays, sets, settings):
        """The running mean and variance after the step."""
        sets = sorted(sets, key=lambda one: one[0][1])
        values = [[loops.entry(arrays["x"], cell) for cell in one] for one in sets]
        count = len(values[0])
        share = settings["momentum"] if self.running == "new" else 1 - settings["momentum"]
        more = count / (count - 1) if self.running_var == "unbiased" else 1
        return (loops.running(arrays["running_mean"], [loops.mean(v) for v in values], share),
                loops.running(arrays["running_var"], [
                    more * loops.variance(v) for v in values], share))

    def backward(self, arrays, settings):
        dy, x, gamma = arrays["dy"], arrays["x"], arrays["gamma"]
        if self.given:
            return loops.normalize_by_backward(
                dy, x, gamma, *(arrays[name] for name in RUNNING), self.parameter,
                settings["eps"], math.sqrt)
        sets = self.sets(loops.shape_of(x), settings)
        return loops.normalize_backward(dy, x, gamma, sets, self.parameter, settings["eps"],
                                        math.sqrt)

    # --- cases ---

    def _make(self, rng, shape, eps=EPSILONS[0], groups=1, scale=2.0, level=0.0, momentum=0.25):
        own = shape[1:2]
        if self.over == "layer":
            own = shape[1:] if len(shape) == 4 else shape[-1:]
        arrays = {"x": level + scale * rng.standard_normal(shape), "dy": whole(rng, shape),
                  "gamma": whole(rng, own, 5) / 2, "beta": whole(rng, own, 5)}
        if self.given or self.running != "none":
            arrays["running_mean"] = whole(rng, own, 4) / 2
            arrays["running_var"] = rng.uniform(0.5, 4, own)
        settings = {"eps": eps if self.eps is None else self.eps, "groups": groups,
                    "momentum": momentum}
        return arrays, settings

    def shapes(self):
        """(what for, shape) for the rows of `cases`: channels are even."""
        flat = [("three samples, three channels", (3, 3)), ("more samples than channels", (6, 4)),
                ("more channels than samples", (3, 7)), ("as many samples as channels", (4, 4))]
        if self.layout in ("NC", "NF"):
            return flat
        if self.layout == "NTF":
            return [("one sample", (1, 2, 3)), ("all sizes different", (2, 4, 3)),
                    ("all sizes alike", (3, 3, 3)), ("longer than wide", (2, 5, 4))]
        # one row or column, one pixel: squeezed axes; and channels that are as many as samples
        return [("one sample", (1, 2, 3, 4)), ("all sizes different", (3, 4, 2, 5)),
                ("all sizes alike", (2, 2, 2, 2)), ("one pixel", (3, 4, 1, 1)),
                ("one row", (2, 6, 1, 3)), ("many channels", (2, 8, 3, 2))]

    def cases(self, rng):
        return [c for c in self._all_cases(rng) if self.simple(c)]

    def _all_cases(self, rng):
        shapes = self.shapes()
        usual = shapes[1][1]
        rows = []
        for k, (name, shape) in enumerate(shapes):
            # one group, one channel a group, and between
            channels = shape[1]
            for groups in sorted({1, 2, channels}) if self.over == "group" else [1]:
                if channels % groups == 0:
                    more = f", {groups} groups" if self.over == "group" else ""
                    rows.append((name + more, "plain", self._make(
                        rng, shape, EPSILONS[k % 4], groups)))
        groups = 2 if self.over == "group" else 1
        flat, nothing, constant = (self._make(rng, usual, groups=groups) for _ in range(3))
        # what is constant has the variance 0: only ε is under the root
        constant[0]["x"][...] = 3
        nothing[0]["dy"][...] = 0
        flat[0]["gamma"][...] = 1
        flat[0]["beta"][...] = 0
        rows += [
            # numbers so small that ε weighs as much as the variance
            ("small numbers", "epsilon", self._make(rng, usual, groups=groups, scale=3e-3)),
            ("other small numbers", "epsilon", self._make(rng, usual, 1e-3, groups, 0.03)),
            ("numbers far from zero", "values", self._make(rng, usual, groups=groups, level=50.0,
                                                           momentum=0.75)),
            ("gamma 1 and beta 0", "values", flat),
            ("constant x", "constant", constant),
            ("no upstream gradient", "values", nothing),
            (f"{shapes[1][0]}, other values", "calling", self._make(
                rng, usual, EPSILONS[1], groups, momentum=0.125)),
        ]
        return [*(self.made(name, behaviour, *both) for name, behaviour, both in rows),
                *self.in_memory(lambda: self._make(rng, usual, 0.5, groups))]

    # --- words ---

    def features(self, case):
        samples, channels = case.arrays["x"].shape[:2]
        return {**super().features(case), "N is C": samples == channels,
                "eps is not small": case.settings["eps"] > 1e-4,
                "x is constant": bool(np.ptp(case.arrays["x"]) == 0),
                "there is more than one group": case.settings["groups"] > 1}

    def terms(self, case, output, cell):
        own = "" if self.given else f", the mean and variance of {self.members(case)} entries"
        s = f"s = (x - mean) / sqrt(variance + {case.settings['eps']:g}){own}"
        return {"y": f"gamma s + beta, {s}", "dgamma": f"the sum of dy s, {s}",
                "dbeta": "the sum of dy", "dx": f"the derivative of the sum of dy y, {s}",
                }.get(output, f"a mean of the old and of that of x, momentum being "
                      f"{case.settings['momentum']:g}")
