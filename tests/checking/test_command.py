"""``cnnmat check``: exit statuses, JSON, points; in a process of its own."""

import argparse
import json

import pytest

from cnnmat import checking

SOURCE = '''
import ctypes, os
import numpy as np

def conv(x, w, b, stride, padding):
    p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    v = np.lib.stride_tricks.sliding_window_view(p, w.shape[2:], (2, 3))
    return np.einsum("ncijkl,dckl->ndij", v[:, :, ::stride, ::stride], w) + b[:, None, None]

def turned(x, w, b, stride, padding):
    os.write(1, b"printed past Python")
    return conv(x, w[:, :, ::-1, ::-1], b, stride, padding)

def crash(x, w, b, stride, padding):
    os.abort()

def one_argument(x):
    return x

number = 3

def step(params, grads, lr, weight_decay, momentum, state):
    return {k: p + lr * grads[k] for k, p in params.items()}, state
'''


@pytest.fixture
def check(tmp_path, monkeypatch):
    (tmp_path / "somebodys_module.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "broken_module.py").write_text("import sys\nsys.exit(4)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    checking.add_parser(parser.add_subparsers(dest="command"))

    def run(*words):
        args = parser.parse_args(["check", *words])
        return args.run(args)

    return run


def test_right_is_status_0(check, capsys):
    assert check("correlation", "somebodys_module:conv") == 0
    assert capsys.readouterr().out.startswith("correlation: right in all")


def test_wrong_is_status_1_and_json_is_clean(check, capfd):
    assert check("correlation", "somebodys_module:turned", "--json") == 1
    out = capfd.readouterr().out
    found = json.loads(out[out.index("{"):])
    assert found["diagnosis"][0]["slug"] == "kernel-flipped"


def test_points_give_nothing_away(check, capfd):
    assert check("correlation", "somebodys_module:turned", "--points", "--seed", "4") == 1
    out = capfd.readouterr().out
    assert "0 of 9 points" in out
    assert "kernel-flipped" not in out
    assert "expected" not in out


@pytest.mark.parametrize(("words", "message"), [
    (["somebodys_module:crash"], "the process died with exit status"),
    (["somebodys_module:one_argument"], "every call failed: forward raised TypeError"),
    (["somebodys_module:number"], "somebodys_module:number must be callable, got int"),
    (["somebodys_module:missing"], "cannot be imported: AttributeError"),
    (["no_such_module:f"], "cannot be imported: ModuleNotFoundError"),
    (["broken_module:f"], "cannot be imported: SystemExit"),
    (["somebodys_module"], "MODULE:FUNCTION must name both, got 'somebodys_module'"),
    (["somebodys_module:conv"] * 3, "at most 2 functions, got 3"),
])
def test_what_cannot_be_called_is_status_2(check, capfd, words, message):
    assert check("correlation", *words) == 2
    assert message in capfd.readouterr().err


def test_conventions_are_options(check, capsys):
    assert check("correlation", "somebodys_module:turned", "--convolve") == 0
    assert check("update", "somebodys_module:step", "--decay", "all") == 1
    assert "w_after: wrong in all 14" in capsys.readouterr().out
