"""The examples in the docstrings, module by module."""

import doctest
import importlib
from pathlib import Path

import pytest

import cnnmat

ROOT = Path(cnnmat.__file__).parent
MODULES = sorted(
    ".".join(("cnnmat", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOT.rglob("*.py") if path.name != "__main__.py")


@pytest.mark.parametrize("module", MODULES)
def test_printed_examples_come_out(module):
    found = doctest.testmod(importlib.import_module(module))
    assert found.failed == 0


def test_every_room_of_the_matrices_has_examples():
    without = {name for name in MODULES if not any(
        test.examples for test in doctest.DocTestFinder().find(importlib.import_module(name)))}
    rooms = {f"cnnmat.textbook.{room}" for room in (
        "vec", "windows", "partition", "masks", "activations", "pooling", "correlation",
        "feedforward", "risks", "network")} | {"cnnmat.verify.exact", "cnnmat.verify.claims"}
    assert without & rooms == set()
