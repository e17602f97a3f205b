"""The commands ``cnnmat verify``, ``show``, ``errata`` and ``new``."""

import argparse
import os
import re
import sys
from importlib import resources
from pathlib import Path

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.texts import printable
from cnnmat.verify.judge import run
from cnnmat.verify.loading import chosen, select
from cnnmat.verify.running import run_all

__all__ = ["add_parsers"]


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
    one.add_argument("--real-sizes", action="store_true",
                     help="the claims at the sizes of real layers, instead of the small ones")
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
    # more digits than any machine has cores for
    jobs = int(text) if re.fullmatch("-?[0-9]{1,4}", text) else 0
    if jobs == 0 or jobs < -1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, or -1 for all cores, "
                                         f"got {text}")
    return jobs


def verify(args):
    """``cnnmat verify``."""
    from cnnmat.verify import report

    writers = _writers(args)
    sources, lectures = chosen(args.lecture)
    titles = {one.slug: one.title for one in lectures}
    claims = select(lectures, args.claim, args.real_sizes)
    results = []
    with report.Terminal(len(claims), args.quiet) as terminal:
        for result in run_all(sources, lectures, claims, args.jobs, args.dask):
            results.append(result)
            terminal.row(result, titles[result.claim.lecture])
    terminal.close(results)
    written = [_written(path, write, lectures, results) for path, write in writers]
    if not all(written):
        return 2
    return 0 if all(r.as_expected for r in results) else 1


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

    sources, lectures = chosen(args.lecture)
    results = list(run_all(sources, lectures, select(lectures, None), args.jobs))
    print(printable(report.errata(lectures, results)))
    return 0 if all(r.as_expected for r in results) else 1


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


def show(args):
    """``cnnmat show``."""
    from cnnmat.verify import report

    _, lectures = chosen(args.lecture)
    results = [run(claim) for claim in select(lectures, [args.id])]
    print(printable("\n\n".join(report.describe(r) for r in results)))
    return 0 if all(r.as_expected for r in results) else 1
