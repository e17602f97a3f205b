r"""The direct sum, tap by tap: what all paths are held to.

    z_n^(d)(p) = b_d + Σ_j Σ_s w_j^(d)(s) x_n^(j)(m),   m the entry at tap s of window p,

over the taps that lie inside the image.  A tap on the padding has no term: the text writes a
zero there, and a product with it is left out, which tells only where a weight is infinite or
NaN.  The gradients are made of the same products, sent back.  Here each of them is formed
once, and nothing else, so NaN and infinity go where the sum has them and nowhere else.

Rounding.  Let u be half the machine epsilon and n the number of products in a sum.  Whatever
the order of its additions, each product is rounded once and passes through at most n - 1
additions more, or n with the bias; each rounding multiplies by 1 + δ with |δ| <= u.  With
(1 + u)^n - 1 <= n u / (1 - n u) =: γ_n, of a computed result ẑ entry by entry

    |ẑ - z| <= γ_{n+1} (Σ |w| |x| + |b|),

as long as no product underflows (each that does adds at most half the smallest subnormal
number).  Nothing overflows where Σ |w| |x| + |b|, made larger by 1 + γ_{n+1}, is in range.
The bound holds for every path that forms the same products and sums them in any order, with
exact zeros among them or not: literal, lowering, blocked and this one.  Here n is S C / groups
for z, S D / groups for dx, N P for dw and db.
"""

from itertools import product

import numpy as np

from cnnmat.layers.plans import places_along

__all__ = ["Direct"]

# channels that make a product worth its call
CHANNELS = 8


class Direct:
    """One product of w and x for each tap; a 1 x 1 kernel with stride 1 has just one.

    Parameters
    ----------
    geometry : Geometry
    """

    def __init__(self, geometry):
        self.geometry = g = geometry
        axes = range(len(g.windows.shape))
        taps = [list(zip(*tap, strict=True)) for tap in
                product(*(places_along(g.windows, axis) for axis in axes))]
        self.taps = [(tap, (..., *image), (..., *window)) for tap, image, window in taps]
        # whether there is but one product, to be written and not added
        self.alone = self.is_alone(geometry)
        self.nbytes = 2**9 * len(self.taps)

    @staticmethod
    def pays(geometry):
        """Whether there is one tap, or few of them that read long rows of many channels."""
        windows = geometry.windows
        return windows.S == 1 or (len(windows.shape) == 1
                                  and geometry.C >= CHANNELS * geometry.groups)

    @staticmethod
    def is_alone(geometry):
        """Whether V is the identity, H being x itself."""
        windows = geometry.windows
        return windows.S == 1 and windows.output == windows.shape and not np.any(windows.padding)

    def _W(self, w, tap):
        g = self.geometry
        return w[(..., *tap)].reshape(g.groups, g.D // g.groups, g.C // g.groups)

    def _maps(self, a, places):
        """The entries of an image batch at `places` as (N, groups, maps a group, entries)."""
        return a[places].reshape(len(a), self.geometry.groups, a.shape[1] // self.geometry.groups,
                                 -1)

    def _add(self, target, places, a):
        """`a` added to the `target`, or put into it if it is all."""
        part = target[places]
        a = a.reshape(part.shape)
        if self.alone:
            part[...] = a
        else:
            part += a

    def forward(self, x, w, b, out):
        """z_n = Σ_s w_s x_n(s) + b 1ᵀ, written to `out`."""
        if not self.alone:
            out[...] = 0
        for tap, image, window in self.taps:
            # (D, C) @ (N, C, P) -> (N, D, P), for each group
            self._add(out, window, np.matmul(self._W(w, tap), self._maps(x, image)))
        if b is not None:
            out += b.reshape(-1, *[1] * (out.ndim - 2))

    def backward(self, dz, x, w, dx, dw):
        """dx_n(s) = Σ w_sᵀ δ_n and dw_s = Σ_n δ_n x_n(s)ᵀ, each where there is an array for it."""
        for result in (dx, dw):
            if result is not None and not self.alone:
                result[...] = 0
        for tap, image, window in self.taps:
            delta = self._maps(dz, window)
            if dx is not None:
                self._add(dx, image, np.matmul(self._W(w, tap).mT, delta))
            if dw is not None:
                dw[(..., *tap)] = (delta @ self._maps(x, image).mT).sum(0).reshape(dw.shape[:2])
