"""A convention is noted with the word that accepts it; strict makes it wrong; the rest stays."""

import re

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.testing import notes
from tests.testing.bank import plain


def softmax(y):
    e = np.exp(y - y.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def averaged(dz, x, w, stride, padding):
    dx, dw, db = plain.conv_back(dz, x, w, stride, padding)
    return dx, dw / len(x), db / len(x)


def overwriting(dy, x):
    dy[x <= 0] = 0
    return dy


def with_epsilon(size):
    return lambda y, t: -(t * np.log(softmax(y) + size)).sum() / len(y)


def in_float32(x, w, b):
    return x.astype(np.float32) @ w.T.astype(np.float32) + b.astype(np.float32)


CASES = {
    "mean-gradients": lambda **more: testing.check_correlation(plain.conv, averaged, **more),
    "overwrites-upstream": lambda **more: testing.check_activation(
        lambda x: x * (x > 0), overwriting, **more),
    "epsilon": lambda **more: testing.check_risk(with_epsilon(np.finfo(float).eps), **more),
    "float32": lambda **more: testing.check_feedforward(in_float32, **more),
}


@pytest.mark.parametrize("word", CASES)
def test_a_convention_is_noted_accepted_or_wrong(word):
    noted, accepted, strict = CASES[word](), CASES[word](accept=word), CASES[word](strict=True)
    assert noted.verdict == accepted.verdict == "right"
    assert [n for n in noted.notes if f'accept="{word}"' in n]
    assert not [n for n in accepted.notes if "accept" in n]
    assert strict.verdict == "wrong"
    assert strict.diagnosis
    assert CASES[word](accept=word, strict=True).passed


def test_the_size_in_a_logarithm_is_found_and_said():
    assert "2.22e-16 is added in the logarithm" in CASES["epsilon"]().notes[0]
    for size in (1e-3, 0.1):
        result = testing.check_risk(with_epsilon(size))
        assert not result.passed
        assert result.diagnosis[0].sentence.startswith(f"{size:g} is added in the logarithm")


def test_a_clip_is_not_taken_for_an_addition():
    def clipped(y, t):
        return -(t * np.log(np.clip(softmax(y), 1e-12, 1))).sum() / len(y)

    assert "clipped at 1e-12" in testing.check_risk(clipped).notes[0]


def test_some_of_the_gradients_divided_is_no_convention():
    def only_dw(dz, x, w, stride, padding):
        dx, dw, db = plain.conv_back(dz, x, w, stride, padding)
        return dx, dw / len(x), db

    result = testing.check_correlation(plain.conv, only_dw)
    assert [(d.slug, d.outputs) for d in result.diagnosis] == [("divided-by-batch", ("dw",))]


def test_a_mistake_beside_a_convention_is_wrong_and_the_convention_is_noted():
    def both(dz, x, w, stride, padding):
        dx, dw, db = averaged(dz, x, w, stride, padding)
        return -dx, dw, db

    result = testing.check_correlation(plain.conv, both)
    assert [(d.slug, d.outputs) for d in result.diagnosis] == [("sign", ("dx",))]
    assert "mean-gradients" in result.notes[0]


def test_another_array_must_not_be_overwritten():
    def overwrites_x(dy, x):
        x[x < 0] = 0
        return dy * (x > 0)

    assert not testing.check_activation(lambda x: x * (x > 0), overwrites_x).passed


def test_a_first_layer_needs_no_dx_unless_it_is_asked_for():
    def back(dz, x, w, stride, padding):
        return None, *plain.conv_back(dz, x, w, stride, padding)[1:]

    result = testing.check_correlation(plain.conv, back)
    assert (result.verdict, result.refusals[0].limits) == ("right within limits", ("no-dx",))
    assert "backward gives no dx" in result.summary()
    for demand in ("dx", "everything"):
        assert testing.check_correlation(plain.conv, back, supports=demand).verdict == "wrong"
    wrong = testing.check_correlation(plain.conv, lambda *a: (*back(*a)[:2], -back(*a)[2]))
    assert [(d.slug, d.outputs) for d in wrong.diagnosis] == [("sign", ("db",))]


def test_a_dx_that_is_missing_now_and_then_is_wrong():
    def back(dz, x, w, stride, padding):
        dx, dw, db = plain.conv_back(dz, x, w, stride, padding)
        return None if stride > 1 else dx, dw, db

    assert testing.check_correlation(plain.conv, back).verdict == "wrong"


def test_half_precision_is_no_convention():
    result = testing.check_feedforward(lambda x, w, b: in_float32(x, w, b).astype(np.float16))
    assert not result.passed


def test_other_words_are_refused():
    message = "accept must be made of 'mean-gradients', 'epsilon', 'overwrites-upstream', "
    with pytest.raises(ValueError, match=re.escape(message + "'float32', got 'anything'")):
        notes.accept("anything")
