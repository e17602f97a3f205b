"""The pages of documentation: built without a warning, and they say what the code says.

Needs the extra ``docs``; ``.ci/run`` runs it.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import cnnmat
from cnnmat import testing
from cnnmat.verify import Draw
from cnnmat.verify.loading import every
from tests.browser.browser_report import driver, folder, screen, visit

__all__ = ["driver", "folder"]

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "examples" / "docs"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The text of each page, by its name."""
    folder = tmp_path_factory.mktemp("docs")
    done = subprocess.run([sys.executable, "-m", "sphinx", "-q", "-W", "-E", "--keep-going",
                           str(DOCS), str(folder)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return {str(path.relative_to(folder)): path for path in folder.rglob("*.html")}


@pytest.fixture(scope="module")
def told():
    spec = importlib.util.spec_from_file_location("told", DOCS / "told.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(driver, pages, name):
    visit(driver, pages[name].as_uri())
    return driver.execute_script("return document.querySelector('article').innerText")


def test_the_page_on_claims_has_all_that_a_claim_can_draw(driver, pages):
    shown = text(driver, pages, "claims.html")
    names = [name for name in vars(Draw) if not name.startswith("_")]
    assert len(names) > 10
    assert [name for name in names if f"e.{name}(" not in shown] == []
    for name in ("e.partition(P, S, M, padding=True)", "e.pooling(name)",
                 "lecture.remark(place, text)", "Symbols may be divided by each other.", "assumes",
                 "cites", "readings", "elsewhere", "definition, identity, gradient"):
        assert name in shown


def test_the_reference_has_every_public_name_of_its_wing(driver, pages):
    shown = {name: text(driver, pages, f"reference/{name}.html")
             for name in ("textbook", "layers", "loops", "verify", "testing")}
    for name in cnnmat.__all__:
        if name not in ("Blocks", "Refusal"):
            assert name in shown["textbook"] + shown["layers"] + shown["verify"]
    assert [name for name in testing.__all__ if name not in shown["testing"]] == []
    assert "\\|" not in "".join(shown.values())


def test_verdicts_lectures_and_the_course_are_those_that_there_are(driver, pages):
    verdicts = text(driver, pages, "verdicts.html")
    for told in ("as printed it fails, the corrected form agrees", "rounding, and int64"):
        assert told in verdicts
    index = text(driver, pages, "index.html")
    assert [one.slug for one in every([]) if one.slug not in index] == []
    course = text(driver, pages, "course.html")
    found = sorted((ROOT / "examples" / "course").glob("[0-9]*.*"))
    assert [path.name for path in found if path.name not in course] == []


def test_no_page_is_wider_than_a_phone_or_asks_for_more_than_is_there(driver, pages):
    screen(driver, "phone")
    for path in pages.values():
        visit(driver, path.as_uri())
        assert driver.execute_script("return document.documentElement.scrollWidth") <= 390
    assert driver.get_log("browser") == []


def test_bars_and_stars_of_prose_are_no_markup(told):
    assert told._escaped("|x| and *others, ``|y|``\n\n>>> a | b\n*c\n\n|d|::\n\n    |e|\n|f|") == (
        r"\|x\| and \*others, ``|y|``" "\n\n>>> a | b\n*c\n\n" r"\|d\|::" "\n\n    |e|\n" r"\|f\|")


def test_what_has_no_docstring_is_no_row_that_is_left_out(told):
    class Silent:
        def silent(self):
            pass

    with pytest.raises(ValueError, match="silent must say what it is"):
        told._table("e.", Silent, ["silent"])
