"""The command that writes theorems, what it makes of coqc's answers, and the record of these."""

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

from cnnmat.cli import main
from cnnmat.verify import run
from cnnmat.verify.coq import kernel
from cnnmat.verify.coq.kernel import checked
from cnnmat.verify.coq.theorems import asks_for_sizes, theorems
from cnnmat.verify.sums.proof import prove
from tests.verify.coq import claims

OWN = str(Path(claims.__file__))
COQC = """#!/bin/sh
if [ "$1" = --print-version ]; then echo 8.16.1 4.13.1; exit; fi
{}
"""


def exported(*words):
    """(status, what is printed, the errors) of a call of the command on the claims beside."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["export", "--lecture", OWN, *words])
    return status, out.getvalue(), err.getvalue()


@pytest.fixture
def coqc(tmp_path, monkeypatch):
    """Puts a compiler of Coq on the path that answers as it is told."""
    def answers(script):
        path = tmp_path / "bin" / "coqc"
        path.parent.mkdir(exist_ok=True)
        path.write_text(COQC.format(script))
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{path.parent}:/bin:/usr/bin")
    return answers


#: Says that each theorem is closed.
CLOSED = """grep -c '^Print' "$3" | while read n; do
while [ "$n" -gt 0 ]; do echo 'Closed under the global context'; n=$((n - 1)); done; done"""


def test_all_theorems_of_a_lecture_are_in_one_file_beside_the_lemmas(tmp_path):
    status, out, err = exported("--coq", str(tmp_path / "new"))
    assert (status, err) == (0, "")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["Sums.v", "coq.v"]
    text = (tmp_path / "new" / "coq.v").read_text()
    assert text.startswith("(* Claims for all sizes ): what cnnmat claims for all sizes")
    assert "It does not check that the operations of NumPy" in re.sub(r"\s+", " ", text)
    # the two cases of the network say the same
    assert re.findall(r"^Module (\w+)\.", text, re.M) == [
        "eq_1158", "eq_1257", "eq_1204", "eq_1204_2", "eq_1203", "eq_1275_1"]
    lines = sum(len((tmp_path / "new" / name).read_text().splitlines())
                for name in ("Sums.v", "coq.v"))
    assert out == f"6 theorems, {lines} lines in {tmp_path / 'new'}\n"


def test_each_lecture_has_files_of_its_own(tmp_path):
    other = tmp_path / "other.py"
    text = Path(OWN).read_text().replace('Lecture("coq"', 'Lecture("other-one"')
    other.write_text(text.replace('e.symbols("w"', 'e.symbols("v"'))
    exported("--coq", str(tmp_path), "--lecture", str(other), "1257")
    assert {path.name for path in tmp_path.glob("*.v")} == {"Sums.v", "coq.v", "other_one.v"}


def test_some_claims_alone(tmp_path):
    _, out, _ = exported("--coq", str(tmp_path), "1257")
    assert out.startswith("1 theorems, ")
    assert exported("--coq", str(tmp_path), "9")[0] == 2


def test_many_theorems_are_in_several_files(tmp_path, monkeypatch):
    monkeypatch.setattr("cnnmat.verify.coq.exporting.SIZE", 1)
    exported("--coq", str(tmp_path), "1257", "1204")
    names = {path.name: path.read_text().count("\nModule") for path in tmp_path.iterdir()}
    assert names == {"Sums.v": 0, "coq.v": 1, "coq_2.v": 1, "coq_3.v": 1}


def test_what_cannot_be_written_is_named_with_the_reason(tmp_path, monkeypatch):
    monkeypatch.setattr("cnnmat.verify.coq.exporting.theorems", _refused)
    _, out, _ = exported("--coq", str(tmp_path), "1257")
    assert out.startswith("coq 1257 is left out: too wide\n0 theorems, ")
    assert [path.name for path in tmp_path.iterdir()] == ["Sums.v"]


def _refused(claim):
    from cnnmat.verify.coq.names import Unwritten

    raise Unwritten("too wide")


def test_theorems_can_be_checked_without_a_record(tmp_path, coqc):
    coqc(CLOSED)
    status, out, _ = exported("--coq", str(tmp_path), "--check", "1257")
    assert status == 0
    assert out.splitlines()[-1].startswith("all accepted by coqc 8.16.1 in ")


def test_what_coqc_accepts_is_recorded_by_what_it_says(tmp_path, coqc):
    coqc(CLOSED)
    record = tmp_path / "record.json"
    status, out, _ = exported("--coq", str(tmp_path), "--check", "--record", str(record))
    assert status == 0
    assert re.search(r"all accepted by coqc 8\.16\.1 in \d+ s, closed under the global", out)
    found = json.loads(record.read_text())
    assert found["coqc"] == "8.16.1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", found["date"])
    assert "coq eq_1257" in found["theorems"].values()
    one, = theorems(claims.lecture.claims["1257"])
    assert found["theorems"][one.statement.key] == "coq eq_1257"


@pytest.mark.parametrize(("answer", "said"), [
    ("echo 'File \"./coq.v\", line 1: Error: no' >&2; exit 1", "Error: no"),
    (CLOSED.replace("Closed under the global context", "Axioms: funext"), "Axioms: funext"),
    ("true", "1 theorems must be closed, got 0 answers")])
def test_what_coqc_does_not_accept_is_not_recorded(tmp_path, coqc, answer, said):
    coqc(answer)
    status, out, _ = exported("--coq", str(tmp_path), "--check", "1257")
    assert status == 1
    assert said in out


def test_without_coqc_nothing_is_checked(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = exported("--coq", str(tmp_path), "--check", "1257")
    assert status == 2
    assert "apt-get install coq libcoq-mathcomp-algebra" in err


@pytest.mark.parametrize("words", [["--record", "r.json"],
                                   ["--record", "r.json", "--check", "1257"]])
def test_a_record_is_of_all_theorems_that_were_checked(tmp_path, words):
    status, _, err = exported("--coq", str(tmp_path), *words)
    assert status == 2
    assert "--record needs --check, and all theorems" in err


def test_a_row_is_kernel_checked_only_if_all_that_it_says_now_is_in_the_record(monkeypatch):
    claim = claims.lecture.claims["1204"]
    keys = [one.statement.key for one in theorems(claim)]
    for known, kernel_ in ((keys, "coq"), (keys[:1], None), (["0"], None), ([], None)):
        monkeypatch.setattr(kernel, "recorded", lambda known=known: {
            "theorems": dict.fromkeys(known)})
        proved = run(claim).evidence[-1]
        assert proved["kernel"] == kernel_
        assert proved["covers"].endswith("; kernel-checked") == bool(kernel_)


def test_a_proof_that_is_no_theorem_is_not_kernel_checked(monkeypatch):
    from cnnmat.verify.coq.statements import Statement
    from cnnmat.verify.sums.sizes import Outside

    def refused(self, equality):
        raise Outside("no")

    found = prove(claims.lecture.claims["1257"], {})
    monkeypatch.setattr(Statement, "__init__", refused)
    assert not checked(found)


def test_the_record_that_ships_is_of_some_version():
    record = kernel.recorded()
    assert re.fullmatch(r"\d+\.\d+\.\d+", record["coqc"])
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in record["theorems"])


def test_only_claims_that_ask_for_sizes_are_theorems():
    from cnnmat.derivations.lec14 import lecture

    assert asks_for_sizes(claims.lecture.claims["1257"], {})
    for id in ("s1d", "s2"):
        claim = lecture.claims.get(id)
        assert claim is None or not asks_for_sizes(claim, {"no": "such case"})
        assert claim is None or not asks_for_sizes(claim, dict(claim.cases[0]))
