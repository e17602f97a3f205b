"""Mistakes in adjoints, and in gradients of any function."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import factor, generic

__all__ = []


@dataclass(frozen=True)
class Map:
    """A linear map by its matrix, a vector on each side, and the constant that it adds."""

    matrix: np.ndarray
    shapes: tuple
    constant: np.ndarray
    x: np.ndarray
    y: np.ndarray


class Slope:
    """A gradient as the differences give it."""

    def __init__(self, contract, case):
        self.x = case.arrays["x"]
        self.g = contract.truth_of(case, "backward")["g"].value


def bank(contract):
    """The bank of mistakes in adjoints, or in gradients."""
    if contract.kind == "gradient":
        return Bank(lambda case: Slope(contract, case), lambda layer, _: layer.g,
                    (*_factors(("g",)), *GRADIENTS,
                     *generic({"g": _axes(len(contract.shape))})))
    axes = {name: _axes(len(shape)) for name, shape in zip("xy", contract.shapes, strict=True)}
    read = reads({"x": (axes["x"], ("y",)), "y": (axes["y"], ("x",))})
    def layer(case):
        return Map(contract.matrix(), contract.shapes, contract.offset(),
                   case.arrays["x"].astype(float), case.arrays["y"].astype(float))

    return Bank(layer, _compute,
                (*ADJOINTS, *_factors(("x", "y")), *generic(axes), *read))


def _axes(count):
    """What the axes of an array are called."""
    return (("entry",) if count == 1 else
            (*(f"slice of axis {k}" for k in range(count - 2)), "row", "column")[-count:])


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


def _with(change):
    """An edit of the matrix."""
    return lambda layer, _: replace(layer, matrix=change(layer.matrix))


def _one_a_column(matrix, last):
    """Of each column's entries that are not 0 the first, or the last."""
    found = np.zeros_like(matrix)
    for k, column in enumerate(matrix.T):
        at = np.flatnonzero(column)
        if at.size:
            found[at[-1 if last else 0], k] = column[at[-1 if last else 0]]
    return found


def _averaged(matrix):
    return matrix / np.maximum((matrix != 0).sum(0), 1)


ADJOINTS = (
    Mistake("forward-again", "the forward map is applied on the way back: its matrix must be "
            "transposed", ("x",), result=_again),
    Mistake("kernel-not-turned", "both sides are taken in the reverse order: a kernel is not "
            "turned round on the way back", ("x",), edit=_with(lambda m: m[::-1, ::-1])),
    *(Mistake("overlap-assigned", f"of what is to be added up only the {word} counts: = where += "
              "belongs", ("x",), edit=_with(lambda m, w=word: _one_a_column(m, w == "last")))
      for word in ("last", "first")),
    Mistake("averaged-not-summed", "what comes together is averaged where it is to be added up",
            ("x",), edit=_with(_averaged)),
    Mistake("coefficients-left-out", "the coefficients of the map are left out: they are taken as "
            "1", ("x",), edit=_with(lambda m: (m != 0) * 1.0)),
    Mistake("coefficients-inverted", "the coefficients of the map are divided by, not multiplied",
            ("x",), edit=_with(lambda m: np.divide(1, m, out=np.zeros_like(m), where=m != 0))),
    Mistake("coefficients-without-sign", "the coefficients of the map lose their sign", ("x",),
            edit=_with(np.abs)),
    Mistake("not-linear-constant", "a constant is added: the map is affine and not linear", ("y",),
            result=lambda a, layer, _: a + layer.constant.reshape(a.shape)),
    Mistake("inverse-for-adjoint", "the (pseudo-)inverse is applied: an adjoint is the transposed "
            "matrix", ("x",), result=lambda a, layer, _: (
                np.linalg.pinv(layer.matrix) @ layer.y.ravel()).reshape(layer.shapes[0])),
)
def _multiple_of_x():
    """What a penalty of the squares leaves whose factor is another one, or that is forgotten."""
    def fit(layer, output, answer):
        at = np.abs(layer.x).argmax()
        if answer.shape != layer.x.shape or not layer.x.flat[at]:
            return None
        size = float((answer - layer.g).flat[at] / layer.x.flat[at])
        # the differences give no more digits
        size = float(f"{size:.6g}")
        return Mistake("penalty-off", f"the gradient is the right one plus {size:.6g} x, x being "
                       "the point: as of a penalty Σ x² with another factor (or none)", ("g",),
                       result=lambda a, layer, _: a + size * layer.x, size=size)

    return Mistake("penalty-off", "", ("g",), fit=fit)


GRADIENTS = (
    _multiple_of_x(),
    factor("divided-by-entries", "it is divided by the number of entries", ("g",),
           lambda layer: 1 / layer.x.size),
    factor("times-entries", "a division by the number of entries is missing", ("g",),
           lambda layer: layer.x.size),
    Mistake("zero", "it is zero everywhere", ("g",), result=lambda a, *_: 0 * a),
    Mistake("axes-exchanged", "its axes are exchanged", ("g",), result=lambda a, *_: a.T),
)
