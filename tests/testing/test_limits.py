"""Limits of activations, risks, dense layers and steps: found, declared, ruled out."""

import numpy as np
import pytest

from cnnmat import testing
from tests.testing.bank import plain


def refusing(function, refused):
    def guarded(*args):
        if refused(*args):
            raise ValueError("this is not taken")
        return function(*args)
    return guarded


def step(params, grads, lr, decay, momentum, state):
    old = state or {k: 0 * p for k, p in params.items()}
    v = {k: momentum * old[k] + grads[k] + decay * (k == "w") * params[k] for k in params}
    return {k: p - lr * v[k] for k, p in params.items()}, v


#: check, a right function, when it raises, the limit, its opposite.
LIMITED = [
    (testing.check_activation, lambda x: np.maximum(x, 0), lambda x: x.ndim != 2, "matrices",
     "all-shapes"),
    (testing.check_risk, plain.cross_entropy, lambda y, t: y.shape[1] > 2, "two-classes",
     "classes"),
    (testing.check_risk, plain.cross_entropy, lambda y, t: len(y) > 1, "one-sample", "batches"),
    (testing.check_feedforward, plain.dense, lambda x, w, b: len(w) > 1, "one-output", "outputs"),
    (testing.check_feedforward, plain.dense, lambda x, w, b: len(x) > 1, "one-sample", "batches"),
    (testing.check_update, step, lambda *args: args[3] > 0, "no-decay", "decay"),
    (testing.check_update, step, lambda *args: args[4] > 0, "no-momentum", "momentum"),
    (testing.check_update, step, lambda *args: args[5] is not None, "one-step", "steps"),
]


@pytest.mark.parametrize(("check", "function", "refused", "word", "opposite"), LIMITED)
def test_a_limit_is_found_declared_and_ruled_out(check, function, refused, word, opposite):
    limited = refusing(function, refused)
    found = check(limited)
    assert found.verdict == "right within limits"
    assert {limit for r in found.refusals for limit in r.limits} == {word}
    declared = check(limited, only=word)
    assert declared.verdict == "right"
    assert declared.configurations > 3
    assert check(limited, supports=opposite).verdict == "wrong"
    assert check(function, supports=opposite).verdict == "right"


def test_within_a_limit_a_mistake_is_found_and_named():
    wrong = testing.check_risk(lambda y, t: plain.cross_entropy(y, t) * len(y), only="two-classes")
    assert wrong.diagnosis[0].slug == "times-batch"


def test_what_is_no_limit_of_a_kind_is_refused():
    with pytest.raises(ValueError, match="'no-decay', 'no-momentum', 'one-step' for an update"):
        testing.check_update(step, only="tiles")
