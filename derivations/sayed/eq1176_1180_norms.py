"""Norms, subsampling and masks as poolings of images, (47.1176) to (47.1180)."""

from math import sqrt

import numpy as np

from cnnmat import Regions, Windows, loops, vec
from cnnmat.derivations.sayed.eq1168_1175_pooling_images import RETAINED, literal_index
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import bmatrix, digits, pooled, tiled, whole
from cnnmat.textbook.masks import unit
from cnnmat.textbook.pooling import Correlation, Subsample, l2
from cnnmat.verify import Sides


@lecture.claim(
    "47.1176", "definition", "ℓ2-pooling: the Frobenius norm of the window",
    r"t(r,c)=\left(\sum_{k=-B}^{B}\sum_{\ell=-B}^{B}\mathcal{H}_{r,c}^2(k,\ell)\right)^{1/2}"
    r"=\|\mathcal{H}_{r,c}\|_F", cases=[{"image": (2, 4), "window": (2, 2)},
                                         {"image": (3, 6), "window": (3, 3)}], rational=True)
def l2_pooling(e, image, window):
    y, root = e.symbols("y", *image), e.root()
    traces = [[root(np.trace(one.T @ one)) for one in np.split(y, image[1] // window[1], axis=1)]]
    mean_square = [[root(np.trace(one.T @ one) / one.size)
                    for one in np.split(y, image[1] // window[1], axis=1)]]
    t = pooled(l2(root), y, window)
    return Sides(truth=(tiled(lambda values: loops.norm(values, 2, root), y, window),) * 2,
                 printed=(t, traces), wrong={"root of the mean square": (t, mean_square)})


@lecture.claim("47.1176/euclid", "identity", "The Frobenius norm is the Euclidean norm of the stacked patch",
               r"\|\mathcal{H}\|_F=\|\mathrm{vec}(\mathcal{H})\|", cases=[{"patch": ((3, 0), (0, 4))},
                                                                       {"patch": ((1, -2, 3), (4, 5, -6))}],
               source_kind="words")
def euclidean(e, patch):
    H = np.array(patch)
    norm = sqrt(sum(x * x for row in patch for x in row))
    return Sides(truth=(norm, norm, norm), printed=(
        np.linalg.norm(vec(H)), np.linalg.norm(H, "fro"), l2()(vec(H), whole(H))[0]),
        wrong={"the largest singular value": (np.linalg.norm(H, 2),) * 3,
               "the longest column": (np.linalg.norm(H, axis=0).max(),) * 3})


#: The left side of (47.1177); a dot for an entry that is discarded.
DISPLAY = ("a..b..c..", ".........", ".........", "d..e..f..", ".........", ".........", "g..h..i..")
RIGHT = ["abc", "def", "ghi"]
SIGNS = {".": r"\times"}


@lecture.claim(
    "47.1177", "example", "Subsampling by three in both directions",
    bmatrix([[SIGNS.get(x, rf"\boxed{{{x}}}") for x in row] for row in DISPLAY])
    + r"\longrightarrow" + bmatrix(RIGHT))
def subsampling(e):
    kept = [[x for c, x in enumerate(row) if c % 3 == 0] for r, row in enumerate(DISPLAY) if r % 3 == 0]
    codes = np.array([[ord(x) for x in row] for row in DISPLAY])
    # the last row of windows is cut: its first row only is there
    windows = Windows(codes.shape, 3, stride=3, padding=((0, 2), (0, 0)))
    shipped = Subsample()(vec(codes), Regions(windows))
    return Sides(truth=(kept, [ord(x) for x in loops.vec(kept)]),
                 printed=([list(row) for row in RIGHT], shipped),
                 wrong={"column after column": ([list(row) for row in zip(*RIGHT, strict=True)], shipped)})


@lecture.claim("47.1177/every-third", "dimension", "Rows and columns 1, 4 and 7 are retained", r"1,4,7",
               source_kind="consequence")
def every_third(e):
    rows = [r for r, row in enumerate(DISPLAY, 1) if row.strip(".")]
    columns = [c for c in range(1, 10) if any(row[c - 1] != "." for row in DISPLAY)]
    return Sides(truth=(rows, columns), printed=([1, 4, 7], [1, 4, 7]),
                 wrong={"3, 6 and 9": ([3, 6, 9], [3, 6, 9])})


@lecture.claim("47.1177/discarded", "dimension", "Nine of the 63 entries are retained, the others discarded",
               r"7\times 9\to 3\times 3:\;9\text{ retained},\;54\text{ discarded}",
               source_kind="consequence")
def discarded(e):
    dots = sum(row.count(".") for row in DISPLAY)
    regions = Regions(Windows((7, 9), 3, stride=3, padding=((0, 2), (0, 0))))
    g = Subsample().gradient_vectors(np.zeros(63), regions)
    return Sides(truth=(63 - dots, dots), printed=(int(g.sum()), int((g == 0).sum())),
                 wrong={"one of three": (21, 42), "whole windows only": (6, 48)})


@lecture.claim(
    "47.1177/tiling", "dimension", "Seven rows hold two windows of three rows and a part of a third",
    r"7\times 9\to 3\times 3", expect="ambiguous", source_kind="consequence", cites={
        "whole windows only": "the patch of 3 x 3 in (47.1178)",
        "a cut window counts": "the last row that (47.1177) keeps"},
    corrected_formula=r"\lceil 7/3\rceil\times\lceil 9/3\rceil",
    reason="as every third row the display is right; as patches of 3 x 3 the last row of them needs two "
           "rows that are not there. Dropping it gives 2 x 3; cnnmat takes a padding for it")
def cut_windows(e):
    whole_windows = Windows((7, 9), 3, stride=3).output
    cut = Windows((7, 9), 3, stride=3, padding=((0, 2), (0, 0))).output
    return Sides(truth=(len(RIGHT), len(RIGHT[0])),
                 readings={"whole windows only": whole_windows, "a cut window counts": cut},
                 wrong={"an entry for each row": (7, 9)})


@lecture.claim(
    "47.1178", "definition", "The subsampling mask keeps the top left entry",
    r"\mathcal{M}_{\mathrm{sub}}\triangleq\begin{bmatrix}1&0&0\\0&0&0\\0&0&0\end{bmatrix}"
    r"=\begin{bmatrix}1\\0\\0\end{bmatrix}[\begin{matrix}1&0&0\end{matrix}]\triangleq e_1e_1^T")
def subsampling_mask(e):
    H, printed = e.symbols("H", 3, 3), np.array(digits("100", "000", "000"))
    product = np.array([[1], [0], [0]]) @ np.array([[1, 0, 0]])
    slopes = e.gradient(lambda patch: patch[0][0], H)
    corner = unit((3, 3), (2, 0))
    return Sides(truth=(slopes, slopes, slopes, H[0, 0]),
                 printed=(printed, product, unit((3, 3), (0, 0)), (H * printed).sum()),
                 wrong={"bottom left": (corner, corner, corner, (H * corner).sum())})


literal_index("47.1179", "The mask of subsampling is a one at the retained place",
              r"\mathcal{M}_{\mathrm{sub}}\triangleq e_{k^o}e_{\ell^o}^T", *RETAINED, kind="definition",
              corrected_formula=r"\mathcal{M}_{\mathrm{sub}}\triangleq e_{k^o+B+1}e_{\ell^o+B+1}^T")


@lecture.claim(
    "47.1180", "identity", "Pooling with any mask",
    r"t(r,c)=\sum_{k=-B}^{B}\sum_{\ell=-B}^{B}\mathcal{H}_{r,c}(k,\ell)\mathcal{M}(k,\ell)"
    r"=\mathcal{H}_{r,c}\odot\mathcal{M}", expect="misprint",
    corrected_formula=r"t(r,c)=\mathbb{1}^T(\mathcal{H}_{r,c}\odot\mathcal{M})\mathbb{1}",
    reason="the double sum is a number, the elementwise product a matrix: its entries are still to be "
           "summed", cases=[{"shape": (3, 3)}, {"shape": (3, 5)}])
def masking(e, shape):
    H, M = e.symbols("H", *shape), e.symbols("M", *shape)
    ones = [np.ones(n, dtype=int).astype(object) for n in shape]
    return Sides(truth=loops.correlate_at(H.tolist(), M.tolist(), shape[0] // 2, shape[1] // 2),
                 printed=H * M, corrected=ones[0] @ (H * M) @ ones[1],
                 wrong={"rows summed only": ones[0] @ (H * M), "trace(HM)": lambda: np.trace(H @ M)})


@lecture.claim(
    "47.1180/sum", "identity", "The double sum is a trace, and pooling by correlation",
    r"\sum_{k,\ell}\mathcal{H}_{r,c}(k,\ell)\mathcal{M}(k,\ell)=\mathrm{trace}"
    r"(\mathcal{H}_{r,c}^T\mathcal{M})", cases=[{"shape": (3, 3)}, {"shape": (3, 5)}],
    source_kind="own")
def masking_as_a_trace(e, shape):
    H, M = e.symbols("H", *shape), e.symbols("M", *shape)
    truth = loops.correlate_at(H.tolist(), M.tolist(), shape[0] // 2, shape[1] // 2)
    t = Correlation(vec(M))(vec(H), whole(H))[0]
    return Sides(truth=(truth, truth), printed=(np.trace(H.T @ M), t),
                 wrong={"trace(HM)": lambda: (np.trace(H @ M), t),
                        "the mask stacked by rows": (np.trace(H.T @ M), vec(H) @ M.ravel())})


@lecture.claim("47.1180/nonoverlap", "dimension", "Windows of different outputs share no entry",
               r"\mathcal{H}_{r,c}\cap\mathcal{H}_{r',c'}=\emptyset", cases=[{"image": (6, 9)}],
               source_kind="words")
def disjoint(e, image):
    tiles = [{(3 * r + k, 3 * c + l) for k, l in loops.cells((3, 3))}
             for r in range(image[0] // 3) for c in range(image[1] // 3)]
    shared = sum(len(a & b) for i, a in enumerate(tiles) for b in tiles[:i])

    def repeated(stride):
        indices = Windows(image, 3, stride=stride).indices
        return indices.size - np.unique(indices).size

    return Sides(truth=shared, printed=repeated(3), wrong={"moved by two": repeated(2)})
