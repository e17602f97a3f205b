"""A layer as a matrix: equal to the layer, its adjoint, its norm."""

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

from cnnmat.layers.correlation import correlate, correlate_backward
from cnnmat.layers.operators import CorrelationOperator

LAYERS = [
    ((1, 9), (2, 1, 3), {}),
    ((4, 7, 6), (6, 2, 3, 2), {"stride": (2, 1), "padding": ((1, 0), (0, 2)), "groups": 2,
                               "dilation": (1, 2)}),
    ((2, 4, 5, 3), (3, 2, 2, 3, 1), {"stride": 2, "padding": (0, 1, 1)}),
    ((3, 8, 8), (3, 1, 3, 3), {"padding": "same", "groups": 3}),
]


def make(shape, w_shape, layer, dtype=float, **kwargs):
    rng = np.random.default_rng(len(shape))
    w = rng.integers(-9, 10, w_shape).astype(dtype)
    return CorrelationOperator(shape, w, **layer, **kwargs), rng


@pytest.mark.parametrize(("shape", "w_shape", "layer"), LAYERS)
def test_matrix_times_vec_x_is_the_layer(shape, w_shape, layer):
    operator, rng = make(shape, w_shape, layer)
    x = rng.integers(-9, 10, shape).astype(float)
    z = correlate(x[None], operator.w, **layer)[0]
    matrix = operator.matrix
    assert matrix.format == "csr"
    assert matrix.has_sorted_indices
    assert matrix.indices.dtype == np.int32
    assert matrix.shape == operator.shape == (z.size, x.size)
    assert np.array_equal(matrix @ x.ravel(), z.ravel())


@pytest.mark.parametrize(("shape", "w_shape", "layer"), LAYERS)
def test_entries_and_bytes_are_known_before_anything_is_built(shape, w_shape, layer):
    operator, _ = make(shape, w_shape, layer)
    entries, nbytes = operator.entries, operator.nbytes
    assert "matrix" not in vars(operator)
    matrix = operator.matrix
    assert matrix.nnz == entries
    assert matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes == nbytes


@pytest.mark.parametrize(("shape", "w_shape", "layer"), LAYERS)
def test_jacobians_are_the_derivatives(shape, w_shape, layer):
    operator, rng = make(shape, w_shape, layer)
    x = rng.integers(-9, 10, shape).astype(float)
    dz = rng.integers(-9, 10, operator.output).astype(float)
    dx, dw, _ = correlate_backward(dz[None], x[None], operator.w, **layer)
    assert np.array_equal(operator.jacobian_x().T @ dz.ravel(), dx.ravel())
    jacobian = operator.jacobian_w(x)
    assert jacobian.shape == (dz.size, operator.w.size)
    assert np.array_equal(jacobian.T @ dz.ravel(), dw.ravel())
    # z is linear in w
    assert np.array_equal(jacobian @ operator.w.ravel(), operator.matrix @ x.ravel())


@pytest.mark.parametrize(("shape", "w_shape", "layer"), LAYERS)
def test_the_adjoint_is_exact(shape, w_shape, layer):
    layer_operator, rng = make(shape, w_shape, layer)
    operator = layer_operator.aslinearoperator()
    x, z = (rng.integers(-9, 10, n).astype(float) for n in operator.shape[::-1])
    forward, backward = float(z @ (operator @ x)), float((operator.T @ z) @ x)
    assert forward == backward, f"<z, A x> = {forward} but <Aᵀ z, x> = {backward}"


@pytest.mark.parametrize(("shape", "w_shape", "layer"), LAYERS)
def test_the_linear_operator_is_the_matrix(shape, w_shape, layer):
    layer_operator, rng = make(shape, w_shape, layer)
    operator, reference = (layer_operator.aslinearoperator(),
                           aslinearoperator(layer_operator.matrix))
    columns = rng.integers(-9, 10, (operator.shape[1], 5)).astype(float)
    rows = rng.integers(-9, 10, (operator.shape[0], 5)).astype(float)
    assert np.array_equal(operator @ columns, reference @ columns)
    assert np.array_equal(operator.matvec(columns[:, 0]), reference.matvec(columns[:, 0]))
    assert np.array_equal(operator.matmat(columns[:, :1]), reference.matmat(columns[:, :1]))
    assert np.array_equal(operator.T @ rows, reference.T @ rows)
    assert np.array_equal(operator.rmatvec(rows[:, 0]), reference.rmatvec(rows[:, 0]))


def test_float32_stays_float32():
    operator, rng = make(*LAYERS[1], dtype=np.float32)
    x = rng.normal(size=operator.shape[1]).astype(np.float32)
    assert operator.matrix.dtype == np.float32
    assert (operator.matrix @ x).dtype == (operator.aslinearoperator() @ x).dtype == np.float32
    assert operator.jacobian_w(x.reshape(operator.image)).dtype == np.float32


@pytest.mark.parametrize("shape", [(2, 9, 9), (2, 24, 23)])
def test_norm_is_the_largest_singular_value_and_the_kernels_is_not(shape):
    rng = np.random.default_rng(3)
    w = rng.normal(size=(3, 2, 3, 3))
    operator = CorrelationOperator(shape, w, padding=1)
    values = np.linalg.svd(operator.matrix.toarray(), compute_uv=False)
    assert operator.singular_values(4) == pytest.approx(values[:4], rel=1e-9)
    assert operator.norm() == pytest.approx(values[0], rel=1e-9)
    kernel = np.linalg.svd(w.reshape(3, -1), compute_uv=False)[0]
    assert operator.kernel_norm() == pytest.approx(kernel)
    assert kernel < 0.9 * values[0]
    assert values[0] <= 3 * kernel


def test_norm_of_integer_and_float32_kernels_is_computed_in_float64():
    w = np.random.default_rng(4).integers(-3, 4, (2, 2, 3, 3))
    norms = [CorrelationOperator((2, 20, 20), w.astype(dtype)).norm()
             for dtype in (int, np.float32, float)]
    assert norms[0] == norms[1] == norms[2]


def test_all_singular_values():
    operator = CorrelationOperator((1, 300), [[[1.0, 2.0]]])
    values = operator.singular_values(299)
    assert values == pytest.approx(np.linalg.svd(operator.matrix.toarray(), compute_uv=False))


def test_a_matrix_above_the_limit_is_refused_with_sizes_and_remedy():
    operator = CorrelationOperator((64, 56, 56), np.ones((64, 64, 3, 3)), padding=1,
                                   max_bytes=10**6)
    assert operator.entries == 64 * 64 * (3 * 56 - 2) ** 2
    with pytest.raises(ValueError, match=r"max_bytes must be at least 1355\d+ for the matrix of "
                                         r"shape \(200704, 200704\), got 1000000; aslinearop"):
        _ = operator.matrix
    with pytest.raises(ValueError, match="for the Jacobian in w of shape"):
        operator.jacobian_w(np.ones((64, 56, 56)))
    x = np.ones(operator.shape[1])
    assert (operator.aslinearoperator() @ x).max() == pytest.approx(576)
    assert CorrelationOperator((1, 3), [[[1.0]]], max_bytes=100).matrix.nnz == 3


@pytest.mark.parametrize(("shape", "w_shape", "layer"), LAYERS)
def test_operator_times_x_needs_no_matrix(shape, w_shape, layer):
    operator, rng = make(shape, w_shape, layer)
    columns = rng.integers(-9, 10, (operator.shape[1], 5)).astype(float)
    found = operator @ columns[:, 0], operator @ columns
    assert "matrix" not in vars(operator)
    assert np.array_equal(found[0], operator.matrix @ columns[:, 0])
    assert np.array_equal(found[1], operator.matrix @ columns)


def test_swapped_arguments_are_refused_in_few_words():
    w = np.ones((64, 64, 3, 3))
    with pytest.raises(TypeError) as caught:
        CorrelationOperator(w, (8, 9))
    assert str(caught.value) == (
        "shape must be a tuple (C, M_1, ...), got ndarray; w comes behind it")


def test_wrong_arguments_are_named():
    w = np.ones((2, 3, 3, 3))
    for x in (np.ones((3, 8, 8)), np.ones(191), np.ones(())):
        with pytest.raises(ValueError, match=r"x must have shape \(192,\) or \(192, K\)"):
            _ = CorrelationOperator((3, 8, 8), w) @ x
    with pytest.raises(ValueError, match=r"shape must be \(C, ...\) with as many image axes as w"):
        CorrelationOperator((3, 8), w)
    with pytest.raises(ValueError, match=r"w must have shape \(D, 4 / groups, ...\)"):
        CorrelationOperator((4, 8, 8), w)
    with pytest.raises(ValueError, match="w must fit into the padded image"):
        CorrelationOperator((3, 2, 8), w)
    with pytest.raises(TypeError, match="w must hold numbers, got exact entries"):
        CorrelationOperator((3, 8, 8), w.astype(object))
    with pytest.raises(ValueError, match="count must be at most 72"):
        CorrelationOperator((3, 8, 8), w).singular_values(73)
