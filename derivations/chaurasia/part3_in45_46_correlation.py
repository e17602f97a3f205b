"""Introduction XLV and XLVI: correlation and convolution of an image with a kernel."""

import numpy as np

from cnnmat import correlate_image, flip, loops, vec
from cnnmat.derivations.chaurasia.setting import (
    FULL,
    LAYER,
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
    reason="i and j run over the places at which the kernel lies inside, 0 to H - k1 and 0 to W - k2")
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
    reason="with zeros outside the image; it is then the discrete form of (0.1) on both axes")
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
    cases=[{"image": (1, 2), "kernel": (1, 1)}, *LAYER])
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
    r"I*K=I\otimes\mathrm{rot}_{180^\circ}K", cases=LAYER,
    reason="where the kernel lies inside the image; the places are numbered anew from 0")
def flipped(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    return Sides(truth=(convolve_loops(I, K), loops.flip(K.tolist())),
                 printed=(valid(I, flip(K)), flip(K)),
                 wrong={"not turned": (valid(I, K), flip(K)),
                        "turned upside down only": (valid(I, K[::-1]), flip(K))})


@lecture.claim(
    "in46b", "identity", "For which kernels the two are the same",
    r"I*K=I\otimes K\text{ for }K(-m,-n)=K(m,n)", expect="ambiguous",
    corrected_formula=r"I*K=I\otimes\mathrm{rot}_{180^\circ}K\text{ for all }K;\quad I*K=I\otimes K\text{ if }K(k_1-1-m,k_2-1-n)=K(m,n)",
    reason="two statements are joined by an i.e.: with the kernel flipped it is true of every kernel; "
           "with the kernel as it is, only of those that look the same turned by 180 degrees, which with indices from 0 "
           "is K(k1-1-m, k2-1-n) = K(m, n). Left-right symmetry is not enough",
    cases=[{"kind": "point"}, {"kind": "mirror"}])
def symmetric_kernels(e, kind):
    I, (a, b, c, d) = e.symbols("I", 3, 4), e.symbols("k", 4)
    K = np.array([[a, b, c], [c, b, a]] if kind == "point" else [[a, b, a], [c, d, c]])
    return Sides(truth=convolve_loops(I, K), readings={
        "with the kernel flipped, any kernel": valid(I, flip(K)),
        "with the kernel as it is, any kernel": valid(I, K)},
        wrong={"flipped and transposed": lambda: valid(I, flip(K).T), "the sign": valid(I, -flip(K))})
