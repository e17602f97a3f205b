"""The commands ``cnnmat show``, ``list`` and ``search``: a line is looked up."""

import argparse
import sys
from pathlib import Path

from cnnmat.arguments import Usage
from cnnmat.texts import one_line, printable
from cnnmat.verify import completing
from cnnmat.verify.claims import VERDICTS
from cnnmat.verify.completing import completed
from cnnmat.verify.isolation import Workers
from cnnmat.verify.loading import choose, every, hint, select, ships
from cnnmat.verify.lookup import named, nearest, search
from cnnmat.verify.running import run_all

__all__ = ["add_parsers"]

#: So many claims are named where one is asked for and several would do.
MOST = 8
#: How long a claim may take, those at the sizes of real layers among them.
SECONDS = 600


def add_parsers(commands):
    """Hook the commands into the subparsers of ``cnnmat``."""
    one = commands.add_parser(
        "show", help="one claim in full, with its matrices",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  cnnmat show 47.1257\n  cnnmat show '(47.1257)' sayed\n"
               "  cnnmat show slide 84\n  cnnmat show --tex 47.1262")
    one.set_defaults(run=show)
    one.add_argument("--tex", action="store_true", help="formulas in LaTeX")
    one.add_argument("--full", action="store_true",
                     help="every case that was compared, not the smallest only")
    completed(one.add_argument(
        "id", nargs="+", metavar="ID",
        help="the number of the claim, such as 47.1257, or words that only it has; a lecture, or "
             "the path of your own, may stand before it or behind"), completing.claims)

    one = commands.add_parser(
        "list", help="the claims, with the verdict that their file expects",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  cnnmat list --verdict misprint sayed")
    one.set_defaults(run=list_claims)
    completed(one.add_argument("lecture", nargs="*", metavar="LECTURE"), completing.lectures)
    one.add_argument("--verdict", choices=VERDICTS, help="only those with this verdict")

    one = commands.add_parser(
        "search", help="claims by number, title, formula or reason",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  cnnmat search upv\n  cnnmat search sayed transposed partition\n"
               "  cnnmat search \"V^(d,d',c+1)\"")
    one.set_defaults(run=search_claims)
    completed(one.add_argument("words", nargs="+", metavar="WORDS"), completing.lectures)


def show(args):
    """``cnnmat show``."""
    from cnnmat.verify import report

    query, names = divided(args.id)
    with Workers(1, SECONDS) as workers:
        chosen = choose(names, workers)
        claims = select(chosen.lectures, asked_for(query, chosen.lectures))
        results = list(run_all(chosen, claims, workers, slips=True))
    print(printable("\n\n".join(report.describe(r, tex=args.tex, full=args.full) for r in results)))
    for why in chosen.failed:
        print(f"cnnmat: {printable(why)}", file=sys.stderr)
    return 2 if chosen.failed else int(not all(r.as_expected for r in results))


def list_claims(args):
    """``cnnmat list``."""
    with Workers(1, SECONDS) as workers:
        lectures = choose(args.lecture, workers).lectures
    claims = [c for one in lectures for c in one.claims.values()
              if args.verdict in (None, c.expect)]
    if not claims:
        raise Usage(f"LECTURE must hold claims that are expected to be {args.verdict}, "
                    "found none")
    _printed(claims)
    return 0


def search_claims(args):
    """``cnnmat search``."""
    query, names = divided(args.words)
    with Workers(1, SECONDS) as workers:
        lectures = choose(names, workers).lectures
    found = search(query, lectures)
    if not found:
        raise Usage(f"WORDS must all be in a title, a formula or a reason, found no claim with "
                    f"{query!r}{_near(query, lectures)}")
    _printed(found)
    return 0


def _printed(claims):
    for one in claims:
        print(printable(f"{one.lecture:<10} {one_line(one.id):<20} {one.expect:<9} "
                        f"{one_line(one.title)}"))


def divided(words):
    """(what is looked for, the lectures to look in) of words in any order.

    Examples
    --------
    >>> divided(["sayed", "(47.1257)"])
    ('(47.1257)', ['sayed'])
    """
    lectures = [word for word in words
                if ships(word) or Path(word).suffix in (".py", ".tex", ".md")]
    return " ".join(word for word in words if word not in lectures), lectures


def asked_for(query, lectures):
    """The ids of the claims that a query asks to be shown.

    Raises
    ------
    Usage
        If there is none, or there are several; with what to type instead.
    """
    claims = [c for one in lectures for c in one.claims.values()]
    if any(c.id == query for c in claims):
        return [query]
    found = named(query, lectures)[:1] or search(query, lectures)
    if len(found) == 1:
        return [found[0].id]
    if not found:
        slugs = ", ".join(one.slug for one in lectures)
        near = hint(query, {c.id for c in claims}) or _near(query, lectures)
        raise Usage(f"ID must be the number of a claim of {slugs}, or words of one, "
                    f"got {query!r}{near}")
    shown = "".join(f"\n  cnnmat show {c.lecture} {c.id:<16} {one_line(c.title)}"
                    for c in found[:MOST])
    rest = f"\n  and {len(found) - MOST} more: cnnmat search {query}" if len(found) > MOST else ""
    raise Usage(f"ID must stand for one claim, {query!r} is in {len(found)}:{shown}{rest}")


def _near(query, lectures):
    """What is near a query that finds nothing, as a hint; or where else there is what it names."""
    elsewhere = search(query, every([])) if query.strip() else []
    if elsewhere:
        return f"; {elsewhere[0].lecture} has it"
    said, found = nearest(query, lectures)
    return said and f"; {said} there is " + ", ".join(
        f"{c.lecture} {c.id} ({one_line(c.title)})" for c in found[:3])
