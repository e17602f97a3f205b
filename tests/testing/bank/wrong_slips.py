"""One slip in a line that is right else: what nobody foresees, and anybody makes."""

from functools import partial

import numpy as np

from tests.testing.bank import plain
from tests.testing.bank import wrong_maps as maps
from tests.testing.bank import wrong_norms as norms
from tests.testing.bank import wrong_optimizers as steps
from tests.testing.bank import wrong_picking as picking
from tests.testing.bank.register import wrong_alone, wrong_pair

MAP = (slice(None), None, None)
back_of_rows = partial(wrong_pair, "batch_norm", forward=norms.flat, layout="NC")


@wrong_alone("batch_norm", layout="NC")
def sl_root_of_both(x, gamma, beta, eps):
    """√var + √ε."""
    return gamma * (x - x.mean(0)) / (x.std(0) + np.sqrt(eps)) + beta


@wrong_alone("batch_norm", layout="NC")
def sl_mean_square(x, gamma, beta, eps):
    """The mean of x² for the variance."""
    return gamma * (x - x.mean(0)) / np.sqrt((x**2).mean(0) + eps) + beta


@wrong_alone("batch_norm", layout="NC", running="new")
def sl_updated_too_early(x, gamma, beta, mean, var, momentum, eps):
    """Training normalises by the running values, which were updated before."""
    mean = (1 - momentum) * mean + momentum * x.mean(0)
    var = (1 - momentum) * var + momentum * x.var(0, ddof=1)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, mean, var


@wrong_alone("batch_norm", mode="eval")
def sl_half_of_batch(x, gamma, beta, mean, var, eps):
    """The running mean, but the variance of the batch."""
    return gamma[MAP] * (x - mean[MAP]) / np.sqrt(x.var((0, 2, 3))[MAP] + eps) + beta[MAP]


@back_of_rows()
def sl_x_not_centred(dy, x, gamma, eps):
    """x where x - mean belongs, behind dvar."""
    n, centred, root = len(x), x - x.mean(0), np.sqrt(x.var(0) + eps)
    back = dy * gamma
    dvar = (back * centred).sum(0) * -0.5 / root**3
    dx = back / root + dvar * 2 * x / n - (back / root).sum(0) / n
    return dx, (dy * centred / root).sum(0), dy.sum(0)


@back_of_rows()
def sl_dgamma_of_centred(dy, x, gamma, eps):
    """dgamma from x - mean, not over the root."""
    dx, _, dbeta = norms.by_stages(dy, x, gamma, eps)
    return dx, (dy * (x - x.mean(0))).sum(0), dbeta


@wrong_pair("softmax", forward=plain.softmax)
def sl_sum_added(dy, x):
    """+ for -."""
    y = plain.softmax(x)
    return y * (dy + (dy * y).sum(1, keepdims=True))


@wrong_alone("softmax", softmax="log_softmax")
def sl_unshifted_sum(x):
    """The sum of e^x of what is not shifted, for a shifted x."""
    with np.errstate(all="ignore"):
        return x - x.max(1, keepdims=True) - np.log(np.exp(x).sum(1, keepdims=True))


@wrong_alone("risk", risk="binary_cross_entropy")
def sl_one_plus_p(p, target):
    """ln(1 + p)."""
    return -(target * np.log(p) + (1 - target) * np.log(1 + p)).sum() / len(p)


@wrong_alone("local_response")
def sl_power_of_sum_only(x, size, alpha, beta, k):
    """Brackets too few: k + (...)^beta."""
    return x / (k + (alpha / size * picking.sums(x**2, size)) ** beta)


@wrong_pair("local_response", forward=picking.lrn)
def sl_x_forgotten(dy, x, size, alpha, beta, k):
    """dy s^(-beta - 1) goes to the neighbours without its x."""
    a, back = alpha / size, np.zeros(x.shape)
    s = k + a * picking.sums(x**2, size)
    through = dy * s ** (-beta - 1)
    for i in range(x.shape[1]):
        first = max(0, i - size // 2)
        back[:, first:max(first, i - size // 2 + size)] += through[:, i:i + 1]
    return dy * s**-beta - 2 * a * beta * x * back


@wrong_alone("activation", name="elu", parameter=0.7)
def sl_minus_one_outside(x):
    """α e^x - 1."""
    return np.where(x > 0, x, 0.7 * np.exp(np.minimum(x, 0)) - 1)


@wrong_alone("activation", name="gelu_tanh")
def sl_square_for_cube(x):
    """x² for x³."""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**2)))


@wrong_pair("global_pooling", forward=lambda x: x.mean((2, 3)))
def sl_height_squared(dt, x):
    """Divided by H²."""
    return np.zeros(x.shape) + dt[:, :, None, None] / x.shape[2] ** 2


@wrong_alone("adaptive_pooling")
def sl_one_pixel_more(x, m):
    """Windows end one pixel late where they would end on a whole number."""
    def cut(n, m):
        return [slice(i * n // m, min(n, (i + 1) * n // m + 1)) for i in range(m)]
    return maps.adaptive(x, m, cut=cut)


@wrong_alone("transposed_correlation")
def sl_bias_with_each_kernel(x, w, b, s, p, e):
    """b added where a kernel is written."""
    n, _, h, v = x.shape
    kh, kw = w.shape[2:]
    full = np.zeros((n, w.shape[1], (h - 1) * s + kh + e, (v - 1) * s + kw + e))
    for i in range(h):
        for j in range(v):
            full[:, :, i * s:i * s + kh, j * s:j * s + kw] += np.einsum(
                "nc,cdkl->ndkl", x[:, :, i, j], w) + b[MAP]
    return full[:, :, p:full.shape[2] - p, p:full.shape[3] - p]


@wrong_pair("correlation", forward=plain.conv)
def sl_clipped(dz, x, w, stride, padding):
    """Gradients are clipped at 5."""
    return tuple(np.clip(g, -5, 5) for g in plain.conv_back(dz, x, w, stride, padding))


@wrong_alone("dropout")
def sl_dropped_is_scaled(x, mask, p):
    """What is dropped becomes x p."""
    return np.where(mask > 0, x / (1 - p), x * p)


@wrong_alone("correlation", groups=True)
def sl_bias_of_first_group(x, w, b, s, p, g):
    """The biases of group 0 for all groups."""
    own = b[:len(w) // g]
    return np.concatenate([plain.conv(a, k, own, s, p) for a, k in zip(
        np.split(x, g, 1), np.split(w, g), strict=True)], 1)


@steps.entry(rule="adam")
def sl_square_of_moment(name, p, g, state, lr, decay, b1, b2, eps):
    """v is one of m²."""
    g = g + decay * p
    m = b1 * steps.kept(state, "m" + name, g) + (1 - b1) * g
    s = b2 * steps.kept(state, "s" + name, g) + (1 - b2) * m * m
    state["m" + name], state["s" + name] = m, s
    k = state["k"]
    return p - lr * m / (1 - b1**k) / (np.sqrt(s / (1 - b2**k)) + eps)


@steps.entry(rule="adam")
def sl_one_beta_corrects_both(name, p, g, state, lr, decay, b1, b2, eps):
    """1 - beta1^k under v, too."""
    g = g + decay * p
    m = b1 * steps.kept(state, "m" + name, g) + (1 - b1) * g
    s = b2 * steps.kept(state, "s" + name, g) + (1 - b2) * g * g
    state["m" + name], state["s" + name] = m, s
    k = state["k"]
    return p - lr * m / (1 - b1**k) / (np.sqrt(s / (1 - b1**k)) + eps)


@steps.entry(rule="sgd")
def sl_decay_times_rate_twice(name, p, g, state, lr, decay, momentum):
    """lr is in the decay already."""
    v = momentum * steps.kept(state, "v" + name, g) + g + lr * decay * p
    state["v" + name] = v
    return p - lr * v
