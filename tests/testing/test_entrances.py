"""The ways into a check: words that people use, a file alone, time, JUnit, classes and caches."""

import argparse
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.arguments import Usage
from cnnmat.testing import command, entrances, pacing
from cnnmat.testing.pairs import cached_pair, layer_pair
from tests.testing import wrappers

SOURCE = '''
import time
import numpy as np
import beside

def conv_forward(x, w, b, conv_param):
    return beside.conv(x, w, b, conv_param["stride"], conv_param["pad"]), (x, w, conv_param)

def conv_backward(dout, cache):
    x, w, conv_param = cache
    return beside.conv_back(dout, x, w, conv_param["stride"], conv_param["pad"])

def relu(Z):
    time.sleep(0.05)
    return np.maximum(Z, 0)

def relu_backward(dA, Z):
    return dA * (Z >= 0) * 2

def max_pool(x, size):
    raise SystemExit

class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros((1, n_out))

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, d):
        self.dW, self.db = self.x.T @ d, d.sum(0, keepdims=True)
        return d @ self.W.T

class AnotherDense(Dense):
    pass
'''


@pytest.fixture
def check(tmp_path, monkeypatch):
    (tmp_path / "handed_in").mkdir()
    (tmp_path / "handed_in" / "student.py").write_text(SOURCE, encoding="utf-8")
    text = Path(wrappers.__file__).read_text(encoding="utf-8")
    (tmp_path / "handed_in" / "beside.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(dest="command"))

    def run(*words):
        args = parser.parse_args(["check", *words])
        return args.run(args)

    return run


CONV = ["handed_in/student.py:conv_forward", "handed_in/student.py:conv_backward"]


def test_functions_of_a_file_by_its_path_which_imports_what_is_beside_it(check, capsys):
    assert check("correlation", *CONV, "--convention", "auto") == 0
    assert "settings in a dictionary: stride, pad" in capsys.readouterr().out
    line = "x, w, b, conv_param -> out, cache; dout, cache -> dx, dw, db"
    assert check("correlation", *CONV, "--convention", line) == 0


def test_what_cannot_be_called_is_told_of_auto(check, capsys):
    assert check("correlation", *CONV) == 2
    assert "--convention auto finds out how they are called" in capsys.readouterr().err


def test_a_file_alone_is_looked_through(check, capsys):
    assert check("correlation", "handed_in/student.py") == 0
    assert "student.py:conv_backward looks like it, --convention auto" in capsys.readouterr().err
    assert check("activation", "handed_in/student.py") == 1


@pytest.mark.parametrize(("words", "message"), [
    (["feedforward", "handed_in/student.py"],
     "several that look like a feedforward; choose one:\n  cnnmat check feedforward "
     "handed_in/student.py:Dense --convention auto"),
    (["risk", "handed_in/student.py"], "has nothing that looks like a risk"),
    (["risk", "handed_in/nothing.py"], "FileNotFoundError"),
    (["risk", "nothing"], "ModuleNotFoundError"),
])
def test_a_file_in_which_it_cannot_be_found(check, capsys, words, message):
    assert check(*words) == 2
    assert message in capsys.readouterr().err


def test_what_is_found_by_name_and_does_not_run_is_proposed_last(check):
    rows = entrances.proposals("handed_in/student.py", ["pooling", "activation"], 60)
    assert [(kind, ran) for kind, _, ran in rows] == [("activation", True), ("pooling", False)]


@pytest.mark.parametrize(("word", "said"), [
    ("conv", "there is no kind 'conv'; do you mean correlation?"),
    ("Max_Pool", "do you mean pooling?"), ("poling", "do you mean pooling?"),
    ("SGD", "do you mean update?"), ("xyz", "choose from correlation, pooling"),
    ("student.py", "the kind comes first, as in: cnnmat check correlation student.py"),
])
def test_another_word_for_a_kind_is_understood(check, capsys, word, said):
    with pytest.raises(SystemExit) as stopped:
        check(word, "x:y")
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_every_other_word_is_for_one_kind_that_exists():
    words = [w for words in entrances.ALSO.values() for w in words.split()]
    assert len(words) == len(set(words))
    assert entrances.ALSO.keys() <= command.KINDS.keys()


def test_junit(check, tmp_path):
    words = ["activation", "handed_in/student.py", "--junit", "j.xml"]
    assert check(*words) == 1
    suite, = ElementTree.parse(tmp_path / "j.xml").getroot()
    right = {case.get("name"): case.find("failure") is None for case in suite}
    assert all(r for name, r in right.items() if name.endswith(": y"))
    assert not any(r for name, r in right.items() if name.endswith(": dx"))
    assert suite.get("failures") == str(sum(not r for r in right.values()))
    assert check("risk", "handed_in/student.py", "--junit", "j.xml") == 2
    assert "nothing that looks like" in (tmp_path / "j.xml").read_text("utf-8")


def test_junit_is_asked_for_where_it_can_be_written(check):
    with pytest.raises(Usage, match="FILE must be a file in a folder that exists"):
        check("activation", "handed_in/student.py:relu", "--junit", "no/such/j.xml")


def test_a_budget_is_kept_and_said(check, capsys):
    assert check("activation", "handed_in/student.py:relu", "--budget", "0.4") == 0
    out = capsys.readouterr().out
    tried, of = map(int, re.search(r"tell: (\d+) of (\d+) configurations, in the budget of 0.4 s",
                                   out).groups())
    assert 1 <= tried < of


def test_what_is_tried_first_shows_the_mistake():
    """Overlapping windows, uneven rests, padding: all within the first few."""
    wrong = cached_pair(*wrappers.course_cache(True), settings=lambda stride, padding: {
        "stride": stride, "pad": padding})
    assert not testing.check_correlation(*wrong).passed
    clock = iter([0.0, *[k * 0.1 for k in range(1000)]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pacing.time, "monotonic", lambda: next(clock))
        with pacing.paced(budget=0.6):
            result = testing.check_correlation(*wrong)
    assert not result.passed
    assert int(re.search(r"(\d+) of \d+", result.notes[-1])[1]) < 8


def test_how_far_it_has_come_is_told_on_a_terminal_alone(monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(entrances.sys, "stderr", terminal)
    monkeypatch.setattr(entrances, "SILENT", 0.0)
    with entrances.paced(argparse.Namespace(budget=None)):
        testing.check_activation(np.tanh, name="tanh")
    assert re.match(r"0 of \d+ configurations\r", terminal.getvalue())
    plain = io.StringIO()
    monkeypatch.setattr(entrances.sys, "stderr", plain)
    with entrances.paced(argparse.Namespace(budget=None)):
        testing.check_activation(np.tanh, name="tanh")
    assert plain.getvalue() == ""


def test_a_layer_that_is_a_class():
    conv, = wrappers.class_with_attributes(False)

    def make(w, b, stride, padding):
        layer = conv(w.shape[1], len(w), w.shape[2], stride, padding)
        layer.W, layer.b = w, b
        return layer

    result = testing.check_correlation(*layer_pair(make))
    assert result.passed, result.summary()
    swapped = testing.check_correlation(*layer_pair(make, dw="db", db="dW"))
    assert {f.output for f in swapped.failures} == {"dw", "db"}


def test_a_layer_without_parameters_and_one_with_hwio_kernels():
    pool, = wrappers.pool_class(False)
    forward, _ = layer_pair(lambda size, stride: pool(size, stride))
    assert testing.check_pooling(forward, layout="NHWC", stride="int").passed
    course = wrappers.course_nhwc(False)
    pair = cached_pair(
        lambda A, W, b, param: course[0](A, W, np.reshape(b, (1, 1, 1, -1)), param),
        lambda dZ, cache: (*course[1](dZ, cache)[:2], course[1](dZ, cache)[2].ravel()),
        settings=lambda stride, padding: {"stride": stride, "pad": padding}, maps=-1)
    result = testing.check_correlation(*pair, layout="NHWC")
    assert result.passed, result.summary()


def test_pairs_refuse_what_cannot_be_called():
    with pytest.raises(TypeError, match="make must be callable, got 3"):
        layer_pair(3)
    with pytest.raises(TypeError, match="backward must be callable, got None"):
        cached_pair(len, None)
    with pytest.raises(TypeError, match="maps must be an integer"):
        layer_pair(len, maps="last")
