"""The stochastic-gradient listing (47.1276): each line as printed while all others are right."""

from dataclasses import replace

from cnnmat import Network, Parameters
from cnnmat.derivations.sayed import listings
from cnnmat.derivations.sayed.eq1275a_training_listing import (
    correlation_range,
    feedforward_range,
    line_output,
)
from cnnmat.derivations.sayed.eq1276a_stochastic_listing import (
    LEAST,
    MU,
    NUMBERS,
    moved,
    one_sample,
    printed_updates,
    step,
    true_step,
)
from cnnmat.derivations.sayed.listings import NAMES, listed
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, PLAIN, WIDE, lecture, line, network
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides

line_output("47.1276/delta_L", "The line for the output's sensitivity",
            r"\delta_{L,n}=2(y_{L,n}-\gamma_n)\odot f'(z_{L,n})",
            wrong={"the sign": lambda s, delta: -delta})
feedforward_range("47.1276/l-range", "The feedforward part goes back from L-1 to 2",
                  r"\ell=L-1,\dots,3,2", wrong={"to 1": lambda L: range(L - 1, 0, -1),
                                                "one lower": lambda L: range(L - 2, 0, -1)})


def stale(**names):
    """A network whose backward pass finds the given parameters in place of the current ones."""
    class Stale(Network):
        def delta_feedforward(self, p, forward, l, delta_next):
            return super().delta_feedforward(
                replace(p, W_l=names.get("W_l", p.W_l)), forward, l, delta_next)

        def back_through_masks(self, p, c, delta, literal=False):
            return super().back_through_masks(
                replace(p, W_c=names.get("W_c", p.W_c)), c, delta, literal)

    return Stale


@line("47.1276/delta_l", "algorithm", "The line for a feedforward layer has the old weights",
      r"\delta_{\ell,n}=f'(z_{\ell,n})\odot(W_{\ell,n-1}^{\mathsf{T}}\delta_{\ell+1,n})",
      cases=({**DEEP, "numbers": True}, *BOTH, ANY_2))
def line_feedforward(s):
    new = step(s)
    early = s.listed(stale(W_l=new.W_l)).delta_l
    return Sides(truth=[s.sensitivities(l=l) for l in range(2, s.L)],
                 printed=[s.backward.delta_l[l] for l in range(2, s.L)],
                 wrong={"the new weights": [early[l] for l in range(2, s.L)]})


@table(line, kind="algorithm", expect="misprint")
def step_with_the_line(s, kind_of_network):
    """A whole step whose backward pass has one line as printed."""
    return Sides(truth=listed(true_step(s)), printed=lambda: listed(step(s, kind_of_network)),
                 corrected=listed(step(s)), wrong={
                     "Δ with the maps in reverse": lambda: listed(step(s, listings.Exchanged)),
                     "the mask reversed": lambda: listed(step(s, listings.Mirrored))})


step_with_the_line(
    "47.1276/delta_C", "The line at the boundary",
    r"\delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\mathrm{permute}^{\#}(\mathrm{upv}(W_{1,n-1}^{\mathsf{T}}"
    r"\delta_{2,n}))", listings.WholeW1,
    cases=(listings.ONE_MAP, {**DEEP, "numbers": True}, WIDE, ANY_2),
    corrected_formula=r"\delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\mathrm{permute}^{\#}(\mathrm{upv}("
    r"(W_{1,n-1}^{(d)})^{\mathsf{T}}\delta_{2,n})),\quad d=1,\dots,D_C",
    reason="as in (47.1275): map d meets its own block of W_1, as (47.1245) has it; invisible for one "
           "map in the last layer")


correlation_range("47.1276/c-range", "The correlation part goes back from C-1 to 1",
                  r"c=C-1,\dots,2,1", wrong={"from C": lambda C: range(C, 0, -1),
                                             "one lower": lambda C: range(C - 2, -1, -1)})


@line("47.1276/V", "algorithm", "The line for V has the old masks, new in every step",
      r"V_c^{\mathsf{T}}\odot\left(\mathbb{1}_{P_c'}\mathbb{1}_{P_{c+1}}^{\mathsf{T}}"
      r"\otimes(w_{d,n-1}^{(d',c+1)})^{\mathsf{T}}\right)",
      cases=({**DEEP, "numbers": True, "N": 2}, WIDE))
def line_V(s):
    second = moved(s)
    kept = stale(W_c=s.parameters.W_c)
    return Sides(truth=listed(true_step(second, 1)), printed=listed(step(second, n=1)),
                 wrong={"V kept from the first step": listed(step(second, kept, n=1))})


step_with_the_line(
    "47.1276/V-size", "The line for V: the ones behind", r"I_{P_{c+1}}\otimes\mathbb{1}_{S_c}", listings.SIZE,
    cases=(PLAIN, WIDE, ANY_2), corrected_formula=r"I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}}",
    reason=listings.SIZE_REASON)


@line("47.1276/delta_c", "algorithm", "The line for an earlier correlation layer",
      r"\delta_n^{(d,c)}=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)})\odot\mathrm{permute}^{\#}\left("
      r"\mathrm{upv}\left(V_{n-1}^{(d,d',c+1)}\delta_n^{(d',c+1)}\right)\right)",
      cases=({**DEEP, "numbers": True}, *BOTH, ANY_2))
def line_earlier(s):
    early = s.listed(stale(W_c=step(s).W_c)).delta_c
    return Sides(truth=[s.sensitivities(c) for c in range(1, s.C)],
                 printed=[s.backward.delta_c[c] for c in range(1, s.C)],
                 wrong={"the new masks": [early[c] for c in range(1, s.C)]})


@line("47.1276/d-ranges", "algorithm", "For which maps the backward lines are run",
      r"V^{(d,d',c+1)},\quad d=1,\dots,D_c,\;d'=1,\dots,D_{c+1}", cases=(PLAIN, WIDE),
      **listings.RANGES)
def unbound_maps(s):
    return Sides(truth=listed(true_step(s)), printed=listed(step(s)),
                 wrong={"d' = d": listed(step(s, listings.Diagonal))})


@line("47.1276/Delta", "algorithm", "The line for Δ",
      r"\Delta_{n,c}=\mathrm{diag}\{\delta_n^{(1,c)},\delta_n^{(2,c)},\dots,\delta_n^{(D_c,c)}\}",
      cases=({**listings.ONE_UNIT, "numbers": True}, NUMBERS, WIDE), **listings.DELTA)
def line_Delta(s):
    def update(kind):
        alone = one_sample(s, 0)
        return [s.parameters.W_c[c] - g * MU for c, g in alone.listed(kind).gradient.W_c.items()]

    return Sides(truth=list(true_step(s).W_c.values()), printed=list(step(s).W_c.values()),
                 wrong={"the maps in reverse": update(listings.Exchanged),
                        "an ordinary diagonal": lambda: update(listings.OrdinaryDiagonal)})


step_with_the_line(
    "47.1276/Delta_C", "For which layers Δ is set",
    r"\Delta_{n,c}=\mathrm{diag}\{\delta_n^{(1,c)},\delta_n^{(2,c)},\dots,\delta_n^{(D_c,c)}\},"
    r"\quad c=C-1,\dots,2,1", listings.NoLastDelta,
    cases=(NUMBERS, WIDE, ANY_2), **listings.DELTA_C)


def in_place(s, times_l, times_c):
    """The updates done in place, the same one as often as the pairs (l, c) repeat it."""
    p = s.parameters
    gradient = one_sample(s, 0).backward.gradient
    penalties = {"W_c": 2 * s.rho[0], "W_l": 2 * s.rho[1]}
    new = []
    for name in NAMES:
        part = {}
        for k, value in getattr(p, name).items():
            penalty = penalties.get(name, 0)
            data = getattr(gradient, name)[k] - value * penalty
            for _ in range(times_l if name.endswith("_l") else times_c):
                value = value - (value * penalty + data) * MU
            part[k] = value
        new.append(part)
    return listed(Parameters(*new))


@line("47.1276/repeat", "algorithm", "One loop head with two indices",
      r"\ell=1,2,\dots,L-1,\;c=1,2,\dots,C", cases=(NUMBERS, WIDE, ANY_2),
      reason="whether the two run one after the other or in pairs makes no difference, as the right sides "
             "have index n-1 only; written as updates in place, pairs would repeat each step")
def one_head(s):
    return Sides(truth=listed(true_step(s)), printed=in_place(s, 1, 1),
                 wrong={"in place, for all pairs": in_place(s, s.C, s.L - 1)})


@lecture.claim(
    "47.1276/W_l", "algorithm", "The update of the feedforward weights",
    r"W_{\ell,n}=(1-2\mu\rho_2)W_{\ell,n-1}-\mu\mu\,\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}}",
    cases=[{"mu": 1, **LEAST}, {"mu": MU, **LEAST}, {"mu": MU, **NUMBERS}, {"mu": MU, **WIDE}],
    expect="misprint", corrected_formula=r"W_{\ell,n}=(1-2\mu\rho_2)W_{\ell,n-1}-\mu\,"
    r"\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}}",
    reason="the step size stands twice; the line for W_c has it once, and the derivative (47.1263) asks "
             "for one; invisible for μ = 1")
def update_W_l(e, mu, **case):
    s = network(e, **case)
    right, kept = step(s, mu=mu).W_l, 1 - 2 * mu * s.rho[1]
    return Sides(truth=list(true_step(s, mu=mu).W_l.values()),
                 printed=list(printed_updates(s, mu).W_l.values()),
                 corrected=list(right.values()),
                 wrong={"plus": [2 * kept * s.parameters.W_l[l] - W for l, W in right.items()]})


@line("47.1276/theta_l", "algorithm", "The update of the feedforward biases",
      r"\theta_{\ell,n}=\theta_{\ell,n-1}-\mu\delta_{\ell+1,n}", cases=(LEAST, NUMBERS, *BOTH, ANY_2),
      expect="misprint", corrected_formula=r"\theta_{\ell,n}=\theta_{\ell,n-1}+\mu\delta_{\ell+1,n}",
      reason="by (47.1264) the derivative is minus the sensitivity, so that a step down adds it, as in "
             "the line for the biases of the correlation layers; as printed the risk climbs")
def update_theta_l(s):
    right, old = step(s).theta_l, s.parameters.theta_l
    return Sides(truth=list(true_step(s).theta_l.values()),
                 printed=list(printed_updates(s).theta_l.values()), corrected=list(right.values()),
                 wrong={"without μ": [old[l] + (new - old[l]) / MU for l, new in right.items()]})


@lecture.claim("47.1276/climbs", "example", "With the printed sign the risk climbs",
               r"w=\theta=0,\;x=\gamma=1:\quad(1+2\mu)^2>1", covers="worked by hand beside (47.1276)",
               source_kind="own")
def risk_climbs(e):
    mu = e.symbols("mu")
    delta = 2 * (0 - 1)
    down, up = 0 + mu * delta, 0 - mu * delta

    def risk(theta):
        return (1 - (0 - theta)) ** 2

    return Sides(truth=((1 - 2 * mu) ** 2, (1 + 2 * mu) ** 2), printed=(risk(down), risk(up)),
                 wrong={"exchanged": (risk(up), risk(down))})


@line("47.1276/W_c", "algorithm", "The update of the masks",
      r"W_{c,n}=(1-2\mu\rho_1)W_{c,n-1}-\mu(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})\Delta_{n,c}",
      cases=(NUMBERS, *BOTH, ANY_2))
def update_W_c(s):
    right, old, rho = step(s).W_c, s.parameters.W_c, s.rho[0]
    return Sides(truth=list(true_step(s).W_c.values()), printed=list(right.values()),
                 wrong={"(1 - μρ1)": [W + old[c] * (MU * rho) for c, W in right.items()],
                        "plus": [2 * (1 - 2 * MU * rho) * old[c] - W for c, W in right.items()]})


@line("47.1276/Theta_c", "algorithm", "The update of the biases of a correlation layer",
      r"\Theta_{c,n}=\Theta_{c,n-1}+\mu(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes\mathbb{1}_{D_{c-1}}"
      r"\mathbb{1}_{P_c}^{\mathsf{T}})\Delta_{n,c}", cases=(NUMBERS, *BOTH, ANY_2))
def update_Theta_c(s):
    right, old = step(s).Theta_c, s.parameters.Theta_c
    return Sides(truth=list(true_step(s).Theta_c.values()), printed=list(right.values()),
                 wrong={"minus": [2 * old[c] - Theta for c, Theta in right.items()],
                        "penalised": [Theta - old[c] * MU for c, Theta in right.items()]})


lecture.remark("47.1276/start", "The samples are numbered from 0, so that the first step needs weights "
               "with index -1; how they are chosen is left open.")
