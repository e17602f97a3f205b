"""The HTML report: self-contained, well-formed, every claim with its formula and its link."""

import re
from html.parser import HTMLParser

import pytest

from cnnmat.verify import html
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.judge import run


@pytest.fixture
def lecture():
    lecture = Lecture("demo", "A <demo> & more")

    @lecture.claim("1.1", "identity", "Sum & <order>", r"a+b=b+a")
    def commutes(e):
        a, b = e.symbols("a"), e.symbols("b")
        return Sides(truth=b + a, printed=a + b, wrong={"a < difference": a - b},
                     show={"M": [[1, 0], [0, 7]]})

    @lecture.claim("1.2", "example", "A slip", r"2\times 3=5", expect="misprint",
                   corrected_formula=r"2\times 3=6", reason="added, not multiplied")
    def slip(e):
        return Sides(truth=6, printed=5, corrected=6, wrong={"minus": -1})

    lecture.remark("p. 1", "nothing to run")
    return lecture


@pytest.fixture
def text(lecture, tmp_path):
    results = [run(claim) for claim in lecture.claims.values()]
    html.write_html(tmp_path / "r.html", [lecture], results)
    return (tmp_path / "r.html").read_text(encoding="utf-8")


def test_every_tag_that_opens_closes(text):
    class Balanced(HTMLParser):
        def __init__(self):
            super().__init__()
            self.open = []

        def handle_starttag(self, tag, attrs):
            if tag not in {"meta", "link", "input", "br"}:
                self.open.append(tag)

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    parser = Balanced()
    parser.feed(text)
    assert parser.open == []


def test_nothing_comes_from_outside(text):
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)
    assert "@import" not in text


def test_each_claim_can_be_linked_to(text):
    assert 'id="demo-1.1"' in text
    assert 'href="#demo-1.2"' in text


def test_text_of_the_lecture_is_escaped(text):
    assert "A &lt;demo&gt; &amp; more" in text
    assert "a &lt; difference" in text
    assert "<demo>" not in text


def test_formulas_are_mathml_and_what_differs_is_marked(text):
    slip = text[text.index('id="demo-1.2"'):]
    assert slip.count("<math") == 2
    assert re.findall(r'class="diff">(\d)', slip) == ["5", "6"]


def test_the_counterexample_the_matrix_and_the_remark_are_there(text):
    assert "printed 5, truth 6" in text
    assert '<td class="zero">0</td>' in text
    assert "nothing to run" in text
    assert "cnnmat show 1.1 demo" in text


def test_mark_difference_marks_nothing_in_equal_formulas():
    a, b = html.formula("x^2+1"), html.formula("x^2+1")
    html.mark_difference(a, b)
    assert not [leaf for leaf in (*a.iter(), *b.iter()) if leaf.get("class")]
