"""The empirical risk, (47.1227) to (47.1230)."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.setting import ANY_2, DEEP, PLAIN, SMALL, WIDE, lecture, line
from cnnmat.textbook.risks import squared_norm
from cnnmat.verify import Sides


def parts(s):
    """Σ‖W_c‖², Σ‖W_l‖² and the sample losses, by the package."""
    p = s.parameters
    return (sum(squared_norm(W) for W in p.W_c.values()),
            sum(squared_norm(W) for W in p.W_l.values()),
            [((gamma - y) ** 2).sum() for gamma, y in zip(s.gamma, s.forward.y, strict=True)])


def loop_losses(s):
    return [s.loss(n) for n in range(s.N)]


def loop_norms(s):
    return (loops.squared_norm([stage["w"] for stage in s.stages()]),
            loops.squared_norm([layer["W"] for layer in s.layers()]))


@line("47.1227", "definition", "The risk with all its terms over N",
      r"\frac1N\left[\sum_{c=1}^C\rho_1\|W_c\|_F^2+\sum_{\ell=1}^{L-1}\rho_2\|W_\ell\|_F^2"
      r"+\sum_{n=0}^{N-1}\|\gamma_n-y_n\|^2\right]", cases=(SMALL, WIDE, ANY_2))
def risk_over_all(s):
    (a, b), (rho1, rho2) = loop_norms(s), s.rho
    correlation, feedforward, losses = parts(s)
    return Sides(truth=(rho1 * a + rho2 * b + sum(loop_losses(s))) / s.N,
                 printed=(rho1 * correlation + rho2 * feedforward + sum(losses)) / s.N,
                 wrong={"the factors exchanged": (rho2 * correlation + rho1 * feedforward
                                                  + sum(losses)) / s.N,
                        "the last sample left out": (rho1 * correlation + rho2 * feedforward
                                                     + sum(losses[:-1])) / s.N})


@line("47.1227/frobenius", "identity", "The squared norm of W_c sums over all masks of the layer",
      r"\|W_c\|_F^2=\sum_{d,j,s}\left(w_j^{(d,c)}(s)\right)^2", cases=(SMALL, WIDE, ANY_2),
      source_kind="consequence")
def frobenius(s):
    W = s.parameters.W_c[1]
    return Sides(truth=loops.squared_norm(s.stages()[0]["w"]), printed=squared_norm(W),
                 wrong={"the first mask of each map": squared_norm(W[:s.S[1]]),
                        "‖W‖ of the columns' sums": squared_norm(W.sum(axis=0))})


@line("47.1227/bias", "gradient", "The penalty does not depend on the biases",
      r"\partial\left(\rho_1\|W_c\|_F^2+\rho_2\|W_\ell\|_F^2\right)/\partial\theta=0",
      cases=(SMALL, WIDE, ANY_2), source_kind="words")
def no_penalty_on_biases(s):
    Theta = s.parameters.Theta_c[1]
    mean = sum(s.loss_slopes(n, "Theta_c", 1) for n in range(s.N)) / s.N
    # what the penalty adds to the slopes of the losses
    return Sides(truth=s.slopes("Theta_c", 1) - mean, printed=Theta * 0,
                 wrong={"penalised": Theta * (2 * s.rho[0])})


lecture.remark("47.1227/theta_c", "Here, in (47.1228) and in the prose around, the bias matrices of "
               "the correlation layers have a small theta; (47.1224b), (47.1230) and (47.1274) have "
               "a capital one, and only that is defined.")


@line("47.1227/dims", "dimension", "How many numbers a sample of the input has",
      r"h_n\in\mathbb{R}^M", cases=({**PLAIN}, WIDE), expect="ambiguous",
      corrected_formula=r"\{h_n^{(d)}\in\mathbb{R}^M\}_{d=1}^{D_o}",
      reason="a sample is one vector of M numbers here and D_0 maps elsewhere; either M counts all "
             "maps, or there is a vector for each; cnnmat's h has the shape (N, D_0, M)",
      cites={"M is the length of one map": "(47.1123) and V of (47.1149) have M for one image",
             "M counts all maps": "the line has one vector for all that the network takes in"})
def size_of_input(s):
    return Sides(truth=sum(len(one) for one in s.h[0].tolist()),
                 readings={"M is the length of one map": s.M, "M counts all maps": s.M * s.D[0]},
                 wrong={"D_1 maps": s.M * s.D[1]})


@line("47.1227/targets", "dimension", "A target has as many entries as the network outputs",
      r"\gamma_n\in\mathbb{R}^Q", cases=(DEEP, WIDE, ANY_2))
def size_of_targets(s):
    return Sides(truth=[len(s.signals(n)["output"]) for n in range(s.N)],
                 printed=[s.net.n[s.net.L]] * s.N, wrong={"n_{L-1}": [s.net.n[s.net.L - 1]] * s.N})


def family(s, rho1, rho2, over_all):
    correlation, feedforward, losses = parts(s)
    penalty = rho1 * correlation + rho2 * feedforward
    return (penalty + sum(losses)) / s.N if over_all else penalty + sum(losses) / s.N


@line("47.1228", "identity", "The second risk is the first one with factors N times as large",
      r"\sum_{c=1}^C\rho_1\|W_c\|_F^2+\sum_{\ell=1}^{L-1}\rho_2\|W_\ell\|_F^2"
      r"+\frac1N\sum_{n=0}^{N-1}\|\gamma_n-y_n\|^2", cases=(SMALL, WIDE, ANY_2))
def second_risk(s):
    (a, b), (rho1, rho2), N = loop_norms(s), s.rho, s.N
    return Sides(truth=rho1 * a + rho2 * b + sum(loop_losses(s)) / N,
                 printed=family(s, rho1 * N, rho2 * N, True),
                 wrong={"factors over N": family(s, rho1 / N, rho2 / N, True)})


@line("47.1229", "definition", "The risk that is differentiated is the second one",
      r"J_{\mathrm{emp}}(W,\theta)\triangleq\sum_{c=1}^C\rho_1\|W_c\|_F^2+\sum_{\ell=1}^{L-1}\rho_2"
      r"\|W_\ell\|_F^2+\frac1N\sum_{n=0}^{N-1}\|\gamma_n-y_n\|^2", cases=(SMALL, DEEP, WIDE, ANY_2))
def risk_to_differentiate(s):
    risk = s.net.risk(s.parameters, s.h, s.gamma)
    wrong = {"the factors exchanged": family(s, *s.rho[::-1], False)}
    if s.N > 1:
        wrong["the first risk"] = family(s, *s.rho, True)
    return Sides(truth=s.risk(), printed=risk, wrong=wrong)


@line("47.1229/choice", "gradient", "Of which risk the batch listing prints the derivatives",
      r"2\rho W+\sum_{n=0}^{N-1}\dots=N\,\frac{\partial}{\partial W}\,(47.1227)",
      cases=(SMALL, WIDE, ANY_2),
      reason="the four printed lines are N times the gradient of the first risk, not that of the one "
             "they are said to belong to; see 47.1275/W_l", source_kind="own")
def whose_derivatives(s):
    N, rho2 = s.N, s.rho[1]
    W = s.parameters.W_l[1]
    printed = W * (2 * rho2) + sum(
        s.backward.delta_l[2][n][:, None] * s.forward.y_l[1][n][None, :] for n in range(N))

    def first(W):
        # the second risk with its factors over N is the first one
        return loops.empirical_risk(s.h.tolist(), s.gamma.tolist(), s.stages(), s.layers({1: W}),
                                    *(rho / N for rho in s.rho))

    return Sides(truth=s.e.gradient(first, W) * N, printed=printed,
                 wrong={"the gradient of the second risk": s.backward.gradient.W_l[1],
                        "N times that": s.backward.gradient.W_l[1] * N})


@line("47.1230a", "gradient", "The derivatives wanted in the feedforward part",
      r"\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial w_{ij}^{(\ell)}}\quad\text{and}"
      r"\quad\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial\theta_\ell(j)}", cases=(DEEP, WIDE),
      rewritten=r"\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial w_{ij}^{(\ell)}}"
      r"=2\rho_2w_{ij}^{(\ell)}+\frac1N\sum_{n=0}^{N-1}\delta_{\ell+1,n}(j)y_{\ell,n}(i),"
      r"\quad\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial\theta_\ell(j)}=-\frac1N"
      r"\sum_{n=0}^{N-1}\delta_{\ell+1,n}(j)")
def wanted_feedforward(s):
    gradient, l = s.backward.gradient, 1
    rows, columns = s.n[2], s.n[1]

    def by_entry(i, j):
        def risk(w):
            W = s.parameters.W_l[l].tolist()
            W[j][i] = w
            return s.risk(W_l={l: W})

        return s.e.gradient(risk, s.parameters.W_l[l][j, i])[()]

    chosen = [(0, 1), (columns - 1, 0), (2, rows - 1)]
    theta = s.slopes("theta_l", l)
    G = gradient.W_l[l]
    return Sides(truth=([by_entry(i, j) for i, j in chosen], theta),
                 printed=([G[j, i] for i, j in chosen], gradient.theta_l[l]),
                 wrong={"the indices exchanged": (
                     [G[i % rows, j] for i, j in chosen], gradient.theta_l[l])})


@line("47.1230b", "gradient", "The derivatives wanted in the correlation part",
      r"\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial w_j^{(d,c)}(s)}\quad\text{and}"
      r"\quad\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial\theta^{(d,c)}(j)}",
      cases=(SMALL, WIDE),
      rewritten=r"\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial w_j^{(d,c)}(s)}"
      r"=2\rho_1w_j^{(d,c)}(s)+\frac1N\sum_{n=0}^{N-1}[H_n^{(j,c-1)}]_{s,:}\delta_n^{(d,c)},"
      r"\quad\frac{\partial J_{\mathrm{emp}}(W,\theta)}{\partial\theta^{(d,c)}(j)}=-\frac1N"
      r"\sum_{n=0}^{N-1}\mathbf{1}_{P_c}^{\mathsf{T}}\delta_n^{(d,c)}")
def wanted_correlation(s):
    gradient, S, before = s.backward.gradient, s.S[1], s.D[0]
    chosen = [(1, 0, 1), (0, 1, 2), (s.D[1] - 1, 1, 0)]

    def by_entry(d, j, k):
        def risk(w):
            W = s.parameters.W_c[1].tolist()
            W[j * S + k][d] = w
            return s.risk(W_c={1: W})

        return s.e.gradient(risk, np.array(s.mask(d, j, 1)[k], dtype=object))[()]

    G = gradient.W_c[1]
    return Sides(truth=([by_entry(*one) for one in chosen], s.slopes("Theta_c", 1)),
                 printed=([G[j * S + k, d] for d, j, k in chosen], gradient.Theta_c[1]),
                 wrong={"rows ordered by s first": (
                     [G[k * before + j, d] for d, j, k in chosen], gradient.Theta_c[1])})
