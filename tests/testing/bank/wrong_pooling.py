"""Poolings that are wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import (
    max_pool,
    max_pool_back,
    mean_pool,
    mean_pool_back,
    regions,
)
from tests.testing.bank.register import wrong_made, wrong_pair

max_forward = partial(wrong_pair, "pooling", backward=max_pool_back, pooling="max")
max_backward = partial(wrong_pair, "pooling", forward=max_pool, pooling="max")
mean_forward = partial(wrong_pair, "pooling", backward=mean_pool_back, pooling="mean")
mean_backward = partial(wrong_pair, "pooling", forward=mean_pool, pooling="mean")


def spread(t, x, size):
    """Each entry of t as often as its region is large, zeros where no region is."""
    big = np.zeros(x.shape)
    rows, columns = t.shape[2] * size, t.shape[3] * size
    big[:, :, :rows, :columns] = t.repeat(size, 2).repeat(size, 3)
    return big


@max_backward()
def all_ties(dt, x, size):
    """x == max: every tied entry gets the whole gradient."""
    return (x == spread(max_pool(x, size), x, size)) * spread(dt, x, size)


@max_backward()
def first_of_window(dt, x, size):
    """The gradient goes to the top left entry of the window."""
    dx = np.zeros(x.shape)
    dx[:, :, :dt.shape[2] * size:size, :dt.shape[3] * size:size] = dt
    return dx


@max_backward()
def to_the_smallest(dt, x, size):
    """argmin for argmax."""
    return max_pool_back(dt, -x, size)


@max_backward()
def index_column_major(dt, x, size):
    """The flat index of the maximum is taken apart in the wrong order."""
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dt.shape):
        part = np.s_[n, c, i * size:(i + 1) * size, j * size:(j + 1) * size]
        l, k = divmod(x[part].argmax(), size)
        dx[part][k, l] = dt[n, c, i, j]
    return dx


@max_backward()
def everywhere_in_window(dt, x, size):
    """The gradient of a sum: every entry of the window gets it."""
    return spread(dt, x, size)


@max_backward()
def like_the_mean(dt, x, size):
    """The gradient of mean pooling."""
    return mean_pool_back(dt, x, size)


@max_backward()
def times_the_maximum(dt, x, size):
    """The maximum itself is left in as a factor."""
    return max_pool_back(dt * max_pool(x, size), x, size)


@max_backward()
def max_sign(dt, x, size):
    """The sign."""
    return -max_pool_back(dt, x, size)


@max_backward()
def cropped_gradient(dt, x, size):
    """The rows and columns that no window reaches are missing in dx."""
    dx = max_pool_back(dt, x, size)
    return dx[:, :, :dt.shape[2] * size, :dt.shape[3] * size]


@max_backward()
def dt_transposed(dt, x, size):
    """dt is read with rows and columns exchanged."""
    if dt.shape[2] != dt.shape[3]:
        raise IndexError("out of range")
    return max_pool_back(dt.swapaxes(2, 3), x, size)


@max_backward()
def ones_for_dt(dt, x, size):
    """The mask alone; dt is not multiplied in."""
    return max_pool_back(np.ones_like(dt), x, size)


@max_forward()
def minimum(x, size):
    """min for max."""
    return -max_pool(-x, size)


@max_forward()
def starts_at_zero(x, size):
    """The running maximum starts at 0: all-negative windows give 0."""
    return np.maximum(max_pool(x, size), 0)


@max_forward()
def largest_magnitude(x, size):
    """max |x|."""
    return max_pool(abs(x), size)


@max_forward()
def rows_only(x, size):
    """The maximum along rows is forgotten: one column of each window is looked at."""
    return regions(x, size)[..., 0].max(-1)


@max_forward()
def keeps_incomplete(x, size):
    """Windows that hang over the edge are kept though they are to be dropped."""
    more = [-n % size for n in x.shape[2:]]
    return max_pool(np.pad(x, ((0, 0), (0, 0), (0, more[0]), (0, more[1])),
                           constant_values=-np.inf), size)


@max_forward()
def aligned_at_the_end(x, size):
    """What does not fit is cut off at the top and left."""
    return max_pool(x[:, :, x.shape[2] % size:, x.shape[3] % size:], size)


@max_forward()
def stride_one(x, size):
    """Windows slide by one."""
    return regions(x, size, 1).max((4, 5))


@max_forward()
def over_channels(x, size):
    """The maximum runs over the channels as well."""
    return np.broadcast_to(max_pool(x, size).max(1, keepdims=True),
                           max_pool(x, size).shape).copy()


@max_forward()
def first_sample_pooled(x, size):
    """Only sample 0 is pooled."""
    t = np.zeros_like(max_pool(x, size))
    t[0] = max_pool(x, size)[0]
    return t


@max_forward()
def subsampled(x, size):
    """x[::size, ::size]: no maximum at all."""
    return x[:, :, :x.shape[2] // size * size:size, :x.shape[3] // size * size:size].copy()


@max_forward()
def averaged(x, size):
    """The mean for the maximum."""
    return mean_pool(x, size)


@mean_forward()
def divided_by_side(x, size):
    """Divided by size, not by size squared."""
    return mean_pool(x, size) * size


@mean_forward()
def summed(x, size):
    """Not divided at all."""
    return mean_pool(x, size) * size**2


@mean_forward()
def mean_cut_to_integer(x, size):
    """The output takes the type of the input."""
    return mean_pool(x, size).astype(x.dtype)


@mean_forward()
def median(x, size):
    """The median of the window."""
    return np.median(regions(x, size), (4, 5))


@mean_backward()
def not_divided(dt, x, size):
    """The share 1/size² is left out on the way back."""
    return spread(dt, x, size)


@mean_backward()
def back_divided_by_side(dt, x, size):
    """1/size in place of 1/size²."""
    return spread(dt, x, size) / size


@mean_backward()
def back_to_one_entry(dt, x, size):
    """All of it to one entry, as with a maximum."""
    return max_pool_back(dt, x, size)


@mean_backward()
def tiled_not_repeated(dt, x, size):
    """np.tile in place of np.repeat."""
    dx = np.zeros(x.shape)
    t = np.tile(dt, (1, 1, size, size)) / size**2
    dx[:, :, :t.shape[2], :t.shape[3]] = t
    return dx


@mean_backward()
def spread_over_remainder(dt, x, size):
    """The last window's gradient leaks into the pixels that no window reaches."""
    rows = np.minimum(np.arange(x.shape[2]) // size, dt.shape[2] - 1)
    columns = np.minimum(np.arange(x.shape[3]) // size, dt.shape[3] - 1)
    return dt[:, :, rows][:, :, :, columns] / size**2


@mean_backward()
def mean_by_batch(dt, x, size):
    """Divided by N as well."""
    return mean_pool_back(dt, x, size) / len(x)


def strided(x, size, stride):
    return regions(x, size, stride).max((4, 5))


@wrong_pair("pooling", forward=strided, pooling="max", stride="int")
def overlapping_assigned(dt, x, size, stride):
    """= for += where windows overlap and share their maximum."""
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dt.shape):
        part = np.s_[n, c, i * stride:i * stride + size, j * stride:j * stride + size]
        k, l = np.unravel_index(x[part].argmax(), (size, size))
        dx[part][k, l] = dt[n, c, i, j]
    return dx


@wrong_pair("pooling", forward=strided, pooling="max", stride="int")
def window_left_out(dt, x, size, stride):
    """Windows are placed `size` apart on the way back, whatever the stride."""
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dt.shape):
        part = x[n, c, i * size:i * size + size, j * size:j * size + size]
        if part.size:
            k, l = np.unravel_index(part.argmax(), part.shape)
            dx[n, c, i * size + k, j * size + l] += dt[n, c, i, j]
    return dx


@wrong_made("pooling", pooling="max", stride="int")
def pooling_stride_ignored():
    """stride = size whatever was asked for."""
    def forward(x, size, stride):
        return max_pool(x, size)

    return (forward,)


def mean_padded(x, size, stride, padding):
    wide = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return regions(wide, size, stride).mean((4, 5))


def mean_padded_back(dt, x, size, stride, padding):
    dx = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
    for n, c, i, j in np.ndindex(dt.shape):
        dx[n, c, i * stride:i * stride + size, j * stride:j * stride + size] += (
            dt[n, c, i, j] / size**2)
    return dx[:, :, padding:padding + x.shape[2], padding:padding + x.shape[3]]


@wrong_made("pooling", pooling="mean", stride="int", padding="int", count_padding=False)
def average_counts_padding():
    """The zeros outside are counted though only pixels are to be averaged."""
    return mean_padded, mean_padded_back


@wrong_made("pooling", pooling="mean", stride="int", padding="int", count_padding=True)
def average_leaves_padding_out():
    """Only pixels are averaged though the zeros outside are to be counted."""
    def forward(x, size, stride, padding):
        ones = mean_padded(np.ones_like(x), size, stride, padding)
        return mean_padded(x, size, stride, padding) / ones

    return forward, mean_padded_back


@wrong_made("pooling", pooling="max", stride="int", padding="int")
def maximum_sees_zeros():
    """Zeros around the image take part in the maximum."""
    def forward(x, size, stride, padding):
        wide = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        return regions(wide, size, stride).max((4, 5))

    return (forward,)


@wrong_made("pooling", pooling="max", size="tuple")
def sides_of_window_swapped():
    """size is read as (columns, rows)."""
    def forward(x, size):
        k, l = size
        every = np.lib.stride_tricks.sliding_window_view(x, (l, k), (2, 3))
        return every[:, :, ::l, ::k].max((4, 5))

    return (forward,)


def l2(x, size):
    return np.sqrt((regions(x, size) ** 2).sum((4, 5)))


def l2_back(dt, x, size):
    t = l2(x, size)
    return x * spread(dt / np.where(t == 0, 1, t), x, size)


@wrong_pair("pooling", backward=l2_back, pooling="l2")
def root_forgotten(x, size):
    """The sum of squares, without the root."""
    return (regions(x, size) ** 2).sum((4, 5))


@wrong_pair("pooling", backward=l2_back, pooling="l2")
def root_of_mean_square(x, size):
    """The root of the mean of the squares."""
    return l2(x, size) / size


@wrong_pair("pooling", forward=l2, pooling="l2")
def l2_not_divided(dt, x, size):
    """x where x / t is due."""
    return x * spread(dt, x, size)


@wrong_pair("pooling", forward=l2, pooling="l2")
def l2_nan_at_zero(dt, x, size):
    """0 / 0 in a window of zeros."""
    with np.errstate(all="ignore"):
        return x * spread(dt / l2(x, size), x, size)


@wrong_pair("pooling", forward=l2, pooling="l2")
def l2_gradient_of_square(dt, x, size):
    """2 x: the gradient of the sum of squares."""
    return 2 * x * spread(dt, x, size)


@wrong_made("pooling", pooling="max")
def mask_of_last_forward():
    """The mask is the one of the last forward pass, whatever x is handed in."""
    last = {}

    def forward(x, size):
        last["x"] = x.copy()
        return max_pool(x, size)

    def backward(dt, x, size):
        kept = last.get("x", x)
        return max_pool_back(dt, kept if kept.shape == x.shape else x, size)

    return forward, backward
