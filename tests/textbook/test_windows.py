"""Sliding windows against the loops that slide them, and PyTorch's sizes."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnmat import Windows, loops


@st.composite
def geometries(draw):
    """Arguments of `Windows`, of which each axis has its own."""
    n = draw(st.integers(1, 3))
    each = {"shape": st.integers(1, 6), "kernel": st.integers(1, 4), "stride": st.integers(1, 3),
            "dilation": st.integers(1, 3)}
    drawn = {name: tuple(draw(one) for _ in range(n)) for name, one in each.items()}
    drawn["padding"] = tuple((draw(st.integers(0, 3)), draw(st.integers(0, 3))) for _ in range(n))
    assume(all(d * (k - 1) + 1 <= length + sum(p) for length, k, d, p in zip(
        drawn["shape"], drawn["kernel"], drawn["dilation"], drawn["padding"], strict=True)))
    return drawn


def test_indices_of_a_small_image():
    """A 2 x 2 window on a 2 x 3 image, whose columns are stacked: entries 0 2 4 / 1 3 5."""
    assert Windows((2, 3), 2).indices.tolist() == [[0, 1, 2, 3], [2, 3, 4, 5]]


def test_places_on_padding_are_minus_one():
    assert Windows(3, 2, 2, padding=((1, 0),)).indices.tolist() == [[-1, 0], [1, 2]]


def test_dilation_leaves_entries_out():
    assert Windows(5, 2, dilation=3).indices.tolist() == [[0, 3], [1, 4]]


@settings(max_examples=150)
@given(geometries())
def test_indices_are_those_of_the_loops_in_one_two_and_three_dimensions(drawn):
    windows = Windows(**drawn)
    want = loops.window_lists(*(list(drawn[k]) for k in (
        "shape", "kernel", "stride", "padding", "dilation")))
    assert windows.indices.tolist() == want
    assert windows.indices.dtype == np.int32
    assert (windows.P, windows.S) == (len(want), len(want[0]))
    assert int(np.prod(drawn["shape"])) == windows.M


@settings(max_examples=100)
@given(geometries(), st.sampled_from(["kernel", "stride", "dilation", "padding"]))
def test_an_integer_goes_for_every_axis(drawn, name):
    value = drawn[name][0]
    one = dict(drawn, **{name: value if name != "padding" else value[0]})
    same = dict(drawn, **{name: tuple(
        value if name != "padding" else (value[0],) * 2 for _ in drawn["shape"])})
    try:
        windows = Windows(**one)
    except ValueError:
        with pytest.raises(ValueError, match="kernel must fit"):
            Windows(**same)
        return
    assert windows == Windows(**same)
    assert np.array_equal(windows.indices, Windows(**same).indices)


@settings(max_examples=60)
@given(geometries())
def test_same_gives_one_window_a_step(drawn):
    windows = Windows(**dict(drawn, padding="same"))
    assert windows.output == tuple(
        -(-length // step) for length, step in zip(drawn["shape"], drawn["stride"], strict=True))
    assert all(after - before in (0, 1) for before, after in windows.padding)


def test_same_puts_the_odd_zero_after():
    assert Windows(5, 4, padding="same").padding == ((1, 2),)


def test_valid_is_no_padding():
    assert Windows(5, 4, padding="valid") == Windows(5, 4)


@settings(max_examples=100)
@given(geometries())
def test_output_sizes_are_pytorchs(drawn):
    conv = (torch.nn.functional.conv1d, torch.nn.functional.conv2d,
            torch.nn.functional.conv3d)[len(drawn["shape"]) - 1]
    pads = [p for pair in reversed(drawn["padding"]) for p in pair]
    image = torch.nn.functional.pad(torch.zeros(1, 1, *drawn["shape"]), pads)
    have = conv(image, torch.zeros(1, 1, *drawn["kernel"]), None, drawn["stride"], 0,
                drawn["dilation"])
    assert Windows(**drawn).output == tuple(have.shape[2:])


def test_numpy_integers_and_arrays_are_integers():
    windows = Windows(np.array([4, 5]), np.int8(2), np.array([1, 2]), np.array([[1, 0]] * 2))
    assert windows == Windows((4, 5), 2, (1, 2), ((1, 0), (1, 0)))


def test_windows_are_hashable_and_frozen():
    assert len({Windows(4, 2), Windows((4,), (2,)), Windows(4, 3)}) == 2
    with pytest.raises(AttributeError):
        Windows(4, 2).shape = (5,)
