"""What a caller says of the functions under test, and how a setting is said to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from cnnmat import arguments

__all__ = []

#: What is under test may take and return whatever it likes: that is looked at when it runs.
Function: TypeAlias = Callable[..., Any]
Precision: TypeAlias = Literal["float64", "float32"]
Layout: TypeAlias = Literal["NCHW", "NHWC", "CHW", "HWC"]
KernelLayout: TypeAlias = Literal["OIHW", "HWIO", "OHWI"]
MatrixLayout: TypeAlias = Literal["out_in", "in_out"]
Bias: TypeAlias = Literal["add", "subtract", "none"]
AddedBias: TypeAlias = Literal["add", "none"]
#: How a setting is handed over.
Spoken: TypeAlias = Literal["int", "tuple"]
SpokenIfAtAll: TypeAlias = Literal["int", "tuple", "none"]
SpokenInPairs: TypeAlias = Literal["int", "tuple", "none", "pairs", "same", "half", "valid"]
Pooling: TypeAlias = Literal["max", "mean", "sum", "l2"]
Incomplete: TypeAlias = Literal["drop", "partial", "never"]
Risk: TypeAlias = Literal["softmax_cross_entropy", "squared_error", "binary_cross_entropy",
                          "sigmoid_cross_entropy", "hinge", "binary_hinge"]
Softmax: TypeAlias = Literal["softmax", "log_softmax"]
#: Along which axis of N x K (or K x N) the classes lie.
Classes: TypeAlias = Literal["last", "first"]
Average: TypeAlias = Literal["samples", "entries", "sum"]
Target: TypeAlias = Literal["one_hot", "labels"]
Decay: TypeAlias = Literal["weights", "all"]
Rule: TypeAlias = Literal["sgd", "nesterov", "rmsprop", "adam", "adamw"]
#: Where ε stands: √s + ε, √(s + ε), or √s + ε before the bias of Adam's s is corrected.
Epsilon: TypeAlias = Literal["outside", "inside", "hat"]
BatchedLayout: TypeAlias = Literal["NCHW", "NHWC"]
Probability: TypeAlias = Literal["drop", "keep"]
#: Whether α of a local response is divided by the size of the window.
Alpha: TypeAlias = Literal["divided", "whole"]
#: Of a transposed correlation: C channels come in, D maps go out.
TransposedLayout: TypeAlias = Literal["IOHW", "OIHW", "HWIO", "HWOI"]
Upsampling: TypeAlias = Literal["nearest", "bilinear"]
MeanOrMax: TypeAlias = Literal["mean", "max"]
Mode: TypeAlias = Literal["train", "eval"]
BatchLayout: TypeAlias = Literal["NCHW", "NHWC", "NC"]
LayerLayout: TypeAlias = Literal["NF", "NTF", "NCHW"]
#: The shape of one number for each channel: (C,), or with an axis of length 1 for each other one.
Parameters: TypeAlias = Literal["flat", "broadcast"]
#: Whose weight the momentum of running values is, if there are any.
Running: TypeAlias = Literal["none", "new", "old"]
Variance: TypeAlias = Literal["unbiased", "biased"]

#: The layout of the kernels that goes with each of the images.
KERNELS: dict[Layout, KernelLayout] = {
    "NCHW": "OIHW", "NHWC": "HWIO", "CHW": "OIHW", "HWC": "HWIO"}
#: Layouts of one sample, without an axis for it.
OF_ONE = ("CHW", "HWC")


@dataclass(frozen=True)
class Demands:
    """What a caller asks for beyond right values.

    Parameters
    ----------
    only, supports : tuple of str
        What is tried, and what must not be refused; see `limits`.
    accept : tuple of str
        Conventions that need no note; see `notes`.
    strict : bool
        Whether all other conventions are wrong.
    """

    only: tuple[str, ...] = ()
    supports: tuple[str, ...] = ()
    accept: tuple[str, ...] = ()
    strict: bool = False


NOTHING_MORE = Demands()


def one_of(**given):
    """Each keyword is (value, the `Literal` that it must be of)."""
    for name, (value, kind) in given.items():
        arguments.choice(name, value, dict.fromkeys(get_args(kind)))


def functions(forward, backward):
    """The functions under test, by what each does."""
    return {"forward": forward} | ({} if backward is None else {"backward": backward})


def turned(layout, array):
    """Images in canonical order (N x C x image) as a layout has them.

    Examples
    --------
    >>> import numpy as np
    >>> turned("HWC", np.zeros((1, 2, 3, 4))).shape
    (3, 4, 2)
    """
    axes = range(array.ndim)
    if layout.endswith("HWC"):
        array = array.transpose(0, *axes[2:], 1)
    return array[0] if layout in OF_ONE else array


def turned_back(layout, array):
    """`turned` undone.

    Examples
    --------
    >>> import numpy as np
    >>> turned_back("HWC", np.zeros((3, 4, 2))).shape
    (1, 2, 3, 4)
    """
    array = array[None] if layout in OF_ONE else array
    axes = range(array.ndim)
    return array.transpose(0, axes[-1], *axes[1:-1]) if layout.endswith("HWC") else array


def spoken(value, how):
    """A setting as it is handed over.

    Examples
    --------
    >>> spoken([[1, 1], [2, 2]], "tuple"), spoken([3, 3], "int")
    ((1, 2), 3)
    """
    if how == "pairs":
        return tuple(tuple(p) for p in value)
    plain = [p[0] if isinstance(p, (list, tuple)) else p for p in value]
    return plain[0] if how == "int" else tuple(plain)


def same_padding(image, kernel, stride, dilation):
    """[before, after] for each axis such that there are ⌈image / stride⌉ windows.

    Where the zeros are odd in number, the one more comes after.

    Examples
    --------
    >>> same_padding([5, 4], [3, 2], [1, 1], [1, 1])
    [[1, 1], [0, 1]]
    """
    pairs = []
    for n, k, s, d in zip(image, kernel, stride, dilation, strict=True):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        pairs.append([total // 2, total - total // 2])
    return pairs


def half_padding(image, kernel, stride, dilation):
    """[before, after] for each axis: half the window, rounded down, on both sides.

    Examples
    --------
    >>> half_padding([5, 4], [3, 2], [1, 1], [1, 1])
    [[1, 1], [1, 1]]
    """
    return [[(d * (k - 1) + 1) // 2] * 2 for k, d in zip(kernel, dilation, strict=True)]


#: Padding that functions choose themselves.
UNSPOKEN = {"same": same_padding, "half": half_padding}


def expressible(value, how, nothing):
    """Whether a setting can be said: `nothing` is what it is where it cannot be said at all."""
    pairs = [tuple(p) if isinstance(p, (list, tuple)) else (p, p) for p in value]
    if how in UNSPOKEN:
        return True
    if how == "none":
        return all(p == (nothing, nothing) for p in pairs)
    if how == "pairs":
        return True
    even = all(a == b for a, b in pairs)
    return even and (how == "tuple" or len(set(pairs)) == 1)
