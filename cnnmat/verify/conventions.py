"""What a text leaves open: a line holds on a convention only if nothing speaks against it.

A claim says what it `assumes`.  Where another claim of the same lecture assumes something else
under the same name, or finds that the name can be read in two ways, the text does not settle it,
and what holds on one reading only is ambiguous.
"""

from collections.abc import Iterable

from cnnmat.verify.claims import Claim
from cnnmat.verify.judge import Result

__all__ = ["disputes", "settled"]


def disputes(claims: Iterable[Claim]) -> dict[tuple[str, str], str]:
    """For each claim, by lecture and id, on what is disputed: what other claims have.

    Examples
    --------
    >>> from cnnmat.verify import Lecture, Sides
    >>> lecture = Lecture("sums", "First steps")
    >>> for id, first in (("1", "0"), ("2", "1")):
    ...     _ = lecture.claim(id, "identity", "A sum", "s",
    ...                       assumes={"indices start at": first})(Sides)
    >>> disputes(lecture.claims.values())["sums", "2"]
    'indices start at 1 here, and 0 in claim 1'
    """
    by_name: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        for name in claim.assumes:
            by_name.setdefault((claim.lecture, name), []).append(claim)
    return {(lecture, claim.id): said for (lecture, name), those in by_name.items()
            for claim in those for said in [_against(claim, those, name)] if said}


def _against(claim, others, name):
    """What the first of `others` has against what `claim` assumes under a name; "" if none has."""
    mine = claim.assumes[name]
    for other in others:
        if other is not claim and other.expect == "ambiguous":
            return f"{name} {mine} here, which can be read two ways in claim {other.id}"
        if other.assumes[name] != mine:
            return f"{name} {mine} here, and {other.assumes[name]} in claim {other.id}"
    return ""


def settled(result: Result, disputed: dict[tuple[str, str], str]) -> Result:
    """The result, ambiguous if it holds on a convention that is `disputed`."""
    said = disputed.get((result.claim.lecture, result.claim.id))
    if said and result.verdict == "holds":
        result.verdict = "ambiguous"
        if not result.as_expected:
            result.message = f"expected {result.claim.expect}, found ambiguous: {said}"
    return result
