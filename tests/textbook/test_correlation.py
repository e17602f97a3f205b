"""A correlation layer: literal matrices, their short forms, SciPy, and the loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage, signal, sparse

from cnnmat import Partition, correlate_image, loops, weight_matrix
from cnnmat import weight_matrix_short as short
from cnnmat.textbook import correlation
from cnnmat.textbook.activations import activation
from cnnmat.textbook.correlation import (
    block_diagonal,
    dTheta,
    dTheta_literal,
    dW,
    dW_literal,
    feature_map,
    preactivation,
    pull_back,
    pull_back_literal,
    stack_maps,
)
from cnnmat.textbook.images import convolve_full, convolve_image
from tests.conftest import close, fractions


@st.composite
def layers(draw):
    """A partition, and exact W, Theta, t and delta of two samples: all sizes their own."""
    M, S = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    one = st.lists(st.integers(-1, M - 1), min_size=S, max_size=S)
    lists = draw(st.lists(one, min_size=1, max_size=4))
    before, D = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    shapes = {"W": (S * before, D), "Theta": (before, D), "t": (2, before, M),
              "delta": (2, D, len(lists))}
    return lists, M, *(fractions(random, shape) for shape in shapes.values())


def test_weight_matrix_of_the_figure():
    v = Partition([[0, 2], [3, 1], [4, 0], [5, 1]], size=6)
    assert weight_matrix(v, [7, 8]).toarray().tolist() == [
        [7, 0, 8, 0], [0, 8, 0, 8], [8, 0, 0, 0], [0, 7, 0, 0], [0, 0, 7, 0], [0, 0, 0, 7]]


@given(layers())
def test_entry_of_the_weight_matrix_is_the_weight_by_which_it_enters(layer):
    lists, M, W, *_ = layer
    V, w = Partition(lists, M), W[:len(lists[0]), 0]
    want = [[sum(w[s] for s, i in enumerate(one) if i == m) for one in lists] for m in range(M)]
    assert weight_matrix(V, w).tolist() == want
    assert short(V, w).tolist() == want
    whole = np.arange(1, V.S + 1)
    literal = weight_matrix(V, whole)
    assert isinstance(literal, sparse.csr_array)
    assert isinstance(short(V, whole), sparse.sparray)
    assert np.array_equal(literal.toarray(), short(V, whole).toarray())


@given(layers())
def test_weight_matrix_transposed_is_the_layer(layer):
    """z = [V^(d,d')]ᵀ t - θ 1."""
    lists, M, W, _, t, _ = layer
    V, w = Partition(lists, M), W[:len(lists[0]), 0]
    want = feature_map(V.columns(t[0, 0]), w, 3).tolist()
    assert (weight_matrix(V, w).T @ t[0, 0] - 3).tolist() == want


def test_feature_map_in_numbers():
    assert feature_map([[1, 2, 3], [4, 5, 6]], [10, 1], 4).tolist() == [10, 21, 32]
    relu = activation("relu")
    assert feature_map([[1, 2, 3], [4, 5, 6]], [-10, 2], 4, relu).tolist() == [0, 0, 0]
    assert feature_map([[1, 2, 3], [4, 5, 6]], [1, 0], 2, relu).tolist() == [0, 0, 1]


def test_stacked_maps_lie_map_under_map():
    V = Partition([[0, 1], [1, 2], [2, -1]], 3)
    assert stack_maps(V, [[1, 2, 3], [4, 5, 6]]).tolist() == [
        [1, 2, 3], [2, 3, 0], [4, 5, 6], [5, 6, 0]]


@given(layers())
def test_preactivation_is_the_loop(layer):
    lists, M, W, Theta, t, _ = layer
    S, before = len(lists[0]), len(Theta)
    z = preactivation(stack_maps(Partition(lists, M), t), W, Theta)
    for n in range(2):
        for d in range(W.shape[1]):
            masks = [W[j * S:(j + 1) * S, d].tolist() for j in range(before)]
            assert z[n, d].tolist() == loops.preactivation(
                t[n].tolist(), lists, masks, Theta[:, d].tolist(), range(before))


@given(layers())
def test_pull_back_in_two_products_is_the_sum_of_weight_matrices(layer):
    """b^(j) = Σ_d V^(j,d) δ^(d)."""
    lists, M, W, Theta, t, delta = layer
    V, S = Partition(lists, M), len(lists[0])
    b = pull_back(V, W, delta)
    assert b.shape == t.shape
    assert pull_back_literal(V, W, delta).tolist() == b.tolist()
    for j in range(len(Theta)):
        want = sum(weight_matrix(V, W[j * S:(j + 1) * S, d]) @ delta[1, d]
                   for d in range(W.shape[1]))
        assert b[1, j].tolist() == want.tolist()


@given(layers())
def test_every_backward_product_is_an_adjoint_of_the_layer(layer):
    """⟨z(t, W, Θ), δ⟩ is ⟨t, b⟩ + ⟨Θ, dΘ⟩ and ⟨W, dW⟩ + ⟨Θ, dΘ⟩, summed over the samples."""
    lists, M, W, Theta, t, delta = layer
    V = Partition(lists, M)
    H = stack_maps(V, t)
    z_delta = (preactivation(H, W, Theta) * delta).sum()
    of_Theta = (Theta * dTheta(delta, len(Theta)).sum(axis=0)).sum()
    assert z_delta == (t * pull_back(V, W, delta)).sum() + of_Theta
    assert z_delta == (W * dW(H, delta).sum(axis=0)).sum() + of_Theta


@given(layers())
def test_literal_derivatives_are_the_short_ones(layer):
    """(1ᵀ ⊗ H) Δ = H [δ^(1) ... δ^(D)] and -(1ᵀ ⊗ 1 1ᵀ) Δ = -1 [1ᵀδ^(1) ... 1ᵀδ^(D)]."""
    lists, M, _, Theta, t, delta = layer
    H = stack_maps(Partition(lists, M), t)
    for n in range(2):
        assert dW_literal(H[n], delta[n]).tolist() == dW(H, delta)[n].tolist()
        want = dTheta(delta, len(Theta))[n].tolist()
        assert dTheta_literal(delta[n], len(Theta)).tolist() == want


def test_derivatives_in_numbers():
    H, delta = [[1, 2], [3, 4], [5, 6]], [[1, 1], [0, -1]]
    want = [[3, -2], [7, -4], [11, -6]]
    assert dW(H, delta).tolist() == dW_literal(H, delta).toarray().tolist() == want
    want = [[-2, 1]] * 3
    assert dTheta(delta, 3).tolist() == dTheta_literal(delta, 3).toarray().tolist() == want


def test_block_diagonal_in_either_carrier():
    want = [[1, 0], [2, 0], [0, 3], [0, 4]]
    assert block_diagonal([[1, 2], [3, 4]]).toarray().tolist() == want
    assert block_diagonal(np.array([[1, 2], [3, 4]], dtype=object)).tolist() == want


# --- images ---------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.integers(1, 3), st.data())
def test_correlate_image_is_scipys(axes, data):
    """Exactly, on whole numbers, in 1, 2 and 3 dimensions; strides take every so manieth."""
    random = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    kernel = tuple(data.draw(st.integers(1, 4)) for _ in range(axes))
    shape = tuple(data.draw(st.integers(k, 6)) for k in kernel)
    stride = tuple(data.draw(st.integers(1, 3)) for _ in range(axes))
    image, mask = random.integers(-9, 10, size=shape), random.integers(-9, 10, size=kernel)
    want = signal.correlate(image, mask, "valid", method="direct")
    have = correlate_image(image, mask, stride=stride, padding=0)
    assert np.array_equal(have, want[tuple(slice(None, None, s) for s in stride)])
    full = correlate_image(image, mask, padding=[(k - 1, k - 1) for k in kernel])
    assert np.array_equal(full, signal.correlate(image, mask, "full", method="direct"))


@given(st.sampled_from([(3, 3), (1, 5), (5, 3)]), st.integers(0, 10**6))
def test_extended_by_zeros_it_is_scipys_and_the_loops(kernel, seed):
    random = np.random.default_rng(seed)
    image, mask = random.integers(-9, 10, size=(6, 7)), random.integers(-9, 10, size=kernel)
    have = correlate_image(image, mask)
    assert np.array_equal(have, ndimage.correlate(image, mask, mode="constant"))
    assert have.tolist() == loops.filter_image(image.tolist(), mask.tolist())


@given(st.integers(1, 2), st.integers(0, 10**6))
def test_convolutions_are_scipys(axes, seed):
    random = np.random.default_rng(seed)
    image, mask = (random.integers(-9, 10, size=size[:axes]) for size in ((6, 5), (3, 5)))
    assert np.array_equal(convolve_image(image, mask),
                          ndimage.convolve(image, mask, mode="constant"))
    assert np.array_equal(convolve_full(image, mask),
                          signal.convolve(image, mask, "full", method="direct"))


def test_dilated_mask_is_a_mask_with_zeros_between():
    image, mask = np.arange(30).reshape(5, 6) ** 2, np.array([[1, 2], [3, 4]])
    spread = np.array([[1, 0, 0, 2], [0, 0, 0, 0], [3, 0, 0, 4]])
    assert np.array_equal(correlate_image(image, mask, padding=0, dilation=(2, 3)),
                          correlate_image(image, spread, padding=0))


@pytest.mark.parametrize(("image_type", "mask_type"), [
    (np.uint8, np.uint8), (np.int8, np.int8), (bool, bool), (np.uint8, np.int64)])
def test_images_of_narrow_integers_do_not_wrap(image_type, mask_type):
    image, mask = np.full((3, 3), 120).astype(image_type), np.full((3, 3), 120).astype(mask_type)
    want = 9 * int(image[0, 0]) * int(mask[0, 0])
    assert correlate_image(image, mask)[1, 1] == want


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, bool])
def test_layers_of_narrow_integers_do_not_wrap(dtype):
    V = Partition([[0, 0, 0], [0, 0, 0]], 1)
    one = np.full((3, 1), 100).astype(dtype)
    value = int(one[0, 0])
    H = stack_maps(V, one[:1])
    assert preactivation(H, one, one[:1]).tolist() == [[3 * value**2 - value] * 2]
    delta = np.full((1, 2), 100).astype(dtype)
    assert pull_back(V, one, delta).tolist() == [[6 * value**2]]
    assert pull_back_literal(V, one, delta).tolist() == [[6 * value**2]]
    assert dW(H, delta).tolist() == dW_literal(H, delta).toarray().tolist() == [[2 * value**2]] * 3
    assert dTheta(delta, 1).tolist() == dTheta_literal(delta, 1).toarray().tolist() == [
        [-2 * value]]


def test_float32_stays():
    V = Partition([[0, 1], [1, 2]], 3)
    W, Theta, t, delta = (np.ones(s, np.float32) for s in ((4, 3), (2, 3), (2, 3), (3, 2)))
    H = stack_maps(V, t)
    results = [H, preactivation(H, W, Theta), pull_back(V, W, delta),
               pull_back_literal(V, W, delta), dW(H, delta), dTheta(delta, 2),
               dW_literal(H, delta), dTheta_literal(delta, 2), weight_matrix(V, W[:2, 0]),
               short(V, W[:2, 0]), correlate_image(t, W[:1, :2])]
    assert {a.dtype for a in results} == {np.dtype(np.float32)}


def test_the_refusal_can_be_lifted():
    V = Partition([[0, 1], [1, 2]], 3)
    with pytest.raises(ValueError, match="max_bytes must be at least 192"):
        weight_matrix(V, [1, 2], max_bytes=191)
    assert weight_matrix(V, [1, 2], max_bytes=192).shape == (3, 2)


def test_real_numbers_agree_to_rounding():
    random = np.random.default_rng(0)
    V = Partition(random.integers(-1, 40, size=(30, 9)), 40)
    W, delta = random.normal(size=(18, 4)), random.normal(size=(5, 4, 30))
    assert close(correlation.pull_back(V, W, delta), pull_back_literal(V, W, delta), 1e-14)
