"""A list of lines of which the verdict is known."""

from cnnmat.verify.claims import Lecture, Sides

__all__ = ["Known", "sides"]


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
    """`Sides` with a control that no number agrees with."""
    return Sides(truth=truth, printed=printed, **{"wrong": {"a text": "none of these"}} | more)
