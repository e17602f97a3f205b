"""Introduction XLVII to L: a layer's forward pass, of one map and of a bank of filters."""

import numpy as np

from cnnmat import flip, layers, loops, vec
from cnnmat.derivations.chaurasia.setting import (
    CHANNELS,
    FULL,
    LAYER,
    ROW,
    connections,
    correlate_loops,
    inside,
    lecture,
    plus,
    size,
    times,
    valid,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import convolve_full
from cnnmat.verify import Sides


def forward(e, image, kernel):
    """The map o that enters, the kernel w and the bias b."""
    return e.symbols("o", *image), e.symbols("w", *kernel), e.symbols("b")


@lecture.claim(
    "in48a", "dimension", "H x W is the size of the map that enters the layer", r"H\times W", cases=LAYER,
    reason="the input, as slide LIII has it; note 2 calls it x, which note 6 makes the name of what the layer makes. "
           "With the size of that the sums of (0.14) would lose terms")
def size_of_x(e, image, kernel):
    o, w, f = e.symbols("o", *image), e.symbols("w", *kernel), e.activation()
    truth = e.gradient(lambda w: sum(f(v) for row in loops.correlate(
        [[o.tolist()]], [[w]], [0], [1, 1], [(0, 0)] * 2, [1, 1], 1)[0][0] for v in row), w)
    delta = f.derivative(valid(o, w))

    def sums(H, W):
        rows, columns = H - kernel[0] + 1, W - kernel[1] + 1
        return [[sum(delta[i, j] * o[i + m, j + n] for i in range(rows) for j in range(columns))
                 for n in range(kernel[1])] for m in range(kernel[0])]

    return Sides(truth=truth, printed=sums(*image),
                 wrong={"the result of the layer": sums(*delta.shape),
                        "one column less": sums(image[0], image[1] - 1)})


@lecture.claim(
    "in48b", "definition", "The weights between two layers: the kernel, or a matrix made of it",
    r"w^l_{m,n}\text{ connects layer }l\text{ with }l-1", expect="ambiguous",
    corrected_formula=r"\mathrm{vec}(x^l)=V_w\,\mathrm{vec}(o^{l-1})+b^l\mathbb{1}",
    reason="w has the k1 x k2 entries of note 3; the matrix that connects the neurons is V_w, which has only these "
           "entries, each many times. Taken as that matrix itself, w conforms with 1 x 1 kernels only",
    cases=[{"image": (1, 3), "kernel": (1, 1)}, *LAYER], source_kind="words",
    cites={"V_w, made of the kernel": "note 3, w has the size of the kernel",
           "the kernel itself": "note 4 calls w itself the matrix between the neurons"})
def connecting_matrix(e, image, kernel):
    o, w, b = forward(e, image, kernel)
    V = connections(image, w)
    return Sides(truth=loops.vec(plus(correlate_loops(o, w), b)), readings={
        "V_w, made of the kernel": times(V, vec(o)) + b,
        "the kernel itself": lambda: vec(w @ o + b)},
        wrong={"transposed": lambda: V.T @ vec(o) + b,
               "made of the turned kernel": times(connections(image, flip(w)), vec(o)) + b},
        show={"V_w, 1 x 2 on 1 x 4": connections((1, 4), np.array([[7, 8]]))})


@lecture.claim(
    "eq0.8", "definition", "Pre-activation of a map: correlation and one bias",
    r"x_{i,j}^l=\sum_m\sum_nw_{m,n}^lo_{i+m,j+n}^{l-1}+b^l", cases=LAYER)
def preactivation(e, image, kernel):
    o, w, b = forward(e, image, kernel)
    shipped = layers.correlate(o[None, None], w[None, None], np.array([b]))[0, 0]
    return Sides(truth=(plus(correlate_loops(o, w), b),) * 2, printed=(shipped, valid(o, w) + b),
                 wrong={"a convolution": (inside(o, w) + b,) * 2,
                        "the bias subtracted": (valid(o, w) - b,) * 2})


@table(lecture.claim, kind="definition", cases=LAYER)
def activated(e, image, kernel):
    o, w, b = forward(e, image, kernel)
    f = e.activation()
    x = valid(o, w) + b
    return Sides(truth=[[f(v) for v in row] for row in plus(correlate_loops(o, w), b)], printed=f(x),
                 wrong={"the bias added after f": f(valid(o, w)) + b, "the derivative": f.derivative(x)})


activated("eq0.9", "Output of the layer: f of every pre-activation, so of the same size",
          "o_{i,j}^l=f(x_{i,j}^l)")
lecture.remark("in47", "The three colours are listed as red, blue, green; the usual order of channels is red, green, "
               "blue. No formula depends on it.")
lecture.remark("note1", "Layers are counted from l = 1; the map o that enters the first one is therefore that of l = 0, the "
               "image.")
lecture.remark("note8", "Note 8 calls f the activation and what it is applied to a vector; x is a map, and f is taken "
               "entry by entry, as (0.9) has it.")


@lecture.claim(
    "eq0.10", "identity", "The forward pass as a convolution with the turned kernel",
    r"x_{i,j}^l=\text{rot}_{180^\circ}\{w_{m,n}^l\}*o_{i,j}^{l-1}+b_{i,j}^l", expect="ambiguous",
    corrected_formula=r"x^l=\left[\mathrm{rot}_{180^\circ}\{w^l\}*o^{l-1}\right]_{\mathrm{valid}}+b^l",
    reason="three meanings of the star occur: where the kernel lies inside the map, a convolution gives x; (0.4) at the "
           "very place (i, j) gives x at another place; the star of (0.6) and (0.7) does not flip, and gives a correlation "
           "with the turned kernel", cases=FULL,
    cites={"a convolution, the kernel inside the map": "slide LIII: the result has the size of the places inside",
           "(0.4) at (i, j)": "(0.4) to the letter, its m and n from 0",
           "the star of (0.7)": "(0.6) and (0.7), whose star does not flip"})
def as_convolution(e, image, kernel):
    o, w, b = forward(e, image, kernel)
    rows, columns = size(image, kernel)
    return Sides(truth=plus(correlate_loops(o, w), b), readings={
        "a convolution, the kernel inside the map": inside(o, flip(w)) + b,
        "(0.4) at (i, j)": convolve_full(o, flip(w))[:rows, :columns] + b,
        "the star of (0.7)": valid(o, flip(w)) + b},
        wrong={"the kernel not turned": inside(o, w) + b})


@lecture.claim(
    "eq0.11", "definition", "One bias for the map, or one for every position",
    r"x_{i,j}^l=\sum_m\sum_nw_{m,n}^lo_{i+m,j+n}^{l-1}+b_{i,j}^l", expect="ambiguous",
    corrected_formula=r"x^l_{i,j}=\sum_m\sum_nw^l_{m,n}o^{l-1}_{i+m,j+n}+b^l,\quad\frac{\partial E}{\partial b^l}=\sum_i\sum_j\delta^l_{i,j}",
    reason="(0.10) and (0.11) give the bias the indices of the position, (0.8), note 5 and slide XLVII one value to the filter. "
           "The forward pass is the same if all are equal; derivative and number of parameters are not. cnnmat takes one a map",
    cases=[{"image": (2, 3), "kernel": (2, 3)}, *LAYER],
    cites={"one for the map": "(0.8), note 5 and slide XLVII",
           "one for every position": "(0.10) and (0.11), b with the indices i, j"})
def one_bias(e, image, kernel):
    o, w, b = forward(e, image, kernel)
    f = e.activation()
    bare = correlate_loops(o, w)
    truth = e.gradient(lambda b: sum(f(v + b) for row in bare for v in row), b)
    delta = f.derivative(valid(o, w) + b)
    _, _, db = layers.correlate_backward(delta[None, None], o[None, None], w[None, None])
    return Sides(truth=[truth], readings={"one for the map": db, "one for every position": vec(delta)},
                 wrong={"the first δ only": [delta[0, 0]]})


@lecture.claim(
    "eq0.11/sum", "definition", "The double sum of the forward pass is a correlation",
    r"\sum_m\sum_nw_{m,n}^lo_{i+m,j+n}^{l-1}", cases=LAYER)
def double_sum(e, image, kernel):
    o, w, _ = forward(e, image, kernel)
    rows, columns = size(image, kernel)
    by_shifts = sum(o[m:m + rows, n:n + columns] * w[m, n] for m, n in np.ndindex(*kernel))
    return Sides(truth=(correlate_loops(o, w),) * 2, printed=(by_shifts, valid(o, w)),
                 wrong={"a convolution": (by_shifts, inside(o, w))})


activated("eq0.12", "The forward pass ends with f, as in (0.9)", "o_{i,j}^l=f(x_{i,j}^l)")


@lecture.claim(
    "in47a", "dimension", "Sizes of input, filter bank and biases",
    r"I\in\mathbb{R}^{H\times W\times C},\;K\in\mathbb{R}^{k_1\times k_2\times C\times D},\;b\in\mathbb{R}^D",
    cases=[CHANNELS])
def sizes(e, image, kernel, C, D):
    I, K, b = e.integers(*image, C), e.integers(*kernel, C, D), e.integers(D)
    x, w = I.transpose(2, 0, 1)[None], K.transpose(3, 2, 0, 1)
    truth = loops.correlate(x.tolist(), w.tolist(), b.tolist(), [1, 1], [(0, 0)] * 2, [1, 1], 1)
    parameters = sum(1 for _ in loops.cells(w.shape)) + D
    return Sides(truth=(truth, loops.shape_of(truth)[1:], parameters),
                 printed=(layers.correlate(x, w, b), [D, *size(image, kernel)], K.size + b.size),
                 wrong={"filters in reverse": (layers.correlate(x, w[::-1], b), [D, *size(image, kernel)],
                                               K.size + b.size)})


def bank(e, image, kernel, C, D):
    """I (H x W x C), K (k1 x k2 x C x D), b (D) and the layer by plain loops, H' x W' x D."""
    I, K, b = e.symbols("I", *image, C), e.symbols("K", *kernel, C, D), e.symbols("b", D)
    x, w = I.transpose(2, 0, 1)[None], K.transpose(3, 2, 0, 1)
    out = loops.correlate(x.tolist(), w.tolist(), b.tolist(), [1, 1], [(0, 0)] * 2, [1, 1], 1)[0]
    return I, K, b, x, w, np.array(out, dtype=object).transpose(1, 2, 0)


BANK = [{**ROW, "C": 1, "D": 1}, {"image": (2, 4), "kernel": (1, 2), "C": 2, "D": 3}]


@lecture.claim(
    "eq0.6", "definition", "Output of a layer with several channels: which product it is",
    r"(I*K)_{ij}=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}\sum_{c=1}^CK_{m,n,c}\cdot I_{i+m,j+n,c}+b", expect="misprint",
    corrected_formula=r"(I\otimes K)_{ij}+b=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}\sum_{c=1}^CK_{m,n,c}\cdot I_{i+m,j+n,c}+b",
    reason="the right side is the correlation of (1), written ⊗ there; the star of (0.4) runs backwards and gives "
           "another value. (And the bias stands outside the product.)", cases=BANK)
def channels(e, **case):
    _, _, b, x, w, truth = bank(e, **case)

    def maps(product):
        return product(x, w, b)[0].transpose(1, 2, 0)

    return Sides(truth=truth, printed=maps(layers.convolve), corrected=maps(layers.correlate),
                 wrong={"the bias subtracted": maps(lambda x, w, b: layers.correlate(x, w, -b))})


@lecture.claim(
    "eq0.6/filters", "definition", "Output of a layer with several channels: the sums, for the whole bank",
    r"\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}\sum_{c=1}^CK_{m,n,c}\cdot I_{i+m,j+n,c}+b",
    reason="the index d of the filter is left out on both sides, of K_{m,n,c,d} and b_d too; the sums hold for one filter at a time, and for all, "
           "K_{m,n,c} and b being vectors of D entries", cases=BANK,
    assumes={"K_{m,n,c} and b are": "those of one filter d at a time"})
def filter_bank(e, image, kernel, C, D):
    I, K, b, _, _, truth = bank(e, image, kernel, C, D)
    rows, columns = size(image, kernel)

    def sums(K, b, common=False):
        return np.array([[sum(K[m, n, 0 if common else c] * I[i + m, j + n, c]
                              for m, n in np.ndindex(*kernel) for c in range(C)) + b
                          for j in range(columns)] for i in range(rows)])

    near = {"no bias": sums(K, b * 0)}
    if C > 1:
        near = {"the bias in every channel": sums(K, b * C),
                "one kernel for all channels": sums(K, b, common=True)}
    return Sides(truth=truth, printed=sums(K, b), wrong=near)


@lecture.claim(
    "eq0.6/terms", "dimension", "Every output is a sum of k1 k2 C products",
    r"\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}\sum_{c=1}^C1=k_1k_2C", cases=[CHANNELS],
    reason="rows and columns are counted from 0, channels from 1", source_kind="consequence")
def number_of_terms(e, image, kernel, C, D):
    ones = loops.correlate(loops.build([1, C, *image], lambda *cell: 1),
                           loops.build([1, C, *kernel], lambda *cell: 1), [0], [1, 1], [(0, 0)] * 2, [1, 1], 1)
    shipped = layers.correlate(np.ones((1, C, *image), dtype=int), np.ones((1, C, *kernel), dtype=int))
    k1, k2 = kernel
    return Sides(truth=(ones, ones[0][0][0][0]), printed=(shipped, k1 * k2 * C),
                 wrong={"channels from 0 to C": (shipped, k1 * k2 * (C + 1)), "k1 + 1 rows": (shipped, (k1 + 1) * k2 * C)})


@lecture.claim(
    "eq0.7", "definition", "The same for a grey image: which product it is",
    r"(I*K)_{ij}=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}K_{m,n}\cdot I_{i+m,j+n}+b", expect="misprint",
    corrected_formula=r"(I\otimes K)_{ij}+b=\sum_{m=0}^{k_1-1}\sum_{n=0}^{k_2-1}K_{m,n}\cdot I_{i+m,j+n}+b",
    reason="again the correlation of (1) under the star of (0.4). The sums are the layer that the rest of the text uses",
    cases=LAYER)
def grey(e, image, kernel):
    I, K, b = e.symbols("I", *image), e.symbols("K", *kernel), e.symbols("b")
    return Sides(truth=plus(correlate_loops(I, K), b), printed=inside(I, K) + b, corrected=valid(I, K) + b,
                 wrong={"the bias left out": valid(I, K)})


