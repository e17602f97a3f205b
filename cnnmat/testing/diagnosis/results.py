"""What a wrong answer is in terms of the right one, whatever was computed.

Factors and signs, entries cut or rounded; along each axis a part that is right, an order turned
round, a shift.  They compose with the mistakes of each bank, and stand behind them: what they say
is true where nothing closer to the code fits.
"""

from itertools import permutations

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
            *(one for name, at in places.items() for one in _gathered(name, at)),
            *_returned_early(axes), *_orders(axes), _multiple(outputs), _offset(outputs),
            *_clipped(outputs))


def _entries(outputs):
    """What is done to each entry by itself."""
    for sentence, change in (
            ("the fractions are cut off: a buffer of integers, or astype(int)", np.trunc),
            ("the answer is rounded down to whole numbers", np.floor),
            ("the answer is rounded to whole numbers", np.rint)):
        yield _each("integer-output", sentence, outputs, change)
    yield _each("half-precision", "the answer is kept in half precision (float16)", outputs,
                lambda a: a.astype(np.float16).astype(float))
    for kind, said in ((np.int8, "8 bits with a sign"), (np.uint8, "8 bits without a sign"),
                       (np.int16, "16 bits")):
        yield _each("few-bits", f"the answer is kept in whole numbers of {said}, beyond which it "
                    "goes round", outputs, lambda a, k=kind: a.astype(np.int64).astype(k).astype(
                        float), "none")
    yield _each("left-at-zero", "it is zero throughout: the array is allocated and never filled",
                outputs, np.zeros_like)
    yield _each("absolute-value", "the absolute value is taken of the answer", outputs, np.abs)
    yield _each("negative-cut-off", "negative entries of the answer are set to zero", outputs,
                lambda a: np.maximum(a, 0))
    yield _each("answer-squared", "the answer is squared", outputs, np.square)


def _each(slug, sentence, outputs, change, company="any"):
    return Mistake(slug, sentence, outputs, result=lambda a, *_: change(a), company=company)


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


def fitted(array, shape):
    """An array cut to a shape, or filled up with zeros to it."""
    found = np.zeros(shape)
    common = tuple(slice(0, min(n, m)) for n, m in zip(array.shape, shape, strict=True))
    found[common] = array[common]
    return found


#: What is written down for (n - k) // s + 1, n being the length with its padding.
COUNTS = (
    ("range-one-short", "a window that ends at the very edge is left out: range(0, n - k, stride) "
     "must run to n - k + 1 (or the image is padded one too little behind)",
     lambda n, k, s, p: -(-(n - k) // s)),
    ("one-added-inside", "(n - k + 1) // stride windows are made, where (n - k) // stride + 1 "
     "belong", lambda n, k, s, p: (n - k + 1) // s),
    ("window-not-subtracted", "n // stride windows are made: the window's length is not taken off "
     "n", lambda n, k, s, p: n // s),
    ("padding-not-counted-in-size", "the number of windows leaves the padding out",
     lambda n, k, s, p: (n - p - k) // s + 1),
    ("stride-not-counted-in-size", "the number of windows leaves the stride out",
     lambda n, k, s, p: n - k + 1),
    ("output-one-too-large", "there is one window too much", lambda n, k, s, p: (n - k) // s + 2),
)


def recounts(output, geometry):
    """Another number of windows; `geometry` gives lengths, paddings, windows' lengths, strides.

    The answer comes in that size, or in the right one with what is not computed left at zero.
    """
    for slug, said, count in COUNTS:
        def shape(a, layer, count=count):
            return (*a.shape[:2], *[count(n + sum(p), k, s, sum(p)) for n, p, k, s in zip(
                *geometry(layer), strict=True)])

        yield Mistake(slug, said, (output,), company="other",
                      result=lambda a, layer, _, s=shape: fitted(a, s(a, layer)))
        yield Mistake(slug, f"{said}; what they leave stays zero", (output,), company="other",
                      result=lambda a, layer, _, s=shape: fitted(
                          fitted(a, s(a, layer)), a.shape))


def _gathered(name, at):
    """What may be made of all slices along an axis, and put in place of each."""
    outputs, slug = tuple(at), name.replace(" ", "-")
    for what, said, change in (
            ("not-reset", f"each {name} has the {name}s before it added in: an accumulator is not "
             "set back to zero", np.cumsum),
            ("not-reset", f"each {name} has the {name}s after it added in: an accumulator is not "
             "set back to zero", lambda a, k: np.flip(np.cumsum(np.flip(a, k), k), k)),
            ("averaged", f"the mean over the {name}s stands in place of each",
             lambda a, k: np.repeat(a.mean(k, keepdims=True), a.shape[k], k)),
            ("averaged", f"the answer is averaged over the {name}s", lambda a, k: a.mean(k)),
            ("maximum", f"the largest over the {name}s stands in place of each",
             lambda a, k: np.repeat(a.max(k, keepdims=True), a.shape[k], k)),
            ("last-everywhere", f"the last {name} stands in place of each",
             lambda a, k: np.repeat(part(a, k, slice(-1, None)), a.shape[k], k)),
            ("every-second", f"only every second {name} is right, the others stay zero",
             lambda a, k: kept(a, k, slice(0, None, 2))),
            ("differences", f"each {name} has the one before taken off",
             lambda a, k: a - moved(a, k, 1)),
            ("keeps-axis", f"the answer is summed over the {name}s, whose axis is kept",
             lambda a, k: a.sum(k, keepdims=True))):
        yield Mistake(f"{slug}-{what}", said, outputs, company="other",
                      result=lambda a, _, output, c=change: c(a, at[output]) if a.size else a)


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


def _orders(axes):
    """An answer that is reshaped where it should be transposed, or comes in another order."""
    for output, names in axes.items():
        for said, change in orders(names):
            yield Mistake("answer-reshaped", f"the answer {said}", (output,), company="none",
                          result=lambda a, *_, c=change: c(a))
        for order in list(permutations(range(len(names))))[1:]:
            said = " x ".join(f"{names[k]}s" for k in order)
            yield Mistake("axes-exchanged", f"the answer comes out as {said}: its axes are "
                          "exchanged", (output,), company="none",
                          result=lambda a, *_, o=order: a.transpose(o))


def orders(axes):
    """(sentence about "it", array -> array) of every order that a reshape may confuse.

    Both ways: what lies in another order is reshaped, or what is in order is reshaped to
    another one and transposed back.
    """
    names = " x ".join(f"{name}s" for name in axes)
    for order in list(permutations(range(len(axes))))[1:]:
        other = " x ".join(f"{axes[k]}s" for k in order)
        yield (f"lies as {other} in memory and is reshaped to {names}: a transposition is "
               "missing", lambda a, o=order: a.transpose(o).reshape(a.shape))
        yield (f"is reshaped to {other}, which is not how it lies in memory ({names})",
               lambda a, o=order: _reshaped(a, o))


def _reshaped(array, order):
    return array.reshape([array.shape[k] for k in order]).transpose(np.argsort(order))


#: Factors that tell where they come from.
FACTORS = ((1 / np.log(2), "log2 is taken for ln"), (1 / np.log(10), "log10 is taken for ln"),
           (np.log(2), "ln is taken for log2"), (1 / 255, "a division by 255"),
           (np.sqrt(2), "√2"), (1 / np.sqrt(2), "1 / √2"), (np.pi, "π"))


def _multiple(outputs):
    """Another factor, whatever it is: found from the first wrong answer."""
    def of(size):
        known = [f" ({name})" for value, name in FACTORS if abs(size / value - 1) < 1e-9]
        return Mistake("factor", f"the answer is {size:.6g} times the right one"
                       + "".join(known), outputs, result=lambda a, *_: a * size, size=size)

    def fit(answer, right):
        if answer.shape != right.shape or not np.isfinite(answer).all() or not right.any():
            return None
        at = np.unravel_index(np.abs(right).argmax(), right.shape)
        return of(float(answer[at] / right[at]))

    return Mistake("factor", "", outputs, fit_right=fit)


def _offset(outputs):
    """A constant too much, whatever it is: found from the first wrong answer."""
    def fit(answer, right):
        if answer.shape != right.shape or not answer.size or not np.isfinite(answer).all():
            return None
        size = float((answer - right).flat[0])
        return Mistake("off-by-a-constant", f"the answer is the right one plus {size:.6g}", outputs,
                       result=lambda a, *_: a + size, size=size)

    return Mistake("off-by-a-constant", "", outputs, fit_right=fit)


def _clipped(outputs):
    """The answer cut off at some bound, whatever it is: found from a wrong answer."""
    for said, bound, cut in (
            ("between {0:.6g} and {1:.6g}", np.abs, lambda a, c: np.clip(a, -c, c)),
            ("from above at {1:.6g}", np.positive, np.minimum),
            ("from below at {0:.6g}", np.negative, lambda a, c: np.maximum(a, -c))):
        def fit(answer, right, said=said, bound=bound, cut=cut):
            if answer.shape != right.shape or not answer.size or not np.isfinite(answer).all():
                return None
            size = float(bound(answer).max())
            return Mistake("clipped", f"the answer is cut off {said.format(-size, size)}", outputs,
                           result=lambda a, *_: cut(a, size), size=size)

        yield Mistake("clipped", "", outputs, fit_right=fit)
