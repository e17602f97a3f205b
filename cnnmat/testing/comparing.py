"""When is an answer right?  Scaled comparison, and every valid subgradient at a tie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = []

#: Scaled errors up to which an answer counts as right.
TOLERANCES = {"float64": 1e-9, "float32": 1e-4}


@dataclass(frozen=True)
class Truth:
    """What an output must be.

    Parameters
    ----------
    value : ndarray of float
    nearest : callable, optional
        Where many answers are right (a tie, a kink): from an answer of the right shape to
        the right answer that lies nearest to it.
    """

    value: np.ndarray
    nearest: Callable | None = None

    def for_answer(self, answer):
        """The right value that `answer` is to be held against."""
        if self.nearest is None or answer.shape != self.value.shape:
            return self.value
        if scaled_error(answer, self.value) == 0 or not np.isfinite(answer).all():
            return self.value
        return self.nearest(answer)


def scale(reference):
    """The magnitude that errors are measured by: the largest entry, 1 if all are zero."""
    size = float(np.abs(reference).max()) if reference.size else 0.0
    return size or 1.0


def errors(answer, reference):
    """|answer - reference| / scale, entry by entry; infinite where only one is NaN."""
    with np.errstate(all="ignore"):
        finite = reference[np.isfinite(reference)]
        e = np.asarray(np.abs(answer - reference) / scale(finite))
    e[(answer == reference) | (np.isnan(answer) & np.isnan(reference))] = 0
    e[np.isnan(e)] = np.inf
    return e


def scaled_error(answer, reference):
    """The largest of `errors`; infinite if the shapes differ.

    Examples
    --------
    >>> scaled_error(np.array([1.0, 200.0]), np.array([1.0, 100.0]))
    1.0
    """
    if answer.shape != reference.shape:
        return float("inf")
    return float(errors(answer, reference).max()) if answer.size else 0.0


def worst(answer, reference):
    """The index of the first entry whose error is the largest."""
    e = errors(answer, reference)
    return tuple(int(i) for i in np.unravel_index(e.argmax(), e.shape))


def interval(low, high):
    """The `nearest` of answers that may lie anywhere between two arrays."""
    return lambda answer: np.clip(answer, low, high)


def shared(fixed, claims):
    """The `nearest` of a max pooling's dx.

    Parameters
    ----------
    fixed : ndarray
        What the windows without a tie send back.
    claims : list of (float, list of index)
        For each window with a tie its upstream gradient and the tied entries, which may
        share it in any way (a convex combination of the one-hot vectors).
    """
    entries = sorted({cell for _, cells in claims for cell in cells})
    at = {cell: k for k, cell in enumerate(entries)}
    seats = [(upstream, at[cell]) for upstream, cells in claims for cell in cells]

    def nearest(answer):
        overlapping = len(seats) > len(entries)
        shares = (_fit if overlapping else _project)(
            claims, seats, np.array([answer[c] - fixed[c] for c in entries]))
        value = fixed.copy()
        for (upstream, k), share in zip(seats, shares, strict=True):
            value[entries[k]] += upstream * share
        return value

    return nearest


def _project(claims, seats, wanted):
    """Shares, where each entry lies in one window: cut to [0, 1] and brought to sum 1."""
    shares = []
    for upstream, cells in claims:
        own = [wanted[k] for _, k in seats[len(shares):len(shares) + len(cells)]]
        part = np.clip(np.array(own) / upstream, 0, 1) if upstream else np.zeros(len(own))
        total = part.sum()
        shares.extend(part / total if total else np.full(len(own), 1 / len(own)))
    return shares


def _fit(claims, seats, wanted):
    """Shares, where windows overlap: the least largest error, by linear programming."""
    from scipy.optimize import linprog

    count = len(seats)
    effect = np.zeros((len(wanted), count + 1))
    for seat, (upstream, k) in enumerate(seats):
        effect[k, seat] += upstream
    above, below = effect.copy(), -effect
    above[:, -1] = below[:, -1] = -1
    one = np.zeros((len(claims), count + 1))
    seat = 0
    for row, (_, cells) in enumerate(claims):
        one[row, seat:seat + len(cells)] = 1
        seat += len(cells)
    cost = np.append(np.zeros(count), 1)
    solved = linprog(cost, np.vstack([above, below]), np.append(wanted, -wanted), one,
                     np.ones(len(claims)))
    return solved.x[:-1]
