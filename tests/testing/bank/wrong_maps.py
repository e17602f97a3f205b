"""Depthwise, grouped and transposed correlations, upsampling, pooling to a size: wrong ones."""

import numpy as np

from tests.testing.bank.plain import pad, windows
from tests.testing.bank.register import wrong_alone, wrong_pair

# --- depthwise, groups -------------------------------------------------------------------


def depthwise(x, w, b, s, p, order=lambda v, m: np.repeat(v, m, 1)):
    v = order(windows(x, w, s, p), len(w) // x.shape[1])
    return np.einsum("ndijkl,dkl->ndij", v, w[:, 0]) + b[:, None, None]


def depthwise_back(dz, x, w, s, p):
    m = len(w) // x.shape[1]
    v = np.repeat(windows(x, w, s, p), m, 1)
    dw = np.einsum("ndij,ndijkl->dkl", dz, v)[:, None]
    dx = np.zeros(pad(x, p).shape)
    oh, ow = dz.shape[2:]
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            share = (dz * w[:, 0, k, l][:, None, None]).reshape(
                len(x), x.shape[1], m, oh, ow).sum(2)
            dx[:, :, k:k + s * oh:s, l:l + s * ow:s][:, :, :oh, :ow] += share
    return dx[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, dz.sum((0, 2, 3))


@wrong_pair("depthwise", backward=depthwise_back)
def dwc_tiled(x, w, b, s, p):
    """Channel by channel and then again."""
    return depthwise(x, w, b, s, p, lambda v, m: np.tile(v, (1, m, 1, 1, 1, 1)))


@wrong_pair("depthwise", backward=depthwise_back)
def dwc_summed(x, w, b, s, p):
    """The channels are added up, as in a plain correlation."""
    z = np.einsum("ncijkl,dkl->ndij", windows(x, w, s, p), w[:, 0])
    return z + b[:, None, None]


@wrong_pair("depthwise", backward=depthwise_back)
def dwc_one_kernel(x, w, b, s, p):
    """The kernels of channel 0 for all."""
    m = len(w) // x.shape[1]
    return depthwise(x, np.tile(w[:m], (x.shape[1], 1, 1, 1)), b, s, p)


@wrong_pair("depthwise", backward=depthwise_back)
def dwc_flipped(x, w, b, s, p):
    """A true convolution."""
    return depthwise(x, w[:, :, ::-1, ::-1], b, s, p)


@wrong_pair("depthwise", backward=depthwise_back)
def dwc_no_bias(x, w, b, s, p):
    """No bias."""
    return depthwise(x, w, 0 * b, s, p)


@wrong_pair("depthwise", forward=depthwise)
def dwc_dw_averaged(dz, x, w, s, p):
    """dw / N."""
    dx, dw, db = depthwise_back(dz, x, w, s, p)
    return dx, dw / len(x), db


def grouped(x, w, b, s, p, g, channels=lambda x, g, k: np.split(x, g, 1)[k],
            maps=lambda d, g, k: np.arange(d).reshape(g, -1)[k]):
    z = None
    for k in range(g):
        rows = maps(len(w), g, k)
        part = np.einsum("ncijuv,dcuv->ndij", windows(channels(x, g, k), w, s, p), w[rows])
        z = np.zeros((len(x), len(w), *part.shape[2:])) if z is None else z
        z[:, rows] = part
    return z + b[:, None, None]


@wrong_alone("correlation", groups=True)
def groups_channels_interleaved(x, w, b, s, p, g):
    """x[:, k::g]."""
    return grouped(x, w, b, s, p, g, channels=lambda x, g, k: x[:, k::g])


@wrong_alone("correlation", groups=True)
def groups_maps_interleaved(x, w, b, s, p, g):
    """Maps k, k + g, ..."""
    return grouped(x, w, b, s, p, g, maps=lambda d, g, k: np.arange(d)[k::g])


@wrong_alone("correlation", groups=True)
def groups_read_the_first(x, w, b, s, p, g):
    """Always the first channels."""
    return grouped(x, w, b, s, p, g, channels=lambda x, g, k: np.split(x, g, 1)[0])


# --- transposed --------------------------------------------------------------------------


def transposed(x, w, b, s, p, e, *, assign=False, kernel=None, step=None):
    w = w if kernel is None else kernel
    s = s if step is None else step
    n, _, h, v = x.shape
    kh, kw = w.shape[2:]
    full = np.zeros((n, w.shape[1], (h - 1) * s + kh + e, (v - 1) * s + kw + e))
    for i in range(h):
        for j in range(v):
            part = np.einsum("nc,cdkl->ndkl", x[:, :, i, j], w)
            at = full[:, :, i * s:i * s + kh, j * s:j * s + kw]
            at[...] = part if assign else at + part
    rows, columns = full.shape[2] - 2 * p, full.shape[3] - 2 * p
    return full[:, :, p:p + rows, p:p + columns] + b[:, None, None]


def transposed_back(dz, x, w, s, p, e):
    n, _, h, v = x.shape
    kh, kw = w.shape[2:]
    wide = np.zeros((n, w.shape[1], dz.shape[2] + 2 * p, dz.shape[3] + 2 * p))
    wide[:, :, p:p + dz.shape[2], p:p + dz.shape[3]] = dz
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for i in range(h):
        for j in range(v):
            part = wide[:, :, i * s:i * s + kh, j * s:j * s + kw]
            dx[:, :, i, j] = np.einsum("ndkl,cdkl->nc", part, w)
            dw += np.einsum("ndkl,nc->cdkl", part, x[:, :, i, j])
    return dx, dw, dz.sum((0, 2, 3))


def forward_of_transposed(function):
    return wrong_pair("transposed_correlation", backward=transposed_back)(function)


def back_of_transposed(function):
    return wrong_pair("transposed_correlation", forward=transposed)(function)


@forward_of_transposed
def tc_flipped(x, w, b, s, p, e):
    """By a correlation whose kernel is not turned."""
    return transposed(x, w[:, :, ::-1, ::-1], b, s, p, e)


@forward_of_transposed
def tc_assigned(x, w, b, s, p, e):
    """= for +=."""
    return transposed(x, w, b, s, p, e, assign=True)


@forward_of_transposed
def tc_padding_not_cut(x, w, b, s, p, e):
    """The padding is forgotten."""
    return transposed(x, w, b, s, 0, e)


@forward_of_transposed
def tc_padding_added(x, w, b, s, p, e):
    """Padding makes the output larger."""
    z = transposed(x, w, 0 * b, s, 0, e)
    return np.pad(z, [(0, 0), (0, 0), (p, p), (p, p)]) + b[:, None, None]


@forward_of_transposed
def tc_output_padding_ignored(x, w, b, s, p, e):
    """Not used."""
    return transposed(x, w, b, s, p, 0)


@forward_of_transposed
def tc_output_padding_zeros(x, w, b, s, p, e):
    """np.pad at the end."""
    z = transposed(x, w, 0 * b, s, p, 0)
    return np.pad(z, [(0, 0), (0, 0), (0, e), (0, e)]) + b[:, None, None]


@forward_of_transposed
def tc_stride_ignored(x, w, b, s, p, e):
    """Stride 1."""
    return transposed(x, w, b, s, p, e, step=1)


@forward_of_transposed
def tc_no_bias(x, w, b, s, p, e):
    """No bias."""
    return transposed(x, w, 0 * b, s, p, e)


@forward_of_transposed
def tc_cut_at_the_end(x, w, b, s, p, e):
    """z[:rows]."""
    z = transposed(x, w, b, s, 0, e)
    return z[:, :, :z.shape[2] - 2 * p, :z.shape[3] - 2 * p]


@back_of_transposed
def tc_dx_flipped(dz, x, w, s, p, e):
    """The kernel is turned on the way back."""
    dx = transposed_back(dz, x, w[:, :, ::-1, ::-1], s, p, e)[0]
    return dx, *transposed_back(dz, x, w, s, p, e)[1:]


@back_of_transposed
def tc_dw_flipped(dz, x, w, s, p, e):
    """dw comes out turned."""
    dx, dw, db = transposed_back(dz, x, w, s, p, e)
    return dx, dw[:, :, ::-1, ::-1], db


@back_of_transposed
def tc_dw_averaged(dz, x, w, s, p, e):
    """dw / N."""
    dx, dw, db = transposed_back(dz, x, w, s, p, e)
    return dx, dw / len(x), db


@back_of_transposed
def tc_db_of_batch(dz, x, w, s, p, e):
    """db for each sample."""
    return *transposed_back(dz, x, w, s, p, e)[:2], dz.sum((2, 3))


@back_of_transposed
def tc_dw_other_order(dz, x, w, s, p, e):
    """D x C."""
    dx, dw, db = transposed_back(dz, x, w, s, p, e)
    return dx, dw.swapaxes(0, 1), db


# --- upsampling --------------------------------------------------------------------------


def nearest(x, s):
    return x.repeat(s, 2).repeat(s, 3)


def nearest_back(dy, x, s):
    n, c, h, w = x.shape
    return dy.reshape(n, c, h, s, w, s).sum((3, 5))


def along(n, at):
    at = np.clip(at, 0, n - 1)
    i = np.floor(at).astype(int)
    m = np.zeros((len(at), n))
    np.add.at(m, (np.arange(len(at)), i), 1 - (at - i))
    np.add.at(m, (np.arange(len(at)), np.minimum(i + 1, n - 1)), at - i)
    return m


def half(n, s):
    return along(n, (np.arange(n * s) + 0.5) / s - 0.5)


def bilinear(x, s, make=half):
    return np.einsum("ir,ncrs,js->ncij", make(x.shape[2], s), x, make(x.shape[3], s))


def bilinear_back(dy, x, s, make=half):
    return np.einsum("ir,ncij,js->ncrs", make(x.shape[2], s), dy, make(x.shape[3], s))


@wrong_pair("upsampling", backward=nearest_back)
def up_tiled(x, s):
    """np.tile."""
    return np.tile(x, (1, 1, s, s))


@wrong_pair("upsampling", backward=nearest_back)
def up_rows_only(x, s):
    """The columns are forgotten."""
    return x.repeat(s, 2)


@wrong_pair("upsampling", backward=nearest_back)
def up_zeros(x, s):
    """Zeros between."""
    y = np.zeros((*x.shape[:2], x.shape[2] * s, x.shape[3] * s))
    y[:, :, ::s, ::s] = x
    return y


@wrong_pair("upsampling", forward=nearest)
def up_back_averaged(dy, x, s):
    """mean."""
    return nearest_back(dy, x, s) / s**2


@wrong_pair("upsampling", forward=nearest)
def up_back_sampled(dy, x, s):
    """dy[::s, ::s]."""
    return dy[:, :, ::s, ::s].copy()


@wrong_pair("upsampling", upsampling="bilinear", backward=bilinear_back)
def up_corners(x, s):
    """align_corners=True."""
    return bilinear(x, s, lambda n, s: along(n, np.arange(n * s) * (n - 1) / max(n * s - 1, 1)))


@wrong_pair("upsampling", upsampling="bilinear", backward=bilinear_back)
def up_no_centres(x, s):
    """i / s."""
    return bilinear(x, s, lambda n, s: along(n, np.arange(n * s) / s))


@wrong_pair("upsampling", upsampling="bilinear", backward=bilinear_back)
def up_nearest(x, s):
    """No interpolation."""
    return nearest(x, s)


@wrong_pair("upsampling", upsampling="bilinear", forward=bilinear)
def up_back_of_nearest(dy, x, s):
    """The gradient of nearest."""
    return nearest_back(dy, x, s)


# --- pooling to a size -------------------------------------------------------------------


def spans(n, m):
    return [slice(i * n // m, -(-(i + 1) * n // m)) for i in range(m)]


def adaptive(x, m, reduce=np.mean, cut=spans):
    rows, columns = cut(x.shape[2], m), cut(x.shape[3], m)
    return np.array([[reduce(x[:, :, r, c], (2, 3)) for c in columns] for r in rows]).transpose(
        2, 3, 0, 1)


def adaptive_back(dt, x, m, assign=False):
    dx = np.zeros(x.shape)
    for i, r in enumerate(spans(x.shape[2], m)):
        for j, c in enumerate(spans(x.shape[3], m)):
            part = dx[:, :, r, c]
            share = dt[:, :, i, j][:, :, None, None] / part[0, 0].size
            part[...] = share if assign else part + share
    return dx


@wrong_pair("adaptive_pooling", backward=adaptive_back)
def ap_floor(x, m):
    """n // m throughout."""
    return adaptive(x, m, cut=lambda n, m: [slice(i * (n // m), (i + 1) * (n // m))
                                           for i in range(m)])


@wrong_pair("adaptive_pooling", backward=adaptive_back)
def ap_last_has_the_rest(x, m):
    """The last window takes what is left."""
    def cut(n, m):
        return [slice(i * (n // m), n if i == m - 1 else (i + 1) * (n // m)) for i in range(m)]
    return adaptive(x, m, cut=cut)


@wrong_pair("adaptive_pooling", backward=adaptive_back)
def ap_ends_floored(x, m):
    """No ceiling."""
    return adaptive(x, m, cut=lambda n, m: [slice(i * n // m, (i + 1) * n // m)
                                           for i in range(m)])


@wrong_pair("adaptive_pooling", backward=adaptive_back)
def ap_max(x, m):
    """max for mean."""
    return adaptive(x, m, np.max)


@wrong_pair("adaptive_pooling", backward=adaptive_back)
def ap_sum(x, m):
    """Not divided."""
    return adaptive(x, m, np.sum)


@wrong_pair("adaptive_pooling", forward=adaptive)
def ap_assigned(dt, x, m):
    """= for +=."""
    return adaptive_back(dt, x, m, assign=True)


@wrong_alone("global_pooling")
def gp_sum(x):
    """Not divided."""
    return x.sum((2, 3))


@wrong_alone("global_pooling")
def gp_one_axis(x):
    """Only the rows."""
    return x.mean(2)


@wrong_pair("global_pooling", forward=lambda x: x.mean((2, 3)))
def gp_not_divided(dt, x):
    """dt everywhere."""
    return np.zeros(x.shape) + dt[:, :, None, None]


@wrong_pair("global_pooling", forward=lambda x: x.max((2, 3)), mean_or_max="max")
def gp_like_the_mean(dt, x):
    """The gradient of the mean."""
    return np.zeros(x.shape) + dt[:, :, None, None] / x[0, 0].size


@wrong_alone("global_pooling", mean_or_max="max")
def gp_from_zero(x):
    """The maximum begins at 0."""
    return np.maximum(x.max((2, 3)), 0)
