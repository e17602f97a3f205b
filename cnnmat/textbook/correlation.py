r"""A correlation layer in matrices.

Letters as in the text: layer c has D_c maps, its masks have S_c entries, it is
fed by D_{c-1} maps.  ``H`` stacks H^(1), ..., H^(D_{c-1}) to S_c D_{c-1} x P_c
(47.1225), ``W`` is S_c D_{c-1} x D_c (47.1224a), ``Theta`` D_{c-1} x D_c
(47.1224b), ``delta`` holds one row a map, D_c x P_c.  All but W and Theta may
have leading axes, one entry a sample.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from cnnmat import arguments
from cnnmat.arguments import largest, within_int64, within_memory
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.vec import carrier, hadamard, one_per_row, tensor, times
from cnnmat.typing import ArrayLike, Csr, Number

__all__ = [
    "block_diagonal", "dTheta", "dTheta_literal", "dW", "dW_literal", "feature_map",
    "preactivation", "pull_back", "pull_back_literal", "stack_maps", "weight_matrix",
    "weight_matrix_short",
]


def _ones(rows, columns):
    return np.ones((rows, columns), dtype=np.int8)


def feature_map(H, w, theta, f=None):
    r"""y = f(Hᵀw - θ1), equation (47.1158).

    Parameters
    ----------
    H : array_like, shape (..., S, P)
    w : array_like, shape (S,)
    theta : number
    f : callable, optional
        Left out, the result is the pre-activation.

    Returns
    -------
    ndarray, shape (..., P)

    Examples
    --------
    >>> feature_map([[1, 2, 3], [4, 5, 6]], [10, 1], 4)
    array([10, 21, 32])
    """
    w = arguments.array("w", w, ("S",))
    H = arguments.array("H", H, (..., len(w), "P"))
    theta = arguments.scalar("theta", theta, np.result_type(H, w))
    within_int64("H, w and theta", len(w) * largest(H) * largest(w) + largest(theta))
    z = H.mT @ w - theta
    return z if f is None else arguments.function("f", f)(z)


def stack_maps(partition, t):
    r"""H_{n,c}: the maps t^(1), ..., t^(D) partitioned and stacked, equation (47.1225).

    Parameters
    ----------
    t : array_like, shape (..., D, M)

    Returns
    -------
    ndarray, shape (..., D S, P)

    Examples
    --------
    >>> from cnnmat import Partition
    >>> stack_maps(Partition([[0, 1], [1, 2]], 3), [[1, 2, 3], [4, 5, 6]])
    array([[1, 2],
           [2, 3],
           [4, 5],
           [5, 6]])
    """
    arguments.instance("partition", partition, Partition)
    t = arguments.array("t", t, (..., "D", partition.M))
    H = partition.columns(t)
    return H.reshape(*t.shape[:-2], t.shape[-2] * partition.S, partition.P)


def preactivation(H, W, Theta):
    r"""z^(d) = Σ_j ([H^(j)]ᵀ w_j^(d) - θ^(d)(j) 1), all maps d at once, line 1 of (47.1216).

    In matrices [z^(1) ... z^(D)] = HᵀW - 1 1ᵀΘ.

    Returns
    -------
    ndarray, shape (..., D_c, P_c)

    Examples
    --------
    Two maps fed by one; the mask of the first adds, that of the second subtracts:

    >>> preactivation([[1, 2, 3], [4, 5, 6]], W=[[1, 1], [1, -1]], Theta=[[0, 10]])
    array([[  5,   7,   9],
           [-13, -13, -13]])
    """
    W = arguments.array("W", W, ("S*D_before", "D"))
    Theta = arguments.array("Theta", Theta, ("D_before", W.shape[1]))
    H = arguments.array("H", H, (..., W.shape[0], "P"))
    within_memory("H and W", 8 * H.size // W.shape[0] * W.shape[1])
    within_int64("H, W and Theta", W.shape[0] * largest(H) * largest(W)
                 + len(Theta) * largest(Theta))
    ones = _ones(H.shape[-1], Theta.shape[0])
    return (H.mT @ W - ones @ Theta).mT


def weight_matrix(partition: Partition, w: ArrayLike, *, max_bytes: Number = 2**30) -> Csr:
    r"""V^(d,d',c+1) as the text writes it, equation (47.1257).

    (Vᵀ ⊙ (1 1ᵀ ⊗ wᵀ)) (I ⊗ 1): entry [m, p] is the weight with which entry m of
    the map enters unit p of the next layer.

    Parameters
    ----------
    partition : Partition
        V, of shape (P S, M).
    w : array_like, shape (S,)
    max_bytes : int, optional
        The Kronecker product 1 1ᵀ ⊗ wᵀ is dense, M x P S.  A larger one is refused.

    Returns
    -------
    csr_array, or object ndarray for exact entries, shape (M, P)

    Examples
    --------
    The matrix of equation (47.1256), with w = (7, 8):

    >>> from cnnmat import Partition
    >>> v = Partition([[0, 2], [3, 1], [4, 0], [5, 1]], size=6)
    >>> weight_matrix(v, [7, 8]).toarray()
    array([[7, 0, 8, 0],
           [0, 8, 0, 8],
           [8, 0, 0, 0],
           [0, 7, 0, 0],
           [0, 0, 7, 0],
           [0, 0, 0, 7]])
    """
    arguments.instance("partition", partition, Partition)
    w = arguments.array("w", w, (partition.S,))
    M, P, S = partition.M, partition.P, partition.S
    within_int64("w", S * largest(w))
    max_bytes = arguments.real("max_bytes", max_bytes)
    if M * P * S * 16 > max_bytes:
        raise ValueError(f"max_bytes must be at least {M * P * S * 16} for the literal product "
                         f"of shape ({M}, {P * S}), got {max_bytes}; weight_matrix_short needs "
                         "only the entries that are not zero")
    V = carrier(partition.matrix, w)
    spread = tensor(_ones(M, P), w[None, :])
    collect = carrier(tensor(sparse.eye_array(P, dtype=np.int8), _ones(S, 1)), w)
    return hadamard(V.T, spread) @ collect


def weight_matrix_short(partition: Partition, w: ArrayLike) -> Csr:
    r"""V^(d,d',c+1) = Vᵀ (I ⊗ w): `weight_matrix` without the dense product.

    Examples
    --------
    >>> from cnnmat import Partition
    >>> weight_matrix_short(Partition([[0, 2], [1, 0]], size=3), [7, 8]).toarray()
    array([[7, 8],
           [0, 7],
           [8, 0]])
    """
    arguments.instance("partition", partition, Partition)
    w = arguments.array("w", w, (partition.S,))
    within_int64("w", partition.S * largest(w))
    eye = carrier(sparse.eye_array(partition.P, dtype=np.int8), w)
    return carrier(partition.matrix, w).T @ tensor(eye, w[:, None])


def _masks(W, partition):
    """W, checked, and its masks w_j^(d): array [d, j, s]."""
    S = arguments.instance("partition", partition, Partition).S
    W = arguments.array("W", W, (f"{S}*D_before", "D"))
    if W.shape[0] % S:
        raise ValueError(f"W must have shape ({S}*D_before, D), got {W.shape}")
    return W, W.T.reshape(W.shape[1], -1, S)


def _sensitivities(partition, W, delta):
    """delta, checked to go with W and to leave room for all that one entry may gather."""
    delta = arguments.array("delta", delta, (..., W.shape[1], partition.P))
    within_memory("W and delta", 8 * delta.size // W.shape[1] * W.shape[0])
    within_int64("W and delta", W.shape[1] * partition.P * partition.S
                 * largest(W) * largest(delta))
    return delta


def pull_back_literal(partition, W, delta):
    r"""b^(j) = Σ_d V^(j,d) δ^(d), equation (47.1258) summed as in (47.1262).

    Parameters
    ----------
    delta : array_like, shape (..., D_c, P_c)

    Returns
    -------
    ndarray, shape (..., D_{c-1}, M)
    """
    W, masks = _masks(W, partition)
    delta = _sensitivities(partition, W, delta)
    return np.stack([
        sum(times(weight_matrix(partition, masks[d, j]), delta[..., d, :])
            for d in range(masks.shape[0]))
        for j in range(masks.shape[1])
    ], axis=-2)


def pull_back(partition, W, delta):
    r"""`pull_back_literal` in two products: b^(j) = Vᵀ vec(j-th block of W [δ^(1) ... δ^(D)]ᵀ).

    Examples
    --------
    >>> from cnnmat import Partition
    >>> v = Partition([[0, 1], [1, 2]], size=3)
    >>> pull_back(v, W=[[1], [10]], delta=[[1, 2]])
    array([[ 1, 12, 20]])
    """
    W, _ = _masks(W, partition)
    delta = _sensitivities(partition, W, delta)
    # (S D_before, D) @ (..., D, P) -> (..., S D_before, P)
    spread = W @ delta
    return partition.scatter(
        spread.reshape(*delta.shape[:-2], -1, partition.S, partition.P))


def block_diagonal(delta):
    r"""Δ = diag{δ^(1), ..., δ^(D)}, shape (P D, D), equation (47.1270).

    Examples
    --------
    >>> block_diagonal([[1, 2], [3, 4]]).toarray()
    array([[1, 0],
           [2, 0],
           [0, 3],
           [0, 4]])
    """
    delta = arguments.array("delta", delta, ("D", "P"))
    D, P = delta.shape
    return one_per_row(np.repeat(np.arange(D), P), D, data=delta.ravel())


def dW_literal(H, delta):
    r"""(1ᵀ ⊗ H) Δ, equation (47.1271): one sample's derivative by W.

    Parameters
    ----------
    H : array_like, shape (S D_{c-1}, P)
    delta : array_like, shape (D_c, P)

    Returns
    -------
    csr_array, or object ndarray for exact entries, shape (S D_{c-1}, D_c)

    Examples
    --------
    >>> dW_literal([[1, 2], [3, 4], [5, 6]], [[1, 1], [0, -1]]).toarray()
    array([[ 3, -2],
           [ 7, -4],
           [11, -6]])
    """
    Delta = block_diagonal(delta)
    P = Delta.shape[0] // Delta.shape[1]
    H = arguments.array("H", H, ("S*D_before", P))
    within_int64("H and delta", P * largest(H) * largest(Delta))
    within_memory("H and delta", 16 * Delta.shape[1] * H.size)
    return carrier(tensor(_ones(1, Delta.shape[1]), H), Delta) @ carrier(Delta, H)


def dW(H, delta):
    """H [δ^(1) ... δ^(D)], the columns of (47.1269): shape (..., S D_{c-1}, D_c).

    Examples
    --------
    >>> dW([[1, 2], [3, 4], [5, 6]], [[1, 1], [0, -1]])
    array([[ 3, -2],
           [ 7, -4],
           [11, -6]])
    """
    delta = arguments.array("delta", delta, (..., "D", "P"))
    H = arguments.array("H", H, (..., "S*D_before", delta.shape[-1]))
    within_memory("H and delta", 8 * H.size // delta.shape[-1] * delta.shape[-2])
    within_int64("H and delta", delta.shape[-1] * largest(H) * largest(delta))
    return H @ delta.mT


def dTheta_literal(delta, before):
    r"""-(1ᵀ ⊗ 1 1ᵀ) Δ, equation (47.1274): one sample's derivative by Θ.

    Parameters
    ----------
    delta : array_like, shape (D_c, P)
    before : int
        D_{c-1}.

    Returns
    -------
    csr_array, or object ndarray for exact entries, shape (D_{c-1}, D_c)

    Examples
    --------
    >>> dTheta_literal([[1, 2], [3, 4]], before=3).toarray()
    array([[-3, -7],
           [-3, -7],
           [-3, -7]])
    """
    Delta = block_diagonal(delta)
    before, (PD, D) = arguments.integer("before", before, 1), Delta.shape
    within_int64("delta", PD // D * largest(Delta))
    with arguments.room("before", before * PD * 16):
        ones = carrier(tensor(_ones(1, D), _ones(before, PD // D)), Delta)
        return -(ones @ Delta)


def dTheta(delta, before):
    """-1 1ᵀδ^(d), equation (47.1273), the columns for all d: shape (..., D_{c-1}, D_c).

    Examples
    --------
    >>> dTheta([[1, 2], [3, 4]], before=3)
    array([[-3, -7],
           [-3, -7],
           [-3, -7]])
    """
    delta = arguments.array("delta", delta, (..., "D", "P"))
    before, P = arguments.integer("before", before, 1), delta.shape[-1]
    within_int64("delta", P * largest(delta))
    with arguments.room("before", before * (P + delta.size // P * delta.itemsize)):
        return -(_ones(before, P) @ delta.mT)
