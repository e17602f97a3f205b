"""Entries that are not floats."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from cnnmat.verify import duals, exact
from cnnmat.verify.comparing import freeze
from cnnmat.verify.duals import Dual
from cnnmat.verify.exact import Opaque
from cnnmat.verify.symbols import NeedMoreGenerators, Symbols
from cnnmat.verify.witness import evaluate, witness

NUMBERS = st.fractions(-5, 5, max_denominator=4)


def quotient(x, y, a):
    return (3 - x * y) / (y * y + 1) - x / 3 + a * (x - 2) + -y / a


@given(NUMBERS, NUMBERS)
def test_duals_differentiate_sums_products_and_quotients(x, y):
    """Against the derivative by hand of (3 - xy)/(y² + 1) - x/3 + a(x - 2) - y/a, a = 7."""
    have = quotient(Dual(x, {"x": 1}), Dual(y, {"y": 1}), Fraction(7))
    below = y * y + 1
    assert have.value == quotient(x, y, Fraction(7))
    assert have.partials["x"] == -y / below - Fraction(1, 3) + 7
    assert have.partials["y"] == (-x * below - (3 - x * y) * 2 * y) / below**2 - Fraction(1, 7)


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_duals_are_pytorch_autograd(x, y):
    leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (x, y)]
    quotient(*leaves, 7.0).backward()
    have = quotient(Dual(x, {"x": 1}), Dual(y, {"y": 1}), 7.0)
    want = [leaf.grad.item() for leaf in leaves]
    assert [have.partials["x"], have.partials["y"]] == pytest.approx(want, rel=1e-12, abs=1e-12)


def test_duals_compare_by_value():
    one, two = Dual(1, {"x": 5}), Dual(2, {})
    assert two > one
    assert one < two
    assert one > 0
    assert not one > 1
    assert one < 3
    assert repr(one) == "Dual(1, {'x': 5})"


def test_whole_numbers_divide_exactly():
    assert (Dual(1, {"x": 1}) / 3).partials == {"x": Fraction(1, 3)}


def test_an_array_times_a_dual_is_a_dual_of_arrays_from_either_side():
    x, array = Dual(2, {"x": 1}), np.array([3, 5])
    for product in (array * x, x * array):
        assert product.value.tolist() == [6, 10]
        assert product.partials["x"].tolist() == [3, 5]


def test_gradient_has_the_shape_of_the_array_and_zeros_where_nothing_acts():
    array = np.array([[1, 2], [3, 4]], dtype=object)
    slopes = duals.gradient(lambda w: w[0][0] * w[1][0] + 5, array)
    assert slopes.tolist() == [[3, 0], [1, 0]]
    assert duals.gradient(lambda w: w * w * w, 2) == 12
    assert duals.gradient(lambda w: 7, array).tolist() == [[0, 0], [0, 0]]


# --- symbols -----------------------------------------------------------------------------


def test_symbols_are_handed_out_once_and_keep_their_names():
    symbols = Symbols(8)
    a = symbols.array("a", (2, 3))
    assert len({str(one) for one in a.flat}) == 6
    assert symbols.text(a[1, 2]) == "a[1, 2]"
    assert str(a[0, 0] * 2 + a[0, 1]) == "2*a[0, 0] + a[0, 1]"
    assert symbols.text(5) == "5"


def test_a_ring_that_is_too_small_says_so():
    symbols = Symbols(2)
    with pytest.raises(NeedMoreGenerators):
        symbols.array("a", (3,))


def test_equality_of_symbols_is_of_polynomials():
    symbols = Symbols(2)
    a, b = symbols.symbol("a"), symbols.symbol("b")
    assert (a + b) ** 2 == a**2 + 2 * a * b + b**2
    assert (a + b) ** 2 != a**2 + b**2
    assert (a > b) != (b > a)


def test_quotients_need_the_field():
    symbols = Symbols(2, rational=True)
    a, b = symbols.symbol("a"), symbols.symbol("b")
    assert (a**2 - b**2) / (a - b) == a + b
    assert symbols.text(1 / a) == "1/a"


@given(st.integers(-4, 4), st.integers(1, 4))
def test_evaluate_puts_numbers_in(x, y):
    ring, field = Symbols(2), Symbols(2, rational=True)
    a, b = ring.symbol("a"), ring.symbol("b")
    assert evaluate(a**2 * b - 3 * a + Fraction(1, 2), {0: x, 1: y}) == x**2 * y - 3 * x + Fraction(
        1, 2)
    a, b = field.symbol("a"), field.symbol("b")
    assert evaluate((a + 1) / b, {0: x, 1: y}) == Fraction(x + 1, y)
    assert evaluate(1 / b, {}) is None
    assert evaluate(7, {}) == 7


@given(st.integers(-3, 3), st.integers(-3, 3), st.integers(1, 3))
def test_witness_finds_numbers_at_which_a_difference_shows(k, l, m):
    symbols = Symbols(3)
    a, b, c = (symbols.symbol(n) for n in "abc")
    difference = k * a * b**m + l * (a - b) * c + a * b * c * (a - b)
    point = witness(symbols, difference)
    assert evaluate(difference, point) != 0
    assert witness(symbols, difference) == point


def test_witness_is_simple():
    symbols = Symbols(3)
    a, b, _ = (symbols.symbol(n) for n in "abc")
    assert witness(symbols, a * b) == {0: 1, 1: 1}
    assert witness(symbols, a - 1) == {}


# --- functions of which only values are known -------------------------------------------------


def test_opaque_values_agree_where_the_arguments_do():
    symbols = Symbols(16)
    a, b = symbols.symbol("a"), symbols.symbol("b")
    f = Opaque(symbols, "f")
    assert f((a + b) ** 2) == f(a**2 + 2 * a * b + b**2)
    assert f(a) != f(b)
    assert f(a) != f.derivative(a)
    assert f(a * 0 + 3) == f(3) == f(Fraction(3))
    assert f(a - a) == f(0)
    z = np.array([[a, b]], dtype=object)
    assert f(z).tolist() == [[f(a), f(b)]]
    assert f.derivative(z).tolist() == [[f.derivative(a), f.derivative(b)]]


def test_opaque_values_of_quotients_agree_where_the_quotients_do():
    symbols = Symbols(16, rational=True)
    a, b = symbols.symbol("a"), symbols.symbol("b")
    f = Opaque(symbols, "f")
    assert f((a + b) ** 2 / b) == f((a**2 + 2 * a * b + b**2) / b)
    assert f((a**2 - b**2) / (a - b)) == f(a + b)
    assert f(a / b) != f(b / a)
    assert f(a / a) == f(1)


def test_opaque_functions_obey_the_chain_rule():
    symbols = Symbols(16)
    x = symbols.symbol("x")
    f, g = Opaque(symbols, "f"), Opaque(symbols, "g")
    result = g(f(Dual(x, {"x": 1})) * 3)
    assert result.value == g(3 * f(x))
    assert result.partials == {"x": g.derivative(3 * f(x)) * 3 * f.derivative(x)}


def test_a_stated_slope_is_used():
    symbols = Symbols(8, rational=True)
    q = symbols.symbol("q")
    root = Opaque(symbols, "root", lambda q, t: 1 / (2 * t))
    assert root(Dual(q, {"q": 1})).partials == {"q": 1 / (2 * root(q))}
    assert root.derivative(q) == 1 / (2 * root(q))


def freezed(side):
    frozen = freeze(side)
    return frozen.shape, frozen.flat


# --- what two sides are compared by --------------------------------------------------------------


def test_entries_of_every_carrier():
    want = ((2, 2), [1, 0, 0, 1])
    assert freezed([[1, 0], [0, 1]]) == want
    assert freezed(np.eye(2, dtype=int)) == want
    assert freezed(sparse.eye_array(2, dtype=int)) == want
    assert freezed((np.array([1, 0]), [0, 1])) == want
    assert freezed(np.float64(0.5)) == ((), [0.5])
    assert freezed(np.int8(3)) == ((), [3])


def test_ragged_parts_keep_their_shapes_apart():
    shape, flat = freezed(([1, 2], [[3]]))
    assert shape == (2, "ragged", (2,), (1, 1))
    assert flat == [1, 2, 3]
    assert freezed(([[3]], [1, 2]))[0] != shape
    assert freezed([]) == ((0,), [])


def test_strict_arrays_do_not_stretch():
    a = exact.strict([[1, 2], [3, 4]])
    assert (a + a).tolist() == [[2, 4], [6, 8]]
    assert (2 * a - 1).tolist() == [[1, 3], [5, 7]]
    assert (a @ np.array([1, 1])).tolist() == [3, 7]
    with pytest.raises(ValueError, match=r"operands must have one shape, got \(2, 2\) and \(2,\)"):
        a * np.array([1, 2])
