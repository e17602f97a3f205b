"""What the text says of its symbols, and which of its lines are run as they stand."""

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.world import Computed, Given

__all__ = ["IMAGES", "LINES", "PADDED", "STRIDED", "image_symbols", "line_symbols",
           "worked_symbols"]

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

#: One dimension: the matrix of a kernel w at stride s, and what it sends back.
LINES = r"""
entries from 0
index i; t; j
T, E : number
w : vector
\mathbf{h}, \boldsymbol{\delta} : vector
\mathcal{W} : matrix
\mathbf{W}_j, \mathbf{I}_j : matrix for j = 1..2
a_j : number for j = 1..2
* : function
check h16c, h17c, h12a
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


def line_symbols(e, n, k, s):
    """A line of n entries, a kernel of k at stride s, and a loss whose derivative by z is δ."""
    h, w = e.symbols("h", n), e.symbols("w", k)
    starts = [a for a in range(0, n, s) if a + k <= n]
    delta = e.symbols("delta", len(starts))
    W, I, a = e.symbols("W", 2, 2, 3), e.symbols("I", 2, 3, 4), e.symbols("a", 2)
    return Computed({
        r"\mathbf{h}": h, "w": w, r"\boldsymbol{\delta}": delta, "T": len(starts),
        r"\mathcal{W}": [[w[i - start] if 0 <= i - start < k else 0 for start in starts]
                         for i in range(n)],
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
