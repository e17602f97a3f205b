"""Mistakes in pooling layers."""

from functools import partial

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.pooling_layer import compute, layer_of
from cnnmat.testing.diagnosis.pooling_windows import WINDOWS, in_the_right_size
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import common, cut_to_integer, generic, transposed

__all__ = []


def bank(contract):
    """The bank of mistakes in pooling layers."""
    axes = ("sample", "channel", *("slice", "row", "column")[-contract.dims:])
    return Bank(partial(layer_of, contract), compute,
                (*MISTAKES, *WINDOWS, *in_the_right_size((*MISTAKES, *WINDOWS)),
                 *generic({"t": axes, "dx": axes}),
                 *reads({"x": (axes, BOTH), "dt": (axes, ("dx",))})),
                CHOICES, {"t": axes, "dx": axes})


# --- how a window's gradient may be handed on wrongly ------------------------------


def _all_ties(kind, values, places):
    return [float(v == max(values)) for v in values]


def _even_ties(kind, values, places):
    if kind != "max":
        return truth.pool_slopes(kind, values, places)
    return [(v == max(values)) / values.count(max(values)) for v in values]


def _nearly(kind, values, places):
    return np.isclose(values, max(values)).astype(float).tolist()


def _to(which):
    def share(kind, values, places):
        chosen = which(values)
        return [float(k == chosen) for k in range(len(values))]
    return share


def _last_tie(values):
    return len(values) - 1 - values[::-1].index(max(values))


def _whole_gradient(kind, values, places):
    return [1.0] * len(values)


def _like(kind):
    return lambda _, values, places: truth.pool_slopes(kind, values, places)


def _by_side(kind, values, places):
    return [1 / np.sqrt(places)] * len(values)


def _times_value(kind, values, places):
    return [s * v for s, v in zip(truth.pool_slopes(kind, values, places), values, strict=True)]


def _values(factor):
    return lambda kind, values, places: [factor * v for v in values]


def _nan_at_zero(kind, values, places):
    slopes = truth.pool_slopes(kind, values, places)
    return slopes if any(values) else [np.nan] * len(values)


def _of_norm(pool, answer):
    if pool.kind != "l2":
        raise ValueError("no root is taken")
    return answer


def _edit(**changes):
    return lambda pool, _: pool.but(**changes)


def _edited(**how):
    return lambda pool, _: pool.but(**{k: f(pool) for k, f in how.items()})


def _shared(slug, sentence, share, **more):
    return Mistake(slug, sentence, ("dx",), edit=_edit(share=share), **more)


def _other_kind(slug, sentence, kind):
    return Mistake(slug, sentence, ("t",), edit=_edit(kind=kind))


def _column_major(a, pool, _):
    """The flat place of the maximum taken apart with rows and columns exchanged."""
    if len(set(pool.size)) > 1:
        raise ValueError("rows and columns of the window are not alike")
    turned = pool.but(share=lambda kind, values, places: np.array(
        truth.pool_slopes(kind, values, places)).reshape(pool.size).T.ravel())
    return compute(turned, "dx")


def _aligned_at_end(pool):
    rests = [(n - k) % s for n, k, s in zip(pool.x.shape[2:], pool.size, pool.stride,
                                            strict=True)]
    return pool.x[(..., *[slice(r, None) for r in rests])]


def _reached(a, pool, _):
    return a[(..., *[slice(0, (m - 1) * s + k) for m, s, k in zip(
        pool.dt.shape[2:], pool.stride, pool.size, strict=True)])]


def _leaks(a, pool, _):
    """Pixels that no window reaches get the share of the window nearest to them."""
    if pool.partial:
        raise ValueError("windows reach every pixel")
    index = [np.minimum(np.arange(n) // k, m - 1) for n, k, m in zip(
        pool.x.shape[2:], pool.size, pool.dt.shape[2:], strict=True)]
    return pool.dt[(slice(None), slice(None), *np.ix_(*index))] / np.prod(pool.size)


def _tiled(a, pool, _):
    """Windows that tile: dt side by side, where each of its entries belongs over its window."""
    wide = np.tile(pool.dt, (1, 1, *pool.size))
    if pool.kind == "max":
        largest = compute(pool, "t")
        for axis, k in enumerate(pool.size, start=2):
            largest = np.repeat(largest, k, axis)
        wide = wide * (pool.x[tuple(map(slice, wide.shape))] == largest)
    elif pool.kind == "mean":
        wide = wide / np.prod(pool.size)
    wrong = np.zeros(pool.x.shape)
    wrong[tuple(map(slice, wide.shape))] = wide
    return wrong


def _rows_for_columns(pool):
    """dt of which as many columns are read as it has rows."""
    rows, columns = pool.dt.shape[-2:]
    if rows > columns:
        raise IndexError("more rows than columns")
    return pool.dt[..., :rows]


def _at(values, axis, new):
    values = list(values)
    values[axis] = new
    return tuple(values)


def _only_first_sample(a, *_):
    a = a.copy()
    a[1:] = 0
    return a


BOTH = ("t", "dx")
#: Ties may be broken in any way.
CHOICES = tuple(_shared("", "", share) for share in (_even_ties, _to(_last_tie)))
MISTAKES = (
    _shared("gradient-to-all-ties", "every entry that ties for the maximum gets the whole "
            "gradient: it must be given once, or shared", _all_ties),
    _shared("ties-by-tolerance", "entries that come close to the maximum get the gradient too: "
            "a mask by a tolerance", _nearly),
    _shared("gradient-to-first-entry", "the gradient goes to the first entry of the window, not "
            "to the largest", _to(lambda values: 0)),
    _shared("gradient-to-smallest", "the gradient goes to the smallest entry of the window: "
            "argmin for argmax", _to(lambda values: values.index(min(values)))),
    _shared("gradient-to-largest-magnitude", "the gradient goes to the entry of the largest "
            "magnitude", _to(lambda values: max(range(len(values)), key=lambda k: abs(values[k])))),
    Mistake("index-transposed", "the flat index of the maximum is taken apart with rows and "
            "columns of the window exchanged", ("dx",), result=_column_major),
    _shared("whole-gradient-to-each", "every entry of the window gets the whole gradient, as for "
            "a sum", _whole_gradient),
    _shared("gradient-of-mean", "the gradient is shared evenly, as for a mean", _like("mean")),
    _shared("gradient-of-max", "the gradient goes to the largest entry, as for a maximum",
            _like("max")),
    _shared("divided-by-side", "the gradient is divided by the side of the window, not by its "
            "number of entries", _by_side),
    _shared("times-value", "the value of the entry is left in as a factor of its gradient",
            _times_value),
    _shared("norm-not-divided", "the gradient of the norm is x / t: the division by t is "
            "missing", _values(1)),
    _shared("gradient-of-square", "the gradient is 2 x, that of the sum of squares without the "
            "root", _values(2)),
    _shared("nan-at-zero", "0 / 0 in a window of zeros, where 0 is a subgradient of the norm",
            _nan_at_zero, not_finite=True),
    _shared("gradient-to-the-middle", "the gradient goes to the entry in the middle of the window, "
            "not to the largest", _to(lambda values: len(values) // 2)),
    Mistake("overlap-assigned", "windows that overlap overwrite each other's gradient: = where += "
            "belongs", ("dx",), edit=_edit(overlap="assign")),
    Mistake("overlap-assigned", "each window's gradient is put over what windows before it gave: "
            "= where += belongs", ("dx",), edit=_edit(overlap="windows")),
    *(Mistake(slug, f"the places of the maxima are those of {what} 0, for every {what}", BOTH,
              edit=_edited(x=lambda pool, a=axis: np.repeat(
                  pool.x.take([0], a), pool.x.shape[a], a)))
      for slug, what, axis in (("maxima-of-sample-zero", "sample", 0),
                               ("maxima-of-channel-zero", "channel", 1))),
    Mistake("output-square", "the number of rows of the output is used for its columns as well",
            ("dx",), edit=_edited(dt=_rows_for_columns)),
    Mistake("upstream-ignored", "dt is taken as all ones: the upstream gradient is not multiplied "
            "in", ("dx",), edit=_edited(dt=lambda pool: np.ones_like(pool.dt))),
    Mistake("minimum", "the smallest entry is taken", ("t",),
            edit=_edited(x=lambda pool: -pool.x), result=lambda a, *_: -a),
    Mistake("maximum-starts-at-zero", "the running maximum starts at 0: where all entries are "
            "negative it must not", ("t",), result=lambda a, *_: np.maximum(a, 0)),
    Mistake("padding-in-maximum", "the zeros around the image take part in the maximum: pad with "
            "minus infinity", ("t",), edit=_edit(fill=0.0)),
    Mistake("largest-magnitude", "the magnitudes are compared", ("t",),
            edit=_edited(x=lambda pool: abs(pool.x))),
    _other_kind("mean-for-kind", "the mean is taken", "mean"),
    _other_kind("max-for-kind", "the maximum is taken", "max"),
    _other_kind("sum-for-mean", "the sum is not divided by the number of entries", "sum"),
    Mistake("divided-by-side", "the sum is divided by the side of the window, not by its number "
            "of entries", ("t",), result=lambda a, pool, _: a * np.prod(pool.size) ** 0.5),
    Mistake("root-of-mean-square", "the squares are averaged under the root where they belong "
            "summed", ("t",), result=lambda a, pool, _: _of_norm(pool, a / np.prod(
                pool.size) ** 0.5)),
    Mistake("root-missing", "the root of the sum of squares is not taken", ("t",),
            result=lambda a, *_: a**2),
    Mistake("stride-ignored", "windows are placed `size` apart whatever the stride", BOTH,
            edit=_edited(stride=lambda pool: pool.size)),
    Mistake("stride-one", "windows slide by one pixel", BOTH,
            edit=_edited(stride=lambda pool: (1,) * len(pool.size))),
    Mistake("stride-one", "windows slide by one pixel, as many as there should be", BOTH,
            edit=_edited(stride=lambda pool: (1,) * len(pool.size), as_many=lambda pool: True)),
    *(Mistake(f"stride-ignored-axis-{axis}", f"the stride is ignored along {what} only", BOTH,
              edit=_edited(stride=lambda pool, a=axis - 2: _at(pool.stride, a, 1),
                           as_many=lambda pool, m=many: m))
      for axis, what in ((0, "rows"), (1, "columns")) for many in (False, True)),
    Mistake("stride-axes-swapped", "the strides are taken in reverse, columns first", BOTH,
            edit=_edited(stride=lambda pool: pool.stride[::-1])),
    Mistake("dilation-ignored", "the dilation is ignored", BOTH,
            edit=_edited(dilation=lambda pool: (1,) * len(pool.size))),
    Mistake("padding-ignored", "the padding is ignored", BOTH,
            edit=_edited(padding=lambda pool: ((0, 0),) * len(pool.size))),
    Mistake("padding-counted", "the zeros of the border are counted in the mean, which is to be "
            "one of pixels only", BOTH, edit=_edit(count_padding=True)),
    Mistake("padding-not-counted", "the zeros of the border are left out of the mean, where they "
            "are to be counted", BOTH, edit=_edit(count_padding=False)),
    Mistake("incomplete-windows-kept", "windows that hang over the end are kept where they are to "
            "be dropped", ("t",), edit=_edit(partial=True)),
    Mistake("stride-ignored", "windows are placed `size` apart whatever the stride, and cut off "
            "at the end", BOTH, edit=_edited(stride=lambda pool: pool.size,
                                             partial=lambda pool: True)),
    Mistake("incomplete-windows-dropped", "windows that hang over the end are dropped where they "
            "are to be kept", ("t",), edit=_edit(partial=False)),
    Mistake("aligned-at-the-end", "what does not fill a window is left out at the start and not "
            "at the end", ("t",), edit=_edited(x=_aligned_at_end)),
    Mistake("window-sides-exchanged", "rows and columns of the window are exchanged", ("t",),
            edit=_edited(size=lambda pool: pool.size[::-1],
                         stride=lambda pool: pool.stride[::-1])),
    Mistake("one-column-of-the-window", "only the first column of each window is looked at",
            ("t",), edit=_edited(x=lambda pool: pool.x, size=lambda pool: (*pool.size[:-1], 1)),
            result=lambda a, pool, _: a[..., :pool.dt.shape[-1]]),
    Mistake("one-row-of-the-window", "only the first row of each window is looked at", ("t",),
            edit=_edited(size=lambda pool: (1, *pool.size[1:])),
            result=lambda a, pool, _: a[:, :, :pool.dt.shape[2]]),
    Mistake("subsampled", "the first entry of each window is taken", ("t",),
            edit=_edited(size=lambda pool: (1,) * len(pool.size)),
            result=lambda a, pool, _: a[tuple(map(slice, pool.dt.shape))]),
    Mistake("over-channels", "the channels are pooled together", ("t",),
            result=lambda a, *_: np.broadcast_to(a.max(1, keepdims=True), a.shape)),
    Mistake("first-sample-only", "only sample 0 is computed, the others stay zero", BOTH,
            result=_only_first_sample),
    Mistake("dx-too-small", "dx ends where the last window ends: the pixels left over need their "
            "zeros", ("dx",), result=_reached),
    Mistake("rest-gets-gradient", "pixels that no window reaches get a gradient: theirs is 0",
            ("dx",), result=_leaks),
    Mistake("tiled-not-repeated", "dt is tiled where each of its entries should be repeated",
            ("dx",), result=_tiled),
    Mistake("upstream-transposed", "dt is read with rows and columns exchanged", ("dx",),
            edit=_edited(dt=lambda pool: _square_turned(pool.dt))),
    *common(BOTH, lambda pool: len(pool.x)),
    cut_to_integer(BOTH, lambda pool: pool.form == "integer"),
    transposed("output-transposed", "rows and columns of the output are exchanged", BOTH, -1, -2),
)


def _square_turned(dt):
    if dt.shape[-1] != dt.shape[-2]:
        raise ValueError("rows and columns of dt are not alike")
    return dt.swapaxes(-1, -2)
