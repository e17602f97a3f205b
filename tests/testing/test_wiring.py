"""What goes where: vectors along other axes, other places, other means; told without a bank entry.
"""

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.testing.comparing import Truth, interval
from cnnmat.testing.diagnosis.general import FAR, _open
from cnnmat.testing.diagnosis.masks import _plain
from cnnmat.testing.diagnosis.reading import pitched
from tests.testing.bank.plain import (
    conv,
    conv_back,
    conv_dw,
    conv_dx,
    dense,
    dense_back,
    pad,
    regions,
    sigmoid,
    sizes,
)
from tests.testing.bank.wrong_maps import transposed


def told(check, functions, options):
    """(slug, sentence) of the first diagnosis."""
    result = getattr(testing, f"check_{check}")(*functions, **options)
    assert not result.passed
    return result.diagnosis[0].slug, result.diagnosis[0].sentence


def backward(**others):
    """A backward pass of a correlation, some of its gradients otherwise."""
    def back(dz, x, w, s, p):
        names = ("dx", "dw", "db")
        right = dict(zip(names, conv_back(dz, x, w, s, p), strict=True))
        return tuple(others[k](dz, x, w, s, p) if k in others else right[k] for k in names)
    return back


# --- vectors ---------------------------------------------------------------------------


def bias_along_rows(x, w, b, s, p):
    return conv(x, w, 0 * b, s, p) + np.resize(b, sizes(x, w, s, p)[0])[:, None]


def bias_along_columns(x, w, b, s, p, e):
    z = transposed(x, w, 0 * b, s, p, e)
    return z + np.resize(b, z.shape[3])


def gamma_along_samples(x, gamma, beta, eps):
    standard = (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
    return standard * np.resize(gamma, len(x))[:, None] + beta


def db_of_samples(dz, x, w):
    return dz @ w, dz.T @ x, np.resize(dz.sum(1), len(w))


def db_by_maximum(dz, x, w, s, p):
    return dz.max((0, 2, 3))


def dx_of_changed_weights(dz, x, w, s, p):
    return conv_dx(dz, x, w - 0.1 * conv_dw(dz, x, w, s, p), s, p)


VECTORS = [
    ("correlation", (bias_along_rows,), {}, "b-along-rows", "b is laid along the rows"),
    ("transposed_correlation", (bias_along_columns,), {}, "b-along-columns", "along the columns"),
    ("batch_norm", (gamma_along_samples,), {"layout": "NC"}, "gamma-along-samples",
     "gamma is laid along the samples"),
    ("feedforward", (dense, db_of_samples), {}, "summed-over-others",
     "over all axes but that of the samples"),
    ("correlation", (conv, backward(db=db_by_maximum)), {}, "maximum-for-sum", "the largest of"),
    ("correlation", (conv, backward(dx=dx_of_changed_weights)), {}, "w-updated-before",
     "changed by 0.1 times its gradient before it is used"),
    ("layer_norm", (lambda x, g, b, e: (1 + g) * (x - x.mean(-1, keepdims=True)) / np.sqrt(
        x.var(-1, keepdims=True) + e) + b,), {}, "gamma-mapped", "gamma is taken as 1 + gamma"),
    ("correlation", (conv, backward(dx=lambda *a: conv_dx(*a) / len(a[2]))), {}, "scaled-by-size",
     "divided by the number of maps"),
    ("dropout", (lambda x, m, p: x * m / np.sqrt(1 - p),), {}, "scaled-by-size",
     "multiplied by the root of 1 - p"),
]

# --- places ---------------------------------------------------------------------------


def dilation_enlarges_padding(x, w, b, s, p, d):
    n, c, h, k = w.shape
    wide = np.zeros((n, c, (h - 1) * d + 1, (k - 1) * d + 1))
    wide[:, :, ::d, ::d] = w
    return conv(x, wide, b, s, p * d)


def by_kernel_length(x, w, b, s, p):
    """Windows a kernel apart; those that do not fit are the last that does."""
    wide, (rows, columns) = pad(x, p), sizes(x, w, s, p)
    z = np.zeros((len(x), len(w), rows, columns))
    for i, j in np.ndindex(rows, columns):
        top, left = (min(k * m, n - m) for k, m, n in zip((i, j), w.shape[2:], wide.shape[2:],
                                                          strict=True))
        part = wide[:, :, top:top + w.shape[2], left:left + w.shape[3]]
        z[:, :, i, j] = np.einsum("nckl,dckl->nd", part, w) + b
    return z


def flat_kernel(x, w, b, s, p):
    n, c, h, k = w.shape
    index = np.arange(h)[:, None] * (k - 1) + np.arange(k)
    return conv(x, w.reshape(n, c, -1)[:, :, index], b, s, p)


def samples_padded(x, w, b, s, p):
    moved = np.concatenate([np.zeros_like(x[:1])] * p + [x])[:len(x)]
    return conv(moved, w, b, s, p)


def in_eight_bits(x, w, b, s, p):
    return conv(x, w, b, s, p).astype(np.int64).astype(np.int8).astype(float)


def kernel_of_unit_norm(x, w, b, s, p):
    return conv(x, w / np.sqrt((w**2).sum((1, 2, 3), keepdims=True)), b, s, p)


def windows_at_their_number(dt, x, size, s):
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dt.shape):
        window = x[n, c, i * s:i * s + size, j * s:j * s + size]
        k, m = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i + k, j + m] += dt[n, c, i, j]
    return dx


def maximum(x, size, s):
    return regions(x, size, s).max((4, 5))


def maximum_of_batch(dt, x, size, s):
    """Of all samples only the one with the largest entry gets a gradient."""
    dx = np.zeros(x.shape)
    for c, i, j in np.ndindex(dt.shape[1:]):
        window = x[:, c, i * s:i * s + size, j * s:j * s + size]
        n, k, m = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * s + k, j * s + m] += dt[n, c, i, j]
    return dx


def adaptive(first, last):
    def forward(x, size):
        n, c, h, w = x.shape
        t = np.zeros((n, c, *size))
        for i, j in np.ndindex(*size):
            rows = slice(first(i, h, size[0]), last(i, h, size[0]))
            columns = slice(first(j, w, size[1]), last(j, w, size[1]))
            t[:, :, i, j] = x[:, :, rows, columns].mean((2, 3))
        return t
    return forward


def pixel_above(x, scale):
    """Rounded up, the last pixel where there is none."""
    rows, columns = (np.minimum(-(-np.arange(n * scale) // scale), n - 1) for n in x.shape[2:])
    return x[:, :, rows][:, :, :, columns]


def half_a_pixel(x, scale):
    for axis in (2, 3):
        n = x.shape[axis]
        at = np.clip((np.arange(n * scale) + 0.5) / scale, 0, n - 1)
        first = np.floor(at).astype(int)
        shape = [-1 if k == axis else 1 for k in range(4)]
        far = (at - first).reshape(shape)
        x = (1 - far) * x.take(first, axis) + far * x.take(np.minimum(first + 1, n - 1), axis)
    return x


def strides_of_rows(dz, x, w, s):
    """Columns, too, start at multiples of the rows' stride, or at the last place that fits."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dz.shape[2:]):
        top, left = i * s[0], min(j * s[0], x.shape[3] - w.shape[3])
        dx[:, :, top:top + w.shape[2], left:left + w.shape[3]] += np.einsum(
            "nd,dckl->nckl", dz[:, :, i, j], w)
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))
    dw = np.einsum("ndij,ncijkl->dckl", dz, windows[:, :, ::s[0], ::s[1]])
    return dx, dw, dz.sum((0, 2, 3))


def by_tuple(x, w, b, s):
    windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))
    return np.einsum("ncijkl,dckl->ndij", windows[:, :, ::s[0], ::s[1]], w) + b[:, None, None]


PLACES = [
    ("correlation", (by_tuple, strides_of_rows), {"stride": "tuple", "padding": "none"},
     "stride-of-first-axis", "(where that does not fit, at the last place that does)"),
    ("correlation", (conv, backward(db=lambda *a: a[0].sum((0, 2, 3)) / a[0].shape[2])), {},
     "divided-by-a-side", "the number of rows of windows"),
    ("correlation", (dilation_enlarges_padding,), {"dilation": "int"}, "padding-other",
     "padding is taken as padding times dilation"),
    ("correlation", (by_kernel_length,), {}, "stride-is-kernel", "times the kernel's length"),
    ("correlation", (flat_kernel,), {}, "w-pitch", "the length of a row less 1"),
    ("correlation", (samples_padded,), {}, "all-axes-padded", "the samples are padded, too"),
    ("correlation", (in_eight_bits,), {}, "few-bits", "8 bits with a sign"),
    ("correlation", (kernel_of_unit_norm,), {}, "w-normalised", "each map of w is divided by"),
    ("pooling", (maximum, windows_at_their_number), {"stride": "int"}, "place-without-stride",
     "plus the number of the window"),
    ("pooling", (maximum, maximum_of_batch), {"stride": "int"}, "maximum-searched-too-far",
     "searched over the batch, too, and the others get nothing"),
    ("adaptive_pooling", (adaptive(lambda i, n, m: round(i * n / m),
                                  lambda i, n, m: -(-(i + 1) * n // m)),), {"size": "tuple"},
     "ends-rounded-otherwise", "from i n / m rounded to the nearest"),
    ("upsampling", (pixel_above,), {}, "rounded-up-for-it", "is rounded up"),
    ("upsampling", (half_a_pixel,), {"kind": "bilinear"}, "half-a-pixel-for-it",
     "(i + ½) / scale: ½ is not taken off"),
]

# --- formulas ---------------------------------------------------------------------------


def leaking_on_both_sides(x):
    return np.maximum(x, 0) + 0.01 * x


def power_of_two(x):
    powers = 2.0 ** (x - x.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def softmax_of_all(x):
    powers = np.exp(x - x.max(1, keepdims=True))
    return powers / powers.sum()


def slopes_of_everything(dy, x, gamma, eps):
    scale = np.sqrt(x.var(0) + eps)
    hat = (x - x.mean(0)) / scale
    dx = gamma / scale * (dy - dy.mean() - hat * (dy * hat).mean())
    return dx, (dy * hat).sum(0), dy.sum(0)


def standardized(x, gamma, beta, eps):
    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta


def other_side(x, size, alpha, beta, k):
    """A window of even size that reaches further behind."""
    sums = np.zeros(x.shape)
    for c in range(x.shape[1]):
        last = c + size // 2 + 1
        sums[:, c] = (x[:, max(0, last - size):last] ** 2).sum(1)
    return x / (k + alpha / size * sums) ** beta


def steps(one):
    """A step for each parameter, of one velocity each."""
    def step(params, grads, lr, decay, momentum, state):
        state = state or {k: np.zeros_like(p) for k, p in params.items()}
        after = {}
        for k, p in params.items():
            after[k], state[k] = one(p, grads[k], lr, decay if k == "w" else 0, momentum, state[k])
        return after, state
    return step


def decayed_besides(p, g, lr, decay, momentum, v):
    v = momentum * v + g + decay * p
    return p - lr * v - lr * decay * p, v


def rate_in_part(p, g, lr, decay, momentum, v):
    g = g + decay * p
    return p - (momentum * v + lr * g), momentum * v + g


FORMULAS = [
    ("activation", (leaking_on_both_sides,), {"name": "leaky_relu"}, "leak-added", "both sides"),
    ("activation", (lambda x: np.tanh(np.deg2rad(x)),), {"name": "tanh"}, "x-scaled", "degrees"),
    ("activation", (lambda x: np.clip((x + 3) / 6, 0, 1),), {"name": "sigmoid"}, "hard-sigmoid",
     "(x + 3) / 6"),
    ("activation", (sigmoid, lambda dy, x: np.where(
        x < 0, 1, dy) * sigmoid(x) * (1 - sigmoid(x))), {"name": "sigmoid"},
     "upstream-missing-in-part", "where x is negative the slope itself stands"),
    ("activation", (lambda x: x.copy() if x.max() > -x.min() else 0.01 * x,),
     {"name": "leaky_relu"}, "one-branch-for-all", "one branch is taken for the whole array"),
    ("activation", (lambda x: np.where(x > 0, x, 0.5 * np.expm1(np.minimum(x, 0))),
                    lambda dy, x: dy * np.where(x > 0, 1, 0.5 * 0.5 * np.expm1(np.minimum(x, 0)))),
     {"name": "elu", "parameter": 0.5}, "slope-below-by-value", "α y is taken"),
    ("softmax", (power_of_two,), {}, "x-scaled", "a power of 2 stands for one of e"),
    ("softmax", (softmax_of_all,), {}, "other-axes", "runs over everything, not over `1`"),
    ("batch_norm", (standardized, slopes_of_everything), {"layout": "NC"}, "other-paths",
     "the two means of dx run over everything"),
    ("local_response", (other_side,), {}, "window-other-side", "further behind than in front"),
    ("update", (steps(decayed_besides),), {}, "decay-twice", "it counts twice"),
    ("update", (steps(rate_in_part),), {}, "brackets", "`momentum * old + lr * (dw + decay * p)`"),
    ("risk", (lambda z, t: -(t * (z - z.max(1, keepdims=True))).sum() / len(z),), {},
     "not-normalised", "y - max is taken for the logarithm of the softmax"),
    ("risk", (lambda z, t: (np.maximum(z, 0) - z * t + np.logaddexp(0, np.abs(z))).sum() / len(z),),
     {"kind": "sigmoid_cross_entropy"}, "sign", "`np.abs(z)` stands where `-np.abs(z)` belongs"),
    ("feedforward", (dense, lambda dz, x, w: (dz @ w * (x > 0), *dense_back(dz, x, w)[1:])), {},
     "masked", "the answer is zero where x is less than about 0"),
]


@pytest.mark.parametrize(("check", "functions", "options", "slug", "says"), [
    *VECTORS, *PLACES, *FORMULAS])
def test_what_is_done_is_told(check, functions, options, slug, says):
    found, sentence = told(check, functions, options)
    assert found == slug
    assert says in sentence


# --- whole networks ---------------------------------------------------------------------

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 2))
PARAMETERS = {"V": RNG.normal(size=(3, 4)), "U": RNG.normal(size=(4, 2))}


def loss(V, U):
    return float(((np.tanh(X @ V) @ U - Y) ** 2).sum())


@pytest.mark.parametrize(("change", "says"), [
    # the slope of the tanh is left out, which no factor makes good
    (lambda dV, dU, back: {"V": X.T @ back, "U": dU},
     "dU is right, and dV is the first gradient on the way back that is wrong"),
    (lambda dV, dU, back: {"V": dV + 1, "U": np.sinh(dU)}, "dU, the gradient nearest to the loss"),
])
def test_where_on_the_way_back_a_network_goes_wrong(change, says):
    def gradients(V, U):
        h = np.tanh(X @ V)
        error = 2 * (h @ U - Y)
        back = error @ U.T
        return change(X.T @ (back * (1 - h**2)), h.T @ error, back)

    result = testing.check_network(lambda p: loss(**p), lambda p: gradients(**p), PARAMETERS)
    assert any(says in d.sentence for d in result.diagnosis), result.diagnosis


# --- what is not said ------------------------------------------------------------------


def test_a_slip_that_leaves_open_what_was_not_explains_nothing():
    """At a kink many slopes are right; a slip that makes a kink of everything would fit them all.
    """
    assert _open(Truth(np.zeros(3), interval(np.array([0.0, 0, 0]), np.array([0.0, 1, 1])))) == 2
    assert _open(Truth(np.zeros(3))) == 0
    assert FAR > 1e3

    def back(dy, x):
        return dy * np.where(x > 0, 1, 0.3 + 0.1 * np.tanh(x))

    result = testing.check_activation(
        lambda x: np.where(x > 0, x, 0.5 * np.expm1(np.minimum(x, 0))), back, name="elu",
        parameter=0.5)
    assert not any("min(below, 1)" in d.sentence for d in result.diagnosis)


def test_what_explains_less_than_most_of_what_is_wrong_is_not_told():
    def step(params, grads, lr, decay, beta1, beta2, eps, state):
        state = state or {"m": {k: np.zeros_like(p) for k, p in params.items()}}
        for k, p in params.items():
            g = grads[k] + (decay * p if k == "w" else 0)
            state["m"][k] = beta1 * state["m"][k] + (1 - beta1) * g
        return {k: p - lr * np.sign(state["m"][k]) for k, p in params.items()}, state

    result = testing.check_update(step, rule="adam")
    assert not any("something else besides" in d.sentence for d in result.diagnosis)


@pytest.mark.parametrize(("low", "high", "number"), [
    (0.2, 0.9, 0.9), (-1, 0, 0), (5.2, 6.9, 6), (0.031, 0.044, 0.04)])
def test_a_short_number_lies_between_two(low, high, number):
    assert low <= _plain(low, high) <= high
    assert len(f"{_plain(low, high):g}") <= len(f"{number:g}")


def test_a_flat_index_with_another_step():
    a = np.arange(12.0).reshape(1, 1, 3, 4)
    assert pitched(a, 4).tolist() == a.tolist()
    assert pitched(a, 3)[0, 0, 1].tolist() == [3, 4, 5, 6]
    assert pitched(a, 9)[0, 0, 2].tolist() == [11] * 4
    assert pitched(a, 9, round_again=True)[0, 0, 2].tolist() == [6, 7, 8, 9]
