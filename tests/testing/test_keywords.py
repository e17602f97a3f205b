"""`only`, `supports`, `accept` and `strict` of every check of a layer with cases to be limited."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from cnnmat import correlate_transpose, testing
from cnnmat.testing import limits
from cnnmat.testing.command import LIMITED
from cnnmat.testing.contract import known_cases
from cnnmat.testing.mapping import UpsamplingContract
from cnnmat.testing.norms import NormContract
from tests.testing.bank import ENTRIES
from tests.testing.running import run_strictly

KINDS = ("adaptive_pooling", "batch_norm", "depthwise", "dropout", "embedding", "global_pooling",
         "group_norm", "layer_norm", "local_response", "softmax", "transposed_correlation",
         "upsampling")


@pytest.mark.parametrize("kind", [*KINDS, "correlation", "pooling"])
def test_every_layer_has_all_four(kind):
    given = inspect.signature(getattr(testing, f"check_{kind}")).parameters
    assert {"only", "supports", "accept", "strict"} <= set(given)
    assert kind in LIMITED


def square_only(x, scale):
    """Right on square images, and without a word wrong on others."""
    rows = np.repeat(np.arange(x.shape[2]), scale)
    return x[:, :, rows][..., np.minimum(rows, x.shape[3] - 1)]


def test_what_is_declared_is_all_that_is_tried():
    assert not testing.check_upsampling(square_only).passed
    result = testing.check_upsampling(square_only, only="square-images")
    assert result.verdict == "right"
    assert result.configurations >= 10


def test_a_mistake_is_found_inside_and_shown_inside():
    def tiled(x, scale):
        """Wrong in another way, and in smaller images, beyond what is declared."""
        if x.shape[2] == x.shape[3]:
            return np.tile(x, (1, 1, scale, scale))
        return 2 * x.repeat(scale, 2).repeat(scale, 3)
    result = testing.check_upsampling(tiled, only="square-images")
    assert result.diagnosis[0].slug == "tiled-not-repeated"
    source = result.counterexample.source
    names = {"forward": tiled}
    exec(source.partition("y =")[0], names)
    assert names["x"].shape[2] == names["x"].shape[3]


def refuses_rectangles(x, scale):
    if x.shape[2] != x.shape[3]:
        raise ValueError("square images only")
    return x.repeat(scale, 2).repeat(scale, 3)


def test_what_is_refused_is_found_and_more_is_tried_inside():
    result = testing.check_upsampling(refuses_rectangles)
    assert result.verdict == "right within limits"
    assert result.refusals[0].limits == ("square-images",)
    assert result.configurations >= 10


def test_what_must_be_taken_may_not_be_refused():
    assert not testing.check_upsampling(refuses_rectangles, supports="rectangular-images").passed


def test_a_kernel_of_one_size():
    def three(x, w, b, stride, padding, output_padding):
        if w.shape[2:] != (3, 3):
            return np.zeros(1)
        return correlate_transpose(x, w, b, stride=stride, padding=padding,
                                   output_padding=output_padding)
    assert not testing.check_transposed_correlation(three).passed
    assert testing.check_transposed_correlation(three, only="square-kernels").passed is False
    assert testing.check_transposed_correlation(three, only="kernel-3x3").verdict == "right"


CONTRACTS = {"batch": NormContract(), "group": NormContract(over="group"),
             "nearest": UpsamplingContract()}


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("word", ["square-images", "one-sample", "one-channel"])
def test_cases_are_brought_within_limits_and_stay_cases(name, word):
    contract = CONTRACTS[name]
    limited = replace(contract, only=limits.of(contract, (word,)))
    cases = known_cases(limited, 0)
    assert len(cases) >= 0.6 * len(known_cases(contract, 0))
    assert len({case.name for case in cases}) == len(cases)
    for case in cases:
        assert limits.beyond(limited, case) == 0
        assert limited.simple(case)
        assert limited.truth(case, "forward")["y"].value.size


#: What is right as long as there is one sample, or shows only in another than the first.
HIDDEN = {
    "square-images": set(),
    "one-sample": {"sm_one_maximum", "sm_whole_sum", "sm_minimum", "sm_divided_by_batch",
                   "ls_log_of_softmax", "ls_log_of_softmax_epsilon", "bn_m_is_batch",
                   "bn_each_sample"},
}


@pytest.mark.parametrize("word", HIDDEN)
def test_no_more_of_the_bank_is_missed_inside_than_cannot_show_there(word, quick):
    kinds = ("upsampling", "adaptive_pooling") if word == "square-images" else (
        "batch_norm", "softmax", "layer_norm")
    entries = {name: e for name, e in ENTRIES.items() if e.kind in kinds}
    assert len(entries) >= 15
    with quick():
        missed = {name for name, e in entries.items() if run_strictly(e, only=word).passed}
    assert missed <= HIDDEN[word]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: testing.check_softmax(np.exp, only="square-kernels"),
     "only must be made of 'one-sample' for a softmax, got 'square-kernels'"),
    (lambda: testing.check_batch_norm(np.exp, only="kernel-3x3"),
     "only must be made of .* for a batch_norm, got 'kernel-3x3'"),
    (lambda: testing.check_dropout(np.exp, only="everything"), "only must be made of"),
    (lambda: testing.check_dropout(np.exp, supports="softly"), "supports must be made of"),
    (lambda: testing.check_dropout(np.exp, accept="this"), "accept must be made of"),
])
def test_words_that_say_nothing_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
