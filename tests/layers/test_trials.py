"""Which path a trial finds, that it is kept, and what it may cost."""

import numpy as np
import pytest

from cnnmat import Windows
from cnnmat.layers import correlate, correlate_backward, path_name, paths, trials
from cnnmat.layers.plans import Geometry

X, W = (4, 3, 9, 10), (6, 3, 2, 3)


class Time:
    """A clock that moves when somebody works, and a list of who did."""

    def __init__(self):
        self.now, self.turns = 0, []

    def __call__(self):
        return self.now

    def worker(self, name, *seconds):
        """Builds a step that takes these seconds in its turns, the last of them from then on."""
        left = list(seconds)

        def step():
            self.turns.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]
        return lambda: step


def test_the_best_time_counts_and_the_first_turn_does_not():
    time = Time()
    entrants = {"steady": time.worker("steady", 0.010),
                "slow to start": time.worker("slow to start", 9, 0.012, 0.009, 0.012)}
    assert trials.race(entrants, time) == "slow to start"
    assert trials.race({"a": time.worker("a", 1), "b": time.worker("b", 1)}, time) == "a"


def test_one_interruption_puts_nobody_out():
    time = Time()
    entrants = {"steady": time.worker("steady", 0.010),
                "interrupted": time.worker("interrupted", 0.009, 1, 0.009)}
    assert trials.race(entrants, time) == "interrupted"


def test_what_is_far_behind_takes_no_further_turn():
    time = Time()
    trials.race({name: time.worker(name, seconds) for name, seconds in
                 (("far", 0.017), ("behind", 0.0145), ("near", 0.0109), ("best", 0.010))}, time)
    # 1.6 times the best at first; 1.6, 1.5, 1.4 after a turn each, and 1.1 in the end
    assert [time.turns.count(name) for name in ("far", "behind")] == [4, 7]
    near, best = (time.turns.count(name) for name in ("near", "best"))
    assert near == best > 10


def test_turns_end_with_their_time():
    time = Time()
    trials.race({"a": time.worker("a", 1.0), "b": time.worker("b", 1.1)}, time)
    assert time.turns == [*"aaaabbbb", "a", "b"]


def test_each_path_in_question_runs_there_and_back():
    seen = []

    class Spy:
        def __init__(self, geometry):
            self.geometry = geometry

        def forward(self, x, w, b, out):
            seen.append((x.shape, w.shape, b.shape, out.shape, out.dtype))

        def backward(self, dz, x, w, dx, dw):
            seen.append((dz.shape, x.shape, w.shape, dx.shape, dw.shape))

    geometry = Geometry(Windows((5, 6), (2, 3)), 2, 3, 4, dtype=np.dtype(np.float32))
    assert trials.fastest_of({"spy": Spy}, geometry) == "spy"
    assert set(seen) == {
        (geometry.x_shape, geometry.w_shape, (4,), geometry.z_shape, geometry.dtype),
        (geometry.z_shape, geometry.x_shape, geometry.w_shape, geometry.x_shape, geometry.w_shape)}


@pytest.fixture
def found(monkeypatch):
    """No trial held yet, and the last of the paths in question found each time."""
    tried = []

    def fastest_of(candidates, geometry):
        tried.append([*candidates])
        return tried[-1][-len(tried)]

    monkeypatch.setattr(paths, "FOUND", {})
    monkeypatch.setattr(paths, "fastest_of", fastest_of)
    monkeypatch.setattr(paths, "PLANS", type(paths.PLANS)(2**20))
    return tried


def test_a_trial_is_held_once_for_each_geometry_and_type(found):
    first = path_name(X, W, method="measured")
    # the plans it had leave, the name stays
    paths.PLANS = type(paths.PLANS)(2**20)
    correlate(np.ones(X), np.ones(W), method="measured")
    assert path_name(X, W, method="measured") == first == "direct"
    assert len(found) == 1
    assert path_name(X, W, "float32", method="measured") != first
    assert path_name(X, W, stride=2, method="measured") != first
    assert len(found) == 3


def test_what_is_tried_serves_the_geometry_and_keeps_the_bound(found):
    for sample, shape in ((4, (9, 10)), (1, (9, 11)), (1, (10, 10))):
        path_name((sample, 3, *shape), W, method="measured")
    always = {"literal", "lowering-apart", "direct"}
    assert list(map(set, found)) == [
        {*always, "lowering-together", "blocked", "blocked-1x2", "blocked-2x2", "blocked-2x4"},
        {*always, "blocked"}, {*always, "blocked-1x2"}]


def test_the_name_given_as_method_gives_the_same_bits():
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=X), rng.normal(size=W)
    name = path_name(X, W, method="measured")
    z = correlate(x, w, method="measured")
    assert np.array_equal(z, correlate(x, w, method=name))
    assert all(map(np.array_equal, correlate_backward(z, x, w, method="measured"),
                   correlate_backward(z, x, w, method=name)))


def test_the_name_of_a_path_is_itself_and_exact_entries_take_the_literal_one():
    assert path_name(X, W, method="blocked-2x2") == "blocked-2x2"
    assert {path_name(X, W, object, method=m) for m in ("auto", "measured")} == {"literal"}
    assert path_name(X, W, object, method="fast") == "lowering-apart"
    with pytest.raises(ValueError, match="method must be one of 'auto', 'fast', 'measured', "):
        path_name(X, W, method="quick")
    with pytest.raises(ValueError, match="w must have shape"):
        path_name(X, (6, 2, 2, 3))


@pytest.mark.parametrize("method", ["blocked", "blocked-1x2", "blocked-2x2", "blocked-2x4"])
def test_blocks_that_do_not_divide_the_output_are_refused(method):
    rows, columns = paths.BLOCKS[method]
    sides = f"blocks of {rows} x {columns} that divide the output, and no dilation along"
    for image, options in (((6, 5), {}), ((9, 8), {"dilation": (1, 3) if columns > 1 else (2, 1)})):
        with pytest.raises(ValueError, match=f"method '{method}' must be used with {sides}"):
            correlate(np.ones((1, 1, *image)), np.ones((1, 1, 2, 1)), method=method, **options)
    if columns > 1:
        with pytest.raises(ValueError, match=sides):
            correlate(np.ones((1, 1, 8)), np.ones((1, 1, 1)), method=method)
