"""`show`: a view of anything that there is a view of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnmat.drawing.blocks import Blocks
from cnnmat.drawing.naming import Names, sizes
from cnnmat.drawing.views import Drawable, View

if TYPE_CHECKING:
    from cnnmat.typing import ArrayLike, Csr, Ints

__all__ = ["show"]


def show(what: ArrayLike | Csr | Drawable | list[tuple[str, Csr]], *,
         blocks: Ints | tuple[Ints | None, Ints | None] | None = None,
         labels: tuple[Names | None, Names | None] = (None, None), title: str = "") -> View:
    """Show a matrix, or a product of them, for the eye; what is shown stays as it is.

    In a notebook the view appears as a table, with the names of row and column where
    the mouse is; ``print`` gives text, ``.draw()`` a picture.

    Parameters
    ----------
    what : array_like, sparse array, list of (str, matrix), or what draws itself
        A vector is shown as a column; a list as a product, its factors side by side.
    blocks : int, or a pair (rows, columns), optional
        Heights and widths of the blocks: one size for all, or a list of them, or None.  An
        int alone is the height.
    labels : pair (rows, columns), optional
        What they are called: functions of their number, as `cnnmat.drawing.named` makes
        them, or sequences of str.
    title : str, optional

    Returns
    -------
    View

    Raises
    ------
    TypeError, ValueError
        If there are more than two axes, or blocks and labels do not fit.

    Examples
    --------
    >>> from cnnmat import Partition, weight_matrix
    >>> v = Partition([[0, 2], [3, 1], [4, 0], [5, 1]], size=6)
    >>> show(weight_matrix(v, [7, 8]), title="V^(d,d',c+1)")
    V^(d,d',c+1): 6 × 4, 8 of 24 entries are not 0
    7  .  8  .
    .  8  .  8
    8  .  .  .
    .  7  .  .
    .  .  7  .
    .  .  .  7
    >>> show([("A", [[1, 2]]), ("B", [[3], [4]])])
    A product of 2 factors: 1 × 1
    A, 1 × 2
    1  2
    B, 2 × 1
    3
    4
    Read from right to left: the last factor acts first.
    """
    if isinstance(what, Drawable):
        if blocks is not None or tuple(labels) != (None, None) or title:
            raise TypeError("blocks, labels and title must be left out for what draws itself, "
                            f"got them with a {type(what).__name__}")
        return what.view()
    if isinstance(what, list) and what and all(_is_factor(one) for one in what):
        return product(what)
    matrix: Any = what if hasattr(what, "tocsr") else np.asarray(what)
    if matrix.ndim not in (1, 2):
        raise ValueError(f"what must have one or two axes, got shape {matrix.shape}")
    shape = matrix.shape if matrix.ndim == 2 else (*matrix.shape, 1)
    rows, columns = blocks if isinstance(blocks, tuple) else (blocks, None)
    for axis, block in enumerate((rows, columns)):
        _check_blocks(block, shape[axis], ("rows", "columns")[axis])
    _check_labels(labels, shape)
    count = matrix.count_nonzero() if hasattr(matrix, "nnz") else np.count_nonzero(matrix)
    said = f"{sizes(shape)}, {count} of {shape[0] * shape[1]} entries are not 0"
    return View(f"{title}: {said}" if title else said,
                (Blocks(matrix, rows, columns, labels=labels),))


def product(factors: list[tuple[str, Any]],
            lines: Sequence[tuple[int, int]] | None = None) -> View:
    """The view of a product of (name, matrix), whose factors may have `blocks`."""
    pairs: Sequence[Any] = lines or [(None, None)] * len(factors)
    parts = tuple(Blocks(matrix, rows, columns, title=name)
                  for (name, matrix), (rows, columns) in zip(factors, pairs, strict=True))
    shape = (np.shape(factors[0][1])[0], np.shape(factors[-1][1])[1])
    return View(f"A product of {len(factors)} factors: {sizes(shape)}", parts,
                "Read from right to left: the last factor acts first.")


def _is_factor(one):
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str)


def _check_blocks(block, total, word):
    if block is None:
        return
    if isinstance(block, (int, np.integer)):
        if block < 1:
            raise ValueError(f"blocks must be at least 1 for the {word}, got {block}")
        return
    if sum(block) != total or min(block) < 1:
        raise ValueError(f"blocks must come to the {total} {word}, got {list(block)}")


def _check_labels(labels, shape):
    if not isinstance(labels, tuple) or len(labels) != 2:
        raise TypeError(f"labels must be a pair (rows, columns), got {labels!r}")
    for names, total, word in zip(labels, shape, ("rows", "columns"), strict=True):
        if names is not None and not callable(names) and len(names) != total:
            raise ValueError(f"labels must have a name for each of the {total} {word}, "
                             f"got {len(names)}")
