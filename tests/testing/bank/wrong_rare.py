"""Wrong in one situation only, written later: what each feature of the generator is there for."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import conv, conv_back, max_pool, max_pool_back
from tests.testing.bank.register import wrong_pair

forward = partial(wrong_pair, "correlation", backward=conv_back)
backward = partial(wrong_pair, "correlation", forward=conv)


@forward()
def stride_at_most_the_kernel(x, w, b, stride, padding):
    """Windows are made to touch: a stride larger than the kernel is cut down."""
    return conv(x, w, b, min(stride, max(w.shape[2:])), padding)


@forward()
def padding_at_most_half_the_kernel(x, w, b, stride, padding):
    """More padding than half the kernel is cut down."""
    return conv(x, w, b, stride, min(padding, max(w.shape[2:]) // 2))


@forward()
def padding_means_same(x, w, b, stride, padding):
    """Any padding is taken for half the kernel where the kernel is large and odd."""
    k = w.shape[2]
    return conv(x, w, b, stride, k // 2 if padding and k > 3 and k % 2 else padding)


@forward()
def one_window_is_squeezed(x, w, b, stride, padding):
    """The axes of a single window are lost where the kernel covers the image."""
    z = conv(x, w, b, stride, padding)
    return z[:, :, 0, 0] if w.shape[2:] == x.shape[2:] else z


@forward()
def scales_and_restores(x, w, b, stride, padding):
    """x is doubled for a while and halved again, to the bit: only a read-only array notices."""
    x *= 2
    z = conv(x, w / 2, b, stride, padding)
    x /= 2
    return z


@forward()
def even_kernels_off_centre(x, w, b, stride, padding):
    """Kernels of an even number of rows, with padding, sit one row too low."""
    if w.shape[2] % 2 == 0 and padding:
        x = np.concatenate([x[:, :, 1:], 0 * x[:, :, :1]], 2)
    return conv(x, w, b, stride, padding)


@forward()
def one_row_kernels_flipped(x, w, b, stride, padding):
    """A path for kernels of one row that convolves."""
    return conv(x, w[..., ::-1] if w.shape[2] == 1 < w.shape[3] else w, b, stride, padding)


@backward()
def gradient_of_skipped_pixels(dz, x, w, stride, padding):
    """Pixels that no window sees get 1e-3: a buffer that was not set to zero."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    seen = conv_back(np.ones_like(dz), np.ones_like(x), np.ones_like(w), stride, padding)[0]
    return dx + 1e-3 * (seen == 0), dw, db


@wrong_pair("pooling", forward=max_pool, pooling="max")
def nan_where_all_are_negative(dt, x, size):
    """0/0 in a window without a positive entry."""
    dx = max_pool_back(dt, x, size)
    return dx * (np.nan if (x < 0).all() else 1)


@wrong_pair("activation", forward=lambda x: np.maximum(x, 0), name="relu")
def zero_by_zero(dy, x):
    """relu(x) / x for the slope, which is 0/0 at zero."""
    with np.errstate(all="ignore"):
        return dy * np.maximum(x, 0) / x
