"""Both carriers of a matrix, numbers and exact entries, and the types of results."""

from fractions import Fraction

import numpy as np
from scipy import sparse

from cnnmat import Partition, Regions, kron, layers, loops
from cnnmat.derivations.layers.setting import LAYERS, drawn, lecture, options
from cnnmat.textbook.pooling import Correlation, Max, Mean, Subsample, Sum, l2
from cnnmat.textbook.subsampling import padding
from cnnmat.textbook.vec import apply, hadamard
from cnnmat.verify import Sides


@lecture.claim(
    "carriers/products", "identity", "Sparse, dense or exact: the products are the same",
    r"a\otimes b,\quad a\odot b,\quad a\,x", cases=[{"carrier": "sparse"}, {"carrier": "dense"},
                                                   {"carrier": "exact"}])
def products(e, carrier):
    a, b, c = e.integers(2, 3), e.integers(4, 5), e.integers(2, 3)
    x = e.integers(2, 2, 3)
    carried = {"sparse": sparse.csr_array, "dense": np.asarray,
               "exact": np.vectorize(Fraction, otypes=[object])}[carrier]
    truth = ([[a[r // 4, s // 5] * b[r % 4, s % 5] for s in range(15)] for r in range(8)],
             [[a[r, s] * c[r, s] for s in range(3)] for r in range(2)],
             [[loops.times(a.tolist(), one) for one in two] for two in x.tolist()])
    a, b, c = (carried(one) for one in (a, b, c))
    return Sides(truth=truth, printed=(kron(a, b), hadamard(a, c), apply(a, x.tolist())),
                 wrong={"the factors exchanged": (kron(b, a), hadamard(a, c), apply(a, x))})


@lecture.claim(
    "carriers/types", "definition", "float32 stays float32 on every path",
    r"\mathrm{float32}\to\mathrm{float32}", cases=[{**LAYERS[0], "image": (8, 9), "kernel": (3, 3)}])
def types(e, **case):
    x, w, b = (one.astype(np.float32) for one in drawn(e, **case))
    found = []
    for name in ("literal", "lowering", "blocked", "winograd"):
        layer = {"method": name, **options(case)}
        z = layers.correlate(x, w, b, **layer)
        found += [z, *layers.correlate_backward(z, x, w, **layer),
                  layers.correlate_transpose(z, w, **layer)]
    for kind in ({"kind": "mean"}, {"kind": "max"}, {"kind": "sum"}, {"kind": "l2"}):
        t = layers.pool(x, size=2, **kind)
        found += [t, layers.pool_backward(t, x, size=2, **kind)]
    for pooling in (Mean(), Sum(), Max(), Correlation([1, 2]), Subsample(1), l2()):
        regions = Regions([[0, 2], [1, 3]], 4)
        y = x[0, 0, 0, :4]
        found += [pooling(y, regions), pooling.gradient_vectors(y, regions)]
    found = [one.dtype.name for one in found]
    return Sides(truth=["float32"] * len(found), printed=found,
                 wrong={"as wide as a float of Python's": [
                     np.result_type(np.float64, np.dtype(one)).name for one in found]})


@lecture.claim(
    "carriers/kept", "definition", "A matrix that is handed out many times cannot be written to",
    r"V_{ij}\leftarrow v\ \text{is refused}")
def kept(e):
    """Each part of it; what is made anew for a caller may be written to."""
    matrix = Partition([[0, 1], [1, 2]], 3).matrix
    parts = [getattr(one, part).flags.writeable for one in (matrix, matrix.copy())
             for part in ("data", "indices", "indptr")]
    return Sides(truth=[False] * 3 + [True] * 3, printed=parts,
                 wrong={"the entries only": [False, True, True] + [True] * 3})


@lecture.claim(
    "carriers/padding", "definition", "Zeros around a vector, as many before and after as asked for",
    r"\mathrm{pad}(y)=\mathrm{col}\{0,y,0\}", cases=[{"n": 3, "before": 2, "after": 1}])
def zeros_around(e, n, before, after):
    y = e.symbols("y", n)
    return Sides(truth=[0] * before + y.tolist() + [0] * after,
                 printed=apply(padding(n, before, after), y),
                 wrong={"before and after exchanged": apply(padding(n, after, before), y)})
