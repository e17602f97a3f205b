"""Introduction XXXIII to XXXVIII: rectification, strides, output sizes, padding."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Windows, activation, correlate_image, loops, vec
from cnnmat.derivations.chaurasia.setting import (
    STRIDED,
    connections,
    correlate_loops,
    lecture,
    size,
    times,
    valid,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import convolve_image
from cnnmat.textbook.subsampling import both_sides, padding, subsampling
from cnnmat.textbook.vec import kron
from cnnmat.verify import Blocks, Sides

GRID = [[10 * r + c for c in range(1, 8)] for r in range(8)]
ONES = [[1, 1, 1]] * 3
#: The image of slide XXXVIII, its filter, and what of the result is printed.
PADDED_EXAMPLE = [[3, 3, 4, 4, 7, 0], [9, 7, 6, 5, 8, 2], [6, 5, 5, 6, 9, 2], [7, 1, 3, 2, 7, 8],
                  [0, 3, 7, 1, 8, 3], [4, 0, 4, 3, 2, 2]]
COLUMN = [[1, 0, -1]] * 3
POINTS = [Fraction(-3, 2), Fraction(0), Fraction(2)]


@lecture.claim(
    "in33a", "definition", "Rectification", r"(x)=\max(0,x)", expect="misprint",
    corrected_formula=r"f(x)=\max(0,x)",
    reason="the letter of the function is missing, and what is left says that x equals its own positive "
           "part; note 8 of slide XLIX calls an activation f. Invisible for x > 0. Author and scanner "
           "cannot be told apart",
    cases=[{"points": [2]}, {"points": [-3, 0, 2]}])
def rectified(e, points):
    relu = activation("relu")
    f = [x if x > 0 else 0 for x in points]
    return Sides(truth=f, printed=points, corrected=relu(np.array(points)),
                 wrong={"max(0, -x)": relu(-np.array(points)),
                        "f'": relu.derivative(np.array(points))})


@lecture.claim(
    "in33b", "identity", "Rectification is not linear", r"f(a+b)\neq f(a)+f(b)",
    reason="for factors c ≥ 0 it is homogeneous: f(ca) = c f(a)", source_kind="words")
def not_linear(e):
    relu, pairs = activation("relu"), [(1, -1), (2, 3), (-1, -4), (-2, 5)]
    truth = [max(0, a + b) == max(0, a) + max(0, b) for a, b in pairs]
    a, b = np.array(pairs).T
    same = relu(a + b) == relu(a) + relu(b)
    return Sides(truth=(truth, [3 * max(0, x) for x in POINTS]),
                 printed=(same, relu(3 * np.array(POINTS))),
                 wrong={"linear": ([True] * 4, [3 * max(0, x) for x in POINTS]),
                        "odd": (same, [3 * x for x in POINTS])})


@lecture.claim(
    "in33c", "identity", "What rectified data are called: non-negative and linear",
    r"f(x)\ge0\text{ and linear}", expect="ambiguous",
    corrected_formula=r"f(x)\ge0\text{ and non-linear}",
    reason="non-negative is right; linear, of the values as the sentence has it, contradicts the slide's "
           "beginning, which asks for something non-linear, and ReLU is not linear where signs differ",
    source_kind="words",
    cites={"non-negative, and linear only where signs agree": "slide XXXIII, the name rectified linear unit: linear where it is not cut off",
           "non-negative and linear": "slide XXXIII, the last sentence as it stands"})
def non_negative(e):
    values = [(-1, 3), (2, 1), (-2, -3)]
    relu = activation("relu")
    truth = [(max(0, a) >= 0, max(0, a) + max(0, b) == max(0, a + b)) for a, b in values]
    non_negative = [bool(relu(np.array(a)) >= 0) for a, _ in values]
    additive = [bool(relu(np.array(a)) + relu(np.array(b)) == relu(np.array(a + b))) for a, b in values]
    return Sides(truth=truth, readings={
        "non-negative, and linear only where signs agree": list(zip(non_negative, additive, strict=True)),
        "non-negative and linear": [(one, True) for one in non_negative]},
        wrong={"of every sign": [(False, one) for one in additive]})


@lecture.claim(
    "in35a", "identity", "With stride s the window moves by s pixels",
    r"(I\otimes_sK)_{ij}=(I\otimes K)_{s_1i,\,s_2j}", cases=[STRIDED], source_kind="words")
def strides(e, image, kernel, stride):
    I, K = e.integers(*image), e.integers(*kernel)
    all_places = valid(I, K)
    rows, columns = (subsampling(n, s) for n, s in zip(size(image, kernel), stride, strict=True))
    by_matrix = times(kron(columns, rows), times(connections(image, K), vec(I)))
    truth = correlate_loops(I, K, stride)
    return Sides(truth=(truth, loops.vec(truth)),
                 printed=(valid(I, K, stride=stride), by_matrix),
                 wrong={"the first places, none skipped": (all_places[:len(truth), :len(truth[0])], by_matrix),
                        "from the second place on": (all_places[1::stride[0], 1::stride[1]], by_matrix)})


@lecture.claim(
    "in35b", "dimension", "Number of outputs along one axis, with padding and stride",
    r"\left[\frac{n+2p-k}{s}\right]+1", expect="ambiguous",
    corrected_formula=r"\left\lfloor\frac{n+2p-k}{s}\right\rfloor+1",
    reason="the bracket must round down; as a plain bracket it gives 3.5 outputs for 8 rows, k = 3, s = 2, "
           "which is the next slide's case. Invisible where s divides n + 2p - k",
    cases=[{"n": 7, "p": 0, "k": 3, "s": 2}, {"n": 8, "p": 0, "k": 3, "s": 2},
           {"n": 6, "p": 1, "k": 4, "s": 3}],
    cites={"rounded down": "slide XXXVIII drops what the filter does not fit",
           "a plain bracket": "slide XXXV, brackets like those of slides VIII to X",
           "rounded up": "slide XXXVIII, the other option: padded so that it fits"})
def output_size(e, n, p, k, s):
    total = Fraction(n + 2 * p - k, s)
    grid = [(n, p, k, s) for n in range(1, 12) for p in range(4) for k in range(1, 6)
            for s in range(1, 5) if k <= n + 2 * p]
    counted = [loops.count_windows(n + 2 * p, k, s) for n, p, k, s in grid]
    shipped = [Windows(n, k, s, p).output[0] for n, p, k, s in grid]
    return Sides(truth=[loops.count_windows(n + 2 * p, k, s), *counted], readings={
        "rounded down": [(n + 2 * p - k) // s + 1, *shipped],
        "a plain bracket": [total + 1, *shipped],
        "rounded up": [-(-(n + 2 * p - k) // s) + 1, *shipped]},
        wrong={"p for 2p": [1 + (n + 2 * p - k) // s,
                            *((n + p - k) // s + 1 for n, p, k, s in grid)]})


@lecture.claim(
    "in36/grid", "dimension", "The numbered grid has 8 rows and 7 columns, entry 10 r + c", r"\begin{bmatrix}1&2&3&4&5&6&7\\11&12&13&14&15&16&17\\21&22&23&24&25&26&27\\31&32&33&34&35&36&37\\41&42&43&44&45&46&47\\51&52&53&54&55&56&57\\61&62&63&64&65&66&67\\71&72&73&74&75&76&77\end{bmatrix}")
def grid(e):
    rows = ["1 2 3 4 5 6 7", "11 12 13 14 15 16 17", "21 22 23 24 25 26 27", "31 32 33 34 35 36 37",
            "41 42 43 44 45 46 47", "51 52 53 54 55 56 57", "61 62 63 64 65 66 67",
            "71 72 73 74 75 76 77"]
    printed = [[int(entry) for entry in row.split()] for row in rows]
    return Sides(truth=GRID, printed=printed, wrong={
        "rows counted from 1": np.array(printed) + 10, "columns counted from 0": np.array(printed) - 1})


@lecture.claim(
    "in36a", "example", "Sums of 3 x 3 windows at stride 2: the four numbers printed",
    r"\begin{bmatrix}108&126\\288&306\end{bmatrix}")
def sums(e):
    truth = [row[:2] for row in correlate_loops(GRID, ONES, (2, 2))[:2]]

    def corner(stride):
        return valid(GRID, ONES, stride=stride)[:2, :2]

    return Sides(truth=[truth, truth], printed=[[[108, 126], [288, 306]], corner(2)],
                 wrong={"stride 1": [corner(1)] * 2, "stride 3": [corner(3)] * 2},
                 show={"grid": GRID, "all nine sums": valid(GRID, ONES, stride=2)})


@lecture.claim(
    "in36/size", "dimension", "Size of the output at stride 2",
    r"\begin{bmatrix}108&126&\\288&306&\end{bmatrix}", expect="ambiguous",
    corrected_formula=r"\begin{bmatrix}108&126&144\\288&306&324\\468&486&504\end{bmatrix}",
    reason="as the first four of nine sums it is right; as the whole output it is too small: the formula of slide "
           "XXXV, rounded down, gives 3 x 3. The last row of the grid is then in no window",
    cites={"cut off": "the empty third column of slide XXXVI",
           "the whole": "the two rows of slide XXXVI, behind which nothing follows"})
def size_of_the_sums(e):
    made = valid(GRID, ONES, stride=2)
    return Sides(truth=loops.shape_of(correlate_loops(GRID, ONES, (2, 2))), readings={
        "cut off": list(made.shape), "the whole": [2, 2]},
        wrong={"rounded up": [4, 3], "at stride 1": list(valid(GRID, ONES).shape)})


@lecture.claim(
    "in37a", "identity", "Pixels near the border influence fewer outputs than those near the centre",
    r"(V^{\mathsf T}\mathbb{1})_{\text{border}}<(V^{\mathsf T}\mathbb{1})_{\text{centre}}", source_kind="words",
    reason="the sentence lacks its word of comparison; the next bullet, under-represented, has it. A corner lies in "
           "one window, a central pixel in k1 k2 of them",
    cases=[{"image": (5, 7), "kernel": (2, 3)}])
def border(e, image, kernel):
    windows = loops.window_lists(image, kernel, (1, 1), ((0, 0), (0, 0)), (1, 1))
    counts = [sum(one.count(m) for one in windows) for m in range(image[0] * image[1])]
    V = Partition(Windows(image, kernel))
    shipped = V.scatter(np.ones((V.S, V.P), dtype=int))
    centre = loops.place((2, 3), image)
    fewer = bool(shipped[0] < shipped[centre])
    return Sides(truth=(counts, counts[0] < counts[centre]), printed=(shipped, fewer),
                 wrong={"more": (shipped, not fewer), "all alike": (np.full_like(shipped, V.S), fewer)},
                 show={"windows a pixel lies in": shipped.reshape(image, order="F")})


@lecture.claim(
    "in37b", "definition", "Zero padding: zeros around the map along both axes",
    r"E_pIF_p^{\mathsf T},\quad E_p=\begin{bmatrix}0\\I\\0\end{bmatrix}",
    cases=[{"image": (2, 3), "p": 1}, {"image": (4, 6), "p": 2}], source_kind="words")
def zero_padding(e, image, p):
    I = e.symbols("I", *image)
    truth = [[loops.pixel(I.tolist(), r - p, c - p) for c in range(image[1] + 2 * p)]
             for r in range(image[0] + 2 * p)]
    E, F = (padding(n, p, p) for n in image)
    return Sides(truth=truth, printed=both_sides(E, I, F),
                 wrong={"the border repeated": np.pad(I, p, mode="edge"),
                        "all on one side": np.pad(I, ((2 * p, 0), (0, 2 * p)))},
                 show={"E_1 for two rows": Blocks(padding(2, 1, 1), rows=(1, 2, 1))})


@lecture.claim(
    "in37c", "identity", "Padding keeps the size and lessens the disadvantage of the border",
    r"p=1:\quad5\times7\to5\times7", cases=[{"image": (5, 7), "kernel": (3, 3), "p": 1}],
    reason="lessens, not removes: a corner then lies in 4 windows, an edge in 6, the middle in 9",
    source_kind="words")
def less_disadvantage(e, image, kernel, p):
    windows = loops.window_lists(image, kernel, (1, 1), ((p, p), (p, p)), (1, 1))
    places = [loops.place(cell, image) for cell in ((0, 0), (0, 3), (2, 3))]
    counts = [sum(one.count(m) for one in windows) for m in places]
    V = Partition(Windows(image, kernel, padding=p))
    shipped = V.scatter(np.ones((V.S, V.P), dtype=int))[places]
    bare = Partition(Windows(image, kernel))
    return Sides(truth=(counts, len(windows)), printed=(shipped, image[0] * image[1]),
                 wrong={"without padding": (bare.scatter(np.ones((9, bare.P), dtype=int))[places],
                                            image[0] * image[1]),
                        "all seen equally often": ([9, 9, 9], len(windows))})


@lecture.claim("in38/size", "dimension", "A 6 x 6 image padded to 8 x 8 gives 6 x 6 again", r"6\times6\rightarrow8\times8,\quad6\times6")
def padded_size(e):
    drawn = np.zeros((8, 8), dtype=int)
    drawn[1:7, 1:7] = PADDED_EXAMPLE
    kept = correlate_loops(PADDED_EXAMPLE, COLUMN, padding=((1, 1), (1, 1)))
    E = padding(6, 1, 1)
    return Sides(truth=(loops.shape_of(kept), correlate_loops(drawn, COLUMN)),
                 printed=([6, 6], valid(both_sides(E, np.array(PADDED_EXAMPLE), E), COLUMN)),
                 wrong={"the border repeated, no zeros": ([6, 6], valid(
                            np.pad(PADDED_EXAMPLE, 1, mode="edge"), COLUMN))})


@table(lecture.claim, kind="example")
def results(e, cells, printed):
    """Entries of the padded example."""
    def at(made):
        return [made[cell] for cell in cells]

    true = np.array(correlate_loops(PADDED_EXAMPLE, COLUMN, padding=((1, 1), (1, 1))))
    shipped = correlate_image(PADDED_EXAMPLE, COLUMN)
    return Sides(truth=at(true), printed=printed, corrected=at(shipped),
                 wrong={"the filter flipped": at(convolve_image(PADDED_EXAMPLE, COLUMN)),
                        "without the zeros": at(valid(PADDED_EXAMPLE, COLUMN))},
                 show={"result": shipped})


results("in38a", "Four of the six results of the padded example, which is a correlation",
        r"r_{00}=-10,\;r_{02}=1,\;r_{11}=3,\;r_{12}=0", [(0, 0), (0, 2), (1, 1), (1, 2)], [-10, 1, 3, 0],
        reason="a convolution would give 10, -1, -3 and 0", source_kind="consequence")
results("in38b", "The first row as printed, its second result", r"\begin{bmatrix}-10&-13&1\end{bmatrix}", [(0, 0), (0, 1), (0, 2)], [-10, -13, 1],
        expect="misprint", corrected_formula=r"\begin{bmatrix}-10&2&1\end{bmatrix}",
        reason="(3 + 9) - (4 + 6) = 2; -13 is the true first entry of the third row")
results("in38c", "The second row as printed, its first result", r"\begin{bmatrix}-9&3&0\end{bmatrix}", [(1, 0), (1, 1), (1, 2)], [-9, 3, 0],
        expect="misprint", corrected_formula=r"\begin{bmatrix}-15&3&0\end{bmatrix}",
        reason="-(3 + 7 + 5) = -15; the first column of the result runs -10, -15, -13, -9, so the number "
               "printed stands two places further down")


@lecture.claim(
    "in38d", "definition", "Where the filter does not fit: pad until it does, or drop what is left over",
    r"\text{valid: }\left\lfloor\frac{n-k}{s}\right\rfloor+1,\quad\text{padded: }\left\lceil\frac{n-k}{s}\right\rceil+1",
    cases=[STRIDED], reason="the name valid usually means no padding at all, which drops the same pixels",
    source_kind="words")
def fit(e, image, kernel, stride):
    I, K = e.integers(*image), e.integers(*kernel)
    dropped = [n - max(i + k for i in range(0, n - k + 1, s)) for n, k, s in zip(image, kernel, stride, strict=True)]
    missing = [next(z for z in range(s) if (n + z - k) % s == 0)
               for n, k, s in zip(image, kernel, stride, strict=True)]
    around = [(0, z) for z in missing]
    kept = I[:image[0] - dropped[0], :image[1] - dropped[1]]
    shipped = valid(I, K, stride=stride)
    by_rule = [(n - k) % s for n, k, s in zip(image, kernel, stride, strict=True)]
    more = correlate_image(I, K, stride=stride, padding=around)
    return Sides(truth=(correlate_loops(kept, K, stride), dropped, correlate_loops(I, K, stride, around)),
                 printed=(shipped, by_rule, more),
                 wrong={"n modulo s dropped": (shipped, [n % s for n, s in zip(image, stride, strict=True)],
                                               more),
                        "the zeros in front": (shipped, by_rule, correlate_image(
                            I, K, stride=stride, padding=[(z, 0) for z in missing]))})
