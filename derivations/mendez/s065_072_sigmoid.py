"""Slides 65 to 72: the sigmoid and its vanishing derivative, ReLU, softplus, gain."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import activation, loops
from cnnmat.derivations.mendez.setting import lecture
from cnnmat.textbook.activations import softplus
from cnnmat.textbook.normalization import gain, gain_back
from cnnmat.verify import Sides, exact

POINTS = np.array([-3.0, -1.0, -0.25, 0.0, 0.5, 2.0])


def exponential(e):
    """exp as a function of which only exp' = exp is known."""
    return exact.Opaque(e.ring, "exp", lambda z, value: value)


def logarithm(e):
    """ln as a function of which only ln'(z) = 1/z is known."""
    return exact.Opaque(e.ring, "ln", lambda z, value: 1 / z)


@lecture.claim("s65a", "definition", "The sigmoid", r"s(x)=\frac1{1+e^{-x}}",
               covers="at each of them s(x)+s(-x) = 1 too")
def sigmoid(e):
    s = activation("sigmoid")
    truth = [(1 + math.tanh(x / 2)) / 2 for x in POINTS]
    return Sides(truth=(truth, [1.0] * len(POINTS)), printed=(s(POINTS), s(POINTS) + s(-POINTS)),
                 wrong={"e^x below": (s(-POINTS), s(POINTS) + s(-POINTS))})


@lecture.claim("s65b", "definition", "The network as a composition, the last layer applied last",
               r"y(A)=f_t\circ f_{t-1}\circ\cdots\circ f_1(A)", cases=[{"n": (4, 3, 2, 1)}])
def composition(e, n):
    F = [e.symbols(f"F{l + 1}", n[l + 1], n[l]) for l in range(3)]
    A = e.symbols("A", n[0])
    truth = A.tolist()
    for one in F:
        truth = loops.times(one.tolist(), truth)
    return Sides(truth=truth, printed=F[2] @ (F[1] @ (F[0] @ A)),
                 wrong={"first layer last": lambda: F[0] @ (F[1] @ (F[2] @ A)),
                        "units of the second layer reversed": F[2] @ (F[1][::-1] @ (F[0] @ A))})


CHAIN = r"\frac{\partial f_t(f_{t-1})}{\partial f_{t-1}}\cdots"


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

    def net(first):
        x = A.tolist()
        for one in (first, W[1].tolist(), W[2].tolist()):
            x = [f(z) for z in loops.times(one, x)]
        return x[0]

    z, x = [], A
    for one in W:
        z.append(one @ x)
        x = f(z[-1])
    J = [np.diag(f.derivative(zl)) @ one for zl, one in zip(z, W, strict=True)]
    own = f.derivative(z[0])[:, None]

    def put_together(second):
        return (J[2] @ second).T * own @ A[None, :]

    return Sides(truth=e.gradient(net, W[0]), printed=put_together(np.eye(2, dtype=int)),
                 corrected=put_together(J[1]),
                 wrong={"factor transposed": put_together(J[1].T)})


@lecture.claim(
    "s66a", "identity", "The derivatives of the sigmoids may be put together, products commuting",
    r"\prod_lw_ls'(z_l)=\prod_lw_l\,\prod_ls'(z_l)", expect="ambiguous",
    corrected_formula=r"\partial y/\partial x=D_2W_2D_1W_1",
    reason="with one unit a layer the factors are numbers and commute; with several they are "
           "matrices and do not. What is left then: every path has one s' a layer",
    cases=[{"n": 1}, {"n": 2}])
def commuting(e, n):
    W, x, f = e.symbols("w", 2, n, n), e.symbols("x", n), e.activation()

    def net(start):
        for one in W.tolist():
            start = [f(z) for z in loops.times(one, start)]
        return start[0]

    z1 = W[0] @ x
    z2 = W[1] @ f(z1)
    D1, D2 = (np.diag(f.derivative(z)) for z in (z1, z2))
    gathered = (W[1] @ W[0] @ D2 @ D1)[0]
    name = "one unit a layer" if n == 1 else "several units a layer"
    return Sides(truth=e.gradient(net, x), readings={
        name: gathered, "in their order": (D2 @ W[1] @ D1 @ W[0])[0]},
        wrong={"one derivative only": (W[1] @ D1 @ W[0])[0]})


@lecture.claim("s66b", "gradient", "First derivative of the sigmoid",
               r"f(x)=\frac{ds(x)}{dx}=\frac{e^{-x}}{(1+e^{-x})^2}", rational=True)
def first_derivative(e):
    x, exp = e.symbols("x"), exponential(e)
    E = exp(-x)
    return Sides(truth=e.gradient(lambda z: 1 / (1 + exp(-z)), np.array(x, dtype=object)),
                 printed=np.array(E / (1 + E) ** 2, dtype=object),
                 wrong={"not squared": np.array(E / (1 + E), dtype=object),
                        "minus": np.array(-E / (1 + E) ** 2, dtype=object)})


@lecture.claim(
    "s66c", "gradient", "Second derivative of the sigmoid",
    r"\frac{df}{dx}=-\frac{e^{-x}}{(1+e^{-x})^2}+\frac{2(e^{-x})^2}{(1+e^{-x})^3}", rational=True)
def second_derivative(e):
    x, exp = e.symbols("x"), exponential(e)
    E = exp(-x)

    def slope(z):
        s = 1 / (1 + exp(-z))
        return s * (1 - s)

    return Sides(truth=e.gradient(slope, np.array(x, dtype=object)),
                 printed=np.array(-E / (1 + E) ** 2 + 2 * E**2 / (1 + E) ** 3, dtype=object),
                 wrong={"without the 2": np.array(-E / (1 + E) ** 2 + E**2 / (1 + E) ** 3,
                                                  dtype=object)})


#: E = e^{-x} at some x, 1 being x = 0.
GRID = [Fraction(1, 9), Fraction(1, 2), Fraction(1), Fraction(2), Fraction(7)]


def slope_at(E):
    """s (1 - s)."""
    s = 1 / (1 + E)
    return s * (1 - s)


@lecture.claim("s66d", "identity", "The derivative is largest at 0",
               r"\frac{df(x)}{dx}=0\;\Rightarrow\;x=0", rational=True,
               reason="¼ - f = (E-1)²/(4(E+1)²), E = e^{-x}: nowhere larger")
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


@lecture.claim("s67c", "identity", "A vanishing derivative: one factor s' for every layer",
               r"\frac{\partial y}{\partial w_1}=x\,s'(z_1)\prod_{l=2}^kw_ls'(z_l)",
               cases=[{"depth": 2}, {"depth": 4}],
               reason="each factor s' is at most a quarter; weights of 4 and more make up for it")
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


@lecture.claim("s70a", "identity", "With larger k softplus comes closer to ReLU", r"k\;\text{increases}",
               cases=[{"x": 0.0}, {"x": 1.0}, {"x": -2.0}])
def increase(e, x):
    k = [1, 2, 4, 8]
    gap = [float(softplus(one)(np.array(x)) - max(0.0, x)) for one in k]
    return Sides(truth=sorted((smooth(x, one) - max(0.0, x) for one in k), reverse=True),
                 printed=gap, wrong={"grows with k": gap[::-1]})


MAPS = {"D": 3, "shape": (2, 4)}


def entries_of(e, D, shape):
    return e.symbols("Y", D, *shape), e.symbols("delta", D, *shape), e.activation()


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
               r"\partial L/\partial Y^{(l-1)}=f'(Y^{(l-1)})\odot\delta", cases=[MAPS])
def pointwise_back(e, D, shape):
    Y, delta, f = entries_of(e, D, shape)

    def loss(maps):
        out = loops.amplify(maps, [1] * D, f)
        return sum(loops.dot(a, b) for one, d in zip(out, delta.tolist(), strict=True)
                   for a, b in zip(one, d, strict=True))

    ones = np.ones(D, dtype=int)
    return Sides(truth=e.gradient(loss, Y), printed=gain_back(Y, delta, ones, f)[0],
                 wrong={"f' at the output": f.derivative(f(Y)) * delta, "f left": f(Y) * delta})


@lecture.claim("s72c", "definition", "(13): a gain for each map", r"Y_i^{(l)}=g_if(Y_i^{(l-1)})",
               cases=[MAPS])
def with_gain(e, D, shape):
    Y, _, f = entries_of(e, D, shape)
    g = e.symbols("g", D)
    return Sides(truth=loops.amplify(Y.tolist(), g.tolist(), f), printed=gain(Y, g, f),
                 wrong={"gain inside": f(Y * g[:, None, None])})


@lecture.claim("s72d", "gradient", "(13) backwards",
               r"dY_i=g_if'(Y_i)\odot\delta_i,\;dg_i=\langle f(Y_i),\delta_i\rangle", cases=[MAPS])
def gain_backwards(e, D, shape):
    Y, delta, f = entries_of(e, D, shape)
    g = e.symbols("g", D)

    def loss(maps, gains):
        out = loops.amplify(maps, gains, f)
        return sum(loops.dot(a, b) for one, d in zip(out, delta.tolist(), strict=True)
                   for a, b in zip(one, d, strict=True))

    dY, dg = gain_back(Y, delta, g, f)
    return Sides(truth=(e.gradient(lambda maps: loss(maps, g.tolist()), Y),
                        e.gradient(lambda gains: loss(Y.tolist(), gains), g)),
                 printed=(dY, dg), wrong={"dg not summed": (dY, f(Y) * delta),
                                          "dg with f'": (dY, (f.derivative(Y) * delta).sum((1, 2))),
                                          "dY without g": (f.derivative(Y) * delta, dg)})
