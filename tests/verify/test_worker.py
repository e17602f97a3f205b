"""What the process that runs other people's lectures answers, asked in this one."""

import pytest

from cnnmat.verify import worker
from cnnmat.verify.guard import Guard
from cnnmat.verify.selftest import Unsound

SOURCE = """
import numpy as np
from cnnmat.verify import Lecture, Sides

lecture = Lecture("own", "Own")
lecture.remark("page 1", "a name")


@lecture.claim("1", "identity", "A line", "1=1", reason="why", cases=[{"n": 2}])
def line(e, n):
    return Sides(truth=n + n, printed=2 * n, wrong={"two": 2 + n * n})


@lecture.claim("2", "identity", "Another", "1=1")
def changing(e):
    np.seterr(all="ignore")
    return Sides(truth=1, printed=1, wrong={"two": 2})
"""


@pytest.fixture
def ask(tmp_path):
    path, guard, loaded = tmp_path / "own.py", Guard(alone=False), {}
    path.write_text(SOURCE)

    def asked(**request):
        return worker._answer({"source": str(path), **request}, guard, loaded)

    return asked


def test_a_lecture_is_described_by_plain_types(ask):
    lecture, = ask()["lectures"]
    assert (lecture["slug"], lecture["title"]) == ("own", "Own")
    assert lecture["remarks"] == [{"place": "page 1", "text": "a name"}]
    first = lecture["claims"][0]
    assert (first["id"], first["reason"], first["expect"]) == ("1", "why", "holds")
    assert {"function", "cases"}.isdisjoint(first)


def test_a_claim_is_answered_by_its_outcome(ask):
    found = ask(slug="own", id="1")["result"]
    assert (found["verdict"], found["controls"]) == ("holds", {"two": True})
    assert found["slips"] is None
    assert ask(slug="own", id="1", slips=True)["result"]["slips"]["apart"]


def test_a_claim_that_changes_something_is_an_error(ask):
    found = ask(slug="own", id="2")["result"]
    assert (found["verdict"], "floating-point errors" in found["message"]) == ("error", True)


def test_what_cannot_be_answered_is_an_error(ask, tmp_path):
    assert ask(slug="own", id="3")["error"] == "KeyError: '3'"
    bad = tmp_path / "bad.py"
    bad.write_text("import numpy as np; np.seterr(all='ignore')")
    assert "floating-point errors" in ask(source=str(bad))["error"]


def test_an_unsound_judge_is_said(monkeypatch):
    def unsound(alone):
        raise Unsound("a line")

    assert worker._unsound() is None
    monkeypatch.setattr(worker, "check_judge", unsound)
    assert worker._unsound() == {"unsound": "a line"}


def test_memory_is_bounded(monkeypatch):
    set_to = []
    monkeypatch.setattr("resource.setrlimit", lambda which, limits: set_to.append(limits[0]))
    worker._limit_memory()
    assert set_to
    assert set_to[0] > worker.BYTES
