"""What stands beside cnnmat in the README's table, on a few of its implementations."""

import pytest

from tests.testing.bank import ENTRIES, Entry
from tests.testing.gradchecks import by_cnnmat, by_differences, by_gradcheck, survey
from tests.testing.right import RIGHT


def passing(entry):
    passed, seconds, consistent = survey([entry])
    assert set(seconds) == {by_cnnmat, by_gradcheck, by_differences}
    return {judge for judge, names in passed.items() if names}, bool(consistent)


@pytest.mark.parametrize("name", ["einsum", "max_first_tie", "entropy_by_log_softmax",
                                  "dense_in_torch", "tanh_in_torch", "true_convolution"])
def test_what_is_right_passes_all_three(name):
    kind, make, options = RIGHT[name]
    assert passing(Entry(name, kind, make, options, "")) == (
        {by_cnnmat, by_gradcheck, by_differences}, False)


@pytest.mark.parametrize("name", ["dx_assigned", "everything_by_batch", "dense_averaged"])
def test_a_wrong_backward_pass_is_found_by_all_three(name):
    assert passing(ENTRIES[name]) == (set(), False)


def test_a_wrong_forward_pass_with_the_backward_pass_to_it_is_found_by_cnnmat_alone():
    assert passing(ENTRIES["elu_without_one"]) == ({by_gradcheck, by_differences}, True)
