"""The HTML report: self-contained, well-formed, every claim with its formula and its link."""

import re
import urllib.parse
from html.parser import HTMLParser

import markupsafe
import pytest

from cnnmat.verify import html
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.judge import remarked, run
from cnnmat.verify.sums.proof import REMAINS


def made():
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
def lecture():
    return made()


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    lecture = made()
    results = [*(run(claim) for claim in lecture.claims.values()), *remarked(lecture)]
    path = tmp_path_factory.mktemp("html") / "r.html"
    html.write_html(path, [lecture], results)
    return path.read_text(encoding="utf-8")


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


def test_the_verdict_is_told_in_words_before_the_formulas(text):
    slip = text[text.index('id="demo-1.2"'):]
    told = slip.index("Misprinted.</strong> 5 must be 6. Added, not multiplied.")
    assert told < slip.index("<math")
    assert slip.index("<math") < slip.index("printed 5, truth 6") < slip.index("What was compared")


def test_a_line_is_text_until_a_script_or_a_browser_without_scripts_takes_it(text):
    assert len(re.findall(r"<noscript data-claim=[^<>]*>\s*<article", text)) == 3
    assert 'data-texts="A slip\n1.2\n2 × 3 = 5\n' in text


def test_lines_that_name_each_other_are_linked(lecture):
    lecture.claim("1.3", "example", "by (1.1)", "1", reason="(1.7) is not there")(
        lambda e: Sides(truth=1, printed=1, wrong={"two": 2}))
    results = [run(lecture.claims[id]) for id in ("1.3", "1.1")]
    one, other = html.page([lecture], results).split("<article")[1:]
    assert 'Goes on from <a href="#demo-1.1">1.1</a></p>' in one
    assert 'Named by <a href="#demo-1.3">1.3</a></p>' in other
    # what was not run has no place on the page
    assert "Goes on from" not in html.page([lecture], results[:1])


def test_what_no_proof_covers_is_said_once_and_linked(text):
    covers = text[text.index('id="covers"'):]
    assert [covers.count(str(markupsafe.escape(one))) for one in REMAINS] == [1] * len(REMAINS)
    assert text.count('href="#covers"') == text.count("What was compared</summary>") == 2


@pytest.mark.parametrize(("printed", "corrected", "marked"), [
    ("x_{c}", "x_{c+1}", (["c"], ["+", "1"])), ("b", "2b", (["b"], ["2"])),
    ("ab+c", "a", (["b", "+", "c"], ["a"])),
])
def test_where_something_is_left_out_both_forms_are_marked(printed, corrected, marked):
    pair = html.formula(printed), html.formula(corrected)
    html.mark_difference(*pair)
    assert tuple([leaf.text for leaf in html.leaves(one) if leaf.get("class") == "diff"]
                 for one in pair) == marked


def test_mark_difference_marks_nothing_in_equal_formulas():
    a, b = html.formula("x^2+1"), html.formula("x^2+1")
    html.mark_difference(a, b)
    assert not [leaf for leaf in (*a.iter(), *b.iter()) if leaf.get("class")]


# --- texts and formulas of strangers ------------------------------------------------------------


LIVE = "</noscript><script>alert(1)</script>"


class Seen(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.ids, self.links = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        self.links += [value for name, value in attrs if name == "href"]


def page(*rows, title="t", remark="r"):
    """The page of claims given as (id, fields)."""
    lecture = Lecture("own", title)
    for id, fields in rows:
        fields = {"title": "t", "formula": "2", **fields}

        @lecture.claim(id, "example", **fields)
        def two(e):
            return Sides(truth=2, printed=2, wrong={Markup(LIVE): 3},
                         show={Markup(LIVE): [[LIVE, Markup(LIVE)]]})

    lecture.remark(remark, remark)
    results = [run(claim) for claim in lecture.claims.values()]
    return html.page([lecture], results)


class Markup(markupsafe.Markup):
    """What a template takes for safe; a matrix may hold it."""

    def __mul__(self, other):
        return self


FIELDS = [{"title": LIVE}, {"reason": LIVE}, {"covers": LIVE}, {"formula": LIVE},
          {"corrected_formula": LIVE}, {"no_control": LIVE}, {"formula": r"\text{" + LIVE + "}"}]


@pytest.mark.parametrize("kind", [str, markupsafe.Markup])
def test_markup_in_any_field_is_never_live(kind):
    rows = [(f"1.{n}", {name: kind(text) for name, text in fields.items()})
            for n, fields in enumerate(FIELDS)]
    rows.append((kind(f'" onload="x" {LIVE}'), {}))
    text = page(*rows, title=kind(LIVE), remark=kind(LIVE))
    seen = Seen(text)
    assert seen.tags.count("script") == 1
    assert "alert" not in text[text.rindex("<script>"):]
    assert [name for name, _ in seen.attributes if name.startswith("on")] == []
    assert [link for link in seen.links if not link.startswith(("#", "data:,"))] == []
    assert seen.tags.count("article") == len(rows)
    # the one thing that could end a line's text for a browser that runs scripts
    assert text.count("</noscript") == text.count("<noscript") == len(rows) + 2


@pytest.mark.parametrize(("latex", "why"), [
    ("a & b", "&amp; is not known, or not here"), ("", "it is empty"),
    (r"\frac{", "its braces do not pair"), ("x" * 10**5, "it is longer than"),
    (LIVE + "_", "missing super script or subscript"), (r"\def\x{y}", r"it holds \def"),
])
def test_a_formula_that_is_none_is_marked_and_its_source_is_there(latex, why):
    text = page(("1.1", {"formula": latex}), ("1.2", {"corrected_formula": latex}),
                ("1.3", {"formula": "a+b"}))
    marked = [article.count(f"formula not shown as mathematics: {why}")
              for article in text.split("<article")[1:]]
    assert marked == [1, 1 if latex else 0, 0]
    assert str(markupsafe.escape(latex)) in text
    assert Seen(text).tags.count("math") == (2 if latex else 3) - (not latex)


def test_a_control_character_or_half_of_one_is_an_escape():
    text = page(("1\0\x1b", {"title": "a\ud800b", "reason": "\x07"}), title="\x00")
    for shown in (r"1\x00\x1b", r"a\ud800b", r"\x07"):
        assert shown in text
    text.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


def test_every_id_is_one_and_every_link_leads_somewhere():
    ids = ["1 2", "1-2", "claims", "1%20", "1/ü", '"', "3", "('a', 1)", "", "1.1"]
    text = page(*[(one, {}) for one in ids])
    seen = Seen(text)
    assert len(set(seen.ids)) == len(seen.ids)
    assert [one for one in seen.ids if re.search(r"\s", one)] == []
    targets = {f"#{urllib.parse.quote(one, safe='')}" for one in seen.ids}
    assert {link for link in seen.links if link.startswith("#")} <= targets
    assert text.count("<article") == len(ids)


def test_the_command_that_repeats_a_claim_is_quoted_for_the_shell():
    assert "cnnmat show &#39;1; rm -rf ~&#39; own" in page(("1; rm -rf ~", {}))


def test_a_page_that_cannot_be_made_leaves_the_old_one(lecture, tmp_path, monkeypatch):
    path = tmp_path / "r.html"
    path.write_text("old")
    monkeypatch.setattr(html, "page", lambda *_: "\ud800")
    with pytest.raises(UnicodeEncodeError):
        html.write_html(path, [lecture], [])
    assert [one.name for one in tmp_path.iterdir()] == ["r.html"]
    assert path.read_text() == "old"
