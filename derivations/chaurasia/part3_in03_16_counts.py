"""Introduction III to XV: pixels, parameters, what a layer sees."""

import numpy as np

from cnnmat import Partition, Windows, correlate_image, loops, vec
from cnnmat.derivations.chaurasia.setting import (
    CHANNELS,
    LAYER,
    SMALL,
    connections,
    correlate_loops,
    lecture,
    size,
    times,
)
from cnnmat.textbook import feedforward
from cnnmat.verify import Blocks, Sides, vanishes
from cnnmat.verify.duals import jacobian

#: The hidden units that make the 78 thousand weights of slide III true.
WIDTH = 100
UNITS = {"the first layer of slide III has hidden units": "100"}


def pixels(*shape):
    """The number of entries of an array, counted one by one."""
    return sum(1 for _ in loops.cells(shape))


@lecture.claim("in3a", "dimension", "Pixels of an MNIST image", r"28\text{ x}28\text{ pixels }(784\text{ pixels})",
               rewritten=r"28\times28=784")
def mnist(e):
    return Sides(truth=[pixels(28, 28)] * 2, printed=[784, Windows((28, 28), 28).M],
                 wrong={"724": [724, 784], "28 + 28": [28 + 28, 784]})


@lecture.claim(
    "in3b", "dimension", "Weights of a first dense layer on MNIST", r"78\text{k}", assumes=UNITS,
    reason="the width may have stood in the figure; with the 30 units of slide XV it would be 23.5 thousand")
def weights_on_mnist(e):
    def thousands(width):
        return feedforward.dW(np.ones(784), np.ones(width)).size // 1000

    return Sides(truth=[pixels(784, WIDTH) // 1000] * 2, printed=[78, thousands(WIDTH)],
                 wrong={f"{width} hidden units": [78, thousands(width)] for width in (10, 30)})


@lecture.claim(
    "in3c", "dimension", "Pixels of a larger image", r"256\text{ x }256\;(56{,}000\text{ pixels})",
    expect="misprint", corrected_formula=r"256\times256=65{,}536",
    reason="256 squared is 65,536; the 560 thousand of the next line are ten times 56,000, so no digit "
           "was lost in scanning",
    rewritten=r"256\times256=56{,}000")
def larger_image(e):
    return Sides(truth=pixels(256, 256), printed=56_000, corrected=Windows((256, 256), 1).M,
                 wrong={"65,000": 65_000, "255 squared": 255**2})


@lecture.claim(
    "in3d", "dimension", "Weights of a first dense layer on the larger image", r"560\text{k}",
    expect="misprint", corrected_formula=r"65{,}536\cdot100\approx6{,}554\text{k}",
    reason="with the width that gives 78 thousand on MNIST there are 6.55 million; 560k are ten units on "
           "56,000 pixels, a second width and a wrong number of pixels. What the slide concludes, too "
           "many, is all the truer", assumes=UNITS)
def weights_on_the_larger_image(e):
    thousands = round(pixels(256, 256) * WIDTH / 1000)
    return Sides(truth=thousands, printed=560, corrected=round(Windows((256, 256), 1).M * WIDTH / 1000),
                 wrong={"ten hidden units": round(65_536 * 10 / 1000)})


@lecture.claim(
    "in4a", "identity", "A dense layer cannot know which pixels are neighbours",
    r"(\Pi W)^{\mathsf T}\Pi x=W^{\mathsf T}x", cases=[{"image": (2, 3), "units": 2}],
    reason="any reordering of the pixels is undone by the same reordering of the weights", source_kind="words")
def order_of_pixels(e, image, units):
    M = image[0] * image[1]
    x, W = e.symbols("x", M), e.symbols("W", M, units)
    order = [3, 0, 5, 1, 2, 4]
    Pi = np.eye(M, dtype=int)[order].astype(object)
    return Sides(truth=loops.times(loops.transpose(W.tolist()), x.tolist()),
                 printed=(Pi @ W).T @ (Pi @ x),
                 wrong={"only the pixels reordered": W.T @ (Pi @ x)}, show={"Π": Pi})


@lecture.claim(
    "in4a/convolution", "identity", "A convolution does know: reordered pixels cannot be undone by another kernel",
    r"V_w\Pi\neq V_{w'}\text{ for all }w'", cases=[SMALL],
    reason="after two pixels have changed places the places of the non-zero weights are no longer those "
           "of sliding windows", source_kind="own")
def order_of_pixels_in_a_convolution(e, image, kernel):
    V = connections(image, e.symbols("w", *kernel))
    places = list(range(V.shape[1]))
    places[0], places[-1] = places[-1], places[0]
    windows = [[int(a <= r < a + kernel[0] and b <= c < b + kernel[1])
                for c in range(image[1]) for r in range(image[0])]
               for b in range(image[1] - kernel[1] + 1) for a in range(image[0] - kernel[0] + 1)]
    swapped = [[row[k] for k in places] for row in windows]

    def pattern(matrix):
        return (~vanishes(matrix)).astype(int)

    return Sides(truth=(windows, True), printed=(pattern(V), swapped != windows),
                 wrong={"with two pixels exchanged": (pattern(V[:, places]), True)})


@lecture.claim(
    "in6a", "identity", "A convolution is no product with a full matrix of weights",
    r"(V_w)_{pm}=0\text{ for some }p,m", source_kind="words", cases=LAYER,
    reason="a product with a matrix it is, vec(I ⊗ K) = V_w vec(I), but with one whose entries are mostly 0 and "
           "otherwise few, repeated weights: 72 of 288 are not 0, and 6 are different, for a 2 x 3 kernel "
           "on 4 x 6 pixels")
def no_matrix_multiplication(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    V = connections(image, K)
    slopes = jacobian(lambda I: loops.vec(loops.correlate([[I]], [[K.tolist()]], [0], [1, 1],
                                                          [(0, 0)] * 2, [1, 1], 1)[0][0]), I)
    pattern = [[int(not vanishes(slopes[p, a, b])) for b in range(image[1]) for a in range(image[0])]
               for p in range(len(slopes))]
    used = (~vanishes(V)).astype(int)
    return Sides(truth=(loops.vec(correlate_loops(I, K)), pattern), printed=(times(V, vec(I)), used),
                 wrong={"a full matrix": (times(V, vec(I)), np.ones_like(used)),
                        "with the pixels read the other way round": (times(V, vec(I)[::-1]), used)},
                 show={"V_w for 1 x 2 on 2 x 3": Blocks(
                     connections((2, 3), np.array([[7, 8]])), rows=2, columns=2)})


@lecture.claim(
    "in7a", "dimension", "An image has height x width x depth entries",
    r"h\times w\times d,\quad6\times6\times3,\quad4\times4\times1",
    reason="d is called dimension; it counts the channels, and a grey image has one")
def entries_of_an_image(e):
    colour, grey = np.zeros((6, 6, 3)), np.zeros((4, 4, 1))
    return Sides(truth=(pixels(6, 6, 3), pixels(4, 4, 1), len("RGB"), 1),
                 printed=(colour.size, grey.size, colour.shape[2], grey.shape[2]),
                 wrong={"d as the number of axes": (6 * 6 * colour.ndim, 4 * 4 * grey[..., 0].ndim,
                                                    3, 1)})


@lecture.claim(
    "in14a", "identity", "A convolution sees a small window, a dense unit sees every pixel",
    r"\frac{\partial x_{ij}}{\partial I_{ab}}\neq0\iff i\le a<i+k_1,\;j\le b<j+k_2", cases=LAYER, source_kind="words")
def local_windows(e, image, kernel):
    I, K = e.symbols("I", *image), e.symbols("K", *kernel)
    slopes = jacobian(lambda I: loops.correlate([[I]], [[K.tolist()]], [0], [1, 1],
                                                [(0, 0)] * 2, [1, 1], 1)[0][0], I)
    seen = [[int(not vanishes(slopes[i, j, a, b])) for b in range(image[1]) for a in range(image[0])]
            for j in range(slopes.shape[1]) for i in range(slopes.shape[0])]
    skeleton = Partition(Windows(image, kernel)).skeleton.toarray()
    return Sides(truth=seen, printed=skeleton,
                 wrong={"every pixel": np.ones_like(skeleton),
                        "every window one pixel on": np.roll(skeleton, 1, axis=1)},
                 show={"which pixels a unit sees": skeleton} if image[0] == 1 else {})


@lecture.claim(
    "in15a", "dimension", "Weights from 784 inputs to 30 hidden units",
    r"784*30=23{,}550\text{ weights}", expect="misprint",
    corrected_formula=r"784*30=23{,}520",
    reason="the product is 23,520; with one bias for each of the 30 units there are 23,550 parameters",
    rewritten=r"784*30=23{,}550")
def dense_weights(e):
    counted = sum(1 for _ in range(784) for _ in range(30))
    return Sides(truth=counted, printed=23_550,
                 corrected=feedforward.dW(np.ones(784), np.ones(30)).size,
                 wrong={"one input too many": 785 * 30 + 30})


@lecture.claim(
    "in15b", "dimension", "A 3 x 3 region has nine input units", r"3*3\to9",
    cases=[{"image": (5, 7), "kernel": (3, 3)}, SMALL], source_kind="words")
def region(e, image, kernel):
    k1, k2 = kernel
    windows = loops.window_lists(image, kernel, [1, 1], [(0, 0)] * 2, [1, 1])
    V = connections(image, np.ones(kernel, dtype=int))
    return Sides(truth=[len(set(one)) for one in windows], printed=V.sum(axis=1),
                 wrong={"k1 + k2": [k1 + k2] * len(windows)})


@lecture.claim(
    "in15c", "dimension", "Sparse connections save memory and operations",
    r"P\,k_1k_2\ll P\,HW", cases=[SMALL, {"image": (9, 11), "kernel": (3, 2)}],
    reason="two savings: few connections save operations (for 3 x 3 on 28 x 28 pixels 6,084 products "
           "in place of 529,984), and sharing the weights saves memory (9 in place of 6,084)", source_kind="words")
def savings(e, image, kernel):
    I = loops.build(list(image), lambda *cell: 1)
    used = correlate_loops(I, loops.build(list(kernel), lambda *cell: 1))
    products = sum(entry for row in used for entry in row)    # every product is one times one
    V = connections(image, np.arange(1, 1 + pixels(*kernel)).reshape(kernel)).toarray()
    P = len(used) * len(used[0])
    distinct = len({str(w) for w in V[~vanishes(V)]})
    return Sides(truth=(products, pixels(*kernel), P * pixels(*image)),
                 printed=(int((~vanishes(V)).sum()), distinct, V.size),
                 wrong={"as many weights as connections": (products, products, V.size),
                        "as many connections as a dense layer": (V.size, distinct, V.size)})


@lecture.claim(
    "in16a", "dimension", "A kernel of its own for every feature map", r"K\in\mathbb{R}^{k_1\times k_2\times D}",
    cases=[CHANNELS], source_kind="words")
def one_map_a_kernel(e, image, kernel, C, D):
    x, w = e.integers(1, 1, *image), e.integers(D, 1, *kernel)
    from cnnmat import layers

    truth = loops.correlate(x.tolist(), w.tolist(), [0] * D, [1, 1], [(0, 0)] * 2, [1, 1], 1)
    one = correlate_image(x[0, 0], w[0, 0], padding=0)
    return Sides(truth=(truth, [D, *size(image, kernel)]),
                 printed=(layers.correlate(x, w), [D, *size(image, kernel)]),
                 wrong={"one kernel for all maps": (np.stack([one] * D)[None], [D, *one.shape])})
