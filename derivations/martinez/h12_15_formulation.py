"""Channels and the layer's formula, (6) and (7)."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Windows, correlate_image, layers, loops, vec
from cnnmat.derivations.martinez.setting import lecture, plain, starts
from cnnmat.textbook import correlation
from cnnmat.verify import Sides

SHAPE = {"before": 2, "after": 3, "image": (4, 5), "kernel": (2, 3)}


def layer(x, w, b):
    """Z_k for all k, by the plain loops; w is [k][j]."""
    return loops.correlate([x], w, b, [1, 1], [(0, 0)] * 2, [1, 1], 1)[0]


def shipped(x, w, b):
    """Z_k for all k in matrices: HᵀW with the text's bias, which is added."""
    partition = Partition(Windows(x.shape[1:], w.shape[2:]))
    H = correlation.stack_maps(partition, vec(x, 2))
    W = vec(w, 2).reshape(w.shape[0], -1).T
    Theta = np.zeros((w.shape[1], w.shape[0]), dtype=object)
    Theta[0] = -b
    return correlation.preactivation(H, W, Theta)


def stacked(maps):
    return [loops.vec(one) for one in maps]


@lecture.claim("h12a", "identity", "Coefficients of a combination of channels go into the kernels",
               r"\sum_ja_j(\mathbf W_j*\mathbf I_j)=\sum_j(a_j\mathbf W_j)*\mathbf I_j")
def combination(e):
    x, w, a = e.symbols("x", 2, 3, 4), e.symbols("w", 2, 2, 3), e.symbols("a", 2)
    maps = [correlate_image(x[j], w[j], padding=0) for j in range(2)]
    return Sides(truth=layer(x.tolist(), [[(w[j] * a[j]).tolist() for j in range(2)]], [0])[0],
                 printed=maps[0] * a[0] + maps[1] * a[1],
                 wrong={"kernels and channels combined apart": correlate_image(
                     x[0] + x[1], w[0] * a[0] + w[1] * a[1], padding=0)})


@lecture.claim("h12b", "dimension", "Kernels between L and M channels", r"L\cdot M\text{ kernels}",
               cases=[{"L": 2, "M": 5, "kernel": (2, 3)}])
def kernels(e, L, M, kernel):
    counted = [(j, k) for k in range(M) for j in range(L)]
    weights = len(counted) * kernel[0] * kernel[1]
    return Sides(truth=(len(counted), weights), printed=(L * M, L * M * kernel[0] * kernel[1]),
                 wrong={"one an output": (M, M * kernel[0] * kernel[1])})


@lecture.claim("h13a", "dimension", "A colour image has its channel first", r"[C_I,M_I,N_I],\ C_I=3",
               cases=[{"shape": (3, 2, 4)}])
def colour_image(e, shape):
    image, a = e.symbols("I", *shape), e.symbols("a", 3)
    mixed = [[sum(a[j] * image[j, r, c] for j in range(3)) for c in range(4)] for r in range(2)]

    def shipped(image):
        return layers.correlate(image[None], a.reshape(1, 3, 1, 1))[0, 0]

    return Sides(truth=mixed, printed=shipped(image), wrong={
        "channels fastest": shipped(image.reshape(2, 4, 3).transpose(2, 0, 1)),
        "channel last": lambda: shipped(image.transpose(1, 2, 0))})


@lecture.claim("h13b", "dimension", "Range of the input channel", r"0\leq j\leq C_I\,1", expect="scan",
               corrected_formula=r"0\leq j\leq C_I-1",
               reason="the minus is lost: a product would allow one channel too many, and the sum of "
                      "(6) two lines below runs to C_I - 1", cases=[{"channels": 3}])
def channel_range(e, channels):
    image = [[[0]]] * channels
    counted = [j for j, _ in enumerate(image)]
    return Sides(truth=counted, printed=[*range(channels * 1 + 1)],
                 corrected=[*range(channels - 1 + 1)], elsewhere=[*range(0, channels - 1 + 1)],
                 wrong={"from one": [*range(1, channels + 1)]})


@lecture.claim("eq6", "definition", "An output channel sums over the input channels",
               r"\mathbf Z_k=\sum_{j=0}^{C_I-1}\mathbf W_{j,k}*\mathbf I_j+\mathbf B_k", cases=[SHAPE])
def output_channel(e, before, after, image, kernel):
    x, w, b = (e.symbols("x", before, *image), e.symbols("w", after, before, *kernel),
               e.symbols("b", after))
    Z = shipped(x, w, b)
    return Sides(truth=stacked(layer(x.tolist(), w.tolist(), b.tolist())), printed=Z,
                 wrong={"the bias inside the sum": Z + b[:, None] * np.ones_like(Z),
                        "channels exchanged": shipped(x[::-1], w, b)})


@lecture.claim("h13c", "dimension", "What the bias array may hold", r"\mathbf B_k", expect="ambiguous",
               corrected_formula=r"\mathbf B_k=b_k\mathbb1\mathbb1^{\mathsf T}",
               reason="an array of the map's size could hold a number for each place; with shared "
                      "weights it is one number for the map, as the chapter and cnnmat have it. The "
                      "values agree, the derivative does not")
def bias_array(e):
    x, w, g = e.symbols("x", 3, 4), e.symbols("w", 2, 2), e.symbols("g", 2, 3)
    b = np.array(e.symbols("b"), dtype=object)

    def loss(b):
        z = layer([x.tolist()], [[w.tolist()]], [b])[0]
        return sum(g[r, c] * z[r][c] for r in range(2) for c in range(3))

    return Sides(truth=e.gradient(loss, b)[()],
                 readings={"a number for each place": g, "one number for the map": g.sum()},
                 wrong={"the mean": g.sum() * Fraction(1, 6)})


@lecture.claim("h14a", "dimension", "Three channels in, four out", r"\mathbf W_{j,k},\ j<3,\ k<4",
               cases=[{"image": (4, 5), "kernel": (2, 3)}])
def three_to_four(e, image, kernel):
    w = [[[[1] * kernel[1]] * kernel[0]] * 3] * 4
    maps = layer([[[1] * image[1]] * image[0]] * 3, w, [0] * 4)
    return Sides(truth=(sum(len(one) for one in w), len(maps)), printed=(3 * 4, 4),
                 wrong={"one kernel a channel": (3 + 4, 4)})


@lecture.claim("eq7", "definition", "The layer recursion, two layers and two samples",
               r"\mathbf Z_k^{(l)}[n]=\sum_{j=0}^{C^{(l-1)}-1}\mathbf W_{j,k}^{(l)}*\mathbf H_j^{(l-1)}[n]"
               r"+\mathbf B_k^{(l)},\quad\mathbf H_k^{(l)}[n]=\varphi(\mathbf Z_k^{(l)}[n])")
def recursion(e):
    x, f = e.symbols("x", 2, 2, 3, 4), e.function("f")
    w1, b1 = e.symbols("v", 3, 2, 1, 2), e.symbols("a", 3)
    w2, b2 = e.symbols("w", 2, 3, 2, 2), e.symbols("b", 2)

    def by_loops(maps):
        inner = [[[f(v) for v in row] for row in one]
                 for one in layer(maps, w1.tolist(), b1.tolist())]
        return stacked(layer(inner, w2.tolist(), b2.tolist()))

    def in_matrices(maps, second=w2):
        inner = f(shipped(maps, w1, b1))
        return shipped(inner.reshape(3, 3, 3).swapaxes(1, 2), second, b2)

    return Sides(truth=[by_loops(one.tolist()) for one in x], printed=[in_matrices(one) for one in x],
                 wrong={"the channels of the second layer shifted": [
                     in_matrices(one, np.roll(w2, 1, axis=1)) for one in x]})


@lecture.claim("h15a", "definition", "What the bracket behind an array counts", r"\mathbf H_j^{(l-1)}[n]",
               expect="ambiguous", corrected_formula=r"\mathbf H_{j,n}^{(l-1)},\ n\text{ the sample}",
               reason="in (1) and (2) brackets hold a position; an entry of the map has no size to "
                      "slide a kernel over. It is the number of the sample")
def bracket(e):
    H, w = e.symbols("H", 2, 3, 4), e.symbols("w", 2, 2)
    return Sides(truth=plain(H[1].tolist(), w.tolist()), readings={
        "a position in the map": w * H[0, 1, 0], "a sample": correlate_image(H[1], w, padding=0)},
        wrong={"the sample before": correlate_image(H[0], w, padding=0)})


@lecture.claim("h15b", "definition", "What stride and padding are applied to",
               r"\mathbf W*_{s,p}\mathbf H", expect="ambiguous",
               corrected_formula=r"z[t]=\sum_r w[r]\,h[st+r]",
               reason="padding is applied to the image; a stride to the positions of the window. A "
                      "stride applied to the kernel would thin the kernel out",
               cases=[{"n": 8, "k": 3, "s": 2}])
def stride_of_kernel(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    truth = [sum(w[r] * h[a + r] for r in range(k)) for a in starts(n, k, s)]
    return Sides(truth=truth, readings={
        "the kernel is thinned out": correlate_image(h, w[::s], padding=0)[::s][:len(truth)],
        "the window steps": correlate_image(h, w, padding=0, stride=s)},
        wrong={"every value kept": correlate_image(h, w, padding=0)[:len(truth)]})
