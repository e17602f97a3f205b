"""Gain, subtractive and brightness normalisation, and full convolution, with their ways back."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from cnnmat import Activation, activation, gaussian, loops
from cnnmat.textbook.images import convolve_full, convolve_image, correlate_image
from cnnmat.textbook.normalization import (
    brightness,
    brightness_back,
    gain,
    gain_back,
    subtractive,
    subtractive_back,
)
from tests.conftest import close, fractions

RANDOM = np.random.default_rng(5)
Y = RANDOM.integers(-9, 9, (3, 4, 5))
DELTA = RANDOM.integers(-9, 9, (3, 4, 5))
K = RANDOM.integers(-3, 4, (3, 5))
CUBE = Activation("cube", lambda z: z**3, lambda z: 3 * z**2)


def slopes(function, x, delta):
    """What PyTorch sends back through `function`."""
    x = torch.tensor(np.asarray(x, dtype=float), requires_grad=True)
    (function(x) * torch.tensor(np.asarray(delta, dtype=float))).sum().backward()
    return x.grad.numpy()


def test_gain_is_the_loops():
    assert gain(Y, [2, -1, 5], CUBE).tolist() == loops.amplify(
        Y.tolist(), [2, -1, 5], lambda v: v**3)


def test_gain_sends_back_what_autograd_does():
    g = np.array([2, -1, 5])
    dY, dg = gain_back(Y, DELTA, g, CUBE)
    whole = torch.tensor(g.astype(float))[:, None, None]
    assert close(dY, slopes(lambda y: whole * y**3, Y, DELTA))
    y = torch.tensor(Y.astype(float))
    assert close(dg, slopes(lambda one: one[:, None, None] * y**3, g, DELTA))


def test_subtractive_takes_the_surround_of_all_maps():
    assert subtractive([[[1, 2, 4]], [[0, 1, 0]]], [[0, 0, 1]]).tolist() == [
        [[1, 1, 1]], [[0, 0, -3]]]
    assert subtractive(Y, K).tolist() == loops.subtract_surround(Y.tolist(), K.tolist())


def test_subtractive_takes_a_constant_away_when_the_weights_sum_to_one_over_the_maps():
    have = subtractive(np.full((3, 7, 7), 5.0), gaussian(1, 0.8) / 3)
    assert np.allclose(have[:, 1:-1, 1:-1], 0)


def test_subtractive_back_is_the_adjoint():
    assert (subtractive(Y, K) * DELTA).sum() == (Y * subtractive_back(DELTA, K)).sum()
    assert not np.array_equal(subtractive(DELTA, K), subtractive_back(DELTA, K))


@pytest.mark.parametrize("mu", [0.5, 0.75, 2])
def test_brightness_and_its_way_back_are_pytorchs(mu):
    def layer(y):
        return y / (3 + 0.5 * (y**2).sum(dim=0)) ** mu

    have = brightness(Y, 3, 0.5, mu)
    assert close(have, layer(torch.tensor(Y.astype(float))).numpy())
    assert close(have, loops.divide_brightness(Y.tolist(), 3, 0.5, lambda d: d**mu))
    assert close(brightness_back(Y, DELTA, 3, 0.5, mu), slopes(layer, Y, DELTA))


def test_layers_take_samples_in_front_and_exact_entries():
    batch = fractions(RANDOM, (2, 3, 2, 3))
    kernel = fractions(RANDOM, (1, 3))
    assert subtractive(batch, kernel).tolist() == [subtractive(y, kernel).tolist() for y in batch]
    assert brightness(batch, 1, 2, 2).tolist() == [
        loops.divide_brightness(y.tolist(), 1, 2, lambda d: d * d) for y in batch]
    assert brightness_back(batch, batch, 1, 2, 1).tolist() == [
        brightness_back(y, y, 1, 2, 1).tolist() for y in batch]


def test_convolution_turns_the_mask():
    assert convolve_image([1, 0, 0], [5, 6, 7]).tolist() == [6, 7, 0]
    assert convolve_image(Y[0], K).tolist() == correlate_image(Y[0], K[::-1, ::-1]).tolist()


def test_full_convolution_is_the_loops_and_takes_a_correlation_back():
    image = RANDOM.integers(-9, 9, (6, 9))
    inside = correlate_image(image, K, padding="valid")
    delta = RANDOM.integers(-9, 9, inside.shape)
    back = convolve_full(delta, K)
    assert back.tolist() == loops.convolve(delta.tolist(), K.tolist())
    assert (inside * delta).sum() == (image * back).sum()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: gain(Y, [1, 2], activation("relu")), r"g must have shape \(3,\), got \(2,\)"),
    (lambda: gain_back(Y, DELTA[:2], [1, 2, 3], CUBE), r"delta must have shape \(..., 3, 4, 5\)"),
    (lambda: subtractive(Y[0], K), r"Y must have shape \(..., D, H, W\), got \(4, 5\)"),
    (lambda: subtractive(Y, K[:2]), r"K must have odd sides, got shape \(2, 5\)"),
    (lambda: subtractive_back(Y, K[:, 1:]), r"K must have odd sides, got shape \(3, 4\)"),
    (lambda: brightness(Y * 0, 0, 1, 1), "kappa and lam must keep .* positive, got 0 and 1"),
    (lambda: brightness(Y, float("nan"), 1, 1), "kappa must be finite, got nan"),
    (lambda: brightness_back(Y, DELTA[0], 1, 1, 1), "delta must have shape"),
    (lambda: convolve_full([[1]], [1]), r"mask must have shape .*, got \(1,\)"),
])
def test_errors_name_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_exact_entries_are_normalised_exactly():
    Y = np.array([[[Fraction(1, 2), -3]], [[2, Fraction(4, 3)]]], dtype=object)
    delta = np.array([[[1, Fraction(-2, 5)]], [[3, 7]]], dtype=object)
    D = 2 + 3 * (Y[0] ** 2 + Y[1] ** 2)
    along = Y[0] * delta[0] + Y[1] * delta[1]
    assert brightness(Y, 2, 3, 2).tolist() == (Y / D**2).tolist()
    want = delta / D**2 - 12 * Y * along / D**3
    assert brightness_back(Y, delta, 2, 3, 2).tolist() == want.tolist()
    assert close(brightness_back(Y.astype(float), delta.astype(float), 2, 3, 2), want)
