"""`check_network`: the layer at which the gradients of a network go wrong."""

import numpy as np
import pytest

from cnnmat.testing import assert_network, check_gradient, check_network
from cnnmat.testing.network import looked_at
from cnnmat.testing.slopes import slope

N, RNG = 6, np.random.default_rng(7)
X, LABELS = RNG.standard_normal((N, 4)), RNG.integers(0, 3, N)


def drawn(seed=0, biases=0.1):
    rng = np.random.default_rng(seed)
    return {"W1": rng.standard_normal((4, 5)), "b1": biases * rng.standard_normal(5),
            "W2": rng.standard_normal((5, 6)), "b2": biases * rng.standard_normal((1, 6)),
            "W3": rng.standard_normal((6, 3)), "b3": biases * rng.standard_normal(3)}


def layers(p, x=X):
    z1 = x @ p["W1"] + p["b1"]
    z2 = np.maximum(z1, 0) @ p["W2"] + p["b2"]
    return z1, z2, np.maximum(z2, 0) @ p["W3"] + p["b3"]


def forward(p, x=X):
    y = layers(p, x)[2]
    y = y - y.max(1, keepdims=True)
    return (np.log(np.exp(y).sum(1)) - y[np.arange(len(y)), LABELS]).mean()


def backward(p, x=X, slope_2=lambda z: z > 0, factor=1.0):
    z1, z2, y = layers(p, x)
    dy = np.exp(y - y.max(1, keepdims=True))
    dy = dy / dy.sum(1, keepdims=True)
    dy[np.arange(len(y)), LABELS] -= 1
    dy *= factor / len(y)
    d2 = dy @ p["W3"].T * slope_2(z2)
    d1 = d2 @ p["W2"].T * (z1 > 0)
    return {"W3": np.maximum(z2, 0).T @ dy, "b3": dy.sum(0), "W2": np.maximum(z1, 0).T @ d2,
            "b2": d2.sum(0, keepdims=True), "W1": x.T @ d1, "b1": d1.sum(0)}


def spoiled(**changes):
    """A backward pass some of whose gradients are changed."""
    def wrong(p):
        right = backward(p)
        return right | {name: change(right[name], p[name]) for name, change in changes.items()}
    return wrong


def test_a_right_network_is_right_in_every_gradient():
    result = check_network(forward, backward, drawn())
    assert result.verdict == "right", result.summary()
    assert list(result.chain.items()) == [
        (name, "right") for name in ("db3", "dW3", "db2", "dW2", "db1", "dW1")]
    assert result.first_wrong is None
    assert result.notes == []
    assert_network(forward, backward, drawn())


#: Backward pass; the first gradient that is wrong, and all that are; what is said of it.
PLANTED = {
    "sign of the last": (spoiled(W3=lambda g, _: -g), "dW3", {"dW3"}, "sign"),
    "transposed": (spoiled(W2=lambda g, _: g.T), "dW2", {"dW2"}, "transposed"),
    "half": (spoiled(W1=lambda g, _: g / 2), "dW1", {"dW1"}, "factor-2-missing"),
    "left at zero": (spoiled(b1=lambda g, _: 0 * g), "db1", {"db1"}, "left-at-zero"),
    "mean over samples twice": (spoiled(b2=lambda g, _: g / N), "db2", {"db2"},
                                "divided-by-batch"),
    "penalty without its loss": (spoiled(W2=lambda g, w: g + 0.25 * w), "dW2", {"dW2"},
                                 "weight-decay"),
    "mean forgotten": (lambda p: backward(p, factor=N), "db3",
                       {"dW1", "db1", "dW2", "db2", "dW3", "db3"}, "times-batch"),
    "no slope of the activation": (lambda p: backward(p, slope_2=np.ones_like), "db2",
                                   {"db2", "dW2", "db1", "dW1"}, "wrong-from-a-layer-on"),
    "slope of the other side": (lambda p: backward(p, slope_2=lambda z: z < 0), "db2",
                                {"db2", "dW2", "db1", "dW1"}, "wrong-from-a-layer-on"),
    "one row missing": (spoiled(W1=lambda g, _: g * (np.arange(4) < 3)[:, None]), "dW1", {"dW1"},
                        "last-row-missing"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_mistake_is_found_at_its_layer(name):
    wrong, first, every, slug = PLANTED[name]
    result = check_network(forward, wrong, drawn(), samples=N)
    assert not result.passed
    assert result.first_wrong == first
    assert {one for one, verdict in result.chain.items() if verdict == "wrong"} == every
    assert [d.slug for d in result.diagnosis] == [slug]
    assert f"{first} is the first that is wrong" in result.summary()
    assert result.to_dict()["first_wrong"] == first


def test_the_summary_has_an_entry_of_the_first_and_what_lies_behind():
    text = check_network(forward, lambda p: backward(p, slope_2=np.ones_like), drawn()).summary()
    assert "dW2, db1, dW1 lie behind it and may be wrong for that alone" in text
    assert "For example: the parameters given: db2[" in text


# --- what is right is trusted at kinks ----------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("offset", [0.0, 1e-12, 1e-8, 3e-7, 1e-5])
def test_a_kink_at_the_parameters_or_near_them_is_no_false_alarm(seed, offset):
    """Dead inputs and biases that put every pre-activation of the first layer `offset` from 0."""
    p, x = drawn(seed), np.zeros((N, 4))
    p["b1"] = np.full(5, offset)
    result = check_network(lambda p: forward(p, x), lambda p: backward(p, x), p)
    assert result.passed, result.summary()
    result = check_network(lambda p: forward(p, x), lambda p: backward(p, x, factor=1.01), p)
    assert result.first_wrong == "db3"


def test_what_lies_at_a_kink_is_counted():
    p = {"W": np.zeros((2, 2)), "b": np.zeros(2)}

    def loss(p):
        return np.abs(X[:, :2] @ p["W"]).sum() + (p["b"] ** 2).sum() + p["b"].sum()

    def gradients(p):
        return [X[:, :2].T @ np.sign(X[:, :2] @ p["W"]), 2 * p["b"] + 1]

    result = check_network(loss, gradients, p)
    assert result.passed
    assert result.notes == [
        "dW: nothing can be said of 4 of 12 derivatives, at a kink or too close to one"]


def test_complex_numbers_that_code_drops_are_not_trusted():
    """|x| of a complex number has no imaginary part: the complex step would leave it out."""
    def loss(p):
        return np.abs(X @ p["w"]).sum() + (p["w"] ** 2).sum()

    p = {"w": np.array([1.0, -2.0, 0.5, 3.0])}
    assert check_network(loss, lambda p: {"w": X.T @ np.sign(X @ p["w"]) + 2 * p["w"]}, p).passed
    assert not check_network(loss, lambda p: {"w": 2 * p["w"]}, p).passed


def test_nothing_is_said_of_what_cannot_be_differentiated():
    p = {"w": np.array([0.3, 0.4])}
    result = check_network(lambda p: np.sin(1e9 * p["w"]).sum(), lambda p: p, p)
    assert (result.verdict, result.passed, result.chain) == (
        "not judged", False, {"dw": "cannot say"})
    assert "nothing could be judged" in result.summary()


def test_a_network_in_single_precision_is_no_mistake():
    def single(function):
        return lambda p: function({k: v.astype(np.float32) for k, v in p.items()},
                                  X.astype(np.float32))
    result = check_network(single(forward), single(backward), drawn())
    assert result.passed, result.summary()
    wrong = check_network(single(forward), lambda p: {
        k: 2 * g for k, g in single(backward)(p).items()}, drawn())
    assert wrong.first_wrong == "db3"


def test_derivatives_that_are_small_beside_the_loss_are_right():
    assert check_network(lambda p: 1e6 + forward(p), backward, drawn()).passed


# --- how networks are written -------------------------------------------------------------


class Student:
    """Parameters in a dictionary and gradients in another, kept between the passes."""

    def __init__(self, spoil=1):
        self.params, self.spoil = drawn(), spoil

    def forward(self):
        self.kept = {name: p.copy() for name, p in self.params.items()}
        return layers(self.params)[2], forward(self.params)

    def backward(self):
        grads = backward(self.kept)
        return {"d" + name: g * (self.spoil if name == "W2" else 1) for name, g in grads.items()}


def test_a_class_that_holds_its_parameters():
    net = Student()
    before = {name: p.copy() for name, p in net.params.items()}
    assert check_network(net.forward, net.backward, net.params).verdict == "right"
    net.spoil = 3
    assert check_network(net.forward, net.backward, net.params).first_wrong == "dW2"
    assert all((net.params[name] == before[name]).all() for name in before)


@pytest.mark.parametrize("answer", [
    lambda p: [backward(p)[name] for name in p],
    lambda p: tuple(backward(p)[name] for name in p),
    lambda p: (forward(p), backward(p)),
])
def test_gradients_come_in_a_list_or_behind_the_loss(answer):
    assert check_network(forward, answer, drawn()).passed


def test_one_function_may_return_the_loss_and_the_gradients():
    def both(p):
        return forward(p), backward(p)
    assert check_network(both, both, drawn()).passed


def test_one_parameter_and_a_backward_pass_that_is_told_nothing():
    kept = {}

    def loss(p):
        kept["w"] = p["w"]
        return (p["w"] ** 2).sum()

    assert check_network(loss, lambda: [2 * kept["w"]], {"w": [1.0, 2.0]}).passed
    assert check_network(loss, lambda: 2 * kept["w"], {"w": [1.0, 2.0]}).passed
    assert not check_network(loss, lambda: kept["w"], {"w": [1.0, 2.0]}).passed


def test_nothing_of_the_caller_is_changed():
    p = drawn()
    before = {name: a.copy() for name, a in p.items()}

    def descends(p):
        grads = backward(p)
        p["W1"] -= grads["W1"]
        return grads

    result = check_network(forward, descends, p)
    assert "backward changes the caller's W1" in result.summary()
    assert all((p[name] == before[name]).all() for name in before)


def test_a_forward_pass_that_changes_its_parameters_does_not_change_what_is_right():
    def centres(p):
        p["b"] -= p["b"].mean()
        return (p["b"] ** 2).sum()

    result = check_network(centres, lambda p: {"b": 2 * (p["b"] - p["b"].mean())},
                           {"b": [1.0, 2.0, 4.0]})
    assert {f.reason for f in result.failures} == {"mutation"}


def test_a_network_that_changes_what_it_holds_is_found_and_put_right():
    net = Student()
    before = net.params["W1"].copy()
    gradients = net.backward

    def descends():
        grads = gradients()
        net.params["W1"] -= 0.1 * grads["dW1"]
        return grads

    result = check_network(net.forward, descends, net.params)
    assert "backward changes the caller's W1" in result.summary()
    assert (net.params["W1"] == before).all()


@pytest.mark.parametrize(("answer", "reason"), [
    (lambda p: None, "none"), (lambda p: {"W1": p["W1"]}, "none"),
    (lambda p: list(p.values())[1:], "count"),
    (lambda p: backward(p) | {"b3": backward(p)["b3"][None]}, "shape"),
    (lambda p: 1 // 0, "raised"),
])
def test_answers_that_are_no_gradients_are_wrong(answer, reason):
    result = check_network(forward, answer, drawn())
    assert not result.passed
    assert reason in {f.reason for f in result.failures}


def test_gradients_that_add_up_from_call_to_call_are_wrong():
    kept = {name: np.zeros(p.shape) for name, p in drawn().items()}

    def adds_up(p):
        for name, g in backward(p).items():
            kept[name] += g
        return {name: g.copy() for name, g in kept.items()}

    assert not check_network(forward, adds_up, drawn()).passed


# --- what is looked at --------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(), (1,), (7,), (300,), (40, 50), (64, 64), (8, 4, 3, 3)])
def test_entries_looked_at_have_the_first_and_the_last_of_each_axis(shape):
    found = looked_at(shape, 24, np.random.default_rng(0))
    assert np.prod([len(one) for one in found]) <= 24
    for one, n in zip(found, shape, strict=True):
        assert (one[0], one[-1]) == (0, n - 1)
        assert one == sorted(set(one))
    assert found == looked_at(shape, 24, np.random.default_rng(0))
    if shape == (64, 64):
        assert found[0] == found[1]


@pytest.mark.parametrize(("f", "x", "right"), [
    (lambda x: np.exp(x[0]), 1.0, np.e), (lambda x: np.log(x[0]), 1e-3, 1e3),
    (lambda x: 1e8 * x[0], 1e-9, 1e8), (lambda x: np.maximum(x[0], 0), 2e-5, 1.0),
    (lambda x: np.maximum(x[0], 0), -2e-7, 0.0), (lambda x: 5.0, 1.0, 0.0),
])
def test_slopes_are_right_within_the_error_they_give(f, x, right):
    found = slope(f, np.array([x]), (0,), f(np.array([x])))
    if x == -2e-7:
        assert found.kink or not np.isfinite(found.error)
    else:
        assert abs(found.value - right) <= found.error + 1e-12 * abs(right)
        assert found.error <= 1e-5 * max(abs(right), 1e-3)


def test_a_kink_beside_the_point_is_no_false_alarm():
    """Where a step of 1e-2 reaches over it."""
    def right(x):
        return np.sign(x - 0.005)
    assert check_gradient(lambda x: np.abs(x - 0.005).sum(), right, [0.0, 1.0]).passed
    assert not check_gradient(lambda x: np.abs(x - 0.005).sum(), np.sign, [0.001, 1.0]).passed


@pytest.mark.parametrize(("call", "message"), [
    (lambda: check_network(3, backward, drawn()), "forward must be a function, got 3"),
    (lambda: check_network(forward, backward, [1.0]),
     "parameters must be a dictionary of arrays, got"),
    (lambda: check_network(forward, backward, {}), "parameters must not be empty"),
    (lambda: check_network(forward, backward, {1: [1.0]}), "a name in parameters must be of"),
    (lambda: check_network(forward, backward, {"w": ["a"]}), r"parameters\['w'\] must"),
    (lambda: check_network(lambda a, b: 1.0, backward, drawn()),
     "forward must take the parameters, or nothing, got"),
    (lambda: check_network(lambda: 1.0, backward, {"w": [1.0]}),
     r"parameters\['w'\] must be the array of floats that the network holds"),
    (lambda: check_network(lambda p: layers(p)[2], backward, drawn()),
     "forward must give a loss .* only number, got 0 numbers"),
    (lambda: check_network(lambda p: 1 // 0, backward, drawn()),
     "forward must give a loss .* got ZeroDivisionError"),
    (lambda: check_network(lambda p: np.nan, backward, drawn()),
     "the loss that forward returns must be finite, got nan"),
    (lambda: check_network(lambda p: RNG.random(), backward, drawn()),
     "forward must give the same loss at each call, got"),
    (lambda: check_network(lambda p: 1.0, backward, drawn()),
     "parameters must be those that forward computes with"),
    (lambda: check_network(forward, backward, drawn(), samples=0), "samples must be at least 1"),
    (lambda: check_network(forward, backward, drawn(), entries=0), "entries must be at least 1"),
])
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
