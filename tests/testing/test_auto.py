"""``convention="auto"``: wrappers as people write them are found, and what is wrong stays wrong."""

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.calling.convention import signatures
from cnnmat.calling.probing import find
from tests.testing import wrappers
from tests.testing.wrappers import WRAPPERS, conv, conv_back


def check(kind, *functions, **options):
    return getattr(testing, f"check_{kind}")(*functions, convention="auto", **options)


@pytest.mark.parametrize("make", WRAPPERS, ids=lambda make: make.__name__)
def test_a_wrapper_is_found_without_a_word_and_its_bug_too(make, quick):
    kind, words = WRAPPERS[make]
    right = check(kind, *make(False))
    with quick():
        wrong = check(kind, *make(True))
    assert right.passed, right.summary()
    assert words in right.notes[0]
    assert not wrong.passed


def test_the_bug_does_not_change_the_convention():
    """But where it changes a value that says one: a mean, or none."""
    for make, (kind, _) in WRAPPERS.items():
        right, wrong = ([c.words() for c in find([*make(w)], kind)] for w in (False, True))
        assert right == wrong, make.__name__
        assert len(right) == 1


def no_kernel_turned(x, w, b):
    return conv(x, w[:, :, ::-1, ::-1], b)


def rows_and_columns(x, w, b):
    if w.shape[2] != w.shape[3]:
        raise ValueError("square kernels only")
    return conv(x, w.swapaxes(2, 3), b)


def channels_and_maps(x, w, b):
    return conv(x, w.swapaxes(0, 1), b)


def rows_and_columns_of_the_answer(x, w, b):
    return conv(x, w, b).swapaxes(2, 3)


def channels_last_in_the_answer(x, w, b):
    return conv(x, w, b).transpose(0, 2, 3, 1)


def bias_subtracted(x, w, b):
    return conv(x, w, -b)


def whole_numbers(x, w, b):
    return conv(x, w, b).astype(int) // 2


def half_precision(x, w, b):
    return conv(x, w, b + 1 / 3).astype(np.float16)


def averaged_forward(x, w, b):
    return conv(x, w, b) / len(x)


@pytest.mark.parametrize("forward", [
    no_kernel_turned, rows_and_columns, channels_and_maps, rows_and_columns_of_the_answer,
    channels_last_in_the_answer, bias_subtracted, whole_numbers, half_precision, averaged_forward])
def test_a_mistake_is_no_convention(forward, quick):
    with quick():
        result = check("correlation", forward)
    assert not result.passed
    assert "layout NCHW; weights OIHW" in result.notes[0]


def dw_transposed(dz, x, w):
    dx, dw, db = conv_back(dz, x, w)
    return dx, dw.transpose(2, 3, 1, 0), db


def only_dw_averaged(dz, x, w):
    dx, dw, db = conv_back(dz, x, w)
    return dx, dw / len(x), db


def db_of_each_sample(dz, x, w):
    return *conv_back(dz, x, w)[:2], dz.sum((2, 3))


def names_exchanged(dz, x, w):
    dx, dw, db = conv_back(dz, x, w)
    return {"dW": dx, "dX": dw, "db": db}


@pytest.mark.parametrize("backward", [
    dw_transposed, only_dw_averaged, db_of_each_sample, names_exchanged])
def test_a_mistake_in_backward_is_no_convention(backward, quick):
    with quick():
        result = check("correlation", lambda x, w, b: conv(x, w, b), backward)
    assert not result.passed
    assert {f.part for f in result.failures} == {"backward"}


def test_a_mean_is_taken_from_forward_and_held_against_backward():
    loss, = wrappers.loss_and_gradient(True)
    result = check("risk", loss)
    assert [d.slug for d in result.diagnosis] == ["times-batch"]


def test_what_never_runs_is_judged_by_its_names():
    def conv(image, kernels):
        raise NotImplementedError

    result = check("correlation", conv)
    assert not result.passed
    assert result.notes[0].startswith("no convention was found by which it runs")


def test_two_conventions_that_shapes_do_not_tell_apart_are_both_said(quick):
    def same(x, w):
        return np.zeros((2, 6, 7, 8)) if len(x) == 2 else np.zeros((1, 1, 1, 1))

    with quick():
        result = check("correlation", same)
    assert [n for n in result.notes if n.startswith("the shapes fit this convention as well")]


def test_parameters_that_say_nothing_are_named_in_one_line():
    def forward(p, q, r, t):
        return conv(p, q, r, t["stride"], t["pad"]), (p, q, r, t)

    def backward(q, p):
        dx, dw, db = conv_back(q, *p[:2], p[3]["stride"], p[3]["pad"])
        return db, dw, dx

    line = "x, w, b, conv_param -> out, cache; dout, cache -> db, dw, dx"
    result = testing.check_correlation(forward, backward, convention=line)
    assert result.passed, result.summary()


@pytest.mark.parametrize("text", ["", "x, w", "-> z", "x ->", "x -> y; z", "1 -> 2",
                                  "x -> y; z -> t; u -> v"])
def test_a_line_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="convention must be"):
        signatures(text)
    with pytest.raises(ValueError, match="convention must be"):
        testing.check_correlation(lambda x, w: x, convention=text)


def test_a_convention_is_text():
    with pytest.raises(TypeError, match="convention must be text, got 3"):
        testing.check_pooling(lambda x: x, convention=3)
    with pytest.raises(TypeError, match="forward must be callable, got 'conv'"):
        testing.check_correlation("conv", convention="auto")


def test_a_subtracted_bias_that_is_declared_stays_so(quick):
    assert check("correlation", bias_subtracted, bias="subtract").passed
    with quick():
        assert not check("correlation", lambda x, w, b: conv(x, w, b), bias="subtract").passed


def test_a_class_that_never_gives_its_weights_has_no_convention():
    class Conv:
        def forward(self, x):
            return x

    assert not check("correlation", Conv).passed
