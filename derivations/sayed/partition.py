"""Correlation layers, (47.1143) to (47.1167)."""

import numpy as np
from scipy import sparse

from cnnmat import Partition, Windows, correlation, kron, loops, vec
from cnnmat.claims import Sides
from cnnmat.derivations.sayed.setting import FIGURE_87, lecture
from cnnmat.vec import apply

LISTS = [{"lists": ((0, 2), (2, 1)), "M": 3}, {"lists": FIGURE_87, "M": 6}]


def basis_rows(lists, M):
    """Row vectors e_k by the definition: one at place k, zero elsewhere."""
    return [[int(m == k) for m in range(M)] for one in lists for k in one]


@lecture.claim(
    "47.1149", "example", "The partition matrix reads the subvectors of the figure out in order",
    r"\mathrm{col}\{1,4,6,2,5,4,3,6,1,2,4,1\}=V\,\mathrm{col}\{1,\dots,6\}")
def partition_of_the_figure(e):
    V = Partition(FIGURE_87, 6).matrix
    return Sides(truth=[1, 4, 6, 2, 5, 4, 3, 6, 1, 2, 4, 1], printed=V @ np.arange(1, 7),
                 wrong={"rows in another order": V[::-1] @ np.arange(1, 7)}, show={"V": V})


@lecture.claim(
    "47.1149/size", "dimension", "V has a row for each entry of each subvector",
    r"V\;(P\times M)", expect="misprint", corrected_formula=r"V\;(PS\times M)",
    reason="the matrix printed under the label is 12 x 6 with P = 4, and (47.1153) labels it so",
    cases=[{"lists": ((0, 1),), "M": 2}, *LISTS])
def size_of_partition(e, lists, M):
    P, S = len(lists), len(lists[0])
    rows = basis_rows(lists, M)
    return Sides(truth=(len(rows), len(rows[0])), printed=(P, M),
                 corrected=Partition(lists, M).matrix.shape, wrong={"transposed": (M, P * S)})


@lecture.claim(
    "47.1150", "identity", "The Kronecker product repeats a row of ones down the diagonal",
    r"I_P\otimes\mathbb{1}_S^{\mathsf T}\quad(P\times PS)",
    cases=[{"P": 2, "S": 3}, {"P": 4, "S": 3}])
def row_sums(e, P, S):
    left = kron(sparse.eye_array(P, dtype=int), np.ones((1, S), dtype=int))
    return Sides(truth=[[int(k // S == p) for k in range(P * S)] for p in range(P)], printed=left,
                 wrong={"factors exchanged": kron(np.ones((1, S), dtype=int),
                                                  sparse.eye_array(P, dtype=int))},
                 show={"I ⊗ 1ᵀ": left})


@lecture.claim(
    "47.1151", "identity", "Summed by subvector, V marks which entries belong to which",
    r"(I_P\otimes\mathbb{1}_S^{\mathsf T})V", cases=LISTS)
def skeleton(e, lists, M):
    partition = Partition(lists, M)
    return Sides(truth=[[one.count(m) for m in range(M)] for one in lists],
                 printed=partition.skeleton,
                 wrong={"V read in the order of the entries": kron(
                     np.ones((1, partition.S), dtype=int),
                     sparse.eye_array(partition.P, dtype=int)) @ partition.matrix},
                 show={"(I ⊗ 1ᵀ)V": partition.skeleton})


@lecture.claim(
    "47.1152", "identity", "V h stacks the subvectors", r"\mathrm{col}\{h_{n,p}\}=Vh_n",
    cases=LISTS)
def partition_is_a_product(e, lists, M):
    h = e.symbols("h", M)
    V = Partition(lists, M).matrix
    return Sides(truth=[x for one in loops.subvectors(h.tolist(), lists) for x in one],
                 printed=apply(V, h), wrong={"rows reversed": apply(V[::-1], h)})


@lecture.claim(
    "47.1153", "definition", "The rows of V are the basis vectors of the subvectors' indices",
    r"V=\mathrm{col}\{e_1^{\mathsf T},e_4^{\mathsf T},e_6^{\mathsf T},e_2^{\mathsf T},\dots\}",
    cases=LISTS)
def rows_of_partition(e, lists, M):
    V = Partition(lists, M).matrix
    return Sides(truth=basis_rows(lists, M), printed=V,
                 wrong={"the first two rows exchanged": V[[1, 0, *range(2, V.shape[0])]]})


@lecture.claim(
    "47.1158", "identity", "A feature map is one product with the transposed window matrix",
    r"y_n=f(H_n^{\mathsf T}w-\theta\mathbb{1})", cases=LISTS)
def feature_map(e, lists, M):
    h, w, theta, f = (e.symbols("h", M), e.symbols("w", len(lists[0])), e.symbols("theta"),
                      e.activation())
    H = Partition(lists, M).columns(h)
    return Sides(
        truth=loops.feature_map(loops.subvectors(h.tolist(), lists), w.tolist(), theta, f),
        printed=correlation.feature_map(H, w, theta, f),
        wrong={"the bias added": f(H.T @ w + theta), "f left out": H.T @ w - theta})


@lecture.claim(
    "47.1161", "identity", "Each of D masks gives a map of its own",
    r"y_n^{(d)}=f\left(H_n^{\mathsf T}w^{(d)}-\theta^{(d)}\mathbb{1}\right)",
    cases=[{**case, "D": 2} for case in LISTS])
def feature_maps(e, lists, M, D):
    S = len(lists[0])
    h, W, Theta, f = (e.symbols("h", M), e.symbols("W", S, D), e.symbols("Theta", 1, D),
                      e.activation())
    H = Partition(lists, M).columns(h)
    subs = loops.subvectors(h.tolist(), lists)
    return Sides(
        truth=[loops.feature_map(subs, W[:, d].tolist(), Theta[0, d], f) for d in range(D)],
        printed=f(correlation.preactivation(H, W, Theta)),
        wrong={"masks of the maps exchanged": f(correlation.preactivation(
            H, W[:, ::-1], Theta))})


@lecture.claim(
    "47.1164", "identity", "Colours: the contributions of three input maps add up before f",
    r"y_n(p)=f\left(\sum_{j=1}^3\left([h_{n,p}^{(j)}]^{\mathsf T}w_j-\theta(j)\right)\right)",
    cases=LISTS)
def colours(e, lists, M):
    S = len(lists[0])
    h, w, theta, f = (e.symbols("h", 3, M), e.symbols("w", 3, S), e.symbols("theta", 3),
                      e.activation())
    partition = Partition(lists, M)
    H = correlation.stack_maps(partition, h)
    z = loops.preactivation(h.tolist(), lists, w.tolist(), theta.tolist(), range(3))
    W = w.reshape(-1, 1)
    return Sides(truth=[f(value) for value in z],
                 printed=f(correlation.preactivation(H, W, theta[:, None]))[0],
                 wrong={"one bias for all three": f(
                     correlation.preactivation(H, W, theta[:, None] * [[1], [0], [0]]))[0],
                     "f before the sum": sum(f(correlation.feature_map(
                         partition.columns(h[j]), w[j], theta[j])) for j in range(3))})


@lecture.claim(
    "47.1166", "example", "Coefficients of thirty masks of nine by nine, biases included",
    r"30\times(9+1)=300", expect="misprint", corrected_formula=r"30\times(9^2+1)=2460",
    reason="2K+1 = 9 is the side of the mask, which has (2K+1)² weights by (47.1127b); "
           "(9 + 1) counts one side",
    cases=[{}])
def coefficients(e):
    # counted: one weight for each cell of the window, and a bias, for each map
    windows = Windows((64, 64), 9, padding="same")
    counted = sum(len(vec(np.zeros(windows.kernel))) + 1 for _ in range(30))
    return Sides(truth=counted, printed=30 * (9 + 1), corrected=30 * (9**2 + 1),
                 wrong={"biases left out": 30 * 9**2})
