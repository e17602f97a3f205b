"""The partition matrix V: what it reads out, and its adjoint."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnmat import Partition, Windows, loops, vec
from tests.conftest import fractions

#: Figure 47.87, counted from 0.
FIGURE = [[0, 3, 5], [1, 4, 3], [2, 5, 0], [1, 3, 0]]


@st.composite
def partitions(draw):
    """Any index lists: overlapping, scattered, repeating, with places on padding."""
    M, S = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    one = st.lists(st.integers(-1, M - 1), min_size=S, max_size=S)
    return draw(st.lists(one, min_size=1, max_size=5)), M


def numbers(*shape):
    return np.random.default_rng(sum(shape)).integers(-9, 10, size=shape)


def test_rows_of_the_matrix_are_basis_vectors():
    V = Partition(FIGURE, 6).matrix
    assert V.shape == (12, 6)
    assert np.array_equal(V.toarray(), np.eye(6)[np.ravel(FIGURE)])
    assert (V.dtype, V.indices.dtype, V.nnz) == (np.int8, np.int32, 12)


def test_row_on_padding_is_zero():
    assert Partition([[1, -1]], 2).matrix.toarray().tolist() == [[0, 1], [0, 0]]


@given(partitions())
def test_columns_are_the_subvectors(drawn):
    lists, M = drawn
    V, h = Partition(lists, M), numbers(M)
    assert V.columns(h).T.tolist() == loops.subvectors(h.tolist(), lists)


@given(partitions())
def test_vec_of_the_columns_is_the_matrix_times_h(drawn):
    """vec(H) = V h."""
    V = Partition(*drawn)
    h = numbers(V.M)
    assert np.array_equal(vec(V.columns(h)), V.matrix @ h)


@given(partitions())
def test_scatter_is_the_adjoint_of_columns(drawn):
    """⟨columns(h), G⟩ = ⟨h, scatter(G)⟩, exactly."""
    V = Partition(*drawn)
    random = np.random.default_rng(0)
    h, G = fractions(random, (2, V.M)), fractions(random, (2, V.S, V.P))
    assert (V.columns(h) * G).sum() == (h * V.scatter(G)).sum()
    h, G = numbers(V.M), numbers(V.S, V.P)
    assert (V.columns(h) * G).sum() == (h * V.scatter(G)).sum()


@given(partitions())
def test_skeleton_counts_each_index_in_each_subvector(drawn):
    """(I ⊗ 1ᵀ) V."""
    lists, M = drawn
    want = [[one.count(m) for m in range(M)] for one in lists]
    assert Partition(lists, M).skeleton.toarray().tolist() == want


def test_figure_in_numbers():
    assert Partition(FIGURE, 6).columns([1, 2, 3, 4, 5, 6]).tolist() == [
        [1, 2, 3, 2], [4, 5, 6, 4], [6, 4, 1, 1]]
    assert Partition(FIGURE, 6).skeleton.toarray()[1].tolist() == [0, 1, 0, 1, 1, 0]


def test_leading_axes_go_through():
    V, h = Partition(FIGURE, 6), numbers(2, 3, 6)
    assert V.columns(h).shape == (2, 3, 3, 4)
    assert np.array_equal(V.columns(h)[1, 2], V.columns(h[1, 2]))
    assert np.array_equal(V.scatter(V.columns(h))[1, 2], V.scatter(V.columns(h[1, 2])))


def test_windows_give_the_partition_of_their_lists():
    windows = Windows((3, 4), 2, (1, 2), padding=1)
    V = Partition(windows)
    assert (V.P, V.S, V.M) == (windows.P, 4, 12)
    other = Partition(windows.indices, 12)
    assert np.array_equal(V.matrix.toarray(), other.matrix.toarray())


@pytest.mark.parametrize(("dtype", "result"), [(np.float32, np.float32), (np.float64, np.float64),
                                               (np.int8, np.int64), (np.float16, np.float32)])
def test_columns_of_floats_keep_the_type_and_of_integers_have_room(dtype, result):
    assert Partition(FIGURE, 6).columns(np.ones(6, dtype)).dtype == result


def test_scatter_of_narrow_integers_does_not_wrap():
    V = Partition([[0, 0, 0]], 1)
    assert V.scatter(np.full((3, 1), 100, np.int8)).tolist() == [300]
    assert V.scatter(np.ones((3, 1), bool)).tolist() == [3]


def test_index_lists_may_be_an_array_that_changes_later():
    lists = np.array([[0, 1]])
    V = Partition(lists, 2)
    lists[0, 0] = 1
    assert V.indices.tolist() == [[0, 1]]


def test_repr_tells_the_sizes():
    assert repr(Partition(FIGURE, 6)) == "Partition(P=4, S=3, M=6)"
