"""What a wrong answer has to do with the right one, where no mistake gives it.

Each is a fact about all wrong answers of one output, said of them and not of the code: a part
that is right, the right numbers in other places, a factor that is one of the sizes.
"""

from itertools import chain, combinations

import numpy as np

from cnnmat.testing.comparing import errors, scaled_error
from cnnmat.testing.diagnosis.banks import bank_of
from cnnmat.testing.diagnosis.masks import MANY, masked

__all__ = []

#: How often everything else is wrong where one value is right by being written down.
MOSTLY = 0.7


def recognise(session, outputs, looks):
    """[(slug, sentence, outputs)] of the first fact that holds for each of some outputs.

    `looks` are those that are `CLOSE`, which say what the answer is, or `LOOSE`, which say where
    it is wrong.
    """
    bank = bank_of(session.contract)
    found = {}
    for output in outputs:
        axes = dict(bank.axes if bank else {}).get(output, ())
        fact = _seen(session, output, axes, looks) or (
            _written_down(session, output) if looks is LOOSE else None)
        if fact:
            found.setdefault(fact, []).append(output)
    return [(*fact, tuple(names)) for fact, names in found.items()]


def _seen(session, output, axes, looks):
    wrong = list(_wrong(session, output))
    if len(wrong) < MANY or any(w is None for w in wrong):
        return None
    facts = (look(wrong, axes, session.contract.tolerance) for look in looks)
    return next((fact for fact in facts if fact), None)


def _written_down(session, output):
    """A setting, or a length, at whose one value everything is right, and else mostly wrong."""
    rows = [(_values(t.case), any(f.output in (None, output) for f in t.failures))
            for t in session.trials if output in session.contract.parts[t.part][1]
            and t.status != "refused"]
    for name in rows[0][0]:
        for value in dict.fromkeys(values[name] for values, _ in rows):
            here = [wrong for values, wrong in rows if values[name] == value]
            other = {values[name] for values, wrong in rows if wrong} - {value}
            if (value != 1 and not any(here) and len(here) >= MANY and len(other) > 1
                    and sum(w for _, w in rows) > MOSTLY * (len(rows) - len(here))):
                return "number-written-down", (
                    f"the answer is right where {name} is {value}, and not else: is that a number "
                    "in the code?")
    return None


def _values(case):
    found = {name: value for name, value in case.settings.items()
             if isinstance(value, (int, tuple))}
    for name, array in case.arrays.items():
        found |= {f"the length of axis {k} of {name}": n for k, n in enumerate(array.shape)}
    return found


def _wrong(session, output):
    """(answer, right, case) of wrong answers, None where there is none of the right shape."""
    for trial in session.trials:
        if not any(f.output in (None, output) for f in trial.failures) or (
                output not in session.contract.parts[trial.part][1]):
            continue
        got = trial.outputs.get(output)
        truth = session.contract.truth_of(trial.case, trial.part)[output]
        right = truth.value if got is None else truth.for_answer(got)
        fits = got is not None and got.shape == right.shape and np.isfinite(got).all()
        yield (got, right, trial.case) if fits else None


def _name(axes, axis):
    return axes[axis] if axis < len(axes) else f"entry along axis {axis}"


def _holds(looks):
    """Whether a fact is seen often enough and nothing speaks against it; None says nothing."""
    looks = list(looks)
    return False not in looks and looks.count(True) >= MANY


def _left_at_zero(wrong, axes, tolerance):
    def look(a, r, _):
        off = errors(a, r) > tolerance
        return None if off.all() and not a.any() else not a[off].any()
    if _holds(look(*w) for w in wrong):
        return "partly-zero", ("the answer is right where it is not zero: part of it is not "
                               f"computed, or is masked{_where(wrong, axes, tolerance)}")
    return None


#: What the wrong places along an axis of some length may be.
PLACES = (
    ("the first {}", lambda n: [0]), ("the last {}", lambda n: [n - 1]),
    ("the first and the last {}", lambda n: [0, n - 1]),
    ("all but the first {}", lambda n: range(1, n)),
    ("all but the last {}", lambda n: range(n - 1)),
    ("all but the first and the last {}", lambda n: range(1, n - 1)),
    ("every second {}", lambda n: range(1, n, 2)),
    ("every second {}, from the first on", lambda n: range(0, n, 2)),
)


def _where(wrong, axes, tolerance):
    """", wrong is the last row", if it is so in all wrong answers."""
    for axis in range(wrong[0][1].ndim):
        for text, places in PLACES:
            looks = [_is_at(errors(a, r) > tolerance, axis, places) for a, r, _ in wrong]
            if _holds(looks):
                return ", wrong is " + text.format(_name(axes, axis))
    return ""


def _is_at(off, axis, places):
    """Whether what is off lies in these places along an axis, and they are not all there are."""
    if axis >= off.ndim:
        return None
    length = off.shape[axis]
    here = np.flatnonzero(off.any(tuple(k for k in range(off.ndim) if k != axis)))
    if length <= len(set(places(length))):
        return None
    return set(here.tolist()) <= set(places(length))


def _in_places(wrong, axes, tolerance):
    where = _where(wrong, axes, tolerance)
    return ("wrong-in-places", f"the answer is right but for some places{where}") if where else None


def _only_where_zero(wrong, axes, tolerance):
    """Right wherever something belongs, and something where nothing does."""
    if _holds(not (r[errors(a, r) > tolerance]).any() if r.any() else None for a, r, _ in wrong):
        return "not-left-at-zero", ("the answer is right where it is not to be zero, and is not "
                                    f"zero everywhere else{_where(wrong, axes, tolerance)}")
    return None


def _signs(wrong, axes, tolerance):
    if _holds(scaled_error(np.abs(a), np.abs(r)) <= tolerance for a, r, _ in wrong):
        return "signs", "the answer is right but for the sign of some entries"
    return None


def _elsewhere(wrong, axes, tolerance):
    """The right numbers in other places, along one axis or all over."""
    def sorts():
        for axis in range(wrong[0][1].ndim):
            yield f" along the {_name(axes, axis)}s", lambda a, k=axis: np.sort(a, k)
        yield "", lambda a: np.sort(a, None)
    for where, order in sorts():
        if _holds(scaled_error(order(a), order(r)) <= tolerance if np.unique(r).size > 1 else None
                  for a, r, _ in wrong):
            return "other-places", f"the right numbers stand in the wrong places{where}"
    return None


def _ratio(a, r, tolerance):
    """c of a = c r, or None."""
    at = np.unravel_index(np.abs(r).argmax(), r.shape)
    c = a[at] / r[at] if r.size and r[at] else np.nan
    return float(c) if np.isfinite(c) and c and scaled_error(a, c * r) <= 10 * tolerance else None


def _scaled(wrong, axes, tolerance):
    """A factor that is a size of an input, or a setting."""
    ratios = [_ratio(a, r, tolerance) if r.any() else 1.0 for a, r, _ in wrong]
    if None in ratios:
        return None
    for said, size in _sizes(wrong[0][2]):
        for words, power in (("times", 1), ("divided by", -1)):
            if all(size(case) and abs(c - size(case) ** power) <= 1e-6 * abs(c)
                   for c, (_, r, case) in zip(ratios, wrong, strict=True) if r.any()):
                return "scaled-by-size", f"the answer is the right one {words} {said}"
    return None


def _varying(wrong, axes, tolerance):
    """A factor that differs from case to case."""
    ratios = [_ratio(a, r, tolerance) if r.any() else 1.0 for a, r, _ in wrong]
    if None in ratios or sum(np.count_nonzero(r) > 1 for _, r, _ in wrong) < MANY:
        return None
    other = max(ratios, key=lambda c: abs(c - ratios[0]))
    return "factor-varies", ("the answer is the right one times a factor that changes with the "
                             f"configuration, here {ratios[0]:.6g} and {other:.6g}")


def _sizes(case):
    """(words, case -> number) of settings, the lengths of the inputs' axes, and products of them.
    """
    for name, value in case.settings.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            yield name, lambda c, n=name: float(c.settings[n])
        elif isinstance(value, list | tuple):
            yield (f"the product of {name} along the axes",
                   lambda c, n=name: float(np.prod(c.settings[n])))
            for chosen in _some(len(value)):
                said = " and ".join(map(str, chosen))
                yield (f"the {name} along axis {said} of the image",
                       lambda c, n=name, a=chosen: float(np.prod([c.settings[n][k] for k in a])))
    for name, array in case.arrays.items():
        for chosen in (*_some(array.ndim), tuple(range(array.ndim))):
            said = " times ".join(str(k) for k in chosen)
            yield (f"the length of axis {said} of {name}",
                   lambda c, n=name, a=chosen: float(np.prod([c.arrays[n].shape[k] for k in a])))


def _some(count):
    """Each choice of some axes of so many, but not of all; those of few first."""
    return chain.from_iterable(combinations(range(count), k) for k in range(1, count))


def _by_slice(wrong, axes, tolerance):
    """Off by a constant, or a factor, that is one for each slice along an axis."""
    for axis in range(wrong[0][1].ndim):
        others = tuple(k for k in range(wrong[0][1].ndim) if k != axis)
        if _holds(_even(a - r, r, others, tolerance) for a, r, _ in wrong):
            return "off-by-slice", (f"each {_name(axes, axis)} is off by a constant of its own")
    return None


def _even(difference, r, others, tolerance):
    if not others or np.prod([r.shape[k] for k in others]) < 3:
        return None
    spread = difference - difference.mean(others, keepdims=True)
    return bool(np.abs(spread).max() <= 10 * tolerance * max(np.abs(r).max(), 1))


def _rounded(wrong, axes, tolerance):
    """The right answer to so many decimals, rounded or cut."""
    for digits in range(7):
        for said, cut in (("rounded", np.round), ("cut off", np.trunc)):
            if _holds(bool(np.abs(a - cut(r * 10.0**digits) / 10.0**digits).max(initial=0) < 1e-12)
                      for a, r, _ in wrong):
                return "rounded", f"the right answer is {said} to {digits} decimals"
    return None


#: What may be made of the right answer, entry by entry.
FUNCTIONS = (
    ("the square root", np.sqrt), ("the square", np.square), ("the logarithm", np.log),
    ("the exponential", np.exp), ("the reciprocal", np.reciprocal), ("the tanh", np.tanh),
    ("the sigmoid", lambda r: 1 / (1 + np.exp(-r))), ("the positive part", lambda r: r * (r > 0)),
    ("one minus it instead", lambda r: 1 - r),
)


def _function_of(wrong, axes, tolerance):
    """A function of the right answer."""
    if len({float(v) for _, r, _ in wrong for v in r.ravel()[:8]}) < MANY:
        return None
    for said, function in FUNCTIONS:
        with np.errstate(all="ignore"):
            made = [function(np.asarray(r, float)) for _, r, _ in wrong]
        if _holds(bool(np.isfinite(m).all()) and scaled_error(a, m) <= tolerance
                  for (a, _, _), m in zip(wrong, made, strict=True)):
            return "function-of-right", f"{said} of the right answer is returned"
    return None


def _with_an_input(wrong, axes, tolerance):
    """An input of the answer's shape is added, so many times; as weight decay is."""
    for name, array in wrong[0][2].arrays.items():
        if array.shape != wrong[0][1].shape:
            continue
        found = [_times(a - r, case.arrays[name], r, tolerance) for a, r, case in wrong]
        factors = {round(c, 9) for c in found if c is not None and not np.isnan(c)}
        if None not in found and len(factors) == 1 and len(found) >= MANY:
            factor = factors.pop()
            return "input-added", f"{factor:.6g} times {name} is added to the right answer"
    return None


def _times(difference, v, r, tolerance):
    """c of difference = c v; NaN where v says nothing, None where there is no such c."""
    v = np.asarray(v, float)
    if v.shape != difference.shape or not np.isfinite(v).all():
        return None
    if not v.any():
        return np.nan if not difference.any() else None
    c = float((difference * v).sum() / (v * v).sum())
    close = np.abs(difference - c * v).max() <= 10 * tolerance * max(np.abs(r).max(), 1)
    return c if close and c else None


def _something_else(wrong, axes, tolerance):
    """Where it is not right it is an input, perhaps times a setting, or one number."""
    for said, made in _ingredients(wrong[0][2]):
        looks = []
        for a, r, case in wrong:
            off = errors(a, r) > tolerance
            other = made(case)
            if other.shape != r.shape:
                break
            telling = not off.all() and np.unique(a[off]).size > 1
            same = scaled_error(a[off], other[off]) <= tolerance
            looks.append(same and (telling or None))
        if len(looks) == len(wrong) and _holds(looks):
            return "something-else", (f"the answer is right but for some places, where it is {said}"
                                      f"{_where(wrong, axes, tolerance)}")
    return None


def _ingredients(case):
    """(words, case -> array) of the inputs, and of these times what the settings give."""
    numbers = [k for k, v in case.settings.items() if isinstance(v, float)]
    for name in case.arrays:
        for sign, minus in ((1, ""), (-1, "-")):
            yield f"{minus}{name}", lambda c, n=name, s=sign: s * c.arrays[n].astype(float)
            for setting in numbers:
                for words, made in (("{}", float), ("(1 - {})", lambda v: 1 - v),
                                    ("1 / {}", lambda v: 1 / v if v else np.nan),
                                    ("1 / (1 - {})", lambda v: 1 / (1 - v) if v != 1 else np.nan)):
                    yield (f"{minus}{name} times {words.format(setting)}",
                           lambda c, n=name, s=sign, k=setting, m=made: s * m(
                               c.settings[k]) * c.arrays[n].astype(float))


CLOSE = (masked, _signs, _scaled, _rounded, _function_of, _with_an_input, _something_else)
LOOSE = (_left_at_zero, _only_where_zero, _varying, _by_slice, _elsewhere, _in_places)
