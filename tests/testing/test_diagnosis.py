"""Plain mistakes that went unnamed: each is found, and the first diagnosis names it."""

import ast
from pathlib import Path

import numpy as np
import pytest
import scipy.signal

from cnnmat import testing
from cnnmat.testing.diagnosis.evidence import Effort
from tests.testing.bank import plain
from tests.testing.bank.plain import conv, conv_back, max_pool, max_pool_back, pad, sizes


def slugs(result):
    return [d.slug for d in result.diagnosis]


def windows_of(x, w, s, p):
    """(window, patch) one after the other."""
    padded, (rows, columns) = pad(x, p), sizes(x, w, s, p)
    for i, j in np.ndindex(rows, columns):
        yield (i, j), padded[:, :, i * s:i * s + w.shape[2], j * s:j * s + w.shape[3]]


# --- correlation forward --------------------------------------------------------------


def never_padded(x, w, b, s, p):
    return conv(x, w, b, s, 0)


def columns_by_one(x, w, b, s, p):
    """The loop over columns steps by one, as often as it should."""
    rows, columns = sizes(x, w, s, p)
    return conv(x, w, b, 1, p)[:, :, ::s][:, :, :rows, :columns]


def by_one(x, w, b, s, p):
    rows, columns = sizes(x, w, s, p)
    return conv(x, w, b, 1, p)[:, :, :rows, :columns]


def cut(x, w, b, s, p):
    return conv(x, w, b, s, p).astype(int)


def in_half(x, w, b, s, p):
    return conv(x, w, b, s, p).astype(np.float16)


def kernel_turned(x, w, b, s, p):
    return conv(x, w.swapaxes(2, 3), b, s, p)


def kernel_reshaped(x, w, b, s, p):
    return conv(x, w.reshape(*w.shape[:2], w.shape[3], w.shape[2]), b, s, p)


def output_reshaped(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    return z.reshape(*z.shape[:2], z.shape[3], z.shape[2])


def bias_at_each_tap(x, w, b, s, p):
    return conv(x, w, b * w.shape[2] * w.shape[3], s, p)


def first_sample(x, w, b, s, p):
    z = np.zeros((len(x), *conv(x, w, b, s, p).shape[1:]))
    for n in range(len(x)):
        z[n] = conv(x[n:n + 1], w, b, s, p)[0]
        break
    return z


def first_row(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    z[:, :, 1:] = 0
    return z


def first_entry(x, w, b, s, p):
    z = conv(x, w, b, s, p)
    out = np.zeros_like(z)
    out[0, 0, 0, 0] = z[0, 0, 0, 0]
    return out


def three_halves(x, w, b, s, p):
    return 1.5 * conv(x, w, b, s, p)


def moved_down(x, w, b, s, p):
    return np.roll(conv(x, w, b, s, p), 1, 2)


def padded_twice(x, w, b, s, p):
    return conv(pad(x, p), w, b, s, p)


@pytest.mark.parametrize(("forward", "slug"), [
    (never_padded, "padding-ignored"), (columns_by_one, "stride-ignored-axis-1"),
    (by_one, "stride-ignored"), (cut, "integer-output"), (in_half, "half-precision"),
    (kernel_turned, "kernel-transposed"), (kernel_reshaped, "kernel-reshaped"),
    (output_reshaped, "output-reshaped"), (bias_at_each_tap, "bias-per-tap"),
    (first_sample, "first-sample-only"), (first_row, "first-row-only"),
    (first_entry, "returns-too-early"), (three_halves, "factor"), (moved_down, "row-shifted"),
    (padded_twice, "padding-applied-twice"),
    (lambda *args: conv(*args)[:, :, :-1], "last-row-not-there"),
])
def test_a_wrong_forward_pass_is_named(forward, slug):
    assert slugs(testing.check_correlation(forward)) == [slug]


def test_a_factor_is_said():
    sentence = testing.check_correlation(three_halves).diagnosis[0].sentence
    assert sentence == "the answer is 1.5 times the right one"


# --- correlation backward ---------------------------------------------------------------


def with_db(change):
    def back(dz, x, w, s, p):
        dx, dw, db = conv_back(dz, x, w, s, p)
        return dx, dw, change(dz, db)
    return back


def unpadded_dw(dw, dz, x, w, s, p):
    dw, (rows, columns) = np.zeros(w.shape), sizes(x, w, s, 0)
    for i, j in np.ndindex(max(rows, 0), max(columns, 0)):
        dw += np.einsum("nd,nckl->dckl", dz[:, :, i, j],
                        x[:, :, i * s:i * s + w.shape[2], j * s:j * s + w.shape[3]])
    return dw


def with_dw(change):
    def back(dz, x, w, s, p):
        dx, dw, db = conv_back(dz, x, w, s, p)
        return dx, change(dw, dz, x, w, s, p), db
    return back


def first_window(dw, dz, x, w, s, p):
    dw = np.zeros(w.shape)
    for (i, j), patch in windows_of(x, w, s, p):
        dw += np.einsum("nd,nckl->dckl", dz[:, :, i, j], patch)
        break
    return dw


def valid_dx(dz, x, w, s, p):
    _, dw, db = conv_back(dz, x, w, s, p)
    wide = np.zeros((*dz.shape[:2], (dz.shape[2] - 1) * s + 1, (dz.shape[3] - 1) * s + 1))
    wide[:, :, ::s, ::s] = dz
    if any(n < k for n, k in zip(wide.shape[2:], w.shape[2:], strict=True)):
        raise ValueError("dz is smaller than the kernel")
    dx = [[sum(scipy.signal.convolve2d(one[d], w[d, c], mode="valid") for d in range(len(w)))
           for c in range(w.shape[1])] for one in wide]
    return np.array(dx), dw, db


def windows_put(dz, x, w, s, p):
    """dx[window] = for dx[window] +=."""
    _, dw, db = conv_back(dz, x, w, s, p)
    wide = np.zeros(pad(x, p).shape)
    for (i, j), patch in windows_of(x, w, s, p):
        wide[:, :, i * s:i * s + patch.shape[2], j * s:j * s + patch.shape[3]] = np.einsum(
            "nd,dckl->nckl", dz[:, :, i, j], w)
    return wide[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, db


@pytest.mark.parametrize(("backward", "slug", "output"), [
    (with_db(lambda dz, db: np.full(db.shape, dz.sum())), "db-total", "db"),
    (with_db(lambda dz, db: np.zeros_like(db)), "left-at-zero", "db"),
    (with_db(lambda dz, db: dz.sum((0, 2))), "db-keeps-image", "db"),
    (with_dw(unpadded_dw), "padding-ignored", "dw"),
    (with_dw(first_window), "first-window-only", "dw"),
    (with_dw(lambda dw, *_: dw.astype(int)), "integer-output", "dw"),
    (with_dw(lambda dw, *_: np.flip(dw, 0)), "maps-reversed", "dw"),
    (valid_dx, "valid-for-full", "dx"), (windows_put, "overlap-assigned", "dx"),
])
def test_a_wrong_backward_pass_is_named(backward, slug, output):
    result = testing.check_correlation(conv, backward)
    assert [(d.slug, d.outputs) for d in result.diagnosis] == [(slug, (output,))]


# --- pooling ------------------------------------------------------------------------------


def tiled(dt, x, size):
    t, rows, columns = max_pool(x, size), dt.shape[2] * size, dt.shape[3] * size
    dx = np.zeros(x.shape)
    mask = x[:, :, :rows, :columns] == t.repeat(size, 2).repeat(size, 3)
    dx[:, :, :rows, :columns] = mask * np.tile(dt, (1, 1, size, size))
    return dx


def of_sample_zero(dt, x, size):
    return max_pool_back(dt, np.repeat(x[:1], len(x), 0), size)


def of_channel_zero(dt, x, size):
    return max_pool_back(dt, np.repeat(x[:, :1], x.shape[1], 1), size)


def by_tolerance(dt, x, size):
    t, rows, columns = max_pool(x, size), dt.shape[2] * size, dt.shape[3] * size
    dx = np.zeros(x.shape)
    mask = np.isclose(x[:, :, :rows, :columns], t.repeat(size, 2).repeat(size, 3))
    dx[:, :, :rows, :columns] = mask * dt.repeat(size, 2).repeat(size, 3)
    return dx


def in_type_of_x(dt, x, size):
    dx = np.zeros_like(x)
    dx[...] = max_pool_back(dt, x, size)
    return dx


def divided_by_itself(dt, x, size):
    return max_pool_back(dt, x, size) * (dt.sum() / dt.sum())


@pytest.mark.parametrize(("backward", "slug"), [
    (tiled, "tiled-not-repeated"), (of_sample_zero, "maxima-of-sample-zero"),
    (of_channel_zero, "maxima-of-channel-zero"), (by_tolerance, "ties-by-tolerance"),
    (in_type_of_x, "integer-output"), (divided_by_itself, "not-finite"),
])
def test_a_wrong_gradient_of_a_maximum_is_named(backward, slug):
    result = testing.check_pooling(max_pool, backward)
    assert slugs(result) == [slug]


# --- risks ----------------------------------------------------------------------------------


def softmax(y):
    e = np.exp(y - y.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def with_one_maximum(y):
    e = np.exp(y - y.max())
    return e / e.sum(1, keepdims=True)


def entropy(y, t):
    top = y - y.max(1, keepdims=True)
    return -(t * (top - np.log(np.exp(top).sum(1, keepdims=True)))).sum() / len(y)


@pytest.mark.parametrize(("forward", "backward", "expected"), [
    (entropy, lambda y, t: (with_one_maximum(y) - t) / len(y), "one-maximum-for-all"),
    (lambda y, t: -np.log(softmax(y)[t == 1]).mean(), None, "log-of-zero-probability"),
    (lambda y, t: -np.sum(t * np.log(softmax(y))) / len(y), None, "log-of-zero-probability"),
    (lambda y, t: -np.sum(t * np.log(with_one_maximum(y))) / len(y), None, "one-maximum-for-all"),
    (lambda y, t: entropy(softmax(y), t), lambda y, t: (softmax(softmax(y)) - t) / len(y),
     "softmax-twice"),
    (entropy, lambda y, t: (softmax(y) - np.roll(t, -1, 1)) / len(y), "labels-off-by-one"),
    (entropy, lambda y, t: (np.exp(y - y.max(0)) / np.exp(y - y.max(0)).sum(1, keepdims=True)
                            - t) / len(y), "maximum-over-batch"),
    (lambda y, t: -(np.roll(t, -1, 1) * np.log(softmax(y) + 1e-12)).sum() / len(y), None,
     "epsilon-in-log + labels-off-by-one"),
    (entropy, lambda y, t: (np.exp(y - y.max()) / np.exp(y - y.max()).sum() - t) / len(y),
     "softmax-over-everything"),
])
def test_a_wrong_risk_is_named(forward, backward, expected):
    assert slugs(testing.check_risk(forward, backward))[0] == expected


# --- accidents ----------------------------------------------------------------------------


def cropped(dz, x, w, s, p):
    dx, dw, db = conv_back(dz, x, w, s, p)
    padded, out = pad(dx, p), np.zeros(x.shape)
    for n in range(len(x)):
        out[n] = padded[n, :, p:-p, p:-p]
    return out, dw, db


def unassigned(dz, x, w, s, p):
    if s > 1:
        scale = 1
    return tuple(g * scale for g in conv_back(dz, x, w, s, p))


def beyond(dz, x, w, s, p):
    dx, dw, db = conv_back(dz, x, w, s, p)
    return dx, dw, np.array([db[k + (p > 0)] for k in range(len(db))])


@pytest.mark.parametrize(("backward", "slug", "says"), [
    (cropped, "crop-by-negative-index", "[p:p + H]"),
    (unassigned, "variable-without-a-value", "where stride = 1"),
    (beyond, "index-beyond-the-array", "where padding > 0"),
])
def test_an_accident_is_named_and_where(backward, slug, says):
    result = testing.check_correlation(conv, backward)
    assert result.verdict == "wrong"
    assert slugs(result) == [slug]
    assert says in result.diagnosis[0].sentence


# --- several at once ------------------------------------------------------------------------


def ties_put(dt, x, size, stride):
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dt.shape):
        at = np.s_[n, c, i * stride:i * stride + size, j * stride:j * stride + size]
        dx[at] = (x[at] == x[at].max()) * dt[n, c, i, j]
    return dx


def strided_max(x, size, stride):
    return plain.regions(x, size, stride).max((4, 5))


def test_overlap_put_and_all_ties_are_both_named():
    result = testing.check_pooling(strided_max, ties_put, stride="int")
    assert slugs(result) == ["gradient-to-all-ties + overlap-assigned"]


def test_a_wrong_crop_and_a_mean_are_both_named():
    def back(dz, x, w, s, p):
        dx, dw, db = conv_back(dz, pad(x, p), w, s, 0)
        return dx[:, :, :x.shape[2], :x.shape[3]] / len(x), dw, db

    found = testing.check_correlation(conv, back)
    assert slugs(found) == ["crop-at-zero + divided-by-batch"]


def test_two_mistakes_in_different_configurations_are_both_named_with_theirs():
    def forward(x, w, b, s, p):
        if s > 1:
            return conv(x, w, -b, s, p)
        return conv(x, w[:, :, ::-1, ::-1], b, s, p)

    found = testing.check_correlation(forward).diagnosis
    assert len(found) == 1
    assert set(found[0].slug.split(" + ")) == {"kernel-flipped", "bias-sign"}
    assert "stride = 1" in found[0].sentence
    assert "stride > 1" in found[0].sentence


def test_mistakes_of_different_outputs_are_named_apart():
    def back(dz, x, w, s, p):
        dx, dw, db = conv_back(dz, x, w, s, p)
        return -dx, np.flip(dw, (2, 3)), db * 2

    found = testing.check_correlation(conv, back).diagnosis
    assert {d.outputs: d.slug for d in found} == {
        ("dx",): "sign", ("dw",): "kernel-flipped", ("db",): "factor-2-too-much"}


def test_what_is_spent_on_a_part_is_spent_on_the_whole():
    whole = Effort(100)
    first = whole.share(4)
    first.spend(30)
    assert not first
    assert whole
    rest = whole.share(1)
    assert (rest.limit, whole.spent) == (70, 30)
    rest.spend(70)
    assert not whole
    assert not rest


def test_no_clock_decides_what_is_named():
    """A slow machine, or one that is measured, names what a fast one does."""
    rooms = list(Path(testing.__file__).with_name("diagnosis").rglob("*.py"))
    assert len(rooms) > 40
    for room in rooms:
        for node in ast.walk(ast.parse(room.read_text())):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [
                node.module] if isinstance(node, ast.ImportFrom) else []
            assert not {"time", "datetime", "timeit"} & set(names), room
