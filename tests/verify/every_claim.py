"""Every claim that ships, by the README's command, and with what is printed and right exchanged."""

import contextlib
import io
import json

import pytest

from cnnmat.cli import main
from cnnmat.verify.judge import run
from tests.test_readme import ALL_CLAIMS, CONSOLE
from tests.verify.test_claims import SHIPPED, SWAPPED, is_as_expected


@pytest.fixture(scope="module")
def verified(tmp_path_factory):
    """The README's command on all claims: its status, what it prints, its report by claim."""
    path, out = tmp_path_factory.mktemp("verified") / "report.json", io.StringIO()
    with contextlib.redirect_stdout(out):
        status = main([*ALL_CLAIMS.split(), "--json", str(path)])
    lectures = json.loads(path.read_text(encoding="utf-8"))["lectures"]
    return status, out.getvalue(), {
        f"{one['slug']} {claim['id']}": claim for one in lectures for claim in one["claims"]}


def test_the_readme_shows_what_all_claims_come_to(verified):
    status, printed, report = verified
    assert (status, printed.strip()) == (0, dict(CONSOLE)[ALL_CLAIMS].strip())
    assert {k for k, one in report.items() if one["verdict"] != "read"} == SHIPPED.keys()


@pytest.mark.parametrize("key", SHIPPED)
def test_shipped_claim_comes_out_as_expected_with_its_control_rejected(verified, key):
    is_as_expected(verified[2][key], SHIPPED[key])


@pytest.mark.parametrize("key", SWAPPED)
def test_printed_and_corrected_swapped_is_not_as_expected(key):
    assert not run(SHIPPED[key], swap=True).as_expected
