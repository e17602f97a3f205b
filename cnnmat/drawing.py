"""Matrices to look at: as text, as an HTML table, as a picture, with lines between blocks."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from cnnmat import files
from cnnmat.typing import ArrayLike, Csr, Ints

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Blocks", "save_picture"]


class Drawn(TypedDict):
    """A matrix as text: its entries, and before which rows and columns a line stands."""

    rows: list[list[str]]
    row_lines: list[int]
    column_lines: list[int]


@dataclass(frozen=True)
class Blocks:
    """A matrix to look at, with lines between its blocks.

    In a notebook it shows as a table.

    Parameters
    ----------
    matrix : array or sparse array
        A vector counts as one column.
    rows, columns : int or sequence of int, optional
        Heights and widths of the blocks: one for all, or each of them.

    Examples
    --------
    >>> print(Blocks(np.eye(4, dtype=int), rows=2, columns=[1, 3]))
    1  |  .  .  .
    .  |  1  .  .
    -------------
    .  |  .  1  .
    .  |  .  .  1
    """

    matrix: ArrayLike | Csr
    rows: Ints | None = None
    columns: Ints | None = None

    def _dense(self):
        dense = self.matrix.toarray() if hasattr(self.matrix, "toarray") else self.matrix
        dense = np.asarray(dense)
        return dense.reshape(len(dense), -1) if dense.ndim != 2 else dense

    def plain(self, text: Callable[[Any], str] = str) -> Drawn:
        """The entries by `text`, and before which rows and columns a line stands."""
        dense = self._dense()
        return {
            "rows": [[text(entry) for entry in row] for row in dense.tolist()],
            "row_lines": _starts(self.rows, dense.shape[0]),
            "column_lines": _starts(self.columns, dense.shape[1]),
        }

    def __str__(self) -> str:
        return "\n".join(text_rows(self.plain()))

    def _repr_html_(self) -> str:
        return html_table(self.plain())

    def spy(self, ax: Axes | None = None) -> Axes:
        """Draw where the entries are: blue for positive, red for negative ones.

        Parameters
        ----------
        ax : matplotlib axes, optional
            By default those of a new figure.

        Returns
        -------
        matplotlib axes
        """
        if ax is None:
            from matplotlib import pyplot

            _, ax = pyplot.subplots()
        dense = self._dense()
        size = 120 / max(dense.shape)
        for sign, colour in ((dense > 0, "tab:blue"), (dense < 0, "tab:red")):
            ax.spy(sign, markersize=size, marker="s", color=colour)
        for r in _starts(self.rows, dense.shape[0]):
            ax.axhline(r - 0.5, color="black", linewidth=0.7)
        for c in _starts(self.columns, dense.shape[1]):
            ax.axvline(c - 0.5, color="black", linewidth=0.7)
        ax.set(xticks=[], yticks=[])
        return ax


def save_picture(figure, path, dpi=150):
    """Write a matplotlib figure as one whole file; the suffix of `path` says the format.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Without a suffix: PNG.
    dpi : int
    """
    kind = os.path.splitext(path)[1].removeprefix(".") or "png"
    with files.replacing(path) as file:
        figure.savefig(file, format=kind, dpi=dpi)


def _starts(sizes, total):
    """The places, within `total`, at which a block of `sizes` begins, but for the first."""
    if sizes is None:
        return []
    if isinstance(sizes, int):
        return list(range(sizes, total, sizes))
    return [int(end) for end in np.cumsum(sizes)[:-1]]


def text_rows(drawn: Drawn) -> list[str]:
    """The rows of what `Blocks.plain` returns: columns aligned, zeros as dots, lines."""
    cells = [["." if entry == "0" else entry for entry in row] for row in drawn["rows"]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    rows = []
    for r, row in enumerate(cells):
        text = "  ".join("|  " * (k in drawn["column_lines"]) + cell.rjust(widths[k])
                         for k, cell in enumerate(row))
        if r in drawn["row_lines"]:
            rows.append("-" * len(text))
        rows.append(text)
    return rows


def html_table(drawn: Drawn) -> str:
    """What `Blocks.plain` returns as an HTML table; its style is the page's."""
    rows = []
    for r, row in enumerate(drawn["rows"]):
        cells = []
        for c, entry in enumerate(row):
            kind = {"0": "zero", "1": "one"}.get(entry, "")
            names = f"{kind} {'rule' * (c in drawn['column_lines'])}".strip()
            cells.append(f'<td class="{names}">{escape(entry)}</td>' if names
                         else f"<td>{escape(entry)}</td>")
        rule = ' class="rule"' if r in drawn["row_lines"] else ""
        rows.append(f"<tr{rule}>{''.join(cells)}</tr>")
    return f'<table class="matrix">{"".join(rows)}</table>'
