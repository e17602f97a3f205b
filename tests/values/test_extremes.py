"""Results that are in range come out, whatever the numbers on the way: against many digits."""

import mpmath
import numpy as np
import pytest

from cnnmat import Regions, activation, gaussian, pool, pool_backward, softmax
from cnnmat.layers.operators import CorrelationOperator
from cnnmat.textbook import masks, risks
from cnnmat.textbook.activations import soft_abs, softplus
from cnnmat.textbook.normalization import brightness, brightness_back
from cnnmat.textbook.pooling import Lp, Mean

mp = mpmath.mp.clone()
mp.dps = 60
IDENTITY = activation("identity")


def near(have, want, rtol=1e-14):
    """Entry by entry, to the last digits of double precision, subnormal numbers as they are."""
    have, want = np.ravel(np.asarray(have)).tolist(), list(want)
    assert len(have) == len(want)
    for a, b in zip(have, want, strict=True):
        assert abs(mp.mpf(a) - b) <= rtol * abs(b) + mp.mpf(2) ** -1074, (a, mp.nstr(b, 17))


# --- norms and means -----------------------------------------------------------------------------

WINDOWS = [[50.0, 60], [1e200, 1e200], [3e-200, -4e-200], [1e308, 1e-308], [5e-324, 5e-324],
           [0.0, 0.0], [1.7e308, 1e308], [0.0, 1e-160], [-2.0, 0.5], [1e200, 1e-200]]


def norm_of(window, p):
    return mp.power(sum(mp.power(abs(mp.mpf(x)), p) for x in window), mp.mpf(1) / p)


def slopes_of(window, p):
    t = norm_of(window, p)
    return [mp.sign(mp.mpf(x)) * (abs(mp.mpf(x)) / t) ** (p - 1) if t else mp.mpf(0)
            for x in window]


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 7, 33, 200, 1e5])
def test_norms_of_windows_neither_overflow_nor_vanish(p):
    shown = [w for w in WINDOWS if norm_of(w, p) < mp.mpf(np.finfo(float).max)]
    x = np.array(shown).reshape(1, 1, -1)
    near(pool(x, "lp", 2, p=p), [norm_of(w, p) for w in shown], 1e-12)
    if p == 2:
        near(pool(x, "l2", 2), [norm_of(w, 2) for w in shown])
    regions = Regions(np.arange(x.size).reshape(-1, 2), x.size)
    near(Lp(p)(x.ravel(), regions), [norm_of(w, p) for w in shown], 1e-12)


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, 7, 33, 200])
def test_their_gradients_neither_overflow_nor_vanish(p):
    x = np.array(WINDOWS).reshape(1, 1, -1)
    want = [s for w in WINDOWS for s in slopes_of(w, p)]
    with np.errstate(over="ignore"):
        # one of the norms is out of range, its gradient is not
        near(pool_backward(np.ones((1, 1, len(WINDOWS))), x, "lp", 2, p=p), want, 1e-12)
        regions = Regions(np.arange(x.size).reshape(-1, 2), x.size)
        near(Lp(p).gradient_vectors(x.ravel(), regions), want, 1e-12)


def test_overlapping_windows_of_all_sizes_have_each_its_scale():
    x = np.array([[[1e200, 2e200, 1e-200, 3e-200, 0, 4.0]]])
    near(pool(x, "l2", 2, stride=1), [norm_of(x[0, 0, k:k + 2], 2) for k in range(5)])
    near(pool(x, "l2", 2, stride=1, out=np.empty((1, 1, 5))),
         [norm_of(x[0, 0, k:k + 2], 2) for k in range(5)])
    dt = np.array([[[1.0, 10, 100, 1000, 1e4]]])
    want = [mp.mpf(0)] * 6
    for k in range(5):
        for j, slope in enumerate(slopes_of(x[0, 0, k:k + 2], 2)):
            want[k + j] += slope * mp.mpf(dt[0, 0, k])
    near(pool_backward(dt, x, "l2", 2, stride=1), want)


def test_a_large_sensitivity_meets_a_small_norm():
    x, dt = np.array([[[1e-140, 1e-140]]]), np.array([[[1e200]]])
    near(pool_backward(dt, x, "l2", 2), [mp.mpf(1e200) / mp.sqrt(2)] * 2)
    near(pool_backward(1 / dt, 1 / x, "l2", 2), [mp.mpf(1e-200) / mp.sqrt(2)] * 2)


def test_means_do_not_overflow():
    x = np.array([[[1.7e308, 1.7e308, 1.0, 2.0, np.inf, 1.0, np.nan, 1.0]]])
    assert pool(x, "mean", 2).tolist()[0][0][:3] == [1.7e308, 1.5, np.inf]
    assert np.isnan(pool(x, "mean", 2)[0, 0, 3])
    assert pool(np.full((1, 1, 4), 1e308), "mean", 4).item() == 1e308
    assert Mean()(np.full(3, 1.7e308), Regions([[0, 1, 2]], 3)).item() == pytest.approx(1.7e308)
    sixteen = np.full((1, 1, 300, 300), 1, np.float16)
    assert pool(sixteen, "mean", 300).tolist() == [[[[1.0]]]]
    assert pool(100 * sixteen[..., :32, :32], "mean", 32).tolist() == [[[[100.0]]]]


def test_infinity_stays_infinity_in_a_norm():
    x = np.array([[[np.inf, 1.0, 1e200, 1e200, np.nan, 1.0]]])
    t = pool(x, "l2", 2)[0, 0]
    assert t[0] == np.inf
    assert np.isnan(t[2])
    assert t[1] == pytest.approx(2**0.5 * 1e200)


# --- smooth functions ----------------------------------------------------------------------------

POINTS = [-1e308, -800.0, -745, -50, -20, -1, -1e-9, -1e-200, 0.0, 1e-200, 1e-9, 0.3, 1, 17, 20,
          36, 50, 350, 800, 1e308]


def big_exp(z):
    return mp.mpf(0) if z < -10**6 else mp.exp(z)


def big_sigmoid(z):
    return 1 / (1 + big_exp(-z)) if z >= 0 else big_exp(z) / (1 + big_exp(z))


def big_softplus(z, k=1):
    return max(z, 0) + mp.log1p(big_exp(-abs(k * z))) / k


def big_softabs(z, k):
    u = abs(k * z) / 2
    return 2 / k * (u + mp.log1p(big_exp(-2 * u)) - mp.log(2))


SMOOTH = {
    "sigmoid": (big_sigmoid, lambda z: big_sigmoid(z) * big_sigmoid(-z)),
    "tanh": (lambda z: mp.tanh(min(z, mp.mpf(10**4))),
             lambda z: 4 * big_sigmoid(2 * z) * big_sigmoid(-2 * z)),
    "softplus": (big_softplus, big_sigmoid),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_functions_keep_their_digits_everywhere(name):
    f, z = activation(name), np.array(POINTS)
    value, slope = SMOOTH[name]
    near(f(z), [value(mp.mpf(q)) for q in POINTS])
    near(f.derivative(z), [slope(mp.mpf(q)) for q in POINTS])


@pytest.mark.parametrize("k", [1, 1e-9, 1e9, 1e300, 1e-300])
def test_their_factors_may_be_of_any_size(k):
    z = np.array([q for q in POINTS if abs(q) < 1e290])
    near(softplus(k)(z), [big_softplus(mp.mpf(q), mp.mpf(k)) for q in z])
    near(softplus(k).derivative(z), [big_sigmoid(mp.mpf(k) * mp.mpf(q)) for q in z])
    mp.dps = 700
    near(soft_abs(k)(z), [big_softabs(mp.mpf(q), mp.mpf(k)) for q in z])
    near(soft_abs(k).derivative(z), [
        mp.tanh(max(min(mp.mpf(k) * mp.mpf(q) / 2, mp.mpf(10**4)), -mp.mpf(10**4))) for q in z])
    mp.dps = 60
    assert softplus(k)(z.astype(np.float32)).dtype == np.float32


def test_softmax_and_its_risk_take_logits_of_any_size():
    assert softmax([1e308, -1e308, 0.0]).tolist() == [1, 0, 0]
    assert softmax(np.array([-2**63, 2**63 - 1])).tolist() == [0, 1]
    near(softmax([0.0, -700]), [1 / (1 + mp.exp(-700)), mp.exp(-700) / (1 + mp.exp(-700))])
    risk = risks.CrossEntropy()
    assert risk([1, 0], [1e308, -1e308], IDENTITY) == 0
    assert risk([0, 1], [800.0, -800.0], IDENTITY) == 1600
    near(risk([1.0, 0], [40.0, 0.0], IDENTITY), [mp.log1p(mp.exp(-40))])
    near(risk([0, 1, 0], [300.0, 340, 0.0], IDENTITY), [mp.log1p(mp.exp(-40) + mp.exp(-340))])
    assert np.abs(risk.delta([1, 0], [1e308, -1e308], IDENTITY)).max() == 0


def test_entropies_keep_small_probabilities():
    p = 1e-20
    near(risks.binary_cross_entropy([0.0], [p]), [-mp.log1p(-mp.mpf(p))])
    near(risks.binary_cross_entropy([0.0], [p], base=2), [-mp.log1p(-mp.mpf(p)) / mp.log(2)])
    near(risks.entropy([1e-300, 1.0]), [-mp.mpf(1e-300) * mp.log(mp.mpf(1e-300))])
    assert risks.normalize([1e308, 1e308]).tolist() == [0.5, 0.5]
    assert risks.normalize([5e-324, 5e-324]).tolist() == [0.5, 0.5]


def test_half_a_squared_error_has_a_gradient_where_twice_it_has_none():
    assert risks.squared_error_gradient([0.0], [1.5e308], scale="half").tolist() == [1.5e308]
    assert risks.squared_error_gradient([0.0] * 2, [1.5e308, 0], scale="mean")[0] == 1.5e308


# --- masks, brightness, operators ----------------------------------------------------------------

def test_gaussian_masks_of_any_width():
    needle = gaussian(1, 1e-200)
    assert needle.tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert gaussian(1, 1e200) == pytest.approx(np.full((3, 3), 1 / 9))
    assert gaussian(0, 5e-324).tolist() == [[1]]
    two_pi = 2 * mp.pi
    near(gaussian(0, 1e-150, normalize=False), [1 / (two_pi * mp.mpf(1e-150) ** 2)])
    near(gaussian(0, 1e150, normalize=False), [1 / (two_pi * mp.mpf(1e150) ** 2)])


def test_edges_of_any_height():
    near(masks.edge_map([3e200, 3e-200, 5e-324], [4e200, 4e-200, 0]),
         [mp.hypot(mp.mpf(3e200), mp.mpf(4e200)), mp.hypot(mp.mpf(3e-200), mp.mpf(4e-200)),
          mp.mpf(5e-324)])
    assert masks.edge_map(np.int64([2**62]), np.int64([2**62])).item() == pytest.approx(2**62.5)


def bright(Y, kappa, lam, mu):
    D = mp.mpf(kappa) + mp.mpf(lam) * sum(mp.mpf(y) ** 2 for y in Y)
    return [mp.mpf(y) / D ** mp.mpf(mu) for y in Y]


def bright_back(Y, delta, kappa, lam, mu):
    D = mp.mpf(kappa) + mp.mpf(lam) * sum(mp.mpf(y) ** 2 for y in Y)
    along = sum(mp.mpf(y) * mp.mpf(d) for y, d in zip(Y, delta, strict=True))
    return [mp.mpf(d) / D ** mp.mpf(mu)
            - 2 * mp.mpf(lam) * mp.mpf(mu) * mp.mpf(y) * along / D ** (mp.mpf(mu) + 1)
            for y, d in zip(Y, delta, strict=True)]


@pytest.mark.parametrize("case", [
    ([3e200, -4e200], 0, 1, 0.5), ([3e-200, 4e-200], 0, 1, 0.5), ([1e200, 1.0], 1, 1, 1),
    ([1e-200, 1e-210], 1e-300, 1, 0.75), ([1e160, 2e160], 1, 1e-300, 2), ([1.0, 2], 3, 4, 300),
    ([0.0, 0.0], 1e-300, 1, 0.5), ([2.0, 3], 1, 0, 0.5), ([1.0, 0.5], 4, -1, -1.5)], ids=str)
def test_brightness_neither_overflows_nor_vanishes(case):
    Y, *numbers = case
    maps, delta = np.array(Y).reshape(-1, 1, 1), [0.25, 3.0]
    near(brightness(maps, *numbers), bright(Y, *numbers), 1e-12)
    back = brightness_back(maps, np.array(delta).reshape(-1, 1, 1), *numbers)
    want = bright_back(Y, delta, *numbers)
    size = max(map(abs, want))
    for a, b in zip(back.ravel(), want, strict=True):
        # two terms of one size are taken away from each other
        assert abs(mp.mpf(float(a)) - b) <= 1e-12 * size + mp.mpf(2) ** -1074


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_norms_of_operators_of_any_size(size):
    w = np.random.default_rng(0).normal(size=(2, 3, 3, 3))
    for shape in ((3, 6, 5), (3, 20, 19)):
        one, other = (CorrelationOperator(shape, a, padding=1) for a in (w, w * size))
        assert other.norm() == pytest.approx(one.norm() * size, rel=1e-9)
        assert other.kernel_norm() == pytest.approx(one.kernel_norm() * size, rel=1e-12)
        zero = CorrelationOperator(shape, 0 * w, padding=1)
        assert (zero.singular_values(2).tolist(), zero.kernel_norm()) == ([0, 0], 0)
