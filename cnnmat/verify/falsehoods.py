"""Lines of which the verdict is known: true ones, and false ones, each false in a way of its own.

`selftest` runs them.
"""

from fractions import Fraction

import numpy as np

from cnnmat.verify import exact
from cnnmat.verify.claims import Lecture, Sides

__all__ = ["lines"]

_lecture = Lecture("selftest", "Lines of which the verdict is known")
_KNOWN: dict[str, tuple[str, str, str]] = {}


def _line(known, *, message="", covers="", **fields):
    """Register a line, named after its function's docstring, with the verdict it must get."""
    def register(function):
        name = function.__doc__
        _lecture.claim(name, "identity", name, "a=b", **fields)(function)
        _KNOWN[name] = (known, message, covers)
        return function

    return register


def lines():
    """The lines as (claim, verdict, what its message must contain, what its evidence must)."""
    return [(claim, *_KNOWN[id]) for id, claim in _lecture.claims.items()]


def _sides(truth, printed, **more):
    return Sides(truth=truth, printed=printed, **{"wrong": {"a text": "none of these"}} | more)


# --- numbers -----------------------------------------------------------------------------------


def _numbers(known, name, sides, **fields):
    """Register a line whose sides are numbers that need no entries."""
    def line(e):
        return sides()

    line.__doc__ = name
    _line(known, **fields)(line)


_numbers("fails", "one in the largest of whole numbers",
         lambda: _sides([1, 2**62], np.array([1, 2**62 + 1])))
_numbers("fails", "an axis of length one too many", lambda: _sides([1, 2], [[1, 2]]))
_numbers("fails", "an entry too many", lambda: _sides([1, 2], [1, 2, 3]))
_numbers("fails", "parts that are cut elsewhere", lambda: _sides(([1, 2], [3]), ([1], [2, 3])))
_numbers("fails", "nothing for something", lambda: _sides([1], []))
_numbers("error", "an error that is no matter of sizes",
         lambda: _sides(1, lambda: vars()["nothing"]), message="KeyError")
_numbers("fails", "a relative error of one in ten thousand million",
         lambda: _sides(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 2e-10])))
_numbers("fails", "an error in the small one of two arrays",
         lambda: _sides((np.array([1e9]), np.array([1.0])), (np.array([1e9]), np.array([1.1]))))
_numbers("fails", "NaN for a number", lambda: _sides(np.array([1.0, 2.0]), np.array([1.0, np.nan])))
_numbers("fails", "an infinity for a number", lambda: _sides(1.0, float("inf")))
_numbers("error", "a truth that is infinite",
         lambda: _sides(np.array([np.inf, 1.0]), np.array([5.0, 2.0])),
         message="truth must be finite")
_numbers("error", "a truth that is NaN",
         lambda: _sides(float("nan"), float("nan")), message="truth must be finite")
_numbers("misprint", "a misprint", lambda: _sides(6, 5, corrected=6), expect="misprint")
_numbers("holds", "a line called misprinted that holds",
         lambda: _sides(6, 6, corrected=6), expect="misprint", message="expected misprint")
_numbers("fails", "a corrected form that is wrong",
         lambda: _sides(6, 5, corrected=7),
         expect="misprint", message="the corrected form fails too")
_numbers("scan", "a slip of the scanner",
         lambda: _sides(6, 5, corrected=6, elsewhere=6), expect="scan")
_numbers("misprint", "a misprint taken for a slip of the scanner",
         lambda: _sides(6, 5, corrected=6, elsewhere=5), expect="scan")
_numbers("ambiguous", "two readings, of which one is true",
         lambda: _sides(6, None, readings={"one": 6, "another": 5}), expect="ambiguous")
_numbers("holds", "two readings that are both true",
         lambda: _sides(6, None, readings={"one": 6, "another": 6}), expect="ambiguous")
_numbers("error", "a control that is right",
         lambda: _sides(6, 6, wrong={"five": 5, "the same": 6}),
         message="control not rejected: the same")
_numbers("error", "no control", lambda: _sides(6, 6, wrong={}), message="no negative control")


# --- exact entries ---------------------------------------------------------------------------


@_line("holds")
def _square(e):
    "the square of a sum"
    a, b = e.symbols("a"), e.symbols("b")
    return _sides((a + b) ** 2, a * a + 2 * a * b + b * b, wrong={"a sign": (a - b) ** 2})


@_line("fails")
def _coefficient(e):
    "a coefficient in the last entry of a matrix"
    x = e.symbols("x", 2, 3)
    wrong = x.copy()
    wrong[1, 2] = x[1, 2] + x[1, 2] * Fraction(1, 10**9)
    return _sides(x, wrong)


@_line("fails")
def _shape(e):
    "a row for a column"
    x = e.symbols("x", 3)
    return _sides(x.reshape(3, 1), x.copy().reshape(1, 3))


@_line("fails")
def _sparse(e):
    "a sparse matrix with one entry elsewhere"
    from scipy import sparse

    return _sides(np.eye(3, dtype=int), sparse.csr_array(np.diag([1, 1, 0])))


@_line("fails")
def _conforming(e):
    "factors that do not conform"
    x = e.symbols("x", 2, 3)
    return _sides(x @ x.T, lambda: x @ x)


@_line("fails")
def _stretched(e):
    "a sum that only broadcasting makes"
    x, y = exact.strict(e.symbols("x", 2, 2)), exact.strict(e.symbols("y", 1, 2))
    return _sides(np.asarray(x) + np.asarray(y), lambda: x + y)


@_line("error", message="unlucky")
def _value_error(e):
    "an error of values that is no matter of sizes"
    def unlucky():
        raise ValueError("unlucky")

    return _sides(1, unlucky)


@_line("holds", covers="every differentiable f")
def _chain(e):
    "the chain rule for an unknown function"
    f, x = e.activation(), e.symbols("x", 2)
    return _sides(e.gradient(lambda x: f(x[0] * x[1]), x), f.derivative(x[0] * x[1]) * x[::-1])


@_line("fails")
def _no_slope(e):
    "the inner derivative left out"
    f, x = e.activation(), e.symbols("x")
    return _sides(e.gradient(lambda x: f(2 * x), np.array(x))[()], f.derivative(2 * x))


@_line("fails")
def _argument(e):
    "an unknown function of another argument"
    f, x = e.function("f"), e.symbols("x", 2)
    return _sides(f(x[0] + x[1]), f(x[0] - x[1]))


@_line("fails", cases=[{"n": 1}, {"n": 2}])
def _second_case(e, n):
    "true in the first case only"
    return _sides(n, n * n)


@_line("error", message="hostile", expect="holds")
def _other_type(e):
    "an entry that equals everything"
    class hostile:
        __hash__ = None

        def __eq__(self, other):
            return True

    return _sides(1, hostile())


# --- rounding --------------------------------------------------------------------------------


@_line("holds", covers="the values tried")
def _rounded(e):
    "an error of the last bits"
    x = e.floats(5)
    return _sides(x, x * (1 + 2e-16))


# --- orders ----------------------------------------------------------------------------------


@_line("fails")
def _first(e):
    "the first is the largest"
    x = e.symbols("x", 3).tolist()
    return _sides(max(x), x[0])


@_line("fails")
def _last(e):
    "the last of four is not the largest"
    x = e.symbols("x", 4).tolist()
    return _sides(max(x), max(x[:-1]))


@_line("fails")
def _relu(e):
    "a rectifier does nothing"
    x = e.symbols("x")
    return _sides(max(x, 0 * x), x)


@_line("fails")
def _inequality(e):
    "x² ≥ 2x"
    x = e.symbols("x")
    return _sides(True, x * x >= 2 * x)


@_line("fails")
def _tie(e):
    "a step where the argument is zero"
    x = e.symbols("x")
    return _sides(int(x > 0), int(x >= 0))


@_line("fails")
def _differ(e):
    "two symbols are never equal"
    x = e.symbols("x", 2)
    return _sides(True, x[0] != x[1])


@_line("fails")
def _dip(e):
    "a parabola that is below zero for a moment only"
    x = e.symbols("x") - Fraction(7431, 10**4)
    return _sides(True, x * x >= Fraction(1, 10**8))


@_line("fails")
def _corner(e):
    "two symbols that are never in a narrow gap together"
    x, y = e.symbols("x"), e.symbols("y")
    inside = all(999 < 1000 * one and 1000 * one < 1000 for one in (x, y))
    return _sides(False, inside)


@_line("fails")
def _alone(e):
    "no two of three numbers are equal while the third is not"
    x, y, z = e.symbols("x", 3).tolist()
    return _sides(False, [x == y, y == z, x == z].count(True) == 1)


@_line("fails")
def _once(e):
    "of five numbers one alone is the largest"
    x = e.symbols("x", 5).tolist()
    return _sides(1, sum(one == max(x) for one in x))


@_line("holds", covers="in each order of what is compared (")
def _pairs(e):
    "the largest of three"
    x = e.symbols("x", 3).tolist()
    return _sides(max(x), max(x[2], max(x[0], x[1])), wrong={"of two": max(x[:2])})


# --- what must not talk the judge into anything ----------------------------------------------


@_line("error", message="SystemExit")
def _exit(e):
    "an end of the program"
    raise SystemExit(0)


@_line("error", message="agree")
def _patch(e):
    "a judge that is replaced"
    from cnnmat.verify import judge

    judge.agree = lambda side, truth: True
    return _sides(1, 2)


@_line("error", message="the code of")
def _code(e):
    "a judge whose code is replaced"
    from cnnmat.verify import judge

    judge.run.__code__ = (lambda *_, **__: 1).__code__
    return _sides(1, 2)


@_line("error", message="comparing.all")
def _shadow(e):
    "a name that hides one of Python's own"
    from cnnmat.verify import comparing

    comparing.all = lambda entries: True
    return _sides([1, 2], [2, 1])


@_line("error", message="floating-point errors")
def _setting(e):
    "NumPy's errors ignored"
    np.seterr(all="ignore")
    return _sides(1, 1)


@_line("error", message="the very array")
def _itself(e):
    "a truth compared with itself"
    x = np.ones(3)
    return _sides(x, x)


@_line("error", message="its truth was another")
def _altered(e):
    "a truth that is altered to what is printed"
    truth = [1, 2]

    def printed():
        truth[0] = 5
        return [5, 2]

    return _sides(truth, printed)
