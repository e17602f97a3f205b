"""The chapter's identities at the sizes of real layers: ``cnnmat verify --real-sizes``."""

import random

import numpy as np

from cnnmat import (
    Activation,
    Network,
    Parameters,
    Partition,
    Regions,
    Stage,
    Windows,
    loops,
    vec,
    weight_matrix_short,
)
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.textbook import correlation
from cnnmat.verify import Sides
from cnnmat.verify.duals import Dual

#: Layers by their input, kernel, stride and padding.
LAYERS = [
    {"image": (28, 28), "kernel": (5, 5), "stride": 1, "padding": 0},
    {"image": (14, 14), "kernel": (5, 5), "stride": 1, "padding": 0},
    {"image": (56, 56), "kernel": (3, 3), "stride": 1, "padding": 1},
    {"image": (224, 224), "kernel": (7, 7), "stride": 2, "padding": 3},
]
PRIME = 2**61 - 1
BITS = 20


def pairs(number):
    return [number, number]


def terms(partition, s):
    """Where w(s) stands in V^(d,d',c+1): (entry of the map, unit, s), each as one number."""
    basis = np.zeros(partition.S, dtype=np.int64)
    basis[s] = 1
    found = weight_matrix_short(partition, basis).tocoo()
    ones = found.data == 1
    entry, unit = (one[ones].astype(np.int64) for one in found.coords)
    # a coefficient other than one is a term of its own kind
    others = -1 - np.flatnonzero(~ones & (found.data != 0))
    return np.concatenate([(entry * partition.P + unit) * partition.S + s, others])


@lecture.claim(
    "47.1257/real", "identity", "V^(d,d',c+1) of real layers, coefficient by coefficient",
    r"V^{(d,d',c+1)}=V_c^{\mathsf T}(I_{P_{c+1}}\otimes w_d^{(d',c+1)})", cases=LAYERS, real=True,
    source_kind="own")
def spread_mask(e, image, kernel, stride, padding):
    e.method("coefficients: the map is linear in w, so it is run on every basis vector of w",
             "all values, at this size")
    partition = Partition(Windows(image, kernel, stride, padding))
    lists = loops.window_lists(list(image), list(kernel), pairs(stride),
                               [pairs(padding)] * 2, [1, 1])
    P, S = partition.P, partition.S
    shipped = np.sort(np.concatenate([terms(partition, s) for s in range(S)]))
    truth = np.sort(np.array([(m * P + p) * S + s for p, one in enumerate(lists)
                              for s, m in enumerate(one) if m >= 0]))
    slip = truth.copy()
    slip[len(slip) // 2] += S
    return Sides(truth=truth, printed=shipped, wrong={"one entry in the next unit": slip})


def by_loops(x, w, delta, padding):
    """z, the way back, dW and dΘ of a layer by the plain loops, in one row."""
    pad = ((padding, padding),) * 2
    z = loops.correlate_rows(x.tolist(), w.tolist(), (1, 1), pad)
    dx, dw = loops.correlate_rows_backward(delta.tolist(), x.tolist(), w.tolist(), (1, 1), pad)
    db = [[-sum(sum(row) for row in one) for one in delta.tolist()]] * len(x)
    return np.concatenate([vec(np.array(one), 2).ravel() for one in (z, dx, dw, db)])


def in_matrices(partition, x, w, delta):
    """The same by the package, in float64."""
    H = correlation.stack_maps(partition, vec(x, 2).astype(float))
    W = vec(w, 2).reshape(len(w), -1).T.astype(float)
    rows = vec(delta, 2).astype(float)
    return np.concatenate([
        correlation.preactivation(H, W, np.zeros((len(x), len(w)))).ravel(),
        correlation.pull_back(partition, W, rows).ravel(), correlation.dW(H, rows).T.ravel(),
        correlation.dTheta(rows, len(x)).T.ravel()]).astype(np.int64)


@lecture.claim(
    "47.1268/real", "gradient", "z, the way back, dW and dΘ of a layer 64 to 64 of 56 x 56, in full",
    r"z=H^{\mathsf T}W,\quad b^{(d)}=\sum_{d'}V^{(d,d',c+1)}\delta^{(d')},\quad "
    r"\partial/\partial W=H\,[\delta^{(1)}\cdots\delta^{(D)}],\quad"
    r"\partial/\partial\Theta=-\mathbb{1}\mathbb{1}^{\mathsf T}[\delta^{(1)}\cdots\delta^{(D)}]",
    cases=[{"maps": (6, 16), "image": (14, 14), "kernel": (5, 5), "padding": 0},
           {"maps": (64, 64), "image": (56, 56), "kernel": (3, 3), "padding": 1}], real=True,
    source_kind="own")
def whole_layer(e, maps, image, kernel, padding):
    e.method(f"random whole numbers of {BITS} bits, float64 exact, against the plain loops in full",
             f"polynomials of degree 2: a false one passes with probability at most 2/2^{BITS} "
             "an entry")
    rng = np.random.default_rng(7)
    windows, (before, after) = Windows(image, kernel, padding=padding), maps
    x, w, delta = (rng.integers(0, 2**BITS, shape) for shape in (
        (before, *image), (after, before, *kernel), (after, *windows.output)))
    shipped = in_matrices(Partition(windows), x, w, delta)
    slip = shipped.copy()
    slip[len(slip) // 3] += 1
    return Sides(truth=by_loops(x, w, delta, padding), printed=shipped,
                 wrong={"one entry off by one": slip})


class Table:
    """A random function modulo the prime, and a random derivative."""

    def __init__(self, seed):
        self._random, self._rows = random.Random(seed), {}

    def row(self, z):
        """(f, f') at z; two calls agree when their arguments do, modulo the prime."""
        z = int(z) % PRIME
        if z not in self._rows:
            self._rows[z] = self._random.randrange(PRIME), self._random.randrange(PRIME)
        return self._rows[z]

    def __call__(self, z):
        """On dual numbers, for the plain loops."""
        value, slope = self.row(z.value)
        return Dual(value, {k: slope * d % PRIME for k, d in z.partials.items()})

    def activation(self):
        """On arrays of whole numbers, for the network."""
        return Activation("random", *(
            np.vectorize(lambda z, k=k: self.row(z)[k], otypes=[object]) for k in (0, 1)))


def lenet(f):
    """LeNet-5 on 28 x 28, with sums for means in its pooling."""
    def block(side, maps, act):
        inner = side - 4
        return Stage(Partition(Windows((side, side), 5)), maps, act,
                     Regions(Windows((inner, inner), 2, 2)), "sum")

    return Network(1, [block(28, 6, f[0]), block(12, 16, f[1])], [120, 84, 10],
                   activations=f[2:])


@lecture.claim(
    "47.1275/real", "algorithm", "The whole backward pass of LeNet-5, along a random direction",
    r"\langle\nabla J_{\mathrm{emp}},v\rangle=\tfrac{d}{d\varepsilon}J_{\mathrm{emp}}(W+\varepsilon v)",
    cases=[{}], real=True, source_kind="own")
def whole_network(e):
    tables = [Table(k) for k in range(5)]
    net = lenet([t.activation() for t in tables])
    rng = random.Random(1)

    def residues(shape):
        array = np.empty(shape, dtype=object)
        array.flat = [rng.randrange(PRIME) for _ in range(array.size)]
        return array

    p, v = (net.shapes().map(residues) for _ in range(2))
    count = sum(a.size for a in p.arrays())
    e.method(f"dual numbers modulo 2^61-1 through the plain loops, f and f' random functions, "
             f"{count} derivatives", "a wrong derivative passes with probability about 1/2^61")
    h, gamma = residues((1, 1, 784)), residues((1, 10))
    gradient = net.backward(p, net.forward(p, h), gamma).gradient

    def along(gradient):
        # one sample: the derivatives are whole, whatever carries them
        return sum(int(a) * b for part, other in zip(gradient.arrays(), v.arrays(), strict=True)
                   for a, b in zip(part.flat, other.flat, strict=True)) % PRIME

    slip = gradient.map(lambda a: a.copy())
    slip.W_c[1][3, 2] += 1
    return Sides(truth=slope(net, p, v, h, gamma, tables), printed=along(gradient),
                 wrong={"one derivative off by one": along(slip)})


def slope(net, p, v, h, gamma, tables):
    """The derivative of the loops' risk at p along v."""
    duals = Parameters(*(
        {k: np.vectorize(lambda a, b: Dual(a, {0: b}), otypes=[object])(part[k],
                                                                       getattr(v, name)[k])
         for k in part} for name, part in vars(p).items()))
    stages = []
    for c, stage in net.stages.items():
        W, Theta, S = duals.W_c[c].tolist(), duals.Theta_c[c].tolist(), stage.partition.S
        side, inner = (28, 24) if c == 1 else (12, 8)
        before = len(Theta)
        stages.append({
            "lists": loops.window_lists([side] * 2, [5, 5], [1, 1], [(0, 0)] * 2, [1, 1]),
            "regions": loops.window_lists([inner] * 2, [2, 2], [2, 2], [(0, 0)] * 2, [1, 1]),
            "w": [[[W[j * S + s][d] for s in range(S)] for j in range(before)]
                  for d in range(stage.depth)],
            "theta": [[Theta[j][d] for j in range(before)] for d in range(stage.depth)],
            "f": tables[c - 1], "reduce": [sum] * stage.depth,
            "feeds": [range(before)] * stage.depth,
        })
    layers = [{"W": duals.W_l[l].tolist(), "theta": duals.theta_l[l].tolist(), "f": tables[l + 1]}
              for l in duals.W_l]
    risk = loops.empirical_risk(h.tolist(), gamma.tolist(), stages, layers, 0, 0)
    return int(risk.partials[0]) % PRIME
