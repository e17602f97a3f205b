"""Every derivative of a network on real digits: matrices, loops and PyTorch.

    python examples/digit_gradient.py

Fractions in, fractions out: the backward listing (47.1275) in matrices must equal the
derivative of the plain loops, which dual numbers take without any derivation by hand, in
every entry with ==.  PyTorch (the extra "torch") computes the same in float64.
"""

from fractions import Fraction

import numpy as np

from cnnmat import Network, Partition, Regions, Stage, Windows, loops, vec
from cnnmat.verify.duals import gradient

try:
    import torch
    from sklearn.datasets import load_digits
    from torch.nn import functional
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: "
                     "pip install 'cnnmat[examples,torch]'") from missing

WINDOWS = [Windows((8, 8), kernel=(3, 2)), Windows((3, 7), kernel=2)]
REGIONS = [Windows((6, 7), kernel=(2, 1), stride=(2, 1)), Windows((2, 6), kernel=2, stride=2)]
NETWORK = Network(1, [
    Stage(Partition(WINDOWS[0]), 2, "relu", Regions(REGIONS[0]), "max"),
    Stage(Partition(WINDOWS[1]), 3, "relu", Regions(REGIONS[1]), "mean"),
], widths=[5, 10], activations=["relu", "identity"])


def by_loops(parameters, h, gamma):
    """The derivatives of the loops' risk by every entry, in the order of arrays()."""
    arrays = parameters.arrays()
    ends = np.cumsum([a.size for a in arrays])[:-1]

    def shaped(flat):
        return [part.reshape(a.shape) for part, a in zip(np.split(flat, ends), arrays, strict=True)]

    def risk(entries):
        stages, layers = for_loops(*shaped(np.array(entries, dtype=object)))
        return loops.empirical_risk(h.tolist(), gamma.tolist(), stages, layers, rho1=0, rho2=0)

    return shaped(gradient(risk, np.concatenate([a.ravel() for a in arrays])))


def for_loops(W_c1, Theta_c1, W_c2, Theta_c2, W_l1, theta_l1, W_l2, theta_l2):
    """The network as nested lists: `stages` and `layers` of cnnmat.loops."""
    def lists(windows):
        return loops.window_lists(windows.shape, windows.kernel, windows.stride,
                                  windows.padding, windows.dilation)

    def stage(c, W, Theta, reduce):
        before, depth = Theta.shape
        return {"lists": lists(WINDOWS[c]), "w": W.T.reshape(depth, before, -1).tolist(),
                "theta": Theta.T.tolist(), "f": relu, "regions": lists(REGIONS[c]),
                "reduce": [reduce] * depth, "feeds": [range(before)] * depth}

    return (
        [stage(0, W_c1, Theta_c1, loops.largest), stage(1, W_c2, Theta_c2, loops.mean)],
        [{"W": W_l1.tolist(), "theta": theta_l1.tolist(), "f": relu},
         {"W": W_l2.tolist(), "theta": theta_l2.tolist(), "f": lambda z: z}],
    )


def relu(z):
    return z if z > 0 else 0 * z


def by_torch(parameters, images, gamma):
    """The same by PyTorch's conv2d, pooling and autograd, in float64."""
    leaves = [torch.tensor(a.astype(float), requires_grad=True) for a in parameters.arrays()]
    W_c1, Theta_c1, W_c2, Theta_c2, W_l1, theta_l1, W_l2, theta_l2 = leaves

    def z(t, windows, W, Theta):
        # mask j of map d is W[j S : (j + 1) S, d], and runs down the columns of the window
        masks = W.T.reshape(W.shape[1], len(Theta), *windows.kernel[::-1])
        return functional.conv2d(t, masks.mT, -Theta.sum(0))

    t = torch.tensor(images[:, None].astype(float))
    t = functional.max_pool2d(z(t, WINDOWS[0], W_c1, Theta_c1).relu(), REGIONS[0].kernel)
    t = functional.avg_pool2d(z(t, WINDOWS[1], W_c2, Theta_c2).relu(), REGIONS[1].kernel)
    y = functional.linear(t.mT.flatten(1), W_l1, -theta_l1).relu()
    y = functional.linear(y, W_l2, -theta_l2)
    ((torch.tensor(gamma) - y) ** 2).sum(1).mean().backward()
    return [leaf.grad.numpy() for leaf in leaves]


def exact(array):
    """`array` with Fractions for entries."""
    return np.vectorize(Fraction, otypes=[object])(array)


def main():
    digits = load_digits()
    images, gamma = digits.images[:3].astype(int), np.eye(10, dtype=int)[digits.target[:3]]
    random = np.random.default_rng(1)
    parameters = NETWORK.shapes().map(lambda shape: exact(random.integers(-3, 4, shape)))
    h = exact(vec(images, ndim=2)[:, None])  # N x D_0 x M

    forward = NETWORK.forward(parameters, h)
    matrices = NETWORK.backward(parameters, forward, gamma, literal=True).gradient
    rows = zip(("W_c[1]", "Θ_c[1]", "W_c[2]", "Θ_c[2]", "W_l[1]", "θ_l[1]", "W_l[2]", "θ_l[2]"),
               matrices.arrays(), by_loops(parameters, h, gamma),
               by_torch(parameters, images, gamma), strict=True)
    print("derivative  shape     not 0  largest    loops  PyTorch's error / largest")
    for name, a, b, c in rows:
        largest = abs(a).max()
        error = abs(a.astype(float) - c).max() / float(largest)
        print(f"{name:12}{'x'.join(map(str, a.shape)):10}{np.count_nonzero(a):5}  "
              f"{float(largest):<9.4g}{'==' if (a == b).all() else '!=':>6}  {error:.1e}")
        if not (a == b).all() or not error <= 1e-12:
            raise SystemExit(f"the derivative by {name} is not what loops and PyTorch find")
    print(f"{sum(a.size for a in matrices.arrays())} derivatives: equal to the loops' exactly, "
          "to PyTorch's to 1e-12")


if __name__ == "__main__":
    main()
