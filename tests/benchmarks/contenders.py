"""What is measured: layers, and ways to run them forward and backward.

A contender of a layer is a function ``(layer, dtype) -> step``; calling ``step()`` once is one
forward and backward pass (z, then dx, dw, db) on arrays in NCHW, results in fresh
arrays.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np


@dataclass(frozen=True)
class Layer:
    """A square correlation layer."""

    title: str
    N: int
    C: int
    D: int
    side: int
    kernel: int
    stride: int = 1
    padding: int = 0

    @property
    def output(self):
        return (self.side + 2 * self.padding - self.kernel) // self.stride + 1

    @property
    def multiply_adds(self):
        """Of the forward pass."""
        return self.N * self.D * self.C * self.kernel**2 * self.output**2

    def arrays(self, dtype):
        """x, w, b and dz, the same for every contender."""
        rng = np.random.default_rng(0)
        shapes = ((self.N, self.C, self.side, self.side),
                  (self.D, self.C, self.kernel, self.kernel), (self.D,),
                  (self.N, self.D, self.output, self.output))
        return tuple(rng.standard_normal(s).astype(dtype) for s in shapes)


LAYERS = {
    "lenet1": Layer("N=64 1→6 28×28 k5", 64, 1, 6, 28, 5),
    "lenet2": Layer("N=64 6→16 14×14 k5", 64, 6, 16, 14, 5),
    "wide": Layer("N=1 64→64 56×56 k3 p1", 1, 64, 64, 56, 3, padding=1),
    "first": Layer("N=1 3→64 224×224 k7 s2 p3", 1, 3, 64, 224, 7, 2, 3),
    "one1": Layer("N=1 1→6 28×28 k5", 1, 1, 6, 28, 5),
    "one2": Layer("N=1 6→16 14×14 k5", 1, 6, 16, 14, 5),
}


def torch_step(layer, dtype):
    """PyTorch's conv2d and autograd."""
    import torch
    from torch.nn.functional import conv2d

    x, w, b, dz = map(torch.from_numpy, layer.arrays(dtype))
    leaves = [a.requires_grad_() for a in (x, w, b)]

    def step():
        z = conv2d(x, w, b, layer.stride, layer.padding)
        return z, *torch.autograd.grad(z, leaves, dz)

    return step


def cnnmat_step(method):
    """cnnmat by `method`, each result a fresh array."""
    def contender(layer, dtype):
        from cnnmat.layers.correlation import correlate, correlate_backward

        x, w, b, dz = layer.arrays(dtype)
        kwargs = {"stride": layer.stride, "padding": layer.padding, "method": method}

        def step():
            z = correlate(x, w, b, **kwargs)
            return z, *correlate_backward(dz, x, w, **kwargs)

        return step
    return contender


def gemm_step(layer, dtype):
    """The three products of the layer and nothing else: the limit of the direct sum."""
    _, w, _, dz = layer.arrays(dtype)
    W, dZ = w.reshape(layer.D, -1), dz.transpose(1, 0, 2, 3).reshape(layer.D, -1)
    H = np.random.default_rng(1).standard_normal((W.shape[1], dZ.shape[1])).astype(dtype)
    z, dH = np.empty_like(dZ), np.empty_like(H)

    def step():
        return np.matmul(W, H, out=z), np.matmul(W.T, dZ, out=dH), dZ @ H.T

    return step


def scipy_step(layer, dtype):
    """scipy.signal pair by pair, strides by leaving results out."""
    from scipy.signal import convolve2d, correlate2d

    x, w, b, dz = layer.arrays(dtype)
    s, p = layer.stride, layer.padding
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    reach = (layer.output - 1) * s + 1
    spread = np.zeros((layer.N, layer.D, reach, reach), dtype)
    cut = slice(p, layer.side + p)

    def step():
        z = np.empty_like(dz)
        dx, dw = np.zeros_like(padded), np.zeros_like(w)
        spread[..., ::s, ::s] = dz
        used = slice(reach + layer.kernel - 1)
        for n in range(layer.N):
            for d in range(layer.D):
                z[n, d] = b[d] + sum(
                    correlate2d(padded[n, c], w[d, c], "valid")[::s, ::s]
                    for c in range(layer.C))
                for c in range(layer.C):
                    dx[n, c, used, used] += convolve2d(spread[n, d], w[d, c])
                    dw[d, c] += correlate2d(padded[n, c, used, used], spread[n, d], "valid")
        return z, dx[..., cut, cut], dw, dz.sum(axis=(0, 2, 3))

    return step


def onnx_step(layer, dtype):
    """The ONNX reference evaluator: the forward pass alone, for it has no backward."""
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    x, w, b, _ = layer.arrays(dtype)
    kind = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT}[dtype]
    inputs = [helper.make_tensor_value_info(name, kind, None) for name in "xwb"]
    node = helper.make_node("Conv", list("xwb"), ["z"], strides=[layer.stride] * 2,
                            pads=[layer.padding] * 4)
    graph = helper.make_graph([node], "layer", inputs,
                              [helper.make_tensor_value_info("z", kind, None)])
    evaluator = ReferenceEvaluator(helper.make_model(graph))
    return lambda: evaluator.run(None, {"x": x, "w": w, "b": b})


def loops_step(layer, dtype):
    """The plain loops of cnnmat, index by index, on lists."""
    from cnnmat import loops

    x, w, b, dz = (a.tolist() for a in layer.arrays(dtype))
    geometry = ([layer.stride] * 2, [(layer.padding,) * 2] * 2, [1, 1], 1)

    def step():
        return (loops.correlate(x, w, b, *geometry),
                *loops.correlate_backward(dz, x, w, *geometry))

    return step


def torch_square(dtype):
    """A product of two large matrices: what the machine can do at most."""
    import torch

    a = torch.from_numpy(np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(dtype))
    return lambda: a @ a


def square(dtype):
    """The same by NumPy."""
    a = np.random.default_rng(0).standard_normal((SIDE, SIDE)).astype(dtype)
    out = np.empty_like(a)
    return lambda: np.matmul(a, a, out=out)


def torch_windows(dtype):
    """The places of all windows by PyTorch's unfold of an image of numbers."""
    import torch
    from torch.nn.functional import unfold

    def step():
        numbers = torch.arange(1, 224 * 224 + 1, dtype=getattr(torch, dtype))
        return unfold(numbers.reshape(1, 1, 224, 224), 7, 1, 3, 2)

    return step


def build_v(dtype):
    """V of the first layer as CSR; its entries are int8 whatever `dtype`."""
    from cnnmat import Partition, Windows

    return lambda: Partition(Windows((224, 224), 7, 2, 3)).matrix


LAYER_CONTENDERS = {
    "torch": torch_step,
    "literal": cnnmat_step("literal"),
    "fast": cnnmat_step("fast"),
    "measured": cnnmat_step("measured"),
    "lowering": cnnmat_step("lowering"),
    "winograd": cnnmat_step("winograd"),
    "gemm": gemm_step,
    "scipy": scipy_step,
    "onnx": onnx_step,
    "loops": loops_step,
}
#: What grows, and through which sizes; the others are those of a layer of 16 samples, 16 to 16
#: maps of 28 x 28, 3 x 3 kernels.
GROWTH = {"samples": (1, 4, 16, 64, 256), "side": (14, 28, 56, 112, 224),
          "channels": (8, 16, 32, 64, 128, 256)}


def grown(grows, size):
    """The layer of which `grows` is `size`; with the side, one sample for the memory's sake."""
    sizes = {"samples": 1 if grows == "side" else 16, "side": 28, "channels": 16, grows: size}
    N, side, maps = sizes["samples"], sizes["side"], sizes["channels"]
    return Layer(f"{grows} {size}", N, maps, maps, side, 3, padding=1)


# loops take a second for the smallest layers
SMALL = ("one1", "one2")
SIDE = 1024


@dataclass(frozen=True)
class Workload:
    """Something to be measured, who can run it, and how many operations it takes.

    Contenders are functions ``dtype -> step``.
    """

    title: str
    contenders: dict
    operations: int
    unit: str = "multiply-add"


def layer_workload(name, layer):
    """Forward and backward: three times the forward pass's multiply-adds."""
    without = {c for c, serves in (("loops", name in SMALL),
                                   ("winograd", (layer.kernel, layer.stride) == (3, 1)))
               if not serves}
    able = {c: partial(f, layer) for c, f in LAYER_CONTENDERS.items() if c not in without}
    return Workload(layer.title, able, 3 * layer.multiply_adds)


def workloads():
    """All of them by name."""
    from tests.benchmarks import lenet

    table = {name: layer_workload(name, layer) for name, layer in LAYERS.items()}
    table["lenet5"] = Workload("LeNet-5 training step N=64", {
        "torch": lenet.torch_step, "literal": partial(lenet.cnnmat_step, "literal"),
        "fast": partial(lenet.cnnmat_step, "fast"),
        "measured": partial(lenet.cnnmat_step, "measured")}, lenet.N, "sample")
    table["build"] = Workload("V of 224×224 k7 s2 p3", {
        "torch": torch_windows, "literal": build_v}, 112**2 * 49, "entry")
    table["square"] = Workload(f"GEMM {SIDE}×{SIDE}", {
        "torch": torch_square, "gemm": square}, SIDE**3)
    return table


WORKLOADS = workloads()
#: Those of `GROWTH`, by what grows and its size.
GROWN = {f"{grows}-{size}": layer_workload("", grown(grows, size))
         for grows, sizes in GROWTH.items() for size in sizes}
