"""What the paths of a layer may get wrong: rounding entry by entry, NaN, infinity, overflow."""

from fractions import Fraction

import numpy as np
import pytest

from cnnmat import loops
from cnnmat.layers.correlation import (
    correlate,
    correlate_backward,
    correlate_transpose,
    correlate_transpose_backward,
)
from cnnmat.layers.paths import BLOCKS
from cnnmat.layers.winograd import transforms

DIRECT = ("auto", "fast", "measured", "literal", "lowering", "lowering-apart", "lowering-together",
          *BLOCKS, "direct")
LAYERS = [
    ((9, 3, 12, 10), (5, 3, 3, 3), {"padding": 1}),
    ((2, 4, 9, 7), (6, 2, 2, 3), {"stride": (1, 2), "padding": ((2, 1), (0, 2)), "groups": 2}),
    ((1, 2, 8, 9), (3, 2, 3, 2), {"dilation": (1, 2)}),
    ((3, 40, 18, 17), (33, 40, 3, 3), {"padding": 1}),
    ((2, 3, 6, 5), (4, 3, 1, 1), {}),
    ((2, 3, 8, 11), (4, 3, 2, 4), {"padding": ((1, 0), (0, 0)), "stride": (2, 1)}),
]


def gamma(n, dtype=np.float32):
    u = float(np.finfo(dtype).eps) / 2
    return n * u / (1 - n * u)


def normal(rng, shape):
    return rng.normal(size=shape)


def wide(rng, shape):
    """Twelve orders of magnitude."""
    return rng.choice([-1, 1], shape) * 10 ** rng.uniform(-6, 6, shape)


def spike(rng, shape):
    """One entry a million times as large as the others."""
    a = rng.normal(size=shape)
    a[tuple(n // 2 for n in shape)] = 1e6
    return a


def cancelling(rng, shape):
    """Neighbours that nearly take each other away."""
    a = rng.normal(size=shape)
    a[..., 1::2] = -a[..., :-1:2] * (1 + 1e-5)
    return a


DATA = {draw.__name__: draw for draw in (normal, wide, spike, cancelling)}


def drawn(layer, data, seed=0):
    x_shape, w_shape, options = layer
    rng = np.random.default_rng(seed)
    x, w = (DATA[data](rng, shape).astype(np.float32) for shape in (x_shape, w_shape))
    b = rng.normal(size=len(w)).astype(np.float32)
    shape = correlate(x, w, method="direct", **options).shape
    return x, w, b, DATA[data](rng, shape).astype(np.float32), options


def everything(x, w, b, dz, options, method):
    return (correlate(x, w, b, method=method, **options),
            *correlate_backward(dz, x, w, method=method, **options))


def divides(method, shape, dilation=(1, 1)):
    """Whether the blocks of `method`, if there are any, divide the output, undilated along them."""
    return all(side == 1 or (outputs % side == 0 and d == 1) for side, outputs, d in
               zip(BLOCKS.get(method, (1, 1)), shape[2:], dilation, strict=True))


def beyond_the_bound(layer, data, method):
    """For z, dx, dw, db: the largest error over γ_{n+1} times the sum of what is summed."""
    x, w, b, dz, options = drawn(layer, data)
    if not divides(method, dz.shape, options.get("dilation", (1, 1))):
        method = "lowering"
    double = [a.astype(float) for a in (x, w, b, dz)]
    exact = everything(*double, options, "direct")
    size = everything(*map(abs, double), options, "direct")
    counts = (w[0].size, w[:, 0].size, dz[:, 0].size, dz[:, 0].size)
    tiny = np.finfo(np.float32).tiny
    return [float((abs(a - e) / (gamma(n + 1) * s + n * tiny)).max()) for a, e, s, n in
            zip(everything(x, w, b, dz, options, method), exact, size, counts, strict=True)]


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("method", DIRECT)
def test_every_path_but_winograd_keeps_the_bound_of_the_direct_sum(method, layer, data):
    assert max(beyond_the_bound(layer, data, method)) <= 1


def test_winograd_does_not_keep_it_where_one_pixel_is_large():
    errors = beyond_the_bound(LAYERS[3], "spike", "winograd")
    assert min(errors[:2]) > 100


# --- Winograd's own bound ------------------------------------------------------------------


def constants():
    """κ of z, dx and dw, from the transforms themselves."""
    a, b, g = (abs(m) for m in transforms(exact=True))
    back = b @ (g.sum(axis=1) * a.sum(axis=1))
    return ((a.T @ (g.sum(axis=1) * b.sum(axis=0))).max(),
            max(back[0] + back[4], back[1] + back[5], back[2], back[3]),
            (g.T @ (b.sum(axis=0) * a.sum(axis=1))).max())


def test_the_constants_are_as_stated():
    assert constants() == (48, Fraction(77, 2), Fraction(160, 3))


def signs(rng, shape):
    """Nearly equal sizes, signs at random: transforms find rows to agree with."""
    return rng.choice([-1, 1], shape) * rng.uniform(0.9, 1, shape)


def alternating(rng, shape):
    return rng.uniform(0.9, 1, shape) * (-1.0) ** np.indices(shape).sum(axis=0)


def positive(rng, shape):
    return rng.uniform(0.9, 1, shape)


def over_the_bound(draw, shapes, seed):
    """For z, dx, dw: Winograd's largest error over what is stated for it."""
    rng = np.random.default_rng(seed)
    x, w, dz = (draw(rng, shape).astype(np.float32) for shape in shapes)
    (N, C, height, width), D = x.shape, len(w)
    tiles = N * -(-height // 4) * -(-width // 4)
    largest = [float(abs(a).max()) for a in (x, w, dz)]
    kappa = [float(k) ** 2 for k in constants()]
    bounds = (gamma(C + 54) * kappa[0] * C * largest[0] * largest[1],
              gamma(D + 56) * kappa[1] * D * largest[2] * largest[1],
              gamma(tiles + 60) * kappa[2] * tiles * largest[0] * largest[2])
    found = []
    for dtype, method in ((np.float32, "winograd"), (float, "direct")):
        one, two, three = (a.astype(dtype) for a in (x, w, dz))
        found.append((correlate(one, two, padding=1, method=method),
                      *correlate_backward(three, one, two, padding=1, method=method)[:2]))
    return [float(abs(a - e).max()) / bound
            for a, e, bound in zip(*found, bounds, strict=True)]


ONE_TILE = ((1, 1, 4, 4), (1, 1, 3, 3), (1, 1, 4, 4))
SEVERAL = ((2, 3, 13, 10), (5, 3, 3, 3), (2, 5, 13, 10))


@pytest.mark.parametrize("shapes", [ONE_TILE, SEVERAL], ids=["one tile", "several"])
@pytest.mark.parametrize("draw", [normal, wide, spike, signs, alternating, positive])
def test_winograds_error_is_within_its_bound(draw, shapes):
    worst = np.max([over_the_bound(draw, shapes, seed) for seed in range(20)], axis=0)
    assert (worst <= 1).all()


def test_winograds_bound_is_not_idle():
    """The worst of many draws comes to within a thousandth of it."""
    worst = np.max([over_the_bound(signs, ONE_TILE, seed) for seed in range(300)], axis=0)
    assert (worst > 1e-3).all()


# --- NaN, infinity, overflow -------------------------------------------------------------------


def kinds(a):
    """0 for a finite number, 1 and -1 for infinities, 2 for NaN."""
    a = np.asarray(a, dtype=float)
    return np.where(np.isnan(a), 2, np.where(np.isinf(a), np.sign(a), 0))


def with_specials(rng, shape, count):
    a = rng.integers(-2, 3, shape).astype(float)
    for value in (np.inf, -np.inf, np.nan)[:count]:
        a[tuple(rng.integers(0, n) for n in shape)] = value
    return a


SMALL = [
    ((1, 2, 5, 4), (2, 2, 2, 3), {"stride": (1, 1), "padding": ((0, 0), (1, 1)),
                                  "dilation": (1, 1), "groups": 1}),
    ((1, 2, 4, 5), (3, 2, 3, 2), {"stride": (1, 1), "padding": ((1, 0), (1, 2)),
                                  "dilation": (1, 1), "groups": 1}),
    ((2, 2, 4, 4), (2, 1, 2, 2), {"stride": (1, 2), "padding": ((2, 3), (0, 1)),
                                  "dilation": (1, 2), "groups": 2}),
    ((9, 1, 5, 4), (1, 1, 3, 3), {"stride": (1, 1), "padding": ((1, 2), (1, 1)),
                                  "dilation": (1, 1), "groups": 1}),
    ((1, 2, 4, 5), (2, 2, 1, 1), {"stride": (1, 1), "padding": ((0, 0), (0, 0)),
                                  "dilation": (1, 1), "groups": 1}),
]


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("special", ["x", "w", "dz", "b"])
@pytest.mark.parametrize("layer", SMALL, ids=str)
@pytest.mark.parametrize("method", DIRECT)
def test_nan_and_infinity_go_where_the_plain_loops_have_them(method, layer, special):
    """A tap on padding has no product, so an infinite weight there makes no NaN."""
    x_shape, w_shape, options = layer
    settings = [list(options[k]) for k in ("stride", "padding", "dilation")] + [options["groups"]]
    for seed in range(6):
        rng = np.random.default_rng(seed)
        count = 1 + seed % 3
        x, w, b = (with_specials(rng, shape, count * (name == special))
                   for name, shape in (("x", x_shape), ("w", w_shape), ("b", w_shape[:1])))
        z = loops.correlate(x.tolist(), w.tolist(), b.tolist(), *settings)
        dz = with_specials(rng, np.shape(z), count * (special == "dz"))
        if not divides(method, np.shape(z), options["dilation"]):
            continue
        dx, dw, db = loops.correlate_backward(dz.tolist(), x.tolist(), w.tolist(), *settings)
        for ours, truth in zip(everything(x, w, b, dz, options, method), (z, dx, dw, db),
                               strict=True):
            assert np.array_equal(kinds(ours), kinds(truth))


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("special", ["x", "w", "dz"])
def test_the_transposed_layer_lets_them_through_likewise(special):
    rng = np.random.default_rng(1)
    w = with_specials(rng, (2, 3, 3, 2), 3 * (special == "w"))
    x = with_specials(rng, (1, 2, 4, 5), 3 * (special == "x"))
    options = {"stride": (2, 1), "padding": ((1, 1), (0, 1))}
    dz = with_specials(rng, (1, 3, 7, 5), 3 * (special == "dz"))
    zeros = np.zeros_like(dz).tolist()
    geometry = ([2, 1], [(1, 1), (0, 1)], [1, 1], 1)
    truth = loops.correlate_backward(x.tolist(), zeros, w.tolist(), *geometry)[0]
    assert np.array_equal(kinds(correlate_transpose(x, w, **options)), kinds(truth))
    dx, dw, db = correlate_transpose_backward(dz, x, w, **options)
    back = loops.correlate(dz.tolist(), w.tolist(), [0, 0], *geometry)
    assert np.array_equal(kinds(dx), kinds(back))
    truth = loops.correlate_backward(x.tolist(), dz.tolist(), w.tolist(), *geometry)[1]
    assert np.array_equal(kinds(dw), kinds(truth))
    assert np.array_equal(kinds(db), kinds(dz.sum(axis=(0, 2, 3))))


@pytest.mark.parametrize("method", DIRECT)
def test_a_layer_overflows_only_where_its_result_does(method):
    x, w = np.full((1, 32, 18, 18), 3e37, np.float32), np.full((32, 32, 3, 3), 1e-3, np.float32)
    z = correlate(x, w, method=method)
    assert z == pytest.approx(np.full(z.shape, 8.64e36), rel=1e-4)
    gradients = correlate_backward(z * 1e-3, x * 1e-37, w, method=method)
    assert all(np.isfinite(a).all() for a in gradients)


def test_one_large_pixel_is_seen_by_the_windows_on_it_alone():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1, 32, 18, 18)).astype(np.float32)
    w = (rng.normal(size=(32, 32, 3, 3)) / 17).astype(np.float32)
    without = correlate(x, w, padding=1)
    x[0, 0, 5, 5] = 1e6
    elsewhere = np.ones((18, 18), bool)
    elsewhere[4:7, 4:7] = False
    with_it = correlate(x, w, padding=1)
    assert np.array_equal(with_it[..., elsewhere], without[..., elsewhere])


def test_winograd_is_refused_for_integers():
    """Its G has fractions."""
    with pytest.raises(ValueError, match=r"method .winograd. must be used with .* no integers"):
        correlate(np.ones((1, 1, 6, 6), int), np.ones((1, 1, 3, 3), int), method="winograd")
