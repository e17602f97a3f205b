"""What the text says of its symbols, and which of its lines are run as they stand."""

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["CHANNELS", "CONNECTIONS", "IMAGES", "LINES", "PADDED", "SIZES", "STRIDED",
           "channel_symbols", "connection_symbols", "image_symbols", "line_symbols",
           "size_symbols", "worked_symbols"]

#: An image and a kernel with indices from 0.
IMAGES = r"""
entries from 0
index m; n; p; q
M_I, N_I, M_W, N_W : number
\mathbf{I} : matrix M_I x N_I
\mathbf{W} : matrix M_W x N_W
*, \star : function
check eq2 for m = 0..M_I-M_W, n = 0..N_I-N_W
check eq2/sum as (\mathbf I\star\mathbf W)[m,n] for m = 0..M_I-M_W, n = 0..N_I-N_W
"""

#: Sizes with p zeros an axis and a stride s.
SIZES = r"""
M_I, N_I, M_W, N_W, M_w, N_w, p, s : number
\mathbf{P}, \mathbf{W} : matrix
\star, \star_s : function
check eq4 sizes \mathbf{P}\star\mathbf{W}
check eq5 sizes \mathbf{P}\star_s\mathbf{W}
"""

#: Three channels that become four.
CHANNELS = r"""
index j; k = 0..3
C_I : number
\mathbf{Z}_k, \mathbf{B}_k : matrix for k = 0..3
\mathbf{W}_{j,k} : matrix for j = 0..2, k = 0..3
\mathbf{I}_j : matrix for j = 0..2
* : function
check eq6
"""

#: The connection matrix as it is drawn up, of 8 inputs, a kernel of 2 and the stride 2.
CONNECTIONS = r"""
entries from 0
w : vector
\mathcal{W}^{(l)} : matrix
check h16b/printed
"""

#: One dimension: the matrix of a kernel w at stride s, and what it sends back.
LINES = r"""
entries from 0
index i; t; j
T, E : number
w : vector
\mathbf{h}, \boldsymbol{\delta} : vector
\mathcal{W}, \mathcal{W}^{(l)} : matrix
\mathbf{h}^{(l-1)}, \mathbf{z} : vector
\mathbf{W}_j, \mathbf{I}_j : matrix for j = 1..2
a_j : number for j = 1..2
* : function
check h16c, h17c, h12a
check h17b as \mathbf{z}
"""

#: The padded example; and the same at every second place.
PADDED = r"""
\mathbf{I}, \mathbf{W} : matrix
* : function
check h8b/1, h8b/2, h8b/3, h8b/4, h8c
"""
STRIDED = r"""
\mathbf{I}, \mathbf{W} : matrix
* : function
check h10b/1, h10b/2, h10b/3
"""


def correlated(image, mask, stride=1):
    """The correlation of one map with one kernel, by the plain loops."""
    found = loops.correlate([[np.asarray(image).tolist()]], [[np.asarray(mask).tolist()]], [0],
                            [stride, stride], [(0, 0), (0, 0)], [1, 1], 1)
    return np.array(found[0][0], dtype=object)


def _convolved(image, mask):
    """Every place where the turned mask lies inside the image."""
    return correlated(image, loops.flip(mask.tolist()))


def image_symbols(e):
    """An image of 4 by 5 and a kernel of 2 by 3."""
    return Given({"M_I": 4, "N_I": 5, "M_W": 2, "N_W": 3, r"\mathbf{I}": e.symbols("I", 4, 5),
                  r"\mathbf{W}": e.symbols("W", 2, 3), "*": lambda: _convolved,
                  r"\star": lambda: correlated})


def size_symbols(e, p, s):
    """An image of 4 by 5 behind p rows and columns of zeros, and a kernel of 2 by 3."""
    padded = np.zeros((4 + p, 5 + p), dtype=int)
    return Given({"M_I": 4, "N_I": 5, "M_W": 2, "N_W": 3, "M_w": 2, "N_w": 3, "p": p, "s": s,
                  r"\mathbf{P}": padded, r"\mathbf{W}": np.zeros((2, 3), dtype=int),
                  r"\star": lambda: correlated,
                  r"\star_s": lambda: lambda image, mask: correlated(image, mask, s)})


def channel_symbols(e):
    """Maps, kernels and bias arrays; the loops add up the channels."""
    I, W, B = e.symbols("I", 3, 3, 4), e.symbols("W", 3, 4, 2, 3), e.symbols("B", 4, 2, 2)

    def layer(k):
        return np.array(loops.correlate([I.tolist()], [W[:, k].tolist()], [0], [1, 1],
                                        [(0, 0), (0, 0)], [1, 1], 1)[0][0], dtype=object)

    return Given({"C_I": 3, r"\mathbf{Z}_k": lambda k: layer(k) + B[k],
                  r"\mathbf{W}_{j,k}": lambda j, k: W[j, k], r"\mathbf{I}_j": lambda j: I[j],
                  r"\mathbf{B}_k": lambda k: B[k],
                  "*": lambda: lambda mask, image: correlated(image, mask)})


def connection_symbols(e):
    """A kernel and the matrix of its connections."""
    w = e.symbols("w", 2)
    return Given({"w": w, r"\mathcal{W}^{(l)}": [
        [w[i - 2 * t] if 0 <= i - 2 * t < 2 else 0 for t in range(4)] for i in range(8)]})


def line_symbols(e, n, k, s):
    """A line of n entries, a kernel of k at stride s, and a loss whose derivative by z is δ."""
    h, w = e.symbols("h", n), e.symbols("w", k)
    starts = [a for a in range(0, n, s) if a + k <= n]
    delta = e.symbols("delta", len(starts))
    connections = [[w[i - start] if 0 <= i - start < k else 0 for start in starts] for i in range(n)]
    W, I, a = e.symbols("W", 2, 2, 3), e.symbols("I", 2, 3, 4), e.symbols("a", 2)
    return Computed({
        r"\mathbf{h}": h, "w": w, r"\boldsymbol{\delta}": delta, "T": len(starts),
        r"\mathcal{W}": connections, r"\mathcal{W}^{(l)}": connections, r"\mathbf{h}^{(l-1)}": h,
        r"\mathbf{z}": [loops.dot(h[a:a + k].tolist(), w.tolist()) for a in starts],
        r"\mathbf{W}_j": lambda j: W[j - 1], r"\mathbf{I}_j": lambda j: I[j - 1],
        "a_j": lambda j: a[j - 1], "*": lambda: lambda mask, image: _convolved(image, mask)},
        lambda values: {"E": sum(
            delta[t] * loops.dot(np.ravel(values[r"\mathbf{h}"]).tolist()[start:start + k],
                                 w.tolist()) for t, start in enumerate(starts))})


def worked_symbols(e, image, kernel, stride):
    """The numbers of the text's example; its * slides the kernel, without turning it."""
    return Given({r"\mathbf{I}": np.array(image, dtype=object),
                  r"\mathbf{W}": np.array(kernel, dtype=object),
                  "*": lambda: lambda mask, padded: correlated(padded, mask, stride)})
