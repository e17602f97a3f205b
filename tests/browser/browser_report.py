"""The HTML report in a real headless Chromium; run with ``pytest tests/browser/browser_report.py``.

Needs Debian's chromium and chromium-driver, and the extra ``browser``; so it is not part of the
default run.  ``.ci/run`` runs it.
"""

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from cnnmat.cli import main

#: A script in every field, and formulas that are none.
HOSTILE = '''
from cnnmat.verify import Lecture, Sides
LIVE = "<script>document.title = 1</script><img src=x onerror=\\"document.title = 1\\">"
lecture = Lecture("hostile", LIVE)
for number, formula in enumerate((LIVE, r"\\text{" + LIVE + "}", "a & b", r"\\frac{", "{" * 500,
                                  r"\\href{javascript:alert(1)}{x}", "a^2", "x" * 10**6)):
    @lecture.claim(f"{number} {LIVE}", "example", LIVE, formula, reason=LIVE, covers=LIVE)
    def two(e):
        return Sides(truth=2, printed=2, wrong={LIVE: 3}, show={LIVE: [[LIVE]]})
lecture.remark(LIVE, LIVE)
'''


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    path = folder / "report.html"
    assert main(["verify", "--quiet", "--jobs", "2", "--html", str(path)]) == 0
    (folder / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    assert main(["verify", "--quiet", str(folder / "hostile.py"),
                 "--html", str(folder / "hostile.html")]) == 0
    options = webdriver.ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                 "--no-first-run", "--disable-background-networking", "--disable-sync",
                 "--disable-component-update", f"--user-data-dir={folder / 'profile'}",
                 "--window-size=1100,900"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))
    driver.get(path.as_uri())
    yield driver
    driver.quit()


def shown(page):
    return [a for a in page.find_elements(By.CSS_SELECTOR, "article") if a.is_displayed()]


def choose(page, name, value):
    Select(page.find_element(By.ID, f"by-{name}")).select_by_value(value)


@pytest.fixture(autouse=True)
def everything_shown(page):
    for name in ("lecture", "verdict", "kind"):
        choose(page, name, "")
    page.find_element(By.ID, "by-text").clear()
    page.find_element(By.ID, "by-text").send_keys(" ", Keys.BACKSPACE)


def test_every_formula_is_drawn_with_a_size(page):
    sizes = page.execute_script(
        "return [...document.querySelectorAll('math')].map(m => "
        "[m.getBoundingClientRect().width, m.getBoundingClientRect().height])")
    assert len(sizes) >= len(shown(page)) > 0
    assert all(width > 3 and height > 5 for width, height in sizes)


def test_a_fraction_stands_higher_than_a_letter(page):
    heights = page.execute_script(
        "const h = t => [...document.querySelectorAll(t)]"
        ".map(e => e.getBoundingClientRect().height);"
        "return [Math.max(...h('mfrac')), Math.min(...h('mi').filter(x => x > 0))]")
    assert heights[0] > 1.5 * heights[1]


def test_the_filters_show_what_they_name_and_count_it(page):
    everything = len(shown(page))
    choose(page, "verdict", "misprint")
    slips = shown(page)
    assert 0 < len(slips) < everything
    assert {a.get_attribute("data-verdict") for a in slips} == {"misprint"}
    assert page.find_element(By.ID, "shown").text.startswith(f"{len(slips)} claim")
    choose(page, "lecture", "sayed")
    assert {a.get_attribute("id").split("-")[0] for a in shown(page)} == {"sayed"}


def test_a_number_typed_finds_its_claim(page):
    page.find_element(By.ID, "by-text").send_keys("47.1257")
    found = [a.get_attribute("id") for a in shown(page)]
    assert "sayed-47.1257" in found
    assert all("47.1257" in one for one in found)


def test_a_link_leads_to_its_claim(page):
    page.get(page.current_url.split("#")[0] + "#sayed-47.1257")
    article = page.find_element(By.ID, "sayed-47.1257")
    top = page.execute_script("return arguments[0].getBoundingClientRect().top", article)
    assert 0 <= top < 900


def test_nothing_is_wider_than_a_phone(page):
    page.set_window_size(500, 900)
    wide = page.execute_script("return document.documentElement.scrollWidth - innerWidth")
    page.set_window_size(1100, 900)
    assert wide <= 0


def test_the_filters_are_reached_by_keyboard_in_order(page):
    page.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
    first = page.find_element(By.ID, "by-lecture")
    first.send_keys(Keys.TAB)
    assert page.switch_to.active_element.get_attribute("id") == "by-verdict"


def test_every_control_has_a_name_for_a_screen_reader(page):
    names = page.execute_script(
        "return [...document.querySelectorAll('nav select, nav input')]"
        ".map(e => e.labels.length && e.labels[0].textContent.trim())")
    assert len(names) == 4
    assert all(names)


def test_no_console_error_and_nothing_loaded_from_outside(page):
    assert page.get_log("browser") == []
    requested = [entry["message"] for entry in page.get_log("performance")
                 if "Network.requestWillBeSent" in entry["message"]]
    assert requested
    assert not any('"url":"http' in message for message in requested)


def test_a_hostile_lecture_is_complete_and_inert(page):
    report = page.current_url.split("#")[0]
    page.get(report.replace("report.html", "hostile.html"))
    try:
        assert len(shown(page)) == 8
        assert page.title.startswith("cnnmat: 8 lines")
        assert page.execute_script("return document.scripts.length") == 1
        assert page.find_elements(By.TAG_NAME, "img") == []
        assert page.page_source.count("formula not shown as mathematics: ") == 5
        assert len(page.find_elements(By.TAG_NAME, "math")) == 3
        page.find_element(By.CSS_SELECTOR, "article .head a").click()
        assert "#hostile-" in page.current_url
    finally:
        page.get(report)
