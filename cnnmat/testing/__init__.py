"""Verdicts on other people's implementations: right, or wrong where and why.

Examples
--------
A test in three lines:

>>> import numpy as np
>>> from cnnmat.testing import assert_activation
>>> def relu(x): return np.where(x > 0, x, 0)
>>> assert_activation(relu, lambda dy, x: dy * (x > 0), "relu")
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from cnnmat.testing.functions import check_adjoint, check_gradient, check_update
from cnnmat.testing.layers import (
    check_activation,
    check_correlation,
    check_feedforward,
    check_pooling,
    check_risk,
)
from cnnmat.testing.refusals import Refusal
from cnnmat.testing.result import Result
from cnnmat.testing.shrinking import Counterexample
from cnnmat.testing.trial import Failure

__all__ = [
    "Counterexample", "Failure", "Refusal", "Result", "assert_activation", "assert_adjoint",
    "assert_correlation", "assert_feedforward", "assert_gradient", "assert_pooling",
    "assert_risk", "assert_update", "check_activation", "check_adjoint", "check_correlation",
    "check_feedforward", "check_gradient", "check_pooling", "check_risk", "check_update",
]


Arguments = ParamSpec("Arguments")


def _asserting(check: Callable[Arguments, Result]) -> Callable[Arguments, None]:
    @wraps(check)
    def assertion(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        result = check(*args, **kwargs)
        if not result.passed:
            raise AssertionError("\n" + result.summary())

    assertion.__name__ = assertion.__qualname__ = check.__name__.replace("check", "assert")
    assertion.__doc__ = f"Raise AssertionError with the summary of `{check.__name__}` if wrong."
    return assertion


assert_activation = _asserting(check_activation)
assert_adjoint = _asserting(check_adjoint)
assert_correlation = _asserting(check_correlation)
assert_feedforward = _asserting(check_feedforward)
assert_gradient = _asserting(check_gradient)
assert_pooling = _asserting(check_pooling)
assert_risk = _asserting(check_risk)
assert_update = _asserting(check_update)
