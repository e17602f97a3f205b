"""The judge's own guard: a lenient judge is found out before it judges anything."""

import pytest

from cnnmat.cli import main
from cnnmat.derivations.lec14 import lecture as lec14
from cnnmat.verify import (
    claims,
    command,
    comparing,
    falsehoods,
    guard,
    outcomes,
    report,
    selftest,
)
from cnnmat.verify.guard import Guard
from cnnmat.verify.selftest import Unsound, check_judge, check_summary, known_lines


def test_this_judge_is_sound():
    check_judge()
    check_summary(report.summary, command.status)


def test_there_are_false_lines_of_many_kinds_and_true_ones():
    known = [verdict for _, verdict, *_ in known_lines()]
    assert known.count("fails") > 15
    assert known.count("error") > 8
    assert {"holds", "misprint", "scan", "ambiguous"} < set(known)


def lenient(agree):
    """Judges that let something through, each in its way."""
    return {
        "everything agrees": lambda a, b: True,
        "nothing agrees": lambda a, b: False,
        "shapes do not count": lambda a, b: _flat(a) == _flat(b),
        "the first entry decides": lambda a, b: _flat(a)[:1] == _flat(b)[:1],
    }


def _flat(side):
    return [str(one) for one in getattr(side, "flat", [])]


@pytest.mark.parametrize("way", lenient(None))
def test_a_lenient_judge_is_unsound(way, monkeypatch, capsys):
    monkeypatch.setattr(outcomes, "agree", lenient(outcomes.agree)[way])
    with pytest.raises(Unsound):
        check_judge()
    assert main(["verify", "lec14", "--quiet"]) == 3
    assert "the judge is unsound" in capsys.readouterr().err


def test_a_tolerance_that_is_too_wide_is_found(monkeypatch):
    monkeypatch.setattr(comparing, "RTOL", 1e-9)
    with pytest.raises(Unsound, match="ten thousand million"):
        check_judge()


def test_controls_that_are_not_looked_at_are_found(monkeypatch):
    right = outcomes.Outcome.add

    def careless(self, sides, symbols, case):
        right(self, sides, symbols, case)
        self.controls = dict.fromkeys(self.controls, True)

    monkeypatch.setattr(outcomes.Outcome, "add", careless)
    with pytest.raises(Unsound, match="a control that is right"):
        check_judge()


@pytest.mark.parametrize("status", [lambda results, failed=(): 0, lambda results, failed=(): 1])
def test_an_exit_status_that_never_changes_is_found(status):
    with pytest.raises(Unsound, match="exit status"):
        check_summary(report.summary, status)


def test_a_summary_that_does_not_count_is_found():
    def blind(results):
        return report.summary(results) | {"unexpected": 0}

    with pytest.raises(Unsound, match="not as expected"):
        check_summary(blind, command.status)


def test_the_line_that_was_let_through_is_named(monkeypatch):
    monkeypatch.setitem(falsehoods.known.verdicts, "x² ≥ 2x", ("holds", "", ""))
    with pytest.raises(Unsound, match="'x² ≥ 2x' must come out as holds, got fails"):
        check_judge()


def test_a_counterexample_that_names_no_entry_is_found(monkeypatch):
    right = outcomes.first_difference

    def vague(*args):
        found = right(*args)
        return found | {"text": found["text"].replace("entry ", "")}

    monkeypatch.setattr(outcomes, "first_difference", vague)
    with pytest.raises(Unsound, match="must be shown to differ, got"):
        check_judge()


def test_a_verdict_that_is_listed_and_not_found_is_found(monkeypatch):
    """One that stays when the printed and the corrected form are exchanged."""
    right = selftest.run
    monkeypatch.setattr(selftest, "run", lambda claim, swap=False, **more: right(claim, **more))
    with pytest.raises(Unsound, match="must not come out as misprint when"):
        check_judge()


def test_a_lecture_that_takes_anything_is_found(monkeypatch):
    monkeypatch.setattr(claims.Claim, "__post_init__", lambda self: None)
    with pytest.raises(Unsound, match="an id that is no text must be refused"):
        check_judge()


def test_a_guard_that_takes_the_doing_of_others_for_that_of_a_claim_is_found(monkeypatch):
    monkeypatch.setattr(selftest, "Guard", lambda alone=None: Guard(alone=True))
    with pytest.raises(Unsound, match="what other threads do"):
        check_judge(alone=True)


def test_a_guard_that_does_not_look_at_random_numbers_is_found(monkeypatch):
    settings = guard._settings
    monkeypatch.setattr(guard, "_settings", lambda alone: settings(False))
    with pytest.raises(Unsound, match="a random number that others count on"):
        check_judge(alone=True)


def test_results_that_get_lost_are_found(monkeypatch, capsys):
    monkeypatch.setattr(command, "run_all", lambda *args, **kwargs: iter(()))
    assert main(["verify", "lec14", "--quiet"]) == 3
    assert f"{len(lec14.claims)} claims must have a result each, got 0" in capsys.readouterr().err
