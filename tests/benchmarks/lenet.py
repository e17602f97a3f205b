"""A training step of LeNet-5 on 64 images of 28 x 28: forward, backward, descent.

1 → 6 maps (5 x 5), mean pooling, 6 → 16 maps (5 x 5), mean pooling, 256 → 120 → 84 → 10,
tanh between, softmax with cross-entropy, plain stochastic gradient.
"""

import numpy as np

from cnnmat.layers.correlation import correlate, correlate_backward, pool, pool_backward

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


class Maps:
    """A correlation layer with tanh and mean pooling, its large arrays kept.

    The literal path goes sample by sample; the fast one has samples innermost, so the maps
    are laid out likewise and stay so from layer to layer.
    """

    def __init__(self, method, dtype, C, D, side):
        def maps(count, side):
            if method == "literal":
                return np.empty((N, count, side, side), dtype)
            return np.empty((count, side, side, N), dtype).transpose(3, 0, 1, 2)

        self.method, out = method, side - 4
        self.y, self.dz, self.slope = (maps(D, out) for _ in range(3))
        self.t, self.dt, self.dx = maps(D, out // 2), maps(D, out // 2), maps(C, side)

    def forward(self, x, w, b):
        y = correlate(x, w, b, method=self.method, out=self.y)
        return pool(np.tanh(y, out=y), "mean", 2, out=self.t)

    def backward(self, dt, x, w, gradients, with_dx=True):
        pool_backward(dt, self.y, "mean", 2, out=self.dz)
        np.multiply(self.y, self.y, out=self.slope)
        np.subtract(1, self.slope, out=self.slope)
        self.dz *= self.slope
        dx = self.dx if with_dx else None
        correlate_backward(self.dz, x, w, method=self.method, with_dx=with_dx,
                           out=(dx, *gradients))
        return dx


def views(flat):
    """Arrays of `SHAPES`, one after the other in one vector."""
    ends = np.cumsum([np.prod(shape) for shape in SHAPES])
    return [part.reshape(shape) for part, shape in
            zip(np.split(flat, ends[:-1]), SHAPES, strict=True)]


def cnnmat_step(method, dtype):
    """The same with the layers of cnnmat, correlating by `method`.

    In the fully connected layers, as in the text, a sample is a column.  Parameters are
    one vector, gradients another.
    """
    x, labels, parameters = arrays(dtype)
    parameters = np.concatenate([p.ravel() for p in parameters])
    gradients = np.empty_like(parameters)
    w1, b1, w2, b2, *dense = views(parameters)
    first, second, dense_gradients = (views(gradients)[k] for k in
                                      (slice(2), slice(2, 4), slice(4, None)))
    layers = list(zip(dense[::2], dense[1::2], dense_gradients[::2], dense_gradients[1::2],
                      strict=True))
    one, two = Maps(method, dtype, 1, 6, 28), Maps(method, dtype, 6, 16, 12)

    def step():
        t1 = one.forward(x, w1, b1)
        t2 = two.forward(t1, w2, b2)
        u = [t2.reshape(N, -1).T]
        for w, b, *_ in layers:
            u.append(w @ u[-1] + b[:, None])
            if w is not dense[-2]:
                np.tanh(u[-1], out=u[-1])
        risk, du = cross_entropy(u.pop(), labels)
        for (w, _, dw, db), below in zip(reversed(layers), reversed(u), strict=True):
            np.sum(du, axis=1, out=db)
            np.matmul(du, below.T, out=dw)
            du = w.T @ du
            if below is not u[0]:
                du *= 1 - below * below
        two.dt[...] = du.T.reshape(two.dt.shape)
        dt1 = two.backward(two.dt, t1, w2, second)
        one.backward(dt1, x, w1, first, with_dx=False)
        np.multiply(gradients, RATE, out=gradients)
        np.subtract(parameters, gradients, out=parameters)
        return float(risk)

    return step


def cross_entropy(z, labels):
    """The mean risk and its gradient by z, a sample a column."""
    p = np.exp(z - z.max(axis=0))
    p /= p.sum(axis=0)
    right = (labels, np.arange(len(labels)))
    risk = -np.log(p[right]).mean()
    p[right] -= 1
    p /= len(labels)
    return risk, p
