"""Derivatives of a sample's risk by the masks and biases of a layer, (47.1270) to (47.1274)."""

import numpy as np

from cnnmat import kron
from cnnmat.derivations.sayed.eq1263_1269_weights import (
    CASES,
    every_map,
    map_before,
    ones,
    own_map,
    through_z,
    without_last_unit,
)
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, line
from cnnmat.textbook import correlation
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict


@line("47.1270", "definition", "The sensitivities of a layer as a block diagonal matrix",
      r"\Delta_{n,c}\triangleq\begin{bmatrix}\delta_n^{(1,c)}&&&\\&\delta_n^{(2,c)}&&\\&&\ddots&"
      r"\\&&&\delta_n^{(D_c,c)}\end{bmatrix}", cases=(*CASES, ANY_2),
      rewritten=r"\Delta_{n,c}\triangleq\begin{bmatrix}\delta_n^{(1,c)}&&\\&\ddots&\\&&"
      r"\delta_n^{(D_c,c)}\end{bmatrix}")
def block_diagonal(s):
    delta = s.sensitivity(0, 1)
    P, D = s.P[1], s.D[1]
    truth = [[delta[d, r % P] if r // P == d else 0 for d in range(D)] for r in range(D * P)]
    flat = s.backward.delta_c[1][0].ravel()
    return Sides(truth=truth, printed=correlation.block_diagonal(s.backward.delta_c[1][0]),
                 wrong={"an ordinary diagonal": np.diag(flat),
                        "the columns in reverse": correlation.block_diagonal(
                            s.backward.delta_c[1][0])[:, ::-1]},
                 show={"Δ": correlation.block_diagonal(
                     10 * np.arange(1, 4)[:, None] + np.arange(1, 3))})


@line("47.1270/size", "dimension", "The size of Δ", r"\Delta_{n,c}:\;P_cD_c\times D_c",
      cases=(*BOTH, ANY_2),
      source_kind="consequence")
def size_of_Delta(s):
    z = s.signals()["z"]
    return Sides(truth=[(sum(map(len, maps)), len(maps)) for maps in z],
                 printed=[correlation.block_diagonal(s.backward.delta_c[c][0]).shape for c in s.P],
                 wrong={"D_c x D_c": [(s.D[c], s.D[c]) for c in s.P]})


@line("47.1271", "gradient", "By all masks of a layer",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_c}=(\mathbf{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})"
      r"\Delta_{n,c}", cases=(*CASES, ANY_2))
def by_W_c(s):
    c = s.C
    H, delta = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0]
    Delta = strict(correlation.block_diagonal(delta))
    truth = s.loss_slopes(0, "W_c", c)
    return Sides(truth=(truth, truth),
                 printed=(correlation.dW_literal(H, delta), correlation.dW(H, delta)),
                 wrong={"H ⊗ 1ᵀ": (kron(H, ones(1, s.D[c])) @ Delta, truth),
                        "1 of D_{c-1} entries": lambda: (
                            kron(ones(1, s.D[c - 1]), H) @ Delta, truth),
                        "1 not transposed": lambda: (kron(ones(s.D[c]), H) @ Delta, truth)},
                 show={"1ᵀ ⊗ H": kron(ones(1, 3), [[1, 2], [3, 4]])})


@line("47.1271/size", "dimension", "The factors of the masks' derivative conform",
      r"(S_cD_{c-1}\times D_cP_c)(D_cP_c\times D_c)", cases=(*BOTH, ANY_2),
      source_kind="consequence")
def sizes_by_W_c(s):
    def sizes(row):
        spread = kron(row, s.forward.H_c[0][0])
        Delta = correlation.block_diagonal(s.backward.delta_c[1][0])
        return spread.shape, Delta.shape, (spread @ Delta).shape

    entering, units = len(s.h[0]) * len(s.lists[0][0]), sum(map(len, s.signals()["z"][0]))
    maps = len(s.signals()["z"][0])
    return Sides(truth=((entering, units), (units, maps), (entering, maps)),
                 printed=sizes(ones(1, s.D[1])),
                 wrong={"1 not transposed": lambda: sizes(ones(s.D[1])),
                        "Δ transposed": ((entering, units), (maps, units), (entering, maps))})


through_z(
    "47.1272/line1", "A bias acts through all pre-activations of its layer",
    r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}(j)}=\sum_{d'=1}^{D_c}\sum_{p=1}^{P_c}"
    r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d',c)}(p)}"
    r"\frac{\partial z_n^{(d',c)}(p)}{\partial\theta^{(d,c)}(j)}", "Theta_c", every_map,
    wrong={"the last unit left out": without_last_unit})
through_z(
    "47.1272/line2", "Through the pre-activations of its own map",
    r"\sum_{p=1}^{P_c}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(p)}"
    r"\frac{\partial z_n^{(d,c)}(p)}{\partial\theta^{(d,c)}(j)}", "Theta_c", own_map,
    wrong={"the map before": map_before})


@line("47.1272/line3", "gradient", "Each of these derivatives is -1",
      r"-\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)", cases=(*CASES, ANY_2))
def bias_as_a_sum(s):
    c = s.C
    sums = s.backward.delta_c[c][0].sum(axis=1)
    return Sides(truth=s.loss_slopes(0, "Theta_c", c), printed=[-sums] * s.D[c - 1],
                 wrong={"plus": [sums] * s.D[c - 1],
                        "all biases at once": [-sums * (s.D[c - 1] + 1)] * s.D[c - 1]})


@line("47.1272/line4", "identity", "As a product with a row of ones",
      r"-\mathbf{1}_{P_c}^{\mathsf{T}}\delta_n^{(d,c)}", cases=(*CASES, ANY_2))
def bias_as_a_product(s):
    c = s.C
    delta = s.backward.delta_c[c][0]
    return Sides(truth=s.loss_slopes(0, "Theta_c", c)[0],
                 printed=[-(ones(1, s.P[c]) @ one)[0] for one in delta],
                 wrong={"1 of P'_c entries": lambda: [-(ones(1, s.Pp[c]) @ one)[0] for one in delta],
                        "plus": [(ones(1, s.P[c]) @ one)[0] for one in delta]})


@line("47.1273", "gradient", "By the bias vector of a map",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}}=-\mathbf{1}_{D_{c-1}}"
      r"\mathbf{1}_{P_c}^{\mathsf{T}}\delta_n^{(d,c)}", cases=(*CASES, ANY_2))
def by_bias_vector(s):
    d, c = 1, s.C
    delta = s.backward.delta_c[c][0]

    def printed(count):
        return -(ones(count) @ ones(1, s.P[c]) @ delta[d])

    return Sides(truth=s.loss_slopes(0, "Theta_c", c)[:, d], printed=printed(s.D[c - 1]),
                 wrong={"1 of D_c entries": printed(s.D[c]), "plus": -printed(s.D[c - 1])})


@line("47.1274", "gradient", "By the bias matrix of a layer",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\Theta_c}=-(\mathbf{1}_{D_c}^{\mathsf{T}}\otimes"
      r"\mathbf{1}_{D_{c-1}}\mathbf{1}_{P_c}^{\mathsf{T}})\Delta_{n,c}", cases=(*CASES, ANY_2))
def by_Theta_c(s):
    c = s.C
    delta = s.backward.delta_c[c][0]
    literal = correlation.dTheta_literal(delta, s.D[c - 1])
    truth = s.loss_slopes(0, "Theta_c", c)
    return Sides(truth=(truth, truth), printed=(literal, correlation.dTheta(delta, s.D[c - 1])),
                 wrong={"D_c rows": (correlation.dTheta_literal(delta, s.D[c]), truth),
                        "plus": (-literal, truth)},
                 show={"1ᵀ ⊗ 1 1ᵀ": kron(ones(1, 3), ones(2, 2))})


@line("47.1274/size", "dimension", "The factors of the biases' derivative conform",
      r"(D_{c-1}\times D_cP_c)(D_cP_c\times D_c)", cases=(*BOTH, ANY_2), source_kind="consequence")
def sizes_by_Theta_c(s):
    left = kron(ones(1, s.D[1]), ones(s.D[0]) @ ones(1, s.P[1])).shape
    units, maps = sum(map(len, s.signals()["z"][0])), len(s.signals()["z"][0])
    Delta = correlation.block_diagonal(s.backward.delta_c[1][0]).shape
    return Sides(truth=((len(s.h[0]), units), (units, maps)), printed=(left, Delta),
                 wrong={"D_c rows": ((s.D[1], s.D[1] * s.P[1]), Delta)})
