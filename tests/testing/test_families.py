"""Families of mistakes: one of each kind, that no bank lists by itself, is described."""

import numpy as np
import pytest

from cnnmat import testing
from tests.testing.bank.plain import conv, conv_back, max_pool, max_pool_back


def first(result):
    assert not result.passed
    return result.diagnosis[0] if result.diagnosis else None


# --- what is read --------------------------------------------------------------------


def centred(x, w, b, s, p):
    return conv(x - x.mean((1, 2, 3), keepdims=True), w, b, s, p)


def channels_innermost(x, w, b, s, p):
    d, c, h, k = w.shape
    return conv(x, w.reshape(d, h, k, c).transpose(0, 3, 1, 2), b, s, p)


def next_kernel(x, w, b, s, p):
    return conv(x, np.roll(w, -1, 0), b, s, p)


def rows_of_kernel_one_short(x, w, b, s, p):
    w = w.copy()
    w[:, :, -1] = 0
    return conv(x, w, b, s, p).astype(int)


def mistyped(x, w, b):
    assert w.shape[2:] == (3, 3)
    w = w.copy()
    w[:, :, 2, 1] = w[:, :, 1, 2]
    return conv(x, w, b, 1, 0)


# --- which windows there are, and how the answer lies ----------------------------------


def range_without_one(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    rows, columns = (-(-(n + 2 * p - k) // s) for n, k in zip(x.shape[2:], w.shape[2:],
                                                              strict=True))
    return z[:, :, :rows, :columns]


def padded_less_behind(x, w, b, s, p):
    z, right = conv(np.pad(x, ((0, 0), (0, 0), (p, 0), (p, 0))), w, b, s, 0), conv(x, w, b, s, p)
    found = np.zeros_like(right)
    found[:, :, :z.shape[2], :z.shape[3]] = z
    return found


def maps_first(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    return np.ascontiguousarray(z.swapaxes(0, 1)).reshape(z.shape)


# --- facts, where no mistake fits -------------------------------------------------------


def times_columns(x, w, b, s, p):
    return conv(x, w, b, s, p) * x.shape[3]


def rows_shuffled(x, w, b, s, p):
    return np.sort(conv(x, w, b, s, p), 2)


def by_map(x, w, b, s, p):
    return conv(x, w, b, s, p) + np.cumsum(b)[:, None, None] ** 2


def signs(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    return np.where(np.abs(z) % 3 < 1, -z, z)


def first_and_last_row_wrong(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    z[:, :, [0, -1]] = z[:, :, [0, -1]] ** 2 + 3
    return z


NEITHER = {"stride": "none", "padding": "none"}


@pytest.mark.every(3)
@pytest.mark.parametrize(("forward", "options", "slug", "says"), [
    (centred, {}, "x-centred", "the mean of each sample is taken off"),
    (channels_innermost, {}, "w-reshaped", "maps x kernel rows x kernel columns x channels"),
    (next_kernel, {}, "w-map-off-by-one", "the map after is read of w"),
    (rows_of_kernel_one_short, {}, "w-kernel-row-not-read + integer-output", "last kernel row"),
    (mistyped, NEITHER, "one-entry-of-the-kernel",
     "entry [1, 2] of the kernel is used where entry [2, 1] belongs"),
    (range_without_one, {}, "range-one-short", "must run to n - k + 1"),
    (padded_less_behind, {}, "padding-only-before", "filled up with zeros, to the right size"),
    (maps_first, {}, "answer-reshaped", "lies as maps x samples x rows x columns"),
    (times_columns, {}, "scaled-by-size", "multiplied by the number of columns"),
    (rows_shuffled, {}, "other-places", "in the wrong places along the rows"),
    (by_map, {}, "off-by-slice", "each map is off by a constant of its own"),
    (signs, {}, "signs", "but for the sign of some entries"),
    (first_and_last_row_wrong, {}, "wrong-in-places", "wrong is the first and the last row"),
])
def test_a_correlation_is_described(forward, options, slug, says):
    found = first(testing.check_correlation(forward, **options))
    assert found.slug == slug
    assert says in found.sentence


# --- on the way back -----------------------------------------------------------------


def border_skipped(dz, x, w, s, p):
    dx, _, db = conv_back(dz, x, w, s, p)
    dz = dz.copy()
    for i, j in np.ndindex(*dz.shape[2:]):
        r, c = i * s - p, j * s - p
        if min(r, c) < 0 or r + w.shape[2] > x.shape[2] or c + w.shape[3] > x.shape[3]:
            dz[:, :, i, j] = 0
    return dx, conv_back(dz, x, w, s, p)[1], db


def columns_left_in_db(dz, x, w, s, p):
    dx, dw, _ = conv_back(dz, x, w, s, p)
    return dx, dw, dz.sum((0, 2)).T


def rectified(dz, x, w, s, p):
    return conv_back(np.maximum(dz, 0), x, w, s, p)


@pytest.mark.parametrize(("backward", "slug", "outputs"), [
    (border_skipped, "border-windows-left-out", ("dw",)),
    (columns_left_in_db, "db-keeps-image", ("db",)),
    (rectified, "dz-rectified", ("dx", "dw", "db")),
])
def test_a_backward_pass_is_described(backward, slug, outputs):
    found = first(testing.check_correlation(conv, backward))
    assert (found.slug, found.outputs) == (slug, outputs)


def near_the_maximum(dt, x, k):
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(*dt.shape):
        at = (n, c, slice(i * k, i * k + k), slice(j * k, j * k + k))
        dx[at] += dt[n, c, i, j] * (x[at] >= x[at].max() - 0.25)
    return dx


def test_a_tolerance_is_found():
    found = first(testing.check_pooling(max_pool, near_the_maximum, kind="max"))
    assert found.slug == "ties-by-tolerance"
    assert "within 0.25" in found.sentence


def test_columns_of_the_gradient_read_one_off():
    found = first(testing.check_pooling(max_pool, lambda dt, x, k: max_pool_back(
        np.roll(dt, 1, 3), x, k), kind="max"))
    assert found.slug == "dt-column-off-by-one"


# --- matrices, gradients, risks ---------------------------------------------------------


def test_a_kernel_that_is_not_turned_in_an_adjoint():
    k = np.array([1.0, 2.0, -1.0])
    result = testing.check_adjoint(lambda x: np.correlate(x, k, "valid"),
                                   lambda y: np.correlate(y, k, "full"), ((7,), (5,)))
    assert first(result).slug == "kernel-not-turned"


def test_a_penalty_that_is_forgotten_in_a_gradient():
    a = np.arange(6.0).reshape(3, 2)
    result = testing.check_gradient(lambda w: ((a @ w) ** 2).sum() + 0.5 * (w**2).sum(),
                                    lambda w: 2 * a.T @ (a @ w), [1.0, -2.0])
    assert "plus -1 x" in first(result).sentence


def test_what_shows_most_is_told_first():
    """The risk is infinite for one configuration, its gradient is wrong in all."""
    def softmax(y):
        e = np.exp(y - y.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True)

    def risk(y, labels):
        return -np.log(softmax(y)[np.arange(len(y)), labels]).mean()

    result = testing.check_risk(risk, lambda y, labels: softmax(y) / len(y), target="labels")
    assert [d.slug for d in result.diagnosis] == ["target-forgotten", "log-of-zero-probability"]


def test_code_that_refuses_nearly_everything_is_not_taken_for_another_layout():
    def by_roll(x, w, b, s, p):
        k = w.shape[2]
        if w.shape[3] != k or k % 2 == 0 or p != k // 2 or s != 1:
            raise ValueError("same convolution only")
        z = np.zeros((len(x), len(w), *x.shape[2:]))
        for u, v in np.ndindex(k, k):
            z += np.einsum("nchw,dc->ndhw", np.roll(x, (k // 2 - u, k // 2 - v), (2, 3)),
                           w[:, :, u, v])
        return z + b[:, None, None]

    assert first(testing.check_correlation(by_roll)).slug == "padding-cyclic"
