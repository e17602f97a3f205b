"""A lecture about letters."""

import numpy as np

from cnnmat import loops, weight_matrix, weight_matrix_short
from cnnmat.derivations.tables import table
from cnnmat.textbook import correlation
from cnnmat.verify import Lecture, Sides

lecture = Lecture("sized", "Lines about sizes that are letters")
lecture.kinks("compares")


@lecture.claim("product", "identity", "A feature map", "y")
def product(e):
    S, P = e.sizes("S", "P")
    H, w, theta, f = e.symbols("H", S, P), e.symbols("w", S), e.symbols("theta"), e.activation()
    return Sides(loops.feature_map(H.T.tolist(), w.tolist(), theta, f),
                 correlation.feature_map(H, w, theta, f),
                 wrong={"the bias added": correlation.feature_map(H, w, -theta, f)})


@lecture.claim("literal", "identity", "The literal form and the short one", "V")
def literal(e):
    P, S, M = e.sizes("P", "S", "M")
    V, w = e.partition(P, S, M), e.symbols("w", S)
    return Sides(weight_matrix_short(V, w), weight_matrix(V, w),
                 wrong={"reversed": weight_matrix(V, w[::-1])})


@lecture.claim("mean", "identity", "A mean", "m", expect="misprint", corrected_formula="m")
def mean(e):
    N = e.sizes("N")
    x = e.symbols("x", N)
    return Sides(loops.mean(x.tolist()), x.sum(), corrected=x.sum() / N,
                 wrong={"twice": 2 * x.sum() / N})


@lecture.claim("ones", "identity", "Ones of another length", "m", expect="misprint",
               corrected_formula="m")
def ones(e):
    S, T = e.sizes("S", "T")
    x = e.symbols("x", S)
    return Sides(sum(x.tolist()), lambda: x @ np.ones(T, dtype=int),
                 corrected=x @ np.ones(S, dtype=int), wrong={"twice": 2 * x.sum()})


@lecture.claim("compares", "identity", "The larger one", "m")
def compares(e):
    n = e.sizes("n")
    x = e.symbols("x", n)
    return Sides(x, x if x[0] == 10**9 else x * 1, wrong={"twice": 2 * x})


#: What no symbolic array does.
OUTSIDE = {"numpy.sort": np.sort, "numpy.sign": np.sign,
           "numpy.maximum": lambda x: np.maximum(x, 0),
           ".cumsum": lambda x: x.cumsum(), "the slice": lambda x: x[:-1] + x[1:],
           "numpy.stack of 2 arrays": lambda x: np.stack([x, x])[0],
           "TypeError": lambda x: np.asarray(x, dtype=float).sum(dtype=float)}


@table(lecture.claim, kind="identity")
def refused(e, operation):
    x = e.symbols("x", e.sizes("n"))
    return Sides(operation(x), operation(x) * 1, wrong={"twice": 2 * operation(x)})


for word, one in OUTSIDE.items():
    refused(f"refused {word}", "What no symbolic array does", "m", one)


@lecture.claim("sliced", "identity", "A sum, and one without its last term", "m")
def sliced(e):
    n = e.sizes("n")
    x = e.symbols("x", n)
    return Sides(sum(x.tolist()), x.sum(), wrong={"without the last": x[:-1].sum()})


@lecture.claim("impossible", "identity", "More regions than entries", "m")
def impossible(e):
    n = e.sizes("n")
    e.regions(n, 7)
    return Sides(n, n, wrong={"more": n + 1})


@lecture.claim("behind", "gradient", "A layer in front of any loss", "w")
def behind(e):
    N, S, P = e.sizes("N", "S", "P")
    x, W, J = e.symbols("x", N, S), e.symbols("W", P, S), e.loss("J")

    def slope(n):
        return e.gradient(lambda x: J(loops.times(W.tolist(), x), n), x[n])

    delta = J.slopes(x @ W.T)
    return Sides([slope(n) for n in range(N)], delta @ W,
                 wrong={"of another sample": lambda: J.slopes(x[::-1] @ W.T) @ W,
                        "another loss": e.loss("K").slopes(x @ W.T) @ W,
                        "in reverse": delta[:, ::-1] @ W})
