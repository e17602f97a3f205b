"""The lecture, and the small networks on which its claims are run."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cnnmat import Network, Parameters, Partition, Regions, Stage, loops, upv
from cnnmat.derivations.sayed.anysize import network_of_any_size
from cnnmat.derivations.sayed.notation import read_into
from cnnmat.derivations.sayed.numbers import Floats, Numbers, activations
from cnnmat.derivations.tables import taking
from cnnmat.textbook.pooling import l2
from cnnmat.verify import Lecture

lecture = Lecture("sayed", "Sayed, section 47.25: convolutional neural networks")
lecture.kinks("47.1262", "47.1275")

#: Figure 47.87: M = 6, P = 4, S = 3.
FIGURE_87 = ((0, 3, 5), (1, 4, 3), (2, 5, 0), (1, 3, 0))
#: Figure 47.95: P = 12 in three regions.
FIGURE_95 = ((0, 1, 3, 7), (2, 4, 6, 8, 10), (5, 9, 11))
#: Figure 47.99: four subvectors of two entries of a vector of six.
FIGURE_99 = ((0, 2), (3, 1), (4, 0), (5, 1))

#: Small and generic: all sizes differ, regions are unequal, windows overlap.
SMALL = {
    "depth": 2, "M": 5, "lists": (((0, 1, 3), (4, 2, 1), (2, 3, 0)),),
    "depths": (3,), "regions": (((0, 2), (1,)),), "widths": (2,), "N": 2,
}
#: Two correlation layers, so that sensitivities pass through V^(d,d',c+1).
DEEP = {
    "depth": 1, "M": 5,
    "lists": (((0, 1), (4, 2), (2, 3), (1, 0)), ((0, 2), (1, 0))),
    "depths": (2, 2), "regions": (((0, 2), (1,), (3,)), ((1,), (0,))), "widths": (2, 1), "N": 1,
}
#: No two sizes that could be mixed up are equal, and no T undoes itself: whole numbers
#: instead of symbols, and the norm as pooling, whose g depends on the sample and the map.
WIDE = {
    "depth": 2, "M": 5,
    "lists": (((0, 2, 4, 1), (3, 1, 0, 4), (2, 3, 1, 0), (4, 0, 3, 2), (1, 4, 2, 3),
               (0, 3, 4, 1), (4, 2, 0, 3)),
              ((2, 0), (1, 2), (0, 1), (2, 1), (1, 0))),
    "depths": (3, 4), "regions": (((1, 4), (0, 3, 6), (2, 5)), ((3, 0), (1, 4, 2))),
    "widths": (3, 2), "N": 2, "pooling": "l2", "numbers": True,
}
#: Three correlation layers that grow shallower, then deeper again.
TALL = {
    "depth": 2, "M": 4,
    "lists": (((0, 2, 3), (1, 0, 2), (3, 1, 0), (2, 3, 1), (0, 1, 3), (1, 2, 0)),
              ((2, 0), (1, 2), (0, 1), (2, 1), (1, 0)), ((1,), (0,), (1,), (0,))),
    "depths": (3, 2, 3),
    "regions": (((1, 2), (0,), (3, 5, 4)), ((3, 0, 1), (4, 2)), ((2, 0), (1,), (3,))),
    "widths": (2, 3, 2), "N": 1, "pooling": "l2", "numbers": True,
}
#: One map a layer, one sample, no pooling, masks of one size: most slips are invisible here.
PLAIN = {
    "depth": 1, "M": 3, "lists": (((0, 1), (2, 0), (1, 2)), ((2, 0), (1, 2), (0, 1))),
    "depths": (1, 1), "regions": (((1,), (2,), (0,)), ((2,), (0,), (1,))), "widths": (3, 3),
    "N": 1, "numbers": True,
}
#: The two large ones, and before them the small one of two layers.
BOTH = (WIDE, TALL)
LAYERED = (DEEP, *BOTH)
#: One, two, three correlation layers, with a letter for every size.
ANY_1, ANY_2, ANY_3 = ANY = tuple({"any_size": C} for C in (1, 2, 3))
#: The same with other poolings.
MAX = {**DEEP, "pooling": "max"}
MEAN = {**WIDE, "pooling": "mean"}


@dataclass
class Setting:
    """A network in matrices, and the same one for the plain loops.

    The text's sizes are counted from the lists: D[c], P[c], Pp[c] (P'_c), S[c], n[l].
    """

    e: object
    make: Callable
    parameters: Parameters
    h: np.ndarray
    gamma: np.ndarray
    rho: tuple
    lists: tuple
    regions: tuple
    feeds: list
    reduces: list
    f_c: list
    f_l: list
    D: tuple
    widths: tuple

    def __post_init__(self):
        self.net = self.make(Network)
        self.C, self.L, self.N = len(self.lists), len(self.widths) + 1, len(self.h)
        self.M = self.h.shape[-1]
        self.P = {c: len(one) for c, one in enumerate(self.lists, start=1)}
        self.S = {c: len(one[0]) for c, one in enumerate(self.lists, start=1)}
        self.Pp = {c: len(one) for c, one in enumerate(self.regions, start=1)}
        self.n = dict(enumerate((self.D[-1] * self.Pp[self.C], *self.widths), start=1))

    @cached_property
    def forward(self):
        """The forward pass of the package."""
        return self.net.forward(self.parameters, self.h)

    @cached_property
    def backward(self):
        """The backward pass of the package, literally as printed where it can be."""
        return self.net.backward(self.parameters, self.forward, self.gamma, literal=True)

    def listed(self, line):
        """The backward pass with one line replaced: `line` is a subclass of Network."""
        net = self.make(line)
        return net.backward(self.parameters, self.forward, self.gamma, literal=True)

    def partition(self, c):
        """The partition in front of correlation layer c."""
        return self.net.stages[c].partition

    def gradient_vectors(self, c):
        """g of every sample and map of correlation layer c."""
        stage = self.net.stages[c]
        return stage.pooling.gradient_vectors(self.forward.y_c[c], stage.regions)

    def spread(self, v, c, g=None):
        """permute#(upv(v)) in layer c, with the g of sample 0 if no other is given."""
        regions = self.net.stages[c].regions
        return regions.permute_sharp(upv(v, self.gradient_vectors(c)[0] if g is None else g, regions))

    def stages(self, W_c=None, Theta_c=None):
        """The correlation stages for `loops.network`, with some parameters put in."""
        W_c, Theta_c = W_c or {}, Theta_c or {}
        stages = []
        for c, lists in enumerate(self.lists, start=1):
            W = W_c.get(c) or self.parameters.W_c[c].tolist()
            Theta = Theta_c.get(c) or self.parameters.Theta_c[c].tolist()
            S, maps, before = len(lists[0]), len(W[0]), len(Theta)
            stages.append({
                "lists": lists, "regions": self.regions[c - 1], "f": self.f_c[c - 1],
                "w": [[[W[j * S + s][d] for s in range(S)] for j in range(before)]
                      for d in range(maps)],
                "theta": [[Theta[j][d] for j in range(before)] for d in range(maps)],
                "reduce": [self.reduces[c - 1] for _ in range(maps)], "feeds": self.feeds[c - 1],
            })
        return stages

    def layers(self, W_l=None, theta_l=None):
        """The fully connected layers for `loops.network`, with some parameters put in."""
        W_l, theta_l = W_l or {}, theta_l or {}
        return [{"W": W_l.get(l) or self.parameters.W_l[l].tolist(),
                 "theta": theta_l.get(l) or self.parameters.theta_l[l].tolist(),
                 "f": self.f_l[l - 1]} for l in self.parameters.W_l]

    def signals(self, n=0, c=None, l=None, shift=None):
        """All signals of sample n by the plain loops; `shift` is added to z of one layer."""
        stages, layers = self.stages(), self.layers()
        if c:
            stages[c - 1]["shift"] = shift
        if l:
            layers[l - 2]["shift"] = shift
        return loops.network(self.h[n].tolist(), stages, layers)

    def risk(self, **put):
        """J_emp by the plain loops, with the named parameters put in."""
        stages = self.stages(put.get("W_c"), put.get("Theta_c"))
        layers = self.layers(put.get("W_l"), put.get("theta_l"))
        return loops.empirical_risk(self.h.tolist(), self.gamma.tolist(), stages, layers,
                                    *self.rho)

    def error(self, n, output):
        """‖γ_n - output‖²."""
        return loops.squared_error(self.gamma[n].tolist(), output)

    def loss(self, n, c=None, l=None, shift=None):
        """‖γ_n - y_n‖² by the plain loops, `shift` added to z of correlation layer c or layer l."""
        return self.error(n, self.signals(n, c, l, shift)["output"])

    def zeros(self, c=None, l=None):
        """A shift of zeros for z of correlation layer c, or of layer l."""
        return np.zeros((self.D[c], self.P[c]) if c else (self.n[l],), dtype=int)

    def sensitivity(self, n, c=None, l=None):
        """∂‖γ_n - y_n‖²/∂z of correlation layer c, or of layer l, by dual numbers."""
        return self.e.gradient(lambda shift: self.loss(n, c, l, shift), self.zeros(c, l))

    def sensitivities(self, c=None, l=None):
        """`sensitivity` of all samples."""
        return [self.sensitivity(n, c, l) for n in range(self.N)]

    def after(self, c, maps):
        """The signals behind the pooled maps of correlation layer c, by the plain loops."""
        return loops.network(maps, self.stages()[c:], self.layers())

    def next_z(self, c, maps):
        """z of what comes behind the pooled maps of layer c: z^(d',c+1), or z_2 where c = C."""
        signals = self.after(c, maps)
        return signals["z"][0] if c < self.C else signals["zl"][0]

    def pooled(self, c, y):
        """pool, map by map, by the plain loops."""
        return [loops.pool(one, self.regions[c - 1], self.reduces[c - 1]) for one in y]

    def z_by_t(self, c, n=0):
        """∂z/∂t of the layer behind: indices [d', i, d, p'], or [k, d, p'] where c = C."""
        return self.e.jacobian(lambda t: self.next_z(c, t), self.signals(n)["t"][c - 1])

    def t_by_y(self, c, n=0):
        """∂t^(d'',c)(p')/∂y^(d,c)(j): indices [d'', p', d, j]."""
        return self.e.jacobian(lambda y: self.pooled(c, y), self.signals(n)["y"][c - 1])

    def z_by_z(self, c, n=0):
        """∂z/∂z^(d,c)(j) of the layer behind: indices [d', i, d, j], or [k, d, j]."""
        def behind(shift):
            signals = self.signals(n, c, shift=shift)
            return signals["z"][c] if c < self.C else signals["zl"][0]

        return self.e.jacobian(behind, self.zeros(c))

    def f_prime(self, c, n=0):
        """f'(z^(d,c)) at the loops' own z."""
        return self.f_c[c - 1].derivative(np.array(self.signals(n)["z"][c - 1], dtype=object))

    def region_of(self, c, j):
        """p'', the region in which entry j of a map of layer c lies."""
        return self.e.region_of(self.net.stages[c].regions, j)

    def mask(self, d, j, c):
        """w_j^(d,c), read off from W_c by loops; all indices but c from 0."""
        return np.array(self.stages()[c - 1]["w"][d][j], dtype=object)

    def slopes(self, name, k):
        """∂J_emp/∂(parameter `name` of layer k): dual numbers through the plain loops."""
        return self.e.gradient(lambda part: self.risk(**{name: {k: part}}),
                               getattr(self.parameters, name)[k])

    def loss_slopes(self, n, name, k):
        """∂‖γ_n - y_n‖²/∂(parameter `name` of layer k), by the plain loops."""
        def loss(part):
            put = {name: {k: part}}
            stages = self.stages(put.get("W_c"), put.get("Theta_c"))
            layers = self.layers(put.get("W_l"), put.get("theta_l"))
            return self.error(n, loops.network(self.h[n].tolist(), stages, layers)["output"])

        return self.e.gradient(loss, getattr(self.parameters, name)[k])


def network(e, *, any_size=0, **case):
    """The network of a case: of given sizes, or of `any_size` correlation layers of any."""
    if not any_size:
        return given(e, **case)
    return e.shared(("network", any_size),
                    lambda e: Setting(e, *network_of_any_size(e, any_size)),
                    lambda s: (s.forward, s.backward))


def given(e, depth, M, lists, depths, regions, widths, N, *, pooling="mean",
          connections=None, regularised=True, numbers=False, relu=False):
    """A network with a symbol for every input, weight, bias, target and factor.

    `numbers` draws whole numbers in place of the symbols, or "floats"; `relu` takes that for f.
    """
    draw = {False: lambda e: e, True: Numbers, "floats": Floats}[numbers](e)
    (f, stage_f), (g, layer_f) = (activations(draw, letter, len(one), relu)
                                  for letter, one in (("f", lists), ("g", widths)))
    rho = (draw.symbols("rho1"), draw.symbols("rho2")) if regularised else (0, 0)
    reduce = {"mean": loops.mean, "max": loops.largest, "sum": sum}.get(pooling)
    if pooling == "l2":
        root = draw.root()
        pooling, reduce = l2(root), lambda values: loops.norm(values, 2, root)
    connections = connections or (None,) * len(lists)
    stages, size = [], M
    for one, maps, omega, act, kept in zip(lists, depths, regions, stage_f, connections,
                                           strict=True):
        stages.append(Stage(Partition(one, size), maps, act, Regions(omega, len(one)), pooling,
                            kept))
        size = len(omega)

    def make(kind):
        return kind(depth, stages, list(widths), activations=layer_f, rho1=rho[0], rho2=rho[1])

    shapes = make(Network).shapes()
    parameters = Parameters(*(
        {k: draw.symbols(f"{letter}{k}", *shape) for k, shape in getattr(shapes, name).items()}
        for letter, name in (("W", "W_c"), ("Theta", "Theta_c"), ("Wff", "W_l"),
                             ("theta", "theta_l"))))
    before = (depth, *depths)
    feeds = [[[j for j in range(before[c]) if kept is None or kept[j][d]]
              for d in range(depths[c])] for c, kept in enumerate(connections)]
    return Setting(e, make, parameters, draw.symbols("h", N, depth, M),
                   draw.symbols("gamma", N, widths[-1]), rho, lists, regions, feeds,
                   [reduce] * len(lists), f, g, before, tuple(widths))


read_into(lecture, network, (PLAIN, WIDE), FIGURE_99)

#: Registers a claim about a network: its function takes the `Setting` of a case.
line = taking(lecture.claim, network, cases=(WIDE,))
