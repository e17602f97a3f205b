"""Mistakes in normalisation."""

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.norm_layer import compute, interleaved, norm_of
from cnnmat.testing.diagnosis.norm_paths import PATHS
from cnnmat.testing.diagnosis.results import common, cut_to_integer

__all__ = []

THROUGH = ("y", "dx", "dgamma")
ALL = ("y", "dx", "dgamma", "dbeta")
TRACKED = ("running_mean", "running_var")


def bank(contract):
    """The bank of mistakes in normalisation."""
    own = {"batch": BATCH, "layer": LAYER, "group": GROUP}[contract.over]
    mistakes = (*own, *(GIVEN if contract.given else TAKEN), *EITHER)
    if contract.running != "none":
        mistakes += RUNNING
    mistakes += PATHS[bool(contract.given)]
    return Bank(lambda case: norm_of(contract, case), compute, mistakes)


def _edit(slug, sentence, outputs=THROUGH, *, not_finite=False, **how):
    """Fields set to how[field](norm)."""
    return Mistake(slug, sentence, outputs, not_finite=not_finite, edit=lambda norm, _: norm.but(
        **{k: f(norm) for k, f in how.items()}))


def _factor(by):
    """A path that is multiplied by `by`(norm)."""
    return lambda _: by


def _result(slug, sentence, outputs, formula):
    return Mistake(slug, sentence, outputs, result=lambda a, norm, _: formula(a, norm))


def _axes(slug, sentence, axes):
    """The mean is taken over axes(norm)."""
    return _edit(slug, sentence, axes=axes)


def _mixed(slug, sentence, fold):
    """The channels are put into groups by fold(groups, shape)."""
    def edit(norm, _):
        pair = fold(norm.fold(norm.x).shape[1], norm.x.shape)
        return norm.but(fold=pair[0], unfold=pair[1])
    return Mistake(slug, sentence, THROUGH, edit=edit)


def _of_groups(array, norm, reduce):
    """One number for each group, in the place of each of its channels."""
    groups = norm.fold(norm.x).shape[1]
    one = reduce(array.reshape(groups, -1), 1)
    return np.repeat(one, len(array) // groups)


def _exchanged_groups(groups, shape):
    n, c, *space = shape
    return (lambda a: a.reshape(n, c // groups, groups, *space)), lambda a: a.reshape(shape)


def _unfolded(axes):
    """Means over axes of x itself, whatever the groups."""
    return {"fold": lambda norm: np.asarray, "unfold": lambda norm: np.asarray,
            "axes": lambda norm: axes(norm.x.ndim)}


def _batch_moments(norm):
    x = norm.x
    return norm.mean(x), norm.variance(x)


#: Where the mean and the variance are those of x.
TAKEN = (
    _edit("mean-path-missing", "dx lacks what goes back through the mean: every x moves the mean, "
          "so that the mean of the upstream gradient is to be taken off", ("dx",),
          mean_path=lambda _: _factor(0.0)),
    _edit("variance-path-missing", "dx lacks what goes back through the variance: every x moves "
          "the variance", ("dx",), var_path=lambda _: _factor(0.0)),
    _edit("statistics-taken-for-constants", "mean and variance are taken for constants: dx lacks "
          "what goes back through both", ("dx",), mean_path=lambda _: _factor(0.0),
          var_path=lambda _: _factor(0.0)),
    _edit("variance-path-halved", "what goes back through the variance lacks its factor 2: the "
          "derivative of the square", ("dx",), var_path=lambda _: _factor(0.5)),
    _edit("variance-path-doubled", "what goes back through the variance lacks its factor ½: the "
          "derivative of the root", ("dx",), var_path=lambda _: _factor(2.0)),
    _edit("variance-path-sign", "what goes back through the variance has the wrong sign", ("dx",),
          var_path=lambda _: _factor(-1.0)),
    _edit("mean-path-sign", "what goes back through the mean has the wrong sign", ("dx",),
          mean_path=lambda _: _factor(-1.0)),
    _edit("mean-path-not-divided", "what goes back through the mean is not divided by the number "
          "of entries", ("dx",), mean_path=lambda _: lambda norm: norm.count),
    _edit("variance-path-not-divided", "what goes back through the variance is not divided by the "
          "number of entries", ("dx",), var_path=lambda _: lambda norm: norm.count),
    _edit("divisor-taken-for-variance", "the derivative of the root has the power -1/2 where -3/2 "
          "belongs", ("dx",), var_path=lambda _: lambda norm: norm.divisor() ** 2),
    _edit("variance-unbiased", "the variance is divided by the number of entries less 1; the layer "
          "divides by the number of entries", ddof=lambda _: 1),
    Mistake("gamma-after-the-paths", "gamma is multiplied in at the end, where it does not go with "
            "the means: dy gamma is what they are taken of", ("dx",),
            edit=lambda norm, _: norm.but(gamma=np.ones_like(norm.gamma)),
            result=lambda a, norm, _: a * norm.gamma),
    _result("dx-times-count", "the whole of dx is multiplied by the number of entries of a mean: "
            "its 1 / m is missing", ("dx",), lambda a, norm: a * norm.count),
    _result("dx-divided-by-count", "the whole of dx is divided by the number of entries of a mean",
            ("dx",), lambda a, norm: a / norm.count),
)
#: Where they are handed in.
GIVEN = (
    _edit("batch-statistics-used", "the mean and variance of x are taken where those that are "
          "handed in belong", given=_batch_moments),
    _edit("backward-of-training", "dx is that of training: with mean and variance given, nothing "
          "goes back through them", ("dx",), given=lambda _: None),
    _edit("standard-deviation-given", "the running variance is divided by as if it were its root",
          root=lambda _: False),
)
BATCH = (
    _axes("normalised-over-channels", "the mean is taken over the channels of a sample: it is to "
          "be one over the batch for each channel", lambda norm: (1,)),
    _axes("normalised-over-sample", "mean and variance are those of a sample, as in layer "
          "normalisation", lambda norm: tuple(range(1, norm.x.ndim))),
    _axes("normalised-over-everything", "one mean and one variance are taken of all entries: each "
          "channel has its own", lambda norm: tuple(range(norm.x.ndim))),
    _axes("space-not-averaged", "the mean is taken over the batch only, a mean for each pixel: it "
          "runs over the pixels, too", lambda norm: (0,)),
    _axes("batch-not-averaged", "the mean is taken over the pixels of each sample only, as in "
          "instance normalisation: it runs over the batch, too",
          lambda norm: tuple(range(2, norm.x.ndim))),
)
LAYER = (
    _axes("normalised-over-batch", "mean and variance are taken over the batch, as in batch "
          "normalisation: each sample has its own", lambda norm: (0,)),
    _axes("normalised-over-everything", "one mean and one variance are taken of all entries: each "
          "sample has its own", lambda norm: tuple(range(norm.x.ndim))),
    _axes("normalised-over-sample", "the mean is taken over the whole sample: it runs over the "
          "last axis only", lambda norm: tuple(range(1, norm.x.ndim))),
    _axes("normalised-over-last-axis", "the mean is taken over the last axis only: it runs over "
          "the whole sample", lambda norm: (norm.x.ndim - 1,)),
    _axes("normalised-over-channels", "the mean is taken over the channels only: it runs over "
          "the whole sample", lambda norm: (1,)),
    _axes("channels-not-averaged", "the mean is taken over the pixels of each channel: it runs "
          "over the channels, too", lambda norm: tuple(range(2, norm.x.ndim))),
)
GROUP = (
    *(_result("parameter-of-group", f"it is {said} over the channels of a group: each channel has "
              "its own", ("dgamma", "dbeta"), lambda a, norm, f=reduce: _of_groups(a, norm, f))
      for said, reduce in (("summed", np.sum), ("averaged", np.mean))),
    _mixed("groups-interleaved", "channel c is put into group c mod G: a group is a block of "
           "channels that follow each other", interleaved),
    _mixed("groups-for-group-size", "the number of groups is taken for the number of channels in "
           "a group", _exchanged_groups),
    _edit("groups-ignored", "the groups are ignored: mean and variance are those of the whole "
          "sample", **_unfolded(lambda ndim: tuple(range(1, ndim)))),
    _edit("one-channel-a-group", "each channel is normalised by itself, as in instance "
          "normalisation", **_unfolded(lambda ndim: tuple(range(2, ndim)))),
    _edit("normalised-over-batch", "mean and variance are taken over the batch, as in batch "
          "normalisation", **_unfolded(lambda ndim: (0, *range(2, ndim)))),
    _axes("space-not-averaged", "the mean is taken over the channels of a group at each pixel: it "
          "runs over the pixels, too", lambda norm: (2,)),
    _axes("batch-in-the-mean", "the mean of a group is taken over the batch, too",
          lambda norm: (0, *range(2, norm.x.ndim + 1))),
)
def _side(norm, axis, ndim):
    if norm.x.ndim != ndim:
        raise ValueError("no such axis")
    return norm.x.shape[axis]


EITHER = (
    _edit("epsilon-outside-root", "ε is added to the standard deviation: it belongs under the "
          "root, to the variance", place=lambda _: "outside"),
    _edit("epsilon-ignored", "ε is left out", place=lambda _: "none"),
    _edit("epsilon-ignored", "ε is left out, which gives 0 / 0 where x is constant",
          place=lambda _: "none", not_finite=True),
    _edit("root-missing", "it is divided by the variance and not by its root",
          root=lambda _: False),
    _edit("mean-not-subtracted", "the mean is not taken off", ("y", "dgamma"),
          centred=lambda _: False),
    *(_edit("epsilon-other", f"ε is {e:g}, whatever is asked for", eps=lambda _, e=e: e)
      for e in (1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-12)),
    _edit("epsilon-squared", "the square of ε is added", eps=lambda norm: norm.eps**2),
    _edit("gamma-ignored", "gamma is left out", ("y", "dx"),
          gamma=lambda norm: np.ones_like(norm.gamma)),
    _edit("beta-ignored", "beta is left out", ("y",), beta=lambda norm: 0 * norm.beta),
    _edit("beta-subtracted", "beta enters with the wrong sign", ("y",),
          beta=lambda norm: -norm.beta),
    _edit("gamma-and-beta-exchanged", "gamma and beta are exchanged", ("y",),
          gamma=lambda norm: norm.beta, beta=lambda norm: norm.gamma),
    _edit("beta-scaled", "beta is multiplied by gamma: it is added afterwards", ("y",),
          beta=lambda norm: norm.beta * norm.gamma),
    _edit("upstream-ignored", "dy is taken as all ones", ("dx", "dgamma", "dbeta"),
          dy=lambda norm: np.ones_like(norm.dy)),
    _result("x-for-standardized", "dgamma is the sum of dy x: it is that of dy times the "
            "standardized x", ("dgamma",), lambda a, norm: (norm.dy * norm.x).sum(norm.own)),
    _result("y-for-standardized", "dgamma is the sum of dy y: it is that of dy times the "
            "standardized x", ("dgamma",), lambda a, norm: (
                norm.dy * compute(norm, "y")).sum(norm.own)),
    _edit("gamma-multiplied-in", "dgamma and dbeta have gamma as a factor", ("dgamma", "dbeta"),
          dy=lambda norm: norm.dy * norm.gamma),
    _result("not-summed", "it is not summed over the entries that share a parameter",
            ("dgamma",), lambda a, norm: norm.dy * norm.unfold(norm.standardized())),
    _result("not-summed", "it is not summed over the entries that share a parameter",
            ("dbeta",), lambda a, norm: norm.dy),
    _result("summed-over-batch-only", "it is summed over the batch and not over the pixels",
            ("dgamma",), lambda a, norm: (norm.dy * norm.unfold(norm.standardized())).sum(0)),
    _result("summed-over-batch-only", "it is summed over the batch and not over the pixels",
            ("dbeta",), lambda a, norm: norm.dy.sum(0)),
    _result("parameter-total", "it is summed over everything: each channel has its own",
            ("dgamma", "dbeta"), lambda a, norm: np.full(a.shape, a.sum())),
    _result("mean-for-sum", "the mean over the entries is taken where the sum belongs",
            ("dgamma", "dbeta"), lambda a, norm: a * norm.gamma.size / norm.x.size),
    *(_result("divided-by-a-side", f"it is divided by the number of {said}, which the sum is not",
              ("dgamma", "dbeta"), lambda a, norm, k=axis, n=ndim: a / _side(norm, k, n))
      for said, axis, ndim in (("steps", 1, 3), ("rows", 2, 4), ("columns", 3, 4))),
    *common(ALL, lambda norm: len(norm.x)),
    cut_to_integer(ALL, lambda norm: norm.form == "integer"),
)
RUNNING = (
    _edit("momentum-exchanged", "momentum weighs the wrong one of the two: old and new are "
          "exchanged in the running values", TRACKED, share=lambda norm: 1 - norm.share),
    _edit("running-values-kept", "the running values are not changed", TRACKED,
          share=lambda _: 0.0),
    _edit("running-values-replaced", "the running values are those of this batch: the old ones "
          "are forgotten", TRACKED, share=lambda _: 1.0),
    _edit("running-variance-biased", "the running variance is that divided by the number of "
          "entries; it is to be divided by one less", ("running_var",), tracked_ddof=lambda _: 0),
    _edit("running-variance-unbiased", "the running variance is divided by the number of entries "
          "less 1; it is to be divided by their number", ("running_var",),
          tracked_ddof=lambda _: 1),
    _result("running-standard-deviation", "the standard deviation is kept where the variance "
            "belongs", ("running_var",), lambda a, norm: (
                (1 - norm.share) * norm.tracked[1] + norm.share * np.sqrt(
                    norm.variance(norm.x, norm.tracked_ddof))).ravel()),
    Mistake("running-values-added", "the new value is added to the old one, which is not made "
            "smaller", TRACKED, result=lambda a, norm, output: a + norm.share * norm.tracked[
                TRACKED.index(output)].ravel()),
)
