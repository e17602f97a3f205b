"""The partition matrix, (47.1148) to (47.1153)."""

import numpy as np
from scipy import sparse

from cnnmat import Partition, Windows, kron, loops
from cnnmat.derivations.sayed.setting import FIGURE_87, lecture
from cnnmat.derivations.sayed.shapes import (
    GENERIC,
    LISTS,
    basis_rows,
    basis_vectors,
    bmatrix,
    digits,
    upright,
)
from cnnmat.textbook.vec import apply
from cnnmat.verify import Blocks, Sides

#: The matrix printed in (47.1149), row by row.
PRINTED_V = digits("100000", "000100", "000001", "010000", "000010", "000100",
                   "001000", "000001", "100000", "010000", "000100", "100000")
#: The skeleton printed in (47.1151).
PRINTED_SKELETON = digits("100101", "010110", "101001", "110100")
LEFT = [1, 4, 6, 2, 5, 4, 3, 6, 1, 2, 4, 1]
NUMBERS = np.arange(1, 7)


def row_of_ones(P, S):
    """I ⊗ 1ᵀ."""
    return kron(sparse.eye_array(P, dtype=int), np.ones((1, S), dtype=int))


def exchanged(P, S):
    """1ᵀ ⊗ I: the same size, other entries."""
    return kron(np.ones((1, S), dtype=int), sparse.eye_array(P, dtype=int))


@lecture.claim(
    "47.1148", "definition", "Partitioning a vector gives P subvectors of its entries",
    r"\{h_{n,p}\}_{p=1}^P=\mathrm{partition}(h_n,P)", cases=LISTS)
def subvectors(e, lists, M):
    h, v = e.symbols("h", M), Partition(lists, M)
    H = v.columns(h)
    return Sides(truth=loops.subvectors(h.tolist(), lists), printed=[H[:, p] for p in range(v.P)],
                 wrong={"P consecutive pieces": [h[p * (M // v.P):][:v.S] for p in range(v.P)],
                        "in reverse": [H[::-1, p] for p in range(v.P)]})


THREE = {"blocks": ((0, 1, 2), (3, 4, 5), (6, 7, 8)), "overlapping": ((0, 1, 2), (2, 3, 4), (4, 5, 6)),
         "scattered": ((0, 4, 7), (3, 8, 1), (2, 6, 5))}


@lecture.claim(
    "fig47.86", "example", "Three ways to divide a vector: in blocks, overlapping, scattered",
    r"h\to h_1,h_2,h_3", cases=[{"kind": kind} for kind in THREE], source_kind="words")
def three_ways(e, kind):
    lists, h = THREE[kind], e.symbols("h", 9)
    v = Partition(lists, 9)
    used = [sum(one.count(m) for one in lists) for m in range(9)]
    return Sides(truth=([x for one in loops.subvectors(h.tolist(), lists) for x in one],
                        [[used[m] if m == i else 0 for i in range(9)] for m in range(9)]),
                 printed=(apply(v.matrix, h), v.matrix.T.astype(int) @ v.matrix),
                 wrong={"no entry used twice": (apply(v.matrix, h), np.eye(9, dtype=int))})


@lecture.claim(
    "fig47.87", "example", "The figure: four overlapping subvectors of three entries of six",
    r"P=4,\;S=3,\;M=6")
def figure_87(e):
    pieces = [LEFT[k:k + 3] for k in range(0, 12, 3)]
    v = Partition(FIGURE_87, 6)
    overlap = any(set(a) & set(b) for a in pieces for b in pieces if a is not b)
    return Sides(truth=(len(pieces), len(pieces[0]), len(set(LEFT)), overlap),
                 printed=(v.P, v.S, v.M, v.P * v.S > v.M), wrong={"PS entries": (4, 3, 12, False)})


@lecture.claim(
    "47.1149", "example", "The partition matrix reads the subvectors of the figure out in order",
    rf"{upright(LEFT)}=\underbrace{{{bmatrix(PRINTED_V)}}}_{{\text{{partition matrix, }}V(P\times M)}}"
    rf"{upright(range(1, 7))}", rewritten=f"{upright(LEFT)}=V{upright(range(1, 7))},"
    rf"\quad V={bmatrix(PRINTED_V)}")
def partition_of_the_figure(e):
    V = Partition(FIGURE_87, 6).matrix
    return Sides(truth=(LEFT, LEFT, basis_rows([k - 1 for k in LEFT], 6)),
                 printed=(PRINTED_V @ NUMBERS, V @ NUMBERS, PRINTED_V),
                 wrong={"rows in another order": (PRINTED_V[::-1] @ NUMBERS, LEFT, PRINTED_V)},
                 show={"V": Blocks(V, rows=3)})


@lecture.claim(
    "47.1149/size", "dimension", "V has a row for each entry of each subvector",
    r"V\;(P\times M)", expect="misprint", corrected_formula=r"V\;(PS\times M)",
    reason="the matrix printed above the label is 12 x 6 with P = 4; (47.1152) and (47.1153) have the "
           "right size, which does not tell what stood under this brace. Invisible for S = 1 only",
    cases=[{"lists": ((0,), (1,)), "M": 2}, {"lists": ((0, 1),), "M": 2}, *LISTS])
def size_of_partition(e, lists, M):
    P, S = len(lists), len(lists[0])
    rows = basis_rows([k for one in lists for k in one], M)
    return Sides(truth=(len(rows), len(rows[0])), printed=(P, M),
                 corrected=Partition(lists, M).matrix.shape, wrong={"transposed": (M, P * S)})


@lecture.claim(
    "47.1149/rows", "dimension", "The rows of V are basis vectors",
    r"\text{rows of }V\text{: basis vectors in }\mathbb{R}^M", expect="ambiguous", source_kind="words", cites={
        "always": "what is said of V behind (47.1149)",
        "basis vectors or zero": "the zeros of (47.1129), which are no entries of h"},
    corrected_formula=r"\text{rows of }V\text{: basis vectors or, on padding, zero}",
    reason="true of every partition of entries of h; for the text's running example, patches of an "
           "image with zeros around it and P = L², the rows that stand for those zeros are zero, as "
           "in cnnmat. Invisible without padding",
    cases=[{"image": (3, 3), "padding": 0}, {"image": (1, 1), "padding": 1},
           {"image": (3, 3), "padding": 1}, {"image": (3, 4), "padding": 1}])
def rows_of_a_padded_partition(e, image, padding):
    windows = Windows(image, (3, 3), padding=padding)
    lists = loops.window_lists(list(image), [3, 3], [1, 1], [(padding, padding)] * 2, [1, 1])
    truth = [int(k >= 0) for one in lists for k in one]
    V = Partition(windows).matrix
    return Sides(truth=truth, readings={"always": [1] * V.shape[0], "basis vectors or zero": V.sum(axis=1)},
                 wrong={"all zero": [0] * V.shape[0]},
                 show={"V of a 2 x 1 image, 3 x 1 mask": Partition(
                     Windows((2, 1), (3, 1), padding="same")).matrix})


@lecture.claim(
    "47.1149/dims", "dimension", "The example's sizes are those of its matrix",
    r"M=6,\;P=4,\;S=3,\;m=1,\dots,6")
def sizes_of_the_example(e):
    columns, rows = len(PRINTED_V[0]), len(PRINTED_V)
    first = sorted(m + 1 for m in range(6) if PRINTED_SKELETON[0][m])
    return Sides(truth=(columns, rows, first), printed=(6, 4 * 3, sorted(LEFT[:3])),
                 wrong={"P = 3 and S = 4": (6, 3 * 4, sorted(LEFT[:4])),
                        "M = 12": (12, 12, sorted(LEFT[:3]))})


ONES_DOWN = [[r"\mathbb{1}^T" if p == q else "" for q in range(4)] for p in range(4)]
SIZES = [{"P": 2, "S": 3}, {"P": 4, "S": 3}, {"P": 5, "S": 3}]


@lecture.claim(
    "47.1150", "identity", "The Kronecker product repeats a row of ones down the diagonal",
    rf"I_P\otimes\mathbb{{1}}_S^T={bmatrix(ONES_DOWN)},\quad(P\times PS)", cases=SIZES,
    rewritten=r"I_P\otimes\mathbb{1}_S^T=\mathrm{blkdiag}\{\mathbb{1}_S^T,\mathbb{1}_S^T,\mathbb{1}_S^T,"
    r"\mathbb{1}_S^T\},\quad(P\times PS)")
def row_sums(e, P, S):
    left = row_of_ones(P, S)
    return Sides(truth=[[int(k // S == p) for k in range(P * S)] for p in range(P)], printed=left,
                 wrong={"factors exchanged": exchanged(P, S)}, show={"I ⊗ 1ᵀ": left})


@lecture.claim("47.1150/size", "dimension", "I ⊗ 1ᵀ has a row for each subvector and a column for each entry",
               r"(P\times PS)", cases=SIZES)
def size_of_row_sums(e, P, S):
    return Sides(truth=row_of_ones(P, S).shape, printed=(P, P * S),
                 wrong={"transposed": (P * S, P), "P x S": (P, S)})


@lecture.claim(
    "47.1151", "identity", "Summed by subvector, V marks which entries belong to which",
    r"(I_P\otimes\mathbb{1}_S^T)V=\begin{bmatrix}1&0&0&1&0&1\\0&1&0&1&1&0\\"
    r"1&0&1&0&0&1\\1&1&0&1&0&0\end{bmatrix}")
def skeleton(e):
    v = Partition(FIGURE_87, 6)
    pieces = [LEFT[k:k + 3] for k in range(0, 12, 3)]
    truth = [[int(m in piece) for m in range(1, 7)] for piece in pieces]
    return Sides(truth=(truth, truth), printed=(PRINTED_SKELETON, v.skeleton),
                 wrong={"Kronecker factors exchanged": (exchanged(4, 3) @ v.matrix,) * 2},
                 show={"(I ⊗ 1ᵀ)V": v.skeleton})


@lecture.claim(
    "47.1151/meaning", "identity", "A one at (p, m): entry m belongs to subvector p",
    r"[(I_P\otimes\mathbb{1}_S^T)V]_{p,m}=1\iff h(m)\in h_p", cases=LISTS,
    source_kind="words", assumes={"the entries of a subvector are": "distinct"},
    reason="an index that a list repeats is counted, [1, 1] giving 2")
def meaning_of_the_skeleton(e, lists, M):
    v = Partition(lists, M)
    return Sides(truth=[[one.count(m) for m in range(M)] for one in lists], printed=v.skeleton,
                 wrong={"Kronecker factors exchanged": exchanged(v.P, v.S) @ v.matrix,
                        "every S-th row of V": v.matrix[::v.S]})


@lecture.claim(
    "47.1151/row1", "example", "The first row of (I ⊗ 1ᵀ)V has ones in columns 1, 4 and 6, and so on",
    r"\{1,4,6\}")
def columns_of_ones(e):
    marked = [[m + 1 for m in range(6) if row[m]] for row in PRINTED_SKELETON]
    return Sides(truth=[sorted(LEFT[k:k + 3]) for k in range(0, 12, 3)], printed=marked,
                 wrong={"rows in reverse": marked[::-1]})


@lecture.claim(
    "47.1152", "identity", "V h stacks the subvectors",
    r"\mathrm{col}\{h_{n,p}\}=\mathrm{partition}(h_n)\iff\mathrm{col}\{h_{n,p}\}=Vh_n",
    cases=[*LISTS, {"lists": ((-1, 0, 1), (0, 1, 2), (1, 2, -1), (2, -1, -1)), "M": 3}])
def partition_is_a_product(e, lists, M):
    h, v = e.symbols("h", M), Partition(lists, M)
    stacked = apply(v.matrix, h)
    return Sides(truth=[x for one in loops.subvectors(h.tolist(), lists) for x in one],
                 printed=stacked,
                 wrong={"rows reversed": stacked[::-1],
                        "blocks of P entries": stacked.reshape(v.S, v.P).T.ravel()},
                 show={"V": v.matrix})


@lecture.claim("47.1152/size", "dimension", "V has PS rows and M columns", r"PS\times M",
               cases=[*LISTS, {"lists": ((0, -1, -1, 2),), "M": 3}])
def size_of_v(e, lists, M):
    counted = sum(1 for one in lists for _ in one)
    P, S = len(lists), len(lists[0])
    return Sides(truth=((counted, M),) * 2, printed=((P * S, M), Partition(lists, M).matrix.shape),
                 wrong={"P x MS": ((P, M * S),) * 2})


@lecture.claim(
    "47.1152/unique", "identity", "A partitioning has one matrix V, and V has its lists",
    r"\mathrm{partition}(e_m)=V_{:,m}", cases=LISTS,
    source_kind="words", reason="subvectors are numbered, and their entries too, which settles the rows' order")
def uniqueness(e, lists, M):
    # a linear map is its answers to the basis vectors
    answers = [[x for one in loops.subvectors([int(i == m) for i in range(M)], lists) for x in one]
               for m in range(M)]
    V = Partition(lists, M).matrix
    turned = Partition([one[::-1] for one in lists], M)
    return Sides(truth=(loops.transpose(answers), [list(one) for one in lists]),
                 printed=(V, V.toarray().argmax(axis=1).reshape(len(lists), -1)),
                 wrong={"any V of the same skeleton": (turned.matrix, turned.indices)})


@lecture.claim(
    "47.1152/rows", "example", "Rows 1 to 3 of V give the first subvector, and so on",
    r"S=3:\;V_{1:3,:}h=h_1,\;V_{4:6,:}h=h_2,\dots", source_kind="words")
def rows_by_subvector(e):
    h, V = e.symbols("h", 6), Partition(FIGURE_87, 6).matrix
    return Sides(truth=loops.subvectors(h.tolist(), FIGURE_87),
                 printed=[apply(V[k:k + 3], h) for k in range(0, 12, 3)],
                 wrong={"every fourth row": [apply(V[k::4], h) for k in range(4)]})


@lecture.claim(
    "47.1153", "example", "The rows of V are the basis vectors of the subvectors' indices",
    rf"V={basis_vectors(LEFT, (3, 6, 9))},\quad(PS\times M)")
def rows_of_partition(e):
    V = Partition(FIGURE_87, 6).matrix
    rows = basis_rows([k - 1 for k in LEFT], 6)
    return Sides(truth=(PRINTED_V, PRINTED_V), printed=(rows, V),
                 wrong={"columns for rows": (loops.transpose(rows), V),
                        "the first two exchanged": (rows, V[[1, 0, *range(2, 12)]])}, show={"V": Blocks(V, rows=3)})


@lecture.claim("47.1153/size", "dimension", "The twelve basis vectors make PS rows of M entries",
               r"(PS\times M)")
def size_of_the_rows(e):
    return Sides(truth=(len(LEFT), max(LEFT)), printed=(4 * 3, 6), wrong={"P x M": (4, 6)})


@lecture.claim(
    "47.1153/gram", "identity", "VᵀV counts how often each entry is used",
    r"V^TV=\mathrm{diag}\{3,2,1,3,1,2\}", cases=[{"lists": FIGURE_87, "M": 6},
                                                        {"lists": GENERIC, "M": 7}],
    source_kind="own")
def gram(e, lists, M):
    V = Partition(lists, M).matrix.astype(int)
    flat = [k for one in lists for k in one]
    return Sides(truth=[[flat.count(m) if m == i else 0 for i in range(M)] for m in range(M)],
                 printed=V.T @ V, wrong={"every entry used once": np.eye(M, dtype=int)},
                 show={"VᵀV": V.T @ V})


lecture.remark("47.1148/name", "The operator is written partition(h, P) in (47.1148) and partition(h) in "
               "(47.1152); the first names the family of subvectors, the second their stack. One "
               "Partition of cnnmat has both, as columns and as matrix.")
