"""The Gaussian mask, (47.1135)."""

from math import exp, pi, sqrt

import numpy as np

from cnnmat import flip, gaussian, loops, sobel, unvec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import IMAGES, patch_vectors
from cnnmat.verify import Sides


def gaussian_samples(K, variance, factor, width=2):
    """factor exp(-(k² + l²) / (width variance)) on a mask."""
    return [[factor * exp(-(k * k + l * l) / (width * variance)) for l in range(-K, K + 1)]
            for k in range(-K, K + 1)]


@lecture.claim(
    "47.1135", "definition", "The Gaussian mask: a normal density in k times one in ℓ",
    r"\mathcal{W}(k,\ell)=\frac{1}{\sqrt{2\pi}\sigma^2}e^{-\frac{k^2+\ell^2}{2\sigma^2}},\quad "
    r"k,\ell=-K,\dots,0,\dots,K", expect="misprint",
    corrected_formula=r"\mathcal{W}(k,\ell)=\frac{1}{2\pi\sigma^2}e^{-\frac{k^2+\ell^2}{2\sigma^2}},\quad "
    r"k,\ell=-K,\dots,0,\dots,K",
    reason="the density of two independent normal variables has 1/(2πσ²) in front; as printed all "
           "weights are √(2π) times too large. Invisible wherever the mask is scaled to sum one, "
           "as cnnmat.gaussian does by default; a lost bracket (√(2π)σ)² would do, so that the "
           "scanner cannot be excluded", cases=[{"K": 0, "variance": 1}, {"K": 2, "variance": 4}])
def gaussian_mask(e, K, variance):
    density = [exp(-k * k / (2 * variance)) / sqrt(2 * pi * variance) for k in range(-K, K + 1)]
    return Sides(truth=[[a * b for b in density] for a in density],
                 printed=gaussian_samples(K, variance, 1 / (sqrt(2 * pi) * variance)),
                 corrected=gaussian(K, sqrt(variance), normalize=False),
                 wrong={"the factor of one dimension": gaussian_samples(
                     K, variance, 1 / sqrt(2 * pi * variance))})


@lecture.claim(
    "47.1135/sum", "identity", "What the printed factor does to the level of a flat region",
    r"\sum_{k,\ell}\frac{1}{\sqrt{2\pi}\sigma^2}e^{-\frac{k^2+\ell^2}{2\sigma^2}}\to\sqrt{2\pi},\quad"
    r"\sum_{k,\ell}\frac{1}{2\pi\sigma^2}e^{-\frac{k^2+\ell^2}{2\sigma^2}}\to 1",
    reason="not said in the text: with the printed factor the weights of a wide mask sum to about 2.5, with "
           "1/(2πσ²) to one", cases=[{"K": 12, "variance": 1}], covers="to seven digits",
    source_kind="own")
def gaussian_sum(e, K, variance):
    printed = sum(map(sum, gaussian_samples(K, variance, 1 / (sqrt(2 * pi) * variance))))
    shipped = float(gaussian(K, sqrt(variance), normalize=False).sum())
    return Sides(truth=(round(sqrt(2 * pi), 7), 1), printed=(round(printed, 7), round(shipped, 7)),
                 wrong={"the factors exchanged": (round(shipped, 7), round(printed, 7)),
                        "a narrow mask": (round(printed, 7), round(
                            float(gaussian(0, 1, normalize=False).sum()), 7))})


@lecture.claim(
    "47.1135/width", "identity", "The variance sets the width of the Gaussian mask",
    r"\sigma^2>0:\quad\sum_{k,\ell}(k^2+\ell^2)\mathcal{W}(k,\ell)\to 2\sigma^2",
    cases=[{"K": 24, "variance": 4}, {"K": 30, "variance": 9}], source_kind="words")
def gaussian_width(e, K, variance):
    k = np.arange(-K, K + 1)
    square = k[:, None] ** 2 + k**2

    def second_moment(mask):
        mask = np.array(mask)
        return round(float((square * mask).sum() / mask.sum()), 6)

    return Sides(truth=2 * variance, printed=second_moment(gaussian(K, sqrt(variance))),
                 wrong={"σ for σ²": second_moment(gaussian_samples(K, sqrt(variance), 1))})


@lecture.claim(
    "47.1135/symmetry", "identity", "A Gaussian mask is its own flip, a Sobel mask its negative",
    r"\mathcal{W}(k,\ell)=\mathcal{W}(-k,-\ell)", cases=[{"K": 1}, {"K": 2}],
    reason="a test with a Gaussian mask cannot tell correlation from convolution",
    source_kind="own")
def gaussian_symmetry(e, K):
    G, S = gaussian(K, 1.5), sobel()[0]
    return Sides(truth=[np.array(loops.flip(G.tolist())).tolist(), loops.flip(S.tolist())],
                 printed=[G, -S], wrong={"Sobel too": [G, S]})


@lecture.claim(
    "47.1135/learned", "gradient", "A mask can be trained: the slope by a weight is a pixel",
    r"\partial\mathcal{F}(r,c)/\partial\mathcal{W}(k,\ell)=\mathcal{I}(r+k,c+\ell)", cases=IMAGES,
    source_kind="consequence")
def slope_by_a_weight(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    r, c = 1, 2
    patch = unvec(patch_vectors(image, W)[:, c * image.shape[0] + r], mask)
    return Sides(truth=e.gradient(lambda w: loops.correlate_at(image.tolist(), w, r, c), W),
                 printed=patch, wrong={"the patch flipped": flip(patch)})
