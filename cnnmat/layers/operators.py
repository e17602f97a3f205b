r"""A correlation layer as a linear operator: its matrix, its Jacobians, its norm.

x and z enter as vectors, ``x.ravel()`` with x of shape (C, M_1, ...) and ``z.ravel()``
with z of shape (D, P_1, ...).  Rows and columns of V are permuted accordingly: images
row by row, maps one after the other.
"""

from __future__ import annotations

from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from cnnmat import arguments
from cnnmat.layers.correlation import correlate, correlate_transpose
from cnnmat.layers.lowering import windows_view
from cnnmat.textbook.pooling import scale_for
from cnnmat.textbook.vec import frozen, index_type, read_only
from cnnmat.textbook.windows import Windows
from cnnmat.typing import Array, ArrayLike, Csr, Int, Ints, Padding

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator

__all__ = ["CorrelationOperator"]

# up to this many rows or columns a dense singular value decomposition is quicker
DENSE = 256


def csr_bytes(shape, entries, dtype):
    """Bytes of a CSR matrix: a value and a column an entry, a start a row."""
    index = index_type(*shape, entries).itemsize
    return entries * (dtype.itemsize + index) + (shape[0] + 1) * index


class CorrelationOperator:
    r"""The matrix with z = matrix @ x, D P x C M, of `correlate` with a kernel w.

    Nothing is built until it is asked for.

    Parameters
    ----------
    shape : tuple of int
        (C, M_1, ...), one to three image axes.
    w : array_like, shape (D, C / groups, k_1, ...)
        A copy is kept.
    stride, padding, dilation, groups
        As for `cnnmat.layers.correlation.correlate`.
    max_bytes : int
        A matrix that takes more is refused.

    Attributes
    ----------
    windows : Windows
    shape : tuple of two int
        (D P, C M).
    entries : int
        Stored entries of `matrix`; places on padding have none.
    nbytes : int
        Bytes of `matrix`.

    Examples
    --------
    >>> layer = CorrelationOperator((1, 2, 3), [[[[1, 10]]]])
    >>> layer.shape, layer.entries
    ((4, 6), 8)
    >>> layer.matrix.toarray()
    array([[ 1, 10,  0,  0,  0,  0],
           [ 0,  1, 10,  0,  0,  0],
           [ 0,  0,  0,  1, 10,  0],
           [ 0,  0,  0,  0,  1, 10]])
    """

    windows: Windows
    shape: tuple[int, int]
    output: tuple[int, ...]
    w: Array

    def __init__(self, shape: tuple[int, ...], w: ArrayLike, *, stride: Ints = 1,
                 padding: Padding = 0, dilation: Ints = 1, groups: Int = 1,
                 max_bytes: Int = 2**30) -> None:
        if not isinstance(shape, tuple):
            raise TypeError("shape must be a tuple (C, M_1, ...), got "
                            f"{type(shape).__name__}; w comes behind it")
        # a copy: the operator stays equal to its matrix whatever becomes of the argument
        self.w = read_only(arguments.array("w", w).copy())
        if self.w.dtype == object:
            raise TypeError("w must hold numbers, got exact entries")
        if len(shape) != self.w.ndim - 1:
            raise ValueError("shape must be (C, ...) with as many image axes as w of shape "
                             f"{self.w.shape} has, got {shape!r}")
        self.image = arguments.integers("shape", shape, len(shape), 1)
        self.groups = arguments.integer("groups", groups, 1)
        self.max_bytes = arguments.integer("max_bytes", max_bytes, 1)
        with arguments.renamed(kernel="w"):
            self.windows = Windows(self.image[1:], self.w.shape[2:], stride, padding, dilation)
        D, before = self.w.shape[:2]
        if before * self.groups != self.image[0] or D % self.groups:
            raise ValueError(f"w must have shape (D, {self.image[0]} / groups, ...) with groups "
                             f"= {self.groups} dividing D, got {self.w.shape}")
        self.output = (D, *self.windows.output)
        self.shape = (prod(self.output), prod(self.image))
        self.dtype = self.w.dtype
        # maps of z and of x that meet, and maps a group
        self._maps = (D // self.groups, before)

    def __repr__(self) -> str:
        return (f"CorrelationOperator({self.shape[0]} x {self.shape[1]}, "
                f"{self.entries} entries, {self.nbytes} bytes)")

    @cached_property
    def _inside(self):
        """Places of all windows that lie on the image, of P S."""
        w, total = self.windows, 1
        for axis, (before, _) in enumerate(w.padding):
            at = (np.arange(w.output[axis])[:, None] * w.stride[axis]
                  + np.arange(w.kernel[axis]) * w.dilation[axis] - before)
            total *= int(((at >= 0) & (at < w.shape[axis])).sum())
        return total

    def _refuse_above(self, what, shape, nbytes):
        if nbytes > self.max_bytes:
            raise ValueError(f"max_bytes must be at least {nbytes} for {what} of shape {shape}, "
                             f"got {self.max_bytes}; aslinearoperator() needs no matrix")

    @property
    def entries(self) -> int:
        return self.groups * prod(self._maps) * self._inside

    @property
    def nbytes(self) -> int:
        return csr_bytes(self.shape, self.entries, self.dtype)

    def _places(self):
        """Index in a map of each place of each window, shape (P, S); -1 on padding."""
        w = self.windows
        number = np.full([m + sum(p) for m, p in zip(w.shape, w.padding, strict=True)], -1,
                         dtype=index_type(w.M))
        number[tuple(slice(b, b + m) for m, (b, _) in zip(w.shape, w.padding, strict=True))] = (
            np.arange(w.M).reshape(w.shape))
        return windows_view(number[None, ..., None], w).reshape(w.S, w.P).T

    @cached_property
    def matrix(self) -> Csr:
        """The whole matrix, CSR: block [d, c] is (V^(d,c))ᵀ = (I ⊗ wᵀ) V."""
        self._refuse_above("the matrix", self.shape, self.nbytes)
        after, before = self._maps
        places = self._places()
        # entries of one map d: (P, maps of its group, S), less those on padding
        inside = np.repeat((places >= 0)[:, None], before, axis=1)
        index = index_type(*self.shape, self.entries)
        columns = (places[:, None] + self.windows.M * np.arange(before, dtype=index)[:, None])
        columns = columns[inside]
        group = np.arange(self.output[0], dtype=index) // after
        indices = (columns + before * self.windows.M * group[:, None]).ravel()
        kernels = self.w.reshape(-1, 1, before, self.windows.S).astype(self.dtype)
        data = np.concatenate([np.broadcast_to(w, inside.shape)[inside] for w in kernels])
        lengths = np.tile(inside.sum(axis=(1, 2)), self.output[0])
        starts = np.concatenate([[0], lengths.cumsum()]).astype(index)
        return frozen(sparse.csr_array((data, indices, starts), shape=self.shape))

    def jacobian_x(self) -> Csr:
        """dz/dx: the matrix itself, for z is linear in x."""
        return self.matrix

    def jacobian_w(self, x: ArrayLike) -> Csr:
        r"""dz/dw at x: I ⊗ Hᵀ, CSR of shape (D P, D C / groups S).

        Parameters
        ----------
        x : array_like, shape (C, M_1, ...)

        Examples
        --------
        >>> layer = CorrelationOperator((1, 1, 3), [[[[1, 10]]]])
        >>> layer.jacobian_w([[[5, 6, 7]]]).toarray()
        array([[5, 6],
               [6, 7]])
        """
        x = arguments.array("x", x, self.image)
        after, before = self._maps
        row, P = before * self.windows.S, self.windows.P
        shape, dtype = (self.shape[0], self.w.size), np.result_type(x, self.dtype)
        entries = self.shape[0] * row
        self._refuse_above("the Jacobian in w", shape, csr_bytes(shape, entries, dtype))
        # the zero that padding holds comes last, where index -1 finds it
        maps = np.zeros((self.groups, before, self.windows.M + 1), dtype)
        maps[..., :-1] = x.reshape(self.groups, before, -1)
        # (groups, C / groups, P, S) -> (groups, P, C / groups S), for each map of the group
        H = maps[..., self._places()].swapaxes(1, 2).reshape(self.groups, P * row)
        index = index_type(*shape, entries)
        indices = np.repeat(np.arange(self.w.size, dtype=index).reshape(-1, row), P, axis=0)
        starts = np.arange(0, entries + 1, row, dtype=index)
        return sparse.csr_array((np.repeat(H, after, axis=0).ravel(), indices.ravel(), starts),
                                shape=shape)

    def _layer(self):
        w = self.windows
        return {"stride": w.stride, "padding": w.padding, "dilation": w.dilation,
                "groups": self.groups}

    def _forward(self, columns):
        """matrix @ columns, the columns as a batch: (C M, n) -> (D P, n)."""
        x = np.ascontiguousarray(arguments.numbers_of("x", columns).T).reshape(-1, *self.image)
        return correlate(x, self.w, **self._layer()).reshape(len(x), -1).T

    def _adjoint(self, columns):
        """matrix.T @ columns: (D P, n) -> (C M, n)."""
        z = np.ascontiguousarray(arguments.numbers_of("x", columns).T).reshape(-1, *self.output)
        w = self.windows
        reach = ((o - 1) * s - sum(p) + span for o, s, p, span in
                 zip(w.output, w.stride, w.padding, w.span, strict=True))
        extra = tuple(m - r for m, r in zip(w.shape, reach, strict=True))
        x = correlate_transpose(z, self.w, output_padding=extra, **self._layer())
        return x.reshape(len(z), -1).T

    def __matmul__(self, x: ArrayLike) -> Array:
        """matrix @ x without the matrix: x is a vector of C M entries, or such columns.

        Examples
        --------
        >>> CorrelationOperator((1, 1, 3), [[[[1, 10]]]]) @ [1, 2, 3]
        array([21, 32])
        """
        x = arguments.array("x", x)
        if x.ndim not in (1, 2) or len(x) != self.shape[1]:
            raise ValueError(f"x must have shape ({self.shape[1]},) or ({self.shape[1]}, K) in "
                             f"operator @ x, got {x.shape}")
        z = self._forward(x.reshape(len(x), -1))
        return z.reshape(len(z), *x.shape[1:])

    def aslinearoperator(self) -> LinearOperator:
        """The layer as a ``scipy.sparse.linalg.LinearOperator``, without a matrix.

        matvec, matmat and ``@`` run `correlate`, the adjoint runs `correlate_transpose`.

        Examples
        --------
        >>> layer = CorrelationOperator((1, 1, 3), [[[[1, 10]]]])
        >>> operator = layer.aslinearoperator()
        >>> operator @ [1, 2, 3]
        array([21, 32])
        >>> operator.T @ [1, 2]
        array([ 1, 12, 20])
        """
        # imported here: it takes a sixth as long as all of cnnmat
        from scipy.sparse.linalg import LinearOperator

        return LinearOperator(
            self.shape, dtype=self.dtype, matmat=self._forward, rmatmat=self._adjoint,
            matvec=lambda x: self._forward(np.reshape(x, (-1, 1))).ravel(),
            rmatvec=lambda z: self._adjoint(np.reshape(z, (-1, 1))).ravel())

    def singular_values(self, count: Int = 6) -> Array:
        """The `count` largest singular values, descending.

        Examples
        --------
        >>> CorrelationOperator((1, 4), [[[1.0, -1.0]]]).singular_values(2).round(4)
        array([1.8478, 1.4142])
        """
        count = arguments.integer("count", count, 1)
        if count > min(self.shape):
            raise ValueError(f"count must be at most {min(self.shape)}, the smaller side of the "
                             f"matrix, got {count}")
        scale, exact = self._scaled()
        if min(self.shape) <= DENSE or count == min(self.shape):
            self._refuse_above("the dense matrix", self.shape, 8 * prod(self.shape))
            values = np.linalg.svd(exact.matrix.toarray(), compute_uv=False)[:count]
        elif not exact.w.any():
            values = np.zeros(count)
        else:
            from scipy.sparse.linalg import svds

            # a fixed start, for results to be the same each time
            start = np.random.default_rng(0).standard_normal(min(self.shape))
            values = np.sort(svds(exact.aslinearoperator(), k=count, v0=start,
                                  return_singular_vectors=False))[::-1]
        return values * scale

    def _scaled(self):
        """A power of two and the operator over it in float64, the squares of whose entries fit."""
        w = self.w.astype(np.promote_types(self.dtype, float))
        scale = scale_for(abs(w).max(), 2)
        return scale, CorrelationOperator(self.image, (w / scale).astype(float), **self._layer(),
                                          max_bytes=self.max_bytes)

    def norm(self) -> np.floating:
        """The operator norm: by how much the layer can lengthen x at most.

        Examples
        --------
        >>> layer = CorrelationOperator((1, 4), [[[1.0, 1.0]]])
        >>> float(layer.norm().round(4)), float(layer.kernel_norm().round(4))
        (1.8478, 1.4142)
        """
        return self.singular_values(1)[0]

    def kernel_norm(self) -> np.floating:
        """The spectral norm of w reshaped to D x C S, which is often taken for `norm`.

        It is something else: windows overlap, so that the layer's norm may be larger, up
        to sqrt(S) times with stride 1.
        """
        scale, exact = self._scaled()
        return np.linalg.norm(exact.w.reshape(len(exact.w), -1), 2) * scale
