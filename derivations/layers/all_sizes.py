"""What the paths of a layer compute, for all sizes, strides, dilations and paddings.

The paths write to the caller's arrays band by band, in buffers that are kept, which no symbolic
array can do; what runs here is what each does with one band that has all windows.  How the bands
are cut, by bytes, is held at fixed sizes in `axes`.
"""

from cnnmat import Partition, Windows, kron, loops, unvec, vec, weight_matrix_short
from cnnmat.derivations.anysize import axis
from cnnmat.derivations.layers.setting import inner, lecture
from cnnmat.derivations.tables import taking
from cnnmat.layers.correlation import _transposed_windows
from cnnmat.layers.lowering import band_matrix
from cnnmat.textbook.correlation import (
    dTheta,
    dW,
    preactivation,
    pull_back,
    pull_back_literal,
    stack_maps,
    weight_matrix,
)
from cnnmat.textbook.subsampling import both_sides, padding
from cnnmat.textbook.vec import apply
from cnnmat.verify import Sides

COVERS = ("the matrices, for one band of all windows; the Literal and Lowering that ship write bands "
          "to buffers, cut by bytes, which is held at fixed sizes")
#: The same of pooling.
POOL = "the matrices; the layers.pool that ships writes to buffers, which is held at fixed sizes"


class Layer:
    """Images x, kernels w, sensitivities dz, of any sizes; windows along one or two axes."""

    def __init__(self, e, axes=2, groups=False):
        self.e, self.axes = e, [axis(e, str(k + 1)) for k in range(axes)]
        self.N, self.C, self.D = e.sizes("N", "C", "D")
        self.G = e.sizes("G") if groups else 1
        self.image, self.kernel, self.output = (
            tuple(getattr(a, part) for a in self.axes) for part in ("image", "kernel", "windows"))
        self.x = e.symbols("x", self.N, self.G * self.C, *self.image)
        self.w = e.symbols("w", self.G * self.D, self.C, *self.kernel)
        self.b = e.symbols("b", self.G * self.D)
        self.dz = e.symbols("dz", self.N, self.G * self.D, *self.output)
        self.where = {part: tuple(getattr(a, part) for a in self.axes)
                      for part in ("stride", "padding", "dilation")}
        self.windows = Windows(self.image, self.kernel, **self.where)
        self.V = Partition(self.windows)
        #: The text's W, a column a map, and the maps stacked.
        self.W = vec(self.w, axes).reshape(self.G * self.D, -1).T
        self.maps = vec(self.x, axes)

    def correlate(self, x, w, b):
        """z by the plain loops, of nested lists."""
        return loops.correlate(x, w, b, *map(list, (
            self.where["stride"], self.where["padding"], self.where["dilation"])), self.G)

    def error(self, x=None, w=None, b=None):
        """<dz, z> by the plain loops, with one of the three put in."""
        z = self.correlate(self.x.tolist() if x is None else x,
                           self.w.tolist() if w is None else w,
                           self.b.tolist() if b is None else b)
        dz = self.dz.tolist()
        return sum(inner(z[n][d], dz[n][d]) for n in range(len(z)) for d in range(len(z[0])))

    @property
    def z(self):
        return self.correlate(self.x.tolist(), self.w.tolist(), self.b.tolist())

    @property
    def slopes(self):
        """(dx, dw, db) by the plain loops."""
        e = self.e
        return (e.gradient(lambda x: self.error(x=x), self.x),
                e.gradient(lambda w: self.error(w=w), self.w),
                e.gradient(lambda b: self.error(b=b), self.b))

    def error_of_first(self, x):
        """<dz, z> of the first sample alone."""
        z, dz = self.correlate([x], self.w.tolist(), self.b.tolist())[0], self.dz[0].tolist()
        return sum(inner(z[d], dz[d]) for d in range(len(z)))

    def kernels(self, W):
        """The text's W, or what has its shape, as kernels."""
        return unvec(W.T.reshape(self.D, self.C, -1), self.kernel)


one_axis = taking(lecture.claim, lambda e: Layer(e, axes=1))
two_axes = taking(lecture.claim, Layer)


@two_axes("windows/all", "definition", "What a window covers, for all sizes",
          r"m=\mathrm{window}\cdot\mathrm{stride}+\mathrm{entry}\cdot\mathrm{dilation}-\mathrm{before}")
def windows(s):
    x = s.x[0, 0]
    lists = loops.window_lists(*map(list, (
        s.image, s.kernel, s.where["stride"], s.where["padding"], s.where["dilation"])))
    H = s.V.columns(vec(x))
    return Sides(truth=loops.subvectors(loops.vec(x.tolist()), lists), printed=H.T,
                 wrong={"windows from the other end": H.T[::-1]})


@two_axes("correlate/all", "algorithm", "The text's matrices compute the layer, for all sizes",
          r"z_n=H_n^{\mathsf T}W-\mathbb 1\mathbb 1^{\mathsf T}\Theta", covers=COVERS)
def correlated(s):
    H = stack_maps(s.V, s.maps)
    Theta = -s.b / s.C * (s.x[0, :, 0, 0] * 0 + 1)[:, None]
    return Sides(truth=s.z, printed=unvec(preactivation(H, s.W, Theta), s.output),
                 wrong={"the bias subtracted": unvec(preactivation(H, s.W, -Theta), s.output)})


@one_axis("correlate_backward/all", "gradient", "The text's matrices take the layer back, for all sizes",
          r"\partial\langle dz,z\rangle/\partial(x,w,b)", covers=COVERS)
def correlated_back(s):
    delta, H = vec(s.dz, 1), stack_maps(s.V, s.maps)
    dx, dw = pull_back(s.V, s.W, delta), s.kernels(dW(H, delta).sum(axis=0))
    db = -dTheta(delta, s.C)[:, 0].sum(axis=0)
    return Sides(truth=s.slopes, printed=(dx, dw, db),
                 wrong={"the other end of the sensitivities": (
                     pull_back(s.V, s.W, delta[..., ::-1]), dw, db)})


@two_axes("pull_back/all", "gradient", "Two axes back, and the transposed layer, for all sizes",
          r"\langle dz,A x\rangle=\langle A^{\mathsf T}dz,x\rangle,\quad "
          r"M=(P-1)s-p+\mathrm{span}+r", covers=COVERS)
def transposed(s):
    delta = vec(s.dz, 2)
    dx = unvec(pull_back(s.V, s.W, delta), s.image)
    shape = _transposed_windows(s.dz.shape, s.w.shape, s.where["stride"], s.where["padding"],
                                tuple(a.rest for a in s.axes), s.where["dilation"])
    return Sides(truth=(s.e.gradient(lambda x: s.error(x=x), s.x), s.image), printed=(dx, shape),
                 wrong={"the other end": (unvec(pull_back(s.V, s.W, delta[..., ::-1]), s.image),
                                          shape)})


@one_axis("literal/all", "identity", "Literal = short, and what they send back, for all sizes",
          r"V^{(d,d')}=V^{\mathsf T}(I\otimes w)", covers=COVERS)
def literal(s):
    w, delta = vec(s.w[0, 0]), vec(s.dz, 1)
    return Sides(truth=(weight_matrix(s.V, w), pull_back_literal(s.V, s.W, delta)),
                 printed=(weight_matrix_short(s.V, w), pull_back(s.V, s.W, delta)),
                 wrong={"the kernel flipped": (weight_matrix_short(s.V, w[::-1]),
                                               pull_back(s.V, s.W, delta))})


@lecture.claim("groups/all", "algorithm", "Groups of maps are layers side by side, for all sizes",
               r"z^{(g)}=W^{(g)}H^{(g)}+b,\quad dx=V^{\mathsf T}W^{\mathsf T}\delta,\quad "
               r"dW=\sum_n\delta_nH_n^{\mathsf T}", covers=COVERS)
def grouped(e):
    s = Layer(e, axes=1, groups=True)
    H = stack_maps(s.V, s.maps.reshape(s.N, s.G, s.C, -1))
    W = vec(s.w, 1).reshape(s.G, s.D, -1)
    delta = vec(s.dz, 1).reshape(s.N, s.G, s.D, -1)
    z = (W @ H).reshape(s.N, s.G * s.D, -1) + s.b[:, None]
    back = s.V.scatter((W.mT @ delta).reshape(s.N, s.G, s.C, s.V.S, -1)).reshape(s.x.shape)
    dw = (delta @ H.mT).sum(axis=0).reshape(s.w.shape)
    dx_loops, dw_loops, db = s.slopes
    near = (W.mT @ delta[..., ::-1]).reshape(s.N, s.G, s.C, s.V.S, -1)
    return Sides(truth=(s.z, dx_loops, dw_loops, db),
                 printed=(z, back, dw, s.dz.sum(axis=-1).sum(axis=0)),
                 wrong={"the other end": (z, s.V.scatter(near).reshape(s.x.shape), dw, db)})


def around(s, rows):
    """The matrices that put zeros around the two axes; of the first, the rows that are read."""
    first, second = (padding(n, *p) for n, p in zip(s.image, s.where["padding"], strict=True))
    return first[:rows], second


@two_axes("lowering/all", "algorithm", "The band matrix of lowering computes the layer, for all sizes",
          r"z=W\,(I\otimes V)\,\mathrm{vec}(\mathrm{pad}(x)),\quad dx=\mathrm{pad}^{\mathsf T}"
          r"(I\otimes V)^{\mathsf T}W^{\mathsf T}\delta", covers=COVERS)
def lowered(s):
    x, dz, W = s.x[0], s.dz[0].reshape(s.D, -1), s.w.reshape(s.D, -1)
    first, second = around(s, (s.output[0] - 1) * s.where["stride"][0] + s.windows.span[0])
    wide = both_sides(first, x, second)
    V = band_matrix(s.windows, s.C, s.output[0], (first.shape[0], second.shape[0]))
    H = apply(V, wide.reshape(-1)).reshape(W.shape[1], -1)

    def back(delta):
        spread = apply(V.T, (W.T @ delta).reshape(-1)).reshape(wide.shape)
        return both_sides(first.T, spread, second.T)

    z = (W @ H + s.b[:, None]).reshape(s.D, *s.output)
    truth = s.correlate([x.tolist()], s.w.tolist(), s.b.tolist())[0]
    return Sides(truth=(truth, s.e.gradient(s.error_of_first, x)), printed=(z, back(dz)),
                 wrong={"the other end": (z, back(dz[..., ::-1]))})


@one_axis("convolve/all", "identity", "A convolution is the correlation with flipped kernels, for all sizes",
          r"z=x*w", covers=COVERS)
def convolved(s):
    H, turned = stack_maps(s.V, s.maps), s.w[..., ::-1]
    W = vec(turned, 1).reshape(s.D, -1)
    return Sides(truth=s.correlate(s.x.tolist(), turned.tolist(), s.b.tolist()),
                 printed=W @ H + s.b[:, None], wrong={"not flipped": s.W.T @ H + s.b[:, None]})


@two_axes("pool/all", "algorithm", "Sum and mean over windows, zeros counted, there and back, for all sizes",
          r"t=\mathbb 1^{\mathsf T}H,\quad dx=V^{\mathsf T}(\mathbb 1\otimes dt)", covers=POOL)
def pooled(s):
    x, dt = s.x[0, 0], s.dz[0, 0]
    S = s.windows.S
    lists = loops.window_lists(*map(list, (
        s.image, s.kernel, s.where["stride"], s.where["padding"], s.where["dilation"])))

    def sums(x):
        return [sum(one) for one in loops.subvectors(loops.vec(x), lists)]

    def mean(x):
        return [loops.mean(one) for one in loops.subvectors(loops.vec(x), lists)]

    H = s.V.columns(vec(x))
    flat = vec(dt)
    slope = s.e.gradient(lambda x: loops.dot(sums(x), flat.tolist()), x)
    ones = H * 0 + 1
    back = unvec(s.V.scatter(ones * flat), s.image)
    return Sides(truth=(sums(x.tolist()), mean(x.tolist()), slope),
                 printed=(H.sum(axis=0), H.sum(axis=0) / S, back),
                 wrong={"the sum for the mean": (H.sum(axis=0), H.sum(axis=0), back),
                        "the other end": (H.sum(axis=0), H.sum(axis=0) / S,
                                          unvec(s.V.scatter(ones * flat[::-1]), s.image))})


@two_axes("factors/all", "identity", "V is that of the columns ⊗ that of the rows, for all sizes",
          r"V=\Pi\,(V_{\mathrm{columns}}\otimes V_{\mathrm{rows}})")
def factors(s):
    rows, columns = (
        Partition(Windows(n, k, stride, (pads,), dilation)) for n, k, stride, pads, dilation in zip(
            s.image, s.kernel, *(s.where[part] for part in ("stride", "padding", "dilation")),
            strict=True))
    both = kron(columns.matrix, rows.matrix).toarray()
    # the product counts (window, entry) of the columns, then of the rows; V windows, then entries
    split = both.reshape(columns.P, columns.S, rows.P, rows.S, -1)
    whole = split.transpose((0, 2, 1, 3, 4)).reshape(both.shape)
    return Sides(truth=s.V.matrix.toarray(), printed=whole,
                 wrong={"windows from the other end": split[::-1].transpose(
                     (0, 2, 1, 3, 4)).reshape(both.shape)})
