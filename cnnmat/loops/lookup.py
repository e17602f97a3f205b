"""Layers that pick: rows of a table, entries that are kept."""

from cnnmat.loops.batches import build, entry, shape_of
from cnnmat.loops.windows import cells


def embed(indices, w):
    """y[..., d] = w[index][d]."""
    return build([*shape_of(indices), len(w[0])], lambda *at: w[entry(indices, at[:-1])][at[-1]])


def embed_backward(dy, indices, w):
    """dw: each place sends dy to its row, which adds up what comes."""
    dw = [[0] * len(row) for row in w]
    for at in cells(shape_of(dy)):
        row = dw[entry(indices, at[:-1])]
        row[at[-1]] = row[at[-1]] + entry(dy, at)
    return dw


def drop(x, mask, keep):
    """x m / keep: what is kept makes up for what is not."""
    return build(shape_of(x), lambda *at: entry(x, at) * entry(mask, at) / keep)
