"""What a window covers, and the layouts in which V is kept."""

import numpy as np
from scipy import sparse

from cnnmat import Partition, Windows, kron, loops, vec
from cnnmat.derivations.layers.setting import lecture
from cnnmat.drawing import Blocks
from cnnmat.textbook.vec import apply, one_per_row
from cnnmat.verify import Sides

WINDOWS = [
    {"shape": (7, 8), "kernel": (2, 3), "stride": (2, 1), "padding": ((1, 0), (2, 1)), "dilation": (2, 3)},
    {"shape": (4, 5, 3), "kernel": (2, 1, 2), "stride": (1, 2, 1), "padding": ((0, 1), (0, 0), (1, 1)),
     "dilation": (2, 1, 1)},
]


@lecture.claim(
    "windows", "definition", "What a window covers, with stride, padding and dilation",
    r"m=\mathrm{window}\cdot\mathrm{stride}+\mathrm{entry}\cdot\mathrm{dilation}-\mathrm{before}", cases=WINDOWS)
def windows(e, shape, kernel, stride, padding, dilation):
    truth = loops.window_lists(list(shape), list(kernel), list(stride), list(padding), list(dilation))
    plain = Windows(shape, kernel, stride, padding)
    return Sides(truth=truth, printed=Windows(shape, kernel, stride, padding, dilation).indices,
                 wrong={"dilation left out": plain.indices[:len(truth)]})


@lecture.claim(
    "windows/same", "dimension", "Padding that keeps the size puts the odd zero behind",
    r"p=\max\left((\lceil n/s\rceil-1)s+d(k-1)+1-n,\,0\right),\ \lfloor p/2\rfloor\text{ before}",
    cases=[{"n": 5, "k": 2, "s": 1}, {"n": 7, "k": 4, "s": 2}, {"n": 9, "k": 2, "s": 2, "d": 3}])
def same(e, n, k, s, d=1):
    outputs = len(range(0, n, s))
    total = max((outputs - 1) * s + d * (k - 1) + 1 - n, 0)
    before = sum(1 for z in range(total) if 2 * z + 1 < total)
    truth = loops.window_lists([n], [k], [s], [(before, total - before)], [d])
    turned = Windows(n, k, s, ((total - before, before),), d)
    return Sides(truth=truth, printed=Windows(n, k, s, "same", d).indices,
                 wrong={"the odd zero in front": turned.indices})


@lecture.claim(
    "lowering", "identity", "V factors into one matrix for the columns and one for the rows",
    r"V=\Pi\,(V_{\mathrm{columns}}\otimes V_{\mathrm{rows}})"
    r"=\Pi\,(V_{\mathrm{columns}}\otimes I)(I\otimes V_{\mathrm{rows}})",
    cases=[{"image": (4, 5), "kernel": (2, 3), "stride": (1, 2), "padding": (1, 0)},
           {"image": (5, 4), "kernel": (3, 2), "stride": (2, 1), "padding": (1, 1)}])
def lowering_factors(e, image, kernel, stride, padding):
    one = [Partition(Windows(n, k, s, p)) for n, k, s, p in
           zip(image, kernel, stride, padding, strict=True)]
    rows, columns = one
    both = kron(columns.matrix, rows.matrix)
    split = (kron(columns.matrix, sparse.eye_array(rows.matrix.shape[0], dtype=np.int8))
             @ kron(sparse.eye_array(columns.M, dtype=np.int8), rows.matrix))
    # the product counts (window, entry) of the columns, then of the rows; V windows, then entries
    place = np.arange(both.shape[0]).reshape(columns.P, columns.S, rows.P, rows.S)
    order = one_per_row(place.transpose(0, 2, 1, 3).ravel(), both.shape[0])
    truth = loops.window_lists(list(image), list(kernel), list(stride),
                               [(p, p) for p in padding], [1, 1])
    dense = [[int(m == i) for m in range(image[0] * image[1])] for w in truth for i in w]
    return Sides(truth=(dense, dense), printed=((order @ both), (order @ split)),
                 wrong={"without the permutation": (both, split)},
                 show={"V of the rows": Blocks(rows.matrix, rows=rows.S),
                       "V of the columns": Blocks(columns.matrix, rows=columns.S)})


@lecture.claim(
    "row-major", "identity", "Memory row by row is the same V, its rows and columns permuted",
    r"V_{\mathrm{row\,major}}=\Pi_{PS}\,V\,\Pi_M^{\mathsf T}", cases=[{"image": (3, 4), "kernel": (2, 3)}])
def row_major(e, image, kernel):
    windows, turned = Windows(image, kernel), Windows(image[::-1], kernel[::-1])
    x = e.symbols("x", *image)
    # the turned image read by columns is the image read by rows
    H = apply(Partition(turned).matrix, vec(x.T))
    out = windows.output
    by_rows = [x[r + k, c + l] for r in range(out[0]) for c in range(out[1])
               for k in range(kernel[0]) for l in range(kernel[1])]
    return Sides(truth=by_rows, printed=H, wrong={"V itself": apply(
        Partition(windows).matrix, vec(x))})
