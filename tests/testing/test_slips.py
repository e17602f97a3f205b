"""Slips in the text of a right computation: every one is run, and none need be foreseen."""

import ast
import math

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.loops import softmax, softmax_backward
from cnnmat.testing.comparing import scaled_error
from cnnmat.testing.contract import known_cases
from cnnmat.testing.correlation import CorrelationContract
from cnnmat.testing.diagnosis import programs, recipes
from cnnmat.testing.diagnosis.evidence import CANNOT_RUN
from cnnmat.testing.diagnosis.rewriting import Text, slips_of
from cnnmat.testing.diagnosis.settings import settings
from cnnmat.testing.diagnosis.subjects import Subject, compute
from cnnmat.testing.losses import LossContract
from cnnmat.testing.mapping import AdaptiveContract, UpsamplingContract
from cnnmat.testing.norms import NormContract
from cnnmat.testing.operators import UpdateContract
from cnnmat.testing.optimizers import OptimizerContract
from cnnmat.testing.picking import DropoutContract, EmbeddingContract, LocalResponseContract
from cnnmat.testing.pointwise import ActivationContract, FeedforwardContract
from cnnmat.testing.pooling import PoolingContract
from cnnmat.testing.risks import RiskContract
from cnnmat.testing.softmaxes import SoftmaxContract
from cnnmat.testing.transposing import TransposedContract
from tests.testing.bank import plain, wrong_maps, wrong_norms, wrong_picking

CONTRACTS = [
    CorrelationContract(), CorrelationContract(convolve=True, bias="subtract"),
    TransposedContract(),
    *(PoolingContract(pooling=kind, stride="int") for kind in ("max", "mean", "sum", "l2")),
    UpsamplingContract(), AdaptiveContract(), AdaptiveContract(pooling="max"),
    AdaptiveContract(size="none"), LocalResponseContract(), DropoutContract(),
    DropoutContract(probability="keep", inverted=False), EmbeddingContract(),
    FeedforwardContract(), FeedforwardContract(bias="subtract"),
    *(ActivationContract(name=name) for name in (
        "relu", "leaky_relu", "elu", "tanh", "sigmoid", "softplus", "gelu_tanh", "scaled_tanh")),
    RiskContract(), RiskContract(risk="squared_error", half=True),
    *(LossContract(risk=kind, average="entries") for kind in (
        "binary_cross_entropy", "sigmoid_cross_entropy", "hinge", "binary_hinge")),
    SoftmaxContract(), SoftmaxContract(name="log_softmax"),
    NormContract(), NormContract(layout="NC", running="new"), NormContract(given=True),
    NormContract(over="layer", layout="NF"), NormContract(over="layer", layout="NCHW"),
    NormContract(over="group"),
    UpdateContract(), *(OptimizerContract(rule=rule) for rule in (
        "adam", "rmsprop", "nesterov", "sgd")), OptimizerContract(rule="adam", decoupled=True),
]


def agreeing(contract, part, way, output):
    """[whether a way gives the right output] of the cases that it can be run on."""
    found = []
    for case in known_cases(contract, 0):
        try:
            answer = compute(Subject(contract, case, part, way), output).value
        except CANNOT_RUN:
            continue
        right = contract.truth_of(case, part)[output].for_answer(answer)
        found.append(scaled_error(answer, right) <= contract.tolerance)
    return found


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: f"{c.kind}-{c.bank}")
def test_a_recipe_gives_what_the_loops_give(contract):
    for part, (_, outputs) in contract.parts.items():
        for way in recipes.recipes_of(contract, part):
            right = [agreeing(contract, part, way, output) for output in outputs]
            # one gives dx alone, and one no loss of a class that is impossible
            assert any(len(one) > 3 and sum(one) >= 0.85 * len(one) for one in right) or (
                part == "backward" and getattr(contract, "given", False))


# --- the text ------------------------------------------------------------------------------


def simple(x, y):
    total = 0
    for k in range(len(x)):
        total += x[k] * (y - 1)
    return total / 2


def changed(function, kinds=()):
    """{slug: the values at ([3.0, 5.0], 4.0) that slips of it lead to}."""
    found = {}
    for slip in slips_of(function, tuple(kinds)):
        with programs.made(slip):
            try:
                found.setdefault(slip.slug, []).append(function([3.0, 5.0], 4.0))
            except Exception:
                continue
    return found


def test_every_part_of_a_line_may_go_wrong():
    found = changed(simple)
    assert simple([3.0, 5.0], 4.0) == 12
    assert 7.5 in found["assigned-not-added"]
    assert -12 in found["sign"]
    assert 4.5 in found["loop-one-short"]
    assert 7.5 in found["loop-starts-late"]
    assert {3, 4, 24} <= {*found["factor-missing"]}
    assert 16 in found["term-missing"]
    assert 24 in found["factor-2"]
    assert 9 in found["first-for-each"]
    assert 7.5 in found["inside-the-loop"]
    assert simple([3.0, 5.0], 4.0) == 12


def with_choices(x, y):
    low = min(x) if y > 0 and x else max(x)
    return max(low - -y, 0) + sum(v for v in x if v > y) - (x[0] if y else 0)


def test_choices_and_functions_may_be_others():
    assert {"other-comparison", "condition-missing", "other-condition", "branches-exchanged",
            "other-function", "not-cut-off", "sign", "other-number", "off-by-one"} <= {
                slip.slug for slip in slips_of(with_choices, ())}


def test_a_name_is_taken_for_another_of_its_kind_only():
    kinds = (("k", "number"), ("total", "number"), ("x", "array"), ("y", "number"))
    said = [slip.said() for slip in slips_of(simple, kinds) if slip.slug == "other-name"]
    assert "`total` stands where `y` belongs in `total += x[k] * (y - 1)` (simple)" in said
    assert not any("`x`" in one for one in said)


def test_a_slip_is_gone_when_it_has_been_tried():
    before = softmax.__code__
    slip = slips_of(softmax, ())[0]
    with programs.made(slip):
        assert softmax.__code__ is not before
    assert softmax.__code__ is before
    with pytest.raises(ZeroDivisionError), programs.made(slip):
        raise ZeroDivisionError
    assert softmax.__code__ is before


def test_two_slips_are_made_at_once_and_said_together():
    slips = [s for s in slips_of(simple, ()) if s.slug in ("factor-2", "term-missing")]
    both = next(a.and_also(b) for a in slips for b in slips if a.slug < b.slug)
    assert both.slug == "factor-2 + term-missing"
    assert " and " in both.said()
    assert callable(both.code().replace)


def test_what_a_slip_might_keep_from_ending_is_left_alone():
    def endless(n):
        while n:
            n -= 1

    assert slips_of(endless, ()) == ()


def test_functions_inside_others_keep_what_lies_around_them():
    def outer(factor):
        return lambda v: v * factor + 1

    inner = outer(3)
    assert {slip.slug for slip in slips_of(inner, ())} >= {"term-missing", "factor-missing"}
    with programs.made(next(s for s in slips_of(inner, ()) if "`1` is missing" in s.said())):
        assert inner(2) == 6
    assert inner(2) == 7


def test_the_functions_that_a_call_goes_through_are_found():
    found = programs.functions_of(lambda: softmax_backward([1.0, 2], [0.5, 1], math.exp))
    assert [f.__name__ for f in found] == ["softmax_backward", "softmax"]
    assert dict(found[softmax_backward])["total"] == "number"


def test_documentation_and_strictness_are_no_part_of_a_formula():
    text = Text(softmax_backward)
    for slip in text.slips({}):
        assert "strict=False" not in slip.said()
    assert ast.get_docstring(text.tree).startswith("y_i")


def test_settings_are_taken_for_others():
    case = known_cases(DropoutContract(), 0)[0]
    said = [m.sentence for m in settings(case, "y")]
    assert "p is taken as 1 - p" in said


# --- what is said of people's code -----------------------------------------------------------


def sole(result):
    (one,) = result.diagnosis
    return one.slug, one.sentence


def test_a_sign_in_the_gradient_of_a_softmax():
    def backward(dy, x):
        y = plain.softmax(x)
        return y * (dy + (dy * y).sum(1, keepdims=True))

    slug, sentence = sole(testing.check_softmax(plain.softmax, backward))
    assert slug == "sign"
    assert sentence.startswith("`dy + (dy * y).sum(1, keepdims=True)` stands where `dy - ")


def test_the_roots_of_both_parts_of_a_sum():
    def forward(x, gamma, beta, eps):
        return gamma * (x - x.mean(0)) / (x.std(0) + np.sqrt(eps)) + beta

    slug, sentence = sole(testing.check_batch_norm(forward, layout="NC"))
    assert slug == "function-of-parts"
    assert "`np.sqrt(var) + np.sqrt(eps)` stands where `np.sqrt(var + eps)` belongs" in sentence


def test_x_for_centred_x_on_one_path():
    def backward(dy, x, gamma, eps):
        n, centred, root = len(x), x - x.mean(0), np.sqrt(x.var(0) + eps)
        s, back = centred / root, dy * gamma
        dvar = (back * centred).sum(0) * -0.5 / root**3
        dx = back / root + dvar * 2 * x / n - (back / root).sum(0) / n
        return dx, (dy * s).sum(0), dy.sum(0)

    slug, sentence = sole(testing.check_batch_norm(wrong_norms.flat, backward, layout="NC"))
    assert slug == "other-name"
    assert sentence.startswith("`x` stands where `centred` belongs in `dx = ")


def test_statistics_that_were_updated_too_early():
    def forward(x, gamma, beta, mean, var, momentum, eps):
        mean = (1 - momentum) * mean + momentum * x.mean(0)
        var = (1 - momentum) * var + momentum * x.var(0, ddof=1)
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var

    slug, sentence = sole(testing.check_batch_norm(forward, layout="NC", running="new"))
    assert (slug, sentence.split(" in ")[0]) == (
        "other-name", "`updated` stands where `of_batch` belongs")


def test_a_factor_that_is_missing_in_one_term():
    def backward(dy, x, size, alpha, beta, k):
        a = alpha / size
        s, back = k + a * wrong_picking.sums(x**2, size), np.zeros(x.shape)
        through = dy * s ** (-beta - 1)
        for i in range(x.shape[1]):
            first = max(0, i - size // 2)
            back[:, first:max(first, i - size // 2 + size)] += through[:, i:i + 1]
        return dy * s**-beta - 2 * a * beta * x * back

    slug, sentence = sole(testing.check_local_response(wrong_picking.lrn, backward))
    assert slug == "factor-missing"
    assert sentence.startswith("`x` is missing in `through = ")


def test_a_factor_too_much():
    root, cube = np.sqrt(2 / np.pi), 0.044715

    def value(x):
        return x / 2 * (1 + np.tanh(root * (x + cube * x**3)))

    def backward(dy, x):
        t = np.tanh(root * (x + cube * x**3))
        slope = root * (1 + 3 * cube**2 * x**2)
        return dy * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * slope)

    slug, sentence = sole(testing.check_activation(value, backward, name="gelu_tanh"))
    assert slug == "factor-too-much"
    assert sentence.startswith("`3 * cube * x ** 2 * cube` stands where `3 * cube * x ** 2`")


def test_two_settings_multiplied_where_one_belongs():
    def step(params, grads, lr, decay, momentum, state):
        old = state or {k: 0 * p for k, p in params.items()}
        v = {k: momentum * old[k] + grads[k] + lr * decay * (k == "w") * params[k]
             for k in params}
        return {k: p - lr * v[k] for k, p in params.items()}, v

    assert sole(testing.check_update(step)) == (
        "weight_decay-other", "weight_decay is taken as weight_decay times lr")


def test_a_bias_that_is_added_with_each_kernel():
    def forward(x, w, b, s, p, e):
        n, _, h, v = x.shape
        kh, kw = w.shape[2:]
        full = np.zeros((n, w.shape[1], (h - 1) * s + kh + e, (v - 1) * s + kw + e))
        for i in range(h):
            for j in range(v):
                full[:, :, i * s:i * s + kh, j * s:j * s + kw] += np.einsum(
                    "nc,cdkl->ndkl", x[:, :, i, j], w) + b[:, None, None]
        return full[:, :, p:full.shape[2] - p, p:full.shape[3] - p]

    assert sole(testing.check_transposed_correlation(forward))[0] == "bias-per-write"


def test_a_gradient_that_is_clipped():
    def backward(dz, x, w, stride, padding):
        return tuple(np.clip(g, -5, 5) for g in plain.conv_back(dz, x, w, stride, padding))

    found = testing.check_correlation(plain.conv, backward).diagnosis
    assert {(d.slug, d.sentence) for d in found} == {
        ("clipped", "the answer is cut off between -5 and 5")}


def test_what_stands_in_the_wrong_places_is_said():
    result = testing.check_dropout(lambda x, mask, p: np.where(mask > 0, x / (1 - p), x * p))
    assert sole(result)[1].startswith(
        "the answer is right but for some places, where it is x times p")


def test_what_is_named_holds_of_cases_that_it_was_not_chosen_by():
    """A doubled sum on the very cases that are tried, and else something that nothing explains."""
    tried = {tuple(c.arrays["x"].ravel()) for c in known_cases(SoftmaxContract(), 0)}

    def forward(x):
        y = plain.softmax(x)
        return 2 * y if tuple(x.ravel()) in tried else np.cbrt(y) + x

    result = testing.check_softmax(forward)
    assert not result.passed
    assert "factor-2-too-much" not in {d.slug for d in result.diagnosis}


def test_a_window_of_neighbours_takes_its_length_for_that_of_the_other_axis():
    def backward(dt, x):
        return np.zeros(x.shape) + dt[:, :, None, None] / x.shape[2] ** 2

    result = testing.check_global_pooling(lambda x: x.mean((2, 3)), backward)
    assert sole(result)[1].startswith("`h` stands where `v` belongs")
    assert testing.check_upsampling(wrong_maps.nearest, wrong_maps.nearest_back).passed
