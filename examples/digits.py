"""A network with two correlation layers learns to read handwritten digits.

    python examples/digits.py [digits.png] [--epochs 40] [--seed 0] [--checkpoint run.npz]

The stochastic-gradient listing (47.1276) on mini-batches of 16.  A fifth of scikit-learn's
1,797 digits is held out at random, each digit in proportion; the people who wrote them are
on both sides.
"""

import argparse
import time

import numpy as np

from cnnmat import Network, Partition, Regions, Stage, Windows, files, unvec, vec
from cnnmat.drawing import save_picture
from cnnmat.textbook.training import train

try:
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: pip install 'cnnmat[examples]'") from missing

ENOUGH = 0.97


def network():
    """12 maps of 8 x 8, halved; 32 maps of 4 x 4, halved; 10 outputs and softmax."""
    return Network(1, [
        Stage(Partition(Windows((8, 8), kernel=5, padding="same")), 12, "relu",
              Regions(Windows((8, 8), kernel=2, stride=2)), "max"),
        Stage(Partition(Windows((4, 4), kernel=3, padding="same")), 32, "relu",
              Regions(Windows((4, 4), kernel=2, stride=2)), "max"),
    ], widths=[10], activations="identity", risk="cross_entropy", rho1=1e-3, rho2=1e-3)


def accuracy(net, parameters, h, labels):
    """The share of samples whose largest output is the right one."""
    return float((net.forward(parameters, h).y.argmax(axis=1) == labels).mean())


def draw(losses, accuracies, masks, path):
    """The loss of each epoch with the test accuracy, and the masks of the first layer."""
    figure = plt.figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=[1.3, 1])
    above, below = left.subplots(2, 1, sharex=True)
    epochs = range(1, len(losses) + 1)
    above.semilogy(epochs, losses)
    above.set(ylabel="training loss")
    below.plot(epochs, accuracies, label="on held-out digits")
    below.axhline(ENOUGH, color="gray", linestyle=":", label=f"{ENOUGH}")
    below.set(xlabel="epoch", ylabel="accuracy", ylim=(0.9, 1))
    below.legend(loc="lower right")
    largest = abs(masks).max()
    for one, mask in zip(right.subplots(3, 4).flat, masks, strict=True):
        one.imshow(mask, cmap="RdBu", vmin=-largest, vmax=largest)
        one.axis("off")
    right.suptitle("the masks of the first layer\nblue positive, red negative")
    save_picture(figure, path)
    plt.close(figure)


def main(path, epochs, seed, checkpoint):
    files.check("picture", path)
    digits = load_digits()
    images, unseen_images, labels, unseen = train_test_split(
        digits.images / 16, digits.target, test_size=0.2, stratify=digits.target, random_state=seed)
    h, h_unseen = (vec(one, ndim=2)[:, None] for one in (images, unseen_images))
    net = network()
    start, began = net.initial(seed), time.perf_counter()
    print(f"{len(h)} digits to learn from, {len(h_unseen)} held out, "
          f"{sum(a.size for a in start.arrays())} parameters")

    accuracies, training = [], start  # long strides, then short ones:
    for mu, until in ((0.1, max(1, epochs * 3 // 4)), (0.02, epochs)):
        training = train(
            net, training, h, np.eye(10)[labels], mu=mu, epochs=until, batch=16, seed=seed,
            progress=True, checkpoint=checkpoint, on_epoch=lambda now: accuracies.append(
                accuracy(net, now.parameters, h_unseen, unseen)))
    print("epoch  loss    test accuracy")
    for epoch in range(4, epochs, 5):
        print(f"{epoch + 1:5}  {training.losses[epoch]:.4f}  {accuracies[epoch]:.4f}")
    print(f"{time.perf_counter() - began:.1f} s")

    draw(training.losses, accuracies, unvec(training.parameters.W_c[1].T, (5, 5)), path)
    print(f"picture: {path}")
    if accuracies[-1] < ENOUGH:
        raise SystemExit(f"test accuracy must be at least {ENOUGH}, got {accuracies[-1]:.4f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Learn to read handwritten digits.")
    parser.add_argument("picture", nargs="?", default="digits.png")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint", help="save the parameters here after each epoch")
    args = parser.parse_args()
    main(args.picture, args.epochs, args.seed, args.checkpoint)
