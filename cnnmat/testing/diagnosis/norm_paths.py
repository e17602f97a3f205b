"""Mistakes in what goes back through the mean and the variance of a normalisation.

dx = (g - mean(g) - x̂ mean(g x̂)) / σ with g = dy γ: over which axes the two means run, by what
they are divided, and what γ multiplies are each a choice that may be wrong.
"""

from itertools import product

import numpy as np

from cnnmat.testing.diagnosis.mistakes import Mistake

__all__ = []


def _of_samples(norm):
    return (0,)


def _of_parameter(norm):
    """Those that a parameter is shared over, in the folded x."""
    ndim = norm.fold(norm.x).ndim
    return norm.own if ndim == norm.x.ndim else (0, *range(3, ndim))


def _of_one_sample(norm):
    return tuple(range(1, norm.fold(norm.x).ndim))


def _everything(norm):
    return tuple(range(norm.fold(norm.x).ndim))


def _last(norm):
    return (norm.fold(norm.x).ndim - 1,)


OVER = (
    ("", lambda norm: norm.axes), ("over the batch", _of_samples),
    ("over what a parameter is shared over, as dgamma and dbeta are summed", _of_parameter),
    ("over the whole sample", _of_one_sample), ("over everything", _everything),
    ("over the last axis", _last),
)
DIVISORS = (
    ("", lambda norm, axes: np.prod([norm.fold(norm.x).shape[a] for a in axes])),
    ("the number of samples", lambda norm, axes: len(norm.x)),
    ("the number of channels, or features", lambda norm, axes: norm.x.shape[-1 if (
        norm.x.ndim < 4) else 1]),
    ("the number of pixels", lambda norm, axes: np.prod(norm.x.shape[2:])),
    ("the number of channels of a group", lambda norm, axes: norm.fold(norm.x).shape[
        2 if norm.fold(norm.x).ndim > norm.x.ndim else 1]),
    ("the number of all entries", lambda norm, axes: norm.x.size),
    ("the number of entries less 1", lambda norm, axes: max(norm.count - 1, 1)),
    ("the number of entries that the statistics are taken over", lambda norm, axes: norm.count),
)
GAMMAS = (
    "", "gamma multiplies the first term only: the means are taken of dy, not of gamma dy",
    "gamma multiplies the whole of dx and not dy: it does not go with the means",
    "gamma multiplies the means only, not the first term", "gamma is multiplied in nowhere",
)


def _dx(norm, axes, divisor, gamma):
    dy, x, g = norm.fold(norm.dy), norm.fold(norm.x), norm.parameter(norm.gamma)
    hat, sigma = norm.standardized(), norm.divisor()
    first = dy * g if gamma in (0, 1) else dy
    inner = dy * g if gamma in (0, 3) else dy
    by = divisor(norm, axes)
    total = inner.sum(axes, keepdims=True), (inner * hat).sum(axes, keepdims=True)
    found = (first - total[0] / by - hat * total[1] / by) / sigma
    return norm.unfold(np.broadcast_to(found * g if gamma == 2 else found, x.shape))


def _said(over, by, gamma):
    parts = [f"the two means of dx run {over}" if over else "",
             f"the two sums of dx are divided by {by}" if by else "", GAMMAS[gamma]]
    return " and ".join(part for part in parts if part)


def _paths(given):
    # what is asked for comes first: the fewest things that are otherwise
    ways = sorted(product(OVER, DIVISORS, range(len(GAMMAS))), key=lambda way: sum(
        map(bool, (way[0][0], way[1][0], way[2]))))
    for (over, axes), (by, divisor), gamma in ways:
        said = _said(over, by, gamma)
        if given:
            said = "dx has the terms of training, as if mean and variance, which are constants " \
                   "in use, hung on x" + (f"; {said}" if said else "")
        if said:
            yield Mistake("backward-of-training" if given else "other-paths", said, ("dx",),
                          company="none", result=lambda a, norm, _, f=axes, d=divisor, g=gamma: _dx(
                              norm, f(norm), d, g))


PATHS = {given: tuple(_paths(given)) for given in (False, True)}
