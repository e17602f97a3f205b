"""Layers on images as courses write them: loops over windows, each a slice."""

import numpy as np

__all__ = []


def correlate(x, w, b, stride, padding):
    """z, window by window and map by map."""
    n, _, h, v = x.shape
    d, _, kh, kw = w.shape
    oh, ow = (h + 2 * padding - kh) // stride + 1, (v + 2 * padding - kw) // stride + 1
    wide = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    z = np.zeros((n, d, oh, ow))
    for k in range(d):
        for i in range(oh):
            for j in range(ow):
                top, left = i * stride, j * stride
                patch = wide[:, :, top:top + kh, left:left + kw]
                z[:, k, i, j] = (patch * w[k]).sum((1, 2, 3)) + b[k]
    return z


def correlate_backward(dz, x, w, stride, padding):
    """(dx, dw, db), window by window and map by map."""
    _, _, h, v = x.shape
    d, _, kh, kw = w.shape
    wide = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    back, dw, db = np.zeros(wide.shape), np.zeros(w.shape), np.zeros(d)
    for k in range(d):
        for i in range(dz.shape[2]):
            for j in range(dz.shape[3]):
                top, left = i * stride, j * stride
                patch = wide[:, :, top:top + kh, left:left + kw]
                upstream = dz[:, k, i, j][:, None, None, None]
                back[:, :, top:top + kh, left:left + kw] += w[k] * upstream
                dw[k] += (patch * upstream).sum(0)
                db[k] += upstream.sum()
    return back[:, :, padding:padding + h, padding:padding + v], dw, db


def transpose_correlate(x, w, b, stride, padding, extra):
    """z: each pixel of x writes the kernel, times its value."""
    n, c, h, v = x.shape
    _, d, kh, kw = w.shape
    wide = np.zeros((n, d, (h - 1) * stride + kh + extra, (v - 1) * stride + kw + extra))
    for i in range(h):
        for j in range(v):
            top, left = i * stride, j * stride
            for k in range(c):
                pixel = x[:, k, i, j][:, None, None, None]
                wide[:, :, top:top + kh, left:left + kw] += pixel * w[k]
    rows, columns = wide.shape[2] - 2 * padding, wide.shape[3] - 2 * padding
    z = wide[:, :, padding:padding + rows, padding:padding + columns]
    z += b[:, None, None]
    return z


def biased_transpose_correlate(x, w, b, stride, padding, extra):
    """The same with the bias added to what is written."""
    n, _, h, v = x.shape
    _, d, kh, kw = w.shape
    wide = np.zeros((n, d, (h - 1) * stride + kh + extra, (v - 1) * stride + kw + extra))
    bias = b[:, None, None]
    for i in range(h):
        for j in range(v):
            top, left = i * stride, j * stride
            wide[:, :, top:top + kh, left:left + kw] += np.einsum("nc,cdkl->ndkl", x[:, :, i, j], w)
    wide += bias
    return wide[:, :, padding:wide.shape[2] - padding, padding:wide.shape[3] - padding]


def transpose_correlate_backward(dz, x, w, stride, padding, extra):
    """(dx, dw, db): each pixel of x reads where it has written."""
    _, c, h, v = x.shape
    _, _, kh, kw = w.shape
    wide = np.pad(dz, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for k in range(c):
        for i in range(h):
            for j in range(v):
                top, left = i * stride, j * stride
                patch = wide[:, :, top:top + kh, left:left + kw]
                dx[:, k, i, j] = (patch * w[k]).sum((1, 2, 3))
                dw[k] += (patch * x[:, k, i, j][:, None, None, None]).sum(0)
    return dx, dw, dz.sum((0, 2, 3))


def pool(x, size, stride, reduce):
    """t, window by window; `reduce` is np.max or np.mean."""
    n, c, h, v = x.shape
    oh, ow = (h - size) // stride + 1, (v - size) // stride + 1
    t = np.zeros((n, c, oh, ow))
    for i in range(oh):
        for j in range(ow):
            top, left = i * stride, j * stride
            window = x[:, :, top:top + size, left:left + size]
            t[:, :, i, j] = reduce(window, (2, 3))
    return t


def max_pool_backward(dt, x, size, stride):
    """dx: each entry of dt goes to the largest entry of its window."""
    n, c, _, _ = x.shape
    dx = np.zeros(x.shape)
    for m in range(n):
        for k in range(c):
            for i in range(dt.shape[2]):
                for j in range(dt.shape[3]):
                    top, left = i * stride, j * stride
                    window = x[m, k, top:top + size, left:left + size]
                    row, column = np.unravel_index(window.argmax(), window.shape)
                    dx[m, k, top + row, left + column] += dt[m, k, i, j]
    return dx


def max_pool_backward_by_mask(dt, x, size, stride):
    """The same with a mask."""
    dx = np.zeros(x.shape)
    for i in range(dt.shape[2]):
        for j in range(dt.shape[3]):
            top, left = i * stride, j * stride
            window = x[:, :, top:top + size, left:left + size]
            mask = window == window.max((2, 3), keepdims=True)
            ties = mask.sum((2, 3), keepdims=True)
            upstream = dt[:, :, i, j][:, :, None, None]
            dx[:, :, top:top + size, left:left + size] += mask / ties * upstream
    return dx


def mean_pool_backward(dt, x, size, stride):
    """dx: each entry of dt is shared out over its window."""
    dx = np.zeros(x.shape)
    for i in range(dt.shape[2]):
        for j in range(dt.shape[3]):
            top, left = i * stride, j * stride
            share = dt[:, :, i, j][:, :, None, None] / (size * size)
            dx[:, :, top:top + size, left:left + size] += share
    return dx


def _end(i, length, windows):
    """Where window i ends: at (i + 1) length / windows, rounded up."""
    end, rest = divmod((i + 1) * length, windows)
    return min(length, end + (rest > 0))


def adaptive_pool(x, rows, columns, reduce):
    """t of rows x columns windows, which may overlap."""
    n, c, h, v = x.shape
    t = np.zeros((n, c, rows, columns))
    for i in range(rows):
        for j in range(columns):
            top, left = i * h // rows, j * v // columns
            bottom, right = _end(i, h, rows), _end(j, v, columns)
            t[:, :, i, j] = reduce(x[:, :, top:bottom, left:right], (2, 3))
    return t


def adaptive_mean_backward(dt, x, rows, columns):
    """dx of the means."""
    _, _, h, v = x.shape
    dx = np.zeros(x.shape)
    for i in range(rows):
        for j in range(columns):
            top, left = i * h // rows, j * v // columns
            bottom, right = _end(i, h, rows), _end(j, v, columns)
            area = (bottom - top) * (right - left)
            dx[:, :, top:bottom, left:right] += dt[:, :, i, j][:, :, None, None] / area
    return dx


def global_mean_backward(dt, x):
    """dx of the mean of a map."""
    n, c, h, v = x.shape
    return np.ones(x.shape) * dt.reshape(n, c, 1, 1) / (h * v)


def nearest(x, rows, columns):
    """Each pixel rows x columns times."""
    h, v = x.shape[2:]
    i, j = np.arange(h * rows) // rows, np.arange(v * columns) // columns
    return x[:, :, i][:, :, :, j]


def nearest_backward(dy, x, rows, columns):
    """The sum over the copies of each pixel."""
    n, c, h, v = x.shape
    return dy.reshape(n, c, h, rows, v, columns).sum((3, 5))


def respond_locally(x, size, rate, beta, k):
    """x over (k + rate Σ x²)^beta, the sum over channels near by."""
    c, half = x.shape[1], size // 2
    total = np.zeros(x.shape)
    for i in range(c):
        first, last = max(0, i - half), min(c, i - half + size)
        total[:, i] = (x[:, first:last] ** 2).sum(1)
    return x / (k + rate * total) ** beta


def respond_locally_backward(dy, x, size, rate, beta, k):
    """dx: straight through, and through the sums."""
    c, half = x.shape[1], size // 2
    total, back = np.zeros(x.shape), np.zeros(x.shape)
    for i in range(c):
        first, last = max(0, i - half), min(c, i - half + size)
        total[:, i] = (x[:, first:last] ** 2).sum(1)
    scale = k + rate * total
    through = dy * x * scale ** (-beta - 1)
    for i in range(c):
        first, last = max(0, i - half), min(c, i - half + size)
        back[:, first:last] += through[:, i:i + 1]
    return dy * scale**-beta - 2 * rate * beta * x * back
