"""What is handed out, and where results go: nobody's memory is written to by surprise."""

import numpy as np
import pytest

from cnnmat import (
    CorrelationOperator,
    Partition,
    Regions,
    Stage,
    Windows,
    convolve_backward,
    correlate,
    correlate_backward,
    correlate_transpose,
    pool,
    pool_backward,
)
from cnnmat.layers.paths import overlaps_itself, share_memory
from cnnmat.textbook.pooling import Correlation
from cnnmat.textbook.vec import index_type, one_per_row

# --- kept and handed out -------------------------------------------------------------------------

WINDOWS = Windows((4, 5), 2, padding=1)
REGIONS = Regions([[0, 2], [1]], 3)
OPERATOR = CorrelationOperator((1, 4), [[[1.0, -1.0]]])
KEPT = {
    "Windows.indices": lambda: WINDOWS.indices,
    "Partition.indices": lambda: Partition([[0, 1], [1, 2]], 3).indices,
    "Partition of Windows": lambda: Partition(WINDOWS).indices,
    "Regions.order": lambda: REGIONS.order, "Regions.starts": lambda: REGIONS.starts,
    "Regions.sizes": lambda: REGIONS.sizes,
    "V": lambda: Partition(WINDOWS).matrix.data, "V's columns": lambda: REGIONS.matrix.indices,
    "T": lambda: REGIONS.matrix.data,
    "skeleton": lambda: Partition(WINDOWS).skeleton.data,
    "operator.w": lambda: OPERATOR.w, "operator.matrix": lambda: OPERATOR.matrix.data,
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_cannot_be_written_to(name):
    a = KEPT[name]()
    with pytest.raises(ValueError, match="read-only"):
        a[...] = 7
    with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
        a.setflags(write=True)


@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")
@pytest.mark.parametrize("matrix", [REGIONS.matrix, Partition(WINDOWS).matrix, OPERATOR.matrix,
                                    Partition(WINDOWS).skeleton], ids=lambda m: str(m.shape))
def test_a_kept_matrix_takes_no_new_entry_and_goes_on_working(matrix):
    before = matrix.toarray()
    for place in np.ndindex(2, 2):
        with pytest.raises(ValueError, match="read-only"):
            matrix[place] = 7
    assert np.array_equal(matrix.toarray(), before)
    x = np.arange(matrix.shape[1])
    assert np.array_equal(matrix @ x, before @ x)
    assert np.array_equal((matrix.T @ matrix).toarray(), before.T @ before)


def test_an_operator_is_equal_to_its_matrix_whatever_becomes_of_w():
    w = np.array([[[1.0, -1.0]]])
    operator, x = CorrelationOperator((1, 4), w), np.arange(4.0)
    expected = [-1.0] * 3
    assert (operator.matrix @ x).tolist() == (operator @ x).tolist() == expected
    w *= 10
    assert (operator.matrix @ x).tolist() == (operator @ x).tolist() == expected
    later = CorrelationOperator((1, 4), w)
    w *= 10
    assert (later @ x).tolist() == (later.aslinearoperator() @ x).tolist() == [-10.0] * 3
    assert (later.matrix @ x).tolist() == [-10.0] * 3
    assert later.norm() == pytest.approx(np.linalg.norm(later.matrix.toarray(), 2))


def test_a_pooling_mask_stays_what_it_was_between_the_ways():
    mask = np.array([3.0, -1])
    pooling, regions = Correlation(mask), Regions([[0, 2], [1, 3]], 4)
    y = np.array([1.0, 2, 5, 4])
    assert pooling(y, regions).tolist() == [-2, 2]
    mask *= 2
    assert pooling(y, regions).tolist() == [-2, 2]
    assert pooling.gradient_vectors(y, regions).tolist() == [3, -1, 3, -1]


def test_a_depth_in_eight_bits_does_not_wrap():
    stage = Stage(Partition([[0, 1], [1, 2]], 3), np.uint8(200))
    assert type(stage.depth) is int


# --- indices beyond int32 ------------------------------------------------------------------------

def test_indices_beyond_int32_are_kept_whole():
    V = Partition([[0, 2**31], [2**32 - 1, -1]], 2**32)
    assert V.indices.tolist() == [[0, 2**31], [2**32 - 1, -1]]
    assert V.matrix.shape == (4, 2**32)
    assert V.matrix.indices.tolist() == [0, 2**31, 2**32 - 1]
    assert V.matrix.indptr.tolist() == [0, 1, 2, 3, 3]
    assert Regions([[2**31, 5]], 2**33, cover=False).matrix.indices.tolist() == [2**31, 5]
    assert Partition([[np.uint64(2**31)]], 2**32).indices.tolist() == [[2**31]]
    with pytest.raises(ValueError, match=r"lists\[0\] must hold integers below 2\*\*63"):
        Partition([np.array([2**63], np.uint64)], 2**64)
    # few windows on a long line
    assert Windows(2**31 + 2, 1, stride=2**31 + 1).output == (2,)


def test_the_index_type_is_the_smaller_that_counts_so_far():
    assert (index_type(2**31 - 1), index_type(5, 2**31)) == (np.int32, np.int64)


def test_entries_that_lie_on_padding_are_left_out_with_data_too():
    for data in (np.array([5, 6, 7]), np.array([5, 6, 7], dtype=object)):
        matrix = one_per_row(np.array([2, -1, 0]), 3, data=data)
        dense = matrix if isinstance(matrix, np.ndarray) else matrix.toarray()
        assert dense.tolist() == [[0, 0, 5], [0, 0, 0], [7, 0, 0]]


# --- where results go ----------------------------------------------------------------------------

X, W = np.arange(36.0).reshape(1, 1, 6, 6), np.arange(4.0).reshape(1, 1, 2, 2)
DZ = np.ones((1, 1, 5, 5))
OVERLAP = (r"out{} must be writeable and share no memory with the inputs, the other results or "
           "itself")


def fresh():
    return np.empty_like(X), np.empty_like(W), np.empty(1)


def test_results_may_not_overlap_each_other():
    memory = np.zeros(50)
    dx, _, db = fresh()
    pairs = {
        1: (memory[:36].reshape(X.shape), memory[30:34].reshape(W.shape), db),
        2: (dx, memory[:4].reshape(W.shape), memory[3:4]),
    }
    for k, outs in pairs.items():
        with pytest.raises(ValueError, match=OVERLAP.format(rf"\[{k}\]")):
            correlate_backward(DZ, X, W, out=outs)
    with pytest.raises(ValueError, match=OVERLAP.format(r"\[2\]")):
        convolve_backward(DZ, X, W, out=pairs[2])
    square = np.zeros((1, 1, 1, 1))
    with pytest.raises(ValueError, match=OVERLAP.format(r"\[1\]")):
        correlate_backward(square + 1, square + 2, square + 3, out=(square, square, np.zeros(1)))


def test_results_may_not_overlap_an_input():
    dx, dw, db = fresh()
    for outs, k in (((X, dw, db), 0), ((dx, W, db), 1), ((dx, dw, X[0, 0, 0, :1]), 2)):
        with pytest.raises(ValueError, match=OVERLAP.format(rf"\[{k}\]")):
            correlate_backward(DZ, X, W, out=outs)
    b = np.zeros(25)
    with pytest.raises(ValueError, match=OVERLAP.format("")):
        correlate(X, W, b[3:4], out=b.reshape(DZ.shape))
    with pytest.raises(ValueError, match=OVERLAP.format("")):
        correlate_transpose(X, W[..., :1, :1], out=X)
    both = np.zeros(45)
    with pytest.raises(ValueError, match=OVERLAP.format("")):
        pool(both[:36].reshape(X.shape), "max", 2, out=both[35:44].reshape(1, 1, 3, 3))
    with pytest.raises(ValueError, match=OVERLAP.format("")):
        pool_backward(both[36:].reshape(1, 1, 3, 3), X, "max", 2, out=both[9:].reshape(X.shape))


def test_results_may_not_overlap_an_input_that_is_converted():
    memory = np.zeros(36)
    narrow = memory.view(np.float32)[:36].reshape(X.shape)
    calls = [lambda: correlate(narrow, W, out=memory[:25].reshape(DZ.shape)),
             lambda: correlate_backward(DZ, narrow, W, out=(memory.reshape(X.shape), None, None)),
             lambda: correlate_transpose(narrow, W[..., :1, :1], out=memory.reshape(X.shape)),
             lambda: pool(narrow.view(np.int32), "mean", 2, out=memory[:9].reshape(1, 1, 3, 3)),
             lambda: pool_backward(np.ones((1, 1, 3, 3)), narrow, "mean", 2,
                                   out=memory.reshape(X.shape))]
    for call in calls:
        with pytest.raises(ValueError, match="share no memory with the inputs"):
            call()


def test_results_may_not_overlap_themselves():
    wide = np.lib.stride_tricks.sliding_window_view(np.zeros(9), 5, writeable=True)
    with pytest.raises(ValueError, match=OVERLAP.format("")):
        correlate(X, W, out=wide[None, None])


@pytest.mark.parametrize(("outs", "error", "message"), [
    (np.zeros(3), TypeError, "out must be a tuple of three arrays, for dx, dw and db, got ndarray"),
    ((np.zeros(3),) * 2, TypeError, "out must be a tuple of three arrays"),
    ((X.astype("f"), None, None), TypeError, r"out\[0\] must be an array of dtype float64, got fl"),
    ((None, [[[[0.0] * 2] * 2]], None), TypeError, r"out\[1\] must be an array of .*, got list"),
    ((None, np.zeros((1, 1, 2, 3)), None), ValueError, r"out\[1\] must have shape \(1, 1, 2, 2\)"),
    ((None, np.ma.zeros((1, 1, 2, 2)), None), TypeError, r"out\[1\] must be .* masked array"),
    ((None, None, np.broadcast_to(0.0, 1)), ValueError, r"out\[2\] must be writeable"),
    ((None, None, np.zeros(1, ">f8")), TypeError, r"out\[2\] must be an array of dtype float64"),
])
@pytest.mark.parametrize("back", [correlate_backward, convolve_backward])
def test_what_is_no_place_for_a_result_is_refused(back, outs, error, message):
    with pytest.raises(error, match=message):
        back(DZ, X, W, out=outs)


def test_none_stands_for_a_fresh_array():
    dw = np.full(W.shape, np.nan)
    for back in (correlate_backward, convolve_backward):
        found = back(DZ, X, W, out=(None, dw, None))
        assert np.shares_memory(found[1], dw)
        assert all(map(np.array_equal, found, back(DZ, X, W)))


def test_neighbours_in_one_memory_do_not_overlap():
    """Every second entry is the input, the others receive the result."""
    memory = np.zeros((1, 1, 6, 6, 2))
    memory[..., 0] = X
    pool_backward(pool(X, "l2", 2), memory[..., 0], "l2", 2, out=memory[..., 1])
    assert np.array_equal(memory[..., 0], X)
    assert np.array_equal(memory[..., 1], pool_backward(pool(X, "l2", 2), X, "l2", 2))
    assert not share_memory(memory[..., 0], memory[..., 1])
    assert share_memory(memory[..., 0], memory[:, :, 2:4])


def brute(a):
    at = [sum(i * s for i, s in zip(cell, a.strides, strict=True)) for cell in np.ndindex(a.shape)]
    return any(abs(p - q) < a.itemsize for k, p in enumerate(at) for q in at[:k])


def test_an_overlap_with_itself_is_told_exactly():
    rng = np.random.default_rng(0)
    memory, seen = np.zeros(400, np.uint8), set()
    for _ in range(300):
        shape = tuple(rng.integers(1, 4, rng.integers(0, 4)))
        strides = tuple(rng.integers(-9, 10, len(shape)))
        middle = memory[200:].view()
        a = np.lib.stride_tricks.as_strided(middle[:2].view(np.int16), shape, strides)
        assert overlaps_itself(a) == brute(a)
        seen.add(overlaps_itself(a))
    assert seen == {True, False}


def test_sharing_that_is_too_hard_to_tell_is_taken_for_sharing(monkeypatch):
    def too_hard(*_, **__):
        raise np.exceptions.TooHardError
    monkeypatch.setattr(np, "shares_memory", too_hard)
    a = np.zeros(10)
    assert share_memory(a[::2], a[1::2])
    assert not share_memory(a[:5], a[5:])
