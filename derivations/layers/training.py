"""Training by the listing: the order of the samples, batches, a pause."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from cnnmat import Parameters
from cnnmat.derivations.layers.network import CONNECTED, listed
from cnnmat.derivations.layers.setting import lecture, sign
from cnnmat.derivations.sayed.setting import SMALL, network
from cnnmat.textbook.training import Training, load, order, step, train
from cnnmat.verify import Sides

MU, L1 = Fraction(1, 9), Fraction(1, 5)
SAMPLES = {**SMALL, "N": 3}


def descended(s, mu, l1):
    """old - μ ∂(J_emp + l1 Σ|w|), by the plain loops."""
    def one(name, k, old):
        steps = s.slopes(name, k)
        if name in ("W_c", "W_l"):
            steps = steps + l1 * np.vectorize(sign, otypes=[object])(old)
        return old - mu * steps

    return Parameters(*({k: one(name, k, old) for k, old in getattr(s.parameters, name).items()}
                        for name in ("W_c", "Theta_c", "W_l", "theta_l")))


def trained(s, batches, mu, l1):
    """The parameters after one epoch of `batches`, and its mean loss, by the plain loops."""
    total, old = 0, s
    for batch in batches:
        s = replace(s, h=old.h[batch], gamma=old.gamma[batch])
        total += sum(s.loss(n) for n in range(s.N))
        s = replace(s, parameters=descended(s, mu, l1))
    return replace(old, parameters=s.parameters), total / old.N


@lecture.claim(
    "training/epochs", "algorithm", "Epochs of mini-batches, the last one of what is left",
    r"W\leftarrow W-\mu\Bigl(2\rho W+\ell_1\operatorname{sign}W+\tfrac1B\sum_n\ldots\Bigr)",
    cases=[{"batch": 2, "seed": 5}, {"batch": 3, "seed": 0}])
def epochs(e, batch, seed):
    s = network(e, **SAMPLES, numbers=True)
    losses, now = [], s
    for epoch in range(2):
        visits = np.random.default_rng([seed, epoch]).permutation(s.N).tolist()
        batches = [visits[first:first + batch] for first in range(0, s.N, batch)]
        now, loss = trained(now, batches, MU, L1)
        losses.append(float(loss))
    settings = {"mu": MU, "l1": L1, "batch": batch, "seed": seed}
    seen = []
    training = train(s.net, s.parameters, s.h, s.gamma, epochs=2, **settings, on_epoch=seen.append)
    less = train(s.net, s.parameters, s.h, s.gamma, epochs=2, **{**settings, "l1": 0})
    return Sides(truth=(listed(now.parameters), losses, [1, 2]),
                 printed=(listed(training.parameters), training.losses,
                          [len(one.losses) for one in seen]),
                 wrong={"without sign(W)": (listed(less.parameters), training.losses, [1, 2])})


@lecture.claim(
    "training/pause", "algorithm", "Training that is stopped and continued is the same",
    r"\mathrm{train}_{0\to4}=\mathrm{train}_{2\to4}\circ\mathrm{load}\circ\mathrm{save}\circ"
    r"\mathrm{train}_{0\to2}")
def pause(e):
    s = network(e, **SAMPLES, numbers="floats")
    start, settings = s.net.initial(1), {"mu": 1 / 9, "batch": 2, "seed": 6}
    data = (s.h, s.gamma)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "run.npz"
        half = train(s.net, start, *data, epochs=2, **settings, checkpoint=path)
        whole = train(s.net, load(path, s.net), *data, epochs=4, **settings)
    now, losses = replace(s, parameters=start), []
    for epoch in range(4):
        visits = np.random.default_rng([6, epoch]).permutation(s.N)
        now, loss = trained(now, [visits[:2], visits[2:]], 1 / 9, 0)
        losses.append(loss)
    again = train(s.net, Training(half.parameters, np.zeros(0)), *data, epochs=2, **settings)
    return Sides(truth=(listed(now.parameters), losses),
                 printed=(listed(whole.parameters), whole.losses),
                 wrong={"the order begun anew": (listed(again.parameters), whole.losses)})


@lecture.claim(
    "training/order", "definition", "An epoch visits each sample once, each epoch in an order of its own",
    r"\pi_{\mathrm{epoch}}\in S_N", cases=[{"N": 7, "seed": 3}])
def orders(e, N, seed):
    visits = [order(N, seed, epoch).tolist() for epoch in range(3)]
    again = order(N, seed, 1).tolist()
    other = order(N, seed + 1, 1).tolist()
    return Sides(truth=([list(range(N))] * 3, 3, again, False),
                 printed=([sorted(one) for one in visits], len({tuple(one) for one in visits}),
                          visits[1], other == again),
                 wrong={"one order for all": ([sorted(one) for one in visits], 1, visits[1],
                                              False)})


@lecture.claim(
    "training/connections", "algorithm", "Weights between maps that are not connected stay out",
    r"j\notin\mathcal{D}^{(d)}\Rightarrow w_j^{(d)}=0", cases=[{"connections": (CONNECTED,)}])
def unconnected(e, connections):
    s = network(e, **SMALL, numbers=True, connections=connections)
    new = descended(s, MU, 0)
    for d in range(s.D[1]):
        for j in range(s.D[0]):
            if not CONNECTED[j][d]:
                new.W_c[1][j * s.S[1]:(j + 1) * s.S[1], d] = new.Theta_c[1][j, d] = 0
    shipped = step(s.net, s.parameters, s.h, s.gamma, MU)
    whole = network(e, **SMALL, numbers=True).net
    return Sides(truth=listed(new), printed=listed(shipped), wrong={
        "all maps connected": listed(step(whole, s.parameters, s.h, s.gamma, MU))})
