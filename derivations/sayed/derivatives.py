"""Derivatives, the training listing and stochastic gradients, (47.1263) to (47.1276)."""

from cnnmat import Parameters
from cnnmat.claims import Sides
from cnnmat.derivations.sayed.setting import DEEP, SMALL, lecture, network

NAMES = ("W_c", "Theta_c", "W_l", "theta_l")


def all_slopes(e, s):
    """Every derivative of J_emp, by dual numbers through the plain loops."""
    return [s.slopes(name, k) for name in NAMES for k in getattr(s.parameters, name)]


def listed(parameters):
    return [getattr(parameters, name)[k] for name in NAMES for k in getattr(parameters, name)]


@lecture.claim(
    "47.1275", "algorithm", "The listing as a whole yields every derivative of the risk",
    r"\partial J_{\mathrm{emp}}/\partial W_c=2\rho_1W_c+\sum_n(\mathbb{1}_{D_c}^{\mathsf T}\otimes"
    r"H_{n,c-1})\Delta_{n,c},\;\dots",
    expect="misprint",
    corrected_formula=r"\partial J_{\mathrm{emp}}/\partial W_c=2\rho_1W_c+\tfrac1N\sum_n"
    r"(\mathbb{1}_{D_c}^{\mathsf T}\otimes H_{n,c-1})\Delta_{n,c},\;\dots",
    reason="the risk (47.1229) averages over the samples; the four lines leave 1/N out, which "
           "shows as soon as there are two",
    cases=[SMALL, DEEP])
def training_listing(e, **case):
    s, N = network(e, **case), case["N"]
    p = s.parameters
    forward = s.net.forward(p, s.h)
    right = s.net.backward(p, forward, s.gamma, literal=True).gradient
    penalty = Parameters(
        {c: W * (2 * s.rho[0]) for c, W in p.W_c.items()}, {c: T * 0 for c, T in p.Theta_c.items()},
        {k: W * (2 * s.rho[1]) for k, W in p.W_l.items()}, {k: T * 0 for k, T in p.theta_l.items()})
    summed = right.map(lambda g, r: (g - r) * N + r, penalty)
    return Sides(truth=all_slopes(e, s), printed=listed(summed), corrected=listed(right),
                 wrong={"signs of the biases": listed(
                     right.map(lambda g: g * (-1 if g.ndim == 1 else 1)))})


@lecture.claim(
    "47.1275/short", "algorithm", "The listing with V^(d,d',c+1) taken as two products",
    r"b^{(d)}=V_c^{\mathsf T}\,\mathrm{vec}\left(W_{c+1}^{(d)}[\delta^{(1)}\cdots\delta^{(D)}]"
    r"^{\mathsf T}\right)", cases=[SMALL, DEEP])
def training_listing_short(e, **case):
    s = network(e, **case)
    forward = s.net.forward(s.parameters, s.h)
    right = s.net.backward(s.parameters, forward, s.gamma).gradient
    unpenalised = right.map(lambda g, p: g - p, s.parameters)
    return Sides(truth=all_slopes(e, s), printed=listed(right),
                 wrong={"parameters taken off": listed(unpenalised)})
