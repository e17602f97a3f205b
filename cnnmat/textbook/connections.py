r"""Convolution in one dimension as sparse connectivity, with weights tied.

The connection matrix 𝒲 has a row for each input and a column for each output; a
layer computes 𝒲ᵀh and sends 𝒲δ back.  Its entries are tied: one weight stands in
many places, so a derivative by the matrix has to be summed over the places of each.
"""

import numpy as np

from cnnmat import arguments
from cnnmat.textbook.correlation import weight_matrix_short
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.vec import one_per_row, times
from cnnmat.textbook.windows import Windows

__all__ = ["connection_matrix", "dilate", "project_tied", "tied_sum"]


def connection_matrix(w, n, stride=1):
    r"""𝒲 with 𝒲[i, t] = w[i - s t]: inputs x outputs, the V^(d,d') of 1-D windows.

    Parameters
    ----------
    w : array_like, shape (k,)
    n : int
        Number of inputs.
    stride : int

    Returns
    -------
    csr_array, or object ndarray for exact entries, shape (n, ⌊(n - k)/s⌋ + 1)

    Examples
    --------
    >>> connection_matrix([1, 2], 5, stride=2).toarray()
    array([[1, 0],
           [2, 0],
           [0, 1],
           [0, 2],
           [0, 0]])
    """
    w, n = arguments.array("w", w, ("k",)), arguments.integer("n", n, 1)
    with arguments.renamed(kernel="w", shape="n", lists="n"):
        return weight_matrix_short(Partition(Windows(n, len(w), stride)), w)


def _places(G, k, stride):
    """The windows' entries of G: array [output, place in the kernel]."""
    G, k = arguments.array("G", G, ("n", "T")), arguments.integer("k", k, 1)
    with arguments.renamed(kernel="k", shape="G"):
        windows = Windows(G.shape[0], k, stride)
    if windows.P != G.shape[1]:
        raise ValueError(f"G must have shape ({G.shape[0]}, {windows.P}) for a kernel of {k} and "
                         f"stride {stride}, got {G.shape}")
    return G, windows.indices


def tied_sum(G, k, stride=1):
    r"""The derivative by the kernel: G, the one by the matrix, summed over each weight's places.

    Parameters
    ----------
    G : array_like, shape (n, T)
        For a layer, h δᵀ.
    k, stride : int
        Length of the kernel, and its step.

    Returns
    -------
    ndarray, shape (k,)

    Examples
    --------
    >>> tied_sum([[1, 9], [2, 30], [9, 40]], k=2)
    array([31, 42])
    """
    G, places = _places(G, k, stride)
    arguments.within_int64("G", len(places) * arguments.largest(G))
    return G[places, np.arange(len(places))[:, None]].sum(axis=0)


def project_tied(G, k, stride=1):
    """The matrix with the support and ties of 𝒲 that carries `tied_sum` on every place.

    Examples
    --------
    >>> project_tied([[1, 9], [2, 30], [9, 40]], k=2).toarray()
    array([[31,  0],
           [42, 31],
           [ 0, 42]])
    """
    return connection_matrix(tied_sum(G, k, stride), np.shape(G)[0], stride)


def dilate(delta, stride, n=None):
    """`stride` - 1 zeros between the entries on the last axis, and zeros behind up to `n`.

    Parameters
    ----------
    delta : array_like, shape (..., T)
    stride : int
    n : int, optional
        Length of the result; by default it ends with the last entry.

    Examples
    --------
    >>> dilate([1, 2, 3], 2)
    array([1, 0, 2, 0, 3])
    """
    delta = arguments.array("delta", delta, (..., "T"))
    stride = arguments.integer("stride", stride, 1)
    least = (delta.shape[-1] - 1) * stride + 1
    n = least if n is None else arguments.integer("n", n, least)
    with arguments.room("stride and n", n * (32 + delta.itemsize * delta.size // delta.shape[-1])):
        columns = np.full(n, -1)
        columns[:least:stride] = np.arange(delta.shape[-1])
        return times(one_per_row(columns, delta.shape[-1]), delta)
