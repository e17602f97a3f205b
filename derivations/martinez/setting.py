"""The lecture, its example, and the plain versions its claims are held against."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.martinez import notation
from cnnmat.verify import Lecture, Notation

lecture = Lecture("martinez", "Martínez-Ramón, Ajith, Kurup: 4.1, elements of the convolutional neural network")
for place, text in (
    ("Introduction", "what layers extract and represent is described, not stated so that it runs"),
    ("Pooling", "that it limits the cost and the overfitting is not a statement that can be run"),
    ("Backpropagation", "no line of the text as scanned carries the number (8); of the two between (7) and (9) "
                        "one must be it: the matrix, h16b/printed here, or the product with it, h17b"),
    ("Stride", "(5) writes M_w and N_w for the kernel's sizes, which are M_W and N_W everywhere else"),
):
    lecture.remark(place, text)

#: (2) has the image first and the star of (1), all lines behind it the kernel first.
SLIDES = {"W * I is": "the sum of (2), W sliding over I"}

#: The padded image of the two examples, and the kernel.
PADDED = ((0, 0, 0, 0, 0, 0, 0), (0, 1, 2, 1, 3, 1, 0), (0, 2, 1, 2, 1, 3, 0),
          (0, 1, 2, 1, 3, 1, 0), (0, 2, 1, 2, 1, 3, 0), (0, 0, 0, 0, 0, 0, 0))
IMAGE = tuple(row[1:-1] for row in PADDED[1:-1])
KERNEL = ((0, 1), (1, 0))
EDGES = ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))

#: One dimension: the text's own case, whose windows do not overlap, and one whose windows do.
LINES = [{"n": 8, "k": 2, "s": 2}, {"n": 8, "k": 3, "s": 2}]
#: One dimension, without a stride and with one.
STRIDED = [{"n": 3, "k": 2, "s": 1}, {"n": 8, "k": 3, "s": 2}]

lecture.read(Notation(notation.IMAGES, notation.image_symbols))
lecture.read(Notation(notation.SIZES, notation.size_symbols, cases=(
    {"p": 2, "s": 2}, {"p": 3, "s": 3}, {"p": 0, "s": 1})))
lecture.read(Notation(notation.CHANNELS, notation.channel_symbols))
lecture.read(Notation(notation.CONNECTIONS, notation.connection_symbols))
for text, stride in ((notation.PADDED, 1), (notation.STRIDED, 2)):
    lecture.read(Notation(text, notation.worked_symbols,
                          cases=({"image": PADDED, "kernel": KERNEL, "stride": stride},)))
lecture.read(Notation(notation.LINES, notation.line_symbols, cases=[*LINES, *STRIDED]))


def starts(n, k, s=1):
    """Where windows of k may start in n places, s apart, counted one by one."""
    return [a for a in range(0, n, s) if a + k <= n]


def plain(X, K, stride=(1, 1), padding=((0, 0), (0, 0))):
    """The correlation of one map with one kernel, by the plain loops."""
    X, K = ([list(row) for row in one] for one in (X, K))
    return loops.correlate([[X]], [[K]], [0], list(stride), list(padding), [1, 1], 1)[0][0]


def line(h, w, s=1):
    """The correlation of a list with a kernel, in one dimension."""
    return [sum(w[r] * h[a + r] for r in range(len(w))) for a in starts(len(h), len(w), s)]


def channel(maps, w, k, s=1):
    """Z_k = Σ_j of the correlations of map j with w[j][k], by the plain loops."""
    parts = [line(maps[j], w[j][k], s) for j in range(len(maps))]
    return [sum(values) for values in zip(*parts, strict=True)]


class TwoLayers:
    """Symbols of a net of two convolution layers: 2 channels, 2 channels, 3 channels.

    Z is what enters the activation f of the first; the second has the kernels w [j, k]; g is the
    error behind it.
    """

    def __init__(self, e, n=5, pool=1):
        self.e, self.pool = e, pool
        T = len(starts(n, 2))
        h, v, self.w, self.g, self.f = (
            e.symbols("h", 2, n), e.symbols("v", 2, 2, 2), e.symbols("w", 2, 3, 2),
            e.symbols("g", 3, len(starts(T // pool, 2))), e.function("f"))
        self.Z = np.array([channel(h.tolist(), v.tolist(), k) for k in range(2)])
        self.slopes = self.f.derivative(self.Z)

    def risk(self, Z):
        """Σ g Z^(l) as a function of Z^(l-1), by the plain loops."""
        maps = [[loops.mean([self.f(z) for z in one[a:a + self.pool]])
                 for a in starts(len(one), self.pool, self.pool)] for one in Z]
        return sum(loops.dot(channel(maps, self.w.tolist(), k), self.g[k]) for k in range(3))

    def error(self):
        """Δ^(l-1), by dual numbers."""
        return self.e.gradient(self.risk, self.Z)


def slope_of_kernel(e, h, w, delta, s=1):
    """What the error δ of the outputs is by the kernel, by dual numbers."""
    return e.gradient(lambda w: loops.dot(line(h.tolist(), w, s), delta.tolist()), w)


def kernel_after_step(e, n, k, s):
    """h, w, δ, μ, λ, and the kernel after a step of size μ, its penalty ½λ‖w‖²."""
    h, w, delta = e.symbols("h", n), e.symbols("w", k), e.symbols("delta", len(starts(n, k, s)))
    mu, lam = e.symbols("mu"), e.symbols("lambda")
    return h, w, delta, mu, lam, w - slope_of_kernel(e, h, w, delta, s) * mu - w * (mu * lam)
