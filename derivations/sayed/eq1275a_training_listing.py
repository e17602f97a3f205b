"""The training listing (47.1275): each line as printed while all others are right."""

from dataclasses import replace

from cnnmat import Network
from cnnmat.derivations.sayed import listings
from cnnmat.derivations.sayed.listings import NAMES, listed
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, LAYERED, PLAIN, SMALL, WIDE, line
from cnnmat.derivations.tables import table
from cnnmat.verify import Sides

#: Two correlation layers of two maps each, unequal regions, no T its own inverse: symbols for
#: every input, weight, bias, target and factor, for two samples.
PROOF = {"depth": 1, "M": 4, "lists": (((0, 2), (3, 1), (1, 0), (2, 3), (1, 2)),
                                       ((2, 0), (0, 1), (1, 2))),
         "depths": (2, 2), "regions": (((0, 3), (2,), (4, 1)), ((1, 2), (0,))), "widths": (2,),
         "N": 2}


def all_slopes(s):
    """Every derivative of J_emp, by dual numbers through the plain loops."""
    return [s.slopes(name, k) for name in NAMES for k in getattr(s.parameters, name)]


def sensitivities(s, backward):
    """δ of the correlation layers and of the feedforward ones behind, in the order of the text."""
    return [backward.delta_c[c] for c in s.P] + [backward.delta_l[l] for l in range(2, s.L + 1)]


def true_sensitivities(s):
    return [s.sensitivities(c) for c in s.P] + [s.sensitivities(l=l) for l in range(2, s.L + 1)]


@line("47.1275/start", "dimension", "The samples are numbered from 0 to N-1", r"n=0,1,\dots,N-1",
      cases=(WIDE,))
def samples(s):
    return Sides(truth=list(range(len(s.h.tolist()))), printed=list(range(len(s.forward.y))),
                 wrong={"from 1": list(range(1, s.N)), "1 to N": list(range(1, s.N + 1))})


@line("47.1275/forward", "algorithm", "What the forward pass keeps is enough for the backward pass",
      r"\{z_{\ell,n},y_{\ell,n},z_n^{(d,c)},y_n^{(d,c)},H_n^{(d,c)}\}", cases=(SMALL, *BOTH, ANY_2),
      reason="H with c = 0 among them; a random choice of the entries that subsampling keeps would have "
             "to be kept as well")
def kept_signals(s):
    def gradient(**lost):
        return listed(s.net.backward(s.parameters, replace(s.forward, **lost), s.gamma).gradient)

    without_input = {**s.forward.H_c, 0: s.forward.H_c[0] * 0}
    return Sides(truth=all_slopes(s),
                 printed=gradient(t_c={c: t * 0 for c, t in s.forward.t_c.items()}),
                 wrong={"H of the input lost": gradient(H_c=without_input)})


@table(line, kind="algorithm", cases=(SMALL, *LAYERED))
def line_output(s, wrong):
    delta = s.backward.delta_l[s.L]
    return Sides(truth=s.sensitivities(l=s.L), printed=delta,
                 wrong={"halved": delta / 2, **{name: near(s, delta) for name, near in wrong.items()}})


line_output("47.1275/delta_L", "The line for the output's sensitivity",
            r"\delta_{L,n}=2(y_{L,n}-\gamma_n)\odot f'(z_{L,n})",
            wrong={"f' left out": lambda s, delta: 2 * (s.forward.y - s.gamma)}, cases=(SMALL, *LAYERED, ANY_2))


class LeftByTheLoop(Network):
    """The backward pass run once, for the n at which the loop over the samples ended."""

    kept = slice(-1, None)

    def delta_feedforward(self, p, forward, l, delta_next):
        delta = super().delta_feedforward(p, forward, l, delta_next)
        return delta[self.kept].repeat(len(delta), axis=0)

    def delta_correlation(self, forward, c, b):
        delta = super().delta_correlation(forward, c, b)
        return delta[self.kept].repeat(len(delta), axis=0)


class BeforeTheLoop(LeftByTheLoop):
    """The same for the n with which the loop began."""

    kept = slice(0, 1)


@line("47.1275/end-n", "algorithm", "For which samples the backward pass is run",
      r"\textbf{end}\;\text{of the loop over }n,\;\text{then}\;\delta_{\ell,n}=\dots",
      cases=({**SMALL, "N": 1}, SMALL, WIDE), expect="ambiguous",
      corrected_formula=r"\textbf{for}\;n=0,\dots,N-1\;\text{also around the backward pass}",
      reason="the loop over the samples is closed before the backward pass, whose lines still have n; "
             "read as 'for every n' they are right, read as a program they run for the last sample "
             "alone; cnnmat runs them for every sample; invisible for one sample",
      source_kind="words",
      cites={"for every n": "the derivatives below it sum over n = 0, ..., N-1",
             "for the n at the end of the loop": "the loop over n is closed before, and the line "
             "for δ_l has lost its n"})
def loop_over_samples(s):
    return Sides(truth=all_slopes(s),
                 readings={"for every n": listed(s.backward.gradient),
                           "for the n at the end of the loop": listed(
                               s.listed(LeftByTheLoop).gradient)},
                 wrong={"for the n at its start": listed(s.listed(BeforeTheLoop).gradient)})


@table(line, kind="algorithm", cases=BOTH)
def feedforward_range(s, wrong):
    needed = [l for l in range(len(s.signals()["zl"]), 0, -1) if l >= 2]
    return Sides(truth=needed, printed=[l for l in s.backward.delta_l if l != s.L],
                 wrong={name: list(layers(s.L)) for name, layers in wrong.items()})


feedforward_range("47.1275/l-range", "The feedforward part goes back from L-1 to 2",
                  r"\ell=L-1,\dots,3,2", wrong={"from L": lambda L: range(L, 1, -1),
                                                "one layer lower": lambda L: range(L - 2, 0, -1)},
                                                cases=(*BOTH, ANY_2))


class WithoutSample(Network):
    """δ_l from one δ_{l+1} for all samples, the last that was computed."""

    def delta_feedforward(self, p, forward, l, delta_next):
        last = delta_next[-1:].repeat(len(delta_next), axis=0)
        return super().delta_feedforward(p, forward, l, last)


@line("47.1275/delta_l", "algorithm", "The line for a feedforward layer",
      r"\delta_{\ell,n}=f'(z_{\ell,n})\odot(W_\ell^{\mathsf{T}}\delta_{\ell+1})",
      cases=(DEEP, WIDE, ANY_2),
      expect="misprint",
      corrected_formula=r"\delta_{\ell,n}=f'(z_{\ell,n})\odot(W_\ell^{\mathsf{T}}\delta_{\ell+1,n})",
      reason="the sensitivity that comes in has lost its sample, which (47.1234) and the twin line of "
             "(47.1276) have; one vector kept for all samples gives wrong ones for all but the last; "
             "invisible for one sample")
def line_feedforward(s):
    return Sides(truth=true_sensitivities(s), printed=sensitivities(s, s.listed(WithoutSample)),
                 corrected=sensitivities(s, s.backward),
                 wrong={"the sign": [-delta for delta in sensitivities(s, s.backward)]})


@line("47.1275/delta_C", "algorithm", "The line at the boundary",
      r"\delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\mathrm{permute}^{\#}(\mathrm{upv}(W_1^{\mathsf{T}}"
      r"\delta_{2,n}))", cases=(listings.ONE_MAP, DEEP, WIDE, ANY_2), expect="misprint",
      corrected_formula=r"\delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\mathrm{permute}^{\#}(\mathrm{upv}("
      r"(W_1^{(d)})^{\mathsf{T}}\delta_{2,n})),\quad d=1,\dots,D_C",
      reason="as (47.1245) has it, map d meets its own block of W_1; all of W_1 gives D_C P'_C entries "
             "where upv takes P'_C; invisible for one map in the last layer")
def line_boundary(s):
    def first_block(backward):
        return [delta[:, :1].repeat(s.D[s.C], 1) for delta in (backward.delta_c[s.C],)]

    return Sides(truth=[s.sensitivities(s.C)],
                 printed=lambda: [s.listed(listings.WholeW1).delta_c[s.C]],
                 corrected=[s.backward.delta_c[s.C]],
                 wrong={"the first map's for all": first_block(s.backward)})


@line("47.1275/d-ranges", "algorithm", "For which maps the backward lines are run",
      r"V^{(d,d',c+1)},\quad d=1,\dots,D_c,\;d'=1,\dots,D_{c+1}", cases=(PLAIN, DEEP, WIDE),
      **listings.RANGES)
def unbound_maps(s):
    return Sides(truth=true_sensitivities(s), printed=sensitivities(s, s.backward),
                 wrong={"d' = d": sensitivities(s, s.listed(listings.Diagonal))})


@table(line, kind="algorithm", cases=BOTH)
def correlation_range(s, wrong):
    needed = [c for c in range(len(s.signals()["z"]), 0, -1) if c < s.C]
    return Sides(truth=needed, printed=[c for c in s.backward.delta_c if c != s.C],
                 wrong={name: list(layers(s.C)) for name, layers in wrong.items()})


correlation_range("47.1275/c-range", "The correlation part goes back from C-1 to 1",
                  r"c=C-1,\dots,2,1", wrong={"to 2": lambda C: range(C - 1, 1, -1),
                                             "from C": lambda C: range(C, 0, -1),
                                             "one layer lower": lambda C: range(C - 2, -1, -1)},
                                             cases=(*BOTH, ANY_2))


ONES = listings.v_line(lambda before: before.partition.P, lambda before, after: after.partition.S)
SPREAD = r"(w_d^{(d',c+1)})^{\mathsf{T}}"
@line("47.1275/V-ones", "algorithm", "The line for V: the ones beside the mask",
      rf"V_c^{{\mathsf{{T}}}}\odot(\mathbb{{1}}_{{P_c}}\mathbb{{1}}_{{P_{{c+1}}}}^{{\mathsf{{T}}}}\otimes{SPREAD})",
      cases=(PLAIN, WIDE, ANY_2), expect="scan",
      corrected_formula=rf"V_c^{{\mathsf{{T}}}}\odot(\mathbb{{1}}_{{P'_c}}\mathbb{{1}}_{{P_{{c+1}}}}^{{\mathsf{{T}}}}\otimes{SPREAD})",
      reason="a prime got lost: the same line in (47.1276), and (47.1257), have P'_c, which the transpose "
             "of V_c has as many rows as; invisible without pooling")
def line_V_ones(s):
    primed = listings.v_line(lambda before: before.regions.P_prime, lambda before, after: after.partition.S)
    return Sides(truth=s.sensitivities(1), printed=lambda: s.listed(ONES).delta_c[1],
                 corrected=s.backward.delta_c[1], elsewhere=s.listed(primed).delta_c[1],
                 wrong={"the mask reversed": lambda: s.listed(listings.Mirrored).delta_c[1]})


@line("47.1275/V-size", "algorithm", "The line for V: the ones behind",
      r"I_{P_{c+1}}\otimes\mathbb{1}_{S_c}", cases=(PLAIN, WIDE, ANY_2), expect="misprint",
      corrected_formula=r"I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}}", reason=listings.SIZE_REASON)
def line_V_size(s):
    return Sides(truth=s.sensitivities(1), printed=lambda: s.listed(listings.SIZE).delta_c[1],
                 corrected=s.backward.delta_c[1],
                 wrong={"the mask reversed": lambda: s.listed(listings.Mirrored).delta_c[1]})


@line("47.1275/delta_c", "algorithm", "The line for an earlier correlation layer",
      r"\delta_n^{(d,c)}=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)})\odot\mathrm{permute}^{\#}(\mathrm{upv}("
      r"V^{(d,d',c+1)}\delta_n^{(d',c+1)}))", cases=(*LAYERED, ANY_2))
def line_earlier(s):
    return Sides(truth=[s.sensitivities(c) for c in range(1, s.C)],
                 printed=[s.backward.delta_c[c] for c in range(1, s.C)],
                 wrong={"d' = d alone": [s.listed(listings.Diagonal).delta_c[c] for c in range(1, s.C)]})


@line("47.1275/Delta", "algorithm", "The line for Δ",
      r"\Delta_{n,c}=\mathrm{diag}\{\delta_n^{(1,c)},\delta_n^{(2,c)},\dots,\delta_n^{(D_c,c)}\}",
      cases=(listings.ONE_UNIT, SMALL, WIDE), **listings.DELTA)
def line_Delta(s):
    gradient = s.backward.gradient.W_c[1]
    return Sides(truth=s.slopes("W_c", 1), printed=gradient,
                 wrong={"the maps in reverse": s.listed(listings.Exchanged).gradient.W_c[1],
                        "an ordinary diagonal": lambda: s.listed(
                            listings.OrdinaryDiagonal).gradient.W_c[1]})


@line("47.1275/Delta_C", "algorithm", "For which layers Δ is set",
      r"\Delta_{n,c}=\mathrm{diag}\{\delta_n^{(1,c)},\delta_n^{(2,c)},\dots,\delta_n^{(D_c,c)}\},"
      r"\quad c=C-1,\dots,2,1", cases=(SMALL, DEEP, WIDE, ANY_2),
      **listings.DELTA_C)
def last_Delta(s):
    printed, right = s.listed(listings.NoLastDelta).gradient, s.backward.gradient
    return Sides(truth=[s.slopes("W_c", s.C), s.slopes("Theta_c", s.C)],
                 printed=[printed.W_c[s.C], printed.Theta_c[s.C]],
                 corrected=[right.W_c[s.C], right.Theta_c[s.C]],
                 wrong={"the sign": [-right.W_c[s.C], -right.Theta_c[s.C]]})
