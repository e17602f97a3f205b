"""The permutation of regions, (47.1201) to (47.1204)."""

from itertools import permutations
from math import factorial

import numpy as np

from cnnmat import Regions
from cnnmat.derivations.sayed.setting import FIGURE_95, lecture
from cnnmat.derivations.sayed.shapes import OMEGA, basis_rows, basis_vectors, bmatrix, flat, upright
from cnnmat.textbook.vec import apply, carrier
from cnnmat.verify import Sides

#: The permutation printed in (47.1201): the column, from 1, of the one in each row.
PRINTED_T = (1, 2, 4, 8, 3, 5, 7, 8, 10, 11, 12)
#: The left side of (47.1201), and the twelve rows listed in (47.1203).
LEFT = [1, 2, 4, 8, 3, 5, 7, 9, 11, 6, 10, 12]
LISTED = (1, 2, 4, 8, 3, 5, 7, 9, 11, 6, 10, 12)
NUMBERS = np.arange(1, 13)
SCAN = ("the matrix as scanned has eleven rows for twelve entries and the eighth twice; (47.1203) lists all "
        "twelve rows")
LINES = (4, 9)
#: T of unsorted lists too.
LISTS = [*OMEGA, {"omega": ((7, 0, 3, 1), (2,), (6, 4, 5)), "P": 8}]


def rows(columns, width=12):
    """The matrix whose row i has its one in columns[i], counted from 1."""
    return np.array(basis_rows([c - 1 for c in columns], width))


SCANNED_T = (rf"\underbrace{{{bmatrix(rows(PRINTED_T).tolist(), (4, 8))}}}_"
             r"{\text{square permutation matrix},T}")


@lecture.claim("47.1201/example", "example", "Twelve entries in three disjoint regions",
               r"P=12,\;P'=3")
def sizes_of_the_figure(e):
    regions = Regions(FIGURE_95, 12)
    met = sorted(LEFT)
    return Sides(truth=(len(set(met)), met, 3), printed=(12, NUMBERS, regions.P_prime),
                 wrong={"four regions": (12, NUMBERS, 4), "eleven entries": (11, NUMBERS, 3)})


@lecture.claim("fig47.95", "example", "A permutation sets the entries of each region side by side",
               r"Ty=\mathrm{col}\{y(\Omega_1),y(\Omega_2),y(\Omega_3)\}", cases=LISTS,
               source_kind="words")
def grouped(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    return Sides(truth=[y[p] for region in omega for p in region], printed=apply(regions.matrix, y),
                 wrong={"T transposed": apply(regions.matrix.T, y), "order kept": y},
                 show={"T": regions.matrix})


@lecture.claim(
    "47.1201", "example", "The permutation matrix groups the twelve entries by region",
    f"{upright(LEFT, LINES)}={SCANNED_T}{upright(range(1, 13), LINES)}", expect="scan",
    corrected_formula=f"{upright(LEFT, LINES)}=T{upright(range(1, 13))}", reason=SCAN)
def permutation_of_the_figure(e):
    T = Regions(FIGURE_95, 12).matrix
    return Sides(truth=LEFT, printed=rows(PRINTED_T) @ NUMBERS, corrected=T @ NUMBERS,
                 elsewhere=rows(LISTED) @ NUMBERS, wrong={"T transposed": T.T @ NUMBERS}, show={"T": T})


@lecture.claim(
    "47.1201/T", "example", "The printed matrix, row by row",
    SCANNED_T, rewritten=f"T={bmatrix(rows(PRINTED_T))}", expect="scan",
    corrected_formula=f"T={basis_vectors(LISTED, LINES)}", reason=SCAN)
def printed_rows(e):
    # the left side says in which column the one of each row must be
    T = Regions(FIGURE_95, 12).matrix
    return Sides(truth=[[int(m == left) for m in range(1, 13)] for left in LEFT], printed=rows(PRINTED_T),
                 corrected=T, elsewhere=rows(LISTED), wrong={"transposed": T.T},
                 show={"as scanned": rows(PRINTED_T), "T": T})


lecture.remark("47.1201/lines", "The vector on the right has dividing lines at the same places as that on the "
               "left, where they part the regions; on the right they part nothing.")


@lecture.claim("47.1201/rows", "example", "Four rows, then five, then three extract the regions",
               r"T_{1:4,:}y=y(\Omega_1),\;T_{5:9,:}y=y(\Omega_2),\;T_{10:12,:}y=y(\Omega_3)",
               reason="of the twelve rows of (47.1203); the matrix as scanned has groups of 4, 4 and 3",
               source_kind="words")
def rows_by_region(e):
    y, T = e.symbols("y", 12), Regions(FIGURE_95, 12).matrix
    return Sides(truth=[[y[p] for p in region] for region in FIGURE_95],
                 printed=[apply(T[a:b], y) for a, b in ((0, 4), (4, 9), (9, 12))],
                 wrong={"four each": [apply(T[a:b], y) for a, b in ((0, 4), (4, 8), (8, 12))],
                        "of T transposed": [apply(T.T[a:b], y) for a, b in ((0, 4), (4, 9), (9, 12))]})


@lecture.claim("47.1201/square", "dimension", "T is a square permutation matrix",
               r"\text{square permutation matrix},\;T", cases=LISTS,
               reason="as listed in (47.1203); the scanned matrix has eleven rows")
def square(e, omega, P):
    T = Regions(omega, P).matrix
    return Sides(truth=((P, P), [1] * P, [1] * P), printed=(T.shape, T.sum(axis=0), T.sum(axis=1)),
                 wrong={"a row a region": ((len(omega), P), [1] * P, [1] * P),
                        "the scanned rows": (rows(PRINTED_T).shape, rows(PRINTED_T).sum(axis=0),
                                             rows(PRINTED_T).sum(axis=1))})


@lecture.claim(
    "47.1201/unique", "identity", "How many permutation matrices group the regions",
    r"\text{uniquely-defined }T", expect="ambiguous", source_kind="words", cites={
        "a region is a set": "the word set, and the cardinality, after Table 47.13",
        "a region is a list": "the order of the indices in the groups, before (47.1203)"},
    corrected_formula=r"T\text{ unique given the order within the regions}",
    reason="the example takes each region in ascending order; regions as mere sets leave ∏|Ω|! matrices, "
           "17280 for the figure. Harmless, since permute# undoes any of them; cnnmat takes regions as "
           "lists. Invisible for regions of one entry",
    cases=[{"omega": ((1,), (0,))}, {"omega": ((0, 1),)}, {"omega": ((3, 0, 2), (1,))}])
def unique(e, omega):
    P = len(flat(omega))
    places = [sorted(region) for region in omega]
    count = {"a set": 0, "a list": 0}
    for order in permutations(range(P)):
        parts, rest = [], list(order)
        for region in omega:
            parts, rest = [*parts, rest[:len(region)]], rest[len(region):]
        count["a set"] += [sorted(part) for part in parts] == places
        count["a list"] += parts == [list(region) for region in omega]
    return Sides(truth=1, readings={f"a region is {kind}": n for kind, n in count.items()},
                 wrong={"every permutation": factorial(P)})


@lecture.claim("47.1202", "definition", "permute is the product with T",
               r"y_o=\mathrm{permute}(y)\iff y_o=Ty", cases=LISTS)
def permute(e, omega, P):
    y, regions = e.symbols("y", P), Regions(omega, P)
    truth = [y[p] for region in omega for p in region]
    T = carrier(regions.matrix, y)
    return Sides(truth=(truth, truth), printed=(regions.permute(y), T @ y),
                 wrong={"T transposed": (T.T @ y,) * 2, "order kept": (y, y)}, show={"T": regions.matrix})


@lecture.claim(
    "47.1203", "example", "The rows of T are the basis vectors in the order of the regions",
    rf"T={basis_vectors(LISTED, LINES)},\quad(P\times P)")
def listed_rows(e):
    T = Regions(FIGURE_95, 12).matrix
    truth = [[int(m == left) for m in range(1, 13)] for left in LEFT]
    return Sides(truth=(truth, truth), printed=(rows(LISTED), T),
                 wrong={"columns for rows": (rows(LISTED).T, T), "the scanned rows": (rows(PRINTED_T), T)},
                 show={"T": T})


@lecture.claim("47.1203/size", "dimension", "T is P x P", r"(P\times P)", cases=LISTS,
               covers="regions that cover all entries")
def size_of_t(e, omega, P):
    counted = len(flat(omega))
    return Sides(truth=((counted, counted),) * 2, printed=((P, P), Regions(omega, P).matrix.shape),
                 wrong={"P' x P": ((len(omega), P),) * 2})


@lecture.claim("47.1203/order", "identity", "The rows follow the regions' lists, sorted or not",
               r"T=\mathrm{col}\{e_k^T,\;k\in\Omega_1,\Omega_2,\dots\}", cases=LISTS[::-1],
               source_kind="words")
def order_of_the_rows(e, omega, P):
    ascending = Regions([sorted(region) for region in omega], P).matrix
    return Sides(truth=basis_rows(flat(omega), P), printed=Regions(omega, P).matrix,
                 wrong={"always ascending": ascending})


@lecture.claim("47.1203/TTt", "identity", "T is orthogonal, so its transpose undoes it",
               r"TT^T=I,\quad y=T^Ty_o", cases=LISTS)
def orthogonal(e, omega, P):
    y, T = e.symbols("y", P), Regions(omega, P).matrix
    eye = [[int(i == j) for j in range(P)] for i in range(P)]
    grouped_y = [y[p] for region in omega for p in region]
    return Sides(truth=(eye, eye, y), printed=(T @ T.T, T.T @ T, apply(T.T, np.array(grouped_y))),
                 wrong={"T its own inverse": (T @ T, T @ T, apply(T, np.array(grouped_y))),
                        "the scanned rows": (rows(PRINTED_T) @ rows(PRINTED_T).T, eye, y)})


@lecture.claim(
    "47.1203/cover", "identity", "That T undoes its transpose needs regions that cover",
    r"TT^T=I\Rightarrow y=T^Ty_o", cases=[{"omega": ((0,), (1,)), "P": 2}, {"omega": ((3, 0), (1,), (2,)), "P": 4}],
    reason="with T of P x P, as printed, it follows; an entry in no region makes T wide and is lost",
    source_kind="words")
def cover(e, omega, P):
    y, covering = e.symbols("y", P), Regions(omega, P)
    lossy = Regions(omega[:-1], P, cover=False)
    return Sides(truth=y, printed=apply(covering.matrix.T, covering.permute(y)),
                 wrong={"an entry in no region": apply(lossy.matrix.T, lossy.permute(y))})


@lecture.claim("47.1204", "definition", "permute# is the product with the transpose",
               r"y=\mathrm{permute}^{\#}(y_o)\iff y=T^Ty_o", cases=LISTS)
def permute_back(e, omega, P):
    regions, y = Regions(omega, P), e.symbols("y", P)
    back = [None] * P
    for place, p in enumerate(flat(omega)):
        back[p] = y[place]
    T = carrier(regions.matrix, y)
    printed = (regions.permute_sharp(y), T.T @ y, regions.permute_sharp(regions.permute(y)),
               regions.permute(regions.permute_sharp(y)))
    return Sides(truth=(back, back, y, y), printed=printed,
                 wrong={"T in place of its transpose": (
                     regions.permute(y), T @ y, regions.permute(regions.permute(y)), y)})


lecture.remark("47.1201/partitions", "The three regions of the figure are called partitions here; partition "
               "is elsewhere the operation (47.1148), whose parts may overlap.")
