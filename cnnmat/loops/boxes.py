"""Pooling windows on batches of images: N x C x (1, 2 or 3 axes), padding counted or not."""

from cnnmat.loops.batches import build, entry
from cnnmat.loops.windows import cells


def starts(length, span, stride, before, after, partial):
    """First index of each window along one axis; negative on padding in front.

    With `partial`, a window may hang over the end if it begins on the image or on the
    padding in front of it, and windows stop with the first that reaches the end.
    """
    end = length + after
    found = list(range(-before, end - span + 1, stride))
    start = found[-1] + stride if found else -before
    reached = found[-1] + span >= end if found else False
    if partial and not reached and start < length:
        found.append(start)
    return found


def pool_windows(shape, size, stride, padding, dilation, partial):
    """(cells inside the image, number of places with padding counted) of each window.

    A nested list with one axis an axis of the image; the cells of a window row by row.
    """
    axes = range(len(shape))
    first = [starts(shape[a], (size[a] - 1) * dilation[a] + 1, stride[a], *padding[a], partial)
             for a in axes]

    def one(*window):
        inside, places = [], 1
        for a in axes:
            at = [first[a][window[a]] + k * dilation[a] for k in range(size[a])]
            # what hangs over the padding, too, is no place that could be counted
            places = places * len([i for i in at if i < shape[a] + padding[a][1]])
            inside.append([i for i in at if 0 <= i < shape[a]])
        offsets = cells([len(one) for one in reversed(inside)])
        return [tuple(inside[a][o[len(inside) - 1 - a]] for a in axes) for o in offsets], places

    return build([len(f) for f in first], one)


def window_counts(windows):
    """How many windows there are along each axis; 0 ends the list."""
    counts = []
    while isinstance(windows, list):
        counts.append(len(windows))
        windows = windows[0] if windows else None
    return counts


def pool_images(x, windows, reduce):
    """t[n][c][window] = reduce(entries of x[n][c] in the window, number of its places)."""
    def at(n, c, *window):
        inside, places = entry(windows, window)
        return reduce([entry(x[n][c], cell) for cell in inside], places)

    return build([len(x), len(x[0]), *window_counts(windows)], at)
