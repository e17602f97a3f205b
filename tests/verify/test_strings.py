"""Claims run from the very formula that they show."""

from dataclasses import replace

import pytest

from cnnmat.derivations import LECTURES
from cnnmat.verify import Lecture, Notation, Sides, run
from cnnmat.verify.loading import load
from cnnmat.verify.report import describe
from cnnmat.verify.tex import TexError, parse
from cnnmat.verify.tex.world import Given

SHIPPED = [lecture for slug in LECTURES for lecture in load(slug)]


def small(formula, check="check 1", **fields):
    lecture = Lecture("small", "Small")
    lecture.read(Notation(f"a, b : number\n{check}", lambda e: Given(
        {"a": e.symbols("a"), "b": e.symbols("b")})))

    @lecture.claim("1", "identity", "A sum", formula, **fields)
    def claim(e):
        a, b = e.symbols("a"), e.symbols("b")
        return Sides(truth=a + b, printed=a + b if fields.get("expect") != "misprint" else a - b,
                     corrected=a + b, wrong={"minus": b - a})

    return lecture.claims["1"]


def test_a_formula_that_says_something_else_than_the_code_is_an_error():
    found = run(small("a+b=a-b"))
    assert found.verdict == "error"
    assert found.message == (
        "the printed formula, run as it is shown, does not hold, the code beside it does "
        "(a + b is a + b, a - b is a - b)")
    assert run(small("a+b=b+a")).verdict == "holds"


@pytest.mark.parametrize("line", [
    r"\max(a,b)=a", r"\max(a,b)=b", r"a^2\ge 2b", r"a^2\ge 2ab", r"a^2\ge ab", r"|a|=a", r"|a|=-a"])
def test_a_formula_that_is_true_in_one_order_of_its_symbols_does_not_hold(line):
    claim = small("a+b=b+a")
    assert not claim.notation.outcome(claim, parse(line)).holds


@pytest.mark.parametrize("line", [
    r"\max(a,b)=\max(b,a)", r"a^2+b^2\ge 2ab", r"|a|=\max(a,-a)", r"|ab|=|a||b|"])
def test_a_formula_that_is_true_in_every_order_holds(line):
    claim = small("a+b=b+a")
    assert claim.notation.outcome(claim, parse(line)).holds
    # and what it has compared is not what another rests on
    assert not claim.notation.outcome(claim, parse(r"\max(a,b)=a")).holds
    assert claim.notation.outcome(claim, parse("a+b=b+a")).holds


def test_a_misprint_is_refuted_by_its_formula_and_the_corrected_one_holds():
    fields = {"expect": "misprint", "corrected_formula": "a+b=b+a"}
    assert run(small("a+b=a-b", **fields)).verdict == "misprint"
    found = run(small("a+b=b+a", **fields))
    assert "the printed formula, run as it is shown, holds, the code beside it does not" in (
        found.message)
    assert "the corrected formula" in run(small(
        "a+b=a-b", **fields | {"corrected_formula": "a=b"})).message


def test_a_formula_that_is_to_be_run_and_cannot_be_is_an_error():
    found = run(small("a+x=b"))
    assert (found.verdict, found.message.split(": ", 1)[1]) == (
        "error", "column 3: nothing is said of x")


def test_what_was_run_is_told():
    found, other = run(small("a+b=b+a")), run(small("a+b=b+a", "check 2"))
    assert found.to_json()["run_from"] == "string"
    assert "the line, as shown, for 1 value of its indices, and by code" in describe(found)
    assert other.to_json()["run_from"] == "code"
    assert "run from     the line, by code" in describe(other)


@pytest.mark.parametrize("lecture", SHIPPED, ids=lambda lecture: lecture.slug)
def test_every_formula_that_is_to_be_run_belongs_to_a_claim(lecture):
    wanted = {id for one in lecture.notations for id in one.bindings.checks}
    assert wanted <= lecture.claims.keys()
    assert {id for id, claim in lecture.claims.items() if claim.notation} == wanted


@pytest.mark.parametrize("lecture", SHIPPED, ids=lambda lecture: lecture.slug)
def test_with_another_formula_every_verdict_of_a_claim_run_from_it_changes(lecture):
    for claim in lecture.claims.values():
        if claim.notation:
            wrong = replace(claim, formula="2+2=5", rewritten="",
                            corrected_formula=claim.corrected_formula and "2+2=5")
            try:
                outcomes = claim.notation.run(wrong)
            except TexError:
                # what cannot be run is an error of the claim
                continue
            assert not any(one.holds for one in outcomes.values())
            # the code of a form that agrees speaks against its formula
            assert claim.expect in ("holds", "ambiguous") or "corrected" in outcomes
