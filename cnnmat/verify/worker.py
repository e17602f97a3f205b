"""The process in which lectures of other people are loaded and run, one request after the other.

A request is a line of JSON on the standard input, an answer one on what was the standard output;
what a lecture prints goes to the standard error.  See `isolation` for the other side.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from cnnmat.texts import plain
from cnnmat.verify.advice import place
from cnnmat.verify.claims import Claim, Refusal
from cnnmat.verify.guard import Guard, Tampered
from cnnmat.verify.judge import run
from cnnmat.verify.loading import load
from cnnmat.verify.selftest import Unsound, check_judge

__all__ = ["serve"]

#: How much memory claims may take beside what Python and its libraries have mapped.
BYTES = 4 * 2**30


def serve():
    """Answer requests until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # an interruption is the parent's to handle: it ends this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    _limit_memory()
    unsound = _unsound()
    guard, loaded = Guard(alone=True), {}
    answers.write("ready\n")
    answers.flush()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer = unsound or _answer(request, guard, loaded) | {"tampered": guard.tampered}
        answers.write(json.dumps(answer | {"token": request["token"]}) + "\n")
        answers.flush()


def _unsound():
    try:
        check_judge(alone=True)
    except Unsound as error:
        return {"unsound": str(error)}
    return None


def _end_with(parent):
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _limit_memory():
    try:
        import resource
    except ImportError:
        return
    statm = Path("/proc/self/statm")
    pages = int(statm.read_text(encoding="ascii").split()[0]) if statm.exists() else 0
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = pages * resource.getpagesize() + BYTES
    resource.setrlimit(resource.RLIMIT_AS,
                       (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _answer(request, guard, loaded):
    """{"lectures": ...} of a source, or the result of a claim, or {"error": ...}."""
    source = request["source"]
    try:
        if source not in loaded:
            loaded[source] = load(source)
            guard.check()
        if "id" not in request:
            return {"lectures": [_described(one) for one in loaded[source]]}
        lecture = next(one for one in loaded[source] if one.slug == request["slug"])
        return {"result": run(lecture.claims[request["id"]], guard=guard,
                              slips=request.get("slips", False)).outcome()}
    except (Refusal, Tampered) as error:
        return {"error": str(error)}
    # a stranger's code may raise anything, KeyboardInterrupt included
    except BaseException as error:
        where = place(error, str(Path(source)))
        return {"error": f"{type(error).__name__}: {error}".rstrip(": ")
                + (f" ({where})" if where else "")}


def _described(lecture):
    """What the parent needs to know of a lecture, as plain types."""
    return plain({"slug": lecture.slug, "title": lecture.title, "edition": lecture.edition,
                  "remarks": lecture.remarks,
                  "claims": [_fields(claim) for claim in lecture.claims.values()]})


def _fields(claim):
    plain = {name: getattr(claim, name) for name in Claim.__dataclass_fields__
             if name not in ("function", "cases", "notation")}
    return plain | {"notation": claim.notation is not None}
