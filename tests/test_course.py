"""The course: every notebook runs, every solution is right, and wrong answers are refused."""

import json
import re
import runpy
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from cnnmat import Partition, Regions, unvec, vec, weight_matrix_short
from cnnmat.verify import Sides

COURSE = Path(__file__).resolve().parents[1] / "examples" / "course"
NOTEBOOKS = sorted(path.stem for path in COURSE.glob("0*.py"))


@pytest.fixture(scope="module")
def notebook():
    """A function that runs a notebook, once, as a script is run, and returns its names."""
    done = {}

    def namespace(name):
        if name not in done:
            with pytest.MonkeyPatch.context() as patch:
                patch.syspath_prepend(str(COURSE))
                patch.delitem(sys.modules, "exercises", raising=False)
                mpl.use("Agg")
                done[name] = runpy.run_path(str(COURSE / f"{name}.py"), run_name="__main__")
        return done[name]

    return namespace


def dense_correlation(v, w):
    return np.kron(np.eye(v.P, dtype=int), w[None]) @ v.matrix.toarray()


def overwriting(x):
    h = np.zeros(12)
    for p, corner in enumerate((0, 1, 3, 4)):
        for s, step in enumerate((0, 1, 3, 4, 6, 7)):
            h[corner + step] = x[p, s]
    return h


def literal(V, w, length=None):
    P, M = V.shape[0] // len(w), V.shape[1]
    ones = np.ones((length or len(w), 1), dtype=int)
    return (V.T * np.kron(np.ones((M, P), dtype=int), w[None])) @ np.kron(np.eye(P, dtype=int),
                                                                          ones)


def pulled_back(v, W, delta, order=1):
    return np.array([sum(weight_matrix_short(v, W[3 * d:3 * d + 3, k][::order]) @ delta[k]
                         for k in range(2)) for d in range(2)])


def layer(stage, W, Theta, t, sign=-1, permuted=True):
    H = np.vstack([stage.partition.columns(one) for one in t])
    z = H.T @ W + sign * np.ones((H.shape[1], len(Theta)), dtype=int) @ Theta
    return stage.pooling(stage.activation(z.T), stage.regions if permuted else Regions(
        np.arange(stage.regions.P).reshape(-1, stage.regions.sizes[0]), stage.regions.P))


def delta_of(z, b, stage, of_z=False, sharp=True):
    g = stage.pooling.gradient_vectors(stage.activation(z), stage.regions)
    x = stage.regions.expand(b) * g
    x = stage.regions.permute_sharp(x) if sharp else x
    return x if of_z else stage.activation.derivative(z) * x


def scattered(dz, x, w, stride, padding, add=True, batch=1):
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for i, j in np.ndindex(dz.shape[2:]):
        place = (..., slice(i * stride, i * stride + w.shape[2]),
                 slice(j * stride, j * stride + w.shape[3]))
        dw += np.tensordot(dz[:, :, i, j], padded[place], (0, 0)) / batch
        part = np.tensordot(dz[:, :, i, j], w, (1, 0))
        dx[place] = dx[place] + part if add else part
    inside = slice(padding, -padding or None)
    return dx[:, :, inside, inside], dw, dz.sum((0, 2, 3))


def descent(params, grads, lr, weight_decay, momentum, state, on_bias=1, kept=1):
    decay = {"w": weight_decay, "b": on_bias * weight_decay}
    step = {k: grads[k] + decay[k] * params[k] for k in params}
    state = {k: step[k] + kept * momentum * (state[k] if state else 0) for k in params}
    return {k: params[k] - lr * state[k] for k in params}, state


def claimed(e, V=True, symbols=True, wrong=None):
    """A claim of exercise 2 in notebook 8, with a slip."""
    t = e.symbols("t", 4) if symbols else np.array([1, 2, 3, 4])
    w = e.symbols("w", 2) if symbols else np.array([5, 6])
    pair = weight_matrix_short(Partition([[0, 2], [1, 3], [2, 0]], 4), w if V else w[::-1])
    return Sides(truth=[t[i] * w[0] + t[j] * w[1] for i, j in ([0, 2], [1, 3], [2, 0])],
                 printed=pair.T @ t, wrong=wrong or {"doubled": 2 * (pair.T @ t)})


def bias_claim(e, sign):
    theta = e.symbols("theta", 2)
    return Sides(truth=e.gradient(lambda one: one[0] * one[0] - 3 * one[1], theta),
                 printed=[sign * 2 * theta[0], -3 * theta[0] ** 0],
                 corrected=[2 * theta[0], -3 * theta[0] ** 0], wrong={"theta": theta})


def raising(*anything):
    raise RuntimeError("not thought of")


#: For each exercise answers that are not right, and a word of what the student is told.
WRONG = {
    ("01_windows", 1): [([1, 2, 3, 4, 5, 6], "entry (3,) of your list is 4, and the loops have 5"),
                        ([1, 5, 2, 6, 3, 7], "entry (1,)"), ([1, 2], "has shape (2,)")],
    ("01_windows", 2): [(lambda v, w: dense_correlation(v, w[::-1]), "your matrix times h"),
                        (lambda v, w: weight_matrix_short(v, w), "matmul"),
                        (raising, "it raised RuntimeError: not thought of")],
    ("01_windows", 3): [(54, "it is not 54"), (0, "it is not 0")],
    ("02_skeleton", 1): [(lambda H, w, theta, f: f(H.T @ w + theta), "entry (0,) of y"),
                         (lambda H, w, theta, f: H.T @ w - theta, "entry (0,) of y")],
    ("02_skeleton", 2): [([[1, 1, 1]] * 3, "entry (0, 1)"), ([[1, 2], [2, 4]], "has shape (2, 2)")],
    ("02_skeleton", 3): [(overwriting, "= where += belongs"), (lambda x: x, "shape")],
    ("03_maps", 1): [([(6, 7), (30, 16), (120, 112)], "the size of W is not (6, 7)"),
                     ([(24, 7), (16, 30), (120, 112)], "the size of one V^(d,d',c+1)")],
    ("03_maps", 2): [(lambda V, w: literal(V, w[::-1]), "entry (0, 0) of V^(d,d',c+1)"),
                     (lambda V, w: literal(V, w, 2), "matmul")],
    ("03_maps", 3): [(lambda v, W, delta: pulled_back(v, W, delta, -1), "of b is"),
                     (lambda v, W, delta: pulled_back(v, W, delta[::-1]), "of b is")],
    ("04_pooling", 1): [(np.transpose([[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [1, 0, 0, 0]]),
                         "of T is")],
    ("04_pooling", 2): [([10, 0, -3, 0], "entry (0,)"), ([0, 9, 6, 0], "entry (1,)")],
    ("04_pooling", 3): [
        (lambda alpha, regions: regions.expand(alpha / regions.sizes), "of what comes back"),
        (lambda alpha, regions: regions.permute_sharp(regions.expand(alpha)), "of what comes back"),
        (lambda alpha, regions: alpha * Fraction(1, 3), "has shape (3,)")],
    ("05_forward", 1): [(24 + 4 + 4 * 48 * 5 + 5, "it is not 993"), (144, "it is not 144")],
    ("05_forward", 2): [(lambda *given: layer(*given, sign=1), "of t_1 is"),
                        (lambda *given: layer(*given, permuted=False), "of t_1 is")],
    ("05_forward", 3): [(np.zeros((4, 3), dtype=int), "what belongs to map 1"),
                        (np.ones((4, 3), dtype=int), "still shows in z_2"),
                        (np.zeros((2, 3)), "must keep its shape")],
    ("06_backward", 1): [([10, 10, -20], "the output is 10"), ([16, 16, 32], "entry (2,)")],
    ("06_backward", 2): [(lambda z, b, s: delta_of(z, b, s, sharp=False), "entry (0,) of δ"),
                         (lambda z, b, s: delta_of(z, b, s, of_z=True), "of δ for z = [-3")],
    ("06_backward", 3): [(lambda H, delta: H @ delta.T[::-1], "of ∂J/∂W is"),
                         (lambda H, delta: np.kron(H, np.ones((1, 2))), "has shape (2, 6)")],
    ("07_digits", 1): [(descent, "biases-decay"),
                       (lambda *given: descent(*given, on_bias=0, kept=0), "momentum-ignored")],
    ("07_digits", 2): [(lambda *given: scattered(*given, add=False), "= where += belongs"),
                       (lambda *given: scattered(*given, batch=2), "dw: wrong")],
    ("07_digits", 3): [((np.tanh, lambda dy, x: dy * (1 - np.tanh(x))), "WRONG"),
                       ((np.sin, lambda dy, x: dy * np.cos(x)), "WRONG")],
    ("08_claims", 1): [((48, 54), "in the other order"), ((54, 54), "it is not the pair (54, 54)")],
    ("08_claims", 2): [(lambda e: claimed(e, V=False), "the verdict is"),
                       (lambda e: claimed(e, symbols=False), "says nothing")],
    ("08_claims", 3): [(lambda e: bias_claim(e, 1), "the verdict is holds"),
                       (raising, "the verdict is error")],
}


def test_there_are_eight_in_order():
    assert [name[:2] for name in NOTEBOOKS] == [f"{k:02}" for k in range(1, 9)]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_accepts_its_own_solutions(name, notebook, capsys):
    names = notebook(name)
    for k in (1, 2, 3):
        verdict = names[f"check_{k}"](names[f"solution_{k}"])
        assert (bool(verdict), repr(verdict)) == (True, "Right.")


@pytest.mark.parametrize("name", NOTEBOOKS)
@pytest.mark.parametrize("k", [1, 2, 3])
def test_wrong_answers_are_refused_with_a_reason(name, k, notebook):
    check = notebook(name)[f"check_{k}"]
    assert not check(...)
    assert repr(check(...)).startswith("Nothing here yet")
    for answer, said in WRONG[name, k]:
        verdict = check(answer)
        assert not verdict
        assert repr(verdict).startswith("Not yet: ")
        assert said in repr(verdict)


def test_the_helpers_of_these_tests_are_right_without_their_slips(notebook):
    """What is refused above is refused for its slip, and not for something else."""
    assert notebook("03_maps")["check_2"](literal)
    assert notebook("03_maps")["check_3"](pulled_back)
    assert notebook("05_forward")["check_2"](layer)
    assert notebook("06_backward")["check_2"](delta_of)
    assert notebook("07_digits")["check_1"](lambda *given: descent(*given, on_bias=0))
    assert notebook("07_digits")["check_2"](scattered)
    assert notebook("08_claims")["check_2"](claimed)
    assert notebook("08_claims")["check_3"](lambda e: bias_claim(e, -1))
    assert notebook("01_windows")["check_2"](dense_correlation)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_has_small_cells_and_folded_solutions(name):
    # it takes seconds to import, which every process that collects the tests would wait for
    import jupytext

    cells = jupytext.read(COURSE / f"{name}.py").cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith(f"# {int(name[:2])}. ")
    assert all(len(cell.source.splitlines()) <= 30 for cell in cells)
    solutions = [cell for cell in cells if "solution" in cell.metadata.get("tags", [])]
    assert len(solutions) == 3
    for k, cell in enumerate(solutions, 1):
        assert cell.metadata["jupyter"]["source_hidden"] is True
        # the first line of a folded cell can be read
        assert cell.source.startswith(f"# Solution of exercise {k}\n")
        assert f"assert check_{k}(solution_{k})" in cell.source
    checks = [cell for cell in cells if "check" in cell.metadata.get("tags", [])]
    for k, cell in enumerate(checks, 1):
        assert cell.metadata["jupyter"]["source_hidden"] is True
        assert cell.source.startswith(f"# The check of exercise {k}\n")
        assert f"@exercise\ndef check_{k}(answer):" in cell.source
    # nothing is given away outside the folded cells, and each answer is asked for
    shown = "\n".join(cell.source for cell in cells if cell not in [*solutions, *checks])
    assert "solution_" not in shown
    assert "def check_" not in shown
    assert re.findall(r"^(answer_\d) = \.\.\.", shown, re.M) == ["answer_1", "answer_2", "answer_3"]


RUN = """
import json, sys, jupytext
from nbclient import NotebookClient
book = jupytext.read(sys.argv[1])
NotebookClient(book, kernel_name="python3", timeout=100).execute()
print(json.dumps([[list(out.get("data", {})) for out in cell.get("outputs", [])]
                  for cell in book.cells]))
"""


def test_in_a_kernel_matrices_are_tables_and_pictures_come_once():
    done = subprocess.run([sys.executable, "-c", RUN, "06_backward.py"], cwd=COURSE, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    cells = json.loads(done.stdout)
    assert sum(["text/plain", "text/html"] in outputs for outputs in cells) >= 8
    pictures = [outputs for outputs in cells if any("image/png" in one for one in outputs)]
    assert [len(outputs) for outputs in pictures] == [1]


def test_the_table_names_them_all():
    text = (COURSE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\[`(\d\d_\w+)\.py`\]\(\1\.py\)", text) == NOTEBOOKS


def test_pixels_are_where_the_course_says(notebook):
    names = notebook("01_windows")
    assert (unvec(names["h"], (3, 4)) == names["image"]).all()
    assert names["h"][names["windows"].indices[1]].tolist() == vec(
        names["image"][1:3, 0:3]).tolist()
