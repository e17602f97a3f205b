"""The page that walks one pixel, in a real headless Chromium.

Run with ``pytest tests/browser/browser_walk.py``; needs what ``browser_report.py``
needs.  What is lit is held against the loops alone.
"""

import pytest
from axe_core_python.selenium import Axe
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cnnmat.cli import main
from tests.browser.browser_report import SCREENS, driver, folder, screen, visit  # noqa: F401
from tests.verify.walk import looped

SIZE, MAPS = 20, 2
#: As the page starts, and a setting at which all three controls are moved.
SETTINGS = {"1-0-1": {}, "2-1-2": {"stride": 2, "padding": 1, "dilation": 2}}


@pytest.fixture(scope="module")
def written(folder):  # noqa: F811
    path = folder / "walk.html"
    assert main(["walk", str(path)]) == 0
    return path.as_uri()


@pytest.fixture
def page(driver, written):  # noqa: F811
    screen(driver, "desktop")
    visit(driver, written)
    return driver


def choose(page, **controls):
    for name, value in controls.items():
        page.find_element(By.CSS_SELECTOR, f"input[name=walk-{name}][value='{value}']").click()


def geometry(key):
    stride, padding, dilation = map(int, key.split("-"))
    lists, counts = looped.partition((4, 5), (2, 3), stride, padding, dilation)
    return lists, looped.regions(counts)


def cell(page, panel, at):
    return page.find_element(By.CSS_SELECTOR, f"[data-panel={panel}] [data-at='{at}']")


def point_at(page, panel, at):
    target = cell(page, panel, at)
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
    ActionChains(page, duration=0).move_to_element(target).perform()


def lit(page):
    """For each panel the entries that are lit, and those of them that are seen to be."""
    found = page.execute_script("""
        const plain = getComputedStyle(document.querySelector('.walk .cell:not(.lit) rect')).fill;
        return [...document.querySelectorAll('.walk figure')].map(figure => [figure.dataset.panel,
            [...figure.querySelectorAll('.lit')].map(one => [Number(one.dataset.at),
                getComputedStyle(one.querySelector('rect')).fill !== plain])])""")
    assert all(seen for _, entries in found for _, seen in entries)
    return {panel: {at for at, _ in entries} for panel, entries in found if entries}


@pytest.mark.parametrize("key", SETTINGS)
def test_pointing_at_a_pixel_lights_exactly_what_the_loops_say(page, key):
    choose(page, **SETTINGS[key])
    lists, omega = geometry(key)
    for m in range(SIZE):
        point_at(page, "h", m)
        assert lit(page) == looped.lit_by_pixel(m, SIZE, lists, omega)
        assert page.find_element(By.CSS_SELECTOR, ".told").text.startswith(f"h({m + 1}) = ")


@pytest.mark.parametrize("key", SETTINGS)
def test_pointing_at_an_entry_of_V_lights_the_w_and_the_delta_that_meet(page, key):
    choose(page, **SETTINGS[key])
    lists, _ = geometry(key)
    for d, m, p in [(0, 6, 0), (1, 6, 0), (1, 9, len(lists) - 1), (0, 0, len(lists) - 1)]:
        point_at(page, "Vd", (d * SIZE + m) * len(lists) + p)
        wanted = looped.lit_by_entry(d, m, p, SIZE, lists)
        assert lit(page) == wanted
        told = page.find_element(By.CSS_SELECTOR, ".told").text
        assert told.startswith(f"V^(1,{d + 1},1)({m + 1},{p + 1}) = ")
        assert ("meets δ" in told) == ("w" in wanted)


def test_the_loops_tell_these_settings_apart(page):
    one, other = (looped.lit_by_pixel(6, SIZE, *geometry(key)) for key in SETTINGS)
    assert one != other
    point_at(page, "h", 6)
    assert lit(page) == one != looped.lit_by_pixel(7, SIZE, *geometry("1-0-1"))


@pytest.mark.parametrize("key", SETTINGS)
def test_the_keyboard_does_all_that_the_pointer_does(page, key):
    choose(page, **SETTINGS[key])
    lists, omega = geometry(key)
    inputs = page.find_elements(By.CSS_SELECTOR, ".walk input")
    inputs[-2].send_keys(Keys.TAB)
    at = int(page.switch_to.active_element.get_attribute("data-at"))
    for pressed, step in ((Keys.ARROW_LEFT, -4), (Keys.ARROW_UP, -1), (Keys.ARROW_RIGHT, 4),
                          (Keys.ARROW_DOWN, 1)):
        page.switch_to.active_element.send_keys(pressed)
        at += step
        assert int(page.switch_to.active_element.get_attribute("data-at")) == at
        assert lit(page) == looped.lit_by_pixel(at, SIZE, lists, omega)
    for _ in range(12):
        page.switch_to.active_element.send_keys(Keys.TAB)
        active = page.switch_to.active_element
        if active.get_attribute("role") == "gridcell":
            break
    assert lit(page) == looped.lit_by_entry(0, 0, 0, SIZE, lists)
    active.send_keys(Keys.ARROW_DOWN)
    assert lit(page) == looped.lit_by_entry(0, 1, 0, SIZE, lists)


def test_what_was_clicked_is_held_while_the_pointer_is_elsewhere(page):
    lists, omega = geometry("1-0-1")
    cell(page, "h", 6).click()
    point_at(page, "h", 13)
    assert lit(page) == looped.lit_by_pixel(13, SIZE, lists, omega)
    ActionChains(page, duration=0).move_to_element(
        page.find_element(By.ID, "walk-back")).perform()
    assert lit(page) == looped.lit_by_pixel(6, SIZE, lists, omega)
    choose(page, stride=2)
    assert lit(page) == looped.lit_by_pixel(6, SIZE, *geometry("2-0-1"))


def test_a_window_larger_than_the_image_cannot_be_chosen(driver, folder):  # noqa: F811
    path = folder / "small.html"
    assert main(["walk", str(path), "--image", "2", "3", "--kernel", "2", "3"]) == 0
    visit(driver, path.as_uri())
    two = driver.find_element(By.CSS_SELECTOR, "input[name=walk-dilation][value='2']")
    assert not two.is_enabled()
    choose(driver, padding=1)
    assert two.is_enabled()


@pytest.mark.parametrize("name", SCREENS)
def test_the_page_is_no_wider_than_the_screen_at_any_setting(page, name):
    screen(page, name)
    for padding in (0, 1):
        for pooling in ("max", "mean"):
            choose(page, padding=padding, pooling=pooling)
            assert page.execute_script(
                "return document.documentElement.scrollWidth") <= SCREENS[name][0]
            assert page.execute_script(
                "return [...document.querySelectorAll('.box')].filter(e => e.tabIndex !== 0 && "
                "(e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)).length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", SETTINGS)
def test_axe_has_nothing_to_say(page, written, scheme, key):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "features": [{"name": "prefers-color-scheme", "value": scheme}]})
    visit(page, written)
    choose(page, **SETTINGS[key])
    found = Axe().run(page)["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def test_no_console_error_and_nothing_loaded_from_outside(page):
    assert page.get_log("browser") == []
    assert not any('"url":"http' in entry["message"] for entry in page.get_log("performance"))
