"""S, T, P = S T, and S Y Sᵀ."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnmat import loops
from cnnmat.textbook.images import convolve_image
from cnnmat.textbook.pooling import Mean
from cnnmat.textbook.regions import Regions
from cnnmat.textbook.subsampling import (
    average,
    both_sides,
    padding,
    pyramid,
    pyramid_level,
    subsample,
    subsample_back,
    subsampling,
    toeplitz,
)
from cnnmat.textbook.vec import unvec, vec
from cnnmat.textbook.windows import Windows
from tests.conftest import close, fractions

IMAGE = np.arange(1, 36).reshape(5, 7)


def test_subsampling_keeps_the_first_of_every_step():
    assert subsampling(5).toarray().tolist() == [[1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]]
    assert subsampling(4, 3).toarray().tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    assert subsampling(3, 1).toarray().tolist() == np.eye(3, dtype=int).tolist()


def test_the_rows_of_s_are_orthonormal():
    S = subsampling(9, 4)
    assert (S @ S.T).toarray().tolist() == np.eye(3, dtype=int).tolist()


def test_padding_puts_zeros_around():
    assert (padding(3, 2, 1) @ np.array([4, 5, 6])).tolist() == [0, 0, 4, 5, 6, 0]
    assert padding(2, 0, 0).toarray().tolist() == [[1, 0], [0, 1]]


def test_toeplitz_is_constant_along_its_diagonals():
    assert toeplitz([1, 2, 3], 4).toarray().tolist() == [
        [2, 1, 0, 0], [3, 2, 1, 0], [0, 3, 2, 1], [0, 0, 3, 2]]


@given(n=st.integers(1, 9), k=st.integers(0, 3), seed=st.integers(0, 99))
def test_toeplitz_convolves_and_its_transpose_correlates(n, k, seed):
    random = np.random.default_rng(seed)
    x, h = random.integers(-9, 9, n), random.integers(-9, 9, 2 * k + 1)
    T = toeplitz(h, n)
    assert (T @ x).tolist() == loops.smooth_and_skip(x.tolist(), h.tolist(), 1)
    assert (T.T @ x).tolist() == loops.smooth_and_skip(x.tolist(), h.tolist()[::-1], 1)


@pytest.mark.parametrize("steps", [2, (1, 3), (4, 2)])
def test_subsample_is_s_y_s_transposed_with_an_s_for_each_side(steps):
    pair = (steps, steps) if isinstance(steps, int) else steps
    have = subsample(IMAGE, steps)
    assert have.tolist() == loops.subsample(IMAGE.tolist(), pair)
    left, right = (subsampling(n, s).toarray() for n, s in zip(IMAGE.shape, pair, strict=True))
    assert have.tolist() == (left @ IMAGE @ right.T).tolist()


def test_subsample_takes_leading_axes_and_exact_entries():
    Y = fractions(np.random.default_rng(1), (2, 3, 4, 5))
    assert subsample(Y).tolist() == Y[..., ::2, ::2].tolist()


@given(H=st.integers(1, 7), W=st.integers(1, 7), s=st.integers(1, 3), t=st.integers(1, 3))
def test_subsample_back_is_the_adjoint(H, W, s, t):
    random = np.random.default_rng(H + 10 * W)
    Y = random.integers(-9, 9, (H, W))
    delta = random.integers(-9, 9, subsample(Y, (s, t)).shape)
    back = subsample_back(delta, (H, W), (s, t))
    assert back.shape == Y.shape
    assert (subsample(Y, (s, t)) * delta).sum() == (Y * back).sum()


@pytest.mark.parametrize("n", [4, 7])
def test_a_level_filters_then_skips(n):
    x, h = np.arange(n) ** 2, [1, 5, 2]
    P = pyramid_level(n, h)
    assert (P @ x).tolist() == loops.smooth_and_skip(x.tolist(), h, 2)
    assert P.toarray().tolist() == (subsampling(n) @ toeplitz(h, n)).toarray().tolist()


def test_pyramid_has_all_levels_and_halves_upwards():
    assert [one.shape for one in pyramid(IMAGE, [1, 2, 1], 3)] == [(5, 7), (3, 4), (2, 2), (1, 1)]
    assert pyramid(IMAGE, [1], 0)[0].tolist() == IMAGE.tolist()


def test_pyramid_of_an_image_filters_with_the_separable_kernel():
    h = np.array([1, 4, 2])
    assert pyramid(IMAGE, h, 1)[1].tolist() == subsample(
        convolve_image(IMAGE, np.outer(h, h))).tolist()


@pytest.mark.parametrize("exact", [False, True])
def test_average_on_both_sides_is_mean_pooling(exact):
    Y = np.arange(24).reshape(4, 6) ** 2
    have = both_sides(average(4, 2, exact=exact), Y.astype(object) if exact else Y,
                      average(6, 3, exact=exact))
    omega = Regions(Windows((4, 6), (2, 3), (2, 3)))
    assert close(have, unvec(Mean()(vec(Y.astype(float)), omega), (2, 2)))
    assert have.dtype == (object if exact else float)


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: subsampling(0), ValueError, "n must be at least 1, got 0"),
    (lambda: subsampling(4, 0), ValueError, "step must be at least 1, got 0"),
    (lambda: subsampling(4, 1.5), TypeError, "step must be an integer, got 1.5"),
    (lambda: padding(3, -1, 0), ValueError, "before must be at least 0, got -1"),
    (lambda: toeplitz([1, 2], 4), ValueError, "h must have an odd number of taps, got 2"),
    (lambda: toeplitz([[1]], 4), ValueError, r"h must have shape \(2k\+1,\), got \(1, 1\)"),
    (lambda: average(5, 2), ValueError, "window must divide the 5 entries, got 2"),
    (lambda: subsample([1, 2]), ValueError, r"Y must have shape \(..., H, W\), got \(2,\)"),
    (lambda: subsample([[1]], (1, 2, 3)), ValueError, "steps must be an integer or a tuple of 2"),
    (lambda: subsample_back([[1, 2]], (4, 4)), ValueError, r"delta must have shape \(..., 2, 2\)"),
    (lambda: pyramid([[[1]]], [1], 1), ValueError, "image must have one or two axes"),
    (lambda: pyramid([1], [1], -1), ValueError, "levels must be at least 0, got -1"),
])
def test_errors_name_the_argument(call, error, message):
    with pytest.raises(error, match=message):
        call()
