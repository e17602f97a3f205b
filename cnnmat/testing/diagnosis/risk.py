"""Mistakes in risks."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer, factor

__all__ = []

BOTH = ("risk", "dy")
EPSILONS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)


@dataclass(frozen=True)
class Risk:
    """A risk that can be spoiled: `axis` of the softmax, terms of a sample, total weight."""

    y: np.ndarray
    target: np.ndarray
    kind: str
    weight: float
    form: str
    axis: int = 1

    def log_p(self):
        """ln softmax."""
        shifted = self.y - self.y.max(self.axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(self.axis, keepdims=True))

    def p(self):
        """softmax."""
        return np.exp(self.log_p())


def bank(contract):
    """The bank of mistakes in risks."""
    def layer(case):
        y = case.arrays["y"].astype(float)
        count = {"samples": len(y), "entries": y.size, "sum": 1}[contract.average]
        return Risk(y, case.arrays["target"].astype(float), contract.risk,
                    (0.5 if contract.half else 1.0) / count, case.form)

    entropy = contract.risk == "softmax_cross_entropy"
    return Bank(layer, compute, (*(ENTROPY if entropy else SQUARED), *EITHER))


def compute(risk, output):
    """The risk, or its derivative by y."""
    if risk.kind == "squared_error":
        e = risk.y - risk.target
        return risk.weight * ((e**2).sum() if output == "risk" else 2 * e)
    if output == "risk":
        return -risk.weight * np.where(risk.target, risk.target * risk.log_p(), 0).sum()
    return risk.weight * (risk.p() - risk.target)


def risk_is(slug, sentence, formula):
    """Another sum: formula(risk), which the weight multiplies."""
    return Mistake(slug, sentence, ("risk",), result=lambda a, r, _: r.weight * formula(r))


def slope_is(slug, sentence, formula):
    return Mistake(slug, sentence, ("dy",), result=lambda a, r, _: r.weight * formula(r))


def _safe_log(p):
    return np.log(np.clip(p, 1e-300, 1))


def _epsilons():
    for e in EPSILONS:
        yield risk_is("epsilon-in-log", f"{e:g} is added in the logarithm, so that a sure and "
                      "wrong answer costs too little: subtract the logarithm of the sum of "
                      "exponentials", lambda r, e=e: -(r.target * np.log(r.p() + e)).sum())
        for top in (1, 1 - e):
            yield risk_is("probabilities-clipped", f"the probabilities are clipped at "
                        f"{e:g}, so that a sure and wrong answer costs too little",
                        lambda r, e=e, top=top: -(r.target * np.log(
                            np.clip(r.p(), e, top))).sum())


def _binary(r):
    return -(r.target * _safe_log(r.p()) + (1 - r.target) * _safe_log(1 - r.p())).sum()


ENTROPY = (
    factor("log2-for-ln", "log2 is taken for ln", ("risk",), lambda _: 1 / np.log(2)),
    factor("log10-for-ln", "log10 is taken for ln", ("risk",), lambda _: 1 / np.log(10)),
    Mistake("softmax-over-batch", "the softmax runs over the samples and not over the classes",
            BOTH, edit=lambda r, _: replace(r, axis=0)),
    # the same with ln(0) where a probability underflows
    Mistake("softmax-over-batch", "the softmax runs over the samples and not over the classes",
            ("risk",), edit=lambda r, _: replace(r, axis=0),
            result=lambda a, r, _: -r.weight * np.where(
                r.target, np.log(replace(r, axis=0).p()), 0).sum()),
    risk_is("softmax-missing", "the logits are taken for probabilities: the softmax is missing",
          lambda r: -np.where(r.target, np.log(r.y), 0).sum() if (r.y > 0).all() else np.nan),
    risk_is("binary-terms", "the terms (1 - t) ln(1 - p) of the binary cross-entropy are added",
          _binary),
    *_epsilons(),
    slope_is("target-forgotten", "the gradient is p: the target is not subtracted",
           lambda r: r.p()),
    slope_is("softmax-missing", "the gradient is y - t: the softmax is missing",
           lambda r: r.y - r.target),
    slope_is("derivative-by-probabilities", "the gradient is -t / p, the one by the probabilities "
           "and not by the logits", lambda r: -r.target / r.p()),
    slope_is("diagonal-of-jacobian", "only the diagonal of the softmax's Jacobian is used: every "
           "logit moves all probabilities", lambda r: -r.target * (1 - r.p())),
)
SQUARED = (
    risk_is("absolute-error", "the absolute error is taken", lambda r: abs(r.y - r.target).sum()),
    risk_is("norm-not-squared", "the root of each sample's sum of squares is taken",
          lambda r: np.sqrt(((r.y - r.target) ** 2).sum(1)).sum()),
    Mistake("summed-over-entries", "the gradient is summed over the entries of a sample", ("dy",),
            result=lambda a, *_: a.sum(1)),
    Mistake("summed-over-batch", "the gradient is summed over the samples", ("dy",),
            result=lambda a, *_: a.sum(0)),
)
EITHER = (
    *common(BOTH, lambda r: len(r.y)),
    factor("divided-by-entries", "it is averaged over the entries of a sample as well", BOTH,
           lambda r: 1 / r.y.shape[1]),
    factor("times-entries", "the division by the number of entries is missing", BOTH,
           lambda r: r.y.shape[1]),
    factor("divided-by-entries-not-batch", "it is divided by the number of entries of a sample "
           "and not by the number of samples", BOTH, lambda r: len(r.y) / r.y.shape[1]),
    cut_to_integer(BOTH, lambda r: r.form == "integer"),
)
