"""What `test_*` try a sample of: diagnoses that look through everything, strangers of all sorts."""

from tests.testing.test_families import test_a_correlation_is_described  # noqa: F401
from tests.testing.test_grading import (  # noqa: F401
    folder,
    test_those_that_misbehave_lose_only_themselves,
)
from tests.testing.test_refusals import (  # noqa: F401
    test_same_and_valid_padding_are_conventions,
    test_what_must_be_supported_must_not_be_refused,
    test_within_any_limit_a_mistake_is_still_found_and_named,
)
from tests.testing.test_rough_edges import (  # noqa: F401
    test_a_counter_is_not_taken_for_a_cache,
    test_padding_that_is_not_cropped_is_named_whatever_is_in_it,
    test_padding_that_is_not_cropped_is_not_named_where_the_centre_is_wrong,
    test_what_was_refused_is_neither_right_nor_tried,
)
from tests.testing.test_verdicts import (  # noqa: F401
    test_the_seed_changes_numbers_and_not_the_verdict,
)
