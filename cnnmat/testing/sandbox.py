"""Calling a stranger's function: whatever it does, what comes back is a `Call`.

A time limit needs something that can interrupt.  In the main thread of a POSIX system that
is a timer signal: it needs no second thread (a thread would not see the caller's PyTorch
grad mode or NumPy error state) and no pickling (functions under test are often closures).
It cannot interrupt C code that never returns; ``cnnmat check`` therefore calls functions
that are `remote`, in a process that can be killed.  Elsewhere a daemon thread is waited
for, and left behind when the time is over.
"""

import contextlib
import io
import signal
import threading
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cnnmat.calling.applying import adapted
from cnnmat.calling.probing import find
from cnnmat.testing.manners import manner
from cnnmat.testing.worker import describe, facts

__all__ = []


class OutOfTime(BaseException):
    """Raised inside a function whose time is over; no `except Exception` stops it."""


@dataclass
class Call:
    """What became of one call: "returned", "raised", "timeout" or "died".

    `manner` says of one that raised whether it was a "refusal", an "accident", or whether the
    "call" itself could not be made; see `manners`.
    """

    status: str
    value: Any = None
    error: str = ""
    error_type: str = ""
    manner: str = ""
    printed: object = field(default="", repr=False)


class Subject(ABC):
    """A function under test, wherever it is, and how it is called."""

    @abstractmethod
    def __call__(self, *arguments):
        """Call it, with nothing to catch what it does."""

    @abstractmethod
    def within(self, thunk, timeout, keep=False):
        """What becomes of `thunk`, which calls it, as a `Call`; with `keep`, for `now`."""

    @abstractmethod
    def conventions(self, others, kind, signatures, timeout, careful=False):
        """How it, and `others` behind it, are called: a list of `Convention`; see `find`."""

    @abstractmethod
    def adapted(self, others, convention):
        """Functions, forward and then backward, that are called as the checks call them."""

    @abstractmethod
    def is_view(self, value, arrays):
        """Whether an array of the last answer shares memory with one of `arrays`."""

    @abstractmethod
    def now(self, value):
        """What an array that was returned holds now."""


class Here(Subject):
    """A function, or a class, of this process."""

    def __init__(self, function):
        self.function = function
        self.__name__ = getattr(function, "__name__", "")

    def __call__(self, *arguments):
        return self.function(*arguments)

    def within(self, thunk, timeout, keep=False):
        return call(thunk, (), timeout)

    def conventions(self, others, kind, signatures, timeout, careful=False):
        functions = [one.function for one in (self, *others)]
        return call(find, (functions, kind, signatures, careful), timeout).value or []

    def adapted(self, others, convention):
        return adapted(convention, [one.function for one in (self, *others)])

    def is_view(self, value, arrays):
        return any(np.may_share_memory(value, one) for one in arrays)

    def now(self, value):
        return value


def subject(function):
    """`function` as a `Subject`."""
    return function if isinstance(function, Subject) else Here(function)


def call(function, arguments, timeout):
    """function(*arguments) as a `Call`; only what a checker's user does can get out.

    Examples
    --------
    >>> call(lambda x: 1 // x, (0,), timeout=1)
    Call(status='raised', value=None, error='ZeroDivisionError: integer division or modulo \
by zero', error_type='ZeroDivisionError', manner='accident')
    """
    out = io.StringIO()
    with (contextlib.redirect_stdout(out), contextlib.redirect_stderr(out),
          warnings.catch_warnings()):
        warnings.simplefilter("ignore")
        result = _limited(function, arguments, timeout)
    result.printed = out.getvalue()
    return result


def _limited(function, arguments, timeout):
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and hasattr(signal, "setitimer"):
        return _with_signal(function, arguments, timeout)
    return _with_thread(function, arguments, timeout)


def _guarded(function, arguments):
    try:
        return Call("returned", function(*arguments))
    except OutOfTime:
        return Call("timeout")
    # BaseException: a function that calls exit() or raises KeyboardInterrupt has a verdict too
    except BaseException as error:
        return Call("raised", error=describe(error), error_type=type(error).__name__,
                    manner=manner(*facts(error)))


def _with_signal(function, arguments, timeout):
    def stop(*_):
        raise OutOfTime

    # SIGVTALRM would count only this process's time and let a sleep pass for ever
    before = signal.signal(signal.SIGALRM, stop)
    # again every 50 ms: the first may be swallowed by a bare except inside the function
    signal.setitimer(signal.ITIMER_REAL, timeout, 0.05)
    try:
        result = _guarded(function, arguments)
        signal.setitimer(signal.ITIMER_REAL, 0)
    except OutOfTime:
        result = Call("timeout")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return result


def _with_thread(function, arguments, timeout):
    box = []
    worker = threading.Thread(target=lambda: box.append(_guarded(function, arguments)),
                              daemon=True)
    worker.start()
    worker.join(timeout)
    return box[0] if box else Call("timeout")
