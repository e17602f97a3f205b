"""A convolution whose backward pass is wrong, and the verdict on it.

    python examples/wrong_backward.py

The forward pass is right.  A gradient check would say "False"; this says where, on which
smallest input, and what the mistake probably is.
"""

import numpy as np

from cnnmat.testing import check_correlation


def windows(x, kernel, stride):
    """Every window's place in the output and in the image."""
    for i in range((x.shape[2] - kernel[0]) // stride + 1):
        for j in range((x.shape[3] - kernel[1]) // stride + 1):
            yield i, j, (..., slice(i * stride, i * stride + kernel[0]),
                         slice(j * stride, j * stride + kernel[1]))


def pad(x, padding):
    return np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))


def conv(x, w, b, stride, padding):
    x, kernel = pad(x, padding), w.shape[2:]
    sizes = [(n - k) // stride + 1 for n, k in zip(x.shape[2:], kernel, strict=True)]
    z = np.zeros((len(x), len(w), *sizes))
    for i, j, place in windows(x, kernel, stride):
        z[:, :, i, j] = np.tensordot(x[place], w, ([1, 2, 3], [1, 2, 3])) + b
    return z


def conv_backward(dz, x, w, stride, padding):
    padded = pad(x, padding)
    dx, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for i, j, place in windows(padded, w.shape[2:], stride):
        dw += np.tensordot(dz[:, :, i, j], padded[place], (0, 0))
        dx[place] = np.tensordot(dz[:, :, i, j], w, (1, 0))
    rows, columns = x.shape[2:]
    return (dx[:, :, padding:padding + rows, padding:padding + columns], dw,
            dz.sum(axis=(0, 2, 3)))


if __name__ == "__main__":
    result = check_correlation(conv, conv_backward)
    print(result.summary())
    if result.passed or "overlap-assigned" not in str(result.diagnosis):
        raise SystemExit("the mistake was not found")
