"""A process for functions under test: it is started, asked, and ended with all that it started.

It has no handle of this one but a socket, and a pipe for what it prints (`worker` is its side).
"""

import codecs
import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

try:
    import resource
except ImportError:  # no such system has processes that can be killed as a group either
    resource = None  # type: ignore[assignment]

from cnnmat.testing import sandbox, worker
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


class Process:
    """A process with functions in it, which can be started again when it has died.

    Parameters
    ----------
    names : list of str
        "module:function" of each.
    limit : float
        Seconds after which nothing is called any more.
    memory : int, optional
        Bytes of memory, and of any file, that it may take, and each that it starts.
    folder : path, optional
        Where it runs; by default where this one does.
    """

    def __init__(self, names, limit, memory=None, folder=None):
        self.memory, self.folder = memory, folder
        self.names, self.limit = names, limit
        self.end = self.until = time.monotonic() + limit
        self.process = self.link = self.relay = self.mark = None
        self.number = self.called = self.deaths = 0
        self.made, self.functions = [], len(names)

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
                env={**os.environ, "CNNMAT_CHECK": self.mark}, cwd=self.folder)
        self._confine()
        self.relay = Relay(self.process.stdout)
        path = [os.getcwd(), *map(str, sys.path)]
        try:
            names = self.convene({"ask": "bring", "names": self.names, "path": path}, "names")
            for request in self.made:
                self.convene(request, "names")
        except Died as error:
            raise CannotCall(f"the process died with {error}") from None
        return [text(name) for name, _ in zip(names, self.names, strict=True)]

    def _confine(self):
        """Set the limit of memory, where the system has such limits."""
        if self.memory is None or not hasattr(resource, "prlimit"):
            return
        for kind in (resource.RLIMIT_AS, resource.RLIMIT_FSIZE):
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(self.process.pid, kind, (self.memory, self.memory))

    def convene(self, request, answer, timeout=float("inf")):
        """What `cnnmat.calling.loading.answer` answers; where it is refused, `CannotCall`."""
        refused, found = self.ask(worker.Writer(), {"do": "convene", **request},
                                  lambda reply, _: (reply.get("refused"), reply.get(answer)),
                                  timeout)
        if refused is not None:
            self.stop(GRACE)
            raise CannotCall(text(refused))
        return found

    def make(self, request):
        """Functions made of those that are there, now and whenever the process begins anew."""
        if self.process is None:
            self.start()
        names = self.convene(request, "names")
        self.made.append(request)
        return [text(name) for name in names]

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


def kill(how, pid):
    """Kill a process, or a group, if there is one."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        how(pid, signal.SIGKILL)


def marked(mark):
    """The processes, where they can be listed, that have inherited an environment with `mark`."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark.encode() in folder.joinpath("environ").read_bytes():
                yield int(folder.name)


class Relay(threading.Thread):
    """What the process prints, on the standard error of this one, as characters to be seen."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe, self.out = pipe, sys.stderr
        self.start()

    def run(self):
        """Pass on until the last one that holds the other end has closed it."""
        decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        while data := os.read(self.pipe.fileno(), 2**16):
            out = self.out
            with contextlib.suppress(AttributeError, OSError, ValueError):
                out.write(printable(decoder.decode(data)))
                out.flush()

    def end(self):
        """Wait for the rest, but not for a process that has run away with the other end."""
        self.join(GRACE)
        self.out = None
        if not self.is_alive():
            self.pipe.close()


def text(value):
    """A text of theirs: not too long, and of characters that can be seen."""
    return printable(value)[:LONGEST]
