"""Processes that run other people's lectures, so that these can end, hang or break only those.

A process that dies, takes too long, or has had its state changed is replaced.  Answers are data:
whatever comes back that is not one is an error of the claim that was asked.
"""

import contextlib
import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import time
from collections import deque

__all__ = ["Workers"]

_START = ("import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
          "from cnnmat.verify.worker import serve; serve()")


#: What tells a BLAS how many threads to have, if the user has not.
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")

#: What a process says when it begins to listen, and how long it may take until then.
READY, STARTING = b"ready\n", 120


class _Worker:
    """One process, and the request that it is at."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, json.dumps([p for p in sys.path if isinstance(p, str)])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True,
            # of small products more threads make nothing but wait for each other
            env={**dict.fromkeys(THREADS, "1"), **os.environ})
        self.place = self.token = None
        self.ready, self.deadline = False, time.monotonic() + STARTING
        self.buffer = b""

    def ask(self, place, request, seconds):
        """Send a request; `place` is its place among all of them."""
        self.place, self.token, self.seconds = place, secrets.token_hex(8), seconds
        if self.ready:
            self.deadline = time.monotonic() + seconds
        line = json.dumps(request | {"token": self.token}).encode() + b"\n"
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(line)

    def answer(self):
        """The answer so far: None while it is not complete."""
        piece = os.read(self.process.stdout.fileno(), 2**16)
        if not piece:
            return {"error": self._death(), "ended": True}
        self.buffer += piece
        if not self.ready and self.buffer.startswith(READY):
            self.ready, self.deadline = True, time.monotonic() + self.seconds
            self.buffer = self.buffer.removeprefix(READY)
        if not self.buffer.endswith(b"\n"):
            return None
        line, self.buffer = self.buffer, b""
        try:
            found = json.loads(line)
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get("token") != self.token:
            return {"error": "the process answered what is no answer", "ended": True}
        return found

    def _death(self):
        try:
            status = self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "the process closed its output"
        if status < 0:
            return f"the process was ended by {signal.Signals(-status).name}"
        return f"the process ended itself with exit status {status}"

    def close(self):
        """Let the process end by itself, at the end of its input, and see that it does."""
        self.process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=5)
        self.end()

    def end(self):
        """End the process and all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


class Workers:
    """As many processes as `jobs`, started when they are needed; a context manager.

    Parameters
    ----------
    jobs : int
    seconds : float
        How long one request may take.
    """

    def __init__(self, jobs, seconds):
        self.jobs, self.seconds = jobs, seconds
        self.idle, self.busy = [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for worker in self.busy:
            worker.end()
        for worker in self.idle:
            worker.close()
        self.idle, self.busy = [], []

    def ask(self, requests):
        """The answers to `requests` in their order, as they come."""
        waiting, answers, shown = deque(enumerate(requests)), {}, 0
        while waiting or self.busy:
            while waiting and len(self.busy) < self.jobs:
                worker = self.idle.pop() if self.idle else _Worker()
                worker.ask(*waiting.popleft(), self.seconds)
                self.busy.append(worker)
            for worker, answer in self._answered():
                answers[worker.place] = answer
                self._release(worker, answer)
            while shown in answers:
                yield answers.pop(shown)
                shown += 1

    def _answered(self):
        """(worker, answer) of those that have answered, died, or taken too long."""
        with selectors.DefaultSelector() as selector:
            for worker in self.busy:
                selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
            left = min(worker.deadline for worker in self.busy) - time.monotonic()
            ready = {key.data for key, _ in selector.select(max(left, 0))}
        for worker in [*self.busy]:
            answer = worker.answer() if worker in ready else None
            if answer is None and worker.deadline <= time.monotonic():
                answer = {"error": f"it did not come to an end within {self.seconds:g} s",
                          "ended": True}
            if answer is not None:
                yield worker, answer

    def _release(self, worker, answer):
        self.busy.remove(worker)
        if answer.get("ended") or answer.get("tampered"):
            worker.end()
        else:
            self.idle.append(worker)
