"""A training step of LeNet-5 on 64 images of 28 x 28: forward, backward, descent.

1 → 6 maps (5 x 5), mean pooling, 6 → 16 maps (5 x 5), mean pooling, 256 → 120 → 84 → 10,
tanh between, softmax with cross-entropy, plain stochastic gradient.
"""

import numpy as np

N, RATE = 64, 0.1
SHAPES = ((6, 1, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 256), (120,), (84, 120), (84,),
          (10, 84), (10,))


def arrays(dtype):
    """Images, labels and parameters, the same for every contender."""
    rng = np.random.default_rng(0)
    parameters = [(rng.standard_normal(s) / np.sqrt(np.prod(s[1:]))).astype(dtype)
                  for s in SHAPES]
    return (rng.standard_normal((N, 1, 28, 28)).astype(dtype), rng.integers(0, 10, N),
            parameters)


def torch_step(dtype):
    """PyTorch with autograd and its SGD; a step returns the risk."""
    import torch
    from torch.nn.functional import avg_pool2d, conv2d, cross_entropy, linear

    x, labels, parameters = arrays(dtype)
    x, labels = torch.from_numpy(x), torch.from_numpy(labels)
    parameters = [torch.from_numpy(p).requires_grad_() for p in parameters]
    descent = torch.optim.SGD(parameters, lr=RATE)
    w1, b1, w2, b2, *dense = parameters

    def step():
        t = avg_pool2d(torch.tanh(conv2d(x, w1, b1)), 2)
        t = avg_pool2d(torch.tanh(conv2d(t, w2, b2)), 2).flatten(1)
        t = torch.tanh(linear(t, *dense[:2]))
        t = torch.tanh(linear(t, *dense[2:4]))
        risk = cross_entropy(linear(t, *dense[4:]), labels)
        descent.zero_grad()
        risk.backward()
        descent.step()
        return risk.item()

    return step


def cnnmat_step(method, dtype):
    """The same with the layers of cnnmat, correlating by `method`; large arrays are kept.

    The literal path goes sample by sample; the fast one has samples innermost, so the maps
    are laid out likewise and stay so from layer to layer.
    """
    from cnnmat.layers import correlate, correlate_backward, pool, pool_backward

    x, labels, parameters = arrays(dtype)
    w1, b1, w2, b2, *dense = parameters
    weights, biases = dense[::2], dense[1::2]

    def maps(count, side):
        if method == "literal":
            return np.empty((N, count, side, side), dtype)
        return np.empty((count, side, side, N), dtype).transpose(3, 0, 1, 2)

    y1, y2, dz1, dz2, dt1 = maps(6, 24), maps(16, 8), maps(6, 24), maps(16, 8), maps(6, 12)

    def pooled_map(x, w, b, y):
        np.tanh(correlate(x, w, b, method=method, out=y), out=y)
        return pool(y, "mean", 2)

    def delta(dt, y, dz):
        np.multiply(y, y, out=dz)
        np.subtract(1, dz, out=dz)
        dz *= pool_backward(dt, y, "mean", 2)
        return dz

    def step():
        t1 = pooled_map(x, w1, b1, y1)
        t2 = pooled_map(t1, w2, b2, y2)
        u = [t2.reshape(N, -1)]
        for w, b in zip(weights, biases, strict=True):
            u.append(u[-1] @ w.T + b)
            if w is not weights[-1]:
                np.tanh(u[-1], out=u[-1])
        risk, du = cross_entropy(u.pop(), labels)
        gradients = []
        for w, below in zip(reversed(weights), reversed(u), strict=True):
            gradients += [du.sum(axis=0), du.T @ below]
            du = du @ w
            if below is not u[0]:
                du *= 1 - below * below
        _, dw2, db2 = correlate_backward(
            delta(du.reshape(t2.shape), y2, dz2), t1, w2, method=method,
            out=(dt1, np.empty_like(w2), np.empty_like(b2)))
        _, dw1, db1 = correlate_backward(delta(dt1, y1, dz1), x, w1, method=method,
                                         with_dx=False)
        gradients += [db2, dw2, db1, dw1]
        for p, gradient in zip(parameters, reversed(gradients), strict=True):
            p -= RATE * gradient
        return float(risk)

    return step


def cross_entropy(z, labels):
    """The mean risk and its gradient by z."""
    p = np.exp(z - z.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    risk = -np.log(p[rows, labels]).mean()
    p[rows, labels] -= 1
    p /= len(z)
    return risk, p
