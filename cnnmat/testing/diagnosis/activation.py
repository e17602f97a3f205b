"""Mistakes in activations."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
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

    def f(self, x, name=None):
        """The function itself."""
        return _each(truth.ACTIVATIONS[name or self.name][0], x)

    def slope(self, x, name=None):
        """Its derivative; 0 at a kink that allows it, else the least."""
        def one(v):
            low, high = truth.ACTIVATIONS[name or self.name][1](v)
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
                    contract.name, case.form)

    return Bank(layer, compute, (*MISTAKES, *generic({"y": ("entry",), "dx": ("entry",)})))


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


MISTAKES = (
    _slope("slope-left-out", "f' is left out: dy goes through as it is",
           lambda unit: np.ones_like(unit.x)),
    Mistake("upstream-ignored", "dy is not multiplied in", ("dx",),
            result=lambda a, unit, _: unit.slope(unit.x)),
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
    Mistake("sign-of-x", "the sign of x is turned", BOTH,
            edit=lambda unit, _: replace(unit, x=-unit.x)),
    Mistake("x-halved", "half of x is taken", BOTH,
            edit=lambda unit, _: replace(unit, x=unit.x / 2)),
    Mistake("x-doubled", "twice x is taken", BOTH,
            edit=lambda unit, _: replace(unit, x=unit.x * 2)),
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
