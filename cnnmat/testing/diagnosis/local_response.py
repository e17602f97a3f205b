"""Mistakes in local response normalisation."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, cut_to_integer

__all__ = []

BOTH = ("y", "dx")


@dataclass(frozen=True)
class Response:
    """Inputs, settings (alpha as it multiplies the sum), and the choices people get wrong.

    `first` and `last` are where the window begins and ends, counted from the channel itself;
    `axis` is what it runs along; `through` weighs what goes back through the sum.
    """

    x: np.ndarray
    dy: np.ndarray
    size: int
    alpha: float
    beta: float
    k: float
    form: str
    first: int
    last: int
    axis: int = 1
    squares: bool = True
    through: float = 1.0

    def near(self, array, first, last):
        """The sums over the channels from `first` to `last`."""
        total, length = np.zeros_like(array), array.shape[self.axis]
        moved, out = np.moveaxis(array, self.axis, 0), np.moveaxis(total, self.axis, 0)
        for step in range(max(first, 1 - length), min(last, length - 1) + 1):
            here = slice(max(0, -step), min(length, length - step))
            there = slice(max(0, step), min(length, length + step))
            out[here] += moved[there]
        return total

    def brightness(self):
        """k + α Σ x²."""
        values = self.x**2 if self.squares else self.x
        return self.k + self.alpha * self.near(values, self.first, self.last)


def bank(contract):
    """The bank of mistakes in local response normalisation."""
    def layer(case):
        s, size = case.settings, case.settings["size"]
        alpha = s["alpha"] / size if contract.alpha == "divided" else s["alpha"]
        return Response(case.arrays["x"].astype(float), case.arrays["dy"].astype(float), size,
                        alpha, s["beta"], s["k"], case.form, -(size // 2), (size - 1) // 2)

    own = DIVIDED if contract.alpha == "divided" else WHOLE
    return Bank(layer, compute, (*own, *MISTAKES))


def compute(r, output):
    """y or dx."""
    sums = r.brightness()
    if output == "y":
        return r.x * sums**-r.beta
    # what the sum of channel c' has of channel c, c' being c less an offset of the window
    back = r.near(r.dy * r.x * sums ** (-r.beta - 1), -r.last, -r.first)
    return r.dy * sums**-r.beta - r.through * 2 * r.alpha * r.beta * r.x * back


def _edit(slug, sentence, outputs=BOTH, **how):
    return Mistake(slug, sentence, outputs, edit=lambda r, _: replace(
        r, **{k: f(r) for k, f in how.items()}))


def _present(r):
    """How many channels each window has."""
    return r.near(np.ones_like(r.x), r.first, r.last)


def _not_mirrored(r):
    sums = r.brightness()
    back = r.near(r.dy * r.x * sums ** (-r.beta - 1), r.first, r.last)
    return r.dy * sums**-r.beta - 2 * r.alpha * r.beta * r.x * back


DIVIDED = (_edit("alpha-not-divided", "α is not divided by the size of the window",
                 alpha=lambda r: r.alpha * r.size),
           _edit("alpha-by-present", "α is divided by the number of channels that the window has "
                 "at the border, not by its size", ("y",),
                 alpha=lambda r: r.alpha * r.size / _present(r)),
           _edit("alpha-by-channels", "α is divided by the number of channels, not by the size of "
                 "the window", alpha=lambda r: r.alpha * r.size / r.x.shape[1]),
           _edit("alpha-divided-twice", "α is divided by the square of the size",
                 alpha=lambda r: r.alpha / r.size))
WHOLE = (_edit("alpha-divided", "α is divided by the size of the window, which is not meant here",
               alpha=lambda r: r.alpha / r.size),
         _edit("alpha-by-present", "α is divided by the number of channels in the window, which is "
               "not meant here", ("y",), alpha=lambda r: r.alpha / _present(r)))
MISTAKES = (
    _edit("sum-path-missing", "dx lacks what goes back through the sum of squares: every x is in "
          "the sums of its neighbours", ("dx",), through=lambda _: 0.0),
    _edit("factor-2-of-square-missing", "what goes back through the sum lacks its factor 2: the "
          "derivative of the square", ("dx",), through=lambda _: 0.5),
    _edit("sum-path-sign", "what goes back through the sum has the wrong sign", ("dx",),
          through=lambda _: -1.0),
    _edit("beta-missing-in-path", "what goes back through the sum lacks its factor beta", ("dx",),
          through=lambda r: 1 / r.beta),
    Mistake("own-channel-only", "only the channel itself is taken to be in its sum: its neighbours "
            "have it in theirs, too", ("dx",), result=lambda a, r, _: r.dy * r.brightness(
            )**-r.beta - 2 * r.alpha * r.beta * r.x**2 * r.dy * r.brightness() ** (-r.beta - 1)),
    _edit("window-after", "the window begins at the channel: it lies around it",
          first=lambda r: 0, last=lambda r: r.size - 1),
    _edit("window-before", "the window ends at the channel: it lies around it",
          first=lambda r: 1 - r.size, last=lambda r: 0),
    _edit("window-end-left-out", "the window ends before channel c + size // 2, which belongs to "
          "it where size is odd", last=lambda r: r.size // 2 - 1),
    Mistake("window-not-mirrored", "the sum on the way back runs over the window of the forward "
            "pass: it is its mirror image, which differs where size is even", ("dx",),
            result=lambda a, r, _: _not_mirrored(r)),
    _edit("window-other-side", "a window of even size reaches one channel further behind than in "
          "front: it is to be the other way round", first=lambda r: -r.last,
          last=lambda r: -r.first),
    _edit("window-one-short", "the last channel of the window is left out",
          last=lambda r: r.last - 1),
    _edit("window-too-wide", "the window reaches `size` channels to either side: size is its whole "
          "width", first=lambda r: -r.size, last=lambda r: r.size),
    _edit("over-all-channels", "the sum runs over all channels", first=lambda r: -r.x.shape[1],
          last=lambda r: r.x.shape[1]),
    _edit("along-rows", "the window runs along the rows of the image and not along the channels",
          axis=lambda _: 2),
    _edit("along-columns", "the window runs along the columns of the image and not along the "
          "channels", axis=lambda _: 3),
    _edit("square-missing", "the numbers are summed and not their squares",
          squares=lambda _: False),
    _edit("k-inside-alpha", "k is multiplied by α, too: α (k + Σ x²)", k=lambda r: r.alpha * r.k),
    _edit("k-ignored", "1 is taken for k", k=lambda _: 1.0),
    _edit("k-missing", "k is left out", k=lambda _: 0.0),
    _edit("alpha-ignored", "α is left out", alpha=lambda r: r.alpha * 0 + 1.0),
    _edit("beta-ignored", "it is divided by the sum itself: the power beta is missing",
          beta=lambda _: 1.0),
    _edit("root-for-power", "the root is taken where the power beta belongs", beta=lambda _: 0.5),
    _edit("multiplied", "it is multiplied by the power of the sum and not divided by it", ("y",),
          beta=lambda r: -r.beta),
    _edit("upstream-ignored", "dy is taken as all ones", ("dx",),
          dy=lambda r: np.ones_like(r.dy)),
    *common(BOTH, lambda r: len(r.x)),
    cut_to_integer(BOTH, lambda r: r.form == "integer"),
)
