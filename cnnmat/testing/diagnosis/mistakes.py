"""What a mistake is, and how two of them go together."""

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
    sentence : str or dict
        To go behind "It looks as if"; a dictionary gives one for each output.
    outputs : tuple of str
        Those that it can spoil.
    edit : callable, optional
        (layer, output) -> layer: another input to the right computation.
    result : callable, optional
        (array, layer, output) -> array: the right answer changed afterwards.
    not_finite : bool
        Whether NaN or infinity is what the mistake is about; else they are no evidence.
    """

    slug: str
    sentence: str | dict
    outputs: tuple
    edit: Callable | None = None
    result: Callable | None = None
    not_finite: bool = False

    def words(self, output):
        """The sentence for an output."""
        return self.sentence if isinstance(self.sentence, str) else self.sentence[output]


def predict(mistakes, compute, layer, output):
    """The output as it comes out with all of `mistakes` made at once.

    Whatever `edit` or `compute` raises means that code with this mistake cannot run here.
    """
    edited = layer
    for mistake in mistakes:
        if mistake.edit:
            edited = mistake.edit(edited, output)
    answer = compute(edited, output)
    for mistake in mistakes:
        if mistake.result:
            answer = mistake.result(answer, layer, output)
    return answer
