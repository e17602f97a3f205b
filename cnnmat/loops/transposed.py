"""The transposed correlation: every pixel writes a kernel."""

from cnnmat.loops.batches import build, entry, shape_of
from cnnmat.loops.windows import cells


def written(cell, tap, stride, padding, output):
    """Where `cell` writes through `tap`, or None: outside, on what is cut off."""
    at = tuple(i * s + k - p for i, k, s, p in zip(cell, tap, stride, padding, strict=True))
    return at if all(0 <= i < n for i, n in zip(at, output, strict=True)) else None


def transposed_shape(image, kernel, stride, padding, extra):
    """(n - 1) stride - 2 padding + kernel + extra, along each axis."""
    return [(n - 1) * s - 2 * p + k + more for n, k, s, p, more in zip(
        image, kernel, stride, padding, extra, strict=True)]


def correlate_transpose(x, w, b, stride, padding, extra):
    """z[n][d][i stride + tap - padding] += x[n][c][i] w[c][d][tap], and b[d] everywhere.

    x is N x C x image, w is C x D x kernel; `extra` is the output padding.
    """
    image, kernel = shape_of(x)[2:], shape_of(w)[2:]
    output = transposed_shape(image, kernel, stride, padding, extra)
    z = {}
    for n in range(len(x)):
        for c, d, *tap in cells(shape_of(w)):
            for cell in cells(image):
                at = written(cell, tap, stride, padding, output)
                if at:
                    there = (n, d, *at)
                    z[there] = z.get(there, 0) + entry(x, (n, c, *cell)) * entry(w, (c, d, *tap))
    return build([len(x), len(w[0]), *output], lambda n, d, *at: z.get((n, d, *at), 0) + b[d])


def correlate_transpose_backward(dz, x, w, stride, padding):
    """(dx, dw, db): each term sends dz times its other factor back."""
    output = shape_of(dz)[2:]
    dx, dw = {}, {}
    for n in range(len(x)):
        for c, d, *tap in cells(shape_of(w)):
            for cell in cells(shape_of(x)[2:]):
                at = written(cell, tap, stride, padding, output)
                if at:
                    upstream, in_x, in_w = entry(dz, (n, d, *at)), (n, c, *cell), (c, d, *tap)
                    dx[in_x] = dx.get(in_x, 0) + upstream * entry(w, in_w)
                    dw[in_w] = dw.get(in_w, 0) + upstream * entry(x, in_x)
    db = [sum(entry(one[d], at) for one in dz for at in cells(output)) for d in range(len(w[0]))]
    return (build(shape_of(x), lambda *at: dx.get(at, 0)),
            build(shape_of(w), lambda *at: dw.get(at, 0)), db)
