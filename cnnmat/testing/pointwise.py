"""The contracts of activations and fully connected layers."""

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.case import Case, exact, reshaped, tiny, whole
from cnnmat.testing.comparing import Truth, interval
from cnnmat.testing.contract import Contract
from cnnmat.testing.explaining import number

__all__ = []

FORM_ROWS = (("integer numbers", "integer"), ("Fortran order", "fortran"),
             ("strided views", "strided"), ("read-only arrays", "read-only"))
#: exp of anything above overflows in float64.
OVERFLOW = 709.0


def smaller_axes(case, names, axis):
    """The case with one axis of the arrays `names` cut."""
    length = case.arrays[names[0]].shape[axis]
    for new in sorted({1, length // 2, length - 1}):
        if 1 <= new < length:
            shapes = {n: (*(a := case.arrays[n].shape)[:axis], new, *a[axis + 1:]) for n in names}
            yield case.with_arrays(**{n: reshaped(case.arrays[n], s) for n, s in shapes.items()})


def common_features(case, main):
    """Features of the memory and of the numbers."""
    a = case.arrays[main]
    return {
        "there is more than one axis": a.ndim > 1,
        f"{main} holds integers": case.form == "integer",
        "the arrays are not C-contiguous": case.form in ("fortran", "strided"),
        f"{main} is so large that exp overflows": bool(np.abs(a).max() > OVERFLOW),
    }


def with_forms(rows, make, dtype, main):
    """Cases from (name, behaviour, arrays) rows, and one more for each form of memory."""
    cases = [Case(name, behaviour, {k: v.astype(dtype) for k, v in arrays.items()})
             for name, behaviour, arrays in rows]
    for name, form in FORM_ROWS:
        arrays = {k: v.astype(dtype) for k, v in make().items()}
        if form == "integer":
            # an upstream gradient of fractions shows what is cut to the type of the input
            arrays = {k: v + 0.5 * k.startswith("d") for k, v in arrays.items()}
            arrays[main] = np.rint(arrays[main]).astype(np.int64)
        cases.append(Case(name, "calling", arrays, form=form))
    return cases


def of_one(only, cases, names):
    """Cases of one sample each, where `only` says so, of no shape twice but for what is in the
    numbers."""
    if "one-sample" not in only:
        return cases
    found = {}
    for case in cases:
        cut = case.with_arrays(**{name: case.arrays[name][:1] for name in names})
        shapes = tuple(a.shape for a in cut.arrays.values())
        name, changed = case.name, len(case.arrays[names[0]]) > 1
        if changed:
            cut = replace(cut, name=f"{name} (one-sample)")
        found.setdefault((shapes, case.form, name if case.behaviour != "plain" else ""), cut)
    return list(found.values())


@dataclass(frozen=True, eq=False)
class ActivationContract(Contract):
    """The conventions that `check_activation` takes as keywords."""

    name: str = "relu"
    parameter: float | None = None
    dtype: str = "float64"
    only: tuple = ()

    kind = "activation"
    fits = True
    parts: ClassVar = {"forward": (("x",), ("y",)), "backward": (("dy", "x"), ("dx",))}

    def cases(self, rng):
        def make(shape=(3, 4), scale=1.5):
            return {"x": rng.standard_normal(shape) * scale, "dy": whole(rng, shape)}

        large = make((2, 6))
        # saturated: e^x overflows, 1 - tanh² is 0; beside ordinary numbers
        large["x"][0] = [1000, -1000, 40, -40, 0.5, -0.5]
        kink = make((2, 4))
        kink["x"][:, ::2] = 0
        rows = [
            # one number; many in one axis; the axes of a batch of maps
            ("one number", "plain", make((1,))),
            ("a vector", "plain", make((7,))),
            ("a matrix", "plain", make((3, 5))),
            ("a batch of maps", "plain", make((2, 3, 2, 4))),
            # f' at x and f' at y = f(x) differ most where x is neither small nor large
            ("numbers between 1 and 3", "values", {
                "x": rng.uniform(1, 3, (2, 5)), "dy": whole(rng, (2, 5))}),
            ("whole numbers", "values", {"x": whole(rng, (4, 5)), "dy": whole(rng, (4, 5))}),
            # at a kink any slope between the two sides is right
            ("zeros", "kink", kink),
            ("an upstream gradient of zeros", "values", {**make(), "dy": np.zeros((3, 4))}),
            ("denormals among others", "values", {
                "x": tiny(rng, (3, 4), self.dtype), "dy": whole(rng, (3, 4))}),
            ("equal numbers", "values", {"x": np.full((2, 3), 0.5), "dy": whole(rng, (2, 3))}),
            ("saturated", "large", large),
            ("saturated above", "large", {"x": np.array([0.5, 750, 3, 999, 1.0]),
                                          "dy": whole(rng, (5,))}),
            ("a matrix, other values", "calling", make((3, 5))),
        ]
        return with_forms(rows, make, self.dtype, "x")

    def truth(self, case, part):
        f, slopes = truth.activation(self.name, self.parameter)
        x = case.arrays["x"]
        values = [float(v) for v in x.ravel()]
        if part == "forward":
            return {"y": Truth(np.array([f(v) for v in values], dtype=float).reshape(x.shape))}
        both = np.array([slopes(v) for v in values], dtype=float).reshape(*x.shape, 2)
        sides = case.arrays["dy"][..., None] * both
        low, high = sides.min(-1), sides.max(-1)
        # the text's rule where there is a choice: the slope 0 if it is one, else the least
        value = case.arrays["dy"] * np.where(both[..., 0] <= 0, np.minimum(both[..., 1], 0),
                                             both[..., 0])
        smooth = both[..., 0] == both[..., 1]
        value = np.where(smooth, low, value)
        nearest = None if smooth.all() else interval(low, high)
        return {"dx": Truth(value, nearest)}

    def features(self, case):
        x = case.arrays["x"]
        return {"x has zeros": bool((x == 0).any()), "x is no matrix": x.ndim != 2,
                "x has negative entries": bool((x < 0).any()), **common_features(case, "x")}

    def terms(self, case, output, cell):
        x = float(case.arrays["x"][tuple(cell)])
        if output == "y":
            return f"{self.name}({number(x)})"
        slopes = truth.activation(self.name, self.parameter)[1]
        dy = float(case.arrays["dy"][tuple(cell)])
        low, high = slopes(x)
        slope = number(low) if low == high else f"[{number(low)}, {number(high)}]"
        return f"{number(dy)} * {slope}, the slope of {self.name} at {number(x)}"

    def smaller(self, case):
        for axis in range(case.arrays["x"].ndim):
            yield from smaller_axes(case, ("x", "dy"), axis)
        if "matrices" not in self.only and case.arrays["x"].ndim > 1:
            yield case.with_arrays(**{k: a.ravel() for k, a in case.arrays.items()})
        elif "matrices" in self.only and case.arrays["x"].ndim != 2:
            yield case.with_arrays(**{k: a.reshape(len(a), -1) for k, a in case.arrays.items()})


@dataclass(frozen=True, eq=False)
class FeedforwardContract(Contract):
    """The conventions that `check_feedforward` takes as keywords."""

    weights: str = "out_in"
    bias: str = "add"
    dtype: str = "float64"
    only: tuple = ()
    without: tuple = ()

    kind = "feedforward"
    fits = True

    @property
    def parts(self):
        b = self.bias != "none"
        return {"forward": (("x", "w", "b")[:2 + b], ("z",)),
                "backward": (("dz", "x", "w"), self.gradients(b))}

    def outward(self, name, array):
        if name in ("b", "db") and self.bias == "subtract":
            return -array
        if name in ("w", "dw") and self.weights == "in_out":
            return array.T
        return array

    def inward(self, name, array):
        return self.outward(name, array)

    def _make(self, rng, n, inputs, outputs, draw=whole):
        return {"x": draw(rng, (n, inputs)), "w": draw(rng, (outputs, inputs)),
                "b": draw(rng, (outputs,)) * (self.bias != "none"),
                "dz": draw(rng, (n, outputs))}

    def cases(self, rng):
        def real(rng, shape):
            return rng.standard_normal(shape)

        rows = [
            ("one sample, one input, one output", "plain", self._make(rng, 1, 1, 1)),
            ("one sample", "plain", self._make(rng, 1, 2, 3)),
            ("one output", "plain", self._make(rng, 3, 2, 1)),
            # all different in both orders: a transpose that is missing does not fit
            ("all sizes different", "plain", self._make(rng, 4, 3, 2)),
            ("more outputs than inputs", "plain", self._make(rng, 2, 3, 5)),
            # all alike: it fits, and is wrong
            ("square weights", "plain", self._make(rng, 2, 3, 3)),
            ("all sizes alike", "plain", self._make(rng, 3, 3, 3)),
            ("real numbers", "values", self._make(rng, 5, 4, 3, real)),
            ("an upstream gradient of zeros", "values", {
                **self._make(rng, 2, 3, 4), "dz": np.zeros((2, 4))}),
            ("all sizes different, other values", "calling", self._make(rng, 4, 3, 2)),
        ]
        cases = with_forms(rows, lambda: self._make(rng, 3, 4, 2), self.dtype, "x")
        cases = [replace(c, arrays={**c.arrays, "w": c.arrays["w"] + 0.5})
                 if c.form == "integer" else c for c in cases]
        return of_one(self.only, cases, ("x", "dz"))

    def truth(self, case, part):
        a = {k: exact(v) for k, v in case.arrays.items()}
        values = ((truth.feedforward(a["x"], a["w"], a["b"]),) if part == "forward"
                  else truth.feedforward_backward(a["dz"], a["x"], a["w"]))
        return self.truths(part, values)

    def features(self, case):
        (n, inputs), outputs = case.arrays["x"].shape, len(case.arrays["w"])
        return {"N > 1": n > 1, "W is not square": inputs != outputs,
                "there is more than one input": inputs > 1,
                "there is more than one output": outputs > 1,
                "the numbers are not whole": case.name == "real numbers",
                **common_features(case, "x")}

    def terms(self, case, output, cell):
        a = case.arrays
        if output == "db":
            return " + ".join(self.label("dz", case, (n, *cell)) for n in range(len(a["dz"])))
        k, i = cell
        pairs = {"z": [(("x", (k, m)), ("w", (i, m))) for m in range(a["x"].shape[1])],
                 "dx": [(("dz", (k, m)), ("w", (m, i))) for m in range(len(a["w"]))],
                 "dw": [(("dz", (n, k)), ("x", (n, i))) for n in range(len(a["x"]))]}[output]
        text = " + ".join(f"{self.label(*_at(case, p))}*{self.label(*_at(case, q))}"
                          for p, q in pairs)
        if output == "z" and self.bias != "none":
            text += f" + {'-' * (self.bias == 'subtract')}{self.label('b', case, (i,))}"
        return text

    def smaller(self, case):
        yield from smaller_axes(case, ("x", "dz"), 0)
        yield from smaller_axes(case, ("x", "w"), 1)
        a = case.arrays
        for new in sorted({1, len(a["w"]) - 1}):
            if 1 <= new < len(a["w"]):
                yield case.with_arrays(w=a["w"][:new], b=a["b"][:new], dz=a["dz"][:, :new])


def _at(case, where):
    name, cell = where
    return name, case, cell
