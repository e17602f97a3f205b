"""Where an output is right and where it is wrong, said by what the configurations share."""

from itertools import combinations

import numpy as np

from cnnmat.testing.comparing import errors

__all__ = []

#: As many names are listed.
FEW = 6
#: Wrong rows that a condition needs: one alone would fit too many.
EVIDENCE = 2
#: Conditions that name the mistake by themselves, with what they teach.
TELLING = {
    "the arrays are not C-contiguous": (
        "assumes-contiguous", "memory is read as if every array were C-contiguous: take "
        "np.ascontiguousarray first"),
    "x is an array of integers": (
        "integer-output", "the result takes the integer type of the input, so that the fractions "
        "are cut off: allocate it as float"),
    "x holds integers": (
        "integer-output", "the result takes the integer type of the input, so that the fractions "
        "are cut off: allocate it as float"),
    "x is so large that exp overflows": (
        "exp-overflows", "exp overflows for large x, and inf / inf is NaN: write the formula so "
        "that only negative numbers are exponentiated"),
    "y is so large that exp overflows": (
        "no-max-subtraction", "exp overflows for large logits: take the largest logit off before "
        "the softmax, which changes nothing else"),
    "a probability underflows to 0": (
        "log-of-zero-probability", "the logarithm of a probability that underflowed to 0 is taken: "
        "compute the logarithm of the softmax as y - ln Σ exp y"),
}
#: Among them those that show in infinity or NaN only.
SHOW_AS_NOT_FINITE = ("x is so large that exp overflows", "y is so large that exp overflows",
                      "a probability underflows to 0")


def _parts(session):
    return [(part, name) for part in session.functions
            for name in session.contract.parts[part][1]]


def _table(session, part, output):
    """[(features, wrong)] of the calls that came through or should have."""
    return [(session.features(t.case), any(f.output in (None, output) for f in t.failures))
            for t in session.trials if t.part == part and t.status != "refused"]


def shared(rows):
    """The single conditions that hold in all rows, those that something is so first."""
    return [("" if value else "not: ") + name for value in (True, False) for name in rows[0]
            if all(row[name] == value for row in rows)]


def condition(table):
    """The simplest condition that holds exactly in the wrong rows, or "".

    Examples
    --------
    >>> rows = [({"stride > 1": True}, True), ({"stride > 1": False}, False)]
    >>> condition(2 * rows)
    'stride > 1'
    """
    if sum(wrong for _, wrong in table) < EVIDENCE:
        return ""
    literals = [(name, value) for name in table[0][0] for value in (True, False)]
    for count in (1, 2):
        for chosen in combinations(literals, count):
            if all(wrong == all(row[name] == value for name, value in chosen)
                   for row, wrong in table):
                return " and ".join(n if v else f"not: {n}" for n, v in chosen)
    return ""


def holds(when, features):
    """Whether a single condition, as `condition` words it, holds.

    Examples
    --------
    >>> holds("not: stride > 1", {"stride > 1": False})
    True
    """
    negative = when.startswith("not: ")
    # a case without that axis has no more than one entry along it
    return features.get(when.removeprefix("not: "), False) != negative


def opposite(when):
    """The single condition that holds where `when` does not.

    Examples
    --------
    >>> opposite("stride > 1"), opposite("not: stride > 1")
    ('not: stride > 1', 'stride > 1')
    """
    return when.removeprefix("not: ") if when.startswith("not: ") else f"not: {when}"


#: How a condition reads where it does not hold: the first that fits.
OPPOSITES = (
    (" is not ", " is "), (" are not ", " are "), (" is ", " is not "), (" are ", " are not "),
    (" differs ", " does not differ "), (" do not ", " "), (" holds ", " does not hold "),
    (" has ", " does not have "), (" underflows ", " does not underflow "),
    (" overlap", " do not overlap"), (" tie", " do not tie"), (" > half ", " <= half "),
    (" > ", " <= "),
)


def worded(when):
    """A condition of `condition` in words.

    Examples
    --------
    >>> worded("not: the window is 1 x 1")
    'the window is not 1 x 1'
    >>> worded("stride > 1 and not: padding > 0")
    'stride > 1 and padding = 0'
    """
    return " and ".join(_opposite(one.removeprefix("not: ")) if one.startswith("not: ") else one
                        for one in when.split(" and "))


def _opposite(name):
    for ending, instead in ((" > 0", " = 0"), (" > 1", " = 1")):
        if name.endswith(ending):
            return name.removesuffix(ending) + instead
    for text, instead in OPPOSITES:
        if text in name:
            return name.replace(text, instead, 1)
    return f"it is not so that {name}"


def describe(session):
    """One line for each output."""
    lines = []
    for part, output in _parts(session):
        table = _table(session, part, output)
        wrong = sum(w for _, w in table)
        if not wrong:
            refused = sum(t.part == part and t.status == "refused" for t in session.trials)
            lines.append(f"{output}: right in all {len(table)}"
                         + (f" that were tried ({refused} refused)" if refused else ""))
        elif wrong == len(table):
            lines.append(f"{output}: wrong in all {len(table)}")
        else:
            when = condition(table)
            where = f": only when {worded(when)}" if when else _names(session, part, output)
            lines.append(f"{output}: wrong in {wrong} of {len(table)}{where}")
        lines[-1] += _entries(session, part, output)
    return lines


def _entries(session, part, output):
    """Which entries are wrong, where every configuration has the same ones."""
    answers = [(t.outputs[output], session.contract.truth_of(t.case, part)[output])
               for t in session.trials if t.part == part and output in t.outputs]
    if len({a.shape for a, _ in answers}) != 1 or any(
            a.shape != truth.value.shape for a, truth in answers):
        return ""
    wrong = np.any([errors(a, truth.for_answer(a)) > session.contract.tolerance
                    for a, truth in answers], axis=0)
    if not wrong.any() or wrong.all() or wrong.sum() > FEW:
        return ""
    return "; only in " + ", ".join(str(cell.tolist()) for cell in np.argwhere(wrong))


def _names(session, part, output):
    tried = [t for t in session.trials if t.part == part and t.status != "refused"]
    wrong = {t.case.name for t in tried if any(f.output in (None, output) for f in t.failures)}
    right = [t.case.name for t in tried if t.case.name not in wrong]
    few, word = (sorted(wrong), "wrong") if len(wrong) <= len(right) else (right, "right")
    return f"; {word}: " + ", ".join(few[:FEW]) + (" ..." if len(few) > FEW else "")


def recognise(session):
    """[(slug, sentence, outputs)] where a telling condition separates right from wrong."""
    found = {}
    for part, output in _parts(session):
        when = condition(_table(session, part, output))
        if when in TELLING and _plausible(session, when, output):
            found.setdefault(TELLING[when], []).append(output)
    return [(*telling, tuple(outputs)) for telling, outputs in found.items()]


def _plausible(session, when, output):
    """An overflow leaves infinity or NaN; a wrong number has another cause."""
    reasons = {f.reason for t in session.trials for f in t.failures if f.output == output}
    return reasons == {"not finite"} if when in SHOW_AS_NOT_FINITE else True
