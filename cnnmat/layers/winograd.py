r"""Winograd's F(4, 3): four outputs of a 3-tap correlation from six products, not twelve.

For an image segment d of six entries and a mask g of three,

    y = Aᵀ[(G g) ⊙ (Bᵀ d)],

and in two dimensions each transform is its own Kronecker square acting on vec of a
tile: vec(Y) = (A ⊗ A)ᵀ[((G ⊗ G) vec(w)) ⊙ ((B ⊗ B)ᵀ vec(tile))].  Summed over
channels the Hadamard product turns into one small GEMM for each of the 36 places.
The gradients are the adjoints of the same three steps.

The identity is exact over the rationals.  In floating point its error is of another kind
than that of the direct sum: it is bounded by the largest entries, not entry by entry, so one
large pixel may spoil results that do not see it, an infinite one makes NaN of all tiles that it
lies in, and transforms may overflow where the layer does not.  Hence no layer takes this path
unless it is asked to.

Rounding.  Let u be half the machine epsilon and γ_n = n u / (1 - n u).  A result is made of
terms a v b with entries of the three transforms; each is rounded at most K times on its way,
zeros not counted, so that the error is at most γ_K times the sum of all |terms|:

    ====  ======  ===================================  ====================================
    of    κ       K                                    |error| <= γ_K κ² times
    ====  ======  ===================================  ====================================
    z     48      C + 54: 16 for B, 12 for G, 25 for   C max|x| max|w|, and |b| without κ²
                  A, C for the channels, b
    dx    77/2    D + 56: 16 for A, 12 for G, 25 for   D max|δ| max|w|
                  B, D for the maps, 3 for overlaps
    dw    160/3   NT + 60: 16 for B, 16 for A, 28 for  NT max|x| max|δ|
                  G, NT for the tiles
    ====  ======  ===================================  ====================================

with T tiles a map and, entry by entry in one dimension,

    κ_z = max |A|ᵀ [(|G| 1) ⊙ (|B|ᵀ 1)],  κ_dx = max of |B| [(|G| 1) ⊙ (|A| 1)], overlapping
    places added,  κ_dw = max |G|ᵀ [(|B|ᵀ 1) ⊙ (|A| 1)];

two dimensions square them.  This is 256 times the direct sum's bound 9 γ C max|x| max|w|, and
what the worst data that were tried reach is a few thousandths of it.  With normally distributed
data and 1 to 256 channels the largest error in z, dx and dw, scaled by the largest entry, was
measured at 14 to 95 times the machine epsilon, where the direct sum has 1 to 6.
"""

from fractions import Fraction
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import as_strided

from cnnmat.layers.plans import Workspaces
from cnnmat.textbook.vec import kron

__all__ = ["Winograd", "transforms"]

OUT, TILE = 4, 6
BAND_TILES = 128


def transforms(exact=False):
    r"""The matrices A (6 x 4), B (6 x 6) and G (6 x 3) of F(4, 3).

    Parameters
    ----------
    exact : bool, optional
        Entries ``fractions.Fraction`` in place of float64.

    Returns
    -------
    tuple of three ndarray

    Examples
    --------
    >>> A, B, G = transforms(exact=True)
    >>> d, g = np.array([1, 2, 4, 8, 16, 32]), np.array([1, 0, -1])
    >>> print(*A.T @ ((G @ g) * (B.T @ d)))
    -3 -6 -12 -24
    >>> print(G[3, 0], G[3, 1], G[3, 2])
    1/24 1/12 1/6
    """
    A = [[1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 1, -1],
         [1, 2, 4, 8], [1, -2, 4, -8], [0, 0, 0, 1]]
    B = [[4, 0, 0, 0, 0, 0], [0, -4, 4, -2, 2, 4], [-5, -4, -4, -1, -1, 0],
         [0, 1, -1, 2, -2, -5], [1, 1, 1, 1, 1, 0], [0, 0, 0, 0, 0, 1]]
    G = [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]
    A, B, G = (np.array([[Fraction(e) for e in row] for row in m]) for m in (A, B, G))
    G = G / 24
    return (A, B, G) if exact else tuple(m.astype(float) for m in (A, B, G))


@cache
def squares(dtype):
    """A ⊗ A (36 x 16), B ⊗ B (36 x 36) and G ⊗ G (36 x 9) with entries of `dtype`."""
    exact = dtype.kind == "O"
    pairs = (kron(m, m) for m in transforms(exact))
    return tuple(m if exact else m.toarray().astype(dtype) for m in pairs)


def tiles(image, size, rows, columns):
    """Tiles of size x size, one every four entries: (H, W, C) -> (size, size, rows, columns, C).

    A view; tiles of size 4 do not overlap.
    """
    down, right, channel = image.strides
    return as_strided(image, (size, size, rows, columns, image.shape[2]),
                      (down, right, OUT * down, OUT * right, channel))


def add_tiles(P, gradient):
    """Add overlapping tiles, shape (6, 6, rows, columns, C), where they came from.

    Tiles overlap by two, so the four blocks [0, 4) and [4, 6) in each direction
    are free of overlaps.
    """
    view = tiles(gradient, TILE, *P.shape[2:4])
    for down in (slice(OUT), slice(OUT, TILE)):
        for right in (slice(OUT), slice(OUT, TILE)):
            part = view[down, right]
            np.add(part, P[down, right], out=part)


class Workspace:
    """Padded images and gradients, channels last, and three buffers of transformed tiles."""

    def __init__(self, geometry, rows, columns, band_rows):
        g, dtype = geometry, geometry.dtype
        (top, _), (left, _) = g.windows.padding
        (height, width), (out_height, out_width) = g.windows.shape, g.windows.output
        tall, wide = OUT * rows, OUT * columns
        # room for all tiles, and for what of the image no window reaches
        self.padded = np.zeros(
            (max(tall + 2, top + height), max(wide + 2, left + width), g.C), dtype)
        self.gradient = np.zeros_like(self.padded)
        self.result = np.zeros((tall, wide, g.D), dtype)
        self.delta = np.zeros_like(self.result)
        inside = (slice(top, top + height), slice(left, left + width))
        self.image, self.image_gradient = self.padded[inside], self.gradient[inside]
        self.output, self.output_delta = (
            a[:out_height, :out_width] for a in (self.result, self.delta))
        size = TILE**2 * band_rows * columns * max(g.C, g.D)
        self.buffers = [np.zeros(size, dtype) for _ in range(3)]
        # the kernel's transform, the gradient's, and one band's part of that
        self.spectra = [np.zeros((TILE**2, g.C, g.D), dtype) for _ in range(3)]
        self.nbytes = (2 * self.padded.nbytes + 2 * self.result.nbytes
                       + 3 * self.buffers[0].nbytes + 3 * self.spectra[0].nbytes)


class Winograd:
    """F(4 x 4, 3 x 3) and its adjoints, a band of tile rows at a time.

    Parameters
    ----------
    geometry : Geometry
    """

    def __init__(self, geometry):
        self.geometry = geometry
        self.A, self.B, self.G = squares(geometry.dtype)
        self.rows, self.columns = (-(-o // OUT) for o in geometry.windows.output)
        self.band_rows = min(max(BAND_TILES // self.columns, 1), self.rows)
        self.workspaces = Workspaces(self._build)
        workspace = self._build()
        self.nbytes = workspace.nbytes
        self.workspaces.put_back(workspace)

    @staticmethod
    def serves(geometry):
        """Whether the layer is 3 x 3, with nothing skipped or grouped, and no integers."""
        w = geometry.windows
        return (w.kernel == (3, 3) and w.stride == w.dilation == (1, 1)
                and geometry.groups == 1 and geometry.dtype.kind in "fO")

    def _build(self):
        return Workspace(self.geometry, self.rows, self.columns, self.band_rows)

    def _bands(self):
        for first in range(0, self.rows, self.band_rows):
            rows = min(self.band_rows, self.rows - first)
            yield first * OUT, rows, rows * self.columns

    def _spectrum(self, w, out):
        """(G ⊗ G) vec(w), written to `out`: (36, C, D)."""
        D, C = w.shape[:2]
        flat = np.ascontiguousarray(w.reshape(D, C, 9).transpose(2, 1, 0)).reshape(9, -1)
        np.matmul(self.G, flat, out=out.reshape(TILE**2, -1))
        return out

    def _gather(self, transform, image, size, first, rows, buffer, out):
        """`transform` of the tiles of a band, written to `out`: (36, tiles, C)."""
        view = tiles(image[first:], size, rows, self.columns)
        gathered = buffer[:view.size].reshape(view.shape)
        np.copyto(gathered, view)
        out = out[:len(transform) * view[0, 0].size].reshape(len(transform), -1)
        np.matmul(transform, gathered.reshape(size**2, -1), out=out)
        return out.reshape(len(out), -1, view.shape[-1])

    def forward(self, x, w, b, out):
        """z of every sample, written to `out`."""
        space = self.workspaces.take()
        spectrum = self._spectrum(w, space.spectra[0])
        one, two, _ = space.buffers
        D = self.geometry.D
        for x_n, z_n in zip(x, out, strict=True):
            np.copyto(space.image, x_n.transpose(1, 2, 0))
            for first, rows, T in self._bands():
                U = self._gather(self.B.T, space.padded, TILE, first, rows, one, two)
                # (36, T, C) @ (36, C, D) -> (36, T, D)
                M = np.matmul(U, spectrum, out=one[:TILE**2 * T * D].reshape(-1, T, D))
                Y = np.matmul(self.A.T, M.reshape(TILE**2, -1),
                              out=two[:OUT**2 * T * D].reshape(OUT**2, -1))
                view = tiles(space.result[first:], OUT, rows, self.columns)
                np.copyto(view, Y.reshape(view.shape))
            if b is not None:
                space.output += b
            np.copyto(z_n, space.output.transpose(2, 0, 1))
        self.workspaces.put_back(space)

    def backward(self, dz, x, w, dx, dw):
        """dx and dW by the adjoints of the three steps, where there is an array for them.

        The tiles of δ are transformed once for both.  Without `dx` no `w` is needed,
        without `dw` no `x`.
        """
        g = self.geometry
        space = self.workspaces.take()
        one, two, three = space.buffers
        spectrum, d_spectrum, part = space.spectra
        d_spectrum[...] = 0
        if dx is not None:
            self._spectrum(w, spectrum)
        for n, dz_n in enumerate(dz):
            np.copyto(space.output_delta, dz_n.transpose(1, 2, 0))
            if dw is not None:
                np.copyto(space.image, x[n].transpose(1, 2, 0))
            space.gradient[...] = 0
            for first, rows, T in self._bands():
                M = self._gather(self.A, space.delta, OUT, first, rows, one, three)
                if dw is not None:
                    U = self._gather(self.B.T, space.padded, TILE, first, rows, one, two)
                    # (36, C, T) @ (36, T, D) -> (36, C, D)
                    d_spectrum += np.matmul(U.mT, M, out=part)
                if dx is not None:
                    # (36, T, D) @ (36, D, C) -> (36, T, C)
                    U = np.matmul(M, spectrum.mT, out=one[:TILE**2 * T * g.C].reshape(-1, T, g.C))
                    P = np.matmul(self.B, U.reshape(TILE**2, -1),
                                  out=two[:U.size].reshape(TILE**2, -1))
                    add_tiles(P.reshape(TILE, TILE, rows, self.columns, g.C),
                              space.gradient[first:])
            if dx is not None:
                np.copyto(dx[n], space.image_gradient.transpose(2, 0, 1))
        if dw is not None:
            dw[...] = (self.G.T @ d_spectrum.reshape(TILE**2, -1)).reshape(
                9, g.C, g.D).transpose(2, 1, 0).reshape(dw.shape)
        self.workspaces.put_back(space)
