"""Ratios to PyTorch, one table: ``python -m tests.benchmarks [--threads 1] [--picture FILE]``.

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

from cnnmat import files
from cnnmat.drawing import save_picture
from tests.benchmarks.contenders import GROWN, LAYER_CONTENDERS, WORKLOADS
from tests.benchmarks.growth import draw_growth, growth, growth_lines

SLOW, SLOW_TURNS = 0.2, 3


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

    @property
    def is_slow(self):
        """Whether a few turns must do."""
        return len(self.seconds) >= SLOW_TURNS and self.seconds[0] > SLOW

    def end(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()


def environment(threads):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return kept | dict.fromkeys(names, str(threads))


def measure(workload, dtype, contenders, turns, threads):
    """{contender: (median ratio to torch, median seconds, peak bytes)}."""
    able = [c for c in contenders if c in (WORKLOADS | GROWN)[workload].contenders]
    with ExitStack() as stack:
        children = {c: Child(stack, c, workload, dtype, environment(threads))
                    for c in ("torch", *able)}
        for _ in range(turns):
            for child in children.values():
                if not child.is_slow:
                    child.take_turn()
        for child in children.values():
            child.end()
    torch = children["torch"].seconds
    return {
        name: (median(a / b for a, b in zip(child.seconds, torch, strict=False)),
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


def table(rows, contenders, title, cell):
    """Lines: a row a workload, PyTorch and the contenders side by side."""
    names = ["torch", *contenders]
    lines = [f"{title:28}{'dtype':9}" + "".join(f"{name:>16}" for name in names)]
    for workload, dtype, result in rows:
        cells = (cell(workload, name, result[name]) if name in result else "–" for name in names)
        lines.append(f"{workload.title:28}{dtype:9}" + "".join(f"{c:>16}" for c in cells))
    return lines


def ratio_cell(_, name, measured):
    """The ratio to PyTorch, PyTorch's own milliseconds, and peak memory."""
    ratio, seconds, peak = measured
    time = f"{1e3 * seconds:.3f} ms" if name == "torch" else f"{ratio:.2f}"
    return f"{time}{peak / 1e6:6.1f}"


def operation_cell(workload, _, measured):
    """Nanoseconds an operation."""
    return f"{1e9 * measured[1] / workload.operations:.4g}"


def report(rows, contenders):
    """Two tables: ratios to PyTorch with peak memory, and time an operation."""
    return [*table(rows, contenders, "ratio, peak MB", ratio_cell), "",
            *table(rows, contenders, "ns an operation", operation_cell), "",
            "operations: " + ", ".join(f"{unit} ({', '.join(titles)})" for unit, titles in
                                       units(rows).items())]


def units(rows):
    """Titles by the operation that is counted."""
    found = {}
    for workload, *_ in rows:
        titles = found.setdefault(workload.unit, [])
        if workload.title not in titles:
            titles.append(workload.title)
    return found


def draw(rows, contenders, path):
    """A picture of the table: a bar a contender, a line where PyTorch is."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 0.5 * len(rows) + 1.5), layout="constrained")
    width = 0.8 / len(contenders)
    for k, contender in enumerate(contenders):
        bars = [(row + k * width, result[contender][0])
                for row, (*_, result) in enumerate(rows) if contender in result]
        if bars:
            places, ratios = zip(*bars, strict=True)
            # bars grow from PyTorch's 1: shorter time to the left
            drawn = axes.barh(places, [r - 1 for r in ratios], width, left=1, label=contender)
            axes.bar_label(drawn, [f"{r:.2f}" if r < 100 else f"{r:.0f}" for r in ratios],
                           fontsize=7, padding=2)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.margins(x=0.1)
    axes.set_yticks([row + 0.4 - width / 2 for row in range(len(rows))],
                    [f"{workload.title}, {dtype}" for workload, dtype, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel("time as a multiple of PyTorch's")
    axes.set_title(machine())
    axes.legend(loc="upper right")
    save_picture(figure, path)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--workloads", nargs="+", choices=WORKLOADS, default=list(WORKLOADS))
    parser.add_argument("--contenders", nargs="+",
                        choices=[c for c in LAYER_CONTENDERS if c != "torch"],
                        default=["literal", "fast", "gemm", "loops"])
    parser.add_argument("--dtypes", nargs="+", choices=["float64", "float32"],
                        default=["float64", "float32"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=31)
    parser.add_argument("--picture", metavar="FILE", help="also draw the table")
    parser.add_argument("--growth", metavar="FILE",
                        help="instead draw time against samples, side and channels, and print "
                             "fitted exponents")
    options = parser.parse_args()
    for name in ("picture", "growth"):
        if getattr(options, name):
            files.check(f"--{name}", getattr(options, name))
    print(f"{machine()}, {options.threads} thread(s), OPENBLAS_* unset; forward + backward, "
          f"ratios to PyTorch: medians of {options.turns} paired ratios; peak MB beyond inputs; "
          f"load {os.getloadavg()[0]:.1f}")
    if options.growth:
        curves = growth(options.dtypes, lambda workload, dtype: measure(
            workload, dtype, ["literal", "fast"], options.turns, options.threads))
        print(*growth_lines(curves), sep="\n")
        draw_growth(curves, machine(), options.growth)
        return
    rows = [
        (WORKLOADS[name], dtype,
         measure(name, dtype, options.contenders, options.turns, options.threads))
        for name in options.workloads for dtype in options.dtypes
    ]
    print(*report(rows, options.contenders), sep="\n")
    if options.picture:
        draw(rows, options.contenders, options.picture)


if __name__ == "__main__":
    main()
