"""Functions of the textbook on symbolic shapes have the values of the untouched ones."""

import importlib
import inspect
import pkgutil
from functools import cached_property
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from cnnmat import textbook
from cnnmat.drawing import Drawable
from cnnmat.verify.sums.draws import SymbolicDraw
from cnnmat.verify.sums.proof import form, outside
from cnnmat.verify.sums.sizes import Coding, Outside, coding
from cnnmat.verify.sums.twin import Twin
from tests.verify.sums.test_axioms import SIZES, Small, numeric
from tests.verify.sums.textbook import CASES, REFUSED, all_things

MODULES = {one.name: importlib.import_module(f"cnnmat.textbook.{one.name}")
           for one in pkgutil.iter_modules(textbook.__path__)}


@pytest.fixture(scope="module")
def twin():
    return Twin()


def untouched(case, numbers):
    """What a case comes to in numbers."""
    m = SimpleNamespace(**MODULES, np=np)
    return case(m, all_things(numbers, m))


def symbolic(case, numbers, twin):
    """What it comes to on symbolic shapes."""
    m = SimpleNamespace(np=twin.module("numpy"), **{
        name: twin.module(one.__name__) for name, one in MODULES.items()})
    return case(m, all_things(numbers, m, SymbolicDraw(twin)))


def same(have, want, numbers):
    """Whether a symbolic result has the values of another, which may be a list of such."""
    if isinstance(want, list):
        return len(have) == len(want) and all(map(same, have, want, [numbers] * len(want)))
    want = np.asarray(want.toarray() if sparse.issparse(want) else want, dtype=float)
    have = np.asarray(numeric(have, numbers), dtype=float)
    return np.array_equal(have, want)


@pytest.mark.every(3)
@pytest.mark.parametrize("name", CASES)
def test_a_function_on_symbols_has_the_values_of_the_untouched_one(name, twin):
    for sizes in SIZES:
        numbers = Small(sizes)
        with coding(Coding()):
            want = untouched(CASES[name], numbers)
            have = symbolic(CASES[name], numbers, twin)
            assert same(have, want, numbers)


def public():
    """The full names of all functions, and of all that can be asked of objects."""
    for room, module in MODULES.items():
        for name in module.__all__:
            one = getattr(module, name)
            if inspect.isfunction(one):
                yield f"{room}.{name}"
            if inspect.isclass(one):
                yield from (f"{room}.{name}.{part}" for part, of in inspect.getmembers(one)
                            if (part == "__call__" or not part.startswith("_"))
                            and part not in ("name", *vars(Drawable))
                            and (callable(of) or isinstance(of, (property, cached_property))))


def test_every_public_function_is_compared_or_said_to_be_refused():
    compared = {name.partition(",")[0] for name in CASES}
    assert compared.isdisjoint(REFUSED)
    assert compared | REFUSED.keys() == set(public())


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_run_on_symbols_is_refused_for_its_reason(name, twin):
    words, case = REFUSED[name]
    with coding(Coding()), pytest.raises(Outside, match=words), outside():
        form(symbolic(case, Small(SIZES[0]), twin))
