"""The lecture, the shapes on which its claims are run, and what those claims share."""

import math

import numpy as np

from cnnmat import Partition, Windows, correlate_image, loops, vec, weight_matrix_short
from cnnmat.derivations.chaurasia import notation
from cnnmat.textbook.images import convolve_image
from cnnmat.textbook.vec import apply, carrier
from cnnmat.verify import Lecture, Notation, Sides

lecture = Lecture("chaurasia", "Chaurasia, N8104: convolutional neural networks",
                  edition="Slides of 14 June 2023")

#: A 4 x 6 map, a 2 x 3 kernel, so a 3 x 4 result: no two sizes that could be mixed up are equal.
SMALL = {"image": (4, 6), "kernel": (2, 3)}
#: One row: the shortest case in which the two ends of a kernel differ.
ROW = {"image": (1, 3), "kernel": (1, 2)}
#: The floor bites on both axes: two rows and one column are never seen.
STRIDED = {"image": (7, 10), "kernel": (2, 3), "stride": (3, 2)}
#: Two channels in, five filters.
CHANNELS = {"image": (4, 6), "kernel": (2, 3), "C": 2, "D": 5}
LAYER = [ROW, SMALL]
#: For full convolutions, whose matrices are larger.
FULL = [ROW, {"image": (3, 4), "kernel": (2, 3)}]

#: The logits of slide Softmax III, the output printed for them, the four classes.
LOGITS = (3.2, 1.3, 0.2, 0.8)
OUTPUT = (0.775, 0.116, 0.039, 0.070)
CLASSES = ("dog", "cat", "horse", "cheetah")
#: The shapes in the three containers, of 30 each: triangles, circles.
CONTAINERS = ((26, 4), (14, 16), (1, 29))

#: What the slides leave open, as all of their claims take it.
PLAIN = {"stride and padding, where none is named, are": "1 and 0"}
ZEROS = {"I and K outside their ranges are": "0"}
BITS = {"the base of log on slides VIII to XVI, where none is written, is": "2"}
SHARE = {"S of one number y_i is": "entry i of S(y)"}

lecture.read(Notation(notation.ENTROPY, notation.entropy_symbols))
lecture.read(Notation(notation.SOFTMAX, notation.softmax_symbols, cases=({"logits": LOGITS},)))
lecture.read(Notation(notation.TWO, notation.two_symbols))
lecture.read(Notation(notation.BITS, notation.two_symbols))
lecture.read(Notation(notation.COUNTS, notation.count_symbols, cases=(
    {"n": 8, "m": 0, "k": 3, "s": 2}, {"n": 6, "m": 1, "k": 4, "s": 3})))
lecture.read(Notation(notation.IMAGES, notation.image_symbols))
lecture.read(Notation(notation.NUMBERS, notation.number_symbols))
lecture.read(Notation(notation.STRIDES, notation.stride_symbols))
lecture.read(Notation(notation.PRODUCTS, notation.product_symbols))
lecture.read(Notation(notation.LAYER, notation.layer_symbols, cases=(SMALL, ROW)))


def rounded(values, digits):
    """Numbers as they are printed, to `digits` decimals."""
    if isinstance(values, (list, tuple, np.ndarray)):
        return [rounded(one, digits) for one in values]
    return round(float(values), digits)


def log(base):
    """The logarithm to `base`, for the loops."""
    return {2: math.log2, 10: math.log10, math.e: math.log}[base]


def worked(printed, digits, truth, shipped, wrong):
    """A number as `printed`, to `digits` decimals, and as the package recomputes it (`shipped`)."""
    again = rounded(shipped, digits)
    return Sides(truth=[rounded(truth, digits)] * 2, printed=[printed, again],
                 wrong={name: [rounded(one, digits), again] for name, one in wrong.items()})


def valid(image, mask, **options):
    """The correlation where the mask lies inside the image."""
    return correlate_image(image, mask, padding="valid", **options)


def inside(image, mask):
    """The convolution where the mask lies inside the image."""
    return convolve_image(image, mask, padding="valid")


def correlate_loops(image, mask, stride=(1, 1), padding=((0, 0), (0, 0))):
    """Correlation of one image with one mask by plain loops."""
    return loops.correlate([[np.asarray(image).tolist()]], [[np.asarray(mask).tolist()]], [0],
                           list(stride), list(padding), [1, 1], 1)[0][0]


def convolve_loops(image, mask):
    """The part of the full convolution (0.4) for which the mask lies inside the image."""
    image, mask = np.asarray(image), np.asarray(mask)
    full = loops.convolve(image.tolist(), mask.tolist())
    rows, columns = mask.shape
    return [row[columns - 1:image.shape[1]] for row in full[rows - 1:image.shape[0]]]


def connections(image, mask):
    """V_w, the matrix with V_w vec(image) = vec(correlation): outputs x pixels."""
    mask = np.asarray(mask)
    return weight_matrix_short(Partition(Windows(image, mask.shape)), vec(mask)).T


def times(matrix, x):
    """A constant matrix times a vector, in the carrier that fits."""
    return apply(carrier(matrix, x), x)


def size(image, kernel):
    """Rows and columns of the result of a correlation inside the image."""
    return tuple(n - k + 1 for n, k in zip(image, kernel, strict=True))


def plus(matrix, number):
    """A number added to every entry of a nested list."""
    return [[entry + number for entry in row] for row in matrix]
