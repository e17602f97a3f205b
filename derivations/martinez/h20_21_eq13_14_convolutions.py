"""Backpropagation by convolutions, (13) and (14)."""

import numpy as np

from cnnmat import correlate_image, loops
from cnnmat.derivations.martinez.setting import (
    STRIDED,
    TwoLayers,
    kernel_after_step,
    lecture,
    line,
    slope_of_kernel,
    starts,
)
from cnnmat.textbook.connections import connection_matrix, dilate, tied_sum
from cnnmat.textbook.images import convolve_full
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict


@lecture.claim("eq13", "algorithm", "One step of the kernel",
               r"\mathbf{W}_{j,k}^{(l-1)}\leftarrow\mathbf{W}_{j,k}^{(l-1)}-\mu\mathbf{H}^{(l-2)}\mathbf{\Delta}^{(l-1)^{\mathsf{T}}}-\mu\lambda\mathbf{W}_{j,k}^{(l-1)}", expect="misprint",
               corrected_formula=r"\mathbf W_{j,k}^{(l-1)}\leftarrow\mathbf W_{j,k}^{(l-1)}-\mu\left(\mathbf H_j^{(l-2)}*"
               r"\boldsymbol\Delta_k^{(l-1)}\right)-\mu\lambda\mathbf W_{j,k}^{(l-1)}",
               reason="the outer product was copied from (11) and has the size of the connection matrix, "
                      "not of the kernel; it must be the sum of (2), with the error dilated where there "
                      "is a stride", cases=STRIDED)
def kernel_step(e, n, k, s):
    h, w, delta, mu, lam, stepped = kernel_after_step(e, n, k, s)
    wide = dilate(delta, s)
    used = h[:len(wide) + k - 1]

    def step(gradient, w=w):
        return w - gradient * mu - w * (mu * lam)

    return Sides(truth=stepped, printed=lambda: step(strict(np.outer(h, delta)), strict(w)),
                 corrected=step(correlate_image(used, wide, padding=0)),
                 wrong={"the error flipped": step(correlate_image(used, wide[::-1], padding=0))})


@lecture.claim("eq14", "gradient", "The error of the layer before, by a convolution",
               r"\mathbf{\Delta}^{(l-1)}=\mathbf{W}_{j,k}^{(l)}*\mathbf{\Delta}^{(l)}\odot\varphi'\left(\mathbf{Z}^{(l-1)}\right)",
               expect="misprint", corrected_formula=
               r"\boldsymbol\Delta_j^{(l-1)}=\left(\sum_k\mathbf W_{j,k}^{(l)}*_{\mathrm{full},(1)}\boldsymbol\Delta_k^{(l)}"
               r"\right)\odot\varphi'(\mathbf Z_j^{(l-1)})",
               reason="with the star of (2), which the forward line (6) uses, the size is wrong: the way "
                      "back needs the full convolution of (1), zeros around the error and the kernel "
                      "flipped, and the sum over the channels. No single meaning of the star makes both "
                      "(6) and (14) right")
def error_by_convolution(e):
    net = TwoLayers(e)
    g, w, slopes = net.g, net.w, net.slopes

    def back(w):
        return [sum(convolve_full(g[k], w[j, k]) for k in range(3)) * slopes[j] for j in range(2)]

    return Sides(truth=net.error(), corrected=back(w),
                 printed=lambda: [strict(correlate_image(g[0], w[j, 0], padding=0))
                                  * strict(slopes[j]) for j in range(2)],
                 wrong={"zeros around, the kernel not flipped": back(w[..., ::-1])})


@lecture.claim("eq14/stride", "gradient", "The same with a stride: the error is dilated first",
               r"\boldsymbol\Delta^{(l-1)}=\mathbf W*_{\mathrm{full}}\mathrm{dilate}_s(\boldsymbol\Delta^{(l)})",
               cases=STRIDED, source_kind="own")
def error_with_stride(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    delta = e.symbols("delta", len(starts(n, k, s)))
    truth = e.gradient(lambda h: loops.dot(line(h, w.tolist(), s), delta.tolist()), h)

    def back(wide):
        whole = [*convolve_full(wide, w)]
        return (whole + [0] * n)[:n]

    return Sides(truth=truth, printed=back(dilate(delta, s)),
                 wrong={"not dilated": back(delta if s > 1 else delta[::-1])})


@lecture.claim("eq14p", "gradient", "The star binds before the elementwise product",
               r"(\mathbf W*\boldsymbol\Delta)\odot\varphi'", cases=[{"n": 5, "k": 2}], source_kind="consequence")
def grouping(e, n, k):
    w, delta, Z, f = (e.symbols("w", k), e.symbols("delta", n - k + 1), e.symbols("Z", n),
                      e.function("f"))
    truth = e.gradient(lambda Z: loops.dot(
        line([f(z) for z in Z], w.tolist()), delta.tolist()), Z)
    slopes = strict(f.derivative(Z))
    return Sides(truth=truth, printed=strict(convolve_full(delta, w)) * slopes,
                 wrong={"the product first": lambda: convolve_full(strict(delta) * slopes, w),
                        "f' reversed": strict(convolve_full(delta, w)) * slopes[::-1]})


@lecture.claim("h21a", "identity", "Matrices and convolutions say the same, once both are corrected",
               r"\mathcal W\boldsymbol\delta=\mathbf w*_{\mathrm{full}}\boldsymbol\delta,\quad\Pi(\mathbf h\boldsymbol"
               r"\delta^{\mathsf T})\leftrightarrow\mathbf h*\boldsymbol\delta", cases=[{"n": 6, "k": 3}],
               source_kind="own")
def same_thing(e, n, k):
    h, w, delta = e.symbols("h", n), e.symbols("w", k), e.symbols("delta", n - k + 1)
    back = e.gradient(lambda h: loops.dot(line(h, w.tolist()), delta.tolist()), h)
    slope = slope_of_kernel(e, h, w, delta)
    return Sides(truth=[(back, slope)] * 2,
                 printed=[(connection_matrix(w, n) @ delta, tied_sum(np.outer(h, delta), k)),
                          (convolve_full(delta, w), correlate_image(h, delta, padding=0))],
                 wrong={"the kernel not flipped": [
                     (connection_matrix(w, n) @ delta, tied_sum(np.outer(h, delta), k)),
                     (convolve_full(delta, w[::-1]), correlate_image(h, delta, padding=0))]})
