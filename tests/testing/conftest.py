"""What the tests of the checks share."""

import pytest

from tests.testing.running import undiagnosed


@pytest.fixture
def quick():
    """Where a verdict alone is asked for; `every_diagnosis` asks with the diagnosis as well."""
    return undiagnosed
