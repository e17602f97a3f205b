"""A layer as a linear operator: matrix, Jacobians, products, norm."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.layers.setting import by_loops, lecture
from cnnmat.layers import CorrelationOperator
from cnnmat.layers.operators import csr_bytes
from cnnmat.textbook.vec import index_type
from cnnmat.verify import Sides, duals


@lecture.claim(
    "operator/matrix", "identity", "A whole layer is one sparse matrix, and its Jacobian in x",
    r"\mathrm{vec}(z)=\mathcal{V}\,\mathrm{vec}(x)",
    cases=[{"image": (5, 6), "kernel": (2, 3), "stride": (2, 1), "padding": (1, 0)}])
def operator_matrix(e, image, kernel, stride, padding):
    x, w = e.integers(1, 2, *image), e.integers(3, 2, *kernel)
    layer = CorrelationOperator((2, *image), w, stride=stride, padding=padding)
    z = by_loops(x, w, np.zeros(3, dtype=int), stride, [(p, p) for p in padding], (1, 1), 1)
    flat = np.array(z).ravel()
    by_weights = (layer.jacobian_w(x[0]) @ w.ravel()).reshape(-1)
    return Sides(truth=(flat, flat), printed=(layer.matrix @ x.ravel(), by_weights),
                 wrong={"the image flipped": (layer.matrix @ x.ravel()[::-1], by_weights)})


@lecture.claim(
    "operator/norm", "identity", "The norm of a layer is not the norm of its reshaped kernel",
    r"\|\mathcal{V}\|_2",
    reason="the spectral norm of the kernel as a D x C·k·k matrix is often taken for the layer's; "
           "the windows overlap, so the layer's own is larger",
    cases=[{"image": (6, 5), "kernel": (3, 3)}])
def operator_norm(e, image, kernel):
    w = e.floats(2, 2, *kernel)
    layer = CorrelationOperator((2, *image), w, padding=1)
    return Sides(truth=float(np.linalg.svd(layer.matrix.toarray(), compute_uv=False)[0]),
                 printed=float(layer.norm()),
                 wrong={"of the reshaped kernel": float(layer.kernel_norm()),
                        "of its entries": float(np.linalg.norm(layer.matrix.toarray()))})


OPERATORS = [
    {"image": (4, 5, 6), "kernel": (2, 3), "before": 4, "after": 6, "stride": (2, 1),
     "padding": ((1, 0), (2, 1)), "dilation": (1, 2), "groups": 2},
    {"image": (3, 7), "kernel": (3,), "before": 3, "after": 2, "stride": (2,),
     "padding": ((2, 1),), "dilation": (1,), "groups": 1},
    {"image": (2, 3, 2, 4), "kernel": (2, 1, 3), "before": 2, "after": 2, "stride": (1, 1, 2),
     "padding": ((0, 1), (0, 0), (1, 1)), "dilation": (1, 1, 1), "groups": 1},
]


def operator(e, image, kernel, before, after, groups, **layer):
    """A layer as an operator, an x, and both of its Jacobians by dual numbers."""
    x, w = e.integers(*image), e.integers(after, before // groups, *kernel)
    none, settings = np.zeros(after, dtype=int), {**layer, "groups": groups}

    def z(x, w):
        return loops.correlate([x], w, none.tolist(), *(
            list(layer[k]) for k in ("stride", "padding", "dilation")), groups)

    by_x = duals.jacobian(lambda x: z(x, w.tolist()), x).reshape(-1, x.size)
    by_w = duals.jacobian(lambda w: z(x.tolist(), w), w).reshape(-1, w.size)
    return CorrelationOperator(image, w, **settings), x, by_x, by_w


@lecture.claim(
    "operator/jacobians", "identity", "Entry by entry, the matrix and both Jacobians",
    r"\partial z/\partial x=\mathcal{V},\quad\partial z/\partial w=I\otimes H^{\mathsf T}",
    cases=OPERATORS)
def operator_jacobians(e, **case):
    layer, x, by_x, by_w = operator(e, **case)
    return Sides(truth=(by_x, by_x, by_w),
                 printed=(layer.matrix, layer.jacobian_x(), layer.jacobian_w(x)),
                 wrong={"a sign in x": (layer.matrix, layer.jacobian_x(), layer.jacobian_w(-x))})


@lecture.claim(
    "operator/products", "identity", "Products with the matrix and its transpose, without it",
    r"\mathcal{V}x,\ \mathcal{V}X,\ \mathcal{V}^{\mathsf T}z,\ \mathcal{V}^{\mathsf T}Z",
    cases=OPERATORS)
def operator_products(e, **case):
    layer, x, by_x, _ = operator(e, **case)
    several, z, zs = (e.integers(x.size, 3), e.integers(len(by_x)), e.integers(len(by_x), 2))
    V, VT = by_x.tolist(), loops.transpose(by_x.tolist())
    lazy = layer.aslinearoperator()
    truth = (loops.times(V, x.ravel().tolist()), loops.product(V, several.tolist()))
    back = (loops.times(VT, z.tolist()), loops.product(VT, zs.tolist()))
    printed = (layer @ x.ravel(), layer @ several, lazy @ x.ravel(), lazy @ several,
               lazy.T @ z, lazy.T @ zs)
    return Sides(truth=(*truth, *truth, *back), printed=printed,
                 wrong={"z from the other end": (*printed[:4], lazy.T @ z[::-1], printed[5])})


@lecture.claim(
    "operator/size", "dimension", "An entry for each place of a window on the image, for each pair of maps",
    r"D\,\tfrac{C}{G}\,|\{(p,s):m_{ps}\ge0\}|", cases=OPERATORS)
def operator_size(e, **case):
    layer, x, by_x, _ = operator(e, **case)
    lists = loops.window_lists(list(x.shape[1:]), *(list(case[k]) for k in (
        "kernel", "stride", "padding", "dilation")))
    pairs = case["after"] * case["before"] // case["groups"]
    entries = pairs * sum(1 for one in lists for place in one if place >= 0)
    # a value of 8 bytes and a column of 4 an entry, a start of 4 a row and one more
    size = entries * (8 + 4) + (len(by_x) + 1) * 4
    V = layer.matrix
    kept = V.data.nbytes + V.indices.nbytes + V.indptr.nbytes
    return Sides(truth=(by_x.shape, entries, entries, size, size),
                 printed=(layer.shape, layer.entries, V.nnz, layer.nbytes, kept),
                 wrong={"padding counted": (layer.shape, pairs * len(lists) * len(lists[0]), V.nnz,
                                            layer.nbytes, kept)})


@lecture.claim(
    "operator/singular", "algorithm", "The largest singular values, by a full decomposition or by products",
    r"\sigma_1\ge\sigma_2\ge\dots\text{ of }\mathcal{V}",
    cases=[{"image": (2, 12, 11), "kernel": (2, 3)}, {"image": (2, 4, 5), "kernel": (3, 2)},
           {"image": (2, 12, 11), "kernel": (2, 3), "count": 264}])
def operator_singular(e, image, kernel, count=3):
    w = e.integers(3, 2, *kernel)
    layer = CorrelationOperator(image, w, padding=1)
    z = np.zeros(3, dtype=int)
    V = duals.jacobian(lambda x: loops.correlate([x], w.tolist(), z.tolist(), [1, 1], [(1, 1)] * 2,
                                                 [1, 1], 1), np.zeros(image, dtype=int))
    values = np.linalg.svd(V.reshape(-1, np.prod(image)).astype(float), compute_uv=False)
    found = layer.singular_values(count)
    return Sides(truth=(values[:count], values[0]), printed=(found, layer.norm()),
                 wrong={"ascending": (found[::-1], layer.norm())})


@lecture.claim(
    "operator/zero", "algorithm", "A kernel of zeros, and one whose squares are out of range",
    r"\sigma(2^k\mathcal{V})=2^k\sigma(\mathcal{V}),\ \|2^kw\|_2=2^k\|w\|_2", cases=[{"k": 0}, {"k": 600}, {"k": -600}])
def operator_scaled(e, k):
    w = e.floats(2, 2, 2, 3) * (1 if k else 0)
    w[1, 0, 1, 2] = 0
    layer = CorrelationOperator((2, 12, 12), np.ldexp(w, k), padding=1)
    plain = CorrelationOperator((2, 12, 12), w, padding=1).matrix.toarray()
    values = np.linalg.svd(plain, compute_uv=False)[:2]
    largest = np.linalg.svd(w.reshape(2, -1), compute_uv=False)[0]
    found = np.ldexp(layer.singular_values(2), -k)
    kernel = np.ldexp(layer.kernel_norm(), -k)
    return Sides(truth=(values, largest), printed=(found, kernel),
                 wrong={"one more": (found + 1, kernel), "of its squares": (found, kernel**2 + 1)})


@lecture.claim(
    "operator/indices", "dimension", "Columns and row starts take four bytes as long as they fit",
    r"\max(\mathrm{rows},\mathrm{columns},\mathrm{entries})<2^{31}",
    cases=[{"shape": (5, 7), "entries": 9}, {"shape": (2**31, 7), "entries": 9},
           {"shape": (5, 2**31), "entries": 9}, {"shape": (5, 7), "entries": 2**31},
           {"shape": (2**31 - 1, 2**31 - 1), "entries": 2**31 - 1}])
def operator_indices(e, shape, entries):
    bytes_each = 4 if all(count <= 2147483647 for count in (*shape, entries)) else 8
    total = sum((entries * 8, entries * bytes_each, shape[0] * bytes_each, bytes_each))
    found = csr_bytes(shape, entries, np.dtype(float))
    return Sides(truth=(bytes_each, total), printed=(index_type(*shape, entries).itemsize, found),
                 wrong={"one row start less": (bytes_each, found - bytes_each)})
