"""What a caller says of the functions under test, and how a setting is said to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, get_args

from cnnmat import arguments

__all__ = []

#: What is under test may take and return whatever it likes: that is looked at when it runs.
Function: TypeAlias = Callable[..., Any]
Precision: TypeAlias = Literal["float64", "float32"]
Layout: TypeAlias = Literal["NCHW", "NHWC"]
KernelLayout: TypeAlias = Literal["OIHW", "HWIO", "OHWI"]
MatrixLayout: TypeAlias = Literal["out_in", "in_out"]
Bias: TypeAlias = Literal["add", "subtract", "none"]
#: How a setting is handed over.
Spoken: TypeAlias = Literal["int", "tuple"]
SpokenIfAtAll: TypeAlias = Literal["int", "tuple", "none"]
SpokenInPairs: TypeAlias = Literal["int", "tuple", "none", "pairs"]
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
KERNELS: dict[Layout, KernelLayout] = {"NCHW": "OIHW", "NHWC": "HWIO"}


def one_of(**given):
    """Each keyword is (value, the `Literal` that it must be of)."""
    for name, (value, kind) in given.items():
        arguments.choice(name, value, dict.fromkeys(get_args(kind)))


def functions(forward, backward):
    """The functions under test, by what each does."""
    return {"forward": forward} | ({} if backward is None else {"backward": backward})


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


def expressible(value, how, nothing):
    """Whether a setting can be said: `nothing` is what it is where it cannot be said at all."""
    pairs = [tuple(p) if isinstance(p, (list, tuple)) else (p, p) for p in value]
    if how == "none":
        return all(p == (nothing, nothing) for p in pairs)
    if how == "pairs":
        return True
    even = all(a == b for a, b in pairs)
    return even and (how == "tuple" or len(set(pairs)) == 1)
