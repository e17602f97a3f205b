"""Which claims execute which lines, of one lecture; `every_line` has all of them."""

from textwrap import dedent

from tests.mutation.executed import measured, missing
from tests.mutation.statements import EXCLUDED, ROOT, WINGS, arithmetic, files, statements


def test_a_line_is_executed_by_the_claims_that_are_about_it_and_not_by_all(tmp_path):
    lines = measured(tmp_path / "lines.json", "lec14")
    first = next(one for one in arithmetic("cnnmat/textbook/feedforward.py")
                 if one.function == "preactivation")
    assert set(lines[first.path][first.node.lineno]) == {"lec14 s5a"}
    assert any("cnnmat/layers/winograd.py" in one for one in missing(lines))


def test_a_line_that_no_claim_executes_is_named():
    lines = {path: {k: ["x"] for k in range(10**4)} for wing in WINGS for path in files(wing)}
    assert missing(lines) == []
    [first, *_] = arithmetic("cnnmat/layers/winograd.py")
    for line in first.lines:
        lines[first.path][line] = []
    assert missing(lines) == [f"{first.path}:{first.node.lineno} ({first.function})"]


SOURCE = dedent('''
    """A file."""
    SIZE = 2 + 2
    table = {"a": lambda z: z + 1}


    class Layer:
        """A class."""

        def forward(self, x):
            """A docstring."""
            if x is None:
                k = 2
                raise ValueError(f"x must be given, got {k}")
            elif x > 3:
                x = x - 1
            try:
                y = x + 1
            except TypeError as error:
                y = 0
                raise ValueError("x must be a number") from error
            except KeyError:
                y = 7
            if x:
                within_int64("x", x)
            for k in range(
                    y):
                x += k
            return (x
                    + y)

        def __repr__(self):
            return "Layer"
''')


def texts(found):
    lines = SOURCE.splitlines()
    return [lines[one.node.lineno - 1].strip() for one in found]


def test_what_counts_as_arithmetic():
    found = arithmetic("file.py", SOURCE)
    assert texts(found) == [
        'table = {"a": lambda z: z + 1}', "elif x > 3:", "x = x - 1", "try:", "y = x + 1",
        "y = 7", "for k in range(", "x += k", "return (x"]
    assert {one.function for one in found} == {"", "Layer.forward"}
    by_text = dict(zip(texts(found), found, strict=True))
    assert len(by_text["for k in range("].lines) == len(by_text["return (x"].lines) == 2
    assert len(by_text["elif x > 3:"].lines) == 1


def test_all_statements_are_those_and_the_checks():
    rest = set(texts(statements("file.py", SOURCE))) - set(texts(arithmetic("file.py", SOURCE)))
    assert rest == {
        "if x is None:", "k = 2", 'raise ValueError(f"x must be given, got {k}")', "y = 0",
        "if x:", 'within_int64("x", x)',
        'raise ValueError("x must be a number") from error', 'return "Layer"'}


def test_the_rule_finds_the_arithmetic_of_every_file():
    without = {path for wing in WINGS for path in files(wing) if not arithmetic(path)}
    assert without == {f"{wing}/__init__.py" for wing in WINGS} | {
        path for path in EXCLUDED if path.endswith(".py")}
    assert all((ROOT / path).exists() for wing in WINGS for path in files(wing))
