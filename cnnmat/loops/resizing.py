"""Maps of another size: windows of uneven size, nearest and bilinear upsampling."""

from cnnmat.loops.batches import build, entry, shape_of
from cnnmat.loops.windows import cells


def adaptive_windows(shape, output):
    """(cells, number of them) of each of `output` windows an axis, as `pool_windows` gives them.

    Window i of m on n cells begins at ⌊i n / m⌋ and ends before ⌈(i + 1) n / m⌉.
    """
    def one(*window):
        spans = [range(i * n // m, -((-(i + 1) * n) // m))
                 for i, n, m in zip(window, shape, output, strict=True)]
        offsets = cells([len(span) for span in reversed(spans)])
        inside = [tuple(spans[a][o[len(spans) - 1 - a]] for a in range(len(spans)))
                  for o in offsets]
        return inside, len(inside)

    return build(list(output), one)


def nearest(length, scale):
    """For each of length · scale places [(index, weight)]: the entry that it is a copy of."""
    return [[(i // scale, 1)] for i in range(length * scale)]


def linear(length, scale, corners, divide):
    """For each place the two entries next to it, weighted by how near they are.

    Place i lies at (i + ½) / scale - ½, or with `corners` at i (length - 1) / (length scale - 1);
    what lies outside is moved to the border.  `divide` divides whole numbers.
    """
    size, found = length * scale, []
    for i in range(size):
        if corners:
            at = divide(i * (length - 1), size - 1) if size > 1 else 0
        else:
            at = divide(2 * i + 1 - scale, 2 * scale)
        at = min(max(at, 0), length - 1)
        first = int(at)
        second = min(first + 1, length - 1)
        found.append([(first, 1 - (at - first)), (second, at - first)])
    return found


def resize(x, rows, columns):
    """y[n][c][i][j] = Σ u v x[n][c][r][s], over (r, u) in rows[i] and (s, v) in columns[j]."""
    def at(n, c, i, j):
        return sum(u * v * x[n][c][r][s] for r, u in rows[i] for s, v in columns[j])

    return build([len(x), len(x[0]), len(rows), len(columns)], at)


def resize_backward(dy, x, rows, columns):
    """dx: each place sends dy back with the weights that it was made with."""
    dx = {}
    for n, c, i, j in cells(shape_of(dy)):
        for r, u in rows[i]:
            for s, v in columns[j]:
                dx[n, c, r, s] = dx.get((n, c, r, s), 0) + entry(dy, (n, c, i, j)) * u * v
    return build(shape_of(x), lambda *cell: dx.get(cell, 0))
