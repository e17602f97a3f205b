"""A line is looked up by what somebody types."""

import pytest

from cnnmat.cli import main
from cnnmat.verify.loading import every
from cnnmat.verify.lookup import KIN, differing, named, nearest, readable, search
from cnnmat.verify.report import compared, shortened

LECTURES = every([])


@pytest.mark.parametrize(("query", "first"), [
    ("47.1257", "sayed 47.1257"), ("(47.1257)", "sayed 47.1257"), ("eq 1257", "sayed 47.1257"),
    ("Equation (1257)", "sayed 47.1257"), ("sayed 47.1257", "sayed 47.1257"),
    ("47.1257/size", "sayed 47.1257/size"), ("s84", "mendez s84a"), ("slide 84", "mendez s84a"),
    ("s084", "mendez s84a"), ("lec14 s1d", "lec14 s1d"), ("in57a", "chaurasia in57a"),
    ("eq (9) martinez", "martinez eq9"),
])
def test_a_number_is_found_however_it_is_written(query, first):
    found = named(query, LECTURES)[0]
    assert f"{found.lecture} {found.id}" == first
    assert search(query, LECTURES)[0] is found


def test_what_goes_on_from_a_number_comes_behind_it():
    found = [c.id for c in named("47.1257", LECTURES)]
    assert found[0] == "47.1257"
    assert "47.1257/size" in found
    assert not any(id.startswith("47.12571") for id in found)


@pytest.mark.parametrize("query", ["", "9999", "upv", "sayed", "two words"])
def test_what_is_no_number_of_a_claim_is_not_taken_for_one(query):
    assert named(query, LECTURES) == []


def test_all_words_must_be_somewhere_and_titles_count_more():
    titles = [c.title.lower() for c in search("padding stride", LECTURES)]
    assert "padding" in titles[0]
    assert "stride" in titles[0]
    assert search("padding stride frobnicate", LECTURES) == []
    assert {c.lecture for c in search("mendez stride", LECTURES)} == {"mendez"}


def test_the_name_of_a_lecture_alone_finds_all_of_it():
    [lec14] = [one for one in LECTURES if one.slug == "lec14"]
    assert search("lec14", LECTURES) == list(lec14.claims.values())


def test_symbols_are_found_in_formulas():
    assert any(c.id == "47.1258" for c in search("V^(d,d',c+1)", LECTURES))
    assert search(r"\odot", LECTURES)


@pytest.mark.parametrize(("query", "said", "in_title"), [
    ("corelation", "with 'correlation' for 'corelation'", "correlation"),
    ("im2col", "with 'partition' for 'im2col'", "partition"),
    ("loss frobnicate", "without 'frobnicate'", ""),
    ("backprop", "with 'backward' for 'backprop'", "backward"),
    ("xyzzy", "", None),
])
def test_what_is_not_found_is_looked_for_by_what_it_means(query, said, in_title):
    assert search(query, LECTURES) == []
    told, found = nearest(query, LECTURES)
    assert told == said
    assert bool(found) == (in_title is not None)
    assert not found or in_title in found[0].title.lower()


def test_words_of_one_meaning_are_each_named_once():
    assert all(len(set(group)) == len(group) > 1 for group in KIN)
    assert all(word == word.lower() and " " not in word for group in KIN for word in group)


def test_of_what_was_compared_alike_the_smallest_case_is_shown(capsys):
    cases = [{"method": method, "covers": "c", "shapes": {"M": size}}
             for method, size in (("a", "333"), ("b", "22"), ("a", "1"), ("a", "22"))]
    assert compared(cases) == [(cases[2], "; and 2 more, with --full"), (cases[1], "")]
    assert compared(cases, full=True) == [(one, "") for one in cases]
    assert shortened("x" * 160) == "x" * 160
    assert shortened("x" * 161) == "x" * 156 + " ..."
    for words, told in ((["show", "s1d", "lec14"], 0), (["show", "47.1257"], 1),
                        (["show", "--full", "47.1257"], 0)):
        assert main(words) == 0
        assert capsys.readouterr().out.count("more, with --full") == told


def test_what_differs_is_marked():
    right = readable(r"I\otimes\mathbb{1}_{S_{c+1}}")
    marks = differing(readable(r"I\otimes\mathbb{1}_{S_c}"), right)
    assert "c+1" in right[marks.index("^") - 2:len(marks)]
    assert differing(right, right) == ""
    assert differing("a + b", "a b") == "  ^"
    assert readable(r"\frac{") == r"\frac{"


@pytest.mark.parametrize(("call", "told"), [
    ("show sayed (47.1257)", "as printed   V^(d,d',c+1) ≜ "),
    ("show --tex 47.1257", r"as printed   V^{(d,d',c+1)}\triangleq"),
    ("show 47.1257 sayed", "verdict      misprint"),
    ("search upv block diagonal", "sayed      47.1200/all          holds     upv is"),
    ("list lec14 --verdict misprint", "lec14      s1d                  misprint  "),
])
def test_a_line_is_looked_up(call, told, capsys):
    assert main(call.split()) == 0
    assert told in capsys.readouterr().out


def test_marks_stand_below_what_differs(capsys):
    main(["show", "47.1257"])
    lines = capsys.readouterr().out.splitlines()
    right = next(line for line in lines if line.startswith("corrected"))
    marks = lines[lines.index(right) + 1]
    assert "c+1" in right[marks.index("^") - 2:]
    assert set(marks) == {" ", "^"}


@pytest.mark.parametrize(("call", "told"), [
    ("show upv", "ID must stand for one claim, 'upv' is in "),
    ("show upv", "more: cnnmat search upv"),
    ("show frobnicate upv", "without 'frobnicate' there is sayed 47.1200"),
    ("show lec14 47.1257", "sayed has it"),
    ("show lec14", "ID must be the number of a claim of lec14"),
    ("search upv frobnicate", "found no claim with 'upv frobnicate'"),
    ("search lec14 correlogram", "found no claim with 'correlogram'"),
    ("list layers --verdict misprint", "found none"),
])
def test_what_is_not_found_is_told_with_what_to_type(call, told, capsys):
    assert main(call.split()) == 2
    assert told in capsys.readouterr().err
