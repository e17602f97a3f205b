"""Sizes that are letters: what is decided, what is assumed."""

from itertools import product
from math import prod

import pytest

from cnnmat.arguments import MEMORY
from cnnmat.verify.sums.sizes import (
    Coding,
    Outside,
    Size,
    at_least_zero,
    coding,
    define,
    digits_of,
    expanded,
    remainder,
    signs_of,
    size,
)


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
    lambda P, S: digits_of(3), lambda P, S: digits_of(P - S), lambda P, S: (P + S) // P,
    lambda P, S: define("H", P - S),
])
def test_what_letters_do_not_answer_is_outside(code, ask):
    with pytest.raises(Outside):
        ask(size("P"), size("S")) if ask is not float else ask(size("P"))


def test_a_sum_of_sizes_is_an_axis_of_one_digit(code):
    P, K, M = map(size, "PKM")
    H = define("H", P + K - 1)
    assert digits_of(H) == digits_of(K - 1 + P) == ("H",)
    assert digits_of(H * M) == digits_of((P + K - 1) * M) == ("H", "M")
    assert digits_of(H - K + 1) == ("P",)
    assert digits_of((P + M - 1) * K) == ("(P + M - 1)", "K")
    assert int.__add__(H, 0) == int.__add__(P + K - 1, 0)
    assert (H == P, H > K - 1, H >= P, H * K == K * (K - 1) + K * P) == (False, True, True, True)
    assert code.assumptions == ["P + K - 1 ≠ P"] or code.assumptions == ["H ≠ P"]


def test_a_size_has_one_meaning(code):
    P, K = size("P"), size("K")
    define("H", P + K)
    assert str(define("H", K + P)) == "H"
    assert (define("X", P), define("Y", P * K), define("Z", 1)) == (P, P * K, 1)
    with pytest.raises(ValueError, match="letter must stand for one size, got H"):
        define("H", 2 * P)


def test_what_is_not_positive_for_sure_is_assumed_to_be(code):
    P, K = size("P"), size("K")
    define("H", P * K - K)
    assert code.assumptions == ["P·K - K ≥ 1"]


def test_divisions_with_remainder(code):
    P, s = size("P"), size("s")
    r, k = remainder("r", s), at_least_zero("k")
    assert (str(((P - 1) * s + r) // s), str(((P - 1) * s + r) % s)) == ("P - 1", "r")
    assert str(-(-((P - 1) * s + 1 + r) // s)) == "P"
    assert divmod(2 * k + 1, 2) == (k, 1)
    H = define("H", P + k)
    assert divmod(H * s + r, s) == (P + k, r)
    assert divmod(H * P + k, H) == (P, k)
    assert code.assumptions == []
    with pytest.raises(Outside, match=r"P·s - s [+] 2·r // s, of which the letters do not tell"):
        ((P - 1) * s + 2 * r) // s


def test_signs_hold_for_all_that_the_letters_may_be(code):
    P, s, k = size("P"), size("s"), at_least_zero("k")
    r = remainder("r", s)
    H = define("H", P * s - k)
    for n in (P - 1, s - r, s - r - 1, k, r, P * s - r, k - 1, P * s - s + r, H, H - 1, H + k - r,
              -k, 1 - H, 2 * r - s, k * P, P * k + 1, r - s, H * k):
        found = {(v > 0) - (v < 0) for v in _values(n)}
        assert found <= signs_of(n.polynomial)
        assert found <= signs_of(expanded(n)) or any("H" in m for m in n.polynomial)


def _values(n):
    """What a size in P, s, k, r < s and H = P s - k >= 1 comes to at small numbers."""
    for P, s, k in product(range(1, 4), range(1, 4), range(3)):
        for r in range(s):
            at = {"P": P, "s": s, "k": k, "r": r, "H": P * s - k}
            if at["H"] >= 1:
                yield sum(c * prod(at[letter] for letter in m) for m, c in n.polynomial.items())


def test_other_codings_have_other_numbers():
    with coding(Coding(0)):
        one = int.__add__(size("P"), 0)
    with coding(Coding(1)):
        assert int.__add__(size("P"), 0) != one


def test_there_are_only_so_many_letters(code):
    with pytest.raises(Outside, match="more than 32 sizes"):
        [size(f"n{k}") for k in range(33)]
