"""The layer and its way back for maps and kernels of any size."""

from cnnmat import Partition, Windows, correlate_image, flip, loops, vec, weight_matrix_short
from cnnmat.derivations.anysize import inside
from cnnmat.derivations.chaurasia.onelayer import forward_loops
from cnnmat.derivations.chaurasia.setting import ZEROS, lecture, valid
from cnnmat.derivations.tables import taking
from cnnmat.textbook.images import convolve_full, convolve_image
from cnnmat.verify import Sides


class AnySize:
    """One map o, a kernel w, a bias b of any sizes, E = Σ f(x_ij), δ_ij = f'(x_ij)."""

    def __init__(self, e):
        self.e = e
        rows, columns = inside(e, "k1", "m1", "H"), inside(e, "k2", "m2", "W")
        self.kernel, self.windows = (rows.kernel, columns.kernel), (rows.windows, columns.windows)
        self.o, self.w = e.symbols("o", rows.image, columns.image), e.symbols("w", *self.kernel)
        self.b, self.f = e.symbols("b"), e.activation()
        self.x = valid(self.o, self.w) + self.b
        self.delta = self.f.derivative(self.x)

    def error(self, o=None, w=None, b=None):
        """E by plain loops, with one of the three put in."""
        x = forward_loops(self.o.tolist() if o is None else o, self.w.tolist() if w is None else w,
                          self.b if b is None else b)
        return sum(self.f(x[i][j]) for i in range(len(x)) for j in range(len(x[0])))

    def by_kernel(self):
        return self.e.gradient(lambda w: self.error(w=w), self.w)

    def by_map(self):
        return self.e.gradient(lambda o: self.error(o=o), self.o)


#: Registers a claim about one layer of any sizes: its function takes an `AnySize`.
any_layer = taking(lecture.claim, AnySize)


@any_layer("eq0.8/all", "identity", "The layer by windows, for any sizes",
           r"x_{i,j}^l=\sum_m\sum_nw_{m,n}^lo_{i+m,j+n}^{l-1}+b^l")
def forward(s):
    return Sides(truth=forward_loops(s.o.tolist(), s.w.tolist(), s.b), printed=s.x,
                 wrong={"the kernel turned": valid(s.o, flip(s.w)) + s.b})


@lecture.claim("in46a/all", "identity", "A convolution is a correlation with the turned kernel, for any sizes",
               r"I*K=I\otimes\mathrm{rot}_{180^\circ}K", source_kind="consequence", assumes=ZEROS)
def turned(e):
    rows, columns, (k, l) = *e.sizes("H", "W"), e.paddings("k", "l")
    image = e.symbols("I", rows, columns)
    kernel = e.symbols("K", e.size("k1", 2 * k + 1), e.size("k2", 2 * l + 1))
    truth = [[loops.convolve_at(image.tolist(), kernel.tolist(), r, c) for c in range(columns)]
             for r in range(rows)]
    return Sides(truth=(truth, truth),
                 printed=(correlate_image(image, flip(kernel)), convolve_image(image, kernel)),
                 wrong={"not turned": (correlate_image(image, kernel),
                                       correlate_image(image, kernel))})


@any_layer("in51b/all", "gradient", "δ goes back through the kernel turned by 180 degrees, for any sizes",
           r"\frac{\partial E}{\partial o^{l-1}}=\delta^l*_{\mathrm{full}}w^l=V_w^{\mathsf T}\mathrm{vec}(\delta^l)",
           source_kind="own")
def deltas(s):
    V = weight_matrix_short(Partition(Windows(s.o.shape, s.kernel)), vec(s.w))
    around = tuple(k - 1 for k in s.kernel)
    truth = s.by_map()
    return Sides(truth=(truth, truth, vec(truth)),
                 printed=(convolve_full(s.delta, s.w),
                          correlate_image(s.delta, flip(s.w), padding=around), V @ vec(s.delta)),
                 wrong={"not turned": (correlate_image(s.delta, s.w, padding=around),) * 2
                        + (V @ vec(s.delta),)})


@any_layer("eq13/all", "gradient", "Gradient of the kernel: δ correlated with the map, for any sizes",
           r"\frac{\partial E}{\partial w_{m',n'}^l}=\sum_{i=0}^{H-k_1}\sum_{j=0}^{W-k_2}\delta_{i,j}^lo_{i+m',j+n'}^{l-1}")
def gradient(s):
    return Sides(truth=s.by_kernel(), printed=valid(s.o, s.delta),
                 wrong={"δ turned": valid(s.o, flip(s.delta))})


@any_layer("eq14/all", "gradient", "The same as a convolution with δ turned, for any sizes",
           r"\frac{\partial E}{\partial w^l}=\left[\mathrm{rot}_{180^\circ}\{\delta^l\}*o^{l-1}\right]_{\mathrm{valid}}",
           source_kind="consequence")
def as_convolution(s):
    return Sides(truth=s.by_kernel(),
                 printed=convolve_image(s.o, flip(s.delta), padding="valid"),
                 wrong={"δ not turned": convolve_image(s.o, s.delta, padding="valid")})


@any_layer("in51b/bias/all", "gradient", "The update of the bias: all δ together, for any sizes",
           r"\frac{\partial E}{\partial b^l}=\sum_i\sum_j\delta^l_{i,j}", source_kind="own")
def bias(s):
    truth = s.e.gradient(lambda b: s.error(b=b), s.b)
    return Sides(truth=truth, printed=s.delta.sum(), wrong={"the first row only": s.delta[0].sum()})
