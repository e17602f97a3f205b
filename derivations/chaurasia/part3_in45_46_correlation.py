"""Introduction XLV and XLVI: correlation and convolution of an image with a kernel."""

import numpy as np

from cnnmat import correlate_image, flip, loops, vec
from cnnmat.derivations.chaurasia.setting import (
    FULL,
    LAYER,
    ZEROS,
    connections,
    convolve_loops,
    correlate_loops,
    inside,
    lecture,
    times,
    valid,
)
from cnnmat.textbook.images import convolve_full, convolve_image
from cnnmat.verify import Blocks, Sides


def literal(image, kernel_at, kernel, shape):
    """Σ_m Σ_n I(i+m, j+n) kernel_at(m, n), m and n from 0, with zeros outside the image."""
    I = image.tolist()
    return [[sum(loops.pixel(I, i + m, j + n) * kernel_at(m, n)
                 for m in range(kernel[0]) for n in range(kernel[1]))
             for j in range(shape[1])] for i in range(shape[0])]


@lecture.claim(
    "eq1", "definition", "Cross-correlation: the kernel laid on the image, products summed",
    r"(I\otimes K)_{ij}=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}I(i+m,j+n)K(m,n)", cases=LAYER,
    reason="i and j run over the places at which the kernel lies inside, 0 to H - k1 and 0 to W - k2, as the sums of (0.14) have it")
def correlation(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    truth = correlate_loops(I, K)
    V = connections(image, K)
    return Sides(truth=(truth, loops.vec(truth)), printed=(valid(I, K), times(V, vec(I))),
                 wrong={"a convolution": (inside(I, K), times(V, vec(I))),
                        "m counted backwards": (valid(I, K[::-1]), times(V, vec(I)))},
                 show={"V_w, 2 x 2 on 3 x 3": Blocks(
                     connections((3, 3), np.array([[1, 2], [3, 4]])), rows=2, columns=3)})


@lecture.claim(
    "eq0.4", "definition", "Convolution: one factor runs backwards",
    r"(I*K)_{ij}=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}I(i-m,j-n)K(m,n)", cases=FULL,
    reason="the discrete form of (0.1) on both axes", assumes=ZEROS)
def convolution(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    around = [(k - 1, k - 1) for k in kernel]
    full = convolve_full(I, K)
    return Sides(truth=(loops.convolve(I.tolist(), K.tolist()),) * 2,
                 printed=(full, convolve_image(I, K, padding=around)),
                 wrong={"the indices added": (correlate_image(I, K, padding=around), full)})


@lecture.claim(
    "eq0.5", "identity", "The same with the kernel reflected: the ranges of the sums",
    r"(I*K)_{ij}=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}I(i+m,j+n)K(-m,-n)", expect="misprint",
    corrected_formula=r"(I*K)_{ij}=\sum_{m=-(k_1-1)}^{0}\;\sum_{n=-(k_2-1)}^{0}I(i+m,j+n)K(-m,-n)",
    reason="with m put for -m the sums must run over -(k1-1), ..., 0 and -(k2-1), ..., 0; as printed the kernel is "
           "read at places where it does not exist, and only I(i,j) K(0,0) is left. Invisible for 1 x 1",
    cases=[{"image": (1, 2), "kernel": (1, 1)}, *LAYER], assumes=ZEROS)
def reflected(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    entries = {cell: K[cell] for cell in np.ndindex(*kernel)}
    shape = [n + k - 1 for n, k in zip(image, kernel, strict=True)]
    around = [(k - 1, k - 1) for k in kernel]
    turned = literal(I, lambda m, n: K[kernel[0] - 1 - m, kernel[1] - 1 - n], kernel, shape)
    near = {"m and n from 0, the kernel turned": turned} if kernel != (1, 1) else {
        "the kernel's sign": correlate_image(I, -K, padding=around)}
    return Sides(truth=loops.convolve(I.tolist(), K.tolist()),
                 printed=literal(I, lambda m, n: entries.get((-m, -n), 0), kernel, shape),
                 corrected=correlate_image(I, flip(K), padding=around), wrong=near)


@lecture.claim(
    "in46a", "identity", "A convolution is a correlation with the kernel turned by 180 degrees",
    r"I*K=I\otimes\mathrm{rot}_{180^\circ}K", source_kind="words", assumes=ZEROS, cases=FULL,
    reason="at the very place (i, j) if the turned kernel keeps its indices, K(-m, -n) as in (0.5); numbered from 0 it "
           "gives the value at another place, see (0.10)")
def flipped(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    around = [(k - 1, k - 1) for k in kernel]
    return Sides(truth=(loops.convolve(I.tolist(), K.tolist()), loops.flip(K.tolist())),
                 printed=(correlate_image(I, flip(K), padding=around), flip(K)),
                 wrong={"not turned": (correlate_image(I, K, padding=around), flip(K)),
                        "turned upside down only": (correlate_image(I, K[::-1], padding=around), flip(K))})


@lecture.claim(
    "in46b", "identity", "For which kernels convolution and correlation are the same", r"K(-m,-n)==K(m,n)",
    expect="ambiguous",
    corrected_formula=r"I*K=I\otimes K\iff K(k_1-1-m,k_2-1-n)=K(m,n)",
    reason="for those that look the same turned by 180 degrees, as the condition says if m and n count from the "
           "kernel's middle. Counted from 0, as in the sums above it, it speaks of no entry but K(0, 0), and every "
           "kernel meets it. Left-right symmetry is not enough",
    cites={"m, n from the kernel's middle": "the condition itself, in which -m and -n are places too",
           "m, n from 0": "the sums of (0.4) and (0.5)"},
    cases=[{"kernels": [[[1, 2, 3], [3, 2, 1]]]},
           {"kernels": [[[1, 2, 3], [3, 2, 1]], [[1, 2, 1], [3, 4, 3]], [[1, 2, 3], [4, 5, 6]]]}])
def symmetric_kernels(e, kernels):
    I = e.integers(3, 4).tolist()

    def from_zero(K):
        entries = dict(np.ndenumerate(K))
        return all(entries.get((-m, -n), value) == value for (m, n), value in entries.items())

    masks = [np.array(one) for one in kernels]
    return Sides(truth=[convolve_loops(I, K) == correlate_loops(I, K) for K in masks], readings={
        "m, n from the kernel's middle": [bool((flip(K) == K).all()) for K in masks],
        "m, n from 0": [from_zero(K) for K in masks]},
        wrong={"left-right symmetry": [bool((K[:, ::-1] == K).all()) for K in masks]})
