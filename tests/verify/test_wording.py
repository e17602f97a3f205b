"""A verdict in words: what must stand there instead, and why."""

import pytest

from cnnmat.verify import judge, wording
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.report import VERDICT_WORDS


@pytest.mark.parametrize(("printed", "corrected", "told"), [
    (r"V(P\times M)", r"V(PS\times M)", "P must be PS."),
    (r"I\otimes\mathbb{1}_{S_c}", r"I\otimes\mathbb{1}_{S_{c+1}}", "𝟙_(S_c) must be 𝟙_(S_(c+1))."),
    (r"\sum_n x_n", r"\frac{1}{N}\sum_n x_n", "1/N is missing."),
    (r"f(x)\mathbb{1}", "f(x)", "𝟙 does not belong there."),
    ("a+b", "b+a+c", ""), ("x", "x", ""), ("x", "+".join("abcdefghijklmnop"), ""),
    (r"\frac{", r"\frac{a", ""),
])
def test_one_change_is_said_and_more_than_one_is_only_marked(printed, corrected, told):
    assert wording.changed(printed, corrected) == told


def told(**fields):
    lecture = Lecture("own", "t")

    @lecture.claim("1", "example", "t", "5", **fields)
    def claim(e):
        five = fields.get("expect", "holds") == "holds"
        return Sides(truth=5 if five else 6, printed=5, corrected=None if five else 6,
                     wrong={"minus": -1})

    return wording.told(judge.run(lecture.claims["1"]))


def test_the_change_comes_first_then_the_reason_as_a_sentence():
    assert told(expect="misprint", corrected_formula="6", reason="added,\nnot multiplied") == (
        "5 must be 6. Added, not multiplied.")
    assert told(expect="misprint", corrected_formula="6") == "5 must be 6."


def test_a_line_that_holds_says_on_what_or_for_what():
    assert told() == "Shown for the numbers printed."
    assert told(reason="why not?") == "Why not?"
    assert told(assumes={"indices start at": "0"}) == "It holds if indices start at 0."


def test_the_sizes_stand_behind_what_was_shown():
    lecture = Lecture("own", "t")
    for id, cases in (("1", [{"m": 3}]), ("2", [{"m": 3}, {"m": 4}, {"m": 5}])):
        lecture.claim(id, "example", "t", "m", cases=cases)(
            lambda e, m: Sides(truth=m, printed=m, wrong={"minus": -m}))
    assert [wording.told(judge.run(claim)) for claim in lecture.claims.values()] == [
        "Shown for these sizes (m = 3).", "Shown for these sizes (m = 3, and 2 more)."]


def test_there_are_first_words_for_every_verdict():
    assert set(wording.VERDICTS) == set(VERDICT_WORDS)
