"""What normalisation sends back: the loops' backward passes are derivatives of the forward ones."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.layers.setting import inner, lecture
from cnnmat.verify import Sides

#: What a mean is taken over: name, shape of x, of a parameter, the set of a cell, its parameter.
OVER = {
    "batch": ((3, 2), (2,), lambda cell: cell[1], lambda cell: cell[1:]),
    "layer": ((2, 3), (3,), lambda cell: cell[0], lambda cell: cell[1:]),
    "group": ((1, 4, 1, 2), (4,), lambda cell: (cell[0], cell[1] // 2), lambda cell: cell[1:2]),
}
Y = r"y=\gamma\frac{x-\mu}{\sqrt{\sigma^2+\varepsilon}}+\beta"
MOMENTS = r"\mu=\tfrac1m\sum x,\quad\sigma^2=\tfrac1m\sum(x-\mu)^2"


class Layer:
    """x, its parameters and an upstream gradient as symbols."""

    def __init__(self, e, shape, own, name, parameter):
        self.e, self.parameter, self.root = e, parameter, e.root()
        self.sets = loops.sets_of(list(shape), name)
        self.x, self.dy = e.symbols("x", *shape), e.symbols("u", *shape)
        self.gamma, self.beta = e.symbols("g", *own), e.symbols("b", *own)
        self.eps = e.symbols("eps")

    def given(self, forward, *more, **changed):
        """<dy, y>, with some of the arrays put in."""
        a = {k: getattr(self, k).tolist() for k in ("x", "gamma", "beta")} | changed
        y = forward(a["x"], a["gamma"], a["beta"], *more, self.parameter, self.eps, self.root)
        return inner(y, self.dy.tolist())

    def slopes(self, forward, *more):
        """The derivatives by x, gamma and beta."""
        return tuple(self.e.gradient(lambda v, k=k: self.given(forward, *more, **{k: v}),
                                     getattr(self, k)) for k in ("x", "gamma", "beta"))

    def back(self, backward, *more, dy=None):
        """(dx, dgamma, dbeta) by the loops."""
        dy = self.dy if dy is None else dy
        return backward(dy.tolist(), self.x.tolist(), self.gamma.tolist(), *more, self.parameter,
                        self.eps, self.root)


for over, case in OVER.items():
    @lecture.claim(f"norm/{over}", "gradient", f"Normalisation over the {over}, taken back",
                   rf"{Y},\quad {MOMENTS}", rational=True)
    def taken_back(e, case=case):
        s = Layer(e, *case)
        dx, dgamma, dbeta = s.back(loops.normalize_backward, s.sets)
        return Sides(truth=s.slopes(loops.normalize, s.sets), printed=(dx, dgamma, dbeta),
                     wrong={"dgamma and dbeta exchanged": (dx, dbeta, dgamma),
                            "dy from the other end": s.back(
                                loops.normalize_backward, s.sets, dy=np.flip(s.dy))})


@lecture.claim("norm/given", "gradient", "Batch normalisation with given moments, taken back", Y,
               rational=True)
def given(e):
    shape, own, name, parameter = OVER["batch"]
    s = Layer(e, shape, own, name, parameter)
    moments = e.symbols("m", *own).tolist(), e.symbols("v", *own).tolist()
    back = s.back(loops.normalize_by_backward, *moments)
    return Sides(truth=s.slopes(loops.normalize_by, *moments), printed=back,
                 wrong={"as in training": s.back(loops.normalize_backward, s.sets)})


@lecture.claim("norm/standardized", "identity", "What is standardized has the mean 0 and the variance v / (v + ε)",
               rf"s=\frac{{x-\mu}}{{\sqrt{{\sigma^2+\varepsilon}}}},\quad {MOMENTS}",
               rational=True)
def standardized(e):
    x, eps, root = e.symbols("x", 4), e.symbols("eps"), e.root()
    s = loops.standardize(x.tolist(), eps, root)
    variance = loops.variance(x.tolist())
    divisor = root(variance + eps)
    return Sides(truth=(0, variance / (divisor * divisor)),
                 printed=(loops.mean(s), loops.variance(s)),
                 wrong={"divided by one less": (loops.mean(s), loops.variance(s) * 4 / 3)})


@lecture.claim("norm/neighbours", "gradient", "Local response normalisation, taken back",
               r"y_c=x_c\Bigl(k+\alpha\sum_{c'}x_{c'}^2\Bigr)^{-\beta}", rational=True,
               cases=[{"size": 3}, {"size": 2}])
def neighbours(e, size):
    x, dy = e.symbols("x", 1, 4, 1), e.symbols("u", 1, 4, 1)
    alpha, beta, k = (e.symbols(name) for name in ("alpha", "beta", "k"))
    table = e.function("power")
    # of t^β only its derivative β t^β / t is used
    table.slope = lambda t, value: beta * value / t

    def power(t, _):
        return table(t)

    def forward(x):
        return inner(loops.respond_locally(x, size, alpha, beta, k, power), dy.tolist())

    def back(beta):
        return loops.respond_locally_backward(dy.tolist(), x.tolist(), size, alpha, beta, k, power)

    return Sides(truth=e.gradient(forward, x), printed=back(beta),
                 wrong={"half of what goes through the sum": back(beta / 2)})
