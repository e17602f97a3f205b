"""Mistakes in activations."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import common, cut_to_integer, generic

__all__ = []

BOTH = ("y", "dx")


@dataclass(frozen=True)
class Unit:
    """An activation at x; `f` and `slope` may be replaced."""

    x: np.ndarray
    dy: np.ndarray
    name: str
    form: str
    parameter: float | None = None

    def _both(self, name):
        return truth.activation(*((name,) if name else (self.name, self.parameter)))

    def f(self, x, name=None):
        """The function itself."""
        return _each(self._both(name)[0], x)

    def parameter_or(self, usual):
        """The parameter that was asked for, or the usual one."""
        return usual if self.parameter is None else self.parameter

    def slope(self, x, name=None):
        """Its derivative; 0 at a kink that allows it, else the least."""
        def one(v):
            low, high = self._both(name)[1](v)
            return low if low > 0 or high < 0 else 0.0
        return _each(one, x)


def _each(function, x):
    return np.array([function(float(v)) for v in x.ravel()], dtype=float).reshape(x.shape)


def compute(unit, output):
    """y or dx."""
    return unit.f(unit.x) if output == "y" else unit.dy * unit.slope(unit.x)


def bank(contract):
    """The bank of mistakes in activations."""
    def layer(case):
        return Unit(case.arrays["x"].astype(float), case.arrays["dy"].astype(float),
                    contract.name, case.form, contract.parameter)

    read = reads({"x": (("entry",), BOTH), "dy": (("entry",), ("dx",))})
    return Bank(layer, compute, (*MISTAKES, *generic({"y": ("entry",), "dx": ("entry",)}),
                                 *read), CHOICES)


#: The slope at a kink, which is taken from the left above.
CHOICES = (Mistake("kink-from-the-right", "at a kink the slope is that on its right", ("dx",),
                   edit=lambda unit, _: replace(unit, x=np.where(unit.x, unit.x, np.finfo(
                       float).tiny))),)


def _slope(slug, sentence, formula):
    """Another slope: formula(unit) for f'."""
    return Mistake(slug, sentence, ("dx",),
                   result=lambda a, unit, _: unit.dy * formula(unit))


def _value(slug, sentence, formula):
    return Mistake(slug, sentence, ("y",), result=lambda a, unit, _: formula(unit))


def _formula_in_y(unit, y):
    """f' written with the value, as tanh' = 1 - y² and sigmoid' = y (1 - y) are."""
    if unit.name not in ("tanh", "sigmoid"):
        raise ValueError("no such formula")
    return 1 - y**2 if unit.name == "tanh" else y * (1 - y)


def _other_functions():
    for name in truth.ACTIVATIONS:
        yield _value(f"{name}-for-it", f"{name} is computed",
                     lambda unit, n=name: unit.f(unit.x, n))
        yield _slope(f"slope-of-{name}", f"the derivative of {name} is taken",
                     lambda unit, n=name: unit.slope(unit.x, n))


def _only(name, formula):
    """A formula for one activation only."""
    def of(unit):
        if unit.name != name:
            raise ValueError("another activation")
        return formula(unit)
    return of


def _alpha(unit):
    return unit.parameter_or(1.0)


def _gelu(unit, rate=truth.GELU[0], cube=truth.GELU[1]):
    return unit.x * (1 + np.tanh(rate * (unit.x + cube * unit.x**3))) / 2


def _distribution(unit):
    """What x is multiplied by in a GELU."""
    return np.where(unit.x, unit.f(unit.x) / unit.x, 0.5)


def _of_parameters():
    """Mistakes of the activations that have constants or parameters."""
    yield _value("one-not-subtracted", "α e^x is taken below 0: 1 is not subtracted", _only(
        "elu", lambda u: np.where(u.x > 0, u.x, _alpha(u) * np.exp(u.x))))
    yield _value("branch-missing", "α (e^x - 1) is taken above 0, too", _only(
        "elu", lambda u: _alpha(u) * np.expm1(u.x)))
    yield _value("alpha-ignored", "α is left out", _only(
        "elu", lambda u: u.f(u.x, "elu")))
    yield _slope("alpha-ignored", "α is left out", _only("elu", lambda u: u.slope(u.x, "elu")))
    yield _slope("value-for-slope-below", "the value α (e^x - 1) is taken for the slope below 0: α "
                 "is to be added to it", _only("elu", lambda u: np.where(u.x > 0, 1, u.f(u.x))))
    for said, slope in (("y + 1 is taken for the slope below 0: it is y + α",
                         lambda u: u.f(u.x) + 1),
                        ("α y is taken for the slope below 0: it is y + α",
                         lambda u: _alpha(u) * u.f(u.x)),
                        ("α (y + 1) is taken for the slope below 0: it is y + α",
                         lambda u: _alpha(u) * (u.f(u.x) + 1)),
                        ("α (y + α) is taken for the slope below 0: it is y + α",
                         lambda u: _alpha(u) * (u.f(u.x) + _alpha(u))),
                        ("α is taken for the slope below 0: it is α e^x",
                         lambda u: _alpha(u) + 0 * u.x)):
        yield _slope("slope-below-by-value", said, _only("elu", lambda u, f=slope: np.where(
            u.x > 0, 1, f(u))))
    yield _value("leak-ignored", "the leak is 0.01 whatever is asked for", _only(
        "leaky_relu", lambda u: u.f(u.x, "leaky_relu")))
    yield _slope("leak-ignored", "the leak is 0.01 whatever is asked for", _only(
        "leaky_relu", lambda u: u.slope(u.x, "leaky_relu")))
    yield _slope("leak-times-x", "the value leak x is taken for the slope below 0", _only(
        "leaky_relu", lambda u: np.where(u.x > 0, 1, u.f(u.x))))
    for name in ("gelu", "gelu_tanh"):
        yield _value("quick-gelu", "x sigmoid(1.702 x) is taken, a rougher form of the GELU",
                     _only(name, lambda u: u.x * u.f(1.702 * u.x, "sigmoid")))
        yield _value("erf-without-root-2", "erf(x) is taken where erf(x / √2) belongs",
                     _only(name, lambda u: u.f(u.x * np.sqrt(2), "gelu") / np.sqrt(2)))
        yield _value("silu-for-it", "x sigmoid(x) is taken",
                     _only(name, lambda u: u.x * u.f(u.x, "sigmoid")))
        yield _value("distribution-for-it", "Φ(x) alone is taken: it is not multiplied by x",
                     _only(name, _distribution))
        yield _slope("product-rule-missing", "Φ(x) alone is taken for the slope: x Φ'(x) is "
                     "missing", _only(name, _distribution))
    yield _value("root-of-2-over-pi-missing", "√(2/π) is left out", _only(
        "gelu_tanh", lambda u: _gelu(u, rate=1.0)))
    yield _value("root-missing", "2/π is taken where √(2/π) belongs", _only(
        "gelu_tanh", lambda u: _gelu(u, rate=2 / np.pi)))
    yield _value("cube-missing", "the term 0.044715 x³ is left out", _only(
        "gelu_tanh", lambda u: _gelu(u, cube=0.0)))
    yield _value("half-missing", "the factor ½ is missing", _only(
        "gelu_tanh", lambda u: 2 * _gelu(u)))
    yield from _of_scaled_tanh()


def _rough_sigmoids():
    for slug, said, rough in (
            ("hard-sigmoid", "0.2 x + 0.5, cut off at 0 and 1, is taken: a rougher sigmoid",
             lambda x: np.clip(0.2 * x + 0.5, 0, 1)),
            ("hard-sigmoid", "(x + 3) / 6, cut off at 0 and 1, is taken: a rougher sigmoid",
             lambda x: np.clip((x + 3) / 6, 0, 1)),
            ("hard-sigmoid", "x / 4 + 0.5, cut off at 0 and 1, is taken: a rougher sigmoid",
             lambda x: np.clip(x / 4 + 0.5, 0, 1)),
            ("softsign", "x / (1 + |x|) is taken", lambda x: x / (1 + np.abs(x)))):
        yield _value(slug, said, lambda u, f=rough: f(u.x))
    yield _value("hard-tanh", "x, cut off at -1 and 1, is taken: a rougher tanh",
                 lambda u: np.clip(u.x, -1, 1))
    yield _value("leak-added", "the leak is added on both sides: max(x, 0) + leak x", _only(
        "leaky_relu", lambda u: np.maximum(u.x, 0) + u.parameter_or(0.01) * u.x))


def _of_scaled_tanh():
    amplitude, rate, _ = truth.SCALED

    def t(u):
        return np.tanh(rate * u.x)

    yield _value("amplitude-missing", "the amplitude 1.7159 is left out", _only("scaled_tanh", t))
    yield _value("rate-missing", "the 2/3 within the tanh is left out", _only(
        "scaled_tanh", lambda u: amplitude * np.tanh(u.x)))
    yield _slope("inner-derivative-missing", "the inner derivative 2/3 is left out", _only(
        "scaled_tanh", lambda u: amplitude * (1 - t(u) ** 2)))
    yield _slope("amplitude-missing", "the amplitude 1.7159 is left out", _only(
        "scaled_tanh", lambda u: rate * (1 - t(u) ** 2)))
    yield _slope("slope-of-plain-tanh", "1 - tanh² is taken, without 1.7159 and 2/3", _only(
        "scaled_tanh", lambda u: 1 - t(u) ** 2))
    yield _slope("square-of-scaled", "the square is one of the scaled y: it is to be divided by "
                 "1.7159 first", _only(
                     "scaled_tanh", lambda u: amplitude * rate * (1 - u.f(u.x) ** 2)))


#: What the activations of two branches are below 0.
BELOW = {
    "relu": lambda u: 0 * u.x, "leaky_relu": lambda u: u.parameter_or(0.01) * u.x,
    "elu": lambda u: _alpha(u) * np.expm1(u.x), "abs": lambda u: -u.x,
}
#: What code asks of a whole array that is to be asked of each entry.
ASKED = (
    ("the mean of x is positive", lambda x: x.mean() > 0), ("any entry is positive",
     lambda x: (x > 0).any()), ("all entries are positive", lambda x: (x > 0).all()),
    ("the first entry is positive", lambda x: x.ravel()[0] > 0),
    ("the largest magnitude is that of a positive entry", lambda x: x.max() > -x.min()),
)


def _for_the_whole_array():
    """One branch for all entries."""
    for said, ask in ASKED:
        def value(u, ask=ask):
            if u.name not in BELOW or not u.x.size:
                raise ValueError("no branches")
            return u.x if ask(u.x) else BELOW[u.name](u)

        def slope(u, ask=ask):
            if u.name not in BELOW or not u.x.size:
                raise ValueError("no branches")
            return u.slope(np.where(ask(u.x), 1.0, -1.0) * np.abs(u.x))

        words = f"one branch is taken for the whole array, x itself where {said}: it is to be " \
                "asked of each entry"
        yield _value("one-branch-for-all", words, value)
        yield _slope("one-branch-for-all", words, slope)


def _branches_exchanged():
    """x above, and what belongs below, on the wrong sides."""
    def value(u):
        if u.name not in BELOW:
            raise ValueError("no branches")
        return np.where(u.x > 0, BELOW[u.name](u), u.x)

    yield _value("branches-exchanged", "the two branches are exchanged: x itself is taken below 0",
                 value)
    yield _slope("branches-exchanged", "the slopes of the two sides are exchanged", lambda u: (
        u.slope(-u.x) if u.name in ("relu", "leaky_relu", "abs") else u.slope(-np.abs(u.x))))


def _without_upstream_in_part():
    for said, where in (("negative", lambda x: x < 0), ("not positive", lambda x: x <= 0),
                        ("positive", lambda x: x > 0)):
        for kink in (0.0, np.finfo(float).tiny):
            yield Mistake("upstream-missing-in-part", f"where x is {said} the slope itself stands: "
                          "dy is not multiplied in there", ("dx",), company="other",
                          result=lambda a, u, _, w=where, k=kink: np.where(
                              w(u.x), 1, u.dy) * u.slope(u.x + k * (u.x == 0)))


MISTAKES = (
    _slope("slope-left-out", "f' is left out: dy goes through as it is",
           lambda unit: np.ones_like(unit.x)),
    Mistake("upstream-ignored", "dy is not multiplied in", ("dx",),
            result=lambda a, unit, _: unit.slope(unit.x)),
    *_branches_exchanged(), *_for_the_whole_array(), *_without_upstream_in_part(),
    _slope("slope-formula-for-y-given-x", "the formula of f' in terms of y = f(x) is used with x "
           "in place of y", lambda unit: _formula_in_y(unit, unit.x)),
    _slope("slope-at-y", "f' is taken at y = f(x) where it belongs at x",
           lambda unit: unit.slope(unit.f(unit.x))),
    Mistake("slope-at-upstream", "f' is taken at dy where it belongs at x", ("dx",),
            result=lambda a, unit, _: unit.dy * unit.slope(unit.dy)),
    _slope("value-for-slope", "the value f(x) is used for the derivative",
           lambda unit: unit.f(unit.x)),
    _slope("square-missing", "1 - f(x) is used: the square is missing",
           lambda unit: 1 - unit.f(unit.x)),
    _slope("slope-1-minus-square", "1 - f(x)² is used, the derivative of tanh",
           lambda unit: 1 - unit.f(unit.x) ** 2),
    _slope("slope-squared", "f' is multiplied in twice", lambda unit: unit.slope(unit.x) ** 2),
    _slope("slope-inverted", "dy is divided by f' and not multiplied",
           lambda unit: 1 / unit.slope(unit.x)),
    _slope("times-x", "x is left in as a factor", lambda unit: unit.x * unit.slope(unit.x)),
    _slope("times-value", "f(x) is left in as a factor",
           lambda unit: unit.f(unit.x) * unit.slope(unit.x)),
    _slope("slope-formula-for-sum", "1 + f(x)² is used: the sign of the square is wrong",
           lambda unit: 1 + unit.f(unit.x) ** 2),
    _slope("square-for-slope", "f(x)² is used for the derivative",
           lambda unit: unit.f(unit.x) ** 2),
    _slope("slope-of-complement", "1 + f(x) is multiplied with f(x), where 1 - f(x) belongs",
           lambda unit: unit.f(unit.x) * (1 + unit.f(unit.x))),
    _value("slope-for-value", "the derivative f'(x) is returned for the value",
           lambda unit: unit.slope(unit.x)),
    _value("value-twice", "f is applied twice", lambda unit: unit.f(unit.f(unit.x))),
    *(_value(f"leak-{leak:g}", f"what is negative is multiplied by {leak:g}",
             lambda unit, k=leak: np.where(unit.x > 0, unit.x, k * unit.x))
      for leak in (0.001, 0.2, 0.3, 0.5, -0.01)),
    *(_slope(f"leak-{leak:g}", f"the slope below 0 is {leak:g}",
             lambda unit, k=leak: np.where(unit.x > 0, 1, k))
      for leak in (0.001, 0.2, 0.3, 0.5, -0.01)),
    *(_slope("threshold", f"the slope is 1 where x > {at:g}, not where x > 0",
             lambda unit, t=at: (unit.x > t) * 1.0) for at in (0.5, 1.0, -1.0)),
    *(_value("threshold", f"the values pass where x > {at:g}, not where x > 0",
             lambda unit, t=at: np.where(unit.x > t, unit.x, 0.0)) for at in (0.5, 1.0, -1.0)),
    *(_value("clipped", f"the values are cut off at {at:g}", lambda unit, t=at: np.clip(
        unit.f(unit.x), -t, t)) for at in (1, 6)),
    Mistake("sign-of-x", "the sign of x is turned", BOTH,
            edit=lambda unit, _: replace(unit, x=-unit.x)),
    Mistake("x-halved", "half of x is taken", BOTH,
            edit=lambda unit, _: replace(unit, x=unit.x / 2)),
    Mistake("x-doubled", "twice x is taken", BOTH,
            edit=lambda unit, _: replace(unit, x=unit.x * 2)),
    _value("complement", "1 - f(x) is returned", lambda unit: 1 - unit.f(unit.x)),
    *_of_parameters(), *_rough_sigmoids(),
    *_other_functions(),
    _value("leak-0.1", "the leak is 0.1 where it is to be 0.01",
           lambda unit: np.where(unit.x > 0, unit.x, 0.1 * unit.x)),
    _slope("leak-0.1", "the leak is 0.1 where it is to be 0.01",
           lambda unit: np.where(unit.x > 0, 1, 0.1)),
    _value("clipped-at-1", "the values are cut off at 1", lambda unit: np.clip(
        unit.f(unit.x), None, 1)),
    *common(BOTH, lambda unit: len(unit.x)),
    cut_to_integer(BOTH, lambda unit: unit.form == "integer"),
)
