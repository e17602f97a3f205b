"""Ratios to PyTorch, one table: ``python -m tests.benchmarks [--threads 1] [--plot FILE]``.

Each contender runs in a process of its own, for importing PyTorch changes the
allocator for everybody.  They take turns, and a ratio is the median over the turns of
contender over PyTorch in the same turn, so that a noisy machine hits both.  OPENBLAS_*
settings are left out of the children's environment, as users have it.
"""

import argparse
import os
import platform
import subprocess
import sys
from contextlib import ExitStack
from statistics import median

from tests.benchmarks.contenders import LAYER_CONTENDERS, WORKLOADS


class Child:
    """A worker process and what it measured."""

    def __init__(self, stack, contender, workload, dtype, environment):
        self.seconds = []
        self.process = stack.enter_context(subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", contender, workload, dtype],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment))
        self.peak = int(self._answer().split()[1])

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"worker {self.process.args[3:]} ended without an answer")
        return line

    def take_turn(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        self.seconds.append(float(self._answer()))

    def end(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def environment(threads):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return kept | dict.fromkeys(names, str(threads))


def measure(workload, dtype, contenders, turns, threads):
    """{contender: (median ratio to torch, median seconds, peak bytes)}."""
    able = [c for c in contenders if c in WORKLOADS[workload].contenders]
    with ExitStack() as stack:
        children = {c: Child(stack, c, workload, dtype, environment(threads))
                    for c in ("torch", *able)}
        for _ in range(turns):
            for child in children.values():
                child.take_turn()
        for child in children.values():
            child.end()
    torch = children["torch"].seconds
    return {
        name: (median(a / b for a, b in zip(child.seconds, torch, strict=True)),
               median(child.seconds), child.peak)
        for name, child in children.items()
    }


def machine():
    """The CPU by its name."""
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":")[1].strip() for line in info if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor()


def report(rows, contenders):
    """Lines of a table: ratio to PyTorch and peak memory of each contender."""
    head = f"{'workload':28}{'dtype':9}{'torch ms':>9}{'MB':>6}"
    lines = [head + "".join(f"{c:>10}{'MB':>6}" for c in contenders)]
    for title, dtype, result in rows:
        line = f"{title:28}{dtype:9}{1e3 * result['torch'][1]:9.3f}{_mb(result['torch'])}"
        line += "".join(f"{result[c][0]:10.2f}{_mb(result[c])}" if c in result else f"{'–':>16}"
                        for c in contenders)
        lines.append(line)
    return lines


def _mb(result):
    return f"{result[2] / 1e6:6.1f}"


def plot(rows, contenders, path):
    """A picture of the table: a bar a contender, a line where PyTorch is."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 0.55 * len(rows) + 1.2), layout="constrained")
    width = 0.8 / len(contenders)
    for k, contender in enumerate(contenders):
        places = [row + k * width for row in range(len(rows))]
        axes.barh(places, [result[contender][0] if contender in result else 0
                             for *_, result in rows], width, label=contender)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks([row + 0.4 - width / 2 for row in range(len(rows))],
                    [f"{title}, {dtype}" for title, dtype, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel("time, forward and backward, as a multiple of PyTorch's")
    axes.set_title(machine())
    axes.legend()
    figure.savefig(path)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--contenders", nargs="+",
                        choices=[c for c in LAYER_CONTENDERS if c != "torch"],
                        default=["literal", "fast", "gemm"])
    parser.add_argument("--dtypes", nargs="+", choices=["float64", "float32"],
                        default=["float64", "float32"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=31)
    parser.add_argument("--plot", metavar="FILE", help="also draw the table")
    options = parser.parse_args()
    print(f"{machine()}, {options.threads} thread(s), OPENBLAS_* unset; forward + backward, "
          f"ratios to PyTorch: medians of {options.turns} paired ratios; MB: peak beyond inputs")
    rows = [
        (WORKLOADS[name].title, dtype,
         measure(name, dtype, options.contenders, options.turns, options.threads))
        for name in options.workloads for dtype in options.dtypes
    ]
    print(*report(rows, options.contenders), sep="\n")
    if options.plot:
        plot(rows, options.contenders, options.plot)


if __name__ == "__main__":
    main()
