"""What nobody foresaw is told by what it has to do with the right answer."""

import numpy as np
import pytest

from cnnmat import correlate, correlate_backward
from cnnmat.testing import check_activation, check_correlation, check_feedforward, check_pooling
from tests.testing.bank import ENTRIES
from tests.testing.running import run_strictly


def told(result):
    return [d.sentence for d in result.diagnosis]


@pytest.mark.parametrize(("change", "sentence"), [
    (lambda y: np.round(y, 3), "the right answer is rounded to 3 decimals"),
    (np.sqrt, "the square root of the right answer is returned"),
    (np.tanh, "the tanh of the right answer is returned"),
])
def test_what_is_made_of_the_right_answer(change, sentence):
    result = check_activation(lambda x: change(1 / (1 + np.exp(-x))), name="sigmoid")
    assert told(result) == [sentence]


@pytest.mark.every
def test_whole_numbers_that_are_others_are_not_rounded_ones():
    """The gradient of pixels that no window reaches is a whole number, and is not the right one."""
    entry = ENTRIES["gradient_of_skipped_pixels"]
    slugs = {d.slug for d in run_strictly(entry).diagnosis}
    assert "rounded" not in slugs


def test_a_function_of_the_right_answer_of_a_dense_layer():
    def forward(x, w, b):
        return np.exp(-np.logaddexp(0, -(x @ w + b)))

    assert told(check_feedforward(forward, weights="in_out")) == [
        "the sigmoid of the right answer is returned"]


def test_a_penalty_of_its_own_in_a_gradient():
    def backward(dz, x, w, s, p):
        dx, dw, db = correlate_backward(dz, x, w, stride=s, padding=p)
        return dx, dw + 0.01 * w, db

    result = check_correlation(
        lambda x, w, b, s, p: correlate(x, w, b, stride=s, padding=p), backward)
    assert told(result) == ["0.01 times w is added to the right answer"]


@pytest.mark.parametrize(("stride", "padding", "slug"), [
    (lambda s: (s[0], s[0]), lambda p: p, "stride-of-first-axis"),
    (lambda s: (s[1], s[1]), lambda p: p, "stride-of-last-axis"),
    (lambda s: s, lambda p: ((p[0] // 2, p[0] - p[0] // 2), (p[1] // 2, p[1] - p[1] // 2)),
     "padding-halved"),
])
def test_a_setting_of_one_axis_for_all(stride, padding, slug):
    result = check_correlation(
        lambda x, w, b, s, p: correlate(x, w, b, stride=stride(s), padding=padding(p)),
        stride="tuple", padding="tuple")
    assert slug in {d.slug for d in result.diagnosis}


def test_a_stride_of_one_axis_for_all_windows():
    from cnnmat import pool
    result = check_pooling(lambda x, k, s: pool(x, "max", k, stride=(s[0], s[0])), stride="tuple")
    assert "stride-of-first-axis" in {d.slug for d in result.diagnosis}
