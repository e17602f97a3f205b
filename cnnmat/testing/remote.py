"""Functions under test in a process of their own, as functions that the checks can call.

The judge stays here: the other process (`worker`) gets arrays and settings, and answers with
data.  It has no handle of this one but a socket, and a pipe for what it prints; when its time is
over it is killed with all that it has started; and whatever it answers is a number to be
compared like any other.
"""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time

import numpy as np

from cnnmat.testing import sandbox, worker
from cnnmat.testing.processes import Relay, kill, marked
from cnnmat.texts import printable

__all__ = []

#: Deaths of the process, before any answer, after which it is not started again.
DEATHS = 3
#: Seconds that it is given to end by itself, and to say how.
GRACE = 1.0
#: Characters of a text of theirs.
LONGEST = 500


class CannotCall(Exception):
    """The functions cannot be had; the text says why."""


class Died(Exception):
    """The process has ended, or answered what is no answer; the text says which."""


class Raised(Exception):
    """The function raised: its error as text, and the name of its type."""


class Worker:
    """A process that calls functions, started again when it has died.

    Parameters
    ----------
    names : list of str
        "module:function" of each.
    limit : float
        Seconds after which nothing is called any more.
    """

    def __init__(self, names, limit):
        self.names, self.limit = names, limit
        self.end = self.until = time.monotonic() + limit
        self.process = self.link = self.relay = self.mark = None
        self.number = self.called = self.deaths = 0

    def __enter__(self):
        return [Function(self, k, name) for k, name in enumerate(self.start())]

    def __exit__(self, kind, *_):
        self.stop(GRACE if kind is None else 0)

    def start(self):
        """Begin, or begin anew; return what the functions call themselves."""
        if not hasattr(os, "killpg"):
            raise CannotCall("a process and its children cannot be killed on this system; call "
                             "the functions of cnnmat.testing in a test")
        self.mark = secrets.token_hex(16)
        self.link, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-u", worker.__file__], stdin=theirs, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, start_new_session=True,
                env={**os.environ, "CNNMAT_CHECK": self.mark})
        self.relay = Relay(self.process.stdout)
        path = [os.getcwd(), *map(str, sys.path)]
        try:
            found = self.ask(worker.Writer(), {"do": "bring", "names": self.names, "path": path},
                             lambda reply, _: (reply.get("refused"), reply.get("names")))
        except Died as error:
            raise CannotCall(f"the process died with {error}") from None
        refused, names = found
        if refused is not None:
            self.stop(GRACE)
            raise CannotCall(text(refused))
        return [text(name) for name, _ in zip(names, self.names, strict=True)]

    def stop(self, grace):
        """End the process and all that it has started; return its exit status."""
        process, self.process = self.process, None
        if process is None:
            return None
        self.link.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
        # it may have left its group, and its group may have outlived it
        kill(os.killpg, process.pid)
        process.kill()
        process.wait()
        for pid in marked(self.mark):
            kill(os.kill, pid)
        self.relay.end()
        return process.returncode

    def ask(self, writer, request, read, timeout=float("inf")):
        """read(reply, body) of the reply to a request.

        `sandbox.OutOfTime` and `Died` say that there is none, and that the process
        has been ended.
        """
        self.number += 1
        self.until = min(self.end, time.monotonic() + timeout)
        try:
            self._send(writer.frame({**request, "number": self.number}))
            return read(*self._reply())
        except TimeoutError:
            self.stop(0)
            if time.monotonic() >= self.end:
                raise CannotCall(f"it did not come to an end within {self.limit:g} s") from None
            raise sandbox.OutOfTime from None
        except (EOFError, OSError):
            raise self._died(f"exit status {self.stop(GRACE)}") from None
        # the answer may be anything
        except Exception:
            self.stop(0)
            raise self._died("an answer that is none") from None
        except BaseException:
            self.stop(0)
            raise

    def _died(self, how):
        self.deaths += 1
        if self.deaths >= DEATHS and not self.called:
            return CannotCall(f"the process died with {how}")
        return Died(how)

    def _send(self, data):
        self._hurry()
        self.link.sendall(data)

    def _hurry(self):
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.link.settimeout(left)

    def _reply(self):
        while True:
            lengths = worker.LENGTHS.unpack(self._exactly(worker.LENGTHS.size))
            if lengths[0] > worker.MOST_OF_HEADER or lengths[1] > worker.MOST:
                raise ValueError("the answer is too long")
            header, body = [self._exactly(count) for count in lengths]
            reply = json.loads(header)
            if reply["number"] > self.number:
                raise ValueError("nothing of that number was asked")
            # to what was asked before there may be more answers: of a fork, say
            if reply["number"] == self.number:
                return reply, body

    def _exactly(self, count):
        data = bytearray()
        while len(data) < count:
            self._hurry()
            more = self.link.recv(min(count - len(data), 2**20))
            if not more:
                raise EOFError
            data += more
        return bytes(data)


class Function(sandbox.Subject):
    """A function in a `Worker`."""

    def __init__(self, home, index, name):
        self.home, self.index, self.__name__ = home, index, name
        self.timeout, self.keep, self.printed = float("inf"), False, False
        self.process, self.kept, self.last = None, {}, {}

    def __call__(self, *arguments):
        """Call it there; what it changes in the arrays handed over is changed here too."""
        if self.home.process is None:
            self.home.start()
        if self.process is not self.home.process:
            # what was returned by an earlier process is gone with it
            self.process, self.kept, self.last = self.home.process, {}, {}
        writer = Arguments(self.kept | self.last)
        request = {"do": "call", "function": self.index, "keep": self.keep,
                   "arguments": writer.node(arguments)}
        answer = self.home.ask(writer, request, Answered, self.timeout)
        self.home.called += 1
        self.printed = self.printed or answer.printed
        if answer.raised:
            raise Raised(*answer.raised)
        for k, now in answer.changed:
            overwrite(writer.arrays[k], now)
        self.last = answer.places
        if self.keep:
            self.kept |= self.last
        return answer.answer

    def within(self, thunk, timeout, keep=False):
        """What becomes of `thunk`, which calls this function, as a `sandbox.Call`."""
        self.timeout, self.keep, self.printed = timeout, keep, False
        call = self._outcome(thunk)
        call.printed = self.printed
        return call

    def _outcome(self, thunk):
        try:
            return sandbox.Call("returned", thunk())
        except CannotCall:
            raise
        except sandbox.OutOfTime:
            return sandbox.Call("timeout")
        except Died as error:
            return sandbox.Call("died", error=str(error))
        except Raised as error:
            return sandbox.Call("raised", error=error.args[0], error_type=error.args[1])
        # of what came back, something is missing
        except Exception as error:
            return sandbox.Call("raised", error=worker.describe(error),
                                error_type=type(error).__name__)

    def is_view(self, value, arrays):
        """Whether an array of the last answer shares memory with what was handed over."""
        return id(value) in self.last and self.last[id(value)].view

    def now(self, value):
        """What stands now where `value` was returned."""
        place = self.kept.get(id(value))
        if place is None or self.process is not self.home.process:
            return value
        request = {"do": "look", "at": place.at}
        try:
            return self.home.ask(worker.Writer(), request, Answered, self.timeout).answer
        except (Died, sandbox.OutOfTime):
            return value


class Place:
    """Where `value` was returned: in the answer of which number, by which path."""

    def __init__(self, value, at, view=False):
        self.value, self.at, self.view = value, at, view


class Arguments(worker.Writer):
    """Arrays with how they lie in memory; what was returned before by its place."""

    def __init__(self, places):
        super().__init__()
        self.places, self.arrays = places, []

    def node(self, value):
        """What stands for `value` in the header."""
        place = self.places.get(id(value))
        return {"back": place.at} if place else super().node(value)

    def array(self, value):
        """Its type, shape, and what must be known to lay it out in the same way."""
        self.arrays.append(value)
        flags, room = value.flags, value.base
        layout = {"order": "C" if flags.c_contiguous else "F", "writeable": flags.writeable}
        if not flags.forc and isinstance(room, np.ndarray) and room.flags.c_contiguous:
            layout |= {"strides": value.strides, "offset": value.ctypes.data - room.ctypes.data,
                       "room": self.entries(room)}
            return [value.dtype.str, value.shape, layout]
        return [*self.entries(value), layout]


class Answered(worker.Reader):
    """An answer: what was returned, or raised, and what became of the arguments."""

    def __init__(self, reply, body):
        super().__init__(body)
        self.number, self.printed = reply["number"], bool(reply.get("printed"))
        self.places, self.answer, self.changed, self.raised = {}, None, [], None
        if "raised" in reply:
            error, kind = reply["raised"]
            self.raised = text(error), text(kind)
            return
        self.answer = self.value(reply["value"])
        places = dict(self.places)
        self.changed = [(k, self.value(node)) for k, node in reply.get("changed", ())]
        self.places = places

    def value(self, node, path=()):
        """As in `Reader`; arrays and what holds them are given their places."""
        made = super().value(node, path)
        if isinstance(made, (dict, list, worker.Other)) or (isinstance(made, tuple) and made):
            self.places[id(made)] = Place(made, [self.number, *path])
        return made

    def _other(self, content, path):
        return worker.Other(*map(text, content))

    def _array(self, content, path):
        dtype, shape, view = content
        made = self.entries(dtype, shape).copy()
        self.places[id(made)] = Place(made, [self.number, *path], bool(view))
        return made


def overwrite(array, now):
    """Give `array` the entries that it has there."""
    was = array.flags.writeable
    array.flags.writeable = True
    same = isinstance(now, np.ndarray) and (now.shape, now.dtype) == (array.shape, array.dtype)
    # of another shape or type: that it is not what it was is all that can be shown
    array[...] = now if same else array + 1
    array.flags.writeable = was


def text(value):
    """A text of theirs: not too long, and of characters that can be seen."""
    return printable(value)[:LONGEST]
