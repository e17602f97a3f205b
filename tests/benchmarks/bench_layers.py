"""pytest-benchmark; each case is checked, too.

``pytest tests/benchmarks/bench_layers.py --benchmark-enable -n 0``

Ratios to PyTorch come from ``python -m tests.benchmarks``, which keeps it in a process of
its own.
"""

import numpy as np
import pytest

from cnnmat import Partition, Windows
from cnnmat.layers.correlation import correlate
from tests.benchmarks.contenders import LAYERS, WORKLOADS


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("contender", ["literal", "fast"])
@pytest.mark.parametrize("name", [*LAYERS, "lenet5"])
def test_step(benchmark, name, contender, dtype):
    result = benchmark(WORKLOADS[name].contenders[contender](dtype))
    if name in LAYERS:
        assert all(a.dtype == dtype for a in result)
        literal = WORKLOADS[name].contenders["literal"](dtype)()
        assert all(abs(a - b).max() <= 1e-4 * abs(b).max()
                   for a, b in zip(result, literal, strict=True))
    else:
        assert 0 < result < 3


def test_building_v_of_the_first_layer(benchmark):
    """V of 224 x 224, 7 x 7, stride 2."""
    V = benchmark(lambda: Partition(Windows((224, 224), 7, 2, 3)).matrix)
    assert V.shape == (112 * 112 * 49, 224 * 224)
    assert V.data.nbytes + V.indices.nbytes + V.indptr.nbytes <= 9 * V.shape[0] + 4


@pytest.mark.parametrize("size", [16, 32, 64, 128])
@pytest.mark.parametrize("grows", ["samples", "side", "channels"])
def test_growth(benchmark, grows, size):
    """How time grows with N, with the image's side and with channels, the others at 16."""
    sizes = {"samples": 16, "side": 16, "channels": 16} | {grows: size}
    x = np.ones((sizes["samples"], sizes["channels"], sizes["side"], sizes["side"]))
    w = np.ones((sizes["channels"], sizes["channels"], 3, 3))
    z = benchmark(correlate, x, w)
    assert abs(z - 9 * sizes["channels"]).max() <= 1e-9
