"""The commands ``cnnmat verify``, ``show``, ``errata`` and ``new``."""

import argparse
import math
import re
import sys
from importlib import resources
from pathlib import Path

from cnnmat.arguments import Usage
from cnnmat.verify.isolation import Workers
from cnnmat.verify.loading import choose, select
from cnnmat.verify.running import cores, run_all
from cnnmat.verify.selftest import check_complete, check_summary

__all__ = ["add_parsers"]

#: How long a claim may take, at small sizes and at those of real layers.
SECONDS, REAL_SECONDS = 60, 600


def add_parsers(commands):
    """Hook the commands on lectures into the subparsers of ``cnnmat``."""
    one = commands.add_parser("verify", help="a verdict on each claim of the lectures")
    one.set_defaults(run=verify)
    one.add_argument("lecture", nargs="*", metavar="LECTURE",
                     help="a lecture that ships (all by default), or the path of your own")
    one.add_argument("--claim", action="append", metavar="ID", help="only this claim; repeatable")
    one.add_argument("--json", metavar="FILE", help="write the report as JSON")
    one.add_argument("--junit", metavar="FILE", help="write the report as JUnit XML")
    one.add_argument("--html", metavar="FILE", help="write the report as one HTML page")
    one.add_argument("--jobs", type=_jobs, default=1, metavar="N",
                     help="processes to run claims in (-1: all cores)")
    one.add_argument("--dask", metavar="ADDRESS", help="run claims on the Dask cluster there")
    one.add_argument("--timeout", type=_seconds, metavar="SECONDS",
                     help=f"for one claim (default {SECONDS}; {REAL_SECONDS} at real sizes)")
    one.add_argument("--real-sizes", action="store_true",
                     help="the claims at the sizes of real layers, instead of the small ones")
    one.add_argument("--slips", action="store_true",
                     help="also generate slips, and list the claims that tell none of them apart")
    one.add_argument("--quiet", action="store_true", help="print the summary only")

    one = commands.add_parser("show", help="one claim in full, with its matrices")
    one.set_defaults(run=show)
    one.add_argument("id", metavar="ID", help="the number of the claim, such as 47.1257")
    one.add_argument("lecture", nargs="*", metavar="LECTURE")

    one = commands.add_parser("errata", help="the misprints as a Markdown list")
    one.set_defaults(run=errata)
    one.add_argument("lecture", nargs="*", metavar="LECTURE")
    one.add_argument("--jobs", type=_jobs, default=1, metavar="N")

    one = commands.add_parser("new", help="write a lecture of your own to start from")
    one.set_defaults(run=new)
    one.add_argument("file", metavar="FILE", help="a path that ends in .py and does not exist yet")


def _jobs(text):
    jobs = int(text) if text.removeprefix("-").isdigit() else 0
    if jobs == 0 or jobs < -1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, or -1 for all cores, "
                                         f"got {text}")
    return jobs


def _seconds(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= 10**6:
        raise argparse.ArgumentTypeError(f"must be a number of seconds up to 10^6, got {text}")
    return seconds


def verify(args):
    """``cnnmat verify``."""
    from cnnmat.verify import report

    check_summary(report.summary, status)
    for path in filter(None, (args.json, args.junit, args.html)):
        if not Path(path).parent.is_dir() or Path(path).is_dir():
            raise Usage(f"FILE must be a file in a folder that exists, got {path!r}")
    if args.html:
        html()
    seconds = args.timeout or (REAL_SECONDS if args.real_sizes else SECONDS)
    with Workers(cores(args.jobs), seconds) as workers:
        chosen = choose(args.lecture, workers)
        lectures = chosen.lectures
        titles = {one.slug: one.title for one in lectures}
        claims = select(lectures, args.claim, args.real_sizes)
        results = []
        with report.Terminal(len(claims), args.quiet) as terminal:
            for result in run_all(chosen, claims, workers, args.dask,
                                  slips=args.slips):
                results.append(result)
                terminal.row(result, titles[result.claim.lecture])
    check_complete(claims, results)
    terminal.close(results)
    if args.json:
        report.write_json(args.json, lectures, results)
    if args.junit:
        report.write_junit(args.junit, lectures, results)
    if args.html:
        html().write_html(args.html, lectures, results)
    _tell(chosen.failed)
    return status(results, chosen.failed)


def status(results, failed=()):
    """The exit status: 0 all as expected, 1 not so, 2 a file from which no lecture could be had."""
    if failed:
        return 2
    return 0 if all(r.as_expected for r in results) else 1


def _tell(failed):
    for why in failed:
        print(f"cnnmat: {why}", file=sys.stderr)


def html():
    """The module that writes HTML, if what it needs is installed."""
    try:
        import jinja2  # noqa: F401
        import latex2mathml  # noqa: F401
    except ImportError as error:
        raise Usage(f"--html needs {error.name}: pip install 'cnnmat[report]'") from error
    from cnnmat.verify import html

    return html


def errata(args):
    """``cnnmat errata``."""
    from cnnmat.verify import report

    with Workers(cores(args.jobs), SECONDS) as workers:
        chosen = choose(args.lecture, workers)
        results = list(run_all(chosen, select(chosen.lectures, None), workers))
    print(report.errata(chosen.lectures, results))
    _tell(chosen.failed)
    return status(results, chosen.failed)


def new(args):
    """``cnnmat new``."""
    path = Path(args.file)
    if path.suffix != ".py":
        raise Usage(f"FILE must end in .py, got {args.file!r}")
    slug = re.sub(r"[^a-z0-9_-]", "-", path.stem.lower())
    text = resources.files("cnnmat.verify").joinpath("lecture.py.txt").read_text(encoding="utf-8")
    # "x" so that a file of the user's is never overwritten
    with path.open("x", encoding="utf-8") as file:
        file.write(text.replace("SLUG", slug))
    print(f"{path} written; try: cnnmat verify {path}")
    return 0


def show(args):
    """``cnnmat show``."""
    from cnnmat.verify import report

    with Workers(1, REAL_SECONDS) as workers:
        chosen = choose(args.lecture, workers)
        results = list(run_all(chosen, select(chosen.lectures, [args.id]), workers, slips=True))
    print("\n\n".join(report.describe(r) for r in results))
    _tell(chosen.failed)
    return status(results, chosen.failed)
