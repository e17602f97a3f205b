"""A matrix as it is drawn: as much of it as there is room for, and where lines stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from cnnmat.drawing.naming import Names, sizes, written
from cnnmat.typing import ArrayLike, Csr, Indices, Ints

__all__ = ["Drawn", "Excerpt", "Matrix"]


class Drawn(TypedDict):
    """A matrix as text: its entries, and before which rows and columns a line stands."""

    rows: list[list[str]]
    row_lines: list[int]
    column_lines: list[int]


@dataclass(frozen=True)
class Excerpt:
    """As much of a matrix as there is room for.

    `rows` and `columns` say what `drawn` holds, None being the place of those left out;
    `remark` says so in words.
    """

    drawn: Drawn
    rows: list[int | None]
    columns: list[int | None]
    remark: str


@dataclass(frozen=True)
class Matrix:
    """A matrix, the sizes of its blocks, its title and the names of its rows and columns.

    The parameters are those of `cnnmat.drawing.blocks.Blocks`, which can be drawn.
    """

    matrix: ArrayLike | Csr
    rows: Ints | None = None
    columns: Ints | None = None
    title: str = ""
    labels: tuple[Names | None, Names | None] = (None, None)

    @property
    def heading(self) -> str:
        """The title with the shape, if there is a title."""
        return f"{self.title}, {sizes(self._matrix().shape)}" if self.title else ""

    def _matrix(self):
        """The matrix, sparse as CSR, dense with two axes."""
        if hasattr(self.matrix, "tocsr"):
            return self.matrix.tocsr()
        dense = np.asarray(self.matrix)
        return dense.reshape(len(dense), -1) if dense.ndim != 2 else dense

    def plain(self, text: Callable[[Any], str] = written) -> Drawn:
        """The entries by `text`, and before which rows and columns a line stands."""
        return self.excerpt(None, text).drawn

    def excerpt(self, most: tuple[int, int] | None,
                text: Callable[[Any], str] = written) -> Excerpt:
        """The first and the last rows and columns, `most` of each, by default all.

        Examples
        --------
        >>> excerpt = Matrix(np.arange(50).reshape(5, 10)).excerpt((4, 5))
        >>> excerpt.rows, excerpt.columns
        ([0, 1, None, 4], [0, 1, 2, None, 9])
        >>> excerpt.drawn["rows"][0]
        ['0', '1', '2', '…', '9']
        >>> excerpt.remark
        'left out: rows 2 to 3 of 0 to 4, columns 3 to 8 of 0 to 9'
        """
        matrix = self._matrix()
        kept = [_kept(length, most[axis] if most else length)
                for axis, length in enumerate(matrix.shape)]
        part = matrix[[k for k in kept[0] if k is not None]]
        part = part[:, [k for k in kept[1] if k is not None]]
        entries = (part.toarray() if hasattr(part, "toarray") else part).tolist()
        cells = [[text(entry) for entry in row] for row in entries]
        for row in cells:
            _mark(row, kept[1])
        _mark(cells, kept[0], ["…"] * len(kept[1]))
        lines = [[at for at, k in enumerate(of_axis) if k in starts]
                 for of_axis, starts in zip(kept, self.lines(), strict=True)]
        remarks = [_left_out(word, kept[axis]) for axis, word in enumerate(("rows", "columns"))]
        remark = ", ".join(filter(None, remarks))
        return Excerpt({"rows": cells, "row_lines": lines[0], "column_lines": lines[1]},
                       kept[0], kept[1], f"left out: {remark}" if remark else "")

    def lines(self) -> tuple[set[int], set[int]]:
        """Before which rows and which columns of the whole matrix a line stands."""
        rows, columns = self._matrix().shape
        return _starts(self.rows, rows), _starts(self.columns, columns)

    def entries(self) -> tuple[tuple[int, int], Indices, Indices, NDArray[Any]]:
        """The shape, and the rows, columns and values of the entries that are not 0."""
        matrix = self._matrix()
        if hasattr(matrix, "tocoo"):
            coo = matrix.tocoo()
            return matrix.shape, coo.row, coo.col, coo.data
        rows, columns = np.nonzero(matrix)
        return matrix.shape, rows, columns, matrix[rows, columns]


def _kept(total, most):
    """The numbers 0 to total - 1, or the first and last of them around a None: `most` in all."""
    if total <= most:
        return list(range(total))
    last = (most - 1) // 3
    return [*range(most - 1 - last), None, *range(total - last, total)]


def _mark(row, kept, gap="…"):
    """Put a `gap` where something was left out."""
    if None in kept:
        row.insert(kept.index(None), gap)


def _left_out(word, kept):
    """Which of them were left out, in words."""
    if None not in kept:
        return ""
    at, total = kept.index(None), kept[-1] + 1
    end = total - (len(kept) - 1 - at)
    return f"{word} {at} to {end - 1} of 0 to {total - 1}"


def _starts(sizes, total):
    """The places, within `total`, at which a block of `sizes` begins, but for the first."""
    if sizes is None:
        return set()
    if isinstance(sizes, (int, np.integer)):
        return set(range(sizes, total, sizes))
    return {int(end) for end in np.cumsum(sizes)[:-1]}
