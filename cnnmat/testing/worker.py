"""The process in which ``cnnmat check`` lets a stranger's functions run.

This file is started by its path and imports nothing of the judge: there is nothing of it here to
be patched.  Of cnnmat it has `calling`.  Arrays and settings come in; a header in JSON and the
bytes of arrays go out.  What this process alone can know (see `remote`), a module that patches this
file can hide.
"""

import contextlib
import ctypes
import dis
import importlib
import io
import json
import os
import re
import socket
import struct
import sys
import warnings

# where this file lies there are modules whose names others may want
if __name__ == "__main__" and os.path.dirname(os.path.abspath(__file__)) in sys.path[:1]:
    del sys.path[0]

import numpy as np

__all__ = []

#: Bytes that one array, a header, and all arrays may have: what is right has far fewer.
MOST_OF_ONE, MOST_OF_HEADER, MOST = 2**24, 2**22, 2**26
#: Lengths of the header and of the arrays behind it.
LENGTHS = struct.Struct(">II")
_DTYPE = re.compile(r"[<>|=]?[biuf]\d{1,2}")

# --- what a function returned, as data ------------------------------------------------


class Other:
    """What is no array of real numbers: `kind` says why, "type", "dtype", "failed" or "large"."""

    def __init__(self, kind, text, type_name):
        self.kind, self.text, self.type_name = kind, text, type_name


def describe(error):
    """The type and the first line of the message of an exception, if it has one that prints."""
    try:
        text = str(error).strip().splitlines()
    except Exception:
        text = ["(its message cannot be printed)"]
    return (type(error).__name__ + (f": {text[0]}" if text else ""))[:500]


def facts(error):
    """What `manners` judges by: names of its classes, [module, whether a ``raise``] of its frames.

    The frame of the caller is left out; of many, those in the middle are.
    """
    frames, one = [], error.__traceback__.tb_next
    while one is not None:
        code, name = one.tb_frame.f_code, str(one.tb_frame.f_globals.get("__name__", ""))
        frames.append([name[:200], code.co_code[one.tb_lasti] == dis.opmap["RAISE_VARARGS"]])
        one = one.tb_next
    return [[one.__name__ for one in type(error).__mro__], frames[:9] + frames[9:][-9:]]


def plain(value):
    """`value` made of None, numbers, arrays, tuples, lists, dictionaries and `Other` alone.

    Examples
    --------
    >>> plain((np.float32(2), [1.5], "text"))[:2]
    (array(2., dtype=float32), [1.5])
    """
    try:
        return _plain(value)
    # values that misbehave on conversion raise whatever they like
    except Exception as error:
        return Other("failed", describe(error), type(value).__name__)


def _plain(value):
    if value is None or isinstance(value, (bool, Other)):
        return value
    # by the base class, whatever a subclass has in its place
    if isinstance(value, tuple):
        return tuple(plain(one) for one in tuple.__iter__(value))
    if isinstance(value, list):
        return [plain(one) for one in list.__iter__(value)]
    if isinstance(value, dict) and all(type(key) is str for key in dict.keys(value)):
        return {key: plain(one) for key, one in dict.items(value)}
    name = type(value).__name__
    if isinstance(value, (str, bytes, dict, set)) or hasattr(value, "__next__"):
        return Other("type", name, name)
    if type(value) is float or (type(value) is int and -2**63 <= value < 2**63):
        return value
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        return Other("dtype", str(array.dtype)[:100], name)
    if array.nbytes > MOST_OF_ONE:
        return Other("large", str(array.shape), name)
    return array


# --- as bytes, and back ----------------------------------------------------------------


class TooLarge(Exception):
    """An answer has more bytes than are sent."""


class Writer:
    """Values as a header of plain lists, and the bytes of the arrays in `body`."""

    def __init__(self):
        self.body = []

    def node(self, value):
        """What stands for `value` in the header."""
        if isinstance(value, np.ndarray):
            return {"array": self.array(value)}
        if isinstance(value, np.generic):
            return {"scalar": self.entries(np.asarray(value))}
        if isinstance(value, Other):
            return {"other": [value.kind, value.text, value.type_name]}
        if isinstance(value, dict):
            return {"dict": [[key, self.node(one)] for key, one in value.items()]}
        if isinstance(value, (tuple, list)):
            kind = "tuple" if isinstance(value, tuple) else "list"
            return {kind: [self.node(one) for one in value]}
        return value

    def array(self, value):
        """What stands for an array."""
        return self.entries(value)

    def entries(self, value):
        """Its type and shape; the entries go to the `body`."""
        self.body.append(value.tobytes())
        return [value.dtype.str, list(value.shape)]

    def frame(self, message):
        """The message and the body as bytes."""
        header, body = json.dumps(message).encode(), b"".join(self.body)
        if len(header) > MOST_OF_HEADER or len(body) > MOST:
            raise TooLarge
        return LENGTHS.pack(len(header), len(body)) + header + body


class Reader:
    """The values that a header and a body stand for; nothing else can come of them."""

    def __init__(self, body):
        self.body, self.at = memoryview(body), 0

    def value(self, node, path=()):
        """The value of a node; `path` says where in the whole it stands."""
        if isinstance(node, list):
            raise TypeError("a list must be named as one")
        if not isinstance(node, dict):
            return node
        (kind, content), = node.items()
        return getattr(self, f"_{kind}")(content, path)

    def _list(self, content, path):
        return [self.value(node, (*path, k)) for k, node in enumerate(content)]

    def _tuple(self, content, path):
        return tuple(self._list(content, path))

    def _dict(self, content, path):
        return {str(key): self.value(node, (*path, key)) for key, node in content}

    def _other(self, content, path):
        return Other(*map(str, content))

    def _scalar(self, content, path):
        return self.entries(*content).reshape(())[()]

    def _array(self, content, path):
        return self.entries(*content).copy()

    def entries(self, dtype, shape):
        """A view of the next array of the body."""
        if not _DTYPE.fullmatch(dtype):
            raise TypeError(f"no array of numbers: {dtype[:20]}")
        dtype, size = np.dtype(dtype), 1
        for length in shape:
            if type(length) is not int or length < 0:
                raise ValueError("a shape is made of whole numbers")
            size *= length
        end = self.at + size * dtype.itemsize
        if end > len(self.body):
            raise ValueError("there are fewer bytes than the shape says")
        flat = np.frombuffer(self.body[self.at:end], dtype)
        self.at = end
        return flat.reshape(shape)


class Handed(Reader):
    """Arguments: arrays that lie in memory as they did, and what was returned before."""

    def __init__(self, body, returned):
        super().__init__(body)
        self.returned, self.arrays = returned, []

    def _array(self, content, path):
        dtype, shape, layout = content
        if "room" in layout:
            room = self.entries(*layout["room"]).copy()
            made = np.ndarray(shape, dtype, room, layout["offset"], layout["strides"])
        else:
            made = np.array(self.entries(dtype, shape), order=layout["order"])
        made.flags.writeable = layout["writeable"]
        self.arrays.append(made)
        return made

    def _back(self, content, path):
        number, *steps = content
        return _found(self.returned[number], steps)


class Answer(Writer):
    """What goes back of one call; says which arrays share their memory with `given`."""

    def __init__(self, given=()):
        super().__init__()
        self.given = given

    def array(self, value):
        """As in `Writer`, and whether it is a view."""
        view = any(np.may_share_memory(value, one) for one in self.given)
        return [*self.entries(value), view]

    def after(self):
        """What stands for the arrays that were handed over, as they are now."""
        return [self.node(plain(one)) for one in self.given]


class Server:
    """Imports, calls, and looks again at what was returned: each an `Answer` and a message."""

    def __init__(self):
        self.functions, self.kept, self.last = [], {}, {}

    def convene(self, request, _):
        """Bring functions, find how they are called, make others of them: see `cnnmat.calling`."""
        sys.path[:] = request.get("path", sys.path)
        try:
            calling = importlib.import_module("cnnmat.calling.loading")
            return Answer(), calling.answer(self.functions, request, describe)
        # a stranger's code may do anything
        except BaseException as error:
            return Answer(), {"refused": describe(error)}

    def call(self, request, body):
        """Call a function; what it returned, or raised, and what became of its arguments."""
        index = request["function"]
        reader = Handed(body, self.kept | self.last.get(index, {}))
        arguments = reader.value(request["arguments"])
        result, value, raised, printed = _guarded(self.functions[index], arguments)
        if printed and request["keep"]:
            sys.stderr.write(printed)
        answer, message = Answer(reader.arrays), {"printed": bool(printed)}
        if raised:
            return answer, {**message, "raised": raised}
        self.last[index] = {request["number"]: result}
        if request["keep"]:
            self.kept |= self.last[index]
        value = answer.node(value)
        return answer, {**message, "value": value, "after": answer.after()}

    def look(self, request, _):
        """What stands now where an array was returned earlier."""
        number, *steps = request["at"]
        answer = Answer()
        return answer, {"value": answer.node(plain(_found(self.kept[number], steps)))}


def _found(value, steps):
    for step in steps:
        value = value[step]
    return value


def _guarded(function, arguments):
    """(what was returned, it as data, [what was raised, its type, facts], what was printed)."""
    out = io.StringIO()
    with (contextlib.redirect_stdout(out), contextlib.redirect_stderr(out),
          warnings.catch_warnings()):
        warnings.simplefilter("ignore")
        try:
            result = function(*arguments)
            return result, plain(result), None, out.getvalue()
        # a function that calls exit() or raises KeyboardInterrupt has a verdict too
        except BaseException as error:
            raised = [describe(error), type(error).__name__, facts(error)]
            return None, None, raised, out.getvalue()


def receive(stream):
    """(message, body) that come next, or None at the end."""
    head = stream.read(LENGTHS.size)
    counts = LENGTHS.unpack(head) if len(head) == LENGTHS.size else (1, 0)
    header, body = [stream.read(count) for count in counts]
    return (json.loads(header), body) if (len(header), len(body)) == counts else None


def serve(link):
    """Answer requests until there are no more."""
    server, own, stream = Server(), os.getpid(), link.makefile("rb")
    while (request := receive(stream)) is not None:
        message, body = request
        answer, reply = getattr(server, message["do"])(message, body)
        if os.getpid() != own:
            os._exit(0)  # the function has forked, and this is the other one
        number = {"number": message["number"]}
        try:
            frame = answer.frame({**reply, **number})
        except TooLarge:
            answer = Answer(answer.given)
            large = answer.node(Other("large", "far too many entries", "something"))
            reply |= {"value": large, "after": answer.after()}
            frame = answer.frame({**reply, **number})
        link.sendall(frame)


def main():
    """Serve on the standard input, and leave nothing of it to the functions."""
    link = socket.socket(fileno=os.dup(0))
    with open(os.devnull) as nothing:
        os.dup2(nothing.fileno(), 0)
    with contextlib.suppress(OSError, AttributeError):
        # on Linux: die with the parent, and before it where memory runs out
        ctypes.CDLL(None).prctl(1, 9)
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    serve(link)


if __name__ == "__main__":
    main()
