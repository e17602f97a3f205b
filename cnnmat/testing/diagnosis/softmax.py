"""Mistakes in a softmax and its logarithm."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer

__all__ = []

BOTH = ("y", "dx")
EPSILONS = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12)


@dataclass(frozen=True)
class Softmax:
    """A softmax that can be spoiled: its axis, what is taken off before the exponential."""

    x: np.ndarray
    dy: np.ndarray
    log: bool
    form: str
    axis: int | None = 1
    shift: object = staticmethod(lambda s: s.x.max(s.axis, keepdims=True))
    by_quotient: bool = False

    def p(self):
        """The probabilities."""
        powers = np.exp(self.x - self.shift(self))
        return powers / powers.sum(self.axis, keepdims=True)

    def y(self):
        """What comes out."""
        if not self.log or self.by_quotient:
            return np.log(self.p()) if self.log else self.p()
        shifted = self.x - self.shift(self)
        return shifted - np.log(np.exp(shifted).sum(self.axis, keepdims=True))

    def over(self, array):
        """The sum along the axis."""
        return array.sum(self.axis, keepdims=True)


def bank(contract):
    """The bank of mistakes in a softmax."""
    def layer(case):
        return Softmax(case.arrays["x"].astype(float), case.arrays["dy"].astype(float),
                       contract.name == "log_softmax", case.form)

    own = LOG if contract.name == "log_softmax" else PLAIN
    return Bank(layer, compute, (*own, *EITHER))


def compute(s, output):
    """y or dx."""
    if output == "y":
        return s.y()
    p = s.p()
    return s.dy - p * s.over(s.dy) if s.log else p * (s.dy - s.over(s.dy * p))


def _edit(slug, sentence, outputs=BOTH, *, not_finite=False, **fields):
    return Mistake(slug, sentence, outputs, not_finite=not_finite,
                   edit=lambda s, _: replace(s, **fields))


def _value(slug, sentence, formula, **more):
    return Mistake(slug, sentence, ("y",), result=lambda a, s, _: formula(s), **more)


def _slope(slug, sentence, formula, **more):
    return Mistake(slug, sentence, ("dx",), result=lambda a, s, _: formula(s), **more)


PLAIN = (
    _slope("diagonal-of-jacobian", "only the diagonal y (1 - y) of the Jacobian is used: every x "
           "moves all of y", lambda s: s.dy * s.p() * (1 - s.p())),
    _slope("sum-missing", "dx is dy y: the sum of dy y, that every entry of the row shares, is not "
           "taken off", lambda s: s.dy * s.p()),
    _slope("sum-not-weighted", "the sum of dy is taken off where that of dy y belongs",
           lambda s: s.p() * (s.dy - s.over(s.dy))),
    _slope("not-times-y", "dx is dy less the sum of dy y: it is not multiplied by y",
           lambda s: s.dy - s.over(s.dy * s.p())),
    _slope("cross-entropy-included", "dx is y - dy, the gradient of a cross-entropy with the "
           "target dy", lambda s: s.p() - s.dy),
    _slope("slope-of-log-softmax", "dx is that of the logarithm of the softmax",
           lambda s: s.dy - s.p() * s.over(s.dy)),
    _slope("slope-at-y", "the softmax is taken once more: x is treated as if it were y",
           lambda s: s.x * (s.dy - s.over(s.dy * s.x))),
    _value("softmax-twice", "the softmax is taken twice", lambda s: replace(s, x=s.p()).p()),
    _value("log-softmax-for-it", "the logarithm is taken", lambda s: replace(s, log=True).y()),
    _value("sigmoid-for-it", "the sigmoid of each entry is taken",
           lambda s: np.exp(-np.logaddexp(0, -s.x))),
    _value("divided-by-maximum", "it is divided by the largest exponential and not by their sum",
           lambda s: np.exp(s.x - s.x.max(1, keepdims=True))),
    *(_value("epsilon-in-sum", f"{e:g} is added to the sum of exponentials",
             lambda s, e=e: np.exp(s.x - s.shift(s)) / (s.over(np.exp(s.x - s.shift(s))) + e))
      for e in EPSILONS),
)
LOG = (
    _edit("log-of-softmax", "the logarithm of a softmax that underflowed to 0 is taken: subtract "
          "the logarithm of the sum of exponentials", not_finite=True, outputs=("y",),
          by_quotient=True),
    _slope("sum-missing", "dx is dy - y: the sum of dy over the row, which multiplies y, is "
           "missing", lambda s: s.dy - s.p()),
    _slope("slope-of-softmax", "dx is that of the softmax without the logarithm",
           lambda s: s.p() * (s.dy - s.over(s.dy * s.p()))),
    _slope("diagonal-of-jacobian", "only the diagonal 1 - y of the Jacobian is used: every x moves "
           "all of y", lambda s: s.dy * (1 - s.p())),
    _slope("logarithm-for-probability", "the logarithm itself multiplies the sum of dy: it is the "
           "softmax that belongs there", lambda s: s.dy - s.y() * s.over(s.dy)),
    _slope("sum-averaged", "the mean of dy is taken where its sum belongs",
           lambda s: s.dy - s.p() * s.dy.mean(1, keepdims=True)),
    _value("softmax-for-it", "the logarithm is not taken", lambda s: s.p()),
    _value("log2-for-ln", "log2 is taken for ln", lambda s: s.y() / np.log(2)),
    _value("log10-for-ln", "log10 is taken for ln", lambda s: s.y() / np.log(10)),
    _value("maximum-not-put-back", "the maximum is taken off within the sum of exponentials and "
           "not put back", lambda s: s.x - np.log(s.over(np.exp(s.x - s.shift(s))))),
    *(_value("epsilon-in-log", f"{e:g} is added in the logarithm, so that what is improbable "
             "comes out too large", lambda s, e=e: np.log(s.p() + e), size=e)
      for e in EPSILONS),
)
EITHER = (
    _edit("softmax-over-batch", "the softmax runs over the samples and not over the classes",
          axis=0),
    _edit("softmax-over-everything", "the softmax runs over the whole batch: each sample has its "
          "own", axis=None),
    _edit("no-max-subtraction", "exp overflows for large x: take the largest entry off before the "
          "softmax, which changes nothing else", not_finite=True, by_quotient=True,
          shift=lambda s: 0.0),
    Mistake("no-max-subtraction", "exp overflows for large x: take the largest entry off before "
            "the softmax, which changes nothing else", ("y",), not_finite=True,
            edit=lambda s, _: replace(s, shift=lambda s: 0.0)),
    _edit("maximum-of-batch", "the largest entry of the whole batch is taken off, so that a row "
          "far below it is 0 / 0: each row has its own", not_finite=True, by_quotient=True,
          shift=lambda s: s.x.max()),
    Mistake("maximum-of-batch", "the largest entry of the whole batch is taken off, so that a row "
            "far below it is the logarithm of 0: each row has its own", ("y",), not_finite=True,
            edit=lambda s, _: replace(s, shift=lambda s: s.x.max())),
    _edit("mean-for-maximum", "the mean is taken off and not the largest entry, so that exp still "
          "overflows", not_finite=True, by_quotient=True,
          shift=lambda s: s.x.mean(1, keepdims=True)),
    _edit("minimum-for-maximum", "the smallest entry is taken off and not the largest, so that exp "
          "still overflows", not_finite=True, by_quotient=True,
          shift=lambda s: s.x.min(1, keepdims=True)),
    Mistake("sign-of-x", "the sign of x is turned", BOTH, edit=lambda s, _: replace(s, x=-s.x)),
    Mistake("upstream-ignored", "dy is taken as all ones", ("dx",),
            edit=lambda s, _: replace(s, dy=np.ones_like(s.dy))),
    *common(BOTH, lambda s: len(s.x)),
    cut_to_integer(BOTH, lambda s: s.form == "integer"),
)
