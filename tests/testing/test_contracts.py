"""The contracts beside convolution and pooling: what they try, and how cases get smaller."""

from itertools import islice

import numpy as np
import pytest

from cnnmat.testing.losses import LossContract
from cnnmat.testing.mapping import AdaptiveContract, UpsamplingContract
from cnnmat.testing.norms import NormContract
from cnnmat.testing.optimizers import OptimizerContract
from cnnmat.testing.picking import DropoutContract, EmbeddingContract, LocalResponseContract
from cnnmat.testing.softmaxes import SoftmaxContract
from cnnmat.testing.transposing import DepthwiseContract, TransposedContract

CONTRACTS = {
    "batch": NormContract(running="new"),
    "batch, broadcast NHWC": NormContract(layout="NHWC", parameters="broadcast", eps=1e-5),
    "batch, rows in use": NormContract(layout="NC", given=True),
    "layer": NormContract(over="layer", layout="NF"),
    "layer, maps": NormContract(over="layer"),
    "group": NormContract(over="group"),
    "softmax": SoftmaxContract(),
    "log softmax, columns": SoftmaxContract(name="log_softmax", classes="first"),
    "binary cross-entropy": LossContract(risk="binary_cross_entropy"),
    "hinge": LossContract(risk="hinge", target="labels"),
    "binary hinge": LossContract(risk="binary_hinge", average="entries"),
    "adam": OptimizerContract(),
    "rmsprop": OptimizerContract(rule="rmsprop", decoupled=True),
    "nesterov": OptimizerContract(rule="nesterov", decay="all"),
    "dropout": DropoutContract(),
    "embedding": EmbeddingContract(),
    "local response": LocalResponseContract(layout="NHWC"),
    "depthwise": DepthwiseContract(),
    "transposed": TransposedContract(weights="HWIO"),
    "transposed by axis": TransposedContract(
        stride="tuple", padding="tuple", output_padding="tuple", bias="none", layout="NHWC"),
    "nearest": UpsamplingContract(),
    "bilinear": UpsamplingContract(method="bilinear", scale="tuple"),
    "adaptive": AdaptiveContract(size="tuple"),
    "global": AdaptiveContract(pooling="max", size="none", keep=False),
}


@pytest.fixture(params=CONTRACTS.values(), ids=CONTRACTS)
def contract(request):
    return request.param


@pytest.fixture
def cases(contract):
    return contract.cases(np.random.default_rng(0))


def test_every_case_is_one_that_the_contract_speaks_of(contract, cases):
    assert len(cases) >= 10
    assert all(contract.simple(case) for case in cases)
    assert len({case.name for case in cases}) == len(cases)


def test_the_upstream_gradient_has_the_shape_of_the_output(contract, cases):
    for case in cases:
        output, = contract.parts["forward"][1][:1]
        upstream = case.arrays.get("d" + output)
        if upstream is not None:
            assert upstream.shape == contract.truth(case, "forward")[output].value.shape, case.name


def test_conventions_go_out_and_come_back(contract, cases):
    for case in cases[:4]:
        for part, (_, outputs) in contract.parts.items():
            truths = contract.truth(case, part)
            for name in outputs:
                value = truths[name].value
                assert np.array_equal(contract.inward(name, contract.outward(name, value)), value)


def test_smaller_cases_are_smaller_and_still_whole(contract, cases):
    """Each has a truth, of the shape of its upstream gradient; they end with next to nothing."""
    case = max(cases, key=size)
    for _ in range(60):
        found = [c for c in islice(contract.smaller(case), 40) if contract.simple(c)]
        for one in found[:5]:
            truths = contract.truth(one, "forward")
            output = contract.parts["forward"][1][0]
            if "d" + output in one.arrays:
                assert one.arrays["d" + output].shape == truths[output].value.shape
        if not found:
            break
        # less padding cut off is simpler, and makes the output larger
        case = min(found, key=size)
    assert found == []
    assert sum(a.size for a in case.arrays.values()) <= 30


def size(case):
    numbers = sum(np.sum(v) for v in case.settings.values())
    return sum(a.size for a in case.arrays.values()) + 0.1 * abs(float(numbers))


def test_terms_are_text_for_every_output(contract, cases):
    case = cases[1]
    for part, (_, outputs) in contract.parts.items():
        truths = contract.truth(case, part)
        for name in outputs:
            value = truths[name].value
            assert isinstance(contract.terms(case, name, (0,) * value.ndim), str)
