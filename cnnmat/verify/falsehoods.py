"""Lines of which the verdict is known: true ones, and false ones, each false in a way of its own.

`selftest` runs them.
"""

from fractions import Fraction

import numpy as np

from cnnmat.verify import exact
from cnnmat.verify.known import Known, sides

__all__ = ["lines"]

known = Known()
lines = known.lines


# --- numbers -----------------------------------------------------------------------------------


def _numbers(verdict, name, both, **fields):
    """Register a line whose sides are numbers that need no entries."""
    def line(e):
        return both()

    line.__doc__ = name
    known.line(verdict, **fields)(line)


_numbers("fails", "one in the largest of whole numbers",
         lambda: sides([1, 2**62], np.array([1, 2**62 + 1])))
_numbers("fails", "an axis of length one too many", lambda: sides([1, 2], [[1, 2]]))
_numbers("fails", "an entry too many", lambda: sides([1, 2], [1, 2, 3]))
_numbers("fails", "parts that are cut elsewhere", lambda: sides(([1, 2], [3]), ([1], [2, 3])))
_numbers("fails", "nothing for something", lambda: sides([1], []))
_numbers("error", "an error that is no matter of sizes",
         lambda: sides(1, lambda: vars()["nothing"]), message="KeyError")
_numbers("fails", "a relative error of one in ten thousand million",
         lambda: sides(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 2e-10])))
_numbers("fails", "an error in the small one of two arrays",
         lambda: sides((np.array([1e9]), np.array([1.0])), (np.array([1e9]), np.array([1.1]))))
_numbers("fails", "NaN for a number", lambda: sides(np.array([1.0, 2.0]), np.array([1.0, np.nan])))
_numbers("fails", "an infinity for a number", lambda: sides(1.0, float("inf")))
_numbers("error", "a truth that is infinite",
         lambda: sides(np.array([np.inf, 1.0]), np.array([5.0, 2.0])),
         message="truth must be finite")
_numbers("error", "a truth that is NaN",
         lambda: sides(float("nan"), float("nan")), message="truth must be finite")
_numbers("misprint", "a misprint", lambda: sides(6, 5, corrected=6), expect="misprint")
_numbers("holds", "a line called misprinted that holds",
         lambda: sides(6, 6, corrected=6), expect="misprint", message="expected misprint")
_numbers("fails", "a corrected form that is wrong",
         lambda: sides(6, 5, corrected=7),
         expect="misprint", message="the corrected form fails too")
_numbers("scan", "a slip of the scanner",
         lambda: sides(6, 5, corrected=6, elsewhere=6), expect="scan")
_numbers("misprint", "a misprint taken for a slip of the scanner",
         lambda: sides(6, 5, corrected=6, elsewhere=5), expect="scan")
_numbers("ambiguous", "two readings, of which one is true",
         lambda: sides(6, None, readings={"one": 6, "another": 5}), expect="ambiguous",
         cites={"one": "p. 1", "another": "p. 2"})
_numbers("error", "a reading that nothing suggests",
         lambda: sides(6, None, readings={"one": 6, "another": 5}), expect="ambiguous",
         cites={"one": "p. 1"}, message="got nothing for: another")
_numbers("error", "a reading that conforms nowhere",
         lambda: sides(6, None, readings={"one": 6, "another": [5]}), expect="ambiguous",
         cites={"one": "p. 1", "another": "p. 2"},
         message="the truth in no case: another")
_numbers("error", "a control of another shape",
         lambda: sides(6, 6, wrong={"two of them": [6, 6]}),
         message="rejected by its shape alone")
_numbers("holds", "two readings that are both true",
         lambda: sides(6, None, readings={"one": 6, "another": 6}), expect="ambiguous")
_numbers("error", "a control that is right",
         lambda: sides(6, 6, wrong={"five": 5, "the same": 6}),
         message="control not rejected: the same")
_numbers("error", "a masked array",
         lambda: sides(np.array([1, 2]), np.ma.array([1, 5], mask=[False, True])),
         message="must be made of plain arrays")
_numbers("error", "a truth whose sizes do not conform",
         lambda: sides(lambda: np.ones(2) @ np.ones(3), 2), message="truth must conform")
_numbers("error", "numbers that are not put side by side", lambda: (1, 1),
         message="must return Sides")
_numbers("error", "no control", lambda: sides(6, 6, wrong={}), message="no negative control")


# --- exact entries ---------------------------------------------------------------------------


@known.line("holds")
def _square(e):
    "the square of a sum"
    a, b = e.symbols("a"), e.symbols("b")
    return sides((a + b) ** 2, a * a + 2 * a * b + b * b, wrong={"a sign": (a - b) ** 2})


@known.line("fails")
def _coefficient(e):
    "a coefficient in the last entry of a matrix"
    x = e.symbols("x", 2, 3)
    wrong = x.copy()
    wrong[1, 2] = x[1, 2] + x[1, 2] * Fraction(1, 10**9)
    return sides(x, wrong)


@known.line("fails")
def _shape(e):
    "a row for a column"
    x = e.symbols("x", 3)
    return sides(x.reshape(3, 1), x.copy().reshape(1, 3))


@known.line("fails")
def _sparse(e):
    "a sparse matrix with one entry elsewhere"
    from scipy import sparse

    return sides(np.eye(3, dtype=int), sparse.csr_array(np.diag([1, 1, 0])))


@known.line("fails")
def _conforming(e):
    "factors that do not conform"
    x = e.symbols("x", 2, 3)
    return sides(x @ x.T, lambda: x @ x)


@known.line("fails")
def _stretched(e):
    "a sum that only broadcasting makes"
    x, y = exact.strict(e.symbols("x", 2, 2)), exact.strict(e.symbols("y", 1, 2))
    return sides(np.asarray(x) + np.asarray(y), lambda: x + y)


@known.line("error", message="unlucky")
def _value_error(e):
    "an error of values that is no matter of sizes"
    def unlucky():
        raise ValueError("unlucky")

    return sides(1, unlucky)


@known.line("holds", covers="every differentiable f")
def _chain(e):
    "the chain rule for an unknown function"
    f, x = e.activation(), e.symbols("x", 2)
    return sides(e.gradient(lambda x: f(x[0] * x[1]), x), f.derivative(x[0] * x[1]) * x[::-1])


@known.line("fails")
def _no_slope(e):
    "the inner derivative left out"
    f, x = e.activation(), e.symbols("x")
    return sides(e.gradient(lambda x: f(2 * x), np.array(x))[()], f.derivative(2 * x))


@known.line("fails")
def _argument(e):
    "an unknown function of another argument"
    f, x = e.function("f"), e.symbols("x", 2)
    return sides(f(x[0] + x[1]), f(x[0] - x[1]))


@known.line("fails", cases=[{"n": 1}, {"n": 2}])
def _second_case(e, n):
    "true in the first case only"
    return sides(n, n * n)


@known.line("error", message="symbols must not be divided by each other")
def _quotient(e):
    "a quotient of symbols where only polynomials are drawn"
    x, y = e.symbols("x"), e.symbols("y")
    return sides(x, x * y / y)


@known.line("error", message="a number must not be divided by a symbol")
def _reciprocal(e):
    "a number over a symbol where only polynomials are drawn"
    x = e.symbols("x")
    return sides(1, 1 / x * x)


@known.line("error", message="function must return one number")
def _gradient(e):
    "a gradient of more than one number"
    x = e.symbols("x", 2)
    return sides(e.gradient(lambda x: [x[0], x[1]], x), x)


@known.line("error", message="hostile", expect="holds")
def _other_type(e):
    "an entry that equals everything"
    class hostile:
        __hash__ = None

        def __eq__(self, other):
            return True

    return sides(1, hostile())


# --- rounding --------------------------------------------------------------------------------


@known.line("holds", covers="the values tried")
def _rounded(e):
    "an error of the last bits"
    x = e.floats(5)
    return sides(x, x * (1 + 2e-16))


# --- orders ----------------------------------------------------------------------------------


@known.line("fails")
def _first(e):
    "the first is the largest"
    x = e.symbols("x", 3).tolist()
    return sides(max(x), x[0])


@known.line("fails")
def _last(e):
    "the last of four is not the largest"
    x = e.symbols("x", 4).tolist()
    return sides(max(x), max(x[:-1]))


@known.line("fails")
def _relu(e):
    "a rectifier does nothing"
    x = e.symbols("x")
    return sides(max(x, 0 * x), x)


@known.line("fails")
def _inequality(e):
    "x² ≥ 2x"
    x = e.symbols("x")
    return sides(True, x * x >= 2 * x)


@known.line("fails")
def _tie(e):
    "a step where the argument is zero"
    x = e.symbols("x")
    return sides(int(x > 0), int(x >= 0))


@known.line("fails")
def _differ(e):
    "two symbols are never equal"
    x = e.symbols("x", 2)
    return sides(True, x[0] != x[1])


@known.line("fails")
def _dip(e):
    "a parabola that is below zero for a moment only"
    x = e.symbols("x") - Fraction(7431, 10**4)
    return sides(True, x * x >= Fraction(1, 10**8))


@known.line("fails")
def _far_dip(e):
    "the same along the third axis, far away from another zero"
    x, y, z = e.symbols("x"), e.symbols("y"), e.symbols("z")
    dip = (z - Fraction(7431, 10**4)) ** 2 - Fraction(1, 10**8)
    return sides(True, (x * x + 1) * (y * y + 2) * (z + 10**9) * dip >= 0)


@known.line("fails")
def _square_root(e):
    "no number is the square of one that is drawn after it"
    x, y = e.symbols("x"), e.symbols("y")
    return sides(True, x != y * y)


@known.line("fails")
def _all_equal(e):
    "five numbers are never all equal, of which the last are compared first"
    x = e.symbols("x", 5).tolist()
    equal = [x[i] == x[j] for i in (4, 3, 2, 1) for j in range(i - 1, -1, -1)]
    return sides(False, False not in equal)


@known.line("fails")
def _corner(e):
    "two symbols that are never in a narrow gap together"
    x, y = e.symbols("x"), e.symbols("y")
    inside = all(999 < 1000 * one and 1000 * one < 1000 for one in (x, y))
    return sides(False, inside)


@known.line("fails")
def _alone(e):
    "no two of three numbers are equal while the third is not"
    x, y, z = e.symbols("x", 3).tolist()
    return sides(False, [x == y, y == z, x == z].count(True) == 1)


@known.line("fails")
def _once(e):
    "of five numbers one alone is the largest"
    x = e.symbols("x", 5).tolist()
    return sides(1, sum(one == max(x) for one in x))


@known.line("holds", covers="in each order of what is compared (")
def _pairs(e):
    "the largest of three"
    x = e.symbols("x", 3).tolist()
    return sides(max(x), max(x[2], max(x[0], x[1])), wrong={"of two": max(x[:2])})


@known.line("error", message="must speak of some entries")
def _nowhere(e):
    "a condition that nothing fulfils"
    x = e.symbols("x")
    e.where(False, "x is not x")
    return sides(x, x + 0)
