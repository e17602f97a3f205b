"""Slides 65 to 67: the sigmoid and its vanishing derivative."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import activation, loops
from cnnmat.derivations.functions import exponential
from cnnmat.derivations.mendez.setting import POINTS, lecture
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides


@lecture.claim("s65a", "definition", "The sigmoid", r"s(x)=\frac1{1+e^{-x}}",
               covers="at each of them s(x)+s(-x) = 1 too")
def sigmoid(e):
    s = activation("sigmoid")
    truth = [(1 + math.tanh(x / 2)) / 2 for x in POINTS]
    return Sides(truth=(truth, [1.0] * len(POINTS)), printed=(s(POINTS), s(POINTS) + s(-POINTS)),
                 wrong={"e^x below": (s(-POINTS), s(POINTS) + s(-POINTS))})


@lecture.claim("s65b", "definition", "The network as a composition, the last layer applied last",
               r"y(A)=f_t\circ f_{t-1}\circ\cdots\circ f_2\circ f_1(A)",
               cases=[{"n": (4, 3, 2, 1)}])
def composition(e, n):
    F = [e.symbols(f"F{l + 1}", n[l + 1], n[l]) for l in range(3)]
    A = e.symbols("A", n[0])
    truth = A.tolist()
    for one in F:
        truth = loops.times(one.tolist(), truth)
    return Sides(truth=truth, printed=F[2] @ (F[1] @ (F[0] @ A)),
                 wrong={"first layer last": lambda: F[0] @ (F[1] @ (F[2] @ A)),
                        "units of the second layer reversed": F[2] @ (F[1][::-1] @ (F[0] @ A))})


def output(weights, x, f):
    """The first output of layers f(W x), by plain loops."""
    for W in weights:
        x = [f(z) for z in loops.times(listed(W), listed(x))]
    return x[0]


def listed(array):
    return array if isinstance(array, list) else array.tolist()


CHAIN = (r"\frac{\partial y(A)}{\partial w_{1i}}=\frac{\partial f_t(f_{t-1})}{\partial f_{t-1}}\cdot"
         r"\frac{\partial f_{t-1}(f_{t-2})}{\partial f_{t-2}}\cdot\dots\cdot")


@lecture.claim(
    "s65c", "gradient", "The chain of derivatives, last factor but one",
    CHAIN + r"\frac{\partial f_2(f_1)}{\partial f_2}\cdot\frac{\partial f_1(A)}{\partial w_{1i}}",
    expect="misprint",
    corrected_formula=CHAIN
    + r"\frac{\partial f_2(f_1)}{\partial f_1}\cdot\frac{\partial f_1(A)}{\partial w_{1i}}",
    reason="the other factors are derivatives by the layer before, this one is by the layer itself "
           "and so 1; both builds. Invisible where f_2 is the identity",
    cases=[{"n": (2, 2, 2, 1)}])
def chain(e, n):
    W = [e.symbols(f"w{l + 1}", n[l + 1], n[l]) for l in range(3)]
    A, f = e.symbols("A", n[0]), e.activation()

    z, x = [], A
    for one in W:
        z.append(one @ x)
        x = f(z[-1])
    own, s2, s3 = (f.derivative(one)[:, None] for one in z)

    def put_together(second):
        return (s3 * W[2] @ second).T * own @ A[None, :]

    return Sides(truth=e.gradient(lambda first: output([first, *W[1:]], A, f), W[0]),
                 printed=put_together(np.eye(2, dtype=int)), corrected=put_together(s2 * W[1]),
                 wrong={"factor transposed": put_together((s2 * W[1]).T)})


@lecture.claim(
    "s66a", "identity", "The derivatives of the sigmoids may be put together, products commuting",
    r"\prod_lw_ls'(z_l)=\prod_lw_l\,\prod_ls'(z_l)", expect="ambiguous",
    corrected_formula=r"\partial y/\partial x=D_2W_2D_1W_1", source_kind="words",
    reason="with one unit a layer the factors are numbers and commute; with several they are "
           "matrices and do not. What is left then: every path has one s' a layer",
    cites={"one unit a layer": "slide 65: a composition of functions f_i, a chain of quotients",
           "several units a layer": "slides 30 to 38: layers of many units, with matrices"},
    cases=[{"n": 1}, {"n": 2}])
def commuting(e, n):
    W, x, f = e.symbols("w", 2, n, n), e.symbols("x", n), e.activation()

    z1 = W[0] @ x
    D1, D2 = (np.diag(f.derivative(z)) for z in (z1, W[1] @ f(z1)))
    name = "one unit a layer" if n == 1 else "several units a layer"
    return Sides(truth=e.gradient(lambda x: output(W, x, f), x),
                 readings={name: (W[1] @ W[0] @ D2 @ D1)[0]},
                 corrected=(D2 @ W[1] @ D1 @ W[0])[0],
                 wrong={"one derivative only": (W[1] @ D1 @ W[0])[0]})


def slope_at(E):
    """s (1 - s), E being e^{-x}."""
    s = 1 / (1 + E)
    return s * (1 - s)


@table(lecture.claim, kind="gradient", rational=True)
def derivative(e, of, printed, wrong):
    """The derivative by x of a function of E = e^{-x}."""
    x, exp = e.symbols("x"), exponential(e)
    E = exp(-x)
    return Sides(truth=e.gradient(lambda z: of(exp(-z)), np.array(x, dtype=object))[()],
                 printed=printed(E), wrong={name: near(E) for name, near in wrong.items()})


derivative("s66b", "First derivative of the sigmoid",
           r"f(x)=\frac{ds(x)}{dx}=\frac{e^{-x}}{(1+e^{-x})^2}",
           of=lambda E: 1 / (1 + E), printed=lambda E: E / (1 + E) ** 2,
           wrong={"not squared": lambda E: E / (1 + E), "minus": lambda E: -E / (1 + E) ** 2})
derivative("s66c", "Second derivative of the sigmoid", r"\frac{df(x)}{dx}=-\frac{e^{-x}}{(1"
           r"+e^{-x})^2}+\frac{2(e^{-x})^2}{(1+e^{-x})^3}", of=slope_at,
           printed=lambda E: -E / (1 + E) ** 2 + 2 * E**2 / (1 + E) ** 3,
           wrong={"without the 2": lambda E: -E / (1 + E) ** 2 + E**2 / (1 + E) ** 3})

#: E = e^{-x} at some x, 1 being x = 0.
GRID = [Fraction(1, 9), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(7)]


@lecture.claim("s66d", "identity", "The derivative is largest at 0", r"\frac{df(x)}{dx}=0,\;x=0",
               rational=True, reason="¼ - f = (E-1)²/(4(E+1)²), E = e^{-x}: nowhere larger",
               rewritten=r"\frac{df(x)}{dx}=0\iff x=0")
def maximum(e):
    E = e.symbols("E")
    zero = [one for one in GRID if -one / (1 + one) ** 2 + 2 * one**2 / (1 + one) ** 3 == 0]
    return Sides(truth=([max(GRID, key=slope_at)], 1 - 4 * slope_at(E)),
                 printed=(zero, ((E - 1) / (E + 1)) ** 2),
                 wrong={"the maximum of s": ([min(GRID)], ((E - 1) / (E + 1)) ** 2)})


@lecture.claim("s67a", "example", "Value of the maximum", r"f(0)=0.25")
def value(e):
    return Sides(truth=slope_at(Fraction(1)), printed=Fraction("0.25"),
                 wrong={"s(0)": Fraction("0.5")})


@lecture.claim(
    "s67b", "identity", "Powers of the derivative go to zero like those of a quarter",
    r"\lim_{k\to\infty}\left(\frac{ds(x)}{dx}\right)^k=\lim_{k\to\infty}(0.25)^k\to0",
    reason="the largest power over x is 0.25^k, so both limits are 0; before the limit they are "
           "equal at x = 0 only")
def limit(e):
    powers = range(1, 11)
    return Sides(truth=[max(slope_at(E) ** k for E in GRID) for k in powers],
                 printed=[Fraction("0.25") ** k for k in powers],
                 wrong={"equal at every x": [slope_at(Fraction(2)) ** k for k in powers]})


@lecture.claim("s67c", "identity", "A vanishing derivative: with one unit a layer, one factor s' "
               "for each", r"\frac{\partial y}{\partial w_1}=x\,s'(z_1)\prod_{l=2}^kw_ls'(z_l)",
               cases=[{"depth": 2}, {"depth": 4}],
               reason="each factor s' is at most a quarter; weights of 4 and more make up for it",
               source_kind="consequence")
def vanishing(e, depth):
    w, x, f = e.symbols("w", depth), e.symbols("x"), e.activation("s")

    def net(first):
        y = x
        for one in (first, *w[1:].tolist()):
            y = f(one * y)
        return y

    product, y = x, x
    for l in range(depth):
        product = product * f.derivative(w[l] * y) * (w[l] if l else 1)
        last, y = f.derivative(w[l] * y), f(w[l] * y)
    return Sides(truth=e.gradient(net, np.array(w[0], dtype=object)),
                 printed=np.array(product, dtype=object),
                 wrong={"a factor squared": np.array(product * last, dtype=object)})
