"""A call as it is computed, in one of several ways, with something changed in it."""

import warnings
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from cnnmat.testing.comparing import Truth
from cnnmat.testing.diagnosis import programs
from cnnmat.testing.diagnosis.banks import bank_of

__all__ = []


@dataclass(frozen=True, eq=False)
class Subject:
    """A call as it is computed: the contract that holds, the case, and what is changed in it.

    Attributes
    ----------
    way : callable
        (contract, case, part, output) -> `Truth` or array.
    slip : Slip or None
        A change to one of the functions that it goes through.
    """

    contract: object
    case: object
    part: str
    way: object
    slip: object = None


def by_loops(contract, case, part, output):
    """An output by the plain loops."""
    return contract.truth(case, part)[output]


def by_layer(contract, case, part, output):
    """An output by the formula of the bank."""
    bank = own_bank(contract)
    return bank.compute(bank.layer(case), output)


@lru_cache(maxsize=32)
def own_bank(contract):
    """The bank of a contract, made once."""
    return bank_of(contract)


def compute(subject, output):
    """The `Truth` of an output, as a subject computes it."""
    # a slip may write into what it is to read
    case = replace(subject.case, settings=deepcopy(subject.case.settings))
    with programs.made(subject.slip), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = subject.way(subject.contract, case, subject.part, output)
    return found if isinstance(found, Truth) else Truth(np.asarray(found, dtype=float))
