"""The commands ``cnnmat verify``, ``new`` and ``bind``."""

import argparse
import os
import re
import shlex
import sys
from functools import partial
from importlib import resources
from pathlib import Path

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.texts import printable
from cnnmat.verify import catalogue, completing, publishing
from cnnmat.verify.calls import (
    REAL_SECONDS,
    SECONDS,
    html,
    jobs,
    seconds,
    shown,
    status,
    tell,
    with_remarks,
)
from cnnmat.verify.claims import Refusal
from cnnmat.verify.completing import completed
from cnnmat.verify.coq import exporting
from cnnmat.verify.documents import lecturing, marking, proposing
from cnnmat.verify.isolation import Workers
from cnnmat.verify.loading import DOCUMENTS, choose, select
from cnnmat.verify.running import cores, run_all
from cnnmat.verify.selftest import check_complete, check_summary
from cnnmat.verify.walk import command as walking

__all__ = ["add_parsers"]

EXAMPLES = """examples:
  cnnmat verify sayed --claim 47.1257          one line of a lecture that ships
  cnnmat verify lecture.tex                    your own: what %@ comments do not say of its
  cnnmat bind lecture.tex                      symbols is listed, and proposed here
  cnnmat verify lecture.md --annotate copy.md  each verdict above its equation
  cnnmat verify lecture.tex --sarif out.sarif  for editors and code hosts"""


def add_parsers(commands):
    """Hook the commands on lectures into the subparsers of ``cnnmat``."""
    one = commands.add_parser(
        "verify", help="a verdict on each claim of the lectures", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    one.set_defaults(run=verify)
    completed(one.add_argument(
        "lecture", nargs="*", metavar="LECTURE",
        help="a lecture that ships (all by default), or the path of your own: .tex, .md or .py"),
        completing.lectures)
    completed(one.add_argument("--claim", action="append", metavar="ID",
                               help="only this claim; repeatable"), completing.claims)
    one.add_argument("--json", metavar="FILE", help="write the report as JSON")
    one.add_argument("--junit", metavar="FILE", help="write the report as JUnit XML")
    one.add_argument("--html", metavar="FILE", help="write the report as one HTML page")
    one.add_argument("--sarif", metavar="FILE",
                     help="write what editors and code hosts show at its line (SARIF 2.1.0)")
    one.add_argument("--annotate", metavar="FILE",
                     help="write the .tex or .md with each verdict above its equation")
    one.add_argument("--jobs", type=jobs, default=1, metavar="N",
                     help="processes to run claims in (-1: all cores)")
    one.add_argument("--dask", metavar="ADDRESS", help="run claims on the Dask cluster there")
    one.add_argument("--timeout", type=seconds, metavar="SECONDS",
                     help=f"for one claim (default {SECONDS}; {REAL_SECONDS} at real sizes)")
    one.add_argument("--real-sizes", action="store_true",
                     help="the claims at the sizes of real layers, instead of the small ones")
    one.add_argument("--slips", action="store_true",
                     help="also generate slips, and list the claims that tell none of them apart")
    one.add_argument("--quiet", action="store_true", help="print the summary only")

    catalogue.add_parsers(commands)

    publishing.add_parsers(commands)
    exporting.add_parser(commands)
    walking.add_parser(commands)

    one = commands.add_parser(
        "new", help="write a lecture of your own to start from",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  cnnmat new my_lecture.py\n  cnnmat new lecture.tex\n"
               "  cnnmat new lecture.md")
    one.set_defaults(run=new)
    one.add_argument("file", metavar="FILE",
                     help="a path that ends in .py, .tex or .md and does not exist yet")

    one = commands.add_parser(
        "bind", help="propose what a lecture in LaTeX or Markdown should say of its symbols",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  cnnmat bind lecture.tex")
    one.set_defaults(run=bind)
    completed(one.add_argument("file", metavar="FILE", help="a lecture that ends in .tex or .md"),
              completing.documents)


def verify(args):
    """``cnnmat verify``."""
    from cnnmat.verify import report

    writers = _writers(args)
    check_summary(report.summary, status)
    limit = args.timeout or (REAL_SECONDS if args.real_sizes else SECONDS)
    with Workers(cores(args.jobs), limit) as workers:
        chosen = choose(args.lecture, workers)
        claims = select(chosen.lectures, args.claim, args.real_sizes)
        coming = run_all(chosen, claims, workers, args.dask, slips=args.slips)
        if not (args.claim or args.real_sizes):
            coming = with_remarks(chosen.lectures, coming)
        results = shown(chosen, coming, len(claims), args.quiet)
    check_complete(claims, [r for r in results if r.verdict != "read"])
    written = [_written(path, write, chosen.lectures, results) for path, write in writers]
    _list_unbound(chosen, results, args.quiet)
    tell(chosen.failed)
    return status(results, chosen.failed) if all(written) else 2


def _list_unbound(chosen, results, quiet):
    """Tell of lectures in LaTeX and Markdown which symbols wait for being bound; one of which
    nothing could be run is a failure."""
    for slug, source in chosen.sources.items():
        verdicts = {r.verdict for r in results if r.claim.lecture == slug}
        if Path(source).suffix not in DOCUMENTS or "not run" not in verdicts:
            continue
        lines = proposing.listing(lecturing.read(source))
        if lines and not quiet:
            print(printable("\n".join(["", f"{source}: symbols of which nothing is said; lines to "
                                           "paste, once they are right:", *lines])))
        if verdicts <= {"not run", "read"}:
            chosen.failed.append(f"{source}: no equation could be run; what its symbols are is not "
                                 f"said: cnnmat bind {source}")


def _writers(args):
    """(path, what writes a report there); what cannot be written is said before the run."""
    from cnnmat.verify import report

    asked = [(args.json, report.write_json), (args.junit, report.write_junit),
             (args.sarif, marking.write_sarif)]
    if args.annotate is not None:
        asked.append((args.annotate, partial(marking.write_annotated, _document(args))))
    if args.html is not None:
        asked.append((args.html, html("--html").write_html))
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


def _document(args):
    """The one lecture in LaTeX or Markdown that a call names, which is not to be written over."""
    if len(args.lecture) != 1 or Path(args.lecture[0]).suffix not in DOCUMENTS:
        raise Usage("--annotate needs one LECTURE in LaTeX or Markdown, got "
                    f"{', '.join(args.lecture) or 'none'}")
    source = args.lecture[0]
    if os.path.realpath(source) == os.path.realpath(args.annotate):
        raise Usage(f"FILE must be another one than the lecture, got {args.annotate!r}")
    return source


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


def bind(args):
    """``cnnmat bind``."""
    path = Path(args.file)
    if path.suffix not in DOCUMENTS or not path.is_file():
        raise Usage(f"FILE must be a lecture in LaTeX or Markdown (.tex, .md) that exists, got "
                    f"{args.file!r}; cnnmat new {shlex.quote(path.stem)}.tex writes one")
    try:
        lines = proposing.listing(lecturing.read(args.file))
    except Refusal as error:
        raise Usage(str(error)) from error
    print(printable("\n".join(lines) or "every symbol is bound"))
    return 0


def new(args):
    """``cnnmat new``."""
    path = Path(args.file)
    if path.suffix not in (".py", *DOCUMENTS):
        raise Usage(f"FILE must end in .py, .tex or .md, got {args.file!r}")
    if not path.parent.is_dir():
        raise Usage(f"FILE must be in a folder that exists, got {args.file!r}; first: "
                    f"{shlex.join(['mkdir', '-p', str(path.parent)])}")
    slug = re.sub(r"[^a-z0-9_-]", "-", path.stem.lower())
    name = f"lecture{path.suffix}.txt"
    text = resources.files("cnnmat.verify").joinpath(name).read_text(encoding="utf-8")
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
