"""The partition matrix V, equations (47.1148) to (47.1157)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from cnnmat import arguments
from cnnmat.arguments import largest
from cnnmat.drawing import Blocks, Drawable, View, named
from cnnmat.textbook.vec import (
    carrier,
    frozen,
    index_type,
    kron,
    one_per_row,
    read_only,
    times,
    unstack,
)
from cnnmat.textbook.windows import Windows
from cnnmat.typing import Array, ArrayLike, Csr, IndexLists, Indices, Int

__all__ = ["Partition"]


def index_lists(name: str, lists: Any, size: int, *, padding: bool) -> list[Indices]:
    """Return the 0-based index `lists` as arrays of integers, checked against `size`."""
    try:
        lists = list(lists)
    except TypeError:
        raise TypeError(f"{name} must be a list of index lists, got {lists!r}") from None
    if not lists:
        raise ValueError(f"{name} must hold at least one index list, got none")
    least = -1 if padding else 0
    checked: list[Indices] = []
    for k, one in enumerate(lists):
        one = arguments.numbers_of(f"{name}[{k}]", one)
        if one.ndim != 1 or one.size == 0:
            raise ValueError(f"{name}[{k}] must be a non-empty list of indices, "
                             f"got shape {one.shape}")
        if one.dtype.kind not in "iu":
            raise TypeError(f"{name}[{k}] must hold integers, got dtype {one.dtype}")
        if one.min() < least or one.max() >= size:
            raise ValueError(f"{name}[{k}] must hold indices from {least} to {size - 1}, "
                             f"got {one.min()} to {one.max()}")
        checked.append(one.astype(np.int64, copy=False))
    return checked


class Partition(Drawable):
    r"""How a vector of M entries is read out in P subvectors of S entries each.

    Parameters
    ----------
    lists : sequence of P sequences of S int, or Windows
        0-based indices of the entries of each subvector; overlapping, scattered
        and repeated ones are welcome.  -1 stands for a zero from the padding.
    size : int, optional
        M, the length of the vector; needed unless `lists` is `Windows`.

    Attributes
    ----------
    indices : ndarray, shape (P, S)
        Read-only, as in `Windows`.
    M, S, P : int

    Examples
    --------
    The partition of equation (47.1253), whose rows are e_1, e_4, e_6, e_2, ...:

    >>> v = Partition([[0, 3, 5], [1, 4, 3], [2, 5, 0], [1, 3, 0]], size=6)
    >>> v.matrix.toarray()[:6]
    array([[1, 0, 0, 0, 0, 0],
           [0, 0, 0, 1, 0, 0],
           [0, 0, 0, 0, 0, 1],
           [0, 1, 0, 0, 0, 0],
           [0, 0, 0, 0, 1, 0],
           [0, 0, 0, 1, 0, 0]], dtype=int8)
    >>> print(Partition([[0, 1], [1, 2]], size=3))
    V: 2 windows of 2 entries, out of 3: 4 × 3
    1  .  .
    .  1  .
    -------
    .  1  .
    .  .  1
    A row has its 1 in the column of the entry that it reads; at a line the next window begins.
    >>> v.columns(np.arange(1, 7))
    array([[1, 2, 3, 2],
           [4, 5, 6, 4],
           [6, 4, 1, 1]])
    """

    indices: Indices
    M: int
    S: int
    P: int

    def __init__(self, lists: IndexLists | Windows, size: Int | None = None) -> None:
        self._windows = lists if isinstance(lists, Windows) else None
        if isinstance(lists, Windows):
            if size not in (None, lists.M):
                raise ValueError(f"size must be the {lists.M} entries of the image, got {size}")
            with arguments.renamed(shape="lists' shape"):
                self.M, self.indices = lists.M, lists.indices
        else:
            if size is None:
                raise TypeError("size must be given with index lists, got None")
            self.M = arguments.integer("size", size, 1)
            checked = index_lists("lists", lists, self.M, padding=True)
            lengths = sorted({len(one) for one in checked})
            if len(lengths) > 1:
                raise ValueError("lists must all have one length S, "
                                 f"got lengths {lengths[0]} to {lengths[-1]}")
            self.indices = read_only(np.array(checked, dtype=index_type(self.M)))
        self.P, self.S = self.indices.shape

    def __repr__(self) -> str:
        return f"Partition(P={self.P}, S={self.S}, M={self.M})"

    def blocks(self) -> Blocks:
        """V to look at, with a line above each subvector: `print` it, or call ``.spy()``.

        Examples
        --------
        >>> print(Partition([[0, 1], [1, 2]], size=3).blocks())
        1  .  .
        .  1  .
        -------
        .  1  .
        .  .  1
        """
        return Blocks(self.matrix, rows=self.S)

    def view(self) -> View:
        """V, its rows named by window and entry, its columns by what they read."""
        of = self._windows
        image, output, kernel = (of.shape, of.output, of.kernel) if of else ((), (), ())
        window, place = named("window", output), named("entry", kernel)
        names = (lambda r: f"{place(r % self.S)} of {window(r // self.S)}",
                 named("pixel" if of else "entry", image))
        return View(f"V: {self.P} windows of {self.S} entries, out of {self.M}: "
                    f"{self.P * self.S} × {self.M}",
                    (Blocks(self.matrix, rows=self.S, labels=names),),
                    "A row has its 1 in the column of the entry that it reads; "
                    "at a line the next window begins.")

    @cached_property
    def matrix(self) -> Csr:
        """V, a CSR matrix of shape (P S, M) with int8 entries, equation (47.1153).

        Row p S + s is the basis vector of the index at place s of subvector p;
        it is zero where that place lies on padding.
        """
        with arguments.room("lists", 21 * self.indices.size):
            return frozen(one_per_row(self.indices, self.M))

    @cached_property
    def skeleton(self) -> Csr:
        """(I ⊗ 1ᵀ)V of equation (47.1151): entry [p, m] counts index m in subvector p.

        Shape (P, M), CSR, integers.

        Examples
        --------
        >>> Partition([[0, 3], [1, 1]], size=4).skeleton.toarray()
        array([[1, 0, 0, 1],
               [0, 2, 0, 0]])
        """
        ones = np.ones((1, self.S), dtype=int)
        return frozen(kron(sparse.eye_array(self.P, dtype=int), ones) @ self.matrix)

    def columns(self, h: ArrayLike) -> Array:
        r"""H = [h_1 h_2 ... h_P], equation (47.1157): the subvectors as columns.

        Parameters
        ----------
        h : array_like, shape (..., M)

        Returns
        -------
        ndarray, shape (..., S, P)
            H with vec(H) = V h.
        """
        h = arguments.array("h", h, (..., self.M))
        with arguments.room("h", h.size // self.M * self.S * self.P * h.itemsize):
            return unstack(times(self.matrix, h), (self.S, self.P))

    def scatter(self, H: ArrayLike) -> Array:
        r"""Vᵀ vec(H), the adjoint of `columns`: each entry goes back where it came from.

        Parameters
        ----------
        H : array_like, shape (..., S, P)

        Returns
        -------
        ndarray, shape (..., M)

        Examples
        --------
        >>> Partition([[0, 1], [1, 2]], size=3).scatter([[1, 20], [10, 200]])
        array([  1,  30, 200])
        """
        H = arguments.array("H", H, (..., self.S, self.P))
        arguments.within_int64("H", self.S * self.P * largest(H))
        stacked = H.swapaxes(-1, -2).reshape(*H.shape[:-2], -1)
        return times(carrier(self.matrix, H).T, stacked)
