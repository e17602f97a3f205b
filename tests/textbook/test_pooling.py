"""Regions, T, the pooling functions with their gradient vectors, up and upv."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cnnmat import Regions, Windows, loops, unvec, up, upv, upv_matrix, vec
from cnnmat.textbook.pooling import Correlation, Lp, Max, Mean, Subsample, Sum, l2, pooling
from cnnmat.verify import duals
from tests.conftest import close, fractions

OMEGA = Regions([[0, 2], [1, 3, 4]], size=5)


@st.composite
def partitioned(draw):
    """Scattered regions of unequal sizes."""
    size = draw(st.integers(1, 8))
    order = draw(st.permutations(range(size)))
    cuts = sorted(draw(st.sets(st.integers(1, size - 1)))) if size > 1 else []
    return [order[a:b] for a, b in zip([0, *cuts], [*cuts, size], strict=True)]


def size_of(omega):
    return sum(map(len, omega))


# --- T ------------------------------------------------------------------------------


def test_rows_of_the_permutation_pick_region_after_region():
    assert OMEGA.matrix.toarray().tolist() == [
        [1, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]]


@given(partitioned())
def test_permutation_is_orthogonal(omega):
    """T Tᵀ = Tᵀ T = I."""
    T = Regions(omega, size_of(omega)).matrix
    assert np.array_equal((T @ T.T).toarray(), np.eye(size_of(omega)))
    assert np.array_equal((T.T @ T).toarray(), np.eye(size_of(omega)))


@given(partitioned())
def test_permute_groups_and_permute_sharp_undoes_it(omega):
    regions, y = Regions(omega, size_of(omega)), np.arange(size_of(omega)) * 10
    assert regions.permute(y).tolist() == [10 * p for one in omega for p in one]
    assert regions.permute_sharp(regions.permute(y)).tolist() == y.tolist()


def test_without_cover_what_is_left_out_comes_back_as_zero():
    regions = Regions([[3, 1]], size=4, cover=False)
    assert regions.permute([10, 20, 30, 40]).tolist() == [40, 20]
    assert regions.permute_sharp([1, 2]).tolist() == [0, 2, 0, 1]


def test_regions_of_windows_leave_the_padding_out():
    regions = Regions(Windows((2, 3), 2, 2, padding=((0, 0), (1, 0))))
    assert regions.order.tolist() == [0, 1, 2, 3, 4, 5]
    assert regions.sizes.tolist() == [2, 4]


def test_singletons_do_not_pool():
    y = np.array([3, -1, 2])
    for name in ("mean", "sum", "max", "subsample"):
        assert pooling(name)(y, Regions.singletons(3)).tolist() == [3, -1, 2]


def test_repr_tells_the_sizes():
    assert repr(OMEGA) == "Regions(P_prime=2, P=5)"


# --- values -----------------------------------------------------------------------------


def test_poolings_in_numbers():
    y = np.array([4, 1, -2, 7, 7])
    assert close(Mean()(y, OMEGA), [1, 5], 1e-15)
    assert Sum()(y, OMEGA).tolist() == [2, 15]
    assert Max()(y, OMEGA).tolist() == [4, 7]
    assert Subsample((1, 2))(y, OMEGA).tolist() == [-2, 7]
    assert Correlation([1, 10, 1, 10, 100])(y, OMEGA).tolist() == [-16, 771]
    assert l2()(np.array([4, 1, -3, -2, 2]), OMEGA).tolist() == [5.0, 3.0]
    assert Lp(1)(y, OMEGA).tolist() == [6.0, 15.0]
    assert close(Lp(3)(y, OMEGA), [72 ** (1 / 3), 687 ** (1 / 3)])


def test_gradient_vectors_in_numbers():
    y = np.array([4.0, 1, -3, -2, 2])
    assert Mean().gradient_vectors(y, OMEGA).tolist() == [0.5, 0.5, 1 / 3, 1 / 3, 1 / 3]
    assert Sum().gradient_vectors(y, OMEGA).tolist() == [1] * 5
    assert Max().gradient_vectors(y, OMEGA).tolist() == [1, 0, 0, 0, 1]
    assert Subsample((1, 2)).gradient_vectors(y, OMEGA).tolist() == [0, 1, 0, 0, 1]
    assert Correlation([1, 2, 3, 4, 5]).gradient_vectors(y, OMEGA).tolist() == [1, 2, 3, 4, 5]
    assert l2().gradient_vectors(y, OMEGA).tolist() == [4 / 5, -3 / 5, 1 / 3, -2 / 3, 2 / 3]
    assert Lp(1).gradient_vectors(y, OMEGA).tolist() == [1, -1, 1, -1, 1]


LOOPS = {"mean": loops.mean, "sum": sum, "max": loops.largest, "subsample": lambda v: v[0]}


@pytest.mark.parametrize("name", sorted(LOOPS))
@settings(max_examples=40)
@given(partitioned(), st.integers(0, 10**6))
def test_value_is_the_loop_and_the_gradient_vector_its_dual_part(name, omega, seed):
    """Exactly, and g is ∂t(p')/∂y(Ω_p') stacked, region after region."""
    regions = Regions(omega, size_of(omega))
    Y = fractions(np.random.default_rng(seed), (2, size_of(omega)))
    pool = pooling(name)
    for y, t, g in zip(Y, pool(Y, regions), pool.gradient_vectors(Y, regions), strict=True):
        assert t.tolist() == loops.pool(y.tolist(), omega, LOOPS[name])
        slopes = [duals.gradient(LOOPS[name], y[list(one)]).tolist() for one in omega]
        assert g.tolist() == [slope for one in slopes for slope in one]


@given(partitioned(), st.integers(0, 10**6), st.sampled_from([1, 1.5, 2, 3, 4, 7]))
def test_norms_and_their_gradient_vectors_are_pytorchs(omega, seed, p):
    y = np.random.default_rng(seed).normal(size=size_of(omega))
    regions, leaf = Regions(omega, len(y)), torch.tensor(y, requires_grad=True)
    t = torch.stack([torch.linalg.vector_norm(leaf[list(one)], p) for one in omega])
    t.sum().backward()
    assert close(Lp(p)(y, regions), t.detach().numpy())
    assert close(Lp(p).gradient_vectors(y, regions), leaf.grad.numpy()[regions.order])


@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_image_pooling_is_pytorchs(seed, rows, columns, largest):
    random = np.random.default_rng(seed)
    image = random.normal(size=(7, 5))
    windows = Windows((7, 5), (rows, columns), (rows, columns + 1), ((rows // 2,) * 2, (0, 0)))
    regions = Regions(windows, cover=False)
    have = unvec((Max() if largest else Mean())(vec(image), regions), windows.output)
    tensor, arguments = torch.tensor(image)[None, None], (
        windows.kernel, windows.stride, (rows // 2, 0))
    if largest:
        want = torch.nn.functional.max_pool2d(tensor, *arguments)
    else:
        want = torch.nn.functional.avg_pool2d(tensor, *arguments, count_include_pad=False)
    assert close(have, want[0, 0].numpy(), 1e-15)


def test_one_mask_goes_for_all_regions_of_its_size_and_may_depend_on_the_map():
    regions = Regions([[0, 2], [1, 3]], size=4)
    y = np.array([[1, 2, 5, 4], [1, 2, 5, 4]])
    assert Correlation([3, -1])(y, regions).tolist() == [[-2, 2], [-2, 2]]
    assert Correlation([[3, -1], [0, 1]])(y, regions).tolist() == [[-2, 2], [5, 4]]


# --- kinks ---------------------------------------------------------------------------------


def test_of_tied_entries_the_one_listed_first_is_the_maximum():
    y = np.array([7, 5, 7, 7, 7])
    assert Max().gradient_vectors(y, Regions([[2, 0], [1, 4, 3]], 5)).tolist() == [1, 0, 0, 1, 0]
    assert Max().gradient_vectors(-y * 0, OMEGA).tolist() == [1, 0, 1, 0, 0]


@pytest.mark.parametrize("p", [1, 1.5, 2, 3])
def test_at_a_region_of_zeros_the_norm_has_gradient_zero(p):
    y = np.array([0.0, 3, 0, 0, 4])
    g = Lp(p).gradient_vectors(y, OMEGA)
    assert g[:2].tolist() == [0, 0]
    assert np.isfinite(g).all()
    assert g[2:].any()


@given(partitioned(), st.integers(0, 99), st.sampled_from(["max", "l2"]))
def test_the_rule_at_a_kink_is_a_subgradient(omega, seed, name):
    """t(y + d) >= t(y) + ⟨g, d⟩ for all d, ties and zeros included."""
    random = np.random.default_rng(seed)
    y = random.integers(-1, 2, size=size_of(omega)).astype(float)
    regions, pool = Regions(omega, len(y)), pooling(name)
    g = pool.gradient_vectors(y, regions)
    for d in random.normal(size=(10, len(y))):
        rise = regions.reduce(np.add, g * regions.permute(d))
        assert (pool(y + d, regions) - pool(y, regions) - rise >= -1e-12).all()


# --- up and upv --------------------------------------------------------------------------------


def test_up_scales_a_gradient_vector():
    assert up(3, [1, 0, 2]).tolist() == [3, 0, 6]
    assert up(Fraction(1, 2), np.array([3], dtype=object)).tolist() == [Fraction(3, 2)]


@given(partitioned(), st.integers(0, 10**6))
def test_upv_stacks_up_of_each_region_and_is_its_matrix_times_v(omega, seed):
    random = np.random.default_rng(seed)
    regions, v = Regions(omega, size_of(omega)), fractions(random, (len(omega),))
    g = fractions(random, (size_of(omega),))
    parts = np.split(g, regions.starts[1:])
    want = np.concatenate([up(a, part) for a, part in zip(v, parts, strict=True)]).tolist()
    assert upv(v, g, regions).tolist() == want
    assert (upv_matrix(g, regions) @ v).tolist() == want
    whole = np.arange(1, len(g) + 1)
    assert np.array_equal(upv_matrix(whole, regions) @ np.arange(len(v)),
                          upv(np.arange(len(v)), whole, regions))


def test_upv_matrix_is_block_diagonal():
    assert upv_matrix(np.array([1, 2, 3, 4, 5]), OMEGA).toarray().tolist() == [
        [1, 0], [2, 0], [0, 3], [0, 4], [0, 5]]


@pytest.mark.parametrize("name", ["mean", "sum", "max", "subsample"])
@given(omega=partitioned(), seed=st.integers(0, 10**6))
def test_backward_is_the_adjoint_of_the_derivative_forward(name, omega, seed):
    """⟨δ, t(y + εd) - t(y)⟩ / ε = ⟨Tᵀ upv(δ), d⟩, exactly, where the maximum stays in place."""
    random = np.random.default_rng(seed)
    regions, pool = Regions(omega, size_of(omega)), pooling(name)
    y = np.array([Fraction(int(k)) for k in random.permutation(size_of(omega))], dtype=object)
    d, delta = fractions(random, y.shape), fractions(random, (len(omega),))
    small = Fraction(1, 1000)
    x = regions.permute_sharp(upv(delta, pool.gradient_vectors(y, regions), regions))
    rise = pool(y + small * d, regions) - pool(y, regions)
    assert (delta * rise).sum() == small * (x * d).sum()


@pytest.mark.parametrize("pool", [Mean(), Sum(), Max(), Subsample(), Lp(2), Lp(3),
                                  Correlation([1.0, 2, 3, 4, 5])], ids=lambda one: one.name)
def test_float32_stays(pool):
    y = np.arange(5, dtype=np.float32)
    g = pool.gradient_vectors(y, OMEGA)
    assert {a.dtype for a in (pool(y, OMEGA), g, upv(pool(y, OMEGA), g, OMEGA))} == {
        np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, bool])
def test_narrow_integers_do_not_wrap(dtype):
    y = np.full(5, 100).astype(dtype)
    value = int(y[0])
    assert Sum()(y, OMEGA).tolist() == [2 * value, 3 * value]
    assert Correlation(np.full(5, 100, np.int8))(y, OMEGA).tolist() == [200 * value, 300 * value]
    assert close(Lp(2)(y, OMEGA), [value * 2**0.5, value * 3**0.5])
    v, g = np.full(2, 100, np.int8), np.full(5, 100, np.int8)
    assert upv(v, g, OMEGA).tolist() == [10_000] * 5


def test_lists_of_fractions_stay_exact():
    y = [Fraction(1, 3), Fraction(1, 2), Fraction(1), Fraction(1, 7), Fraction(0)]
    assert Mean()(y, OMEGA).tolist() == [Fraction(2, 3), Fraction(3, 14)]


def test_pooling_by_name_or_itself():
    one = Lp(3)
    assert pooling(one) is one
    assert {n: pooling(n).name for n in ("mean", "sum", "max", "subsample", "l2")} == {
        n: n for n in ("mean", "sum", "max", "subsample", "l2")}


@given(partitioned(), st.integers(0, 10**6))
def test_large_p_tends_to_the_largest_magnitude(omega, seed):
    y = np.random.default_rng(seed).uniform(0.5, 1, size=size_of(omega))
    assume(len(y) < 8)
    regions = Regions(omega, len(y))
    assert np.allclose(Lp(200)(y, regions), Max()(y, regions), rtol=0.02)


def test_a_mean_of_long_doubles_has_all_their_digits():
    y = np.ones(5, np.longdouble)
    g = Mean().gradient_vectors(y, OMEGA)
    assert g.dtype == np.longdouble
    assert g[-1] == 1 / np.longdouble(3)


def test_norms_of_exact_entries_are_exact():
    """The identity stands in place of the root, so t is the sum of powers."""
    y = np.array([Fraction(1, 2), 0, Fraction(-2), 1, 3], dtype=object)
    for p in (2, 3, 4):
        norm = Lp(p, root=lambda q: q)
        t = [abs(y[0]) ** p + 2**p, 1 + 3**p]
        assert norm(y, OMEGA).tolist() == t
        ordered = [y[0], y[2], y[1], y[3], y[4]]
        assert norm.gradient_vectors(y, OMEGA).tolist() == [
            (1 if one > 0 else -1) * abs(one) ** (p - 1) / Fraction(t[k]) ** (p - 1)
            for one, k in zip(ordered, (0, 0, 1, 1, 1), strict=True)]
