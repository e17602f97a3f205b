"""Rows of a table, and claims that take what is built for them, are claims like others."""

import inspect

import pytest

from cnnmat.derivations.tables import table, taking
from cnnmat.verify import Lecture, Sides, run


@pytest.fixture
def lecture():
    return Lecture("own", "An own lecture")


def product_of(e, factor, printed, wrong=None, n=1):
    """n symbols times a number."""
    a = e.symbols("a", n)
    return Sides(truth=[sum(x for _ in range(factor)) for x in a], printed=printed(a),
                 wrong={"nothing": 0 * a, **(wrong or {})})


def test_every_row_is_a_claim_in_its_turn(lecture):
    row = table(lecture.claim, kind="identity", cases=[{"n": 2}])(product_of)
    row("1", "Twice", "2a", 2, lambda a: a + a)
    row("2", "Three times", "3a", 3, lambda a: a + a)
    assert [(c.id, c.kind, c.title, c.formula, c.cases) for c in lecture.claims.values()] == [
        ("1", "identity", "Twice", "2a", ({"n": 2},)),
        ("2", "identity", "Three times", "3a", ({"n": 2},))]
    assert [run(c).verdict for c in lecture.claims.values()] == ["holds", "fails"]


def test_a_row_may_name_its_numbers_and_have_fields_of_its_own(lecture):
    row = table(lecture.claim, kind="identity", covers="all")(product_of)
    row("1", "Twice", "2a", factor=2, printed=lambda a: 2 * a, wrong={"more": 3}, kind="example",
        reason="so", cases=[{"n": 3}])
    row("2", "Once", "a", 1, lambda a: a)
    first, second = lecture.claims.values()
    assert (first.kind, first.reason, first.covers, first.cases) == (
        "example", "so", "all", ({"n": 3},))
    assert (second.kind, second.reason, second.covers, second.cases) == (
        "identity", "", "all", ({},))
    assert run(first).controls == {"nothing": True, "more": True}


def test_a_row_of_an_unknown_field_is_refused(lecture):
    row = table(lecture.claim, kind="identity")(product_of)
    with pytest.raises(TypeError, match="colour"):
        row("1", "Twice", "2a", 2, lambda a: 2 * a, colour="red")


def test_claims_take_what_is_built_for_their_case(lecture):
    def symbols(e, n):
        return e.symbols("a", n)

    line = taking(lecture.claim, symbols, cases=[{"n": 2}])

    @line("1", "identity", "Adding goes both ways", "a+b=b+a")
    def commutes(a):
        return Sides(truth=a[0] + a[1], printed=a[1] + a[0], wrong={"difference": a[0] - a[1]})

    @table(line, kind="identity", cases=[{"n": 3}])
    def entry(a, k):
        return Sides(truth=a.tolist()[k], printed=a[k], wrong={"the one before": a[k - 1]})

    entry("2", "The last entry", "a_2", 2)
    first, second = lecture.claims.values()
    assert [run(c).verdict for c in (first, second)] == ["holds", "holds"]
    assert (first.cases, second.cases) == (({"n": 2},), ({"n": 3},))


def test_a_claim_leads_to_the_function_that_states_it(lecture):
    table(lecture.claim, kind="identity")(product_of)("1", "Twice", "2a", 2, lambda a: 2 * a)
    assert inspect.unwrap(lecture.claims["1"].function) is product_of
