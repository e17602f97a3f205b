"""What goes where: which input stands for another, along which axis a vector lies, what is summed.

Nothing here knows which kind of function it is about: a vector of parameters is one that each
entry of the output takes one number of, and what that number does is seen from two values of it.
"""

from dataclasses import replace
from itertools import permutations

import numpy as np

from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import fitted, orders
from cnnmat.testing.diagnosis.subjects import compute

__all__ = []

#: Rates that a parameter may have been changed by before it is used.
RATES = (1.0, 0.5, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 1e-4)


def wirings(contract, case, part, output, axes):
    """Mistakes in one output; `axes` gives what the axes of each array run over."""
    names = [n for n in contract.parts[part][0] if n in case.arrays]
    yield from _for_another(case, names, output)
    yield from _moved_with_its_gradient(contract, case, part, names, output)
    yield from _in_another_order(case, names, axes, output)
    yield from _scaled(case, names, axes, output)
    if "forward" not in contract.parts:
        return
    (value, *_), own = contract.parts["forward"][1], case.arrays.get(output[1:])
    if part == "forward":
        for name in names if output == value else ():
            yield from _along_another_axis(case, name, axes.get("d" + value, ()), output)
    elif own is not None and own.ndim == 1:
        yield from _summed_over_others(
            value, axes.get("d" + value, ()), *axes.get(output[1:], ("",))[:1], output)


def _edit(slug, said, output, change, company="none"):
    """A mistake in the arrays that are read: change(arrays, subject) -> those that are others."""
    def edit(subject, _):
        return replace(subject, case=subject.case.with_arrays(
            **change(subject.case.arrays, subject)))
    return Mistake(slug, said, (output,), edit=edit, company=company)


def kept_from_before(session, names, output):
    """An array that is kept at the first call with one of its shape, and read ever after."""
    for name in names:
        first = {}
        for case in session.cases:
            first.setdefault(case.arrays[name].shape, case.arrays[name])
        yield _edit("cached-by-shape", f"{name} is kept at the first call with one of its shape, "
                    "and read again whatever is handed in later", output,
                    lambda a, _, n=name, kept=first: {n: kept.get(a[n].shape, a[n])})


# --- a factor that is a length or a setting ------------------------------------------------


def _scaled(case, names, axes, output):
    """The answer times, or over, the length of an axis, a setting, or their roots."""
    found = {}
    for name in names:
        for k, run in enumerate(axes.get(name, ())):
            found.setdefault(f"the number of {run}s", lambda c, n=name, k=k: c.arrays[n].shape[k])
    for name, value in case.settings.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            found[name] = lambda c, n=name: c.settings[n]
            found[f"1 - {name}"] = lambda c, n=name: 1 - c.settings[n]
    def power_of(size, power):
        if size <= 0:
            raise ValueError("no such factor")
        return size**power

    for said, size in found.items():
        for root, power in (("", 1), ("the root of ", 0.5), ("the square of ", 2)):
            for word, sign in (("divided by", -1), ("multiplied by", 1)):
                yield Mistake("scaled-by-size", f"the answer is {word} {root}{said}", (output,),
                              company="none", result=lambda a, s, _, f=size, p=sign * power: (
                                  a * power_of(float(f(s.case)), p)))


# --- one array for another ---------------------------------------------------------------


def _for_another(case, names, output):
    """An input where another of the same shape belongs; both exchanged."""
    for one, other in permutations(names, 2):
        if case.arrays[one].shape != case.arrays[other].shape:
            continue
        yield _edit(f"{one}-for-{other}", f"{one} stands where {other} belongs", output,
                    lambda a, _, o=one, n=other: {n: _alike(a[o], a[n])})
        if one < other:
            yield _edit(f"{one}-and-{other}-exchanged", f"{one} and {other} are exchanged", output,
                        lambda a, _, o=one, n=other: {n: _alike(a[o], a[n]),
                                                      o: _alike(a[n], a[o])})


def _alike(one, other):
    if one.shape != other.shape or other.dtype.kind == "i" != one.dtype.kind:
        raise ValueError("the two do not have one shape and kind")
    return one


def _moved_with_its_gradient(contract, case, part, names, output):
    """A parameter that was changed by a step of descent before it was used."""
    own = contract.parts[part][1]
    for name in names:
        if "d" + name not in own or part == "forward" or output == "d" + name:
            continue
        for rate in RATES:
            yield _edit(f"{name}-updated-before", f"{name} is changed by {rate:g} times its "
                        "gradient before it is used: a step of descent belongs behind the whole "
                        "backward pass", output, lambda a, s, n=name, r=rate: {
                            n: a[n] - r * s.contract.truth_of(s.case, s.part)["d" + n].value})


# --- another order, in and out ---------------------------------------------------------


def _in_another_order(case, names, axes, output):
    """Inputs that are reshaped to another order, and the answer reshaped back from it."""
    ndim = max((case.arrays[n].ndim for n in names), default=0)
    large = [n for n in names if case.arrays[n].ndim == ndim
             and axes.get(n, ())[:1] == ("sample",)]
    if ndim < 3 or not large:
        return
    for (said, into), (_, back) in _both_ways(axes[large[0]]):
        def edit(subject, _, change=into):
            return replace(subject, case=subject.case.with_arrays(
                **{n: change(subject.case.arrays[n]) for n in large}))

        def result(answer, *_, change=back, ndim=ndim):
            return change(answer) if answer.ndim == ndim else answer

        yield Mistake("reshaped-there-and-back", f"{' and '.join(large)} {said}, and what comes of "
                      "it is reshaped back in the same way", (output,), edit=edit,
                      result=result, company="none")


def _both_ways(axes):
    """(one order, the order that undoes it) of those that a reshape may confuse."""
    found = list(orders(axes))
    for one, other in zip(found[::2], found[1::2], strict=True):
        yield other, one
        yield one, other


# --- a vector along the wrong axis -------------------------------------------------------


#: How a vector of another length is made to fit.
FITTED = ("and cut or repeated to the right length", "and cut or filled up with zeros")


def _to_length(vector, length, fill):
    return fitted(vector, (length,)) if fill else np.resize(vector, length)


def _effect(subject, name, output):
    """(the answer with zeros for a vector, what one unit of it adds to each entry)."""
    def at(value):
        array = np.full(subject.case.arrays[name].shape, value)
        return compute(replace(subject, case=subject.case.with_arrays(**{name: array})),
                       output).value
    zero = at(0.0)
    return zero, at(1.0) - zero


def _along_another_axis(case, name, axes, output):
    """A vector of parameters that lies along another axis of the answer than it should."""
    if case.arrays[name].ndim != 1 or case.arrays[name].dtype.kind != "f":
        return
    def result(answer, subject, _, k, fill):
        zero, unit = _effect(subject, name, output)
        laid = _to_length(subject.case.arrays[name], unit.shape[k], fill)
        return zero + unit * laid.reshape([-1 if a == k else 1 for a in range(unit.ndim)])

    for k, run in enumerate(axes if len(axes) > 1 else ()):
        for fill, end in enumerate(FITTED):
            yield Mistake(f"{name}-along-{run.replace(' ', '-')}s", f"{name} is laid along the "
                          f"{run}s, {end}: it has a number for something else", (output,),
                          company="none", result=lambda *a, k=k, f=fill: result(*a, k, f))


#: What is made of all that belongs to one number of a vector, where its sum belongs.
GATHERED = (
    ("maximum-for-sum", "the largest of what belongs to each is taken, where the sum belongs",
     lambda a: a.max(1)),
    ("minimum-for-sum", "the smallest of what belongs to each is taken, where the sum belongs",
     lambda a: a.min(1)),
    ("magnitudes-summed", "the magnitudes are summed", lambda a: np.abs(a).sum(1)),
    ("squares-summed", "the squares are summed", lambda a: (a**2).sum(1)),
    ("magnitude-of-sum", "the magnitude of the sum is taken", lambda a: np.abs(a.sum(1))),
    ("deviation-for-sum", "the standard deviation is taken, where the sum belongs",
     lambda a: a.std(1)),
    ("first-for-sum", "the first of what belongs to each is taken, where the sum belongs",
     lambda a: a[:, 0]),
    ("last-for-sum", "the last of what belongs to each is taken, where the sum belongs",
     lambda a: a[:, -1]),
)


def _summed_over_others(value, axes, run_of, output):
    """The gradient of a vector that is summed over other axes than it should be."""
    def shares(subject):
        """What each entry of the answer hands back."""
        _, unit = _effect(replace(subject, part="forward"), output[1:], value)
        return subject.case.arrays["d" + value] * unit

    own = axes.index(run_of) if run_of in axes else None
    for slug, said, reduce in GATHERED if own is not None else ():
        yield Mistake(slug, said, (output,), company="none", result=lambda a, s, _, f=reduce: f(
            np.moveaxis(shares(s), own, 0).reshape(len(a), -1)))

    def result(answer, subject, _, k, fill):
        found = shares(subject)
        total = found.sum(tuple(a for a in range(found.ndim) if a != k))
        return _to_length(total, len(answer), fill)

    for k, run in enumerate(axes):
        for fill, end in enumerate(FITTED):
            yield Mistake("summed-over-others", f"it is summed over all axes but that of the "
                          f"{run}s, {end}", (output,), company="none",
                          result=lambda *a, k=k, f=fill: result(*a, k, f))
