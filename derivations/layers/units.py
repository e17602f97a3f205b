"""Activations with parameters: the loops' slopes are the derivatives of their values."""

from cnnmat import loops
from cnnmat.derivations.layers.setting import exp, lecture
from cnnmat.verify import Sides, exact


@lecture.claim("unit/gelu", "gradient", "The GELU, of any distribution with a density",
               r"x\,\Phi(x),\quad\Phi(x)+x\,\varphi(x)", rational=True)
def gelu(e):
    x, density = e.symbols("x", 3), e.function("density")
    cdf = exact.Opaque(e.ring, "cdf", lambda z, value: density(z))
    printed = [loops.gelu_slope(v, cdf, density) for v in x.tolist()]
    return Sides(truth=e.gradient(lambda x: sum(loops.gelu(v, cdf) for v in x), x),
                 printed=printed, wrong={"without the density": [cdf(v) for v in x.tolist()]})


def hyperbolic(e):
    """tanh, of which only tanh' = 1 - tanh² is known."""
    return exact.Opaque(e.ring, "tanh", lambda z, value: 1 - value * value)


@lecture.claim("unit/gelu_by_tanh", "gradient", "The GELU by tanh",
               r"\tfrac12x\bigl(1+\tanh(a(x+cx^3))\bigr)", rational=True)
def gelu_by_tanh(e):
    x, rate, cube, tanh = e.symbols("x"), e.symbols("a"), e.symbols("c"), hyperbolic(e)
    return Sides(truth=e.gradient(lambda x: loops.gelu_by_tanh(x, rate, cube, tanh), x),
                 printed=loops.gelu_by_tanh_slope(x, rate, cube, tanh),
                 wrong={"without the cube": loops.gelu_by_tanh_slope(x, rate, 0, tanh)})


@lecture.claim("unit/scaled_tanh", "gradient", "The scaled tanh",
               r"A\tanh(Sx),\quad AS\,(1-\tanh^2Sx)", rational=True)
def scaled_tanh(e):
    x, amplitude, rate, tanh = e.symbols("x"), e.symbols("A"), e.symbols("S"), hyperbolic(e)
    printed = loops.scaled_tanh_slope(x, amplitude, rate, tanh)
    return Sides(truth=e.gradient(lambda x: loops.scaled_tanh(x, amplitude, rate, tanh), x),
                 printed=printed, wrong={"without the inner derivative": printed / rate})


@lecture.claim("unit/below_zero", "gradient", "The leaky ReLU and the ELU",
               r"\alpha x,\quad\alpha(e^x-1)\quad(x\le0)")
def below_zero(e):
    x, alpha = e.floats(6), 0.25
    x[0], x[1] = abs(x[0]), -abs(x[1])
    truth = (e.gradient(lambda x: sum(loops.leaky(v, alpha) for v in x), x),
             e.gradient(lambda x: sum(loops.elu(v, alpha, exp) for v in x), x))
    slopes = [loops.leaky_slope(v, alpha) for v in x.tolist()]
    units = [loops.elu_slope(v, alpha, exp) for v in x.tolist()]
    return Sides(truth=truth, printed=(slopes, units),
                 wrong={"alpha left out": (slopes, [loops.elu_slope(v, 1, exp) for v in x.tolist()])})
