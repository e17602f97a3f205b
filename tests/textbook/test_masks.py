"""Masks and the edge map."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from cnnmat import (
    box,
    correlate_image,
    edge_map,
    flip,
    gaussian,
    laplacian,
    prewitt,
    sharpen,
    sobel,
)
from cnnmat.textbook.masks import unit
from tests.conftest import close


def image():
    return np.random.default_rng(0).integers(0, 256, size=(7, 9))


@pytest.mark.parametrize(("masks", "reference"), [
    (sobel(), ndimage.sobel), (prewitt(), ndimage.prewitt)])
def test_gradient_masks_are_scipys(masks, reference):
    for mask, axis in zip(masks, (1, 0), strict=True):
        have = correlate_image(image(), mask)
        assert np.array_equal(have, reference(image(), axis=axis, mode="constant"))


@pytest.mark.parametrize("pair", [sobel(), prewitt()])
def test_second_gradient_mask_is_the_first_transposed_and_both_are_odd(pair):
    x, y = pair
    assert np.array_equal(y, x.T)
    assert x.sum() == 0
    assert np.array_equal(flip(x), -x)


def test_laplacian_is_scipys_inside_the_image():
    have = correlate_image(image(), laplacian(), padding=0)
    assert np.array_equal(have, ndimage.laplace(image())[1:-1, 1:-1])


def test_sharpened_image_is_the_image_minus_its_laplacian():
    assert np.array_equal(correlate_image(image(), sharpen()),
                          image() - correlate_image(image(), laplacian()))


@given(st.integers(0, 4), st.floats(0.3, 5))
def test_gaussian_sums_to_one_and_is_separable(K, sigma):
    mask = gaussian(K, sigma)
    assert mask.shape == (2 * K + 1, 2 * K + 1)
    assert abs(mask.sum() - 1) < 1e-14
    row = np.exp(-np.arange(-K, K + 1) ** 2 / (2 * sigma**2))
    assert close(mask, np.outer(row, row) / row.sum() ** 2, 1e-14)


def test_unnormalized_gaussian_samples_the_density():
    mask = gaussian(2, 2.0, normalize=False)
    assert close(mask[2, 2], 1 / (2 * np.pi * 4), 1e-15)
    assert close(mask[2, 3] / mask[2, 2], np.exp(-1 / 8), 1e-15)
    assert close(gaussian(40, 4.0, normalize=False).sum(), 1, 1e-12)


def test_edges_are_the_printed_root_to_the_last_digit():
    fx, fy = np.random.default_rng(0).integers(-1020, 1021, (2, 40, 50))
    assert np.array_equal(edge_map(fx, fy), np.sqrt(fx**2 + fy**2))


def test_box_is_the_mean():
    assert box((2, 3)).tolist() == [[1 / 6] * 3] * 2
    have = correlate_image(image(), box(3), padding=0)
    assert close(have, ndimage.uniform_filter(image().astype(float), 3)[1:-1, 1:-1])


def test_unit_mask_keeps_one_entry_of_a_patch():
    assert unit((2, 3), (0, 1)).tolist() == [[0, 1, 0], [0, 0, 0]]
    assert np.array_equal(correlate_image(image(), unit((2, 3), (0, 1)), padding=0),
                          image()[:-1, 1:-1])
    with pytest.raises(ValueError, match=r"place must lie within shape \(2, 3\), got \(2, 0\)"):
        unit((2, 3), (2, 0))


def test_edge_map_is_the_length_of_the_gradient():
    assert edge_map([[3, 0]], [[4, -2]]).tolist() == [[5.0, 2.0]]


def test_edge_map_of_narrow_integers_does_not_wrap():
    assert edge_map(np.int8([120]), np.int8([-90])).tolist() == [150.0]


def test_masks_are_new_arrays_every_time():
    sobel()[0][:] = 7
    assert sobel()[0].max() == 2
