"""One row for each public function that takes arrays: a call, its arrays, and what must come out.

An oracle gets the same arrays with entries that Python computes exactly (ints, or fractions of
what a float holds) in object arrays, and shares no line with the library.  Sizes are all
different and entries large enough for sums of products to leave the narrow types.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from fractions import Fraction

import numpy as np

from cnnmat import (
    CorrelationOperator,
    Network,
    Parameters,
    Partition,
    Regions,
    Stage,
    activation,
    loops,
)
from cnnmat.layers import correlation as layer
from cnnmat.layers import pooling as windows
from cnnmat.textbook import (
    activations,
    connections,
    correlation,
    feedforward,
    images,
    masks,
    normalization,
    pooling,
    risks,
    subsampling,
    training,
    vec,
)
from cnnmat.verify import duals

LISTS = [[0, 2, 3], [4, 1, 0], [2, 2, 4], [3, 0, 1]]
V = Partition(LISTS, size=5)
OMEGA = [[0, 2], [3, 1, 4]]
REGIONS = Regions(OMEGA, size=5)


@dataclass
class Row:
    """A public function with arrays.

    call : takes the arrays by name; truth : the oracle, the same by name
    shapes : of the arrays, by the names that messages must use
    real : whether integers give floats; rtol in units of the epsilon
    draw : which entries: "any" up to 120, "unit" from 0 to 1, "positive"
    exact : whether exact entries are computed
    names : by which an array goes in messages, where that is not its own
    apart : whether each array has a result of its type
    by_hand : whether the test multiplies with what comes out, which may overflow
    """

    call: Callable
    truth: Callable
    shapes: dict
    real: bool = False
    draw: str = "any"
    exact: bool = True
    rtol: float = 64
    names: dict = field(default_factory=dict)
    apart: bool = False
    by_hand: bool = False


ROWS = {}


def row(name, call, truth, **others):
    given = {f.name for f in fields(Row)} - {"call", "truth", "shapes"}
    options = {k: others.pop(k) for k in given & others.keys()}
    ROWS[name] = Row(call, truth, others, **options)


def each(function):
    """`function` of numbers, entry by entry, of the array z."""
    return lambda z: np.frompyfunc(function, 1, 1)(z)


def columns(h, lists=LISTS):
    """H, entry [s, p], on the last axis of h."""
    H = np.empty((*h.shape[:-1], len(lists[0]), len(lists)), dtype=object)
    for p, one in enumerate(lists):
        for s, m in enumerate(one):
            H[..., s, p] = h[..., m]
    return H


def scattered(H, lists=LISTS, M=5):
    h = np.full((*H.shape[:-2], M), 0, dtype=object)
    for p, one in enumerate(lists):
        for s, m in enumerate(one):
            h[..., m] += H[..., s, p]
    return h


def matrix_of(w, lists=LISTS, M=5):
    """V^(d,d',c+1): the weight of entry m in unit p."""
    found = np.full((M, len(lists)), 0, dtype=object)
    for p, one in enumerate(lists):
        for s, m in enumerate(one):
            found[m, p] += w[s]
    return found


def over_regions(reduce):
    """`reduce` of the list of entries of each region, on the last axis."""
    def found(y):
        flat = y.reshape(-1, y.shape[-1]).tolist()
        t = [[reduce([one[p] for p in region]) for region in OMEGA] for one in flat]
        return np.array(t, dtype=object).reshape(*y.shape[:-1], len(OMEGA))
    return found


def along_regions(gradient):
    """`gradient`, a list for the list of entries of each region, region after region."""
    def found(y):
        flat = y.reshape(-1, y.shape[-1]).tolist()
        g = [[slope for region in OMEGA for slope in gradient([one[p] for p in region])]
             for one in flat]
        return np.array(g, dtype=object).reshape(*y.shape[:-1], -1)
    return found


def arrays(nested):
    """A nested list of numbers as an object array."""
    return np.array(nested, dtype=object)


# --- vec, Partition, Regions ------------------------------------------------------------------

row("vec.vec", vec.vec, lambda a: a.T.reshape(-1), a=(2, 3))
row("vec.unvec", lambda a: vec.unvec(a, (2, 3)), lambda a: a.reshape(3, 2).T, a=(6,))
row("vec.flip", vec.flip, lambda mask: mask[::-1, ::-1], mask=(2, 3))
row("vec.apply", vec.apply, lambda matrix, x: x @ matrix.T, matrix=(2, 3), x=(4, 3))
row("vec.kron", vec.kron, np.kron, a=(2, 3), b=(3, 1))
row("vec.hadamard", vec.hadamard, lambda a, b: a * b, a=(2, 3), b=(2, 3))
row("partition.Partition.columns", V.columns, columns, h=(2, 5))
row("partition.Partition.scatter", V.scatter, scattered, H=(2, 3, 4))
row("regions.Regions.permute", REGIONS.permute, lambda y: y[..., [0, 2, 3, 1, 4]], y=(2, 5))
row("regions.Regions.permute_sharp", REGIONS.permute_sharp,
    lambda y_o: y_o[..., [0, 3, 1, 2, 4]], y_o=(2, 5))
row("regions.Regions.reduce", lambda y_o: REGIONS.reduce(np.add, y_o),
    lambda y_o: np.stack([y_o[..., :2].sum(-1), y_o[..., 2:].sum(-1)], -1), y_o=(2, 5))
row("regions.Regions.expand", REGIONS.expand, lambda t: t[..., [0, 0, 1, 1, 1]], t=(3, 2))

# --- masks, activations -----------------------------------------------------------------------

row("masks.edge_map", masks.edge_map,
    lambda fx, fy: np.frompyfunc(math.hypot, 2, 1)(fx, fy), fx=(2, 3), fy=(2, 3), real=True,
    exact=False)


def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else math.exp(max(z, -1e6))


def sign(z):
    return (z > 0) - (z < 0)


SMOOTH = {
    "tanh": (math.tanh, lambda z: 4 * sigmoid(2 * z) * sigmoid(-2 * z)),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * sigmoid(-z)),
    "softplus": (lambda z: max(z, 0) + math.log1p(math.exp(-abs(z))), sigmoid),
    "softabs": (lambda z: abs(z) + 2 * (math.log1p(math.exp(-abs(z))) - math.log(2)),
                lambda z: math.tanh(z / 2)),
}
WHOLE = {
    "identity": (lambda z: z, lambda z: 1),
    "relu": (lambda z: max(z, 0), lambda z: int(z > 0)),
    "abs": (abs, sign),
}
for name, (f, slope) in {**SMOOTH, **WHOLE}.items():
    smooth = name in SMOOTH
    row(f"activations.ACTIVATIONS {name}", lambda z, name=name: activation(name)(z),
        each(lambda z, f=f, smooth=smooth: f(float(z) if smooth else z)), z=(2, 3), real=smooth,
        exact=not smooth)
    row(f"activations.ACTIVATIONS {name}'", lambda z, name=name: activation(name).derivative(z),
        each(lambda z, f=slope, smooth=smooth: f(float(z) if smooth else z)), z=(2, 3),
        real=smooth, exact=not smooth)
row("activations.softplus", lambda z: activations.softplus(3)(z),
    each(lambda z: SMOOTH["softplus"][0](3 * float(z)) / 3), z=(2, 3), real=True, exact=False)
row("activations.soft_abs", lambda z: activations.soft_abs(3)(z),
    each(lambda z: SMOOTH["softabs"][0](3 * float(z)) / 3), z=(2, 3), real=True, exact=False)

# --- pooling over regions ---------------------------------------------------------------------


def first_largest(values):
    return [int(k == values.index(max(values))) for k in range(len(values))]


def root_of_squares(values):
    return math.sqrt(sum(v * v for v in values))


def cube_root(values):
    return float(sum(abs(v) ** 3 for v in values)) ** (1 / 3)


MASK = [3, -100, 5, 7, 90]
POOLINGS = {
    "Sum": (pooling.Sum(), sum, lambda v: [1] * len(v), False),
    "Mean": (pooling.Mean(), lambda v: Fraction(1, len(v)) * sum(v),
             lambda v: [Fraction(1, len(v))] * len(v), True),
    "Max": (pooling.Max(), max, first_largest, False),
    "Subsample": (pooling.Subsample(1), lambda v: v[1], lambda v: [0, 1, 0][:len(v)], False),
    "Lp": (pooling.Lp(3), cube_root,
           lambda v: [sign(x) * float(abs(x)) ** 2 / (cube_root(v) or 1) ** 2 for x in v], True),
    "l2": (pooling.l2(), root_of_squares,
           lambda v: [x / (root_of_squares(v) or 1) for x in v], True),
}
for name, (pool, value, gradient, real) in POOLINGS.items():
    exact = name not in ("Lp", "l2")
    row(f"pooling.{name}", lambda y, pool=pool: pool(y, REGIONS), over_regions(value), y=(2, 5),
        real=real, exact=exact)
    row(f"pooling.{name} gradient", lambda y, pool=pool: pool.gradient_vectors(y, REGIONS),
        along_regions(gradient), y=(2, 5), real=real, exact=exact)
row("pooling.Correlation", lambda y, mask: pooling.Correlation(mask)(y, REGIONS),
    lambda y, mask: over_regions(sum)((y[..., [0, 2, 3, 1, 4]] * mask)[..., [0, 3, 1, 2, 4]]),
    y=(2, 5), mask=(5,))
row("pooling.up", lambda g: pooling.up(100, g), lambda g: 100 * g, g=(4,))
row("pooling.upv", lambda v, g: pooling.upv(v, g, REGIONS),
    lambda v, g: v[..., [0, 0, 1, 1, 1]] * g, v=(2, 2), g=(2, 5))
row("pooling.upv_matrix", lambda g: pooling.upv_matrix(g, REGIONS),
    lambda g: arrays([[g[0], 0], [g[1], 0], [0, g[2]], [0, g[3]], [0, g[4]]]), g=(5,))

# --- correlation and fully connected layers ---------------------------------------------------

row("correlation.feature_map", lambda H, w: correlation.feature_map(H, w, 100),
    lambda H, w: H.swapaxes(-1, -2) @ w - 100, H=(2, 3, 4), w=(3,))
row("correlation.stack_maps", lambda t: correlation.stack_maps(V, t),
    lambda t: columns(t).reshape(2, 9, 4), t=(2, 3, 5))
row("correlation.preactivation", correlation.preactivation,
    lambda H, W, Theta: (H.swapaxes(-1, -2) @ W - Theta.sum(axis=0)).swapaxes(-1, -2),
    H=(2, 6, 4), W=(6, 3), Theta=(2, 3))
for name in ("weight_matrix", "weight_matrix_short"):
    row(f"correlation.{name}", lambda w, name=name: getattr(correlation, name)(V, w), matrix_of,
        w=(3,))


def pulled_back(W, delta):
    masks = W.reshape(2, 3, 2)
    return np.stack([sum(delta[:, d] @ matrix_of(masks[j, :, d]).T for d in range(2))
                     for j in range(2)], axis=1)


for name in ("pull_back", "pull_back_literal"):
    row(f"correlation.{name}", lambda W, delta, name=name: getattr(correlation, name)(
        V, W, delta), pulled_back, W=(6, 2), delta=(3, 2, 4))
row("correlation.block_diagonal", correlation.block_diagonal,
    lambda delta: arrays([[delta[d, p] * int(d == e) for e in range(2)]
                          for d in range(2) for p in range(3)]), delta=(2, 3))
for name in ("dW", "dW_literal"):
    row(f"correlation.{name}", getattr(correlation, name), lambda H, delta: H @ delta.T,
        H=(6, 4), delta=(3, 4))
for name in ("dTheta", "dTheta_literal"):
    row(f"correlation.{name}", lambda delta, name=name: getattr(correlation, name)(delta, 2),
        lambda delta: np.stack([-delta.sum(axis=1)] * 2), delta=(3, 4))
row("feedforward.preactivation", feedforward.preactivation,
    lambda y, W, theta: y @ W.T - theta, y=(2, 4), W=(3, 4), theta=(3,))
row("feedforward.pull_back", feedforward.pull_back, lambda W, delta: delta @ W, W=(3, 4),
    delta=(2, 3))
row("feedforward.dW", feedforward.dW,
    lambda y, delta: np.stack([np.multiply.outer(d, one) for d, one in
                               zip(delta, y, strict=True)]), y=(2, 4), delta=(2, 3))
row("feedforward.dtheta", feedforward.dtheta, lambda delta: -delta, delta=(2, 3))

# --- images, connections, subsampling, normalisation ------------------------------------------


def filtered(image, mask):
    return arrays(loops.filter_image(image.tolist(), mask.tolist()))


row("images.correlate_image", images.correlate_image, filtered, image=(4, 5), mask=(3, 3))
row("images.convolve_image", images.convolve_image,
    lambda image, mask: filtered(image, mask[::-1, ::-1]), image=(4, 5), mask=(3, 3))
row("images.convolve_full", images.convolve_full,
    lambda delta, mask: arrays(loops.convolve(delta.tolist(), mask.tolist())), delta=(3, 2),
    mask=(2, 4))


def tied(w, n=7, stride=2):
    return arrays([[w[i - stride * t] if 0 <= i - stride * t < len(w) else 0
                    for t in range((n - len(w)) // stride + 1)] for i in range(n)])


def tied_sum(G):
    return arrays([sum(G[2 * t + k, t] for t in range(3)) for k in range(3)])


row("connections.connection_matrix", lambda w: connections.connection_matrix(w, 7, 2), tied,
    w=(3,))
row("connections.tied_sum", lambda G: connections.tied_sum(G, 3, 2), tied_sum, G=(7, 3))
row("connections.project_tied", lambda G: connections.project_tied(G, 3, 2),
    lambda G: tied(tied_sum(G)), G=(7, 3))
row("connections.dilate", lambda delta: connections.dilate(delta, 2),
    lambda delta: arrays([delta[0], 0, delta[1], 0, delta[2]]), delta=(3,))


def banded(h, n=6):
    k = len(h) // 2
    return arrays([[h[r - c + k] if 0 <= r - c + k < len(h) else 0 for c in range(n)]
                   for r in range(n)])


row("subsampling.toeplitz", lambda h: subsampling.toeplitz(h, 6), banded, h=(3,))
row("subsampling.pyramid_level", lambda h: subsampling.pyramid_level(6, h),
    lambda h: banded(h)[::2], h=(3,))
row("subsampling.pyramid", lambda image, h: subsampling.pyramid(image, h, 2)[2],
    lambda image, h: banded(h, 3)[::2] @ (banded(h)[::2] @ image @ banded(h, 4)[::2].T)
    @ banded(h, 2)[::2].T, image=(6, 4), h=(3,))
row("subsampling.both_sides", subsampling.both_sides,
    lambda left, Y, right: left @ Y @ right.T, left=(2, 3), Y=(2, 3, 4), right=(3, 4))
row("subsampling.subsample", subsampling.subsample, lambda Y: Y[..., ::2, ::2], Y=(2, 5, 4))
row("subsampling.subsample_back", lambda delta: subsampling.subsample_back(delta, (3, 4)),
    lambda delta: arrays([[delta[0, 0], 0, delta[0, 1], 0], [0] * 4,
                          [delta[1, 0], 0, delta[1, 1], 0]]), delta=(2, 2))
row("normalization.gain", lambda Y, g: normalization.gain(Y, g, activation("relu")),
    lambda Y, g: arrays(loops.amplify(Y.tolist(), g.tolist(), lambda z: max(z, 0))),
    Y=(2, 3, 4), g=(2,))
row("normalization.gain_back",
    lambda Y, delta, g: normalization.gain_back(Y, delta, g, activation("relu")),
    lambda Y, delta, g: (g[:, None, None] * each(lambda z: int(z > 0))(Y) * delta,
                         (each(lambda z: max(z, 0))(Y) * delta).sum(axis=(1, 2))),
    Y=(2, 3, 4), delta=(2, 3, 4), g=(2,))
row("normalization.subtractive", normalization.subtractive,
    lambda Y, K: arrays(loops.subtract_surround(Y.tolist(), K.tolist())), Y=(2, 3, 4), K=(3, 3))
row("normalization.subtractive_back", normalization.subtractive_back,
    lambda delta, K: delta - filtered(delta.sum(axis=0), K), delta=(2, 3, 4), K=(3, 3))
row("normalization.brightness", lambda Y: normalization.brightness(Y, 2, 3, 0.5),
    lambda Y: arrays(loops.divide_brightness(Y.tolist(), 2, 3, math.sqrt)), Y=(2, 3, 4),
    real=True, exact=False)


def brightness_back(Y, delta):
    D = 2 + 3 * (Y * Y).sum(axis=0)
    root = each(math.sqrt)(D)
    return (delta - 3 * Y * (Y * delta).sum(axis=0) / D) / root


row("normalization.brightness_back",
    lambda Y, delta: normalization.brightness_back(Y, delta, 2, 3, 0.5), brightness_back,
    Y=(2, 3, 4), delta=(2, 3, 4), real=True, exact=False, rtol=500)

# --- risks ------------------------------------------------------------------------------------


def softmax(z):
    z = z.astype(float)
    powers = np.exp(z - z.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def surprise(t, p):
    return arrays([loops.surprise(a, b, lambda q: math.log(q) if q else -math.inf)
                   for a, b in zip(t.tolist(), p.tolist(), strict=True)])


def twofold(t, p):
    return arrays([loops.binary_cross_entropy(a, b, lambda q: math.log(q) if q else -math.inf)
                   for a, b in zip(t.tolist(), p.tolist(), strict=True)])


def normalized(y):
    return y / y.sum(axis=-1, keepdims=True) * Fraction(1)


row("risks.squared_norm", risks.squared_norm, lambda W: np.sum(W * W), W=(2, 3))
row("risks.softmax", risks.softmax, softmax, z=(2, 3), real=True, exact=False)
row("risks.normalize", risks.normalize, lambda y: y * each(lambda s: Fraction(1) / s)(
    y.sum(axis=-1, keepdims=True)), y=(2, 3), real=True, draw="positive", exact=False)
row("risks.softmax_jacobian", risks.softmax_jacobian,
    lambda s: np.stack([np.diag(one) - np.multiply.outer(one, one) for one in s]), s=(2, 3))
row("risks.one_hot", lambda labels: risks.one_hot(labels, 128),
    lambda labels: each(int)(labels[..., None] == np.arange(128)), labels=(2, 3), draw="label",
    exact=False)
row("risks.categorical_cross_entropy", risks.categorical_cross_entropy, surprise, t=(2, 3),
    p=(2, 3), real=True, draw="unit", exact=False)
row("risks.binary_cross_entropy", risks.binary_cross_entropy, twofold, t=(2, 3), p=(2, 3),
    real=True, draw="unit", exact=False)
row("risks.entropy", risks.entropy, lambda p: surprise(p, p), p=(2, 3), real=True, draw="unit",
    exact=False)
row("risks.squared_error", risks.squared_error, lambda t, y: ((t - y) ** 2).sum(axis=-1),
    t=(2, 3), y=(2, 3), real=True)
row("risks.squared_error_gradient", risks.squared_error_gradient, lambda t, y: 2 * (y - t),
    t=(2, 3), y=(2, 3), real=True)
IDENTITY = activation("identity")
SQUARE, CROSS = risks.RISKS["squared_error"], risks.RISKS["cross_entropy"]
row("risks.SquaredError", lambda gamma, z: SQUARE(gamma, z, IDENTITY),
    lambda gamma, z: ((gamma - z) ** 2).sum(axis=-1), gamma=(2, 3), z=(2, 3))
row("risks.SquaredError.delta", lambda gamma, z: SQUARE.delta(gamma, z, activation("relu")),
    lambda gamma, z: 2 * (each(lambda q: max(q, 0))(z) - gamma) * each(lambda q: int(q > 0))(z),
    gamma=(2, 3), z=(2, 3))
row("risks.SquaredError.output", lambda z: SQUARE.output(z, IDENTITY), lambda z: z, z=(2, 3))


def log_softmax(z):
    z = z.astype(float)
    return z - z.max(axis=-1, keepdims=True) - np.log(np.exp(
        z - z.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True))


row("risks.CrossEntropy", lambda gamma, z: CROSS(gamma, z, IDENTITY),
    lambda gamma, z: -(gamma.astype(float) * log_softmax(z)).sum(axis=-1), gamma=(2, 3),
    z=(2, 3), real=True, exact=False, draw="far")
row("risks.CrossEntropy.delta", lambda gamma, z: CROSS.delta(gamma, z, IDENTITY),
    lambda gamma, z: softmax(z) * gamma.astype(float).sum(axis=-1, keepdims=True) - gamma,
    gamma=(2, 3), z=(2, 3), real=True, exact=False)
row("risks.CrossEntropy.output", lambda z: CROSS.output(z, IDENTITY), softmax, z=(2, 3),
    real=True, exact=False)

# --- the network ------------------------------------------------------------------------------

STAGE = Stage(V, depth=2, activation="relu", regions=Regions([[0, 2], [3, 1]], 4), pooling="sum")
NET = Network(1, [STAGE], [3], activations="identity")
PARTS = {"W_c": (3, 2), "Theta_c": (1, 2), "W_l": (3, 4), "theta_l": (3,)}
KEYS = {name: f"{name}[1]" for name in PARTS}


def parameters(parts):
    return Parameters(*({1: parts[name]} for name in PARTS))


def by_loops(h, parts):
    """The output of `loops.network` for each sample, on nested lists."""
    weights = parts["W_c"]
    stages = [{"lists": LISTS, "w": [[[row[d] for row in weights]] for d in range(2)],
               "theta": [[parts["Theta_c"][0][d]] for d in range(2)],
               "f": lambda z: z if z > 0 else 0 * z, "regions": [[0, 2], [3, 1]],
               "reduce": [sum] * 2, "feeds": [[0]] * 2}]
    layers = [{"W": parts["W_l"], "theta": parts["theta_l"], "f": lambda z: z}]
    return [loops.network(one, stages, layers)["output"] for one in h]


def listed(parts):
    return {name: a.tolist() for name, a in parts.items()}


def loss(h, gamma, parts):
    outputs = by_loops(h, parts)
    return sum(loops.squared_error(g, y) for g, y in zip(gamma, outputs, strict=True)) * Fraction(
        1, len(h))


def slopes(h, gamma, **parts):
    """The derivatives of the risk by each part, by dual numbers through the loops."""
    lists = listed(parts)
    return tuple(duals.gradient(lambda one, name=name: loss(
        h.tolist(), gamma.tolist(), {**lists, name: one}), parts[name]) for name in PARTS)


def backward(h, gamma, literal=False, **parts):
    p = parameters(parts)
    gradient = NET.backward(p, NET.forward(p, h), gamma, literal=literal).gradient
    return tuple(getattr(gradient, name)[1] for name in PARTS)


def product_of_jacobians(h, gamma, **parts):
    """δ_1 of the first sample as the product of the factors and δ_L."""
    p = parameters(parts)
    forward = NET.forward(p, h)
    delta = NET.risk_of_sample.delta(gamma, forward.z_l[2], IDENTITY)[0]
    for _, factor in reversed(NET.jacobians(p, forward)):
        delta = factor @ delta
    return delta


def sensitivity(h, gamma, **parts):
    """∂loss/∂z of the first sample's only stage, by dual numbers."""
    lists = listed(parts)
    z = arrays([[loops.dot(one, [row[d] for row in lists["W_c"]]) - lists["Theta_c"][0][d]
                 for one in loops.subvectors(h[0, 0].tolist(), LISTS)] for d in range(2)])

    def from_z(maps):
        pooled = [loops.pool([v if v > 0 else 0 * v for v in one], [[0, 2], [3, 1]], sum)
                  for one in maps]
        y = [t - theta for t, theta in zip(loops.times(lists["W_l"], pooled[0] + pooled[1]),
                                           lists["theta_l"], strict=True)]
        return loops.squared_error(gamma[0].tolist(), y)
    return duals.gradient(from_z, z).ravel()


row("network.Network.forward", lambda h, **parts: NET.forward(parameters(parts), h).y,
    lambda h, **parts: arrays(by_loops(h.tolist(), listed(parts))), h=(2, 1, 5), **PARTS,
    names=KEYS)
row("network.Network.risk", lambda h, gamma, **parts: NET.risk(parameters(parts), h, gamma),
    lambda h, gamma, **parts: loss(h.tolist(), gamma.tolist(), listed(parts)), h=(2, 1, 5),
    gamma=(2, 3), **PARTS, real=True, names=KEYS)
row("network.Network.backward", backward, slopes, h=(2, 1, 5), gamma=(2, 3), **PARTS, real=True,
    names=KEYS)
row("network.Network.checked", lambda **parts: tuple(
    getattr(NET.checked(parameters(parts)), name)[1] for name in PARTS),
    lambda **parts: tuple(parts[name] for name in PARTS), **PARTS, names=KEYS, apart=True)
row("network.Network.jacobians", product_of_jacobians, sensitivity, h=(2, 1, 5), gamma=(2, 3),
    **PARTS, names=KEYS, exact=False, by_hand=True)


def step(h, gamma, **parts):
    new = training.step(NET, parameters(parts), h, gamma, mu=0.5)
    return tuple(getattr(new, name)[1] for name in PARTS)


def stepped(h, gamma, **parts):
    return tuple(parts[name] - Fraction(1, 2) * slope
                 for name, slope in zip(PARTS, slopes(h, gamma, **parts), strict=True))


def train(h, gamma, **parts):
    found = training.train(NET, parameters(parts), h, gamma, mu=0.5, epochs=1, batch=2)
    return tuple(getattr(found.parameters, name)[1] for name in PARTS)


row("training.step", step, stepped, h=(2, 1, 5), gamma=(2, 3), **PARTS, real=True, names=KEYS,
    exact=False)
row("training.train", train, stepped, h=(2, 1, 5), gamma=(2, 3), **PARTS, real=True, names=KEYS,
    exact=False)

# --- layers -----------------------------------------------------------------------------------

LAYER = {"stride": (1, 2), "padding": ((1, 0), (1, 2)), "dilation": (1, 1), "groups": 2}
GEOMETRY = ([1, 2], [(1, 0), (1, 2)], [1, 1], 2)
X, W, Z = (2, 4, 3, 4), (2, 2, 2, 3), (2, 2, 3, 3)
for method in ("auto", "literal", "lowering", "direct"):
    row(f"layers.correlation.correlate {method}", lambda x, w, b, method=method: layer.correlate(
        x, w, b, **LAYER, method=method), lambda x, w, b: arrays(loops.correlate(
            x.tolist(), w.tolist(), b.tolist(), *GEOMETRY)), x=X, w=W, b=(2,))
    row(f"layers.correlation.correlate_backward {method}",
        lambda dz, x, w, method=method: layer.correlate_backward(dz, x, w, **LAYER, method=method),
        lambda dz, x, w: tuple(map(arrays, loops.correlate_backward(
            dz.tolist(), x.tolist(), w.tolist(), *GEOMETRY))), dz=Z, x=X, w=W)
row("layers.correlation.convolve", lambda x, w, b: layer.convolve(x, w, b, **LAYER),
    lambda x, w, b: arrays(loops.correlate(
        x.tolist(), w[..., ::-1, ::-1].tolist(), b.tolist(), *GEOMETRY)), x=X, w=W, b=(2,))


def convolved_back(dz, x, w):
    dx, dw, db = map(arrays, loops.correlate_backward(
        dz.tolist(), x.tolist(), w[..., ::-1, ::-1].tolist(), *GEOMETRY))
    return dx, dw[..., ::-1, ::-1], db


row("layers.correlation.convolve_backward",
    lambda dz, x, w: layer.convolve_backward(dz, x, w, **LAYER), convolved_back, dz=Z, x=X, w=W)
TRANSPOSED = {**LAYER, "output_padding": (0, 1)}


def transposed(x, w, b):
    nothing = np.full((2, 4, 3, 5), 0, dtype=object)
    dx = arrays(loops.correlate_backward(x.tolist(), nothing.tolist(), w.tolist(), *GEOMETRY)[0])
    return dx + b[:, None, None]


def transposed_back(dz, x, w):
    dx = loops.correlate(dz.tolist(), w.tolist(), [0, 0], *GEOMETRY)
    dw = loops.correlate_backward(x.tolist(), dz.tolist(), w.tolist(), *GEOMETRY)[1]
    return arrays(dx), arrays(dw), dz.sum(axis=(0, 2, 3))


row("layers.correlation.correlate_transpose",
    lambda x, w, b: layer.correlate_transpose(x, w, b, **TRANSPOSED), transposed, x=Z, w=W, b=(4,))
row("layers.correlation.correlate_transpose_backward",
    lambda dz, x, w: layer.correlate_transpose_backward(dz, x, w, **TRANSPOSED), transposed_back,
    dz=(2, 4, 3, 5), x=Z, w=W)

#: Windows of 2 x 3 that overlap and lie partly on padding: for each output the cells inside.
CELLS = {(r, c): [(r - 1 + k, 2 * c - 1 + l) for k in range(2) for l in range(3)
                  if 0 <= r - 1 + k < 3 and 0 <= 2 * c - 1 + l < 4]
         for r in range(3) for c in range(2)}
WINDOW = {"size": (2, 3), "stride": (1, 2), "padding": ((1, 0), (1, 0))}


def pooled(reduce):
    def found(x):
        t = np.empty((*x.shape[:2], 3, 2), dtype=object)
        for place, inside in CELLS.items():
            for n, c in np.ndindex(x.shape[:2]):
                t[(n, c, *place)] = reduce([x[(n, c, *cell)] for cell in inside])
        return t
    return found


def pooled_back(gradient):
    def found(dt, x):
        dx = np.full(x.shape, 0, dtype=object)
        for place, inside in CELLS.items():
            for n, c in np.ndindex(x.shape[:2]):
                slopes = gradient([x[(n, c, *cell)] for cell in inside])
                for cell, slope in zip(inside, slopes, strict=True):
                    dx[(n, c, *cell)] += dt[(n, c, *place)] * slope
        return dx
    return found


WINDOW_POOLINGS = {
    "sum": (POOLINGS["Sum"][1:], {}), "max": (POOLINGS["Max"][1:], {}),
    "mean": ((lambda v: Fraction(1, 6) * sum(v), lambda v: [Fraction(1, 6)] * len(v), True), {}),
    "l2": (POOLINGS["l2"][1:], {}), "lp": (POOLINGS["Lp"][1:], {"p": 3}),
}
for kind, ((value, gradient, real), options) in WINDOW_POOLINGS.items():
    row(f"layers.pooling.pool {kind}", lambda x, kind=kind, options=options: windows.pool(
        x, kind, **WINDOW, **options), pooled(value), x=(2, 3, 3, 4), real=real, exact=False)
    row(f"layers.pooling.pool_backward {kind}",
        lambda dt, x, kind=kind, options=options: windows.pool_backward(
            dt, x, kind, **WINDOW, **options), pooled_back(gradient), dt=(2, 3, 3, 2),
        x=(2, 3, 3, 4), real=real, exact=False, rtol=500)


def of_the_layer(x, w):
    z = loops.correlate(x.reshape(1, 4, 3, 4).tolist(), w.tolist(), [0, 0], *GEOMETRY)
    return arrays(z).ravel()


ONES = np.ones(W, dtype=int)
COUNTED = np.arange(48)
row("layers.operators.CorrelationOperator",
    lambda w: CorrelationOperator(X[1:], w, **LAYER).matrix @ COUNTED,
    lambda w: of_the_layer(COUNTED.astype(object), w), w=W, exact=False, by_hand=True)
row("layers.operators.CorrelationOperator.__matmul__",
    lambda x, w: CorrelationOperator(X[1:], w, **LAYER) @ x, of_the_layer, x=(48,), w=W,
    exact=False)
row("layers.operators.CorrelationOperator.aslinearoperator",
    lambda w: CorrelationOperator(X[1:], w, **LAYER).aslinearoperator() @ COUNTED,
    lambda w: of_the_layer(COUNTED.astype(object), w), w=W, exact=False)
row("layers.operators.CorrelationOperator.jacobian_x",
    lambda w: CorrelationOperator(X[1:], w, **LAYER).jacobian_x() @ COUNTED,
    lambda w: of_the_layer(COUNTED.astype(object), w), w=W, exact=False, by_hand=True)
row("layers.operators.CorrelationOperator.jacobian_w",
    lambda x: CorrelationOperator(X[1:], ONES, **LAYER).jacobian_w(x) @ ONES.ravel(),
    lambda x: of_the_layer(x, ONES), x=X[1:], exact=False, by_hand=True)
for name in ("norm", "kernel_norm", "singular_values"):
    row(f"layers.operators.CorrelationOperator.{name}",
        lambda w, name=name: np.ravel(getattr(CorrelationOperator((1, 2, 3), w), name)(
            *[1] * (name == "singular_values"))),
        lambda w: arrays([abs(w[0, 0, 0, 0])]), w=(1, 1, 1, 1), real=True, exact=False)
