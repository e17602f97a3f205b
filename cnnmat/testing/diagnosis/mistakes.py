"""What a mistake is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = []

#: Said by the banks, and where the border holds anything at all.
PADDING_NOT_CROPPED = ("the gradient of the padded image is returned, with its border: cut the "
                       "padding off, [p:p + H]")


@dataclass(frozen=True, eq=False)
class Mistake:
    """A small change to a right computation.

    Parameters
    ----------
    slug : str
    sentence : str, dict or callable
        To go behind "It looks as if"; a dictionary gives one for each output, and what is made
        only when it is said is returned by a function.
    outputs : tuple of str
        Those that it can spoil.
    edit : callable, optional
        (layer, output) -> layer: another input to the right computation.
    result : callable, optional
        (array, layer, output) -> array: the right answer changed afterwards.
    not_finite : bool
        Whether NaN or infinity is what the mistake is about: one is as good as the other then,
        and where they come out hangs on how the formula is written.  Else they are no evidence.
    fit, fit_right : callable, optional
        (layer, output, answer), and (answer, right) -> the mistake of the size that gives this
        answer, or None.
    size : float, optional
        Of a mistake that has one.
    company : str
        What it is tried with: "any" other mistake; of large families only mistakes outside of
        them of the "other" sort, a change to the inputs with one to the answer; or "none".
    """

    slug: str
    sentence: str | dict | Callable
    outputs: tuple
    edit: Callable | None = None
    result: Callable | None = None
    not_finite: bool = False
    fit: Callable | None = None
    fit_right: Callable | None = None
    size: float | None = None
    company: str = "any"

    def goes_with(self, other):
        """Whether the two are tried together."""
        kinds = {self.company, other.company}
        return kinds == {"any"} or (kinds == {"any", "other"}
                                    and bool(self.edit) != bool(other.edit))

    def words(self, output):
        """The sentence for an output."""
        if callable(self.sentence):
            return self.sentence()
        return self.sentence if isinstance(self.sentence, str) else self.sentence[output]
