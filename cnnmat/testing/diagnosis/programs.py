"""Which functions compute a right answer, and the answer with a line of one of them changed."""

import gc
import sys
from contextlib import contextmanager
from fractions import Fraction
from types import CodeType, FunctionType, NoneType

import numpy as np

from cnnmat.testing.diagnosis.rewriting import slips_of

__all__ = []

#: Where formulas stand; what handles cases and layouts is none.
FORMULAS = ("cnnmat.loops.", "cnnmat.testing.truth", "cnnmat.testing.diagnosis.")
#: Modules among them that only call formulas.
CALLING = ("cnnmat.testing.diagnosis.recipes", "cnnmat.testing.diagnosis.general",
           "cnnmat.testing.diagnosis.programs")
#: Functions that only move data about.
HANDLING = {"entry", "shape_of", "build", "cells", "exact", "bank_of", "bank", "compute", "place",
            "activation"}


def functions_of(run):
    """{function: ((name, its kind), ...)} of what a call goes through, in the order of entry."""
    kinds, before = {}, sys.getprofile()

    def look(frame, event, _):
        if event in ("call", "return"):
            found = kinds.setdefault(frame.f_code, {})
            for name, value in frame.f_locals.items():
                found.setdefault(name, _kind(value))

    sys.setprofile(look)
    try:
        run()
    finally:
        sys.setprofile(before if callable(before) else None)
    return {f: tuple(sorted(_with_nested(code, kinds).items()))
            for code, f in _of_codes(kinds).items() if f.__module__.startswith(FORMULAS)
            and f.__module__ not in CALLING and f.__name__ not in HANDLING and not _keeps(f)}


def _keeps(function):
    """Whether results are kept beside a function: those of a slip would be there for good."""
    return any(hasattr(one, "cache_clear") and one.__module__ == function.__module__
               for one in function.__globals__.values())


def _kind(value):
    """What a value may be taken for."""
    if isinstance(value, bool | str | NoneType):
        return "choice"
    if isinstance(value, int | float | Fraction | np.number):
        return "number"
    if isinstance(value, list | np.ndarray):
        return "array"
    return type(value).__name__


def _with_nested(code, kinds):
    """The kinds of the names of a function and of those inside it."""
    found = {}
    for one in code.co_consts:
        if isinstance(one, CodeType):
            found |= _with_nested(one, kinds)
    return found | {k: v for k, v in kinds.get(code, {}).items()
                    if v not in ("function", "builtin_function_or_method", "module")}


def _of_codes(codes):
    owners = {}
    for one in gc.get_referrers(*codes) if codes else ():
        if isinstance(one, FunctionType) and one.__code__ in codes:
            owners.setdefault(one.__code__, one)
    return {code: owners[code] for code in codes if code in owners}


def slips(run, but=()):
    """The slips in the functions that a call goes through, those that are near first."""
    found = [slip for function, kinds in functions_of(run).items() if function not in but
             for slip in slips_of(function, kinds)]
    return sorted(found, key=lambda slip: slip.weight)


@contextmanager
def made(slip):
    """Within it, one function has the slip in it."""
    if slip is None:
        yield
        return
    function = slip.text.function
    right = function.__code__
    function.__code__ = slip.code()
    try:
        yield
    finally:
        function.__code__ = right
