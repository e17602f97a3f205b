"""Mistakes that change a right answer afterwards, whatever it was: factors, signs, axes."""

import numpy as np

from cnnmat.testing.diagnosis.mistakes import Mistake

__all__ = []


def factor(slug, sentence, outputs, by):
    """The answer times by(layer)."""
    return Mistake(slug, sentence, outputs, result=lambda a, layer, _: a * by(layer))


def common(outputs, samples):
    """Sign, factors 2 and N; `samples` gives N of a layer."""
    return (
        factor("sign", "the sign is the opposite one", outputs, lambda _: -1),
        factor("factor-2-too-much", "a factor 2 is there that should not be", outputs,
               lambda _: 2),
        factor("factor-2-missing", "a factor 2 is missing (or a ½ is too much)", outputs,
               lambda _: 0.5),
        factor("divided-by-batch", "it is divided by the number N of samples, which the sum over "
               "the samples is not", outputs, lambda layer: 1 / samples(layer)),
        factor("times-batch", "the division by the number N of samples is missing", outputs,
               samples),
    )


def transposed(slug, sentence, outputs, one, two):
    """Two axes exchanged."""
    return Mistake(slug, sentence, outputs, result=lambda a, *_: np.swapaxes(a, one, two))


def cut_to_integer(outputs, is_integer):
    """Where the input is of an integer type, the answer is cut to whole numbers."""
    return Mistake(
        "integer-output", "the result takes the integer type of the input, so that the fractions "
        "are cut off: allocate it as float", outputs,
        result=lambda a, layer, _: np.trunc(a) if is_integer(layer) else a)
