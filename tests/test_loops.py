"""The plain loops themselves, in numbers that were worked out by hand."""

import math
from fractions import Fraction

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from cnnmat import loops

A = [[1, 2, 3], [4, 5, 6]]


def test_matrices():
    assert loops.vec(A) == [1, 4, 2, 5, 3, 6]
    assert loops.transpose(A) == [[1, 4], [2, 5], [3, 6]]
    assert loops.product(A, loops.transpose(A)) == [[14, 32], [32, 77]]
    assert loops.times(A, [1, 0, -1]) == [-2, -2]
    assert loops.dot([1, 2], [3, 4]) == 11


def test_correlation_and_convolution_at_a_pixel():
    assert loops.flip(A) == [[6, 5, 4], [3, 2, 1]]
    assert [loops.pixel(A, r, c) for r, c in ((0, 0), (1, 2), (-1, 0), (0, 3), (2, 0))] == [
        1, 6, 0, 0, 0]
    assert loops.patch(A, 0, 0, 3, 3) == [[0, 0, 0], [0, 1, 2], [0, 4, 5]]
    mask = [[1, 10, 100]]
    assert loops.filter_image(A, mask) == [[210, 321, 32], [540, 654, 65]]
    assert loops.correlate_at(A, mask, 0, 1) == 321
    assert loops.convolve_at(A, mask, 0, 1) == 123


def test_windows_by_hand():
    assert loops.cells([2, 3]) == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2), (1, 2)]
    assert [loops.place(cell, [2, 3]) for cell in loops.cells([2, 3])] == [0, 1, 2, 3, 4, 5]
    assert [loops.count_windows(length, 2, 3) for length in (1, 2, 4, 5, 8)] == [0, 1, 1, 2, 3]
    assert loops.window_lists([3], [2], [2], [(1, 0)], [1]) == [[-1, 0], [1, 2]]
    assert loops.window_lists([2, 2], [1, 2], [1, 1], [(0, 0), (0, 0)], [1, 1]) == [
        [0, 2], [1, 3]]
    assert loops.subvectors([5, 6, 7], [[0, -1], [2, 2]]) == [[5, 0], [7, 7]]


def test_pooling_by_hand():
    assert loops.mean([Fraction(1), Fraction(2)]) == Fraction(3, 2)
    assert loops.largest([2, 7, 3]) == 7
    assert loops.norm([3, -4], 2, lambda q: q) == 25
    assert loops.norm([1, 2], 4, lambda q: q) == 17
    assert loops.pool([1, 2, 3], [[0, 2], [1]], sum) == [4, 2]


def test_pooling_windows_by_hand():
    assert loops.starts(5, 2, 2, 0, 0, False) == [0, 2]
    assert loops.starts(5, 2, 2, 0, 0, True) == [0, 2, 4]
    assert loops.starts(4, 3, 3, 1, 1, True) == [-1, 2]
    # the window that would begin on the padding behind is left out
    assert loops.starts(4, 2, 2, 1, 1, True) == [-1, 1, 3]
    windows = loops.pool_windows([3], [2], [2], [(1, 0)], [1], False)
    assert windows == [([(0,)], 2), ([(1,), (2,)], 2)]
    assert loops.window_counts(windows) == [2]
    # the last window hangs over the padding with one place, which does not count
    assert loops.pool_windows([5], [2], [2], [(1, 0)], [2], True) == [
        ([(1,)], 2), ([(1,), (3,)], 2), ([(3,)], 1)]


def test_pooling_of_images_by_hand():
    windows = loops.pool_windows([2, 3], [2, 2], [1, 1], [(0, 0), (0, 0)], [1, 1], False)
    assert windows[0][1] == ([(0, 1), (0, 2), (1, 1), (1, 2)], 4)
    x = [[[[1, 2, 3], [4, 5, 6]]]]
    assert loops.pool_images(x, windows, lambda values, places: (values, places)) == [
        [[[([1, 2, 4, 5], 4), ([2, 3, 5, 6], 4)]]]]


class Tied:
    """Numbers that tell tied ones apart."""

    def __init__(self, value, name):
        self.value, self.name = value, name

    def __gt__(self, other):
        return self.value > other.value


def test_the_first_of_tied_values_is_the_largest():
    values = [Tied(1, "a"), Tied(3, "b"), Tied(3, "c")]
    assert loops.largest(values).name == "b"


def test_a_layer_by_hand():
    lists = [[0, 1], [1, 2]]
    assert loops.feature_map([[1, 2], [2, 3]], [10, 1], 5, lambda z: -z) == [-7, -18]
    maps, w, theta = [[1, 2, 3], [4, 5, 6]], [[1, 10], [100, 1000]], [1, 2]
    assert loops.preactivation(maps, lists, w, theta, [0, 1]) == [5400 + 21 - 3, 6500 + 32 - 3]
    assert loops.preactivation(maps, lists, w, theta, [1]) == [5400 - 2, 6500 - 2]


def test_a_network_by_hand():
    stage = {"lists": [[0, 1], [1, 2]], "w": [[[1, 10]]], "theta": [[1]], "f": lambda z: 2 * z,
             "regions": [[1, 0]], "reduce": [sum], "feeds": [[0]]}
    layer = {"W": [[1], [2]], "theta": [3, 4], "f": lambda z: -z}
    found = loops.network([[1, 2, 3]], [stage], [layer])
    assert found == {"z": [[[20, 31]]], "y": [[[40, 62]]], "t": [[[102]]],
                     "zl": [[99, 200]], "yl": [[-99, -200]], "output": [-99, -200]}
    losses = (Fraction(1) + 99) ** 2 + 200**2
    assert loops.empirical_risk([[[1, 2, 3]]], [[1, 0]], [stage], [layer], 3, 5) == (
        3 * 101 + 5 * 5 + losses)


def test_the_risk_is_a_mean_and_leaves_unconnected_masks_out():
    stage = {"lists": [[0]], "w": [[[7], [2]]], "theta": [[0, 0]], "f": lambda z: z,
             "regions": [[0]], "reduce": [sum], "feeds": [[1]]}
    layer = {"W": [[1]], "theta": [0], "f": lambda z: z}
    samples = [[[5], [Fraction(1)]], [[5], [Fraction(3)]]]
    assert loops.empirical_risk(samples, [[0], [0]], [stage], [layer], 1, 0) == 4 + (4 + 36) / 2


def test_risks_by_hand():
    assert loops.squared_error([1, 2], [3, 5]) == 13
    assert loops.squared_norm([[1, [2]], 3]) == 14
    assert loops.cross_entropy([0, 1], [1, 2], lambda z: z, lambda q: 10 * q) == 28


@settings(max_examples=40)
@given(st.integers(1, 3), st.data())
def test_layers_on_batches_are_pytorchs(axes, data):
    """z, dx, dw and db, exactly, on whole numbers: stride, padding, dilation and groups."""
    draw = data.draw
    groups = draw(st.integers(1, 2))
    kernel = [draw(st.integers(1, 2)) for _ in range(axes)]
    dilation = [draw(st.integers(1, 2)) for _ in range(axes)]
    stride = [draw(st.integers(1, 2)) for _ in range(axes)]
    padding = [draw(st.integers(0, 1)) for _ in range(axes)]
    shape = [draw(st.integers(3, 4)) for _ in range(axes)]
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    x = random.integers(-9, 10, size=(2, groups * draw(st.integers(1, 2)), *shape))
    w = random.integers(-9, 10, size=(2 * groups, x.shape[1] // groups, *kernel))
    b = random.integers(-9, 10, size=2 * groups)
    tensors = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in (x, w, b)]
    conv = (torch.nn.functional.conv1d, torch.nn.functional.conv2d,
            torch.nn.functional.conv3d)[axes - 1]
    z = conv(*tensors, stride, padding, dilation, groups)
    dz = random.integers(-9, 10, size=tuple(z.shape))
    z.backward(torch.tensor(dz, dtype=torch.float64))
    rest = stride, [(p, p) for p in padding], dilation, groups
    assert loops.correlate(x.tolist(), w.tolist(), b.tolist(), *rest) == z.tolist()
    have = loops.correlate_backward(dz.tolist(), x.tolist(), w.tolist(), *rest)
    assert list(have) == [tensor.grad.tolist() for tensor in tensors]


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3))
def test_a_whole_row_at_a_time_is_a_cell_at_a_time(seed, down, right):
    random = np.random.default_rng(seed)
    x, w = random.integers(-9, 10, size=(2, 5, 6)), random.integers(-9, 10, size=(3, 2, 2, 3))
    stride, padding = [down, right], [(1, 0), (2, 1)]
    z, = loops.correlate([x.tolist()], w.tolist(), [0] * 3, stride, padding, [1, 1], 1)
    assert loops.correlate_rows(x.tolist(), w.tolist(), stride, padding) == z
    dz = random.integers(-9, 10, size=np.shape(z)).tolist()
    (dx,), dw, _ = loops.correlate_backward(
        [dz], [x.tolist()], w.tolist(), stride, padding, [1, 1], 1)
    assert loops.correlate_rows_backward(dz, x.tolist(), w.tolist(), stride, padding) == (dx, dw)


@given(st.integers(0, 10**6))
def test_convolving_with_the_flipped_mask_is_correlating(seed):
    random = np.random.default_rng(seed)
    image, mask = random.integers(-9, 10, size=(4, 5)).tolist(), random.integers(
        -9, 10, size=(3, 5)).tolist()
    assert all(loops.convolve_at(image, loops.flip(mask), r, c)
               == loops.correlate_at(image, mask, r, c) for r in range(4) for c in range(5))
    assert loops.filter_image(image, loops.flip(mask)) == signal.convolve(
        image, mask, "same", method="direct").tolist()


def test_normalisation_by_hand():
    """1, 3 have the mean 2 and the variance 1; with ε = 3 they are divided by 2."""
    assert loops.variance([1, 3]) == 1
    assert loops.standardize([1, 3], 3, math.sqrt) == [-0.5, 0.5]
    sets = loops.sets_of([2, 1], lambda cell: cell[1])
    assert sets == [[(0, 0), (1, 0)]]
    assert loops.normalize([[1], [3]], [4], [10], sets, lambda cell: cell[1:], 3, math.sqrt) == [
        [8], [12]]
    # dx sums to 0: a mean that is moved with x leaves y as it is
    dx, dgamma, dbeta = loops.normalize_backward([[1], [0]], [[1], [3]], [4], sets,
                                                 lambda cell: cell[1:], 3, math.sqrt)
    assert (dx, dgamma, dbeta) == ([[0.75], [-0.75]], [-0.5], [1])
    assert loops.running([10, 20], [20, 40], 0.25) == [12.5, 25]
    assert loops.neighbours(1, 3, 2) == [0, 1]
    assert loops.neighbours(1, 2, 4) == [0, 1]


def test_softmaxes_by_hand():
    """Of equal numbers the softmax is even, and so is what it sends back."""
    def exp(v):
        return 1 if v == 0 else math.exp(v)

    assert loops.softmax_backward([3, 1], [0, 0], exp) == [0.5, -0.5]
    assert loops.log_softmax_backward([3, 1], [0, 0], exp) == [1, -1]
    assert loops.log_softmax([0, 0], exp, lambda v: 7 if v == 2 else None) == [-7, -7]


def test_losses_by_hand():
    assert loops.binary_cross_entropy_slope(1, 0.25) == -4
    assert loops.logistic_loss(1, 5, lambda z: 6) == 1
    assert loops.hinge([1, 2, 0], 0) == 2
    assert loops.hinge_slopes([1, 2, 0], 0) == [-1, 1, 0]
    assert loops.binary_hinge(-1, 2) == 3
    assert loops.binary_hinge_slope(-1, 2) == 1
    assert loops.binary_hinge_slope(1, 2) == 0


def test_steps_by_hand():
    assert loops.sgd_step(1, 2, 4, 0.5, 0.5, False) == (-1, 4)
    assert loops.sgd_step(1, 2, 4, 0.5, 0.5, True) == (-1, 4)
    assert loops.sgd_step(1, 2, 8, 0.5, 0.5, True) == (-1.5, 6)
    assert loops.rmsprop_step(1, 2, 12, 0.5, 0.5, 0, math.sqrt, "outside")[1] == 8
    assert loops.rmsprop_step(1, 4, 0, 1, 0, 0, math.sqrt, "outside") == (0, 16)
    assert loops.rmsprop_step(1, 4, 0, 1, 0, 9, math.sqrt, "inside") == (1 - 4 / 5, 16)
    # the first step of Adam is the rate, whatever the gradient and the betas
    assert loops.adam_step(10, 3, 0, 0, 1, 2, 0.5, 0.75, 0, math.sqrt, "outside")[0] == 8
    assert loops.adam_step(10, 4, 0, 0, 1, 2, 0.5, 0.75, 9, math.sqrt, "inside")[0] == 10 - 8 / 5
    assert loops.adam_step(10, 4, 0, 0, 1, 2, 0.5, 0.75, 2, math.sqrt, "hat")[0] == 9


def test_maps_of_another_size_by_hand():
    x = [[[[1, 2], [3, 4]]]]
    rows = loops.nearest(2, 2)
    assert loops.resize(x, rows, rows)[0][0] == [
        [1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert loops.linear(2, 2, False, Fraction) == [
        [(0, 1), (1, 0)], [(0, Fraction(3, 4)), (1, Fraction(1, 4))],
        [(0, Fraction(1, 4)), (1, Fraction(3, 4))], [(1, 1), (1, 0)]]
    assert [one[0][0] for one in loops.linear(2, 2, True, Fraction)] == [0, 0, 0, 1]
    assert loops.linear(1, 1, True, Fraction) == [[(0, 1), (0, 0)]]
    assert loops.adaptive_windows([3], [2]) == [([(0,), (1,)], 2), ([(1,), (2,)], 2)]
    assert loops.correlate_transpose([[[[1, 2]]]], [[[[3, 4]]]], [10], [1, 2], [0, 1], [0, 0]) == [
        [[[14, 16]]]]
    assert loops.correlate_transpose_backward([[[[1, 5]]]], [[[[1, 2]]]], [[[[3, 4]]]], [1, 2],
                                              [0, 1]) == ([[[[4, 15]]]], [[[[10, 1]]]], [6])
    assert loops.embed([[1, 0]], [[5], [6]]) == [[[6], [5]]]
    assert loops.embed_backward([[[1], [2]]], [[1, 1]], [[5], [6]]) == [[0], [3]]
    assert loops.drop([2, 4], [0, 1], Fraction(1, 2)) == [0, 8]
