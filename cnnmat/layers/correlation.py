r"""Correlation layers as they are used: one to three dimensions, any stride and padding.

Arrays are laid out as in PyTorch: x is (N, C, M_1, ...), w is (D, C / groups, k_1, ...),
the result z is (N, D, P_1, ...).  `padding` may be an int, one int an axis, one
(before, after) pair an axis, "same" or "valid".

Two paths lead to the same result.  ``method="literal"`` is the text read aloud: V as a
sparse matrix, one product, Vᵀ back.  ``method="fast"`` is chosen by geometry: "direct" for
kernels of one entry and for lines of many channels, "blocked" where pairs of output rows do
it together ("-2x2": squares of four outputs, where hardly any arithmetic is to be done),
otherwise "lowering", sample by sample ("-apart") or with samples innermost ("-together"); each
can be asked for by its name.  "auto" is fast for numbers and literal for exact entries.

``method="measured"`` runs the paths in question once for each geometry and type, and keeps to
the fastest as long as the process runs.  That costs four steps of each path, and then up to
a second.  `path_name` says which it is; that name as `method` gives the same bits again.

All of these round no worse, entry by entry, than the direct sum (`layers.direct` has the
bound), overflow only where it may, and let NaN and infinity through where it does.
``method="winograd"`` is faster for wide 3 x 3 layers and keeps a bound of another kind
(`layers.winograd`): one large entry may spoil results that do not see it.

float32 stays float32, float16 is computed in float32, integers exactly in int64: those that
might lead beyond it are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cnnmat.typing import Array, ArrayLike, BackwardOptions, Int, Ints, Method, Options, Padding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import DTypeLike
    from typing_extensions import Unpack

from cnnmat import arguments
from cnnmat.arguments import largest, within_int64
from cnnmat.layers.paths import (
    METHODS,
    geometry_of,
    name_of,
    numbers,
    plan_for,
    require_shape,
    result_array,
)
from cnnmat.layers.pooling import pool, pool_backward
from cnnmat.textbook.windows import Windows

__all__ = [
    "convolve", "convolve_backward", "correlate", "correlate_backward", "correlate_transpose",
    "correlate_transpose_backward", "path_name", "pool", "pool_backward",
]


def _read(x, w, b):
    """x, w and, if there is one, b, in their common type."""
    return numbers(("x", x), ("w", w), *(() if b is None else (("b", b),)))


def _bias_gradient(dz):
    """Σ over samples and windows; the windows last, where NumPy sums pairwise."""
    return dz.reshape(*dz.shape[:2], -1).sum(axis=-1).sum(axis=0)


def correlate(x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, *, stride: Ints = 1,
              padding: Padding = 0, dilation: Ints = 1, groups: Int = 1, method: Method = "auto",
              out: Array | None = None) -> Array:
    r"""z_n^(d) = Σ_j H_n^(j)ᵀ w_j^(d) + b_d 1: PyTorch's ``conv1d``, ``conv2d``, ``conv3d``.

    Parameters
    ----------
    x : array_like, shape (N, C, M_1, ...)
    w : array_like, shape (D, C / groups, k_1, ...)
    b : array_like, shape (D,), optional
        b = -Σ_j θ_j in the text's letters.
    stride, dilation : int or tuple of int
    padding : int, tuple of int, tuple of (before, after) pairs, "same" or "valid"
    groups : int
    method : {"auto", "fast", "measured"} or a path's name
        "literal", "lowering" ("lowering-apart" sample by sample, "lowering-together" with
        samples innermost), "blocked" ("blocked-1x2", "blocked-2x2", "blocked-2x4"), "direct" or
        "winograd".
    out : ndarray, shape (N, D, P_1, ...), optional
        Where to write the result, in the type of the result.

    Returns
    -------
    ndarray, shape (N, D, P_1, ...)

    Examples
    --------
    >>> correlate([[[1, 2, 4, 8]]], [[[1, -1]], [[1, 1]]])
    array([[[-1, -2, -4],
            [ 3,  6, 12]]])
    """
    given, (x, w, *bias) = (x, w, b), _read(x, w, b)
    plan = plan_for(x.shape, w.shape, x.dtype, method, stride, padding, dilation, groups)
    for one in bias:
        require_shape("b", one, w.shape[:1])
    if x.dtype.kind == "i":
        within_int64("x, w and b", w[0].size * largest(x) * largest(w) + sum(map(largest, bias)))
    out = result_array("out", out, plan.geometry.z_shape, x.dtype, x, w, *bias, *given)
    plan.forward(x, w, bias[0] if bias else None, out)
    return out


def correlate_backward(
        dz: ArrayLike, x: ArrayLike, w: ArrayLike, *, stride: Ints = 1, padding: Padding = 0,
        dilation: Ints = 1, groups: Int = 1, method: Method = "auto", with_dx: bool = True,
        out: tuple[Array | None, Array, Array] | None = None) -> tuple[Array | None, Array, Array]:
    r"""The gradients that belong to `correlate`, from the gradient dz by its result.

    Parameters
    ----------
    dz : array_like, shape (N, D, P_1, ...)
    x : array_like, shape (N, C, M_1, ...)
    w : array_like, shape (D, C / groups, k_1, ...)
    stride, padding, dilation, groups, method
        As for `correlate`.
    with_dx : bool
        False leaves dx out, which a network's first layer has no use for: it is None.
    out : tuple of three ndarray, optional
        Where to write dx, dw and db; None in place of one for a fresh array.

    Returns
    -------
    dx, dw, db : ndarray
        Of the shapes of x, w and b.

    Examples
    --------
    >>> dx, dw, db = correlate_backward([[[1, 0, 10]]], [[[1, 2, 4, 8]]], [[[1, -1]]])
    >>> dx, dw, db
    (array([[[  1,  -1,  10, -10]]]), array([[[41, 82]]]), array([11]))
    """
    inputs = [dz, x, w]
    dz, x, w = numbers(("dz", dz), ("x", x), ("w", w))
    plan = plan_for(x.shape, w.shape, x.dtype, method, stride, padding, dilation, groups)
    require_shape("dz", dz, plan.geometry.z_shape)
    if x.dtype.kind == "i":
        within_int64("dz, x and w", largest(dz) * max(
            w[:, 0].size * largest(w), dz[:, 0].size * max(largest(x), 1)))
    dx, dw, db = _three(out)
    inputs += [dz, x, w]
    dx = result_array("out[0]", dx, x.shape, x.dtype, *inputs) if with_dx else None
    dw = result_array("out[1]", dw, w.shape, x.dtype, *inputs, dx)
    db = result_array("out[2]", db, w.shape[:1], x.dtype, *inputs, dx, dw)
    plan.backward(dz, x, w, dx, dw)
    db[...] = _bias_gradient(dz)
    return dx, dw, db


def _three(out):
    """`out` as where to write dx, dw and db, None for a fresh array."""
    if out is None:
        return None, None, None
    if not isinstance(out, (tuple, list)) or len(out) != 3:
        raise TypeError("out must be a tuple of three arrays, for dx, dw and db, got "
                        f"{type(out).__name__}")
    return out


def path_name(x_shape: Sequence[int], w_shape: Sequence[int], dtype: DTypeLike = "float64", *,
              stride: Ints = 1, padding: Padding = 0, dilation: Ints = 1, groups: Int = 1,
              method: Method = "auto") -> str:
    """The name of the path that `correlate` takes, to be given as its `method`.

    Parameters
    ----------
    x_shape, w_shape : tuple of int
        Of x, (N, C, M_1, ...), and of w, (D, C / groups, k_1, ...).
    dtype : dtype
        The type in which the layer is computed.
    stride, padding, dilation, groups, method
        As for `correlate`; "measured" holds the trial if there was none.

    Returns
    -------
    str

    Examples
    --------
    >>> path_name((64, 1, 28, 28), (6, 1, 5, 5)), path_name((64, 1, 28, 28), (6, 1, 1, 1))
    ('blocked-2x2', 'direct')
    """
    arguments.choice("method", method, METHODS)
    dtype = arguments.computed_in(np.dtype(dtype))
    return name_of(method, geometry_of(tuple(x_shape), tuple(w_shape), dtype, stride, padding,
                                       dilation, groups))


def _flip(w):
    return np.flip(w, tuple(range(2, w.ndim)))


def convolve(x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None,
             **layer: Unpack[Options]) -> Array:
    """`correlate` with the kernel flipped along every image axis.

    Parameters
    ----------
    x, w, b
        As for `correlate`.
    **layer
        stride, padding, dilation, groups, method and out, as for `correlate`.

    Returns
    -------
    ndarray, shape (N, D, P_1, ...)

    Examples
    --------
    >>> convolve([[[1, 2, 4, 8]]], [[[1, -1]]])
    array([[[1, 2, 4]]])
    """
    return correlate(x, _flip(arguments.rectangular("w", w)), b, **layer)


def convolve_backward(dz: ArrayLike, x: ArrayLike, w: ArrayLike,
                      **layer: Unpack[BackwardOptions]) -> tuple[Array | None, Array, Array]:
    """The gradients that belong to `convolve`; as `correlate_backward`.

    Examples
    --------
    >>> convolve_backward([[[1, 0, 10]]], [[[1, 2, 4, 8]]], [[[1, -1]]])[1]
    array([[[82, 41]]])
    """
    dx, dw, db = _three(layer.pop("out", None))
    layer["out"] = (dx, _flip(dw) if isinstance(dw, np.ndarray) else dw, db)
    dx, dw, db = correlate_backward(dz, x, _flip(arguments.rectangular("w", w)), **layer)
    return dx, _flip(dw), db


def _transposed_windows(x_shape, w_shape, stride, padding, output_padding, dilation):
    """The image that `correlate` takes to one of the shape of x."""
    axes = len(w_shape) - 2
    if len(x_shape) != len(w_shape) or not 1 <= axes <= 3:
        raise ValueError("x and w must both have three to five axes, "
                         f"got shapes {x_shape} and {w_shape}")
    if isinstance(padding, str):
        raise ValueError("padding must be an integer, a tuple of them or of pairs for a "
                         f"transposed correlation, got {padding!r}")
    # a single place, to have the arguments read
    one = Windows((1,) * axes, 1, stride, padding, dilation)
    extra = arguments.integers("output_padding", output_padding, axes)
    if any(e >= s for e, s in zip(extra, one.stride, strict=True)):
        raise ValueError("output_padding must be smaller than stride, for the matrix to be the "
                         f"transpose of a correlation's, got {extra} with stride {one.stride}")
    shape = tuple(
        (m - 1) * s - before - after + d * (k - 1) + 1 + e
        for m, s, (before, after), d, k, e in zip(
            x_shape[2:], one.stride, one.padding, one.dilation, w_shape[2:], extra, strict=True))
    if min(shape) < 1:
        raise ValueError(f"padding must leave an image, got one of shape {shape}")
    return shape


def _transposed_plan(x, w, stride, padding, output_padding, dilation, groups, method):
    groups = arguments.integer("groups", groups, 1)
    shape = _transposed_windows(x.shape, w.shape, stride, padding, output_padding, dilation)
    if x.shape[1] != w.shape[0]:
        raise ValueError(f"w must have shape ({x.shape[1]}, ...) for the {x.shape[1]} channels "
                         f"of x, got {w.shape}")
    return plan_for((x.shape[0], w.shape[1] * groups, *shape), w.shape, x.dtype, method, stride,
                 padding, dilation, groups)


def correlate_transpose(
        x: ArrayLike, w: ArrayLike, b: ArrayLike | None = None, *, stride: Ints = 1,
        padding: Padding = 0, output_padding: Ints = 0, dilation: Ints = 1, groups: Int = 1,
        method: Method = "auto", out: Array | None = None) -> Array:
    """The transposed matrix of `correlate` at work: PyTorch's ``conv_transpose1d`` to ``3d``.

    Parameters
    ----------
    x : array_like, shape (N, C, P_1, ...)
    w : array_like, shape (C, D / groups, k_1, ...)
        The kernel of the correlation from D to C maps that this transposes.
    b : array_like, shape (D,), optional
    padding : int, tuple of int or tuple of (before, after) pairs
        What is cut off the result.
    output_padding : int or tuple of int
        Further rows of the result, smaller than `stride`: which of the images that
        `correlate` takes to the shape of x.
    stride, dilation, groups, method, out
        As for `correlate`.

    Returns
    -------
    ndarray, shape (N, D, (P_1 - 1) stride - padding + span + output_padding, ...)

    Examples
    --------
    >>> correlate_transpose([[[1, 10]]], [[[1, 2, 3]]], stride=2)
    array([[[ 1,  2, 13, 20, 30]]])
    """
    given, (x, w, *bias) = (x, w, b), _read(x, w, b)
    plan = _transposed_plan(x, w, stride, padding, output_padding, dilation, groups, method)
    for one in bias:
        require_shape("b", one, plan.geometry.x_shape[1:2])
    within_int64("x, w and b", w[:, 0].size * largest(x) * largest(w) + sum(map(largest, bias)))
    out = result_array("out", out, plan.geometry.x_shape, x.dtype, x, w, *bias, *given)
    plan.backward(x, None, w, out, None)
    if bias:
        out += bias[0].reshape(-1, *[1] * (out.ndim - 2))
    return out


def correlate_transpose_backward(
        dz: ArrayLike, x: ArrayLike, w: ArrayLike, *, stride: Ints = 1, padding: Padding = 0,
        output_padding: Ints = 0, dilation: Ints = 1, groups: Int = 1,
        method: Method = "auto") -> tuple[Array, Array, Array]:
    """The gradients (dx, dw, db) that belong to `correlate_transpose`.

    Examples
    --------
    >>> dx, dw, db = correlate_transpose_backward([[[1, 2, 3, 4, 5]]], [[[1, 10]]],
    ...                                           [[[1, 2, 3]]], stride=2)
    >>> dx, dw, db
    (array([[[14, 26]]]), array([[[31, 42, 53]]]), array([15]))
    """
    dz, x, w = numbers(("dz", dz), ("x", x), ("w", w))
    plan = _transposed_plan(x, w, stride, padding, output_padding, dilation, groups, method)
    require_shape("dz", dz, plan.geometry.x_shape)
    within_int64("dz, x and w", largest(dz) * max(
        w[0].size * largest(w), dz[:, 0].size, x[:, 0].size * largest(x)))
    dx, dw = np.empty(x.shape, x.dtype), np.empty(w.shape, w.dtype)
    plan.forward(dz, w, None, dx)
    plan.backward(x, dz, None, None, dw)
    return dx, dw, _bias_gradient(dz)
