"""Every function on symbols, and every lecture among the examples with a formula that is wrong."""

from tests.verify.documents.test_lecturing import (  # noqa: F401
    test_the_seeded_misprint_is_found_without_being_declared,
    test_with_another_formula_every_verdict_changes,
)
from tests.verify.sums.test_textbook import (  # noqa: F401
    test_a_function_on_symbols_has_the_values_of_the_untouched_one,
    twin,
)
