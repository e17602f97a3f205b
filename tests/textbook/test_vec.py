"""vec, unvec, flips and Kronecker products."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import sparse

from cnnmat import flip, kron, loops, reversed_identity, unvec, vec
from cnnmat.textbook.vec import apply, carrier, hadamard, is_exact, one_per_row

SHAPES = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)
MATRICES = hnp.arrays(int, hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
                      elements=st.integers(-9, 9))


def test_vec_stacks_columns():
    assert vec([[1, 2, 3], [4, 5, 6]]).tolist() == [1, 4, 2, 5, 3, 6]


def test_vec_of_a_batch_stacks_each_image():
    batch = np.arange(24).reshape(2, 2, 2, 3)
    assert vec(batch, 2)[1, 0].tolist() == [12, 15, 13, 16, 14, 17]


@given(MATRICES)
def test_vec_is_the_loop(a):
    assert vec(a).tolist() == loops.vec(a.tolist())


@given(SHAPES)
def test_entry_of_vec_is_at_its_place(shape):
    a = np.arange(np.prod(shape)).reshape(shape)
    assert all(vec(a)[loops.place(cell, shape)] == a[cell] for cell in np.ndindex(shape))


@given(SHAPES, st.integers(1, 3))
def test_unvec_vec_is_the_identity(shape, N):
    a = np.arange(N * np.prod(shape)).reshape(N, *shape)
    assert np.array_equal(unvec(vec(a, len(shape)), shape), a)


@given(MATRICES, st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_vec_of_a_product_is_a_kronecker_product(x, m, n, random):
    """vec(A X B) = (Bᵀ ⊗ A) vec(X)."""
    a = np.array([[random.randint(-9, 9) for _ in range(x.shape[0])] for _ in range(m)])
    b = np.array([[random.randint(-9, 9) for _ in range(n)] for _ in range(x.shape[1])])
    assert np.array_equal(vec(a @ x @ b), kron(b.T, a) @ vec(x))


def test_reversed_identity_has_its_ones_on_the_anti_diagonal():
    assert reversed_identity(3).toarray().tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_reversed_identity_is_its_own_inverse(n):
    I = reversed_identity(n)
    assert np.array_equal((I @ I).toarray(), np.eye(n))
    assert np.array_equal(I.toarray(), I.toarray().T)


@given(MATRICES)
def test_flip_reverses_both_axes_and_the_whole_of_vec(mask):
    assert flip(mask).tolist() == loops.flip(mask.tolist())
    assert np.array_equal(vec(flip(mask)), vec(mask)[::-1])
    assert np.array_equal(flip(flip(mask)), mask)


def test_flip_works_on_the_last_two_axes():
    masks = np.arange(12).reshape(2, 2, 3)
    assert np.array_equal(flip(masks), masks[:, ::-1, ::-1])


@given(MATRICES, MATRICES)
def test_kron_is_numpys(a, b):
    product = kron(a, b)
    assert product.format == "csr"
    assert isinstance(product, sparse.csr_array)
    assert np.array_equal(product.toarray(), np.kron(a, b))


def test_kron_of_a_sparse_and_an_exact_matrix_is_dense():
    half = np.array([[Fraction(1, 2), Fraction(3)]], dtype=object)
    product = kron(sparse.eye_array(2, dtype=int), half)
    zero, one, two = Fraction(0), Fraction(1, 2), Fraction(3)
    assert product.tolist() == [[one, two, zero, zero], [zero, zero, one, two]]


def test_one_per_row_leaves_the_row_of_minus_one_empty():
    matrix = one_per_row([[1, -1], [0, 2]], 3)
    assert matrix.toarray().tolist() == [[0, 1, 0], [0, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert (matrix.dtype, matrix.indices.dtype) == (np.int8, np.int32)
    assert matrix.nnz == 3


def test_one_per_row_holds_the_data_in_either_carrier():
    want = [[0, 5], [7, 0]]
    assert one_per_row([1, 0], 2, data=np.array([5, 7])).toarray().tolist() == want
    assert one_per_row([1, 0], 2, data=np.array([5, 7], dtype=object)).tolist() == want


def test_carrier_is_dense_only_for_exact_entries():
    I, exact = reversed_identity(2), np.array([Fraction(1)], dtype=object)
    assert carrier(I, np.ones(2)) is I
    assert carrier(I, np.ones(2), exact).tolist() == [[0, 1], [1, 0]]
    assert carrier(exact, exact) is exact
    assert (is_exact(exact), is_exact(I, np.ones(2)), is_exact([Fraction(1)])) == (
        True, False, False)


@given(hnp.arrays(int, st.tuples(st.integers(1, 3), st.integers(1, 2), st.just(4)),
                  elements=st.integers(-9, 9)))
def test_apply_acts_on_every_vector_of_the_last_axis(x):
    matrix = sparse.csr_array(np.arange(12).reshape(3, 4))
    want = [[loops.times(matrix.toarray().tolist(), v) for v in row] for row in x.tolist()]
    assert apply(matrix, x).tolist() == want
    assert apply(matrix, x.astype(object)).tolist() == want


def test_apply_keeps_float32():
    assert apply(reversed_identity(2), np.ones((3, 2), np.float32)).dtype == np.float32


@given(MATRICES)
def test_hadamard_is_the_product_entry_by_entry_in_either_carrier(a):
    assert np.array_equal(hadamard(a, a + 1).toarray(), a * (a + 1))
    exact = (a + 1).astype(object)
    assert hadamard(sparse.csr_array(a), exact).tolist() == (a * (a + 1)).tolist()
    assert hadamard(exact, sparse.csr_array(a)).tolist() == (a * (a + 1)).tolist()
