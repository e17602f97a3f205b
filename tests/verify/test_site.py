"""The site: a page for each line, links that lead somewhere and stay, texts that are never live."""

import datetime
import json
import re
import string
import urllib.parse
from pathlib import PurePosixPath

import pytest

from cnnmat.cli import main
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.judge import remarked, run
from cnnmat.verify.loading import every
from cnnmat.verify.lookup import texts
from cnnmat.verify.site import LONGEST, pages, stem, write_site
from tests.verify.test_command import OWN
from tests.verify.test_html import LIVE, Seen

DATE = datetime.date(2024, 2, 3)


def lecture(*ids, slug="demo", **fields):
    made = Lecture(slug, "A <demo> & more")
    for id in ids:
        @made.claim(id, "example", **{"title": f"after (1.1) & {id}", "formula": "5", **fields})
        def slip(e):
            return Sides(truth=6, printed=5, corrected=6, wrong={"minus": -1})
    return made


MISPRINT = {"expect": "misprint", "corrected_formula": "6", "reason": "added"}


def site(*lectures):
    results = [r for one in lectures for r in (*map(run, one.claims.values()), *remarked(one))]
    return pages(lectures, results, DATE)


@pytest.fixture(scope="module")
def made():
    one = lecture("1.1", "1.2/Size", **MISPRINT)
    one.remark("p. 1", "nothing to run")
    return site(one, lecture("1.1", slug="other"))


def test_each_line_has_a_page_of_its_own(made):
    assert made.keys() == {
        "index.html", "style.css", "site.js", "lines.js", "walk.html", "demo/index.html",
        "demo/errata.html", "demo/1.1.html", "demo/1.2_~Size.html", "demo/p.~20~1.html",
        "other/index.html", "other/errata.html", "other/1.1.html"}
    for told in ("Misprinted.</strong> 5 must be 6. Added.", "printed 5, truth 6", "1.2/Size",
                 "after (1.1) &amp; 1.2/Size", "A &lt;demo&gt; &amp; more"):
        assert told in made["demo/1.2_~Size.html"]


def test_every_link_of_every_page_leads_to_what_is_there(made):
    ids = {name: set(Seen(text).ids) for name, text in made.items() if name.endswith(".html")}
    followed = 0
    for name in ids:
        seen = Seen(made[name])
        for link in [*seen.links, *(v for k, v in seen.attributes if k == "src")]:
            if link == "data:,":
                continue
            path, _, fragment = link.partition("#")
            path = urllib.parse.unquote(path)
            target = str(PurePosixPath(name).parent / path) if path else name
            target = re.sub(r"[^/]+/\.\./", "", target)
            assert target in made, (name, link)
            assert not fragment or fragment in ids[target]
            followed += 1
    assert followed > 40


def test_a_line_leads_to_what_it_names_and_to_those_around_it(made):
    seen = made["demo/1.2_~Size.html"]
    assert 'Goes on from <a href="1.1.html">1.1</a>' in seen
    assert '<a rel="prev" href="1.1.html">1.1</a>' in seen
    assert '<a rel="next" href="p.~20~1.html">p. 1</a>' in seen


def test_errata_have_the_misprints_and_their_date(made):
    assert made["demo/errata.html"].count("<article") == 2
    assert "3 February 2024. 2 misprints" in made["demo/errata.html"]
    assert 'href="errata.html"' in made["demo/index.html"]


def test_what_is_searched_is_what_the_report_searches(made):
    call = re.fullmatch(r"cnnmat\.take\((.*)\);\n", made["lines.js"], re.DOTALL)
    first = json.loads(call[1])[0]
    claim = lecture("1.1", **MISPRINT).claims["1.1"]
    assert first["texts"] == "\n".join(texts(claim))
    assert first["told"] == "Misprinted. 5 must be 6. Added."
    assert first["href"] == "demo/1.1.html"


def test_the_name_of_a_page_is_safe_everywhere_and_no_other_lines():
    ids = [id for one in every([]) for id in (*one.claims, *(r["place"] for r in one.remarks))]
    ids = [*dict.fromkeys(ids), "V", "v", "a/b", "a_b", "a b", "a~20~b", "index", "errata", "con",
           "com1.x", "", ".", "..", "../..", "%2e", "ü", "a" * 300, "a" * 301, "\0", "~0", "#", "?"]
    stems = [stem(id) for id in ids]
    assert len({one.casefold() for one in stems}) == len(ids) > 1300
    safe = set(string.ascii_letters + string.digits + "._~-")
    assert all(set(one) <= safe and 0 < len(one) <= LONGEST + 17 for one in stems)
    assert not {one for one in stems
                if one.startswith(".") or one.split(".")[0] in ("index", "errata", "con", "com1")}


def test_markup_of_a_lecture_is_never_live():
    one = lecture(f'" onload="x" {LIVE}', **(MISPRINT | {"title": LIVE, "reason": LIVE}))
    one.remark(LIVE, LIVE)
    made = site(one)
    for name, text in made.items():
        if name.endswith(".html"):
            seen = Seen(text)
            # the walk has its numbers in one of its own
            assert seen.tags.count("script") == 1 + (name == "walk.html")
            assert [key for key, _ in seen.attributes if key.startswith("on")] == []
    assert "alert(1)" not in made["site.js"] + made["style.css"]


def test_the_command_writes_it_and_writes_it_anew(tmp_path, capsys):
    (tmp_path / "own.py").write_text(OWN)
    folder = tmp_path / "site"
    for _ in range(2):
        assert main(["site", str(folder), str(tmp_path / "own.py")]) == 0
        out = capsys.readouterr().out
        assert "2 claims: " in out
        assert f"its first page: {folder / 'index.html'}" in out
    assert (folder / "own" / "1.2.html").is_file()


def test_a_folder_with_other_files_is_refused_before_the_run(tmp_path, capsys):
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["site", str(tmp_path), "lec14"]) == 2
    captured = capsys.readouterr()
    assert "DIR must be new, empty, or made by this command" in captured.err
    assert captured.out == ""


def test_write_site_is_of_today_and_keeps_what_is_somebody_elses(tmp_path):
    one = lecture("1.1", **MISPRINT)
    results = [run(one.claims["1.1"])]
    write_site(tmp_path, [one], results)
    (tmp_path / "CNAME").write_text("mine")
    write_site(tmp_path, [one], results, DATE)
    assert (tmp_path / "CNAME").read_text() == "mine"
    assert "3 February 2024" in (tmp_path / "demo" / "errata.html").read_text("utf-8")
