"""A verdict in words, before all that it rests on."""

from __future__ import annotations

import difflib
import re
from typing import Any

from cnnmat.texts import one_line
from cnnmat.verify.judge import Result
from cnnmat.verify.lookup import readable
from cnnmat.verify.report import conditions, setting

__all__ = ["VERDICTS", "changed", "told"]

#: The first words about a line.
VERDICTS = {
    "holds": "Holds.", "misprint": "Misprinted.", "ambiguous": "Can be read two ways.",
    "scan": "The scanner slipped.", "read": "Read, not run.", "defines": "Defines a symbol.",
    "not run": "Not run.", "fails": "Fails.", "error": "Could not be run.",
}
#: A symbol with all its scripts, or one sign; a longer difference is seen, not said.
_SYMBOL = re.compile(
    r"\s+|[^\s()⊗⊙=≜,_^]+(?:[_^](?:\((?:[^()]|\([^()]*\))*\)|\{[^{}]*\}|[^\s()_^,]+))*|.",
    re.DOTALL)
LONGEST = 40


def changed(printed: str, corrected: str) -> str:
    """What a correction changes, as a sentence; "" where it is more than one thing.

    Examples
    --------
    >>> changed(r"I\\otimes\\mathbb{1}_{S_c}", r"I\\otimes\\mathbb{1}_{S_{c+1}}")
    '𝟙_(S_c) must be 𝟙_(S_(c+1)).'
    >>> changed("a+b", "a+2b"), changed("a", "a+b+c"), changed("2a + b", "a + 3b")
    ('b must be 2b.', '+ b + c is missing.', '')
    """
    left, right = (_SYMBOL.findall(readable(one)) for one in (printed, corrected))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    places = [(a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    if len(places) != 1:
        return ""
    a, b, c, d = places[0]
    was, must = "".join(left[a:b]).strip(" /|"), "".join(right[c:d]).strip(" /|")
    if max(len(was), len(must)) > LONGEST or not (_whole(was) and _whole(must)):
        return ""
    if was and must:
        return f"{was} must be {must}."
    return f"{must} is missing." if must else f"{was} does not belong there."


def _whole(text: str) -> bool:
    return all(text.count(a) == text.count(b) for a, b in ("()", "{}", "[]"))


def told(result: Result) -> str:
    """What there is to say behind the first words: what to change, and why."""
    claim = result.claim
    parts = []
    if result.verdict in ("misprint", "scan") and claim.corrected_formula:
        parts.append(changed(claim.formula, claim.corrected_formula))
    if claim.assumes:
        parts.append(_sentence(f"It holds if {conditions(claim)}"))
    parts.append(_sentence(claim.reason))
    if result.verdict == "holds" and result.evidence and not any(parts):
        parts.append(_sentence(_shown(result.evidence)))
    return " ".join(filter(None, parts))


def _shown(evidence: list[dict[str, Any]]) -> str:
    """What is covered by the proof for all sizes, or at the smallest of the shapes tried."""
    one = next((one for one in evidence if "form" in one), evidence[0])
    shapes = setting(one["shapes"]).removesuffix("; ")
    more = f", and {len(evidence) - 1} more" if len(evidence) > 1 else ""
    return f"shown for {one['covers']}" + (f" ({shapes}{more})" if shapes else "")


def _sentence(text: str) -> str:
    text = one_line(text).strip()
    return text and text[0].upper() + text[1:] + "." * (text[-1] not in ".?!")
