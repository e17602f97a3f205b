"""The connection matrix of one-dimensional convolution, its ties, and dilation."""

import numpy as np
import pytest

from cnnmat.textbook.connections import connection_matrix, dilate, project_tied, tied_sum

W_OVERLAPPING = [[1, 0, 0], [2, 0, 0], [3, 1, 0], [0, 2, 0], [0, 3, 1], [0, 0, 2], [0, 0, 3],
                 [0, 0, 0]]


def test_entries_stand_where_i_minus_s_t_is_a_place_of_the_kernel():
    assert connection_matrix([1, 2, 3], 8, stride=2).toarray().tolist() == W_OVERLAPPING


def test_transposed_it_correlates():
    h, w = np.array([3, 1, 4, 1, 5, 9, 2]), np.array([2, 7, 1])
    assert (connection_matrix(w, 7).T @ h).tolist() == np.correlate(h, w).tolist()


def test_inner_product_with_a_tied_matrix_is_inner_product_with_its_kernel():
    rng = np.random.default_rng(5)
    G, w = rng.integers(-9, 9, (8, 3)), rng.integers(-9, 9, 3)
    assert (G * connection_matrix(w, 8, 2).toarray()).sum() == tied_sum(G, 3, 2) @ w


def test_projecting_twice_multiplies_by_the_number_of_outputs():
    G = np.arange(24).reshape(8, 3)
    once = project_tied(G, 3, 2)
    assert (project_tied(once.toarray(), 3, 2) != once * 3).nnz == 0


def test_dilating_and_subsampling_is_the_identity():
    delta = np.array([[1, 2, 3], [4, 5, 6]])
    assert dilate(delta, 3, 8)[:, ::3].tolist() == delta.tolist()
    assert dilate(delta, 3, 8).shape == (2, 8)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: connection_matrix([1, 2, 3], 2), "w must fit into the padded image"),
    (lambda: connection_matrix([[1]], 2), r"w must have shape \(k,\), got \(1, 1\)"),
    (lambda: tied_sum(np.ones((5, 2)), 2), r"G must have shape \(5, 4\).*got \(5, 2\)"),
    (lambda: dilate([1, 2], 0), "stride must be at least 1, got 0"),
    (lambda: dilate([1, 2], 3, 3), "n must be at least 4, got 3"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
