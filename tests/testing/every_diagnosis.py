"""What `test_*` try a sample of: diagnoses that look through everything, strangers of all sorts."""

import contextlib

import pytest

from tests.testing.test_auto import (  # noqa: F401
    test_a_mistake_in_backward_is_no_convention,
    test_a_mistake_is_no_convention,
    test_a_subtracted_bias_that_is_declared_stays_so,
    test_a_wrapper_is_found_without_a_word_and_its_bug_too,
    test_two_conventions_that_shapes_do_not_tell_apart_are_both_said,
)
from tests.testing.test_families import test_a_correlation_is_described  # noqa: F401
from tests.testing.test_grading import (  # noqa: F401
    folder,
    test_on_a_cluster_the_grades_are_the_same,
    test_those_that_misbehave_lose_only_themselves,
)
from tests.testing.test_keywords import (  # noqa: F401
    test_no_more_of_the_bank_is_missed_inside_than_cannot_show_there,
)
from tests.testing.test_refusals import (  # noqa: F401
    test_an_accident_is_wrong_unless_it_comes_of_a_limit,
    test_half_the_kernel_is_a_convention_of_its_own,
    test_same_and_valid_padding_are_conventions,
    test_what_is_never_meant_is_wrong_even_where_it_comes_of_a_limit,
    test_what_must_be_supported_must_not_be_refused,
    test_windows_over_the_end_are_no_limit_but_a_reshape_is,
    test_within_any_limit_a_mistake_is_still_found_and_named,
)
from tests.testing.test_relations import (  # noqa: F401
    test_whole_numbers_that_are_others_are_not_rounded_ones,
)
from tests.testing.test_remote import (  # noqa: F401
    check,
    test_what_is_wrong_stays_wrong_whatever_it_patches_or_writes,
)
from tests.testing.test_rough_edges import (  # noqa: F401
    test_a_counter_is_not_taken_for_a_cache,
    test_padding_that_is_not_cropped_is_named_whatever_is_in_it,
    test_padding_that_is_not_cropped_is_not_named_where_the_centre_is_wrong,
    test_what_was_refused_is_neither_right_nor_tried,
)
from tests.testing.test_sweeping import (  # noqa: F401
    test_what_is_wrong_for_uneven_padding_is_another,
)
from tests.testing.test_verdicts import (  # noqa: F401
    test_infinite_values_make_valid_json,
    test_the_seed_changes_numbers_and_not_the_verdict,
    test_wrong_only_when_two_things_meet,
)


@pytest.fixture
def quick():
    """With all that a check says."""
    return contextlib.nullcontext
