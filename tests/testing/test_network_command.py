"""``cnnmat check network``: how a network is named, and which gradient is the first wrong one."""

import json

import numpy as np
import pytest

from cnnmat.calling import loading
from cnnmat.calling.networks import assembled, networks_in
from cnnmat.cli import main

NET = '''
import numpy as np

class Net:
    """Parameters in a dictionary; both passes are given the data."""
    def __init__(self):
        rng = np.random.default_rng(0)
        self.data = rng.standard_normal((4, 3)), rng.standard_normal((4, 1))
        self.params = {"W1": rng.standard_normal((3, 5)), "W2": rng.standard_normal((5, 1))}
    def loss(self, x, t):
        self.h = np.tanh(x @ self.params["W1"])
        self.dy = self.h @ self.params["W2"] - t
        return (self.dy**2).sum() / 2
    def backward(self, x, t):
        dh = self.dy @ self.params["W2"].T * SLOPE
        return {"W1": x.T @ dh, "W2": self.h.T @ self.dy}
'''
RIGHT = NET.replace("SLOPE", "(1 - self.h**2)")
WRONG = NET.replace("SLOPE", "1")
#: Arrays in the object; gradients are left in another dictionary.
HELD = '''
class Held:
    def __init__(self):
        net = Net()
        (self.x, self.t), (self.W1, self.W2) = net.data, net.params.values()
        self.x, self.t = self.x.tolist(), self.t.tolist()
    def forward(self):
        self.net = Net()
        self.net.params = {"W1": self.W1, "W2": self.W2}
        return self.W1, self.net.loss(*map(np.array, (self.x, self.t)))
    def backward(self):
        self.grads = {"d" + k: v for k, v in self.net.backward(*self.net.data).items()}
'''
FUNCTIONS = '''
def forward(p):
    net = Net()
    net.params = p
    return net.loss(*net.data)

def backward(p):
    net = Net()
    net.params = p
    net.loss(*net.data)
    return net.backward(*net.data)

def parameters():
    return Net().params
'''


@pytest.fixture
def check(tmp_path, capsys):
    """check(text of a file, names in it, *options) -> (status, verdict as data or error)."""
    def run(text, names, *options):
        path = tmp_path / "student.py"
        path.write_text(text, "utf-8")
        named = [f"{path}:{name}" for name in names] or [str(path)]
        status = main(["check", "network", *named, "--json", *options])
        return status, json.loads(capsys.readouterr().out)
    return run


def test_a_class_by_the_names_of_its_methods(check):
    status, said = check(RIGHT, ["Net"])
    assert (status, said["verdict"], said["chain"]) == (0, "right", {"dW2": "right",
                                                                     "dW1": "right"})
    status, said = check(WRONG, ["Net"])
    assert (status, said["first_wrong"], said["chain"]["dW2"]) == (1, "dW1", "right")


@pytest.mark.parametrize(("more", "name"), [(HELD, "Held"), (FUNCTIONS, "forward")])
@pytest.mark.parametrize(("net", "status"), [(RIGHT, 0), (WRONG, 1)])
def test_other_ways_in_which_networks_are_written(check, more, name, net, status):
    names = ["forward", "backward", "parameters"] if name == "forward" else [name]
    found, said = check(net + more, names)
    assert (found, said["first_wrong"]) == (status, "dW1" if status else None)


def test_a_file_alone_is_looked_through(check):
    status, said = check(RIGHT, [])
    assert (status, said["verdict"]) == (0, "right")
    status, said = check(RIGHT + FUNCTIONS, [])
    assert status == 2
    assert "several that look like a network; choose one:\n  cnnmat check network " in said["error"]
    assert said["error"].endswith("student.py:parameters")
    assert "has nothing that looks like a network" in check("x = 1\n", [])[1]["error"]


@pytest.mark.parametrize(("text", "names", "why"), [
    (RIGHT, ["Net", "Net"], "must be given a class, or forward, backward and parameters, got 2"),
    ("class Net:\n    def __init__(self, n): pass\n", ["Net"], "must be made without arguments"),
    ("class Net: pass\n", ["Net"], "must have one of loss, forward"),
    ("class Net:\n    def loss(self): return 1.0\n", ["Net"], "must hold arrays of floats"),
    ("class Net:\n    params = 3\n    def loss(self): return 1.0\n", ["Net"],
     "parameters must be a dictionary of arrays, got int"),
    ("def f(): pass\n", ["f"], "functions must be three"),
    (RIGHT.replace("self.data", "self.xy"), ["Net"], "must take nothing, the parameters, or what"),
])
def test_what_is_no_network_is_said(check, text, names, why):
    status, said = check(text, names)
    assert (status, said["passed"]) == (2, False)
    assert why in said["error"]


def test_a_network_ends_nothing_but_itself(check):
    status, said = check(RIGHT.replace("return (self", "import os; os._exit(3)\n        return (s"),
                         ["Net"], "--entries", "2")
    assert status == 2
    status, said = check(RIGHT.replace("dh = self", "while 1: pass\n        dh = s"),
                         ["Net"], "--timeout", "0.3", "--entries", "2")
    assert status == 1
    assert "did not return within 0.3 s" in said["failures"][0]["message"]


def test_parameters_are_put_back_and_what_is_changed_is_seen():
    class Net:
        """It holds one array, and spoils it."""

        def __init__(self):
            self.params = {"w": np.array([1.0, 2.0])}
            made.append(self)

        def loss(self):
            return (self.params["w"] ** 2).sum()

        def backward(self):
            self.params["w"] *= 2
            return {"w": self.params["w"]}

    made = []
    forward, backward, parameters = assembled(Net)
    given = {"w": np.array([3.0, 0.5])}
    assert forward(given) == 9.25
    backward(given)
    assert given["w"].tolist() == [6, 1]
    assert made[0].params["w"].tolist() == parameters()["w"].tolist() == [1, 2]


def test_one_function_may_give_the_loss_and_the_gradients():
    class Net:
        """As a well-known course has it."""

        def __init__(self):
            self.params = {"w": np.array([1.0, 2.0])}

        def loss(self):
            w = self.params["w"]
            return (w**2).sum(), {"w": 2 * w}

    forward, backward, parameters = assembled(Net)
    assert forward(parameters())[0] == 5
    assert backward(parameters())[1]["w"].tolist() == [2, 4]
    assert networks_in(loading) == []


def test_help_says_which_names_are_assumed(capsys):
    with pytest.raises(SystemExit):
        main(["check", "network", "--help"])
    text = capsys.readouterr().out
    for word in ("loss or forward", "parameters or params", "gradients, backward",
                 "cnnmat check network student.py:Net"):
        assert word in text
