"""A line's neighbours are those whose numbers it names, and those that name its own."""

import pytest

from cnnmat.derivations.sayed import lecture as sayed
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.neighbours import neighbours


def lecture(**texts):
    """A lecture with some lines, the first of which has the texts given."""
    one = Lecture("own", "t")
    for id in ("1.9", "1.1", "1.2/size", "1.2/all", "s8a", "s8b", "s81", "eq3", "2.5"):
        fields = {"title": "t", "formula": "x", **(texts if id == "1.9" else {})}
        one.claim(id, "example", **fields)(lambda e: Sides(truth=1, printed=1))
    return one


@pytest.mark.parametrize(("texts", "ids"), [
    ({"reason": "as in (1.1)"}, ["1.1"]),
    ({"title": "by (1.2) and (1.1)"}, ["1.2/size", "1.2/all", "1.1"]),
    ({"covers": "with 1.2/size, see s8a."}, ["1.2/size", "s8a"]),
    ({"reason": "slides 8 and 81"}, ["s8a", "s8b", "s81"]),
    ({"reason": "slide 9, of (7.7)"}, []),
    ({"reason": "by (3)"}, ["eq3"]),
    ({"formula": "f(3) = 2.5 + g(x)"}, []),
    ({"formula": r"y = x \text{ by (1.1)}"}, ["1.1"]),
    ({"reason": "2.5 times 1.1 is s8"}, []),
    ({"reason": "(1.9) is itself, (1.1) and (1.1)"}, ["1.1"]),
    ({"assumes": {"y is": "that of (1.1)"}, "cites": {"a": "s81"}}, ["s81", "1.1"]),
])
def test_a_line_uses_those_that_its_texts_name_and_no_plain_number(texts, ids):
    found = neighbours(lecture(**texts))
    assert found["1.9"]["uses"] == ids
    assert {id for id, near in found.items() if "1.9" in near["used"]} == set(ids)


def test_what_else_a_misprint_of_the_text_touches():
    near = neighbours(sayed)["47.1257"]
    assert {"47.1210", "47.1225", "47.1257/size"} <= set(near["uses"])
    assert {"47.1275/V-size", "47.1276/V-size"} <= set(near["used"])
