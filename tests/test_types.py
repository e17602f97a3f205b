"""What a type checker makes of the package: clean inside, and of use to whoever calls it."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cnnmat
import cnnmat.cli
import cnnmat.testing
import cnnmat.verify
from cnnmat import Blocks, CorrelationOperator, Network, Partition, Stage, Windows, train
from cnnmat.testing import check_feedforward
from cnnmat.verify import Draw, Lecture, Sides, run
from cnnmat.verify.orders import Order

ROOT = Path(cnnmat.__file__).resolve().parents[1]
RIGHT = """
import numpy as np
from cnnmat import (CorrelationOperator, Network, Partition, Stage, Windows, activation, convolve,
                    correlate, correlate_backward, pool, train, weight_matrix)

x, w = np.ones((1, 1, 6, 6), np.float32), [[[[1, -1]]]]
z = correlate(x, w, stride=(2, 1), padding="same")
reveal_type(z)
reveal_type(correlate_backward(z, x, w, method="literal")[1])
reveal_type(convolve(x, w, b=[1], dilation=2))
reveal_type(pool(z, "max", 2, stride=1))
v = Partition(Windows((6, 6), kernel=3, padding=((1, 1), (0, 2))))
reveal_type(v.columns(x[0, 0].ravel()))
reveal_type(v.matrix)
reveal_type(weight_matrix(v, range(9)))
reveal_type(v.S)
reveal_type(Windows(5, 2).padding)
stage = Stage(v, depth=2, activation="relu")
reveal_type(stage.activation.derivative(z))
net = Network(1, [stage], [3, 1], activations=["tanh", activation("identity")])
start = net.initial(seed=0)
reveal_type(net.forward(start, np.ones((2, 1, 36))).z_c[1])
reveal_type(net.shapes().W_c[1])
reveal_type(start.map(len).theta_l)
reveal_type(train(net, start, x.reshape(1, 1, 36), [[1.0]], mu=0.1, epochs=1).losses)
reveal_type(CorrelationOperator((1, 6, 6), w) @ x.ravel())
"""
NUMBER = "numpy.integer[Any] | numpy.floating[Any]"
ARRAY = f"numpy.ndarray[tuple[Any, ...], numpy.dtype[{NUMBER}]]"
CSR = f"scipy.sparse._csr.csr_array[{NUMBER}, tuple[int, int]]"
KNOWN = [ARRAY, ARRAY, ARRAY, ARRAY, ARRAY, CSR, CSR, "int", "tuple[tuple[int, int], ...]", ARRAY,
         ARRAY, "tuple[int, ...]", "dict[int, int]", ARRAY, ARRAY]
IMPORTS = """
from cnnmat import Partition, Regions, Windows, convolve, correlate, pool
from cnnmat.cli import main
from cnnmat.testing import assert_correlation
from cnnmat.verify import Lecture
"""
WRONG = {
    'correlate([[[1]]], [[[1]]], stride="two")': 'Argument "stride" to "correlate"',
    'correlate([[[1]]], [[[1]]], method="fastest")': 'Argument "method" to "correlate"',
    "convolve([[[1]]], [[[1]]], dilate=2)": 'Unexpected keyword argument "dilate"',
    "convolve([[[1]]], [[[1]]], padding=0.5)": 'Argument "padding" to "convolve"',
    'pool([[[1]]], "median", 2)': 'Argument 2 to "pool"',
    "Windows(5, kernel=2.5)": 'Argument "kernel" to "Windows"',
    "Partition(Windows(5, 2)).matrix()": '"csr_array[',
    "Regions([[0]], size=1, cover=[])": 'Argument "cover" to "Regions"',
    "assert_correlation(correlate, stride=2)": 'Argument "stride" has incompatible type',
    "assert_correlation(None)": 'Argument 1 has incompatible type "None"',
    'Lecture("a", "b").claim("1", "theorem", "t", "f")': 'Argument 2 to "claim" of "Lecture"',
    "main(3)": 'Argument 1 to "main"',
}
#: What has no type before it runs: exact entries, and what a loop makes of them.
UNKNOWN = {"Claim.notation", "Draw.gradient", "Draw.jacobian", "Draw.shared", "Draw.sizes",
           "Draw.symbols"}


def one_of_each():
    """An object of every public class."""
    stage = Stage(Partition(Windows((4, 4), 3)), depth=2)
    net, h = Network(1, [stage], [1]), np.ones((1, 1, 16))
    start = net.initial(seed=0)
    forward = net.forward(start, h)
    wrong = check_feedforward(lambda x, w, b: x @ w.T)
    lecture = Lecture("sums", "First steps")
    lecture.claim("1", "identity", "t", "1 = 1")(lambda e: Sides(1, 1, wrong={"two": 2}))
    claim = lecture.claims["1"]
    return [
        Windows(5, 2), stage.partition, stage.regions, stage.activation, stage, net, start,
        forward, net.backward(start, forward, [[1]]), Blocks([[1]]),
        CorrelationOperator((1, 4, 4), np.ones((1, 1, 2, 2))),
        train(net, start, h, [[1]], mu=0.1, epochs=1), wrong, wrong.failures[0],
        wrong.counterexample, wrong.diagnosis[0], lecture, claim, run(claim), Sides(1),
        Draw(claim, Order.drawn(32))]


def is_public(kind, name):
    return not name.startswith("_") or (name in ("__init__", "__call__", "__matmul__")
                                        and name in vars(kind))


def signatures():
    """(name, function) of every public function and every method of a public class."""
    for module in (cnnmat, cnnmat.testing, cnnmat.verify, cnnmat.cli):
        for name in module.__all__:
            if inspect.isfunction(getattr(module, name)):
                yield name, getattr(module, name)
    for kind in map(type, one_of_each()):
        for name, member in vars(kind).items():
            function = next((getattr(member, inner) for inner in ("fget", "func", "__func__")
                             if hasattr(member, inner)), member)
            # the __init__ of a dataclass is made of its fields
            if is_public(kind, name) and getattr(function, "__module__", "") == kind.__module__:
                yield f"{kind.__name__}.{name}", function


def test_every_public_signature_is_annotated_in_full():
    found = dict(signatures())
    bare = [name for name, function in found.items() for kind in (
        *(p.annotation for p in inspect.signature(function).parameters.values()
          if p.name not in ("self", "cls")),
        inspect.signature(function).return_annotation) if kind is inspect.Parameter.empty]
    assert bare == []
    assert len(found) > 100


@pytest.fixture
def mypy(request):
    """A function that runs mypy in a folder; what it has learnt of NumPy is kept between runs."""
    cache = request.config.cache.mkdir(f"mypy-{request.node.name}")

    def running(*arguments, folder):
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--cache-dir", str(cache), *arguments],
            capture_output=True, text=True, cwd=folder, check=False)
        assert done.returncode < 2, done.stdout + done.stderr
        return done.stdout.splitlines()

    return running


def test_the_package_is_clean(mypy):
    assert mypy(folder=ROOT)[-1].startswith("Success: no issues found in ")


def reveal_everything():
    """The lines of a program that asks for the type of each attribute of each public class."""
    lines = []
    for one in one_of_each():
        name, module = type(one).__name__, type(one).__module__
        lines += [f"import {module}", f"def f{len(lines)}(one: {module}.{name}) -> None:"]
        lines += [f"    reveal_type(one.{attribute})  # {name}.{attribute}"
                  for attribute in dir(one)
                  if is_public(type(one), attribute) and attribute != "__init__"]
    return lines


def test_a_type_checker_finds_wrong_calls_and_knows_what_right_ones_return(mypy, tmp_path):
    everything = reveal_everything()
    programs = {"right": RIGHT, "wrong": IMPORTS + "\n".join(WRONG),
                "everything": "\n".join(everything)}
    for name, program in programs.items():
        tmp_path.joinpath(f"{name}.py").write_text(program)
    lines = mypy("--strict", *(f"{name}.py" for name in programs), folder=tmp_path)
    found = {name: [line for line in lines if line.startswith(f"{name}.py:")]
             for name in programs}
    revealed = re.compile(r'\w+\.py:(\d+): note: Revealed type is "(.*)"')
    types = [revealed.fullmatch(line).groups() for line in found["right"]]
    assert [kind for _, kind in types] == KNOWN
    errors = [line for line in found["wrong"] if ": error: " in line]
    for (call, message), line in zip(WRONG.items(), errors, strict=True):
        assert message in line, call
    types = [revealed.fullmatch(line).groups() for line in found["everything"]]
    assert len(types) == sum("reveal_type" in line for line in everything)
    assert {everything[int(number) - 1].partition("# ")[2] for number, kind in types
            if re.search(r"(^|-> )Any$", kind)} == UNKNOWN
