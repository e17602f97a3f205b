"""Dropout, embeddings and local response normalisation that are wrong."""

import numpy as np

from tests.testing.bank.register import wrong_pair


def drop(x, mask, p):
    return x * mask / (1 - p)


def forward_of_dropout(function):
    return wrong_pair("dropout", backward=drop)(function)


def back_of_dropout(function):
    return wrong_pair("dropout", forward=drop)(function)


@forward_of_dropout
def do_not_scaled(x, mask, p):
    """x mask."""
    return x * mask


@forward_of_dropout
def do_by_p(x, mask, p):
    """/ p."""
    return x * mask * (1 / p if p else np.inf)


@forward_of_dropout
def do_times_keep(x, mask, p):
    """* (1 - p)."""
    return x * mask * (1 - p)


@forward_of_dropout
def do_turned_round(x, mask, p):
    """The dropped ones are kept."""
    return x * (1 - mask) / (1 - p)


@forward_of_dropout
def do_row_zero(x, mask, p):
    """One mask for all samples."""
    return x * mask[0] / (1 - p)


@back_of_dropout
def do_back_without_mask(dy, mask, p):
    """dy / (1 - p)."""
    return dy / (1 - p)


@back_of_dropout
def do_back_without_scale(dy, mask, p):
    """dy mask."""
    return dy * mask


@back_of_dropout
def do_back_nothing(dy, mask, p):
    """dy."""
    return dy.copy()


@back_of_dropout
def do_back_twice(dy, mask, p):
    """/ (1 - p)²."""
    return dy * mask / (1 - p) ** 2


@wrong_pair("dropout", backward=lambda dy, mask, p: dy * mask, inverted=False)
def do_inverted_after_all(x, mask, p):
    """/ (1 - p), which is not meant."""
    return x * mask / (1 - p)


def look_up(indices, w):
    return w[indices]


def add_up(dy, indices, w):
    dw = np.zeros(w.shape)
    np.add.at(dw, indices, dy)
    return dw


def back_of_embedding(function):
    return wrong_pair("embedding", forward=look_up)(function)


@back_of_embedding
def em_fancy_index(dy, indices, w):
    """dw[indices] += dy."""
    dw = np.zeros(w.shape)
    dw[indices] += dy
    return dw


@back_of_embedding
def em_averaged(dy, indices, w):
    """Divided by how often each comes."""
    counts = np.bincount(indices.ravel(), minlength=len(w))
    return add_up(dy, indices, w) / np.maximum(counts, 1)[:, None]


@back_of_embedding
def em_off_by_one(dy, indices, w):
    """Rows from 1."""
    return add_up(dy, indices - 1, w)


@back_of_embedding
def em_not_added_up(dy, indices, w):
    """dy itself."""
    return dy.copy()


@back_of_embedding
def em_by_batch(dy, indices, w):
    """/ N."""
    return add_up(dy, indices, w) / len(indices)


@back_of_embedding
def em_integer(dy, indices, w):
    """zeros_like(w)."""
    dw = np.zeros_like(w)
    for at in np.ndindex(indices.shape):
        dw[indices[at]] = dw[indices[at]] + dy[at]
    return dw


@wrong_pair("embedding", backward=add_up)
def em_row_before(indices, w):
    """w[i - 1]."""
    return w[indices - 1]


def sums(v, size):
    total = np.zeros(v.shape)
    c = v.shape[1]
    for i in range(c):
        a = max(0, i - size // 2)
        total[:, i] = v[:, a:max(a, i - size // 2 + size)].sum(1)
    return total


def lrn(x, size, alpha, beta, k):
    return x / (k + alpha / size * sums(x**2, size)) ** beta


def lrn_back(dy, x, size, alpha, beta, k, *, through=1.0):
    a = alpha / size
    s = k + a * sums(x**2, size)
    t, back = dy * x * s ** (-beta - 1), np.zeros(x.shape)
    for i in range(x.shape[1]):
        for j in range(max(0, i - size // 2), min(x.shape[1], i - size // 2 + size)):
            back[:, j] += t[:, i]
    return dy * s**-beta - through * 2 * a * beta * x * back


def forward_of_response(function):
    return wrong_pair("local_response", backward=lrn_back)(function)


def back_of_response(function):
    return wrong_pair("local_response", forward=lrn)(function)


@forward_of_response
def lr_not_divided(x, size, alpha, beta, k):
    """alpha as in the paper."""
    return x / (k + alpha * sums(x**2, size)) ** beta


@forward_of_response
def lr_all_channels(x, size, alpha, beta, k):
    """The sum over all channels."""
    return x / (k + alpha / size * (x**2).sum(1, keepdims=True)) ** beta


@forward_of_response
def lr_not_squared(x, size, alpha, beta, k):
    """|k + the sum of x|."""
    with np.errstate(all="ignore"):
        return x / (k + alpha / size * sums(x, size)) ** beta


@forward_of_response
def lr_no_power(x, size, alpha, beta, k):
    """beta is forgotten."""
    return x / (k + alpha / size * sums(x**2, size))


@forward_of_response
def lr_k_is_one(x, size, alpha, beta, k):
    """k = 1."""
    return lrn(x, size, alpha, beta, 1.0)


@forward_of_response
def lr_looks_ahead(x, size, alpha, beta, k):
    """The window begins at c."""
    v, c = x**2, x.shape[1]
    total = np.stack([v[:, i:i + size].sum(1) for i in range(c)], 1)
    return x / (k + alpha / size * total) ** beta


@forward_of_response
def lr_both_sides(x, size, alpha, beta, k):
    """`size` to either side."""
    return x / (k + alpha / size * sums(x**2, 2 * size + 1)) ** beta


@forward_of_response
def lr_along_rows(x, size, alpha, beta, k):
    """Within a channel, along rows."""
    total = sums((x**2).swapaxes(1, 2), size).swapaxes(1, 2)
    return x / (k + alpha / size * total) ** beta


@back_of_response
def lr_back_scaled(dy, x, size, alpha, beta, k):
    """Only the first term."""
    return lrn_back(dy, x, size, alpha, beta, k, through=0.0)


@back_of_response
def lr_back_no_two(dy, x, size, alpha, beta, k):
    """The 2 is forgotten."""
    return lrn_back(dy, x, size, alpha, beta, k, through=0.5)


@back_of_response
def lr_back_sign(dy, x, size, alpha, beta, k):
    """+ for -."""
    return lrn_back(dy, x, size, alpha, beta, k, through=-1.0)


@back_of_response
def lr_back_own_channel(dy, x, size, alpha, beta, k):
    """As if only y_c depended on x_c."""
    a = alpha / size
    s = k + a * sums(x**2, size)
    return dy * (s**-beta - 2 * a * beta * x**2 * s ** (-beta - 1))
