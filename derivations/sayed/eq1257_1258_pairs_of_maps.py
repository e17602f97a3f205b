"""The matrix of a pair of maps, (47.1257) and (47.1258)."""

import numpy as np
from scipy import sparse

from cnnmat import Partition, kron, loops, weight_matrix, weight_matrix_short
from cnnmat.derivations.sayed.eq1251_1256_example import PARTITIONS, S_REASON, weights_by_count
from cnnmat.derivations.sayed.setting import (
    ANY_2,
    BOTH,
    FIGURE_99,
    LAYERED,
    PLAIN,
    WIDE,
    lecture,
    line,
)
from cnnmat.textbook import correlation
from cnnmat.textbook.vec import carrier, hadamard
from cnnmat.verify import Sides


@lecture.claim(
    "47.1257", "identity", "The mask, spread over the transposed partition matrix",
    r"V^{(d,d',c+1)}\triangleq\left(V_c^{\mathsf{T}}\odot\left(\mathbb{1}_{P'_c}"
    r"\mathbb{1}_{P_{c+1}}^{\mathsf{T}}\otimes(w_d^{(d',c+1)})^{\mathsf{T}}\right)\right)"
    r"(I_{P_{c+1}}\otimes\mathbb{1}_{S_c})",
    cases=[{**PARTITIONS[0], "S_c": 2}, {**PARTITIONS[1], "S_c": 2}], expect="misprint",
    corrected_formula=r"V^{(d,d',c+1)}\triangleq\left(V_c^{\mathsf{T}}\odot\left(\mathbb{1}_{P'_c}"
    r"\mathbb{1}_{P_{c+1}}^{\mathsf{T}}\otimes(w_d^{(d',c+1)})^{\mathsf{T}}\right)\right)"
    r"(I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}})",
    reason="all but the last factor is right, see 47.1257/size: " + S_REASON)
def spread_mask(e, lists, M, S_c):
    partition, w = Partition(lists, M), e.symbols("w", len(lists[0]))
    V, eye = carrier(partition.matrix, w), sparse.eye_array(partition.P, dtype=int)
    ones = np.ones((M, partition.P), dtype=int)

    def literal(spread, S):
        return hadamard(V.T, spread) @ carrier(kron(eye, np.ones((S, 1), dtype=int)), w)

    return Sides(truth=weights_by_count(lists, M, w.tolist()),
                 printed=lambda: literal(kron(ones, w[None]), S_c),
                 corrected=weight_matrix(partition, w),
                 wrong={"the mask reversed": weight_matrix(partition, w[::-1]),
                        "Kronecker factors exchanged": literal(kron(w[None], ones), len(w))},
                 show={"V": partition.matrix, "V^(d,d',c+1), w = (7, 8)": weight_matrix(
                     Partition(FIGURE_99, 6), [7, 8])})


@line("47.1257/pairs", "gradient", "For every pair of maps it holds the derivatives of z by t",
      r"[V^{(d,d',c+1)}]_{p,i}=\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d,c)}(p)}",
      cases=(*LAYERED, ANY_2), source_kind="consequence")
def every_pair(s):
    partition = s.partition(2)

    def matrices(mask):
        return [[weight_matrix(partition, mask(d, k)).T for d in range(s.D[1])]
                for k in range(s.D[2])]

    return Sides(truth=s.z_by_t(1).swapaxes(1, 2), printed=matrices(lambda d, k: s.mask(k, d, 2)),
                 wrong={"another map's mask": matrices(lambda d, k: s.mask(k, d - 1, 2)),
                        "the mask reversed": matrices(lambda d, k: s.mask(k, d, 2)[::-1])})


def with_ones(s, rows, length):
    """(47.1257) with 1 of `rows` entries in the first and of `length` in the last factor."""
    w = s.mask(0, 0, 2)
    V = carrier(s.partition(2).matrix, w)
    spread = kron(np.ones((rows, s.P[2]), dtype=int), w[None])
    collect = kron(sparse.eye_array(s.P[2], dtype=int), np.ones((length, 1), dtype=int))
    return hadamard(V.T, spread) @ carrier(collect, w)


@line("47.1257/size", "dimension", "The length of the ones in the last factor",
      r"I_{P_{c+1}}\otimes\mathbb{1}_{S_c}", cases=(PLAIN, WIDE, ANY_2), expect="misprint",
      corrected_formula=r"I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}}", reason=S_REASON)
def length_of_ones(s):
    return Sides(truth=s.z_by_t(1)[0, :, 0].T, printed=lambda: with_ones(s, s.Pp[1], s.S[1]),
                 corrected=with_ones(s, s.Pp[1], s.S[2]),
                 wrong={"P_c rows": lambda: with_ones(s, s.P[1], s.S[2]),
                        "the units in reverse": with_ones(s, s.Pp[1], s.S[2])[:, ::-1]})


@line("47.1257/label", "dimension", "The size of V^(d,d',c+1)", r"(P'_c\times P_{c+1})",
      cases=(*BOTH, ANY_2),
      rewritten=r"V^{(d,d',c+1)}:\;P'_c\times P_{c+1}")
def label(s):
    partition = s.partition(2)
    return Sides(truth=s.z_by_t(1)[0, :, 0].T.shape,
                 printed=weight_matrix(partition, s.mask(0, 0, 2)).shape,
                 wrong={"P_c rows": (s.P[1], s.P[2])})


@lecture.claim(
    "47.1257/short", "identity", "The same without the dense product: Vᵀ(I ⊗ w)",
    r"V^{(d,d',c+1)}=V_c^{\mathsf{T}}(I_{P_{c+1}}\otimes w_d^{(d',c+1)})", cases=PARTITIONS,
    covers="not in the text: the form that needs no dense factor", source_kind="own")
def spread_mask_short(e, lists, M):
    partition, w = Partition(lists, M), e.symbols("w", len(lists[0]))
    V = carrier(partition.matrix, w)
    eye = np.eye(partition.P, dtype=int).astype(object)
    return Sides(truth=weights_by_count(lists, M, w.tolist()),
                 printed=weight_matrix_short(partition, w),
                 wrong={"the mask reversed": weight_matrix_short(partition, w[::-1]),
                        "the factors exchanged": V.T @ np.kron(w[:, None], eye)})


@lecture.claim(
    "47.1258", "gradient", "What comes back to a map through one mask",
    r"b_n^{(d,d',c)}=V^{(d,d',c+1)}\delta_n^{(d',c+1)}", cases=PARTITIONS)
def back_through_a_mask(e, lists, M):
    partition, w = Partition(lists, M), e.symbols("w", len(lists[0]))
    t, delta = e.symbols("t", M), e.symbols("delta", len(lists))

    def z_along_delta(t):
        z = loops.preactivation([t], lists, [w.tolist()], [0], [0])
        return loops.dot(z, delta.tolist())

    both = [correlation.pull_back(partition, w[:, None], delta[None, :])[0],
            correlation.pull_back_literal(partition, w[:, None], delta[None, :])[0]]
    truth = e.gradient(z_along_delta, t)
    return Sides(truth=[truth, truth], printed=both,
                 wrong={"the mask reversed": [weight_matrix(partition, w[::-1]) @ delta, both[1]],
                        "transposed": lambda: [weight_matrix(partition, w).T @ delta, both[1]]})


@line("47.1258/range", "dimension", "b has an entry for each pooled entry",
      r"b_n^{(d,d',c)},\quad p''=1,2,\dots,P'_c", cases=(*BOTH, ANY_2),
      rewritten=r"b_n^{(d,d',c)}(p''),\quad p''=1,2,\dots,P'_c")
def range_of_product(s):
    partition = s.partition(2)
    b = correlation.pull_back(partition, s.parameters.W_c[2], s.backward.delta_c[2][0])
    return Sides(truth=len(s.signals()["t"][0][0]), printed=b.shape[-1], wrong={"P_c": s.P[1]})
