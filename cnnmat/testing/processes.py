"""Processes that run what strangers wrote: what they have started is found, and ended with them."""

import codecs
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path

from cnnmat.texts import printable

__all__ = ["Relay", "kill", "marked"]

#: Seconds that what is printed last may take to arrive.
GRACE = 1.0


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
