"""What a wrong answer is in terms of the right one, whatever was computed.

Factors and signs, entries cut or rounded; along each axis a part that is right, an order turned
round, a shift.  They compose with the mistakes of each bank, and stand behind them: what they say
is true where nothing closer to the code fits.
"""

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


# --- what can be seen of any array --------------------------------------------------------


def generic(axes):
    """Mistakes in terms of the right answer alone.

    Parameters
    ----------
    axes : dict of tuple of str
        What each output's axes run over: {"z": ("sample", "map", "row", "column"), ...}.
    """
    outputs = tuple(axes)
    places = {}
    for output, names in axes.items():
        for axis, name in enumerate(names):
            places.setdefault(name, {})[output] = axis - len(names)
    return (*_entries(outputs),
            *(one for name, at in places.items() for one in _along(name, at)),
            *_returned_early(axes), _multiple(outputs))


def _entries(outputs):
    """What is done to each entry by itself."""
    for sentence, change in (
            ("the fractions are cut off: a buffer of integers, or astype(int)", np.trunc),
            ("the answer is rounded down to whole numbers", np.floor),
            ("the answer is rounded to whole numbers", np.rint)):
        yield _each("integer-output", sentence, outputs, change)
    yield _each("half-precision", "the answer is kept in half precision (float16)", outputs,
                lambda a: a.astype(np.float16).astype(float))
    yield _each("left-at-zero", "it is zero throughout: the array is allocated and never filled",
                outputs, np.zeros_like)
    yield _each("absolute-value", "the absolute value is taken of the answer", outputs, np.abs)
    yield _each("negative-cut-off", "negative entries of the answer are set to zero", outputs,
                lambda a: np.maximum(a, 0))
    yield _each("answer-squared", "the answer is squared", outputs, np.square)


def _each(slug, sentence, outputs, change):
    return Mistake(slug, sentence, outputs, result=lambda a, *_: change(a))


def _along(name, at):
    """What may happen along the axis of this name; `at` gives its place in each output."""
    outputs, slug = tuple(at), name.replace(" ", "-")

    def mistake(what, sentence, change):
        return Mistake(what, sentence, outputs, result=lambda a, _, output: change(
            a, at[output]))

    first = f"only the first {name} is right, the others stay zero"
    return (
        mistake(f"first-{slug}-only", f"{first}: does a return or a break stand one indent too "
                "deep?", lambda a, k: kept(a, k, slice(0, 1))),
        mistake(f"last-{slug}-only", f"only the last {name} is right, the others stay zero",
                lambda a, k: kept(a, k, slice(-1, None))),
        mistake(f"last-{slug}-missing", f"the last {name} is left at zero: a loop stops one short",
                lambda a, k: kept(a, k, slice(0, -1))),
        mistake(f"first-{slug}-missing", f"the first {name} is left at zero: a loop starts at 1",
                lambda a, k: kept(a, k, slice(1, None))),
        mistake(f"last-{slug}-not-there", f"the last {name} is not there: the size is one short",
                lambda a, k: part(a, k, slice(0, -1))),
        mistake(f"first-{slug}-returned", f"only the first {name} comes back: does a return stand "
                "inside the loop?", lambda a, k: part(a, k, slice(0, 1))),
        mistake(f"{slug}-zero-everywhere", f"{name} 0 stands in place of each {name}",
                lambda a, k: np.repeat(part(a, k, slice(0, 1)), a.shape[k], k)),
        mistake(f"{slug}-lost", f"the axis of the {name}s is lost: {name} 0 alone comes back",
                lambda a, k: a.take(0, k)),
        mistake(f"{slug}-summed", f"the answer is summed over the {name}s",
                lambda a, k: a.sum(k)),
        mistake(f"{slug}-summed", f"the answer is summed over the {name}s, and the sum stands "
                f"in place of each", lambda a, k: np.repeat(a.sum(k, keepdims=True),
                                                            a.shape[k], k)),
        mistake(f"{slug}s-reversed", f"the {name}s come in the reverse order", np.flip),
        *(mistake(f"{slug}-shifted", f"the answer is moved by one {name}, and zeros come in",
                  lambda a, k, s=step: moved(a, k, s)) for step in (1, -1)),
        *(mistake(f"{slug}-shifted", f"the answer is moved round by one {name}",
                  lambda a, k, s=step: np.roll(a, s, k)) for step in (1, -1)),
    )


def part(array, axis, where):
    """A slice along an axis."""
    index = [slice(None)] * array.ndim
    index[axis] = where
    return array[tuple(index)]


def kept(array, axis, where):
    """All but a slice along an axis set to zero."""
    found = np.zeros_like(array)
    part(found, axis, where)[...] = part(array, axis, where)
    return found


def moved(array, axis, step):
    """The entries one place further along an axis (or back), zeros where none come from."""
    to, come = ((slice(1, None), slice(None, -1)) if step > 0
                else (slice(None, -1), slice(1, None)))
    found = np.zeros_like(array)
    part(found, axis, to)[...] = part(array, axis, come)
    return found


def _returned_early(axes):
    """Several loops, and a return inside of the innermost of them."""
    for count in range(2, max(map(len, axes.values())) + 1):
        sentence = {output: "only the first " + " of the first ".join(names[:count][::-1])
                    + " is computed, the others stay zero: does a return stand one indent too "
                    "deep?" for output, names in axes.items() if len(names) >= count}
        yield Mistake("returns-too-early", sentence, tuple(sentence),
                      result=lambda a, _l, _o, n=count: _corner(a, n))


def _corner(array, count):
    found = np.zeros_like(array)
    index = (slice(0, 1),) * count
    found[index] = array[index]
    return found


def _multiple(outputs):
    """Another factor, whatever it is: found from the first wrong answer."""
    def of(size):
        return Mistake("factor", f"the answer is {size:.6g} times the right one", outputs,
                       result=lambda a, *_: a * size, size=size)

    def fit(answer, right):
        if answer.shape != right.shape or not np.isfinite(answer).all() or not right.any():
            return None
        at = np.unravel_index(np.abs(right).argmax(), right.shape)
        return of(float(answer[at] / right[at]))

    return Mistake("factor", "", outputs, fit_right=fit)
