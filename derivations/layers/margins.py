"""What softmaxes, cross-entropies and hinges send back, by the loops."""

import math

import numpy as np

from cnnmat import loops
from cnnmat.derivations.functions import exponential, logarithm
from cnnmat.derivations.layers.setting import chained, inner, lecture
from cnnmat.verify import Sides


@lecture.claim("softmax/back", "gradient", "The softmax and its logarithm, taken back",
               r"y_i=\frac{e^{z_i}}{\sum_je^{z_j}},\quad dz_i=y_i\Bigl(u_i-\sum_ju_jy_j\Bigr),"
               r"\quad dz_i=u_i-y_i\sum_ju_j", rational=True)
def softmaxes(e):
    z, u, exp, log = e.symbols("z", 3), e.symbols("u", 3), exponential(e), logarithm(e)
    truth = (e.gradient(lambda z: inner(loops.softmax(z, exp), u.tolist()), z),
             e.gradient(lambda z: inner(loops.log_softmax(z, exp, log), u.tolist()), z))
    one, two = (back(u.tolist(), z.tolist(), exp)
                for back in (loops.softmax_backward, loops.log_softmax_backward))
    y = loops.softmax(z.tolist(), exp)
    return Sides(truth=truth, printed=(one, two), wrong={
        "only the diagonal": ([p * (1 - p) * v for p, v in zip(y, u, strict=True)], two),
        "u - y": (one, [v - p for p, v in zip(y, u, strict=True)])})


@lecture.claim("binary_cross_entropy/back", "gradient", "The binary cross-entropy, by probabilities",
               r"-t\ln p-(1-t)\ln(1-p),\quad\frac{p-t}{p(1-p)}", rational=True)
def binary(e):
    p, t, log = e.symbols("p"), e.symbols("t"), logarithm(e)
    truth = e.gradient(lambda p: loops.surprise([t, 1 - t], [p, 1 - p], log), p)
    return Sides(truth=truth, printed=loops.binary_cross_entropy_slope(t, p),
                 wrong={"by the logit": p - t})


@lecture.claim("binary_cross_entropy/logits", "gradient", "The same by logits",
               r"\ln(1+e^z)-tz=-t\ln p-(1-t)\ln(1-p),\quad p-t,\quad p=\frac1{1+e^{-z}}")
def logits(e):
    z, t = e.floats(5), e.floats(5)
    p = [1 / (1 + math.exp(-v)) for v in z]
    softplus = chained(lambda v: math.log1p(math.exp(v)), lambda v: 1 / (1 + math.exp(-v)))

    def values(z, t):
        return [loops.logistic_loss(a, v, softplus) for a, v in zip(t, z, strict=True)]

    truth = ([loops.surprise([a, 1 - a], [q, 1 - q], math.log) for a, q in zip(t, p, strict=True)],
             e.gradient(lambda z: sum(values(z, t)), z))
    return Sides(truth=truth, printed=(values(z, t), np.array(p) - t),
                 wrong={"the other target": (values(z, 1 - t), np.array(p) - t)})


@lecture.claim("hinge/back", "gradient", "Hinges, taken back",
               r"\sum_{j\ne l}\max(0,y_j-y_l+1),\quad\max(0,1-ty)", cases=[
                   {"label": 0}, {"label": 2}])
def hinges(e, label):
    # even numbers, so that none lies on the margin
    y, t = 2 * e.integers(6, low=-2, high=2), 1 - 2 * e.integers(6, low=0, high=1)
    # one outside the margin for each kind
    y[1], y[4] = y[label] - 4, 4 * t[4]
    truth = (e.gradient(lambda y: loops.hinge(y, label), y),
             e.gradient(lambda y: sum(map(loops.binary_hinge, t.tolist(), y)), y))
    own = loops.hinge_slopes(y.tolist(), label)
    each = list(map(loops.binary_hinge_slope, t.tolist(), y.tolist()))
    return Sides(truth=truth, printed=(own, each),
                 wrong={"every class": ([1] * label + [-5] + [1] * (5 - label), each),
                        "everywhere": (own, (-t).tolist())})
