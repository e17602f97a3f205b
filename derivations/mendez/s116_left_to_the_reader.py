"""Slide 116: the equations left to the reader, derived.

1. Δ⁽⁴⁾ = ∂H/∂Y⁽⁴⁾ = (y - t) f'(z) (Sᵀ w S) ⊙ f'(Y⁽⁴⁾), from slides 110 to 114.
2. Y⁽⁴⁾ = B⁽⁴⁾ + K⁽⁴⁾ ⋆ Y⁽³⁾, so ∂H/∂B⁽⁴⁾ = Δ⁽⁴⁾, and entry (a, b) of Y⁽³⁾ meets K_{k,t} on its way to
   place (a-k, b-t): ∂H/∂Y⁽³⁾ = Σ K_{k,t} Δ⁽⁴⁾_{a-k,b-t}, the full convolution.
3. Y⁽³⁾ = S f(Y⁽¹⁾) Sᵀ, so Δ⁽¹⁾ = (Sᵀ ∂H/∂Y⁽³⁾ S) ⊙ f'(Y⁽¹⁾).
4. As in 2: ∂H/∂B⁽¹⁾ = Δ⁽¹⁾, ∂H/∂K⁽¹⁾ = Y⁽⁰⁾ ⋆ Δ⁽¹⁾, ∂H/∂Y⁽⁰⁾ = the full convolution of Δ⁽¹⁾ with K⁽¹⁾.
"""

import numpy as np

from cnnmat.derivations.mendez.setting import (
    LARGE,
    convolve_inside,
    correlate_inside,
    example,
    total,
)
from cnnmat.textbook.images import convolve_full, correlate_image
from cnnmat.textbook.subsampling import subsample_back
from cnnmat.verify import Sides


@example("s116a", "gradient", "Left to the reader: the bias of layer 4",
         r"\partial H/\partial B^{(4)}=\Delta^{(4)}",
         reason="0 at the places skipped; one bias for the whole map takes its sum",
         source_kind="own")
def bias(s):
    D = s.backward()["B4"]
    shared = s.e.gradient(lambda theta: s.loops(
        B4=[[v + theta for v in row] for row in s.B4.tolist()])["square"], np.array(0, dtype=object))
    return Sides(truth=(s.slopes("B4"), shared[()]), printed=(2 * D, 2 * D.sum()),
                 wrong={"a sum for the matrix": (2 * D.sum(), 2 * D.sum()),
                        "the mean": (2 * D, 2 * D.sum() / D.size)})


@example("s116b", "gradient", "Left to the reader: back through the second correlation",
         r"\partial H/\partial Y^{(3)}=\Delta^{(4)}*_{\mathrm{full}}K^{(4)}", source_kind="own")
def back_through(s):
    Y, back = s.forward()[0], s.backward()

    def from_three(Y3):
        Y4 = total(s.B4.tolist(), correlate_inside(Y3, s.K4.tolist()))
        kept = [[s.f4(v) for v in row[::2]] for row in Y4[::2]]
        y = s.f7(sum(s.w[r, q] * v for r, row in enumerate(kept) for q, v in enumerate(row)))
        return (y - s.t) * (y - s.t)

    D = back["B4"]
    return Sides(truth=s.e.gradient(from_three, Y[3]), printed=2 * back["Y3"],
                 wrong={"kernel turned": 2 * convolve_full(D, s.K4[::-1, ::-1]),
                        "inside only": lambda: 2 * correlate_image(D, s.K4, padding="valid")})


@example("s116c", "gradient", "Left to the reader: the first kernel and its bias",
         r"\Delta^{(1)}=(S_H^{\mathsf T}\,\partial H/\partial Y^{(3)}\,S_W)\odot f'(Y^{(1)}),\;"
         r"\partial H/\partial K^{(1)}=Y^{(0)}\star\Delta^{(1)}", source_kind="own")
def first_kernel(s):
    Y, back = s.forward()[0], s.backward()
    plain = subsample_back(back["Y3"], Y[1].shape)
    D = s.f1.derivative(Y[1]) * plain
    return Sides(truth=(s.slopes("K1"), s.slopes("B1")),
                 printed=(2 * correlate_image(Y[0], D, padding="valid"), 2 * D),
                 wrong={"f' left out": (2 * correlate_image(Y[0], plain, padding="valid"), 2 * plain),
                        "Δ turned": (2 * correlate_image(Y[0], D[::-1, ::-1], padding="valid"),
                                     2 * D)})


@example("s116d", "gradient", "The image's own gradient closes the pass",
         r"\partial H/\partial Y^{(0)}=\Delta^{(1)}*_{\mathrm{full}}K^{(1)}", source_kind="own")
def image(s):
    back = s.backward()
    return Sides(truth=s.slopes("Y0"), printed=2 * back["Y0"],
                 wrong={"same size": 2 * correlate_image(back["B1"], s.K1[::-1, ::-1]),
                        "kernel turned": 2 * convolve_full(back["B1"], s.K1[::-1, ::-1])})


@example("s116e/size", "dimension", "Every array on the way back has its forward size",
         r"\partial H/\partial X\;\text{of the size of}\;X", source_kind="own")
def sizes_back(s):
    Y, back = s.loops()["Y"], s.backward()
    have = {"w": s.w, "B4": Y[4], "K4": s.K4, "Y3": Y[3], "B1": Y[1], "K1": s.K1, "Y0": Y[0]}
    D, Y3 = back["B4"], s.forward()[0][3]
    full = (Y3.shape[0] + D.shape[0] - 1, Y3.shape[1] + D.shape[1] - 1)
    back_sizes = [back[n].shape for n in have]
    return Sides(truth=[(len(one), len(one[0])) for one in have.values()], printed=back_sizes,
                 wrong={"kernels by the full product": [full if n == "K4" else m for n, m in
                                                        zip(have, back_sizes, strict=True)]})


@example("s116f", "gradient", "The same pass in the convolution reading of (8)",
         r"\partial H/\partial K^{(4)}=\mathrm{rot}_{180}(Y^{(3)}\star\Delta^{(4)})", cases=[LARGE],
         reason="kernels and their gradients turned by 180 degrees, rest equal", source_kind="own")
def convolution_reading(s):
    Y, back = s.forward()[0], s.backward()

    def square(K):
        Y4 = total(s.B4.tolist(), convolve_inside(Y[3].tolist(), K))
        kept = [[s.f4(v) for v in row[::2]] for row in Y4[::2]]
        y = s.f7(sum(s.w[r, q] * v for r, row in enumerate(kept) for q, v in enumerate(row)))
        return (y - s.t) * (y - s.t)

    turned = s.K4[::-1, ::-1]
    return Sides(truth=s.e.gradient(square, turned), printed=2 * back["K4"][::-1, ::-1],
                 wrong={"not turned": 2 * back["K4"]})
