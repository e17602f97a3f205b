"""Text from strangers comes out as characters that can be seen, and as JSON that can be read."""

import json

import markupsafe
import numpy as np
import pytest

from cnnmat.texts import one_line, plain, printable, to_json, word


class Hostile:
    def __str__(self):
        raise RuntimeError("no text here")


def test_any_object_is_a_word_of_the_plain_kind():
    found = word(markupsafe.Markup("<b>"))
    assert (found, type(found)) == ("<b>", str)
    assert not hasattr(found, "__html__")
    assert word(("a", 1)) == "('a', 1)"
    assert word(Hostile()) == "(Hostile that cannot be printed)"
    assert word(10**10_000) == "(int that cannot be printed)"


@pytest.mark.parametrize(("text", "shown"), [
    ("a\0b", r"a\x00b"), ("\x1b[2J", r"\x1b[2J"), ("\ud800", r"\ud800"), ("\x85", r"\x85"),
    ("\u202eevil", r"\u202eevil"), ("\uffff", r"\uffff"), ("a\tb\nc", "a\tb\nc"),
    ("Δ − 𝔻 é", "Δ − 𝔻 é"), ("\r", r"\x0d"),
])
def test_what_cannot_be_seen_is_an_escape(text, shown):
    assert printable(text) == shown
    shown.encode("utf-8")


def test_a_row_has_one_line():
    assert one_line("a \n\n b\x0bc") == r"a b\x0bc"


@pytest.mark.parametrize(("value", "text"), [
    (float("nan"), '"nan"'), (float("-inf"), '"-inf"'), (np.float64("inf"), '"inf"'),
    (1.5, "1.5"), (np.int64(3), "3"), (True, "true"), (None, "null"), (2**70, f'"{2**70}"'),
    ({1: "a", None: (1, 2)}, '{"1": "a", "None": [1, 2]}'), ("\ud800", r'"\\ud800"'),
    (np.bool_(True), '"True"'), (Hostile(), '"(Hostile that cannot be printed)"'),
])
def test_everything_has_json_that_is_valid(value, text):
    def refuse(name):
        raise ValueError(name)

    assert to_json(value) == text
    assert json.loads(text, parse_constant=refuse) == plain(value)
