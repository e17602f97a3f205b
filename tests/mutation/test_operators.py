"""What one slip makes of a line, and how mutants are chosen and judged."""

from textwrap import dedent, indent

import pytest

from tests.mutation import operators
from tests.mutation.__main__ import Outcome, summary
from tests.mutation.equivalent import FILE, Equivalents
from tests.mutation.operators import GROUPS, LENIENT, TOKENS, Text, chosen, of_statement
from tests.mutation.statements import JUDGE, ROOT, WINGS, files, statements


def slips(line, operator):
    """What `operator` makes of a line in a function."""
    source = "def f(x):\n" + indent(line, "    ") + "\n"
    text = Text(source)
    [one, *_] = statements("file.py", source)
    group = (getattr(operators, operator),)
    return [mutant.source(text).removeprefix("def f(x):\n    ").removesuffix("\n")
            for mutant in of_statement(one, group, text)]


@pytest.mark.parametrize(("operator", "line", "made"), [
    ("operator_changed", "y = θ - (x) * 2", ["y = θ + (x) * 2", "y = θ - (x) + 2"]),
    ("operator_changed", "y += x", ["y -= x", "y = x"]),
    ("operands_exchanged", "y = H.mT @ w", ["y = w @ H.mT"]),
    ("sign_dropped", "y = -x", ["y = x"]),
    ("sign_dropped", "y = not x", ["y = x"]),
    ("comparison_changed", "y = 0 <= x", ["y = 0 < x", "y = 0 >= x"]),
    ("comparison_changed", "y = x is not None", ["y = x is None"]),
    ("connective_changed", "y = a and b and c", ["y = a or b and c", "y = a and b or c"]),
    ("constant_changed", "y = x.sum(axis=1, keepdims=True)",
     ["y = x.sum(axis=2, keepdims=True)", "y = x.sum(axis=0, keepdims=True)",
      "y = x.sum(axis=1, keepdims=False)"]),
    ("name_changed", "y = np.minimum(g.C, x)",
     ["y = np.maximum(g.C, x)", "y = np.minimum(g.D, x)"]),
    ("transpose_dropped", "y = V.T @ x", ["y = V @ x"]),
    ("constant_changed", "y = x.reshape(2, -1)", ["y = x.reshape(3, -1)", "y = x.reshape(1, -1)"]),
    ("call_dropped", "y = reversed(x.copy())", ["y = x.copy()", "y = reversed(x)"]),
    ("call_dropped", "y = len(x)", []),
    ("reversal_dropped", "y = x[::-1]", ["y = x"]),
    ("arguments_exchanged", "y = kron(I, V)", ["y = kron(V, I)"]),
    ("arguments_exchanged", "y = rows, columns", ["y = columns, rows"]),
    ("arguments_exchanged", "y = kind in ('mean', 'sum')", []),
    ("arguments_exchanged", "y = max(a, b)", []),
    ("index_changed", "y = W[c]", ["y = W[c + 1]", "y = W[c - 1]"]),
    ("branches_exchanged", "y = a if x else b", ["y = b if x else a"]),
    ("statement_dropped", "np.copyto(a, b)", ["pass"]),
    ("statement_dropped", "y = x", []),
    ("statement_dropped", "require_shape('x', x, y)", []),
    ("always_so", "return a == b", ["return True"]),
    ("always_so", "if x:\n    pass", ["if True:\n        pass", "if False:\n        pass"]),
    ("swallowed", "raise ValueError('x')", ["pass"]),
    ("none_looked_at", "for k in x:\n    pass", ["for k in ():\n        pass"]),
    ("first_only", "for k in x:\n    pass", ["for k in list(x)[:1]:\n        pass"]),
    ("tolerance_widened", "y = 1e-12", ["y = 1e-06"]),
])
def test_what_a_slip_makes_of_a_line(operator, line, made):
    assert sorted(slips(line, operator)) == sorted(made)


def test_every_operator_is_tried_above_and_belongs_to_a_group():
    [mark] = test_what_a_slip_makes_of_a_line.pytestmark
    assert {operator for operator, *_ in mark.args[1]} == {
        operator.__name__ for operator in (*TOKENS, *LENIENT)}


def test_messages_and_checks_of_arguments_are_left_alone():
    line = ('y = g(f"{x + 1} of {-x}", arguments.integer("x", x, 1), '
            'zip(isinstance(x, (a, 3)), strict=True), self._refuse_above("x", 2), 1)')
    assert slips(line, "constant_changed") == [
        line.removesuffix("1)") + "2)", line.removesuffix("1)") + "0)"]


def test_mutants_are_chosen_by_the_seed_one_a_statement_first():
    paths = [path for wing in WINGS for path in files(wing)]
    first, texts = chosen(paths, TOKENS, 25, seed=1)
    assert first == chosen(paths, TOKENS, 25, seed=1)[0] != chosen(paths, TOKENS, 25, seed=2)[0]
    assert len({(one.path, one.lines, one.function) for one in first}) > 20
    assert len({one.path.split("/")[1] for one in first}) == 2
    for one in first:
        compile(one.source(texts[one.path]), one.path, "exec")
        before, after = one.difference(texts[one.path])
        assert before != after


def test_a_small_file_has_as_many_mutants_as_there_are():
    path = "cnnmat/textbook/vec.py"
    found = chosen([path], GROUPS["tokens"], 10**4, seed=0)[0]
    assert len(found) == len({(one.start, one.end, one.new) for one in found})
    assert 100 < len(found) < 1000


def test_of_a_file_only_the_functions_that_are_named_are_broken():
    found, _ = chosen(JUDGE, GROUPS["lenient"], 40, seed=1, rule="all")
    assert {one.path for one in found} <= JUDGE.keys()
    some = {path: names for path, names in JUDGE.items() if names}
    found, _ = chosen(some, GROUPS["lenient"], 40, seed=1, rule="all")
    assert {(one.path, one.function) for one in found} == {
        (path, name) for path, names in some.items() for name in names}


RECORD = dedent("""
    # said first

    file.py Layer.forward
    - y = 1
    + y = 2
      since nobody
      reads y

    file.py f
    - n = 3
    + *
      a cost
""")


def test_equivalents_are_read_with_their_reasons():
    known = Equivalents(RECORD)

    def mutant(function):
        return operators.Mutant("file.py", function, (), "", 0, 0, "")

    assert known.reason(mutant("Layer.forward"), ("y = 1", "y = 2")) == "since nobody reads y"
    assert known.reason(mutant("Layer.forward"), ("y = 1", "y = 3")) is None
    assert known.reason(mutant("f"), ("n = 3", "n = 4")) == "a cost"
    assert known.reason(mutant("g"), ("n = 3", "n = 4")) is None
    with pytest.raises(ValueError, match="records of a place"):
        Equivalents("file.py f\n- x\n  no line after")


def test_the_equivalents_are_lines_that_there_are():
    text = {path: Text((ROOT / path).read_text("utf-8")) for path in
            {where.split()[0] for where, _, _ in Equivalents().reasons}}
    stale = [(where, before) for where, before, _ in Equivalents().reasons
             if before not in " ".join(text[where.split()[0]].bytes.decode().split())]
    assert FILE.exists()
    assert stale == []


def test_the_summary_counts_what_is_not_equivalent():
    outcomes = [Outcome(None, ("", ""), kind, "", 0.0) for kind in
                ["verify"] * 3 + ["tests"] + ["equivalent"] * 2 + ["survived"]]
    text, by = summary(outcomes)
    assert text == ("7 mutants: 3 noticed by verify, 1 by tests only, 2 equivalent, 1 survived; "
                    "verify alone notices 3 of 5 (60.0 %)")
    assert {kind: len(found) for kind, found in by.items()} == {
        "verify": 3, "tests": 1, "equivalent": 2, "survived": 1}
