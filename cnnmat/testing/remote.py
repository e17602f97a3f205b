"""Functions under test in a process of their own, as functions that the checks can call.

The judge stays here: the other process gets arrays and settings, and answers with data; whatever
it answers is a number to be compared like any other.  That covers all values, shapes and types,
what was raised, deaths and time limits: no module can make them look better than they are.  Whether
an array that was handed over has changed is found here too, by comparing what was sent with what
comes back after the call.

Three things only the process of the module can know, and a module that replaces the code of
`worker` there can lie about them: that what comes back are those arrays (it could as well have
computed on copies, which nobody may blame), that an answer is a view of one, and what stands now
in an array that was returned earlier.  They are found in honest code, which is what they are for.
"""

import contextlib

import numpy as np

from cnnmat.calling.convention import Convention
from cnnmat.testing import sandbox, worker
from cnnmat.testing.manners import manner
from cnnmat.testing.process import GRACE, CannotCall, Died, Process, text

__all__ = []


class Raised(Exception):
    """The function raised: its error as text, the name of its type, and how."""


@contextlib.contextmanager
def functions(names, limit, **limits):
    """The functions that "module:function" name, for as long as a check lasts; see `Process`."""
    home, grace = Process(names, limit, **limits), 0
    try:
        yield [Function(home, k, name) for k, name in enumerate(home.start())]
        grace = GRACE
    finally:
        home.stop(grace)


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
        # of one that does not come back, nobody can say that it is what it was
        after = dict(enumerate(answer.after))
        for k, was in enumerate(writer.arrays):
            if not same(was, after.get(k)):
                overwrite(was, after.get(k))
        self.last = answer.places
        if self.keep:
            self.kept |= self.last
        return answer.answer

    def conventions(self, others, kind, signatures, timeout, careful=False):
        """The conventions that it and `others` keep; none where they do not come back."""
        if self.home.process is None:
            self.home.start()
        request = {"ask": "find", "of": self._with(others), "kind": kind,
                   "signatures": signatures, "careful": careful}
        try:
            found = self.home.convene(request, "found", timeout)
            return [Convention.of(one) for one in found]
        except (Died, sandbox.OutOfTime, TypeError, KeyError, ValueError):
            return []

    def adapted(self, others, convention):
        """Functions there that call it and `others` by a convention."""
        return self._made({"ask": "adapt", "of": self._with(others),
                           "convention": convention.plain()})

    def wrapped(self, others, framework, dtype):
        """Functions there that call it and `others` with arrays of a framework: see `devices`."""
        return self._made({"ask": "wrap", "of": self._with(others),
                           "by": f"cnnmat.testing.devices:{framework}_functions",
                           "options": {"dtype": dtype or "float64"}})

    def assembled(self, others):
        """A network's loss, gradients and parameters there: see `cnnmat.calling.networks`."""
        return self._made({"ask": "network", "of": self._with(others)})

    def _made(self, request):
        names, first = self.home.make(request), self.home.functions
        self.home.functions += len(names)
        return [Function(self.home, first + k, name) for k, name in enumerate(names)]

    def _with(self, others):
        return [one.index for one in (self, *others)]

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
            return sandbox.Call("raised", error=error.args[0], error_type=error.args[1],
                                manner=error.args[2])
        # of what came back, something is missing
        except Exception as error:
            return sandbox.Call("raised", error=worker.describe(error),
                                error_type=type(error).__name__, manner="accident")

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
        self.places, self.answer, self.after, self.raised = {}, None, [], None
        if "raised" in reply:
            error, kind, facts = reply["raised"]
            self.raised = text(error), text(kind), manner(*facts)
            return
        self.answer = self.value(reply["value"])
        places = dict(self.places)
        self.after = [self.value(node) for node in reply.get("after", ())]
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


def alike(array, now):
    """Whether `now` is an array of the same type and shape."""
    return isinstance(now, np.ndarray) and (now.shape, now.dtype) == (array.shape, array.dtype)


def same(array, now):
    """Whether `now` is the same to the last bit."""
    return alike(array, now) and array.tobytes() == now.tobytes()


def overwrite(array, now):
    """Give `array` the entries that it has there."""
    was = array.flags.writeable
    array.flags.writeable = True
    # of another shape or type: that it is not what it was is all that can be shown
    array[...] = now if alike(array, now) else array + 1
    array.flags.writeable = was
