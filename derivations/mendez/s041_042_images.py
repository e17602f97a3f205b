"""Slides 41 and 42: digital images and their patches, equation (4)."""

from fractions import Fraction

import numpy as np

from cnnmat import loops, vec
from cnnmat.derivations.mendez.setting import lecture, partition_of
from cnnmat.verify import Sides

TABLE = np.array([[79, 5, 6, 90, 12, 34, 2, 1], [8, 90, 12, 34, 26, 78, 34, 5],
                  [8, 1, 3, 90, 12, 34, 11, 61], [77, 90, 12, 34, 200, 2, 9, 45],
                  [1, 3, 90, 12, 20, 1, 6, 23]])


@lecture.claim("s41a", "definition", "Sampling on a regular grid",
               r"f(i,j)=F(i\,\Delta x,j\,\Delta y)", cases=[{"shape": (3, 4)}],
               source_kind="words")
def sampling(e, shape):
    a, b, c, dx, dy = e.symbols("a", 5)

    def scene(x, y):
        return x * b + x * y * c + a

    truth = [[scene(i * dx, j * dy) for j in range(shape[1])] for i in range(shape[0])]
    i, j = np.indices(shape).astype(object)
    return Sides(truth=truth, printed=scene(i * dx, j * dy),
                 wrong={"the two steps exchanged": scene(i * dy, j * dx)})


@lecture.claim("s41b", "definition", "Each sample is rounded to the nearest integer",
               r"|q(v)-v|\le\tfrac12,\;q(q(v))=q(v)", reason="halves are left open by the slide",
               source_kind="words")
def quantisation(e):
    v = [Fraction(k, 8) for k in range(-16, 41) if k % 8 != 4]
    nearest = [min(range(-4, 8), key=lambda n, x=x: abs(n - x)) for x in v]
    q = np.array([round(x) for x in v])
    return Sides(truth=(nearest, nearest), printed=(q, [round(int(x)) for x in q]),
                 wrong={"upwards": ([-(-x.numerator // x.denominator) for x in v], q)})


@lecture.claim(
    "s41c", "definition", "An image is an integer function on a rectangle, as a matrix",
    r"f:[a,b]\times[c,d]\to I", cases=[{"a": -1, "b": 1, "c": 0, "d": 3}])
def rectangle(e, a, b, c, d):
    rows = [i for i in range(-9, 10) if a <= i <= b]
    columns = [j for j in range(-9, 10) if c <= j <= d]
    return Sides(truth=(len(rows), len(columns)), printed=(b - a + 1, d - c + 1),
                 wrong={"ends not counted": (b - a, d - c),
                        "first index across": (d - c + 1, b - a + 1)})


@lecture.claim("s41d/size", "example", "The matrix of integers printed",
               r"f:\;5\times8,\;1\le f\le200", source_kind="consequence")
def table(e):
    rows = TABLE.tolist()
    counted = (len(rows), len(rows[0]), min(map(min, rows)), max(map(max, rows)), 0)
    off = sum(int(v) != v or not 0 <= v <= 255 for row in rows for v in row)
    return Sides(truth=(*counted[:4], off), printed=(5, 8, 1, 200, 0),
                 wrong={"index down taken across": (8, 5, 1, 200, 0)},
                 show={"f": TABLE})


def patch(image, x, y, n):
    """f_{k,l} = image(x + k, y + l), 1-based x and y, as rows and columns of the image."""
    V = partition_of(image.shape, (2 * n + 1, 2 * n + 1))
    column = (x - 1 - n) + (y - 1 - n) * (image.shape[0] - 2 * n)
    return V.columns(vec(image))[:, column].reshape(2 * n + 1, -1).T


AROUND = [{"n": 1, "x": 3, "y": 4}, {"n": 2, "x": 3, "y": 5}]


@lecture.claim("s42a", "definition", "(4): the patch centred at x, y",
               r"f^{x,y}=(f_{k,l})_{-n\le k,l\le n}", cases=AROUND, source_kind="words")
def subsection(e, n, x, y):
    truth = loops.patch(TABLE.tolist(), x - 1, y - 1, 2 * n + 1, 2 * n + 1)
    have = patch(TABLE, x, y, n)
    return Sides(truth=truth, printed=have, show={"f^{x,y}": have},
                 wrong={"f_{l,k}": have.T, "centred one row up": patch(TABLE, x, y - 1, n)})


@lecture.claim(
    "s42b", "dimension", "(4): the middle row begins with its own middle",
    r"f_{0,0}\;\dots\;\vdots\;\ddots\;\vdots", expect="scan",
    corrected_formula=r"f_{0,-n}\;\cdots\;f_{0,0}\;\cdots\;f_{0,n}",
    reason="the outer rows of the same matrix run from -n to n, so f_{0,0} belongs in the middle, "
           "as slide 51 has it where f(0,0) meets the kernel's centre; the dots of this row are "
           "broken in the scan. Invisible for n = 0",
    cases=[{"n": 0, "x": 3, "y": 4}, {"n": 1, "x": 3, "y": 4}])
def middle_row(e, n, x, y):
    have = patch(TABLE, x, y, n)
    outer = [(k, l) for k in range(-n, n + 1) for l in range(-n, n + 1)].index((0, 0))
    return Sides(truth=int(TABLE.tolist()[x - 1][y - 1]), printed=have[n, 0],
                 corrected=have[n, n], elsewhere=have.ravel()[outer],
                 wrong={"last of the row": have[n, -1]})


@lecture.claim(
    "s42c", "dimension", "(4): a product where the last row has two indices",
    r"f_{n\times-n},\;f_{n\times-n+1},\;f_{n\times(n-1)}", expect="misprint",
    corrected_formula=r"f_{n,-n},\;f_{n,-n+1},\;f_{n,(n-1)}",
    reason="multiplied out the pair becomes one number; the last entry of that row, f_{n,n}, has "
           "the comma. One build only, so author and scanner cannot be told apart",
    cases=[{"n": 2}])
def last_row(e, n):
    truth = [(n, l) for l in range(-n, n + 1)]
    comma = [(n, -n), (n, -n + 1), *((n, l) for l in range(-n + 2, n - 1)), (n, n - 1), (n, n)]
    product = [n * -n, n * -n + 1, *(n * l for l in range(-n + 2, n - 1)), n * (n - 1)]
    return Sides(truth=truth, printed=product, corrected=comma,
                 wrong={"indices exchanged": [(l, k) for k, l in comma]})


def places_within(n):
    """How many k, l there are from -n to n, by looking at many."""
    return sum(1 for k in range(-9, 10) for l in range(-9, 10) if max(abs(k), abs(l)) <= n)


@lecture.claim("s42d/size", "dimension", "The patch is (2n+1) x (2n+1)", r"(2n+1)\times(2n+1)",
               cases=[{"n": 0}, {"n": 1}, {"n": 2}], source_kind="consequence")
def patch_size(e, n):
    return Sides(truth=places_within(n), printed=(2 * n + 1) ** 2, wrong={"2n x 2n": (2 * n) ** 2})
