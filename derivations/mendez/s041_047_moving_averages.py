"""Slides 41 to 47: digital images, patches, moving averages, equations (4) to (7)."""

from fractions import Fraction

import numpy as np

from cnnmat import box, loops, sobel, vec
from cnnmat.derivations.mendez.setting import convolve_inside, crop, lecture, partition_of
from cnnmat.textbook.images import convolve_full, convolve_image, correlate_image
from cnnmat.textbook.subsampling import toeplitz
from cnnmat.verify import Sides

TABLE = np.array([[79, 5, 6, 90, 12, 34, 2, 1], [8, 90, 12, 34, 26, 78, 34, 5],
                  [8, 1, 3, 90, 12, 34, 11, 61], [77, 90, 12, 34, 200, 2, 9, 45],
                  [1, 3, 90, 12, 20, 1, 6, 23]])


@lecture.claim("s41a", "definition", "Sampling on a regular grid", r"f(i,j)=F(i\,\Delta x,j\,\Delta y)",
               cases=[{"shape": (3, 4)}])
def sampling(e, shape):
    a, b, c, dx, dy = e.symbols("a", 5)

    def scene(x, y):
        return x * b + x * y * c + a

    truth = [[scene(i * dx, j * dy) for j in range(shape[1])] for i in range(shape[0])]
    i, j = np.indices(shape).astype(object)
    return Sides(truth=truth, printed=scene(i * dx, j * dy),
                 wrong={"the two steps exchanged": scene(i * dy, j * dx)})


@lecture.claim("s41b", "definition", "Each sample is rounded to the nearest integer",
               r"|q(v)-v|\le\tfrac12,\;q(q(v))=q(v)", reason="halves are left open by the slide")
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


@lecture.claim("s41d/size", "example", "The matrix of integers printed", r"i\downarrow\;5\times8")
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
               r"f^{x,y}=(f_{k,l})_{-n\le k,l\le n}", cases=AROUND)
def subsection(e, n, x, y):
    truth = loops.patch(TABLE.tolist(), x - 1, y - 1, 2 * n + 1, 2 * n + 1)
    have = patch(TABLE, x, y, n)
    return Sides(truth=truth, printed=have, show={"f^{x,y}": have},
                 wrong={"f_{l,k}": have.T, "centred one row up": patch(TABLE, x, y - 1, n)})


@lecture.claim(
    "s42b", "dimension", "(4): the middle row begins with its own middle", r"f_{0,0}\;\cdots",
    expect="scan", corrected_formula=r"f_{0,-n}\;\cdots\;f_{0,0}\;\cdots\;f_{0,n}",
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


@lecture.claim("s42d/size", "dimension", "The patch is (2n+1) x (2n+1)", r"-n\le k,l\le n",
               cases=[{"n": 0}, {"n": 1}, {"n": 2}])
def patch_size(e, n):
    pairs = sum(1 for k in range(-9, 10) for l in range(-9, 10) if max(abs(k), abs(l)) <= n)
    return Sides(truth=pairs, printed=(2 * n + 1) ** 2, wrong={"2n x 2n": (2 * n) ** 2})


# --- (5) in one dimension: f on -n..n, g on -m..m -------------------------------------

LINE = [{"n": 2, "m": 1}, {"n": 3, "m": 2}]


def at(values, n, j):
    """f(j) of a list f(-n), ..., f(n); 0 outside."""
    return values[j + n] if -n <= j <= n else 0


def averages(f, n, m, positions):
    """The mean of 2m + 1 neighbours, by walking along."""
    return [sum(at(f, n, j) for j in range(i - m, i + m + 1)) * Fraction(1, 2 * m + 1)
            for i in positions]


@lecture.claim(
    "s43a", "definition", "(5), first build: the limits of the sum",
    r"(f*g)(i)=\sum_{i=1}^nf(j)g(i-j)", expect="scan",
    corrected_formula=r"(f*g)(i)=\sum_{j=-n}^nf(j)g(i-j)",
    reason="the sum binds i and leaves j free; the second build of the slide has j = -n..n",
    cases=LINE)
def first_build(e, n, m):
    f, g = e.symbols("f", 2 * n + 1), e.symbols("g", 2 * m + 1)
    where = range(-n - m, n + m + 1)
    truth = loops.convolve([f.tolist()], [g.tolist()])[0]
    second = [sum(at(f, n, j) * at(g, m, i - j) for j in range(-n, n + 1)) for i in where]
    first = [sum(at(f, n, j) * at(g, m, i - j) for i in range(1, n + 1)) for j in where]
    return Sides(truth=truth, printed=first, corrected=convolve_full(f, g), elsewhere=second,
                 wrong={"starting at 1": [sum(at(f, n, j) * at(g, m, i - j)
                                              for j in range(1, n + 1)) for i in where]})


@lecture.claim(
    "s43b", "definition", "(5): convolution in one dimension",
    r"(f*g)(i)=\sum_{j=-n}^nf(j)\,g(i-j)", cases=LINE, reason="f is 0 outside -n..n")
def one_dimension(e, n, m):
    f, g = e.symbols("f", 2 * n + 1), e.symbols("g", 2 * m + 1)
    truth = loops.smooth_and_skip(f.tolist(), g.tolist(), 1)
    T = toeplitz(g, 2 * n + 1)
    return Sides(truth=truth, printed=T @ f, wrong={"g(j-i)": T.T @ f}, show={"T": T})


def moving_average(values, m):
    return toeplitz(np.array([Fraction(1, 2 * m + 1)] * (2 * m + 1), dtype=object),
                    len(values)) @ values


@lecture.claim(
    "s43c", "identity", "(5): the average's limits stand still and run backwards",
    r"\frac1N\sum_{j=m}^{-m}f(j)", expect="misprint",
    corrected_formula=r"\frac1N\sum_{j=i-m}^{i+m}f(j)",
    reason="the window has to move with i; taken as the set -m..m the sum is right at i = 0 only, "
           "taken as a loop from m down to -m it is empty", cases=LINE)
def standing_limits(e, n, m):
    f = e.integers(2 * n + 1).astype(object)
    where = range(-n, n + 1)
    still = sum(at(f, n, j) for j in range(-m, m + 1)) * Fraction(1, 2 * m + 1)
    return Sides(truth=averages(f.tolist(), n, m, where), printed=[still] * len(where),
                 corrected=moving_average(f, m),
                 wrong={"one-sided": averages(f.tolist(), n, m, range(-n + 1, n + 2)),
                        "an empty loop": [0] * len(where)})


@lecture.claim(
    "s43a/average", "identity", "(5), first build: the average sums over a letter that is not in it",
    r"\frac1N\sum_{i=1}^mf(j)", expect="misprint",
    corrected_formula=r"\frac1N\sum_{j=i-m}^{i+m}f(j)",
    reason="nothing below the sum depends on i, so one pixel is taken m times; the second build has other "
           "limits, which s43c finds wrong as well", cases=LINE)
def average_of_one(e, n, m):
    f = e.integers(2 * n + 1).astype(object)
    where = range(-n, n + 1)
    same = [sum(at(f, n, j) for _ in range(1, m + 1)) * Fraction(1, 2 * m + 1) for j in where]
    return Sides(truth=averages(f.tolist(), n, m, where), printed=same, corrected=moving_average(f, m),
                 wrong={"N = 2m": moving_average(f, m) * Fraction(2 * m + 1, 2 * m)})


@lecture.claim(
    "s43d", "definition", "The support of the averaging kernel",
    r"h\in\{-m,-m+1,\dots,1,0,1,\dots,m-1,m\}", expect="misprint",
    corrected_formula=r"h\in\{-m,-m+1,\dots,-1,0,1,\dots,m-1,m\}",
    reason="the sign of the first 1 is missing in both builds, so that the list runs up to 1 and "
           "starts again at 0; as a set, where the repeated members count once, it is still right",
    cases=[{"m": 1}, {"m": 3}])
def support(e, m):
    return Sides(truth=[h for h in range(-9, 10) if abs(h) <= m],
                 printed=[*range(-m, 2), *range(m + 1)], corrected=[*range(-m, 0), *range(m + 1)],
                 wrong={"one-sided": list(range(m + 1)), "one place on": [*range(-m + 1, m + 2)]})


@lecture.claim("s43e", "identity", "N is the number of weights, 2m + 1", r"\frac1N",
               cases=LINE, covers="constant and straight lines are kept inside")
def what_N_is(e, n, m):
    a, b = e.symbols("a"), e.symbols("b")
    line = np.array([a + b * i for i in range(-n, n + 1)])
    mid = slice(m, 2 * n + 1 - m)
    T = toeplitz(np.array([1] * (2 * m + 1), dtype=object), 2 * n + 1)
    return Sides(truth=line[mid], printed=((T @ line) / (2 * m + 1))[mid],
                 wrong={"N = 2m": ((T @ line) / (2 * m))[mid]})


@lecture.claim(
    "s43f", "definition", "f(j) is the pixel at position j", r"f(j)\;\text{at position}\;i",
    expect="misprint", corrected_formula=r"f(j)\;\text{at position}\;j",
    reason="with the value at i in every term nothing is averaged; both builds have i",
    cases=[{"n": 1, "m": 1}, {"n": 3, "m": 1}])
def position(e, n, m):
    f, g = e.symbols("f", 2 * n + 1), e.symbols("g", 2 * m + 1)
    where = range(-n, n + 1)
    at_i = [sum(at(f, n, i) * at(g, m, i - j) for j in where) for i in where]
    return Sides(truth=loops.smooth_and_skip(f.tolist(), g.tolist(), 1), printed=at_i,
                 corrected=convolve_image(f, g), wrong={"at -j": convolve_image(f[::-1], g)})


@lecture.claim("s43g", "dimension", "The kernel is narrower than the signal", r"0<m<n",
               cases=[{"n": n, "m": m} for n in (2, 4) for m in (1, 2, 3) if m < n])
def narrower(e, n, m):
    fits = sum(1 for i in range(-n, n + 1) if all(-n <= i + h <= n for h in range(-m, m + 1)))
    return Sides(truth=fits, printed=2 * (n - m) + 1, wrong={"every position": 2 * n + 1})


# --- (6), (7) in two dimensions ---------------------------------------------------------


@lecture.claim(
    "s45a", "definition", "(6): the outer sum runs from n to -n",
    r"(f*g)(i,j)=\sum_{k=n}^{-n}\sum_{l=-n}^nf(k,l)\times g(i-k,j-l)", expect="misprint",
    corrected_formula=r"(f*g)(i,j)=\sum_{k=-n}^n\sum_{l=-n}^nf(k,l)\times g(i-k,j-l)",
    reason="(8) is the same formula with the limits right, but both builds here agree and (5) has "
           "the same turn, so it is the author's. As a loop the sum is empty; invisible for n = 0",
    cases=[{"n": 0, "g": (1, 3)}, {"n": 1, "g": (3, 1)}])
def turned_limits(e, n, g):
    f, g = e.symbols("f", 2 * n + 1, 2 * n + 1), e.symbols("g", *g)
    a, b = g.shape[0] // 2, g.shape[1] // 2
    where = [(i, j) for i in range(-n - a, n + a + 1) for j in range(-n - b, n + b + 1)]

    def value(rows, i, j):
        return sum(f[k + n, l + n] * g[i - k + a, j - l + b] for k in rows
                   for l in range(-n, n + 1) if abs(i - k) <= a and abs(j - l) <= b)

    as_loop = [value(range(n, -n + 1), i, j) for i, j in where]
    return Sides(truth=loops.convolve(f.tolist(), g.tolist()), corrected=convolve_full(f, g),
                 printed=np.array(as_loop, dtype=object).reshape(2 * (n + a) + 1, -1),
                 wrong={"g turned": convolve_full(f, g[::-1, ::-1])})


@lecture.claim(
    "s45b", "identity", "A filter whose weights sum to one is a weighted average",
    r"\sum g=1\Rightarrow(g*c)=c", cases=[{"shape": (3, 4)}],
    reason="inside the image; the formula alone does not ask for the sum")
def weighted_average(e, shape):
    c, g = e.symbols("c"), e.symbols("g", 3, 3)
    g[2, 2] = 1 - sum(g.ravel()[:-1])
    flat = np.full(shape, c)
    edges = np.asarray(convolve_image(flat, sobel()[0].astype(object), padding="valid"))
    return Sides(truth=crop(flat.tolist(), 1, 1, 1, 2), printed=convolve_image(flat, g, padding="valid"),
                 wrong={"an edge mask": edges})


@lecture.claim(
    "s45c", "example", "(7): the box filter takes the mean of nine pixels",
    r"\frac19\begin{bmatrix}1&1&1\\1&1&1\\1&1&1\end{bmatrix}", cases=[{"shape": (4, 6)}],
    reason="the upright bars are a frame, not a determinant")
def box_filter(e, shape):
    f = e.symbols("f", *shape)
    nines = (9 * box((3, 3))).astype(int)
    means = [[sum(f[r + k, c + l] for k in range(3) for l in range(3)) / 9
              for c in range(shape[1] - 2)] for r in range(shape[0] - 2)]
    inside = correlate_image(f, nines, padding="valid")
    return Sides(truth=means, printed=inside / 9, wrong={"the centre not counted": inside / 8},
                 show={"9 box": nines})


@lecture.claim("s45d/size", "dimension", "A 3 x 3 moving average has nine weights", r"3\times3",
               cases=[{"m": 1}])
def nine(e, m):
    pairs = sum(1 for k in range(-9, 10) for l in range(-9, 10) if max(abs(k), abs(l)) <= m)
    return Sides(truth=pairs, printed=box((3, 3)).size, wrong={"N of one dimension": 2 * m + 1})


@lecture.claim(
    "s45e", "identity", "A moving average reduces noise, keeping the mean",
    r"\operatorname{var}\Bigl(\sum_hg(h)x_{i-h}\Bigr)=\frac{v}{N}", cases=[{"m": 1}, {"m": 3}],
    covers="independent noise of variance v in each pixel")
def less_noise(e, m):
    v = e.symbols("v")
    x = [0] * 2 * m + [1] + [0] * 2 * m
    g = [Fraction(1, 2 * m + 1)] * (2 * m + 1)
    response = convolve_inside([x], [g])[0]
    T = toeplitz(np.array([1] * (2 * m + 1), dtype=object), 4 * m + 1)
    variance = (T @ T.T)[2 * m, 2 * m] * v / (2 * m + 1) ** 2
    return Sides(truth=v * int(sum(a * a for a in response) * (2 * m + 1)) / (2 * m + 1),
                 printed=variance, wrong={"not averaged": v, "1/N²": variance / (2 * m + 1)})
