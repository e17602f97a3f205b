"""Lines of which the verdict is known, which the judge must come to before it is believed.

Each false line is false in a way of its own, so that a judge that is lenient in one way lets one
through.  ``cnnmat verify`` runs them first, in every process that judges.
"""

from cnnmat.verify.falsehoods import lines
from cnnmat.verify.guard import Guard
from cnnmat.verify.judge import Result, run

__all__ = ["Unsound", "check_complete", "check_judge", "check_summary"]


class Unsound(Exception):
    """The judge has come to a wrong verdict on a line of which the verdict is known."""


def check_judge():
    """Run all lines.

    Raises
    ------
    Unsound
        With the name of the first line that is judged wrongly.
    """
    guard = Guard()
    for claim, known, message, covers in lines():
        found = run(claim, guard=guard)
        right = (found.verdict == known and message in found.message
                 and (not covers or covers in found.evidence[0]["covers"])
                 and found.as_expected == (known == claim.expect)
                 and (found.counterexample is None) == (known in ("holds", "error")))
        if not right:
            raise Unsound(f"the line {claim.id!r} must come out as {known}, got {found.verdict}"
                          f" ({found.message or 'no message'})")


def check_complete(claims, results):
    """See that every claim has its result.

    Raises
    ------
    Unsound
        If one is missing, or is another's.
    """
    if [c.id for c in claims] != [r.claim.id for r in results]:
        raise Unsound(f"{len(claims)} claims must have a result each, got {len(results)} results")


def check_summary(summary, status):
    """Count results of every verdict, expected and not, and see the exit status.

    Raises
    ------
    Unsound
        If what is not as expected is not counted, or leaves the exit status 0.
    """
    results = [Result(claim, known, [], {}) for claim, known, *_ in lines()]
    odd = [r for r in results if r.verdict != r.claim.expect]
    good = [r for r in results if r.verdict == r.claim.expect]
    counted = summary(results)
    if (counted["claims"], counted["unexpected"]) != (len(results), len(odd)):
        raise Unsound(f"{len(odd)} of {len(results)} lines are not as expected, counted "
                      f"{counted['unexpected']} of {counted['claims']}")
    for one in odd:
        if status([*good, one]) != 1:
            raise Unsound(f"the line {one.claim.id!r} must make the exit status 1")
    if status(good) != 0 or status(good, failed=["a file"]) != 2:
        raise Unsound("the exit status must be 0 where all is as expected, 2 without a lecture")
