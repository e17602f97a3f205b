"""Every example runs, says what it should, leaves a picture that is one, and can fail.

Those that take long are run by `every_example`; that they can fail is tried here.
"""

import runpy
import subprocess
import sys
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

import cnnmat

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


def run(name, *arguments, folder):
    """The finished process of an example, with warnings as errors."""
    return subprocess.run([sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
                          capture_output=True, text=True, cwd=folder, check=False)


def output(name, *arguments, folder):
    done = run(name, *arguments, folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def is_picture(path):
    """Whether it can be read, is not small, and not of one colour."""
    pixels = matplotlib.image.imread(path)[..., :3]
    return min(pixels.shape[:2]) >= 400 and bool(np.std(pixels) > 0.05)


@pytest.mark.every
def test_edges(tmp_path):
    said = output("edges.py", folder=tmp_path)
    assert "V 2459520 x 273280 with 2453122 ones" in said
    assert "equal SciPy's in all 546560 entries" in said
    assert is_picture(tmp_path / "edges.png")


def test_a_function_in_c(tmp_path):
    said = output("check_c.py", folder=tmp_path).splitlines()
    assert ["right" in line for line in said] == [True, False, True, False]


@pytest.mark.every
def test_digit_gradient(tmp_path):
    said = output("digit_gradient.py", folder=tmp_path)
    assert said.count("==") == 8
    assert "!=" not in said
    assert "154 derivatives: equal to the loops' exactly" in said
    assert list(tmp_path.iterdir()) == []


def test_first_steps(tmp_path):
    said = output("first_steps.py", folder=tmp_path)
    assert "V^(1,1,2): 2 × 2, 3 of 4 entries are not 0\n2  .\n1  3\n" in said
    assert said.endswith("Each of the 17 derivatives is what nudging that parameter shows, "
                         "exactly.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.every
def test_first_steps_draws_where_it_is_told(tmp_path):
    said = output("first_steps.py", "--pictures", ".", folder=tmp_path)
    assert said.count("picture: ") == 5
    pictures = sorted(tmp_path.iterdir())
    assert [one.name for one in pictures] == [
        "network.png", "t.png", "v.png", "v_1_1_2.png", "way_back.png"]
    assert all(map(is_picture, pictures))
    done = run("first_steps.py", "--pictures", "nowhere", folder=tmp_path)
    assert done.returncode == 2
    assert "--pictures must be a folder that exists, got 'nowhere'" in done.stderr


LACKING = [
    ("backprop_as_matrices.py", "matplotlib", "'cnnmat[examples]'"),
    ("check_onnx_reference.py", "onnxruntime", "onnx onnxruntime 'cnnmat[torch]'"),
    ("check_pytorch.py", "torch", "'cnnmat[torch]'"),
    ("digit_gradient.py", "torch", "'cnnmat[examples,torch]'"),
    ("digits.py", "sklearn", "'cnnmat[examples]'"),
    ("edges.py", "matplotlib", "'cnnmat[examples]'"),
    ("first_steps.py", "matplotlib", "'cnnmat[plot]'"),
]


@pytest.mark.parametrize(("name", "module", "extra"), LACKING)
def test_an_example_says_which_extra_it_lacks(name, module, extra, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(sys, "argv", [name] + ["--pictures", "."] * (name == "first_steps.py"))
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert module in str(stopped.value)
    assert str(stopped.value).endswith(f"pip install {extra}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.every
def test_backprop_as_matrices(tmp_path):
    said = output("backprop_as_matrices.py", "here.png", folder=tmp_path)
    assert said.count("δ of this layer, error") == 3
    assert is_picture(tmp_path / "here.png")


@pytest.mark.every
def test_digits(tmp_path):
    said = output("digits.py", "--checkpoint", "run.npz", folder=tmp_path)
    last = said.splitlines()[-3].split()
    assert last[0] == "40"
    assert float(last[2]) >= 0.97
    assert is_picture(tmp_path / "digits.png")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["digits.png", "run.npz"]


def test_digits_without_enough_training_fails(tmp_path):
    done = run("digits.py", "--epochs", "1", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("test accuracy must be at least 0.97, got 0.")


# --- the checks at the end can fail: break the package, and each example must notice -------


def wrong(result):
    """`result`, an array or a tuple of them, with a slip in the last entry."""
    if isinstance(result, tuple):
        return (*result[:-1], wrong(result[-1]))
    result = np.array(result)
    result.flat[-1] += 1
    return result


def slip(monkeypatch, owner, name):
    right = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *args, **options: wrong(right(*args, **options)))


BREAKS = [
    ("edges.py", cnnmat.textbook.correlation, "feature_map", "is not what SciPy finds"),
    ("edges.py", cnnmat, "edge_map", "is not what the loops find"),
    ("digit_gradient.py", cnnmat.textbook.correlation, "dW", "the derivative by W_c[1] is not"),
    ("digit_gradient.py", cnnmat.textbook.feedforward, "dtheta", "the derivative by θ_l[1] is not"),
    ("first_steps.py", cnnmat.textbook.correlation, "dTheta", "2 of 17 derivatives are not what"),
    ("backprop_as_matrices.py", cnnmat.textbook.network, "upv", "the product is not δ"),
]


@pytest.mark.parametrize(("name", "owner", "function", "message"), BREAKS)
def test_an_example_notices_a_slip(name, owner, function, message, tmp_path, monkeypatch):
    slip(monkeypatch, owner, function)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert message in str(stopped.value)


def test_wrong_backward(tmp_path):
    said = output("wrong_backward.py", folder=tmp_path)
    assert "z: right in all" in said
    assert "= where += belongs" in said


def test_there_is_a_test_for_every_example():
    tests = "".join(path.read_text(encoding="utf-8")
                    for path in Path(__file__).parent.rglob("test_*.py"))
    assert [path.name for path in EXAMPLES.glob("*.py") if path.name not in tests] == []
