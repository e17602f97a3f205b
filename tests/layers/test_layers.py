"""Layers against PyTorch, the paths against each other, and what a user may rely on."""

import threading
import warnings
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from cnnmat import Windows
from cnnmat.layers.correlation import (
    convolve,
    convolve_backward,
    correlate,
    correlate_backward,
    correlate_transpose,
    correlate_transpose_backward,
    pool,
    pool_backward,
)
from cnnmat.layers.lowering import Lowering
from cnnmat.layers.paths import fast
from cnnmat.layers.plans import Geometry, Kept
from cnnmat.layers.winograd import Winograd, transforms

# two pools of threads on small arrays only wait for each other
torch.set_num_threads(1)

GEOMETRIES = 700    # an image dimension, so 2,100 in all
POOLINGS = 250      # an image dimension and kind


def scaled_error(ours, reference):
    """max |a - b|, scaled by the reference's own magnitude."""
    reference = np.asarray(reference)
    assert ours.shape == reference.shape
    scale = abs(reference).max() or 1.0
    return float(abs(ours - reference).max() / scale)


def torch_gradients(f, dz, *arrays):
    """f's value and its gradients at `arrays`, by autograd."""
    leaves = [torch.tensor(a, requires_grad=True) for a in arrays]
    z = f(*leaves)
    dz = dz(tuple(z.shape))
    return dz, z.detach().numpy(), *(
        g.numpy() for g in torch.autograd.grad(z, leaves, torch.tensor(dz)))


def draw_layer(rng, axes):
    """A random layer: sizes all over the place, windows that mostly do not tile."""
    groups = int(rng.choice([1, 1, 1, 2, 3]))
    kernel = tuple(int(k) for k in rng.integers(1, [7, 5, 4][axes - 1], axes))
    dilation = tuple(int(d) for d in rng.integers(1, 4, axes)) if rng.random() < 0.4 else 1
    stride = tuple(int(s) for s in rng.integers(1, 5, axes)) if rng.random() < 0.6 else 1
    pairs = rng.integers(0, 4, (axes, 2)) if rng.random() < 0.6 else np.zeros((axes, 2), int)
    if rng.random() < 0.5:
        pairs[:, 1] = pairs[:, 0]
    spans = [d * (k - 1) + 1 for d, k in zip(np.broadcast_to(dilation, axes), kernel, strict=True)]
    shape = tuple(max(s - int(sum(p)), 1) + int(rng.integers(0, 8))
                  for s, p in zip(spans, pairs, strict=True))
    return {
        "x": (int(rng.integers(1, 4)), groups * int(rng.integers(1, 4)), *shape),
        "w": (groups * int(rng.integers(1, 4)), kernel),
        "layer": {"stride": stride, "dilation": dilation, "groups": groups,
                  "padding": tuple((int(a), int(b)) for a, b in pairs)},
    }


def torch_correlate(x, w, b, *, stride, dilation, groups, padding):
    f = {1: functional.conv1d, 2: functional.conv2d, 3: functional.conv3d}[x.ndim - 2]
    flat = [p for pair in reversed(padding) for p in pair]
    return f(functional.pad(x, flat), w, b, stride, 0, dilation, groups)


def arrays_of(rng, drawn):
    C = drawn["x"][1]
    D, kernel = drawn["w"]
    groups = drawn["layer"]["groups"]
    return (rng.normal(size=drawn["x"]), rng.normal(size=(D, C // groups, *kernel)),
            rng.normal(size=D))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_correlate_is_pytorchs_conv_in_value_and_gradients(axes):
    rng = np.random.default_rng(axes)
    for _ in range(GEOMETRIES):
        drawn = draw_layer(rng, axes)
        layer = drawn["layer"]
        x, w, b = arrays_of(rng, drawn)
        dz, z, *gradients = torch_gradients(
            lambda *a, layer=layer: torch_correlate(*a, **layer), rng.standard_normal, x, w, b)
        for method in ("fast", "literal"):
            ours = correlate(x, w, b, **layer, method=method)
            ours = (ours, *correlate_backward(dz, x, w, **layer, method=method))
            for name, a, reference in zip(("z", "dx", "dw", "db"), ours, (z, *gradients),
                                          strict=True):
                error = scaled_error(a, reference)
                assert error <= 1e-12, f"{method} {name} is off by {error:.1e} for {drawn}"


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_correlate_transpose_is_pytorchs_conv_transpose(axes):
    rng = np.random.default_rng(10 + axes)
    f = [functional.conv_transpose1d, functional.conv_transpose2d,
         functional.conv_transpose3d][axes - 1]
    for _ in range(100):
        stride, padding, dilation = (int(rng.integers(*r)) for r in ((1, 4), (0, 3), (1, 3)))
        groups, extra = int(rng.integers(1, 3)), int(rng.integers(0, stride))
        shape, kernel = rng.integers(4, 7, axes), rng.integers(2, 4, axes)
        x = rng.normal(size=(2, 2 * groups, *shape))
        w = rng.normal(size=(2 * groups, int(rng.integers(1, 4)), *kernel))
        b = rng.normal(size=w.shape[1] * groups)
        layer = {"stride": stride, "padding": padding, "output_padding": extra,
                 "groups": groups, "dilation": dilation}
        dz, z, *gradients = torch_gradients(
            lambda *a, layer=layer: f(*a, **layer), rng.standard_normal, x, w, b)
        for method in ("fast", "literal"):
            ours = (correlate_transpose(x, w, b, **layer, method=method),
                    *correlate_transpose_backward(dz, x, w, **layer, method=method))
            for a, reference in zip(ours, (z, *gradients), strict=True):
                assert scaled_error(a, reference) <= 1e-12, f"{method} {x.shape} {layer}"


def draw_pooling(rng, axes):
    size = tuple(int(k) for k in rng.integers(1, 5, axes))
    options = {
        "stride": None if rng.random() < 0.3 else tuple(int(s) for s in rng.integers(1, 5, axes)),
        "padding": tuple(int(rng.integers(0, k // 2 + 1)) for k in size),
        "ceil_mode": bool(rng.random() < 0.5),
    }
    shape = tuple(int(rng.integers(max(k - 2 * p, 1), k + 7))
                  for k, p in zip(size, options["padding"], strict=True))
    return (2, int(rng.integers(1, 4)), *shape), size, options


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_max_pool_is_pytorchs(axes):
    rng = np.random.default_rng(20 + axes)
    f = [functional.max_pool1d, functional.max_pool2d, functional.max_pool3d][axes - 1]
    for _ in range(POOLINGS):
        shape, size, options = draw_pooling(rng, axes)
        if not any(options["padding"]):
            options["dilation"] = int(rng.integers(1, 3))
            shape = (*shape[:2], *(2 * m for m in shape[2:]))
        # few values, so that maxima are tied
        x = rng.integers(0, 4, shape).astype(float)
        dt, t, dx = torch_gradients(lambda a, o=options, s=size: f(a, s, **o),
                                    rng.standard_normal, x)
        assert scaled_error(pool(x, "max", size, **options), t) == 0, (shape, size, options)
        ours = pool_backward(dt, x, "max", size, **options)
        assert scaled_error(ours, dx) <= 1e-12, (shape, size, options)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_mean_pool_is_pytorchs_avg_pool(axes):
    rng = np.random.default_rng(30 + axes)
    f = [functional.avg_pool1d, functional.avg_pool2d, functional.avg_pool3d][axes - 1]
    for _ in range(POOLINGS):
        shape, size, options = draw_pooling(rng, axes)
        options["count_include_pad"] = bool(rng.random() < 0.5)
        # avg_pool3d refuses windows larger than the image, whatever the padding
        x = rng.normal(size=(*shape[:2], *map(max, shape[2:], size)))
        dt, t, dx = torch_gradients(lambda a, o=options, s=size: f(a, s, **o),
                                    rng.standard_normal, x)
        assert scaled_error(pool(x, "mean", size, **options), t) <= 1e-12, (shape, size, options)
        ours = pool_backward(dt, x, "mean", size, **options)
        assert scaled_error(ours, dx) <= 1e-12, (shape, size, options)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize(("kind", "p"), [("l2", None), ("lp", 4), ("lp", 3), ("sum", None)])
def test_norm_and_sum_pool_are_pytorchs_lp_pool(axes, kind, p):
    rng = np.random.default_rng(40 + axes)
    f = [functional.lp_pool1d, functional.lp_pool2d, functional.lp_pool3d][axes - 1]
    norm = {"sum": 1, "l2": 2}.get(kind, p)
    for _ in range(60):
        shape, size, options = draw_pooling(rng, axes)
        shape = tuple(max(m, 4) for m in shape)
        stride = options["stride"]
        # positive, for PyTorch takes no absolute values at odd p
        x = rng.uniform(0.5, 2, shape)
        size, stride = (size[0], stride and stride[0]) if axes == 1 else (size, stride)
        dt, t, dx = torch_gradients(
            lambda a, s=size, step=stride: f(a, norm, s, step), rng.standard_normal, x)
        assert scaled_error(pool(x, kind, size, stride=stride, p=p), t) <= 1e-12
        ours = pool_backward(dt, x, kind, size, stride=stride, p=p)
        assert scaled_error(ours, dx) <= 1e-12


def test_norm_pool_takes_absolute_values_and_passes_nothing_at_zero():
    x = np.array([[[-3.0, 4.0, 0.0, 0.0]]])
    assert pool(x, "l2", 2).tolist() == [[[5.0, 0.0]]]
    assert pool(x, "lp", 2, p=3)[0, 0, 0] == pytest.approx(91 ** (1 / 3))
    dx = pool_backward(np.array([[[10.0, 10.0]]]), x, "l2", 2)
    assert dx == pytest.approx(np.array([[[-6.0, 8.0, 0.0, 0.0]]]))


@pytest.mark.parametrize("kind", ["mean", "sum", "l2", "lp", "max"])
def test_pool_backward_is_the_derivative_of_pool(kind):
    """Dilation and uneven padding, which PyTorch's mean and norm lack, by differences."""
    rng = np.random.default_rng(5)
    options = {"stride": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 2),
               "p": 3 if kind == "lp" else None, "count_include_pad": False}
    x, dx = rng.normal(size=(2, 3, 2, 5, 6))
    dt = rng.normal(size=pool(x, kind, (3, 2), **options).shape)
    h = 1e-6
    ahead, behind = (pool(x + s * h * dx, kind, (3, 2), **options) for s in (1, -1))
    gradient = pool_backward(dt, x, kind, (3, 2), **options)
    along = float(((ahead - behind) / (2 * h) * dt).sum())
    assert float((gradient * dx).sum()) == pytest.approx(along, rel=1e-6)


def test_padding_same_and_valid_are_pytorchs():
    rng = np.random.default_rng(6)
    # of an odd number of zeros PyTorch puts the last one after, too: kernel 4
    x, w = rng.normal(size=(2, 3, 7, 8)), rng.normal(size=(4, 3, 4, 3))
    for padding in ("same", "valid"):
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Using padding='same' with even kernel")
            reference = functional.conv2d(torch.tensor(x), torch.tensor(w), padding=padding,
                                          dilation=(1, 2))
        ours = correlate(x, w, padding=padding, dilation=(1, 2))
        assert scaled_error(ours, reference.numpy()) <= 1e-12


def test_convolve_is_correlate_with_the_kernel_flipped():
    rng = np.random.default_rng(7)
    x, w = rng.normal(size=(2, 3, 6, 7)), rng.normal(size=(4, 3, 3, 2))
    z = convolve(x, w, padding=1)
    assert np.array_equal(z, correlate(x, w[..., ::-1, ::-1], padding=1))
    full = sum(np.array([[np.polymul(w[1, c, 0], row)[1:-1] for row in x[0, c]] for c in range(3)]))
    assert convolve(x, w[:, :, :1])[0, 1] == pytest.approx(full)
    dz = rng.normal(size=z.shape)
    dx, dw, db = convolve_backward(dz, x, w, padding=1)
    # z is linear in x and in w, so <dz, z> = <dx, x> = <dw, w>
    inner = (dz * z).sum()
    assert (dx * x).sum() == pytest.approx(inner)
    assert (dw * w).sum() == pytest.approx(inner)
    assert db == pytest.approx(dz.sum(axis=(0, 2, 3)))


def test_the_literal_path_never_takes_the_lifted_image_of_another_x():
    rng = np.random.default_rng(20)
    x, w = rng.normal(size=(1, 2, 6, 7)), rng.normal(size=(3, 2, 3, 2))
    z = correlate(x, w, method="literal")
    for place in np.ndindex(x.shape):
        # the same array, one entry changed in place
        x[place] += 1
        ours = correlate_backward(z, x, w, method="literal")[1]
        reference = correlate_backward(z, x, w, method="lowering")[1]
        assert scaled_error(ours, reference) <= 1e-14
        assert scaled_error(correlate(x, w, method="literal"),
                            correlate(x, w, method="lowering")) <= 1e-14


def test_a_column_of_windows_too_large_for_a_band_is_a_band_of_its_own():
    x = np.random.default_rng(21).integers(-9, 10, (1, 1, 2**18 + 1, 2))
    assert np.array_equal(correlate(x, [[[[3]]]], method="literal"), 3 * x)


def test_pool_writes_to_out():
    rng = np.random.default_rng(19)
    x = rng.normal(size=(2, 3, 6, 8))
    for kind in ("mean", "sum", "max", "l2"):
        for size, stride in ((2, 2), ((3, 2), 1)):
            t = pool(x, kind, size, stride=stride)
            out = np.full((*t.shape, 2), np.nan)[..., 0]
            assert pool(x, kind, size, stride=stride, out=out) is out
            assert np.array_equal(out, t)
            dt, dx = rng.normal(size=t.shape), np.full((*x.shape, 2), np.nan)[..., 0]
            assert pool_backward(dt, x, kind, size, stride=stride, out=dx) is dx
            assert np.array_equal(dx, pool_backward(dt, x, kind, size, stride=stride))
    with pytest.raises(ValueError, match=r"out must have shape \(2, 3, 3, 4\), got"):
        pool(x, "mean", 2, out=np.empty((2, 3, 3, 3)))
    with pytest.raises(ValueError, match="out must be writeable and share no memory"):
        pool_backward(pool(x, "mean", 1), x, "mean", 1, out=x)


# -- the paths against each other --------------------------------------------------------


@st.composite
def integer_layers(draw):
    axes = draw(st.integers(1, 3))
    small = st.integers(1, 3)
    groups = draw(st.integers(1, 2))
    kernel = draw(st.tuples(*[small] * axes))
    dilation, stride = (draw(st.tuples(*[st.integers(1, 2)] * axes)) for _ in "ds")
    padding = draw(st.tuples(*[st.tuples(*[st.integers(0, 2)] * 2)] * axes))
    shape = tuple(d * (k - 1) + 1 + draw(st.integers(0, 4))
                  for d, k in zip(dilation, kernel, strict=True))
    N = draw(st.sampled_from([1, 2, 67]))
    x = (N, groups * draw(small), *shape)
    w = (groups * draw(small), x[1] // groups, *kernel)
    return x, w, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


@settings(max_examples=100, deadline=None)
@given(integer_layers(), st.integers(0, 2**32 - 1))
def test_literal_lowering_and_blocked_agree_exactly_on_integers(drawn, seed):
    x_shape, w_shape, layer = drawn
    rng = np.random.default_rng(seed)
    x, w = rng.integers(-9, 10, x_shape), rng.integers(-9, 10, w_shape)
    b = rng.integers(-9, 10, w_shape[0])
    z = correlate(x, w, b, **layer, method="literal")
    dz = rng.integers(-9, 10, z.shape)
    literal = correlate_backward(dz, x, w, **layer, method="literal")
    blocks = z.shape[2] % 2 == 0 and layer["dilation"][0] == 1
    for method in ("lowering", "blocked") if blocks else ("lowering",):
        same = correlate(x, w, b, **layer, method=method)
        assert z.dtype == same.dtype == np.int64
        assert np.array_equal(z, same)
        assert all(map(np.array_equal, literal,
                       correlate_backward(dz, x, w, **layer, method=method)))


def test_any_block_gives_the_same():
    rng = np.random.default_rng(18)
    geometry = Geometry(Windows((9, 14), (3, 4), (1, 2), ((1, 0), (0, 2))), 3, 4, 6, 2,
                        np.dtype(int))
    x, w, dz = (rng.integers(-9, 10, s) for s in (geometry.x_shape, geometry.w_shape,
                                                  geometry.z_shape))
    z, dx, dw = np.empty_like(dz), np.empty_like(x), np.empty_like(w)
    reference = correlate(x, w, stride=(1, 2), padding=((1, 0), (0, 2)), groups=2)
    gradients = correlate_backward(dz, x, w, stride=(1, 2), padding=((1, 0), (0, 2)), groups=2)
    assert z.shape[2:] == (8, 7)
    for block in ((1, 1), (2, 1), (4, 7), (8, 1), (1, 7)):
        path = Lowering(geometry, block)
        path.forward(x, w, None, z)
        path.backward(dz, x, w, dx, dw)
        assert all(map(np.array_equal, (z, dx, dw), (reference, *gradients[:2])))


def test_fast_is_blocked_for_few_maps_of_many_small_images():
    def path(N, D, side, C=3, **kwargs):
        return fast(Geometry(Windows((side, side), 5, **kwargs), N, C, D))

    assert path(64, 6, 28) == path(8, 16, 12) == "blocked"
    assert (path(64, 6, 27) == path(64, 64, 28) == path(64, 6, 28, stride=4)
            == path(64, 6, 28, dilation=2) == path(64, 64, 28, C=20) == "lowering-together")
    assert (path(1, 6, 28) == path(7, 6, 28) == path(64, 6, 224) == path(64, 64, 28, C=21)
            == path(8, 64, 28, C=512) == "lowering-apart")


def test_fast_takes_squares_where_there_is_hardly_any_arithmetic():
    def path(*sizes, side=26, groups=1, **kwargs):
        return fast(Geometry(Windows((side, side), 3, padding=1, **kwargs), *sizes, groups))

    assert path(8, 1, 8) == path(8, 3, 8) == path(1, 32, 32, groups=32) == "blocked-2x2"
    assert "blocked-2x2" not in {path(8, 4, 8), path(8, 1, 9), path(7, 1, 8, side=24),
                                 path(8, 1, 8, side=27), path(8, 1, 8, dilation=(1, 2))}


def test_fast_is_direct_for_kernels_of_one_entry_and_lines_of_many_channels():
    for windows in (Windows((5, 5), 1), Windows((5, 5), 1, stride=2), Windows(5, 1, padding=1)):
        assert fast(Geometry(windows, 1, 3, 4)) == "direct"

    def on_a_line(N, C, groups=1):
        return fast(Geometry(Windows(60, 3), N, C, 4, groups))

    assert on_a_line(1, 8) == on_a_line(64, 16, 2) == "direct"
    assert on_a_line(64, 7) == on_a_line(64, 8, 2) == "lowering-together"
    assert on_a_line(7, 7) == "lowering-apart"


@pytest.mark.parametrize(("n", "shape"), [(1, (6, 6)), (1, (7, 9)), (2, (3, 4)), (1, (11, 3))])
@pytest.mark.parametrize("padding", [0, 1, ((2, 0), (0, 3))])
def test_winograd_is_exact_over_fractions(n, shape, padding):
    rng = np.random.default_rng(8)

    def fractions(*size):
        top, bottom = rng.integers(-9, 10, size), rng.integers(1, 7, size)
        return np.vectorize(Fraction, otypes=[object])(top, bottom)

    x, w, b = fractions(n, 2, *shape), fractions(3, 2, 3, 3), fractions(3)
    z, exact = (correlate(x, w, b, padding=padding, method=m) for m in ("winograd", "literal"))
    assert np.array_equal(z, exact)
    dz = fractions(*z.shape)
    ours, exact = (correlate_backward(dz, x, w, padding=padding, method=m)
                   for m in ("winograd", "literal"))
    assert all(map(np.array_equal, ours, exact))


def test_a_wrong_winograd_transform_is_noticed():
    A, B, G = transforms(exact=True)
    d, g = np.arange(1, 7), np.array([3, 1, 2])
    right = [3 * a + b + 2 * c for a, b, c in zip(d, d[1:], d[2:], strict=False)]
    assert (A.T @ ((G @ g) * (B.T @ d))).tolist() == right
    G[3] = -G[3]
    assert (A.T @ ((G @ g) * (B.T @ d))).tolist() != right


@pytest.mark.parametrize(("dtype", "better"), [(np.float64, np.longdouble),
                                               (np.float32, np.float64)])
def test_winograds_rounding_error_is_as_stated(dtype, better):
    rng = np.random.default_rng(9)
    x, w, dz = (rng.normal(size=s).astype(dtype) for s in
                ((1, 16, 24, 24), (8, 16, 3, 3), (1, 8, 24, 24)))

    def everything(x, w, dz, method):
        return (correlate(x, w, padding=1, method=method),
                *correlate_backward(dz, x, w, padding=1, method=method)[:2])

    references = everything(*(a.astype(better) for a in (x, w, dz)), "lowering")
    for method, bound in (("winograd", 128), ("lowering", 16)):
        for ours, reference in zip(everything(x, w, dz, method), references, strict=True):
            assert ours.dtype == dtype
            assert scaled_error(ours, reference) <= bound * np.finfo(dtype).eps


@pytest.mark.parametrize("method", ["direct", "lowering", "literal"])
def test_one_by_one_kernels_mix_the_channels(method):
    rng = np.random.default_rng(10)
    x, w = rng.normal(size=(3, 4, 5, 6)), rng.normal(size=(6, 2, 1, 1))
    z = correlate(x, w, groups=2, method=method)
    mixed = [np.einsum("dc,nchw->ndhw", w[3 * g:3 * g + 3, :, 0, 0], x[:, 2 * g:2 * g + 2])
             for g in range(2)]
    assert z == pytest.approx(np.concatenate(mixed, axis=1))


def test_auto_takes_no_winograd_for_wide_layers_and_agrees_with_literal():
    rng = np.random.default_rng(11)
    x, w = rng.normal(size=(2, 40, 17, 19)), rng.normal(size=(48, 40, 3, 3))
    auto = correlate(x, w, padding=1)
    assert np.array_equal(auto, correlate(x, w, padding=1, method="lowering"))
    dz = rng.normal(size=auto.shape)
    for method in ("literal", "winograd"):
        assert scaled_error(auto, correlate(x, w, padding=1, method=method)) <= 1e-12
        for a, b in zip(correlate_backward(dz, x, w, padding=1),
                        correlate_backward(dz, x, w, padding=1, method=method), strict=True):
            assert scaled_error(a, b) <= 1e-12


# -- what a user may rely on -------------------------------------------------------------


LAYERS = [("literal", (3, 4, 9, 8), (6, 4, 3, 2)), ("lowering", (3, 4, 9, 8), (6, 4, 3, 2)),
          ("blocked", (3, 4, 8, 8), (6, 4, 3, 2)), ("blocked-2x4", (3, 4, 8, 9), (6, 4, 3, 2)),
          ("measured", (3, 4, 9, 8), (6, 4, 3, 2)), ("lowering-apart", (3, 4, 9, 8), (6, 4, 3, 2)),
          ("winograd", (3, 4, 9, 8), (6, 4, 3, 3)), ("direct", (3, 4, 9, 8), (6, 4, 1, 1))]


@pytest.mark.parametrize(("method", "x_shape", "w_shape"), LAYERS)
def test_float32_stays_float32(method, x_shape, w_shape):
    rng = np.random.default_rng(12)
    x, w, b = (rng.normal(size=s).astype(np.float32) for s in (x_shape, w_shape, w_shape[:1]))
    z = correlate(x, w, b, method=method)
    gradients = correlate_backward(z, x, w, method=method)
    assert all(a.dtype == np.float32 for a in (z, *gradients))
    assert scaled_error(z, correlate(*(a.astype(float) for a in (x, w, b)))) <= 1e-5
    back = correlate_transpose(z, w, method=method)
    assert back.dtype == np.float32
    assert pool(x, "mean", 2).dtype == pool(x, "l2", 2).dtype == np.float32
    for kind in ("mean", "max", "l2"):
        assert pool_backward(pool(x, kind, 2), x, kind, 2).dtype == np.float32


@pytest.mark.parametrize(("method", "x_shape", "w_shape"), LAYERS)
def test_results_own_their_memory_and_inputs_are_left_alone(method, x_shape, w_shape):
    rng = np.random.default_rng(13)
    x, w = rng.normal(size=x_shape), rng.normal(size=w_shape)
    kept = x.copy(), w.copy()
    z = correlate(x, w, method=method)
    gradients = correlate_backward(z, x, w, method=method)
    before = [a.copy() for a in (z, *gradients)]
    correlate(2 * x, w, method=method)
    correlate_backward(-z, 2 * x, 3 * w, method=method)
    assert all(map(np.array_equal, (z, *gradients), before))
    assert all(map(np.array_equal, (x, w), kept))


@pytest.mark.parametrize(("method", "x_shape", "w_shape"), LAYERS)
def test_any_memory_layout_gives_the_same(method, x_shape, w_shape):
    rng = np.random.default_rng(14)
    x, w = rng.normal(size=x_shape), rng.normal(size=w_shape)
    z = correlate(x, w, method=method)
    gradients = correlate_backward(z, x, w, method=method)
    wide = np.repeat(x, 2, axis=-1)[..., ::2]
    fortran, read_only = np.asfortranarray(w), z.copy()
    read_only.flags.writeable = False
    assert scaled_error(correlate(wide, fortran, method=method), z) <= 1e-15
    for a, b in zip(correlate_backward(read_only, wide, fortran, method=method), gradients,
                    strict=True):
        assert scaled_error(a, b) <= 1e-14


@pytest.mark.parametrize(("method", "x_shape", "w_shape"), LAYERS)
def test_out_receives_the_result(method, x_shape, w_shape):
    rng = np.random.default_rng(15)
    x, w = rng.normal(size=x_shape), rng.normal(size=w_shape)
    z = correlate(x, w, method=method)
    out = np.full((2, *z.shape), np.nan).transpose(0, 1, 2, 3, 4)[1]
    assert correlate(x, w, method=method, out=out) is out
    assert np.array_equal(out, z)
    dx, dw, db = correlate_backward(z, x, w, method=method)
    # not contiguous
    outs = (np.full((*x.shape, 2), np.nan)[..., 0], np.full((*w.shape, 2), np.nan)[..., 0],
            np.full(len(w), np.nan))
    correlate_backward(z, x, w, method=method, out=outs)
    assert all(map(np.array_equal, outs, (dx, dw, db)))
    convolve_backward(z, x, w[..., ::-1, ::-1], method=method, out=outs)
    assert np.array_equal(outs[1], dw[..., ::-1, ::-1])


@pytest.mark.parametrize(("method", "x_shape", "w_shape"), LAYERS)
def test_dx_can_be_left_out(method, x_shape, w_shape):
    rng = np.random.default_rng(17)
    x, w = rng.normal(size=x_shape), rng.normal(size=w_shape)
    z = correlate(x, w, method=method)
    _, dw, db = correlate_backward(z, x, w, method=method)
    dx, *others = correlate_backward(z, x, w, method=method, with_dx=False)
    assert dx is None
    assert all(map(np.array_equal, others, (dw, db)))


def test_nan_and_infinity_reach_exactly_the_windows_that_see_them():
    x, w = np.ones((1, 1, 5, 5)), np.ones((1, 1, 2, 2))
    x[0, 0, 0, 0], x[0, 0, 4, 4] = np.nan, np.inf
    dz = np.ones((1, 1, 6, 6))
    dz[0, 0, 1, 1], dz[0, 0, 4, 4] = np.nan, np.inf
    for method in ("lowering", "blocked", "literal"):
        z = correlate(x, w, padding=1, method=method)[0, 0]
        assert np.isnan(z).sum() == np.isinf(z).sum() == 4
        dx = correlate_backward(dz, np.ones((1, 1, 5, 5)), w, padding=1, method=method)[0][0, 0]
        assert np.isnan(dx).sum() == np.isinf(dx).sum() == 4
        assert np.isfinite(correlate(np.ones((1, 1, 5, 5)), w, padding=1, method=method)).all()


def test_threads_do_not_share_buffers():
    rng = np.random.default_rng(16)
    x, w = rng.normal(size=(8, 4, 8, 20, 20)), rng.normal(size=(8, 8, 3, 3))
    alone = [correlate(one, w, method="lowering") for one in x]
    wrong = []

    def work(k):
        wrong.extend(k for _ in range(20) if not np.array_equal(
            correlate(x[k], w, method="lowering"), alone[k]))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert wrong == []


def test_plans_are_kept_within_their_bound():
    kept, built = Kept(limit=1000), []
    for k in [0, 1, 0, 2, 0, 3, 0]:
        kept.get(k, lambda k=k: built.append(k) or np.zeros(50))
    assert built == [0, 1, 2, 3]
    assert kept.nbytes <= 1000
    kept.get("large", lambda: np.zeros(1000))
    assert len(kept) == 1


@pytest.mark.parametrize(("kwargs", "message"), [
    ({"stride": 0}, r"stride must be at least 1, got 0"),
    ({"stride": (1, 2, 3)}, r"stride must be an integer or a tuple of 2, got \(1, 2, 3\)"),
    ({"padding": "full"}, r"padding must be one of 'valid', 'same', got 'full'"),
    ({"padding": -1}, r"padding must be at least 0, got -1"),
    ({"dilation": 9}, r"w must fit into the padded image: along axis 0 it spans 19 of 0\+6"),
    ({"groups": 3}, r"groups must divide the 4 channels and 2 maps, got 3"),
    ({"groups": 2}, r"w must have shape \(D, 2, ...\) for 4 channels in 2 groups, got"),
    ({"method": "quick"}, r"method must be one of 'auto', 'fast', .* got 'quick'"),
    ({"method": "winograd", "stride": 2}, r"method 'winograd' must be used with 3 x 3 kernels"),
    ({"b": [1.0]}, r"b must have shape \(2,\), got \(1,\)"),
    ({"out": np.zeros((1, 2, 4, 5))}, r"out must have shape \(1, 2, 4, 4\), got \(1, 2, 4, 5\)"),
])
def test_wrong_arguments_are_named_with_what_they_were(kwargs, message):
    with pytest.raises(ValueError, match=message):
        correlate(np.ones((1, 4, 6, 6)), np.ones((2, 4, 3, 3)), **kwargs)


def test_wrong_types_are_named():
    x, w = np.ones((1, 4, 6, 6)), np.ones((2, 4, 3, 3))
    correlate(x, w, stride=1)
    with pytest.raises(TypeError, match="stride must be an integer, got True"):
        correlate(x, w, stride=True)
    with pytest.raises(TypeError, match="x must hold real numbers, got dtype complex128"):
        correlate(x + 1j, w)
    with pytest.raises(TypeError, match="out must be an array of dtype float64, got float32"):
        correlate(x, w, out=np.zeros((1, 2, 4, 4), np.float32))
    with pytest.raises(TypeError, match="p must be given with kind 'lp' and with no other"):
        pool(x, "lp", 2)


def test_wrong_shapes_are_named():
    x, w = np.ones((1, 4, 6, 6)), np.ones((2, 4, 3, 3))
    with pytest.raises(ValueError, match=r"w must have 4 axes as x has, got shape \(2, 4, 3\)"):
        correlate(x, w[..., 0])
    with pytest.raises(ValueError, match=r"one to three image axes, got \(4, 6\)"):
        correlate(x[0, :, 0], w[..., 0, 0])
    with pytest.raises(ValueError, match=r"dz must have shape \(1, 2, 4, 4\), got \(1, 2, 4, 5\)"):
        correlate_backward(np.ones((1, 2, 4, 5)), x, w)
    with pytest.raises(ValueError, match="x must not be empty"):
        correlate(x[:0], w)
    with pytest.raises(ValueError, match="out must be writeable and share no memory"):
        correlate(x, np.ones((4, 4, 1, 1)), out=x)
    with pytest.raises(ValueError, match=r"dt must have shape \(1, 4, 3, 3\), got"):
        pool_backward(x, x, "max", 2)
    with pytest.raises(ValueError, match="an entry of the image in each window"):
        pool(x, "max", 2, padding=2)
    with pytest.raises(ValueError, match="output_padding must be smaller than stride"):
        correlate_transpose(x, np.ones((4, 2, 3, 3)), stride=2, output_padding=2)
    with pytest.raises(ValueError, match=r"w must have shape \(4, ...\) for the 4 channels"):
        correlate_transpose(x, w)
    with pytest.raises(ValueError, match="for a transposed correlation, got 'same'"):
        correlate_transpose(x, np.ones((4, 2, 3, 3)), padding="same")


def test_exact_entries_take_the_literal_path():
    x = np.array([[[Fraction(1, 3), Fraction(2), Fraction(1, 2)]]], dtype=object)
    z = correlate(x, np.array([[[3, 6]]], dtype=object))
    assert z.tolist() == [[[Fraction(13), Fraction(9)]]]
    windows = Windows((3,), 2)
    assert Winograd.serves(Geometry(windows, 1, 1, 1)) is False
