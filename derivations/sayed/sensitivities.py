"""Sensitivity factors, (47.1230) to (47.1262)."""

from scipy import sparse

from cnnmat import Partition, correlation, kron, loops, weight_matrix, weight_matrix_short
from cnnmat.claims import Sides
from cnnmat.derivations.sayed.setting import FIGURE_99, lecture
from cnnmat.vec import carrier, hadamard

#: The second case has subvectors that differ in number, size and overlap.
PARTITIONS = [{"lists": FIGURE_99, "M": 6}, {"lists": ((0, 2, 3), (1, 4, 0), (3, 3, 1)), "M": 5}]


def weights_by_count(lists, M, w):
    """Entry [m, p]: the weight with which entry m enters unit p, by looking for it."""
    return [[sum(w[s] for s, i in enumerate(one) if i == m) for one in lists] for m in range(M)]


@lecture.claim(
    "47.1257", "identity", "The mask, spread over the transposed partition matrix",
    r"V^{(d,d',c+1)}=\left(V_c^{\mathsf T}\odot\left(\mathbb{1}_{P_c'}"
    r"\mathbb{1}_{P_{c+1}}^{\mathsf T}\otimes(w_d^{(d',c+1)})^{\mathsf T}\right)\right)(I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}})",
    cases=PARTITIONS)
def spread_mask(e, lists, M):
    partition, w = Partition(lists, M), e.symbols("w", len(lists[0]))
    V = carrier(partition.matrix, w)
    return Sides(truth=weights_by_count(lists, M, w.tolist()), printed=weight_matrix(partition, w),
                 wrong={"the mask reversed": weight_matrix(partition, w[::-1]),
                        "Kronecker factors exchanged": lambda: hadamard(
                            V.T, kron(w[None, :], partition.skeleton.T.toarray() * 0 + 1))
                        @ carrier(kron(sparse.eye_array(partition.P, dtype=int),
                                       [[1]] * partition.S), w)},
                 show={"V": partition.matrix, "V^(d,d',c+1), w = (7, 8)": weight_matrix(
                     Partition(FIGURE_99, 6), [7, 8])})


@lecture.claim(
    "47.1257/short", "identity", "The same without the dense product: Vᵀ(I ⊗ w)",
    r"V^{(d,d',c+1)}=V_c^{\mathsf T}(I_{P_{c+1}}\otimes w_d^{(d',c+1)})", cases=PARTITIONS)
def spread_mask_short(e, lists, M):
    partition, w = Partition(lists, M), e.symbols("w", len(lists[0]))
    return Sides(truth=weights_by_count(lists, M, w.tolist()),
                 printed=weight_matrix_short(partition, w),
                 wrong={"the mask reversed": weight_matrix_short(partition, w[::-1])})


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
                 wrong={"the mask reversed": [
                     weight_matrix(partition, w[::-1]) @ delta, both[1]]})
