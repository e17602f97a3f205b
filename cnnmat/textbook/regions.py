"""Regions Ω of the entries of a map, and T that groups them: (47.1187), (47.1201) to (47.1204).

Everything works on the last axis, so a vector y of P entries and a stack of them, shape (..., P),
are treated alike.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from cnnmat import arguments
from cnnmat.arguments import largest
from cnnmat.drawing import Blocks, Drawable, View, named
from cnnmat.textbook.partition import index_lists
from cnnmat.textbook.vec import carrier, frozen, one_per_row, read_only, times
from cnnmat.textbook.windows import Windows
from cnnmat.typing import Array, ArrayLike, Csr, IndexLists, Indices, Int

__all__ = ["Regions"]


class Regions(Drawable):
    r"""Disjoint regions Ω_1, ..., Ω_P' of the entries of a vector of P entries.

    Parameters
    ----------
    lists : sequence of P' sequences of int, or Windows
        0-based indices; the regions may be scattered and of unequal sizes.  Of
        windows, the places that lie on padding are left out.
    size : int, optional
        P; needed unless `lists` is `Windows`.
    cover : bool, optional
        If true (default) each entry must lie in a region, so that T is a
        permutation.  If false, entries may be left out, as by windows that do
        not tile the image; they then influence nothing.

    Attributes
    ----------
    P, P_prime : int
    order : ndarray of int
        The indices, region after region; y[order] = T y.
    starts, sizes : ndarray of int, shape (P',)
        All three are read-only.

    Examples
    --------
    The first two rows of T pick the entries of the first region:

    >>> omega = Regions([[0, 2], [1, 3, 4]], size=5)
    >>> omega.matrix.toarray()
    array([[1, 0, 0, 0, 0],
           [0, 0, 1, 0, 0],
           [0, 1, 0, 0, 0],
           [0, 0, 0, 1, 0],
           [0, 0, 0, 0, 1]], dtype=int8)
    >>> print(Regions([[0, 2], [1]], size=3))
    T: 2 regions of 3 entries: 3 × 3
    1  .  .
    .  .  1
    -------
    .  1  .
    A row has its 1 in the column of the entry that it picks; at a line the next region begins.
    """

    P: int
    P_prime: int
    order: Indices
    starts: Indices
    sizes: Indices

    def __init__(self, lists: IndexLists | Windows, size: Int | None = None, *,
                 cover: bool = True) -> None:
        self._windows = lists if isinstance(lists, Windows) else None
        if isinstance(lists, Windows):
            windows = lists
            if size not in (None, windows.M):
                raise ValueError(f"size must be the {windows.M} entries of the map, got {size}")
            with arguments.renamed(shape="lists' shape"):
                size, lists = windows.M, [row[row >= 0] for row in windows.indices]
        elif size is None:
            raise TypeError("size must be given with index lists, got None")
        self.P = arguments.integer("size", size, 1)
        lists = index_lists("lists", lists, self.P, padding=False)
        self.order = np.concatenate(lists)
        used, counts = np.unique(self.order, return_counts=True)
        if counts.max() > 1:
            raise ValueError("lists must not overlap: index "
                             f"{used[counts.argmax()]} lies in {counts.max()} places")
        if cover and used.size < self.P:
            left_out = np.append(used != np.arange(used.size), True).argmax()
            raise ValueError(f"lists must cover all {self.P} indices: {left_out} is left "
                             "out (cover=False allows that)")
        self.sizes = np.array([len(one) for one in lists])
        self.starts = np.cumsum(self.sizes) - self.sizes
        self.order, self.sizes, self.starts = map(
            read_only, (self.order, self.sizes, self.starts))
        self.P_prime = len(lists)

    @classmethod
    def singletons(cls, size: Int) -> Regions:
        """Each entry a region of its own: no pooling.

        Examples
        --------
        >>> Regions.singletons(3).P_prime
        3
        """
        size = arguments.integer("size", size, 1)
        with arguments.room("size", 2**8 * size):
            return cls(np.arange(size)[:, None], size)

    def __repr__(self) -> str:
        return f"Regions(P_prime={self.P_prime}, P={self.P})"

    def blocks(self) -> Blocks:
        """T to look at, with a line above each region: `print` it, or call ``.spy()``.

        Examples
        --------
        >>> print(Regions([[0, 2], [1]], size=3).blocks())
        1  .  .
        .  .  1
        -------
        .  1  .
        """
        return Blocks(self.matrix, rows=self.sizes)

    def view(self) -> View:
        """T, its rows named by region, its columns by the entries that they pick."""
        of = self._windows
        region = named("region", of.output if of else ())

        def place(row):
            which = int(np.searchsorted(self.starts, row, side="right")) - 1
            return f"place {row - self.starts[which]} of {region(which)}"

        return View(f"T: {self.P_prime} regions of {self.P} entries: "
                    f"{self.order.size} × {self.P}",
                    (Blocks(self.matrix, rows=self.sizes,
                            labels=(place, named("entry", of.shape if of else ()))),),
                    "A row has its 1 in the column of the entry that it picks; "
                    "at a line the next region begins.")

    @cached_property
    def matrix(self) -> Csr:
        """T, CSR, shape (P, P), equation (47.1203)."""
        return frozen(one_per_row(self.order, self.P))

    def permute(self, y: ArrayLike) -> Array:
        """y_o = T y: region after region, equation (47.1202).

        Examples
        --------
        >>> Regions([[0, 2], [1, 3]], size=4).permute([10, 20, 30, 40])
        array([10, 30, 20, 40])
        """
        return times(self.matrix, arguments.array("y", y, (..., self.P)))

    def permute_sharp(self, y_o: ArrayLike) -> Array:
        """y = Tᵀ y_o: back to the original order, equation (47.1204).

        Examples
        --------
        >>> Regions([[0, 2], [1, 3]], size=4).permute_sharp([10, 30, 20, 40])
        array([10, 20, 30, 40])
        """
        y_o = arguments.array("y_o", y_o, (..., self.order.size))
        return times(carrier(self.matrix, y_o).T, y_o)

    def reduce(self, ufunc: np.ufunc, y_o: ArrayLike) -> Array:
        """`ufunc` over each region of the grouped `y_o`: (..., sum of sizes) -> (..., P')."""
        if not isinstance(ufunc, np.ufunc):
            raise TypeError(f"ufunc must be a NumPy ufunc of two arguments, got {ufunc!r}")
        y_o, size = arguments.array("y_o", y_o, (..., self.order.size)), int(self.sizes.max())
        # beyond 64 factors a product is 0, ±1 or too large
        bounds = {np.add: size * largest(y_o), np.subtract: size * largest(y_o),
                  np.multiply: largest(y_o) ** min(size, 64)}
        arguments.within_int64("y_o", bounds.get(ufunc, 0))
        return self.fold(ufunc, y_o)

    def fold(self, ufunc: np.ufunc, y_o: Array) -> Array:
        """`reduce`, where y_o is known to fit and to leave room."""
        return ufunc.reduceat(y_o, self.starts, axis=-1)

    def expand(self, t: ArrayLike) -> Array:
        """Each entry of `t` as often as its region is large: (..., P') -> (..., sum of sizes)."""
        return self.spread(arguments.array("t", t, (..., self.P_prime)))

    def spread(self, t: Array) -> Array:
        """`expand`, where t is known to fit."""
        return np.repeat(t, self.sizes, axis=-1)
