"""One layer with a symbol for every entry, on which the gradients of its kernel are run."""

import numpy as np

from cnnmat import Partition, Windows, loops, vec
from cnnmat.derivations.chaurasia.setting import LAYER, lecture, valid
from cnnmat.derivations.tables import taking
from cnnmat.verify.duals import jacobian


def forward_loops(o, w, b=0):
    """x of one map by plain loops, nested lists in and out."""
    return loops.correlate([[o]], [[w]], [b], [1, 1], [(0, 0)] * 2, [1, 1], 1)[0][0]


class Setting:
    """One map o, kernel w, bias b, E = Σ f(x_ij): every δ_ij = f'(x_ij) is a symbol of its own."""

    def __init__(self, e, image, kernel):
        self.e, self.image, self.kernel = e, image, kernel
        self.o, self.w, self.b = e.symbols("o", *image), e.symbols("w", *kernel), e.symbols("b")
        self.f = e.activation()
        self.x = valid(self.o, self.w) + self.b
        self.delta = self.f.derivative(self.x)
        self.H = Partition(Windows(image, kernel)).columns(vec(self.o))

    def error(self, o=None, w=None, b=None):
        """E by plain loops, with one of the three put in."""
        x = forward_loops(self.o.tolist() if o is None else o, self.w.tolist() if w is None else w,
                          self.b if b is None else b)
        return sum(self.f(v) for row in x for v in row)

    def by_kernel(self):
        """∂E/∂w by dual numbers through the loops."""
        return self.e.gradient(lambda w: self.error(w=w), self.w)

    def slopes(self):
        """∂x_ij/∂w_mn by dual numbers through the loops: indices [i, j, m, n]."""
        return jacobian(lambda w: forward_loops(self.o.tolist(), w, self.b), self.w)

    def written(self, shift=lambda i, j, m, n: (i + m, j + n), rows=0, columns=0):
        """Σ_i Σ_j δ_ij o at shifted places, `rows` and `columns` fewer than all."""
        height, width = self.delta.shape
        return np.array([[sum(self.delta[i, j] * self.o[shift(i, j, m, n)]
                              for i in range(height - rows) for j in range(width - columns))
                          for n in range(self.kernel[1])] for m in range(self.kernel[0])])


#: Registers a claim about one layer: its function takes a `Setting`.
layer = taking(lecture.claim, Setting, cases=LAYER)
