"""The command and its surroundings: terminals, pipes, disks, interruptions; exit statuses."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time

import pytest

from cnnmat import cli
from cnnmat.cli import main
from cnnmat.testing import command as testing

LECTURE = '''
import pathlib, time
from cnnmat.verify import Lecture, Sides

lecture = Lecture("own", "Größen Δ − 𝔻")

@lecture.claim("1.1", "example", "Two is „two“ \\x1b[2J", "2", expect="misprint",
               corrected_formula="2 < b")
def two(e):
    pathlib.Path("ran").touch()
    return Sides(truth=2, printed=3, corrected=2, wrong={"≠": 4})
'''
SLOW = LECTURE + '''
@lecture.claim("1.2", "example", "Slow", "2")
def slow(e):
    pathlib.Path("slow").touch()
    time.sleep(1000)
'''
FALSE = LECTURE.replace("truth=2", "truth=5").replace('"own"', '"false"')
MODULE = '''
import numpy as np

def relu(x):
    return np.maximum(x, 0)

def wrong(x):
    return np.maximum(x, 1)
'''
#: What is called, and what its exit status is; each is a process, so there are not more of them.
HELP, NOBODY = (["--help"], 0), (["verify", "nobody"], 2)
VERIFY, FALSELY = (["verify", "own.py"], 0), (["verify", "false.py"], 1)
SHOW, ERRATA = (["show", "1.1", "own.py"], 0), (["errata", "own.py"], 0)
CHECK = (["check", "activation", "module:wrong"], 1)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    for name, text in (("own", LECTURE), ("slow", SLOW), ("false", FALSE), ("module", MODULE)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def begin(*words, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "cnnmat", *words],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})


def all_of(calls, **options):
    """[(status, out, err)] of calls that run side by side."""
    running = [begin(*words, **options) for words, _ in calls]
    done = [(*one.communicate(timeout=120), one.returncode) for one in running]
    return [(status, out, err) for out, err, status in done]


def statuses(done):
    return [status for status, *_ in done]


def test_a_reader_that_leaves_changes_no_status_and_is_no_error():
    """As `cnnmat ... | true` has it."""
    calls = [HELP, FALSELY, SHOW, ERRATA, CHECK, NOBODY]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        done = all_of(calls, stdout=gone)
        assert statuses(all_of([NOBODY], stdout=gone, stderr=gone)) == [2]
    assert statuses(done) == [status for _, status in calls]
    # what is wrong with the call is still said where it can be
    assert [bool(err) for *_, err in done] == [status == 2 for _, status in calls]
    assert b"Traceback" not in b"".join(err for *_, err in done)


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)])
def test_streams_that_are_closed_from_the_start_change_no_status(closed, folder):
    calls = [(["verify", "own.py", "--json", "report.json"], 0), CHECK]

    def close():
        for descriptor in closed:
            os.close(descriptor)

    done = all_of(calls, preexec_fn=close)
    assert statuses(done) == [0, 1]
    assert b"".join(err for *_, err in done) == b""
    # a file that is opened does not take the place of the one that is closed
    assert json.loads((folder / "report.json").read_bytes())["summary"]["misprint"] == 1


def test_an_ascii_terminal_is_written_to_in_escapes():
    plain = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = all_of([VERIFY, SHOW, ERRATA, (["check", "risk", "--help"], 0)], env=plain)
    assert statuses(done) == [0] * 4
    assert b"".join(err for *_, err in done) == b""
    assert all(out.isascii() for _, out, _ in done)
    assert rb"own: Gr\xf6\xdfen \u0394 \u2212 \U0001d53b" in done[0][1]
    assert rb"control rejected: \u2260" in done[1][1]


@pytest.mark.parametrize(("call", "status"), [VERIFY, SHOW, ERRATA])
def test_what_a_lecture_says_cannot_steer_the_terminal(call, status, capsys):
    assert main(call) == status
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert r"\x1b[2J" in out


def test_errata_hold_no_markup_that_is_live(folder, capsys):
    text = LECTURE.replace("2 < b", "2 <b>").replace("Two is", "<script> is")
    (folder / "live.py").write_text(text, encoding="utf-8")
    assert main(["errata", "live.py"]) == 0
    out = capsys.readouterr().out
    assert "$2 < b>$" in out
    assert "&lt;script> is" in out
    assert not re.search("<[a-z/!?]", out)


def test_a_disk_that_is_full_is_said():
    with open("/dev/full", "wb") as full:
        done = all_of([HELP, VERIFY, CHECK], stdout=full)
    assert statuses(done) == [2] * 3
    for _, _, err in done:
        assert re.fullmatch(rb"cnnmat( \w+)?: .*No space left on device\n", err)


# --- interruptions ------------------------------------------------------------


def test_an_interruption_is_status_130_and_one_line(folder):
    running = begin("verify", "slow.py", "--json", "report.json")
    end = time.monotonic() + 60
    while not (folder / "slow").exists() and time.monotonic() < end:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, b"cnnmat verify: interrupted\n")
    assert not (folder / "report.json").exists()


def test_it_can_be_interrupted_while_it_is_loaded():
    running = begin("verify", "slow.py")
    maps, end = f"/proc/{running.pid}/maps", time.monotonic() + 60
    with open(maps) as file:
        while "numpy" not in file.read() and time.monotonic() < end:
            file.seek(0)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, b"cnnmat: interrupted\n")


def test_an_error_of_its_own_is_no_verdict(monkeypatch, capsys):
    monkeypatch.setattr(testing, "_checked", lambda args: 1 // 0)
    assert main(["check", "activation", "module:relu"]) == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_the_statuses_are_in_the_help(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert cli.STATUSES in out
    assert {"0", "1", "2", "130"} <= set(re.findall(r"^  (\d+) ", out, re.M))


def test_the_streams_are_as_before_afterwards(capsys):
    before = sys.stdin, sys.stdout, sys.stderr
    assert main(["show", "1.1", "own.py"]) == 0
    assert (sys.stdin, sys.stdout, sys.stderr) == before


# --- reports ------------------------------------------------------------


KINDS = ("--json", "--junit", "--html")


@pytest.mark.parametrize("option", KINDS)
@pytest.mark.parametrize("place", ["", ".", "missing/report", "own.py/report", "n" * 300, "new/",
                                   "loop"])
def test_a_target_that_cannot_be_written_is_said_before_the_run(option, place, folder, capsys):
    (folder / "loop").symlink_to("loop")
    before = sorted(folder.iterdir())
    assert main(["verify", "own.py", option, place]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("cnnmat verify: FILE must be a file ")
    assert repr(place) in err
    assert sorted(folder.iterdir()) == before


def test_two_reports_in_one_file_are_wrong_usage(folder, capsys):
    (folder / "link").symlink_to("report")
    assert main(["verify", "own.py", "--json", "report", "--html", "link"]) == 2
    assert "FILE must be another one for each report, got report, link" in capsys.readouterr().err
    assert main(["verify", "own.py", "--json", os.devnull, "--html", os.devnull]) == 0


def test_a_lecture_that_changes_the_folder_does_not_move_the_report(folder, capsys):
    (folder / "elsewhere").mkdir()
    (folder / "moving.py").write_text("import os\n" + LECTURE.replace(
        "    pathlib", "    os.chdir('elsewhere')\n    pathlib"), encoding="utf-8")
    # which is an error of the claim that does it, and of no other
    assert main(["verify", "moving.py", "--json", "report.json"]) == 1
    assert "the working folder" in (folder / "report.json").read_text(encoding="utf-8")


def test_a_report_that_cannot_be_finished_leaves_the_old_one_and_the_others(folder):
    for kind in KINDS:
        (folder / kind).write_text("the old one")

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))

    call = ["verify", "own.py", *(f"{kind}=./{kind}" for kind in KINDS)]
    (status, out, err), = all_of([(call, 2)], preexec_fn=little_room)
    assert status == 2
    assert b"all as expected" in out
    assert re.fullmatch(rb"cnnmat verify: '.*--html' cannot be written: File too large\n", err)
    assert (folder / "--html").read_text() == "the old one"
    assert json.loads((folder / "--json").read_text())["summary"]["claims"] == 1
    assert (folder / "--junit").read_text().startswith("<?xml")
    assert not list(folder.glob(".cnnmat-*"))


def test_reports_may_go_to_the_standard_output_and_to_a_pipe(folder):
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as cat:
        (status, out, _), = all_of([(["verify", "own.py", "--quiet", "--json", "/dev/stdout",
                                      "--junit", "pipe"], 0)])
        assert cat.stdout.read().startswith(b"<?xml")
    assert status == 0
    summary, report = out.strip().split(b"\n", 1)
    assert summary.startswith(b"1 claim: ")
    assert json.loads(report)["summary"]["claims"] == 1


def test_a_lecture_that_cannot_be_begun_is_not_there(folder, capsys):
    """The disk is full when the file of `cnnmat new` is written."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limit[1]))
    try:
        assert main(["new", "mine.py"]) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert not (folder / "mine.py").exists()
