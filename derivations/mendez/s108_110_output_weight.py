"""Slides 108 to 110: the example backwards, by an output weight.

The derivatives that the loops are asked for are those of the square (y - t)², twice those of
the cost H; so each form of ∂H stands here doubled, which keeps whole numbers whole.
"""

import numpy as np

from cnnmat.derivations.functions import exponential, logarithm
from cnnmat.derivations.mendez.s068_072_rectifiers import smooth
from cnnmat.derivations.mendez.setting import SEVEN, SYMBOLIC, example, lecture
from cnnmat.textbook.activations import softplus
from cnnmat.verify import Sides

#: Y6 has one entry.
TINY = {"Y0": (3, 4), "K1": (1, 3), "K4": (1, 1)}


def outer(s, z, y):
    """(y - t) f'(z)."""
    return (y - s.t) * s.f7.derivative(z)


@example("s108a", "gradient", "By an output weight, first step",
         r"\frac{\partial H(\boldsymbol{W})}{\partial w_{1,r,s}^{(7)}}=\frac12\times"
         r"\frac{\partial(y_1^{(7)}-t_1^{(7)})^2}{\partial w_{1,r,s}^{(7)}}", cases=[SYMBOLIC])
def first_step(s):
    H = s.e.gradient(lambda w: s.loops(w=w)["square"] / 2, s.w)
    have = s.backward()["w"]
    return Sides(truth=H, printed=have, wrong={"without ½": 2 * have})


SQUARE = r"\frac{\partial(t_1-y_1^{(7)})^2}{\partial w_{1,r,s}^{(7)}}"
BY_WEIGHT = r"\frac{\partial y_1^{(7)}}{\partial w_{1,r,s}^{(7)}}"


@example(
    "s109a", "gradient", "Derivative of the square: the factor 2",
    SQUARE + r"=(y_1^{(7)}-t_1^{(7)})" + BY_WEIGHT, expect="misprint",
    corrected_formula=SQUARE + r"=2(y_1^{(7)}-t_1^{(7)})" + BY_WEIGHT,
    reason="the 2 of the square is missing, or the ½ of the slide before on the left; put together "
           "as printed every gradient is half of the true one. Slide 112 silently has it right")
def factor_two(s):
    Y, z, y = s.forward()
    once = Y[6] * outer(s, z, y)
    return Sides(truth=s.slopes("w"), printed=once, corrected=2 * once,
                 wrong={"(t - y)": -2 * once})


@example("s109b", "definition", "The order of the difference under the square",
         r"(t_1-y_1^{(7)})^2=(y_1^{(7)}-t_1^{(7)})^2", cases=[SYMBOLIC],
         reason="there is one target, whichever way it is written", source_kind="consequence",
         assumes={"t_1 and t_1^{(7)} are": "one number"})
def order(s):
    y = s.forward()[2]
    return Sides(truth=s.loops()["square"], printed=(s.t - y) ** 2, wrong={"no square": s.t - y})


@lecture.claim(
    "s109c", "definition", "The index of z in the output's softplus",
    r"y_1^{(7)}=f\left(z_1^{(7)}\right)=\frac{\ln(1+e^{kz_k^{(7)}})}k", expect="misprint",
    corrected_formula=r"y_1^{(7)}=f\left(z_1^{(7)}\right)=\frac{\ln(1+e^{kz_1^{(7)}})}k",
    reason="k is the steepness here, the unit is 1; slides 105 and 110 have z_1. Both builds. "
           "Invisible for k = 1", cases=[{"k": 1}, {"k": 2}])
def index_of_z(e, k):
    z = e.floats(2)
    f = softplus(k)
    return Sides(truth=smooth(float(z[0]), k), printed=float(f(z[k - 1])), corrected=float(f(z[0])),
                 wrong={"the second unit": float(f(z[1]))})


@example("s110a", "gradient", "Chain rule through the output unit",
         r"\frac{\partial y_1^{(7)}}{\partial w_{1,r,s}^{(7)}}=\frac{\partial f(z_1^{(7)})}"
         r"{\partial z_1^{(7)}}\times\frac{\partial z_1^{(7)}}{\partial w_{1,r,s}^{(7)}}")
def through_the_unit(s):
    Y, z, y = s.forward()
    return Sides(truth=s.slopes("w", "y"), printed=Y[6] * s.f7.derivative(z),
                 wrong={"f for f'": Y[6] * y})


@lecture.claim("s110b", "gradient", "The derivative of softplus",
               r"\frac{\partial f(z_1^{(7)})}{\partial z_1^{(7)}}=\frac{e^{kz_1^{(7)}}}{\left(1+e^{kz_1^{(7)}}\right)}",
               rational=True)
def softplus_slope(e):
    z, k, exp, ln = e.symbols("z"), e.symbols("k"), exponential(e), logarithm(e)
    E = exp(k * z)
    truth = e.gradient(lambda one: ln(1 + exp(k * one)) / k, np.array(z, dtype=object))
    return Sides(truth=truth[()], printed=E / (1 + E),
                 wrong={"1/k forgotten": k * E / (1 + E), "E alone": E})


@example(
    "s110c", "gradient", "Derivative of z by one weight",
    r"\frac{\partial z_1^{(7)}}{\partial w_1^{(7)}}=(Y_1^{(6)})_{r,s}", expect="misprint",
    corrected_formula=r"\frac{\partial z_1^{(7)}}{\partial w_{1,r,s}^{(7)}}=(Y_1^{(6)})_{r,s}",
    reason="r and s are free on the right only: one left side would equal every entry of Y^{(6)}. "
           "All three builds. Invisible where Y^{(6)} has one entry", cases=[TINY, *SEVEN])
def by_one_weight(s):
    Y6 = s.forward()[0][6]
    return Sides(truth=s.slopes("w", "z"), printed=np.full(Y6.shape, Y6[-1, -1]), corrected=Y6,
                 wrong={"the weights": s.w})


@example("s110d", "gradient", "Put together: the gradient of the output weights",
         r"\frac{\partial H}{\partial w_{r,s}}=(y-t)f'(z)\,(Y^{(6)})_{r,s}",
         source_kind="consequence")
def output_weights(s):
    back = s.backward()
    return Sides(truth=s.slopes("w"), printed=2 * back["w"],
                 wrong={"pieces as printed": back["w"], "entries in reverse": 2 * back["w"][:, ::-1]})
