"""Backpropagation is one product of sparse matrices: here they are.

    python examples/backprop_as_matrices.py [backprop.png]

A real digit goes through two correlation layers and two fully connected ones.  The backward
listing (47.1275) sends δ_L back step by step; each step is a matrix, and the product of all
of them takes δ_L to the first layer in one go.
"""

import argparse
from functools import reduce
from operator import matmul

import numpy as np

from cnnmat import Blocks, Network, Partition, Regions, Stage, Windows, files, unvec, vec
from cnnmat.drawing import save_picture

try:
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from sklearn.datasets import load_digits
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: pip install 'cnnmat[examples]'") from missing

NETWORK = Network(1, [
    Stage(Partition(Windows((8, 8), kernel=3)), 2, "tanh",
          Regions(Windows((6, 6), kernel=2, stride=2)), "max"),
    Stage(Partition(Windows((3, 3), kernel=2)), 3, "tanh",
          Regions(Windows((2, 2), kernel=(1, 2))), "mean"),
], widths=[5, 10], activations=["tanh", "identity"])


def draw(factors, product, delta_1, path):
    """The factors, their product and δ_1; blue is positive, red negative, the larger the darker."""
    figure, axes = plt.subplots(3, 4, figsize=(11, 9), layout="constrained")
    panels = [*factors.view().parts,
              Blocks(product, rows=product.shape[0] // 2, title="their product")]
    for axis, panel in zip(axes.flat, panels, strict=False):
        panel.spy(axis).set_title(panel.heading)
    last = axes.flat[len(panels)]
    images = unvec(delta_1, (6, 6))
    gap = np.full((6, 1), np.nan)
    last.imshow(np.hstack([images[0], gap, images[1]]), cmap="RdBu",
                vmin=-abs(images).max(), vmax=abs(images).max())
    last.set_title("product times δ_L:\nδ of layer 1, its two maps")
    last.axis("off")
    save_picture(figure, path)
    plt.close(figure)
    print(f"picture: {path}")


def main(path):
    files.check("picture", path)
    digits = load_digits()
    h, gamma = vec(digits.images[:1] / 16, ndim=2)[:, None], np.eye(10)[digits.target[:1]]
    parameters = NETWORK.initial(seed=0)
    forward = NETWORK.forward(parameters, h)
    back = NETWORK.backward(parameters, forward, gamma)
    factors = NETWORK.jacobians(parameters, forward)

    deltas = {f"diag f'(z_{kind}[{k}])": delta[0].ravel()
              for kind, by_layer in (("l", back.delta_l), ("c", back.delta_c))
              for k, delta in by_layer.items()}

    print("factor           shape      not 0   all from here on, times δ_L")
    x = back.delta_l[NETWORK.L][0]
    for name, factor in reversed(factors):
        x, remark = factor @ x, ""
        if name in deltas:
            error = abs(x - deltas[name]).max() / abs(deltas[name]).max()
            remark = f"δ of this layer, error {error:.0e}"
            if not error <= 1e-12:
                raise SystemExit(f"from {name} on, the product is not δ: error {error:.0e}")
        print(f"{name:16} {factor.shape[0]:3} x {factor.shape[1]:<3} {factor.nnz:6}   {remark}")
    product = reduce(matmul, [factor for _, factor in factors])
    draw(factors, product, (product @ back.delta_l[NETWORK.L][0]).reshape(2, 36), path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Backpropagation as a product of matrices.")
    parser.add_argument("picture", nargs="?", default="backprop.png")
    main(parser.parse_args().picture)
