"""Padding, stride and pooling: sizes and the two worked examples, (4) and (5)."""

from fractions import Fraction
from math import ceil, floor, isqrt

import numpy as np

from cnnmat import Regions, Windows, correlate_image, loops
from cnnmat.derivations.martinez.setting import (
    EDGES,
    IMAGE,
    KERNEL,
    PADDED,
    SLIDES,
    lecture,
    line,
    plain,
    starts,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.pooling import Max, Mean
from cnnmat.textbook.subsampling import padding as padding_matrix
from cnnmat.textbook.subsampling import subsampling
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict

RANGE = [(n, k, p, s) for n in range(1, 12) for k in range(1, 6) for p in range(4)
         for s in range(1, 5) if n + p >= k]


@lecture.claim("eq4", "dimension", "Size after p rows and columns of zeros in all",
               r"(M_I-M_W+p+1)\times(N_I-N_W+p+1)",
               cases=[{"image": (4, 6), "kernel": (2, 3), "p": 2}])
def padded_size(e, image, kernel, p):
    pairs = list(zip(image, kernel, strict=True))
    return Sides(truth=[len(starts(n + p, k)) for n, k in pairs],
                 printed=[n - k + p + 1 for n, k in pairs],
                 wrong={"p a side": [n - k + 2 * p + 1 for n, k in pairs]})


@lecture.claim("h7b", "identity", "The padding that keeps the number of rows",
               r"M_I+p-M_W+1=M_I,\quad\frac{p}{2}=\frac{M_W-1}{2}", cases=[{"k": k} for k in (1, 3, 5)])
def same_rows(e, k):
    found = [half for half in range(6)
             if all(len(starts(n + 2 * half, k)) == n for n in range(1, 9) if n + 2 * half >= k)]
    return Sides(truth=found, printed=[(k - 1) // 2], wrong={"twice that": [k - 1 if k > 1 else 1]})


@lecture.claim("h7c", "identity", "With equal sides only an odd kernel keeps the rows",
               r"M_W\text{ odd}", cases=[{"sizes": (1, 2, 3, 4, 5, 6)}], source_kind="words")
def odd_kernels(e, sizes):
    keeps = [any(len(starts(9 + 2 * half, k)) == 9 for half in range(9)) for k in sizes]
    return Sides(truth=keeps, printed=[k % 2 == 1 for k in sizes],
                 wrong={"any kernel, as sides may differ": [True for _ in sizes]})


@lecture.claim("h7d", "dimension", "One p for both axes, taken from the kernel's rows, keeps the rows",
               r"p=M_W-1:\quad(M_I-M_W+p+1)\times(N_I-N_W+p+1)=M_I\times(N_I-N_W+M_W)",
               reason="the text asks for the rows only; the columns are kept as well by a kernel as wide "
                      "as high. cnnmat takes one padding an axis",
               cases=[{"image": (6, 7), "kernel": (3, 3)}, {"image": (6, 7), "kernel": (3, 5)}],
               source_kind="consequence")
def one_padding(e, image, kernel):
    p = kernel[0] - 1
    counted = [len(starts(n + p, k)) for n, k in zip(image, kernel, strict=True)]
    shipped = Windows(image, kernel, padding=p // 2).output
    return Sides(truth=(counted, counted),
                 printed=((image[0], image[1] - kernel[1] + kernel[0]), shipped),
                 wrong={"the columns kept by every kernel": (image, shipped)})


@lecture.claim("h8a", "example", "The padded image", r"\begin{bmatrix}0&0&0&0&0&0&0\\0&1&2&1&3&1&0\\0&2&1&2&1&3&0\\0&1&2&1&3&1&0\\0&2&1&2&1&3&0\\0&0&0&0&0&0&0\end{bmatrix}")
def padded_image(e):
    left, right = padding_matrix(4, 1, 1), padding_matrix(5, 1, 1)
    one_side = padding_matrix(4, 2, 0) @ np.array(IMAGE) @ padding_matrix(5, 2, 0).T
    truth = [[loops.pixel(IMAGE, r - 1, c - 1) for c in range(7)] for r in range(6)]
    return Sides(truth=(truth, truth), printed=(PADDED, left @ np.array(IMAGE) @ right.T),
                 wrong={"both zeros on one side": (one_side, truth)},
                 show={"E": left, "padded": PADDED})


@table(lecture.claim, kind="example", assumes=SLIDES)
def padded_row(e, number, printed):
    shipped = correlate_image(IMAGE, KERNEL, padding=1)[number - 1]
    other = correlate_image(IMAGE, np.array(KERNEL)[::-1], padding=1)[number - 1]
    truth = plain(PADDED, KERNEL)[number - 1]
    return Sides(truth=(truth, truth), printed=(printed, shipped),
                 wrong={"ones on the other diagonal": (other, truth)})


padded_row("h8b/1", "Row 1 of the padded example's result",
           r"\begin{bmatrix}0&1&2&1&3&1\end{bmatrix}", 1, (0, 1, 2, 1, 3, 1),
           rewritten=r"(\mathbf W*\mathbf I)_{1,:}=(0,1,2,1,3,1)")
padded_row("h8b/2", "Row 2 of the padded example's result",
           r"\begin{bmatrix}1&4&2&5&2&3\end{bmatrix}", 2, (1, 4, 2, 5, 2, 3),
           rewritten=r"(\mathbf W*\mathbf I)_{2,:}=(1,4,2,5,2,3)")
padded_row("h8b/3", "Row 3 of the padded example's result",
           r"\begin{bmatrix}2&2&4&2&6&1\end{bmatrix}", 3, (2, 2, 4, 2, 6, 1),
           rewritten=r"(\mathbf W*\mathbf I)_{3,:}=(2,2,4,2,6,1)")
padded_row("h8b/4", "Row 4 of the padded example's result",
           r"\begin{bmatrix}1&4&2&5&2&3\end{bmatrix}", 4, (1, 4, 2, 5, 2, 3),
           rewritten=r"(\mathbf W*\mathbf I)_{4,:}=(1,4,2,5,2,3)")


@lecture.claim("h8c", "example", "Row 5 of the padded example's result",
               r"\begin{bmatrix}-1&0&-1&0&0\end{bmatrix}", expect="scan",
               corrected_formula=r"(\mathbf W*\mathbf I)_{5,:}=(2,1,2,1,3,0)",
               reason="no sum of entries that are not negative is negative, and an entry is missing; "
                      "the stride example prints every second entry of this row, 2 2 3, as it "
                      "should be",
               rewritten=r"(\mathbf W*\mathbf I)_{5,:}=(-1,0,-1,0,0)")
def last_row(e):
    shipped = correlate_image(IMAGE, KERNEL, padding=1)[4]
    truth = plain(PADDED, KERNEL)[4]
    # from the other place of the text three of the six entries are known
    return Sides(truth=(truth, truth[::2]), printed=((-1, 0, -1, 0, 0), (-1, -1, 0)),
                 corrected=(shipped, shipped[::2]), elsewhere=(truth, (2, 2, 3)),
                 wrong={"row 4": (plain(PADDED, KERNEL)[3], (1, 2, 2))})


@lecture.claim("h8/size", "dimension", "Sizes of the example, image and result",
               r"5\times4,\quad6\times5", expect="misprint", corrected_formula=r"4\times5,\quad5\times6",
               reason="the text counts rows first, and its own arrays have four rows of five and five "
                      "of six; the caption has them the other way round")
def sizes_of_example(e):
    result = plain(PADDED, KERNEL)
    return Sides(truth=((len(IMAGE), len(IMAGE[0])), (len(result), len(result[0]))),
                 printed=((5, 4), (6, 5)),
                 corrected=(np.shape(IMAGE), Windows(np.shape(IMAGE), 2, padding=1).output),
                 wrong={"result not padded": ((4, 5), (3, 4))})


@lecture.claim("h8d", "dimension", "Two zeros in each dimension, one a side",
               r"p=2", cases=[{}], source_kind="words")
def zeros_added(e):
    rows, columns = PADDED, [*zip(*PADDED, strict=True)]
    added = tuple(sum(not any(one) for one in lines) for lines in (rows, columns))
    return Sides(truth=added, printed=(2, 2), wrong={"two a side": (4, 4)})


@lecture.claim("h8e", "dimension", "With a 3 x 3 kernel the size is kept",
               r"3\times3,\quad5\times4", expect="misprint", corrected_formula=r"3\times3,\quad4\times5",
               reason="the size is kept; rows and columns are exchanged, as before in the caption")
def three_by_three(e):
    result = plain(PADDED, EDGES)
    return Sides(truth=(len(result), len(result[0])), printed=(5, 4),
                 corrected=Windows((4, 5), 3, padding=1).output, wrong={"as large as before": (5, 6)})


@lecture.claim("h9a", "definition", "Stride and overlap of neighbouring windows", r"\max(0,k-s)",
               cases=[{"k": 3, "s": 2}, {"k": 2, "s": 2}, {"k": 2, "s": 3}, {"k": 5, "s": 1}], source_kind="words")
def overlap(e, k, s):
    a, b = starts(4 * k + s, k, s)[:2]
    shared = set(range(a, a + k)) & set(range(b, b + k))
    return Sides(truth=len(shared), printed=max(0, k - s), wrong={"the stride itself": s, "k - s, also where it is negative": k - s})


@lecture.claim("h9b", "definition", "A stride keeps every s-th value of the plain result",
               r"z_s=S\,z_1", cases=[{"n": 9, "k": 3, "s": 2}], source_kind="words")
def stride_is_skipping(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    plain_one = correlate_image(h, w, padding=0)
    S = subsampling(len(plain_one), s)
    return Sides(truth=line(h, w, s), printed=S.toarray().astype(object) @ plain_one,
                 wrong={"the last values kept": plain_one[-len(line(h, w, s)):]}, show={"S": S})


@lecture.claim("h9c", "dimension", "With a stride the result is smaller than without",
               r"s>1\Rightarrow|z_s|<|z_1|", reason="as soon as there are two places for the window",
               covers="all sizes up to 11, kernels up to 5, s up to 4", source_kind="words")
def smaller(e):
    strided = [(n, k, s) for n, k, p, s in RANGE if n > k and s > 1 and p == 0]
    counts = [(len(starts(n, k, s)), len(starts(n, k))) for n, k, s in strided]
    shipped = [(Windows(n, k, s).P, Windows(n, k).P) for n, k, s in strided]
    return Sides(truth=(counts, [a < b for a, b in counts]), printed=(shipped, [True] * len(strided)),
                 wrong={"divided by s": ([(b // s, b) for (_, b), (*_, s) in zip(
                     shipped, strided, strict=True)], [True] * len(strided)),
                        "not smaller": (shipped, [False] * len(strided))})


@lecture.claim("eq5", "dimension", "Size with padding and stride",
               r"\left\lfloor\frac{M_I+p-M_w+s}{s}\right\rfloor\times\left\lfloor\frac{N_I+p-N_w+s}{s}\right\rfloor",
               covers="all sizes up to 11, kernels up to 5, p up to 3, s up to 4")
def strided_size(e):
    return Sides(truth=[len(starts(n + p, k, s)) for n, k, p, s in RANGE],
                 printed=[floor(Fraction(n + p - k + s, s)) for n, k, p, s in RANGE],
                 wrong={"+1 for +s": [(n + p - k + 1) // s for n, k, p, s in RANGE],
                        "rounded up": [ceil(Fraction(n + p - k + s, s)) for n, k, p, s in RANGE]})


@lecture.claim("h10a", "dimension", "Size of the stride example", r"p=2,\quad s=2,\quad3\times3")
def stride_example_size(e):
    result = plain(PADDED, KERNEL, stride=(2, 2))
    return Sides(truth=(len(result), len(result[0])), printed=(3, 3), wrong={"rounded up": (3, 4)})


@table(lecture.claim, kind="example", assumes=SLIDES)
def strided_row(e, number, printed):
    shipped = correlate_image(IMAGE, KERNEL, padding=1, stride=2)[number - 1]
    truth = plain(PADDED, KERNEL, stride=(2, 2))[number - 1]
    offset = plain(PADDED, KERNEL)[2 * (number - 1)][1::2]
    return Sides(truth=(truth, truth), printed=(printed, shipped),
                 wrong={"starting at the second window": (offset, truth)})


strided_row("h10b/1", "Row 1 of the stride example's result", r"\begin{bmatrix}0&2&3\end{bmatrix}", 1, (0, 2, 3),
            rewritten=r"(\mathbf W*\mathbf I)_{1,:}=(0,2,3)")
strided_row("h10b/2", "Row 2 of the stride example's result", r"\begin{bmatrix}2&4&6\end{bmatrix}", 2, (2, 4, 6),
            rewritten=r"(\mathbf W*\mathbf I)_{2,:}=(2,4,6)")
strided_row("h10b/3", "Row 3 of the stride example's result", r"\begin{bmatrix}2&2&3\end{bmatrix}", 3, (2, 2, 3),
            rewritten=r"(\mathbf W*\mathbf I)_{3,:}=(2,2,3)")


@lecture.claim("h10c", "example", "The padded image printed a second time", r"\begin{bmatrix}0&0&0&0&0&0&0\\0&1&2&1&3&1&0\\0&2&1&2&1&3&0\\0&1&2&1&3&1&0\\0&2&1&2&1&3&0\\0&0&0&0&0&0&0\end{bmatrix}")
def printed_again(e):
    truth = [[loops.pixel(IMAGE, r - 1, c - 1) for c in range(7)] for r in range(6)]
    return Sides(truth=truth, printed=PADDED, wrong={"rows reversed": PADDED[::-1]})


@lecture.claim("h11a", "dimension", "What q counts: pixels of the window, or of its side",
               r"q\text{ pixels},\quad q=2", expect="ambiguous", corrected_formula=r"q\times q\text{ pixels}",
               reason="in one dimension both agree; a square window of q = 2 pixels does not exist, so "
                      "in two dimensions q can only be the side",
               cases=[{"q": 2}],
               cites={"q is the number of pixels of a square": "pooling: a square window with q pixels",
                      "q is its side": "the one-dimensional example, q = 2, which as a number of pixels no square has"})
def pooling_window(e, q):
    window = [(r, c) for r in range(q) for c in range(q)]
    return Sides(truth=isqrt(len(window)) ** 2, readings={
        "q is the number of pixels of a square": q, "q is its side": q * q},
        wrong={"q is its half side": (2 * q + 1) ** 2})


@lecture.claim("h11b", "definition", "Max and average pooling of rectangular windows",
               r"t=\max_{\Omega}y,\quad t=\frac1{|\Omega|}\sum_{\Omega}y", source_kind="words")
def pooling(e):
    y, regions = e.symbols("y", 40), Regions(Windows((5, 8), (2, 3), (3, 4)), cover=False)
    lists = [[c * 5 + r for c in range(b, b + 3) for r in range(a, a + 2)]
             for b in starts(8, 3, 4) for a in starts(5, 2, 3)]
    return Sides(truth=(loops.pool(y.tolist(), lists, loops.largest),
                        loops.pool(y.tolist(), lists, loops.mean)),
                 printed=(Max()(y, regions), Mean()(y, regions)),
                 wrong={"sums for means": (Max()(y, regions), Mean()(y, regions) * 6)})


@lecture.claim("h11c", "dimension", "Size after pooling, by the shift of its window", r"n-k+1,\quad\lfloor n/k\rfloor",
               cases=[{"n": 8, "k": 2}, {"n": 7, "k": 3}], source_kind="words")
def pooled_size(e, n, k):
    return Sides(truth=(len(starts(n, k, 1)), len(starts(n, k, k))),
                 printed=(n - k + 1, n // k), wrong={"exchanged": (n // k, n - k + 1)})


@lecture.claim("h14b", "identity", "The order of activation and pooling", r"\mathrm{pool}(f(z))\ \text{against}\ f(\mathrm{pool}(z))",
               expect="ambiguous", corrected_formula=r"\mathbf H=\mathrm{pool}(f(\mathbf Z))",
               reason="two slides name them in opposite orders. For a maximum and a rising f the orders "
                      "agree, for a mean they do not; cnnmat pools after the activation",
               cases=[{"z": (-1, 3)}], source_kind="words",
               cites={"activation, then pooling": "the formulation, outputs Z_k: an activation and a pooling",
                      "pooling, then activation": "below (7): a pooling and an activation; the overall structure"})
def order_of_pooling(e, z):
    pair, relu = Regions([[0, 1]], 2), [max(0, value) for value in z]
    maxima = (Max()(np.array(relu), pair), np.maximum(Max()(np.array(z), pair), 0))
    return Sides(truth=([loops.largest(relu)], [loops.mean(relu)]), readings={
        "activation, then pooling": (maxima[0], Mean()(np.array(relu), pair)),
        "pooling, then activation": (maxima[1], np.maximum(Mean()(np.array(z), pair), 0))},
        wrong={"no activation": (Max()(np.array(z), pair), strict(Mean()(np.array(z), pair)))})
