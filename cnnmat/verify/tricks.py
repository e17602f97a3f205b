"""What must not talk the judge into anything, as lines of which the verdict is known."""

import numpy as np

from cnnmat.verify.known import Known, sides

__all__ = ["lines"]

_own, _shared = Known(), Known()


def lines(alone=True):
    """As `Known.lines`; if not `alone`, without what other threads might have done."""
    return [*_own.lines(), *(_shared.lines() if alone else ())]


@_own.line("error", message="SystemExit")
def _exit(e):
    "an end of the program"
    raise SystemExit(0)


@_own.line("error", message="agree")
def _patch(e):
    "a judge that is replaced"
    from cnnmat.verify import outcomes

    outcomes.agree = lambda side, truth: True
    return sides(1, 2)


@_own.line("error", message="the code of")
def _code(e):
    "a judge whose code is replaced"
    from cnnmat.verify import judge

    judge.run.__code__ = (lambda *_, **__: 1).__code__
    return sides(1, 2)


@_own.line("error", message="the code of")
def _property(e):
    "a verdict that is as expected by another code"
    from cnnmat.verify import judge

    judge.Result.as_expected.fget.__code__ = (lambda self: True).__code__
    return sides(1, 2)


@_own.line("error", message="the code of")
def _class_method(e):
    "an order that is drawn by another code"
    from cnnmat.verify import orders

    orders.Order.drawn.__func__.__code__ = (lambda cls, capacity: None).__code__
    return sides(1, 2)


@_own.line("error", message="comparing.signs")
def _module(e):
    "a module in the place of another"
    import math

    from cnnmat.verify import comparing

    comparing.signs = math
    return sides(1, 2)


@_own.line("error", message="comparing.all")
def _shadow(e):
    "a name that hides one of Python's own"
    from cnnmat.verify import comparing

    comparing.all = lambda entries: True
    return sides([1, 2], [2, 1])


@_own.line("error", message="floating-point errors")
def _setting(e):
    "NumPy's errors ignored"
    np.seterr(all="ignore")
    return sides(1, 1)


@_shared.line("error", message="global random numbers")
def _random(e):
    "a random number that others count on"
    np.random.rand()
    return sides(1, 1)


@_own.line("error", message="the very array")
def _itself(e):
    "a truth compared with itself"
    x = np.ones(3)
    return sides(x, x)


@_own.line("error", message="its truth was another")
def _altered(e):
    "a truth that is altered to what is printed"
    truth = [1, 2]

    def printed():
        truth[0] = 5
        return [5, 2]

    return sides(truth, printed)
