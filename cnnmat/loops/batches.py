"""Layers on batches of images: N x C x (1, 2 or 3 axes)."""

from cnnmat.loops.windows import cells, count_windows


def entry(array, cell):
    """array[i][j]..., for an index tuple."""
    for i in cell:
        array = array[i]
    return array


def shape_of(array):
    """The lengths of the axes of a nested list."""
    shape = []
    while isinstance(array, list):
        shape.append(len(array))
        array = array[0]
    return shape


def build(shape, value):
    """The nested list of `shape` whose entry at each cell is value(*cell)."""
    if not shape:
        return value()
    return [build(shape[1:], lambda *rest, i=i: value(i, *rest)) for i in range(shape[0])]


def taps(window, kernel, shape, stride, padding, dilation):
    """(place in the kernel, cell of the image) for the entries of a window inside the image."""
    axes = range(len(shape))
    every = [(tap, [window[a] * stride[a] + tap[a] * dilation[a] - padding[a][0] for a in axes])
             for tap in cells(kernel)]
    return [(tap, cell) for tap, cell in every if all(0 <= cell[a] < shape[a] for a in axes)]


def correlate(x, w, b, stride, padding, dilation, groups):
    """z[n][d][window] = Σ_c Σ_tap x[n][c][tap of the window] w[d][c][tap] + b[d].

    x is N x C x image, w is D x C/groups x kernel, b a list of D; stride, dilation a list with
    one number an axis, padding one of (before, after).
    """
    shape, kernel = shape_of(x)[2:], shape_of(w)[2:]
    per_group, maps = len(w[0]), len(w) // groups
    counts = [count_windows(shape[a] + padding[a][0] + padding[a][1],
                            (kernel[a] - 1) * dilation[a] + 1, stride[a])
              for a in range(len(shape))]

    def at(n, d, *window):
        first = d // maps * per_group
        return b[d] + sum(
            entry(x[n][first + c], cell) * entry(w[d][c], tap)
            for tap, cell in taps(window, kernel, shape, stride, padding, dilation)
            for c in range(per_group)
        )

    return build([len(x), len(w), *counts], at)


def correlate_backward(dz, x, w, stride, padding, dilation, groups):
    """(dx, dw, db): each term of `correlate` sends dz times its other factor back."""
    shape, kernel = shape_of(x)[2:], shape_of(w)[2:]
    per_group, maps = len(w[0]), len(w) // groups
    dx, dw, db = {}, {}, [0] * len(w)
    for n in range(len(x)):
        for d in range(len(w)):
            first = d // maps * per_group
            for window in cells(shape_of(dz)[2:]):
                upstream = entry(dz[n][d], window)
                db[d] = db[d] + upstream
                for tap, cell in taps(window, kernel, shape, stride, padding, dilation):
                    for c in range(per_group):
                        at_x, at_w = (n, first + c, *cell), (d, c, *tap)
                        dx[at_x] = dx.get(at_x, 0) + upstream * entry(w, at_w)
                        dw[at_w] = dw.get(at_w, 0) + upstream * entry(x, at_x)
    return (build(shape_of(x), lambda *cell: dx.get(cell, 0)),
            build(shape_of(w), lambda *cell: dw.get(cell, 0)), db)
