"""Introduction LVIII: the whole pipeline, forward and backward."""

import math

import numpy as np

from cnnmat import activation, flip, layers, loops, softmax, unvec, vec
from cnnmat.derivations.chaurasia.setting import lecture
from cnnmat.derivations.functions import on_floats
from cnnmat.textbook import feedforward
from cnnmat.verify import Sides

EXP = on_floats(math.exp, math.exp)
LN = on_floats(math.log, lambda value: 1 / value)


class Pipeline:
    """1 x 9 x 12 pixels, three filters 2 x 3, ReLU, max of 2 x 2, 60 entries, 4 classes."""

    def __init__(self, e):
        self.I, self.K, self.b = e.floats(1, 1, 9, 12), e.floats(3, 1, 2, 3), e.floats(3)
        self.W, self.theta = e.floats(4, 60), e.floats(4)

    def loops(self, K=None, W=None):
        """Pooled maps, logits and loss by plain loops."""
        K, W = K or self.K.tolist(), W or self.W.tolist()
        x = loops.correlate(self.I.tolist(), K, self.b.tolist(), [1, 1], [(0, 0)] * 2, [1, 1], 1)[0]
        lists = loops.window_lists((8, 10), (2, 2), (2, 2), ((0, 0),) * 2, (1, 1))
        maps = [loops.pool([v if v > 0 else 0 for v in loops.vec(one)], lists, loops.largest) for one in x]
        z = [a - b for a, b in zip(loops.times(W, [v for one in maps for v in one]), self.theta, strict=True)]
        return maps, z, loops.surprise([0, 0, 1, 0], loops.softmax(z, EXP), LN)

    def forward(self):
        x = layers.correlate(self.I, self.K, self.b)
        o = activation("relu")(x)
        t = layers.pool(o, "max", 2)
        return x, o, t, feedforward.preactivation(vec(t[0], 2).ravel(), self.W, self.theta)

    def backward(self, flipped=False):
        """∂E/∂K and ∂E/∂W in matrices."""
        x, o, t, z = self.forward()
        delta = softmax(z) - np.eye(4)[2]
        back = unvec(feedforward.pull_back(self.W, delta).reshape(1, 3, 20), (4, 5))
        dx = layers.pool_backward(back, o, "max", 2) * activation("relu").derivative(x)
        dK = layers.correlate_backward(dx, self.I, self.K)[1]
        return flip(dK) if flipped else dK, feedforward.dW(vec(t[0], 2).ravel(), delta)


@lecture.claim(
    "in58a", "algorithm", "The whole: convolve, rectify, pool, flatten, fully connected, softmax",
    r"I\to\otimes K+b\to\mathrm{ReLU}\to\max\to\mathrm{vec}\to Wx-\theta\to S",
    reason="what the last line calls logistic regression is the softmax with cross-entropy of the beginning",
    source_kind="words")
def pipeline(e):
    s = Pipeline(e)
    maps, z, _ = s.loops()
    x, o, t, logits = s.forward()
    flat = vec(t[0], 2)
    sizes = [x.shape[1:], o.shape[1:], t.shape[1:], (1, 1, flat.size)]
    near = s.forward()[2][0].reshape(3, 20)
    unpooled = vec(o[0], 2)[:, :20]
    return Sides(truth=(maps, loops.softmax(z, math.exp), [(3, 8, 10), (3, 8, 10), (3, 4, 5), (1, 1, 60)]),
                 printed=(flat, softmax(logits), sizes),
                 wrong={"flattened by rows": (near, softmax(logits), sizes),
                        "flattened before pooling": (unpooled, softmax(logits), [*sizes[:3], (1, 1, o.size)])})


@lecture.claim(
    "in58b", "gradient", "The whole way back: derivatives of the loss by every weight of both layers",
    r"\frac{\partial E}{\partial K},\;\frac{\partial E}{\partial W},\quad E=-\sum_iT_i\ln S_i",
    reason="not printed; softmax with cross-entropy gives S - T, the maximum sends it to the entry that it chose, ReLU lets it "
           "pass where x > 0, and (13) collects it", source_kind="own")
def whole_way_back(e):
    s = Pipeline(e)
    truth = (e.gradient(lambda K: s.loops(K=K)[2], s.K), e.gradient(lambda W: s.loops(W=W)[2], s.W))
    return Sides(truth=truth, printed=s.backward(), wrong={"the kernel's gradient turned": s.backward(flipped=True)})
