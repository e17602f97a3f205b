"""Introduction XXXIX to XLIV: pooling, flattening, the last layers."""

from fractions import Fraction

import numpy as np

from cnnmat import (
    Partition,
    Regions,
    Windows,
    activation,
    correlate_image,
    layers,
    loops,
    softmax,
    unvec,
    vec,
)
from cnnmat.derivations.chaurasia.setting import LOGITS, lecture, times
from cnnmat.derivations.functions import exponential
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.textbook.pooling import Max, Mean, Sum, upv_matrix
from cnnmat.textbook.risks import normalize
from cnnmat.verify import Blocks, Sides

#: The matrix of slide XLI.
MATRIX = [[12, 20, 30, 0], [8, 12, 2, 0], [34, 70, 37, 4], [112, 100, 25, 12]]
SHAPES = [{"image": (2, 6), "window": (2, 3), "stride": (2, 3)},
          {"image": (7, 7), "window": (2, 3), "stride": (3, 2)}]
TILED = [{"image": (2, 6), "window": (2, 3)}, {"image": (4, 6), "window": (2, 3)}]


def pool_loops(image, window, stride, reduce):
    """reduce(entries of every window that lies inside the image), by plain loops."""
    lists = loops.window_lists(image.shape, window, stride, ((0, 0), (0, 0)), (1, 1))
    return loops.pool(loops.vec(image.tolist()), lists, reduce)


def regions(image, window):
    return Regions(Windows(image, window, window))


def exact(matrix):
    return np.array([[Fraction(one) for one in row] for row in matrix], dtype=object)


def pooled_matrix(pooling, matrix=MATRIX):
    """A pooling of the 2 x 2 windows of slide XLI, exact."""
    windows = regions(np.shape(matrix), (2, 2))
    return unvec(pooling(vec(exact(matrix)), windows), [n // 2 for n in np.shape(matrix)])


@lecture.claim(
    "in39a", "dimension", "Pooling lessens the number of parameters",
    r"\text{parameters behind a pooling}", expect="ambiguous",
    corrected_formula=r"\text{dense layer: }\div\,q;\quad\text{convolution layer: unchanged}",
    reason="of a dense layer behind it: 240 weights become 40, for windows of six; a convolution layer "
           "behind it has as many as before (65), and pooling itself has none. What always falls is the "
           "number of activations",
    cases=[{"image": (4, 6), "C": 2, "D": 5, "kernel": (2, 3), "window": (2, 3)}], source_kind="words",
    cites={"of a dense layer behind it": "slide XLIII, the flattened map enters a dense layer",
           "of a convolution layer behind it": "slide LVIII, convolution layers are added behind the pooling"})
def fewer_parameters(e, image, C, D, kernel, window):
    maps = e.integers(1, C, *image)
    pooled = layers.pool(maps, "max", window)
    counts = [sum(1 for _ in loops.cells((C, *image))) * D,
              C * len(loops.window_lists(image, window, window, ((0, 0),) * 2, (1, 1))) * D]

    def parameters(x):
        dense = feedforward.dW(x.ravel(), np.ones(D)).size
        return dense, D * C * kernel[0] * kernel[1] + D

    (dense, conv), (dense_behind, conv_behind) = map(parameters, (maps, pooled))
    return Sides(truth=[*counts, counts[1] < counts[0]], readings={
        "of a dense layer behind it": [dense, dense_behind, dense_behind < dense],
        "of a convolution layer behind it": [dense, dense_behind, conv_behind < conv]},
        wrong={"divided by the side of the window": [dense, dense // window[0], True]})


@lecture.claim(
    "in40a", "definition", "Max pooling takes the largest entry of each window",
    r"t_{ij}=\max_{m,n}y_{s_1i+m,\,s_2j+n}", cases=SHAPES,
    reason="rectifying before or after makes no difference, for both keep the order", source_kind="words")
def max_pooling(e, image, window, stride):
    y = e.integers(*image)
    truth = pool_loops(y, window, stride, loops.largest)
    rectified = pool_loops(np.maximum(y, 0), window, stride, loops.largest)
    relu = activation("relu")

    def shipped(x):
        return vec(layers.pool(x[None, None], "max", window, stride=stride)[0, 0])

    sized = y - np.where(np.abs(y) == np.abs(y).max(), 10 * np.abs(y), 0)    # a large negative entry
    return Sides(truth=(truth, rectified, pool_loops(sized, window, stride, loops.largest)),
                 printed=(shipped(y), relu(shipped(y)), shipped(sized)),
                 wrong={"largest in absolute value": (shipped(y), relu(shipped(y)), shipped(np.abs(sized))),
                        "the smallest": (-shipped(-y), relu(shipped(y)), -shipped(-sized))})


@lecture.claim(
    "in40b", "definition", "Sum pooling adds up all entries", r"\sum_{m,n}y_{mn}", expect="ambiguous",
    corrected_formula=r"t_{ij}=\sum_{m,n\text{ in the window}}y_{s_1i+m,\,s_2j+n}", source_kind="words",
    reason="of each window it makes a smaller map, of the whole map a single number: for the matrix of the next "
           "slide 52, 32, 316 and 78, or 478. Invisible where there is one window only",
    cites={"of each window": "slide XXXIX, where pooling makes a smaller map",
           "of the whole map": "slide XL, all elements of the feature map"},
    cases=[{"matrix": [row[:2] for row in MATRIX[:2]]}, {"matrix": MATRIX}])
def sum_pooling(e, matrix):
    sums = pooled_matrix(Sum(), matrix)
    return Sides(truth=pool_loops(np.array(matrix), (2, 2), (2, 2), sum), readings={
        "of each window": vec(sums), "of the whole map": [np.sum(matrix)]},
        wrong={"means": vec(pooled_matrix(Mean(), matrix))}, show={"sums": sums})


@lecture.claim(
    "in40c", "definition", "Average pooling: the mean of the entries under the kernel",
    r"t_{ij}=\frac1q\sum_{m,n}y_{s_1i+m,\,s_2j+n}", cases=SHAPES, source_kind="words")
def average_pooling(e, image, window, stride):
    y = e.symbols("y", *image)
    q = window[0] * window[1]
    mask = np.full(window, Fraction(1, q), dtype=object)
    truth = pool_loops(y, window, stride, loops.mean)
    made = correlate_image(y, mask, stride=stride, padding="valid")
    return Sides(truth=truth, printed=vec(made),
                 wrong={"over the side": vec(made * Fraction(q, window[0])), "the sum": vec(made * q)})


@lecture.claim(
    "in40c/matrix", "identity", "Average pooling of tiles is a product with a matrix",
    r"t=\frac1q\,\mathrm{blkdiag}\{\mathbb{1},\dots,\mathbb{1}\}^{\mathsf T}T\,y", cases=TILED, source_kind="own")
def average_as_matrix(e, image, window):
    y = e.symbols("y", *image)
    omega = regions(image, window)
    g = Mean().gradient_vectors(vec(y), omega)
    up = upv_matrix(g, omega)
    return Sides(truth=pool_loops(y, window, window, loops.mean), printed=up.T @ omega.permute(vec(y)),
                 wrong={"regions not gathered first": up.T @ vec(y)},
                 show={"the matrix for 2 x 4, windows 2 x 2": Blocks(
                     Regions(Windows((2, 4), 2, 2)).matrix, rows=4)})


@lecture.claim(
    "in40d", "identity", "Average pooling suppresses noise: its variance is divided by the window's area",
    r"\mathrm{var}\,t=\frac{\sigma^2}{q}", cases=TILED,
    reason="for noise that is independent from pixel to pixel; the mean is kept. That max pooling performs "
           "better, the next bullet, is a matter of experience", source_kind="words")
def noise(e, image, window):
    q = window[0] * window[1]
    omega = regions(image, window)
    eye = np.array([[Fraction(int(i == j)) for j in range(omega.P)] for i in range(omega.P)], dtype=object)
    A = Mean()(eye, omega).T
    var = e.symbols("v", omega.P)
    lists = loops.window_lists(image, window, window, ((0, 0),) * 2, (1, 1))
    truth = [sum(var[m] for m in one) / (q * q) for one in lists]
    return Sides(truth=(truth, [1] * len(lists)), printed=((A * A) @ var, A.sum(axis=1)),
                 wrong={"divided by the area once more": ((A * A) @ var * Fraction(1, q), A.sum(axis=1)),
                        "not divided": ((A @ var), A.sum(axis=1))})


@table(lecture.claim, kind="example")
def entries(e, printed, pooling, reduce, other):
    """As many entries of the pooled matrix as are printed, row by row."""
    def first(made):
        return np.ravel(made)[:len(printed)]

    true = unvec(pool_loops(exact(MATRIX), (2, 2), (2, 2), reduce), (2, 2))
    pooled, turned = pooled_matrix(pooling), first(pooled_matrix(pooling, np.transpose(MATRIX)))
    return Sides(truth=[first(true)] * 2, printed=[printed, first(pooled)],
                 wrong={"the other pooling": [printed, first(pooled_matrix(other))],
                        "the matrix transposed": [turned, turned]},
                 show={"matrix": Blocks(MATRIX, rows=2, columns=2), "pooled": pooled})


entries("in41a", "Max pooling of the matrix", r"\begin{bmatrix}20&30\\112&37\end{bmatrix}",
        [20, 30, 112, 37], Max(), loops.largest, other=Mean())
entries("in41b", "Average pooling of the matrix, the first three entries",
        r"\begin{bmatrix}13&8\\79&\cdot\end{bmatrix}", [13, 8, 79], Mean(), loops.mean, other=Max(),
        source_kind="consequence")


@lecture.claim(
    "in41c", "example", "Average pooling of the matrix, the last entry",
    r"\begin{bmatrix}13&8\\79&20\end{bmatrix}", expect="ambiguous",
    corrected_formula=r"\begin{bmatrix}13&8\\79&19.5\end{bmatrix}",
    reason="(37 + 4 + 25 + 12)/4 = 19.5. As a number rounded to a whole one, 20 is right; but nothing on the "
           "slide rounds, and the other three means are exact. cnnmat gives 19.5",
    cites={"rounded to a whole number": "all entries of slide XLI are whole numbers",
           "the mean itself": "slide XL, the average of all values; the three other means are exact"})
def last_mean(e):
    last = loops.mean([Fraction(one) for one in (37, 4, 25, 12)])
    means = pooled_matrix(Mean())
    made = means[1, 1]
    return Sides(truth=[last, round(last)], readings={
        "rounded to a whole number": [made, 20], "the mean itself": [Fraction(20), 20]},
        wrong={"rounded down": [made, 19], "the middle of the four": [Fraction(37, 2), 20]},
        show={"means": means})


@lecture.claim(
    "in43a", "definition", "Flattening a map into a vector", r"(x_1,x_2,x_3,\dots)",
    reason="the order is not told; any does, for the rows of W follow it, as long as the way back takes the same. "
           "cnnmat stacks columns",
    covers="by columns and by rows", cases=[{"shape": (1, 3)}, {"shape": (3, 4)}])
def flatten(e, shape):
    Y = e.symbols("Y", *shape)
    W = e.integers(2, Y.size).astype(object)
    stacked = loops.vec(Y.tolist())
    by_rows = [loops.place((c, r), shape[::-1]) for c in range(shape[1]) for r in range(shape[0])]
    reordered = np.empty_like(W)
    reordered[:, by_rows] = W
    truth = (Y, loops.times(W.tolist(), stacked))
    columns = (unvec(vec(Y), shape), W @ vec(Y))
    return Sides(truth=(*truth, *truth),
                 printed=(*columns, Y.ravel().reshape(shape), reordered @ Y.ravel()),
                 wrong={"by columns, back by rows": (*columns, vec(Y).reshape(shape), reordered @ Y.ravel()),
                        "by rows, W as it was": (*columns, Y.ravel().reshape(shape), W @ Y.ravel()),
                        "reversed": (unvec(vec(Y)[::-1], shape), W @ vec(Y), *columns)})


@lecture.claim(
    "in44a", "identity", "Softmax or sigmoid at the end: between 0 and 1 both, and for two classes the same",
    r"S(y_1,y_2)_1=\frac1{1+e^{-(y_1-y_2)}}", rational=True,
    reason="not interchangeable for four classes that exclude each other: the sigmoids of the example sum "
           "to 2.99", source_kind="own")
def softmax_or_sigmoid(e):
    y, exp = e.symbols("y", 2), exponential(e)
    E = exp(y)
    sigmoid = activation("sigmoid")
    inside = [bool(0 < one < 1) for one in (*softmax(LOGITS), *sigmoid(np.array(LOGITS)))]
    sums = [round(float(sum(one)), 2) for one in (softmax(LOGITS), sigmoid(np.array(LOGITS)))]
    # e^(y1 - y2) is e^y1 / e^y2
    printed = 1 / (1 + E[1] / E[0])
    return Sides(truth=[loops.softmax(y.tolist(), exp)[0], *[True] * 8, 1.0 == sums[0], sums[1] == 2.99],
                 printed=[printed, *inside, True, True],
                 wrong={"of y_1 alone": [1 / (1 + 1 / E[0]), *inside, True, True],
                        "sigmoids sum to one": [normalize(E)[0], *inside, True, False]})


@lecture.claim(
    "in44b", "identity", "Fully connected layers combine all features of the flattened map",
    r"z=Wx,\quad\frac{\partial z_k}{\partial x_i}=W_{ki}", cases=[{"shape": (2, 3), "units": 2}], source_kind="words")
def combine(e, shape, units):
    Y, W, theta = e.symbols("Y", *shape), e.symbols("W", units, 6), e.symbols("theta", units)
    x = vec(Y)
    truth = [loops.dot(W[k].tolist(), loops.vec(Y.tolist())) - theta[k] for k in range(units)]
    windowed = Partition(Windows(shape, shape)).columns(x)[:3, 0]
    return Sides(truth=truth, printed=feedforward.preactivation(x, W, theta),
                 wrong={"flattened by rows": feedforward.preactivation(Y.ravel(), W, theta),
                        "a part of the map only": times(W[:, :3], windowed) - theta})


lecture.remark("in40", "One sentence lets average pooling come out of the largest entry; it takes the mean in its place, "
               "as claim in40c has it. Which of the two works better is a matter of experience.")
lecture.remark("in35", "Striding is spelt strading on slide XXXV; on slide XXVI spatially is spelt spatically.")
