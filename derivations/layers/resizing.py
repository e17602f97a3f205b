"""Layers that change the size of maps, and lookups: the loops there and back."""

from fractions import Fraction

import numpy as np

from cnnmat import loops
from cnnmat.derivations.layers.setting import inner, lecture
from cnnmat.layers import correlate_transpose, correlate_transpose_backward
from cnnmat.verify import Sides

TRANSPOSED = [
    {"stride": (2, 1), "padding": (1, 0), "extra": (1, 0)},
    {"stride": (3, 2), "padding": (0, 1), "extra": (0, 1)},
]


@lecture.claim(
    "transposed/loops", "gradient",
    "The transposed layer by its own loops, which write a kernel for each pixel, there and back",
    r"z_d(i s+k-p)\mathrel{+}=x_c(i)\,w_{cd}(k),\quad\partial\langle dz,z\rangle/\partial(x,w,b)",
    cases=TRANSPOSED)
def transposed(e, stride, padding, extra):
    x, w, b = e.integers(2, 3, 2, 3), e.integers(3, 2, 3, 2), e.integers(2)
    where = list(stride), list(padding)
    dz = e.integers(2, 2, *loops.transposed_shape([2, 3], [3, 2], *where, list(extra)))

    def error(x, w, b):
        return inner(loops.correlate_transpose(x, w, b, *where, list(extra)), dz.tolist())

    lists = [a.tolist() for a in (x, w, b)]
    slopes = tuple(e.gradient(lambda v, k=k: error(*lists[:k], v, *lists[k + 1:]), a)
                   for k, a in enumerate((x, w, b)))
    back = loops.correlate_transpose_backward(dz.tolist(), *lists[:2], *where)
    settings = {"stride": stride, "padding": padding, "output_padding": extra}

    def shipped(w):
        return (correlate_transpose(x, w, b, **settings),
                *correlate_transpose_backward(dz, x, w, **settings))

    z = loops.correlate_transpose(*lists, *where, list(extra))
    return Sides(truth=((z, *slopes), slopes), printed=(shipped(w), back),
                 wrong={"the kernel flipped": (shipped(np.flip(w, (2, 3))), back)})


#: What the rows and columns of the output are made of.
METHODS = {
    "nearest": loops.nearest,
    "bilinear": lambda n, s: loops.linear(n, s, False, Fraction),
    "bilinear/corners": lambda n, s: loops.linear(n, s, True, Fraction),
}

for name, weights in METHODS.items():
    @lecture.claim(f"upsampling/{name}", "gradient", f"Upsampling, {name}, taken back",
                   r"y=R\,x\,C^{\mathsf T},\quad dx=R^{\mathsf T}dy\,C")
    def upsampled(e, weights=weights):
        rows, columns = weights(3, 2), weights(2, 3)
        x, dy = e.symbols("x", 1, 1, 3, 2), e.symbols("u", 1, 1, 6, 6)
        back = loops.resize_backward(dy.tolist(), x.tolist(), rows, columns)
        return Sides(truth=e.gradient(lambda x: inner(
            loops.resize(x, rows, columns), dy.tolist()), x), printed=back,
            wrong={"from the other end": loops.resize_backward(
                dy.tolist(), x.tolist(), rows[::-1], columns)})


@lecture.claim("upsampling/lines", "identity", "Bilinear upsampling leaves a plane a plane",
               r"y(i,j)=a\,\rho(i)+b\,\rho(j)+c,\quad\rho(i)=i\,\frac{n-1}{ns-1}")
def planes(e):
    a, b, c = (e.symbols(name) for name in "abc")
    x = [[[[a * r + b * s + c for s in range(3)] for r in range(4)]]]

    def at(i, n, scale):
        return Fraction(i * (n - 1), n * scale - 1)

    truth = [[a * at(i, 4, 2) + b * at(j, 3, 3) + c for j in range(9)] for i in range(8)]
    corners, centres = ([loops.linear(n, s, corners, Fraction) for n, s in ((4, 2), (3, 3))]
                        for corners in (True, False))
    return Sides(truth=truth, printed=loops.resize(x, *corners)[0][0],
                 wrong={"centres": loops.resize(x, *centres)[0][0]})


@lecture.claim("adaptive/windows", "definition",
               "Window i of m holds the pixels that share some length with its m-th part",
               r"\bigl[\lfloor\tfrac{in}m\rfloor,\lceil\tfrac{(i+1)n}m\rceil\bigr)",
               cases=[{"n": 7, "m": 3}, {"n": 5, "m": 4}, {"n": 6, "m": 3}])
def adaptive(e, n, m):
    def share(pixel, i):
        return max(Fraction(pixel, n), Fraction(i, m)) < min(
            Fraction(pixel + 1, n), Fraction(i + 1, m))

    def held(windows):
        return [[pixel in window for pixel in range(n)] for window in windows]

    windows = loops.adaptive_windows([n], [m])
    length = n // m
    return Sides(truth=[[share(pixel, i) for pixel in range(n)] for i in range(m)],
                 printed=held([[cell[0] for cell in inside] for inside, _ in windows]),
                 wrong={"one length": held([range(i * length, (i + 1) * length - (n % m == 0))
                                            for i in range(m)])})


@lecture.claim("embedding/back", "gradient", "A table that is looked up, taken back",
               r"y_t=w_{i_t},\quad dw_v=\sum_{t:\,i_t=v}dy_t")
def embedding(e):
    indices, w, dy = [[2, 0], [2, 2]], e.symbols("w", 4, 2), e.symbols("u", 2, 2, 2)
    back = loops.embed_backward(dy.tolist(), indices, w.tolist())
    last = [list(row) for row in back]
    last[2] = dy[1, 1].tolist()
    return Sides(truth=e.gradient(lambda w: inner(loops.embed(indices, w), dy.tolist()), w),
                 printed=back, wrong={"the last one only": last})


@lecture.claim("dropout/back", "gradient", "Dropout with a given mask, taken back",
               r"y=\frac{x\odot m}{1-p},\quad dx=\frac{dy\odot m}{1-p}", rational=True)
def dropout(e):
    x, dy, keep = e.symbols("x", 2, 2), e.symbols("u", 2, 2), e.symbols("q")
    mask = [[1, 0], [1, 1]]
    back = loops.drop(dy.tolist(), mask, keep)
    return Sides(truth=e.gradient(lambda x: inner(loops.drop(x, mask, keep), dy.tolist()), x),
                 printed=back, wrong={"not scaled": loops.drop(dy.tolist(), mask, 1)})
