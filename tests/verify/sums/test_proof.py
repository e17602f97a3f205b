"""What a proof for all sizes says, and what it does not say."""

from pathlib import Path

import pytest

from cnnmat.derivations.sayed import lecture as sayed
from cnnmat.derivations.sayed.anysize import KINKS
from cnnmat.verify import Lecture, Sides, run
from cnnmat.verify.coq.names import Unwritten
from cnnmat.verify.loading import every
from cnnmat.verify.report import describe
from cnnmat.verify.sums import proof
from cnnmat.verify.sums.sizes import Outside
from tests.verify.sums import sized

CLAIMS = sized.lecture.claims


def last(name):
    return run(CLAIMS[name]).evidence[-1]


def test_a_proof_says_what_it_covers():
    one = last("product")
    assert one["covers"] == (
        "all sizes S, P ≥ 1; all values; every differentiable f (a maximum or ReLU, which have "
        "kinks, at fixed sizes only: compares); the shipped text, run on symbolic shapes")
    assert one["kernel"] is None
    assert one["form"] == "[p]: f(Σ_{s<S} H[s,p] w[s] - theta)"


def test_functions_with_kinks_are_named_where_any_differentiable_one_may_stand():
    assert "kinks" not in last("literal")["covers"]
    for lecture in every([]):
        assert set(lecture.with_kinks) <= set(lecture.claims)
    first, *others = sayed.with_kinks
    found = run(sayed.claims[first])
    compared = [one for one in found.evidence if one["shapes"].get("relu") == "True"]
    assert [" orders of " in one["covers"] for one in compared] == [True]
    assert all(KINKS in sayed.claims[one].cases for one in others)


def test_what_remains_outside_is_said_in_the_readme_with_these_words():
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    listed = "".join(f"- {one};\n" for one in proof.REMAINS).removesuffix(";\n") + "."
    assert " ".join(listed.split()) in " ".join(readme.split())


def test_what_a_branch_hung_on_is_said():
    covers = last("literal")["covers"]
    assert "any partition (repeats, overlap, padding)" in covers
    assert "16·M·P·S ≤ 1073741824" in covers


def test_what_lies_behind_a_layer_is_any_function_of_all_its_entries():
    one = run(CLAIMS["behind"])
    assert (one.verdict, all(one.controls.values())) == ("holds", True)
    assert "every differentiable J" in one.evidence[-1]["covers"]
    assert one.evidence[-1]["form"] == "[p,q]: Σ_{i<P} J'[p,i](λj. Σ_{s<S} W[j,s] x[p,s]) W[i,q]"


def test_a_misprint_says_where_it_is_true():
    result = run(CLAIMS["mean"])
    assert (result.verdict, result.counterexample["where"]) == ("misprint", ["N = 1"])
    assert result.counterexample["text"].endswith("; true for all sizes where N = 1")
    result = run(CLAIMS["ones"])
    assert (result.verdict, result.counterexample["where"]) == ("misprint", ["S = T"])


def test_what_cannot_be_run_on_letters_is_an_error_that_names_it():
    result = run(CLAIMS["compares"])
    assert (result.verdict, "a comparison of entries" in result.message) == ("error", True)


@pytest.mark.parametrize("word", sized.OUTSIDE)
def test_what_cannot_be_run_says_which_operation_and_what_to_do_instead(word):
    result = run(CLAIMS[f"refused {word}"])
    assert result.verdict == "error"
    assert word in result.message
    assert "; instead, give the claim its sizes as numbers in `cases`" in result.message


def test_each_message_says_what_to_do_instead():
    assert str(Outside("that")) == "that; instead, give the claim its sizes as numbers in `cases`"
    assert str(Unwritten("that")) == "that"


def test_a_near_miss_need_not_run_on_letters():
    result = run(CLAIMS["sliced"])
    assert (result.verdict, result.controls) == ("holds", {"without the last": True})


def test_numbers_that_cannot_be_had_together_are_said():
    result = run(CLAIMS["impossible"])
    assert result.verdict == "error"
    assert "sizes must be possible together, found 0 of 3" in result.message


def test_a_claim_that_was_stated_in_no_file_cannot_be_read_again():
    lecture = Lecture("nowhere", "Stated in a function")

    @lecture.claim("1", "identity", "", "a=b")
    def line(e):
        n = e.sizes("n")
        return Sides(n, n, wrong={"more": n + 1})

    with pytest.raises(Outside, match="not found when"):
        proof.prove(lecture.claims["1"], {})


def test_the_reader_sees_the_sum():
    assert "both are [p]: f(Σ_{s<S} H[s,p] w[s] - theta)" in describe(run(CLAIMS["product"]))
