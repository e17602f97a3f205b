"""Feature maps, one and many, (47.1154) to (47.1161)."""

from itertools import pairwise
from math import exp

import numpy as np

from cnnmat import Partition, activation, correlate_image, loops, sobel, unvec, vec
from cnnmat.derivations.sayed.eq1140_1142_edges import EDGES_ARE
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import GENERIC, IMAGES, LISTS, patches, upright
from cnnmat.textbook import correlation
from cnnmat.verify import Sides, vanishes
from cnnmat.verify.exact import strict

MAPS = [{**case, "D": D} for case, D in zip(LISTS, (3, 2, 2), strict=True)]


def layer(e, lists, M):
    """h, w, θ, f and H of a layer of one map."""
    h, w, theta, f = (e.symbols("h", M), e.symbols("w", len(lists[0])), e.symbols("theta"),
                      e.activation())
    return h, w, theta, f, Partition(lists, M).columns(h)


def deep_layer(e, lists, M, D):
    """h, W, Θ, f and H of a layer of D maps."""
    h, W, Theta, f = (e.symbols("h", M), e.symbols("W", len(lists[0]), D),
                      e.symbols("Theta", 1, D), e.activation())
    return h, W, Theta, f, Partition(lists, M).columns(h)


@lecture.claim(
    "47.1154a", "definition", "The rectifier keeps what is positive; slope 0 below zero, 1 above",
    r"f(x)=\max(0,x)")
def rectifier(e):
    x, f = np.array([-7, -1, 0, 2, 5]), activation("relu")
    away = np.array([-7, -1, 2, 5])
    slopes = [((b + abs(b)) - (a + abs(a))) // (2 * (b - a)) for a, b in ((-7, -1), (-3, -1), (1, 2), (2, 5))]
    return Sides(truth=([(a + abs(a)) // 2 for a in x.tolist()], slopes),
                 printed=(f(x), f.derivative(away)),
                 wrong={"the absolute value": (np.maximum(x, -x), np.sign(away))})


@lecture.claim("47.1154b", "definition", "The hyperbolic tangent, with slope 1 - f²", r"f(x)=\tanh(x)")
def hyperbolic_tangent(e):
    x, f = [-2.0, -0.5, 0.0, 1.0], activation("tanh")
    values = [(exp(a) - exp(-a)) / (exp(a) + exp(-a)) for a in x]
    slopes = [4 / (exp(a) + exp(-a)) ** 2 for a in x]
    fx = f(np.array(x))
    return Sides(truth=(values, slopes), printed=(fx, f.derivative(np.array(x))),
                 wrong={"slope 1 - f": (fx, 1 - fx)})


@lecture.claim(
    "47.1155", "definition", "A unit: inner product with the mask, less the bias, through f",
    r"y_n(p)=f(h_{n,p}^Tw-\theta),\quad p=1,2,\dots,P", cases=LISTS)
def unit(e, lists, M):
    h, w, theta, f, H = layer(e, lists, M)
    units = range(len(lists))
    return Sides(truth=loops.feature_map(loops.subvectors(h.tolist(), lists), w.tolist(), theta, f),
                 printed=[f(H[:, p] @ w - theta) for p in units],
                 wrong={"the bias added": [f(H[:, p] @ w + theta) for p in units],
                        "the bias after f": [f(H[:, p] @ w) - theta for p in units]})


@lecture.claim(
    "47.1155/filtering", "identity", "Without bias and f the units make the filtered image",
    r"\theta=0,\;f(x)=x:\quad y_n(p)=\mathcal{F}(r,c)\text{ where }h_{n,p}=h_{r,c}", cases=IMAGES,
    source_kind="words")
def units_filter(e, image, mask):
    image, W = e.symbols("I", *image), e.symbols("W", *mask)
    H = patches(image, W).columns(vec(image))
    return Sides(truth=loops.vec(loops.filter_image(image.tolist(), W.tolist())),
                 printed=correlation.feature_map(H, vec(W), 0),
                 wrong={"a convolution": correlation.feature_map(H, vec(W)[::-1], 0)})


@lecture.claim("47.1155/params", "dimension", "S weights and a bias are trained", r"S+1", cases=LISTS)
def parameters(e, lists, M):
    h, w, theta, f, _H = layer(e, lists, M)
    subs = loops.subvectors(h.tolist(), lists)
    slopes = e.gradient(lambda both: sum(loops.feature_map(subs, both[:-1], both[-1], f)),
                        np.array([*w, theta]))
    P, S = len(lists), len(lists[0])
    return Sides(truth=sum(1 for slope in slopes if not vanishes(slope)), printed=S + 1,
                 wrong={"each unit its own": P * (S + 1), "no bias": S})


@lecture.claim("47.1155/connections", "dimension", "Each unit has S + 1 connections", r"P(S+1)",
               cases=LISTS)
def connections(e, lists, M):
    P, S = len(lists), len(lists[0])
    return Sides(truth=sum(1 for one in lists for _ in (*one, "bias")), printed=P * (S + 1),
                 wrong={"one bias for all": P * S + 1})


@lecture.claim(
    "47.1155/units", "dimension", "The units are alike: exchanging subvectors exchanges outputs",
    r"(w,\theta)\text{ the same for }p=1,2,\dots,P", cases=LISTS, source_kind="words")
def alike(e, lists, M):
    h, w, theta, f, H = layer(e, lists, M)
    order = [*range(1, len(lists)), 0]
    moved = [lists[p] for p in order]
    turned = [f(H[:, p] @ np.roll(w, p) - theta) for p in order]
    return Sides(truth=loops.feature_map(loops.subvectors(h.tolist(), moved), w.tolist(), theta, f),
                 printed=correlation.feature_map(H, w, theta, f)[order],
                 wrong={"unit p with the mask turned by p": turned})


@lecture.claim(
    "fig47.88/left", "dimension", "One mask and one bias drive all units of a map",
    r"\partial\textstyle\sum_p y(p)/\partial\theta=-\sum_p f'(z(p))", cases=LISTS,
    source_kind="consequence")
def one_bias(e, lists, M):
    h, w, theta, f, H = layer(e, lists, M)
    subs = loops.subvectors(h.tolist(), lists)
    slope = e.gradient(lambda t: sum(loops.feature_map(subs, w.tolist(), t, f)), np.array(theta))
    each = -f.derivative(correlation.feature_map(H, w, theta))
    return Sides(truth=slope[()], printed=each.sum(), wrong={"a bias of the first unit only": each[0]})


@lecture.claim(
    "fig47.88/maps", "dimension", "Each of D maps has a mask and a bias of its own",
    r"w^{(d)}\in\mathbb{R}^S,\;\theta^{(d)}", cases=MAPS,
    rewritten=r"w^{(d)}\in\mathbb{R}^S,\;\theta^{(d)}\in\mathbb{R},\;d=1,\dots,D")
def own_parameters(e, lists, M, D):
    h, W, Theta, f, H = deep_layer(e, lists, M, D)
    subs, S = loops.subvectors(h.tolist(), lists), len(lists[0])
    slopes = e.gradient(
        lambda t: sum(loops.feature_map(subs, W[:, 0].tolist(), t[0], f)), Theta[0])
    own = -f.derivative(correlation.preactivation(H, W, Theta)[0]).sum()
    counted = sum(1 for d in range(D) for _ in (*W[:, d], Theta[0, d]))
    return Sides(truth=([*slopes], counted), printed=([own] + [0] * (D - 1), D * (S + 1)),
                 wrong={"one bias for all maps": ([own] * D, D * S + 1)})


@lecture.claim(
    "fig47.88/image", "example", "For an image the maps are filtered images",
    r"\mathcal{I}(r,c),\quad\mathcal{F}_d(r,c)", cases=[{"image": (2, 3), "mask": (3, 1), "D": 2}])
def filtered_images(e, image, mask, D):
    image, W = e.symbols("I", *image), [e.symbols(f"W{d}", *mask) for d in range(D)]
    theta, f = e.symbols("theta", D), e.activation()
    H = patches(image, W[0]).columns(vec(image))
    Y = f(correlation.preactivation(H, np.stack([vec(one) for one in W], axis=1), theta[None, :]))
    truth = [[[f(loops.correlate_at(image.tolist(), W[d].tolist(), r, c) - theta[d])
               for c in range(image.shape[1])] for r in range(image.shape[0])] for d in range(D)]
    return Sides(truth=truth, printed=unvec(Y, image.shape),
                 wrong={"laid out by rows": Y.reshape(D, *image.shape)})


def entries(y):
    """The entries of a map below one another, in LaTeX."""
    return upright([f"{y}(1)", f"{y}(2)", r"\vdots", f"{y}(P)"])


@lecture.claim(
    "47.1156", "definition", "The outputs of the units make a vector of P entries",
    rf"y_n\triangleq{entries('y_n')},\quad(P\times 1)", cases=LISTS[::2])
def outputs(e, lists, M):
    h, w, theta, f, H = layer(e, lists, M)
    y = correlation.feature_map(H, w, theta, f)
    truth = [f(loops.dot([h[m] for m in one], w.tolist()) - theta) for one in lists]
    return Sides(truth=(truth, len(lists)), printed=(y, y.shape[0]),
                 wrong={"S entries": (y[:len(w)], len(w)), "in reverse": (y[::-1], len(y))})


@lecture.claim(
    "47.1157", "definition", "The subvectors as columns of a matrix",
    r"H_n\triangleq\begin{bmatrix}h_{n,1}&h_{n,2}&\dots&h_{n,P}\end{bmatrix}", cases=LISTS)
def window_matrix(e, lists, M):
    h, v = e.symbols("h", M), Partition(lists, M)
    stacked = v.matrix.toarray().astype(object) @ h
    return Sides(truth=loops.transpose(loops.subvectors(h.tolist(), lists)), printed=v.columns(h),
                 wrong={"the stack cut row by row": stacked.reshape(v.S, v.P),
                        "transposed": v.columns(h).T})


@lecture.claim("47.1157/size", "dimension", "The matrix of subvectors is S x P", r"(S\times P)", cases=LISTS[1:])
def size_of_window_matrix(e, lists, M):
    columns = len(loops.subvectors(list(range(M)), lists))
    S = len(lists[0])
    H = Partition(lists, M).columns(np.arange(M))
    return Sides(truth=((S, columns),) * 2, printed=((S, len(lists)), H.shape),
                 wrong={"P x S": ((columns, S), H.T.shape)})


@lecture.claim(
    "47.1158", "identity", "A feature map is one product with the transposed window matrix",
    r"y_n=f(H_n^Tw-\theta\mathbb{1})", cases=LISTS)
def feature_map(e, lists, M):
    h, w, theta, f, H = layer(e, lists, M)
    return Sides(
        truth=loops.feature_map(loops.subvectors(h.tolist(), lists), w.tolist(), theta, f),
        printed=correlation.feature_map(H, w, theta, f),
        wrong={"the bias added": f(H.T @ w + theta), "f left out": H.T @ w - theta,
               "H not transposed": lambda: f(H @ w - theta)}, show={"H": Partition(lists, M).columns(
                   np.arange(1, M + 1))})


@lecture.claim(
    "47.1158/ones", "dimension", "The ones are as many as units, and f acts on each entry",
    r"\mathbb{1}\;(P\times 1)", cases=LISTS)
def ones(e, lists, M):
    h, w, theta, f, H = layer(e, lists, M)
    z = strict(H.T @ w)

    def less(count):
        return f(z - strict(np.array([theta] * count)))

    return Sides(truth=loops.feature_map(loops.subvectors(h.tolist(), lists), w.tolist(), theta, f),
                 printed=less(len(lists)), wrong={"S ones": lambda: less(len(w)),
                                                  "f of the whole": [f(sum(z))] * len(z)})


@lecture.claim(
    "47.1158/edges", "example", "With an edge mask the map shows where the edges are",
    r"w=\mathrm{vec}(\mathcal{W}_x):\;y(p)\ne 0\text{ at a vertical edge}", expect="ambiguous",
    source_kind="words", assumes=EDGES_ARE, cites={
        "with the rectifier": "the first activation of (47.1154)", "with tanh": "the second one"},
    reason="a falling edge gives a negative value, which the rectifier drops and tanh keeps",
    cases=[{"row": (0, 0, 0, 5, 5, 5)}, {"row": (5, 5, 5, 0, 0, 0)}])
def edges_in_a_map(e, row):
    image = np.array([row] * 4)

    def shown(f, W):
        return activation(f)(correlate_image(image, W, padding=0).astype(float)) != 0

    Wx, Wy = sobel()
    return Sides(truth=[[any(a != b for a, b in pairwise(row[k:k + 3])) for k in range(4)]] * 2,
                 readings={"with the rectifier": shown("relu", Wx), "with tanh": shown("tanh", Wx)},
                 wrong={"W_y for vertical edges": shown("tanh", Wy)})


@lecture.claim("47.1159", "definition", "D masks with their biases are D(S+1) numbers",
               r"\{w^{(d)},\theta^{(d)}\},\quad d=1,2,\dots,D", cases=[{"D": 2, "S": 3}, {"D": 3, "S": 5}])
def numbers(e, D, S):
    return Sides(truth=sum(1 for d in range(D) for _ in (*range(S), "bias")), printed=D * (S + 1),
                 wrong={"one bias for all": D * S + 1})


@lecture.claim(
    "47.1160", "definition", "Map d as a vector of P entries",
    rf"y_n^{{(d)}}\triangleq{entries('y_n^{(d)}')},\quad(P\times 1)", cases=MAPS)
def map_vector(e, lists, M, D):
    h, W, Theta, f, H = deep_layer(e, lists, M, D)
    Y = f(correlation.preactivation(H, W, Theta))
    truth = [[f(loops.dot([h[m] for m in one], W[:, d].tolist()) - Theta[0, d]) for one in lists]
             for d in range(D)]
    return Sides(truth=truth, printed=[Y[d] for d in range(D)], wrong={"P vectors of D entries": Y.T,
                                                                          "maps in reverse": Y[::-1]})


@lecture.claim(
    "47.1161", "identity", "Each of D masks gives a map of its own",
    r"y_n^{(d)}=f\left(H_n^Tw^{(d)}-\theta^{(d)}\mathbb{1}\right),\quad d=1,2,\dots,D", cases=MAPS)
def feature_maps(e, lists, M, D):
    h, W, Theta, f, H = deep_layer(e, lists, M, D)
    subs = loops.subvectors(h.tolist(), lists)
    truth = [loops.feature_map(subs, W[:, d].tolist(), Theta[0, d], f) for d in range(D)]
    one_by_one = [correlation.feature_map(H, W[:, d], Theta[0, d], f) for d in range(D)]
    return Sides(truth=(truth, truth), printed=(one_by_one, f(correlation.preactivation(H, W, Theta))),
                 wrong={"masks of the maps exchanged": (
                     one_by_one, f(correlation.preactivation(H, W[:, ::-1], Theta))),
                     "the biases added": (one_by_one, f(correlation.preactivation(H, W, -Theta)))})


@lecture.claim(
    "47.1161/samesub", "identity", "All masks read the same subvectors",
    r"\text{one }H_n\text{ for }d=1,2,\dots,D", cases=[{"lists": GENERIC, "M": 7, "D": 2}],
    source_kind="words")
def same_subvectors(e, lists, M, D):
    h, W, Theta, f, H = deep_layer(e, lists, M, D)
    subs = loops.subvectors(h.tolist(), lists)
    other = Partition([one[::-1] for one in lists], M).columns(h)
    return Sides(truth=[loops.feature_map(subs, W[:, d].tolist(), Theta[0, d], f) for d in (1, 0)],
                 printed=f(correlation.preactivation(H, W[:, ::-1], Theta[:, ::-1])),
                 wrong={"the second map reads others": [
                     correlation.feature_map(H, W[:, 1], Theta[0, 1], f),
                     correlation.feature_map(other, W[:, 0], Theta[0, 0], f)]})
