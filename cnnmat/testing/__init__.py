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

from cnnmat.testing.function_checks import check_activation, check_risk, check_softmax
from cnnmat.testing.functions import check_adjoint, check_gradient, check_update
from cnnmat.testing.layers import check_correlation, check_feedforward, check_pooling
from cnnmat.testing.mapping_checks import (
    check_adaptive_pooling,
    check_depthwise,
    check_global_pooling,
    check_transposed_correlation,
    check_upsampling,
)
from cnnmat.testing.network_checks import check_network
from cnnmat.testing.norm_checks import check_batch_norm, check_group_norm, check_layer_norm
from cnnmat.testing.picking_checks import check_dropout, check_embedding, check_local_response
from cnnmat.testing.refusals import Refusal
from cnnmat.testing.result import Result
from cnnmat.testing.shrinking import Counterexample
from cnnmat.testing.trial import Failure

__all__ = [
    "Counterexample", "Failure", "Refusal", "Result", "assert_activation",
    "assert_adaptive_pooling", "assert_adjoint", "assert_batch_norm", "assert_correlation",
    "assert_depthwise", "assert_dropout", "assert_embedding", "assert_feedforward",
    "assert_global_pooling", "assert_gradient", "assert_group_norm", "assert_layer_norm",
    "assert_local_response", "assert_network", "assert_pooling", "assert_risk", "assert_softmax",
    "assert_transposed_correlation", "assert_update", "assert_upsampling", "check_activation",
    "check_adaptive_pooling", "check_adjoint", "check_batch_norm", "check_correlation",
    "check_depthwise", "check_dropout", "check_embedding", "check_feedforward",
    "check_global_pooling", "check_gradient", "check_group_norm", "check_layer_norm",
    "check_local_response", "check_network", "check_pooling", "check_risk", "check_softmax",
    "check_transposed_correlation", "check_update", "check_upsampling",
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
assert_batch_norm = _asserting(check_batch_norm)
assert_group_norm = _asserting(check_group_norm)
assert_layer_norm = _asserting(check_layer_norm)
assert_softmax = _asserting(check_softmax)
assert_dropout = _asserting(check_dropout)
assert_embedding = _asserting(check_embedding)
assert_network = _asserting(check_network)
assert_local_response = _asserting(check_local_response)
assert_depthwise = _asserting(check_depthwise)
assert_transposed_correlation = _asserting(check_transposed_correlation)
assert_upsampling = _asserting(check_upsampling)
assert_adaptive_pooling = _asserting(check_adaptive_pooling)
assert_global_pooling = _asserting(check_global_pooling)
