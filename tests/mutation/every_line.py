"""Every line of arithmetic is executed by a claim: of both wings, by all lectures (a minute)."""

from tests.mutation.executed import measured, missing


def test_every_line_of_arithmetic_is_executed_by_a_claim(tmp_path):
    lines = measured(tmp_path / "lines.json")
    assert sum(map(len, lines.values())) > 1000
    assert missing(lines) == []
