"""From the answers of a wrong function to the mistake that gives exactly these answers.

A diagnosis is a mistake out of a bank whose answers equal the function's on *all* inputs
that were tried; nothing is said on likeness.  Where no mistake fits, `diagnose` says which
configurations are right and which wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from cnnmat.testing.diagnosis import (
    accidents,
    behaviour,
    conditions,
    general,
    layouts,
    network,
    relations,
)
from cnnmat.testing.diagnosis.matching import explain, partly, wrong_outputs

__all__ = ["Diagnosis", "diagnose"]


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that explains what was seen.

    Attributes
    ----------
    slug : str
        Its name.
    sentence : str
        What is done and what should be, to go behind "It looks as if".
    outputs : tuple of str
        The arrays that it explains.
    when : str
        The condition under which it is made; empty where it always is.
    size : float or None
        Of a mistake that has one.
    """

    slug: str
    sentence: str
    outputs: tuple[str, ...]
    when: str = ""
    size: float | None = None


def diagnose(session):
    """(diagnoses, lines on what is right and wrong where) of a session with failures."""
    known = conditions.describe(session)
    found = [Diagnosis(*one) for one in layouts.recognise(session)]
    if not found:
        found = [Diagnosis(*one) for one in behaviour.recognise(session)]
    if not found:
        explaining, loose = explain(session)
        found = [Diagnosis(*one) for one in explaining]
        found += [Diagnosis(*one) for one in accidents.recognise(session, loose)]
        explained = {output for one in found for output in one.outputs}
        found += [Diagnosis(*one) for one in behaviour.not_cropped(session, explained)]
    if not found:
        found = [Diagnosis(*one) for one in conditions.recognise(session)]
    found += [Diagnosis(*one) for one in general.explain(session, _left(session, found))]
    if not found:
        found = [Diagnosis(*one) for one in behaviour.fall_back(session)]
    found += [Diagnosis(*one) for one in relations.recognise(
        session, _left(session, found), relations.CLOSE)]
    found += [Diagnosis(*one) for one in partly(session, _left(session, found))]
    found += [Diagnosis(*one) for one in relations.recognise(
        session, _left(session, found), relations.LOOSE)]
    found += [Diagnosis(*one) for one in network.between(session, _left(session, found))]
    return found, known


def _left(session, found):
    """The wrong outputs that nothing was said of yet."""
    explained = {output for one in found for output in one.outputs}
    return [output for output in wrong_outputs(session) if output not in explained]
