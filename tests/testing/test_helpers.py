"""The pytest plugin, the strategies, the adapters, the examples."""

import runpy
from pathlib import Path

import numpy as np
import torch
from hypothesis import given, settings

from cnnmat import loops, testing
from cnnmat.testing import adapters, strategies

EXAMPLES = Path(__file__).parents[2] / "examples"
pytest_plugins = ["pytester"]


def test_three_lines_in_somebody_elses_project(pytester):
    pytester.makeconftest('pytest_plugins = ["cnnmat.testing.plugin"]')
    pytester.makepyfile("""
        import numpy as np

        def test_right(assert_activation):
            assert_activation(np.tanh, lambda dy, x: dy * (1 - np.tanh(x)**2), "tanh")

        def test_wrong(assert_activation):
            assert_activation(np.tanh, lambda dy, x: dy * (1 - x**2), "tanh")
    """)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--cnnmat-seed", "3")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*slope-formula-for-y-given-x*"])


@settings(deadline=None, max_examples=50)
@given(strategies.layers())
def test_layers_of_the_strategy_fit_the_loops(layer):
    g = layer["geometry"]
    z = loops.correlate(layer["x"].tolist(), layer["w"].tolist(), layer["b"].tolist(),
                        g.stride, g.padding, g.dilation, 1)
    assert np.shape(z) == layer["dz"].shape


@settings(deadline=None, max_examples=30)
@given(strategies.geometries(3, dilation=False, padding=False, stride=False))
def test_geometries_can_be_kept_plain(windows):
    assert set(windows.stride) == set(windows.dilation) == {1}
    assert not any(map(any, windows.padding))


@settings(deadline=None, max_examples=30)
@given(strategies.networks())
def test_networks_of_the_strategy_can_be_run(network):
    x = network["x"]
    for w, b in zip(network["weights"], network["biases"], strict=True):
        x = x @ w.T + b
    assert len(x) == len(network["x"])


def test_a_torch_module_as_it_is():
    module = torch.nn.Conv2d(1, 1, 1)
    result = testing.check_correlation(
        *adapters.torch_module(module), stride="none", padding="none")
    assert result.passed, result.summary()


def test_a_module_with_a_stride_of_its_own_is_found_out():
    module = torch.nn.Conv2d(1, 1, 1, stride=2)
    result = testing.check_correlation(
        *adapters.torch_module(module), stride="none", padding="none")
    assert not result.passed


def jax_convolution(x, w, b, stride, padding):
    import jax

    return jax.lax.conv_general_dilated(
        x, w, (stride, stride), [(padding, padding)] * 2,
        dimension_numbers=("NCHW", "OIHW", "NCHW")) + b[:, None, None]


def test_a_jax_function_in_few_shapes_that_are_compiled_once():
    traced = []

    def traceable(x, *rest):
        traced.append(x.shape)
        return jax_convolution(x, *rest)

    forward, backward = adapters.jax_pair(traceable)
    result = testing.check_correlation(forward, backward, dtype="float32")
    assert result.passed, result.summary()
    assert "tell: 14 of " in result.notes[-1]
    assert result.notes[-1].endswith("for each shape is compiled")
    # the second round calls again what has been compiled; but for the image of integers, which
    # is refused, forward and backward
    assert len(traced) <= 2 * (14 + 1)


def test_a_wrong_jax_function():
    pair = adapters.jax_pair(lambda x, w, *rest: jax_convolution(x, w[..., ::-1], *rest))
    result = testing.check_correlation(*pair, dtype="float32")
    assert result.diagnosis[0].slug.startswith("kernel-flipped-axis-1")


def test_a_jax_function_that_looks_at_values_is_not_compiled():
    def relu(x):
        return x * 1.0 if (x > 0).all() else x * (x > 0)

    forward, backward = adapters.jax_pair(relu)
    result = testing.check_activation(forward, backward, dtype="float32")
    assert result.passed, result.summary()


def test_a_jax_risk():
    import jax

    def risk(logits, target):
        return -(target * jax.nn.log_softmax(logits)).sum() / len(logits)

    result = testing.check_risk(*adapters.jax_pair(risk, scalar=True), dtype="float32")
    assert result.passed, result.summary()


def test_a_node_of_an_onnx_model():
    import onnx

    def conv(x, w, b, stride, padding):
        node = onnx.helper.make_node("Conv", ["x", "w", "b"], ["y"], strides=stride, pads=[
            p for side in (0, 1) for pair in padding for p in pair[side:side + 1]])
        return adapters.onnx_function(node, opset=22)(x, w, b)

    result = testing.check_correlation(conv, stride="tuple", padding="pairs")
    assert result.passed, result.summary()


def test_the_example_on_pytorch_finds_it_right(capsys):
    assert runpy.run_path(str(EXAMPLES / "check_pytorch.py"))["main"]() == []
    assert "kernel-flipped" in capsys.readouterr().out


def test_the_example_on_onnx_confirms_what_it_finds(capsys):
    example = runpy.run_path(str(EXAMPLES / "check_onnx_reference.py"))
    wrong = example["main"](60)
    assert wrong["Conv"] == 0
    assert wrong["ConvTranspose"] > 0
    for kind in ("ConvTranspose", "MaxPool"):
        for case, right, said in example["study"](kind, 40, seed=1):
            if said != "right":
                assert example["verdict"](example["pytorch"], case, right) == "right"
    assert "always wrong where group > 1" in capsys.readouterr().out
