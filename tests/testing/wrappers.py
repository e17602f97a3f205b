"""Layers as people write them, each in a convention of its own, right or with one real bug.

Each factory takes `wrong` and returns the functions (or the class) that would be handed to a check.
The arithmetic is written out here: nothing of it is cnnmat's.
"""

import numpy as np


def windows(x, kh, kw, stride):
    """N x C x H' x W' x kh x kw."""
    v = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))
    return v[:, :, ::stride, ::stride]


def padded(x, p):
    return np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))


def conv(x, w, b, s=1, p=0):
    return np.einsum("ncijkl,dckl->ndij", windows(padded(x, p), *w.shape[2:], s), w) + (
        np.reshape(b, (1, -1, 1, 1)))


def conv_back(dz, x, w, s=1, p=0, overwrite=False):
    xp = padded(x, p)
    dxp = np.zeros(xp.shape)
    dw = np.zeros(w.shape)
    kh, kw = w.shape[2:]
    for i, j in np.ndindex(dz.shape[2:]):
        here = (slice(None), slice(None), slice(i * s, i * s + kh), slice(j * s, j * s + kw))
        part = np.einsum("nd,dckl->nckl", dz[:, :, i, j], w)
        dxp[here] = part if overwrite else dxp[here] + part
        dw += np.einsum("nd,nckl->dckl", dz[:, :, i, j], xp[here])
    dx = dxp[:, :, p:dxp.shape[2] - p, p:dxp.shape[3] - p]
    return dx, dw, dz.sum((0, 2, 3))


def course_cache(wrong):
    """x, w, b, conv_param -> out, cache."""
    def conv_forward_naive(x, w, b, conv_param):
        return conv(x, w, b, conv_param["stride"], conv_param["pad"]), (x, w, b, conv_param)

    def conv_backward_naive(dout, cache):
        x, w, _, conv_param = cache
        return conv_back(dout, x, w, conv_param["stride"], conv_param["pad"], overwrite=wrong)

    return conv_forward_naive, conv_backward_naive


def course_nhwc(wrong):
    """A_prev, W, b, hparameters -> Z, cache: NHWC, HWIO, a bias of (1, 1, 1, D)."""
    def conv_forward(A_prev, W, b, hparameters):
        (f, g, _, n_C), s, p = W.shape, hparameters["stride"], hparameters["pad"]
        A = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
        n_H, n_W = (A.shape[1] - f) // s + 1, (A.shape[2] - g) // s + 1
        Z = np.zeros((len(A), n_H, n_W, n_C))
        for i, h, w, c in np.ndindex(Z.shape):
            a = A[i, h * s:h * s + f, w * s:w * s + g]
            Z[i, h, w, c] = np.sum(a * W[..., c]) + float(b[0, 0, 0, c])
        return Z, (A_prev, W, b, hparameters)

    def conv_backward(dZ, cache):
        A_prev, W, b, hparameters = cache
        (f, g, _, _), s, p = W.shape, hparameters["stride"], hparameters["pad"]
        A = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
        dA, dW, db = np.zeros(A.shape), np.zeros(W.shape), np.zeros(b.shape)
        for i, h, w, c in np.ndindex(dZ.shape):
            here = (i, slice(h * s, h * s + f), slice(w * s, w * s + g))
            dA[here] += W[..., c] * dZ[i, h, w, c]
            dW[..., c] += A[here] * dZ[i, h, w, c]
            db[..., c] = (0 if wrong else db[..., c]) + dZ[i, h, w, c]
        return dA[:, p:A.shape[1] - p, p:A.shape[2] - p], dW, db

    return conv_forward, conv_backward


def class_with_attributes(wrong):
    """A class that keeps dW and db."""
    class Conv2D:
        def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
            self.W = np.ones((out_channels, in_channels, kernel_size, kernel_size))
            self.b = np.zeros(out_channels)
            self.stride, self.padding = stride, padding

        def forward(self, x):
            self.x = x
            return conv(x, self.W, self.b, self.stride, self.padding)

        def backward(self, dout):
            w = self.W[:, :, ::-1, ::-1] if wrong else self.W
            dx, _, self.db = conv_back(dout, self.x, w, self.stride, self.padding)
            self.dW = conv_back(dout, self.x, self.W, self.stride, self.padding)[1]
            return dx

    return (Conv2D,)


def class_with_dictionaries(wrong):
    """A class with params and grads, called like a function; the bias is (D, 1)."""
    class ConvLayer:
        def __init__(self, n_filters, kernel_size, n_channels):
            self.params = {"W": np.zeros((n_filters, n_channels, *np.broadcast_to(kernel_size, 2))),
                           "b": np.zeros((n_filters, 1))}
            self.grads = {}

        def __call__(self, x):
            self.last = x
            return conv(x, self.params["W"], self.params["b"][:, 0])

        def backward(self, grad):
            dx, dw, db = conv_back(grad, self.last, self.params["W"])
            self.grads["W"], self.grads["b"] = (dw[..., ::-1] if wrong else dw), db[:, None]
            return dx

    return (ConvLayer,)


def updates_in_place(wrong):
    """backward(d_out, learn_rate) takes a step, and returns dx."""
    class Conv:
        def __init__(self, num_filters, filter_size, depth):
            self.filters = np.zeros((num_filters, depth, filter_size, filter_size))
            self.biases = np.zeros(num_filters)

        def forward(self, input):
            self.last_input = input
            return conv(input, self.filters, self.biases)

        def backward(self, d_out, learn_rate):
            dx, dw, db = conv_back(d_out, self.last_input, self.filters)
            self.filters -= learn_rate * dw
            self.biases -= learn_rate * db
            # the step must not come before the gradient that is sent back
            return conv_back(d_out, self.last_input, self.filters)[0] if wrong else dx

    return (Conv,)


def one_image(wrong):
    """No batch axis."""
    def convolve(image, kernels, bias, stride):
        return conv(image[None], kernels.swapaxes(2, 3) if wrong else kernels, bias, stride)[0]

    def convolve_backward(delta, image, kernels, stride):
        dx, dw, db = conv_back(delta[None], image[None], kernels, stride)
        return dx[0], dw, db

    return convolve, convolve_backward


def lists_in_another_order(wrong):
    """Lists of lists; dw, db, dx."""
    def forward(X, W, b):
        return conv(X, W, b).tolist()

    def backward(dY, X, W):
        dx, dw, db = conv_back(dY, X, W)
        return [dw.tolist(), (db / dY.shape[2] if wrong else db).tolist(), dx.tolist()]

    return forward, backward


def kernels_last(wrong):
    """NCHW images with HWIO kernels, without a bias."""
    def forward(x, filters, stride):
        return conv(x, filters.transpose(3, 2, 0, 1), np.zeros(filters.shape[3]), stride)

    def backward(dout, x, filters, stride):
        dx, dw, _ = conv_back(dout, x, filters.transpose(3, 2, 0, 1), stride)
        return dx, dw.transpose(3, 2, 1, 0) if wrong else dw.transpose(2, 3, 1, 0)

    return forward, backward


def gradients_in_a_dictionary(wrong):
    """{"dW": ..., "db": ..., "dX": ...}; strides by axis."""
    def forward(X, W, b, strides):
        sh, sw = strides
        return conv(X, W, b)[:, :, ::sh, ::sw]

    def backward(dZ, X, W, strides):
        sh, sw = strides
        full = np.zeros(conv(X, W, 0).shape)
        full[:, :, ::sh, ::sw] = dZ
        dx, dw, db = conv_back(full, X, W, overwrite=wrong)
        return {"dW": dw, "db": db, "dX": dx}

    return forward, backward


def first_layer(wrong):
    """Returns dw, db alone."""
    def forward(x, w, b, stride, pad):
        return conv(x, w, b, stride, pad)

    def backward(dout, x, w, stride, pad):
        return conv_back(dout, x * (x > 0) if wrong else x, w, stride, pad)[1:]

    return forward, backward


def single_precision(wrong):
    """float32 inside."""
    def forward(x, w, b, stride=1, padding=0):
        return conv(*(a.astype(np.float32) for a in (x, w, b)), stride, padding)

    def backward(grad_output, x, w, stride=1, padding=0):
        found = conv_back(*(a.astype(np.float32) for a in (grad_output, x, w)), stride, padding)
        return tuple(a.astype(np.float32) * (1 + wrong) for a in found)

    return forward, backward


def averaged_gradients(wrong):
    """dw and db are means over the batch."""
    def forward(x, w, b):
        return conv(x, w, b)

    def backward(dz, x, w):
        dx, dw, db = conv_back(dz, x, w, overwrite=wrong)
        return dx, dw / len(x), db / len(x)

    return forward, backward


def columns(wrong):
    """A_prev, W, b -> Z, cache of a course: samples are columns, gradients are means."""
    def linear_forward(A, W, b):
        return W @ A + b, (A, W, b)

    def linear_backward(dZ, cache):
        A_prev, W, _ = cache
        m = A_prev.shape[1]
        dW, db = dZ @ A_prev.T / m, dZ.sum(1, keepdims=True) / m
        return (W @ dZ if wrong and len(W) == len(W.T) else W.T @ dZ), dW, db

    return linear_forward, linear_backward


def dense_class(wrong):
    """in x out weights made at first sight, a bias of (1, D), self.dweights and self.dbiases."""
    class Layer_Dense:
        def __init__(self, n_inputs, n_neurons):
            self.weights = 0.01 * np.ones((n_inputs, n_neurons))
            self.biases = np.zeros((1, n_neurons))

        def forward(self, inputs):
            self.inputs = inputs
            self.output = inputs @ self.weights + self.biases
            return self.output

        def backward(self, dvalues):
            self.dweights = self.inputs.T @ dvalues
            self.dbiases = (dvalues / len(dvalues) ** wrong).sum(0, keepdims=True)
            self.dinputs = dvalues @ self.weights.T

    return (Layer_Dense,)


def pool_dictionary(wrong):
    """x, pool_param -> out, cache."""
    def max_pool_forward_naive(x, pool_param):
        h, w = pool_param["pool_height"], pool_param["pool_width"]
        return windows(x, h, w, pool_param["stride"]).max((4, 5)), (x, pool_param)

    def max_pool_backward_naive(dout, cache):
        (x, param), dx = cache, np.zeros(cache[0].shape)
        h, w, s = param["pool_height"], param["pool_width"], param["stride"]
        for n, c, i, j in np.ndindex(dout.shape):
            v = x[n, c, i * s:i * s + h, j * s:j * s + w]
            a, b = np.unravel_index(v.argmax(), v.shape)
            here = n, c, i * s + a, j * s + b
            dx[here] = dout[n, c, i, j] + (0 if wrong else dx[here])
        return dx

    return max_pool_forward_naive, max_pool_backward_naive


def pool_class(wrong):
    """A class, NHWC."""
    class MaxPool2D:
        def __init__(self, pool_size=2, stride=2):
            self.size, self.stride = pool_size, stride

        def forward(self, x):
            v = windows(x.transpose(0, 3, 1, 2), self.size, self.size, self.stride)
            start = np.maximum(v.max((4, 5)), 0) if wrong else v.max((4, 5))
            return start.transpose(0, 2, 3, 1)

    return (MaxPool2D,)


def loss_and_gradient(wrong):
    """One function for both, integer labels."""
    def softmax_loss(x, y):
        shifted = x - x.max(1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
        dx = np.exp(logs)
        dx[np.arange(len(x)), y] -= 1
        return -logs[np.arange(len(x)), y].mean(), dx / (1 if wrong else len(x))

    return (softmax_loss,)


def summed_loss(wrong):
    """A sum over the batch, one-hot targets."""
    def cross_entropy(logits, labels):
        shifted = logits - logits.max(1, keepdims=True)
        return -(labels * (shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))).sum()

    def cross_entropy_grad(logits, labels):
        e = np.exp(logits - logits.max(1, keepdims=True))
        return e / e.sum(1, keepdims=True) - labels * (2 if wrong else 1)

    return cross_entropy, cross_entropy_grad


def relu_cache(wrong):
    """Z -> A, cache."""
    def relu(Z):
        return np.maximum(0, Z), Z

    def relu_backward(dA, cache):
        return dA * (cache < 0 if wrong else cache > 0)

    return relu, relu_backward


#: factory: (kind of check, what must be among the words)
WRAPPERS = {
    course_cache: ("correlation", "settings in a dictionary: stride, pad"),
    course_nhwc: ("correlation", "the bias is (1, 1, 1, D)"),
    class_with_attributes: ("correlation", "gradients in attributes: dW, db"),
    class_with_dictionaries: ("correlation", "gradients in attributes: grads.W, grads.b"),
    updates_in_place: ("correlation", "backward updates in place, with a learning rate: filters, "
                                      "biases"),
    one_image: ("correlation", "there is no batch axis: one sample at a time"),
    lists_in_another_order: ("correlation", "backward returns (dw, db, dx)"),
    kernels_last: ("correlation", "weights HWIO"),
    gradients_in_a_dictionary: ("correlation", "backward returns a dictionary: dW, dX, db"),
    first_layer: ("correlation", "backward gives no dx"),
    single_precision: ("correlation", "dtype float32"),
    averaged_gradients: ("correlation", "gradients of parameters are averaged over the batch"),
    columns: ("feedforward", "samples are columns"),
    dense_class: ("feedforward", "weights in_out"),
    pool_dictionary: ("pooling", "settings in a dictionary: pool_height, pool_width, stride"),
    pool_class: ("pooling", "layout NHWC"),
    loss_and_gradient: ("risk", "target labels"),
    summed_loss: ("risk", "average sum"),
    relu_cache: ("activation", "forward returns (z, cache)"),
}
