"""The generator makes what it says it makes."""

import numpy as np
import pytest

from cnnmat.testing.case import FORMS, dressed, exact, reshaped
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.correlation_cases import RANDOM, ROWS
from cnnmat.testing.pooling import PoolingContract

EVERYTHING = CorrelationContract(stride="tuple", padding="pairs", dilation="tuple", groups=True)


@pytest.fixture(scope="module")
def cases():
    return EVERYTHING.cases(np.random.default_rng(0))


def test_each_row_is_a_case_of_its_own_and_random_ones_follow(cases):
    assert [c.name for c in cases[:len(ROWS)]] == [row[0] for row in ROWS]
    assert len(cases) == len(ROWS) + RANDOM


def test_every_feature_is_there_and_not_there(cases):
    """So that a condition on any of them can be told from its opposite."""
    features = [EVERYTHING.features(c) for c in cases]
    for name in features[0]:
        assert {f[name] for f in features} == {True, False}, name


def test_sizes_of_the_upstream_gradient_are_those_of_the_truth(cases):
    for case in cases:
        shape = EVERYTHING.truth(case, "forward")["z"].value.shape
        assert case.arrays["dz"].shape == shape, case.name


def test_upstream_gradients_are_neither_ones_nor_symmetric(cases):
    for case in cases:
        dz = case.arrays["dz"]
        assert not (dz == 1).all() or dz.size == 1
        if dz.size > 4 and dz.any():
            assert not np.array_equal(dz, np.flip(dz))


@pytest.mark.parametrize("dims", [1, 2, 3])
@pytest.mark.parametrize("seed", [0, 1])
def test_cases_exist_in_one_two_and_three_dimensions(dims, seed):
    contract = CorrelationContract(dims=dims)
    for case in contract.cases(np.random.default_rng(seed)):
        assert case.arrays["x"].ndim == case.arrays["w"].ndim == dims + 2
        assert case.arrays["dz"].shape == contract.truth(case, "forward")["z"].value.shape


def test_the_same_seed_gives_the_same_numbers():
    one, two = (EVERYTHING.cases(np.random.default_rng(5)) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        assert all(np.array_equal(a.arrays[k], b.arrays[k]) for k in a.arrays)


def test_what_cannot_be_said_is_not_tried():
    contract = CorrelationContract(stride="none", padding="int")
    for case in contract.cases(np.random.default_rng(0)):
        assert set(case.settings["stride"]) == {1}
        assert len({p for pair in case.settings["padding"] for p in pair}) == 1


def test_poolings_have_ties_rests_and_overlaps():
    contract = PoolingContract(size="tuple", stride="tuple", padding="tuple")
    features = [contract.features(c) for c in contract.cases(np.random.default_rng(0))]
    for name in ("entries tie", "windows overlap", "the windows do not tile the image",
                 "padding > 0", "all entries are negative", "stride > size"):
        assert any(f[name] for f in features), name


@pytest.mark.parametrize("form", FORMS)
def test_a_form_changes_memory_and_not_values(form):
    a = np.arange(6.0).reshape(2, 3)
    b = dressed(a, form)
    assert np.array_equal(a, b)
    assert not np.shares_memory(a, b)
    assert b.flags.writeable == (form != "read-only")
    assert b.flags.c_contiguous == (form not in ("fortran", "strided"))


def test_whole_numbers_become_ints_and_others_stay():
    assert exact(np.array([1.0, -2.0])) == [1, -2]
    assert type(exact(np.array([1.0]))[0]) is int
    assert exact(np.array([0.5])) == [0.5]


def test_arrays_are_cut_or_repeated():
    a = np.arange(6).reshape(2, 3)
    assert reshaped(a, (1, 2)).tolist() == [[0, 1]]
    assert reshaped(a, (2, 4)).shape == (2, 4)
