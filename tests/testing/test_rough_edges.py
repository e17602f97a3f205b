"""What is said of memory between calls, layouts, borders, and of what was not tried."""

import re

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.testing.diagnosis.conditions import worded
from tests.testing.bank import plain


def slugs(result):
    return [d.slug for d in result.diagnosis]


def counting(function, every, first, growing=False):
    """One that adds 1 (or the number of the call) at every so many calls."""
    calls = [first]

    def spoiled(*args):
        calls[0] += 1
        more = calls[0] if growing else int(calls[0] % every == 0)
        found = function(*args)
        return tuple(f + more for f in found) if isinstance(found, tuple) else found + more

    return spoiled


def relu(x):
    return np.maximum(x, 0)


CHECKS = {
    "conv": lambda spoil: testing.check_correlation(spoil(plain.conv)),
    "conv, both": lambda spoil: testing.check_correlation(
        spoil(plain.conv), spoil(plain.conv_back)),
    "conv, backward": lambda spoil: testing.check_correlation(plain.conv, spoil(plain.conv_back)),
    "relu": lambda spoil: testing.check_activation(spoil(relu)),
    "relu, backward": lambda spoil: testing.check_activation(
        relu, spoil(lambda dy, x: dy * (x > 0))),
    "tanh": lambda spoil: testing.check_activation(spoil(np.tanh), name="tanh"),
    "pooling": lambda spoil: testing.check_pooling(spoil(plain.max_pool)),
    "dense": lambda spoil: testing.check_feedforward(spoil(plain.dense), spoil(plain.dense_back)),
    "risk": lambda spoil: testing.check_risk(
        spoil(plain.squared_error), spoil(plain.squared_error_back), "squared_error"),
    "adjoint": lambda spoil: testing.check_adjoint(
        spoil(lambda x: 2 * x), spoil(lambda x: 2 * x), ((3,), (3,))),
    "gradient": lambda spoil: testing.check_gradient(
        lambda x: (x**2).sum(), spoil(lambda x: 2 * x), [1.0, 2.0]),
}


@pytest.mark.every(4)
@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("every", [2, 3, 5, 8, 0])
def test_a_counter_is_not_taken_for_a_cache(name, every):
    for first in range(3):
        result = CHECKS[name](lambda f, k=first: counting(f, every, k, growing=not every))
        assert not result.passed
        assert slugs(result) in (["not-repeatable"], [])


def test_a_cache_by_shape_is_still_named_whether_it_has_one_place_or_many():
    def cached(limit):
        kept = {}

        def conv(x, w, b, stride, padding):
            key = (x.shape, w.shape, stride, padding)
            if key not in kept and len(kept) >= limit:
                kept.clear()
            return plain.conv(kept.setdefault(key, x), w, b, stride, padding)

        return conv

    for limit in (1, 10**6):
        assert slugs(testing.check_correlation(cached(limit))) == ["cached-by-shape"]


def uncropped(border):
    """dx of the padded image, with something else in its border."""
    def back(dz, x, w, stride, padding):
        dx, dw, db = plain.conv_back(dz, x, w, stride, padding)
        pads = [(0, 0), (0, 0), (padding, padding), (padding, padding)]
        return np.pad(dx, pads, constant_values=border), dw, db

    return back


@pytest.mark.every(3)
@pytest.mark.parametrize("border", [0, 7, np.nan])
def test_padding_that_is_not_cropped_is_named_whatever_is_in_it(border):
    result = testing.check_correlation(plain.conv, uncropped(border))
    assert [(d.slug, d.outputs) for d in result.diagnosis] == [("padding-not-cropped", ("dx",))]


@pytest.mark.every
def test_padding_that_is_not_cropped_is_not_named_where_the_centre_is_wrong():
    def back(*args):
        dx, dw, db = uncropped(0)(*args)
        return dx + 0.5 * (np.arange(dx.size).reshape(dx.shape) == dx.size // 2), dw, db

    assert slugs(testing.check_correlation(plain.conv, back)) == []


def test_padding_that_is_not_cropped_is_named_beside_another_mistake():
    def back(*args):
        dx, dw, db = uncropped(7)(*args)
        return dx, -dw, db

    found = slugs(testing.check_correlation(plain.conv, back))
    assert found == ["sign", "padding-not-cropped"]


def pool_padded(x, size, stride, padding):
    p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    v = np.lib.stride_tricks.sliding_window_view(p, (size, size), (2, 3))
    return v[:, :, ::stride, ::stride].sum((4, 5))


def pool_padded_back(dt, x, size, stride, padding):
    dx = np.zeros((*x.shape[:2], *[n + 2 * padding for n in x.shape[2:]]))
    for i, j in np.ndindex(dt.shape[2:]):
        dx[:, :, i * stride:i * stride + size, j * stride:j * stride + size] += (
            dt[:, :, i, j, None, None])
    return dx


def test_padding_that_is_not_cropped_is_named_in_pooling():
    result = testing.check_pooling(pool_padded, pool_padded_back, "sum", stride="int",
                                   padding="int")
    assert slugs(result) == ["padding-not-cropped"]


def nhwc(x, w, b, stride, padding):
    return plain.conv(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), b, stride,
                      padding).transpose(0, 2, 3, 1)


def test_weights_in_another_order_are_named():
    def conv(x, w, b, stride, padding):
        return plain.conv(x, w.transpose(3, 2, 0, 1), b, stride, padding)

    result = testing.check_correlation(conv)
    assert slugs(result) == ["weights-hwio"]
    assert result.diagnosis[0].sentence.endswith("--weights HWIO")
    assert testing.check_correlation(conv, weights="HWIO").passed


def test_a_layout_is_named_only_if_everything_is_right_in_it():
    assert slugs(testing.check_correlation(nhwc)) == ["layout-nhwc"]
    wrong = testing.check_correlation(lambda *args: nhwc(*args) + 1)
    assert not [s for s in slugs(wrong) if s.startswith("layout")]
    result = testing.check_pooling(lambda x, size: plain.max_pool(
        x.transpose(0, 3, 1, 2), size).transpose(0, 2, 3, 1))
    assert slugs(result) == ["layout-nhwc"]


@pytest.mark.every
def test_what_was_refused_is_neither_right_nor_tried():
    def conv(x, w, b, stride, padding):
        if not x.flags.c_contiguous:
            raise ValueError("C order only")
        return plain.conv(x, w, b, stride, padding)

    right = testing.check_correlation(conv)
    assert right.summary().startswith(
        f"correlation: right in all {right.configurations} configurations that it takes")
    assert right.refused == 3
    assert "note: forward refuses strided views: ValueError: C order only" in right.summary()
    wrong = testing.check_correlation(lambda *a: conv(*a) + (a[1].sum() > 0))
    assert "Fortran" not in wrong.known[0]
    assert f" of {right.configurations}" in wrong.known[0]


def test_the_exception_is_shown():
    def conv(x, w, b, stride, padding):
        if padding:
            raise NotImplementedError("no padding here")
        return plain.conv(x, w, b, stride, padding)

    result = testing.check_correlation(conv)
    assert re.search(r"\n  forward refuses padding \(\d+ configurations; NotImplementedError: "
                     r"no padding here\)$", result.summary())


@pytest.mark.parametrize(("when", "words"), [
    ("not: the window is 1 x 1", "the window is not 1 x 1"),
    ("not: C is not D and padding > 0", "C is D and padding > 0"),
    ("not: the arrays are not C-contiguous", "the arrays are C-contiguous"),
    ("not: N > 1", "N = 1"), ("not: padding > 0", "padding = 0"), ("not: K > 2", "K <= 2"),
    ("not: the windows do not tile the image", "the windows tile the image"),
    ("not: windows overlap", "windows do not overlap"),
    ("not: x has zeros", "x does not have zeros"),
    ("not: there is more than one axis", "there is not more than one axis"),
    ("not: stride differs per axis", "stride does not differ per axis"),
])
def test_a_condition_that_does_not_hold_is_said_in_words(when, words):
    assert worded(when) == words
