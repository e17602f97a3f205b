"""What the docstrings of the checks promise to somebody who has nothing else."""

import numpy as np
import pytest

from cnnmat import correlate, correlate_backward, pool
from cnnmat.testing import (
    check_activation,
    check_adaptive_pooling,
    check_batch_norm,
    check_correlation,
    check_dropout,
    check_group_norm,
    check_layer_norm,
    check_pooling,
    check_risk,
    check_update,
    engine,
)
from cnnmat.testing.case import Case
from cnnmat.testing.contract import known_cases


def cases(check, *functions, **options):
    taken = []
    with engine.handing_over(taken.append):
        check(*functions, **options)
    return known_cases(taken[0].contract, 0), taken[0].contract


def conv(x, w, b, stride, padding):
    return correlate(x, w, b, stride=stride, padding=padding)


def backward(dz, x, w, stride, padding):
    return correlate_backward(dz, x, w, stride=stride, padding=padding)


def test_several_results_come_in_a_tuple_or_a_list_and_one_by_itself():
    assert check_correlation(conv, lambda *a: list(backward(*a))).passed
    assert check_correlation(lambda *a: conv(*a).tolist()).passed
    assert not check_correlation(lambda *a: (conv(*a),)).passed


def test_settings_come_by_position_rows_first():
    def by_other_names(x, w, b, rows_and_columns, around, /):
        assert len(rows_and_columns) == len(around) == 2
        (down, right), (top, left) = rows_and_columns, around
        p = np.pad(x, [(0, 0), (0, 0), (top, top), (left, left)])
        v = np.lib.stride_tricks.sliding_window_view(p, w.shape[2:], (2, 3))
        return np.einsum("ncijkl,dckl->ndij", v[:, :, ::down, ::right], w) + b[:, None, None]

    assert check_correlation(by_other_names, stride="tuple", padding="tuple").passed


def test_arrays_are_left_as_they_are_and_calls_hang_on_no_others():
    def in_place(x, w, b, stride, padding):
        w += 1
        return conv(x, w - 1, b, stride, padding)

    seen = []

    def remembers(x, w, b, stride, padding):
        seen.append(1)
        return conv(x, w, b, stride, padding) + (len(seen) > 90)

    assert not check_correlation(in_place).passed
    assert not check_correlation(remembers).passed


def test_padding_is_never_a_maximum_and_holds_no_window():
    found, contract = cases(check_pooling, pool, kind="max", padding="pairs", stride="tuple",
                            dilation="tuple")
    for case in found:
        spans = [d * (k - 1) + 1 for k, d in zip(
            case.settings["size"], case.settings["dilation"], strict=True)]
        assert all(2 * max(p) <= span for p, span in zip(
            case.settings["padding"], spans, strict=True))
    negative = [c for c in found if (c.arrays["x"] < 0).all() and np.any(c.settings["padding"])]
    assert negative
    assert all((contract.truth(c, "forward")["t"].value < 0).all() for c in negative)


def shared_in(weights):
    """A backward pass of tiles of two by two that gives ties their shares by weights."""
    def back(dt, x, size):
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dt.shape):
            window = x[n, c, i * size:(i + 1) * size, j * size:(j + 1) * size]
            ties = np.argwhere(window == window.max())
            for share, (k, m) in zip(weights(len(ties)), ties, strict=True):
                dx[n, c, i * size + k, j * size + m] += dt[n, c, i, j] * share
        return dx
    return back


@pytest.mark.parametrize(("weights", "right"), [
    (lambda n: [1] + [0] * (n - 1), True), (lambda n: [0] * (n - 1) + [1], True),
    (lambda n: [1 / n] * n, True), (lambda n: [1] * n, False)])
def test_ties_share_their_gradient_in_any_way_that_adds_up(weights, right):
    assert check_pooling(lambda x, size: pool(x, "max", size), shared_in(weights)).passed is right


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0, 1.5])
def test_at_a_kink_any_slope_between_is_right(slope):
    def back(dy, x):
        return dy * np.where(x == 0, slope, x > 0)

    assert check_activation(lambda x: np.maximum(x, 0), back).passed is (slope <= 1)


def test_risks_are_not_tried_where_they_have_no_slope_or_no_value():
    for kind in ("hinge", "binary_hinge"):
        for case in cases(check_risk, np.sum, kind=kind)[0]:
            y, t = case.arrays["y"], case.arrays["target"]
            own = (y * t).sum(1, keepdims=True)
            assert not np.any((t * y == 1) if kind == "binary_hinge" else (y - own == -1))
    for kind in ("binary_cross_entropy", "sigmoid_cross_entropy"):
        found, _ = cases(check_risk, np.sum, kind=kind)
        assert all(np.isin(c.arrays["target"], (0, 1)).all() for c in found)
    assert all(((c.arrays["y"] > 0) & (c.arrays["y"] < 1)).all() for c in cases(
        check_risk, np.sum, kind="binary_cross_entropy")[0])
    for kind in ("softmax_cross_entropy", "sigmoid_cross_entropy"):
        found, _ = cases(check_risk, np.sum, kind=kind)
        assert round(max(np.abs(c.arrays["y"]).max() for c in found)) == 1000


def normalised(x, axes, ddof, eps):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, ddof=ddof, keepdims=True) + eps)


@pytest.mark.parametrize("ddof", [0, 1])
def test_the_variance_of_a_layer_and_of_a_group_is_the_biased_one(ddof):
    def layer(x, gamma, beta, eps):
        return gamma * normalised(x, 1, ddof, eps) + beta

    def group(x, gamma, beta, groups, eps):
        split = x.reshape(len(x), groups, -1)
        y = normalised(split, 2, ddof, eps).reshape(x.shape)
        return gamma[:, None, None] * y + beta[:, None, None]

    with np.errstate(all="ignore"):
        assert check_layer_norm(layer).passed is (ddof == 0)
        assert check_group_norm(group).passed is (ddof == 0)


def test_a_backward_pass_gets_no_running_values():
    handed = []

    def forward(x, gamma, beta, mean, var, momentum, eps):
        count = len(x)
        y = gamma * normalised(x, 0, 0, eps) + beta
        new = (1 - momentum) * var + momentum * x.var(0) * count / (count - 1)
        return y, (1 - momentum) * mean + momentum * x.mean(0), new

    def back(*given):
        handed.append(len(given))
        raise NotImplementedError

    check_batch_norm(forward, back, layout="NC", running="new")
    assert set(handed) == {4}


def partial(image, size):
    """The means of ones, windows of that size at every second pixel, with one row of padding."""
    _, contract = cases(check_pooling, pool, kind="mean", stride="int", padding="int",
                        incomplete="partial")
    settings = {"size": [size] * 2, "stride": [2, 2], "padding": [[1, 1], [1, 1]],
                "dilation": [1, 1]}
    x = np.ones((1, 1, image, image))
    return contract.truth(Case("by hand", "plain", {"x": x}, settings), "forward")["t"].value[0, 0]


def test_what_hangs_over_is_not_counted_but_padding_is():
    # at -1, 1 and 3: the last has a pixel, a place of padding, and a place that hangs over
    means = partial(4, 3)
    assert means.shape == (3, 3)
    assert means[1, 2] == 3 / 6
    assert means[2, 2] == 1 / 4


def test_a_window_that_hangs_over_starts_inside_the_image():
    # at -1 and 1; one at 3 would hang over, and start on the padding
    assert partial(3, 2).shape == (2, 2)
    assert partial(4, 2).shape == (3, 3)


@pytest.mark.parametrize("name", ["relu", "softplus", "tanh"])
def test_what_an_activation_is_given_reaches_1000_and_no_further(name):
    given, _ = cases(check_activation, lambda x: x, lambda dy, x: dy, name)
    largest = [np.abs(case.arrays["x"]).max(initial=0) for case in given]
    assert 1000 in largest
    assert max(largest) == 1000


def test_a_mask_is_of_floats_and_has_no_other_values_than_0_and_1():
    given, _ = cases(check_dropout, lambda x, mask, p: x, dtype="float32")
    for case in given:
        assert case.arrays["mask"].dtype == np.float32
        assert np.isin(case.arrays["mask"], (0, 1)).all()


def test_never_are_there_more_windows_than_pixels():
    given, _ = cases(check_adaptive_pooling, lambda x, size: x, size="tuple")
    for case in given:
        assert all(m <= n for m, n in zip(case.settings["size"], case.arrays["x"].shape[2:],
                                          strict=True))


@pytest.mark.parametrize("kind", ["softmax_cross_entropy", "hinge"])
def test_one_class_in_a_row_is_right(kind):
    given, _ = cases(check_risk, lambda y, target: 0.0, kind=kind)
    for case in given:
        target = case.arrays["target"]
        assert np.isin(target, (0, 1)).all()
        assert (target.sum(1) == 1).all()


def test_a_decoupled_decay_is_of_the_weight_before_the_step():
    def sgd(after):
        def step(params, grads, lr, weight_decay, momentum, state):
            found, kept = {}, {}
            for name, p in params.items():
                kept[name] = momentum * (state or {}).get(name, 0) + grads[name]
                new = p - lr * kept[name]
                decay = lr * weight_decay if name == "w" else 0
                found[name] = new - decay * (new if after else p)
            return found, kept
        return step

    assert check_update(sgd(after=False), decoupled=True).passed
    assert not check_update(sgd(after=True), decoupled=True).passed


def test_a_window_that_hangs_over_counts_as_in_pytorch():
    import torch

    def forward(x, size, stride, padding):
        return torch.nn.functional.max_pool2d(
            torch.from_numpy(x), size, stride, padding, ceil_mode=True).numpy()

    found = check_pooling(forward, stride="int", padding="int", incomplete="partial")
    assert found.passed, found.summary()
