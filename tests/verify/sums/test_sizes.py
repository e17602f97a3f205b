"""Sizes that are letters: what is decided, what is assumed."""

from itertools import product

import pytest

from cnnmat.arguments import MEMORY
from cnnmat.verify.sums.sizes import Coding, Outside, Size, coding, digits_of, size


@pytest.fixture
def code():
    with coding(Coding()) as one:
        yield one


def test_sizes_are_integers_that_know_their_letters(code):
    P, S = size("P"), size("S")
    assert isinstance(P * S, int)
    assert (int.__add__(P, 0), int.__add__(P * S, 0)) == (11, 11 * 13)
    assert [str(n) for n in (P * S, 2 * P - 1, P - P + 3, -P + S, (P + 1) * (P - 1), 4 * P**2)] == [
        "P·S", "2·P - 1", "3", "-P + S", "(P + 1)·P - (P + 1)", "4·P·P"]
    assert (P + 1) * (P - 1) == P * P - 1
    assert code.assumptions == []
    assert (str(P * S // P), P * S % S, str(f"{P}")) == ("S", 0, "P")


@pytest.mark.parametrize(("ask", "answer"), [
    (lambda P, S: P * S == S * P, True), (lambda P, S: P >= 1, True),
    (lambda P, S: P < 1, False), (lambda P, S: P * S >= P, True),
    (lambda P, S: P + 1 > P, True), (lambda P, S: P == P + S, False),
    (lambda P, S: P != size("P"), False), (lambda P, S: bool(P), True),
    (lambda P, S: P * P <= P * P * S, True), (lambda P, S: P > -1, True),
    (lambda P, S: P < float("inf"), True), (lambda P, S: P == 0, False),
])
def test_what_holds_for_all_sizes_is_decided(code, ask, answer):
    assert ask(size("P"), size("S")) is answer
    assert code.assumptions == []


@pytest.mark.parametrize(("ask", "words"), [
    (lambda P, S: P == S, "P ≠ S"), (lambda P, S: P > S, "P ≤ S"), (lambda P, S: P < S, "P < S"),
    (lambda P, S: P == 1, "P ≠ 1"), (lambda P, S: P > 1, "P > 1"),
    (lambda P, S: 16 * P * S > 2**30, "16·P·S ≤ 1073741824"),
    (lambda P, S: P * S > MEMORY, "all arrays fit in memory"),
    (lambda P, S: P < 2**31, "arrays have fewer than 2³¹ rows"),
    (lambda P, S: P - S + 1 > 0, "P - S + 1 ≤ 0"),
])
def test_what_does_not_is_assumed(code, ask, words):
    ask(size("P"), size("S"))
    assert code.assumptions == [words]
    ask(size("P"), size("S"))
    assert code.assumptions == [words]


def test_decisions_agree_with_numbers(code):
    P, S = size("P"), size("S")
    made = [(lambda p, s: p * s, P * S), (lambda p, s: p + s, P + S), (lambda p, s: 2 * p, 2 * P),
            (lambda p, s: p * p, P * P), (lambda p, s: s - p, S - P), (lambda p, s: 1, 1)]
    for (f, a), (g, b) in product(made, made):
        if not isinstance(a, Size):
            continue
        code.assumptions.clear()
        found = (a < b, a == b, a > b)
        if not code.assumptions:
            assert all((f(p, s) < g(p, s), f(p, s) == g(p, s), f(p, s) > g(p, s)) == found
                       for p, s in product(range(1, 5), range(1, 5)))


@pytest.mark.parametrize("ask", [
    lambda P, S: P // S, lambda P, S: P % 2, lambda P, S: P / 2, lambda P, S: 1 / P, float,
    lambda P, S: digits_of(P + 1), lambda P, S: digits_of(2 * P), lambda P, S: digits_of(3),
])
def test_what_letters_do_not_answer_is_outside(code, ask):
    with pytest.raises(Outside):
        ask(size("P"), size("S")) if ask is not float else ask(size("P"))


def test_other_codings_have_other_numbers():
    with coding(Coding(0)):
        one = int.__add__(size("P"), 0)
    with coding(Coding(1)):
        assert int.__add__(size("P"), 0) != one


def test_there_are_only_so_many_letters(code):
    with pytest.raises(Outside, match="more than 32 sizes"):
        [size(f"n{k}") for k in range(33)]
