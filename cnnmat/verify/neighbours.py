"""Which lines a line goes on from, and which go on from it: by the numbers that they name."""

from __future__ import annotations

import re
from functools import cache

from cnnmat.verify.claims import Lecture
from cnnmat.verify.lookup import named

__all__ = ["neighbours"]

#: "(47.1210)"; "(3)", in words, of a line eq3; what a letter or a slash tells from a number, as in
#: s84a or 47.1257/size; and "slides 103, 111 and 115". A bare number is a number.
_NUMBER = re.compile(r"\((\d+\.\d+\w*)\)")
_EQUATION = re.compile(r"\((\d+[a-z]?)\)")
_ID = re.compile(r"(?<![\w.])(?=[\w.]*\d)[\w.]*\w(?:/[\w-]+)*")
_SLIDES = re.compile(r"\bslides? (\d+(?:(?:, | and | to )\d+)*)")


def neighbours(lecture: Lecture) -> dict[str, dict[str, list[str]]]:
    """For each claim the ids of those that it ``uses``, and of those that it is ``used`` by.

    A claim uses what its title, its reason, what it covers, assumes and cites, and its formulas
    name; a number that no claim has by itself stands for all that go on from it.

    Examples
    --------
    >>> from cnnmat.derivations.sayed import lecture
    >>> found = neighbours(lecture)["47.1275/V-size"]
    >>> found["uses"][0], "47.1275/V-ones" in found["uses"]
    ('47.1257', False)
    """
    @cache
    def numbered(number):
        if number in lecture.claims:
            return (number,)
        return tuple(claim.id for claim in named(f"({number})", [lecture]))

    uses = {id: _named_in(claim, lecture.claims, numbered) for id, claim in lecture.claims.items()}
    used: dict[str, list[str]] = {id: [] for id in uses}
    for id, others in uses.items():
        for other in others:
            used[other].append(id)
    return {id: {"uses": uses[id], "used": used[id]} for id in uses}


def _named_in(claim, ids, numbered):
    words = "\n".join([claim.title, claim.reason, claim.covers, *claim.assumes.values(),
                       *claim.cites.values()])
    text = "\n".join([words, claim.formula, claim.rewritten, claim.corrected_formula])
    numbers = [*_NUMBER.findall(text),
               *(n for run in _SLIDES.findall(text) for n in re.findall(r"\d+", run))]
    found = [one for one in _ID.findall(text) if one in ids and not _plain(one)]
    found += [f"eq{n}" for n in _EQUATION.findall(words) if f"eq{n}" in ids]
    found += [id for number in numbers for id in numbered(number)]
    return [id for id in dict.fromkeys(found) if id != claim.id]


def _plain(id):
    """Whether an id is a number as formulas have them too."""
    return re.fullmatch(r"[\d.]+", id) is not None
