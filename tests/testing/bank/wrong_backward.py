"""Correlation layers whose backward pass is wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import (
    conv,
    conv_back,
    conv_dw,
    conv_dx,
    pad,
    windows,
)
from tests.testing.bank.register import wrong_made, wrong_pair

wrong = partial(wrong_pair, "correlation", forward=conv)


def crop(dx, x, first):
    return dx[:, :, first:first + x.shape[2], first:first + x.shape[3]]


def dx_padded(dz, x, w, stride, padding):
    """The gradient of the padded image, before cropping."""
    return conv_dx(dz, pad(x, padding), w, stride, 0)


def parts(dx=conv_dx, dw=conv_dw, db=lambda dz, *_: dz.sum((0, 2, 3))):
    """A backward pass from its three parts."""
    return lambda *args: (dx(*args), dw(*args), db(*args))


@wrong()
def dx_kernel_not_flipped(dz, x, w, stride, padding):
    """Full correlation of dz with w as it is, where it must be turned."""
    return parts(dx=lambda *_: conv_dx(dz, x, w[:, :, ::-1, ::-1], stride, padding))(
        dz, x, w, stride, padding)


@wrong()
def dx_without_dilating(dz, x, w, stride, padding):
    """dz is not spread out by the stride before the full convolution."""
    kh, kw = w.shape[2:]
    full = np.pad(dz, ((0, 0), (0, 0), (kh - 1, kh - 1), (kw - 1, kw - 1)))
    turned = w[:, :, ::-1, ::-1].swapaxes(0, 1)
    grown = conv(full, turned, np.zeros(w.shape[1]), 1, 0)
    dx = np.zeros(pad(x, padding).shape)
    dx[:, :, :grown.shape[2], :grown.shape[3]] = grown
    return crop(dx, x, padding), conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3))


@wrong()
def dx_assigned(dz, x, w, stride, padding):
    """= where += is needed: windows that overlap overwrite each other."""
    dx = np.zeros(pad(x, padding).shape)
    kh, kw = w.shape[2:]
    for i in range(dz.shape[2]):
        for j in range(dz.shape[3]):
            r, c = i * stride, j * stride
            dx[:, :, r:r + kh, c:c + kw] = np.einsum("nd,dckl->nckl", dz[:, :, i, j], w)
    return crop(dx, x, padding), conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3))


@wrong()
def dx_fancy_index_added(dz, x, w, stride, padding):
    """dx[index] += with repeated indices, which NumPy adds once."""
    xp = pad(x, padding)
    index = windows(np.arange(xp[0, 0].size).reshape(1, 1, *xp.shape[2:]), w, stride, 0)[0, 0]
    index = index.reshape(-1)
    terms = np.einsum("ndij,dckl->ncijkl", dz, w).reshape(*x.shape[:2], -1)
    dx = np.zeros((*x.shape[:2], xp[0, 0].size))
    dx[:, :, index] += terms
    return (crop(dx.reshape(xp.shape), x, padding), conv_dw(dz, x, w, stride, padding),
            dz.sum((0, 2, 3)))


@wrong()
def dx_cropped_one_too_far(dz, x, w, stride, padding):
    """The crop of the padded gradient starts one pixel too late."""
    dx = np.pad(dx_padded(dz, x, w, stride, padding), ((0, 0), (0, 0), (0, 1), (0, 1)))
    return (crop(dx, x, padding + 1), conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3)))


@wrong()
def dx_cropped_at_zero(dz, x, w, stride, padding):
    """dx[:H, :W] of the padded gradient: the crop forgets where the image begins."""
    dx = dx_padded(dz, x, w, stride, padding)
    return crop(dx, x, 0), conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3))


@wrong()
def dx_not_cropped(dz, x, w, stride, padding):
    """The gradient of the padded image is returned."""
    return (dx_padded(dz, x, w, stride, padding), conv_dw(dz, x, w, stride, padding),
            dz.sum((0, 2, 3)))


@wrong()
def dx_crop_minus_p(dz, x, w, stride, padding):
    """dx[p:-p], which is empty for p = 0."""
    dx = dx_padded(dz, x, w, stride, padding)
    return (dx[:, :, padding:-padding, padding:-padding],
            conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3)))


@wrong()
def dx_last_filter(dz, x, w, stride, padding):
    """dx = inside the loop over filters: only the last one counts."""
    return parts(dx=lambda *_: conv_dx(dz[:, -1:], x, w[-1:], stride, padding))(
        dz, x, w, stride, padding)


@wrong()
def dx_sign(dz, x, w, stride, padding):
    """The sign of dx is wrong."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return -dx, dw, db


@wrong()
def dx_too_small(dz, x, w, stride, padding):
    """(OH - 1) s + k - 2p rows: the pixels that no window reaches are missing."""
    kh, kw = w.shape[2:]
    rows = (dz.shape[2] - 1) * stride + kh
    columns = (dz.shape[3] - 1) * stride + kw
    dx = dx_padded(dz, x, w, stride, padding)[:, :, :rows, :columns]
    return (dx[:, :, padding:rows - padding, padding:columns - padding],
            conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3)))


@wrong()
def dx_kernel_transposed(dz, x, w, stride, padding):
    """Rows and columns of the kernel are mixed up in dx."""
    if w.shape[2] != w.shape[3]:
        raise ValueError("shapes do not fit")
    return parts(dx=lambda *_: conv_dx(dz, x, w.swapaxes(2, 3), stride, padding))(
        dz, x, w, stride, padding)


@wrong()
def dx_first_channel_kernel(dz, x, w, stride, padding):
    """Every channel of dx comes out as channel 0."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return np.repeat(dx[:, :1], dx.shape[1], 1), dw, db


@wrong()
def dx_no_padding(dz, x, w, stride, padding):
    """dx is computed as if there were no padding."""
    kh, kw = w.shape[2:]
    dx = np.zeros(pad(x, 2 * padding).shape)
    for i in range(dz.shape[2]):
        for j in range(dz.shape[3]):
            r, c = i * stride, j * stride
            dx[:, :, r:r + kh, c:c + kw] += np.einsum("nd,dckl->nckl", dz[:, :, i, j], w)
    return crop(dx, x, 0), conv_dw(dz, x, w, stride, padding), dz.sum((0, 2, 3))


@wrong()
def dw_mean_over_batch(dz, x, w, stride, padding):
    """dw is averaged over the batch though dz is already."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw / len(x), db


@wrong()
def dw_last_sample(dz, x, w, stride, padding):
    """dw = inside the loop over samples, where += is needed."""
    for n in range(len(x)):
        dw = conv_dw(dz[n:n + 1], x[n:n + 1], w, stride, padding)
    return conv_dx(dz, x, w, stride, padding), dw, dz.sum((0, 2, 3))


@wrong()
def dw_first_sample(dz, x, w, stride, padding):
    """Only sample 0 reaches dw."""
    return (conv_dx(dz, x, w, stride, padding), conv_dw(dz[:1], x[:1], w, stride, padding),
            dz.sum((0, 2, 3)))


@wrong()
def dw_flipped(dz, x, w, stride, padding):
    """dw comes out turned by 180 degrees."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw[:, :, ::-1, ::-1], db


@wrong()
def dw_ignores_padding(dz, x, w, stride, padding):
    """x is not padded again on the way back: what lies outside is taken from the other end."""
    far = np.pad(x, ((0, 0), (0, 0), (0, 2 * padding), (0, 2 * padding)))
    return (conv_dx(dz, x, w, stride, padding), conv_dw(dz, far, w, stride, 0),
            dz.sum((0, 2, 3)))


@wrong()
def dw_ignores_stride(dz, x, w, stride, padding):
    """dw reads the patches one step apart."""
    patches = windows(x, w, 1, padding)[:, :, :dz.shape[2], :dz.shape[3]]
    return (conv_dx(dz, x, w, stride, padding), np.einsum("ncijkl,ndij->dckl", patches, dz),
            dz.sum((0, 2, 3)))


@wrong()
def dw_channels_first(dz, x, w, stride, padding):
    """dw comes out as C x D x kh x kw."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw.swapaxes(0, 1), db


@wrong()
def dw_sign(dz, x, w, stride, padding):
    """The descent direction is returned in place of the gradient, for the weights."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, -dw, db


@wrong()
def dw_channel_zero(dz, x, w, stride, padding):
    """x[:, 0] for every c."""
    x0 = np.repeat(x[:, :1], x.shape[1], 1)
    return (conv_dx(dz, x, w, stride, padding), conv_dw(dz, x0, w, stride, padding),
            dz.sum((0, 2, 3)))


@wrong()
def dw_transposed_kernel(dz, x, w, stride, padding):
    """kh and kw of dw are exchanged."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw.swapaxes(2, 3), db


@wrong()
def dw_doubled(dz, x, w, stride, padding):
    """dw is twice what it must be."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, 2 * dw, db


@wrong()
def dw_divided_by_windows(dz, x, w, stride, padding):
    """dw is averaged over the windows."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw / (dz.shape[2] * dz.shape[3]), db


@wrong()
def dw_last_window(dz, x, w, stride, padding):
    """dw = for += over the windows."""
    return (conv_dx(dz, x, w, stride, padding),
            np.einsum("nckl,nd->dckl", windows(x, w, stride, padding)[:, :, -1, -1],
                      dz[:, :, -1, -1]), dz.sum((0, 2, 3)))


@wrong()
def db_mean_over_batch(dz, x, w, stride, padding):
    """db is averaged over the batch."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw, db / len(x)


@wrong()
def db_keeps_batch(dz, x, w, stride, padding):
    """db is summed over the image only: N x D."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, dz.sum((2, 3))


@wrong()
def db_keeps_image(dz, x, w, stride, padding):
    """db is summed over the batch only: D x OH x OW."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, dz.sum(0)


@wrong()
def db_keeps_axes(dz, x, w, stride, padding):
    """keepdims=True: 1 x D x 1 x 1."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, dz.sum((0, 2, 3), keepdims=True)


@wrong()
def db_sign(dz, x, w, stride, padding):
    """db = -sum, right where the bias is subtracted."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw, -db


@wrong()
def db_mean(dz, x, w, stride, padding):
    """mean for sum, over batch and image."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, dz.mean((0, 2, 3))


@wrong()
def db_total(dz, x, w, stride, padding):
    """One number: summed over the maps as well."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, dz.sum()


@wrong()
def db_none(dz, x, w, stride, padding):
    """db was never written."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, None


@wrong()
def db_first_sample(dz, x, w, stride, padding):
    """db of sample 0."""
    dx, dw, _ = conv_back(dz, x, w, stride, padding)
    return dx, dw, dz[0].sum((1, 2))


@wrong()
def gradients_in_another_order(dz, x, w, stride, padding):
    """(dw, dx, db)."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dw, dx, db


@wrong()
def everything_by_batch(dz, x, w, stride, padding):
    """All three are divided by N."""
    return tuple(g / len(x) for g in conv_back(dz, x, w, stride, padding))


@wrong()
def upstream_ignored(dz, x, w, stride, padding):
    """dz is taken as all ones."""
    return conv_back(np.ones_like(dz), x, w, stride, padding)


@wrong()
def upstream_squared(dz, x, w, stride, padding):
    """dz is multiplied in twice."""
    return conv_back(dz**2, x, w, stride, padding)


@wrong()
def upstream_by_relu(dz, x, w, stride, padding):
    """A ReLU's derivative is left in from another layer: dz where z > 0."""
    z = conv(x, w, np.zeros(len(w)), stride, padding)
    return conv_back(dz * (z > 0), x, w, stride, padding)


@wrong()
def all_signs(dz, x, w, stride, padding):
    """The negative gradients, ready to be added."""
    return tuple(-g for g in conv_back(dz, x, w, stride, padding))


@wrong()
def both_turned(dz, x, w, stride, padding):
    """The backward pass of a true convolution on a forward pass that correlates."""
    dx, dw, db = conv_back(dz, x, w[:, :, ::-1, ::-1], stride, padding)
    return dx, dw[:, :, ::-1, ::-1], db


@wrong()
def backward_in_single_precision(dz, x, w, stride, padding):
    """The gradients go through float32."""
    return tuple(g.astype("f4") for g in conv_back(dz, x, w, stride, padding))


@wrong()
def stride_one_column_lost(dz, x, w, stride, padding):
    """With stride above 1 the last column of dz is never read."""
    cut = dz.copy()
    if stride > 1:
        cut[..., -1] = 0
    return conv_back(cut, x, w, stride, padding)


@wrong_made("correlation")
def dw_added_up():
    """dw += into an array that is never set to zero again."""
    total = {}

    def backward(dz, x, w, stride, padding):
        dx, dw, db = conv_back(dz, x, w, stride, padding)
        total[w.shape] = total.get(w.shape, 0) + dw
        return dx, total[w.shape].copy(), db

    return conv, backward


@wrong_made("correlation")
def remembers_last_forward():
    """The backward pass uses the x of the last forward pass and not the one it is given."""
    last = {}

    def forward(x, w, b, stride, padding):
        last["x"] = x.copy()
        return conv(x, w, b, stride, padding)

    def backward(dz, x, w, stride, padding):
        kept = last.get("x", x)
        return conv_back(dz, kept if kept.shape == x.shape else x, w, stride, padding)

    return forward, backward
