"""Slides 43 to 47: moving averages, equations (5) to (7)."""

from fractions import Fraction

import numpy as np

from cnnmat import box, loops, sobel
from cnnmat.derivations.mendez.conventions import NOISE
from cnnmat.derivations.mendez.s041_042_images import places_within
from cnnmat.derivations.mendez.setting import convolve_inside, crop, lecture
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import convolve_full, convolve_image, correlate_image
from cnnmat.textbook.subsampling import toeplitz
from cnnmat.verify import Sides

#: In one dimension: f on -n..n, g on -m..m.
LINE = [{"n": 2, "m": 1}, {"n": 3, "m": 2}]


def at(values, n, j):
    """f(j) of a list f(-n), ..., f(n); 0 outside."""
    return values[j + n] if -n <= j <= n else 0


@lecture.claim(
    "s43a", "definition", "(5), first build: the limits of the sum",
    r"(f*g)(i)=\sum_{i=1}^n\,f(j)g(i-j)", expect="scan",
    corrected_formula=r"\sum_{j=-n}^nf(j)g(i-j)",
    reason="the sum binds i and leaves j free; the second build of the slide has j = -n..n",
    cases=LINE, rewritten=r"\sum_{i=1}^nf(j)g(i-j)")
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
    "s43b", "definition", "(5): convolution in one dimension", r"(f*g)(i)=\sum_{j=-n}^nf(j)g(i-j)",
    cases=LINE, assumes={"outside its range f is": "0"}, rewritten=r"\sum_{j=-n}^nf(j)g(i-j)")
def one_dimension(e, n, m):
    f, g = e.symbols("f", 2 * n + 1), e.symbols("g", 2 * m + 1)
    truth = loops.smooth_and_skip(f.tolist(), g.tolist(), 1)
    T = toeplitz(g, 2 * n + 1)
    return Sides(truth=truth, printed=T @ f, wrong={"g(j-i)": T.T @ f}, show={"T": T})


def mean(values, N):
    return sum(values) * Fraction(1, N)


def moving_average(values, m):
    return toeplitz(np.array([Fraction(1, 2 * m + 1)] * (2 * m + 1), dtype=object),
                    len(values)) @ values


@table(lecture.claim, kind="identity", expect="misprint", cases=LINE,
       corrected_formula=r"\frac1N\sum_{j=i-m}^{i+m}f(j)")
def average(e, printed, wrong, n, m):
    """What a line makes of f, m and the place i; f is 0 outside -n..n."""
    f = e.integers(2 * n + 1).astype(object)

    def everywhere(rule):
        return [rule(lambda j: at(f.tolist(), n, j), m, i) for i in range(-n, n + 1)]

    return Sides(truth=everywhere(lambda f, m, i: mean(map(f, range(i - m, i + m + 1)), 2 * m + 1)),
                 printed=everywhere(printed), corrected=moving_average(f, m),
                 wrong={name: everywhere(rule) for name, rule in wrong.items()})


average("s43c", "(5): the average's limits stand still and run backwards",
        r"\frac1N\sum_{j=m}^{-m}f(j)", lambda f, m, i: mean(map(f, range(-m, m + 1)), 2 * m + 1),
        wrong={"one-sided": lambda f, m, i: mean(map(f, range(i - m + 1, i + m + 2)), 2 * m + 1),
               "an empty loop": lambda f, m, i: 0},
        reason="the window has to move with i; taken as the set -m..m the sum is right at i = 0 only, "
               "taken as a loop from m down to -m it is empty")
average("s43a/average", "(5), first build: the average sums over a letter that is not in it",
        r"\frac1N\sum_{i=1}^mf(j)", lambda f, m, i: mean([f(i)] * m, 2 * m + 1),
        wrong={"N = 2m": lambda f, m, i: mean(map(f, range(i - m, i + m + 1)), 2 * m)},
        reason="nothing below the sum depends on i, so one pixel is taken m times; the second build has "
               "other limits, which s43c finds wrong as well")


@lecture.claim(
    "s43d", "definition", "The support of the averaging kernel",
    r"h\in\{-m,-m+1,...,1,0,1,...,m-1,m\}", expect="misprint",
    corrected_formula=r"h\in\{-m,-m+1,\dots,-1,0,1,\dots,m-1,m\}",
    reason="the sign of the first 1 is missing in both builds, so that the list runs up to 1 and "
           "starts again at 0; as a set, where the repeated members count once, it is still right",
    cases=[{"m": 1}, {"m": 3}])
def support(e, m):
    return Sides(truth=[h for h in range(-9, 10) if abs(h) <= m],
                 printed=[*range(-m, 2), *range(m + 1)], corrected=[*range(-m, 0), *range(m + 1)],
                 wrong={"one-sided": list(range(m + 1)), "one place on": [*range(-m + 1, m + 2)]})


@lecture.claim("s43e", "identity", "N is the number of weights, 2m + 1", r"N=2m+1", cases=LINE,
               covers="constant and straight lines are kept inside", source_kind="consequence")
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
    cases=[{"n": 1, "m": 1}, {"n": 3, "m": 1}], source_kind="words")
def position(e, n, m):
    f, g = e.symbols("f", 2 * n + 1), e.symbols("g", 2 * m + 1)
    where = range(-n, n + 1)
    at_i = [sum(at(f, n, i) * at(g, m, i - j) for j in where) for i in where]
    return Sides(truth=loops.smooth_and_skip(f.tolist(), g.tolist(), 1), printed=at_i,
                 corrected=convolve_image(f, g), wrong={"at -j": convolve_image(f[::-1], g)})


@lecture.claim("s43g", "dimension", "The kernel is narrower than the signal",
               r"0<m<n\;\Rightarrow\;2(n-m)+1\;\text{places}",
               cases=[{"n": n, "m": m} for n in (2, 4) for m in (1, 2, 3) if m < n],
               source_kind="consequence")
def narrower(e, n, m):
    fits = sum(1 for i in range(-n, n + 1) if all(-n <= i + h <= n for h in range(-m, m + 1)))
    return Sides(truth=fits, printed=2 * (n - m) + 1, wrong={"every position": 2 * n + 1})


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
    reason="inside the image; the formula alone does not ask for the sum", source_kind="words")
def weighted_average(e, shape):
    c, g = e.symbols("c"), e.symbols("g", 3, 3)
    g[2, 2] = 1 - sum(g.ravel()[:-1])
    flat = np.full(shape, c)
    edges = np.asarray(convolve_image(flat, sobel()[0].astype(object), padding="valid"))
    return Sides(truth=crop(flat.tolist(), 1, 1, 1, 2), printed=convolve_image(flat, g, padding="valid"),
                 wrong={"an edge mask": edges})


@lecture.claim(
    "s45c", "example", "(7): the box filter takes the mean of nine pixels",
    r"\frac19\begin{vmatrix}1&1&1\\1&1&1\\1&1&1\end{vmatrix}", cases=[{"shape": (4, 6)}],
    reason="as a determinant it would be 0, and no matrix of weights", assumes={
        "upright bars around a matrix are": "a frame"})
def box_filter(e, shape):
    f = e.symbols("f", *shape)
    nines = (9 * box((3, 3))).astype(int)
    means = [[sum(f[r + k, c + l] for k in range(3) for l in range(3)) / 9
              for c in range(shape[1] - 2)] for r in range(shape[0] - 2)]
    inside = correlate_image(f, nines, padding="valid")
    return Sides(truth=means, printed=inside / 9, wrong={"the centre not counted": inside / 8},
                 show={"9 box": nines})


@lecture.claim("s45d/size", "dimension", "A 3 x 3 moving average has nine weights", r"3\times3=9",
               cases=[{"m": 1}], source_kind="consequence")
def nine(e, m):
    return Sides(truth=places_within(m), printed=box((3, 3)).size, wrong={"N of one dimension": 2 * m + 1})


@lecture.claim(
    "s45e", "identity", "A moving average reduces noise, keeping the mean",
    r"\operatorname{var}\Bigl(\sum_hg(h)x_{i-h}\Bigr)=\frac{v}{N}", cases=[{"m": 1}, {"m": 3}],
    source_kind="words", assumes=NOISE)
def less_noise(e, m):
    v = e.symbols("v")
    x = [0] * 2 * m + [1] + [0] * 2 * m
    g = [Fraction(1, 2 * m + 1)] * (2 * m + 1)
    response = convolve_inside([x], [g])[0]
    T = toeplitz(np.array([1] * (2 * m + 1), dtype=object), 4 * m + 1)
    variance = (T @ T.T)[2 * m, 2 * m] * v / (2 * m + 1) ** 2
    return Sides(truth=v * int(sum(a * a for a in response) * (2 * m + 1)) / (2 * m + 1),
                 printed=variance, wrong={"not averaged": v, "1/N²": variance / (2 * m + 1)})
