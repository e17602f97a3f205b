"""The example of six entries, and where its matrix leads, (47.1251) to (47.1256)."""

import numpy as np
from scipy import sparse

from cnnmat import Partition, kron, loops, weight_matrix
from cnnmat.derivations.sayed.setting import ANY_2, FIGURE_99, LAYERED, PLAIN, WIDE, lecture, line
from cnnmat.textbook.vec import carrier, hadamard
from cnnmat.verify import Sides, vanishes

#: The second case has subvectors that differ in number, size and overlap, and a repeated entry.
PARTITIONS = [{"lists": FIGURE_99, "M": 6}, {"lists": ((0, 2, 3), (1, 4, 0), (3, 3, 1)), "M": 5}]
#: Rows of V_c as (47.1252) prints them, from 1.
PRINTED_ROWS = (1, 3, 4, 2, 5, 1, 6, 2)
TABLE = ((1, 0, 1, 0, 0, 0), (0, 1, 0, 1, 0, 0), (1, 0, 0, 0, 1, 0), (0, 1, 0, 0, 0, 1))
EXAMPLE = (r"\begin{bmatrix}w_1&0&w_2&0\\0&w_2&0&w_2\\w_2&0&0&0\\0&w_1&0&0\\0&0&w_1&0\\"
           r"0&0&0&w_1\end{bmatrix}")
ONES = np.ones((2, 1), dtype=int)


def weights_by_count(lists, M, w):
    """Entry [m, p]: the weight with which entry m enters unit p, by looking for it."""
    return [[sum(w[s] for s, i in enumerate(one) if i == m) for one in lists] for m in range(M)]


def printed_example(w1, w2):
    return [[w1, 0, w2, 0], [0, w2, 0, w2], [w2, 0, 0, 0], [0, w1, 0, 0], [0, 0, w1, 0],
            [0, 0, 0, w1]]


PRINTED_V = np.eye(6, dtype=int)[[k - 1 for k in PRINTED_ROWS]]


@lecture.claim("47.1251", "gradient", "What comes back in the example of six entries",
               r"\underbrace{\begin{bmatrix}b_n^{(d,d',c)}(1)\\b_n^{(d,d',c)}(2)\\b_n^{(d,d',c)}(3)\\"
               r"b_n^{(d,d',c)}(4)\\b_n^{(d,d',c)}(5)\\b_n^{(d,d',c)}(6)\end{bmatrix}}"
               rf"_{{\triangleq b_n^{{(d,d',c)}}}}=\underbrace{{{EXAMPLE}}}_{{6\times 4}}"
               r"\underbrace{\begin{bmatrix}\delta_n^{(d',c+1)}(1)\\\delta_n^{(d',c+1)}(2)\\"
               r"\delta_n^{(d',c+1)}(3)\\\delta_n^{(d',c+1)}(4)\end{bmatrix}}"
               r"_{=\delta_n^{(d',c+1)}}")
def b_of_example(e):
    w, delta, t = e.symbols("w", 2), e.symbols("delta", 4), e.symbols("t", 6)

    def along(t):
        return loops.dot(loops.preactivation([t], FIGURE_99, [w.tolist()], [0], [0]),
                         delta.tolist())

    slopes = e.jacobian(lambda t: loops.preactivation([t], FIGURE_99, [w.tolist()], [0], [0]), t)
    printed = np.array(printed_example(*w), dtype=object)
    exchanged = np.array(printed_example(*w[::-1]), dtype=object)
    return Sides(truth=(e.gradient(along, t), slopes.T), printed=(printed @ delta, printed),
                 wrong={"the weights exchanged": (exchanged @ delta, exchanged)},
                 show={"w = (7, 8)": weight_matrix(Partition(FIGURE_99, 6), [7, 8])})


@lecture.claim("47.1251/size", "dimension", "The example's matrix is 6 by 4", r"6\times4")
def size_of_example(e):
    slopes = e.jacobian(lambda t: loops.preactivation([t], FIGURE_99, [[7, 8]], [0], [0]),
                      np.arange(6))
    return Sides(truth=slopes.T.shape, printed=(6, 4), wrong={"transposed": (4, 6)})


@lecture.claim("47.1251/columns", "example", "Each column holds the mask's coefficients",
               r"\{w_1,w_2\}\text{ in each column}",
               covers="subvectors without a repeated entry", source_kind="words")
def columns_of_example(e):
    w = e.symbols("w", 2)
    V = weight_matrix(Partition(FIGURE_99, 6), w)
    truth = [[w[s] for s, _ in sorted(enumerate(one), key=lambda x: x[1])] for one in FIGURE_99]

    def held(matrix):
        return [[x for x in column if not vanishes(x)] for column in matrix]

    return Sides(truth=truth, printed=held(np.array(printed_example(*w), dtype=object).T),
                 wrong={"each row": held(V), "the columns in reverse": held(V.T[::-1])})


@lecture.claim("fig47.99", "example", "The sizes of the example",
               r"P_{c+1}=4,\;S_{c+1}=2,\;p''=1,\dots,6", source_kind="words")
def sizes_of_example(e):
    partition = Partition(FIGURE_99, 6)
    lists = FIGURE_99
    return Sides(truth=(len(lists), len(lists[0]), len({i for one in lists for i in one})),
                 printed=(partition.P, partition.S, partition.M),
                 wrong={"entries counted as often as they occur": (4, 2, 8)})


@lecture.claim(
    "47.1252", "example", "The partition matrix of the example",
    r"V_c=\begin{bmatrix}1&0&0&0&0&0\\0&0&1&0&0&0\\0&0&0&1&0&0\\0&1&0&0&0&0\\0&0&0&0&1&0\\"
    r"1&0&0&0&0&0\\0&0&0&0&0&1\\0&1&0&0&0&0\end{bmatrix}")
def partition_of_example(e):
    truth = [[int(m == i) for m in range(6)] for one in FIGURE_99 for i in one]
    V = PRINTED_V
    return Sides(truth=(truth, truth), printed=(V, Partition(FIGURE_99, 6).matrix.toarray()),
                 wrong={"rows 3 and 4 exchanged": (V[[0, 1, 3, 2, 4, 5, 6, 7]], V)},
                 show={"V_c": V})


@lecture.claim("47.1252/label", "dimension", "The printed size of V_c", r"8\times6")
def label_of_example(e):
    rows = [i for one in FIGURE_99 for i in one]
    return Sides(truth=(len(rows), max(rows) + 1), printed=(8, 6), wrong={"P x M": (4, 6)})


S_REASON = ("the subvectors that leave layer c are those that enter layer c+1, of S_{c+1} entries by "
            "(47.1210), (47.1211) and (47.1225); S_c is by figure 47.96, (47.1224a) and the summary "
            "before (47.1275) the size of those that enter layer c; invisible where two layers have "
            "masks of one size")


@line("47.1252/size", "dimension", "The size of V_c in general",
      r"P_{c+1}S_c\times P_c'", cases=(PLAIN, WIDE, ANY_2), expect="misprint",
      corrected_formula=r"V_c:\;P_{c+1}S_{c+1}\times P'_c", reason=S_REASON,
      rewritten=r"V_c:\;P_{c+1}S_c\times P'_c")
def size_of_V(s):
    rows = [i for one in s.lists[1] for i in one]
    return Sides(truth=(len(rows), len(s.signals()["t"][0][0])), printed=(s.P[2] * s.S[1], s.Pp[1]),
                 corrected=s.partition(2).matrix.shape,
                 wrong={"P_c": (s.P[1] * s.S[2], s.Pp[1])})


@line("47.1252/S_c", "definition", "What the size of the subvectors leaving layer c is called",
      r"h_{n,p}^{(d,c)}\in\mathbb{R}^{S_c}", cases=(PLAIN, WIDE, ANY_2), expect="misprint",
      corrected_formula=r"h_{n,p}^{(d,c)}\in\mathbb{R}^{S_{c+1}}",
      reason=S_REASON + "; as a convention of this one paragraph it could stand, but W_c in the same "
                        "listing has the other one", source_kind="words")
def name_of_the_size(s):
    return Sides(truth=len(loops.subvectors(s.signals()["t"][0][0], s.lists[1])[0]),
                 printed=s.parameters.W_c[1].shape[0] // s.D[0],
                 corrected=s.parameters.W_c[2].shape[0] // s.D[1], wrong={"P_{c+1}": s.P[2]})


@lecture.claim("47.1253", "example", "The partition matrix applied to 1, ..., 6",
               r"\begin{bmatrix}1\\3\\4\\2\\5\\1\\6\\2\end{bmatrix}=V_c\begin{bmatrix}1\\2\\3\\4"
               r"\\5\\6\end{bmatrix}")
def partition_counts(e):
    return Sides(truth=[i + 1 for one in FIGURE_99 for i in one] * 2,
                 printed=[*PRINTED_ROWS, *(PRINTED_V @ np.arange(1, 7))],
                 wrong={"sorted within the subvectors": [1, 3, 2, 4, 1, 5, 2, 6] * 2})


@lecture.claim("47.1254", "example", "Which entries belong to which subvector",
               r"(I_4\otimes\mathbb{1}_2)^{\mathsf{T}}V_c=\begin{bmatrix}1&0&1&0&0&0\\0&1&0&1&0&0\\"
               r"1&0&0&0&1&0\\0&1&0&0&0&1\end{bmatrix}")
def table_of_example(e):
    eye, V = sparse.eye_array(4, dtype=int), Partition(FIGURE_99, 6).matrix
    truth = [[one.count(m) for m in range(6)] for one in FIGURE_99]
    return Sides(truth=(truth, truth), printed=(TABLE, kron(eye, ONES).T @ V),
                 wrong={"the factors exchanged": (TABLE, kron(ONES, eye).T @ V)},
                 show={"(I ⊗ 1)ᵀV_c": kron(eye, ONES).T @ V})


@lecture.claim("47.1254/1151", "identity", "The form with a transpose is the earlier form",
               r"(I_P\otimes\mathbb{1}_S)^{\mathsf{T}}V=(I_P\otimes\mathbb{1}_S^{\mathsf{T}})V",
               cases=PARTITIONS, source_kind="consequence")
def two_forms(e, lists, M):
    partition = Partition(lists, M)
    eye, ones = sparse.eye_array(partition.P, dtype=int), np.ones((partition.S, 1), dtype=int)
    truth = [[one.count(m) for m in range(M)] for one in lists]
    return Sides(truth=(truth, truth),
                 printed=(kron(eye, ones).T @ partition.matrix, partition.skeleton),
                 wrong={"not transposed": lambda: (kron(eye, ones) @ partition.matrix, truth),
                        "the factors exchanged": (kron(ones, eye).T @ partition.matrix, truth)})


@lecture.claim("47.1254/row1", "example", "The first subvector reads entries 1 and 3", r"\{1,3\}",
               source_kind="quote",
               rewritten=r"[(I_4\otimes\mathbb{1}_2)^{\mathsf{T}}V_c]_{1,:}=(1,0,1,0,0,0)")
def first_row(e):
    return Sides(truth=[i + 1 for i in FIGURE_99[0]],
                 printed=[m + 1 for m, one in enumerate(TABLE[0]) if one], wrong={"1 and 2": [1, 2]})


@lecture.claim("47.1255", "example", "The table transposed",
               r"V_c^{\mathsf{T}}(I_4\otimes\mathbb{1}_2)=\begin{bmatrix}1&0&1&0\\0&1&0&1\\1&0&0&0\\"
               r"0&1&0&0\\0&0&1&0\\0&0&0&1\end{bmatrix}")
def table_transposed(e):
    printed = ((1, 0, 1, 0), (0, 1, 0, 1), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1))
    eye, V = sparse.eye_array(4, dtype=int), Partition(FIGURE_99, 6).matrix
    truth = [[one.count(m) for one in FIGURE_99] for m in range(6)]
    return Sides(truth=(truth, truth), printed=(printed, V.T @ kron(eye, ONES)),
                 wrong={"the factors exchanged": (printed, V.T @ kron(ONES, eye))})


@lecture.claim("47.1255/skeleton", "identity", "It is not zero just where the weights stand",
               r"\left[V_c^{\mathsf{T}}(I_{P_{c+1}}\otimes\mathbb{1}_{S_{c+1}})\right]_{m,p}\neq0"
               r"\iff\left[V^{(d,d',c+1)}\right]_{m,p}\neq0", cases=PARTITIONS,
               covers="an entry that a subvector repeats counts twice", source_kind="words")
def skeleton_of_weights(e, lists, M):
    w, partition = e.symbols("w", len(lists[0])), Partition(lists, M)
    truth = [[not vanishes(x) for x in row] for row in weights_by_count(lists, M, w.tolist())]
    return Sides(truth=truth, printed=(partition.skeleton.T.toarray() != 0),
                 wrong={"Vᵀ itself": partition.matrix.T.toarray() != 0,
                        "not transposed": partition.skeleton.toarray() != 0,
                        "the subvectors in reverse": partition.skeleton.T.toarray()[:, ::-1] != 0})


@lecture.claim(
    "47.1256", "example", "The masked Kronecker product gives the example's matrix",
    r"\left(V_c^{\mathsf{T}}\odot\left(\mathbb{1}_6\mathbb{1}_4^{\mathsf{T}}\otimes"
    rf"(w_d^{{(d',c+1)}})^{{\mathsf{{T}}}}\right)\right)(I_4\otimes\mathbb{{1}}_2)={EXAMPLE}")
def masked_product(e):
    w, V = e.symbols("w", 2), Partition(FIGURE_99, 6).matrix
    dense, ones = carrier(V, w), np.ones((6, 4), dtype=int)
    collect = carrier(kron(sparse.eye_array(4, dtype=int), ONES), w)
    left = hadamard(dense.T, kron(ones, w[None])) @ collect
    exchanged = hadamard(dense.T, kron(w[None], ones)) @ collect
    truth = weights_by_count(FIGURE_99, 6, w.tolist())
    return Sides(truth=(truth, truth), printed=(left, printed_example(*w)),
                 wrong={"the factors exchanged": (exchanged, printed_example(*w))},
                 show={"1 1ᵀ ⊗ wᵀ, w = (7, 8)": kron(ones, [[7, 8]])})


@line("47.1256/z-size", "dimension", "Which z has as many entries as the matrix has columns",
      r"z_n^{(d',c)}\;(\text{of size }4\times1)", cases=(PLAIN, WIDE, ANY_2), expect="misprint",
      corrected_formula=r"z_n^{(d',c+1)}:\;P_{c+1}\times1",
      reason="the matrix leads from the pooled maps of layer c to layer c+1; invisible where the maps "
             "of two layers are of one size", rewritten=r"z_n^{(d',c)}:\;P_{c+1}\times1")
def size_of_z(s):
    z = s.forward.z_c
    return Sides(truth=len(s.lists[1]), printed=z[1].shape[-1], corrected=z[2].shape[-1],
                 wrong={"P'_c": s.Pp[1]})


@line("47.1256/direction", "identity", "The matrix transposed leads from t to z",
      r"z_n^{(d',c+1)}=\sum_d(V^{(d,d',c+1)})^{\mathsf{T}}t_n^{(d,c)}-\sum_d\theta^{(d',c+1)}(d)"
      r"\mathbb{1}", cases=LAYERED,
      reason="its sizes are those of the mapping, in the other order: forward it stands transposed",
      source_kind="consequence")
def direction(s):
    t, Theta = s.forward.t_c[1][0], s.parameters.Theta_c[2]
    partition = s.partition(2)
    V = {(d, k): weight_matrix(partition, s.mask(k, d, 2)) for k in range(s.D[2])
         for d in range(s.D[1])}

    def z(matrix):
        return [sum(matrix(V[d, k]) @ t[d] for d in range(s.D[1])) - Theta[:, k].sum()
                for k in range(s.D[2])]

    return Sides(truth=s.signals()["z"][1], printed=z(lambda V: V.T),
                 wrong={"not transposed": lambda: z(lambda V: V),
                        "the units in reverse": z(lambda V: V.T[::-1])})
