"""Colour images and the count of parameters, (47.1162) to (47.1167)."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Regions, Windows, loops, unvec, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import GENERIC, LISTS, patches
from cnnmat.textbook import correlation
from cnnmat.textbook.pooling import Mean, Subsample
from cnnmat.verify import Sides, vanishes

IMAGES = [{"image": (3, 4), "mask": (3, 1)}, {"image": (2, 3), "mask": (3, 3)}]
COLOURS = [LISTS[0], {"lists": GENERIC, "M": 7}]


def colour_layer(e, lists, M):
    """Three input layers h, their masks w and biases θ, f, and the stacked H."""
    h, w = e.symbols("h", 3, M), e.symbols("w", 3, len(lists[0]))
    theta, f = e.symbols("theta", 3), e.activation()
    return h, w, theta, f, correlation.stack_maps(Partition(lists, M), h)


@lecture.claim(
    "47.1162/tensor", "dimension", "A colour image is three matrices in one array",
    r"L\times L\times 3", cases=[{"shape": (4, 5)}])
def tensor(e, shape):
    numbers = e.symbols("I", *shape, 3)
    channel = [[[numbers[r, c, j] for c in range(shape[1])] for r in range(shape[0])]
               for j in range(3)]
    return Sides(truth=(channel, sum(1 for _ in numbers.ravel())),
                 printed=(np.moveaxis(numbers, -1, 0), shape[0] * shape[1] * 3),
                 wrong={"cut into three": (numbers.reshape(3, *shape), numbers.size)})


@lecture.claim(
    "47.1162", "identity", "A pixel of a feature map of a grey image",
    r"\mathcal{F}(r,c)=f\left(h_{r,c}^Tw-\theta\right)", cases=IMAGES)
def grey_pixel(e, image, mask):
    image, W, theta, f = (e.symbols("I", *image), e.symbols("W", *mask), e.symbols("theta"),
                          e.activation())
    y = correlation.feature_map(patches(image, W).columns(vec(image)), vec(W), theta, f)
    return Sides(truth=[[f(loops.correlate_at(image.tolist(), W.tolist(), r, c) - theta)
                         for c in range(image.shape[1])] for r in range(image.shape[0])],
                 printed=unvec(y, image.shape), wrong={"laid out by rows": y.reshape(image.shape)})


@lecture.claim(
    "47.1163", "definition", "A pixel of a feature map of a colour image: three masks, one sum",
    r"\mathcal{F}(r,c)=f\left(\sum_{j=1}^3\left([h_{r,c}^{(j)}]^Tw_j-\theta(j)\right)\right)",
    cases=[{"image": (2, 3), "mask": (3, 1)}, {"image": (3, 2), "mask": (1, 3)}])
def colour_pixel(e, image, mask):
    images, W = e.symbols("I", 3, *image), e.symbols("W", 3, *mask)
    theta, f = e.symbols("theta", 3), e.activation()
    H = np.concatenate([patches(one, W[0]).columns(vec(one)) for one in images])
    w = np.concatenate([vec(one) for one in W])[:, None]
    each = [f(correlation.feature_map(patches(images[j], W[j]).columns(vec(images[j])), vec(W[j]),
                                      theta[j])) for j in range(3)]

    def pixel(r, c):
        return f(sum(loops.correlate_at(images[j].tolist(), W[j].tolist(), r, c) - theta[j]
                     for j in range(3)))

    def shown(z):
        return unvec(z, image)

    return Sides(truth=[[pixel(r, c) for c in range(image[1])] for r in range(image[0])],
                 printed=shown(f(correlation.preactivation(H, w, theta[:, None])[0])),
                 wrong={"f before the sum": shown(sum(each)),
                        "one bias": shown(f((H.T @ w)[:, 0] - theta[0])),
                        "channels exchanged": shown(f(correlation.preactivation(
                            np.roll(H, mask[0] * mask[1], axis=0), w, theta[:, None])[0]))})


@lecture.claim(
    "47.1163/bias", "identity", "Only the sum of the three biases can be told",
    r"\sum_j\left(a_j-\theta(j)\right)=\sum_ja_j-\sum_j\theta(j)", cases=COLOURS,
    source_kind="consequence")
def bias_sum(e, lists, M):
    h, w, theta, _f, H = colour_layer(e, lists, M)
    z = loops.preactivation(h.tolist(), lists, w.tolist(), theta.tolist(), range(3))
    slopes = e.gradient(lambda t: loops.preactivation(h.tolist(), lists, w.tolist(), t, range(3))[0],
                        theta)
    total, W = theta.sum(), w.reshape(-1, 1)
    moved = np.array([[total], [total * 0], [total * 0]])
    return Sides(truth=(z, slopes), printed=(correlation.preactivation(H, W, moved)[0], [-1, -1, -1]),
                 wrong={"three times the sum": (
                     correlation.preactivation(H, W, moved * 3)[0], [-3, -3, -3])})


@lecture.claim("47.1163/types", "dimension", "A mask and a number for each channel: 3(S+1) parameters",
               r"(w_j,\theta(j)),\;j=1,2,3", cases=[{"mask": (3, 5)}, {"mask": (3, 3)}])
def colour_parameters(e, mask):
    counted = sum(1 for _ in range(3) for _ in (*loops.cells(mask), "bias"))
    S = Windows((9, 9), mask).S
    return Sides(truth=counted, printed=3 * (S + 1), wrong={"one bias": 3 * S + 1, "one mask": S + 1})


@lecture.claim(
    "47.1164", "identity", "Colours: the contributions of three input maps add up before f",
    r"y_n(p)=f\left(\sum_{j=1}^3\left([h_{n,p}^{(j)}]^Tw_j-\theta(j)\right)\right)",
    cases=COLOURS)
def colours(e, lists, M):
    h, w, theta, f, H = colour_layer(e, lists, M)
    partition, W = Partition(lists, M), w.reshape(-1, 1)
    z = loops.preactivation(h.tolist(), lists, w.tolist(), theta.tolist(), range(3))
    return Sides(truth=[f(value) for value in z],
                 printed=f(correlation.preactivation(H, W, theta[:, None]))[0],
                 wrong={"one bias for all three": f(
                     correlation.preactivation(H, W, theta[:, None] * [[1], [0], [0]]))[0],
                     "f before the sum": sum(f(correlation.feature_map(
                         partition.columns(h[j]), w[j], theta[j])) for j in range(3)),
                     "masks in reverse": f(correlation.preactivation(
                         H, w[::-1].reshape(-1, 1), theta[:, None]))[0]})


@lecture.claim(
    "fig47.89", "dimension", "Three input layers make one output of P entries",
    r"\{h_{n,p}^{(j)},j=1,2,3\},\quad y_n", cases=COLOURS)
def one_output(e, lists, M):
    h, w, theta, _f, H = colour_layer(e, lists, M)
    fed = []
    for p in range(len(lists)):
        slopes = e.gradient(lambda h, p=p: loops.preactivation(
            h, lists, w.tolist(), theta.tolist(), range(3))[p], h)
        fed.append([any(not vanishes(s) for s in row) for row in slopes])
    z = correlation.preactivation(H, w.reshape(-1, 1), theta[:, None])
    return Sides(truth=(fed, (1, len(lists))), printed=([[True] * 3] * z.shape[1], z.shape),
                 wrong={"an output a channel": ([[True] * 3] * len(lists), (3, len(lists)))})


@lecture.claim("47.1165", "example", "A 64 x 64 image has 4096 pixels", r"M=(64)^2=4096")
def pixels(e):
    return Sides(truth=sum(1 for _ in loops.cells((64, 64))), printed=4096,
                 wrong={"2 · 64": 128, "4069": 4069})


@lecture.claim("47.1165/unit", "example", "A fully connected unit has a weight a pixel and a bias",
               r"M+1=4097")
def full_unit(e):
    return Sides(truth=len([*loops.cells((64, 64)), "bias"]), printed=4097,
                 wrong={"the bias left out": 4096})


@lecture.claim(
    "47.1166/masksize", "dimension", "Coefficients of a unit whose mask has size 2K+1",
    r"2K+2", expect="misprint", corrected_formula=r"(2K+1)^2+1",
    reason="a mask of size 2K+1 has (2K+1)² weights by (47.1124), (47.1127b) and (47.1147a). The "
           "number would be right for a mask of one axis, or if 9 were the number of weights of a "
           "3 x 3 mask. Invisible for K = 0", cases=[{"K": 0}, {"K": 1}, {"K": 4}])
def coefficients_of_a_unit(e, K):
    counted = sum(1 for _ in (*loops.cells((2 * K + 1,) * 2), "bias"))
    return Sides(truth=counted, printed=2 * K + 2, corrected=(2 * K + 1) ** 2 + 1,
                 wrong={"the bias left out": (2 * K + 1) ** 2})


@lecture.claim(
    "47.1166", "example", "Coefficients of thirty masks of nine by nine, biases included",
    r"30\times(9+1)=300", expect="misprint", corrected_formula=r"30\times(9^2+1)=2460",
    reason="2K+1 = 9 is the side of the mask, which has (2K+1)² weights by (47.1127b); (9 + 1) counts "
           "one side. With masks of 3 x 3 weights 300 would stand")
def coefficients(e):
    # counted: one weight for each cell of the window, and a bias, for each map
    windows = Windows((64, 64), 9, padding="same")
    counted = sum(1 for _ in range(30) for _ in (*loops.cells((9, 9)), "bias"))
    return Sides(truth=counted, printed=30 * (9 + 1), corrected=30 * (windows.S + 1),
                 wrong={"biases left out": 30 * 9**2})


@lecture.claim(
    "47.1166/saving", "example", "Against thirty fully connected units parameters are saved",
    r"30\times 4097\gg 300", covers="the number printed and the corrected one",
    reason="the text speaks of a reduction of the savings; the parameters are reduced, 50 times with "
           "2460 of them and 410 times with 300", source_kind="words")
def saving(e):
    full = sum(len([*loops.cells((64, 64)), "bias"]) for _ in range(30))
    return Sides(truth=(full, full // 2460, full // 300), printed=(122910, 49, 409),
                 wrong={"by a factor 4096": (122910, 4096, 4096)})


@lecture.claim("47.1167", "example", "Each map has as many entries as the image",
               r"P=L^2=(64)^2=4096", covers="unit stride, zeros around the image")
def size_of_a_map(e):
    counted = loops.count_windows(64 + 2 * 4, 9, 1) ** 2
    return Sides(truth=(counted, counted), printed=(4096, Windows((64, 64), 9, padding="same").P),
                 wrong={"without the zeros around": (Windows((64, 64), 9).P,) * 2})


@lecture.claim(
    "47.1167/noise", "example", "Reducing the map by pooling smooths noise",
    r"\mathrm{var}\,t<\mathrm{var}\,y", expect="ambiguous", source_kind="words", cites={
        "every pooling": "what is said of noise behind (47.1167), of the step as such",
        "a mean, not a retained entry": "the subsampling of (47.1177), which leaves entries as they are"},
    corrected_formula=r"\mathrm{var}\,t=\tfrac{1}{|\Omega|}\mathrm{var}\,y\text{ for mean pooling}",
    reason="the step is called subsampling and done by pooling: a mean over R entries divides the "
           "variance of independent noise by R, an entry that is merely retained keeps it. cnnmat has "
           "both as poolings", cases=[{"R": 2}, {"R": 9}])
def smoothing(e, R):
    y, regions = e.symbols("y", R), Regions([range(R)], R)

    def variance(reduce):
        return sum(s * s for s in e.gradient(reduce, y))

    mean, retained = (sum(g * g for g in one.gradient_vectors(y, regions)) for one in (Mean(), Subsample()))
    return Sides(truth=(variance(loops.mean), variance(lambda values: values[0])),
                 readings={"every pooling": (mean, mean), "a mean, not a retained entry": (mean, retained)},
                 wrong={"1/R²": (Fraction(1, R * R), retained)})


@lecture.claim(
    "47.1167/complexity", "dimension", "Pooling first makes the next layer smaller",
    r"P'(S+1)<P(S+1)\text{ connections for the next mask}", cases=[{"L": 8, "side": 2}, {"L": 9, "side": 3}],
    source_kind="words")
def smaller_next_layer(e, L, side):
    def connections(length):
        lists = loops.window_lists([length] * 2, [3, 3], [1, 1], [(1, 1)] * 2, [1, 1])
        return sum(len(one) + 1 for one in lists)

    reduced = Windows((L, L), side, stride=side).output
    after = Windows(reduced, 3, padding="same")
    before = Windows((L, L), 3, padding="same")
    return Sides(truth=(connections(L), connections(L // side)),
                 printed=(before.P * (before.S + 1), after.P * (after.S + 1)),
                 wrong={"the mask counted, not the map": (before.S + 1, after.S + 1),
                        "reduced one way only": (before.P * 10, before.P * 10 // side)})


lecture.remark("47.1154/choice", "That tanh and the rectifier perform better than others is an "
               "observation about training, which no formula of the text decides.")
lecture.remark("47.1163/subscripts", "The three patches are said to be told apart by subscripts; their "
               "marks (1), (2), (3) are superscripts, the subscripts being r and c.")
lecture.remark("47.1166/wording", "A reduction of the number of parameters is meant where the text "
               "speaks of a reduction of the savings.")
lecture.remark("47.1167/name", "The map is written y with subscripts n and d, elsewhere as in (47.1160) "
               "with the superscript (d).")
