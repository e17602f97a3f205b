"""Lines of which the verdict is known, which the judge must come to before it is believed.

Each false line is false in a way of its own, so that a judge that is lenient in one way lets one
through.  ``cnnmat verify`` runs them first, in every process that judges.
"""

import threading

from cnnmat.verify import falsehoods, known, letters, tricks
from cnnmat.verify.guard import Guard
from cnnmat.verify.judge import Result, run

__all__ = ["Unsound", "check_complete", "check_judge", "check_summary", "known_lines"]


class Unsound(Exception):
    """The judge has come to a wrong verdict on a line of which the verdict is known."""


def known_lines(alone=True):
    """All lines, as `Known.lines`; those on the judge's surroundings for a process `alone`."""
    return [*falsehoods.lines(), *letters.lines(), *tricks.lines(alone)]


def check_judge(alone=None):
    """Run all lines.

    Parameters
    ----------
    alone : bool, optional
        As for `Guard`.

    Raises
    ------
    Unsound
        With the name of the first line that is judged wrongly.
    """
    guard = Guard(alone)
    for claim, verdict, message, covers in known_lines(guard.alone):
        found = run(claim, guard=guard)
        right = (found.verdict == verdict and message in found.message
                 and (not covers or any(covers in one["covers"] for one in found.evidence))
                 and found.as_expected == (verdict == claim.expect)
                 and (verdict == "error"
                      or (found.counterexample is None) == (verdict == "holds")))
        if not right:
            raise Unsound(f"the line {claim.id!r} must come out as {verdict}, got {found.verdict}"
                          f" ({found.message or 'no message'})")
        if not _tells(found.counterexample or {}):
            raise Unsound(f"the line {claim.id!r} must be shown to differ, got "
                          f"{found.counterexample['text']!r}")
        if verdict == claim.expect == "misprint" and run(claim, swap=True, guard=guard).as_expected:
            raise Unsound(f"the line {claim.id!r} must not come out as {verdict} when the printed "
                          "and the corrected form are exchanged")
    _check_refusals()
    _check_threads()


def _tells(counterexample):
    """Whether the text names the entry, if there is one, and two values that are not the same."""
    if "printed" not in counterexample:
        return True
    text, cell = counterexample["text"], counterexample["entry"]
    values = counterexample["printed"], counterexample["truth"]
    return (f"entry {cell}: " in text) == bool(cell) and (
        len({*values}) == 2 and all(one in text for one in values))


def _check_refusals():
    for what, make, kind in known.refusals():
        try:
            make()
        except kind:
            continue
        raise Unsound(f"{what} must be refused")


def _check_threads():
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    try:
        if Guard().alone:
            raise Unsound("what other threads do must not be taken for the doing of a claim")
    finally:
        end.set()
        other.join()


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
    results = [Result(claim, verdict, [], {}) for claim, verdict, *_ in known_lines()]
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
