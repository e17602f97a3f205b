"""Correlation layers whose forward pass is wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import conv, conv_back, pad, sizes, windows
from tests.testing.bank.register import wrong_made, wrong_pair

wrong = partial(wrong_pair, "correlation", backward=conv_back)


@wrong()
def flipped(x, w, b, stride, padding):
    """True convolution: the kernel is turned by 180 degrees."""
    return conv(x, w[:, :, ::-1, ::-1], b, stride, padding)


@wrong()
def scipy_convolve(x, w, b, stride, padding):
    """scipy.signal.convolve, thinking that it is what networks do."""
    from scipy.signal import convolve

    z = np.stack([[sum(convolve(pad(x, padding)[n, c], w[d, c], mode="valid")
                       for c in range(x.shape[1])) for d in range(len(w))]
                  for n in range(len(x))])
    return z[:, :, ::stride, ::stride] + b[:, None, None]


@wrong()
def flipped_in_rows(x, w, b, stride, padding):
    """The kernel upside down, columns right."""
    return conv(x, w[:, :, ::-1], b, stride, padding)


@wrong()
def kernel_transposed(x, w, b, stride, padding):
    """Rows and columns of the kernel are mixed up."""
    if w.shape[2] != w.shape[3]:
        raise ValueError("shapes do not fit")
    return conv(x, w.swapaxes(2, 3), b, stride, padding)


@wrong()
def stride_ignored(x, w, b, stride, padding):
    """The stride is not looked at."""
    return conv(x, w, b, 1, padding)


@wrong()
def padding_ignored(x, w, b, stride, padding):
    """The padding is not looked at."""
    return conv(x, w, b, stride, 0)


@wrong()
def stride_not_in_columns(x, w, b, stride, padding):
    """Only rows are skipped."""
    return conv(x, w, b, 1, padding)[:, :, ::stride]


@wrong()
def stride_not_in_rows(x, w, b, stride, padding):
    """Only columns are skipped."""
    return conv(x, w, b, 1, padding)[:, :, :, ::stride]


@wrong()
def padding_only_in_rows(x, w, b, stride, padding):
    """Zeros above and below, none left and right."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (0, 0)))
    return conv(x, w, b, stride, 0)


@wrong()
def padding_only_before(x, w, b, stride, padding):
    """Zeros above and left, none below and right."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, 0), (padding, 0)))
    return conv(x, w, b, stride, 0)


@wrong()
def padding_repeats_the_edge(x, w, b, stride, padding):
    """The border is continued outwards where zeros are asked for."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="edge")
    return conv(x, w, b, stride, 0)


@wrong()
def padding_is_cyclic(x, w, b, stride, padding):
    """The image is wrapped around, as an FFT without zeros does."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="wrap")
    return conv(x, w, b, stride, 0)


@wrong()
def last_row_left_at_zero(x, w, b, stride, padding):
    """range(OH - 1): the last row of windows is never computed."""
    z = conv(x, w, b, stride, padding)
    z[:, :, -1] = 0
    return z


@wrong()
def output_too_short(x, w, b, stride, padding):
    """The + 1 in the output's size is forgotten."""
    return conv(x, w, b, stride, padding)[:, :, :-1, :-1]


@wrong()
def output_square(x, w, b, stride, padding):
    """The output's height is used for its width as well."""
    right = conv(x, w, b, stride, padding)
    z = np.zeros((*right.shape[:3], right.shape[2]))
    for i in range(right.shape[2]):
        for j in range(right.shape[2]):
            z[:, :, i, j] = right[:, :, i, j]
    return z


@wrong()
def no_bias(x, w, b, stride, padding):
    """The bias is forgotten."""
    return conv(x, w, 0 * b, stride, padding)


@wrong()
def bias_subtracted(x, w, b, stride, padding):
    """z = ... - b, as one of the texts has it."""
    return conv(x, w, -b, stride, padding)


@wrong()
def bias_once_a_channel(x, w, b, stride, padding):
    """The bias is added inside the loop over the input channels."""
    return conv(x, w, b * x.shape[1], stride, padding)


@wrong()
def bias_of_filter_zero(x, w, b, stride, padding):
    """b[0] is used for every map."""
    return conv(x, w, np.full_like(b, b[0]), stride, padding)


@wrong()
def first_channel_only(x, w, b, stride, padding):
    """Only channel 0 is read: a grey image was assumed."""
    return conv(x[:, :1], w[:, :1], b, stride, padding)


@wrong()
def kernel_of_channel_zero(x, w, b, stride, padding):
    """One kernel a filter, used on all channels."""
    return conv(x, np.repeat(w[:, :1], w.shape[1], 1), b, stride, padding)


@wrong()
def last_channel_only(x, w, b, stride, padding):
    """z[n, d] = ... inside the loop over channels, where += is needed."""
    z = np.zeros((len(x), len(w), *sizes(x, w, stride, padding)))
    patches = windows(x, w, stride, padding)
    for c in range(x.shape[1]):
        z[:] = np.einsum("nijkl,dkl->ndij", patches[:, c], w[:, c])
    return z + b[:, None, None]


@wrong()
def mean_over_channels(x, w, b, stride, padding):
    """The channels are averaged."""
    return conv(x, w / w.shape[1], b, stride, padding)


@wrong()
def weights_normalised(x, w, b, stride, padding):
    """The patch is averaged, not summed: divided by the kernel's size."""
    return conv(x, w / (w.shape[2] * w.shape[3]), b, stride, padding)


@wrong()
def filters_and_channels_swapped(x, w, b, stride, padding):
    """w is read as C x D x kh x kw."""
    if x.shape[1] != w.shape[0]:
        raise ValueError("channels do not fit")
    return conv(x, w.swapaxes(0, 1), b[:w.shape[1]], stride, padding)


@wrong()
def filters_reshaped_wrongly(x, w, b, stride, padding):
    """The weights are reshaped to C x D where they should have been transposed."""
    d, c, *k = w.shape
    return conv(x, w.reshape(c, d, *k).swapaxes(0, 1), b, stride, padding)


@wrong()
def first_sample_only(x, w, b, stride, padding):
    """The loop over the batch returns too early; the rest is zero."""
    z = np.zeros((len(x), len(w), *sizes(x, w, stride, padding)))
    z[:1] = conv(x[:1], w, b, stride, padding)
    return z


@wrong()
def first_sample_for_all(x, w, b, stride, padding):
    """x[0] is read for every n."""
    return conv(np.broadcast_to(x[:1], x.shape), w, b, stride, padding)


@wrong()
def always_same_padding(x, w, b, stride, padding):
    """Pads by half the kernel whatever was asked for."""
    kh, kw = w.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (kh // 2, kh // 2), (kw // 2, kw // 2)))
    return conv(x, w, b, stride, 0)


@wrong()
def window_off_by_one(x, w, b, stride, padding):
    """Windows start one pixel too low."""
    moved = np.zeros_like(x)
    moved[:, :, :-1] = x[:, :, 1:]
    return conv(moved, w, b, stride, padding)


@wrong()
def incomplete_windows_kept(x, w, b, stride, padding):
    """ceil for floor in the output's size: windows hang over the edge."""
    more = [-(x.shape[2 + a] + 2 * padding - w.shape[2 + a]) % stride for a in (0, 1)]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding + more[0]), (padding, padding + more[1])))
    return conv(x, w, b, stride, 0)


@wrong()
def stride_taken_as_dilation(x, w, b, stride, padding):
    """The taps are `stride` apart and the windows one."""
    d, c, kh, kw = w.shape
    wide = np.zeros((d, c, (kh - 1) * stride + 1, (kw - 1) * stride + 1))
    wide[:, :, ::stride, ::stride] = w
    return conv(x, wide, b, 1, padding)


@wrong()
def single_precision(x, w, b, stride, padding):
    """Computes in float32 though float64 comes in."""
    return conv(x.astype("f4"), w.astype("f4"), b.astype("f4"), stride, padding).astype("f8")


@wrong()
def output_takes_type_of_input(x, w, b, stride, padding):
    """np.zeros(..., x.dtype): an integer image cuts the sums off."""
    z = np.zeros((len(x), len(w), *sizes(x, w, stride, padding)), x.dtype)
    z[...] = conv(x, w, b, stride, padding)
    return z


@wrong()
def bytes_as_they_lie(x, w, b, stride, padding):
    """Reads memory as if every array were C-contiguous, as a C kernel would."""
    def flat(a):
        base = a if a.base is None else a.base
        return np.frombuffer(base.tobytes("A"), a.dtype)[:a.size].reshape(a.shape)

    return conv(flat(x), flat(w), b, stride, padding)


@wrong()
def relu_included(x, w, b, stride, padding):
    """The activation is already applied."""
    return np.maximum(conv(x, w, b, stride, padding), 0)


@wrong()
def output_transposed(x, w, b, stride, padding):
    """Rows and columns of the output are exchanged."""
    return conv(x, w, b, stride, padding).swapaxes(2, 3)


@wrong()
def one_by_one_path_without_bias(x, w, b, stride, padding):
    """A fast path for 1 x 1 kernels that forgets the bias."""
    return conv(x, w, 0 * b if w.shape[2:] == (1, 1) else b, stride, padding)


@wrong()
def padding_counted_once(x, w, b, stride, padding):
    """OH = (H + p - k) / s + 1: one p too few in the output's size."""
    oh, ow = [(x.shape[2 + a] + padding - w.shape[2 + a]) // stride + 1 for a in (0, 1)]
    return conv(x, w, b, stride, padding)[:, :, :oh, :ow]


@wrong()
def divided_by_batch(x, w, b, stride, padding):
    """The output is averaged over the batch size, as if it were a risk."""
    return conv(x, w, b, stride, padding) / len(x)


@wrong()
def absolute_weights(x, w, b, stride, padding):
    """|w| for w (a test with positive weights does not show it)."""
    return conv(x, abs(w), b, stride, padding)


@wrong()
def integer_weights_cut(x, w, b, stride, padding):
    """The weights go through int()."""
    return conv(x, w.astype(int), b, stride, padding)


@wrong()
def stops_at_kernel_three(x, w, b, stride, padding):
    """Unrolled by hand for kernels up to 3 x 3; larger ones are cut."""
    cut = w.copy()
    cut[:, :, 3:], cut[:, :, :, 3:] = 0, 0
    return conv(x, cut, b, stride, padding)


@wrong_made("correlation")
def buffer_handed_out():
    """One output buffer a shape, overwritten by the next call."""
    buffers = {}

    def forward(x, w, b, stride, padding):
        z = conv(x, w, b, stride, padding)
        buffer = buffers.setdefault(z.shape, np.empty(z.shape))
        buffer[...] = z
        return buffer

    return forward, conv_back


@wrong_made("correlation")
def columns_cached_by_shape():
    """The column matrix is cached under the shape of x and never made anew."""
    cache = {}

    def forward(x, w, b, stride, padding):
        key = x.shape, w.shape, stride, padding
        patches = cache.setdefault(key, windows(x, w, stride, padding).copy())
        return np.einsum("ncijkl,dckl->ndij", patches, w) + b[:, None, None]

    return forward, conv_back
