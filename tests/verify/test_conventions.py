"""Whose a formula is, what a line that holds assumes, and what can only be read."""

import json

import pytest

from cnnmat.cli import main
from cnnmat.verify import Lecture, Sides, run
from cnnmat.verify.conventions import disputes, settled
from cnnmat.verify.judge import remarked
from cnnmat.verify.report import describe, summary, summary_line

NAME = "the first index is"


def lecture_of(*claims):
    """A lecture of lines that hold, each with these fields."""
    lecture = Lecture("own", "An own lecture")
    for number, fields in enumerate(claims, start=1):
        @lecture.claim(str(number), "identity", "A sum", "a+b=b+a", **fields)
        def commutes(e):
            a, b = e.symbols("a"), e.symbols("b")
            return Sides(truth=a + b, printed=b + a, wrong={"minus": a - b})

    return lecture


def verdicts(lecture):
    """What the run and the rest of the lecture find."""
    disputed = disputes(lecture.claims.values())
    return [settled(run(claim), disputed) for claim in lecture.claims.values()]


def test_a_line_holds_on_a_convention_that_nothing_speaks_against():
    first, second = verdicts(lecture_of({"assumes": {NAME: "0"}}, {"assumes": {NAME: "0"}}))
    assert (first.verdict, second.verdict) == ("holds", "holds")
    assert "verdict      holds, if the first index is 0" in describe(first)
    assert first.to_json()["assumes"] == {NAME: "0"}


def test_where_two_lines_assume_different_things_both_are_ambiguous():
    found = verdicts(lecture_of({"assumes": {NAME: "0"}}, {"assumes": {NAME: "1"}}, {}))
    assert [one.verdict for one in found] == ["ambiguous", "ambiguous", "holds"]
    assert found[0].message == ("expected holds, found ambiguous: the first index is 0 here, "
                                "and 1 in claim 2")


def test_what_one_line_leaves_open_no_other_line_settles():
    lecture = lecture_of({"assumes": {NAME: "0"}},
                         {"assumes": {NAME: "0"}, "expect": "ambiguous"})
    first = verdicts(lecture)[0]
    assert (first.verdict, first.as_expected) == ("ambiguous", False)
    assert "can be read two ways in claim 2" in first.message


def test_conventions_of_two_lectures_are_two():
    first, second = lecture_of({"assumes": {NAME: "0"}}), Lecture("other", "Another")
    second.claims = lecture_of({"assumes": {NAME: "1"}}).claims
    object.__setattr__(second.claims["1"], "lecture", "other")
    assert disputes([*first.claims.values(), *second.claims.values()]) == {}


@pytest.mark.parametrize(("fields", "message"), [
    ({"source_kind": "hearsay"}, "source_kind must be one of quote, consequence, own, words"),
    ({"assumes": "from 0"}, "assumes must be of type dict"),
    ({"assumes": {NAME: 0}}, "what assumes holds must be of type str"),
    ({"cites": {1: "p. 2"}}, "what cites holds must be of type str"),
    ({"rewritten": None}, "rewritten must be of type str"),
])
def test_bad_fields_are_refused(fields, message):
    with pytest.raises((TypeError, ValueError), match=message):
        lecture_of(fields)


def test_a_remark_has_a_row_of_its_own():
    lecture = lecture_of({})
    lecture.remark("p. 3", "a name")
    row, = remarked(lecture)
    assert (row.verdict, row.as_expected, row.to_json()["source_kind"]) == ("read", True, "read")
    results = [run(lecture.claims["1"]), row]
    assert (summary(results)["claims"], summary(results)["read"]) == (1, 1)
    assert "1 remark read; all as expected" in summary_line(results)


def test_a_place_is_a_claim_or_a_remark():
    lecture = lecture_of({})
    with pytest.raises(ValueError, match="id must be new in the lecture, got '1'"):
        lecture.remark("1", "once more")
    lecture.remark("2", "a name")
    with pytest.raises(ValueError, match="id must be new in the lecture, got '2'"):
        lecture.claim("2", "identity", "A sum", "s")(Sides)


def test_no_remark_is_missing_from_the_reports(tmp_path, capsys):
    out, junit = tmp_path / "run.json", tmp_path / "run.xml"
    assert main(["verify", "lec14", "--json", str(out), "--junit", str(junit)]) == 0
    claims = json.loads(out.read_text(encoding="utf-8"))["lectures"][0]["claims"]
    read = [one["id"] for one in claims if one["verdict"] == "read"]
    assert read == ["section 1", "section 1/aim", "section 5/updates", "section 5"]
    assert "section 5            remark     read" in capsys.readouterr().out
    assert junit.read_text(encoding="utf-8").count("<skipped") == 4
    assert main(["verify", "lec14", "--claim", "s1d", "--json", str(out)]) == 0
    claims = json.loads(out.read_text(encoding="utf-8"))["lectures"][0]["claims"]
    assert [one["id"] for one in claims] == ["s1d"]


def test_what_is_ours_is_said_to_be():
    lecture = Lecture("own", "An own lecture", source_kind="own")
    lecture.claim("1", "example", "A number", "1+1=2", rewritten="2=2")(
        lambda e: Sides(truth=2, printed=2, wrong={"three": 3}))
    told = describe(run(lecture.claims["1"]))
    assert "our own      1 + 1 = 2" in told
    assert "run as       2 = 2" in told
    assert "run from     a statement of ours, by code" in told
