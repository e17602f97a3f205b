"""The full network: forward listing (47.1216), backward listing (47.1275)."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np

from cnnmat import arguments
from cnnmat.arguments import product
from cnnmat.drawing import Drawable, View
from cnnmat.textbook import correlation, feedforward, risks, views
from cnnmat.textbook.activations import Activation, Activations, activation
from cnnmat.textbook.jacobians import Factors, jacobians
from cnnmat.textbook.pooling import upv
from cnnmat.textbook.signals import Backward, Forward, Parameters, Stage, mean_of_samples
from cnnmat.typing import Array, ArrayLike, Indices, Int, Number

__all__ = ["Network"]


class Network(Drawable):
    """C correlation stages, then L - 1 fully connected layers, then a risk.

    Parameters
    ----------
    depth : int
        D_0, the number of input maps.
    stages : sequence of C `Stage`
    widths : sequence of int
        n_2, ..., n_L, the sizes of the fully connected layers; n_L = Q is the output's.
    activations : str, Activation or a sequence of L - 1 of them
        Of the fully connected layers.
    risk : str or risk
    rho1, rho2 : number
        Factors of ‖W_c‖² and ‖W_l‖² in (47.1229).

    Examples
    --------
    Two samples of four entries, two windows of three, one map, one output:

    >>> from cnnmat import Partition, Regions
    >>> stage = Stage(Partition([[0, 1, 2], [1, 2, 3]], size=4), depth=1,
    ...               activation="identity", regions=Regions([[0, 1]], 2), pooling="sum")
    >>> net = Network(1, [stage], [1], activations="identity")
    >>> p = Parameters({1: np.array([[1], [2], [3]])}, {1: np.array([[1]])},
    ...                {1: np.array([[2]])}, {1: np.array([0])})
    >>> h, gamma = np.array([[[1, 0, 0, 0]], [[0, 1, 0, 1]]]), np.array([[0], [8]])
    >>> net
    Network(maps [1, 1], units [1, 1], squared_error)
    >>> forward = net.forward(p, h)
    >>> forward.z_c[1][:, 0], forward.y[:, 0]
    (array([[ 0, -1],
           [ 1,  3]]), array([-2,  8]))
    >>> net.backward(p, forward, gamma).gradient.W_c[1]
    array([[-4.],
           [ 0.],
           [ 0.]])
    """

    stages: dict[int, Stage]
    n: dict[int, int]

    def __init__(self, depth: Int, stages: Sequence[Stage], widths: Sequence[int], *,
                 activations: Activations = "tanh", risk: str | risks.Risk = "squared_error",
                 rho1: Number = 0, rho2: Number = 0) -> None:
        self.depths = [arguments.integer("depth", depth, 1)]
        if not isinstance(stages, (list, tuple)) or not all(
                isinstance(one, Stage) for one in stages):
            raise TypeError(f"stages must be a list of Stage, got {stages!r}")
        if not stages:
            raise ValueError("stages must hold at least one Stage, got none")
        self.stages = dict(enumerate(stages, start=1))
        self.C = len(self.stages)
        for c, stage in self.stages.items():
            before = self.stages[c - 1].regions.P_prime if c > 1 else stage.partition.M
            if stage.partition.M != before:
                raise ValueError(f"stages[{c - 1}].partition must be of the {before} entries of "
                                 f"the maps before it, got {stage.partition.M}")
            self.depths.append(stage.depth)
        self.connections = {c: self._connections(c) for c in self.stages}
        if not arguments.is_sequence(widths) or len(widths) == 0:
            raise ValueError(f"widths must be a sequence of at least one integer, got {widths!r}")
        widths = arguments.integers("widths", widths, len(widths), 1)
        last = self.stages[self.C]
        #: n_l for l = 1, ..., L
        self.n = dict(enumerate([last.depth * last.regions.P_prime, *widths], start=1))
        self.L = len(self.n)
        if isinstance(activations, (str, Activation)):
            activations = [activations] * (self.L - 1)
        if not isinstance(activations, (list, tuple)):
            raise TypeError(f"activations must be one activation or a list, got {activations!r}")
        if len(activations) != self.L - 1:
            raise ValueError(f"activations must be one, or one for each of the {self.L - 1} "
                             f"layers, got {len(activations)}")
        #: f of layer l + 1, by l, like W_l
        self.f_l = {l: activation(f) for l, f in enumerate(activations, start=1)}
        self.risk_of_sample = risks.risk(risk)
        self.rho1, self.rho2 = arguments.real("rho1", rho1), arguments.real("rho2", rho2)

    def __repr__(self) -> str:
        return (f"Network(maps {self.depths}, units {list(self.n.values())}, "
                f"{self.risk_of_sample.name})")

    def view(self) -> View:
        """The layers with their sizes."""
        return views.of_network(self)

    def _connections(self, c: int) -> Indices:
        shape = (self.depths[c - 1], self.depths[c])
        given = self.stages[c].connections
        if given is None:
            return np.ones(shape, dtype=np.int8)
        given = arguments.numbers_of(f"connections of stage {c}", given)
        if given.shape != shape or not np.isin(given, (0, 1)).all():
            raise ValueError(f"connections of stage {c} must be an array of {shape} booleans, "
                             f"got shape {given.shape}")
        return given.astype(np.int8)

    def shapes(self) -> Parameters[tuple[int, ...]]:
        """The shapes of the arrays, as `Parameters`.

        Examples
        --------
        >>> from cnnmat import Partition
        >>> net = Network(2, [Stage(Partition([[0, 1], [1, 2]], 3), depth=4)], [5])
        >>> net.shapes().W_c[1], net.shapes().W_l[1]
        ((4, 4), (5, 8))
        """
        return Parameters(
            {c: (s.partition.S * self.depths[c - 1], s.depth) for c, s in self.stages.items()},
            {c: (self.depths[c - 1], s.depth) for c, s in self.stages.items()},
            {l: (self.n[l + 1], self.n[l]) for l in range(1, self.L)},
            {l: (self.n[l + 1],) for l in range(1, self.L)},
        )

    def initial(self, seed: Int) -> Parameters:
        """Random `Parameters`: weights N(0, 1/fan-in), biases zero, from an integer `seed`."""
        random = np.random.default_rng(arguments.integer("seed", seed))
        shapes = self.shapes()
        with arguments.room("widths", 16 * sum(map(prod, shapes.arrays()))):
            return Parameters(
                {c: random.normal(size=s) / np.sqrt(s[0]) for c, s in shapes.W_c.items()},
                {c: np.zeros(s) for c, s in shapes.Theta_c.items()},
                {l: random.normal(size=s) / np.sqrt(s[1]) for l, s in shapes.W_l.items()},
                {l: np.zeros(s) for l, s in shapes.theta_l.items()},
            )

    def checked(self, parameters: Parameters) -> Parameters:
        """`parameters` with every array checked, and zero where maps are not connected."""
        if not isinstance(parameters, Parameters):
            raise TypeError(f"parameters must be Parameters, got {parameters!r}")
        shapes = vars(self.shapes())
        arrays = {}
        for name, part in vars(parameters).items():
            if not isinstance(part, dict):
                raise TypeError(f"{name} must be a dictionary, got {part!r}")
            if set(part) != set(shapes[name]):
                raise ValueError(f"{name} must have the keys {list(shapes[name])}, "
                                 f"got {list(part)}")
            arrays[name] = {k: arguments.array(f"{name}[{k}]", part[k], shapes[name][k])
                            for k in shapes[name]}
        return self._connected(Parameters(**arrays))

    def _connected(self, parameters):
        """Zero out the weights and biases of maps that are not connected (47.1213)."""
        spread = {c: np.repeat(mask, self.stages[c].partition.S, axis=0)
                  for c, mask in self.connections.items()}
        return Parameters(
            {c: W * spread[c] for c, W in parameters.W_c.items()},
            {c: Theta * self.connections[c] for c, Theta in parameters.Theta_c.items()},
            parameters.W_l, parameters.theta_l,
        )

    def forward(self, parameters: Parameters, h: ArrayLike) -> Forward:
        """Propagate N samples, listing (47.1216).

        Parameters
        ----------
        parameters : Parameters
        h : array_like, shape (N, D_0, M)
            The input maps as vectors (`vec` of images).

        Returns
        -------
        Forward
        """
        p = self.checked(parameters)
        h = arguments.array("h", h, ("N", self.depths[0], self.stages[1].partition.M))
        z_c, y_c, t_c, H_c, z_l, y_l = {}, {}, {0: h}, {}, {}, {}
        with arguments.inside("h and parameters must go through the network"):
            for c, stage in self.stages.items():
                H_c[c - 1] = correlation.stack_maps(stage.partition, t_c[c - 1])
                z_c[c] = correlation.preactivation(H_c[c - 1], p.W_c[c], p.Theta_c[c])
                y_c[c] = stage.activation(z_c[c])
                t_c[c] = stage.pooling(y_c[c], stage.regions)
            y_l[1] = t_c[self.C].reshape(len(h), -1)
            for l, f in self.f_l.items():
                z_l[l + 1] = feedforward.preactivation(y_l[l], p.W_l[l], p.theta_l[l])
                last = l + 1 == self.L
                y_l[l + 1] = self.risk_of_sample.output(z_l[l + 1], f) if last else f(z_l[l + 1])
        return Forward(z_c, y_c, t_c, H_c, z_l, y_l)

    def risk(self, parameters: Parameters, h: ArrayLike, gamma: ArrayLike) -> np.floating:
        """J_emp, equation (47.1229): the mean over the samples, and the regularisers."""
        p = self.checked(parameters)
        forward = self.forward(p, h)
        gamma = arguments.array("gamma", gamma, forward.y.shape)
        losses = self.risk_of_sample(gamma, forward.z_l[self.L], self.f_l[self.L - 1])
        return (
            self.rho1 * sum(risks.squared_norm(W) for W in p.W_c.values())
            + self.rho2 * sum(risks.squared_norm(W) for W in p.W_l.values())
            + mean_of_samples(losses)
        )

    def _of_this_network(self, forward):
        """Refuse a forward pass of another network."""
        if not isinstance(forward, Forward):
            raise TypeError(f"forward must be a Forward, got {forward!r}")
        signals = {**forward.z_c, **{self.C + l: y for l, y in forward.y_l.items()}}
        have = [signal.shape[1:] for signal in signals.values()]
        want = [(s.depth, s.partition.P) for s in self.stages.values()]
        want += [(n,) for n in self.n.values()]
        if have != want:
            raise ValueError("forward must be a pass of this network, with signals of shapes "
                             f"{want}, got {have}")

    def backward(self, parameters: Parameters, forward: Forward, gamma: ArrayLike, *,
                 literal: bool = False) -> Backward:
        """Sensitivities and the derivatives of J_emp, listing (47.1275).

        Parameters
        ----------
        forward : Forward
            What `forward` returned for the same parameters.
        gamma : array_like, shape (N, Q)
        literal : bool, optional
            Build each V^(d,d',c+1) as (47.1257) prints it; the default takes the same
            sum in two products.

        Returns
        -------
        Backward
        """
        p = self.checked(parameters)
        self._of_this_network(forward)
        gamma = arguments.array("gamma", gamma, forward.y.shape)
        with arguments.inside("parameters, forward and gamma must go back through the network"):
            return self._back(p, forward, gamma, literal)

    def _back(self, p, forward, gamma, literal):
        delta_l = {self.L: self.delta_output(forward, gamma)}
        for l in range(self.L - 1, 1, -1):
            delta_l[l] = self.delta_feedforward(p, forward, l, delta_l[l + 1])
        delta_c = {}
        b = self.back_to_maps(p, forward, delta_l[2])
        for c in range(self.C, 0, -1):
            delta_c[c] = self.delta_correlation(forward, c, b)
            if c > 1:
                b = self.back_through_masks(p, c, delta_c[c], literal)
        gradient = Parameters(
            {c: self.dW_c(p, forward, c, delta_c[c]) for c in self.stages},
            {c: self.dTheta_c(c, delta_c[c]) for c in self.stages},
            {l: self.dW_l(p, forward, l, delta_l[l + 1]) for l in self.f_l},
            {l: self.dtheta_l(delta_l[l + 1]) for l in self.f_l},
        )
        return Backward(delta_c, delta_l, self._connected(gradient))

    # The lines of (47.1275), one method each: a claim that asks what one line does when it
    # is used as printed overrides that method and leaves the others as they are.

    def delta_output(self, forward: Forward, gamma: Array) -> Array:
        """δ_L = 2 (y_L - γ) ⊙ f'(z_L), or what the risk has instead."""
        return self.risk_of_sample.delta(gamma, forward.z_l[self.L], self.f_l[self.L - 1])

    def delta_feedforward(self, p: Parameters, forward: Forward, l: int,
                          delta_next: Array) -> Array:
        """δ_l = f'(z_l) ⊙ (W_lᵀ δ_{l+1})."""
        return product("signals", self.f_l[l - 1].derivative(forward.z_l[l]),
                       feedforward.pull_back(p.W_l[l], delta_next))

    def back_to_maps(self, p: Parameters, forward: Forward, delta_2: Array) -> Array:
        """(W_1^(d))ᵀ δ_2 for every map d of the last correlation layer."""
        return feedforward.pull_back(p.W_l[1], delta_2).reshape(forward.t_c[self.C].shape)

    def delta_correlation(self, forward: Forward, c: int, b: Array) -> Array:
        """δ^(d,c) = f'(z^(d,c)) ⊙ permute#(upv(b^(d,c)))."""
        stage = self.stages[c]
        g = stage.pooling.gradient_vectors(forward.y_c[c], stage.regions)
        x = stage.regions.permute_sharp(upv(b, g, stage.regions))
        return product("signals", stage.activation.derivative(forward.z_c[c]), x)

    def back_through_masks(self, p: Parameters, c: int, delta: Array,
                           literal: bool = False) -> Array:
        """b^(d,c-1) = Σ_d' V^(d,d',c) δ^(d',c)."""
        pull_back = correlation.pull_back_literal if literal else correlation.pull_back
        return pull_back(self.stages[c].partition, p.W_c[c], delta)

    def dW_c(self, p: Parameters, forward: Forward, c: int, delta: Array) -> Array:
        """2 ρ1 W_c + (1/N) Σ_n (1ᵀ ⊗ H_{n,c-1}) Δ_{n,c}."""
        penalty = product("W_c and rho1", p.W_c[c], 2 * self.rho1)
        return penalty + mean_of_samples(correlation.dW(forward.H_c[c - 1], delta))

    def dTheta_c(self, c: int, delta: Array) -> Array:
        """-(1/N) Σ_n (1ᵀ ⊗ 1 1ᵀ) Δ_{n,c}."""
        return mean_of_samples(correlation.dTheta(delta, self.depths[c - 1]))

    def dW_l(self, p: Parameters, forward: Forward, l: int, delta_next: Array) -> Array:
        """2 ρ2 W_l + (1/N) Σ_n δ_{l+1,n} y_{l,n}ᵀ."""
        penalty = product("W_l and rho2", p.W_l[l], 2 * self.rho2)
        return penalty + mean_of_samples(feedforward.dW(forward.y_l[l], delta_next))

    def dtheta_l(self, delta_next: Array) -> Array:
        """-(1/N) Σ_n δ_{l+1,n}."""
        return mean_of_samples(feedforward.dtheta(delta_next))

    def jacobians(self, parameters: Parameters, forward: Forward, n: Int = 0) -> Factors:
        r"""The backward pass of sample n as a product of sparse matrices.

        Returns
        -------
        list of (str, csr_array)
            Factors F_1, F_2, ..., F_K, from the first layer to the last, such that
            F_1 F_2 ... F_K δ_L stacks δ_n^(1,1), ..., δ_n^(D_1,1).  A product that starts
            at a factor "diag f'(z)" gives the sensitivity of that layer.  The names say
            what each is: the activation's diagonal, I ⊗ Tᵀ, blkdiag upv, the blocks
            V^(d,d',c+1), and W_lᵀ.

        Examples
        --------
        >>> from cnnmat import Partition
        >>> stage = Stage(Partition([[0, 1], [1, 2]], 3), depth=1, activation="identity")
        >>> net = Network(1, [stage, Stage(Partition([[0, 1]], 2), depth=1)], [1])
        >>> p = net.initial(seed=0)
        >>> for name, factor in net.jacobians(p, net.forward(p, np.ones((1, 1, 3)))):
        ...     print(f"{name:16}{factor.shape}")
        diag f'(z_c[1]) (2, 2)
        I ⊗ T_1ᵀ        (2, 2)
        upv_1           (2, 2)
        V^(d,d',2)      (2, 1)
        diag f'(z_c[2]) (1, 1)
        I ⊗ T_2ᵀ        (1, 1)
        upv_2           (1, 1)
        W_1ᵀ            (1, 1)
        """
        p = self.checked(parameters)
        self._of_this_network(forward)
        return jacobians(self, p, forward, n)
