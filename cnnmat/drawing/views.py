"""A view, and what has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cnnmat.drawing.flow import Flow
from cnnmat.drawing.html import as_html
from cnnmat.drawing.matrix import Matrix
from cnnmat.drawing.pictures import as_picture
from cnnmat.drawing.text import as_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Drawable", "View"]


class Drawable:
    """Something with a view, and by way of it text, a table in a notebook, a picture."""

    def view(self) -> View:
        """What there is to see."""
        raise NotImplementedError(f"{type(self).__name__} must say what there is to see")

    def _parts(self):
        view = self.view()
        return view.headline, view.parts, view.reading

    def __str__(self) -> str:
        return as_text(*self._parts())

    def _repr_html_(self) -> str:
        return as_html(*self._parts())

    def draw(self) -> Figure:
        """Draw the picture; needs matplotlib, which the extra "plot" brings.

        Returns
        -------
        matplotlib figure
            A notebook shows it; elsewhere ``.savefig("v.png")`` writes it.

        Raises
        ------
        ModuleNotFoundError
            If there is no matplotlib, with what to install.
        """
        return as_picture(*self._parts())


@dataclass(frozen=True, repr=False)
class View(Drawable):
    """What is drawn: a headline, matrices or a network, and how to read them.

    Parameters
    ----------
    headline : str
    parts : tuple of `Blocks` and `Flow`
    reading : str, optional
        In which order, and what it says.

    Examples
    --------
    >>> from cnnmat import Blocks
    >>> View("Twice the identity", (Blocks([[2, 0], [0, 2]]),), "row by row")
    Twice the identity
    2  .
    .  2
    row by row
    """

    headline: str
    parts: tuple[Matrix | Flow, ...]
    reading: str = ""

    def view(self) -> View:
        """Itself."""
        return self

    def __repr__(self) -> str:
        return str(self)
