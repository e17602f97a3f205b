"""One step back, whatever lies behind: (47.1233) to (47.1275) for any C and L.

What lies behind a layer is any differentiable J of its z, another for each sample, and z is any
array.  The layers 1 and 2 of the network here stand for c and c + 1, 2 and 3 for l and l + 1.
"""

import numpy as np

from cnnmat import Network, Partition, Stage, loops, upv
from cnnmat.derivations.sayed.setting import lecture, network
from cnnmat.derivations.tables import taking
from cnnmat.textbook import correlation, feedforward
from cnnmat.textbook.signals import Forward
from cnnmat.verify import Sides

STEP = ("one step, from any J of what lies behind: with (47.1233) where the steps begin, any C and "
        "any L follow by induction, which is not what the machine checks; it runs C = 1, 2, 3 whole")


class Behind:
    """A network of any sizes, a loss J of which nothing is known, and slopes by the loops."""

    def __init__(self, e):
        self.e, self.s, self.J = e, network(e, any_size=2), e.loss("J")

    def slopes(self, z, behind):
        """∂J(behind(z_n))/∂z_n of every sample."""
        def slope(n):
            return self.e.gradient(lambda one: self.J(behind(one), n), z[n])

        return [slope(n) for n in range(len(z))]

    def risk(self, z, norm, rho):
        """ρ norm + (1/N) Σ_n J(z(n))."""
        N = len(self.s.h)
        return rho * norm + sum(self.J(z(n), n) for n in range(N)) / N

    def maps(self, c):
        """Any z of correlation layer c, what is known in front of it, and z of what is behind it."""
        s, stage, p = self.s, self.s.net.stages[c], self.s.parameters
        z = self.e.symbols("z", s.N, s.D[c], s.P[c])
        y = stage.activation(z)
        t = stage.pooling(y, stage.regions)
        if c < s.C:
            H = correlation.stack_maps(s.partition(c + 1), t)
            after = correlation.preactivation(H, p.W_c[c + 1], p.Theta_c[c + 1])
        else:
            after = feedforward.preactivation(t.reshape(s.N, -1), p.W_l[1], p.theta_l[1])
        return z, Forward({c: z}, {c: y}, {c: t}, {}, {}, {}), after

    def back_by_loops(self, c, z):
        """∂J/∂z of correlation layer c by the loops, J being of what is behind it."""
        s = self.s
        return self.slopes(z, lambda z: s.next_z(c, s.pooled(
            c, [[s.f_c[c - 1](value) for value in one] for one in z])))

    def without_slope(self, c, forward, b):
        """`delta_correlation` with f' left out."""
        stage = self.s.net.stages[c]
        g = stage.pooling.gradient_vectors(forward.y_c[c], stage.regions)
        return stage.regions.permute_sharp(upv(b, g, stage.regions))


step = taking(lecture.claim, Behind, covers=STEP)


@taking(lecture.claim, Behind)("47.1233/any-L", "gradient", "The sensitivities of the output, for any L",
                               r"\delta_{L,n}=2(y_n-\gamma_n)\odot f'(z_n)",
                               covers="any z: where the steps back begin, for any C and L")
def output(one):
    s = one.s
    z, f = one.e.symbols("z", s.N, s.n[s.L]), s.f_l[-1]

    def slope(n):
        return one.e.gradient(lambda z: s.error(n, [f(value) for value in z]), z[n])

    printed = s.net.delta_output(Forward({}, {}, {}, {}, {s.L: z}, {}), s.gamma)
    return Sides(truth=[slope(n) for n in range(s.N)], printed=printed,
                 wrong={"target less output": 2 * (s.gamma - f(z)) * f.derivative(z)})


@step("47.1234/any-L", "gradient", "One step back through a feedforward layer, for any L",
      r"\delta_{\ell,n}=f'(z_{\ell,n})\odot(W_\ell^{\mathsf T}\delta_{\ell+1,n})",
      source_kind="consequence")
def feedforward_step(one):
    s, p = one.s, one.s.parameters
    z, f = one.e.symbols("z", s.N, s.n[2]), s.f_l[0]
    after = feedforward.preactivation(f(z), p.W_l[2], p.theta_l[2])
    truth = one.slopes(z, lambda z: loops.network(
        [[f(value) for value in z]], [], s.layers()[1:])["zl"][0])
    delta = one.J.slopes(after)
    return Sides(truth=truth, printed=s.net.delta_feedforward(
        p, Forward({}, {}, {}, {}, {2: z}, {}), 2, delta),
        wrong={"f' left out": feedforward.pull_back(p.W_l[2], delta)})


@step("47.1245/any-C", "gradient", "From the feedforward part into the last correlation layer, for any C",
      r"\delta_n^{(d,C)}=f'(z_n^{(d,C)})\odot\mathrm{permute}^{\#}\left(\mathrm{upv}\left("
      r"(W_1^{(d)})^{\mathsf T}\delta_{2,n}\right)\right)",
      source_kind="consequence")
def last_layer(one):
    s, c = one.s, one.s.C
    z, forward, after = one.maps(c)
    b = s.net.back_to_maps(s.parameters, forward, one.J.slopes(after))
    return Sides(truth=one.back_by_loops(c, z), printed=s.net.delta_correlation(forward, c, b),
                 wrong={"f' left out": one.without_slope(c, forward, b),
                        "the maps in reverse": s.net.delta_correlation(forward, c, b[:, ::-1])})


@step("47.1262/any-C", "gradient", "One step back through a correlation layer, for any C",
      r"\delta_n^{(d,c)}=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)})\odot\mathrm{permute}^{\#}\left("
      r"\mathrm{upv}\left(V^{(d,d',c+1)}\delta_n^{(d',c+1)}\right)\right)")
def correlation_step(one):
    s = one.s
    z, forward, after = one.maps(1)
    delta, truth = one.J.slopes(after), one.back_by_loops(1, z)
    literal, short = (s.net.back_through_masks(s.parameters, 2, delta, way) for way in (True, False))

    def back(b):
        return s.net.delta_correlation(forward, 1, b)

    return Sides(truth=(truth, truth), printed=(back(literal), back(short)),
                 wrong={"f' left out": (one.without_slope(1, forward, literal), truth),
                        "the maps in reverse": (back(literal[:, ::-1]), truth)})


@step("47.1264/any-L", "gradient", "By weights and biases of a feedforward layer, for any L",
      r"\frac{\partial\mathcal{J}}{\partial W_\ell}=2\rho_2W_\ell+\frac1N\sum_n\delta_{\ell+1,n}"
      r"y_{\ell,n}^{\mathsf T},\quad\frac{\partial\mathcal{J}}{\partial\theta_\ell}="
      r"-\frac1N\sum_n\delta_{\ell+1,n}",
      source_kind="consequence")
def by_feedforward_parameters(one):
    s, p, e = one.s, one.s.parameters, one.e
    y, W, theta, rho = e.symbols("y", s.N, s.n[2]), p.W_l[2], p.theta_l[2], s.rho[1]

    def risk(W, theta):
        layer = {"W": W, "theta": theta, "f": s.f_l[1]}
        return one.risk(lambda n: loops.network([y[n].tolist()], [], [layer])["zl"][0],
                        loops.squared_norm(W), rho)

    delta = one.J.slopes(feedforward.preactivation(y, W, theta))
    forward = Forward({}, {}, {}, {}, {}, {2: y})
    slope = s.net.dW_l(p, forward, 2, delta)
    return Sides(truth=(e.gradient(lambda W: risk(W, theta.tolist()), W),
                        e.gradient(lambda theta: risk(W.tolist(), theta), theta)),
                 printed=(slope, s.net.dtheta_l(delta)),
                 wrong={"the penalty left out": (slope - 2 * rho * W, s.net.dtheta_l(delta)),
                        "the biases added": (slope, -s.net.dtheta_l(delta))})


@step("47.1274/any-C", "gradient", "By masks and biases of a correlation layer, for any C",
      r"\frac{\partial\mathcal{J}}{\partial W_c}=2\rho_1W_c+\frac1N\sum_n(\mathbb{1}^{\mathsf T}\otimes "
      r"H_{n,c-1})\Delta_{n,c},\quad\frac{\partial\mathcal{J}}{\partial\Theta_c}=-\frac1N\sum_n("
      r"\mathbb{1}^{\mathsf T}\otimes\mathbb{1}\mathbb{1}^{\mathsf T})\Delta_{n,c}",
      source_kind="consequence")
def by_masks(one):
    s, p, e = one.s, one.s.parameters, one.e
    W, Theta, rho = p.W_c[1], p.Theta_c[1], s.rho[0]

    def risk(name, part):
        stage = s.stages(**{name: {1: part}})[:1]
        return one.risk(lambda n: loops.network(s.h[n].tolist(), stage, [])["z"][0],
                        loops.squared_norm(stage[0]["w"]), rho)

    H = correlation.stack_maps(s.partition(1), s.h)
    delta = one.J.slopes(correlation.preactivation(H, W, Theta))
    slope = s.net.dW_c(p, Forward({}, {}, {}, {0: H}, {}, {}), 1, delta)
    return Sides(truth=(e.gradient(lambda part: risk("W_c", part), W),
                        e.gradient(lambda part: risk("Theta_c", part), Theta)),
                 printed=(slope, s.net.dTheta_c(1, delta)),
                 wrong={"the penalty left out": (slope - 2 * rho * W, s.net.dTheta_c(1, delta)),
                        "the biases added": (slope, -s.net.dTheta_c(1, delta))})


class Lines(Network):
    """A network whose lines write down which they are, behind what they were handed."""

    def delta_output(self, forward, gamma):
        return [("output", self.L)]

    def delta_feedforward(self, p, forward, l, delta_next):
        return [*delta_next, ("feedforward", l)]

    def back_to_maps(self, p, forward, delta_2):
        return [*delta_2, ("to maps", 1)]

    def delta_correlation(self, forward, c, b):
        return [*b, ("correlation", c)]

    def back_through_masks(self, p, c, delta, literal=False):
        return [*delta, ("masks", c)]

    def dW_c(self, p, forward, c, delta):
        return p.W_c[c]

    def dTheta_c(self, c, delta):
        return np.zeros((1, 1))

    def dW_l(self, p, forward, l, delta_next):
        return p.W_l[l]

    def dtheta_l(self, delta_next):
        return np.zeros(1)


#: How a line is written down as a number.
WORDS = ("output", "feedforward", "to maps", "correlation", "masks")


def numbered(lines):
    return [[WORDS.index(word), k] for word, k in lines]


@lecture.claim("47.1275/lines", "algorithm", "The listing goes back by these steps, one after the other",
               r"\delta_L\to\dots\to\delta_2\to\delta_C\to\dots\to\delta_1",
               cases=[{"C": C, "L": L} for C in range(1, 5) for L in range(2, 6)],
               source_kind="own",
               covers="which line is handed what; the lines themselves are (47.1233) to (47.1262)")
def order_of_lines(e, C, L):
    net = Lines(1, [Stage(Partition([[0]], 1), 1) for _ in range(C)], [1] * (L - 1))
    p, chain = net.initial(0), [("output", L)]
    back = net.backward(p, net.forward(p, np.zeros((1, 1, 1))), np.zeros((1, 1)))
    for l in range(1, L - 1):
        chain = [*chain, ("feedforward", L - l)]
    ends = [chain, [*chain, ("to maps", 1), ("correlation", C)]]
    for c in range(1, C):
        ends.append([*ends[-1], ("masks", C - c + 1), ("correlation", C - c)])
    found = [back.delta_l[2], *(back.delta_c[c] for c in range(C, 0, -1))]
    return Sides(truth=[numbered(one) for one in ends], printed=[numbered(one) for one in found],
                 wrong={"from the first layer on": [numbered(one[::-1]) for one in found],
                        "the last line left out": [numbered(one[:-1]) for one in found],
                        "the first line twice": [numbered([*one[:1], *one]) for one in found]})


lecture.remark("47.1275/induction", "That (47.1233) begins, and that one step takes any J of z_{c+1} to the same J of "
               "z_c, is proved for all sizes; that therefore all sensitivities are right for any C and any L is the "
               "induction, and a reader's to draw: the machine runs C = 1, 2, 3 whole, and the order of the lines up to "
               "C = 4 and L = 5.")
