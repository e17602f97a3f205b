"""The commands ``cnnmat errata`` and ``site``: what was found, for others to read."""

import argparse
import contextlib
import os

from cnnmat import folders
from cnnmat.arguments import Usage
from cnnmat.texts import printable
from cnnmat.verify.calls import SECONDS, html, jobs, shown, status, tell, with_remarks
from cnnmat.verify.completing import completed, lectures
from cnnmat.verify.errata import FORMATS
from cnnmat.verify.errata import errata as listed
from cnnmat.verify.isolation import Workers
from cnnmat.verify.loading import choose, select
from cnnmat.verify.running import cores, run_all
from cnnmat.verify.selftest import check_complete

__all__ = ["add_parsers"]


def add_parsers(commands):
    """Hook the commands into the subparsers of ``cnnmat``."""
    one = commands.add_parser(
        "errata", help="the misprints as a list for the author",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  cnnmat errata lec14\n  cnnmat errata --format mail lec14\n"
               "  cnnmat errata --format latex lec14 > errata.tex")
    one.set_defaults(run=errata)
    completed(one.add_argument("lecture", nargs="*", metavar="LECTURE"), lectures)
    one.add_argument("--format", choices=FORMATS, default="markdown",
                     help="how the list is written (markdown by default)")
    one.add_argument("--jobs", type=jobs, default=1, metavar="N")

    one = commands.add_parser(
        "site", help="the report as a folder of pages for a web host, one for each line",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  cnnmat site public lec14\n\n"
               "What was made there before is made anew; a folder with other files in it is "
               "refused.")
    one.set_defaults(run=site)
    one.add_argument("folder", metavar="DIR", help="a folder that is new, empty, or such a site")
    completed(one.add_argument("lecture", nargs="*", metavar="LECTURE"), lectures)
    one.add_argument("--jobs", type=jobs, default=1, metavar="N")


def errata(args):
    """``cnnmat errata``."""
    with Workers(cores(args.jobs), SECONDS) as workers:
        chosen = choose(args.lecture, workers)
        results = list(run_all(chosen, select(chosen.lectures, None), workers))
    print(printable(listed(chosen.lectures, results, args.format)))
    tell(chosen.failed)
    return status(results, chosen.failed)


def site(args):
    """``cnnmat site``."""
    html("site")
    from cnnmat.verify.site import write_site

    # a lecture may change the working folder
    folder = os.path.abspath(args.folder)
    with _refused():
        folders.check("DIR", folder)
    with Workers(cores(args.jobs), SECONDS) as workers:
        chosen = choose(args.lecture, workers)
        claims = select(chosen.lectures, None)
        coming = with_remarks(chosen.lectures, run_all(chosen, claims, workers))
        results = shown(chosen, coming, len(claims), quiet=True)
    check_complete(claims, [r for r in results if r.verdict != "read"])
    with _refused():
        write_site(folder, chosen.lectures, results)
    print(printable(f"{args.folder} written; its first page: "
                    f"{os.path.join(args.folder, 'index.html')}"))
    tell(chosen.failed)
    return status(results, chosen.failed)


@contextlib.contextmanager
def _refused():
    try:
        yield
    except ValueError as error:
        raise Usage(str(error)) from error
