"""Mistakes in risks."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import common, cut_to_integer, factor, generic

__all__ = []

BOTH = ("risk", "dy")


@dataclass(frozen=True)
class Risk:
    """A risk that can be spoiled: every choice in it is a field to be edited.

    Attributes
    ----------
    axis : int
        Of the softmax.
    shift : str
        What is taken off the logits first: the largest of each "row" (along `axis`), of "all",
        of each of the "columns", or "nothing".
    log : str
        "stable": logits minus ln Σ exp; else the logarithm of probabilities, of the "picked"
        one or of all that are "multiplied" by the target.
    epsilon, low, high : float
        What is added to the probabilities, and where they are clipped.
    """

    y: np.ndarray
    target: np.ndarray
    kind: str
    weight: float
    form: str
    axis: int = 1
    shift: str = "row"
    log: str = "stable"
    epsilon: float = 0.0
    low: float = 0.0
    high: float = np.inf

    def shifted(self):
        """The logits, the largest taken off."""
        if self.shift == "nothing":
            return self.y
        axis = {"all": None, "columns": 0}.get(self.shift, self.axis)
        return self.y - self.y.max(axis, keepdims=True)

    def p(self):
        """softmax."""
        e = np.exp(self.shifted())
        return e / e.sum(self.axis, keepdims=True)

    def log_p(self):
        """ln softmax."""
        if self.log != "stable":
            return np.log(np.clip(self.p() + self.epsilon, self.low, self.high))
        z = self.shifted()
        return z - np.log(np.exp(z).sum(self.axis, keepdims=True))


def bank(contract):
    """The bank of mistakes in risks."""
    def layer(case):
        y = case.arrays["y"].astype(float)
        count = {"samples": len(y), "entries": y.size, "sum": 1}[contract.average]
        return Risk(y, case.arrays["target"].astype(float), contract.risk,
                    (0.5 if contract.half else 1.0) / count, case.form)

    entropy = contract.risk == "softmax_cross_entropy"
    return Bank(layer, compute, (*(ENTROPY if entropy else SQUARED), *EITHER,
                                *generic({"risk": (), "dy": ("sample", "class")}),
                                *reads({"y": (("sample", "class"), BOTH)}),
                                *reads({"target": (("sample", "class"), BOTH)}, entries=False)))


def compute(risk, output):
    """The risk, or its derivative by y."""
    if risk.kind == "squared_error":
        e = risk.y - risk.target
        return risk.weight * ((e**2).sum() if output == "risk" else 2 * e)
    if output == "risk":
        terms = risk.target * risk.log_p()
        return -risk.weight * (
            terms if risk.log == "multiplied" else np.where(risk.target, terms, 0)).sum()
    return risk.weight * (risk.p() - risk.target)


def risk_is(slug, sentence, formula, **more):
    """Another sum: formula(risk), which the weight multiplies."""
    return Mistake(slug, sentence, ("risk",), result=lambda a, r, _: r.weight * formula(r),
                   **more)


def slope_is(slug, sentence, formula):
    return Mistake(slug, sentence, ("dy",), result=lambda a, r, _: r.weight * formula(r))


def _safe_log(p):
    return np.log(np.clip(p, 1e-300, 1))


def _changed(slug, sentence, outputs=BOTH, **how):
    """Other choices in a `Risk`; what comes of them may be infinite, or NaN."""
    return Mistake(slug, sentence, outputs, edit=lambda r, _: replace(r, **how),
                   not_finite=True)


ROW_MAXIMUM = "take the largest logit of each row off before the softmax"


def _exponentials():
    """Softmaxes that overflow, and logarithms of probabilities."""
    for log in ("stable", "picked", "multiplied"):
        yield _changed("one-maximum-for-all", "one maximum is taken off for the whole batch: a row "
                       f"far below it underflows to 0 / 0; {ROW_MAXIMUM}", shift="all", log=log)
        yield _changed("maximum-over-batch", "the largest logit of each class over the batch is "
                       f"taken off, which changes the softmax: {ROW_MAXIMUM}", shift="columns",
                       log=log)
        yield _changed("no-max-subtraction", "exp overflows for large logits: "
                       f"{ROW_MAXIMUM}, which changes nothing else", shift="nothing", log=log)
    for log in ("picked", "multiplied"):
        yield _changed("log-of-zero-probability", "the logarithm of the softmax is taken, whose "
                       "probabilities underflow to 0: compute it as y - ln Σ exp y", ("risk",),
                       log=log)


def _in_log(size):
    return Mistake("epsilon-in-log", f"{size:.3g} is added in the logarithm, so that a sure and "
                   "wrong answer costs too little: subtract the logarithm of the sum of "
                   "exponentials", ("risk",), size=size,
                   edit=lambda r, _: replace(r, log="picked", epsilon=size))


def _clipped(size, both):
    return Mistake("probabilities-clipped", f"the probabilities are clipped at {size:.3g}, so "
                   "that a sure and wrong answer costs too little", ("risk",), size=size,
                   edit=lambda r, _: replace(r, log="picked", low=size,
                                             high=1 - size if both else np.inf))


def _sized(make):
    """A mistake with a size, which is found from the first answer that is wrong by it.

    The risk falls as the size grows, so that bisection finds it.
    """
    def fit(layer, output, answer):
        if layer.kind == "squared_error" or not np.isfinite(answer).all() or answer.size != 1:
            return None
        low, high = -308.0, 0.0
        for _ in range(80):
            middle = (low + high) / 2
            more = compute(make(10**middle).edit(layer, output), output) > answer
            low, high = (middle, high) if more else (low, middle)
        exact = 10**high
        # as it was written down, if that is as good
        short = float(f"{exact:.2g}")
        return make(short if abs(short - exact) < 1e-6 * exact else exact)

    like = make(1e-8)
    return replace(like, fit=fit)


def _next(target):
    if target[:, -1].any():
        raise IndexError("there is no class behind the last")
    return np.roll(target, 1, 1)


def _log(r, stable):
    return r.log_p() if stable else np.log(r.p())


def _all_pairs(r, stable):
    """The mean over all pairs of a sample and a label, times the number of samples."""
    return -(_log(r, stable) @ r.target.T).sum() / len(r.y)


def _binary(r):
    return -(r.target * _safe_log(r.p()) + (1 - r.target) * _safe_log(1 - r.p())).sum()


def _never_normalised(r, least, added):
    """Σ t ln e^(y - max): the exponentials are not divided by their sum."""
    powers = np.exp(r.shifted())
    return -np.where(r.target, r.target * np.log(np.maximum(powers, least) + added), 0).sum()


#: What keeps the logarithm of an exponential finite: the least that it may be, what is added.
HELD = ((0.0, 0.0), *((e, 0.0) for e in (1e-300, 1e-100, 1e-15, 1e-12, 1e-10, 1e-8, 1e-7)),
        *((0.0, e) for e in (1e-300, 1e-15, 1e-12, 1e-10, 1e-8, 1e-7)))

ENTROPY = (
    *(risk_is("not-normalised", "the logarithm is taken of e^(y - max), which is not divided by "
              "its sum: that is no softmax" + (f" ({held} keeps it finite)" if held else ""),
              lambda r, a=least, b=added: _never_normalised(r, a, b), not_finite=not held)
      for least, added in HELD for held in (f"{least or added:g}" if least or added else "",)),
    risk_is("not-normalised", "y - max is taken for the logarithm of the softmax: the logarithm of "
            "the sum of exponentials is not taken off", lambda r: -(r.target * r.shifted()).sum()),
    factor("log2-for-ln", "log2 is taken for ln", ("risk",), lambda _: 1 / np.log(2)),
    factor("log10-for-ln", "log10 is taken for ln", ("risk",), lambda _: 1 / np.log(10)),
    Mistake("softmax-over-batch", "the softmax runs over the samples and not over the classes",
            BOTH, edit=lambda r, _: replace(r, axis=0)),
    # the same with ln(0) where a probability underflows
    _changed("softmax-over-batch", "the softmax runs over the samples and not over the classes",
             ("risk",), axis=0, log="picked"),
    risk_is("softmax-missing", "the logits are taken for probabilities: the softmax is missing",
          lambda r: -np.where(r.target, np.log(r.y), 0).sum() if (r.y > 0).all() else np.nan,
          not_finite=True),
    risk_is("binary-terms", "the terms (1 - t) ln(1 - p) of the binary cross-entropy are added",
          _binary),
    _sized(_in_log), _sized(lambda size: _clipped(size, False)),
    _sized(lambda size: _clipped(size, True)),
    *_exponentials(),
    Mistake("softmax-twice", "the softmax is taken twice: of the logits, and of what came of it",
            BOTH, edit=lambda r, _: replace(r, y=r.p())),
    _changed("softmax-over-everything", "the softmax runs over the whole batch and not over each "
             "row", axis=None),
    _changed("softmax-over-everything", "the softmax runs over the whole batch and not over each "
             "row", ("risk",), axis=None, log="picked"),
    *(Mistake("labels-off-by-one", f"the label one {side} is taken: labels count from 0", BOTH,
              edit=lambda r, _, s=step: replace(r, target=np.roll(r.target, s, 1)))
      for side, step in (("before", -1), ("after", 1))),
    Mistake("labels-off-by-one", "the label one after is taken: labels count from 0", BOTH,
            edit=lambda r, _: replace(r, target=_next(r.target))),
    slope_is("target-taken-off-first", "the target is subtracted from the logits, before the "
             "softmax", lambda r: replace(r, y=r.y - r.target).p()),
    Mistake("target-added", "the target is added where it is to be subtracted", ("dy",),
            edit=lambda r, _: replace(r, target=-r.target)),
    slope_is("true-class-only", "only the entry of the right class gets its gradient p - 1, the "
             "others stay zero", lambda r: r.target * (r.p() - r.target)),
    slope_is("true-class-missing", "the entry of the right class gets no gradient",
             lambda r: (1 - r.target) * r.p()),
    slope_is("derivative-of-softmax", "p (1 - p) is left in as a factor: the derivative of a "
             "sigmoid, that the cross-entropy cancels", lambda r: (
                 r.p() - r.target) * r.p() * (1 - r.p())),
    slope_is("times-probability", "p is left in as a factor", lambda r: (
        r.p() - r.target) * r.p()),
    *(risk_is("labels-of-all-samples", "the columns of all labels are read for every sample: index "
              "rows and labels together, p[arange(N), labels]", lambda r, s=stable: _all_pairs(
                  r, s), not_finite=not stable) for stable in (True, False)),
    *(risk_is("label-of-first-sample", "the label of sample 0 is read for every sample",
              lambda r, s=stable: -(r.target[:1] * _log(r, s)).sum(), not_finite=not stable)
      for stable in (True, False)),
    risk_is("probability-without-log", "the probability is taken itself: the logarithm is missing",
            lambda r: -(r.target * r.p()).sum()),
    risk_is("probability-for-cost", "1 - p is taken where -ln p belongs",
            lambda r: (r.target * (1 - r.p())).sum()),
    risk_is("right-class-ignored", "the sum runs over the other classes: -ln(1 - p)",
            lambda r: -((1 - r.target) * _safe_log(1 - r.p())).sum()),
    risk_is("all-classes", "the logarithms of all classes are added up, whatever the target",
            lambda r: -r.log_p().sum()),
    risk_is("entropy-of-p", "p ln p is added up: the target does not enter",
            lambda r: -(r.p() * r.log_p()).sum()),
    risk_is("arguments-exchanged", "target and probability are exchanged: p ln t",
            lambda r: -(r.p() * np.log(r.target)).sum(), not_finite=True),
    Mistake("target-forgotten", "the gradient is p: the target is not subtracted", ("dy",),
            edit=lambda r, _: replace(r, target=0 * r.target)),
    slope_is("softmax-missing", "the gradient is y - t: the softmax is missing",
           lambda r: r.y - r.target),
    slope_is("derivative-by-probabilities", "the gradient is -t / p, the one by the probabilities "
           "and not by the logits", lambda r: -r.target / r.p()),
    slope_is("diagonal-of-jacobian", "only the diagonal of the softmax's Jacobian is used: every "
           "logit moves all probabilities", lambda r: -r.target * (1 - r.p())),
)
def _square(slug, sentence, formula, slope=None):
    """Another cost of the difference e, and its derivative."""
    yield risk_is(slug, sentence, lambda r: formula(r.y - r.target))
    if slope:
        yield slope_is(slug, sentence, lambda r: slope(r.y - r.target))


SQUARED = (
    *_square("squared-after-sum", "the differences of a sample are added up before they are "
             "squared", lambda e: (e.sum(1) ** 2).sum(),
             lambda e: 2 * np.repeat(e.sum(1, keepdims=True), e.shape[1], 1)),
    *_square("squared-after-sum", "all differences are added up before they are squared",
             lambda e: e.sum() ** 2, lambda e: np.full(e.shape, 2 * e.sum())),
    *_square("squared-after-mean", "the differences of a sample are averaged before they are "
             "squared", lambda e: (e.mean(1) ** 2).sum()),
    *_square("not-squared", "the differences are added up and not squared", lambda e: e.sum()),
    *_square("root-of-all", "the root of the sum of all squares is taken",
             lambda e: np.sqrt((e**2).sum())),
    *_square("cubed", "the third power is taken", lambda e: (e**3).sum(), lambda e: 3 * e**2),
    *_square("largest-error", "the largest difference of each sample counts",
             lambda e: (e**2).max(1).sum()),
    slope_is("sign-of-difference", "the sign of the difference is taken, the derivative of an "
             "absolute error", lambda r: np.sign(r.y - r.target)),
    slope_is("squares-for-slope", "the squares themselves are taken for their derivative",
             lambda r: (r.y - r.target) ** 2),
    slope_is("target-forgotten", "the target is not subtracted", lambda r: 2 * r.y),
    slope_is("target-added", "the target is added where it is to be subtracted",
             lambda r: 2 * (r.y + r.target)),
    risk_is("differences-of-squares", "the squares are subtracted where the difference is to be "
            "squared", lambda r: (r.y**2 - r.target**2).sum()),
    risk_is("target-added", "the target is added where it is to be subtracted",
            lambda r: ((r.y + r.target) ** 2).sum()),
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
