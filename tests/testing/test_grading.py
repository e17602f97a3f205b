"""``cnnmat grade``: tables, pages, limits, resuming; and submissions that lose only themselves."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from cnnmat.arguments import Usage
from cnnmat.cli import main
from cnnmat.testing.grading import marking, running
from cnnmat.testing.grading.reporting import autograder, page
from cnnmat.testing.grading.rubric import read
from tests.testing.submissions import CACHED, ODD, PLAIN, RUBRIC, SQUARE, source, write


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "handed_in").mkdir()
    return tmp_path


def hand_in(folder, name, text):
    (folder / "handed_in" / name).mkdir()
    (folder / "handed_in" / name / "conv.py").write_text(text, encoding="utf-8")


def grade(folder, *words, rubric=RUBRIC):
    (folder / "rubric.toml").write_text(rubric, encoding="utf-8")
    return main(["grade", f"{folder}/handed_in", "--rubric", f"{folder}/rubric.toml", "--out",
                 f"{folder}/grades", "--quiet", *words])


def table(folder):
    with open(folder / "grades" / "grades.csv", encoding="utf-8") as file:
        return {row["submission"]: row for row in csv.DictReader(file)}


def outcome(folder, name, rubric=RUBRIC):
    (folder / "rubric.toml").write_text(rubric, encoding="utf-8")
    return marking.mark(name, folder / "handed_in" / name, read(folder / "rubric.toml"))


def test_points_by_behaviour_in_a_table_a_page_and_for_an_autograder(folder, capsys):
    hand_in(folder, "right", source(CACHED, False))
    hand_in(folder, "wrong", source(CACHED, True))
    assert grade(folder, "--jobs", "2") == 0
    assert "2 submissions in" in capsys.readouterr().out
    rows = table(folder)
    assert float(rows["right"]["score"]) == 10
    assert 0 < float(rows["wrong"]["score"]) < 10
    assert rows["wrong"]["Convolution: plain"] < rows["right"]["Convolution: plain"]
    text = (folder / "grades" / "wrong.html").read_text("utf-8")
    assert "It looks as if windows that overlap overwrite" in text
    assert "windows that overlap" not in (folder / "grades" / "right.html").read_text("utf-8")
    results = json.loads((folder / "grades" / "wrong.results.json").read_text("utf-8"))
    assert results["score"] == pytest.approx(sum(t["score"] for t in results["tests"]), abs=1e-4)
    assert results["max_score"] == pytest.approx(sum(t["max_score"] for t in results["tests"]))
    assert {t["status"] for t in results["tests"]} <= {"passed", "failed"}
    outcomes = json.loads((folder / "grades" / "grades.json").read_text("utf-8"))
    assert [one["submission"] for one in outcomes] == ["right", "wrong"]


@pytest.mark.every
def test_those_that_misbehave_lose_only_themselves(folder):
    """Fork, memory, endless loops, deaths: the table is complete, and nothing is left running."""
    (folder / "handed_in").rmdir()
    write(folder / "handed_in", len(ODD) + 2)
    started = running_workers()
    assert grade(folder, "--jobs", "2", rubric=RUBRIC.replace("seconds = 15", "seconds = 10")) == 0
    rows = table(folder)
    assert rows.keys() == {*ODD, "student000", "student001"}
    assert {name for name, row in rows.items() if float(row["score"]) == 10} == {
        "student000", "student001"}
    assert rows["ends_its_judge"]["error"] == "it ended the process that judges it"
    assert "did not come to an end within 10 s" in rows["loops_at_once"]["error"]
    assert "cannot be imported: SyntaxError" in rows["cannot_be_read"]["error"]
    # z is right where only backward loops, but only of the first case is it known
    assert 0 < float(rows["loops"]["score"]) < 2
    assert running_workers() <= started


def running_workers():
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True)
    return {line for line in listed.stdout.splitlines() if "testing/worker.py" in line}


def test_what_is_done_is_kept_and_what_has_changed_is_graded_again(folder, monkeypatch):
    hand_in(folder, "a", source(PLAIN, False))
    hand_in(folder, "b", source(PLAIN, True))
    assert grade(folder) == 0
    kept = folder / "grades" / "records" / "a.json"
    first = json.loads(kept.read_text("utf-8"))
    kept.write_text(json.dumps({**first, "score": 3.0}), "utf-8")
    (folder / "handed_in" / "b" / "conv.py").write_text(source(PLAIN, False), "utf-8")
    assert grade(folder, "--resume") == 0
    # a is what was kept, b is new
    assert [float(row["score"]) for row in table(folder).values()] == [3, 10]
    assert grade(folder, "--resume", rubric=RUBRIC.replace("points = 10", "points = 20")) == 0
    assert [float(row["score"]) for row in table(folder).values()] == [20, 20]


def test_a_refusal_is_worth_what_the_rubric_says(folder):
    hand_in(folder, "square", source(SQUARE, False))
    scores = [outcome(folder, "square", RUBRIC.replace("refusal = 0.5", f"refusal = {share}"))
              ["score"] for share in (0, 0.5, 1)]
    assert 0 < scores[0] < scores[1] < scores[2] == 10
    assert scores[1] == pytest.approx((scores[0] + scores[2]) / 2, abs=1e-5)


def test_a_submission_is_told_what_the_rubric_allows(folder):
    hand_in(folder, "wrong", source(CACHED, True))
    told = {hint: "\n".join(outcome(folder, "wrong", RUBRIC.replace('"what"', f'"{hint}"'))
                            ["checks"][0]["hints"]) for hint in ("none", "where", "what")}
    assert told["none"] == ""
    assert "dx: wrong in" in told["where"]
    assert "It looks as if" not in told["where"]
    assert "expected" not in told["where"]
    assert "It looks as if" in told["what"]
    assert "expected = np.array" in told["what"]


def test_points_by_behaviour_are_the_rubrics(folder, capsys):
    hand_in(folder, "wrong", source(PLAIN, True))
    rubric = RUBRIC.replace("points = 10", "points = {plain = 2, stride = 6, strides = 1}")
    found = outcome(folder, "wrong", rubric)
    assert found["of"] == 9
    # z alone is wrong, one of four outputs
    assert found["score"] == 6
    assert grade(folder, rubric=rubric) == 0
    assert "'strides' was tried in no submission" in capsys.readouterr().err


def test_one_file_for_each_and_a_file_that_is_looked_through(folder):
    # the arithmetic by names that are not looked at
    text = source(CACHED, False).replace("conv_back(", "_back(").replace(" conv(", " _conv(")
    (folder / "handed_in" / "ann.py").write_text(text, "utf-8")
    (folder / "handed_in" / "bob.py").write_text("x = 1\n", "utf-8")
    for functions in ('["conv_forward", "conv_backward"]', '["conv.py"]'):
        rubric = RUBRIC.replace('["conv.py:conv_forward", "conv.py:conv_backward"]', functions)
        (folder / "rubric.toml").write_text(rubric, "utf-8")
        found = [marking.mark(name, path, read(folder / "rubric.toml")) for name, path in
                 marking.submissions(folder / "handed_in").items()]
        assert [one["score"] for one in found] == [10, 0]
        assert found[1]["checks"][0]["error"]
        # of where it was graded nothing is said
        assert str(folder) not in json.dumps(found)


def test_one_submission_alone(folder):
    hand_in(folder, "mine", source(PLAIN, False))
    (folder / "rubric.toml").write_text(RUBRIC, "utf-8")
    assert main(["grade", f"{folder}/handed_in/mine", "--one", "--rubric",
                 f"{folder}/rubric.toml", "--out", f"{folder}/grades", "--quiet"]) == 0
    assert table(folder).keys() == {"mine"}


def test_a_page_holds_no_markup_of_a_stranger(folder):
    hand_in(folder, "wrong", source(PLAIN, False) + "raise ValueError('<script>alert(1)</script>')")
    found = outcome(folder, "wrong")
    assert "<script>" in found["checks"][0]["error"]
    text = page({**found, "submission": "<b>"}, "<i>")
    assert "<script>" not in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert autograder(found)["tests"][0]["output"] == found["checks"][0]["error"]


def test_a_cell_of_the_table_is_no_formula(folder):
    hand_in(folder, "=1+1", source(PLAIN, False))
    assert grade(folder, "--no-pages") == 0
    assert table(folder).keys() == {"'=1+1"}
    assert not list((folder / "grades").glob("*.html"))


@pytest.mark.parametrize(("old", "new", "message"), [
    ("[[check]]", "[check]", "RUBRIC must have a table"),
    ("title", "titel", "RUBRIC must not say 'titel'"),
    ('hint = "what"', 'hint = "all"', "hint must be one of none, where, what, got 'all'"),
    ("refusal = 0.5", "refusal = 2", "refusal must be a number from 0 to 1, got 2"),
    ("memory = 1024", "memory = true", "memory must be a number"),
    ("timeout = 1", "timeout = 'x'", "timeout must be a number"),
    ('"correlation"', '"conv"', "check 1: kind must be one that cnnmat check knows, got 'conv'"),
    ("points = 10", "points = -1", "check 1: points must be a number"),
    ("points = 10", "points = 10\nbudget = 0", "check 1: budget must be a number"),
    ("points = 10", "points = 10\ncolour = 1", "check 1 must not say 'colour'"),
    ("points = 10", "points = 10\noptions = {strides = 1}",
     "check 1: check_correlation has no option 'strides'"),
    ('["conv.py:conv_forward", "conv.py:conv_backward"]', "[]",
     "check 1: functions must be a list of names"),
    ("[[check]]", "[[", "RUBRIC must be a TOML file"),
])
def test_a_rubric_that_makes_no_sense_is_told(folder, old, new, message):
    (folder / "rubric.toml").write_text(RUBRIC.replace(old, new, 1), "utf-8")
    with pytest.raises(Usage, match=message.replace("[", r"\[")):
        read(folder / "rubric.toml")


def test_a_folder_in_which_there_is_nothing_is_told(folder, capsys):
    assert grade(folder) == 2
    assert "SUBMISSIONS must be a folder of folders or of .py files" in capsys.readouterr().err
    with pytest.raises(Usage, match="SUBMISSIONS must be a folder"):
        marking.submissions(folder / "nothing")


def test_a_limit_of_memory_holds_for_what_is_started_too(folder):
    hand_in(folder, "greedy", source(PLAIN, False) + (
        "import subprocess, sys\n"
        "def conv_forward(x, w, b, stride, padding):\n"
        "    asks = 'import mmap; mmap.mmap(-1, 1 << 30)'\n"
        "    subprocess.run([sys.executable, '-S', '-E', '-c', asks], check=True)\n"
        "    return conv(x, w, b, stride, padding)\n"))
    right = []
    for memory in (1024, 4096):
        rubric = RUBRIC.replace("memory = 1024", f"memory = {memory}").replace(
            'convention = "auto"', "")
        rows = outcome(folder, "greedy", f"{rubric}budget = 1\n")["checks"][0]["rows"]
        right.append(sum(row["right"] for row in rows if row["output"] == "z"))
    assert right[0] == 0 < right[1]


def test_a_gradient_that_is_not_given_is_lost_unless_it_need_not_be(folder):
    hand_in(folder, "first", source(PLAIN, False) + (
        "def conv_backward(dz, x, w, stride, padding):\n"
        "    return conv_back(dz, x, w, stride, padding)[1:]\n"))
    found = outcome(folder, "first")
    assert found["score"] == pytest.approx(7.5)
    assert "dx is not given" in found["checks"][0]["hints"]
    assert outcome(folder, "first", f'{RUBRIC}without = ["dx"]\n')["score"] == pytest.approx(10)


def test_a_broken_record_is_no_grade(folder):
    (folder / "a.json").write_text("{", "utf-8")
    assert running._kept(folder / "a.json", "x") is None
    (folder / "a.json").write_text('["digest"]', "utf-8")
    assert running._kept(folder / "a.json", "x") is None


@pytest.mark.every
def test_on_a_cluster_the_grades_are_the_same(folder):
    """Also of one that ends whoever judges it, there and here."""
    (folder / "handed_in").rmdir()
    write(folder / "handed_in", 4, odd=("ends_its_judge",))
    script = Path(__file__).with_name("grading_on_a_cluster.py")
    done = subprocess.run([sys.executable, str(script), str(folder)], capture_output=True,
                          text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    assert {name: float(row["score"]) for name, row in table(folder).items()} == {
        "ends_its_judge": 0, "student000": 10, "student001": 10, "student002": 10}
