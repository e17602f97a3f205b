"""Mistakes in the gradients of a whole network, in terms of the right ones."""

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import common, generic

__all__ = []

#: What the axes of a parameter run over.
AXES = {1: ("entry",), 2: ("row", "column")}


class Gradients:
    """The right gradients at one point, and the parameters where they are looked at."""

    def __init__(self, contract, case):
        truths = contract.truth_of(case, "backward")
        self.right = {name: truth.value for name, truth in truths.items()}
        self.parameters = {name: contract.inward(name, case.arrays[name[1:]]) for name in truths}
        self.samples = contract.samples


def bank(contract):
    """The bank of mistakes in a network's gradients."""
    outputs = contract.parts["backward"][1]
    axes = {name: AXES.get(p.ndim, tuple(f"slice along axis {k}" for k in range(p.ndim)))
            for name, p in zip(outputs, contract.point.values(), strict=True)}
    factors = [one for one in common(outputs, lambda layer: layer.samples)
               if contract.samples or "batch" not in one.slug]
    # gradients are small: what is cut to whole numbers is zero, too
    seen = sorted(generic(axes), key=lambda one: one.slug != "left-at-zero")
    return Bank(lambda case: Gradients(contract, case), lambda layer, output: layer.right[output],
                (*factors, _transposed(axes), _decay(outputs), *seen))


def between(session, outputs):
    """[(slug, sentence, outputs)]: where on the way back from the loss the first mistake lies."""
    names = session.contract.parts.get("backward", ((), ()))[1]
    if session.contract.kind != "network" or not outputs:
        return []
    first = next(name for name in reversed(names) if name in outputs)
    right = [name for name in names if name not in outputs and name in names[names.index(first):]]
    if not right:
        return [("wrong-from-the-loss-on", f"{first}, the gradient nearest to the loss, is wrong "
                 "already: look at the derivative of the loss, and at that layer", tuple(outputs))]
    fine = " and ".join(right) + (" are" if len(right) > 1 else " is")
    return [("wrong-from-a-layer-on", f"{fine} right, and {first} is the first gradient on the way "
             f"back that is wrong: the mistake is in {first} itself (what it is made of, how it is "
             f"summed), or in what is handed back to it from {right[0][1:]} (the slope of an "
             "activation, an order of axes)", tuple(outputs))]


def _transposed(axes):
    matrices = tuple(name for name, names in axes.items() if len(names) == 2)
    return Mistake("transposed", "it is transposed", matrices, result=lambda a, *_: a.T)


def _decay(outputs):
    """A multiple of the parameter itself too much or too little."""
    def of(size):
        what = "is missing" if size < 0 else "is there that should not be"
        return Mistake("weight-decay", f"a term {abs(size):.6g} times the parameter itself, the "
                       f"gradient of a penalty on its square, {what}", outputs, size=size,
                       result=lambda a, layer, output: a + size * layer.parameters[output])

    def fit(layer, output, answer):
        right, p = layer.right[output], layer.parameters[output]
        if answer.shape != right.shape or not p.any():
            return None
        return of(float(np.vdot(p, answer - right) / np.vdot(p, p)))

    return Mistake("weight-decay", "", outputs, fit=fit)
