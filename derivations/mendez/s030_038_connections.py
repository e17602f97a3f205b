"""Slides 30 to 38: full, local and shared connections, equations (1) to (3)."""

from itertools import product

import numpy as np

from cnnmat import loops, vec
from cnnmat.derivations.mendez.setting import (
    KIT,
    correlate_inside,
    crop,
    layer,
    layer_loops,
    layer_matrices,
    lecture,
    partition_of,
)
from cnnmat.textbook import feedforward
from cnnmat.textbook.images import correlate_image
from cnnmat.verify import Sides, vanishes

LOCAL = [{"image": (1, 3), "kernel": (1, 2)}, {"image": (4, 5), "kernel": (3, 2)}]


def windows(image, kernel):
    return loops.window_lists(image, kernel, [1, 1], [(0, 0), (0, 0)], [1, 1])


def local_loops(x, lists, w, f):
    """One weight list a unit: y_p = f(Σ_s w_p(s) x(L_p(s)))."""
    return [f(loops.dot(one, w[p])) for p, one in enumerate(loops.subvectors(x, lists))]


def local_matrix(V, x, w):
    """The same, w being P x S: diag(w Hᵀ...) as the row sums of w ⊙ Hᵀ."""
    return (V.columns(x).T * w).sum(axis=1)


@lecture.claim(
    "s30a", "definition", "(1): a fully connected unit", r"y_i=f\left(\sum_{i=1}^nw_ix_i\right)",
    expect="misprint", corrected_formula=r"y_i=f\left(\sum_{j=1}^nw_{ij}x_j\right)",
    reason="the unit's index is summed over, so that all units would be the same one; both builds "
           "and the next two equations repeat it. Invisible with a single unit",
    cases=[{"units": 1, "n": 3}, {"units": 2, "n": 3}])
def full(e, units, n):
    W, x, f = e.symbols("w", units, n), e.symbols("x", n), e.activation()
    truth = [f(loops.dot(W.tolist()[i], x.tolist())) for i in range(units)]
    zero = np.zeros(units, dtype=int)
    return Sides(truth=truth, corrected=f(feedforward.preactivation(x, W, zero)),
                 printed=f(np.array([W[0] @ x] * units)),
                 wrong={"w_{ji}": lambda: f(W.T @ x),
                        "inputs in reverse": f(feedforward.preactivation(x[::-1], W, zero))})


@lecture.claim(
    "s31a", "identity", "A hidden unit is connected to its patch only",
    r"\partial y_p/\partial x_i=0\;\text{for}\;i\notin L_p",
    cases=[{"image": (3, 4), "kernel": (2, 3)}, {"image": (6, 7), "kernel": (3, 5)}],
    source_kind="words")
def patch_only(e, image, kernel):
    x, w = e.integers(*image), e.integers(*kernel, low=1)
    P = (image[0] - kernel[0] + 1) * (image[1] - kernel[1] + 1)
    slopes = [e.gradient(lambda X, p=p: loops.vec(correlate_inside(X, w.tolist()))[p], x)
              for p in range(P)]
    V = partition_of(image, kernel)
    return Sides(truth=[[int(not vanishes(s)) for s in vec(one).tolist()] for one in slopes],
                 printed=V.skeleton, show={"skeleton": V.skeleton},
                 wrong={"patch transposed": lambda: partition_of(image, kernel[::-1]).skeleton,
                        "the next unit's patch": np.roll(V.skeleton.toarray(), 1, axis=0)})


@lecture.claim("s31b/size", "dimension", "Connected to all channels: one of gray, three of colour",
               r"1;\;3", cases=[{"kernel": (3, 5)}], source_kind="words")
def channels(e, kernel):
    S = sum(1 for _ in range(kernel[0]) for _ in range(kernel[1]))
    counted = [sum(S for _ in range(C)) for C in (1, 3)]
    return Sides(truth=counted, printed=[np.zeros((C, *kernel)).size for C in (1, 3)],
                 wrong={"S + C": [S + C for C in (1, 3)]})


@lecture.claim(
    "s32a", "definition", "(2): a locally connected unit, its index",
    r"y_i=f\left(\sum_{i\in L_p}w_ix_i\right)", expect="misprint",
    corrected_formula=r"y_p=f\left(\sum_{i\in L_p}w_{p,i}x_i\right)",
    reason="i is bound by the sum, the index left free on the right is p: there are as many "
           "outputs as patches, not as pixels", cases=LOCAL)
def local_index(e, image, kernel):
    x, f, lists = e.symbols("x", *image), e.activation(), windows(image, kernel)
    V = partition_of(image, kernel)
    w = e.symbols("w", V.P, V.S)
    truth = local_loops(loops.vec(x.tolist()), lists, w.tolist(), f)
    units = [[(p, s) for p in range(V.P) for s in range(V.S) if V.indices[p, s] == i]
             for i in range(V.M)]
    by_pixel = np.array([sum(w[p, s] * vec(x)[i] for p, s in one) for i, one in enumerate(units)])
    return Sides(truth=truth, printed=f(by_pixel), corrected=f(local_matrix(V, vec(x), w)),
                 wrong={"weights of unit 1 for all": f(local_matrix(V, vec(x), w[[0] * V.P]))})


@lecture.claim(
    "s32b", "definition", "(2): whose weights w_i are", r"y_i=f\left(\sum_{i\in L_p}w_ix_i\right)",
    expect="ambiguous", corrected_formula=r"w_{p,i}",
    reason="printed is a weight of the pixel, whichever patch it is seen from; the slide before "
           "wants a weight of the unit's own, the slides on sharing one of the place in the window. "
           "cnnmat: own weights here, shared from slide 37 on. Invisible where patches do not meet",
    cases=LOCAL, cites={
        "each unit its own weights": "slide 31: a hidden unit and its patch",
        "a weight of the pixel": "(2) itself: w has the index of the pixel",
        "a weight of the place": "slide 37: units share parameters"})
def whose_weights(e, image, kernel):
    x, lists, V = e.symbols("x", *image), windows(image, kernel), partition_of(image, kernel)
    own = e.symbols("w", V.P, V.S)
    pixels, shared = e.symbols("u", *image), e.symbols("v", *kernel)
    truth = local_loops(loops.vec(x.tolist()), lists, own.tolist(), lambda z: z)
    spread = V.columns(vec(pixels)).T
    return Sides(truth=truth, readings={
        "each unit its own weights": local_matrix(V, vec(x), own),
        "a weight of the pixel": local_matrix(V, vec(x), spread),
        "a weight of the place": local_matrix(V, vec(x), np.stack([vec(shared)] * V.P))},
        wrong={"pixels weighted, then summed": V.columns(vec(x) * vec(pixels)).sum(axis=0)})


@lecture.claim(
    "s33a", "definition", "(3): all channels, the weight without the channel's index",
    r"y_i=f\left(\sum_{i\in L_p,c}w_ix_i^c\right)", expect="misprint",
    corrected_formula=r"y_p=f\left(\sum_c\sum_{i\in L_p}w_{p,i}^cx_i^c\right)",
    reason="one weight for all channels adds the channels up before they are weighted; slide 38 has "
           "a matrix for each pair of channel and map. Invisible for gray images",
    cases=[{"C": 1, "image": (1, 3), "kernel": (1, 2)}, {"C": 2, "image": (2, 3), "kernel": (2, 2)}])
def all_channels(e, C, image, kernel):
    f, lists, V = e.activation(), windows(image, kernel), partition_of(image, kernel)
    x, w = e.symbols("x", C, *image), e.symbols("w", C, V.P, V.S)
    parts = [local_loops(loops.vec(x[c].tolist()), lists, w[c].tolist(), lambda z: z)
             for c in range(C)]
    truth = [f(sum(values)) for values in zip(*parts, strict=True)]
    return Sides(truth=truth,
                 printed=f(sum(local_matrix(V, vec(one), w[0]) for one in x)),
                 corrected=f(sum(local_matrix(V, vec(one), u) for one, u in zip(x, w, strict=True))),
                 wrong={"the first channel only": f(local_matrix(V, vec(x[0]), w[0]) * 2)})


def counts(maps, image, kernel):
    """(parameters, multiplications) of full, local, shared connection of one map, by counting."""
    C = maps[0]
    pixels = list(product(range(C), range(image[0]), range(image[1])))
    units = list(product(range(image[0] - kernel[0] + 1), range(image[1] - kernel[1] + 1)))
    near = [(u, p) for u in units for p in pixels
            if all(0 <= p[1 + a] - u[a] < kernel[a] for a in (0, 1))]
    places = {(p[0], p[1] - u[0], p[2] - u[1]) for u, p in near}
    return [len(units) * len(pixels), len(near), len(places)], [
        len(units) * len(pixels), len(near), len(near)]


SIZES = [{"maps": (2, 1), "image": (6, 7), "kernel": (3, 5)},
         {"maps": (1, 1), "image": (12, 11), "kernel": (5, 3)}]


@lecture.claim("s34a/size", "dimension", "Full connection has too many parameters",
               r"HWC\cdot P,\quad SC\cdot P,\quad SC", cases=SIZES, source_kind="words")
def parameters(e, maps, image, kernel):
    V = partition_of(image, kernel)
    C, M, S, P = maps[0], V.M, V.S, V.P
    return Sides(truth=counts(maps, image, kernel)[0], printed=[M * C * P, S * C * P, S * C],
                 wrong={"local without P": [M * C * P, S * C, S * C]})


@lecture.claim("s34b/size", "dimension", "Computing all hidden units costs less when local",
               r"HWC\cdot P,\quad SC\cdot P,\quad SC\cdot P", cases=SIZES,
               reason="sharing saves parameters, not multiplications", source_kind="words")
def multiplications(e, maps, image, kernel):
    V = partition_of(image, kernel)
    C, M, S, P = maps[0], V.M, V.S, V.P
    return Sides(truth=counts(maps, image, kernel)[1], printed=[M * C * P, S * C * P, S * C * P],
                 wrong={"sharing divides by P": [M * C * P, S * C * P, S * C]})


@lecture.claim(
    "s37a", "identity", "Units of one map share one mask", r"w_p=w\;\text{for all}\;p",
    cases=[{"image": (3, 4), "kernel": (2, 3)}, {"image": (4, 5), "kernel": (3, 2)}],
    source_kind="words")
def shared(e, image, kernel):
    x, w, lists = e.symbols("x", *image), e.symbols("w", *kernel), windows(image, kernel)
    other = e.symbols("u", *kernel)
    P = len(lists)
    truth = local_loops(loops.vec(x.tolist()), lists, [loops.vec(w.tolist())] * P, lambda z: z)
    V = partition_of(image, kernel)
    rows = image[0] - kernel[0] + 1
    per_row = np.stack([vec(other if p % rows else w) for p in range(P)])
    return Sides(truth=truth, printed=vec(correlate_image(x, w, padding="valid")),
                 wrong={"shared along rows only": local_matrix(V, vec(x), per_row)})


@lecture.claim(
    "s37b", "gradient", "The gradient of a shared weight sums over the units that share it",
    r"\partial L/\partial w=\sum_p\partial L/\partial w_p",
    cases=[{"image": (3, 4), "kernel": (2, 3)}], source_kind="own")
def shared_gradient(e, image, kernel):
    x, w, f = e.symbols("x", *image), e.symbols("w", *kernel), e.activation()
    lists = windows(image, kernel)
    c, V = e.symbols("c", len(lists)), partition_of(image, kernel)

    def loss(mask):
        y = local_loops(loops.vec(x.tolist()), lists, [loops.vec(mask)] * len(lists), f)
        return loops.dot(c.tolist(), y)

    H = V.columns(vec(x))
    own = H.T * (c * f.derivative(H.T @ vec(w)))[:, None]
    return Sides(truth=vec(e.gradient(loss, w)), printed=own.sum(axis=0),
                 wrong={"the mean over the units": own.sum(axis=0) / V.P,
                        "one unit": own[0]})


@layer("s38a", "definition", "W_ij joins input channel i with feature map j",
       r"y_j=\sum_iW_{ij}\star x_i", source_kind="words")
def connection(s):
    W = s.K.swapaxes(0, 1)                              # W[i, j]: input i, map j
    by_map = [[W[i, j].tolist() for i in range(s.C)] for j in range(s.D)]
    printed = s.matrices(correlate_image, B=0 * s.B)
    return Sides(truth=s.loops(correlate_inside, K=by_map, B=0 * s.B), printed=printed,
                 wrong={"W_ji": s.matrices(correlate_image, K=W[:, :2], B=0 * s.B),
                        "maps in reverse": printed[::-1]})


@layer("s38b/size", "dimension", "How many connection matrices there are, of what size",
       r"W_{ij},\;i\le C,\;j\le D", cases=[KIT], source_kind="consequence")
def matrices(s):
    pairs = [(i, j) for i in range(s.C) for j in range(s.D)]
    D, C, *window = s.K.shape
    return Sides(truth=(len(pairs), *s.kernel), printed=(D * C, *window),
                 wrong={"one a map": (D, *window), "window transposed": (D * C, *window[::-1])})


@lecture.claim(
    "s38c", "definition",
    "The order of the two map indices turns between slides 38, 54 and 57 to 62",
    r"y_j=\sum k_{ij}*x_i;\quad\sum_{j=1}^{m_1^{(l-1)}}K_{ij}^{(l)}*Y_j^{(l-1)}",
    expect="ambiguous", corrected_formula=r"K_{ij}=k_{ji}",
    reason="each order is sound by itself; the two together transpose the family of kernels. "
           "cnnmat writes the output first, as slides 57 on do",
    cases=[{"C": 2, "D": 2}, {"C": 2, "D": 3}], cites={
        "K_ij is k_ji": "(9) sums over the first index, (10) over the second",
        "K_ij is k_ij": "slides 54 and 58: the filter that belongs to i and j, in this order"})
def index_order(e, C, D):
    k, x = e.symbols("k", C, D, 1, 1), e.symbols("x", C, 1, 2)
    by_map = [[k[i, j].tolist() for i in range(C)] for j in range(D)]
    zero = np.zeros((D, 1, 2), dtype=int)
    truth = layer_loops(correlate_inside, x.tolist(), by_map, zero.tolist())

    def with_family(K):
        return layer_matrices(x, K, zero, correlate_image)

    turned = np.stack([k[:, j] for j in range(D)])
    return Sides(truth=truth, readings={
        "K_ij is k_ji": with_family(turned),
        "K_ij is k_ij": with_family(k)},
        wrong={"maps in reverse": with_family(turned[::-1])})


@lecture.claim(
    "s38d", "definition", "Each cell of a connection matrix weighs the local input of one place",
    r"\partial y_p/\partial W_{kl}=x_{p_1+k,p_2+l}",
    cases=[{"image": (3, 4), "kernel": (2, 3), "at": (1, 0)}], source_kind="words")
def each_cell(e, image, kernel, at):
    x, w = e.symbols("x", *image), e.symbols("w", *kernel)
    local = crop(x.tolist(), *at, *kernel)
    cell = [[e.gradient(lambda m: correlate_inside(x.tolist(), m)[at[0]][at[1]], w)[k, l]
             for l in range(kernel[1])] for k in range(kernel[0])]
    H = partition_of(image, kernel).columns(vec(x))
    column = at[0] + at[1] * (image[0] - kernel[0] + 1)
    return Sides(truth=(local, cell), printed=(H[:, column].reshape(kernel[::-1]).T,) * 2,
                 wrong={"the local input turned": (H[::-1, column].reshape(kernel[::-1]).T,) * 2})


