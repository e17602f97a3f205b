"""A list of lines of which the verdict is known, and of what a lecture may not hold."""

import numpy as np

from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.judge import run

__all__ = ["Known", "refusals", "sides"]


class Known:
    """Lines, and what the judge must come to on each.

    Examples
    --------
    >>> known = Known()
    >>> @known.line("fails")
    ... def doubled(e):
    ...     "twice two is five"
    ...     return sides(4, 5)
    >>> [(claim.id, verdict) for claim, verdict, *_ in known.lines()]
    [('twice two is five', 'fails')]
    """

    def __init__(self):
        self.lecture = Lecture("selftest", "Lines of which the verdict is known")
        self.verdicts = {}

    def line(self, verdict, *, message="", covers="", **fields):
        """Register the decorated function, named after its docstring, with its verdict."""
        def register(function):
            name = function.__doc__
            self.lecture.claim(name, "identity", name, "a=b", **fields)(function)
            self.verdicts[name] = (verdict, message, covers)
            return function

        return register

    def lines(self):
        """The lines as (claim, verdict, what its message must contain, what its evidence must)."""
        return [(claim, *self.verdicts[id]) for id, claim in self.lecture.claims.items()]


def sides(truth, printed, **more):
    """`Sides` with a control of the truth's shape that no number agrees with."""
    return Sides(truth=truth, printed=printed, **{"wrong": {"a text": _texts(truth)}} | more)


def _texts(value):
    if type(value) in (list, tuple):
        return type(value)(_texts(one) for one in value)
    shape = value.shape if isinstance(value, np.ndarray) else ()
    return np.full(shape, "none of these", dtype=object) if shape else "none of these"


def refusals():
    """What a lecture may not hold: (what it is, function that must raise, what it raises)."""
    def made(id="1", kind="identity", **fields):
        lecture = Lecture("refused", "What is refused")
        for name, sort in (("given", "identity"), (id, kind)):
            lecture.claim(name, sort, "", "", **fields)(None)

    def interrupted(e):
        raise KeyboardInterrupt

    def ended():
        lecture = Lecture("refused", "What is refused")
        lecture.claim("1", "identity", "", "")(interrupted)
        run(lecture.claims["1"])

    return [
        ("an interruption of the command as an error of a claim", ended, KeyboardInterrupt),
        ("an id a second time", lambda: made("given"), ValueError),
        ("an id that is no text", lambda: made(("a", 1)), TypeError),
        ("a kind that there is not", lambda: made(kind="guess"), ValueError),
        ("a verdict that none can expect", lambda: made(expect="fails"), ValueError),
        ("no cases", lambda: made(cases=()), ValueError),
        ("a control without a name", lambda: Sides(1, wrong={1: 2}), TypeError),
        ("a slug that is no link", lambda: Lecture("two words", ""), ValueError),
    ]
