"""What the commands that run lectures have in common."""

import argparse
import math
import re
import sys

from cnnmat.arguments import Usage
from cnnmat.texts import printable
from cnnmat.verify.judge import remarked

__all__ = ["REAL_SECONDS", "SECONDS", "html", "jobs", "seconds", "shown", "status", "tell",
           "with_remarks"]

#: How long a claim may take, at small sizes and at those of real layers.
SECONDS, REAL_SECONDS = 60, 600


def jobs(text):
    """A number of processes on the command line."""
    # more digits than any machine has cores for
    count = int(text) if re.fullmatch("-?[0-9]{1,4}", text) else 0
    if count == 0 or count < -1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, or -1 for all cores, "
                                         f"got {text}")
    return count


def seconds(text):
    """A number of seconds on the command line."""
    try:
        count = float(text)
    except ValueError:
        count = math.nan
    if not 0 < count <= 10**6:
        raise argparse.ArgumentTypeError(f"must be a number of seconds up to 10^6, got {text}")
    return count


def with_remarks(lectures, results):
    """The results, and behind those of each lecture what of it can only be read."""
    waiting = list(lectures)
    for result in results:
        while waiting[0].slug != result.claim.lecture:
            yield from remarked(waiting.pop(0))
        yield result
    for lecture in waiting:
        yield from remarked(lecture)


def shown(chosen, coming, count, quiet):
    """The results that are coming, each shown as it comes, and the summary."""
    from cnnmat.verify import report

    titles = {one.slug: one.title for one in chosen.lectures}
    results = []
    with report.Terminal(count, quiet) as terminal:
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


def tell(failed):
    """Say what there is to say of files from which no lecture could be had."""
    for why in failed:
        print(f"cnnmat: {printable(why)}", file=sys.stderr)


def html(what):
    """The module that writes HTML, if what it needs is installed; `what` asks for it."""
    try:
        import jinja2  # noqa: F401
        import latex2mathml  # noqa: F401
    except ImportError as error:
        raise Usage(f"{what} needs {error.name}: pip install 'cnnmat[report]'") from error
    from cnnmat.verify import html

    return html
