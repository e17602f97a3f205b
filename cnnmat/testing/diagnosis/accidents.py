"""Exceptions that nobody meant: what they are, where, and the slip that is behind them."""

import re

from cnnmat.testing.diagnosis.conditions import condition, worded

__all__ = []

#: An array without entries in the text of an exception about shapes.
EMPTY = re.compile(r"\((?:\d+,)*0[,)]|zero-size|empty sequence")
#: Words of NumPy where shapes do not go together.
SHAPES = ("broadcast", "not aligned", "mismatch", "reshape", "must match", "input array", "ragged",
          "inhomogeneous", "setting an array element", "window shape", "negative")
#: Name of the exception, words of which one must be in its text: slug, sentence.
KINDS = (
    ("UnboundLocalError", ("",), "variable-without-a-value",
     "a variable is used before it has a value"),
    ("NameError", ("free variable",), "variable-without-a-value",
     "a variable is used before it has a value"),
    ("NameError", ("",), "unknown-name", "a name is used that nothing is called by"),
    ("IndexError", ("",), "index-beyond-the-array", "an index runs beyond an array"),
    ("ZeroDivisionError", ("",), "division-by-zero", "a number is divided by zero"),
    ("RecursionError", ("",), "calls-itself-for-ever", "a function calls itself for ever"),
    ("ValueError", SHAPES, "shapes-do-not-fit", "arrays are put together whose shapes do not fit"),
    ("TypeError", ("cast",), "integer-output", "fractions are added to an array of integers: "
     "allocate it as float"),
)
CROP = ("crop-by-negative-index", "the border is cut off with [p:-p], which is empty for p = 0: "
        "write [p:p + H]")


def recognise(session, parts):
    """[(slug, sentence, outputs)] of the exceptions that `parts` end in."""
    found = []
    for part in parts:
        raised = [t for t in session.trials if t.part == part and t.status == "raised"]
        if raised:
            found.append(_named(session, part, raised))
    return found


def _named(session, part, raised):
    outputs = session.contract.parts[part][1]
    if _cropped(session, part, raised):
        return (*CROP, ("dx",) if "dx" in outputs else outputs)
    first = raised[0]
    for kind, words, slug, sentence in KINDS:
        if first.error_type == kind and any(word in first.error for word in words):
            return slug, f"{sentence}{_where(session, part)}: {first.error}", outputs
    return ("raises", f"the call ends in an exception that nobody meant{_where(session, part)}",
            outputs)


def _where(session, part):
    table = [(session.features(t.case), t.status == "raised") for t in session.trials
             if t.part == part and t.status != "refused"]
    when = condition(table) if not all(raised for _, raised in table) else ""
    return f" where {worded(when)}" if when else ""


def _cropped(session, part, raised):
    """Whether empty arrays are met wherever an axis has no padding, and nowhere else."""
    def bare(trial):
        return not all(any(p) for p in trial.case.settings.get("padding", ()))

    others = [t for t in session.trials if t.part == part and t.status == "returned"]
    return ("padding" in raised[0].case.settings and all(EMPTY.search(t.error) for t in raised)
            and all(map(bare, raised)) and not any(map(bare, others)))
