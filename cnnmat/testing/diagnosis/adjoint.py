"""Mistakes in adjoints, and in gradients of any function."""

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import factor

__all__ = []


class Map:
    """A linear map, a vector on each side."""

    def __init__(self, contract, case):
        self.matrix, self.shapes = contract.matrix(), contract.shapes
        self.x, self.y = case.arrays["x"].astype(float), case.arrays["y"].astype(float)
        self.constant = contract.offset()


class Slope:
    """A gradient as the differences give it."""

    def __init__(self, contract, case):
        self.x = case.arrays["x"]
        self.g = contract.truth_of(case, "backward")["g"].value


def bank(contract):
    """The bank of mistakes in adjoints, or in gradients."""
    if contract.kind == "gradient":
        return Bank(lambda case: Slope(contract, case), lambda layer, _: layer.g,
                    (*_factors(("g",)), *GRADIENTS))
    return Bank(lambda case: Map(contract, case), _compute, (*ADJOINTS, *_factors(("x", "y"))))


def _compute(layer, output):
    if output == "y":
        return (layer.matrix @ layer.x.ravel()).reshape(layer.shapes[1])
    return (layer.matrix.T @ layer.y.ravel()).reshape(layer.shapes[0])


def _factors(outputs):
    return (factor("sign", "the sign is the opposite one", outputs, lambda _: -1),
            factor("factor-2-too-much", "a factor 2 is there that should not be", outputs,
                   lambda _: 2),
            factor("factor-2-missing", "a factor 2 is missing (or a ½ is too much)", outputs,
                   lambda _: 0.5))


def _again(a, layer, _):
    if layer.shapes[0] != layer.shapes[1]:
        raise ValueError("the map is not square")
    return (layer.matrix @ layer.y.ravel()).reshape(layer.shapes[0])


ADJOINTS = (
    Mistake("not-linear-constant", "a constant is added: the map is affine and not linear", ("y",),
            result=lambda a, layer, _: a + layer.constant.reshape(a.shape)),
    Mistake("forward-again", "the forward map is applied on the way back: its matrix must be "
            "transposed", ("x",), result=_again),
    Mistake("inverse-for-adjoint", "the (pseudo-)inverse is applied: an adjoint is the transposed "
            "matrix", ("x",), result=lambda a, layer, _: (
                np.linalg.pinv(layer.matrix) @ layer.y.ravel()).reshape(layer.shapes[0])),
)
GRADIENTS = (
    factor("divided-by-entries", "it is divided by the number of entries", ("g",),
           lambda layer: 1 / layer.x.size),
    factor("times-entries", "a division by the number of entries is missing", ("g",),
           lambda layer: layer.x.size),
    Mistake("zero", "it is zero everywhere", ("g",), result=lambda a, *_: 0 * a),
    Mistake("axes-exchanged", "its axes are exchanged", ("g",), result=lambda a, *_: a.T),
)
