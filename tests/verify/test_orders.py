"""Comparisons of symbols are decided in every order that matters, or it is said which not."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sympy import QQ, ring

from cnnmat import loops
from cnnmat.verify import Lecture, Sides, run, signs, vanishes
from cnnmat.verify.orders import Atlas, Order
from cnnmat.verify.symbols import Symbols

RING, X, Y, Z = ring("x, y, z", QQ)
COEFFICIENTS = st.integers(-3, 3)


def judged(sides, **fields):
    """What running a claim that returns `sides(e)` finds out."""
    lecture = Lecture("own", "Own")
    lecture.claim("1", "identity", "A line", "a=b", **fields)(sides)
    return run(lecture.claims["1"])


def always(truth, printed):
    wrong = [7] * len(truth) if isinstance(truth, list) else 7
    return Sides(truth=truth, printed=printed, wrong={"neither": wrong})


def x_y(e):
    return e.symbols("x"), e.symbols("y")


FALSE = {
    "the first is the largest": lambda e: _first_is_largest(e),
    "ReLU is the identity": lambda e: _relu(e),
    "x² ≥ 2x": lambda e: (lambda x: always(True, bool(x * x >= 2 * x)))(e.symbols("x")),
    "x² > 0, false at 0 only": lambda e: (lambda x: always(True, x * x > 0))(e.symbols("x")),
    "two symbols differ": lambda e: (lambda x, y: always(True, x != y))(*x_y(e)),
    "a symbol is not zero": lambda e: (lambda x: always(True, bool(x)))(e.symbols("x")),
    "|x| = x": lambda e: (lambda x: always(abs(x), x))(e.symbols("x")),
    "the sign is 1": lambda e: (lambda x: always(np.sign(np.array([x]))[0], 1))(e.symbols("x")),
    "a step is 1 at 0": lambda e: (lambda x: always(int(x > 0), int(x >= 0)))(e.symbols("x")),
    "x y ≥ 0": lambda e: (lambda x, y: always(True, x * y >= 0))(*x_y(e)),
    "x² - 2x + 0.99 is never negative": lambda e: (
        lambda x: always(True, x * x - 2 * x + Fraction(99, 100) >= 0))(e.symbols("x")),
    "sorted is as drawn": lambda e: (lambda x: always(sorted(x), x))(e.symbols("x", 3).tolist()),
    "the last of five is not the largest": lambda e: (
        lambda x: always(max(x), max(x[:-1])))(e.symbols("x", 5).tolist()),
    "the largest of three is the larger of two, if they come in that order": lambda e: (
        lambda x: always(max(x), x[0] if x[0] > x[1] else max(x)))(e.symbols("x", 3).tolist()),
    "the middle one is the second": lambda e: (
        lambda x: always(sorted(x)[1], x[1]))(e.symbols("x", 3).tolist()),
    "a position": lambda e: (lambda x: always(x.index(max(x)), 0))(e.symbols("x", 2).tolist()),
}
TRUE = {
    "x² + y² ≥ 2xy": lambda e: (lambda x, y: always(True, x * x + y * y >= 2 * x * y))(*x_y(e)),
    "x² + 1 > 0": lambda e: (lambda x: always(True, x * x + 1 > 0))(e.symbols("x")),
    "max is taken in pairs": lambda e: (lambda x: always(
        max(x), max(max(x[:2]), max(x[2:]))))(e.symbols("x", 4).tolist()),
    "max(x, y) = x + relu(y - x)": lambda e: (lambda x, y: always(
        max(x, y), x + (y - x if y - x > 0 else 0)))(*x_y(e)),
    "|x|² = x²": lambda e: (lambda x: always(x * x, abs(x) * abs(x)))(e.symbols("x")),
    "the largest of the loops": lambda e: (lambda x: always(
        loops.largest(x), max(x)))(e.symbols("x", 3).tolist()),
}


def _first_is_largest(e):
    x = e.symbols("x", 3)
    return always(max(x), x[0])


def _relu(e):
    x = e.symbols("x")
    return always(max(x, 0 * x), x)


@pytest.mark.parametrize("line", FALSE)
def test_a_line_that_fails_in_one_order_fails_with_numbers(line):
    found = judged(FALSE[line])
    assert found.verdict == "fails"
    assert found.counterexample["text"]


@pytest.mark.parametrize("line", TRUE)
def test_a_line_that_is_true_in_every_order_holds_and_says_so(line):
    found = judged(TRUE[line])
    assert found.verdict == "holds"
    assert "order" in found.evidence[0]["covers"]


def test_the_numbers_of_a_counterexample_are_in_the_order_that_fails():
    found = judged(FALSE["the first is the largest"]).counterexample
    values = [found["at"].get(f"x[{k}]", 0) for k in range(3)]
    assert (str(values[0]), str(max(values))) == (found["printed"], found["truth"])
    assert max(values) > values[0]


def test_numbers_that_are_equal_are_named():
    found = judged(FALSE["a symbol is not zero"]).counterexample
    assert found["text"] == "printed False, truth True"
    assert found["at"] == {}


def test_all_orders_of_three_are_thirteen():
    """Six without ties, six with one, one with all equal."""
    found = judged(lambda e: (lambda x: always(sum(sorted(x)), sum(x)))(e.symbols("x", 3).tolist()))
    assert "each order of what is compared (13)" in found.evidence[0]["covers"]


def test_many_comparisons_are_seen_both_ways_and_equal():
    found = judged(lambda e: (lambda x: always(max(x), max(x[::-1])))(e.symbols("x", 12).tolist()))
    assert found.verdict == "holds"
    assert "each seen both ways and equal" in found.evidence[0]["covers"]


def test_what_is_not_seen_as_equal_is_said():
    found = judged(lambda e: (lambda x: always(1, int(x * x * x + x + 1 != 0)))(e.symbols("x")))
    assert "never as equal" in found.evidence[0]["covers"]


def test_without_a_comparison_all_values_are_covered():
    found = judged(lambda e: (lambda x, y: always(x * y, y * x))(*x_y(e)))
    assert found.evidence[0]["covers"] == "all values, at these shapes"


def test_where_the_line_says_nothing_it_is_not_asked():
    def positive(e):
        x = e.symbols("x")
        e.where(x > 0, "x is positive")
        return always(abs(x), x)

    found = judged(positive)
    assert found.verdict == "holds"
    assert "where x is positive" in found.evidence[0]["covers"]


def test_conditions_that_nothing_fulfils_are_an_error():
    def nowhere(e):
        x = e.symbols("x")
        e.where(x * x < 0, "x² is negative")
        return always(0, 0)

    found = judged(nowhere)
    assert (found.verdict, found.message[:33]) == ("error", "ValueError: a claim must speak of")


def test_a_denominator_that_vanishes_on_a_tie_is_no_error():
    def quotient(e):
        x, y = x_y(e)
        return always((x * x - y * y) / (x - y), x + y if x > y else y + x)

    found = judged(quotient, rational=True)
    assert found.verdict == "holds"
    assert "never as equal" in found.evidence[0]["covers"]


def test_an_error_that_has_nothing_to_do_with_ties_is_one():
    found = judged(lambda e: always(1 / (e.symbols("x") * 0), 1), rational=True)
    assert found.verdict == "error"


# --- signs --------------------------------------------------------------------------------


@given(st.lists(COEFFICIENTS, min_size=6, max_size=6), st.tuples(*[COEFFICIENTS] * 3))
def test_a_definite_polynomial_has_that_sign_wherever_it_is_looked_at(c, point):
    p = c[0] * X * X + c[1] * X * Y + c[2] * Y * Y + c[3] * X + c[4] * Z + c[5]
    if p and not p.is_ground and signs.definite(p):
        assert signs.at(p, point) in (0, signs.definite(p))


@given(st.lists(COEFFICIENTS, min_size=8, max_size=8))
def test_a_point_that_is_found_has_the_signs_wanted(c):
    p = c[0] * X + c[1] * Y + c[2] * Z + c[3]
    q = c[4] * X * Y + c[5] * Z * Z + c[6] * Y + c[7]
    wanted = [(one, sign) for one, sign in ((p, 1), (q, -1)) if one and not one.is_ground]
    if wanted:
        point, _ = signs.find(wanted, [0, 0, 0])
        assert point is None or all(signs.at(one, point) == sign for one, sign in wanted)


@pytest.mark.parametrize(("wanted", "ruled_out"), [
    ([(X - Y, 1), (Y - Z, 1), (Z - X, 1)], True),
    ([(X, 1), (X - 1, -1), (2 * X - 3, 1)], True),
    ([(X * X + Y * Y, -1)], True),
    ([(X**2 * Y**2 + 1 - 3 * X * Y + Z**4 + 5, -1), (X * Y, -1)], False),
])
def test_where_there_is_no_point_none_is_found(wanted, ruled_out):
    assert signs.find(wanted, [0, 0, 0]) == (None, ruled_out)


def test_a_narrow_gap_is_found():
    point, _ = signs.find([(1000 * X - 999, 1), (1000 * X - 1000, -1)], [0, 0, 0])
    assert Fraction(999, 1000) < point[0] < 1
    point, _ = signs.find([(X**2 - 2 * X + 1 - QQ(1, 10**6), -1)], [0, 0, 0])
    assert abs(point[0] - 1) < Fraction(1, 1000)


@given(COEFFICIENTS, COEFFICIENTS, COEFFICIENTS)
def test_what_is_put_in_its_place_makes_it_zero(a, b, c):
    p = a * X + b * Y * Y + c * (X - Y) * Z
    found = signs.zero(p) if p else None
    if found:
        place, standing = found
        assert p.compose(RING.gens[place], standing) == 0


# --- orders ----------------------------------------------------------------------------------


@given(st.permutations(range(4)))
def test_answers_are_those_of_numbers(values):
    symbols = Symbols(4, order=Order(list(values)))
    x = symbols.array("x", (4,))
    assert np.argsort(x).tolist() == np.argsort(values).tolist()
    assert [symbols.text(one) for one in sorted(x)] == [
        f"x[{k}]" for k in sorted(range(4), key=values.__getitem__)]


def test_near_a_point_where_it_is_zero_an_order_still_answers_alike():
    symbols = Symbols(2, order=Order([1, 1]))
    a, b = symbols.array("a", (2,))
    assert (a > b) == (2 * a > 2 * b) == (b < a) != (a < b)
    assert a != b


def test_an_atlas_of_nothing_compared_is_one_order():
    assert len(list(Atlas(3))) == 1


def test_equal_symbols_are_one():
    symbols = Symbols(2, order=Order([5, 7], ties={1: RING.gens[0]}))
    assert Symbols(2, order=Order([5, 7])).symbol("a") is not None
    assert symbols.order.ties


def test_symbols_are_not_hashed():
    """A set would tell two of them apart unseen."""
    with pytest.raises(TypeError):
        {Symbols(1).symbol("a")}


@pytest.mark.parametrize("divide", [lambda a, b: a / b, lambda a, b: 1 / a])
def test_a_division_says_what_to_do(divide):
    symbols = Symbols(2)
    with pytest.raises(TypeError, match="rational=True"):
        divide(symbols.symbol("a"), symbols.symbol("b"))


def test_floats_do_not_meet_symbols():
    with pytest.raises(TypeError):
        Symbols(1).symbol("a") * 0.5


def test_vanishing_is_for_all_values():
    a, b = Symbols(2).array("a", (2,))
    assert vanishes(a * b - b * a)
    assert not vanishes(a - b)
    assert vanishes(np.array([[0, a], [a - a, 1]])).tolist() == [[True, False], [True, False]]


def test_symbols_go_with_arrays_and_numbers_from_either_side():
    symbols = Symbols(2)
    a, b = symbols.symbol("a"), symbols.symbol("b")
    array = np.array([1, 0, b], dtype=object)
    assert (a * array == array * a).all()
    assert (a + array == array + a).all()
    assert (np.int64(3) - a) == -(a - 3)
    assert a * True == a
    assert Fraction(1, 2) * a + a / 2 == a
