"""Introduction XXV to XXXII: what a convolution layer keeps and sees, and its filters."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Windows, flip, layers, loops, vec
from cnnmat.derivations.chaurasia.setting import (
    CHANNELS,
    LAYER,
    PLAIN,
    connections,
    convolve_loops,
    correlate_loops,
    lecture,
    size,
    times,
    valid,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import convolve_full, convolve_image
from cnnmat.textbook.masks import box, laplacian, sharpen
from cnnmat.verify import Sides

#: An image of zeros and ones and a filter that looks the same flipped, slide XXVIII.
IMAGE = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
CROSS = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
IDENTITY = [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
CORNERS = [[1, 0, -1], [0, 0, 0], [-1, 0, 1]]
FOUR = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
EIGHT = [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
SHARPEN = [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
BOX = [[1, 1, 1]] * 3
GAUSS = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
TABLE = (IDENTITY, CORNERS, FOUR, EIGHT, SHARPEN, BOX, GAUSS)


def samples(function, rows=5, columns=7):
    """The image function(i, j)."""
    return np.array([[function(i, j) for j in range(columns)] for i in range(rows)], dtype=object)


def everywhere(value, rows=3, columns=5):
    return [[value] * columns] * rows


@lecture.claim(
    "in25a", "identity", "A shifted image gives a shifted map", r"(\mathrm{shift}\,I)\otimes K=\mathrm{shift}(I\otimes K)",
    cases=[{"shift": (1, 2), "stride": (1, 1)}, {"shift": (3, 2), "stride": (3, 2)}],
    reason="with a stride, for shifts by multiples of the stride only", source_kind="words")
def shifted(e, shift, stride):
    I, K = e.integers(5, 6), e.integers(2, 3)
    far = np.pad(I, 8)
    moved = np.roll(far, shift, (0, 1))
    result = correlate_loops(moved, K, stride)
    before = valid(far, K, stride=stride)
    steps = tuple(a // s for a, s in zip(shift, stride, strict=True))
    other = valid(np.roll(far, (1, 1), (0, 1)), K, stride=stride)
    return Sides(truth=result, printed=np.roll(before, steps, (0, 1)),
                 wrong={"unchanged": before, "by another shift": other})


@lecture.claim(
    "in25b", "dimension", "The kernel's size is the field of view",
    r"k_1\times k_2;\quad\text{two layers: }(k_1+k_1'-1)\times(k_2+k_2'-1)", cases=[
        {"image": (6, 8), "kernels": ((2, 3), (3, 2))}, {"image": (6, 8), "kernels": ((3, 1), (1, 4))}],
    source_kind="words")
def field_of_view(e, image, kernels):
    seen = {(0, 0)}
    fields = []
    for rows, columns in kernels[::-1]:
        seen = {(r + k, c + l) for r, c in seen for k in range(rows) for l in range(columns)}
        fields.append((1 + max(r for r, _ in seen), 1 + max(c for _, c in seen)))
    V = connections(image, np.ones(kernels[0], dtype=int))
    behind = connections(size(image, kernels[0]), np.ones(kernels[1], dtype=int))

    def block(row):
        places = np.argwhere(row.toarray().reshape(image, order="F"))
        return tuple(int(n) for n in places.max(axis=0) + 1)

    return Sides(truth=(kernels[0], fields[-1]), printed=(block(V[[0]]), block((behind @ V)[[0]])),
                 wrong={"sizes added": (kernels[0], tuple(np.add(*kernels).tolist()))})


@lecture.claim(
    "in26a", "dimension", "Several kernels give several maps; their size and number fix the parameters",
    r"k_1\times k_2\times C\times D\to D\text{ maps}", cases=[CHANNELS], source_kind="words")
def several_kernels(e, image, kernel, C, D):
    I, K, b = e.integers(1, C, *image), e.integers(D, C, *kernel), e.integers(D)
    truth = loops.correlate(I.tolist(), K.tolist(), b.tolist(), [1, 1], [(0, 0)] * 2, [1, 1], 1)
    counted = sum(1 for _ in loops.cells((D, C, *kernel))) + D
    maps = layers.correlate(I, K, b)
    return Sides(truth=(truth, counted), printed=(maps, kernel[0] * kernel[1] * C * D + D),
                 wrong={"filters in reverse": (maps[:, ::-1], counted),
                        "a bias a channel": (maps, kernel[0] * kernel[1] * C * D + C)})


@lecture.claim(
    "in27a", "dimension", "Size of what one filter makes of a volume",
    r"(h\times w\times d),\;(f_h\times f_w\times d)\to(h-f_h+1)\times(w-f_w+1)\times1",
    cases=[{"h": 3, "w": 3, "fh": 2, "fw": 2, "d": 1}, {"h": 4, "w": 6, "fh": 2, "fw": 3, "d": 2}],
    reason="at stride 1 and without padding; image and filter must have one depth", assumes=PLAIN)
def size_of_a_volume(e, h, w, fh, fw, d):
    places = loops.correlate(loops.build([1, d, h, w], lambda *cell: 1),
                             loops.build([1, d, fh, fw], lambda *cell: 1), [0], [1, 1],
                             [(0, 0)] * 2, [1, 1], 1)
    counted = loops.shape_of(places)[2:]
    shipped = layers.correlate(np.ones((1, d, h, w)), np.ones((1, d, fh, fw))).shape
    near = {"without + 1": (h - fh, w - fw, 1),
            "sides of the filter exchanged": (h - fw + 1, w - fh + 1, 1),
            "as deep as the image": (h - fh + 1, w - fw + 1, d)}
    return Sides(truth=[(*counted, len(places[0]))] * 2,
                 printed=[(h - fh + 1, w - fw + 1, 1), (*shipped[2:], shipped[1])],
                 wrong={name: [one, (*shipped[2:], shipped[1])] for name, one in near.items()})


@lecture.claim(
    "in28a", "example", "The feature map of the image of zeros and ones",
    r"\begin{bmatrix}1&1&1&0&0\\0&1&1&1&0\\0&0&1&1&1\\0&0&1&1&0\\0&1&1&0&0\end{bmatrix}*\begin{bmatrix}1&0&1\\0&1&0\\1&0&1\end{bmatrix}=\begin{bmatrix}4&3&4\\2&4&3\\2&3&4\end{bmatrix}",
    reason="the result stood in a figure", source_kind="consequence")
def feature_map(e):
    result = [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    return Sides(truth=[correlate_loops(IMAGE, CROSS)] * 2, printed=[result, valid(IMAGE, CROSS)],
                 wrong={"the image transposed": [result, valid(np.transpose(IMAGE), CROSS)],
                        "every entry of the filter one": [result, valid(IMAGE, BOX)]},
                 show={"image": IMAGE, "filter": CROSS, "feature map": result})


@lecture.claim("in28/size", "dimension", "A 3 x 3 filter on 5 x 5 pixels gives a 3 x 3 map", r"(5-3+1)\times(5-3+1)=3\times3",
               source_kind="consequence", assumes=PLAIN)
def size_of_the_feature_map(e):
    return Sides(truth=loops.shape_of(correlate_loops(IMAGE, CROSS)),
                 printed=list(valid(IMAGE, CROSS).shape), wrong={"the image's": [5, 5], "5 - 3": [2, 2]})


@lecture.claim(
    "in28/values", "example", "All pixel values of the image are 0 or 1", r"I_{ij}\in\{0,1\}", source_kind="words")
def zeros_and_ones(e):
    counted = [sum(row.count(v) for row in IMAGE) for v in (0, 1)]
    return Sides(truth=[*counted, 25], printed=[*np.bincount(np.ravel(IMAGE)), 5 * 5],
                 wrong={"exchanged": [*np.bincount(1 - np.ravel(IMAGE)), 25]})


@lecture.claim(
    "in28b", "identity", "What the convolution of the example is, with the filter flipped or not",
    r"I*K", expect="ambiguous", corrected_formula=r"(I\otimes K)_{ij},\text{ equation (1)}",
    reason="the filter looks the same turned by 180 degrees, so the example fits both; with a one less "
           "in a corner they differ. cnnmat correlates where a layer is meant",
    cases=[{"filter": CROSS}, {"filter": [[1, 0, 1], [0, 1, 0], [1, 0, 0]]}], source_kind="words",
    cites={"correlation": "slide XLV, (1), and (0.8), the layer of the slides",
           "convolution": "the name of the product on slide XXVIII, and (0.4)"})
def flipped_or_not(e, filter):
    return Sides(truth=correlate_loops(IMAGE, filter), readings={
        "correlation": valid(IMAGE, filter),
        "convolution": convolve_image(IMAGE, filter, padding="valid")},
        wrong={"one filter row only": valid(IMAGE, [[0, 0, 0], *filter[1:]])})


@table(lecture.claim, kind="example")
def filter_of_the_table(e, printed, shipped, makes, wrong, factor=1):
    """The filter's entries, their sum, and what it `makes` of some images: (image, result)."""
    P = np.array(printed)
    mask = np.array([[Fraction(x) * factor for x in row] for row in printed], dtype=object)
    near = {name: np.array(m, dtype=object) * factor for name, m in wrong.items()}
    return Sides(truth=([result for _, result in makes], sum(sum(row) for row in mask.tolist()), P),
                 printed=([valid(image, mask) for image, _ in makes], mask.sum(), shipped()),
                 wrong={name: ([valid(image, m) for image, _ in makes], m.sum(), P)
                        for name, m in near.items()}, show={"filter": P})


_PICTURE = samples(lambda i, j: (3 * i * i + 5 * j * i + 7 * j) % 11)
_AFFINE, _BOWL = samples(lambda i, j: 2 * i - 3 * j + 1), samples(lambda i, j: i * i + j * j)
_STEPS = samples(lambda i, j: (i > 1) * 4 + (j > 2) * 7)
_SADDLE = samples(lambda i, j: i * j)
_INSIDE = np.s_[1:-1, 1:-1]

filter_of_the_table(
    "in32a", "Identity: the image stays as it is",
    r"\begin{bmatrix}0&0&0\\0&1&0\\0&0&0\end{bmatrix}", IDENTITY,
    lambda: np.outer([0, 1, 0], [0, 1, 0]), makes=[(_PICTURE, _PICTURE[_INSIDE])],
    wrong={"one place off": [[0, 1, 0], [0, 0, 0], [0, 0, 0]]},
    reason="with zeros around it; else a pixel is lost on every side")
filter_of_the_table(
    "in32b", "Edge detection, first filter: it answers to corners, not to straight edges",
    r"\begin{bmatrix}1&0&-1\\0&0&0\\-1&0&1\end{bmatrix}", CORNERS,
    lambda: np.outer([1, 0, -1], [1, 0, -1]),
    makes=[(_STEPS, everywhere(0)), (_SADDLE, everywhere(4))],
    wrong={"rows of equal sign": [[1, 0, -1], [0, 0, 0], [1, 0, -1]]},
    reason="as an outer product it gives 0 on every sum of a function of the row and one of the column, "
           "so on every horizontal or vertical edge; on i j it gives 4")
filter_of_the_table(
    "in32c", "Edge detection, second filter: the Laplacian of four neighbours",
    r"\begin{bmatrix}0&1&0\\1&-4&1\\0&1&0\end{bmatrix}", FOUR, laplacian,
    makes=[(_AFFINE, everywhere(0)), (_BOWL, everywhere(4))],
    wrong={"4 in the middle": [[0, 1, 0], [1, 4, 1], [0, 1, 0]],
           "-1 around 4": [[0, -1, 0], [-1, 4, -1], [0, -1, 0]]})
filter_of_the_table(
    "in32d", "Edge detection, third filter: eight neighbours, and the other sign",
    r"\begin{bmatrix}-1&-1&-1\\-1&8&-1\\-1&-1&-1\end{bmatrix}", EIGHT,
    lambda: 9 * np.array(IDENTITY) - 1,
    makes=[(_AFFINE, everywhere(0)), (_BOWL, everywhere(-12))],
    wrong={"9 in the middle": [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]]})
filter_of_the_table(
    "in32e", "Sharpening: the image less its Laplacian",
    r"\begin{bmatrix}0&-1&0\\-1&5&-1\\0&-1&0\end{bmatrix}", SHARPEN, sharpen,
    makes=[(_AFFINE, _AFFINE[_INSIDE]), (_BOWL, _BOWL[_INSIDE] - 4)],
    wrong={"plus the Laplacian": [[0, 1, 0], [1, -3, 1], [0, 1, 0]]})
filter_of_the_table(
    "in32f", "Box blur: the mean of the window",
    r"\frac19\begin{bmatrix}1&1&1\\1&1&1\\1&1&1\end{bmatrix}", BOX,
    lambda: np.rint(9 * box((3, 3))).astype(int),
    makes=[(_AFFINE, _AFFINE[_INSIDE]), (_BOWL, _BOWL[_INSIDE] + Fraction(4, 3))],
    wrong={"1/8": [[Fraction(9, 8)] * 3] * 3}, factor=Fraction(1, 9))
filter_of_the_table(
    "in32g", "Gaussian blur, approximately: weights 1, 2, 1 along both axes",
    r"\frac1{16}\begin{bmatrix}1&2&1\\2&4&2\\1&2&1\end{bmatrix}", GAUSS,
    lambda: convolve_full(np.ones((2, 2), dtype=int), np.ones((2, 2), dtype=int)),
    makes=[(_AFFINE, _AFFINE[_INSIDE]), (_BOWL, _BOWL[_INSIDE] + 1)],
    wrong={"1/9": [[Fraction(16 * x, 9) for x in row] for row in GAUSS], "a box": BOX},
    factor=Fraction(1, 16))


@lecture.claim(
    "in32h", "identity", "No filter of the table can tell convolution from correlation, nor rows from columns",
    r"K=\mathrm{rot}_{180^\circ}K=K^{\mathsf T}",
    reason="so none of them can show a slip of that kind; the filter of slide XXXVIII can", source_kind="own")
def symmetric(e):
    masks = [list(map(list, mask)) for mask in (*TABLE, [[1, 0, -1]] * 3)]
    truth = [(loops.flip(m) == m, loops.transpose(m) == m) for m in masks]
    shipped = [(bool((flip(m) == m).all()), bool((np.transpose(m) == m).all())) for m in masks]
    stated = [(True, True)] * 7 + [(False, False)]
    return Sides(truth=(truth, truth), printed=(stated, shipped),
                 wrong={"the filter of slide XXXVIII as well": ([(True, True)] * 8, shipped)})


@lecture.claim(
    "in30a", "identity", "With the table's filters convolution and correlation agree; slide XXXVIII's must be turned",
    r"I*K=I\otimes K", cases=[{"image": (3, 4)}], source_kind="own")
def table_on_an_image(e, image):
    I = e.symbols("I", *image)
    other = np.array([[1, 0, -1]] * 3)
    made = [convolve_image(I, m, padding="valid") for m in TABLE]
    turned, straight = (convolve_image(I, m, padding="valid") for m in (flip(other), other))
    return Sides(truth=[correlate_loops(I, mask) for mask in (*TABLE, other)], printed=[*made, turned],
                 wrong={"the filter of slide XXXVIII not turned either": [*made, straight]})


@lecture.claim(
    "in24a", "identity", "Blurring and its twin, an out-of-focus picture, are convolutions: linear, and the same everywhere",
    r"(aI+J)*K=a(I*K)+J*K", cases=LAYER, source_kind="consequence")
def linear(e, image, kernel):
    I, K, a = e.symbols("I", *image), e.symbols("K", *kernel), e.symbols("a")
    J = e.integers(*image).astype(object)
    both = convolve_image(I, K, padding="valid") * a + convolve_image(J, K, padding="valid")
    V = Partition(Windows(image, kernel))
    return Sides(truth=[convolve_loops(I * a + J, K), loops.vec(correlate_loops(J, K))],
                 printed=[both, times(connections(image, K), vec(J))],
                 wrong={"the factor forgotten": [convolve_image(I + J, K, padding="valid"),
                                                 V.columns(vec(J)).T @ vec(K)]})


lecture.remark("in26", "That more layers are better, that little is gained after three or four, and that small filters keep "
               "finer details are matters of experience; nothing can be run for them.")
lecture.remark("in30", "In the list of corner detectors two names, SUSAN and FAST, have run together.")
lecture.remark("in32", "The third column of the table held pictures, which are lost; the claims run the filters on small images.")
