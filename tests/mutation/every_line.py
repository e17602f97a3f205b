"""Every line of arithmetic is executed by a claim: of both wings, by all lectures (a minute)."""

import pytest

from tests.mutation.executed import measured, missing
from tests.mutation.statements import arithmetic


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("executed") / "lines.json")


def test_every_line_of_arithmetic_is_executed_by_a_claim(lines):
    assert sum(map(len, lines.values())) > 1000
    assert missing(lines) == []


def test_the_lecture_on_the_layers_executes_all_of_their_arithmetic(lines):
    by_layers = {path: {line: [one for one in claims if one.startswith("layers ")]
                        for line, claims in known.items()} for path, known in lines.items()}
    assert missing(by_layers, ["cnnmat/layers"]) == []
    # each line is executed by the claims that are about it, not by all
    first = next(one for one in arithmetic("cnnmat/layers/winograd.py")
                 if one.function == "add_tiles")
    assert set(by_layers[first.path][first.node.lineno]) == {
        "layers carriers/types", "layers winograd/back", "layers winograd/bands"}
