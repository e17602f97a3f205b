"""Slips are made of a claim's own code, one at a time, and told apart by value or by size."""

import inspect

import numpy as np
import pytest

from cnnmat.cli import main
from cnnmat.derivations.sayed import lecture as sayed
from cnnmat.verify import Lecture, Sides, run
from cnnmat.verify.slips import tell_apart


def told(function, **fields):
    lecture = Lecture("own", "Own")
    lecture.claim("1", "identity", "A line", "a=b", **fields)(function)
    return tell_apart(lecture.claims["1"])


def gradient(e):
    H, w = e.symbols("H", 2, 3), e.symbols("w", 3)
    g = e.symbols("g", 2)
    printed = H.T @ g - w[::-1]   # and the -1 of the step has a sign
    return Sides(truth=[sum(H[p, s] * g[p] for p in range(2)) - w[2 - s] for s in range(3)],
                 printed=printed, wrong={"sign": -printed})


def test_what_is_assigned_for_the_printed_side_is_changed():
    found = told(gradient)
    assert found.missed == ()
    assert {one.split(":")[0] for one in found.apart} == {
        "a sign", "a factor left out", "factors exchanged", "a transpose dropped",
        "a sign dropped", "an order not reversed"}


def test_what_makes_no_difference_is_missed():
    def symmetric(e):
        x = e.symbols("x", 3)
        return Sides(truth=sum(v * v for v in x), printed=x.T @ x, wrong={"twice": 2 * x @ x})

    found = told(symmetric)
    assert any("transpose" in one for one in found.missed)
    assert any("left out" in one for one in found.apart)


def test_of_a_misprint_the_corrected_form_is_changed():
    def misprint(e):
        x = e.symbols("x", 2)
        return Sides(truth=x[0] - x[1], printed=x[0] + x[1], corrected=x[0] - x[1],
                     wrong={"zero": 0})

    assert "a sign: x[0] - x[1]" in told(misprint, expect="misprint").apart


def test_a_claim_without_an_expression_has_none():
    assert told(lambda e: Sides(truth=1, printed=1, wrong={"two": 2})).apart == ()


def test_the_claim_is_left_as_it_was():
    code = gradient.__code__
    told(gradient)
    assert gradient.__code__ is code


def test_free_variables_stay():
    factor = np.array([2, 3])

    def scaled(e):
        x = e.symbols("x", 2)
        return Sides(truth=[2 * x[0], 3 * x[1]], printed=x * factor, wrong={"x": x + 0})

    assert told(scaled).apart == ("a factor left out: x * factor",)


@pytest.mark.parametrize("id", ["47.1158", "47.1257", "47.1264"])
def test_claims_that_ship_tell_slips_apart(id):
    found = tell_apart(sayed.claims[id])
    assert found.apart or not inspect.getsource(inspect.unwrap(sayed.claims[id].function))


def test_the_result_has_them_when_they_are_asked_for():
    claim = sayed.claims["47.1158"]
    assert run(claim).to_json()["slips"] is None
    assert run(claim, slips=True).to_json()["slips"]["apart"]


def test_the_command_counts_and_lists(capsys):
    few = [word for id in ("s1a", "s1b", "s1d") for word in ("--claim", id)]
    assert main(["verify", "lec14", *few, "--slips", "--quiet"]) == 0
    out = capsys.readouterr().out
    assert "slips generated: " in out
    assert "told apart; none could be generated for" in out
