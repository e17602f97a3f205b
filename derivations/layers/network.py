"""Networks: what the lectures leave out."""

import math

import numpy as np

from cnnmat import Network, Parameters, Partition, Regions, Stage, loops
from cnnmat.derivations.layers.setting import exp, lecture, log, sign
from cnnmat.derivations.sayed.setting import DEEP, SMALL, network
from cnnmat.verify import Sides

CONNECTED = ((1, 0, 1), (0, 1, 1))
NAMES = ("W_c", "Theta_c", "W_l", "theta_l")


def listed(parameters):
    return [getattr(parameters, name)[k] for name in NAMES for k in getattr(parameters, name)]


@lecture.claim(
    "network/connections", "gradient", "Maps that are not connected have no derivative",
    r"j\notin\mathcal{D}^{(d)}\Rightarrow\partial J/\partial w_j^{(d)}=0,\ \partial J/\partial\theta^{(d)}(j)=0",
    cases=[{"connections": (CONNECTED,)}])
def connections(e, connections):
    s = network(e, **SMALL, connections=connections)
    gradient, p = s.backward.gradient, s.parameters
    truth = [s.slopes(name, k) for name in NAMES for k in getattr(p, name)]
    everything = network(e, **SMALL).backward.gradient
    return Sides(truth=truth, printed=listed(gradient), wrong={
        "all maps connected": listed(everything)})


@lecture.claim(
    "network/connections/risk", "algorithm", "Weights between maps that are not connected are none",
    r"\rho_1\|W_c\|^2=\rho_1\sum_{j\in\mathcal{D}^{(d)}}\|w_j^{(d)}\|^2",
    cases=[{"connections": (CONNECTED,)}])
def connected_risk(e, connections):
    s = network(e, **SMALL, connections=connections, numbers=True)
    return Sides(truth=s.risk(), printed=s.net.risk(s.parameters, s.h, s.gamma), wrong={
        "all weights counted": s.net.risk(s.parameters, s.h, s.gamma) + s.rho[0] * sum(
            w * w for w in s.parameters.W_c[1].ravel())})


@lecture.claim(
    "network/jacobians", "identity", "The sensitivities of any sample as a product of sparse matrices",
    r"F_1F_2\cdots F_K\delta_L=\mathrm{col}\{\delta^{(1,1)}_n,\dots,\delta^{(D_1,1)}_n\}",
    cases=[{"n": 1}, {"n": 2, "connections": (None, ((1, 0), (1, 1)))}])
def factors(e, n, connections=None):
    s = network(e, **{**DEEP, "N": 3, "pooling": "max"}, numbers="floats", connections=connections)
    matrices = [factor for _, factor in s.net.jacobians(s.parameters, s.forward, n)]

    def product(delta):
        for factor in reversed(matrices):
            delta = factor @ delta
        return delta

    deltas = s.backward.delta_l[s.L]
    return Sides(truth=s.sensitivity(n, c=1).astype(float).ravel(), printed=product(deltas[n]),
                 wrong={"from the risk of the sample before": product(deltas[n - 1])})


@lecture.claim(
    "network/floats", "gradient", "In floating point the same, with two samples",
    r"\partial J_{\mathrm{emp}}/\partial W_c=2\rho_1W_c+\tfrac1N\sum_n(\cdots)",
    cases=[{"N": 2}])
def in_floats(e, N):
    s = network(e, **{**SMALL, "N": N}, numbers="floats")
    gradient, p = s.backward.gradient, s.parameters
    truth = [s.slopes(name, k) for name in NAMES for k in getattr(p, name)]
    return Sides(truth=truth, printed=listed(gradient), wrong={
        "1/N left out": listed(gradient.map(lambda g: g * N))})


@lecture.claim(
    "network/initial", "definition", "The first weights of a unit are scaled by its fan-in, its bias is 0",
    r"W\sim\mathcal{N}\left(0,\tfrac1{\mathrm{fan\ in}}\right),\quad\theta=0",
    cases=[{"seed": 3}, {"seed": 4}])
def initial(e, seed):
    s = network(e, **SMALL)
    random = np.random.default_rng(seed)
    fan_in = {"W_c": {1: s.S[1] * s.D[0]}, "W_l": {1: s.n[1]}}

    def one(name, k, shape):
        if name not in fan_in:
            return loops.build(list(shape), lambda *_: 0.0)
        # one number after the other, row by row
        return loops.build(list(shape), lambda *_: random.normal() / math.sqrt(fan_in[name][k]))

    p = s.parameters
    # all weights of the masks are drawn first, then those of the layers
    truth = {name: [one(name, k, a.shape) for k, a in getattr(p, name).items()]
             for name in ("W_c", "W_l", "Theta_c", "theta_l")}
    drawn = s.net.initial(seed)
    return Sides(truth=[a for name in NAMES for a in truth[name]], printed=listed(drawn),
                 wrong={"not scaled": listed(drawn.map(lambda w: w * math.sqrt(s.n[1])))})


@lecture.claim(
    "network/defaults", "algorithm", "No regions: nothing is pooled; one activation serves all layers",
    r"\Omega_{p'}=\{p'\}\Rightarrow t=y", cases=[{"lists": ((0, 2, 1), (3, 1, 0))}])
def defaults(e, lists):
    f = e.activation()
    net = Network(1, [Stage(Partition(lists, 4), 2, f)], [2, 1], activations=f)
    names = dict(zip(NAMES, ("W", "Theta", "Wff", "theta"), strict=True))
    p = Parameters(**{name: {k: e.symbols(f"{letter}{k}", *shape) for k, shape in
                             getattr(net.shapes(), name).items()}
                      for name, letter in names.items()})
    h = e.symbols("h", 1, 1, 4)
    stage = {"lists": lists, "f": f, "regions": [[0], [1]], "feeds": [[0]] * 2,
             "w": [[column] for column in p.W_c[1].T.tolist()], "theta": p.Theta_c[1].T.tolist(),
             "reduce": [lambda values: values[0]] * 2}
    layers = [{"W": p.W_l[l].tolist(), "theta": p.theta_l[l].tolist(), "f": f} for l in (1, 2)]
    truth = loops.network(h[0].tolist(), [stage], layers)["output"]
    forward = net.forward(p, h)
    return Sides(truth=truth, printed=forward.y[0], wrong={"the last f left out": forward.z_l[3][0]})


@lecture.claim(
    "network/cross_entropy", "gradient", "A network that ends in a softmax",
    r"J=\tfrac1N\sum_n\Bigl(-\sum_i\gamma_{ni}\ln y_{ni}\Bigr),\quad\partial J/\partial W",
    cases=[{"N": 2, "lists": ((0, 2, 1), (3, 1, 0))}])
def softmax_network(e, N, lists):
    stage = Stage(Partition(lists, 4), 2, "relu", Regions([[1, 0]], 2), "max")
    net = Network(1, [stage], [4, 3], activations=["abs", "identity"], risk="cross_entropy")
    p = net.initial(7).map(lambda a: a + e.floats(*a.shape))
    h, gamma = e.floats(N, 1, 4), e.floats(N, 3)

    def outputs(W_c, W_l):
        one = {"lists": lists, "f": lambda z: z * (z > 0), "regions": [[1, 0]], "feeds": [[0]] * 2,
               "w": [[[row[d] for row in W_c]] for d in range(2)],
               "theta": p.Theta_c[1].T.tolist(), "reduce": [loops.largest] * 2}
        after = [{"W": W_l, "theta": p.theta_l[1].tolist(), "f": lambda z: z * sign(z)},
                 {"W": p.W_l[2].tolist(), "theta": p.theta_l[2].tolist(), "f": lambda z: z}]
        return [loops.network(h[n].tolist(), [one], after)["output"] for n in range(N)]

    def risk(W_c, W_l):
        return sum(loops.cross_entropy(gamma[n].tolist(), z, exp, log)
                   for n, z in enumerate(outputs(W_c, W_l))) / N

    W_c, W_l = p.W_c[1].tolist(), p.W_l[1].tolist()
    truth = ([loops.softmax(z, math.exp) for z in outputs(W_c, W_l)], risk(W_c, W_l),
             e.gradient(lambda w: risk(w, W_l), p.W_c[1]),
             e.gradient(lambda w: risk(W_c, w), p.W_l[1]))
    forward = net.forward(p, h)
    gradient = net.backward(p, forward, gamma).gradient
    printed = forward.y, net.risk(p, h, gamma), gradient.W_c[1], gradient.W_l[1]
    return Sides(truth=truth, printed=printed,
                 wrong={"1/N left out": (*printed[:2], N * printed[2], printed[3])})
