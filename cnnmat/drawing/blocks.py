"""A matrix with lines between its blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnmat.drawing.matrix import Matrix
from cnnmat.drawing.pictures import draw_matrix, pyplot
from cnnmat.drawing.views import Drawable, View

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Blocks"]


@dataclass(frozen=True, repr=False)
class Blocks(Matrix, Drawable):
    """A matrix to look at, with lines between its blocks.

    ``print`` it, let a notebook show it, or ``draw`` it; a large one is shortened.

    Parameters
    ----------
    matrix : array or sparse array
        A vector counts as one column.
    rows, columns : int or sequence of int, optional
        Heights and widths of the blocks: one for all, or each of them.
    title : str, optional
        Stands above, with the shape.
    labels : (names, names), optional
        What the rows and the columns are called: functions of their number, as `named`
        makes them, or sequences; None for no names.

    Examples
    --------
    >>> import numpy as np
    >>> print(Blocks(np.eye(4, dtype=int), rows=2, columns=[1, 3]))
    1  |  .  .  .
    .  |  1  .  .
    -------------
    .  |  .  1  .
    .  |  .  .  1
    """

    def __repr__(self) -> str:
        return str(self)

    def view(self) -> View:
        """The matrix alone."""
        return View("", (self,))

    def spy(self, ax: Axes | None = None) -> Axes:
        """Draw where the entries are: blue for positive, red for negative ones.

        The larger an entry is, the darker its place.  `draw` adds a legend.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default those of a new figure.

        Returns
        -------
        matplotlib axes
        """
        if ax is None:
            ax = pyplot().subplots()[1]
        draw_matrix(self, ax)
        return ax
