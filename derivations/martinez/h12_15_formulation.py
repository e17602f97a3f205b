"""Channels and the layer's formula, (6) and (7)."""

import numpy as np

from cnnmat import Partition, Windows, correlate_image, layers, loops, vec
from cnnmat.derivations.martinez.setting import SLIDES, lecture, plain, starts
from cnnmat.textbook import correlation
from cnnmat.verify import Sides

SHAPE = {"before": 2, "after": 3, "image": (4, 5), "kernel": (2, 3)}


def layer(x, w, b):
    """Z_k for all k, by the plain loops; w is [k][j]."""
    return loops.correlate([x], w, b, [1, 1], [(0, 0)] * 2, [1, 1], 1)[0]


def shipped(x, w, B):
    """Z_k for all k in matrices: HᵀW, and the array B_k added."""
    partition = Partition(Windows(x.shape[1:], w.shape[2:]))
    H = correlation.stack_maps(partition, vec(x, 2))
    W = vec(w, 2).reshape(w.shape[0], -1).T
    return correlation.preactivation(H, W, np.zeros((w.shape[1], w.shape[0]), dtype=object)) + vec(B, 2)


def added(maps, B):
    """Z_k + B_k, place by place."""
    return [[[z + b for z, b in zip(*rows, strict=True)] for rows in zip(*one, strict=True)]
            for one in zip(maps, B.tolist(), strict=True)]


def stacked(maps):
    return [loops.vec(one) for one in maps]


@lecture.claim("h12a", "identity", "Coefficients of a combination of channels go into the kernels",
               r"\sum_ja_j(\mathbf W_j*\mathbf I_j)=\sum_j(a_j\mathbf W_j)*\mathbf I_j", source_kind="words")
def combination(e):
    x, w, a = e.symbols("x", 2, 3, 4), e.symbols("w", 2, 2, 3), e.symbols("a", 2)
    maps = [correlate_image(x[j], w[j], padding=0) for j in range(2)]
    return Sides(truth=layer(x.tolist(), [[(w[j] * a[j]).tolist() for j in range(2)]], [0])[0],
                 printed=maps[0] * a[0] + maps[1] * a[1],
                 wrong={"kernels and channels combined apart": correlate_image(
                     x[0] + x[1], w[0] * a[0] + w[1] * a[1], padding=0)})


@lecture.claim("h12b", "dimension", "Kernels between L and M channels", r"L\cdot M\text{ kernels}",
               cases=[{"L": 2, "M": 5, "kernel": (2, 3)}], source_kind="words")
def kernels(e, L, M, kernel):
    counted = [(j, k) for k in range(M) for j in range(L)]
    weights = len(counted) * kernel[0] * kernel[1]
    return Sides(truth=(len(counted), weights), printed=(L * M, L * M * kernel[0] * kernel[1]),
                 wrong={"one an output": (M, M * kernel[0] * kernel[1])})


@lecture.claim("h13a", "dimension", "A colour image has its channel first", r"[C_I,M_I,N_I],\quad C_I=3",
               cases=[{"shape": (3, 2, 4)}])
def colour_image(e, shape):
    image, a = e.symbols("I", *shape), e.symbols("a", 3)
    mixed = [[sum(a[j] * image[j, r, c] for j in range(3)) for c in range(4)] for r in range(2)]

    def shipped(image):
        return layers.correlate(image[None], a.reshape(1, 3, 1, 1))[0, 0]

    return Sides(truth=mixed, printed=shipped(image), wrong={
        "channels fastest": shipped(image.reshape(2, 4, 3).transpose(2, 0, 1)),
        "channels in reverse": shipped(image[::-1])})


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
               r"\mathbf{Z}_k=\sum_{j=0}^{C_I-1}\mathbf{W}_{j,k}*\mathbf{I}_j+\mathbf{B}_k", cases=[SHAPE],
               assumes=SLIDES)
def output_channel(e, before, after, image, kernel):
    x, w, B = (e.symbols("x", before, *image), e.symbols("w", after, before, *kernel),
               e.symbols("B", after, *Windows(image, kernel).output))
    Z = shipped(x, w, B)
    return Sides(truth=stacked(added(layer(x.tolist(), w.tolist(), [0] * after), B)), printed=Z,
                 wrong={"the bias inside the sum": Z + vec(B, 2), "channels exchanged": shipped(x[::-1], w, B)})


@lecture.claim("h13c", "dimension", "What the bias array may hold", r"\mathbf{B}_k", expect="ambiguous",
               corrected_formula=r"\mathbf B_k=b_k\mathbb1\mathbb1^{\mathsf T}",
               reason="an array of the map's size could hold a number for each place; with shared "
                      "weights it is one number for the map, as the chapter and cnnmat have it. The "
                      "values agree, the derivative does not. Invisible for a map with one place",
               cases=[{"places": (1, 1)}, {"places": (2, 3)}],
               cites={"a number for each place": "below (6): a bias array is added; the next slide calls them matrices",
                      "one number for the map": "(6): an index for the channel only, as the kernel, which all places share"})
def bias_array(e, places):
    rows, columns = places
    x, w, g = e.symbols("x", rows + 1, columns + 1), e.symbols("w", 2, 2), e.symbols("g", *places)
    b = np.array(e.symbols("b"), dtype=object)

    def loss(b):
        z = layer([x.tolist()], [[w.tolist()]], [b])[0]
        return sum(g[r, c] * z[r][c] for r in range(rows) for c in range(columns))

    return Sides(truth=[e.gradient(loss, b)[()]],
                 readings={"a number for each place": g.ravel(), "one number for the map": [g.sum()]},
                 wrong={"the first place only": [g[0, 0]]})


@lecture.claim("h14a", "dimension", "Three channels in, four out", r"\mathbf W_{j,k},\ j<3,\ k<4",
               cases=[{"image": (4, 5), "kernel": (2, 3)}], source_kind="words")
def three_to_four(e, image, kernel):
    w = [[[[1] * kernel[1]] * kernel[0]] * 3] * 4
    maps = layer([[[1] * image[1]] * image[0]] * 3, w, [0] * 4)
    return Sides(truth=(sum(len(one) for one in w), len(maps)), printed=(3 * 4, 4),
                 wrong={"one kernel a channel": (3 + 4, 4)})


@lecture.claim("eq7", "definition", "The layer recursion, two layers and two samples",
               r"\mathbf{Z}_{k}^{(l)}[n]=\sum_{j=0}^{C^{(l-1)}-1}\mathbf{W}_{j,k}^{(l)}*\mathbf{H}_{j}^{(l-1)}[n]+\mathbf{B}_{k}^{(l)},\quad\mathbf{H}_{k}^{(l)}[n]=\varphi\left(\mathbf{Z}_{k}^{(l)}[n]\right),\quad0\le k\le C^{(l)}-1",
               assumes=SLIDES, reason="φ is run entry by entry here, and with a pooling in it in (12)")
def recursion(e):
    x, f = e.symbols("x", 2, 2, 3, 4), e.function("f")
    w1, B1 = e.symbols("v", 3, 2, 1, 2), e.symbols("A", 3, 3, 3)
    w2, B2 = e.symbols("w", 2, 3, 2, 2), e.symbols("B", 2, 2, 2)

    def by_loops(maps):
        inner = [[[f(v) for v in row] for row in one]
                 for one in added(layer(maps, w1.tolist(), [0] * 3), B1)]
        return stacked(added(layer(inner, w2.tolist(), [0] * 2), B2))

    def in_matrices(maps, second=w2):
        inner = f(shipped(maps, w1, B1))
        return shipped(inner.reshape(3, 3, 3).swapaxes(1, 2), second, B2)

    return Sides(truth=[by_loops(one.tolist()) for one in x], printed=[in_matrices(one) for one in x],
                 wrong={"the channels of the second layer shifted": [
                     in_matrices(one, np.roll(w2, 1, axis=1)) for one in x]})


@lecture.claim("h15a", "definition", "The bracket behind an array may count samples or places",
               r"\mathbf{W}_{j,k}^{(l)}*\mathbf{H}_{j}^{(l-1)}[n]",
               reason="the text does not say which. In (1) and (2) brackets hold a place, of the result; with n the "
                      "sample the product is one of arrays. The line holds either way, and here n is the sample")
def bracket(e):
    H, w = e.symbols("H", 2, 3, 4), e.symbols("w", 2, 2)
    maps = layers.correlate(H[:, None], w[None, None])[:, 0]
    truth = [plain(one.tolist(), w.tolist()) for one in H]
    by_place = [[[sum(w[p, q] * one[m + p, n + q] for p in range(2) for q in range(2))
                  for n in range(3)] for m in range(2)] for one in H]
    return Sides(truth=(truth, truth), printed=(maps, by_place),
                 wrong={"the sample before": (maps[::-1], by_place),
                        "the place before": (maps, np.roll(by_place, 1, axis=2))})


@lecture.claim("h15b", "definition", "The image is padded, and the kernel is moved by the stride",
               r"z[t]=\sum_rw[r]\,h[st+r]", source_kind="words",
               reason="what is applied to the kernel is the step, as the slide on stride has it; the kernel itself "
                      "is not thinned out",
               cases=[{"n": 8, "k": 3, "s": 2}])
def stride_of_kernel(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    truth = [sum(w[r] * h[a + r] for r in range(k)) for a in starts(n, k, s)]
    return Sides(truth=truth, printed=correlate_image(h, w, padding=0, stride=s), wrong={
        "the kernel is thinned out": correlate_image(h, w[::s], padding=0)[::s][:len(truth)],
        "every value kept": correlate_image(h, w, padding=0)[:len(truth)]})
