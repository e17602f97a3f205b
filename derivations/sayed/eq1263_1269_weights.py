"""Derivatives of a sample's risk by weights and mask coefficients, (47.1263) to (47.1269)."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, LAYERED, SMALL, line
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.verify import Sides

CASES = (SMALL, *LAYERED)


def ones(rows, columns=1):
    return np.ones((rows, columns), dtype=int)


def z_by(s, name, c):
    """∂z^(d',c)(p)/∂(W_c or Θ_c), indices [d', p, row, d], by the loops."""
    def z(part):
        stages = s.stages(**{name: {c: part}})
        return loops.network(s.h[0].tolist(), stages, s.layers())["z"][c - 1]

    return s.e.jacobian(z, getattr(s.parameters, name)[c])


@line("47.1263", "gradient", "By the feedforward weights",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial W_\ell}=\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}}",
      cases=(*CASES, ANY_2))
def by_W_l(s):
    y, delta = s.forward.y_l, s.backward.delta_l
    printed = [feedforward.dW(y[l][0], delta[l + 1][0]) for l in range(1, s.L)]
    return Sides(truth=[s.loss_slopes(0, "W_l", l) for l in range(1, s.L)], printed=printed,
                 wrong={"transposed": [one.T for one in printed],
                        "y of the layer behind": lambda: [
                            feedforward.dW(y[l + 1][0], delta[l + 1][0]) for l in range(1, s.L)],
                        "the sign": [-one for one in printed]})


@line("47.1264", "gradient", "By the feedforward biases",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial\theta_\ell}=-\delta_{\ell+1,n}",
      cases=(*CASES, ANY_2))
def by_theta_l(s):
    delta = s.backward.delta_l
    return Sides(truth=[s.loss_slopes(0, "theta_l", l) for l in range(1, s.L)],
                 printed=[feedforward.dtheta(delta[l + 1][0]) for l in range(1, s.L)],
                 wrong={"plus": [delta[l + 1][0] for l in range(1, s.L)]})


def every_map(by_z, slopes):
    """Σ_d' Σ_p ∂‖·‖²/∂z^(d')(p) ∂z^(d')(p)/∂(row, d)."""
    return np.tensordot(by_z, slopes, 2)


def own_map(by_z, slopes):
    """Σ_p ∂‖·‖²/∂z^(d)(p) ∂z^(d)(p)/∂(row, d)."""
    return np.array([np.tensordot(by_z[d], slopes[d, :, :, d], 1) for d in range(len(by_z))]).T


@table(line, kind="identity", cases=CASES)
def through_z(s, name, chain, wrong):
    """W_c or Θ_c of the first layer, by `chain` of the derivatives by z and those of z.

    Near misses change the two.
    """
    by_z, slopes = s.sensitivity(0, 1), z_by(s, name, 1)
    return Sides(truth=s.loss_slopes(0, name, 1), printed=chain(by_z, slopes),
                 wrong={slip: chain(*near(by_z, slopes)) for slip, near in wrong.items()})


def without_last_unit(by_z, slopes):
    return by_z[:, :-1], slopes[:, :-1]


def without_last_map(by_z, slopes):
    return by_z[:-1], slopes[:-1]


def map_before(by_z, slopes):
    return np.roll(by_z, 1, axis=0), slopes


through_z(
    "47.1265/line1", "A mask coefficient acts through all pre-activations of its layer",
    r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial w_j^{(d,c)}(s)}=\sum_{d'=1}^{D_c}\sum_{p=1}^{P_c}"
    r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d',c)}(p)}"
    r"\frac{\partial z_n^{(d',c)}(p)}{\partial w_j^{(d,c)}(s)}", "W_c", every_map,
    wrong={"the last unit left out": without_last_unit, "the last map left out": without_last_map}, cases=(*CASES, ANY_2))
through_z(
    "47.1265/a", "Only map d depends on its own masks",
    r"\sum_{p=1}^{P_c}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(p)}"
    r"\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}", "W_c", own_map,
    wrong={"the map before": map_before}, cases=(*CASES, ANY_2))


@line("47.1265/line3", "identity", "With the sensitivity put in",
      r"\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)\frac{\partial z_n^{(d,c)}(p)}{\partial w_j^{(d,c)}(s)}",
      cases=(*CASES, ANY_2))
def with_sensitivity(s):
    delta, slopes = s.backward.delta_c[1][0], z_by(s, "W_c", 1)
    return Sides(truth=s.loss_slopes(0, "W_c", 1), printed=own_map(delta, slopes),
                 wrong={"the first map for all": own_map(delta[:1].repeat(s.D[1], 0), slopes),
                        "the units in reverse": own_map(delta[:, ::-1], slopes)})


@line("47.1266", "identity", "The pre-activation again",
      r"z_n^{(d,c)}=\sum_{j=1}^{D_{c-1}}\left([H_n^{(j,c-1)}]^{\mathsf{T}}w_j^{(d,c)}"
      r"-\theta^{(d,c)}(j)\mathbf{1}\right)", cases=(*CASES, ANY_2))
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
      r"\left[(H_n^{(j,c-1)})^{\mathsf{T}}\right]_{p,s}=\left[H_n^{(j,c-1)}\right]_{s,p}",
      cases=(*CASES, ANY_2))
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
      r"\sum_{p=1}^{P_c}\delta_n^{(d,c)}(p)\left[H_n^{(j,c-1)}\right]_{s,p}", cases=(*CASES, ANY_2))
def by_coefficient(s):
    c = s.C
    H, delta = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0]

    def printed(delta):
        return [[sum(one[p] * row[p] for p in range(s.P[c])) for one in delta] for row in H]

    return Sides(truth=s.loss_slopes(0, "W_c", c), printed=printed(delta),
                 wrong={"the maps in reverse": printed(delta[::-1]),
                        "the units in reverse": printed(delta[:, ::-1])})


@line("47.1268/line2", "identity", "By one mask coefficient, as a row times a column",
      r"\left[H_n^{(j,c-1)}\right]_{s,:}\,\delta_n^{(d,c)}", cases=(*CASES, ANY_2))
def by_coefficient_as_product(s):
    c = s.C
    H, delta = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0]

    def printed(rows):
        return [[row @ one for one in delta] for row in rows]

    return Sides(truth=s.loss_slopes(0, "W_c", c), printed=printed(H),
                 wrong={"a column of H": lambda: printed(H.T),
                        "the row behind": printed(np.roll(H, -1, axis=0))})


@line("47.1269", "gradient", "By the masks of one map",
      r"\frac{\partial\|\gamma_n-y_n\|^2}{\partial W^{(d,c)}}=H_{n,c-1}\delta_n^{(d,c)}",
      cases=(*CASES, ANY_2))
def by_masks_of_a_map(s):
    d, c = 1, s.C
    H, delta = s.forward.H_c[c - 1][0], s.backward.delta_c[c][0]
    mixed = H.reshape(s.D[c - 1], s.S[c], -1).swapaxes(0, 1).reshape(H.shape)
    return Sides(truth=s.loss_slopes(0, "W_c", c)[:, d], printed=H @ delta[d],
                 wrong={"rows ordered by s first": mixed @ delta[d],
                        "another map": H @ delta[0]})


@line("47.1269/size", "dimension", "That derivative is a column of S_c D_{c-1} entries",
      r"(D_{c-1}S_c\times P_c)(P_c\times1)", cases=(*BOTH, ANY_2),
      reason="the size of col in (47.1223a), not the one printed beside it",
      source_kind="consequence")
def size_by_masks(s):
    H, delta = s.forward.H_c[0][0], s.backward.delta_c[1][0]
    stage = s.stages()[0]
    return Sides(truth=(sum(len(w) for w in stage["w"][0]), 1), printed=(H @ delta[0][:, None]).shape,
                 wrong={"a row": (1, s.S[1] * s.D[0])})
