"""Proofs at the sizes of real layers: they pass, and one slip in one entry is noticed."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from cnnmat import loops
from cnnmat.derivations.sayed import lecture
from cnnmat.textbook import correlation
from cnnmat.verify.judge import run
from cnnmat.verify.loading import load, select

# as the lecture itself has loaded it: importing it here would hide that it did not
real = sys.modules["cnnmat.derivations.sayed.real_sizes"]


@pytest.mark.parametrize(("largest", "stride", "padding"), [
    (9, (2, 1), ((1, 0), (2, 1))), (1, (1, 1), ((0, 0), (0, 0))), (2**40, (3, 2), ((0, 2), (1, 0))),
    (0, (1, 1), ((0, 0), (1, 1)))])
def test_rows_at_a_time_is_the_correlation_cell_by_cell(largest, stride, padding):
    rng = np.random.default_rng(3)
    x, w = (rng.integers(-largest, largest + 1, shape).tolist()
            for shape in ((3, 7, 8), (2, 3, 2, 3)))
    z = loops.correlate_rows(x, w, stride, padding)
    assert [z] == loops.correlate([x], w, [0, 0], list(stride), list(padding), [1, 1], 1)
    dz = rng.integers(-largest, largest + 1, np.shape(z)).tolist()
    dx, dw, _ = loops.correlate_backward([dz], [x], w, list(stride), list(padding), [1, 1], 1)
    assert loops.correlate_rows_backward(dz, x, w, stride, padding) == (dx[0], dw)


def test_the_largest_sum_fits_its_digit(monkeypatch):
    """All entries as large as they come, of one sign: and one bit fewer is noticed."""
    from cnnmat.loops import rows

    x, w = [[[-255] * 4]] * 2, [[[[255]]] * 2]
    assert loops.correlate_rows(x, w, (1, 1), ((0, 0), (0, 0))) == [[[-2 * 255**2] * 4]]
    right = rows.digit_bytes
    monkeypatch.setattr(rows, "digit_bytes",
                        lambda *factors, terms: right(*factors, terms=terms) - 1)
    with pytest.raises((AssertionError, OverflowError)):
        assert loops.correlate_rows(x, w, (1, 1), ((0, 0), (0, 0))) == [[[-2 * 255**2] * 4]]


@pytest.mark.parametrize("number", ["47.1257/real", "47.1275/real"])
def test_it_holds_and_says_how_it_was_decided(number):
    result = run(lecture.claims[number])
    assert (result.verdict, result.message) == ("holds", "")
    assert all(result.controls.values())
    assert all("values" in e["covers"] or "probability" in e["covers"] for e in result.evidence)


def smallest(number):
    """The claim with the first of its cases only."""
    claim = lecture.claims[number]
    return replace(claim, cases=claim.cases[:1])


def test_a_slip_in_one_entry_of_v_is_noticed_by_the_coefficients(monkeypatch):
    right = real.weight_matrix_short

    def slipped(partition, w):
        matrix = right(partition, w)
        k = matrix.nnz // 2
        matrix.indices[k] = (matrix.indices[k] + 1) % matrix.shape[1]
        return matrix

    monkeypatch.setattr(real, "weight_matrix_short", slipped)
    assert run(smallest("47.1257/real")).verdict == "fails"


def test_a_slip_in_one_entry_of_one_gradient_is_noticed_by_the_dual_numbers(monkeypatch):
    right = correlation.dW

    def slipped(H, delta):
        gradient = right(H, delta)
        gradient[..., 0, 0] += 1
        return gradient

    monkeypatch.setattr(correlation, "dW", slipped)
    assert run(smallest("47.1275/real")).verdict == "fails"


def test_a_slip_in_one_weight_on_the_way_back_is_noticed_in_full(monkeypatch):
    right, small = correlation.pull_back, smallest("47.1268/real")

    def slipped(partition, W, delta):
        W = W.copy()
        W[7, 3] += 1
        return right(partition, W, delta)

    assert run(small).verdict == "holds"
    monkeypatch.setattr(correlation, "pull_back", slipped)
    assert run(small).verdict == "fails"


def test_they_run_only_when_asked_for():
    lectures = load("sayed")
    asked, usual = (select(lectures, None, real=flag) for flag in (True, False))
    assert {c.id for c in asked} == {"47.1257/real", "47.1268/real", "47.1275/real"}
    assert not {c.id for c in asked} & {c.id for c in usual}
