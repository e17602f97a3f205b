"""The contract of a softmax, or its logarithm, alone."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.case import whole
from cnnmat.testing.sized import SizedContract

__all__ = []


@dataclass(frozen=True, eq=False)
class SoftmaxContract(SizedContract):
    """The conventions that `check_softmax` takes as keywords."""

    name: str = "softmax"
    classes: str = "last"

    kind = "softmax"
    parts: ClassVar = {"forward": (("x",), ("y",)), "backward": (("dy", "x"), ("dx",))}

    def outward(self, name, array):
        return array if self.classes == "last" else array.T

    inward = outward

    def axes(self, case):
        return {"x": "NK", "dy": "NK"}

    def forward(self, arrays, settings):
        of_row = truth.SOFTMAXES[self.name][0]
        return ([of_row(row) for row in arrays["x"]],)

    def backward(self, arrays, settings):
        of_row = truth.SOFTMAXES[self.name][1]
        return ([of_row(*both) for both in zip(arrays["x"], arrays["dy"], strict=True)],)

    def cases(self, rng):
        def make(n, k, scale=1.5, level=0.0):
            return {"x": rng.standard_normal((n, k)) * scale + level, "dy": whole(rng, (n, k))}

        far, one, nothing, alike = make(3, 4), make(3, 4), make(3, 4), make(3, 4)
        # a maximum taken of all rows leaves e^-1000 = 0 in the others, and 0 / 0
        far["x"] += np.array([[-1000.0], [0], [1000]])
        # a sure answer: every other probability underflows
        one["x"][1, 2] = 900
        nothing["dy"][...] = 0
        alike["x"][...] = 2
        rows = [
            ("one row", "plain", make(1, 3)),
            ("two classes", "plain", make(3, 2)),
            ("more rows than classes", "plain", make(5, 3)),
            ("more classes than rows", "plain", make(2, 6)),
            # N = K: an axis taken for the other fits
            ("as many rows as classes", "plain", make(4, 4)),
            ("one class", "plain", make(3, 1)),
            ("whole numbers", "values", {"x": whole(rng, (3, 4), 3), "dy": whole(rng, (3, 4))}),
            ("all alike", "values", alike),
            ("no upstream gradient", "values", nothing),
            ("one row far above, one far below", "large", far),
            ("one large number", "large", one),
            ("all large", "large", make(3, 4, level=800)),
            ("all very negative", "large", make(3, 4, level=-800)),
            ("two classes, other values", "calling", make(3, 2)),
        ]
        return [*(self.made(*row) for row in rows), *self.in_memory(lambda: (make(3, 4), {}))]

    def features(self, case):
        x = case.arrays["x"]
        return {**super().features(case), "N is K": x.shape[0] == x.shape[1],
                "rows lie far apart": bool(np.ptp(x.max(1)) > 700),
                "a probability underflows to 0": bool(np.ptp(x, axis=1).max() > 745)}

    def terms(self, case, output, cell):
        row = ", ".join(f"{v:.6g}" for v in case.arrays["x"][cell[0]])
        return f"entry {cell[1]} of the {self.name.replace('_', ' ')} of [{row}]" + (
            ", taken back" if output == "dx" else "")
