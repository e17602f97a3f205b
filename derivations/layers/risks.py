"""The risks that go by a name, and what they send back."""

import math

import numpy as np

from cnnmat import activation, loops
from cnnmat.derivations.layers.setting import exp, lecture, log, sign
from cnnmat.textbook.risks import (
    CrossEntropy,
    SquaredError,
    binary_cross_entropy,
    categorical_cross_entropy,
    entropy,
    risk,
)
from cnnmat.verify import Sides


@lecture.claim(
    "risk/cross_entropy", "gradient", "Cross-entropy of the softmax, for targets of any sum and z of any size",
    r"-\sum_i\gamma_i\ln\frac{e^{z_i}}{\sum_je^{z_j}},\quad\delta_L=y\sum_i\gamma_i-\gamma")
def cross_entropy(e):
    # quarters, to which a large number can be added without rounding
    z, gamma, f = e.integers(3, 4) / 4, e.floats(3, 4), activation("identity")
    samples = range(len(z))

    def loss(z, n):
        return loops.cross_entropy(gamma[n].tolist(), z, exp, log)

    truth = ([loss(z[n].tolist(), n) for n in samples],
             [e.gradient(lambda z, n=n: loss(z, n), z[n]) for n in samples],
             [loops.softmax(one, math.exp) for one in z.tolist()])
    shipped = risk(CrossEntropy())

    def printed(z):
        return shipped(gamma, z, f), shipped.delta(gamma, z, f), shipped.output(z, f)

    value, delta, y = printed(z)
    return Sides(truth=(truth, truth), printed=((value, delta, y), printed(z + 1024)),
                 wrong={"the targets taken to add up to one": ((value, y - gamma, y),) * 2})


@lecture.claim(
    "risk/squared_error", "gradient", "The squared error behind an activation",
    r"\|\gamma-f(z)\|^2,\quad\delta_L=2(y-\gamma)\odot f'(z)")
def squared_error(e):
    z, gamma, f = e.integers(3, 4), e.integers(3, 4), activation("abs")
    samples = range(len(z))

    def loss(z, n):
        y = [v * sign(v) for v in z]
        return loops.squared_error(gamma[n].tolist(), y)

    truth = ([loss(z[n].tolist(), n) for n in samples],
             [e.gradient(lambda z, n=n: loss(z, n), z[n]) for n in samples])
    shipped = risk(SquaredError())
    value, delta = shipped(gamma, z, f), shipped.delta(gamma, z, f)
    return Sides(truth=truth, printed=(value, delta),
                 wrong={"without f'": (value, 2 * (abs(z) - gamma))})


@lecture.claim(
    "risk/logarithms", "definition", "Entropies to any base, 0 log 0 being 0",
    r"-\sum_it_i\log_bp_i,\quad-\sum_ip_i\log_bp_i,"
    r"\quad-\tfrac1N\sum_j(t_j\log_bp_j+(1-t_j)\log_b(1-p_j))",
    cases=[{"base": 2}, {"base": 10}, {"base": math.e}, {"base": 3}])
def logarithms(e, base):
    p, t = (np.exp(e.floats(2, 3)) for _ in range(2))
    p, t = p / p.sum(axis=1)[:, None], t / t.sum(axis=1)[:, None]
    t[0, 1] = p[1, 2] = t[1, 2] = 0

    def log(v):
        return math.log(v) / math.log(base)

    both = list(zip(t.tolist(), p.tolist(), strict=True))
    truth = ([loops.surprise(a, b, log) for a, b in both],
             [loops.surprise(b, b, log) for _, b in both],
             [loops.binary_cross_entropy(a, b, log) for a, b in both])
    cross = categorical_cross_entropy(t, p, base=base)
    printed = cross, entropy(p, base=base), binary_cross_entropy(t, p, base=base)
    return Sides(truth=truth, printed=printed,
                 wrong={"t and p exchanged": (categorical_cross_entropy(p, t + 1e-3, base=base),
                                              *printed[1:])})
