"""Sizes and single numbers: NumPy's as Python's, all else refused by name, and so is too much."""

import re
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from cnnmat import (
    CorrelationOperator,
    Network,
    Partition,
    Regions,
    Stage,
    Windows,
    activation,
    box,
    correlate,
    correlate_image,
    correlate_transpose,
    gaussian,
    pool,
    reversed_identity,
    unvec,
    up,
    upv,
    upv_matrix,
    vec,
    weight_matrix,
)
from cnnmat.textbook import (
    connections,
    correlation,
    feedforward,
    masks,
    risks,
    subsampling,
    training,
)
from cnnmat.textbook.activations import soft_abs, softplus
from cnnmat.textbook.normalization import brightness, brightness_back, gain, gain_back
from cnnmat.textbook.pooling import Lp, Max, Subsample, Sum, pooling
from cnnmat.textbook.vec import apply, kron

V = Partition([[0, 1], [1, 2]], 3)
REGIONS = Regions([[0, 2], [1, 3]], 4)
STAGE = Stage(V, 1, "identity")
X, W = np.arange(36.0).reshape(1, 1, 6, 6), np.arange(4.0).reshape(1, 1, 2, 2)
Y = np.arange(1.0, 5).reshape(2, 1, 2)


def parts(result):
    if isinstance(result, (tuple, list)):
        return [a for one in result for a in parts(one)]
    return [result.toarray() if sparse.issparse(result) else np.asarray(result)]


def same(a, b):
    return all(x.dtype == y.dtype and np.array_equal(x, y)
               for x, y in zip(parts(a), parts(b), strict=True))


#: name of the argument as messages have it: a call with it, a good value
SIZES = [
    ("n", reversed_identity, 3),
    ("ndim", lambda n: vec(X, n), 2),
    ("shape", lambda n: unvec(np.arange(6), (n, 2)), 3),
    ("shape", lambda n: Windows((6, n), 2).indices, 5),
    ("kernel", lambda n: Windows((6, 5), n).indices, 2),
    ("stride", lambda n: Windows((6, 5), 2, (1, n)).indices, 2),
    ("dilation", lambda n: Windows((6, 5), 2, dilation=n).indices, 2),
    ("size", lambda n: Partition([[0, 2]], n).matrix, 3),
    ("size", lambda n: Regions([[0, 2], [1]], n).matrix, 3),
    ("size", lambda n: Regions.singletons(n).matrix, 3),
    ("K", lambda n: gaussian(n, 1), 2),
    ("shape", lambda n: box((n, 2)), 3),
    ("shape", lambda n: masks.unit((n, 2), (0, 1)), 3),
    ("place", lambda n: masks.unit((4, 4), (n, 1)), 3),
    ("keep", lambda n: Subsample(n)(np.arange(4), REGIONS), 1),
    ("before", lambda n: correlation.dTheta([[1, 2]], n), 3),
    ("before", lambda n: correlation.dTheta_literal([[1, 2]], n), 3),
    ("n", lambda n: connections.connection_matrix([1, 2], n), 3),
    ("stride", lambda n: connections.connection_matrix([1, 2], 6, n), 3),
    ("k", lambda n: connections.tied_sum([[1, 9], [2, 30], [9, 40]], n), 2),
    ("stride", lambda n: connections.dilate([1, 2], n), 3),
    ("n", lambda n: connections.dilate([1, 2], 2, n), 5),
    ("n", subsampling.subsampling, 5),
    ("step", lambda n: subsampling.subsampling(5, n), 2),
    ("n", lambda n: subsampling.padding(n, 1, 2), 3),
    ("before", lambda n: subsampling.padding(3, n, 2), 1),
    ("after", lambda n: subsampling.padding(3, 2, n), 1),
    ("n", lambda n: subsampling.toeplitz([1, 2, 3], n), 4),
    ("n", lambda n: subsampling.average(n, 2), 4),
    ("window", lambda n: subsampling.average(6, n), 3),
    ("levels", lambda n: subsampling.pyramid([1, 2, 3], [1, 2, 1], n), 2),
    ("steps", lambda n: subsampling.subsample(X, n), 2),
    ("classes", lambda n: risks.one_hot([0, 1], n), 3),
    ("depth", lambda n: Network(1, [Stage(V, n)], [2]).initial(0).W_c[1], 3),
    ("depth", lambda n: Network(n, [STAGE], [2]).initial(0).W_c[1], 3),
    ("widths", lambda n: Network(1, [STAGE], [n, 2]).initial(0).W_l[1], 3),
    ("seed", lambda n: Network(1, [STAGE], [2]).initial(n).W_l[1], 3),
    ("N", lambda n: training.order(n, 0, 1), 5),
    ("seed", lambda n: training.order(5, n, 1), 3),
    ("epoch", lambda n: training.order(5, 0, n), 3),
    ("stride", lambda n: correlate(X, W, stride=n), 2),
    ("dilation", lambda n: correlate(X, W, dilation=n), 2),
    ("padding", lambda n: correlate(X, W, padding=n), 1),
    ("groups", lambda n: correlate(X, W, groups=n), 1),
    ("output_padding", lambda n: correlate_transpose(X, W, stride=3, output_padding=n), 2),
    ("size", lambda n: pool(X, "mean", n), 2),
    ("stride", lambda n: pool(X, "mean", 2, stride=n), 1),
    ("padding", lambda n: pool(X, "mean", 2, padding=n), 1),
    ("shape", lambda n: CorrelationOperator((1, 6, n), W).matrix, 5),
    ("count", lambda n: CorrelationOperator((1, 6, 6), W).singular_values(n), 3),
    ("stride", lambda n: correlate_image(X[0, 0], W[0, 0], stride=n), 2),
    ("max_bytes", lambda n: CorrelationOperator((1, 6, 6), W, max_bytes=n).matrix, 20000),
]


def named(call, name):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert type(caught.value) in (TypeError, ValueError)
    assert name in re.findall(r"\w+", str(caught.value).partition(" must ")[0])
    return str(caught.value)


def ids(table):
    return [f"{k} {name}" for k, (name, *_) in enumerate(table)]


@pytest.mark.parametrize(("name", "call", "good"), SIZES, ids=ids(SIZES))
def test_sizes_may_be_numpys(name, call, good):
    for kind in (np.uint8, np.int8, np.int64, np.uint64) if good < 128 else (np.int64,):
        assert same(call(kind(good)), call(good))


@pytest.mark.parametrize(("name", "call", "good"), SIZES, ids=ids(SIZES))
@pytest.mark.parametrize("bad", [True, 2.0, np.float32(2), "2", None, 2j, [[2]], np.ma.masked,
                                 Fraction(2), -1], ids=repr)
def test_what_is_no_size_is_refused_by_name(name, call, good, bad):
    if bad is None and (name, good) in (("n", 5), ("ndim", 2), ("stride", 1)):
        # left out, which means the default
        return
    named(lambda: call(bad), name)


LONG = np.ones((1, 10**6))
TOO_MUCH = [
    ("n", lambda: reversed_identity(10**14)),
    ("shape", lambda: Windows((10**7, 10**7), 2).indices),
    ("kernel", lambda: Windows((10**6, 10**3), (10**5, 10**2)).indices),
    ("padding", lambda: Windows(5, 2, padding=10**14).indices),
    ("lists", lambda: Partition(Windows((10**7, 10**7), 2))),
    ("lists", lambda: Regions(Windows((10**7, 10**7), 2, 2))),
    ("a", lambda: kron(sparse.eye_array(10**6), sparse.eye_array(10**6))),
    ("matrix", lambda: apply(LONG.T, LONG.T)),
    ("H", lambda: correlation.preactivation(LONG, LONG, LONG)),
    ("H", lambda: correlation.dW(LONG.T, LONG.T)),
    ("H", lambda: correlation.dW_literal(LONG.T, LONG.T)),
    ("delta", lambda: correlation.pull_back(Partition([[0]], 1), LONG.T, LONG.T[..., None])),
    ("y", lambda: feedforward.preactivation(LONG.T, LONG.T, LONG[0])),
    ("y", lambda: feedforward.dW(LONG, LONG)),
    ("delta", lambda: feedforward.pull_back(LONG, LONG.T)),
    ("s", lambda: risks.softmax_jacobian(LONG)),
    ("size", lambda: Regions.singletons(10**14)),
    ("K", lambda: gaussian(10**7, 1)), ("shape", lambda: box((10**7, 10**7))),
    ("shape", lambda: masks.unit((10**7, 10**7), (0, 0))),
    ("before", lambda: correlation.dTheta([[1, 2]], 10**14)),
    ("before", lambda: correlation.dTheta_literal([[1, 2]], 10**14)),
    ("n", lambda: connections.connection_matrix([1, 2], 10**14)),
    ("n", lambda: connections.dilate([1, 2], 2, 10**14)),
    ("stride", lambda: connections.dilate([1, 2], 10**14)),
    ("n", lambda: subsampling.subsampling(10**14)),
    ("n", lambda: subsampling.padding(10**14, 1, 1)),
    ("before", lambda: subsampling.padding(3, 10**14, 1)),
    ("n", lambda: subsampling.toeplitz([1, 2, 3], 10**14)),
    ("n", lambda: subsampling.pyramid_level(10**14, [1, 2, 3])),
    ("n", lambda: subsampling.average(10**8, 2)),
    ("classes", lambda: risks.one_hot([0, 1], 10**14)),
    ("widths", lambda: Network(1, [STAGE], [10**14]).initial(0)),
    ("N", lambda: training.order(10**14, 0, 0)),
    ("w", lambda: correlate(X, W, padding=10**7)),
    ("padding", lambda: correlate(X, W, padding=10**7)),
    ("padding", lambda: pool(X, "mean", 2, padding=10**7)),
    ("max_bytes", lambda: CorrelationOperator((1, 10**5, 10**5), W).matrix),
    ("max_bytes", lambda: weight_matrix(Partition(Windows((200, 200), 9)), np.ones(81))),
    ("padding", lambda: correlate_image(X[0, 0], W[0, 0], padding=10**7)),
]


@pytest.mark.parametrize(("name", "call"), TOO_MUCH, ids=ids(TOO_MUCH))
def test_what_memory_does_not_hold_is_refused_with_the_bytes(name, call):
    message = named(call, name)
    assert int(re.search(r"(?:take|at least) (\d+)", message)[1]) > 10**11


def test_what_memory_does_not_hold_although_it_might_is_refused_likewise(monkeypatch):
    """The size is within the machine's memory, but there is not so much left of it."""
    def none_left(*_, **__):
        raise MemoryError
    monkeypatch.setattr(np, "full", none_left)
    assert "bytes" in named(lambda: box((30, 20)), "shape")


def test_sizes_that_fit_are_not_held_up():
    """A Toeplitz matrix is banded, a long one small; so is a one-hot vector of a few labels."""
    T = subsampling.toeplitz([1, 2, 3], 10**6)
    assert (T.nnz, T[5, 4]) == (3 * 10**6 - 2, 3)
    assert risks.one_hot([10**6 - 1], 10**6).sum() == 1
    assert Regions([[7, 2]], 10**12, cover=False).matrix.shape == (2, 10**12)


#: a call with a number, a good value, by the number's name
NUMBERS = [
    ("sigma", lambda q: gaussian(2, q)), ("k", lambda q: softplus(q)(Y)),
    ("k", lambda q: soft_abs(q)(Y)), ("p", lambda q: Lp(q)(np.arange(4.0), REGIONS)),
    ("p", lambda q: Lp(q).gradient_vectors(np.arange(4.0), REGIONS)),
    ("p", lambda q: pool(X, "lp", 2, p=q)),
    ("alpha", lambda q: up(q, [1.0, 2])), ("alpha", lambda q: up(q, np.float32([1, 2]))),
    ("theta", lambda q: correlation.feature_map([[1.0, 2]], [1.0], q)),
    ("kappa", lambda q: brightness(Y, q, 1, 1)), ("lam", lambda q: brightness(Y, 1, q, 1)),
    ("mu", lambda q: brightness(Y, 1, 1, q)),
    ("kappa", lambda q: brightness_back(Y, Y, q, 1, 1)),
    ("lam", lambda q: brightness_back(Y, Y, 1, q, 1)),
    ("mu", lambda q: brightness_back(Y, Y, 1, 1, q)),
    ("base", lambda q: risks.entropy([0.5, 0.5], base=q)),
    ("base", lambda q: risks.binary_cross_entropy([0.5], [0.5], base=q)),
    ("rho1", lambda q: Network(1, [STAGE], [2], rho1=q).risk(
        NET.initial(0), np.ones((1, 1, 3)), np.ones((1, 2)))),
    ("rho2", lambda q: Network(1, [STAGE], [2], rho2=q).risk(
        NET.initial(0), np.ones((1, 1, 3)), np.ones((1, 2)))),
    ("mu", lambda q: training.step(NET, NET.initial(0), np.ones((1, 1, 3)), np.ones((1, 2)),
                                   q).W_c[1]),
    ("l1", lambda q: training.step(NET, NET.initial(0), np.ones((1, 1, 3)), np.ones((1, 2)), 0.5,
                                   q).W_c[1]),
]
NET = Network(1, [STAGE], [2])


@pytest.mark.parametrize(("name", "call"), NUMBERS, ids=ids(NUMBERS))
def test_numbers_may_be_of_any_type_and_leave_the_result_as_it_is(name, call):
    want = call(3.0)
    for kind in (int, np.uint8, np.int64, np.float16, np.float32, np.float64, np.longdouble,
                 Fraction):
        have = call(kind(3))
        for a, b in zip(parts(have), parts(want), strict=True):
            assert a.dtype == b.dtype or kind is np.longdouble
            assert a.astype(float) == pytest.approx(b.astype(float), rel=1e-6)


@pytest.mark.parametrize(("name", "call"), NUMBERS, ids=ids(NUMBERS))
@pytest.mark.parametrize("bad", [
    True, "3", None, 3j, [3], np.array(3.0), np.array([3.0]), np.ma.masked, np.float32("nan"),
    float("inf"), float("nan"), 10**400, np.timedelta64(3), sparse.csr_array([[3.0]]), {}],
    ids=lambda bad: str(bad)[:12])
def test_what_is_no_number_is_refused_by_name(name, call, bad):
    named(lambda: call(bad), name)


PARAMETERS, GAMMA, H = NET.initial(0), np.ones((1, 2)), np.ones((1, 1, 3))
#: calls with what is neither an array nor a number
OBJECTS = [
    ("regions", lambda o: Max()(np.arange(4), o)),
    ("regions", lambda o: Sum().gradient_vectors(np.arange(4), o)),
    ("regions", lambda o: Lp(2)(np.arange(4), o)), ("regions", lambda o: upv([1, 2], [1, 2], o)),
    ("regions", lambda o: upv_matrix([1, 2], o)), ("ufunc", lambda o: REGIONS.reduce(o, [1] * 4)),
    ("partition", lambda o: weight_matrix(o, [1, 2])),
    ("partition", lambda o: correlation.stack_maps(o, [[1, 2, 3]])),
    ("partition", lambda o: correlation.pull_back(o, [[1], [2]], [[1, 2]])),
    ("f", lambda o: gain(Y, [1, 2], o)), ("f", lambda o: gain_back(Y, Y, [1, 2], o)),
    ("f", lambda o: risks.SquaredError()([1], [2], o)),
    ("f", lambda o: risks.SquaredError().delta([1], [2], o)),
    ("f", lambda o: risks.CrossEntropy()([1], [2], o)),
    ("network", lambda o: training.step(o, PARAMETERS, H, GAMMA, 0.5)),
    ("network", lambda o: training.train(o, PARAMETERS, H, GAMMA, mu=0.5, epochs=1)),
    ("start", lambda o: training.train(NET, o, H, GAMMA, mu=0.5, epochs=1)),
    ("parameters", lambda o: NET.forward(o, H)), ("forward", lambda o: NET.backward(
        PARAMETERS, o, GAMMA)), ("stages", lambda o: Network(1, o, [2])),
    ("widths", lambda o: Network(1, [STAGE], o)), ("partition", lambda o: Stage(o, 1)),
    ("lists", lambda o: Partition(o, 3)), ("lists", lambda o: Regions(o, 3)),
    ("shape", lambda o: CorrelationOperator(o, W)), ("kind", lambda o: pool(X, o, 2)),
    ("method", lambda o: correlate(X, W, method=o)), ("activation", activation),
    ("activation", lambda o: Stage(V, 1, o)), ("pooling", pooling), ("risk", risks.risk),
    ("scale", lambda o: risks.squared_error([1], [2], scale=o)),
]


@pytest.mark.parametrize(("name", "call"), OBJECTS, ids=ids(OBJECTS))
@pytest.mark.parametrize("bad", [None, "text", 3, [3.5], {}, np.zeros((2, 2))], ids=repr)
def test_what_is_no_such_object_is_refused_by_name(name, call, bad):
    named(lambda: call(bad), name)


@pytest.mark.parametrize(("name", "call"), [
    ("f", lambda o: correlation.feature_map([[1, 2]], [1], 0, o)),
    ("root", lambda o: Lp(2, o)), ("log", lambda o: risks.entropy([0.5], log=o)),
    ("power", lambda o: brightness(Y, 1, 1, 1, power=o))])
def test_what_is_no_function_is_refused_by_name(name, call):
    for bad in ("text", 3, [3]):
        named(lambda bad=bad: call(bad), name)
