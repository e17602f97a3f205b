"""The contract of a risk."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.case import exact, whole
from cnnmat.testing.comparing import Truth
from cnnmat.testing.contract import Contract
from cnnmat.testing.pointwise import OVERFLOW, common_features, of_one, smaller_axes, with_forms

__all__ = []


@dataclass(frozen=True, eq=False)
class RiskContract(Contract):
    """The conventions that `check_risk` takes as keywords."""

    risk: str = "softmax_cross_entropy"
    average: str = "samples"
    target: str = "one_hot"
    half: bool = False
    dtype: str = "float64"
    only: tuple = ()

    kind = "risk"
    fits = True
    parts: ClassVar = {"forward": (("y", "target"), ("risk",)),
                       "backward": (("y", "target"), ("dy",))}

    @property
    def _entropy(self):
        return self.risk == "softmax_cross_entropy"

    def outward(self, name, array):
        return array.argmax(-1) if name == "target" and self.target == "labels" else array

    def _make(self, rng, shape, scale=2.0):
        n, k = shape
        y = rng.standard_normal(shape) * scale
        if not self._entropy:
            return {"y": y, "target": rng.standard_normal(shape)}
        target = np.zeros(shape)
        target[np.arange(n), rng.integers(0, k, n)] = 1
        return {"y": y, "target": target}

    def cases(self, rng):
        large, negative = self._make(rng, (3, 4)), self._make(rng, (3, 4))
        if self._entropy:
            # e^1000 overflows; a sure and wrong answer costs about 2000, not log(epsilon)
            large["y"] = np.array([[1000, -1000, 3, 1], [-1000, 999, 1000, 2], [1, 2, 3, 1000.0]])
            negative["y"] -= 900
        far, one_row, sure = (self._make(rng, (3, 4)) for _ in range(3))
        if self._entropy:
            far["y"][0] += 1000
            one_row["y"][1] = [-1000, 1000, 900, 3]
            sure["y"][:, 0] = 800
            sure["target"] = np.eye(4)[[1, 0, 2]]
        else:
            sure["target"][0] = sure["y"][0]
        rows = [
            # one sample: 1/N does not show; then N and K different in both ways
            ("one sample", "plain", self._make(rng, (1, 3))),
            ("two classes", "plain", self._make(rng, (3, 2))),
            ("more samples than entries", "plain", self._make(rng, (5, 3))),
            ("more entries than samples", "plain", self._make(rng, (2, 7))),
            # N = K: an axis taken for the other fits
            ("as many samples as entries", "plain", self._make(rng, (4, 4))),
            ("whole numbers", "values", {**self._make(rng, (3, 5)), "y": whole(rng, (3, 5))}),
            ("small numbers", "values", self._make(rng, (3, 4), 0.1)),
            # logits that could be taken for probabilities
            ("numbers between 0 and 1", "values", {
                **self._make(rng, (3, 4)), "y": rng.uniform(0.1, 0.9, (3, 4))}),
            ("very large logits" if self._entropy else "other values", "large", large),
            ("very negative logits" if self._entropy else "still other values", "large", negative),
            # one maximum for the whole batch: the other rows underflow to 0 / 0
            ("one row far from the others", "large", far),
            ("very large logits in one row" if self._entropy else "one row else", "large", one_row),
            # ln 0 where a probability underflows; a root or a quotient of no error at all
            ("sure of what is wrong" if self._entropy else "a sample without error", "large", sure),
            ("equal numbers", "values", {**self._make(rng, (3, 4)), "y": np.full((3, 4), 2.5)}),
            # probabilities from 0.1 to 1e-16: what is added to them is not what cuts them off
            ("probabilities of every size", "values", {
                "y": np.stack([np.zeros(12), np.linspace(2, 36, 12)], 1),
                "target": np.eye(2)[[0] * 12]}),
            ("two classes, other values", "calling", self._make(rng, (3, 2))),
        ]
        cases = with_forms(rows, lambda: self._make(rng, (3, 4)), self.dtype, "y")
        return of_one(self.only, cases, ("y", "target"))

    def truth(self, case, part):
        y, target = exact(case.arrays["y"]), exact(case.arrays["target"])
        count = {"samples": len(y), "entries": len(y) * len(y[0]), "sum": 1}[self.average]
        weight = (0.5 if self.half else 1.0) / count
        if part == "forward":
            total = sum(truth.sample_risk(self.risk, *one)
                        for one in zip(y, target, strict=True))
            return {"risk": Truth(np.array(float(total) * weight))}
        slopes = [truth.sample_risk_slopes(self.risk, *one)
                  for one in zip(y, target, strict=True)]
        return {"dy": Truth(np.array(slopes, dtype=float) * weight)}

    def features(self, case):
        n, k = case.arrays["y"].shape
        # e^-745 is the smallest number above 0
        spread = np.ptp(case.arrays["y"], axis=1).max() > 745
        return {"N > 1": n > 1, "K > 2": k > 2, "N is K": n == k, **common_features(case, "y"),
                "a probability underflows to 0": self._entropy and bool(spread),
                "one row is far from the others": bool(
                    np.ptp(case.arrays["y"].max(1)) > OVERFLOW)}

    def terms(self, case, output, cell):
        return f"{self.risk}, " + {
            "samples": "averaged over the samples", "entries": "averaged over all entries",
            "sum": "summed"}[self.average]

    def smaller(self, case):
        for axis in (0, 1):
            for candidate in smaller_axes(case, ("y", "target"), axis):
                if not self._entropy or (candidate.arrays["target"].sum(1) == 1).all():
                    yield candidate

    def simple(self, case):
        """Whether simplified numbers still are what this risk is defined for."""
        target = case.arrays["target"]
        return not self._entropy or bool(
            np.isin(target, (0, 1)).all() and (target.sum(-1) == 1).all())
