"""Slides 68 to 72: ReLU, softplus, non-linearities point by point and their gain."""

import math

import numpy as np

from cnnmat import activation, loops
from cnnmat.derivations.mendez.setting import POINTS, inner, lecture
from cnnmat.textbook.activations import softplus
from cnnmat.textbook.normalization import gain, gain_back
from cnnmat.verify import Sides


@lecture.claim("s68a", "definition", "ReLU", r"f(x)=x^+=\max(0,x)")
def relu(e):
    x = e.integers(9)
    f = activation("relu")
    return Sides(truth=([v if v > 0 else 0 for v in x.tolist()], x),
                 printed=(f(x), f(x) - f(-x)), wrong={"|x|": (activation("abs")(x), x)})


def smooth(x, k):
    """ln(1 + e^{kx})/k, written so that nothing overflows."""
    return max(0.0, x) + math.log1p(math.exp(-k * abs(x))) / k


SOFTPLUS = r"f(x)=\frac{\ln(1+e^{kx})}k"


@lecture.claim("s68b", "identity", "Softplus is a smooth form of ReLU", SOFTPLUS,
               cases=[{"k": 1}, {"k": 2}, {"k": 5}], reason="above x⁺ by at most (ln 2)/k, at 0")
def soft(e, k):
    have = softplus(k)(POINTS)
    gap = have - np.maximum(POINTS, 0)
    bounds = [int(0 < g <= math.log(2) / k * (1 + 1e-12)) for g in gap]
    return Sides(truth=([smooth(x, k) for x in POINTS], [1] * len(bounds)), printed=(have, bounds),
                 wrong={"not divided by k": (have * k, bounds),
                        "k + 1 in the exponent": (softplus(k + 1)(POINTS), bounds)})


@lecture.claim("s70a", "identity", "With larger k softplus comes closer to ReLU",
               r"\lim_{k\to\infty}\frac{\ln(1+e^{kx})}{k}=\max(0,x)",
               cases=[{"x": 0.0}, {"x": 1.0}, {"x": -2.0}], source_kind="words")
def increase(e, x):
    k = [1, 2, 4, 8]
    gap = [float(softplus(one)(np.array(x)) - max(0.0, x)) for one in k]
    return Sides(truth=sorted((smooth(x, one) - max(0.0, x) for one in k), reverse=True),
                 printed=gap, wrong={"grows with k": gap[::-1]})


MAPS = {"D": 3, "shape": (2, 4)}


def entries_of(e, D, shape):
    """Maps Y, the error δ of what leaves, and f."""
    return e.symbols("Y", D, *shape), e.symbols("delta", D, *shape), e.activation()


def along(delta, maps, gains, f):
    """Σ δ_i g_i f(Y_i), by plain loops."""
    return inner(loops.amplify(maps, gains, f), delta.tolist())


@lecture.claim("s71a/size", "dimension", "A non-linearity keeps the number of maps",
               r"m_1^{(l)}=m_1^{(l-1)}", cases=[MAPS],
               reason="the input's label (l) is harmless, as the two are equal")
def number(e, D, shape):
    Y, _, f = entries_of(e, D, shape)
    return Sides(truth=len(loops.amplify(Y.tolist(), [1] * D, f)), printed=len(f(Y)),
                 wrong={"one map": 1})


@lecture.claim("s71b/size", "dimension", "(11): and their size",
               r"m_2^{(l)}=m_2^{(l-1)},\;m_3^{(l)}=m_3^{(l-1)}", cases=[MAPS])
def size(e, D, shape):
    Y, _, f = entries_of(e, D, shape)
    looped = loops.amplify(Y.tolist(), [1] * D, f)
    return Sides(truth=[(len(one), len(one[0])) for one in looped],
                 printed=[one.shape for one in f(Y)], wrong={"transposed": [shape[::-1]] * D})


@lecture.claim("s72a", "definition", "(12): the non-linearity acts point by point",
               r"Y_i^{(l)}=f(Y_i^{(l-1)})", cases=[MAPS])
def pointwise(e, D, shape):
    Y, _, f = entries_of(e, D, shape)
    truth = [[[f(v) for v in row] for row in one] for one in Y.tolist()]
    return Sides(truth=truth, printed=f(Y), wrong={"maps in reverse": f(Y[::-1]),
                                                   "a matrix function": lambda: Y[0] @ Y[0]})


@lecture.claim("s72b", "gradient", "(12) backwards",
               r"\partial L/\partial Y^{(l-1)}=f'(Y^{(l-1)})\odot\delta", cases=[MAPS],
               source_kind="own")
def pointwise_back(e, D, shape):
    Y, delta, f = entries_of(e, D, shape)
    ones = np.ones(D, dtype=int)
    return Sides(truth=e.gradient(lambda maps: along(delta, maps, [1] * D, f), Y),
                 printed=gain_back(Y, delta, ones, f)[0],
                 wrong={"f' at the output": f.derivative(f(Y)) * delta, "f left": f(Y) * delta})


@lecture.claim("s72c", "definition", "(13): a gain for each map", r"Y_i^{(l)}=g_if(Y_i^{(l-1)})",
               cases=[MAPS])
def with_gain(e, D, shape):
    Y, _, f = entries_of(e, D, shape)
    g = e.symbols("g", D)
    return Sides(truth=loops.amplify(Y.tolist(), g.tolist(), f), printed=gain(Y, g, f),
                 wrong={"gain inside": f(Y * g[:, None, None])})


@lecture.claim("s72d", "gradient", "(13) backwards",
               r"dY_i=g_if'(Y_i)\odot\delta_i,\;dg_i=\langle f(Y_i),\delta_i\rangle", cases=[MAPS],
               source_kind="own")
def gain_backwards(e, D, shape):
    Y, delta, f = entries_of(e, D, shape)
    g = e.symbols("g", D)
    dY, dg = gain_back(Y, delta, g, f)
    return Sides(truth=(e.gradient(lambda maps: along(delta, maps, g.tolist(), f), Y),
                        e.gradient(lambda gains: along(delta, Y.tolist(), gains, f), g)),
                 printed=(dY, dg), wrong={"dg not summed": (dY, f(Y) * delta),
                                          "dg with f'": (dY, (f.derivative(Y) * delta).sum((1, 2))),
                                          "dY without g": (f.derivative(Y) * delta, dg)})
