"""The lecture, and the small networks on which its claims are run."""

from dataclasses import dataclass

import numpy as np

from cnnmat import Network, Parameters, Partition, Regions, Stage, loops
from cnnmat.claims import Lecture

lecture = Lecture("sayed", "Section 47.25: convolutional neural networks")

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


@dataclass
class Setting:
    """A network in matrices, and the same one for the plain loops."""

    net: Network
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
                "reduce": [self.reduces[c - 1]] * maps, "feeds": self.feeds[c - 1],
            })
        return stages

    def layers(self, W_l=None, theta_l=None):
        """The fully connected layers for `loops.network`, with some parameters put in."""
        W_l, theta_l = W_l or {}, theta_l or {}
        return [{"W": W_l.get(l) or self.parameters.W_l[l].tolist(),
                 "theta": theta_l.get(l) or self.parameters.theta_l[l].tolist(),
                 "f": self.f_l[l - 1]} for l in self.parameters.W_l]

    def signals(self, n=0):
        """All signals of sample n by the plain loops."""
        return loops.network(self.h[n].tolist(), self.stages(), self.layers())

    def risk(self, **put):
        """J_emp by the plain loops, with the named parameters put in."""
        stages = self.stages(put.get("W_c"), put.get("Theta_c"))
        layers = self.layers(put.get("W_l"), put.get("theta_l"))
        return loops.empirical_risk(self.h.tolist(), self.gamma.tolist(), stages, layers,
                                    *self.rho)

    def loss(self, n, c=None, l=None, shift=None):
        """‖γ_n - y_n‖² by the plain loops, `shift` added to z of correlation layer c or layer l."""
        stages, layers = self.stages(), self.layers()
        if c:
            stages[c - 1]["shift"] = shift
        if l:
            layers[l - 2]["shift"] = shift
        output = loops.network(self.h[n].tolist(), stages, layers)["output"]
        return loops.squared_error(self.gamma[n].tolist(), output)

    def sensitivity(self, e, n, c=None, l=None):
        """∂‖γ_n - y_n‖²/∂z of correlation layer c, or of layer l, by dual numbers."""
        shape = (self.net.stages[c].depth, len(self.lists[c - 1])) if c else (self.net.n[l],)
        return e.gradient(lambda shift: self.loss(n, c, l, shift), np.zeros(shape, dtype=int))

    def slopes(self, e, name, k):
        """∂J_emp/∂(parameter `name` of layer k): dual numbers through the plain loops."""
        return e.gradient(lambda part: self.risk(**{name: {k: part}}),
                          getattr(self.parameters, name)[k])


def network(e, depth, M, lists, depths, regions, widths, N, *, pooling="mean",
            reduce=loops.mean, connections=None, regularised=True):
    """A network with a symbol for every input, weight, bias, target and factor."""
    f = [e.activation(f"f{c + 1}") for c in range(len(lists))]
    g = [e.activation(f"g{k + 1}") for k in range(len(widths))]
    rho = (e.symbols("rho1"), e.symbols("rho2")) if regularised else (0, 0)
    connections = connections or (None,) * len(lists)
    stages, size = [], M
    for one, maps, omega, act, kept in zip(lists, depths, regions, f, connections, strict=True):
        stages.append(Stage(Partition(one, size), maps, act, Regions(omega, len(one)), pooling,
                            kept))
        size = len(omega)
    net = Network(depth, stages, list(widths), activations=g, rho1=rho[0], rho2=rho[1])
    shapes = net.shapes()
    parameters = Parameters(*(
        {k: e.symbols(f"{letter}{k}", *shape) for k, shape in getattr(shapes, name).items()}
        for letter, name in (("W", "W_c"), ("Theta", "Theta_c"), ("Wff", "W_l"),
                             ("theta", "theta_l"))))
    before = (depth, *depths)
    feeds = [[[j for j in range(before[c]) if kept is None or kept[j][d]]
              for d in range(depths[c])] for c, kept in enumerate(connections)]
    return Setting(net, parameters, e.symbols("h", N, depth, M), e.symbols("gamma", N, widths[-1]),
                   rho, lists, regions, feeds, [reduce] * len(lists), f, g)
