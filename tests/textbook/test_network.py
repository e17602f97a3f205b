"""The network of matrices against the plain loops, exactly, and against PyTorch, to rounding."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from cnnmat import Network, Parameters, Partition, Regions, Stage, Windows, loops
from cnnmat.textbook.pooling import Correlation, Lp, Subsample
from cnnmat.verify import duals
from tests.conftest import close, fractions

torch.set_default_dtype(torch.float64)

LOOPS_F = {"identity": lambda z: z, "relu": lambda z: z if z > 0 else z * 0}
POOLINGS = ("sum", "mean", "max", "subsample first", "subsample last", "correlation",
            "correlation by map")


def whole(random, shape):
    """Whole numbers between -4 and 4, int64."""
    return random.integers(-4, 5, size=shape)


@dataclass
class Case:
    """One network in both versions, with samples and targets."""

    net: Network
    parameters: Parameters
    h: np.ndarray
    gamma: np.ndarray
    rho: tuple
    stages: list
    f_l: list

    def __repr__(self):
        shown = {k: v for k, v in vars(self).items() if k not in ("net", "stages", "f_l")}
        lists = [(one["lists"], one["regions"], one["feeds"]) for one in self.stages]
        kinds = [(s.activation.name, s.pooling.name) for s in self.net.stages.values()]
        return f"Case({shown}, lists, regions and feeds {lists}, kinds {kinds})"

    def loop_stages(self, p):
        """The stages for the loops, reading each mask out of W_c entry by entry."""
        stages = []
        for c, stage in enumerate(self.stages, start=1):
            W, Theta, S = p.W_c[c].tolist(), p.Theta_c[c].tolist(), len(stage["lists"][0])
            before, maps = range(len(Theta)), range(len(Theta[0]))
            stages.append(stage | {
                "w": [[[W[j * S + s][d] for s in range(S)] for j in before] for d in maps],
                "theta": [[Theta[j][d] for j in before] for d in maps]})
        return stages

    def loop_layers(self, p):
        return [{"W": p.W_l[l].tolist(), "theta": p.theta_l[l].tolist(), "f": f}
                for l, f in enumerate(self.f_l, start=1)]

    def loop_signals(self, n):
        return loops.network(self.h[n].tolist(), self.loop_stages(self.parameters),
                             self.loop_layers(self.parameters))

    def loop_risk(self, p):
        return loops.empirical_risk(self.h.tolist(), self.gamma.tolist(), self.loop_stages(p),
                                    self.loop_layers(p), *self.rho)

    def with_entries(self, flat):
        """The parameters with other entries, in the order of `Parameters.arrays`."""
        rest = iter(flat)

        def take(array):
            taken = np.empty(array.size, dtype=object)
            taken[:] = [next(rest) for _ in range(array.size)]
            return taken.reshape(array.shape)

        filled = {id(a): take(a) for a in self.parameters.arrays()}
        return self.parameters.map(lambda a: filled[id(a)])


def flat(parameters):
    return np.concatenate([a.ravel() for a in parameters.arrays()])


def draw_partition(draw, size):
    """Overlapping, scattered, repeating index lists, some places on the padding."""
    S = draw(st.integers(1, 3))
    one = st.lists(st.integers(-1, size - 1), min_size=S, max_size=S)
    return draw(st.lists(one, min_size=1, max_size=5))


def draw_regions(draw, size):
    """All entries, scattered over regions of unequal sizes."""
    order = draw(st.permutations(range(size)))
    cuts = sorted(draw(st.sets(st.integers(1, size - 1)))) if size > 1 else []
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, size], strict=True)]


def make_pooling(name, regions, maps, entries, random):
    """A pooling for `Stage`, and one reducing function a map for the loops."""
    longest = max(map(len, regions))
    if name == "subsample first":
        return "subsample", [lambda values: values[0]] * maps
    if name == "subsample last":
        keep = tuple(len(one) - 1 for one in regions)
        return Subsample(keep), [lambda values: values[-1]] * maps
    if name.startswith("correlation"):
        rows = entries(random, (maps, longest))
        if name == "correlation":
            rows[:] = rows[0]
        mask = np.array([[row[s] for one in regions for s in range(len(one))] for row in rows])
        masks = mask if name == "correlation by map" else mask[0]
        return Correlation(masks), [
            lambda values, row=row: loops.dot(list(row[:len(values)]), values) for row in rows]
    return name, [{"sum": sum, "mean": loops.mean, "max": loops.largest}[name]] * maps


@st.composite
def networks(draw, entries, poolings=POOLINGS):
    """A network of generic shape: 1 to 3 correlation layers, 1 or 2 others."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    depth, M, N = draw(st.integers(1, 3)), draw(st.integers(2, 6)), draw(st.integers(1, 3))
    stages, for_loops, size, before = [], [], M, depth
    for _ in range(draw(st.integers(1, 3))):
        lists = draw_partition(draw, size)
        regions = draw_regions(draw, len(lists))
        maps, f = draw(st.integers(1, 3)), draw(st.sampled_from(sorted(LOOPS_F)))
        pooling, reduce = make_pooling(
            draw(st.sampled_from(poolings)), regions, maps, entries, random)
        connections = None
        if draw(st.booleans()):
            connections = random.integers(0, 2, size=(before, maps)).astype(bool)
            connections[random.integers(before), ~connections.any(axis=0)] = True
        kept = np.ones((before, maps)) if connections is None else connections
        stages.append(Stage(Partition(lists, size), maps, f, Regions(regions, len(lists)), pooling,
                            connections))
        for_loops.append({
            "lists": lists, "f": LOOPS_F[f], "regions": regions, "reduce": reduce,
            "feeds": [[j for j in range(before) if kept[j][d]] for d in range(maps)]})
        size, before = len(regions), maps
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=2))
    f_l = [draw(st.sampled_from(sorted(LOOPS_F))) for _ in widths]
    rho = tuple(entries(random, (2,)).tolist())
    net = Network(depth, stages, widths, activations=f_l, rho1=rho[0], rho2=rho[1])
    parameters = Parameters(*({k: entries(random, shape) for k, shape in part.items()}
                              for part in vars(net.shapes()).values()))
    return Case(net, parameters, entries(random, (N, depth, M)),
                entries(random, (N, widths[-1])), rho, for_loops, [LOOPS_F[f] for f in f_l])


def assert_signals_equal(case, forward):
    C = case.net.C
    for n in range(len(case.h)):
        signals = case.loop_signals(n)
        assert [forward.z_c[c][n].tolist() for c in range(1, C + 1)] == signals["z"]
        assert [forward.y_c[c][n].tolist() for c in range(1, C + 1)] == signals["y"]
        assert [forward.t_c[c][n].tolist() for c in range(1, C + 1)] == signals["t"]
        assert [forward.z_l[l][n].tolist() for l in sorted(forward.z_l)] == signals["zl"]
        assert [forward.y_l[l][n].tolist() for l in sorted(forward.z_l)] == signals["yl"]
        assert forward.y[n].tolist() == signals["output"]


def on_distinct(strategy, holds, at_least):
    """Run `holds` on at least so many cases that differ; hypothesis repeats some."""
    seen = set()

    @settings(max_examples=at_least * 5 // 4)
    @given(strategy)
    def each(case):
        seen.add(repr(case))
        holds(case)

    each()
    assert len(seen) >= at_least


def test_matrices_equal_loops_in_every_signal_the_risk_and_every_derivative():
    on_distinct(networks(fractions), equals_the_loops_exactly, at_least=200)


def equals_the_loops_exactly(case):
    net, p = case.net, case.parameters
    forward = net.forward(p, case.h)
    assert_signals_equal(case, forward)
    assert net.risk(p, case.h, case.gamma) == case.loop_risk(p)

    backward = net.backward(p, forward, case.gamma)
    slopes = duals.gradient(lambda entries: case.loop_risk(case.with_entries(entries)), flat(p))
    assert flat(backward.gradient).tolist() == slopes.tolist()

    literal = net.backward(p, forward, case.gamma, literal=True)
    assert flat(literal.gradient).tolist() == slopes.tolist()
    for c in backward.delta_c:
        assert literal.delta_c[c].tolist() == backward.delta_c[c].tolist()
    for l in backward.delta_l:
        assert literal.delta_l[l].tolist() == backward.delta_l[l].tolist()


@settings(max_examples=50)
@given(networks(whole, tuple(one for one in POOLINGS if one != "mean")))
def test_whole_numbers_stay_whole_and_equal_the_loops(case):
    forward = case.net.forward(case.parameters, case.h)
    assert forward.y.dtype == np.int64
    assert_signals_equal(case, forward)


@settings(max_examples=100)
@given(networks(whole))
def test_product_of_the_jacobians_of_a_layer_is_its_sensitivity(case):
    """δ_n of each layer = diag f' (I ⊗ Tᵀ) upv V ... W_1ᵀ ... δ_L, from that layer on."""
    net, n = case.net, len(case.h) - 1
    forward = net.forward(case.parameters, case.h)
    backward = net.backward(case.parameters, forward, case.gamma)
    signal = backward.delta_l[net.L][n].astype(float)
    seen = []
    for name, factor in reversed(net.jacobians(case.parameters, forward, n)):
        assert factor.format == "csr"
        signal = factor @ signal
        if name.startswith("diag"):
            kind, k = name.removeprefix("diag f'(z_").rstrip("])").split("[")
            delta = getattr(backward, f"delta_{kind}")[int(k)][n]
            assert close(signal, delta.ravel(), 1e-13)
            seen.append((kind, int(k)))
    assert seen == [*(("l", l) for l in range(net.L - 1, 1, -1)),
                    *(("c", c) for c in range(net.C, 0, -1))]
    sums_only = all(stage.pooling.name != "mean" for stage in net.stages.values())
    if sums_only:
        assert signal.tolist() == backward.delta_c[1][n].ravel().tolist()


# --- PyTorch ------------------------------------------------------------------------

TORCH_F = {
    "identity": lambda z: z, "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid,
    "softplus": lambda z: torch.logaddexp(z, torch.zeros(())),
}


@dataclass
class Geometry:
    """One stage of images: a correlation layer and what is pooled behind it."""

    windows: Windows
    pooled: Windows
    kind: str
    f: str
    maps: int


def draw_windows(draw, shape, largest, padded):
    kernel = tuple(draw(st.integers(1, min(largest, length))) for length in shape)
    dilation = tuple(draw(st.integers(1, 2)) if 2 * (k - 1) < length else 1
                     for k, length in zip(kernel, shape, strict=True))
    stride = tuple(draw(st.integers(1, 2)) for _ in shape)
    padding = tuple((draw(st.integers(0, padded)), draw(st.integers(0, padded))) for _ in shape)
    return Windows(shape, kernel, stride, padding, dilation)


def draw_pooled(draw, shape):
    """Windows that do not overlap but need not tile, half of a window on padding at most."""
    size = tuple(draw(st.integers(1, min(3, length))) for length in shape)
    stride = tuple(draw(st.integers(k, k + 1)) for k in size)
    padding = tuple((p, p) for p in (draw(st.integers(0, k // 2)) for k in size))
    return Windows(shape, size, stride, padding)


@st.composite
def image_networks(draw):
    """The geometry of a network on images, and a seed for its numbers."""
    shape = draw(st.integers(4, 9)), draw(st.integers(4, 9))
    stages, here = [], shape
    for _ in range(draw(st.integers(1, 2))):
        windows = draw_windows(draw, here, 3, 2)
        pooled = draw_pooled(draw, windows.output)
        stages.append(Geometry(windows, pooled, draw(st.sampled_from(["mean", "max"])),
                               draw(st.sampled_from(sorted(TORCH_F))), draw(st.integers(1, 3))))
        here = pooled.output
    widths = draw(st.lists(st.integers(2, 4), min_size=1, max_size=2))
    f_l = [draw(st.sampled_from(sorted(TORCH_F))) for _ in widths]
    risk = draw(st.sampled_from(["squared_error", "cross_entropy"]))
    if risk == "cross_entropy":
        f_l[-1] = "identity"
    return shape, stages, widths, f_l, risk, draw(st.integers(0, 2**32 - 1))


def torch_stage(x, stage, W, Theta):
    """x: (N, D_before, H, W); the masks stack their columns, so axes come reversed."""
    w, (top, left) = stage.windows, stage.windows.padding
    kernel = W.T.reshape(stage.maps, x.shape[1], *reversed(w.kernel)).transpose(-1, -2)
    z = functional.conv2d(functional.pad(x, (*left, *top)), kernel, -Theta.sum(dim=0),
                          w.stride, 0, w.dilation)
    y, pooled = TORCH_F[stage.f](z), stage.pooled
    padding = tuple(before for before, _ in pooled.padding)
    if stage.kind == "max":
        return functional.max_pool2d(y, pooled.kernel, pooled.stride, padding)
    return functional.avg_pool2d(y, pooled.kernel, pooled.stride, padding,
                                 count_include_pad=False)


def torch_risk(net, stages, f_l, p, images, gamma):
    x = images
    for c, stage in enumerate(stages, start=1):
        x = torch_stage(x, stage, p.W_c[c], p.Theta_c[c])
    x = x.transpose(-1, -2).reshape(len(x), -1)
    for l, f in enumerate(f_l, start=1):
        x = TORCH_F[f](functional.linear(x, p.W_l[l], -p.theta_l[l]))
    if net.risk_of_sample.name == "cross_entropy":
        losses = -(gamma * functional.log_softmax(x, dim=-1)).sum(dim=-1)
    else:
        losses = ((gamma - x) ** 2).sum(dim=-1)
    squares = [sum((W**2).sum() for W in part.values()) for part in (p.W_c, p.W_l)]
    return losses.mean() + net.rho1 * squares[0] + net.rho2 * squares[1]


def test_real_geometry_equals_pytorch_autograd():
    on_distinct(image_networks(), equals_pytorch, at_least=50)


def equals_pytorch(drawn):
    shape, stages, widths, f_l, risk, seed = drawn
    random = np.random.default_rng(seed)
    depth, N = int(random.integers(1, 4)), int(random.integers(1, 4))
    net = Network(depth, [
        Stage(Partition(s.windows), s.maps, s.f, Regions(s.pooled, cover=False), s.kind)
        for s in stages], widths, activations=f_l, risk=risk, rho1=0.03, rho2=0.2)
    p = net.initial(seed % 2**31)
    p = p.map(lambda a: a + 0.1 * random.normal(size=a.shape))
    images, gamma = random.normal(size=(N, depth, *shape)), random.normal(size=(N, widths[-1]))
    h = images.transpose(0, 1, 3, 2).reshape(N, depth, -1)

    leaves = p.map(lambda a: torch.tensor(a, requires_grad=True))
    reference = torch_risk(net, stages, f_l, leaves, torch.tensor(images), torch.tensor(gamma))
    reference.backward()

    assert close(net.risk(p, h, gamma), reference.item())
    for literal in (False, True):
        gradient = net.backward(p, net.forward(p, h), gamma, literal=literal).gradient
        for have, leaf in zip(gradient.arrays(), leaves.arrays(), strict=True):
            assert close(have, leaf.grad.numpy())


# --- what a network says of itself ----------------------------------------------------


def small():
    stage = Stage(Partition([[0, 1, 3], [4, 2, 1]], 5), 3, "relu", Regions([[1, 0]], 2), "max",
                  connections=[[1, 0, 1], [1, 1, 0]])
    return Network(2, [stage], [4, 2], rho1=1, rho2=1)


def test_shapes_are_those_of_the_text():
    assert vars(small().shapes()) == {
        "W_c": {1: (6, 3)}, "Theta_c": {1: (2, 3)},
        "W_l": {1: (4, 3), 2: (2, 4)}, "theta_l": {1: (4,), 2: (2,)}}


def test_arrays_come_in_the_order_of_the_text():
    assert small().shapes().arrays() == [(6, 3), (2, 3), (4, 3), (4,), (2, 4), (2,)]


def test_initial_parameters_are_seeded_with_zero_biases():
    net = small()
    p, again, other = net.initial(3), net.initial(3), net.initial(4)
    assert flat(p).tolist() == flat(again).tolist()
    assert flat(p).tolist() != flat(other).tolist()
    assert not any(a.any() for part in (p.Theta_c, p.theta_l) for a in part.values())


def test_initial_weights_have_variance_one_over_fan_in():
    net = Network(1, [Stage(Partition([range(50)] * 2, 50), 200)], [300])
    p = net.initial(0)
    assert abs(p.W_c[1].std() * 50**0.5 - 1) < 0.02
    assert abs(p.W_l[1].std() * 400**0.5 - 1) < 0.02


def test_unconnected_maps_neither_act_nor_learn():
    net = small()
    p = net.initial(0).map(lambda a: a + 1)
    other = Parameters({1: p.W_c[1].copy()}, {1: p.Theta_c[1].copy()}, p.W_l, p.theta_l)
    other.W_c[1][0:3, 1] = other.W_c[1][3:6, 2] = 77
    other.Theta_c[1][0, 1] = other.Theta_c[1][1, 2] = 77
    h, gamma = np.arange(20.0).reshape(2, 2, 5), np.ones((2, 2))
    assert net.risk(other, h, gamma) == net.risk(p, h, gamma)
    gradient = net.backward(other, net.forward(other, h), gamma).gradient
    assert not gradient.W_c[1][0:3, 1].any()
    assert not gradient.W_c[1][3:6, 2].any()
    assert gradient.Theta_c[1][0, 1] == gradient.Theta_c[1][1, 2] == 0


def test_a_map_that_nothing_feeds_is_f_of_zero():
    stage = Stage(Partition([[0], [1]], 2), 2, "sigmoid", connections=[[1, 0]])
    net = Network(1, [stage], [1])
    forward = net.forward(net.initial(0), [[[3.0, 5.0]]])
    assert forward.y_c[1][0, 1].tolist() == [0.5, 0.5]


def test_one_sample_of_a_batch_does_not_see_the_others():
    net, random = small(), np.random.default_rng(0)
    p, h = net.initial(0), random.normal(size=(3, 2, 5))
    together = net.forward(p, h).y
    assert all(close(net.forward(p, h[n:n + 1]).y[0], together[n], 1e-14) for n in range(3))


def test_float32_in_gives_float32_out():
    net = small()
    p = net.initial(0).map(lambda a: a.astype(np.float32))
    h, gamma = np.ones((2, 2, 5), np.float32), np.ones((2, 2), np.float32)
    forward = net.forward(p, h)
    backward = net.backward(p, forward, gamma)
    arrays = [a for part in vars(forward).values() for a in part.values()]
    arrays += [*backward.delta_c.values(), *backward.delta_l.values(),
               *backward.gradient.arrays()]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16])
def test_narrow_integers_do_not_wrap(dtype):
    stage = Stage(Partition([[0, 1, 2]], 3), 1, "identity", pooling="sum")
    net = Network(1, [stage], [1], activations="identity")
    ones = {1: np.full((1, 1), 100, dtype)}
    p = Parameters({1: np.full((3, 1), 100, dtype)}, ones, ones, {1: np.full(1, 100, dtype)})
    h = np.full((1, 1, 3), 100, dtype)
    assert net.forward(p, h).y.tolist() == [[(30_000 - 100) * 100 - 100]]
    assert net.risk(p, h, np.full((1, 1), 100, dtype)) == 2_989_800**2


@pytest.mark.parametrize("p", [2, 3, 1, 2.5])
def test_networks_with_norms_for_pooling_equal_pytorch_autograd(p):
    random = np.random.default_rng(1)
    omega = [[0, 3], [4, 1, 2]]
    stage = Stage(Partition([[0, 1], [3, 2], [1, 2], [0, 3], [2, 0]], 4), 2, "softplus",
                  Regions(omega, 5), Lp(p))
    net = Network(1, [stage], [2], activations="tanh")
    parameters, h = net.initial(5), random.normal(size=(2, 1, 4))
    gamma = random.normal(size=(2, 2))
    leaves = parameters.map(lambda a: torch.tensor(a, requires_grad=True))
    H = torch.tensor(h)[:, 0][:, torch.tensor(stage.partition.indices)]
    y = TORCH_F["softplus"](H @ leaves.W_c[1] - leaves.Theta_c[1].sum(dim=0)).mT
    t = torch.stack([torch.linalg.vector_norm(y[..., one], p, dim=-1) for one in omega], dim=-1)
    out = torch.tanh(functional.linear(t.reshape(2, -1), leaves.W_l[1], -leaves.theta_l[1]))
    reference = ((torch.tensor(gamma) - out) ** 2).sum(dim=-1).mean()
    reference.backward()
    assert close(net.risk(parameters, h, gamma), reference.item())
    gradient = net.backward(parameters, net.forward(parameters, h), gamma).gradient
    for have, leaf in zip(gradient.arrays(), leaves.arrays(), strict=True):
        assert close(have, leaf.grad.numpy())


def test_printed_numbers_of_one_backward_pass():
    """δ_2 = 2(y - γ), b = Wᵀδ_2, δ_1 = Tᵀ upv b; dW = Hδ, dΘ = -1ᵀδ, all by hand."""
    stage = Stage(Partition([[0, 1], [1, 2]], 3), 1, "identity", Regions([[1, 0]], 2),
                  Correlation([1, 10]))
    net = Network(1, [stage], [1], activations="identity", rho1=1, rho2=2)
    p = Parameters({1: [[1], [2]]}, {1: [[3]]}, {1: [[2]]}, {1: [1]})
    h, gamma = [[[1, 2, 3]]], [[2 * (5 + 20) - 1 - 5]]
    forward = net.forward(p, h)
    assert forward.z_c[1].tolist() == [[[2, 5]]]
    assert forward.t_c[1].tolist() == [[[25]]]
    assert forward.y.tolist() == [[49]]
    backward = net.backward(p, forward, gamma)
    assert backward.delta_l[2].tolist() == [[10]]
    assert backward.delta_c[1].tolist() == [[[200, 20]]]
    assert backward.gradient.W_c[1].tolist() == [[200 + 40 + 2], [400 + 60 + 4]]
    assert backward.gradient.Theta_c[1].tolist() == [[-220]]
    assert backward.gradient.W_l[1].tolist() == [[250 + 8]]
    assert backward.gradient.theta_l[1].tolist() == [-10]
    assert net.risk(p, h, gamma) == 25 + 5 + 2 * 4


def test_exact_risk_of_fractions_is_a_fraction():
    net = Network(1, [Stage(Partition([[0]], 1), 1, "identity")], [1], activations="identity")
    third = np.array([[Fraction(1, 3)]], dtype=object)
    p = Parameters({1: third}, {1: third}, {1: third}, {1: third[0]})
    assert net.risk(p, third[None], third) == (Fraction(1, 27) - Fraction(1, 9)
                                               - Fraction(2, 3)) ** 2
