"""The contracts of losses that are sums over classes or entries: cross-entropies, hinges."""

from dataclasses import dataclass

import numpy as np

from cnnmat.testing.case import Case, whole
from cnnmat.testing.pointwise import FORM_ROWS, common_features
from cnnmat.testing.risks import RiskContract

__all__ = []


@dataclass(frozen=True, eq=False)
class LossContract(RiskContract):
    """A risk out of `truth.LOSSES`; see `RiskContract`."""

    bank = "loss"
    fits = False

    def _make(self, rng, shape, scale=2.0):
        n, k = shape
        y, target = rng.standard_normal(shape) * scale, rng.integers(0, 2, shape) * 1.0
        if self.risk == "binary_cross_entropy":
            y = rng.uniform(0.05, 0.95, shape)
        elif self.risk == "binary_hinge":
            target = 2 * target - 1
        elif self.risk == "hinge":
            target = np.zeros(shape)
            target[np.arange(n), rng.integers(0, k, n)] = 1
        return {"y": y, "target": target}

    def _integers(self, rng, shape):
        """Whole numbers where y may hold them: even ones, that no hinge has its kink at."""
        arrays = self._make(rng, shape)
        if self.risk == "binary_cross_entropy":
            return {**arrays, "target": arrays["target"].astype(np.int64)}
        return {**arrays, "y": (2 * whole(rng, shape, 4)).astype(np.int64)}

    def cases(self, rng):
        far, wide = self._make(rng, (3, 4)), self._make(rng, (3, 4), 8.0)
        if self.risk == "sigmoid_cross_entropy":
            # e^1000 overflows, and 1 - p is 0 from 37 on
            far["y"] = np.array([[1000, -1000, 3, 1], [-900, 999, 40, -40], [1, -2, 3, 720.0]])
        if self.risk == "binary_cross_entropy":
            wide["y"] = rng.choice([1e-3, 1e-2, 0.99, 0.999], (3, 4))
        rows = [
            # one sample, one entry: no average shows; then N and K different in both ways
            ("one sample", "plain", self._make(rng, (1, 3))),
            ("two classes", "plain", self._make(rng, (3, 2))),
            ("more samples than entries", "plain", self._make(rng, (5, 3))),
            ("more entries than samples", "plain", self._make(rng, (2, 7))),
            ("as many samples as entries", "plain", self._make(rng, (4, 4))),
            ("small numbers", "values", self._make(rng, (3, 4), 0.1)),
            # within the margin and far outside; sure and wrong
            ("numbers far apart", "values", wide),
            ("very large numbers", "large", far),
            ("two classes, other values", "calling", self._make(rng, (3, 2))),
        ]
        cases = [Case(name, behaviour, self._typed(arrays)) for name, behaviour, arrays in rows]
        for name, form in FORM_ROWS:
            make = self._integers if form == "integer" else self._make
            cases.append(Case(name, "calling", self._typed(make(rng, (3, 4))), form=form))
        return cases

    def _typed(self, arrays):
        return {k: a if a.dtype.kind == "i" else a.astype(self.dtype) for k, a in arrays.items()}

    def features(self, case):
        n, k = case.arrays["y"].shape
        return {"N > 1": n > 1, "K > 2": k > 2, "N is K": n == k, **common_features(case, "y")}

    def simple(self, case):
        y, target = case.arrays["y"], case.arrays["target"]
        if self.risk == "binary_cross_entropy":
            return bool(((y > 0) & (y < 1)).all() and np.isin(target, (0, 1)).all())
        if self.risk == "binary_hinge":
            return bool(np.isin(target, (-1, 1)).all() and (target * y != 1).all())
        if self.risk == "sigmoid_cross_entropy":
            return bool(np.isin(target, (0, 1)).all())
        one_hot = np.isin(target, (0, 1)).all() and (target.sum(1) == 1).all()
        return bool(one_hot) and bool((y - (y * target).sum(1, keepdims=True) != -1).all())

    def smaller(self, case):
        return (one for one in super().smaller(case) if self.simple(one))
