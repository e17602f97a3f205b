"""The lecture, and the layers on which its claims are run, in loops and in matrices."""

from dataclasses import dataclass

import numpy as np

from cnnmat import Activation, Partition, Windows, loops, vec
from cnnmat.derivations.mendez import notation, notation_example, notation_images
from cnnmat.derivations.tables import taking
from cnnmat.textbook.correlation import weight_matrix_short
from cnnmat.textbook.images import convolve_full, convolve_image, correlate_image
from cnnmat.textbook.subsampling import subsample, subsample_back
from cnnmat.textbook.vec import unvec
from cnnmat.verify import Lecture, Notation
from cnnmat.verify.tex.world import Given

lecture = Lecture("mendez", "Mendez-Vazquez: convolutional networks, 116 slides",
                  edition="Slides of 13 March 2019")

#: Two maps in, three out, all sizes different: once in symbols, once larger in whole numbers.
SMALL = {"maps": (2, 3), "image": (3, 4), "kernel": (1, 3)}
KIT = {"maps": (2, 3), "image": (6, 7), "kernel": (3, 5)}
LAYER = [SMALL, KIT]


# --- in loops ------------------------------------------------------------------------


def total(*matrices):
    """The sum of matrices, entry by entry."""
    return [[sum(entries) for entries in zip(*rows, strict=True)]
            for rows in zip(*matrices, strict=True)]


def inner(a, b):
    """Σ a b over the entries of two lists that are nested alike."""
    if isinstance(a, list):
        return sum(inner(one, other) for one, other in zip(a, b, strict=True))
    return a * b


def crop(matrix, up, left, rows, columns):
    """rows x columns entries of a matrix from (up, left) on."""
    return [row[left:left + columns] for row in matrix[up:up + rows]]


def convolve_inside(image, mask):
    """The part of the full convolution where the mask lies inside the image."""
    a, b = len(mask), len(mask[0])
    return crop(loops.convolve(image, mask), a - 1, b - 1, len(image) - a + 1,
                len(image[0]) - b + 1)


def correlate_inside(image, mask):
    """The correlations with the mask inside the image."""
    return loops.correlate([[image]], [[mask]], [0], [1, 1], [(0, 0), (0, 0)], [1, 1], 1)[0][0]


#: Where functions of one number are compared in floats.
POINTS = np.array([-3.0, -1.0, -0.25, 0.0, 0.5, 2.0])


def layer_loops(star, Y, K, B):
    """Y_i = B_i + Σ_j K_ij star Y_j, for a product `star` of an image and a mask."""
    return [total(B[i], *(star(Y[j], K[i][j]) for j in range(len(Y)))) for i in range(len(K))]


# --- in matrices ---------------------------------------------------------------------


def layer_matrices(Y, K, B, star=convolve_image):
    """The same with a shipped product `star` of an image and a mask."""
    return np.stack([B[i] + sum(star(Y[j], K[i, j], padding="valid") for j in range(len(Y)))
                     for i in range(len(K))])


class OneLayer:
    """A layer of maps Y, kernels K [i, j] from input j to output i, and bias matrices B."""

    def __init__(self, e, maps, image, kernel):
        self.kit = {"maps": maps, "image": image, "kernel": kernel}
        self.e, self.C, self.D, self.image, self.kernel = e, *maps, image, kernel
        out = tuple(m - k + 1 for m, k in zip(image, kernel, strict=True))
        small = np.prod(image) * self.C <= 24
        pick = e.symbols if small else lambda name, *shape: e.integers(*shape)
        self.Y, self.K, self.B = (pick("Y", self.C, *image), pick("K", self.D, self.C, *kernel),
                                  pick("B", self.D, *out))

    star = staticmethod(convolve_inside)

    def loops(self, star=convolve_inside, **put):
        """The maps that leave, by plain loops, with some of Y, K and B put in."""
        have = (put.get(name, getattr(self, name)) for name in "YKB")
        return layer_loops(star, *(one if isinstance(one, list) else one.tolist() for one in have))

    def matrices(self, star=convolve_image, **put):
        """The same with a shipped product."""
        return layer_matrices(*(put.get(name, getattr(self, name)) for name in "YKB"), star)


lecture.read(Notation(notation_images.NUMBERS, lambda e: Given({})))
lecture.read(Notation(notation_images.UNITS, notation_images.unit_symbols))
lecture.read(Notation(notation_images.LINE, notation_images.line_symbols,
                      cases=[{"n": 2, "m": 1}, {"n": 3, "m": 2}]))
lecture.read(Notation(notation_images.PLANE, notation_images.plane_symbols, cases=[{"n": 1}]))
lecture.read(Notation(notation_images.WORKED, notation_images.worked_symbols))
lecture.read(Notation(notation_images.LETTERS, notation_images.letter_symbols))
lecture.read(Notation(notation_images.GAUSSIAN, notation_images.gaussian_symbols,
                      cases=[{"sigma": 1.5}]))
lecture.read(Notation(notation_images.PROJECTION, notation_images.projection_symbols))
lecture.read(Notation(notation_images.PYRAMID, notation_images.pyramid_symbols))
lecture.read(Notation(notation_images.SKIPPED, notation_images.skipped_symbols))
lecture.read(Notation(notation_example.SOFT, notation_example.soft_symbols))
lecture.read(Notation(notation_example.SUMS, lambda e: notation_example.sum_symbols(
    e, convolve_inside, correlate_inside)))
lecture.read(Notation(notation.PRODUCTS, notation.product_symbols))
lecture.read(Notation(notation.ENTRIES, notation.entry_symbols))
lecture.read(Notation(notation.DENSE, notation.dense_symbols))
lecture.read(Notation(notation.COSTS, notation.cost_symbols))
lecture.read(Notation(notation.REAL, notation.real_symbols,
                      cases=[{"x": x} for x in (-1.5, 0.25, 2.0)]))
lecture.read(Notation(notation.WHERE_ZERO, notation.real_symbols,
                      cases=[{"x": x} for x in (-1.5, 0.0, 2.0)]))
lecture.read(Notation(
    notation.LAYER, lambda e, **sizes: notation.layer_symbols(e, OneLayer, **sizes),
    cases=[one for one in LAYER if all(k % 2 for k in one["kernel"])]))

#: Registers a claim about one layer: its function takes a `OneLayer`.
layer = taking(lecture.claim, OneLayer, cases=LAYER)


def layer_as_one_matrix(image, K):
    """W with vec of all outputs = W vec of all inputs, for a correlation layer."""
    V = Partition(Windows(image, K.shape[2:]))
    blocks = [[weight_matrix_short(V, vec(one)) for one in row] for row in K]
    dense = [[b.toarray() if hasattr(b, "toarray") else b for b in row] for row in blocks]
    return np.block([[b.T for b in row] for row in dense])


def partition_of(image, kernel):
    return Partition(Windows(image, kernel))


# --- the seven layers of slides 102 to 116 ---------------------------------------------


@dataclass
class Seven:
    """Correlation, f, skipping, correlation, f, skipping, one unit; its cost and its way back.

    K1, B1, K4, B4, w and t are arrays, f1, f4, f7 activations, e the entries that they are of.
    """

    e: object
    Y0: object
    K1: object
    B1: object
    K4: object
    B4: object
    w: object
    t: object
    f1: object
    f4: object
    f7: object

    NAMES = ("Y0", "K1", "B1", "K4", "B4", "w", "t")

    def loops(self, **put):
        """All layers by plain loops, with some arrays put in; Y[l] and z, y, H."""
        have = {n: put[n] if n in put else np.asarray(getattr(self, n)).tolist()
                for n in self.NAMES}
        Y = {0: have["Y0"]}
        Y[1] = total(have["B1"], correlate_inside(Y[0], have["K1"]))
        Y[2] = [[self.f1(v) for v in row] for row in Y[1]]
        Y[3] = loops.subsample(Y[2], (2, 2))
        Y[4] = total(have["B4"], correlate_inside(Y[3], have["K4"]))
        Y[5] = [[self.f4(v) for v in row] for row in Y[4]]
        Y[6] = loops.subsample(Y[5], (2, 2))
        z = inner(have["w"], Y[6])
        y = self.f7(z)
        return {"Y": Y, "z": z, "y": y, "square": (y - have["t"]) * (y - have["t"])}

    def slopes(self, name, what="square"):
        """Twice ∂H by the array `name` (or the derivative of `what`), by dual numbers."""
        return self.e.gradient(lambda part: self.loops(**{name: part})[what], getattr(self, name))

    def forward(self):
        """All layers in matrices."""
        Y = {0: self.Y0}
        Y[1] = self.B1 + correlate_image(Y[0], self.K1, padding="valid")
        Y[2] = self.f1(Y[1])
        Y[3] = subsample(Y[2])
        Y[4] = self.B4 + correlate_image(Y[3], self.K4, padding="valid")
        Y[5] = self.f4(Y[4])
        Y[6] = subsample(Y[5])
        z = (self.w * Y[6]).sum()
        return Y, z, self.f7(z)

    def backward(self, slopes=True):
        """∂H by every array, H = ½ (y - t)²: the pass that slides 106 to 116 build up."""
        Y, z, y = self.forward()
        outer = (y - self.t) * self.f7.derivative(z)
        D4 = (self.f4.derivative(Y[4]) if slopes else 1) * subsample_back(self.w * outer, Y[4].shape)
        dY3 = convolve_full(D4, self.K4)
        D1 = self.f1.derivative(Y[1]) * subsample_back(dY3, Y[1].shape)
        return {"w": Y[6] * outer, "B4": D4, "K4": correlate_image(Y[3], D4, padding="valid"),
                "Y3": dY3, "B1": D1, "K1": correlate_image(Y[0], D1, padding="valid"),
                "Y0": convolve_full(D1, self.K1)}


#: Sizes of the example: Y0, K1, K4; the others follow.
SYMBOLIC = {"Y0": (4, 9), "K1": (3, 1), "K4": (1, 3)}
LARGE = {"Y0": (15, 19), "K1": (5, 3), "K4": (3, 5)}
SEVEN = [SYMBOLIC, LARGE]


def _polynomial(name, coefficients):
    a, b, c = coefficients
    return Activation(name, lambda z: a * z * z + b * z + c, lambda z: 2 * a * z + b)


def seven(e, Y0, K1, K4):
    """The example with symbols at a small size, with whole numbers and quadratic f at a large."""
    Y1 = tuple(m - k + 1 for m, k in zip(Y0, K1, strict=True))
    Y3 = tuple(-(-m // 2) for m in Y1)
    Y4 = tuple(m - k + 1 for m, k in zip(Y3, K4, strict=True))
    Y6 = tuple(-(-m // 2) for m in Y4)
    shapes = {"Y0": Y0, "K1": K1, "B1": Y1, "K4": K4, "B4": Y4, "w": Y6, "t": ()}
    if np.prod(Y0) <= 40:
        return Seven(e, **{n: e.symbols(n, *s) for n, s in shapes.items()},
                     f1=e.activation("f1"), f4=e.activation("f4"), f7=e.activation("f7"))
    whole = {n: e.integers(*s, low=-2, high=2) for n, s in shapes.items() if s}
    return Seven(e, **whole, t=7, f1=_polynomial("f1", (1, 1, 0)), f4=_polynomial("f4", (1, 0, 2)),
                 f7=_polynomial("f7", (0, 3, 1)))


lecture.read(Notation(
    notation.EXAMPLE, lambda e, **sizes: notation.example_symbols(e, seven, inner, **sizes),
    cases=SEVEN))

for bindings in (notation_example.MAPS, notation_example.FROM_ONE):
    lecture.read(Notation(
        bindings, lambda e, **sizes: notation_example.map_symbols(e, seven, **sizes), cases=SEVEN))

#: Registers a claim about the example of seven layers: its function takes a `Seven`.
example = taking(lecture.claim, seven, cases=SEVEN)


def matrix_of(function, shape):
    """The matrix of a linear function of an image, column by column."""
    columns = []
    for k in range(int(np.prod(shape))):
        unit = np.zeros(np.prod(shape), dtype=int)
        unit[k] = 1
        columns.append(vec(np.asarray(function(unvec(unit, shape)))))
    return np.stack(columns, axis=1)

