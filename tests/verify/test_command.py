"""The command line: what it prints, writes and returns."""

import contextlib
import io
import json
import re
import subprocess
import sys
from collections import Counter
from xml.etree import ElementTree

import pytest

import cnnmat
from cnnmat.cli import main
from cnnmat.verify.claims import KINDS, VERDICTS

OWN = '''
from cnnmat.verify import Lecture, Sides

lecture = Lecture("own", "An own lecture: a < b & c")


@lecture.claim("1.1", "identity", "A square", "(a+b)^2 = a^2 + 2ab + b^2", cases=[{"n": 1}])
def square(e, n):
    a, b = e.symbols("a"), e.symbols("b")
    return Sides(truth=(a + b) * (a + b), printed=a**2 + 2 * a * b + b**2,
                 wrong={"sign": a**2 - 2 * a * b + b**2}, show={"M": [[0, 12], [3, 0]]})


@lecture.claim("1.2", "example", "A product", "2*3 = 5", expect="misprint",
               corrected_formula="2*3 = 6", reason="a sum")
def product(e):
    return Sides(truth=2 * 3, printed=5, corrected=6, wrong={"seven": 7})
'''
FAILING = OWN + '''

@lecture.claim("1.3", "dimension", "A size", "3")
def size(e):
    return Sides(truth=4, printed=3, wrong={"five": 5})


@lecture.claim("1.4", "dimension", "A size that cannot be found", "3")
def lost(e):
    raise KeyError("lost")
'''
#: A few claims of the main lecture: an identity, a misprint.
FEW = ["--claim", "47.1257", "--claim", "47.1149/size"]


def ran(*words):
    """(status, what is printed, and the errors) of a call of the command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main([*words])
    return status, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("lectures")


@pytest.fixture(scope="module")
def own(folder):
    path = folder / "my_lecture.py"
    path.write_text(OWN)
    return str(path)


@pytest.fixture(scope="module")
def failing(folder):
    path = folder / "failing.py"
    path.write_text(FAILING)
    return str(path)


@pytest.fixture(scope="module")
def own_ran(own):
    return ran("verify", own)


@pytest.fixture(scope="module")
def quiet_ran(own, folder):
    """With a report in own.xml."""
    return ran("verify", "--quiet", own, "--junit", str(folder / "own.xml"))


@pytest.fixture(scope="module")
def failing_ran(failing, folder):
    """With a report in failing.xml."""
    return ran("verify", failing, "--junit", str(folder / "failing.xml"))


@pytest.fixture(scope="module")
def both_ran(own, folder):
    """An own lecture and one that ships, with a report in both.json."""
    return ran("verify", own, "sayed", "--claim", "1.1", "--claim", "1.2", *FEW,
               "--json", str(folder / "both.json"))


# --- verify ------------------------------------------------------------


def test_own_lecture_by_path_prints_a_row_a_claim_and_a_summary(own_ran):
    assert own_ran[0] == 0
    heading, first, second, summary = filter(None, own_ran[1].splitlines())
    assert heading == "own: An own lecture: a < b & c"
    assert first.split() == ["1.1", "identity", "holds", "A", "square"]
    assert second.split() == ["1.2", "example", "misprint", "A", "product"]
    assert summary == "2 claims: 1 holds, 1 misprint; 2 controls rejected; all as expected"


def test_a_claim_that_does_not_come_out_is_exit_status_one(failing_ran):
    status, out, _ = failing_ran
    assert status == 1
    assert "<- expected holds, found fails" in out
    assert "<- KeyError: 'lost'" in out
    assert out.splitlines()[-1] == ("4 claims: 1 holds, 1 misprint, 1 fails, 1 error; "
                                    "3 controls rejected; 2 NOT AS EXPECTED")


def test_quiet_prints_the_summary_and_what_is_not_as_expected(quiet_ran, failing, capsys):
    assert quiet_ran[0] == 0
    assert len(quiet_ran[1].split("\n")) == 3
    assert main(["verify", "--quiet", failing]) == 1
    out = capsys.readouterr().out
    assert "1.3" in out
    assert "1.1" not in out


def test_output_that_is_no_terminal_has_no_progress_bar_and_no_colours(own_ran):
    _, out, err = own_ran
    assert "verifying" not in out
    assert "\x1b" not in out + err


def test_only_the_claims_that_are_named_run(capsys):
    assert main(["verify", "sayed", *FEW]) == 0
    out = capsys.readouterr().out
    rows = [line.split()[0] for line in out.splitlines() if line.startswith("47.")]
    assert sorted(rows) == ["47.1149/size", "47.1257"]


def test_two_lectures_in_one_run(both_ran):
    assert both_ran[0] == 0
    assert "4 claims" in both_ran[1]


# --- JSON and JUnit ------------------------------------------------------------


CLAIM = {"id": str, "title": str, "kind": str, "verdict": str, "expected": str, "evidence": list,
         "control": dict, "as_printed": str, "corrected": (str, type(None)),
         "counterexample": (dict, type(None)), "seconds": float}


def test_json_has_the_schema(both_ran, folder):
    report = json.loads((folder / "both.json").read_text(encoding="utf-8"))
    assert set(report) == {"version", "lectures", "summary"}
    assert report["version"] == cnnmat.__version__
    assert [(one["slug"], len(one["claims"])) for one in report["lectures"]] == [
        ("own", 2), ("sayed", 2)]
    for claim in (c for one in report["lectures"] for c in one["claims"]):
        assert all(isinstance(claim[name], kind) for name, kind in CLAIM.items())
        assert claim["kind"] in KINDS
        assert claim["verdict"] in VERDICTS
        assert claim["control"]["rejected"] is True
        assert claim["control"]["wrong"]
        for one in claim["evidence"]:
            assert set(one) == {"method", "shapes", "covers"}
            assert one["method"]
            assert one["covers"]
    first, second = report["lectures"][0]["claims"]
    assert first["evidence"][0]["shapes"] == {"n": "1"}
    assert (second["as_printed"], second["corrected"]) == ("2*3 = 5", "2*3 = 6")
    assert second["counterexample"]["text"] == "printed 5, truth 6"
    summary = report["summary"]
    verdicts = Counter(c["verdict"] for one in report["lectures"] for c in one["claims"])
    assert {v: summary[v] for v in VERDICTS} == {v: verdicts[v] for v in VERDICTS}
    assert (summary["claims"], summary["controls_rejected"], summary["unexpected"]) == (4, 4, 0)


def test_junit_is_well_formed_and_tells_failures_from_errors(quiet_ran, failing_ran, folder):
    suite, = ElementTree.parse(folder / "own.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "0")
    assert [case.get("name") for case in suite] == ["1.1 A square", "1.2 A product"]
    suite, = ElementTree.parse(folder / "failing.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "1", "1")
    marks = [(mark.tag, mark.get("message")) for case in suite for mark in case]
    assert marks == [("failure", "expected holds, found fails"),
                     ("error", "KeyError: 'lost' (failing.py, line 27)")]


def untimed(path):
    report = json.loads(path.read_text(encoding="utf-8"))
    report["summary"].pop("seconds")
    for claim in (c for one in report["lectures"] for c in one["claims"]):
        claim.pop("seconds")
    return report


def test_two_processes_report_what_one_does(tmp_path, failing, capsys):
    paths = [tmp_path / f"{jobs}.json" for jobs in (1, 2)]
    outs = []
    for jobs, path in enumerate(paths, 1):
        call = ["verify", failing, "sayed", "--claim", "1.1", "--claim", "1.3", "--claim", "1.4",
                *FEW, "--json", str(path), "--jobs", str(jobs)]
        assert main(call) == 1
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1]
    assert untimed(paths[0]) == untimed(paths[1])
    assert untimed(paths[0])["summary"]["claims"] == 5


# --- show ------------------------------------------------------------


def test_show_prints_statement_matrices_comparison_and_controls(capsys):
    assert main(["show", "47.1257"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("sayed 47.1257   identity\n")
    assert re.search(r"\nverdict      \w+\n", out)
    assert re.search(r"polynomial identity.*: lists = \(\(0, 2\), .*M = 6.*; all values", out)
    assert "control rejected: the mask reversed" in out
    assert re.search(r"\nV.* =\n  1  \.  \.  \.  \.  \.\n  \.  \.  1  \.  \.  \.\n", out)
    assert out.endswith("  7  .  8  .\n  .  8  .  8\n  8  .  .  .\n"
                        "  .  7  .  .\n  .  .  7  .\n  .  .  .  7\n")


def test_show_prints_a_misprint_with_its_counterexample(own, capsys):
    assert main(["show", "1.2", own]) == 0
    lines = capsys.readouterr().out.splitlines()
    for line in ("as printed   2 * 3 = 5", "corrected    2 * 3 = 6",
                 "                     ^", "verdict      misprint",
                 "because      a sum", "counterexample   printed 5, truth 6"):
        assert line in lines


def test_show_aligns_columns_and_prints_zeros_as_dots(own, capsys):
    assert main(["show", "1.1", own]) == 0
    assert capsys.readouterr().out.endswith("M =\n  .  12\n  3   .\n")


def test_show_of_what_fails_is_exit_status_one(failing, capsys):
    assert main(["show", "1.3", failing]) == 1
    assert "verdict      fails  (expected holds)" in capsys.readouterr().out


# --- errata and new ------------------------------------------------------------


def test_errata_is_a_list_of_the_misprints(own, capsys):
    assert main(["errata", own]) == 0
    out = capsys.readouterr().out
    assert "1.2" in out
    assert "2*3 = 5" in out
    assert "2*3 = 6" in out
    assert "1.1" not in out


def test_new_writes_a_lecture_that_runs(tmp_path, capsys):
    path = tmp_path / "My Lecture.py"
    assert main(["new", str(path)]) == 0
    assert main(["verify", str(path)]) == 0
    assert "1 holds, 1 misprint; 2 controls rejected; all as expected" in capsys.readouterr().out


def test_new_overwrites_nothing(own, capsys):
    assert main(["new", own]) == 2
    assert "FILE must not exist yet" in capsys.readouterr().err
    with open(own, encoding="utf-8") as file:
        assert file.read() == OWN


# --- wrong usage ------------------------------------------------------------


@pytest.mark.parametrize(("call", "message"), [
    (["verify", "nobody"],
     r"LECTURE must be one of sayed.*, or a file that ends in .py, .tex or .md, got 'nobody'"),
    (["verify", "nobody.py"], r"there is no 'nobody\.py'"),
    (["verify", "sayed", "sayed"],
     r"LECTURE must not be given twice, got the slug 'sayed' of sayed and of sayed"),
    (["verify", "--claim", "47.1257x"],
     r"ID must be the number of a claim of sayed, .*, got '47\.1257x'; 47\.1257, .* are near it"),
    (["verify", "--claim", "none"], r"ID must be the number of a claim of sayed, .*, got 'none'$"),
    (["show", "99.99"], r"ID must be the number of a claim of sayed, .*, got '99\.99'"),
    (["new", "lecture.txt"], r"FILE must end in \.py, \.tex or \.md, got 'lecture\.txt'"),
    (["verify", "sayed", "--claim", "47.1257", "--json", "/no/such/place/report.json"],
     r"FILE must be a file in a folder that exists, got '/no/such/place/report\.json'"),
])
def test_wrong_usage_is_exit_status_two_and_says_what_is_wrong(call, message, capsys):
    assert main(call) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"cnnmat {call[0]}: ")
    assert re.search(message, err.strip())


@pytest.mark.parametrize(("call", "message"), [
    ([], "the following arguments are required: COMMAND"),
    (["frobnicate"], "invalid choice: 'frobnicate'"),
    (["verify", "--jobs", "0"], "must be a positive integer, or -1 for all cores, got 0"),
    (["verify", "--jobs", "-2"], "must be a positive integer, or -1 for all cores, got -2"),
    (["verify", "--jobs", "many"], "argument --jobs: "),
    (["verify", "--jobs", "²"], "argument --jobs: must be a positive integer"),
    (["verify", "--jobs", "9" * 5000], "argument --jobs: must be a positive integer"),
    (["verify", "--jobs", "99999999999"], "argument --jobs: must be a positive integer"),
    (["verify", "--frob"], "unrecognized arguments: --frob"),
    (["show"], "the following arguments are required: ID"),
])
def test_what_the_parser_refuses_is_exit_status_two(call, message, capsys):
    with pytest.raises(SystemExit) as caught:
        main(call)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_version_and_the_command_in_a_process_of_its_own(own):
    def call(*arguments):
        return subprocess.run([sys.executable, "-m", "cnnmat", *arguments],
                              capture_output=True, text=True, check=False)

    found = call("--version")
    assert (found.returncode, found.stdout) == (0, f"cnnmat {cnnmat.__version__}\n")
    found = call("verify", "--quiet", own)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == "\n2 claims: 1 holds, 1 misprint; 2 controls rejected; all as expected\n"
    assert call("verify", "nobody").returncode == 2


def test_errata_name_what_did_not_come_out_too(failing, capsys):
    assert main(["errata", failing]) == 1
    out = capsys.readouterr().out
    assert "did not come out as the file expects" in out
    assert "KeyError: 'lost'" in out


def test_a_reader_who_stops_reading_ends_the_command_quietly():
    command = f"{sys.executable} -m cnnmat verify lec14 | head -1"
    run = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert run.stderr == ""
