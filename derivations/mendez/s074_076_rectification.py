"""Slides 74 to 76: rectification and its soft form."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import activation
from cnnmat.derivations.functions import exponential, logarithm
from cnnmat.derivations.mendez.s068_072_rectifiers import SOFTPLUS, smooth
from cnnmat.derivations.mendez.setting import POINTS, inner, lecture
from cnnmat.textbook.activations import soft_abs, softplus
from cnnmat.verify import Sides

lecture.remark("slides 75 and 81", "on slide 81 the softplus formula stands in the middle of a "
               "sentence, and on slide 75 above a remark on rectification: a side formula that the "
               "scanner put into the reading order there")

MAPS = {"D": 3, "shape": (4, 5)}


@lecture.claim("s74a/size", "dimension", "A rectification layer keeps number and size of maps",
               r"m_1^{(l)}=m_1^{(l-1)}", cases=[MAPS],
               reason="the input's label (l) is harmless, as the two are equal")
def sizes(e, D, shape):
    Y = e.integers(D, *shape)
    looped = [[[v if v > 0 else -v for v in row] for row in one] for one in Y.tolist()]
    return Sides(truth=(len(looped), len(looped[0]), len(looped[0][0])),
                 printed=activation("abs")(Y).shape, wrong={"x⁺ and (-x)⁺ apart": (2 * D, *shape)})


@lecture.claim(
    "s74b", "definition", "(14): rectification", r"Y_i^{(l)}=\left|Y_i^{(l)}\right|",
    expect="misprint", corrected_formula=r"Y_i^{(l)}=\left|Y_i^{(l-1)}\right|",
    reason="printed is a condition on the output alone, that it be nowhere negative; zero meets it "
           "whatever comes in. (12) and (13) have (l-1) on the right; all three builds slip here",
    cases=[{"D": 1, "shape": (1, 1)}, MAPS])
def rectification(e, D, shape):
    before, layer = e.integers(D, *shape, low=-9, high=-1), activation("abs")
    before[0, 0, 1:] *= -1
    truth = [[[max(v, 0) + max(-v, 0) for v in row] for row in one] for one in before.tolist()]
    nothing = np.zeros_like(before)                     # meets the printed line
    return Sides(truth=truth, printed=layer(nothing), corrected=layer(before),
                 wrong={"ReLU": activation("relu")(before), "not rectified": before})


@lecture.claim("s75a", "definition", "The softplus formula again, beside the rectification", SOFTPLUS,
               cases=[{"k": 2}], reason="slide 68's formula, for max(0,x); not a soft |x|")
def softplus_again(e, k):
    return Sides(truth=[smooth(x, k) for x in POINTS], printed=softplus(k)(POINTS),
                 wrong={"read as soft |x|": soft_abs(k)(POINTS)})


@lecture.claim("s75b", "identity",
               "Rectification inside the non-linearity, or as a layer of its own",
               r"|f(Y)|=(|\cdot|\circ f)(Y)", cases=[{"D": 2, "shape": (2, 3)}],
               source_kind="words")
def as_own_layer(e, D, shape):
    Y, delta = e.integers(D, *shape), e.integers(D, *shape)
    layer = activation("abs")

    def rectified(maps):
        f = [[[v * v - 8 for v in row] for row in one] for one in maps]
        return [[[u if u > 0 else -u for u in row] for row in one] for one in f]

    f, slope = Y * Y - 8, 2 * Y
    truth = (rectified(Y.tolist()), e.gradient(lambda maps: inner(rectified(maps), delta.tolist()), Y))
    return Sides(truth=truth, printed=(layer(f), layer.derivative(f) * slope * delta),
                 wrong={"f after the bars": (layer(Y) * layer(Y) - 8, truth[1]),
                        "sign left out": (layer(f), slope * delta)})


@lecture.claim("s76a", "gradient", "Derivative of |x| off 0",
               r"\frac{\partial f}{\partial x}=\operatorname{sgn}(x),\;x\neq0",
               reason="at 0 the difference quotients are -1 and 1: no derivative, which is the why")
def sign(e):
    h, points = Fraction(1, 4), [Fraction(-3), Fraction(-1), Fraction(1), Fraction(5, 2)]

    def size(x):
        return x if x > 0 else -x

    quotients = [[(size(x + s) - size(x)) / s for s in (-h, h)] for x in points]
    at_zero = [(size(s) - size(0)) / s for s in (-h, h)]
    slopes = [int(activation("abs").derivative(np.array(float(x)))) for x in points]
    return Sides(truth=(quotients, at_zero), printed=([[s, s] for s in slopes], [-1, 1]),
                 wrong={"ReLU's": ([[max(s, 0)] * 2 for s in slopes], [0, 1]),
                        "a derivative at 0": ([[s, s] for s in slopes], [0, 0])})


SOFT_SIGN = r"\operatorname{sgn}(x)=2\left(\frac{\exp\{kx\}}{1+\exp\{kx\}}\right)-1"


@lecture.claim("s76b", "identity", "A smooth sign", SOFT_SIGN, cases=[{"k": 1}, {"k": 3}],
               reason="an approximation, as the slide says: tanh(kx/2), ±1 far out, 0 at 0")
def soft_sign(e, k):
    have = soft_abs(k).derivative(POINTS)
    return Sides(truth=[math.tanh(k * x / 2) for x in POINTS], printed=have,
                 wrong={"without the 2": (have + 1) / 2 - 1, "sign itself": np.sign(POINTS)})


@lecture.claim(
    "s76c", "identity", "The smooth sign, first build",
    r"\operatorname{sgn}(x)=2\left(\frac{\exp\{kx\}}{1+\exp\{kx\}}\right)-", expect="scan",
    corrected_formula=SOFT_SIGN, reason="the line is cut off; the two later builds end in -1",
    cases=[{"k": 2}])
def cut_off(e, k):
    sigma = [1 / (1 + math.exp(-k * x)) for x in POINTS]
    return Sides(truth=[math.tanh(k * x / 2) for x in POINTS], printed=[2 * s for s in sigma],
                 corrected=soft_abs(k).derivative(POINTS), elsewhere=[2 * s - 1 for s in sigma],
                 wrong={"-½": [2 * s - 0.5 for s in sigma]})


SOFT_ABS = r"f(x)=\frac2k\ln(1+\exp\{kx\})-x-\frac2k\ln(2)"


@lecture.claim("s76d", "gradient", "Its integral, the soft absolute value", SOFT_ABS, rational=True)
def integral(e):
    x, k, exp, ln = e.symbols("x"), e.symbols("k"), exponential(e), logarithm(e)

    def f(z):
        return 2 / k * ln(1 + exp(k * z)) - z - 2 / k * ln(2)

    E = exp(k * x)

    def side(slope):
        return np.array(slope, dtype=object)

    return Sides(truth=e.gradient(f, np.array(x, dtype=object)), printed=side(2 * E / (1 + E) - 1),
                 wrong={"1/k for 2/k": side(E / (1 + E) - 1), "+x": side(2 * E / (1 + E) + 1)})


@lecture.claim("s76e", "example", "The constant of integration makes f(0) zero", r"f(0)=0",
               rational=True, source_kind="consequence")
def constant(e):
    k, ln = e.symbols("k"), logarithm(e)
    E = e.symbols("k") * 0 + 1                            # e^{k 0}
    return Sides(truth=0, printed=2 / k * ln(1 + E) - 0 - 2 / k * ln(k * 0 + 2),
                 wrong={"no constant": 2 / k * ln(1 + E), "1/k": 1 / k * ln(1 + E)})


@lecture.claim("s76f", "identity", "It is a soft |x|: even, and never above", r"f(x)\approx|x|",
               cases=[{"k": 1}, {"k": 4}],
               reason="(2/k) ln cosh(kx/2); below |x| by less than (2/k) ln 2",
               source_kind="words")
def soft_absolute(e, k):
    have = soft_abs(k)(POINTS)
    gap = np.abs(POINTS) - have
    closed = [2 / k * math.log(math.cosh(k * x / 2)) for x in POINTS]
    bound = [int(-1e-12 <= g < 2 / k * math.log(2)) for g in gap]
    return Sides(truth=(closed, [1] * len(bound)), printed=(have, bound),
                 wrong={"+x": (have + 2 * POINTS, bound), "|x| itself": (np.abs(POINTS), bound)})
