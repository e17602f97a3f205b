"""The transposed correlation."""

import numpy as np

from cnnmat import Windows, layers, loops
from cnnmat.derivations.layers.setting import inner, lecture
from cnnmat.layers import CorrelationOperator
from cnnmat.verify import Sides


@lecture.claim(
    "correlate_transpose", "identity", "The transposed convolution is the transposed matrix",
    r"\mathrm{vec}(x)=\mathcal{V}^{\mathsf T}\mathrm{vec}(z)",
    cases=[{"image": (7, 5), "kernel": (3, 2), "stride": (2, 1), "padding": (1, 0)}])
def transposed(e, image, kernel, stride, padding):
    w = e.integers(3, 2, *kernel)
    forward = CorrelationOperator((2, *image), w, stride=stride, padding=padding)
    z = e.integers(1, 3, *Windows(image, kernel, stride, padding).output)
    dx = loops.correlate_backward(
        z.tolist(), np.zeros((1, 2, *image), dtype=int).tolist(), w.tolist(), list(stride),
        [(p, p) for p in padding], [1, 1], 1)[0]
    shipped = layers.correlate_transpose(z, w, stride=stride, padding=padding)
    by_matrix = (forward.matrix.T @ z.ravel()).reshape(1, 2, *image)
    return Sides(truth=(dx, dx), printed=(shipped, by_matrix),
                 wrong={"the kernel flipped": (layers.correlate_transpose(
                     z, w[..., ::-1, ::-1].copy(), stride=stride, padding=padding), by_matrix)})


#: Transposed correlations: C is the number of maps that come in, D of those that go out.
BACKWARDS = [
    {"n": 2, "C": 4, "D": 6, "windows": (3,), "kernel": (3,), "stride": (4,), "padding": ((1, 0),),
     "output_padding": (2,), "dilation": (2,), "groups": 2},
    {"n": 2, "C": 3, "D": 2, "windows": (2, 3), "kernel": (3, 2), "stride": (2, 3),
     "padding": ((0, 1), (1, 2)), "output_padding": (1, 2), "dilation": (1, 2), "groups": 1},
    {"n": 1, "C": 2, "D": 4, "windows": (2, 1, 3), "kernel": (2, 3, 1), "stride": (1, 2, 2),
     "padding": ((1, 0), (0, 1), (0, 0)), "output_padding": (0, 1, 0), "dilation": (1, 1, 1),
     "groups": 2},
]


def image_length(windows, kernel, stride, padding, extra, dilation):
    """The length of an axis: the smallest with so many windows, found by trying, and `extra`."""
    length = 1
    while loops.count_windows(length + sum(padding), (kernel - 1) * dilation + 1,
                              stride) < windows:
        length += 1
    return length + extra


@lecture.claim(
    "correlate_transpose/axes", "gradient",
    "The transposed layer on one to three axes, with a bias, there and back",
    r"\mathrm{vec}(x')=\mathcal{V}^{\mathsf T}\mathrm{vec}(x)+b,\quad"
    r"\partial\langle dz,x'\rangle/\partial(x,w,b)", cases=BACKWARDS)
def transposed_axes(e, n, C, D, windows, kernel, groups, output_padding, **layer):
    x, w, b = e.integers(n, C, *windows), e.integers(C, D // groups, *kernel), e.integers(D)
    axes = zip(windows, kernel, layer["stride"], layer["padding"], output_padding,
               layer["dilation"], strict=True)
    image = [image_length(*axis) for axis in axes]
    dz = e.integers(n, D, *image)

    def by_loops(x, w, b):
        back = loops.correlate_backward(
            x, np.zeros((n, D, *image), dtype=int).tolist(), w,
            *(list(layer[k]) for k in ("stride", "padding", "dilation")), groups)[0]
        return loops.build(loops.shape_of(back), lambda n, d, *cell: loops.entry(
            back[n][d], cell) + b[d])

    x_, w_, b_, dz_ = (a.tolist() for a in (x, w, b, dz))
    slopes = (e.gradient(lambda x: inner(by_loops(x, w_, b_), dz_), x),
              e.gradient(lambda w: inner(by_loops(x_, w, b_), dz_), w),
              e.gradient(lambda b: inner(by_loops(x_, w_, b), dz_), b))
    settings = {**layer, "groups": groups, "output_padding": output_padding}

    def printed(w):
        return (layers.correlate_transpose(x, w, b, **settings),
                *layers.correlate_transpose_backward(dz, x, w, **settings))

    return Sides(truth=(by_loops(x_, w_, b_), *slopes), printed=printed(w),
                 wrong={"the kernel flipped": printed(np.flip(w, tuple(range(2, w.ndim))))})
