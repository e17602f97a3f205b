"""The package's own layers of real use, as matrices: the claims behind the fast paths."""

from fractions import Fraction

import numpy as np
from scipy import sparse

from cnnmat import Partition, Windows, kron, layers, loops, vec
from cnnmat.derivations.sayed.setting import SMALL, network
from cnnmat.drawing import Blocks
from cnnmat.layers.operators import CorrelationOperator
from cnnmat.layers.winograd import transforms
from cnnmat.textbook.vec import apply, one_per_row
from cnnmat.verify import Lecture, Sides

lecture = Lecture("layers", "cnnmat's own layers and fast paths, as matrices")

#: N, C, D, image, kernel: all sizes differ.
LAYER = {"n": 2, "before": 4, "after": 6, "image": (7, 9), "kernel": (2, 3)}
LAYERS = [
    {**LAYER, "stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1},
    {**LAYER, "stride": (2, 1), "padding": ((1, 0), (2, 1)), "dilation": (1, 2), "groups": 2},
]


def drawn(e, n, before, after, image, kernel, groups=1, **_):
    """Whole numbers for x, w and b."""
    return (e.integers(n, before, *image), e.integers(after, before // groups, *kernel),
            e.integers(after))


def options(case):
    return {k: case[k] for k in ("stride", "padding", "dilation", "groups")}


def by_loops(x, w, b, stride, padding, dilation, groups):
    return loops.correlate(x.tolist(), w.tolist(), b.tolist(), list(stride), list(padding),
                           list(dilation), groups)


for name in ("literal", "lowering", "blocked"):
    @lecture.claim(f"correlate/{name}", "algorithm", f"The {name} path computes the layer",
                   r"z_{nd}=\sum_c V\,\mathrm{vec}(x_{nc})\text{ against }w_{dc},\text{ plus }b_d",
                   cases=LAYERS)
    def forward(e, name=name, **case):
        x, w, b = drawn(e, **case)
        z = layers.correlate(x, w, b, method=name, **options(case))
        return Sides(truth=by_loops(x, w, b, **options(case)), printed=z,
                     wrong={"the kernel flipped": layers.convolve(
                         x, w, b, method=name, **options(case))})

    @lecture.claim(f"correlate_backward/{name}", "gradient", f"The {name} path takes the layer back",
                   r"\partial\langle dz,z\rangle/\partial(x,w,b)", cases=LAYERS)
    def backward(e, name=name, **case):
        x, w, b = drawn(e, **case)
        z = by_loops(x, w, b, **options(case))
        dz = e.integers(*np.shape(z))
        settings = options(case)
        truth = loops.correlate_backward(
            dz.tolist(), x.tolist(), w.tolist(), list(settings["stride"]),
            list(settings["padding"]), list(settings["dilation"]), settings["groups"])
        dx, dw, db = layers.correlate_backward(dz, x, w, method=name, **settings)
        return Sides(truth=truth, printed=(dx, dw, db),
                     wrong={"dz from the other end of the batch": layers.correlate_backward(
                         dz[::-1].copy(), x, w, method=name, **settings)})


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


@lecture.claim(
    "winograd/1d", "identity", "F(4, 3): four correlations from six products",
    r"y=A^{\mathsf T}[(Gg)\odot(B^{\mathsf T}d)]")
def winograd_line(e):
    A, B, G = transforms(exact=True)
    d, g = e.symbols("d", 6), e.symbols("g", 3)
    return Sides(truth=[sum(g[k] * d[i + k] for k in range(3)) for i in range(4)],
                 printed=A.T @ ((G @ g) * (B.T @ d)),
                 wrong={"the kernel flipped": A.T @ ((G @ g[::-1]) * (B.T @ d))},
                 show={"Aᵀ": A.T, "Bᵀ": B.T, "G": G})


@lecture.claim(
    "winograd/2d", "identity", "In two dimensions each transform is its own Kronecker square",
    r"\mathrm{vec}(Y)=(A\otimes A)^{\mathsf T}\left[((G\otimes G)\,\mathrm{vec}(w))\odot"
    r"((B\otimes B)^{\mathsf T}\mathrm{vec}(d))\right]")
def winograd_square(e):
    A, B, G = (kron(m, m) for m in transforms(exact=True))
    d, w = e.integers(6, 6).astype(object), e.symbols("w", 3, 3)
    truth = [[sum(int(d[i + k, j + l]) * w[k, l] for k in range(3) for l in range(3))
              for j in range(4)] for i in range(4)]
    Y = A.T @ ((G @ vec(w)) * (B.T @ vec(d)))
    return Sides(truth=loops.vec(truth), printed=Y,
                 wrong={"the mask transposed": A.T @ ((G @ vec(w.T)) * (B.T @ vec(d)))})


@lecture.claim(
    "winograd/layer", "algorithm", "The Winograd path computes the layer, exactly over the rationals",
    r"z=(A\otimes A)^{\mathsf T}\sum_c[\cdots]", cases=[{"image": (6, 7)}])
def winograd_layer(e, image):
    x, w = e.integers(1, 2, *image), e.integers(3, 2, 3, 3)
    exact = [np.vectorize(Fraction, otypes=[object])(one) for one in (x, w)]
    z = layers.correlate(*exact, padding=1, method="winograd")
    return Sides(truth=by_loops(x, w, np.zeros(3, dtype=int), (1, 1), ((1, 1), (1, 1)), (1, 1), 1),
                 printed=z, wrong={"without padding on the left": layers.correlate(
                     *exact, padding=((1, 1), (0, 2)), method="literal")})


@lecture.claim(
    "correlate_transpose", "identity", "The transposed convolution is the transposed matrix",
    r"\mathrm{vec}(x)=\mathcal{V}^{\mathsf T}\mathrm{vec}(z)",
    cases=[{"image": (7, 5), "kernel": (3, 2), "stride": (2, 1), "padding": (1, 0)}])
def transposed(e, image, kernel, stride, padding):
    w = e.integers(3, 2, *kernel)
    forward = CorrelationOperator((2, *image), w, stride=stride, padding=padding)
    z = e.integers(1, 3, *Windows(image, kernel, stride, padding).output)
    dx = loops.correlate_backward(
        z.tolist(), np.zeros((1, 2, *image), dtype=int).tolist(), w.tolist(), list(stride),
        [(p, p) for p in padding], [1, 1], 1)[0]
    shipped = layers.correlate_transpose(z, w, stride=stride, padding=padding)
    by_matrix = (forward.matrix.T @ z.ravel()).reshape(1, 2, *image)
    return Sides(truth=(dx, dx), printed=(shipped, by_matrix),
                 wrong={"the kernel flipped": (layers.correlate_transpose(
                     z, w[..., ::-1, ::-1].copy(), stride=stride, padding=padding), by_matrix)})


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
    r"\|\mathcal{V}\|_2\quad\text{and}\quad\|w_{D\times Ckk}\|_2", expect="ambiguous",
    corrected_formula=r"\|\mathcal{V}\|_2",
    reason="the spectral norm of the kernel as a D x C·k·k matrix is often taken for the layer's; "
           "the windows overlap, so the layer's own is larger",
    cases=[{"image": (6, 5), "kernel": (3, 3)}])
def operator_norm(e, image, kernel):
    w = e.floats(2, 2, *kernel)
    layer = CorrelationOperator((2, *image), w, padding=1)
    return Sides(truth=float(np.linalg.svd(layer.matrix.toarray(), compute_uv=False)[0]),
                 readings={"of the reshaped kernel": float(layer.kernel_norm()),
                           "of the layer's matrix": float(layer.norm())},
                 wrong={"of its entries": float(np.linalg.norm(layer.matrix.toarray()))})


@lecture.claim(
    "pool/max", "identity", "A maximum over a window is one over its rows, then over its columns",
    r"\max_{k,\ell}x_{k\ell}=\max_\ell\max_kx_{k\ell}",
    cases=[{"image": (6, 7), "size": (3, 2), "stride": (2, 1)}])
def pool_by_axes(e, image, size, stride):
    from cnnmat.layers.pooling import pool

    x = e.integers(1, 2, *image)
    lists = loops.window_lists(list(image), list(size), list(stride), [(0, 0)] * 2, [1, 1])
    truth = [loops.pool(loops.vec(one), lists, loops.largest) for one in x[0].tolist()]
    return Sides(truth=truth, printed=vec(pool(x, "max", size, stride=stride)[0], 2),
                 wrong={"one column less": vec(pool(x, "max", (size[0], 1), stride=stride)[0][
                     ..., :-1], 2)})


CONNECTED = ((1, 0, 1), (0, 1, 1))
NAMES = ("W_c", "Theta_c", "W_l", "theta_l")


def listed(parameters):
    return [getattr(parameters, name)[k] for name in NAMES for k in getattr(parameters, name)]


@lecture.claim(
    "network/connections", "gradient", "Maps that are not connected have no derivative",
    r"j\notin\mathcal{D}^{(d)}\Rightarrow\partial J/\partial w_j^{(d)}=0,\ \partial J/\partial\theta^{(d)}(j)=0",
    cases=[{"connections": (CONNECTED,)}])
def connections(e, connections):
    s = network(e, **SMALL, connections=connections)
    gradient, p = s.backward.gradient, s.parameters
    truth = [s.slopes(name, k) for name in NAMES for k in getattr(p, name)]
    everything = network(e, **SMALL).backward.gradient
    return Sides(truth=truth, printed=listed(gradient), wrong={
        "all maps connected": listed(everything)})


@lecture.claim(
    "network/floats", "gradient", "In floating point the same, with two samples",
    r"\partial J_{\mathrm{emp}}/\partial W_c=2\rho_1W_c+\tfrac1N\sum_n(\cdots)",
    cases=[{"N": 2}])
def in_floats(e, N):
    s = network(e, **{**SMALL, "N": N}, numbers="floats")
    gradient, p = s.backward.gradient, s.parameters
    truth = [s.slopes(name, k) for name in NAMES for k in getattr(p, name)]
    return Sides(truth=truth, printed=listed(gradient), wrong={
        "1/N left out": listed(gradient.map(lambda g: g * N))})


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
    r"p=\max\left((\lceil n/s\rceil-1)s+k-n,\,0\right),\ \lfloor p/2\rfloor\text{ before}",
    cases=[{"n": 5, "k": 2, "s": 1}, {"n": 7, "k": 4, "s": 2}])
def same(e, n, k, s):
    outputs = len(range(0, n, s))
    total = max((outputs - 1) * s + k - n, 0)
    before = sum(1 for z in range(total) if 2 * z + 1 < total)
    truth = loops.window_lists([n], [k], [s], [(before, total - before)], [1])
    return Sides(truth=truth, printed=Windows(n, k, s, "same").indices,
                 wrong={"the odd zero in front": Windows(n, k, s, ((total - before, before),)).indices})
