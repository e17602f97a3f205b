"""The contracts of updates, of a linear map with its adjoint, of a function with its gradient."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnnmat.testing import sandbox, truth
from cnnmat.testing.case import Case, exact, whole
from cnnmat.testing.comparing import Truth, interval
from cnnmat.testing.contract import Contract
from cnnmat.testing.pointwise import smaller_axes
from cnnmat.testing.slopes import slope

__all__ = []

#: Basis vectors, and so calls, that finding a matrix may take.
MOST_ENTRIES = 4096


@dataclass(frozen=True, eq=False)
class UpdateContract(Contract):
    """The conventions that `check_update` takes as keywords."""

    decay: str = "weights"
    decay_factor: float = 1.0
    in_place: bool = False
    dtype: str = "float64"
    only: tuple = ()

    kind = "update"
    fits = True
    parts: ClassVar = {"forward": (("w", "b", "dw", "db"), ("w_after", "b_after"))}

    def settings(self, case):
        s = case.settings
        return s["lr"], s["weight_decay"], s["momentum"]

    def invoke(self, function, part, arrays, case):
        """Several steps in a row; what each leaves of w and b, stacked."""
        w, b, dw, db = (a.copy() for a in arrays) if self.in_place else arrays
        params, state, after = {"w": w, "b": b}, None, []
        for k in range(len(dw)):
            # nothing of the caller's may be changed by a dictionary that is kept
            answer = function(dict(params), {"w": dw[k], "b": db[k]}, *self.settings(case), state)
            if self.in_place and answer is None:
                answer = params, state
            if not isinstance(answer, (tuple, list)) or len(answer) != 2:
                return answer if not isinstance(answer, (tuple, list)) else None
            params, state = answer
            after.append([np.array(params["w"]), np.array(params["b"])])
        return tuple(np.array(one) for one in zip(*after, strict=True))

    def cases(self, rng):
        rows = [
            # each of the three by itself, none, and all; numbers that are exact in binary
            ("plain descent", "plain", 0.5, 0.0, 0.0),
            ("rate 1", "plain", 1.0, 0.0, 0.0),
            ("weight decay", "weight decay", 0.5, 0.25, 0.0),
            ("momentum", "momentum", 0.5, 0.0, 0.5),
            ("weight decay and momentum", "both", 0.25, 0.5, 0.75),
            ("decay larger than rate", "both", 0.125, 2.0, 0.25),
            ("plain descent again, other values", "calling", 0.5, 0.0, 0.0),
        ]
        cases = []
        for name, behaviour, lr, decay, momentum in rows:
            for steps in (1, 3):
                arrays = {"w": whole(rng, (2, 3)), "b": whole(rng, (2,)),
                          "dw": whole(rng, (steps, 2, 3)), "db": whole(rng, (steps, 2))}
                cases.append(Case(f"{name}, {steps} step{'s' * (steps > 1)}", behaviour,
                                  {k: a.astype(self.dtype) for k, a in arrays.items()},
                                  {"lr": lr, "weight_decay": decay, "momentum": momentum}))
        return cases

    def truth(self, case, part):
        s, a = case.settings, {k: exact(v) for k, v in case.arrays.items()}
        decay = s["weight_decay"] * self.decay_factor
        return {
            f"{name}_after": Truth(_steps(a[name], a["d" + name], s["lr"],
                                          decay if name == "w" or self.decay == "all" else 0,
                                          s["momentum"]))
            for name in ("w", "b")
        }

    def features(self, case):
        s = case.settings
        return {"weight_decay > 0": s["weight_decay"] > 0, "momentum > 0": s["momentum"] > 0,
                "there is more than one step": len(case.arrays["dw"]) > 1, "lr is not 1":
                s["lr"] != 1}

    def smaller(self, case):
        yield from smaller_axes(case, ("dw", "db"), 0)
        a = case.arrays
        if a["w"].shape != (1, 1):
            yield case.with_arrays(w=a["w"][:1, :1], b=a["b"][:1], dw=a["dw"][:, :1, :1],
                                   db=a["db"][:, :1])
        for name, simple in (("momentum", 0.0), ("weight_decay", 0.0), ("lr", 1.0)):
            if case.settings[name] != simple:
                yield Case(case.name, case.behaviour, a, {**case.settings, name: simple})

    def call_text(self, part, function_name, case):
        told = ", ".join(map(repr, self.settings(case)))
        return "\n".join([
            'params, state, after = {"w": w, "b": b}, None, []',
            "for k in range(len(dw)):",
            f'    params, state = {function_name}(params, {{"w": dw[k], "b": db[k]}}, '
            f"{told}, state)",
            '    after.append((np.array(params["w"]), np.array(params["b"])))',
            "w_after, b_after = (np.array(one) for one in zip(*after))"])


def _steps(p, grads, lr, decay, momentum):
    velocity, after = (np.zeros(np.shape(p))).tolist(), []
    for g in grads:
        p, velocity = truth.update(p, g, velocity, lr, decay, momentum)
        after.append(p)
    return np.array(after, dtype=float)


@dataclass(frozen=True, eq=False)
class AdjointContract(Contract):
    """A linear map, whose matrix its values on the basis vectors give, and its adjoint."""

    function: object
    shapes: tuple
    timeout: float
    dtype: str = "float64"

    kind = "adjoint"
    parts: ClassVar = {"forward": (("x",), ("y",)), "backward": (("y",), ("x",))}

    def cases(self, rng):
        x_shape, y_shape = self.shapes
        rows = [("whole numbers", whole), ("other whole numbers", whole),
                ("real numbers", lambda rng, shape: rng.standard_normal(shape)),
                ("zeros", lambda rng, shape: np.zeros(shape))]
        return [Case(name, "plain", {"x": draw(rng, x_shape).astype(self.dtype),
                                     "y": draw(rng, y_shape).astype(self.dtype)})
                for name, draw in rows]

    def matrix(self):
        """Column by column; what a call does not answer is NaN."""
        x_shape = self.shapes[0]
        columns = []
        for k in range(int(np.prod(x_shape))):
            unit = np.zeros(int(np.prod(x_shape)), dtype=self.dtype)
            unit[k] = 1
            columns.append(self._value(unit.reshape(x_shape)))
        # of a map that adds a constant, the linear part
        return np.array(columns).T - self.offset()[:, None]

    def offset(self):
        """forward(0), which is 0 if the map is linear."""
        return self._value(np.zeros(self.shapes[0], dtype=self.dtype))

    def _value(self, x):
        size = int(np.prod(self.shapes[1]))
        answer = sandbox.call(lambda: np.asarray(self.function(x), dtype=float).ravel(), (),
                              self.timeout)
        fits = answer.status == "returned" and answer.value.size == size
        return answer.value if fits else np.full(size, np.nan)

    def truth(self, case, part):
        matrix = self.matrix()
        if part == "forward":
            return {"y": Truth((matrix @ case.arrays["x"].ravel()).reshape(self.shapes[1]))}
        return {"x": Truth((matrix.T @ case.arrays["y"].ravel()).reshape(self.shapes[0]))}

    def features(self, case):
        return {"the input is zero": case.name == "zeros",
                "the numbers are not whole": case.name == "real numbers"}

    def terms(self, case, output, cell):
        name = "A x" if output == "y" else "A^T y"
        return f"{name}, A being the matrix whose columns are forward(basis vectors)"

    def smaller(self, case):
        return iter(())


@dataclass(frozen=True, eq=False)
class GradientContract(Contract):
    """A function of an array, whose differences give the gradient, and a gradient."""

    function: object
    point: tuple
    shape: tuple
    timeout: float
    dtype: str = "float64"

    kind = "gradient"
    parts: ClassVar = {"backward": (("x",), ("g",))}
    # differences leave about 1e-9; a factor of a thousand for steep functions
    tolerance = 1e-6

    def cases(self, rng):
        x = np.array(self.point).reshape(self.shape)
        near = [x + 0.1 * rng.standard_normal(self.shape) for _ in range(3)]
        return [Case("the point given", "plain", {"x": x}),
                *(Case(f"a point near by ({k})", "plain", {"x": one})
                  for k, one in enumerate(near, start=1))]

    def _value(self, x):
        answer = sandbox.call(lambda: float(self.function(x)), (), self.timeout)
        return answer.value if answer.status == "returned" else np.nan

    def truth(self, case, part):
        x = case.arrays["x"]
        here = self._value(x)
        found = [slope(self._value, x, cell, here) for cell in np.ndindex(x.shape)]
        # at a kink any slope between the two sides is right
        low, high = (np.array([side(s.left, s.right) if s.kink else s.value for s in found])
                     .reshape(x.shape) for side in (min, max))
        value = np.array([s.value for s in found]).reshape(x.shape)
        return {"g": Truth(value, None if (low == high).all() else interval(low, high))}

    def features(self, case):
        return {"x has zeros": bool((case.arrays["x"] == 0).any())}

    def smaller(self, case):
        return iter(())
