"""What the README shows is what the commands print; its Python runs."""

import doctest
import re
from pathlib import Path

import pytest

from cnnmat.cli import main

README = Path(__file__).parent.parent / "README.md"
#: Calls of the command and what they print; that of all claims is in tests/verify/every_claim.py.
CONSOLE = re.findall(r"```console\n\$ cnnmat ([^\n]+)\n(.*?)```", README.read_text("utf-8"), re.S)


ALL_CLAIMS = "verify --jobs 2 --quiet"
OTHERS = [(command, shown) for command, shown in CONSOLE if command != ALL_CLAIMS]


@pytest.mark.parametrize(("command", "shown"), OTHERS, ids=[c for c, _ in OTHERS])
def test_the_readme_shows_what_the_command_prints(command, shown, capsys, monkeypatch):
    monkeypatch.chdir(README.parent)
    # what is shown is either all as expected, or an implementation that is wrong
    assert main(command.split()) == ("WRONG" in shown)
    assert capsys.readouterr().out.strip() == shown.strip()


def test_all_claims_are_shown_once():
    assert len(CONSOLE) - len(OTHERS) == 1


def test_there_is_output_on_the_first_screen():
    lines = README.read_text("utf-8").splitlines()
    assert any(line.startswith("$ cnnmat") for line in lines[:25])
    assert all(shown.strip() for _, shown in CONSOLE)


def test_the_python_in_the_readme_runs():
    outcome = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert outcome.attempted > 10
    assert outcome.failed == 0


def test_the_readme_holds_two_commands_that_set_up():
    assert len(re.findall(r"^python3 -m venv", README.read_text("utf-8"), re.M)) == 2
