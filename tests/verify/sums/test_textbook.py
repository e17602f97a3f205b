"""Functions of the textbook on symbolic shapes have the values of the untouched ones."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from cnnmat.textbook import (
    connections,
    correlation,
    feedforward,
    images,
    partition,
    subsampling,
    vec,
    windows,
)
from cnnmat.verify.sums.making import tensor
from cnnmat.verify.sums.sizes import Coding, coding
from cnnmat.verify.sums.twin import Twin
from tests.verify.sums.test_axioms import SIZES, Small, numeric, things

MODULES = {m.__name__.rpartition(".")[2]: m for m in (
    connections, correlation, feedforward, images, partition, subsampling, vec, windows)}


def V(m, d, **layer):
    """Q of H numbers in each of P windows."""
    return m.partition.Partition(m.windows.Windows(d.H, d.Q, **layer))


CASES = {
    "vec.vec": lambda m, d: m.vec.vec(d.t), "vec.vec of two": lambda m, d: m.vec.vec(d.t, 2),
    "vec.unvec": lambda m, d: m.vec.unvec(d.t.reshape(d.P, -1), (d.R, d.Q)),
    "vec.reversed_identity": lambda m, d: m.vec.reversed_identity(d.P),
    "vec.flip": lambda m, d: m.vec.flip(d.t), "vec.kron": lambda m, d: m.vec.kron(d.x, d.y),
    "vec.hadamard": lambda m, d: m.vec.hadamard(d.x, d.m),
    "vec.apply": lambda m, d: m.vec.apply(d.y.T, d.x),
    "windows.indices": lambda m, d: m.windows.Windows(d.H, d.Q, 1, ((d.R, 0),)).indices,
    "windows behind": lambda m, d: m.windows.Windows(d.H, d.P, 1, ((0, d.R),)).indices,
    "partition.matrix": lambda m, d: V(m, d).matrix,
    "partition.skeleton": lambda m, d: V(m, d).skeleton,
    "partition.columns": lambda m, d: V(m, d, padding=((d.R, d.P),)).columns(d.h),
    "partition.scatter": lambda m, d: V(m, d).scatter(d.x.T),
    "images.correlate_image": lambda m, d: m.images.correlate_image(d.h, d.v, padding="valid"),
    "images.convolve_image": lambda m, d: m.images.convolve_image(d.h, d.v, padding="valid"),
    "images.convolve_full": lambda m, d: m.images.convolve_full(d.x, d.y),
    "images.dilation": lambda m, d: m.images.correlate_image(
        d.h, d.v, padding=((d.P * d.Q, d.R),), dilation=d.P),
    "subsampling.subsampling": lambda m, d: m.subsampling.subsampling((d.P - 1) * d.Q + 1, d.Q),
    "subsampling.padding": lambda m, d: m.subsampling.padding(d.P, d.Q, d.R),
    "subsampling.toeplitz": lambda m, d: m.subsampling.toeplitz(d.k, d.P),
    "subsampling.both_sides": lambda m, d: m.subsampling.both_sides(d.s, d.x, d.y.T),
    "connections.connection_matrix": lambda m, d: m.connections.connection_matrix(d.v, d.H),
    "connections.tied_sum": lambda m, d: m.connections.tied_sum(d.h[:, None] * d.u, d.Q),
    "connections.project_tied": lambda m, d: m.connections.project_tied(
        d.h[:, None] * d.u, d.Q),
    "connections.dilate": lambda m, d: m.connections.dilate(d.x, d.R),
    "connections.dilate behind": lambda m, d: m.connections.dilate(
        d.u, d.Q, (d.P - 1) * d.Q + 1 + d.R),
    "correlation.feature_map": lambda m, d: m.correlation.feature_map(d.x, d.u, 3),
    "correlation.stack_maps": lambda m, d: m.correlation.stack_maps(V(m, d), d.h[None] * d.u[
        :, None]),
    "correlation.preactivation": lambda m, d: m.correlation.preactivation(d.x, d.s, d.s[:1]),
    "correlation.weight_matrix": lambda m, d: m.correlation.weight_matrix(V(m, d), d.v),
    "correlation.weight_matrix_short": lambda m, d: m.correlation.weight_matrix_short(
        V(m, d), d.v),
    "correlation.pull_back": lambda m, d: m.correlation.pull_back(
        V(m, d), d.y, d.y[:, :, None].sum(axis=0) * d.u),
    "correlation.pull_back_literal": lambda m, d: m.correlation.pull_back_literal(
        V(m, d), d.y, d.y[:, :, None].sum(axis=0) * d.u),
    "correlation.block_diagonal": lambda m, d: m.correlation.block_diagonal(d.x),
    "correlation.dW": lambda m, d: m.correlation.dW(d.y, d.x @ d.y),
    "correlation.dW_literal": lambda m, d: m.correlation.dW_literal(d.y, d.x @ d.y),
    "correlation.dTheta": lambda m, d: m.correlation.dTheta(d.x, d.R),
    "correlation.dTheta_literal": lambda m, d: m.correlation.dTheta_literal(d.x, d.R),
    "feedforward.preactivation": lambda m, d: m.feedforward.preactivation(d.v, d.x, d.u),
    "feedforward.pull_back": lambda m, d: m.feedforward.pull_back(d.x, d.u),
}


@pytest.fixture(scope="module")
def twin():
    return Twin()


@pytest.mark.parametrize("name", CASES)
def test_a_function_on_symbols_has_the_values_of_the_untouched_one(name, twin):
    for sizes in SIZES:
        numbers = Small(sizes)
        with coding(Coding()):
            plain = things(numbers, symbolic=False)
            plain.k = numbers.table("k", (2 * plain.R + 1,))
            want = CASES[name](SimpleNamespace(**MODULES), plain)
            d = things(numbers, symbolic=True)
            d.k = tensor("k", 2 * d.R + 1)
            again = SimpleNamespace(**{k: twin.module(m.__name__) for k, m in MODULES.items()})
            have = numeric(CASES[name](again, d), numbers)
        want = want.toarray() if sparse.issparse(want) else want
        assert np.array_equal(np.asarray(have, dtype=float), np.asarray(want, dtype=float))
