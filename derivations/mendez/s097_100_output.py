"""Slides 97 to 100: the fully connected layer and the loss."""

import math

import numpy as np

from cnnmat import flip, loops, vec
from cnnmat.derivations.functions import logarithm
from cnnmat.derivations.mendez.conventions import NO_TERM_ZERO
from cnnmat.derivations.mendez.setting import inner, lecture
from cnnmat.textbook import feedforward
from cnnmat.textbook.images import correlate_image
from cnnmat.verify import Sides, vanishes

DENSE = [{"before": 2, "units": 2}, {"before": 3, "units": 2}, {"before": 2, "units": 3}]
UNIT = r"z_i^{(l)}=\sum_{k=0}^{m^{(l)}}w_{i,k}^{(l)}y_k^{(l)}"
RIGHT = r"z_i^{(l)}=\sum_{k=1}^{m^{(l-1)}}w_{i,k}^{(l)}y_k^{(l-1)}"


def dense(e, before, units):
    return e.symbols("w", units, before), e.symbols("y", before), e.activation()


def layer(W, y):
    """z = W y, the shipped layer without a bias."""
    return feedforward.preactivation(y, W, np.zeros(len(W), dtype=int))


@lecture.claim(
    "s97a", "definition", "Fully connected layer, first build: the summation letter",
    r"z_i^{(l)}=\sum_{l=0}^{m^{(l)}}w_{i,k}^{(l)}y_k^{(l)}", expect="scan", corrected_formula=RIGHT,
    reason="the sum binds the number of the layer and leaves k free; the second build has k. What is "
           "wrong there too, limits and layer, is the matter of s97b to s97d",
    cases=DENSE[1:])
def letter(e, before, units):
    W, y, _ = dense(e, before, units)
    by_k = [sum(W[i, k] * y[k] for k in range(before)) for i in range(units)]
    by_l = [[sum(W[i, k] * y[k] for _ in range(before)) for k in range(before)]
            for i in range(units)]
    return Sides(truth=loops.times(W.tolist(), y.tolist()), printed=by_l, corrected=layer(W, y),
                 elsewhere=by_k, wrong={"w_{k,i}": lambda: W.T @ y, "inputs in reverse": layer(W, y[::-1])})


@lecture.claim(
    "s97b", "definition", "Fully connected layer: whose outputs are weighted", UNIT,
    expect="misprint", corrected_formula=RIGHT,
    reason="as printed the layer is fed by itself; slide 98 weights the layer before. Both builds. "
           "Shown as a fixed point, f the identity: y = w y leaves only 0",
    cases=[{"before": 1, "units": 1}, {"before": 2, "units": 2}], assumes=NO_TERM_ZERO)
def whose_outputs(e, before, units):
    W, y, _ = dense(e, before, units)
    # the only solution of y = W y for every W without eigenvalue 1
    fixed = np.zeros(units, dtype=int)
    return Sides(truth=loops.times(W.tolist(), y.tolist()), printed=layer(W, fixed),
                 corrected=layer(W, y), wrong={"weights dropped": y[:units] if before > 1 else y * 2})


@lecture.claim(
    "s97c/size", "dimension", "Fully connected layer: the upper limit", UNIT, expect="misprint",
    corrected_formula=RIGHT,
    reason="k runs over the units of the layer before; with fewer units here inputs are lost, with "
           "more there is no weight. Both builds. Invisible for layers of equal width", cases=DENSE,
    assumes=NO_TERM_ZERO)
def upper_limit(e, before, units):
    W, y, _ = dense(e, before, units)

    def up_to(limit):
        if limit > before:
            raise ValueError(f"y must have shape ({limit},), got ({before},)")
        return W[:, :limit] @ y[:limit]

    return Sides(truth=loops.times(W.tolist(), y.tolist()), printed=lambda: up_to(units),
                 corrected=layer(W, y), wrong={"one short": up_to(before - 1)})


@lecture.claim(
    "s97d", "definition", "Fully connected layer: the term k = 0", UNIT, expect="ambiguous",
    corrected_formula=r"y_0^{(l-1)}=1,\;w_{i,0}\;\text{the bias}", assumes=NO_TERM_ZERO,
    reason="with y_0 = 1 the term is a bias, which the sister formula on slide 98 lacks. "
           "cnnmat takes a bias, subtracted as θ",
    cites={"a bias": "the sum starts at 0, and (10) has a bias",
           "no bias": "slide 98: the same unit, every sum from 1"},
    cases=[{"before": 2, "units": 3}])
def term_zero(e, before, units):
    W, y, _ = dense(e, before, units)
    w0 = e.symbols("w0", units)
    with_bias = [loops.dot([w0[i], *W.tolist()[i]], [1, *y.tolist()]) for i in range(units)]
    return Sides(truth=with_bias, readings={
        "a bias": feedforward.preactivation(y, W, -w0), "no bias": layer(W, y)},
        wrong={"bias subtracted": feedforward.preactivation(y, W, w0)})


lecture.remark("slide 97", "the first build has (r-1) for (l-1) in the size of the maps that are expected; the second "
               "has (l-1)")

MAPS = {"maps": (2, 3), "shape": (2, 3)}


def map_entries(e, maps, shape):
    """w[i, j, r, s] and the maps Y_j."""
    return e.symbols("w", maps[1], maps[0], *shape), e.symbols("Y", maps[0], *shape)


def map_loops(w, Y):
    units, C, H, W = w.shape
    return [sum(w[i, j, r, s] * Y[j, r, s] for j in range(C) for r in range(H) for s in range(W))
            for i in range(units)]


@lecture.claim("s97e/size", "dimension", "What a fully connected layer expects from maps",
               r"m_1^{(l-1)}\;\text{maps of}\;m_2^{(l-1)}\times m_3^{(l-1)}", cases=[MAPS],
               rewritten=r"Y_j^{(l-1)}:\;m_2^{(l-1)}\times m_3^{(l-1)}")
def expects(e, maps, shape):
    w, Y = map_entries(e, maps, shape)
    slopes = e.gradient(lambda y: sum(w[0, j, r, s] * y[j][r][s] for j, r, s in np.ndindex(Y.shape)),
                        Y)
    return Sides(truth=sum(1 for v in slopes.ravel() if not vanishes(v)), printed=Y.size,
                 wrong={"one map": Y[0].size})


ON_MAPS = r"z_i^{(l)}=\sum_{j=1}^{m_1^{(l-1)}}\sum_{r=1}^{m_2^{(l-1)}}\sum_{s=1}^{m_3^{(l-1)}}" \
          r"w_{i,j,r,s}^{(l)}(Y_j^{(l-1)})_{r,s}"


@lecture.claim("s98a", "identity", "Fully connected layer on maps", ON_MAPS, cases=[MAPS])
def on_maps(e, maps, shape):
    w, Y = map_entries(e, maps, shape)
    f = e.activation()
    z = (w * Y).sum(axis=(1, 2, 3))
    return Sides(truth=[f(v) for v in map_loops(w, Y)], printed=f(z),
                 wrong={"one map": f((w * Y)[:, 0].sum(axis=(1, 2))),
                        "r and s exchanged": lambda: f((w.swapaxes(2, 3) * Y).sum(axis=(1, 2, 3)))})


def flattened(w, Y):
    return np.stack([np.concatenate([vec(k) for k in one]) for one in w]), np.concatenate(
        [vec(y) for y in Y])


@lecture.claim("s98b", "identity", "The same as slide 97's layer on the flattened maps",
               r"y^{(l-1)}=\mathrm{col}\{\mathrm{vec}\,Y_j\}", cases=[MAPS],
               source_kind="consequence")
def flatten(e, maps, shape):
    w, Y = map_entries(e, maps, shape)
    W, y = flattened(w, Y)
    return Sides(truth=map_loops(w, Y), printed=layer(W, y), show={"W": W},
                 wrong={"maps by rows": layer(W, Y.ravel()),
                        "maps in reverse": layer(W, flattened(w, Y[::-1])[1])})


@lecture.claim("s98c", "identity", "The same as a correlation with kernels that fill the maps",
               r"z_i=\sum_jw_{ij}\star Y_j", cases=[MAPS], source_kind="own")
def as_correlation(e, maps, shape):
    w, Y = map_entries(e, maps, shape)

    def star(kernels):
        return [sum(correlate_image(y, k, padding="valid")[0, 0]
                    for y, k in zip(Y, one, strict=True)) for one in kernels]

    return Sides(truth=map_loops(w, Y), printed=star(w), wrong={"convolution": star(flip(w))})


@lecture.claim("s99a/size", "dimension", "What w_{i,j,r,s} joins, and how many there are",
               r"\partial z_i^{(l)}/\partial(Y_j^{(l-1)})_{r,s}=w_{i,j,r,s}^{(l)}", cases=[MAPS],
               source_kind="words")
def joins(e, maps, shape):
    w, Y = map_entries(e, maps, shape)
    slopes = [e.gradient(lambda y, i=i: sum(w[i, j, r, s] * y[j][r][s]
                                            for j, r, s in np.ndindex(Y.shape)), Y)
              for i in range(maps[1])]
    W, _ = flattened(w, Y)
    back = np.stack([[one.reshape(shape[::-1]).T for one in row.reshape(maps[0], -1)] for row in W])
    return Sides(truth=(slopes, 36), printed=(back, W.size),
                 wrong={"i and j exchanged": (w.swapaxes(0, 1), w.size),
                        "units in reverse": (back[::-1], W.size)})


LOSSES = {"N": 2, "K": 3}


@lecture.claim("s100a", "definition", "Sum of squared errors",
               r"L(\boldsymbol{W})=\sum_{n=1}^NE_n(\boldsymbol{W})=\sum_{n=1}^N\sum_{k"
               r"=1}^K(y_{nk}^{(l)}-t_{nk})^2", cases=[LOSSES])
def squares(e, N, K):
    y, t = e.symbols("y", N, K), e.symbols("t", N, K)
    truth = sum(loops.squared_error(a, b) for a, b in zip(t.tolist(), y.tolist(), strict=True))
    return Sides(truth=truth, printed=((y - t) ** 2).sum(),
                 wrong={"averaged": ((y - t) ** 2).sum() / N, "squared after the sum":
                        ((y - t).sum(axis=1) ** 2).sum()})


ENTROPY = r"L(\boldsymbol{W})=-\sum_{n=1}^N\sum_{k=1}^Kt_{nk}\log y_{nk}^{(l)}"


@lecture.claim(
    "s100b", "definition", "Cross-entropy lacks its sign", r"L(\boldsymbol{W})=\sum_{n"
    r"=1}^NE_n(\boldsymbol{W})=\sum_{n=1}^N\sum_{k=1}^Kt_{nk}\log(y_{nk}^{(l)})", expect="misprint",
    corrected_formula=ENTROPY,
    reason="printed is negative and grows towards the right answer, so that minimising it drives "
           "the right class to 0; both builds. Invisible only where y = t",
    cases=[{"y": 1.0}, {"y": 0.75}])
def entropy(e, y):
    likely = np.array([[y, 1 - y]])
    t = np.array([[1.0, 0.0]])
    logs = np.log(np.where(t > 0, likely, 1))
    z = [math.log(y), math.log(1 - y)] if y < 1 else [0.0, -800.0]
    truth = loops.cross_entropy([1.0, 0.0], z, math.exp, math.log)
    return Sides(truth=truth + 0.0, printed=(t * logs).sum(), corrected=0.0 - (t * logs).sum(),
                 wrong={"the other class": -math.log(1 - y) if y < 1 else 800.0})


@lecture.claim(
    "s100c", "definition", "Cross-entropy, second build: the summation letter",
    r"L(\boldsymbol{W})=\sum_{n=1}^NE_n(\boldsymbol{W})=\sum_{n=1}^N\sum_{l"
    r"=1}^Kt_{nk}\log(y_{nk}^{(l)})", expect="scan",
    corrected_formula=r"L(\boldsymbol{W})=\sum_{n=1}^N\sum_{k=1}^Kt_{nk}\log(y_{nk}^{(l)})",
    reason="the sum would bind the number of the layer and leave k free; the first build has k. "
           "The missing sign is the matter of s100b", rational=True, cases=[LOSSES])
def entropy_letter(e, N, K):
    y, t, ln = e.symbols("y", N, K), e.symbols("t", N, K), logarithm(e)
    truth = sum(t[n, k] * ln(y[n, k]) for n in range(N) for k in range(K))
    logs = t * ln(y)
    over_l = [sum(logs[n, k] for n in range(N) for _ in range(K)) for k in range(K)]
    return Sides(truth=truth, printed=over_l, corrected=logs.sum(), elsewhere=inner(t.tolist(), ln(y).tolist()),
                 wrong={"one sample": logs[0].sum()})


@lecture.claim("s100d", "gradient", "Derivatives of the two losses",
               r"2(y_{nk}-t_{nk}),\quad-t_{nk}/y_{nk}", rational=True, cases=[LOSSES],
               source_kind="own")
def derivatives(e, N, K):
    y, t, ln = e.symbols("y", N, K), e.symbols("t", N, K), logarithm(e)

    def square(have):
        return sum(loops.squared_error(a, b) for a, b in zip(t.tolist(), have, strict=True))

    def cross(have):
        return -sum(a * ln(b) for row, out in zip(t.tolist(), have, strict=True)
                    for a, b in zip(row, out, strict=True))

    return Sides(truth=(e.gradient(square, y), e.gradient(cross, y)),
                 printed=(2 * (y - t), -t / y),
                 wrong={"averaged": (2 * (y - t) / N, -t / y), "sign": (2 * (y - t), t / y)})
