"""More plain loops: what the checks of pooling, activations, risks and updates hold as true.

The style of `cnnmat.loops`: plain Python on nested lists, exact on integers and fractions;
nothing but `cnnmat.loops` and the standard library's ``math`` and ``fractions``.
"""

import math
from fractions import Fraction

from cnnmat import loops
from cnnmat.loops import build, cells, entry, pool_images, shape_of, window_counts

__all__ = []


# --- pooling ---------------------------------------------------------------------


def pool_values(kind, values, places):
    """What pooling makes of the entries of one window."""
    if kind == "max":
        return max(values)
    if kind == "sum":
        return sum(values)
    if kind == "mean":
        total = sum(values)
        return Fraction(total, places) if isinstance(total, int) else total / places
    return math.sqrt(sum(v * v for v in values))


def pool_slopes(kind, values, places):
    """The derivative by each entry; of tied maxima the first has it, at ‖0‖ it is 0."""
    if kind == "max":
        chosen = values.index(max(values))
        return [1 if k == chosen else 0 for k in range(len(values))]
    if kind == "sum":
        return [1] * len(values)
    if kind == "mean":
        return [Fraction(1, places)] * len(values)
    norm = math.sqrt(sum(v * v for v in values))
    return [v / norm if norm else 0 for v in values]


def pool(kind, x, windows, count_padding):
    """t[n][c][window] of x, N x C x image."""
    return pool_images(x, windows, lambda values, places: pool_values(
        kind, values, places if count_padding else len(values)))


def pool_backward(kind, dt, x, windows, count_padding):
    """dx: each entry of dt goes to its window, times the slopes there."""
    dx = {}
    for n in range(len(x)):
        for c in range(len(x[0])):
            for window in cells(window_counts(windows)):
                inside, places = entry(windows, window)
                values = [entry(x[n][c], cell) for cell in inside]
                slopes = pool_slopes(kind, values, places if count_padding else len(inside))
                for cell, slope in zip(inside, slopes, strict=True):
                    at = (n, c, *cell)
                    dx[at] = dx.get(at, 0) + entry(dt[n][c], window) * slope
    return build(shape_of(x), lambda *cell: dx.get(cell, 0))


# --- activations: value, slopes (least and greatest: they differ at a kink) --------


def sigmoid(x):
    """1 / (1 + e^-x), without overflow on either side."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def softplus(x):
    """ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)."""
    return max(x, 0) + math.log1p(math.exp(-abs(x)))


def _cosh_squared_inverse(x):
    return 4 / (math.exp(x) + math.exp(-x)) ** 2 if abs(x) < 300 else 0.0


def _kinked(below, above):
    def slopes(x):
        if x == 0:
            return min(below, above), max(below, above)
        return (above, above) if x > 0 else (below, below)
    return slopes


def _smooth(slope):
    return lambda x: (slope(x), slope(x))


def _two_sided(f, slope, below):
    """f with its slope above and below 0; at 0 every slope from `below` to 1 is right."""
    def slopes(x):
        return (min(below, 1), max(below, 1)) if x == 0 else (slope(x),) * 2
    return f, slopes


def _cdf(x):
    """Φ(x), without the difference of near numbers far below 0."""
    return math.erfc(-x / math.sqrt(2)) / 2


def _density(x):
    return math.exp(-min(x * x / 2, 745.0)) / math.sqrt(2 * math.pi)


#: name: its parameter as it is taken for granted, parameter -> (f, slopes).
WITH_PARAMETER = {
    "leaky_relu": (0.01, lambda leak: _two_sided(
        lambda x: loops.leaky(x, leak), lambda x: loops.leaky_slope(x, leak), leak)),
    "elu": (1.0, lambda alpha: _two_sided(
        lambda x: loops.elu(x, alpha, math.exp),
        lambda x: loops.elu_slope(x, alpha, math.exp), alpha)),
}
#: √(2/π) and the coefficient of x³ in the GELU by tanh; LeCun's 1.7159 tanh(2x/3).
GELU, SCALED = (math.sqrt(2 / math.pi), 0.044715, math.tanh), (1.7159, 2 / 3, math.tanh)

#: name: (f, x -> the least and the greatest subgradient)
ACTIVATIONS = {
    "identity": (lambda x: x, _smooth(lambda x: 1)),
    "relu": (lambda x: max(x, 0), _kinked(0, 1)),
    **{name: make(usual) for name, (usual, make) in WITH_PARAMETER.items()},
    "abs": (abs, _kinked(-1, 1)),
    "tanh": (math.tanh, _smooth(_cosh_squared_inverse)),
    "scaled_tanh": (lambda x: loops.scaled_tanh(x, *SCALED),
                    _smooth(lambda x: loops.scaled_tanh_slope(x, *SCALED))),
    "sigmoid": (sigmoid, _smooth(lambda x: sigmoid(x) * sigmoid(-x))),
    "softplus": (softplus, _smooth(sigmoid)),
    "gelu": (lambda x: loops.gelu(x, _cdf), _smooth(lambda x: loops.gelu_slope(x, _cdf, _density))),
    "gelu_tanh": (lambda x: loops.gelu_by_tanh(x, *GELU),
                  _smooth(lambda x: loops.gelu_by_tanh_slope(x, *GELU))),
}


def activation(name, parameter=None):
    """(f, slopes) of `ACTIVATIONS`, with a parameter of its own if it has one."""
    if parameter is None:
        return ACTIVATIONS[name]
    return WITH_PARAMETER[name][1](parameter)


# --- risks, of N x K outputs and targets ---------------------------------------------


def log_sum_exp(z):
    """ln Σ e^(z_i), the largest taken off first."""
    top = max(z)
    return top + math.log(sum(math.exp(v - top) for v in z))


def _each(function):
    """The sum over the entries of a sample of function(target, value)."""
    return lambda z, target: sum(function(t, v) for t, v in zip(target, z, strict=True))


def _slope_of_each(slope):
    return lambda z, target: [slope(t, v) for t, v in zip(target, z, strict=True)]


def _of_label(function):
    """function(z, label), where the target is one-hot."""
    return lambda z, target: function(z, target.index(max(target)))


#: kind: (risk of one sample, its derivative by each entry of z)
LOSSES = {
    "binary_cross_entropy": (
        _each(lambda t, p: loops.surprise([t, 1 - t], [p, 1 - p], math.log)),
        _slope_of_each(loops.binary_cross_entropy_slope)),
    "sigmoid_cross_entropy": (
        # ln(1 + e^z) - z is ln(1 + e^-z), without the difference of large numbers
        _each(lambda t, z: t * softplus(-z) + (1 - t) * loops.logistic_loss(0, z, softplus)),
        _slope_of_each(lambda t, z: sigmoid(z) - t)),
    "hinge": (_of_label(loops.hinge), _of_label(loops.hinge_slopes)),
    "binary_hinge": (_each(loops.binary_hinge), _slope_of_each(loops.binary_hinge_slope)),
}


def sample_risk(kind, z, target):
    """The risk of one sample."""
    if kind in LOSSES:
        return LOSSES[kind][0](z, target)
    if kind == "softmax_cross_entropy":
        total = log_sum_exp(z)
        return sum(t * (total - v) for t, v in zip(target, z, strict=True) if t)
    return sum((v - t) * (v - t) for t, v in zip(target, z, strict=True))


def sample_risk_slopes(kind, z, target):
    """Its derivative by each entry of z."""
    if kind in LOSSES:
        return LOSSES[kind][1](z, target)
    if kind == "softmax_cross_entropy":
        total, weight = log_sum_exp(z), sum(target)
        return [weight * math.exp(v - total) - t for t, v in zip(target, z, strict=True)]
    return [2 * (v - t) for t, v in zip(target, z, strict=True)]


def stable(function):
    """A function of z and exp that sees the largest z taken off, which changes nothing else."""
    def of_rows(z, *upstream):
        shifted = [v - max(z) for v in z]
        return function(*upstream, shifted, math.exp)

    return of_rows


#: kind: (z -> y, (z, dy) -> dz) of one row.
SOFTMAXES = {
    "softmax": (stable(loops.softmax), stable(loops.softmax_backward)),
    "log_softmax": (stable(lambda z, exp: loops.log_softmax(z, exp, math.log)),
                    stable(loops.log_softmax_backward)),
}


# --- fully connected ------------------------------------------------------------------


def feedforward(x, w, b):
    """z[n][k] = Σ_i w[k][i] x[n][i] + b[k]."""
    return [[sum(w[k][i] * one[i] for i in range(len(one))) + b[k] for k in range(len(w))]
            for one in x]


def feedforward_backward(dz, x, w):
    """(dx, dw, db): each term of `feedforward` sends dz times its other factor back."""
    samples, outputs, inputs = range(len(x)), range(len(w)), range(len(w[0]))
    dx = [[sum(dz[n][k] * w[k][i] for k in outputs) for i in inputs] for n in samples]
    dw = [[sum(dz[n][k] * x[n][i] for n in samples) for i in inputs] for k in outputs]
    return dx, dw, [sum(dz[n][k] for n in samples) for k in outputs]


# --- an update --------------------------------------------------------------------------


def update(p, g, v, lr, weight_decay, momentum):
    """(p, v) after a step, entry by entry: v = μ v + g + λ p, p = p - η v."""
    if isinstance(p, list):
        pairs = [update(*one, lr, weight_decay, momentum) for one in zip(p, g, v, strict=True)]
        return [a for a, _ in pairs], [c for _, c in pairs]
    velocity = momentum * v + g + weight_decay * p
    return p - lr * velocity, velocity
