"""Layers across maps, with samples on any leading axes."""

from fractions import Fraction

import numpy as np

from cnnmat import activation, loops
from cnnmat.derivations.layers.setting import chained, inner, lecture
from cnnmat.textbook.normalization import (
    brightness,
    brightness_back,
    gain,
    gain_back,
    subtractive,
    subtractive_back,
)
from cnnmat.verify import Sides

#: Two leading axes, then maps, rows and columns.
SHAPE = (2, 3, 2, 3, 4)


def each(function, *arrays):
    """function(nested lists) for the maps of each sample, with the leading axes in front."""
    return [[function(*(a[i, j].tolist() for a in arrays)) for j in range(SHAPE[1])]
            for i in range(SHAPE[0])]


def there_and_back(e, forward, Y, delta):
    """The loop `forward` of the maps of each sample, and its gradient by them."""
    def back(maps, weights):
        return e.gradient(lambda Y: inner(forward(Y), weights), np.array(maps, dtype=object))

    return each(forward, Y), each(back, Y, delta)


@lecture.claim(
    "maps/gain", "gradient", "Gains of the maps, for each sample by itself", r"g_if(Y_i),\quad dY,\ dg")
def gains(e):
    Y, delta, g = e.integers(*SHAPE), e.integers(*SHAPE), e.integers(SHAPE[2])
    relu = activation("relu")

    def forward(g):
        return lambda Y: loops.amplify(Y, g, lambda v: v * (v > 0))

    there, back = there_and_back(e, forward(g.tolist()), Y, delta)
    by_g = each(lambda Y, weights: e.gradient(lambda g: inner(forward(g)(Y), weights), g), Y, delta)
    dY, dg = gain_back(Y, delta, g, relu)
    return Sides(truth=(there, back, by_g), printed=(gain(Y, g, relu), dY, dg),
                 wrong={"without f'": (gain(Y, g, relu), g[:, None, None] * delta, dg)})


@lecture.claim(
    "maps/subtractive", "gradient", "The surround of all maps taken away, for each sample by itself",
    r"Y_i-K*\sum_jY_j,\quad dY")
def surround(e):
    Y, delta, K = e.integers(*SHAPE), e.integers(*SHAPE), e.integers(3, 5)
    mask = K.tolist()
    truth = there_and_back(e, lambda Y: loops.subtract_surround(Y, mask), Y, delta)
    return Sides(truth=truth, printed=(subtractive(Y, K), subtractive_back(delta, K)),
                 wrong={"the mask flipped": (subtractive(Y, K),
                                             subtractive_back(delta, K[::-1, ::-1]))})


@lecture.claim(
    "maps/brightness", "gradient", "The brightness divided out, for each sample by itself",
    r"Y_i\Big/\Bigl(\kappa+\lambda\sum_jY_j\odot Y_j\Bigr)^\mu,\quad dY", cases=[{"mu": 1}, {"mu": 2}])
def light(e, mu):
    Y, delta = (np.vectorize(Fraction, otypes=[object])(e.integers(*SHAPE)) for _ in range(2))
    kappa, lam = Fraction(5, 3), Fraction(1, 2)

    def power(D):
        return D if mu == 1 else D * D

    truth = there_and_back(e, lambda Y: loops.divide_brightness(Y, kappa, lam, power), Y, delta)
    forward = brightness(Y, kappa, lam, mu)
    return Sides(truth=truth, printed=(forward, brightness_back(Y, delta, kappa, lam, mu)),
                 wrong={"kappa and lambda exchanged": (
                     forward, brightness_back(Y, delta, lam, kappa, mu))})


@lecture.claim(
    "maps/brightness/floats", "gradient", "The same in floats, however large the maps",
    r"b(2^kY,2^k\kappa,2^{-k}\lambda)=2^{k(1-\mu)}\,b(Y,\kappa,\lambda)",
    cases=[{"mu": 0.75, "k": 0}, {"mu": 0.5, "k": 600}, {"mu": 0.75, "k": -400}])
def light_in_floats(e, mu, k):
    Y, delta, kappa, lam = e.floats(*SHAPE), e.floats(*SHAPE), 1.25, 0.75
    power = chained(lambda D: D**mu, lambda D: mu * D ** (mu - 1))
    there, back = there_and_back(
        e, lambda Y: loops.divide_brightness(Y, kappa, lam, power), Y, delta)
    large, more = np.ldexp(Y, k), (np.ldexp(kappa, k), np.ldexp(lam, -k))
    forward = np.ldexp(brightness(large, *more, mu), round(k * mu) - k)
    backward = np.ldexp(brightness_back(large, delta, *more, mu), round(k * mu))
    return Sides(truth=(there, back), printed=(forward, backward),
                 wrong={"half of lambda": (
                     forward, np.ldexp(brightness_back(large, delta, more[0], more[1] / 2, mu),
                                       round(k * mu)))})
