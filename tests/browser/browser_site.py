"""The site in a real headless Chromium, from a disk and over http; ``.ci/run`` runs it."""

import contextlib
import functools
import http.server
import threading

import pytest
from axe_core_python.selenium import Axe
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from cnnmat.cli import main
from cnnmat.verify.loading import every
from cnnmat.verify.lookup import search
from cnnmat.verify.site import stem
from tests.browser.browser_report import (
    HOSTILE,
    SCREENS,
    choose,
    driver,
    folder,
    screen,
    type_in,
    visit,
)

__all__ = ["driver", "folder"]

LECTURES = ["sayed", "lec14"]
PAGES = ["index.html", "index.html#q=upv", "index.html#verdict=misprint", "lec14/index.html",
         "lec14/errata.html", "sayed/47.1257.html", "sayed/47.1275.html", "sayed/47.1126_all.html",
         "lec14/s1d.html", f"sayed/{stem('47.1275/Delta_C')}.html"]


@pytest.fixture(scope="module")
def made(folder):
    assert main(["site", str(folder / "site"), *LECTURES, "--jobs", "2"]) == 0
    return folder / "site"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A host that says nothing."""

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def host(made):
    """A web host of the site, on a port of its own."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(made)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module", params=["disk", "http"])
def address(request, made):
    """Where the site is found."""
    with host(made) if request.param == "http" else contextlib.nullcontext(
            made.as_uri() + "/") as place:
        yield place


@pytest.fixture
def page(driver, address):
    screen(driver, "desktop")
    visit(driver, f"{address}index.html")
    return driver


def found(page):
    """Where the lines lead that are listed, once they are."""
    WebDriverWait(page, 30).until(lambda page: page.find_element(By.ID, "shown").text)
    return page.execute_script(
        "return [...document.querySelectorAll('#hits a')].map(e => e.getAttribute('href'))")


def test_nothing_is_searched_until_somebody_searches(page):
    assert page.switch_to.active_element.get_attribute("id") == "q"
    assert page.execute_script("return document.querySelectorAll('script').length") == 1
    type_in(page, "upv")
    assert found(page)
    assert page.execute_script("return document.querySelectorAll('script').length") == 2


@pytest.mark.parametrize("query", [
    "47.1257", "(47.1257)", "eq 1257", "upv", "V^(d,d',c+1)", "upv block diagonal", "sayed upv",
    "lec14 s1d", r"\odot", "47.1257/size", "9999"])
def test_the_site_finds_what_the_command_finds_in_the_same_order(page, query):
    lectures = every(LECTURES)
    wanted = [f"{c.lecture}/{stem(c.id)}.html" for c in search(query, lectures) if not c.real]
    type_in(page, query)
    remarks = {f"{one.slug}/{stem(remark['place'])}.html"
               for one in lectures for remark in one.remarks}
    shown = found(page)
    more = page.find_element(By.ID, "more")
    if more.is_displayed():
        more.click()
        shown = found(page)
    assert [one for one in shown if one not in remarks] == wanted


def test_from_typing_to_the_line_and_back_by_keyboard(page, address):
    type_in(page, "eq 1257")
    assert found(page)[0] == "sayed/47.1257.html"
    assert page.find_element(By.CSS_SELECTOR, "#hits small").text.startswith(
        "Misprinted. 𝟙_(S_c) must be 𝟙_(S_(c+1)).")
    type_in(page, Keys.ENTER)
    WebDriverWait(page, 30).until(lambda page: page.current_url.endswith("sayed/47.1257.html"))
    assert page.find_element(By.CSS_SELECTOR, "article .told").text.startswith("Misprinted.")
    page.back()
    WebDriverWait(page, 30).until(lambda page: page.find_elements(By.ID, "q"))
    assert found(page)[0] == "sayed/47.1257.html"
    assert page.find_element(By.ID, "q").get_attribute("value") == "eq 1257"
    choose(page, "verdict", "holds")
    assert "sayed/47.1257.html" not in found(page)
    assert page.current_url == f"{address}index.html#q=eq+1257&verdict=holds"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SCREENS)
def test_axe_has_nothing_to_say_and_no_page_is_wider_than_its_screen(driver, made, scheme, size):
    screen(driver, size)
    driver.set_script_timeout(120)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    for name in PAGES:
        visit(driver, f"{made.as_uri()}/{name}")
        if "#" in name:
            assert found(driver)
        driver.execute_script(
            "document.querySelectorAll('details').forEach(e => { e.open = true; })")
        said = Axe().run(driver)["violations"]
        assert [(name, one["id"], one["nodes"][0]["html"]) for one in said] == []
        assert driver.execute_script(
            "return document.documentElement.scrollWidth") <= SCREENS[size][0]


def test_with_scripts_off_each_line_is_found_and_read(driver, made):
    driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visit(driver, f"{made.as_uri()}/index.html")
        assert not driver.find_element(By.ID, "q").is_displayed()
        driver.find_element(By.PARTIAL_LINK_TEXT, "Sayed").click()
        driver.find_element(By.PARTIAL_LINK_TEXT, "47.1257/size").click()
        assert driver.find_element(By.CSS_SELECTOR, ".told").is_displayed()
        assert driver.find_element(By.TAG_NAME, "math").size["width"] > 10
    finally:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_lines_that_cannot_be_loaded_are_told_and_the_lectures_stay(driver, made):
    (made / "lines.js").rename(made / "away.js")
    try:
        visit(driver, f"{made.as_uri()}/index.html")
        type_in(driver, "upv")
        WebDriverWait(driver, 30).until(
            lambda page: "could not be loaded" in page.find_element(By.ID, "shown").text)
        assert driver.find_element(By.ID, "start").is_displayed()
    finally:
        (made / "away.js").rename(made / "lines.js")
        driver.get_log("browser")


def test_a_hostile_lecture_is_complete_and_inert(driver, folder):
    (folder / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    assert main(["site", str(folder / "hostile"), str(folder / "hostile.py")]) == 0
    pages = sorted((folder / "hostile" / "hostile").iterdir())
    assert len(pages) == 11
    for path in [folder / "hostile" / "index.html", *pages]:
        visit(driver, path.as_uri())
        assert driver.title != "1"
        assert driver.execute_script("return document.scripts.length") == 1
        assert driver.find_elements(By.TAG_NAME, "img") == []
    visit(driver, (folder / "hostile" / "index.html").as_uri() + "#lecture=hostile")
    assert len(found(driver)) == 9
    assert driver.find_elements(By.TAG_NAME, "img") == []
    assert driver.title.startswith("cnnmat: 8 lines")


def test_no_console_error(driver):
    assert driver.get_log("browser") == []
