"""One contender in a process of its own.

``python -m tests.benchmarks.worker CONTENDER WORKLOAD DTYPE`` reads a line, runs, answers
with seconds a step; an empty line ends it.  The first answer, unasked, is "ready" with
the bytes that the steps took beyond their inputs.
"""

import re
import sys
from time import perf_counter

from tests.benchmarks.contenders import GROWN, WORKLOADS


def memory(field):
    """A field of /proc/self/status in bytes; 0 where there is no such file."""
    try:
        with open("/proc/self/status") as status:
            return 1024 * int(re.search(rf"{field}:\s+(\d+)", status.read())[1])
    except OSError:
        return 0


def peak_of(step):
    """Bytes by which the resident set grew at its peak while `step` ran twice."""
    before = memory("VmRSS")
    try:
        with open("/proc/self/clear_refs", "w") as reset:
            reset.write("5")
    except OSError:
        return 0
    for _ in range(2):
        step()
    return memory("VmHWM") - before


def main(contender, workload, dtype):
    if contender == "torch":
        import os

        import torch
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    # steps of a tiny layer first, so that libraries are loaded before memory is counted
    tiny = WORKLOADS["one1"].contenders
    tiny.get(contender, tiny["fast"])(dtype)()
    step = (WORKLOADS | GROWN)[workload].contenders[contender](dtype)
    print("ready", peak_of(step), flush=True)
    start = perf_counter()
    step()
    repeats = max(1, round(0.02 / (perf_counter() - start)))
    for line in sys.stdin:
        if not line.strip():
            return
        start = perf_counter()
        for _ in range(repeats):
            step()
        print((perf_counter() - start) / repeats, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
