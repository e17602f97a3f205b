"""What goes wrong inside the machinery while somebody writes a claim is told as advice."""

import pytest

from cnnmat.cli import main
from cnnmat.verify.judge import run
from cnnmat.verify.loading import load

#: The claim's body stands on line 8.
CLAIM = """import math
import numpy as np
from cnnmat.verify import Lecture, Sides
lecture = Lecture("own", "Own")
@lecture.claim("1", "identity", "t", "1"{options})
def claim(e):
    a, s = e.symbols("a", 2), e.symbols("s")
    {body}
"""
SIDES = "return Sides(truth={}, printed=a, wrong={{'w': a}})"
FLOAT = r'symbols are exact and take no floats: Fraction(1, 2) for 0.5, e.root() for a root'


def told(tmp_path, body, options=""):
    path = tmp_path / "own.py"
    path.write_text(CLAIM.format(body=body, options=options))
    [lecture] = load(str(path))
    return run(lecture.claims["1"])


@pytest.mark.parametrize(("truth", "advice"), [
    ("np.exp(s)", 'NumPy\'s exp takes no symbols: exp = e.function("exp"), then exp(z), stands'),
    ("np.tanh(a)", 'NumPy\'s tanh takes no symbols: tanh = e.function("tanh"), then tanh(z)'),
    ("math.exp(s)", 'math\'s exp takes no symbols: exp = e.function("exp"), then exp(z)'),
    ("math.cos(s)", 'math\'s cos takes no symbols: cos = e.function("cos"), then cos(z)'),
    ("math.erf(s)", 'math\'s f takes no symbols: f = e.function("f"), then f(z)'),
    ("np.sqrt(a)", "NumPy's sqrt takes no symbols: root = e.root(), then root(z); the claim says "
                   "rational=True"),
    ("math.sqrt(s)", "math's sqrt takes no symbols: root = e.root(), then root(z)"),
    ("np.linalg.norm(a)", "NumPy's sqrt takes no symbols: root = e.root(), then root(z)"),
    ("a.std()", "NumPy's conjugate takes no symbols: write it as sums and products"),
    ("np.hypot(a, a)", "a symbol has no hypot: write it as sums and products"),
    ("np.erfc(a)", "module 'numpy' has no attribute 'erfc'"),
    ("np.isnan(a)", "isnan asks for floats; symbols are exact and finite"),
    ("np.linalg.inv(np.outer(a, a))", "NumPy's inv takes floats alone: write it as sums and"),
    ("__import__('scipy.sparse').sparse.csr_array([[1.0, 2.0]]) @ a",
     "SciPy's sparse arrays take no symbols: .toarray() makes a dense one"),
    ("__import__('scipy.special').special.expit(a)",
     'expit takes no symbols: expit = e.function("expit"), then expit(z), stands for any'),
    ("math.sqrt(3) * s", FLOAT), ("np.sqrt(3) * a", FLOAT), ("a + np.array([0.5, 1])", FLOAT),
    ("s ** 0.5", FLOAT), ("math.sqrt(3) * s", 'such as √3 a symbol of its own, e.symbols("root3")'),
    ("s ** -2", "a negative power is a division: 1 / z**2; the claim says rational=True"),
    ("s / a[0]", "symbols must not be divided by each other, unless the claim says rational=True"),
    ("1 / s", "a number must not be divided by a symbol, unless the claim says rational=True"),
    ("s // 2", "symbols know no //: sizes and remainders are whole numbers"),
    ("s % 2", "symbols know no %: sizes and remainders are whole numbers"),
    ("a.astype(float)", "a symbol is not one number: where the line needs numbers, draw them"),
    ("round(s)", "a symbol is not one number: where the line needs numbers, draw them"),
    ("e.gradient(lambda x: math.exp(x[0]), a)",
     'math\'s exp takes no symbols: exp = e.function("exp")'),
    ("e.gradient(lambda x: np.exp(x[0]), a)",
     'NumPy\'s exp takes no symbols: exp = e.function("exp")'),
    ("e.gradient(lambda x: abs(x[0]), a)",
     "what is differentiated is compared by < and > alone; write |z| as z if z > 0 else -z"),
    ("e.gradient(lambda x: x[0] if x[0] >= 0 else 0, a)",
     "what is differentiated is compared by < and > alone"),
    ("e.gradient(lambda x: x[0] ** -1, a)", "what is differentiated takes whole powers alone"),
    ("e.gradient(lambda x: x[0] ** 0.5, a)", "e.root() for a root"),
])
def test_what_to_write_instead_and_the_line_of_ones_own_file(tmp_path, truth, advice):
    found = told(tmp_path, SIDES.format(truth))
    assert found.verdict == "error"
    assert advice in found.message
    assert "own.py, line 8" in found.message


@pytest.mark.parametrize(("body", "advice"), [
    ("return a, a, {'w': 2 * a}", "not with a tuple (own.py, line 5; TypeError: a claim must"),
    ("return {'truth': a}", "not with a dict (own.py, line 5; "),
    ("pass", 'wrong={"a near miss": ...}) (own.py, line 5; '),
])
def test_what_a_claim_ends_with(tmp_path, body, advice):
    found = told(tmp_path, body)
    assert found.message.startswith("a claim ends with return Sides(truth=..., printed=..., wrong")
    assert advice in found.message


@pytest.mark.parametrize(("body", "options"), [
    ("exp = e.function('exp'); return Sides(truth=exp(s), printed=exp(s), wrong={'w': s})", ""),
    ("r = e.root(); return Sides(truth=1 / r(s), printed=1 / r(s), wrong={'w': s})",
     ", rational=True"),
    ("r = e.symbols('root3'); return Sides(truth=r * s, printed=s * r, wrong={'w': s})", ""),
    ("from fractions import Fraction; return Sides(truth=Fraction(1, 2) * s, printed=s / 2, "
     "wrong={'w': s})", ""),
    ("exp = e.function('exp'); g = e.gradient(lambda x: exp(x[0]), a); return Sides("
     "truth=g[0], printed=exp.derivative(a[0]), wrong={'w': exp(a[0])})", ""),
    ("g = e.gradient(lambda x: x[0] ** 3 * x[1] + x[1] ** 0, a); return Sides(truth=g, "
     "printed=np.array([3 * a[0] ** 2 * a[1], a[0] ** 3]), wrong={'w': a})", ""),
    ("g = e.gradient(lambda x: 1 / x[0] ** 2 + x[1], a); return Sides(truth=g[0], "
     "printed=-2 / a[0] ** 3, wrong={'w': a[0]})", ", rational=True"),
])
def test_who_follows_the_advice_comes_to_a_verdict(tmp_path, body, options):
    assert told(tmp_path, body, options).verdict == "holds"


def test_what_nothing_is_known_of_is_told_as_it_was(tmp_path):
    assert told(tmp_path, "{}['lost']").message == "KeyError: 'lost' (own.py, line 8)"


def test_a_file_that_cannot_be_loaded_is_told_with_its_line(tmp_path, capsys):
    path = tmp_path / "own.py"
    path.write_text(CLAIM.format(body="pass", options="").replace('"identity"', '"identical"'))
    assert main(["verify", str(path)]) == 2
    err = capsys.readouterr().err
    assert "kind must be one of definition, identity" in err
    assert "(own.py, line 5)" in err
