"""``cnnmat check``: exit statuses, JSON, points; in a process of its own."""

import argparse
import json
import os
import subprocess
import sys

import pytest

from cnnmat.cli import main
from cnnmat.testing import command as checking

SOURCE = '''
import ctypes, os, time
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

def strict_nhwc(x, w, b, stride, padding):
    if x.shape[-1] != w.shape[2]:
        raise ValueError("channels are not aligned")
    return conv(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), b, stride, padding).transpose(
        0, 2, 3, 1)

def mean(x, size, stride, padding):
    p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    v = np.lib.stride_tricks.sliding_window_view(p, (size, size), (2, 3))
    return v[:, :, ::stride, ::stride].mean((4, 5))

def one_argument(x):
    return x

def square(x, w, b, stride, padding):
    if w.shape[2] != w.shape[3]:
        raise ValueError("square kernels only")
    return conv(x, w, b, stride, padding)

def never(x, w, b, stride, padding):
    raise NotImplementedError

def divided(dz, x, w, stride, padding):
    p = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
    v = np.lib.stride_tricks.sliding_window_view(p, w.shape[2:], (2, 3))
    v = v[:, :, ::stride, ::stride]
    return (None, np.einsum("ndij,ncijkl->dckl", dz, v) / len(x), dz.sum((0, 2, 3)) / len(x))

def slow(x, w, b, stride, padding):
    time.sleep(0.5)
    return conv(x, w, b, stride, padding)

number = 3

def batch_norm(x, gamma, beta):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-3) + beta

def adam(params, grads, lr, weight_decay, beta1, beta2, eps, state):
    return params, state

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


def test_every_kind_says_how_its_functions_are_called(check, capsys):
    """In its help; and the help of all lists it in a group."""
    for kind in checking.KINDS:
        with pytest.raises(SystemExit):
            check(kind, "--help")
        assert "forward" in (said := capsys.readouterr().out) or "step(" in said
    with pytest.raises(SystemExit):
        check("--help")
    listed = capsys.readouterr().out.partition("kinds:")[2]
    assert set(checking.KINDS) <= set(listed.replace(",", " ").split())
    assert {f"check_{kind}" for kind in checking.KINDS} <= set(checking.testing.__all__)


def test_a_number_is_an_option(check, capsys):
    words = "batch_norm", "somebodys_module:batch_norm", "--layout", "NC"
    assert check(*words, "--eps", "1e-3") == 0
    assert check(*words, "--eps", "1e-5") == 1
    assert "[epsilon-other" in capsys.readouterr().out


def test_a_step_is_checked_by_its_rule(check, capsys):
    assert check("update", "somebodys_module:adam", "--rule", "adamw", "--points") == 1
    assert "0 of " in capsys.readouterr().out


def test_wrong_is_status_1_and_json_is_clean(check, capfd):
    assert check("correlation", "somebodys_module:turned", "--json") == 1
    out, err = capfd.readouterr()
    assert json.loads(out)["diagnosis"][0]["slug"] == "kernel-flipped"
    assert "printed past Python" in err


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
    (["somebodys_module:"], "MODULE:FUNCTION must name both, got 'somebodys_module:'"),
    (["somebodys_module:conv"] * 3, "at most 2 functions, got 3"),
])
def test_what_cannot_be_called_is_status_2(check, capfd, words, message):
    assert check("correlation", *words) == 2
    assert message in capfd.readouterr().err


@pytest.mark.parametrize("words", [
    ["--timeout", "inf"], ["--timeout", "nan"], ["--timeout", "0"], ["--timeout", "-1"],
    ["--timeout", "1e300"], ["--timeout", "soon"], ["--timeout", ""], ["--timeout", "-0.0"],
    ["--seed", "-1"], ["--seed", "1.5"], ["--seed", "٣"], ["--seed", "9" * 5000], ["--dims", "4"],
    ["--dims", "two"], ["--only", "squares"], ["--require", "tiles"], ["--accept", "all"],
    ["--stride", "float"], ["--layout", "nchw"], ["--weights", ""],
])
def test_an_option_that_makes_no_sense_is_wrong_usage(check, capfd, words):
    with pytest.raises(SystemExit) as stopped:
        check("correlation", "somebodys_module:conv", *words)
    assert stopped.value.code == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert f"argument {words[0]}: " in err


def test_what_cannot_be_called_is_told_in_json_too(check, capfd):
    assert check("correlation", "somebodys_module:missing", "--json") == 2
    found = json.loads(capfd.readouterr().out)
    assert found == {"kind": "correlation", "verdict": "not judged", "passed": False, "error":
                     "somebodys_module:missing cannot be imported: AttributeError: module "
                     "'somebodys_module' has no attribute 'missing'"}


def test_a_run_has_an_end(check, capfd, monkeypatch):
    patient = checking.functions
    monkeypatch.setattr(checking, "functions", lambda names, limit: patient(names, limit / 200))
    assert check("correlation", "somebodys_module:slow", "--timeout", "60") == 2
    assert "it did not come to an end within 3.9 s" in capfd.readouterr().err


def test_conventions_are_options(check, capsys):
    assert check("correlation", "somebodys_module:turned", "--convolve") == 0
    assert check("update", "somebodys_module:step", "--decay", "all") == 1
    assert "w_after: wrong in all 14" in capsys.readouterr().out


def test_what_is_refused_is_said_and_is_wrong_only_where_it_is_required(check, capsys):
    words = ["correlation", "somebodys_module:square"]
    assert check(*words) == 0
    out = capsys.readouterr().out
    assert "configurations that it takes" in out
    assert "forward refuses kernels that are not square (" in out
    assert check(*words, "--only", "square-kernels") == 0
    assert "refuses" not in capsys.readouterr().out
    assert check(*words, "--require", "stride, padding") == 0
    assert check(*words, "--require", "rectangular-kernels") == 1
    assert "forward must take kernels that are not square" in capsys.readouterr().out
    assert check(*words, "--require", "everything", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "wrong"
    assert found["refusals"][0]["limits"] == ["square-kernels"]


def test_to_refuse_everything_is_status_1(check, capsys):
    assert check("correlation", "somebodys_module:never") == 1
    assert "forward refuses everything (" in capsys.readouterr().out


def test_conventions_are_noted_accepted_or_wrong(check, capsys):
    words = ["correlation", "somebodys_module:conv", "somebodys_module:divided"]
    assert check(*words) == 0
    out = capsys.readouterr().out
    assert "backward gives no dx" in out
    assert 'accept="mean-gradients"' in out
    assert check(*words, "--accept", "mean-gradients", "--strict") == 0
    assert "note:" not in capsys.readouterr().out
    assert check(*words, "--strict") == 1
    assert check(*words, "--require", "dx") == 1


def test_a_layout_that_was_not_declared_is_named_with_its_flag(check, capsys):
    assert check("correlation", "somebodys_module:strict_nhwc") == 1
    out = capsys.readouterr().out
    assert "ValueError: channels are not aligned)" in out
    assert "right with --layout NHWC [layout-nhwc; z]" in out
    assert check("correlation", "somebodys_module:strict_nhwc", "--layout", "NHWC") == 0


def test_padding_of_a_mean_is_counted_or_not(check, capsys):
    words = ["pooling", "somebodys_module:mean", "--kind", "mean", "--stride", "int", "--padding",
             "int"]
    assert check(*words) == 0
    assert check(*words, "--count-padding") == 0
    assert check(*words, "--no-count-padding") == 1
    assert "padding-counted" in capsys.readouterr().out


@pytest.mark.parametrize(("kind", "said"), [
    ("correlation", ["forward(x, w, b, stride, padding) -> z",
                     "backward(dz, x, w, stride, padding) -> (dx, dw, db)", "default: int",
                     "default: OIHW with NCHW, HWIO with NHWC"]),
    ("pooling", ["forward(x, size) -> t", "--no-count-padding", "default: yes"]),
    ("activation", ["forward(x) -> y", "backward (optional):", "default: relu"]),
    ("risk", ["backward(y, target) -> dy", "default: samples"]),
    ("feedforward", ["forward(x, w, b) -> z"]),
    ("update", ["step(params, grads, lr, weight_decay, momentum, state) -> (params, state)"]),
])
def test_help_shows_how_the_functions_are_called(check, capsys, kind, said):
    with pytest.raises(SystemExit):
        check(kind, "--help")
    out = " ".join(capsys.readouterr().out.split())
    assert [one for one in said if one not in out] == []


def test_a_reader_that_has_enough_is_no_error(check):
    """As `cnnmat check ... | head` has it, with nobody left to read."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        found = subprocess.run(
            [sys.executable, "-c", "import sys; from cnnmat.cli import main; sys.exit(main())",
             "check", "correlation", "somebodys_module:strict_nhwc"],
            stdout=pipe, stderr=subprocess.PIPE, text=True, check=False)
    assert (found.returncode, found.stderr) == (1, "")


@pytest.mark.parametrize(("kind", "words"), [
    ("dropout", ["--inverted, --no-inverted", "default: yes"]),
    ("depthwise", ["--weights {OIHW,HWIO,OHWI}"]),
    ("transposed_correlation", ["--bias {add,none}"]),
])
def test_help_offers_what_python_takes_and_does(kind, words, capsys):
    with pytest.raises(SystemExit):
        main(["check", kind, "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert all(word in text for word in words)


def test_dropout_is_inverted_here_too_unless_it_is_said(capsys, tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("def drop(x, mask, p): return x * mask / (1 - p)\n", "utf-8")
    assert main(["check", "dropout", f"{path}:drop"]) == 0
    assert main(["check", "dropout", f"{path}:drop", "--no-inverted"]) == 1
