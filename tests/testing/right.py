"""Right implementations that differ in how they go about it: none of them may be accused."""

import numpy as np
import scipy.signal
import torch
import torch.nn.functional as F

from cnnmat.testing import adapters
from tests.testing.bank import plain
from tests.testing.bank.plain import pad, sizes, windows
from tests.testing.running import run_check

RIGHT = {}


def right(kind, **options):
    """Decorator: a function without arguments that returns the functions to be checked."""
    def decorate(make):
        RIGHT[make.__name__] = (kind, make, options)
        return make
    return decorate


def check_right(name, **more):
    """The `Result` of the right implementation `name`."""
    kind, make, options = RIGHT[name]
    return run_check(kind, make(), options, **more)


# --- correlation -------------------------------------------------------------------


@right("correlation")
def einsum():
    return plain.conv, plain.conv_back


@right("correlation")
def im2col():
    def columns(x, w, s, p):
        v = windows(x, w, s, p)
        n, c, oh, ow, kh, kw = v.shape
        return v.transpose(0, 2, 3, 1, 4, 5).reshape(n * oh * ow, c * kh * kw), (n, oh, ow)

    def forward(x, w, b, s, p):
        col, (n, oh, ow) = columns(x, w, s, p)
        return (col @ w.reshape(len(w), -1).T + b).reshape(n, oh, ow, -1).transpose(0, 3, 1, 2)

    def backward(dz, x, w, s, p):
        col, _ = columns(x, w, s, p)
        flat = dz.transpose(0, 2, 3, 1).reshape(-1, len(w))
        dw = (flat.T @ col).reshape(w.shape)
        dcol = flat @ w.reshape(len(w), -1)
        n, c, h, wd = pad(x, p).shape
        index = np.arange(n * c * h * wd).reshape(n, c, h, wd)
        place = columns(index, w, s, 0)[0]
        dx = np.bincount(place.ravel(), dcol.ravel(), n * c * h * wd).reshape(n, c, h, wd)
        return dx[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, flat.sum(0)

    return forward, backward


@right("correlation")
def python_loops():
    def forward(x, w, b, s, p):
        n_, c_, h, wd = x.shape
        oh, ow = sizes(x, w, s, p)
        z = np.zeros((n_, len(w), oh, ow))
        for n, d, i, j in np.ndindex(z.shape):
            total = b[d]
            for c in range(c_):
                for k in range(w.shape[2]):
                    for l in range(w.shape[3]):
                        r, q = i * s + k - p, j * s + l - p
                        if 0 <= r < h and 0 <= q < wd:
                            total += x[n, c, r, q] * w[d, c, k, l]
            z[n, d, i, j] = total
        return z

    def backward(dz, x, w, s, p):
        dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(len(w))
        for n, d, i, j in np.ndindex(dz.shape):
            g = dz[n, d, i, j]
            db[d] += g
            for c, k, l in np.ndindex(w.shape[1:]):
                r, q = i * s + k - p, j * s + l - p
                if 0 <= r < x.shape[2] and 0 <= q < x.shape[3]:
                    dx[n, c, r, q] += g * w[d, c, k, l]
                    dw[d, c, k, l] += g * x[n, c, r, q]
        return dx, dw, db

    return forward, backward


@right("correlation")
def fft():
    def forward(x, w, b, s, p):
        xp = pad(x, p)
        size = [xp.shape[a] + w.shape[a] - 1 for a in (2, 3)]
        spectrum = np.einsum("nchw,dchw->ndhw", np.fft.rfft2(xp, size),
                             np.fft.rfft2(w[:, :, ::-1, ::-1], size))
        full = np.fft.irfft2(spectrum, size)
        kh, kw = w.shape[2:]
        return (full[:, :, kh - 1:xp.shape[2], kw - 1:xp.shape[3]][:, :, ::s, ::s]
                + b[:, None, None])

    return (forward,)


@right("correlation")
def scipy_signal():
    def forward(x, w, b, s, p):
        xp = pad(x, p)
        z = [[sum(scipy.signal.correlate2d(one[c], f[c], mode="valid") for c in range(len(f)))
              for f in w] for one in xp]
        return np.array(z)[:, :, ::s, ::s] + b[:, None, None]

    def backward(dz, x, w, s, p):
        xp = pad(x, p)
        wide = np.zeros((*dz.shape[:2], xp.shape[2] - w.shape[2] + 1,
                         xp.shape[3] - w.shape[3] + 1))
        wide[:, :, ::s, ::s] = dz
        dx = np.array([[sum(scipy.signal.convolve2d(one[d], w[d, c]) for d in range(len(w)))
                        for c in range(w.shape[1])] for one in wide])
        dw = np.array([[sum(scipy.signal.correlate2d(xp[n, c], wide[n, d], mode="valid")
                            for n in range(len(x))) for c in range(w.shape[1])]
                       for d in range(len(w))])
        return dx[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, wide.sum((0, 2, 3))

    return forward, backward


@right("correlation")
def sum_of_shifted_images():
    def forward(x, w, b, s, p):
        xp, (oh, ow) = pad(x, p), sizes(x, w, s, p)
        z = np.broadcast_to(b[:, None, None], (len(x), len(w), oh, ow)).copy()
        for k, l in np.ndindex(w.shape[2:]):
            part = xp[:, :, k:k + s * (oh - 1) + 1:s, l:l + s * (ow - 1) + 1:s]
            z += np.tensordot(part, w[:, :, k, l], (1, 1)).transpose(0, 3, 1, 2)
        return z

    def backward(dz, x, w, s, p):
        xp = pad(x, p)
        dx, dw = np.zeros(xp.shape), np.zeros(w.shape)
        oh, ow = dz.shape[2:]
        for k, l in np.ndindex(w.shape[2:]):
            part = np.s_[:, :, k:k + s * (oh - 1) + 1:s, l:l + s * (ow - 1) + 1:s]
            dx[part] += np.einsum("ndij,dc->ncij", dz, w[:, :, k, l])
            dw[:, :, k, l] = np.einsum("ndij,ncij->dc", dz, xp[part])
        return dx[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, dz.sum((0, 2, 3))

    return forward, backward


@right("correlation")
def lists_come_back():
    return (lambda *args: plain.conv(*args).tolist(),
            lambda *args: [g.tolist() for g in plain.conv_back(*args)])


@right("correlation")
def prints_a_lot():
    def forward(*args):
        print("z", args[0].shape)
        return plain.conv(*args)

    return (forward,)


@right("correlation")
def fortran_ordered_results():
    return (lambda *args: np.asfortranarray(plain.conv(*args)),)


@right("correlation")
def refuses_what_is_unusual():
    def forward(x, w, b, s, p):
        if x.dtype != np.float64 or not x.flags.c_contiguous:
            raise TypeError("x must be a C-contiguous array of float64")
        return plain.conv(x, w, b, s, p)

    return (forward,)


@right("correlation", dtype="float32")
def single_precision_declared():
    def forward(x, w, b, s, p):
        return plain.conv(x.astype("f4"), w, b, s, p).astype("f4")

    def backward(dz, x, w, s, p):
        return [g.astype("f4") for g in plain.conv_back(dz, x, w, s, p)]

    return forward, backward


@right("correlation", dtype="float32")
def fft_in_single_precision():
    forward, *_ = fft()
    return (lambda *args: forward(*args).astype("f4"),)


@right("correlation")
def torch_function():
    return adapters.torch_pair(
        lambda x, w, b, stride, padding: F.conv2d(x, w, b, stride, padding))


@right("correlation", stride="tuple", padding="tuple", dilation="tuple", groups=True)
def torch_everything():
    return adapters.torch_pair(F.conv2d)


@right("correlation", dims=1, stride="tuple", padding="tuple", dilation="tuple", groups=True)
def torch_one_dimension():
    return adapters.torch_pair(F.conv1d)


@right("correlation", dims=3, stride="tuple", padding="tuple", dilation="tuple", groups=True)
def torch_three_dimensions():
    return adapters.torch_pair(F.conv3d)


@right("correlation", dtype="float32")
def torch_single_precision():
    return adapters.torch_pair(
        lambda x, w, b, stride, padding: F.conv2d(x, w, b, stride, padding), dtype="float32")


@right("correlation", layout="NHWC")
def channels_last():
    def forward(x, w, b, s, p):
        z = plain.conv(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1), b, s, p)
        return z.transpose(0, 2, 3, 1)

    def backward(dz, x, w, s, p):
        dx, dw, db = plain.conv_back(dz.transpose(0, 3, 1, 2), x.transpose(0, 3, 1, 2),
                                     w.transpose(3, 2, 0, 1), s, p)
        return dx.transpose(0, 2, 3, 1), dw.transpose(2, 3, 1, 0), db

    return forward, backward


@right("correlation", convolve=True)
def true_convolution():
    def backward(dz, x, w, s, p):
        dx, dw, db = plain.conv_back(dz, x, w[:, :, ::-1, ::-1], s, p)
        return dx, dw[:, :, ::-1, ::-1], db

    return (lambda x, w, b, s, p: plain.conv(x, w[:, :, ::-1, ::-1], b, s, p)), backward


@right("correlation", bias="subtract")
def bias_subtracted():
    def backward(*args):
        dx, dw, db = plain.conv_back(*args)
        return dx, dw, -db

    return (lambda x, w, b, s, p: plain.conv(x, w, -b, s, p)), backward


@right("correlation", bias="none", stride="none", padding="none")
def bare():
    return (lambda x, w: plain.conv(x, w, np.zeros(len(w)), 1, 0),
            lambda dz, x, w: plain.conv_back(dz, x, w, 1, 0)[:2])


@right("correlation", padding="pairs", stride="tuple")
def uneven_padding():
    def forward(x, w, b, stride, padding):
        xp = np.pad(x, ((0, 0), (0, 0), *padding))
        v = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], (2, 3))
        z = np.einsum("ncijkl,dckl->ndij", v[:, :, ::stride[0], ::stride[1]], w)
        return z + b[:, None, None]

    return (forward,)


# --- pooling ---------------------------------------------------------------------------


@right("pooling")
def max_first_tie():
    return plain.max_pool, plain.max_pool_back


@right("pooling")
def max_last_tie():
    def backward(dt, x, size):
        return plain.max_pool_back(dt[:, :, ::-1, ::-1], _turned(x, size), size)[
            :, :, ::-1, ::-1] if _tiles(x, size) else _last(dt, x, size)

    def _turned(x, size):
        return x[:, :, ::-1, ::-1]

    def _tiles(x, size):
        return not any(n % size for n in x.shape[2:])

    def _last(dt, x, size):
        h, w = (m * size for m in dt.shape[2:])
        dx = np.zeros(x.shape)
        dx[:, :, :h, :w] = backward(dt, x[:, :, :h, :w], size)
        return dx

    return plain.max_pool, backward


@right("pooling")
def max_shares_ties():
    def backward(dt, x, size):
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dt.shape):
            part = np.s_[n, c, i * size:(i + 1) * size, j * size:(j + 1) * size]
            tied = x[part] == x[part].max()
            dx[part] = dt[n, c, i, j] * tied / tied.sum()
        return dx

    return plain.max_pool, backward


@right("pooling", pooling="max", stride="int")
def max_overlapping_shares():
    def forward(x, size, stride):
        return plain.regions(x, size, stride).max((4, 5))

    def backward(dt, x, size, stride):
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dt.shape):
            part = np.s_[n, c, i * stride:i * stride + size, j * stride:j * stride + size]
            tied = x[part] == x[part].max()
            dx[part] += dt[n, c, i, j] * tied / tied.sum()
        return dx

    return forward, backward


@right("pooling", pooling="max", size="tuple", stride="tuple", padding="tuple")
def torch_max():
    return adapters.torch_pair(F.max_pool2d)


@right("pooling", pooling="max", size="tuple", stride="tuple", padding="tuple",
       incomplete="partial")
def torch_max_ceil():
    return adapters.torch_pair(lambda x, *args: F.max_pool2d(x, *args, ceil_mode=True))


@right("pooling", pooling="mean", size="tuple", stride="tuple", padding="tuple")
def torch_mean():
    return adapters.torch_pair(F.avg_pool2d)


@right("pooling", pooling="mean", size="tuple", stride="tuple", padding="tuple",
       incomplete="partial", count_padding=False)
def torch_mean_ceil_pixels_only():
    return adapters.torch_pair(
        lambda x, *args: F.avg_pool2d(x, *args, ceil_mode=True, count_include_pad=False))


@right("pooling", pooling="mean", size="tuple", stride="tuple", padding="tuple",
       incomplete="partial", count_padding=True)
def torch_mean_ceil():
    return adapters.torch_pair(lambda x, *args: F.avg_pool2d(x, *args, ceil_mode=True))


@right("pooling", pooling="max", dims=1, stride="int")
def torch_max_one_dimension():
    return adapters.torch_pair(F.max_pool1d)


@right("pooling", pooling="max", dims=3, stride="int")
def torch_max_three_dimensions():
    return adapters.torch_pair(F.max_pool3d)


@right("pooling", pooling="mean")
def mean_by_reshaping():
    def forward(x, size):
        n, c, h, w = x.shape
        x = x[:, :, :h // size * size, :w // size * size]
        return x.reshape(n, c, h // size, size, w // size, size).mean((3, 5))

    return forward, plain.mean_pool_back


@right("pooling", pooling="l2")
def l2_zero_at_zero():
    def forward(x, size):
        return np.sqrt((plain.regions(x, size) ** 2).sum((4, 5)))

    def backward(dt, x, size):
        t, dx = forward(x, size), np.zeros(x.shape)
        for n, c, i, j in np.ndindex(dt.shape):
            part = np.s_[n, c, i * size:(i + 1) * size, j * size:(j + 1) * size]
            dx[part] = dt[n, c, i, j] * x[part] / (t[n, c, i, j] or 1)
        return dx

    return forward, backward


@right("pooling", pooling="sum", layout="NHWC")
def sum_channels_last():
    def forward(x, size):
        return (plain.mean_pool(x.transpose(0, 3, 1, 2), size) * size**2).transpose(0, 2, 3, 1)

    return (forward,)


# --- activations, risks, fully connected, updates -----------------------------------------


@right("activation", name="relu")
def relu_with_slope_one_at_zero():
    return (lambda x: np.maximum(x, 0)), (lambda dy, x: dy * (x >= 0))


@right("activation", name="relu")
def relu_with_slope_half_at_zero():
    return (lambda x: x * (x > 0)), (lambda dy, x: dy * np.heaviside(x, 0.5))


@right("activation", name="relu")
def relu_in_torch():
    return adapters.torch_pair(torch.relu)


@right("activation", name="tanh")
def tanh_in_torch():
    return adapters.torch_pair(torch.tanh)


@right("activation", name="sigmoid")
def sigmoid_plain_formula():
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    return sigmoid, lambda dy, x: dy * sigmoid(x) * (1 - sigmoid(x))


@right("activation", name="softplus")
def softplus_logaddexp():
    return (lambda x: np.logaddexp(0, x)), (lambda dy, x: dy * scipy.special.expit(x))


@right("activation", name="abs")
def absolute_value():
    return np.abs, lambda dy, x: dy * np.sign(x)


@right("activation", name="identity")
def identity_returns_its_input():
    return (lambda x: x), (lambda dy, x: dy)


@right("activation", name="leaky_relu", dtype="float32")
def leaky_in_single_precision():
    return ((lambda x: np.where(x > 0, x, 0.01 * x).astype("f4")),
            lambda dy, x: dy * np.where(x > 0, 1, 0.01).astype("f4"))


@right("risk", risk="softmax_cross_entropy")
def entropy_by_log_softmax():
    return plain.cross_entropy, plain.cross_entropy_back


@right("risk", risk="softmax_cross_entropy", target="labels")
def entropy_in_torch():
    return adapters.torch_pair(F.cross_entropy, scalar=True)


@right("risk", risk="softmax_cross_entropy", average="sum")
def entropy_by_logsumexp():
    def forward(z, t):
        return (scipy.special.logsumexp(z, 1) - (z * t).sum(1)).sum()

    return forward, lambda z, t: scipy.special.softmax(z, 1) - t


@right("risk", risk="squared_error", average="entries")
def mse_in_torch():
    return adapters.torch_pair(F.mse_loss, scalar=True)


@right("risk", risk="squared_error", half=True)
def half_squared_error():
    return (lambda y, t: 0.5 * np.mean(((y - t) ** 2).sum(1))), lambda y, t: (y - t) / len(y)


@right("feedforward")
def dense_in_torch():
    return adapters.torch_pair(F.linear)


@right("feedforward", weights="in_out", bias="subtract")
def dense_as_in_the_text():
    return ((lambda x, w, b: np.dot(x, w) - b),
            lambda dz, x, w: (dz @ w.T, x.T @ dz, -dz.sum(0)))


@right("update", decay="all", in_place=True)
def torch_sgd():
    # the first optimiser imports PyTorch's compiler, which on a busy machine takes longer than
    # a call may; functions under test are imported before they are timed
    torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0).step()

    def step(params, grads, lr, weight_decay, momentum, state):
        if state is None:
            tensors = {k: torch.nn.Parameter(torch.from_numpy(p)) for k, p in params.items()}
            state = tensors, torch.optim.SGD(tensors.values(), lr=lr, momentum=momentum,
                                             weight_decay=weight_decay)
        tensors, optimiser = state
        for k, p in tensors.items():
            p.grad = torch.tensor(grads[k])
        optimiser.step()
        return {k: p.detach().numpy() for k, p in tensors.items()}, state

    return (step,)


@right("adjoint", shapes=((4, 3), (5,)))
def matrix_and_transpose():
    a = np.arange(60.0).reshape(5, 12) - 30
    return (lambda x: a @ x.ravel()), (lambda y: (a.T @ y).reshape(4, 3))


@right("gradient", x=[0.5, -1.5, 0.0])
def gradient_with_a_kink():
    return (lambda x: float((x**2).sum() + abs(x[2]))), lambda x: 2 * x + [0, 0, np.sign(x[2])]
