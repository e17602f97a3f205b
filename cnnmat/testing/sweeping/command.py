"""The command ``cnnmat sweep``: thousands of geometries against the truth, and a verdict."""

import argparse
import shlex
import sys
import time

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.testing import entrances
from cnnmat.testing.command import (
    NOT_CALLED,
    RIGHT,
    WRONG,
    add_conventions,
    described,
    keywords,
    whole,
)
from cnnmat.testing.devices import FRAMEWORKS
from cnnmat.testing.grading.command import has_jinja, jobs
from cnnmat.testing.process import CannotCall
from cnnmat.texts import printable, to_json

__all__ = ["KINDS", "add_parser"]

#: The kinds that have geometries.
KINDS = ("correlation", "depthwise", "transposed_correlation", "pooling", "adaptive_pooling",
         "global_pooling", "upsampling")
INTERRUPTED = 130
#: Seconds between two words on how far it has come.
BETWEEN = 2.0

EXAMPLE = f"""kinds: {', '.join(KINDS)}

  cnnmat sweep correlation my_module:conv my_module:conv_backward --geometries 5000 --jobs 4 \\
      --resume sweep.jsonl --html sweep.html

Every second geometry is any one with small sizes; the others lie at edges: kernel = image, stride
> kernel, padding = kernel - 1, uneven padding, long thin images, large dilation, one of each ...
Each is held against plain loops; how many of which kinds and sizes there were is said.  Failures
are grouped by what the mistake probably is, each group with the smallest input that shows it.
How functions are called, and what else a check tries (memory, types, calls again), is
cnnmat check's.

With --resume FILE each outcome is kept as it comes: whatever is killed, the same command goes on,
with more geometries if you like.

With --framework torch, jax or cupy the functions get arrays of it, on the first device that it
finds where a worker runs; without a backward function PyTorch and JAX derive their own.  The bound
goes with --dtype: 1e-9 of the largest entry for float64, 1e-4 for float32; where a GPU takes
shorter products for float32 (TF32), it is not kept.

Exit status: 0 right in all that is taken, 1 wrong, 2 nothing could be judged, 130 interrupted."""


def add_parser(subparsers):
    """Hook ``sweep`` into the subparsers of the command ``cnnmat``."""
    top = subparsers.add_parser(
        "sweep", help="thousands of geometries against the truth, on as many processes",
        epilog=EXAMPLE, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = top.add_subparsers(dest="kind_of_check", required=True, metavar="KIND")
    for kind in KINDS:
        one = every.add_parser(kind, description=described(kind), epilog=EXAMPLE,
                               formatter_class=argparse.RawDescriptionHelpFormatter)
        one.set_defaults(run=run, budget=None)
        add_conventions(one, kind)
        entrances.add_convention(one, kind)
        one.add_argument("--geometries", type=_count, default=1000, metavar="N",
                         help="how many (default 1000)")
        where = one.add_mutually_exclusive_group()
        where.add_argument("--jobs", type=jobs, default=-1, metavar="N",
                           help="processes; -1, the default, is one a core")
        where.add_argument("--dask", metavar="ADDRESS", help="the scheduler of a Dask cluster")
        one.add_argument("--resume", metavar="FILE",
                         help="keep each outcome in FILE, and go on with what is there")
        one.add_argument("--dtype", choices=("float64", "float32"),
                         help="what they compute in (default float64)")
        one.add_argument("--framework", choices=FRAMEWORKS, default="",
                         help="whose arrays the functions take, instead of NumPy's")
        one.add_argument("--json", action="store_true", help="print the verdict as JSON")
        one.add_argument("--csv", metavar="FILE", help="write a row for each geometry")
        one.add_argument("--html", metavar="FILE", help="write a page (extra: report)")
    return top


def _count(word):
    number = whole(word)
    if not 0 < number <= 10**7:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to 10000000, got {word!r}")
    return number


def run(args):
    """Sweep; return the exit status."""
    for option in ("csv", "html"):
        path = getattr(args, option)
        try:
            if path:
                files.check(f"--{option}", path)
        except ValueError as error:
            raise Usage(str(error)) from error
    if args.html and not has_jinja("sweep"):
        return NOT_CALLED
    try:
        return _run(args)
    except (CannotCall, TypeError, ValueError) as error:
        if args.json:
            print(to_json({"kind": args.kind_of_check, "verdict": "not judged", "passed": False,
                           "error": str(error)}))
        else:
            print(f"cnnmat sweep: {printable(error)}", file=sys.stderr)
        return NOT_CALLED


def _run(args):
    from cnnmat.testing.sweeping.geometries import applicable
    from cnnmat.testing.sweeping.judging import Sweep, opened, patience
    from cnnmat.testing.sweeping.record import Record

    names, options = keywords(args, patience(args.timeout))
    if args.dtype:
        options["dtype"] = args.dtype
    sweep = Sweep(args.kind_of_check, tuple(names), options, args.framework, args.seed,
                  args.timeout)
    # what cannot be had is said at once, before anything is begun
    with (opened(sweep) as (session, notes),
          Record(args.resume, sweep.identity()) as record):
        complete = _gather(args, sweep, session, record)
        kept = {k: one for k, one in record.outcomes.items() if k < args.geometries}
        report = _report(args, session, kept, notes, applicable(session.contract))
    _show(args, report)
    if not complete:
        _how_to_go_on(args, len(kept))
        return INTERRUPTED
    if report.verdict == "not judged":
        return NOT_CALLED
    return WRONG if report.verdict == "wrong" else RIGHT


def _gather(args, sweep, session, record):
    """Fill the record; whether nobody interrupted it."""
    from cnnmat.testing.sweeping.running import swept

    left = [k for k in range(args.geometries) if k not in record.outcomes]
    if len(left) < args.geometries:
        print(f"cnnmat sweep: {args.geometries - len(left)} of {args.geometries} are there",
              file=sys.stderr)
    done, told = args.geometries - len(left), time.monotonic()
    try:
        for outcome in swept(sweep, session, left, args.jobs, args.dask):
            record.add(outcome)
            done += 1
            if sys.stderr.isatty() and time.monotonic() > told + BETWEEN:
                told = time.monotonic()
                sys.stderr.write(f"{done} of {args.geometries} geometries\r")
                sys.stderr.flush()
    except KeyboardInterrupt:
        return False
    return True


def _report(args, session, outcomes, notes, edges):
    from cnnmat.testing.sweeping.geometries import EDGES
    from cnnmat.testing.sweeping.grouping import grouped
    from cnnmat.testing.sweeping.reporting import Report

    groups, refusals = [], []
    if any(one["failures"] or one["refused"] for one in outcomes.values()):
        groups, result = grouped(session, outcomes)
        refusals = [str(one) for one in result.refusals]
        notes = [*notes, *result.notes]
    return Report(args.kind_of_check, args.functions, args.geometries, outcomes, groups,
                  list(dict.fromkeys(notes)), refusals, [kind for kind in EDGES
                                                         if kind not in edges])


def _show(args, report):
    from cnnmat.testing.sweeping.reporting import page, print_report, write_csv

    if args.csv:
        write_csv(args.csv, report)
    if args.html:
        with files.replacing(args.html) as file:
            file.write(page(report).encode("utf-8"))
    if args.json:
        print(to_json(report.to_dict(), indent=2))
    else:
        print_report(report)


def _how_to_go_on(args, done):
    if args.resume:
        # the words as they came, for a shell
        how = f"go on by the same command, with --resume {shlex.quote(args.resume)}"
    else:
        how = "they are lost; with --resume FILE they are kept, and it can be gone on with"
    print(f"cnnmat sweep: interrupted: {done} of {args.geometries} geometries are done; {how}",
          file=sys.stderr)
