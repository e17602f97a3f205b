r"""The fast path of a correlation layer: lowering by bands.

The windows are the same V as in the text, its rows and columns permuted: images are
row-major, channels come first and the n samples of a chunk last, so a row of H is
indexed by (channel, place in window) and a column by (window, sample).  V itself is
then a strided view into the padded images, and H = V x is one copy; Vᵀ is a CSR
matrix for one band of output rows, which all bands share.  A band is small enough for
the cache, whatever the image.
"""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided
from scipy import sparse

from cnnmat.layers.plans import Workspaces
from cnnmat.textbook.vec import carrier, index_type, one_per_row

__all__ = ["Blocked", "Lowering"]

# the first where samples lie innermost, the second for a sample by itself
BAND_BYTES = (2**18, 2**20)
CHUNK = 64
SHORT_ROW = 32
FEW_SAMPLES, FEW_MAPS = 8, 16
# products so small that copies are nearly all, if there are outputs enough to make up for W
TINY_ROWS, TINY_MAPS, MANY_OUTPUTS = 32, 8, 4096
# from so many rows of H on, a sample's own are enough to fill the products
MANY_ROWS = 512


def windows_view(padded, windows, rows=None):
    """The windows of `padded` as a view, shape (C, k_1, ..., o_1, ..., n).

    Parameters
    ----------
    padded : ndarray, shape (C, padded image..., n)
    windows : Windows
    rows : int, optional
        Number of output rows; all by default.
    """
    channel, *steps, sample = padded.strides
    output = (rows or windows.output[0], *windows.output[1:])
    within = (a * d for a, d in zip(steps, windows.dilation, strict=True))
    between = (a * s for a, s in zip(steps, windows.stride, strict=True))
    return as_strided(
        padded, (len(padded), *windows.kernel, *output, padded.shape[-1]),
        (channel, *within, *between, sample))


def band_matrix(windows, C, rows, padded):
    """I ⊗ V for a band of `rows` output rows of C channels of a `padded` image, CSR."""
    height = (rows - 1) * windows.stride[0] + windows.span[0]
    shape = (C, height, *padded[1:], 1)
    place = np.arange(prod(shape), dtype=index_type(prod(shape))).reshape(shape)
    return one_per_row(windows_view(place, windows, rows), place.size)


@dataclass
class Band:
    """A band of rows of blocks: where it reads, where it computes, where it writes."""

    rows: slice
    view: np.ndarray        # (C, k..., o..., n), into the padded images
    H: np.ndarray           # the same shape, contiguous
    H_grouped: np.ndarray   # (groups, C S / groups, o... n), the same memory
    z: np.ndarray           # (D, block..., o..., n)
    z_grouped: np.ndarray   # (groups, D B / groups, o... n), the same memory
    spread: sparse.csr_array    # Vᵀ of the band
    target: np.ndarray      # (C, rows read..., n), into the padded gradient


class Workspace:
    """Buffers for `n` samples: padded images, padded gradient, one band's H and z.

    Parameters
    ----------
    geometry : Geometry
        Of blocks: its windows are the images of whole blocks.
    block : tuple of int
    n : int
    """

    def __init__(self, geometry, block, n):
        windows, C = geometry.windows, geometry.C
        D = geometry.D * prod(block)
        shape = tuple(b + m + a for m, (b, a) in zip(windows.shape, windows.padding, strict=True))
        inside = (slice(None), *(slice(b, b + m) for m, (b, _) in
                                 zip(windows.shape, windows.padding, strict=True)))
        padded = np.zeros((C, *shape, n), geometry.dtype)
        self.gradient = np.zeros_like(padded)
        self.images = padded[inside]
        self.image_gradient = self.gradient[inside]
        row = prod(windows.output[1:]) * n
        total = windows.output[0]
        band_bytes = BAND_BYTES[n == 1]
        height = min(max(band_bytes // (C * windows.S * row * padded.itemsize), 1), total)
        # even bands: the last is never a sliver
        height = -(-total // -(-total // height))
        H = np.empty(C * windows.S * row * height, padded.dtype)
        z = np.empty(D * row * height, padded.dtype)
        view, spread = windows_view(padded, windows), {}
        self.bands = []
        for first in range(0, total, height):
            rows = min(height, total - first)
            if rows not in spread:
                V = band_matrix(windows, C, rows, shape)
                spread[rows] = carrier(V.T.tocsr(), padded)
            self.bands.append(self._band(geometry, block, slice(first, first + rows), view, H, z,
                                         spread[rows]))
        self.nbytes = (2 * padded.nbytes + H.nbytes + z.nbytes
                       + 9 * C * windows.S * row // n * sum(spread))

    def _band(self, geometry, block, rows, view, H, z, spread):
        windows, groups = geometry.windows, geometry.groups
        view = view[(slice(None),) * (1 + len(windows.kernel)) + (rows,)]
        blocks = view.shape[1 + len(windows.kernel):]
        H = H[:view.size].reshape(view.shape)
        z = z[:geometry.D * prod(block) * prod(blocks)]
        first = rows.start * windows.stride[0]
        last = (rows.stop - 1) * windows.stride[0] + windows.span[0]
        return Band(rows, view, H, H.reshape(groups, -1, prod(blocks)),
                    z.reshape(geometry.D, *block, *blocks),
                    z.reshape(groups, -1, prod(blocks)), spread, self.gradient[:, first:last])


class Lowering:
    """H band by band through a strided view, one GEMM a band, Vᵀ of the band back.

    Parameters
    ----------
    geometry : Geometry
    block : tuple of int, optional
        How many outputs along each axis share one window; each must divide the output,
        and be 1 along an axis with dilation.  One by default.
    together : bool, optional
        Whether samples lie side by side, innermost; where `together_pays` by default.
    """

    def __init__(self, geometry, block=None, together=None):
        self.geometry = g = geometry
        axes = len(g.windows.shape)
        self.block = block or (1,) * axes
        w = g.windows
        kernel = tuple(k + (r - 1) * s
                       for k, r, s in zip(w.kernel, self.block, w.stride, strict=True))
        stride = tuple(r * s for r, s in zip(self.block, w.stride, strict=True))
        self.blocks = replace(g, windows=replace(w, kernel=kernel, stride=stride))
        # samples side by side make the innermost copies long where image rows are short
        if together is None:
            together = self.together_pays(g)
        chunk = min(g.N, CHUNK) if together else 1
        chunk = -(-g.N // -(-g.N // chunk))
        self.chunks = [(first, min(chunk, g.N - first)) for first in range(0, g.N, chunk)]
        self.samples_last = (*range(1, 2 + axes), 0)
        # of z: each image axis as blocks and places within, and the order of axes by block
        self.split = tuple(e for pair in zip(self.blocks.windows.output, self.block, strict=True)
                           for e in pair)
        self.blocks_first = (1, *range(3, 3 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2), 0)
        self.workspaces = Workspaces(self._build)
        workspace = self._build()
        self.nbytes = sum(space.nbytes for space in workspace.values())
        self.workspaces.put_back(workspace)

    @staticmethod
    def together_pays(geometry):
        """Whether samples side by side, which make the innermost copies long, are worth it."""
        g = geometry
        short = len(g.windows.output) == 1 or g.windows.output[-1] < SHORT_ROW
        return (g.N >= FEW_SAMPLES and short
                and g.C * g.windows.S < MANY_ROWS * g.groups)

    def _build(self):
        return {n: Workspace(self.blocks, self.block, n) for n in {n for _, n in self.chunks}}

    def _shifted(self, w):
        """For each place in a block: its index, and where w stands in the block's window."""
        windows = self.geometry.windows
        for place in np.ndindex(self.block):
            yield place, tuple(slice(p * s, p * s + k) for p, s, k in zip(
                place, windows.stride, windows.kernel, strict=True))

    def _W(self, w):
        """The kernels of a block as (groups, D B / groups, C S / groups)."""
        if prod(self.block) == 1:
            return w.reshape(self.geometry.groups, len(w) // self.geometry.groups, -1)
        W = np.zeros((len(w), *self.block, w.shape[1], *self.blocks.windows.kernel), w.dtype)
        for place, window in self._shifted(w):
            W[(slice(None), *place, slice(None), *window)] = w
        return W.reshape(self.geometry.groups, -1, prod(W.shape[1 + len(self.block):]))

    def _kernel_gradient(self, dW, dw):
        """The adjoint of `_W`, written to `dw`."""
        if prod(self.block) == 1:
            dw[...] = dW.reshape(dw.shape)
            return
        dW = dW.reshape(len(dw), *self.block, dw.shape[1], *self.blocks.windows.kernel)
        dw[...] = sum(dW[(slice(None), *place, slice(None), *window)]
                      for place, window in self._shifted(dw))

    def _by_block(self, z):
        """A view of z with the shape (D, block..., o..., N)."""
        return z.reshape(*z.shape[:2], *self.split).transpose(self.blocks_first)

    def forward(self, x, w, b, out):
        """z = W H + b 1ᵀ, written to `out`."""
        W, b = self._W(w), b if b is None else b.reshape(-1, *[1] * (2 * len(self.block) + 1))
        x, z = x.transpose(self.samples_last), self._by_block(out)
        before = (slice(None),) * (1 + len(self.block))
        spaces = self.workspaces.take()
        for first, n in self.chunks:
            samples, space = slice(first, first + n), spaces[n]
            np.copyto(space.images, x[..., samples])
            for band in space.bands:
                np.copyto(band.H, band.view)
                # (D B, C S) @ (C S, P n) -> (D B, P n)
                np.matmul(W, band.H_grouped, out=band.z_grouped)
                target = z[(*before, band.rows, ..., samples)]
                np.copyto(target, band.z) if b is None else np.add(band.z, b, out=target)
        self.workspaces.put_back(spaces)

    def backward(self, dz, x, w, dx, dw):
        """dx = Vᵀ vec(Wᵀ δ) and dW = δ Hᵀ, each written where there is an array for it.

        Without `dx` no `w` is needed, without `dw` no `x`.
        """
        dz = self._by_block(dz)
        before = (slice(None),) * (1 + len(self.block))
        if dx is not None:
            WT, dx = self._W(w).mT, dx.transpose(self.samples_last)
        if dw is not None:
            dW, x = 0, x.transpose(self.samples_last)
        spaces = self.workspaces.take()
        for first, n in self.chunks:
            samples, space = slice(first, first + n), spaces[n]
            if dw is not None:
                np.copyto(space.images, x[..., samples])
            if dx is not None:
                space.gradient[...] = 0
            for band in space.bands:
                np.copyto(band.z, dz[(*before, band.rows, ..., samples)])
                if dw is not None:
                    np.copyto(band.H, band.view)
                    # (D B, P n) @ (P n, C S) -> (D B, C S)
                    dW = dW + band.z_grouped @ band.H_grouped.mT
                if dx is not None:
                    # (C S, D B) @ (D B, P n) -> (C S, P n)
                    np.matmul(WT, band.z_grouped, out=band.H_grouped)
                    band.target += (band.spread @ band.H.reshape(-1, n)).reshape(
                        band.target.shape)
            if dx is not None:
                np.copyto(dx[..., samples], space.image_gradient)
        self.workspaces.put_back(spaces)
        if dw is not None:
            self._kernel_gradient(dW, dw)


class Blocked(Lowering):
    r"""Lowering by blocks of r x c outputs, which share most of what their windows read.

    The windows of a block lie in one of k_1 + (r - 1) s_1 rows, likewise columns: less of H
    is to be copied and to be added up again, for more arithmetic, as zeros frame the kernels.
    Let V' be the V of the larger windows, S' entries each, and E the 0/1 matrix that picks the
    windows of a block, one after the other, from the larger one.  Then, up to the order of
    the windows,

        V = (I ⊗ E) V',    W = (I ⊗ wᵀ) E,

    the second with one wᵀ for each output of a block.  With r = 2, c = 1 and a kernel of 2 x 1,
    say, W is banded:

        w_1 w_2  .
         .  w_1 w_2

    Only V' and W are built here; dw is the sum over the bands of what belongs to W.

    Parameters
    ----------
    geometry : Geometry
    rows, columns : int
        r and c, along the first and the last axis.

    Examples
    --------
    >>> from cnnmat import Windows
    >>> from cnnmat.layers.plans import Geometry
    >>> one = Blocked(Geometry(Windows((4, 1), (2, 1), padding=((1, 0), (0, 0))), 1, 1, 1))
    >>> one._W(np.array([[[[1.0], [2.0]]]]))
    array([[[1., 2., 0.],
            [0., 1., 2.]]])
    """

    def __init__(self, geometry, rows=2, columns=1):
        super().__init__(geometry, self._block(geometry, rows, columns))

    @staticmethod
    def _block(geometry, rows, columns):
        """The block an axis; None where there are no columns to be merged."""
        axes = len(geometry.windows.shape)
        if axes == 1:
            return (rows,) if columns == 1 else None
        return (rows, *[1] * (axes - 2), columns)

    @classmethod
    def serves(cls, geometry, rows=2, columns=1):
        """Whether blocks divide the output, without dilation along a side longer than one."""
        block, w = cls._block(geometry, rows, columns), geometry.windows
        return block is not None and all(
            r == 1 or (o % r == 0 and d == 1)
            for r, o, d in zip(block, w.output, w.dilation, strict=True))

    @classmethod
    def squares_pay(cls, geometry):
        """Whether blocks of 2 x 2 do, there being hardly any arithmetic."""
        g = geometry
        return (cls.serves(g, 2, 2) and g.C * g.windows.S <= TINY_ROWS * g.groups
                and g.D <= TINY_MAPS * g.groups
                and g.N * g.groups * g.windows.P >= MANY_OUTPUTS)

    @classmethod
    def pays(cls, geometry):
        """Whether copies cost more than the additional arithmetic of pairs of rows."""
        w = geometry.windows
        return (cls.serves(geometry) and geometry.N >= FEW_SAMPLES and w.output[-1] < SHORT_ROW
                and w.kernel[0] > 2 * w.stride[0] and geometry.D <= FEW_MAPS * geometry.groups)
