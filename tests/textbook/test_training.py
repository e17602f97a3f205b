"""Training: the listing against its literal lines, dual numbers and PyTorch; checkpoints."""

import io
import os
import pickle
import re
import subprocess
import sys
import warnings
import zipfile
from fractions import Fraction

import numpy as np
import pytest
import rich.console
import torch
from torch.nn import functional

from cnnmat import Network, Parameters, Partition, Regions, Stage, Windows, loops, vec
from cnnmat.textbook.correlation import dTheta_literal, dW_literal
from cnnmat.textbook.training import Training, load, order, save, step, train
from cnnmat.verify.duals import gradient
from cnnmat.verify.symbols import Symbols
from tests.conftest import close, fractions

V = (Partition([[0, 1], [1, 3], [2, 0]], size=4), Partition([[1, 0]], size=2))
OMEGA = Regions([[0, 2], [1]], size=3)


def toy(**options):
    """Two correlation layers of unequal depths, two fully connected ones, regions of two sizes."""
    return Network(2, [Stage(V[0], 3, "relu", OMEGA, "max"), Stage(V[1], 2, "identity")],
                   [3, 2], activations=["relu", "identity"], **options)


def exact_case(seed, N=3, **options):
    net, random = toy(**options), np.random.default_rng(seed)
    return (net, net.shapes().map(lambda shape: fractions(random, shape)),
            fractions(random, (N, 2, 4)), fractions(random, (N, 2)))


def same(one, other):
    return all(np.array_equal(a, b) and a.dtype == b.dtype
               for a, b in zip(one.arrays(), other.arrays(), strict=True))


def equal(one, other):
    return all((a == b).all() for a, b in zip(one.arrays(), other.arrays(), strict=True))


@pytest.fixture(name="run")
def a_run():
    """A small network, where it starts, and 11 samples."""
    net, random = toy(rho1=1e-3, rho2=2e-3), np.random.default_rng(5)
    return net, net.initial(seed=1), random.normal(size=(11, 2, 4)), random.normal(size=(11, 2))


# --- one iteration -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_the_lines_of_the_listing(seed):
    """(47.1276), with the literal Kronecker products, the sign of θ corrected, in fractions."""
    rho1, rho2, mu = Fraction(1, 7), Fraction(2, 9), Fraction(1, 5)
    net, p, h, gamma = exact_case(seed, rho1=rho1, rho2=rho2)
    new, forward = step(net, p, h, gamma, mu), net.forward(p, h)
    back, B = net.backward(p, forward, gamma), len(h)
    for c in (1, 2):
        H, delta = forward.H_c[c - 1], back.delta_c[c]
        dW = sum(dW_literal(H[n], delta[n]) for n in range(B)) / B
        dTheta = sum(dTheta_literal(delta[n], net.depths[c - 1]) for n in range(B)) / B
        assert (new.W_c[c] == (1 - 2 * mu * rho1) * p.W_c[c] - mu * dW).all()
        assert (new.Theta_c[c] == p.Theta_c[c] - mu * dTheta).all()
    for l in (1, 2):
        delta, y = back.delta_l[l + 1], forward.y_l[l]
        outer = sum(np.outer(delta[n], y[n]) for n in range(B)) / B
        assert (new.W_l[l] == (1 - 2 * mu * rho2) * p.W_l[l] - mu * outer).all()
        assert (new.theta_l[l] == p.theta_l[l] + mu * sum(delta) / B).all()


def loop_risk(entries, shapes, h, gamma, rho1, rho2, l1):
    """The risk with all regularisers by plain loops, from one flat list of entries."""
    rest = iter(entries)
    W_1, T_1, W_2, T_2, W_3, t_3, W_4, t_4 = (
        [[next(rest) for _ in range(shape[1])] for _ in range(shape[0])] if len(shape) == 2
        else [next(rest) for _ in range(shape[0])] for shape in shapes.arrays())

    def stage(partition, W, Theta, f, regions, reduce):
        before, maps, S = range(len(Theta)), range(len(Theta[0])), partition.S
        return {"lists": partition.indices.tolist(), "f": f, "regions": regions,
                "w": [[[W[j * S + s][d] for s in range(S)] for j in before] for d in maps],
                "theta": [[Theta[j][d] for j in before] for d in maps],
                "reduce": [reduce for _ in maps], "feeds": [before for _ in maps]}

    def relu(z):
        return z if z > 0 else 0 * z

    stages = [stage(V[0], W_1, T_1, relu, [[0, 2], [1]], loops.largest),
              stage(V[1], W_2, T_2, lambda z: z, [[0]], loops.largest)]
    layers = [{"W": W_3, "theta": t_3, "f": relu}, {"W": W_4, "theta": t_4, "f": lambda z: z}]
    weights = [w for W in (W_1, W_2, W_3, W_4) for row in W for w in row]
    return (loops.empirical_risk(h.tolist(), gamma.tolist(), stages, layers, rho1, rho2)
            + l1 * sum(w if w > 0 else -w if w < 0 else 0 * w for w in weights))


@pytest.mark.parametrize("seed", range(5))
def test_a_step_goes_down_the_derivative_of_the_loops_risk(seed):
    """θ_n = θ_{n-1} - μ ∂J/∂θ for every entry, with ρ1, ρ2 and ℓ1, by dual numbers, exactly."""
    rho1, rho2, l1, mu = Fraction(1, 7), Fraction(2, 9), Fraction(3, 4), Fraction(1, 5)
    net, p, h, gamma = exact_case(seed, rho1=rho1, rho2=rho2)
    flat = np.concatenate([a.ravel() for a in p.arrays()])
    slopes = gradient(lambda x: loop_risk(x, net.shapes(), h, gamma, rho1, rho2, l1), flat)
    new = step(net, p, h, gamma, mu, l1)
    assert np.count_nonzero(slopes) > flat.size / 2
    assert (np.concatenate([a.ravel() for a in new.arrays()]) == flat - mu * slopes).all()


def test_step_sizes_for_each_entry():
    net, p, h, gamma = exact_case(0)
    random = np.random.default_rng(9)
    mu = p.map(lambda a: abs(fractions(random, a.shape)))
    slopes = net.backward(p, net.forward(p, h), gamma).gradient
    assert equal(step(net, p, h, gamma, mu), p.map(lambda a, m, g: a - m * g, mu, slopes))


def test_equal_step_sizes_for_all_entries_are_one_step_size():
    net, p, h, gamma = exact_case(1)
    mu = p.map(lambda a: np.full(a.shape, Fraction(1, 3)))
    assert equal(step(net, p, h, gamma, mu), step(net, p, h, gamma, Fraction(1, 3)))


def test_a_step_size_of_zero_holds_everything_fixed():
    net, p, h, gamma = exact_case(2)
    assert equal(step(net, p, h, gamma, 0, l1=1), p)


def test_l1_pulls_weights_towards_zero_and_leaves_zeros_and_biases():
    net, p, h, gamma = exact_case(3)
    p.W_c[1][0, 0], p.W_c[1][1, 0], p.W_c[1][2, 0] = 0, 3, -3
    plain, pulled = (step(net, p, h, gamma, Fraction(1, 2), l1) for l1 in (0, Fraction(1, 5)))
    assert (plain.W_c[1] - pulled.W_c[1])[:3, 0].tolist() == [0, Fraction(1, 10), -Fraction(1, 10)]
    assert (plain.W_l[2] - pulled.W_l[2] == np.sign(p.W_l[2]) * Fraction(1, 10)).all()
    assert (plain.Theta_c[1] == pulled.Theta_c[1]).all()
    assert (plain.theta_l[1] == pulled.theta_l[1]).all()


def test_a_step_with_symbols_for_everything():
    """μ and the parameters may be generators of a ring, which have no sign: y = w v h."""
    net = Network(1, [Stage(Partition([[0]], 1), 1, "identity", pooling="sum")], [1],
                  activations="identity")
    symbols = Symbols(capacity=8, rational=True)
    w, v, theta, mu, h, gamma, bias = (
        symbols.symbol(name) for name in ("w", "v", "theta", "mu", "h", "gamma", "b"))
    p = Parameters({1: np.array([[w]])}, {1: np.array([[theta]])}, {1: np.array([[v]])},
                   {1: np.array([bias])})
    new = step(net, p, np.array([[[h]]]), np.array([[gamma]]), mu)
    delta = 2 * (v * (w * h - theta) - bias - gamma)
    assert new.W_c[1][0, 0] == w - mu * delta * v * h
    assert new.theta_l[1][0] == bias + mu * delta


def test_a_step_leaves_what_it_was_given(run):
    net, p, h, gamma = run
    before, h_before, gamma_before = p.map(np.copy), h.copy(), gamma.copy()
    for array in (*p.arrays(), h, gamma):
        array.setflags(write=False)
    step(net, p, h, gamma, 0.1, l1=0.1)
    assert same(p, before)
    assert np.array_equal(h, h_before)
    assert np.array_equal(gamma, gamma_before)


def test_maps_that_are_not_connected_stay_so():
    net = Network(2, [Stage(V[0], 3, "tanh", OMEGA, connections=[[1, 0, 1], [1, 1, 0]])], [2],
                  rho1=0.1)
    p, random = net.initial(seed=0), np.random.default_rng(0)
    for _ in range(3):
        p = step(net, p, random.normal(size=(2, 2, 4)), random.normal(size=(2, 2)), 0.1, l1=0.1)
    assert not p.W_c[1][:2, 1].any()
    assert not p.W_c[1][2:, 2].any()
    assert not p.Theta_c[1][[0, 1], [1, 2]].any()
    assert np.count_nonzero(p.W_c[1]) == 8


# --- the trajectory --------------------------------------------------------------------


KERNELS, SIZES = ((3, 2), (2, 3)), ((2, 2), (2, 1))


def torch_output(t, leaves):
    """conv2d, tanh, mean pooling, conv2d, tanh, max pooling, linear, tanh, linear."""
    pools = (functional.avg_pool2d, functional.max_pool2d)
    for kernel, size, pool, W, Theta in zip(KERNELS, SIZES, pools, leaves[:4:2], leaves[1:4:2],
                                            strict=True):
        masks = W.T.reshape(W.shape[1], len(Theta), *kernel[::-1]).mT
        t = pool(torch.tanh(functional.conv2d(t, masks, -Theta.sum(0))), size)
    W_1, theta_1, W_2, theta_2 = leaves[4:]
    y = torch.tanh(functional.linear(t.mT.flatten(1), W_1, -theta_1))
    return functional.linear(y, W_2, -theta_2)


def torch_risk(risk, leaves, h, gamma, rho, l1):
    """J_emp of (47.1229) and l1 Σ|w|."""
    y, (W_1, W_2, *W_l) = torch_output(h, leaves), leaves[::2]
    losses = ((gamma - y) ** 2).sum(1) if risk == "squared_error" else (
        functional.cross_entropy(y, gamma, reduction="none"))
    return (losses.mean() + rho[0] * sum((W**2).sum() for W in (W_1, W_2))
            + rho[1] * sum((W**2).sum() for W in W_l) + l1 * sum(abs(W).sum() for W in leaves[::2]))


@pytest.fixture(name="one_thread")
def torch_on_one_thread():
    """Small layers are no work for two threads that wait for each other on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("risk", ["squared_error", "cross_entropy"])
def test_200_steps_arrive_where_pytorch_does(risk):
    rho, l1, mu, batch, N = (1e-3, 2e-3), 1e-4, 0.05, 7, 50  # 25 epochs of 8, the last of 1
    net = Network(2, [
        Stage(Partition(Windows((8, 9), KERNELS[0])), 3, "tanh",
              Regions(Windows((6, 8), SIZES[0], stride=SIZES[0])), "mean"),
        Stage(Partition(Windows((3, 4), KERNELS[1])), 4, "tanh",
              Regions(Windows((2, 2), SIZES[1], stride=SIZES[1])), "max"),
    ], [5, 3], activations=["tanh", "identity"], risk=risk, rho1=rho[0], rho2=rho[1])
    random = np.random.default_rng(3)
    images, gamma = random.normal(size=(N, 2, 8, 9)), np.eye(3)[random.integers(0, 3, N)]
    start = net.initial(seed=4)
    ours = train(net, start, vec(images, ndim=2), gamma, mu=mu, epochs=25, batch=batch, l1=l1,
                 seed=6)

    leaves = [torch.tensor(a, requires_grad=True) for a in start.arrays()]
    optimizer, steps = torch.optim.SGD(leaves, lr=mu), 0
    for epoch in range(25):
        visits = order(N, seed=6, epoch=epoch)
        for n in (visits[k:k + batch] for k in range(0, N, batch)):
            optimizer.zero_grad()
            torch_risk(risk, leaves, *map(torch.tensor, (images[n], gamma[n])), rho, l1).backward()
            optimizer.step()
            steps += 1
    assert steps == 200
    for mine, theirs, first in zip(ours.parameters.arrays(), leaves, start.arrays(), strict=True):
        assert close(mine, theirs.detach().numpy(), rtol=1e-10)
        assert np.abs(mine - first).max() > 0.01
    assert ours.losses[-1] < ours.losses[0] / 1.05


def test_every_sample_is_visited_once_an_epoch_in_an_order_of_its_own():
    orders = {tuple(order(20, seed, epoch)) for seed in range(3) for epoch in range(4)}
    assert len(orders) == 12
    assert all(sorted(one) == list(range(20)) for one in orders)


def test_train_is_its_steps(run):
    """Mini-batches of 4, 4 and 3 of 11, and the losses that the samples met."""
    net, start, h, gamma = run
    p, losses = start, []
    for epoch in range(2):
        visits, total = order(11, seed=8, epoch=epoch), 0
        for n in (visits[:4], visits[4:8], visits[8:]):
            total += ((net.forward(p, h[n]).y - gamma[n]) ** 2).sum()
            p = step(net, p, h[n], gamma[n], 0.05)
        losses.append(total / 11)
    training = train(net, start, h, gamma, mu=0.05, epochs=2, batch=4, seed=8)
    assert same(training.parameters, p)
    assert close(training.losses, losses)


def test_one_sample_an_iteration_is_the_default(run):
    net, start, h, gamma = run
    p = start
    for n in order(11, seed=0, epoch=0):
        p = step(net, p, h[[n]], gamma[[n]], 0.05)
    assert same(train(net, start, h, gamma, mu=0.05, epochs=1).parameters, p)


def test_the_seed_decides_and_nothing_else(run):
    net, start, h, gamma = run
    one, other, third = (train(net, start, h, gamma, mu=0.05, epochs=3, batch=4, seed=seed)
                         for seed in (1, 1, 2))
    assert same(one.parameters, other.parameters)
    assert not same(one.parameters, third.parameters)


def test_a_batch_larger_than_all_is_all(run):
    net, start, h, gamma = run
    one, other = (train(net, start, h, gamma, mu=0.05, epochs=3, batch=b) for b in (11, 99))
    assert same(one.parameters, other.parameters)


def test_training_in_fractions_is_exact():
    net, p, h, gamma = exact_case(4)
    training = train(net, p, h, gamma, mu=Fraction(1, 100), epochs=1, batch=3)
    assert equal(training.parameters, step(net, p, h, gamma, Fraction(1, 100)))
    assert training.losses[0] == float(net.risk(p, h, gamma))


def test_a_pause_changes_nothing(run, tmp_path):
    net, start, h, gamma = run
    options = {"mu": 0.05, "batch": 4, "seed": 3}
    whole = train(net, start, h, gamma, epochs=5, **options)
    train(net, start, h, gamma, epochs=2, checkpoint=tmp_path / "run.npz", **options)
    paused = train(net, load(tmp_path / "run.npz", net), h, gamma, epochs=5, **options)
    assert same(paused.parameters, whole.parameters)
    assert np.array_equal(paused.losses, whole.losses)


def test_a_finished_training_stays_as_it_is(run):
    net, start, h, gamma = run
    done = train(net, start, h, gamma, mu=0.05, epochs=2)
    assert train(net, done, h, gamma, mu=0.05, epochs=2) is done


def test_on_epoch_sees_each_epoch_after_its_checkpoint(run, tmp_path):
    net, start, h, gamma = run
    seen = []

    def look(training):
        assert same(load(tmp_path / "run.npz", net).parameters, training.parameters)
        seen.append(training)

    last = train(net, start, h, gamma, mu=0.05, epochs=3, on_epoch=look,
                 checkpoint=tmp_path / "run.npz")
    assert [len(one.losses) for one in seen] == [1, 2, 3]
    assert seen[-1] is last


@pytest.mark.parametrize("progress", [True, False])
def test_the_progress_bar_shows_epochs_and_loss_on_a_terminal(run, progress, monkeypatch):
    net, start, h, gamma = run
    shown = io.StringIO()
    terminal = rich.console.Console(file=shown, force_terminal=True, width=100)
    monkeypatch.setattr(rich.console, "Console", lambda **_: terminal)
    training = train(net, start, h, gamma, mu=0.05, epochs=3, progress=progress)
    assert ("3/3" in shown.getvalue()) is progress
    assert (f"loss {training.losses[-1]:.4g}" in shown.getvalue()) is progress


BARE = """
import random, sys
import numpy as np
from cnnmat import Network, Partition, Stage
from cnnmat.textbook.training import train
net = Network(1, [Stage(Partition([[0, 1]], 2), 1)], [1])
before = random.getstate(), np.random.get_state()[1].tolist()
train(net, net.initial(0), np.ones((2, 1, 2)), np.ones((2, 1)), mu=0.1, epochs=1)
after = random.getstate(), np.random.get_state()[1].tolist()
print(before == after, "rich" in sys.modules)
"""


def test_training_without_a_bar_leaves_global_random_numbers_alone():
    """Loading rich draws from Python's."""
    found = subprocess.run([sys.executable, "-c", BARE], capture_output=True, text=True, check=True)
    assert found.stdout == "True False\n"


@pytest.mark.parametrize("progress", [True, False])
def test_the_progress_bar_is_silent_elsewhere(run, progress, capfd):
    net, start, h, gamma = run
    train(net, start, h, gamma, mu=0.05, epochs=1, progress=progress)
    assert capfd.readouterr() == ("", "")


def test_numbers_that_overflow_name_the_step_size(run):
    net, start, h, gamma = run
    message = r"mu must be smaller: in epoch \d+ the numbers went out of range \(overflow"
    with pytest.raises(ValueError, match=message):
        train(net, start, h, gamma, mu=1e3, epochs=500, batch=4)


# --- checkpoints -------------------------------------------------------------------------


def test_a_checkpoint_comes_back_bit_by_bit(run, tmp_path):
    net, start, *_ = run
    start.W_c[1].flat[:3] = 0.1, 5e-324, -0.0
    save(tmp_path / "run.npz", start, [0.5, 0.25])
    training = load(tmp_path / "run.npz", net)
    assert same(training.parameters, start)
    assert training.losses.tolist() == [0.5, 0.25]
    assert np.signbit(training.parameters.W_c[1].flat[2])


def test_a_checkpoint_is_a_plain_npz_under_the_name_given(run, tmp_path):
    save(tmp_path / "run.state", run[1])
    with np.load(tmp_path / "run.state", allow_pickle=False) as file:
        assert file.files == [
            "W_c/1", "W_c/2", "Theta_c/1", "Theta_c/2", "W_l/1", "W_l/2", "theta_l/1",
            "theta_l/2", "losses"]
        assert np.array_equal(file["W_l/2"], run[1].W_l[2])
    assert [one.name for one in tmp_path.iterdir()] == ["run.state"]


def test_a_link_is_followed(run, tmp_path):
    (tmp_path / "link.npz").symlink_to(tmp_path / "run.npz")
    save(tmp_path / "link.npz", run[1])
    assert (tmp_path / "link.npz").is_symlink()
    assert same(load(tmp_path / "run.npz", run[0]).parameters, run[1])


def test_a_file_truncated_anywhere_is_refused(run, tmp_path):
    net, start, *_ = run
    save(tmp_path / "run.npz", start, [0.5])
    whole = (tmp_path / "run.npz").read_bytes()
    for end in range(0, len(whole), 7):
        (tmp_path / "run.npz").write_bytes(whole[:end])
        with pytest.raises(ValueError, match=r"^path must be a whole \.npz checkpoint, got "):
            load(tmp_path / "run.npz", net)


def test_a_flipped_bit_is_refused_or_harmless(run, tmp_path):
    net, start, *_ = run
    save(tmp_path / "run.npz", start, [0.5])
    whole = (tmp_path / "run.npz").read_bytes()
    refused = harmless = count = 0
    for place in range(0, len(whole), 11):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        (tmp_path / "run.npz").write_bytes(damaged)
        try:
            training = load(tmp_path / "run.npz", net)
        except ValueError as error:
            refused += str(error).startswith("path must be a ")
        else:
            harmless += same(training.parameters, start) and training.losses.tolist() == [0.5]
        count += 1
    assert refused + harmless == count
    assert refused > count / 2


def directory(whole, field, value):
    """`whole` with a 2-byte field of the zip's first directory entry changed."""
    at = whole.index(b"PK\x01\x02") + field
    return whole[:at] + value.to_bytes(2, "little") + whole[at + 2:]


DAMAGE = {
    "a header that asks for 24 TB": (
        lambda whole: whole.replace(b"(2, 3), }" + b" " * 12, b"(2, 3000000000000), }", 1),
        "the check sum of Theta_c/1.npy is wrong"),
    "encrypted": (lambda whole: directory(whole, 8, 1), "is encrypted"),
    "an unknown compression": (lambda whole: directory(whole, 10, 77), "compression"),
    "not compressed as it says": (
        lambda whole: directory(whole, 10, 8).replace(b"\x93", b"\xff", 1), "decompressing"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_refused(kind, run, tmp_path):
    save(tmp_path / "run.npz", run[1])
    change, message = DAMAGE[kind]
    whole = (tmp_path / "run.npz").read_bytes()
    assert change(whole) != whole
    (tmp_path / "run.npz").write_bytes(change(whole))
    with pytest.raises(ValueError, match=f"^path must be a whole .*{message}"):
        load(tmp_path / "run.npz", run[0])


class Trap:
    """Unpickling this would write a file."""

    def __reduce__(self):
        return os.mkdir, ("sprung",)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, allow_pickle=True, **arrays)
    return file.getvalue()


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def entries(run, **changed):
    start = run[1]
    arrays = {f"{name}/{k}": a for name, part in vars(start).items() for k, a in part.items()}
    return arrays | {"losses": np.zeros(0)} | changed


FOREIGN = {
    "text": (lambda run: b"epoch 1, loss 0.5", "path must be a whole .npz checkpoint, got "),
    "pickle": (lambda run: pickle.dumps(Trap()), "path must be a whole .npz checkpoint, got "),
    "objects": (lambda run: npz(**entries(run, losses=np.array([Trap()], dtype=object))),
                "Object arrays cannot be loaded when allow_pickle=False"),
    "npy": (lambda run: npy(np.zeros(3)), "it holds a single array of shape (3,)"),
    "npy of objects": (lambda run: npy(np.array([Trap()], dtype=object)),
                       "Object arrays cannot be loaded when allow_pickle=False"),
    "empty npz": (lambda run: npz(), "theta_l/2, got none"),
    "other npz": (lambda run: npz(a=np.zeros(2), b=np.zeros(1)), "theta_l/2, got a, b"),
    "one too many": (lambda run: npz(**entries(run), more=np.zeros(1)),
                     "path must be a checkpoint of this network, with the entries Theta_c/1, "),
    "shape": (lambda run: npz(**entries(run, **{"W_l/2": np.zeros((2, 4))})),
              "path must be a checkpoint of this network: W_l[2] must have shape (2, 3), "
              "got (2, 4)"),
    "nan": (lambda run: npz(**entries(run, **{"theta_l/2": np.array([np.nan, 1])})),
            "path must be a checkpoint of this network: theta_l[2] must be finite, got "),
    "words": (lambda run: npz(**entries(run, **{"theta_l/2": np.array(["a", "b"])})),
              "path must be a checkpoint of this network: theta_l[2] must hold real numbers, "),
    "losses": (lambda run: npz(**entries(run, losses=np.zeros((1, 2)))),
               "losses must be a vector of floats, got float64 of shape (1, 2)"),
    "whole losses": (lambda run: npz(**entries(run, losses=np.zeros(2, dtype=int))),
                     "losses must be a vector of floats, got int64 of shape (2,)"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_is_refused_and_never_unpickled(kind, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write, message = FOREIGN[kind]
    (tmp_path / "run.npz").write_bytes(write(run))
    with pytest.raises(ValueError, match=re.escape(message)):
        load(tmp_path / "run.npz", run[0])
    assert not (tmp_path / "sprung").exists()


def bomb(run):
    """The right names and shapes, and 100 MB of losses that are all zero, in 100 kB."""
    file = io.BytesIO()
    np.savez_compressed(file, **entries(run, losses=np.zeros(12_500_000)))
    return file.getvalue()


def doubled(run):
    file = io.BytesIO(npz(**entries(run)))
    with zipfile.ZipFile(file, "a") as more, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        more.writestr("losses.npy", npy(np.ones(1)))
    return file.getvalue()


def without_suffix(run):
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(npz(**entries(run)))) as old, zipfile.ZipFile(
            file, "w") as new:
        for name in old.namelist():
            data = b"no array" if name == "W_l/1.npy" else old.read(name)
            new.writestr(name.removesuffix(".npy") if name == "W_l/1.npy" else name, data)
    return file.getvalue()


STRANGE = {
    "nothing": (lambda run: b"", "path must be a whole .npz checkpoint, got "),
    "zeros": (lambda run: bytes(1000), "path must be a whole .npz checkpoint, got "),
    "a bomb": (bomb, "it would unpack to 100001"),
    "an entry twice": (doubled, "it holds an entry twice"),
    "bytes for an array": (without_suffix, "W_l/1 must hold floats or integers, got no array"),
    "booleans": (lambda run: npz(**entries(run, **{"theta_l/2": np.array([True, False])})),
                 "theta_l/2 must hold floats or integers, got bool"),
    "complex": (lambda run: npz(**entries(run, **{"theta_l/2": np.array([1j, 2])})),
                "theta_l[2] must hold real numbers, got dtype complex128"),
    "infinity": (lambda run: npz(**entries(run, **{"W_l/1": np.full((3, 6), np.inf)})),
                 "W_l[1] must "),
    "losses that are none": (lambda run: npz(**entries(run, losses=np.array([1, np.nan]))),
                             "losses must be finite, got 1 that are NaN or infinite"),
    "a record": (lambda run: npz(**entries(run, losses=np.zeros(2, dtype="f8,i4"))),
                 "losses must be a vector of floats, got "),
    "many names": (lambda run: npz(**{f"{k:03}" * 30: np.zeros(1) for k in range(99)}),
                   "000000, 0010010010010010"),
}


@pytest.mark.parametrize("kind", [*STRANGE, *FOREIGN])
def test_whatever_is_wrong_with_a_checkpoint_its_name_is_said_in_one_error(kind, run, tmp_path):
    write, message = (STRANGE | FOREIGN)[kind]
    path = tmp_path / "that.npz"
    path.write_bytes(write(run))
    with pytest.raises(ValueError, match=r"that\.npz") as caught:
        load(path, run[0])
    assert message.split(", got ")[0] in str(caught.value)
    assert len(str(caught.value)) < 2000


def test_a_checkpoint_that_is_packed_can_be_read(run, tmp_path):
    with open(tmp_path / "run.npz", "wb") as file:
        np.savez_compressed(file, **entries(run, losses=np.zeros(9)))
    assert same(load(tmp_path / "run.npz", run[0]).parameters, run[1])


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_no_checkpoint(make, run, tmp_path):
    make(tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"^path must be a file, got .*run\.npz"):
        load(tmp_path / "run.npz", run[0])


@pytest.mark.parametrize("place", ["missing/run.npz", ".", "file/run.npz"])
def test_a_checkpoint_that_cannot_be_written_is_said_before_the_first_epoch(place, run, tmp_path):
    net, start, h, gamma = run
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"^checkpoint must be a file in a folder that exists"):
        train(net, start, h, gamma, mu=0.1, epochs=10**9, checkpoint=tmp_path / place)


def test_a_file_that_is_not_there_is_not_there(run, tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "run.npz", run[0])


def test_an_error_while_saving_keeps_the_old_file(run, tmp_path, monkeypatch):
    net, start, *_ = run
    save(tmp_path / "run.npz", start)

    def half(file, **_):
        file.write(b"PK half of it")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", half)
    with pytest.raises(OSError, match="no space left"):
        save(tmp_path / "run.npz", start.map(lambda a: a + 1))
    assert [one.name for one in tmp_path.iterdir()] == ["run.npz"]
    assert same(load(tmp_path / "run.npz", net).parameters, start)


DYING = """
import os, sys
import numpy as np
from cnnmat import Parameters
from cnnmat.textbook.training import save

def savez(file, **arrays):
    file.write(b"PK half of it")
    file.flush()
    os._exit(9)

np.savez = savez
one = {1: np.zeros(1)}
save(sys.argv[1], Parameters(one, one, one, one))
"""


def test_a_process_that_dies_while_saving_keeps_the_old_file(run, tmp_path):
    net, start, *_ = run
    save(tmp_path / "run.npz", start)
    died = subprocess.run([sys.executable, "-c", DYING, str(tmp_path / "run.npz")], check=False)
    assert died.returncode == 9
    assert same(load(tmp_path / "run.npz", net).parameters, start)
    save(tmp_path / "run.npz", start, [1.0])
    assert load(tmp_path / "run.npz", net).losses.tolist() == [1.0]


# --- bad input -----------------------------------------------------------------------------


def missing(p):
    return Parameters(p.W_c, p.Theta_c, p.W_l, {1: p.theta_l[1]})


def negative(p):
    mu = p.map(np.ones_like)
    mu.W_l[1][2, 1] = -0.5
    return mu


def objects(p):
    return p.map(lambda a: a.astype(object))


ERRORS = [
    (lambda n, p, h, g: step(n, p, h, g, -1), ValueError, "mu must be at least 0, got -1"),
    (lambda n, p, h, g: step(n, p, h, g, "0.1"), TypeError, "mu must be a number, got '0.1'"),
    (lambda n, p, h, g: step(n, p, h, g, np.ones(3)), TypeError, "mu must be a number, got "),
    (lambda n, p, h, g: step(n, p, h, g, float("nan")), ValueError, "mu must be finite, got nan"),
    (lambda n, p, h, g: step(n, p, h, g, negative(p)), ValueError,
     "mu in every entry must be at least 0, got -0.5"),
    (lambda n, p, h, g: step(n, p, h, g, missing(p)), ValueError,
     "mu must hold a step size for every parameter: theta_l must have the keys [1, 2], got [1]"),
    (lambda n, p, h, g: step(n, p, h, g, p.map(lambda a: a[:1])), ValueError,
     "mu must hold a step size for every parameter: W_c[1] must have shape (4, 3), got (1, 3)"),
    (lambda n, p, h, g: step(n, p, h, g, 1, l1=-2), ValueError, "l1 must be at least 0, got -2"),
    (lambda n, p, h, g: step(n, p, h, g, 1, l1=None), TypeError, "l1 must be a number, got None"),
    (lambda n, p, h, g: step(n, vars(p), h, g, 1), TypeError,
     "parameters must be Parameters, got "),
    (lambda n, p, h, g: step(n, p, h[:, :1], g, 1), ValueError,
     "h must have shape (N, 2, 4), got (11, 1, 4)"),
    (lambda n, p, h, g: step(n, p, h, g[:5], 1), ValueError,
     "gamma must have shape (11, 2), got (5, 2)"),
    (lambda n, p, h, g: train(n, p, h, g, mu=1, epochs=0), ValueError,
     "epochs must be at least 1, got 0"),
    (lambda n, p, h, g: train(n, p, h, g, mu=1, epochs=2.0), TypeError,
     "epochs must be an integer, got 2.0"),
    (lambda n, p, h, g: train(n, Training(p, np.ones(4)), h, g, mu=1, epochs=3), ValueError,
     "epochs must be at least 4, got 3"),
    (lambda n, p, h, g: train(n, p, h, g, mu=1, epochs=1, batch=0), ValueError,
     "batch must be at least 1, got 0"),
    (lambda n, p, h, g: train(n, p, h, g, mu=1, epochs=1, seed=-1), ValueError,
     "seed must be at least 0, got -1"),
    (lambda n, p, h, g: train(n, p, h, g[:5], mu=1, epochs=1), ValueError,
     "gamma must have shape (11, 2), got (5, 2)"),
    (lambda n, p, h, g: train(n, "run.npz", h, g, mu=1, epochs=1), TypeError,
     "start must be Parameters, got 'run.npz'"),
    (lambda n, p, h, g: save("run.npz", objects(p)), TypeError,
     "W_c/1 must hold floats or integers to be saved, got objects"),
    (lambda n, p, h, g: save("run.npz", p, [1, float("nan")]), ValueError,
     "losses must be finite, got 1 that are NaN or infinite"),
    (lambda n, p, h, g: save("run.npz", p, 3.0), ValueError, "losses must be a vector of floats"),
    (lambda n, p, h, g: save("run.npz", p.map(lambda a: a * float("nan"))), ValueError,
     "W_c[1] must be finite, got "),
]


@pytest.mark.parametrize(("call", "kind", "message"), ERRORS, ids=[m[2] for m in ERRORS])
def test_bad_input_is_named(call, kind, message, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(kind, match=f"^{re.escape(message)}"):
        call(*run)
    assert list(tmp_path.iterdir()) == []
