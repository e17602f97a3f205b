"""What a result says, and what the checks say of wrong use."""

import json
import re

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.testing.diagnosis.conditions import condition
from cnnmat.testing.shrinking import simpler
from tests.testing.bank import ENTRIES, plain
from tests.testing.running import run_check


def verdict(name):
    entry = ENTRIES[name]
    return run_check(entry.kind, entry.make(), entry.options)


def test_assert_raises_with_the_summary():
    with pytest.raises(AssertionError, match="kernel-flipped"):
        testing.assert_correlation(*ENTRIES["flipped"].make())
    assert testing.assert_correlation(plain.conv, plain.conv_back) is None
    assert testing.assert_pooling.__name__ == "assert_pooling"


def test_a_result_is_true_if_it_passed():
    assert testing.check_activation(np.tanh, name="tanh")
    assert not testing.check_activation(np.sin, name="tanh")


def test_the_smallest_input_for_a_kernel_that_is_turned():
    source = verdict("flipped").counterexample
    assert source.arrays["x"].size == source.arrays["w"].size == 2
    assert source.settings == (1, 0)
    assert set(source.arrays["x"].ravel()) <= {0, 1}


def test_the_smallest_input_for_a_stride_that_is_ignored():
    small = verdict("stride_ignored").counterexample
    assert small.arrays["x"].size == 2
    assert small.settings == (2, 0)


def test_the_terms_name_the_pixels_and_weights():
    terms = verdict("last_channel_only").counterexample.terms
    assert "x[0, 0, 0, 0]*w[0, 0, 0, 0]" in terms
    assert "b[0]" in terms


def test_terms_speak_the_callers_layout():
    result = testing.check_correlation(
        lambda x, w, b, s, p: plain.conv(
            x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1)[:, :, ::-1], b, s, p
        ).transpose(0, 2, 3, 1), layout="NHWC")
    small = result.counterexample
    assert small.arrays["w"].shape[2:] == (1, 1)
    assert "w[1, 0, 0, 0]" in small.terms
    assert result.diagnosis[0].slug == "kernel-flipped-axis-0"


def test_a_mistake_under_a_condition_names_the_condition():
    result = verdict("one_by_one_path_without_bias")
    assert result.diagnosis[0].sentence.endswith("only when the kernel is 1 x 1")


def test_two_mistakes_at_once_are_both_named():
    def backward(dz, x, w, stride, padding):
        dx, dw, db = plain.conv_back(dz, x, w, stride, padding)
        return dx, -dw[:, :, ::-1, ::-1] / len(x), db

    slugs = [d.slug for d in testing.check_correlation(
        plain.conv, lambda *a: (lambda dx, dw, db: (dx, dw / len(a[1]), db))(
            *backward(*a)[:1], dw=-plain.conv_back(*a)[1], db=backward(*a)[2])).diagnosis]
    assert slugs == ["sign + divided-by-batch"]


def test_where_no_mistake_fits_nothing_is_named_and_the_condition_is():
    result = verdict("stops_at_kernel_three")
    assert result.diagnosis == []
    assert result.known[0].endswith(": only when the kernel is larger than 3")
    assert "None of the known mistakes" in result.summary()


def test_entries_that_are_wrong_are_listed():
    assert verdict("cross_term_forgotten").known == ["g: wrong in all 4; only in [0], [1]"]


@pytest.mark.every
def test_wrong_only_when_two_things_meet():
    def conv(x, w, b, stride, padding):
        z = plain.conv(x, w, b, stride, padding)
        return z + 1 if stride > 1 and padding > 0 and len(x) > 1 else z

    known = testing.check_correlation(conv).known
    assert known[0].startswith("z: wrong in ")


def test_json_holds_what_the_summary_says():
    result = verdict("dx_assigned")
    found = json.loads(result.to_json())
    assert found["passed"] is False
    assert found["diagnosis"][0]["slug"] == "overlap-assigned"
    assert found["counterexample"]["source"] in result.summary()
    assert {"behaviour": "plain", "output": "dx", "right": False} in found["scores"]


@pytest.mark.every
def test_infinite_values_make_valid_json():
    found = verdict("returns_infinity").to_json()
    assert json.loads(found, parse_constant=pytest.fail)


def test_points_are_given_by_behaviour():
    points = {(b, o): right for b, o, right in verdict("padding_ignored").points()}
    assert points["plain", "z"]
    assert points["stride", "z"]
    assert not points["padding", "z"]
    assert points["padding", "dx"]


def test_notes_are_no_failures():
    result = testing.check_activation(lambda x: x, name="identity")
    assert result.passed
    assert result.notes == ["y is a view of an input"]


def test_the_seed_changes_numbers_and_not_the_verdict(quick):
    for seed in (1, 2, 3):
        assert testing.check_correlation(plain.conv, plain.conv_back, seed=seed).passed
        with quick():
            assert not testing.check_correlation(*ENTRIES["dx_assigned"].make(), seed=seed).passed


def test_simpler_never_makes_an_entry_more_complicated():
    assert simpler(np.array([3.0, 0.0]), np.array([1.0, 0.0]))
    assert not simpler(np.array([3.0, 0.0]), np.array([1.0, 1.0]))
    assert not simpler(np.array([1.0]), np.array([1.0]))


def test_condition_takes_two_features_where_one_does_not_do():
    rows = [({"a": a, "b": b}, a and not b) for a in (True, False) for b in (True, False)]
    assert condition(2 * rows) == "a and not: b"


@pytest.mark.parametrize(("call", "message"), [
    (lambda: testing.check_correlation(3), "forward must be callable, got 3"),
    (lambda: testing.check_correlation(plain.conv, 3), "backward must be callable, got 3"),
    (lambda: testing.check_correlation(plain.conv, layout="CWH"),
     "layout must be one of 'NCHW', 'NHWC', 'CHW', 'HWC', got 'CWH'"),
    (lambda: testing.check_correlation(plain.conv, stride=2),
     "stride must be one of 'int', 'tuple', 'none', got 2"),
    (lambda: testing.check_correlation(plain.conv, dims=4), "dims must be 1, 2 or 3, got 4"),
    (lambda: testing.check_correlation(plain.conv, dtype="float16"),
     "dtype must be one of 'float64', 'float32', got 'float16'"),
    (lambda: testing.check_correlation(plain.conv, seed=-1), "seed must be at least 0, got -1"),
    (lambda: testing.check_correlation(plain.conv, timeout=0), "timeout must be positive, got 0"),
    (lambda: testing.check_correlation(plain.conv, timeout=1e300),
     "timeout must be at most 86400, got 1e+300"),
    (lambda: testing.check_correlation(plain.conv, timeout=float("inf")),
     "timeout must be finite, got inf"),
    (lambda: testing.check_pooling(plain.max_pool, kind="median"),
     "kind must be one of 'max', 'mean', 'sum', 'l2', got 'median'"),
    (lambda: testing.check_activation(np.tanh, name="swish"), "name must be one of"),
    (lambda: testing.check_risk(np.sum, kind="huber"), "kind must be one of"),
    (lambda: testing.check_risk(np.sum, kind="binary_hinge", target="labels"),
     "target must be 'one_hot' with kind 'binary_hinge', got 'labels'"),
    (lambda: testing.check_softmax(np.exp, kind="sparsemax"),
     "kind must be one of 'softmax', 'log_softmax', got 'sparsemax'"),
    (lambda: testing.check_batch_norm(np.sum, mode="eval", running="new"),
     "running must be 'none' with mode 'eval', got 'new'"),
    (lambda: testing.check_layer_norm(np.sum, eps=0), "eps must be positive, got 0"),
    (lambda: testing.check_group_norm(np.sum, layout="NC"),
     "layout must be one of 'NCHW', 'NHWC', got 'NC'"),
    (lambda: testing.check_risk(np.sum, kind="squared_error", target="labels"),
     "target must be 'one_hot' with kind 'squared_error', got 'labels'"),
    (lambda: testing.check_feedforward(np.dot, weights="both"), "weights must be one of"),
    (lambda: testing.check_update(print, decay="none"),
     "decay must be one of 'weights', 'all', got 'none'"),
    (lambda: testing.check_adjoint(np.sum, np.sum, ((2,),)),
     "shapes must be two, those of x and y, got 1"),
    (lambda: testing.check_adjoint(np.sum, np.sum, ((99, 99), (1,))),
     "shapes[0] must have at most 4096 entries, got (99, 99)"),
    (lambda: testing.check_gradient(np.sum, np.ones_like, [np.nan]), "x must be finite"),
    (lambda: testing.check_gradient(3, np.ones_like, [1.0]), "f must be callable, got 3"),
])
def test_wrong_use_is_refused(call, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        call()
