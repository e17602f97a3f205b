"""PyTorch's layers before the same judge as everybody else's, in one, two and three dimensions.

Each row is one check: forward and autograd's backward over the whole range of strides,
paddings, dilations, groups, windows that do not tile, ties and forms of memory.  At the end
a wrong layer, to see what a verdict looks like.

    python examples/check_pytorch.py
"""

import sys

from cnnmat.testing import (
    check_activation,
    check_correlation,
    check_feedforward,
    check_pooling,
    check_risk,
)
from cnnmat.testing.adapters import torch_module, torch_pair

try:
    import torch
    import torch.nn.functional as F
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: pip install 'cnnmat[torch]'") from missing

EVERYTHING = {"stride": "tuple", "padding": "tuple", "dilation": "tuple", "groups": True}
POOLING = {"size": "tuple", "stride": "tuple", "padding": "tuple"}


def checks():
    """(name, Result) of one check after the other."""
    for dims, conv in enumerate((F.conv1d, F.conv2d, F.conv3d), start=1):
        yield f"conv{dims}d", check_correlation(*torch_pair(conv), dims=dims, **EVERYTHING)
    for dims, pool in enumerate((F.max_pool1d, F.max_pool2d, F.max_pool3d), start=1):
        for ceil in (False, True):
            pair = torch_pair(lambda x, *how, pool=pool, ceil=ceil: pool(x, *how, ceil_mode=ceil))
            yield f"max_pool{dims}d, ceil_mode={ceil}", check_pooling(
                *pair, "max", dims=dims, incomplete="partial" if ceil else "drop", **POOLING)
    for dims, pool in enumerate((F.avg_pool1d, F.avg_pool2d, F.avg_pool3d), start=1):
        for ceil in (False, True):
            for count in (False, True):
                pair = torch_pair(lambda x, *how, pool=pool, ceil=ceil, count=count: pool(
                    x, *how, ceil_mode=ceil, count_include_pad=count))
                yield (f"avg_pool{dims}d, ceil_mode={ceil}, count_include_pad={count}",
                       check_pooling(*pair, "mean", dims=dims, count_padding=count,
                                     incomplete="partial" if ceil else "drop", **POOLING))
    for name in ("relu", "tanh", "sigmoid", "leaky_relu"):
        yield name, check_activation(*torch_pair(getattr(F, name)), name)
    yield "cross_entropy", check_risk(*torch_pair(F.cross_entropy, scalar=True),
                                      target="labels")
    yield "linear", check_feedforward(*torch_module(torch.nn.Linear(1, 1)))


def main():
    """Print a row a check; return the names of those that came out wrong."""
    wrong = []
    for name, result in checks():
        verdict = "right" if result.passed else "WRONG"
        print(f"{verdict}  {result.seconds:5.2f} s  {result.configurations:3} configurations  "
              f"{name}")
        if not result.passed:
            wrong.append(name)
            print(result.summary())

    print("\nA layer of which the kernel is turned round, as scipy.signal.convolve does:\n")
    turned = torch_pair(lambda x, w, b, s, p: F.conv2d(x, w.flip(2, 3), b, s, p))
    print(check_correlation(*turned).summary())
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main()))
