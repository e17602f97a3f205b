"""Each public function of the textbook on things of any size, and why some are refused."""

from fractions import Fraction
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from cnnmat.verify.sums.making import tensor
from cnnmat.verify.sums.normal import simplified
from cnnmat.verify.sums.sizes import define
from tests.verify.sums.test_axioms import things


def exact(a):
    """The numbers of an array as fractions."""
    return np.vectorize(Fraction, otypes=[object])(a)


def all_things(numbers, m, draw=None):
    """`things`, and what a network is made of; symbolic ones are drawn by `draw`."""
    symbolic = draw is not None
    d = things(numbers, symbolic=symbolic)

    def array(name, *shape):
        if symbolic:
            return tensor(name, *shape)
        return exact(numbers.table(name, list(map(int, shape))))

    d.modules, d.array, d.exact = m, array, lambda a: a if symbolic else exact(a)
    d.G, d.A = (define(letter, n) if symbolic else n for letter, n in (
        ("G", d.H + d.Q - 1), ("A", (d.P - 1) * d.Q + 1)))
    d.k = array("k", 2 * d.R + 1)
    d.f = draw.activation("f") if symbolic else m.activations.Activation(
        "f", lambda z: z * z + 1, lambda z: 2 * z)
    d.root = (lambda: draw.root(2)) if symbolic else lambda: lambda q: q + 7
    d.omega = draw.regions(d.H, d.P) if symbolic else numbers.regions(m.regions.Regions)
    return d


def V(m, d, **layer):
    """Q of H numbers in each of P windows."""
    return m.partition.Partition(m.windows.Windows(d.H, d.Q, **layer))


def network(d):
    """One correlation layer of H windows, pooled to P means, and two fully connected layers."""
    m = d.modules
    stage = m.signals.Stage(m.partition.Partition(m.windows.Windows(d.G, d.Q)), d.R, d.f, d.omega)
    net = m.network.Network(d.P, [stage], [d.Q, d.P], activations=d.f, rho1=2, rho2=3)
    parameters = m.signals.Parameters(
        {1: d.array("W", d.P, d.Q, d.R).reshape(d.P * d.Q, d.R)}, {1: d.array("Theta", d.P, d.R)},
        {1: d.array("U", d.Q, d.R, d.P).reshape(d.Q, d.R * d.P), 2: d.array("U2", d.P, d.Q)},
        {1: d.array("b", d.Q), 2: d.array("b2", d.P)})
    h, gamma = d.array("in", d.R, d.P, d.G), d.array("gamma", d.R, d.P)
    forward = net.forward(parameters, h)
    return SimpleNamespace(net=net, p=parameters, h=h, gamma=gamma, forward=forward)


def of_network(ask):
    """A case that asks a network."""
    return lambda m, d: ask(network(d))


def pooled(kind, part, m, d):
    """A kind of pooling of R vectors of H entries, or its gradient vectors."""
    y = d.array("y2", d.R, d.H)
    one = {"Mean": m.pooling.Mean, "Sum": m.pooling.Sum,
           "Correlation": lambda: m.pooling.Correlation(d.exact(d.h)),
           "Lp": lambda: m.pooling.Lp(2, d.root())}[kind]()
    return getattr(one, part)(y, d.omega)


def squared(part, m, d):
    """The squared error of R outputs of Q entries, or what it sends back."""
    gamma, z = d.array("gamma", d.R, d.Q), d.array("z", d.R, d.Q)
    one = m.risks.SquaredError()
    return one.output(z, d.f) if part == "output" else getattr(one, part)(gamma, z, d.f)


def brightness(name, m, d):
    Y, delta = d.array("Y", d.P, d.Q, d.R), d.array("dY", d.P, d.Q, d.R)
    power = d.root()
    if name == "brightness":
        return m.normalization.brightness(Y, 11, 2, 3, power=power)
    return m.normalization.brightness_back(Y, delta, 11, 2, 3, power=power)


def subtracted(name, m, d):
    Y, K = d.array("Y", d.P, d.Q, d.R), d.array("K", 2 * d.R + 1, 2 * d.P + 1)
    found = getattr(m.normalization, name)(Y, K)
    # the mask is flipped by products, which to add up takes a minute
    return found.laid(found.axes, simplified(found.entries)) if hasattr(found, "laid") else found


def gain(name, m, d):
    Y, delta, g = d.array("Y", d.P, d.Q, d.R), d.array("dY", d.P, d.Q, d.R), d.array("g", d.P)
    if name == "gain":
        return m.normalization.gain(Y, g, d.f)
    return list(m.normalization.gain_back(Y, delta, g, d.f))


#: What is asked: by the full name of the function, and, behind a comma, of what.
CASES: dict[str, Any] = {
    "vec.vec": lambda m, d: m.vec.vec(d.t), "vec.vec, of two": lambda m, d: m.vec.vec(d.t, 2),
    "vec.unvec": lambda m, d: m.vec.unvec(d.t.reshape(d.P, -1), (d.R, d.Q)),
    "vec.reversed_identity": lambda m, d: m.vec.reversed_identity(d.P),
    "vec.flip": lambda m, d: m.vec.flip(d.t), "vec.kron": lambda m, d: m.vec.kron(d.x, d.y),
    "vec.hadamard": lambda m, d: m.vec.hadamard(d.x, d.m),
    "vec.apply": lambda m, d: m.vec.apply(d.y.T, d.x),
    "windows.Windows.indices": lambda m, d: m.windows.Windows(d.H, d.Q, 1, ((d.R, 0),)).indices,
    "windows.Windows.indices, behind": lambda m, d: m.windows.Windows(
        d.H, d.P, 1, ((0, d.R),)).indices,
    "partition.Partition.matrix": lambda m, d: V(m, d).matrix,
    "partition.Partition.skeleton": lambda m, d: V(m, d).skeleton,
    "partition.Partition.columns": lambda m, d: V(m, d, padding=((d.R, d.P),)).columns(d.h),
    "partition.Partition.scatter": lambda m, d: V(m, d).scatter(d.x.T),
    "images.correlate_image": lambda m, d: m.images.correlate_image(d.h, d.v, padding="valid"),
    "images.convolve_image": lambda m, d: m.images.convolve_image(d.h, d.v, padding="valid"),
    "images.convolve_full": lambda m, d: m.images.convolve_full(d.x, d.y),
    "images.correlate_image, dilated": lambda m, d: m.images.correlate_image(
        d.h, d.v, padding=((d.P * d.Q, d.R),), dilation=d.P),
    "subsampling.subsampling": lambda m, d: m.subsampling.subsampling((d.P - 1) * d.Q + 1, d.Q),
    "subsampling.padding": lambda m, d: m.subsampling.padding(d.P, d.Q, d.R),
    "subsampling.toeplitz": lambda m, d: m.subsampling.toeplitz(d.k, d.P),
    "subsampling.both_sides": lambda m, d: m.subsampling.both_sides(d.s, d.x, d.y.T),
    "connections.connection_matrix": lambda m, d: m.connections.connection_matrix(d.v, d.H),
    "connections.tied_sum": lambda m, d: m.connections.tied_sum(d.h[:, None] * d.u, d.Q),
    "connections.project_tied": lambda m, d: m.connections.project_tied(
        d.h[:, None] * d.u, d.Q),
    "connections.dilate": lambda m, d: m.connections.dilate(d.x, d.R),
    "connections.dilate, behind": lambda m, d: m.connections.dilate(
        d.u, d.Q, (d.P - 1) * d.Q + 1 + d.R),
    "correlation.feature_map": lambda m, d: m.correlation.feature_map(d.x, d.u, 3),
    "correlation.stack_maps": lambda m, d: m.correlation.stack_maps(V(m, d), d.h[None] * d.u[
        :, None]),
    "correlation.preactivation": lambda m, d: m.correlation.preactivation(d.x, d.s, d.s[:1]),
    "correlation.weight_matrix": lambda m, d: m.correlation.weight_matrix(V(m, d), d.v),
    "correlation.weight_matrix_short": lambda m, d: m.correlation.weight_matrix_short(
        V(m, d), d.v),
    "correlation.pull_back": lambda m, d: m.correlation.pull_back(
        V(m, d), d.y, d.y[:, :, None].sum(axis=0) * d.u),
    "correlation.pull_back_literal": lambda m, d: m.correlation.pull_back_literal(
        V(m, d), d.y, d.y[:, :, None].sum(axis=0) * d.u),
    "correlation.block_diagonal": lambda m, d: m.correlation.block_diagonal(d.x),
    "correlation.dW": lambda m, d: m.correlation.dW(d.y, d.x @ d.y),
    "correlation.dW_literal": lambda m, d: m.correlation.dW_literal(d.y, d.x @ d.y),
    "correlation.dTheta": lambda m, d: m.correlation.dTheta(d.x, d.R),
    "correlation.dTheta_literal": lambda m, d: m.correlation.dTheta_literal(d.x, d.R),
    "feedforward.preactivation": lambda m, d: m.feedforward.preactivation(d.v, d.x, d.u),
    "feedforward.pull_back": lambda m, d: m.feedforward.pull_back(d.x, d.u),
    "feedforward.dW": lambda m, d: m.feedforward.dW(d.x, d.s),
    "feedforward.dtheta": lambda m, d: m.feedforward.dtheta(d.x),
    "windows.Windows.P": lambda m, d: V(m, d).P * d.x,
    "windows.Windows.S": lambda m, d: V(m, d).S * d.x,
    "windows.Windows.M": lambda m, d: m.windows.Windows((d.H, d.Q), (d.P, 1)).M * d.x,
    "windows.Windows.span": lambda m, d: m.windows.Windows(
        d.P * d.Q, d.P, 1, dilation=d.Q).span[0] * d.x,
    "windows.Windows.output": lambda m, d: m.windows.Windows(
        d.H, d.Q, 1, ((d.R, 0),)).output[0] * d.x,
    "subsampling.average": lambda m, d: m.subsampling.average(d.P * d.Q, d.Q),
    "subsampling.subsample": lambda m, d: m.subsampling.subsample(d.array("Y", d.A, d.A), d.Q),
    "subsampling.subsample_back": lambda m, d: m.subsampling.subsample_back(d.s, (d.A, d.A), d.Q),
    "subsampling.pyramid_level": lambda m, d: m.subsampling.pyramid_level(d.A, d.k, d.Q),
    "subsampling.pyramid": lambda m, d: m.subsampling.pyramid(d.array("Y", d.A), d.k, 1, d.Q),
    "activations.activation": lambda m, d: m.activations.activation(d.f)(d.x),
    "activations.Activation.__call__": lambda m, d: [d.f(d.x), d.f.derivative(d.x)],
    "masks.sobel": lambda m, d: list(m.masks.sobel()),
    "masks.prewitt": lambda m, d: list(m.masks.prewitt()),
    "masks.laplacian": lambda m, d: m.masks.laplacian(),
    "masks.sharpen": lambda m, d: m.masks.sharpen(),
    **{f"pooling.{kind}.{part}": partial(pooled, kind, part)
       for kind in ("Mean", "Sum", "Correlation", "Lp")
       for part in ("__call__", "gradient_vectors")},
    "pooling.Mean.weights": lambda m, d: m.pooling.Mean().weights(d.omega, np.dtype(float)),
    "pooling.Sum.weights": lambda m, d: m.pooling.Sum().weights(d.omega, np.dtype(float)),
    "pooling.Correlation.weights": lambda m, d: m.pooling.Correlation(d.h).weights(
        d.omega, np.dtype(float)),
    **{f"risks.SquaredError.{part}": partial(squared, part)
       for part in ("output", "__call__", "delta")},
    **{f"normalization.{name}": partial(brightness, name)
       for name in ("brightness", "brightness_back")},
    **{f"normalization.{name}": partial(gain, name) for name in ("gain", "gain_back")},
    **{f"normalization.{name}": partial(subtracted, name)
       for name in ("subtractive", "subtractive_back")},
    "pooling.l2": lambda m, d: m.pooling.l2(d.root())(d.exact(d.h), d.omega),
    "pooling.pooling": lambda m, d: m.pooling.pooling("sum")(d.h, d.omega),
    "pooling.up": lambda m, d: m.pooling.up(3, d.u),
    "pooling.upv": lambda m, d: m.pooling.upv(d.x.T, d.h, d.omega),
    "pooling.upv_matrix": lambda m, d: m.pooling.upv_matrix(d.h, d.omega),
    "regions.Regions.matrix": lambda m, d: d.omega.matrix,
    "regions.Regions.permute": lambda m, d: d.omega.permute(d.h),
    "regions.Regions.permute_sharp": lambda m, d: d.omega.permute_sharp(d.h),
    "regions.Regions.fold": lambda m, d: d.omega.fold(m.np.add, d.h * d.u[:, None]),
    "regions.Regions.expand": lambda m, d: d.omega.expand(d.u),
    "regions.Regions.spread": lambda m, d: d.omega.spread(d.x.T),
    "risks.squared_norm": lambda m, d: m.risks.squared_norm(d.t),
    "risks.squared_error": lambda m, d: [m.risks.squared_error(
        d.exact(d.x), d.exact(d.m), scale=scale) for scale in ("sum", "half", "mean")],
    "risks.squared_error_gradient": lambda m, d: [m.risks.squared_error_gradient(
        d.exact(d.x), d.exact(d.m), scale=scale) for scale in ("sum", "half", "mean")],
    "risks.softmax_jacobian": lambda m, d: m.risks.softmax_jacobian(d.x),
    "risks.risk": lambda m, d: m.risks.risk("squared_error")(d.x, d.m, d.f),
    "signals.Parameters.arrays": of_network(lambda s: s.p.arrays()),
    "signals.Parameters.map": of_network(lambda s: s.p.map(lambda a: 2 * a).arrays()),
    "signals.Forward.y": of_network(lambda s: s.forward.y),
    "network.Network.shapes": of_network(
        lambda s: [a * 0 + n for shape, a in zip(s.net.shapes().arrays(), s.p.arrays(),
                                                 strict=True) for n in shape]),
    "network.Network.checked": of_network(lambda s: s.net.checked(s.p).arrays()),
    "network.Network.forward": of_network(
        lambda s: [one for part in vars(s.forward).values() for one in part.values()]),
    "network.Network.risk": of_network(lambda s: s.net.risk(s.p, s.h, s.gamma)),
    "network.Network.backward": of_network(
        lambda s: s.net.backward(s.p, s.forward, s.gamma, literal=True).gradient.arrays()),
    "network.Network.backward, short": of_network(
        lambda s: list(s.net.backward(s.p, s.forward, s.gamma).delta_c.values())),
    "network.Network.delta_output": of_network(lambda s: s.net.delta_output(s.forward, s.gamma)),
    "network.Network.delta_feedforward": of_network(lambda s: s.net.delta_feedforward(
        s.p, s.forward, 2, s.gamma)),
    "network.Network.back_to_maps": of_network(
        lambda s: s.net.back_to_maps(s.p, s.forward, s.forward.z_l[2])),
    "network.Network.delta_correlation": of_network(
        lambda s: s.net.delta_correlation(s.forward, 1, s.forward.t_c[1])),
    "network.Network.back_through_masks": of_network(
        lambda s: s.net.back_through_masks(s.p, 1, s.forward.z_c[1])),
    "network.Network.dW_c": of_network(
        lambda s: s.net.dW_c(s.p, s.forward, 1, s.forward.z_c[1])),
    "network.Network.dTheta_c": of_network(lambda s: s.net.dTheta_c(1, s.forward.z_c[1])),
    "network.Network.dW_l": of_network(lambda s: s.net.dW_l(s.p, s.forward, 2, s.gamma)),
    "network.Network.dtheta_l": of_network(lambda s: s.net.dtheta_l(s.gamma)),
    "training.step": lambda m, d: m.training.step(
        *(lambda s: (s.net, s.p, s.h, s.gamma))(network(d)), 5).arrays(),
}

#: What cannot be run: what the reader is told, and the call that is answered so.
REFUSED = {
    "activations.softplus": (
        "numpy.maximum of entries",
        lambda m, d: m.activations.softplus(2)(d.x)),
    "activations.soft_abs": (
        "numpy.absolute of entries",
        lambda m, d: m.activations.soft_abs(2)(d.x)),
    "masks.gaussian": ("which may lie outside", lambda m, d: m.masks.gaussian(d.P, 1.0)),
    "masks.box": ("1 / P·Q as a number", lambda m, d: m.masks.box((d.P, d.Q))),
    "masks.unit": ("does not support item assignment",
                   lambda m, d: m.masks.unit((d.P, d.Q), (0, 0))),
    "masks.edge_map": ("frexp", lambda m, d: m.masks.edge_map(d.x, d.m)),
    "pooling.Max.__call__": (
        "numpy.maximum of entries",
        lambda m, d: m.pooling.Max()(d.h, d.omega)),
    "pooling.Max.gradient_vectors": (
        "numpy.maximum of entries", lambda m, d: m.pooling.Max().gradient_vectors(d.h, d.omega)),
    "pooling.Subsample.__call__": (
        "a comparison of entries",
        lambda m, d: m.pooling.Subsample(0)(d.h, d.omega)),
    "pooling.Subsample.gradient_vectors": (
        "a comparison of entries",
        lambda m, d: m.pooling.Subsample(0).gradient_vectors(d.h, d.omega)),
    "pooling.Subsample.weights": (
        "a comparison of entries", lambda m, d: m.pooling.Subsample(0).weights(d.omega, None)),
    "partition.Partition.blocks": ("a side made of Blocks", lambda m, d: V(m, d).blocks()),
    "regions.Regions.blocks": ("a side made of Blocks", lambda m, d: d.omega.blocks()),
    "regions.Regions.singletons": (
        "a loop over an array of indices",
        lambda m, d: m.regions.Regions.singletons(d.P).matrix),
    "regions.Regions.reduce": ("'int' and 'Extreme'", lambda m, d: d.omega.reduce(m.np.add, d.h)),
    "risks.softmax": ("[.]max of an array", lambda m, d: m.risks.softmax(d.x)),
    "risks.normalize": ("Magnitudes", lambda m, d: m.risks.normalize(d.x)),
    "risks.one_hot": ("labels must hold integers", lambda m, d: m.risks.one_hot(d.x, d.P)),
    "risks.entropy": ("[.]min of an array", lambda m, d: m.risks.entropy(d.x)),
    "risks.binary_cross_entropy": (
        "[.]min of an array",
        lambda m, d: m.risks.binary_cross_entropy(d.x, d.m)),
    "risks.categorical_cross_entropy": (
        "[.]min of an array", lambda m, d: m.risks.categorical_cross_entropy(d.x, d.m)),
    "risks.CrossEntropy.output": ("[.]max of an array", lambda m, d: m.risks.CrossEntropy().output(
        d.x, m.activations.activation("identity"))),
    "risks.CrossEntropy.__call__": ("[.]max of an array", lambda m, d: m.risks.CrossEntropy()(
        d.x, d.m, m.activations.activation("identity"))),
    "risks.CrossEntropy.delta": ("[.]max of an array", lambda m, d: m.risks.CrossEntropy().delta(
        d.x, d.m, m.activations.activation("identity"))),
    "network.Network.initial": (
        "a side made of ndarray",
        lambda m, d: network(d).net.initial(0).arrays()),
    "jacobians.jacobians": (
        "len of an array",
        of_network(lambda s: s.net.jacobians(s.p, s.forward))),
    "network.Network.jacobians": (
        "len of an array",
        of_network(lambda s: s.net.jacobians(s.p, s.forward))),
    "training.order": ("P / 1 as a number", lambda m, d: m.training.order(d.P, 0, 0)),
    "training.train": ("R / 1 as a number", lambda m, d: m.training.train(
        *(lambda s: (s.net, s.p, s.h, s.gamma))(network(d)), mu=1, epochs=1)),
    **dict.fromkeys(("training.save", "checkpoints.save"), (
        "numpy.savez",
        lambda m, d: m.training.save("nowhere.npz", network(d).p))),
    # what is read from a file has numbers for sizes
    **dict.fromkeys(("training.load", "checkpoints.load"), (
        "No such file",
        lambda m, d: m.training.load("nowhere.npz", network(d).net))),
}
