"""The reference evaluator of the package onnx, put to the test that cnnmat puts everybody to.

Conv, ConvTranspose, MaxPool and AveragePool over random geometries (uneven pads, strides,
dilations, groups, ceil_mode) against plain loops; every difference is then put to PyTorch
and onnxruntime, as far as they can express it.  Prints what was found, with the condition
that separates right from wrong and the smallest geometry that shows it.

    python examples/check_onnx_reference.py [number of geometries for each operator]
"""

import itertools
import sys
import warnings
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np

from cnnmat import loops
from cnnmat.testing.adapters import onnx_function

try:
    import onnx
    import onnxruntime
    import torch
    import torch.nn.functional as F
    from onnx import helper
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: "
                     "pip install onnx onnxruntime 'cnnmat[torch]'") from missing

OPSET = 22
TOLERANCE = 1e-5


@dataclass
class Case:
    """One call: the attributes of a node and its inputs; float32, as onnxruntime has it."""

    kind: str
    attributes: dict
    inputs: list

    @property
    def features(self):
        a, image = self.attributes, self.inputs[0].shape[2:]
        dims = len(image)
        pads = list(zip(a["pads"][:dims], a["pads"][dims:], strict=True))
        spans = [(k - 1) * d + 1 for k, d in zip(a["kernel_shape"], a["dilations"], strict=True)]
        rests = [(n + sum(p) - s) % t for n, p, s, t in
                 zip(image, pads, spans, a["strides"], strict=True)]
        facts = {
            "strides > 1": max(a["strides"]) > 1, "dilations > 1": max(a["dilations"]) > 1,
            "the strides differ": len(set(a["strides"])) > 1,
            "the dilations differ": len(set(a["dilations"])) > 1,
            "pads > 0": any(a["pads"]), "pads are uneven": any(p != q for p, q in pads),
            "a pad is not less than the kernel's span": any(
                max(p) >= s for p, s in zip(pads, spans, strict=True)),
            "N > 1": len(self.inputs[0]) > 1, "C > 1": self.inputs[0].shape[1] > 1,
            "two dimensions": dims == 2,
            "strides and dilations are 1": max(*a["strides"], *a["dilations"]) == 1,
            "the pads of an axis differ from those of another": len({sum(p) for p in pads}) > 1,
            "the image is not square": len(set(image)) > 1,
        }
        if dims == 2:
            facts["pads[1] is not pads[2], and the image has two dimensions"] = (
                a["pads"][1] != a["pads"][2])
        if self.kind in ("Conv", "ConvTranspose"):
            facts["group > 1"] = a["group"] > 1
        if self.kind == "ConvTranspose":
            facts["output_padding > 0"] = any(a["output_padding"])
        if "ceil_mode" in a:
            facts["ceil_mode"] = bool(a["ceil_mode"])
            facts["the windows do not tile the image"] = any(rests)
            facts["a window hangs over the end by 2 or more"] = a["ceil_mode"] and any(
                at[-1] + s - n - q > 1 for at, s, n, (_, q) in zip(
                    window_starts(self), spans, image, pads, strict=True))
        if "count_include_pad" in a:
            facts["count_include_pad"] = bool(a["count_include_pad"])
        return facts


# --- geometries ------------------------------------------------------------------------


def draw(kind, rng):
    """A random case of an operator; None where no window fits or it is not defined."""
    dims = int(rng.choice([1, 2, 2, 2, 3]))
    kernel = rng.integers(1, 4, dims).tolist()
    strides = rng.integers(1, 4, dims).tolist() if rng.random() < 0.6 else [1] * dims
    dilations = rng.integers(1, 3, dims).tolist() if rng.random() < 0.4 else [1] * dims
    pads = rng.integers(0, 3, 2 * dims).tolist() if rng.random() < 0.6 else [0] * (2 * dims)
    image = rng.integers(2, 8 if dims < 3 else 5, dims).tolist()
    span = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
    attributes = {"kernel_shape": kernel, "strides": strides, "dilations": dilations,
                  "pads": pads}
    if kind in ("MaxPool", "AveragePool"):
        # windows that see no pixel at all have no maximum and no mean
        if any(max(pads[a], pads[a + dims]) >= kernel[a] for a in range(dims)):
            return None
        attributes["ceil_mode"] = int(rng.random() < 0.5)
        if kind == "AveragePool":
            attributes["count_include_pad"] = int(rng.random() < 0.5)
    if kind != "ConvTranspose" and any(
            n + pads[a] + pads[a + dims] < s for a, (n, s) in enumerate(
                zip(image, span, strict=True))):
        return None
    n, c = int(rng.integers(1, 3)), int(rng.integers(1, 3))
    if kind in ("MaxPool", "AveragePool"):
        return Case(kind, attributes, [values(rng, (n, c, *image))])
    return _with_weights(kind, attributes, rng, n, c, image, span)


def _with_weights(kind, attributes, rng, n, c, image, span):
    dims, pads, strides = len(image), attributes["pads"], attributes["strides"]
    attributes["group"] = group = int(rng.choice([1, 1, 2, 3]))
    d = int(rng.integers(1, 3))
    # biases that are all different: one map's taken for another's shows
    x, b = values(rng, (n, c * group, *image)), np.arange(1, d * group + 1, dtype=np.float32)
    kernel = attributes["kernel_shape"]
    if kind == "Conv":
        return Case(kind, attributes, [x, values(rng, (d * group, c, *kernel)), b])
    attributes["output_padding"] = [int(rng.integers(0, max(s, g))) if rng.random() < 0.3 else 0
                                    for s, g in zip(strides, attributes["dilations"],
                                                    strict=True)]
    out = _transposed_shape(attributes, image)
    if min(out) < 1 or any(pads[a] + pads[a + dims] > span[a] for a in range(dims)):
        return None
    return Case(kind, attributes, [x, values(rng, (c * group, d, *kernel)), b])


def values(rng, shape):
    """Whole numbers of both signs, none of them 0: exact in float32."""
    return (rng.integers(1, 10, shape) * rng.choice([-1, 1], shape)).astype(np.float32)


def _pairs(attributes):
    dims = len(attributes["kernel_shape"])
    return list(zip(attributes["pads"][:dims], attributes["pads"][dims:], strict=True))


def _transposed_shape(a, image):
    return [s * (n - 1) + o + (k - 1) * d + 1 - sum(p) for n, s, o, k, d, p in zip(
        image, a["strides"], a["output_padding"], a["kernel_shape"], a["dilations"], _pairs(a),
        strict=True)]


# --- what is right: plain loops --------------------------------------------------------


def truth(case):
    """By the definition of the operator, index by index."""
    return np.array(TRUTHS[case.kind](case), dtype=float)


def true_conv(case):
    a = case.attributes
    x, w, b = (i.astype(int).tolist() for i in case.inputs)
    return loops.correlate(x, w, b, a["strides"], _pairs(a), a["dilations"], a["group"])


def true_transpose(case):
    """The transposed layer: what goes back through a correlation, plus the bias."""
    a = case.attributes
    x, w, b = (i.astype(int).tolist() for i in case.inputs)
    out = _transposed_shape(a, case.inputs[0].shape[2:])
    maps = len(w[0]) * a["group"]
    zeros = np.zeros((len(x), maps, *out), dtype=int).tolist()
    y, _, _ = loops.correlate_backward(x, zeros, w, a["strides"], _pairs(a), a["dilations"],
                                       a["group"])
    return np.array(y) + np.array(b).reshape(-1, *[1] * len(out))


def starts(length, span, stride, pad, ceil):
    """First index of each window; with ceil one more that begins before the end."""
    found, at = [], -pad[0]
    while at + span <= length + pad[1]:
        found.append(at)
        at += stride
    covered = found and found[-1] + span >= length + pad[1]
    if ceil and not covered and at < length:
        found.append(at)
    return found


def window_starts(case):
    """`starts` along each axis."""
    a, image = case.attributes, case.inputs[0].shape[2:]
    spans = [(k - 1) * d + 1 for k, d in zip(a["kernel_shape"], a["dilations"], strict=True)]
    return [starts(*one, a["ceil_mode"]) for one in
            zip(image, spans, a["strides"], _pairs(a), strict=True)]


def true_pool(case):
    a, (x,) = case.attributes, case.inputs
    image, pads, first = x.shape[2:], _pairs(a), window_starts(case)
    out = np.zeros((*x.shape[:2], *map(len, first)))
    for cell in np.ndindex(out.shape):
        places = [[first[k][i] + t * a["dilations"][k] for t in range(a["kernel_shape"][k])]
                  for k, i in enumerate(cell[2:])]
        inside = [[p for p in row if 0 <= p < n] for row, n in zip(places, image, strict=True)]
        found = [float(x[(*cell[:2], *at)]) for at in itertools.product(*inside)]
        # padding counts, what hangs over the padding does not
        counted = [[p for p in row if p < n + q[1]] for row, n, q in
                   zip(places, image, pads, strict=True)]
        size = np.prod([len(r) for r in (counted if a.get("count_include_pad") else inside)])
        out[cell] = max(found) if case.kind == "MaxPool" else sum(found) / size
    return out


TRUTHS = {"Conv": true_conv, "ConvTranspose": true_transpose, "MaxPool": true_pool,
          "AveragePool": true_pool}


# --- who is asked ------------------------------------------------------------------------


def node_of(case):
    """The node as it would stand in a model."""
    names = ["x", "w", "b"][:len(case.inputs)]
    return helper.make_node(case.kind, names, ["y"], **case.attributes)


def reference(case):
    """The reference evaluator of the package onnx."""
    return onnx_function(node_of(case), opset=OPSET)(*case.inputs)


def runtime(case):
    """onnxruntime."""
    def run(model, inputs):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(None, inputs)

    return onnx_function(node_of(case), run=run, opset=OPSET)(*case.inputs)


def pytorch(case):
    """PyTorch, where it can say the same: uneven pads go through a pad of its own."""
    a, dims = case.attributes, len(case.attributes["kernel_shape"])
    x, *rest = (torch.tensor(i) for i in case.inputs)
    pads = _pairs(a)
    if case.kind == "ConvTranspose":
        function = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[dims - 1]
        # uneven: the whole transposed layer, cut afterwards
        y = function(x, rest[0], None, a["strides"], 0, 0, a["group"], a["dilations"])
        shape = _transposed_shape(a, x.shape[2:])
        y = F.pad(y, [v for _ in range(dims) for v in (0, 8)])
        y = y[(slice(None), slice(None), *[slice(p, p + n) for (p, _), n in
                                           zip(pads, shape, strict=True)])]
        return (y + rest[1].reshape(-1, *[1] * dims)).numpy()
    if case.kind == "Conv":
        x = F.pad(x, [v for pair in pads[::-1] for v in pair])
        function = (F.conv1d, F.conv2d, F.conv3d)[dims - 1]
        return function(x, *rest, a["strides"], 0, a["dilations"], a["group"]).numpy()
    return _pytorch_pool(case.kind, a, x, pads).numpy()


class CannotBeAsked(Exception):
    """A library has no words for a case."""


def _pytorch_pool(kind, a, x, pads):
    """Pooling of an image padded beforehand; windows that lie on padding only are cut off."""
    dims, sides = len(pads), [v for pair in pads[::-1] for v in pair]
    ceil = bool(a["ceil_mode"])
    if kind == "MaxPool":
        function = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[dims - 1]
        y = function(F.pad(x, sides, value=-torch.inf), a["kernel_shape"], a["strides"], 0,
                     a["dilations"], ceil)
        spans = [(k - 1) * d + 1 for k, d in zip(a["kernel_shape"], a["dilations"], strict=True)]
    elif max(a["dilations"]) > 1:
        raise CannotBeAsked("PyTorch's average pooling has no dilation")
    else:
        function = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[dims - 1]
        how = (a["kernel_shape"], a["strides"], 0, ceil)
        y = function(F.pad(x, sides), *how)
        if not a["count_include_pad"]:
            y = y / function(F.pad(torch.ones_like(x), sides), *how)
        spans = a["kernel_shape"]
    first = [starts(*one, ceil) for one in
             zip(x.shape[2:], spans, a["strides"], pads, strict=True)]
    return y[(slice(None), slice(None), *[slice(0, len(f)) for f in first])]


def verdict(ask, case, right):
    """"right", "wrong value", "wrong shape", or the error's type; "-" if it cannot be asked."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = np.asarray(ask(case))
    except CannotBeAsked:
        return "-"
    except Exception as error:
        return f"raises {type(error).__name__}"
    if answer.shape != right.shape:
        return f"wrong shape {answer.shape}"
    scale = abs(right).max() or 1
    return "right" if abs(answer - right).max() <= TOLERANCE * scale else "wrong value"


def study(kind, count, seed=0):
    """[(case, truth, verdict on the reference evaluator)] of `count` random geometries."""
    rng = np.random.default_rng(seed)
    found = []
    while len(found) < count:
        case = draw(kind, rng)
        if case is not None:
            right = truth(case)
            found.append((case, right, verdict(reference, case, right)))
    return found


def causes(found, least=3):
    """Conditions under which every geometry is wrong, those that cover the most first.

    Of up to three features each, found greedily; a list of (condition, number of geometries).
    """
    table = [(defaultdict(bool, case.features), said != "right") for case, _, said in found]
    names = dict.fromkeys(name for features, _ in table for name in features)
    literals = [(name, value) for name in names for value in (True, False)]
    open_ = {k for k, (_, wrong) in enumerate(table) if wrong}
    order = []
    while open_:
        best = max(_pure(table, literals, open_), key=lambda one: (one[0], -len(one[1])),
                   default=(0, (), ()))
        if best[0] < least:
            break
        order.append((" and ".join(n if v else f"not: {n}" for n, v in best[1]), len(best[2])))
        open_ -= set(best[2])
    return order, len(open_)


def _pure(table, literals, open_):
    """(new ones covered, literals, all covered) of conditions that only wrong ones meet."""
    for size in (1, 2, 3):
        for chosen in itertools.combinations(literals, size):
            meets = [k for k, (f, _) in enumerate(table) if all(f[n] == v for n, v in chosen)]
            if meets and all(table[k][1] for k in meets):
                yield len(open_ & set(meets)), chosen, meets


def report(kind, found):
    """Print what is wrong and when, and what the third parties say of the same cases."""
    wrong = [one for one in found if one[2] != "right"]
    print(f"\n{kind}: {len(found)} geometries, the reference evaluator is wrong in {len(wrong)}")
    if not wrong:
        return wrong
    order, rest = causes(found)
    for when, count in order:
        print(f"  always wrong where {when} ({count} geometries)")
    print(f"  {rest} more")
    for outcome in sorted({v.split(" (")[0] for _, _, v in wrong}):
        chosen = [one for one in wrong if one[2].startswith(outcome)]
        case, right, said = min(chosen, key=lambda one: (one[0].inputs[0].size, str(one[0])))
        print(f"  {outcome} ({len(chosen)}), for example x {case.inputs[0].shape}, "
              f"{case.attributes}:")
        print(f"    must have shape {right.shape}; reference: {said}; PyTorch: "
              f"{verdict(pytorch, case, right)}; onnxruntime: {verdict(runtime, case, right)}")
    for name, ask in (("PyTorch", pytorch), ("onnxruntime", runtime)):
        votes = Counter(verdict(ask, case, right) for case, right, _ in wrong)
        print(f"  {name} on these {len(wrong)}: {dict(votes)}")
    return wrong


def main(count=300):
    """Study all four operators; return the number of wrong geometries of each."""
    print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}, "
          f"PyTorch {torch.__version__}, opset {OPSET}")
    return {kind: len(report(kind, study(kind, count))) for kind in TRUTHS}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
