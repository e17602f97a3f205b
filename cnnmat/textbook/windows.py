"""Arithmetic of sliding windows in any number of dimensions.

The one place that validates kernel, stride, padding and dilation, and the one
place that turns them into output sizes and index lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from cnnmat import arguments
from cnnmat.textbook.vec import index_type, read_only
from cnnmat.typing import Indices, Ints, Padding

__all__ = ["Windows"]


@dataclass(frozen=True)
class Windows:
    """Where a window may stand on an image, and what it covers there.

    Parameters
    ----------
    shape : int or tuple of int
        The image, one length an axis (rows first).
    kernel : int or tuple of int
        The window.
    stride, dilation : int or tuple of int
        Step between windows, and between the entries of one; 1 is the plain case.
    padding : int, tuple of int, tuple of (before, after) pairs, "same" or "valid"
        Zeros around the image.  "same" gives ``ceil(shape / stride)`` windows an
        axis, an odd zero going after; "valid" is 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of that form, or the window, dilation counted, is
        larger than the padded image.

    Examples
    --------
    A 2 x 2 window on a 3 x 4 image, two columns at a time:

    >>> windows = Windows((3, 4), kernel=2, stride=(1, 2))
    >>> windows.output
    (2, 2)
    >>> windows.indices
    array([[ 0,  1,  3,  4],
           [ 1,  2,  4,  5],
           [ 6,  7,  9, 10],
           [ 7,  8, 10, 11]], dtype=int32)
    """

    shape: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...] = 1  # type: ignore[assignment]
    padding: tuple[tuple[int, int], ...] = 0  # type: ignore[assignment]
    dilation: tuple[int, ...] = 1  # type: ignore[assignment]

    if TYPE_CHECKING:
        # what goes in; the attributes are what __post_init__ makes of it
        def __init__(self, shape: Ints, kernel: Ints, stride: Ints = 1, padding: Padding = 0,
                     dilation: Ints = 1) -> None: ...

    def __post_init__(self) -> None:
        axes = len(self.shape) if arguments.is_sequence(self.shape) else 1
        if axes == 0:
            raise ValueError("shape must have at least one axis, got ()")
        put = object.__setattr__
        put(self, "shape", arguments.integers("shape", self.shape, axes, 1))
        for name in ("kernel", "stride", "dilation"):
            sizes = arguments.integers(name, getattr(self, name), axes, 1)
            if max(sizes) >= 2**40:
                raise ValueError(f"{name} must be below 2**40, as images are, got {sizes}")
            put(self, name, sizes)
        put(self, "padding", self._pairs(self.padding))
        for axis, (length, span, (before, after)) in enumerate(
            zip(self.shape, self.span, self.padding, strict=True)
        ):
            if span > length + before + after:
                raise ValueError(
                    f"kernel must fit into the padded image: along axis {axis} it spans "
                    f"{span} of {before}+{length}+{after}"
                )

    def _pairs(self, padding):
        """`padding` as one (before, after) pair an axis."""
        if isinstance(padding, str):
            return arguments.choice("padding", padding, {
                "valid": lambda: ((0, 0),) * len(self.shape), "same": self._same,
            })()
        if arguments.is_sequence(padding) and len(padding) and all(
                map(arguments.is_sequence, padding)):
            if len(padding) != len(self.shape):
                raise ValueError(f"padding must be {len(self.shape)} pairs (before, after), "
                                 f"got {len(padding)} of them")
            return tuple(arguments.integers(f"padding[{k}]", p, 2)
                         for k, p in enumerate(padding))
        return tuple((p, p) for p in arguments.integers("padding", padding, len(self.shape)))

    def _same(self):
        pairs = []
        for length, span, step in zip(self.shape, self.span, self.stride, strict=True):
            total = max((-(-length // step) - 1) * step + span - length, 0)
            pairs.append((total // 2, total - total // 2))
        return tuple(pairs)

    @property
    def span(self) -> tuple[int, ...]:
        """Length of the window along each axis, dilation counted."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))

    @property
    def output(self) -> tuple[int, ...]:
        """Number of windows along each axis."""
        return tuple(
            (length + before + after - span) // step + 1
            for length, span, step, (before, after)
            in zip(self.shape, self.span, self.stride, self.padding, strict=True)
        )

    @property
    def M(self) -> int:
        """Number of entries of the image."""
        return prod(self.shape)

    @property
    def S(self) -> int:
        """Number of entries of a window."""
        return prod(self.kernel)

    @property
    def P(self) -> int:
        """Number of windows."""
        return prod(self.output)

    @cached_property
    def indices(self) -> Indices:
        """Positions in vec(image) of the entries of each window, shape (P, S), read-only.

        Windows and the entries of one follow the order of vec: the first axis
        runs fastest.  An entry that lies on padding is -1.  The type is int32, or
        int64 for an image of 2³¹ entries and more.
        """
        # an image of its own positions with -1 around it, read through a strided view; vec lets
        # the first axis run fastest, so the axes are laid out in reverse
        extent = [n + b + a for n, (b, a) in zip(self.shape, self.padding, strict=True)]
        index = index_type(self.M)
        with arguments.room("shape, kernel and padding",
                            index.itemsize * (self.M + prod(extent) + self.P * self.S)):
            return self._read_windows(np.full(extent[::-1], -1, dtype=index))

    def _read_windows(self, numbered):
        inner = [slice(b, b + n) for n, (b, _) in zip(self.shape, self.padding, strict=True)]
        numbered[tuple(inner[::-1])] = np.arange(
            self.M, dtype=numbered.dtype).reshape(self.shape[::-1])
        steps = numbered.strides
        view = np.lib.stride_tricks.as_strided(
            numbered, (*self.output[::-1], *self.kernel[::-1]),
            [s * one for s, one in zip(self.stride[::-1], steps, strict=True)]
            + [d * one for d, one in zip(self.dilation[::-1], steps, strict=True)],
            writeable=False)
        return read_only(view.reshape(self.P, self.S))
