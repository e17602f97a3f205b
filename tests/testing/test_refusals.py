"""A refusal is told apart from a wrong value, said in terms of the configuration, and searched."""

import re

import numpy as np
import pytest
import torch

from cnnmat import correlate, correlate_backward, pool, pool_backward, testing
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.limits import BY_WORD, Geometry, fitted, limit, only, supports
from cnnmat.testing.manners import manner
from cnnmat.testing.pooling import PoolingContract
from tests.testing.bank import plain


def slugs(result):
    return [d.slug for d in result.diagnosis]


def forward(x, w, b, s, p):
    return correlate(x, w, b, stride=s, padding=p)


def backward(dz, x, w, s, p):
    return correlate_backward(dz, x, w, stride=s, padding=p)


def guarded(function, refuse):
    """The function, which refuses where `refuse` of its last arguments x, w, s, p holds."""
    def strict(*args):
        x, w = args[:2] if function is forward else args[1:3]
        if refuse(x, w, *args[-2:]):
            raise ValueError("not this one")
        return function(*args)

    return strict


#: Limits of what is no layer on images.
OF_FUNCTIONS = ("two-classes", "one-output", "matrices", "no-decay", "no-momentum", "one-step")
#: What people's code refuses: what the limit is called, and when it raises.
REFUSED = {
    "square-kernels": lambda x, w, s, p: w.shape[2] != w.shape[3],
    "square-images": lambda x, w, s, p: x.shape[2] != x.shape[3],
    "odd-kernels": lambda x, w, s, p: w.shape[2] % 2 == 0 or w.shape[3] % 2 == 0,
    "tiles": lambda x, w, s, p: any(
        (n + 2 * p - k) % s for n, k in zip(x.shape[2:], w.shape[2:], strict=True)),
    "one-channel": lambda x, w, s, p: x.shape[1] > 1,
    "one-map": lambda x, w, s, p: len(w) > 1,
    "one-sample": lambda x, w, s, p: len(x) > 1,
    "no-stride": lambda x, w, s, p: s > 1,
    "no-padding": lambda x, w, s, p: p > 0,
    "kernel-3x3": lambda x, w, s, p: w.shape[2:] != (3, 3),
}


@pytest.mark.parametrize("word", REFUSED)
def test_what_is_refused_is_said_and_is_no_mistake(word):
    result = testing.check_correlation(*(guarded(f, REFUSED[word]) for f in (forward, backward)))
    assert result.passed
    assert result.verdict == "right within limits"
    assert [(r.part, r.limits) for r in result.refusals] == [
        ("forward", (word,)), ("backward", (word,))]
    assert f"forward refuses {limit(word).beyond} (" in result.summary()
    assert result.summary().startswith("correlation: right in all ")
    assert result.to_dict()["refusals"][0]["limits"] == [word]


@pytest.mark.every(5)
@pytest.mark.parametrize("word", [word for word in REFUSED if not word.startswith("kernel")])
def test_what_must_be_supported_must_not_be_refused(word, quick):
    pair = [guarded(f, REFUSED[word]) for f in (forward, backward)]
    opposite = BY_WORD[word].opposite
    result = testing.check_correlation(*pair, supports=opposite)
    assert result.verdict == "wrong"
    assert {f.reason for f in result.failures} == {"refused"}
    assert f"must take {limit(word).beyond}, and refuses" in result.failures[0].message
    assert slugs(result) == ["refuses"]
    other = "groups" if opposite != "groups" else "stride"
    assert testing.check_correlation(*pair, supports=other).passed
    with quick():
        assert not testing.check_correlation(*pair, supports="everything").passed


@pytest.mark.every(5)
@pytest.mark.parametrize("word", REFUSED)
def test_within_any_limit_a_mistake_is_still_found_and_named(word):
    """dw forgets the stride, or where there is none, turns the kernel round."""
    def wrong(dz, x, w, s, p):
        dx, dw, db = backward(dz, x, w, s, p)
        if word in ("no-stride", "tiles"):
            return dx, dw[:, :, ::-1, ::-1], db
        padded = plain.pad(x, p)
        patches = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], (2, 3))
        patches = patches[:, :, :dz.shape[2], :dz.shape[3]]
        return dx, np.einsum("ndij,ncijkl->dckl", dz, patches), db

    def strict(*args):
        guarded(backward, REFUSED[word])(*args)
        return wrong(*args)

    for more in ({}, {"only": word}):
        result = testing.check_correlation(forward, strict, **more)
        assert result.verdict == "wrong"
        assert slugs(result) == ["kernel-flipped" if word in ("no-stride", "tiles")
                                 else "stride-ignored"]


@pytest.mark.parametrize("word", [
    *sorted(BY_WORD.keys() - {"no-overlap", *OF_FUNCTIONS}), "kernel-3x3", "kernel-2x3"])
def test_cases_within_limits_are_within_them_and_many(word):
    contract = CorrelationContract(stride="tuple", padding="tuple", dilation="tuple", groups=True,
                                   only=(word,))
    cases = contract.cases(np.random.default_rng(0))
    for case in cases:
        assert not limit(word).exceeded(contract, case, contract.features(case))
        assert case.arrays["dz"].shape == contract.truth(case, "forward")["z"].value.shape
    assert len(cases) > 45
    assert len({case.name for case in cases}) == len(cases)


@pytest.mark.parametrize("dims", [1, 2, 3])
def test_limits_together_leave_cases_that_stride_and_overlap(dims):
    words = ("square-kernels", "square-images", "odd-kernels", "tiles", "one-channel")
    contract = CorrelationContract(dims=dims, only=words)
    features = [contract.features(c) for c in contract.cases(np.random.default_rng(0))]
    assert sum(f["stride > 1"] for f in features) > 5
    assert sum(f["padding > 0"] for f in features) > 5
    pools = PoolingContract(dims=dims, stride="int", padding="int", only=words[:4])
    features = [pools.features(c) for c in pools.cases(np.random.default_rng(0))]
    assert sum(f["windows overlap"] for f in features) > 5


def test_fitted_changes_nothing_that_is_within():
    one = Geometry(2, 3, 4, [5, 5], [3, 3], [2, 2], [[1, 1], [1, 1]], [1, 1])
    assert fitted(("square-kernels", "square-images", "odd-kernels", "tiles"), one) == one


def test_a_layer_for_gray_images_and_one_kernel_is_tried_on_them():
    def gray(x, w):
        assert (x.shape[1], *w.shape[2:]) == (1, 3, 3), "gray, 3 x 3"
        return correlate(x, w)

    options = {"bias": "none", "stride": "none", "padding": "none"}
    result = testing.check_correlation(gray, **options)
    assert result.refusals[0].limits == ("one-channel", "kernel-3x3")
    assert result.configurations > 40
    wrong = testing.check_correlation(lambda x, w: gray(x, w)[..., ::-1, :], **options)
    assert wrong.verdict == "wrong"


def test_a_mistake_behind_a_refusal_is_named():
    """dw forgets the stride along columns, in a function of square kernels."""
    def strict(dz, x, w, s, p):
        if w.shape[2] != w.shape[3]:
            raise ValueError("square kernels only")
        dx, dw, db = backward(dz, x, w, s, p)
        padded, k, dw = plain.pad(x, p), w.shape[2], np.zeros(w.shape)
        for i, j in np.ndindex(dz.shape[2:]):
            dw += np.einsum("nd,nckl->dckl", dz[:, :, i, j],
                            padded[:, :, i * s:i * s + k, j:j + k])
        return dx, dw, db

    result = testing.check_correlation(forward, strict)
    assert [(d.slug, d.outputs) for d in result.diagnosis] == [
        ("stride-ignored-axis-1", ("dw",))]
    assert "backward refuses kernels that are not square" in result.summary()


def test_an_answer_cut_to_integers_is_seen_where_only_squares_are_taken():
    def square(x, w, s):
        assert x.shape[2] == x.shape[3]
        assert w.shape[2] == w.shape[3]
        return correlate(x, w, stride=s).astype(int)

    result = testing.check_correlation(square, bias="none", padding="none")
    assert slugs(result) == ["integer-output"]


def test_a_pooling_of_square_images_is_tried_where_windows_overlap():
    def back(dt, x, k, s):
        assert x.shape[2] == x.shape[3]
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dt.shape):
            v = x[n, c, i * s:i * s + k, j * s:j * s + k]
            a, b = np.unravel_index(v.argmax(), v.shape)
            dx[n, c, i * s + a, j * s + b] = dt[n, c, i, j]
        return dx

    def maximum(x, k, s):
        return torch.nn.functional.max_pool2d(torch.tensor(x * 1.0), k, s).numpy()

    for more in ({}, {"only": "square-images"}):
        result = testing.check_pooling(maximum, back, stride="int", **more)
        assert slugs(result) == ["overlap-assigned"]


# --- accidents ---------------------------------------------------------------------


def test_an_accident_is_wrong_unless_it_comes_of_a_limit(quick):
    def rows_for_columns(x, w, b, s, p):
        # fits only where rows and columns of the kernel are alike
        return forward(x, w @ np.eye(w.shape[2]), b, s, p)

    limited = testing.check_correlation(rows_for_columns)
    assert limited.verdict == "right within limits"
    assert limited.refusals[0].how == "does not take"
    assert "forward does not take kernels that are not square" in limited.summary()

    # the same in the backward pass, where the forward pass takes them
    backward_only = testing.check_correlation(forward, lambda dz, x, w, s, p: backward(
        dz, x, w @ np.eye(w.shape[2]), s, p))
    assert backward_only.verdict == "wrong"
    assert slugs(backward_only) == ["shapes-do-not-fit"]
    assert "where the kernel is not square" in backward_only.diagnosis[0].sentence

    def broken(dz, x, w, s, p):
        dx, dw, db = backward(dz, x, w, s, p)
        dx[:, :, :dz.shape[2], :dz.shape[3]] += np.zeros((1, 1, *dz.shape[2:]))
        return dx + np.zeros((dz.shape[2] * s, 1))[:1] * np.zeros(s)[:, None], dw, db

    with quick():
        assert testing.check_correlation(forward, broken).verdict == "wrong"


@pytest.mark.parametrize("line", ["zz", "x.nothing", "(lambda f: f(f))(lambda f: f(f))"])
def test_what_is_never_meant_is_wrong_even_where_it_comes_of_a_limit(line, quick):
    def careless(x, w, b, s, p):
        if w.shape[2] != w.shape[3]:
            eval(line, {"x": x})
        return forward(x, w, b, s, p)

    with quick():
        assert testing.check_correlation(careless).verdict == "wrong"


def test_windows_over_the_end_are_no_limit_but_a_reshape_is(quick):
    def over(x, k):
        out = [-(-n // k) for n in x.shape[2:]]
        t = np.zeros((*x.shape[:2], *out))
        for i, j in np.ndindex(*out):
            t[:, :, i, j] = (x[:, :, i * k:i * k + k, j * k:j * k + k] + np.zeros((k, k))).max(
                (2, 3))
        return t

    with quick():
        assert testing.check_pooling(over).verdict == "wrong"

    def tiles(x, k):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // k, k, w // k, k).max((3, 5))

    assert testing.check_pooling(tiles).verdict == "right within limits"


def test_to_refuse_everything_is_wrong():
    def never(*_):
        raise NotImplementedError("to do")

    assert testing.check_correlation(never).verdict == "wrong"
    result = testing.check_correlation(forward, never)
    assert result.verdict == "wrong"
    assert result.failures[0].message == (
        "backward refuses everything: NotImplementedError: to do")


def test_what_cannot_be_called_is_not_judged_and_does_not_pass():
    result = testing.check_correlation(lambda x: x)
    assert (result.verdict, result.passed) == ("not judged", False)
    assert "nothing could be judged" in result.summary()


def test_a_refused_call_scores_nothing_and_costs_nothing():
    result = testing.check_correlation(guarded(forward, REFUSED["no-padding"]))
    points = {behaviour: right for behaviour, _, right in result.points()}
    assert points["stride"]
    assert not points["padding"]


@pytest.mark.parametrize(("classes", "frames", "expected"), [
    (["ValueError", "Exception"], [["student", True]], "refusal"),
    (["ValueError", "Exception"], [["student", False]], "accident"),
    (["ValueError", "Exception"], [["student", False], ["numpy.lib", True]], "accident"),
    (["AssertionError", "Exception"], [["numpy.testing", True]], "refusal"),
    (["RuntimeError", "Exception"], [["torch", False]], "refusal"),
    (["RecursionError", "RuntimeError", "Exception"], [["student", True]], "accident"),
    (["SystemExit", "BaseException"], [["student", True]], "accident"),
    (["TypeError", "Exception"], [["cnnmat.testing.contract", False]], "call"),
    (["TypeError", "Exception"], [["cnnmat.testing.contract", False], ["s", False]], "accident"),
])
def test_how_an_exception_came_about(classes, frames, expected):
    assert manner(classes, frames) == expected


# --- what may be declared ------------------------------------------------------------


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: only("squares"), ValueError, "only must be made of 'square-kernels'"),
    (lambda: only(3), TypeError, "only must be words, got 3"),
    (lambda: only("kernel-3"), ValueError, "only must name a kernel of 2 sides, got 'kernel-3'"),
    (lambda: supports("tiles"), ValueError, "supports must be made of 'everything', 'dx', 'rect"),
    (lambda: supports([3]), TypeError, "supports must be words, got [3]"),
])
def test_other_words_are_refused(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_same_and_valid_padding_are_conventions(quick):
    def same(x, w, b, s):
        return correlate(x, w, b, stride=s, padding="same")

    def back(dz, x, w, s):
        return correlate_backward(dz, x, w, stride=s, padding="same")

    assert testing.check_correlation(same, back, padding="same").verdict == "right"
    with quick():
        assert not testing.check_correlation(
            lambda x, w, b, s: correlate(x, w, b, stride=s, padding=w.shape[2] // 2),
            padding="same").passed
    assert testing.check_correlation(
        lambda x, w, b, s: correlate(x, w, b, stride=s), padding="valid").verdict == "right"


@pytest.mark.parametrize(("padding", "dilation", "incomplete"), [
    ("pairs", "none", "drop"), ("same", "int", "drop"), ("int", "tuple", "drop"),
    ("pairs", "int", "partial"), ("valid", "int", "drop"),
])
@pytest.mark.parametrize("kind", ["max", "mean"])
def test_poolings_take_pairs_dilation_and_a_rest(kind, padding, dilation, incomplete):
    def settings(words):
        names = ["stride", *["padding"] * (padding in ("int", "pairs")),
                 *["dilation"] * (dilation != "none")]
        found = dict(zip(names, words, strict=True))
        return {"padding": padding if padding == "same" else 0, **found,
                "ceil_mode": incomplete == "partial"}

    def values(x, size, *words):
        return pool(x, kind, size, **settings(words))

    def back(dt, x, size, *words):
        return pool_backward(dt, x, kind, size, **settings(words))

    result = testing.check_pooling(values, back, kind, stride="int", padding=padding,
                                   dilation=dilation, incomplete=incomplete)
    assert result.verdict == "right", result.summary()


def without_batch(function, arrays):
    """The function for one sample, whose first `arrays` arguments have no axis for it."""
    def one(*args):
        found = function(*(a[None] for a in args[:arrays]), *args[arrays:])
        return (found[0][0], *found[1:]) if isinstance(found, tuple) else found[0]

    return one


def test_a_layer_of_one_sample_has_no_axis_for_it():
    pair = without_batch(forward, 1), without_batch(backward, 2)
    assert testing.check_correlation(*pair, layout="CHW").verdict == "right"
    assert slugs(testing.check_correlation(*pair)) == ["layout-chw"]
    wrong = pair[0], lambda *args: (-pair[1](*args)[0], *pair[1](*args)[1:])
    result = testing.check_correlation(*wrong, layout="CHW")
    assert [(d.slug, d.outputs) for d in result.diagnosis] == [("sign", ("dx",))]
    assert result.counterexample.arrays["x"].ndim == 3
    pools = without_batch(plain.max_pool, 1), without_batch(
        lambda *a: (plain.max_pool_back(*a),), 2)
    assert testing.check_pooling(
        pools[0], lambda *a: pools[1](*a)[0], layout="CHW").verdict == "right"


def test_half_the_kernel_is_a_convention_of_its_own(quick):
    def half(x, w, b, s):
        p = [(k // 2, k // 2) for k in w.shape[2:]]
        return correlate(x, w, b, stride=s, padding=p)

    assert testing.check_correlation(half, padding="half").verdict == "right"
    with quick():
        assert testing.check_correlation(half, padding="same").verdict == "wrong"


@pytest.mark.parametrize("wrong", [False, True])
def test_layers_and_risks_of_one_sample_are_tried_on_many(wrong):
    def dense(x, w, b):
        assert len(x) == 1
        return x @ w.T + (0 if wrong else b)

    def entropy(y, t):
        assert len(y) == 1
        top = y - y.max()
        return (-1) ** wrong * -(t * (top - np.log(np.exp(top).sum()))).sum()

    for result, least in ((testing.check_feedforward(dense), 10),
                          (testing.check_risk(entropy), 15)):
        assert result.verdict == ("wrong" if wrong else "right within limits")
        assert result.refusals[0].limits == ("one-sample",)
        assert result.configurations > least
        assert slugs(result) == ([["bias-missing"], ["sign"]][least > 10] if wrong else [])
