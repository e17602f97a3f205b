"""The activations that go by a name, and their derivatives."""

import math

import numpy as np

from cnnmat import activation
from cnnmat.derivations.layers.setting import exp, lecture, log, sign
from cnnmat.textbook.activations import soft_abs, softplus
from cnnmat.verify import Sides

#: id: formula; the package's; the same of one number, or a dual one; its near miss.
ACTIVATIONS = {
    "identity": ("z", activation("identity"), lambda z: z, "abs"),
    # at the kinks 0 is taken, of the subgradients one that leaves the unit without influence
    "relu": (r"\max(z,0)", activation("relu"), lambda z: z * (z > 0), "softplus"),
    "abs": ("|z|", activation("abs"), lambda z: z * sign(z), "softabs"),
    "tanh": (r"\frac{e^z-e^{-z}}{e^z+e^{-z}}", activation("tanh"),
             lambda z: (exp(z) - exp(-z)) / (exp(z) + exp(-z)), "sigmoid"),
    "sigmoid": (r"\frac1{1+e^{-z}}", activation("sigmoid"), lambda z: 1 / (1 + exp(-z)), "tanh"),
    "softplus": (r"\ln(1+e^z)", activation("softplus"), lambda z: log(1 + exp(z)), "relu"),
    "softplus/3": (r"\tfrac1k\ln(1+e^{kz})", softplus(3), lambda z: log(1 + exp(3 * z)) / 3,
                   "softplus"),
    "softabs": (r"2\ln(1+e^z)-z-2\ln 2", activation("softabs"),
                lambda z: 2 * log(1 + exp(z)) - z - 2 * math.log(2), "abs"),
    "softabs/3": (r"\tfrac2k\ln(1+e^{kz})-z-\tfrac2k\ln 2", soft_abs(3),
                  lambda z: (log(1 + exp(3 * z)) - math.log(2)) * (2 / 3) - z, "softabs"),
}

for name, (formula, shipped, single, miss) in ACTIVATIONS.items():
    @lecture.claim(f"activation/{name}", "gradient", f"The activation {name} and its derivative",
                   f"f(z)={formula},\\quad f'(z)")
    def named(e, shipped=shipped, single=single, near=miss):
        miss = activation(near)
        z = np.append(e.floats(7), 0)
        values = z.tolist()
        truth = [single(v) for v in values], e.gradient(lambda z: sum(map(single, z)), z)
        return Sides(truth=truth, printed=(shipped(z), shipped.derivative(z)),
                     wrong={f"f of {miss.name}": (miss(z), shipped.derivative(z)),
                            f"f' of {miss.name}": (shipped(z), miss.derivative(z))})
