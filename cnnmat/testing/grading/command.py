"""The command ``cnnmat grade``: points for a folder of submissions, by a rubric."""

import argparse
import sys
import time
from pathlib import Path

from cnnmat.arguments import Usage
from cnnmat.texts import one_line, printable

__all__ = ["add_parser"]

EXAMPLE = """example:
  cnnmat grade submissions --rubric rubric.toml --out grades

a rubric (see cnnmat.testing.grading.rubric):
  title = "Homework 3"
  hint = "where"            # none, where, what
  refusal = 0.5             # the share that a refused call is worth
  seconds = 60              # for a submission; timeout = 5 for a call; memory = 2048 MiB

  [[check]]
  title = "Convolution"
  kind = "correlation"      # as in cnnmat check
  functions = ["conv.py:conv_forward", "conv.py:conv_backward"]
  convention = "auto"
  points = {plain = 4, stride = 3, padding = 3}       # or one number for all behaviours

SUBMISSIONS holds a folder, or a .py file, for each.  In GRADES come grades.csv, grades.json, and
for each submission NAME.html and NAME.results.json, which autograders such as Gradescope's read.
Exit status: 0 all are graded, however many points they have; 2 it could not be carried out."""


def add_parser(subparsers):
    """Hook ``grade`` into the subparsers of the command ``cnnmat``."""
    one = subparsers.add_parser(
        "grade", help="points for a folder of submissions, by a rubric", epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    one.set_defaults(run=run)
    one.add_argument("submissions", metavar="SUBMISSIONS",
                     help="a folder; with --one, a submission")
    one.add_argument("--rubric", metavar="FILE", required=True, help="what it is worth, in TOML")
    one.add_argument("--out", metavar="GRADES", default="grades", help="a folder (default grades)")
    one.add_argument("--jobs", type=_jobs, default=-1, metavar="N",
                     help="processes; -1, the default, is one a core")
    one.add_argument("--dask", metavar="ADDRESS", help="the scheduler of a Dask cluster")
    one.add_argument("--resume", action="store_true",
                     help="keep the grades of what has not changed since")
    one.add_argument("--one", action="store_true", help="SUBMISSIONS is itself one submission")
    one.add_argument("--no-pages", action="store_true", help="write no HTML")
    one.add_argument("--quiet", action="store_true", help="print the summary alone")
    return one


def _jobs(word):
    if word == "-1" or (word.isascii() and word.isdigit() and 0 < int(word) < 10**4):
        return int(word)
    raise argparse.ArgumentTypeError(f"must be a positive number or -1, got {word!r}")


def run(args):
    """Grade; return the exit status."""
    from cnnmat.testing.grading.marking import submissions, untried
    from cnnmat.testing.grading.reporting import write_all, write_one
    from cnnmat.testing.grading.rubric import read
    from cnnmat.testing.grading.running import graded

    pages = not args.no_pages and _has_jinja()
    rubric, started = read(args.rubric), time.monotonic()
    found = _one(args.submissions) if args.one else submissions(args.submissions)
    out = Path(args.out)
    (out / "records").mkdir(parents=True, exist_ok=True)
    outcomes = {}
    for outcome in graded(found, rubric, out / "records", jobs=args.jobs, dask=args.dask,
                          resume=args.resume):
        outcomes[outcome["submission"]] = outcome
        write_one(out, outcome, rubric.title, pages)
        if not args.quiet:
            print(_line(outcome, len(outcomes), len(found)))
    # in the order of the folder, whoever was done first
    ordered = [outcomes[name] for name in found]
    write_all(out, ordered)
    for behaviour in untried(rubric, ordered):
        print(f"cnnmat grade: {printable(behaviour)!r} was tried in no submission: is it one of "
              "the behaviours that cnnmat check --points shows?", file=sys.stderr)
    print(f"{len(ordered)} submissions in {time.monotonic() - started:.0f} s: "
          f"{printable(out / 'grades.csv')}")
    return 0


def _one(path):
    path = Path(path).resolve()
    if not path.exists():
        raise Usage(f"SUBMISSIONS must be a folder or a .py file, got {str(path)!r}")
    return {path.stem: path}


def _has_jinja():
    try:
        import jinja2  # noqa: F401
    except ImportError:
        print("cnnmat grade: no pages: pip install 'cnnmat[report]'", file=sys.stderr)
        return False
    return True


def _line(outcome, done, of):
    errors = "; ".join(c["error"] for c in outcome["checks"] if c["error"])
    return one_line(f"{done}/{of}  {outcome['submission']}  {outcome['score']:g} of "
                    f"{outcome['of']:g}  {errors}").rstrip()
