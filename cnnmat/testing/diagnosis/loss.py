"""Mistakes in binary cross-entropies and hinges."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import factor
from cnnmat.testing.diagnosis.risk import BOTH, EITHER, risk_is, slope_is

__all__ = []

EPSILONS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)


@dataclass(frozen=True)
class Loss:
    """A loss that can be spoiled: its margin, whose class counts, the total weight."""

    y: np.ndarray
    target: np.ndarray
    kind: str
    weight: float
    form: str
    margin: float = 1.0

    @property
    def p(self):
        """The probabilities: y, or the sigmoid of y."""
        if self.kind == "binary_cross_entropy":
            return self.y
        return np.exp(-np.logaddexp(0, -self.y))

    def excess(self):
        """What is beyond the margin, negative where nothing is; of the right class 0."""
        if self.kind == "binary_hinge":
            return self.margin - self.target * self.y
        right = (self.y * self.target).sum(1, keepdims=True)
        return np.where(self.target > 0, 0, self.y - right + self.margin)

    def slopes(self, within=None):
        """The derivative of a sum of hinges, `within` being that of each by its excess."""
        within = (self.excess() > 0) * 1.0 if within is None else within
        if self.kind == "binary_hinge":
            return -self.target * within
        return within - self.target * within.sum(1, keepdims=True)


def bank(contract):
    """The bank of mistakes in these losses."""
    def layer(case):
        y = case.arrays["y"].astype(float)
        count = {"samples": len(y), "entries": y.size, "sum": 1}[contract.average]
        return Loss(y, case.arrays["target"].astype(float), contract.risk,
                    (0.5 if contract.half else 1.0) / count, case.form)

    return Bank(layer, compute, (*OF_KIND[contract.risk], *EITHER))


def compute(loss, output):
    """The risk, or its derivative by y."""
    if "hinge" in loss.kind:
        value = loss.slopes() if output == "dy" else np.maximum(loss.excess(), 0).sum()
    elif loss.kind == "sigmoid_cross_entropy":
        value = (loss.p - loss.target if output == "dy"
                 else (np.logaddexp(0, loss.y) - loss.target * loss.y).sum())
    else:
        value = (loss.p - loss.target) / (loss.p * (1 - loss.p)) if output == "dy" else (
            _entropy(loss, loss.p))
    return loss.weight * value


def _entropy(loss, p, least=0.0, most=1.0):
    t, p = loss.target, np.clip(p, least, most)
    return -(np.where(t, t * np.log(p), 0) + np.where(1 - t, (1 - t) * np.log(1 - p), 0)).sum()


def _product(loss, p):
    """With 0 times infinity where the logarithm of 0 is multiplied by 0."""
    return -(loss.target * np.log(p) + (1 - loss.target) * np.log(1 - p)).sum()


def _with_epsilon(e):
    """The four ways in which an ε is put into the logarithms, e being its size."""
    sentence = f"{e:g} is put into the logarithm, so that a sure and wrong answer costs too little"
    yield risk_is("epsilon-in-log", sentence, lambda r: -(
        r.target * np.log(r.p + e) + (1 - r.target) * np.log(1 - r.p + e)).sum(), size=e)
    yield slope_is("epsilon-in-slope", f"{e:g} is added to the divisor p (1 - p)",
                   lambda r: (r.p - r.target) / (r.p * (1 - r.p) + e))
    yield slope_is("epsilon-in-slope", f"{e:g} is added to the divisors p and 1 - p", lambda r: (
        (1 - r.target) / (1 - r.p + e) - r.target / (r.p + e)))
    yield risk_is("probabilities-clipped", f"the probabilities are clipped at {e:g}, so that a "
                  "sure and wrong answer costs too little", lambda r: _entropy(r, r.p, e, 1 - e),
                  size=e)


LOGARITHMS = (
    factor("log2-for-ln", "log2 is taken for ln", ("risk",), lambda _: 1 / np.log(2)),
    factor("log10-for-ln", "log10 is taken for ln", ("risk",), lambda _: 1 / np.log(10)),
    risk_is("negative-term-missing", "the term (1 - t) ln(1 - p) is missing: entries with target 0 "
            "cost nothing", lambda r: -np.where(r.target, r.target * np.log(r.p), 0).sum()),
    risk_is("positive-term-missing", "the term t ln p is missing: entries with target 1 cost "
            "nothing", lambda r: -np.where(1 - r.target, (1 - r.target) * np.log(
                1 - r.p), 0).sum()),
    risk_is("terms-exchanged", "the two terms are exchanged: t goes with ln(1 - p)",
            lambda r: _entropy(replace(r, target=1 - r.target), r.p)),
    *(mistake for e in EPSILONS for mistake in _with_epsilon(e)),
    slope_is("negative-term-missing", "the gradient is -t / p: entries with target 0 have one, too",
             lambda r: -r.target / r.p),
    slope_is("target-forgotten", "the gradient is p: the target is not subtracted", lambda r: r.p),
    slope_is("sigmoid-derivative-doubled", "the gradient has p (1 - p) as a factor, as that of the "
             "squared error has: in the cross-entropy it cancels",
             lambda r: (r.p - r.target) * r.p * (1 - r.p)),
    slope_is("divisor-half-missing", "(p - t) / p is taken: the factor 1 - p of the divisor is "
             "missing", lambda r: (r.p - r.target) / r.p),
)
OF_KIND = {
    "binary_cross_entropy": (
        slope_is("derivative-by-logits", "the gradient is p - t, the one by the logits and not by "
                 "the probabilities", lambda r: r.p - r.target),
        *LOGARITHMS),
    "sigmoid_cross_entropy": (
        risk_is("sigmoid-missing", "the logits are taken for probabilities: the sigmoid is missing",
                lambda r: _product(r, r.y)),
        *(risk_is("log-of-zero-probability", "the logarithm of a probability that is 0 is taken: "
                  "compute the loss from the logit, max(y, 0) - t y + ln(1 + e^-|y|)", terms,
                  not_finite=True) for terms in (
                      lambda r: _entropy(r, 1 / (1 + np.exp(-r.y))),
                      lambda r: _product(r, 1 / (1 + np.exp(-r.y))))),
        slope_is("sigmoid-missing", "the gradient is y - t: the sigmoid is missing",
                 lambda r: r.y - r.target),
        slope_is("derivative-by-probabilities", "the gradient is (p - t) / (p (1 - p)), the one by "
                 "the probabilities and not by the logits",
                 lambda r: (r.p - r.target) / (r.p * (1 - r.p))),
        *LOGARITHMS),
}
HINGES = (
    Mistake("margin-missing", "the margin 1 is left out", BOTH,
            edit=lambda r, _: replace(r, margin=0.0)),
    Mistake("margin-in-value-only", "the margin is left out where it is asked which entries lie "
            "within it", ("dy",), edit=lambda r, _: replace(r, margin=0.0)),
    Mistake("margin-sign", "the margin enters with the wrong sign", BOTH,
            edit=lambda r, _: replace(r, margin=-1.0)),
    risk_is("squared-hinge", "the hinges are squared", lambda r: (
        np.maximum(r.excess(), 0) ** 2).sum()),
    slope_is("squared-hinge", "the gradient is that of squared hinges",
             lambda r: r.slopes(2 * np.maximum(r.excess(), 0))),
    risk_is("not-cut-at-zero", "what lies outside the margin counts as negative: max(0, ...) is "
            "missing", lambda r: np.where(r.target > 0, 0, r.excess()).sum() if (
                r.kind == "hinge") else r.excess().sum()),
)
OF_KIND["hinge"] = (
    *HINGES,
    risk_is("own-class-counted", "the right class is counted, too: it adds 1 for every sample",
            lambda r: np.maximum(r.excess(), 0).sum() + len(r.y)),
    risk_is("worst-class-only", "only the worst of the wrong classes counts",
            lambda r: np.maximum(r.excess(), 0).max(1).sum()),
    risk_is("label-score-exchanged", "y_label - y_j + 1 is taken: the sign of the difference is "
            "turned", lambda r: np.where(r.target > 0, 0, np.maximum(
                2 * r.margin - (r.excess()), 0)).sum()),
    slope_is("own-class-without-gradient", "the right class gets no gradient: it is minus the "
             "number of classes within the margin", lambda r: (r.excess() > 0) * 1.0),
    slope_is("own-class-counted-once", "the right class gets -1: it is minus the number of classes "
             "within the margin", lambda r: (r.excess() > 0) * 1.0 - r.target),
    slope_is("own-class-counted", "the right class is counted among those within the margin",
             lambda r: r.slopes() + r.target),
    slope_is("not-cut-at-zero", "every wrong class gets a gradient, also those outside the margin",
             lambda r: (1 - r.target) - r.target * (r.y.shape[1] - 1)),
)
OF_KIND["binary_hinge"] = (
    *HINGES,
    slope_is("not-cut-at-zero", "every entry gets a gradient, also those outside the margin",
             lambda r: -r.target),
    slope_is("target-forgotten", "the gradient is -1 within the margin: the target is not "
             "multiplied in", lambda r: -1.0 * (r.excess() > 0)),
    risk_is("target-forgotten", "1 - y is taken: the target is not multiplied in",
            lambda r: np.maximum(1 - r.y, 0).sum()),
)
