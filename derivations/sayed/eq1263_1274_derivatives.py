"""Derivatives of a sample's risk by the parameters, (47.1263) to (47.1274)."""

import numpy as np

from cnnmat import kron, loops
from cnnmat.derivations.sayed.setting import BOTH, LAYERED, SMALL, WIDE, line
from cnnmat.textbook import correlation, feedforward
from cnnmat.verify import Sides
from cnnmat.verify.duals import jacobian
from cnnmat.verify.exact import strict

CASES = (SMALL, *LAYERED)


def ones(rows, columns=1):
    return np.ones((rows, columns), dtype=int)


def z_by(s, name, c):
    """∂z^(d',c)(p)/∂(W_c or Θ_c), indices [d', p, row, d], by the loops."""
    def z(part):
        stages = s.stages(**{name: {c: part}})
        return loops.network(s.h[0].tolist(), stages, s.layers())["z"][c - 1]

    return jacobian(z, getattr(s.parameters, name)[c])


def masks_of(s, array, c):
    """The rows of W_c's shape as [j, s, d]."""
    return np.asarray(array).reshape(s.D[c - 1], s.S[c], s.D[c])


@line("47.1263", "gradient", "By the feedforward weights",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_\ell}=\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf T}",
      cases=CASES)
def by_W_l(s):
    y, delta = s.forward.y_l, s.backward.delta_l
    printed = [feedforward.dW(y[l][0], delta[l + 1][0]) for l in range(1, s.L)]
    return Sides(truth=[s.loss_slopes(0, "W_l", l) for l in range(1, s.L)], printed=printed,
                 wrong={"transposed": [one.T for one in printed],
                        "y of the layer behind": lambda: [
                            feedforward.dW(y[l + 1][0], delta[l + 1][0]) for l in range(1, s.L)],
                        "the sign": [-one for one in printed]})


@line("47.1264", "gradient", "By the feedforward biases",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta_\ell}=-\delta_{\ell+1,n}", cases=CASES)
def by_theta_l(s):
    delta = s.backward.delta_l
    return Sides(truth=[s.loss_slopes(0, "theta_l", l) for l in range(1, s.L)],
                 printed=[feedforward.dtheta(delta[l + 1][0]) for l in range(1, s.L)],
                 wrong={"plus": [delta[l + 1][0] for l in range(1, s.L)]})


@line("47.1265/line1", "identity", "A mask coefficient acts through all pre-activations of its layer",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial w_j^{(d,c)}(s)}=\sum_{d'=1}^{D_c}\sum_{p=1}^{P_c}"
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d',c)}(p)}"
      r"\frac{\partial z_n^{(d',c)}(p)}{\partial w_j^{(d,c)}(s)}", cases=CASES)
def through_all_z(s):
    by_z, slopes = s.sensitivity(0, 1), z_by(s, "W_c", 1)
    return Sides(truth=s.loss_slopes(0, "W_c", 1), printed=np.tensordot(by_z, slopes, 2),
                 wrong={"the last unit left out": np.tensordot(by_z[:, :-1], slopes[:, :-1], 2),
                        "the last map left out": np.tensordot(by_z[:-1], slopes[:-1], 2)})


def own_map(slopes, delta):
    """Σ_p δ^(d)(p) ∂z^(d)(p)/∂(row, d)."""
    return np.array([np.tensordot(delta[d], slopes[d, :, :, d], 1)
                     for d in range(len(delta))]).T


@line("47.1265/a", "identity", "Only map d depends on its own masks",
      r"\sum_{p=1}^{P_c}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(p)}"
      r"\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}", cases=CASES)
def through_own_z(s):
    by_z, slopes = s.sensitivity(0, 1), z_by(s, "W_c", 1)
    return Sides(truth=s.loss_slopes(0, "W_c", 1), printed=own_map(slopes, by_z),
                 wrong={"the map before": own_map(slopes, np.roll(by_z, 1, axis=0))})


@line("47.1265/line3", "identity", "With the sensitivity put in",
      r"\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}",
      cases=CASES)
def with_sensitivity(s):
    delta, slopes = s.backward.delta_c[1][0], z_by(s, "W_c", 1)
    return Sides(truth=s.loss_slopes(0, "W_c", 1), printed=own_map(slopes, delta),
                 wrong={"the first map for all": own_map(slopes, delta[:1].repeat(s.D[1], 0)),
                        "the units in reverse": own_map(slopes, delta[:, ::-1])})


@line("47.1266", "identity", "The pre-activation again",
      r"z_n^{(d,c)}=\sum_{j=1}^{D_{c-1}}\left([H_n^{(j,c-1)}]^{\mathsf T}w_j^{(d,c)}"
      r"-\theta^{(d,c)}(j)\mathbf{1}\right)", cases=CASES)
def preactivation(s):
    c = s.C
    W, Theta, S = s.parameters.W_c[c], s.parameters.Theta_c[c], s.S[c]
    H = s.forward.H_c[c - 1][0]

    def z(bias):
        return [sum(H[j * S:(j + 1) * S].T @ W[j * S:(j + 1) * S, d] - bias(j, d)
                    for j in range(s.D[c - 1])) for d in range(s.D[c])]

    return Sides(truth=s.signals()["z"][c - 1], printed=z(lambda j, d: Theta[j, d]),
                 wrong={"one bias, outside the sum": z(lambda j, d: Theta[0, d] if j == 0 else 0),
                        "biases of the map before": z(lambda j, d: Theta[j, d - 1])})


@line("47.1267", "gradient", "An entry of z by a mask coefficient",
      r"\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}="
      r"\left[(H_n^{(j,c-1)})^{\mathsf T}\right]_{p,s}=\left[H_n^{(j,c-1)}\right]_{s,p}", cases=CASES)
def z_by_coefficient(s):
    d, slopes = 1, z_by(s, "W_c", 1)
    H, S = s.forward.H_c[0][0], s.S[1]
    blocks = [H[j * S:(j + 1) * S] for j in range(s.D[0])]
    truth = [slopes[d, :, j * S:(j + 1) * S, d] for j in range(s.D[0])]
    return Sides(truth=(truth, [one.T for one in truth]),
                 printed=([one.T for one in blocks], blocks),
                 wrong={"[H]_{p,s}": (blocks, blocks),
                        "the columns in reverse": ([one[:, ::-1].T for one in blocks], blocks)})


@line("47.1268/line1", "gradient", "By one mask coefficient, as a sum",
      r"\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)\left[H_n^{(j,c-1)}\right]_{s,p}", cases=CASES)
def by_coefficient(s):
    c = s.C
    H, delta, S = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0], s.S[c]

    def printed(delta):
        return [[[sum(delta[d][p] * H[j * S + k, p] for p in range(s.P[c]))
                  for d in range(s.D[c])] for k in range(S)] for j in range(s.D[c - 1])]

    return Sides(truth=masks_of(s, s.loss_slopes(0, "W_c", c), c), printed=printed(delta),
                 wrong={"the maps in reverse": printed(delta[::-1]),
                        "the units in reverse": printed(delta[:, ::-1])})


@line("47.1268/line2", "identity", "By one mask coefficient, as a row times a column",
      r"\left[H_n^{(j,c-1)}\right]_{s,:}\,\delta_n^{(d,c)}", cases=CASES)
def by_coefficient_as_product(s):
    c = s.C
    H, delta, S = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0], s.S[c]

    def printed(row):
        return [[[row(j, k) @ delta[d] for d in range(s.D[c])] for k in range(S)]
                for j in range(s.D[c - 1])]

    return Sides(truth=masks_of(s, s.loss_slopes(0, "W_c", c), c),
                 printed=printed(lambda j, k: H[j * S + k]),
                 wrong={"a column of H": lambda: printed(lambda j, k: H[:, j * S + k]),
                        "the row behind": printed(lambda j, k: H[(j * S + k + 1) % len(H)])})


@line("47.1269", "gradient", "By the masks of one map",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial W^{(d,c)}}=H_{n,c-1}\delta_n^{(d,c)}", cases=CASES)
def by_masks_of_a_map(s):
    d, c = 1, s.C
    H, delta = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0]
    mixed = H.reshape(s.D[c - 1], s.S[c], -1).swapaxes(0, 1).reshape(H.shape)
    return Sides(truth=s.loss_slopes(0, "W_c", c)[:, d], printed=H @ delta[d],
                 wrong={"rows ordered by s first": mixed @ delta[d],
                        "another map": H @ delta[0]})


@line("47.1269/size", "dimension", "That derivative is a column of S_c D_{c-1} entries",
      r"(D_{c-1}S_c\times P_c)(P_c\times1)", cases=BOTH,
      reason="the size of col in (47.1223a), not the one printed beside it")
def size_by_masks(s):
    H, delta = s.forward.H_c[0][0], s.backward.delta_c[1][0]
    stage = s.stages()[0]
    return Sides(truth=(sum(len(w) for w in stage["w"][0]), 1), printed=(H @ delta[0][:, None]).shape,
                 wrong={"a row": (1, s.S[1] * s.D[0])})


@line("47.1270", "definition", "The sensitivities of a layer as a block diagonal matrix",
      r"\Delta_{n,c}\triangleq\begin{bmatrix}\delta_n^{(1,c)}&&\\&\ddots&\\&&\delta_n^{(D_c,c)}"
      r"\end{bmatrix}", cases=CASES)
def block_diagonal(s):
    delta = s.sensitivity(0, 1)
    P, D = s.P[1], s.D[1]
    truth = [[delta[d, r % P] if r // P == d else 0 for d in range(D)] for r in range(P * D)]
    flat = s.backward.delta_c[1][0].ravel()
    return Sides(truth=truth, printed=correlation.block_diagonal(s.backward.delta_c[1][0]),
                 wrong={"an ordinary diagonal": np.diag(flat),
                        "the columns in reverse": correlation.block_diagonal(
                            s.backward.delta_c[1][0])[:, ::-1]},
                 show={"Δ": correlation.block_diagonal(
                     10 * np.arange(1, 4)[:, None] + np.arange(1, 3))})


@line("47.1270/size", "dimension", "The size of Δ", r"\Delta_{n,c}:\;P_cD_c\times D_c", cases=BOTH)
def size_of_Delta(s):
    z = s.signals()["z"]
    return Sides(truth=[(sum(map(len, maps)), len(maps)) for maps in z],
                 printed=[correlation.block_diagonal(s.backward.delta_c[c][0]).shape for c in s.P],
                 wrong={"D_c x D_c": [(s.D[c], s.D[c]) for c in s.P]})


@line("47.1271", "gradient", "By all masks of a layer",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_c}=(\mathbf{1}_{D_c}^{\mathsf T}\otimes H_{n,c-1})"
      r"\Delta_{n,c}", cases=CASES)
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
      r"(S_cD_{c-1}\times D_cP_c)(D_cP_c\times D_c)", cases=BOTH)
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


@line("47.1272/line1", "identity", "A bias acts through all pre-activations of its layer",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}(j)}=\sum_{d'=1}^{D_c}\sum_{p=1}^{P_c}"
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d',c)}(p)}"
      r"\frac{\partial z_n^{(d',c)}(p)}{\partial\theta^{(d,c)}(j)}", cases=CASES)
def bias_through_all_z(s):
    by_z, slopes = s.sensitivity(0, 1), z_by(s, "Theta_c", 1)
    return Sides(truth=s.loss_slopes(0, "Theta_c", 1), printed=np.tensordot(by_z, slopes, 2),
                 wrong={"the last unit left out": np.tensordot(by_z[:, :-1], slopes[:, :-1], 2)})


@line("47.1272/line2", "identity", "Through the pre-activations of its own map",
      r"\sum_{p=1}^{P_c}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(p)}"
      r"\frac{\partial z_n^{(d,c)}(p)}{\partial\theta^{(d,c)}(j)}", cases=CASES)
def bias_through_own_z(s):
    by_z, slopes = s.sensitivity(0, 1), z_by(s, "Theta_c", 1)
    return Sides(truth=s.loss_slopes(0, "Theta_c", 1), printed=own_map(slopes, by_z),
                 wrong={"the map before": own_map(slopes, np.roll(by_z, 1, axis=0))})


@line("47.1272/line3", "gradient", "Each of these derivatives is -1",
      r"-\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)", cases=CASES)
def bias_as_a_sum(s):
    c = s.C
    sums = s.backward.delta_c[c][0].sum(axis=1)
    return Sides(truth=s.loss_slopes(0, "Theta_c", c), printed=[-sums] * s.D[c - 1],
                 wrong={"plus": [sums] * s.D[c - 1],
                        "all biases at once": [-sums * (s.D[c - 1] + 1)] * s.D[c - 1]})


@line("47.1272/line4", "identity", "As a product with a row of ones",
      r"-\mathbf{1}_{P_c}^{\mathsf T}\delta_n^{(d,c)}", cases=CASES)
def bias_as_a_product(s):
    c = s.C
    delta = s.backward.delta_c[c][0]
    return Sides(truth=s.loss_slopes(0, "Theta_c", c)[0],
                 printed=[-(ones(1, s.P[c]) @ one)[0] for one in delta],
                 wrong={"1 of P'_c entries": lambda: [-(ones(1, s.Pp[c]) @ one)[0] for one in delta],
                        "plus": [(ones(1, s.P[c]) @ one)[0] for one in delta]})


@line("47.1273", "gradient", "By the bias vector of a map",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}}=-\mathbf{1}_{D_{c-1}}"
      r"\mathbf{1}_{P_c}^{\mathsf T}\delta_n^{(d,c)}", cases=CASES)
def by_bias_vector(s):
    d, c = 1, s.C
    delta = s.backward.delta_c[c][0]

    def printed(count):
        return -(ones(count) @ ones(1, s.P[c]) @ delta[d])

    return Sides(truth=s.loss_slopes(0, "Theta_c", c)[:, d], printed=printed(s.D[c - 1]),
                 wrong={"1 of D_c entries": printed(s.D[c]), "plus": -printed(s.D[c - 1])})


@line("47.1274", "gradient", "By the bias matrix of a layer",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\Theta_c}=-(\mathbf{1}_{D_c}^{\mathsf T}\otimes"
      r"\mathbf{1}_{D_{c-1}}\mathbf{1}_{P_c}^{\mathsf T})\Delta_{n,c}", cases=CASES)
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
      r"(D_{c-1}\times D_cP_c)(D_cP_c\times D_c)", cases=BOTH)
def sizes_by_Theta_c(s):
    left = kron(ones(1, s.D[1]), ones(s.D[0]) @ ones(1, s.P[1])).shape
    units, maps = sum(map(len, s.signals()["z"][0])), len(s.signals()["z"][0])
    Delta = correlation.block_diagonal(s.backward.delta_c[1][0]).shape
    return Sides(truth=((len(s.h[0]), units), (units, maps)), printed=(left, Delta),
                 wrong={"D_c rows": ((s.D[1], s.D[1] * s.P[1]), Delta)})


@line("47.1265", "gradient", "The chain for a mask coefficient as a whole",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial w_j^{(d,c)}(s)}=\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)"
      r"\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}", cases=(SMALL, WIDE))
def chain_of_a_coefficient(s):
    delta, slopes = s.backward.delta_c[1][0], z_by(s, "W_c", 1)
    truth, first = s.loss_slopes(0, "W_c", 1), np.tensordot(delta, slopes, 2)
    return Sides(truth=(truth, truth), printed=(first, own_map(slopes, delta)),
                 wrong={"without the last unit": (first, own_map(slopes[:, :-1], delta[:, :-1]))})


@line("47.1268", "gradient", "By a mask coefficient: the sum and the inner product are one",
      r"\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)[H_n^{(j,c-1)}]_{s,p}=[H_n^{(j,c-1)}]_{s,:}\,"
      r"\delta_n^{(d,c)}", cases=(SMALL, *BOTH))
def sum_and_product(s):
    H, delta = s.forward.H_c[0][0], s.backward.delta_c[1][0]
    truth = s.loss_slopes(0, "W_c", 1)
    sums = [[sum(one[p] * row[p] for p in range(s.P[1])) for one in delta] for row in H]
    return Sides(truth=(truth, truth),
                 printed=(sums, [[row @ one for one in delta] for row in H]),
                 wrong={"the rows in reverse": (sums, [[row @ one for one in delta]
                                                       for row in H[::-1]])})


@line("47.1272", "gradient", "The chain for a bias as a whole",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta^{(d,c)}(j)}=-\mathbf{1}_{P_c}^{\mathsf T}"
      r"\delta_n^{(d,c)}", cases=(SMALL, *BOTH))
def chain_of_a_bias(s):
    delta, slopes = s.backward.delta_c[1][0], z_by(s, "Theta_c", 1)
    truth, first = s.loss_slopes(0, "Theta_c", 1), np.tensordot(delta, slopes, 2)
    last = [[-(ones(1, s.P[1]) @ one)[0] for one in delta]] * s.D[0]
    return Sides(truth=(truth, truth), printed=(first, last),
                 wrong={"plus": (first, [[-x for x in row] for row in last])})
