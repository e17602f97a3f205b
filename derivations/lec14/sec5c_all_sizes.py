"""The homework once more, for maps and kernels of any size."""

from cnnmat import (
    Partition,
    Windows,
    correlate_image,
    flip,
    loops,
    unvec,
    vec,
    weight_matrix_short,
)
from cnnmat.derivations.anysize import axis, inside
from cnnmat.derivations.lec14.sec5b_homework import PAD, PADDED
from cnnmat.derivations.lec14.setting import by_kernel, by_map, lecture, loss, plain
from cnnmat.derivations.tables import taking
from cnnmat.textbook.images import convolve_full
from cnnmat.verify import Sides


class AnySize:
    """A map, a kernel and ∂L/∂z with a symbol for every entry, of any sizes."""

    def __init__(self, e):
        self.e = e
        rows, columns = inside(e, "f1", "m1", "n1"), inside(e, "f2", "m2", "n2")
        self.image, self.kernel = (rows.image, columns.image), (rows.kernel, columns.kernel)
        self.X, self.K = e.symbols("X", *self.image), e.symbols("K", *self.kernel)
        self.g = e.symbols("g", rows.windows, columns.windows)
        self.pad = (rows.kernel - 1, columns.kernel - 1)

    @property
    def by_map(self):
        return by_map(self.e, self.X, self.K, self.g)

    @property
    def by_kernel(self):
        return by_kernel(self.e, self.X, self.K, self.g)


#: Registers a claim about any sizes: its function takes an `AnySize`.
any_size = taking(lecture.claim, AnySize)


@lecture.claim("s2/all", "identity",
               "The correlation by windows is the plain loops' own, for any sizes",
               r"z_{ij}=\sum_{m,n}K_{mn}X_{is+m-p,\,js+n-p}", source_kind="consequence")
def loops_with_padding(e):
    rows, columns = axis(e, "1"), axis(e, "2")
    X, K = e.symbols("X", rows.image, columns.image), e.symbols("K", rows.kernel, columns.kernel)
    where = {"stride": (rows.stride, columns.stride), "padding": (rows.padding, columns.padding)}

    def printed(K, dilation=(rows.dilation, columns.dilation)):
        return correlate_image(X, K, **where, dilation=dilation)

    truth = loops.correlate([[X.tolist()]], [[K.tolist()]], [0], list(where["stride"]),
                            list(where["padding"]), [rows.dilation, columns.dilation], 1)[0][0]
    return Sides(truth=truth, printed=printed(K), wrong={"the kernel flipped": printed(flip(K))})


@any_size("eq1/all", "gradient", "Homework (1), for any sizes",
          r"\frac{\partial L}{\partial K}=X\otimes\frac{\partial L}{\partial z}")
def gradient_of_kernel(s):
    return Sides(truth=s.by_kernel, printed=correlate_image(s.X, s.g, padding=0), wrong={
        "∂L/∂z flipped": correlate_image(s.X, flip(s.g), padding=0),
        "the result flipped": flip(correlate_image(s.X, s.g, padding=0))})


@any_size("eq1/matrix/all", "gradient", "Homework (1) as the product Hᵀ has, for any sizes",
          r"\mathrm{vec}\frac{\partial L}{\partial K}=H\,\mathrm{vec}\frac{\partial L}{\partial z}",
          source_kind="own")
def gradient_as_product(s):
    H = Partition(Windows(s.image, s.kernel)).columns(vec(s.X))
    return Sides(truth=s.by_kernel, printed=unvec(H @ vec(s.g), s.kernel),
                 wrong={"∂L/∂z from the other end": unvec(H @ vec(s.g)[::-1], s.kernel)})


@any_size("s5m/all", "gradient", "The gradient of the bias, for any sizes",
          r"\frac{\partial L}{\partial B}=\sum_{ij}\frac{\partial L}{\partial z_{ij}}")
def gradient_of_bias(s):
    truth = s.e.gradient(lambda B: loss(s.X.tolist(), s.K.tolist(), s.g.tolist(), B),
                         s.e.symbols("B"))
    return Sides(truth=truth, printed=s.g.sum(), wrong={"the first row only": s.g[0].sum()})


@any_size("s5q/all", "gradient", "Homework (2), for any sizes: padded by one less than the kernel",
          PADDED, assumes=PAD)
def gradient_of_map(s):
    return Sides(truth=s.by_map, printed=correlate_image(s.g, flip(s.K), padding=s.pad), wrong={
        "the kernel as it is": correlate_image(s.g, s.K, padding=s.pad),
        "padded on one side": lambda: correlate_image(
            s.g, flip(s.K), padding=tuple((2 * p, 0) for p in s.pad))})


@any_size("s5s/all", "identity", "Padding and half turn are the transposed matrix, for any sizes",
          r"V^{(K)}\,\mathrm{vec}(g)=\mathrm{vec}(\mathrm{pad}(g)\otimes\mathrm{rot}_{180}K)",
          source_kind="own")
def transposed_matrix(s):
    V = weight_matrix_short(Partition(Windows(s.image, s.kernel)), vec(s.K))
    turned = s.K[::-1, ::-1].tolist()
    truth = plain(s.g.tolist(), turned, padding=tuple((p, p) for p in s.pad))
    return Sides(truth=(truth, truth),
                 printed=(unvec(V @ vec(s.g), s.image), convolve_full(s.g, s.K)),
                 wrong={"∂L/∂z from the other end": (unvec(V @ vec(s.g)[::-1], s.image),
                                                     convolve_full(s.g[::-1, ::-1], s.K))})
