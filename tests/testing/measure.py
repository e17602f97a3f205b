"""The figures: detection and diagnosis, and what would be missed without each generator feature.

    python -m tests.testing.measure
"""

import time
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
import torch

from cnnmat.testing import engine
from tests.testing.bank import ENTRIES
from tests.testing.expected import named
from tests.testing.right import RIGHT, check_right
from tests.testing.running import run_strictly, undiagnosed

HANGING = ("runs_for_ever", "hangs_on_stride")


def has(*names):
    """Cases with any of these features."""
    return lambda contract, case: any(contract.features(case).get(n) for n in names)


def form(*names):
    return lambda contract, case: case.form in names


def called(*words):
    return lambda contract, case: any(w in case.name for w in words)


def square_and_one(contract, case):
    """All cases but one square image with N = C = D = 1."""
    f = contract.features(case)
    if contract.kind == "correlation":
        return any(f[n] for n in ("N > 1", "C > 1", "D > 1", "stride > 1", "padding > 0",
                                  "the kernel is not square", "the kernel is 1 x 1")
                   ) or case.form != "plain" or "numbers are not whole" in case.name
    return case.form != "plain"


#: What is left out: the cases that this holds for.
LEFT_OUT = {
    "N > 1": has("N > 1"), "C > 1": has("C > 1"), "D > 1": has("D > 1"),
    "images that are not square": has("the image is not square"),
    "kernels that are not square": has("the kernel is not square", "the window is not square"),
    "even kernels": has("a kernel side is even"),
    "kernel 1 x 1": has("the kernel is 1 x 1", "the window is 1 x 1"),
    "kernels larger than 3": has("the kernel is larger than 3"),
    "kernel as large as the image": has("the kernel is as large as the image"),
    "stride > 1": has("stride > 1"), "stride > kernel": has("stride > kernel", "stride > size"),
    "strides other than the size (pooling)": has("stride is not size"),
    "windows that overlap (pooling)": has("windows overlap"),
    "windows that do not tile": has("the windows do not tile the image"),
    "padding > 0": has("padding > 0"),
    "padding that is not half the kernel": called(
        "smaller than half", "larger than half", "around a 1 x 1", "larger than the kernel"),
    "values that are not whole": has("the numbers are not whole"),
    "all entries negative": has("all entries are negative"),
    "ties": has("entries tie"), "windows of zeros": has("a window is all zeros"),
    "zeros at a kink": called("zeros"), "saturated, very large": called("saturated", "very "),
    "integer arrays": form("integer"), "Fortran order and strided views": form(
        "fortran", "strided"), "read-only arrays": form("read-only"),
    "more than one step (update)": has("there is more than one step"),
    "momentum with decay (update)": called("both", "and momentum", "larger than rate"),
    "weight decay (update)": has("weight_decay > 0"), "momentum (update)": has("momentum > 0"),
    "all but one square image with N = C = D = 1": square_and_one,
}


@contextmanager
def without_cases(left_out):
    cases = engine.known_cases

    def fewer(contract, seed):
        every = cases(contract, seed)
        return tuple(c for c in every if not left_out(contract, c)) or every[:1]

    with mock.patch.object(engine, "known_cases", fewer):
        yield


@contextmanager
def upstream_of_ones():
    cases = engine.known_cases

    def plainer(contract, seed):
        return tuple(replace(c, arrays={
            k: np.ones_like(a) if k in ("dz", "dt", "dy") else a
            for k, a in c.arrays.items()}) for c in cases(contract, seed))

    with mock.patch.object(engine, "known_cases", plainer):
        yield


@contextmanager
def positive_values():
    cases = engine.known_cases

    def plainer(contract, seed):
        return tuple(replace(c, arrays={k: abs(a) for k, a in c.arrays.items()})
                     for c in cases(contract, seed))

    with mock.patch.object(engine, "known_cases", plainer):
        yield


#: What functions may be limited to, and how much of the bank is found within.
DOMAINS = ("square-kernels", "square-images", "odd-kernels", "tiles", "one-channel", "one-sample",
           "no-stride", "kernel-3x3")


def within(word):
    """(found, all) of the bank's correlations and poolings, tried within a limit only."""
    entries = [e for name, e in ENTRIES.items() if name not in HANGING
               and e.kind in ("correlation", "pooling")]
    with undiagnosed():
        return sum(not run_strictly(e, only=word).passed for e in entries), len(entries)


def ablations():
    """(what is left out, context manager)."""
    for name, left_out in LEFT_OUT.items():
        yield name, without_cases(left_out)
    yield "upstream gradients other than ones", upstream_of_ones()
    yield "values of both signs", positive_values()
    yield "the second round of calls", mock.patch.object(
        engine.Session, "_second_round", return_value=None)
    yield "calls with other values in between", mock.patch.object(
        engine.Session, "_twin", return_value=None)
    yield "the arrays before and after a call", mock.patch(
        "cnnmat.testing.trial._mutated", return_value=None)


def missed():
    """Names of the wrong implementations that pass."""
    with undiagnosed():
        return [name for name, e in ENTRIES.items() if name not in HANGING
                and run_strictly(e).passed]


def figures():
    """Detection, diagnosis, false alarms and times, as text."""
    started, counts, slow = time.process_time(), {True: 0, False: 0, None: 0}, 0.0
    passed = []
    for name, e in ENTRIES.items():
        result = run_strictly(e, **({"timeout": 1.0} if name in HANGING else {}))
        counts[named(name, result.diagnosis)] += 1
        slow = max(slow, result.seconds)
        passed += [name] if result.passed else []
    used = time.process_time() - started
    right = {name: check_right(name) for name in RIGHT}
    alarms = [name for name, r in right.items() if not r.passed]
    total = len(ENTRIES)
    return (
        f"{total} wrong implementations: {total - len(passed)} found, {counts[True]} named "
        f"rightly ({counts[True] / total:.1%}), {counts[False]} wrongly, {counts[None]} left "
        f"unnamed; {used / total:.3f} s of CPU each, the longest {slow:.2f} s\n"
        f"{len(right)} right implementations: {len(alarms)} false alarms {alarms}; the longest "
        f"{max(r.seconds for r in right.values()):.2f} s")


def main():
    torch.set_num_threads(1)
    print(figures())
    print("\nFound within what functions may be limited to (some mistakes do not show there)")
    for word in DOMAINS:
        found, tried = within(word)
        print(f"{word:45} {found:3} of {tried}")
    print("\nLeft out of the generator: what is missed then")
    for name, patch in ablations():
        with patch:
            found = missed()
        print(f"{name:45} {len(found):3}  {', '.join(found[:8])}{' ...' * (len(found) > 8)}")


if __name__ == "__main__":
    main()
