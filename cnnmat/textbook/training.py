r"""The stochastic-gradient algorithm, listing (47.1276), with mini-batches and `checkpoints`.

The listing as printed subtracts μδ from the θ of the feedforward layers, while the
derivative by them is -δ: the sign here is the derivative's, as it is in the text's own line
for Θ.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from numbers import Real

import numpy as np

from cnnmat import arguments, files
from cnnmat.textbook.checkpoints import Training, load, save
from cnnmat.textbook.network import Network
from cnnmat.textbook.signals import Parameters
from cnnmat.typing import ArrayLike, Int, Number

__all__ = ["Training", "load", "order", "save", "step", "train"]


def step(network: Network, parameters: Parameters, h: ArrayLike, gamma: ArrayLike,
         mu: Number | Parameters, l1: Number = 0) -> Parameters:
    r"""One iteration of (47.1276) on a mini-batch of B samples.

    Parameters
    ----------
    network : Network
        Its rho1 and rho2 are the ρ of the text.
    parameters : Parameters
    h : array_like, shape (B, D_0, M)
    gamma : array_like, shape (B, Q)
    mu : number or Parameters
        The step size, or one for every entry, μ_ab; 0 holds an entry fixed.
    l1 : number, optional
        Factor of Σ|w| over all weights, which joins the risk; sign(w) is its
        subgradient, 0 at 0.

    Returns
    -------
    Parameters
        The new ones; those handed in stay as they are.

    Examples
    --------
    One unit, y = 2w - θ, from w = 1 and θ = 0 towards y = 3: δ = 2(y - 3) = -2, so that
    w grows by μ·2·2 and θ shrinks by μ·2.

    >>> from cnnmat import Network, Partition, Stage
    >>> net = Network(1, [Stage(Partition([[0]], 1), 1, "identity")], [1],
    ...               activations="identity")
    >>> p = Parameters({1: np.array([[1.]])}, {1: np.array([[0.]])},
    ...                {1: np.array([[1.]])}, {1: np.array([0.])})
    >>> new = step(net, p, h=[[[2.]]], gamma=[[3.]], mu=0.25)
    >>> new.W_c[1], new.Theta_c[1]
    (array([[2.]]), array([[-0.5]]))
    """
    arguments.instance("network", network, Network)
    mu, l1 = step_sizes(network, mu), nonnegative("l1", l1)
    parameters = network.checked(parameters)
    return descend(network, parameters, network.forward(parameters, h), gamma, mu, l1)


def descend(network, p, forward, gamma, mu, l1):
    """The updates of (47.1276), with `mu` for each entry; the derivatives hold 2ρW and 1/B."""
    g = network.backward(p, forward, gamma).gradient

    def slope(W):
        return arguments.scalar("l1", l1, W.dtype) * np.sign(W) if l1 else 0

    def times(mu, slopes):
        return (mu if isinstance(mu, np.ndarray)
                else arguments.scalar("mu", mu, slopes.dtype)) * slopes

    return Parameters(
        # W_c,n = (1 - 2μρ1) W_c,n-1 - μ (1ᵀ ⊗ H_n,c-1) Δ_n,c
        {c: W - times(mu.W_c[c], g.W_c[c] + slope(W)) for c, W in p.W_c.items()},
        # Θ_c,n = Θ_c,n-1 + μ (1ᵀ ⊗ 1 1ᵀ) Δ_n,c
        {c: Theta - times(mu.Theta_c[c], g.Theta_c[c]) for c, Theta in p.Theta_c.items()},
        # W_l,n = (1 - 2μρ2) W_l,n-1 - μ δ_l+1,n (y_l,n)ᵀ
        {l: W - times(mu.W_l[l], g.W_l[l] + slope(W)) for l, W in p.W_l.items()},
        # θ_l,n = θ_l,n-1 + μ δ_l+1,n
        {l: theta - times(mu.theta_l[l], g.theta_l[l]) for l, theta in p.theta_l.items()},
    )


def nonnegative(name, value):
    """Return `value`, a number that is at least 0 (or a symbol, which has no sign)."""
    if isinstance(arguments.real(name, value), Real) and value < 0:
        raise ValueError(f"{name} must be at least 0, got {value}")
    return value


def step_sizes(network, mu):
    """`mu` as `Parameters`: a number stands for all entries."""
    if not isinstance(mu, Parameters):
        mu = nonnegative("mu", mu)
        return network.shapes().map(lambda shape: mu)
    try:
        mu = network.checked(mu)
    except (TypeError, ValueError) as error:
        raise type(error)(f"mu must hold a step size for every parameter: {error}") from error
    for entry in np.concatenate([array.ravel() for array in mu.arrays()]):
        nonnegative("mu in every entry", entry)
    return mu


def order(N, seed, epoch):
    """The order in which an epoch visits the N samples; it hangs on seed and epoch alone.

    Examples
    --------
    >>> order(5, seed=0, epoch=0), order(5, seed=0, epoch=1)
    (array([2, 4, 3, 0, 1]), array([1, 4, 3, 0, 2]))
    """
    N = arguments.integer("N", N, 1)
    seeds = [arguments.integer("seed", seed), arguments.integer("epoch", epoch)]
    with arguments.room("N", 8 * N):
        return np.random.default_rng(seeds).permutation(N)


def train(network: Network, start: Parameters | Training, h: ArrayLike, gamma: ArrayLike, *,
          mu: Number | Parameters, epochs: Int, batch: Int = 1, l1: Number = 0, seed: Int = 0,
          progress: bool = False, checkpoint: str | os.PathLike[str] | None = None,
          on_epoch: Callable[[Training], object] | None = None) -> Training:
    """Train by listing (47.1276), in epochs that visit each sample once.

    Parameters
    ----------
    network : Network
    start : Parameters or Training
        A `Training`, such as `load` returns, is continued: its epochs count, and the result
        is the same as without the pause.
    h : array_like, shape (N, D_0, M)
    gamma : array_like, shape (N, Q)
    mu, l1
        As for `step`.
    epochs : int
    batch : int, optional
        B, the samples of an iteration; the last of an epoch takes what is left.
    seed : int, optional
        Seeds the order of the samples.
    progress : bool, optional
        Show a progress bar on standard error, if that is a terminal.
    checkpoint : path, optional
        Where to `save` after each epoch; looked at before the first.
    on_epoch : callable, optional
        Called with the `Training` so far after each epoch.

    Returns
    -------
    Training

    Raises
    ------
    ValueError
        If `mu` is so large that the numbers overflow, or `checkpoint` cannot be written.

    Examples
    --------
    >>> from cnnmat import Network, Partition, Stage
    >>> net = Network(1, [Stage(Partition([[0, 1], [1, 2]], 3), 2)], [1], activations="identity")
    >>> h = np.random.default_rng(0).normal(size=(50, 1, 3))
    >>> training = train(net, net.initial(seed=0), h, h[:, :, 0], mu=0.05, epochs=20, batch=5)
    >>> training.losses[[0, 1, -1]].round(3)
    array([0.994, 0.317, 0.016])
    """
    arguments.instance("network", network, Network)
    training = start if isinstance(start, Training) else Training(start, np.zeros(0))
    with arguments.renamed(parameters="start"):
        network.checked(training.parameters)
    batch, seed = arguments.integer("batch", batch, 1), arguments.integer("seed", seed)
    epochs = arguments.integer("epochs", epochs, max(len(training.losses), 1))
    mu, l1 = step_sizes(network, mu), nonnegative("l1", l1)
    h = arguments.array("h", h, ("N", network.depths[0], network.stages[1].partition.M))
    gamma = arguments.array("gamma", gamma, (len(h), network.n[network.L]))
    if checkpoint is not None:
        files.check("checkpoint", checkpoint)
    with Bar(len(training.losses), epochs) if progress else nullcontext() as bar:
        for epoch in range(len(training.losses), epochs):
            visits = np.split(order(len(h), seed, epoch), range(batch, len(h), batch))
            training = one_epoch(network, training, h, gamma, visits, mu, l1)
            show(bar, training)
            if checkpoint is not None:
                save(checkpoint, training.parameters, training.losses)
            if on_epoch is not None:
                on_epoch(training)
    return training


def one_epoch(network, training, h, gamma, visits, mu, l1):
    """`training` after one iteration on each of the index lists `visits`."""
    p, total = network.checked(training.parameters), 0
    try:
        with np.errstate(over="raise", invalid="raise"):
            for n in visits:
                forward = network.forward(p, h[n])
                total += network.risk_of_sample(
                    gamma[n], forward.z_l[network.L], network.f_l[network.L - 1]).sum()
                p = descend(network, p, forward, gamma[n], mu, l1)
    except FloatingPointError as error:
        raise ValueError(f"mu must be smaller: in epoch {len(training.losses) + 1} the numbers "
                         f"went out of range ({error})") from error
    return Training(p, np.append(training.losses, float(total / len(h))))


def show(bar, training):
    """Tell the progress bar, if there is one, how far `training` is."""
    if bar is not None:
        bar.show(training)


class Bar:
    """The progress bar; nothing where standard error is no terminal."""

    def __init__(self, done, epochs):
        # here, for `import cnnmat` shall not load it, nor who asks for no bar: loading it draws
        # from Python's global random numbers
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True)
        self._progress = Progress(
            TextColumn("training"), BarColumn(), MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("", total=epochs, completed=done, loss="")

    def show(self, training):
        """Move on to the epochs that `training` has behind it."""
        loss = f"loss {training.losses[-1]:.4g}"
        self._progress.update(self._task, completed=len(training.losses), loss=loss)

    def __enter__(self):
        self._progress.start()
        return self

    def __exit__(self, *exception):
        self._progress.stop()
