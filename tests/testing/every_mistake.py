"""The whole bank, where `test_bank` has a sample: every mistake and every mutant (5 minutes)."""

import pytest

from tests.testing.bank import ENTRIES
from tests.testing.test_bank import (  # noqa: F401  what is told of the sample, told of all
    all_mutants_are_found,
    taken,
    test_a_wrong_one_takes_under_ten_seconds,
    test_every_wrong_implementation_is_found,
    test_first_diagnosis_is_right_in_80_percent_and_wrong_in_at_most_5,
    test_summaries_and_json_come_out_for_all,
    test_the_counterexample_fails_where_it_is_pasted,
    test_what_is_a_convention_is_noted_and_the_rest_is_wrong,
    verdicts,
)


@pytest.fixture(scope="module")
def tried():
    return ENTRIES


@pytest.fixture(scope="module")
def strict():
    return ENTRIES


@pytest.mark.parametrize("target", ["conv_dw", "mean_pool_back", "dense_back"])
def test_mistakes_made_by_machine_are_found(target):
    all_mutants_are_found(target)
