"""Layers of three axes: what is wrong along the depth alone is found, too."""

from itertools import product

import numpy as np
import pytest

from cnnmat import testing


def _windows(x, size, stride, padding, fill=0.0, start=None):
    """(place, window) of each: N x C x the window's axes."""
    x = np.pad(x.astype(float), [(0, 0), (0, 0), *[(p, p) for p in padding]], constant_values=fill)
    counts = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], size, stride, strict=True)]
    for at in product(*map(range, counts)):
        first = [i * s for i, s in zip(at, start or stride, strict=True)]
        yield at, x[(..., *[slice(i, i + k) for i, k in zip(first, size, strict=True)])]


def convolve(x, w, b, stride, padding, **how):
    found = {at: np.einsum("ncijk,dcijk->nd", v, w) for at, v in _windows(
        x, w.shape[2:], stride, padding, **how)}
    last = [max(axis) + 1 for axis in zip(*found, strict=True)]
    z = np.zeros((len(x), len(w), *last))
    for at, one in found.items():
        z[(..., *at)] = one
    return z + b[:, None, None, None]


def pooled(x, size, stride, padding, part=np.mean, **how):
    found = {at: part(v, axis=(2, 3, 4)) for at, v in _windows(x, size, stride, padding, **how)}
    t = np.zeros((*x.shape[:2], *[max(axis) + 1 for axis in zip(*found, strict=True)]))
    for at, one in found.items():
        t[(..., *at)] = one
    return t


CONVOLUTIONS = {
    "right": convolve,
    "the stride of the rows along the depth": lambda x, w, b, s, p: convolve(
        x, w, b, (s[1], *s[1:]), p),
    "the padding of the rows along the depth": lambda x, w, b, s, p: convolve(
        x, w, b, s, (p[1], *p[1:])),
    "the stride of the columns along the depth": lambda x, w, b, s, p: convolve(
        x, w, b, (s[2], *s[1:]), p),
    "no stride where windows start along the depth": lambda x, w, b, s, p: convolve(
        x, w, b, s, p, start=(1, *s[1:])),
}
POOLINGS = {
    "right": pooled,
    "the depth of the window forgotten": lambda x, size, s, p: pooled(
        x, size, s, p, lambda v, axis: v.sum(axis) / (size[1] * size[2])),
    "the sum over all slices": lambda x, size, s, p: pooled(
        np.broadcast_to(x.mean(2, keepdims=True), x.shape), size, s, p),
    "the window of the rows along the depth": lambda x, size, s, p: pooled(
        x, (size[1], *size[1:]), s, p),
    "the stride of the rows along the depth": lambda x, size, s, p: pooled(
        x, size, (s[1], *s[1:]), p),
    "the padding of the rows along the depth": lambda x, size, s, p: pooled(
        x, size, s, (p[1], *p[1:])),
    "no stride where windows start along the depth": lambda x, size, s, p: pooled(
        x, size, s, p, start=(1, *s[1:])),
}


@pytest.mark.parametrize("mistake", CONVOLUTIONS)
def test_a_mistake_along_the_depth_of_a_correlation_is_found(mistake):
    found = testing.check_correlation(CONVOLUTIONS[mistake], dims=3, stride="tuple",
                                      padding="tuple")
    assert found.passed == (mistake == "right"), found.summary()


@pytest.mark.parametrize("mistake", POOLINGS)
def test_a_mistake_along_the_depth_of_a_pooling_is_found(mistake):
    found = testing.check_pooling(POOLINGS[mistake], kind="mean", dims=3, size="tuple",
                                  stride="tuple", padding="tuple")
    assert found.passed == (mistake == "right"), found.summary()


@pytest.mark.parametrize("mistake", ["right", "no stride where windows start along the depth",
                                     "the sum over all slices"])
def test_and_where_settings_are_one_number(mistake):
    def forward(x, size, stride, padding):
        return POOLINGS[mistake](x, (size,) * 3, (stride,) * 3, (padding,) * 3)

    found = testing.check_pooling(forward, kind="mean", dims=3, stride="int", padding="int")
    assert found.passed == (mistake == "right"), found.summary()


def test_a_factor_along_one_axis_is_named_by_it():
    found = testing.check_pooling(POOLINGS["the depth of the window forgotten"], kind="mean",
                                  dims=3, size="tuple", stride="tuple", padding="tuple")
    assert "times the size along axis 0 of the image" in found.diagnosis[0].sentence


def test_strides_of_three_axes_taken_backwards_are_named_so():
    def forward(x, w, b, stride, padding):
        return convolve(x, w, b, stride[::-1], padding)

    found = testing.check_correlation(forward, dims=3, stride="tuple", padding="tuple")
    assert found.diagnosis[0].sentence == "the strides are taken in reverse, columns first"
