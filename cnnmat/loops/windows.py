"""Windows of an image, and the subvectors that they cut out of it."""


def cells(shape):
    """All index tuples of an array, the first index running fastest."""
    if not shape:
        return [()]
    return [(i, *rest) for rest in cells(shape[1:]) for i in range(shape[0])]


def place(cell, shape):
    """Where the entry at `cell` stands when the array is stacked, first index fastest."""
    at, step = 0, 1
    for i, length in zip(cell, shape, strict=True):
        at, step = at + i * step, step * length
    return at


def count_windows(length, span, stride):
    """How many windows of `span` fit into `length`, `stride` apart."""
    return len(range(0, length - span + 1, stride))


def window_lists(shape, kernel, stride, padding, dilation):
    """For each window the positions of its entries in the stacked image, -1 on padding.

    All arguments are lists with one entry an axis, of `padding` a pair (before, after).
    """
    axes = range(len(shape))
    counts = [count_windows(shape[a] + padding[a][0] + padding[a][1],
                            (kernel[a] - 1) * dilation[a] + 1, stride[a]) for a in axes]

    def read(window, entry):
        cell = [window[a] * stride[a] + entry[a] * dilation[a] - padding[a][0] for a in axes]
        return place(cell, shape) if all(0 <= cell[a] < shape[a] for a in axes) else -1

    return [[read(window, entry) for entry in cells(kernel)] for window in cells(counts)]


def subvectors(h, lists):
    """The subvectors h_1, ..., h_P; an index of -1 reads a zero."""
    return [[h[i] if i >= 0 else 0 for i in one] for one in lists]


def tile(image, r, c, rows, columns):
    """The rows x columns patch that becomes entry (r, c) when patches do not overlap."""
    return [[image[r * rows + k][c * columns + l] for l in range(columns)] for k in range(rows)]
