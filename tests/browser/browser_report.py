"""The HTML report in a real headless Chromium; run with ``pytest tests/browser/browser_report.py``.

Needs Debian's chromium and chromium-driver, and the extra ``browser``; so it is not part of the
default run.  ``.ci/run`` runs it.
"""

import pytest
from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from cnnmat.cli import main
from cnnmat.verify.loading import every
from cnnmat.verify.lookup import search
from cnnmat.verify.neighbours import neighbours

#: A script in every field, and formulas that are none.
HOSTILE = '''
from cnnmat.verify import Lecture, Sides
LIVE = "</noscript><script>document.title = 1</script><img src=x onerror=\\"document.title = 1\\">"
lecture = Lecture("hostile", LIVE)
for number, formula in enumerate((LIVE, r"\\text{" + LIVE + "}", "a & b", r"\\frac{", "{" * 500,
                                  r"\\href{javascript:alert(1)}{x}", "a^2", "x" * 10**6)):
    @lecture.claim(f"{number} {LIVE}", "example", LIVE, formula, reason=LIVE, covers=LIVE)
    def two(e):
        return Sides(truth=2, printed=2, wrong={LIVE: 3}, show={LIVE: [[LIVE]]})
lecture.remark(LIVE, LIVE)
'''
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


@pytest.fixture(scope="module")
def driver(folder):
    options = webdriver.ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                 "--no-first-run", "--disable-background-networking", "--disable-sync",
                 "--disable-component-update", f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService("/usr/bin/chromedriver"))
    # axe looks at some hundred lines at once
    driver.set_script_timeout(300)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def report(folder):
    path = folder / "report.html"
    assert main(["verify", "--quiet", "--jobs", "2", "--html", str(path)]) == 0
    return path.as_uri()


@pytest.fixture
def page(driver, report):
    """The report as somebody sees it who has just opened it."""
    screen(driver, "desktop")
    visit(driver, report)
    return driver


def visit(page, url):
    """Load a page afresh, and wait for its script: on a busy machine ``get`` may be early."""
    page.get("about:blank")
    page.get(url)
    WebDriverWait(page, 30).until(lambda page: page.execute_script(
        "return location.href !== 'about:blank' && document.readyState === 'complete'"))


def screen(driver, name):
    width, height = SCREENS[name]
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": 1, "mobile": name == "phone"})


def articles(page):
    return page.find_elements(By.CSS_SELECTOR, "article")


def found(page):
    """The anchors of the lines that are listed, opened or not, in their order."""
    return page.execute_script(
        "return [...document.querySelectorAll('#hits > li > *')].map(e => e.id || "
        "new URLSearchParams(e.hash.slice(1)).get('claim'))")


def count(page):
    return int(page.find_element(By.ID, "shown").text.split()[0])


def choose(page, name, value):
    Select(page.find_element(By.ID, f"by-{name}")).select_by_value(value)


def type_in(page, text):
    """Type where the focus is, as somebody does who has looked at nothing yet."""
    page.switch_to.active_element.send_keys(text)


def box(page, selector):
    return page.execute_script(
        "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
        "return [r.left, r.top, r.right, r.bottom]", selector)


def test_the_first_thing_is_a_field_with_the_focus_and_little_is_loaded(page):
    assert page.switch_to.active_element.get_attribute("id") == "q"
    assert box(page, "#q")[3] < 150
    assert page.execute_script("return document.querySelectorAll('*').length") < 2500
    painted = page.execute_script(
        "return performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)")
    assert painted
    assert max(painted) < 500


@pytest.mark.parametrize("name", SCREENS)
def test_from_typing_to_reading_within_one_screen(page, name):
    screen(page, name)
    type_in(page, "(47.1257)")
    assert [a.get_attribute("id") for a in articles(page)] == ["sayed-47.1257"]
    told = page.find_element(By.CSS_SELECTOR, "#hits .told").text
    assert told.startswith("Misprinted. 𝟙_(S_c) must be 𝟙_(S_(c+1)).")
    for part in (".told", ".printed", ".corrected", ".counter"):
        left, top, right, bottom = box(page, f"#hits {part}")
        width, height = SCREENS[name]
        assert 0 <= left <= right <= width
        assert 0 <= top <= bottom <= height
    for part in (".printed .diff", ".corrected .diff"):
        left, _, right, _ = box(page, f"#hits {part}")
        assert 0 <= left <= right <= width


@pytest.mark.parametrize("query", [
    "47.1257", "(47.1257)", "eq 1257", "Equation (1257)", "s84", "slide 84", "s084", "upv",
    "V^(d,d',c+1)", "upv block diagonal", "sayed upv", "in57a", "eq (9) martinez", "lec14",
    "scanner two bands", r"\odot", "1126", "47.1257/size", "padding stride frobnicate", "9999",
])
def test_the_page_finds_what_the_command_finds_in_the_same_order(page, query):
    lectures = every([])
    wanted = [f"{c.lecture}-{c.id}" for c in search(query, lectures) if not c.real]
    type_in(page, query)
    more = page.find_element(By.ID, "more")
    if more.is_displayed():
        more.click()
    remarks = {f"{one.slug}-{remark['place']}".replace(" ", "-")
               for one in lectures for remark in one.remarks}
    assert [one for one in found(page) if one not in remarks] == wanted


def test_remarks_are_found_and_words_of_reasons(page):
    type_in(page, "47.1128/letter")
    assert found(page) == ["sayed-47.1128/letter"]
    page.find_element(By.ID, "q").clear()
    page.find_element(By.ID, "q").send_keys("subvectors leave enter")
    assert "sayed-47.1252/size" in found(page)
    page.find_element(By.ID, "q").clear()
    choose(page, "verdict", "read")
    assert count(page) == sum(len(one.remarks) for one in every([]))


def test_every_formula_that_is_opened_is_drawn_with_a_size(page):
    choose(page, "verdict", "misprint")
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    sizes = page.execute_script(
        "return [...document.querySelectorAll('#hits math')].map(m => "
        "[m.getBoundingClientRect().width, m.getBoundingClientRect().height])")
    assert len(sizes) >= 2 * count(page) > 100
    assert all(width > 3 and height > 5 for width, height in sizes)
    heights = page.execute_script(
        "const h = t => [...document.querySelectorAll(t)]"
        ".map(e => e.getBoundingClientRect().height);"
        "return [Math.max(...h('mfrac')), Math.min(...h('mi').filter(x => x > 0))]")
    assert heights[0] > 1.5 * heights[1]


def test_the_filters_show_what_they_name_and_count_it(page):
    choose(page, "verdict", "misprint")
    slips = count(page)
    assert len(found(page)) == 50 < slips
    assert page.find_element(By.ID, "shown").text == f"{slips} lines"
    assert {row.get_attribute("class") for row in page.find_elements(By.CSS_SELECTOR, ".row")} == {
        "row misprint"}
    choose(page, "lecture", "sayed")
    assert 0 < count(page) < slips
    assert {one.split("-")[0] for one in found(page)} == {"sayed"}


def test_the_address_has_the_state_and_back_leads_to_what_was_before(page, report):
    type_in(page, "first build")
    choose(page, "verdict", "scan")
    assert page.current_url == f"{report}#q=first+build&verdict=scan"
    before = found(page)
    page.find_elements(By.CSS_SELECTOR, ".row")[-1].click()
    assert [a.get_attribute("id") for a in articles(page)] == [before[-1]]
    assert found(page) == before
    page.back()
    assert found(page) == before
    page.back()
    assert page.find_element(By.ID, "q").get_attribute("value") == "first build"
    assert page.find_element(By.ID, "by-verdict").get_attribute("value") == ""
    page.back()
    assert page.find_element(By.ID, "start").is_displayed()
    page.forward()
    page.forward()
    assert found(page) == before
    visit(page, f"{report}#q=first+build&verdict=scan")
    assert found(page) == before


def test_a_link_shows_its_line_whatever_was_filtered(page, report):
    choose(page, "verdict", "ambiguous")
    page.execute_script("location.hash = 'sayed-47.1257'")
    page.execute_async_script("setTimeout(arguments[0], 100)")
    assert found(page) == ["sayed-47.1257"]
    assert 0 <= box(page, "article")[1] < 400
    visit(page, f"{report}#verdict=holds&claim=sayed-47.1257")
    assert [a.get_attribute("id") for a in articles(page)] == ["sayed-47.1257"]
    visit(page, f"{report}#lecture-lec14")
    assert {one.split("-")[0] for one in found(page)} == {"lec14"}


def test_a_line_leads_to_its_neighbours_and_to_what_a_verdict_covers(page):
    type_in(page, "47.1275/V-size")
    page.find_element(By.LINK_TEXT, "47.1257").click()
    page.execute_async_script("setTimeout(arguments[0], 100)")
    assert found(page) == ["sayed-47.1257"]
    assert page.find_elements(By.LINK_TEXT, "47.1275/V-size")
    page.find_element(By.CSS_SELECTOR, "article summary").click()
    page.find_element(By.CSS_SELECTOR, "article a[href='#covers']").click()
    page.execute_async_script("setTimeout(arguments[0], 100)")
    assert 0 <= box(page, "#covers")[1] < 800
    assert found(page) == ["sayed-47.1257"]


def test_from_the_search_to_a_line_and_back_by_keyboard(page):
    type_in(page, "eq 1257")
    type_in(page, Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "sayed-47.1257"
    for _ in range(3):
        type_in(page, Keys.TAB)
    assert page.switch_to.active_element.tag_name in ("a", "div", "summary")
    type_in(page, Keys.ESCAPE)
    assert page.switch_to.active_element.get_attribute("id") == "q"
    type_in(page, Keys.TAB)
    assert page.switch_to.active_element.get_attribute("id") == "by-lecture"


def test_blanks_stay_while_somebody_types(page):
    for key in "slide 84":
        type_in(page, key)
    assert page.find_element(By.ID, "q").get_attribute("value") == "slide 84"
    assert found(page)[0] == "mendez-s84a"


@pytest.mark.parametrize("lecture", [one.slug for one in every([])])
def test_nothing_makes_the_page_wider_than_a_phone(page, lecture):
    screen(page, "phone")
    choose(page, "lecture", lecture)
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(articles(page)) == count(page)
    assert page.execute_script("return document.documentElement.scrollWidth") <= 390
    assert page.execute_script(
        "return [...document.querySelectorAll('.formula, figure')]"
        ".filter(e => e.scrollWidth > e.clientWidth && e.tabIndex !== 0).length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", ["", "#q=47.1257", "#q=slide+84", "#q=upv", "#verdict=read",
                                     "#lecture=lec14", "#verdict=scan", "#verdict=ambiguous"])
def test_axe_has_nothing_to_say(page, report, scheme, address):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    visit(page, report + address)
    if address:
        page.execute_script("dispatchEvent(new Event('beforeprint'))")
    found = Axe().run(page)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("lecture", [one.slug for one in every([])])
def test_axe_has_nothing_to_say_of_any_line(page, lecture, scheme):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    choose(page, "lecture", lecture)
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    opened = len(articles(page))
    assert opened == count(page)
    # all of a long lecture at once is more than its rules for colours can bear
    for first in range(0, opened, 60):
        page.execute_script(
            "[...document.querySelectorAll('#hits > li')].forEach((e, k) => {"
            "e.hidden = k < arguments[0] || k >= arguments[0] + 60 })", first)
        violations = Axe().run(page, "#hits")["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []


def test_a_print_has_what_is_shown_in_full_and_the_errata_only_the_lines(page):
    page.execute_script("window.print = () => { window.printed = true; }")
    choose(page, "lecture", "lec14")
    page.find_element(By.ID, "errata").click()
    assert page.execute_script("return window.printed")
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    [lec14] = [one for one in every([]) if one.slug == "lec14"]
    slips = [f"lec14-{one.id}" for one in lec14.claims.values() if one.expect == "misprint"]
    assert found(page) == slips
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.find_element(By.ID, "printed").text.startswith("Errata: lec14, ")
        shown = {part: page.find_element(By.CSS_SELECTOR, part).is_displayed()
                 for part in ("form", "article .told", "article .corrected", "article .more")}
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == {"form": False, "article .told": True, "article .corrected": True,
                     "article .more": False}
    page.execute_script("dispatchEvent(new Event('afterprint'))")
    choose(page, "verdict", "scan")
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(articles(page)) == count(page)
    assert page.execute_script("return [...document.querySelectorAll('#hits details')]"
                               ".every(e => e.open)")


def opened_map(page, lecture):
    """The map of a lecture, opened as a reader does."""
    [place] = [k for k, one in enumerate(every([])) if one.slug == lecture]
    summary = page.find_elements(By.CSS_SELECTOR, ".map summary")[place]
    summary.click()
    WebDriverWait(page, 10).until(lambda page: page.find_elements(By.CSS_SELECTOR, ".drawing a"))
    return page.find_elements(By.CSS_SELECTOR, ".map")[place]


def box_of(page, id):
    return page.find_element(By.CSS_SELECTOR, f".drawing a[aria-label^='{id}: ']")


def press(page, id):
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", box_of(page, id))
    box_of(page, id).click()
    page.execute_async_script("setTimeout(arguments[0], 100)")


def test_a_map_is_drawn_when_it_is_opened_and_its_boxes_lead_to_their_lines(page):
    assert page.find_elements(By.CSS_SELECTOR, ".drawing *") == []
    opened_map(page, "sayed")
    assert len(page.find_elements(By.CSS_SELECTOR, ".drawing svg")) == 1
    press(page, "47.1257")
    assert page.current_url.endswith("#q=47.1257&lecture=sayed&claim=sayed-47.1257")
    assert [a.get_attribute("id") for a in articles(page)] == ["sayed-47.1257"]
    assert 0 <= box(page, "article")[1] < 400
    assert {one.split("/")[0] for one in found(page)} == {"sayed-47.1257"}
    assert "open" in box_of(page, "47.1257").get_attribute("class").split()
    page.back()
    press(page, "47.1258")
    assert [a.get_attribute("id") for a in articles(page)] == ["sayed-47.1258"]


def test_a_map_by_keyboard_says_what_a_line_goes_on_from(page):
    opened_map(page, "sayed").find_element(By.TAG_NAME, "summary").send_keys(Keys.TAB)
    for pressed, wanted in ((None, "47.1124"), (Keys.ARROW_RIGHT, "47.1125"),
                            (Keys.ARROW_LEFT, "47.1124"), (Keys.ARROW_UP, "47.1124")):
        if pressed:
            type_in(page, pressed)
        assert page.switch_to.active_element.get_attribute("aria-label").split(":")[0] == wanted
    page.execute_script("arguments[0].focus()", box_of(page, "47.1257"))
    [sayed] = [one for one in every([]) if one.slug == "sayed"]
    near = neighbours(sayed)
    own = [id for id in sayed.claims if id.split("/")[0] == "47.1257"]
    wanted = {"47.1257", *(other.split("/")[0] for id in own
                           for other in (*near[id]["uses"], *near[id]["used"]))}
    shown = page.execute_script("return [...document.querySelectorAll('.drawing a.near')]"
                                ".map(e => e.getAttribute('aria-label').split(':')[0])")
    assert set(shown) == wanted
    assert wanted - {"47.1257"} < {
        one.rstrip(",") for one in page.find_element(By.CSS_SELECTOR, ".here").text.split()}
    assert 0 < box(page, ".here")[1] < 800
    type_in(page, Keys.ENTER)
    page.execute_async_script("setTimeout(arguments[0], 100)")
    assert page.switch_to.active_element.get_attribute("id") == "sayed-47.1257"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SCREENS)
def test_axe_has_nothing_to_say_of_a_map_and_it_scrolls_in_its_own_box(page, scheme, name):
    screen(page, name)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    opened_map(page, "sayed")
    violations = Axe().run(page)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    page.execute_script("arguments[0].focus()", box_of(page, "47.1257"))
    violations = Axe().run(page)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert page.execute_script("return document.documentElement.scrollWidth") <= SCREENS[name][0]


def test_with_scripts_off_it_is_a_plain_list(page, report):
    page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        visit(page, f"{report}#sayed-47.1257")
        shown = page.find_elements(By.CSS_SELECTOR, "article .told")
        assert len(shown) > 1000
        assert shown[0].is_displayed()
        assert not page.find_element(By.ID, "q").is_displayed()
        assert page.find_element(By.ID, "sayed-47.1257").location["y"] > 1000
    finally:
        page.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_every_control_has_a_name_for_a_screen_reader(page):
    names = page.execute_script(
        "return [...document.querySelectorAll('form select, form input')]"
        ".map(e => e.labels.length && e.labels[0].textContent.trim())")
    assert len(names) == 4
    assert all(names)


def test_no_console_error_and_nothing_loaded_from_outside(page):
    assert page.get_log("browser") == []
    requested = [entry["message"] for entry in page.get_log("performance")
                 if "Network.requestWillBeSent" in entry["message"]]
    assert requested
    assert not any('"url":"http' in message for message in requested)


def test_a_hostile_lecture_is_complete_and_inert(driver, folder):
    (folder / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    assert main(["verify", "--quiet", str(folder / "hostile.py"),
                 "--html", str(folder / "hostile.html")]) == 0
    visit(driver, (folder / "hostile.html").as_uri() + "#lecture=hostile")
    driver.execute_script("dispatchEvent(new Event('beforeprint'))")
    assert len(articles(driver)) == count(driver) == 9
    assert driver.title.startswith("cnnmat: 8 lines")
    assert driver.execute_script("return document.scripts.length") == 1
    assert driver.find_elements(By.TAG_NAME, "img") == []
    text = driver.find_element(By.ID, "hits").text
    assert text.count("formula not shown as mathematics: ") == 5
    assert len(driver.find_elements(By.CSS_SELECTOR, "#hits math")) == 3
    driver.find_element(By.CSS_SELECTOR, "article .head a").click()
    assert "#hostile-" in driver.current_url
