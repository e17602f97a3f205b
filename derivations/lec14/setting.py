"""The lecture, its worked example, and the plain correlation its claims are held against."""

from cnnmat import loops
from cnnmat.derivations.lec14.notation import (
    EXAMPLE,
    LAYER,
    OWN_SIZES,
    example_symbols,
    layer_symbols,
)
from cnnmat.verify import Lecture, Notation

lecture = Lecture("lec14", "Lecture 14: convolutional neural networks (handwritten notes)")
lecture.remark("section 1", "the drawings of the objects that filters find carry no number")
lecture.remark("section 1/aim", "that the image gets smaller and keeps its information is an aim, not "
               "a statement; what one filter keeps is s1l")
lecture.remark("section 5/updates", "the bar with t says where the slopes are taken, see s5c; ∂L/∂y stands "
               "behind it without a relation")
lecture.remark("section 5", "that features are extracted by convolution layers is not a statement "
                            "that can be run")

IMAGE = ((1, 20, 20, 20, 1), (20, 1, 1, 1, 20), (20, 1, 1, 1, 20), (1, 20, 1, 20, 1),
         (1, 1, 20, 1, 1))
VERTICAL = ((1, 0, -1),) * 3

#: The text's own shapes, on which kernel and output have one size and slips hide; and generic ones.
SHAPES = [{"image": (3, 3), "kernel": (2, 2)}, {"image": (4, 6), "kernel": (2, 3)}]

lecture.read(Notation(EXAMPLE, example_symbols, cases=({"image": IMAGE, "mask": VERTICAL},)))
lecture.read(Notation(LAYER, layer_symbols, cases=SHAPES))
lecture.read(Notation(OWN_SIZES, layer_symbols, cases=SHAPES[:1]))


def plain(X, K, stride=(1, 1), padding=((0, 0), (0, 0)), bias=0):
    """The correlation of one map with one kernel, by the plain loops."""
    lists = [x if isinstance(x, list) else [list(row) for row in x] for x in (X, K)]
    return loops.correlate([[lists[0]]], [[lists[1]]], [bias], list(stride), list(padding),
                           [1, 1], 1)[0][0]


def draw(e, image, kernel):
    """Symbols for the map, the kernel and ∂L/∂z, and the windows' number an axis."""
    out = tuple(n - f + 1 for n, f in zip(image, kernel, strict=True))
    return e.symbols("X", *image), e.symbols("K", *kernel), e.symbols("g", *out)


def loss(X, K, g, bias=0):
    """A loss whose derivative by z_ij is g_ij: L = Σ g_ij z_ij."""
    z = plain(X, K, bias=bias)
    return sum(g[i][j] * z[i][j] for i in range(len(z)) for j in range(len(z[0])))


def by_kernel(e, X, K, g):
    """∂L/∂K, by dual numbers."""
    return e.gradient(lambda K: loss(X.tolist(), K, g.tolist()), K)


def by_map(e, X, K, g):
    """∂L/∂X, by dual numbers."""
    return e.gradient(lambda X: loss(X, K.tolist(), g.tolist()), X)
