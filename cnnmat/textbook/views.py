"""Networks and their signals to look at: one matrix a signal, one row a map."""

from __future__ import annotations

from math import prod

from cnnmat import arguments
from cnnmat.drawing import Blocks, Flow, Layer, View, named
from cnnmat.drawing.naming import sizes

__all__: list[str] = []


def of_network(network):
    """The layers of a `Network` with their sizes, and what leads from each to the next."""
    first = network.stages[1]
    layers = [Layer("h", network.depths[0], _image(first.partition))]
    for c, stage in network.stages.items():
        V, rows = stage.partition, stage.partition.S * network.depths[c - 1]
        layers.append(Layer(f"z_{c}", stage.depth, _output(V), (
            f"V_{c} {sizes((V.P * V.S, V.M))}", f"W_{c} {sizes((rows, stage.depth))}")))
        pooled = stage.regions.P_prime < stage.regions.P
        layers.append(Layer(f"t_{c}", stage.depth, _output(stage.regions if pooled else V), (
            stage.activation.name,
            f"{stage.pooling.name}, T_{c} {sizes(stage.regions.matrix.shape)}" if pooled
            else "no pooling")))
    for l, f in network.f_l.items():
        layers.append(Layer(f"y_{l + 1}", 0, (network.n[l + 1],), (
            f"W_{l} {sizes((network.n[l + 1], network.n[l]))}", f.name)))
    parameters = sum(map(prod, network.shapes().arrays()))
    return View(f"Network with {parameters} parameters", (Flow(tuple(layers)),),
                f"From the input h to the output y_{network.L}, "
                f"whose risk is {network.risk_of_sample.name}.")


def of_forward(forward, n):
    """The signals of sample n in a forward pass, in the order in which they come about."""
    samples = len(forward.y)
    n = _sample(n, samples)
    parts = [_maps("t_0 = h", forward.t_c[0][n])]
    for c in forward.z_c:
        H, depth = forward.H_c[c - 1][n], forward.t_c[c - 1].shape[1]
        parts += [Blocks(H, rows=len(H) // depth, title=f"H_{c - 1}"),
                  _maps(f"z_{c}", forward.z_c[c][n]), _maps(f"y_{c}", forward.y_c[c][n]),
                  _maps(f"t_{c}", forward.t_c[c][n])]
    for l, y in forward.y_l.items():
        if l in forward.z_l:
            parts.append(_units(f"z_{l}ᵀ, fully connected", forward.z_l[l][n]))
        parts.append(_units(f"y_{l}ᵀ, fully connected", y[n]))
    return View(f"Forward: sample {n} of {samples}", tuple(parts),
                "One row a map; each matrix comes from the one before it.")


def of_backward(backward, n):
    """The sensitivities of sample n and the derivatives, from the last layer to the first."""
    n = _sample(n, len(next(iter(backward.delta_l.values()))))
    parts = [_units(f"δ_{l}ᵀ, fully connected", delta[n])
             for l, delta in backward.delta_l.items()]
    parts += [_maps(f"δ of maps, layer {c}", delta[n]) for c, delta in backward.delta_c.items()]
    parts += of_parameters(backward.gradient, "∂J/∂").parts
    return View(f"Backward: sample {n}, and the derivatives of J", tuple(parts),
                "From the last layer to the first; then the derivatives, one column a map.")


def of_parameters(parameters, before=""):
    """The arrays, by their names in the text."""
    parts = []
    for W, theta, kind, letter in (
            (parameters.W_c, parameters.Theta_c, "correlation", "Θ"),
            (parameters.W_l, parameters.theta_l, "fully connected", "θ")):
        for k in W:
            rows = len(W[k]) // len(theta[k]) if letter == "Θ" else None
            parts += [Blocks(W[k], rows=rows, title=f"{before}W_{k}, {kind}"),
                      Blocks(theta[k], title=f"{before}{letter}_{k}, {kind}")]
    return View("Parameters", tuple(parts),
                "W of a correlation layer has a column a map, and a block for each map before.")


def _sample(n, samples):
    n = arguments.integer("n", n)
    if n >= samples:
        raise ValueError(f"n must be below the {samples} samples, got {n}")
    return n


def _maps(title, rows):
    return Blocks(rows, title=title, labels=(named("map"), named("entry")))


def _units(title, units):
    return Blocks(units[None], title=title, labels=(None, named("unit")))


def _image(partition):
    return partition._windows.shape if partition._windows else (partition.M,)


def _output(of):
    """How the windows of a partition, or the regions, lie: as an image, if they are of one."""
    return of._windows.output if of._windows else (of.P_prime if hasattr(of, "P_prime") else of.P,)
