"""The command's own words: an example of each subcommand that works, advice on wrong calls, Tab."""

import argparse
import os
import re
import shlex
import subprocess
import sys

import pytest

from cnnmat.cli import main, parser
from cnnmat.verify import completing


def subcommands(of, words=()):
    """(words, parser) of each subcommand, those of subcommands too."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, one in action.choices.items():
                yield (*words, name), one
                yield from subcommands(one, (*words, name))


def examples(of):
    """The calls in the text below the options, without what stands behind them as a remark."""
    text = re.sub(r"\\\n\s*", "", of.epilog or "")
    found = re.findall(r"^  cnnmat (.+)$", text, re.MULTILINE)
    return [shlex.split(re.split(r"\s{2,}| > ", line)[0]) for line in found]


EVERY = dict(subcommands(parser()))
CALLS = [(name, call) for name, one in EVERY.items() for call in examples(one)]
#: Those that need no file and are done in a moment.
RUN = [call for name, call in CALLS if name[0] in ("show", "list", "search", "new")
       or call in (["errata", "lec14"], ["site", "public", "lec14"])]


def test_there_are_as_many_as_the_readme_speaks_of():
    assert {name[0] for name in EVERY} >= {
        "verify", "show", "list", "search", "errata", "site", "export", "new", "bind", "check",
        "grade"}
    assert len(EVERY) > 25


@pytest.mark.parametrize("name", EVERY, ids=" ".join)
def test_every_subcommand_has_an_example_of_itself(name):
    calls = examples(EVERY[name])
    assert calls
    assert {call[0] for call in calls if call[0] in {one[0] for one in EVERY}} >= {name[0]}
    # the text is shown as it was written
    assert EVERY[name].formatter_class is argparse.RawDescriptionHelpFormatter


@pytest.mark.parametrize("call", [call for _, call in CALLS], ids=" ".join)
def test_every_example_is_a_call_that_the_parser_takes(call):
    assert parser().parse_args(call).command == call[0]


@pytest.mark.every(2)
@pytest.mark.parametrize("call", RUN, ids=" ".join)
def test_an_example_does_what_it_says(call, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(call) == 0
    assert capsys.readouterr().out


@pytest.mark.parametrize(("call", "told"), [
    (["verfy"], "do you mean verify?\ncnnmat --help has examples"),
    (["list", "--verdict", "misprnt"], "do you mean misprint?\ncnnmat list --help has examples"),
    (["errata", "--format", "latx"], "do you mean latex?"),
    (["check", "pool", "a.py"], "do you mean pooling?\ncnnmat check --help has examples"),
])
def test_another_word_is_told_which_may_be_meant(call, told, capsys):
    with pytest.raises(SystemExit) as caught:
        main(call)
    assert caught.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(("call", "told"), [
    (["new", "no/such folder/a.py"],
     "FILE must be in a folder that exists, got 'no/such folder/a.py'; first: mkdir -p 'no/such "
     "folder'"),
    (["bind", "lectur.tex"], "got 'lectur.tex'; cnnmat new lectur.tex writes one"),
])
def test_what_is_not_there_is_told_with_what_makes_it(call, told, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(call) == 2
    assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", [["site", "public", "lec14"],
                                  ["verify", "lec14", "--html", "report.html"]])
def test_what_is_not_installed_is_told_with_what_installs_it(call, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "latex2mathml", None)
    assert main(call) == 2
    assert "needs latex2mathml: pip install 'cnnmat[report]'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# --- Tab -----------------------------------------------------------------------------------------


def tab(line, tmp_path):
    """What a shell is given for Tab at the end of a line."""
    out = tmp_path / "out"
    with open(out, "wb") as file:
        done = subprocess.run(
            ["bash", "-c", f"exec {shlex.quote(sys.executable)} -m cnnmat 8>&{file.fileno()}"],
            pass_fds=[file.fileno()], check=False, capture_output=True,
            env=os.environ | {"COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9",
                              "_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n",
                              "_ARGCOMPLETE_SUPPRESS_SPACE": "1", "_ARGCOMPLETE_SHELL": "bash"})
    assert done.returncode == 0, done.stderr
    return out.read_text("utf-8").split("\n")


@pytest.mark.parametrize(("line", "offered"), [
    ("cnnmat s", ["show", "search", "site", "sweep"]),
    ("cnnmat errata --format ", ["markdown", "latex", "mail"]),
    ("cnnmat verify --h", ["--help", "--html"]),
    ("cnnmat check transposed", ["transposed_correlation"]),
    ("cnnmat show lec14 s1l", ["s1l"]),
])
def test_tab_offers_what_goes_on_from_the_line(line, offered, tmp_path):
    assert tab(line, tmp_path) == offered


def test_lectures_files_and_numbers_are_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("mine.tex", "mine.txt", ".hidden.tex", "more.py"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "own.md").touch()
    assert completing.lectures("m") == ["mendez", "martinez", "mine.tex", "more.py"]
    assert completing.lectures("f") == ["folder/"]
    assert completing.documents("folder/") == ["folder/own.md"]
    assert completing.documents("m") == ["mine.tex"]
    assert completing.documents("no/such/") == []
    assert completing.claims("47.1257", argparse.Namespace()) == [
        "47.1257", "47.1257/pairs", "47.1257/size", "47.1257/label", "47.1257/short",
        "47.1257/real"]
    assert completing.claims("47.1257", argparse.Namespace(lecture=["lec14"])) == []


def test_without_argcomplete_tab_offers_nothing_and_breaks_nothing(monkeypatch, capsys):
    monkeypatch.setenv("_ARGCOMPLETE", "1")
    monkeypatch.setitem(sys.modules, "argcomplete", None)
    assert main(["list", "lec14"]) == 0
    assert "lec14" in capsys.readouterr().out
