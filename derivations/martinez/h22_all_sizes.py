"""Connection matrices, weight-tied updates and the ways back, for any sizes and strides."""

from cnnmat import correlate_image, loops
from cnnmat.derivations.anysize import Axis, axis
from cnnmat.derivations.martinez.setting import lecture
from cnnmat.derivations.tables import taking
from cnnmat.textbook.connections import connection_matrix, dilate, project_tied, tied_sum
from cnnmat.textbook.images import convolve_full
from cnnmat.verify import Sides


class Line:
    """Inputs h, a kernel w and errors δ in one dimension, any stride s."""

    def __init__(self, e, rest=True):
        self.e, self.at = e, axis(e, dilation=False, padding=False) if rest else exactly(e)
        self.h, self.w = e.symbols("h", self.at.image), e.symbols("w", self.at.kernel)
        self.delta = e.symbols("delta", self.at.windows)
        self.n, self.s = self.at.image, self.at.stride

    def outputs(self, h, w):
        """Z by the plain loops, of nested lists."""
        return loops.correlate([[h]], [[w]], [0], [self.s], [(0, 0)], [1], 1)[0][0]

    def by_inputs(self):
        return self.e.gradient(lambda h: loops.dot(
            self.outputs(h, self.w.tolist()), self.delta.tolist()), self.h)

    def by_kernel(self):
        return self.e.gradient(lambda w: loops.dot(
            self.outputs(self.h.tolist(), w), self.delta.tolist()), self.w)


def exactly(e):
    """Windows that reach the last entry."""
    K, P, s = e.sizes("K", "P", "s")
    return Axis(e.size("H", (P - 1) * s + K), K, P, s)


#: Registers a claim about one dimension: its function takes a `Line`.
any_line = taking(lecture.claim, Line)


@any_line("eq10/all", "identity", "The connection matrix computes the layer, for any sizes and stride",
          r"\mathbf z=\mathcal W^{\mathsf T}\mathbf h", source_kind="consequence")
def connections(line):
    W = connection_matrix(line.w, line.n, line.s)
    return Sides(truth=line.outputs(line.h.tolist(), line.w.tolist()), printed=W.T @ line.h,
                 wrong={"not transposed": lambda: W @ line.h,
                        "the kernel flipped": connection_matrix(line.w[::-1], line.n, line.s).T
                        @ line.h})


@any_line("eq12/all", "gradient", "The connection matrix takes errors back, for any sizes and stride",
          r"\frac{\partial C}{\partial\mathbf h}=\mathcal W\boldsymbol\delta", source_kind="consequence")
def back(line):
    W = connection_matrix(line.w, line.n, line.s)
    return Sides(truth=line.by_inputs(), printed=W @ line.delta,
                 wrong={"errors reversed": W @ line.delta[::-1]})


@any_line("eq11/all", "gradient", "The tied update keeps the matrix a convolution, for any sizes and stride",
          r"\mathcal W\leftarrow\mathcal W-\mu\,\Pi(\mathbf h\boldsymbol\delta^{\mathsf T})"
          r"-\mu\lambda\mathcal W", source_kind="own")
def tied_step(line):
    mu, lam = line.e.symbols("mu"), line.e.symbols("lambda")
    W, k = connection_matrix(line.w, line.n, line.s), line.at.kernel
    G = line.h[:, None] * line.delta
    slope = line.by_kernel()
    stepped = line.w - slope * mu - line.w * (mu * lam)

    def step(gradient):
        return W - gradient * mu - W * (mu * lam)

    return Sides(truth=(slope, connection_matrix(stepped, line.n, line.s)),
                 printed=(tied_sum(G, k, line.s), step(project_tied(G, k, line.s))),
                 wrong={"ties forgotten": (tied_sum(G, k, line.s), step(G)),
                        "errors reversed": (tied_sum(G[:, ::-1], k, line.s), step(G))})


@lecture.claim("eq13/all", "gradient", "The gradient of the kernel, the error dilated, for any sizes and stride",
               r"\frac{\partial C}{\partial\mathbf w}=\mathbf h*\mathrm{dilate}_s(\boldsymbol\delta)",
               source_kind="own")
def kernel_by_correlation(e):
    line = Line(e, rest=False)
    wide = dilate(line.delta, line.s)
    return Sides(truth=line.by_kernel(), printed=correlate_image(line.h, wide, padding=0),
                 wrong={"the error flipped": correlate_image(line.h, wide[::-1], padding=0)})


@lecture.claim("eq14/stride/all", "gradient", "The full convolution with dilated errors, for any sizes and stride",
               r"\frac{\partial C}{\partial\mathbf h}=\mathbf w*_{\mathrm{full}}\mathrm{dilate}_s(\boldsymbol\delta)",
               source_kind="own")
def full_convolution(e):
    line = Line(e, rest=False)
    return Sides(truth=line.by_inputs(), printed=convolve_full(dilate(line.delta, line.s), line.w),
                 wrong={"the kernel flipped": convolve_full(dilate(line.delta, line.s),
                                                           line.w[::-1])})
