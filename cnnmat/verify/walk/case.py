"""The case that is walked through: one image, one correlation layer, regions, one layer at the end.

Numbers are small and whole, or halves and quarters where a mean makes them: floats hold them
exactly.  Sizes are all different, regions unequal, and what comes back from the output is neither
of ones nor the same for both outputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from cnnmat import arguments
from cnnmat.textbook import correlation
from cnnmat.textbook.network import Network
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.pooling import upv
from cnnmat.textbook.regions import Regions
from cnnmat.textbook.signals import Parameters, Stage
from cnnmat.textbook.windows import Windows

__all__ = ["MAPS", "Case"]

#: D_1 and Q.
MAPS, OUTPUTS = 2, 2
#: 2 (y - γ): the target is put where this comes of it, so that numbers stay small at each setting.
UPSTREAM = np.array([3.0, -2.0])
#: So many entries an image, and a window, may have, for the matrices to fit a page.
MOST_PIXELS, MOST_WEIGHTS = 48, 12


def _cycle(values, count):
    return np.resize(np.array(values), count)


@dataclass(frozen=True)
class Case:
    """One setting: the layer, its numbers forward, and those that come back.

    Parameters
    ----------
    image, kernel : pair of int
    stride, padding, dilation : int
    pooling : str
        "max" or "mean".

    Examples
    --------
    >>> case = Case((4, 5), (2, 3), stride=1, padding=0, dilation=1, pooling="max")
    >>> case.windows.output, case.regions.sizes
    ((3, 3), array([4, 2, 2, 1]))
    >>> case.backward.delta_l[2]
    array([[ 3., -2.]])
    """

    image: tuple[int, int]
    kernel: tuple[int, int]
    stride: int
    padding: int
    dilation: int
    pooling: str

    def __post_init__(self) -> None:
        for name, most in (("image", MOST_PIXELS), ("kernel", MOST_WEIGHTS)):
            sizes = arguments.integers(name, getattr(self, name), 2, 1)
            if prod(sizes) > most:
                raise ValueError(f"{name} must have at most {most} entries, to fit a page, "
                                 f"got {sizes[0]}×{sizes[1]}")
            object.__setattr__(self, name, sizes)

    @cached_property
    def windows(self) -> Windows:
        """Where the mask stands on the image."""
        return Windows(self.image, self.kernel, self.stride, self.padding, self.dilation)

    @cached_property
    def partition(self) -> Partition:
        """V."""
        return Partition(self.windows)

    @cached_property
    def blocks(self) -> Windows:
        """Blocks of 2 x 2 that cover a map, smaller at its end where they do not divide it."""
        output = self.windows.output
        return Windows(output, 2, 2, padding=tuple((0, size % 2) for size in output))

    @cached_property
    def regions(self) -> Regions:
        """T."""
        return Regions(self.blocks)

    @cached_property
    def network(self) -> Network:
        """The network of the listings."""
        stage = Stage(self.partition, MAPS, "relu", self.regions, self.pooling)
        return Network(1, [stage], [OUTPUTS], activations="identity")

    @cached_property
    def parameters(self) -> Parameters:
        """W_1, Θ_1 and those of the output."""
        # no weight is 0, so that V^(d,d',c+1) is 0 only where no window reads; halves in Θ keep
        # z off the kink of ReLU
        shapes = self.network.shapes()
        S, n = shapes.W_c[1][0], shapes.W_l[1]
        return Parameters({1: _cycle([2, -1, 1, 3, -2], S * MAPS).reshape(MAPS, S).T},
                          {1: np.array([[0.5, -1.5]])},
                          {1: _cycle([1, -1, 2, 3, -2], prod(n)).reshape(n)},
                          {1: np.array([4, -3])})

    @cached_property
    def h(self):
        """vec of the image, as the network takes it: shape (1, 1, M)."""
        # no maximum is tied at the sizes that are shown unasked
        return _cycle([3, 9, 7, 2, 4, 2, 8, 9, 5, 3, 6], prod(self.image)).reshape(1, 1, -1)

    @cached_property
    def forward(self):
        """Listing (47.1216)."""
        return self.network.forward(self.parameters, self.h)

    @cached_property
    def gamma(self):
        """The target."""
        return self.forward.y - UPSTREAM / 2

    @cached_property
    def backward(self):
        """Listing (47.1275)."""
        return self.network.backward(self.parameters, self.forward, self.gamma)

    @cached_property
    def weight_matrices(self):
        """V^(1,d',1) for each map d': what leads from the image, as a layer 0, to the map."""
        return np.stack([correlation.weight_matrix(self.partition, w).toarray()
                         for w in self.parameters.W_c[1].T])

    def numbers(self):
        """The arrays of the page by the names of its panels, entries in the order of `panels`."""
        stage, y = self.network.stages[1], self.forward.y_c[1][0]
        b = self.network.back_to_maps(self.parameters, self.forward, self.backward.delta_l[2])[0]
        g = stage.pooling.gradient_vectors(y, self.regions)
        spread = upv(b, g, self.regions)
        delta = self.backward.delta_c[1][0]
        return {
            "h": self.h, "V": self.partition.matrix.toarray(), "H": self.forward.H_c[0],
            "w": self.parameters.W_c[1], "z": self.forward.z_c[1], "y": y,
            "T": self.regions.matrix.toarray(), "y_o": self.regions.permute(y),
            "t": self.forward.t_c[1], "W_1": self.parameters.W_l[1], "out": self.forward.y,
            "delta_L": self.backward.delta_l[2],
            "b": b, "g": g, "u": spread, "r": self.regions.permute_sharp(spread),
            "slope": stage.activation.derivative(self.forward.z_c[1]), "delta": delta,
            "Vd": self.weight_matrices,
            "dh": correlation.pull_back_literal(
                self.partition, self.parameters.W_c[1], delta),
            "dW": self.backward.gradient.W_c[1],
        }
