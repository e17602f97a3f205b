"""The network, its risk."""

from cnnmat.loops.matrices import dot
from cnnmat.loops.pooling import pool
from cnnmat.loops.windows import subvectors


def feature_map(subs, w, theta, f):
    """y(p) = f(Σ_s h_p(s) w(s) - θ)."""
    return [f(dot(one, w) - theta) for one in subs]


def preactivation(maps, lists, w, theta, feeds):
    """z(p) = Σ_j (Σ_s h_p^(j)(s) w_j(s) - θ(j)), summed over the maps j in `feeds`."""
    subs = [subvectors(one, lists) for one in maps]
    return [sum(dot(subs[j][p], w[j]) - theta[j] for j in feeds) for p in range(len(lists))]


def network(h, stages, layers):
    """One sample through correlation stages and fully connected layers.

    Parameters
    ----------
    h : list of maps, each a list of numbers
    stages : list of dict
        ``lists`` (the partition), ``w`` [d][j][s], ``theta`` [d][j], ``f``, ``regions``,
        ``reduce`` [d] (a pooling function a map) and ``feeds`` [d] (which maps j feed map d).
        Optional ``shift`` [d][p] is added to z: its derivative is a sensitivity.
    layers : list of dict
        ``W`` [k][i], ``theta`` [k] and ``f``; optional ``shift`` [k].

    Returns
    -------
    dict
        ``z``, ``y``, ``t`` a list a stage, ``zl``, ``yl`` a list a layer, ``output``.
    """
    signals = {"z": [], "y": [], "t": [], "zl": [], "yl": []}
    maps = h
    for s in stages:
        z = [preactivation(maps, s["lists"], s["w"][d], s["theta"][d], s["feeds"][d])
             for d in range(len(s["w"]))]
        if "shift" in s:
            z = [[a + b for a, b in zip(*both, strict=True)]
                 for both in zip(z, s["shift"], strict=True)]
        y = [[s["f"](value) for value in one] for one in z]
        maps = [pool(y[d], s["regions"], s["reduce"][d]) for d in range(len(y))]
        signals["z"].append(z)
        signals["y"].append(y)
        signals["t"].append(maps)
    x = [value for one in maps for value in one]
    for layer in layers:
        z = [dot(layer["W"][k], x) - layer["theta"][k] for k in range(len(layer["W"]))]
        if "shift" in layer:
            z = [a + b for a, b in zip(z, layer["shift"], strict=True)]
        x = [layer["f"](value) for value in z]
        signals["zl"].append(z)
        signals["yl"].append(x)
    signals["output"] = x
    return signals


def squared_error(gamma, y):
    """Σ (γ_i - y_i)²."""
    return sum((gamma[i] - y[i]) * (gamma[i] - y[i]) for i in range(len(gamma)))


def cross_entropy(gamma, z, exp, ln):
    """-Σ γ_i ln(e^(z_i) / Σ_j e^(z_j))."""
    total = sum(exp(value) for value in z)
    return -sum(gamma[i] * (z[i] - ln(total)) for i in range(len(z)))


def squared_norm(entries):
    """Σ w² over the numbers of an arbitrarily nested list."""
    if isinstance(entries, list):
        return sum(squared_norm(one) for one in entries)
    return entries * entries


def empirical_risk(samples, targets, stages, layers, rho1, rho2):
    """ρ1 Σ‖W_c‖² + ρ2 Σ‖W_l‖² + (1/N) Σ_n ‖γ_n - y_n‖²."""
    losses = [squared_error(gamma, network(h, stages, layers)["output"])
              for h, gamma in zip(samples, targets, strict=True)]
    used = [s["w"][d][j] for s in stages for d in range(len(s["w"])) for j in s["feeds"][d]]
    return (
        rho1 * squared_norm(used)
        + rho2 * squared_norm([layer["W"] for layer in layers])
        + sum(losses) / len(losses)
    )
