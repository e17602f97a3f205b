"""Sizes for claims about windows on images of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Axis", "axis", "inside"]


@dataclass
class Axis:
    """Along one axis: entries of the image, of the kernel, windows, and how these stand."""

    image: Any
    kernel: Any
    windows: Any
    stride: Any = 1
    dilation: Any = 1
    padding: Any = (0, 0)
    rest: Any = 0


def inside(e: Any, kernel: str, windows: str, image: str) -> Axis:
    """Windows one entry apart that lie inside: every image that a kernel fits into."""
    K, P = e.sizes(kernel, windows)
    return Axis(e.size(image, P + K - 1), K, P)


def axis(e: Any, mark: str = "", *, stride: bool = True, dilation: bool = True,
         padding: bool = True) -> Axis:
    """Any stride, dilation and padding, and any rest r of entries that no window reaches.

    Whatever the image, there is one P and one r below the stride with which it has this size.
    """
    K, P = e.sizes(f"K{mark}", f"P{mark}")
    s = e.sizes(f"s{mark}") if stride else 1
    d = e.sizes(f"d{mark}") if dilation else 1
    before, after = e.paddings(f"a{mark}", f"b{mark}") if padding else (0, 0)
    rest = e.remainder(f"r{mark}", s)
    length = (P - 1) * s + (K - 1) * d + 1 + rest - before - after
    return Axis(e.size(f"H{mark}", length), K, P, s, d, (before, after), rest)
