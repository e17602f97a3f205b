"""The commands ``cnnmat verify``, ``errata``, ``export`` and ``new``."""

import argparse
import math
import os
import re
import sys
from importlib import resources
from pathlib import Path

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.texts import printable
from cnnmat.verify import catalogue
from cnnmat.verify.coq import exporting
from cnnmat.verify.isolation import Workers
from cnnmat.verify.judge import remarked
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

    catalogue.add_parsers(commands)

    one = commands.add_parser("errata", help="the misprints as a Markdown list")
    one.set_defaults(run=errata)
    one.add_argument("lecture", nargs="*", metavar="LECTURE")
    one.add_argument("--jobs", type=_jobs, default=1, metavar="N")

    exporting.add_parser(commands)

    one = commands.add_parser("new", help="write a lecture of your own to start from")
    one.set_defaults(run=new)
    one.add_argument("file", metavar="FILE", help="a path that ends in .py and does not exist yet")


def _jobs(text):
    # more digits than any machine has cores for
    jobs = int(text) if re.fullmatch("-?[0-9]{1,4}", text) else 0
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

    writers = _writers(args)
    check_summary(report.summary, status)
    seconds = args.timeout or (REAL_SECONDS if args.real_sizes else SECONDS)
    with Workers(cores(args.jobs), seconds) as workers:
        chosen = choose(args.lecture, workers)
        claims = select(chosen.lectures, args.claim, args.real_sizes)
        coming = run_all(chosen, claims, workers, args.dask, slips=args.slips)
        if not (args.claim or args.real_sizes):
            coming = _with_remarks(chosen.lectures, coming)
        results = _shown(args, chosen, coming, len(claims))
    check_complete(claims, [r for r in results if r.verdict != "read"])
    written = [_written(path, write, chosen.lectures, results) for path, write in writers]
    _tell(chosen.failed)
    return status(results, chosen.failed) if all(written) else 2


def _with_remarks(lectures, results):
    """The results, and behind those of each lecture what of it can only be read."""
    waiting = list(lectures)
    for result in results:
        while waiting[0].slug != result.claim.lecture:
            yield from remarked(waiting.pop(0))
        yield result
    for lecture in waiting:
        yield from remarked(lecture)


def _shown(args, chosen, coming, count):
    """The results that are coming, each shown as it comes, and the summary."""
    from cnnmat.verify import report

    titles = {one.slug: one.title for one in chosen.lectures}
    results = []
    with report.Terminal(count, args.quiet) as terminal:
        for result in coming:
            results.append(result)
            terminal.row(result, titles[result.claim.lecture])
    terminal.close(results)
    return results


def status(results, failed=()):
    """The exit status: 0 all as expected, 1 not so, 2 a file from which no lecture could be had."""
    if failed:
        return 2
    return 0 if all(r.as_expected for r in results) else 1


def _tell(failed):
    for why in failed:
        print(f"cnnmat: {printable(why)}", file=sys.stderr)


def _writers(args):
    """(path, what writes a report there); what cannot be written is said before the run."""
    from cnnmat.verify import report

    asked = [(args.json, report.write_json), (args.junit, report.write_junit)]
    if args.html is not None:
        asked.append((args.html, html().write_html))
    # a lecture may change the working folder
    asked = [(os.path.abspath(path), path, write) for path, write in asked if path is not None]
    try:
        for _, path, _ in asked:
            files.check("FILE", path)
    except ValueError as error:
        raise Usage(str(error)) from error
    places = [os.path.realpath(place) for place, *_ in asked if not _is_stream(place)]
    if len(set(places)) < len(places):
        raise Usage("FILE must be another one for each report, got "
                    + ", ".join(path for _, path, _ in asked))
    return [(place, write) for place, _, write in asked]


def _is_stream(path):
    return os.path.exists(path) and not os.path.isfile(path)


def _written(path, write, lectures, results):
    """Whether the report could be written; the others are written all the same."""
    try:
        write(path, lectures, results)
    except OSError as error:
        print(f"cnnmat verify: {path!r} cannot be written: {error.strerror or error}",
              file=sys.stderr)
        return False
    return True


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
    print(printable(report.errata(chosen.lectures, results)))
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
        try:
            file.write(text.replace("SLUG", slug))
            file.flush()
        except OSError:
            path.unlink()
            raise
    print(f"{path} written; try: cnnmat verify {path}")
    return 0
