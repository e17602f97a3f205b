"""The page that walks one pixel: its numbers and what belongs to what, held against the loops."""

import copy
import functools
import json
import re
from fractions import Fraction

import pytest

from cnnmat import loops
from cnnmat.cli import main
from cnnmat.verify import walk
from cnnmat.verify.walk.case import MAPS, Case
from tests.verify.walk import looped

SETTINGS = [f"{s}-{p}-{d}" for s in (1, 2) for p in (0, 1) for d in (1, 2)]
POOLINGS = ["max", "mean"]
CASES = [(key, pooling) for key in SETTINGS for pooling in POOLINGS]
SIZE = 20


@functools.cache
def whole():
    """What the page walks through, computed once and not when the tests are collected."""
    return walk.walk()


def geometry(key):
    stride, padding, dilation = map(int, key.split("-"))
    lists, counts = looped.partition((4, 5), (2, 3), stride, padding, dilation)
    return lists, looped.regions(counts)


def sets(lit):
    return {name: set(entries) for name, entries in lit.items() if entries}


def differing(setting, key):
    """The pixels, and the entries of V^(1,d,1), that light other entries than the loops say."""
    lists, omega = geometry(key)
    pixels = [m for m in range(SIZE)
              if sets(setting["pixels"][m]["lit"]) != looped.lit_by_pixel(m, SIZE, lists, omega)]
    alone = {"lit": {}}
    places = [(d, m, p) for d in range(MAPS) for m in range(SIZE) for p in range(len(lists))]
    entries = []
    for d, m, p in places:
        number = (d * SIZE + m) * len(lists) + p
        lit = sets(setting["entries"].get(number, alone)["lit"]) or {"Vd": {number}}
        if lit != looped.lit_by_entry(d, m, p, SIZE, lists):
            entries.append((d, m, p))
    return pixels, entries


def test_every_step_of_the_controls_is_there():
    assert list(whole()["settings"]) == SETTINGS
    assert list(whole()["controls"]["pooling"]) == POOLINGS


@pytest.mark.parametrize("key", SETTINGS)
def test_what_is_lit_is_what_the_loops_say(key):
    assert differing(whole()["settings"][key], key) == ([], [])


@pytest.mark.parametrize("panel", ["V", "H", "w", "z", "T", "y_o", "t", "W_1", "b", "u", "r",
                                   "delta", "Vd", "dh", "dW"])
def test_a_relation_that_is_one_off_is_noticed(panel):
    wrong = copy.deepcopy(whole()["settings"]["1-1-1"])
    wrong["pixels"][6]["lit"][panel][0] += 1
    assert differing(wrong, "1-1-1") == ([6], [])


@pytest.mark.parametrize("panel", ["h", "w", "delta", "V", "H", "Vd", "dh"])
def test_a_w_or_a_delta_that_is_one_off_is_noticed(panel):
    wrong = copy.deepcopy(whole()["settings"]["1-0-1"])
    number = (SIZE + 6) * 9 + 1
    wrong["entries"][number]["lit"][panel][0] += 1
    assert differing(wrong, "1-0-1") == ([], [(1, 6, 1)])


@pytest.mark.parametrize("key", SETTINGS)
def test_the_steps_that_are_told_are_what_is_lit(key):
    lists, omega = geometry(key)
    order = [p for region in omega for p in region]
    for m, pixel in enumerate(whole()["settings"][key]["pixels"]):
        assert pixel["steps"] == [
            (p, s, order.index(p), next(q for q, one in enumerate(omega) if p in one))
            for p, window in enumerate(lists) for s, index in enumerate(window) if index == m]


@pytest.mark.parametrize("key", SETTINGS)
def test_the_entry_that_is_told_is_where_w_and_delta_meet(key):
    lists, _ = geometry(key)
    told = {one["at"] for one in whole()["settings"][key]["entries"].values()}
    assert told == {(d, m, p, s) for d in range(MAPS) for p, window in enumerate(lists)
                    for s, m in enumerate(window) if m >= 0}


def signals(key, pooling, change=None):
    """The page's numbers, those of the loops, and the loops' risk; `change` moves one number."""
    stride, padding, dilation = map(int, key.split("-"))
    case = Case((4, 5), (2, 3), stride, padding, dilation, pooling)
    shown = whole()["settings"][key]["numbers"][pooling]
    numbers = {"h": list(shown["h"]), "w_of": [shown["w"][d::MAPS] for d in range(MAPS)]}
    if change:
        name, place, step = change
        target = numbers["h"] if name == "h" else numbers["w_of"][place % MAPS]
        at = place if name == "h" else place // MAPS
        target[at] = target[at] + step
    found = looped.network(numbers, case.parameters, *geometry(key), pooling)
    gamma = [Fraction(x) for x in case.gamma[0]]
    return shown, found, loops.squared_error(gamma, found["output"])


def flat(nested):
    return [x for one in nested for x in (flat(one) if isinstance(one, list) else [one])]


@pytest.mark.parametrize(("key", "pooling"), CASES)
def test_the_numbers_forward_are_those_of_the_loops(key, pooling):
    lists, omega = geometry(key)
    shown, found, _ = signals(key, pooling)
    subs = loops.subvectors(shown["h"], lists)
    assert shown["H"] == [sub[s] for s in range(6) for sub in subs]
    for name in ("z", "y", "t"):
        assert shown[name] == flat(found[name][0])
    order = [p for region in omega for p in region]
    assert shown["y_o"] == [y[p] for y in found["y"][0] for p in order]
    assert shown["out"] == found["output"]
    t, n = shown["t"], len(shown["t"])
    assert shown["out"] == [loops.dot(shown["W_1"][n * k:n * (k + 1)], t) - theta
                            for k, theta in enumerate((4, -3))]
    assert shown["V"] == [int(i == m) for one in lists for i in one for m in range(SIZE)]
    assert shown["T"] == [int(unit == p) for unit in order for p in range(len(lists))]


@pytest.mark.parametrize(("key", "pooling"), CASES)
def test_the_numbers_back_are_the_slopes_of_the_loops_risk(key, pooling):
    # the risk is quadratic as long as no ReLU and no maximum turns, so that this is exact
    step = Fraction(1, 10**6)
    shown = whole()["settings"][key]["numbers"][pooling]
    for name, panel in (("h", "dh"), ("w", "dW")):
        slopes = [(signals(key, pooling, (name, k, step))[2]
                   - signals(key, pooling, (name, k, -step))[2]) / (2 * step)
                  for k in range(len(shown[panel]))]
        assert shown[panel] == slopes


@pytest.mark.parametrize(("key", "pooling"), CASES)
def test_each_stage_on_the_way_back_is_the_one_before_it_undone(key, pooling):
    lists, omega = geometry(key)
    shown, P = whole()["settings"][key]["numbers"][pooling], len(lists)
    order = [p for region in omega for p in region]
    region = [q for q, one in enumerate(omega) for _ in one]
    both = range(MAPS)
    W = [shown["W_1"][len(shown["b"]) * k:len(shown["b"]) * (k + 1)] for k in (0, 1)]
    assert shown["b"] == loops.times(loops.transpose(W), shown["delta_L"])
    assert shown["u"] == [shown["b"][d * len(omega) + region[k]] * shown["g"][d * P + k]
                          for d in both for k in range(P)]
    assert shown["r"] == [shown["u"][d * P + order.index(p)] for d in both for p in range(P)]
    assert shown["delta"] == [a * b for a, b in zip(shown["r"], shown["slope"], strict=True)]
    assert shown["Vd"] == [sum(shown["w"][s * MAPS + d] for s, i in enumerate(lists[p]) if i == m)
                           for d in both for m in range(SIZE) for p in range(P)]


def test_what_comes_from_above_is_neither_ones_nor_the_same_and_nothing_is_trivial():
    shown = whole()["settings"]["1-0-1"]["numbers"]["max"]
    assert shown["delta_L"] == [3, -2]
    T = Case((4, 5), (2, 3), 1, 0, 1, "max").regions.matrix.toarray()
    assert (T @ T != 1 * (T @ T.T)).any()
    assert 0 not in shown["w"]
    assert len(set(shown["h"])) > 6


def test_the_fragment_holds_the_numbers_and_nothing_from_outside():
    text = walk.fragment()
    data = re.search(r'<script type="application/json" class="walk-data">(.*?)</script>', text)[1]
    assert json.loads(data)["settings"]["2-1-2"]["numbers"]["mean"] == (
        whole()["settings"]["2-1-2"]["numbers"]["mean"])
    assert not re.search(r"(src|href)=[\"']", text)


def test_the_command_writes_a_page_of_other_sizes(tmp_path, capsys):
    path = tmp_path / "walk.html"
    assert main(["walk", str(path), "--image", "3", "4", "--kernel", "2", "2"]) == 0
    assert capsys.readouterr().out == f"{path} written\n"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert '"image":[3,4]' in text
    assert "θ = 0.5, −1.5" in text


def test_settings_at_which_the_window_does_not_fit_are_left_out():
    assert list(walk.walk((2, 3), (2, 3))["settings"]) == [
        "1-0-1", "1-1-1", "1-1-2", "2-0-1", "2-1-1", "2-1-2"]


@pytest.mark.parametrize(("sizes", "message"), [
    (["--image", "9", "9"], "image must have at most 48 entries, to fit a page, got 9×9"),
    (["--kernel", "4", "4"], "kernel must have at most 12 entries, to fit a page, got 4×4"),
    (["--kernel", "5", "2"], "kernel must fit into the padded image: along axis 0 it spans 5 of "),
    (["--image", "0", "2"], "image[0] must be at least 1, got 0"),
])
def test_sizes_that_cannot_be_are_said(tmp_path, capsys, sizes, message):
    assert main(["walk", str(tmp_path / "w.html"), *sizes]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_what_it_needs_the_command_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    assert main(["walk", str(tmp_path / "w.html")]) == 2
    assert "cnnmat[report]" in capsys.readouterr().err
