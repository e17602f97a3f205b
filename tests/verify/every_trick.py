"""All that a claim may do to the run, where `test_isolation` tries a third."""

import pytest

from tests.verify.test_isolation import (  # noqa: F401
    DOES,
    everything,
    test_the_rest_of_the_report_is_complete,
    test_what_a_claim_does_to_the_run_is_an_error_of_that_claim,
    test_where_a_claim_is_stated_is_said,
)


@pytest.fixture(scope="module")
def done():
    return list(DOES)
