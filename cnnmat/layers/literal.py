r"""The literal path of a correlation layer: the text read aloud, sample by sample.

With V, W and H_n as in the text, z_n = H_nᵀW, dW = Σ H_n δ_nᵀ and
dx_n = Vᵀ vec(W δ_n).  The maps are the columns that V multiplies, so that V is stored
once whatever their number; this orders the rows of H_n by (s, j) where the text has
(j, s), and the rows of W with them.

An array of maps, shape (C, M_1, M_2), becomes the matrix [vec(map 1) ... vec(map C)] by
``maps.T.reshape(-1, C)``: transposing reverses all axes, and reading the result row by
row lets M_1 run fastest, as vec does.  The kernel becomes W in the same way.

V is cut into bands of windows, each with the columns that it reads, so that H_n never
stands in memory as a whole: fresh memory costs more than the product.
"""

from dataclasses import dataclass
from math import prod

import numpy as np
from scipy import sparse

from cnnmat.textbook.vec import carrier, one_per_row

__all__ = ["Literal"]

BAND_BYTES = 2**21


@dataclass
class Band:
    """The rows of V of some windows, less the columns that none of them reads."""

    windows: slice          # along the last axis of the result, the slowest in vec
    reads: slice            # of vec(map)
    V: sparse.csr_array
    VT: sparse.csc_array
    full: bool              # a one in each row: no window lies on padding


class Literal:
    """V as int8 CSR, one GEMM, Vᵀ back.

    Parameters
    ----------
    geometry : Geometry
    """

    def __init__(self, geometry):
        self.geometry = g = geometry
        before, after = g.C // g.groups, g.D // g.groups
        self.channels, self.SC = before, g.windows.S * before
        self.groups = [(slice(k * before, (k + 1) * before), slice(k * after, (k + 1) * after))
                       for k in range(g.groups)]
        slowest, fiber = g.windows.output[-1], prod(g.windows.output[:-1])
        step = max(BAND_BYTES // (fiber * self.SC * g.dtype.itemsize), 1)
        self.bands = [self._band(slice(first, min(first + step, slowest)), fiber)
                      for first in range(0, slowest, step)]
        # whether H_1 is all there is to lift, so that forward may leave it to backward
        self.keeps = g.N == len(self.bands) == g.groups == 1 and g.dtype.kind != "O"
        self._kept = None
        # one value, one column index and one row start an entry
        self.nbytes = sum(9 * band.V.shape[0] for band in self.bands)
        if self.keeps:
            self.nbytes += (g.windows.M * g.C + g.windows.P * self.SC) * g.dtype.itemsize

    def _band(self, windows, fiber):
        places = self.geometry.windows.indices[windows.start * fiber:windows.stop * fiber]
        inside = places >= 0
        first, last = (places[inside].min(), places.max()) if inside.any() else (0, 0)
        V = one_per_row(np.where(inside, places - first, -1), int(last - first) + 1)
        V = carrier(V, self.geometry)
        return Band(windows, slice(first, last + 1), V, V.T,
                    sparse.issparse(V) and bool(inside.all()))

    def _H(self, band, X):
        """H_nᵀ of a band of windows, from the maps X = [vec(map 1) ... vec(map C)]."""
        if self.keeps:
            # H of the copy, which nobody can change
            X = X.copy()
            H = self._lift(band, X)
            self._kept = X, H
            return H
        return self._lift(band, X)

    def _lift(self, band, X):
        # (P S, M) @ (M, C) -> (P S, C), read as (P, S C); with a one in each row of V, the
        # columns of V say which row of X stands in each row of the product
        X = X[band.reads]
        H = X.take(band.V.indices, axis=0) if band.full else band.V @ X
        return H.reshape(-1, self.SC)

    def _H_again(self, band, X):
        """`_H`: the kept one if X equals its X entry by entry, or else a new one."""
        # one reference, for another thread may replace it
        kept = self._kept
        if kept is not None and np.array_equal(kept[0], X):
            return kept[1]
        return self._lift(band, X)

    def forward(self, x, w, b, out):
        """z_n = H_nᵀW + 1bᵀ, written to `out`."""
        b = np.zeros(len(w), w.dtype) if b is None else b
        for before, after in self.groups:
            W = w[after].T.reshape(self.SC, -1)
            for x_n, z_n in zip(x[:, before], out[:, after], strict=True):
                X = x_n.T.reshape(-1, len(x_n))
                for band in self.bands:
                    # (P, S C) @ (S C, D) -> (P, D)
                    z, target = self._H(band, X) @ W, z_n.T[band.windows]
                    np.add(z.reshape(target.shape), b[after], out=target)

    def backward(self, dz, x, w, dx, dw):
        """dx_n = Vᵀ vec(W δ_n) and dW = Σ H_n δ_nᵀ, each written where there is an array for it.

        Without `dx` no `w` is needed, without `dw` no `x`.
        """
        for before, after in self.groups:
            WT = None if dx is None else np.ascontiguousarray(w[after].T.reshape(self.SC, -1).T)
            dW = 0
            for n, dz_n in enumerate(dz[:, after]):
                X = None if dw is None else x[n, before].T.reshape(self.geometry.windows.M, -1)
                dX = None if dx is None else np.zeros((self.geometry.windows.M, self.channels),
                                                      dz.dtype)
                for band in self.bands:
                    dW = self._add_band(band, dz_n, X, WT, dX, dW)
                if dx is not None:
                    target = dx[n, before].T
                    target[...] = dX.reshape(target.shape)
            if dw is not None:
                dw[after] = dW.reshape(dw[after].T.shape).T

    def _add_band(self, band, dz, X, WT, dX, dW):
        """dW + H_n δ_nᵀ, where there is X; Vᵀ vec(W δ_n) added to dX, where there is WT."""
        # δ_nᵀ of the band, (P, D)
        delta = dz.T[band.windows].reshape(-1, len(dz))
        if WT is not None:
            # (P, D) @ (D, S C) -> (P, S C), read as (P S, C); without a name, for H to follow
            # in the same memory
            dX[band.reads] += band.VT @ (delta @ WT).reshape(-1, self.channels)
        # (S C, P) @ (P, D) -> (S C, D)
        return dW if X is None else dW + self._H_again(band, X).T @ delta
