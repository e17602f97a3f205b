"""The derivatives of the training listing (47.1275), and the listing as a whole."""

import numpy as np

from cnnmat import Network, loops
from cnnmat.derivations.sayed.anysize import KINKS
from cnnmat.derivations.sayed.eq1275a_training_listing import PROOF, all_slopes
from cnnmat.derivations.sayed.listings import listed
from cnnmat.derivations.sayed.setting import ANY, ANY_2, BOTH, DEEP, SMALL, WIDE, lecture, line
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.textbook.correlation import dTheta, dW
from cnnmat.verify import Sides

ONE_SAMPLE = {**SMALL, "N": 1}
TINY = {"depth": 1, "M": 3, "lists": (((0, 1), (2, 0), (1, 2)), ((1, 0),)), "depths": (2, 1),
        "regions": (((0, 2), (1,)), ((0,),)), "widths": (1,), "N": 1, "pooling": "l2"}


class Summed(Network):
    """The four lines of derivatives as printed: sums over the samples, not means."""

    def dW_c(self, p, forward, c, delta):
        return p.W_c[c] * (2 * self.rho1) + dW(forward.H_c[c - 1], delta).sum(axis=0)

    def dTheta_c(self, c, delta):
        return dTheta(delta, self.depths[c - 1]).sum(axis=0)

    def dW_l(self, p, forward, l, delta_next):
        return p.W_l[l] * (2 * self.rho2) + feedforward.dW(forward.y_l[l], delta_next).sum(axis=0)

    def dtheta_l(self, delta_next):
        return feedforward.dtheta(delta_next).sum(axis=0)


MEAN_REASON = ("the risk (47.1229) averages over the samples, and (47.1276) has the form that goes with "
               "it for one sample; as printed the four lines are N times the gradient of the other "
               "risk, (47.1227); invisible for one sample")


@line("47.1275", "algorithm", "The listing as a whole yields every derivative of the risk",
      r"\frac{\partial J_{\mathrm{emp}}}{\partial W_\ell}=2\rho_2W_\ell+"
      r"\sum_{n=0}^{N-1}\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}},\;"
      r"\frac{\partial J_{\mathrm{emp}}}{\partial \theta_\ell}=-\sum_{n=0}^{N-1}\delta_{\ell+1,n}"
      r",\;\frac{\partial J_{\mathrm{emp}}}{\partial W_c}=2\rho_1W_c+\sum_{n=0}^{N-1}"
      r"(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})\Delta_{n,c},\;"
      r"\frac{\partial J_{\mathrm{emp}}}{\partial \Theta_c}=-\sum_{n=0}^{N-1}"
      r"(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes\mathbb{1}_{D_{c-1}}\mathbb{1}_{P_c}^{\mathsf{T}})"
      r"\Delta_{n,c}", expect="misprint",
      corrected_formula=r"\frac{\partial J_{\mathrm{emp}}}{\partial W_\ell}=2\rho_2W_\ell+\frac1N"
      r"\sum_{n=0}^{N-1}\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}},\;"
      r"\frac{\partial J_{\mathrm{emp}}}{\partial \theta_\ell}=-\frac1N"
      r"\sum_{n=0}^{N-1}\delta_{\ell+1,n},\;\frac{\partial J_{\mathrm{emp}}}{\partial W_c}"
      r"=2\rho_1W_c+\frac1N\sum_{n=0}^{N-1}(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})"
      r"\Delta_{n,c},\;\frac{\partial J_{\mathrm{emp}}}{\partial \Theta_c}=-\frac1N"
      r"\sum_{n=0}^{N-1}(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes\mathbb{1}_{D_{c-1}}"
      r"\mathbb{1}_{P_c}^{\mathsf{T}})\Delta_{n,c}",
      reason="with the sizes, the block of W_1, the last Δ and the loop over the samples set right as "
             "below; what is left is 1/N: " + MEAN_REASON,
      cases=(DEEP, SMALL, PROOF, {**PROOF, "pooling": "max"}, KINKS, *BOTH, *ANY))
def training_listing(s):
    right = s.backward.gradient
    flipped = right.map(lambda g: g * (-1 if g.ndim == 1 else 1))
    return Sides(truth=all_slopes(s), printed=listed(s.listed(Summed).gradient),
                 corrected=listed(right), wrong={"signs of the biases": listed(flipped)})


@line("47.1275/short", "algorithm", "The listing with V^(d,d',c+1) taken as two products",
      r"b^{(d)}=V_c^{\mathsf{T}}\,\mathrm{vec}\left(W_{c+1}^{(d)}[\delta^{(1)}\cdots\delta^{(D)}]"
      r"^{\mathsf{T}}\right)", cases=(SMALL, DEEP, PROOF, {**PROOF, "pooling": "max"}, *BOTH, *ANY),
      covers="not in the text: how cnnmat evaluates the line for V", source_kind="own")
def training_listing_short(s):
    right = s.net.backward(s.parameters, s.forward, s.gamma).gradient
    return Sides(truth=all_slopes(s), printed=listed(right),
                 wrong={"signs of the biases": listed(
                     right.map(lambda g: g * (-1 if g.ndim == 1 else 1)))})


@line("47.1275/l2", "algorithm", "The listing with the norm as pooling",
      r"t_n^{(d,c)}(p')=\|y_n^{(d,c)}(\Omega_{p'})\|", cases=(TINY, ANY_2), rational=True,
      covers="t not zero", source_kind="own")
def training_listing_l2(s):
    right = s.backward.gradient
    return Sides(truth=all_slopes(s), printed=listed(right),
                 wrong={"signs of the biases": listed(
                     right.map(lambda g: g * (-1 if g.ndim == 1 else 1)))})


@line("47.1275/ranges", "dimension", "Derivatives for the layers of both parts, each once",
      r"\ell=1,2,\dots,L-1,\quad c=1,2,\dots,C", cases=(*BOTH, ANY_2))
def ranges_of_derivatives(s):
    gradient = s.backward.gradient
    truth = (list(range(1, len(s.layers()) + 1)), list(range(1, len(s.stages()) + 1)))
    return Sides(truth=truth, printed=(list(gradient.W_l), list(gradient.W_c)),
                 wrong={"to C-1": (list(range(1, s.L)), list(range(1, s.C))),
                        "from 0": (list(range(s.L - 1)), list(range(s.C)))})


@table(line, kind="gradient", cases=(ONE_SAMPLE, SMALL, WIDE, *ANY),
expect="misprint", reason=MEAN_REASON)
def summed(s, name, wrong):
    """A line that sums where it should average; near misses of (ρ, parameter, derivative)."""
    right, printed = getattr(s.backward.gradient, name), getattr(s.listed(Summed).gradient, name)
    old = getattr(s.parameters, name)
    return Sides(truth=[s.slopes(name, k) for k in right], printed=[printed[k] for k in right],
                 corrected=list(right.values()),
                 wrong={slip: [near(s.rho, old[k], right[k]) for k in right]
                        for slip, near in wrong.items()})


summed("47.1275/W_l", "By the feedforward weights, over all samples",
       r"\frac{\partial J_{\mathrm{emp}}}{\partial W_\ell}=2\rho_2W_\ell+"
       r"\sum_{n=0}^{N-1}\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}}", "W_l",
       corrected_formula=r"\frac{\partial J_{\mathrm{emp}}}{\partial W_\ell}=2\rho_2W_\ell+\frac1N"
       r"\sum_{n=0}^{N-1}\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}}",
       wrong={"ρ2 without its 2": lambda rho, W, dW: dW - W * rho[1]})
summed("47.1275/theta_l", "By the feedforward biases, over all samples",
       r"\frac{\partial J_{\mathrm{emp}}}{\partial \theta_\ell}=-\sum_{n=0}^{N-1}\delta_{\ell+1,n}", "theta_l",
       corrected_formula=r"\frac{\partial J_{\mathrm{emp}}}{\partial \theta_\ell}=-\frac1N"
       r"\sum_{n=0}^{N-1}\delta_{\ell+1,n}", wrong={"plus": lambda rho, theta, dtheta: -dtheta})
summed("47.1275/W_c", "By the masks, over all samples",
       r"\frac{\partial J_{\mathrm{emp}}}{\partial W_c}=2\rho_1W_c+\sum_{n=0}^{N-1}"
       r"(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})\Delta_{n,c}", "W_c",
       corrected_formula=r"\frac{\partial J_{\mathrm{emp}}}{\partial W_c}=2\rho_1W_c+\frac1N"
       r"\sum_{n=0}^{N-1}(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})\Delta_{n,c}",
       wrong={"ρ1 without its 2": lambda rho, W, dW: dW - W * rho[0]})
summed("47.1275/Theta_c", "By the biases of a correlation layer, over all samples",
       r"\frac{\partial J_{\mathrm{emp}}}{\partial \Theta_c}=-\sum_{n=0}^{N-1}"
       r"(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes\mathbb{1}_{D_{c-1}}\mathbb{1}_{P_c}^{\mathsf{T}})"
       r"\Delta_{n,c}", "Theta_c",
       corrected_formula=r"\frac{\partial J_{\mathrm{emp}}}{\partial \Theta_c}=-\frac1N"
       r"\sum_{n=0}^{N-1}(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes\mathbb{1}_{D_{c-1}}"
       r"\mathbb{1}_{P_c}^{\mathsf{T}})\Delta_{n,c}",
       wrong={"plus": lambda rho, Theta, dTheta: -dTheta,
              "penalised too": lambda rho, Theta, dTheta: dTheta + Theta * (2 * rho[0])})


@lecture.claim("47.1275/smallest", "gradient", "The smallest network on which 1/N shows",
               r"N=2,\;y=wx-\theta,\;w=\theta=0,\;x=\gamma=1:\quad\partial J/\partial w=-2,\;"
               r"\partial J/\partial\theta=2", covers="worked by hand beside (47.1275)",
               source_kind="own")
def smallest_network(e):
    def risk(parameters):
        w, theta = parameters
        layers = [{"W": [[w]], "theta": [theta], "f": lambda z: z}]
        return loops.empirical_risk([[[1]], [[1]]], [[1], [1]], [], layers, 0, 0)

    return Sides(truth=[int(x) for x in e.gradient(risk, np.array([0, 0]))], printed=[-2, 2],
                 wrong={"as the printed lines have it": [-4, 4]})
