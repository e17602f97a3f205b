"""What a bank that was kept apart showed of the checker itself, its kinds first."""

import ast

import numpy as np

from cnnmat import testing
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.diagnosis import conditions, rewriting
from cnnmat.testing.diagnosis.recipes import units
from tests.testing.bank.wrong_picking import lrn, lrn_back, sums


def test_kernels_are_deeper_than_high_and_less_deep():
    """A slice along the depth as long as the kernel is high was right of all that were tried."""
    cases = CorrelationContract(dims=3).cases(np.random.default_rng(0))
    kernels = [case.arrays["w"].shape[2:] for case in cases]
    assert sum(depth > height for depth, height, _ in kernels) > 3
    assert sum(depth < height for depth, height, _ in kernels) > 3


def test_the_neighbours_of_an_even_window_lie_on_the_other_side_going_back():
    def not_mirrored(dy, x, size, alpha, beta, k):
        a = alpha / size
        s = k + a * sums(x**2, size)
        return dy * s**-beta - 2 * a * beta * x * sums(dy * x * s ** (-beta - 1), size)

    assert testing.check_local_response(lrn, lrn_back)
    assert not testing.check_local_response(lrn, not_mirrored)


def test_a_condition_on_an_axis_that_a_case_does_not_have():
    assert not conditions.holds("T > 1", {"V > 1": True})
    assert conditions.holds("not: T > 1", {"V > 1": True})


def test_an_embedding_that_adds_up_the_first_sentence_only():
    def backward(dy, indices, w):
        dw = np.zeros(w.shape)
        first, upstream = (indices, dy) if indices.ndim == 1 else (indices[0], dy[0])
        np.add.at(dw, first, upstream)
        return dw

    result = testing.check_embedding(lambda indices, w: w[indices], backward)
    assert result.verdict == "wrong"
    assert "only when T > 1" in result.diagnosis[0].sentence


def test_no_slip_puts_a_list_into_itself():
    kinds = tuple((name, "array") for name in ("p", "grads", "v", "after", "dw"))
    for function in (units.descend, units.nesterov_of_steps):
        slips = rewriting.slips_of(function, kinds)
        said = [slip.said() for slip in slips if slip.slug == "other-name"]
        assert any("`grads` stands where `p` belongs" in one for one in said)
        assert not any("`after` stands" in one for one in said)
    assert rewriting._growing(ast.parse("a.append(b)\nc.extend(d)\nlen(e)")) == {"a", "c"}


def test_steps_whose_velocity_is_one_behind_are_judged_in_time():
    """A slip that never ended was tried on the way: `after` in the place of what it takes in."""
    def step(params, grads, lr, decay, momentum, state):
        g = {k: grads[k] + (decay * params[k] if k == "w" else 0) for k in params}
        v = state or g
        return ({k: params[k] - lr * v[k] for k in params},
                {k: momentum * v[k] + g[k] for k in params})

    result = testing.check_update(step)
    assert result.verdict == "wrong"
    assert result.diagnosis
